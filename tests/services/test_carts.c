/* test_carts.c - carts, and their way to orders, with crashes at each step of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/carts/cart_parts.h"
#include "services/customers/customers.h"
#include "tests/support/shop_fixture.h"

static struct shop_fixture *fixture;
static struct call call;

static void restart_call(void)
{
    fixture_call_end(&call);
    fixture_call_begin(&fixture->shop, &call);
}

/* The answer so far, in the call's arena; the next one begins. */
static struct doc take_answer(void)
{
    struct doc answer;
    assert_true(doc_copy(&call.arena, fixture_call_answer(&call), &answer));
    doc_builder_clear(call.out);
    return answer;
}

static void put_product(const char *id, const char *json)
{
    ecommerce_error err = {0};
    assert_true(catalog_put_product(&call, str_of(id), fixture_doc(&call, json), NULL, &err));
    restart_call();
}

static int set_up_with(const char *const *settings)
{
    ecommerce_error err = {0};
    fixture = shop_fixture_open_with(FIXTURE_ORDERS | FIXTURE_FAKE_GRAPH, settings);
    fixture_call_begin(&fixture->shop, &call);
    put_product("tea", "{'name': 'Tea', 'price': 2.5}");
    put_product("mug", "{'name': 'Mug', 'price': 8}");
    shop_fixture_stock(fixture, "tea", 10);
    shop_fixture_stock(fixture, "mug", 10);
    assert_true(customers_put(&call, STR("ann"), DOC_EMPTY, NULL, &err));
    restart_call();
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return set_up_with(NULL);
}

static int set_up_maximum(void **state)
{
    static const char *const settings[] = {"carts.merge=maximum", "carts.max_items=2", NULL};
    (void)state;
    return set_up_with(settings);
}

static int tear_down(void **state)
{
    (void)state;
    fixture_call_end(&call);
    shop_fixture_close(&fixture);
    return 0;
}

static struct cart_ref guests(void)
{
    return (struct cart_ref){.cart_id = STR("g1")};
}

static struct cart_ref anns(void)
{
    return (struct cart_ref){.cart_id = STR("a1"), .customer_id = STR("ann")};
}

static void add(struct cart_ref ref, const char *item, int64_t quantity)
{
    ecommerce_error err = {0};
    restart_call();
    if (!carts_add(&call, &ref, str_of(item), quantity, &err)) {
        fail_msg("%s: %s", ecommerce_error_name(err.code), err.message);
    }
    restart_call();
}

/* The cart's answer; lives until the next one. */
static struct doc show(struct cart_ref ref)
{
    ecommerce_error err = {0};
    restart_call();
    if (!carts_show(&call, &ref, &err)) {
        fail_msg("%s: %s", ecommerce_error_name(err.code), err.message);
    }
    return take_answer();
}

static int64_t quantity_of(struct doc answer, const char *item)
{
    struct doc_iter iter;
    struct doc items = doc_child(answer, "items");
    for (doc_iter_init(&iter, items); doc_iter_next(&iter);) {
        if (str_is(doc_text(iter.value.child, "item_id"), item)) {
            return doc_int(iter.value.child, "quantity", -1);
        }
    }
    return 0;
}

static int64_t minor(struct doc answer, const char *path)
{
    struct doc_value value;
    int64_t amount = -1;
    ecommerce_error err = {0};
    assert_true(doc_find(answer, path, &value));
    assert_true(money_from_value(&value, &fixture->shop.currency, &amount, &err));
    return amount;
}

static int64_t units(struct cart_ref ref)
{
    return doc_int(show(ref), "units", -1);
}

static enum ecommerce_error_code check_out(struct cart_ref ref, const char *key)
{
    ecommerce_error err = {0};
    restart_call();
    const struct cart_checkout checkout = {
        .key = str_of(key),
        .contact = fixture_doc(&call, "{'email': 'G@example.com', 'shipping': {'city': 'Leeds'}}")};
    bool ok = carts_checkout(&call, &ref, &checkout, &err);
    assert_int_equal(ok, err.code == ECOMMERCE_OK);
    return err.code;
}

