/*
 * recommendations.c - candidates of the graph, filtered to what can be bought now, with reasons.
 *
 * The graph is asked for more than is wanted; when too few of them can be bought, for more again.
 * All questions of one answer share one request for levels. A graph that is away is replaced by the
 * best sellers of the last 28 days.
 */
#include "services/analytics/recommendation_parts.h"

#include "support/ids.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CANDIDATES_MAX = 400, ROUNDS_MAX = 3, COUNT_MAX = 100 };
#define BEST_SELLER_WINDOW (INT64_C(28) * 86400 * MICROSECONDS)

/* The candidates of one question. */
struct candidates {
    struct recommendation *items;
    struct stored_document *products;
    size_t count;
    bool best_sellers; /* not the graph's */
};

static bool is_about_product(enum recommendation_kind kind)
{
    return kind == RECOMMEND_BOUGHT_TOGETHER || kind == RECOMMEND_SIMILAR;
}

/* ---- asking ---- */

static void send_question(struct call *call, struct recommendation_question *question)
{
    question->request = call_graph(call, GRAPH_RECOMMEND);
    question->request.kind = question->kind;
    question->request.key = question->key;
    question->request.as_of = call_wall(call);
    question->request.limit = question->limit;
    graph_submit(call->shop->graph, &question->request);
}

void recommendations_begin(struct call *call, struct recommendation_question *question,
                           struct dependencies *dependencies)
{
    depend_on(call, dependencies, "recommendations", STR(""));
    question->limit = question->count * 2 + 10;
    question->picks = NULL;
    question->pick_count = 0;
    send_question(call, question);
}

void recommendations_abandon(struct call *call, struct recommendation_question *question)
{
    (void)graph_wait(call->shop->graph, &question->request);
}

static bool best_sellers(struct call *call, const struct recommendation_question *question,
                         struct candidates *candidates, ecommerce_error *err)
{
    struct timeseries_request request = call_timeseries(call, TIMESERIES_RANKING);
    request.to = call_wall(call) + 1;
    request.from = request.to - BEST_SELLER_WINDOW;
    request.dimension = DIMENSION_PRODUCT;
    request.ranking = RANK_BY_UNITS;
    request.limit = question->limit;
    candidates->best_sellers = true;
    ecommerce_error why = {0};
    if (!timeseries_run(call->shop->timeseries, &request, &why)) {
        call_degrade(call, ROLE_TIMESERIES, &why);
        return true;
    }
    candidates->items = arena_array(&call->arena, request.count + 1, sizeof(*candidates->items));
    if (candidates->items == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < request.count; i++) {
        bool itself =
            is_about_product(question->kind) && str_equal(request.sums[i].key, question->key);
        if (!itself) {
            candidates->items[candidates->count++] = (struct recommendation){
                .product_id = request.sums[i].key, .score = (double)request.sums[i].units};
        }
    }
    return true;
}

/* Waits for the graph, or does without it. */
static bool receive(struct call *call, struct recommendation_question *question,
                    struct candidates *candidates, ecommerce_error *err)
{
    *candidates = (struct candidates){0};
    if (!graph_wait(call->shop->graph, &question->request)) {
        call_degrade(call, ROLE_GRAPH, &question->request.base.error);
        return best_sellers(call, question, candidates, err);
    }
    candidates->items = question->request.recommendations;
    candidates->count = question->request.count;
    return true;
}

/* ---- picking ---- */

