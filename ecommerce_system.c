/*
 * ecommerce_system.c - the coordinator: opens the four managers, wires the services, runs
 * operations.
 */
#include "ecommerce_system_parts.h"

#include "config/config_loader.h"
#include "db_managers/embedded/embedded_stores.h"
#include "db_managers/embedded/graph/basket_index.h"
#include "services/analytics/analytics.h"
#include "services/catalog/catalog.h"
#include "services/orders/order_runtime.h"
#include "services/orders/relay.h"

#include "support/alloc.h"

#include <stdio.h>

enum { LONG_CALL_SECONDS = 3600, CLOSE_SECONDS = 10 };

const char *ecommerce_version(void)
{
    return ECOMMERCE_VERSION;
}

/* ---- configuration ---- */

static void pass_log_on(void *context, enum log_level level, const char *component,
                        const char *line)
{
    ecommerce_system *system = context;
    system->log(system->log_context, log_level_name(level), component, line);
}

static bool apply_override(struct settings *settings, const char *override, ecommerce_error *err)
{
    const char *equals = strchr(override, '=');
    if (equals == NULL) {
        return error_set(err, ECOMMERCE_INVALID_CONFIGURATION, "'%s' is not of the form path=value",
                         override);
    }
    char path[128];
    snprintf(path, sizeof(path), "%.*s", (int)(equals - override), override);
    return settings_set_text(settings, path, equals + 1, err);
}

static bool load_settings(ecommerce_system *system, const ecommerce_open_options *options,
                          ecommerce_error *err)
{
    system->settings = settings_new(err);
    if (system->settings == NULL) {
        return false;
    }
    struct settings *settings = system->settings;
    if (options->configuration_file != NULL &&
        !config_load_file(settings, options->configuration_file, err)) {
        return false;
    }
    if (options->configuration != NULL &&
        !config_load_doc(settings, options->configuration->doc, err)) {
        return false;
    }
    if (options->folder != NULL &&
        !settings_set_text(settings, "stores.embedded.folder", options->folder, err)) {
        return false;
    }
    for (size_t i = 0; i < options->override_count; i++) {
        if (!apply_override(settings, options->overrides[i], err)) {
            return false;
        }
    }
    return settings_check(settings, NULL, err) && settings_check_stores(settings, err);
}

/* ---- opening ---- */

static double days(const struct settings *settings, enum setting_id id)
{
    return (double)settings_duration(settings, id) / (86400.0 * MICROSECONDS);
}

static struct recommendation_parameters graph_parameters(const struct settings *s)
{
    return (struct recommendation_parameters){
        .popular_days = days(s, SETTING_RECOMMENDATIONS_POPULAR_WINDOW),
        .trend_days = days(s, SETTING_RECOMMENDATIONS_TREND_WINDOW),
        .walk_days = days(s, SETTING_RECOMMENDATIONS_WALK_WINDOW),
        .walk_size_power = settings_number(s, SETTING_RECOMMENDATIONS_WALK_SIZE_POWER),
        .walk_damping = settings_number(s, SETTING_RECOMMENDATIONS_WALK_DAMPING),
        .walk_prior = settings_number(s, SETTING_RECOMMENDATIONS_WALK_PRIOR),
        .similar_days = days(s, SETTING_RECOMMENDATIONS_SIMILAR_WINDOW),
        .similar_size_power = settings_number(s, SETTING_RECOMMENDATIONS_SIMILAR_SIZE_POWER),
        .again_own_days = days(s, SETTING_RECOMMENDATIONS_AGAIN_OWN_WINDOW),
        .again_floor = settings_number(s, SETTING_RECOMMENDATIONS_AGAIN_FLOOR),
        .again_power = settings_number(s, SETTING_RECOMMENDATIONS_AGAIN_POWER),
        .blend_own_days = days(s, SETTING_RECOMMENDATIONS_BLEND_OWN_WINDOW),
        .blend_near = settings_number(s, SETTING_RECOMMENDATIONS_BLEND_NEAR),
        .blend_popular = settings_number(s, SETTING_RECOMMENDATIONS_BLEND_POPULAR),
        .blend_floor = settings_number(s, SETTING_RECOMMENDATIONS_BLEND_FLOOR),
        .blend_power = settings_number(s, SETTING_RECOMMENDATIONS_BLEND_POWER),
        .blend_neighbours = (unsigned)settings_int(s, SETTING_RECOMMENDATIONS_BLEND_NEIGHBOURS),
    };
}

