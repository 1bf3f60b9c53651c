/* test_insights.c - what is said of one customer, with figures computed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/analytics/analytics_parts.h"
#include "tests/support/sales_facts.h"

/* The fixture's clock stands at 2011-12-01T12:00:00Z. */
static const struct sales_fact ann_facts[] = {
    {SALE_PLACED,
     "o1",
     NULL,
     "ann",
     "GB",
     "2011-10-01T10:00:00Z",
     {{"mug", "kitchen", 2, 1000, false}, {"delivery:post", NULL, 1, 300, true}},
     {{0}}},
    {SALE_PLACED,
     "o2",
     NULL,
     "ann",
     "GB",
     "2011-10-29T10:00:00Z",
     {{"tea", "food", 1, 500, false}},
     {{0}}},
    {SALE_PLACED,
     "o3",
     NULL,
     "ann",
     "GB",
     "2011-11-20T10:00:00Z",
     {{"mug", "kitchen", 1, 500, false}},
     {{0}}},
    {SALE_CANCELLED,
     "o3/1",
     "o3",
     "ann",
     "GB",
     "2011-11-21T10:00:00Z",
     {{"mug", "kitchen", 1, 500, false}},
     {{0}}},
    {SALE_PLACED,
     "o4",
     NULL,
     "ann",
     "GB",
     "2011-11-30T10:00:00Z",
     {{"tea", "food", 4, 2000, false}},
     {{0}}},
    {SALE_RETURNED,
     "o4/1",
     "o4",
     "ann",
     "GB",
     "2011-12-01T08:00:00Z",
     {{"tea", "food", 1, 500, false}},
     {{0}}},
};

static int set_up(void **state)
{
    struct shop_fixture *fixture = shop_fixture_open(0);
    *state = fixture;
    assert_true(analytics_open(&fixture->shop, NULL));
    sales_document(fixture, COLLECTION_CUSTOMERS, "ann",
                   "{'customer_id': 'ann', 'name': 'Ann', 'email': 'ann@example.com',"
                   " 'secret': 'x', 'created_at': 1317462000000000}");
    sales_document(fixture, COLLECTION_CUSTOMERS, "bob", "{'customer_id': 'bob'}");
    sales_document(fixture, COLLECTION_PRODUCTS, "tea",
                   "{'product_id': 'tea', 'name': 'Green tea', 'skus': ['tea'],"
                   " 'item_ids': ['tea']}");
    return 0;
}

static int tear_down(void **state)
{
    struct shop_fixture *fixture = *state;
    analytics_close(&fixture->shop);
    shop_fixture_close(&fixture);
    return 0;
}

static void apply_ann(struct shop_fixture *fixture)
{
    sales_apply(fixture, ann_facts, ARRAY_LENGTH(ann_facts));
}

static bool ask_at(struct shop_fixture *fixture, struct call *call, const char *customer,
                   const char *as_of, ecommerce_error *err)
{
    struct insights_options options = {.has_as_of = as_of != NULL,
                                       .as_of = as_of ? sales_time(as_of) : 0};
    fixture_call_begin(&fixture->shop, call);
    return analytics_get_customer_insights(call, str_of(customer), &options, err);
}

static struct doc ask(struct shop_fixture *fixture, struct call *call, const char *customer)
{
    ecommerce_error err = {0};
    if (!ask_at(fixture, call, customer, NULL, &err)) {
        fail_msg("%s: %s", ecommerce_error_name(err.code), err.message);
    }
    return fixture_call_answer(call);
}

/* ---- sums ---- */

