/*
 * order_changes.h - what happened to an order after it was placed: the fold of its changes, the one
 * table of transitions, and the append of the next change.
 *
 * A change is an insert under the id "order/n": of two at once one wins and the other folds again.
 */
#pragma once

#include "services/orders/order_document.h"

/* The order's state: a fold over its changes, oldest first. */
struct order_state {
    enum order_status status;
    int64_t changes;    /* how many there are */
    int64_t paid;       /* minor units */
    int64_t refund_due; /* what is due back to the customer, refunds made already taken off */
    int64_t refunded;
    int64_t *taken_back; /* quantity cancelled or returned, by index of the order's lines */
    struct order_change *history;
};

/* Reads all changes (decisively, one after the other until one is absent) and folds them. */
bool changes_fold(struct call *call, const struct order *order, struct order_state *state,
                  ecommerce_error *err) MUST_CHECK;
/* Is its first change the void one? (A void order takes no other.) */
bool changes_find_void(struct call *call, struct str order_id, bool *is_void,
                       ecommerce_error *err) MUST_CHECK;
/* Inserts order/1 void, unless it is there; then the order's marks come off. *won false: another
 * change is /1. */
bool changes_void(struct call *call, const struct order *order, bool *won,
                  ecommerce_error *err) MUST_CHECK;

/* Writes the derived document behind lists by status (COLLECTION_ORDER_STATES). */
bool changes_write_state(struct call *call, const struct order *order,
                         const struct order_state *state, ecommerce_error *err) MUST_CHECK;

/* The transition table. `shipping_unpaid` and `trusted` open one more each. */
bool transition_allowed(enum order_status from, enum change_kind change, bool shipping_unpaid,
                        bool trusted);
void order_state_show(struct doc_builder *out, const struct order *order,
                      const struct order_state *state, const struct currency *currency);
/* The derived document behind lists by status (COLLECTION_ORDER_STATES). */
void order_state_build(struct doc_builder *out, const struct order *order, enum order_status status,
                       int64_t changes);
