/* Repeatable chance for the demonstration shop: known sequences, fairness, fixed-point powers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/imports/demo_random.h"

static const double one = 4294967296.0; /* of the fixed-point numbers */

static void assert_close(double found, double expected, double tolerance)
{
    if (found < expected - tolerance || found > expected + tolerance)
        fail_msg("%.9f is not %.9f within %.9f", found, expected, tolerance);
}

/* What the authors' own implementation gives for the state 1, 2, 3, 4. */
static void the_generator_is_xoshiro256starstar(void **state)
{
    (void)state;
    static const uint64_t expected[] = {11520u,
                                        0u,
                                        1509978240u,
                                        1215971899390074240u,
                                        1216172134540287360u,
                                        607988272756665600u,
                                        16172922978634559625u,
                                        8476171486693032832u};
    struct demo_random random = {.state = {1, 2, 3, 4}};
    for (size_t i = 0; i < ARRAY_LENGTH(expected); i++)
        assert_true(demo_random_next(&random) == expected[i]);
}

static void seeds_and_subjects_give_different_streams(void **state)
{
    (void)state;
    struct demo_random first, same, other_seed, other_subject;
    demo_random_init(&first, 7, "people");
    demo_random_init(&same, 7, "people");
    demo_random_init(&other_seed, 8, "people");
    demo_random_init(&other_subject, 7, "stock");
    uint64_t number = demo_random_next(&first);
    assert_true(demo_random_next(&same) == number);
    assert_true(demo_random_next(&other_seed) != number);
    assert_true(demo_random_next(&other_subject) != number);
}

static void bounds_are_kept_and_all_values_come_alike(void **state)
{
    (void)state;
    struct demo_random random;
    demo_random_init(&random, 1, "bounds");
    int seen[7] = {0};
    for (int i = 0; i < 70000; i++)
        seen[demo_random_below(&random, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 9500, 10500); /* five standard deviations */

    for (int i = 0; i < 1000; i++) {
        int64_t between = demo_random_between(&random, -3, 3);
        assert_true(between >= -3 && between <= 3);
    }
    assert_true(demo_random_below(&random, 1) == 0);
    assert_true(demo_random_between(&random, 5, 5) == 5);
    assert_false(demo_random_chance(&random, 0));
    assert_true(demo_random_chance(&random, 1000));
}

static void weights_are_obeyed(void **state)
{
    (void)state;
    static const uint16_t weights[] = {0, 10, 0, 30, 0};
    static const uint64_t sums[] = {0, 10, 10, 40, 40};
    struct demo_random random;
    demo_random_init(&random, 1, "weights");
    int by_weight[5] = {0};
    int by_sum[5] = {0};
    for (int i = 0; i < 40000; i++) {
        by_weight[demo_random_weighted(&random, weights, 5)]++;
        by_sum[demo_random_from_sums(&random, sums, 5, 0)]++;
    }
    for (int i = 0; i < 5; i += 2)
        assert_true(by_weight[i] == 0 && by_sum[i] == 0);
    assert_in_range(by_weight[1], 9550, 10450);
    assert_in_range(by_sum[1], 9550, 10450);

    for (int i = 0; i < 100; i++) /* the part after the first ten */
        assert_int_equal(demo_random_from_sums(&random, sums, 5, 10), 3);
}

static void shuffling_keeps_every_item(void **state)
{
    (void)state;
    enum { COUNT = 50 };
    uint32_t items[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        items[i] = i;
    struct demo_random random;
    demo_random_init(&random, 1, "shuffle");
    demo_random_shuffle(&random, items, COUNT);
    uint64_t seen = 0;
    int unmoved = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        seen |= (uint64_t)1 << items[i];
        unmoved += items[i] == i;
    }
    assert_true(seen == ((uint64_t)1 << COUNT) - 1);
    assert_in_range(unmoved, 0, 8);
}

static void logarithms_and_powers_are_close(void **state)
{
    (void)state;
    assert_true(demo_log2(1) == 0);
    assert_true(demo_log2(1024) == (uint64_t)10 << 32);
    assert_close((double)demo_log2(10) / one, 3.321928094887, 1e-8);
    assert_close((double)demo_log2(20000) / one, 14.287712379549, 1e-8);
    assert_close((double)demo_log2(UINT32_MAX) / one, 31.999999999664, 1e-8);

    assert_true(demo_exp2_minus(0) == (uint64_t)1 << 32);
    assert_true(demo_exp2_minus((uint64_t)3 << 32) == (uint64_t)1 << 29);
    assert_close((double)demo_exp2_minus((uint64_t)1 << 31) / one, 0.707106781187, 1e-5);
    assert_true(demo_exp2_minus((uint64_t)40 << 32) == 0);
}

static void zipf_weights_fall_as_the_law_says(void **state)
{
    (void)state;
    assert_true(demo_zipf_weight(1, 800) == (uint64_t)1 << 32);
    assert_true(demo_zipf_weight(77, 0) == (uint64_t)1 << 32);
    assert_close((double)demo_zipf_weight(100, 1000) / one, 0.01, 1e-6);
    assert_close((double)demo_zipf_weight(400, 500) / one, 0.05, 1e-6);
    assert_close((double)demo_zipf_weight(3, 2000) / one, 1.0 / 9, 1e-6);
    assert_true(demo_zipf_weight(UINT32_MAX, 2000) == 1); /* never nothing */
    for (uint32_t rank = 1; rank < 2000; rank++)
        assert_true(demo_zipf_weight(rank, 800) >= demo_zipf_weight(rank + 1, 800));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro256starstar),
        cmocka_unit_test(seeds_and_subjects_give_different_streams),
        cmocka_unit_test(bounds_are_kept_and_all_values_come_alike),
        cmocka_unit_test(weights_are_obeyed),
        cmocka_unit_test(shuffling_keeps_every_item),
        cmocka_unit_test(logarithms_and_powers_are_close),
        cmocka_unit_test(zipf_weights_fall_as_the_law_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
