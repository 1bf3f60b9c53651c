/*
 * cart_parts.h - how the files of the cart service hang together:
 *
 *   carts.c          changing: add, set, remove, clear, merge
 *   cart_store.c     reading and writing the document
 *   cart_show.c      the answer, with live prices and stock
 *   cart_checkout.c  from cart to order; marks that were left over
 */
#pragma once

#include "services/carts/carts.h"
#include "services/catalog/catalog.h"

/* Time past its deadline for which a mark is left alone: what clocks of hosts may differ. */
#define CHECKOUT_MARGIN INT64_C(2000000)

struct cart_item {
    struct str item_id; /* variant's, or product's without variants */
    int64_t quantity;
    int64_t price_when_added;
    int64_t price_shown;
};

/* As read, changed in memory, written back under its version. Views and the array (with room for
 * one more item) are in the arena. */
struct cart {
    struct str cart_id;
    struct str incarnation; /* of this cart under this id: versions begin again in the next one */
    struct str customer_id; /* STR_NONE: a guest's */
    int64_t version;        /* 0: there is none */
    int64_t expires_at;
    struct cart_item *items;
    size_t item_count;
    struct str mark_key; /* STR_NONE: not being checked out */
    int64_t mark_deadline;
    int64_t mark_version; /* that is checked out: the one before the mark */
    struct str mark_request_key;
    int64_t last_version; /* of the checkout before; 0: none */
    struct str last_request_key, last_order_id;
    struct str merged; /* the guest's cart, with incarnation and version, that was merged last */
};

/* NOT_FOUND when it is not the asker's; ids are checked. */
bool cart_read(struct call *call, const struct cart_ref *ref, struct cart *cart,
               ecommerce_error *err) MUST_CHECK;
/* Under the version it was read with, which it raises. *written false: it changed meanwhile. */
bool cart_write(struct call *call, struct cart *cart, bool *written,
                ecommerce_error *err) MUST_CHECK;
bool cart_check_version(const struct cart_ref *ref, const struct cart *cart,
                        ecommerce_error *err) MUST_CHECK;
struct cart_item *cart_find(const struct cart *cart, struct str item_id);

/* The item as the shop sells it now; `wrong` is NULL or says why it cannot be bought. */
struct cart_offer {
    struct sellable sellable;
    const char *wrong;
    int64_t available; /* tracked items only; -1: not known */
    int64_t amount;
};
/* One for each item, in the arena. */
bool cart_offers(struct call *call, const struct cart *cart, struct cart_offer **offers,
                 ecommerce_error *err) MUST_CHECK;
/* Adds the answer; notes changed prices in the store when the cart is open. */
bool cart_show(struct call *call, struct cart *cart, ecommerce_error *err) MUST_CHECK;

/* Reads it and resolves a mark that was left over. CART_LOCKED when it is still being checked out
 * and `locked_is_fine` is false. *resolved: the order that a mark left over had placed, or
 * STR_NONE; may be NULL. */
bool cart_open(struct call *call, const struct cart_ref *ref, bool locked_is_fine,
               struct cart *cart, struct str *resolved, ecommerce_error *err) MUST_CHECK;
