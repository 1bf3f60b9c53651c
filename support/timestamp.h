/*
 * timestamp.h - instants as text: UTC microseconds since 1970 <-> RFC 3339.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/str.h"

#include <stdint.h>

enum { TIMESTAMP_TEXT = 32 };

/* "2011-12-09T12:50:00Z"; microseconds only when not zero. Years 0001 to 9999. */
void timestamp_format(int64_t microseconds, char *text);
/* RFC 3339 with offset or Z; also a bare date "2011-12-09" (midnight UTC) and "2011-12-09 12:50:00" (UTC). */
bool timestamp_parse(struct str text, int64_t *microseconds, ecommerce_error *err) MUST_CHECK;
/* Days since 1970-01-01 in the proleptic Gregorian calendar, and back. */
int64_t days_from_civil(int64_t year, int month, int day);
void civil_from_days(int64_t days, int64_t *year, int *month, int *day);
