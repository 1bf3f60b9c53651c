/* demo_fates.c - what becomes of an order: paid, sent, received; or cancelled, or sent back. */
#include "services/imports/demo_build.h"

#include <assert.h>
#include <string.h>

enum {
    DECLINED_PER_MILLE = 10,   /* of cards and wallets */
    NEVER_PAID_PER_MILLE = 90, /* of transfers */
    REGRETTED_PER_MILLE = 13,  /* paid and cancelled before it left */
    RETURN_PER_MILLE = 38,
    RETURN_SIZED_PER_MILLE = 130, /* with something in a size */
    WHOLE_RETURN_PER_MILLE = 250,
};

static const char *const declined_reason = "payment declined";
static const char *const unpaid_reason = "not paid in time";
static const char *const regret_reason = "cancelled by the customer";

static int64_t seconds_between(struct demo_random *random, int64_t low, int64_t high)
{
    return demo_random_between(random, low, high) * DEMO_SECOND;
}

/* The index of the newest order; a pointer would not survive the vectors' growth. */
static uint32_t newest(const struct demo_build *build)
{
    assert(build->orders.count > 0);
    return (uint32_t)build->orders.count - 1;
}

static const struct demo_order *order_at(const struct demo_build *build, uint32_t order)
{
    return (const struct demo_order *)build->orders.items + order;
}

/* What lies after the end of the history does not happen; *happened tells. */
static bool change(struct demo_build *build, enum demo_change_kind kind, int64_t at,
                   const char *reference, bool *happened)
{
    *happened = at < build->plan.options.now;
    if (!*happened)
        return true;
    struct demo_change *change = demo_vec_push(&build->changes);
    if (!change)
        return false;
    *change = (struct demo_change){
        .kind = kind, .order = newest(build), .at = at, .reference = reference};
    return reference != NULL;
}

static bool cancel(struct demo_build *build, int64_t at, const char *reason)
{
    bool happened;
    if (!change(build, DEMO_CANCELLED, at, reason, &happened))
        return false;
    if (!happened)
        return true;
    build->plan.totals.cancelled_orders++;
    /* A second later in the warehouse, so that no order of that very second relies on it. */
    return demo_agenda_add(build, at + DEMO_SECOND, DEMO_AGENDA_CANCEL, newest(build), 0);
}

static int64_t next_working_day(int64_t day)
{
    while (demo_weekday_of(day) > 4)
        day += DEMO_DAY;
    return day;
}

/* Parcels leave on working days; late orders the day after, and in December it takes longer. */
static int64_t sending_time(struct demo_random *random, const struct demo_order *order,
                            int64_t paid)
{
    static const uint16_t waiting[] = {62, 27, 8, 3};
    size_t days = demo_random_weighted(random, waiting, ARRAY_LENGTH(waiting));
    if (strcmp(order->delivery_method, "express") == 0)
        days = 0;
    else if (demo_month_of(paid) == 11)
        days += demo_random_below(random, 2);
    int64_t day = demo_day_start(paid + 10 * DEMO_HOUR) + (int64_t)days * DEMO_DAY;
    int64_t at = next_working_day(day) + seconds_between(random, 8 * 3600, 17 * 3600);
    return at > paid + DEMO_HOUR ? at : paid + seconds_between(random, 3600, 3 * 3600);
}

static const struct demo_customer *buyer_of(const struct demo_build *build,
                                            const struct demo_order *order)
{
    if (order->customer != DEMO_NONE)
        return &build->customers[order->customer];
    return (const struct demo_customer *)build->guests.items + order->guest;
}

static int64_t receiving_time(struct demo_build *build, const struct demo_order *order,
                              int64_t sent)
{
    static const char near[] = "GB IE FR NL DE";
    struct demo_random *random = &build->fate_random;
    bool far = !strstr(near, buyer_of(build, order)->address.country);
    int64_t days = demo_random_between(random, far ? 3 : 1, far ? 7 : 3);
    if (strcmp(order->delivery_method, "express") == 0)
        days = far ? 2 : 1;
    int64_t day = demo_day_start(sent) + days * DEMO_DAY;
    day += demo_weekday_of(day) == 6 ? DEMO_DAY : 0;
    return day + seconds_between(random, 9 * 3600, 19 * 3600);
}

static bool has_size(const struct demo_build *build, const struct demo_line *line)
{
    const struct demo_axis *axis = demo_axis_of(build, line->product);
    return axis && axis->personal;
}

static bool add_return_line(struct demo_build *build, uint32_t line, int quantity)
{
    struct demo_return_line *back = demo_vec_push(&build->return_lines);
    if (back)
        *back = (struct demo_return_line){.line = line, .quantity = quantity};
    return back != NULL;
}

