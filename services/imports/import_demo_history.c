/*
 * import_demo_history.c - the demonstration's stock, orders and what became of them.
 *
 * A stretch is done in four steps, each with many calls side by side: what came into stock, the
 * orders, what became of them (order by order in time order), what left stock. So a receipt may be
 * early and a loss late by a stretch, which no order can tell. Goods that a cancellation or
 * return brings back are different: an order that may need them begins a new stretch. Hence no
 * order finds less in stock than the plan says.
 */
#include "services/imports/import_demo_parts.h"

#include "services/orders/orders.h"
#include "services/stock.h"

#include "support/alloc.h"

#include <stdio.h>
#include <stdlib.h>

enum { FOLLOW_UPS = 4096 }; /* changes and returns in one stretch */

/* A change or a return of an order. */
struct follow_up {
    uint32_t order;
    uint32_t sequence; /* in the stretch */
    uint32_t index;    /* into changes or returns */
    bool is_return;
};

struct demo_stretch {
    struct demo_import *import;
    uint32_t *received, *lost; /* movements */
    size_t received_count, lost_count;
    uint32_t orders[DEMO_STRETCH];
    size_t order_count;
    struct follow_up follow_ups[FOLLOW_UPS];
    size_t starts[FOLLOW_UPS + 1]; /* of the chains: follow-ups of one order */
    size_t follow_up_count;
    uint32_t *brought_back; /* of each sku: the stretch that brought some back last */
    uint32_t number;        /* of this stretch, from 1 */
    int64_t *totals;        /* of each order, as the engine has it */
    bool *flushed;          /* of each order: see wait_for_goods */
};

static struct str item_of(const struct demo_plan *plan, uint32_t product, uint32_t variant)
{
    const struct demo_product *of = &plan->products[product];
    return str_of(variant == DEMO_NONE ? of->product_id : of->variants[variant].variant_id);
}

/* ---- movements ---- */

static bool move(const struct demo_stretch *stretch, uint32_t index, struct call *call,
                 ecommerce_error *err)
{
    const struct demo_plan *plan = stretch->import->plan;
    const struct demo_movement *movement = &plan->movements[index];
    const struct demo_sku *sku = &plan->skus[movement->sku];
    struct stock_movement_request request = {
        .item_id = item_of(plan, sku->product, sku->variant),
        .quantity = movement->quantity,
        .reason = str_of(movement->reference),
        .at = movement->at,
    };
    if (!demo_key(stretch->import, &call->arena, 'm', index, &request.key, err)) {
        return false;
    }
    return movement->kind == DEMO_RECEIPT ? stock_receive(call, &request, err)
                                          : stock_adjust(call, &request, err);
}

static bool receive(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct demo_stretch *stretch = context;
    return move(stretch, stretch->received[index], call, err);
}

static bool lose(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct demo_stretch *stretch = context;
    return move(stretch, stretch->lost[index], call, err);
}

/* ---- orders ---- */

static bool add_contact(struct call *call, const struct demo_customer *person, struct doc *contact,
                        ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_adds(&builder, "email", person->email);
    doc_open(&builder, "shipping");
    doc_adds(&builder, "name", person->name);
    doc_adds(&builder, "line", person->address.line);
    doc_adds(&builder, "postal_code", person->address.postal_code);
    doc_adds(&builder, "city", person->address.city);
    doc_adds(&builder, "country", person->address.country);
    doc_close(&builder);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              (doc_copy(&call->arena, doc, contact) || error_memory(err));
    doc_builder_release(&builder);
    return ok;
}

