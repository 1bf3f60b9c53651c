/*
 * The demonstration shop's figures have the shapes they promise: Zipf's law and its drift, seasons,
 * repeat customers, baskets that hang together. The bounds leave room for chance: they hold for
 * every seed from 1 to 20. What varies more from shop to shop is averaged over four of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/imports/demo_plan.h"
#include "services/imports/demo_random.h"
#include "support/timestamp.h"

#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1790000000000000) /* 2026-09-21T14:13:20Z */
#define DAY INT64_C(86400000000)

enum { SHOPS = 4 }; /* that are averaged over */

static struct demo_plan *make(uint64_t seed, int alpha_milli)
{
    struct demo_options options;
    demo_options_default(&options, seed, NOW);
    options.alpha_milli = alpha_milli;
    ecommerce_error err = {0};
    struct demo_plan *plan = demo_plan_new(&options, &err);
    if (!plan)
        fail_msg("no plan: %s", err.message);
    return plan;
}

static int make_default(void **state)
{
    *state = make(7, 800);
    return 0;
}

static int free_default(void **state)
{
    struct demo_plan *plan = *state;
    demo_plan_free(&plan);
    return 0;
}

static void assert_between(const char *what, double found, double low, double high)
{
    if (!(found >= low && found <= high))
        fail_msg("%s is %.3f, not between %.3f and %.3f", what, found, low, high);
}

static const struct demo_line *line_of(const struct demo_plan *plan, const struct demo_order *order,
                                       uint32_t line)
{
    return &plan->lines[order->first_line + line];
}

static uint32_t theme_of(const struct demo_plan *plan, const struct demo_line *line)
{
    return plan->products[line->product].theme;
}

/* Orders with each product, among orders [from, to). */
static uint32_t *count_sales(const struct demo_plan *plan, size_t from, size_t to)
{
    uint32_t *sales = calloc(plan->product_count, sizeof(*sales));
    for (size_t i = from; i < to; i++) {
        for (uint32_t k = 0; k < plan->orders[i].line_count; k++) {
            uint32_t product = line_of(plan, &plan->orders[i], k)->product;
            bool counted = false;
            for (uint32_t before = 0; before < k; before++)
                counted |= line_of(plan, &plan->orders[i], before)->product == product;
            sales[product] += !counted;
        }
    }
    return sales;
}

/* ---- popularity ---- */

static int descending(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left < right) - (left > right);
}

/* Exponent of the law by least squares over the logarithms of the best-selling third. */
static double zipf_exponent(const struct demo_plan *plan)
{
    uint32_t *sales = count_sales(plan, 0, plan->order_count);
    size_t goods = 0;
    for (size_t i = 0; i < plan->product_count; i++) {
        if (plan->products[i].tracked)
            sales[goods++] = sales[i];
    }
    qsort(sales, goods, sizeof(*sales), descending);
    double count = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
    for (uint32_t rank = 1; rank <= goods / 3; rank++) {
        assert_true(sales[rank - 1] > 0);
        double x = (double)demo_log2(rank);
        double y = (double)demo_log2(sales[rank - 1]);
        count++;
        sum_x += x;
        sum_y += y;
        sum_xx += x * x;
        sum_xy += x * y;
    }
    free(sales);
    return -(count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x * sum_x);
}

static void popularity_follows_the_exponent_asked_for(void **state)
{
    (void)state;
    static const int alphas[] = {400, 800, 1200};
    for (size_t i = 0; i < ARRAY_LENGTH(alphas); i++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            struct demo_plan *plan = make(seed, alphas[i]);
            double alpha = alphas[i] / 1000.0;
            assert_between("exponent", zipf_exponent(plan), alpha - 0.12, alpha + 0.12);
            demo_plan_free(&plan);
        }
    }
}

/* Whether a product is among the `top` best-selling ones. */
static bool is_top(const uint32_t *sales, size_t count, size_t product, size_t top)
{
    size_t better = 0;
    for (size_t i = 0; i < count; i++)
        better += sales[i] > sales[product] || (sales[i] == sales[product] && i < product);
    return better < top;
}

