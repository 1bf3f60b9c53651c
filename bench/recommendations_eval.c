/* recommendations_eval.c - learns the first baskets, asks about the others, compares. */
#include "bench/recommendations_eval.h"

#include "db_managers/embedded/graph/basket_index.h"
#include "support/alloc.h"
#include "support/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ALSO_LENGTH = 10, FOR_LENGTH = 20, LONGEST = 20 };

/* So long a window that nothing decays. */
static const double FOREVER = 1e9;
/* Window of the "recent popularity" that everything has to beat. */
static const double POPULARITY_DAYS = 30;

/* ---- what is compared ---- */

enum answer_kind { TRENDING, SIMILAR, TOGETHER, AGAIN, BLEND };

struct method {
    const char *name;
    enum answer_kind kind;
    void (*adjust)(struct recommendation_parameters *parameters); /* NULL: the defaults */
};

/* What is left of the formulas without decay, damping and prior are the well-known simple methods.
 */
static void adjust_cosine(struct recommendation_parameters *parameters)
{
    parameters->similar_days = FOREVER;
    parameters->similar_size_power = 0;
}

static void adjust_count(struct recommendation_parameters *parameters)
{
    parameters->walk_days = FOREVER;
    parameters->walk_size_power = 0;
    parameters->walk_damping = 0;
    parameters->walk_prior = 0;
}

static void adjust_frequency(struct recommendation_parameters *parameters)
{
    parameters->again_own_days = FOREVER;
    parameters->again_floor = 0;
    parameters->again_power = 0;
}

static const struct method also_methods[ALSO_METHODS] = {
    [ALSO_POPULARITY] = {"recent popularity", TRENDING, NULL},
    [ALSO_COSINE] = {"cosine", SIMILAR, adjust_cosine},
    [ALSO_COUNT] = {"co-occurrence count", TOGETHER, adjust_count},
    [ALSO_SIMILAR] = {"similar", SIMILAR, NULL},
    [ALSO_TOGETHER] = {"bought together", TOGETHER, NULL},
};

static const struct method for_methods[FOR_METHODS] = {
    [FOR_POPULARITY] = {"recent popularity", TRENDING, NULL},
    [FOR_FREQUENCY] = {"own frequency", AGAIN, adjust_frequency},
    [FOR_AGAIN] = {"buy again", AGAIN, NULL},
    [FOR_BLEND] = {"for a customer", BLEND, NULL},
};

/* An answer as the file's product numbers. */
struct list {
    uint32_t products[LONGEST];
    size_t count;
};

struct trial {
    const struct retail_baskets *all;
    size_t learnt; /* baskets before this one */
    struct basket_index *index;
    struct recommend_scratch *scratch;
    struct list *answers; /* by product: also bought with it */
    double *micros;       /* what each answer took */
    size_t asked;
    bool *known;    /* by product: in a basket learnt */
    bool *wanted;   /* by product: what the test holds; false between questions */
    bool *excluded; /* by product: not to be suggested; likewise */
    ecommerce_error *err;
};

/* ---- learning and asking ---- */

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static bool learn_basket(struct trial *trial, size_t number, struct str *products)
{
    const struct retail_baskets *all = trial->all;
    const struct retail_basket *basket = &all->baskets[number];
    for (size_t x = 0; x < basket->count; x++)
        products[x] = all->products[all->lines[basket->first + x]];
    struct basket_entry entry = {.key = (int64_t)number,
                                 .time = basket->time,
                                 .customer = all->customers[basket->customer],
                                 .products = products,
                                 .product_count = basket->count};
    return basket_index_add(trial->index, &entry, trial->err);
}

/* Makes index and scratch anew for a method. */
static bool learn(struct trial *trial, const struct method *method)
{
    struct recommendation_parameters parameters = recommendation_defaults;
    if (method->adjust)
        method->adjust(&parameters);
    trial->asked = 0;
    basket_index_free(&trial->index);
    recommend_scratch_free(&trial->scratch);
    trial->index = basket_index_new(&parameters, trial->err);
    if (!trial->index)
        return false;
    trial->scratch = recommend_scratch_new();
    struct str *products = mem_alloc((trial->all->product_count + 1) * sizeof *products);
    bool ok = (trial->scratch && products) || error_memory(trial->err);
    for (size_t b = 0; ok && b < trial->learnt; b++)
        ok = learn_basket(trial, b, products);
    mem_free(products);
    return ok;
}

static bool not_excluded(void *context, struct str product)
{
    const struct trial *trial = context;
    return !trial->excluded[retail_baskets_product(trial->all, product)];
}

