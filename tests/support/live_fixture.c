#include "tests/support/live_fixture.h"

#include "db_managers/embedded/embedded_stores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static _Atomic int64_t clock_now = LIVE_NOW;

static int64_t test_wall(void *context)
{
    UNUSED(context);
    return clock_now;
}

static struct seams test_seams;

void live_clock_set(int64_t wall)
{
    clock_now = wall;
}

static struct live_store *open_embedded(const struct temp_folder *folder, ecommerce_error *err)
{
    struct embedded_options options = {
        .folder = folder->path,
        .max_batch = 64,
        .seams = &test_seams,
    };
    return embedded_live_open(&options, err);
}

const struct live_implementation live_implementations[] = {
    {.name = "embedded", .open = open_embedded},
};
const size_t live_implementation_count = ARRAY_LENGTH(live_implementations);
const struct live_implementation *live_tested = &live_implementations[0];

struct live_store *live_open_tested(const struct temp_folder *folder)
{
    ecommerce_error error = {0};
    struct live_store *store = live_tested->open(folder, &error);
    if (!store)
        fail_msg("open: %s", error.message);
    return store;
}

void live_close(struct live_store **store)
{
    struct base_manager *manager = *store ? &(*store)->base : NULL;
    *store = NULL;
    manager_close(&manager);
}

int live_setup(void **state)
{
    struct live_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    test_seams = system_seams;
    test_seams.wall = test_wall;
    live_clock_set(LIVE_NOW);
    temp_folder_make(&fixture->folder);
    fixture->store = live_open_tested(&fixture->folder);
    *state = fixture;
    return 0;
}

int live_setup_stocked(void **state)
{
    static const struct stock_level levels[] = {
        {.sku = {.ptr = "apple", .len = 5}, .known = true, .available = 10},
        {.sku = {.ptr = "pear", .len = 4}, .known = true, .available = 5},
        {.sku = {.ptr = "plum", .len = 4}, .known = true, .available = 1},
    };
    live_setup(state);
    assert_int_equal(live_install_levels(*state, 1, levels, ARRAY_LENGTH(levels)), LIVE_DONE);
    return 0;
}

int live_teardown(void **state)
{
    struct live_fixture *fixture = *state;
    live_close(&fixture->store);
    arena_release(&fixture->arena);
    temp_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

void live_reopen(struct live_fixture *fixture)
{
    live_close(&fixture->store);
    fixture->store = live_open_tested(&fixture->folder);
}

struct live_request live_request_of(struct live_fixture *fixture, enum live_operation operation)
{
    return (struct live_request){
        .base = {.operation = operation,
                 .deadline = seams_monotonic(&system_seams) + 30 * LIVE_SECOND,
                 .arena = &fixture->arena},
        .expires_at = INT64_MAX,
        .version = VERSION_ANY,
        .limit = 1000,
    };
}

void live_must(struct live_fixture *fixture, struct live_request *request)
{
    ecommerce_error error = {0};
    if (!live_run(fixture->store, request, &error))
        fail_msg("%s: %s", ecommerce_error_name(error.code), error.message);
}

void live_must_fail(struct live_fixture *fixture, struct live_request *request,
                    enum ecommerce_error_code code)
{
    ecommerce_error error = {0};
    assert_false(live_run(fixture->store, request, &error));
    assert_string_equal(ecommerce_error_name(error.code), ecommerce_error_name(code));
}

struct live_status live_status_now(struct live_fixture *fixture)
{
    struct live_request request = live_request_of(fixture, LIVE_STATUS);
    live_must(fixture, &request);
    return request.status;
}

enum live_outcome live_install_levels(struct live_fixture *fixture, int64_t epoch,
                                      const struct stock_level *levels, size_t count)
{
    struct live_request request = live_request_of(fixture, LIVE_INSTALL);
    request.epoch = epoch;
    request.install = levels;
    request.install_count = count;
    live_must(fixture, &request);
    return request.outcome;
}

enum live_outcome live_reserve_lines(struct live_fixture *fixture, int64_t epoch, const char *id,
                                     const struct stock_line *lines, size_t count)
{
    struct live_request request = live_request_of(fixture, LIVE_RESERVE);
    request.epoch = epoch;
    request.id = str_of(id);
    request.lines = lines;
    request.line_count = count;
    request.hold_deadline = LIVE_NOW + 60 * LIVE_SECOND;
    request.grace = 30 * LIVE_SECOND;
    live_must(fixture, &request);
    return request.outcome;
}

enum live_outcome live_reserve_one(struct live_fixture *fixture, int64_t epoch, const char *id,
                                   const char *sku, int64_t quantity)
{
    struct stock_line line = {.sku = str_of(sku), .quantity = quantity};
    return live_reserve_lines(fixture, epoch, id, &line, 1);
}

static enum live_outcome run_with_id(struct live_fixture *fixture, enum live_operation operation,
                                     int64_t epoch, const char *id)
{
    struct live_request request = live_request_of(fixture, operation);
    request.epoch = epoch;
    request.id = str_of(id);
    live_must(fixture, &request);
    return request.outcome;
}

enum live_outcome live_settle_id(struct live_fixture *fixture, int64_t epoch, const char *id)
{
    return run_with_id(fixture, LIVE_SETTLE, epoch, id);
}

enum live_outcome live_release_id(struct live_fixture *fixture, int64_t epoch, const char *id)
{
    return run_with_id(fixture, LIVE_RELEASE, epoch, id);
}

enum live_outcome live_credit_one(struct live_fixture *fixture, int64_t epoch, const char *id,
                                  const char *sku, int64_t quantity)
{
    struct stock_line line = {.sku = str_of(sku), .quantity = quantity};
    struct live_request request = live_request_of(fixture, LIVE_CREDIT);
    request.epoch = epoch;
    request.id = str_of(id);
    request.lines = &line;
    request.line_count = 1;
    live_must(fixture, &request);
    return request.outcome;
}

void assert_live_level(struct live_fixture *fixture, const char *sku, int64_t available,
                       int64_t held)
{
    struct stock_line line = {.sku = str_of(sku)};
    struct live_request request = live_request_of(fixture, LIVE_LEVELS);
    request.lines = &line;
    request.line_count = 1;
    live_must(fixture, &request);
    assert_int_equal(request.level_count, 1);
    assert_true(str_is(request.levels[0].sku, sku));
    assert_int_equal(request.levels[0].available, available);
    assert_int_equal(request.levels[0].held, held);
}

struct doc live_doc(struct live_fixture *fixture, int64_t number)
{
    struct doc_builder builder;
    struct doc copy;
    doc_builder_init(&builder);
    doc_add_int(&builder, "n", number);
    struct doc built = doc_finish(&builder);
    assert_true(doc_builder_ok(&builder));
    assert_true(doc_copy(&fixture->arena, built, &copy));
    doc_builder_release(&builder);
    return copy;
}
