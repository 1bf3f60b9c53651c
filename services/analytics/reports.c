/*
 * reports.c - the table of reports, and what their options mean.
 */
#include "services/analytics/analytics_parts.h"
#include "support/timestamp.h"

#include <stdio.h>

const struct report_kind report_kinds[] = {
    {"sales", "sales by hour, day, week, month or year, without gaps", report_sales},
    {"top-products", "products by net sales; services where asked for", report_top_products},
    {"top-customers", "customers by net sales", report_top_customers},
    {"categories", "categories by net sales", report_categories},
    {"countries", "countries by net sales", report_countries},
    {"stock-outs", "what ran out of stock, and what was sold before it did", report_stock_outs},
    {"slow-movers", "stock that lasts longest at the rate it sells", report_slow_movers},
    {"repeat-rate", "customers with two or more orders among all", report_repeat_rate},
    {"trending", "what sells now more than it used to", report_trending},
    {0},
};

/* In the order of enum grain; how far back a series goes when nobody says. */
static const struct {
    const char *name;
    int64_t longest; /* that a bucket can be, in microseconds */
    int back;        /* buckets of a default range, the one with its end included */
} grains[] = {
    [GRAIN_HOUR] = {"hour", INT64_C(3600) * MICROSECONDS, 48},
    [GRAIN_DAY] = {"day", 25 * INT64_C(3600) * MICROSECONDS, 30},
    [GRAIN_WEEK] = {"week", 7 * ANALYTICS_DAY + INT64_C(3600) * MICROSECONDS, 26},
    [GRAIN_MONTH] = {"month", 31 * ANALYTICS_DAY + INT64_C(3600) * MICROSECONDS, 12},
    [GRAIN_YEAR] = {"year", 366 * ANALYTICS_DAY + INT64_C(3600) * MICROSECONDS, 5},
};

bool grain_parse(struct str name, enum grain *grain)
{
    for (size_t i = 0; i < ARRAY_LENGTH(grains); i++) {
        if (str_is(name, grains[i].name)) {
            *grain = (enum grain)i;
            return true;
        }
    }
    return false;
}

const char *grain_name(enum grain grain)
{
    return grains[grain].name;
}

/* ---- ranges ---- */

/* The start of the bucket in which the default range begins. */
static int64_t default_from(const struct report *report, bool series)
{
    const struct timezone_table *zone = report->call->shop->zone;
    enum grain grain = series ? report->by : GRAIN_DAY;
    int64_t start = bucket_start(zone, grain, report->to - 1);
    for (int i = 1; i < grains[grain].back; i++) {
        start = bucket_start(zone, grain, start - 1);
    }
    return start;
}

static bool set_range(struct report *report, bool series, ecommerce_error *err)
{
    const struct report_options *options = report->options;
    report->to = options->has_to ? options->to : report->as_of + 1;
    if (report->to > ANALYTICS_END) {
        report->to = ANALYTICS_END;
    }
    if (options->has_as_of && report->to > report->as_of + 1) {
        report->to = report->as_of + 1; /* what came later was not known then */
    }
    if (report->as_of >= report->to) {
        report->as_of = report->to - 1;
    }
    report->from = options->has_from ? options->from : default_from(report, series);
    if (report->from < ANALYTICS_BEGINNING) {
        report->from = ANALYTICS_BEGINNING;
    }
    if (report->from >= report->to) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "from",
                           "the range is empty: 'from' is not before 'to'");
    }
    if (!series) {
        return true;
    }
    /* So many for certain; the exact number comes with the bounds. */
    if ((report->to - report->from) / grains[report->by].longest > REPORT_BUCKETS_MAX) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "by",
                           "more than %d rows by %s: take a shorter range or a coarser step",
                           REPORT_BUCKETS_MAX, grains[report->by].name);
    }
    return true;
}

static bool check_to(const struct report_options *options, ecommerce_error *err)
{
    if ((options->has_to && options->to <= ANALYTICS_BEGINNING + ANALYTICS_DAY) ||
        (options->has_as_of && options->as_of <= ANALYTICS_BEGINNING + ANALYTICS_DAY)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, options->has_to ? "to" : "as_of",
                           "the time is before any sale");
    }
    return true;
}