static bool recommend(struct trial *trial, enum answer_kind kind,
                      const struct suggestion_query *query, struct str key, struct suggestion *out,
                      size_t *count)
{
    const struct basket_index *index = trial->index;
    struct recommend_scratch *scratch = trial->scratch;
    switch (kind) {
    case TRENDING:
        return recommend_trending(index, scratch, query, POPULARITY_DAYS, out, count, trial->err);
    case SIMILAR:
        return recommend_similar(index, scratch, query, key, out, count, trial->err);
    case TOGETHER:
        return recommend_bought_together(index, scratch, query, key, out, count, trial->err);
    case AGAIN:
        return recommend_buy_again(index, scratch, query, key, out, count, trial->err);
    case BLEND:
        break;
    }
    return recommend_for_customer(index, scratch, query, key, out, count, trial->err);
}

static bool ask(struct trial *trial, enum answer_kind kind, struct str key, size_t limit,
                struct list *list)
{
    struct suggestion found[LONGEST];
    struct suggestion_query query = {.as_of = basket_index_newest(trial->index),
                                     .limit = limit,
                                     .accept = not_excluded,
                                     .context = trial};
    double began = now_us();
    if (!recommend(trial, kind, &query, key, found, &list->count))
        return false;
    trial->micros[trial->asked++] = now_us() - began;
    for (size_t at = 0; at < list->count; at++)
        list->products[at] = retail_baskets_product(trial->all, found[at].product);
    return true;
}

/* ---- judging ---- */

struct verdict {
    double hit, recall, ndcg;
};

/* Binary relevance; the best possible gain is that of min(length, wanted) hits at the top. */
static struct verdict judge(const struct trial *trial, const struct list *list, size_t wanted,
                            size_t length)
{
    size_t hits = 0;
    double gain = 0, best = 0;
    for (size_t at = 0; at < list->count; at++)
        if (trial->wanted[list->products[at]]) {
            hits++;
            gain += 1 / log2((double)at + 2);
        }
    for (size_t at = 0; at < length && at < wanted; at++)
        best += 1 / log2((double)at + 2);
    return (struct verdict){hits > 0, (double)hits / (double)wanted, gain / best};
}

