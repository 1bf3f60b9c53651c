/* ecommerce_orders.c - the typed functions about orders, and many orders at once. */
#include "ecommerce_arguments.h"

#include "services/orders/order_document.h"

#include <stdio.h>

/* ---- one order ---- */

static void add_items(struct argument_builder *args, const ecommerce_item *items, size_t count)
{
    doc_open_array(&args->doc, "items");
    for (size_t i = 0; i < count; i++) {
        doc_open(&args->doc, NULL);
        arguments_text(args, "product_id", items[i].product_id);
        arguments_int(args, "quantity", items[i].quantity);
        arguments_text(args, "price", items[i].price);
        doc_close(&args->doc);
    }
    doc_close(&args->doc);
}

bool ecommerce_process_order(ecommerce_system *system, const ecommerce_order *order,
                             ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "customer_id", order->customer_id);
    add_items(&args, order->items, order->item_count);
    arguments_text(&args, "key", order->key);
    arguments_text(&args, "scope", order->scope);
    arguments_document(&args, "contact", order->contact);
    arguments_text(&args, "country", order->country);
    arguments_text(&args, "delivery_method", order->delivery_method);
    arguments_text(&args, "delivery_cost", order->delivery_cost);
    return arguments_run(&args, system, "process_order", answer, err);
}

bool ecommerce_get_order(ecommerce_system *system, const char *order_id,
                         ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "order_id", order_id);
    return arguments_run(&args, system, "get_order", answer, err);
}

bool ecommerce_list_orders(ecommerce_system *system, const ecommerce_order_filter *filter,
                           ecommerce_document **answer, ecommerce_error *err)
{
    static const ecommerce_order_filter all;
    struct argument_builder args;
    filter = filter != NULL ? filter : &all;
    arguments_begin(&args);
    arguments_text(&args, "customer_id", filter->customer_id);
    arguments_text(&args, "status", filter->status);
    arguments_text(&args, "number", filter->number);
    arguments_text(&args, "email", filter->email);
    arguments_time(&args, "from", filter->from);
    arguments_time(&args, "to", filter->to);
    arguments_limit(&args, filter->limit);
    arguments_text(&args, "cursor", filter->cursor);
    return arguments_run(&args, system, "list_orders", answer, err);
}

/* ---- changes ---- */

bool ecommerce_change_order(ecommerce_system *system, const ecommerce_order_change *change,
                            ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "order_id", change->order_id);
    arguments_text(&args, "kind", change->kind);
    arguments_text(&args, "reference", change->reference);
    arguments_text(&args, "reason", change->reason);
    arguments_text(&args, "refund", change->refund);
    arguments_text(&args, "key", change->key);
    return arguments_run(&args, system, "change_order", answer, err);
}

/* The changes by kind: an order, one text about it, a key. */
static bool change_by_kind(ecommerce_system *system, const char *operation, const char *order_id,
                           const char *name, const char *value, const char *key,
                           ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "order_id", order_id);
    arguments_text(&args, name, value);
    arguments_text(&args, "key", key);
    return arguments_run(&args, system, operation, answer, err);
}

bool ecommerce_pay_order(ecommerce_system *system, const char *order_id, const char *reference,
                         const char *key, ecommerce_document **answer, ecommerce_error *err)
{
    return change_by_kind(system, "pay_order", order_id, "reference", reference, key, answer, err);
}

bool ecommerce_ship_order(ecommerce_system *system, const char *order_id, const char *reference,
                          const char *key, ecommerce_document **answer, ecommerce_error *err)
{
    return change_by_kind(system, "ship_order", order_id, "reference", reference, key, answer, err);
}

bool ecommerce_deliver_order(ecommerce_system *system, const char *order_id, const char *reference,
                             const char *key, ecommerce_document **answer, ecommerce_error *err)
{
    return change_by_kind(system, "deliver_order", order_id, "reference", reference, key, answer,
                          err);
}

bool ecommerce_cancel_order(ecommerce_system *system, const char *order_id, const char *reason,
                            const char *key, ecommerce_document **answer, ecommerce_error *err)
{
    return change_by_kind(system, "cancel_order", order_id, "reason", reason, key, answer, err);
}

bool ecommerce_refund_order(ecommerce_system *system, const char *order_id, const char *refund,
                            const char *key, ecommerce_document **answer, ecommerce_error *err)
{
    return change_by_kind(system, "refund_order", order_id, "refund", refund, key, answer, err);
}

static void add_lines(struct argument_builder *args, const ecommerce_return *goods)
{
    doc_open_array(&args->doc, "items");
    for (size_t i = 0; i < goods->line_count; i++) {
        const ecommerce_return_line *line = &goods->lines[i];
        doc_open(&args->doc, NULL);
        if (line->line != 0) {
            arguments_int(args, "line", line->line);
        }
        arguments_text(args, "product_id", line->product_id);
        arguments_int(args, "quantity", line->quantity);
        doc_close(&args->doc);
    }
    doc_close(&args->doc);
}

bool ecommerce_return_order(ecommerce_system *system, const ecommerce_return *goods,
                            ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "order_id", goods->order_id);
    add_lines(&args, goods);
    arguments_flag(&args, "no_restock", goods->no_restock);
    arguments_text(&args, "reference", goods->reference);
    arguments_text(&args, "reason", goods->reason);
    arguments_text(&args, "key", goods->key);
    return arguments_run(&args, system, "return_order", answer, err);
}

