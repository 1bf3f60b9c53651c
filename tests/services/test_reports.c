/* test_reports.c - reports over all sales, with figures computed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "operations/operation.h"
#include "services/analytics/analytics_parts.h"
#include "tests/support/sales_facts.h"

/* The fixture's clock stands at 2011-12-01T12:00:00Z, in London. */
static const struct sales_fact autumn[] = {
    {SALE_PLACED,
     "o1",
     NULL,
     "ann",
     "GB",
     "2011-11-20T10:00:00Z",
     {{"mug", "kitchen", 3, 3000, false},
      {"tea", "food", 1, 500, false},
      {"delivery:post", NULL, 1, 400, true}},
     {{0}}},
    {SALE_PLACED,
     "o2",
     NULL,
     "ann",
     "GB",
     "2011-11-22T10:00:00Z",
     {{"tea", "food", 1, 500, false}},
     {{0}}},
    {SALE_PLACED,
     "o3",
     NULL,
     "bob",
     "FR",
     "2011-11-22T11:00:00Z",
     {{"tea", "food", 4, 2000, false}},
     {{0}}},
    {SALE_PLACED,
     "o4",
     NULL,
     NULL,
     "FR",
     "2011-11-22T12:00:00Z",
     {{"mug", "kitchen", 1, 1000, false}},
     {{0}}},
    {SALE_PLACED,
     "o5",
     NULL,
     "cid",
     "GB",
     "2011-11-23T10:00:00Z",
     {{"tea", "food", 2, 1000, false}},
     {{0}}},
    {SALE_PLACED,
     "o6",
     NULL,
     "cid",
     "GB",
     "2011-11-23T11:00:00Z",
     {{"mug", "kitchen", 2, 2000, false}},
     {{0}}},
    {SALE_CANCELLED,
     "o6/1",
     "o6",
     "cid",
     "GB",
     "2011-11-24T10:00:00Z",
     {{"mug", "kitchen", 2, 2000, false}},
     {{0}}},
    {SALE_RETURNED,
     "o1/1",
     "o1",
     "ann",
     "GB",
     "2011-11-24T11:00:00Z",
     {{"mug", "kitchen", 1, 1000, false}},
     {{0}}},
};

static int set_up(void **state)
{
    *state = shop_fixture_open(0);
    return 0;
}

static int tear_down(void **state)
{
    shop_fixture_close((struct shop_fixture **)state);
    return 0;
}

static struct doc run(struct shop_fixture *fixture, struct call *call, const char *name,
                      const struct report_options *options)
{
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, call);
    if (!analytics_report(call, str_of(name), options, &err)) {
        fail_msg("%s: %s %s", ecommerce_error_name(err.code), err.field, err.message);
    }
    return fixture_call_answer(call);
}