static bool make_order(const struct demo_import *import, uint32_t index, struct call *call,
                       struct order_request *request, ecommerce_error *err)
{
    const struct demo_plan *plan = import->plan;
    const struct demo_order *order = &plan->orders[index];
    bool guest = order->customer == DEMO_NONE;
    const struct demo_customer *person =
        guest ? &plan->guests[order->guest] : &plan->customers[order->customer];
    struct order_item_request *items = arena_array(&call->arena, order->line_count, sizeof(*items));
    char *number = arena_printf(&call->arena, "%u", (unsigned)order->number);
    if (items == NULL || number == NULL) {
        return error_memory(err);
    }
    for (uint32_t i = 0; i < order->line_count; i++) {
        const struct demo_line *line = &plan->lines[order->first_line + i];
        items[i] = (struct order_item_request){
            .item_id = item_of(plan, line->product, line->variant),
            .quantity = line->quantity,
            .has_price = true,
            .price = line->price,
        };
    }
    *request = (struct order_request){
        .customer_id = guest ? STR_NONE : str_of(person->customer_id),
        .items = items,
        .item_count = order->line_count,
        .scope = STR("import:demo"),
        .delivery_method = str_of(order->delivery_method),
        .delivery_cost = order->delivery_cost,
        .trusted = true,
        .placed_at = order->placed_at,
        .number = str_of(number),
    };
    return demo_key(import, &call->arena, 'o', order->number, &request->key, err) &&
           add_contact(call, person, &request->contact, err);
}

/* What is out of stock may wait for goods whose way to the counters is not done: those that came
 * back and that the relay has not come to, receipts of an import that was killed. So it is refused
 * only the second time, after a flush; the first time it is "not now". */
static bool wait_for_goods(struct demo_stretch *stretch, uint32_t order, ecommerce_error *err)
{
    if (err->code == ECOMMERCE_OUT_OF_STOCK && !stretch->flushed[order]) {
        stretch->flushed[order] = true;
        return import_flush(stretch->import->call, err) &&
               error_set(err, ECOMMERCE_NOT_PLACED, "goods were on their way into stock");
    }
    return false;
}

static bool place(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    struct demo_stretch *stretch = context;
    uint32_t order = stretch->orders[index];
    char *order_id = stretch->import->order_ids[order];
    struct order_request request;
    struct order_result result;
    if (!make_order(stretch->import, order, call, &request, err)) {
        return false;
    }
    orders_process_batch(call, &request, 1, &result);
    if (!result.ok) {
        *err = result.error;
        return wait_for_goods(stretch, order, err);
    }
    struct str id = doc_text(result.order, "order_id");
    snprintf(order_id, UUID_TEXT + 1, "%.*s", STR_ARG(id));
    stretch->totals[order] = doc_int(result.order, "total", 0);
    call->replayed = result.replayed;
    return true;
}

static void count_turnover(struct demo_stretch *stretch)
{
    for (size_t i = 0; i < stretch->order_count; i++) {
        uint32_t order = stretch->orders[i];
        stretch->import->turnover += stretch->totals[order];
        if (stretch->import->order_ids[order][0] == '\0') {
            stretch->import->refused_turnover += stretch->import->plan->orders[order].total;
        }
    }
}

/* ---- what became of them ---- */

static bool change(const struct demo_stretch *stretch, const struct follow_up *follow_up,
                   struct call *call, ecommerce_error *err)
{
    static const char *const kinds[] = {[DEMO_PAID] = "paid",
                                        [DEMO_SHIPPED] = "shipped",
                                        [DEMO_DELIVERED] = "delivered",
                                        [DEMO_CANCELLED] = "cancelled"};
    const struct demo_import *import = stretch->import;
    const struct demo_change *change = &import->plan->changes[follow_up->index];
    bool is_reason = change->kind == DEMO_CANCELLED;
    struct order_change_request request = {
        .order_id = str_of(import->order_ids[follow_up->order]),
        .kind = str_of(kinds[change->kind]),
        .reference = is_reason ? STR_NONE : str_of(change->reference),
        .reason = is_reason ? str_of(change->reference) : STR_NONE,
        .trusted = true,
        .at = change->at,
    };
    return demo_key(import, &call->arena, 'c', follow_up->index, &request.key, err) &&
           orders_change(call, &request, err);
}

