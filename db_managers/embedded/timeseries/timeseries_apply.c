/*
 * timeseries_apply.c - entries, events and metrics, inside a batch's transaction.
 */
#include "db_managers/embedded/timeseries/timeseries_parts.h"
#include "support/error.h"
#include "support/timestamp.h"

#define DAY_MICROSECONDS ((int64_t)DAY_SECONDS * MICROSECONDS)

static bool name_of(struct timeseries_batch *batch, struct str text, int64_t *number,
                    ecommerce_error *err)
{
    return key_table_intern(&batch->names, batch->writer, text, number, err);
}

static bool customer_of(struct timeseries_batch *batch, struct str text, int64_t *number,
                        ecommerce_error *err)
{
    return key_table_intern(&batch->customers, batch->writer, text, number, err);
}

/* ---- entries ---- */

/* An entry on its way into the tables. */
struct applying {
    struct timeseries_batch *batch;
    const struct timeseries_entry *entry;
    unsigned set;
    int64_t row;
    struct day_digest digest; /* what it adds */
};

static struct sqlite_statement *prepared(struct applying *applying,
                                         enum timeseries_statement statement, ecommerce_error *err)
{
    return timeseries_prepared(applying->batch->writer, applying->set, statement, err);
}

static bool pack_lines(struct applying *applying, ecommerce_error *err)
{
    struct timeseries_batch *batch = applying->batch;
    const struct timeseries_entry *entry = applying->entry;
    text_clear(&batch->lines);
    for (size_t i = 0; i < entry->line_count; i++) {
        const struct sale_line *line = &entry->lines[i];
        struct packed_line packed = {
            .line = line->line,
            .quantity = line->quantity,
            .amount = line->amount,
            .service = line->service,
        };
        if (!name_of(batch, line->product_id, &packed.product, err) ||
            !name_of(batch, line->sku, &packed.sku, err) ||
            !name_of(batch, line->category, &packed.category, err))
            return false;
        packed_line_add(&batch->lines, &packed);
        applying->digest.count++;
        applying->digest.quantity += line->quantity;
        applying->digest.amount += line->amount;
        applying->digest.hash += sale_line_hash(entry, line);
    }
    return text_ok(&batch->lines) || error_memory(err);
}

static bool pack_stock(struct applying *applying, ecommerce_error *err)
{
    struct timeseries_batch *batch = applying->batch;
    text_clear(&batch->stock);
    for (size_t i = 0; i < applying->entry->stock_count; i++) {
        const struct stock_change *change = &applying->entry->stock[i];
        struct packed_stock packed = {.quantity = change->quantity};
        if (!name_of(batch, change->sku, &packed.sku, err))
            return false;
        packed_stock_add(&batch->stock, &packed);
    }
    return text_ok(&batch->stock) || error_memory(err);
}

static void bind_packed(struct sqlite_statement *statement, int parameter, const struct text *text)
{
    if (text->len == 0)
        sqlite_bind_null(statement, parameter);
    else
        sqlite_bind_blob(statement, parameter, text->ptr, text->len);
}

/* The unique id decides whether anything happens at all. */
static bool add_entry(struct applying *applying, bool *added, ecommerce_error *err)
{
    const struct timeseries_entry *entry = applying->entry;
    struct sqlite_statement *statement = prepared(applying, STATEMENT_ENTRY_ADD, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, entry->id);
    sqlite_bind_str(statement, 2, entry->order_id);
    bind_packed(statement, 3, &applying->batch->stock);
    sqlite_bind_doc(statement, 4, entry->payload);
    int64_t changes = 0;
    if (!sqlite_run(statement, &changes, err))
        return false;
    *added = changes > 0;
    applying->row = sqlite_last_rowid(applying->batch->writer);
    return true;
}

static bool add_sales(struct applying *applying, ecommerce_error *err)
{
    struct timeseries_batch *batch = applying->batch;
    const struct timeseries_entry *entry = applying->entry;
    int64_t customer, country;
    if (!customer_of(batch, entry->customer_id, &customer, err) ||
        !name_of(batch, entry->country, &country, err))
        return false;
    struct sqlite_statement *statement = prepared(applying, STATEMENT_SALES_ADD, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, SALES_TIME + 1, entry->time);
    sqlite_bind_int(statement, SALES_ENTRY + 1, applying->row);
    sqlite_bind_int(statement, SALES_KIND + 1, entry->kind);
    timeseries_bind_number(statement, SALES_CUSTOMER + 1, customer);
    timeseries_bind_number(statement, SALES_COUNTRY + 1, country);
    sqlite_bind_int(statement, SALES_QUANTITY + 1, applying->digest.quantity);
    sqlite_bind_int(statement, SALES_AMOUNT + 1, applying->digest.amount);
    bind_packed(statement, SALES_LINES + 1, &batch->lines);
    return sqlite_run(statement, NULL, err);
}

