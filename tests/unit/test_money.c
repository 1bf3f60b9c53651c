/*
 * test_money.c - amounts are exact or refused.
 */
#include "support/money.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct currency pounds = {"GBP", 2}, yen = {"JPY", 0}, dinars = {"BHD", 3};

static void currencies_have_their_decimals(void **state)
{
    (void)state;
    const struct currency known[] = {{"GBP", 2}, {"EUR", 2}, {"USD", 2}, {"JPY", 0},
                                     {"KRW", 0}, {"BHD", 3}, {"KWD", 3}, {"CLF", 4},
                                     {"AED", 2}, {"ZWG", 2}, {"XPF", 0}, {"TND", 3}};
    for (size_t i = 0; i < ARRAY_LENGTH(known); i++) {
        struct currency found;
        assert_true(currency_find(str_of(known[i].code), &found));
        assert_string_equal(found.code, known[i].code);
        assert_int_equal(found.exponent, known[i].exponent);
    }
}

static void unknown_currencies_are_refused(void **state)
{
    (void)state;
    const struct str unknown[] = {STR("gbp"), STR("GB"),   STR("GBPX"), STR("ABC"),  STR(""),
                                  STR_NONE,   STR("ED "),  STR("D A"),  STR("  "),   STR("XAU"),
                                  STR("XTS"), STR("\0\0"), STR("GB\0"), STR("GBP "), STR("\0\0\0")};
    for (size_t i = 0; i < ARRAY_LENGTH(unknown); i++) {
        struct currency found = {"old", 7};
        assert_false(currency_find(unknown[i], &found));
        assert_int_equal(found.exponent, 7);
    }
}

static void amounts_are_read_exactly(void **state)
{
    (void)state;
    const struct {
        const char *text;
        const struct currency *currency;
        int64_t minor;
    } rows[] = {
        {"29.99", &pounds, 2999},
        {"29.9", &pounds, 2990},
        {"29", &pounds, 2900},
        {"-3.50", &pounds, -350},
        {"0", &pounds, 0},
        {"-0.00", &pounds, 0},
        {"007.10", &pounds, 710},
        {"1.0000000000000000000000", &pounds, 100},
        {"92233720368547758.07", &pounds, INT64_MAX},
        {"-92233720368547758.08", &pounds, INT64_MIN},
        {"1200", &yen, 1200},
        {"1200.00", &yen, 1200},
        {"9223372036854775807", &yen, INT64_MAX},
        {"0.005", &dinars, 5},
        {"1.5", &dinars, 1500},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        int64_t minor = 99;
        assert_true(money_parse(str_of(rows[i].text), rows[i].currency, &minor, NULL));
        assert_int_equal(minor, rows[i].minor);
    }
}

static void check_refused(struct str text, const struct currency *currency, const char *message)
{
    int64_t minor = 99;
    ecommerce_error err = {.code = ECOMMERCE_OK};
    assert_false(money_parse(text, currency, &minor, &err));
    assert_int_equal(minor, 99);
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_non_null(strstr(err.message, message));
}

static void wrong_amounts_are_refused(void **state)
{
    (void)state;
    const struct str no_numbers[] = {STR(""),
                                     STR_NONE,
                                     STR("-"),
                                     STR("."),
                                     STR("5."),
                                     STR(".5"),
                                     STR("-.5"),
                                     STR("+1"),
                                     STR("1e3"),
                                     STR("1,50"),
                                     STR(" 1"),
                                     STR("1 "),
                                     STR("0x10"),
                                     STR("--1"),
                                     STR("1.-5"),
                                     STR("1.5.0"),
                                     STR("NaN"),
                                     STR("1\0"),
                                     STR("1.5\0"),
                                     STR("\xC2\xA3"
                                         "5")};
    for (size_t i = 0; i < ARRAY_LENGTH(no_numbers); i++)
        check_refused(no_numbers[i], &pounds, "is no decimal number");
    check_refused(STR("29.999"), &pounds, "an amount in GBP has at most 2 decimals");
    check_refused(STR("0.001"), &pounds, "at most 2");
    check_refused(STR("1.5"), &yen, "an amount in JPY has at most 0 decimals");
    check_refused(STR("0.0005"), &dinars, "at most 3");
    check_refused(STR("92233720368547758.08"), &pounds, "too large");
    check_refused(STR("-92233720368547758.09"), &pounds, "too large");
    check_refused(STR("922337203685477580"), &pounds, "too large");
    check_refused(STR("99999999999999999999999999999999999999999999999999"), &yen, "too large");
    check_refused(STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &pounds,
                  "the amount is no decimal number");
}

static bool from_value(struct doc_value value, const struct currency *currency, int64_t *minor)
{
    ecommerce_error err = {.code = ECOMMERCE_OK};
    bool ok = money_from_value(&value, currency, minor, &err);
    assert_int_equal(err.code, ok ? ECOMMERCE_OK : ECOMMERCE_INVALID_ARGUMENT);
    return ok;
}

static void doubles_go_through_their_shortest_text(void **state)
{
    (void)state;
    int64_t minor = 99;
    /* Each amount of pence up to 1000 pounds is a double that reads back as that amount. */
    for (int64_t pence = -100000; pence <= 100000; pence += 7) {
        struct doc_value value = {.type = DOC_DOUBLE, .number = (double)pence / 100};
        assert_true(from_value(value, &pounds, &minor));
        assert_int_equal(minor, pence);
    }
    const double refused[] = {0.1 + 0.2, 0.001, 1e-300, 1e300, 92233720368547758.08, 1e21};
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        minor = 99;
        struct doc_value value = {.type = DOC_DOUBLE, .number = refused[i]};
        assert_false(from_value(value, &pounds, &minor));
        assert_int_equal(minor, 99);
    }
    struct doc_value infinite = {.type = DOC_DOUBLE, .number = 1e308 * 10};
    assert_false(from_value(infinite, &pounds, &minor));
}

