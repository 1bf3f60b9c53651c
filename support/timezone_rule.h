/*
 * timezone_rule.h - the rule for later years that ends a TZif file: a POSIX TZ text such as
 * "GMT0BST,M3.5.0/1,M10.5.0", with the extensions of RFC 8536 section 3.3.1 (hours -167 to 167).
 */
#pragma once

#include "support/compiler.h"
#include "support/str.h"

#include <stdbool.h>
#include <stdint.h>

struct timezone_day {
    enum { DAY_OF_MONTH_WEEK, DAY_WITHOUT_LEAP, DAY_WITH_LEAP } kind;
    int month;   /* 1 to 12 */
    int week;    /* 1 to 4, 5 = the last */
    int day;     /* weekday 0 = Sunday; 1 to 365; or 0 to 365 */
    int seconds; /* after local midnight, may be negative or beyond the day */
};

struct timezone_rule {
    int standard; /* seconds east of UTC */
    bool has_summer;
    int summer; /* seconds east of UTC */
    struct timezone_day summer_begins;
    struct timezone_day summer_ends;
};

/* False when the text is anything else; then *rule is of no use. */
bool timezone_rule_parse(struct str text, struct timezone_rule *rule) MUST_CHECK;
/* The instants, in seconds since 1970, of one year's two changes; has_summer must hold. */
void timezone_rule_year(const struct timezone_rule *rule, int64_t year, int64_t *begins,
                        int64_t *ends);
