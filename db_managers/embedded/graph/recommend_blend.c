/* recommend_blend.c - what a customer may want: the blend of own, near and popular, and buy again.
 */
#include "db_managers/embedded/graph/recommend_parts.h"

#include "support/error.h"

#include <assert.h>

/* ---- what the customer bought ---- */

static void collect_basket(struct recommend_scratch *scratch, const struct basket_index *index,
                           const struct basket *basket, double weight)
{
    for (size_t x = 0; x < basket->size; x++) {
        uint32_t j = index->lines[basket->first + x];
        struct own_entry *own = &scratch->own[j];
        if (own->count == 0) {
            own->last = basket->time;
            scratch->bought[scratch->bought_count++] = j;
        }
        own->weight += weight;
        own->count++;
        if (basket->time > own->last)
            own->last = basket->time;
    }
}

/* Fills own and bought with the customer's purchases, decayed over `days`. */
static void own_collect(const struct view *view, struct recommend_scratch *scratch,
                        uint32_t customer, double days)
{
    const struct basket_index *index = view->index;
    uint32_t b = index->customers[customer].newest;
    for (; b != NO_NUMBER; b = index->baskets[b].earlier) {
        const struct basket *basket = &index->baskets[b];
        if (basket->size && view_has(view, basket))
            collect_basket(scratch, index, basket, decay(basket->time, view->as_of, days));
    }
}

static void own_clear(struct recommend_scratch *scratch)
{
    for (size_t x = 0; x < scratch->bought_count; x++)
        scratch->own[scratch->bought[x]] = (struct own_entry){0};
    scratch->bought_count = 0;
}

/* ---- what is near to it ---- */

static void reach(const struct question *question, uint32_t from, uint32_t j, double weight)
{
    struct recommend_scratch *scratch = question->scratch;
    struct near_entry *near = &scratch->near[j];
    if (!(weight > 0))
        return;
    if (near->weight == 0) {
        near->from = NO_NUMBER;
        scratch->reached[scratch->reached_count++] = j;
    }
    near->weight += weight;
    if (from == j)
        return;
    struct candidate most = {(float)near->most, near->from}, here = {(float)weight, from};
    if (near->from == NO_NUMBER || candidate_before(question->view->index->products, here, most)) {
        near->most = weight;
        near->from = from;
    }
}

/* Fills near: each product bought spreads the root of its own share over its nearest ones. */
static void near_collect(const struct question *question, double own_total)
{
    struct recommend_scratch *scratch = question->scratch;
    for (size_t x = 0; x < scratch->bought_count; x++) {
        uint32_t i = scratch->bought[x];
        const struct neighbour *row;
        size_t count = neighbours_of(question->view, scratch, i, &row);
        double sum = 0;
        for (size_t at = 0; at < count; at++)
            sum += similarity(question->view, &row[at]);
        double spread = sum > 0 ? sqrt(scratch->own[i].weight / own_total) / sum : 0;
        for (size_t at = 0; spread > 0 && at < count; at++)
            reach(question, i, row[at].product, spread * similarity(question->view, &row[at]));
    }
}

static void near_clear(struct recommend_scratch *scratch)
{
    for (size_t x = 0; x < scratch->reached_count; x++)
        scratch->near[scratch->reached[x]] = (struct near_entry){0};
    scratch->reached_count = 0;
}

/* ---- the blend ---- */

/* What the three parts are multiplied by to be shares. */
struct blend_scales {
    double own, near, popular;
    double greatest; /* max p / p: what sums[].popular is divided by in the last factor */
};

static struct blend_scales blend_scales_of(const struct question *question)
{
    const struct view *view = question->view;
    const struct recommend_scratch *scratch = question->scratch;
    double own = 0, near = 0, greatest = 0;
    for (size_t x = 0; x < scratch->bought_count; x++)
        own += scratch->own[scratch->bought[x]].weight;
    for (size_t x = 0; x < scratch->reached_count; x++)
        near += scratch->near[scratch->reached[x]].weight;
    for (size_t j = 0; j < view->index->product_count; j++)
        if (view->sums[j].popular > greatest)
            greatest = view->sums[j].popular;
    return (struct blend_scales){
        .own = own > 0 ? 1 / own : 0,
        .near = near > 0 ? view->index->parameters.blend_near / near : 0,
        .popular = view->index->parameters.blend_popular * view_share_scale(view),
        .greatest = greatest > 0 ? 1 / greatest : 0,
    };
}

static void offer_blend(const struct question *question, struct ranking *ranking)
{
    const struct view *view = question->view;
    const struct recommend_scratch *scratch = question->scratch;
    const struct recommendation_parameters *p = &view->index->parameters;
    struct blend_scales scales = blend_scales_of(question);
    double most_factor = pow(1 + p->blend_floor, p->blend_power);
    for (uint32_t j = 0; j < view->index->product_count; j++) {
        const struct product_sums *sums = &view->sums[j];
        double parts = scratch->own[j].weight * scales.own + scratch->near[j].weight * scales.near +
                       sums->popular * scales.popular;
        /* The power is dear, and most products are out of the question without it. */
        if (parts * most_factor <= ranking->threshold)
            continue;
        double factor = pow(sums->popular * scales.greatest + p->blend_floor, p->blend_power);
        ranking_offer(ranking, j, parts * factor);
    }
}

