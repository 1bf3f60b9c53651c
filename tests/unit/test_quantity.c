/* Durations, sizes and decimal numbers as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/quantity.h"

#include <locale.h>

#define MINUTE INT64_C(60000000)
#define DAY INT64_C(86400000000)

struct quantity {
    const char *text;
    int64_t value;
    const char *printed; /* NULL: as it was written */
};

static void test_durations_are_read_and_printed(void **state)
{
    static const struct quantity ROWS[] = {
        {"0 s", 0, NULL},
        {"0 d", 0, "0 s"},
        {"1 ms", 1000, NULL},
        {"250 ms", 250000, NULL},
        {"10 s", 10000000, NULL},
        {"10s", 10000000, "10 s"},
        {"10   s", 10000000, "10 s"},
        {"60 s", MINUTE, "1 min"},
        {"90 s", 90000000, NULL},
        {"1500 ms", 1500000, NULL},
        {"30 min", 30 * MINUTE, NULL},
        {"12 h", 720 * MINUTE, NULL},
        {"24 h", DAY, "1 d"},
        {"180 d", 180 * DAY, NULL},
        {"106751991 d", 106751991 * DAY, NULL}, /* the greatest that fits */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
        int64_t value = -1;
        struct text printed = {0};
        assert_true(duration_parse(str_of(ROWS[i].text), &value));
        assert_int_equal(value, ROWS[i].value);
        duration_format(value, &printed);
        assert_string_equal(text_cstr(&printed), ROWS[i].printed ? ROWS[i].printed : ROWS[i].text);
        text_release(&printed);
    }
}

static void test_what_is_no_duration(void **state)
{
    static const char *const TEXTS[] = {
        "",
        "10",
        "s",
        " 10 s",
        "10 s ",
        "-1 s",
        "+1 s",
        "1.5 h",
        "10 sec",
        "10 S",
        "1 m",
        "1 h 30 min",
        "106751992 d",
        "99999999999999999999 s",
        "10\ts",
        "0x10 s",
        "10 us",
        "1 MiB",
        "10 s\n",
        "9223372036855 s",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++) {
        int64_t value = 77;
        if (duration_parse(str_of(TEXTS[i]), &value))
            fail_msg("'%s' was read as a duration", TEXTS[i]);
    }
}

static void test_sizes_are_read_and_printed(void **state)
{
    static const struct quantity ROWS[] = {
        {"0 B", 0, NULL},
        {"1 B", 1, NULL},
        {"1023 B", 1023, NULL},
        {"1024 B", 1024, "1 KiB"},
        {"64KiB", 65536, "64 KiB"},
        {"64 MiB", 64 << 20, NULL},
        {"1025 KiB", 1025 << 10, NULL},
        {"2 GiB", INT64_C(2) << 30, NULL},
        {"8589934591 GiB", INT64_C(8589934591) << 30, NULL},
    };
    static const char *const WRONG[] = {"64",   "64 MB",          "64 M", "64 mib",
                                        "-1 B", "8589934592 GiB", "1 s"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
        int64_t value = -1;
        struct text printed = {0};
        assert_true(size_parse(str_of(ROWS[i].text), &value));
        assert_int_equal(value, ROWS[i].value);
        size_format(value, &printed);
        assert_string_equal(text_cstr(&printed), ROWS[i].printed ? ROWS[i].printed : ROWS[i].text);
        text_release(&printed);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(WRONG); i++) {
        int64_t value;
        if (size_parse(str_of(WRONG[i]), &value))
            fail_msg("'%s' was read as a size", WRONG[i]);
    }
}

static void test_decimal_numbers(void **state)
{
    static const struct {
        const char *text;
        double value;
    } ROWS[] = {
        {"0", 0.0},  {"-0.25", -0.25}, {"37.6", 37.6}, {"+1", 1.0},
        {".5", 0.5}, {"5.", 5.0},      {"1e-4", 1e-4}, {"1.5E+3", 1500.0},
    };
    static const char *const WRONG[] = {"",    ".",  "-",  "1e",    "1e+", "inf",   "nan",  "0x1p3",
                                        "1,5", " 1", "1 ", "1e999", "--1", "1.2.3", "1_000"};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
        double value = 99;
        assert_true(decimal_parse(str_of(ROWS[i].text), &value));
        assert_true(value == ROWS[i].value);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(WRONG); i++) {
        double value;
        if (decimal_parse(str_of(WRONG[i]), &value))
            fail_msg("'%s' was read as a number", WRONG[i]);
    }
}

static void test_a_number_is_as_long_as_the_limit_allows(void **state)
{
    double value;
    char digits[65];
    (void)state;
    memset(digits, '1', sizeof(digits));
    assert_true(decimal_parse(str_make(digits, 63), &value));
    assert_false(decimal_parse(str_make(digits, 64), &value));
}

/* A host program with another locale must not change what a configuration means. */
static void test_the_decimal_point_is_a_point_in_every_locale(void **state)
{
    static const char *const COMMA_LOCALES[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8"};
    double value = 0;
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(COMMA_LOCALES); i++)
        if (setlocale(LC_NUMERIC, COMMA_LOCALES[i]))
            break;
    assert_true(decimal_parse(STR("0.25"), &value));
    assert_true(value == 0.25);
    assert_false(decimal_parse(STR("0,25"), &value));
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_durations_are_read_and_printed),
        cmocka_unit_test(test_what_is_no_duration),
        cmocka_unit_test(test_sizes_are_read_and_printed),
        cmocka_unit_test(test_decimal_numbers),
        cmocka_unit_test(test_a_number_is_as_long_as_the_limit_allows),
        cmocka_unit_test(test_the_decimal_point_is_a_point_in_every_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
