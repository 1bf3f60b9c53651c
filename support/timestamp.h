/*
 * timestamp.h - instants as text: UTC microseconds since 1970 <-> RFC 3339.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { TIMESTAMP_TEXT = 32, DAY_SECONDS = 86400 };

/* "2011-12-09T12:50:00Z"; microseconds only when not zero. For all instants, but RFC 3339 (and
 * timestamp_parse) knows the years 0001 to 9999 only. `text` has TIMESTAMP_TEXT bytes. */
void timestamp_format(int64_t microseconds, char *text);
/* RFC 3339 with offset or Z; also a bare date "2011-12-09" (midnight UTC) and "2011-12-09 12:50:00"
 * (UTC). Digits beyond microseconds are cut off; a leap second counts as the second after it.
 * invalid_argument for all else, *microseconds is untouched then. */
bool timestamp_parse(struct str text, int64_t *microseconds, ecommerce_error *err) MUST_CHECK;

/* Rounds towards minus infinity, so that times before 1970 fall into the right day; by > 0. */
static inline int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar, and back. The month is 1 to 12; any
 * day will do: the 0th is the last of the month before. */
int64_t days_from_civil(int64_t year, int month, int day);
void civil_from_days(int64_t days, int64_t *year, int *month, int *day);
