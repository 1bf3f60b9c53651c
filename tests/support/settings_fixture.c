/* settings_fixture.c - settings in tests. See settings_fixture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/settings_fixture.h"

#include "config/config_loader.h"

#include <string.h>

static const struct setting SERVER[SERVER_ROWS] = {
    [SERVER_HOST] = {"server.host", SETTING_TEXT, "1", "40", "here", "", "", "Host", false},
    [SERVER_PASSWORD] = {"server.password", SETTING_SECRET, "0", "4096", "", "", "", "Password",
                         false},
    [SERVER_PEERS] = {"server.peers", SETTING_LIST, "0", "90", "", "", "", "Peers", false},
    [SERVER_WEIGHT] = {"server.weight", SETTING_NUMBER, "-5", "5", "0.5", "", "", "Weight", false},
};

const struct settings_table server_settings = {SERVER, SERVER_ROWS, NULL, 0};

struct settings *settings_made(const struct settings_table *table)
{
    struct settings *settings = settings_new_of(table, NULL);
    assert_non_null(settings);
    return settings;
}

void assert_loads(struct settings *settings, const char *yaml)
{
    ecommerce_error err = {0};
    if (!config_load_text(settings, str_of(yaml), "shop.yaml", &err))
        fail_msg("refused: %s", err.message);
}

void assert_same_settings(const struct settings *a, const struct settings *b)
{
    const struct settings_table *table = settings_table_of(a);
    for (size_t i = 0; i < table->count; i++) {
        struct setting_value one = settings_value(a, i), other = settings_value(b, i);
        if (!setting_value_equal(&table->rows[i], &one, &other))
            fail_msg("%s differs", table->rows[i].path);
    }
}

void assert_refused(const struct settings_table *table, struct str yaml, const char *field,
                    const char *message)
{
    struct settings *settings = settings_made(table), *defaults = settings_made(table);
    ecommerce_error err = {0};
    if (config_load_text(settings, yaml, "shop.yaml", &err))
        fail_msg("taken: %.*s", STR_ARG(yaml));
    if (strcmp(err.message, message) != 0 || strcmp(err.field, field) != 0)
        fail_msg("%.*s\n  expected %s: %s\n  received %s: %s", STR_ARG(yaml), field, message,
                 err.field, err.message);
    assert_int_equal(err.code, ECOMMERCE_INVALID_CONFIGURATION);
    assert_same_settings(settings, defaults);
    assert_false(config_load_text(settings, yaml, NULL, NULL));
    settings_free(&settings);
    settings_free(&defaults);
}
