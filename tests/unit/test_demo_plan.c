/* The demonstration plan holds together: what it refers to, its order in time, its stock, its ids.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/imports/demo_plan.h"
#include "support/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1790000000000000) /* 2026-09-21T14:13:20Z */
#define DAY INT64_C(86400000000)

static struct demo_options small_options(uint64_t seed)
{
    struct demo_options options;
    demo_options_default(&options, seed, NOW);
    options.products = 120;
    options.customers = 90;
    options.orders = 700;
    return options;
}

static struct demo_plan *make(const struct demo_options *options)
{
    ecommerce_error err = {0};
    struct demo_plan *plan = demo_plan_new(options, &err);
    if (!plan)
        fail_msg("no plan: %s", err.message);
    return plan;
}

static uint64_t hash_of(const struct demo_options *options)
{
    struct demo_plan *plan = make(options);
    uint64_t hash = demo_plan_hash(plan);
    demo_plan_free(&plan);
    assert_null(plan);
    return hash;
}

static int make_default(void **state)
{
    struct demo_options options;
    demo_options_default(&options, 7, NOW);
    *state = demo_plan_new(&options, NULL);
    return *state ? 0 : -1;
}

static int free_default(void **state)
{
    struct demo_plan *plan = *state;
    demo_plan_free(&plan);
    return mem_live_blocks() == 0 ? 0 : -1;
}

/* ---- the same and not the same ---- */

static void equal_options_give_equal_plans(void **state)
{
    (void)state;
    struct demo_options options = small_options(1);
    uint64_t hash = hash_of(&options);
    assert_true(hash_of(&options) == hash);
    /* The same on every machine. It changes with the vocabulary and the rules: then on purpose. */
    if (hash != UINT64_C(0x85b5f08d3ef56ba5))
        fail_msg("the plan of seed 1 has the digest 0x%016llx", (unsigned long long)hash);
}

static void every_option_that_matters_gives_another_plan(void **state)
{
    (void)state;
    struct demo_options base = small_options(1);
    uint64_t hash = hash_of(&base);
    struct demo_options others[10];
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++)
        others[i] = base;
    others[0].seed++;
    others[1].now += DAY;
    others[2].products++;
    others[3].customers++;
    others[4].orders++;
    others[5].carts++;
    others[6].days++;
    others[7].behaviour_days = 7;
    others[8].alpha_milli = 700;
    others[9].guest_per_mille = 300;
    for (size_t i = 0; i < ARRAY_LENGTH(others); i++) {
        if (hash_of(&others[i]) == hash)
            fail_msg("variation %zu gives the same plan", i);
    }
}

static void more_orders_do_not_change_the_catalogue(void **state)
{
    (void)state;
    struct demo_options options = small_options(1);
    struct demo_plan *few = make(&options);
    options.orders *= 2;
    struct demo_plan *many = make(&options);
    for (size_t i = 0; i < few->product_count; i++)
        assert_string_equal(few->products[i].product_id, many->products[i].product_id);
    demo_plan_free(&few);
    demo_plan_free(&many);
}

static void parts_of_a_second_of_now_do_not_count(void **state)
{
    (void)state;
    struct demo_options options = small_options(1);
    uint64_t hash = hash_of(&options);
    options.now += 999999;
    assert_true(hash_of(&options) == hash);
}

/* ---- the stream ---- */

/* What an event needs must have happened, in the stream itself. */
struct seen {
    bool *categories, *products, *customers, *orders;
};

