/* The typed functions of the public header, on a shop of their own with all four stores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ecommerce_system.h"
#include "tests/support/temp_folder.h"

#include <stdio.h>
#include <string.h>

static struct temp_folder folder;
static ecommerce_system *shop;
static ecommerce_document *answer;
static ecommerce_error err;

#define OK(expression)                                                                             \
    do {                                                                                           \
        ecommerce_document_free(&answer);                                                          \
        if (!(expression))                                                                         \
            fail_msg("%s: %s (%s)", ecommerce_error_name(err.code), err.message, err.field);       \
    } while (0)

#define FAILS(expression, expected, at)                                                            \
    do {                                                                                           \
        ecommerce_document_free(&answer);                                                          \
        assert_false(expression);                                                                  \
        assert_null(answer);                                                                       \
        assert_string_equal(ecommerce_error_name(err.code), expected);                             \
        assert_string_equal(err.field, at);                                                        \
    } while (0)

static const char *text(const char *path)
{
    const char *found = ecommerce_document_text(answer, path);
    if (!found)
        fail_msg("no text %s in %s", path, ecommerce_document_json(answer));
    return found;
}

static int64_t number(const char *path)
{
    return ecommerce_document_int(answer, path, INT64_MIN);
}

static ecommerce_document *json(const char *content)
{
    ecommerce_document *document = ecommerce_document_from_json(content, SIZE_MAX, &err);
    assert_non_null(document);
    return document;
}

static void put_product(const char *id, const char *content, int64_t stock)
{
    ecommerce_document *product = json(content);
    OK(ecommerce_put_product(shop, id, product, NULL, &answer, &err));
    ecommerce_document_free(&product);
    ecommerce_stock_movement receipt = {.item_id = id, .quantity = stock};
    OK(ecommerce_stock_receive(shop, &receipt, &answer, &err));
}

static int open_shop(void **state)
{
    (void)state;
    temp_folder_make(&folder);
    ecommerce_open_options options = {.folder = temp_folder_file(&folder, "shop")};
    shop = ecommerce_open_with(&options, &err);
    assert_non_null(shop);
    ecommerce_document *category = json("{\"name\": \"Kitchen\"}");
    OK(ecommerce_put_category(shop, "kitchen", category, &answer, &err));
    ecommerce_document_free(&category);
    put_product("mug", "{\"name\": \"Mug\", \"price\": 7.5, \"categories\": [\"kitchen\"]}", 10);
    put_product("plate", "{\"name\": \"Plate\", \"price\": \"12.00\"}", 3);
    ecommerce_document *customer = json("{\"name\": \"Ann\"}");
    OK(ecommerce_put_customer(shop, "ann", customer, NULL, &answer, &err));
    ecommerce_document_free(&customer);
    return 0;
}

static int close_shop(void **state)
{
    (void)state;
    ecommerce_document_free(&answer);
    ecommerce_close(&shop);
    temp_folder_remove(&folder);
    return 0;
}

static void test_an_order_is_placed_once(void **state)
{
    (void)state;
    ecommerce_item items[] = {{.product_id = "mug", .quantity = 2, .price = "7.50"},
                              {.product_id = "plate", .quantity = 1}};
    ecommerce_order order = {.customer_id = "ann",
                             .items = items,
                             .item_count = 2,
                             .key = "k1",
                             .delivery_method = "post",
                             .delivery_cost = "3.90"};
    char order_id[64];
    OK(ecommerce_process_order(shop, &order, &answer, &err));
    snprintf(order_id, sizeof(order_id), "%s", text("order_id"));
    assert_false(ecommerce_document_replayed(answer));
    assert_true(ecommerce_document_double(answer, "total", 0) == 30.90);
    OK(ecommerce_process_order(shop, &order, &answer, &err));
    assert_string_equal(text("order_id"), order_id);
    assert_true(ecommerce_document_replayed(answer));
    OK(ecommerce_stock_show(shop, "mug", &answer, &err));
    assert_int_equal(number("available"), 8);
    OK(ecommerce_get_order(shop, order_id, &answer, &err));
    assert_int_equal(ecommerce_document_count(answer, "items"), 2);
    ecommerce_order_filter filter = {.customer_id = "ann", .limit = 1};
    OK(ecommerce_list_orders(shop, &filter, &answer, &err));
    assert_string_equal(text("orders.0.order_id"), order_id);
    OK(ecommerce_list_orders(shop, NULL, &answer, &err));
    assert_int_equal(ecommerce_document_count(answer, "orders"), 1);
}

static void test_refusals_name_what_is_wrong(void **state)
{
    (void)state;
    ecommerce_item items[] = {{.product_id = "mug", .quantity = 1},
                              {.product_id = "plate", .quantity = 1}};
    ecommerce_order order = {.items = items, .item_count = 2};
    items[1].quantity = 0;
    FAILS(ecommerce_process_order(shop, &order, &answer, &err), "invalid_argument",
          "items[1].quantity");
    items[1].quantity = 100;
    FAILS(ecommerce_process_order(shop, &order, &answer, &err), "out_of_stock",
          "items[1].quantity");
    items[1] = (ecommerce_item){.product_id = "plate", .quantity = 1, .price = "11.00"};
    FAILS(ecommerce_process_order(shop, &order, &answer, &err), "price_changed", "items[1].price");
    items[1] = (ecommerce_item){.quantity = 1};
    FAILS(ecommerce_process_order(shop, &order, &answer, &err), "invalid_argument",
          "items[1].product_id");
    order = (ecommerce_order){.items = items, .item_count = 1, .country = "\xff"};
    FAILS(ecommerce_process_order(shop, &order, &answer, &err), "invalid_argument", "country");
    FAILS(ecommerce_get_order(shop, NULL, &answer, &err), "invalid_argument", "order_id");
    FAILS(ecommerce_get_product_details(shop, NULL, true, &answer, &err), "invalid_argument",
          "product_id");
    FAILS(ecommerce_get_product_details(shop, "\xc3(", true, &answer, &err), "invalid_argument",
          "product_id");
    FAILS(ecommerce_call(shop, "no_such", NULL, &answer, &err), "unknown_operation", "");
    assert_false(ecommerce_get_order(shop, "none", NULL, NULL));
}

/* One that is refused does not keep its neighbours from being placed, whatever the reason. */
static void test_many_orders_have_their_own_outcomes(void **state)
{
    (void)state;
    enum { ORDERS = 6 };
    ecommerce_item mug = {.product_id = "mug", .quantity = 1};
    ecommerce_item many = {.product_id = "mug", .quantity = 1000};
    ecommerce_item unknown = {.product_id = "nothing", .quantity = 1};
    ecommerce_item priced = {.product_id = "mug", .quantity = 1, .price = "cheap"};
    ecommerce_item nameless = {.quantity = 1};
    ecommerce_order orders[ORDERS] = {
        {.items = &mug, .item_count = 1, .customer_id = "ann", .key = "b1"},
        {.items = &many, .item_count = 1},
        {.items = &priced, .item_count = 1},
        {.items = &unknown, .item_count = 1},
        {.items = &nameless, .item_count = 1},
        {.items = &mug, .item_count = 1},
    };
    static const char *const codes[ORDERS] = {
        "ok", "out_of_stock", "invalid_argument", "unknown_product", "invalid_argument", "ok"};
    ecommerce_order_result results[ORDERS];
    ecommerce_process_orders(shop, orders, ORDERS, results);
    for (size_t i = 0; i < ORDERS; i++) {
        bool ok = strcmp(codes[i], "ok") == 0;
        assert_int_equal(results[i].ok, ok);
        assert_string_equal(ecommerce_error_name(results[i].error.code), codes[i]);
        assert_int_equal(results[i].order != NULL, ok);
        assert_false(results[i].replayed);
    }
    assert_string_equal(results[2].error.field, "items[0].price");
    assert_string_equal(results[4].error.field, "items[0].product_id");
    assert_true(ecommerce_document_double(results[0].order, "total", 0) == 7.5);
    ecommerce_order_results_free(results, ORDERS);
    assert_null(results[0].order);
    ecommerce_process_orders(shop, orders, 1, results);
    assert_true(results[0].ok && results[0].replayed);
    assert_true(ecommerce_document_replayed(results[0].order));
    ecommerce_order_results_free(results, 1);
    ecommerce_process_orders(shop, orders, 0, results);
    OK(ecommerce_stock_show(shop, "mug", &answer, &err));
    assert_int_equal(number("available"), 8);
}

