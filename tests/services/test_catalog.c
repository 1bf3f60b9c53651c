/*
 * test_catalog.c - products, items, categories and product details, and what they do without a
 * store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/catalog/catalog.h"
#include "tests/support/shop_fixture.h"

#include <stdio.h>

static struct shop_fixture *fixture;
static struct call call;
static ecommerce_error err;

static int open_shop(void **state)
{
    UNUSED(state);
    fixture = shop_fixture_open(FIXTURE_FAKES);
    fixture_call_begin(&fixture->shop, &call);
    err = (ecommerce_error){0};
    return 0;
}

static int close_shop(void **state)
{
    UNUSED(state);
    fixture_call_end(&call);
    shop_fixture_close(&fixture);
    return 0;
}

/* The call before has ended, another one begins. */
static void next_call(void)
{
    fixture_call_end(&call);
    fixture_call_begin(&fixture->shop, &call);
    err = (ecommerce_error){0};
}

static bool put(const char *id, const char *json)
{
    next_call();
    return catalog_put_product(&call, str_of(id), fixture_doc(&call, json), NULL, &err);
}

static void must_put(const char *id, const char *json)
{
    if (!put(id, json)) {
        fail_msg("%s: %s: %s", id, err.field, err.message);
    }
}

static void refused(const char *json, enum ecommerce_error_code code, const char *field)
{
    assert_false(put("p", json));
    if (err.code != code || strcmp(err.field, field) != 0) {
        fail_msg("%s: %s at '%s' (%s)", json, ecommerce_error_name(err.code), err.field,
                 err.message);
    }
    bool found;
    assert_true(call_get(&call, COLLECTION_PRODUCTS, STR("p"), true, NULL, &found, &err));
    assert_false(found);
}

static struct doc answer(void)
{
    return fixture_call_answer(&call);
}

static void assert_text(struct doc doc, const char *path, const char *expected)
{
    struct doc_value value;
    assert_true(doc_find(doc, path, &value));
    assert_int_equal(value.type, DOC_TEXT);
    if (!str_is(value.text, expected)) {
        fail_msg("%s is '%.*s', not '%s'", path, STR_ARG(value.text), expected);
    }
}

static void assert_int(struct doc doc, const char *path, int64_t expected)
{
    struct doc_value value;
    assert_true(doc_find(doc, path, &value));
    assert_int_equal(value.type, DOC_INT);
    assert_int_equal(value.integer, expected);
}

static void assert_flag(struct doc doc, const char *path, bool expected)
{
    struct doc_value value;
    if (!doc_find(doc, path, &value)) {
        fail_msg("%s is not there", path);
    }
    assert_int_equal(value.type, DOC_BOOL);
    assert_int_equal(value.boolean, expected);
}

static void assert_money(struct doc doc, const char *path, int64_t minor)
{
    struct doc_value value;
    assert_true(doc_find(doc, path, &value));
    assert_int_equal(value.type, DOC_DECIMAL);
    assert_int_equal(value.decimal.coefficient, minor);
    assert_int_equal(value.decimal.exponent, -2);
}

static bool has(struct doc doc, const char *path)
{
    struct doc_value value;
    return doc_find(doc, path, &value);
}

/* ---- put ---- */

static void put_makes_a_product_and_says_so(void **state)
{
    UNUSED(state);
    must_put("85123A", "{'name': 'WHITE HANGING HEART', 'price': 2.55, 'colour_code': [1, 2],"
                       " 'attributes': {'colour': 'white', 'size': 3}}");
    struct doc product = answer();
    assert_text(product, "product_id", "85123A");
    assert_money(product, "price", 255);
    assert_text(product, "attributes.colour", "white");
    assert_text(product, "sku", "85123A");
    assert_int(product, "colour_code.1", 2);
    assert_int(product, "version", 1);
    assert_flag(product, "changed", true);
    assert_false(has(product, "tokens"));
    struct stored_document stored;
    bool found;
    assert_true(call_get(&call, COLLECTION_PRODUCTS, STR("85123A"), true, &stored, &found, &err));
    assert_int(stored.doc, "price", 255);
    assert_text(stored.doc, "attributes.0", "colour=white");
    assert_text(stored.doc, "attributes.1", "size=3");
    assert_int(stored.doc, "created_at", call_wall(&call));
}

