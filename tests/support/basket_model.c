/* basket_model.c - recommendations computed the slow way. */
#include "tests/support/basket_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- ids ---- */

struct str model_product_id(int product)
{
    static char texts[MODEL_PRODUCTS][8];
    assert_in_range(product, 0, MODEL_PRODUCTS - 1);
    if (!texts[product][0])
        snprintf(texts[product], sizeof texts[product], "p%02d", product);
    return str_of(texts[product]);
}

struct str model_customer_id(int customer)
{
    static char texts[MODEL_CUSTOMERS][16];
    if (customer < 0)
        return STR_NONE;
    if (!texts[customer][0])
        snprintf(texts[customer], sizeof texts[customer], "c%d", customer);
    return str_of(texts[customer]);
}

int model_product(struct str id)
{
    for (int j = 0; j < MODEL_PRODUCTS; j++)
        if (str_equal(model_product_id(j), id))
            return j;
    fail_msg("the index made up the product '%.*s'", STR_ARG(id));
    return -1;
}

/* ---- the formulas ---- */

static double age_days(const struct model_basket *basket, int64_t as_of)
{
    return (double)(as_of - basket->time) / (double)MODEL_DAY;
}

static double size_of(const struct model_basket *basket)
{
    double size = 0;
    for (int j = 0; j < MODEL_PRODUCTS; j++)
        size += basket->holds[j];
    return size;
}

static double times_bought(const struct basket_model *model, int j, int64_t as_of)
{
    double n = 0;
    for (size_t b = 0; b < model->count; b++)
        n += model->baskets[b].time <= as_of && model->baskets[b].holds[j];
    return n;
}

/* Decayed sales of j; by one customer, or by all with -2. */
static double sales(const struct basket_model *model, int j, int customer, double days,
                    int64_t as_of)
{
    double sum = 0;
    for (size_t b = 0; b < model->count; b++) {
        const struct model_basket *basket = &model->baskets[b];
        if (basket->time <= as_of && basket->holds[j] &&
            (customer == -2 || basket->customer == customer))
            sum += exp(-age_days(basket, as_of) / days);
    }
    return sum;
}

static double share(const struct basket_model *model, int j, double days, int64_t as_of)
{
    double all = 0;
    for (int k = 0; k < MODEL_PRODUCTS; k++)
        all += sales(model, k, -2, days, as_of);
    return all > 0 ? sales(model, j, -2, days, as_of) / all : 0;
}

/* SUM over baskets with i and j of |b|^-power * exp(-age / days). */
static double pair_sum(const struct basket_model *model, int i, int j, double power, double days,
                       int64_t as_of)
{
    double sum = 0;
    for (size_t b = 0; b < model->count; b++) {
        const struct model_basket *basket = &model->baskets[b];
        if (basket->time <= as_of && basket->holds[i] && basket->holds[j])
            sum += pow(size_of(basket), -power) * exp(-age_days(basket, as_of) / days);
    }
    return sum;
}

static double similarity_of(const struct basket_model *model, int i, int j, int64_t as_of)
{
    const struct recommendation_parameters *p = &model->parameters;
    double pairs = pair_sum(model, i, j, p->similar_size_power, p->similar_days, as_of);
    if (pairs == 0)
        return 0;
    return pairs / sqrt(times_bought(model, i, as_of) * times_bought(model, j, as_of));
}

static void score_trending(const struct basket_model *model, double days, int64_t as_of,
                           double *scores)
{
    for (int j = 0; j < MODEL_PRODUCTS; j++)
        scores[j] = share(model, j, days, as_of);
}

static void score_together(const struct basket_model *model, int i, int64_t as_of, double *scores)
{
    const struct recommendation_parameters *p = &model->parameters;
    for (int j = 0; j < MODEL_PRODUCTS; j++) {
        double n = times_bought(model, j, as_of);
        double pairs = pair_sum(model, i, j, p->walk_size_power, p->walk_days, as_of);
        scores[j] = (n > 0 ? pow(n, -p->walk_damping) * pairs : 0) +
                    p->walk_prior * share(model, j, p->popular_days, as_of);
    }
    scores[i] = 0;
}

static void score_similar(const struct basket_model *model, int i, int64_t as_of, double *scores)
{
    for (int j = 0; j < MODEL_PRODUCTS; j++)
        scores[j] = j == i ? 0 : similarity_of(model, i, j, as_of);
}

