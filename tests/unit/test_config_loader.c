/* Configurations as texts and documents; files and secrets are in test_config_files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config_loader.h"
#include "config/config_tree.h"
#include "config/settings_print.h"
#include "support/alloc.h"
#include "tests/support/settings_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000000)

/* ---- what is taken ---- */

static void test_a_file_changes_what_it_names(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    (void)state;
    assert_loads(settings, "# a comment\n"
                           "shop:\n"
                           "  name: \"Tea & Tins\"\n"
                           "  currency: GBP\n"
                           "orders: {deadline: 5 s, max_lines: 7, ship_unpaid: yes}\n"
                           "recommendations:\n"
                           "  walk_prior: 12\n"
                           "  walk_damping: 1.0e-1\n"
                           "carts:\n"
                           "sessions: ~\n");
    assert_string_equal(settings_text(settings, SETTING_SHOP_NAME), "Tea & Tins");
    assert_string_equal(settings_text(settings, SETTING_SHOP_CURRENCY), "GBP");
    assert_string_equal(settings_text(settings, SETTING_SHOP_TIME_ZONE), "UTC");
    assert_int_equal(settings_duration(settings, SETTING_ORDERS_DEADLINE), 5 * SECOND);
    assert_int_equal(settings_int(settings, SETTING_ORDERS_MAX_LINES), 7);
    assert_true(settings_bool(settings, SETTING_ORDERS_SHIP_UNPAID));
    assert_true(settings_number(settings, SETTING_RECOMMENDATIONS_WALK_PRIOR) == 12.0);
    assert_true(settings_number(settings, SETTING_RECOMMENDATIONS_WALK_DAMPING) == 0.1);
    settings_free(&settings);
}

static void test_the_four_stores_have_a_section_each(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    (void)state;
    assert_loads(settings, "stores:\n"
                           "  documents:\n    kind: mongodb\n"
                           "  live:\n    kind: redis\n"
                           "  timeseries:\n    kind: timescaledb\n"
                           "  graph:\n    kind: neo4j\n"
                           "  embedded:\n    folder: /srv/shop\n");
    assert_int_equal(settings_choice(settings, SETTING_STORES_DOCUMENTS_KIND), DOCUMENTS_MONGODB);
    assert_int_equal(settings_choice(settings, SETTING_STORES_LIVE_KIND), LIVE_REDIS);
    assert_int_equal(settings_choice(settings, SETTING_STORES_TIMESERIES_KIND),
                     TIMESERIES_TIMESCALEDB);
    assert_int_equal(settings_choice(settings, SETTING_STORES_GRAPH_KIND), GRAPH_NEO4J);
    settings_free(&settings);
}

static void test_an_empty_file_is_all_defaults(void **state)
{
    static const char *const TEXTS[] = {"",   "\n",  "# nothing\n", "---\n",
                                        "{}", "~\n", "--- \n...\n"};
    struct settings *settings = settings_made(&shop_settings),
                    *defaults = settings_made(&shop_settings);
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(TEXTS); i++) {
        assert_loads(settings, TEXTS[i]);
        assert_same_settings(settings, defaults);
    }
    assert_true(config_load_text(settings, STR_NONE, NULL, NULL));
    settings_free(&settings);
    settings_free(&defaults);
}

static void test_documents_are_loaded_one_over_the_other(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    (void)state;
    assert_loads(settings, "orders: {deadline: 5 s, grace: 7 s}");
    assert_loads(settings, "orders: {deadline: 6 s}");
    assert_int_equal(settings_duration(settings, SETTING_ORDERS_DEADLINE), 6 * SECOND);
    assert_int_equal(settings_duration(settings, SETTING_ORDERS_GRACE), 7 * SECOND);
    settings_free(&settings);
}

static void test_a_byte_order_mark_and_windows_line_ends_are_taken(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    (void)state;
    assert_loads(settings, "\xef\xbb\xbfshop:\r\n  name: Kiosk\r\n");
    assert_string_equal(settings_text(settings, SETTING_SHOP_NAME), "Kiosk");
    settings_free(&settings);
}

