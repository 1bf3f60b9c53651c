/*
 * basket_model.h - the formulas of recommendations word by word, on a small history, to compare
 * with.
 *
 * Written for being obviously right: sums run over all baskets, nothing is kept. Product 7 has the
 * id "p07" and customer 3 "c3"; a customer of -1 is a guest.
 */
#pragma once

#include "db_managers/embedded/graph/basket_index.h"

enum { MODEL_PRODUCTS = 48, MODEL_CUSTOMERS = 6, MODEL_BASKETS = 600 };

#define MODEL_DAY INT64_C(86400000000)

struct model_basket {
    int64_t time;
    int customer;
    bool holds[MODEL_PRODUCTS];
};

/* A zeroed struct with parameters is an empty model. A basket's key is its position. */
struct basket_model {
    struct recommendation_parameters parameters;
    struct model_basket baskets[MODEL_BASKETS];
    size_t count;
};

/* Valid for the whole test. The first use of each is not thread-safe. */
struct str model_product_id(int product);
struct str model_customer_id(int customer);
int model_product(struct str id); /* back to the number */

enum model_question {
    MODEL_TOGETHER,
    MODEL_SIMILAR,
    MODEL_FOR_CUSTOMER,
    MODEL_AGAIN,
    MODEL_TRENDING
};

/* The score of each product; those that are not to be suggested have 0. `about` is the product or
 * customer, for MODEL_TRENDING the window in days. */
void model_scores(const struct basket_model *model, enum model_question question, int about,
                  int64_t as_of, double scores[MODEL_PRODUCTS]);

/* Asks the index the same, and fails the test unless it gives the model's list of `limit`: products
 * may only be swapped where their scores are equal but for rounding. */
void model_check(const struct basket_model *model, const struct basket_index *index,
                 struct recommend_scratch *scratch, enum model_question question, int about,
                 int64_t as_of, size_t limit);

/* All questions about all products and customers. */
void model_check_all(const struct basket_model *model, const struct basket_index *index,
                     struct recommend_scratch *scratch, int64_t as_of);

/* The same basket into both. */
void model_add(struct basket_model *model, struct basket_index *index, int64_t time, int customer,
               const int *products, size_t count);
