/*
 * test_recommendations_service.c - candidates filtered to what can be bought, reasons, and what is
 * given without the graph.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/analytics/recommendations.h"
#include "services/catalog/catalog.h"
#include "tests/support/shop_fixture.h"

#include <stdio.h>

enum { PRODUCTS = 80 };

static struct shop_fixture *fixture;
static struct call call;
static ecommerce_error err;
static char ids[PRODUCTS][16];

static void next_call(void)
{
    fixture_call_end(&call);
    fixture_call_begin(&fixture->shop, &call);
    err = (ecommerce_error){0};
}

static void must_put(const char *id, const char *json)
{
    next_call();
    if (!catalog_put_product(&call, str_of(id), fixture_doc(&call, json), NULL, &err)) {
        fail_msg("%s: %s: %s", id, err.field, err.message);
    }
}

static int open_shop(void **state)
{
    UNUSED(state);
    fixture = shop_fixture_open(FIXTURE_FAKES);
    fixture_call_begin(&fixture->shop, &call);
    must_put("heart", "{'name': 'WHITE HANGING HEART', 'price': 2.55}");
    for (int i = 0; i < PRODUCTS; i++) {
        snprintf(ids[i], sizeof(ids[i]), "p%02d", i);
    }
    return 0;
}

static int close_shop(void **state)
{
    UNUSED(state);
    fixture_call_end(&call);
    shop_fixture_close(&fixture);
    return 0;
}

static struct doc recommend(const char *kind, const char *key, size_t count)
{
    next_call();
    if (!recommendations_get(&call, str_of(kind), str_of(key), count, &err)) {
        fail_msg("%s: %s", err.field, err.message);
    }
    return fixture_call_answer(&call);
}

static void assert_text(struct doc doc, const char *path, const char *expected)
{
    struct doc_value value;
    if (!doc_find(doc, path, &value) || value.type != DOC_TEXT) {
        fail_msg("%s is no text", path);
    }
    if (!str_is(value.text, expected)) {
        fail_msg("%s is '%.*s', not '%s'", path, STR_ARG(value.text), expected);
    }
}

static void what_cannot_be_bought_is_left_out(void **state)
{
    UNUSED(state);
    must_put("out", "{'name': 'Out', 'price': 1}");
    must_put("retired", "{'name': 'Retired', 'price': 1, 'retired': true}");
    must_put("shirt", "{'name': 'Shirt', 'price': 9, 'variants': [{'variant_id': 'red'},"
                      " {'variant_id': 'blue'}]}");
    must_put("mug", "{'name': 'Mug', 'price': 4}");
    shop_fixture_stock(fixture, "retired", 5);
    shop_fixture_stock(fixture, "blue", 1);
    shop_fixture_stock(fixture, "mug", 1);
    static const char *const order[] = {"out", "unknown", "retired", "shirt", "mug"};
    for (int i = 0; i < 5; i++) {
        fake_graph_add(fixture->fake_graph, RECOMMEND_BOUGHT_TOGETHER, "heart", order[i], 9 - i,
                       i == 4 ? 1 : 41);
    }
    struct doc answer = recommend("bought-together", "heart", 5);
    assert_int_equal(doc_count(doc_child(answer, "recommendations")), 2);
    assert_text(answer, "recommendations.0.product_id", "shirt");
    assert_text(answer, "recommendations.0.reason",
                "bought with WHITE HANGING HEART in 41 baskets");
    assert_text(answer, "recommendations.1.reason", "bought with WHITE HANGING HEART in 1 basket");
    struct doc_value price;
    assert_true(doc_find(answer, "recommendations.1.price", &price));
    assert_int_equal(price.decimal.coefficient, 400);
}

static void levels_of_all_are_one_request(void **state)
{
    UNUSED(state);
    for (int i = 0; i < 5; i++) {
        must_put(ids[i], "{'price': 1}");
        shop_fixture_stock(fixture, ids[i], 1);
        fake_graph_add(fixture->fake_graph, RECOMMEND_TRENDING, NULL, ids[i], 9 - i, 3);
    }
    failing_stores_forget(&fixture->stores);
    struct doc answer = recommend("trending", NULL, 3);
    assert_int_equal(failing_stores_count_of(&fixture->stores, ROLE_LIVE, LIVE_LEVELS), 1);
    assert_int_equal(doc_count(doc_child(answer, "recommendations")), 3);
    assert_text(answer, "recommendations.0.reason", "in 3 baskets of late");
}

static void more_are_asked_for_when_too_few_are_left(void **state)
{
    UNUSED(state);
    for (int i = 0; i < PRODUCTS; i++) {
        must_put(ids[i], "{'price': 1}");
        fake_graph_add(fixture->fake_graph, RECOMMEND_SIMILAR, "heart", ids[i], PRODUCTS - i, 0);
    }
    shop_fixture_stock(fixture, "p70", 1);
    shop_fixture_stock(fixture, "p71", 1);
    struct doc answer = recommend("similar", "heart", 2);
    assert_int_equal(doc_count(doc_child(answer, "recommendations")), 2);
    assert_text(answer, "recommendations.0.product_id", "p70");
    assert_text(answer, "recommendations.0.reason", "popular now");
    assert_true(failing_stores_count_of(&fixture->stores, ROLE_GRAPH, GRAPH_RECOMMEND) <= 3);
}

static void without_the_graph_best_sellers_are_given(void **state)
{
    UNUSED(state);
    must_put("mug", "{'name': 'Mug', 'price': 4}");
    must_put("out", "{'name': 'Out', 'price': 4}");
    shop_fixture_stock(fixture, "mug", 1);
    shop_fixture_stock(fixture, "heart", 1);
    fixture->fake_timeseries->ranking[0] = "heart";
    fixture->fake_timeseries->ranking[1] = "out";
    fixture->fake_timeseries->ranking[2] = "mug";
    fixture->fake_timeseries->count = 3;
    shop_fixture_away(fixture, ROLE_GRAPH, true);
    struct doc answer = recommend("bought_together", "heart", 5);
    assert_int_equal(doc_count(doc_child(answer, "recommendations")), 1);
    assert_text(answer, "recommendations.0.product_id", "mug");
    assert_text(answer, "recommendations.0.reason", "among the best sellers of the last 28 days");
    assert_text(answer, "degraded.0", "graph");
    int64_t asked = fixture->fake_timeseries->asked_to - fixture->fake_timeseries->asked_from;
    assert_int_equal(asked, INT64_C(28) * 86400 * MICROSECONDS);
    shop_fixture_away(fixture, ROLE_TIMESERIES, true);
    answer = recommend("bought_together", "heart", 5);
    assert_int_equal(doc_count(doc_child(answer, "recommendations")), 0);
    assert_int_equal(doc_count(doc_child(answer, "degraded")), 2);
}

static void refused(const char *kind, const char *key, enum ecommerce_error_code code)
{
    next_call();
    assert_false(recommendations_get(&call, str_of(kind), str_of(key), 0, &err));
    assert_int_equal(err.code, code);
}

static void keys_are_checked(void **state)
{
    UNUSED(state);
    refused("best", "heart", ECOMMERCE_INVALID_ARGUMENT);
    refused("similar", "none", ECOMMERCE_UNKNOWN_PRODUCT);
    refused("for_customer", "none", ECOMMERCE_UNKNOWN_CUSTOMER);
    refused("trending", "heart", ECOMMERCE_INVALID_ARGUMENT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_shop, close_shop)
    const struct CMUnitTest tests[] = {
        TEST(what_cannot_be_bought_is_left_out),
        TEST(levels_of_all_are_one_request),
        TEST(more_are_asked_for_when_too_few_are_left),
        TEST(without_the_graph_best_sellers_are_given),
        TEST(keys_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
