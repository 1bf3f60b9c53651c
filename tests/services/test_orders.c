/*
 * test_orders.c - orders through the whole protocol on embedded stores, one caller at a time.
 */
#include "services/orders/order_document.h"
#include "services/orders/sweeper.h"
#include "tests/support/order_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int open_fixture(void **state)
{
    *state = order_fixture_open(0, NULL);
    return 0;
}

static int close_fixture(void **state)
{
    struct shop_fixture *fixture = *state;
    shop_fixture_close(&fixture);
    return 0;
}

static void an_order_takes_stock_and_is_delivered(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    char status[16];
    order_fixture_receive(f, "mug", 10);
    assert_int_equal(order_fixture_place(f, "ann", "mug:3 wrap:1", NULL, &id, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_available(f, "mug"), 7);
    assert_int_equal(order_fixture_held(f, "mug"), 3);
    order_fixture_drain(f);
    assert_int_equal(order_fixture_held(f, "mug"), 0);
    order_fixture_state(f, id.text, status);
    assert_string_equal(status, "placed");
    order_fixture_check(f);
}

static void out_of_stock_names_the_line_and_takes_nothing(void **state)
{
    struct shop_fixture *f = *state;
    ecommerce_error err;
    order_fixture_receive(f, "mug", 2);
    order_fixture_receive(f, "cup", 5);
    assert_int_equal(order_fixture_place(f, "ann", "cup:1 mug:3", NULL, NULL, &err),
                     ECOMMERCE_OUT_OF_STOCK);
    assert_string_equal(err.field, "items[1].quantity");
    assert_string_equal(err.subject, "mug");
    assert_int_equal(order_fixture_available(f, "cup"), 5);
    assert_int_equal(order_fixture_available(f, "mug"), 2);
    order_fixture_check(f);
}

static void lines_of_one_sku_are_summed(void **state)
{
    struct shop_fixture *f = *state;
    order_fixture_receive(f, "shirt-s", 3);
    assert_int_equal(order_fixture_place(f, "ann", "shirt-s:2 shirt-l:2", NULL, NULL, NULL),
                     ECOMMERCE_OUT_OF_STOCK);
    assert_int_equal(order_fixture_place(f, "ann", "shirt-s:2 shirt-l:1", NULL, NULL, NULL),
                     ECOMMERCE_OK);
    assert_int_equal(order_fixture_available(f, "shirt"), 0);
    assert_int_equal(order_fixture_place(f, "ann", "tee:1", NULL, NULL, NULL),
                     ECOMMERCE_INVALID_ARGUMENT);
    order_fixture_check(f);
}

static void the_same_key_is_one_order(void **state)
{
    struct shop_fixture *f = *state;
    struct id first, again;
    order_fixture_receive(f, "mug", 10);
    assert_int_equal(order_fixture_place(f, "ann", "mug:2", "k1", &first, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_place(f, "ann", "mug:2", "k1", &again, NULL), ECOMMERCE_OK);
    assert_string_equal(first.text, again.text);
    assert_int_equal(order_fixture_available(f, "mug"), 8);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "k1", NULL, NULL),
                     ECOMMERCE_IDEMPOTENCY_KEY_REUSED);
    /* another customer's key is another key */
    assert_int_equal(order_fixture_place(f, "bob", "mug:1", "k1", &again, NULL), ECOMMERCE_OK);
    assert_string_not_equal(first.text, again.text);
    order_fixture_drain(f);
    /* long after everything was settled and forgotten */
    shop_fixture_advance(f, INT64_C(7200) * MICROSECONDS);
    struct call call;
    struct sweep_result sweep;
    ecommerce_error err;
    fixture_call_begin(&f->shop, &call);
    assert_true(sweeper_step(&call, &sweep, &err));
    fixture_call_end(&call);
    assert_int_equal(order_fixture_place(f, "ann", "mug:2", "k1", &again, NULL), ECOMMERCE_OK);
    assert_string_equal(first.text, again.text);
    assert_int_equal(order_fixture_available(f, "mug"), 7);
    assert_int_equal(order_fixture_held(f, "mug"), 0);
    order_fixture_check(f);
}

static void a_placed_key_is_answered_though_the_stock_is_gone(void **state)
{
    struct shop_fixture *f = *state;
    struct id first, again;
    order_fixture_receive(f, "mug", 1);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "k", &first, NULL), ECOMMERCE_OK);
    order_fixture_drain(f);
    shop_fixture_advance(f, INT64_C(7200) * MICROSECONDS);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "k", &again, NULL), ECOMMERCE_OK);
    assert_string_equal(first.text, again.text);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "other", NULL, NULL),
                     ECOMMERCE_OUT_OF_STOCK);
}

