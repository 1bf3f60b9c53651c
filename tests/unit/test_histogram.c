/*
 * test_histogram.c - quantiles are never too low and at most an eighth too high.
 */
#include "support/histogram.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static const int64_t HOUR = INT64_C(3600) * 1000000;

static void an_empty_histogram_says_zero(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
    assert_int_equal(histogram_quantile(&histogram, 1), 0);
}

/* One value alone: what comes out is its bucket's upper bound. */
static void each_value_is_found_within_an_eighth(void **state)
{
    (void)state;
    for (int64_t value = 0; value <= HOUR; value += 1 + value / 100) {
        struct histogram histogram = {0};
        histogram_add(&histogram, value);
        int64_t found = histogram_quantile(&histogram, 0.5);
        if (found < value || (double)found > (double)value * 1.125)
            fail_msg("%lld was found as %lld", (long long)value, (long long)found);
    }
}

static void bounds_ascend_and_leave_no_gap(void **state)
{
    (void)state;
    int64_t last = -1;
    for (int bucket = 0; bucket < 200; bucket++) {
        struct histogram histogram = {0};
        histogram_add(&histogram, last + 1); /* the first value of the next bucket */
        int64_t bound = histogram_quantile(&histogram, 1);
        assert_true(bound > last);
        assert_int_equal(histogram.counts[bucket], 1);
        last = bound;
    }
}

static void extremes_are_counted(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    histogram_add(&histogram, -5);
    assert_int_equal(histogram_quantile(&histogram, 1), 0);
    assert_int_equal(histogram.sum, 0);
    histogram_add(&histogram, INT64_MAX);
    assert_true(histogram_quantile(&histogram, 1) > HOUR);
    assert_int_equal(histogram.count, 2);
    assert_int_equal(histogram.counts[HISTOGRAM_BUCKETS - 1], 1);
}

static void quantiles_take_the_rank_they_name(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    for (int64_t value = 1; value <= 4; value++) /* buckets of their own */
        histogram_add(&histogram, value);
    static const struct {
        double quantile;
        int64_t value;
    } cases[] = {{0, 1},    {-1, 1},    {0.25, 1}, {0.26, 2}, {0.5, 2}, {0.51, 3},
                 {0.75, 3}, {0.751, 4}, {0.99, 4}, {1, 4},    {2, 4},   {NAN, 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(histogram_quantile(&histogram, cases[i].quantile), cases[i].value);
}

static void a_thousand_values_against_the_sorted_list(void **state)
{
    (void)state;
    struct histogram histogram = {0};
    static int64_t values[1000];
    uint64_t seed = 42;
    int64_t sum = 0;
    for (size_t i = 0; i < 1000; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        int64_t value = (int64_t)(seed >> 33 >> (seed >> 59)); /* spread over all magnitudes */
        size_t at = i;
        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
        sum += value;
        histogram_add(&histogram, value);
    }
    assert_int_equal(histogram.sum, sum);
    for (size_t rank = 1; rank <= 1000; rank++) {
        int64_t exact = values[rank - 1];
        int64_t found = histogram_quantile(&histogram, ((double)rank - 0.5) / 1000);
        assert_true(found >= exact && (double)found <= (double)exact * 1.125);
    }
}

static void merging_adds_everything(void **state)
{
    (void)state;
    struct histogram a = {0};
    struct histogram b = {0};
    for (int i = 0; i < 10; i++)
        histogram_add(&a, 1);
    for (int i = 0; i < 30; i++)
        histogram_add(&b, 5);
    histogram_merge(&a, &b);
    assert_int_equal(a.count, 40);
    assert_int_equal(a.sum, 160);
    assert_int_equal(histogram_quantile(&a, 0.25), 1);
    assert_int_equal(histogram_quantile(&a, 0.26), 5);
    assert_int_equal(b.count, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_histogram_says_zero),
        cmocka_unit_test(each_value_is_found_within_an_eighth),
        cmocka_unit_test(bounds_ascend_and_leave_no_gap),
        cmocka_unit_test(extremes_are_counted),
        cmocka_unit_test(quantiles_take_the_rank_they_name),
        cmocka_unit_test(a_thousand_values_against_the_sorted_list),
        cmocka_unit_test(merging_adds_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
