/*
 * test_basket_index.c - the arrays under all changes: what is added, taken back, forgotten, dated
 * out of order or years apart answers as the model does, which keeps nothing.
 */
#include "support/alloc.h"
#include "tests/support/basket_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct shop {
    struct basket_model model;
    struct basket_index *index;
    struct recommend_scratch *scratch;
    uint64_t random;
};

static const int64_t START = INT64_C(1291190760000000); /* 2010-12-01 08:06 */

static struct shop *shop_open(uint64_t seed)
{
    static struct shop shop;
    shop = (struct shop){.random = seed};
    shop.model.parameters = recommendation_defaults;
    /* Fewer than there are products, so that neighbours are really chosen. */
    shop.model.parameters.blend_neighbours = 5;
    shop.index = basket_index_new(&shop.model.parameters, NULL);
    shop.scratch = recommend_scratch_new();
    assert_non_null(shop.index);
    assert_non_null(shop.scratch);
    return &shop;
}

static void shop_close(struct shop *shop)
{
    basket_index_free(&shop->index);
    recommend_scratch_free(&shop->scratch);
    assert_null(shop->index);
    assert_null(shop->scratch);
    assert_int_equal(mem_live_blocks(), 0);
}

static int below(struct shop *shop, int limit)
{
    shop->random = shop->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((shop->random >> 33) % (uint64_t)limit);
}

/* Popular products have small numbers; one in seven baskets is a guest's. */
static void add_random(struct shop *shop, int64_t time)
{
    int products[MODEL_PRODUCTS];
    size_t count = (size_t)below(shop, 8) + 1;
    for (size_t x = 0; x < count; x++)
        products[x] = below(shop, below(shop, MODEL_PRODUCTS - 4) + 1);
    int customer = below(shop, 7) ? below(shop, MODEL_CUSTOMERS) : -1;
    model_add(&shop->model, shop->index, time, customer, products, count);
}

static void remove_basket(struct shop *shop, size_t key)
{
    struct model_basket *basket = &shop->model.baskets[key];
    bool held = false;
    for (int j = 0; j < MODEL_PRODUCTS; j++) {
        held = held || basket->holds[j];
        basket->holds[j] = false;
    }
    assert_int_equal(basket_index_remove(shop->index, (int64_t)key), held);
}

static void remove_line(struct shop *shop, size_t key, int product)
{
    struct model_basket *basket = &shop->model.baskets[key];
    assert_int_equal(basket_index_remove_line(shop->index, (int64_t)key, model_product_id(product)),
                     basket->holds[product]);
    basket->holds[product] = false;
}

static size_t held_lines(const struct basket_model *model, size_t *baskets)
{
    size_t lines = 0;
    *baskets = 0;
    for (size_t b = 0; b < model->count; b++) {
        size_t size = 0;
        for (int j = 0; j < MODEL_PRODUCTS; j++)
            size += model->baskets[b].holds[j];
        lines += size;
        *baskets += size > 0;
    }
    return lines;
}

static void check_size(const struct shop *shop)
{
    size_t baskets;
    size_t lines = held_lines(&shop->model, &baskets);
    struct basket_index_size size = basket_index_size(shop->index);
    assert_int_equal(size.baskets, baskets);
    assert_int_equal(size.lines, lines);
}

/* ---- adding ---- */

static void baskets_in_order_answer_as_the_model(void **state)
{
    (void)state;
    struct shop *shop = shop_open(1);
    for (int b = 0; b < 150; b++)
        add_random(shop, START + b * MODEL_DAY);
    assert_int_equal(basket_index_newest(shop->index), START + 149 * MODEL_DAY);
    check_size(shop);
    model_check_all(&shop->model, shop->index, shop->scratch, START + 149 * MODEL_DAY);
    model_check_all(&shop->model, shop->index, shop->scratch, START + 200 * MODEL_DAY);
    shop_close(shop);
}

static void baskets_out_of_order_answer_as_the_model(void **state)
{
    (void)state;
    struct shop *shop = shop_open(2);
    for (int b = 0; b < 150; b++)
        add_random(shop, START + below(shop, 400) * MODEL_DAY);
    model_check_all(&shop->model, shop->index, shop->scratch, START + 400 * MODEL_DAY);
    shop_close(shop);
}

