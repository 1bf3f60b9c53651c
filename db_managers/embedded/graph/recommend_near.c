/*
 * recommend_near.c - the products nearest to a product, remembered as long as they are provably the
 * right ones.
 *
 * Finding them takes a hop over the baskets of i, and a customer with a hundred products asks for a
 * hundred. A row remembers the nearest products with SUM |b|^-0.75 * exp(...), the part of S(i,j)
 * that changes only when a basket with i does, and some more products than count. Between two
 * changes of i's own baskets only the n_j move, and n_j only grows when baskets are added: S(i,j)
 * of a product that was left out can only fall. So the row is right while its last counting member
 * is not below what the best product that was left out had when the row was made. Whatever lets an
 * n_j fall, or changes weights, sets index->loosened, which ends all rows.
 */
#include "db_managers/embedded/graph/recommend_parts.h"

#include "support/alloc.h"

#include <assert.h>

bool neighbours_prepare(struct recommend_scratch *scratch)
{
    if (!scratch->rows)
        scratch->rows = mem_zalloc(scratch->products, sizeof *scratch->rows);
    if (!scratch->neighbours)
        scratch->neighbours =
            mem_zalloc(scratch->products * scratch->row_length, sizeof *scratch->neighbours);
    return scratch->rows && scratch->neighbours;
}

/* Sorted by S, best first. Rows are nearly in order already: insertion touches each once. */
static void sort_row(const struct view *view, struct neighbour *row, size_t count)
{
    const struct product *products = view->index->products;
    for (size_t at = 1; at < count; at++) {
        struct neighbour moving = row[at];
        struct candidate here = {(float)similarity(view, &moving), moving.product};
        size_t to = at;
        while (to > 0) {
            struct candidate before = {(float)similarity(view, &row[to - 1]), row[to - 1].product};
            if (!candidate_before(products, here, before))
                break;
            row[to] = row[to - 1];
            to--;
        }
        row[to] = moving;
    }
}

static size_t wanted_of(const struct view *view, const struct neighbour_row *row)
{
    unsigned most = view->index->parameters.blend_neighbours;
    return row->count < most ? row->count : most;
}

static void make_row(const struct view *view, struct recommend_scratch *scratch, uint32_t i)
{
    struct neighbour_row *row = &scratch->rows[i];
    struct neighbour *members = scratch->neighbours + (size_t)i * scratch->row_length;
    struct candidate heap[RECOMMEND_NEIGHBOURS_MAX + 64];
    struct ranking ranking = {
        .products = view->index->products, .best = heap, .room = scratch->row_length + 1};
    assert(ranking.room <= ARRAY_LENGTH(heap));
    hop_from(view, scratch, i, HOP_SIMILAR);
    for (size_t x = 0; x < scratch->touched_count; x++) {
        uint32_t j = scratch->touched[x];
        ranking_offer(&ranking, j, scratch->hop[j] * view->sums[j].unroot);
    }
    ranking_sort(&ranking);
    bool left_out = ranking.count == ranking.room;
    row->count = (uint32_t)(left_out ? ranking.count - 1 : ranking.count);
    row->bound = left_out ? heap[row->count].score : 0;
    row->made = view->past ? 0 : view->index->version;
    for (size_t at = 0; at < row->count; at++)
        members[at] = (struct neighbour){.product = heap[at].product,
                                         .shared = scratch->hop[heap[at].product]};
    hop_clear(scratch);
}

static bool row_is_right(const struct view *view, const struct neighbour_row *row,
                         const struct neighbour *members)
{
    if (row->count == 0 || row->bound == 0)
        return true;
    const struct neighbour *last = &members[wanted_of(view, row) - 1];
    return (float)similarity(view, last) > row->bound;
}

size_t neighbours_of(const struct view *view, struct recommend_scratch *scratch, uint32_t i,
                     const struct neighbour **found)
{
    const struct basket_index *index = view->index;
    struct neighbour_row *row = &scratch->rows[i];
    struct neighbour *members = scratch->neighbours + (size_t)i * scratch->row_length;
    bool usable = !view->past && row->made >= index->products[i].changed &&
                  row->made >= index->loosened && row->made > 0;
    if (usable && row->made != index->version) {
        sort_row(view, members, row->count);
        usable = row_is_right(view, row, members);
    }
    if (usable)
        row->made = index->version;
    else
        make_row(view, scratch, i);
    *found = members;
    return wanted_of(view, row);
}
