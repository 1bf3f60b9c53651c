/*
 * live_levels.c - credits, new epochs, and reading the stock.
 */
#include "db_managers/embedded/live/live_parts.h"
#include "support/error.h"

#include <assert.h>

/* ---- credits ---- */

static bool add_to_counter(struct live_counter *counter, struct str sku, int64_t quantity,
                           ecommerce_error *err)
{
    int64_t available, total;
    if (__builtin_add_overflow(counter->available, quantity, &available) ||
        __builtin_add_overflow(available, counter->held, &total) || total > LIVE_QUANTITY_MAX ||
        available < -LIVE_QUANTITY_MAX)
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "quantity",
                           "the stock of '%.*s' would be too large to be counted", STR_ARG(sku));
    counter->available = available;
    return true;
}

static bool put_counter(struct live_batch *batch, enum live_statement kind, struct str sku,
                        int64_t available, int64_t *changes, ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, kind, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, sku);
    sqlite_bind_int(statement, 2, available);
    return live_execute(batch, statement, changes, err);
}

static bool remember_applied(struct live_batch *batch, struct str id, bool *is_new,
                             ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_APPLIED_PUT, err);
    if (!statement)
        return false;
    int64_t changes;
    sqlite_bind_str(statement, 1, id);
    if (!live_execute(batch, statement, &changes, err))
        return false;
    *is_new = changes > 0;
    return true;
}

bool live_credit(struct live_batch *batch, struct live_request *request, ecommerce_error *err)
{
    struct live_lines lines;
    bool is_new;
    if (!live_in_epoch(batch, request))
        return true;
    request->outcome = LIVE_DONE;
    if (!remember_applied(batch, request->id, &is_new, err))
        return false;
    if (!is_new)
        return true;
    if (!live_lines_load(batch, request->lines, request->line_count, &lines, err))
        return false;
    for (size_t i = 0; i < lines.count; i++) {
        struct str sku = lines.lines[i].sku;
        struct live_counter *counter = &lines.counters[i];
        if (!add_to_counter(counter, sku, lines.lines[i].quantity, err))
            return false;
        live_touch(batch, sku);
        if (!put_counter(batch, STATEMENT_COUNTER_PUT, sku, counter->available, NULL, err))
            return false;
    }
    return true;
}

/* ---- a new epoch ---- */

static bool forget_epoch(struct live_batch *batch, ecommerce_error *err)
{
    static const enum live_statement all[] = {STATEMENT_COUNTER_CLEAR, STATEMENT_HOLD_CLEAR,
                                              STATEMENT_ENDED_CLEAR, STATEMENT_APPLIED_CLEAR};
    for (size_t i = 0; i < ARRAY_LENGTH(all); i++) {
        struct sqlite_statement *statement = live_prepared(batch, all[i], err);
        if (!statement || !live_execute(batch, statement, NULL, err))
            return false;
    }
    return true;
}

static bool write_epoch(struct live_batch *batch, const struct live_request *request,
                        ecommerce_error *err)
{
    for (size_t i = 0; i < request->install_count; i++) {
        const struct stock_level *level = &request->install[i];
        int64_t changes;
        if (!put_counter(batch, STATEMENT_COUNTER_NEW, level->sku, level->available, &changes, err))
            return false;
        if (changes == 0)
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "install",
                               "the sku '%.*s' has two levels", STR_ARG(level->sku));
    }
    bool is_new;
    for (size_t i = 0; i < request->applied_id_count; i++) {
        if (!remember_applied(batch, request->applied_ids[i], &is_new, err))
            return false;
    }
    return true;
}

bool live_install(struct live_batch *batch, struct live_request *request, ecommerce_error *err)
{
    if (request->epoch <= batch->status.epoch) {
        request->outcome = LIVE_WRONG_EPOCH;
        return true;
    }
    generation_set_add_all(&batch->touched, batch->generations);
    if (!forget_epoch(batch, err) || !write_epoch(batch, request, err))
        return false;
    batch->status.epoch = request->epoch;
    batch->wrote = true;
    request->outcome = LIVE_DONE;
    return true;
}

/* ---- reading ---- */

static bool read_level(struct sqlite_connection *reader, struct arena *arena, struct str sku,
                       struct stock_level *level, ecommerce_error *err)
{
    struct live_counter counter;
    const char *copy = arena_str(arena, sku);
    if (!copy)
        return error_memory(err);
    if (!live_read_counter(reader, sku, &counter, err))
        return false;
    *level = (struct stock_level){
        .sku = str_make(copy, sku.len),
        .known = counter.known,
        .available = counter.available,
        .held = counter.held,
    };
    return true;
}

