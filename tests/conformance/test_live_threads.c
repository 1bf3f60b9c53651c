/*
 * The live role under many threads and through several handles at once: nothing is sold twice, no
 * stock is lost, and whoever cached by a generation never keeps what has changed.
 */
#include "tests/support/live_fixture.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { THREADS = 8, HANDLES = 2 };

struct worker {
    pthread_t thread;
    struct live_store *store;
    unsigned number;
    unsigned rounds;
    unsigned done; /* answered LIVE_DONE */
    bool failed;
};

static bool run_one(struct worker *worker, struct arena *arena, enum live_operation operation,
                    const char *id, const struct stock_line *lines, size_t line_count,
                    enum live_outcome *outcome)
{
    struct live_request request = {
        .base = {.operation = operation,
                 .deadline = seams_monotonic(&system_seams) + 30 * LIVE_SECOND,
                 .arena = arena},
        .epoch = 1,
        .id = str_of(id),
        .lines = lines,
        .line_count = line_count,
        .hold_deadline = LIVE_NOW + 60 * LIVE_SECOND,
        .grace = LIVE_SECOND,
    };
    bool ok = live_run(worker->store, &request, NULL);
    *outcome = request.outcome;
    worker->failed = worker->failed || !ok;
    return ok;
}

static void run_workers(struct worker *workers, struct live_store *const *stores, unsigned rounds,
                        void *(*run)(void *))
{
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.store = stores[i % HANDLES], .number = i, .rounds = rounds};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_false(workers[i].failed);
    }
}

static void *grab_the_last(void *context)
{
    struct worker *worker = context;
    struct arena arena = {0};
    for (unsigned round = 0; round < worker->rounds && !worker->failed; round++) {
        char id[32], sku[32];
        enum live_outcome outcome;
        snprintf(id, sizeof(id), "o%u/%u", round, worker->number);
        snprintf(sku, sizeof(sku), "last%u", round);
        struct stock_line line = {str_of(sku), 1};
        if (run_one(worker, &arena, LIVE_RESERVE, id, &line, 1, &outcome))
            worker->done += outcome == LIVE_DONE;
    }
    arena_release(&arena);
    return NULL;
}

static void the_last_unit_is_sold_once(void **state)
{
    struct live_fixture *fixture = *state;
    enum { ROUNDS = 25 };
    struct live_store *stores[HANDLES] = {fixture->store, live_open_tested(&fixture->folder)};
    struct worker workers[THREADS];
    for (unsigned i = 0; i < ROUNDS; i++) {
        char sku[32], id[32];
        snprintf(sku, sizeof(sku), "last%u", i);
        snprintf(id, sizeof(id), "m%u", i);
        assert_int_equal(live_credit_one(fixture, 1, id, sku, 1), LIVE_DONE);
    }
    run_workers(workers, stores, ROUNDS, grab_the_last);
    unsigned done = 0;
    for (unsigned i = 0; i < THREADS; i++)
        done += workers[i].done;
    assert_int_equal(done, ROUNDS);
    for (unsigned i = 0; i < ROUNDS; i++) {
        char sku[32];
        snprintf(sku, sizeof(sku), "last%u", i);
        assert_live_level(fixture, sku, 0, 1);
    }
    live_close(&stores[1]);
}

/* Orders of all skus in turn; every third is released, every third settled, every third held. */
static void *order_and_end(void *context)
{
    static const char *const skus[] = {"apple", "pear", "plum"};
    struct worker *worker = context;
    struct arena arena = {0};
    for (unsigned round = 0; round < worker->rounds && !worker->failed; round++) {
        char id[32];
        enum live_outcome outcome;
        snprintf(id, sizeof(id), "o%u-%u", worker->number, round);
        const struct stock_line lines[] = {
            {str_of(skus[round % 3]), 1 + round % 2},
            {str_of(skus[(round + worker->number) % 3]), 1},
        };
        if (!run_one(worker, &arena, LIVE_RESERVE, id, lines, 2, &outcome) || outcome != LIVE_DONE)
            continue;
        worker->done++;
        if (round % 3 != 2)
            run_one(worker, &arena, round % 3 ? LIVE_RELEASE : LIVE_SETTLE, id, NULL, 0, &outcome);
        worker->failed = worker->failed || outcome != LIVE_DONE;
    }
    arena_release(&arena);
    return NULL;
}

