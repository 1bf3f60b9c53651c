/* Configuration files, and secrets from files and the environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config_loader.h"
#include "config/config_tree.h"
#include "config/settings_print.h"
#include "tests/support/settings_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- files ---- */

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/test_config_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const char *write_file(const char *content, mode_t mode)
{
    static char path[96];
    snprintf(path, sizeof(path), "%s/file", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void test_a_file_is_loaded_and_named_in_its_errors(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    ecommerce_error err = {0};
    char expected[200];
    (void)state;
    const char *path = write_file("shop: {name: Kiosk}\n", 0644);
    assert_true(config_load_file(settings, path, &err));
    assert_string_equal(settings_text(settings, SETTING_SHOP_NAME), "Kiosk");
    write_file("shop:\n  nam: Kiosk\n", 0644);
    assert_false(config_load_file(settings, path, &err));
    snprintf(expected, sizeof(expected),
             "%s:2:3: shop.nam: there is no such setting; did you mean 'shop.name'", path);
    assert_string_equal(err.message, expected);
    assert_int_equal(unlink(path), 0);
    settings_free(&settings);
}

static void test_what_is_no_readable_file_is_refused(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    ecommerce_error err = {0};
    char path[96];
    (void)state;
    assert_false(config_load_file(settings, "/nonexistent/shop.yaml", &err));
    assert_string_equal(err.message, "/nonexistent/shop.yaml: there is no such file");
    assert_false(config_load_file(settings, folder, &err));
    assert_non_null(strstr(err.message, ": this is not a regular file"));
    snprintf(path, sizeof(path), "%s/fifo", folder);
    assert_int_equal(mkfifo(path, 0600), 0); /* opening it for reading would wait for a writer */
    assert_false(config_load_file(settings, path, &err));
    assert_non_null(strstr(err.message, ": this is not a regular file"));
    assert_int_equal(unlink(path), 0);
    settings_free(&settings);
}

static void test_of_a_long_file_name_the_end_is_shown(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    ecommerce_error err = {0};
    char path[400] = "/nonexistent/";
    (void)state;
    memset(path + 13, 'x', 300);
    memcpy(path + 313 - 200, "\xc3\xa9", 2); /* the cut goes before a whole character */
    assert_false(config_load_file(settings, path, &err));
    assert_int_equal(strlen(err.message), 200 + strlen(": there is no such file"));
    memcpy(path + 313 - 201, "\xc3\xa9x", 3);
    assert_false(config_load_file(settings, path, &err));
    assert_int_equal(strlen(err.message), 199 + strlen(": there is no such file"));
    assert_true(str_is_utf8(str_of(err.message)));
    settings_free(&settings);
}

static void test_a_file_that_is_too_large_is_refused(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    ecommerce_error err = {0};
    (void)state;
    const char *path = write_file("", 0600);
    assert_int_equal(truncate(path, CONFIG_MAX_SIZE + 1), 0);
    assert_false(config_load_file(settings, path, &err));
    assert_non_null(strstr(err.message, ": larger than 1048576 bytes"));
    assert_int_equal(unlink(path), 0);
    settings_free(&settings);
}

static void test_a_check_tells_every_problem(void **state)
{
    struct settings *settings = settings_made(&shop_settings),
                    *defaults = settings_made(&shop_settings);
    struct text problems = {0};
    ecommerce_error err = {0};
    char expected[600];
    (void)state;
    const char *path = write_file("shop:\n"
                                  "  nam: Kiosk\n"
                                  "  currency: GBP\n"
                                  "relay: 5\n"
                                  "orders:\n"
                                  "  max_lines: 0\n"
                                  "  ship_unpaid: 1\n",
                                  0644);
    assert_false(config_check_file(settings, path, &problems, &err));
    snprintf(expected, sizeof(expected),
             "%1$s:2:3: shop.nam: there is no such setting; did you mean 'shop.name'\n"
             "%1$s:4:8: relay: this is a section: expected settings below it\n"
             "%1$s:6:14: orders.max_lines: must be from 1 to 100000 lines, not 0\n"
             "%1$s:7:16: orders.ship_unpaid: expected true or false, found the bare number 1\n",
             path);
    assert_string_equal(text_cstr(&problems), expected);
    assert_string_equal(err.field, "shop.nam"); /* the first */
    assert_same_settings(settings, defaults);
    write_file("shop: {currency: GBP}\n", 0644);
    text_clear(&problems);
    assert_true(config_check_file(settings, path, &problems, &err));
    assert_int_equal(problems.len, 0);
    assert_string_equal(settings_text(settings, SETTING_SHOP_CURRENCY), "GBP");
    assert_int_equal(unlink(path), 0);
    text_release(&problems);
    settings_free(&settings);
    settings_free(&defaults);
}

/* ---- secrets ---- */

#define CANARY "c4n4ry-0f-a-s3cret"
#define EXPECTED_SECRET "expected {env: NAME} or {file: PATH}"

static void assert_secret(struct settings *settings, const char *expected)
{
    assert_string_equal(settings_text(settings, (enum setting_id)SERVER_PASSWORD), expected);
}

static void test_a_secret_from_the_environment(void **state)
{
    struct settings *settings = settings_made(&server_settings);
    (void)state;
    assert_int_equal(setenv("TEST_CONFIG_SECRET", CANARY, 1), 0);
    assert_loads(settings, "server: {password: {env: TEST_CONFIG_SECRET}}");
    assert_secret(settings, CANARY);
    assert_int_equal(setenv("TEST_CONFIG_SECRET", "", 1), 0);
    assert_refused(
        &server_settings, STR("server: {password: {env: TEST_CONFIG_SECRET}}"), "server.password",
        "shop.yaml:1:20: server.password: the environment variable TEST_CONFIG_SECRET is empty");
    assert_int_equal(unsetenv("TEST_CONFIG_SECRET"), 0);
    assert_refused(
        &server_settings, STR("server: {password: {env: TEST_CONFIG_SECRET}}"), "server.password",
        "shop.yaml:1:20: server.password: the environment variable TEST_CONFIG_SECRET is not set");
    settings_free(&settings);
}

static void test_a_secret_from_a_file_that_is_closed_to_others(void **state)
{
    struct settings *settings = settings_made(&server_settings);
    char yaml[160], message[300];
    (void)state;
    const char *path = write_file(CANARY "\n", 0600);
    snprintf(yaml, sizeof(yaml), "server: {password: {file: %s}}", path);
    assert_loads(settings, yaml);
    assert_secret(settings, CANARY);
    write_file(CANARY "\r\n", 0640);
    assert_loads(settings, yaml);
    assert_secret(settings, CANARY);
    write_file(CANARY " \n\n", 0600); /* one line end only: the rest belongs to it */
    snprintf(message, sizeof(message),
             "shop.yaml:1:20: server.password: must be UTF-8 text without control characters");
    assert_refused(&server_settings, str_of(yaml), "server.password", message);
    static const mode_t OPEN[] = {0604, 0602, 0644};
    for (size_t i = 0; i < ARRAY_LENGTH(OPEN); i++) {
        write_file(CANARY, OPEN[i]);
        snprintf(
            message, sizeof(message),
            "shop.yaml:1:20: server.password: %s: others can read or write this secret's file; "
            "close it with chmod o=",
            path);
        assert_refused(&server_settings, str_of(yaml), "server.password", message);
    }
    write_file("\n", 0600);
    snprintf(message, sizeof(message),
             "shop.yaml:1:20: server.password: %s: this secret's file is empty", path);
    assert_refused(&server_settings, str_of(yaml), "server.password", message);
    assert_int_equal(unlink(path), 0);
    snprintf(message, sizeof(message), "shop.yaml:1:20: server.password: %s: there is no such file",
             path);
    assert_refused(&server_settings, str_of(yaml), "server.password", message);
    settings_free(&settings);
}

static void test_a_secret_is_as_large_as_the_limit_allows(void **state)
{
    struct settings *settings = settings_made(&server_settings);
    char yaml[160], content[CONFIG_MAX_SECRET + 2];
    ecommerce_error err = {0};
    (void)state;
    memset(content, 's', sizeof(content));
    content[CONFIG_MAX_SECRET] = '\0';
    const char *path = write_file(content, 0600);
    snprintf(yaml, sizeof(yaml), "server: {password: {file: %s}}", path);
    assert_loads(settings, yaml);
    assert_secret(settings, content);
    content[CONFIG_MAX_SECRET] = 's';
    content[CONFIG_MAX_SECRET + 1] = '\0';
    write_file(content, 0600);
    assert_false(config_load_text(settings, str_of(yaml), NULL, &err));
    assert_non_null(strstr(err.message, ": larger than 4096 bytes"));
    assert_int_equal(setenv("TEST_CONFIG_SECRET", content, 1), 0);
    assert_refused(
        &server_settings, STR("server: {password: {env: TEST_CONFIG_SECRET}}"), "server.password",
        "shop.yaml:1:20: server.password: the environment variable TEST_CONFIG_SECRET is "
        "larger than 4096 bytes");
    assert_int_equal(unsetenv("TEST_CONFIG_SECRET"), 0);
    assert_int_equal(unlink(path), 0);
    settings_free(&settings);
}

static void test_other_forms_of_a_secret_are_refused(void **state)
{
    static const struct {
        const char *yaml, *found;
    } ROWS[] = {
        {"server: {password: {}}", EXPECTED_SECRET " and nothing else"},
        {"server: {password: {environment: X}}", EXPECTED_SECRET " and nothing else"},
        {"server: {password: {env: X, file: y}}", EXPECTED_SECRET " and nothing else"},
        {"server: {password: {env: 5}}", EXPECTED_SECRET " and nothing else"},
        {"server: {password: {env: \"\"}}",
         "the name of a secret's environment variable is ill-formed"},
        {"server: {password: {file: \"\"}}", "the path of a secret's file is ill-formed"},
        {"server: {password: {file: \"a\\0b\"}}", "the path of a secret's file is ill-formed"},
        {"server: {password: {file: \"a\\nb\"}}", "the path of a secret's file is ill-formed"},
        {"server: {password: 12345}", EXPECTED_SECRET ", found a number"},
        {"server: {password: 1.5}", EXPECTED_SECRET ", found a number"},
        {"server: {password: yes}", EXPECTED_SECRET ", found a switch"},
        {"server: {password: [a]}", EXPECTED_SECRET ", found a list"},
        {"server: {password: }", EXPECTED_SECRET ", found nothing"},
        {"server: {password: \"********\"}", "this is the mask of a secret, not the secret itself"},
        {"server: {password: \"a\\nb\"}", "must be UTF-8 text without control characters"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
        char message[200];
        snprintf(message, sizeof(message), "shop.yaml:1:20: server.password: %s", ROWS[i].found);
        assert_refused(&server_settings, str_of(ROWS[i].yaml), "server.password", message);
    }
}

static void test_only_a_secret_may_be_taken_from_outside(void **state)
{
    (void)state;
    assert_refused(&server_settings, STR("server: {host: {env: HOME}}"), "server.host",
                   "shop.yaml:1:16: server.host: expected a text, found a section");
}

static void test_a_secret_written_out_needs_a_closed_file(void **state)
{
    struct settings *settings = settings_made(&server_settings);
    ecommerce_error err = {0};
    (void)state;
    assert_loads(settings, "server: {password: " CANARY "}");
    assert_secret(settings, CANARY);
    settings_free(&settings);

    settings = settings_made(&server_settings);
    const char *path = write_file("server: {password: " CANARY "}\n", 0644);
    assert_false(config_load_file(settings, path, &err));
    assert_non_null(
        strstr(err.message, "server.password: others can read this file: give the secret as"));
    assert_null(strstr(err.message, CANARY));
    assert_int_equal(chmod(path, 0600), 0);
    assert_true(config_load_file(settings, path, &err));
    assert_secret(settings, CANARY);
    assert_int_equal(unlink(path), 0);
    settings_free(&settings);
}

static void test_secrets_are_masked_in_every_form(void **state)
{
    struct settings *settings = settings_made(&server_settings);
    struct doc_builder builder;
    struct text shown = {0};
    (void)state;
    assert_loads(settings, "server: {password: " CANARY "}");
    assert_true(settings_show(settings, &shown));
    assert_non_null(strstr(text_cstr(&shown), "  password: \"********\"\n"));
    assert_null(strstr(text_cstr(&shown), CANARY));
    doc_builder_init(&builder);
    assert_true(settings_show_doc(settings, &builder));
    struct doc doc = doc_finish(&builder);
    assert_true(str_is(doc_text(doc_child(doc, "server"), "password"), SETTING_MASK));
    assert_null(memmem(doc.bytes, doc.size, CANARY, strlen(CANARY)));
    /* Loading what was shown must not replace a secret by its mask. */
    assert_false(config_load_doc(settings, doc, NULL));
    assert_secret(settings, CANARY);
    doc_builder_release(&builder);
    text_release(&shown);
    settings_free(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_is_loaded_and_named_in_its_errors),
        cmocka_unit_test(test_what_is_no_readable_file_is_refused),
        cmocka_unit_test(test_of_a_long_file_name_the_end_is_shown),
        cmocka_unit_test(test_a_file_that_is_too_large_is_refused),
        cmocka_unit_test(test_a_check_tells_every_problem),
        cmocka_unit_test(test_a_secret_from_the_environment),
        cmocka_unit_test(test_a_secret_from_a_file_that_is_closed_to_others),
        cmocka_unit_test(test_a_secret_is_as_large_as_the_limit_allows),
        cmocka_unit_test(test_other_forms_of_a_secret_are_refused),
        cmocka_unit_test(test_only_a_secret_may_be_taken_from_outside),
        cmocka_unit_test(test_a_secret_written_out_needs_a_closed_file),
        cmocka_unit_test(test_secrets_are_masked_in_every_form),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
