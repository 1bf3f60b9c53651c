/*
 * basket_arrays.h - the inside of the basket index, shared by basket_*.c and recommend_*.c only.
 *
 *   baskets   in order of arrival; a basket's products are lines[first .. first + size)
 *   products  each with the ascending numbers of the baskets that hold it
 *   customers each with its newest-arrived basket; baskets link to the customer's one before
 *   sums      one entry a product: its decayed sales relative to `origin`, and powers of n_j
 *
 * A line taken back leaves both arrays at once, so that no query ever skips over anything; only its
 * place in `lines` stays unused.
 */
#pragma once

#include "db_managers/embedded/graph/basket_index.h"
#include "support/arena.h"
#include "support/strmap.h"

#include <math.h>

#define NO_NUMBER UINT32_MAX /* no such basket, product or customer */

struct basket {
    int64_t key;
    int64_t time;
    int64_t latest;        /* no basket that arrived up to this one has a greater time */
    double walk_weight;    /* |b|^-0.25 * exp((time - origin) / 180 days) */
    double similar_weight; /* |b|^-0.75 * exp((time - origin) / 180 days) */
    uint32_t first;
    uint32_t size; /* 0: taken back altogether */
    uint32_t customer;
    uint32_t earlier; /* the same customer's basket that arrived before this one */
};

struct product {
    struct str id;
    uint32_t *baskets;
    uint32_t count;
    uint32_t capacity;
    uint64_t changed; /* index version of the last change of `baskets` or of one of them */
};

struct product_sums {
    double popular; /* decayed sales, window popular_days */
    double trend;   /* the same, window trend_days */
    double damping; /* n_j^-walk_damping */
    double unroot;  /* n_j^-1/2 */
    uint32_t count; /* n_j */
};

struct customer {
    struct str id;
    uint32_t newest;
};

struct basket_index {
    struct recommendation_parameters parameters;
    uint64_t identity; /* differs between all indexes of the process */
    uint64_t version;  /* grows with every change */
    uint64_t loosened; /* version at which some n_j fell or all weights changed */
    int64_t origin;    /* time at which weights are 1 */
    int64_t newest;    /* greatest time of a basket that counts; INT64_MIN: none does */

    struct basket *baskets;
    size_t basket_count, basket_capacity, baskets_alive;
    uint32_t *lines;
    size_t line_count, line_capacity, lines_alive;
    struct product *products;
    struct product_sums *sums; /* as long as products */
    double popular_total;      /* of sums[].popular */
    size_t product_count, product_capacity;
    struct customer *customers;
    size_t customer_count, customer_capacity;
    struct strmap product_numbers; /* id -> number + 1 */
    struct strmap customer_numbers;
    struct arena texts;
};

/* NO_NUMBER when unknown. */
uint32_t basket_index_product(const struct basket_index *index, struct str id);
uint32_t basket_index_customer(const struct basket_index *index, struct str id);

/* exp((time - origin) / days) without overflow of the subtraction. */
static inline double decay(int64_t time, int64_t origin, double days)
{
    return exp(((double)time - (double)origin) / (days * 86400e6));
}

/* Fills in what depends on n_j. */
void product_sums_count(const struct recommendation_parameters *parameters,
                        struct product_sums *sums, uint32_t count);
/* Sets both weights of a basket from its size and time, relative to the index's origin. */
void basket_weigh(const struct basket_index *index, struct basket *basket);
/* Sums over all baskets up to as_of, relative to `origin`, with any window for `popular`. Returns
 * the total of sums[].popular. */
double product_sums_compute(const struct basket_index *index, int64_t as_of, int64_t origin,
                            double popular_days, struct product_sums *sums);
/* Moves the origin and computes all weights and sums afresh. */
void basket_index_recompute(struct basket_index *index, int64_t origin);
