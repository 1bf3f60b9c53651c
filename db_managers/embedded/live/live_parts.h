/*
 * live_parts.h - how the parts of the embedded live store hang together:
 *
 *   embedded_live.c  the store: submit, wait, batches, health
 *   live_check.c     what a request may ask
 *   live_stock.c     reservations and their ends, inside a batch's transaction
 *   live_levels.c    credits and new epochs; reading the stock
 *   live_values.c    carts, sessions, cache, leases, the event buffer
 *   live_sql.c       tables and statements
 *   generations.c    the counters of changes that processes share
 *
 * Writes take what they need to know from the tables, check all of it, and only then write, so that
 * a refusal inside a batch leaves nothing behind.
 */
#pragma once

#include "db_managers/embedded/generations.h"
#include "db_managers/embedded/sqlite/sqlite_file.h"
#include "db_managers/live_store.h"

enum {
    LIVE_APPLICATION_ID = 0x65636402,
    LIVE_SCHEMA_VERSION = 1,
    LIVE_KEY_MAX = 512, /* bytes of ids, skus, keys and owners */
    LIVE_MAX_LINES = 10000,
    LIVE_MAX_LIMIT = 10000,
};

/* available + held of a sku stay below, so that sums of both never overflow. */
#define LIVE_QUANTITY_MAX (INT64_C(1) << 60)

/* ---- live_sql.c; parameters in the order given ---- */

enum live_statement {
    STATEMENT_STATE_GET,    /* -> identity, epoch, sequence, events_lost */
    STATEMENT_STATE_PUT,    /* epoch, sequence */
    STATEMENT_EVENTS_LOST,  /* how many more */
    STATEMENT_COUNTER_GET,  /* sku -> available, held */
    STATEMENT_COUNTER_MOVE, /* sku, to add to available, to add to held */
    STATEMENT_COUNTER_PUT,  /* sku, available: known or not */
    STATEMENT_COUNTER_NEW,  /* sku, available: no change when it is known */
    STATEMENT_COUNTER_CLEAR,
    STATEMENT_COUNTER_SCAN, /* after, limit -> sku, available, held */
    STATEMENT_HOLD_GET,     /* id -> deadline, keep_until, lines */
    STATEMENT_HOLD_PUT,     /* id, deadline, keep_until, lines */
    STATEMENT_HOLD_DELETE,  /* id */
    STATEMENT_HOLD_CLEAR,
    STATEMENT_HOLD_SCAN, /* deadline before, after, limit -> id, deadline, lines */
    STATEMENT_ENDED_GET, /* id -> released */
    STATEMENT_ENDED_PUT, /* id, released, deadline, keep_until */
    STATEMENT_ENDED_CLEAR,
    STATEMENT_ENDED_EXPIRE, /* now, now - grace */
    STATEMENT_APPLIED_PUT,  /* id: no change when it is there */
    STATEMENT_APPLIED_CLEAR,
    STATEMENT_APPLIED_SCAN, /* after, limit -> id */
    STATEMENT_VALUE_GET,    /* space, key, now -> version, expires_at, key, owner, doc */
    STATEMENT_VALUE_PUT,    /* space, key, owner, version, expires_at, doc */
    STATEMENT_VALUE_DELETE, /* space, key */
    STATEMENT_VALUE_LIST,   /* space, owner, now, limit -> as VALUE_GET */
    STATEMENT_OWNER_COUNT,  /* space, owner, now -> number */
    STATEMENT_OWNER_DELETE, /* space, owner */
    STATEMENT_VALUE_EXPIRE, /* now */
    STATEMENT_EVENT_PUT,    /* doc */
    STATEMENT_EVENT_SCAN,   /* limit -> position, doc */
    STATEMENT_EVENT_DELETE, /* position: up to it */
    LIVE_STATEMENTS
};

extern const char *const live_statements[LIVE_STATEMENTS];
/* Their context is the struct seams whose randomness makes the identity. */
extern const struct sqlite_migration live_migrations[LIVE_SCHEMA_VERSION];

