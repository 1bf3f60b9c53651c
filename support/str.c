/*
 * str.c - comparing, checking and converting string views.
 */
#include "support/str.h"

#include <stdint.h>

int str_compare(struct str a, struct str b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool str_starts_with(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_space(s.ptr[s.len - 1]))
        s.len--;
    while (s.len > 0 && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    return s;
}

static bool is_tail(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* The table of well-formed sequences in RFC 3629 section 4: only the second byte's range depends on
 * the first, which keeps out overlong forms, surrogates and what is above U+10FFFF. */
size_t str_utf8_length(struct str s)
{
    const unsigned char *byte = (const unsigned char *)s.ptr;
    if (s.len == 0)
        return 0;
    unsigned char first = byte[0];
    if (first < 0x80)
        return first != 0;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (s.len < length)
        return 0;
    unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (byte[1] < low || byte[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if (!is_tail(byte[i]))
            return 0;
    }
    return length;
}

/* Eight bytes that are all ASCII and not NUL: subtracting 1 from each borrows into a high bit only
 * where a byte is 0. */
static bool is_plain_word(const char *at)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return (((word - ones) | word) & highs) == 0;
}

bool str_is_utf8(struct str s)
{
    while (s.len > 0) {
        size_t length = sizeof(uint64_t);
        if (s.len < length || !is_plain_word(s.ptr))
            length = str_utf8_length(s);
        if (length == 0)
            return false;
        s.ptr += length;
        s.len -= length;
    }
    return true;
}

bool str_to_int64(struct str s, long long *value)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    long long sum = 0;
    if (s.len == negative)
        return false;
    /* Summed below zero, where the range is one larger: the least value needs no special case. */
    for (size_t i = negative; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, s.ptr[i] - '0', &sum))
            return false;
    }
    if (!negative && __builtin_sub_overflow(0, sum, &sum))
        return false;
    *value = sum;
    return true;
}

unsigned long long str_hash(struct str s)
{
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.ptr[i]) * 0x100000001B3u;
    return hash;
}
