/*
 * fuzz_config.c - any bytes as a configuration text.
 *
 * Taken or refused, it must leave the settings whole: what was taken is shown, and loads again to
 * the same. A refusal names its reason in printable UTF-8. The table has a secret and a list beside
 * the shop's rows' types; the secret's {env:} and {file:} stay within what the process has anyway.
 */
#include "config/config_loader.h"
#include "config/settings_print.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

static const struct setting ROWS[] = {
    {"a.text", SETTING_TEXT, "0", "64", "x", "", "", "Text", false},
    {"a.list", SETTING_LIST, "0", "64", "", "", "", "List", false},
    {"a.number", SETTING_NUMBER, "-9", "9", "0", "", "", "Number", false},
    {"a.integer", SETTING_INTEGER, "-9", "9", "0", "", "", "Integer", false},
    {"a.switch", SETTING_SWITCH, "", "", "true", "", "", "Switch", false},
    {"b.c.duration", SETTING_DURATION, "0 s", "9 d", "0 s", "", "", "Duration", false},
    {"b.c.size", SETTING_SIZE, "0 B", "9 GiB", "0 B", "", "", "Size", false},
    {"b.choice", SETTING_CHOICE, "", "", "one", "", "one|two|", "Choice", false},
    {"b.currency", SETTING_CURRENCY, "3", "3", "EUR", "", "", "Currency", false},
};
static const struct settings_table PLAIN = {ROWS, ARRAY_LENGTH(ROWS), NULL, 0};

static const struct setting SECRET_ROWS[] = {
    {"a.secret", SETTING_SECRET, "0", "64", "", "", "", "Secret", false},
};
static const struct settings_table SECRETS = {SECRET_ROWS, ARRAY_LENGTH(SECRET_ROWS), NULL, 0};

static void assert_loads_again(const struct settings *settings)
{
    struct text shown = {0};
    struct settings *again = settings_new_of(settings_table_of(settings), NULL);
    bool printed = settings_show(settings, &shown);
    assert(again && printed);
    bool loaded = config_load_text(again, text_str(&shown), NULL, NULL);
    assert(loaded);
    for (size_t i = 0; i < PLAIN.count; i++) {
        struct setting_value one = settings_value(settings, i), other = settings_value(again, i);
        assert(setting_value_equal(&PLAIN.rows[i], &one, &other));
    }
    text_release(&shown);
    settings_free(&again);
}

static void run(const struct settings_table *table, struct str yaml)
{
    ecommerce_error err = {0};
    struct settings *settings = settings_new_of(table, NULL);
    assert(settings);
    if (config_load_text(settings, yaml, "fuzz", &err)) {
        if (table == &PLAIN)
            assert_loads_again(settings);
    } else {
        assert(err.code == ECOMMERCE_INVALID_CONFIGURATION);
        assert(str_is_utf8(str_of(err.message)) && str_is_utf8(str_of(err.field)));
        for (const char *c = err.message; *c; c++)
            assert((unsigned char)*c >= 0x20);
    }
    settings_free(&settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str yaml = str_make((const char *)data, size);
    run(&PLAIN, yaml);
    run(&SECRETS, yaml);
    run(&shop_settings, yaml);
    return 0;
}
