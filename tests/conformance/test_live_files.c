/*
 * What the embedded live store promises beyond the contract: its file's identity and sequence,
 * several processes, and that failing allocations leave nothing half done.
 */
#include "support/alloc.h"
#include "tests/support/live_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void copy_file(const char *from, const char *to)
{
    char buffer[65536];
    size_t size;
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    while ((size = fread(buffer, 1, sizeof(buffer), in)) > 0)
        assert_int_equal(fwrite(buffer, 1, size, out), size);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static void rename_in(const struct temp_folder *folder, const char *from, const char *to)
{
    char path[256];
    snprintf(path, sizeof(path), "%s", temp_folder_file(folder, from));
    assert_int_equal(rename(path, temp_folder_file(folder, to)), 0);
}

static void reopening_keeps_everything(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 2), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 1, "o2", "apple", 3), LIVE_DONE);
    assert_int_equal(live_settle_id(fixture, 1, "o2"), LIVE_DONE);
    struct live_status before = live_status_now(fixture);
    live_reopen(fixture);
    struct live_status after = live_status_now(fixture);
    assert_string_equal(after.identity, before.identity);
    assert_int_equal(after.sequence, before.sequence);
    assert_int_equal(after.epoch, 1);
    assert_live_level(fixture, "apple", 5, 2);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 1, "o2", "apple", 3), LIVE_DONE);
    assert_live_level(fixture, "apple", 5, 0);
    assert_true(live_status_now(fixture).sequence > before.sequence);
}

static void a_deleted_file_is_another_one(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_status before = live_status_now(fixture);
    live_close(&fixture->store);
    assert_int_equal(unlink(temp_folder_file(&fixture->folder, "live.db")), 0);
    fixture->store = live_open_tested(&fixture->folder);
    struct live_status after = live_status_now(fixture);
    assert_string_not_equal(after.identity, before.identity);
    assert_int_equal(after.epoch, 0);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 1), LIVE_WRONG_EPOCH);
}

static void an_older_copy_has_a_smaller_sequence(void **state)
{
    struct live_fixture *fixture = *state;
    char path[256];
    live_close(&fixture->store);
    snprintf(path, sizeof(path), "%s", temp_folder_file(&fixture->folder, "live.db"));
    copy_file(path, temp_folder_file(&fixture->folder, "older.db"));
    fixture->store = live_open_tested(&fixture->folder);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 1), LIVE_DONE);
    struct live_status before = live_status_now(fixture);
    live_close(&fixture->store);
    rename_in(&fixture->folder, "older.db", "live.db");
    fixture->store = live_open_tested(&fixture->folder);
    struct live_status after = live_status_now(fixture);
    assert_string_equal(after.identity, before.identity);
    assert_true(after.sequence < before.sequence);
}

