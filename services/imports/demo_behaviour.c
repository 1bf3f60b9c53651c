/*
 * demo_behaviour.c - the last weeks as a web shop sees them: visits with searches, views and goods
 * put into the cart, those that ended in an order and the many that did not; carts left open.
 */
#include "services/imports/demo_build.h"

#include <assert.h>

enum {
    IDLE_VISITS = 4,       /* without an order, for each visit with one */
    KNOWN_PER_MILLE = 450, /* of idle visits: somebody logged in */
    SEARCH_PER_MILLE = 420,
    NO_RESULT_PER_MILLE = 60, /* of searches: words the shop has nothing for */
    TO_CART_PER_MILLE = 110,  /* of views in idle visits */
    VIEWS_MAX = 7,
    CART_DAYS = 3,
};

static const char *const hopeless_words[] = {
    "garden hose", "bicycle pump", "phone case", "umbrella", "cofee", "wallpaper", "ironing board"};

struct visit {
    uint32_t session;
    uint32_t customer; /* or DEMO_NONE */
    int64_t at;        /* moves on with every step */
};

static struct visit begin_visit(struct demo_build *build, uint32_t customer, int64_t at)
{
    return (struct visit){.session = ++build->sessions, .customer = customer, .at = at};
}

static struct demo_behaviour *note(struct demo_build *build, const struct visit *visit,
                                   enum demo_behaviour_kind kind)
{
    struct demo_behaviour *noted = demo_vec_push(&build->behaviour);
    if (noted)
        *noted = (struct demo_behaviour){.kind = kind,
                                         .session = visit->session,
                                         .customer = visit->customer,
                                         .product = DEMO_NONE,
                                         .variant = DEMO_NONE,
                                         .at = visit->at};
    return noted;
}

/* Steps later than `until` are not noted: the visit is still going on. */
static bool step(struct demo_build *build, struct visit *visit, int64_t until)
{
    visit->at += demo_random_between(&build->visit_random, 4, 95) * DEMO_SECOND;
    return visit->at < until;
}

static bool search(struct demo_build *build, const struct visit *visit, uint32_t product)
{
    struct demo_random *random = &build->visit_random;
    const char *words = hopeless_words[demo_random_below(random, ARRAY_LENGTH(hopeless_words))];
    const struct demo_family *family = build->families[product];
    char text[64];
    if (family && !demo_random_chance(random, NO_RESULT_PER_MILLE)) {
        demo_ascii(demo_random_chance(random, 250) ? build->products[product].name : family->noun,
                   ' ', text, sizeof(text));
        words = arena_strdup(&build->arena, text);
    }
    struct demo_behaviour *noted = note(build, visit, DEMO_SEARCHED);
    if (noted)
        noted->query = words;
    return noted && words;
}

static bool view(struct demo_build *build, const struct visit *visit, uint32_t product)
{
    struct demo_behaviour *noted = note(build, visit, DEMO_VIEWED);
    if (noted)
        noted->product = product;
    return noted != NULL;
}

static bool add_to_cart(struct demo_build *build, const struct visit *visit, uint32_t product,
                        uint32_t variant)
{
    struct demo_behaviour *noted = note(build, visit, DEMO_ADDED_TO_CART);
    if (noted) {
        noted->product = product;
        noted->variant = variant;
    }
    return noted != NULL;
}

/* The minutes before an order: everything in it was looked at and put into the cart. */
static bool visit_of_order(struct demo_build *build, const struct demo_order *order)
{
    struct demo_random *random = &build->visit_random;
    const struct demo_line *lines = build->lines.items;
    int64_t early = demo_random_between(random, 240, 2400) * DEMO_SECOND;
    int64_t at = order->placed_at - early;
    bool known = order->customer != DEMO_NONE && build->customers[order->customer].created_at <= at;
    struct visit visit = begin_visit(build, known ? order->customer : DEMO_NONE, at);
    for (uint32_t i = order->first_line; i < order->first_line + order->line_count; i++) {
        const struct demo_line *line = &lines[i];
        if (!build->products[line->product].tracked)
            continue;
        if (demo_random_chance(random, SEARCH_PER_MILLE) && step(build, &visit, order->placed_at) &&
            !search(build, &visit, line->product))
            return false;
        if (step(build, &visit, order->placed_at) && !view(build, &visit, line->product))
            return false;
        if (step(build, &visit, order->placed_at) &&
            !add_to_cart(build, &visit, line->product, line->variant))
            return false;
    }
    return true;
}

static uint32_t somebody(struct demo_build *build, int64_t at)
{
    struct demo_random *random = &build->visit_random;
    if (!demo_random_chance(random, KNOWN_PER_MILLE))
        return DEMO_NONE;
    uint32_t customer = (uint32_t)demo_random_below(random, build->plan.customer_count);
    return build->customers[customer].created_at <= at ? customer : DEMO_NONE;
}

