/*
 * demo_orders.c - who buys, and baskets that hang together.
 *
 * Who: a Polya urn (Eggenberger and Polya, 1923). Each account is in the urn with one ball and
 * gains one with every order, so that the orders per customer come close to a negative binomial law
 * of shape 1; a part of the repeats is drawn from recent orders, so that customers also fall
 * asleep. Most accounts are opened in order to order at once. What: a theme after the customer's
 * tastes, a first product by popularity, then mostly what belongs to something already in the
 * basket, else the same theme, seldom anything.
 */
#include "services/imports/demo_build.h"

#include <assert.h>

enum {
    RECENT_PER_MILLE = 250,    /* of repeats: from the last third of the orders */
    AT_ONCE_PER_MILLE = 700,   /* of new accounts: order as soon as they are opened */
    EXPLORE_PER_MILLE = 150,   /* of baskets: a theme beside the customer's tastes */
    AGAIN_PER_MILLE = 400,     /* of baskets: a consumable once more */
    COMPANION_PER_MILLE = 440, /* of further lines */
    SAME_THEME_PER_MILLE = 430,
    OWN_SIZE_PER_MILLE = 850,
    GOODS_MAX = DEMO_LINES_MAX - 2, /* two lines are kept for services */
    FREE_DELIVERY = 6000,
    STANDARD_COST = 395,
    EXPRESS_COST = 990,
};

struct basket {
    int64_t at;
    uint32_t customer; /* or DEMO_NONE */
    uint32_t theme;
    uint32_t count;
    struct demo_line lines[DEMO_LINES_MAX];
};