static bool open_stores(ecommerce_system *system, ecommerce_error *err)
{
    struct shop *shop = &system->shop;
    const struct settings *settings = system->settings;
    struct recommendation_parameters parameters = graph_parameters(settings);
    struct embedded_options options = {
        .folder = settings_text(settings, SETTING_STORES_EMBEDDED_FOLDER),
        .max_batch = (size_t)settings_int(settings, SETTING_LANES_MAX_BATCH),
        .seams = shop->seams,
        .logger = shop->logger,
    };
    return (shop->documents = embedded_documents_open(&options, err)) != NULL &&
           (shop->live = embedded_live_open(&options, err)) != NULL &&
           (shop->timeseries = embedded_timeseries_open(&options, err)) != NULL &&
           (shop->graph = embedded_graph_open(&options, &parameters, err)) != NULL;
}

/* The shop's identity is made once, by the first to open it; currency and zone belong to its data.
 */
static bool find_identity(ecommerce_system *system, ecommerce_error *err)
{
    struct shop *shop = &system->shop;
    struct doc_builder out, identity;
    struct call call;
    struct id id;
    bool inserted, found = false;
    system_call_begin(system, &call, &out, false);
    doc_builder_init(&identity);
    id_new(shop->seams, &id);
    doc_adds(&identity, "shop_id", id.text);
    doc_adds(&identity, "currency", shop->currency.code);
    doc_add_int(&identity, "created_at", seams_wall(shop->seams));
    struct doc doc = doc_finish(&identity);
    struct stored_document stored;
    bool ok = doc_builder_ok(&identity) || error_memory(err);
    ok = ok && call_get(&call, COLLECTION_SHOP, STR("identity"), true, &stored, &found, err);
    if (ok && !found) {
        ok = documents_insert(shop->documents, COLLECTION_SHOP, STR("identity"), doc, 0,
                              call.deadline, &inserted, err) &&
             call_get(&call, COLLECTION_SHOP, STR("identity"), true, &stored, &found, err);
    }
    if (ok && found) {
        snprintf(shop->shop_id.text, sizeof(shop->shop_id.text), "%.*s",
                 STR_ARG(doc_text(stored.doc, "shop_id")));
        if (!str_is(doc_text(stored.doc, "currency"), shop->currency.code)) {
            ok = error_field(err, ECOMMERCE_INVALID_CONFIGURATION, "shop.currency",
                             "this shop's amounts are in %.*s, not in %s",
                             STR_ARG(doc_text(stored.doc, "currency")), shop->currency.code);
        }
    }
    doc_builder_release(&identity);
    system_call_end(&call);
    return ok;
}

static bool open_shop(ecommerce_system *system, const ecommerce_open_options *options,
                      ecommerce_error *err)
{
    struct shop *shop = &system->shop;
    system->log = options->log;
    system->log_context = options->log_context;
    if (!load_settings(system, options, err)) {
        return false;
    }
    system->logger = (struct logger){
        .sink = options->log != NULL ? pass_log_on : NULL,
        .context = system,
        .level = (enum log_level)settings_choice(system->settings, SETTING_LOG_LEVEL),
    };
    shop->settings = system->settings;
    shop->seams = &system_seams;
    shop->logger = &system->logger;
    if (!currency_find(str_of(settings_text(system->settings, SETTING_SHOP_CURRENCY)),
                       &shop->currency)) {
        return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, "shop.currency",
                           "this is no currency code of ISO 4217");
    }
    shop->zone = timezone_load(settings_text(system->settings, SETTING_SHOP_TIME_ZONE), err);
    return shop->zone != NULL && open_stores(system, err) && find_identity(system, err) &&
           catalog_cache_open(shop, err) && analytics_open(shop, err) &&
           order_runtime_open(shop, err);
}

ecommerce_system *ecommerce_open_with(const ecommerce_open_options *options, ecommerce_error *err)
{
    ecommerce_system *system = mem_zalloc(1, sizeof(*system));
    if (system == NULL) {
        error_memory(err);
        return NULL;
    }
    if (!open_shop(system, options, err)) {
        ecommerce_close(&system);
    }
    return system;
}

