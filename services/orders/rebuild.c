#include "services/orders/rebuild.h"

#include "services/orders/checker.h"

/*
 * A derived store is built anew in its shadow from a walk over the facts, swapped in, and then
 * given what the relay delivered to the old one meanwhile: a second walk applies whatever is not
 * there (applying twice is harmless).
 */

enum { ENTRIES_A_BATCH = 256 };

struct filling {
    struct call *call;
    bool graph;
    bool shadow;
    struct arena batch; /* copies of what is gathered */
    struct timeseries_entry sales[ENTRIES_A_BATCH];
    struct graph_entry relations[ENTRIES_A_BATCH];
    size_t count;
    int64_t applied;
};

static bool flush_sales(struct filling *filling, ecommerce_error *err)
{
    struct timeseries_request request = call_timeseries(filling->call, TIMESERIES_APPLY);
    request.entries = filling->sales;
    request.entry_count = filling->count;
    request.shadow = filling->shadow;
    request.base.arena = &filling->batch;
    if (!timeseries_run(filling->call->shop->timeseries, &request, err)) {
        return false;
    }
    for (size_t i = 0; i < filling->count; i++) {
        filling->applied += filling->sales[i].applied;
    }
    return true;
}

static bool flush_graph(struct filling *filling, ecommerce_error *err)
{
    struct graph_request request = call_graph(filling->call, GRAPH_APPLY);
    request.entries = filling->relations;
    request.entry_count = filling->count;
    request.shadow = filling->shadow;
    request.base.arena = &filling->batch;
    if (!graph_run(filling->call->shop->graph, &request, err)) {
        return false;
    }
    for (size_t i = 0; i < filling->count; i++) {
        filling->applied += filling->relations[i].applied;
    }
    return true;
}

static bool flush(struct filling *filling, ecommerce_error *err)
{
    bool ok = filling->count == 0 ||
              (filling->graph ? flush_graph(filling, err) : flush_sales(filling, err));
    filling->count = 0;
    arena_reset(&filling->batch);
    return ok;
}

/* The facts' documents live as long as a page: the entries are made again from a copy of the
 * document. */
static bool gather(void *context, struct arena *page, const struct fact_entries *fact,
                   ecommerce_error *err)
{
    struct filling *filling = context;
    UNUSED(page);
    if (filling->graph ? !fact->has_graph : !fact->has_sales) {
        return true;
    }
    struct stored_document copy = {.marks = fact->marks};
    struct doc doc = fact->order    ? fact->order->doc
                     : fact->change ? fact->change->doc
                                    : fact->movement->doc;
    char *id = arena_str(&filling->batch, fact->id);
    if (id == NULL || !doc_copy(&filling->batch, doc, &copy.doc)) {
        return error_memory(err);
    }
    copy.id = str_make(id, fact->id.len);
    struct timeseries_entry *sales = &filling->sales[filling->count];
    struct graph_entry *graph = &filling->relations[filling->count];
    struct order order;
    struct order_change change;
    struct movement movement;
    bool has_sales, has_graph, ok;
    if (fact->order != NULL) {
        ok = order_parse(&filling->batch, &copy, &order, err) &&
             facts_of_order(&filling->batch, &order, sales, graph);
    } else if (fact->change != NULL) {
        ok = change_parse(&filling->batch, &copy, &change, err) &&
             facts_of_change(&filling->batch, &change, sales, &has_sales, graph, &has_graph);
    } else {
        ok = movement_parse(&copy, &movement, err) &&
             facts_of_movement(&filling->batch, &movement, sales);
    }
    if (!ok) {
        return error_memory(err);
    }
    filling->count++;
    return filling->count < ENTRIES_A_BATCH || flush(filling, err);
}

static bool fill(struct call *call, bool graph, bool shadow, struct filling *filling,
                 ecommerce_error *err)
{
    *filling = (struct filling){.call = call, .graph = graph, .shadow = shadow};
    struct fact_walk walk = {.each = gather, .context = filling};
    bool ok = facts_walk(call, &walk, err) && flush(filling, err);
    arena_release(&filling->batch);
    return ok;
}

static bool shadow_analytics(struct call *call, enum timeseries_operation operation,
                             ecommerce_error *err)
{
    struct timeseries_request request = call_timeseries(call, operation);
    return timeseries_run(call->shop->timeseries, &request, err);
}

static bool shadow_graph(struct call *call, enum graph_operation operation, ecommerce_error *err)
{
    struct graph_request request = call_graph(call, operation);
    return graph_run(call->shop->graph, &request, err);
}

static bool answer(struct call *call, const char *what, int64_t entries, int64_t late,
                   ecommerce_error *err)
{
    doc_adds(call->out, "rebuilt", what);
    doc_add_int(call->out, "entries", entries);
    doc_add_int(call->out, "applied_meanwhile", late);
    live_changed(call->shop->live, STR("recommendations"));
    return shop_audit(call, "rebuild", str_of(what), DOC_EMPTY, err);
}

bool rebuild_analytics(struct call *call, ecommerce_error *err)
{
    struct filling *filling = arena_alloc(&call->arena, sizeof(*filling));
    if (filling == NULL) {
        return error_memory(err);
    }
    if (!shadow_analytics(call, TIMESERIES_SHADOW_BEGIN, err) ||
        !fill(call, false, true, filling, err)) {
        return false;
    }
    int64_t entries = filling->applied;
    return shadow_analytics(call, TIMESERIES_SHADOW_SWAP, err) &&
           fill(call, false, false, filling, err) &&
           answer(call, "analytics", entries, filling->applied, err);
}

bool rebuild_graph(struct call *call, ecommerce_error *err)
{
    struct filling *filling = arena_alloc(&call->arena, sizeof(*filling));
    if (filling == NULL) {
        return error_memory(err);
    }
    if (!shadow_graph(call, GRAPH_SHADOW_BEGIN, err) || !fill(call, true, true, filling, err)) {
        return false;
    }
    int64_t entries = filling->applied;
    return shadow_graph(call, GRAPH_SHADOW_SWAP, err) && fill(call, true, false, filling, err) &&
           answer(call, "graph", entries, filling->applied, err);
}
