/*
 * test_recommendations.c - small histories whose answers were computed by hand: scores, order,
 * reasons, filter and cold start.
 */
#include "support/alloc.h"
#include "tests/support/basket_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t NOW = INT64_C(1323435000000000); /* 2011-12-09 12:50 */

struct shop {
    struct basket_index *index;
    struct recommend_scratch *scratch;
    int64_t next_key;
    struct suggestion found[16];
    size_t count;
};

static int open_shop(void **state)
{
    static struct shop shop;
    shop = (struct shop){.index = basket_index_new(NULL, NULL), .scratch = recommend_scratch_new()};
    *state = &shop;
    return shop.index && shop.scratch ? 0 : 1;
}

static int close_shop(void **state)
{
    struct shop *shop = *state;
    basket_index_free(&shop->index);
    recommend_scratch_free(&shop->scratch);
    return mem_live_blocks() ? 1 : 0;
}

/* `products` is one letter a product: "abc". */
static void sell(struct shop *shop, const char *customer, int64_t days_ago, const char *products)
{
    struct str ids[8];
    size_t count = 0;
    for (; products[count]; count++)
        ids[count] = str_make(products + count, 1);
    struct basket_entry entry = {.key = shop->next_key++,
                                 .time = NOW - days_ago * MODEL_DAY,
                                 .customer = str_of(customer),
                                 .products = ids,
                                 .product_count = count};
    assert_true(basket_index_add(shop->index, &entry, NULL));
}

static struct suggestion_query first(size_t limit)
{
    return (struct suggestion_query){.as_of = NOW, .limit = limit};
}

static void together(struct shop *shop, const char *product, size_t limit)
{
    struct suggestion_query query = first(limit);
    assert_true(recommend_bought_together(shop->index, shop->scratch, &query, str_of(product),
                                          shop->found, &shop->count, NULL));
}

static void similar(struct shop *shop, const char *product)
{
    struct suggestion_query query = first(16);
    assert_true(recommend_similar(shop->index, shop->scratch, &query, str_of(product), shop->found,
                                  &shop->count, NULL));
}

static void for_customer(struct shop *shop, const char *customer)
{
    struct suggestion_query query = first(16);
    assert_true(recommend_for_customer(shop->index, shop->scratch, &query, str_of(customer),
                                       shop->found, &shop->count, NULL));
}

static void again(struct shop *shop, const char *customer)
{
    struct suggestion_query query = first(16);
    assert_true(recommend_buy_again(shop->index, shop->scratch, &query, str_of(customer),
                                    shop->found, &shop->count, NULL));
}

static void trending(struct shop *shop, double days)
{
    struct suggestion_query query = first(16);
    assert_true(recommend_trending(shop->index, shop->scratch, &query, days, shop->found,
                                   &shop->count, NULL));
}

static void assert_order(const struct shop *shop, const char *products)
{
    assert_int_equal(shop->count, strlen(products));
    for (size_t at = 0; at < shop->count; at++) {
        assert_int_equal(shop->found[at].product.len, 1);
        assert_int_equal(shop->found[at].product.ptr[0], products[at]);
    }
}

static void assert_near(double value, double expected)
{
    if (fabs(value - expected) > 2e-7 * fabs(expected))
        fail_msg("%.10g is not %.10g", value, expected);
}

/* ---- scores ---- */

/*
 * Baskets ab and abc now: n_a = n_b = 2, n_c = 1; of five sales b has 2/5, c 1/5.
 *   b: 2^-0.1 * (2^-0.25 + 3^-0.25) + 37.6 * 0.4 = 0.93303299 * 1.60073210 + 15.04
 *   c: 3^-0.25 + 37.6 * 0.2                      = 0.75983569 + 7.52
 */
static void bought_together_walks_and_adds_the_prior(void **state)
{
    struct shop *shop = *state;
    sell(shop, NULL, 0, "ab");
    sell(shop, NULL, 0, "abc");
    together(shop, "a", 16);
    assert_order(shop, "bc");
    assert_near(shop->found[0].score, 16.533535862);
    assert_near(shop->found[1].score, 8.279835686);
    assert_int_equal(shop->found[0].together, 2);
    assert_int_equal(shop->found[1].together, 1);
    assert_int_equal(shop->found[0].reason, SUGGESTED_TOGETHER);
    assert_near(shop->found[0].share, 0.4);
    assert_int_equal(shop->found[0].recent, 2);
}

