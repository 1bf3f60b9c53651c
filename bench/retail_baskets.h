/*
 * retail_baskets.h - the baskets of the "Online Retail" file as plain arrays, for measuring
 * recommendations on real purchases.
 *
 * Chen, D. (2015), Online Retail, UCI Machine Learning Repository, https://doi.org/10.24432/C5BW33,
 * CC BY 4.0. The file is not part of the project; see docs/recommendations.md.
 *
 * Taken are the rows with a customer, a code of five digits and any letters (goods, not postage or
 * fees), a positive quantity and a positive price. An invoice is one basket of distinct products;
 * of several times the earliest counts, taken as if it were UTC. Baskets are ordered by time, then
 * by number.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/arena.h"
#include "support/compiler.h"
#include "support/str.h"
#include "support/strmap.h"

#include <stddef.h>
#include <stdint.h>

struct retail_basket {
    struct str number;
    int64_t time;
    uint32_t customer;
    size_t first, count; /* of retail_baskets.lines */
};

/* A zeroed struct is empty. */
struct retail_baskets {
    struct retail_basket *baskets;
    size_t basket_count, basket_capacity;
    uint32_t *lines; /* product numbers */
    size_t line_count;
    struct str *products;          /* ids by number */
    struct strmap product_numbers; /* id -> number + 1 */
    size_t product_count, product_capacity;
    struct str *customers;
    size_t customer_count, customer_capacity;
    struct arena texts;
};

bool retail_baskets_load(struct retail_baskets *all, const char *csv_path,
                         ecommerce_error *err) MUST_CHECK;
uint32_t retail_baskets_product(const struct retail_baskets *all,
                                struct str id); /* must be there */
void retail_baskets_release(struct retail_baskets *all);
