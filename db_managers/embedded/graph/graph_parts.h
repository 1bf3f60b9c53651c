/*
 * graph_parts.h - how the parts of the embedded graph store hang together:
 *
 *   embedded_graph.c   the store: submit, wait, group commit, health
 *   graph_check.c      what a request may ask
 *   graph_apply.c      orders and what is taken back of them, inside a batch's transaction
 *   graph_upkeep.c     views, rebuilding, forgetting a customer
 *   graph_read.c       reads of the tables
 *   graph_follow.c     the basket index in memory, kept up with the file
 *   graph_recommend.c  answers from it
 *   graph_sql.c        tables and statements
 *
 * Tables come twice, as set "a" and set "b": one is the real one, the other empty or the shadow of
 * a rebuild. Swapping them changes one row.
 *
 *   products, customers  ids as numbers
 *   orders_x             an order's node and its relations, packed: product and remaining quantity;
 *                        numbered in the order of arrival
 *   take_backs_x         what was applied to which order, numbered likewise
 *   views                what customers looked at; not derived, so only once
 *   sets                 a row a set: its digest, and a count of its changes
 *
 * An index in memory knows how many changes it has seen; what came since, of any process, it finds
 * by the numbers of orders and take-backs.
 */
#pragma once

#include "db_managers/embedded/graph/basket_index.h"
#include "db_managers/embedded/key_table.h"
#include "db_managers/embedded/sqlite/sqlite_file.h"
#include "db_managers/graph_store.h"
#include "support/text.h"

enum {
    GRAPH_APPLICATION_ID = 0x65636404,
    GRAPH_SCHEMA_VERSION = 1,
    GRAPH_TEXT_MAX = 512,    /* bytes of ids */
    GRAPH_LINES_MAX = 20000, /* of one entry */
    GRAPH_PAGE = 1000,       /* entries in an answer when no limit is given */
};

/* Quantities stay below, so that sums do not overflow. */
#define GRAPH_QUANTITY_MAX (INT64_C(1) << 40)

/* ---- graph_sql.c; parameters in the order given ---- */

/* Of one set of tables. */
enum graph_statement {
    STATEMENT_ORDER_ADD,        /* id, customer, time, lines: no change when it is there */
    STATEMENT_ORDER_FIND,       /* id -> number, lines */
    STATEMENT_ORDER_UPDATE,     /* number, lines */
    STATEMENT_ORDER_SCAN,       /* after id, limit -> id, customer, time, lines */
    STATEMENT_ORDERS_SINCE,     /* number -> number, customer, time, lines */
    STATEMENT_ORDERS_CUSTOMER,  /* customer -> time, lines */
    STATEMENT_ORDERS_FORGET,    /* customer */
    STATEMENT_TAKE_BACK_ADD,    /* id, order: no change when it is there */
    STATEMENT_TAKE_BACKS_SINCE, /* number, order -> order, its lines: of orders up to that one */
    STATEMENT_LAST_TAKE_BACK,   /* -> number */
    STATEMENT_HAS,              /* id -> 1: an order or a take-back */
    STATEMENT_ORDERS_CLEAR,
    STATEMENT_TAKE_BACKS_CLEAR,
    STATEMENTS_OF_SET,
};

/* Of the file. */
enum {
    STATEMENT_STATE_GET = 2 * STATEMENTS_OF_SET, /* -> active, rebuilding, generation */
    STATEMENT_STATE_PUT,                         /* active, rebuilding, generation */
    STATEMENT_SET_GET,                           /* set -> orders, lines, quantity, hash, changes */
    STATEMENT_SET_PUT,                           /* set, orders, lines, quantity, hash, changes */
    STATEMENT_PRODUCT_FIND,
    STATEMENT_PRODUCT_ADD,
    STATEMENT_PRODUCT_GET,
    STATEMENT_CUSTOMER_FIND,
    STATEMENT_CUSTOMER_ADD,
    STATEMENT_CUSTOMER_GET,
    STATEMENT_CUSTOMER_ERASE, /* number */
    STATEMENT_VIEW_ADD,       /* id, kind, customer, product, time */
    STATEMENT_VIEWS_FORGET,   /* customer */
    GRAPH_STATEMENTS
};

extern const char *const graph_statements[GRAPH_STATEMENTS];
extern const struct sqlite_migration graph_migrations[GRAPH_SCHEMA_VERSION];

#define GRAPH_PRODUCTS                                                                             \
    ((struct key_statements){STATEMENT_PRODUCT_FIND, STATEMENT_PRODUCT_ADD, STATEMENT_PRODUCT_GET})
#define GRAPH_CUSTOMERS                                                                            \
    ((struct key_statements){STATEMENT_CUSTOMER_FIND, STATEMENT_CUSTOMER_ADD,                      \
                             STATEMENT_CUSTOMER_GET})

