/* recommend_trend.c - what sells now: the trending list, and the answer of every cold start. */
#include "db_managers/embedded/graph/recommend_parts.h"

#include "support/error.h"

#include <assert.h>

static void offer_popular(const struct question *question, struct ranking *ranking)
{
    const struct view *view = question->view;
    double scale = view_share_scale(view);
    for (uint32_t j = 0; j < view->index->product_count; j++)
        ranking_offer(ranking, j, view->sums[j].popular * scale);
}

/* The trend window's sums are kept too: no need to compute them like those of any other window. */
static void offer_trend(const struct question *question, struct ranking *ranking)
{
    const struct view *view = question->view;
    for (uint32_t j = 0; j < view->index->product_count; j++)
        ranking_offer(ranking, j, view->sums[j].trend * question->scale);
}

static uint32_t recent_baskets(const struct view *view, uint32_t product)
{
    const struct product *p = &view->index->products[product];
    double since = (double)view->as_of - view->popular_days * 86400e6;
    uint32_t count = 0;
    for (size_t x = p->count; x-- > 0;) {
        const struct basket *basket = &view->index->baskets[p->baskets[x]];
        if ((double)basket->latest <= since)
            break;
        count += (double)basket->time > since && basket->time <= view->as_of;
    }
    return count;
}

struct suggestion suggestion_of(const struct view *view, struct candidate candidate)
{
    return (struct suggestion){
        .product = view->index->products[candidate.product].id,
        .score = (double)candidate.score,
        .reason = SUGGESTED_TRENDING,
        .recent = recent_baskets(view, candidate.product),
        .share = view->sums[candidate.product].popular * view_share_scale(view),
        .own_last = INT64_MIN,
        .because_of = STR_NONE,
    };
}

bool answer_trending(const struct view *view, struct recommend_scratch *scratch,
                     const struct suggestion_query *query, struct suggestion *out, size_t *count)
{
    struct question question = {.view = view,
                                .scratch = scratch,
                                .query = query,
                                .offer = offer_popular,
                                .about = NO_NUMBER};
    if (!question_answer(&question, count))
        return false;
    for (size_t at = 0; at < *count; at++)
        out[at] = suggestion_of(view, scratch->accepted[at]);
    return true;
}

static bool answer_trend_window(struct view *view, struct recommend_scratch *scratch,
                                const struct suggestion_query *query, struct suggestion *out,
                                size_t *count)
{
    double total = 0;
    for (size_t j = 0; j < view->index->product_count; j++)
        total += view->sums[j].trend;
    struct question question = {.view = view,
                                .scratch = scratch,
                                .query = query,
                                .offer = offer_trend,
                                .about = NO_NUMBER,
                                .scale = total > 0 ? 1 / total : 0};
    if (!question_answer(&question, count))
        return false;
    view->popular_days = view->index->parameters.trend_days;
    for (size_t at = 0; at < *count; at++) {
        out[at] = suggestion_of(view, scratch->accepted[at]);
        out[at].share = view->sums[scratch->accepted[at].product].trend * question.scale;
    }
    return true;
}

bool recommend_trending(const struct basket_index *index, struct recommend_scratch *scratch,
                        const struct suggestion_query *query, double window_days,
                        struct suggestion *out, size_t *count, ecommerce_error *err)
{
    assert(index && scratch && query && count);
    const struct recommendation_parameters *p = &index->parameters;
    bool kept = !(window_days > 0) || window_days == p->trend_days;
    struct view view;
    *count = 0;
    if (!view_open(&view, index, scratch, query->as_of, kept ? p->popular_days : window_days))
        return error_memory(err);
    bool trend = window_days == p->trend_days && window_days != p->popular_days;
    if (trend ? answer_trend_window(&view, scratch, query, out, count)
              : answer_trending(&view, scratch, query, out, count))
        return true;
    return error_memory(err);
}