static void test_spend_is_gross_less_cancelled_and_returned(void **state)
{
    struct call call;
    apply_ann(*state);
    struct doc answer = ask(*state, &call, "ann");
    sales_text(answer, "currency", "GBP");
    assert_int_equal(sales_int(answer, "orders.placed"), 4);
    assert_int_equal(sales_int(answer, "orders.active"), 3);
    assert_int_equal(sales_int(answer, "orders.cancelled"), 1);
    assert_int_equal(sales_money(answer, "spend.gross"), 4300);
    assert_int_equal(sales_money(answer, "spend.cancelled"), 500);
    assert_int_equal(sales_money(answer, "spend.returned"), 500);
    assert_int_equal(sales_money(answer, "spend.net"), 3300);
    assert_int_equal(sales_money(answer, "average_order"), 1267); /* 3800 / 3 */
    assert_int_equal(sales_money(answer, "returns.value"), 500);
    sales_near(answer, "returns.rate", 500.0 / 3800);
    assert_int_equal(sales_int(answer, "returns.units_back"), 2);
    sales_degraded(answer, NULL);
    fixture_call_end(&call);
}

static void test_profile_shows_what_it_names_and_no_more(void **state)
{
    struct call call;
    struct doc answer = ask(*state, &call, "ann");
    sales_text(answer, "profile.name", "Ann");
    sales_text(answer, "profile.email", "ann@example.com");
    assert_int_equal(sales_int(answer, "profile.created_at"), INT64_C(1317462000000000));
    assert_int_equal(doc_count(doc_child(answer, "profile")), 3);
    fixture_call_end(&call);
}

static void test_frequency_and_prediction(void **state)
{
    struct call call;
    apply_ann(*state);
    struct doc answer = ask(*state, &call, "ann");
    /* From 10-01T10:00 to 12-01T12:00 are 61 days and 2 hours. */
    double months = (61 + 2 / 24.0) / 30.436875;
    assert_int_equal(sales_int(answer, "first_order"), sales_time("2011-10-01T10:00:00Z"));
    assert_int_equal(sales_int(answer, "last_order"), sales_time("2011-11-30T10:00:00Z"));
    sales_near(answer, "frequency.days_between_orders", 20);
    sales_near(answer, "frequency.months_observed", months);
    sales_near(answer, "frequency.orders_per_month", 3 / months);
    assert_int_equal(sales_int(answer, "predicted_months"), 12);
    assert_int_equal(sales_money(answer, "predicted_value"), 22722); /* 3800 / 2.006885 * 12 */
    fixture_call_end(&call);
}

static void test_somebody_new_is_observed_for_a_month(void **state)
{
    static const struct sales_fact fact = {SALE_PLACED,
                                           "b1",
                                           NULL,
                                           "bob",
                                           NULL,
                                           "2011-12-01T11:00:00Z",
                                           {{"tea", "food", 1, 500, false}},
                                           {{0}}};
    struct call call;
    sales_apply(*state, &fact, 1);
    struct doc answer = ask(*state, &call, "bob");
    sales_near(answer, "frequency.months_observed", 1);
    assert_true(sales_null(answer, "frequency.days_between_orders"));
    assert_int_equal(sales_money(answer, "predicted_value"), 6000);
    fixture_call_end(&call);
}

static void test_somebody_without_orders(void **state)
{
    struct call call;
    apply_ann(*state);
    struct doc answer = ask(*state, &call, "bob");
    assert_int_equal(sales_int(answer, "orders.placed"), 0);
    assert_int_equal(sales_money(answer, "spend.net"), 0);
    assert_true(sales_null(answer, "average_order"));
    assert_true(sales_null(answer, "first_order"));
    assert_true(sales_null(answer, "frequency"));
    assert_true(sales_null(answer, "returns.rate"));
    assert_true(sales_null(answer, "rfm"));
    assert_int_equal(sales_money(answer, "predicted_value"), 0);
    assert_int_equal(sales_rows(answer, "monthly"), 0);
    assert_int_equal(sales_rows(answer, "favourite_products"), 0);
    fixture_call_end(&call);
}

/* ---- lists ---- */