static void a_guests_key_needs_a_scope(void **state)
{
    struct shop_fixture *f = *state;
    struct id first, again;
    order_fixture_receive(f, "mug", 9);
    assert_int_equal(order_fixture_place(f, NULL, "mug:1", "k", &first, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_place(f, NULL, "mug:1", "k", &again, NULL), ECOMMERCE_OK);
    assert_string_equal(first.text, again.text);
    struct order_item_request item = {.item_id = STR("mug"), .quantity = 1};
    struct order_request request = {.items = &item, .item_count = 1, .key = STR("k")};
    struct call call;
    ecommerce_error err;
    fixture_call_begin(&f->shop, &call);
    assert_false(orders_process(&call, &request, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(err.field, "scope");
    fixture_call_end(&call);
}

static void prices_are_the_catalogues(void **state)
{
    struct shop_fixture *f = *state;
    ecommerce_error err;
    order_fixture_receive(f, "mug", 9);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1@7.50", NULL, NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1@7.49", NULL, NULL, &err),
                     ECOMMERCE_PRICE_CHANGED);
    assert_string_equal(err.field, "items[0].price");
    assert_non_null(strstr(err.message, "7.50"));
}

static void bad_requests_name_the_field(void **state)
{
    struct shop_fixture *f = *state;
    ecommerce_error err;
    static const struct {
        const char *customer, *items, *field;
        enum ecommerce_error_code code;
    } rows[] = {
        {"ann", "nothing:1", "items[0].product_id", ECOMMERCE_UNKNOWN_PRODUCT},
        {"nobody", "mug:1", "customer_id", ECOMMERCE_UNKNOWN_CUSTOMER},
        {"ann", "mug:0", "items[0].quantity", ECOMMERCE_INVALID_ARGUMENT},
        {"ann", "cup:1 mug:-1", "items[1].quantity", ECOMMERCE_INVALID_ARGUMENT},
        {"ann", "mug:1000001", "items[0].quantity", ECOMMERCE_LIMIT_EXCEEDED},
        {"ann", "mug:9223372036854775807", "items[0].quantity", ECOMMERCE_LIMIT_EXCEEDED},
        {"ann", "", "items", ECOMMERCE_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_int_equal(order_fixture_place(f, rows[i].customer, rows[i].items, NULL, NULL, &err),
                         rows[i].code);
        assert_string_equal(err.field, rows[i].field);
    }
    assert_int_equal(order_fixture_count(f), 0);
}

static void states_follow_the_table(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    char status[16];
    order_fixture_receive(f, "mug", 9);
    assert_int_equal(order_fixture_place(f, "ann", "mug:2", NULL, &id, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "shipped", NULL),
                     ECOMMERCE_INVALID_TRANSITION);
    assert_int_equal(order_fixture_change(f, id.text, "paid", "p"), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "paid", "p"), ECOMMERCE_OK); /* replay */
    assert_int_equal(order_fixture_change(f, id.text, "shipped", "p"),
                     ECOMMERCE_IDEMPOTENCY_KEY_REUSED);
    assert_int_equal(order_fixture_change(f, id.text, "paid", "q"), ECOMMERCE_INVALID_TRANSITION);
    assert_int_equal(order_fixture_change(f, id.text, "shipped", NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "cancelled", NULL),
                     ECOMMERCE_INVALID_TRANSITION);
    assert_int_equal(order_fixture_change(f, id.text, "delivered", NULL), ECOMMERCE_OK);
    order_fixture_state(f, id.text, status);
    assert_string_equal(status, "delivered");
    assert_int_equal(order_fixture_change(f, "no-such-order", "paid", NULL), ECOMMERCE_NOT_FOUND);
    order_fixture_drain(f);
    order_fixture_check(f);
}

static void a_cancellation_restocks_once(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    order_fixture_receive(f, "mug", 9);
    assert_int_equal(order_fixture_place(f, "ann", "mug:4", NULL, &id, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "cancelled", "c"), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "cancelled", "c"), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "cancelled", "d"),
                     ECOMMERCE_INVALID_TRANSITION);
    order_fixture_drain(f);
    assert_int_equal(order_fixture_available(f, "mug"), 9);
    order_fixture_check(f);
}

