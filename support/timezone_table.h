/*
 * timezone_table.h - what is inside a loaded time zone; for timezone.c and the reader of its files.
 *
 * Time is cut into regimes: spans with one offset from UTC, each other than its neighbour's. Rules
 * for later years are unrolled into regimes for one calendar cycle of 400 years; an instant beyond
 * is moved back by whole cycles, so a look-up is a binary search and knows no rules.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Bounds of the first and last regime, in seconds; with room to add offsets and cycles. */
#define TIMEZONE_BEGINNING (-((int64_t)1 << 60))
#define TIMEZONE_END ((int64_t)1 << 60)
/* 400 Gregorian years are 146,097 days, a whole number of weeks too. */
#define TIMEZONE_CYCLE ((int64_t)146097 * 86400)

struct timezone_table {
    size_t count;       /* of regimes; at least 1 */
    int64_t cycle_from; /* seconds; from here on all repeats, TIMEZONE_END when nothing does */
    int32_t max_offset; /* the largest of all */
    int32_t *offsets;   /* seconds east of UTC */
    int64_t starts[];   /* ascending, the first TIMEZONE_BEGINNING; the offsets lie behind them */
};
