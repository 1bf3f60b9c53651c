/*
 * retail_plan.h - the UCI "Online Retail" file as a list of things to do, without the engine.
 *
 * A plan is data only: products, customers, and one stream of events in time order, monthly
 * receipts of stock, sales and returns. An importer walks the stream and calls one operation an
 * event; whatever an event refers to came before it. docs/import.md tells the rules; in short:
 *
 *   - Every line of the file is sold, returned or rejected for a counted reason (retail_summary.h).
 *   - A code is upper case; a product's name and price are those of its last sold line.
 *   - An invoice's time is the earliest of its lines'. Local times are Europe/London.
 *   - A return is matched to the customer's newest earlier sales of the same goods that have some
 *     left, else it is unlinked; its money is always its own quantity x price.
 *   - Receipts come at the start of a month and cover all that is sold in it.
 *
 * Amounts are pence, instants UTC microseconds since 1970. Texts are UTF-8 and live in the plan.
 * A finished plan is immutable: any number of threads may read it. The same file gives the same
 * plan on every machine.
 */
#pragma once

#include "ecommerce_error.h"
#include "services/imports/csv_reader.h"
#include "services/imports/retail_summary.h"
#include "support/arena.h"
#include "support/compiler.h"
#include "support/ids.h"
#include "support/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RETAIL_NONE UINT32_MAX /* no such index: a guest, an unlinked return */
#define RETAIL_CURRENCY "GBP"
#define RETAIL_TIMEZONE "Europe/London"

enum {
    RETAIL_MAX_LINES = 10000,           /* taken lines of one invoice */
    RETAIL_MAX_ROWS = 20 * 1000 * 1000, /* lines of one file */
    RETAIL_COVER_DAYS = 90,             /* what sold in these days … */
    RETAIL_COVER_PART = 3,              /* … leaves a third of itself on the shelf */
};

struct retail_product {
    struct str code;
    /* Both of the last sold line, of the last returned one where none was sold; the name is the
     * code where no line has a description. */
    struct str name;
    int32_t price;
    bool service;           /* not tracked in stock; see retail_is_service */
    int64_t sold, returned; /* units */
};

struct retail_customer {
    struct str id;
    struct str country; /* of the last invoice */
    int64_t first_at;   /* the first invoice */
    int64_t last_at;
};

struct retail_country {
    struct str name;
    int64_t sales, returns; /* invoices */
    int64_t sold, returned; /* pence */
};

struct retail_line {
    uint32_t product;
    uint32_t text;    /* the line's own description; see retail_line_text */
    int32_t quantity; /* positive, of returns too */
    int32_t price;    /* pence for one */
};

/* A sale or a return. Lines keep the file's order. */
struct retail_invoice {
    struct str number; /* "536365", "C536379", "A563185" */
    int64_t at;
    int64_t amount; /* sum of quantity x price, positive, of returns too */
    uint32_t first_line, line_count;
    uint32_t first_part, part_count; /* of a return */
    uint32_t customer;               /* RETAIL_NONE: a guest */
    uint32_t country;
    bool is_return;
};

/*
 * So many units of one line of a return, and where they were sold. The parts of a return are in the
 * order of its lines, each line's newest sale first and an unlinked rest last; the parts of a line
 * add up to its quantity. Positions of lines count from 0 inside their invoice.
 */
struct retail_part {
    uint32_t line;
    uint32_t sale; /* index into invoices, earlier than the return; RETAIL_NONE: unlinked */
    uint32_t sale_line;
    int32_t quantity;
};

struct retail_receipt {
    uint32_t product; /* goods */
    uint32_t month;
    int64_t quantity;
};

/* A month in which goods are received. */
struct retail_month {
    int year, month;
    int64_t at; /* its first instant, local midnight */
    uint32_t first_receipt, receipt_count;
    uint32_t first_invoice; /* the first of the month */
};

struct retail_plan {
    const struct retail_product *products;   /* by code */
    const struct retail_customer *customers; /* by id */
    const struct retail_country *countries;  /* by name */
    const struct retail_invoice *invoices;   /* by time, then number: sales before returns */
    const struct retail_line *lines;         /* in the order of the invoices */
    const struct retail_part *parts;         /* in the order of the invoices */
    const struct retail_month *months;       /* by time */
    const struct retail_receipt *receipts;   /* by month, then code */
    const struct str *texts;
    size_t product_count, customer_count, country_count, invoice_count, line_count, part_count;
    size_t month_count, receipt_count, text_count;
    struct retail_summary summary;
    struct arena arena; /* owns everything above */
};

/* Reads a file, plain or gzip. NULL with the errors of csv_reader.h, and besides (field "file"):
 * ECOMMERCE_INVALID_ARGUMENT when the header lacks a column, or when the file has lines and none
 * can be taken; ECOMMERCE_LIMIT_EXCEEDED beyond RETAIL_MAX_ROWS, or when amounts do not fit. The
 * errors of timezone_load come first: the system may lack its time zones. */
struct retail_plan *retail_plan_load(const char *path, ecommerce_error *err) MUST_CHECK;

/* The same from a reader that is open and stays the caller's. */
struct retail_plan *retail_plan_read(struct csv_reader *reader, ecommerce_error *err) MUST_CHECK;

void retail_plan_free(struct retail_plan **plan); /* NULL inside is allowed */

enum retail_event_kind {
    RETAIL_EVENT_RECEIPTS, /* of one month */
    RETAIL_EVENT_SALE,
    RETAIL_EVENT_RETURN,
};

struct retail_event {
    enum retail_event_kind kind;
    int64_t at;
    const struct retail_month *month;     /* of receipts, else NULL */
    const struct retail_invoice *invoice; /* of sales and returns, else NULL */
};

/* A zeroed cursor stands before the first event. */
struct retail_cursor {
    size_t month, invoice;
};

/* for (struct retail_cursor c = {0}; retail_next(plan, &c, &event);) */
bool retail_next(const struct retail_plan *plan, struct retail_cursor *cursor,
                 struct retail_event *event);

/* Description of the line as the file has it, trimmed; may be empty. */
struct str retail_line_text(const struct retail_plan *plan, const struct retail_line *line);

/* "receipt-2010-12-85123A": fixed, so that an import that is repeated receives nothing twice. */
void retail_receipt_id(const struct retail_plan *plan, const struct retail_receipt *receipt,
                       struct id *id);