static void equal_content_writes_nothing(void **state)
{
    UNUSED(state);
    must_put("p", "{'name': 'Heart', 'price': 1, 'x': {'y': 1}}");
    shop_fixture_advance(fixture, 1000000);
    must_put("p", "{'price': 1.00, 'x': {'y': 1}, 'name': 'Heart'}");
    assert_flag(answer(), "changed", false);
    assert_int(answer(), "version", 1);
    must_put("p", "{'price': 1.01, 'x': {'y': 1}, 'name': 'Heart'}");
    assert_flag(answer(), "changed", true);
    assert_int(answer(), "version", 2);
    struct stored_document stored;
    bool found;
    assert_true(call_get(&call, COLLECTION_PRODUCTS, STR("p"), true, &stored, &found, &err));
    assert_int(stored.doc, "changed_at", call_wall(&call));
    assert_int(stored.doc, "created_at", call_wall(&call) - 1000000);
}

static void wrong_fields_are_named(void **state)
{
    UNUSED(state);
    refused("{'name': 5}", ECOMMERCE_INVALID_ARGUMENT, "name");
    refused("{'price': 2.555}", ECOMMERCE_INVALID_ARGUMENT, "price");
    refused("{'price': -1}", ECOMMERCE_INVALID_ARGUMENT, "price");
    refused("{'price': true}", ECOMMERCE_INVALID_ARGUMENT, "price");
    refused("{'attributes': {'size': [1]}}", ECOMMERCE_INVALID_ARGUMENT, "attributes.size");
    refused("{'attributes': {'a=b': 1}}", ECOMMERCE_INVALID_ARGUMENT, "attributes.a=b");
    refused("{'images': [5]}", ECOMMERCE_INVALID_ARGUMENT, "images");
    refused("{'categories': ['none']}", ECOMMERCE_INVALID_ARGUMENT, "categories");
    refused("{'tracked': 'yes'}", ECOMMERCE_INVALID_ARGUMENT, "tracked");
    refused("{'tokens': []}", ECOMMERCE_INVALID_ARGUMENT, "tokens");
    refused("{'created_at': 5}", ECOMMERCE_INVALID_ARGUMENT, "created_at");
    refused("{'currency': 'EUR'}", ECOMMERCE_INVALID_ARGUMENT, "currency");
    refused("{'product_id': 'q'}", ECOMMERCE_INVALID_ARGUMENT, "product_id");
    refused("{'low_stock_threshold': -1}", ECOMMERCE_INVALID_ARGUMENT, "low_stock_threshold");
    refused("{'variants': [{'name': 'red'}]}", ECOMMERCE_INVALID_ARGUMENT,
            "variants[0].variant_id");
    refused("{'variants': [{'variant_id': 'a'}, {'variant_id': 'b', 'price': 'x'}]}",
            ECOMMERCE_INVALID_ARGUMENT, "variants[1].price");
    refused("{'variants': [{'variant_id': 'a'}, {'variant_id': 'a'}]}", ECOMMERCE_INVALID_ARGUMENT,
            "variants[1].variant_id");
}

static void names_of_operators_are_refused(void **state)
{
    UNUSED(state);
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_open(&builder, "free");
    doc_add_int(&builder, "a.b", 1);
    bool ok = catalog_put_product(&call, STR("p"), doc_finish(&builder), NULL, &err);
    doc_builder_release(&builder);
    assert_false(ok);
    assert_string_equal(err.field, "free.a.b");
}

static void an_id_belongs_to_one_product(void **state)
{
    UNUSED(state);
    must_put("shirt", "{'variants': [{'variant_id': 'shirt-red', 'sku': 'S1'},"
                      " {'variant_id': 'shirt-blue', 'sku': 'S1'}]}");
    assert_false(put("shirt-red", "{}"));
    assert_int_equal(err.code, ECOMMERCE_ALREADY_EXISTS);
    assert_false(put("other", "{'variants': [{'variant_id': 'shirt'}]}"));
    assert_int_equal(err.code, ECOMMERCE_ALREADY_EXISTS);
    assert_false(put("other", "{'sku': 'S1'}"));
    assert_int_equal(err.code, ECOMMERCE_ALREADY_EXISTS);
    must_put("shirt", "{'variants': [{'variant_id': 'shirt-blue', 'sku': 'S1'}]}");
    assert_false(put("shirt-red", "{}"));
    shop_fixture_advance(fixture, INT64_C(301) * MICROSECONDS);
    must_put("shirt-red", "{}");
    assert_false(put("shirt", "{'variants': [{'variant_id': 'shirt-red'}]}"));
    assert_int_equal(err.code, ECOMMERCE_ALREADY_EXISTS);
}

