/*
 * str.h - a string view: pointer and length, nothing owned. May hold NUL bytes and need not end in
 * one. An absent string has ptr == NULL; an empty one has ptr != NULL and len == 0.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

#define STR(literal) ((struct str){.ptr = ("" literal), .len = sizeof(literal) - 1})
#define STR_NONE ((struct str){.ptr = NULL, .len = 0})
/* For printf: printf("%.*s", STR_ARG(s)) */
#define STR_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""

static inline struct str str_of(const char *text)
{
    return (struct str){.ptr = text, .len = text ? strlen(text) : 0};
}

static inline struct str str_make(const void *ptr, size_t len)
{
    return (struct str){.ptr = ptr, .len = len};
}

static inline bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_is(struct str a, const char *text)
{
    return str_equal(a, str_of(text));
}

/* Byte-wise order, a shorter prefix first; what "ties go by id" means everywhere. */
int str_compare(struct str a, struct str b);
bool str_starts_with(struct str s, struct str prefix);
struct str str_trim(struct str s); /* ASCII white space off both ends */
/* Strict UTF-8 (RFC 3629: no surrogates, no overlong forms, no NUL byte). */
bool str_is_utf8(struct str s);
/* Bytes of the character that s begins with, 1 to 4; 0 when s is empty or begins with no such. */
size_t str_utf8_length(struct str s);
/* Whole of s is an optional '-' and digits that fit; all else is false and *value untouched. */
bool str_to_int64(struct str s, long long *value);
/* FNV-1a, 64 bit: for hash tables inside one process, never stored. */
unsigned long long str_hash(struct str s);