/* The one row of the table `state`. */
struct graph_state {
    int64_t active;     /* which set is the real one: 0 or 1 */
    int64_t rebuilding; /* whether the other one is a shadow */
    int64_t generation; /* counts swaps and erased customers: what was remembered is no longer so */
};

/* A row of the table `sets`. */
struct graph_set {
    struct graph_digest digest;
    int64_t changes; /* counts requests that changed orders or relations */
};

bool graph_state_read(struct sqlite_connection *connection, struct graph_state *state,
                      ecommerce_error *err) MUST_CHECK;
bool graph_state_write(struct sqlite_connection *writer, const struct graph_state *state,
                       ecommerce_error *err) MUST_CHECK;
bool graph_set_read(struct sqlite_connection *connection, unsigned number, struct graph_set *set,
                    ecommerce_error *err) MUST_CHECK;
bool graph_set_write(struct sqlite_connection *writer, unsigned number, const struct graph_set *set,
                     ecommerce_error *err) MUST_CHECK;
/* The set that a request means: INVALID_TRANSITION when it asks for a shadow and there is none. */
bool graph_choose_set(const struct graph_state *state, bool shadow, unsigned *set,
                      ecommerce_error *err) MUST_CHECK;
struct sqlite_statement *graph_prepared(struct sqlite_connection *connection, unsigned set,
                                        enum graph_statement statement,
                                        ecommerce_error *err) MUST_CHECK;

/* A relation of an order; quantity 0: all of it was taken back. */
struct packed_relation {
    int64_t product;
    int64_t quantity;
};

void packed_relation_add(struct text *text, const struct packed_relation *relation);
/* The next one of the bytes, which are cut by what was read. False at the end, and when the bytes
 * are damaged: then some are left. */
bool packed_relation_next(struct str *bytes, struct packed_relation *relation);
/* True at the end of an order's relations; else STORAGE_FAILED. */
bool packed_relations_end(struct str bytes, ecommerce_error *err) MUST_CHECK;

/* ---- graph_check.c ---- */

/* INVALID_ARGUMENT or LIMIT_EXCEEDED for what no store could do. */
bool graph_request_check(const struct graph_request *request, ecommerce_error *err) MUST_CHECK;

/* ---- writes ---- */

/* What the requests of a batch share; the lane leader's. */
struct graph_batch {
    struct sqlite_connection *writer;
    struct graph_state state; /* as this transaction sees it */
    int64_t generation;       /* that the key tables know of */
    struct key_table products, customers;
    struct text lines;
    struct arena scratch; /* of one entry */
};

/* They execute a write inside the batch's transaction and fill its outputs. On false the
 * transaction may hold a part of it and has to be rolled back. */
bool graph_apply(struct graph_batch *batch, struct graph_request *request,
                 ecommerce_error *err) MUST_CHECK;
bool graph_add_views(struct graph_batch *batch, struct graph_request *request,
                     ecommerce_error *err) MUST_CHECK;
/* SHADOW_BEGIN, SHADOW_SWAP, SHADOW_DROP */
bool graph_rebuild(struct graph_batch *batch, struct graph_request *request,
                   ecommerce_error *err) MUST_CHECK;
bool graph_forget_customer(struct graph_batch *batch, struct graph_request *request,
                           ecommerce_error *err) MUST_CHECK;

/* ---- reads; the reader is in a transaction ---- */

bool graph_read(struct sqlite_connection *reader, unsigned set, struct graph_request *request,
                ecommerce_error *err) MUST_CHECK;

/* ---- graph_follow.c ---- */

enum { IDLE_SCRATCHES = 8 };

/* The graph in memory, shared by all threads. */
struct graph_memory {
    struct recommendation_parameters parameters;
    pthread_rwlock_t lock;
    /* Of the lock: */
    struct basket_index *index;  /* NULL: nothing was asked yet */
    int64_t generation, changes; /* what of the file it holds */
    int64_t last_order, last_take_back;
    pthread_mutex_t scratch_lock;
    struct recommend_scratch *scratches[IDLE_SCRATCHES];
    size_t scratch_count;
};

/* parameters NULL: the defaults. */
bool graph_memory_init(struct graph_memory *memory,
                       const struct recommendation_parameters *parameters,
                       ecommerce_error *err) MUST_CHECK;
void graph_memory_release(struct graph_memory *memory);
/* Takes the reader's lock with an index that holds at least what the reader's snapshot shows. */
bool graph_memory_enter(struct graph_memory *memory, struct sqlite_connection *reader,
                        ecommerce_error *err) MUST_CHECK;
void graph_memory_leave(struct graph_memory *memory);
struct recommend_scratch *graph_scratch_borrow(struct graph_memory *memory,
                                               ecommerce_error *err) MUST_CHECK;
void graph_scratch_return(struct graph_memory *memory, struct recommend_scratch *scratch);

/* ---- graph_recommend.c ---- */

bool graph_recommend(struct graph_memory *memory, struct sqlite_connection *reader,
                     struct graph_request *request, ecommerce_error *err) MUST_CHECK;