static void returns_go_by_line_and_quantity(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    char status[16];
    order_fixture_receive(f, "mug", 9);
    order_fixture_receive(f, "cup", 9);
    assert_int_equal(order_fixture_place(f, "ann", "mug:4 cup:2", NULL, &id, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_return(f, id.text, "1:1", NULL), ECOMMERCE_INVALID_TRANSITION);
    assert_int_equal(order_fixture_change(f, id.text, "paid", NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "shipped", NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_return(f, id.text, "1:3", "r1"), ECOMMERCE_OK);
    assert_int_equal(order_fixture_return(f, id.text, "1:3", "r1"), ECOMMERCE_OK); /* replay */
    assert_int_equal(order_fixture_return(f, id.text, "1:2", "r2"), ECOMMERCE_INVALID_ARGUMENT);
    assert_int_equal(order_fixture_return(f, id.text, "7:1", "r3"), ECOMMERCE_INVALID_ARGUMENT);
    order_fixture_state(f, id.text, status);
    assert_string_equal(status, "shipped");
    order_fixture_drain(f);
    assert_int_equal(order_fixture_available(f, "mug"), 8);
    assert_int_equal(order_fixture_return(f, id.text, NULL, "r4"), ECOMMERCE_OK);
    order_fixture_state(f, id.text, status);
    assert_string_equal(status, "returned");
    order_fixture_drain(f);
    assert_int_equal(order_fixture_available(f, "mug"), 9);
    assert_int_equal(order_fixture_available(f, "cup"), 9);
    order_fixture_check(f);
}

static void money_that_was_paid_is_due_back(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    struct call call;
    ecommerce_error err;
    struct doc_value due;
    order_fixture_receive(f, "mug", 9);
    assert_int_equal(order_fixture_place(f, "ann", "mug:2", NULL, &id, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "paid", NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "cancelled", NULL), ECOMMERCE_OK);
    fixture_call_begin(&f->shop, &call);
    assert_true(orders_get(&call, str_of(id.text), &err));
    assert_true(doc_get(fixture_call_answer(&call), "refund_due", &due));
    assert_int_equal(due.decimal.coefficient, 1500);
    fixture_call_end(&call);
    assert_int_equal(order_fixture_change(f, id.text, "refunded", NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, id.text, "refunded", NULL),
                     ECOMMERCE_INVALID_TRANSITION);
}

/* A caller that died between reserve and insert: the sweeper aborts its order, then gives the stock
 * back. */
static void an_abandoned_hold_is_swept(void **state)
{
    struct shop_fixture *f = *state;
    struct call call;
    ecommerce_error err;
    struct sweep_result sweep;
    order_fixture_receive(f, "mug", 5);
    fixture_call_begin(&f->shop, &call);
    struct stock_line line = {STR("mug"), 3};
    struct live_request reserve = call_live(&call, LIVE_RESERVE);
    reserve.epoch = 1;
    reserve.id = STR("abandoned");
    reserve.lines = &line;
    reserve.line_count = 1;
    reserve.hold_deadline = call_wall(&call) + MICROSECONDS;
    assert_true(live_run(f->shop.live, &reserve, &err));
    assert_int_equal(reserve.outcome, LIVE_DONE);
    assert_true(sweeper_step(&call, &sweep, &err));
    assert_int_equal(sweep.aborted, 0); /* its owner may live */
    assert_int_equal(order_fixture_available(f, "mug"), 2);
    shop_fixture_advance(f, 60 * (int64_t)MICROSECONDS);
    call.deadline = INT64_MAX;
    assert_true(sweeper_step(&call, &sweep, &err));
    assert_int_equal(sweep.aborted, 1);
    assert_int_equal(order_fixture_available(f, "mug"), 5);
    assert_true(sweeper_step(&call, &sweep, &err));
    assert_int_equal(sweep.aborted + sweep.released, 0);
    /* its late insert finds the aborted document */
    bool inserted;
    assert_true(documents_insert(f->shop.documents, COLLECTION_ORDERS, STR("abandoned"), DOC_EMPTY,
                                 0, INT64_MAX, &inserted, &err));
    assert_false(inserted);
    fixture_call_end(&call);
    order_fixture_check(f);
}

static void stores_that_are_away_refuse_or_wait(void **state)
{
    struct shop_fixture *f = *state;
    struct id id;
    order_fixture_receive(f, "mug", 5);
    order_fixture_drain(f);
    shop_fixture_away(f, ROLE_LIVE, true);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "a", NULL, NULL),
                     ECOMMERCE_UNAVAILABLE);
    shop_fixture_away(f, ROLE_LIVE, false);
    shop_fixture_away(f, ROLE_DOCUMENTS, true);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "a", NULL, NULL),
                     ECOMMERCE_UNAVAILABLE);
    shop_fixture_away(f, ROLE_DOCUMENTS, false);
    shop_fixture_away(f, ROLE_TIMESERIES, true);
    shop_fixture_away(f, ROLE_GRAPH, true);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", "a", &id, NULL), ECOMMERCE_OK);
    order_fixture_drain(f);
    shop_fixture_away(f, ROLE_TIMESERIES, false);
    shop_fixture_away(f, ROLE_GRAPH, false);
    shop_fixture_advance(f, 120 * (int64_t)MICROSECONDS);
    order_fixture_check(f);
}

