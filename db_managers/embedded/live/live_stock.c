/*
 * live_stock.c - reservations and how they end, inside a batch's transaction.
 */
#include "db_managers/embedded/live/live_parts.h"
#include "support/error.h"

#include <assert.h>
#include <stdlib.h>

/* ---- lines and counters ---- */

bool live_in_epoch(const struct live_batch *batch, struct live_request *request)
{
    if (request->epoch == batch->status.epoch && request->epoch > 0)
        return true;
    request->outcome = LIVE_WRONG_EPOCH;
    return false;
}

void live_touch(struct live_batch *batch, struct str sku)
{
    generation_set_add(&batch->touched, batch->generations, STR("sku/"), sku);
}

bool live_read_counter(struct sqlite_connection *connection, struct str sku,
                       struct live_counter *counter, ecommerce_error *err)
{
    *counter = (struct live_counter){0};
    struct sqlite_statement *statement = sqlite_prepared(connection, STATEMENT_COUNTER_GET, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, sku);
    enum sqlite_step step = sqlite_step(statement, err);
    if (step != SQLITE_STEP_ROW)
        return step == SQLITE_STEP_DONE;
    *counter = (struct live_counter){
        .known = true,
        .available = sqlite_column_int(statement, 0),
        .held = sqlite_column_int(statement, 1),
    };
    sqlite_reset(statement);
    return true;
}

static bool move_stock(struct live_batch *batch, struct str sku, int64_t to_available,
                       int64_t to_held, ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_COUNTER_MOVE, err);
    if (!statement)
        return false;
    int64_t changes;
    live_touch(batch, sku);
    sqlite_bind_str(statement, 1, sku);
    sqlite_bind_int(statement, 2, to_available);
    sqlite_bind_int(statement, 3, to_held);
    if (!live_execute(batch, statement, &changes, err))
        return false;
    /* What was reserved has a counter until the epoch ends, and the hold with it. */
    return changes == 1 ||
           error_set(err, ECOMMERCE_STORAGE_FAILED, "live.db: a counter of a hold is missing");
}

static int compare_lines(const void *a, const void *b)
{
    return str_compare(((const struct stock_line *)a)->sku, ((const struct stock_line *)b)->sku);
}

/* One line a sku. Sorted, neighbours in the table are also written one after the other. */
static bool merge_lines(struct live_lines *lines, ecommerce_error *err)
{
    qsort(lines->lines, lines->count, sizeof(*lines->lines), compare_lines);
    size_t kept = 0;
    for (size_t i = 0; i < lines->count; i++) {
        const struct stock_line *line = &lines->lines[i];
        struct stock_line *last = kept > 0 ? &lines->lines[kept - 1] : NULL;
        if (!last || !str_equal(last->sku, line->sku)) {
            lines->lines[kept++] = *line;
            continue;
        }
        if (__builtin_add_overflow(last->quantity, line->quantity, &last->quantity))
            return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "quantity",
                               "the quantities of '%.*s' cannot be counted", STR_ARG(line->sku));
    }
    lines->count = kept;
    return true;
}

bool live_lines_load(struct live_batch *batch, const struct stock_line *lines, size_t count,
                     struct live_lines *out, ecommerce_error *err)
{
    out->count = count;
    out->lines = arena_array(&batch->scratch, count, sizeof(*out->lines));
    out->counters = arena_array(&batch->scratch, count, sizeof(*out->counters));
    if (!out->lines || !out->counters)
        return error_memory(err);
    if (count > 0)
        memcpy(out->lines, lines, count * sizeof(*lines));
    if (!merge_lines(out, err))
        return false;
    for (size_t i = 0; i < out->count; i++) {
        if (!live_read_counter(batch->writer, out->lines[i].sku, &out->counters[i], err))
            return false;
    }
    return true;
}

/* ---- what is known of an id ---- */

enum id_state { ID_UNKNOWN, ID_HELD, ID_SETTLED, ID_RELEASED };

struct hold {
    enum id_state state;
    /* of one that is held: */
    int64_t deadline, keep_until;
    struct doc lines; /* in the scratch arena */
};

