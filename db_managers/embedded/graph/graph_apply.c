/*
 * graph_apply.c - orders, and what is taken back of them, inside a batch's transaction.
 *
 * Orders of a request come before its take-backs, whatever their places in it. Take-backs commute:
 * what is taken back beyond what is left counts for nothing.
 */
#include "db_managers/embedded/graph/graph_parts.h"
#include "support/error.h"

/* A request on its way into the tables. */
struct applying {
    struct graph_batch *batch;
    unsigned set;
    struct graph_set sums; /* of the set, with what was applied so far */
    bool changed;
};

static struct sqlite_statement *prepared(struct applying *applying, enum graph_statement statement,
                                         ecommerce_error *err)
{
    return graph_prepared(applying->batch->writer, applying->set, statement, err);
}

static void count_relation(struct graph_digest *digest, struct str order_id,
                           const struct graph_line *line, int sign)
{
    if (line->quantity == 0)
        return;
    uint64_t hash = graph_relation_hash(order_id, line);
    digest->lines += sign;
    digest->quantity += sign * line->quantity;
    digest->hash += sign > 0 ? hash : -hash;
}

/* ---- orders ---- */

static bool pack_order(struct applying *applying, const struct graph_entry *entry,
                       ecommerce_error *err)
{
    struct graph_batch *batch = applying->batch;
    text_clear(&batch->lines);
    for (size_t i = 0; i < entry->line_count; i++) {
        struct packed_relation relation = {.quantity = entry->lines[i].quantity};
        if (!key_table_intern(&batch->products, batch->writer, entry->lines[i].product_id,
                              &relation.product, err))
            return false;
        packed_relation_add(&batch->lines, &relation);
    }
    return text_ok(&batch->lines) || error_memory(err);
}

static bool insert_order(struct applying *applying, const struct graph_entry *entry, bool *added,
                         ecommerce_error *err)
{
    struct graph_batch *batch = applying->batch;
    int64_t customer, changes = 0;
    if (!key_table_intern(&batch->customers, batch->writer, entry->customer_id, &customer, err))
        return false;
    struct sqlite_statement *statement = prepared(applying, STATEMENT_ORDER_ADD, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, entry->id);
    if (customer != 0)
        sqlite_bind_int(statement, 2, customer);
    sqlite_bind_int(statement, 3, entry->time);
    sqlite_bind_blob(statement, 4, batch->lines.ptr, batch->lines.len);
    if (!sqlite_run(statement, &changes, err))
        return false;
    *added = changes > 0;
    return true;
}

static bool apply_order(struct applying *applying, struct graph_entry *entry, ecommerce_error *err)
{
    if (!pack_order(applying, entry, err) || !insert_order(applying, entry, &entry->applied, err))
        return false;
    if (!entry->applied)
        return true;
    applying->changed = true;
    applying->sums.digest.orders++;
    for (size_t i = 0; i < entry->line_count; i++)
        count_relation(&applying->sums.digest, entry->id, &entry->lines[i], 1);
    return true;
}

/* ---- what is taken back ---- */

/* An order as it is in the tables; its bytes are in the batch's scratch arena. */
struct found_order {
    int64_t number;
    struct str lines;
};

static bool find_order(struct applying *applying, const struct graph_entry *entry,
                       struct found_order *order, ecommerce_error *err)
{
    struct arena *scratch = &applying->batch->scratch;
    arena_reset(scratch);
    struct sqlite_statement *statement = prepared(applying, STATEMENT_ORDER_FIND, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, entry->order_id);
    enum sqlite_step step = sqlite_step(statement, err);
    if (step == SQLITE_STEP_DONE)
        return error_field(err, ECOMMERCE_NOT_FOUND, "order_id",
                           "the order '%.*s' has not come yet", STR_ARG(entry->order_id));
    if (step == SQLITE_STEP_FAILED)
        return false;
    order->number = sqlite_column_int(statement, 0);
    bool ok = sqlite_column_str(statement, 1, scratch, &order->lines, err);
    sqlite_reset(statement);
    return ok;
}