static size_t listed(struct shop_fixture *f, const struct order_list_options *options)
{
    struct call call;
    ecommerce_error err;
    fixture_call_begin(&f->shop, &call);
    if (!orders_list(&call, options, &err)) {
        fail_msg("%s", err.message);
    }
    size_t count = doc_count(doc_child(fixture_call_answer(&call), "orders"));
    fixture_call_end(&call);
    return count;
}

static void lists_find_by_customer_status_number_and_email(void **state)
{
    struct shop_fixture *f = *state;
    struct id first, second;
    struct call call;
    ecommerce_error err;
    order_fixture_receive(f, "mug", 9);
    assert_int_equal(order_fixture_place(f, "ann", "mug:1", NULL, &first, NULL), ECOMMERCE_OK);
    shop_fixture_advance(f, MICROSECONDS);
    assert_int_equal(order_fixture_place(f, "bob", "mug:1", NULL, &second, NULL), ECOMMERCE_OK);
    assert_int_equal(order_fixture_change(f, first.text, "paid", NULL), ECOMMERCE_OK);
    order_fixture_drain(f);
    char number[16];
    order_number_of(str_of(second.text), number, sizeof(number));
    assert_int_equal(listed(f, &(struct order_list_options){0}), 2);
    assert_int_equal(listed(f, &(struct order_list_options){.customer_id = STR("ann")}), 1);
    assert_int_equal(listed(f, &(struct order_list_options){.status = STR("paid")}), 1);
    assert_int_equal(listed(f, &(struct order_list_options){.status = STR("placed")}), 1);
    assert_int_equal(listed(f, &(struct order_list_options){.number = str_of(number)}), 1);
    assert_int_equal(listed(f, &(struct order_list_options){.customer_id = STR("carol")}), 0);
    /* a guest is found by the address that came with the order */
    struct order_item_request item = {.item_id = STR("mug"), .quantity = 1};
    fixture_call_begin(&f->shop, &call);
    struct order_request request = {.items = &item,
                                    .item_count = 1,
                                    .contact = fixture_doc(&call, "{'email': 'g@example.com'}")};
    assert_true(orders_process(&call, &request, &err));
    fixture_call_end(&call);
    assert_int_equal(listed(f, &(struct order_list_options){.email = STR("g@example.com")}), 1);
    assert_int_equal(listed(f, &(struct order_list_options){.email = STR("x@example.com")}), 0);
}

static void a_receipt_counts_once(void **state)
{
    struct shop_fixture *f = *state;
    order_fixture_receive(f, "mug", 5);
    order_fixture_drain(f);
    assert_int_equal(order_fixture_available(f, "mug"), 5);
    order_fixture_check(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(an_order_takes_stock_and_is_delivered),
        TEST(out_of_stock_names_the_line_and_takes_nothing),
        TEST(lines_of_one_sku_are_summed),
        TEST(the_same_key_is_one_order),
        TEST(a_placed_key_is_answered_though_the_stock_is_gone),
        TEST(a_guests_key_needs_a_scope),
        TEST(prices_are_the_catalogues),
        TEST(bad_requests_name_the_field),
        TEST(states_follow_the_table),
        TEST(a_cancellation_restocks_once),
        TEST(returns_go_by_line_and_quantity),
        TEST(money_that_was_paid_is_due_back),
        TEST(an_abandoned_hold_is_swept),
        TEST(stores_that_are_away_refuse_or_wait),
        TEST(lists_find_by_customer_status_number_and_email),
        TEST(a_receipt_counts_once),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