static void note_and_check(const struct demo_plan *plan, struct seen *seen,
                           const struct demo_event *event)
{
    uint32_t i = event->index;
    switch (event->kind) {
    case DEMO_PUT_CATEGORY:
        assert_true(plan->categories[i].parent == DEMO_NONE ||
                    seen->categories[plan->categories[i].parent]);
        assert_false(seen->categories[i]);
        seen->categories[i] = true;
        return;
    case DEMO_PUT_PRODUCT:
        assert_true(seen->categories[plan->products[i].category]);
        assert_false(seen->products[i]);
        seen->products[i] = true;
        return;
    case DEMO_CHANGE_PRICE:
    case DEMO_RETIRE_PRODUCT:
        assert_true(seen->products[i]);
        return;
    case DEMO_PUT_CUSTOMER:
        assert_false(seen->customers[i]);
        seen->customers[i] = true;
        return;
    case DEMO_MOVE_STOCK:
        assert_true(seen->products[plan->skus[plan->movements[i].sku].product]);
        return;
    case DEMO_PLACE_ORDER:
        assert_true(plan->orders[i].customer == DEMO_NONE ||
                    seen->customers[plan->orders[i].customer]);
        assert_false(seen->orders[i]);
        seen->orders[i] = true;
        return;
    case DEMO_CHANGE_ORDER:
        assert_true(seen->orders[plan->changes[i].order]);
        return;
    case DEMO_RETURN_ORDER:
        assert_true(seen->orders[plan->returns[i].order]);
        return;
    case DEMO_RECORD_EVENT:
        assert_true(plan->behaviour[i].customer == DEMO_NONE ||
                    seen->customers[plan->behaviour[i].customer]);
        assert_true(plan->behaviour[i].product == DEMO_NONE ||
                    seen->products[plan->behaviour[i].product]);
        return;
    case DEMO_ADD_TO_CART:
        assert_true(plan->cart_items[i].customer == DEMO_NONE ||
                    seen->customers[plan->cart_items[i].customer]);
        assert_true(seen->products[plan->cart_items[i].product]);
        return;
    }
    fail_msg("an event of kind %d", (int)event->kind);
}

static void events_come_in_time_order_after_what_they_need(void **state)
{
    const struct demo_plan *plan = *state;
    struct seen seen = {.categories = calloc(plan->category_count, 1),
                        .products = calloc(plan->product_count, 1),
                        .customers = calloc(plan->customer_count, 1),
                        .orders = calloc(plan->order_count, 1)};
    for (size_t i = 0; i < plan->event_count; i++) {
        const struct demo_event *event = &plan->events[i];
        assert_true(i == 0 || plan->events[i - 1].at <= event->at);
        assert_true(event->at <= plan->options.now);
        assert_true(event->at % 1000000 == 0);
        note_and_check(plan, &seen, event);
    }
    free(seen.categories);
    free(seen.products);
    free(seen.customers);
    free(seen.orders);
}

static void every_item_is_one_event(void **state)
{
    const struct demo_plan *plan = *state;
    size_t counts[DEMO_ADD_TO_CART + 1] = {0};
    for (size_t i = 0; i < plan->event_count; i++)
        counts[plan->events[i].kind]++;
    size_t repriced = 0;
    size_t retired = 0;
    for (size_t i = 0; i < plan->product_count; i++) {
        repriced += plan->products[i].repriced_at != 0;
        retired += plan->products[i].retired_at != 0;
    }
    const size_t expected[] = {plan->category_count,
                               plan->product_count,
                               repriced,
                               retired,
                               plan->customer_count,
                               plan->movement_count,
                               plan->order_count,
                               plan->change_count,
                               plan->return_count,
                               plan->behaviour_count,
                               plan->cart_item_count};
    for (size_t kind = 0; kind < ARRAY_LENGTH(expected); kind++) {
        assert_int_equal(counts[kind], expected[kind]);
        assert_true(expected[kind] > 0);
    }
}

/* ---- stock ---- */

static void add_order(const struct demo_plan *plan, int64_t *stock, uint32_t index, int sign)
{
    const struct demo_order *order = &plan->orders[index];
    for (uint32_t i = order->first_line; i < order->first_line + order->line_count; i++) {
        const struct demo_line *line = &plan->lines[i];
        if (plan->products[line->product].tracked)
            stock[line->sku] += sign * line->quantity;
        if (stock[line->sku] < 0)
            fail_msg("order %u takes more of %s than there is", order->number,
                     plan->skus[line->sku].sku);
    }
}

