/*
 * test_recovery.c - what crashed, was lost or came late: the live store without its newest writes,
 * orders of an older epoch, rebuilds that died half-way.
 */
#include "services/orders/epochs.h"
#include "services/orders/recovery.h"
#include "services/orders/relay.h"
#include "services/orders/sweeper.h"
#include "tests/support/order_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static int open_fixture(void **state)
{
    *state = order_fixture_open(0, NULL);
    order_fixture_receive(*state, "mug", 10);
    return 0;
}

static int close_fixture(void **state)
{
    struct shop_fixture *fixture = *state;
    shop_fixture_close(&fixture);
    return 0;
}

static void remove_file(struct shop_fixture *f, const char *name)
{
    assert_int_equal(unlink(temp_folder_file(&f->folder, name)), 0);
}

static void copy_file(struct shop_fixture *f, const char *from, const char *to)
{
    char buffer[65536], source[256];
    size_t length;
    snprintf(source, sizeof(source), "%s", temp_folder_file(&f->folder, from));
    FILE *in = fopen(source, "rb"), *out = fopen(temp_folder_file(&f->folder, to), "wb");
    assert_non_null(in);
    assert_non_null(out);
    while ((length = fread(buffer, 1, sizeof(buffer), in)) > 0) {
        assert_int_equal(fwrite(buffer, 1, length, out), length);
    }
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

static int64_t epoch_of(struct shop_fixture *f)
{
    return order_runtime_epoch(f->shop.orders);
}

static void a_lost_live_store_is_counted_again(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    assert_int_equal(order_fixture_place(f, "ann", "mug:3", NULL, &id, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_place(f, "ann", "mug:2", NULL, NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "cancelled", NULL), ECOMMERCE_OK);
    shop_fixture_stop(f, false);
    remove_file(f, "live.db");
    shop_fixture_start(f);
    assert_int_equal(epoch_of(f), 2);
    assert_int_equal(order_fixture_available(f, "mug"), 8);
    assert_int_equal(order_fixture_place(f, "bob", "mug:9", NULL, NULL, NULL),
                     ECOMMERCE_OUT_OF_STOCK);
    assert_int_equal(order_fixture_place(f, "bob", "mug:8", NULL, NULL, NULL), ECOMMERCE_OK);
    order_fixture_check(f);
}

static void an_older_live_file_is_noticed(void **state)
{
    struct shop_fixture *f = *state;
    shop_fixture_stop(f, false);
    copy_file(f, "live.db", "live.old");
    shop_fixture_start(f);
    assert_int_equal(epoch_of(f), 1);
    assert_int_equal(order_fixture_place(f, "ann", "mug:10", NULL, NULL, NULL), ECOMMERCE_OK);
    shop_fixture_stop(f, true);
    copy_file(f, "live.old", "live.db");
    shop_fixture_start(f);
    assert_int_equal(epoch_of(f), 2);
    assert_int_equal(order_fixture_available(f, "mug"), 0);
    assert_int_equal(order_fixture_place(f, "bob", "mug:1", NULL, NULL, NULL),
                     ECOMMERCE_OUT_OF_STOCK);
}

static void what_a_crash_left_is_delivered_later(void **state)
{
    struct shop_fixture *f = *state;
    struct call call;
    ecommerce_error err;
    size_t found;
    assert_int_equal(order_fixture_place(f, "ann", "mug:3", NULL, NULL, NULL), ECOMMERCE_OK);
    shop_fixture_stop(f, true);
    shop_fixture_start(f);
    assert_int_equal(epoch_of(f), 1);
    fixture_call_begin(&f->shop, &call);
    call.deadline = INT64_MAX;
    assert_true(relay_scan(&call, &found, &err));
    assert_int_equal(order_fixture_held(f, "mug"), 3); /* its owner may live */
    shop_fixture_advance(f, 60 * (int64_t)MICROSECONDS);
    assert_true(relay_scan(&call, &found, &err));
    fixture_call_end(&call);
    assert_int_equal(order_fixture_held(f, "mug"), 0);
    assert_int_equal(order_fixture_available(f, "mug"), 7);
    order_fixture_check(f);
}

/* A check right after a kill finds nothing: what was left is the relay's ordinary work. */
static void a_check_after_a_crash_is_clean(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    assert_int_equal(order_fixture_place(f, "ann", "mug:3", NULL, &id, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "cancelled", NULL), ECOMMERCE_OK);
    shop_fixture_stop(f, true);
    shop_fixture_start(f);
    order_fixture_check(f);
    assert_int_equal(order_fixture_available(f, "mug"), 10);
}

static int64_t rebuild(struct shop_fixture *f)
{
    struct call call;
    ecommerce_error err;
    fixture_call_begin(&f->shop, &call);
    call.deadline = INT64_MAX;
    if (!recovery_rebuild_stock(&call, &err)) {
        fail_msg("%s", err.message);
    }
    int64_t epoch = doc_int(fixture_call_answer(&call), "epoch", 0);
    fixture_call_end(&call);
    return epoch;
}

static void another_process_learns_the_new_epoch(void **state)
{
    struct shop_fixture *f = *state;
    struct shop_fixture *other = shop_fixture_join(f);
    assert_int_equal(rebuild(other), 2);
    assert_int_equal(epoch_of(f), 1);
    assert_int_equal(order_fixture_place(f, "ann", "mug:3", NULL, NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(epoch_of(f), 2);
    /* untracked items reserve nothing: judging finds the newer epoch */
    assert_int_equal(rebuild(other), 3);
    assert_int_equal(order_fixture_place(f, "ann", "wrap:3", NULL, NULL, NULL), ECOMMERCE_OK);
    order_fixture_drain(f);
    shop_fixture_close(&other);
    order_fixture_check(f);
}

/* As an owner does that slept between its reservation and its insert. */
static void insert_late(struct shop_fixture *f, const char *key, int64_t epoch, struct id *id)
{
    struct call call;
    ecommerce_error err;
    bool inserted;
    fixture_call_begin(&f->shop, &call);
    struct str parts[] = {str_of(f->shop.shop_id.text), STR("customer:ann"), str_of(key), STR("1")};
    id_derive(id, parts, ARRAY_LENGTH(parts));
    struct order_line line = {.line = 1,
                              .product_id = STR("mug"),
                              .sku = STR("mug"),
                              .name = STR("Mug"),
                              .quantity = 2,
                              .price = 750,
                              .amount = 1500,
                              .tracked = true};
    struct order order = {.order_id = str_of(id->text),
                          .number = STR("late"),
                          .customer_id = STR("ann"),
                          .fingerprint = STR("0123456789abcdef0123456789abcdef"),
                          .placed_at = call_wall(&call),
                          .hold_deadline = call_wall(&call),
                          .total = 1500,
                          .epoch = epoch,
                          .lines = &line,
                          .line_count = 1};
    struct doc_builder builder;
    doc_builder_init(&builder);
    order_build(&builder, &order, "GBP");
    assert_true(documents_insert(f->shop.documents, COLLECTION_ORDERS, order.order_id,
                                 doc_finish(&builder), MARKS_ALL, call.deadline, &inserted, &err));
    assert_true(inserted);
    doc_builder_release(&builder);
    fixture_call_end(&call);
}

static void an_order_after_the_count_is_void(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    struct call call;
    ecommerce_error err;
    assert_int_equal(rebuild(f), 2);
    insert_late(f, "late", 1, &id);
    fixture_call_begin(&f->shop, &call);
    assert_false(orders_get(&call, str_of(id.text), &err));
    assert_int_equal(err.code, ECOMMERCE_NOT_FOUND);
    fixture_call_end(&call);
    assert_int_equal(order_fixture_change(f, id.text, "paid", NULL), ECOMMERCE_NOT_FOUND);
    assert_int_equal(order_fixture_available(f, "mug"), 10);
    assert_int_equal(rebuild(f), 3);
    assert_int_equal(order_fixture_available(f, "mug"), 10);
    order_fixture_check(f);
}

static void an_order_before_the_count_is_carried_over(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    char status[16];
    insert_late(f, "early", 1, &id);
    assert_int_equal(rebuild(f), 2);
    assert_int_equal(order_fixture_available(f, "mug"), 8);
    assert_int_equal(rebuild(f),
                     3); /* its mark is still on: listed by 2, not by 3's parent alone */
    assert_int_equal(order_fixture_available(f, "mug"), 8);
    order_fixture_state(f, id.text, status);
    assert_string_equal(status, "placed");
    shop_fixture_advance(f, 60 * (int64_t)MICROSECONDS);
    order_fixture_check(f); /* judged on the way */
    order_fixture_check(f);
    assert_int_equal(rebuild(f), 4);
    assert_int_equal(order_fixture_available(f, "mug"), 8);
}

static void a_rebuild_that_died_is_overtaken(void **state)
{
    struct shop_fixture *f = *state;
    struct call call;
    ecommerce_error err;
    bool won;
    fixture_call_begin(&f->shop, &call);
    assert_true(epochs_seal(&call, 2, &won, &err));
    assert_true(won);
    fixture_call_end(&call);
    /* A sealed epoch without a base: nothing can be judged, so nothing is acknowledged … */
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "k", NULL, NULL),
                     ECOMMERCE_OUTCOME_UNKNOWN);
    /* … until somebody opens the shop and overtakes. */
    shop_fixture_restart(f);
    assert_int_equal(epoch_of(f), 3);
    assert_int_equal(order_fixture_available(f, "mug"), 9);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "k", NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_available(f, "mug"), 9);
}

static void a_wrong_counter_is_found_and_mended(void **state)
{
    struct shop_fixture *f = *state;
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", NULL, NULL, NULL), ECOMMERCE_OK);
    order_fixture_check(f);
    shop_fixture_stock(f, "mug", 500);
    assert_int_equal(order_fixture_findings(f, "stock_differs", true), 1);
    assert_int_equal(order_fixture_available(f, "mug"), 9);
    order_fixture_check(f);
}

static void lost_analytics_and_graph_are_rebuilt(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    assert_int_equal(order_fixture_place(f, "ann", "mug:3 cup:1", NULL, &id, NULL),
                     ECOMMERCE_OUT_OF_STOCK);
    assert_int_equal(order_fixture_place(f, "ann", "mug:3 wrap:1", NULL, &id, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_place(f, "bob", "mug:1", NULL, NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "cancelled", NULL), ECOMMERCE_OK);
    shop_fixture_stop(f, false);
    remove_file(f, "timeseries.db");
    remove_file(f, "graph.db");
    shop_fixture_start(f);
    assert_int_equal(order_fixture_findings(f, "analytics_missing", false), 4);
    assert_true(order_fixture_findings(f, "graph_missing", true) >= 1);
    order_fixture_check(f);
}

static void a_ghost_in_analytics_is_found(void **state)
{
    struct shop_fixture *f = *state;
    struct call call;
    ecommerce_error err;
    fixture_call_begin(&f->shop, &call);
    struct sale_line line = {
        .line = 1, .product_id = STR("mug"), .sku = STR("mug"), .quantity = 1, .amount = 750};
    struct timeseries_entry ghost = {.id = STR("ghost"),
                                     .order_id = STR("ghost"),
                                     .time = call_wall(&call),
                                     .lines = &line,
                                     .line_count = 1};
    struct timeseries_request apply = call_timeseries(&call, TIMESERIES_APPLY);
    apply.entries = &ghost;
    apply.entry_count = 1;
    assert_true(timeseries_run(f->shop.timeseries, &apply, &err));
    fixture_call_end(&call);
    assert_int_equal(order_fixture_findings(f, "analytics_ghost", true), 1);
    order_fixture_check(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(a_lost_live_store_is_counted_again),
        TEST(an_older_live_file_is_noticed),
        TEST(what_a_crash_left_is_delivered_later),
        TEST(a_check_after_a_crash_is_clean),
        TEST(another_process_learns_the_new_epoch),
        TEST(an_order_after_the_count_is_void),
        TEST(an_order_before_the_count_is_carried_over),
        TEST(a_rebuild_that_died_is_overtaken),
        TEST(a_wrong_counter_is_found_and_mended),
        TEST(lost_analytics_and_graph_are_rebuilt),
        TEST(a_ghost_in_analytics_is_found),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
