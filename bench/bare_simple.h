/* bare_simple.h - the bare loops of reads and carts. */
#pragma once

#include "bench/bench_load.h"
#include "bench/bench_shop.h"

/* By each caller on a connection of its own: the product's document and the counters of its skus,
 * by key. */
bool bare_reads_run(const struct bench_options *options, const struct bench_shop *shop,
                    size_t callers, double *per_second, ecommerce_error *err) MUST_CHECK;
/* Each product once, on a connection that has just been opened. */
bool bare_reads_cold(const struct bench_shop *shop, double *per_second,
                     ecommerce_error *err) MUST_CHECK;
/* Reads and replaces a cart that the shop "engine" has, `changes` times in `commits` transactions.
 */
bool bare_carts_run(const struct bench_shop *shop, size_t changes, int64_t commits,
                    double *per_second, ecommerce_error *err) MUST_CHECK;
