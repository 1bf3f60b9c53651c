/* The table of settings and the values of a struct settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/quantity.h"
#include "config/settings.h"
#include "support/alloc.h"
#include "support/log.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

/* ---- a table with every type, for what the shop's own has no row of ---- */

enum { T_TEXT, T_SECRET, T_NUMBER, T_LIST, T_SWITCH, T_LEAST, T_GREATEST, T_ROWS };

static const struct setting TEST_ROWS[T_ROWS] = {
    [T_TEXT] = {"server.host", SETTING_TEXT, "1", "8", "here", "", "", "Host", false},
    [T_SECRET] = {"server.password", SETTING_SECRET, "0", "20", "", "", "", "Password", false},
    [T_NUMBER] = {"server.weight", SETTING_NUMBER, "-1.5", "2", "0.5", "", "", "Weight", false},
    [T_LIST] = {"server.peers", SETTING_LIST, "0", "20", "a, b", "", "", "Peers", false},
    [T_SWITCH] = {"server.tls", SETTING_SWITCH, "", "", "true", "", "", "Encrypt", true},
    [T_LEAST] = {"pool.least", SETTING_INTEGER, "0", "9", "1", "connections", "", "Least", true},
    [T_GREATEST] = {"pool.greatest", SETTING_INTEGER, "0", "9", "4", "connections", "", "Most",
                    true},
};
static const struct settings_pair TEST_PAIRS[] = {{T_LEAST, T_GREATEST}};
static const struct settings_table TEST_TABLE = {TEST_ROWS, T_ROWS, TEST_PAIRS, 1};

static struct settings *make(const struct settings_table *table)
{
    ecommerce_error err = {0};
    struct settings *settings = settings_new_of(table, &err);
    assert_non_null(settings);
    return settings;
}

static void assert_sets(struct settings *settings, const char *path, const char *value)
{
    ecommerce_error err = {0};
    if (!settings_set_text(settings, path, value, &err))
        fail_msg("%s=%s was refused: %s", path, value, err.message);
}

static void assert_refuses(struct settings *settings, const char *path, const char *value,
                           const char *message)
{
    ecommerce_error err = {0};
    if (settings_set_text(settings, path, value, &err))
        fail_msg("%s=%s was taken", path, value);
    assert_int_equal(err.code, ECOMMERCE_INVALID_CONFIGURATION);
    assert_string_equal(err.field, path);
    assert_string_equal(err.message, message);
}

/* ---- the table ---- */

static void test_limits_and_defaults_are_written_as_they_print(void **state)
{
    (void)state;
    for (size_t i = 0; i < shop_settings.count; i++) {
        const struct setting *row = &shop_settings.rows[i];
        const char *const texts[] = {row->standard, row->minimum, row->maximum};
        bool has_limits = row->type == SETTING_INTEGER || row->type == SETTING_NUMBER ||
                          row->type == SETTING_DURATION || row->type == SETTING_SIZE;
        for (size_t j = 0; j < (has_limits ? 3 : 1); j++) {
            struct setting_value value;
            struct text printed = {0};
            ecommerce_error err = {0};
            if (!setting_parse(row, str_of(texts[j]), &value, &err))
                fail_msg("%s: %s", row->path, err.message);
            setting_format(row, &value, &printed);
            assert_string_equal(text_cstr(&printed), texts[j]);
            text_release(&printed);
            setting_value_release(row, &value);
        }
    }
}

static void test_paths_are_lower_case_names_two_levels_deep_or_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < shop_settings.count; i++) {
        const char *path = shop_settings.rows[i].path;
        assert_non_null(strchr(path, '.'));
        assert_true(islower((unsigned char)path[0]));
        assert_true(strlen(path) < 64);
        for (const char *c = path; *c; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_' ||
                        (*c == '.' && islower((unsigned char)c[1])));
    }
}

static void test_a_path_is_given_once_and_is_no_section(void **state)
{
    (void)state;
    for (size_t i = 0; i < shop_settings.count; i++) {
        size_t found;
        assert_true(settings_find(&shop_settings, str_of(shop_settings.rows[i].path), &found));
        assert_int_equal(found, i); /* the first with this path is this one */
        assert_false(settings_is_section(&shop_settings, str_of(shop_settings.rows[i].path)));
    }
}