static void test_a_list_of_texts(void **state)
{
    struct settings *settings = settings_made(&server_settings);
    (void)state;
    assert_loads(settings, "server:\n  peers:\n    - one\n    - \"two, too\"\n");
    assert_int_equal(settings_list_count(settings, (enum setting_id)SERVER_PEERS), 2);
    assert_string_equal(settings_list_item(settings, (enum setting_id)SERVER_PEERS, 1), "two, too");
    assert_loads(settings, "server: {peers: []}");
    assert_int_equal(settings_list_count(settings, (enum setting_id)SERVER_PEERS), 0);
    settings_free(&settings);
}

/* ---- what is refused ---- */

#define EXPECTED_DURATION                                                                          \
    "expected a duration with its unit such as 250 ms, 10 s, 30 min, 12 h, 180 d"

struct refusal {
    const char *yaml, *field, *message;
};

static void check_refusals(const struct refusal *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_refused(&shop_settings, str_of(rows[i].yaml), rows[i].field, rows[i].message);
}

static const struct refusal UNKNOWN[] = {
    {"orders:\n  dedline: 5 s\n", "orders.dedline",
     "shop.yaml:2:3: orders.dedline: there is no such setting; did you mean 'orders.deadline'"},
    {"\n\nordres:\n  deadline: 5 s\n", "ordres",
     "shop.yaml:3:1: ordres: there is no such setting; did you mean 'orders'"},
    {"deadline: 5 s\n", "deadline",
     "shop.yaml:1:1: deadline: there is no such setting; did you mean 'orders.deadline'"},
    {"mongodb: {uri: x}\n", "mongodb",
     "shop.yaml:1:1: mongodb: there is no such setting; did you mean 'stores.documents'"},
    {"stores:\n  documents: {kind: mongodb, uri: x}\n", "stores.documents.uri",
     "shop.yaml:2:30: stores.documents.uri: there is no such setting"},
    {"<<: {shop: {}}\n", "<<", "shop.yaml:1:1: <<: there is no such setting"},
};

static void test_an_unknown_setting_is_refused(void **state)
{
    (void)state;
    check_refusals(UNKNOWN, ARRAY_LENGTH(UNKNOWN));
}

static const struct refusal OF_ANOTHER_TYPE[] = {
    {"orders:\n  deadline: 10\n", "orders.deadline",
     "shop.yaml:2:13: orders.deadline: " EXPECTED_DURATION ", found the bare number 10"},
    {"orders:\n  deadline: 2.5\n", "orders.deadline",
     "shop.yaml:2:13: orders.deadline: " EXPECTED_DURATION ", found the bare number 2.5"},
    {"orders:\n  deadline: ten\n", "orders.deadline",
     "shop.yaml:2:13: orders.deadline: " EXPECTED_DURATION ", found 'ten'"},
    {"orders:\n  deadline:\n", "orders.deadline",
     "shop.yaml:2:12: orders.deadline: " EXPECTED_DURATION ", found nothing"},
    {"orders:\n  deadline: [5 s]\n", "orders.deadline",
     "shop.yaml:2:13: orders.deadline: " EXPECTED_DURATION ", found a list"},
    {"orders:\n  deadline:\n    soon: 1\n", "orders.deadline",
     "shop.yaml:3:5: orders.deadline: " EXPECTED_DURATION ", found a section"},
    {"orders:\n  max_lines: 2.5\n", "orders.max_lines",
     "shop.yaml:2:14: orders.max_lines: expected an integer, found the bare number 2.5"},
    {"orders:\n  max_lines: \"7\"\n", "orders.max_lines",
     "shop.yaml:2:14: orders.max_lines: expected an integer, found '7'"},
    {"orders:\n  max_lines: 0x1F\n", "orders.max_lines",
     "shop.yaml:2:14: orders.max_lines: expected an integer, found '0x1F'"},
    {"orders:\n  max_lines: 010\n", "orders.max_lines",
     "shop.yaml:2:14: orders.max_lines: expected an integer, found '010'"},
    {"orders:\n  max_lines: 99999999999999999999\n", "orders.max_lines",
     "shop.yaml:2:14: orders.max_lines: expected an integer, found '99999999999999999999'"},
    {"orders:\n  ship_unpaid: 1\n", "orders.ship_unpaid",
     "shop.yaml:2:16: orders.ship_unpaid: expected true or false, found the bare number 1"},
    {"orders:\n  ship_unpaid: \"yes\"\n", "orders.ship_unpaid",
     "shop.yaml:2:16: orders.ship_unpaid: expected true or false, found 'yes'"},
    {"shop:\n  name: no\n", "shop.name", "shop.yaml:2:9: shop.name: expected a text, found false"},
    {"shop:\n  name: 2024\n", "shop.name",
     "shop.yaml:2:9: shop.name: expected a text, found the bare number 2024"},
    {"carts:\n  merge: sum\n", "carts.merge",
     "shop.yaml:2:10: carts.merge: expected one of add, keep_customer, keep_guest, maximum, "
     "found "
     "'sum'"},
    {"recommendations:\n  walk_damping: 1e-1\n", "recommendations.walk_damping",
     "shop.yaml:2:17: recommendations.walk_damping: expected a number, found '1e-1'"},
    {"recommendations:\n  walk_damping: .inf\n", "recommendations.walk_damping",
     "shop.yaml:2:17: recommendations.walk_damping: expected a number, found '.inf'"},
    {"shop: 5\n", "shop", "shop.yaml:1:7: shop: this is a section: expected settings below it"},
    {"shop: [a]\n", "shop", "shop.yaml:1:7: shop: this is a section: expected settings below it"},
};

