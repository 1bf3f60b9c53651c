/* bench_carts.c - changes of carts, each answered with the whole cart as it is now. */
#include "bench/bare_simple.h"
#include "bench/bench_parts.h"

#include <stdatomic.h>
#include <stdio.h>

enum { CARTS_OF_CALLER = 8, ITEMS_OF_CART = 5, MOST_PIECES = 3 };

struct carts {
    const struct bench_shop *shop;
    ecommerce_system *system;
    _Atomic size_t changes;
};

static bool change(void *context, struct bench_caller *caller, ecommerce_error *err)
{
    struct carts *carts = context;
    char id[64];
    size_t number = bench_pick(caller, CARTS_OF_CALLER);
    snprintf(id, sizeof(id), "bench-%zu-%zu", caller->number, number);
    size_t item = (caller->number * CARTS_OF_CALLER + number + bench_pick(caller, ITEMS_OF_CART)) %
                  carts->shop->item_count;
    ecommerce_cart cart = {.cart_id = id};
    ecommerce_document *answer;
    if (!ecommerce_cart_set(carts->system, &cart, carts->shop->items[item],
                            1 + (int64_t)bench_pick(caller, MOST_PIECES), &answer, err))
        return false;
    ecommerce_document_free(&answer);
    atomic_fetch_add_explicit(&carts->changes, 1, memory_order_relaxed);
    return true;
}

enum value { PER_SECOND, P50, P99, A_COMMIT, BARE, VALUES };

static bool run_round(const struct bench_options *options, const struct bench_shop *shop,
                      size_t callers, double values[VALUES], ecommerce_error *err)
{
    if (!bench_shop_copy(shop, "engine", err))
        return false;
    struct carts carts = {.shop = shop, .system = bench_shop_open(shop, "engine", err)};
    if (!carts.system)
        return false;
    struct bench_load load = {.step = change,
                              .context = &carts,
                              .callers = callers,
                              .weight = 1,
                              .warm_up = options->seconds / 4,
                              .seconds = options->seconds};
    struct bench_figures figures;
    struct bench_commits before, after;
    bench_shop_commits(carts.system, &before);
    bool ok = bench_load_run(&load, &figures, err);
    bench_shop_commits(carts.system, &after);
    ecommerce_close(&carts.system);
    int64_t commits = after.commits[ROLE_LIVE] - before.commits[ROLE_LIVE];
    ok = ok && bare_carts_run(shop, carts.changes, commits, &values[BARE], err);
    if (!ok)
        return false;
    values[PER_SECOND] = figures.per_second;
    values[P50] = figures.p50;
    values[P99] = figures.p99;
    values[A_COMMIT] = commits > 0 ? (double)carts.changes / (double)commits : 0;
    return true;
}

static bool measure(const struct bench_options *options, const struct bench_shop *shop,
                    size_t callers, struct doc_builder *out, ecommerce_error *err)
{
    static const char *const names[VALUES] = {"changes_per_second", "p50_us", "p99_us",
                                              "changes_per_commit", "bare"};
    double rounds[BENCH_MAX_ROUNDS][VALUES] = {0}, medians[VALUES];
    for (size_t i = 0; i < options->rounds; i++) {
        if (!run_round(options, shop, callers, rounds[i], err))
            return false;
    }
    doc_open(out, NULL);
    doc_add_int(out, "callers", (int64_t)callers);
    for (size_t v = 0; v < VALUES; v++) {
        double values[BENCH_MAX_ROUNDS];
        for (size_t i = 0; i < options->rounds; i++)
            values[i] = rounds[i][v];
        medians[v] = bench_median(values, options->rounds);
        bench_add(out, names[v], medians[v]);
    }
    bench_add_ratio(out, "ratio", medians[PER_SECOND], medians[BARE]);
    doc_close(out);
    return true;
}

bool bench_carts(const struct bench_options *options, const struct bench_shop *shop,
                 struct doc_builder *out, ecommerce_error *err)
{
    bool ok = true;
    doc_open_array(out, "carts");
    for (size_t i = 0; ok && i < options->caller_count; i++)
        ok = measure(options, shop, options->callers[i], out, err);
    doc_close(out);
    return ok;
}