/* Else a printed configuration would begin a section twice. */
static void test_rows_of_a_section_stand_together(void **state)
{
    (void)state;
    for (size_t i = 1; i < shop_settings.count; i++) {
        const char *path = shop_settings.rows[i].path;
        for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
            size_t length = (size_t)(dot - path) + 1;
            bool left = false;
            for (size_t j = i; j-- > 0;) {
                bool inside = strncmp(shop_settings.rows[j].path, path, length) == 0;
                if (inside && left)
                    fail_msg("%s stands apart from %s", path, shop_settings.rows[j].path);
                left = left || !inside;
            }
        }
    }
}

static void test_descriptions_are_one_line_without_a_full_stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < shop_settings.count; i++) {
        const char *text = shop_settings.rows[i].description;
        assert_true(strlen(text) > 10);
        assert_true(isupper((unsigned char)text[0]) || isdigit((unsigned char)text[0]));
        assert_null(strpbrk(text, "|\n"));
        assert_true(text[strlen(text) - 1] != '.');
    }
}

/* settings_adopt replaces the integer of a value only. */
static void test_live_settings_are_kept_in_an_integer(void **state)
{
    (void)state;
    for (size_t i = 0; i < shop_settings.count; i++) {
        const struct setting *row = &shop_settings.rows[i];
        if (row->live)
            assert_true(row->type == SETTING_INTEGER || row->type == SETTING_SWITCH ||
                        row->type == SETTING_DURATION || row->type == SETTING_SIZE ||
                        row->type == SETTING_CHOICE);
    }
}

static void test_log_levels_are_those_of_the_log(void **state)
{
    (void)state;
    assert_int_equal(LOG_LEVEL_ERROR, LOG_ERROR);
    assert_int_equal(LOG_LEVEL_WARNING, LOG_WARNING);
    assert_int_equal(LOG_LEVEL_INFO, LOG_INFO);
    assert_int_equal(LOG_LEVEL_DEBUG, LOG_DEBUG);
    for (int level = LOG_ERROR; level <= LOG_DEBUG; level++) {
        struct str name = setting_choice(&shop_settings.rows[SETTING_LOG_LEVEL], (size_t)level);
        assert_true(str_is(name, log_level_name((enum log_level)level)));
    }
}

/* ---- limits ---- */

/* The value `by` steps (of 1, 1 ms or 1 byte) beyond a limit, as text. */
static void beyond(const struct setting *row, const char *limit, int by, struct text *out)
{
    struct setting_value value;
    assert_true(setting_parse(row, str_of(limit), &value, NULL));
    value.integer += by * (row->type == SETTING_DURATION ? 1000 : 1);
    if (row->type == SETTING_SIZE)
        text_printf(out, "%lld B", (long long)value.integer);
    else if (row->type == SETTING_DURATION)
        text_printf(out, "%lld ms", (long long)value.integer / 1000);
    else
        text_add_int(out, value.integer);
}

static bool takes(const struct setting *row, const char *limit, int by)
{
    struct text text = {0};
    struct setting_value value;
    beyond(row, limit, by, &text);
    bool taken = setting_parse(row, text_str(&text), &value, NULL);
    text_release(&text);
    return taken;
}

static void test_every_limit_holds_at_the_limit_and_one_beyond(void **state)
{
    (void)state;
    size_t checked = 0;
    for (size_t i = 0; i < shop_settings.count; i++) {
        const struct setting *row = &shop_settings.rows[i];
        if (row->type != SETTING_INTEGER && row->type != SETTING_DURATION &&
            row->type != SETTING_SIZE)
            continue;
        assert_false(takes(row, row->minimum, -1));
        assert_true(takes(row, row->minimum, 0));
        assert_true(takes(row, row->maximum, 0));
        assert_false(takes(row, row->maximum, 1));
        checked++;
    }
    assert_true(checked > 20);
}

