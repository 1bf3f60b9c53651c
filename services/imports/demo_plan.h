/*
 * demo_plan.h - a believable shop made from one number, for demonstrations and for tests.
 *
 * A plan is data only: it knows no engine and no store. It holds a catalogue, customers, eighteen
 * months of orders with what became of them, the deliveries of stock behind them, the last weeks'
 * behaviour and a few open carts, and one stream of events in time order. An importer walks the
 * stream and calls one operation an event; whatever an event refers to came before it.
 *
 * What the numbers obey, so that reports and recommendations have something to find:
 *   - the popularity of products is Zipf's law with exponent alpha; the ranking drifts weekly;
 *   - sales have hours, weekdays, a December peak, a slow growth, and goods have seasons;
 *   - a customer has one to three tastes (themes), a basket has one theme; goods that belong
 *     together (`companions`) are bought together, consumables are bought again;
 *   - how often a customer orders is a Polya urn: a negative binomial law, many once, some often;
 *   - an order never takes more than is in stock at that moment.
 *
 * The same options give the same plan on every machine: the generator is ours and computes with
 * integers only. Amounts are minor units of a currency with two decimals. Instants are UTC
 * microseconds since 1970, whole seconds, and the shop's day runs on UTC. Texts are UTF-8; every
 * person, brand and street is invented, and every e-mail address lies in a domain reserved for
 * examples (RFC 2606).
 *
 * A finished plan is immutable: any number of threads may read it.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEMO_NONE UINT32_MAX /* no such index: a root category, a guest, no variant */

enum {
    DEMO_TASTES_MAX = 3,
    DEMO_COMPANIONS = 4,
    DEMO_LINES_MAX = 10, /* lines of one order, services included */
    DEMO_CART_ITEMS_MAX = 4,
    DEMO_FIRST_ORDER_NUMBER = 10001,

    /* The least and most an option may ask for. */
    DEMO_PRODUCTS_MIN = 24,
    DEMO_PRODUCTS_MAX = 20000,
    DEMO_CUSTOMERS_MIN = 1,
    DEMO_CUSTOMERS_MAX = 1000000,
    DEMO_ORDERS_MAX = 5000000,
    DEMO_DAYS_MIN = 14,
    DEMO_DAYS_MAX = 3660,
    DEMO_ALPHA_MAX = 2000,
    DEMO_CARTS_MAX = 10000,
};

struct demo_options {
    uint64_t seed;
    int64_t now;       /* the end of the history; nothing in the plan is later */
    uint32_t products; /* services included */
    uint32_t customers;
    uint32_t orders;
    uint32_t carts;      /* open ones at the end */
    int days;            /* length of the history */
    int behaviour_days;  /* how many of the last days have views and searches; 0 = none */
    int alpha_milli;     /* Zipf's exponent in thousandths: 800 is 0.8; 0 = all alike */
    int guest_per_mille; /* share of the orders that come without an account */
    char currency[4];    /* ISO 4217, one with two decimals */
};

/* 400 products, 800 customers, 6,000 orders in 548 days, 28 days of behaviour, 12 carts, EUR. */
void demo_options_default(struct demo_options *options, uint64_t seed, int64_t now);

struct demo_category {
    const char *id; /* "home-kitchen" */
    const char *name;
    const char *description;
    uint32_t parent; /* DEMO_NONE: a root; parents come first */
};

/* A free attribute: a text, or a whole number where text is NULL. */
struct demo_attribute {
    const char *name;
    const char *text;
    int64_t number;
};

struct demo_variant {
    const char *variant_id;
    const char *value; /* of the product's axis: "M", "250 g" */
    int64_t price;     /* today's */
    int64_t first_price;
    uint32_t sku;
};

struct demo_product {
    const char *product_id; /* the name as a slug, "alder-stoneware-mug" */
    const char *name;
    const char *description;
    const char *image;        /* a relative address, "images/alder-stoneware-mug.jpg" */
    const char *variant_axis; /* "size"; NULL without variants */
    const struct demo_attribute *attributes;
    const struct demo_variant *variants;
    size_t attribute_count;
    size_t variant_count; /* 0: sold as it is, under the sku `sku` */
    int64_t price;        /* today's, of the first variant */
    int64_t first_price;  /* when it was put on sale; the same unless repriced_at */
    int64_t created_at;
    int64_t repriced_at; /* 0 = never */
    int64_t retired_at;  /* 0 = still on sale */
    uint32_t category;
    uint32_t sku;   /* of the product without variants, else of its first variant */
    uint32_t theme; /* demo_theme_name; DEMO_NONE for services */
    uint32_t companions[DEMO_COMPANIONS]; /* products it is bought with, nearest first */
    size_t companion_count;
    bool tracked; /* false: a service, has no stock */
};

struct demo_sku {
    const char *sku; /* "KIT-0042", "TOP-0017-M" */
    uint32_t product;
    uint32_t variant; /* index into the product's variants, or DEMO_NONE */
    int64_t in_stock; /* at the end; 0 when untracked */
};

struct demo_address {
    const char *line;
    const char *postal_code;
    const char *city;
    const char *country; /* ISO 3166-1 alpha-2 */
};

struct demo_customer {
    const char *customer_id; /* "c-00042"; NULL for a guest */
    const char *name;
    const char *email; /* unique within the plan, guests included */
    struct demo_address address;
    int64_t created_at;
    uint32_t tastes[DEMO_TASTES_MAX]; /* themes, the strongest first */
    size_t taste_count;
};

struct demo_line {
    uint32_t product;
    uint32_t variant; /* or DEMO_NONE */
    uint32_t sku;
    int quantity;
    int64_t price; /* of one, as it was at that time */
};

