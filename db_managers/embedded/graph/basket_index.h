/*
 * basket_index.h - who bought what together, in memory, and the recommendations made of it.
 *
 * The index is the bipartite graph customer - basket - product as plain arrays: no database, no
 * I/O, no clock. Its owner feeds it the orders of its store, in any order of time, takes back what
 * was cancelled or returned, and asks. A basket is the set of distinct products of one order:
 * quantities do not count, so a line counts until all of it was taken back (the owner keeps the
 * quantities).
 *
 * Notation of the formulas: i, j products; b a basket, |b| its number of products, t_b its time;
 * age_b = as_of - t_b, in days; n_j = number of baskets with j; a decayed sale of j is
 * exp(-age_b / window) for each basket b with j. Names in parentheses are fields of struct
 * recommendation_parameters. Baskets with t_b > as_of do not exist for a query, in n_j neither.
 *
 *   p(j)  j's share of all decayed sales, window 14 days (popular_days)
 *   q(j)  j's decayed sales, window 7 days (trend_days), divided by the best-selling product's
 *
 *   bought together with i ("walk with prior": two hops in the graph, popularity where they say
 *   little; walk_damping, walk_size_power, walk_days, walk_prior), for all j but i:
 *
 *       score(j) = n_j^-0.1 * SUM over b with i and j of |b|^-0.25 * exp(-age_b / 180)
 *                  + 37.6 * p(j)
 *
 *   similar to i (a decayed cosine: typical of i's buyers rather than popular;
 *   similar_size_power, similar_days), for all j but i: score(j) = S(i,j),
 *
 *       S(i,j) = SUM over b with i and j of |b|^-0.75 * exp(-age_b / 180) / sqrt(n_i * n_j)
 *
 *   for a customer ("blend"; blend_near, blend_popular, blend_floor, blend_power), for all j:
 *
 *       score(j) = (own(j) + 0.2 * near(j) + 0.3 * p(j)) * (p(j) / max p + 0.0001)^0.1
 *       own(j)   = SUM over the customer's b with j of exp(-age_b / 300) (blend_own_days),
 *                  divided by its sum over all j
 *       near(j)  = SUM over i with j in N(i) of sqrt(own(i)) * S(i,j) / SUM over N(i) of S(i,.),
 *                  divided by its sum over all j
 *       N(i)     = the 20 products j (blend_neighbours) with the greatest S(i,j), i among them,
 *                  equal ones by id as below
 *
 *   buy again ("own trend"; again_own_days, again_floor, again_power), for j the customer bought:
 *
 *       score(j) = (SUM over the customer's b with j of exp(-age_b / 1500) + 0.1) * q(j)^0.3
 *
 *   trending: score(j) = j's share of all decayed sales, window chosen by the caller
 *
 * Cold start: a product or customer without a basket (or unknown) is answered with what is trending
 * over popular_days, each suggestion saying so in its reason. Similar and buy again are not filled
 * up: they may give fewer than asked for.
 *
 * Order: greatest score first. Scores are rounded to 24 bits (float) before they are compared, so
 * that the order of a summation decides nothing; equal ones go by product id, byte-wise; what is
 * not above 0 is left out. The rank is total: every implementation of these formulas gives the same
 * list.
 *
 * Exactness: weights are kept as exp((t_b - origin) / window) and scaled at reading; the origin
 * moves on, by a recomputation, before exponents grow large. What is taken back is not subtracted:
 * the sums of its products are added up again, so that the index is as if the line had never been
 * there, but for the rounding of one total (a part in 10^12).
 *
 * Cost: adding a basket O(|b|) amortised, taking it back O(n_j) for each line. A question visits
 * the lines of the baskets with i and each product once; for a customer it does so for each product
 * bought, unless the scratch remembers its neighbours. With 20,000 baskets, 400,000 lines and 4,000
 * products that is some 30 microseconds (for a customer 50 when remembered, else 200), in 6 MB. An
 * as_of before the newest basket costs a pass over all lines for the first question (milliseconds
 * there); the next ones find it in their scratch.
 *
 * Threads: one writer or any number of readers at a time; the owner holds the lock. A reader brings
 * its own struct recommend_scratch, which only one thread uses at a time.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Windows are in days and > 0; powers, weights and floors are >= 0. */
struct recommendation_parameters {
    double popular_days;       /* 14    p(j): popularity and cold start */
    double trend_days;         /* 7     q(j) */
    double walk_days;          /* 180   bought together: how fast a basket is forgotten */
    double walk_size_power;    /* 0.25  a large basket says less about each of its pairs */
    double walk_damping;       /* 0.1   how much a popular product is held back */
    double walk_prior;         /* 37.6  weight of p(j) beside the walk */
    double similar_days;       /* 180 */
    double similar_size_power; /* 0.75 */
    double again_own_days;     /* 1500  buy again: how slowly own purchases are forgotten */
    double again_floor;        /* 0.1 */
    double again_power;        /* 0.3 */
    double blend_own_days;     /* 300   for a customer */
    double blend_near;         /* 0.2   weight of products near to what was bought: discovery */
    double blend_popular;      /* 0.3   weight of p(j) */
    double blend_floor;        /* 0.0001 */
    double blend_power;        /* 0.1 */
    unsigned blend_neighbours; /* 20    products near to each one; 1 to RECOMMEND_NEIGHBOURS_MAX */
};

enum { RECOMMEND_NEIGHBOURS_MAX = 200 };

/* The values above. */
extern const struct recommendation_parameters recommendation_defaults;