static void test_limits_of_numbers_and_texts(void **state)
{
    struct settings *settings = make(&TEST_TABLE);
    (void)state;
    assert_refuses(settings, "server.weight", "-1.5000001",
                   "must be from -1.5 to 2, not -1.5000001");
    assert_sets(settings, "server.weight", "-1.5");
    assert_sets(settings, "server.weight", "2");
    assert_refuses(settings, "server.weight", "2.0000001", "must be from -1.5 to 2, not 2.0000001");
    assert_refuses(settings, "server.host", "", "must be from 1 to 8 bytes long, and has 0");
    assert_sets(settings, "server.host", "1");
    assert_sets(settings, "server.host", "12345678");
    assert_refuses(settings, "server.host", "123456789",
                   "must be from 1 to 8 bytes long, and has 9");
    assert_sets(settings, "server.peers", "123456789,12345678"); /* 20 with their ends: 10 + 9 */
    assert_refuses(settings, "server.peers", "123456789,1234567890",
                   "must be from 0 to 20 bytes long, and has 21");
    settings_free(&settings);
}

/* ---- reading ---- */

static void test_defaults_without_a_file(void **state)
{
    struct settings *settings = make(&shop_settings);
    (void)state;
    assert_string_equal(settings_text(settings, SETTING_SHOP_CURRENCY), "GBP");
    assert_string_equal(settings_text(settings, SETTING_SHOP_TIME_ZONE), "UTC");
    assert_string_equal(settings_text(settings, SETTING_STORES_EMBEDDED_FOLDER), "./shop-data");
    assert_string_equal(settings_text(settings, SETTING_LOG_FILE), "");
    assert_int_equal(settings_duration(settings, SETTING_ORDERS_DEADLINE), 10 * SECOND);
    assert_int_equal(settings_duration(settings, SETTING_ORDERS_GRACE), 30 * SECOND);
    assert_int_equal(settings_int(settings, SETTING_ORDERS_PARK_AFTER), 8);
    assert_int_equal(settings_size(settings, SETTING_ORDERS_MAX_BYTES), 1 << 20);
    assert_int_equal(settings_duration(settings, SETTING_CARTS_LIFETIME), 30 * DAY);
    assert_int_equal(settings_choice(settings, SETTING_CARTS_MERGE), CART_MERGE_ADD);
    assert_int_equal(settings_choice(settings, SETTING_STORES_GRAPH_KIND), GRAPH_EMBEDDED);
    assert_true(settings_bool(settings, SETTING_RELAY_BACKGROUND));
    assert_false(settings_bool(settings, SETTING_ORDERS_SHIP_UNPAID));
    assert_true(settings_number(settings, SETTING_RECOMMENDATIONS_WALK_SIZE_POWER) == 0.25);
    for (size_t i = 0; i < SETTING_COUNT; i++)
        assert_true(settings_is_standard(settings, i));
    settings_free(&settings);
    assert_null(settings);
    settings_free(&settings);
}

static void test_lists(void **state)
{
    struct settings *settings = make(&TEST_TABLE);
    (void)state;
    assert_int_equal(settings_list_count(settings, (enum setting_id)T_LIST), 2);
    assert_string_equal(settings_list_item(settings, (enum setting_id)T_LIST, 0), "a");
    assert_string_equal(settings_list_item(settings, (enum setting_id)T_LIST, 1), "b");
    assert_sets(settings, "server.peers", " one ,two");
    assert_string_equal(settings_list_item(settings, (enum setting_id)T_LIST, 0), "one");
    assert_string_equal(settings_list_item(settings, (enum setting_id)T_LIST, 1), "two");
    assert_sets(settings, "server.peers", "");
    assert_int_equal(settings_list_count(settings, (enum setting_id)T_LIST), 0);
    assert_refuses(settings, "server.peers", "one,,two",
                   "items must be UTF-8 texts without control characters, not empty");
    settings_free(&settings);
}

/* ---- changing ---- */

static void test_a_value_is_set_by_its_path(void **state)
{
    struct settings *settings = make(&shop_settings);
    (void)state;
    assert_sets(settings, "stores.embedded.folder", "/srv/shop");
    assert_sets(settings, "orders.deadline", "2500ms");
    assert_sets(settings, "carts.merge", "maximum");
    assert_sets(settings, "relay.background", "false");
    assert_sets(settings, "shop.currency", "GBP");
    assert_string_equal(settings_text(settings, SETTING_STORES_EMBEDDED_FOLDER), "/srv/shop");
    assert_int_equal(settings_duration(settings, SETTING_ORDERS_DEADLINE), 2500000);
    assert_int_equal(settings_choice(settings, SETTING_CARTS_MERGE), CART_MERGE_MAXIMUM);
    assert_false(settings_bool(settings, SETTING_RELAY_BACKGROUND));
    assert_false(settings_is_standard(settings, SETTING_RELAY_BACKGROUND));
    assert_true(settings_is_standard(settings, SETTING_RELAY_BATCH));
    settings_free(&settings);
}