struct demo_order {
    uint32_t number;   /* counts up from DEMO_FIRST_ORDER_NUMBER */
    uint32_t customer; /* or DEMO_NONE */
    uint32_t guest;    /* index into guests where customer is DEMO_NONE */
    uint32_t first_line;
    uint32_t line_count;
    int64_t placed_at;
    int64_t delivery_cost;
    int64_t total;               /* lines and delivery */
    const char *delivery_method; /* "standard", "express", "collect" */
    const char *payment_method;  /* "card", "wallet", "transfer" */
};

enum demo_change_kind { DEMO_PAID, DEMO_SHIPPED, DEMO_DELIVERED, DEMO_CANCELLED };

struct demo_change {
    enum demo_change_kind kind;
    uint32_t order;
    int64_t at;
    const char *reference; /* of the payment or parcel, or the reason of a cancellation */
};

struct demo_return {
    uint32_t order;
    uint32_t first_line; /* into return_lines */
    uint32_t line_count;
    int64_t at;
    const char *reason;
};

struct demo_return_line {
    uint32_t line; /* 0-based within the order */
    int quantity;
};

enum demo_movement_kind { DEMO_RECEIPT, DEMO_ADJUSTMENT };

struct demo_movement {
    enum demo_movement_kind kind;
    uint32_t sku;
    int64_t quantity; /* signed; an adjustment may take away */
    int64_t at;
    const char *reference; /* "PO-1042", "stocktake", "damaged in the warehouse" */
};

enum demo_behaviour_kind { DEMO_VIEWED, DEMO_SEARCHED, DEMO_ADDED_TO_CART };

struct demo_behaviour {
    enum demo_behaviour_kind kind;
    uint32_t session;  /* counts up from 1; one visit of one person */
    uint32_t customer; /* or DEMO_NONE */
    uint32_t product;  /* DEMO_NONE for a search */
    uint32_t variant;  /* or DEMO_NONE */
    const char *query; /* of a search, else NULL */
    int64_t at;
};

struct demo_cart_item {
    uint32_t cart;     /* 0-based; its items lie next to each other */
    uint32_t customer; /* or DEMO_NONE */
    uint32_t product;
    uint32_t variant; /* or DEMO_NONE */
    int quantity;
    int64_t at;
};

/* What an event asks for, and which array its index points into. */
enum demo_event_kind {
    DEMO_PUT_CATEGORY,   /* categories */
    DEMO_PUT_PRODUCT,    /* products; at first_price */
    DEMO_CHANGE_PRICE,   /* products; from first_price to price, and so its variants */
    DEMO_RETIRE_PRODUCT, /* products */
    DEMO_PUT_CUSTOMER,   /* customers */
    DEMO_MOVE_STOCK,     /* movements */
    DEMO_PLACE_ORDER,    /* orders */
    DEMO_CHANGE_ORDER,   /* changes */
    DEMO_RETURN_ORDER,   /* returns */
    DEMO_RECORD_EVENT,   /* behaviour */
    DEMO_ADD_TO_CART,    /* cart_items */
};

struct demo_event {
    int64_t at;
    enum demo_event_kind kind;
    uint32_t index;
};

/* What a reader may want to know without counting. */
struct demo_totals {
    uint32_t guest_orders;
    uint32_t cancelled_orders;
    uint32_t returned_orders; /* in part or whole */
    uint32_t missed_lines;    /* wanted, out of stock, never ordered */
    uint32_t tracked_skus;    /* on sale at the end */
    uint32_t out_of_stock;    /* of them */
    uint32_t nearly_out;      /* of them, one to three left */
    int64_t turnover;         /* of all orders as placed */
};

struct demo_plan {
    struct demo_options options;
    int64_t start; /* of the history: now less days */

    const struct demo_category *categories;
    const struct demo_product *products;
    const struct demo_sku *skus;
    const struct demo_customer *customers; /* by created_at */
    const struct demo_customer *guests;
    const struct demo_order *orders; /* by placed_at */
    const struct demo_line *lines;
    const struct demo_change *changes;
    const struct demo_return *returns;
    const struct demo_return_line *return_lines;
    const struct demo_movement *movements;
    const struct demo_behaviour *behaviour;
    const struct demo_cart_item *cart_items;
    const struct demo_event *events; /* by time */

    size_t category_count, product_count, sku_count, customer_count, guest_count, order_count;
    size_t line_count, change_count, return_count, return_line_count, movement_count;
    size_t behaviour_count, cart_item_count, event_count;

    struct demo_totals totals;
};

/*
 * Makes the plan; NULL with ECOMMERCE_INVALID_ARGUMENT (field names the option) or
 * ECOMMERCE_OUT_OF_MEMORY. Everything in it belongs to it. Orders may be fewer than asked for where
 * nothing at all is in stock, which takes absurd options. Free with demo_plan_free.
 */
struct demo_plan *demo_plan_new(const struct demo_options *options,
                                ecommerce_error *err) MUST_CHECK;
void demo_plan_free(struct demo_plan **plan); /* NULL allowed; sets NULL */

/* A digest of all of it: equal for equal options, on every machine. */
uint64_t demo_plan_hash(const struct demo_plan *plan);

/* Price of one piece at an instant; variant may be DEMO_NONE. */
int64_t demo_price_at(const struct demo_product *product, uint32_t variant, int64_t at);

/* The latent groups behind tastes and baskets: "coffee and tea". */
uint32_t demo_theme_count(void);
const char *demo_theme_name(uint32_t theme);
