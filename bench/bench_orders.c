/* bench_orders.c - orders until they are durable, and until analytics and graph have them. */
#include "bench/bare_orders.h"
#include "bench/bench_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 256, LEAST_LINES = 2, MOST_LINES = 3, MOST_PIECES = 3, KEY_SIZE = 48 };

struct work {
    const struct bench_shop *shop;
    ecommerce_system *system;
};

/* ---- what callers do ---- */

struct made_order {
    ecommerce_item items[MOST_LINES];
    char key[KEY_SIZE];
    ecommerce_order order;
};

/* Different products, as they lie; every order has a key, as a shop's orders should. */
static void make_order(const struct work *work, struct bench_caller *caller, size_t number,
                       struct made_order *made)
{
    const struct bench_shop *shop = work->shop;
    size_t lines = LEAST_LINES + bench_pick(caller, MOST_LINES - LEAST_LINES + 1);
    size_t first = bench_pick(caller, shop->item_count);
    for (size_t i = 0; i < lines; i++)
        made->items[i] = (ecommerce_item){
            .product_id = shop->items[(first + i * (shop->item_count / 4 + 1)) % shop->item_count],
            .quantity = 1 + (int64_t)bench_pick(caller, MOST_PIECES),
        };
    snprintf(made->key, sizeof(made->key), "bench-%zu-%" PRIu64 "-%zu", caller->number,
             caller->turn, number);
    made->order = (ecommerce_order){
        .customer_id = shop->customers[bench_pick(caller, shop->customer_count)],
        .items = made->items,
        .item_count = lines,
        .key = made->key,
    };
}

static bool one_order(void *context, struct bench_caller *caller, ecommerce_error *err)
{
    struct work *work = context;
    struct made_order made;
    ecommerce_document *answer;
    make_order(work, caller, 0, &made);
    if (!ecommerce_process_order(work->system, &made.order, &answer, err))
        return false;
    ecommerce_document_free(&answer);
    return true;
}

static bool many_orders(void *context, struct bench_caller *caller, ecommerce_error *err)
{
    struct work *work = context;
    struct made_order *made = calloc(BATCH, sizeof(*made));
    ecommerce_order *orders = calloc(BATCH, sizeof(*orders));
    ecommerce_order_result *results = calloc(BATCH, sizeof(*results));
    bool ok = (made && orders && results) || error_memory(err);
    for (size_t i = 0; ok && i < BATCH; i++) {
        make_order(work, caller, i, &made[i]);
        orders[i] = made[i].order;
    }
    if (ok)
        ecommerce_process_orders(work->system, orders, BATCH, results);
    for (size_t i = 0; ok && i < BATCH; i++) {
        ok = results[i].ok;
        if (!ok)
            *err = results[i].error;
    }
    if (made && orders && results)
        ecommerce_order_results_free(results, BATCH);
    free(made);
    free(orders);
    free(results);
    return ok;
}

/* ---- rounds ---- */

/* Values of all rounds, by name. */
enum value {
    ACKNOWLEDGED,
    P50,
    P99,
    A_COMMIT,
    RELAY_SECONDS,
    RELAYED,
    BARE_ACCEPT,
    BARE_ALL,
    VALUES
};

struct rounds {
    double values[VALUES][BENCH_MAX_ROUNDS];
};

static void since(ecommerce_system *system, struct bench_commits *commits)
{
    struct bench_commits now;
    bench_shop_commits(system, &now);
    for (size_t i = 0; i < BENCH_STORES; i++)
        commits->commits[i] = now.commits[i] - commits->commits[i];
}

struct engine_time {
    struct bench_figures figures;
    double relay; /* from the last acknowledgement */
    double all;   /* from the first call */
    struct bench_commits commits;
};