static bool add_stock(struct applying *applying, ecommerce_error *err)
{
    struct str bytes = text_str(&applying->batch->stock);
    for (struct packed_stock change; packed_stock_next(&bytes, &change);) {
        struct sqlite_statement *statement = prepared(applying, STATEMENT_STOCK_ADD, err);
        if (!statement)
            return false;
        sqlite_bind_int(statement, 1, change.sku);
        sqlite_bind_int(statement, 2, applying->entry->time);
        sqlite_bind_int(statement, 3, applying->row);
        sqlite_bind_int(statement, 4, change.quantity);
        if (!sqlite_run(statement, NULL, err))
            return false;
    }
    return true;
}

static bool read_digest(struct applying *applying, struct day_digest *digest, ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(applying, STATEMENT_DIGEST_GET, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, digest->day);
    enum sqlite_step step = sqlite_step(statement, err);
    if (step != SQLITE_STEP_ROW)
        return step == SQLITE_STEP_DONE;
    digest->count = sqlite_column_int(statement, 0);
    digest->quantity = sqlite_column_int(statement, 1);
    digest->amount = sqlite_column_int(statement, 2);
    digest->hash = (uint64_t)sqlite_column_int(statement, 3);
    sqlite_reset(statement);
    return true;
}

/* The hash wraps around, which sums in SQL do not. */
static bool add_digest(struct applying *applying, ecommerce_error *err)
{
    struct day_digest digest = {.day = floor_divide(applying->entry->time, DAY_MICROSECONDS)};
    if (applying->entry->line_count == 0)
        return true;
    if (!read_digest(applying, &digest, err))
        return false;
    struct sqlite_statement *statement = prepared(applying, STATEMENT_DIGEST_PUT, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, digest.day);
    sqlite_bind_int(statement, 2, digest.count + applying->digest.count);
    sqlite_bind_int(statement, 3, digest.quantity + applying->digest.quantity);
    sqlite_bind_int(statement, 4, digest.amount + applying->digest.amount);
    sqlite_bind_int(statement, 5, (int64_t)(digest.hash + applying->digest.hash));
    return sqlite_run(statement, NULL, err);
}

static bool apply_one(struct timeseries_batch *batch, unsigned set, struct timeseries_entry *entry,
                      ecommerce_error *err)
{
    struct applying applying = {.batch = batch, .entry = entry, .set = set};
    entry->applied = false;
    bool added = false;
    if (!pack_stock(&applying, err) || !add_entry(&applying, &added, err))
        return false;
    if (!added)
        return true;
    entry->applied = true;
    return pack_lines(&applying, err) && add_sales(&applying, err) && add_stock(&applying, err) &&
           add_digest(&applying, err);
}

bool timeseries_apply(struct timeseries_batch *batch, struct timeseries_request *request,
                      ecommerce_error *err)
{
    unsigned set;
    if (!timeseries_choose_set(&batch->state, request->shadow, &set, err))
        return false;
    for (size_t i = 0; i < request->entry_count; i++) {
        if (!apply_one(batch, set, &request->entries[i], err))
            return false;
    }
    return true;
}

/* ---- events ---- */

static bool add_event(struct timeseries_batch *batch, const struct customer_event *event,
                      ecommerce_error *err)
{
    int64_t kind, customer, product;
    if (!name_of(batch, event->kind, &kind, err) ||
        !customer_of(batch, event->customer_id, &customer, err) ||
        !name_of(batch, event->product_id, &product, err))
        return false;
    struct sqlite_statement *statement = sqlite_prepared(batch->writer, STATEMENT_EVENT_ADD, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, event->id);
    sqlite_bind_int(statement, 2, kind);
    timeseries_bind_number(statement, 3, customer);
    sqlite_bind_str(statement, 4, event->session);
    timeseries_bind_number(statement, 5, product);
    sqlite_bind_str(statement, 6, event->text);
    sqlite_bind_int(statement, 7, event->time);
    return sqlite_run(statement, NULL, err);
}

bool timeseries_add_events(struct timeseries_batch *batch, struct timeseries_request *request,
                           ecommerce_error *err)
{
    for (size_t i = 0; i < request->event_count; i++) {
        if (!add_event(batch, &request->events[i], err))
            return false;
    }
    return true;
}

/* ---- metrics ---- */

bool timeseries_add_metrics(struct timeseries_batch *batch, struct timeseries_request *request,
                            ecommerce_error *err)
{
    for (size_t i = 0; i < request->metric_count; i++) {
        const struct metric_point *point = &request->metrics[i];
        int64_t name;
        if (!name_of(batch, point->name, &name, err))
            return false;
        struct sqlite_statement *statement =
            sqlite_prepared(batch->writer, STATEMENT_METRIC_ADD, err);
        if (!statement)
            return false;
        sqlite_bind_int(statement, 1, name);
        sqlite_bind_int(statement, 2, point->time);
        sqlite_bind_double(statement, 3, point->value);
        if (!sqlite_run(statement, NULL, err))
            return false;
    }
    return true;
}