static void test_favourites_go_by_net_without_services(void **state)
{
    struct call call;
    apply_ann(*state);
    struct doc answer = ask(*state, &call, "ann");
    assert_int_equal(sales_rows(answer, "favourite_products"), 2);
    struct doc first = sales_row(answer, "favourite_products", 0);
    sales_text(first, "product_id", "tea");
    sales_text(first, "name", "Green tea");
    assert_int_equal(sales_money(first, "net"), 2000);
    assert_int_equal(sales_int(first, "units"), 5);
    assert_int_equal(sales_money(sales_row(answer, "favourite_products", 1), "net"), 1000);
    assert_int_equal(sales_rows(answer, "favourite_categories"), 2);
    sales_text(sales_row(answer, "favourite_categories", 0), "category", "food");
    sales_text(sales_row(answer, "favourite_categories", 1), "category", "kitchen");
    fixture_call_end(&call);
}

static void test_months_have_no_gaps(void **state)
{
    static const struct sales_fact facts[] = {
        /* 23:30 UTC is 00:30 of the first of August in London. */
        {SALE_PLACED,
         "b1",
         NULL,
         "bob",
         NULL,
         "2011-07-31T23:30:00Z",
         {{"tea", "food", 1, 500, false}},
         {{0}}},
        {SALE_PLACED,
         "b2",
         NULL,
         "bob",
         NULL,
         "2011-11-05",
         {{"tea", "food", 2, 900, false}},
         {{0}}},
    };
    static const char *const periods[] = {"2011-08", "2011-09", "2011-10", "2011-11", "2011-12"};
    static const int64_t gross[] = {500, 0, 0, 900, 0};
    struct call call;
    sales_apply(*state, facts, ARRAY_LENGTH(facts));
    struct doc answer = ask(*state, &call, "bob");
    assert_int_equal(sales_rows(answer, "monthly"), ARRAY_LENGTH(periods));
    for (size_t i = 0; i < ARRAY_LENGTH(periods); i++) {
        struct doc row = sales_row(answer, "monthly", i);
        sales_text(row, "period", periods[i]);
        assert_int_equal(sales_money(row, "gross"), gross[i]);
    }
    assert_int_equal(sales_int(sales_row(answer, "monthly", 0), "start"),
                     sales_time("2011-07-31T23:00:00Z"));
    fixture_call_end(&call);
}

static void test_returns_count_when_they_come_back(void **state)
{
    struct call call;
    apply_ann(*state);
    struct doc answer = ask(*state, &call, "ann");
    struct doc december = sales_row(answer, "monthly", 2);
    sales_text(december, "period", "2011-12");
    assert_int_equal(sales_int(december, "orders"), 0);
    assert_int_equal(sales_money(december, "net"), -500);
    fixture_call_end(&call);
}

static void test_open_carts_are_summed_up(void **state)
{
    struct shop_fixture *fixture = *state;
    struct call call;
    fixture_call_begin(&fixture->shop, &call);
    struct live_request put = call_live(&call, LIVE_PUT);
    put.space = SPACE_CARTS;
    put.key = STR("cart-1");
    put.owner = STR("ann");
    put.version = VERSION_ANY;
    put.expires_at = sales_time("2011-12-09");
    put.doc = fixture_doc(&call, "{'items': [{'item_id': 'tea', 'quantity': 2},"
                                 " {'item_id': 'mug', 'quantity': 3}]}");
    assert_true(live_run(fixture->live, &put, NULL));
    put.key = STR("cart-2");
    put.doc = fixture_doc(&call, "{'items': []}");
    assert_true(live_run(fixture->live, &put, NULL));
    fixture_call_end(&call);
    struct doc answer = ask(fixture, &call, "ann");
    assert_int_equal(sales_rows(answer, "open_carts"), 1);
    struct doc cart = sales_row(answer, "open_carts", 0);
    sales_text(cart, "cart_id", "cart-1");
    assert_int_equal(sales_int(cart, "items"), 2);
    assert_int_equal(sales_int(cart, "units"), 5);
    fixture_call_end(&call);
}

/* ---- as_of ---- */

