/*
 * analytics_parts.h - how the parts of the analytics hang together:
 *
 *   analytics.c        as_of, sums and names in answers
 *   insights.c         one customer: asking all stores;  insights_answer.c  what is said of it
 *   insights_rfm.c     scores over all customers, and the cache of them
 *   reports.c          the table of reports, their options and ranges
 *   report_sales.c     series over time
 *   report_ranking.c   by product, customer, category, country; trending
 *   report_customers.c repeat customers
 *   report_stock.c     stock-outs and slow-movers
 */
#pragma once

#include "services/analytics/analytics.h"

/* Before the first sale of any shop: 0001-01-01T00:00:00Z. */
#define ANALYTICS_BEGINNING (INT64_C(-62135596800) * MICROSECONDS)
/* After the last: 10000-01-01T00:00:00Z. */
#define ANALYTICS_END (INT64_C(253402300800) * MICROSECONDS)
#define ANALYTICS_DAY ((int64_t)86400 * MICROSECONDS)

/* ---- stores that may be missed (analytics.c) ---- */

/* True when the answer can go on without what failed, which is noted in the call; false, with the
 * error, for what no other store's absence explains: memory, a defect. */
bool analytics_miss(struct call *call, enum manager_role role, const ecommerce_error *why,
                    ecommerce_error *err) MUST_CHECK;

/* ---- as_of ---- */

struct as_of_question {
    bool asked; /* the request is on its way and must be taken */
    struct timeseries_request span;
    int64_t as_of;
    bool latest; /* it is now: what comes next moves it */
};
/* Sends what is needed to find out; `given` is used when has is set. */
void as_of_ask(struct call *call, struct as_of_question *question, bool has, int64_t given);
/* Waits; fills as_of, latest, and the call's as_of. */
bool as_of_take(struct call *call, struct as_of_question *question,
                ecommerce_error *err) MUST_CHECK;

/* ---- parts of answers ---- */

/* numerator / denominator, half away from zero; denominator > 0. */
int64_t analytics_ratio(int64_t numerator, int64_t denominator);
static inline int64_t sums_net(const struct sales_sums *sums)
{
    return sums->gross - sums->cancelled - sums->returned;
}
/* Fields gross, cancelled, returned, net, orders, units, units_back, into the open level. */
void sums_write(struct call *call, const struct sales_sums *sums);
/* average_order of a range: gross / orders placed in it; null without one. */
void sums_write_average(struct call *call, const struct sales_sums *sums);
/* "2011-12-09" as the shop's calendar names the bucket; 2011-W49, 2011-12, 2011; an hour has its
 * offset: "2011-10-30T01:00+01:00". */
void period_write(struct call *call, const char *key, enum grain grain, int64_t start);
/* Names of products, NULL where unknown, in the call's arena; degrades without documents. */
bool product_names(struct call *call, const struct sales_sums *rows, size_t count,
                   struct str **names, ecommerce_error *err) MUST_CHECK;

/* ---- RFM (insights_rfm.c) ---- */

struct rfm {
    bool known;                       /* an active order at as_of */
    int recency, frequency, monetary; /* 1 to 5 */
    int64_t customers;                /* that were compared */
};

struct rfm_question {
    struct str customer_id;
    int64_t as_of;
    bool latest;
    bool asked; /* private: the ranking is on its way */
    uint64_t generation;
    struct timeseries_request request;
    struct rfm rfm;
};
void rfm_ask(struct call *call, struct rfm_question *question);
/* *answered is false when the time series is away. */
bool rfm_take(struct call *call, struct rfm_question *question, bool *answered,
              ecommerce_error *err) MUST_CHECK;
/* The score of a value among n: `less` of them are smaller, `equal` the same (itself included). */
int rfm_score(int64_t less, int64_t equal, int64_t n);
const char *rfm_segment(const struct rfm *rfm);

/* ---- insights (insights_answer.c) ---- */

/* What was found out; requests that failed are told apart by their flags. */
struct insights {
    struct str customer_id;
    struct doc profile;
    bool has_profile, has_totals, has_monthly, has_products, has_categories, has_rfm, has_carts;
    int64_t as_of;
    struct sales_sums totals;
    const int64_t *bounds; /* month_count + 1 of them */
    const struct sales_sums *months;
    size_t month_count;
    const struct sales_sums *products, *categories;
    size_t product_count, category_count;
    const struct live_value *carts;
    size_t cart_count;
    struct rfm rfm;
};
bool insights_write(struct call *call, const struct insights *insights,
                    ecommerce_error *err) MUST_CHECK;

/* ---- reports ---- */

struct report {
    struct call *call;
    const struct report_options *options;
    int64_t as_of, from, to;
    enum grain by;
    size_t limit;
    struct sales_filter filter;
};

/* from, to and the currency, into the answer. */
void report_begin(struct report *report);
/* A request over the range with the filter. */
struct timeseries_request report_ranking(struct report *report, enum sales_dimension dimension,
                                         enum sales_ranking ranking, size_t limit);
/* Sends the sums of the whole range; bounds has room for two. */
void report_ask_totals(struct report *report, struct timeseries_request *request, int64_t *bounds);
/* Waits for both; the error is that of the first which failed. */
bool report_wait(struct report *report, struct timeseries_request *first,
                 struct timeseries_request *second, ecommerce_error *err) MUST_CHECK;
void report_write_totals(struct report *report, const struct sales_sums *totals);
/* Refuses a filter that has no meaning for the report. */
bool report_refuse(struct str value, const char *field, const char *why,
                   ecommerce_error *err) MUST_CHECK;

bool report_sales(struct report *report, ecommerce_error *err) MUST_CHECK;
bool report_top_products(struct report *report, ecommerce_error *err) MUST_CHECK;
bool report_top_customers(struct report *report, ecommerce_error *err) MUST_CHECK;
bool report_categories(struct report *report, ecommerce_error *err) MUST_CHECK;
bool report_countries(struct report *report, ecommerce_error *err) MUST_CHECK;
bool report_trending(struct report *report, ecommerce_error *err) MUST_CHECK;
bool report_repeat_rate(struct report *report, ecommerce_error *err) MUST_CHECK;
bool report_stock_outs(struct report *report, ecommerce_error *err) MUST_CHECK;
bool report_slow_movers(struct report *report, ecommerce_error *err) MUST_CHECK;
