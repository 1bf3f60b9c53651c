/*
 * test_orders_threads.c - many callers at once, in one process and in two views of one shop.
 */
#include "services/orders/relay.h"
#include "tests/support/order_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { THREADS = 12, ROUNDS = 12 };

struct buyer {
    pthread_t thread;
    struct shop_fixture *fixture;
    const char *items;
    const char *key; /* NULL: none */
    const char *order_id;
    const char *change;
    int number, placed, refused, other;
    struct id last;
};

static void *buy(void *context)
{
    struct buyer *buyer = context;
    for (int round = 0; round < ROUNDS; round++) {
        enum ecommerce_error_code code =
            order_fixture_place(buyer->fixture, buyer->number % 2 ? "ann" : "bob", buyer->items,
                                buyer->key, &buyer->last, NULL);
        if (code == ECOMMERCE_OK) {
            buyer->placed++;
        } else if (code == ECOMMERCE_OUT_OF_STOCK) {
            buyer->refused++;
        } else {
            buyer->other++;
        }
    }
    return NULL;
}

static void run(struct buyer *buyers, size_t count, void *(*what)(void *))
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(pthread_create(&buyers[i].thread, NULL, what, &buyers[i]), 0);
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(buyers[i].thread, NULL);
    }
}

static int open_fixture(void **state)
{
    static const char *const background[] = {"relay.background=true", "orders.deadline=1min", NULL};
    *state = order_fixture_open(FIXTURE_REAL_CLOCK, background);
    return 0;
}

static int close_fixture(void **state)
{
    struct shop_fixture *fixture = *state;
    shop_fixture_close(&fixture);
    return 0;
}

static void nothing_is_oversold_by_two_processes(void **state)
{
    struct shop_fixture *f = *state, *other = shop_fixture_join(f);
    struct buyer buyers[THREADS] = {0};
    int placed = 0, refused = 0, unexpected = 0;
    enum { STOCK = 50 };
    order_fixture_receive(f, "mug", STOCK);
    for (int i = 0; i < THREADS; i++) {
        buyers[i] =
            (struct buyer){.fixture = i % 3 ? f : other, .items = "mug:1 wrap:1", .number = i};
    }
    run(buyers, THREADS, buy);
    for (int i = 0; i < THREADS; i++) {
        placed += buyers[i].placed;
        refused += buyers[i].refused;
        unexpected += buyers[i].other;
    }
    assert_int_equal(unexpected, 0);
    assert_int_equal(placed, STOCK);
    assert_int_equal(refused, THREADS * ROUNDS - STOCK);
    assert_int_equal(order_fixture_count(f), STOCK);
    order_fixture_drain(other);
    order_fixture_drain(f);
    assert_int_equal(order_fixture_available(f, "mug"), 0);
    order_fixture_check(f);
    shop_fixture_close(&other);
}

static void one_key_is_one_order_for_all(void **state)
{
    struct shop_fixture *f = *state, *other = shop_fixture_join(f);
    struct buyer buyers[THREADS] = {0};
    order_fixture_receive(f, "mug", 50);
    for (int i = 0; i < THREADS; i++) {
        buyers[i] = (struct buyer){
            .fixture = i % 2 ? f : other, .items = "mug:1", .key = "same", .number = 1};
    }
    run(buyers, THREADS, buy);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(buyers[i].placed, ROUNDS);
        assert_string_equal(buyers[i].last.text, buyers[0].last.text);
    }
    order_fixture_drain(other);
    order_fixture_drain(f);
    assert_int_equal(order_fixture_count(f), 1);
    assert_int_equal(order_fixture_available(f, "mug"), 49);
    order_fixture_check(f);
    shop_fixture_close(&other);
}

static void *change(void *context)
{
    struct buyer *buyer = context;
    enum ecommerce_error_code code =
        order_fixture_change(buyer->fixture, buyer->order_id, buyer->change, NULL);
    buyer->placed += code == ECOMMERCE_OK;
    buyer->refused += code == ECOMMERCE_INVALID_TRANSITION;
    return NULL;
}

/* One of cancel and ship wins, and stock comes back once or not at all. */
static void cancel_against_ship(void **state)
{
    struct shop_fixture *f = *state;
    order_fixture_receive(f, "mug", 100);
    for (int round = 0; round < ROUNDS; round++) {
        struct buyer buyers[4] = {0};
        struct id id;
        int64_t before = order_fixture_available(f, "mug");
        assert_int_equal(order_fixture_place(f, "ann", "mug:1", NULL, &id, NULL), ECOMMERCE_OK);
        assert_int_equal(order_fixture_change(f, id.text, "paid", NULL), ECOMMERCE_OK);
        for (int i = 0; i < 4; i++) {
            buyers[i] = (struct buyer){
                .fixture = f, .order_id = id.text, .change = i % 2 ? "cancelled" : "shipped"};
        }
        run(buyers, 4, change);
        int won = buyers[0].placed + buyers[1].placed + buyers[2].placed + buyers[3].placed;
        bool cancelled = buyers[1].placed + buyers[3].placed > 0;
        assert_int_equal(won, 1);
        order_fixture_drain(f);
        assert_int_equal(order_fixture_available(f, "mug"), cancelled ? before : before - 1);
    }
    order_fixture_check(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_oversold_by_two_processes),
        TEST(one_key_is_one_order_for_all),
        TEST(cancel_against_ship),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
