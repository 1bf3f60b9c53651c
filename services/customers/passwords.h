/*
 * passwords.h - argon2id hashes of passwords, few at a time.
 *
 * A hash costs 19 MiB and tens of milliseconds; at most HASHERS (accounts.h) run in a process at a
 * time, and a bounded number of threads waits for its turn.
 */
#pragma once

#include "services/customers/accounts.h"

enum { PASSWORD_HASH_TEXT = 128 };

/* Length, and not one of the passwords that are tried first. */
bool password_check(struct str password, ecommerce_error *err) MUST_CHECK;
/* OVERLOADED, OUT_OF_MEMORY. */
bool password_hash(struct str password, char hash[PASSWORD_HASH_TEXT],
                   ecommerce_error *err) MUST_CHECK;
/* *right: the password is the one of this hash. hash STR_NONE: there is none to be right, which
 * takes the same work. *weak (may be NULL): right, and to be hashed again with today's parameters.
 */
bool password_verify(struct str password, struct str hash, bool *right, bool *weak,
                     ecommerce_error *err) MUST_CHECK;
