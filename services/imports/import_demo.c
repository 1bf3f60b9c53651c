/* import_demo.c - the demonstration: which one it is, its steps in order, and the summary. */
#include "services/imports/import_demo_parts.h"

#include "support/alloc.h"
#include "support/timestamp.h"

#include <inttypes.h>

bool demo_key(const struct demo_import *import, struct arena *arena, char letter, size_t number,
              struct str *key, ecommerce_error *err)
{
    char *text =
        arena_printf(arena, "demo-%" PRIu64 "-%c%zu", import->plan->options.seed, letter, number);
    *key = str_of(text);
    return text != NULL || error_memory(err);
}

/* ---- which one ---- */

static void describe(struct doc_builder *out, const struct demo_options *options)
{
    doc_add_int(out, "products", options->products);
    doc_add_int(out, "customers", options->customers);
    doc_add_int(out, "orders", options->orders);
    doc_add_int(out, "carts", options->carts);
    doc_add_int(out, "days", options->days);
    doc_add_int(out, "behaviour_days", options->behaviour_days);
    doc_add_int(out, "alpha_milli", options->alpha_milli);
    doc_add_int(out, "guest_per_mille", options->guest_per_mille);
}

static bool remember(struct call *call, struct str id, const struct demo_options *options,
                     struct stored_document *stored, ecommerce_error *err)
{
    struct doc_builder builder;
    bool found = false;
    doc_builder_init(&builder);
    doc_add_int(&builder, "now", options->now);
    doc_open(&builder, "options");
    describe(&builder, options);
    doc_close(&builder);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              documents_insert(call->shop->documents, COLLECTION_SHOP, id, doc, 0, call->deadline,
                               NULL, err) &&
              call_get(call, COLLECTION_SHOP, id, true, stored, &found, err);
    doc_builder_release(&builder);
    return ok && (found || error_set(err, ECOMMERCE_INTERNAL, "the demonstration was forgotten"));
}

static bool same_options(struct doc stored, const struct demo_options *options,
                         ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    describe(&builder, options);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err);
    if (ok && !doc_equal(doc, doc_child(stored, "options"))) {
        ok = error_field(err, ECOMMERCE_INVALID_ARGUMENT, "seed",
                         "this shop has the demonstration %" PRIu64
                         " with other numbers: give the same ones or another seed",
                         options->seed);
    }
    doc_builder_release(&builder);
    return ok;
}

/* Fills in `now` as the first import with this seed had it. Nothing is remembered of options that
 * make no plan. */
static bool settle(struct call *call, struct demo_options *options, struct demo_plan **plan,
                   ecommerce_error *err)
{
    struct stored_document stored;
    bool found;
    char *id = arena_printf(&call->arena, "demo-%" PRIu64, options->seed);
    if (id == NULL) {
        return error_memory(err);
    }
    if (!call_get(call, COLLECTION_SHOP, str_of(id), true, &stored, &found, err)) {
        return false;
    }
    int64_t wanted = options->now;
    if (found) {
        options->now = doc_int(stored.doc, "now", 0);
    } else if (options->now == 0) {
        options->now = floor_divide(call_wall(call), MICROSECONDS) * MICROSECONDS;
    }
    if (found && wanted != 0 && wanted != options->now) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "now",
                           "this shop has the demonstration %" PRIu64 " with another end",
                           options->seed);
    }
    if (found && !same_options(stored.doc, options, err)) {
        return false;
    }
    *plan = demo_plan_new(options, err);
    return *plan != NULL && (found || remember(call, str_of(id), options, &stored, err));
}

/* ---- the summary ---- */

static bool read_turnover(struct demo_import *import, int64_t *gross, ecommerce_error *err)
{
    struct call *call = import->call;
    int64_t bounds[] = {import->plan->start, import->plan->options.now + 1};
    struct timeseries_request request = call_timeseries(call, TIMESERIES_SALES);
    request.bounds = bounds;
    request.bound_count = ARRAY_LENGTH(bounds);
    if (!timeseries_run(call->shop->timeseries, &request, err)) {
        return false;
    }
    *gross = request.count > 0 ? request.sums[0].gross : 0;
    return true;
}

static bool report(struct demo_import *import, int64_t started, ecommerce_error *err)
{
    struct doc_builder *out = import->call->out;
    const struct demo_plan *plan = import->plan;
    const struct currency *currency = &import->call->shop->currency;
    int64_t gross, expected = plan->totals.turnover - import->refused_turnover;
    if (!read_turnover(import, &gross, err)) {
        return false;
    }
    doc_add_int(out, "seed", (int64_t)plan->options.seed);
    doc_add_time(out, "start", plan->start);
    doc_add_time(out, "now", plan->options.now);
    import_tally_add(out, "categories", &import->categories, "added", "there_before");
    import_tally_add(out, "products", &import->products, "added", "there_before");
    import_tally_add(out, "customers", &import->customers, "added", "there_before");
    import_tally_add(out, "movements", &import->movements, "recorded", "replayed");
    import_tally_add(out, "orders", &import->orders, "placed", "replayed");
    import_tally_add(out, "changes", &import->changes, "recorded", "replayed");
    import_tally_add(out, "events", &import->events, "recorded", NULL);
    import_tally_add(out, "cart_items", &import->carts, "set", NULL);
    doc_add_money(out, "turnover", gross, currency);
    doc_add_money(out, "expected_turnover", expected, currency);
    doc_add_bool(out, "reconciled", gross == expected && import->turnover == expected);
    doc_add_double(out, "seconds",
                   (double)(seams_monotonic(import->call->shop->seams) - started) / MICROSECONDS);
    return true;
}

bool import_demo(struct call *call, const struct demo_options *options, ecommerce_error *err)
{
    int64_t started = seams_monotonic(call->shop->seams);
    struct demo_options settled = *options;
    struct demo_plan *plan = NULL;
    struct demo_import *import = mem_zalloc(1, sizeof(*import));
    if (import == NULL) {
        return error_memory(err);
    }
    memcpy(settled.currency, call->shop->currency.code, sizeof(settled.currency));
    bool ok = settle(call, &settled, &plan, err);
    if (ok) {
        import->call = call;
        import->plan = plan;
        import->progress.name = "demo";
        import->order_ids = mem_zalloc(plan->order_count + 1, sizeof(*import->order_ids));
        ok = import->order_ids != NULL || error_memory(err);
    }
    ok = ok && demo_import_catalog(import, err) && demo_import_history(import, err) &&
         demo_import_behaviour(import, err) && import_flush(call, err) &&
         report(import, started, err);
    mem_free(import->order_ids);
    mem_free(import);
    demo_plan_free(&plan);
    return ok;
}