static void the_ranking_drifts_but_is_not_forgotten(void **state)
{
    const struct demo_plan *plan = *state;
    enum { TOP = 60 };
    size_t third = plan->order_count / 3;
    uint32_t *early = count_sales(plan, 0, third);
    uint32_t *late = count_sales(plan, plan->order_count - third, plan->order_count);
    size_t both = 0;
    for (size_t i = 0; i < plan->product_count; i++)
        both +=
            is_top(early, plan->product_count, i, TOP) && is_top(late, plan->product_count, i, TOP);
    free(early);
    free(late);
    assert_between("lasting best-sellers", (double)both, TOP * 0.35, TOP * 0.9);
}

/* ---- seasons ---- */

static int month_of(int64_t at)
{
    int64_t year;
    int month, day;
    civil_from_days(at / DAY, &year, &month, &day);
    return month;
}

static void december_and_weekends_sell_more_and_nights_less(void **state)
{
    const struct demo_plan *plan = *state;
    size_t december_days = 0, december = 0, weekend = 0, night = 0, evening = 0;
    for (int64_t day = plan->start / DAY; day < NOW / DAY; day++)
        december_days += month_of(day * DAY) == 12;
    for (size_t i = 0; i < plan->order_count; i++) {
        int64_t at = plan->orders[i].placed_at;
        int64_t weekday = (at / DAY + 3) % 7; /* 0 = Monday */
        int64_t hour = at % DAY / (DAY / 24);
        december += month_of(at) == 12;
        weekend += weekday >= 5;
        night += hour < 6;
        evening += hour >= 18;
    }
    double orders = (double)plan->order_count;
    double uniform = (double)december_days / plan->options.days;
    assert_int_equal(december_days, 31);
    assert_between("december", (double)december / orders / uniform, 1.35, 2.1);
    assert_between("weekend", (double)weekend / orders * 7 / 2, 1.12, 1.35);
    assert_between("night", (double)night / orders * 4, 0.05, 0.25);
    assert_between("evening", (double)evening / orders * 4, 1.3, 1.8);
}

static uint32_t find_theme(const char *name)
{
    for (uint32_t theme = 0; theme < demo_theme_count(); theme++) {
        if (strcmp(demo_theme_name(theme), name) == 0)
            return theme;
    }
    fail_msg("no theme '%s'", name);
    return DEMO_NONE;
}

/* The share of the theme's lines from April to July, relative to that of the winter months. */
static double summer_ratio(const struct demo_plan *plan, uint32_t wanted)
{
    double lines[2] = {0}, all[2] = {0};
    for (size_t i = 0; i < plan->order_count; i++) {
        int month = month_of(plan->orders[i].placed_at);
        bool summer = month >= 4 && month <= 7;
        if (!summer && month > 2 && month < 11)
            continue;
        for (uint32_t k = 0; k < plan->orders[i].line_count; k++) {
            lines[summer] += theme_of(plan, line_of(plan, &plan->orders[i], k)) == wanted;
            all[summer]++;
        }
    }
    return (lines[1] / all[1]) / (lines[0] / all[0]);
}

static void goods_have_their_seasons(void **state)
{
    (void)state;
    double garden = 0, tents = 0;
    for (uint64_t seed = 1; seed <= SHOPS; seed++) {
        struct demo_plan *plan = make(seed, 800);
        garden += summer_ratio(plan, find_theme("the garden")) / SHOPS;
        tents += summer_ratio(plan, find_theme("nights outdoors")) / SHOPS;
        demo_plan_free(&plan);
    }
    assert_between("garden in summer", garden, 1.25, 5);
    assert_between("tents in summer", tents, 1.4, 5);
}

/* ---- customers ---- */

