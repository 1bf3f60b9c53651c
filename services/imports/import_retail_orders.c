/*
 * import_retail_orders.c - a stretch of invoices: its sales as one batch of orders, then what came
 * back, order by order, many orders at once.
 */
#include "services/imports/import_retail_parts.h"

#include "services/orders/orders.h"

#include <stdio.h>
#include <stdlib.h>

#define GUEST_SCOPE STR("import:retail")

static void refuse_line(struct retail_import *import, uint32_t line, enum ecommerce_error_code code)
{
    if (import->refusals[line] == 0) {
        import->refusals[line] = (uint8_t)code;
    }
}

static struct str country_of(const struct retail_import *import,
                             const struct retail_invoice *invoice)
{
    return import->plan->countries[invoice->country].name;
}

/* ---- sales ---- */

static bool make_order(struct retail_import *import, struct call *call, uint32_t index,
                       struct order_request *request, ecommerce_error *err)
{
    const struct retail_invoice *invoice = &import->plan->invoices[index];
    struct order_item_request *items =
        arena_array(&call->arena, invoice->line_count, sizeof(*items));
    char *key = arena_printf(&call->arena, "invoice-%.*s", STR_ARG(invoice->number));
    if (items == NULL || key == NULL) {
        return error_memory(err);
    }
    for (uint32_t i = 0; i < invoice->line_count; i++) {
        const struct retail_line *line = retail_import_line(import, invoice, i);
        items[i] = (struct order_item_request){
            .item_id = import->plan->products[line->product].code,
            .quantity = line->quantity,
            .has_price = true,
            .price = line->price,
        };
    }
    *request = (struct order_request){
        .customer_id = retail_import_customer(import, invoice),
        .items = items,
        .item_count = invoice->line_count,
        .key = str_of(key),
        .scope = GUEST_SCOPE,
        .country = country_of(import, invoice),
        .trusted = true,
        .placed_at = invoice->at,
        .number = invoice->number,
    };
    return true;
}

static void refuse_sale(struct retail_import *import, const struct retail_invoice *invoice,
                        const ecommerce_error *err)
{
    import_tally_refuse(&import->orders, err);
    import->refused_sales += invoice->amount;
    for (uint32_t i = 0; i < invoice->line_count; i++) {
        refuse_line(import, invoice->first_line + i, err->code);
    }
}

static bool refused_for_good(const ecommerce_error *err, bool flushed)
{
    return ecommerce_error_class_of(err->code) == ECOMMERCE_CLASS_REFUSED &&
           (flushed || err->code != ECOMMERCE_OUT_OF_STOCK);
}

/* False: it is neither placed nor refused for good. */
static bool take_result(struct retail_import *import, uint32_t index, bool flushed,
                        const struct order_result *result)
{
    if (result->ok) {
        struct str id = doc_text(result->order, "order_id");
        snprintf(import->order_ids[index], sizeof(import->order_ids[index]), "%.*s", STR_ARG(id));
        import->orders.done += !result->replayed;
        import->orders.unchanged += result->replayed;
        return true;
    }
    if (refused_for_good(&result->error, flushed)) {
        refuse_sale(import, &import->plan->invoices[index], &result->error);
        return true;
    }
    return false;
}

/* Those of which the outcome is open stay in `sales`; `why` is the last one's reason. */
static bool place(struct retail_import *import, struct call *call, bool flushed,
                  ecommerce_error *why, ecommerce_error *err)
{
    size_t count = import->sale_count, left = 0;
    struct order_request *requests = arena_array(&call->arena, count, sizeof(*requests));
    struct order_result *results = arena_array(&call->arena, count, sizeof(*results));
    if (requests == NULL || results == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        if (!make_order(import, call, import->sales[i], &requests[i], err)) {
            return false;
        }
    }
    orders_process_batch(call, requests, count, results);
    for (size_t i = 0; i < count; i++) {
        if (!take_result(import, import->sales[i], flushed, &results[i])) {
            *why = results[i].error;
            import->sales[left++] = import->sales[i];
        }
    }
    import->sale_count = left;
    return true;
}