/* INVALID_CONFIGURATION names the first field that is out of its range. */
bool recommendation_parameters_check(const struct recommendation_parameters *parameters,
                                     ecommerce_error *err) MUST_CHECK;

/* ---- the index ---- */

struct basket_index;

struct basket_entry {
    int64_t key;         /* names the basket when it is taken back; greater than all keys before */
    int64_t time;        /* microseconds since 1970, UTC */
    struct str customer; /* STR_NONE: a guest */
    const struct str *products;
    size_t product_count; /* repetitions count once; 0: nothing happens */
};

/* parameters NULL: the defaults. They are copied, and fixed for the life of the index. */
struct basket_index *basket_index_new(const struct recommendation_parameters *parameters,
                                      ecommerce_error *err) MUST_CHECK;
/* Frees and clears; NULL allowed. */
void basket_index_free(struct basket_index **index);

/* Copies what it needs. Fails with INVALID_ARGUMENT (key not greater than the last), LIMIT_EXCEEDED
 * (2^32 lines) or OUT_OF_MEMORY, and then the basket was not added. */
bool basket_index_add(struct basket_index *index, const struct basket_entry *entry,
                      ecommerce_error *err) MUST_CHECK;

/* The order was cancelled or wholly returned: it stops counting. False: no such basket (any more).
 */
bool basket_index_remove(struct basket_index *index, int64_t key);
/* The line of one product was wholly returned. The basket has one product less from now on: |b|
 * shrinks. False: that basket does not hold the product (any more). */
bool basket_index_remove_line(struct basket_index *index, int64_t key, struct str product);
/* The customer's baskets become a guest's; the id is wiped from memory. False: unknown. */
bool basket_index_forget_customer(struct basket_index *index, struct str customer);

struct basket_index_size {
    size_t baskets;   /* that count */
    size_t lines;     /* that count */
    size_t products;  /* ever seen */
    size_t customers; /* ever seen */
    size_t bytes;     /* allocated, but for the heap's own overhead and the ids' texts */
};
struct basket_index_size basket_index_size(const struct basket_index *index);
/* Time of the newest basket; INT64_MIN while there is none. The sensible as_of of a shop at rest:
 * with an as_of long after it, bought together fades into popularity. */
int64_t basket_index_newest(const struct basket_index *index);

/* ---- questions ---- */

/* A thread's working memory and caches (some 3 MB with 4,000 products). NULL: out of memory.
 * Serves one index at a time; given to another one it starts afresh. */
struct recommend_scratch *recommend_scratch_new(void) MUST_CHECK;
void recommend_scratch_free(struct recommend_scratch **scratch);

enum suggestion_reason {
    SUGGESTED_TOGETHER, /* `together` baskets hold it and the product asked about */
    SUGGESTED_SIMILAR,  /* likewise */
    SUGGESTED_OWN,      /* the customer bought it in own_baskets baskets, last at own_last */
    SUGGESTED_NEAR,     /* buyers of `because_of`, which the customer bought, take it too */
    SUGGESTED_TRENDING, /* popular: `recent` baskets, `share` of the sales */
};

struct suggestion {
    struct str product; /* the index's own text: valid until the owner gives up its reader lock */
    double score;       /* comparable within one answer only */
    enum suggestion_reason reason; /* what speaks most for it */
    uint32_t together; /* TOGETHER, SIMILAR: baskets with both; NEAR: with because_of; else 0 */
    uint32_t recent;   /* baskets with it in the window (popular_days, or the one asked for) before
                          as_of */
    double share;      /* share of all decayed sales in that window, 0 to 1 */
    /* for a customer and buy again: */
    uint32_t own_baskets;  /* the customer's baskets with it */
    int64_t own_last;      /* the newest one's time; INT64_MIN when there is none */
    struct str because_of; /* NEAR: the product bought that speaks most for it; else STR_NONE */
};

struct suggestion_query {
    int64_t as_of; /* microseconds since 1970 */
    size_t limit;  /* how many suggestions at most */
    /* Called in the order of rank until `limit` were accepted (in stock, not retired); each product
     * once. It must not call into the index. NULL: all are accepted. */
    bool (*accept)(void *context, struct str product);
    void *context;
};

/* All write up to query->limit suggestions, best first, and their number; all fail with
 * OUT_OF_MEMORY only. */
bool recommend_bought_together(const struct basket_index *index, struct recommend_scratch *scratch,
                               const struct suggestion_query *query, struct str product,
                               struct suggestion *out, size_t *count,
                               ecommerce_error *err) MUST_CHECK;
bool recommend_similar(const struct basket_index *index, struct recommend_scratch *scratch,
                       const struct suggestion_query *query, struct str product,
                       struct suggestion *out, size_t *count, ecommerce_error *err) MUST_CHECK;
bool recommend_for_customer(const struct basket_index *index, struct recommend_scratch *scratch,
                            const struct suggestion_query *query, struct str customer,
                            struct suggestion *out, size_t *count, ecommerce_error *err) MUST_CHECK;
bool recommend_buy_again(const struct basket_index *index, struct recommend_scratch *scratch,
                         const struct suggestion_query *query, struct str customer,
                         struct suggestion *out, size_t *count, ecommerce_error *err) MUST_CHECK;
/* window_days <= 0: popular_days. Windows other than popular_days and trend_days cost a pass over
 * all lines. */
bool recommend_trending(const struct basket_index *index, struct recommend_scratch *scratch,
                        const struct suggestion_query *query, double window_days,
                        struct suggestion *out, size_t *count, ecommerce_error *err) MUST_CHECK;
