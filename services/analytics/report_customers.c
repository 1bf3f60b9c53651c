/*
 * report_customers.c - how many customers come back.
 *
 * Counted are customers with an active order (placed in the range, not cancelled before its end);
 * a repeat customer has two or more. Guests cannot be told apart and are left out.
 */
#include "services/analytics/analytics_parts.h"

/* Rows of the distribution: from this many active orders to the next row's less one. */
static const int64_t steps[] = {1, 2, 3, 4, 5, 6, 11, 21};

enum { STEPS = ARRAY_LENGTH(steps) };

struct group {
    int64_t customers, orders, net;
};

static void count_customer(struct group *groups, const struct sales_sums *sums)
{
    size_t step = STEPS;
    while (step > 0 && sums->active_orders < steps[step - 1]) {
        step--;
    }
    if (step > 0) {
        groups[step - 1].customers++;
        groups[step - 1].orders += sums->active_orders;
        groups[step - 1].net += sums_net(sums);
    }
}

static void write_group(struct report *report, const struct group *group, int64_t customers)
{
    struct doc_builder *out = report->call->out;
    doc_add_int(out, "customers", group->customers);
    if (customers > 0) {
        doc_add_double(out, "share", (double)group->customers / (double)customers);
    } else {
        doc_add_null(out, "share");
    }
    doc_add_int(out, "orders", group->orders);
    doc_add_money(out, "net", group->net, &report->call->shop->currency);
}

static void write_distribution(struct report *report, const struct group *groups, int64_t customers)
{
    struct doc_builder *out = report->call->out;
    doc_open_array(out, "rows");
    for (size_t i = 0; i < STEPS; i++) {
        doc_open(out, NULL);
        doc_add_int(out, "orders_from", steps[i]);
        if (i + 1 < STEPS) {
            doc_add_int(out, "orders_to", steps[i + 1] - 1);
        } else {
            doc_add_null(out, "orders_to");
        }
        write_group(report, &groups[i], customers);
        doc_close(out);
    }
    doc_close(out);
}

static void write_all(struct report *report, const struct group *groups)
{
    struct doc_builder *out = report->call->out;
    struct group all = {0};
    for (size_t i = 0; i < STEPS; i++) {
        all.customers += groups[i].customers;
        all.orders += groups[i].orders;
        all.net += groups[i].net;
    }
    int64_t repeat = all.customers - groups[0].customers;
    write_distribution(report, groups, all.customers);
    doc_open(out, "totals");
    write_group(report, &all, all.customers);
    doc_add_int(out, "repeat_customers", repeat);
    if (all.customers > 0) {
        doc_add_double(out, "repeat_rate", (double)repeat / (double)all.customers);
    } else {
        doc_add_null(out, "repeat_rate");
    }
    doc_close(out);
}

bool report_repeat_rate(struct report *report, ecommerce_error *err)
{
    if (!report->options->has_from) {
        /* Coming back takes longer than a month: all orders there ever were. */
        report->from = ANALYTICS_BEGINNING;
    }
    struct timeseries_request request =
        report_ranking(report, DIMENSION_CUSTOMER, RANK_BY_ORDERS, 0);
    if (!timeseries_run(report->call->shop->timeseries, &request, err)) {
        return false;
    }
    struct group groups[STEPS] = {0};
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < request.count; i++) {
        count_customer(groups, &request.sums[i]);
        if (request.sums[i].orders > 0 && request.sums[i].first < first) {
            first = request.sums[i].first;
        }
    }
    if (!report->options->has_from) {
        report->from = first < report->to ? first : report->to;
    }
    report_begin(report);
    write_all(report, groups);
    return true;
}
