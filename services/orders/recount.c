/*
 * recount.c - what the counters should be, from nothing but the facts.
 *
 * stock of a sku = movements - valid orders + what cancellations and returns put back; never
 * clamped: a negative one says that more was sold than ever came, and then nothing sells.
 */
#include "services/orders/document_scan.h"
#include "services/orders/order_facts.h"
#include "services/orders/recovery.h"

#include <stdlib.h>

struct counting {
    struct call *call;
    const struct epoch_base *parent;
    struct arena *kept;   /* the call's: results */
    struct strmap levels; /* sku -> struct stock_level */
    struct strmap lines;  /* ids counted by the bases back from the parent, and void orders */
    struct strmap voided; /* ids of void orders */
    struct id_list {
        struct str *ids;
        size_t count, capacity;
    } applied, counted;
    int64_t orders, changes, movements;
    bool voided_meanwhile;
    ecommerce_error *err;
};

static bool out_of_memory(struct counting *counting)
{
    return error_memory(counting->err);
}

static bool list_add(struct counting *counting, struct id_list *list, struct str id)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 256;
        struct str *ids = arena_array(counting->kept, capacity, sizeof(*ids));
        if (ids == NULL) {
            return out_of_memory(counting);
        }
        if (list->count > 0) {
            memcpy(ids, list->ids, list->count * sizeof(*ids));
        }
        list->ids = ids;
        list->capacity = capacity;
    }
    char *copy = arena_str(counting->kept, id);
    if (copy == NULL) {
        return out_of_memory(counting);
    }
    list->ids[list->count++] = str_make(copy, id.len);
    return true;
}

static bool add_stock(struct counting *counting, struct str sku, int64_t quantity)
{
    struct stock_level *level = strmap_get(&counting->levels, sku);
    if (level == NULL) {
        char *copy = arena_str(counting->kept, sku);
        level = arena_alloc(counting->kept, sizeof(*level));
        if (copy == NULL || level == NULL) {
            return out_of_memory(counting);
        }
        *level = (struct stock_level){.sku = str_make(copy, sku.len), .known = true};
        if (!strmap_put(&counting->levels, level->sku, level)) {
            return out_of_memory(counting);
        }
    }
    if (__builtin_add_overflow(level->available, quantity, &level->available)) {
        return error_set(counting->err, ECOMMERCE_LIMIT_EXCEEDED,
                         "the stock of '%.*s' is too large", STR_ARG(sku));
    }
    return true;
}

static bool sell(struct counting *counting, const struct order *order)
{
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        if (line->tracked && !add_stock(counting, line->sku, -line->quantity)) {
            return false;
        }
    }
    counting->orders++;
    return true;
}

/* Valid in the parent's line: judged before (mark off), of the parent's own epoch, or carried over
 * by a base on the way back. Whether it was voided is known only after the changes were read: see
 * count_change. */
static bool count_order(void *context, struct arena *page, const struct stored_document *stored,
                        ecommerce_error *err)
{
    struct counting *counting = context;
    struct order order;
    if (!order_parse(page, stored, &order, err)) {
        return false;
    }
    if (order.aborted) {
        return true;
    }
    bool judged = (order.marks & MARK_STOCK) == 0;
    bool of_parent = order.epoch == counting->parent->epoch;
    if (!judged && !of_parent && strmap_get(&counting->lines, order.order_id) == NULL) {
        return true;
    }
    if (judged && strmap_get(&counting->voided, order.order_id) != NULL) {
        return true;
    }
    if (of_parent && !judged && !list_add(counting, &counting->counted, order.order_id)) {
        return false;
    }
    return sell(counting, &order);
}

static bool count_change(void *context, struct arena *page, const struct stored_document *stored,
                         ecommerce_error *err)
{
    struct counting *counting = context;
    struct order_change change;
    struct stock_line *lines;
    size_t count;
    if (!change_parse(page, stored, &change, err)) {
        return false;
    }
    if (change.kind == CHANGE_VOID && strmap_get(&counting->voided, change.order_id) == NULL) {
        counting->voided_meanwhile = true;
    }
    if (!change.restock || change.kind == CHANGE_VOID) {
        return true;
    }
    if (!facts_credit_of_change(page, &change, &lines, &count)) {
        return out_of_memory(counting);
    }
    for (size_t i = 0; i < count; i++) {
        if (!add_stock(counting, lines[i].sku, lines[i].quantity)) {
            return false;
        }
    }
    counting->changes++;
    return list_add(counting, &counting->applied, change.change_id);
}

