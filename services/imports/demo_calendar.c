/* demo_calendar.c - when people buy: the weight of every hour of the history. */
#include "services/imports/demo_build.h"

#include "support/timestamp.h"

#include <assert.h>

/* Two humps: the lunch hour and the evening. */
static const uint16_t hour_weights[24] = {12, 6,  4,  3,  3,  6,  14, 26, 40, 52, 60, 66,
                                          70, 66, 60, 58, 58, 62, 72, 84, 92, 86, 60, 30};
/* Monday … Sunday. */
static const uint16_t weekday_percent[7] = {98, 88, 88, 92, 98, 118, 128};
/* The year of a shop for house and presents. */
static const uint16_t month_percent[12] = {82, 80, 88, 92, 95, 88, 80, 82, 94, 102, 140, 177};

/* Floor division: instants before 1970 are nobody's, but cost nothing to get right. */
static int64_t day_number(int64_t at)
{
    return at >= 0 ? at / DEMO_DAY : -((-at + DEMO_DAY - 1) / DEMO_DAY);
}

static void civil_of(int64_t at, int *month, int *day)
{
    int64_t year;
    civil_from_days(day_number(at), &year, month, day);
}

int demo_month_of(int64_t at)
{
    int month, day;
    civil_of(at, &month, &day);
    assert(month >= 1 && month <= 12);
    return month - 1;
}

int demo_day_of_month(int64_t at)
{
    int month, day;
    civil_of(at, &month, &day);
    return day;
}

int demo_weekday_of(int64_t at)
{
    /* 1970-01-01 was a Thursday. */
    int64_t weekday = (day_number(at) + 3) % 7;
    return (int)(weekday < 0 ? weekday + 7 : weekday);
}

int64_t demo_day_start(int64_t at)
{
    return day_number(at) * DEMO_DAY;
}

int demo_month_percent(int64_t at)
{
    return month_percent[demo_month_of(at)];
}

/* Presents are ordered while they can still arrive; at the feast itself hardly anybody orders. */
static int feast_percent(int month, int day)
{
    if (month == 10 && day >= 23)
        return 125;
    if (month != 11)
        return 100;
    if (day <= 18)
        return 115;
    return day <= 22 ? 80 : day <= 26 ? 35 : 75;
}

/* Weight of an average hour of that day; never 0. */
static uint64_t day_weight(const struct demo_calendar *calendar, int64_t day,
                           struct demo_random *random)
{
    int64_t length = calendar->now - calendar->start;
    int64_t at = day > calendar->start ? day : calendar->start;
    int64_t growth = 85 + 30 * ((at - calendar->start) / DEMO_HOUR) / (length / DEMO_HOUR);
    int64_t weather = demo_random_between(random, 86, 114);
    int month = demo_month_of(day);
    uint64_t weight = (uint64_t)(growth * weather) * month_percent[month];
    weight *= (uint64_t)feast_percent(month, demo_day_of_month(day));
    return weight * weekday_percent[demo_weekday_of(day)] / 1000;
}

bool demo_calendar_init(struct demo_calendar *calendar, struct arena *arena, int64_t start,
                        int64_t now, struct demo_random *random)
{
    assert(start < now);
    calendar->start = start;
    calendar->now = now;
    calendar->hours = (size_t)((now - start + DEMO_HOUR - 1) / DEMO_HOUR);
    calendar->sums = arena_array(arena, calendar->hours, sizeof(*calendar->sums));
    if (!calendar->sums)
        return false;

    uint64_t sum = 0;
    uint64_t today = 0;
    int64_t day = INT64_MIN;
    for (size_t i = 0; i < calendar->hours; i++) {
        int64_t at = start + (int64_t)i * DEMO_HOUR;
        if (demo_day_start(at) != day) {
            day = demo_day_start(at);
            today = day_weight(calendar, day, random);
        }
        sum += today * hour_weights[(at - day) / DEMO_HOUR];
        calendar->sums[i] = sum;
    }
    return true;
}

int64_t demo_calendar_pick(const struct demo_calendar *calendar, struct demo_random *random,
                           int64_t from)
{
    assert(from >= calendar->start && from <= calendar->now - DEMO_HOUR);
    size_t first = (size_t)((from - calendar->start) / DEMO_HOUR);
    uint64_t before = first ? calendar->sums[first - 1] : 0;
    int64_t at;
    do {
        size_t hour = demo_random_from_sums(random, calendar->sums, calendar->hours, before);
        at = calendar->start + (int64_t)hour * DEMO_HOUR;
        at += (int64_t)demo_random_below(random, 3600) * DEMO_SECOND;
    } while (at < from || at >= calendar->now);
    return at;
}
