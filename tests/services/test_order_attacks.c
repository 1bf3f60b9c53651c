/*
 * test_order_attacks.c - what the order protocol must survive when repeats, rebuilds and crashes
 * meet at the worst moment.
 */
#include "services/catalog/catalog.h"
#include "services/orders/epochs.h"
#include "services/orders/recovery.h"
#include "services/orders/relay.h"
#include "services/orders/sweeper.h"
#include "services/stock.h"
#include "tests/support/order_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const int64_t second = MICROSECONDS;

static int open_fixture(void **state)
{
    *state = order_fixture_open(0, NULL);
    order_fixture_receive(*state, "mug", 10);
    order_fixture_drain(*state);
    return 0;
}

static int close_fixture(void **state)
{
    struct shop_fixture *fixture = *state;
    shop_fixture_close(&fixture);
    return 0;
}

static void sweep(struct shop_fixture *f)
{
    struct call call;
    ecommerce_error err;
    struct sweep_result result;
    fixture_call_begin(&f->shop, &call);
    if (!sweeper_step(&call, &result, &err)) {
        fail_msg("%s", err.message);
    }
    fixture_call_end(&call);
}

static void scan(struct shop_fixture *f)
{
    struct call call;
    ecommerce_error err;
    size_t found;
    fixture_call_begin(&f->shop, &call);
    if (!relay_scan(&call, &found, &err)) {
        fail_msg("%s", err.message);
    }
    fixture_call_end(&call);
}

static void seal(struct shop_fixture *f, int64_t epoch)
{
    struct call call;
    ecommerce_error err;
    bool won;
    fixture_call_begin(&f->shop, &call);
    assert_true(epochs_seal(&call, epoch, &won, &err));
    assert_true(won);
    fixture_call_end(&call);
}

/* Another process's rebuild in two halves: the count, and what comes after it. */
struct slow_rebuild {
    struct call call;
    struct recount recount;
    int64_t epoch;
};

static void slow_rebuild_count(struct shop_fixture *f, struct slow_rebuild *rebuild)
{
    ecommerce_error err;
    struct epoch_base parent;
    rebuild->epoch = order_runtime_epoch(f->shop.orders) + 1;
    seal(f, rebuild->epoch);
    fixture_call_begin(&f->shop, &rebuild->call);
    assert_true(epochs_newest_base(&rebuild->call, rebuild->epoch - 1, &parent, &err));
    assert_true(recovery_recount(&rebuild->call, &parent, &rebuild->recount, &err));
}

static void slow_rebuild_flip(struct shop_fixture *f, struct slow_rebuild *rebuild)
{
    struct call *call = &rebuild->call;
    const struct recount *recount = &rebuild->recount;
    ecommerce_error err;
    bool won;
    call->deadline = seams_monotonic(f->shop.seams) + 60 * second;
    struct live_request status = call_live(call, LIVE_STATUS);
    assert_true(live_run(f->shop.live, &status, &err));
    struct epoch_base base = {.epoch = rebuild->epoch,
                              .parent = rebuild->epoch - 1,
                              .identity = str_of(status.status.identity)};
    assert_true(
        epochs_open(call, &base, recount->counted_orders, recount->counted_count, &won, &err));
    assert_true(won);
    struct live_request install = call_live(call, LIVE_INSTALL);
    install.epoch = rebuild->epoch;
    install.install = recount->levels;
    install.install_count = recount->level_count;
    install.applied_ids = recount->applied_ids;
    install.applied_id_count = recount->applied_count;
    assert_true(live_run(f->shop.live, &install, &err));
    assert_int_equal(install.outcome, LIVE_DONE);
    fixture_call_end(call);
}

/* The caller crashed, or the documents were away, between reservation and insert; then the basket
 * is changed and sent again under the same key. The old hold must not carry the new lines. */