static void refuse(struct shop_fixture *fixture, const char *name,
                   const struct report_options *options, enum ecommerce_error_code code,
                   const char *field)
{
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    assert_false(analytics_report(&call, str_of(name), options, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.field, field);
    fixture_call_end(&call);
}

static struct report_options range(const char *from, const char *to)
{
    return (struct report_options){
        .has_from = true, .has_to = true, .from = sales_time(from), .to = sales_time(to)};
}

static struct report_options series(const char *from, const char *to, enum grain by)
{
    struct report_options options = range(from, to);
    options.has_by = true;
    options.by = by;
    return options;
}

/* ---- sales ---- */

static void test_sales_by_day(void **state)
{
    struct call call;
    struct report_options options = series("2011-11-20", "2011-11-26", GRAIN_DAY);
    sales_apply(*state, autumn, ARRAY_LENGTH(autumn));
    struct doc answer = run(*state, &call, "sales", &options);
    sales_text(answer, "currency", "GBP");
    sales_text(answer, "by", "day");
    assert_int_equal(sales_rows(answer, "rows"), 6);
    struct doc first = sales_row(answer, "rows", 0);
    sales_text(first, "period", "2011-11-20");
    assert_int_equal(sales_money(first, "gross"), 3900);
    assert_int_equal(sales_int(first, "units"), 5);
    struct doc empty = sales_row(answer, "rows", 1);
    sales_text(empty, "period", "2011-11-21");
    assert_int_equal(sales_money(empty, "gross"), 0);
    assert_int_equal(sales_int(empty, "orders"), 0);
    assert_true(sales_null(empty, "average_order"));
    /* What was taken back counts on its own day, which sold nothing. */
    struct doc after = sales_row(answer, "rows", 4);
    assert_int_equal(sales_money(after, "gross"), 0);
    assert_int_equal(sales_money(after, "cancelled"), 2000);
    assert_int_equal(sales_money(after, "returned"), 1000);
    assert_int_equal(sales_money(after, "net"), -3000);
    assert_int_equal(sales_int(after, "units_back"), 3);
    fixture_call_end(&call);
}

static void test_guests_are_in_the_sums_but_no_customers(void **state)
{
    struct call call;
    struct report_options options = series("2011-11-20", "2011-11-26", GRAIN_DAY);
    sales_apply(*state, autumn, ARRAY_LENGTH(autumn));
    struct doc answer = run(*state, &call, "sales", &options);
    struct doc row = sales_row(answer, "rows", 2);
    assert_int_equal(sales_int(row, "orders"), 3);
    assert_int_equal(sales_int(row, "customers"), 2);
    assert_int_equal(sales_money(row, "gross"), 3500);
    fixture_call_end(&call);
}

static void test_totals_are_ratios_of_sums_and_distinct_customers(void **state)
{
    struct call call;
    struct report_options options = series("2011-11-20", "2011-11-26", GRAIN_DAY);
    sales_apply(*state, autumn, ARRAY_LENGTH(autumn));
    struct doc answer = run(*state, &call, "sales", &options);
    struct doc totals = doc_child(answer, "totals");
    assert_int_equal(sales_money(totals, "gross"), 10400);
    assert_int_equal(sales_money(totals, "net"), 7400);
    assert_int_equal(sales_int(totals, "orders"), 6);
    assert_int_equal(sales_int(totals, "customers"), 3); /* days: 1 + 2 + 1 */
    /* 10400 / 6, not the mean of 3900, 1167 and 1500 */
    assert_int_equal(sales_money(totals, "average_order"), 1733);
    fixture_call_end(&call);
}

static void test_filters(void **state)
{
    struct call call;
    struct report_options options = range("2011-11-20", "2011-11-26");
    sales_apply(*state, autumn, ARRAY_LENGTH(autumn));
    options.filter.country = STR("FR");
    struct doc answer = run(*state, &call, "sales", &options);
    assert_int_equal(sales_money(answer, "totals.gross"), 3000);
    fixture_call_end(&call);
    options.filter.category = STR("food");
    answer = run(*state, &call, "sales", &options);
    assert_int_equal(sales_money(answer, "totals.gross"), 2000);
    fixture_call_end(&call);
    options.filter = (struct sales_filter){.product_id = STR("mug")};
    answer = run(*state, &call, "sales", &options);
    assert_int_equal(sales_money(answer, "totals.gross"), 6000);
    assert_int_equal(sales_money(answer, "totals.net"), 3000);
    assert_int_equal(sales_int(answer, "totals.orders"), 3);
    fixture_call_end(&call);
    options.filter.product_id = STR("never sold");
    answer = run(*state, &call, "sales", &options);
    assert_int_equal(sales_rows(answer, "rows"), 6);
    assert_int_equal(sales_money(answer, "totals.gross"), 0);
    fixture_call_end(&call);
}

static void test_a_day_of_25_hours(void **state)
{
    static const struct sales_fact facts[] = {
        /* 00:30 on the 30th in London */
        {SALE_PLACED,
         "p0",
         NULL,
         "ann",
         NULL,
         "2011-10-29T23:30:00Z",
         {{"tea", NULL, 1, 1, false}},
         {{0}}},
        /* half past one, and an hour later half past one again */
        {SALE_PLACED,
         "p1",
         NULL,
         "ann",
         NULL,
         "2011-10-30T00:30:00Z",
         {{"tea", NULL, 1, 10, false}},
         {{0}}},
        {SALE_PLACED,
         "p2",
         NULL,
         "ann",
         NULL,
         "2011-10-30T01:30:00Z",
         {{"tea", NULL, 1, 100, false}},
         {{0}}},
        {SALE_PLACED,
         "p3",
         NULL,
         "ann",
         NULL,
         "2011-10-30T23:59:59Z",
         {{"tea", NULL, 1, 1000, false}},
         {{0}}},
        {SALE_PLACED,
         "p4",
         NULL,
         "ann",
         NULL,
         "2011-10-31T00:00:00Z",
         {{"tea", NULL, 1, 10000, false}},
         {{0}}},
    };
    struct call call;
    struct report_options options = series("2011-10-29T23:00:00Z", "2011-10-31", GRAIN_HOUR);
    sales_apply(*state, facts, ARRAY_LENGTH(facts));
    struct doc answer = run(*state, &call, "sales", &options);
    assert_int_equal(sales_rows(answer, "rows"), 25);
    sales_text(sales_row(answer, "rows", 1), "period", "2011-10-30T01:00+01:00");
    assert_int_equal(sales_money(sales_row(answer, "rows", 1), "gross"), 10);
    sales_text(sales_row(answer, "rows", 2), "period", "2011-10-30T01:00+00:00");
    assert_int_equal(sales_money(sales_row(answer, "rows", 2), "gross"), 100);
    assert_int_equal(sales_money(sales_row(answer, "rows", 3), "gross"), 0);
    fixture_call_end(&call);
    options = series("2011-10-28T23:00:00Z", "2011-11-01", GRAIN_DAY);
    answer = run(*state, &call, "sales", &options);
    static const int64_t days[] = {0, 1111, 10000};
    assert_int_equal(sales_rows(answer, "rows"), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(sales_money(sales_row(answer, "rows", i), "gross"), days[i]);
    }
    sales_text(sales_row(answer, "rows", 1), "period", "2011-10-30");
    fixture_call_end(&call);
}

static void test_a_day_of_23_hours(void **state)
{
    struct call call;
    struct report_options options = series("2011-03-27", "2011-03-27T23:00:00Z", GRAIN_HOUR);
    struct doc answer = run(*state, &call, "sales", &options);
    assert_int_equal(sales_rows(answer, "rows"), 23);
    sales_text(sales_row(answer, "rows", 0), "period", "2011-03-27T00:00+00:00");
    sales_text(sales_row(answer, "rows", 1), "period", "2011-03-27T02:00+01:00");
    fixture_call_end(&call);
}

static void test_weeks_have_iso_names(void **state)
{
    struct call call;
    struct report_options options = series("2009-12-21", "2010-01-12", GRAIN_WEEK);
    static const char *const names[] = {"2009-W52", "2009-W53", "2010-W01", "2010-W02"};
    struct doc answer = run(*state, &call, "sales", &options);
    assert_int_equal(sales_rows(answer, "rows"), ARRAY_LENGTH(names));
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        sales_text(sales_row(answer, "rows", i), "period", names[i]);
    }
    fixture_call_end(&call);
    options = series("2012-12-31", "2013-01-01", GRAIN_WEEK);
    answer = run(*state, &call, "sales", &options);
    sales_text(sales_row(answer, "rows", 0), "period", "2013-W01");
    fixture_call_end(&call);
}

