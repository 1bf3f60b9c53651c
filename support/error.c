/*
 * error.c - the table of codes, and filling an ecommerce_error from it.
 */
#include "support/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct error_row {
    const char *name;
    enum ecommerce_error_class class;
    int http_status;
    int exit_status;
};

static const struct error_row rows[ECOMMERCE_ERROR_CODES] = {
    [ECOMMERCE_OK] = {"ok", ECOMMERCE_CLASS_NONE, 200, 0},
#define X(identifier, name, class, http, exit, meaning)                                            \
    [ECOMMERCE_##identifier] = {name, ECOMMERCE_CLASS_##class, http, exit},
    ECOMMERCE_ERRORS(X)
#undef X
};

/* A code from outside the table is a caller's mistake that must not crash its host. */
static const struct error_row *row_of(enum ecommerce_error_code code)
{
    return (unsigned)code < ECOMMERCE_ERROR_CODES ? &rows[code] : &rows[ECOMMERCE_INTERNAL];
}

const char *ecommerce_error_name(enum ecommerce_error_code code)
{
    return row_of(code)->name;
}

enum ecommerce_error_class ecommerce_error_class_of(enum ecommerce_error_code code)
{
    return row_of(code)->class;
}

int ecommerce_error_http_status(enum ecommerce_error_code code)
{
    return row_of(code)->http_status;
}

int ecommerce_error_exit_status(enum ecommerce_error_code code)
{
    return row_of(code)->exit_status;
}

/* Bytes of `text` that fit into `size` with a NUL byte, no UTF-8 character cut in two. */
static size_t fitting(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    if (length < size)
        return length;
    for (length = size - 1; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
        length--;
    return length;
}

/* Messages quote what callers sent. Control characters, those of U+0080 to U+009F too, could make a
 * terminal act or a log have lines that nobody wrote. */
static bool is_control(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;
    return byte[0] < 0x20 || byte[0] == 0x7f ||
           (byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] <= 0x9f);
}

static void copy_cut(char *to, size_t size, const char *from)
{
    size_t length = fitting(from, size), used = 0;
    for (size_t i = 0; i < length; i++) {
        bool control = is_control(from + i);
        to[used++] = control ? '?' : from[i];
        i += control && (unsigned char)from[i] == 0xc2 ? 1 : 0;
    }
    to[used] = '\0';
}

/* Through buffers of its own, so that the arguments may point into err itself: the sentence for a
 * caller is often made around the one that a layer below has left there. They are longer than what
 * they go to, so that it is copy_cut that cuts. */
static void fill(ecommerce_error *err, enum ecommerce_error_code code, const char *field,
                 const char *format, va_list arguments)
{
    char message[sizeof(err->message) + 4], name[sizeof(err->field) + 4];
    if (!err)
        return;
    vsnprintf(message, sizeof(message), format, arguments);
    snprintf(name, sizeof(name), "%s", field);
    err->code = code;
    err->subject[0] = '\0';
    err->retry_after = ecommerce_error_class_of(code) == ECOMMERCE_CLASS_RETRYABLE ? 1.0 : 0.0;
    copy_cut(err->field, sizeof(err->field), name);
    copy_cut(err->message, sizeof(err->message), message);
}

bool error_set(ecommerce_error *err, enum ecommerce_error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(err, code, "", format, arguments);
    va_end(arguments);
    return false;
}

bool error_field(ecommerce_error *err, enum ecommerce_error_code code, const char *field,
                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(err, code, field, format, arguments);
    va_end(arguments);
    return false;
}

bool error_under(ecommerce_error *err, const char *format, ...)
{
    /* Longer than a field, so that nothing but copy_cut cuts what will be seen. */
    char prefix[sizeof(err->field) + 4], whole[2 * sizeof(err->field) + 8];
    if (!err)
        return false;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(prefix, sizeof(prefix), format, arguments);
    va_end(arguments);
    bool joined = err->field[0] == '\0' || err->field[0] == '[' || prefix[0] == '\0';
    snprintf(whole, sizeof(whole), "%s%s%s", prefix, joined ? "" : ".", err->field);
    copy_cut(err->field, sizeof(err->field), whole);
    return false;
}

bool error_memory(ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_OUT_OF_MEMORY, "not enough memory for this at the moment");
}

bool error_is_retryable(const ecommerce_error *err)
{
    return err && ecommerce_error_class_of(err->code) == ECOMMERCE_CLASS_RETRYABLE;
}

void error_clear(ecommerce_error *err)
{
    if (err)
        *err = (ecommerce_error){.code = ECOMMERCE_OK};
}