/* The unique id decides whether anything happens at all. */
static bool add_take_back(struct applying *applying, const struct graph_entry *entry, int64_t order,
                          bool *added, ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(applying, STATEMENT_TAKE_BACK_ADD, err);
    int64_t changes = 0;
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, entry->id);
    sqlite_bind_int(statement, 2, order);
    if (!sqlite_run(statement, &changes, err))
        return false;
    *added = changes > 0;
    return true;
}

/* The line of the entry that takes this product back, or NULL. */
static bool find_line(struct applying *applying, const struct graph_entry *entry, int64_t product,
                      const struct graph_line **found, ecommerce_error *err)
{
    struct graph_batch *batch = applying->batch;
    *found = NULL;
    for (size_t i = 0; i < entry->line_count; i++) {
        int64_t number;
        if (!key_table_intern(&batch->products, batch->writer, entry->lines[i].product_id, &number,
                              err))
            return false;
        if (number == product) {
            *found = &entry->lines[i];
            return true;
        }
    }
    return true;
}

/* Packs the order's relations less what the entry takes back of them. */
static bool pack_rest(struct applying *applying, const struct graph_entry *entry,
                      const struct found_order *order, ecommerce_error *err)
{
    struct text *packed = &applying->batch->lines;
    struct str bytes = order->lines;
    text_clear(packed);
    for (struct packed_relation relation; packed_relation_next(&bytes, &relation);) {
        const struct graph_line *back;
        if (!find_line(applying, entry, relation.product, &back, err))
            return false;
        if (back) {
            struct graph_line line = {back->product_id, relation.quantity};
            count_relation(&applying->sums.digest, entry->order_id, &line, -1);
            line.quantity -= back->quantity < line.quantity ? back->quantity : line.quantity;
            count_relation(&applying->sums.digest, entry->order_id, &line, 1);
            relation.quantity = line.quantity;
        }
        packed_relation_add(packed, &relation);
    }
    if (!packed_relations_end(bytes, err))
        return false;
    return text_ok(packed) || error_memory(err);
}

static bool update_order(struct applying *applying, int64_t number, ecommerce_error *err)
{
    const struct text *packed = &applying->batch->lines;
    struct sqlite_statement *statement = prepared(applying, STATEMENT_ORDER_UPDATE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, number);
    sqlite_bind_blob(statement, 2, packed->ptr, packed->len);
    return sqlite_run(statement, NULL, err);
}

static bool apply_take_back(struct applying *applying, struct graph_entry *entry,
                            ecommerce_error *err)
{
    struct found_order order;
    if (!find_order(applying, entry, &order, err) ||
        !add_take_back(applying, entry, order.number, &entry->applied, err))
        return false;
    if (!entry->applied)
        return true;
    applying->changed = true;
    return pack_rest(applying, entry, &order, err) && update_order(applying, order.number, err);
}

/* ---- requests ---- */

static bool apply_kind(struct applying *applying, struct graph_request *request,
                       enum graph_entry_kind kind, ecommerce_error *err)
{
    for (size_t i = 0; i < request->entry_count; i++) {
        struct graph_entry *entry = &request->entries[i];
        if (entry->kind != kind)
            continue;
        entry->applied = false;
        bool ok = kind == GRAPH_ORDER ? apply_order(applying, entry, err)
                                      : apply_take_back(applying, entry, err);
        if (!ok)
            return err->field[0] ? error_under(err, "entries[%zu]", i) : false;
    }
    return true;
}

bool graph_apply(struct graph_batch *batch, struct graph_request *request, ecommerce_error *err)
{
    struct applying applying = {.batch = batch};
    if (!graph_choose_set(&batch->state, request->shadow, &applying.set, err) ||
        !graph_set_read(batch->writer, applying.set, &applying.sums, err) ||
        !apply_kind(&applying, request, GRAPH_ORDER, err) ||
        !apply_kind(&applying, request, GRAPH_TAKE_BACK, err))
        return false;
    applying.sums.changes++;
    return !applying.changed || graph_set_write(batch->writer, applying.set, &applying.sums, err);
}
