/*
 * documents_store.h - the contract of the documents role: the facts.
 *
 * Collections of documents by id, with declared indexes, the one atomic decision that all
 * implementations share (insert: the first with an id wins), versions, and marks.
 *
 * Durability: an acknowledged insert, replace, erase or mark survives the loss of power and of any
 * one server (majority, journaled; SQLite synchronous=FULL). Reads with `decisive` set are
 * linearizable for a single id and see every write acknowledged before they were submitted; others
 * may be served by a follower.
 *
 * Marks say which other store still has to hear of a document (the relay takes them off). They live
 * beside the document, not in it. A mark taken off never comes back.
 *
 * Versions: a document is inserted with version 1; replace needs the version that was read and
 * adds 1. On stores without CAPABILITY_ATOMIC_UPDATE the test is best effort.
 *
 * How to add an implementation: fill documents_store_ops, open it in ecommerce_system.c, add a row
 * to the conformance suite's table of implementations.
 */
#pragma once

#include "db_managers/base_manager.h"
#include "support/ids.h"

enum documents_collection {
    COLLECTION_PRODUCTS,
    COLLECTION_CATEGORIES,
    COLLECTION_CUSTOMERS,
    COLLECTION_UNIQUE, /* claims of unique values: _id = "email:ann@example.com" */
    COLLECTION_ORDERS,
    COLLECTION_ORDER_CHANGES,  /* _id = order id "/" number */
    COLLECTION_ORDER_CONTACTS, /* an order's names and addresses: erasable, same _id */
    COLLECTION_ORDER_STATES,   /* derived: status for lists; rebuilt from the facts */
    COLLECTION_MOVEMENTS,      /* stock receipts, adjustments, unlinked returns */
    COLLECTION_EPOCHS,         /* "000000000007" seals, "000000000007/base" opens */
    COLLECTION_ERRORS,         /* the error log */
    COLLECTION_AUDIT,          /* who repaired or erased what */
    COLLECTION_SHOP,           /* identity of the store, migration state, small singletons */
    DOCUMENTS_COLLECTIONS
};

/* An index of a collection over one top-level field. */
enum documents_index_type {
    INDEX_NUMBER,     /* int64: equality, range, order */
    INDEX_TEXT,       /* equality */
    INDEX_TEXT_ARRAY, /* equality with any element */
};

struct documents_index {
    const char *field;
    enum documents_index_type type;
};

enum {
    DOCUMENTS_MAX_INDEXES = 8,
    DOCUMENTS_MAX_TERMS = 24,
    DOCUMENTS_MAX_LIMIT = 10000,
    DOCUMENTS_ID_MAX = 512, /* bytes of UTF-8 */
};

/* The schema: the same for all implementations (documents_schema.c). A field that is absent, or
 * whose value has another type than the index, is not found by it. A text where a text array is
 * expected counts as an array of one. A new index is a new version of the schema: raise
 * DOCUMENTS_SCHEMA_VERSION, and stores bring themselves up to date at opening. */
enum { DOCUMENTS_SCHEMA_VERSION = 1 };

struct documents_schema {
    const char *name;                                      /* "products" */
    struct documents_index indexes[DOCUMENTS_MAX_INDEXES]; /* field NULL ends them */
    bool marked;                                           /* its documents may bear marks */
};

/* Indexed fields, by collection:
 *   products        tokens[], categories[] (all ancestors), attributes[] ("name=value"), skus[],
 *                   item_ids[] (the product's id and its variants'), price, changed_at
 *   categories      parent
 *   customers       created_at
 *   orders          customer_id, number, placed_at
 *   order_changes   at
 *   order_contacts  customer_id, email
 *   order_states    status, customer_id, placed_at
 *   movements       sku, at
 *   errors, audit   at, kind
 */
extern const struct documents_schema documents_schema[DOCUMENTS_COLLECTIONS];

enum document_mark {
    MARK_STOCK = 1 << 0, /* not judged and settled (orders) or not credited (changes, movements) */
    MARK_TIMESERIES = 1 << 1,
    MARK_GRAPH = 1 << 2,
    MARKS_ALL = MARK_STOCK | MARK_TIMESERIES | MARK_GRAPH,
};

/* A document as read. */
struct stored_document {
    struct str id;
    struct doc doc;
    int64_t version;
    unsigned marks;
    /* Of a document with marks: */
    unsigned attempts;    /* failed deliveries */
    int64_t next_attempt; /* wall clock; not due before */
    bool parked;          /* needs an operator: see reason */
    struct str reason;
};

/* Equality on an index of the collection; on an INDEX_NUMBER the value is the number's decimal
 * text. */
struct documents_term {
    const char *field; /* of an index */
    struct str value;
};

enum documents_order {
    ORDER_BY_ID,
    ORDER_BY_NUMBER, /* by range_field, then by id; descending turns both round */
    ORDER_ANY, /* whatever is cheapest; every document that is there throughout is seen once */
};