static void test_ill_formed_values_are_refused_and_change_nothing(void **state)
{
    struct settings *settings = make(&shop_settings);
    (void)state;
    assert_refuses(
        settings, "orders.deadline", "10",
        "expected a duration with its unit such as 250 ms, 10 s, 30 min, 12 h, 180 d, found '10'");
    assert_refuses(settings, "orders.deadline", "6 min", "must be from 100 ms to 5 min, not 6 min");
    assert_refuses(settings, "orders.max_lines", "0", "must be from 1 to 100000 lines, not 0");
    assert_refuses(settings, "orders.max_lines", "many", "expected an integer, found 'many'");
    assert_refuses(
        settings, "cache.max_bytes", "64 MB",
        "expected a size with its unit such as 512 B, 64 KiB, 1 MiB, 2 GiB, found '64 MB'");
    assert_refuses(settings, "carts.merge", "sum",
                   "expected one of add, keep_customer, keep_guest, maximum, found 'sum'");
    assert_refuses(settings, "relay.background", "maybe", "expected true or false, found 'maybe'");
    assert_refuses(settings, "shop.currency", "EU", "must be from 3 to 3 bytes long, and has 2");
    assert_refuses(settings, "shop.currency", "XQQ",
                   "expected an ISO 4217 currency code such as EUR, found 'XQQ'");
    assert_refuses(settings, "shop.time_zone", "Europe/Lodnon",
                   "expected a time zone such as Europe/London, found 'Europe/Lodnon'");
    assert_refuses(settings, "shop.name", "a\nb", "must be UTF-8 text without control characters");
    assert_refuses(settings, "shop.name", "\xff", "must be UTF-8 text without control characters");
    for (size_t i = 0; i < SETTING_COUNT; i++)
        assert_true(settings_is_standard(settings, i));
    settings_free(&settings);
}

static void test_control_characters_are_refused_and_no_others(void **state)
{
    static const char *const REFUSED[] = {
        "a\tb",         "a\x7f",         "\xc2\x80",     "\xc2\x9f",     "\xe2\x80\xa8",
        "\xe2\x80\xa9", "\xef\xbb\xbf.", "\xef\xbf\xbe", "\xef\xbf\xbf",
    };
    static const char *const TAKEN[] = {"\xc2\xa0",     "caf\xc3\xa9",  "\xe2\x80\xa7",
                                        "\xe2\x80\xaa", "\xef\xbf\xbd", "\xf0\x9f\x8d\xb5"};
    struct settings *settings = make(&shop_settings);
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(REFUSED); i++)
        assert_refuses(settings, "shop.name", REFUSED[i],
                       "must be UTF-8 text without control characters");
    for (size_t i = 0; i < ARRAY_LENGTH(TAKEN); i++)
        assert_sets(settings, "shop.name", TAKEN[i]);
    settings_free(&settings);
}

static void test_a_found_value_is_quoted_short_and_printable(void **state)
{
    struct settings *settings = make(&shop_settings);
    ecommerce_error err = {0};
    char value[200];
    (void)state;
    memset(value, 'x', sizeof(value));
    value[3] = '\n';
    memcpy(value + 59, "\xc3\xa9", 2); /* a character across the cut */
    value[199] = '\0';
    assert_false(settings_set_text(settings, "orders.max_lines", value, &err));
    assert_non_null(strstr(err.message, "found 'xxx?xxx"));
    assert_non_null(strstr(err.message, "xx...'"));
    assert_true(str_is_utf8(str_of(err.message)));
    settings_free(&settings);
}

static void test_a_secret_is_not_taken_from_a_command_line(void **state)
{
    struct settings *settings = make(&TEST_TABLE);
    (void)state;
    assert_refuses(settings, "server.password", "hunter2",
                   "a secret is given in a configuration file, by {env: NAME} or {file: PATH}");
    settings_free(&settings);
}