static int64_t orders_placed(void)
{
    ecommerce_error err = {0};
    const struct order_list_options options = {.limit = 100};
    restart_call();
    assert_true(orders_list(&call, &options, &err));
    return (int64_t)doc_count(doc_child(take_answer(), "orders"));
}

static int64_t available(const char *sku)
{
    ecommerce_error err = {0};
    const struct stock_line line = {.sku = str_of(sku)};
    struct live_request levels = call_live(&call, LIVE_LEVELS);
    levels.lines = &line;
    levels.line_count = 1;
    assert_true(live_run(fixture->shop.live, &levels, &err));
    return levels.levels[0].available;
}

static void test_adds_sets_removes_clears(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct cart_ref ref = guests();
    assert_int_equal(doc_int(show(ref), "version", -1), 0);
    add(ref, "tea", 2);
    add(ref, "tea", 1);
    add(ref, "mug", 1);
    struct doc answer = show(ref);
    assert_int_equal(quantity_of(answer, "tea"), 3);
    assert_int_equal(minor(answer, "total"), 3 * 250 + 800);
    assert_int_equal(doc_int(answer, "version", 0), 3);
    assert_true(carts_set(&call, &ref, STR("tea"), 5, &err));
    assert_int_equal(quantity_of(show(ref), "tea"), 5);
    assert_true(carts_remove(&call, &ref, STR("tea"), &err));
    assert_int_equal(doc_count(doc_child(show(ref), "items")), 1);
    assert_true(carts_remove(&call, &ref, STR("tea"), &err));
    assert_true(carts_clear(&call, &ref, &err));
    assert_int_equal(units(ref), 0);
}