struct documents_query {
    struct documents_term terms[DOCUMENTS_MAX_TERMS]; /* all must hold */
    size_t term_count;
    const char *range_field; /* an INDEX_NUMBER; NULL: no range */
    int64_t from, to;        /* from <= value < to; filters in every order */
    enum documents_order order;
    bool descending;
    /* Where the page before ended: its `cursor`; STR_NONE from the start. It belongs to this query;
     * INVALID_ARGUMENT when it is no cursor of this order. */
    struct str after;
    size_t limit;  /* 1 to DOCUMENTS_MAX_LIMIT */
    bool ids_only; /* doc is left empty */
};

enum documents_operation {
    /* id, doc, marks -> inserted (false: the id is taken and nothing changed). Durable. */
    DOCUMENTS_INSERT,
    /* id -> found, document. `decisive` as above. */
    DOCUMENTS_GET,
    /* id, doc, version -> replaced; !found: no such id; found && !replaced: another version is
     * there. */
    DOCUMENTS_REPLACE,
    /* id -> found (false: was not there). For contacts, derived documents and log entries, not
     * for facts. */
    DOCUMENTS_ERASE,
    /* id, doc: inserts or replaces whatever is there; the version starts at 1 and grows by 1. Only
     * for derived documents and singletons. */
    DOCUMENTS_PUT,
    /* id, marks: takes these marks off; no error when they are off or the document is absent. */
    DOCUMENTS_CLEAR_MARKS,
    /* id, attempts, next_attempt, parked, reason: delivery state of a document that bears marks; no
     * error when it bears none any more. */
    DOCUMENTS_DEFER,
    /* id, marks: puts marks on again, on purpose (replay by an operator; never MARK_STOCK). The
     * delivery starts anew: no attempts, due at once, not parked. -> found */
    DOCUMENTS_SET_MARKS,
    /* query -> documents, count, cursor (STR_NONE at the end). */
    DOCUMENTS_QUERY,
    /* query.limit, query.ids_only, marks (any of), due (wall clock: next_attempt <= due), parked
     * (exactly so) -> documents, oldest first, count. */
    DOCUMENTS_PENDING,
    /* -> number: how many documents of the collection (terms and range of the query; NULL: all). */
    DOCUMENTS_COUNT,
    /* -> witness_identity, witness_sequence: the greatest that inserts carried (below); STR_NONE
     * and 0 when none did. */
    DOCUMENTS_WITNESS,
    DOCUMENTS_OPERATIONS
};

struct documents_request {
    struct store_request base; /* base.operation is an enum documents_operation */

    /* in */
    enum documents_collection collection;
    struct str id;
    struct doc doc;
    int64_t version;
    unsigned marks;
    bool decisive;
    unsigned attempts;
    int64_t next_attempt;
    bool parked;
    struct str reason;
    int64_t due;
    const struct documents_query *query;
    /* INSERT: what the caller knows of the live store (CAPABILITY_SEQUENCE); kept with the insert
     * in one transaction as the greatest sequence of that identity. A new identity replaces the
     * old. STR_NONE: nothing is known. An insert that finds its id taken leaves no witness. */
    struct str witness_identity;
    int64_t witness_sequence;

    /* out */
    bool inserted;
    bool found;
    bool replaced;
    struct stored_document document;
    struct stored_document *documents;
    size_t count;
    struct str cursor;
    int64_t number;
};

struct documents_store;

struct documents_store_ops {
    void (*submit)(struct documents_store *store, struct documents_request *request);
    void (*wait)(struct documents_store *store, struct documents_request *request);
};

struct documents_store {
    struct base_manager base;
    const struct documents_store_ops *ops;
};

static inline void documents_submit(struct documents_store *store,
                                    struct documents_request *request)
{
    store->ops->submit(store, request);
}

/* True when the request succeeded; the error is in request->base.error. */
static inline bool documents_wait(struct documents_store *store, struct documents_request *request)
{
    store->ops->wait(store, request);
    return request->base.ok;
}

/* Submit and wait; copies the error to err. */
bool documents_run(struct documents_store *store, struct documents_request *request,
                   ecommerce_error *err) MUST_CHECK;

/* For implementations, at submit: INVALID_ARGUMENT for ids, terms, limits and marks that the
 * contract does not allow. (Cursors are each implementation's own.) */
bool documents_request_check(const struct documents_request *request,
                             ecommerce_error *err) MUST_CHECK;

/* Short forms. Views live in the arena. documents_get: `out` may be NULL (is it there?); it is
 * zeroed when nothing was found. documents_insert: `inserted` may be NULL. */
bool documents_get(struct documents_store *store, enum documents_collection collection,
                   struct str id, bool decisive, int64_t deadline, struct arena *arena,
                   struct stored_document *out, bool *found, ecommerce_error *err) MUST_CHECK;
bool documents_insert(struct documents_store *store, enum documents_collection collection,
                      struct str id, struct doc doc, unsigned marks, int64_t deadline,
                      bool *inserted, ecommerce_error *err) MUST_CHECK;

/* The index of a collection over a field, or -1. */
int documents_index_of(enum documents_collection collection, const char *field);