static void test_a_value_of_another_type_is_refused(void **state)
{
    (void)state;
    check_refusals(OF_ANOTHER_TYPE, ARRAY_LENGTH(OF_ANOTHER_TYPE));
}

static const struct refusal BEYOND_A_LIMIT[] = {
    {"orders:\n  max_lines: 0\n", "orders.max_lines",
     "shop.yaml:2:14: orders.max_lines: must be from 1 to 100000 lines, not 0"},
    {"orders:\n  max_lines: 100001\n", "orders.max_lines",
     "shop.yaml:2:14: orders.max_lines: must be from 1 to 100000 lines, not 100001"},
    {"cache:\n  max_bytes: 65 GiB\n", "cache.max_bytes",
     "shop.yaml:2:14: cache.max_bytes: must be from 64 KiB to 64 GiB, not 65 GiB"},
    {"shop:\n  name: \"\"\n", "shop.name",
     "shop.yaml:2:9: shop.name: must be from 1 to 200 bytes long, and has 0"},
    {"shop:\n  name: \"a\\0b\"\n", "shop.name",
     "shop.yaml:2:9: shop.name: must be UTF-8 text without control characters"},
};

static void test_a_value_beyond_a_limit_is_refused(void **state)
{
    (void)state;
    check_refusals(BEYOND_A_LIMIT, ARRAY_LENGTH(BEYOND_A_LIMIT));
}

static const struct refusal NOT_IN_AGREEMENT[] = {
    {"search:\n  max_page: 50\n  default_page: 51\n", "search.default_page",
     "shop.yaml:3:17: search.default_page: must not exceed search.max_page: 51 is more than "
     "50"},
    {"search:\n  max_page: 10\n", "search.default_page",
     "shop.yaml: search.default_page: must not exceed search.max_page: 20 is more than 10"},
};

static void test_settings_that_disagree_are_refused(void **state)
{
    (void)state;
    check_refusals(NOT_IN_AGREEMENT, ARRAY_LENGTH(NOT_IN_AGREEMENT));
}

static const struct refusal NAMES[] = {
    {"shop:\n  name: A\n  name: B\n", "", "shop.yaml:3:3: 'name' is given twice in one section"},
    {"shop:\n  name: A\norders:\nshop:\n  currency: GBP\n", "",
     "shop.yaml:4:1: 'shop' is given twice in one section"},
    {"orders.deadline: 5 s\n", "",
     "shop.yaml:1:1: a name with a point: write each section on a line of its own instead"},
    {"\"\": 1\n", "", "shop.yaml:1:1: a name must be from 1 to 64 bytes long"},
    {"\"a\\0b\": 1\n", "", "shop.yaml:1:1: a name must be of printable ASCII characters"},
    {"na\xc3\xafve: 1\n", "", "shop.yaml:1:1: a name must be of printable ASCII characters"},
    {"? [a]\n: b\n", "", "shop.yaml:1:3: a name must be a text"},
};

static void test_ill_formed_and_repeated_names_are_refused(void **state)
{
    (void)state;
    check_refusals(NAMES, ARRAY_LENGTH(NAMES));
}