/* Whether j is among the nearest of a row of similarities: fewer than that many come before it. */
static bool is_neighbour(const double *row, int j, unsigned most)
{
    unsigned before = 0;
    for (int k = 0; k < MODEL_PRODUCTS; k++)
        before += (float)row[k] > (float)row[j] || ((float)row[k] == (float)row[j] && k < j);
    return row[j] > 0 && before < most;
}

static void normalise(double *values)
{
    double sum = 0;
    for (int j = 0; j < MODEL_PRODUCTS; j++)
        sum += values[j];
    for (int j = 0; j < MODEL_PRODUCTS && sum > 0; j++)
        values[j] /= sum;
}

static void spread_near(const struct basket_model *model, const double *own, int64_t as_of,
                        double *near)
{
    double row[MODEL_PRODUCTS], chosen[MODEL_PRODUCTS];
    memset(near, 0, MODEL_PRODUCTS * sizeof *near);
    for (int i = 0; i < MODEL_PRODUCTS; i++) {
        if (own[i] == 0)
            continue;
        for (int j = 0; j < MODEL_PRODUCTS; j++)
            row[j] = similarity_of(model, i, j, as_of);
        for (int j = 0; j < MODEL_PRODUCTS; j++)
            chosen[j] = is_neighbour(row, j, model->parameters.blend_neighbours) ? row[j] : 0;
        normalise(chosen);
        for (int j = 0; j < MODEL_PRODUCTS; j++)
            near[j] += sqrt(own[i]) * chosen[j];
    }
    normalise(near);
}

static void score_customer(const struct basket_model *model, int customer, int64_t as_of,
                           double *scores)
{
    const struct recommendation_parameters *p = &model->parameters;
    double own[MODEL_PRODUCTS], near[MODEL_PRODUCTS], popular[MODEL_PRODUCTS], most = 0;
    for (int j = 0; j < MODEL_PRODUCTS; j++) {
        own[j] = sales(model, j, customer, p->blend_own_days, as_of);
        popular[j] = share(model, j, p->popular_days, as_of);
        most = fmax(most, popular[j]);
    }
    normalise(own);
    spread_near(model, own, as_of, near);
    for (int j = 0; j < MODEL_PRODUCTS; j++)
        scores[j] = (own[j] + p->blend_near * near[j] + p->blend_popular * popular[j]) *
                    pow(popular[j] / most + p->blend_floor, p->blend_power);
}

static void score_again(const struct basket_model *model, int customer, int64_t as_of,
                        double *scores)
{
    const struct recommendation_parameters *p = &model->parameters;
    double most = 0;
    for (int j = 0; j < MODEL_PRODUCTS; j++)
        most = fmax(most, sales(model, j, -2, p->trend_days, as_of));
    for (int j = 0; j < MODEL_PRODUCTS; j++) {
        double own = sales(model, j, customer, p->again_own_days, as_of);
        double trend = sales(model, j, -2, p->trend_days, as_of) / most;
        scores[j] = own > 0 ? (own + p->again_floor) * pow(trend, p->again_power) : 0;
    }
}

static bool customer_is_known(const struct basket_model *model, int customer, int64_t as_of)
{
    for (size_t b = 0; b < model->count; b++)
        if (model->baskets[b].customer == customer && model->baskets[b].time <= as_of &&
            size_of(&model->baskets[b]) > 0)
            return true;
    return false;
}

void model_scores(const struct basket_model *model, enum model_question question, int about,
                  int64_t as_of, double scores[MODEL_PRODUCTS])
{
    bool of_product = question == MODEL_TOGETHER || question == MODEL_SIMILAR;
    bool cold = of_product ? times_bought(model, about, as_of) == 0
                           : !customer_is_known(model, about, as_of);
    if (question == MODEL_TRENDING)
        score_trending(model, about, as_of, scores);
    else if (cold)
        score_trending(model, model->parameters.popular_days, as_of, scores);
    else if (question == MODEL_TOGETHER)
        score_together(model, about, as_of, scores);
    else if (question == MODEL_SIMILAR)
        score_similar(model, about, as_of, scores);
    else if (question == MODEL_FOR_CUSTOMER)
        score_customer(model, about, as_of, scores);
    else
        score_again(model, about, as_of, scores);
}

/* ---- comparing ---- */

