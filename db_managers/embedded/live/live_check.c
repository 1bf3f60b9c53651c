/*
 * live_check.c - what a request to the live role may ask.
 */
#include "db_managers/embedded/live/live_parts.h"
#include "support/error.h"

#include <assert.h>

static bool check_text(struct str text, size_t maximum, const char *field, ecommerce_error *err)
{
    if (!text.ptr || text.len == 0)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "it is missing");
    if (text.len > maximum)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "it is longer than %zu bytes",
                           maximum);
    if (!str_is_utf8(text))
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "it is not UTF-8");
    return true;
}

static bool check_quantity(int64_t quantity, ecommerce_error *err)
{
    if (quantity > LIVE_QUANTITY_MAX || quantity < -LIVE_QUANTITY_MAX)
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "quantity",
                           "a quantity of %lld cannot be counted", (long long)quantity);
    return true;
}

static bool check_line(const struct live_request *request, const struct stock_line *line,
                       ecommerce_error *err)
{
    if (!check_text(line->sku, LIVE_KEY_MAX, "sku", err))
        return false;
    if (request->base.operation == LIVE_LEVELS)
        return true;
    if (request->base.operation == LIVE_RESERVE && line->quantity <= 0)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "quantity",
                           "a quantity of %lld cannot be reserved", (long long)line->quantity);
    return check_quantity(line->quantity, err);
}

static bool check_lines(const struct live_request *request, ecommerce_error *err)
{
    if (request->line_count > LIVE_MAX_LINES)
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "lines", "there are more than %d lines",
                           LIVE_MAX_LINES);
    for (size_t i = 0; i < request->line_count; i++) {
        if (!check_line(request, &request->lines[i], err))
            return error_under(err, "lines[%zu]", i);
    }
    return true;
}

static bool check_install(const struct live_request *request, ecommerce_error *err)
{
    if (request->epoch < 1)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "epoch", "epochs count from 1");
    for (size_t i = 0; i < request->install_count; i++) {
        const struct stock_level *level = &request->install[i];
        if (!check_text(level->sku, LIVE_KEY_MAX, "sku", err) ||
            !check_quantity(level->available, err))
            return error_under(err, "install[%zu]", i);
    }
    for (size_t i = 0; i < request->applied_id_count; i++) {
        if (!check_text(request->applied_ids[i], LIVE_KEY_MAX, "id", err))
            return error_under(err, "applied_ids[%zu]", i);
    }
    return true;
}

static bool check_reserve(const struct live_request *request, ecommerce_error *err)
{
    if (request->grace < 0)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "grace", "it is negative");
    return check_text(request->id, LIVE_KEY_MAX, "id", err) && check_lines(request, err);
}

static bool check_limit(size_t limit, ecommerce_error *err)
{
    if (limit < 1 || limit > LIVE_MAX_LIMIT)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "limit",
                           "the limit is not from 1 to %d", LIVE_MAX_LIMIT);
    return true;
}

static bool check_put(const struct live_request *request, ecommerce_error *err)
{
    if (!check_text(request->key, LIVE_KEY_MAX, "key", err))
        return false;
    if (request->owner.ptr && !check_text(request->owner, LIVE_KEY_MAX, "owner", err))
        return false;
    if (request->version < VERSION_ANY)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "version", "there is no version %lld",
                           (long long)request->version);
    return true;
}

static bool check_event(const struct live_request *request, ecommerce_error *err)
{
    if (request->event_limit < 1 || request->event_limit > INT64_MAX)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "event_limit",
                           "the buffer needs a limit");
    return true;
}

static bool check_position(struct str key, ecommerce_error *err)
{
    long long position;
    if (!key.ptr || !str_to_int64(key, &position))
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "key", "'%.*s' is no position",
                           STR_ARG(key));
    return true;
}

bool live_request_check(const struct live_request *request, ecommerce_error *err)
{
    assert(request->base.operation < LIVE_OPERATIONS && request->space < LIVE_SPACES);
    switch ((enum live_operation)request->base.operation) {
    case LIVE_RESERVE:
    case LIVE_CREDIT:
        return check_reserve(request, err);
    case LIVE_SETTLE:
    case LIVE_RELEASE:
        return check_text(request->id, LIVE_KEY_MAX, "id", err);
    case LIVE_LEVELS:
        return check_lines(request, err);
    case LIVE_INSTALL:
        return check_install(request, err);
    case LIVE_LEVELS_SCAN:
    case LIVE_HOLDS:
    case LIVE_APPLIED_SCAN:
    case LIVE_EVENT_READ:
        return check_limit(request->limit, err);
    case LIVE_PUT:
        return check_put(request, err);
    case LIVE_GET:
    case LIVE_DELETE:
        return check_text(request->key, LIVE_KEY_MAX, "key", err);
    case LIVE_LIST:
        return check_text(request->owner, LIVE_KEY_MAX, "owner", err) &&
               check_limit(request->limit, err);
    case LIVE_DELETE_OWNER:
        return check_text(request->owner, LIVE_KEY_MAX, "owner", err);
    case LIVE_LEASE:
        return check_text(request->key, LIVE_KEY_MAX, "key", err) &&
               check_text(request->owner, LIVE_KEY_MAX, "owner", err);
    case LIVE_EVENT_APPEND:
        return check_event(request, err);
    case LIVE_EVENT_ACK:
        return check_position(request->key, err);
    case LIVE_STATUS:
    case LIVE_EXPIRE:
    case LIVE_OPERATIONS:
        break;
    }
    return true;
}