/* One thing looked at in an idle visit, perhaps searched for first. */
static bool look_around(struct demo_build *build, struct visit *visit, uint32_t theme)
{
    struct demo_random *random = &build->visit_random;
    int64_t now = build->plan.options.now;
    uint32_t product = demo_market_pick(build, random, theme, visit->at);
    if (product == DEMO_NONE)
        return true;
    if (demo_random_chance(random, SEARCH_PER_MILLE) && step(build, visit, now) &&
        !search(build, visit, product))
        return false;
    if (!step(build, visit, now))
        return true;
    if (!view(build, visit, product))
        return false;
    if (!demo_random_chance(random, TO_CART_PER_MILLE) || !step(build, visit, now))
        return true;
    return add_to_cart(build, visit, product, demo_wanted_variant(build, random, product, NULL));
}

static bool idle_visit(struct demo_build *build, int64_t from)
{
    static const uint16_t lengths[VIEWS_MAX] = {38, 22, 15, 10, 7, 5, 3};
    struct demo_random *random = &build->visit_random;
    int64_t at = demo_calendar_pick(&build->calendar, random, from);
    struct visit visit = begin_visit(build, somebody(build, at), at);
    uint32_t theme = demo_wanted_theme(build, random, visit.customer);
    size_t views = 1 + demo_random_weighted(random, lengths, VIEWS_MAX);
    for (size_t i = 0; i < views; i++) {
        if (!look_around(build, &visit, theme))
            return false;
    }
    return true;
}

bool demo_make_behaviour(struct demo_build *build)
{
    const struct demo_options *options = &build->plan.options;
    demo_random_init(&build->visit_random, options->seed, "visits");
    if (options->behaviour_days == 0)
        return true;
    int64_t from = options->now - options->behaviour_days * DEMO_DAY;
    const struct demo_order *orders = build->orders.items;
    size_t visits = 0;
    for (size_t i = build->orders.count; i > 0 && orders[i - 1].placed_at >= from; i--) {
        if (!visit_of_order(build, &orders[i - 1]))
            return false;
        visits++;
    }
    for (size_t i = 0; i < visits * IDLE_VISITS; i++) {
        if (!idle_visit(build, from))
            return false;
    }
    return true;
}

static bool add_cart_item(struct demo_build *build, uint32_t cart, const struct visit *visit,
                          uint32_t product, uint32_t variant)
{
    struct demo_cart_item *item = demo_vec_push(&build->cart_items);
    if (!item)
        return false;
    bool pair = demo_random_chance(&build->visit_random, 200);
    *item = (struct demo_cart_item){.cart = cart,
                                    .customer = visit->customer,
                                    .product = product,
                                    .variant = variant,
                                    .quantity = pair ? 2 : 1,
                                    .at = visit->at};
    return true;
}

static bool in_cart(const struct demo_build *build, uint32_t cart, uint32_t product)
{
    const struct demo_cart_item *items = build->cart_items.items;
    for (size_t i = build->cart_items.count; i > 0 && items[i - 1].cart == cart; i--) {
        if (items[i - 1].product == product)
            return true;
    }
    return false;
}

/* Different goods of one theme that can be had today. */
static bool fill_cart(struct demo_build *build, uint32_t cart, struct visit *visit)
{
    struct demo_random *random = &build->visit_random;
    uint32_t theme = demo_wanted_theme(build, random, visit->customer);
    size_t wanted = 1 + demo_random_below(random, DEMO_CART_ITEMS_MAX);
    for (int attempt = 0; attempt < 30 && wanted > 0; attempt++) {
        uint32_t product =
            demo_market_pick(build, random, theme, build->plan.options.now - DEMO_SECOND);
        if (product == DEMO_NONE || in_cart(build, cart, product) ||
            !demo_on_sale(&build->products[product], visit->at))
            continue;
        uint32_t variant = demo_wanted_variant(build, random, product, NULL);
        if (demo_stock_left(build, demo_sku_of(&build->products[product], variant)) < 2)
            continue;
        if (!add_cart_item(build, cart, visit, product, variant))
            return false;
        wanted--;
        if (!step(build, visit, build->plan.options.now))
            break;
    }
    return true;
}

bool demo_make_carts(struct demo_build *build)
{
    struct demo_random *random = &build->visit_random;
    size_t customers = build->plan.customer_count;
    int64_t from = build->plan.options.now - CART_DAYS * DEMO_DAY;
    size_t first = demo_random_below(random, customers);
    for (uint32_t cart = 0; cart < build->plan.options.carts; cart++) {
        int64_t at = demo_calendar_pick(&build->calendar, random, from);
        struct visit visit = begin_visit(build, DEMO_NONE, at);
        /* Everybody has one open cart at most. */
        uint32_t customer = (uint32_t)((first + cart) % customers);
        if (cart < customers && demo_random_chance(random, 700) &&
            build->customers[customer].created_at <= at)
            visit.customer = customer;
        if (!fill_cart(build, cart, &visit))
            return false;
    }
    return true;
}
