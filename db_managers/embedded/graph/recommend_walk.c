/* recommend_walk.c - one hop over the baskets of a product: bought together, and similar. */
#include "db_managers/embedded/graph/recommend_parts.h"

#include "support/error.h"

#include <assert.h>

/* ---- the hop ---- */

/* In a view of the past, weights are computed as of then: the kept ones are relative to a later
 * origin, where they may be zero. */
static double past_weight(const struct view *view, const struct basket *basket, enum hop_kind kind)
{
    const struct recommendation_parameters *p = &view->index->parameters;
    if (basket->time > view->as_of)
        return 0;
    if (kind == HOP_WALK)
        return pow(basket->size, -p->walk_size_power) *
               decay(basket->time, view->as_of, p->walk_days);
    return pow(basket->size, -p->similar_size_power) *
           decay(basket->time, view->as_of, p->similar_days);
}

static inline double weight_of(const struct view *view, const struct basket *basket,
                               enum hop_kind kind)
{
    if (view->past)
        return past_weight(view, basket, kind);
    return kind == HOP_WALK ? basket->walk_weight : basket->similar_weight;
}

double hop_from(const struct view *view, struct recommend_scratch *scratch, uint32_t i,
                enum hop_kind kind)
{
    const struct basket_index *index = view->index;
    const struct product *product = &index->products[i];
    double *hop = scratch->hop;
    uint32_t *touched = scratch->touched;
    size_t count = 0;
    for (size_t x = 0; x < product->count; x++) {
        const struct basket *basket = &index->baskets[product->baskets[x]];
        const uint32_t *line = index->lines + basket->first, *end = line + basket->size;
        double weight = weight_of(view, basket, kind);
        if (!(weight > 0))
            continue;
        for (; line < end; line++) {
            /* Written always and kept only when new: no branch to mispredict. */
            touched[count] = *line;
            count += hop[*line] == 0;
            hop[*line] += weight;
        }
    }
    scratch->touched_count = count;
    if (view->past)
        return 1;
    const struct recommendation_parameters *p = &index->parameters;
    return decay(index->origin, view->as_of, kind == HOP_WALK ? p->walk_days : p->similar_days);
}

void hop_clear(struct recommend_scratch *scratch)
{
    for (size_t x = 0; x < scratch->touched_count; x++)
        scratch->hop[scratch->touched[x]] = 0;
    scratch->touched_count = 0;
}

/* ---- baskets in common ---- */

void marks_set(const struct view *view, struct recommend_scratch *scratch, uint32_t i)
{
    const struct product *product = &view->index->products[i];
    for (size_t x = 0; x < product->count; x++) {
        uint32_t b = product->baskets[x];
        if (view_has(view, &view->index->baskets[b]))
            scratch->marks[b / 64] |= (uint64_t)1 << (b % 64);
    }
}

uint32_t marks_count(const struct view *view, const struct recommend_scratch *scratch, uint32_t j)
{
    const struct product *product = &view->index->products[j];
    uint32_t count = 0;
    for (size_t x = 0; x < product->count; x++) {
        uint32_t b = product->baskets[x];
        count += (uint32_t)(scratch->marks[b / 64] >> (b % 64)) & 1;
    }
    return count;
}

void marks_clear(const struct view *view, struct recommend_scratch *scratch, uint32_t i)
{
    const struct product *product = &view->index->products[i];
    for (size_t x = 0; x < product->count; x++)
        scratch->marks[product->baskets[x] / 64] = 0;
}

static void fill(const struct question *question, enum suggestion_reason reason,
                 struct suggestion *out, size_t count)
{
    struct recommend_scratch *scratch = question->scratch;
    marks_set(question->view, scratch, question->about);
    for (size_t at = 0; at < count; at++) {
        out[at] = suggestion_of(question->view, scratch->accepted[at]);
        out[at].together = marks_count(question->view, scratch, scratch->accepted[at].product);
        if (out[at].together)
            out[at].reason = reason;
    }
    marks_clear(question->view, scratch, question->about);
}

/* ---- the questions ---- */

static void offer_walk(const struct question *question, struct ranking *ranking)
{
    const struct view *view = question->view;
    const double *hop = question->scratch->hop;
    double prior = view->index->parameters.walk_prior * view_share_scale(view);
    for (uint32_t j = 0; j < view->index->product_count; j++) {
        const struct product_sums *sums = &view->sums[j];
        if (j != question->about)
            ranking_offer(ranking, j,
                          hop[j] * question->scale * sums->damping + prior * sums->popular);
    }
}

static void offer_similar(const struct question *question, struct ranking *ranking)
{
    const struct recommend_scratch *scratch = question->scratch;
    const struct product_sums *sums = question->view->sums;
    double scale = question->scale * sums[question->about].unroot;
    for (size_t x = 0; x < scratch->touched_count; x++) {
        uint32_t j = scratch->touched[x];
        if (j != question->about)
            ranking_offer(ranking, j, scratch->hop[j] * scale * sums[j].unroot);
    }
}

static bool ask(const struct basket_index *index, struct recommend_scratch *scratch,
                const struct suggestion_query *query, struct str product, enum hop_kind kind,
                struct suggestion *out, size_t *count)
{
    struct view view;
    *count = 0;
    if (!view_open(&view, index, scratch, query->as_of, index->parameters.popular_days))
        return false;
    uint32_t about = view_product(&view, product);
    if (about == NO_NUMBER)
        return answer_trending(&view, scratch, query, out, count);
    struct question question = {.view = &view,
                                .scratch = scratch,
                                .query = query,
                                .offer = kind == HOP_WALK ? offer_walk : offer_similar,
                                .about = about,
                                .scale = hop_from(&view, scratch, about, kind)};
    bool ok = question_answer(&question, count);
    hop_clear(scratch);
    if (ok)
        fill(&question, kind == HOP_WALK ? SUGGESTED_TOGETHER : SUGGESTED_SIMILAR, out, *count);
    return ok;
}

bool recommend_bought_together(const struct basket_index *index, struct recommend_scratch *scratch,
                               const struct suggestion_query *query, struct str product,
                               struct suggestion *out, size_t *count, ecommerce_error *err)
{
    assert(index && scratch && query && count);
    return ask(index, scratch, query, product, HOP_WALK, out, count) || error_memory(err);
}

bool recommend_similar(const struct basket_index *index, struct recommend_scratch *scratch,
                       const struct suggestion_query *query, struct str product,
                       struct suggestion *out, size_t *count, ecommerce_error *err)
{
    assert(index && scratch && query && count);
    return ask(index, scratch, query, product, HOP_SIMILAR, out, count) || error_memory(err);
}