static bool read_levels(struct sqlite_connection *reader, struct live_request *request,
                        ecommerce_error *err)
{
    struct arena *arena = request->base.arena;
    struct stock_level *levels = arena_array(arena, request->line_count, sizeof(*levels));
    if (!levels)
        return error_memory(err);
    for (size_t i = 0; i < request->line_count; i++) {
        if (!read_level(reader, arena, request->lines[i].sku, &levels[i], err))
            return false;
    }
    request->levels = levels;
    request->level_count = request->line_count;
    return true;
}

/* Begins a scan of ids or skus; they come greater than request->after. */
static struct sqlite_statement *begin_scan(struct sqlite_connection *reader,
                                           enum live_statement kind,
                                           const struct live_request *request, int first,
                                           ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(reader, kind, err);
    if (!statement)
        return NULL;
    sqlite_bind_str(statement, first, request->after.ptr ? request->after : STR(""));
    sqlite_bind_int(statement, first + 1, (int64_t)request->limit);
    return statement;
}

typedef bool read_row(struct sqlite_statement *statement, struct arena *arena, int64_t epoch,
                      void *row, ecommerce_error *err);

/* Reads all rows of the statement as items of `size` bytes. */
static bool read_rows(struct sqlite_statement *statement, struct live_request *request,
                      read_row *read, size_t size, struct live_rows *rows, ecommerce_error *err)
{
    enum sqlite_step step;
    while ((step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        void *row = live_rows_add(rows, size, request->base.arena, err);
        if (!row || !read(statement, request->base.arena, request->status.epoch, row, err)) {
            sqlite_reset(statement);
            return false;
        }
    }
    return step == SQLITE_STEP_DONE;
}

static bool read_level_row(struct sqlite_statement *statement, struct arena *arena, int64_t epoch,
                           void *row, ecommerce_error *err)
{
    UNUSED(epoch);
    struct stock_level *level = row;
    level->known = true;
    level->available = sqlite_column_int(statement, 1);
    level->held = sqlite_column_int(statement, 2);
    return sqlite_column_str(statement, 0, arena, &level->sku, err);
}

static bool scan_levels(struct sqlite_connection *reader, struct live_request *request,
                        ecommerce_error *err)
{
    struct live_rows rows = {0};
    struct sqlite_statement *statement =
        begin_scan(reader, STATEMENT_COUNTER_SCAN, request, 1, err);
    if (!statement ||
        !read_rows(statement, request, read_level_row, sizeof(struct stock_level), &rows, err))
        return false;
    request->levels = rows.items;
    request->level_count = rows.count;
    return true;
}

static bool read_hold_row(struct sqlite_statement *statement, struct arena *arena, int64_t epoch,
                          void *row, ecommerce_error *err)
{
    struct live_hold *hold = row;
    struct doc lines;
    hold->epoch = epoch;
    hold->deadline = sqlite_column_int(statement, 1);
    return sqlite_column_str(statement, 0, arena, &hold->id, err) &&
           sqlite_column_doc(statement, 2, arena, &lines, err) &&
           live_lines_of(lines, arena, &hold->lines, &hold->line_count, err);
}

static bool scan_holds(struct sqlite_connection *reader, struct live_request *request,
                       ecommerce_error *err)
{
    struct live_rows rows = {0};
    struct sqlite_statement *statement = begin_scan(reader, STATEMENT_HOLD_SCAN, request, 2, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->now);
    if (!read_rows(statement, request, read_hold_row, sizeof(struct live_hold), &rows, err))
        return false;
    request->holds = rows.items;
    request->hold_count = rows.count;
    return true;
}

static bool read_applied_row(struct sqlite_statement *statement, struct arena *arena, int64_t epoch,
                             void *row, ecommerce_error *err)
{
    UNUSED(epoch);
    return sqlite_column_str(statement, 0, arena, row, err);
}

static bool scan_applied(struct sqlite_connection *reader, struct live_request *request,
                         ecommerce_error *err)
{
    struct live_rows rows = {0};
    struct sqlite_statement *statement =
        begin_scan(reader, STATEMENT_APPLIED_SCAN, request, 1, err);
    if (!statement ||
        !read_rows(statement, request, read_applied_row, sizeof(struct str), &rows, err))
        return false;
    request->applied = rows.items;
    request->applied_count = rows.count;
    return true;
}

/* Stock and status are of one moment. */
bool live_read_stock(struct sqlite_connection *reader, struct live_request *request,
                     ecommerce_error *err)
{
    if (!sqlite_begin_read(reader, err) || !live_read_status(reader, &request->status, NULL, err))
        return false;
    switch ((enum live_operation)request->base.operation) {
    case LIVE_STATUS:
        return true;
    case LIVE_LEVELS:
        return read_levels(reader, request, err);
    case LIVE_LEVELS_SCAN:
        return scan_levels(reader, request, err);
    case LIVE_HOLDS:
        return scan_holds(reader, request, err);
    case LIVE_APPLIED_SCAN:
        return scan_applied(reader, request, err);
    default:
        assert(!"no read of the stock");
        return error_set(err, ECOMMERCE_INTERNAL, "no read of the stock");
    }
}
