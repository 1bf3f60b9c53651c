/*
 * sessions.h - sessions: a secret token that a client holds, and what the shop remembers under it.
 *
 * The token (256 random bits) is shown once, by begin. Stored, under SPACE_SESSIONS of the live
 * store, is only its SHA-256 in hex, which serves as the session's name in events and logs. A
 * session ends sessions.idle after its last use and sessions.absolute after its beginning,
 * whichever comes first; sessions may be lost with the live store. Using one writes at most once in
 * SESSION_TOUCH_EVERY or a tenth of sessions.idle, whichever is less, so that it may end that
 * much before its idle time is over, never after.
 *
 * A token that never was one, that was ended, or whose time is over: EXPIRED, with one sentence for
 * all, so that nobody learns which.
 *
 * Stored: {subject, role, began_at, used_at, data}.
 */
#pragma once

#include "services/shop.h"

enum { SESSION_HASH_TEXT = 2 * SHA256_BYTES + 1, SESSION_DATA_MAX = 16 * 1024 };
#define SESSION_TOUCH_EVERY INT64_C(60000000)

/* Views in the call's arena, but for `hash`. */
struct session {
    char hash[SESSION_HASH_TEXT];
    struct str customer_id; /* STR_NONE: a guest's, or of staff */
    struct str staff_id;    /* STR_NONE: not of staff */
    struct str role;        /* "guest", "customer", "staff", "admin" */
    struct doc data;
    int64_t began_at;
    int64_t used_at;    /* as written last */
    int64_t expires_at; /* unless it is used before */
    int64_t version;
};

enum session_kind { SESSION_GUEST, SESSION_CUSTOMER, SESSION_STAFF, SESSION_ADMIN };

/* subject: the customer's id, the staff account's; STR_NONE for SESSION_GUEST. Whether it exists is
 * the caller's business. Answer: {token, session, role, expires_at, ends_at}. */
bool sessions_begin(struct call *call, enum session_kind kind, struct str subject, struct doc data,
                    ecommerce_error *err) MUST_CHECK;

/* For other services and the doors: who is this? Counts as use. */
bool sessions_use(struct call *call, struct str token, struct session *session,
                  ecommerce_error *err) MUST_CHECK;

/* Answer of both: {session, role, customer_id | staff_id, data, began_at, used_at, expires_at,
 * ends_at}. get does not count as use; touch does. */
bool sessions_get(struct call *call, struct str token, ecommerce_error *err) MUST_CHECK;
bool sessions_touch(struct call *call, struct str token, ecommerce_error *err) MUST_CHECK;

/* The session's data replaced, or changed by a merge patch; counts as use. LIMIT_EXCEEDED beyond
 * SESSION_DATA_MAX bytes. Answer as that of touch. */
bool sessions_set_data(struct call *call, struct str token, struct doc data,
                       ecommerce_error *err) MUST_CHECK;
bool sessions_merge_data(struct call *call, struct str token, struct doc patch,
                         ecommerce_error *err) MUST_CHECK;

/* Answer: {ended: bool}; ending it again is no error. */
bool sessions_end(struct call *call, struct str token, ecommerce_error *err) MUST_CHECK;
/* All of a customer (or of a staff account). *ended: how many. The answer is not touched. */
bool sessions_end_all(struct call *call, enum session_kind kind, struct str subject, int64_t *ended,
                      ecommerce_error *err) MUST_CHECK;
/* Adds an array `name` with the customer's sessions as sessions_get shows them. */
bool sessions_add_all(struct call *call, const char *name, struct str customer_id,
                      ecommerce_error *err) MUST_CHECK;

/* Hex of the SHA-256 of a token, as stored. */
void token_hash(struct str token, char hash[SESSION_HASH_TEXT]);
