/*
 * retail_fields.h - one field of the Online Retail file: text in, checked value out.
 *
 * Pure functions. Each takes the field without white space around it and says false, with
 * the result untouched, when the text is not what the column holds.
 */
#pragma once

#include "support/compiler.h"
#include "support/str.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    RETAIL_MAX_NUMBER = 21, /* bytes of an invoice number: a letter and 20 digits */
    RETAIL_MAX_CODE = 40,   /* so that "receipt-2010-12-" and a code make an id (64 bytes) */
    RETAIL_MAX_TEXT = 256,  /* bytes of a description or country */
    RETAIL_MAX_QUANTITY = 10 * 1000 * 1000,
    RETAIL_MAX_PRICE = 1000 * 1000 * 1000, /* pence; both fit an int32, their product an int64 */
};

/* The kinds of invoice the file knows, told by the first character of the number. */
enum retail_kind {
    RETAIL_SALE,       /* digits */
    RETAIL_RETURN,     /* C and digits: "cancellation", goods or money come back */
    RETAIL_ADJUSTMENT, /* A and digits: bad debt; a sale where its price is positive */
};

/* Upper-cases into `number`, which takes RETAIL_MAX_NUMBER bytes and a NUL. */
bool retail_number(struct str text, char *number, enum retail_kind *kind) MUST_CHECK;

/* Upper-cases into `code`, which takes RETAIL_MAX_CODE bytes and a NUL. */
bool retail_code(struct str text, char *code) MUST_CHECK;

/* Whether a code (upper case) stands for a service or a booking rather than for goods. */
bool retail_is_service(struct str code);

/* A whole number of at most RETAIL_MAX_QUANTITY either way. */
bool retail_quantity(struct str text, int32_t *quantity) MUST_CHECK;

/* Pounds to pence, exact. `finer` is set when the price has fractions of a penny; *pence then has
 * the whole ones only. */
bool retail_price(struct str text, int32_t *pence, bool *finer) MUST_CHECK;

/* A description or country: short, without control characters; may be empty. */
bool retail_text(struct str text) MUST_CHECK;

struct retail_stamp {
    int year, month, day, hour, minute, second;
};

/* "2010-12-01 08:26:00"; the seconds may be missing. */
bool retail_stamp(struct str text, struct retail_stamp *stamp) MUST_CHECK;
