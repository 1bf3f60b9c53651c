/* bench_parts.h - the sections of the benchmark, one function each. */
#pragma once

#include "bench/bench_load.h"
#include "bench/bench_shop.h"

/* "disk": how often a second a block can be made durable. In the folder of the shop. */
bool bench_disk(const struct bench_options *options, const struct bench_shop *shop,
                struct doc_builder *out, ecommerce_error *err) MUST_CHECK;
/* "orders": one order a call, by the callers' numbers. */
bool bench_orders(const struct bench_options *options, const struct bench_shop *shop,
                  struct doc_builder *out, ecommerce_error *err) MUST_CHECK;
/* "batch": 256 orders a call, one caller. */
bool bench_batch(const struct bench_options *options, const struct bench_shop *shop,
                 struct doc_builder *out, ecommerce_error *err) MUST_CHECK;
/* "reads": product details, hot and cold. */
bool bench_reads(const struct bench_options *options, const struct bench_shop *shop,
                 struct doc_builder *out, ecommerce_error *err) MUST_CHECK;
/* "carts": changes of carts, by the callers' numbers. */
bool bench_carts(const struct bench_options *options, const struct bench_shop *shop,
                 struct doc_builder *out, ecommerce_error *err) MUST_CHECK;

/* Adds a figure without more decimals than it has meaning. */
void bench_add(struct doc_builder *out, const char *name, double value);
void bench_add_ratio(struct doc_builder *out, const char *name, double engine, double bare);
