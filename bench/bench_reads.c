/* bench_reads.c - product details as a program in the same process gets them. */
#include "bench/bare_simple.h"
#include "bench/bench_parts.h"

#include <stdlib.h>

struct reads {
    const struct bench_shop *shop;
    ecommerce_system *system;
    bool with_recommendations;
};

static bool read_product(struct reads *reads, size_t number, ecommerce_error *err)
{
    ecommerce_document *answer;
    if (!ecommerce_get_product_details(reads->system, reads->shop->products[number],
                                       reads->with_recommendations, &answer, err))
        return false;
    ecommerce_document_free(&answer);
    return true;
}

static bool read_any(void *context, struct bench_caller *caller, ecommerce_error *err)
{
    struct reads *reads = context;
    return read_product(reads, bench_pick(caller, reads->shop->product_count), err);
}

static bool read_each_once(struct reads *reads, struct bench_figures *figures, ecommerce_error *err)
{
    size_t count = reads->shop->product_count;
    double *times = malloc(count * sizeof(*times));
    bool ok = times || error_memory(err);
    double began = bench_now(), before = began;
    for (size_t i = 0; ok && i < count; i++) {
        ok = read_product(reads, i, err);
        double after = bench_now();
        times[i] = after - before;
        before = after;
    }
    figures->per_second = (double)count / (before - began);
    if (ok) {
        figures->p50 = bench_quantile(times, count, 0.5) * 1e6;
        figures->p99 = bench_quantile(times, count, 0.99) * 1e6;
    }
    free(times);
    return ok;
}

enum value { PER_SECOND, P50, P99, BARE, VALUES };

struct rounds {
    double values[VALUES][BENCH_MAX_ROUNDS];
};

static void note(struct rounds *rounds, size_t round, const struct bench_figures *figures,
                 double bare)
{
    rounds->values[PER_SECOND][round] = figures->per_second;
    rounds->values[P50][round] = figures->p50;
    rounds->values[P99][round] = figures->p99;
    rounds->values[BARE][round] = bare;
}

static void add_figures(const struct rounds *rounds, size_t count, const char *kind, size_t callers,
                        struct doc_builder *out)
{
    static const char *const names[VALUES] = {"reads_per_second", "p50_us", "p99_us", "bare"};
    double medians[VALUES];
    doc_open(out, NULL);
    doc_adds(out, "kind", kind);
    doc_add_int(out, "callers", (int64_t)callers);
    for (size_t i = 0; i < VALUES; i++) {
        medians[i] = bench_median(rounds->values[i], count);
        bench_add(out, names[i], medians[i]);
    }
    bench_add_ratio(out, "ratio", medians[PER_SECOND], medians[BARE]);
    doc_close(out);
}

static bool open_copy(struct reads *reads, ecommerce_error *err)
{
    if (!bench_shop_copy(reads->shop, "engine", err))
        return false;
    reads->system = bench_shop_open(reads->shop, "engine", err);
    return reads->system != NULL;
}

static bool measure_hot(const struct bench_options *options, struct reads *reads, size_t callers,
                        struct doc_builder *out, ecommerce_error *err)
{
    struct rounds rounds = {0};
    struct bench_load load = {.step = read_any,
                              .context = reads,
                              .callers = callers,
                              .weight = 1,
                              .warm_up = options->seconds / 4,
                              .seconds = options->seconds};
    bool ok = open_copy(reads, err);
    for (size_t i = 0; ok && i < options->rounds; i++) {
        struct bench_figures figures;
        double bare = 0;
        ok = bench_load_run(&load, &figures, err) &&
             bare_reads_run(options, reads->shop, callers, &bare, err);
        if (ok)
            note(&rounds, i, &figures, bare);
    }
    ecommerce_close(&reads->system);
    add_figures(&rounds, options->rounds,
                reads->with_recommendations ? "hot, with recommendations" : "hot", callers, out);
    return ok;
}

/* Cold for the process: the kernel has the files in memory. */
static bool measure_cold(const struct bench_options *options, struct reads *reads,
                         struct doc_builder *out, ecommerce_error *err)
{
    struct rounds rounds = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < options->rounds; i++) {
        struct bench_figures figures;
        double bare = 0;
        ok = open_copy(reads, err) && read_each_once(reads, &figures, err) &&
             bare_reads_cold(reads->shop, &bare, err);
        ecommerce_close(&reads->system);
        if (ok)
            note(&rounds, i, &figures, bare);
    }
    add_figures(&rounds, options->rounds,
                reads->with_recommendations ? "cold, with recommendations" : "cold", 1, out);
    return ok;
}

bool bench_reads(const struct bench_options *options, const struct bench_shop *shop,
                 struct doc_builder *out, ecommerce_error *err)
{
    struct reads reads = {.shop = shop};
    bool ok = true;
    doc_open_array(out, "reads");
    for (int with = 0; ok && with < 2; with++) {
        reads.with_recommendations = with == 1;
        ok = measure_hot(options, &reads, 1, out, err) &&
             measure_hot(options, &reads, 2, out, err) && measure_cold(options, &reads, out, err);
    }
    doc_close(out);
    return ok;
}
