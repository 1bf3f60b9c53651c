/*
 * The reports of the time-series role against every implementation: sales compared with sums made
 * by hand, rankings, stock, events and metrics. What is kept is in test_timeseries.c.
 */
#include "tests/support/timeseries_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- the same sums by hand ---- */

static bool line_counts(const struct sales_filter *filter, const struct sale_line *line)
{
    return trade_passes(filter->product_id, line->product_id) &&
           trade_passes(filter->category, line->category);
}

static bool was_cancelled(const struct timeseries_entry *entries, struct str order, int64_t before)
{
    for (size_t i = 0; i < TRADE_ENTRIES; i++) {
        if (entries[i].kind == SALE_CANCELLED && entries[i].order_id.ptr &&
            str_equal(entries[i].order_id, order) && entries[i].time < before)
            return true;
    }
    return false;
}

struct by_hand {
    struct sales_sums sums;
    bool bought[TRADE_CUSTOMERS];
};

static void count_order(struct by_hand *hand, const struct timeseries_entry *entries,
                        const struct timeseries_entry *order, int64_t to)
{
    struct sales_sums *sums = &hand->sums;
    if (sums->orders == 0 || order->time < sums->first)
        sums->first = order->time;
    if (sums->orders == 0 || order->time > sums->last)
        sums->last = order->time;
    sums->orders++;
    sums->active_orders += !was_cancelled(entries, order->id, to);
    if (!order->customer_id.ptr)
        return;
    int customer = (int)strtol(order->customer_id.ptr + 3, NULL, 10);
    sums->customers += !hand->bought[customer];
    hand->bought[customer] = true;
}

static struct sales_sums sum_by_hand(const struct timeseries_entry *entries, int64_t from,
                                     int64_t to, const struct sales_filter *filter)
{
    struct by_hand hand = {0};
    for (size_t i = 0; i < TRADE_ENTRIES; i++) {
        const struct timeseries_entry *entry = &entries[i];
        bool any = false;
        if (entry->time < from || entry->time >= to ||
            !trade_passes(filter->customer_id, entry->customer_id) ||
            !trade_passes(filter->country, entry->country))
            continue;
        for (size_t l = 0; l < entry->line_count; l++) {
            const struct sale_line *line = &entry->lines[l];
            if (!line_counts(filter, line))
                continue;
            any = true;
            hand.sums.gross += entry->kind == SALE_PLACED ? line->amount : 0;
            hand.sums.cancelled += entry->kind == SALE_CANCELLED ? line->amount : 0;
            hand.sums.returned += entry->kind == SALE_RETURNED ? line->amount : 0;
            hand.sums.units += entry->kind == SALE_PLACED ? line->quantity : 0;
            hand.sums.units_back += entry->kind == SALE_PLACED ? 0 : line->quantity;
        }
        if (any && entry->kind == SALE_PLACED)
            count_order(&hand, entries, entry, to);
    }
    return hand.sums;
}

static void assert_sums(const struct sales_sums *actual, const struct sales_sums *expected)
{
    assert_int_equal(actual->gross, expected->gross);
    assert_int_equal(actual->cancelled, expected->cancelled);
    assert_int_equal(actual->returned, expected->returned);
    assert_int_equal(actual->units, expected->units);
    assert_int_equal(actual->units_back, expected->units_back);
    assert_int_equal(actual->orders, expected->orders);
    assert_int_equal(actual->customers, expected->customers);
    assert_int_equal(actual->first, expected->first);
    assert_int_equal(actual->last, expected->last);
    assert_int_equal(actual->active_orders, expected->active_orders);
}

/* ---- sales ---- */

static void totals_are_those_made_by_hand(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    trade_apply(fixture, entries, TRADE_ENTRIES);
    static const int64_t bounds[] = {TRADE_START - TRADE_DAY,
                                     TRADE_START,
                                     TRADE_START,
                                     TRADE_START + TRADE_DAY / 2,
                                     TRADE_START + TRADE_DAY,
                                     TRADE_START + 9 * TRADE_DAY,
                                     TRADE_START + 30 * TRADE_DAY,
                                     TRADE_END};
    static const struct sales_filter filters[] = {
        {.with_services = false},
        {.product_id = {"p03", 3}},
        {.product_id = {"p11", 3}},
        {.customer_id = {"ann04", 5}},
        {.category = {"c01", 3}},
        {.country = {"land02", 6}},
        {.category = {"c02", 3}, .country = {"land01", 6}, .customer_id = {"ann01", 5}},
        {.product_id = {"never sold", 10}},
        {.customer_id = {"nobody", 6}},
    };
    for (size_t f = 0; f < ARRAY_LENGTH(filters); f++) {
        struct timeseries_request request = trade_request(fixture, TIMESERIES_SALES);
        request.bounds = bounds;
        request.bound_count = ARRAY_LENGTH(bounds);
        request.filter = filters[f];
        trade_must(fixture->store, &request);
        assert_int_equal(request.count, ARRAY_LENGTH(bounds) - 1);
        for (size_t b = 0; b < request.count; b++) {
            struct sales_sums expected =
                sum_by_hand(entries, bounds[b], bounds[b + 1], &filters[f]);
            assert_sums(&request.sums[b], &expected);
        }
    }
}