static void test_an_order_lives(void **state)
{
    (void)state;
    ecommerce_item item = {.product_id = "mug", .quantity = 3};
    ecommerce_order order = {.customer_id = "ann", .items = &item, .item_count = 1};
    char id[64];
    OK(ecommerce_process_order(shop, &order, &answer, &err));
    snprintf(id, sizeof(id), "%s", text("order_id"));
    OK(ecommerce_pay_order(shop, id, "p-1", NULL, &answer, &err));
    OK(ecommerce_ship_order(shop, id, NULL, "s", &answer, &err));
    OK(ecommerce_ship_order(shop, id, NULL, "s", &answer, &err));
    assert_true(ecommerce_document_replayed(answer));
    FAILS(ecommerce_cancel_order(shop, id, NULL, NULL, &answer, &err), "invalid_transition", "");
    OK(ecommerce_deliver_order(shop, id, NULL, NULL, &answer, &err));
    ecommerce_return_line lines[] = {{.line = 1, .quantity = 1},
                                     {.product_id = "mug", .quantity = 1}};
    ecommerce_return goods = {.order_id = id, .lines = lines, .line_count = 1, .reason = "cracked"};
    OK(ecommerce_return_order(shop, &goods, &answer, &err));
    goods.lines = lines + 1;
    OK(ecommerce_return_order(shop, &goods, &answer, &err));
    OK(ecommerce_refund_order(shop, id, "5.00", NULL, &answer, &err));
    ecommerce_order_change change = {.order_id = id, .kind = "refunded", .reference = "r-1"};
    OK(ecommerce_change_order(shop, &change, &answer, &err));
    OK(ecommerce_get_order(shop, id, &answer, &err));
    assert_true(ecommerce_document_double(answer, "refund_due", -1) == 0);
    OK(ecommerce_flush(shop, &err));
    OK(ecommerce_stock_show(shop, "mug", &answer, &err));
    assert_int_equal(number("available"), 9);
    ecommerce_unlinked_return found = {
        .item_id = "mug", .quantity = 1, .refund = "7.50", .key = "u-1"};
    OK(ecommerce_return_unlinked(shop, &found, &answer, &err));
}