static void add_return(const struct demo_plan *plan, int64_t *stock, uint32_t index)
{
    const struct demo_return *back = &plan->returns[index];
    uint32_t first = plan->orders[back->order].first_line;
    for (uint32_t i = back->first_line; i < back->first_line + back->line_count; i++) {
        const struct demo_return_line *line = &plan->return_lines[i];
        stock[plan->lines[first + line->line].sku] += line->quantity;
    }
}

static void replay_stock(const struct demo_plan *plan, int64_t *stock)
{
    for (size_t i = 0; i < plan->event_count; i++) {
        const struct demo_event *event = &plan->events[i];
        if (event->kind == DEMO_MOVE_STOCK) {
            const struct demo_movement *movement = &plan->movements[event->index];
            stock[movement->sku] += movement->quantity;
            assert_true(movement->quantity != 0 && stock[movement->sku] >= 0);
            assert_true(movement->kind == DEMO_ADJUSTMENT || movement->quantity > 0);
        } else if (event->kind == DEMO_PLACE_ORDER) {
            add_order(plan, stock, event->index, -1);
        } else if (event->kind == DEMO_CHANGE_ORDER) {
            const struct demo_change *change = &plan->changes[event->index];
            if (change->kind == DEMO_CANCELLED)
                add_order(plan, stock, change->order, 1);
        } else if (event->kind == DEMO_RETURN_ORDER) {
            add_return(plan, stock, event->index);
        }
    }
}

static void no_order_takes_more_than_there_is(void **state)
{
    const struct demo_plan *plan = *state;
    int64_t *stock = calloc(plan->sku_count, sizeof(*stock));
    replay_stock(plan, stock);
    for (size_t i = 0; i < plan->sku_count; i++)
        assert_true(stock[i] == plan->skus[i].in_stock);
    free(stock);
}

static void untracked_services_have_no_movements(void **state)
{
    const struct demo_plan *plan = *state;
    for (size_t i = 0; i < plan->movement_count; i++)
        assert_true(plan->products[plan->skus[plan->movements[i].sku].product].tracked);
}

static void some_shelves_are_empty_and_some_nearly(void **state)
{
    const struct demo_totals *totals = &((const struct demo_plan *)*state)->totals;
    assert_true(totals->out_of_stock >= 3);
    assert_true(totals->nearly_out >= 10);
    /* But the shop is not sold out. */
    assert_true(totals->out_of_stock * 10 < totals->tracked_skus);
    assert_true(totals->nearly_out * 5 < totals->tracked_skus);
}

/* ---- orders ---- */

static void check_line(const struct demo_plan *plan, const struct demo_order *order, uint32_t at)
{
    const struct demo_line *line = &plan->lines[at];
    const struct demo_product *product = &plan->products[line->product];
    assert_true(line->quantity >= 1);
    assert_true(line->price == demo_price_at(product, line->variant, order->placed_at));
    assert_true(product->created_at <= order->placed_at);
    assert_true(product->retired_at == 0 || order->placed_at < product->retired_at);
    assert_true((line->variant == DEMO_NONE) == (product->variant_count == 0));
    assert_int_equal(plan->skus[line->sku].product, line->product);
    assert_int_equal(plan->skus[line->sku].variant, line->variant);
    for (uint32_t other = order->first_line; other < at; other++)
        assert_int_not_equal(plan->lines[other].sku, line->sku);
}

