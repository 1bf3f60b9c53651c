/* analytics.c - as_of, and what insights and reports write alike. */
#include "services/analytics/analytics_parts.h"
#include "services/catalog/catalog_parts.h"
#include "support/timestamp.h"

#include <inttypes.h>
#include <stdio.h>

enum { NAMES_AT_ONCE = 256, PERIOD_TEXT = 48 };

bool analytics_miss(struct call *call, enum manager_role role, const ecommerce_error *why,
                    ecommerce_error *err)
{
    switch (why->code) {
    case ECOMMERCE_UNAVAILABLE:
    case ECOMMERCE_OVERLOADED:
    case ECOMMERCE_DEADLINE_EXCEEDED:
    case ECOMMERCE_OUTCOME_UNKNOWN:
    case ECOMMERCE_STORAGE_FAILED:
    case ECOMMERCE_STORAGE_FULL:
        call_degrade(call, role, why);
        return true;
    default:
        if (err != NULL) {
            *err = *why;
        }
        return false;
    }
}

/* ---- as_of ---- */

void as_of_ask(struct call *call, struct as_of_question *question, bool has, int64_t given)
{
    *question = (struct as_of_question){.asked = !has, .as_of = has ? given : call_wall(call)};
    if (question->as_of >= ANALYTICS_END) {
        question->as_of = ANALYTICS_END - 1;
    } else if (question->as_of < ANALYTICS_BEGINNING) {
        question->as_of = ANALYTICS_BEGINNING;
    }
    if (has) {
        return;
    }
    question->span = call_timeseries(call, TIMESERIES_SPAN);
    question->span.from = ANALYTICS_BEGINNING;
    question->span.to = question->as_of + 1;
    timeseries_submit(call->shop->timeseries, &question->span);
}

bool as_of_take(struct call *call, struct as_of_question *question, ecommerce_error *err)
{
    const struct timeseries_request *span = &question->span;
    if (question->asked) {
        question->asked = false;
        question->latest = true;
        if (!timeseries_wait(call->shop->timeseries, &question->span)) {
            if (!analytics_miss(call, ROLE_TIMESERIES, &span->base.error, err)) {
                return false;
            }
        } else if (span->found) {
            int64_t stale = settings_duration(call->shop->settings, SETTING_ANALYTICS_STALE_AFTER);
            question->latest = question->as_of - span->span_last <= stale;
            question->as_of = question->latest ? question->as_of : span->span_last;
        }
    }
    call->as_of = question->as_of;
    return true;
}

/* ---- sums ---- */

int64_t analytics_ratio(int64_t numerator, int64_t denominator)
{
    int64_t whole = numerator / denominator;
    int64_t rest = numerator % denominator;
    uint64_t magnitude = rest < 0 ? 0 - (uint64_t)rest : (uint64_t)rest;
    if (magnitude >= (uint64_t)denominator - magnitude) {
        whole += numerator < 0 ? -1 : 1;
    }
    return whole;
}

void sums_write(struct call *call, const struct sales_sums *sums)
{
    const struct currency *currency = &call->shop->currency;
    doc_add_money(call->out, "gross", sums->gross, currency);
    doc_add_money(call->out, "cancelled", sums->cancelled, currency);
    doc_add_money(call->out, "returned", sums->returned, currency);
    doc_add_money(call->out, "net", sums_net(sums), currency);
    doc_add_int(call->out, "orders", sums->orders);
    doc_add_int(call->out, "units", sums->units);
    doc_add_int(call->out, "units_back", sums->units_back);
}

void sums_write_average(struct call *call, const struct sales_sums *sums)
{
    if (sums->orders == 0) {
        doc_add_null(call->out, "average_order");
        return;
    }
    doc_add_money(call->out, "average_order", analytics_ratio(sums->gross, sums->orders),
                  &call->shop->currency);
}

/* ---- periods ---- */

static int day_of_year(const struct local_time *local)
{
    return (int)(days_from_civil(local->year, local->month, local->day) -
                 days_from_civil(local->year, 1, 1)) +
           1;
}

static int weeks_in(int64_t year)
{
    /* 1970-01-01 was a Thursday. A year has week 53 when its first or last day is one. */
    int64_t first = days_from_civil(year, 1, 1), last = days_from_civil(year, 12, 31);
    return first - floor_divide(first, 7) * 7 == 0 || last - floor_divide(last, 7) * 7 == 0 ? 53
                                                                                            : 52;
}

/* ISO 8601: the week belongs to the year that its Thursday is in. */
static void format_week(const struct local_time *local, char *text)
{
    int64_t year = local->year;
    int week = (day_of_year(local) - local->weekday + 10) / 7;
    if (week < 1) {
        week = weeks_in(--year);
    } else if (week > weeks_in(year)) {
        week = 1;
        year++;
    }
    snprintf(text, PERIOD_TEXT, "%04" PRId64 "-W%02d", year, week);
}

static void format_hour(const struct local_time *local, char *text)
{
    int offset = local->offset < 0 ? -local->offset : local->offset;
    snprintf(text, PERIOD_TEXT, "%04" PRId64 "-%02d-%02dT%02d:%02d%c%02d:%02d", local->year,
             local->month, local->day, local->hour, local->minute, local->offset < 0 ? '-' : '+',
             offset / 3600, offset / 60 % 60);
}

void period_write(struct call *call, const char *key, enum grain grain, int64_t start)
{
    char text[PERIOD_TEXT] = "";
    struct local_time local;
    timezone_local(call->shop->zone, start, &local);
    switch (grain) {
    case GRAIN_HOUR:
        format_hour(&local, text);
        break;
    case GRAIN_DAY:
        snprintf(text, sizeof(text), "%04" PRId64 "-%02d-%02d", local.year, local.month, local.day);
        break;
    case GRAIN_WEEK:
        format_week(&local, text);
        break;
    case GRAIN_MONTH:
        snprintf(text, sizeof(text), "%04" PRId64 "-%02d", local.year, local.month);
        break;
    case GRAIN_YEAR:
        snprintf(text, sizeof(text), "%04" PRId64, local.year);
        break;
    }
    doc_adds(call->out, key, text);
}

/* ---- names ---- */

static bool load_names(struct call *call, const struct str *ids, size_t count, struct str *names,
                       ecommerce_error *err)
{
    struct stored_document products[NAMES_AT_ONCE];
    if (!products_load(call, ids, count, NULL, products, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = doc_text(products[i].doc, "name");
    }
    return true;
}

bool product_names(struct call *call, const struct sales_sums *rows, size_t count,
                   struct str **names, ecommerce_error *err)
{
    *names = arena_array(&call->arena, count + 1, sizeof(**names));
    if (*names == NULL) {
        return error_memory(err);
    }
    for (size_t at = 0; at < count; at += NAMES_AT_ONCE) {
        struct str ids[NAMES_AT_ONCE];
        size_t page = count - at < NAMES_AT_ONCE ? count - at : NAMES_AT_ONCE;
        for (size_t i = 0; i < page; i++) {
            ids[i] = rows[at + i].key;
        }
        ecommerce_error why = {0};
        if (!load_names(call, ids, page, *names + at, &why)) {
            return analytics_miss(call, ROLE_DOCUMENTS, &why, err);
        }
    }
    return true;
}
