/*
 * catalog_details.c - product details: composed of documents, stock and recommendations, and kept
 * as finished answers.
 *
 * Where changes are counted, an answer is kept in the process with the generations of all that it
 * was made of. Where they are not, it is kept in the live store's cache for its lifetime, and
 * changes of the product itself delete it.
 */
#include "services/analytics/recommendation_parts.h"

#include "support/ids.h"

#include <string.h>

enum { RECOMMENDATION_MAX = 100, QUESTIONS = 2 };

struct details {
    struct str product_id;
    size_t count; /* recommendations of each kind; 0: none */
    struct str key;
    struct dependencies dependencies;
    struct stored_document product;
    struct stock_levels levels;
    struct recommendation_question questions[QUESTIONS];
};

/* ---- composing ---- */

static void ask_recommendations(struct call *call, struct details *details)
{
    static const enum recommendation_kind kinds[QUESTIONS] = {RECOMMEND_BOUGHT_TOGETHER,
                                                              RECOMMEND_SIMILAR};
    for (int i = 0; i < QUESTIONS && details->count > 0; i++) {
        details->questions[i] = (struct recommendation_question){
            .kind = kinds[i], .key = details->product_id, .count = details->count};
        recommendations_begin(call, &details->questions[i], &details->dependencies);
    }
}

static void abandon(struct call *call, struct details *details)
{
    for (int i = 0; i < QUESTIONS && details->count > 0; i++) {
        recommendations_abandon(call, &details->questions[i]);
    }
}

static bool load_product(struct call *call, struct details *details, ecommerce_error *err)
{
    if (!products_load(call, &details->product_id, 1, &details->dependencies, &details->product,
                       err)) {
        return false;
    }
    return details->product.doc.size > 0 ||
           error_field(err, ECOMMERCE_UNKNOWN_PRODUCT, "product_id", "no product has the id '%.*s'",
                       STR_ARG(details->product_id));
}

static bool load_levels(struct call *call, struct details *details, ecommerce_error *err)
{
    size_t count = product_sku_count(details->product.doc);
    struct stock_line *lines = arena_array(&call->arena, count + 1, sizeof(*lines));
    if (lines == NULL) {
        return error_memory(err);
    }
    product_skus(details->product.doc, lines);
    return levels_load(call, lines, count, &details->dependencies, &details->levels, err);
}

static bool gather(struct call *call, struct details *details, ecommerce_error *err)
{
    ask_recommendations(call, details);
    if (!load_product(call, details, err) || !load_levels(call, details, err)) {
        abandon(call, details);
        return false;
    }
    if (details->count == 0) {
        return true;
    }
    struct str name = doc_text(details->product.doc, "name");
    for (int i = 0; i < QUESTIONS; i++) {
        details->questions[i].key_name = name.ptr != NULL ? name : details->product_id;
    }
    return recommendations_finish(call, details->questions, QUESTIONS, &details->dependencies, err);
}

static void write_details(struct call *call, const struct details *details, struct doc_builder *out)
{
    product_answer(call, out, &details->product, &details->levels);
    if (details->count > 0) {
        doc_open(out, "recommendations");
        recommendations_write(call, out, "bought_together", &details->questions[0]);
        recommendations_write(call, out, "similar", &details->questions[1]);
        doc_close(out);
    }
}

static void keep(struct call *call, struct details *details, struct doc answer);

static bool compose(struct call *call, struct details *details, ecommerce_error *err)
{
    if (!gather(call, details, err)) {
        return false;
    }
    struct doc_builder builder;
    doc_builder_init(&builder);
    write_details(call, details, &builder);
    struct doc answer = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err);
    if (ok) {
        doc_add_all(call->out, answer);
        /* What was missing may be back at any moment. */
        if (call->degraded == 0) {
            keep(call, details, answer);
        }
    }
    doc_builder_release(&builder);
    return ok;
}

/* ---- kept in the process ---- */

static void add_answer(void *context, const struct cache_view *view)
{
    struct call *call = context;
    struct doc answer = {(const uint8_t *)view->bytes.ptr, (uint32_t)view->bytes.len};
    doc_add_all(call->out, answer);
    if (!view->fresh) {
        call->as_of = view->made_wall;
    }
}

