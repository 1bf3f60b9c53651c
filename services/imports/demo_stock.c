/*
 * demo_stock.c - the warehouse: opening stock, weekly reordering by forecast, late suppliers,
 * stocktakes, and goods that come back.
 *
 * The buyer knows last weeks' sales and the seasons, and mostly keeps up. Two months before the end
 * some suppliers stop delivering and a last stocktake finds gaps, so that the shop as it is shown
 * has shelves that are empty or nearly so.
 */
#include "services/imports/demo_build.h"

#include <assert.h>

enum {
    RATE_ONE = 256,        /* one piece a week */
    PIECES_PER_ORDER = 36, /* expected, in tenths */
    REORDER_WEEKS = 3,     /* buy when less than that is left or coming */
    TARGET_WEEKS = 7,
    PACK = 6, /* suppliers sell by the half dozen */
    STOPPED_PER_MILLE = 70,
    LATE_PER_MILLE = 60,
    STOP_DAYS = 56,         /* before the end */
    STOCKTAKE_REVIEWS = 13, /* one a quarter */
};

static const struct demo_sku *sku_at(const struct demo_build *build, size_t sku)
{
    assert(sku < build->skus.count);
    return (const struct demo_sku *)build->skus.items + sku;
}

static const struct demo_product *product_of(const struct demo_build *build, size_t sku)
{
    return &build->products[sku_at(build, sku)->product];
}

/* Demand of a family's goods in the month of that instant, in 1/10,000 of the average. */
static int64_t demand_factor(const struct demo_build *build, size_t sku, int64_t at)
{
    const struct demo_family *family = build->families[sku_at(build, sku)->product];
    return (int64_t)demo_month_percent(at) * demo_season_percent[family->season][demo_month_of(at)];
}

/* Share of a product's sales that fall to this sku, per cent. */
static int64_t variant_percent(const struct demo_build *build, size_t sku)
{
    const struct demo_axis *axis = demo_axis_of(build, sku_at(build, sku)->product);
    return axis ? axis->values[sku_at(build, sku)->variant].weight : 100;
}

/* Before any sales are known, the buyer expects what the law of popularity says. */
static int64_t expected_rate(const struct demo_build *build, size_t sku)
{
    int64_t share = (int64_t)(build->market.share[sku_at(build, sku)->product] >> 8);
    int64_t all = build->pieces_a_week * share >> 24; /* times RATE_ONE */
    return all * variant_percent(build, sku) / 100;
}

/* Pieces the coming weeks will take, from the smoothed rate and how the season turns. */
static int64_t forecast(const struct demo_build *build, size_t sku, int64_t at, int64_t weeks)
{
    int64_t behind = demand_factor(build, sku, at - 10 * DEMO_DAY);
    int64_t ahead = demand_factor(build, sku, at + 21 * DEMO_DAY);
    int64_t rate = build->shelves[sku].weekly_rate * ahead / behind;
    return (rate * weeks + RATE_ONE - 1) / RATE_ONE;
}

static int64_t in_packs(int64_t pieces)
{
    return (pieces + PACK - 1) / PACK * PACK;
}

static bool move(struct demo_build *build, enum demo_movement_kind kind, size_t sku,
                 int64_t quantity, int64_t at, const char *reference)
{
    struct demo_movement *movement = demo_vec_push(&build->movements);
    if (!movement)
        return false;
    *movement = (struct demo_movement){
        .kind = kind, .sku = (uint32_t)sku, .quantity = quantity, .at = at, .reference = reference};
    build->shelves[sku].on_hand += quantity;
    assert(build->shelves[sku].on_hand >= 0);
    return reference != NULL;
}

static bool receive(struct demo_build *build, size_t sku, int64_t quantity, int64_t at)
{
    char *reference = arena_printf(&build->arena, "PO-%05u", (unsigned)++build->purchase_orders);
    return move(build, DEMO_RECEIPT, sku, quantity, at, reference);
}

static bool open_shelf(struct demo_build *build, size_t sku)
{
    const struct demo_product *product = product_of(build, sku);
    struct demo_shelf *shelf = &build->shelves[sku];
    int64_t start = build->plan.start;
    if (!product->tracked)
        return true;
    shelf->weekly_rate = expected_rate(build, sku) * demand_factor(build, sku, start) / 10000;
    shelf->late = demo_random_chance(&build->stock_random, LATE_PER_MILLE);
    int64_t first = in_packs(forecast(build, sku, start, TARGET_WEEKS) + 3);
    if (product->created_at <= start)
        return receive(build, sku, first, start - DEMO_HOUR / 2);
    shelf->on_order = first;
    return demo_agenda_add(build, product->created_at + DEMO_HOUR, DEMO_AGENDA_ARRIVAL,
                           (uint32_t)sku, first);
}