/*
 * What is out of stock may wait for goods whose way to the counters is not done: returns that the
 * relay has not come to, receipts of an import that was killed. So it is refused only after a
 * flush.
 */
static bool wait_before_again(struct retail_import *import, const ecommerce_error *why,
                              bool *flushed, int64_t *since, ecommerce_error *err)
{
    if (why->code == ECOMMERCE_OUT_OF_STOCK && !*flushed) {
        *flushed = true;
        return import_flush(import->call, err);
    }
    if (!import_may_repeat(import->call, why, since)) {
        if (err != NULL) {
            *err = *why;
        }
        return false;
    }
    return true;
}

bool retail_import_sales(struct retail_import *import, ecommerce_error *err)
{
    struct doc_builder out;
    struct call call;
    ecommerce_error why = {0};
    int64_t since = 0;
    bool ok = true, flushed = false;
    import_call_begin(import->call->shop, &call, &out);
    while (ok && import->sale_count > 0) {
        import_call_again(&call);
        ok = place(import, &call, flushed, &why, err) &&
             (import->sale_count == 0 || wait_before_again(import, &why, &flushed, &since, err));
    }
    import_call_end(&call);
    return ok;
}

/* ---- returns ---- */

/* One part of a return, with where it belongs. */
struct comeback {
    uint32_t sale; /* RETAIL_NONE: unlinked */
    uint32_t invoice;
    uint32_t part; /* into the plan's parts */
    enum ecommerce_error_code refused;
};

/* What of one return belongs to one sale: one change of that order. */
struct comeback_group {
    size_t first, count; /* of comebacks */
};

struct comebacks {
    struct retail_import *import;
    struct comeback *parts;
    size_t count, linked; /* the linked ones first */
    struct comeback_group *groups;
    size_t group_count;
    size_t *chains; /* groups of one sale */
    size_t chain_count;
};

static const struct retail_line *returned_line(const struct retail_import *import,
                                               const struct comeback *comeback)
{
    return retail_import_line(import, &import->plan->invoices[comeback->invoice],
                              import->plan->parts[comeback->part].line);
}

