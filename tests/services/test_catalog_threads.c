/*
 * test_catalog_threads.c - readers and a writer of one product: who reads after a change was
 * acknowledged sees it, and many who miss the same answer make it once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/catalog/catalog.h"
#include "tests/support/shop_fixture.h"

#include <pthread.h>
#include <stdio.h>

enum { READERS = 4, CHANGES = 40 };

static struct shop_fixture *fixture;
static _Atomic int64_t written; /* the newest price that was acknowledged */
static atomic_bool stop;
static _Atomic long wrong;
static pthread_barrier_t together;

static void put_price(int64_t price)
{
    struct call call;
    ecommerce_error err = {0};
    char json[64];
    snprintf(json, sizeof(json), "{'name': 'Heart', 'price': %lld}", (long long)price);
    fixture_call_begin(&fixture->shop, &call);
    assert_true(catalog_put_product(&call, STR("p"), fixture_doc(&call, json), NULL, &err));
    fixture_call_end(&call);
}

static int64_t price_in_details(struct call *call)
{
    struct doc_value price;
    ecommerce_error err;
    if (!catalog_get_product_details(call, STR("p"), NULL, &err) ||
        !doc_get(fixture_call_answer(call), "price", &price)) {
        return -1;
    }
    return price.decimal.coefficient;
}

static int64_t price_of_item(struct call *call)
{
    struct sellable sellable;
    bool found, needs_variant;
    ecommerce_error err;
    bool ok = catalog_find_sellable(call, STR("p"), &sellable, &found, &needs_variant, &err);
    return ok && found ? sellable.price : -1;
}

static void *read_all_the_time(void *context)
{
    UNUSED(context);
    while (!atomic_load(&stop)) {
        struct call call;
        fixture_call_begin(&fixture->shop, &call);
        int64_t least = atomic_load(&written);
        if (price_of_item(&call) < least || price_in_details(&call) < least) {
            atomic_fetch_add(&wrong, 1);
        }
        fixture_call_end(&call);
    }
    return NULL;
}

static void an_acknowledged_change_is_seen(void **state)
{
    UNUSED(state);
    pthread_t threads[READERS];
    put_price(1);
    atomic_store(&written, 100);
    for (int i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_all_the_time, NULL), 0);
    }
    for (int64_t price = 2; price < CHANGES; price++) {
        put_price(price);
        atomic_store(&written, price * 100);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&wrong), 0);
}

static void *read_once(void *context)
{
    UNUSED(context);
    struct call call;
    fixture_call_begin(&fixture->shop, &call);
    pthread_barrier_wait(&together);
    if (price_in_details(&call) != 500) {
        atomic_fetch_add(&wrong, 1);
    }
    fixture_call_end(&call);
    return NULL;
}

static void a_missing_answer_is_made_once(void **state)
{
    UNUSED(state);
    pthread_t threads[READERS];
    put_price(5);
    pthread_barrier_init(&together, NULL, READERS);
    failing_stores_forget(&fixture->stores);
    for (int i = 0; i < READERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_once, NULL), 0);
    }
    for (int i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_barrier_destroy(&together);
    assert_int_equal(atomic_load(&wrong), 0);
    assert_int_equal(failing_stores_count_of(&fixture->stores, ROLE_LIVE, LIVE_LEVELS), 1);
}

static int open_shop(void **state)
{
    UNUSED(state);
    static const char *const patient[] = {"cache.stampede_wait=10s", NULL};
    fixture = shop_fixture_open_with(FIXTURE_FAKES | FIXTURE_REAL_CLOCK, patient);
    atomic_store(&wrong, 0);
    return 0;
}

static int close_shop(void **state)
{
    UNUSED(state);
    shop_fixture_close(&fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_acknowledged_change_is_seen, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(a_missing_answer_is_made_once, open_shop, close_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