static void test_as_of_leaves_out_what_came_later(void **state)
{
    struct call call;
    ecommerce_error err = {0};
    apply_ann(*state);
    /* At the very instant of the second order. */
    assert_true(ask_at(*state, &call, "ann", "2011-10-29T10:00:00Z", &err));
    struct doc answer = fixture_call_answer(&call);
    assert_int_equal(sales_int(answer, "orders.placed"), 2);
    assert_int_equal(sales_money(answer, "spend.net"), 1800);
    assert_int_equal(sales_int(answer, "as_of"), sales_time("2011-10-29T10:00:00Z"));
    fixture_call_end(&call);
    /* Before the cancellation the third order is active. */
    assert_true(ask_at(*state, &call, "ann", "2011-11-20T10:00:00Z", &err));
    assert_int_equal(sales_int(fixture_call_answer(&call), "orders.active"), 3);
    fixture_call_end(&call);
}

static void test_as_of_is_now_while_sales_are_new(void **state)
{
    struct shop_fixture *fixture = *state;
    struct call call;
    apply_ann(fixture);
    struct doc answer = ask(fixture, &call, "ann");
    assert_int_equal(sales_int(answer, "as_of"), sales_time("2011-12-01T12:00:00Z"));
    fixture_call_end(&call);
    /* The newest sale is of 11-30T10:00: thirty days later it is just new enough. */
    fake_seams_set_wall(&fixture->clock, sales_time("2011-12-30T10:00:00Z"));
    answer = ask(fixture, &call, "ann");
    assert_int_equal(sales_int(answer, "as_of"), sales_time("2011-12-30T10:00:00Z"));
    fixture_call_end(&call);
    fake_seams_set_wall(&fixture->clock, sales_time("2011-12-30T10:00:01Z"));
    answer = ask(fixture, &call, "ann");
    assert_int_equal(sales_int(answer, "as_of"), sales_time("2011-11-30T10:00:00Z"));
    /* That sale counts; the return after it does not. */
    assert_int_equal(sales_int(answer, "orders.placed"), 4);
    assert_int_equal(sales_money(answer, "spend.returned"), 0);
    fixture_call_end(&call);
}

/* ---- RFM ---- */

static void test_scores_are_fifths_and_ties_share_the_middle(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(rfm_score(i, 1, 10), i / 2 + 1);
    }
    assert_int_equal(rfm_score(0, 7, 7), 3);
    assert_int_equal(rfm_score(0, 1, 1), 3);
    assert_int_equal(rfm_score(0, 60, 100), 2);  /* middle of places 0 to 59: 30% */
    assert_int_equal(rfm_score(60, 40, 100), 5); /* middle of places 60 to 99: 80% */
}

static void test_segments(void **state)
{
    (void)state;
    static const struct {
        int recency, frequency, monetary;
        const char *segment;
    } rows[] = {{5, 5, 5, "champions"}, {4, 3, 4, "champions"},
                {3, 5, 5, "loyal"},     {5, 1, 1, "new"},
                {4, 1, 1, "promising"}, {1, 5, 5, "at_risk"},
                {2, 3, 3, "at_risk"},   {2, 1, 2, "hibernating"},
                {1, 1, 1, "lost"},      {3, 1, 1, "needs_attention"}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct rfm rfm = {.recency = rows[i].recency,
                          .frequency = rows[i].frequency,
                          .monetary = rows[i].monetary};
        assert_string_equal(rfm_segment(&rfm), rows[i].segment);
    }
}

/* Ann and four more; guests and who has only a cancelled order are not compared. */
static void apply_five(struct shop_fixture *fixture)
{
    static const struct sales_fact others[] = {
        {SALE_PLACED,
         "p1",
         NULL,
         "c1",
         NULL,
         "2011-11-01",
         {{"tea", "food", 1, 100, false}},
         {{0}}},
        {SALE_PLACED,
         "p2",
         NULL,
         "c2",
         NULL,
         "2011-11-02",
         {{"tea", "food", 1, 200, false}},
         {{0}}},
        {SALE_PLACED,
         "p3",
         NULL,
         "c3",
         NULL,
         "2011-11-03",
         {{"tea", "food", 1, 300, false}},
         {{0}}},
        {SALE_PLACED,
         "p4",
         NULL,
         "c4",
         NULL,
         "2011-11-04",
         {{"tea", "food", 1, 400, false}},
         {{0}}},
        {SALE_PLACED,
         "p5",
         NULL,
         "bob",
         NULL,
         "2011-11-05",
         {{"tea", "food", 1, 900, false}},
         {{0}}},
        {SALE_CANCELLED,
         "p5/1",
         "p5",
         "bob",
         NULL,
         "2011-11-06",
         {{"tea", "food", 1, 900, false}},
         {{0}}},
        {SALE_PLACED,
         "p6",
         NULL,
         NULL,
         NULL,
         "2011-11-07",
         {{"tea", "food", 1, 9900, false}},
         {{0}}},
    };
    apply_ann(fixture);
    sales_apply(fixture, others, ARRAY_LENGTH(others));
    sales_document(fixture, COLLECTION_CUSTOMERS, "c1", "{'customer_id': 'c1'}");
}