static void orders_add_up(void **state)
{
    const struct demo_plan *plan = *state;
    assert_int_equal(plan->order_count, plan->options.orders);
    int64_t turnover = 0;
    for (size_t i = 0; i < plan->order_count; i++) {
        const struct demo_order *order = &plan->orders[i];
        int64_t total = order->delivery_cost;
        assert_int_equal(order->number, DEMO_FIRST_ORDER_NUMBER + i);
        assert_true(order->placed_at >= plan->start && order->placed_at < plan->options.now);
        assert_in_range(order->line_count, 1, DEMO_LINES_MAX);
        assert_true((order->customer == DEMO_NONE) == (order->guest != DEMO_NONE));
        for (uint32_t k = order->first_line; k < order->first_line + order->line_count; k++) {
            check_line(plan, order, k);
            total += plan->lines[k].price * plan->lines[k].quantity;
        }
        assert_true(order->total == total);
        turnover += total;
    }
    assert_true(plan->totals.turnover == turnover);
}

/* placed -> paid -> shipped -> delivered, or cancelled before it left. */
static void changes_follow_the_life_of_an_order(void **state)
{
    const struct demo_plan *plan = *state;
    enum { PLACED = DEMO_CANCELLED + 1, RETURNED };
    int *status = calloc(plan->order_count, sizeof(*status));
    int64_t *since = calloc(plan->order_count, sizeof(*since));
    size_t counts[RETURNED + 1] = {0};
    for (size_t i = 0; i < plan->order_count; i++) {
        status[i] = PLACED;
        since[i] = plan->orders[i].placed_at;
    }
    for (size_t i = 0; i < plan->change_count; i++) {
        const struct demo_change *change = &plan->changes[i];
        int from = status[change->order];
        assert_true(change->at > since[change->order]);
        assert_true(change->kind != DEMO_PAID || from == PLACED);
        assert_true(change->kind != DEMO_SHIPPED || from == DEMO_PAID);
        assert_true(change->kind != DEMO_DELIVERED || from == DEMO_SHIPPED);
        assert_true(change->kind != DEMO_CANCELLED || from == PLACED || from == DEMO_PAID);
        assert_non_null(change->reference);
        status[change->order] = (int)change->kind;
        since[change->order] = change->at;
    }
    for (size_t i = 0; i < plan->return_count; i++) {
        const struct demo_return *back = &plan->returns[i];
        assert_int_equal(status[back->order], DEMO_DELIVERED);
        assert_true(back->at > since[back->order]);
        status[back->order] = RETURNED;
    }
    for (size_t i = 0; i < plan->order_count; i++)
        counts[status[i]]++;
    assert_int_equal(counts[DEMO_CANCELLED], plan->totals.cancelled_orders);
    assert_int_equal(counts[RETURNED], plan->totals.returned_orders);
    /* All states are there to be seen; most orders arrived and stayed. */
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++)
        assert_true(counts[i] > 0);
    assert_true(counts[DEMO_DELIVERED] * 10 > plan->order_count * 8);
    free(status);
    free(since);
}

static void returns_are_a_part_of_what_was_bought(void **state)
{
    const struct demo_plan *plan = *state;
    size_t partial = 0;
    for (size_t i = 0; i < plan->return_count; i++) {
        const struct demo_return *back = &plan->returns[i];
        const struct demo_order *order = &plan->orders[back->order];
        assert_non_null(back->reason);
        for (uint32_t k = back->first_line; k < back->first_line + back->line_count; k++) {
            const struct demo_return_line *line = &plan->return_lines[k];
            assert_true(line->line < order->line_count);
            const struct demo_line *bought = &plan->lines[order->first_line + line->line];
            assert_in_range(line->quantity, 1, bought->quantity);
            assert_true(plan->products[bought->product].tracked);
        }
        assert_in_range(back->line_count, 1, order->line_count);
        partial += back->line_count < order->line_count;
    }
    assert_true(partial > 0);
}

/* ---- catalogue and people ---- */

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void assert_unique(const char **texts, size_t count)
{
    qsort(texts, count, sizeof(*texts), compare_texts);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(texts[i - 1], texts[i]) == 0)
            fail_msg("'%s' is there twice", texts[i]);
    }
}

