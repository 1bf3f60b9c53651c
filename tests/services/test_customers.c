/* test_customers.c - profiles, unique e-mail addresses, erasure, export. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/analytics/events.h"
#include "services/carts/carts.h"
#include "services/customers/accounts.h"
#include "services/customers/customers.h"
#include "tests/support/shop_fixture.h"

static struct shop_fixture *fixture;

static int set_up(void **state)
{
    (void)state;
    fixture = shop_fixture_open(FIXTURE_ORDERS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shop_fixture_close(&fixture);
    return 0;
}

/* Puts {email, name}, either NULL for none; the answer's `changed` goes to *changed. */
static enum ecommerce_error_code put(const char *id, const char *email, const char *name,
                                     bool *changed)
{
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_adds(&builder, "email", email);
    doc_adds(&builder, "name", name);
    bool ok = customers_put(&call, str_of(id), doc_finish(&builder), NULL, &err);
    if (ok && changed != NULL) {
        *changed = doc_bool(fixture_call_answer(&call), "changed", false);
    }
    doc_builder_release(&builder);
    fixture_call_end(&call);
    assert_int_equal(ok, err.code == ECOMMERCE_OK);
    return err.code;
}

static bool has_email(const char *id, const char *email)
{
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    bool ok = customers_find_by_email(&call, str_of(email), &err);
    bool same = ok && str_is(doc_text(fixture_call_answer(&call), "customer_id"), id);
    fixture_call_end(&call);
    return same;
}

static bool claim_exists(const char *id)
{
    struct call call;
    struct stored_document stored;
    bool found;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    assert_true(call_get(&call, COLLECTION_UNIQUE, str_of(id), true, &stored, &found, &err));
    fixture_call_end(&call);
    return found;
}

static void test_puts_and_gets(void **state)
{
    (void)state;
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    struct doc given =
        fixture_doc(&call, "{'name': 'Ann', 'email': ' Ann@Example.COM ', 'points': 3,"
                           " 'addresses': [{'city': 'Leeds'}], 'version': 77,"
                           " 'customer_id': 'somebody else'}");
    assert_true(customers_put(&call, STR("ann"), given, NULL, &err));
    doc_builder_clear(call.out);
    assert_true(customers_get(&call, STR("ann"), &err));
    struct doc ann = fixture_call_answer(&call);
    assert_true(str_is(doc_text(ann, "customer_id"), "ann"));
    assert_true(str_is(doc_text(ann, "email"), "ann@example.com"));
    assert_int_equal(doc_int(ann, "points", 0), 3);
    assert_int_equal(doc_int(ann, "version", 0), 1);
    struct doc_value city;
    assert_true(doc_find(ann, "addresses.0.city", &city));
    fixture_call_end(&call);
}

static void test_an_empty_document_makes_a_customer(void **state)
{
    (void)state;
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    assert_true(customers_put(&call, STR("c"), DOC_EMPTY, NULL, &err));
    assert_true(doc_bool(fixture_call_answer(&call), "changed", false));
    assert_false(customers_get(&call, STR("nobody"), &err));
    assert_int_equal(err.code, ECOMMERCE_NOT_FOUND);
    fixture_call_end(&call);
}

static void test_equal_content_writes_nothing(void **state)
{
    (void)state;
    bool changed = false;
    assert_int_equal(put("ann", "ann@example.com", "Ann", &changed), ECOMMERCE_OK);
    assert_true(changed);
    shop_fixture_advance(fixture, MICROSECONDS);
    failing_stores_forget(&fixture->stores);
    assert_int_equal(put("ann", "ANN@example.com", "Ann", &changed), ECOMMERCE_OK);
    assert_false(changed);
    assert_int_equal(failing_stores_count(&fixture->stores, ROLE_DOCUMENTS),
                     failing_stores_count_of(&fixture->stores, ROLE_DOCUMENTS, DOCUMENTS_GET));
}

static void test_email_syntax(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b.co", "first.last+tag@sub.example.org",
                                       "o'neil@ex-am.ie", "x@xn--bcher-kva.example",
                                       "j\xc3\xb6rg@b\xc3\xbc"
                                       "cher.example"};
    static const char *const bad[] = {"ann",        "@b.co",    "a@",        "a@b",
                                      "a b@c.de",   "a@b@c.de", "a..b@c.de", ".a@c.de",
                                      "a.@c.de",    "a@-b.de",  "a@b..de",   "a@b.de.",
                                      "a\r\n@b.de", "<a@b.de>", "a@b_c.de",  "\"a\"@b.de"};
    struct call call;
    struct str normal;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        assert_true(email_normalise(&call.arena, str_of(good[i]), "email", &normal, &err));
    }
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(email_normalise(&call.arena, str_of(bad[i]), "email", &normal, &err));
        assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
        assert_string_equal(err.field, "email");
    }
    fixture_call_end(&call);
}