static void all_writes_of_a_batch_share_one_sequence(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_request requests[3];
    static const char *const ids[3] = {"m1", "m2", "m3"};
    int64_t before = live_status_now(fixture).sequence;
    for (size_t i = 0; i < 3; i++) {
        requests[i] = live_request_of(fixture, LIVE_CREDIT);
        requests[i].epoch = 1;
        requests[i].id = str_of(ids[i]);
        live_submit(fixture->store, &requests[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        assert_true(live_wait(fixture->store, &requests[i]));
        assert_int_equal(requests[i].status.sequence, before + 1);
    }
    struct live_request put = live_request_of(fixture, LIVE_PUT);
    put.key = STR("c1");
    live_must(fixture, &put);
    assert_int_equal(live_status_now(fixture).sequence, before + 2);
}

/* In the child nothing may return into cmocka. */
static int sell_in_another_process(const struct temp_folder *folder)
{
    ecommerce_error error = {0};
    struct arena arena = {0};
    struct live_store *store = live_tested->open(folder, &error);
    if (!store)
        return 2;
    struct stock_line line = {STR("apple"), 4};
    struct live_request request = {
        .base = {.operation = LIVE_RESERVE, .deadline = NO_DEADLINE, .arena = &arena},
        .epoch = 1,
        .id = STR("child"),
        .lines = &line,
        .line_count = 1,
        .hold_deadline = LIVE_NOW + LIVE_SECOND,
    };
    bool done = live_run(store, &request, &error) && request.outcome == LIVE_DONE;
    live_close(&store);
    arena_release(&arena);
    return done ? 0 : 1;
}

static void another_process_is_seen(void **state)
{
    struct live_fixture *fixture = *state;
    /* SQLite's handles must not pass a fork: the child waits until the parent has opened its own.
     */
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    live_close(&fixture->store);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char byte;
        ssize_t size = read(ready[0], &byte, 1);
        _exit(size == 1 ? sell_in_another_process(&fixture->folder) : 3);
    }
    fixture->store = live_open_tested(&fixture->folder);
    uint64_t apples = live_generation(fixture->store, STR("sku/apple"));
    uint64_t pears = live_generation(fixture->store, STR("sku/pear"));
    assert_int_equal(write(ready[1], "!", 1), 1);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(ready[0]);
    close(ready[1]);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_live_level(fixture, "apple", 6, 4);
    assert_int_equal(live_generation(fixture->store, STR("sku/apple")), apples + 2);
    assert_int_equal(live_generation(fixture->store, STR("sku/pear")), pears);
    assert_int_equal(live_settle_id(fixture, 1, "child"), LIVE_DONE);
}

static void a_foreign_generations_file_is_refused(void **state)
{
    struct live_fixture *fixture = *state;
    live_close(&fixture->store);
    FILE *file = fopen(temp_folder_file(&fixture->folder, "generations"), "r+b");
    assert_non_null(file);
    assert_int_equal(fwrite("another!", 1, 8, file), 8);
    assert_int_equal(fclose(file), 0);
    ecommerce_error error = {0};
    assert_null(live_tested->open(&fixture->folder, &error));
    assert_int_equal(error.code, ECOMMERCE_STORE_VERSION);
}

static void a_cut_generations_file_is_made_whole(void **state)
{
    struct live_fixture *fixture = *state;
    live_close(&fixture->store);
    assert_int_equal(truncate(temp_folder_file(&fixture->folder, "generations"), 100), 0);
    fixture->store = live_open_tested(&fixture->folder);
    for (int i = 0; i < 1000; i++) {
        char key[16];
        snprintf(key, sizeof(key), "sku/%d", i);
        uint64_t before = live_generation(fixture->store, str_of(key));
        live_changed(fixture->store, str_of(key));
        assert_true(live_generation(fixture->store, str_of(key)) > before);
    }
}

/* ---- failing allocations ---- */

static void opening_without_memory_leaves_nothing(void **state)
{
    struct live_fixture *fixture = *state;
    live_close(&fixture->store);
    long alive = mem_live_blocks();
    bool opened = false;
    for (long successes = 0; !opened; successes++) {
        assert_true(successes < 1000);
        ecommerce_error error = {0};
        mem_fail_after(successes);
        struct live_store *store = live_tested->open(&fixture->folder, &error);
        mem_fail_after(-1);
        opened = store != NULL;
        if (!opened)
            assert_int_equal(error.code, ECOMMERCE_OUT_OF_MEMORY);
        live_close(&store);
        assert_int_equal(mem_live_blocks(), alive);
    }
}

/* Runs the request with ever more memory, in a fresh arena each time, until it succeeds. Every
 * failure must be of memory. Returns how often it failed. */
static long run_starved(struct live_fixture *fixture, struct live_request request)
{
    long successes = 0;
    for (bool ok = false; !ok; successes++) {
        assert_true(successes < 1000);
        ecommerce_error error = {0};
        struct arena arena = {0};
        request.base.arena = &arena;
        live_reopen(fixture);
        mem_fail_after(successes);
        ok = live_run(fixture->store, &request, &error);
        mem_fail_after(-1);
        if (!ok)
            assert_int_equal(error.code, ECOMMERCE_OUT_OF_MEMORY);
        arena_release(&arena);
    }
    return successes - 1;
}

static void writing_without_memory_leaves_nothing(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_line lines[] = {{STR("apple"), 2}, {STR("pear"), 1}};
    struct live_request request = live_request_of(fixture, LIVE_RESERVE);
    request.epoch = 1;
    request.id = STR("o1");
    request.lines = lines;
    request.line_count = 2;
    request.hold_deadline = LIVE_NOW + 60 * LIVE_SECOND;
    assert_true(run_starved(fixture, request) > 0);
    assert_live_level(fixture, "apple", 8, 2);
    assert_live_level(fixture, "pear", 4, 1);
    request.base.operation = LIVE_RELEASE;
    assert_true(run_starved(fixture, request) > 0);
    assert_live_level(fixture, "apple", 10, 0);
    request.base.operation = LIVE_CREDIT;
    assert_true(run_starved(fixture, request) > 0);
    assert_live_level(fixture, "apple", 12, 0);
    assert_live_level(fixture, "pear", 6, 0);
}

static void reading_without_memory_says_so(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 1), LIVE_DONE);
    struct live_request request = live_request_of(fixture, LIVE_LEVELS_SCAN);
    assert_true(run_starved(fixture, request) > 0);
    request = live_request_of(fixture, LIVE_HOLDS);
    request.now = INT64_MAX;
    assert_true(run_starved(fixture, request) > 0);
    struct live_request put = live_request_of(fixture, LIVE_PUT);
    put.key = STR("c1");
    put.doc = live_doc(fixture, 1);
    live_must(fixture, &put);
    request = live_request_of(fixture, LIVE_GET);
    request.key = STR("c1");
    assert_true(run_starved(fixture, request) > 0);
}

static void health_tells_identity_and_sequence(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_status status = live_status_now(fixture);
    struct doc_builder builder;
    doc_builder_init(&builder);
    manager_health(&fixture->store->base, NO_DEADLINE, &builder);
    struct doc health = doc_finish(&builder);
    assert_true(doc_builder_ok(&builder));
    assert_true(str_is(doc_text(health, "role"), "live"));
    assert_true(str_is(doc_text(health, "state"), "up"));
    struct doc store = doc_child(health, "store");
    assert_true(str_is(doc_text(store, "identity"), status.identity));
    assert_int_equal(doc_int(store, "sequence", -1), status.sequence);
    assert_int_equal(doc_int(store, "epoch", -1), 1);
    assert_int_equal(doc_int(store, "events_lost", -1), 0);
    doc_builder_release(&builder);
}

#define STOCKED(test) cmocka_unit_test_setup_teardown(test, live_setup_stocked, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STOCKED(reopening_keeps_everything),
        STOCKED(a_deleted_file_is_another_one),
        STOCKED(an_older_copy_has_a_smaller_sequence),
        STOCKED(all_writes_of_a_batch_share_one_sequence),
        STOCKED(another_process_is_seen),
        STOCKED(a_foreign_generations_file_is_refused),
        STOCKED(a_cut_generations_file_is_made_whole),
        STOCKED(opening_without_memory_leaves_nothing),
        STOCKED(writing_without_memory_leaves_nothing),
        STOCKED(reading_without_memory_says_so),
        STOCKED(health_tells_identity_and_sequence),
    };
    return cmocka_run_group_tests_name("embedded", tests, NULL, NULL);
}
