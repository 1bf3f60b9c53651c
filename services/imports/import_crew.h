/*
 * import_crew.h - how an import drives the services: many short calls, side by side, each repeated
 * until its outcome is known.
 *
 * An import is one long call of an operation that makes thousands of short ones. Each of those has
 * memory and a deadline of its own, as if a client had sent it. They run in IMPORT_THREADS threads
 * at once, because calls that wait at the same time share the stores' commits: what limits an
 * import is the number of commits, not the processor.
 *
 * What becomes of one of them is by the class of its error. A refusal is counted and the import
 * goes on. "Not now" and "outcome unknown" are repeated with the same key for IMPORT_PATIENCE; a
 * store that is still away then, and every other error, ends the import, which can be run again:
 * what is done has its idempotency key and is not done twice.
 */
#pragma once

#include "services/shop.h"

enum { IMPORT_THREADS = 32, IMPORT_EXAMPLE = 200 };
#define IMPORT_PATIENCE (INT64_C(60) * MICROSECONDS)

/* What became of many calls of a kind. Zeroed it is empty. */
struct import_tally {
    int64_t done;      /* had its effect now */
    int64_t unchanged; /* had it before: call->replayed */
    int64_t refused;
    struct {
        int64_t count;
        char example[IMPORT_EXAMPLE]; /* the first one's message */
    } by_code[ECOMMERCE_ERROR_CODES];
};

void import_tally_refuse(struct import_tally *tally, const ecommerce_error *err);
/* "key": {done: n, unchanged: n, refused: n, refusals: [{code, count, example}]}, the first two
 * under the names given (NULL: left out); refusals only where there are some. */
void import_tally_add(struct doc_builder *out, const char *key, const struct import_tally *tally,
                      const char *done, const char *unchanged);

/* A call of the import's own, with the deadline of an order; ends with import_call_end. */
void import_call_begin(struct shop *shop, struct call *call, struct doc_builder *out);
/* The same call anew: what it read and answered is gone. */
void import_call_again(struct call *call);
void import_call_end(struct call *call);

/* Does item `index`. Sets call->replayed when there was nothing to do. Whatever it notes elsewhere
 * belongs to this item: others run at the same time. May be called again for the same item. */
typedef bool import_work(void *context, size_t index, struct call *call, ecommerce_error *err);

/*
 * Does the items of all chains; returns when all are done. The items of a chain are done one after
 * the other, in order: chain c has the items starts[c] to starts[c + 1] - 1. starts NULL: each item
 * is a chain of its own. `outer` is the operation's call: its deadline is the import's. Refusals
 * are counted; false on an error that ends the import.
 */
bool import_crew_run(struct call *outer, const size_t *starts, size_t chains, import_work *work,
                     void *context, struct import_tally *tally, ecommerce_error *err) MUST_CHECK;
/* One item in this thread. */
bool import_one(struct call *outer, import_work *work, void *context, struct import_tally *tally,
                ecommerce_error *err) MUST_CHECK;

/* The outcome of a put that must be new (`ok`, `err`), where what is there already stays as the
 * shop has it now: ALREADY_EXISTS is no failure and nothing to do. */
bool import_new_or_there(struct call *call, bool ok, ecommerce_error *err);

/* May a call that failed so be repeated? Waits a moment then, longer from time to time; *since is
 * zero at the first failure. */
bool import_may_repeat(struct call *outer, const ecommerce_error *err, int64_t *since);

/* Lets the relay keep up. Between stretches of work. */
bool import_give_room(struct call *outer, ecommerce_error *err) MUST_CHECK;
/* Everything acknowledged so far is in analytics and recommendations, also what an import that was
 * killed left over. */
bool import_flush(struct call *outer, ecommerce_error *err) MUST_CHECK;

/* A line in the log every few seconds, for whoever waits. */
struct import_progress {
    const char *name; /* of the import, as the log's component */
    int64_t next;     /* monotonic */
};
void import_progress(struct call *outer, struct import_progress *progress, const char *what,
                     size_t done, size_t all);