static void test_the_last_bucket_is_cut(void **state)
{
    struct call call;
    struct report_options options =
        series("2011-11-22T10:30:00Z", "2011-11-22T11:00:00Z", GRAIN_YEAR);
    sales_apply(*state, autumn, ARRAY_LENGTH(autumn));
    struct doc answer = run(*state, &call, "sales", &options);
    assert_int_equal(sales_rows(answer, "rows"), 1);
    struct doc row = sales_row(answer, "rows", 0);
    sales_text(row, "period", "2011");
    assert_int_equal(sales_int(row, "start"), sales_time("2011-11-22T10:30:00Z"));
    assert_int_equal(sales_int(row, "orders"), 0); /* o3 is at the end, which is left out */
    fixture_call_end(&call);
}

static void test_default_ranges(void **state)
{
    static const struct {
        enum grain by;
        size_t rows;
        const char *from;
    } rows[] = {
        {GRAIN_HOUR, 48, "2011-11-29T13:00:00Z"},
        {GRAIN_DAY, 30, "2011-11-02"},
        {GRAIN_WEEK, 26, "2011-06-05T23:00:00Z"},
        {GRAIN_MONTH, 12, "2011-01-01"},
        {GRAIN_YEAR, 5, "2007-01-01"},
    };
    sales_apply(*state, autumn, ARRAY_LENGTH(autumn));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct call call;
        struct report_options options = {.has_by = true, .by = rows[i].by};
        struct doc answer = run(*state, &call, "sales", &options);
        assert_int_equal(sales_rows(answer, "rows"), rows[i].rows);
        assert_int_equal(sales_int(answer, "from"), sales_time(rows[i].from));
        assert_int_equal(sales_int(answer, "as_of"), sales_time("2011-12-01T12:00:00Z"));
        fixture_call_end(&call);
    }
}

