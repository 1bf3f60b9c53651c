/*
 * timezone.h - the shop's time zone: local calendar from UTC and back, from the system's TZif files
 * (RFC 8536, /usr/share/zoneinfo or $TZDIR), with their footer's POSIX rule for later years.
 *
 * libc is not used for this: its zone is one for the whole process and set by an environment variable.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"

#include <stdint.h>

struct timezone_table; /* immutable once loaded; any number of threads may read it */

/* name such as "Europe/London" or "UTC" (needs no file). Free with timezone_free. */
struct timezone_table *timezone_load(const char *name, ecommerce_error *err) MUST_CHECK;
void timezone_free(struct timezone_table **zone);

struct local_time {
    int64_t year;
    int month, day, hour, minute, second;
    int weekday; /* 1 = Monday … 7 = Sunday, ISO 8601 */
    int offset;  /* seconds east of UTC */
};

void timezone_local(const struct timezone_table *zone, int64_t utc_microseconds, struct local_time *local);
/* The instant of a local time; the first of two when clocks go back, the instant of the jump when
 * it falls into a gap. */
int64_t timezone_utc(const struct timezone_table *zone, int64_t year, int month, int day, int hour,
                     int minute, int second);

enum grain { GRAIN_HOUR, GRAIN_DAY, GRAIN_WEEK, GRAIN_MONTH, GRAIN_YEAR };
/* Start of the bucket that holds the instant, and of the one after it. Weeks begin on Monday. A day of a clock change
 * has 23 or 25 hours; hour buckets are real hours. */
int64_t bucket_start(const struct timezone_table *zone, enum grain grain, int64_t utc_microseconds);
int64_t bucket_next(const struct timezone_table *zone, enum grain grain, int64_t bucket_start);
