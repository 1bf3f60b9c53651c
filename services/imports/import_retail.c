/*
 * import_retail.c - the walk: products, customers, then the events in time order, in stretches.
 */
#include "services/imports/import_retail_parts.h"

#include "services/catalog/catalog.h"
#include "services/customers/customers.h"
#include "services/stock.h"

#include "support/alloc.h"

/* ---- products and customers ---- */

static bool put_product(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct retail_import *import = context;
    const struct retail_product *product = &import->plan->products[index];
    struct write_options options = {.must_be_new = true};
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_text(&builder, "name", product->name);
    doc_add_money(&builder, "price", product->price, &call->shop->currency);
    doc_add_bool(&builder, "tracked", !product->service);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              catalog_put_product(call, product->code, doc, &options, err);
    doc_builder_release(&builder);
    return import_new_or_there(call, ok, err);
}

static bool put_customer(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct retail_import *import = context;
    const struct retail_customer *customer = &import->plan->customers[index];
    struct write_options options = {.must_be_new = true};
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_text(&builder, "country", customer->country);
    struct doc doc = doc_finish(&builder);
    bool ok =
        doc_builder_check(&builder, err) && customers_put(call, customer->id, doc, &options, err);
    doc_builder_release(&builder);
    return import_new_or_there(call, ok, err);
}

static bool put_parties(struct retail_import *import, ecommerce_error *err)
{
    const struct retail_plan *plan = import->plan;
    log_write(import->call->shop->logger, LOG_INFO, import->progress.name,
              "%zu products, %zu customers, %zu invoices", plan->product_count,
              plan->customer_count, plan->invoice_count);
    return import_crew_run(import->call, NULL, plan->product_count, put_product, import,
                           &import->products, err) &&
           import_crew_run(import->call, NULL, plan->customer_count, put_customer, import,
                           &import->customers, err);
}

/* ---- receipts ---- */

static struct stock_movement_request receipt_request(const struct retail_import *import,
                                                     const struct retail_receipt *receipt,
                                                     struct id *id)
{
    retail_receipt_id(import->plan, receipt, id);
    return (struct stock_movement_request){
        .item_id = import->plan->products[receipt->product].code,
        .quantity = receipt->quantity,
        .movement_id = str_of(id->text),
        .at = import->plan->months[receipt->month].at,
    };
}

static bool receive_one(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct retail_import *import = context;
    struct id id;
    struct stock_movement_request request =
        receipt_request(import, &import->plan->receipts[index], &id);
    return stock_receive(call, &request, err);
}

static bool try_batch(struct retail_import *import, struct call *call, size_t first, size_t count,
                      ecommerce_error *err)
{
    struct stock_movement_request *requests = arena_array(&call->arena, count, sizeof(*requests));
    struct id *ids = arena_array(&call->arena, count, sizeof(*ids));
    if (requests == NULL || ids == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        requests[i] = receipt_request(import, &import->plan->receipts[first + i], &ids[i]);
    }
    return stock_receive_batch(call, requests, count, err);
}

/* A batch of which one is refused is done one by one. */
static bool receive_batch(struct retail_import *import, size_t first, size_t count,
                          ecommerce_error *err)
{
    struct doc_builder out;
    struct call call;
    ecommerce_error local = {0};
    int64_t since = 0;
    bool ok;
    import_call_begin(import->call->shop, &call, &out);
    do {
        import_call_again(&call);
        error_clear(&local);
        ok = try_batch(import, &call, first, count, &local);
    } while (!ok && import_may_repeat(import->call, &local, &since));
    import_call_end(&call);
    if (ok) {
        import->receipts.done += (int64_t)count;
        return true;
    }
    if (ecommerce_error_class_of(local.code) != ECOMMERCE_CLASS_REFUSED) {
        if (err != NULL) {
            *err = local;
        }
        return false;
    }
    size_t starts[IMPORT_BATCH + 1];
    for (size_t i = 0; i <= count; i++) {
        starts[i] = first + i;
    }
    return import_crew_run(import->call, starts, count, receive_one, import, &import->receipts,
                           err);
}