static const struct refusal BEYOND_PLAIN_YAML[] = {
    {"shop: &s\n  name: A\n", "", "shop.yaml:1:7: an anchor (&name) is not allowed"},
    {"shop:\n  name: &n A\n", "", "shop.yaml:2:9: an anchor (&name) is not allowed"},
    {"&k shop: {}\n", "", "shop.yaml:1:1: an anchor (&name) is not allowed"},
    {"shop: *s\n", "", "shop.yaml:1:7: an alias (*name) is not allowed"},
    {"*s : 1\n", "", "shop.yaml:1:1: an alias (*name) is not allowed"},
    {"shop:\n  name: !!str 5\n", "", "shop.yaml:2:9: a tag (!name) is not allowed"},
    {"shop: !x {}\n", "", "shop.yaml:1:7: a tag (!name) is not allowed"},
    {"shop: [!x a]\n", "", "shop.yaml:1:8: a tag (!name) is not allowed"},
    {"%TAG ! tag:x,2000:\n---\nshop: {}\n", "", "shop.yaml:1:1: a %TAG directive is not allowed"},
    {"shop: {}\n---\nshop: {}\n", "", "shop.yaml:2:1: a second document is not allowed"},
    {"- shop\n", "", "shop.yaml:1:1: expected sections such as 'shop:', found a list"},
    {"shop\n", "", "shop.yaml:1:1: expected sections such as 'shop:', found a single value"},
};

static void test_what_is_beyond_plain_yaml_is_refused(void **state)
{
    (void)state;
    check_refusals(BEYOND_PLAIN_YAML, ARRAY_LENGTH(BEYOND_PLAIN_YAML));
}

static const struct refusal NO_YAML[] = {
    {"shop: {name: A\n", "", "shop.yaml:2:1: this is not YAML: did not find expected ',' or '}'"},
    {"shop:\n\tname: A\n", "",
     "shop.yaml:2:1: this is not YAML: found character that cannot start any token"},
    {"shop:\n  name: A\n currency: GBP\n", "",
     "shop.yaml:3:2: this is not YAML: did not find expected key"},
    {"shop:\n  name: \"A\n", "", "shop.yaml:3:1: this is not YAML: found unexpected end of stream"},
    {"shop: \xff\n", "", "shop.yaml:1:7: this is not YAML: invalid leading UTF-8 octet"},
};

static void test_what_is_no_yaml_is_refused(void **state)
{
    (void)state;
    check_refusals(NO_YAML, ARRAY_LENGTH(NO_YAML));
}

static void test_a_nul_byte_in_the_file_is_refused(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    ecommerce_error err = {0};
    (void)state;
    assert_false(config_load_text(settings, STR("shop:\n  name: a\0b\n"), "shop.yaml", &err));
    assert_non_null(strstr(err.message, "this is not YAML"));
    settings_free(&settings);
}

/* The classic: nine levels of nine references each would be 10^9 texts. */
static void test_a_billion_laughs_are_refused_at_the_first_anchor(void **state)
{
    struct text yaml = {0};
    (void)state;
    text_adds(&yaml,
              "a: &a [\"lol\",\"lol\",\"lol\",\"lol\",\"lol\",\"lol\",\"lol\",\"lol\",\"lol\"]\n");
    for (char level = 'b'; level <= 'i'; level++) {
        text_printf(&yaml, "%c: &%c [", level, level);
        for (int i = 0; i < 9; i++)
            text_printf(&yaml, "%s*%c", i > 0 ? "," : "", level - 1);
        text_adds(&yaml, "]\n");
    }
    assert_refused(&shop_settings, text_str(&yaml), "",
                   "shop.yaml:1:4: an anchor (&name) is not allowed");
    text_release(&yaml);
}

static void nest(struct text *yaml, size_t levels)
{
    for (size_t i = 0; i < levels; i++)
        text_adds(yaml, "{a: ");
    text_adds(yaml, "1");
    for (size_t i = 0; i < levels; i++)
        text_adds(yaml, "}");
}

static void test_depth_is_limited(void **state)
{
    struct text yaml = {0};
    (void)state;
    nest(&yaml, CONFIG_MAX_DEPTH);
    assert_refused(&shop_settings, text_str(&yaml), "a",
                   "shop.yaml:1:2: a: there is no such setting");
    text_clear(&yaml);
    nest(&yaml, CONFIG_MAX_DEPTH + 1);
    assert_refused(&shop_settings, text_str(&yaml), "",
                   "shop.yaml:1:33: nested more than 8 levels deep");
    text_clear(&yaml);
    for (int i = 0; i < 100000; i++)
        text_add_char(&yaml, '[');
    assert_refused(&shop_settings, text_str(&yaml), "",
                   "shop.yaml:1:9: nested more than 8 levels deep");
    text_release(&yaml);
}