static bool answer_remembered(struct call *call, struct details *details)
{
    return cache_visit(call->shop, CACHE_ANSWER, details->key, false, add_answer, call);
}

static bool store_is_away(const ecommerce_error *err)
{
    return err->code == ECOMMERCE_UNAVAILABLE || err->code == ECOMMERCE_DEADLINE_EXCEEDED ||
           err->code == ECOMMERCE_OVERLOADED;
}

/* The last answer that there was, however old. */
static bool answer_old(struct call *call, struct details *details, const ecommerce_error *why)
{
    if (!store_is_away(why) ||
        !cache_visit(call->shop, CACHE_ANSWER, details->key, true, add_answer, call)) {
        return false;
    }
    call_degrade(call, ROLE_DOCUMENTS, why);
    return true;
}

static bool answer_from_process(struct call *call, struct details *details, ecommerce_error *err)
{
    if (answer_remembered(call, details)) {
        return true;
    }
    bool first = cache_flight_begin(call, details->key);
    if (!first && answer_remembered(call, details)) {
        return true;
    }
    ecommerce_error own = {0};
    bool ok = compose(call, details, &own);
    if (first) {
        cache_flight_end(call->shop, details->key);
    }
    if (!ok) {
        ok = answer_old(call, details, &own);
    }
    if (!ok && err != NULL) {
        *err = own;
    }
    return ok;
}

/* ---- kept in the live store ---- */

static bool answer_from_live(struct call *call, struct details *details, ecommerce_error *err)
{
    struct live_request request = call_live(call, LIVE_GET);
    request.space = SPACE_CACHE;
    request.key = details->key;
    ecommerce_error ignored;
    if (live_run(call->shop->live, &request, &ignored) && request.found) {
        doc_add_all(call->out, doc_child(request.value.doc, "answer"));
        call->as_of = doc_int(request.value.doc, "at", 0);
        return true;
    }
    return compose(call, details, err);
}

static void keep_in_live(struct call *call, struct details *details, struct doc answer)
{
    const char *owner = arena_printf(&call->arena, "product/%.*s", STR_ARG(details->product_id));
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_int(&builder, "at", call_wall(call));
    doc_add_doc(&builder, "answer", answer);
    struct live_request request = call_live(call, LIVE_PUT);
    request.space = SPACE_CACHE;
    request.key = details->key;
    request.owner = str_of(owner);
    request.doc = doc_finish(&builder);
    request.version = VERSION_ANY;
    request.expires_at =
        call_wall(call) + settings_duration(call->shop->settings, SETTING_CACHE_LIFETIME);
    ecommerce_error ignored;
    if (owner != NULL && doc_builder_ok(&builder) &&
        !live_run(call->shop->live, &request, &ignored)) {
        log_write(call->shop->logger, LOG_DEBUG, "catalog", "an answer was not kept: %s",
                  ignored.message);
    }
    doc_builder_release(&builder);
}

static void keep(struct call *call, struct details *details, struct doc answer)
{
    if (catalog_can_remember(call->shop)) {
        cache_keep(call->shop, CACHE_ANSWER, details->key, str_make(answer.bytes, answer.size), 0,
                   &details->dependencies);
    } else {
        keep_in_live(call, details, answer);
    }
}

/* ---- the operation ---- */

bool catalog_get_product_details(struct call *call, struct str product_id,
                                 const struct product_details_options *options,
                                 ecommerce_error *err)
{
    struct details details = {.product_id = product_id};
    if (!id_check(product_id, "product_id", err)) {
        return false;
    }
    if (options != NULL && options->with_recommendations) {
        size_t standard = (size_t)settings_int(call->shop->settings, SETTING_RECOMMENDATIONS_COUNT);
        details.count = options->recommendation_count ? options->recommendation_count : standard;
        if (details.count > RECOMMENDATION_MAX) {
            return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "recommendation_count",
                               "at most %d recommendations are given", RECOMMENDATION_MAX);
        }
    }
    const char *key =
        arena_printf(&call->arena, "details/%zu/%.*s", details.count, STR_ARG(product_id));
    if (key == NULL) {
        return error_memory(err);
    }
    details.key = str_of(key);
    return catalog_can_remember(call->shop) ? answer_from_process(call, &details, err)
                                            : answer_from_live(call, &details, err);
}
