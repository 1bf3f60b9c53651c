/*
 * demo_build.h - a demonstration plan in the making: what its stages share. Private to demo_*.c.
 *
 * The stages run in this order: catalogue, people, then the history (a simulation of discrete
 * events: orders in time order, between them an agenda of arrivals, credits and weekly reviews),
 * then behaviour and carts, and at last the event stream. Each stage draws from a random stream of
 * its own. A stage that returns false ran out of memory; nothing else can fail.
 */
#pragma once

#include "services/imports/demo_goods.h"
#include "services/imports/demo_names.h"
#include "services/imports/demo_plan.h"
#include "services/imports/demo_random.h"

#include "support/arena.h"

#define DEMO_SECOND INT64_C(1000000)
#define DEMO_HOUR (3600 * DEMO_SECOND)
#define DEMO_DAY (24 * DEMO_HOUR)

/* A growing array. */
struct demo_vec {
    void *items; /* owned */
    size_t count;
    size_t capacity;
    size_t item_size;
};

void demo_vec_init(struct demo_vec *vec, size_t item_size);
/* A new zeroed item at the end; NULL without memory. Moves the items before it. */
void *demo_vec_push(struct demo_vec *vec) MUST_CHECK;
void demo_vec_release(struct demo_vec *vec);

/* Which instants are likely: hours, weekdays, months, growth. */
struct demo_calendar {
    int64_t start;
    int64_t now;
    uint64_t *sums; /* one an hour since start, running sum of the hours' weights */
    size_t hours;
};

/* What is how popular now. */
struct demo_market {
    struct demo_random random;
    uint32_t *by_rank; /* goods, the most popular first */
    uint64_t *zipf;    /* weight of each rank */
    uint64_t *share;   /* of each product by its rank at the start, with 32 fraction bits */
    uint64_t *weight;  /* of each product now; 0 = not on sale */
    uint64_t *sums;    /* running sums of weight, all goods in the order of members */
    uint32_t *members; /* goods grouped by theme */
    size_t count;
    size_t theme_first[DEMO_THEMES + 1]; /* into members */
    uint64_t theme_mass[DEMO_THEMES];
    uint64_t usual_mass[DEMO_THEMES]; /* at the start, without seasons; at least 1 */
};

/* What a customer does not tell. */
struct demo_habit {
    uint16_t size_roll;  /* 0 … 999: the place on every axis of sizes */
    uint16_t used_count; /* consumables bought so far, the last four are remembered */
    uint32_t used[4];    /* lines of past orders */
};

/* One sku in the warehouse. */
struct demo_shelf {
    int64_t on_hand;
    int64_t on_order;
    int64_t weekly_rate; /* smoothed sales a week, times 256 */
    int64_t sold;        /* since the last review */
    bool late;           /* its supplier takes his time */
    bool stopped;        /* its supplier delivers no more */
};

enum demo_agenda_kind {
    DEMO_AGENDA_ARRIVAL, /* index: sku; quantity */
    DEMO_AGENDA_CANCEL,  /* index: order, whose goods come back */
    DEMO_AGENDA_RETURN,  /* index: return */
    DEMO_AGENDA_REVIEW,  /* weekly: drift of popularity, reordering */
    DEMO_AGENDA_STOP,    /* some suppliers cease */
    DEMO_AGENDA_STOCKTAKE,
};

struct demo_agenda_entry {
    int64_t at;
    enum demo_agenda_kind kind;
    uint32_t index;
    int64_t quantity;
};

struct demo_build {
    struct demo_plan plan; /* first, so that a pointer to it is a pointer to the build */
    struct arena arena;    /* texts and fixed arrays of the plan */
    struct arena scratch;  /* released once the plan is made */

    struct demo_category *categories;
    struct demo_product *products;
    const struct demo_family **families; /* of each product; NULL for a service */
    size_t goods;                        /* products but services, which come last */
    struct demo_customer *customers;
    struct demo_habit *habits;  /* of each customer */
    struct demo_shelf *shelves; /* of each sku */
    uint32_t greeted;           /* customers that had the chance of a first order */
    uint32_t people;            /* persons invented so far, guests included */
    bool name_taken[DEMO_CULTURES][DEMO_GIVEN_NAMES][DEMO_SURNAMES];

