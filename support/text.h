/*
 * text.h - a growing text with a maximum and a sticky failure: append many, check once.
 *
 * After a failure (heap or maximum) further appends do nothing and text_ok is false. The content
 * always ends in a NUL byte that is not counted. Zero-initialised structs are valid, without
 * maximum.
 */
#pragma once

#include "support/compiler.h"
#include "support/str.h"

#include <stdint.h>

struct text {
    char *ptr; /* owned; NULL while empty */
    size_t len;
    size_t capacity;
    size_t maximum; /* 0 = none */
    bool failed;
};

void text_init(struct text *text, size_t maximum);
void text_add(struct text *text, struct str s);
void text_adds(struct text *text, const char *s);
void text_add_char(struct text *text, char c);
void text_add_int(struct text *text, int64_t value);
void text_printf(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
/* As a JSON string with its quotes (RFC 8259 section 7); invalid UTF-8 becomes U+FFFD. */
void text_add_json(struct text *text, struct str s);
bool text_ok(const struct text *text) MUST_CHECK;
struct str text_str(const struct text *text);   /* valid until the next append */
const char *text_cstr(const struct text *text); /* never NULL */
void text_clear(struct text *text);             /* empty and not failed; keeps the memory */
void text_release(struct text *text);
