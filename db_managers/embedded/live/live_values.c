/*
 * live_values.c - carts, sessions, cache and leases as values under keys, and the event buffer.
 */
#include "db_managers/embedded/live/live_parts.h"
#include "support/error.h"

#include <assert.h>
#include <stdio.h>

/* ---- one value ---- */

static struct sqlite_statement *ask_value(struct sqlite_connection *connection, int64_t now,
                                          const struct live_request *request, ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(connection, STATEMENT_VALUE_GET, err);
    if (!statement)
        return NULL;
    sqlite_bind_int(statement, 1, request->space);
    sqlite_bind_str(statement, 2, request->key);
    sqlite_bind_int(statement, 3, now);
    return statement;
}

struct present {
    int64_t version; /* 0: absent */
    int64_t expires_at;
    bool is_owners; /* whether it is the request's owner's */
};

static bool find_present(struct live_batch *batch, const struct live_request *request,
                         struct present *present, ecommerce_error *err)
{
    *present = (struct present){0};
    struct sqlite_statement *statement = ask_value(batch->writer, batch->now, request, err);
    if (!statement)
        return false;
    enum sqlite_step step = sqlite_step(statement, err);
    if (step != SQLITE_STEP_ROW)
        return step == SQLITE_STEP_DONE;
    present->version = sqlite_column_int(statement, 0);
    present->expires_at = sqlite_column_int(statement, 1);
    present->is_owners = str_equal(sqlite_column_view(statement, 3), request->owner);
    sqlite_reset(statement);
    return true;
}

static bool put_row(struct live_batch *batch, struct live_request *request, int64_t version,
                    ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_VALUE_PUT, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->space);
    sqlite_bind_str(statement, 2, request->key);
    sqlite_bind_str(statement, 3, request->owner);
    sqlite_bind_int(statement, 4, version);
    sqlite_bind_int(statement, 5, request->expires_at);
    sqlite_bind_doc(statement, 6, request->doc);
    request->stored = true;
    request->value.version = version;
    request->value.expires_at = request->expires_at;
    return live_execute(batch, statement, NULL, err);
}

static bool write_put(struct live_batch *batch, struct live_request *request, ecommerce_error *err)
{
    struct present present;
    if (!find_present(batch, request, &present, err))
        return false;
    request->found = present.version > 0;
    if (request->version == VERSION_ANY || request->version == present.version)
        return put_row(batch, request, present.version + 1, err);
    request->value.version = present.version;
    request->value.expires_at = present.expires_at;
    return true;
}

/* A lease is a value that only its owner may replace before it expires. */
static bool write_lease(struct live_batch *batch, struct live_request *request,
                        ecommerce_error *err)
{
    struct present present;
    request->space = SPACE_LEASES;
    if (!find_present(batch, request, &present, err))
        return false;
    if (present.version == 0 || present.is_owners)
        return put_row(batch, request, present.version + 1, err);
    request->value.version = present.version;
    request->value.expires_at = present.expires_at;
    return true;
}

static bool write_delete(struct live_batch *batch, struct live_request *request,
                         ecommerce_error *err)
{
    struct present present;
    if (!find_present(batch, request, &present, err))
        return false;
    request->found = present.version > 0;
    request->value.version = present.version;
    if (!request->found || (request->version != VERSION_ANY && request->version != present.version))
        return true;
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_VALUE_DELETE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->space);
    sqlite_bind_str(statement, 2, request->key);
    request->stored = true;
    return live_execute(batch, statement, NULL, err);
}

/* ---- many values ---- */

/* What has expired is deleted too, but not counted: nobody could have read it. */
static bool write_delete_owner(struct live_batch *batch, struct live_request *request,
                               ecommerce_error *err)
{
    int64_t count;
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_OWNER_COUNT, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->space);
    sqlite_bind_str(statement, 2, request->owner);
    sqlite_bind_int(statement, 3, batch->now);
    if (!sqlite_run_int(statement, &count, NULL, err))
        return false;
    statement = live_prepared(batch, STATEMENT_OWNER_DELETE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->space);
    sqlite_bind_str(statement, 2, request->owner);
    request->count = (size_t)count;
    return live_execute(batch, statement, NULL, err);
}

static bool write_expire(struct live_batch *batch, struct live_request *request,
                         ecommerce_error *err)
{
    int64_t values, ids, before;
    if (__builtin_sub_overflow(request->now, request->grace, &before))
        before = INT64_MIN;
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_VALUE_EXPIRE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->now);
    if (!live_execute(batch, statement, &values, err))
        return false;
    statement = live_prepared(batch, STATEMENT_ENDED_EXPIRE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->now);
    sqlite_bind_int(statement, 2, before);
    if (!live_execute(batch, statement, &ids, err))
        return false;
    request->count = (size_t)(values + ids);
    return true;
}

/* ---- the event buffer ---- */

static bool delete_events(struct live_batch *batch, int64_t position, int64_t *count,
                          ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_EVENT_DELETE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, position);
    return live_execute(batch, statement, count, err);
}

static bool note_lost(struct live_batch *batch, int64_t count, ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_EVENTS_LOST, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, count);
    return live_execute(batch, statement, NULL, err);
}

