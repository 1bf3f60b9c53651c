/*
 * checker.h - do the four stores tell the same story? Each invariant is compared from the facts;
 * what differs is named exactly, and can be mended.
 *
 * Findings are rows {kind, store, id, expected, found, repair}:
 *   order_damaged        a document of an order, change or movement contradicts itself (never
 * repaired) order_unjudged       past deadline and grace, and nobody has judged it       -> the
 * sweeper's work is done delivery_overdue     marks that should be off -> the relay's work is done
 *   delivery_parked      needs an operator: `parked replay` or `parked drop`     -> none
 *   hold_overdue         a reservation older than deadline and grace             -> the sweeper's
 * work is done epoch_differs        the live store has not the newest epoch                 ->
 * stock counted again stock_differs        a counter is not what the facts say -> stock counted
 * again analytics_missing    a fact that the time series has not                     -> applied
 *   analytics_differs    its lines differ                                        -> analytics
 * rebuilt analytics_ghost      the time series knows a fact that the documents do not   ->
 * analytics rebuilt graph_missing, graph_differs, graph_ghost                                    ->
 * applied, or graph rebuilt state_differs        a derived state document is not the fold of the
 * facts   -> written again contact_orphaned     an address without its order -> erased
 *
 * The relay's work that is due is done first, so that what a killed process left a moment ago is no
 * finding: an overdue delivery or judgement is one that could not be made. It may run while the
 * shop sells: what differs is looked at again before it is reported.
 */
#pragma once

#include "services/shop.h"

struct check_options {
    bool repair;  /* mend what can be mended; each repair is a line of the audit log */
    bool dry_run; /* with repair: only say what would be done */
    size_t limit; /* findings listed; 0: 100. All are counted. */
};

/* Answer: {clean, checked: {orders, changes, movements, skus}, findings: [...], counts: {kind: n},
 * repaired: [...]}. */
bool checker_run(struct call *call, const struct check_options *options,
                 ecommerce_error *err) MUST_CHECK;

/* Beside the live ones, then swapped; orders go on meanwhile. Answer: {entries, changed: bool}. */
bool rebuild_analytics(struct call *call, ecommerce_error *err) MUST_CHECK;
bool rebuild_graph(struct call *call, ecommerce_error *err) MUST_CHECK;