static bool set_options(struct report *report, bool series, ecommerce_error *err)
{
    const struct report_options *options = report->options;
    report->by = options->has_by ? options->by : GRAIN_DAY;
    report->filter = options->filter;
    report->limit = options->limit ? options->limit : REPORT_LIMIT;
    if (report->limit > REPORT_LIMIT_MAX) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "limit", "at most %d rows are given",
                           REPORT_LIMIT_MAX);
    }
    if (options->has_by && !series) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "by",
                           "only the report 'sales' goes by hour, day, week, month or year");
    }
    if (!check_to(options, err)) {
        return false;
    }
    struct as_of_question as_of;
    as_of_ask(report->call, &as_of, options->has_as_of, options->as_of);
    if (!as_of_take(report->call, &as_of, err)) {
        return false;
    }
    report->as_of = as_of.as_of;
    return set_range(report, series, err);
}

/* ---- what reports have in common ---- */

void report_begin(struct report *report)
{
    struct doc_builder *out = report->call->out;
    doc_add_time(out, "from", report->from);
    doc_add_time(out, "to", report->to);
    doc_adds(out, "currency", report->call->shop->currency.code);
}

struct timeseries_request report_ranking(struct report *report, enum sales_dimension dimension,
                                         enum sales_ranking ranking, size_t limit)
{
    struct timeseries_request request = call_timeseries(report->call, TIMESERIES_RANKING);
    request.from = report->from;
    request.to = report->to;
    request.filter = report->filter;
    request.dimension = dimension;
    request.ranking = ranking;
    request.limit = limit;
    return request;
}

void report_ask_totals(struct report *report, struct timeseries_request *request, int64_t *bounds)
{
    bounds[0] = report->from;
    bounds[1] = report->to;
    *request = call_timeseries(report->call, TIMESERIES_SALES);
    request->filter = report->filter;
    request->bounds = bounds;
    request->bound_count = 2;
    timeseries_submit(report->call->shop->timeseries, request);
}

bool report_wait(struct report *report, struct timeseries_request *first,
                 struct timeseries_request *second, ecommerce_error *err)
{
    struct timeseries_store *store = report->call->shop->timeseries;
    bool first_ok = timeseries_wait(store, first);
    bool second_ok = timeseries_wait(store, second);
    if ((!first_ok || !second_ok) && err != NULL) {
        *err = first_ok ? second->base.error : first->base.error;
    }
    return first_ok && second_ok;
}

void report_write_totals(struct report *report, const struct sales_sums *totals)
{
    doc_open(report->call->out, "totals");
    sums_write(report->call, totals);
    doc_add_int(report->call->out, "customers", totals->customers);
    sums_write_average(report->call, totals);
    doc_close(report->call->out);
}

bool report_refuse(struct str value, const char *field, const char *why, ecommerce_error *err)
{
    return value.ptr == NULL || error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "%s", why);
}

static bool unknown_report(struct str name, ecommerce_error *err)
{
    char list[256] = "";
    size_t at = 0;
    for (const struct report_kind *kind = report_kinds; kind->name != NULL; kind++) {
        int written = snprintf(list + at, sizeof(list) - at, "%s%s", at ? ", " : "", kind->name);
        at += (size_t)written;
        if (at >= sizeof(list)) {
            break;
        }
    }
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "name", "no report '%.*s': there are %s",
                       STR_ARG(name), list);
}

bool analytics_report(struct call *call, struct str name, const struct report_options *options,
                      ecommerce_error *err)
{
    const struct report_kind *kind = report_kinds;
    while (kind->name != NULL && !str_is(name, kind->name)) {
        kind++;
    }
    if (kind->name == NULL) {
        return unknown_report(name, err);
    }
    struct report report = {.call = call, .options = options};
    if (!set_options(&report, kind->run == report_sales, err)) {
        return false;
    }
    doc_adds(call->out, "report", kind->name);
    if (!kind->run(&report, err)) {
        return false;
    }
    call->as_of = report.as_of;
    return true;
}
