/*
 * test_str.c - string views: order, UTF-8, numbers.
 */
#include "support/str.h"

#include "support/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void absent_and_empty_differ_only_in_the_pointer(void **state)
{
    (void)state;
    struct str absent = str_of(NULL), empty = str_of("");
    assert_null(absent.ptr);
    assert_non_null(empty.ptr);
    assert_int_equal(absent.len, 0);
    assert_int_equal(empty.len, 0);
    assert_true(str_equal(absent, empty));
    assert_true(str_is(STR("vase"), "vase"));
    assert_false(str_is(STR("vase"), "vases"));
    assert_false(str_equal(STR("a\0b"), STR("a\0c")));
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void order_is_by_bytes(void **state)
{
    (void)state;
    const struct str ordered[] = {
        STR(""),  STR("\0"),  STR("10"), STR("9"),        STR("A"),
        STR("a"), STR("a\0"), STR("ab"), STR("\xC3\xA4"),
    };
    for (size_t a = 0; a < ARRAY_LENGTH(ordered); a++) {
        for (size_t b = 0; b < ARRAY_LENGTH(ordered); b++)
            assert_int_equal(sign(str_compare(ordered[a], ordered[b])), sign((int)a - (int)b));
    }
    assert_int_equal(str_compare(STR_NONE, STR("")), 0);
    assert_true(str_compare(STR_NONE, STR("a")) < 0);
}

static void prefixes(void **state)
{
    (void)state;
    assert_true(str_starts_with(STR("C12345"), STR("C")));
    assert_true(str_starts_with(STR("C"), STR("C")));
    assert_true(str_starts_with(STR("C"), STR("")));
    assert_true(str_starts_with(STR_NONE, STR_NONE));
    assert_false(str_starts_with(STR(""), STR("C")));
    assert_false(str_starts_with(STR("c12345"), STR("C")));
}

static void trimming_takes_ascii_space_only(void **state)
{
    (void)state;
    assert_true(str_is(str_trim(STR(" \t\r\n\v\f vase  lamp \n")), "vase  lamp"));
    assert_true(str_is(str_trim(STR("vase")), "vase"));
    assert_true(str_is(str_trim(STR("\xC2\xA0vase")), "\xC2\xA0vase"));
    struct str blank = str_trim(STR("  \n"));
    assert_int_equal(blank.len, 0);
    assert_non_null(blank.ptr);
    assert_null(str_trim(STR_NONE).ptr);
}

static void well_formed_characters_pass(void **state)
{
    (void)state;
    const struct str good[] = {
        STR(""),
        STR_NONE,
        STR("\x01\x7F"),
        STR("\xC2\x80\xDF\xBF"),                 /* U+0080, U+07FF */
        STR("\xE0\xA0\x80\xED\x9F\xBF"),         /* U+0800, U+D7FF */
        STR("\xEE\x80\x80\xEF\xBF\xBF"),         /* U+E000, U+FFFF */
        STR("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), /* U+10000, U+10FFFF */
    };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++)
        assert_true(str_is_utf8(good[i]));
}

static void ill_formed_characters_fail(void **state)
{
    (void)state;
    const struct str bad[] = {
        STR("\0"),
        STR("\x80"), /* a tail without a head */
        STR("\xC2"), /* cut off */
        STR("\xC2\x41"),
        STR("\xC1\xBF"),         /* overlong */
        STR("\xE0\x9F\xBF"),     /* overlong */
        STR("\xF0\x8F\xBF\xBF"), /* overlong */
        STR("\xED\xA0\x80"),     /* a surrogate */
        STR("\xED\xBF\xBF"),
        STR("\xF4\x90\x80\x80"), /* above U+10FFFF */
        STR("\xF5\x80\x80\x80"),
        STR("\xE2\x82"),
        STR("\xE2\x82\x41"),
        STR("\xF0\x9F\x98"),
        STR("\xFF"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        assert_false(str_is_utf8(bad[i]));
        assert_int_equal(str_utf8_length(bad[i]), 0);
    }
}

/* ASCII is looked at in words: a wrong byte must be seen at each place of a word, and behind one.
 */
static void a_wrong_byte_is_seen_anywhere(void **state)
{
    (void)state;
    char text[40];
    for (size_t at = 0; at < sizeof(text); at++) {
        memset(text, 'x', sizeof(text));
        assert_true(str_is_utf8(str_make(text, sizeof(text))));
        text[at] = '\0';
        assert_false(str_is_utf8(str_make(text, sizeof(text))));
        text[at] = '\x80';
        assert_false(str_is_utf8(str_make(text, sizeof(text))));
        text[at] = '\x01';
        assert_true(str_is_utf8(str_make(text, sizeof(text))));
        if (at + 2 <= sizeof(text)) {
            memcpy(text + at, "\xC3\xA4", 2);
            assert_true(str_is_utf8(str_make(text, sizeof(text))));
            assert_false(str_is_utf8(str_make(text, at + 1)));
        }
    }
}

static void characters_have_lengths(void **state)
{
    (void)state;
    assert_int_equal(str_utf8_length(STR("ab")), 1);
    assert_int_equal(str_utf8_length(STR("\xC3\xA4x")), 2);
    assert_int_equal(str_utf8_length(STR("\xE2\x82\xACx")), 3);
    assert_int_equal(str_utf8_length(STR("\xF0\x9F\x98\x80x")), 4);
    assert_int_equal(str_utf8_length(STR("")), 0);
    assert_int_equal(str_utf8_length(STR_NONE), 0);
}

static void whole_numbers_are_read(void **state)
{
    (void)state;
    const struct {
        const char *text;
        long long value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"007", 7},
        {"-12", -12},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(good); i++) {
        long long value = 99;
        assert_true(str_to_int64(str_of(good[i].text), &value));
        assert_int_equal(value, good[i].value);
    }
}

static void what_is_no_whole_number_changes_nothing(void **state)
{
    (void)state;
    const char *bad[] = {"",
                         "-",
                         "+1",
                         "1 ",
                         " 1",
                         "1.0",
                         "1e3",
                         "0x1",
                         "--1",
                         "a",
                         "9223372036854775808",
                         "-9223372036854775809",
                         "99999999999999999999999"};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        long long value = 99;
        assert_false(str_to_int64(str_of(bad[i]), &value));
        assert_int_equal(value, 99);
    }
    long long value = 99;
    assert_false(str_to_int64(STR_NONE, &value));
    assert_false(str_to_int64(STR("1\0"), &value));
}

/* The published test values of FNV-1a. */
static void hashes_are_fnv(void **state)
{
    (void)state;
    assert_true(str_hash(STR("")) == 0xCBF29CE484222325u);
    assert_true(str_hash(STR("a")) == 0xAF63DC4C8601EC8Cu);
    assert_true(str_hash(STR("foobar")) == 0x85944171F73967E8u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(absent_and_empty_differ_only_in_the_pointer),
        cmocka_unit_test(order_is_by_bytes),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(trimming_takes_ascii_space_only),
        cmocka_unit_test(well_formed_characters_pass),
        cmocka_unit_test(ill_formed_characters_fail),
        cmocka_unit_test(a_wrong_byte_is_seen_anywhere),
        cmocka_unit_test(characters_have_lengths),
        cmocka_unit_test(whole_numbers_are_read),
        cmocka_unit_test(what_is_no_whole_number_changes_nothing),
        cmocka_unit_test(hashes_are_fnv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