static void expectations_are_kept(void **state)
{
    UNUSED(state);
    must_put("p", "{'name': 'A'}");
    struct write_options new_one = {.must_be_new = true};
    struct write_options second = {.expected_version = 2};
    next_call();
    assert_false(catalog_put_product(&call, STR("p"), DOC_EMPTY, &new_one, &err));
    assert_int_equal(err.code, ECOMMERCE_ALREADY_EXISTS);
    assert_false(
        catalog_patch_product(&call, STR("p"), fixture_doc(&call, "{'name': 'B'}"), &second, &err));
    assert_int_equal(err.code, ECOMMERCE_VERSION_CONFLICT);
    assert_string_equal(err.field, "version");
    assert_false(catalog_retire_product(&call, STR("none"), NULL, &err));
    assert_int_equal(err.code, ECOMMERCE_UNKNOWN_PRODUCT);
}

static void patch_merges(void **state)
{
    UNUSED(state);
    must_put("p", "{'name': 'A', 'price': 9.99, 'attributes': {'a': 1, 'b': 'x'}, 'free': [1]}");
    next_call();
    struct doc patch = fixture_doc(
        &call, "{'attributes': {'a': null, 'c': true}, 'free': null, 'more': {'n': 1}}");
    assert_true(catalog_patch_product(&call, STR("p"), patch, NULL, &err));
    struct doc product = answer();
    assert_money(product, "price", 999);
    assert_text(product, "name", "A");
    assert_false(has(product, "attributes.a"));
    assert_text(product, "attributes.b", "x");
    assert_flag(product, "attributes.c", true);
    assert_false(has(product, "free"));
    assert_int(product, "more.n", 1);
    assert_int(product, "version", 2);
}

/* ---- items ---- */

static struct sellable find(const char *id, bool *found, bool *needs_variant)
{
    struct sellable sellable = {0};
    next_call();
    assert_true(catalog_find_sellable(&call, str_of(id), &sellable, found, needs_variant, &err));
    return sellable;
}

static void items_are_found_and_remembered(void **state)
{
    UNUSED(state);
    bool found, needs_variant;
    must_put("mug", "{'name': 'Mug', 'price': 4}");
    must_put("shirt", "{'name': 'T-shirt', 'price': 10, 'variants': [{'variant_id': 'red-l',"
                      " 'attributes': {'colour': 'red', 'size': 'L'}, 'price': 12}]}");
    struct sellable item = find("red-l", &found, &needs_variant);
    assert_true(found && !needs_variant);
    assert_true(str_is(item.name, "T-shirt, red, L") && str_is(item.product_id, "shirt"));
    assert_true(str_is(item.sku, "red-l") && str_is(item.variant_id, "red-l"));
    assert_int_equal(item.price, 1200);
    (void)find("shirt", &found, &needs_variant);
    assert_true(found && needs_variant);
    item = find("mug", &found, &needs_variant);
    assert_int_equal(item.price, 400);
    assert_true(item.variant_id.ptr == NULL && item.tracked && !item.retired);
    failing_stores_forget(&fixture->stores);
    item = find("red-l", &found, &needs_variant);
    assert_true(str_is(item.name, "T-shirt, red, L"));
    item = find("mug", &found, &needs_variant);
    assert_int_equal(failing_stores_count(&fixture->stores, ROLE_DOCUMENTS), 0);
    must_put("mug", "{'name': 'Mug', 'price': 5}");
    item = find("mug", &found, &needs_variant);
    assert_int_equal(item.price, 500);
    (void)find("none", &found, &needs_variant);
    assert_false(found);
}

static void nothing_is_sold_for_want_of_a_price(void **state)
{
    UNUSED(state);
    bool found, needs_variant;
    must_put("p", "{}");
    assert_true(find("p", &found, &needs_variant).retired);
    must_put("p", "{'price': 0}");
    assert_false(find("p", &found, &needs_variant).retired);
}

static void without_generations_nothing_is_believed(void **state)
{
    UNUSED(state);
    bool found, needs_variant;
    must_put("p", "{'price': 1}");
    fixture->shop.live->base.capabilities = 0;
    (void)find("p", &found, &needs_variant);
    failing_stores_forget(&fixture->stores);
    (void)find("p", &found, &needs_variant);
    assert_int_equal(failing_stores_count(&fixture->stores, ROLE_DOCUMENTS), 1);
}

