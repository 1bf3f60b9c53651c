/*
 * test_text.c - appending, escaping, and failing once for all.
 */
#include "support/text.h"

#include "support/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void pieces_join(void **state)
{
    (void)state;
    struct text text = {0};
    assert_string_equal(text_cstr(&text), "");
    text_add(&text, STR("a\0b"));
    assert_memory_equal(text_cstr(&text), "a\0b", 4);
    text_clear(&text);
    text_adds(&text, "order ");
    text_add_int(&text, -7);
    text_add_char(&text, ':');
    text_printf(&text, "%5.1f|%s", 2.25, "");
    text_printf(&text, "%s", "");
    text_adds(&text, "");
    text_add(&text, STR_NONE);
    assert_true(text_ok(&text));
    assert_string_equal(text_cstr(&text), "order -7:  2.2|");
    assert_int_equal(text_str(&text).len, strlen("order -7:  2.2|"));
    text_release(&text);
    assert_string_equal(text_cstr(&text), "");
}

static void integers_to_the_ends(void **state)
{
    (void)state;
    const struct {
        int64_t value;
        const char *digits;
    } rows[] = {{0, "0"},
                {9, "9"},
                {10, "10"},
                {-1, "-1"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct text text = {0};
        text_add_int(&text, rows[i].value);
        assert_string_equal(text_cstr(&text), rows[i].digits);
        text_release(&text);
    }
}

static void it_grows_and_stays_terminated(void **state)
{
    (void)state;
    struct text text = {0};
    for (size_t i = 0; i < 5000; i++) {
        text_add_char(&text, (char)('a' + i % 26));
        assert_int_equal(text_cstr(&text)[i + 1], '\0');
    }
    assert_int_equal(text.len, 5000);
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(text.ptr[i], 'a' + i % 26);
    text_release(&text);
}

static void the_maximum_is_exact_and_failure_sticks(void **state)
{
    (void)state;
    struct text text;
    text_init(&text, 5);
    text_adds(&text, "12345");
    assert_true(text_ok(&text));
    text_add_char(&text, '6');
    assert_false(text_ok(&text));
    text_adds(&text, "");
    assert_string_equal(text_cstr(&text), "12345");
    text_clear(&text);
    assert_true(text_ok(&text));
    text_printf(&text, "%d", 123456);
    assert_false(text_ok(&text));
    text_add_char(&text, '1'); /* would fit, but comes too late */
    assert_string_equal(text_cstr(&text), "");
    text_release(&text);
}

static void check_json(struct str s, const char *expected)
{
    struct text text = {0};
    text_add_json(&text, s);
    assert_true(text_ok(&text));
    assert_string_equal(text_cstr(&text), expected);
    text_release(&text);
}

static void json_strings_are_escaped(void **state)
{
    (void)state;
    check_json(STR(""), "\"\"");
    check_json(STR_NONE, "\"\"");
    check_json(STR("plain / \x7F"), "\"plain / \x7F\"");
    check_json(STR("\"\\\b\f\n\r\t"), "\"\\\"\\\\\\b\\f\\n\\r\\t\"");
    check_json(STR("a\0\x01\x1Fz"), "\"a\\u0000\\u0001\\u001fz\"");
    check_json(STR("\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80"),
               "\"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

#define UNKNOWN "\xEF\xBF\xBD"

static void what_is_no_utf8_is_replaced(void **state)
{
    (void)state;
    check_json(STR("a\xFF"
                   "b"),
               "\"a" UNKNOWN "b\"");
    check_json(STR("\xC3"), "\"" UNKNOWN "\"");
    check_json(STR("\xC3\""), "\"" UNKNOWN "\\\"\"");
    check_json(STR("\xED\xA0\x80"), "\"" UNKNOWN UNKNOWN UNKNOWN "\"");
}

static void fill(struct text *text)
{
    text_adds(text, "begin");
    for (int i = 0; i < 100; i++)
        text_printf(text, "%d,", i);
    text_add_json(text, STR("\"end\""));
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    bool filled = false;
    int failures = 0;
    for (; !filled; failures++) {
        struct text text = {0};
        mem_fail_after(failures);
        fill(&text);
        mem_fail_after(-1);
        filled = text_ok(&text);
        if (!filled) {
            size_t length = text.len;
            text_adds(&text, "too late");
            assert_int_equal(text.len, length);
            text_clear(&text);
            fill(&text);
            assert_true(text_ok(&text));
        }
        text_release(&text);
        assert_int_equal(mem_live_blocks(), before);
    }
    assert_true(failures > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_join),
        cmocka_unit_test(integers_to_the_ends),
        cmocka_unit_test(it_grows_and_stays_terminated),
        cmocka_unit_test(the_maximum_is_exact_and_failure_sticks),
        cmocka_unit_test(json_strings_are_escaped),
        cmocka_unit_test(what_is_no_utf8_is_replaced),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