static void bounds_may_be_few_but_must_ascend(void **state)
{
    struct trade_fixture *fixture = *state;
    static const int64_t bounds[] = {TRADE_START + TRADE_DAY, TRADE_START};
    struct timeseries_request request = trade_request(fixture, TIMESERIES_SALES);
    request.bounds = bounds;
    request.bound_count = 1;
    trade_must(fixture->store, &request);
    assert_int_equal(request.count, 0);
    request.bound_count = 2;
    trade_must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
}

static int64_t value_of(const struct sales_sums *sums, enum sales_ranking ranking)
{
    switch (ranking) {
    case RANK_BY_UNITS:
        return sums->units;
    case RANK_BY_ORDERS:
        return sums->orders;
    case RANK_BY_NET:
        break;
    }
    return sums->gross - sums->cancelled - sums->returned;
}

static void assert_ranked(const struct timeseries_request *request)
{
    for (size_t i = 1; i < request->count; i++) {
        int64_t before = value_of(&request->sums[i - 1], request->ranking);
        int64_t after = value_of(&request->sums[i], request->ranking);
        assert_true(before >= after);
        if (before == after)
            assert_true(str_compare(request->sums[i - 1].key, request->sums[i].key) < 0);
    }
}

/* What is ranked under a key is what a filter with that key sums up. */
static void rankings_agree_with_filters(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    trade_apply(fixture, entries, TRADE_ENTRIES);
    for (unsigned round = 0; round < 12; round++) {
        struct timeseries_request request = trade_request(fixture, TIMESERIES_RANKING);
        request.from = TRADE_START + 2 * TRADE_DAY;
        request.to = TRADE_START + 20 * TRADE_DAY;
        request.dimension = (enum sales_dimension)(round % 4);
        request.ranking = (enum sales_ranking)(round / 4);
        request.filter.with_services = true;
        trade_must(fixture->store, &request);
        assert_true(request.count > 2);
        assert_ranked(&request);
        for (size_t i = 0; i < request.count; i++) {
            struct str key = request.sums[i].key;
            struct sales_filter filter = {0};
            if (!key.ptr)
                continue;
            struct str *restriction[] = {&filter.product_id, &filter.customer_id, &filter.category,
                                         &filter.country};
            *restriction[request.dimension] = key;
            struct sales_sums expected = sum_by_hand(entries, request.from, request.to, &filter);
            assert_sums(&request.sums[i], &expected);
        }
    }
}

static void a_limit_cuts_the_same_ranking(void **state)
{
    struct trade_fixture *fixture = *state;
    trade_apply(fixture, trade_make(fixture), TRADE_ENTRIES);
    struct timeseries_request all = trade_request(fixture, TIMESERIES_RANKING);
    all.ranking = RANK_BY_ORDERS; /* many are equal */
    all.dimension = DIMENSION_CUSTOMER;
    trade_must(fixture->store, &all);
    assert_int_equal(all.count, TRADE_CUSTOMERS);
    for (size_t limit = 1; limit <= all.count + 1; limit++) {
        struct timeseries_request request = all;
        request.limit = limit;
        trade_must(fixture->store, &request);
        assert_int_equal(request.count, limit < all.count ? limit : all.count);
        for (size_t i = 0; i < request.count; i++)
            assert_true(str_equal(request.sums[i].key, all.sums[i].key));
    }
}

static bool has_key(const struct timeseries_request *request, const char *key)
{
    for (size_t i = 0; i < request->count; i++) {
        if (str_is(request->sums[i].key, key))
            return true;
    }
    return false;
}

static void services_are_ranked_only_when_asked_for(void **state)
{
    struct trade_fixture *fixture = *state;
    trade_apply(fixture, trade_make(fixture), TRADE_ENTRIES);
    struct timeseries_request request = trade_request(fixture, TIMESERIES_RANKING);
    trade_must(fixture->store, &request);
    assert_int_equal(request.count, TRADE_PRODUCTS - 2);
    assert_false(has_key(&request, "p10"));
    request.filter.with_services = true;
    trade_must(fixture->store, &request);
    assert_int_equal(request.count, TRADE_PRODUCTS);
    assert_true(has_key(&request, "p10"));
}

