/*
 * test_catalog_search.c - what a search finds, in which order, page by page, and what it counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/catalog/catalog_parts.h"
#include "tests/support/shop_fixture.h"

#include <stdio.h>

static struct shop_fixture *fixture;
static struct call call;
static ecommerce_error err;

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
    assert_true(
        catalog_put_category(&call, STR("home"), fixture_doc(&call, "{'name': 'Home'}"), &err));
    next_call();
    assert_true(catalog_put_category(
        &call, STR("lights"), fixture_doc(&call, "{'name': 'Lights', 'parent': 'home'}"), &err));
    must_put("heart", "{'name': 'WHITE HANGING HEART', 'price': 2.55, 'categories': ['lights'],"
                      " 'attributes': {'colour': 'white'}, 'description': 'A candle holder'}");
    must_put("frame", "{'name': 'Wooden frame', 'price': 7.95, 'categories': ['home'],"
                      " 'attributes': {'colour': 'brown'}, 'description': 'Not white at all'}");
    must_put("cafe", "{'name': 'Café sign', 'price': 12, 'attributes': {'colour': 'white'}}");
    must_put("old", "{'name': 'White lamp', 'price': 5, 'retired': true}");
    must_put("wrap", "{'name': 'White wrapping', 'price': 1, 'tracked': false}");
    shop_fixture_stock(fixture, "heart", 3);
    return 0;
}

static int close_shop(void **state)
{
    UNUSED(state);
    fixture_call_end(&call);
    shop_fixture_close(&fixture);
    return 0;
}

static struct doc search(const struct search_options *options)
{
    next_call();
    if (!catalog_search(&call, options, &err)) {
        fail_msg("%s: %s", err.field, err.message);
    }
    return fixture_call_answer(&call);
}

/* The ids found, in order, as one text; the total is their number when all fit a page. */
static void assert_found(const struct search_options *options, const char *expected)
{
    struct doc found = search(options);
    struct text ids = {0};
    struct doc_iter it;
    for (doc_iter_init(&it, doc_child(found, "products")); doc_iter_next(&it);) {
        text_adds(&ids, ids.len > 0 ? " " : "");
        text_add(&ids, doc_text(it.value.child, "product_id"));
    }
    if (strcmp(text_cstr(&ids), expected) != 0) {
        fail_msg("found '%s', not '%s'", text_cstr(&ids), expected);
    }
    if (options->limit == 0) {
        assert_int_equal(doc_int(found, "total", -1), doc_count(doc_child(found, "products")));
    }
    text_release(&ids);
}

static struct search_options words(const char *text)
{
    return (struct search_options){.words = str_of(text)};
}

static void both_ways(void (*check)(void))
{
    check();
    check(); /* from the cache now */
    fixture->shop.live->base.capabilities = 0;
    check();
}

static void check_words(void)
{
    struct search_options options = words("heart");
    assert_found(&options, "heart");
    options = words("white HEART");
    assert_found(&options, "heart");
    options = words("whi");
    assert_found(&options, "heart wrap cafe frame");
    options = words("hangin");
    assert_found(&options, "heart");
    options = words("hanging");
    assert_found(&options, "heart");
    options = words("hangings");
    assert_found(&options, "");
    options = words("wra white");
    assert_found(&options, "");
    options = words("white wra");
    assert_found(&options, "wrap");
    options = words("cafe");
    assert_found(&options, "cafe");
    options = words("CAFÉ");
    assert_found(&options, "cafe");
    options = words("lights");
    assert_found(&options, "heart");
    options = words("!!!");
    assert_found(&options, "");
    options = words("");
    assert_found(&options, "cafe frame heart wrap");
}

static void words_are_found(void **state)
{
    UNUSED(state);
    both_ways(check_words);
}

static void check_filters(void)
{
    static const struct str white[] = {{"colour=white", 12}};
    struct search_options options = {.category = STR("home")};
    assert_found(&options, "frame heart");
    options = (struct search_options){.category = STR("lights")};
    assert_found(&options, "heart");
    options = (struct search_options){.attributes = white, .attribute_count = 1};
    assert_found(&options, "cafe heart");
    options = (struct search_options){
        .has_price_from = true, .price_from = 255, .has_price_to = true, .price_to = 795};
    assert_found(&options, "frame heart");
    options = (struct search_options){.in_stock_only = true};
    assert_found(&options, "heart wrap");
    options = (struct search_options){.words = STR("white lamp"), .with_retired = true};
    assert_found(&options, "old");
}

static void filters_narrow(void **state)
{
    UNUSED(state);
    both_ways(check_filters);
}

static void sorts_order(void **state)
{
    UNUSED(state);
    struct search_options options = {.sort = SORT_PRICE};
    assert_found(&options, "wrap heart frame cafe");
    options.sort = SORT_PRICE_DESCENDING;
    assert_found(&options, "cafe frame heart wrap");
    options.sort = SORT_NAME;
    assert_found(&options, "cafe heart wrap frame");
    shop_fixture_advance(fixture, 1000);
    must_put("zz", "{'name': 'New', 'price': 3}");
    options.sort = SORT_NEWEST;
    options.limit = 1;
    assert_found(&options, "zz");
}

