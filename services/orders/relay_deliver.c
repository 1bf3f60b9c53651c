#include "services/orders/relay_deliver.h"

#include "services/orders/epochs.h"
#include "services/orders/order_changes.h"
#include "services/orders/recovery.h"

#include <stdio.h>

static const enum documents_collection collections[] = {
    [FACT_ORDER] = COLLECTION_ORDERS,
    [FACT_CHANGE] = COLLECTION_ORDER_CHANGES,
    [FACT_MOVEMENT] = COLLECTION_MOVEMENTS,
};

bool delivery_open(struct call *call, enum fact_kind kind, const struct stored_document *stored,
                   struct delivery *delivery, ecommerce_error *err)
{
    struct arena *arena = &call->arena;
    *delivery = (struct delivery){
        .kind = kind, .stored = stored, .id = stored->id, .collection = collections[kind]};
    bool translated;
    switch (kind) {
    case FACT_ORDER:
        if (!order_parse(arena, stored, &delivery->order, err)) {
            return false;
        }
        delivery->has_sales = delivery->has_graph = true;
        translated = facts_of_order(arena, &delivery->order, &delivery->sales, &delivery->graph);
        break;
    case FACT_CHANGE:
        if (!change_parse(arena, stored, &delivery->change, err)) {
            return false;
        }
        translated =
            facts_of_change(arena, &delivery->change, &delivery->sales, &delivery->has_sales,
                            &delivery->graph, &delivery->has_graph) &&
            facts_credit_of_change(arena, &delivery->change, &delivery->credit,
                                   &delivery->credit_count);
        break;
    default:
        if (!movement_parse(stored, &delivery->movement, err)) {
            return false;
        }
        delivery->has_sales = true;
        delivery->credit = arena_alloc(arena, sizeof(*delivery->credit));
        translated = delivery->credit != NULL &&
                     facts_of_movement(arena, &delivery->movement, &delivery->sales);
        if (translated && delivery->movement.quantity != 0) {
            delivery->credit[0] =
                (struct stock_line){delivery->movement.sku, delivery->movement.quantity};
            delivery->credit_count = 1;
        }
        break;
    }
    return translated || error_memory(err);
}

static void note_failure(struct delivery *delivery, const ecommerce_error *err)
{
    if (delivery->failure != DELIVERED) {
        return;
    }
    enum ecommerce_error_class class = ecommerce_error_class_of(err->code);
    delivery->error = *err;
    delivery->failure = class == ECOMMERCE_CLASS_REFUSED || err->code == ECOMMERCE_INTERNAL
                            ? FACT_REFUSED
                            : STORE_AWAY;
}

static bool wants(const struct delivery *delivery, enum document_mark mark)
{
    return (delivery->stored->marks & (unsigned)mark) != 0;
}

/* ---- stock: settle an order's hold, credit what came in or back ---- */

static bool has_stock_work(const struct delivery *delivery)
{
    if (delivery->kind == FACT_ORDER) {
        for (size_t i = 0; i < delivery->order.line_count; i++) {
            if (delivery->order.lines[i].tracked) {
                return true;
            }
        }
        return false;
    }
    return delivery->credit_count > 0;
}

static void submit_stock(struct call *call, struct delivery *delivery, int64_t epoch)
{
    bool order = delivery->kind == FACT_ORDER;
    delivery->live_request = call_live(call, order ? LIVE_SETTLE : LIVE_CREDIT);
    delivery->live_request.epoch = order ? delivery->order.epoch : epoch;
    delivery->live_request.id = delivery->id;
    delivery->live_request.lines = delivery->credit;
    delivery->live_request.line_count = delivery->credit_count;
    live_submit(call->shop->live, &delivery->live_request);
}

/* A settle answered "wrong epoch" is done: the newer epoch's count contains the order. A credit is
 * not: it must reach the epoch that is. */
static bool stock_done(const struct delivery *delivery)
{
    return delivery->kind == FACT_ORDER || delivery->live_request.outcome == LIVE_DONE;
}

