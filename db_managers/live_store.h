/*
 * live_store.h - the contract of the live role: stock counters with reservations, and the volatile
 * rest of a shop (carts, sessions, cache, leases, event buffer).
 *
 * Stock. Every counter belongs to an epoch (one life of the counters). A reservation holds all its
 * lines or none, in one atomic step, idempotent by order id: the id stays known after the hold is
 * settled or released until its deadline and the grace have passed. A hold is never freed by time:
 * only RELEASE frees it. available = what can be reserved; held = reserved and not settled. A sku
 * without a counter has 0. Each stock operation names the epoch it belongs to; in another epoch it
 * does nothing and says so. CREDIT is applied once an id and epoch for the life of the epoch.
 *
 * The store may lose its newest writes (power loss, failover). It says how to notice: `identity` (a
 * run id, a file's id) and, with CAPABILITY_SEQUENCE, `sequence`, which grows with every write. See
 * docs/internals/order-protocol.md for what the coordinator does with them.
 *
 * Values (carts, sessions, cache entries) are documents under a key with a version (from 1; each
 * put adds 1) and a wall-clock expiry after which they read as absent. They may be lost with the
 * store.
 */
#pragma once

#include "db_managers/base_manager.h"

struct stock_line {
    struct str sku;
    int64_t quantity; /* > 0 in reservations; a credit may be negative (a correction downwards) */
};

struct stock_level {
    struct str sku;
    bool known;
    int64_t available; /* negative after a stock-taking found less than was sold */
    int64_t held;
};

enum live_space { SPACE_CARTS, SPACE_SESSIONS, SPACE_CACHE, SPACE_LEASES, LIVE_SPACES };

/* Expected version of LIVE_PUT: */
#define VERSION_ANY INT64_C(-1) /* put whatever is there */
#define VERSION_NONE INT64_C(0) /* only when absent */

enum live_operation {
    /* -> status */
    LIVE_STATUS,
    /* epoch, id, lines, hold_deadline, now -> outcome, levels (of the lines that
     * are short), status */
    LIVE_RESERVE,
    /* epoch, id: the hold becomes a sale. -> outcome */
    LIVE_SETTLE,
    /* epoch, id: the hold's stock comes back. -> outcome */
    LIVE_RELEASE,
    /* epoch, id, lines: adds to available, once. -> outcome */
    LIVE_CREDIT,
    /* skus (lines[].sku) -> levels, in the order asked */
    LIVE_LEVELS,
    /* after (sku), limit -> levels by sku, for reports and the checker */
    LIVE_LEVELS_SCAN,
    /* now (holds whose deadline is before it), after, limit -> holds by order id; INT64_MAX: all */
    LIVE_HOLDS,
    /* epoch, installed levels, applied ids: replaces all counters, forgets holds; only when the
     * store's epoch is lower. -> outcome (DONE or WRONG_EPOCH), status */
    LIVE_INSTALL,
    /* after, limit -> applied: ids credited in this epoch, for the checker */
    LIVE_APPLIED_SCAN,

    /* space, key -> found, value */
    LIVE_GET,
    /* space, key, doc, version, expires_at, owner -> stored (false:
     * another version), value.version */
    LIVE_PUT,
    /* space, key, version -> found, stored */
    LIVE_DELETE,
    /* space, owner, limit -> values: all of one owner (a customer's sessions) */
    LIVE_LIST,
    /* space, owner -> count deleted */
    LIVE_DELETE_OWNER,
    /* now: forgets expired values and ids past deadline + grace. Called by the sweeper. -> count */
    LIVE_EXPIRE,

    /* key (name of the lease), owner (who), expires_at -> stored: it is ours until then */
    LIVE_LEASE,

    /* doc: appends to the event buffer, bounded (oldest lost beyond event_limit; counted) */
    LIVE_EVENT_APPEND,
    /* limit -> values (key = position), oldest first; they stay until acknowledged */
    LIVE_EVENT_READ,
    /* key: acknowledges all up to this position */
    LIVE_EVENT_ACK,
    LIVE_OPERATIONS
};