static int64_t refund_of(const struct retail_import *import, const struct comeback *comeback)
{
    return (int64_t)import->plan->parts[comeback->part].quantity *
           returned_line(import, comeback)->price;
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

/* By sale, unlinked last; within it by return, which is by time. */
static int compare_comebacks(const void *left, const void *right)
{
    const struct comeback *a = left, *b = right;
    int order = compare_u32(a->sale, b->sale);
    order = order != 0 ? order : compare_u32(a->invoice, b->invoice);
    return order != 0 ? order : compare_u32(a->part, b->part);
}

static bool gather(struct retail_import *import, struct arena *arena, struct comebacks *all,
                   ecommerce_error *err)
{
    const struct retail_plan *plan = import->plan;
    size_t most = 0;
    for (size_t i = 0; i < import->comeback_count; i++) {
        most += plan->invoices[import->comebacks[i]].part_count;
    }
    *all = (struct comebacks){
        .import = import,
        .parts = arena_array(arena, most + 1, sizeof(*all->parts)),
        .groups = arena_array(arena, most + 1, sizeof(*all->groups)),
        .chains = arena_array(arena, most + 1, sizeof(*all->chains)),
    };
    if (all->parts == NULL || all->groups == NULL || all->chains == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < import->comeback_count; i++) {
        uint32_t index = import->comebacks[i];
        const struct retail_invoice *invoice = &plan->invoices[index];
        for (uint32_t p = 0; p < invoice->part_count; p++) {
            uint32_t part = invoice->first_part + p;
            all->parts[all->count++] =
                (struct comeback){.sale = plan->parts[part].sale, .invoice = index, .part = part};
            all->linked += plan->parts[part].sale != RETAIL_NONE;
        }
    }
    qsort(all->parts, all->count, sizeof(*all->parts), compare_comebacks);
    return true;
}

static void make_chains(struct comebacks *all)
{
    for (size_t i = 0; i < all->linked; i++) {
        const struct comeback *part = &all->parts[i], *before = part - 1;
        if (i == 0 || part->sale != before->sale) {
            all->chains[all->chain_count++] = all->group_count;
        }
        if (i == 0 || part->sale != before->sale || part->invoice != before->invoice) {
            all->groups[all->group_count++] = (struct comeback_group){.first = i};
        }
        all->groups[all->group_count - 1].count++;
    }
    all->chains[all->chain_count] = all->group_count;
}

static bool send_change(const struct comebacks *all, const struct comeback_group *group,
                        struct call *call, ecommerce_error *err)
{
    const struct retail_import *import = all->import;
    const struct comeback *first = &all->parts[group->first];
    const struct retail_invoice *invoice = &import->plan->invoices[first->invoice];
    struct order_line_quantity *lines = arena_array(&call->arena, group->count, sizeof(*lines));
    if (lines == NULL) {
        return error_memory(err);
    }
    struct order_change_request request = {
        .order_id = str_of(import->order_ids[first->sale]),
        .kind = STR("returned"),
        .reference = invoice->number,
        .key = invoice->number,
        .lines = lines,
        .line_count = group->count,
        .has_refund = true,
        .trusted = true,
        .at = invoice->at,
    };
    for (size_t i = 0; i < group->count; i++) {
        const struct retail_part *part = &import->plan->parts[first[i].part];
        lines[i] = (struct order_line_quantity){.line = (int64_t)part->sale_line + 1,
                                                .quantity = part->quantity};
        request.refund += refund_of(import, &first[i]);
    }
    if (request.order_id.len == 0) {
        return error_set(err, ECOMMERCE_NOT_FOUND, "its sale was refused");
    }
    return orders_change(call, &request, err);
}

static bool change_order(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct comebacks *all = context;
    const struct comeback_group *group = &all->groups[index];
    bool ok = send_change(all, group, call, err);
    for (size_t i = 0; i < group->count; i++) {
        all->parts[group->first + i].refused = ok ? ECOMMERCE_OK : err->code;
    }
    return ok;
}

static bool send_unlinked(const struct comebacks *all, const struct comeback *comeback,
                          struct call *call, ecommerce_error *err)
{
    const struct retail_import *import = all->import;
    const struct retail_invoice *invoice = &import->plan->invoices[comeback->invoice];
    const struct retail_part *part = &import->plan->parts[comeback->part];
    char *key =
        arena_printf(&call->arena, "%.*s-%u", STR_ARG(invoice->number), (unsigned)part->line + 1);
    struct unlinked_return request = {
        .item_id = import->plan->products[returned_line(import, comeback)->product].code,
        .quantity = part->quantity,
        .refund = refund_of(import, comeback),
        .customer_id = retail_import_customer(import, invoice),
        .country = country_of(import, invoice),
        .key = str_of(key),
        .at = invoice->at,
    };
    return key != NULL ? orders_return_unlinked(call, &request, err) : error_memory(err);
}

static bool return_unlinked(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct comebacks *all = context;
    struct comeback *comeback = &all->parts[all->linked + index];
    bool ok = send_unlinked(all, comeback, call, err);
    comeback->refused = ok ? ECOMMERCE_OK : err->code;
    return ok;
}

static void note_refusals(struct comebacks *all)
{
    struct retail_import *import = all->import;
    for (size_t i = 0; i < all->count; i++) {
        const struct comeback *comeback = &all->parts[i];
        if (comeback->refused != ECOMMERCE_OK) {
            const struct retail_invoice *invoice = &import->plan->invoices[comeback->invoice];
            uint32_t line = import->plan->parts[comeback->part].line;
            refuse_line(import, invoice->first_line + line, comeback->refused);
            import->refused_returns += refund_of(import, comeback);
        }
    }
}

bool retail_import_returns(struct retail_import *import, ecommerce_error *err)
{
    struct arena arena = {0};
    struct comebacks all;
    bool ok = gather(import, &arena, &all, err);
    if (ok) {
        make_chains(&all);
        ok = import_crew_run(import->call, all.chains, all.chain_count, change_order, &all,
                             &import->returns, err) &&
             import_crew_run(import->call, NULL, all.count - all.linked, return_unlinked, &all,
                             &import->unlinked, err);
        note_refusals(&all);
    }
    arena_release(&arena);
    return ok;
}
