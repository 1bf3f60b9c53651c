/*
 * base_manager.h - the abstract base of all database managers.
 *
 * A manager serves one role (documents, live, timeseries, graph) with one kind of store (embedded,
 * a server). It embeds `struct base_manager` as its first member; the role's contract header
 * declares the operations (documents_store.h, live_store.h, timeseries_store.h, graph_store.h).
 * What all managers share is here: life cycle, health, deadlines, error counters and latencies per
 * operation, retry with jitter under a budget, and the circuit breaker.
 *
 * Requests: every operation is submitted and waited for. `submit` may send at once (a server), or
 * only queue (an embedded lane, where the first waiter runs the batch); `wait` returns when the
 * request has its result. The caller owns the request and everything it points to until wait
 * returns; outputs live in the request's arena. A request may be submitted by one thread only, and
 * must be waited for by the same thread. Any number of threads may have requests in flight.
 *
 * Deadlines are monotonic (seams.h), passed down, never turned into fresh time-outs.
 *
 * After a failure the class of the error (ecommerce_error.h) says what holds: REFUSED and RETRYABLE
 * mean that nothing was changed; OUTCOME_UNKNOWN that it may have been; FATAL that an operator is
 * needed. Embedded stores never answer OUTCOME_UNKNOWN but for a commit whose fsync failed.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/arena.h"
#include "support/compiler.h"
#include "support/doc.h"
#include "support/histogram.h"
#include "support/lane.h"
#include "support/log.h"
#include "support/seams.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum manager_role { ROLE_DOCUMENTS, ROLE_LIVE, ROLE_TIMESERIES, ROLE_GRAPH, MANAGER_ROLES };

/* "documents", "live", "timeseries", "graph": as in the configuration and in `degraded`. */
const char *manager_role_name(enum manager_role role);

/* What an implementation can do that others cannot. Services test these, never the kind. */
enum manager_capability {
    /* An update of one document is atomic and tests its version. */
    CAPABILITY_ATOMIC_UPDATE = 1 << 0,
    /* live: every write has a sequence number that survives with the data: by it loss is noticed.
     */
    CAPABILITY_SEQUENCE = 1 << 1,
    /* live: change generations can be read in well under a microsecond (caches in the process). */
    CAPABILITY_GENERATIONS = 1 << 2,
};

enum { MANAGER_MAX_OPERATIONS = 40 };

struct operation_stats {
    _Atomic uint64_t calls;
    _Atomic uint64_t errors[5]; /* by enum ecommerce_error_class */
    struct histogram latency;
};

/* Opens after `threshold` failures in a row of class RETRYABLE by unavailability or
 * OUTCOME_UNKNOWN; lets one call through after a pause with jitter; closes when that one succeeds.
 */
struct breaker {
    pthread_mutex_t lock;
    unsigned failures;
    int64_t open_until; /* monotonic; 0: closed */
    bool probing;
};

/* What may still be spent on retries, in thousandths of one. */
struct retry_budget {
    pthread_mutex_t lock;
    int64_t credit;
    int64_t filled; /* monotonic: up to when the flow was counted */
};

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct base_manager;

struct base_manager_ops {
    const char *kind;                   /* "embedded", "mongodb" … */
    const char *const *operation_names; /* for metrics, MANAGER_MAX_OPERATIONS at most */
    size_t operation_count;
    /* A round trip that proves that the store answers. */
    bool (*ping)(struct base_manager *manager, int64_t deadline, ecommerce_error *err);
    /* Adds what an operator wants to know (version, size, connections) to an open document. */
    void (*describe)(struct base_manager *manager, struct doc_builder *out);
    /* Waits for nothing: the caller has no request in flight. Frees the manager. */
    void (*close)(struct base_manager *manager);
};

struct base_manager {
    uint32_t magic;
    const struct base_manager_ops *ops;
    enum manager_role role;
    unsigned capabilities;
    char address[256]; /* where it is, for people: file or host:port, never a password */
    const struct seams *seams;
    const struct logger *logger;
    struct breaker breaker;
    struct retry_budget retry_budget;
    struct operation_stats *stats; /* operation_count of them */
    _Atomic uint64_t retries;
};

enum { BASE_MANAGER_MAGIC = 0x6d616e61 };

/* For implementations: prepares and frees the shared part. */
bool base_manager_init(struct base_manager *manager, const struct base_manager_ops *ops,
                       enum manager_role role, const struct seams *seams,
                       const struct logger *logger, ecommerce_error *err) MUST_CHECK;
void base_manager_release(struct base_manager *manager);

bool manager_ping(struct base_manager *manager, int64_t deadline, ecommerce_error *err) MUST_CHECK;
/* {role, kind, address, state: "up"|"down", breaker, latency …, error}: one entry of `health`. Adds
 * fields to the open document; waits for the store no longer than the deadline. */
void manager_health(struct base_manager *manager, int64_t deadline, struct doc_builder *out);
/* Per operation: calls, errors by class, p50, p99: one entry of `metrics`. Adds fields to the open
 * document; operations that were never called are left out. */
void manager_metrics(const struct base_manager *manager, struct doc_builder *out);
/* Closes and clears; NULL allowed. */
void manager_close(struct base_manager **manager);
static inline bool manager_can(const struct base_manager *manager, enum manager_capability what)
{
    return (manager->capabilities & (unsigned)what) != 0;
}

/* ---- requests ---- */

struct store_request {
    struct lane_request lane; /* first, so that a lane's batch is cast back */
    unsigned operation;       /* of the role's enum */
    int64_t deadline;         /* monotonic */
    int64_t started;          /* set by submit; 0: refused before anything was sent */
    struct arena *arena;      /* outputs are allocated here; the caller's */
    bool ok;                  /* after wait */
    ecommerce_error error;    /* after wait, when !ok */
};

/* Counts a finished request in the manager's statistics and feeds the breaker; called once by each
 * wait. What was refused before it was sent counts as a call, but says nothing about the store. */
void manager_finish(struct base_manager *manager, const struct store_request *request);

enum breaker_state breaker_state_of(struct breaker *breaker, int64_t now);
/* False with UNAVAILABLE and retry_after while open. For stores behind a wire: who was allowed
 * reports back by breaker_result (manager_finish does). */
bool breaker_allow(struct breaker *breaker, const struct seams *seams,
                   ecommerce_error *err) MUST_CHECK;
void breaker_result(struct breaker *breaker, const struct seams *seams, bool store_failed);

/* ---- retry ---- */

/* Operations are repeated as they are: only what is idempotent may be retried, which all of them
 * are after an error of class RETRYABLE (nothing was changed). Start with attempt = 0.
 *
 * Full jitter (uniform between 0 and min(cap, base * 2^attempt)), bounded by the deadline and by a
 * budget: retries are at most a tenth of first tries plus ten a second, over the whole manager. */
struct retry {
    struct base_manager *manager;
    int64_t deadline;
    unsigned attempt;
};
/* True after a pause when the error may be retried in time; else false at once. */
bool retry_again(struct retry *retry, const ecommerce_error *err) MUST_CHECK;