/* b: (2^-0.75 + 3^-0.75) / sqrt(2 * 2); c: 3^-0.75 / sqrt(2 * 1) */
static void similar_is_a_cosine(void **state)
{
    struct shop *shop = *state;
    sell(shop, NULL, 0, "ab");
    sell(shop, NULL, 0, "abc");
    sell(shop, NULL, 0, "d");
    similar(shop, "a");
    assert_order(shop, "bc");
    assert_near(shop->found[0].score, 0.516647448);
    assert_near(shop->found[1].score, 0.310201620);
    assert_int_equal(shop->found[0].reason, SUGGESTED_SIMILAR);
    assert_int_equal(shop->found[0].together, 2);
}

/* After 180 days a basket weighs 1/e: b 2^-0.75 / e / sqrt(2 * 1), c 2^-0.75 / sqrt(2 * 1). */
static void baskets_fade(void **state)
{
    struct shop *shop = *state;
    sell(shop, NULL, 180, "ab");
    sell(shop, NULL, 0, "ac");
    similar(shop, "a");
    assert_order(shop, "cb");
    assert_near(shop->found[0].score, 0.420448208);
    assert_near(shop->found[1].score, 0.154674250);
}

/*
 * Customer x bought a twice and b once, c once long ago but nobody does any more.
 * a: (2 + 0.1) * 1^0.3; b: (1 + 0.1) * (1/2)^0.3; c: (exp(-70/1500) + 0.1) * (exp(-10) / 2)^0.3
 */
static void buy_again_follows_the_trend(void **state)
{
    struct shop *shop = *state;
    sell(shop, "x", 70, "c");
    sell(shop, "x", 0, "a");
    sell(shop, "x", 0, "ab");
    sell(shop, "y", 0, "d");
    again(shop, "x");
    assert_order(shop, "abc");
    assert_near(shop->found[0].score, 2.1);
    assert_near(shop->found[1].score, 0.893477636);
    assert_near(shop->found[2].score, 0.042639805);
    assert_int_equal(shop->found[0].reason, SUGGESTED_OWN);
    assert_int_equal(shop->found[0].own_baskets, 2);
    assert_true(shop->found[0].own_last == NOW);
    assert_true(shop->found[2].own_last == NOW - 70 * MODEL_DAY);
    assert_int_equal(shop->found[2].recent, 0);
}

/*
 * x bought a; y bought a and b together; z bought c. p: a 1/2, b 1/4, c 1/4, max p 1/2.
 * N(a): S(a,a) = (1 + 2^-0.75) / 2 = 0.79730178, S(a,b) = 2^-0.75 / sqrt(2) = 0.42044821;
 * sum 1.21774999. own(a) = 1, near(a) = 0.65473356, near(b) = 0.34526644. a: (1 + 0.2 * 0.65473356
 * + 0.3 * 0.5) * (1 + 0.0001)^0.1 b: (0.2 * 0.34526644 + 0.3 * 0.25) * (0.5 + 0.0001)^0.1;  c: 0.3
 * * 0.25 * (0.5 + 0.0001)^0.1
 */
static void the_blend_takes_own_near_and_popular(void **state)
{
    struct shop *shop = *state;
    sell(shop, "x", 0, "a");
    sell(shop, "y", 0, "ab");
    sell(shop, "z", 0, "c");
    for_customer(shop, "x");
    assert_order(shop, "abc");
    assert_near(shop->found[0].score, 1.280959520);
    assert_near(shop->found[1].score, 0.134409159);
    assert_near(shop->found[2].score, 0.069978874);
    assert_int_equal(shop->found[0].reason, SUGGESTED_OWN);
    assert_int_equal(shop->found[0].own_baskets, 1);
    assert_int_equal(shop->found[2].reason, SUGGESTED_TRENDING);
    assert_int_equal(shop->found[2].own_baskets, 0);
    assert_true(shop->found[2].own_last == INT64_MIN);
}