static void a_customers_products_are_theirs_alone(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_entry *entries = trade_make(fixture);
    trade_apply(fixture, entries, TRADE_ENTRIES);
    struct timeseries_request request = trade_request(fixture, TIMESERIES_CUSTOMER_PRODUCTS);
    request.key = STR("ann05");
    request.to = TRADE_END;
    trade_must(fixture->store, &request);
    assert_true(request.count > 0);
    assert_ranked(&request);
    for (size_t i = 0; i < request.count; i++) {
        struct sales_filter filter = {.customer_id = request.key,
                                      .product_id = request.sums[i].key};
        struct sales_sums expected = sum_by_hand(entries, INT64_MIN, TRADE_END, &filter);
        assert_sums(&request.sums[i], &expected);
    }
    request.key = STR("nobody");
    trade_must(fixture->store, &request);
    assert_int_equal(request.count, 0);
}

static void the_span_is_that_of_sales(void **state)
{
    struct trade_fixture *fixture = *state;
    struct timeseries_request request = trade_request(fixture, TIMESERIES_SPAN);
    trade_must(fixture->store, &request);
    assert_false(request.found);
    struct timeseries_entry *entries = trade_make(fixture);
    trade_apply(fixture, entries, TRADE_ENTRIES);
    struct sales_filter none = {0};
    struct sales_sums expected = sum_by_hand(entries, INT64_MIN, INT64_MAX, &none);
    trade_must(fixture->store, &request);
    assert_true(request.found);
    assert_int_equal(request.span_first, expected.first);
    assert_int_equal(request.span_last, expected.last);
    request.to = expected.first; /* half-open */
    trade_must(fixture->store, &request);
    assert_false(request.found);
}

/* ---- stock ---- */

static void stock_levels_run_by_time_and_id(void **state)
{
    struct trade_fixture *fixture = *state;
    static const struct {
        const char *id;
        int64_t time, quantity, level;
    } steps[] = {{"m1", TRADE_START, 10, 10},
                 {"a2", TRADE_START + 5, -3, 7},
                 {"b2", TRADE_START + 5, -9, -2},
                 {"m3", TRADE_START + 9, 2, 0}};
    static const size_t arrival[] = {3, 2, 0, 1};
    for (size_t i = 0; i < ARRAY_LENGTH(steps); i++) {
        const size_t s = arrival[i];
        struct stock_change change = {STR("mug"), steps[s].quantity};
        struct timeseries_entry entry = {.id = str_of(steps[s].id),
                                         .kind = SALE_RETURNED,
                                         .time = steps[s].time,
                                         .stock = &change,
                                         .stock_count = 1};
        trade_apply(fixture, &entry, 1);
    }
    struct timeseries_request history = trade_request(fixture, TIMESERIES_STOCK_HISTORY);
    history.key = STR("mug");
    trade_must(fixture->store, &history);
    assert_int_equal(history.count, ARRAY_LENGTH(steps));
    for (size_t i = 0; i < history.count; i++) {
        trade_assert_str(history.points[i].id, steps[i].id);
        assert_int_equal(history.points[i].time, steps[i].time);
        assert_int_equal(history.points[i].quantity, steps[i].quantity);
        assert_int_equal(history.points[i].level, steps[i].level);
    }
    history.from = TRADE_START + 5; /* what was before still counts */
    history.to = TRADE_START + 9;
    trade_must(fixture->store, &history);
    assert_int_equal(history.count, 2);
    assert_int_equal(history.points[1].level, -2);

    static const int64_t levels[][2] = {
        {TRADE_START + 1, 10}, {TRADE_START + 9, -2}, {INT64_MAX, 0}};
    struct timeseries_request at = trade_request(fixture, TIMESERIES_STOCK_AT);
    for (size_t i = 0; i < ARRAY_LENGTH(levels); i++) {
        at.to = levels[i][0];
        trade_must(fixture->store, &at);
        assert_int_equal(at.count, 1);
        trade_assert_str(at.points[0].id, "mug");
        assert_int_equal(at.points[0].level, levels[i][1]);
    }
}

/* ---- events and metrics ---- */