static void test_size_is_limited(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    struct text yaml = {0};
    (void)state;
    text_adds(&yaml, "shop: {name: A}\n#");
    while (yaml.len < CONFIG_MAX_SIZE)
        text_add_char(&yaml, yaml.len % 100 == 0 ? '\n' : '#');
    assert_loads(settings, text_cstr(&yaml));
    text_add_char(&yaml, '\n');
    assert_refused(&shop_settings, text_str(&yaml), "", "shop.yaml: larger than 1048576 bytes");
    text_release(&yaml);
    settings_free(&settings);
}

/* values: as many as the file shall have, the top section and `server` and `peers` included. */
static void list_of(struct text *yaml, size_t values)
{
    text_adds(yaml, "server:\n  peers: [");
    for (size_t i = 3; i < values; i++)
        text_adds(yaml, i == 3 ? "a" : ",\na");
    text_adds(yaml, "]\n");
}

static void test_the_number_of_values_is_limited(void **state)
{
    struct text yaml = {0};
    (void)state;
    list_of(&yaml, CONFIG_MAX_NODES);
    assert_refused(&server_settings, text_str(&yaml), "server.peers",
                   "shop.yaml:2:10: server.peers: must be from 0 to 90 bytes long, and has 8186");
    text_clear(&yaml);
    list_of(&yaml, CONFIG_MAX_NODES + 1);
    struct settings *settings = settings_made(&server_settings);
    ecommerce_error err = {0};
    assert_false(config_load_text(settings, text_str(&yaml), "shop.yaml", &err));
    assert_non_null(strstr(err.message, ": more than 4096 values"));
    settings_free(&settings);
    text_release(&yaml);
}

static void test_a_name_is_as_long_as_the_limit_allows(void **state)
{
    char name[66], yaml[80], message[160];
    (void)state;
    memset(name, 'n', 65);
    name[65] = '\0';
    snprintf(yaml, sizeof(yaml), "%.64s: 1", name);
    snprintf(message, sizeof(message), "shop.yaml:1:1: %.64s: there is no such setting", name);
    name[64] = '\0';
    assert_refused(&shop_settings, str_of(yaml), name, message);
    snprintf(yaml, sizeof(yaml), "%sn: 1", name);
    assert_refused(&shop_settings, str_of(yaml), "",
                   "shop.yaml:1:1: a name must be from 1 to 64 bytes long");
}

/* ---- documents ---- */

static bool load_doc(struct settings *settings, struct doc_builder *builder, ecommerce_error *err)
{
    struct doc doc = doc_finish(builder);
    assert_true(doc_builder_ok(builder));
    return config_load_doc(settings, doc, err);
}

static void test_a_document_gives_the_same_as_yaml(void **state)
{
    struct settings *from_yaml = settings_made(&shop_settings),
                    *from_doc = settings_made(&shop_settings);
    struct doc_builder builder;
    (void)state;
    assert_loads(from_yaml,
                 "shop: {name: Kiosk, currency: GBP}\n"
                 "orders: {deadline: 5 s, max_lines: 7, max_bytes: 64 KiB, ship_unpaid: true}\n"
                 "recommendations: {walk_prior: 12, walk_damping: 0.2}\n"
                 "stores: {documents: {kind: mongodb}, live: }\n");
    doc_builder_init(&builder);
    doc_open(&builder, "shop");
    doc_adds(&builder, "name", "Kiosk");
    doc_adds(&builder, "currency", "GBP");
    doc_close(&builder);
    doc_open(&builder, "orders");
    doc_adds(&builder, "deadline", "5 s");
    doc_add_int(&builder, "max_lines", 7);
    doc_adds(&builder, "max_bytes", "64 KiB");
    doc_add_bool(&builder, "ship_unpaid", true);
    doc_close(&builder);
    doc_open(&builder, "recommendations");
    doc_add_int(&builder, "walk_prior", 12);
    doc_add_double(&builder, "walk_damping", 0.2);
    doc_close(&builder);
    doc_open(&builder, "stores");
    doc_open(&builder, "documents");
    doc_adds(&builder, "kind", "mongodb");
    doc_close(&builder);
    doc_add_null(&builder, "live");
    doc_close(&builder);
    assert_true(load_doc(from_doc, &builder, NULL));
    assert_same_settings(from_yaml, from_doc);
    assert_false(settings_is_standard(from_doc, SETTING_ORDERS_MAX_BYTES));
    doc_builder_release(&builder);
    settings_free(&from_yaml);
    settings_free(&from_doc);
}

