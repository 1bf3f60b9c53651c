/* demo_plan.c - from options to a finished plan: the stages in their order, the event stream. */
#include "services/imports/demo_build.h"

#include "support/alloc.h"
#include "support/error.h"
#include "support/money.h"

#include <assert.h>
#include <stdlib.h>

/* Accounts may be two years older than the history, and every instant lies after 1970. */
#define EARLIEST_START (800 * DEMO_DAY)
#define LATEST_NOW (INT64_C(253402300799) * DEMO_SECOND) /* the end of the year 9999 */

void demo_options_default(struct demo_options *options, uint64_t seed, int64_t now)
{
    assert(options);
    *options = (struct demo_options){
        .seed = seed,
        .now = now,
        .products = 400,
        .customers = 800,
        .orders = 6000,
        .carts = 12,
        .days = 548,
        .behaviour_days = 28,
        .alpha_milli = 800,
        .guest_per_mille = 120,
        .currency = "EUR",
    };
}

static bool check_range(const char *field, int64_t value, int64_t low, int64_t high,
                        ecommerce_error *err)
{
    if (value >= low && value <= high)
        return true;
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field,
                       "%s must lie between %lld and %lld, not %lld", field, (long long)low,
                       (long long)high, (long long)value);
}

static bool check_currency(const struct demo_options *options, ecommerce_error *err)
{
    struct currency currency;
    struct str code = str_make(options->currency, 3);
    if (options->currency[3] == '\0' && currency_find(code, &currency) && currency.exponent == 2)
        return true;
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "currency",
                       "'%.3s' is not a currency with two decimals", options->currency);
}

static bool check_options(const struct demo_options *options, ecommerce_error *err)
{
    return check_range("products", options->products, DEMO_PRODUCTS_MIN, DEMO_PRODUCTS_MAX, err) &&
           check_range("customers", options->customers, DEMO_CUSTOMERS_MIN, DEMO_CUSTOMERS_MAX,
                       err) &&
           check_range("orders", options->orders, 0, DEMO_ORDERS_MAX, err) &&
           check_range("carts", options->carts, 0, DEMO_CARTS_MAX, err) &&
           check_range("days", options->days, DEMO_DAYS_MIN, DEMO_DAYS_MAX, err) &&
           check_range("behaviour_days", options->behaviour_days, 0, options->days, err) &&
           check_range("alpha_milli", options->alpha_milli, 0, DEMO_ALPHA_MAX, err) &&
           check_range("guest_per_mille", options->guest_per_mille, 0, 1000, err) &&
           check_range("now", options->now, EARLIEST_START + options->days * DEMO_DAY, LATEST_NOW,
                       err) &&
           check_currency(options, err);
}

static void build_init(struct demo_build *build, const struct demo_options *options)
{
    struct demo_plan *plan = &build->plan;
    plan->options = *options;
    plan->options.now -= plan->options.now % DEMO_SECOND;
    plan->start = plan->options.now - options->days * DEMO_DAY;
    demo_random_init(&build->order_random, options->seed, "orders");
    demo_random_init(&build->fate_random, options->seed, "fates");

    demo_vec_init(&build->skus, sizeof(struct demo_sku));
    demo_vec_init(&build->guests, sizeof(struct demo_customer));
    demo_vec_init(&build->orders, sizeof(struct demo_order));
    demo_vec_init(&build->lines, sizeof(struct demo_line));
    demo_vec_init(&build->changes, sizeof(struct demo_change));
    demo_vec_init(&build->returns, sizeof(struct demo_return));
    demo_vec_init(&build->return_lines, sizeof(struct demo_return_line));
    demo_vec_init(&build->movements, sizeof(struct demo_movement));
    demo_vec_init(&build->behaviour, sizeof(struct demo_behaviour));
    demo_vec_init(&build->cart_items, sizeof(struct demo_cart_item));
    demo_vec_init(&build->events, sizeof(struct demo_event));
    demo_vec_init(&build->agenda, sizeof(struct demo_agenda_entry));
    demo_vec_init(&build->buyers, sizeof(uint32_t));
}

