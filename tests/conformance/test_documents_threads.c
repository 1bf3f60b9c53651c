/*
 * Many threads on one documents store: one insert of an id wins, writers share commits, readers see
 * what was acknowledged, and never half of a change.
 */
#include "tests/support/documents_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { THREADS = 8, IDS = 60 };

/* Failures are counted and asserted by the main thread: cmocka's asserts are for that one only. */
struct worker {
    pthread_t thread;
    struct documents_store *store;
    int number;
    int won;
    int failures;
    atomic_bool *stop;
};

static void run_workers(struct worker *workers, void *(*run)(void *))
{
    for (int i = 0; i < THREADS; i++) {
        workers[i].number = i;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].failures, 0);
    }
}

static void *insert_all_ids(void *context)
{
    struct worker *worker = context;
    for (int i = 0; i < IDS; i++) {
        char id[16];
        bool inserted = false;
        /* Some begin at other ends, so that all meet. */
        snprintf(id, sizeof(id), "o%d", worker->number % 2 ? i : IDS - 1 - i);
        if (!documents_insert(worker->store, COLLECTION_ORDERS, str_of(id), DOC_EMPTY, MARK_STOCK,
                              NO_DEADLINE, &inserted, NULL))
            worker->failures++;
        worker->won += inserted;
    }
    return NULL;
}

static int sum_of_wins(const struct worker *workers)
{
    int won = 0;
    for (int i = 0; i < THREADS; i++)
        won += workers[i].won;
    return won;
}

static void one_insert_of_an_id_wins(void **state)
{
    struct documents_fixture *fixture = *state;
    struct worker workers[THREADS] = {0};
    for (int i = 0; i < THREADS; i++)
        workers[i].store = fixture->store;
    run_workers(workers, insert_all_ids);
    assert_int_equal(sum_of_wins(workers), IDS);
}

static void one_insert_wins_over_two_handles(void **state)
{
    struct documents_fixture *fixture = *state;
    struct documents_store *other = documents_open_tested(&fixture->folder);
    struct worker workers[THREADS] = {0};
    for (int i = 0; i < THREADS; i++)
        workers[i].store = i % 2 ? fixture->store : other;
    run_workers(workers, insert_all_ids);
    assert_int_equal(sum_of_wins(workers), IDS);
    documents_close(&other);
}

/* ---- versions ---- */

static bool add_one(struct documents_store *store, struct arena *arena)
{
    struct stored_document stored;
    bool found = false;
    if (!documents_get(store, COLLECTION_SHOP, STR("counter"), true, NO_DEADLINE, arena, &stored,
                       &found, NULL) ||
        !found)
        return false;
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_int(&builder, "n", doc_int(stored.doc, "n", 0) + 1);
    struct documents_request replace = {
        .base = {.operation = DOCUMENTS_REPLACE, .deadline = NO_DEADLINE},
        .collection = COLLECTION_SHOP,
        .id = STR("counter"),
        .doc = doc_finish(&builder),
        .version = stored.version,
    };
    bool ok = documents_run(store, &replace, NULL);
    doc_builder_release(&builder);
    return ok && replace.replaced;
}

static void *count_up(void *context)
{
    struct worker *worker = context;
    struct arena arena = {0};
    for (int done = 0, tries = 0; done < 20; tries++) {
        arena_reset(&arena);
        done += add_one(worker->store, &arena);
        if (tries > 100000) {
            worker->failures++;
            break;
        }
    }
    arena_release(&arena);
    return NULL;
}

static void replaces_by_version_lose_no_update(void **state)
{
    struct documents_fixture *fixture = *state;
    struct worker workers[THREADS] = {0};
    struct stored_document stored;
    if (!manager_can(&fixture->store->base, CAPABILITY_ATOMIC_UPDATE))
        skip();
    insert_into(fixture, COLLECTION_SHOP, "counter", DOC_EMPTY, 0);
    for (int i = 0; i < THREADS; i++)
        workers[i].store = fixture->store;
    run_workers(workers, count_up);
    assert_true(get_from(fixture, COLLECTION_SHOP, "counter", &stored));
    assert_int_equal(doc_int(stored.doc, "n", 0), THREADS * 20);
    assert_int_equal(stored.version, THREADS * 20 + 1);
}

/* ---- batches ---- */