    struct demo_vec skus, guests, orders, lines, changes, returns, return_lines, movements;
    struct demo_vec behaviour, cart_items, events;
    struct demo_vec agenda; /* a heap, the earliest first */
    struct demo_vec buyers; /* customer of each order that had one: the urn */

    struct demo_calendar calendar;
    struct demo_market market;
    struct demo_random people_random, order_random, fate_random, stock_random, visit_random;
    uint32_t purchase_orders;
    uint32_t sessions;
    int64_t pieces_a_week; /* expected sales of everything */
};

/* demo_catalog.c */
bool demo_make_catalog(struct demo_build *build) MUST_CHECK;
bool demo_on_sale(const struct demo_product *product, int64_t at);
/* NULL for goods without variants and for services. */
const struct demo_axis *demo_axis_of(const struct demo_build *build, uint32_t product);
/* The sku of a variant, or of the product itself for DEMO_NONE. */
uint32_t demo_sku_of(const struct demo_product *product, uint32_t variant);

/* demo_people.c */
bool demo_make_customers(struct demo_build *build) MUST_CHECK;
bool demo_make_guest(struct demo_build *build, int64_t at, uint32_t *guest) MUST_CHECK;

/* demo_calendar.c */
bool demo_calendar_init(struct demo_calendar *calendar, struct arena *arena, int64_t start,
                        int64_t now, struct demo_random *random) MUST_CHECK;
/* An instant in [from, now), in whole seconds; from must be an hour or more before now. */
int64_t demo_calendar_pick(const struct demo_calendar *calendar, struct demo_random *random,
                           int64_t from);
int demo_month_of(int64_t at);      /* 0 = January */
int demo_weekday_of(int64_t at);    /* 0 = Monday */
int demo_day_of_month(int64_t at);  /* 1 … 31 */
int64_t demo_day_start(int64_t at); /* midnight UTC */
/* The demand of the month an instant lies in, per cent of the average month. */
int demo_month_percent(int64_t at);

/* demo_market.c */
bool demo_market_init(struct demo_build *build) MUST_CHECK;
/* Lets the ranking drift for a week and weighs what is on sale. */
void demo_market_review(struct demo_build *build, int64_t at);
/* A product that is on sale, by popularity; theme may be DEMO_NONE. DEMO_NONE where there is none.
 */
uint32_t demo_market_pick(const struct demo_build *build, struct demo_random *random,
                          uint32_t theme, int64_t at);
/* A theme by what it sells now; DEMO_NONE where nothing is on sale. */
uint32_t demo_market_pick_theme(const struct demo_build *build, struct demo_random *random);

/* demo_agenda.c */
bool demo_agenda_add(struct demo_build *build, int64_t at, enum demo_agenda_kind kind,
                     uint32_t index, int64_t quantity) MUST_CHECK;
/* Takes the earliest entry that is not later than `until`; false when there is none. */
bool demo_agenda_take(struct demo_build *build, int64_t until, struct demo_agenda_entry *entry);

/* demo_stock.c */
bool demo_stock_open(struct demo_build *build) MUST_CHECK;
/* Does all that was due until then: arrivals, credits, reviews. */
bool demo_stock_advance(struct demo_build *build, int64_t until) MUST_CHECK;
int64_t demo_stock_left(const struct demo_build *build, uint32_t sku);
void demo_stock_take(struct demo_build *build, uint32_t sku, int64_t quantity);

/* demo_orders.c: one order at that instant, unless nothing at all is in stock. */
bool demo_place_order(struct demo_build *build, int64_t at) MUST_CHECK;
/* A variant as this person (a habit or NULL) wants it, whether in stock or not. */
uint32_t demo_wanted_variant(const struct demo_build *build, struct demo_random *random,
                             uint32_t product, const struct demo_habit *habit);
/* A theme after this customer's tastes; DEMO_NONE for a guest. */
uint32_t demo_wanted_theme(const struct demo_build *build, struct demo_random *random,
                           uint32_t customer);

/* demo_fates.c: what becomes of the newest order. */
bool demo_decide_fate(struct demo_build *build) MUST_CHECK;

/* demo_behaviour.c */
bool demo_make_behaviour(struct demo_build *build) MUST_CHECK;
bool demo_make_carts(struct demo_build *build) MUST_CHECK;
