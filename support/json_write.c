/*
 * json_write.c - documents and numbers as JSON text.
 */
#include "support/json.h"

#include "support/timestamp.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- doubles ---- */

enum { MOST_DIGITS = 17, SAFE_DIGITS = 15 };

struct digits {
    char text[MOST_DIGITS + 1]; /* without zeros at the end */
    int count;
    int exponent; /* value = 0.text * 10^(exponent + 1) */
};

/* Takes apart what "%e" printed, whatever the locale puts between the first digit and the rest. */
static void take_digits(const char *printed, struct digits *digits)
{
    digits->count = 0;
    for (; *printed != 'e'; printed++) {
        if (*printed >= '0' && *printed <= '9')
            digits->text[digits->count++] = *printed;
    }
    while (digits->count > 1 && digits->text[digits->count - 1] == '0')
        digits->count--;
    digits->text[digits->count] = '\0';
    digits->exponent = (int)strtol(printed + 1, NULL, 10);
}

/* Any decimal of 15 digits survives the way through a normal double, so that a shorter one shows up
 * as zeros at the end of 15. Subnormal doubles hold fewer digits. */
static void shortest_digits(double magnitude, struct digits *digits)
{
    char printed[64];
    int precision = magnitude < DBL_MIN ? 1 : SAFE_DIGITS;
    for (;; precision++) {
        snprintf(printed, sizeof(printed), "%.*e", precision - 1, magnitude);
        if (precision == MOST_DIGITS || strtod(printed, NULL) == magnitude)
            break;
    }
    take_digits(printed, digits);
}

static void lay_out(const struct digits *digits, char *buffer, size_t size)
{
    static const char zeros[] = "000000000000000000000";
    const char *text = digits->text;
    int count = digits->count, whole = digits->exponent + 1; /* digits before the point */
    if (whole < -5 || whole > 21)
        snprintf(buffer, size, "%c%s%se%d", text[0], count > 1 ? "." : "", text + 1, whole - 1);
    else if (whole <= 0)
        snprintf(buffer, size, "0.%.*s%s", -whole, zeros, text);
    else if (whole >= count)
        snprintf(buffer, size, "%s%.*s.0", text, whole - count, zeros);
    else
        snprintf(buffer, size, "%.*s.%s", whole, text, text + whole);
}

/* Most doubles that a shop meets are decimals with few places. Whole number and power of ten are
 * exact as doubles and their quotient is rounded as strtod rounds, so that equal means that the
 * text reads back; with 15 digits at most there is no shorter one. */
static bool few_places(double magnitude, char *buffer, size_t size)
{
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    if (magnitude >= 1e9)
        return false;
    for (int places = 1; places < (int)ARRAY_LENGTH(powers); places++) {
        int64_t whole = (int64_t)(magnitude * powers[places] + 0.5);
        if ((double)whole / powers[places] == magnitude) {
            json_decimal(whole, -places, buffer, size);
            return true;
        }
    }
    return false;
}

void json_double(double value, char *buffer, size_t size)
{
    struct digits digits;
    assert(size >= 32);
    if (!isfinite(value)) {
        memcpy(buffer, "null", sizeof("null"));
        return;
    }
    if (signbit(value)) {
        *buffer++ = '-';
        size--;
        value = -value;
    }
    if (!few_places(value, buffer, size)) {
        shortest_digits(value, &digits);
        lay_out(&digits, buffer, size);
    }
}

/* ---- decimals ---- */

enum { MOST_DECIMALS = 40, MOST_ZEROS = 20 };

