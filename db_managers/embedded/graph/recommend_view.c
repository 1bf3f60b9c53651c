/* recommend_view.c - the scratch of a thread, and the index as it was at an instant. */
#include "db_managers/embedded/graph/recommend_parts.h"

#include "support/alloc.h"

#include <assert.h>

/* Neighbours kept beyond those that count, so that a row stays provably right for a while after its
 * members' popularity has moved. */
enum { SPARE_NEIGHBOURS = 12 };

struct recommend_scratch *recommend_scratch_new(void)
{
    return mem_zalloc(1, sizeof(struct recommend_scratch));
}

static void scratch_release(struct recommend_scratch *scratch)
{
    mem_free(scratch->hop);
    mem_free(scratch->touched);
    mem_free(scratch->own);
    mem_free(scratch->bought);
    mem_free(scratch->near);
    mem_free(scratch->reached);
    mem_free(scratch->marks);
    mem_free(scratch->best);
    mem_free(scratch->accepted);
    mem_free(scratch->past);
    mem_free(scratch->rows);
    mem_free(scratch->neighbours);
    *scratch = (struct recommend_scratch){0};
}

void recommend_scratch_free(struct recommend_scratch **scratch)
{
    if (!scratch || !*scratch)
        return;
    scratch_release(*scratch);
    mem_free(*scratch);
    *scratch = NULL;
}

/* Arrays for `products` products: with a quarter more than there are, they are remade seldom. Only
 * caches are lost with the old ones. */
static bool scratch_remake(struct recommend_scratch *scratch, const struct basket_index *index)
{
    size_t n = index->product_count + index->product_count / 4 + 64;
    size_t words = (index->basket_count + index->basket_count / 4) / 64 + 16;
    struct recommend_scratch made = {
        .identity = index->identity,
        .products = n,
        .marks_words = words,
        .row_length = index->parameters.blend_neighbours + SPARE_NEIGHBOURS,
    };
    made.hop = mem_zalloc(n, sizeof *made.hop);
    made.touched = mem_zalloc(n + 1, sizeof *made.touched);
    made.own = mem_zalloc(n, sizeof *made.own);
    made.bought = mem_zalloc(n, sizeof *made.bought);
    made.near = mem_zalloc(n, sizeof *made.near);
    made.reached = mem_zalloc(n, sizeof *made.reached);
    made.marks = mem_zalloc(words, sizeof *made.marks);
    if (!made.hop || !made.touched || !made.own || !made.bought || !made.near || !made.reached ||
        !made.marks) {
        scratch_release(&made);
        return false;
    }
    scratch_release(scratch);
    *scratch = made;
    return true;
}

/* The sums of another instant or window, kept for the next question about it. */
static bool past_prepare(struct recommend_scratch *scratch, const struct basket_index *index,
                         int64_t as_of, double popular_days)
{
    if (!scratch->past)
        scratch->past = mem_alloc(scratch->products * sizeof *scratch->past);
    if (!scratch->past)
        return false;
    if (scratch->past_version == index->version && scratch->past_as_of == as_of &&
        scratch->past_days == popular_days)
        return true;
    scratch->past_total = product_sums_compute(index, as_of, as_of, popular_days, scratch->past);
    scratch->past_version = index->version;
    scratch->past_as_of = as_of;
    scratch->past_days = popular_days;
    return true;
}

bool view_open(struct view *view, const struct basket_index *index,
               struct recommend_scratch *scratch, int64_t as_of, double popular_days)
{
    assert(index && scratch);
    bool fits = scratch->identity == index->identity && scratch->products >= index->product_count &&
                scratch->marks_words * 64 >= index->basket_count;
    if (!fits && !scratch_remake(scratch, index))
        return false;
    *view = (struct view){
        .index = index,
        .as_of = as_of,
        .popular_days = popular_days,
        .sums = index->sums,
        .popular_total = index->popular_total,
        .past = index->newest > as_of || popular_days != index->parameters.popular_days,
    };
    if (!view->past)
        return true;
    if (!past_prepare(scratch, index, as_of, popular_days))
        return false;
    view->sums = scratch->past;
    view->popular_total = scratch->past_total;
    return true;
}
