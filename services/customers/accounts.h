/*
 * accounts.h - who may come in: customers' logins, staff accounts, API keys.
 *
 * Where things are stored:
 *
 * - COLLECTION_UNIQUE "login:<customer id>" {customer_id, password, verified_email, created_at,
 *   changed_at, verify_token, reset_token}: beside the claim on the e-mail address, which leads to
 *   the customer, so that a change of address needs no change here.
 *
 * - COLLECTION_UNIQUE "token:<SHA-256>" {kind, customer_id, email, expires_at}: a one-time token;
 *   erasing it is using it, so that only one call can.
 *
 * - COLLECTION_SHOP "api_keys" {api_keys [{key_id, hash, name, role, scopes, created_at,
 *   revoked_at}]}, and "staff" {staff [{staff_id, name, role, password, disabled, created_at}]}.
 *
 * Passwords are kept as argon2id hashes (PHC strings of libsodium, 19 MiB and two passes) and
 * hashed again at a log-in when the parameters have risen. At most HASHERS threads of a process
 * hash at a time; when too many wait, OVERLOADED. Of tokens and keys only the SHA-256 is kept; they
 * are 256 random bits, so that needs no salt.
 *
 * Tokens, keys and sessions are in answers for whoever sends or shows them: a door that serves
 * strangers must pass on neither `verification_token` nor `reset_token` but mail them. Limits on
 * how often somebody may try belong to the doors. Changes of accounts and keys leave audit lines
 * (never a secret in them).
 */
#pragma once

#include "services/customers/sessions.h"
#include "services/shop.h"

enum {
    HASHERS = 2,
    HASHERS_WAITING = 64,
    PASSWORD_MIN = 8,
    PASSWORD_MAX = 1024, /* bytes; any bytes */
    API_KEYS_MAX = 1000,
    STAFF_MAX = 1000,
};
#define VERIFY_TOKEN_LIFETIME INT64_C(172800000000) /* 2 d */
#define RESET_TOKEN_LIFETIME INT64_C(3600000000)    /* 1 h */

/* ---- customers ---- */

/* A new customer with a login. profile: further fields, or empty. Answer: {customer_id,
 * verification_token}. Errors: INVALID_ARGUMENT ("password", "email"), ALREADY_EXISTS. */
bool accounts_register(struct call *call, struct str email, struct str password, struct doc profile,
                       ecommerce_error *err) MUST_CHECK;
/* Answer: {customer_id, verified: true}. EXPIRED: unknown, used, or too old, alike. */
bool accounts_verify_email(struct call *call, struct str token, ecommerce_error *err) MUST_CHECK;
/* Begins a session; answer as sessions_begin with {customer_id, email_verified}. Unknown addresses
 * and wrong passwords answer the same NOT_FOUND after the same work. */
bool accounts_log_in(struct call *call, struct str email, struct str password,
                     ecommerce_error *err) MUST_CHECK;
bool accounts_log_out(struct call *call, struct str token, ecommerce_error *err) MUST_CHECK;
/* Ends all sessions of the session's customer or staff account. Answer: {ended: number}. */
bool accounts_log_out_everywhere(struct call *call, struct str token,
                                 ecommerce_error *err) MUST_CHECK;
/* Answer: {accepted: true} for any address, and {customer_id, email, reset_token} when there is
 * something to mail. A new request makes the token before it void. */
bool accounts_request_password_reset(struct call *call, struct str email,
                                     ecommerce_error *err) MUST_CHECK;
/* Sets the password (makes a login for a customer who had none) and ends all sessions. Having got
 * the mail proves the address too. Answer: {customer_id, ended}. EXPIRED as above. */
bool accounts_reset_password(struct call *call, struct str token, struct str password,
                             ecommerce_error *err) MUST_CHECK;
/* For the erasure of a customer: login and its open tokens. */
bool accounts_erase_login(struct call *call, struct str customer_id,
                          ecommerce_error *err) MUST_CHECK;

/* ---- staff ---- */

/* Creates or changes. role: "staff" or "admin". password: STR_NONE leaves it. A change of role or
 * password, or disabling, ends the account's sessions. Answer: the account, without its hash. */
bool staff_put(struct call *call, struct str staff_id, struct str name, struct str role,
               struct str password, ecommerce_error *err) MUST_CHECK;
bool staff_disable(struct call *call, struct str staff_id, ecommerce_error *err) MUST_CHECK;
/* Answer: {staff: [...]}. */
bool staff_list(struct call *call, ecommerce_error *err) MUST_CHECK;
/* As accounts_log_in, for staff. */
bool staff_log_in(struct call *call, struct str staff_id, struct str password,
                  ecommerce_error *err) MUST_CHECK;

/* ---- API keys ---- */

/* role: "customer" (what a storefront may), "staff", "admin". scopes: names, each [a-z_:.] up to
 * 64; none: all that the role may. Answer: {key_id, key, name, role, scopes}; the key is never
 * shown again. */
bool api_keys_create(struct call *call, struct str name, struct str role, const struct str *scopes,
                     size_t scope_count, ecommerce_error *err) MUST_CHECK;
/* Answer: {keys: [{key_id, name, role, scopes, created_at, revoked_at}]}. */
bool api_keys_list(struct call *call, ecommerce_error *err) MUST_CHECK;
/* Revoking again is no error. Answer: {key_id, revoked: true}. */
bool api_keys_revoke(struct call *call, struct str key_id, ecommerce_error *err) MUST_CHECK;

struct api_key {
    struct str key_id;
    struct str name;
    struct str role;
    struct doc scopes; /* array of texts; empty: all that the role may */
};
/* For the doors: whose key is this? EXPIRED: unknown or revoked, alike. Views in the arena. */
bool api_keys_check(struct call *call, struct str key, struct api_key *found,
                    ecommerce_error *err) MUST_CHECK;