static void test_the_catalogue(void **state)
{
    (void)state;
    ecommerce_document *patch = json("{\"name\": \"Tall mug\"}");
    ecommerce_write_options wrong = {.expected_version = 99};
    FAILS(ecommerce_patch_product(shop, "mug", patch, &wrong, &answer, &err), "version_conflict",
          err.field);
    OK(ecommerce_patch_product(shop, "mug", patch, NULL, &answer, &err));
    ecommerce_document_free(&patch);
    OK(ecommerce_get_product_details(shop, "mug", true, &answer, &err));
    assert_string_equal(text("name"), "Tall mug");
    assert_int_equal(number("availability.available"), 10);
    OK(ecommerce_list_categories(shop, &answer, &err));
    assert_string_equal(text("categories.0.name"), "Kitchen");
    ecommerce_search search = {.words = "ta", .category = "kitchen", .price_to = "7.50"};
    OK(ecommerce_search_products(shop, &search, &answer, &err));
    assert_string_equal(text("products.0.product_id"), "mug");
    OK(ecommerce_retire_product(shop, "mug", NULL, &answer, &err));
    OK(ecommerce_search_products(shop, &search, &answer, &err));
    assert_int_equal(ecommerce_document_count(answer, "products"), 0);
}

static void test_customers_carts_and_sessions(void **state)
{
    (void)state;
    ecommerce_cart cart = {.cart_id = "c1", .customer_id = "ann"};
    ecommerce_cart guest = {.cart_id = "g1"};
    OK(ecommerce_cart_add(shop, &guest, "plate", 1, &answer, &err));
    OK(ecommerce_cart_add(shop, &cart, "mug", 1, &answer, &err));
    OK(ecommerce_cart_set(shop, &cart, "mug", 2, &answer, &err));
    OK(ecommerce_cart_merge(shop, &cart, "g1", &answer, &err));
    OK(ecommerce_cart_show(shop, &cart, &answer, &err));
    assert_int_equal(number("units"), 3);
    OK(ecommerce_cart_remove(shop, &cart, "plate", &answer, &err));
    ecommerce_checkout checkout = {.key = "c1-1", .delivery_cost = "1.00"};
    OK(ecommerce_cart_checkout(shop, &cart, &checkout, &answer, &err));
    assert_true(ecommerce_document_double(answer, "total", 0) == 16.0);
    OK(ecommerce_cart_clear(shop, &cart, &answer, &err));
    OK(ecommerce_session_begin(shop, "ann", NULL, &answer, &err));
    char token[128];
    snprintf(token, sizeof(token), "%s", text("token"));
    ecommerce_document *data = json("{\"theme\": \"dark\"}");
    OK(ecommerce_session_set_data(shop, token, data, true, &answer, &err));
    ecommerce_document_free(&data);
    OK(ecommerce_session_show(shop, token, &answer, &err));
    assert_string_equal(text("data.theme"), "dark");
    OK(ecommerce_session_end_all(shop, "ann", &answer, &err));
    assert_int_equal(number("ended"), 1);
    FAILS(ecommerce_session_touch(shop, token, &answer, &err), "expired", err.field);
    FAILS(ecommerce_session_begin(shop, "nobody", NULL, &answer, &err), "unknown_customer",
          "customer_id");
    OK(ecommerce_export_customer(shop, "ann", &answer, &err));
    OK(ecommerce_erase_customer(shop, "ann", &answer, &err));
}

