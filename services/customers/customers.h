/*
 * customers.h - customers: profiles, their unique e-mail addresses, erasure and export.
 *
 * A customer as stored, and as given to put (without the fields marked *, which are ignored there):
 *   *customer_id, name, email, phone, country, addresses [{...}], *created_at, *changed_at,
 *   and any further field a shop wants ("free fields").
 * An erased one is {customer_id, erased: true, erased_at}: its id is never used again.
 *
 * E-mail addresses are trimmed and lower-cased, and belong to one customer at a time, by claims in
 * COLLECTION_UNIQUE: _id "email:ann@example.com", {customer_id, at}. The claim is made first, then
 * the profile is written, then an old claim is given up: first replaced by {released, at} under the
 * version it had when the profile was read (so that a change back in the meantime keeps it), then
 * erased. What a crashed call leaves over is a claim whose customer is absent or has another
 * address; it is taken over once it is older than CLAIM_SETTLED, longer than any call lasts.
 */
#pragma once

#include "services/catalog/catalog.h"
#include "services/shop.h"

enum { CUSTOMER_MAX_BYTES = 64 * 1024, EMAIL_MAX = 254 };
#define CLAIM_SETTLED INT64_C(60000000)

/* Creates or replaces; equal content writes nothing; an empty document makes a customer without
 * fields. Answer: the customer and {version, changed}. Errors: INVALID_ARGUMENT with the field,
 * ALREADY_EXISTS (the e-mail is another's; must_be_new; the id was erased), VERSION_CONFLICT. */
bool customers_put(struct call *call, struct str customer_id, struct doc customer,
                   const struct write_options *options, ecommerce_error *err) MUST_CHECK;
/* JSON merge patch (RFC 7396). NOT_FOUND; else as put. */
bool customers_patch(struct call *call, struct str customer_id, struct doc patch,
                     const struct write_options *options, ecommerce_error *err) MUST_CHECK;
/* Answer: the customer and {version}; of an erased one what is left. NOT_FOUND. */
bool customers_get(struct call *call, struct str customer_id, ecommerce_error *err) MUST_CHECK;
/* By e-mail address, however it is written. NOT_FOUND. */
bool customers_find_by_email(struct call *call, struct str email, ecommerce_error *err) MUST_CHECK;

/*
 * Takes the personal data away: profile, e-mail claim, login, contacts of the orders, carts,
 * sessions, and the customer's id out of events, sales and the graph. Orders stay: they are facts
 * and name only the id. Repeating it is no error and finishes what was interrupted; all stores have
 * to answer. Answer: {customer_id, erased, erased_at, changed, contacts, sessions}.
 */
bool customers_erase(struct call *call, struct str customer_id, ecommerce_error *err) MUST_CHECK;

/* All that is known of a customer in one document: {customer, orders [with contacts and changes],
 * carts, sessions, exported_at}. NOT_FOUND. */
bool customers_export(struct call *call, struct str customer_id, ecommerce_error *err) MUST_CHECK;

/* ---- for other services ---- */

/* Trims, lower-cases and checks: one '@', a local part of 1 to 64 bytes without white space,
 * control characters or quotes, a domain of dot-separated labels. In the arena. `field` is named in
 * the error. */
bool email_normalise(struct arena *arena, struct str email, const char *field, struct str *normal,
                     ecommerce_error *err) MUST_CHECK;
/* The customer who has a (normalised) e-mail address: claim and profile agree. */
bool customers_by_email(struct call *call, struct str email, struct stored_document *customer,
                        bool *found, ecommerce_error *err) MUST_CHECK;