bool demo_stock_open(struct demo_build *build)
{
    const struct demo_options *options = &build->plan.options;
    demo_random_init(&build->stock_random, options->seed, "stock");
    build->pieces_a_week =
        (int64_t)options->orders * 7 * RATE_ONE * PIECES_PER_ORDER / 10 / options->days;
    build->shelves = arena_array(&build->scratch, build->skus.count, sizeof(*build->shelves));
    if (!build->shelves)
        return false;
    for (size_t sku = 0; sku < build->skus.count; sku++) {
        if (!open_shelf(build, sku))
            return false;
    }
    int stop_days = options->days / 2 < STOP_DAYS ? options->days / 2 : STOP_DAYS;
    int64_t review = demo_day_start(build->plan.start) + DEMO_DAY + 5 * DEMO_HOUR;
    return demo_agenda_add(build, review, DEMO_AGENDA_REVIEW, 0, 0) &&
           demo_agenda_add(build, options->now - stop_days * DEMO_DAY, DEMO_AGENDA_STOP, 0, 0) &&
           demo_agenda_add(build, options->now - 8 * DEMO_HOUR, DEMO_AGENDA_STOCKTAKE, 0, 0);
}

static bool reorder(struct demo_build *build, size_t sku, int64_t at)
{
    struct demo_shelf *shelf = &build->shelves[sku];
    int64_t position = shelf->on_hand + shelf->on_order;
    if (shelf->stopped || position > forecast(build, sku, at, REORDER_WEEKS) + 1)
        return true;
    int64_t quantity = in_packs(forecast(build, sku, at, TARGET_WEEKS) + 3 - position);
    int64_t days = demo_random_between(&build->stock_random, 3, 10);
    days += shelf->late ? demo_random_between(&build->stock_random, 7, 28) : 0;
    int64_t minutes = demo_random_between(&build->stock_random, 120, 600);
    shelf->on_order += quantity;
    return demo_agenda_add(build, demo_day_start(at) + days * DEMO_DAY + minutes * 60 * DEMO_SECOND,
                           DEMO_AGENDA_ARRIVAL, (uint32_t)sku, quantity);
}

/* What counting usually finds: one piece too few here and there, seldom one too many. */
static bool small_correction(struct demo_build *build, size_t sku, int64_t at)
{
    if (build->shelves[sku].on_hand < 4 || !demo_random_chance(&build->stock_random, 30))
        return true;
    int64_t quantity = demo_random_chance(&build->stock_random, 250) ? 1 : -1;
    return move(build, DEMO_ADJUSTMENT, sku, quantity, at, "stocktake");
}

static bool review_shelf(struct demo_build *build, size_t sku, int64_t at, bool count)
{
    const struct demo_product *product = product_of(build, sku);
    struct demo_shelf *shelf = &build->shelves[sku];
    if (!product->tracked || !demo_on_sale(product, at + 14 * DEMO_DAY) || product->created_at > at)
        return true;
    shelf->weekly_rate = (shelf->weekly_rate * 3 + shelf->sold * RATE_ONE) / 4;
    shelf->sold = 0;
    if (count && !small_correction(build, sku, at))
        return false;
    return reorder(build, sku, at);
}

static bool review(struct demo_build *build, int64_t at, uint32_t number)
{
    demo_market_review(build, at);
    bool count = number % STOCKTAKE_REVIEWS == STOCKTAKE_REVIEWS - 1;
    for (size_t sku = 0; sku < build->skus.count; sku++) {
        if (!review_shelf(build, sku, at, count))
            return false;
    }
    return demo_agenda_add(build, at + 7 * DEMO_DAY, DEMO_AGENDA_REVIEW, number + 1, 0);
}

static bool can_stop(const struct demo_build *build, size_t sku, int64_t at)
{
    const struct demo_product *product = product_of(build, sku);
    return product->tracked && !product->retired_at && product->created_at <= at &&
           !build->shelves[sku].stopped;
}

