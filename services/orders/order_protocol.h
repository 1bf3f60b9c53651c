/*
 * order_protocol.h - the steps that make an order, and the attempt that walks through them.
 *
 *   check -> reserve -> insert -> judge -> placed            (each step for a whole batch at once)
 *              |          |         |
 *              |          |         +- void: next attempt under the next id
 *              |          +- taken: read it back (a twin, an aborted attempt, our own earlier
 * insert)
 *              +- out of stock, or any definite no: a keyed request first looks for its order
 *
 * The rule behind all of it: decide by unique insert, never by update.
 * docs/internals/order-protocol.md has the whole text with its reasons.
 */
#pragma once

#include "services/orders/epochs.h"
#include "services/orders/order_runtime.h"

enum attempt_step {
    STEP_RESERVE,
    STEP_INSERT,
    STEP_READ_BACK, /* the id is taken */
    STEP_JUDGE,
    STEP_REFUSE, /* a definite no unless an earlier attempt made the order */
    STEP_DONE,   /* result is final */
};

struct attempt {
    const struct order_request *request;
    struct order_result *result;
    enum attempt_step step;

    /* Of the request, the same in all attempts: */
    struct order order;       /* lines priced; order_id, epoch and attempt change */
    struct stock_line *stock; /* tracked quantities by sku: what is reserved */
    size_t stock_count;
    struct str scope; /* of the key */
    struct sha256 fingerprint;
    char number[16];
    ecommerce_error refusal; /* STEP_REFUSE: why */

    /* Of this attempt: */
    int64_t tries; /* attempt number, from 1 */
    struct id order_id;
    int64_t epoch; /* that the hold was made in; 0: nothing was reserved */
    bool held;
    struct live_status live;       /* as the reserve answered: the witness of the insert */
    bool insert_unanswered;        /* an insert of ours is out and may have happened */
    bool inserted;                 /* by us, acknowledged */
    bool contact_inserted;         /* by us */
    bool again;                    /* a store did not answer: the same request after a pause */
    struct stored_document stored; /* what is to be judged */

    struct live_request live_request;
    struct documents_request documents_request;
};

/* order_check.c: the request against limits and catalogue. A refusal that depends on the catalogue
 * (price, unknown, retired, limit) leaves the attempt in STEP_REFUSE, a malformed request fails it
 * at once (STEP_DONE); else STEP_RESERVE. */
void attempt_check(struct call *call, struct attempt *attempt);

/* The id of attempt number `tries`: derived from (shop, scope, key, tries), or new without a key.
 */
void attempt_name(struct call *call, struct attempt *attempt);

/* Definite failures of an attempt. */
void attempt_fail(struct attempt *attempt, const ecommerce_error *err);
void attempt_refuse(struct attempt *attempt, const ecommerce_error *err);

/* recovery.h's part of the protocol: brings the process to an epoch that the live store has. */

/* Judges an order that was read: a valid one returns true; a void one NOT_FOUND; undecided waits
 * until the deadline. An order whose stock mark is on is settled by the relay afterwards. */
bool orders_ensure_judged(struct call *call, const struct order *order,
                          ecommerce_error *err) MUST_CHECK;

/* Judges one, waiting for a base until the deadline; inserts the void change when void. */
bool protocol_judge(struct call *call, const struct order *order, enum judgement *judgement,
                    ecommerce_error *err) MUST_CHECK;