static void test_as_of_falls_back_to_the_newest_sale(void **state)
{
    struct shop_fixture *fixture = *state;
    struct call call;
    struct report_options options = {0};
    sales_apply(fixture, autumn, ARRAY_LENGTH(autumn));
    fake_seams_set_wall(&fixture->clock, sales_time("2026-01-01"));
    struct doc answer = run(fixture, &call, "sales", &options);
    assert_int_equal(sales_int(answer, "as_of"), sales_time("2011-11-23T11:00:00Z"));
    assert_int_equal(sales_rows(answer, "rows"), 30);
    assert_int_equal(sales_money(answer, "totals.gross"), 10400);
    fixture_call_end(&call);
    options = (struct report_options){.has_as_of = true, .as_of = sales_time("2011-11-22")};
    answer = run(fixture, &call, "sales", &options);
    assert_int_equal(sales_money(answer, "totals.gross"), 3900);
    fixture_call_end(&call);
}

static void test_limits_of_series(void **state)
{
    struct call call;
    int64_t hour = INT64_C(3600) * MICROSECONDS;
    struct report_options options = series("2011-01-01", "2011-01-02", GRAIN_HOUR);
    options.to = options.from + REPORT_BUCKETS_MAX * hour;
    struct doc answer = run(*state, &call, "sales", &options);
    assert_int_equal(sales_rows(answer, "rows"), REPORT_BUCKETS_MAX);
    fixture_call_end(&call);
    options.to += 1;
    refuse(*state, "sales", &options, ECOMMERCE_LIMIT_EXCEEDED, "by");
    options.by = GRAIN_DAY;
    options.to = options.from + (REPORT_BUCKETS_MAX - 1) * 24 * hour;
    answer = run(*state, &call, "sales", &options);
    assert_true(sales_rows(answer, "rows") >= REPORT_BUCKETS_MAX - 1);
    fixture_call_end(&call);
    options.from = INT64_MIN;
    options.to = INT64_MAX;
    refuse(*state, "sales", &options, ECOMMERCE_LIMIT_EXCEEDED, "by");
}

