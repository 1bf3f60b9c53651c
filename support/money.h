/*
 * money.h - amounts as int64 minor units of an ISO 4217 currency, exact and checked.
 *
 * An amount never passes through binary floating point on its way from text to minor units. The
 * currency's exponent (GBP 2, JPY 0, BHD 3) says how many decimals it has.
 */
#pragma once

#include "support/doc.h"
#include "support/str.h"

struct currency {
    char code[4];
    int exponent;
};

/* Known ISO 4217 code, upper case. */
bool currency_find(struct str code, struct currency *currency) MUST_CHECK;

/* "29.99", "29.9", "29", "-3.50": exact; false when it is no decimal number, has more decimals than
 * the currency (trailing zeros are fine) or does not fit. */
bool money_parse(struct str text, const struct currency *currency, int64_t *minor,
                 ecommerce_error *err) MUST_CHECK;
/* From a field of a document: integer (whole units), double (through its shortest decimal text,
 * so 29.99 is exact and 0.1+0.2 is refused), decimal, or text. */
bool money_from_value(const struct doc_value *value, const struct currency *currency,
                      int64_t *minor, ecommerce_error *err) MUST_CHECK;
/* "29.99"; the buffer takes at least 24 bytes. */
void money_format(int64_t minor, const struct currency *currency, char *buffer, size_t size);
void doc_add_money(struct doc_builder *builder, const char *key, int64_t minor,
                   const struct currency *currency);
/* False on overflow. */
bool money_multiply(int64_t minor, int64_t quantity, int64_t *product) MUST_CHECK;
bool money_add(int64_t a, int64_t b, int64_t *sum) MUST_CHECK;