static void some_buy_once_and_some_often(void **state)
{
    const struct demo_plan *plan = *state;
    uint32_t *orders = calloc(plan->customer_count, sizeof(*orders));
    for (size_t i = 0; i < plan->order_count; i++) {
        if (plan->orders[i].customer != DEMO_NONE)
            orders[plan->orders[i].customer]++;
    }
    double sum = 0, squares = 0, never = 0, once = 0, often = 0;
    for (size_t i = 0; i < plan->customer_count; i++) {
        sum += orders[i];
        squares += (double)orders[i] * orders[i];
        never += orders[i] == 0;
        once += orders[i] == 1;
        often += orders[i] >= 10;
    }
    free(orders);
    double customers = (double)plan->customer_count;
    double mean = sum / customers;
    /* Poisson would have 1; a negative binomial law of shape 1, one plus the mean. */
    assert_between("dispersion", (squares / customers - mean * mean) / mean, 5, 25);
    assert_between("never", never / customers, 0.05, 0.2);
    assert_between("once", once / customers, 0.14, 0.3);
    assert_between("often", often / customers, 0.14, 0.3);
    assert_between("guests", plan->totals.guest_orders / (double)plan->order_count, 0.1, 0.14);
    assert_int_equal(plan->totals.guest_orders, plan->guest_count);
}

static bool has_taste(const struct demo_customer *customer, uint32_t theme)
{
    for (size_t i = 0; i < customer->taste_count; i++) {
        if (customer->tastes[i] == theme)
            return true;
    }
    return false;
}

static void customers_buy_what_they_like(void **state)
{
    const struct demo_plan *plan = *state;
    double liked = 0, by_chance = 0, lines = 0;
    for (size_t i = 0; i < plan->order_count; i++) {
        const struct demo_order *order = &plan->orders[i];
        if (order->customer == DEMO_NONE)
            continue;
        const struct demo_customer *customer = &plan->customers[order->customer];
        const struct demo_customer *other =
            &plan->customers[(order->customer + 1) % plan->customer_count];
        for (uint32_t k = 0; k < order->line_count; k++) {
            uint32_t theme = theme_of(plan, line_of(plan, order, k));
            liked += has_taste(customer, theme);
            by_chance += has_taste(other, theme);
            lines++;
        }
    }
    assert_between("in their tastes", liked / lines, 0.55, 0.9);
    assert_between("in somebody else's", by_chance / lines, 0.05, 0.5);
}

/* How much likelier a line of the pantry is a sku that the customer had before than other lines. */
static double again_ratio(const struct demo_plan *plan)
{
    bool *known = calloc(plan->customer_count * plan->sku_count, sizeof(*known));
    double again[2] = {0}, lines[2] = {0};
    for (size_t i = 0; i < plan->order_count; i++) {
        const struct demo_order *order = &plan->orders[i];
        for (uint32_t k = 0; k < order->line_count && order->customer != DEMO_NONE; k++) {
            const struct demo_line *line = line_of(plan, order, k);
            uint32_t category = plan->products[line->product].category;
            bool pantry = strcmp(plan->categories[category].id, "home-pantry") == 0;
            bool *had = &known[order->customer * plan->sku_count + line->sku];
            again[pantry] += *had;
            lines[pantry]++;
            *had = true;
        }
    }
    free(known);
    return again[1] / lines[1] / (again[0] / lines[0]);
}

static void what_is_used_up_is_bought_again(void **state)
{
    (void)state;
    double ratio = 0;
    for (uint64_t seed = 1; seed <= SHOPS; seed++) {
        struct demo_plan *plan = make(seed, 800);
        ratio += again_ratio(plan) / SHOPS;
        demo_plan_free(&plan);
    }
    assert_between("pantry again", ratio, 1.2, 4);
}

