/*
 * timeseries_reports.c - entries as they were applied, stock, metrics and digests.
 */
#include "db_managers/embedded/timeseries/timeseries_parts.h"
#include "support/error.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

void *timeseries_rows_add(struct timeseries_rows *rows, size_t size, struct arena *arena,
                          ecommerce_error *err)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity ? rows->capacity * 2 : 16;
        void *items = arena_array(arena, capacity, size);
        if (!items) {
            error_memory(err);
            return NULL;
        }
        if (rows->count)
            memcpy(items, rows->items, rows->count * size);
        rows->items = items;
        rows->capacity = capacity;
    }
    return (char *)rows->items + rows->count++ * size;
}

/* A read: where it reads, and what it knows of texts. */
struct reading {
    struct sqlite_connection *reader;
    struct timeseries_request *request;
    struct arena *arena;
    unsigned set;
    struct key_reader names, customers;
    struct timeseries_rows rows;
};

static struct sqlite_statement *prepared(struct reading *reading,
                                         enum timeseries_statement statement, ecommerce_error *err)
{
    return timeseries_prepared(reading->reader, reading->set, statement, err);
}

typedef bool read_row(struct reading *reading, struct sqlite_statement *statement,
                      ecommerce_error *err);

/* Every row of the statement goes through the function. */
static bool each_row(struct reading *reading, struct sqlite_statement *statement, read_row *read,
                     ecommerce_error *err)
{
    enum sqlite_step step = SQLITE_STEP_FAILED;
    while (statement && (step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        if (!read(reading, statement, err))
            break;
    }
    sqlite_reset(statement);
    return step == SQLITE_STEP_DONE;
}

/* ---- which were applied ---- */

static bool read_has(struct reading *reading, ecommerce_error *err)
{
    struct timeseries_request *request = reading->request;
    request->present = arena_array(reading->arena, request->id_count + 1, sizeof(bool));
    if (!request->present)
        return error_memory(err);
    for (size_t i = 0; i < request->id_count; i++) {
        struct sqlite_statement *statement = prepared(reading, STATEMENT_ENTRY_HAS, err);
        int64_t one;
        if (!statement)
            return false;
        sqlite_bind_str(statement, 1, request->ids[i]);
        if (!sqlite_run_int(statement, &one, &request->present[i], err))
            return false;
    }
    request->count = request->id_count;
    return true;
}

/* ---- entries as they were applied ---- */

static bool unpack_line(struct reading *reading, const struct packed_line *packed,
                        struct sale_line *line, ecommerce_error *err)
{
    *line = (struct sale_line){
        .line = (int)packed->line,
        .quantity = packed->quantity,
        .amount = packed->amount,
        .service = packed->service,
    };
    return key_reader_text(&reading->names, packed->product, &line->product_id, err) &&
           key_reader_text(&reading->names, packed->sku, &line->sku, err) &&
           key_reader_text(&reading->names, packed->category, &line->category, err);
}

static bool unpack_lines(struct reading *reading, struct str bytes, struct timeseries_entry *entry,
                         ecommerce_error *err)
{
    struct timeseries_rows rows = {0};
    for (struct packed_line packed; packed_line_next(&bytes, &packed);) {
        struct sale_line *line = timeseries_rows_add(&rows, sizeof(*line), reading->arena, err);
        if (!line || !unpack_line(reading, &packed, line, err))
            return false;
    }
    entry->lines = rows.items;
    entry->line_count = rows.count;
    return bytes.len == 0 || packed_damaged(err);
}

static bool unpack_stock(struct reading *reading, struct str bytes, struct timeseries_entry *entry,
                         ecommerce_error *err)
{
    struct timeseries_rows rows = {0};
    for (struct packed_stock packed; packed_stock_next(&bytes, &packed);) {
        struct stock_change *change =
            timeseries_rows_add(&rows, sizeof(*change), reading->arena, err);
        if (!change || !key_reader_text(&reading->names, packed.sku, &change->sku, err))
            return false;
        change->quantity = packed.quantity;
    }
    entry->stock = rows.items;
    entry->stock_count = rows.count;
    return bytes.len == 0 || packed_damaged(err);
}

static bool read_entry(struct reading *reading, struct sqlite_statement *statement,
                       ecommerce_error *err)
{
    struct timeseries_entry *entry =
        timeseries_rows_add(&reading->rows, sizeof(*entry), reading->arena, err);
    if (!entry)
        return false;
    entry->applied = true;
    entry->time = sqlite_column_int(statement, ENTRY_TIME);
    entry->kind = (enum sale_kind)sqlite_column_int(statement, ENTRY_KIND);
    int64_t customer = sqlite_column_int(statement, ENTRY_CUSTOMER);
    int64_t country = sqlite_column_int(statement, ENTRY_COUNTRY);
    return sqlite_column_str(statement, ENTRY_ID, reading->arena, &entry->id, err) &&
           sqlite_column_str(statement, ENTRY_ORDER, reading->arena, &entry->order_id, err) &&
           key_reader_text(&reading->customers, customer, &entry->customer_id, err) &&
           key_reader_text(&reading->names, country, &entry->country, err) &&
           unpack_lines(reading, sqlite_column_view(statement, ENTRY_LINES), entry, err) &&
           unpack_stock(reading, sqlite_column_view(statement, ENTRY_STOCK), entry, err) &&
           sqlite_column_doc(statement, ENTRY_PAYLOAD, reading->arena, &entry->payload, err);
}

/* A cursor is "<time>:<id>" of the last entry given. */
static bool parse_cursor(struct str cursor, int64_t *time, struct str *id, ecommerce_error *err)
{
    const char *colon = cursor.len ? memchr(cursor.ptr, ':', cursor.len) : NULL;
    long long number = 0;
    size_t digits = colon ? (size_t)(colon - cursor.ptr) : 0;
    if (!colon || !str_to_int64(str_make(cursor.ptr, digits), &number))
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "cursor", "'%.*s' is no cursor",
                           STR_ARG(cursor));
    *time = number;
    *id = str_make(colon + 1, cursor.len - digits - 1);
    return true;
}