static bool is_credit(const struct delivery *delivery)
{
    return delivery->kind != FACT_ORDER && wants(delivery, MARK_STOCK) && has_stock_work(delivery);
}

/* The epoch that credits go to: the newest by a read that begins after the facts were inserted. A
 * count that is under way, or done since, may have missed them, and the flip would forget a credit
 * to the epoch before. A count that begins later sees them. */
static bool find_credit_epoch(struct call *call, int64_t *epoch, ecommerce_error *err)
{
    int64_t known = order_runtime_epoch(call->shop->orders);
    if (!epochs_newest(call, known, epoch, err)) {
        return false;
    }
    if (*epoch == known) {
        return true;
    }
    struct live_request status = call_live(call, LIVE_STATUS);
    if (!live_run(call->shop->live, &status, err) || !recovery_align(call, &status.status, err)) {
        return false;
    }
    *epoch = order_runtime_epoch(call->shop->orders);
    return true;
}

static int64_t credit_epoch(struct call *call, struct delivery *deliveries, size_t count)
{
    int64_t epoch = 0;
    ecommerce_error err = {0};
    bool asked = false, ok = false;
    for (size_t i = 0; i < count; i++) {
        if (is_credit(&deliveries[i])) {
            ok = asked ? ok : find_credit_epoch(call, &epoch, &err);
            asked = true;
            if (!ok) {
                note_failure(&deliveries[i], &err);
            }
        }
    }
    return ok ? epoch : 0;
}

static bool stock_submitted(const struct delivery *delivery)
{
    return wants(delivery, MARK_STOCK) && has_stock_work(delivery) &&
           delivery->failure == DELIVERED;
}

static void deliver_stock(struct call *call, struct delivery *deliveries, size_t count)
{
    int64_t epoch = credit_epoch(call, deliveries, count);
    bool realigned = false;
    for (size_t i = 0; i < count; i++) {
        struct delivery *delivery = &deliveries[i];
        if (!wants(delivery, MARK_STOCK)) {
            continue;
        }
        if (!has_stock_work(delivery)) {
            delivery->done |= MARK_STOCK;
        } else if (stock_submitted(delivery)) {
            submit_stock(call, delivery, epoch);
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct delivery *delivery = &deliveries[i];
        if (!stock_submitted(delivery)) {
            continue;
        }
        if (!live_wait(call->shop->live, &delivery->live_request)) {
            note_failure(delivery, &delivery->live_request.base.error);
        } else if (stock_done(delivery)) {
            delivery->done |= MARK_STOCK;
        } else {
            ecommerce_error err = {0};
            if (!realigned && !recovery_align(call, &delivery->live_request.status, &err)) {
                note_failure(delivery, &err);
            } else {
                error_set(&err, ECOMMERCE_UNAVAILABLE, "the stock was counted again meanwhile");
                note_failure(delivery, &err);
            }
            realigned = true;
        }
    }
}

/* ---- time series and graph ---- */

struct targets {
    struct timeseries_entry *sales;
    struct graph_entry *graph;
    size_t sales_count, graph_count;
};

static bool gather(struct call *call, struct delivery *deliveries, size_t count,
                   struct targets *targets)
{
    *targets = (struct targets){
        .sales = arena_array(&call->arena, count, sizeof(*targets->sales)),
        .graph = arena_array(&call->arena, count, sizeof(*targets->graph)),
    };
    if (targets->sales == NULL || targets->graph == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct delivery *delivery = &deliveries[i];
        if (delivery->has_sales && wants(delivery, MARK_TIMESERIES)) {
            targets->sales[targets->sales_count++] = delivery->sales;
        } else {
            delivery->done |= delivery->stored->marks & MARK_TIMESERIES;
        }
        if (delivery->has_graph && wants(delivery, MARK_GRAPH)) {
            targets->graph[targets->graph_count++] = delivery->graph;
        } else {
            delivery->done |= delivery->stored->marks & MARK_GRAPH;
        }
    }
    return true;
}

static void note_target(struct delivery *deliveries, size_t count, enum document_mark mark, bool ok,
                        const ecommerce_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!wants(&deliveries[i], mark) || (deliveries[i].done & (unsigned)mark)) {
            continue;
        }
        if (ok) {
            deliveries[i].done |= (unsigned)mark;
        } else {
            note_failure(&deliveries[i], err);
        }
    }
}

