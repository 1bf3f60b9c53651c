/*
 * quantity.h - numbers as people write them in a configuration: with a unit, or with a decimal
 * point.
 *
 * The whole text must be the number: no blanks around it, no second unit. Nothing here allocates or
 * depends on the locale that a host program has set.
 */
#pragma once

#include "support/compiler.h"
#include "support/str.h"
#include "support/text.h"

#include <stdbool.h>
#include <stdint.h>

/* "250 ms", "10 s", "30 min", "12 h", "180 d", the blank optional: microseconds. False: something
 * else. */
bool duration_parse(struct str text, int64_t *microseconds) MUST_CHECK;
/* In the greatest unit that is exact: 60 s is "1 min", 90 s is "90 s". Not below zero; whole
 * milliseconds. */
void duration_format(int64_t microseconds, struct text *out);

/* "512 B", "64 KiB", "1 MiB", "2 GiB": bytes. */
bool size_parse(struct str text, int64_t *bytes) MUST_CHECK;
void size_format(int64_t bytes, struct text *out);

/* "-0.25", "37.6", "1e-4": finite, at most 63 characters. */
bool decimal_parse(struct str text, double *value) MUST_CHECK;