static void test_an_empty_document_is_all_defaults(void **state)
{
    struct settings *settings = settings_made(&shop_settings),
                    *defaults = settings_made(&shop_settings);
    (void)state;
    assert_true(config_load_doc(settings, DOC_EMPTY, NULL));
    assert_same_settings(settings, defaults);
    settings_free(&settings);
    settings_free(&defaults);
}

static void test_errors_in_a_document_name_the_path(void **state)
{
    static const struct {
        const char *name;
        double number;
        const char *field, *message;
    } ROWS[] = {
        {"walk_damping", INFINITY, "recommendations.walk_damping",
         "configuration: recommendations.walk_damping: expected a number, found the bare "
         "number"},
        {"walk_damping", NAN, "recommendations.walk_damping",
         "configuration: recommendations.walk_damping: expected a number, found the bare "
         "number"},
        {"walk_damping", 4.5, "recommendations.walk_damping",
         "configuration: recommendations.walk_damping: must be from 0 to 4, not 4.5"},
        {"walk_window", 180, "recommendations.walk_window",
         "configuration: recommendations.walk_window: " EXPECTED_DURATION},
        {"walk_windwo", 180, "recommendations.walk_windwo",
         "configuration: recommendations.walk_windwo: there is no such setting; did you mean "
         "'recommendations.walk_window'"},
    };
    struct settings *settings = settings_made(&shop_settings),
                    *defaults = settings_made(&shop_settings);
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(ROWS); i++) {
        struct doc_builder builder;
        ecommerce_error err = {0};
        doc_builder_init(&builder);
        doc_open(&builder, "recommendations");
        doc_add_double(&builder, ROWS[i].name, ROWS[i].number);
        doc_close(&builder);
        assert_false(load_doc(settings, &builder, &err));
        assert_int_equal(err.code, ECOMMERCE_INVALID_CONFIGURATION);
        assert_string_equal(err.field, ROWS[i].field);
        if (strncmp(err.message, ROWS[i].message, strlen(ROWS[i].message)) != 0)
            fail_msg("%s", err.message);
        assert_same_settings(settings, defaults);
        doc_builder_release(&builder);
    }
    settings_free(&settings);
    settings_free(&defaults);
}

static void test_a_date_in_a_document_is_no_text(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    struct doc_builder builder;
    ecommerce_error err = {0};
    (void)state;
    doc_builder_init(&builder);
    doc_open(&builder, "shop");
    doc_add_time(&builder, "name", 0);
    doc_close(&builder);
    assert_false(load_doc(settings, &builder, &err));
    assert_string_equal(err.message,
                        "configuration: shop.name: expected a text, found a date or bytes");
    doc_builder_release(&builder);
    settings_free(&settings);
}

static void test_depth_of_a_document_is_limited(void **state)
{
    struct settings *settings = settings_made(&shop_settings);
    (void)state;
    for (int levels = CONFIG_MAX_DEPTH; levels <= CONFIG_MAX_DEPTH + 1; levels++) {
        struct doc_builder builder;
        ecommerce_error err = {0};
        doc_builder_init(&builder);
        for (int i = 1; i < levels; i++)
            doc_open(&builder, "a");
        assert_false(load_doc(settings, &builder, &err));
        assert_string_equal(err.message, levels > CONFIG_MAX_DEPTH
                                             ? "configuration: nested more than 8 levels deep"
                                             : "configuration: a: there is no such setting");
        doc_builder_release(&builder);
    }
    settings_free(&settings);
}

/* ---- printing and reading again ---- */

static void change_some(struct settings *settings)
{
    assert_loads(settings, "shop: {name: \"# \\\"Tea\\\": & 'Tins' \xc3\xa9\", time_zone: UTC}\n"
                           "orders: {deadline: 1500 ms, max_bytes: 65537 B, ship_unpaid: on}\n"
                           "recommendations: {walk_prior: 0.0000001, walk_damping: 3}\n"
                           "carts: {merge: keep_guest}\n"
                           "log: {level: debug, file: \"yes\"}\n");
}