static size_t ask(const struct basket_index *index, struct recommend_scratch *scratch,
                  enum model_question question, int about, const struct suggestion_query *query,
                  struct suggestion *out)
{
    size_t count = 0;
    bool ok = false;
    switch (question) {
    case MODEL_TOGETHER:
        ok = recommend_bought_together(index, scratch, query, model_product_id(about), out, &count,
                                       NULL);
        break;
    case MODEL_SIMILAR:
        ok = recommend_similar(index, scratch, query, model_product_id(about), out, &count, NULL);
        break;
    case MODEL_FOR_CUSTOMER:
        ok = recommend_for_customer(index, scratch, query, model_customer_id(about), out, &count,
                                    NULL);
        break;
    case MODEL_AGAIN:
        ok =
            recommend_buy_again(index, scratch, query, model_customer_id(about), out, &count, NULL);
        break;
    case MODEL_TRENDING:
        ok = recommend_trending(index, scratch, query, about, out, &count, NULL);
        break;
    }
    assert_true(ok);
    return count;
}

/* The product at each rank; returns how many have a score. */
static size_t rank(const double *scores, int *ranked)
{
    size_t count = 0;
    for (int j = 0; j < MODEL_PRODUCTS; j++) {
        if (!((float)scores[j] > 0))
            continue;
        size_t at = count++;
        while (at > 0 && (float)scores[ranked[at - 1]] < (float)scores[j]) {
            ranked[at] = ranked[at - 1];
            at--;
        }
        ranked[at] = j;
    }
    return count;
}

static bool nearly(double a, double b)
{
    return fabs(a - b) <= 1e-6 * fmax(fabs(a), fabs(b)) + 1e-30;
}

void model_check(const struct basket_model *model, const struct basket_index *index,
                 struct recommend_scratch *scratch, enum model_question question, int about,
                 int64_t as_of, size_t limit)
{
    double scores[MODEL_PRODUCTS];
    int ranked[MODEL_PRODUCTS];
    struct suggestion found[MODEL_PRODUCTS];
    struct suggestion_query query = {.as_of = as_of, .limit = limit};
    assert_in_range(limit, 1, MODEL_PRODUCTS);
    model_scores(model, question, about, as_of, scores);
    size_t expected = rank(scores, ranked);
    if (expected > limit)
        expected = limit;
    size_t count = ask(index, scratch, question, about, &query, found);
    assert_int_equal(count, expected);
    for (size_t at = 0; at < count; at++) {
        int j = model_product(found[at].product);
        if (!nearly(found[at].score, scores[j]) || !nearly(scores[j], scores[ranked[at]]))
            fail_msg("question %d about %d, rank %zu: p%02d %.9g, the model has p%02d %.9g "
                     "(and %.9g)",
                     (int)question, about, at, j, found[at].score, ranked[at], scores[ranked[at]],
                     scores[j]);
    }
}

void model_check_all(const struct basket_model *model, const struct basket_index *index,
                     struct recommend_scratch *scratch, int64_t as_of)
{
    for (int i = 0; i < MODEL_PRODUCTS; i++) {
        model_check(model, index, scratch, MODEL_TOGETHER, i, as_of, 10);
        model_check(model, index, scratch, MODEL_SIMILAR, i, as_of, MODEL_PRODUCTS);
    }
    for (int c = 0; c < MODEL_CUSTOMERS; c++) {
        model_check(model, index, scratch, MODEL_FOR_CUSTOMER, c, as_of, 20);
        model_check(model, index, scratch, MODEL_AGAIN, c, as_of, 20);
    }
    model_check(model, index, scratch, MODEL_TRENDING, 14, as_of, 20);
    model_check(model, index, scratch, MODEL_TRENDING, 7, as_of, 20);
    model_check(model, index, scratch, MODEL_TRENDING, 30, as_of, MODEL_PRODUCTS);
}

void model_add(struct basket_model *model, struct basket_index *index, int64_t time, int customer,
               const int *products, size_t count)
{
    struct str ids[MODEL_PRODUCTS];
    assert_true(model->count < MODEL_BASKETS && count <= MODEL_PRODUCTS);
    struct model_basket *basket = &model->baskets[model->count];
    *basket = (struct model_basket){.time = time, .customer = customer};
    for (size_t x = 0; x < count; x++) {
        basket->holds[products[x]] = true;
        ids[x] = model_product_id(products[x]);
    }
    struct basket_entry entry = {.key = (int64_t)model->count++,
                                 .time = time,
                                 .customer = model_customer_id(customer),
                                 .products = ids,
                                 .product_count = count};
    assert_true(basket_index_add(index, &entry, NULL));
}