static void what_is_near_names_its_cause(void **state)
{
    struct shop *shop = *state;
    sell(shop, "x", 0, "a");
    for (int n = 0; n < 3; n++)
        sell(shop, "y", 30, "ab");
    for (int n = 0; n < 9; n++)
        sell(shop, "z", 0, "c");
    for_customer(shop, "x");
    assert_order(shop, "acb");
    assert_int_equal(shop->found[2].reason, SUGGESTED_NEAR);
    assert_true(str_is(shop->found[2].because_of, "a"));
    assert_int_equal(shop->found[2].together, 3);
    assert_null(shop->found[1].because_of.ptr);
    assert_int_equal(shop->found[1].reason, SUGGESTED_TRENDING);
}

/* a sold 14 days ago, b now, c 7 days ago: over 14 days 1/e, 1 and 1/sqrt(e) of their sum. */
static void trending_decays(void **state)
{
    struct shop *shop = *state;
    sell(shop, NULL, 14, "a");
    sell(shop, NULL, 0, "b");
    sell(shop, NULL, 7, "c");
    trending(shop, 0);
    assert_order(shop, "bca");
    assert_near(shop->found[0].score, 0.506480391);
    assert_near(shop->found[1].score, 0.307195886);
    assert_near(shop->found[2].score, 0.186323723);
    assert_int_equal(shop->found[0].recent, 1);
    assert_int_equal(shop->found[1].recent, 1);
    assert_int_equal(shop->found[2].recent, 0); /* its window has just ended */
    trending(shop, 7);
    assert_near(shop->found[1].score, 0.244728471);
    assert_near(shop->found[1].share, 0.244728471);
    assert_int_equal(shop->found[1].recent, 0);
    trending(shop, 28);
    assert_near(shop->found[2].score, 0.254275213);
    assert_int_equal(shop->found[2].recent, 1);
}

static void recent_baskets_may_have_arrived_first(void **state)
{
    struct shop *shop = *state;
    sell(shop, NULL, 0, "a");
    sell(shop, NULL, 13, "a");
    sell(shop, NULL, 30, "a");
    sell(shop, NULL, 60, "ab");
    trending(shop, 0);
    assert_order(shop, "ab");
    assert_int_equal(shop->found[0].recent, 2);
    assert_int_equal(shop->found[1].recent, 0);
}

/* ---- order, filter, limit ---- */

static void equal_scores_go_by_id(void **state)
{
    struct shop *shop = *state;
    sell(shop, "x", 0, "zadcb");
    sell(shop, "x", 0, "bzcda");
    together(shop, "c", 16);
    assert_order(shop, "abdz");
    similar(shop, "z");
    assert_order(shop, "abcd");
    trending(shop, 0);
    assert_order(shop, "abcdz");
    again(shop, "x");
    assert_order(shop, "abcdz");
    for_customer(shop, "x");
    assert_order(shop, "abcdz");
}

/* Only every seventh product is in stock; each is asked about once, in the order of rank. */
struct stock {
    int asked[MODEL_PRODUCTS];
    int calls;
    int only; /* numbers divisible by this */
};

static bool in_stock(void *context, struct str product)
{
    struct stock *stock = context;
    int j = model_product(product);
    stock->asked[j]++;
    stock->calls++;
    return j % stock->only == 0;
}

static void sell_numbers(struct shop *shop)
{
    struct str ids[MODEL_PRODUCTS];
    for (int size = 1; size <= MODEL_PRODUCTS; size++) {
        for (int j = 0; j < size; j++)
            ids[j] = model_product_id(j);
        struct basket_entry entry = {.key = shop->next_key++,
                                     .time = NOW,
                                     .customer = STR("x"),
                                     .products = ids,
                                     .product_count = (size_t)size};
        assert_true(basket_index_add(shop->index, &entry, NULL));
    }
}

static void the_filter_is_asked_until_enough_are_accepted(void **state)
{
    struct shop *shop = *state;
    sell_numbers(shop);
    for (int only = 1; only <= 50; only += 7) {
        struct stock stock = {.only = only};
        struct suggestion_query query = {
            .as_of = NOW, .limit = 4, .accept = in_stock, .context = &stock};
        assert_true(recommend_trending(shop->index, shop->scratch, &query, 0, shop->found,
                                       &shop->count, NULL));
        size_t expected = 0;
        for (int j = 0; j < MODEL_PRODUCTS && expected < 4; j++) {
            if (j % only == 0) {
                assert_true(expected < shop->count);
                assert_int_equal(model_product(shop->found[expected++].product), j);
            }
            assert_int_equal(stock.asked[j], 1);
        }
        assert_int_equal(shop->count, expected);
        assert_in_range(stock.calls, 1, only == 1 ? 4 : MODEL_PRODUCTS);
    }
}

