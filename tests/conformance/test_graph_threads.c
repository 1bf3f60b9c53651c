/*
 * Threads of two handles write to one graph and ask it at the same time: every answer is one that
 * some state of the graph gives, and in the end all of it is there.
 */
#include "db_managers/embedded/embedded_stores.h"
#include "tests/support/temp_folder.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { THREADS = 4, ORDERS_EACH = 40, PRODUCTS = 10 };

struct worker {
    struct graph_store *store;
    unsigned number;
    const char *failure; /* asserts belong to the test's own thread */
};

/* One order of two products, and back goes every fourth one. */
static bool write_order(struct worker *worker, unsigned order, ecommerce_error *err)
{
    char id[32], back[32], first[8], second[8];
    snprintf(id, sizeof(id), "order-%u-%u", worker->number, order);
    snprintf(back, sizeof(back), "back-%u-%u", worker->number, order);
    snprintf(first, sizeof(first), "p%u", order % PRODUCTS);
    snprintf(second, sizeof(second), "p%u", (order + 1) % PRODUCTS);
    struct graph_line lines[] = {{str_of(first), 1}, {str_of(second), 1}};
    struct graph_entry entries[] = {
        {.id = str_of(id), .kind = GRAPH_ORDER, .order_id = str_of(id), .time = 1000 + order},
        {.id = str_of(back), .kind = GRAPH_TAKE_BACK, .order_id = str_of(id), .time = 1001 + order},
    };
    entries[0].lines = entries[1].lines = lines;
    entries[0].line_count = entries[1].line_count = 2;
    struct graph_request request = {
        .base = {.operation = GRAPH_APPLY, .deadline = NO_DEADLINE},
        .entries = entries,
        .entry_count = order % 4 == 3 ? 2 : 1,
    };
    return graph_run(worker->store, &request, err) && entries[0].applied;
}

/* A product's neighbours in this graph are the one before and the one after it. */
static bool ask(struct worker *worker, unsigned about, ecommerce_error *err)
{
    struct arena arena = {0};
    char key[8];
    snprintf(key, sizeof(key), "p%u", about % PRODUCTS);
    struct graph_request request = {
        .base = {.operation = GRAPH_RECOMMEND, .deadline = NO_DEADLINE, .arena = &arena},
        .kind = RECOMMEND_SIMILAR,
        .key = str_of(key),
    };
    bool ok = graph_run(worker->store, &request, err);
    for (size_t i = 0; ok && i < request.count; i++) {
        const struct recommendation *found = &request.recommendations[i];
        unsigned other = (unsigned)(found->product_id.ptr[1] - '0');
        unsigned distance = (other + PRODUCTS - about % PRODUCTS) % PRODUCTS;
        ok = found->baskets == 0 || distance == 1 || distance == PRODUCTS - 1;
    }
    arena_release(&arena);
    return ok;
}

static void *work(void *context)
{
    struct worker *worker = context;
    ecommerce_error error = {0};
    for (unsigned order = 0; order < ORDERS_EACH && !worker->failure; order++) {
        if (!write_order(worker, order, &error))
            worker->failure = "an order was not applied";
        else if (!ask(worker, order, &error))
            worker->failure = "an answer was wrong";
    }
    return NULL;
}

static void writers_and_askers_do_not_disturb_each_other(void **state)
{
    UNUSED(state);
    struct temp_folder folder;
    struct graph_store *stores[2];
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    ecommerce_error error = {0};
    temp_folder_make(&folder);
    struct embedded_options options = {.folder = folder.path, .seams = &system_seams};
    for (size_t i = 0; i < 2; i++) {
        stores[i] = embedded_graph_open(&options, NULL, &error);
        assert_non_null(stores[i]);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.store = stores[i % 2], .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < THREADS; i++) {
        if (workers[i].failure)
            fail_msg("%s", workers[i].failure);
    }
    for (size_t i = 0; i < 2; i++) {
        struct graph_request digest = {
            .base = {.operation = GRAPH_DIGEST, .deadline = NO_DEADLINE}};
        assert_true(graph_run(stores[i], &digest, &error));
        assert_int_equal(digest.digest.orders, THREADS * ORDERS_EACH);
        assert_int_equal(digest.digest.lines, THREADS * ORDERS_EACH * 2 * 3 / 4);
        struct base_manager *manager = &stores[i]->base;
        manager_close(&manager);
    }
    temp_folder_remove(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writers_and_askers_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
