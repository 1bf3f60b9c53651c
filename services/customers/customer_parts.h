/*
 * customer_parts.h - how the files of the customer service hang together:
 *
 *   customers.c        put, patch, get
 *   customer_email.c   e-mail addresses and their claims
 *   customer_erase.c   erasing and exporting
 */
#pragma once

#include "services/customers/customers.h"

/* What a call knows of a claim. */
struct claim {
    struct str id; /* "email:..."; STR_NONE: no e-mail */
    bool found;
    int64_t version; /* as read or written last */
    bool was_mine;   /* claim_take: it was this customer's before */
};

/* How the claim on an address stands before the profile is written; `email` may be STR_NONE. */
bool claim_read(struct call *call, struct str email, struct claim *claim,
                ecommerce_error *err) MUST_CHECK;
/* Makes it this customer's. *claim becomes what claim_release needs to undo it, which is right only
 * when !was_mine: another call of the same customer may count on it otherwise. ALREADY_EXISTS when
 * it is another's. */
bool claim_take(struct call *call, struct str email, struct str customer_id, struct claim *claim,
                ecommerce_error *err) MUST_CHECK;
/* Gives it up unless it changed since *claim was read; best effort: what stays is taken over later.
 */
void claim_release(struct call *call, const struct claim *claim);

bool customer_is_erased(struct doc customer);
/* The customer's document; NOT_FOUND when there is none. */
bool customer_load(struct call *call, struct str customer_id, struct stored_document *stored,
                   ecommerce_error *err) MUST_CHECK;
/* The document as the doors show it, into the open level. */
void customer_show(struct call *call, struct doc customer, int64_t version);