static bool set_cursor(struct reading *reading, size_t limit, ecommerce_error *err)
{
    struct timeseries_request *request = reading->request;
    request->cursor = STR_NONE;
    if (request->count < limit)
        return true;
    const struct timeseries_entry *last = &request->found_entries[request->count - 1];
    request->cursor =
        str_of(arena_printf(reading->arena, "%lld:%.*s", (long long)last->time, STR_ARG(last->id)));
    return request->cursor.ptr || error_memory(err);
}

static bool read_entries(struct reading *reading, ecommerce_error *err)
{
    struct timeseries_request *request = reading->request;
    size_t limit = request->limit ? request->limit : TIMESERIES_PAGE;
    int64_t from = request->from, after = INT64_MIN;
    struct str after_id = STR("");
    if (request->after.ptr) {
        if (!parse_cursor(request->after, &after, &after_id, err))
            return false;
        from = after > from ? after : from;
    }
    struct sqlite_statement *statement = prepared(reading, STATEMENT_ENTRY_SCAN, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, from);
    sqlite_bind_int(statement, 2, request->to);
    sqlite_bind_int(statement, 3, after);
    sqlite_bind_str(statement, 4, after_id);
    sqlite_bind_int(statement, 5, (int64_t)limit);
    if (!each_row(reading, statement, read_entry, err))
        return false;
    request->found_entries = reading->rows.items;
    request->count = reading->rows.count;
    return set_cursor(reading, limit, err);
}

/* ---- span ---- */

static bool read_end(struct reading *reading, enum timeseries_statement which, int64_t *time,
                     ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(reading, which, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, reading->request->from);
    sqlite_bind_int(statement, 2, reading->request->to);
    return sqlite_run_int(statement, time, &reading->request->found, err);
}

static bool read_span(struct reading *reading, ecommerce_error *err)
{
    return read_end(reading, STATEMENT_SPAN_FIRST, &reading->request->span_first, err) &&
           read_end(reading, STATEMENT_SPAN_LAST, &reading->request->span_last, err);
}

/* ---- stock ---- */

/* The level that rows are added to is kept in the last point. */
static bool read_point(struct reading *reading, struct sqlite_statement *statement,
                       ecommerce_error *err)
{
    const struct stock_point *points = reading->rows.items;
    int64_t level = reading->rows.count ? points[reading->rows.count - 1].level : 0;
    struct stock_point *point =
        timeseries_rows_add(&reading->rows, sizeof(*point), reading->arena, err);
    if (!point)
        return false;
    point->time = sqlite_column_int(statement, 0);
    point->quantity = sqlite_column_int(statement, 2);
    point->level = level + point->quantity;
    return sqlite_column_str(statement, 1, reading->arena, &point->id, err);
}

static bool read_level_before(struct reading *reading, int64_t sku, int64_t *level,
                              ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(reading, STATEMENT_STOCK_BEFORE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, sku);
    sqlite_bind_int(statement, 2, reading->request->from);
    return sqlite_run_int(statement, level, NULL, err);
}

static bool read_stock_history(struct reading *reading, ecommerce_error *err)
{
    struct timeseries_request *request = reading->request;
    int64_t sku, before;
    if (!key_find(reading->reader, TIMESERIES_NAMES, request->key, &sku, err) ||
        !read_level_before(reading, sku, &before, err))
        return false;
    struct sqlite_statement *statement = prepared(reading, STATEMENT_STOCK_SCAN, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, sku);
    sqlite_bind_int(statement, 2, request->from);
    sqlite_bind_int(statement, 3, request->to);
    if (!each_row(reading, statement, read_point, err))
        return false;
    request->points = reading->rows.items;
    request->count = reading->rows.count;
    for (size_t i = 0; i < request->count; i++)
        request->points[i].level += before;
    return true;
}

static bool read_level(struct reading *reading, struct sqlite_statement *statement,
                       ecommerce_error *err)
{
    struct stock_point *point =
        timeseries_rows_add(&reading->rows, sizeof(*point), reading->arena, err);
    if (!point)
        return false;
    point->time = reading->request->to;
    point->level = sqlite_column_int(statement, 1);
    return key_reader_text(&reading->names, sqlite_column_int(statement, 0), &point->id, err);
}

