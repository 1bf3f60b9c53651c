/* report_sales.c - sums over time: a row for each bucket of the shop's calendar, sold or not. */
#include "services/analytics/analytics_parts.h"

/* The first and the last bucket are cut at the range's ends. */
static bool make_bounds(struct report *report, int64_t **bounds, size_t *count,
                        ecommerce_error *err)
{
    const struct timezone_table *zone = report->call->shop->zone;
    *bounds = arena_array(&report->call->arena, REPORT_BUCKETS_MAX + 2, sizeof(**bounds));
    if (*bounds == NULL) {
        return error_memory(err);
    }
    *count = 0;
    int64_t at = report->from;
    while (at < report->to) {
        if (*count == REPORT_BUCKETS_MAX) {
            return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "by",
                               "more than %d rows: take a shorter range or a coarser step",
                               REPORT_BUCKETS_MAX);
        }
        (*bounds)[(*count)++] = at;
        at = bucket_next(zone, report->by, at);
    }
    (*bounds)[(*count)++] = report->to;
    return true;
}

static void write_rows(struct report *report, const int64_t *bounds, const struct sales_sums *rows,
                       size_t count)
{
    struct call *call = report->call;
    const struct timezone_table *zone = call->shop->zone;
    doc_open_array(call->out, "rows");
    for (size_t i = 0; i < count; i++) {
        doc_open(call->out, NULL);
        period_write(call, "period", report->by, bucket_start(zone, report->by, bounds[i]));
        doc_add_time(call->out, "start", bounds[i]);
        sums_write(call, &rows[i]);
        doc_add_int(call->out, "customers", rows[i].customers);
        sums_write_average(call, &rows[i]);
        doc_close(call->out);
    }
    doc_close(call->out);
}

bool report_sales(struct report *report, ecommerce_error *err)
{
    int64_t *bounds, ends[2];
    size_t count = 0;
    if (!make_bounds(report, &bounds, &count, err)) {
        return false;
    }
    struct timeseries_request totals, series = call_timeseries(report->call, TIMESERIES_SALES);
    series.filter = report->filter;
    series.bounds = bounds;
    series.bound_count = count;
    timeseries_submit(report->call->shop->timeseries, &series);
    /* Asked for apart: customers of the whole range are not the sum of those of its buckets. */
    report_ask_totals(report, &totals, ends);
    if (!report_wait(report, &series, &totals, err)) {
        return false;
    }
    report_begin(report);
    doc_adds(report->call->out, "by", grain_name(report->by));
    write_rows(report, bounds, series.sums, series.count);
    report_write_totals(report, &totals.sums[0]);
    return true;
}
