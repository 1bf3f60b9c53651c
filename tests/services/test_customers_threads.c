/* test_customers_threads.c - many customers want one e-mail address: one gets it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/customers/customers.h"
#include "tests/support/shop_fixture.h"

#include <pthread.h>
#include <stdio.h>

enum { THREADS = 6, ROUNDS = 8 };

static struct shop_fixture *fixture;

struct racer {
    pthread_t thread;
    int number;
    bool won[ROUNDS];
    enum ecommerce_error_code code[ROUNDS];
};

static pthread_barrier_t start;

static void *race(void *context)
{
    struct racer *racer = context;
    for (int round = 0; round < ROUNDS; round++) {
        char id[32], email[40];
        struct call call;
        struct doc_builder builder;
        ecommerce_error err = {0};
        snprintf(id, sizeof(id), "c%d-%d", round, racer->number);
        snprintf(email, sizeof(email), "same%d@example.com", round);
        doc_builder_init(&builder);
        doc_adds(&builder, "email", email);
        struct doc doc = doc_finish(&builder);
        fixture_call_begin(&fixture->shop, &call);
        pthread_barrier_wait(&start);
        racer->won[round] = customers_put(&call, str_of(id), doc, NULL, &err);
        racer->code[round] = err.code;
        fixture_call_end(&call);
        doc_builder_release(&builder);
    }
    return NULL;
}

static void test_one_wins_the_address(void **state)
{
    (void)state;
    struct racer racers[THREADS];
    pthread_barrier_init(&start, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        racers[i] = (struct racer){.number = i};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(racers[i].thread, NULL);
    }
    pthread_barrier_destroy(&start);
    for (int round = 0; round < ROUNDS; round++) {
        int winners = 0;
        for (int i = 0; i < THREADS; i++) {
            winners += racers[i].won[round];
            assert_int_equal(racers[i].code[round],
                             racers[i].won[round] ? ECOMMERCE_OK : ECOMMERCE_ALREADY_EXISTS);
        }
        assert_int_equal(winners, 1);
    }
}

static int set_up(void **state)
{
    (void)state;
    fixture = shop_fixture_open(FIXTURE_REAL_CLOCK | FIXTURE_FAKES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shop_fixture_close(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one_wins_the_address, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("customers_threads", tests, NULL, NULL);
}
