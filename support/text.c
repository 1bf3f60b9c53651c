/*
 * text.c - appending to a growing text.
 */
#include "support/text.h"

#include "support/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 64, INT64_DIGITS = 20 };

void text_init(struct text *text, size_t maximum)
{
    *text = (struct text){.maximum = maximum};
}

/* Capacity doubles, so that n appended bytes are copied 2n times at most. */
static bool grow(struct text *text, size_t needed)
{
    size_t capacity = text->capacity ? text->capacity : FIRST_CAPACITY;
    while (capacity < needed)
        capacity = capacity > SIZE_MAX / 2 ? needed : capacity * 2;
    char *larger = mem_resize(text->ptr, capacity);
    if (!larger)
        return false;
    text->ptr = larger;
    text->capacity = capacity;
    return true;
}

/* Where `size` more bytes may be written, with room for the NUL byte after them; NULL on failure.
 */
static char *reserve(struct text *text, size_t size)
{
    size_t whole;
    if (text->failed)
        return NULL;
    if (__builtin_add_overflow(text->len, size, &whole) || whole == SIZE_MAX ||
        (text->maximum && whole > text->maximum) ||
        (whole >= text->capacity && !grow(text, whole + 1))) {
        text->failed = true;
        return NULL;
    }
    return text->ptr + text->len;
}

static void advance(struct text *text, size_t size)
{
    text->len += size;
    text->ptr[text->len] = '\0';
}

void text_add(struct text *text, struct str s)
{
    char *at = s.len > 0 ? reserve(text, s.len) : NULL;
    if (at) {
        memcpy(at, s.ptr, s.len);
        advance(text, s.len);
    }
}

void text_adds(struct text *text, const char *s)
{
    text_add(text, str_of(s));
}

void text_add_char(struct text *text, char c)
{
    char *at = reserve(text, 1);
    if (at) {
        *at = c;
        advance(text, 1);
    }
}

void text_add_int(struct text *text, int64_t value)
{
    char digits[INT64_DIGITS];
    size_t first = sizeof(digits);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do {
        digits[--first] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--first] = '-';
    text_add(text, str_make(digits + first, sizeof(digits) - first));
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        text->failed = true;
    char *at = length > 0 ? reserve(text, (size_t)length) : NULL;
    if (at) {
        vsnprintf(at, (size_t)length + 1, format, again);
        text->len += (size_t)length;
    }
    va_end(again);
    va_end(arguments);
}

/* Length of the run at the start of s that a JSON string holds as it is. */
static size_t plain_length(struct str s)
{
    size_t at = 0;
    while (at < s.len) {
        unsigned char c = (unsigned char)s.ptr[at];
        size_t length = c != '"' && c != '\\' && c >= 0x20;
        if (c >= 0x80)
            length = str_utf8_length(str_make(s.ptr + at, s.len - at));
        if (length == 0)
            return at;
        at += length;
    }
    return at;
}

static void add_escape(struct text *text, unsigned char c)
{
    static const char shorts[] = "\bb\ff\nn\rr\tt\"\"\\\\";
    const char *pair = c ? strchr(shorts, c) : NULL;
    if (c >= 0x80) {
        text_adds(text, "\xEF\xBF\xBD"); /* U+FFFD for a byte that is no UTF-8 */
    } else if (pair) {
        text_add_char(text, '\\');
        text_add_char(text, pair[1]);
    } else {
        text_printf(text, "\\u%04x", c);
    }
}

void text_add_json(struct text *text, struct str s)
{
    text_add_char(text, '"');
    while (s.len > 0) {
        size_t plain = plain_length(s);
        text_add(text, str_make(s.ptr, plain));
        if (plain < s.len)
            add_escape(text, (unsigned char)s.ptr[plain++]);
        s = str_make(s.ptr + plain, s.len - plain);
    }
    text_add_char(text, '"');
}

bool text_ok(const struct text *text)
{
    return !text->failed;
}

struct str text_str(const struct text *text)
{
    return str_make(text_cstr(text), text->len);
}

const char *text_cstr(const struct text *text)
{
    return text->ptr ? text->ptr : "";
}

void text_clear(struct text *text)
{
    text->len = 0;
    text->failed = false;
    if (text->ptr)
        text->ptr[0] = '\0';
}

void text_release(struct text *text)
{
    mem_free(text->ptr);
    *text = (struct text){.maximum = text->maximum};
}
