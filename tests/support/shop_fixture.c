/* shop_fixture.c - a shop for tests of services. See shop_fixture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/fault_vfs.h"
#include "tests/support/shop_fixture.h"

#include "db_managers/embedded/embedded_stores.h"
#include "services/catalog/catalog.h"
#include "services/orders/order_runtime.h"
#include "support/json.h"

#include <stdlib.h>

static void must(bool ok, const ecommerce_error *err)
{
    if (!ok) {
        fail_msg("%s: %s (%s)", ecommerce_error_name(err->code), err->message, err->field);
    }
}

static void set_all(struct settings *settings, const char *const *list)
{
    ecommerce_error err = {0};
    for (; list && *list; list++) {
        char path[128];
        size_t length = strcspn(*list, "=");
        assert_true(length < sizeof(path) && (*list)[length] == '=');
        memcpy(path, *list, length);
        path[length] = '\0';
        must(settings_set_text(settings, path, *list + length + 1, &err), &err);
    }
}

static void open_fakes(struct shop_fixture *fixture, const struct seams *seams)
{
    if (fixture->flags & FIXTURE_FAKE_LIVE) {
        fixture->fake_live = fake_live_new(seams);
        fixture->live = &fixture->fake_live->store;
    }
    if (fixture->flags & FIXTURE_FAKE_TIMESERIES) {
        fixture->fake_timeseries = fake_timeseries_new(seams);
        fixture->timeseries = &fixture->fake_timeseries->store;
    }
    if (fixture->flags & FIXTURE_FAKE_GRAPH) {
        fixture->fake_graph = fake_graph_new(seams);
        fixture->graph = &fixture->fake_graph->store;
    }
}

static void open_embedded(struct shop_fixture *fixture, const struct seams *seams)
{
    ecommerce_error err = {0};
    struct embedded_options options = {
        .folder = fixture->folder.path,
        .max_batch = 64,
        .vfs = fixture->flags & FIXTURE_FAULTY_DISK ? fault_vfs_name() : NULL,
        .seams = seams,
        .logger = &fixture->logger,
    };
    fixture->documents = embedded_documents_open(&options, &err);
    must(fixture->documents != NULL, &err);
    if (!fixture->live) {
        fixture->live = embedded_live_open(&options, &err);
        must(fixture->live != NULL, &err);
    }
    if (!fixture->timeseries) {
        fixture->timeseries = embedded_timeseries_open(&options, &err);
        must(fixture->timeseries != NULL, &err);
    }
    if (!fixture->graph) {
        fixture->graph = embedded_graph_open(&options, NULL, &err);
        must(fixture->graph != NULL, &err);
    }
}

static void open_shop(struct shop_fixture *fixture)
{
    ecommerce_error err = {0};
    bool real = fixture->flags & FIXTURE_REAL_CLOCK;
    const struct seams *seams = real ? &system_seams : &fixture->clock.seams;
    open_embedded(fixture, seams);
    failing_stores_init(&fixture->stores, fixture->documents, fixture->live, fixture->timeseries,
                        fixture->graph);
    fixture->shop = (struct shop){
        .documents = &fixture->stores.documents,
        .live = &fixture->stores.live,
        .timeseries = &fixture->stores.timeseries,
        .graph = &fixture->stores.graph,
        .settings = fixture->settings,
        .seams = seams,
        .logger = &fixture->logger,
        .shop_id = {.text = "00000000-0000-4000-8000-000000000001"},
    };
    struct shop *shop = &fixture->shop;
    const char *currency = settings_text(fixture->settings, SETTING_SHOP_CURRENCY);
    assert_true(currency_find(str_of(currency), &shop->currency));
    shop->zone = timezone_load(settings_text(fixture->settings, SETTING_SHOP_TIME_ZONE), &err);
    must(shop->zone != NULL, &err);
    must(catalog_cache_open(shop, &err), &err);
    if (fixture->flags & FIXTURE_ORDERS) {
        must(order_runtime_open(shop, &err), &err);
    }
}

static void close_embedded(struct shop_fixture *fixture)
{
    if (!fixture->fake_graph) {
        manager_close((struct base_manager **)(void *)&fixture->graph);
    }
    if (!fixture->fake_timeseries) {
        manager_close((struct base_manager **)(void *)&fixture->timeseries);
    }
    if (!fixture->fake_live) {
        manager_close((struct base_manager **)(void *)&fixture->live);
    }
    manager_close((struct base_manager **)(void *)&fixture->documents);
}

static void close_shop(struct shop_fixture *fixture, bool crash)
{
    struct shop *shop = &fixture->shop;
    atomic_store(&fixture->stores.away, 0);
    if (fixture->flags & FIXTURE_ORDERS) {
        int64_t patience = crash ? 0 : 10 * (int64_t)MICROSECONDS;
        order_runtime_close(shop, seams_monotonic(shop->seams) + patience);
    }
    catalog_cache_close(shop);
    timezone_free(&shop->zone);
    failing_stores_release(&fixture->stores);
    close_embedded(fixture);
}

struct shop_fixture *shop_fixture_open_with(unsigned flags, const char *const *settings)
{
    ecommerce_error err = {0};
    struct shop_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->flags = flags;
    fake_seams_init(&fixture->clock);
    temp_folder_make(&fixture->folder);
    fixture->settings = settings_new(&err);
    must(fixture->settings != NULL, &err);
    static const char *const own[] = {"shop.currency=GBP", "shop.time_zone=Europe/London",
                                      "relay.background=false", NULL};
    set_all(fixture->settings, own);
    set_all(fixture->settings, settings);
    open_fakes(fixture, flags & FIXTURE_REAL_CLOCK ? &system_seams : &fixture->clock.seams);
    open_shop(fixture);
    return fixture;
}

struct shop_fixture *shop_fixture_open(unsigned flags)
{
    return shop_fixture_open_with(flags, NULL);
}

void shop_fixture_close(struct shop_fixture **fixture)
{
    struct shop_fixture *old = *fixture;
    if (!old) {
        return;
    }
    close_shop(old, false);
    old->fake_graph = NULL;
    old->fake_timeseries = NULL;
    old->fake_live = NULL;
    manager_close((struct base_manager **)(void *)&old->graph);
    manager_close((struct base_manager **)(void *)&old->timeseries);
    manager_close((struct base_manager **)(void *)&old->live);
    settings_free(&old->settings);
    if (!old->joined) {
        temp_folder_remove(&old->folder);
    }
    free(old);
    *fixture = NULL;
}

void shop_fixture_stop(struct shop_fixture *fixture, bool crash)
{
    close_shop(fixture, crash);
}

void shop_fixture_start(struct shop_fixture *fixture)
{
    open_shop(fixture);
}

void shop_fixture_restart(struct shop_fixture *fixture)
{
    close_shop(fixture, false);
    open_shop(fixture);
}

struct shop_fixture *shop_fixture_join(const struct shop_fixture *other)
{
    ecommerce_error err = {0};
    struct shop_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    fixture->flags = other->flags;
    fixture->joined = true;
    fixture->folder = other->folder;
    fake_seams_init(&fixture->clock);
    /* Ids are random: two processes must not draw the same. */
    atomic_fetch_add(&fixture->clock.random, 0x5eed);
    fixture->settings = settings_copy(other->settings, &err);
    must(fixture->settings != NULL, &err);
    open_fakes(fixture,
               fixture->flags & FIXTURE_REAL_CLOCK ? &system_seams : &fixture->clock.seams);
    open_shop(fixture);
    return fixture;
}

