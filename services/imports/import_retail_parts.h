/*
 * import_retail_parts.h - what the two files of the retail import share. Private to
 * import_retail*.c.
 */
#pragma once

#include "services/imports/import_crew.h"
#include "services/imports/import_retail.h"
#include "services/imports/retail_plan.h"

enum { IMPORT_MAX_RETURNS = 1024 }; /* return invoices in one stretch */

struct retail_import {
    struct call *call; /* the operation's */
    const struct retail_plan *plan;
    struct import_progress progress;

    char (*order_ids)[UUID_TEXT + 1]; /* of each invoice; empty: a return, or not placed (yet) */
    uint8_t *refusals;                /* of each line: an enum ecommerce_error_code; 0: none */
    int64_t refused_sales, refused_returns; /* pence */

    struct import_tally products, customers, receipts, orders, returns, unlinked;

    /* The stretch: sales and returns that wait, as indexes of invoices. */
    uint32_t sales[IMPORT_BATCH];
    uint32_t comebacks[IMPORT_MAX_RETURNS];
    size_t sale_count, comeback_count;
};

static inline const struct retail_line *retail_import_line(const struct retail_import *import,
                                                           const struct retail_invoice *invoice,
                                                           uint32_t line)
{
    return &import->plan->lines[invoice->first_line + line];
}

static inline struct str retail_import_customer(const struct retail_import *import,
                                                const struct retail_invoice *invoice)
{
    return invoice->customer == RETAIL_NONE ? STR_NONE
                                            : import->plan->customers[invoice->customer].id;
}

/* The sales that wait, as one batch of orders. */
bool retail_import_sales(struct retail_import *import, ecommerce_error *err) MUST_CHECK;
/* The returns that wait: all their sales have been placed or refused. */
bool retail_import_returns(struct retail_import *import, ecommerce_error *err) MUST_CHECK;
/* Compares with the time series and writes the answer. */
bool retail_import_report(struct retail_import *import, int64_t started,
                          ecommerce_error *err) MUST_CHECK;