static void test_shown_settings_load_again(void **state)
{
    struct settings *settings = settings_made(&shop_settings),
                    *again = settings_made(&shop_settings);
    struct text shown = {0};
    (void)state;
    change_some(settings);
    assert_true(settings_show(settings, &shown));
    assert_non_null(strstr(text_cstr(&shown), "  deadline: 1500 ms  # default: 10 s\n"));
    assert_non_null(strstr(text_cstr(&shown), "  grace: 30 s\n"));
    assert_non_null(
        strstr(text_cstr(&shown), "\nstores:\n  documents:\n    kind: embedded\n  live:\n"));
    assert_loads(again, text_cstr(&shown));
    assert_same_settings(settings, again);
    text_release(&shown);
    settings_free(&settings);
    settings_free(&again);
}

static void test_settings_shown_as_a_document_load_again(void **state)
{
    struct settings *settings = settings_made(&shop_settings),
                    *again = settings_made(&shop_settings);
    struct doc_builder builder;
    (void)state;
    change_some(settings);
    doc_builder_init(&builder);
    assert_true(settings_show_doc(settings, &builder));
    assert_true(load_doc(again, &builder, NULL));
    assert_same_settings(settings, again);
    doc_builder_release(&builder);
    settings_free(&settings);
    settings_free(&again);
}

static void test_every_failing_allocation_is_reported_and_changes_nothing(void **state)
{
    struct settings *settings = settings_made(&server_settings),
                    *defaults = settings_made(&server_settings);
    long before = mem_live_blocks();
    (void)state;
    for (long successes = 0, done = 0; !done; successes++) {
        ecommerce_error err = {0};
        mem_fail_after(successes);
        bool ok = config_load_text(settings, STR("server: {password: pw, peers: [a, b], host: h}"),
                                   NULL, &err);
        mem_fail_after(-1);
        if (!ok) {
            assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
            assert_same_settings(settings, defaults);
            assert_int_equal(mem_live_blocks(), before);
        }
        done = ok;
        assert_true(successes < 1000);
    }
    assert_string_equal(settings_text(settings, (enum setting_id)SERVER_PASSWORD), "pw");
    settings_free(&settings);
    settings_free(&defaults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_changes_what_it_names),
        cmocka_unit_test(test_the_four_stores_have_a_section_each),
        cmocka_unit_test(test_an_empty_file_is_all_defaults),
        cmocka_unit_test(test_documents_are_loaded_one_over_the_other),
        cmocka_unit_test(test_a_byte_order_mark_and_windows_line_ends_are_taken),
        cmocka_unit_test(test_a_list_of_texts),
        cmocka_unit_test(test_an_unknown_setting_is_refused),
        cmocka_unit_test(test_a_value_of_another_type_is_refused),
        cmocka_unit_test(test_a_value_beyond_a_limit_is_refused),
        cmocka_unit_test(test_settings_that_disagree_are_refused),
        cmocka_unit_test(test_ill_formed_and_repeated_names_are_refused),
        cmocka_unit_test(test_what_is_beyond_plain_yaml_is_refused),
        cmocka_unit_test(test_what_is_no_yaml_is_refused),
        cmocka_unit_test(test_a_nul_byte_in_the_file_is_refused),
        cmocka_unit_test(test_a_billion_laughs_are_refused_at_the_first_anchor),
        cmocka_unit_test(test_depth_is_limited),
        cmocka_unit_test(test_size_is_limited),
        cmocka_unit_test(test_the_number_of_values_is_limited),
        cmocka_unit_test(test_a_name_is_as_long_as_the_limit_allows),
        cmocka_unit_test(test_a_document_gives_the_same_as_yaml),
        cmocka_unit_test(test_an_empty_document_is_all_defaults),
        cmocka_unit_test(test_errors_in_a_document_name_the_path),
        cmocka_unit_test(test_a_date_in_a_document_is_no_text),
        cmocka_unit_test(test_depth_of_a_document_is_limited),
        cmocka_unit_test(test_shown_settings_load_again),
        cmocka_unit_test(test_settings_shown_as_a_document_load_again),
        cmocka_unit_test(test_every_failing_allocation_is_reported_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