static void events_count_once_an_id(void **state)
{
    struct trade_fixture *fixture = *state;
    const struct customer_event events[] = {
        {.id = STR("e1"),
         .kind = STR("viewed"),
         .customer_id = STR("ann"),
         .product_id = STR("mug"),
         .time = TRADE_START},
        {.id = STR("e2"),
         .kind = STR("viewed"),
         .customer_id = STR("ann"),
         .product_id = STR("mug"),
         .time = TRADE_START + 1},
        {.id = STR("e3"), .kind = STR("viewed"), .product_id = STR("cup"), .time = TRADE_START + 2},
        {.id = STR("e4"),
         .kind = STR("viewed"),
         .product_id = STR("bowl"),
         .session = STR("s"),
         .time = TRADE_START + 2},
        {.id = STR("e5"),
         .kind = STR("searched"),
         .text = STR("blue mug"),
         .time = TRADE_START + 3},
        {.id = STR("e6"),
         .kind = STR("added_to_cart"),
         .customer_id = STR("bob"),
         .product_id = STR("cup"),
         .time = TRADE_START + 4},
        {.id = STR("e1"), .kind = STR("viewed"), .product_id = STR("cup"), .time = TRADE_START + 2},
    };
    struct timeseries_request request = trade_request(fixture, TIMESERIES_EVENTS);
    request.events = events;
    request.event_count = ARRAY_LENGTH(events);
    trade_must(fixture->store, &request);
    trade_must(fixture->store, &request);

    struct timeseries_request ranking = trade_request(fixture, TIMESERIES_EVENT_RANKING);
    ranking.key = STR("viewed");
    trade_must(fixture->store, &ranking);
    assert_int_equal(ranking.count, 3);
    trade_assert_str(ranking.sums[0].key, "mug");
    assert_int_equal(ranking.sums[0].orders, 2);
    assert_int_equal(ranking.sums[0].customers, 1);
    trade_assert_str(ranking.sums[1].key, "bowl"); /* equal: by id */
    trade_assert_str(ranking.sums[2].key, "cup");
    assert_int_equal(ranking.sums[2].customers, 0);
    ranking.key = STR_NONE; /* all kinds */
    ranking.to = TRADE_START + 4;
    ranking.limit = 1;
    trade_must(fixture->store, &ranking);
    assert_int_equal(ranking.count, 1);
    trade_assert_str(ranking.sums[0].key, "mug");
    ranking.key = STR("stolen");
    trade_must(fixture->store, &ranking);
    assert_int_equal(ranking.count, 0);
}

static void metrics_fall_into_their_buckets(void **state)
{
    struct trade_fixture *fixture = *state;
    const struct metric_point points[] = {
        {STR("latency"), TRADE_START, 4},      {STR("latency"), TRADE_START + 9, -2},
        {STR("latency"), TRADE_START + 10, 7}, {STR("latency"), TRADE_START + 40, 1},
        {STR("other"), TRADE_START + 1, 99},
    };
    static const int64_t bounds[] = {TRADE_START, TRADE_START + 10, TRADE_START + 20,
                                     TRADE_START + 40};
    struct timeseries_request request = trade_request(fixture, TIMESERIES_METRICS);
    request.metrics = points;
    request.metric_count = ARRAY_LENGTH(points);
    trade_must(fixture->store, &request);
    struct timeseries_request history = trade_request(fixture, TIMESERIES_METRIC_HISTORY);
    history.key = STR("latency");
    history.bounds = bounds;
    history.bound_count = ARRAY_LENGTH(bounds);
    trade_must(fixture->store, &history);
    assert_int_equal(history.count, 3);
    const struct metric_bucket *first = &history.metric_buckets[0];
    assert_int_equal(first->start, TRADE_START);
    assert_int_equal(first->count, 2);
    assert_true(first->minimum == -2 && first->maximum == 4 && first->sum == 2);
    assert_int_equal(history.metric_buckets[1].count, 1);
    assert_int_equal(history.metric_buckets[2].count, 0);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, trade_setup, trade_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(totals_are_those_made_by_hand),
        EACH(bounds_may_be_few_but_must_ascend),
        EACH(rankings_agree_with_filters),
        EACH(a_limit_cuts_the_same_ranking),
        EACH(services_are_ranked_only_when_asked_for),
        EACH(a_customers_products_are_theirs_alone),
        EACH(the_span_is_that_of_sales),
        EACH(stock_levels_run_by_time_and_id),
        EACH(events_count_once_an_id),
        EACH(metrics_fall_into_their_buckets),
    };
    int failed = 0;
    for (size_t i = 0; i < timeseries_implementation_count; i++) {
        timeseries_tested = &timeseries_implementations[i];
        failed += cmocka_run_group_tests_name(timeseries_tested->name, tests, NULL, NULL);
    }
    return failed;
}
