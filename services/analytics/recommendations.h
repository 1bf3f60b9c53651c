/*
 * recommendations.h - candidates of the graph role, filtered to what can be bought now.
 */
#pragma once

#include "services/shop.h"

/* kind as in graph_store.h; key: product or customer, STR_NONE for trending. Adds an array under
 * `name`:
 * [{product_id, name, price, score, reason}], in stock and not retired, at most `count`. When the
 * graph is away: the best sellers the time series knows, else an empty array; call->degraded says
 * so. */
bool recommendations_add(struct call *call, const char *name, enum recommendation_kind kind,
                         struct str key, size_t count, ecommerce_error *err) MUST_CHECK;
/* The operation `recommend`: checks the key, then {kind, recommendations: [...]}. */
bool recommendations_get(struct call *call, struct str kind, struct str key, size_t count,
                         ecommerce_error *err) MUST_CHECK;
