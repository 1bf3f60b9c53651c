/*
 * analytics.h - what the shop's facts say: insights about one customer, and reports over all sales.
 *
 * Everything here is read; nothing is written. Sales come from the time series, where
 *
 *   gross      amounts of the lines placed, counted when the order was placed
 *   cancelled  amounts of the lines cancelled, counted when they were cancelled
 *   returned   amounts of the lines returned, counted when they came back
 *   net        gross - cancelled - returned
 *   orders     orders placed; active_orders: those less the cancelled ones
 *   units      quantities placed; units_back: quantities cancelled or returned
 *   customers  distinct customers with an order placed; guests are in the sums, never in this
 *   average_order  a ratio of sums, never a mean of means; see below
 *
 * so that a bucket may have a negative net: goods came back that were sold before it. Ranges are
 * half-open (from <= t < to); days, weeks, months are those of the shop's time zone; money in
 * answers is a decimal in the currency that the answer names.
 *
 * as_of. Every analysis looks at the shop as it was at one instant and counts what happened up to
 * and at it. It may be given; else it is now, or the newest sale where that is older than the
 * setting analytics.stale_after. Each answer says which it was, as "as_of".
 *
 * Missing stores. Insights do without the live store, the graph and the time series, and without
 * documents where the time series knows the customer; what they left out is named in "degraded".
 * Reports need the time series and fail without it; names of products are left out without the
 * documents.
 *
 * The definitions with examples: docs/analytics.md.
 *
 * Threads: any number at once, each with its own call.
 */
#pragma once

#include "services/shop.h"

enum {
    INSIGHT_MONTHS = 36,        /* of the monthly series, at most */
    INSIGHT_FAVOURITES = 10,    /* products; half as many categories */
    REPORT_LIMIT = 50,          /* rows of a ranking when the caller names no number */
    REPORT_LIMIT_MAX = 10000,   /* rows of a ranking at most */
    REPORT_BUCKETS_MAX = 10000, /* rows of a series at most */
    STOCK_OUT_DAYS = 28,        /* before an item ran out: what was sold then */
};

/* Remembers RFM scores, which need all customers: for cache.lifetime, and only while no sale was
 * relayed since. Without it (shop->analytics NULL) they are computed for each call. */
bool analytics_open(struct shop *shop, ecommerce_error *err) MUST_CHECK;
void analytics_close(struct shop *shop);

/*
 * Answer:
 *   customer_id, profile {name, email, country, created_at}
 *   currency
 *   orders {placed, active, cancelled}
 *   spend {gross, cancelled, returned, net}
 *   average_order     (gross - cancelled) / active orders: a ratio of sums; returns are not taken
 *                     off; null without an active order
 *   first_order, last_order   placed at; null without one
 *   frequency {days_between_orders, orders_per_month, months_observed}
 *                     days: (last - first) / (orders - 1), null below two orders;
 *                     months_observed: (as_of - first) / 30.436875 days, at least 1;
 *                     orders_per_month: active orders / months_observed
 *   predicted_value, predicted_months   average_order * orders_per_month * predicted_months (the
 *                     setting customers.predicted_months): a projection of the past, no model
 *   rfm {recency, frequency, monetary, segment, customers}   scores 1 (low) to 5; null for who has
 *                     no active order
 *   returns {value, rate, units_back}   rate: returned / (gross - cancelled), null without sales
 *   favourite_products [{product_id, name, net, units, orders}]   best net first; services are
 *                     left out
 *   favourite_categories [{category, net, units, orders}]   best net first; what is in no category
 *                     is left out
 *   monthly [{period, start, gross, cancelled, returned, net, orders, units}]   from the month of
 *                     the first order, INSIGHT_MONTHS at most, without gaps
 *   open_carts [{cart_id, items, units, expires_at}]
 *   recommendations, buy_again   as recommendations.h
 *   as_of, degraded
 *
 * Errors: UNKNOWN_CUSTOMER (also an erased one); of the documents when they are away and the time
 * series knows no order of the customer either.
 */
struct insights_options {
    bool has_as_of;
    int64_t as_of; /* wall clock */
};
bool analytics_get_customer_insights(struct call *call, struct str customer_id,
                                     const struct insights_options *options,
                                     ecommerce_error *err) MUST_CHECK;

struct report_options {
    bool has_as_of, has_from, has_to, has_by;
    int64_t as_of;
    /* Default: the 30 local days that end with `to`; sales: 48 hours, 30 days, 26 weeks, 12 months,
     * 5 years; repeat-rate: the first sale. stock-outs: given, only what ran out since. */
    int64_t from;
    int64_t to;                 /* default: just after as_of */
    enum grain by;              /* sales only; default GRAIN_DAY */
    size_t limit;               /* of rankings; 0: REPORT_LIMIT */
    struct sales_filter filter; /* STR_NONE: all */
};

/*
 * The report of this name. Answer: {report, from, to, currency, rows [...], totals {...}} with what
 * the report adds, as_of, degraded. Errors: INVALID_ARGUMENT with the field (an unknown name, an
 * empty range, an option that the report cannot follow), LIMIT_EXCEEDED (too many buckets); of the
 * time series.
 */
bool analytics_report(struct call *call, struct str name, const struct report_options *options,
                      ecommerce_error *err) MUST_CHECK;

/* The reports there are, for help and doors; a row without a name ends them. */
struct report;
struct report_kind {
    const char *name;
    const char *summary; /* one sentence without a full stop */
    bool (*run)(struct report *report, ecommerce_error *err);
};
extern const struct report_kind report_kinds[];

/* "hour", "day", "week", "month", "year". */
bool grain_parse(struct str name, enum grain *grain) MUST_CHECK;
const char *grain_name(enum grain grain);