static void test_rfm_compares_customers_with_active_orders(void **state)
{
    struct call call;
    apply_five(*state);
    struct doc answer = ask(*state, &call, "ann");
    assert_int_equal(sales_int(answer, "rfm.customers"), 5);
    assert_int_equal(sales_int(answer, "rfm.recency"), 5);
    assert_int_equal(sales_int(answer, "rfm.frequency"), 5);
    assert_int_equal(sales_int(answer, "rfm.monetary"), 5);
    sales_text(answer, "rfm.segment", "champions");
    fixture_call_end(&call);
    /* One order like three others: places 0 to 3 of five, their middle is at 40%. */
    answer = ask(*state, &call, "c1");
    assert_int_equal(sales_int(answer, "rfm.recency"), 1);
    assert_int_equal(sales_int(answer, "rfm.frequency"), 3);
    assert_int_equal(sales_int(answer, "rfm.monetary"), 1);
    sales_text(answer, "rfm.segment", "lost");
    fixture_call_end(&call);
    answer = ask(*state, &call, "bob");
    assert_true(sales_null(answer, "rfm"));
    fixture_call_end(&call);
}

static long rankings(struct shop_fixture *fixture)
{
    struct call call;
    failing_stores_forget(&fixture->stores);
    ask(fixture, &call, "ann");
    fixture_call_end(&call);
    return failing_stores_count_of(&fixture->stores, ROLE_TIMESERIES, TIMESERIES_RANKING);
}

static void test_rfm_is_remembered_until_something_sells(void **state)
{
    struct shop_fixture *fixture = *state;
    apply_five(fixture);
    assert_int_equal(rankings(fixture), 3); /* products, categories, all customers */
    assert_int_equal(rankings(fixture), 2);
    live_changed(fixture->shop.live, STR("recommendations"));
    assert_int_equal(rankings(fixture), 3);
    assert_int_equal(rankings(fixture), 2);
    shop_fixture_advance(fixture, settings_duration(fixture->settings, SETTING_CACHE_LIFETIME));
    assert_int_equal(rankings(fixture), 3);
    fake_seams_set_wall(&fixture->clock, sales_time("2011-12-02"));
    assert_int_equal(rankings(fixture), 3);
}

static void test_rfm_of_other_instants_is_kept_apart(void **state)
{
    struct shop_fixture *fixture = *state;
    struct call call;
    ecommerce_error err = {0};
    static const char *const instants[] = {"2011-10-02", "2011-11-02", "2011-11-03",
                                           "2011-11-04", "2011-11-05", "2011-10-02"};
    static const int64_t customers[] = {1, 3, 4, 5, 6, 1};
    apply_five(fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(instants); i++) {
        assert_true(ask_at(fixture, &call, "ann", instants[i], &err));
        assert_int_equal(sales_int(fixture_call_answer(&call), "rfm.customers"), customers[i]);
        fixture_call_end(&call);
    }
}

static void test_rfm_without_a_cache(void **state)
{
    struct shop_fixture *fixture = *state;
    analytics_close(&fixture->shop);
    apply_five(fixture);
    assert_int_equal(rankings(fixture), 3);
    assert_int_equal(rankings(fixture), 3);
}

