/*
 * timeseries_parts.h - how the parts of the embedded time-series store hang together:
 *
 *   embedded_timeseries.c  the store: submit, wait, group commit, health
 *   timeseries_check.c     what a request may ask
 *   timeseries_apply.c     entries, events and metrics, inside a batch's transaction
 *   timeseries_rebuild.c   the shadow, and forgetting a customer
 *   timeseries_sales.c     reports over sales: one scan, groups in memory
 *   timeseries_reports.c   all other reads
 *   timeseries_lines.c     an entry's lines and stock changes as bytes
 *   timeseries_sql.c       tables and statements
 *
 * Tables come twice, as set "a" and set "b": one is the real one, the other empty or the shadow of
 * a rebuild. Swapping them changes one row, not the schema, so that prepared statements stay and a
 * reader keeps what it began with.
 *
 *   names, customers   texts as numbers
 *   entries_x          what was applied: id, and the fact as it was given
 *   sales_x            an entry's part in the sales, clustered by time; its lines are one value of
 *                      some ten bytes a line, a tenth of what rows of their own would take in time
 *                      and space
 *   stock_x            changes of stock, clustered by sku and time
 *   digests_x          a row a day
 *   events, metrics    not derived, so only once
 */
#pragma once

#include "db_managers/embedded/key_table.h"
#include "db_managers/embedded/sqlite/sqlite_file.h"
#include "db_managers/timeseries_store.h"
#include "support/text.h"

enum {
    TIMESERIES_APPLICATION_ID = 0x65636403,
    TIMESERIES_SCHEMA_VERSION = 1,
    TIMESERIES_TEXT_MAX = 512,    /* bytes of ids, names and searched words */
    TIMESERIES_LINES_MAX = 20000, /* of one entry */
    TIMESERIES_PAGE = 1000,       /* entries in an answer when no limit is given */
};

/* Quantities and amounts of one line stay below, so that no sum of a report overflows. */
#define TIMESERIES_VALUE_MAX (INT64_C(1) << 46)

/* ---- timeseries_sql.c; parameters in the order given ---- */

/* Of one set of tables. */
enum timeseries_statement {
    STATEMENT_ENTRY_ADD,      /* id, order id, stock, payload: no change when it is there */
    STATEMENT_ENTRY_HAS,      /* id -> 1 */
    STATEMENT_ENTRY_SCAN,     /* from, to, cursor time, cursor id, limit -> enum entry_column */
    STATEMENT_ENTRY_REDACT,   /* entry, payload */
    STATEMENT_SALES_ADD,      /* enum sales_column */
    STATEMENT_SALES_SCAN,     /* from, to -> enum sales_column, by time */
    STATEMENT_SALES_CUSTOMER, /* from, to, customer -> the same */
    STATEMENT_SALES_FORGET,   /* customer */
    STATEMENT_CANCELLED,      /* from, to -> entry of the order, time */
    STATEMENT_SPAN_FIRST,     /* from, to -> time */
    STATEMENT_SPAN_LAST,      /* from, to -> time */
    STATEMENT_PAYLOADS_OF,    /* customer -> entry, payload */
    STATEMENT_STOCK_ADD,      /* sku, time, entry, quantity */
    STATEMENT_STOCK_BEFORE,   /* sku, to -> level */
    STATEMENT_STOCK_SCAN,     /* sku, from, to -> time, id, quantity */
    STATEMENT_STOCK_LEVELS,   /* to -> sku, level */
    STATEMENT_DIGEST_GET,     /* day -> count, quantity, amount, hash */
    STATEMENT_DIGEST_PUT,     /* day, count, quantity, amount, hash */
    STATEMENT_DIGEST_SCAN,    /* from day, to day -> day, count, quantity, amount, hash */
    STATEMENT_ENTRIES_CLEAR,
    STATEMENT_SALES_CLEAR,
    STATEMENT_STOCK_CLEAR,
    STATEMENT_DIGESTS_CLEAR,
    STATEMENTS_OF_SET,
};

/* Of the file. */
enum {
    STATEMENT_STATE_GET = 2 * STATEMENTS_OF_SET, /* -> active, rebuilding, forgets */
    STATEMENT_STATE_PUT,                         /* active, rebuilding, forgets */
    STATEMENT_NAME_FIND,
    STATEMENT_NAME_ADD,
    STATEMENT_NAME_GET,
    STATEMENT_CUSTOMER_FIND,
    STATEMENT_CUSTOMER_ADD,
    STATEMENT_CUSTOMER_GET,
    STATEMENT_CUSTOMER_ERASE, /* number */
    STATEMENT_EVENT_ADD,      /* id, kind, customer, session, product, text, time */
    STATEMENT_EVENT_SCAN,     /* from, to, kind (0: all) -> product, customer */
    STATEMENT_EVENT_FORGET,   /* customer */
    STATEMENT_METRIC_ADD,     /* name, time, value */
    STATEMENT_METRIC_SCAN,    /* name, from, to -> time, value */
    TIMESERIES_STATEMENTS
};

enum entry_column {
    ENTRY_TIME,
    ENTRY_ID,
    ENTRY_KIND,
    ENTRY_ORDER,
    ENTRY_CUSTOMER,
    ENTRY_COUNTRY,
    ENTRY_LINES,
    ENTRY_STOCK,
    ENTRY_PAYLOAD,
};