static void test_what_cannot_be_asked(void **state)
{
    struct report_options options = range("2011-11-20", "2011-11-20");
    refuse(*state, "sales", &options, ECOMMERCE_INVALID_ARGUMENT, "from");
    refuse(*state, "sails", &options, ECOMMERCE_INVALID_ARGUMENT, "name");
    options = series("2011-11-20", "2011-11-21", GRAIN_DAY);
    refuse(*state, "countries", &options, ECOMMERCE_INVALID_ARGUMENT, "by");
    options = (struct report_options){.limit = REPORT_LIMIT_MAX + 1};
    refuse(*state, "countries", &options, ECOMMERCE_LIMIT_EXCEEDED, "limit");
    options = (struct report_options){.filter.country = STR("GB")};
    refuse(*state, "stock-outs", &options, ECOMMERCE_INVALID_ARGUMENT, "country");
    options = (struct report_options){.has_to = true, .to = INT64_MIN};
    refuse(*state, "sales", &options, ECOMMERCE_INVALID_ARGUMENT, "to");
}

/* ---- rankings ---- */

static void test_top_products(void **state)
{
    struct call call;
    struct report_options options = range("2011-11-20", "2011-11-26");
    sales_document(*state, COLLECTION_PRODUCTS, "tea",
                   "{'product_id': 'tea', 'name': 'Green tea', 'skus': ['tea']}");
    sales_apply(*state, autumn, ARRAY_LENGTH(autumn));
    struct doc answer = run(*state, &call, "top-products", &options);
    assert_int_equal(sales_rows(answer, "rows"), 2);
    struct doc tea = sales_row(answer, "rows", 0), mug = sales_row(answer, "rows", 1);
    sales_text(tea, "product_id", "tea");
    sales_text(tea, "name", "Green tea");
    assert_int_equal(sales_money(tea, "net"), 4000);
    assert_int_equal(sales_int(tea, "customers"), 3);
    sales_text(mug, "product_id", "mug");
    assert_true(sales_null(mug, "name"));
    assert_int_equal(sales_money(mug, "gross"), 6000);
    assert_int_equal(sales_money(mug, "net"), 3000);
    assert_int_equal(sales_money(answer, "totals.gross"), 10400);
    fixture_call_end(&call);
    options.filter.with_services = true;
    options.limit = 3;
    answer = run(*state, &call, "top-products", &options);
    sales_text(sales_row(answer, "rows", 2), "product_id", "delivery:post");
    fixture_call_end(&call);
    options.limit = 1;
    answer = run(*state, &call, "top-products", &options);
    assert_int_equal(sales_rows(answer, "rows"), 1);
    fixture_call_end(&call);
}

static void test_top_customers_categories_countries(void **state)
{
    struct call call;
    struct report_options options = range("2011-11-20", "2011-11-26");
    sales_apply(*state, autumn, ARRAY_LENGTH(autumn));
    struct doc answer = run(*state, &call, "top-customers", &options);
    assert_int_equal(sales_rows(answer, "rows"), 3);
    struct doc ann = sales_row(answer, "rows", 0);
    sales_text(ann, "customer_id", "ann");
    assert_int_equal(sales_money(ann, "net"), 3400);
    assert_int_equal(sales_money(ann, "average_order"), 2200);
    sales_text(sales_row(answer, "rows", 2), "customer_id", "cid");
    fixture_call_end(&call);
    answer = run(*state, &call, "categories", &options);
    sales_text(sales_row(answer, "rows", 0), "category", "food");
    sales_text(sales_row(answer, "rows", 1), "category", "kitchen");
    assert_true(sales_null(sales_row(answer, "rows", 2), "category")); /* the delivery */
    fixture_call_end(&call);
    answer = run(*state, &call, "countries", &options);
    sales_text(sales_row(answer, "rows", 0), "country", "GB");
    assert_int_equal(sales_money(sales_row(answer, "rows", 0), "net"), 4400);
    assert_int_equal(sales_money(sales_row(answer, "rows", 1), "net"), 3000);
    fixture_call_end(&call);
}