static void test_log_ins(void **state)
{
    (void)state;
    OK(ecommerce_register(shop, "bob@example.org", "correct horse", NULL, &answer, &err));
    char token[128];
    snprintf(token, sizeof(token), "%s", text("verification_token"));
    OK(ecommerce_verify_email(shop, token, &answer, &err));
    FAILS(ecommerce_log_in(shop, "bob@example.org", "wrong horse", &answer, &err), "not_found",
          err.field);
    OK(ecommerce_log_in(shop, "bob@example.org", "correct horse", &answer, &err));
    snprintf(token, sizeof(token), "%s", text("token"));
    OK(ecommerce_log_out(shop, token, &answer, &err));
    OK(ecommerce_request_password_reset(shop, "bob@example.org", &answer, &err));
    snprintf(token, sizeof(token), "%s", text("reset_token"));
    OK(ecommerce_reset_password(shop, token, "better horse", &answer, &err));
    const char *scopes[] = {"orders:read", "catalog:read"};
    ecommerce_api_key key = {
        .name = "window", .role = "customer", .scopes = scopes, .scope_count = 2};
    OK(ecommerce_api_key_create(shop, &key, &answer, &err));
    snprintf(token, sizeof(token), "%s", text("key_id"));
    OK(ecommerce_api_key_revoke(shop, token, &answer, &err));
    OK(ecommerce_api_key_list(shop, &answer, &err));
    assert_int_equal(ecommerce_document_count(answer, "keys.0.scopes"), 2);
}

static void test_analytics_and_operators(void **state)
{
    (void)state;
    ecommerce_item item = {.product_id = "mug", .quantity = 1};
    ecommerce_order order = {.customer_id = "ann", .items = &item, .item_count = 1};
    OK(ecommerce_process_order(shop, &order, &answer, &err));
    ecommerce_event event = {.kind = "viewed", .customer_id = "ann", .product_id = "mug"};
    OK(ecommerce_record_event(shop, &event, &answer, &err));
    OK(ecommerce_flush(shop, &err));
    OK(ecommerce_get_customer_insights(shop, "ann", 0, &answer, &err));
    assert_string_equal(text("customer_id"), "ann");
    ecommerce_report_options options = {.by = "day"};
    OK(ecommerce_report(shop, "sales", &options, &answer, &err));
    OK(ecommerce_report(shop, "top-products", NULL, &answer, &err));
    OK(ecommerce_recommend(shop, "trending", NULL, 3, &answer, &err));
    OK(ecommerce_stock_history(shop, "mug", 0, 0, &answer, &err));
    OK(ecommerce_stock_low(shop, 5, NULL, &answer, &err));
    OK(ecommerce_stock_as_of(shop, "mug", INT64_C(4102444800000000), &answer, &err));
    OK(ecommerce_health(shop, &answer, &err));
    assert_string_equal(text("status"), "up");
    assert_int_equal(number("relay.pending"), 0);
    OK(ecommerce_metrics(shop, &answer, &err));
    assert_int_equal(number("orders.placed"), 1);
    OK(ecommerce_check(shop, false, false, 0, &answer, &err));
    assert_true(ecommerce_document_bool(answer, "clean", false));
    OK(ecommerce_rebuild(shop, "stock", &answer, &err));
    OK(ecommerce_errors(shop, NULL, &answer, &err));
    ecommerce_log_query query = {.limit = 1};
    OK(ecommerce_audit(shop, &query, &answer, &err));
    OK(ecommerce_parked_list(shop, 0, &answer, &err));
    FAILS(ecommerce_parked_replay(shop, "none", &answer, &err), "not_found", err.field);
    FAILS(ecommerce_parked_drop(shop, "none", NULL, &answer, &err), "invalid_argument", "reason");
}

#define WITH_SHOP(test) cmocka_unit_test_setup_teardown(test, open_shop, close_shop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SHOP(test_an_order_is_placed_once),
        WITH_SHOP(test_refusals_name_what_is_wrong),
        WITH_SHOP(test_many_orders_have_their_own_outcomes),
        WITH_SHOP(test_an_order_lives),
        WITH_SHOP(test_the_catalogue),
        WITH_SHOP(test_customers_carts_and_sessions),
        WITH_SHOP(test_log_ins),
        WITH_SHOP(test_analytics_and_operators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