static bool find_hold(struct live_batch *batch, struct str id, struct hold *hold,
                      ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_HOLD_GET, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, id);
    enum sqlite_step step = sqlite_step(statement, err);
    if (step != SQLITE_STEP_ROW)
        return step == SQLITE_STEP_DONE;
    hold->state = ID_HELD;
    hold->deadline = sqlite_column_int(statement, 0);
    hold->keep_until = sqlite_column_int(statement, 1);
    bool ok = sqlite_column_doc(statement, 2, &batch->scratch, &hold->lines, err);
    sqlite_reset(statement);
    return ok;
}

static bool find_ended(struct live_batch *batch, struct str id, struct hold *hold,
                       ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_ENDED_GET, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, id);
    int64_t released;
    bool found;
    if (!sqlite_run_int(statement, &released, &found, err))
        return false;
    if (found)
        hold->state = released ? ID_RELEASED : ID_SETTLED;
    return true;
}

static bool find_id(struct live_batch *batch, struct str id, struct hold *hold,
                    ecommerce_error *err)
{
    *hold = (struct hold){.state = ID_UNKNOWN};
    return find_hold(batch, id, hold, err) &&
           (hold->state != ID_UNKNOWN || find_ended(batch, id, hold, err));
}

/* ---- reserve ---- */

static bool is_short(const struct live_lines *lines, size_t line)
{
    return lines->counters[line].available < lines->lines[line].quantity;
}

/* Tells which lines are short; `short_count` stays 0 when none is. */
static bool report_short(const struct live_lines *lines, struct live_request *request,
                         size_t *short_count, ecommerce_error *err)
{
    *short_count = 0;
    for (size_t i = 0; i < lines->count; i++)
        *short_count += is_short(lines, i);
    if (*short_count == 0)
        return true;
    request->levels = arena_array(request->base.arena, *short_count, sizeof(*request->levels));
    if (!request->levels)
        return error_memory(err);
    for (size_t i = 0; i < lines->count; i++) {
        if (!is_short(lines, i))
            continue;
        struct str sku = lines->lines[i].sku;
        const struct live_counter *counter = &lines->counters[i];
        const char *copy = arena_str(request->base.arena, sku);
        if (!copy)
            return error_memory(err);
        request->levels[request->level_count++] = (struct stock_level){
            .sku = str_make(copy, sku.len),
            .known = counter->known,
            .available = counter->available,
            .held = counter->held,
        };
    }
    return true;
}

/* The document of the lines lives until the builder is used again. */
static bool hold_document(struct live_batch *batch, const struct live_lines *lines, struct doc *doc,
                          ecommerce_error *err)
{
    struct doc_builder *builder = &batch->builder;
    doc_builder_clear(builder);
    for (size_t i = 0; i < lines->count; i++) {
        char key[LIVE_KEY_MAX + 1];
        struct str sku = lines->lines[i].sku;
        assert(sku.len < sizeof(key));
        memcpy(key, sku.ptr, sku.len);
        key[sku.len] = '\0';
        doc_add_int(builder, key, lines->lines[i].quantity);
    }
    *doc = doc_finish(builder);
    return doc_builder_check(builder, err);
}

static int64_t later(int64_t time, int64_t by)
{
    int64_t sum;
    return __builtin_add_overflow(time, by, &sum) ? INT64_MAX : sum;
}

static bool write_hold(struct live_batch *batch, const struct live_request *request,
                       const struct live_lines *lines, ecommerce_error *err)
{
    struct doc doc;
    if (!hold_document(batch, lines, &doc, err))
        return false;
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_HOLD_PUT, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, request->id);
    sqlite_bind_int(statement, 2, request->hold_deadline);
    sqlite_bind_int(statement, 3, later(request->hold_deadline, request->grace));
    sqlite_bind_doc(statement, 4, doc);
    return live_execute(batch, statement, NULL, err);
}

static bool take_stock(struct live_batch *batch, const struct live_request *request,
                       const struct live_lines *lines, ecommerce_error *err)
{
    for (size_t i = 0; i < lines->count; i++) {
        const struct stock_line *line = &lines->lines[i];
        if (!move_stock(batch, line->sku, -line->quantity, line->quantity, err))
            return false;
    }
    return write_hold(batch, request, lines, err);
}