static bool receive_month(struct retail_import *import, const struct retail_month *month,
                          ecommerce_error *err)
{
    for (size_t done = 0; done < month->receipt_count; done += IMPORT_BATCH) {
        size_t left = month->receipt_count - done;
        if (!import_give_room(import->call, err) ||
            !receive_batch(import, month->first_receipt + done,
                           left < IMPORT_BATCH ? left : IMPORT_BATCH, err)) {
            return false;
        }
    }
    return true;
}

/* ---- the walk ---- */

static bool finish_stretch(struct retail_import *import, ecommerce_error *err)
{
    if (import->sale_count + import->comeback_count == 0) {
        return true;
    }
    bool ok = import_give_room(import->call, err) && retail_import_sales(import, err) &&
              retail_import_returns(import, err);
    import->sale_count = 0;
    import->comeback_count = 0;
    return ok;
}

static bool take_event(struct retail_import *import, const struct retail_event *event,
                       ecommerce_error *err)
{
    if (event->kind == RETAIL_EVENT_RECEIPTS) {
        return finish_stretch(import, err) && receive_month(import, event->month, err);
    }
    uint32_t index = (uint32_t)(event->invoice - import->plan->invoices);
    if (event->kind == RETAIL_EVENT_SALE) {
        import->sales[import->sale_count++] = index;
    } else {
        import->comebacks[import->comeback_count++] = index;
    }
    import_progress(import->call, &import->progress, "invoices", index,
                    import->plan->invoice_count);
    bool full = import->sale_count == IMPORT_BATCH || import->comeback_count == IMPORT_MAX_RETURNS;
    return !full || finish_stretch(import, err);
}

static bool walk(struct retail_import *import, ecommerce_error *err)
{
    struct retail_cursor cursor = {0};
    struct retail_event event;
    while (retail_next(import->plan, &cursor, &event)) {
        if (!take_event(import, &event, err)) {
            return false;
        }
    }
    return finish_stretch(import, err);
}

static bool check_currency(const struct call *call, ecommerce_error *err)
{
    if (strcmp(call->shop->currency.code, RETAIL_CURRENCY) == 0) {
        return true;
    }
    return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, "shop.currency",
                       "the file is in %s and this shop in %s: import it into a new shop with the "
                       "setting shop.currency=%s",
                       RETAIL_CURRENCY, call->shop->currency.code, RETAIL_CURRENCY);
}

static bool run(struct retail_import *import, int64_t started, ecommerce_error *err)
{
    const struct retail_plan *plan = import->plan;
    import->order_ids = mem_zalloc(plan->invoice_count + 1, sizeof(*import->order_ids));
    import->refusals = mem_zalloc(plan->line_count + 1, sizeof(*import->refusals));
    if (import->order_ids == NULL || import->refusals == NULL) {
        return error_memory(err);
    }
    return put_parties(import, err) && walk(import, err) && import_flush(import->call, err) &&
           retail_import_report(import, started, err);
}

bool import_retail(struct call *call, struct str path, ecommerce_error *err)
{
    int64_t started = seams_monotonic(call->shop->seams);
    char *file = arena_str(&call->arena, path);
    if (file == NULL) {
        return error_memory(err);
    }
    if (!check_currency(call, err)) {
        return false;
    }
    struct retail_plan *plan = retail_plan_load(file, err);
    struct retail_import *import = mem_zalloc(1, sizeof(*import));
    bool ok = plan != NULL && (import != NULL || error_memory(err));
    if (ok) {
        import->call = call;
        import->plan = plan;
        import->progress.name = "import_retail";
        ok = run(import, started, err);
    }
    if (import != NULL) {
        mem_free(import->order_ids);
        mem_free(import->refusals);
    }
    mem_free(import);
    retail_plan_free(&plan);
    return ok;
}
