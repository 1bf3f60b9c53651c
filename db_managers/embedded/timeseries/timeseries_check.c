/*
 * timeseries_check.c - what a request to the time-series role may ask.
 */
#include "db_managers/embedded/timeseries/timeseries_parts.h"
#include "support/error.h"

#include <assert.h>
#include <math.h>

static bool check_optional(struct str text, const char *field, ecommerce_error *err)
{
    if (text.len > TIMESERIES_TEXT_MAX)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "it is longer than %d bytes",
                           TIMESERIES_TEXT_MAX);
    if (text.ptr && !str_is_utf8(text))
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "it is not UTF-8");
    return true;
}

static bool check_text(struct str text, const char *field, ecommerce_error *err)
{
    if (!text.ptr || text.len == 0)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "it is missing");
    return check_optional(text, field, err);
}

static bool check_value(int64_t value, const char *field, ecommerce_error *err)
{
    if (value > TIMESERIES_VALUE_MAX || value < -TIMESERIES_VALUE_MAX)
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, field, "%lld cannot be counted",
                           (long long)value);
    return true;
}

static bool check_line(const struct sale_line *line, ecommerce_error *err)
{
    if (line->line < 1)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "line", "lines count from 1");
    return check_text(line->product_id, "product_id", err) && check_text(line->sku, "sku", err) &&
           check_optional(line->category, "category", err) &&
           check_value(line->quantity, "quantity", err) && check_value(line->amount, "amount", err);
}

static bool check_parts(const struct timeseries_entry *entry, ecommerce_error *err)
{
    if (entry->line_count > TIMESERIES_LINES_MAX || entry->stock_count > TIMESERIES_LINES_MAX)
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "lines", "there are more than %d lines",
                           TIMESERIES_LINES_MAX);
    for (size_t i = 0; i < entry->line_count; i++) {
        if (!check_line(&entry->lines[i], err))
            return error_under(err, "lines[%zu]", i);
    }
    for (size_t i = 0; i < entry->stock_count; i++) {
        const struct stock_change *change = &entry->stock[i];
        if (!check_text(change->sku, "sku", err) || !check_value(change->quantity, "quantity", err))
            return error_under(err, "stock[%zu]", i);
    }
    return true;
}

static bool check_entries(const struct timeseries_request *request, ecommerce_error *err)
{
    for (size_t i = 0; i < request->entry_count; i++) {
        const struct timeseries_entry *entry = &request->entries[i];
        assert(entry->kind <= SALE_RETURNED);
        if (!check_text(entry->id, "id", err) ||
            !check_optional(entry->order_id, "order_id", err) ||
            !check_optional(entry->customer_id, "customer_id", err) ||
            !check_optional(entry->country, "country", err) || !check_parts(entry, err))
            return error_under(err, "entries[%zu]", i);
    }
    return true;
}

static bool check_events(const struct timeseries_request *request, ecommerce_error *err)
{
    for (size_t i = 0; i < request->event_count; i++) {
        const struct customer_event *event = &request->events[i];
        if (!check_text(event->id, "id", err) || !check_text(event->kind, "kind", err) ||
            !check_optional(event->customer_id, "customer_id", err) ||
            !check_optional(event->session, "session", err) ||
            !check_optional(event->product_id, "product_id", err) ||
            !check_optional(event->text, "text", err))
            return error_under(err, "events[%zu]", i);
    }
    return true;
}

static bool check_metrics(const struct timeseries_request *request, ecommerce_error *err)
{
    for (size_t i = 0; i < request->metric_count; i++) {
        const struct metric_point *point = &request->metrics[i];
        if (!check_text(point->name, "name", err))
            return error_under(err, "metrics[%zu]", i);
        if (!isfinite(point->value)) {
            error_field(err, ECOMMERCE_INVALID_ARGUMENT, "value", "it is not a number");
            return error_under(err, "metrics[%zu]", i);
        }
    }
    return true;
}

static bool check_bounds(const struct timeseries_request *request, ecommerce_error *err)
{
    for (size_t i = 1; i < request->bound_count; i++) {
        if (request->bounds[i] < request->bounds[i - 1])
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "bounds",
                               "the bounds of a report do not ascend");
    }
    return true;
}

bool timeseries_request_check(const struct timeseries_request *request, ecommerce_error *err)
{
    switch ((enum timeseries_operation)request->base.operation) {
    case TIMESERIES_APPLY:
        return check_entries(request, err);
    case TIMESERIES_EVENTS:
        return check_events(request, err);
    case TIMESERIES_METRICS:
        return check_metrics(request, err);
    case TIMESERIES_SALES:
        return check_bounds(request, err);
    case TIMESERIES_METRIC_HISTORY:
        return check_text(request->key, "key", err) && check_bounds(request, err);
    case TIMESERIES_CUSTOMER_PRODUCTS:
    case TIMESERIES_STOCK_HISTORY:
    case TIMESERIES_FORGET_CUSTOMER:
        return check_text(request->key, "key", err);
    case TIMESERIES_HAS:
    case TIMESERIES_ENTRIES:
    case TIMESERIES_RANKING:
    case TIMESERIES_SPAN:
    case TIMESERIES_STOCK_AT:
    case TIMESERIES_EVENT_RANKING:
    case TIMESERIES_DIGESTS:
    case TIMESERIES_SHADOW_BEGIN:
    case TIMESERIES_SHADOW_SWAP:
    case TIMESERIES_SHADOW_DROP:
    case TIMESERIES_OPERATIONS:
        break;
    }
    return true;
}