/* All goods of the order, or some pieces of one line; services stay. */
static bool add_return_lines(struct demo_build *build, const struct demo_order *order)
{
    struct demo_random *random = &build->fate_random;
    const struct demo_line *lines =
        (const struct demo_line *)build->lines.items + order->first_line;
    bool whole = demo_random_chance(random, WHOLE_RETURN_PER_MILLE);
    uint32_t first = (uint32_t)demo_random_below(random, order->line_count);
    for (uint32_t i = 0; i < order->line_count; i++) {
        uint32_t line = (first + i) % order->line_count;
        if (!build->products[lines[line].product].tracked)
            continue;
        int quantity = lines[line].quantity;
        if (!whole)
            quantity = (int)demo_random_between(random, 1, quantity);
        if (!add_return_line(build, line, quantity))
            return false;
        if (!whole)
            break;
    }
    return true;
}

static const char *return_reason(struct demo_random *random, bool sized)
{
    static const char *const reasons[] = {"changed my mind", "arrived damaged", "not as described",
                                          "unwanted present"};
    if (sized && demo_random_chance(random, 750))
        return "does not fit";
    return reasons[demo_random_below(random, ARRAY_LENGTH(reasons))];
}

static bool maybe_return(struct demo_build *build, const struct demo_order *order, int64_t received)
{
    struct demo_random *random = &build->fate_random;
    const struct demo_line *lines =
        (const struct demo_line *)build->lines.items + order->first_line;
    bool sized = false;
    for (uint32_t i = 0; i < order->line_count; i++)
        sized = sized || has_size(build, &lines[i]);
    int64_t at = received + seconds_between(random, 3 * 86400, 24 * 86400);
    if (!demo_random_chance(random, sized ? RETURN_SIZED_PER_MILLE : RETURN_PER_MILLE) ||
        at >= build->plan.options.now)
        return true;

    uint32_t index = (uint32_t)build->returns.count;
    struct demo_return *back = demo_vec_push(&build->returns);
    if (!back)
        return false;
    *back = (struct demo_return){.order = newest(build),
                                 .at = at,
                                 .first_line = (uint32_t)build->return_lines.count,
                                 .reason = return_reason(random, sized)};
    if (!add_return_lines(build, order))
        return false;
    back->line_count = (uint32_t)build->return_lines.count - back->first_line;
    build->plan.totals.returned_orders++;
    return demo_agenda_add(build, at + DEMO_SECOND, DEMO_AGENDA_RETURN, index, 0);
}

static bool deliver(struct demo_build *build, const struct demo_order *order, int64_t paid)
{
    struct demo_random *random = &build->fate_random;
    int64_t sent = sending_time(random, order, paid);
    int64_t received = receiving_time(build, order, sent);
    bool happened;
    const char *parcel = arena_printf(&build->arena, "parcel-%010llu",
                                      (unsigned long long)demo_random_below(random, 10000000000));
    if (!change(build, DEMO_SHIPPED, sent, parcel, &happened))
        return false;
    if (!happened)
        return true;
    if (!change(build, DEMO_DELIVERED, received, parcel, &happened))
        return false;
    return !happened || maybe_return(build, order, received);
}

static int64_t paying_time(struct demo_random *random, const struct demo_order *order)
{
    if (strcmp(order->payment_method, "transfer") == 0)
        return order->placed_at + seconds_between(random, 5 * 3600, 4 * 86400);
    return order->placed_at + seconds_between(random, 15, 300);
}

bool demo_decide_fate(struct demo_build *build)
{
    struct demo_random *random = &build->fate_random;
    const struct demo_order *order = order_at(build, newest(build));
    bool transfer = strcmp(order->payment_method, "transfer") == 0;
    if (transfer && demo_random_chance(random, NEVER_PAID_PER_MILLE))
        return cancel(build, order->placed_at + seconds_between(random, 7 * 86400, 10 * 86400),
                      unpaid_reason);
    if (!transfer && demo_random_chance(random, DECLINED_PER_MILLE))
        return cancel(build, order->placed_at + seconds_between(random, 600, 3600),
                      declined_reason);

    int64_t paid = paying_time(random, order);
    bool happened;
    const char *payment = arena_printf(&build->arena, "payment-%012llx",
                                       (unsigned long long)(demo_random_next(random) >> 16));
    if (!change(build, DEMO_PAID, paid, payment, &happened))
        return false;
    if (!happened)
        return true;
    if (demo_random_chance(random, REGRETTED_PER_MILLE))
        return cancel(build, paid + seconds_between(random, 1200, 6 * 3600), regret_reason);
    return deliver(build, order, paid);
}