/* ---- repeat rate ---- */

static void test_repeat_rate_counts_active_orders(void **state)
{
    struct call call;
    struct report_options options = {0};
    sales_apply(*state, autumn, ARRAY_LENGTH(autumn));
    struct doc answer = run(*state, &call, "repeat-rate", &options);
    assert_int_equal(sales_int(answer, "from"), sales_time("2011-11-20T10:00:00Z"));
    assert_int_equal(sales_int(answer, "totals.customers"), 3);
    assert_int_equal(sales_int(answer, "totals.repeat_customers"), 1);
    sales_near(answer, "totals.repeat_rate", 1.0 / 3);
    struct doc once = sales_row(answer, "rows", 0), twice = sales_row(answer, "rows", 1);
    assert_int_equal(sales_int(once, "customers"), 2);
    sales_near(once, "share", 2.0 / 3);
    assert_int_equal(sales_money(once, "net"), 3000);
    assert_int_equal(sales_int(twice, "orders_from"), 2);
    assert_int_equal(sales_int(twice, "customers"), 1);
    fixture_call_end(&call);
    /* Before the cancellation both orders of cid are active. */
    options = (struct report_options){.has_as_of = true, .as_of = sales_time("2011-11-24")};
    answer = run(*state, &call, "repeat-rate", &options);
    assert_int_equal(sales_int(answer, "totals.repeat_customers"), 2);
    fixture_call_end(&call);
}

static void test_repeat_rate_of_nobody(void **state)
{
    struct call call;
    struct report_options options = {0};
    struct doc answer = run(*state, &call, "repeat-rate", &options);
    assert_int_equal(sales_int(answer, "totals.customers"), 0);
    assert_true(sales_null(answer, "totals.repeat_rate"));
    fixture_call_end(&call);
}

/* ---- stock ---- */

static const struct sales_fact stock[] = {
    {SALE_RETURNED,
     "m1",
     "",
     NULL,
     NULL,
     "2011-09-01",
     {{0}},
     {{"mug", 10}, {"tea", 100}, {"pot", 5}, {"old", 7}}},
    {SALE_RETURNED, "m2", "", NULL, NULL, "2011-09-01", {{0}}, {{"dust", 40}}},
    {SALE_PLACED,
     "s1",
     NULL,
     "ann",
     NULL,
     "2011-10-01",
     {{"mug", "kitchen", 2, 2000, false}},
     {{"mug", -2}}},
    {SALE_PLACED,
     "s2",
     NULL,
     "ann",
     NULL,
     "2011-11-10",
     {{"mug", "kitchen", 5, 5000, false}, {"tea", "food", 10, 500, false}},
     {{"mug", -5}, {"tea", -10}}},
    {SALE_PLACED,
     "s3",
     NULL,
     "bob",
     NULL,
     "2011-11-20",
     {{"mug", "kitchen", 3, 3000, false}},
     {{"mug", -3}}},
    {SALE_PLACED,
     "s4",
     NULL,
     "bob",
     NULL,
     "2011-11-21",
     {{"old", "kitchen", 7, 700, false}},
     {{"old", -7}}},
    {SALE_PLACED,
     "s5",
     NULL,
     "bob",
     NULL,
     "2011-11-25",
     {{"pot", "kitchen", 6, 600, false}},
     {{"pot", -6}}},
};