static void count_verdict(struct recommendation_figures *figures, struct verdict verdict)
{
    figures->questions++;
    figures->hit_rate += verdict.hit;
    figures->recall += verdict.recall;
    figures->ndcg += verdict.ndcg;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sums to means. */
static void conclude(struct trial *trial, struct recommendation_figures *figures)
{
    double n = figures->questions ? (double)figures->questions : 1, sum = 0;
    figures->hit_rate /= n;
    figures->recall /= n;
    figures->ndcg /= n;
    if (trial->asked == 0)
        return;
    qsort(trial->micros, trial->asked, sizeof *trial->micros, by_value);
    for (size_t at = 0; at < trial->asked; at++)
        sum += trial->micros[at];
    figures->mean_us = sum / (double)trial->asked;
    figures->p99_us = trial->micros[trial->asked * 99 / 100];
}

/* ---- also bought ---- */

static bool answer_all_products(struct trial *trial, const struct method *method)
{
    const struct retail_baskets *all = trial->all;
    for (uint32_t i = 0; i < all->product_count; i++) {
        if (!trial->known[i])
            continue;
        trial->excluded[i] = true; /* popularity does not know what it is asked about */
        bool ok = ask(trial, method->kind, all->products[i], ALSO_LENGTH, &trial->answers[i]);
        trial->excluded[i] = false;
        if (!ok)
            return false;
    }
    return true;
}

static void judge_basket(struct trial *trial, const struct retail_basket *basket,
                         struct recommendation_figures *figures)
{
    const uint32_t *lines = trial->all->lines + basket->first;
    for (size_t x = 0; x < basket->count; x++)
        trial->wanted[lines[x]] = true;
    for (size_t x = 0; x < basket->count && basket->count >= 2; x++) {
        if (!trial->known[lines[x]])
            continue;
        trial->wanted[lines[x]] = false;
        count_verdict(figures,
                      judge(trial, &trial->answers[lines[x]], basket->count - 1, ALSO_LENGTH));
        trial->wanted[lines[x]] = true;
    }
    for (size_t x = 0; x < basket->count; x++)
        trial->wanted[lines[x]] = false;
}

static bool evaluate_also(struct trial *trial, const struct method *method,
                          struct recommendation_figures *figures)
{
    if (!learn(trial, method) || !answer_all_products(trial, method))
        return false;
    for (size_t b = trial->learnt; b < trial->all->basket_count; b++)
        judge_basket(trial, &trial->all->baskets[b], figures);
    conclude(trial, figures);
    return true;
}

/* ---- for a customer ---- */

/* Sets or clears `flags` for the products of the customer's baskets from `first` to before `end`;
 * returns how many flags changed. */
static size_t flag_purchases(const struct trial *trial, uint32_t customer, size_t first, size_t end,
                             bool *flags, bool value)
{
    size_t changed = 0;
    for (size_t b = first; b < end; b++) {
        const struct retail_basket *basket = &trial->all->baskets[b];
        if (basket->customer != customer)
            continue;
        for (size_t x = 0; x < basket->count; x++) {
            uint32_t j = trial->all->lines[basket->first + x];
            changed += flags[j] != value;
            flags[j] = value;
        }
    }
    return changed;
}

/* Only products never bought before are wanted, and none else suggested. */
static bool judge_novel(struct trial *trial, const struct method *method, uint32_t customer,
                        struct recommendation_figures *figures)
{
    size_t wanted = 0;
    struct list list;
    flag_purchases(trial, customer, 0, trial->learnt, trial->excluded, true);
    flag_purchases(trial, customer, 0, trial->learnt, trial->wanted, false);
    for (size_t j = 0; j < trial->all->product_count; j++)
        wanted += trial->wanted[j];
    bool ok =
        wanted == 0 || ask(trial, method->kind, trial->all->customers[customer], FOR_LENGTH, &list);
    if (ok && wanted)
        count_verdict(figures, judge(trial, &list, wanted, FOR_LENGTH));
    flag_purchases(trial, customer, 0, trial->learnt, trial->excluded, false);
    return ok;
}

static bool judge_customer(struct trial *trial, const struct method *method, uint32_t customer,
                           struct recommendation_figures *figures,
                           struct recommendation_figures *novel)
{
    size_t end = trial->all->basket_count;
    struct list list;
    size_t before = flag_purchases(trial, customer, 0, trial->learnt, trial->excluded, true);
    flag_purchases(trial, customer, 0, trial->learnt, trial->excluded, false);
    size_t wanted = flag_purchases(trial, customer, trial->learnt, end, trial->wanted, true);
    bool ok = true;
    if (before && wanted) {
        ok = ask(trial, method->kind, trial->all->customers[customer], FOR_LENGTH, &list);
        if (ok) {
            count_verdict(figures, judge(trial, &list, wanted, FOR_LENGTH));
            ok = judge_novel(trial, method, customer, novel);
        }
    }
    flag_purchases(trial, customer, trial->learnt, end, trial->wanted, false);
    return ok;
}

static bool evaluate_for(struct trial *trial, const struct method *method,
                         struct recommendation_figures *figures)
{
    struct recommendation_figures novel = {0};
    if (!learn(trial, method))
        return false;
    for (uint32_t c = 0; c < trial->all->customer_count; c++)
        if (!judge_customer(trial, method, c, figures, &novel))
            return false;
    conclude(trial, figures);
    if (novel.questions)
        figures->novel_ndcg = novel.ndcg / (double)novel.questions;
    return true;
}

/* ---- the whole ---- */

static bool trial_prepare(struct trial *trial)
{
    const struct retail_baskets *all = trial->all;
    size_t products = all->product_count + 1;
    size_t questions = products + 2 * all->customer_count;
    trial->learnt = (size_t)round(0.8 * (double)all->basket_count);
    trial->answers = mem_zalloc(products, sizeof *trial->answers);
    trial->micros = mem_zalloc(questions, sizeof *trial->micros);
    trial->known = mem_zalloc(products, sizeof *trial->known);
    trial->wanted = mem_zalloc(products, sizeof *trial->wanted);
    trial->excluded = mem_zalloc(products, sizeof *trial->excluded);
    if (!trial->answers || !trial->micros || !trial->known || !trial->wanted || !trial->excluded)
        return error_memory(trial->err);
    for (size_t b = 0; b < trial->learnt; b++)
        for (size_t x = 0; x < all->baskets[b].count; x++)
            trial->known[all->lines[all->baskets[b].first + x]] = true;
    return true;
}

static void trial_release(struct trial *trial)
{
    basket_index_free(&trial->index);
    recommend_scratch_free(&trial->scratch);
    mem_free(trial->answers);
    mem_free(trial->micros);
    mem_free(trial->known);
    mem_free(trial->wanted);
    mem_free(trial->excluded);
}

static bool measure_building(struct trial *trial, struct recommendation_evaluation *evaluation)
{
    double began = now_us();
    if (!learn(trial, &also_methods[ALSO_TOGETHER]))
        return false;
    evaluation->build_seconds = (now_us() - began) / 1e6;
    evaluation->learnt_size = basket_index_size(trial->index);
    return true;
}

bool recommendations_evaluate(const struct retail_baskets *all,
                              struct recommendation_evaluation *evaluation, ecommerce_error *err)
{
    struct trial trial = {.all = all, .err = err};
    *evaluation = (struct recommendation_evaluation){0};
    bool ok = trial_prepare(&trial) && measure_building(&trial, evaluation);
    for (size_t m = 0; ok && m < ALSO_METHODS; m++) {
        evaluation->also[m].name = also_methods[m].name;
        ok = evaluate_also(&trial, &also_methods[m], &evaluation->also[m]);
    }
    for (size_t m = 0; ok && m < FOR_METHODS; m++) {
        evaluation->customer[m].name = for_methods[m].name;
        ok = evaluate_for(&trial, &for_methods[m], &evaluation->customer[m]);
    }
    trial_release(&trial);
    return ok;
}

size_t recommendation_aims(const struct recommendation_evaluation *evaluation,
                           struct recommendation_aim aims[RECOMMENDATION_AIMS])
{
    const struct recommendation_figures *also = &evaluation->also[ALSO_TOGETHER];
    const struct recommendation_figures *customer = &evaluation->customer[FOR_BLEND];
    const struct recommendation_aim all[RECOMMENDATION_AIMS] = {
        {"bought together: hit rate", also->hit_rate, 0.773},
        {"bought together: NDCG", also->ndcg, 0.248},
        {"for a customer: recall", customer->recall, 0.244},
        {"for a customer: NDCG", customer->ndcg, 0.353},
        {"for a customer: novel NDCG", customer->novel_ndcg, 0.108},
    };
    size_t missed = 0;
    for (size_t a = 0; a < RECOMMENDATION_AIMS; a++) {
        aims[a] = all[a];
        missed += !(all[a].reached >= all[a].least);
    }
    return missed;
}

/* ---- telling ---- */

static void print_table(const char *title, size_t length,
                        const struct recommendation_figures *figures, size_t count, bool novel)
{
    printf("\n%s, at %zu, %zu questions\n%-22s %6s %7s %6s %6s %9s %9s\n", title, length,
           figures->questions, "", "HR", "recall", "NDCG", novel ? "novel" : "", "mean us",
           "p99 us");
    for (size_t m = 0; m < count; m++) {
        printf("%-22s %6.4f %7.4f %6.4f ", figures[m].name, figures[m].hit_rate, figures[m].recall,
               figures[m].ndcg);
        if (novel)
            printf("%6.4f", figures[m].novel_ndcg);
        else
            printf("%6s", "");
        printf(" %9.1f %9.1f\n", figures[m].mean_us, figures[m].p99_us);
    }
}

void recommendations_print(const struct retail_baskets *all,
                           const struct recommendation_evaluation *evaluation)
{
    struct basket_index_size size = evaluation->learnt_size;
    printf("%zu baskets, %zu lines, %zu products, %zu customers\n", all->basket_count,
           all->line_count, all->product_count, all->customer_count);
    printf("learnt %zu baskets, %zu lines in %.3f s: %.1f MB\n", size.baskets, size.lines,
           evaluation->build_seconds, (double)size.bytes / 1e6);
    print_table("also bought", ALSO_LENGTH, evaluation->also, ALSO_METHODS, false);
    print_table("for a customer", FOR_LENGTH, evaluation->customer, FOR_METHODS, true);
}

int bench_recommendations(const char *csv_path)
{
    struct retail_baskets all;
    struct recommendation_evaluation evaluation;
    struct recommendation_aim aims[RECOMMENDATION_AIMS];
    ecommerce_error err = {0};
    if (!retail_baskets_load(&all, csv_path, &err)) {
        fprintf(stderr, "%s: %s\n", csv_path, err.message);
        return 1;
    }
    bool ok = recommendations_evaluate(&all, &evaluation, &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.message);
    else
        recommendations_print(&all, &evaluation);
    retail_baskets_release(&all);
    if (!ok)
        return 1;
    size_t missed = recommendation_aims(&evaluation, aims);
    printf("\n");
    for (size_t a = 0; a < RECOMMENDATION_AIMS; a++)
        printf("%-28s %.4f, at least %.3f: %s\n", aims[a].name, aims[a].reached, aims[a].least,
               aims[a].reached >= aims[a].least ? "reached" : "MISSED");
    return missed ? 1 : 0;
}
