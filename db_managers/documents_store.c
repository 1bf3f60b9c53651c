/* documents_store.c - what all implementations of the documents role share. */
#include "db_managers/documents_store.h"

#include "support/error.h"

#include <assert.h>

bool documents_run(struct documents_store *store, struct documents_request *request,
                   ecommerce_error *err)
{
    documents_submit(store, request);
    if (documents_wait(store, request))
        return true;
    if (err)
        *err = request->base.error;
    return false;
}

bool documents_get(struct documents_store *store, enum documents_collection collection,
                   struct str id, bool decisive, int64_t deadline, struct arena *arena,
                   struct stored_document *out, bool *found, ecommerce_error *err)
{
    struct documents_request request = {
        .base = {.operation = DOCUMENTS_GET, .deadline = deadline, .arena = arena},
        .collection = collection,
        .id = id,
        .decisive = decisive,
    };
    *found = false;
    if (out)
        *out = (struct stored_document){0};
    if (!documents_run(store, &request, err))
        return false;
    *found = request.found;
    if (out && request.found)
        *out = request.document;
    return true;
}

bool documents_insert(struct documents_store *store, enum documents_collection collection,
                      struct str id, struct doc doc, unsigned marks, int64_t deadline,
                      bool *inserted, ecommerce_error *err)
{
    struct documents_request request = {
        .base = {.operation = DOCUMENTS_INSERT, .deadline = deadline},
        .collection = collection,
        .id = id,
        .doc = doc,
        .marks = marks,
    };
    if (inserted)
        *inserted = false;
    if (!documents_run(store, &request, err))
        return false;
    if (inserted)
        *inserted = request.inserted;
    return true;
}

/* ---- what a request may ask ---- */

static bool check_id(struct str id, ecommerce_error *err)
{
    if (!id.ptr || id.len == 0)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "id", "the id is missing");
    if (id.len > DOCUMENTS_ID_MAX)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "id", "the id is longer than %d bytes",
                           DOCUMENTS_ID_MAX);
    if (!str_is_utf8(id))
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "id", "the id is not UTF-8");
    return true;
}

static bool check_marks(const struct documents_request *request, ecommerce_error *err)
{
    if (request->marks & ~(unsigned)MARKS_ALL)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "marks", "there is no such mark");
    if (request->marks != 0 && !documents_schema[request->collection].marked)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "marks",
                           "documents of the collection '%s' bear no marks",
                           documents_schema[request->collection].name);
    if (request->base.operation != DOCUMENTS_SET_MARKS)
        return true;
    if (request->marks == 0)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "marks", "no mark is named");
    if (request->marks & MARK_STOCK)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "marks",
                           "the stock mark is never put on again");
    return true;
}

static bool check_term(enum documents_collection collection, const struct documents_term *term,
                       ecommerce_error *err)
{
    int index = term->field ? documents_index_of(collection, term->field) : -1;
    if (index < 0)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "terms",
                           "the collection '%s' has no index on '%s'",
                           documents_schema[collection].name, term->field ? term->field : "");
    if (!term->value.ptr)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, term->field, "the value is missing");
    long long number;
    if (documents_schema[collection].indexes[index].type == INDEX_NUMBER &&
        !str_to_int64(term->value, &number))
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, term->field,
                           "'%.*s' is no whole number", STR_ARG(term->value));
    return true;
}

static bool check_range(enum documents_collection collection, const struct documents_query *query,
                        ecommerce_error *err)
{
    if (!query->range_field)
        return query->order != ORDER_BY_NUMBER ||
               error_field(err, ECOMMERCE_INVALID_ARGUMENT, "range_field",
                           "an order by number needs a field");
    int index = documents_index_of(collection, query->range_field);
    if (index < 0 || documents_schema[collection].indexes[index].type != INDEX_NUMBER)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "range_field",
                           "the collection '%s' has no numbers indexed under '%s'",
                           documents_schema[collection].name, query->range_field);
    return true;
}

static bool check_query(enum documents_collection collection, const struct documents_query *query,
                        ecommerce_error *err)
{
    if (query->term_count > DOCUMENTS_MAX_TERMS)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "terms", "there are more than %d terms",
                           DOCUMENTS_MAX_TERMS);
    for (size_t i = 0; i < query->term_count; i++) {
        if (!check_term(collection, &query->terms[i], err))
            return false;
    }
    return check_range(collection, query, err);
}

static bool check_limit(const struct documents_query *query, ecommerce_error *err)
{
    if (!query || query->limit < 1 || query->limit > DOCUMENTS_MAX_LIMIT)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "limit",
                           "the limit is not from 1 to %d", DOCUMENTS_MAX_LIMIT);
    return true;
}

bool documents_request_check(const struct documents_request *request, ecommerce_error *err)
{
    assert(request->base.operation < DOCUMENTS_OPERATIONS);
    assert(request->collection < DOCUMENTS_COLLECTIONS);
    switch ((enum documents_operation)request->base.operation) {
    case DOCUMENTS_INSERT:
    case DOCUMENTS_GET:
    case DOCUMENTS_REPLACE:
    case DOCUMENTS_ERASE:
    case DOCUMENTS_PUT:
    case DOCUMENTS_CLEAR_MARKS:
    case DOCUMENTS_DEFER:
    case DOCUMENTS_SET_MARKS:
        return check_id(request->id, err) && check_marks(request, err);
    case DOCUMENTS_PENDING:
        return check_marks(request, err) && check_limit(request->query, err);
    case DOCUMENTS_QUERY:
        return check_limit(request->query, err) &&
               check_query(request->collection, request->query, err);
    case DOCUMENTS_COUNT:
        return !request->query || check_query(request->collection, request->query, err);
    case DOCUMENTS_WITNESS:
    case DOCUMENTS_OPERATIONS:
        break;
    }
    return true;
}
