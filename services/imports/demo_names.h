/*
 * demo_names.h - invented people: names, streets and towns of several cultures, as constant tables.
 *
 * Given names and surnames are common ones of each culture; who has both is chance. Town names are
 * invented too, so that an address leads nowhere.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    DEMO_CULTURES = 12,
    DEMO_GIVEN_NAMES = 20,
    DEMO_SURNAMES = 24,
    DEMO_TOWNS = 6,
    DEMO_STREETS = 8,
};

struct demo_culture {
    const char *country;       /* ISO 3166-1 alpha-2 */
    const char *postal_format; /* '#' is a digit, '@' a capital letter, the rest stands as it is */
    const char *line_format;   /* 'S' is the street, 'N' the house number */
    uint16_t weight;           /* share of the customers */
    const char *given[DEMO_GIVEN_NAMES];
    const char *surnames[DEMO_SURNAMES];
    const char *towns[DEMO_TOWNS];
    const char *streets[DEMO_STREETS];
};
extern const struct demo_culture demo_cultures[DEMO_CULTURES];

/* Lower-case ASCII for the local part of an e-mail address or a slug: "Łukasz" gives "lukasz",
 * letters only; what is between words becomes `separator` (0 = nothing). Writes at most size bytes
 * with the NUL and returns the length; the text is cut where it does not fit. */
size_t demo_ascii(const char *utf8, char separator, char *ascii, size_t size);