static void the_past_does_not_know_what_came_later(void **state)
{
    (void)state;
    struct shop *shop = shop_open(3);
    for (int b = 0; b < 120; b++)
        add_random(shop, START + below(shop, 300) * MODEL_DAY);
    for (int day = -1; day <= 300; day += 43)
        model_check_all(&shop->model, shop->index, shop->scratch, START + day * MODEL_DAY);
    shop_close(shop);
}

static void repeated_products_count_once(void **state)
{
    (void)state;
    struct shop *shop = shop_open(4);
    model_add(&shop->model, shop->index, START, 0, (const int[]){3, 5, 3, 3, 5}, 5);
    struct basket_index_size size = basket_index_size(shop->index);
    assert_int_equal(size.lines, 2);
    assert_int_equal(size.products, 2);
    model_check_all(&shop->model, shop->index, shop->scratch, START);
    shop_close(shop);
}

static void keys_must_grow(void **state)
{
    (void)state;
    struct shop *shop = shop_open(5);
    struct str product = STR("p00");
    struct basket_entry entry = {.key = 7, .time = START, .products = &product, .product_count = 1};
    ecommerce_error err = {0};
    assert_true(basket_index_add(shop->index, &entry, &err));
    assert_false(basket_index_add(shop->index, &entry, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(err.field, "key");
    entry.key = 6;
    assert_false(basket_index_add(shop->index, &entry, &err));
    assert_int_equal(basket_index_size(shop->index).baskets, 1);
    entry.key = 8;
    assert_true(basket_index_add(shop->index, &entry, &err));
    shop_close(shop);
}

static void a_basket_without_products_is_nothing(void **state)
{
    (void)state;
    struct shop *shop = shop_open(6);
    struct basket_entry entry = {.key = 1, .time = START, .customer = STR("c0")};
    assert_true(basket_index_add(shop->index, &entry, NULL));
    assert_int_equal(basket_index_size(shop->index).baskets, 0);
    assert_int_equal(basket_index_newest(shop->index), INT64_MIN);
    shop_close(shop);
}

/* ---- years ---- */

/* Thirty years are 1,565 times the shortest window: without moving the origin exp() overflows
 * after 14. */
static void weights_survive_thirty_years(void **state)
{
    (void)state;
    struct shop *shop = shop_open(7);
    for (int b = 0; b < 300; b++)
        add_random(shop, START + b * INT64_C(36) * MODEL_DAY);
    int64_t newest = START + 299 * INT64_C(36) * MODEL_DAY;
    model_check_all(&shop->model, shop->index, shop->scratch, newest);
    /* Old orders that arrive late. */
    for (int b = 0; b < 20; b++)
        add_random(shop, START + below(shop, 10000) * MODEL_DAY);
    model_check_all(&shop->model, shop->index, shop->scratch, newest);
    shop_close(shop);
}

static void a_basket_of_the_far_future_harms_nobody(void **state)
{
    (void)state;
    struct shop *shop = shop_open(8);
    for (int b = 0; b < 60; b++)
        add_random(shop, START + b * MODEL_DAY);
    add_random(shop, START + INT64_C(2900000) * MODEL_DAY); /* the year 9950 */
    for (int b = 60; b < 90; b++)
        add_random(shop, START + b * MODEL_DAY);
    model_check_all(&shop->model, shop->index, shop->scratch, START + 90 * MODEL_DAY);
    remove_basket(shop, 60);
    assert_int_equal(basket_index_newest(shop->index), START + 89 * MODEL_DAY);
    model_check_all(&shop->model, shop->index, shop->scratch, START + 90 * MODEL_DAY);
    shop_close(shop);
}

/* 400 days ahead the origin stays, and the sums are some e^57 times what is left when it goes. */
static void a_great_weight_leaves_no_trace(void **state)
{
    (void)state;
    struct shop *shop = shop_open(19);
    for (int b = 0; b < 60; b++)
        add_random(shop, START + b * MODEL_DAY / 8);
    for (int b = 0; b < 5; b++)
        add_random(shop, START + 400 * MODEL_DAY);
    for (size_t key = 60; key < 65; key++)
        remove_basket(shop, key);
    model_check_all(&shop->model, shop->index, shop->scratch, START + 10 * MODEL_DAY);
    shop_close(shop);
}

/* ---- taking back ---- */

static void what_is_taken_back_never_was(void **state)
{
    (void)state;
    struct shop *shop = shop_open(9);
    for (int b = 0; b < 120; b++)
        add_random(shop, START + b * MODEL_DAY);
    for (int round = 0; round < 4; round++) {
        for (int x = 0; x < 12; x++)
            remove_basket(shop, (size_t)below(shop, 120));
        for (int x = 0; x < 40; x++)
            remove_line(shop, (size_t)below(shop, 120), below(shop, MODEL_PRODUCTS));
        check_size(shop);
        model_check_all(&shop->model, shop->index, shop->scratch, START + 130 * MODEL_DAY);
    }
    shop_close(shop);
}

static void nothing_is_left_when_all_is_taken_back(void **state)
{
    (void)state;
    struct shop *shop = shop_open(10);
    for (int b = 0; b < 30; b++)
        add_random(shop, START + b * MODEL_DAY);
    for (size_t b = 0; b < 30; b++)
        remove_basket(shop, b);
    assert_int_equal(basket_index_size(shop->index).lines, 0);
    assert_int_equal(basket_index_newest(shop->index), INT64_MIN);
    struct suggestion found[1];
    size_t count = 9;
    assert_true(recommend_trending(shop->index, shop->scratch,
                                   &(struct suggestion_query){.as_of = START, .limit = 1}, 0, found,
                                   &count, NULL));
    assert_int_equal(count, 0);
    add_random(shop, START - 900 * MODEL_DAY);
    model_check_all(&shop->model, shop->index, shop->scratch, START);
    shop_close(shop);
}

static void the_unknown_cannot_be_taken_back(void **state)
{
    (void)state;
    struct shop *shop = shop_open(11);
    model_add(&shop->model, shop->index, START, 0, (const int[]){1, 2}, 2);
    assert_false(basket_index_remove(shop->index, 1));
    assert_false(basket_index_remove(shop->index, -1));
    assert_false(basket_index_remove_line(shop->index, 0, STR("p03")));
    assert_false(basket_index_remove_line(shop->index, 1, STR("p01")));
    assert_true(basket_index_remove_line(shop->index, 0, STR("p01")));
    assert_false(basket_index_remove_line(shop->index, 0, STR("p01")));
    assert_true(basket_index_remove_line(shop->index, 0, STR("p02")));
    assert_false(basket_index_remove(shop->index, 0));
    assert_int_equal(basket_index_size(shop->index).baskets, 0);
    shop_close(shop);
}

/* The scratch remembers neighbours; each kind of change must make it forget the right ones. */
static void caches_follow_every_change(void **state)
{
    (void)state;
    struct shop *shop = shop_open(12);
    for (int b = 0; b < 80; b++)
        add_random(shop, START + b * MODEL_DAY);
    int64_t as_of = START + 500 * MODEL_DAY;
    for (int step = 0; step < 120; step++) {
        int what = below(shop, 10);
        if (what < 7)
            add_random(shop, START + (80 + step) * MODEL_DAY);
        else if (what < 9)
            remove_line(shop, (size_t)below(shop, 80), below(shop, MODEL_PRODUCTS));
        else
            remove_basket(shop, (size_t)below(shop, 80));
        model_check(&shop->model, shop->index, shop->scratch, MODEL_FOR_CUSTOMER,
                    step % MODEL_CUSTOMERS, step % 5 ? as_of : START + 60 * MODEL_DAY, 20);
    }
    shop_close(shop);
}

/* Product 0 was bought twice with each of 1 to 17 and once with each of 18 to 30, by customer 0. */
static struct shop *shop_with_neighbours(uint64_t seed)
{
    struct shop *shop = shop_open(seed);
    for (int j = 1; j <= 30; j++)
        for (int times = j <= 17 ? 2 : 1; times > 0; times--)
            model_add(&shop->model, shop->index, START, 0, (const int[]){0, j}, 2);
    return shop;
}

/* All that a row remembers falls behind what it left out when it is sold without product 0. */
static void remembered_neighbours_are_outrun(void **state)
{
    (void)state;
    struct shop *shop = shop_with_neighbours(17);
    model_check(&shop->model, shop->index, shop->scratch, MODEL_FOR_CUSTOMER, 0, START, 40);
    for (int times = 0; times < 12; times++)
        for (int j = 1; j <= 17; j++)
            model_add(&shop->model, shop->index, START, -1, &j, 1);
    model_check(&shop->model, shop->index, shop->scratch, MODEL_FOR_CUSTOMER, 0, START, 40);
    shop_close(shop);
}

/* A neighbour that was left out because it sold without product 0 comes in when that is cancelled.
 */
static void cancelled_sales_let_neighbours_in(void **state)
{
    (void)state;
    struct shop *shop = shop_with_neighbours(18);
    size_t first = shop->model.count;
    for (int times = 0; times < 40; times++)
        model_add(&shop->model, shop->index, START, -1, (const int[]){1, 2}, 2);
    model_check(&shop->model, shop->index, shop->scratch, MODEL_FOR_CUSTOMER, 0, START, 40);
    for (size_t key = first; key < shop->model.count; key++)
        remove_basket(shop, key);
    model_check(&shop->model, shop->index, shop->scratch, MODEL_FOR_CUSTOMER, 0, START, 40);
    shop_close(shop);
}

static void a_scratch_may_change_its_index(void **state)
{
    (void)state;
    struct shop *shop = shop_open(13);
    struct basket_model other = {.parameters = shop->model.parameters};
    struct basket_index *other_index = basket_index_new(&other.parameters, NULL);
    assert_non_null(other_index);
    for (int b = 0; b < 20; b++)
        add_random(shop, START + b * MODEL_DAY);
    model_add(&other, other_index, START, 1, (const int[]){7, 8}, 2);
    model_add(&other, other_index, START, 1, (const int[]){8, 9}, 2);
    for (int round = 0; round < 2; round++) {
        model_check_all(&shop->model, shop->index, shop->scratch, START + 20 * MODEL_DAY);
        model_check_all(&other, other_index, shop->scratch, START);
    }
    basket_index_free(&other_index);
    shop_close(shop);
}

/* ---- forgetting ---- */

static void forgotten_customers_become_guests(void **state)
{
    (void)state;
    struct shop *shop = shop_open(14);
    for (int b = 0; b < 60; b++)
        add_random(shop, START + b * MODEL_DAY);
    assert_true(basket_index_forget_customer(shop->index, STR("c2")));
    assert_false(basket_index_forget_customer(shop->index, STR("c2")));
    assert_false(basket_index_forget_customer(shop->index, STR("nobody")));
    for (size_t b = 0; b < shop->model.count; b++)
        if (shop->model.baskets[b].customer == 2)
            shop->model.baskets[b].customer = -1;
    model_check_all(&shop->model, shop->index, shop->scratch, START + 60 * MODEL_DAY);
    /* Who comes back is a new customer. */
    model_add(&shop->model, shop->index, START + 60 * MODEL_DAY, 2, (const int[]){1, 40}, 2);
    model_check_all(&shop->model, shop->index, shop->scratch, START + 60 * MODEL_DAY);
    shop_close(shop);
}

/* ---- failing allocations ---- */

static void a_failed_basket_was_not_added(void **state)
{
    (void)state;
    struct shop *shop = shop_open(15);
    for (int b = 0; b < 40; b++) {
        struct str products[3] = {model_product_id(b), model_product_id((b * 7) % 40),
                                  model_product_id(41)};
        struct basket_entry entry = {.key = b,
                                     .time = START + b * MODEL_DAY,
                                     .customer = model_customer_id(b % MODEL_CUSTOMERS),
                                     .products = products,
                                     .product_count = 3};
        for (long successes = 0;; successes++) {
            ecommerce_error err = {0};
            mem_fail_after(successes);
            bool ok = basket_index_add(shop->index, &entry, &err);
            mem_fail_after(-1);
            if (ok)
                break;
            assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
            check_size(shop);
        }
        struct model_basket *basket = &shop->model.baskets[shop->model.count++];
        *basket = (struct model_basket){.time = entry.time, .customer = b % MODEL_CUSTOMERS};
        for (size_t x = 0; x < 3; x++)
            basket->holds[model_product(products[x])] = true;
        check_size(shop);
    }
    model_check_all(&shop->model, shop->index, shop->scratch, START + 40 * MODEL_DAY);
    shop_close(shop);
}

/* A question without memory says so, and leaves the scratch fit for the next one. */
static void a_failed_question_harms_no_other(void **state)
{
    (void)state;
    struct shop *shop = shop_open(16);
    for (int b = 0; b < 40; b++)
        add_random(shop, START + b * MODEL_DAY);
    for (int round = 0; round < 2; round++) {
        int64_t as_of = START + (round ? 20 : 40) * MODEL_DAY;
        struct suggestion found[20];
        struct suggestion_query query = {.as_of = as_of, .limit = 20};
        size_t count = 1;
        for (long successes = 0; count != 0; successes++) {
            ecommerce_error err = {0};
            recommend_scratch_free(&shop->scratch);
            shop->scratch = recommend_scratch_new();
            mem_fail_after(successes);
            bool ok = recommend_for_customer(shop->index, shop->scratch, &query, STR("c1"), found,
                                             &count, &err);
            mem_fail_after(-1);
            model_check_all(&shop->model, shop->index, shop->scratch, as_of);
            if (ok)
                break;
            assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
            assert_int_equal(count, 0);
            count = 1;
        }
    }
    shop_close(shop);
}

static void an_index_that_cannot_be_made_is_null(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    mem_fail_after(0);
    struct basket_index *index = basket_index_new(NULL, &err);
    struct recommend_scratch *scratch = recommend_scratch_new();
    mem_fail_after(-1);
    assert_null(index);
    assert_null(scratch);
    assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
    basket_index_free(&index);
    recommend_scratch_free(&scratch);
}

static void parameters_out_of_range_are_refused(void **state)
{
    (void)state;
    struct recommendation_parameters p = recommendation_defaults;
    ecommerce_error err = {0};
    assert_true(recommendation_parameters_check(&p, &err));
    p.trend_days = 0;
    assert_null(basket_index_new(&p, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_CONFIGURATION);
    assert_string_equal(err.field, "trend_days");
    p = recommendation_defaults;
    p.walk_prior = -1;
    assert_false(recommendation_parameters_check(&p, &err));
    assert_string_equal(err.field, "walk_prior");
    p.walk_prior = (double)NAN;
    assert_false(recommendation_parameters_check(&p, &err));
    p = recommendation_defaults;
    p.blend_neighbours = RECOMMEND_NEIGHBOURS_MAX + 1;
    assert_false(recommendation_parameters_check(&p, &err));
    assert_string_equal(err.field, "blend_neighbours");
    p.blend_neighbours = RECOMMEND_NEIGHBOURS_MAX;
    assert_true(recommendation_parameters_check(&p, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(baskets_in_order_answer_as_the_model),
        cmocka_unit_test(baskets_out_of_order_answer_as_the_model),
        cmocka_unit_test(the_past_does_not_know_what_came_later),
        cmocka_unit_test(repeated_products_count_once),
        cmocka_unit_test(keys_must_grow),
        cmocka_unit_test(a_basket_without_products_is_nothing),
        cmocka_unit_test(weights_survive_thirty_years),
        cmocka_unit_test(a_basket_of_the_far_future_harms_nobody),
        cmocka_unit_test(a_great_weight_leaves_no_trace),
        cmocka_unit_test(what_is_taken_back_never_was),
        cmocka_unit_test(nothing_is_left_when_all_is_taken_back),
        cmocka_unit_test(the_unknown_cannot_be_taken_back),
        cmocka_unit_test(caches_follow_every_change),
        cmocka_unit_test(remembered_neighbours_are_outrun),
        cmocka_unit_test(cancelled_sales_let_neighbours_in),
        cmocka_unit_test(a_scratch_may_change_its_index),
        cmocka_unit_test(forgotten_customers_become_guests),
        cmocka_unit_test(a_failed_basket_was_not_added),
        cmocka_unit_test(a_failed_question_harms_no_other),
        cmocka_unit_test(an_index_that_cannot_be_made_is_null),
        cmocka_unit_test(parameters_out_of_range_are_refused),
    };
    return cmocka_run_group_tests_name("basket_index", tests, NULL, NULL);
}