static bool take_back(const struct demo_stretch *stretch, const struct follow_up *follow_up,
                      struct call *call, ecommerce_error *err)
{
    const struct demo_import *import = stretch->import;
    const struct demo_return *back = &import->plan->returns[follow_up->index];
    struct order_line_quantity *lines = arena_array(&call->arena, back->line_count, sizeof(*lines));
    if (lines == NULL) {
        return error_memory(err);
    }
    for (uint32_t i = 0; i < back->line_count; i++) {
        const struct demo_return_line *line = &import->plan->return_lines[back->first_line + i];
        lines[i] = (struct order_line_quantity){.line = (int64_t)line->line + 1,
                                                .quantity = line->quantity};
    }
    struct order_change_request request = {
        .order_id = str_of(import->order_ids[follow_up->order]),
        .kind = STR("returned"),
        .reason = str_of(back->reason),
        .lines = lines,
        .line_count = back->line_count,
        .trusted = true,
        .at = back->at,
    };
    return demo_key(import, &call->arena, 'r', follow_up->index, &request.key, err) &&
           orders_change(call, &request, err);
}

static bool follow(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct demo_stretch *stretch = context;
    const struct follow_up *follow_up = &stretch->follow_ups[index];
    if (stretch->import->order_ids[follow_up->order][0] == '\0') {
        return error_set(err, ECOMMERCE_NOT_FOUND, "its order was refused");
    }
    return follow_up->is_return ? take_back(stretch, follow_up, call, err)
                                : change(stretch, follow_up, call, err);
}

