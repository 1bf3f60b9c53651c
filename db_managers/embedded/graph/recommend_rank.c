/* recommend_rank.c - the best of many candidates, in a total order, that the caller's filter
 * accepts. */
#include "db_managers/embedded/graph/recommend_parts.h"

#include "support/alloc.h"

#include <assert.h>

/* The first pass keeps this many more than were asked for, which covers the usual number of
 * products that are out of stock; each further pass keeps eight times as many. */
enum { SPARE_CANDIDATES = 16, MORE_CANDIDATES = 8 };

static void sift_down(struct ranking *ranking, size_t at, struct candidate candidate)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= ranking->count)
            break;
        if (child + 1 < ranking->count &&
            candidate_before(ranking->products, ranking->best[child], ranking->best[child + 1]))
            child++;
        if (!candidate_before(ranking->products, candidate, ranking->best[child]))
            break;
        ranking->best[at] = ranking->best[child];
        at = child;
    }
    ranking->best[at] = candidate;
}

static void sift_up(struct ranking *ranking, struct candidate candidate)
{
    size_t at = ranking->count++;
    while (at > 0) {
        size_t parent = (at - 1) / 2;
        if (!candidate_before(ranking->products, ranking->best[parent], candidate))
            break;
        ranking->best[at] = ranking->best[parent];
        at = parent;
    }
    ranking->best[at] = candidate;
}

void ranking_enter(struct ranking *ranking, struct candidate candidate)
{
    assert(ranking->room > 0);
    if (!(candidate.score > 0))
        return;
    if (ranking->count < ranking->room)
        sift_up(ranking, candidate);
    else if (candidate_before(ranking->products, candidate, ranking->best[0]))
        sift_down(ranking, 0, candidate);
    /* A little below the worst: what rounds up to it is equal to it, and its id decides. */
    if (ranking->count == ranking->room)
        ranking->threshold = (double)ranking->best[0].score * (1 - 1e-7);
}

void ranking_sort(struct ranking *ranking)
{
    size_t all = ranking->count;
    while (ranking->count > 1) {
        struct candidate worst = ranking->best[0];
        ranking->count--;
        sift_down(ranking, 0, ranking->best[ranking->count]);
        ranking->best[ranking->count] = worst;
    }
    ranking->count = all;
}

static bool candidates_reserve(struct candidate **array, size_t *capacity, size_t wanted)
{
    if (wanted <= *capacity)
        return true;
    struct candidate *moved = mem_resize(*array, wanted * sizeof *moved);
    if (!moved)
        return false;
    *array = moved;
    *capacity = wanted;
    return true;
}

static bool accepts(const struct question *question, struct candidate candidate)
{
    const struct suggestion_query *query = question->query;
    return !query->accept ||
           query->accept(query->context, question->view->index->products[candidate.product].id);
}

/* Ranks the `room` best; those before `examined` were seen by an earlier, smaller pass, in the same
 * order. */
static bool pass(const struct question *question, size_t room, size_t *examined, size_t *accepted,
                 bool *exhausted)
{
    struct recommend_scratch *scratch = question->scratch;
    if (!candidates_reserve(&scratch->best, &scratch->best_capacity, room))
        return false;
    struct ranking ranking = {
        .products = question->view->index->products, .best = scratch->best, .room = room};
    question->offer(question, &ranking);
    ranking_sort(&ranking);
    for (; *examined < ranking.count && *accepted < question->query->limit; ++*examined) {
        struct candidate candidate = ranking.best[*examined];
        if (accepts(question, candidate))
            scratch->accepted[(*accepted)++] = candidate;
    }
    *exhausted = ranking.count < room;
    return true;
}

bool question_answer(const struct question *question, size_t *count)
{
    size_t products = question->view->index->product_count;
    size_t limit = question->query->limit < products ? question->query->limit : products;
    size_t room = limit + SPARE_CANDIDATES;
    size_t examined = 0;
    bool exhausted = limit == 0;
    *count = 0;
    if (!candidates_reserve(&question->scratch->accepted, &question->scratch->accepted_capacity,
                            limit))
        return false;
    while (*count < limit && !exhausted) {
        if (!pass(question, room, &examined, count, &exhausted))
            return false;
        room = room * MORE_CANDIDATES < products + 1 ? room * MORE_CANDIDATES : products + 1;
    }
    return true;
}