static void *insert_in_flights(void *context)
{
    struct worker *worker = context;
    enum { FLIGHT = 10 };
    struct documents_request requests[FLIGHT];
    char ids[FLIGHT][40];
    for (int flight = 0; flight < 20; flight++) {
        for (int i = 0; i < FLIGHT; i++) {
            snprintf(ids[i], sizeof(ids[i]), "%d/%d/%d", worker->number, flight, i);
            requests[i] = (struct documents_request){
                .base = {.operation = DOCUMENTS_INSERT, .deadline = NO_DEADLINE},
                .collection = COLLECTION_ORDERS,
                .id = str_of(ids[i]),
            };
            documents_submit(worker->store, &requests[i]);
        }
        for (int i = 0; i < FLIGHT; i++) {
            if (!documents_wait(worker->store, &requests[i]) || !requests[i].inserted)
                worker->failures++;
        }
    }
    return NULL;
}

static void writers_share_commits(void **state)
{
    struct documents_fixture *fixture = *state;
    struct worker workers[THREADS] = {0};
    for (int i = 0; i < THREADS; i++)
        workers[i].store = fixture->store;
    run_workers(workers, insert_in_flights);
    struct documents_request count =
        documents_request_of(fixture, DOCUMENTS_COUNT, COLLECTION_ORDERS, NULL);
    documents_must(fixture->store, &count);
    assert_int_equal(count.number, THREADS * 200);

    struct doc_builder builder;
    struct doc_value commits, writes;
    doc_builder_init(&builder);
    manager_health(&fixture->store->base, NO_DEADLINE, &builder);
    struct doc health = doc_finish(&builder);
    if (doc_find(health, "store.commits", &commits) && doc_find(health, "store.writes", &writes)) {
        assert_int_equal(writes.integer, THREADS * 200);
        /* A flight of one thread alone is ten writes in one commit. */
        assert_true(commits.integer * 5 < writes.integer);
    }
    doc_builder_release(&builder);
}

/* ---- readers beside writers ---- */

static void *read_pairs(struct worker *worker)
{
    struct arena arena = {0};
    while (!atomic_load(worker->stop)) {
        struct documents_query query = {
            .terms = {{"tokens", STR("pair")}}, .term_count = 1, .order = ORDER_BY_ID, .limit = 10};
        struct documents_request request = {
            .base = {.operation = DOCUMENTS_QUERY, .deadline = NO_DEADLINE, .arena = &arena},
            .collection = COLLECTION_PRODUCTS,
            .query = &query,
        };
        arena_reset(&arena);
        bool ok = documents_run(worker->store, &request, NULL);
        /* The index and the document are of one moment. */
        for (size_t i = 0; ok && i < request.count; i++)
            ok = doc_int(request.documents[i].doc, "paired", 0) == 1;
        if (!ok || request.count > 1)
            worker->failures++;
    }
    arena_release(&arena);
    return NULL;
}

static bool put_pair(struct documents_store *store, bool paired)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_open_array(&builder, "tokens");
    doc_adds(&builder, NULL, paired ? "pair" : "single");
    doc_close(&builder);
    doc_add_int(&builder, "paired", paired);
    struct documents_request put = {
        .base = {.operation = DOCUMENTS_PUT, .deadline = NO_DEADLINE},
        .collection = COLLECTION_PRODUCTS,
        .id = STR("p1"),
        .doc = doc_finish(&builder),
    };
    bool ok = documents_run(store, &put, NULL);
    doc_builder_release(&builder);
    return ok;
}

static void *read_or_write_pairs(void *context)
{
    struct worker *worker = context;
    if (worker->number > 0)
        return read_pairs(worker);
    for (int i = 0; i < 150; i++)
        worker->failures += !put_pair(worker->store, i % 2);
    atomic_store(worker->stop, true);
    return NULL;
}

static void readers_see_whole_changes(void **state)
{
    struct documents_fixture *fixture = *state;
    struct worker workers[THREADS] = {0};
    atomic_bool stop = false;
    for (int i = 0; i < THREADS; i++) {
        workers[i].store = fixture->store;
        workers[i].stop = &stop;
    }
    run_workers(workers, read_or_write_pairs);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, documents_setup, documents_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(one_insert_of_an_id_wins),           EACH(one_insert_wins_over_two_handles),
        EACH(replaces_by_version_lose_no_update), EACH(writers_share_commits),
        EACH(readers_see_whole_changes),
    };
    int failed = 0;
    for (size_t i = 0; i < documents_implementation_count; i++) {
        documents_tested = &documents_implementations[i];
        failed += cmocka_run_group_tests_name(documents_tested->name, tests, NULL, NULL);
    }
    return failed;
}