static bool load_candidates(struct call *call, struct candidates *lists, size_t count,
                            struct dependencies *dependencies, struct stock_levels *levels,
                            ecommerce_error *err)
{
    size_t total = 0, at = 0, line_count = 0;
    for (size_t i = 0; i < count; i++) {
        total += lists[i].count;
    }
    struct str *ids = arena_array(&call->arena, total + 1, sizeof(*ids));
    struct stored_document *products = arena_array(&call->arena, total + 1, sizeof(*products));
    if (ids == NULL || products == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        lists[i].products = products + at;
        for (size_t j = 0; j < lists[i].count; j++) {
            ids[at++] = lists[i].items[j].product_id;
        }
    }
    if (!products_load(call, ids, total, dependencies, products, err)) {
        return false;
    }
    for (size_t i = 0; i < total; i++) {
        line_count += product_sku_count(products[i].doc);
    }
    struct stock_line *lines = arena_array(&call->arena, line_count + 1, sizeof(*lines));
    if (lines == NULL) {
        return error_memory(err);
    }
    at = 0;
    for (size_t i = 0; i < total; i++) {
        product_skus(products[i].doc, lines + at);
        at += product_sku_count(products[i].doc);
    }
    return levels_load(call, lines, line_count, dependencies, levels, err);
}

static bool can_be_bought(struct doc product, const struct stock_levels *levels)
{
    return product.size > 0 && !doc_bool(product, "retired", false) &&
           product_in_stock(product, levels);
}

static bool pick(struct call *call, struct recommendation_question *question,
                 const struct candidates *candidates, const struct stock_levels *levels,
                 const struct recommendation **chosen, ecommerce_error *err)
{
    question->pick_count = 0;
    question->picks = arena_array(&call->arena, question->count + 1, sizeof(*question->picks));
    if (question->picks == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < candidates->count && question->pick_count < question->count; i++) {
        struct doc product = candidates->products[i].doc;
        if (!can_be_bought(product, levels)) {
            continue;
        }
        struct str name = doc_text(product, "name");
        struct doc_value price;
        bool has_price = doc_get(product, "price", &price) && price.type == DOC_INT;
        chosen[question->pick_count] = &candidates->items[i];
        question->picks[question->pick_count++] = (struct recommendation_pick){
            .product_id = candidates->items[i].product_id,
            .name = name.ptr != NULL ? name : candidates->items[i].product_id,
            .price = has_price ? price.integer : 0,
            .has_price = has_price,
            .score = candidates->items[i].score,
        };
    }
    return true;
}

/* ---- reasons ---- */

static bool load_name(struct call *call, struct str id, struct str *name, ecommerce_error *err)
{
    struct stored_document product;
    *name = id;
    if (id.ptr == NULL) {
        return true;
    }
    if (!products_load(call, &id, 1, NULL, &product, err)) {
        return false;
    }
    struct str own = doc_text(product.doc, "name");
    *name = own.ptr != NULL ? own : id;
    return true;
}

