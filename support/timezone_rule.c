/*
 * timezone_rule.c - reading a POSIX TZ text and applying it to a year.
 */
#include "support/timezone_rule.h"

#include "support/timestamp.h"

#include <assert.h>

enum { HOUR = 3600, DEFAULT_CHANGE = 2 * HOUR, OFFSET_HOURS = 24, CHANGE_HOURS = 167 };

/* What is left to read; after a failure `ok` is false and everything reads as nothing. */
struct cursor {
    const char *at;
    const char *end;
    bool ok;
};

static bool next_is(const struct cursor *cursor, char c)
{
    return cursor->ok && cursor->at < cursor->end && *cursor->at == c;
}

static bool skip(struct cursor *cursor, char c)
{
    bool found = next_is(cursor, c);
    cursor->at += found;
    return found;
}

static void expect(struct cursor *cursor, char c)
{
    cursor->ok = skip(cursor, c);
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* One to three digits with a value of at most `maximum`. */
static int number(struct cursor *cursor, int minimum, int maximum)
{
    int value = 0;
    int digits = 0;
    while (cursor->ok && digits < 3 && cursor->at < cursor->end && is_digit(*cursor->at)) {
        value = value * 10 + (*cursor->at++ - '0');
        digits++;
    }
    cursor->ok = cursor->ok && digits > 0 && value >= minimum && value <= maximum;
    return cursor->ok ? value : minimum;
}

/* "BST" or "<+0530>": its letters mean nothing to us. */
static void skip_name(struct cursor *cursor)
{
    const char *start = cursor->at;
    if (skip(cursor, '<')) {
        while (cursor->at < cursor->end && (is_letter(*cursor->at) || is_digit(*cursor->at) ||
                                            *cursor->at == '+' || *cursor->at == '-'))
            cursor->at++;
        expect(cursor, '>');
        return;
    }
    while (cursor->ok && cursor->at < cursor->end && is_letter(*cursor->at))
        cursor->at++;
    cursor->ok = cursor->ok && cursor->at - start >= 3;
}

/* "-5", "5:45" or "+5:45:30" in seconds. */
static int clock_time(struct cursor *cursor, int max_hours)
{
    bool negative = skip(cursor, '-');
    if (!negative)
        skip(cursor, '+');
    int seconds = number(cursor, 0, max_hours) * HOUR;
    if (skip(cursor, ':')) {
        seconds += number(cursor, 0, 59) * 60;
        if (skip(cursor, ':'))
            seconds += number(cursor, 0, 59);
    }
    return negative ? -seconds : seconds;
}

/* "M3.5.0/1", "J60" or "59". */
static struct timezone_day change_day(struct cursor *cursor)
{
    struct timezone_day day = {.kind = DAY_WITH_LEAP, .seconds = DEFAULT_CHANGE};
    if (skip(cursor, 'M')) {
        day.kind = DAY_OF_MONTH_WEEK;
        day.month = number(cursor, 1, 12);
        expect(cursor, '.');
        day.week = number(cursor, 1, 5);
        expect(cursor, '.');
        day.day = number(cursor, 0, 6);
    } else if (skip(cursor, 'J')) {
        day.kind = DAY_WITHOUT_LEAP;
        day.day = number(cursor, 1, 365);
    } else {
        day.day = number(cursor, 0, 365);
    }
    if (skip(cursor, '/'))
        day.seconds = clock_time(cursor, CHANGE_HOURS);
    return day;
}

bool timezone_rule_parse(struct str text, struct timezone_rule *rule)
{
    struct cursor cursor = {.at = text.ptr, .end = text.ptr + text.len, .ok = text.len > 0};
    *rule = (struct timezone_rule){0};
    skip_name(&cursor);
    /* POSIX counts offsets west of Greenwich. */
    rule->standard = -clock_time(&cursor, OFFSET_HOURS);
    if (!cursor.ok || cursor.at == cursor.end)
        return cursor.ok;

    rule->has_summer = true;
    skip_name(&cursor);
    rule->summer =
        next_is(&cursor, ',') ? rule->standard + HOUR : -clock_time(&cursor, OFFSET_HOURS);
    expect(&cursor, ',');
    rule->summer_begins = change_day(&cursor);
    expect(&cursor, ',');
    rule->summer_ends = change_day(&cursor);
    return cursor.ok && cursor.at == cursor.end;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* The n-th (or last) such weekday of the month, in days since 1970. */
static int64_t weekday_in_month(int64_t year, int month, int week, int weekday)
{
    int64_t first = days_from_civil(year, month, 1);
    int64_t after =
        month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
    int64_t sundays_from = first + 4; /* 1970-01-01 was a Thursday */
    int first_weekday = (int)(sundays_from - floor_divide(sundays_from, 7) * 7);
    int64_t found = first + (weekday - first_weekday + 7) % 7 + (int64_t)(week - 1) * 7;
    return found < after ? found : found - 7;
}

/* As if the local clock were UTC. */
static int64_t local_change(const struct timezone_day *day, int64_t year)
{
    int64_t days = days_from_civil(year, 1, 1);
    switch (day->kind) {
    case DAY_OF_MONTH_WEEK:
        days = weekday_in_month(year, day->month, day->week, day->day);
        break;
    case DAY_WITHOUT_LEAP:
        days += day->day - 1 + (is_leap(year) && day->day >= 60);
        break;
    case DAY_WITH_LEAP:
        days += day->day;
        break;
    }
    return days * DAY_SECONDS + day->seconds;
}

void timezone_rule_year(const struct timezone_rule *rule, int64_t year, int64_t *begins,
                        int64_t *ends)
{
    assert(rule->has_summer);
    *begins = local_change(&rule->summer_begins, year) - rule->standard;
    *ends = local_change(&rule->summer_ends, year) - rule->summer;
}
