/*
 * retail_build.h - a plan in the making; shared by the steps that make it and by nobody else.
 *
 *   retail_rows_read      rows -> raw lines and invoices, rejects counted
 *   retail_order          raw -> the plan's arrays, sorted; products, customers, countries
 *   retail_match_returns  parts
 *   retail_stock_up       months and receipts
 */
#pragma once

#include "services/imports/names.h"
#include "services/imports/retail_plan.h"
#include "support/timezone.h"

/* A taken line in the file's order. The indexes are those of the build's names. */
struct raw_line {
    uint32_t invoice, product, text;
    int32_t quantity; /* positive */
    int32_t price;
};

struct raw_invoice {
    int64_t at; /* earliest of the lines taken */
    uint32_t customer, country;
    uint32_t lines; /* taken; 0: nothing else is set */
    bool is_return;
};

struct retail_build {
    struct retail_plan *plan;
    struct timezone_table *zone;

    struct names numbers, codes, customers, countries, texts;
    struct raw_invoice *raw_invoices; /* by names number */
    size_t raw_invoice_capacity;
    struct raw_line *raw_lines;
    size_t raw_line_count, raw_line_capacity;

    /* The plan's own arrays, writable; set by retail_order and retail_match_returns. */
    struct retail_product *products;
    struct retail_customer *customer_list;
    struct retail_country *country_list;
    struct retail_invoice *invoices;
    struct retail_line *lines;
};

/* `*sum += amount`; ECOMMERCE_LIMIT_EXCEEDED when that does not fit. */
bool retail_add_amount(int64_t *sum, int64_t amount, ecommerce_error *err) MUST_CHECK;

/* Zeroed array in the plan's arena; not NULL for a count of 0. */
void *retail_array(struct retail_build *build, size_t count, size_t size,
                   ecommerce_error *err) MUST_CHECK;

bool retail_rows_read(struct retail_build *build, struct csv_reader *reader,
                      ecommerce_error *err) MUST_CHECK;
bool retail_order(struct retail_build *build, ecommerce_error *err) MUST_CHECK;
bool retail_match_returns(struct retail_build *build, ecommerce_error *err) MUST_CHECK;
bool retail_stock_up(struct retail_build *build, ecommerce_error *err) MUST_CHECK;
