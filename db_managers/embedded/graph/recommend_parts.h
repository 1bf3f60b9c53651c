/*
 * recommend_parts.h - what the recommend_*.c files share: a thread's scratch, the view of the index
 * at an instant, the hop over baskets, the neighbours of a product, and ranking.
 *
 * All dense arrays of the scratch are zero between two questions: who filled entries zeroes them
 * again by the list of those that it touched.
 */
#pragma once

#include "db_managers/embedded/graph/basket_arrays.h"

/* What a customer bought; own_collect fills it. */
struct own_entry {
    double weight;
    int64_t last;
    uint32_t count;
};

/* What is near to what a customer bought. */
struct near_entry {
    double weight;
    double most;   /* the greatest contribution to weight ... */
    uint32_t from; /* ... and the product that made it, not counting itself */
};

/* One of the products nearest to another: the sum of S(i,j) without its roots, which change. */
struct neighbour {
    double shared;
    uint32_t product;
};

/* The products nearest to one, kept while they are right; see neighbours_of. */
struct neighbour_row {
    uint64_t made; /* newest index version that it is known to be right for; 0: none */
    float bound;   /* none that was left out had more; 0: none was left out */
    uint32_t count;
};

struct candidate {
    float score;
    uint32_t product;
};

struct recommend_scratch {
    uint64_t identity; /* of the index that the caches below belong to */
    size_t products;   /* length of all arrays by product */
    size_t marks_words;

    double *hop; /* by product: what the last hop brought */
    uint32_t *touched;
    size_t touched_count;

    struct own_entry *own; /* by product */
    uint32_t *bought;
    size_t bought_count;

    struct near_entry *near; /* by product */
    uint32_t *reached;
    size_t reached_count;

    uint64_t *marks; /* a bit for each basket */

    struct candidate *best; /* the ranking's heap */
    size_t best_capacity;
    struct candidate *accepted;
    size_t accepted_capacity;

    struct product_sums *past; /* by product, for the view below */
    uint64_t past_version;     /* 0: none */
    int64_t past_as_of;
    double past_days;
    double past_total;

    struct neighbour_row *rows;   /* by product */
    struct neighbour *neighbours; /* row_length for each */
    unsigned row_length;
};

/* ---- recommend_view.c ---- */

/* The index at an instant. */
struct view {
    const struct basket_index *index;
    const struct product_sums *sums;
    double popular_total;
    double popular_days;
    int64_t as_of;
    bool past; /* some baskets lie after as_of, or the sums are of another window */
};

/* Prepares view and scratch. False: out of memory, the scratch as before. */
bool view_open(struct view *view, const struct basket_index *index,
               struct recommend_scratch *scratch, int64_t as_of, double popular_days) MUST_CHECK;

static inline bool view_has(const struct view *view, const struct basket *basket)
{
    return !view->past || basket->time <= view->as_of;
}

static inline uint32_t view_product(const struct view *view, struct str id)
{
    uint32_t product = basket_index_product(view->index, id);
    return product != NO_NUMBER && view->sums[product].count ? product : NO_NUMBER;
}

/* p(j) is sums[j].popular times this. */
static inline double view_share_scale(const struct view *view)
{
    return view->popular_total > 0 ? 1 / view->popular_total : 0;
}

/* ---- recommend_walk.c ---- */

enum hop_kind { HOP_WALK, HOP_SIMILAR };

/* hop[j] = SUM of the weights of the baskets with i and j, i itself included, for all j; touched
 * lists the j with more than 0. Returns what the sums must be multiplied by. */
double hop_from(const struct view *view, struct recommend_scratch *scratch, uint32_t i,
                enum hop_kind kind);
void hop_clear(struct recommend_scratch *scratch);

/* Marks the baskets with i, and counts those that hold j too. The same i unmarks. */
void marks_set(const struct view *view, struct recommend_scratch *scratch, uint32_t i);
uint32_t marks_count(const struct view *view, const struct recommend_scratch *scratch, uint32_t j);
void marks_clear(const struct view *view, struct recommend_scratch *scratch, uint32_t i);

/* ---- recommend_near.c ---- */

/* Makes room for the rows, once. False: out of memory. */
bool neighbours_prepare(struct recommend_scratch *scratch) MUST_CHECK;

/* The products nearest to i by S, best first, i among them: *row has the returned number of them,
 * at most blend_neighbours, and similarity() gives each S(i,j) but for a factor common to the row.
 */
size_t neighbours_of(const struct view *view, struct recommend_scratch *scratch, uint32_t i,
                     const struct neighbour **row);

static inline double similarity(const struct view *view, const struct neighbour *neighbour)
{
    return neighbour->shared * view->sums[neighbour->product].unroot;
}

/* ---- recommend_rank.c ---- */

/* The best candidates so far: a heap with the worst at the top. */
struct ranking {
    const struct product *products;
    struct candidate *best;
    size_t count, room;
    double threshold; /* a score that is not above it cannot enter */
};

/* True when a ranks before b. */
static inline bool candidate_before(const struct product *products, struct candidate a,
                                    struct candidate b)
{
    if (a.score != b.score)
        return a.score > b.score;
    return str_compare(products[a.product].id, products[b.product].id) < 0;
}

void ranking_enter(struct ranking *ranking, struct candidate candidate);
void ranking_sort(struct ranking *ranking); /* best first; no more offers */

static inline void ranking_offer(struct ranking *ranking, uint32_t product, double score)
{
    if (score > ranking->threshold)
        ranking_enter(ranking, (struct candidate){.score = (float)score, .product = product});
}

/* A question to rank: `offer` offers all candidates, as often as it is called the same. */
struct question {
    const struct view *view;
    struct recommend_scratch *scratch;
    const struct suggestion_query *query;
    void (*offer)(const struct question *question, struct ranking *ranking);
    uint32_t about; /* the product asked about, or NO_NUMBER */
    double scale;   /* of the hop */
};

/* scratch->accepted gets the best candidates that the query accepts, *count of them. */
bool question_answer(const struct question *question, size_t *count) MUST_CHECK;

/* ---- recommend_trend.c ---- */

/* The answer of a cold start. */
bool answer_trending(const struct view *view, struct recommend_scratch *scratch,
                     const struct suggestion_query *query, struct suggestion *out,
                     size_t *count) MUST_CHECK;
/* A suggestion with its score, share and recent baskets, the reason TRENDING, and nothing else. */
struct suggestion suggestion_of(const struct view *view, struct candidate candidate);