static void ids_of_goods_are_unique_and_plain(void **state)
{
    const struct demo_plan *plan = *state;
    const char **texts = calloc(plan->sku_count * 2 + plan->product_count, sizeof(*texts));
    size_t count = 0;
    for (size_t i = 0; i < plan->product_count; i++) {
        const struct demo_product *product = &plan->products[i];
        texts[count++] = product->product_id;
        for (size_t k = 0; k < product->variant_count; k++)
            texts[count++] = product->variants[k].variant_id;
    }
    for (size_t i = 0; i < count; i++) {
        assert_in_range(strlen(texts[i]), 1, 64);
        assert_int_equal(strspn(texts[i], "abcdefghijklmnopqrstuvwxyz0123456789-"),
                         strlen(texts[i]));
    }
    for (size_t i = 0; i < plan->sku_count; i++)
        texts[count++] = plan->skus[i].sku;
    assert_unique(texts, count);
    free(texts);
}

static bool believable(int64_t price)
{
    static const int endings[] = {0, 49, 50, 90, 95, 99};
    for (size_t i = 0; i < ARRAY_LENGTH(endings); i++) {
        if (price % 100 == endings[i])
            return price > 0;
    }
    return false;
}

static void products_are_complete(void **state)
{
    const struct demo_plan *plan = *state;
    size_t with_variants = 0, services = 0, retired = 0, repriced = 0, dearer = 0;
    for (size_t i = 0; i < plan->product_count; i++) {
        const struct demo_product *product = &plan->products[i];
        assert_true(believable(product->price) && believable(product->first_price));
        assert_true(strlen(product->description) > 20);
        assert_true(strncmp(product->image, "images/", 7) == 0);
        assert_true(plan->categories[product->category].parent != DEMO_NONE);
        assert_true(!product->tracked || product->attribute_count >= 4);
        assert_true((product->repriced_at != 0) == (product->price != product->first_price));
        for (size_t k = 0; k < product->variant_count; k++) {
            const struct demo_variant *variant = &product->variants[k];
            assert_true(believable(variant->price) && variant->price >= product->price);
            assert_string_equal(plan->skus[variant->sku].sku + 8,
                                strrchr(plan->skus[variant->sku].sku, '-'));
            dearer += variant->price > product->price;
        }
        with_variants += product->variant_count >= 2;
        services += !product->tracked;
        retired += product->retired_at != 0;
        repriced += product->repriced_at != 0;
    }
    assert_true(with_variants * 5 > plan->product_count);
    assert_true(dearer > 0 && services >= 2 && retired > 0 && repriced > 0);
}

static void the_tree_has_two_levels(void **state)
{
    const struct demo_plan *plan = *state;
    size_t *products = calloc(plan->category_count, sizeof(*products));
    for (size_t i = 0; i < plan->product_count; i++)
        products[plan->products[i].category]++;
    size_t leaves = 0;
    for (size_t i = 0; i < plan->category_count; i++) {
        uint32_t parent = plan->categories[i].parent;
        if (parent == DEMO_NONE)
            continue;
        leaves++;
        assert_true(plan->categories[parent].parent == DEMO_NONE);
        assert_true(products[i] > 0);
    }
    assert_int_equal(leaves, 12);
    free(products);
}

static bool at_example_domain(const char *email)
{
    const char *domain = strchr(email, '@');
    if (!domain || domain == email || strchr(domain + 1, '@'))
        return false;
    const char *end = strstr(domain, "example.");
    return end && (end[-1] == '@' || end[-1] == '.') &&
           (strcmp(end, "example.com") == 0 || strcmp(end, "example.org") == 0);
}

static void check_person(const struct demo_customer *person)
{
    assert_true(at_example_domain(person->email));
    assert_true(strspn(person->email, "abcdefghijklmnopqrstuvwxyz0123456789.@") ==
                strlen(person->email));
    assert_non_null(strchr(person->name, ' '));
    assert_int_equal(strlen(person->address.country), 2);
    assert_true(strlen(person->address.line) > 3 && strlen(person->address.city) > 3);
    assert_null(strpbrk(person->address.postal_code, "#@"));
}

