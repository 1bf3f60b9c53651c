/*
 * timezone.c - looking up regimes, and the calendar of a zone built on that.
 *
 * All work is in seconds; microseconds exist at the border only. A "local" number of seconds is the
 * wall clock's reading counted from 1970-01-01 00:00 as if it were UTC.
 */
#include "support/timezone.h"

#include "support/alloc.h"
#include "support/seams.h"
#include "support/timestamp.h"
#include "support/timezone_table.h"

#include <assert.h>

enum { HOUR_SECONDS = 3600, WEEK_DAYS = 7, MONTHS = 12, YEAR_LIMIT = 290000 /* as microseconds */ };

/* A span with one offset; from <= t < until, in seconds. */
struct regime {
    int64_t from;
    int64_t until;
    int32_t offset;
};

static struct regime regime_at(const struct timezone_table *zone, int64_t t)
{
    int64_t shift = 0;
    if (t >= zone->cycle_from) {
        shift = (t - zone->cycle_from) / TIMEZONE_CYCLE * TIMEZONE_CYCLE;
        t -= shift;
    }
    /* Without a branch that could be mispredicted: the last start that is not after t. */
    size_t at = 0;
    for (size_t left = zone->count; left > 1;) {
        size_t half = left / 2;
        at = zone->starts[at + half] <= t ? at + half : at;
        left -= half;
    }
    return (struct regime){
        .from = zone->starts[at] + shift,
        .until = at + 1 < zone->count ? zone->starts[at + 1] + shift : TIMEZONE_END,
        .offset = zone->offsets[at],
    };
}

/* The first instant at which the local clock shows `local` or more. */
static int64_t first_reaching(const struct timezone_table *zone, int64_t local)
{
    for (int64_t t = local - zone->max_offset;;) {
        struct regime regime = regime_at(zone, t);
        int64_t candidate = local - regime.offset;
        if (candidate < regime.from)
            candidate = regime.from;
        if (candidate < regime.until)
            return candidate;
        t = regime.until;
    }
}

static int64_t to_seconds(int64_t microseconds)
{
    return floor_divide(microseconds, MICROSECONDS);
}

static int64_t to_microseconds(int64_t seconds)
{
    if (seconds > INT64_MAX / MICROSECONDS)
        return INT64_MAX;
    if (seconds < INT64_MIN / MICROSECONDS)
        return INT64_MIN;
    return seconds * MICROSECONDS;
}

/* 0 = Monday; 1970-01-01 was a Thursday. */
static int weekday_of(int64_t days)
{
    return (int)(days + 3 - floor_divide(days + 3, WEEK_DAYS) * WEEK_DAYS);
}

void timezone_local(const struct timezone_table *zone, int64_t utc_microseconds,
                    struct local_time *local)
{
    int64_t t = to_seconds(utc_microseconds);
    int32_t offset = regime_at(zone, t).offset;
    int64_t days = floor_divide(t + offset, DAY_SECONDS);
    int clock = (int)(t + offset - days * DAY_SECONDS);
    *local = (struct local_time){
        .hour = clock / HOUR_SECONDS,
        .minute = clock / 60 % 60,
        .second = clock % 60,
        .weekday = weekday_of(days) + 1,
        .offset = offset,
    };
    civil_from_days(days, &local->year, &local->month, &local->day);
}

int64_t timezone_utc(const struct timezone_table *zone, int64_t year, int month, int day, int hour,
                     int minute, int second)
{
    int64_t limited = year > YEAR_LIMIT ? YEAR_LIMIT : year < -YEAR_LIMIT ? -YEAR_LIMIT : year;
    int64_t months = limited * MONTHS + month - 1;
    int64_t years = floor_divide(months, MONTHS);
    int64_t days = days_from_civil(years, (int)(months - years * MONTHS) + 1, 1) + day - 1;
    int64_t local =
        days * DAY_SECONDS + (int64_t)hour * HOUR_SECONDS + (int64_t)minute * 60 + second;
    return to_microseconds(first_reaching(zone, local));
}

/* ---- buckets ---- */

/* The day on which the bucket with this day begins. */
static int64_t first_day(enum grain grain, int64_t days)
{
    if (grain == GRAIN_DAY)
        return days;
    if (grain == GRAIN_WEEK)
        return days - weekday_of(days);
    int64_t year;
    int month;
    int day;
    civil_from_days(days, &year, &month, &day);
    return grain == GRAIN_MONTH ? days - day + 1 : days_from_civil(year, 1, 1);
}

/* The first day of the bucket after the one that begins on this day. */
static int64_t following_day(enum grain grain, int64_t first)
{
    switch (grain) {
    case GRAIN_DAY:
        return first + 1;
    case GRAIN_WEEK:
        return first + WEEK_DAYS;
    case GRAIN_MONTH:
        return first_day(GRAIN_MONTH, first + 31);
    case GRAIN_YEAR:
        return first_day(GRAIN_YEAR, first + 366);
    case GRAIN_HOUR:
        break;
    }
    assert(!"a bucket of days");
    return first + 1;
}

static int64_t bucket_days(enum grain grain, int64_t local)
{
    return first_day(grain, floor_divide(local, DAY_SECONDS));
}

/* The local hour may have begun before the regime, by another clock. */
static int64_t hour_start(struct regime regime, int64_t t)
{
    int64_t local = t + regime.offset;
    int64_t start = floor_divide(local, HOUR_SECONDS) * HOUR_SECONDS - regime.offset;
    return start > regime.from ? start : regime.from;
}

static int64_t hour_next(struct regime regime, int64_t t)
{
    int64_t local = t + regime.offset;
    int64_t next = (floor_divide(local, HOUR_SECONDS) + 1) * HOUR_SECONDS - regime.offset;
    return next < regime.until ? next : regime.until;
}

/* The same for a bucket that begins near a clock change: when the clock goes back over midnight,
 * the next bucket may have begun already although the local date says otherwise. */
static int64_t start_near_change(const struct timezone_table *zone, enum grain grain, int64_t days,
                                 int64_t t)
{
    int64_t start = first_reaching(zone, days * DAY_SECONDS);
    for (;;) {
        days = following_day(grain, days);
        int64_t next = first_reaching(zone, days * DAY_SECONDS);
        if (next > t)
            return start;
        start = next;
    }
}

int64_t bucket_start(const struct timezone_table *zone, enum grain grain, int64_t utc_microseconds)
{
    int64_t t = to_seconds(utc_microseconds);
    struct regime regime = regime_at(zone, t);
    if (grain == GRAIN_HOUR)
        return to_microseconds(hour_start(regime, t));

    int64_t days = bucket_days(grain, t + regime.offset);
    int64_t local = days * DAY_SECONDS;
    /* No clock before this regime ever showed that time, so it is reached in it and only once. */
    if (local >= regime.from + zone->max_offset)
        return to_microseconds(local - regime.offset);
    return to_microseconds(start_near_change(zone, grain, days, t));
}

int64_t bucket_next(const struct timezone_table *zone, enum grain grain, int64_t utc_microseconds)
{
    int64_t t = to_seconds(utc_microseconds);
    struct regime regime = regime_at(zone, t);
    if (grain == GRAIN_HOUR)
        return to_microseconds(hour_next(regime, t));

    int64_t days = bucket_days(grain, t + regime.offset);
    int64_t next;
    do {
        days = following_day(grain, days);
        next = first_reaching(zone, days * DAY_SECONDS);
    } while (next <= t);
    return to_microseconds(next);
}

void timezone_free(struct timezone_table **zone)
{
    mem_free(*zone);
    *zone = NULL;
}
