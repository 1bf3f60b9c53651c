/*
 * recommendations_eval.h - how good and how fast the recommendations are on real purchases.
 *
 * The first 80 % of the baskets by time are learnt, the rest is the test; docs/recommendations.md
 * describes the protocol. All questions are asked as of the last basket learnt.
 */
#pragma once

#include "bench/retail_baskets.h"
#include "db_managers/embedded/graph/basket_index.h"

/* Means over all questions. */
struct recommendation_figures {
    const char *name;
    double hit_rate;
    double recall;
    double ndcg;
    double novel_ndcg; /* for a customer: without products bought before, neither asked for nor
                          given */
    size_t questions;
    double mean_us, p99_us; /* of one answer */
};

enum also_bought_method {
    ALSO_POPULARITY,
    ALSO_COSINE,
    ALSO_COUNT,
    ALSO_SIMILAR,
    ALSO_TOGETHER,
    ALSO_METHODS
};

enum for_customer_method { FOR_POPULARITY, FOR_FREQUENCY, FOR_AGAIN, FOR_BLEND, FOR_METHODS };

struct recommendation_evaluation {
    double build_seconds; /* all baskets learnt into an empty index */
    struct basket_index_size learnt_size;
    struct recommendation_figures also[ALSO_METHODS];    /* lists of 10 */
    struct recommendation_figures customer[FOR_METHODS]; /* lists of 20 */
};

struct recommendation_aim {
    const char *name;
    double reached, least;
};

enum { RECOMMENDATION_AIMS = 5 };

bool recommendations_evaluate(const struct retail_baskets *all,
                              struct recommendation_evaluation *evaluation,
                              ecommerce_error *err) MUST_CHECK;

/* What the engine promises, and what it reaches. Returns how many are missed. */
size_t recommendation_aims(const struct recommendation_evaluation *evaluation,
                           struct recommendation_aim aims[RECOMMENDATION_AIMS]);

/* The tables of docs/recommendations.md, on standard output. */
void recommendations_print(const struct retail_baskets *all,
                           const struct recommendation_evaluation *evaluation);

/* Loads, evaluates and prints. Exit status: 0, or 1 when the file cannot be read or an aim is
 * missed. */
int bench_recommendations(const char *csv_path);