static void e_mail_addresses_are_unique(void **state)
{
    (void)state;
    struct demo_options options = small_options(3);
    options.customers = 20000; /* more than there are names */
    struct demo_plan *plan = make(&options);
    size_t count = plan->customer_count + plan->guest_count;
    const char **emails = calloc(count, sizeof(*emails));
    for (size_t i = 0; i < count; i++) {
        const struct demo_customer *person = i < plan->customer_count
                                                 ? &plan->customers[i]
                                                 : &plan->guests[i - plan->customer_count];
        check_person(person);
        emails[i] = person->email;
    }
    assert_true(plan->guest_count > 0);
    assert_unique(emails, count);
    free(emails);
    demo_plan_free(&plan);
}

/* ---- the last weeks ---- */

static void behaviour_is_of_the_last_weeks(void **state)
{
    const struct demo_plan *plan = *state;
    int64_t from = plan->options.now - plan->options.behaviour_days * DAY - DAY / 24;
    size_t counts[3] = {0};
    size_t known = 0;
    for (size_t i = 0; i < plan->behaviour_count; i++) {
        const struct demo_behaviour *noted = &plan->behaviour[i];
        assert_true(noted->at >= from && noted->at < plan->options.now);
        assert_true((noted->kind == DEMO_SEARCHED) == (noted->query != NULL));
        assert_true((noted->kind == DEMO_SEARCHED) == (noted->product == DEMO_NONE));
        counts[noted->kind]++;
        known += noted->customer != DEMO_NONE;
    }
    assert_true(counts[DEMO_VIEWED] > counts[DEMO_SEARCHED]);
    assert_true(counts[DEMO_VIEWED] > counts[DEMO_ADDED_TO_CART]);
    assert_true(counts[DEMO_SEARCHED] > 100 && counts[DEMO_ADDED_TO_CART] > 100);
    assert_true(known > 0 && known < plan->behaviour_count);
}

static void open_carts_can_be_bought(void **state)
{
    const struct demo_plan *plan = *state;
    uint32_t carts = 0;
    for (size_t i = 0; i < plan->cart_item_count; i++) {
        const struct demo_cart_item *item = &plan->cart_items[i];
        const struct demo_product *product = &plan->products[item->product];
        uint32_t sku =
            item->variant == DEMO_NONE ? product->sku : product->variants[item->variant].sku;
        assert_true(product->retired_at == 0 && item->quantity <= plan->skus[sku].in_stock);
        if (i == 0 || plan->cart_items[i - 1].cart != item->cart)
            carts++;
        else
            assert_true(plan->cart_items[i - 1].customer == item->customer);
    }
    assert_int_equal(carts, plan->options.carts);
}

/* ---- limits ---- */

