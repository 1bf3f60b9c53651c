/*
 * relay.h - brings valid orders, changes and movements to the counters, the time series and the
 * graph, each exactly once in effect, and takes their marks off.
 *
 * The truth of "delivered" is in the target (applied ids in the transaction of the effect); the
 * mark in the documents is a hint that saves looking. Order of work for a batch: stock (settle or
 * credit), then both targets at once, then all marks that succeeded in one update. A fact whose
 * delivery fails is deferred with a growing pause and, after the setting orders.park_after failures
 * for reasons of its own, parked with the reason; others pass. A store that is away parks nothing.
 */
#pragma once

#include "services/orders/order_runtime.h"

enum fact_kind { FACT_ORDER, FACT_CHANGE, FACT_MOVEMENT };

/* Hands a judged, acknowledged order (or an inserted change or movement) over; copies the document.
 * Never blocks and never fails: what does not fit keeps its marks and is found by the scan. */
void relay_hand_over(struct shop *shop, enum fact_kind kind, const struct stored_document *fact);
/* Waits until the queue has room (bulk loads) or the deadline. */
void relay_wait_for_room(struct shop *shop, int64_t deadline);

/* Takes at most a batch from the queue and delivers it; *worked false: the queue was empty. */
bool relay_step(struct call *call, bool *worked, ecommerce_error *err) MUST_CHECK;
/* Delivers what others left: facts with marks whose owner is past its deadline and grace, and
 * deferred ones that are due. *found counts what was tried. */
bool relay_scan(struct call *call, size_t *found, ecommerce_error *err) MUST_CHECK;
/* Delivers everything that is due and handed over, in this thread (close, tests, commands). */
bool relay_drain(struct call *call, ecommerce_error *err) MUST_CHECK;

/* Operations. */
bool relay_parked_list(struct call *call, size_t limit, ecommerce_error *err) MUST_CHECK;
bool relay_parked_replay(struct call *call, struct str id, ecommerce_error *err) MUST_CHECK;
bool relay_parked_drop(struct call *call, struct str id, struct str reason,
                       ecommerce_error *err) MUST_CHECK;