static uint32_t together_of(const struct view *view, struct recommend_scratch *scratch, uint32_t i,
                            uint32_t j)
{
    marks_set(view, scratch, i);
    uint32_t together = marks_count(view, scratch, j);
    marks_clear(view, scratch, i);
    return together;
}

static void add_own(const struct question *question, uint32_t j, struct suggestion *out)
{
    const struct own_entry *own = &question->scratch->own[j];
    if (own->count == 0)
        return;
    out->own_baskets = own->count;
    out->own_last = own->last;
}

static void fill_blend(const struct question *question, struct suggestion *out, size_t count)
{
    struct recommend_scratch *scratch = question->scratch;
    struct blend_scales scales = blend_scales_of(question);
    for (size_t at = 0; at < count; at++) {
        uint32_t j = scratch->accepted[at].product;
        const struct near_entry *near = &scratch->near[j];
        double own = scratch->own[j].weight * scales.own;
        double popular = question->view->sums[j].popular * scales.popular;
        double nearness = near->weight * scales.near;
        out[at] = suggestion_of(question->view, scratch->accepted[at]);
        add_own(question, j, &out[at]);
        if (own > 0 && own >= nearness && own >= popular)
            out[at].reason = SUGGESTED_OWN;
        else if (nearness > 0 && nearness >= popular && near->from != NO_NUMBER) {
            out[at].reason = SUGGESTED_NEAR;
            out[at].because_of = question->view->index->products[near->from].id;
            out[at].together = together_of(question->view, scratch, near->from, j);
        }
    }
}

static bool answer_blend(const struct question *question, struct suggestion *out, size_t *count)
{
    struct recommend_scratch *scratch = question->scratch;
    double own_total = 0;
    for (size_t x = 0; x < scratch->bought_count; x++)
        own_total += scratch->own[scratch->bought[x]].weight;
    near_collect(question, own_total);
    bool ok = question_answer(question, count);
    if (ok)
        fill_blend(question, out, *count);
    near_clear(scratch);
    return ok;
}

/* ---- buy again ---- */

static void offer_again(const struct question *question, struct ranking *ranking)
{
    const struct view *view = question->view;
    const struct recommend_scratch *scratch = question->scratch;
    const struct recommendation_parameters *p = &view->index->parameters;
    for (size_t x = 0; x < scratch->bought_count; x++) {
        uint32_t j = scratch->bought[x];
        ranking_offer(ranking, j,
                      (scratch->own[j].weight + p->again_floor) *
                          pow(view->sums[j].trend * question->scale, p->again_power));
    }
}

static bool answer_again(struct question *question, struct suggestion *out, size_t *count)
{
    const struct view *view = question->view;
    double greatest = 0;
    for (size_t j = 0; j < view->index->product_count; j++)
        if (view->sums[j].trend > greatest)
            greatest = view->sums[j].trend;
    question->scale = greatest > 0 ? 1 / greatest : 0;
    if (!question_answer(question, count))
        return false;
    for (size_t at = 0; at < *count; at++) {
        out[at] = suggestion_of(view, question->scratch->accepted[at]);
        out[at].reason = SUGGESTED_OWN;
        add_own(question, question->scratch->accepted[at].product, &out[at]);
    }
    return true;
}

/* ---- the questions ---- */

static bool ask(const struct basket_index *index, struct recommend_scratch *scratch,
                const struct suggestion_query *query, struct str id, bool again,
                struct suggestion *out, size_t *count)
{
    const struct recommendation_parameters *p = &index->parameters;
    struct view view;
    *count = 0;
    if (!view_open(&view, index, scratch, query->as_of, p->popular_days) ||
        (!again && !neighbours_prepare(scratch)))
        return false;
    uint32_t customer = basket_index_customer(index, id);
    if (customer != NO_NUMBER)
        own_collect(&view, scratch, customer, again ? p->again_own_days : p->blend_own_days);
    if (scratch->bought_count == 0)
        return answer_trending(&view, scratch, query, out, count);
    struct question question = {.view = &view,
                                .scratch = scratch,
                                .query = query,
                                .offer = again ? offer_again : offer_blend,
                                .about = NO_NUMBER};
    bool ok = again ? answer_again(&question, out, count) : answer_blend(&question, out, count);
    own_clear(scratch);
    return ok;
}

bool recommend_for_customer(const struct basket_index *index, struct recommend_scratch *scratch,
                            const struct suggestion_query *query, struct str customer,
                            struct suggestion *out, size_t *count, ecommerce_error *err)
{
    assert(index && scratch && query && count);
    return ask(index, scratch, query, customer, false, out, count) || error_memory(err);
}

bool recommend_buy_again(const struct basket_index *index, struct recommend_scratch *scratch,
                         const struct suggestion_query *query, struct str customer,
                         struct suggestion *out, size_t *count, ecommerce_error *err)
{
    assert(index && scratch && query && count);
    return ask(index, scratch, query, customer, true, out, count) || error_memory(err);
}
