/* quantity.c - durations, sizes and decimal numbers as text. See quantity.h. */
#include "config/quantity.h"

#include <assert.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

struct unit {
    const char *name;
    int64_t factor;
};

/* Greatest first: the first one that divides a value exactly prints it. */
static const struct unit DURATIONS[] = {
    {"d", INT64_C(86400000000)},
    {"h", INT64_C(3600000000)},
    {"min", 60000000},
    {"s", 1000000},
    {"ms", 1000},
};

static const struct unit SIZES[] = {
    {"GiB", 1 << 30},
    {"MiB", 1 << 20},
    {"KiB", 1 << 10},
    {"B", 1},
};

static size_t count_digits(struct str text, size_t at)
{
    size_t first = at;
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
        at++;
    return at - first;
}

static bool parse(const struct unit *units, size_t count, struct str text, int64_t *value)
{
    size_t at = count_digits(text, 0);
    long long number;
    if (!str_to_int64(str_make(text.ptr, at), &number))
        return false;
    while (at < text.len && text.ptr[at] == ' ')
        at++;
    struct str unit = str_make(text.ptr + at, text.len - at);
    for (size_t i = 0; i < count; i++)
        if (str_is(unit, units[i].name))
            return !__builtin_mul_overflow((int64_t)number, units[i].factor, value);
    return false;
}

static void format(const struct unit *units, size_t count, int64_t value, struct text *out)
{
    assert(value > 0);
    size_t i = 0;
    while (i + 1 < count && value % units[i].factor != 0)
        i++;
    assert(value % units[i].factor == 0);
    text_printf(out, "%" PRId64 " %s", value / units[i].factor, units[i].name);
}

bool duration_parse(struct str text, int64_t *microseconds)
{
    return parse(DURATIONS, ARRAY_LENGTH(DURATIONS), text, microseconds);
}

void duration_format(int64_t microseconds, struct text *out)
{
    if (microseconds == 0)
        text_adds(out, "0 s");
    else
        format(DURATIONS, ARRAY_LENGTH(DURATIONS), microseconds, out);
}

bool size_parse(struct str text, int64_t *bytes)
{
    return parse(SIZES, ARRAY_LENGTH(SIZES), text, bytes);
}

void size_format(int64_t bytes, struct text *out)
{
    if (bytes == 0)
        text_adds(out, "0 B");
    else
        format(SIZES, ARRAY_LENGTH(SIZES), bytes, out);
}

static size_t count_sign(struct str text, size_t at)
{
    return at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+');
}

/* Digits with an optional sign, fraction and exponent; strtod takes much more: "inf", "0x1p3". */
static bool is_decimal(struct str text)
{
    size_t at = count_sign(text, 0);
    size_t digits = count_digits(text, at);
    at += digits;
    if (at < text.len && text.ptr[at] == '.') {
        size_t fraction = count_digits(text, at + 1);
        at += 1 + fraction;
        digits += fraction;
    }
    if (digits == 0)
        return false;
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at += 1 + count_sign(text, at + 1);
        size_t exponent = count_digits(text, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == text.len;
}

bool decimal_parse(struct str text, double *value)
{
    char digits[64];
    if (text.len >= sizeof(digits) || !is_decimal(text))
        return false;
    memcpy(digits, text.ptr, text.len);
    digits[text.len] = '\0';
    /* The host's locale may write a comma where a configuration has a point. */
    locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    if (!c_locale)
        return false;
    locale_t callers = uselocale(c_locale);
    double number = strtod(digits, NULL);
    uselocale(callers);
    freelocale(c_locale);
    if (!isfinite(number))
        return false;
    *value = number;
    return true;
}
