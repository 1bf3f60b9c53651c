/*
 * documents.db on a disk that fails: at every single write, sync, open and truncation in turn. What
 * was acknowledged is there afterwards, what was refused is not, and the file is whole.
 */
#include "db_managers/embedded/embedded_stores.h"
#include "tests/support/documents_fixture.h"
#include "tests/support/fault_vfs.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { INSERTS = 12, FLIGHT = 4 };

enum fate { NOT_TRIED, ACKNOWLEDGED, REFUSED, UNKNOWN };

struct scenario {
    struct arena arena;
    struct doc orders[INSERTS];
    /* Of the current run: */
    struct temp_folder folder;
    enum fate fates[INSERTS];
    bool unmarked; /* the first order's marks were taken off, and that was acknowledged */
    long acknowledged, refused, unknown; /* over all runs */
};

static void order_id(char *id, size_t size, int i)
{
    snprintf(id, size, "order-%d", i);
}

static enum fate fate_of(const struct documents_request *request)
{
    if (request->base.ok) {
        assert_true(request->inserted);
        return ACKNOWLEDGED;
    }
    switch (request->base.error.code) {
    case ECOMMERCE_OUTCOME_UNKNOWN:
        return UNKNOWN;
    case ECOMMERCE_STORAGE_FULL:
    case ECOMMERCE_STORAGE_FAILED:
        return REFUSED;
    default:
        fail_msg("%s: %s", ecommerce_error_name(request->base.error.code),
                 request->base.error.message);
    }
    return REFUSED;
}

static void insert_flight(struct scenario *scenario, struct documents_store *store, int from)
{
    struct documents_request requests[FLIGHT];
    char ids[FLIGHT][24];
    for (int i = 0; i < FLIGHT; i++) {
        order_id(ids[i], sizeof(ids[i]), from + i);
        requests[i] = (struct documents_request){
            .base = {.operation = DOCUMENTS_INSERT, .deadline = NO_DEADLINE},
            .collection = COLLECTION_ORDERS,
            .id = str_of(ids[i]),
            .doc = scenario->orders[from + i],
            .marks = MARKS_ALL,
            .witness_identity = STR("run"),
            .witness_sequence = from + i,
        };
        documents_submit(store, &requests[i]);
    }
    for (int i = 0; i < FLIGHT; i++) {
        documents_wait(store, &requests[i]);
        scenario->fates[from + i] = fate_of(&requests[i]);
    }
}

static void take_marks_off_the_first(struct scenario *scenario, struct documents_store *store)
{
    struct documents_request request = {
        .base = {.operation = DOCUMENTS_CLEAR_MARKS, .deadline = NO_DEADLINE},
        .collection = COLLECTION_ORDERS,
        .id = STR("order-0"),
        .marks = MARKS_ALL,
    };
    scenario->unmarked = documents_run(store, &request, NULL);
}

/* Once a commit's sync has failed, nothing more is accepted. */
static void assert_refused_after_unknown(const struct scenario *scenario)
{
    bool distrusted = false;
    for (int i = 0; i < INSERTS; i += FLIGHT) {
        if (distrusted)
            assert_int_equal(scenario->fates[i], REFUSED);
        distrusted = distrusted || scenario->fates[i] == UNKNOWN;
    }
}

static void use_the_store(struct scenario *scenario)
{
    struct embedded_options options = {
        .folder = scenario->folder.path,
        .max_batch = FLIGHT,
        .seams = &system_seams,
        .vfs = fault_vfs_name(),
    };
    ecommerce_error error = {0};
    struct documents_store *store = embedded_documents_open(&options, &error);
    if (!store) {
        assert_int_not_equal(error.code, ECOMMERCE_OK);
        assert_int_not_equal(error.code, ECOMMERCE_INTERNAL);
        return;
    }
    for (int i = 0; i < INSERTS; i += FLIGHT)
        insert_flight(scenario, store, i);
    take_marks_off_the_first(scenario, store);
    documents_close(&store);
    assert_refused_after_unknown(scenario);
}

static void assert_file_is_whole(const struct temp_folder *folder)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    const char *path = temp_folder_file(folder, "documents.db");
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void check_order(struct scenario *scenario, struct documents_store *store, int i)
{
    struct arena arena = {0};
    struct stored_document stored;
    bool found = false;
    char id[24];
    order_id(id, sizeof(id), i);
    assert_true(documents_get(store, COLLECTION_ORDERS, str_of(id), true, NO_DEADLINE, &arena,
                              &stored, &found, NULL));
    if (found) {
        assert_true(doc_equal(stored.doc, scenario->orders[i]));
        assert_true(stored.marks == MARKS_ALL || (i == 0 && stored.marks == 0));
        if (i == 0 && scenario->unmarked)
            assert_int_equal(stored.marks, 0);
    }
    if (scenario->fates[i] == ACKNOWLEDGED)
        assert_true(found);
    else if (scenario->fates[i] != UNKNOWN)
        assert_false(found);
    scenario->acknowledged += scenario->fates[i] == ACKNOWLEDGED;
    scenario->refused += scenario->fates[i] == REFUSED;
    scenario->unknown += scenario->fates[i] == UNKNOWN;
    arena_release(&arena);
}

