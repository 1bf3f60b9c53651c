/*
 * bench_shop.h - shops to measure: one is made with a demonstration's catalogue and past, and each
 * measurement works on a copy of its files, so that all begin alike.
 */
#pragma once

#include "bench/bench.h"
#include "ecommerce_system_parts.h"

enum { BENCH_STORES = MANAGER_ROLES };

struct bench_shop {
    char folder[4096]; /* of our own, removed at the end */
    struct arena arena;
    const char **products; /* ids */
    size_t product_count;
    const char **items; /* what can be ordered: products and variants, with plenty of stock */
    size_t item_count;
    const char **customers;
    size_t customer_count;
};

/* What the stores have committed since the shop was opened, by enum manager_role. */
struct bench_commits {
    int64_t commits[BENCH_STORES];
};

bool bench_shop_make(struct bench_shop *shop, const struct bench_options *options,
                     ecommerce_error *err) MUST_CHECK;
/* A zeroed struct is allowed. */
void bench_shop_remove(struct bench_shop *shop);

/* A copy of the shop as it was made, under this name; one of that name is replaced. */
bool bench_shop_copy(const struct bench_shop *shop, const char *name,
                     ecommerce_error *err) MUST_CHECK;
/* NULL on failure. */
ecommerce_system *bench_shop_open(const struct bench_shop *shop, const char *name,
                                  ecommerce_error *err) MUST_CHECK;
/* "FOLDER/name/file" */
void bench_shop_path(const struct bench_shop *shop, const char *name, const char *file, char *path,
                     size_t size);
void bench_shop_commits(ecommerce_system *system, struct bench_commits *commits);