/* ---- categories ---- */

static bool put_category(const char *id, const char *json)
{
    next_call();
    return catalog_put_category(&call, str_of(id), fixture_doc(&call, json), &err);
}

static void categories_make_a_tree(void **state)
{
    UNUSED(state);
    assert_true(put_category("home", "{'name': 'Home'}"));
    assert_true(put_category("kitchen", "{'name': 'Kitchen', 'parent': 'home'}"));
    assert_true(put_category("mugs", "{'name': 'Mugs', 'parent': 'kitchen'}"));
    assert_false(put_category("home", "{'name': 'Home', 'parent': 'mugs'}"));
    assert_string_equal(err.field, "parent");
    assert_false(put_category("x", "{'name': 'X', 'parent': 'none'}"));
    assert_false(put_category("x", "{}"));
    assert_string_equal(err.field, "name");
    next_call();
    assert_true(catalog_list_categories(&call, &err));
    assert_text(answer(), "categories.0.children.0.children.0.category_id", "mugs");
    next_call();
    assert_false(catalog_retire_category(&call, STR("home"), &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_TRANSITION);
    assert_true(catalog_retire_category(&call, STR("mugs"), &err));
    assert_false(put("p", "{'categories': ['mugs']}"));
}

static void a_move_reaches_the_products(void **state)
{
    UNUSED(state);
    struct stored_document stored;
    bool found;
    assert_true(put_category("home", "{'name': 'Home'}"));
    assert_true(put_category("gifts", "{'name': 'Gifts'}"));
    assert_true(put_category("mugs", "{'name': 'Mugs', 'parent': 'home'}"));
    must_put("p", "{'categories': ['mugs']}");
    assert_text(answer(), "categories.0", "mugs");
    assert_false(has(answer(), "categories.1"));
    assert_true(put_category("mugs", "{'name': 'Cups', 'parent': 'gifts'}"));
    assert_true(call_get(&call, COLLECTION_PRODUCTS, STR("p"), true, &stored, &found, &err));
    assert_text(stored.doc, "categories.1", "gifts");
    assert_text(stored.doc, "own_categories.0", "mugs");
    assert_false(has(stored.doc, "categories.2"));
}

/* ---- details ---- */

static bool details_of(const char *id, bool with_recommendations)
{
    struct product_details_options options = {.with_recommendations = with_recommendations};
    next_call();
    return catalog_get_product_details(&call, str_of(id), &options, &err);
}

static void details_say_what_is_there(void **state)
{
    UNUSED(state);
    must_put("shirt", "{'name': 'Shirt', 'price': 10, 'low_stock_threshold': 2, 'variants': ["
                      "{'variant_id': 'red', 'price': 12}, {'variant_id': 'blue'}]}");
    must_put("wrap", "{'name': 'Wrapping', 'tracked': false}");
    shop_fixture_stock(fixture, "red", 3);
    shop_fixture_stock(fixture, "blue", 0);
    assert_true(details_of("shirt", false));
    struct doc shirt = answer();
    assert_int(shirt, "variants.0.availability.available", 3);
    assert_flag(shirt, "variants.0.availability.low", false);
    assert_money(shirt, "variants.0.price", 1200);
    assert_flag(shirt, "variants.1.availability.in_stock", false);
    assert_flag(shirt, "variants.1.availability.low", true);
    assert_flag(shirt, "availability.in_stock", true);
    assert_false(has(shirt, "recommendations"));
    assert_true(details_of("wrap", false));
    assert_flag(answer(), "availability.in_stock", true);
    assert_false(details_of("none", true));
    assert_int_equal(err.code, ECOMMERCE_UNKNOWN_PRODUCT);
}

static void prepare_recommendations(void)
{
    must_put("p", "{'name': 'Heart', 'price': 2}");
    must_put("q", "{'name': 'Frame', 'price': 3}");
    shop_fixture_stock(fixture, "p", 5);
    shop_fixture_stock(fixture, "q", 5);
    fake_graph_add(fixture->fake_graph, RECOMMEND_BOUGHT_TOGETHER, "p", "q", 2, 41);
}

static void an_answer_is_kept_until_something_in_it_changes(void **state)
{
    UNUSED(state);
    prepare_recommendations();
    assert_true(details_of("p", true));
    assert_text(answer(), "recommendations.bought_together.0.reason",
                "bought with Heart in 41 baskets");
    failing_stores_forget(&fixture->stores);
    assert_true(details_of("p", true));
    assert_text(answer(), "recommendations.bought_together.0.product_id", "q");
    for (int role = 0; role < MANAGER_ROLES; role++) {
        assert_int_equal(failing_stores_count(&fixture->stores, (enum manager_role)role), 0);
    }
    shop_fixture_stock(fixture, "p", 4);
    assert_true(details_of("p", true));
    assert_int(answer(), "availability.available", 4);
    shop_fixture_stock(fixture, "q", 0);
    assert_true(details_of("p", true));
    assert_false(has(answer(), "recommendations.bought_together.0"));
    shop_fixture_stock(fixture, "q", 1);
    must_put("q", "{'name': 'Wooden frame', 'price': 3}");
    assert_true(details_of("p", true));
    assert_text(answer(), "recommendations.bought_together.0.name", "Wooden frame");
    fake_graph_add(fixture->fake_graph, RECOMMEND_SIMILAR, "p", "q", 1, 1);
    live_changed(fixture->shop.live, STR("recommendations"));
    assert_true(details_of("p", true));
    assert_text(answer(), "recommendations.similar.0.product_id", "q");
}

static void an_answer_ends_with_its_lifetime(void **state)
{
    UNUSED(state);
    prepare_recommendations();
    assert_true(details_of("p", true));
    shop_fixture_advance(fixture, INT64_C(61) * MICROSECONDS);
    failing_stores_forget(&fixture->stores);
    assert_true(details_of("p", true));
    assert_int_equal(failing_stores_count_of(&fixture->stores, ROLE_GRAPH, GRAPH_RECOMMEND), 2);
}

static void without_documents_an_old_answer_is_given(void **state)
{
    UNUSED(state);
    prepare_recommendations();
    assert_true(details_of("p", true));
    int64_t made = call_wall(&call);
    shop_fixture_advance(fixture, INT64_C(3600) * MICROSECONDS);
    shop_fixture_away(fixture, ROLE_DOCUMENTS, true);
    assert_true(details_of("p", true));
    assert_int_equal(call.as_of, made);
    assert_text(answer(), "degraded.0", "documents");
    assert_text(answer(), "name", "Heart");
    assert_false(details_of("q", false));
    assert_int_equal(err.code, ECOMMERCE_UNAVAILABLE);
}

static void without_live_there_is_no_availability(void **state)
{
    UNUSED(state);
    prepare_recommendations();
    shop_fixture_away(fixture, ROLE_LIVE, true);
    assert_true(details_of("p", true));
    assert_text(answer(), "degraded.0", "live");
    assert_text(answer(), "name", "Heart");
    assert_false(has(answer(), "availability"));
    shop_fixture_away(fixture, ROLE_LIVE, false);
    assert_true(details_of("p", true));
    assert_int(answer(), "availability.available", 5);
    assert_false(has(answer(), "degraded"));
}

static void without_generations_the_live_store_keeps_answers(void **state)
{
    UNUSED(state);
    prepare_recommendations();
    fixture->shop.live->base.capabilities = 0;
    assert_true(details_of("p", true));
    shop_fixture_advance(fixture, 1000000);
    failing_stores_forget(&fixture->stores);
    assert_true(details_of("p", true));
    assert_int_equal(call.as_of, call_wall(&call) - 1000000);
    assert_int_equal(failing_stores_count(&fixture->stores, ROLE_DOCUMENTS), 0);
    must_put("p", "{'name': 'Big heart', 'price': 2}");
    assert_true(details_of("p", true));
    assert_text(answer(), "name", "Big heart");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_shop, close_shop)
    const struct CMUnitTest tests[] = {
        TEST(put_makes_a_product_and_says_so),
        TEST(equal_content_writes_nothing),
        TEST(wrong_fields_are_named),
        TEST(names_of_operators_are_refused),
        TEST(an_id_belongs_to_one_product),
        TEST(expectations_are_kept),
        TEST(patch_merges),
        TEST(items_are_found_and_remembered),
        TEST(nothing_is_sold_for_want_of_a_price),
        TEST(without_generations_nothing_is_believed),
        TEST(categories_make_a_tree),
        TEST(a_move_reaches_the_products),
        TEST(details_say_what_is_there),
        TEST(an_answer_is_kept_until_something_in_it_changes),
        TEST(an_answer_ends_with_its_lifetime),
        TEST(without_documents_an_old_answer_is_given),
        TEST(without_live_there_is_no_availability),
        TEST(without_generations_the_live_store_keeps_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