static void put_products(struct shop_fixture *fixture)
{
    sales_document(fixture, COLLECTION_PRODUCTS, "mug",
                   "{'name': 'Mug', 'skus': ['mug'], 'item_ids': ['mug'],"
                   " 'categories': ['kitchen']}");
    sales_document(fixture, COLLECTION_PRODUCTS, "tea",
                   "{'name': 'Tea', 'skus': ['tea'], 'item_ids': ['tea'], 'categories': ['food']}");
    sales_document(fixture, COLLECTION_PRODUCTS, "teapot",
                   "{'name': 'Pot', 'skus': ['pot'], 'item_ids': ['teapot', 'pot'],"
                   " 'categories': ['kitchen']}");
    sales_document(fixture, COLLECTION_PRODUCTS, "old",
                   "{'name': 'Old', 'skus': ['old'], 'item_ids': ['old'], 'retired': true}");
    sales_document(fixture, COLLECTION_PRODUCTS, "dust",
                   "{'name': 'Dust', 'skus': ['dust'], 'item_ids': ['dust']}");
    sales_apply(fixture, stock, ARRAY_LENGTH(stock));
}

static void test_stock_outs(void **state)
{
    struct call call;
    struct report_options options = {0};
    put_products(*state);
    struct doc answer = run(*state, &call, "stock-outs", &options);
    assert_int_equal(sales_rows(answer, "rows"), 2); /* the retired one is left out */
    struct doc mug = sales_row(answer, "rows", 0), pot = sales_row(answer, "rows", 1);
    sales_text(mug, "sku", "mug");
    sales_text(mug, "name", "Mug");
    assert_int_equal(sales_int(mug, "level"), 0);
    assert_int_equal(sales_int(mug, "ran_out_at"), sales_time("2011-11-20"));
    assert_int_equal(sales_int(mug, "sold_before"), 8); /* not the two of October */
    sales_text(pot, "product_id", "teapot");
    assert_int_equal(sales_int(pot, "level"), -1);
    assert_int_equal(sales_int(pot, "sold_before"), 6);
    assert_int_equal(sales_int(answer, "totals.skus"), 2);
    assert_int_equal(sales_int(answer, "totals.sold_before"), 14);
    fixture_call_end(&call);
    options = (struct report_options){.has_from = true, .from = sales_time("2011-11-21")};
    answer = run(*state, &call, "stock-outs", &options);
    assert_int_equal(sales_rows(answer, "rows"), 1);
    fixture_call_end(&call);
    options = (struct report_options){.has_to = true, .to = sales_time("2011-11-20")};
    answer = run(*state, &call, "stock-outs", &options);
    assert_int_equal(sales_rows(answer, "rows"), 0); /* then there were three mugs left */
    fixture_call_end(&call);
}

static void test_slow_movers(void **state)
{
    struct call call;
    struct report_options options = range("2011-11-01", "2011-12-01");
    put_products(*state);
    struct doc answer = run(*state, &call, "slow-movers", &options);
    assert_int_equal(sales_rows(answer, "rows"), 2);
    struct doc dust = sales_row(answer, "rows", 0), tea = sales_row(answer, "rows", 1);
    sales_text(dust, "product_id", "dust");
    assert_true(sales_null(dust, "cover_days"));
    assert_true(sales_null(dust, "last_sold"));
    assert_int_equal(sales_int(tea, "stock"), 90);
    assert_int_equal(sales_int(tea, "units"), 10);
    sales_near(tea, "cover_days", 270); /* 90 at 10 in 30 days */
    assert_int_equal(sales_int(answer, "totals.stock"), 130);
    fixture_call_end(&call);
    options.filter.category = STR("food");
    answer = run(*state, &call, "slow-movers", &options);
    assert_int_equal(sales_rows(answer, "rows"), 1);
    fixture_call_end(&call);
}

/* ---- stores away ---- */

static void test_reports_need_the_time_series(void **state)
{
    struct report_options options = {0};
    shop_fixture_away(*state, ROLE_TIMESERIES, true);
    for (const struct report_kind *kind = report_kinds; kind->name != NULL; kind++) {
        if (kind->run != report_trending) {
            refuse(*state, kind->name, &options, ECOMMERCE_UNAVAILABLE, "");
        }
    }
}