/* ---- embedded_live.c ---- */

/* What the requests of a batch share; the lane leader's. */
struct live_batch {
    struct sqlite_connection *writer;
    const struct generations *generations;
    struct generation_set touched;
    struct arena scratch;       /* of one request */
    struct doc_builder builder; /* of one request */
    struct live_status status;  /* as this transaction sees it; sequence: before it */
    int64_t now;                /* wall clock, once the transaction had begun */
    bool wrote;                 /* something: the sequence has to grow */
};

/* The statement for a write of this batch. */
struct sqlite_statement *live_prepared(struct live_batch *batch, enum live_statement statement,
                                       ecommerce_error *err) MUST_CHECK;
/* Runs it and notes in the batch that something was written. *changes may be NULL. */
bool live_execute(struct live_batch *batch, struct sqlite_statement *statement, int64_t *changes,
                  ecommerce_error *err) MUST_CHECK;
/* Reads identity, epoch and sequence; *events_lost may be NULL. */
bool live_read_status(struct sqlite_connection *connection, struct live_status *status,
                      int64_t *events_lost, ecommerce_error *err) MUST_CHECK;

/* A growing array in an arena. */
struct live_rows {
    void *items;
    size_t count, capacity;
};

/* A zeroed place of `size` bytes at the end, or NULL with an error. */
void *live_rows_add(struct live_rows *rows, size_t size, struct arena *arena,
                    ecommerce_error *err) MUST_CHECK;

/* ---- the operations ---- */

/* INVALID_ARGUMENT or LIMIT_EXCEEDED for what no store could do. */
bool live_request_check(const struct live_request *request, ecommerce_error *err) MUST_CHECK;

/* Execute a write inside the batch's transaction and fill its outputs. On false the transaction may
 * hold a part of it and has to be rolled back. */
bool live_reserve(struct live_batch *batch, struct live_request *request,
                  ecommerce_error *err) MUST_CHECK;
/* SETTLE and RELEASE */
bool live_end_hold(struct live_batch *batch, struct live_request *request,
                   ecommerce_error *err) MUST_CHECK;
bool live_credit(struct live_batch *batch, struct live_request *request,
                 ecommerce_error *err) MUST_CHECK;
bool live_install(struct live_batch *batch, struct live_request *request,
                  ecommerce_error *err) MUST_CHECK;
bool live_write_value(struct live_batch *batch, struct live_request *request,
                      ecommerce_error *err) MUST_CHECK;

/* Execute a read and fill its outputs; `now` is the wall clock. */
bool live_read_stock(struct sqlite_connection *reader, struct live_request *request,
                     ecommerce_error *err) MUST_CHECK;
bool live_read_value(struct sqlite_connection *reader, int64_t now, struct live_request *request,
                     ecommerce_error *err) MUST_CHECK;

/* ---- shared by live_stock.c and live_levels.c ---- */

struct live_counter {
    bool known;
    int64_t available, held;
};

/* The lines of a request by sku, those of one sku summed, and the counters they change. */
struct live_lines {
    struct stock_line *lines;
    struct live_counter *counters;
    size_t count;
};

bool live_lines_load(struct live_batch *batch, const struct stock_line *lines, size_t count,
                     struct live_lines *out, ecommerce_error *err) MUST_CHECK;
bool live_read_counter(struct sqlite_connection *connection, struct str sku,
                       struct live_counter *counter, ecommerce_error *err) MUST_CHECK;
/* Whether the request is of the epoch that is there; sets its outcome when not. */
bool live_in_epoch(const struct live_batch *batch, struct live_request *request);
/* Counts the generation of a sku that is about to change. */
void live_touch(struct live_batch *batch, struct str sku);
/* The lines of a hold's document, in the arena. */
bool live_lines_of(struct doc doc, struct arena *arena, const struct stock_line **lines,
                   size_t *count, ecommerce_error *err) MUST_CHECK;
