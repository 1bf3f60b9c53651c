/*
 * ids.c - checking ids from outside, and making our own.
 */
#include "support/ids.h"

#include "support/error.h"

#include <assert.h>
#include <sodium.h>
#include <stdatomic.h>

enum { UUID_BYTES = 16, TOKEN_BYTES = 32, TOKEN_TEXT = 43 };

/* The code point that begins at `at`; its length in bytes in *size. The text is valid UTF-8. */
static uint32_t code_point(struct str s, size_t at, size_t *size)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t count = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    uint32_t value = count == 1 ? p[0] : p[0] & (0x7FU >> count);
    assert(at + count <= s.len);
    for (size_t i = 1; i < count; i++)
        value = value << 6 | (p[i] & 0x3FU);
    *size = count;
    return value;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

/* NULL when the text may be an id, else what is wrong with it. */
static const char *id_fault(struct str id)
{
    if (id.len == 0)
        return "must not be empty";
    if (id.len > ID_MAX)
        return "is longer than 64 bytes";
    if (!str_is_utf8(id))
        return "is not valid UTF-8";
    if (id.ptr[0] == '$')
        return "must not begin with '$'";

    uint32_t c = 0;
    for (size_t at = 0, size; at < id.len; at += size) {
        c = code_point(id, at, &size);
        if (is_control(c))
            return "must not hold control characters";
        if (at == 0 && is_space(c))
            return "must not begin with white space";
    }
    return is_space(c) ? "must not end in white space" : NULL;
}

bool id_check(struct str id, const char *field, ecommerce_error *err)
{
    const char *fault = id_fault(id);
    return !fault || error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "the id %s", fault);
}

void hex_encode(const uint8_t *bytes, size_t size, char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = '\0';
}

/* Sets version and variant (RFC 9562 section 4) and writes 8-4-4-4-12. */
static void uuid_format(uint8_t bytes[UUID_BYTES], unsigned version, struct id *id)
{
    static const size_t groups[] = {4, 2, 2, 2, 6};
    bytes[6] = (uint8_t)((bytes[6] & 0x0F) | version << 4);
    bytes[8] = (uint8_t)((bytes[8] & 0x3F) | 0x80);

    char *text = id->text;
    for (size_t i = 0; i < ARRAY_LENGTH(groups); i++) {
        hex_encode(bytes, groups[i], text);
        bytes += groups[i];
        text += 2 * groups[i];
        if (i + 1 < ARRAY_LENGTH(groups))
            *text++ = '-';
    }
    assert(text == id->text + UUID_TEXT);
}

/* 1/4096 ms since 1970: the 60 bits that version 7 sorts by (RFC 9562 section 6.2, method 3). */
static _Atomic uint64_t last_tick;

/* The present tick, or the one after the last where the clock stands still or went back. */
static uint64_t next_tick(const struct seams *seams)
{
    int64_t wall = seams_wall(seams);
    uint64_t now = wall > 0 ? (uint64_t)wall : 0;
    uint64_t tick = now / 1000 << 12 | (now % 1000 << 12) / 1000;
    uint64_t last = atomic_load_explicit(&last_tick, memory_order_relaxed);
    uint64_t next;
    do {
        next = tick > last ? tick : last + 1;
    } while (!atomic_compare_exchange_weak_explicit(&last_tick, &last, next, memory_order_relaxed,
                                                    memory_order_relaxed));
    return next;
}

void id_new(const struct seams *seams, struct id *id)
{
    uint8_t bytes[UUID_BYTES];
    uint64_t tick = next_tick(seams);
    uint64_t milliseconds = tick >> 12;
    for (int i = 0; i < 6; i++)
        bytes[i] = (uint8_t)(milliseconds >> (40 - 8 * i));
    bytes[6] = (uint8_t)(tick >> 8 & 0x0F);
    bytes[7] = (uint8_t)tick;
    seams_random(seams, bytes + 8, UUID_BYTES - 8);
    uuid_format(bytes, 7, id);
}

void id_forget_last(void)
{
    atomic_store(&last_tick, 0);
}

void id_derive(struct id *id, const struct str *parts, size_t count)
{
    crypto_hash_sha256_state state;
    struct sha256 hash;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++) {
        uint8_t length[8];
        for (int at = 0; at < 8; at++)
            length[at] = (uint8_t)((uint64_t)parts[i].len >> (56 - 8 * at));
        crypto_hash_sha256_update(&state, length, sizeof(length));
        crypto_hash_sha256_update(&state, (const unsigned char *)parts[i].ptr, parts[i].len);
    }
    crypto_hash_sha256_final(&state, hash.bytes);
    uuid_format(hash.bytes, 8, id);
}

void sha256_of(struct sha256 *hash, const void *bytes, size_t size)
{
    static_assert(SHA256_BYTES == crypto_hash_sha256_BYTES, "SHA-256 has 32 bytes");
    crypto_hash_sha256(hash->bytes, bytes, size);
}

void token_new(const struct seams *seams, char *text)
{
    uint8_t secret[TOKEN_BYTES];
    seams_random(seams, secret, sizeof(secret));
    sodium_bin2base64(text, TOKEN_TEXT + 1, secret, sizeof(secret),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(secret, sizeof(secret));
}