static bool refused(const ecommerce_error *err)
{
    return ecommerce_error_class_of(err->code) == ECOMMERCE_CLASS_REFUSED ||
           err->code == ECOMMERCE_INTERNAL;
}

/* A batch that is refused holds a poisoned fact: one by one, the others pass. */
static void sales_one_by_one(struct call *call, struct delivery *deliveries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct delivery *delivery = &deliveries[i];
        if (!wants(delivery, MARK_TIMESERIES) || (delivery->done & MARK_TIMESERIES)) {
            continue;
        }
        struct timeseries_request request = call_timeseries(call, TIMESERIES_APPLY);
        request.entries = &delivery->sales;
        request.entry_count = 1;
        ecommerce_error err = {0};
        bool ok = timeseries_run(call->shop->timeseries, &request, &err);
        note_target(delivery, 1, MARK_TIMESERIES, ok, &err);
    }
}

static void graph_one_by_one(struct call *call, struct delivery *deliveries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct delivery *delivery = &deliveries[i];
        if (!wants(delivery, MARK_GRAPH) || (delivery->done & MARK_GRAPH)) {
            continue;
        }
        struct graph_request request = call_graph(call, GRAPH_APPLY);
        request.entries = &delivery->graph;
        request.entry_count = 1;
        ecommerce_error err = {0};
        bool ok = graph_run(call->shop->graph, &request, &err);
        note_target(delivery, 1, MARK_GRAPH, ok, &err);
    }
}

static bool deliver_targets(struct call *call, struct delivery *deliveries, size_t count)
{
    struct targets targets;
    if (!gather(call, deliveries, count, &targets)) {
        return false;
    }
    struct timeseries_request sales = call_timeseries(call, TIMESERIES_APPLY);
    struct graph_request graph = call_graph(call, GRAPH_APPLY);
    sales.entries = targets.sales;
    sales.entry_count = targets.sales_count;
    graph.entries = targets.graph;
    graph.entry_count = targets.graph_count;
    if (targets.sales_count > 0) {
        timeseries_submit(call->shop->timeseries, &sales);
    }
    if (targets.graph_count > 0) {
        graph_submit(call->shop->graph, &graph);
    }
    if (targets.sales_count > 0) {
        bool ok = timeseries_wait(call->shop->timeseries, &sales);
        if (!ok && count > 1 && refused(&sales.base.error)) {
            sales_one_by_one(call, deliveries, count);
        } else {
            note_target(deliveries, count, MARK_TIMESERIES, ok, &sales.base.error);
        }
    }
    if (targets.graph_count > 0) {
        bool ok = graph_wait(call->shop->graph, &graph);
        if (!ok && count > 1 && refused(&graph.base.error)) {
            graph_one_by_one(call, deliveries, count);
        } else {
            note_target(deliveries, count, MARK_GRAPH, ok, &graph.base.error);
        }
        live_changed(call->shop->live, STR("recommendations"));
    }
    return true;
}

/* ---- marks, states, failures ---- */

/* The first state of an order, for lists by status; a change that came first has written a later
 * one. */
static bool submit_state(struct call *call, struct delivery *delivery, struct doc_builder *builder,
                         ecommerce_error *err)
{
    doc_builder_clear(builder);
    order_state_build(builder, &delivery->order, STATUS_PLACED, 0);
    struct doc doc = doc_finish(builder), copy;
    delivery->state_request =
        call_documents(call, DOCUMENTS_INSERT, COLLECTION_ORDER_STATES, delivery->id);
    if (!doc_builder_check(builder, err) ||
        !(doc_copy(&call->arena, doc, &copy) || error_memory(err))) {
        delivery->state_request.base.arena = NULL;
        return false;
    }
    delivery->state_request.doc = copy;
    documents_submit(call->shop->documents, &delivery->state_request);
    return true;
}

