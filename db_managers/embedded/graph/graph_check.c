/*
 * graph_check.c - what a request to the graph role may ask.
 */
#include "db_managers/embedded/graph/graph_parts.h"
#include "support/error.h"

#include <assert.h>

static bool check_optional(struct str text, const char *field, ecommerce_error *err)
{
    if (text.len > GRAPH_TEXT_MAX)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "it is longer than %d bytes",
                           GRAPH_TEXT_MAX);
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

static bool check_line(const struct graph_line *line, ecommerce_error *err)
{
    if (line->quantity <= 0)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "quantity", "%lld is not above 0",
                           (long long)line->quantity);
    if (line->quantity > GRAPH_QUANTITY_MAX)
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "quantity", "%lld cannot be counted",
                           (long long)line->quantity);
    return check_text(line->product_id, "product_id", err);
}

static bool check_entry(const struct graph_entry *entry, ecommerce_error *err)
{
    assert(entry->kind == GRAPH_ORDER || entry->kind == GRAPH_TAKE_BACK);
    if (!check_text(entry->id, "id", err) ||
        !check_optional(entry->customer_id, "customer_id", err))
        return false;
    if (entry->kind == GRAPH_TAKE_BACK && !check_text(entry->order_id, "order_id", err))
        return false;
    if (entry->line_count > GRAPH_LINES_MAX)
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "lines", "there are more than %d lines",
                           GRAPH_LINES_MAX);
    for (size_t i = 0; i < entry->line_count; i++) {
        if (!check_line(&entry->lines[i], err))
            return error_under(err, "lines[%zu]", i);
    }
    return true;
}

static bool check_entries(const struct graph_request *request, ecommerce_error *err)
{
    for (size_t i = 0; i < request->entry_count; i++) {
        if (!check_entry(&request->entries[i], err))
            return error_under(err, "entries[%zu]", i);
    }
    return true;
}

static bool check_events(const struct graph_request *request, ecommerce_error *err)
{
    for (size_t i = 0; i < request->event_count; i++) {
        const struct graph_event *event = &request->events[i];
        if (!check_text(event->id, "id", err) || !check_text(event->kind, "kind", err) ||
            !check_optional(event->customer_id, "customer_id", err) ||
            !check_optional(event->product_id, "product_id", err))
            return error_under(err, "events[%zu]", i);
    }
    return true;
}

bool graph_request_check(const struct graph_request *request, ecommerce_error *err)
{
    switch ((enum graph_operation)request->base.operation) {
    case GRAPH_APPLY:
        return check_entries(request, err);
    case GRAPH_EVENTS:
        return check_events(request, err);
    case GRAPH_RECOMMEND:
        assert(request->kind <= RECOMMEND_TRENDING);
        return request->kind == RECOMMEND_TRENDING || check_text(request->key, "key", err);
    case GRAPH_CUSTOMER_PRODUCTS:
    case GRAPH_FORGET_CUSTOMER:
        return check_text(request->key, "key", err);
    case GRAPH_HAS:
    case GRAPH_ENTRIES:
    case GRAPH_DIGEST:
    case GRAPH_SHADOW_BEGIN:
    case GRAPH_SHADOW_SWAP:
    case GRAPH_SHADOW_DROP:
    case GRAPH_OPERATIONS:
        break;
    }
    return true;
}