void json_decimal(int64_t coefficient, int exponent, char *buffer, size_t size)
{
    char digits[JSON_NUMBER_TEXT];
    size_t first = sizeof(digits);
    int point = -exponent; /* digits until it, counted from the last */
    uint64_t rest = coefficient < 0 ? -(uint64_t)coefficient : (uint64_t)coefficient;
    if (exponent < -MOST_DECIMALS || exponent > MOST_ZEROS) {
        snprintf(buffer, size, "%" PRId64 "e%d", coefficient, exponent);
        return;
    }
    digits[--first] = '\0';
    for (int zeros = rest > 0 ? exponent : 0; zeros > 0; zeros--)
        digits[--first] = '0';
    do {
        digits[--first] = (char)('0' + rest % 10);
        rest /= 10;
        if (--point == 0)
            digits[--first] = '.';
    } while (rest > 0 || point >= 0);
    if (coefficient < 0)
        digits[--first] = '-';
    assert(sizeof(digits) - first <= size);
    memcpy(buffer, digits + first, sizeof(digits) - first);
}

/* ---- binary ---- */

static void add_base64(struct text *text, struct str bytes)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    text_add_char(text, '"');
    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t left = bytes.len - at;
        const unsigned char *from = (const unsigned char *)bytes.ptr + at;
        unsigned bits = (unsigned)from[0] << 16 | (left > 1 ? (unsigned)from[1] << 8 : 0) |
                        (left > 2 ? from[2] : 0);
        char four[] = {letters[bits >> 18], letters[bits >> 12 & 63],
                       left > 1 ? letters[bits >> 6 & 63] : '=',
                       left > 2 ? letters[bits & 63] : '='};
        text_add(text, str_make(four, sizeof(four)));
    }
    text_add_char(text, '"');
}

/* ---- values ---- */

static void add_line(struct text *text, enum json_style style, int indent)
{
    if (style == JSON_COMPACT)
        return;
    text_add_char(text, '\n');
    for (int i = 0; i < indent; i++)
        text_add(text, STR("  "));
}

static void write_members(struct text *text, struct doc doc, bool is_array, enum json_style style,
                          int indent)
{
    struct doc_iter iter;
    bool any = false;
    text_add_char(text, is_array ? '[' : '{');
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter); any = true) {
        if (any)
            text_add_char(text, ',');
        add_line(text, style, indent + 1);
        if (!is_array) {
            text_add_json(text, iter.value.key);
            text_add(text, style == JSON_COMPACT ? STR(":") : STR(": "));
        }
        json_write_value(text, &iter.value, style, indent + 1);
    }
    if (any)
        add_line(text, style, indent);
    text_add_char(text, is_array ? ']' : '}');
}

static void write_time(struct text *text, int64_t microseconds)
{
    char time[TIMESTAMP_TEXT];
    timestamp_format(microseconds, time);
    text_add_json(text, str_of(time));
}

static void write_double(struct text *text, double value)
{
    char number[JSON_NUMBER_TEXT];
    json_double(value, number, sizeof(number));
    text_adds(text, number);
}

static void write_decimal(struct text *text, int64_t coefficient, int exponent)
{
    char number[JSON_NUMBER_TEXT];
    json_decimal(coefficient, exponent, number, sizeof(number));
    text_adds(text, number);
}

void json_write_value(struct text *text, const struct doc_value *value, enum json_style style,
                      int indent)
{
    switch (value->type) {
    case DOC_NONE:
    case DOC_NULL:
        text_add(text, STR("null"));
        break;
    case DOC_DOUBLE:
        write_double(text, value->number);
        break;
    case DOC_TEXT:
        text_add_json(text, value->text);
        break;
    case DOC_DOCUMENT:
    case DOC_ARRAY:
        write_members(text, value->child, value->type == DOC_ARRAY, style, indent);
        break;
    case DOC_BINARY:
        add_base64(text, value->text);
        break;
    case DOC_BOOL:
        text_add(text, value->boolean ? STR("true") : STR("false"));
        break;
    case DOC_TIME:
        write_time(text, value->integer);
        break;
    case DOC_INT:
        text_add_int(text, value->integer);
        break;
    case DOC_DECIMAL:
        write_decimal(text, value->decimal.coefficient, value->decimal.exponent);
        break;
    }
}

void json_write(struct text *text, struct doc doc, bool is_array, enum json_style style)
{
    write_members(text, doc, is_array, style, 0);
}