static void pages_follow_each_other(void **state)
{
    UNUSED(state);
    for (int sort = SORT_RELEVANCE; sort <= SORT_NEWEST; sort++) {
        struct search_options all = {.words = STR("w"), .limit = 100};
        all.words = STR_NONE;
        all.sort = (typeof(all.sort))sort;
        struct doc whole = search(&all);
        char expected[8][ID_MAX + 1];
        size_t count = 0, seen = 0;
        struct doc_iter it;
        for (doc_iter_init(&it, doc_child(whole, "products")); doc_iter_next(&it);) {
            snprintf(expected[count++], ID_MAX, "%.*s",
                     STR_ARG(doc_text(it.value.child, "product_id")));
        }
        char cursor[1024];
        struct search_options page = all;
        page.limit = 1;
        do {
            struct doc found = search(&page);
            assert_int_equal(doc_int(found, "total", 0), (int64_t)count);
            struct doc_value id;
            assert_true(doc_find(found, "products.0.product_id", &id));
            assert_true(seen < count && str_is(id.text, expected[seen]));
            seen++;
            struct str next = doc_text(found, "cursor");
            snprintf(cursor, sizeof(cursor), "%.*s", STR_ARG(next));
            page.cursor = next.ptr ? str_of(cursor) : STR_NONE;
        } while (page.cursor.ptr != NULL);
        assert_int_equal(seen, count);
    }
}

static void refused(const struct search_options *options, const char *field)
{
    next_call();
    assert_false(catalog_search(&call, options, &err));
    assert_string_equal(err.field, field);
}

static void wrong_questions_are_refused(void **state)
{
    UNUSED(state);
    struct search_options options = {.limit = 1};
    struct doc found = search(&options);
    char cursor[1024];
    snprintf(cursor, sizeof(cursor), "%.*s", STR_ARG(doc_text(found, "cursor")));
    options = (struct search_options){.cursor = str_of(cursor), .sort = SORT_NAME};
    refused(&options, "cursor");
    options = (struct search_options){.cursor = STR("5z")};
    refused(&options, "cursor");
    options = (struct search_options){.cursor = STR("")};
    refused(&options, "cursor");
    options = (struct search_options){.limit = 5000};
    refused(&options, "limit");
    options = (struct search_options){
        .has_price_from = true, .price_from = 2, .has_price_to = true, .price_to = 1};
    refused(&options, "price_from");
    options = words("a b c d e f g h i j k l m n o p q");
    refused(&options, "words");
    options = words("\xff");
    refused(&options, "words");
}

static void check_facets(void)
{
    struct search_options options = {.with_facets = true, .limit = 1};
    struct doc found = search(&options);
    struct doc_value value;
    assert_true(doc_find(found, "facets.categories.0.category_id", &value));
    assert_true(str_is(value.text, "home"));
    assert_true(doc_find(found, "facets.categories.0.count", &value));
    assert_int_equal(value.integer, 2);
    assert_true(doc_find(found, "facets.attributes.colour.0.value", &value));
    assert_true(str_is(value.text, "white"));
    assert_true(doc_find(found, "facets.attributes.colour.0.count", &value));
    assert_int_equal(value.integer, 2);
    assert_true(doc_find(found, "facets.price.maximum", &value));
    assert_int_equal(value.decimal.coefficient, 1200);
    int64_t in_ranges = 0;
    assert_true(doc_find(found, "facets.price.ranges", &value));
    assert_true(doc_count(value.child) <= 6);
    struct doc_iter it;
    for (doc_iter_init(&it, value.child); doc_iter_next(&it);) {
        in_ranges += doc_int(it.value.child, "count", 0);
    }
    assert_int_equal(in_ranges, 4);
}

static void facets_count_all_that_was_found(void **state)
{
    UNUSED(state);
    both_ways(check_facets);
}

static void without_live_nothing_is_left_out(void **state)
{
    UNUSED(state);
    shop_fixture_away(fixture, ROLE_LIVE, true);
    struct search_options options = {.in_stock_only = true};
    assert_found(&options, "cafe frame heart wrap");
    assert_int_equal(doc_count(doc_child(fixture_call_answer(&call), "degraded")), 1);
}

static void words_are_folded(void **state)
{
    UNUSED(state);
    struct token_list list = {.arena = &call.arena};
    tokens_add(&list, STR("Straße ŒUVRE Łódź children’s 50CM x-ray Ελλάδα — ok"), 1);
    static const char *const expected[] = {"strasse", "oeuvre", "lodz",   "childrens", "50cm",
                                           "x",       "ray",    "Ελλάδα", "ok"};
    assert_int_equal(list.count, ARRAY_LENGTH(expected));
    for (size_t i = 0; i < list.count; i++) {
        assert_string_equal(list.items[i].text, expected[i]);
    }
    struct token_list long_one = {.arena = &call.arena};
    tokens_add(&long_one, STR("abcdefghijabcdefghijabcdefghijabcdefghij b"), 1);
    assert_int_equal(long_one.count, 2);
    assert_int_equal(long_one.items[0].len, TOKEN_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_shop, close_shop)
    const struct CMUnitTest tests[] = {
        TEST(words_are_found),
        TEST(filters_narrow),
        TEST(sorts_order),
        TEST(pages_follow_each_other),
        TEST(wrong_questions_are_refused),
        TEST(facets_count_all_that_was_found),
        TEST(without_live_nothing_is_left_out),
        TEST(words_are_folded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