static const char *times(int64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

static const char *bought_again(struct call *call, const struct recommendation *item)
{
    struct local_time day;
    timezone_local(call->shop->zone, item->last_bought, &day);
    return arena_printf(&call->arena, "bought in %" PRId64 " %s, last on %04" PRId64 "-%02d-%02d",
                        item->own_orders, times(item->own_orders, "order", "orders"), day.year,
                        day.month, day.day);
}

/* `other`: the name of the product it goes with. */
static const char *reason_of(struct call *call, const struct recommendation_question *question,
                             const struct recommendation *item, struct str other)
{
    const char *baskets = times(item->baskets, "basket", "baskets");
    switch (question->kind) {
    case RECOMMEND_BOUGHT_TOGETHER:
    case RECOMMEND_SIMILAR:
        if (item->baskets > 0) {
            return question->kind == RECOMMEND_BOUGHT_TOGETHER
                       ? arena_printf(&call->arena, "bought with %.*s in %" PRId64 " %s",
                                      STR_ARG(other), item->baskets, baskets)
                       : arena_printf(&call->arena, "similar to %.*s, with it in %" PRId64 " %s",
                                      STR_ARG(other), item->baskets, baskets);
        }
        break;
    case RECOMMEND_FOR_CUSTOMER:
        if (item->own_orders > 0) {
            return arena_printf(&call->arena, "bought before in %" PRId64 " %s", item->own_orders,
                                times(item->own_orders, "order", "orders"));
        }
        if (other.ptr != NULL) {
            return arena_printf(&call->arena, "goes with %.*s", STR_ARG(other));
        }
        break;
    case RECOMMEND_BUY_AGAIN:
        if (item->own_orders > 0) {
            return bought_again(call, item);
        }
        break;
    case RECOMMEND_TRENDING:
        if (item->baskets > 0) {
            return arena_printf(&call->arena, "in %" PRId64 " %s of late", item->baskets, baskets);
        }
        break;
    }
    return "popular now";
}

static bool add_reasons(struct call *call, struct recommendation_question *question,
                        const struct candidates *candidates,
                        const struct recommendation *const *chosen, ecommerce_error *err)
{
    if (is_about_product(question->kind) && question->key_name.ptr == NULL &&
        !load_name(call, question->key, &question->key_name, err)) {
        return false;
    }
    for (size_t i = 0; i < question->pick_count; i++) {
        struct str other = question->key_name;
        if (!is_about_product(question->kind) &&
            !load_name(call, chosen[i]->because_of, &other, err)) {
            return false;
        }
        const char *reason = candidates->best_sellers ? "among the best sellers of the last 28 days"
                                                      : reason_of(call, question, chosen[i], other);
        if (reason == NULL) {
            return error_memory(err);
        }
        question->picks[i].reason = str_of(reason);
    }
    return true;
}

/* ---- all of it ---- */

/* Too few, and the graph may have more. */
static bool wants_more(const struct recommendation_question *question,
                       const struct candidates *candidates)
{
    return question->pick_count < question->count && !candidates->best_sellers &&
           candidates->count >= question->limit && question->limit < CANDIDATES_MAX;
}

/* One round over those questions that are open. */
static bool run_round(struct call *call, struct recommendation_question **open, size_t count,
                      struct candidates *lists, struct dependencies *dependencies,
                      ecommerce_error *err)
{
    struct stock_levels levels;
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        if (ok) {
            ok = receive(call, open[i], &lists[i], err);
        } else {
            recommendations_abandon(call, open[i]);
        }
    }
    ok = ok && load_candidates(call, lists, count, dependencies, &levels, err);
    for (size_t i = 0; i < count && ok; i++) {
        const struct recommendation **chosen =
            arena_array(&call->arena, open[i]->count + 1, sizeof(*chosen));
        ok = chosen != NULL || error_memory(err);
        ok = ok && pick(call, open[i], &lists[i], &levels, chosen, err) &&
             add_reasons(call, open[i], &lists[i], chosen, err);
    }
    return ok;
}

bool recommendations_finish(struct call *call, struct recommendation_question *questions,
                            size_t count, struct dependencies *dependencies, ecommerce_error *err)
{
    struct recommendation_question **open = arena_array(&call->arena, count + 1, sizeof(*open));
    struct candidates *lists = arena_array(&call->arena, count + 1, sizeof(*lists));
    if (open == NULL || lists == NULL) {
        for (size_t i = 0; i < count; i++) {
            recommendations_abandon(call, &questions[i]);
        }
        return error_memory(err);
    }
    size_t open_count = count;
    for (size_t i = 0; i < count; i++) {
        open[i] = &questions[i];
    }
    for (int round = 1; open_count > 0; round++) {
        if (!run_round(call, open, open_count, lists, dependencies, err)) {
            return false;
        }
        size_t kept = 0;
        for (size_t i = 0; i < open_count && round < ROUNDS_MAX; i++) {
            if (wants_more(open[i], &lists[i])) {
                open[kept++] = open[i];
            }
        }
        open_count = kept;
        for (size_t i = 0; i < open_count; i++) {
            size_t limit = open[i]->limit * 4;
            open[i]->limit = limit < CANDIDATES_MAX ? limit : CANDIDATES_MAX;
            send_question(call, open[i]);
        }
    }
    return true;
}