static bool run_engine(const struct bench_options *options, const struct bench_shop *shop,
                       size_t callers, bool batches, struct engine_time *time, ecommerce_error *err)
{
    if (!bench_shop_copy(shop, "engine", err))
        return false;
    struct work work = {.shop = shop};
    work.system = bench_shop_open(shop, "engine", err);
    if (!work.system)
        return false;
    struct bench_load load = {.step = batches ? many_orders : one_order,
                              .context = &work,
                              .callers = callers,
                              .weight = batches ? BATCH : 1,
                              .warm_up = options->seconds / 4,
                              .seconds = options->seconds};
    bench_shop_commits(work.system, &time->commits);
    double began = bench_now();
    bool ok = bench_load_run(&load, &time->figures, err);
    double acknowledged = bench_now();
    ok = ok && ecommerce_flush(work.system, err);
    double relayed = bench_now();
    time->relay = relayed - acknowledged;
    time->all = relayed - began;
    since(work.system, &time->commits);
    ecommerce_close(&work.system);
    return ok;
}

static bool run_round(const struct bench_options *options, const struct bench_shop *shop,
                      size_t callers, bool batches, struct rounds *rounds, size_t round,
                      ecommerce_error *err)
{
    struct engine_time engine;
    struct bare_orders_time bare;
    if (!run_engine(options, shop, callers, batches, &engine, err) ||
        !bare_orders_run(shop, &engine.commits, &bare, err))
        return false;
    double orders = (double)bare.orders;
    rounds->values[ACKNOWLEDGED][round] = engine.figures.per_second;
    rounds->values[P50][round] = engine.figures.p50;
    rounds->values[P99][round] = engine.figures.p99;
    rounds->values[A_COMMIT][round] = orders / (double)engine.commits.commits[ROLE_DOCUMENTS];
    rounds->values[RELAY_SECONDS][round] = engine.relay;
    rounds->values[RELAYED][round] = orders / engine.all;
    rounds->values[BARE_ACCEPT][round] = orders / bare.accept;
    rounds->values[BARE_ALL][round] = orders / bare.all;
    return true;
}

static void add_figures(const struct rounds *rounds, size_t count, size_t callers,
                        struct doc_builder *out)
{
    static const char *const names[VALUES] = {
        [ACKNOWLEDGED] = "orders_per_second",
        [P50] = "p50_us",
        [P99] = "p99_us",
        [A_COMMIT] = "orders_per_commit",
        [RELAY_SECONDS] = "relay_seconds",
        [RELAYED] = "relayed_per_second",
        [BARE_ACCEPT] = "bare_accept",
        [BARE_ALL] = "bare_all",
    };
    double medians[VALUES];
    doc_open(out, NULL);
    doc_add_int(out, "callers", (int64_t)callers);
    for (size_t i = 0; i < VALUES; i++) {
        medians[i] = bench_median(rounds->values[i], count);
        bench_add(out, names[i], medians[i]);
    }
    bench_add_ratio(out, "ratio", medians[ACKNOWLEDGED], medians[BARE_ALL]);
    bench_add_ratio(out, "accept_ratio", medians[ACKNOWLEDGED], medians[BARE_ACCEPT]);
    bench_add_ratio(out, "relayed_ratio", medians[RELAYED], medians[BARE_ALL]);
    doc_close(out);
}

static bool measure(const struct bench_options *options, const struct bench_shop *shop,
                    size_t callers, bool batches, struct doc_builder *out, ecommerce_error *err)
{
    struct rounds rounds = {0};
    for (size_t i = 0; i < options->rounds; i++) {
        if (!run_round(options, shop, callers, batches, &rounds, i, err))
            return false;
    }
    add_figures(&rounds, options->rounds, callers, out);
    return true;
}

bool bench_orders(const struct bench_options *options, const struct bench_shop *shop,
                  struct doc_builder *out, ecommerce_error *err)
{
    bool ok = true;
    doc_open_array(out, "orders");
    for (size_t i = 0; ok && i < options->caller_count; i++)
        ok = measure(options, shop, options->callers[i], false, out, err);
    doc_close(out);
    return ok;
}

bool bench_batch(const struct bench_options *options, const struct bench_shop *shop,
                 struct doc_builder *out, ecommerce_error *err)
{
    doc_open_array(out, "batch");
    bool ok = measure(options, shop, 1, true, out, err);
    doc_close(out);
    return ok;
}
