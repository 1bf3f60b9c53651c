/* bench_run.c - the sections one after the other, and what machine they ran on. */
#include "bench/bench_parts.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const struct {
    enum bench_section section;
    bool (*run)(const struct bench_options *options, const struct bench_shop *shop,
                struct doc_builder *out, ecommerce_error *err);
} sections[] = {
    {BENCH_DISK, bench_disk},   {BENCH_ORDERS, bench_orders}, {BENCH_BATCH, bench_batch},
    {BENCH_READS, bench_reads}, {BENCH_CARTS, bench_carts},
};

void bench_options_init(struct bench_options *options)
{
    *options = (struct bench_options){
        .sections = BENCH_ALL, .seconds = 1, .rounds = 3, .callers = {1, 8, 32}, .caller_count = 3};
}

void bench_add(struct doc_builder *out, const char *name, double value)
{
    if (fabs(value) >= 1000)
        doc_add_int(out, name, llround(value));
    else
        doc_add_double(out, name, round(value * 100) / 100);
}

void bench_add_ratio(struct doc_builder *out, const char *name, double engine, double bare)
{
    doc_add_double(out, name, bare > 0 ? round(engine / bare * 1000) / 1000 : 0);
}

static void add_machine(struct doc_builder *out)
{
    struct utsname system;
    bool known = uname(&system) == 0;
    doc_open(out, "machine");
    doc_add_int(out, "processors", sysconf(_SC_NPROCESSORS_ONLN));
    doc_adds(out, "system", known ? system.release : NULL);
    doc_adds(out, "architecture", known ? system.machine : NULL);
    doc_adds(out, "sqlite", sqlite3_libversion());
    doc_adds(out, "ecommerce", ecommerce_version());
    doc_close(out);
}

bool bench_run(const struct bench_options *options, struct doc_builder *out, ecommerce_error *err)
{
    struct bench_shop shop = {0};
    bool ok = bench_shop_make(&shop, options, err);
    if (ok) {
        add_machine(out);
        doc_add_double(out, "seconds", options->seconds);
        doc_add_int(out, "rounds", (int64_t)options->rounds);
    }
    for (size_t i = 0; ok && i < ARRAY_LENGTH(sections); i++) {
        if ((options->sections & (unsigned)sections[i].section) != 0)
            ok = sections[i].run(options, &shop, out, err);
    }
    bench_shop_remove(&shop);
    return ok;
}
