/*
 * lane.c - group commit without a worker thread.
 *
 * One thread at a time holds the lead (lane->led). It is never given up silently while somebody
 * sleeps: under the lock that ends a batch the leader either names a parked waiter as its successor
 * or finds that there is none, and then the next one to wait takes the lead itself.
 *
 * A thread sleeps at most once in lane_wait and is woken exactly once, either because its request
 * is done or because it was named leader (its request is not done and its waiter is cleared). So a
 * request and its parker stay valid until the one unpark that is owed to them, which is why unparks
 * need no lock.
 */
#include "support/lane.h"

#include "support/alloc.h"

#include <assert.h>

bool lane_init(struct lane *lane, const struct seams *seams, size_t max_batch, lane_run *run,
               void *context)
{
    assert(max_batch > 0);
    *lane = (struct lane){
        .max_batch = max_batch,
        .run = run,
        .context = context,
        .seams = seams,
    };
    lane->last = &lane->first;
    lane->batch = mem_zalloc(max_batch, sizeof(*lane->batch));
    if (!lane->batch)
        return false;
    if (pthread_mutex_init(&lane->lock, NULL) != 0) {
        mem_free(lane->batch);
        lane->batch = NULL;
        return false;
    }
    return true;
}

void lane_release(struct lane *lane)
{
    if (!lane->batch)
        return;
    assert(!lane->first && !lane->led);
    pthread_mutex_destroy(&lane->lock);
    mem_free(lane->batch);
    lane->batch = NULL;
}

void lane_submit(struct lane *lane, struct lane_request *request)
{
    *request = (struct lane_request){.queued = true};
    pthread_mutex_lock(&lane->lock);
    *lane->last = request;
    lane->last = &request->next;
    lane->waiting++;
    pthread_mutex_unlock(&lane->lock);
}

/* Moves the oldest requests into the batch. */
static size_t take_batch(struct lane *lane)
{
    size_t count = 0;
    while (lane->first && count < lane->max_batch) {
        struct lane_request *request = lane->first;
        lane->first = request->next;
        request->next = NULL;
        request->queued = false;
        lane->batch[count++] = request;
    }
    if (!lane->first)
        lane->last = &lane->first;
    lane->waiting -= count;
    lane->batches++;
    lane->requests += count;
    return count;
}

/* Marks the batch done and links those whose owners sleep; the others may be gone with the lock. */
static struct lane_request *finish_batch(struct lane *lane, size_t count)
{
    struct lane_request *sleepers = NULL;
    struct lane_request **end = &sleepers;
    for (size_t i = 0; i < count; i++) {
        struct lane_request *request = lane->batch[i];
        request->done = true;
        if (request->waiter) {
            *end = request;
            end = &request->next;
        }
    }
    return sleepers;
}

/* The first in the queue whose owner sleeps becomes the leader; without one the lane is idle. */
static struct parker *pass_lead(struct lane *lane)
{
    for (struct lane_request *request = lane->first; request; request = request->next) {
        if (request->waiter) {
            struct parker *successor = request->waiter;
            request->waiter = NULL;
            return successor;
        }
    }
    lane->led = false;
    return NULL;
}

/* A request may vanish as soon as its owner wakes, so its link is read before. */
static void wake_sleepers(const struct seams *seams, struct lane_request *sleepers)
{
    while (sleepers) {
        struct lane_request *next = sleepers->next;
        seams->unpark(seams->context, sleepers->waiter);
        sleepers = next;
    }
}

/* Runs batches until the leader's own request is done. Takes over the lock and lets it go. */
static void lead(struct lane *lane, const struct lane_request *own)
{
    const struct seams *seams = lane->seams;
    for (bool leading = true; leading;) {
        size_t count = take_batch(lane);
        assert(count > 0);
        pthread_mutex_unlock(&lane->lock);
        lane->run(lane->context, lane->batch, count);
        pthread_mutex_lock(&lane->lock);

        struct lane_request *sleepers = finish_batch(lane, count);
        leading = !own->done;
        struct parker *successor = leading ? NULL : pass_lead(lane);
        pthread_mutex_unlock(&lane->lock);
        /* The successor last: those woken before it may get their next request into its batch. */
        wake_sleepers(seams, sleepers);
        if (successor)
            seams->unpark(seams->context, successor);
        if (leading)
            pthread_mutex_lock(&lane->lock);
    }
}

void lane_wait(struct lane *lane, struct lane_request *request)
{
    pthread_mutex_lock(&lane->lock);
    if (!request->done && lane->led) {
        assert(!request->waiter);
        request->waiter = parker_self(lane->seams);
        struct parker *parker = request->waiter;
        pthread_mutex_unlock(&lane->lock);
        lane->seams->park(lane->seams->context, parker, NO_DEADLINE);
        pthread_mutex_lock(&lane->lock);
        assert(request->done || (!request->waiter && lane->led));
    }
    if (request->done) {
        pthread_mutex_unlock(&lane->lock);
        return;
    }
    lane->led = true;
    lead(lane, request);
}
