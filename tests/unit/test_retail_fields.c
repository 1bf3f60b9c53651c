/* One field of the retail file at a time: what is read, what is refused, limits at N and N+1. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/imports/retail_fields.h"

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *number;
        enum retail_kind kind;
    } fine[] = {
        {"536365", "536365", RETAIL_SALE},
        {"C536379", "C536379", RETAIL_RETURN},
        {"c536379", "C536379", RETAIL_RETURN},
        {"A563185", "A563185", RETAIL_ADJUSTMENT},
        {"0", "0", RETAIL_SALE},
        {"C12345678901234567890", "C12345678901234567890", RETAIL_RETURN},
    };
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        char number[RETAIL_MAX_NUMBER + 1];
        enum retail_kind kind;
        assert_true(retail_number(str_of(fine[i].text), number, &kind));
        assert_string_equal(number, fine[i].number);
        assert_int_equal(kind, fine[i].kind);
    }
    static const char *const wrong[] = {"",     "C",    "A",      "X123",
                                        "12C3", "CC12", "12 345", "1234567890123456789012"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char number[RETAIL_MAX_NUMBER + 1];
        enum retail_kind kind;
        assert_false(retail_number(str_of(wrong[i]), number, &kind));
    }
}

static void test_codes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
        bool service;
    } fine[] = {
        {"85123A", "85123A", false},
        {"85123a", "85123A", false},
        {"10002", "10002", false},
        {"15056BL", "15056BL", false},
        {"DCGS0003", "DCGS0003", false},
        {"dcgssboy", "DCGSSBOY", false},
        {"POST", "POST", true},
        {"m", "M", true},
        {"C2", "C2", true},
        {"BANK CHARGES", "BANK CHARGES", true},
        {"gift_0001_20", "GIFT_0001_20", true},
        {"1234", "1234", true},
        {"PADS", "PADS", true},
        {"1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890",
         false},
    };
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        char code[RETAIL_MAX_CODE + 1];
        assert_true(retail_code(str_of(fine[i].text), code));
        assert_string_equal(code, fine[i].code);
        assert_int_equal(retail_is_service(str_of(code)), fine[i].service);
    }
    char code[RETAIL_MAX_CODE + 1];
    assert_false(retail_code(STR(""), code));
    assert_false(retail_code(STR("$85123A"), code));
    assert_false(retail_code(STR("85\t123"), code));
    assert_false(retail_code(STR("12345678901234567890123456789012345678901"), code));
}

static void test_quantities(void **state)
{
    (void)state;
    int32_t quantity;
    assert_true(retail_quantity(STR("-80995"), &quantity));
    assert_int_equal(quantity, -80995);
    assert_true(retail_quantity(STR("10000000"), &quantity));
    assert_int_equal(quantity, 10000000);
    assert_true(retail_quantity(STR("-10000000"), &quantity));
    static const char *const wrong[] = {"",      "10000001", "-10000001",           "1.0",
                                        "6 pcs", "+5",       "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(retail_quantity(str_of(wrong[i]), &quantity));
}

static void test_prices(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int32_t pence;
        bool finer;
    } fine[] = {
        {"2.55", 255, false},
        {"2.1", 210, false},
        {"2", 200, false},
        {"0.0", 0, false},
        {"-11062.06", -1106206, false},
        {"2.550", 255, false},
        {"0.001", 0, true},
        {"2.559", 255, true},
        {"2.5500001", 255, true},
        {"10000000", 1000000000, false},
        {"10000000.00", 1000000000, false},
        {"-0.05", -5, false},
    };
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        int32_t pence = -1;
        bool finer = !fine[i].finer;
        assert_true(retail_price(str_of(fine[i].text), &pence, &finer));
        assert_int_equal(pence, fine[i].pence);
        assert_int_equal(finer, fine[i].finer);
    }
    static const char *const wrong[] = {"",
                                        "-",
                                        ".5",
                                        "5.",
                                        "2,55",
                                        "1e3",
                                        "--1",
                                        "2.5x",
                                        "x",
                                        "10000000.01",
                                        "99999999999999999999",
                                        "\xC2\xA3"
                                        "2"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int32_t pence;
        bool finer;
        assert_false(retail_price(str_of(wrong[i]), &pence, &finer));
    }
}

static void test_stamps(void **state)
{
    (void)state;
    struct retail_stamp s;
    assert_true(retail_stamp(STR("2010-12-01 08:26:59"), &s));
    assert_int_equal(s.year, 2010);
    assert_int_equal(s.month, 12);
    assert_int_equal(s.day, 1);
    assert_int_equal(s.hour, 8);
    assert_int_equal(s.minute, 26);
    assert_int_equal(s.second, 59);
    assert_true(retail_stamp(STR("2012-02-29 23:59"), &s));
    assert_int_equal(s.second, 0);
    assert_true(retail_stamp(STR("2000-02-29 00:00:00"), &s));
    static const char *const wrong[] = {
        "",
        "12/1/2010 8:26",
        "2010-12-01",
        "2010-12-01T08:26:00",
        "2010-12-01 08:26:0",
        "2010-12-01 08:26:000",
        "2010-12-01 08:26-00",
        "2011-02-29 08:26:00",
        "1900-02-29 08:26:00",
        "2010-13-01 08:26:00",
        "2010-00-01 08:26:00",
        "2010-04-31 08:26:00",
        "2010-04-00 08:26:00",
        "2010-12-01 24:00:00",
        "2010-12-01 08:60:00",
        "2010-12-01 08:26:60",
        "0000-12-01 08:26:00",
        "2010-1a-01 08:26:00",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(retail_stamp(str_of(wrong[i]), &s));
}

static void test_texts(void **state)
{
    (void)state;
    char long_text[RETAIL_MAX_TEXT + 1];
    memset(long_text, 'x', sizeof long_text);
    assert_true(retail_text(str_make(long_text, RETAIL_MAX_TEXT)));
    assert_false(retail_text(str_make(long_text, RETAIL_MAX_TEXT + 1)));
    assert_true(retail_text(STR("")));
    assert_true(retail_text(STR("Gift Voucher \xC2\xA3"
                                "20.00")));
    assert_false(retail_text(STR("two\nlines")));
    assert_false(retail_text(STR("del\x7F")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_codes),
        cmocka_unit_test(test_quantities), cmocka_unit_test(test_prices),
        cmocka_unit_test(test_stamps),     cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