enum live_outcome {
    LIVE_DONE,         /* held, settled, released, credited: now or, idempotently, before */
    LIVE_OUT_OF_STOCK, /* nothing was reserved; levels name the short lines */
    LIVE_WRONG_EPOCH,  /* status.epoch says which is there; nothing changed */
    LIVE_TOO_LATE,     /* the hold's deadline has passed by this store's clock; nothing changed */
    LIVE_WAS_RELEASED, /* RESERVE, SETTLE: this id's hold was released before */
    LIVE_OTHER_LINES,  /* RESERVE: this id is held with other lines; nothing changed */
    LIVE_NO_HOLD,      /* SETTLE, RELEASE: no hold with this id is known */
};

struct live_status {
    char identity[40]; /* run id or file id; changes when the store may be another one */
    int64_t epoch;     /* 0: no counters were ever installed */
    int64_t sequence;  /* of the newest write; 0 without CAPABILITY_SEQUENCE */
};

struct live_hold {
    struct str id;
    int64_t epoch;
    int64_t deadline; /* wall clock */
    const struct stock_line *lines;
    size_t line_count;
};

struct live_value {
    struct str key;
    struct str owner;
    struct doc doc;
    int64_t version;
    int64_t expires_at; /* wall clock; INT64_MAX: never */
};

struct live_request {
    struct store_request base; /* base.operation is an enum live_operation */

    /* in */
    int64_t epoch;
    struct str id;
    const struct stock_line *lines;
    size_t line_count;
    int64_t hold_deadline; /* wall clock */
    int64_t grace;         /* microseconds an id is kept after its deadline */
    int64_t now;           /* wall clock */
    const struct stock_level *install;
    size_t install_count;
    const struct str *applied_ids; /* INSTALL: credits that the installed levels contain */
    size_t applied_id_count;
    enum live_space space;
    struct str key;
    struct str owner;
    struct doc doc;
    int64_t version;
    int64_t expires_at;
    struct str after;
    size_t limit;
    size_t event_limit;

    /* out */
    enum live_outcome outcome;
    struct live_status status; /* every stock operation fills it */
    struct stock_level *levels;
    size_t level_count;
    struct live_hold *holds;
    size_t hold_count;
    struct str *applied;
    size_t applied_count;
    bool found;
    bool stored;
    struct live_value value;
    struct live_value *values;
    size_t count;
};

struct live_store;

struct live_store_ops {
    void (*submit)(struct live_store *store, struct live_request *request);
    void (*wait)(struct live_store *store, struct live_request *request);
    /* CAPABILITY_GENERATIONS: a number that changes before and after everything under the key
     * changes
     * ("product/ID", "sku/SKU", "recommendations"): equal numbers mean that nothing did. Keys share
     * counters by hash, so a change may be seen that was none; never the other way round, but for
     * a process killed between its commit and its second count (caches bound that by their
     * lifetime). Stock operations count their own skus; services count the rest by `changed`. */
    uint64_t (*generation)(struct live_store *store, struct str key);
    void (*changed)(struct live_store *store, struct str key);
};

struct live_store {
    struct base_manager base;
    const struct live_store_ops *ops;
};

static inline void live_submit(struct live_store *store, struct live_request *request)
{
    store->ops->submit(store, request);
}

static inline bool live_wait(struct live_store *store, struct live_request *request)
{
    store->ops->wait(store, request);
    return request->base.ok;
}

bool live_run(struct live_store *store, struct live_request *request,
              ecommerce_error *err) MUST_CHECK;

static inline uint64_t live_generation(struct live_store *store, struct str key)
{
    return store->ops->generation(store, key);
}

static inline void live_changed(struct live_store *store, struct str key)
{
    store->ops->changed(store, key);
}
