/*
 * The files that are generated from the table of settings. They differ after a change of the table:
 *
 *     ECOMMERCE_UPDATE_DOCS=1 build/debug/tests/test_settings_files
 *
 * writes them again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config_loader.h"
#include "config/settings_print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANUAL "docs/configuration.md"
#define EXAMPLE "config/ecommerce_config.yaml.example"

static void path_of(const char *file, char *path, size_t size)
{
    const char *source = getenv("ECOMMERCE_SOURCE");
    snprintf(path, size, "%s/%s", source ? source : ".", file);
}

static void read_whole(const char *path, struct text *content)
{
    char block[4096];
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s cannot be read", path);
    for (size_t got; (got = fread(block, 1, sizeof(block), file)) > 0;)
        text_add(content, str_make(block, got));
    fclose(file);
    assert_true(text_ok(content));
}

static void write_whole(const char *path, const struct text *content)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content->ptr, 1, content->len, file), content->len);
    assert_int_equal(fclose(file), 0);
}

/* The number of the first line that differs. */
static int first_difference(const char *a, const char *b)
{
    int line = 1;
    for (; *a && *a == *b; a++, b++)
        line += *a == '\n';
    return line;
}

static void assert_generated(const char *file, const struct text *expected)
{
    char path[4096];
    struct text found = {0};
    path_of(file, path, sizeof(path));
    if (getenv("ECOMMERCE_UPDATE_DOCS"))
        write_whole(path, expected);
    read_whole(path, &found);
    if (strcmp(text_cstr(&found), text_cstr(expected)) != 0)
        fail_msg("%s:%d is not what the table gives; ECOMMERCE_UPDATE_DOCS=1 %s writes it again",
                 file, first_difference(text_cstr(&found), text_cstr(expected)),
                 "test_settings_files");
    text_release(&found);
}

static void test_the_manual_is_the_table(void **state)
{
    struct text manual = {0};
    (void)state;
    assert_true(settings_write_manual(&shop_settings, &manual));
    assert_generated(MANUAL, &manual);
    for (size_t i = 0; i < shop_settings.count; i++) {
        assert_non_null(strstr(text_cstr(&manual), shop_settings.rows[i].path));
        assert_non_null(strstr(text_cstr(&manual), shop_settings.rows[i].description));
    }
    text_release(&manual);
}

static void test_the_example_is_the_table(void **state)
{
    struct text example = {0};
    (void)state;
    assert_true(settings_write_example(&shop_settings, &example));
    assert_generated(EXAMPLE, &example);
    text_release(&example);
}

/* The minimum, or the maximum where that is the default; of a choice its last, or its first. */
static const char *another_value(const struct setting *row, char *choice, size_t size)
{
    switch (row->type) {
    case SETTING_CHOICE:
        snprintf(choice, size, "%.*s", STR_ARG(setting_choice(row, 0)));
        if (strcmp(choice, row->standard) == 0)
            snprintf(choice, size, "%.*s", STR_ARG(setting_choice(row, 1)));
        return choice;
    case SETTING_SWITCH:
        return strcmp(row->standard, "true") == 0 ? "false" : "true";
    case SETTING_CURRENCY:
        return "EUR";
    case SETTING_TIME_ZONE:
        return "Europe/London";
    case SETTING_TEXT:
        return "another";
    default:
        return strcmp(row->standard, row->minimum) == 0 ? row->maximum : row->minimum;
    }
}

/* The example, loaded over these, must put every one back. */
static void make_all_different(struct settings *settings)
{
    for (size_t i = 0; i < shop_settings.count; i++) {
        const struct setting *row = &shop_settings.rows[i];
        char choice[64];
        ecommerce_error err = {0};
        if (!settings_set_text(settings, row->path, another_value(row, choice, sizeof(choice)),
                               &err))
            fail_msg("%s: %s", row->path, err.message);
        assert_false(settings_is_standard(settings, i));
    }
}

static void test_the_example_names_every_setting_and_gives_its_default(void **state)
{
    struct settings *settings = settings_new(NULL);
    char path[4096];
    ecommerce_error err = {0};
    (void)state;
    assert_non_null(settings);
    make_all_different(settings);
    path_of(EXAMPLE, path, sizeof(path));
    if (!config_load_file(settings, path, &err))
        fail_msg("%s", err.message);
    for (size_t i = 0; i < shop_settings.count; i++)
        if (!settings_is_standard(settings, i))
            fail_msg("%s is not named, or not with its default", shop_settings.rows[i].path);
    settings_free(&settings);
}

static void test_the_help_describes_every_setting(void **state)
{
    struct text help = {0};
    (void)state;
    assert_true(settings_describe(&shop_settings, &help));
    assert_non_null(strstr(text_cstr(&help),
                           "  orders.deadline\n"
                           "      Time in which an order is placed or surely not placed\n"
                           "      (duration, 100 ms to 5 min; default 10 s)\n"));
    assert_non_null(strstr(text_cstr(&help), "(choice of embedded, redis; default embedded)"));
    assert_non_null(strstr(text_cstr(&help), "(integer, 1 to 100000 lines; default 10000)"));
    for (size_t i = 0; i < shop_settings.count; i++)
        assert_non_null(strstr(text_cstr(&help), shop_settings.rows[i].path));
    text_release(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_manual_is_the_table),
        cmocka_unit_test(test_the_example_is_the_table),
        cmocka_unit_test(test_the_example_names_every_setting_and_gives_its_default),
        cmocka_unit_test(test_the_help_describes_every_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
