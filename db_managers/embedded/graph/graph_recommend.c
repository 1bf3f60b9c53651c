/*
 * graph_recommend.c - answers from the basket index.
 */
#include "db_managers/embedded/graph/graph_parts.h"
#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>

/* A question on its way: the index is locked for reading. */
struct asking {
    const struct basket_index *index;
    struct recommend_scratch *scratch;
    struct graph_request *request;
    struct suggestion_query query;
    struct suggestion *suggestions; /* owned; query.limit of them */
    size_t count;
};

static bool ask(struct asking *asking, ecommerce_error *err)
{
    const struct suggestion_query *query = &asking->query;
    struct str key = asking->request->key;
    switch (asking->request->kind) {
    case RECOMMEND_BOUGHT_TOGETHER:
        return recommend_bought_together(asking->index, asking->scratch, query, key,
                                         asking->suggestions, &asking->count, err);
    case RECOMMEND_SIMILAR:
        return recommend_similar(asking->index, asking->scratch, query, key, asking->suggestions,
                                 &asking->count, err);
    case RECOMMEND_FOR_CUSTOMER:
        return recommend_for_customer(asking->index, asking->scratch, query, key,
                                      asking->suggestions, &asking->count, err);
    case RECOMMEND_BUY_AGAIN:
        return recommend_buy_again(asking->index, asking->scratch, query, key, asking->suggestions,
                                   &asking->count, err);
    case RECOMMEND_TRENDING:
        break;
    }
    return recommend_trending(asking->index, asking->scratch, query, 0, asking->suggestions,
                              &asking->count, err);
}

/* Texts are the index's own until it is unlocked. */
static bool keep_text(struct arena *arena, struct str *text)
{
    if (!text->ptr)
        return true;
    text->ptr = arena_str(arena, *text);
    return text->ptr != NULL;
}

static bool keep(struct arena *arena, enum recommendation_kind kind,
                 const struct suggestion *suggestion, struct recommendation *out)
{
    bool by_product = kind == RECOMMEND_BOUGHT_TOGETHER || kind == RECOMMEND_SIMILAR;
    *out = (struct recommendation){
        .product_id = suggestion->product,
        .score = suggestion->score,
        .baskets = by_product ? suggestion->together : suggestion->recent,
        .own_orders = suggestion->own_baskets,
        .last_bought = suggestion->own_baskets ? suggestion->own_last : 0,
        .because_of = suggestion->because_of,
    };
    return keep_text(arena, &out->product_id) && keep_text(arena, &out->because_of);
}

static bool answer(struct asking *asking, ecommerce_error *err)
{
    struct graph_request *request = asking->request;
    struct arena *arena = request->base.arena;
    if (asking->count == 0)
        return true;
    struct recommendation *items = arena_array(arena, asking->count, sizeof(*items));
    if (!items)
        return error_memory(err);
    for (size_t i = 0; i < asking->count; i++) {
        if (!keep(arena, request->kind, &asking->suggestions[i], &items[i]))
            return error_memory(err);
    }
    request->recommendations = items;
    request->count = asking->count;
    return true;
}

/* No limit means all there are; no instant means that of the newest order. */
static void make_query(struct asking *asking)
{
    const struct graph_request *request = asking->request;
    size_t all = basket_index_size(asking->index).products;
    asking->query = (struct suggestion_query){
        .as_of = request->as_of ? request->as_of : basket_index_newest(asking->index),
        .limit = request->limit && request->limit < all ? request->limit : all,
    };
}

static bool ask_and_answer(struct asking *asking, ecommerce_error *err)
{
    make_query(asking);
    if (asking->query.limit == 0)
        return true;
    asking->suggestions = mem_zalloc(asking->query.limit, sizeof(*asking->suggestions));
    if (!asking->suggestions)
        return error_memory(err);
    bool ok = ask(asking, err) && answer(asking, err);
    mem_free(asking->suggestions);
    return ok;
}

bool graph_recommend(struct graph_memory *memory, struct sqlite_connection *reader,
                     struct graph_request *request, ecommerce_error *err)
{
    struct asking asking = {.request = request};
    asking.scratch = graph_scratch_borrow(memory, err);
    if (!asking.scratch)
        return false;
    bool ok = graph_memory_enter(memory, reader, err);
    if (ok) {
        asking.index = memory->index;
        ok = ask_and_answer(&asking, err);
        graph_memory_leave(memory);
    }
    graph_scratch_return(memory, asking.scratch);
    return ok;
}