static void a_hold_serves_only_the_lines_it_was_made_for(void **state)
{
    struct shop_fixture *f = *state;
    assert_int_equal(order_fixture_place(f, NULL, "mug:1", "warm", NULL, NULL), ECOMMERCE_OK);
    order_fixture_drain(f);
    shop_fixture_away(f, ROLE_DOCUMENTS, true);
    assert_int_equal(order_fixture_place(f, NULL, "mug:1", "k", NULL, NULL), ECOMMERCE_UNAVAILABLE);
    shop_fixture_away(f, ROLE_DOCUMENTS, false);
    assert_int_equal(order_fixture_held(f, "mug"), 1);
    assert_int_equal(order_fixture_place(f, NULL, "mug:5", "k", NULL, NULL), ECOMMERCE_IN_PROGRESS);
    order_fixture_check(f);
    shop_fixture_advance(f, 60 * second);
    sweep(f);
    assert_int_equal(order_fixture_held(f, "mug"), 0);
    assert_int_equal(order_fixture_place(f, NULL, "mug:5", "k", NULL, NULL), ECOMMERCE_OK);
    order_fixture_drain(f);
    assert_int_equal(order_fixture_available(f, "mug"), 4);
    order_fixture_check(f);
}

static void a_stale_movement_reaches_the_new_counters(void **state)
{
    struct shop_fixture *f = *state;
    struct slow_rebuild rebuild;
    struct call call;
    ecommerce_error err;
    struct stock_movement_request broken = {
        .item_id = STR("mug"), .quantity = -4, .reason = STR("broken")};
    slow_rebuild_count(f, &rebuild);
    fixture_call_begin(&f->shop, &call);
    assert_true(stock_adjust(&call, &broken, &err));
    fixture_call_end(&call);
    order_fixture_drain(f);
    slow_rebuild_flip(f, &rebuild);
    shop_fixture_advance(f, 60 * second);
    scan(f);
    assert_int_equal(order_fixture_available(f, "mug"), 6);
    order_fixture_check(f);
}

static void put_price(struct shop_fixture *f, const char *json)
{
    struct call call;
    ecommerce_error err;
    struct write_options options = {0};
    fixture_call_begin(&f->shop, &call);
    if (!catalog_put_product(&call, STR("mug"), fixture_doc(&call, json), &options, &err)) {
        fail_msg("%s", err.message);
    }
    fixture_call_end(&call);
}

/* The earlier attempt turns out to be void only while the refusal looks for it. */
static void a_refused_request_stays_refused_after_a_void_attempt(void **state)
{
    struct shop_fixture *f = *state;
    struct slow_rebuild rebuild;
    slow_rebuild_count(f, &rebuild);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1@7.50", "k", NULL, NULL),
                     ECOMMERCE_OUTCOME_UNKNOWN);
    slow_rebuild_flip(f, &rebuild);
    put_price(f, "{'name': 'Mug', 'price': 8}");
    assert_int_equal(order_fixture_place(f, "ann", "mug:1@7.50", "k", NULL, NULL),
                     ECOMMERCE_PRICE_CHANGED);
    assert_int_equal(order_fixture_count(f), 1); /* the void one */
    order_fixture_check(f);
}

static void a_dead_rebuild_is_overtaken_by_those_who_sell(void **state)
{
    struct shop_fixture *f = *state;
    enum ecommerce_error_code code = ECOMMERCE_OUTCOME_UNKNOWN;
    seal(f, 2);
    for (int i = 0; i < 4 && code != ECOMMERCE_OK; i++) {
        code = order_fixture_place(f, "ann", "mug:1", "k", NULL, NULL);
    }
    assert_int_equal(code, ECOMMERCE_OK);
    assert_int_equal(order_runtime_epoch(f->shop.orders), 3);
    order_fixture_drain(f);
    assert_int_equal(order_fixture_available(f, "mug"), 9);
    order_fixture_check(f);
}

static void place_slowly(struct shop_fixture *f, const char *key, int64_t patience)
{
    struct call call;
    ecommerce_error err;
    struct order_item_request item = {.item_id = STR("mug"), .quantity = 1};
    struct order_request request = {
        .customer_id = STR("ann"), .items = &item, .item_count = 1, .key = str_of(key)};
    fixture_call_begin(&f->shop, &call);
    call.deadline = seams_monotonic(f->shop.seams) + patience;
    assert_true(orders_process(&call, &request, &err));
    fixture_call_end(&call);
}

static void settle(struct shop_fixture *f, const char *id)
{
    struct call call;
    ecommerce_error err;
    fixture_call_begin(&f->shop, &call);
    struct live_request request = call_live(&call, LIVE_SETTLE);
    request.epoch = order_runtime_epoch(f->shop.orders);
    request.id = str_of(id);
    assert_true(live_run(f->shop.live, &request, &err));
    fixture_call_end(&call);
}