enum sales_column {
    SALES_TIME,
    SALES_ENTRY,
    SALES_KIND,
    SALES_CUSTOMER,
    SALES_COUNTRY,
    SALES_QUANTITY, /* of all lines */
    SALES_AMOUNT,   /* of all lines */
    SALES_LINES,    /* NULL: none */
};

extern const char *const timeseries_statements[TIMESERIES_STATEMENTS];
extern const struct sqlite_migration timeseries_migrations[TIMESERIES_SCHEMA_VERSION];

#define TIMESERIES_NAMES                                                                           \
    ((struct key_statements){STATEMENT_NAME_FIND, STATEMENT_NAME_ADD, STATEMENT_NAME_GET})
#define TIMESERIES_CUSTOMERS                                                                       \
    ((struct key_statements){STATEMENT_CUSTOMER_FIND, STATEMENT_CUSTOMER_ADD,                      \
                             STATEMENT_CUSTOMER_GET})

/* The one row of the table `state`. */
struct timeseries_state {
    int64_t active;     /* which set is the real one: 0 or 1 */
    int64_t rebuilding; /* whether the other one is a shadow */
    int64_t forgets;    /* counts erased customers: numbers of texts may have changed */
};

bool timeseries_state_read(struct sqlite_connection *connection, struct timeseries_state *state,
                           ecommerce_error *err) MUST_CHECK;
bool timeseries_state_write(struct sqlite_connection *writer, const struct timeseries_state *state,
                            ecommerce_error *err) MUST_CHECK;
/* The set that a request means: INVALID_TRANSITION when it asks for a shadow and there is none. */
bool timeseries_choose_set(const struct timeseries_state *state, bool shadow, unsigned *set,
                           ecommerce_error *err) MUST_CHECK;
struct sqlite_statement *timeseries_prepared(struct sqlite_connection *connection, unsigned set,
                                             enum timeseries_statement statement,
                                             ecommerce_error *err) MUST_CHECK;
/* 0 becomes NULL. */
void timeseries_bind_number(struct sqlite_statement *statement, int parameter, int64_t number);

/* ---- timeseries_lines.c ---- */

/* A line with numbers for its texts. */
struct packed_line {
    int64_t line;
    int64_t product, sku, category; /* category 0: none */
    int64_t quantity, amount;
    bool service;
};

struct packed_stock {
    int64_t sku;
    int64_t quantity;
};

void packed_line_add(struct text *text, const struct packed_line *line);
void packed_stock_add(struct text *text, const struct packed_stock *stock);
/* The next one of the bytes, which are cut by what was read. False at the end, and when the bytes
 * are damaged: then some are left. */
bool packed_line_next(struct str *bytes, struct packed_line *line);
bool packed_stock_next(struct str *bytes, struct packed_stock *stock);
bool packed_damaged(ecommerce_error *err);

/* ---- timeseries_check.c ---- */

/* INVALID_ARGUMENT or LIMIT_EXCEEDED for what no store could do. */
bool timeseries_request_check(const struct timeseries_request *request,
                              ecommerce_error *err) MUST_CHECK;

/* ---- writes ---- */

/* What the requests of a batch share; the lane leader's. */
struct timeseries_batch {
    struct sqlite_connection *writer;
    struct timeseries_state state; /* as this transaction sees it */
    int64_t forgets;               /* that the key tables know of */
    struct key_table names, customers;
    struct text lines, stock;
};

/* They execute a write inside the batch's transaction and fill its outputs. On false the
 * transaction may hold a part of it and has to be rolled back. */
bool timeseries_apply(struct timeseries_batch *batch, struct timeseries_request *request,
                      ecommerce_error *err) MUST_CHECK;
bool timeseries_add_events(struct timeseries_batch *batch, struct timeseries_request *request,
                           ecommerce_error *err) MUST_CHECK;
bool timeseries_add_metrics(struct timeseries_batch *batch, struct timeseries_request *request,
                            ecommerce_error *err) MUST_CHECK;
/* SHADOW_BEGIN, SHADOW_SWAP, SHADOW_DROP */
bool timeseries_rebuild(struct timeseries_batch *batch, struct timeseries_request *request,
                        ecommerce_error *err) MUST_CHECK;
bool timeseries_forget_customer(struct timeseries_batch *batch, struct timeseries_request *request,
                                ecommerce_error *err) MUST_CHECK;

/* ---- reads; the reader is in a transaction ---- */

/* SALES, RANKING, CUSTOMER_PRODUCTS, EVENT_RANKING */
bool timeseries_read_sales(struct sqlite_connection *reader, unsigned set,
                           struct timeseries_request *request, ecommerce_error *err) MUST_CHECK;
bool timeseries_read_other(struct sqlite_connection *reader, unsigned set,
                           struct timeseries_request *request, ecommerce_error *err) MUST_CHECK;

/* A growing array in an arena. */
struct timeseries_rows {
    void *items;
    size_t count, capacity;
};

/* A zeroed place of `size` bytes at the end, or NULL with an error. */
void *timeseries_rows_add(struct timeseries_rows *rows, size_t size, struct arena *arena,
                          ecommerce_error *err) MUST_CHECK;
