/*
 * order_runtime.h - what the order services of one process keep between calls: the epoch they know,
 * the relay's queue, and the background thread.
 */
#pragma once

#include "services/orders/order_document.h"
#include "services/shop.h"

#include <pthread.h>
#include <stdatomic.h>

struct relay_item;

struct order_runtime {
    struct shop *shop;

    /* The newest epoch with a base that this process has seen, and the live store it names. A hint:
     * every reserve is checked by the live store, every order judged by the documents. */
    pthread_mutex_t epoch_lock;
    int64_t epoch;
    char live_identity[40];
    /* A sealed epoch without a base, and since when (monotonic) this process has seen it so. */
    int64_t sealed_epoch, sealed_since;

    /* Orders and changes handed over by callers, for the relay. Bounded: what does not fit is left
     * to the scan, which finds it by its marks. */
    pthread_mutex_t queue_lock;
    pthread_cond_t queue_changed; /* something came, something was taken, or stop */
    struct relay_item *queue_first, **queue_last;
    size_t queue_length;
    size_t in_delivery; /* taken by a deliverer that has not finished */
    bool stop;

    pthread_t thread;
    bool thread_runs;
    int64_t next_scan;  /* monotonic; the thread's */
    int64_t next_sweep; /* monotonic; the thread's */

    struct {
        _Atomic uint64_t placed, replayed, refused, voided, aborted;
        _Atomic uint64_t delivered, delivery_failures, parked, rebuilds, queue_overflows;
        _Atomic int64_t newest_delivered; /* wall clock at the delivery of the newest fact */
    } counters;
    struct id node; /* who we are in leases and seals */
};

/* The epoch this process knows; 0 before the first. */
int64_t order_runtime_epoch(struct order_runtime *runtime);

/* Opens the runtime: makes or finds the current epoch, rebuilds the live store when it is not the
 * one the newest base names or is older than the documents remember, then starts the background
 * thread when the setting relay.background says so. */
bool order_runtime_open(struct shop *shop, ecommerce_error *err) MUST_CHECK;
/* Delivers what is queued (bounded by the deadline; the rest keeps its marks) and stops the thread.
 */
void order_runtime_close(struct shop *shop, int64_t deadline);