ecommerce_system *ecommerce_open(const char *configuration_file, ecommerce_error *err)
{
    ecommerce_open_options options = {.configuration_file = configuration_file};
    return ecommerce_open_with(&options, err);
}

static void close_store(struct base_manager *manager)
{
    manager_close(&manager);
}

void ecommerce_close(ecommerce_system **pointer)
{
    if (pointer == NULL || *pointer == NULL) {
        return;
    }
    ecommerce_system *system = *pointer;
    struct shop *shop = &system->shop;
    if (shop->orders != NULL) {
        order_runtime_close(shop,
                            seams_monotonic(shop->seams) + CLOSE_SECONDS * (int64_t)MICROSECONDS);
    }
    if (shop->analytics != NULL) {
        analytics_close(shop);
    }
    if (shop->catalog != NULL) {
        catalog_cache_close(shop);
    }
    close_store((struct base_manager *)shop->graph);
    close_store((struct base_manager *)shop->timeseries);
    close_store((struct base_manager *)shop->live);
    close_store((struct base_manager *)shop->documents);
    timezone_free(&shop->zone);
    settings_free(&system->settings);
    mem_free(system);
    *pointer = NULL;
}

/* ---- running ---- */

void system_call_begin(ecommerce_system *system, struct call *call, struct doc_builder *out,
                       bool is_long)
{
    struct shop *shop = &system->shop;
    int64_t time = is_long ? LONG_CALL_SECONDS * (int64_t)MICROSECONDS
                           : settings_duration(shop->settings, SETTING_ORDERS_DEADLINE);
    *call =
        (struct call){.shop = shop, .out = out, .deadline = seams_monotonic(shop->seams) + time};
    doc_builder_init(out);
}

void system_call_end(struct call *call)
{
    arena_release(&call->arena);
    doc_builder_release(call->out);
}

bool system_take_answer(struct call *call, ecommerce_document **answer, ecommerce_error *err)
{
    struct ecommerce_document *document = mem_zalloc(1, sizeof(*document));
    if (document == NULL) {
        return error_memory(err);
    }
    document->builder = *call->out;
    document->replayed = call->replayed;
    *call->out = (struct doc_builder){0};
    if (!document_seal(document)) {
        ecommerce_document_free(&document);
        return error_memory(err);
    }
    *answer = document;
    return true;
}

bool system_run(ecommerce_system *system, const struct operation *operation, struct doc arguments,
                ecommerce_document **answer, ecommerce_error *err)
{
    struct doc_builder out;
    struct call call;
    ecommerce_document *ignored = NULL;
    error_clear(err);
    answer = answer != NULL ? answer : &ignored;
    *answer = NULL;
    system_call_begin(system, &call, &out, (operation->flags & OPERATION_LONG) != 0);
    bool ok =
        operation_run(operation, &call, arguments, err) && system_take_answer(&call, answer, err);
    system_call_end(&call);
    ecommerce_document_free(&ignored);
    return ok;
}

bool ecommerce_call(ecommerce_system *system, const char *name, const ecommerce_document *arguments,
                    ecommerce_document **answer, ecommerce_error *err)
{
    const struct operation *operation = operation_find(name);
    if (operation == NULL) {
        if (answer != NULL) {
            *answer = NULL;
        }
        return error_set(err, ECOMMERCE_UNKNOWN_OPERATION, "there is no operation '%.64s'", name);
    }
    return system_run(system, operation, arguments != NULL ? arguments->doc : DOC_EMPTY, answer,
                      err);
}

ecommerce_document *ecommerce_operations(ecommerce_error *err)
{
    struct ecommerce_document *document = document_new();
    if (document == NULL) {
        error_memory(err);
        return NULL;
    }
    doc_open_array(&document->builder, "operations");
    operations_describe(&document->builder);
    doc_close(&document->builder);
    if (!document_seal(document)) {
        error_memory(err);
        ecommerce_document_free(&document);
    }
    return document;
}

bool ecommerce_flush(ecommerce_system *system, ecommerce_error *err)
{
    struct doc_builder out;
    struct call call;
    error_clear(err);
    system_call_begin(system, &call, &out, true);
    bool ok = relay_drain(&call, err);
    system_call_end(&call);
    return ok;
}