static void test_the_nearest_known_name_is_told(void **state)
{
    static const struct {
        const char *path, *nearest;
    } ROWS[] = {
        {"orders.dedline", "orders.deadline"},
        {"orders.daedline", "orders.deadline"},
        {"orders.deadlines", "orders.deadline"},
        {"orders.Deadline", "orders.deadline"},
        {"order.deadline", "orders.deadline"},
        {"deadline", "orders.deadline"},
        {"relay.scan_intervall", "relay.scan_interval"},
        {"stores.document", "stores.documents"},
        {"stores.documents.kidn", "stores.documents.kind"},
        {"store", "stores"},
        {"mongodb", "stores.documents"},
        {"redis", "stores.live"},
        {"timescaledb", "stores.timeseries"},
        {"neo4j", "stores.graph"},
        {"orders.xyzzy", ""},
        {"unheard_of", ""},
        {"", ""},
        {".", ""},
        {"orders.", ""},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
        struct text nearest = {0};
        settings_suggest(&shop_settings, str_of(ROWS[i].path), &nearest);
        if (strcmp(text_cstr(&nearest), ROWS[i].nearest) != 0)
            fail_msg("for '%s': '%s'", ROWS[i].path, text_cstr(&nearest));
        text_release(&nearest);
    }
    struct settings *settings = make(&shop_settings);
    assert_refuses(settings, "orders.dedline", "5 s",
                   "there is no such setting; did you mean 'orders.deadline'");
    assert_refuses(settings, "orders.xyzzy", "5 s", "there is no such setting");
    assert_refuses(settings, "orders", "5 s", "this is a section: name a setting below it");
    settings_free(&settings);
}

static void test_names_up_to_the_limit_are_compared(void **state)
{
    char path[80] = "orders.";
    struct text nearest = {0};
    (void)state;
    for (size_t length = 60; length <= 70; length++) {
        memset(path + 7, 'd', length);
        path[7 + length] = '\0';
        settings_suggest(&shop_settings, str_of(path), &nearest);
        assert_int_equal(nearest.len, 0);
    }
    text_release(&nearest);
}

/* ---- live settings ---- */

static void test_live_settings_are_adopted_and_others_are_told(void **state)
{
    struct settings *running = make(&shop_settings), *fresh = make(&shop_settings);
    struct text restart = {0};
    (void)state;
    assert_true(settings_adopt(running, fresh, &restart));
    assert_sets(fresh, "stock.low_threshold", "9");
    assert_true(settings_adopt(running, fresh, &restart));
    assert_int_equal(settings_int(running, SETTING_STOCK_LOW_THRESHOLD), 9);
    assert_int_equal(restart.len, 0);
    assert_sets(fresh, "shop.name", "Other");
    assert_sets(fresh, "log.level", "debug");
    assert_false(settings_adopt(running, fresh, &restart));
    assert_string_equal(text_cstr(&restart), "shop.name\n");
    assert_string_equal(settings_text(running, SETTING_SHOP_NAME), "Shop");
    assert_int_equal(settings_choice(running, SETTING_LOG_LEVEL), LOG_LEVEL_DEBUG);
    assert_false(settings_adopt(running, fresh, NULL));
    text_release(&restart);
    settings_free(&running);
    settings_free(&fresh);
}

/* ---- checks ---- */

static void test_pairs_must_agree(void **state)
{
    struct settings *settings = make(&shop_settings);
    ecommerce_error err = {0};
    size_t wrong = 0;
    (void)state;
    assert_true(settings_check(settings, &wrong, &err));
    assert_sets(settings, "sessions.idle", "12 h");
    assert_true(settings_check(settings, &wrong, &err));
    assert_sets(settings, "sessions.idle", "13 h");
    assert_false(settings_check(settings, &wrong, &err));
    assert_int_equal(wrong, SETTING_SESSIONS_IDLE);
    assert_string_equal(err.field, "sessions.idle");
    assert_string_equal(err.message, "must not exceed sessions.absolute: 13 h is more than 12 h");
    assert_false(settings_check(settings, NULL, NULL));
    settings_free(&settings);
}

