/*
 * ids.h - identifiers: text of 1 to 64 bytes.
 *
 * Ids from callers: printable ASCII or UTF-8 without control characters, white space at the ends,
 * or a leading '$'. Generated ids are UUIDs (RFC 9562): version 7 (time-ordered), and version 8
 * made of a SHA-256 where an id must be the same each time for the same input.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/seams.h"
#include "support/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ID_MAX = 64, UUID_TEXT = 36, SHA256_BYTES = 32 };

struct id {
    char text[ID_MAX + 1];
};

/* `field` names the argument in the error. */
bool id_check(struct str id, const char *field, ecommerce_error *err) MUST_CHECK;
/* UUIDv7. Each one made by this process is greater than the one before, byte-wise, also when the
 * clock stands still or goes back. Any thread. */
void id_new(const struct seams *seams, struct id *id);
/* For simulations, before a run: the next id depends on its seams alone, not on earlier runs. */
void id_forget_last(void);
/* UUIDv8 of the SHA-256 over the parts, each preceded by its length, so that ("ab","c") and
 * ("a","bc") differ. */
void id_derive(struct id *id, const struct str *parts, size_t count);

struct sha256 {
    uint8_t bytes[SHA256_BYTES];
};
void sha256_of(struct sha256 *hash, const void *bytes, size_t size);
void hex_encode(const uint8_t *bytes, size_t size, char *text); /* writes 2*size+1 bytes */
/* 256 random bits as 43 characters of base64url (RFC 4648 section 5); buffer of 44. */
void token_new(const struct seams *seams, char *text);