static void test_reports_without_the_documents(void **state)
{
    struct call call;
    struct report_options options = {0};
    put_products(*state);
    shop_fixture_away(*state, ROLE_DOCUMENTS, true);
    struct doc answer = run(*state, &call, "stock-outs", &options);
    sales_degraded(answer, "documents");
    assert_int_equal(sales_rows(answer, "rows"), 3); /* that one is retired is not known */
    assert_true(sales_null(sales_row(answer, "rows", 0), "name"));
    fixture_call_end(&call);
    answer = run(*state, &call, "top-products", &options);
    sales_degraded(answer, "documents");
    sales_text(sales_row(answer, "rows", 0), "product_id", "mug");
    fixture_call_end(&call);
    options.filter.category = STR("food");
    refuse(*state, "stock-outs", &options, ECOMMERCE_UNAVAILABLE, "");
}

static void test_trending_without_the_graph_is_best_sellers(void **state)
{
    struct call call;
    struct report_options options = {0};
    put_products(*state);
    shop_fixture_away(*state, ROLE_GRAPH, true);
    struct doc answer = run(*state, &call, "trending", &options);
    sales_degraded(answer, "graph");
    assert_int_equal(sales_int(answer, "as_of"), sales_time("2011-12-01T12:00:00Z"));
    sales_rows(answer, "rows");
    fixture_call_end(&call);
}

/* ---- the door ---- */

static void test_help_names_every_report(void **state)
{
    (void)state;
    const struct operation *operation = operation_find("report");
    assert_non_null(operation);
    assert_string_equal(operation->arguments[0].name, "name");
    for (const struct report_kind *kind = report_kinds; kind->name != NULL; kind++) {
        assert_non_null(strstr(operation->arguments[0].help, kind->name));
    }
}

static void test_the_operation_reads_its_arguments(void **state)
{
    struct shop_fixture *fixture = *state;
    struct call call;
    ecommerce_error err = {0};
    sales_apply(fixture, autumn, ARRAY_LENGTH(autumn));
    fixture_call_begin(&fixture->shop, &call);
    struct doc arguments = fixture_doc(&call, "{'name': 'sales', 'from': '2011-11-20',"
                                              " 'to': '2011-11-27', 'by': 'week',"
                                              " 'country': 'GB'}");
    assert_true(operation_run(operation_find("report"), &call, arguments, &err));
    struct doc answer = fixture_call_answer(&call);
    assert_int_equal(sales_rows(answer, "rows"), 2);
    assert_int_equal(sales_money(answer, "totals.gross"), 7400);
    fixture_call_end(&call);
    fixture_call_begin(&fixture->shop, &call);
    arguments = fixture_doc(&call, "{'name': 'sales', 'by': 'fortnight'}");
    assert_false(operation_run(operation_find("report"), &call, arguments, &err));
    assert_string_equal(err.field, "by");
    fixture_call_end(&call);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_sales_by_day),
        TEST(test_guests_are_in_the_sums_but_no_customers),
        TEST(test_totals_are_ratios_of_sums_and_distinct_customers),
        TEST(test_filters),
        TEST(test_a_day_of_25_hours),
        TEST(test_a_day_of_23_hours),
        TEST(test_weeks_have_iso_names),
        TEST(test_the_last_bucket_is_cut),
        TEST(test_default_ranges),
        TEST(test_as_of_falls_back_to_the_newest_sale),
        TEST(test_limits_of_series),
        TEST(test_what_cannot_be_asked),
        TEST(test_top_products),
        TEST(test_top_customers_categories_countries),
        TEST(test_repeat_rate_counts_active_orders),
        TEST(test_repeat_rate_of_nobody),
        TEST(test_stock_outs),
        TEST(test_slow_movers),
        TEST(test_reports_need_the_time_series),
        TEST(test_reports_without_the_documents),
        TEST(test_trending_without_the_graph_is_best_sellers),
        cmocka_unit_test(test_help_names_every_report),
        TEST(test_the_operation_reads_its_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
