/*
 * bench.h - what the engine does a second, beside the bare loops that do the same writes and reads
 * without an engine. docs/performance.md says what is measured and how to read it.
 *
 * Nothing here judges: figures depend on the machine and on what else it does.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/doc.h"

enum bench_section {
    BENCH_DISK = 1 << 0,
    BENCH_ORDERS = 1 << 1,
    BENCH_BATCH = 1 << 2,
    BENCH_READS = 1 << 3,
    BENCH_CARTS = 1 << 4,
    BENCH_ALL = (1 << 5) - 1,
};

enum { BENCH_MAX_CALLERS = 256, BENCH_MAX_RUNS = 8, BENCH_MAX_ROUNDS = 15 };

struct bench_options {
    unsigned sections;
    double seconds; /* of a measured round, after a quarter of it as warm-up */
    size_t rounds;  /* the figures are medians over them */
    size_t callers[BENCH_MAX_RUNS];
    size_t caller_count;
    const char *folder; /* an existing one, on the disk to measure; NULL: the temporary one */
};

/* Three rounds of a second, 1, 8 and 32 callers, all sections. */
void bench_options_init(struct bench_options *options);

/* Adds the sections' figures to the open document. Makes a folder of its own inside options->folder
 * and removes it. INVALID_ARGUMENT when the folder cannot be used; otherwise the engine's errors.
 */
bool bench_run(const struct bench_options *options, struct doc_builder *out,
               ecommerce_error *err) MUST_CHECK;
