/*
 * timestamp.c - the proleptic Gregorian calendar and RFC 3339.
 *
 * The calendar counts in years that begin on 1 March, so that the leap day is the last of its year,
 * and in cycles of 400 years, after which everything repeats.
 */
#include "support/timestamp.h"

#include "support/error.h"
#include "support/seams.h"

#include <assert.h>
#include <stdio.h>

enum {
    CYCLE_YEARS = 400,
    CYCLE_DAYS = 146097,
    CYCLE_SHIFT = 719468, /* days from 0000-03-01 to 1970-01-01 */
    FRACTION_DIGITS = 6,
    SHOWN_MAX = 40, /* of a wrong text in its error */
};

int64_t days_from_civil(int64_t year, int month, int day)
{
    assert(month >= 1 && month <= 12);
    int64_t march_year = year - (month <= 2);
    int64_t cycle = floor_divide(march_year, CYCLE_YEARS);
    int64_t year_of_cycle = march_year - cycle * CYCLE_YEARS;
    int march_month = (month + 9) % 12;
    /* 153 days in each five months from March: 31, 30, 31, 30, 31. */
    int64_t day_of_year = (153 * march_month + 2) / 5 + day - 1;
    int64_t day_of_cycle =
        year_of_cycle * 365 + year_of_cycle / 4 - year_of_cycle / 100 + day_of_year;
    return cycle * CYCLE_DAYS + day_of_cycle - CYCLE_SHIFT;
}

void civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t shifted = days + CYCLE_SHIFT;
    int64_t cycle = floor_divide(shifted, CYCLE_DAYS);
    int day_of_cycle = (int)(shifted - cycle * CYCLE_DAYS);
    /* Takes out the leap days: one in 4 years (1461 days), none in 100, one in 400. */
    int year_of_cycle =
        (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36524 - day_of_cycle / 146096) / 365;
    int day_of_year =
        day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 - year_of_cycle / 100);
    int march_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = cycle * CYCLE_YEARS + year_of_cycle + (*month <= 2);
}

void timestamp_format(int64_t microseconds, char *text)
{
    int64_t seconds = floor_divide(microseconds, MICROSECONDS);
    int64_t days = floor_divide(seconds, DAY_SECONDS);
    int remainder = (int)(microseconds % MICROSECONDS);
    int fraction = remainder < 0 ? remainder + MICROSECONDS : remainder;
    int clock = (int)(seconds - days * DAY_SECONDS);
    int64_t year;
    int month;
    int day;
    civil_from_days(days, &year, &month, &day);

    int size = snprintf(text, TIMESTAMP_TEXT, "%04lld-%02d-%02dT%02d:%02d:%02d", (long long)year,
                        month, day, clock / 3600, clock / 60 % 60, clock % 60);
    assert(size > 0 && size < TIMESTAMP_TEXT);
    size_t left = TIMESTAMP_TEXT - (size_t)size;
    int more = fraction ? snprintf(text + size, left, ".%06dZ", fraction)
                        : snprintf(text + size, left, "Z");
    assert(more > 0 && (size_t)more < left);
}

/* What is left to read, and whether everything so far was as it should be. */
struct reader {
    const char *at;
    const char *end;
    bool ok;
};

static bool next_is(const struct reader *reader, const char *any_of)
{
    return reader->ok && reader->at < reader->end && *reader->at && strchr(any_of, *reader->at);
}

static void expect(struct reader *reader, const char *any_of)
{
    reader->ok = next_is(reader, any_of);
    reader->at += reader->ok;
}

static bool next_is_digit(const struct reader *reader)
{
    return next_is(reader, "0123456789");
}

/* Exactly `digits` digits whose value lies in minimum..maximum. */
static int number(struct reader *reader, int digits, int minimum, int maximum)
{
    int value = 0;
    for (int i = 0; i < digits; i++) {
        reader->ok = next_is_digit(reader);
        if (!reader->ok)
            return minimum;
        value = value * 10 + (*reader->at++ - '0');
    }
    reader->ok = value >= minimum && value <= maximum;
    return reader->ok ? value : minimum;
}

/* ".5" and so on as microseconds; digits beyond the sixth are cut off. */
static int fraction(struct reader *reader)
{
    int value = 0;
    int digits = 0;
    if (!next_is(reader, "."))
        return 0;
    expect(reader, ".");
    reader->ok = next_is_digit(reader);
    for (; next_is_digit(reader); reader->at++, digits++) {
        if (digits < FRACTION_DIGITS)
            value = value * 10 + (*reader->at - '0');
    }
    for (; digits < FRACTION_DIGITS; digits++)
        value *= 10;
    return value;
}

/* "Z" or "+05:45" in seconds east of UTC. */
static int offset(struct reader *reader)
{
    if (!next_is(reader, "+-")) {
        expect(reader, "Zz");
        return 0;
    }
    int sign = *reader->at == '-' ? -1 : 1;
    expect(reader, "+-");
    int hours = number(reader, 2, 0, 23);
    expect(reader, ":");
    int minutes = number(reader, 2, 0, 59);
    return sign * (hours * 3600 + minutes * 60);
}

/* Days since 1970. */
static int64_t date(struct reader *reader)
{
    int year = number(reader, 4, 1, 9999);
    expect(reader, "-");
    int month = number(reader, 2, 1, 12);
    expect(reader, "-");
    int day = number(reader, 2, 1, 31);
    int64_t days = days_from_civil(year, month, day);
    int64_t year_back;
    int month_back;
    int day_back;
    civil_from_days(days, &year_back, &month_back, &day_back);
    reader->ok = reader->ok && month_back == month; /* 30 February comes back as 2 March */
    return days;
}

/* "T12:50:00.5+01:00" after the date, as microseconds from its midnight in UTC. */
static int64_t time_of_day(struct reader *reader)
{
    bool zone_needed = !next_is(reader, " ");
    expect(reader, "Tt ");
    int hour = number(reader, 2, 0, 23);
    expect(reader, ":");
    int minute = number(reader, 2, 0, 59);
    expect(reader, ":");
    int second = number(reader, 2, 0, 60);
    int64_t microseconds = fraction(reader);
    int east = zone_needed || reader->at < reader->end ? offset(reader) : 0;

    int64_t seconds = (int64_t)hour * 3600 + minute * 60 + second - east;
    if (second == 60) /* a leap second, inserted at midnight UTC only, counts as the one after it */
        reader->ok = reader->ok && seconds % DAY_SECONDS == 0;
    return seconds * MICROSECONDS + microseconds;
}

static bool refuse(struct str text, ecommerce_error *err)
{
    struct str shown = text.len <= SHOWN_MAX && str_is_utf8(text) ? text : STR("...");
    return error_set(err, ECOMMERCE_INVALID_ARGUMENT,
                     "'%.*s' is not a time such as 2011-12-09T12:50:00Z", STR_ARG(shown));
}

bool timestamp_parse(struct str text, int64_t *microseconds, ecommerce_error *err)
{
    const int64_t first = days_from_civil(1, 1, 1) * DAY_SECONDS * MICROSECONDS;
    const int64_t last = days_from_civil(10000, 1, 1) * DAY_SECONDS * MICROSECONDS - 1;
    struct reader reader = {
        .at = text.ptr,
        .end = text.len ? text.ptr + text.len : text.ptr,
        .ok = text.len > 0,
    };
    int64_t value = date(&reader) * DAY_SECONDS * MICROSECONDS;
    if (reader.ok && reader.at < reader.end)
        value += time_of_day(&reader);
    if (!reader.ok || reader.at != reader.end || value < first || value > last)
        return refuse(text, err);
    *microseconds = value;
    return true;
}
