/*
 * lane.h - concurrent callers share one batch: the group-commit queue.
 *
 * Callers submit requests and wait. There is no worker thread: the first waiter that finds the lane
 * idle leads, takes what has gathered (at most max_batch), runs it as one batch in submission
 * order, gives each request its result, and passes the lead to another waiter. Alone, a caller runs
 * its own request at once without a thread switch; under load batches grow by themselves while the
 * leader's commit is on its way. (The shape of a write queue as in LevelDB's group commit.)
 *
 * A request is embedded in the caller's struct and lives until waited for; every submitted request
 * must be waited for. Any thread; a thread may have many requests in flight and wait for them in
 * any order. The batch function runs with no lock held and never in two threads at once.
 */
#pragma once

#include "support/compiler.h"
#include "support/seams.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct lane_request {
    struct lane_request *next; /* queue; the lane's lock */
    struct parker *waiter;     /* who waits for it; the lane's lock */
    bool queued;
    bool done; /* the lane's lock */
};

typedef void lane_run(void *context, struct lane_request **batch, size_t count);

struct lane {
    pthread_mutex_t lock;
    struct lane_request *first, **last;
    size_t waiting; /* queued requests */
    bool led;       /* a leader is at work */
    size_t max_batch;
    lane_run *run;
    void *context;
    const struct seams *seams;
    struct lane_request **batch; /* the leader's */
    uint64_t batches, requests;  /* counters; the lane's lock */
};

/* False when memory or locks have run out. max_batch > 0. */
bool lane_init(struct lane *lane, const struct seams *seams, size_t max_batch, lane_run *run,
               void *context) MUST_CHECK;
/* Nothing may be queued, nobody in lane_wait. A lane whose lane_init failed is allowed. */
void lane_release(struct lane *lane);
/* Sets all fields of the request. Nothing runs before somebody waits. */
void lane_submit(struct lane *lane, struct lane_request *request);
/* Returns once the request has been run, perhaps by this very call; by one thread a request. */
void lane_wait(struct lane *lane, struct lane_request *request);