bool ecommerce_return_unlinked(ecommerce_system *system, const ecommerce_unlinked_return *goods,
                               ecommerce_document **answer, ecommerce_error *err)
{
    struct argument_builder args;
    arguments_begin(&args);
    arguments_text(&args, "item_id", goods->item_id);
    arguments_int(&args, "quantity", goods->quantity);
    arguments_text(&args, "refund", goods->refund);
    arguments_text(&args, "customer_id", goods->customer_id);
    arguments_text(&args, "country", goods->country);
    arguments_text(&args, "key", goods->key);
    arguments_flag(&args, "no_restock", goods->no_restock);
    arguments_time(&args, "at", goods->at);
    return arguments_run(&args, system, "return_unlinked", answer, err);
}

/* ---- many orders ---- */

static bool take_text(const char *value, const char *name, struct str *text, ecommerce_error *err)
{
    *text = str_of(value);
    return value == NULL || str_is_utf8(*text) ||
           error_field(err, ECOMMERCE_INVALID_ARGUMENT, name, "%s is not valid UTF-8", name);
}

static bool take_money(struct call *call, const char *value, const char *name, int64_t *minor,
                       ecommerce_error *err)
{
    ecommerce_error why;
    return value == NULL || money_parse(str_of(value), &call->shop->currency, minor, &why) ||
           error_field(err, why.code, name, "%s", why.message);
}

static bool take_item(struct call *call, const ecommerce_item *item,
                      struct order_item_request *request, ecommerce_error *err)
{
    request->quantity = item->quantity;
    request->has_price = item->price != NULL;
    if (item->product_id == NULL) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "product_id", "product_id is missing");
    }
    return take_text(item->product_id, "product_id", &request->item_id, err) &&
           take_money(call, item->price, "price", &request->price, err);
}

static bool take_items(struct call *call, const ecommerce_order *order,
                       struct order_request *request, ecommerce_error *err)
{
    struct order_item_request *items =
        arena_array(&call->arena, order->item_count + 1, sizeof(*items));
    if (items == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < order->item_count; i++) {
        if (!take_item(call, &order->items[i], &items[i], err)) {
            return error_under(err, "items[%zu]", i);
        }
    }
    request->items = items;
    request->item_count = order->item_count;
    return true;
}

static bool take_order(struct call *call, const ecommerce_order *order,
                       struct order_request *request, ecommerce_error *err)
{
    *request = (struct order_request){0};
    request->contact = order->contact != NULL ? order->contact->doc : DOC_EMPTY;
    return take_text(order->customer_id, "customer_id", &request->customer_id, err) &&
           take_text(order->key, "key", &request->key, err) &&
           take_text(order->scope, "scope", &request->scope, err) &&
           take_text(order->country, "country", &request->country, err) &&
           take_text(order->delivery_method, "delivery_method", &request->delivery_method, err) &&
           take_money(call, order->delivery_cost, "delivery_cost", &request->delivery_cost, err) &&
           take_items(call, order, request, err);
}

static ecommerce_document *show_order(struct call *call, struct doc stored_order,
                                      ecommerce_error *err)
{
    struct order order;
    struct stored_document stored = {.id = STR("order"), .doc = stored_order};
    if (!order_parse(&call->arena, &stored, &order, err)) {
        return NULL;
    }
    ecommerce_document *document = document_new();
    if (document != NULL) {
        order_show(&document->builder, &order, STATUS_PLACED, &call->shop->currency);
    }
    if (document == NULL || !document_seal(document)) {
        error_memory(err);
        ecommerce_document_free(&document);
    }
    return document;
}

/* An order that is placed stays placed when its answer does not fit into memory: its key finds it.
 */
static void give_result(struct call *call, const struct order_result *placed,
                        ecommerce_order_result *result)
{
    result->error = placed->error;
    if (!placed->ok) {
        return;
    }
    error_clear(&result->error);
    result->order = show_order(call, placed->order, &result->error);
    result->ok = result->order != NULL;
    result->replayed = placed->replayed;
    if (result->order != NULL) {
        result->order->replayed = placed->replayed;
    } else {
        result->error.code = ECOMMERCE_OUTCOME_UNKNOWN;
    }
}

struct batch {
    struct order_request *requests;
    struct order_result *placed;
    size_t *index; /* of the caller's order */
    size_t count;
};

static bool make_batch(struct call *call, const ecommerce_order *orders, size_t count,
                       ecommerce_order_result *results, struct batch *batch)
{
    batch->requests = arena_array(&call->arena, count + 1, sizeof(*batch->requests));
    batch->placed = arena_array(&call->arena, count + 1, sizeof(*batch->placed));
    batch->index = arena_array(&call->arena, count + 1, sizeof(*batch->index));
    if (batch->requests == NULL || batch->placed == NULL || batch->index == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct order_request *request = &batch->requests[batch->count];
        if (take_order(call, &orders[i], request, &results[i].error)) {
            batch->index[batch->count++] = i;
        }
    }
    return true;
}

void ecommerce_process_orders(ecommerce_system *system, const ecommerce_order *orders, size_t count,
                              ecommerce_order_result *results)
{
    struct doc_builder unused;
    struct call call;
    struct batch batch = {0};
    for (size_t i = 0; i < count; i++) {
        results[i] = (ecommerce_order_result){0};
    }
    system_call_begin(system, &call, &unused, false);
    if (make_batch(&call, orders, count, results, &batch)) {
        orders_process_batch(&call, batch.requests, batch.count, batch.placed);
        for (size_t i = 0; i < batch.count; i++) {
            give_result(&call, &batch.placed[i], &results[batch.index[i]]);
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            error_memory(&results[i].error);
        }
    }
    system_call_end(&call);
}

void ecommerce_order_results_free(ecommerce_order_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ecommerce_document_free(&results[i].order);
    }
}