/* Of two random skus the faster one loses its supplier: slow ones would never run out. */
static void stop_suppliers(struct demo_build *build, int64_t at)
{
    struct demo_random *random = &build->stock_random;
    size_t count = build->skus.count;
    size_t wanted = count * STOPPED_PER_MILLE / 1000;
    for (wanted = wanted < 3 ? 3 : wanted; wanted > 0; wanted--) {
        size_t first = demo_random_below(random, count);
        size_t second = demo_random_below(random, count);
        if (build->shelves[second].weekly_rate > build->shelves[first].weekly_rate)
            first = second;
        for (size_t tried = 0; tried < count && !can_stop(build, first, at); tried++)
            first = (first + 1) % count;
        if (can_stop(build, first, at))
            build->shelves[first].stopped = true;
    }
}

/* A third of the shelves without a supplier is found empty, the others with one to three left. */
static bool last_stocktake(struct demo_build *build, int64_t at)
{
    size_t found = 0;
    for (size_t sku = 0; sku < build->skus.count; sku++) {
        const struct demo_shelf *shelf = &build->shelves[sku];
        if (!shelf->stopped)
            continue;
        int64_t left = found++ % 3 ? demo_random_between(&build->stock_random, 1, 3) : 0;
        int64_t missing = shelf->on_hand - left;
        const char *reason = missing > 5 ? "damaged in the warehouse" : "stocktake";
        if (missing > 0 && !move(build, DEMO_ADJUSTMENT, sku, -missing, at, reason))
            return false;
    }
    return true;
}

static bool arrive(struct demo_build *build, const struct demo_agenda_entry *entry)
{
    struct demo_shelf *shelf = &build->shelves[entry->index];
    shelf->on_order -= entry->quantity;
    return shelf->stopped || receive(build, entry->index, entry->quantity, entry->at);
}

static void put_back(struct demo_build *build, uint32_t line, int64_t quantity)
{
    const struct demo_line *lines = build->lines.items;
    build->shelves[lines[line].sku].on_hand += quantity;
}

static void credit_cancelled(struct demo_build *build, uint32_t index)
{
    const struct demo_order *order = (const struct demo_order *)build->orders.items + index;
    const struct demo_line *lines = build->lines.items;
    for (uint32_t i = order->first_line; i < order->first_line + order->line_count; i++)
        put_back(build, i, lines[i].quantity);
}

static void credit_returned(struct demo_build *build, uint32_t index)
{
    const struct demo_return *goods = (const struct demo_return *)build->returns.items + index;
    const struct demo_order *order = (const struct demo_order *)build->orders.items + goods->order;
    const struct demo_return_line *lines = build->return_lines.items;
    for (uint32_t i = goods->first_line; i < goods->first_line + goods->line_count; i++)
        put_back(build, order->first_line + lines[i].line, lines[i].quantity);
}

static bool handle(struct demo_build *build, const struct demo_agenda_entry *entry)
{
    switch (entry->kind) {
    case DEMO_AGENDA_ARRIVAL:
        return arrive(build, entry);
    case DEMO_AGENDA_CANCEL:
        credit_cancelled(build, entry->index);
        return true;
    case DEMO_AGENDA_RETURN:
        credit_returned(build, entry->index);
        return true;
    case DEMO_AGENDA_REVIEW:
        return review(build, entry->at, entry->index);
    case DEMO_AGENDA_STOP:
        stop_suppliers(build, entry->at);
        return true;
    case DEMO_AGENDA_STOCKTAKE:
        return last_stocktake(build, entry->at);
    }
    assert(!"a kind of agenda entry without a handler");
    return false;
}

bool demo_stock_advance(struct demo_build *build, int64_t until)
{
    struct demo_agenda_entry entry;
    while (demo_agenda_take(build, until, &entry)) {
        if (!handle(build, &entry))
            return false;
    }
    return true;
}

int64_t demo_stock_left(const struct demo_build *build, uint32_t sku)
{
    return product_of(build, sku)->tracked ? build->shelves[sku].on_hand : INT64_MAX;
}

void demo_stock_take(struct demo_build *build, uint32_t sku, int64_t quantity)
{
    if (!product_of(build, sku)->tracked)
        return;
    assert(quantity > 0 && build->shelves[sku].on_hand >= quantity);
    build->shelves[sku].on_hand -= quantity;
    build->shelves[sku].sold += quantity;
}