static int compare_follow_ups(const void *left, const void *right)
{
    const struct follow_up *a = left, *b = right;
    if (a->order != b->order) {
        return a->order < b->order ? -1 : 1;
    }
    return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

static size_t make_chains(struct demo_stretch *stretch)
{
    size_t chains = 0;
    qsort(stretch->follow_ups, stretch->follow_up_count, sizeof(struct follow_up),
          compare_follow_ups);
    for (size_t i = 0; i < stretch->follow_up_count; i++) {
        if (i == 0 || stretch->follow_ups[i].order != stretch->follow_ups[i - 1].order) {
            stretch->starts[chains++] = i;
        }
    }
    stretch->starts[chains] = stretch->follow_up_count;
    return chains;
}

/* ---- stretches ---- */

static bool finish_stretch(struct demo_stretch *stretch, ecommerce_error *err)
{
    struct demo_import *import = stretch->import;
    struct call *outer = import->call;
    bool ok =
        import_give_room(outer, err) &&
        import_crew_run(outer, NULL, stretch->received_count, receive, stretch, &import->movements,
                        err) &&
        import_crew_run(outer, NULL, stretch->order_count, place, stretch, &import->orders, err) &&
        import_give_room(outer, err) &&
        import_crew_run(outer, stretch->starts, make_chains(stretch), follow, stretch,
                        &import->changes, err) &&
        import_crew_run(outer, NULL, stretch->lost_count, lose, stretch, &import->movements, err);
    count_turnover(stretch);
    stretch->received_count = 0;
    stretch->lost_count = 0;
    stretch->order_count = 0;
    stretch->follow_up_count = 0;
    stretch->number++;
    return ok;
}

static void note_brought_back(struct demo_stretch *stretch, uint32_t index)
{
    const struct demo_plan *plan = stretch->import->plan;
    const struct demo_order *order = &plan->orders[index];
    for (uint32_t i = 0; i < order->line_count; i++) {
        stretch->brought_back[plan->lines[order->first_line + i].sku] = stretch->number;
    }
}

static bool may_need_brought_back(const struct demo_stretch *stretch, uint32_t index)
{
    const struct demo_plan *plan = stretch->import->plan;
    const struct demo_order *order = &plan->orders[index];
    for (uint32_t i = 0; i < order->line_count; i++) {
        if (stretch->brought_back[plan->lines[order->first_line + i].sku] == stretch->number) {
            return true;
        }
    }
    return false;
}

static void add_follow_up(struct demo_stretch *stretch, uint32_t order, uint32_t index,
                          bool is_return)
{
    size_t at = stretch->follow_up_count++;
    stretch->follow_ups[at] = (struct follow_up){
        .order = order, .sequence = (uint32_t)at, .index = index, .is_return = is_return};
}

static bool take_order(struct demo_stretch *stretch, uint32_t index, ecommerce_error *err)
{
    import_progress(stretch->import->call, &stretch->import->progress, "orders", index,
                    stretch->import->plan->order_count);
    bool full = stretch->order_count == DEMO_STRETCH || may_need_brought_back(stretch, index);
    if (full && !finish_stretch(stretch, err)) {
        return false;
    }
    stretch->orders[stretch->order_count++] = index;
    return true;
}

static bool take_event(struct demo_stretch *stretch, const struct demo_event *event,
                       ecommerce_error *err)
{
    const struct demo_plan *plan = stretch->import->plan;
    uint32_t index = event->index;
    if (stretch->follow_up_count == FOLLOW_UPS && !finish_stretch(stretch, err)) {
        return false;
    }
    switch (event->kind) {
    case DEMO_MOVE_STOCK:
        if (plan->movements[index].quantity > 0) {
            stretch->received[stretch->received_count++] = index;
        } else {
            stretch->lost[stretch->lost_count++] = index;
        }
        return true;
    case DEMO_PLACE_ORDER:
        return take_order(stretch, index, err);
    case DEMO_CHANGE_ORDER:
        add_follow_up(stretch, plan->changes[index].order, index, false);
        if (plan->changes[index].kind == DEMO_CANCELLED) {
            note_brought_back(stretch, plan->changes[index].order);
        }
        return true;
    case DEMO_RETURN_ORDER:
        add_follow_up(stretch, plan->returns[index].order, index, true);
        note_brought_back(stretch, plan->returns[index].order);
        return true;
    default:
        return true; /* the catalogue came before, behaviour comes after */
    }
}

static bool walk(struct demo_stretch *stretch, ecommerce_error *err)
{
    const struct demo_plan *plan = stretch->import->plan;
    for (size_t i = 0; i < plan->event_count; i++) {
        if (!take_event(stretch, &plan->events[i], err)) {
            return false;
        }
    }
    return finish_stretch(stretch, err);
}

bool demo_import_history(struct demo_import *import, ecommerce_error *err)
{
    const struct demo_plan *plan = import->plan;
    struct demo_stretch *stretch = mem_zalloc(1, sizeof(*stretch));
    if (stretch == NULL) {
        return error_memory(err);
    }
    stretch->import = import;
    stretch->number = 1;
    stretch->received = mem_zalloc(plan->movement_count + 1, sizeof(*stretch->received));
    stretch->lost = mem_zalloc(plan->movement_count + 1, sizeof(*stretch->lost));
    stretch->brought_back = mem_zalloc(plan->sku_count + 1, sizeof(*stretch->brought_back));
    stretch->totals = mem_zalloc(plan->order_count + 1, sizeof(*stretch->totals));
    stretch->flushed = mem_zalloc(plan->order_count + 1, sizeof(*stretch->flushed));
    bool memory = stretch->received != NULL && stretch->lost != NULL &&
                  stretch->brought_back != NULL && stretch->totals != NULL &&
                  stretch->flushed != NULL;
    bool ok = memory ? walk(stretch, err) : error_memory(err);
    mem_free(stretch->received);
    mem_free(stretch->lost);
    mem_free(stretch->brought_back);
    mem_free(stretch->totals);
    mem_free(stretch->flushed);
    mem_free(stretch);
    return ok;
}
