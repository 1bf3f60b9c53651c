/*
 * test_error.c - the table of codes, and what a filled error holds.
 */
#include "support/error.h"
#include "support/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void names_are_unique_identifiers(void **state)
{
    (void)state;
    for (int a = 0; a < ECOMMERCE_ERROR_CODES; a++) {
        const char *name = ecommerce_error_name((enum ecommerce_error_code)a);
        assert_true(name[0] != '\0');
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        for (int b = 0; b < a; b++)
            assert_string_not_equal(name, ecommerce_error_name((enum ecommerce_error_code)b));
    }
}

static void ok_is_no_error(void **state)
{
    (void)state;
    assert_string_equal(ecommerce_error_name(ECOMMERCE_OK), "ok");
    assert_int_equal(ecommerce_error_class_of(ECOMMERCE_OK), ECOMMERCE_CLASS_NONE);
    assert_int_equal(ecommerce_error_http_status(ECOMMERCE_OK), 200);
    assert_int_equal(ecommerce_error_exit_status(ECOMMERCE_OK), 0);
}

/* Statuses follow the class: who sees only them must not draw the wrong conclusion. */
static void statuses_agree_with_the_class(void **state)
{
    (void)state;
    for (int i = 1; i < ECOMMERCE_ERROR_CODES; i++) {
        enum ecommerce_error_code code = (enum ecommerce_error_code)i;
        int http = ecommerce_error_http_status(code), status = ecommerce_error_exit_status(code);
        switch (ecommerce_error_class_of(code)) {
        case ECOMMERCE_CLASS_REFUSED:
            assert_in_range(http, 400, 499);
            assert_int_not_equal(status, 3);
            break;
        case ECOMMERCE_CLASS_RETRYABLE:
            assert_true(http >= 500 || http == 409 || http == 429);
            assert_int_equal(status, 3);
            break;
        case ECOMMERCE_CLASS_OUTCOME_UNKNOWN:
        case ECOMMERCE_CLASS_FATAL:
            assert_in_range(http, 500, 599);
            assert_in_range(status, 2, 3);
            break;
        default:
            fail_msg("%s has no class", ecommerce_error_name(code));
        }
    }
}

static void numbers_outside_the_table_are_internal(void **state)
{
    (void)state;
    const int wrong[] = {-1, ECOMMERCE_ERROR_CODES, 1 << 20};
    for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++) {
        enum ecommerce_error_code code = (enum ecommerce_error_code)wrong[i];
        assert_string_equal(ecommerce_error_name(code), "internal");
        assert_int_equal(ecommerce_error_class_of(code), ECOMMERCE_CLASS_FATAL);
    }
}

static void setting_fills_everything(void **state)
{
    (void)state;
    ecommerce_error err = {.field = "old", .subject = "old", .retry_after = 9};
    assert_false(error_set(&err, ECOMMERCE_NOT_FOUND, "no order has the id '%s'", "o1"));
    assert_int_equal(err.code, ECOMMERCE_NOT_FOUND);
    assert_string_equal(err.message, "no order has the id 'o1'");
    assert_string_equal(err.field, "");
    assert_string_equal(err.subject, "");
    assert_true(err.retry_after == 0);
    assert_false(error_is_retryable(&err));

    assert_false(error_set(&err, ECOMMERCE_UNAVAILABLE, "the store is away"));
    assert_true(err.retry_after > 0);
    assert_true(error_is_retryable(&err));
}

static void fields_get_their_path(void **state)
{
    (void)state;
    ecommerce_error err;
    assert_false(error_field(&err, ECOMMERCE_INVALID_ARGUMENT, "quantity", "%d is too many", 7));
    assert_string_equal(err.field, "quantity");
    assert_false(error_under(&err, "items[%zu]", (size_t)2));
    assert_string_equal(err.field, "items[2].quantity");
    assert_false(error_under(&err, "[%d]", 4));
    assert_string_equal(err.field, "[4].items[2].quantity");
    assert_false(error_under(&err, "orders"));
    assert_string_equal(err.field, "orders[4].items[2].quantity");
    assert_string_equal(err.message, "7 is too many");

    error_set(&err, ECOMMERCE_INVALID_ARGUMENT, "wrong");
    error_under(&err, "items");
    assert_string_equal(err.field, "items");
}

static void long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    ecommerce_error err;
    char long_text[1001];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(long_text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof(long_text); i += 3)
            memcpy(long_text + i, "\xE2\x82\xAC", 4); /* the euro sign */
        error_field(&err, ECOMMERCE_INTERNAL, long_text, "%s", long_text);
        assert_true(str_is_utf8(str_of(err.message)));
        assert_true(str_is_utf8(str_of(err.field)));
        assert_in_range(strlen(err.message), sizeof(err.message) - 4, sizeof(err.message) - 1);
        assert_in_range(strlen(err.field), sizeof(err.field) - 4, sizeof(err.field) - 1);
        error_under(&err, "%s", long_text);
        assert_true(str_is_utf8(str_of(err.field)));
        assert_in_range(strlen(err.field), sizeof(err.field) - 4, sizeof(err.field) - 1);
    }
}

static void an_error_may_quote_itself(void **state)
{
    (void)state;
    ecommerce_error err;
    error_field(&err, ECOMMERCE_STORAGE_FULL, "path", "the disk is full");
    error_field(&err, ECOMMERCE_UNAVAILABLE, err.field, "cannot save: %s", err.message);
    assert_string_equal(err.field, "path");
    assert_string_equal(err.message, "cannot save: the disk is full");
}

static void nobody_has_to_listen(void **state)
{
    (void)state;
    assert_false(error_set(NULL, ECOMMERCE_INTERNAL, "unheard"));
    assert_false(error_field(NULL, ECOMMERCE_INTERNAL, "field", "unheard"));
    assert_false(error_under(NULL, "items"));
    assert_false(error_memory(NULL));
    assert_false(error_is_retryable(NULL));
    error_clear(NULL);
}

static void memory_has_a_sentence_and_clear_forgets(void **state)
{
    (void)state;
    ecommerce_error err;
    assert_false(error_memory(&err));
    assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
    assert_true(err.message[0] != '\0');
    error_clear(&err);
    assert_int_equal(err.code, ECOMMERCE_OK);
    assert_string_equal(err.message, "");
    assert_true(err.retry_after == 0);
}

static void control_characters_are_shown_as_questions(void **state)
{
    ecommerce_error err;
    (void)state;
    error_field(&err, ECOMMERCE_INVALID_ARGUMENT, "a\nb", "'%s' is wrong",
                "\x1b[31m\xc2\x9b\x7f\t\xc3\xa9");
    assert_string_equal(err.field, "a?b");
    assert_string_equal(err.message, "'?[31m???\xc3\xa9' is wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_identifiers),
        cmocka_unit_test(ok_is_no_error),
        cmocka_unit_test(statuses_agree_with_the_class),
        cmocka_unit_test(numbers_outside_the_table_are_internal),
        cmocka_unit_test(setting_fills_everything),
        cmocka_unit_test(fields_get_their_path),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(control_characters_are_shown_as_questions),
        cmocka_unit_test(an_error_may_quote_itself),
        cmocka_unit_test(nobody_has_to_listen),
        cmocka_unit_test(memory_has_a_sentence_and_clear_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
