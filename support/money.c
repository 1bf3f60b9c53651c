/*
 * money.c - currencies, and amounts between text, documents and minor units.
 */
#include "support/money.h"

#include "support/error.h"
#include "support/json.h"

#include <assert.h>

/* The codes of ISO 4217 by their decimals, and five that ended since 2023 (ANG, BGN, HRK, SLL,
 * ZWL), as old orders may have them. Without metals and codes for tests: no shop sells in those. */
static const char *const codes_by_exponent[] = {
    [0] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    [2] = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN "
          "BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB "
          "EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES "
          "KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK "
          "MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR "
          "SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD "
          "TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL",
    [3] = "BHD IQD JOD KWD LYD OMR TND",
    [4] = "CLF UYW",
};

static bool is_letters(struct str code)
{
    for (size_t i = 0; i < code.len; i++) {
        if (code.ptr[i] < 'A' || code.ptr[i] > 'Z')
            return false;
    }
    return true;
}

bool currency_find(struct str code, struct currency *currency)
{
    char name[4] = "";
    if (code.len != 3 || !is_letters(code))
        return false;
    memcpy(name, code.ptr, 3);
    for (size_t exponent = 0; exponent < ARRAY_LENGTH(codes_by_exponent); exponent++) {
        const char *codes = codes_by_exponent[exponent];
        /* Three capitals can only be found where a code begins: spaces keep codes apart. */
        if (codes && strstr(codes, name)) {
            memcpy(currency->code, name, sizeof(name));
            currency->exponent = (int)exponent;
            return true;
        }
    }
    return false;
}

/* ---- amounts ---- */

enum { AMOUNT_SHOWN = 40 }; /* bytes of a wrong amount that a message repeats */

static bool no_number(struct str text, ecommerce_error *err)
{
    if (text.len > AMOUNT_SHOWN)
        return error_set(err, ECOMMERCE_INVALID_ARGUMENT, "the amount is no decimal number");
    return error_set(err, ECOMMERCE_INVALID_ARGUMENT, "'%.*s' is no decimal number", STR_ARG(text));
}

static bool too_exact(const struct currency *currency, ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_INVALID_ARGUMENT, "an amount in %s has at most %d decimals",
                     currency->code, currency->exponent);
}

static bool too_large(const struct currency *currency, ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_INVALID_ARGUMENT, "the amount in %s is too large",
                     currency->code);
}

/* coefficient * 10^exponent in minor units. */
static bool rescale(int64_t coefficient, int exponent, const struct currency *currency,
                    int64_t *minor, ecommerce_error *err)
{
    for (; exponent < -currency->exponent && coefficient != 0; exponent++) {
        if (coefficient % 10 != 0)
            return too_exact(currency, err);
        coefficient /= 10;
    }
    for (; exponent > -currency->exponent && coefficient != 0; exponent--) {
        if (__builtin_mul_overflow(coefficient, 10, &coefficient))
            return too_large(currency, err);
    }
    *minor = coefficient;
    return true;
}

static size_t count_digits(struct str text, size_t at)
{
    size_t first = at;
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
        at++;
    return at - first;
}

/* Adds digits to *sum below zero, where the range is one larger: the least amount then needs no
 * special case. False when it does not fit. */
static bool add_digits(const char *digits, size_t count, int64_t *sum)
{
    for (size_t i = 0; i < count; i++) {
        if (__builtin_mul_overflow(*sum, 10, sum) ||
            __builtin_sub_overflow(*sum, digits[i] - '0', sum))
            return false;
    }
    return true;
}

bool money_parse(struct str text, const struct currency *currency, int64_t *minor,
                 ecommerce_error *err)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    size_t whole = count_digits(text, negative), end = negative + whole, decimals = 0;
    if (end < text.len && text.ptr[end] == '.') {
        decimals = count_digits(text, end + 1);
        whole = decimals > 0 ? whole : 0; /* "5." is no number */
        end += 1 + decimals;
    }
    if (whole == 0 || end != text.len)
        return no_number(text, err);
    while (decimals > 0 && text.ptr[negative + whole + decimals] == '0')
        decimals--;
    if (decimals > (size_t)currency->exponent)
        return too_exact(currency, err);
    int64_t sum = 0;
    if (!add_digits(text.ptr + negative, whole, &sum) ||
        (decimals > 0 && !add_digits(text.ptr + negative + whole + 1, decimals, &sum)) ||
        !rescale(sum, -(int)decimals, currency, &sum, err) ||
        (!negative && __builtin_sub_overflow(0, sum, &sum)))
        return too_large(currency, err);
    *minor = sum;
    return true;
}

bool money_from_value(const struct doc_value *value, const struct currency *currency,
                      int64_t *minor, ecommerce_error *err)
{
    char number[JSON_NUMBER_TEXT];
    switch (value->type) {
    case DOC_INT:
        return rescale(value->integer, 0, currency, minor, err);
    case DOC_DECIMAL:
        return rescale(value->decimal.coefficient, value->decimal.exponent, currency, minor, err);
    case DOC_TEXT:
        return money_parse(value->text, currency, minor, err);
    case DOC_DOUBLE:
        json_double(value->number, number, sizeof(number));
        return money_parse(str_of(number), currency, minor, err);
    default:
        return error_set(err, ECOMMERCE_INVALID_ARGUMENT, "an amount is a number or a text");
    }
}

void money_format(int64_t minor, const struct currency *currency, char *buffer, size_t size)
{
    json_decimal(minor, -currency->exponent, buffer, size);
}

void doc_add_money(struct doc_builder *builder, const char *key, int64_t minor,
                   const struct currency *currency)
{
    doc_add_decimal(builder, key, minor, -currency->exponent);
}

bool money_multiply(int64_t minor, int64_t quantity, int64_t *product)
{
    return !__builtin_mul_overflow(minor, quantity, product);
}

bool money_add(int64_t a, int64_t b, int64_t *sum)
{
    return !__builtin_add_overflow(a, b, sum);
}