/* ---- what may be missing ---- */

static void expect_error(struct shop_fixture *fixture, const char *customer,
                         enum ecommerce_error_code code)
{
    struct call call;
    ecommerce_error err = {0};
    assert_false(ask_at(fixture, &call, customer, NULL, &err));
    assert_int_equal(err.code, code);
    fixture_call_end(&call);
}

static void test_unknown_and_erased_customers(void **state)
{
    struct shop_fixture *fixture = *state;
    sales_document(fixture, COLLECTION_CUSTOMERS, "eve", "{'customer_id': 'eve', 'erased': true}");
    expect_error(fixture, "nobody", ECOMMERCE_UNKNOWN_CUSTOMER);
    expect_error(fixture, "eve", ECOMMERCE_UNKNOWN_CUSTOMER);
    expect_error(fixture, "", ECOMMERCE_INVALID_ARGUMENT);
}

static void test_without_the_time_series(void **state)
{
    struct call call;
    apply_ann(*state);
    shop_fixture_away(*state, ROLE_TIMESERIES, true);
    struct doc answer = ask(*state, &call, "ann");
    sales_degraded(answer, "timeseries");
    sales_text(answer, "profile.name", "Ann");
    assert_true(doc_is_empty(doc_child(answer, "spend")));
    assert_int_equal(sales_rows(answer, "recommendations"), 0);
    fixture_call_end(&call);
}

static void test_without_the_live_store(void **state)
{
    struct call call;
    apply_ann(*state);
    shop_fixture_away(*state, ROLE_LIVE, true);
    struct doc answer = ask(*state, &call, "ann");
    sales_degraded(answer, "live");
    assert_int_equal(sales_money(answer, "spend.net"), 3300);
    fixture_call_end(&call);
}

static void test_without_the_graph(void **state)
{
    struct call call;
    apply_ann(*state);
    shop_fixture_away(*state, ROLE_GRAPH, true);
    struct doc answer = ask(*state, &call, "ann");
    sales_degraded(answer, "graph");
    assert_int_equal(sales_money(answer, "spend.net"), 3300);
    fixture_call_end(&call);
}

static void test_without_the_documents(void **state)
{
    struct call call;
    apply_ann(*state);
    shop_fixture_away(*state, ROLE_DOCUMENTS, true);
    struct doc answer = ask(*state, &call, "ann");
    sales_degraded(answer, "documents");
    assert_true(doc_is_empty(doc_child(answer, "profile")));
    assert_int_equal(sales_money(answer, "spend.net"), 3300);
    fixture_call_end(&call);
    /* Whether there is a Bob cannot be known then. */
    expect_error(*state, "bob", ECOMMERCE_UNAVAILABLE);
    shop_fixture_away(*state, ROLE_TIMESERIES, true);
    expect_error(*state, "ann", ECOMMERCE_UNAVAILABLE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_spend_is_gross_less_cancelled_and_returned),
        TEST(test_profile_shows_what_it_names_and_no_more),
        TEST(test_frequency_and_prediction),
        TEST(test_somebody_new_is_observed_for_a_month),
        TEST(test_somebody_without_orders),
        TEST(test_favourites_go_by_net_without_services),
        TEST(test_months_have_no_gaps),
        TEST(test_returns_count_when_they_come_back),
        TEST(test_open_carts_are_summed_up),
        TEST(test_as_of_leaves_out_what_came_later),
        TEST(test_as_of_is_now_while_sales_are_new),
        cmocka_unit_test(test_scores_are_fifths_and_ties_share_the_middle),
        cmocka_unit_test(test_segments),
        TEST(test_rfm_compares_customers_with_active_orders),
        TEST(test_rfm_is_remembered_until_something_sells),
        TEST(test_rfm_of_other_instants_is_kept_apart),
        TEST(test_rfm_without_a_cache),
        TEST(test_unknown_and_erased_customers),
        TEST(test_without_the_time_series),
        TEST(test_without_the_live_store),
        TEST(test_without_the_graph),
        TEST(test_without_the_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
