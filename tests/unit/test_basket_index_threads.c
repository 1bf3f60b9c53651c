/*
 * test_basket_index_threads.c - readers with a scratch each ask at the same time, while a writer
 * sells and cancels between their questions.
 */
#include "support/alloc.h"
#include "tests/support/basket_model.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { READERS = 3, ROUNDS = 150 };

struct shop {
    pthread_rwlock_t lock;
    struct basket_index *index;
    int64_t baskets; /* sold so far; under the lock */
};

struct reader {
    pthread_t thread;
    struct shop *shop;
    int wrong; /* answers that were no answer */
};

/* cmocka's asserts belong to the main thread: a reader counts what is wrong. */
static int ask_all(struct shop *shop, struct recommend_scratch *scratch, int64_t as_of, int round)
{
    struct suggestion found[8];
    struct suggestion_query query = {.as_of = as_of, .limit = 8};
    struct str product = model_product_id(round % MODEL_PRODUCTS);
    struct str customer = model_customer_id(round % MODEL_CUSTOMERS);
    size_t counts[4] = {0};
    bool ok =
        recommend_bought_together(shop->index, scratch, &query, product, found, &counts[0], NULL) &&
        recommend_for_customer(shop->index, scratch, &query, customer, found, &counts[1], NULL) &&
        recommend_buy_again(shop->index, scratch, &query, customer, found, &counts[2], NULL) &&
        recommend_trending(shop->index, scratch, &query, 0, found, &counts[3], NULL);
    bool full = counts[0] == 8 && counts[1] == 8 && counts[2] > 0 && counts[3] == 8;
    return ok && full ? 0 : 1;
}

static void *read_on(void *argument)
{
    struct reader *reader = argument;
    struct shop *shop = reader->shop;
    struct recommend_scratch *scratch = recommend_scratch_new();
    if (!scratch) {
        reader->wrong++;
        return NULL;
    }
    for (int round = 0; round < ROUNDS; round++) {
        pthread_rwlock_rdlock(&shop->lock);
        int64_t newest = basket_index_newest(shop->index);
        reader->wrong += ask_all(shop, scratch, newest, round);
        reader->wrong += ask_all(shop, scratch, newest - 5 * MODEL_DAY, round);
        pthread_rwlock_unlock(&shop->lock);
    }
    recommend_scratch_free(&scratch);
    return NULL;
}

static bool sell(struct shop *shop)
{
    struct str products[4];
    for (int x = 0; x < 4; x++)
        products[x] = model_product_id((int)(shop->baskets * (x + 1) + x) % MODEL_PRODUCTS);
    struct basket_entry entry = {
        .key = shop->baskets,
        .time = INT64_C(1291190760000000) + shop->baskets * MODEL_DAY,
        .customer = model_customer_id((int)(shop->baskets % MODEL_CUSTOMERS)),
        .products = products,
        .product_count = 4,
    };
    shop->baskets++;
    return basket_index_add(shop->index, &entry, NULL);
}

static void readers_and_a_writer_take_turns(void **state)
{
    (void)state;
    struct shop shop = {.index = basket_index_new(NULL, NULL)};
    struct reader readers[READERS];
    assert_non_null(shop.index);
    assert_int_equal(pthread_rwlock_init(&shop.lock, NULL), 0);
    for (int b = 0; b < 4 * MODEL_PRODUCTS; b++) {
        (void)model_product_id(b % MODEL_PRODUCTS); /* made before there are threads */
        assert_true(sell(&shop));
    }
    for (int r = 0; r < READERS; r++) {
        readers[r] = (struct reader){.shop = &shop};
        assert_int_equal(pthread_create(&readers[r].thread, NULL, read_on, &readers[r]), 0);
    }
    int wrong = 0;
    for (int round = 0; round < ROUNDS; round++) {
        pthread_rwlock_wrlock(&shop.lock);
        wrong += !sell(&shop);
        wrong += !basket_index_remove(shop.index, round % 2 ? shop.baskets - 1 : round);
        pthread_rwlock_unlock(&shop.lock);
    }
    for (int r = 0; r < READERS; r++) {
        assert_int_equal(pthread_join(readers[r].thread, NULL), 0);
        wrong += readers[r].wrong;
    }
    assert_int_equal(wrong, 0);
    pthread_rwlock_destroy(&shop.lock);
    basket_index_free(&shop.index);
    assert_int_equal(mem_live_blocks(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(readers_and_a_writer_take_turns)};
    return cmocka_run_group_tests_name("basket_index_threads", tests, NULL, NULL);
}
