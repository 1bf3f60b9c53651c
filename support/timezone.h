/*
 * timezone.h - the shop's time zone: local calendar from UTC and back, from the system's TZif files
 * (RFC 8536, /usr/share/zoneinfo or $TZDIR), with their footer's POSIX rule for later years.
 *
 * libc is not used for this: its zone is one for the whole process and set by an environment
 * variable.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"

#include <stddef.h>
#include <stdint.h>

struct timezone_table; /* immutable once loaded; any number of threads may read it */

/* name such as "Europe/London" or "UTC" (needs no file). Free with timezone_free. NULL with
 * invalid_configuration: no such zone, or its file is damaged. */
struct timezone_table *timezone_load(const char *name, ecommerce_error *err) MUST_CHECK;
/* The same from a file's content: TZif of version 2 or later, without leap seconds. */
struct timezone_table *timezone_parse(const void *bytes, size_t size,
                                      ecommerce_error *err) MUST_CHECK;
void timezone_free(struct timezone_table **zone);

struct local_time {
    int64_t year;
    int month, day, hour, minute, second;
    int weekday; /* 1 = Monday … 7 = Sunday, ISO 8601 */
    int offset;  /* seconds east of UTC */
};

void timezone_local(const struct timezone_table *zone, int64_t utc_microseconds,
                    struct local_time *local);
/* The instant of a local time; the first of two when clocks go back, the instant of the jump when
 * it falls into a gap. Fields beyond their range carry over: month 13 is the next January, day 0
 * the last of the month before. Instants that do not fit become the first or last that does. */
int64_t timezone_utc(const struct timezone_table *zone, int64_t year, int month, int day, int hour,
                     int minute, int second);

enum grain { GRAIN_HOUR, GRAIN_DAY, GRAIN_WEEK, GRAIN_MONTH, GRAIN_YEAR };
/*
 * Start of the bucket that holds the instant, and of the one after it. Weeks begin on Monday. A day
 * of a clock change has 23 or 25 hours; hour buckets are real hours, cut where the clock changes by
 * less than one. Buckets cover all time without overlap: a day (week, …) begins when its first
 * local second is reached for the first time, or is jumped over; a day that is skipped as a whole
 * has no bucket. bucket_next takes any instant of a bucket; its answer is always later.
 * bucket_start is made for a call a row.
 */
int64_t bucket_start(const struct timezone_table *zone, enum grain grain, int64_t utc_microseconds);
int64_t bucket_next(const struct timezone_table *zone, enum grain grain, int64_t utc_microseconds);

/* For rows that mostly come near each other in time: remembers the last bucket. One thread's; set
 * zone and grain, leave the rest zero. */
struct bucket_cursor {
    const struct timezone_table *zone;
    enum grain grain;
    int64_t start, next; /* the bucket found last; empty at first */
};

static inline int64_t bucket_cursor_start(struct bucket_cursor *cursor, int64_t utc_microseconds)
{
    if (utc_microseconds < cursor->start || utc_microseconds >= cursor->next) {
        cursor->start = bucket_start(cursor->zone, cursor->grain, utc_microseconds);
        cursor->next = bucket_next(cursor->zone, cursor->grain, utc_microseconds);
    }
    return cursor->start;
}