static void test_an_address_belongs_to_one(void **state)
{
    (void)state;
    assert_int_equal(put("ann", "a@example.com", NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(put("bob", "A@Example.com", NULL, NULL), ECOMMERCE_ALREADY_EXISTS);
    assert_true(has_email("ann", "a@EXAMPLE.com"));
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    assert_false(customers_get(&call, STR("bob"), &err));
    assert_int_equal(err.code, ECOMMERCE_NOT_FOUND);
    fixture_call_end(&call);
}

static void test_a_changed_address_is_free_again(void **state)
{
    (void)state;
    assert_int_equal(put("ann", "a@example.com", NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(put("ann", "b@example.com", NULL, NULL), ECOMMERCE_OK);
    assert_false(has_email("ann", "a@example.com"));
    assert_true(has_email("ann", "b@example.com"));
    assert_false(claim_exists("email:a@example.com"));
    assert_int_equal(put("bob", "a@example.com", NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(put("ann", NULL, NULL, NULL), ECOMMERCE_OK);
    assert_false(claim_exists("email:b@example.com"));
}

/* What a call leaves behind that ended between its claim and its profile. */
static void test_a_claim_left_over_is_taken_over(void **state)
{
    (void)state;
    struct call call;
    bool inserted;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_adds(&builder, "customer_id", "ghost");
    doc_add_int(&builder, "at", call_wall(&call));
    assert_true(documents_insert(fixture->shop.documents, COLLECTION_UNIQUE,
                                 STR("email:a@example.com"), doc_finish(&builder), 0, call.deadline,
                                 &inserted, &err));
    doc_builder_release(&builder);
    fixture_call_end(&call);
    assert_int_equal(put("ann", "a@example.com", NULL, NULL), ECOMMERCE_ALREADY_EXISTS);
    shop_fixture_advance(fixture, CLAIM_SETTLED + 1);
    assert_int_equal(put("ann", "a@example.com", NULL, NULL), ECOMMERCE_OK);
    assert_true(has_email("ann", "a@example.com"));
    shop_fixture_advance(fixture, 10 * CLAIM_SETTLED);
    assert_int_equal(put("bob", "a@example.com", NULL, NULL), ECOMMERCE_ALREADY_EXISTS);
}

static void test_patches(void **state)
{
    (void)state;
    struct call call;
    ecommerce_error err = {0};
    assert_int_equal(put("ann", "a@example.com", "Ann", NULL), ECOMMERCE_OK);
    fixture_call_begin(&fixture->shop, &call);
    struct doc patch =
        fixture_doc(&call, "{'name': null, 'email': 'N@example.com', 'likes': {'tea':"
                           " true}}");
    assert_true(customers_patch(&call, STR("ann"), patch, NULL, &err));
    struct doc ann = fixture_call_answer(&call);
    assert_null(doc_text(ann, "name").ptr);
    assert_true(str_is(doc_text(ann, "email"), "n@example.com"));
    assert_true(doc_bool(doc_child(ann, "likes"), "tea", false));
    assert_false(customers_patch(&call, STR("nobody"), patch, NULL, &err));
    assert_int_equal(err.code, ECOMMERCE_NOT_FOUND);
    fixture_call_end(&call);
    assert_true(has_email("ann", "n@example.com"));
}

static void test_versions_are_expected(void **state)
{
    (void)state;
    struct call call;
    ecommerce_error err = {0};
    assert_int_equal(put("ann", NULL, "Ann", NULL), ECOMMERCE_OK);
    assert_int_equal(put("ann", NULL, "Anna", NULL), ECOMMERCE_OK);
    const struct write_options old = {.expected_version = 1}, current = {.expected_version = 2};
    const struct write_options is_new = {.must_be_new = true};
    fixture_call_begin(&fixture->shop, &call);
    assert_false(customers_put(&call, STR("ann"), DOC_EMPTY, &old, &err));
    assert_int_equal(err.code, ECOMMERCE_VERSION_CONFLICT);
    assert_false(customers_put(&call, STR("ann"), DOC_EMPTY, &is_new, &err));
    assert_int_equal(err.code, ECOMMERCE_ALREADY_EXISTS);
    assert_true(customers_put(&call, STR("ann"), DOC_EMPTY, &current, &err));
    fixture_call_end(&call);
}

static void test_refuses_wrong_types_and_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"{'name': 3}", "{'email': ['a@b.de']}", "{'addresses': 'x'}",
                                      "{'addresses': ['x']}", "{'country': {}}"};
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(customers_put(&call, STR("ann"), fixture_doc(&call, bad[i]), NULL, &err));
        assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    }
    fixture_call_end(&call);
}

static void put_product(struct call *call, const char *id)
{
    ecommerce_error err = {0};
    struct doc product = fixture_doc(call, "{'name': 'Tea', 'price': 2.5}");
    assert_true(catalog_put_product(call, str_of(id), product, NULL, &err));
    shop_fixture_stock(fixture, id, 10);
}

/* Ann with an order, a cart, a session, and an event that waits. */
static void make_history(void)
{
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    put_product(&call, "tea");
    assert_true(customers_put(&call, STR("ann"), fixture_doc(&call, "{'email': 'a@example.com'}"),
                              NULL, &err));
    const struct order_item_request item = {.item_id = STR("tea"), .quantity = 1};
    const struct order_request order = {
        .customer_id = STR("ann"),
        .items = &item,
        .item_count = 1,
        .contact = fixture_doc(&call, "{'email': 'a@example.com', 'shipping': {'city': 'Leeds'}}")};
    assert_true(orders_process(&call, &order, &err));
    const struct cart_ref cart = {.cart_id = STR("anns"), .customer_id = STR("ann")};
    assert_true(carts_add(&call, &cart, STR("tea"), 2, &err));
    assert_true(sessions_begin(&call, SESSION_CUSTOMER, STR("ann"), DOC_EMPTY, &err));
    fixture_call_end(&call);
}

static size_t exported(struct call *call, const char *array)
{
    ecommerce_error err = {0};
    doc_builder_clear(call->out);
    if (!customers_export(call, STR("ann"), &err)) {
        fail_msg("%s: %s", ecommerce_error_name(err.code), err.message);
    }
    return doc_count(doc_child(fixture_call_answer(call), array));
}

static void test_exports_everything(void **state)
{
    (void)state;
    struct call call;
    struct doc_value city;
    make_history();
    fixture_call_begin(&fixture->shop, &call);
    assert_int_equal(exported(&call, "orders"), 1);
    struct doc answer = fixture_call_answer(&call);
    assert_true(doc_find(answer, "orders.0.contact.shipping.city", &city));
    assert_int_equal(doc_count(doc_child(answer, "carts")), 1);
    assert_int_equal(doc_count(doc_child(answer, "sessions")), 1);
    assert_true(str_is(doc_text(doc_child(answer, "customer"), "email"), "a@example.com"));
    fixture_call_end(&call);
}

static void test_erases_what_is_personal(void **state)
{
    (void)state;
    struct call call;
    struct doc_value contact;
    ecommerce_error err = {0};
    make_history();
    fixture_call_begin(&fixture->shop, &call);
    if (!customers_erase(&call, STR("ann"), &err)) {
        fail_msg("%s: %s", ecommerce_error_name(err.code), err.message);
    }
    struct doc answer = fixture_call_answer(&call);
    assert_true(doc_bool(answer, "changed", false));
    assert_int_equal(doc_int(answer, "contacts", 0), 1);
    assert_int_equal(doc_int(answer, "sessions", 0), 1);
    assert_int_equal(exported(&call, "orders"), 1); /* a fact */
    answer = fixture_call_answer(&call);
    assert_false(doc_find(answer, "orders.0.contact", &contact));
    assert_int_equal(doc_count(doc_child(answer, "carts")), 0);
    assert_int_equal(doc_count(doc_child(answer, "sessions")), 0);
    struct doc ann = doc_child(answer, "customer");
    assert_true(doc_bool(ann, "erased", false));
    assert_null(doc_text(ann, "email").ptr);
    assert_int_equal(doc_count(ann), 4); /* customer_id, erased, erased_at, version */
    fixture_call_end(&call);
    assert_false(claim_exists("email:a@example.com"));
    assert_int_equal(put("bob", "a@example.com", NULL, NULL), ECOMMERCE_OK);
    assert_int_equal(put("ann", NULL, NULL, NULL), ECOMMERCE_ALREADY_EXISTS);
}

static void test_erasing_again_finishes(void **state)
{
    (void)state;
    struct call call;
    ecommerce_error err = {0};
    make_history();
    fixture_call_begin(&fixture->shop, &call);
    shop_fixture_away(fixture, ROLE_TIMESERIES, true);
    assert_false(customers_erase(&call, STR("ann"), &err));
    assert_int_equal(err.code, ECOMMERCE_UNAVAILABLE);
    shop_fixture_away(fixture, ROLE_TIMESERIES, false);
    doc_builder_clear(call.out);
    assert_true(customers_erase(&call, STR("ann"), &err));
    assert_true(doc_bool(fixture_call_answer(&call), "changed", false));
    doc_builder_clear(call.out);
    assert_true(customers_erase(&call, STR("ann"), &err));
    assert_false(doc_bool(fixture_call_answer(&call), "changed", true));
    struct documents_request count =
        call_documents(&call, DOCUMENTS_COUNT, COLLECTION_AUDIT, STR_NONE);
    assert_true(documents_run(fixture->shop.documents, &count, &err));
    assert_int_equal(count.number, 1);
    fixture_call_end(&call);
    assert_false(claim_exists("email:a@example.com"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_puts_and_gets),
        TEST(test_an_empty_document_makes_a_customer),
        TEST(test_equal_content_writes_nothing),
        TEST(test_email_syntax),
        TEST(test_an_address_belongs_to_one),
        TEST(test_a_changed_address_is_free_again),
        TEST(test_a_claim_left_over_is_taken_over),
        TEST(test_patches),
        TEST(test_versions_are_expected),
        TEST(test_refuses_wrong_types_and_names),
        TEST(test_exports_everything),
        TEST(test_erases_what_is_personal),
        TEST(test_erasing_again_finishes),
    };
    return cmocka_run_group_tests_name("customers", tests, NULL, NULL);
}