/* The disk is well again: the plain VFS. */
static void check_what_is_left(struct scenario *scenario)
{
    assert_file_is_whole(&scenario->folder);
    struct documents_store *store = documents_open_tested(&scenario->folder);
    for (int i = 0; i < INSERTS; i++)
        check_order(scenario, store, i);
    documents_close(&store);
}

static void run_scenario(void *context)
{
    struct scenario *scenario = context;
    memset(scenario->fates, 0, sizeof(scenario->fates));
    scenario->unmarked = false;
    temp_folder_make(&scenario->folder);
    use_the_store(scenario);
    bool fired = fault_vfs_fired();
    fault_vfs_disarm();
    check_what_is_left(scenario);
    if (!fired) {
        for (int i = 0; i < INSERTS; i++)
            assert_int_equal(scenario->fates[i], ACKNOWLEDGED);
        assert_true(scenario->unmarked);
    }
    temp_folder_remove(&scenario->folder);
}

static struct scenario *scenario_new(void)
{
    struct scenario *scenario = calloc(1, sizeof(*scenario));
    assert_non_null(scenario);
    for (unsigned i = 0; i < INSERTS; i++)
        scenario->orders[i] = test_order_of_size(&scenario->arena, i, i == 5 ? 20000 : 2500);
    return scenario;
}

static void scenario_free(struct scenario *scenario)
{
    arena_release(&scenario->arena);
    free(scenario);
}

/* Fails each operation in turn, and says what came of the inserts. */
static struct scenario torture(struct fault_plan plan, long least_faults)
{
    struct scenario *scenario = scenario_new();
    long faults = fault_vfs_until_clean(plan, run_scenario, scenario);
    struct scenario totals = *scenario;
    scenario_free(scenario);
    assert_true(faults >= least_faults);
    assert_true(totals.acknowledged > 0);
    return totals;
}

static void each_write_fails_once(void **state)
{
    (void)state;
    struct scenario totals =
        torture((struct fault_plan){.operations = FAULT_WRITE, .kind = FAULT_IO_ERROR}, 20);
    assert_true(totals.refused > 0);
    assert_int_equal(totals.unknown, 0);
}

static void the_disk_is_full_from_each_write_on(void **state)
{
    (void)state;
    struct scenario totals = torture(
        (struct fault_plan){.operations = FAULT_WRITE, .kind = FAULT_DISK_FULL, .forever = true},
        20);
    assert_true(totals.refused > 0);
    assert_int_equal(totals.unknown, 0);
}

static void each_write_is_cut_short(void **state)
{
    (void)state;
    struct scenario totals =
        torture((struct fault_plan){.operations = FAULT_WRITE, .kind = FAULT_SHORT_WRITE}, 20);
    assert_true(totals.refused > 0);
    assert_int_equal(totals.unknown, 0);
}

static void each_sync_fails_once(void **state)
{
    (void)state;
    struct scenario totals =
        torture((struct fault_plan){.operations = FAULT_SYNC, .kind = FAULT_IO_ERROR}, 4);
    assert_true(totals.unknown > 0);
    assert_true(totals.refused > 0);
}

static void all_syncs_fail_from_each_on(void **state)
{
    (void)state;
    struct scenario totals = torture(
        (struct fault_plan){.operations = FAULT_SYNC, .kind = FAULT_IO_ERROR, .forever = true}, 4);
    assert_true(totals.unknown > 0);
}

static void each_open_and_truncation_fails(void **state)
{
    (void)state;
    torture((struct fault_plan){.operations = FAULT_OPEN | FAULT_TRUNCATE, .kind = FAULT_IO_ERROR},
            2);
    torture((struct fault_plan){.operations = FAULT_OPEN | FAULT_TRUNCATE,
                                .kind = FAULT_IO_ERROR,
                                .forever = true},
            2);
}

static void each_read_fails_once(void **state)
{
    (void)state;
    torture((struct fault_plan){.operations = FAULT_READ, .kind = FAULT_IO_ERROR}, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_write_fails_once),
        cmocka_unit_test(the_disk_is_full_from_each_write_on),
        cmocka_unit_test(each_write_is_cut_short),
        cmocka_unit_test(each_sync_fails_once),
        cmocka_unit_test(all_syncs_fail_from_each_on),
        cmocka_unit_test(each_open_and_truncation_fails),
        cmocka_unit_test(each_read_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
