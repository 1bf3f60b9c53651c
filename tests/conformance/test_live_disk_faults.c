/*
 * live.db on a disk that fails: at every single write, sync, open and truncation in turn. The
 * counters say exactly what was acknowledged, holds and counters agree, and the file is whole.
 */
#include "db_managers/embedded/embedded_stores.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/live_fixture.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { STOCK = 100, ORDERS = 6, FLIGHT = 3 };

struct scenario {
    /* Of the current run: */
    struct temp_folder folder;
    struct live_store *store;
    bool installed;
    bool unknown; /* some outcome is, so that only the sums are checked */
    int64_t reserved, settled, released;
    /* Over all runs: */
    long acknowledged, refused;
};

/* Whether it was acknowledged and done. */
static bool take_result(struct scenario *scenario, struct live_request *request)
{
    if (live_wait(scenario->store, request)) {
        scenario->acknowledged++;
        return request->outcome == LIVE_DONE;
    }
    switch (request->base.error.code) {
    case ECOMMERCE_OUTCOME_UNKNOWN:
        scenario->unknown = true;
        break;
    case ECOMMERCE_STORAGE_FULL:
    case ECOMMERCE_STORAGE_FAILED:
        scenario->refused++;
        break;
    default:
        fail_msg("%s: %s", ecommerce_error_name(request->base.error.code),
                 request->base.error.message);
    }
    return false;
}

static void install(struct scenario *scenario)
{
    const struct stock_level levels[] = {{.sku = STR("apple"), .available = STOCK},
                                         {.sku = STR("pear"), .available = STOCK}};
    struct live_request request = {
        .base = {.operation = LIVE_INSTALL, .deadline = NO_DEADLINE},
        .epoch = 1,
        .install = levels,
        .install_count = 2,
    };
    live_submit(scenario->store, &request);
    scenario->installed = take_result(scenario, &request);
}

/* One batch of reservations of one apple and one pear each, or of their ends. */
static int64_t run_flight(struct scenario *scenario, struct arena *arena, int from,
                          enum live_operation operation)
{
    const struct stock_line lines[] = {{STR("apple"), 1}, {STR("pear"), 1}};
    struct live_request requests[FLIGHT];
    char ids[FLIGHT][16];
    for (int i = 0; i < FLIGHT; i++) {
        snprintf(ids[i], sizeof(ids[i]), "o%d", from + i);
        requests[i] = (struct live_request){
            .base = {.operation = operation, .deadline = NO_DEADLINE, .arena = arena},
            .epoch = 1,
            .id = str_of(ids[i]),
            .lines = lines,
            .line_count = 2,
            .hold_deadline = INT64_MAX,
        };
        live_submit(scenario->store, &requests[i]);
    }
    int64_t done = 0;
    for (int i = 0; i < FLIGHT; i++)
        done += take_result(scenario, &requests[i]);
    return done;
}

static void use_the_store(struct scenario *scenario)
{
    struct embedded_options options = {
        .folder = scenario->folder.path,
        .seams = &system_seams,
        .vfs = fault_vfs_name(),
    };
    ecommerce_error error = {0};
    struct arena arena = {0};
    scenario->store = embedded_live_open(&options, &error);
    if (!scenario->store) {
        assert_int_not_equal(error.code, ECOMMERCE_OK);
        assert_int_not_equal(error.code, ECOMMERCE_INTERNAL);
        return;
    }
    install(scenario);
    for (int i = 0; i < ORDERS; i += FLIGHT)
        scenario->reserved += run_flight(scenario, &arena, i, LIVE_RESERVE);
    scenario->settled = run_flight(scenario, &arena, 0, LIVE_SETTLE);
    scenario->released = run_flight(scenario, &arena, 2, LIVE_RELEASE);
    live_close(&scenario->store);
    arena_release(&arena);
}

static void assert_file_is_whole(const struct temp_folder *folder)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    const char *path = temp_folder_file(folder, "live.db");
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void assert_counters(const struct scenario *scenario, const struct live_request *levels,
                            const struct live_request *holds)
{
    bool installed = levels->status.epoch == 1;
    if (!scenario->unknown)
        assert_true(installed == scenario->installed);
    assert_int_equal(levels->level_count, installed ? 2 : 0);
    for (size_t i = 0; i < levels->level_count; i++) {
        const struct stock_level *level = &levels->levels[i];
        assert_int_equal(level->held, holds->hold_count);
        if (scenario->unknown)
            continue;
        int64_t sold = scenario->reserved - scenario->released;
        assert_int_equal(level->available, STOCK - sold);
        assert_int_equal(level->held, sold - scenario->settled);
    }
}

static void check_what_is_there(const struct scenario *scenario)
{
    struct embedded_options options = {.folder = scenario->folder.path, .seams = &system_seams};
    ecommerce_error error = {0};
    struct arena arena = {0};
    struct live_store *store = embedded_live_open(&options, &error);
    if (!store)
        fail_msg("open again: %s", error.message);
    struct live_request levels = {
        .base = {.operation = LIVE_LEVELS_SCAN, .deadline = NO_DEADLINE, .arena = &arena},
        .limit = 100,
    };
    struct live_request holds = levels;
    holds.base.operation = LIVE_HOLDS;
    holds.now = INT64_MAX;
    assert_true(live_run(store, &levels, &error));
    assert_true(live_run(store, &holds, &error));
    assert_counters(scenario, &levels, &holds);
    live_close(&store);
    arena_release(&arena);
}

static void run_once(void *context)
{
    struct scenario *scenario = context;
    long acknowledged = scenario->acknowledged, refused = scenario->refused;
    *scenario = (struct scenario){.acknowledged = acknowledged, .refused = refused};
    temp_folder_make(&scenario->folder);
    use_the_store(scenario);
    fault_vfs_disarm();
    check_what_is_there(scenario);
    assert_file_is_whole(&scenario->folder);
    temp_folder_remove(&scenario->folder);
}

static void fail_everywhere(unsigned operations, enum fault_kind kind, bool forever)
{
    struct scenario scenario = {0};
    struct fault_plan plan = {.operations = operations, .kind = kind, .forever = forever};
    assert_true(fault_vfs_until_clean(plan, run_once, &scenario) > 0);
    assert_true(scenario.acknowledged > 0);
}

static void every_write_may_fail_once(void **state)
{
    UNUSED(state);
    fail_everywhere(FAULT_WRITE, FAULT_IO_ERROR, false);
}

static void the_disk_may_fill_up_at_every_write(void **state)
{
    UNUSED(state);
    fail_everywhere(FAULT_WRITE, FAULT_DISK_FULL, true);
}

static void every_write_may_be_cut_short(void **state)
{
    UNUSED(state);
    fail_everywhere(FAULT_WRITE, FAULT_SHORT_WRITE, false);
}

static void every_sync_may_fail(void **state)
{
    UNUSED(state);
    fail_everywhere(FAULT_SYNC | FAULT_OPEN | FAULT_TRUNCATE, FAULT_IO_ERROR, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_write_may_fail_once),
        cmocka_unit_test(the_disk_may_fill_up_at_every_write),
        cmocka_unit_test(every_write_may_be_cut_short),
        cmocka_unit_test(every_sync_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