/* Idempotent for the same lines only: a hold must never stand for more than it took. */
static bool reserve_again(struct live_batch *batch, struct live_request *request,
                          const struct hold *hold, ecommerce_error *err)
{
    struct live_lines lines;
    struct doc doc;
    if (!live_lines_load(batch, request->lines, request->line_count, &lines, err) ||
        !hold_document(batch, &lines, &doc, err))
        return false;
    bool same =
        str_equal(str_make(doc.bytes, doc.size), str_make(hold->lines.bytes, hold->lines.size));
    request->outcome = same ? LIVE_DONE : LIVE_OTHER_LINES;
    return true;
}

static bool reserve_new(struct live_batch *batch, struct live_request *request,
                        ecommerce_error *err)
{
    struct live_lines lines;
    size_t short_count;
    if (!live_lines_load(batch, request->lines, request->line_count, &lines, err) ||
        !report_short(&lines, request, &short_count, err))
        return false;
    request->outcome = short_count > 0 ? LIVE_OUT_OF_STOCK : LIVE_DONE;
    return short_count > 0 || take_stock(batch, request, &lines, err);
}

bool live_reserve(struct live_batch *batch, struct live_request *request, ecommerce_error *err)
{
    struct hold hold;
    if (!live_in_epoch(batch, request))
        return true;
    if (!find_id(batch, request->id, &hold, err))
        return false;
    if (hold.state == ID_HELD)
        return reserve_again(batch, request, &hold, err);
    if (hold.state != ID_UNKNOWN) {
        request->outcome = hold.state == ID_RELEASED ? LIVE_WAS_RELEASED : LIVE_DONE;
        return true;
    }
    if (request->hold_deadline <= batch->now) {
        request->outcome = LIVE_TOO_LATE;
        return true;
    }
    return reserve_new(batch, request, err);
}

/* ---- settle and release ---- */

bool live_lines_of(struct doc doc, struct arena *arena, const struct stock_line **lines,
                   size_t *count, ecommerce_error *err)
{
    *count = doc_count(doc);
    struct stock_line *line = arena_array(arena, *count, sizeof(*line));
    *lines = line;
    if (!line)
        return error_memory(err);
    struct doc_iter field;
    for (doc_iter_init(&field, doc); doc_iter_next(&field); line++) {
        if (field.value.type != DOC_INT || field.value.integer <= 0)
            return error_set(err, ECOMMERCE_STORAGE_FAILED, "live.db: a stored hold is damaged");
        *line = (struct stock_line){.sku = field.value.key, .quantity = field.value.integer};
    }
    return true;
}

static bool give_back(struct live_batch *batch, const struct hold *hold, bool to_available,
                      ecommerce_error *err)
{
    const struct stock_line *lines;
    size_t count;
    if (!live_lines_of(hold->lines, &batch->scratch, &lines, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t quantity = lines[i].quantity;
        if (!move_stock(batch, lines[i].sku, to_available ? quantity : 0, -quantity, err))
            return false;
    }
    return true;
}

static bool delete_hold(struct live_batch *batch, struct str id, ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_HOLD_DELETE, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, id);
    return live_execute(batch, statement, NULL, err);
}

static bool remember_end(struct live_batch *batch, struct str id, const struct hold *hold,
                         bool released, ecommerce_error *err)
{
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_ENDED_PUT, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, id);
    sqlite_bind_int(statement, 2, released);
    sqlite_bind_int(statement, 3, hold->deadline);
    sqlite_bind_int(statement, 4, hold->keep_until);
    return live_execute(batch, statement, NULL, err);
}

static enum live_outcome outcome_of_end(enum id_state state, bool release)
{
    switch (state) {
    case ID_SETTLED:
        return release ? LIVE_NO_HOLD : LIVE_DONE;
    case ID_RELEASED:
        return release ? LIVE_DONE : LIVE_WAS_RELEASED;
    case ID_UNKNOWN:
        return LIVE_NO_HOLD;
    case ID_HELD:
        break;
    }
    return LIVE_DONE;
}

bool live_end_hold(struct live_batch *batch, struct live_request *request, ecommerce_error *err)
{
    bool release = request->base.operation == LIVE_RELEASE;
    struct hold hold;
    if (!live_in_epoch(batch, request))
        return true;
    if (!find_id(batch, request->id, &hold, err))
        return false;
    request->outcome = outcome_of_end(hold.state, release);
    if (hold.state != ID_HELD)
        return true;
    return give_back(batch, &hold, release, err) && delete_hold(batch, request->id, err) &&
           remember_end(batch, request->id, &hold, release, err);
}
