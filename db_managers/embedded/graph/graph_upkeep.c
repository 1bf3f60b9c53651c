/*
 * graph_upkeep.c - views, the shadow of a rebuild, and customers who are forgotten.
 */
#include "db_managers/embedded/graph/graph_parts.h"
#include "support/error.h"

#include <assert.h>

/* ---- views ---- */

static void bind_number(struct sqlite_statement *statement, int parameter, int64_t number)
{
    if (number == 0)
        sqlite_bind_null(statement, parameter);
    else
        sqlite_bind_int(statement, parameter, number);
}

static bool add_view(struct graph_batch *batch, const struct graph_event *event,
                     ecommerce_error *err)
{
    int64_t customer, product;
    if (!key_table_intern(&batch->customers, batch->writer, event->customer_id, &customer, err) ||
        !key_table_intern(&batch->products, batch->writer, event->product_id, &product, err))
        return false;
    struct sqlite_statement *statement = sqlite_prepared(batch->writer, STATEMENT_VIEW_ADD, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, event->id);
    sqlite_bind_str(statement, 2, event->kind);
    bind_number(statement, 3, customer);
    bind_number(statement, 4, product);
    sqlite_bind_int(statement, 5, event->time);
    return sqlite_run(statement, NULL, err);
}

bool graph_add_views(struct graph_batch *batch, struct graph_request *request, ecommerce_error *err)
{
    for (size_t i = 0; i < request->event_count; i++) {
        if (!add_view(batch, &request->events[i], err))
            return false;
    }
    return true;
}

/* ---- the shadow ---- */

static bool clear_set(struct graph_batch *batch, unsigned set, ecommerce_error *err)
{
    static const enum graph_statement clearing[] = {STATEMENT_ORDERS_CLEAR,
                                                    STATEMENT_TAKE_BACKS_CLEAR};
    for (size_t i = 0; i < ARRAY_LENGTH(clearing); i++) {
        struct sqlite_statement *statement = graph_prepared(batch->writer, set, clearing[i], err);
        if (!statement || !sqlite_run(statement, NULL, err))
            return false;
    }
    struct graph_set empty = {0};
    return graph_set_write(batch->writer, set, &empty, err);
}

bool graph_rebuild(struct graph_batch *batch, struct graph_request *request, ecommerce_error *err)
{
    struct graph_state *state = &batch->state;
    switch ((enum graph_operation)request->base.operation) {
    case GRAPH_SHADOW_BEGIN:
        state->rebuilding = 1;
        break;
    case GRAPH_SHADOW_SWAP:
        if (!state->rebuilding)
            return error_field(err, ECOMMERCE_INVALID_TRANSITION, "shadow",
                               "no rebuild is under way");
        state->active = 1 - state->active;
        state->rebuilding = 0;
        state->generation++;
        break;
    default:
        assert(request->base.operation == GRAPH_SHADOW_DROP);
        state->rebuilding = 0;
    }
    return clear_set(batch, (unsigned)(1 - state->active), err) &&
           graph_state_write(batch->writer, state, err);
}

/* ---- forgetting ---- */

static bool run_with(struct sqlite_statement *statement, int64_t number, ecommerce_error *err)
{
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, number);
    return sqlite_run(statement, NULL, err);
}

bool graph_forget_customer(struct graph_batch *batch, struct graph_request *request,
                           ecommerce_error *err)
{
    struct sqlite_connection *writer = batch->writer;
    int64_t number;
    if (!key_find(writer, GRAPH_CUSTOMERS, request->key, &number, err))
        return false;
    if (number == 0)
        return true;
    batch->state.generation++;
    key_table_forget(&batch->customers);
    for (unsigned set = 0; set < 2; set++) {
        if (!run_with(graph_prepared(writer, set, STATEMENT_ORDERS_FORGET, err), number, err))
            return false;
    }
    return run_with(sqlite_prepared(writer, STATEMENT_VIEWS_FORGET, err), number, err) &&
           run_with(sqlite_prepared(writer, STATEMENT_CUSTOMER_ERASE, err), number, err) &&
           graph_state_write(writer, &batch->state, err);
}