/* Accounts opened by then; they are sorted by that time. */
static size_t accounts_at(const struct demo_build *build, int64_t at)
{
    size_t low = 0;
    size_t high = build->plan.customer_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (build->customers[middle].created_at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The next account opened within the history that had no chance of a first order yet. */
static uint32_t greet(struct demo_build *build, size_t accounts)
{
    while (build->greeted < accounts) {
        uint32_t customer = build->greeted++;
        if (build->customers[customer].created_at > build->plan.start)
            return customer;
    }
    return DEMO_NONE;
}

static uint32_t choose_customer(struct demo_build *build, int64_t at)
{
    struct demo_random *random = &build->order_random;
    size_t accounts = accounts_at(build, at);
    if (accounts == 0 || demo_random_chance(random, build->plan.options.guest_per_mille))
        return DEMO_NONE;
    uint32_t newcomer = greet(build, accounts);
    if (newcomer != DEMO_NONE && demo_random_chance(random, AT_ONCE_PER_MILLE))
        return newcomer;
    const uint32_t *buyers = build->buyers.items;
    size_t past = build->buyers.count;
    uint64_t ball = demo_random_below(random, accounts + past);
    if (ball < accounts)
        return (uint32_t)ball;
    size_t recent = past / 3 + 1;
    if (demo_random_chance(random, RECENT_PER_MILLE))
        return buyers[past - 1 - demo_random_below(random, recent)];
    return buyers[demo_random_below(random, past)];
}

/* How much the theme sells now compared to usual, in 1/256: its season, and how it drifted. */
static uint64_t theme_tide(const struct demo_market *market, uint32_t theme)
{
    return (market->theme_mass[theme] << 8) / market->usual_mass[theme];
}

uint32_t demo_wanted_theme(const struct demo_build *build, struct demo_random *random,
                           uint32_t customer)
{
    static const uint64_t strength[DEMO_TASTES_MAX] = {6, 3, 2};
    if (customer == DEMO_NONE || demo_random_chance(random, EXPLORE_PER_MILLE))
        return demo_market_pick_theme(build, random);
    const struct demo_customer *person = &build->customers[customer];
    uint64_t sums[DEMO_TASTES_MAX] = {0};
    uint64_t sum = 0;
    for (size_t i = 0; i < person->taste_count; i++) {
        sum += strength[i] * theme_tide(&build->market, person->tastes[i]);
        sums[i] = sum;
    }
    if (sum == 0)
        return demo_market_pick_theme(build, random);
    uint32_t theme = person->tastes[demo_random_from_sums(random, sums, person->taste_count, 0)];
    /* Out of season even gardeners buy other things. */
    if (demo_random_below(random, 256) >= theme_tide(&build->market, theme))
        return demo_market_pick_theme(build, random);
    return theme;
}

/* Where on the axis someone with that roll is: small people are small on every axis. */
static uint32_t value_at(const struct demo_axis *axis, uint32_t roll)
{
    uint32_t total = 0;
    for (size_t i = 0; i < axis->count; i++)
        total += axis->values[i].weight;
    uint32_t left = roll * total / 1000;
    uint32_t value = 0;
    while (left >= axis->values[value].weight)
        left -= axis->values[value++].weight;
    return value;
}

uint32_t demo_wanted_variant(const struct demo_build *build, struct demo_random *random,
                             uint32_t product, const struct demo_habit *habit)
{
    const struct demo_axis *axis = demo_axis_of(build, product);
    if (!axis)
        return DEMO_NONE;
    bool own = demo_random_chance(random, OWN_SIZE_PER_MILLE);
    uint32_t roll = (uint32_t)demo_random_below(random, 1000);
    return value_at(axis, habit && own && axis->personal ? habit->size_roll : roll);
}

static int wanted_quantity(const struct demo_build *build, struct demo_random *random,
                           uint32_t product)
{
    static const uint16_t by_the_set[] = {40, 26, 4, 20, 0, 10};
    static const uint16_t used_up[] = {62, 27, 11};
    static const uint16_t single[] = {94, 6};
    int flags = build->families[product]->flags;
    if (flags & DEMO_BY_THE_SET)
        return 1 + (int)demo_random_weighted(random, by_the_set, ARRAY_LENGTH(by_the_set));
    if (flags & DEMO_CONSUMABLE)
        return 1 + (int)demo_random_weighted(random, used_up, ARRAY_LENGTH(used_up));
    return 1 + (int)demo_random_weighted(random, single, ARRAY_LENGTH(single));
}

static bool in_basket(const struct basket *basket, uint32_t product, uint32_t variant)
{
    for (uint32_t i = 0; i < basket->count; i++) {
        if (basket->lines[i].product == product && basket->lines[i].variant == variant)
            return true;
    }
    return false;
}

static void add_line(struct demo_build *build, struct basket *basket, uint32_t product,
                     uint32_t variant, int64_t quantity)
{
    assert(basket->count < DEMO_LINES_MAX);
    const struct demo_product *goods = &build->products[product];
    uint32_t sku = demo_sku_of(goods, variant);
    int64_t left = demo_stock_left(build, sku);
    int taken = (int)(quantity < left ? quantity : left);
    demo_stock_take(build, sku, taken);
    basket->lines[basket->count++] =
        (struct demo_line){.product = product,
                           .variant = variant,
                           .sku = sku,
                           .quantity = taken,
                           .price = demo_price_at(goods, variant, basket->at)};
}

/* False where it is there already, or nothing is left (which is counted as missed). */
static bool try_product(struct demo_build *build, struct basket *basket, uint32_t product,
                        uint32_t variant)
{
    if (!demo_on_sale(&build->products[product], basket->at) || in_basket(basket, product, variant))
        return false;
    if (demo_stock_left(build, demo_sku_of(&build->products[product], variant)) <= 0) {
        build->plan.totals.missed_lines++;
        return false;
    }
    int quantity = wanted_quantity(build, &build->order_random, product);
    add_line(build, basket, product, variant, quantity);
    return true;
}

/* A companion of something in the basket, among its four by nearness and popularity. */
static uint32_t pick_companion(struct demo_build *build, const struct basket *basket)
{
    static const uint64_t nearness[DEMO_COMPANIONS] = {4, 3, 2, 2};
    struct demo_random *random = &build->order_random;
    uint32_t line = (uint32_t)demo_random_below(random, basket->count);
    const struct demo_product *anchor = &build->products[basket->lines[line].product];
    uint64_t sums[DEMO_COMPANIONS] = {0};
    uint64_t sum = 0;
    for (size_t i = 0; i < anchor->companion_count; i++) {
        sum += nearness[i] * build->market.weight[anchor->companions[i]];
        sums[i] = sum;
    }
    if (sum == 0)
        return DEMO_NONE;
    return anchor->companions[demo_random_from_sums(random, sums, anchor->companion_count, 0)];
}

static uint32_t pick_product(struct demo_build *build, const struct basket *basket)
{
    struct demo_random *random = &build->order_random;
    if (basket->count == 0)
        return demo_market_pick(build, random, basket->theme, basket->at);
    int roll = (int)demo_random_below(random, 1000);
    if (roll < COMPANION_PER_MILLE)
        return pick_companion(build, basket);
    bool same = roll < COMPANION_PER_MILLE + SAME_THEME_PER_MILLE;
    return demo_market_pick(build, random, same ? basket->theme : DEMO_NONE, basket->at);
}

static const struct demo_habit *habit_of(const struct demo_build *build, uint32_t customer)
{
    return customer == DEMO_NONE ? NULL : &build->habits[customer];
}

/* One more line, unless several things in a row cannot be had. */
static void add_goods(struct demo_build *build, struct basket *basket)
{
    for (int attempt = 0; attempt < 6; attempt++) {
        uint32_t product = pick_product(build, basket);
        if (product == DEMO_NONE)
            continue;
        uint32_t variant = demo_wanted_variant(build, &build->order_random, product,
                                               habit_of(build, basket->customer));
        if (try_product(build, basket, product, variant))
            return;
    }
}

/* Tea is drunk up: one of the last consumables again, the same variant. */
static void buy_again(struct demo_build *build, struct basket *basket)
{
    const struct demo_habit *habit = habit_of(build, basket->customer);
    if (!habit || habit->used_count == 0 ||
        !demo_random_chance(&build->order_random, AGAIN_PER_MILLE))
        return;
    size_t known = habit->used_count < ARRAY_LENGTH(habit->used) ? habit->used_count
                                                                 : ARRAY_LENGTH(habit->used);
    uint32_t line = habit->used[demo_random_below(&build->order_random, known)];
    struct demo_line again = ((const struct demo_line *)build->lines.items)[line];
    try_product(build, basket, again.product, again.variant);
}

static void add_services(struct demo_build *build, struct basket *basket)
{
    struct demo_random *random = &build->order_random;
    bool presents = demo_month_of(basket->at) == 11 && demo_day_of_month(basket->at) < 25;
    if (!demo_random_chance(random, presents ? 260 : 70))
        return;
    uint16_t weights[DEMO_SERVICES];
    size_t count = build->plan.product_count - build->goods;
    for (size_t i = 0; i < count; i++)
        weights[i] = demo_service_rows[i].weight;
    size_t service = build->goods + demo_random_weighted(random, weights, count);
    add_line(build, basket, (uint32_t)service, DEMO_NONE, 1);
}

static void fill_basket(struct demo_build *build, struct basket *basket)
{
    static const uint16_t sizes[GOODS_MAX] = {30, 27, 18, 11, 7, 4, 2, 1};
    struct demo_random *random = &build->order_random;
    basket->theme = demo_wanted_theme(build, random, basket->customer);
    size_t wanted = 1 + demo_random_weighted(random, sizes, GOODS_MAX);
    buy_again(build, basket);
    for (size_t have = basket->count; have < wanted; have++)
        add_goods(build, basket);
    if (basket->count > 0)
        add_services(build, basket);
}

static void remember_used(struct demo_build *build, const struct demo_order *order)
{
    if (order->customer == DEMO_NONE)
        return;
    struct demo_habit *habit = &build->habits[order->customer];
    const struct demo_line *lines = build->lines.items;
    for (uint32_t i = order->first_line; i < order->first_line + order->line_count; i++) {
        const struct demo_family *family = build->families[lines[i].product];
        if (family && family->flags & DEMO_CONSUMABLE)
            habit->used[habit->used_count++ % ARRAY_LENGTH(habit->used)] = i;
    }
}

static void decide_delivery(struct demo_random *random, int64_t goods, struct demo_order *order)
{
    static const uint16_t methods[] = {78, 14, 8};
    static const uint16_t payments[] = {62, 26, 12};
    static const char *const method_names[] = {"standard", "express", "collect"};
    static const char *const payment_names[] = {"card", "wallet", "transfer"};
    size_t method = demo_random_weighted(random, methods, ARRAY_LENGTH(methods));
    size_t payment = demo_random_weighted(random, payments, ARRAY_LENGTH(payments));
    const int64_t costs[] = {goods >= FREE_DELIVERY ? 0 : STANDARD_COST, EXPRESS_COST, 0};
    order->delivery_method = method_names[method];
    order->payment_method = payment_names[payment];
    order->delivery_cost = costs[method];
    order->total = goods + costs[method];
}

static bool write_order(struct demo_build *build, const struct basket *basket)
{
    struct demo_order *order = demo_vec_push(&build->orders);
    if (!order)
        return false;
    *order =
        (struct demo_order){.number = DEMO_FIRST_ORDER_NUMBER + (uint32_t)build->orders.count - 1,
                            .customer = basket->customer,
                            .guest = DEMO_NONE,
                            .first_line = (uint32_t)build->lines.count,
                            .line_count = basket->count,
                            .placed_at = basket->at};
    int64_t goods = 0;
    for (uint32_t i = 0; i < basket->count; i++) {
        struct demo_line *line = demo_vec_push(&build->lines);
        if (!line)
            return false;
        *line = basket->lines[i];
        goods += line->price * line->quantity;
    }
    decide_delivery(&build->order_random, goods, order);
    build->plan.totals.turnover += order->total;
    remember_used(build, order);
    if (basket->customer == DEMO_NONE) {
        build->plan.totals.guest_orders++;
        return demo_make_guest(build, basket->at, &order->guest);
    }
    uint32_t *buyer = demo_vec_push(&build->buyers);
    if (buyer)
        *buyer = basket->customer;
    return buyer != NULL;
}

bool demo_place_order(struct demo_build *build, int64_t at)
{
    struct basket basket = {.at = at, .customer = choose_customer(build, at)};
    for (int attempt = 0; attempt < 16 && basket.count == 0; attempt++)
        fill_basket(build, &basket);
    if (basket.count == 0)
        return true;
    return write_order(build, &basket) && demo_decide_fate(build);
}
