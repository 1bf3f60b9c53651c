/*
 * test_recommendation_quality.c - the recommendations reach on real purchases what the project
 * promises, and beat the simple methods they replace. Needs the Online Retail file
 * (docs/recommendations.md): named by ECOMMERCE_RETAIL_CSV, or where a development folder has it.
 * Skipped where there is none.
 */
#include "bench/recommendations_eval.h"
#include "support/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { SKIPPED = 77 };

static struct recommendation_evaluation evaluation;

static const char *retail_path(void)
{
    static char path[4096];
    const char *named = getenv("ECOMMERCE_RETAIL_CSV"), *source = getenv("ECOMMERCE_SOURCE");
    if (named && named[0])
        return named;
    snprintf(path, sizeof path, "%s/../shared/data/online_retail.csv.gz", source ? source : ".");
    return path;
}

static int evaluate(void **state)
{
    (void)state;
    struct retail_baskets all;
    ecommerce_error err = {0};
    if (!retail_baskets_load(&all, retail_path(), &err)) {
        print_error("%s\n", err.message);
        return 1;
    }
    bool ok = recommendations_evaluate(&all, &evaluation, &err);
    if (ok)
        recommendations_print(&all, &evaluation);
    else
        print_error("%s\n", err.message);
    retail_baskets_release(&all);
    return ok ? 0 : 1;
}

/* The protocol is the published one: these numbers say that the file and its cut are. */
static void the_questions_are_those_of_the_protocol(void **state)
{
    (void)state;
    assert_int_equal(evaluation.learnt_size.baskets, 14722);
    assert_int_equal(evaluation.learnt_size.lines, 301342);
    assert_int_equal(evaluation.also[ALSO_TOGETHER].questions, 83717);
    assert_int_equal(evaluation.customer[FOR_BLEND].questions, 1599);
}

static void the_aims_are_reached(void **state)
{
    (void)state;
    struct recommendation_aim aims[RECOMMENDATION_AIMS];
    size_t missed = recommendation_aims(&evaluation, aims);
    for (size_t a = 0; a < RECOMMENDATION_AIMS; a++)
        print_message("%s: %.4f, at least %.3f\n", aims[a].name, aims[a].reached, aims[a].least);
    assert_int_equal(missed, 0);
}

static void simple_methods_are_beaten(void **state)
{
    (void)state;
    const struct recommendation_figures *together = &evaluation.also[ALSO_TOGETHER];
    for (int m = 0; m < ALSO_TOGETHER; m++) {
        assert_true(together->hit_rate > evaluation.also[m].hit_rate);
        assert_true(together->recall > evaluation.also[m].recall);
        assert_true(together->ndcg > evaluation.also[m].ndcg);
    }
    const struct recommendation_figures *blend = &evaluation.customer[FOR_BLEND];
    for (int m = 0; m < FOR_BLEND; m++) {
        assert_true(blend->recall > evaluation.customer[m].recall);
        assert_true(blend->ndcg > evaluation.customer[m].ndcg);
        assert_true(blend->novel_ndcg > evaluation.customer[m].novel_ndcg);
    }
}

static void the_index_is_small(void **state)
{
    (void)state;
    assert_in_range(evaluation.learnt_size.bytes, 1000000, 8000000);
    assert_int_equal(mem_live_blocks(), 0);
}

int main(void)
{
    if (access(retail_path(), R_OK) != 0) {
        printf("skipped: there is no Online Retail file at '%s' (set ECOMMERCE_RETAIL_CSV)\n",
               retail_path());
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_questions_are_those_of_the_protocol),
        cmocka_unit_test(the_aims_are_reached),
        cmocka_unit_test(simple_methods_are_beaten),
        cmocka_unit_test(the_index_is_small),
    };
    return cmocka_run_group_tests_name("recommendation_quality", tests, evaluate, NULL);
}