/* The marks went out beside the state, in one batch. When only they arrived, the delivery is
 * repeated for the sake of the state; it changes nothing else. */
static void wait_state(struct call *call, struct delivery *delivery)
{
    if (delivery->state_request.base.arena == NULL ||
        documents_wait(call->shop->documents, &delivery->state_request)) {
        return;
    }
    note_failure(delivery, &delivery->state_request.base.error);
    struct documents_request again =
        call_documents(call, DOCUMENTS_SET_MARKS, delivery->collection, delivery->id);
    again.marks = MARK_TIMESERIES;
    ecommerce_error err = {0};
    if (!documents_run(call->shop->documents, &again, &err)) {
        shop_record_error(call->shop, "relay", delivery->id, &err);
    }
}

static void submit_defer(struct call *call, struct delivery *delivery)
{
    const struct settings *settings = call->shop->settings;
    unsigned limit = (unsigned)settings_int(settings, SETTING_ORDERS_PARK_AFTER);
    unsigned attempts = delivery->stored->attempts + (delivery->failure == FACT_REFUSED ? 1 : 0);
    unsigned doublings = attempts < 8 ? attempts : 8;
    struct documents_request *request = &delivery->documents_request;
    *request = call_documents(call, DOCUMENTS_DEFER, delivery->collection, delivery->id);
    request->attempts = attempts;
    request->next_attempt = call_wall(call) + ((int64_t)MICROSECONDS << doublings);
    request->parked = attempts >= limit;
    request->reason = str_of(delivery->error.message);
    documents_submit(call->shop->documents, request);
    atomic_fetch_add(&call->shop->orders->counters.delivery_failures, 1);
    if (request->parked) {
        atomic_fetch_add(&call->shop->orders->counters.parked, 1);
        shop_record_error(call->shop, "relay", delivery->id, &delivery->error);
    }
}

static void submit_clear(struct call *call, struct delivery *delivery)
{
    delivery->documents_request =
        call_documents(call, DOCUMENTS_CLEAR_MARKS, delivery->collection, delivery->id);
    delivery->documents_request.marks = delivery->done;
    documents_submit(call->shop->documents, &delivery->documents_request);
}

/* Marks of a partly delivered fact come off too: its other targets need not be tried again. The
 * second request of such a fact (defer) follows the first. */
static void finish_deliveries(struct call *call, struct delivery *deliveries, size_t count)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    for (size_t i = 0; i < count; i++) {
        struct delivery *delivery = &deliveries[i];
        ecommerce_error err = {0};
        if (delivery->kind == FACT_ORDER && (delivery->done & MARK_TIMESERIES) &&
            !submit_state(call, delivery, &builder, &err)) {
            note_failure(delivery, &err);
            delivery->done &= ~(unsigned)MARK_TIMESERIES;
        }
        submit_clear(call, delivery);
    }
    for (size_t i = 0; i < count; i++) {
        struct delivery *delivery = &deliveries[i];
        (void)documents_wait(call->shop->documents, &delivery->documents_request);
        wait_state(call, delivery);
    }
    for (size_t i = 0; i < count; i++) {
        if (deliveries[i].failure != DELIVERED) {
            submit_defer(call, &deliveries[i]);
            (void)documents_wait(call->shop->documents, &deliveries[i].documents_request);
        }
    }
    doc_builder_release(&builder);
}

bool relay_deliver(struct call *call, struct delivery *deliveries, size_t count,
                   ecommerce_error *err)
{
    if (count == 0) {
        return true;
    }
    deliver_stock(call, deliveries, count);
    if (!deliver_targets(call, deliveries, count)) {
        return error_memory(err);
    }
    finish_deliveries(call, deliveries, count);
    struct order_runtime *runtime = call->shop->orders;
    for (size_t i = 0; i < count; i++) {
        if (deliveries[i].failure == DELIVERED) {
            atomic_fetch_add_explicit(&runtime->counters.delivered, 1, memory_order_relaxed);
        }
    }
    atomic_store(&runtime->counters.newest_delivered, call_wall(call));
    return true;
}
