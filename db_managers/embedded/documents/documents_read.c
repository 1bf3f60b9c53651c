/*
 * documents_read.c - reads of the documents role that need no composed text.
 */
#include "db_managers/embedded/documents/documents_parts.h"
#include "support/error.h"

#include <assert.h>

bool documents_read_row(struct sqlite_statement *statement, struct arena *arena,
                        struct stored_document *document, ecommerce_error *err)
{
    *document = (struct stored_document){0};
    if (!sqlite_column_str(statement, COLUMN_ID, arena, &document->id, err) ||
        !sqlite_column_doc(statement, COLUMN_DOC, arena, &document->doc, err))
        return false;
    document->version = sqlite_column_int(statement, COLUMN_VERSION);
    if (sqlite_column_is_null(statement, COLUMN_MARKS))
        return true;
    document->marks = (unsigned)sqlite_column_int(statement, COLUMN_MARKS);
    document->attempts = (unsigned)sqlite_column_int(statement, COLUMN_ATTEMPTS);
    document->next_attempt = sqlite_column_int(statement, COLUMN_NEXT_ATTEMPT);
    document->parked = sqlite_column_int(statement, COLUMN_PARKED) != 0;
    return sqlite_column_str(statement, COLUMN_REASON, arena, &document->reason, err);
}

struct stored_document *document_list_add(struct document_list *list, struct arena *arena,
                                          ecommerce_error *err)
{
    enum { FIRST_CAPACITY = 32 };
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 4 : FIRST_CAPACITY;
        struct stored_document *items = arena_array(arena, capacity, sizeof(*items));
        if (!items) {
            error_memory(err);
            return NULL;
        }
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(*items));
        list->items = items;
        list->capacity = capacity;
    }
    return &list->items[list->count++];
}

static bool read_get(struct sqlite_connection *reader, struct documents_request *request,
                     ecommerce_error *err)
{
    unsigned index = documents_statement(request->collection, STATEMENT_GET);
    struct sqlite_statement *statement = sqlite_prepared(reader, index, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, request->id);
    enum sqlite_step step = sqlite_step(statement, err);
    request->found = step == SQLITE_STEP_ROW;
    if (!request->found)
        return step == SQLITE_STEP_DONE;
    bool ok = documents_read_row(statement, request->base.arena, &request->document, err);
    sqlite_reset(statement);
    return ok;
}

static bool read_pending(struct sqlite_connection *reader, struct documents_request *request,
                         ecommerce_error *err)
{
    const struct documents_query *query = request->query;
    struct document_list list = {0};
    if (!documents_schema[request->collection].marked)
        return true;
    unsigned kind = query->ids_only ? STATEMENT_PENDING_IDS : STATEMENT_PENDING;
    struct sqlite_statement *statement =
        sqlite_prepared(reader, documents_statement(request->collection, kind), err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->marks);
    sqlite_bind_int(statement, 2, request->due);
    sqlite_bind_int(statement, 3, request->parked);
    sqlite_bind_int(statement, 4, (int64_t)query->limit);
    enum sqlite_step step;
    while ((step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        struct stored_document *document = document_list_add(&list, request->base.arena, err);
        if (!document || !documents_read_row(statement, request->base.arena, document, err)) {
            sqlite_reset(statement);
            return false;
        }
    }
    request->documents = list.items;
    request->count = list.count;
    return step == SQLITE_STEP_DONE;
}

static bool read_witness(struct sqlite_connection *reader, struct documents_request *request,
                         ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(reader, STATEMENT_WITNESS_GET, err);
    if (!statement)
        return false;
    request->witness_identity = STR_NONE;
    request->witness_sequence = 0;
    enum sqlite_step step = sqlite_step(statement, err);
    if (step != SQLITE_STEP_ROW)
        return step == SQLITE_STEP_DONE;
    request->witness_sequence = sqlite_column_int(statement, 1);
    bool ok = sqlite_column_str(statement, 0, request->base.arena, &request->witness_identity, err);
    sqlite_reset(statement);
    return ok;
}

bool documents_read(struct sqlite_connection *reader, struct documents_request *request,
                    ecommerce_error *err)
{
    assert(request->base.arena || request->base.operation == DOCUMENTS_COUNT);
    switch ((enum documents_operation)request->base.operation) {
    case DOCUMENTS_GET:
        return read_get(reader, request, err);
    case DOCUMENTS_QUERY:
        return documents_query_read(reader, request, err);
    case DOCUMENTS_PENDING:
        return read_pending(reader, request, err);
    case DOCUMENTS_COUNT:
        return documents_count_read(reader, request, err);
    case DOCUMENTS_WITNESS:
        return read_witness(reader, request, err);
    default:
        assert(!"a write among the reads");
        return error_set(err, ECOMMERCE_INTERNAL, "a write came with the reads");
    }
}