void recommendations_write(struct call *call, struct doc_builder *out, const char *name,
                           const struct recommendation_question *question)
{
    doc_open_array(out, name);
    for (size_t i = 0; i < question->pick_count; i++) {
        const struct recommendation_pick *item = &question->picks[i];
        doc_open(out, NULL);
        doc_add_text(out, "product_id", item->product_id);
        doc_add_text(out, "name", item->name);
        if (item->has_price) {
            doc_add_money(out, "price", item->price, &call->shop->currency);
        }
        doc_add_double(out, "score", item->score);
        doc_add_text(out, "reason", item->reason);
        doc_close(out);
    }
    doc_close(out);
}

bool recommendations_add(struct call *call, const char *name, enum recommendation_kind kind,
                         struct str key, size_t count, ecommerce_error *err)
{
    struct recommendation_question question = {.kind = kind, .key = key, .count = count};
    recommendations_begin(call, &question, NULL);
    if (!recommendations_finish(call, &question, 1, NULL, err)) {
        return false;
    }
    recommendations_write(call, call->out, name, &question);
    return true;
}

/* ---- the operation ---- */

static bool kind_of(struct str text, enum recommendation_kind *kind, ecommerce_error *err)
{
    static const struct {
        const char *name, *other;
        enum recommendation_kind kind;
    } kinds[] = {
        {"bought_together", "bought-together", RECOMMEND_BOUGHT_TOGETHER},
        {"similar", "similar", RECOMMEND_SIMILAR},
        {"for_customer", "for-customer", RECOMMEND_FOR_CUSTOMER},
        {"buy_again", "buy-again", RECOMMEND_BUY_AGAIN},
        {"trending", "trending", RECOMMEND_TRENDING},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (str_is(text, kinds[i].name) || str_is(text, kinds[i].other)) {
            *kind = kinds[i].kind;
            return true;
        }
    }
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "kind",
                       "'%.*s' is none of bought_together, similar, for_customer, buy_again, "
                       "trending",
                       STR_ARG(text));
}

static bool check_product(struct call *call, struct str id, ecommerce_error *err)
{
    struct stored_document product;
    if (!id_check(id, "product_id", err) || !products_load(call, &id, 1, NULL, &product, err)) {
        return false;
    }
    return product.doc.size > 0 || error_field(err, ECOMMERCE_UNKNOWN_PRODUCT, "product_id",
                                               "no product has the id '%.*s'", STR_ARG(id));
}

static bool check_customer(struct call *call, struct str id, ecommerce_error *err)
{
    struct stored_document customer;
    bool found;
    if (!id_check(id, "customer_id", err) ||
        !call_get(call, COLLECTION_CUSTOMERS, id, false, &customer, &found, err)) {
        return false;
    }
    return (found && !doc_bool(customer.doc, "erased", false)) ||
           error_field(err, ECOMMERCE_UNKNOWN_CUSTOMER, "customer_id",
                       "no customer has the id '%.*s'", STR_ARG(id));
}

static bool check_key(struct call *call, enum recommendation_kind kind, struct str key,
                      ecommerce_error *err)
{
    if (is_about_product(kind)) {
        return check_product(call, key, err);
    }
    if (kind != RECOMMEND_TRENDING) {
        return check_customer(call, key, err);
    }
    return key.ptr == NULL || error_field(err, ECOMMERCE_INVALID_ARGUMENT, "key",
                                          "what is trending is about nobody in particular");
}

bool recommendations_get(struct call *call, struct str kind, struct str key, size_t count,
                         ecommerce_error *err)
{
    enum recommendation_kind which = RECOMMEND_TRENDING;
    if (!kind_of(kind, &which, err)) {
        return false;
    }
    if (count > COUNT_MAX) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "count",
                           "at most %d recommendations are given", COUNT_MAX);
    }
    if (count == 0) {
        count = (size_t)settings_int(call->shop->settings, SETTING_RECOMMENDATIONS_COUNT);
    }
    if (!check_key(call, which, key, err)) {
        return false;
    }
    doc_add_text(call->out, "kind", kind);
    return recommendations_add(call, "recommendations", which, key, count, err);
}