/* A new live file is counted once, not at each opening until an order comes. */
static void a_new_live_store_is_counted_once(void **state)
{
    struct shop_fixture *f = *state;
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", NULL, NULL, NULL), ECOMMERCE_OK);
    shop_fixture_stop(f, false);
    assert_int_equal(unlink(temp_folder_file(&f->folder, "live.db")), 0);
    shop_fixture_start(f);
    assert_int_equal(order_runtime_epoch(f->shop.orders), 2);
    shop_fixture_restart(f);
    assert_int_equal(order_runtime_epoch(f->shop.orders), 2);
    assert_int_equal(order_fixture_available(f, "mug"), 9);
}

/* A settled id is remembered while its order bears the mark, whatever older orders say. */
static void an_id_is_not_forgotten_before_its_mark_is_off(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    place_slowly(f, "import", 600 * second);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "k", &id, NULL), ECOMMERCE_OK);
    settle(f, id.text); /* and the relay died before it took the mark off */
    shop_fixture_stop(f, true);
    shop_fixture_start(f);
    shop_fixture_advance(f, 120 * second);
    sweep(f);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "k", NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_available(f, "mug"), 8);
    order_fixture_drain(f);
    order_fixture_check(f);
}

static void insert_damaged(struct shop_fixture *f, const char *id)
{
    struct call call;
    ecommerce_error err;
    bool inserted;
    fixture_call_begin(&f->shop, &call);
    struct doc doc = fixture_doc(&call, "{'status': 'placed', 'epoch': 1}");
    assert_true(documents_insert(f->shop.documents, COLLECTION_ORDERS, str_of(id), doc, MARKS_ALL,
                                 call.deadline, &inserted, &err));
    fixture_call_end(&call);
}

static void damaged_facts_do_not_keep_others_waiting(void **state)
{
    struct shop_fixture *f = *state;
    int64_t batch = settings_int(f->settings, SETTING_RELAY_BATCH);
    char id[32];
    for (int64_t i = 0; i < batch; i++) {
        snprintf(id, sizeof(id), "damaged-%lld", (long long)i);
        insert_damaged(f, id);
    }
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", NULL, NULL, NULL), ECOMMERCE_OK);
    shop_fixture_stop(f, true);
    shop_fixture_start(f);
    shop_fixture_advance(f, 60 * second);
    scan(f);
    scan(f);
    assert_int_equal(order_fixture_held(f, "mug"), 0);
    assert_int_equal(order_fixture_findings(f, "delivery_overdue", false), 0);
}

static void a_return_names_no_more_lines_than_an_order_has(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    struct call call;
    ecommerce_error err;
    size_t count = (size_t)settings_int(f->settings, SETTING_ORDERS_MAX_LINES) + 1;
    struct order_line_quantity *lines = calloc(count, sizeof(*lines));
    assert_non_null(lines);
    for (size_t i = 0; i < count; i++) {
        lines[i] = (struct order_line_quantity){.line = 1, .quantity = 1};
    }
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", NULL, &id, NULL), ECOMMERCE_OK);
    struct order_change_request request = {.order_id = str_of(id.text),
                                           .kind = STR("returned"),
                                           .lines = lines,
                                           .line_count = count,
                                           .trusted = true};
    fixture_call_begin(&f->shop, &call);
    assert_false(orders_change(&call, &request, &err));
    assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
    fixture_call_end(&call);
    free(lines);
}

static enum ecommerce_error_code place_to(struct shop_fixture *f, const char *key,
                                          const char *contact)
{
    struct call call;
    ecommerce_error err;
    struct order_item_request item = {.item_id = STR("mug"), .quantity = 1};
    fixture_call_begin(&f->shop, &call);
    struct order_request request = {.customer_id = STR("ann"),
                                    .items = &item,
                                    .item_count = 1,
                                    .key = str_of(key),
                                    .contact = fixture_doc(&call, contact)};
    bool ok = orders_process(&call, &request, &err);
    fixture_call_end(&call);
    return ok ? ECOMMERCE_OK : err.code;
}

static struct id id_of_key(struct shop_fixture *f, const char *key, const char *attempt)
{
    struct id id;
    struct str parts[] = {str_of(f->shop.shop_id.text), STR("customer:ann"), str_of(key),
                          str_of(attempt)};
    id_derive(&id, parts, ARRAY_LENGTH(parts));
    return id;
}

