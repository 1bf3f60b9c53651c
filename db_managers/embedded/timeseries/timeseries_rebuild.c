/*
 * timeseries_rebuild.c - the shadow of a rebuild, and taking a customer's id out of everything.
 */
#include "db_managers/embedded/timeseries/timeseries_parts.h"
#include "support/error.h"

#include <assert.h>

/* ---- the shadow ---- */

/* A DELETE of a whole table costs a list of free pages, not a walk over its rows. */
static bool clear_set(struct timeseries_batch *batch, unsigned set, ecommerce_error *err)
{
    static const enum timeseries_statement clearing[] = {
        STATEMENT_ENTRIES_CLEAR,
        STATEMENT_SALES_CLEAR,
        STATEMENT_STOCK_CLEAR,
        STATEMENT_DIGESTS_CLEAR,
    };
    for (size_t i = 0; i < ARRAY_LENGTH(clearing); i++) {
        struct sqlite_statement *statement =
            timeseries_prepared(batch->writer, set, clearing[i], err);
        if (!statement || !sqlite_run(statement, NULL, err))
            return false;
    }
    return true;
}

bool timeseries_rebuild(struct timeseries_batch *batch, struct timeseries_request *request,
                        ecommerce_error *err)
{
    struct timeseries_state *state = &batch->state;
    switch ((enum timeseries_operation)request->base.operation) {
    case TIMESERIES_SHADOW_BEGIN:
        state->rebuilding = 1;
        break;
    case TIMESERIES_SHADOW_SWAP:
        if (!state->rebuilding)
            return error_field(err, ECOMMERCE_INVALID_TRANSITION, "shadow",
                               "no rebuild is under way");
        state->active = 1 - state->active;
        state->rebuilding = 0;
        break;
    default:
        assert(request->base.operation == TIMESERIES_SHADOW_DROP);
        state->rebuilding = 0;
    }
    return clear_set(batch, (unsigned)(1 - state->active), err) &&
           timeseries_state_write(batch->writer, state, err);
}

/* ---- forgetting ---- */

/* The payload without the customer's id; everything else as it was. */
static bool redact(struct doc payload, struct str customer, struct doc_builder *builder,
                   ecommerce_error *err)
{
    struct doc_iter iter;
    doc_builder_clear(builder);
    for (doc_iter_init(&iter, payload); doc_iter_next(&iter);) {
        bool is_id = str_is(iter.value.key, "customer_id") && iter.value.type == DOC_TEXT &&
                     str_equal(iter.value.text, customer);
        if (!is_id)
            doc_add_value(builder, NULL, &iter.value);
    }
    doc_finish(builder);
    return doc_builder_check(builder, err);
}

static bool write_payload(struct timeseries_batch *batch, unsigned set, int64_t entry,
                          const struct doc_builder *builder, ecommerce_error *err)
{
    struct sqlite_statement *statement =
        timeseries_prepared(batch->writer, set, STATEMENT_ENTRY_REDACT, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, entry);
    sqlite_bind_blob(statement, 2, builder->bytes, builder->size);
    return sqlite_run(statement, NULL, err);
}

static bool redact_entries(struct timeseries_batch *batch, unsigned set, int64_t number,
                           struct str customer, ecommerce_error *err)
{
    struct sqlite_statement *statement =
        timeseries_prepared(batch->writer, set, STATEMENT_PAYLOADS_OF, err);
    if (!statement)
        return false;
    struct arena arena = {0};
    struct doc_builder builder;
    doc_builder_init(&builder);
    sqlite_bind_int(statement, 1, number);
    enum sqlite_step step;
    while ((step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        struct doc payload;
        arena_reset(&arena);
        if (!sqlite_column_doc(statement, 1, &arena, &payload, err) ||
            !redact(payload, customer, &builder, err) ||
            !write_payload(batch, set, sqlite_column_int(statement, 0), &builder, err))
            break;
    }
    sqlite_reset(statement);
    doc_builder_release(&builder);
    arena_release(&arena);
    return step == SQLITE_STEP_DONE;
}

static bool run_with(struct sqlite_statement *statement, int64_t number, ecommerce_error *err)
{
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, number);
    return sqlite_run(statement, NULL, err);
}

bool timeseries_forget_customer(struct timeseries_batch *batch, struct timeseries_request *request,
                                ecommerce_error *err)
{
    struct sqlite_connection *writer = batch->writer;
    int64_t number;
    request->found = false;
    if (!key_find(writer, TIMESERIES_CUSTOMERS, request->key, &number, err))
        return false;
    if (number == 0)
        return true;
    for (unsigned set = 0; set < 2; set++) {
        if (!redact_entries(batch, set, number, request->key, err) ||
            !run_with(timeseries_prepared(writer, set, STATEMENT_SALES_FORGET, err), number, err))
            return false;
    }
    request->found = true;
    batch->state.forgets++;
    key_table_forget(&batch->customers);
    return run_with(sqlite_prepared(writer, STATEMENT_EVENT_FORGET, err), number, err) &&
           run_with(sqlite_prepared(writer, STATEMENT_CUSTOMER_ERASE, err), number, err) &&
           timeseries_state_write(writer, &batch->state, err);
}