static bool count_movement(void *context, struct arena *page, const struct stored_document *stored,
                           ecommerce_error *err)
{
    struct counting *counting = context;
    struct movement movement;
    UNUSED(page);
    if (!movement_parse(stored, &movement, err)) {
        return false;
    }
    if (movement.quantity == 0) {
        return true;
    }
    counting->movements++;
    return add_stock(counting, movement.sku, movement.quantity) &&
           list_add(counting, &counting->applied, movement.movement_id);
}

/* Ids that the bases carried over, from the parent back to the first. */
static bool read_lines(struct counting *counting)
{
    struct epoch_base base = *counting->parent;
    while (base.epoch > 0) {
        int64_t parent = base.parent;
        bool found;
        if (!epochs_counted(counting->call, &base, &counting->lines, counting->err)) {
            return false;
        }
        if (parent == 0) {
            return true;
        }
        if (parent >= base.epoch) {
            return error_set(counting->err, ECOMMERCE_STORAGE_FAILED,
                             "the base of an epoch names a later parent");
        }
        if (!epochs_base(counting->call, parent, &base, &found, counting->err)) {
            return false;
        }
        if (!found) {
            return error_set(counting->err, ECOMMERCE_STORAGE_FAILED,
                             "the base of an epoch is missing");
        }
    }
    return true;
}

static int by_sku(const void *a, const void *b)
{
    return str_compare(((const struct stock_level *)a)->sku, ((const struct stock_level *)b)->sku);
}

static bool finish(struct counting *counting, struct recount *recount)
{
    recount->levels =
        arena_array(counting->kept, counting->levels.count + 1, sizeof(*recount->levels));
    if (recount->levels == NULL) {
        return out_of_memory(counting);
    }
    struct strmap_entry *entry;
    for (size_t at = 0; (entry = strmap_next(&counting->levels, &at)) != NULL;) {
        recount->levels[recount->level_count++] = *(struct stock_level *)entry->value;
    }
    qsort(recount->levels, recount->level_count, sizeof(*recount->levels), by_sku);
    recount->applied_ids = counting->applied.ids;
    recount->applied_count = counting->applied.count;
    recount->counted_orders = counting->counted.ids;
    recount->counted_count = counting->counted.count;
    recount->orders = counting->orders;
    recount->changes = counting->changes;
    recount->movements = counting->movements;
    return true;
}

static void release(struct counting *counting)
{
    strmap_release(&counting->levels);
    strmap_release(&counting->lines);
    strmap_release(&counting->voided);
}

/* Orders before changes: a cancellation that is counted belongs to an order that was. */
bool recovery_recount(struct call *call, const struct epoch_base *parent, struct recount *recount,
                      ecommerce_error *err)
{
    bool ok, again;
    do {
        struct counting counting = {
            .call = call, .parent = parent, .kept = &call->arena, .err = err};
        *recount = (struct recount){0};
        /* Void orders whose marks came off look judged: the set is read before the orders. When
         * another came while the orders were read, nobody knows how it was seen: count again. */
        ok = read_lines(&counting) && scan_void_orders(call, &counting.voided, err) &&
             document_scan(call, COLLECTION_ORDERS, count_order, &counting, err) &&
             document_scan(call, COLLECTION_ORDER_CHANGES, count_change, &counting, err) &&
             document_scan(call, COLLECTION_MOVEMENTS, count_movement, &counting, err) &&
             finish(&counting, recount);
        again = ok && counting.voided_meanwhile;
        release(&counting);
    } while (again && seams_monotonic(call->shop->seams) < call->deadline);
    return ok && (!again || error_set(err, ECOMMERCE_DEADLINE_EXCEEDED,
                                      "orders were voided while the stock was counted"));
}
