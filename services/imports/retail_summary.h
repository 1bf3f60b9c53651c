/*
 * retail_summary.h - what became of every line of an Online Retail file, counted.
 *
 * The counters reconcile: rows = sold.lines + returned.lines + the lines of all rejects, and
 * net = sold.amount - returned.amount. Amounts are pence, instants UTC microseconds.
 */
#pragma once

#include "support/doc.h"
#include "support/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * X(identifier, name, what it means). The first one that applies counts: what cannot be read comes
 * before what cannot be sold.
 */
#define RETAIL_REJECTS(X)                                                                          \
    X(BAD_INVOICE, "bad_invoice", "the invoice number is not digits, or A or C and digits")        \
    X(BAD_CODE, "bad_code", "the stock code is missing, too long or no id")                        \
    X(BAD_DESCRIPTION, "bad_description", "the description is too long or has control characters") \
    X(BAD_QUANTITY, "bad_quantity", "the quantity is no whole number or too large")                \
    X(BAD_DATE, "bad_date", "the date is not YYYY-MM-DD HH:MM:SS")                                 \
    X(BAD_PRICE, "bad_price", "the price is no decimal number or too large")                       \
    X(BAD_CUSTOMER, "bad_customer", "the customer is no id")                                       \
    X(BAD_COUNTRY, "bad_country", "the country is missing, too long or has control characters")    \
    X(NO_DESCRIPTION_NO_PRICE, "no_description_no_price",                                          \
      "neither description nor price: a correction of the stock")                                  \
    X(SALE_NOT_POSITIVE, "sale_not_positive",                                                      \
      "a quantity of zero or less outside a return: goods written off")                            \
    X(RETURN_NOT_NEGATIVE, "return_not_negative", "a quantity of zero or more in a return")        \
    X(PRICE_NEGATIVE, "price_negative", "a price below zero: a booking, not a sale")               \
    X(PRICE_TOO_FINE, "price_too_fine", "a price finer than a penny")                              \
    X(PRICE_ZERO, "price_zero", "a price of zero: goods found or given away")                      \
    X(INVOICE_CONFLICT, "invoice_conflict", "another customer or country than its invoice")        \
    X(INVOICE_TOO_LONG, "invoice_too_long", "the invoice has as many lines as an order may have")

enum retail_reject {
#define X(identifier, name, meaning) RETAIL_##identifier,
    RETAIL_REJECTS(X)
#undef X
        RETAIL_REJECT_COUNT,
    RETAIL_TAKEN = RETAIL_REJECT_COUNT, /* not rejected */
};

const char *retail_reject_name(enum retail_reject reject);    /* "bad_invoice" */
const char *retail_reject_meaning(enum retail_reject reject); /* the sentence above */

struct retail_flow {
    int64_t invoices;
    int64_t lines;
    int64_t units;
    int64_t amount;
};

struct retail_rejected {
    int64_t lines;
    uint64_t first_line; /* in the file; 0: none */
    int64_t amount;      /* quantity x price where both can be read and are whole pence */
};

struct retail_summary {
    int64_t rows; /* data lines read, without the header */
    struct retail_flow sold;
    struct retail_flow returned; /* units and amount count positive */
    int64_t net;                 /* sold.amount - returned.amount */
    struct retail_rejected rejected[RETAIL_REJECT_COUNT];
    int64_t rejected_lines;    /* the sum */
    int64_t rejected_invoices; /* no line of them was taken */

    int64_t goods, services; /* products */
    int64_t customers, countries;
    int64_t guest_sales; /* of sold.invoices */

    int64_t matched_lines; /* return lines matched whole, in parts, and not at all */
    int64_t partly_lines;
    int64_t unlinked_lines;
    int64_t matched_units, unlinked_units;
    int64_t unlinked_amount;

    int64_t receipts, received_units;
    int64_t first_at, last_at; /* of the taken invoices; 0 when there are none */
};

/* Fields named as above, rejects by name with their meaning, money in pounds. Adds to the open
 * level. */
void retail_summary_add(struct doc_builder *builder, const struct retail_summary *summary);

/* The same for people: a few short lines, rejects only where there are some. */
void retail_summary_write(struct text *text, const struct retail_summary *summary);