static void assert_refused(const struct demo_options *options, const char *field)
{
    ecommerce_error err = {0};
    assert_null(demo_plan_new(options, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(err.field, field);
}

#define ASSERT_LIMIT(name, low, high)                                                              \
    do {                                                                                           \
        struct demo_options options = small_options(1);                                            \
        options.name = (low);                                                                      \
        assert_refused(&options, #name);                                                           \
        options.name = (high);                                                                     \
        assert_refused(&options, #name);                                                           \
    } while (0)

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    ASSERT_LIMIT(products, DEMO_PRODUCTS_MIN - 1, DEMO_PRODUCTS_MAX + 1);
    ASSERT_LIMIT(customers, DEMO_CUSTOMERS_MIN - 1, DEMO_CUSTOMERS_MAX + 1);
    ASSERT_LIMIT(orders, DEMO_ORDERS_MAX + 1, UINT32_MAX);
    ASSERT_LIMIT(carts, DEMO_CARTS_MAX + 1, UINT32_MAX);
    ASSERT_LIMIT(days, DEMO_DAYS_MIN - 1, DEMO_DAYS_MAX + 1);
    ASSERT_LIMIT(behaviour_days, -1, 549);
    ASSERT_LIMIT(alpha_milli, -1, DEMO_ALPHA_MAX + 1);
    ASSERT_LIMIT(guest_per_mille, -1, 1001);
    ASSERT_LIMIT(now, 0, INT64_MAX);

    struct demo_options options = small_options(1);
    memcpy(options.currency, "JPY", 4); /* no decimals */
    assert_refused(&options, "currency");
    memcpy(options.currency, "ZZZ", 4);
    assert_refused(&options, "currency");
    memset(options.currency, 'E', 4); /* no end */
    assert_refused(&options, "currency");
}

static void extreme_options_are_served(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct demo_options options = small_options(seed * 1000003);
        options.products = DEMO_PRODUCTS_MIN;
        options.customers = DEMO_CUSTOMERS_MIN;
        options.orders = seed % 2 ? 400 : 0;
        options.days = DEMO_DAYS_MIN;
        options.behaviour_days = seed % 3 ? DEMO_DAYS_MIN : 0;
        options.alpha_milli = seed % 2 ? DEMO_ALPHA_MAX : 0;
        options.guest_per_mille = seed == 3 ? 1000 : 0;
        options.now = (800 + DEMO_DAYS_MIN) * DAY;
        struct demo_plan *plan = make(&options);
        int64_t *stock = calloc(plan->sku_count, sizeof(*stock));
        replay_stock(plan, stock);
        assert_true(plan->order_count <= options.orders);
        assert_true(plan->order_count * 10 >= options.orders * 9);
        assert_true(plan->events[0].at >= 0);
        free(stock);
        demo_plan_free(&plan);
    }
}

/* Wherever memory ends, the answer is an error and nothing stays behind. */
static void a_lack_of_memory_is_an_error(void **state)
{
    (void)state;
    struct demo_options options = small_options(1);
    options.products = 40;
    options.orders = 60;
    options.days = 30;
    long before = mem_live_blocks();
    long successes = 0;
    for (;; successes++) {
        ecommerce_error err = {0};
        mem_fail_after(successes);
        struct demo_plan *plan = demo_plan_new(&options, &err);
        mem_fail_after(-1);
        if (plan) {
            demo_plan_free(&plan);
            break;
        }
        assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
        assert_int_equal(mem_live_blocks(), before);
    }
    assert_true(successes > 10);
    assert_int_equal(mem_live_blocks(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_options_give_equal_plans),
        cmocka_unit_test(every_option_that_matters_gives_another_plan),
        cmocka_unit_test(more_orders_do_not_change_the_catalogue),
        cmocka_unit_test(parts_of_a_second_of_now_do_not_count),
        cmocka_unit_test(events_come_in_time_order_after_what_they_need),
        cmocka_unit_test(every_item_is_one_event),
        cmocka_unit_test(no_order_takes_more_than_there_is),
        cmocka_unit_test(untracked_services_have_no_movements),
        cmocka_unit_test(some_shelves_are_empty_and_some_nearly),
        cmocka_unit_test(orders_add_up),
        cmocka_unit_test(changes_follow_the_life_of_an_order),
        cmocka_unit_test(returns_are_a_part_of_what_was_bought),
        cmocka_unit_test(ids_of_goods_are_unique_and_plain),
        cmocka_unit_test(products_are_complete),
        cmocka_unit_test(the_tree_has_two_levels),
        cmocka_unit_test(e_mail_addresses_are_unique),
        cmocka_unit_test(behaviour_is_of_the_last_weeks),
        cmocka_unit_test(open_carts_can_be_bought),
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(extreme_options_are_served),
        cmocka_unit_test(a_lack_of_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_default, free_default);
}
