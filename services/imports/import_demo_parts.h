/* import_demo_parts.h - what the files of the demonstration's import share. Private to
 * import_demo*.c. */
#pragma once

#include "services/imports/import_crew.h"
#include "services/imports/import_demo.h"

enum { DEMO_STRETCH = 512 }; /* orders that are placed side by side */

struct demo_import {
    struct call *call; /* the operation's */
    const struct demo_plan *plan;
    struct import_progress progress;
    char (*order_ids)[UUID_TEXT + 1]; /* of each order; empty: refused, or not placed yet */
    int64_t refused_turnover;
    int64_t turnover; /* of the orders, as the engine computed it */

    struct import_tally categories, products, customers, movements, orders, changes;
    struct import_tally events, carts;
};

/* "demo-<seed>-<letter><number>", the key of one of the plan's things; in the arena. */
bool demo_key(const struct demo_import *import, struct arena *arena, char letter, size_t number,
              struct str *key, ecommerce_error *err) MUST_CHECK;

/* Categories, products, customers. */
bool demo_import_catalog(struct demo_import *import, ecommerce_error *err) MUST_CHECK;
/* Stock, orders, changes, returns, in stretches. */
bool demo_import_history(struct demo_import *import, ecommerce_error *err) MUST_CHECK;
/* What customers looked at, and what lies in carts. */
bool demo_import_behaviour(struct demo_import *import, ecommerce_error *err) MUST_CHECK;