static void test_stores_that_are_not_built_in_are_refused_at_opening(void **state)
{
    static const char *const KINDS[][2] = {{"stores.documents.kind", "mongodb"},
                                           {"stores.live.kind", "redis"},
                                           {"stores.timeseries.kind", "timescaledb"},
                                           {"stores.graph.kind", "neo4j"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(KINDS); i++) {
        struct settings *settings = make(&shop_settings);
        ecommerce_error err = {0};
        char expected[128];
        assert_true(settings_check_stores(settings, &err));
        assert_sets(settings, KINDS[i][0], KINDS[i][1]);
        assert_false(settings_check_stores(settings, &err));
        assert_int_equal(err.code, ECOMMERCE_INVALID_CONFIGURATION);
        assert_string_equal(err.field, KINDS[i][0]);
        snprintf(expected, sizeof(expected),
                 "'%s' is not built into this version; only 'embedded' is", KINDS[i][1]);
        assert_string_equal(err.message, expected);
        settings_free(&settings);
    }
}

/* ---- copies and memory ---- */

static void test_a_copy_is_equal_and_its_own(void **state)
{
    struct settings *settings = make(&TEST_TABLE);
    (void)state;
    assert_sets(settings, "server.peers", "x, y, z");
    assert_sets(settings, "server.host", "there");
    struct settings *copy = settings_copy(settings, NULL);
    assert_non_null(copy);
    for (size_t i = 0; i < T_ROWS; i++) {
        struct setting_value one = settings_value(settings, i), other = settings_value(copy, i);
        assert_true(setting_value_equal(&TEST_ROWS[i], &one, &other));
    }
    assert_sets(copy, "server.host", "else");
    assert_string_equal(settings_text(settings, (enum setting_id)T_TEXT), "there");
    settings_swap(settings, copy);
    assert_string_equal(settings_text(settings, (enum setting_id)T_TEXT), "else");
    settings_free(&copy);
    settings_free(&settings);
}

static void test_every_failing_allocation_is_reported_and_nothing_leaks(void **state)
{
    struct settings *settings = make(&TEST_TABLE);
    long before = mem_live_blocks();
    (void)state;
    for (long successes = 0, done = 0; !done; successes++) {
        ecommerce_error err = {0};
        mem_fail_after(successes);
        struct settings *made = settings_new(&err);
        struct settings *copy = made ? settings_copy(settings, &err) : NULL;
        bool ok = copy && settings_set_text(copy, "server.peers", "p, q", &err);
        mem_fail_after(-1);
        if (!ok)
            assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
        settings_free(&made);
        settings_free(&copy);
        assert_int_equal(mem_live_blocks(), before);
        done = ok;
        assert_true(successes < 1000);
    }
    settings_free(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits_and_defaults_are_written_as_they_print),
        cmocka_unit_test(test_paths_are_lower_case_names_two_levels_deep_or_more),
        cmocka_unit_test(test_a_path_is_given_once_and_is_no_section),
        cmocka_unit_test(test_rows_of_a_section_stand_together),
        cmocka_unit_test(test_descriptions_are_one_line_without_a_full_stop),
        cmocka_unit_test(test_live_settings_are_kept_in_an_integer),
        cmocka_unit_test(test_log_levels_are_those_of_the_log),
        cmocka_unit_test(test_every_limit_holds_at_the_limit_and_one_beyond),
        cmocka_unit_test(test_limits_of_numbers_and_texts),
        cmocka_unit_test(test_defaults_without_a_file),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_a_value_is_set_by_its_path),
        cmocka_unit_test(test_ill_formed_values_are_refused_and_change_nothing),
        cmocka_unit_test(test_control_characters_are_refused_and_no_others),
        cmocka_unit_test(test_a_found_value_is_quoted_short_and_printable),
        cmocka_unit_test(test_a_secret_is_not_taken_from_a_command_line),
        cmocka_unit_test(test_the_nearest_known_name_is_told),
        cmocka_unit_test(test_names_up_to_the_limit_are_compared),
        cmocka_unit_test(test_live_settings_are_adopted_and_others_are_told),
        cmocka_unit_test(test_pairs_must_agree),
        cmocka_unit_test(test_stores_that_are_not_built_in_are_refused_at_opening),
        cmocka_unit_test(test_a_copy_is_equal_and_its_own),
        cmocka_unit_test(test_every_failing_allocation_is_reported_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