static int by_instant(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The simulation: what is due before each order, then the order. */
static bool live_through(struct demo_build *build)
{
    size_t count = build->plan.options.orders;
    int64_t *times = arena_array(&build->scratch, count + 1, sizeof(*times));
    if (!times)
        return false;
    struct demo_random random;
    demo_random_init(&random, build->plan.options.seed, "times");
    for (size_t i = 0; i < count; i++)
        times[i] = demo_calendar_pick(&build->calendar, &random, build->plan.start);
    qsort(times, count, sizeof(*times), by_instant);

    for (size_t i = 0; i < count; i++) {
        if (!demo_stock_advance(build, times[i]) || !demo_place_order(build, times[i]))
            return false;
    }
    return demo_stock_advance(build, build->plan.options.now);
}

static bool run_stages(struct demo_build *build)
{
    struct demo_random random;
    demo_random_init(&random, build->plan.options.seed, "calendar");
    return demo_calendar_init(&build->calendar, &build->scratch, build->plan.start,
                              build->plan.options.now, &random) &&
           demo_make_catalog(build) && demo_market_init(build) && demo_make_customers(build) &&
           demo_stock_open(build) && live_through(build) && demo_make_behaviour(build) &&
           demo_make_carts(build);
}

/* Points the plan at what the stages grew. */
static void publish(struct demo_build *build)
{
    struct demo_plan *plan = &build->plan;
    plan->categories = build->categories;
    plan->products = build->products;
    plan->customers = build->customers;
#define PUBLISH(array, count_field)                                                                \
    do {                                                                                           \
        plan->array = build->array.items;                                                          \
        plan->count_field = build->array.count;                                                    \
    } while (0)
    PUBLISH(skus, sku_count);
    PUBLISH(guests, guest_count);
    PUBLISH(orders, order_count);
    PUBLISH(lines, line_count);
    PUBLISH(changes, change_count);
    PUBLISH(returns, return_count);
    PUBLISH(return_lines, return_line_count);
    PUBLISH(movements, movement_count);
    PUBLISH(behaviour, behaviour_count);
    PUBLISH(cart_items, cart_item_count);
    PUBLISH(events, event_count);
#undef PUBLISH
}

static void count_stock(struct demo_build *build)
{
    struct demo_totals *totals = &build->plan.totals;
    struct demo_sku *skus = build->skus.items;
    for (size_t i = 0; i < build->skus.count; i++) {
        const struct demo_product *product = &build->products[skus[i].product];
        if (!product->tracked)
            continue;
        skus[i].in_stock = build->shelves[i].on_hand;
        if (product->retired_at)
            continue;
        totals->tracked_skus++;
        totals->out_of_stock += skus[i].in_stock == 0;
        totals->nearly_out += skus[i].in_stock >= 1 && skus[i].in_stock <= 3;
    }
}

static bool add_event(struct demo_build *build, enum demo_event_kind kind, int64_t at, size_t index)
{
    struct demo_event *event = demo_vec_push(&build->events);
    if (event)
        *event = (struct demo_event){.at = at, .kind = kind, .index = (uint32_t)index};
    return event != NULL;
}

static bool add_product_events(struct demo_build *build, size_t index)
{
    const struct demo_product *product = &build->products[index];
    if (!add_event(build, DEMO_PUT_PRODUCT, product->created_at, index))
        return false;
    if (product->repriced_at && !add_event(build, DEMO_CHANGE_PRICE, product->repriced_at, index))
        return false;
    return !product->retired_at ||
           add_event(build, DEMO_RETIRE_PRODUCT, product->retired_at, index);
}

/* An event for each item of an array that has an instant `when`. */
#define ADD_EVENTS(build, plan, array, count, kind, when)                                          \
    for (size_t i = 0; i < (plan)->count; i++) {                                                   \
        if (!add_event(build, kind, (plan)->array[i].when, i))                                     \
            return false;                                                                          \
    }

static bool add_events(struct demo_build *build)
{
    const struct demo_plan *plan = &build->plan;
    for (size_t i = 0; i < plan->category_count; i++) {
        if (!add_event(build, DEMO_PUT_CATEGORY, plan->start - 2 * DEMO_HOUR, i))
            return false;
    }
    for (size_t i = 0; i < plan->product_count; i++) {
        if (!add_product_events(build, i))
            return false;
    }
    ADD_EVENTS(build, plan, customers, customer_count, DEMO_PUT_CUSTOMER, created_at)
    ADD_EVENTS(build, plan, movements, movement_count, DEMO_MOVE_STOCK, at)
    ADD_EVENTS(build, plan, orders, order_count, DEMO_PLACE_ORDER, placed_at)
    ADD_EVENTS(build, plan, changes, change_count, DEMO_CHANGE_ORDER, at)
    ADD_EVENTS(build, plan, returns, return_count, DEMO_RETURN_ORDER, at)
    ADD_EVENTS(build, plan, behaviour, behaviour_count, DEMO_RECORD_EVENT, at)
    ADD_EVENTS(build, plan, cart_items, cart_item_count, DEMO_ADD_TO_CART, at)
    return true;
}

/* A total order. Within one second what is needed comes first: kinds are declared in that order. */
static int by_event(const void *a, const void *b)
{
    const struct demo_event *left = a;
    const struct demo_event *right = b;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static bool make_stream(struct demo_build *build)
{
    publish(build);
    if (!add_events(build))
        return false;
    qsort(build->events.items, build->events.count, sizeof(struct demo_event), by_event);
    publish(build);
    return true;
}

/* What only the making needed. */
static void release_scratch(struct demo_build *build)
{
    demo_vec_release(&build->agenda);
    demo_vec_release(&build->buyers);
    arena_release(&build->scratch);
}

struct demo_plan *demo_plan_new(const struct demo_options *options, ecommerce_error *err)
{
    assert(options);
    if (!check_options(options, err))
        return NULL;
    struct demo_build *build = mem_zalloc(1, sizeof(*build));
    if (!build) {
        error_memory(err);
        return NULL;
    }
    struct demo_plan *plan = &build->plan;
    build_init(build, options);
    bool made = run_stages(build) && make_stream(build);
    if (made)
        count_stock(build);
    release_scratch(build);
    if (!made) {
        error_memory(err);
        demo_plan_free(&plan);
    }
    return plan;
}

void demo_plan_free(struct demo_plan **plan)
{
    assert(plan);
    if (!*plan)
        return;
    struct demo_build *build = (struct demo_build *)*plan;
    struct demo_vec *grown[] = {&build->skus,       &build->guests,       &build->orders,
                                &build->lines,      &build->changes,      &build->returns,
                                &build->movements,  &build->return_lines, &build->behaviour,
                                &build->cart_items, &build->events};
    for (size_t i = 0; i < ARRAY_LENGTH(grown); i++)
        demo_vec_release(grown[i]);
    arena_release(&build->arena);
    mem_free(build);
    *plan = NULL;
}

int64_t demo_price_at(const struct demo_product *product, uint32_t variant, int64_t at)
{
    bool first = product->repriced_at != 0 && at < product->repriced_at;
    if (variant == DEMO_NONE)
        return first ? product->first_price : product->price;
    assert(variant < product->variant_count);
    const struct demo_variant *chosen = &product->variants[variant];
    return first ? chosen->first_price : chosen->price;
}

uint32_t demo_theme_count(void)
{
    return DEMO_THEMES;
}

const char *demo_theme_name(uint32_t theme)
{
    assert(theme < DEMO_THEMES);
    return demo_theme_names[theme];
}
