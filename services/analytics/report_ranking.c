/*
 * report_ranking.c - sums by product, customer, category or country, best net first, and what is
 * trending. Totals are those of the whole range, not of the rows that are shown.
 */
#include "services/analytics/analytics_parts.h"
#include "services/analytics/recommendations.h"

static void write_rows(struct report *report, const char *key, const struct sales_sums *rows,
                       size_t count, const struct str *names, bool with_customers)
{
    struct call *call = report->call;
    doc_open_array(call->out, "rows");
    for (size_t i = 0; i < count; i++) {
        doc_open(call->out, NULL);
        doc_add_text(call->out, key, rows[i].key);
        if (names != NULL) {
            doc_add_text(call->out, "name", names[i]);
        }
        sums_write(call, &rows[i]);
        if (with_customers) {
            doc_add_int(call->out, "customers", rows[i].customers);
        }
        sums_write_average(call, &rows[i]);
        doc_close(call->out);
    }
    doc_close(call->out);
}

static bool run_ranking(struct report *report, enum sales_dimension dimension, const char *key,
                        ecommerce_error *err)
{
    struct call *call = report->call;
    int64_t ends[2];
    struct str *names = NULL;
    struct timeseries_request totals,
        request = report_ranking(report, dimension, RANK_BY_NET, report->limit);
    timeseries_submit(call->shop->timeseries, &request);
    report_ask_totals(report, &totals, ends);
    if (!report_wait(report, &request, &totals, err)) {
        return false;
    }
    if (dimension == DIMENSION_PRODUCT &&
        !product_names(call, request.sums, request.count, &names, err)) {
        return false;
    }
    report_begin(report);
    write_rows(report, key, request.sums, request.count, names, dimension != DIMENSION_CUSTOMER);
    report_write_totals(report, &totals.sums[0]);
    return true;
}

bool report_top_products(struct report *report, ecommerce_error *err)
{
    return run_ranking(report, DIMENSION_PRODUCT, "product_id", err);
}

bool report_top_customers(struct report *report, ecommerce_error *err)
{
    return run_ranking(report, DIMENSION_CUSTOMER, "customer_id", err);
}

bool report_categories(struct report *report, ecommerce_error *err)
{
    return run_ranking(report, DIMENSION_CATEGORY, "category", err);
}

bool report_countries(struct report *report, ecommerce_error *err)
{
    return run_ranking(report, DIMENSION_COUNTRY, "country", err);
}

bool report_trending(struct report *report, ecommerce_error *err)
{
    static const char why[] = "what is trending is so in the whole shop";
    enum { TRENDING_MAX = 100 };
    if (!report_refuse(report->filter.category, "category", why, err) ||
        !report_refuse(report->filter.country, "country", why, err) ||
        !report_refuse(report->filter.product_id, "product_id", why, err)) {
        return false;
    }
    if (report->options->has_from || report->options->has_to || report->options->has_as_of) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "from",
                           "what is trending is so now: it takes no range");
    }
    doc_adds(report->call->out, "currency", report->call->shop->currency.code);
    size_t count = report->limit < TRENDING_MAX ? report->limit : TRENDING_MAX;
    return recommendations_add(report->call, "rows", RECOMMEND_TRENDING, STR_NONE, count, err);
}