static void integers_are_whole_units(void **state)
{
    (void)state;
    int64_t minor = 99;
    assert_true(from_value((struct doc_value){.type = DOC_INT, .integer = -12}, &pounds, &minor));
    assert_int_equal(minor, -1200);
    assert_true(
        from_value((struct doc_value){.type = DOC_INT, .integer = INT64_MIN}, &yen, &minor));
    assert_int_equal(minor, INT64_MIN);
    minor = 99;
    assert_false(from_value((struct doc_value){.type = DOC_INT, .integer = INT64_MAX / 100 + 1},
                            &pounds, &minor));
    assert_int_equal(minor, 99);
}

static void decimals_are_rescaled_exactly(void **state)
{
    (void)state;
    const struct {
        int64_t coefficient;
        int exponent;
        bool ok;
        int64_t minor;
    } rows[] = {
        {2999, -2, true, 2999},    {29990, -3, true, 2999},
        {29991, -3, false, 0},     {3, 0, true, 300},
        {3, 2, true, 30000},       {3, 6111, false, 0},
        {0, 6111, true, 0},        {0, -6176, true, 0},
        {1, -6176, false, 0},      {INT64_MIN, -2, true, INT64_MIN},
        {INT64_MIN, -1, false, 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct doc_value value = {.type = DOC_DECIMAL};
        int64_t minor = 0;
        value.decimal.coefficient = rows[i].coefficient;
        value.decimal.exponent = rows[i].exponent;
        assert_int_equal(from_value(value, &pounds, &minor), rows[i].ok);
        assert_int_equal(minor, rows[i].minor);
    }
}

static void other_types_are_no_amounts(void **state)
{
    (void)state;
    int64_t minor = 99;
    const enum doc_type types[] = {DOC_NONE, DOC_BOOL, DOC_NULL, DOC_TIME, DOC_DOCUMENT};
    for (size_t i = 0; i < ARRAY_LENGTH(types); i++)
        assert_false(from_value((struct doc_value){.type = types[i]}, &pounds, &minor));
    assert_true(
        from_value((struct doc_value){.type = DOC_TEXT, .text = STR("2.5")}, &pounds, &minor));
    assert_int_equal(minor, 250);
}

static void what_is_formatted_reads_back(void **state)
{
    (void)state;
    const struct currency *currencies[] = {&pounds, &yen, &dinars};
    const int64_t amounts[] = {0, 1, -1, 99, 100, -2999, 123456789, INT64_MAX, INT64_MIN};
    char buffer[24];
    for (size_t i = 0; i < ARRAY_LENGTH(currencies) * ARRAY_LENGTH(amounts); i++) {
        const struct currency *currency = currencies[i % ARRAY_LENGTH(currencies)];
        int64_t amount = amounts[i / ARRAY_LENGTH(currencies)], minor = 99;
        money_format(amount, currency, buffer, sizeof(buffer));
        assert_true(money_parse(str_of(buffer), currency, &minor, NULL));
        assert_int_equal(minor, amount);
    }
    money_format(2999, &pounds, buffer, sizeof(buffer));
    assert_string_equal(buffer, "29.99");
    money_format(-5, &pounds, buffer, sizeof(buffer));
    assert_string_equal(buffer, "-0.05");
    money_format(1200, &yen, buffer, sizeof(buffer));
    assert_string_equal(buffer, "1200");
    money_format(5, &dinars, buffer, sizeof(buffer));
    assert_string_equal(buffer, "0.005");
}

static void documents_get_a_decimal(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct doc_value value;
    int64_t minor = 99;
    doc_builder_init(&builder);
    doc_add_money(&builder, "total", -2999, &pounds);
    assert_true(doc_get(doc_finish(&builder), "total", &value));
    assert_int_equal(value.type, DOC_DECIMAL);
    assert_int_equal(value.decimal.exponent, -2);
    assert_true(from_value(value, &pounds, &minor));
    assert_int_equal(minor, -2999);
    doc_builder_release(&builder);
}

static void sums_and_products_are_checked(void **state)
{
    (void)state;
    int64_t result;
    assert_true(money_multiply(255, 6, &result));
    assert_int_equal(result, 1530);
    assert_true(money_multiply(255, -6, &result));
    assert_int_equal(result, -1530);
    assert_false(money_multiply(INT64_MAX, 2, &result));
    assert_false(money_multiply(INT64_MIN, -1, &result));
    assert_true(money_add(INT64_MAX, INT64_MIN, &result));
    assert_int_equal(result, -1);
    assert_false(money_add(INT64_MAX, 1, &result));
    assert_false(money_add(INT64_MIN, -1, &result));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(currencies_have_their_decimals),
        cmocka_unit_test(unknown_currencies_are_refused),
        cmocka_unit_test(amounts_are_read_exactly),
        cmocka_unit_test(wrong_amounts_are_refused),
        cmocka_unit_test(doubles_go_through_their_shortest_text),
        cmocka_unit_test(integers_are_whole_units),
        cmocka_unit_test(decimals_are_rescaled_exactly),
        cmocka_unit_test(other_types_are_no_amounts),
        cmocka_unit_test(what_is_formatted_reads_back),
        cmocka_unit_test(documents_get_a_decimal),
        cmocka_unit_test(sums_and_products_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