/* Events leave at the old end only, so positions have no gaps and need not be counted. */
static bool write_append(struct live_batch *batch, struct live_request *request,
                         ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_EVENT_PUT, err);
    if (!statement)
        return false;
    sqlite_bind_doc(statement, 1, request->doc);
    if (!live_execute(batch, statement, NULL, err))
        return false;
    int64_t position = sqlite_last_rowid(batch->writer);
    int64_t lost = 0;
    if (request->event_limit < (size_t)position &&
        !delete_events(batch, position - (int64_t)request->event_limit, &lost, err))
        return false;
    request->stored = true;
    request->count = (size_t)lost;
    return lost == 0 || note_lost(batch, lost, err);
}

static bool write_ack(struct live_batch *batch, struct live_request *request, ecommerce_error *err)
{
    long long position = 0;
    bool is_number = str_to_int64(request->key, &position);
    assert(is_number);
    UNUSED(is_number);
    int64_t count;
    if (!delete_events(batch, position, &count, err))
        return false;
    request->count = (size_t)count;
    return true;
}

bool live_write_value(struct live_batch *batch, struct live_request *request, ecommerce_error *err)
{
    switch ((enum live_operation)request->base.operation) {
    case LIVE_PUT:
        return write_put(batch, request, err);
    case LIVE_DELETE:
        return write_delete(batch, request, err);
    case LIVE_DELETE_OWNER:
        return write_delete_owner(batch, request, err);
    case LIVE_EXPIRE:
        return write_expire(batch, request, err);
    case LIVE_LEASE:
        return write_lease(batch, request, err);
    case LIVE_EVENT_APPEND:
        return write_append(batch, request, err);
    case LIVE_EVENT_ACK:
        return write_ack(batch, request, err);
    default:
        assert(!"a read in the lane of the writes");
        return error_set(err, ECOMMERCE_INTERNAL, "a read came with the writes");
    }
}

/* ---- reading ---- */

static bool read_row(struct sqlite_statement *statement, struct arena *arena,
                     struct live_value *value, ecommerce_error *err)
{
    value->version = sqlite_column_int(statement, 0);
    value->expires_at = sqlite_column_int(statement, 1);
    return sqlite_column_str(statement, 2, arena, &value->key, err) &&
           sqlite_column_str(statement, 3, arena, &value->owner, err) &&
           sqlite_column_doc(statement, 4, arena, &value->doc, err);
}

static bool read_event(struct sqlite_statement *statement, struct arena *arena,
                       struct live_value *value, ecommerce_error *err)
{
    const char *position = arena_printf(arena, "%lld", (long long)sqlite_column_int(statement, 0));
    if (!position)
        return error_memory(err);
    value->key = str_of(position);
    value->version = 1;
    value->expires_at = INT64_MAX;
    return sqlite_column_doc(statement, 1, arena, &value->doc, err);
}

static bool read_get(struct sqlite_connection *reader, int64_t now, struct live_request *request,
                     ecommerce_error *err)
{
    struct sqlite_statement *statement = ask_value(reader, now, request, err);
    if (!statement)
        return false;
    enum sqlite_step step = sqlite_step(statement, err);
    request->found = step == SQLITE_STEP_ROW;
    if (!request->found)
        return step == SQLITE_STEP_DONE;
    bool ok = read_row(statement, request->base.arena, &request->value, err);
    sqlite_reset(statement);
    return ok;
}

static bool read_values(struct sqlite_statement *statement, struct live_request *request,
                        ecommerce_error *err)
{
    bool events = request->base.operation == LIVE_EVENT_READ;
    struct arena *arena = request->base.arena;
    struct live_rows rows = {0};
    enum sqlite_step step;
    while ((step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        struct live_value *value = live_rows_add(&rows, sizeof(*value), arena, err);
        if (!value || !(events ? read_event : read_row)(statement, arena, value, err)) {
            sqlite_reset(statement);
            return false;
        }
    }
    request->values = rows.items;
    request->count = rows.count;
    return step == SQLITE_STEP_DONE;
}

static bool read_list(struct sqlite_connection *reader, int64_t now, struct live_request *request,
                      ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(reader, STATEMENT_VALUE_LIST, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->space);
    sqlite_bind_str(statement, 2, request->owner);
    sqlite_bind_int(statement, 3, now);
    sqlite_bind_int(statement, 4, (int64_t)request->limit);
    return read_values(statement, request, err);
}

static bool read_events(struct sqlite_connection *reader, struct live_request *request,
                        ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(reader, STATEMENT_EVENT_SCAN, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, (int64_t)request->limit);
    return read_values(statement, request, err);
}

bool live_read_value(struct sqlite_connection *reader, int64_t now, struct live_request *request,
                     ecommerce_error *err)
{
    switch ((enum live_operation)request->base.operation) {
    case LIVE_GET:
        return read_get(reader, now, request, err);
    case LIVE_LIST:
        return read_list(reader, now, request, err);
    case LIVE_EVENT_READ:
        return read_events(reader, request, err);
    default:
        assert(!"a write among the reads");
        return error_set(err, ECOMMERCE_INTERNAL, "a write came with the reads");
    }
}
