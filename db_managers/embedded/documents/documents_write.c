/*
 * documents_write.c - one write of the documents role inside a batch's transaction.
 */
#include "db_managers/embedded/documents/documents_parts.h"
#include "support/error.h"

#include <assert.h>

struct target {
    bool found;
    int64_t row;
    int64_t version;
    struct doc doc; /* in the scratch arena; only where the collection indexes arrays */
};

static struct sqlite_statement *prepared(struct sqlite_connection *writer,
                                         const struct documents_request *request,
                                         unsigned statement, ecommerce_error *err)
{
    return sqlite_prepared(writer, documents_statement(request->collection, statement), err);
}

static bool has_array_index(enum documents_collection collection)
{
    for (EACH_INDEX(index, &documents_schema[collection])) {
        if (index->type == INDEX_TEXT_ARRAY)
            return true;
    }
    return false;
}

static bool find(struct sqlite_connection *writer, struct arena *scratch,
                 const struct documents_request *request, struct target *target,
                 ecommerce_error *err)
{
    *target = (struct target){0};
    struct sqlite_statement *statement = prepared(writer, request, STATEMENT_FIND, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, request->id);
    enum sqlite_step step = sqlite_step(statement, err);
    if (step != SQLITE_STEP_ROW)
        return step == SQLITE_STEP_DONE;
    target->found = true;
    target->row = sqlite_column_int(statement, 0);
    target->version = sqlite_column_int(statement, 1);
    bool ok = !has_array_index(request->collection) ||
              sqlite_column_doc(statement, 2, scratch, &target->doc, err);
    sqlite_reset(statement);
    return ok;
}

static bool insert_row(struct sqlite_connection *writer, const struct documents_request *request,
                       bool *inserted, ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(writer, request, STATEMENT_INSERT, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, request->id);
    sqlite_bind_doc(statement, 2, request->doc);
    documents_bind_columns(statement, 3, request->collection, request->doc);
    int64_t changes = 0;
    if (!sqlite_run(statement, &changes, err))
        return false;
    *inserted = changes > 0;
    return !*inserted ||
           documents_add_values(writer, request->collection, sqlite_last_rowid(writer),
                                request->doc, DOC_EMPTY, err);
}

static bool mark(struct sqlite_connection *writer, const struct documents_request *request,
                 int64_t row, ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(writer, request, STATEMENT_MARK, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, row);
    sqlite_bind_int(statement, 2, request->marks);
    return sqlite_run(statement, NULL, err);
}

static bool write_insert(struct sqlite_connection *writer, struct documents_request *request,
                         ecommerce_error *err)
{
    if (!insert_row(writer, request, &request->inserted, err))
        return false;
    if (!request->inserted || request->marks == 0)
        return true;
    return mark(writer, request, sqlite_last_rowid(writer), err);
}

static bool update_row(struct sqlite_connection *writer, const struct documents_request *request,
                       const struct target *target, ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(writer, request, STATEMENT_UPDATE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, target->row);
    sqlite_bind_doc(statement, 2, request->doc);
    documents_bind_columns(statement, 3, request->collection, request->doc);
    enum documents_collection collection = request->collection;
    return sqlite_run(statement, NULL, err) &&
           documents_remove_values(writer, collection, target->row, target->doc, request->doc,
                                   err) &&
           documents_add_values(writer, collection, target->row, request->doc, target->doc, err);
}

static bool write_replace(struct sqlite_connection *writer, struct arena *scratch,
                          struct documents_request *request, ecommerce_error *err)
{
    struct target target;
    if (!find(writer, scratch, request, &target, err))
        return false;
    request->found = target.found;
    request->replaced = target.found && target.version == request->version;
    return !request->replaced || update_row(writer, request, &target, err);
}

static bool write_put(struct sqlite_connection *writer, struct arena *scratch,
                      struct documents_request *request, ecommerce_error *err)
{
    bool inserted = false;
    struct target target;
    if (!insert_row(writer, request, &inserted, err))
        return false;
    if (inserted)
        return true;
    if (!find(writer, scratch, request, &target, err))
        return false;
    assert(target.found);
    return update_row(writer, request, &target, err);
}

static bool erase_row(struct sqlite_connection *writer, const struct documents_request *request,
                      unsigned kind, int64_t row, ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(writer, request, kind, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, row);
    return sqlite_run(statement, NULL, err);
}

static bool write_erase(struct sqlite_connection *writer, struct arena *scratch,
                        struct documents_request *request, ecommerce_error *err)
{
    struct target target;
    if (!find(writer, scratch, request, &target, err))
        return false;
    request->found = target.found;
    if (!target.found)
        return true;
    if (documents_schema[request->collection].marked &&
        !erase_row(writer, request, STATEMENT_ERASE_MARKS, target.row, err))
        return false;
    return documents_remove_values(writer, request->collection, target.row, target.doc, DOC_EMPTY,
                                   err) &&
           erase_row(writer, request, STATEMENT_ERASE, target.row, err);
}

static bool write_marks(struct sqlite_connection *writer, const struct documents_request *request,
                        unsigned kind, int64_t *changes, ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(writer, request, kind, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, request->id);
    sqlite_bind_int(statement, 2, request->marks);
    return sqlite_run(statement, changes, err);
}

static bool write_clear_marks(struct sqlite_connection *writer,
                              const struct documents_request *request, ecommerce_error *err)
{
    if (request->marks == 0)
        return true;
    int64_t changes = 0;
    return write_marks(writer, request, STATEMENT_UNMARK_ALL, &changes, err) &&
           (changes > 0 || write_marks(writer, request, STATEMENT_UNMARK_SOME, NULL, err));
}

static bool write_set_marks(struct sqlite_connection *writer, struct documents_request *request,
                            ecommerce_error *err)
{
    int64_t changes = 0;
    if (!write_marks(writer, request, STATEMENT_MARK_AGAIN, &changes, err))
        return false;
    request->found = changes > 0;
    return true;
}

static bool write_defer(struct sqlite_connection *writer, const struct documents_request *request,
                        ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(writer, request, STATEMENT_DEFER, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, request->id);
    sqlite_bind_int(statement, 2, request->attempts);
    sqlite_bind_int(statement, 3, request->next_attempt);
    sqlite_bind_int(statement, 4, request->parked);
    sqlite_bind_str(statement, 5, request->reason);
    return sqlite_run(statement, NULL, err);
}

bool documents_write(struct sqlite_connection *writer, struct arena *scratch,
                     struct documents_request *request, ecommerce_error *err)
{
    arena_reset(scratch);
    switch ((enum documents_operation)request->base.operation) {
    case DOCUMENTS_INSERT:
        return write_insert(writer, request, err);
    case DOCUMENTS_REPLACE:
        return write_replace(writer, scratch, request, err);
    case DOCUMENTS_PUT:
        return write_put(writer, scratch, request, err);
    case DOCUMENTS_ERASE:
        return write_erase(writer, scratch, request, err);
    case DOCUMENTS_CLEAR_MARKS:
        return write_clear_marks(writer, request, err);
    case DOCUMENTS_SET_MARKS:
        return write_set_marks(writer, request, err);
    case DOCUMENTS_DEFER:
        return write_defer(writer, request, err);
    default:
        assert(!"a read in the lane of the writes");
        return error_set(err, ECOMMERCE_INTERNAL, "a read came with the writes");
    }
}

bool documents_write_witness(struct sqlite_connection *writer, struct str identity,
                             int64_t sequence, ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(writer, STATEMENT_WITNESS_PUT, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, identity);
    sqlite_bind_int(statement, 2, sequence);
    return sqlite_run(statement, NULL, err);
}