void shop_fixture_away(struct shop_fixture *fixture, enum manager_role role, bool away)
{
    if (away) {
        atomic_fetch_or(&fixture->stores.away, 1u << role);
    } else {
        atomic_fetch_and(&fixture->stores.away, ~(1u << role));
    }
}

static struct live_request live_request_of(struct call *call, unsigned operation)
{
    return call_live(call, (enum live_operation)operation);
}

void shop_fixture_stock(struct shop_fixture *fixture, const char *sku, int64_t available)
{
    ecommerce_error err = {0};
    struct call call;
    fixture_call_begin(&fixture->shop, &call);
    struct live_request status = live_request_of(&call, LIVE_STATUS);
    must(live_run(fixture->live, &status, &err), &err);
    if (status.status.epoch == 0) {
        struct live_request install = live_request_of(&call, LIVE_INSTALL);
        install.epoch = 1;
        must(live_run(fixture->live, &install, &err), &err);
        status.status.epoch = 1;
    }
    struct stock_line line = {.sku = str_of(sku)};
    struct live_request levels = live_request_of(&call, LIVE_LEVELS);
    levels.lines = &line;
    levels.line_count = 1;
    must(live_run(fixture->live, &levels, &err), &err);
    line.quantity = available - levels.levels[0].available;
    struct id id;
    id_new(fixture->shop.seams, &id);
    struct live_request credit = live_request_of(&call, LIVE_CREDIT);
    credit.epoch = status.status.epoch;
    credit.id = str_of(id.text);
    credit.lines = &line;
    credit.line_count = 1;
    if (line.quantity != 0) {
        must(live_run(fixture->live, &credit, &err), &err);
        assert_int_equal(credit.outcome, LIVE_DONE);
    }
    fixture_call_end(&call);
}

void shop_fixture_advance(struct shop_fixture *fixture, int64_t microseconds)
{
    assert_false(fixture->flags & FIXTURE_REAL_CLOCK);
    fake_seams_advance(&fixture->clock, microseconds);
}

void fixture_call_begin(struct shop *shop, struct call *call)
{
    *call = (struct call){
        .shop = shop,
        .deadline = seams_monotonic(shop->seams) + INT64_C(10) * MICROSECONDS,
    };
    call->out = malloc(sizeof(*call->out));
    assert_non_null(call->out);
    doc_builder_init(call->out);
}

struct doc fixture_call_answer(struct call *call)
{
    call_add_condition(call);
    call->degraded = 0;
    call->as_of = 0;
    struct doc answer = doc_finish(call->out);
    assert_true(doc_builder_ok(call->out));
    return answer;
}

void fixture_call_end(struct call *call)
{
    doc_builder_release(call->out);
    free(call->out);
    arena_release(&call->arena);
    *call = (struct call){0};
}

struct doc fixture_doc(struct call *call, const char *json)
{
    ecommerce_error err = {0};
    char *text = arena_strdup(&call->arena, json);
    assert_non_null(text);
    for (char *at = text; *at; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    struct doc_builder builder;
    doc_builder_init(&builder);
    struct doc doc, copy;
    must(json_read(str_of(text), &builder, &doc, &err), &err);
    assert_true(doc_copy(&call->arena, doc, &copy));
    doc_builder_release(&builder);
    return copy;
}