static void test_refuses_what_cannot_be_bought(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct cart_ref ref = guests();
    assert_false(carts_add(&call, &ref, STR("nothing"), 1, &err));
    assert_int_equal(err.code, ECOMMERCE_UNKNOWN_PRODUCT);
    assert_false(carts_add(&call, &ref, STR("tea"), 0, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_false(carts_add(&call, &ref, STR("tea"), -1, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    add(ref, "tea", 1000000);
    assert_false(carts_add(&call, &ref, STR("tea"), 1, &err));
    assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
    assert_int_equal(units(ref), 1000000);
}

static void test_versions_conflict(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct cart_ref ref = guests();
    add(ref, "tea", 1);
    add(ref, "tea", 1);
    ref.expected_version = 1;
    assert_false(carts_add(&call, &ref, STR("tea"), 1, &err));
    assert_int_equal(err.code, ECOMMERCE_VERSION_CONFLICT);
    assert_non_null(strstr(err.message, "version 2"));
    ref.expected_version = 2;
    assert_true(carts_add(&call, &ref, STR("tea"), 1, &err));
}

static void test_belongs_to_its_customer(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    add(anns(), "tea", 1);
    struct cart_ref stranger = {.cart_id = STR("a1")};
    assert_false(carts_show(&call, &stranger, &err));
    assert_int_equal(err.code, ECOMMERCE_NOT_FOUND);
    stranger.customer_id = STR("bob");
    assert_false(carts_add(&call, &stranger, STR("tea"), 1, &err));
    assert_int_equal(err.code, ECOMMERCE_NOT_FOUND);
    stranger.trusted = true;
    assert_true(carts_show(&call, &stranger, &err));
}

static void test_expires_after_its_last_change(void **state)
{
    (void)state;
    const int64_t day = INT64_C(86400) * MICROSECONDS;
    add(guests(), "tea", 1);
    shop_fixture_advance(fixture, 29 * day);
    add(guests(), "tea", 1);
    shop_fixture_advance(fixture, 29 * day);
    assert_int_equal(units(guests()), 2);
    shop_fixture_advance(fixture, 2 * day);
    assert_int_equal(units(guests()), 0);
}

static void test_prices_are_live(void **state)
{
    (void)state;
    add(guests(), "tea", 2);
    put_product("tea", "{'name': 'Tea', 'price': 3}");
    for (int i = 0; i < 2; i++) {
        struct doc answer = show(guests());
        assert_int_equal(minor(answer, "total"), 600);
        assert_true(doc_bool(answer, "price_changed", false));
        assert_int_equal(minor(answer, "items.0.price_when_added"), 250);
    }
}

static void test_marks_what_is_unavailable(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct doc_value why;
    add(guests(), "tea", 11);
    add(guests(), "mug", 1);
    assert_true(catalog_retire_product(&call, STR("mug"), NULL, &err));
    struct doc answer = show(guests());
    assert_true(doc_bool(answer, "unavailable", false));
    assert_int_equal(minor(answer, "total"), 0);
    assert_true(doc_find(answer, "items.0.unavailable", &why));
    assert_true(str_is(why.text, "out_of_stock"));
    assert_true(doc_find(answer, "items.1.unavailable", &why));
    assert_true(str_is(why.text, "retired_product"));
}

static void test_merges_by_adding(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct cart_ref ref = anns();
    add(guests(), "tea", 2);
    add(guests(), "mug", 1);
    add(ref, "tea", 1);
    assert_true(carts_merge(&call, &ref, STR("g1"), &err));
    struct doc answer = show(ref);
    assert_int_equal(quantity_of(answer, "tea"), 3);
    assert_int_equal(quantity_of(answer, "mug"), 1);
    assert_int_equal(units(guests()), 0);
    assert_true(carts_merge(&call, &ref, STR("g1"), &err));
    assert_int_equal(units(ref), 4);
}

/* The guest's cart is as it was before it was emptied: what a crash in between leaves. */
static void test_merging_again_adds_nothing(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct cart_ref ref = anns();
    add(guests(), "tea", 2);
    struct live_request before = call_live(&call, LIVE_GET);
    before.space = SPACE_CARTS;
    before.key = STR("g1");
    assert_true(live_run(fixture->shop.live, &before, &err));
    assert_true(carts_merge(&call, &ref, STR("g1"), &err));
    struct live_request delete = call_live(&call, LIVE_DELETE);
    delete.space = SPACE_CARTS;
    delete.key = STR("g1");
    delete.version = VERSION_ANY;
    assert_true(live_run(fixture->shop.live, &delete, &err));
    struct live_request again = call_live(&call, LIVE_PUT);
    again.space = SPACE_CARTS;
    again.key = STR("g1");
    again.doc = before.value.doc;
    again.expires_at = INT64_MAX;
    assert_true(live_run(fixture->shop.live, &again, &err));
    assert_true(carts_merge(&call, &ref, STR("g1"), &err));
    assert_int_equal(units(ref), 2);
    assert_int_equal(units(guests()), 0);
}

static void test_merges_by_the_greater_within_limits(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct cart_ref ref = anns();
    add(guests(), "tea", 2);
    add(ref, "tea", 3);
    assert_true(carts_merge(&call, &ref, STR("g1"), &err));
    assert_int_equal(units(ref), 3);
    restart_call();
    put_product("pot", "{'name': 'Pot', 'price': 20}");
    add(ref, "mug", 1);
    add(guests(), "pot", 1);
    assert_false(carts_merge(&call, &ref, STR("g1"), &err));
    assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
    assert_int_equal(units(guests()), 1);
}

static void test_checks_out(void **state)
{
    (void)state;
    add(anns(), "tea", 2);
    assert_int_equal(check_out(anns(), NULL), ECOMMERCE_OK);
    struct doc order = take_answer();
    assert_int_equal(minor(order, "total"), 500);
    assert_true(str_is(doc_text(order, "customer_id"), "ann"));
    assert_int_equal(units(anns()), 0);
    assert_int_equal(available("tea"), 8);
    assert_int_equal(check_out(anns(), NULL), ECOMMERCE_INVALID_ARGUMENT); /* empty */
}

static void test_checking_out_again_answers_the_order(void **state)
{
    (void)state;
    char first[ID_MAX + 1] = "";
    struct cart_ref ref = anns();
    add(ref, "tea", 2);
    assert_int_equal(check_out(ref, "k1"), ECOMMERCE_OK);
    struct str id = doc_text(take_answer(), "order_id");
    memcpy(first, id.ptr, id.len);
    assert_int_equal(check_out(ref, "k1"), ECOMMERCE_OK);
    assert_true(call.replayed);
    assert_true(str_is(doc_text(take_answer(), "order_id"), first));
    ref.expected_version = 1;
    assert_int_equal(check_out(ref, NULL), ECOMMERCE_OK);
    assert_true(str_is(doc_text(take_answer(), "order_id"), first));
    assert_int_equal(orders_placed(), 1);
    assert_int_equal(available("tea"), 8);
}

static void test_a_guest_needs_an_address(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct cart_ref ref = guests();
    const struct cart_checkout nothing = {0};
    add(ref, "tea", 1);
    assert_false(carts_checkout(&call, &ref, &nothing, &err));
    assert_string_equal(err.field, "contact.email");
    assert_int_equal(check_out(ref, NULL), ECOMMERCE_OK);
    const struct order_list_options by_email = {.email = STR("g@example.com")};
    restart_call();
    assert_true(orders_list(&call, &by_email, &err));
    assert_int_equal(doc_count(doc_child(take_answer(), "orders")), 1);
}

/* A customer pays what the cart showed last, or is asked again. */
static void test_a_price_that_was_not_shown_is_refused(void **state)
{
    (void)state;
    add(guests(), "tea", 1);
    put_product("tea", "{'name': 'Tea', 'price': 3}");
    assert_int_equal(check_out(guests(), NULL), ECOMMERCE_PRICE_CHANGED);
    assert_int_equal(check_out(guests(), NULL), ECOMMERCE_PRICE_CHANGED);
    assert_int_equal(minor(show(guests()), "total"), 300);
    assert_int_equal(check_out(guests(), NULL), ECOMMERCE_OK);
    assert_int_equal(minor(take_answer(), "total"), 300);
}

static void test_a_refused_checkout_leaves_the_cart_open(void **state)
{
    (void)state;
    add(guests(), "tea", 11);
    assert_int_equal(check_out(guests(), NULL), ECOMMERCE_OUT_OF_STOCK);
    assert_false(doc_bool(show(guests()), "checking_out", true));
    add(guests(), "mug", 1);
    assert_int_equal(units(guests()), 12);
    assert_int_equal(orders_placed(), 0);
}

/* An expired cart's id and versions come again; its order must not. */
static void test_a_new_cart_under_an_old_id_makes_a_new_order(void **state)
{
    (void)state;
    add(guests(), "tea", 1);
    assert_int_equal(check_out(guests(), NULL), ECOMMERCE_OK);
    shop_fixture_advance(fixture, INT64_C(40) * 86400 * MICROSECONDS);
    restart_call();
    add(guests(), "tea", 1);
    assert_int_equal(check_out(guests(), NULL), ECOMMERCE_OK);
    assert_false(call.replayed);
    assert_int_equal(orders_placed(), 2);
}

/* ---- crashes ---- */

static const char mark_key[] = "cart:the-key";

/* The cart as a call leaves it that ends right after its mark; `ordered`: after its order. */
static void crash_in_checkout(bool ordered)
{
    ecommerce_error err = {0};
    struct cart_ref ref = anns();
    struct cart cart;
    bool written;
    add(ref, "tea", 2);
    assert_true(cart_read(&call, &ref, &cart, &err));
    cart.mark_key = str_of(mark_key);
    cart.mark_deadline = call_wall(&call) + 10 * MICROSECONDS;
    cart.mark_version = cart.version;
    cart.mark_request_key = STR("k1");
    assert_true(cart_write(&call, &cart, &written, &err));
    assert_true(written);
    const struct order_item_request item = {
        .item_id = STR("tea"), .quantity = 2, .has_price = true, .price = 250};
    const struct order_request order = {
        .customer_id = STR("ann"), .items = &item, .item_count = 1, .key = str_of(mark_key)};
    assert_true(!ordered || orders_process(&call, &order, &err));
    restart_call();
}

static void pass_the_deadline(void)
{
    shop_fixture_advance(fixture, 10 * MICROSECONDS + CHECKOUT_MARGIN + 1);
    restart_call();
}

static void test_a_marked_cart_refuses_changes(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct cart_ref ref = anns();
    crash_in_checkout(false);
    assert_false(carts_add(&call, &ref, STR("mug"), 1, &err));
    assert_int_equal(err.code, ECOMMERCE_CART_LOCKED);
    assert_false(carts_clear(&call, &ref, &err));
    assert_int_equal(err.code, ECOMMERCE_CART_LOCKED);
    assert_int_equal(check_out(ref, NULL), ECOMMERCE_CART_LOCKED);
    struct doc answer = show(ref);
    assert_true(doc_bool(answer, "checking_out", false));
    assert_int_equal(quantity_of(answer, "tea"), 2);
}

static void test_a_mark_without_an_order_opens_again(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    crash_in_checkout(false);
    pass_the_deadline();
    struct doc answer = show(anns());
    assert_false(doc_bool(answer, "checking_out", true));
    assert_int_equal(quantity_of(answer, "tea"), 2);
    assert_int_equal(orders_placed(), 0);
    /* The crashed call's attempt comes through after all, past its deadline. */
    const struct order_item_request item = {
        .item_id = STR("tea"), .quantity = 2, .has_price = true, .price = 250};
    const struct order_request late = {
        .customer_id = STR("ann"), .items = &item, .item_count = 1, .key = str_of(mark_key)};
    restart_call();
    call.deadline = seams_monotonic(fixture->shop.seams);
    assert_false(orders_process(&call, &late, &err));
    assert_int_equal(orders_placed(), 0);
    assert_int_equal(check_out(anns(), NULL), ECOMMERCE_OK);
    assert_int_equal(orders_placed(), 1);
}

static void test_a_mark_with_an_order_empties_the_cart(void **state)
{
    (void)state;
    crash_in_checkout(true);
    pass_the_deadline();
    assert_int_equal(units(anns()), 0);
    assert_int_equal(orders_placed(), 1);
    add(anns(), "mug", 1);
    assert_int_equal(units(anns()), 1);
    assert_int_equal(check_out(anns(), "k1"), ECOMMERCE_OK); /* the crashed one's key */
    assert_true(call.replayed);
    assert_int_equal(orders_placed(), 1);
}

static void test_checking_out_over_a_mark_answers_its_order(void **state)
{
    (void)state;
    crash_in_checkout(true);
    pass_the_deadline();
    assert_int_equal(check_out(anns(), NULL), ECOMMERCE_OK);
    assert_true(call.replayed);
    assert_int_equal(minor(take_answer(), "total"), 500);
    assert_int_equal(orders_placed(), 1);
    assert_int_equal(available("tea"), 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_adds_sets_removes_clears),
        TEST(test_refuses_what_cannot_be_bought),
        TEST(test_versions_conflict),
        TEST(test_belongs_to_its_customer),
        TEST(test_expires_after_its_last_change),
        TEST(test_prices_are_live),
        TEST(test_marks_what_is_unavailable),
        TEST(test_merges_by_adding),
        TEST(test_merging_again_adds_nothing),
        cmocka_unit_test_setup_teardown(test_merges_by_the_greater_within_limits, set_up_maximum,
                                        tear_down),
        TEST(test_checks_out),
        TEST(test_checking_out_again_answers_the_order),
        TEST(test_a_guest_needs_an_address),
        TEST(test_a_price_that_was_not_shown_is_refused),
        TEST(test_a_refused_checkout_leaves_the_cart_open),
        TEST(test_a_new_cart_under_an_old_id_makes_a_new_order),
        TEST(test_a_marked_cart_refuses_changes),
        TEST(test_a_mark_without_an_order_opens_again),
        TEST(test_a_mark_with_an_order_empties_the_cart),
        TEST(test_checking_out_over_a_mark_answers_its_order),
    };
    return cmocka_run_group_tests_name("carts", tests, NULL, NULL);
}