static void holds_sum_up_to_what_is_held(void **state)
{
    struct live_fixture *fixture = *state;
    static const char *const skus[] = {"apple", "pear", "plum"};
    struct live_store *stores[HANDLES] = {fixture->store, live_open_tested(&fixture->folder)};
    struct worker workers[THREADS];
    for (unsigned i = 0; i < 3; i++)
        live_credit_one(fixture, 1, skus[i], skus[i], 60);
    run_workers(workers, stores, 30, order_and_end);
    live_close(&stores[1]);

    struct live_request holds = live_request_of(fixture, LIVE_HOLDS);
    holds.now = INT64_MAX;
    live_must(fixture, &holds);
    assert_true(holds.hold_count > 0);
    struct live_request levels = live_request_of(fixture, LIVE_LEVELS_SCAN);
    live_must(fixture, &levels);
    assert_int_equal(levels.level_count, 3);
    for (size_t i = 0; i < levels.level_count; i++) {
        int64_t held = 0;
        for (size_t h = 0; h < holds.hold_count; h++) {
            for (size_t l = 0; l < holds.holds[h].line_count; l++) {
                const struct stock_line *line = &holds.holds[h].lines[l];
                held += str_equal(line->sku, levels.levels[i].sku) ? line->quantity : 0;
            }
        }
        assert_int_equal(levels.levels[i].held, held);
        assert_true(levels.levels[i].available >= 0);
    }
    /* What is released comes back to the last unit. */
    int64_t before = levels.levels[0].available, held_before = levels.levels[0].held;
    for (size_t h = 0; h < holds.hold_count; h++) {
        char id[40];
        snprintf(id, sizeof(id), "%.*s", STR_ARG(holds.holds[h].id));
        assert_int_equal(live_release_id(fixture, 1, id), LIVE_DONE);
    }
    assert_live_level(fixture, "apple", before + held_before, 0);
}

static void *put_and_count(void *context)
{
    struct worker *worker = context;
    struct arena arena = {0};
    for (unsigned round = 0; round < worker->rounds && !worker->failed; round++) {
        struct live_request request = {
            .base = {.operation = LIVE_GET, .deadline = NO_DEADLINE, .arena = &arena},
            .space = SPACE_CARTS,
            .key = STR("cart"),
        };
        worker->failed = !live_run(worker->store, &request, NULL);
        request.version = request.found ? request.value.version : VERSION_NONE;
        request.base.operation = LIVE_PUT;
        request.expires_at = INT64_MAX;
        worker->failed = worker->failed || !live_run(worker->store, &request, NULL);
        worker->done += request.stored;
        arena_reset(&arena);
    }
    arena_release(&arena);
    return NULL;
}

static void no_put_is_lost_under_a_version(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_store *stores[HANDLES] = {fixture->store, live_open_tested(&fixture->folder)};
    struct worker workers[THREADS];
    run_workers(workers, stores, 25, put_and_count);
    unsigned done = 0;
    for (unsigned i = 0; i < THREADS; i++)
        done += workers[i].done;
    struct live_request request = live_request_of(fixture, LIVE_GET);
    request.space = SPACE_CARTS;
    request.key = STR("cart");
    live_must(fixture, &request);
    assert_int_equal(request.value.version, done);
    live_close(&stores[1]);
}

/* A reader's cache: a level is kept as long as its generation is. */
struct cache {
    struct live_store *store;
    _Atomic int64_t settled; /* what was acknowledged last */
    _Atomic bool stop;
    _Atomic bool failed;
    bool stale;
    unsigned hits;
    _Atomic unsigned looks;
};

static bool read_apples(struct live_store *store, int64_t *available)
{
    struct arena arena = {0};
    struct stock_line line = {.sku = STR("apple")};
    struct live_request request = {
        .base = {.operation = LIVE_LEVELS, .deadline = NO_DEADLINE, .arena = &arena},
        .lines = &line,
        .line_count = 1,
    };
    bool ok = live_run(store, &request, NULL);
    *available = ok ? request.levels[0].available : 0;
    arena_release(&arena);
    return ok;
}

static void *read_through_cache(void *context)
{
    struct cache *cache = context;
    struct str key = STR("sku/apple");
    uint64_t generation = 0;
    int64_t available = 0;
    bool filled = false;
    while (!cache->stop && !cache->failed) {
        int64_t acknowledged = cache->settled;
        uint64_t now = live_generation(cache->store, key);
        if (filled && now == generation) {
            cache->hits++;
        } else {
            generation = now;
            cache->failed = !read_apples(cache->store, &available);
            filled = true;
        }
        cache->stale = cache->stale || available < acknowledged;
        cache->looks++;
    }
    return NULL;
}

static void a_cache_by_generation_is_never_stale(void **state)
{
    struct live_fixture *fixture = *state;
    if (!manager_can(&fixture->store->base, CAPABILITY_GENERATIONS))
        skip();
    struct cache cache = {.store = live_open_tested(&fixture->folder)};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_through_cache, &cache), 0);
    for (int i = 1; i <= 200; i++) {
        char id[16];
        snprintf(id, sizeof(id), "m%d", i);
        assert_int_equal(live_credit_one(fixture, 1, id, "apple", 1), LIVE_DONE);
        cache.settled = 10 + i;
        /* Lets the reader look at what was acknowledged before the next change counts again. */
        for (unsigned looks = cache.looks; cache.looks - looks < 2 && !cache.failed;)
            sched_yield();
    }
    cache.stop = true;
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(cache.failed);
    assert_false(cache.stale);
    assert_true(cache.hits > 0);
    live_close(&cache.store);
}

#define STOCKED(test) cmocka_unit_test_setup_teardown(test, live_setup_stocked, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STOCKED(the_last_unit_is_sold_once),
        STOCKED(holds_sum_up_to_what_is_held),
        STOCKED(no_put_is_lost_under_a_version),
        STOCKED(a_cache_by_generation_is_never_stale),
    };
    int failed = 0;
    for (size_t i = 0; i < live_implementation_count; i++) {
        live_tested = &live_implementations[i];
        failed += cmocka_run_group_tests_name(live_tested->name, tests, NULL, NULL);
    }
    return failed;
}