static void no_more_than_the_limit_are_given(void **state)
{
    struct shop *shop = *state;
    sell_numbers(shop);
    for (size_t limit = 0; limit <= 16; limit++) {
        struct suggestion_query query = first(limit);
        assert_true(recommend_for_customer(shop->index, shop->scratch, &query, STR("x"),
                                           shop->found, &shop->count, NULL));
        assert_int_equal(shop->count, limit);
    }
}

/* ---- cold start ---- */

static void strangers_get_what_is_trending(void **state)
{
    struct shop *shop = *state;
    together(shop, "a", 16);
    assert_int_equal(shop->count, 0);
    for_customer(shop, "x");
    assert_int_equal(shop->count, 0);

    sell(shop, "x", 0, "ab");
    sell(shop, "x", 1, "b");
    together(shop, "unknown", 16);
    assert_order(shop, "ba");
    assert_int_equal(shop->found[0].reason, SUGGESTED_TRENDING);
    assert_int_equal(shop->found[0].recent, 2);
    similar(shop, "unknown");
    assert_order(shop, "ba");
    for_customer(shop, "unknown");
    assert_order(shop, "ba");
    assert_int_equal(shop->found[0].reason, SUGGESTED_TRENDING);
    again(shop, "unknown");
    assert_order(shop, "ba");
    for_customer(shop, NULL);
    assert_order(shop, "ba");
}

static void who_returned_everything_is_a_stranger(void **state)
{
    struct shop *shop = *state;
    sell(shop, "x", 0, "a");
    sell(shop, "y", 0, "b");
    assert_true(basket_index_remove(shop->index, 0));
    again(shop, "x");
    assert_order(shop, "b");
    assert_int_equal(shop->found[0].reason, SUGGESTED_TRENDING);
    together(shop, "a", 16);
    assert_order(shop, "b");
}

/* Asked as of two days ago, what was sold since is unknown, and so is its customer. */
static void the_future_is_unknown(void **state)
{
    struct shop *shop = *state;
    sell(shop, "x", 0, "ab");
    sell(shop, "y", 3, "ac");
    struct suggestion_query query = {.as_of = NOW - 2 * MODEL_DAY, .limit = 16};
    assert_true(recommend_bought_together(shop->index, shop->scratch, &query, STR("a"), shop->found,
                                          &shop->count, NULL));
    assert_order(shop, "c");
    assert_int_equal(shop->found[0].together, 1);
    assert_int_equal(shop->found[0].recent, 1);
    assert_true(recommend_buy_again(shop->index, shop->scratch, &query, STR("x"), shop->found,
                                    &shop->count, NULL));
    assert_order(shop, "ac");
    assert_int_equal(shop->found[0].reason, SUGGESTED_TRENDING);
    query.as_of = NOW - 4 * MODEL_DAY;
    assert_true(
        recommend_trending(shop->index, shop->scratch, &query, 0, shop->found, &shop->count, NULL));
    assert_int_equal(shop->count, 0);
}

int main(void)
{
#define SHOP_TEST(name) cmocka_unit_test_setup_teardown(name, open_shop, close_shop)
    const struct CMUnitTest tests[] = {
        SHOP_TEST(bought_together_walks_and_adds_the_prior),
        SHOP_TEST(similar_is_a_cosine),
        SHOP_TEST(baskets_fade),
        SHOP_TEST(buy_again_follows_the_trend),
        SHOP_TEST(the_blend_takes_own_near_and_popular),
        SHOP_TEST(what_is_near_names_its_cause),
        SHOP_TEST(trending_decays),
        SHOP_TEST(recent_baskets_may_have_arrived_first),
        SHOP_TEST(equal_scores_go_by_id),
        SHOP_TEST(the_filter_is_asked_until_enough_are_accepted),
        SHOP_TEST(no_more_than_the_limit_are_given),
        SHOP_TEST(strangers_get_what_is_trending),
        SHOP_TEST(who_returned_everything_is_a_stranger),
        SHOP_TEST(the_future_is_unknown),
    };
    return cmocka_run_group_tests_name("recommendations", tests, NULL, NULL);
}