static int by_id(const void *a, const void *b)
{
    return str_compare(((const struct stock_point *)a)->id, ((const struct stock_point *)b)->id);
}

static bool read_stock_at(struct reading *reading, ecommerce_error *err)
{
    struct timeseries_request *request = reading->request;
    struct sqlite_statement *statement = prepared(reading, STATEMENT_STOCK_LEVELS, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->to);
    if (!each_row(reading, statement, read_level, err))
        return false;
    request->points = reading->rows.items;
    request->count = reading->rows.count;
    if (request->count > 1)
        qsort(request->points, request->count, sizeof(*request->points), by_id);
    return true;
}

/* ---- metrics ---- */

static void count_point(struct metric_bucket *bucket, double value)
{
    if (bucket->count == 0 || value < bucket->minimum)
        bucket->minimum = value;
    if (bucket->count == 0 || value > bucket->maximum)
        bucket->maximum = value;
    bucket->count++;
    bucket->sum += value;
}

/* Points come by time, so the bucket that got the last one is where the next is looked for. */
static bool read_metric(struct reading *reading, struct sqlite_statement *statement,
                        ecommerce_error *err)
{
    UNUSED(err);
    const struct timeseries_request *request = reading->request;
    int64_t time = sqlite_column_int(statement, 0);
    size_t *bucket = &reading->rows.count;
    while (time >= request->bounds[*bucket + 1])
        (*bucket)++;
    count_point(&request->metric_buckets[*bucket], sqlite_column_double(statement, 1));
    return true;
}

static bool read_metric_history(struct reading *reading, ecommerce_error *err)
{
    struct timeseries_request *request = reading->request;
    int64_t name;
    if (request->bound_count < 2)
        return true;
    size_t count = request->bound_count - 1;
    request->metric_buckets = arena_array(reading->arena, count, sizeof(*request->metric_buckets));
    if (!request->metric_buckets)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        request->metric_buckets[i].start = request->bounds[i];
    request->count = count;
    if (!key_find(reading->reader, TIMESERIES_NAMES, request->key, &name, err))
        return false;
    struct sqlite_statement *statement =
        sqlite_prepared(reading->reader, STATEMENT_METRIC_SCAN, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, name);
    sqlite_bind_int(statement, 2, request->bounds[0]);
    sqlite_bind_int(statement, 3, request->bounds[count]);
    return each_row(reading, statement, read_metric, err);
}

/* ---- digests ---- */

static bool read_digest(struct reading *reading, struct sqlite_statement *statement,
                        ecommerce_error *err)
{
    struct day_digest *digest =
        timeseries_rows_add(&reading->rows, sizeof(*digest), reading->arena, err);
    if (!digest)
        return false;
    *digest = (struct day_digest){
        .day = sqlite_column_int(statement, 0),
        .count = sqlite_column_int(statement, 1),
        .quantity = sqlite_column_int(statement, 2),
        .amount = sqlite_column_int(statement, 3),
        .hash = (uint64_t)sqlite_column_int(statement, 4),
    };
    return true;
}

static bool read_digests(struct reading *reading, ecommerce_error *err)
{
    struct timeseries_request *request = reading->request;
    struct sqlite_statement *statement = prepared(reading, STATEMENT_DIGEST_SCAN, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->from_day);
    sqlite_bind_int(statement, 2, request->to_day);
    if (!each_row(reading, statement, read_digest, err))
        return false;
    request->digests = reading->rows.items;
    request->count = reading->rows.count;
    return true;
}

/* ---- all of them ---- */

static bool read_by_operation(struct reading *reading, ecommerce_error *err)
{
    switch ((enum timeseries_operation)reading->request->base.operation) {
    case TIMESERIES_HAS:
        return read_has(reading, err);
    case TIMESERIES_ENTRIES:
        return read_entries(reading, err);
    case TIMESERIES_SPAN:
        return read_span(reading, err);
    case TIMESERIES_STOCK_HISTORY:
        return read_stock_history(reading, err);
    case TIMESERIES_STOCK_AT:
        return read_stock_at(reading, err);
    case TIMESERIES_METRIC_HISTORY:
        return read_metric_history(reading, err);
    default:
        assert(reading->request->base.operation == TIMESERIES_DIGESTS);
        return read_digests(reading, err);
    }
}

bool timeseries_read_other(struct sqlite_connection *reader, unsigned set,
                           struct timeseries_request *request, ecommerce_error *err)
{
    struct arena *arena = request->base.arena;
    struct reading reading = {
        .reader = reader,
        .request = request,
        .arena = arena,
        .set = set,
        .names = {.statements = TIMESERIES_NAMES, .reader = reader, .arena = arena},
        .customers = {.statements = TIMESERIES_CUSTOMERS, .reader = reader, .arena = arena},
    };
    bool ok = read_by_operation(&reading, err);
    key_reader_release(&reading.names);
    key_reader_release(&reading.customers);
    return ok;
}
