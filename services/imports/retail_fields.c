#include "services/imports/retail_fields.h"

#include "support/ids.h"

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t leading_digits(struct str text)
{
    size_t count = 0;
    while (count < text.len && is_digit(text.ptr[count]))
        count++;
    return count;
}

static struct str without(struct str text, size_t bytes)
{
    return str_make(text.ptr + bytes, text.len - bytes);
}

static void copy_upper(char *to, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        to[i] = upper(text.ptr[i]);
    to[text.len] = '\0';
}

bool retail_number(struct str text, char *number, enum retail_kind *kind)
{
    if (text.len == 0 || text.len > RETAIL_MAX_NUMBER)
        return false;
    char first = upper(text.ptr[0]);
    bool lettered = first == 'A' || first == 'C';
    struct str digits = without(text, lettered ? 1 : 0);
    if (digits.len == 0 || leading_digits(digits) != digits.len)
        return false;
    copy_upper(number, text);
    *kind = first == 'C' ? RETAIL_RETURN : first == 'A' ? RETAIL_ADJUSTMENT : RETAIL_SALE;
    return true;
}

bool retail_code(struct str text, char *code)
{
    if (text.len > RETAIL_MAX_CODE || !id_check(text, "code", NULL))
        return false;
    copy_upper(code, text);
    return true;
}

/*
 * Goods have five digits and perhaps letters for the variant ("85123A"), or begin with DCGS:
 * articles of the same merchant's retail site, boxed ashtrays and dog collars, with a name and a
 * price like any other. All the rest was looked at, code by code, and has no shelf: POST, DOT and
 * C2 are carriage, D a discount, M "Manual", S samples, B bad debt, AMAZONFEE, BANK CHARGES and
 * CRUK fees and commission, PADS a nominal entry of a tenth of a penny, GIFT_0001_… vouchers, which
 * are printed when sold.
 */
bool retail_is_service(struct str code)
{
    return leading_digits(code) < 5 && !str_starts_with(code, STR("DCGS"));
}

bool retail_quantity(struct str text, int32_t *quantity)
{
    long long value;
    if (!str_to_int64(text, &value) || value > RETAIL_MAX_QUANTITY || value < -RETAIL_MAX_QUANTITY)
        return false;
    *quantity = (int32_t)value;
    return true;
}

/* Digits behind the point: the first two count as pence, others make the price finer than that. */
static bool parse_fraction(struct str digits, int64_t *pence, bool *finer)
{
    if (digits.len == 0 || leading_digits(digits) != digits.len)
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < 2; i++)
        value = value * 10 + (i < digits.len ? digits.ptr[i] - '0' : 0);
    *pence = value;
    for (size_t i = 2; i < digits.len; i++)
        *finer = *finer || digits.ptr[i] != '0';
    return true;
}

bool retail_price(struct str text, int32_t *pence, bool *finer)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    struct str rest = without(text, negative ? 1 : 0);
    size_t whole = leading_digits(rest);
    long long pounds;
    if (whole == 0 || !str_to_int64(str_make(rest.ptr, whole), &pounds))
        return false;
    int64_t fraction = 0;
    bool has_finer = false;
    if (whole < rest.len && (rest.ptr[whole] != '.' ||
                             !parse_fraction(without(rest, whole + 1), &fraction, &has_finer)))
        return false;
    if (pounds > RETAIL_MAX_PRICE / 100 || pounds * 100 + fraction > RETAIL_MAX_PRICE)
        return false;
    int32_t value = (int32_t)(pounds * 100 + fraction);
    *pence = negative ? -value : value;
    *finer = has_finer;
    return true;
}

bool retail_text(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7F)
            return false;
    return text.len <= RETAIL_MAX_TEXT;
}

/* Exactly `width` digits at `at`. */
static bool number_at(struct str text, size_t at, size_t width, int *value)
{
    struct str digits = str_make(text.ptr + at, width);
    if (leading_digits(digits) != width)
        return false;
    *value = 0;
    for (size_t i = 0; i < width; i++)
        *value = *value * 10 + (digits.ptr[i] - '0');
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool is_calendar(const struct retail_stamp *stamp)
{
    return stamp->year >= 1 && stamp->month >= 1 && stamp->month <= 12 && stamp->day >= 1 &&
           stamp->day <= days_in_month(stamp->year, stamp->month) && stamp->hour <= 23 &&
           stamp->minute <= 59 && stamp->second <= 59;
}

bool retail_stamp(struct str text, struct retail_stamp *stamp)
{
    struct retail_stamp s = {.second = 0};
    if (text.len != 16 && text.len != 19)
        return false;
    const char *t = text.ptr;
    if (t[4] != '-' || t[7] != '-' || t[10] != ' ' || t[13] != ':')
        return false;
    if (!number_at(text, 0, 4, &s.year) || !number_at(text, 5, 2, &s.month) ||
        !number_at(text, 8, 2, &s.day) || !number_at(text, 11, 2, &s.hour) ||
        !number_at(text, 14, 2, &s.minute))
        return false;
    if (text.len == 19 && (t[16] != ':' || !number_at(text, 17, 2, &s.second)))
        return false;
    if (!is_calendar(&s))
        return false;
    *stamp = s;
    return true;
}