/* The city that is kept for the order; empty: no contact. */
static void read_city(struct shop_fixture *f, struct id id, char *city, size_t size)
{
    struct call call;
    ecommerce_error err;
    struct stored_document contact;
    bool found;
    fixture_call_begin(&f->shop, &call);
    assert_true(
        call_get(&call, COLLECTION_ORDER_CONTACTS, str_of(id.text), true, &contact, &found, &err));
    snprintf(city, size, "%.*s", STR_ARG(found ? doc_text(contact.doc, "city") : STR("")));
    fixture_call_end(&call);
}

static const char *const leeds = "{'email': 'a@b.c', 'city': 'Leeds'}";
static const char *const york = "{'email': 'a@b.c', 'city': 'York'}";

/* The first request wrote its address and no order; the second corrects the address. */
static void an_order_goes_to_its_own_address(void **state)
{
    struct shop_fixture *f = *state;
    struct id id = id_of_key(f, "k", "1");
    struct call call;
    ecommerce_error err;
    bool inserted;
    char city[32];
    fixture_call_begin(&f->shop, &call);
    assert_true(documents_insert(f->shop.documents, COLLECTION_ORDER_CONTACTS, str_of(id.text),
                                 fixture_doc(&call, leeds), 0, call.deadline, &inserted, &err));
    fixture_call_end(&call);
    assert_int_equal(place_to(f, "k", york), ECOMMERCE_IN_PROGRESS);
    shop_fixture_advance(f, 120 * second);
    sweep(f);
    read_city(f, id, city, sizeof(city));
    assert_string_equal(city, "");
    assert_int_equal(place_to(f, "k", york), ECOMMERCE_OK);
    read_city(f, id_of_key(f, "k", "2"), city, sizeof(city));
    assert_string_equal(city, "York");
    order_fixture_check(f);
}

static void a_repeat_does_not_bring_an_erased_address_back(void **state)
{
    struct shop_fixture *f = *state;
    struct id id = id_of_key(f, "k", "1");
    struct call call;
    ecommerce_error err;
    char city[32];
    assert_int_equal(place_to(f, "k", york), ECOMMERCE_OK);
    order_fixture_drain(f);
    assert_int_equal(place_to(f, "k", york), ECOMMERCE_OK);
    read_city(f, id, city, sizeof(city));
    assert_string_equal(city, "York");
    fixture_call_begin(&f->shop, &call);
    struct documents_request erase =
        call_documents(&call, DOCUMENTS_ERASE, COLLECTION_ORDER_CONTACTS, str_of(id.text));
    assert_true(documents_run(f->shop.documents, &erase, &err));
    fixture_call_end(&call);
    shop_fixture_advance(f, 120 * second);
    assert_int_equal(place_to(f, "k", york), ECOMMERCE_OK);
    read_city(f, id, city, sizeof(city));
    assert_string_equal(city, "");
    assert_int_equal(place_to(f, "k", leeds), ECOMMERCE_IDEMPOTENCY_KEY_REUSED);
    read_city(f, id, city, sizeof(city));
    assert_string_equal(city, "");
}

static void a_missing_state_is_found_and_mended(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    struct call call;
    ecommerce_error err;
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", NULL, &id, NULL), ECOMMERCE_OK);
    order_fixture_drain(f);
    fixture_call_begin(&f->shop, &call);
    struct documents_request erase =
        call_documents(&call, DOCUMENTS_ERASE, COLLECTION_ORDER_STATES, str_of(id.text));
    assert_true(documents_run(f->shop.documents, &erase, &err));
    fixture_call_end(&call);
    assert_int_equal(order_fixture_findings(f, "state_differs", true), 1);
    order_fixture_check(f);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_hold_serves_only_the_lines_it_was_made_for),
        FRESH(a_stale_movement_reaches_the_new_counters),
        FRESH(a_refused_request_stays_refused_after_a_void_attempt),
        FRESH(a_dead_rebuild_is_overtaken_by_those_who_sell),
        FRESH(a_new_live_store_is_counted_once),
        FRESH(an_id_is_not_forgotten_before_its_mark_is_off),
        FRESH(damaged_facts_do_not_keep_others_waiting),
        FRESH(a_return_names_no_more_lines_than_an_order_has),
        FRESH(a_missing_state_is_found_and_mended),
        FRESH(an_order_goes_to_its_own_address),
        FRESH(a_repeat_does_not_bring_an_erased_address_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