static void sizes_fit_the_customer(void **state)
{
    const struct demo_plan *plan = *state;
    uint32_t *size = calloc(plan->customer_count, sizeof(*size));
    size_t same = 0, pairs = 0;
    for (size_t i = 0; i < plan->line_count; i++)
        assert_true(plan->lines[i].variant == DEMO_NONE || plan->lines[i].variant < 6);
    for (size_t i = 0; i < plan->order_count; i++) {
        const struct demo_order *order = &plan->orders[i];
        for (uint32_t k = 0; k < order->line_count && order->customer != DEMO_NONE; k++) {
            const struct demo_line *line = line_of(plan, order, k);
            if (plan->products[line->product].variant_count != 5) /* XS to XL */
                continue;
            uint32_t *known = &size[order->customer];
            pairs += *known != 0;
            same += *known == line->variant + 1;
            *known = line->variant + 1;
        }
    }
    free(size);
    assert_true(pairs > 50);
    /* By chance it would be the sum of the squared shares, about 0.24. */
    assert_between("same size again", (double)same / (double)pairs, 0.55, 0.95);
}

/* ---- baskets ---- */

/* Pairs of products found in one order, against what independence would give. */
struct lift {
    double found, expected;
};

enum { WITHIN, ACROSS, COMPANIONS, KINDS_OF_PAIRS };

static bool are_companions(const struct demo_plan *plan, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < plan->products[a].companion_count; i++) {
        if (plan->products[a].companions[i] == b)
            return true;
    }
    return false;
}

static void add_pair(const struct demo_plan *plan, struct lift *lifts, uint32_t a, uint32_t b,
                     double found, double expected)
{
    uint32_t left = plan->products[a].theme;
    uint32_t right = plan->products[b].theme;
    if (a == b || left == DEMO_NONE || right == DEMO_NONE)
        return;
    struct lift *lift = &lifts[left == right ? WITHIN : ACROSS];
    lift->found += found;
    lift->expected += expected;
    if (are_companions(plan, a, b) || are_companions(plan, b, a)) {
        lifts[COMPANIONS].found += found;
        lifts[COMPANIONS].expected += expected;
    }
}

static void measure_lifts(const struct demo_plan *plan, struct lift *lifts)
{
    uint32_t *sales = count_sales(plan, 0, plan->order_count);
    for (uint32_t a = 0; a < plan->product_count; a++) {
        for (uint32_t b = a + 1; b < plan->product_count; b++)
            add_pair(plan, lifts, a, b, 0, (double)sales[a] * sales[b] / (double)plan->order_count);
    }
    free(sales);
    for (size_t i = 0; i < plan->order_count; i++) {
        const struct demo_order *order = &plan->orders[i];
        for (uint32_t a = 0; a < order->line_count; a++) {
            for (uint32_t b = a + 1; b < order->line_count; b++)
                add_pair(plan, lifts, line_of(plan, order, a)->product,
                         line_of(plan, order, b)->product, 1, 0);
        }
    }
}

static void baskets_hang_together(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct demo_plan *plan = make(seed, 800);
        struct lift lifts[KINDS_OF_PAIRS] = {{0}};
        measure_lifts(plan, lifts);
        double within = lifts[WITHIN].found / lifts[WITHIN].expected;
        double across = lifts[ACROSS].found / lifts[ACROSS].expected;
        double companions = lifts[COMPANIONS].found / lifts[COMPANIONS].expected;
        assert_true(lifts[WITHIN].found > 5000); /* enough to tell */
        assert_between("lift within themes", within, 4, 11);
        assert_between("lift across themes", across, 0.1, 0.6);
        assert_between("companions against themes", companions / within, 1.3, 6);
        demo_plan_free(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(popularity_follows_the_exponent_asked_for),
        cmocka_unit_test(the_ranking_drifts_but_is_not_forgotten),
        cmocka_unit_test(december_and_weekends_sell_more_and_nights_less),
        cmocka_unit_test(goods_have_their_seasons),
        cmocka_unit_test(some_buy_once_and_some_often),
        cmocka_unit_test(customers_buy_what_they_like),
        cmocka_unit_test(what_is_used_up_is_bought_again),
        cmocka_unit_test(sizes_fit_the_customer),
        cmocka_unit_test(baskets_hang_together),
    };
    return cmocka_run_group_tests(tests, make_default, free_default);
}
