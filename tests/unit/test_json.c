/*
 * test_json.c - strict JSON in, the same JSON out, numbers exact on both ways.
 */
#include "support/json.h"

#include "support/alloc.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct doc must_read(struct doc_builder *builder, const char *json)
{
    struct doc doc;
    ecommerce_error err = {.code = ECOMMERCE_OK};
    if (!json_read(str_of(json), builder, &doc, &err))
        fail_msg("%s: %s", json, err.message);
    assert_true(doc_validate(doc.bytes, doc.size, NULL));
    return doc;
}

static void check_same(const char *json, const char *expected)
{
    struct doc_builder builder;
    struct text text = {0};
    doc_builder_init(&builder);
    json_write(&text, must_read(&builder, json), false, JSON_COMPACT);
    assert_true(text_ok(&text));
    assert_string_equal(text_cstr(&text), expected);
    text_release(&text);
    doc_builder_release(&builder);
}

/* ---- reading ---- */

static void all_values_come_back(void **state)
{
    (void)state;
    check_same("{}", "{}");
    check_same(" { \"a\" : [ ] , \"b\" : { } }\n", "{\"a\":[],\"b\":{}}");
    check_same("{\"a\":[1,-2,true,false,null,\"x\",{\"b\":[[]]}]}",
               "{\"a\":[1,-2,true,false,null,\"x\",{\"b\":[[]]}]}");
    check_same("{\"a\":\"\\u00e4\\/\\ud83d\\ude00\\n\"}",
               "{\"a\":\"\xC3\xA4/\xF0\x9F\x98\x80\\n\"}");
    check_same("{\"z\":1,\"a\":2,\"m\":3}", "{\"z\":1,\"a\":2,\"m\":3}");
}

static void numbers_keep_their_kind_and_value(void **state)
{
    (void)state;
    check_same("{\"n\":[0,-0,9223372036854775807,-9223372036854775808]}",
               "{\"n\":[0,0,9223372036854775807,-9223372036854775808]}");
    check_same("{\"n\":[0.0,-0.0,1.0,1e2,0.1,29.99,1E-7]}",
               "{\"n\":[0.0,-0.0,1.0,100.0,0.1,29.99,1e-7]}");
    struct doc_builder builder;
    struct doc_value value;
    doc_builder_init(&builder);
    struct doc doc = must_read(&builder, "{\"integer\":3,\"double\":3.0}");
    assert_true(doc_get(doc, "integer", &value));
    assert_int_equal(value.type, DOC_INT);
    assert_true(doc_get(doc, "double", &value));
    assert_int_equal(value.type, DOC_DOUBLE);
    doc_builder_release(&builder);
}

struct refusal {
    const char *json;
    const char *field;
    const char *sentence;
    int line; /* 0: the message has no place */
};

/* Not the column, which jansson counts a little differently from version to version. */
static void check_message(const char *message, const struct refusal *row)
{
    int line = 0, column = 0, length = 0;
    if (row->line > 0) {
        assert_int_equal(sscanf(message, "line %d, column %d: %n", &line, &column, &length), 2);
        assert_in_range(column, 0, strlen(row->json));
    }
    assert_int_equal(line, row->line);
    assert_string_equal(message + length, row->sentence);
}

static void check_refusal(const struct refusal *row)
{
    struct doc_builder builder;
    struct doc doc;
    ecommerce_error err = {.code = ECOMMERCE_OK};
    doc_builder_init(&builder);
    assert_false(json_read(str_of(row->json), &builder, &doc, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_JSON);
    check_message(err.message, row);
    assert_string_equal(err.field, row->field);
    assert_true(doc_is_empty(doc));
    doc_builder_release(&builder);
}

#define TOO_LARGE "a number is too large: an integer takes 64 bits, any other a double"

static void wrong_syntax_is_refused_with_its_place(void **state)
{
    (void)state;
    const struct refusal rows[] = {
        {"", "", "it ends too early", 1},
        {"{", "", "it ends too early", 1},
        {"{} {}", "", "something follows the document", 1},
        {"{\n\"a\": tru\n}", "", "this is no JSON", 2},
        {"{'a':1}", "", "this is no JSON", 1},
        {"{\"a\":1,}", "", "this is no JSON", 1},
        {"{\"a\":[1,]}", "", "this is no JSON", 1},
        {"{\"a\":NaN}", "", "this is no JSON", 1},
        {"{\"a\":-Infinity}", "", "this is no JSON", 1},
        {"{\"a\":01}", "", "this is no JSON", 1},
        {"{\"a\":.5}", "", "this is no JSON", 1},
        {"{\"a\":\"\t\"}", "", "this is no JSON", 1},
        {"{\"a\":1} // no", "", "something follows the document", 1},
        {"{\"a\":1,\n\"b\":2,\n\"a\":3}", "", "a key occurs twice in one object", 3},
        {"{\"a\":\"\xFF\"}", "", "it is not UTF-8", 1},
        {"{\"a\":\"\xED\xA0\x80\"}", "", "it is not UTF-8", 1},
        {"{\"a\":\"\\ud800\"}", "", "this is no JSON", 1},
        {"{\"a\":\"\\u0000\"}", "", "a string has a NUL character", 1},
        {"{\"a\\u0000\":1}", "", "a string has a NUL character", 1},
        {"{\"a\":9223372036854775808}", "", TOO_LARGE, 1},
        {"{\"a\":-9223372036854775809}", "", TOO_LARGE, 1},
        {"{\"a\":1e400}", "", TOO_LARGE, 1},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        check_refusal(&rows[i]);
}

static void what_is_no_document_is_refused_with_its_field(void **state)
{
    (void)state;
    const struct refusal rows[] = {
        {"[]", "", "the document is no object", 0},
        {"{\"\":1}", "", "a key is empty", 0},
        {"{\"a\":{\"\":1}}", "a", "a key is empty", 0},
        {"{\"$where\":1}", "$where", "a key begins with '$'", 0},
        {"{\"a\":[0,{\"b\":{\"$gt\":\"\"}}]}", "a[1].b.$gt", "a key begins with '$'", 0},
        {"{\"a\":[[{\"b.c\":1}]]}", "a[0][0].b.c", "a key contains a '.'", 0},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        check_refusal(&rows[i]);
    check_same("{\"a$\":1}", "{\"a$\":1}");
}

static void a_lone_value_is_no_document(void **state)
{
    (void)state;
    const char *values[] = {"1", "\"x\"", "true", "null", "\xEF\xBB\xBF{}"};
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        struct doc_builder builder;
        struct doc doc;
        ecommerce_error err;
        doc_builder_init(&builder);
        assert_false(json_read(str_of(values[i]), &builder, &doc, &err));
        assert_int_equal(err.code, ECOMMERCE_INVALID_JSON);
        doc_builder_release(&builder);
    }
}

static void bytes_behind_a_nul_count(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct doc doc;
    ecommerce_error err;
    doc_builder_init(&builder);
    assert_false(json_read(STR("{}\0x"), &builder, &doc, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_JSON);
    assert_false(json_read(STR("{\"a\":\"\0\"}"), &builder, &doc, &err));
    assert_false(json_read(STR_NONE, &builder, &doc, &err));
    assert_true(json_read(str_make("{}}", 2), &builder, &doc, &err));
    doc_builder_release(&builder);
}

static bool read_nested(int levels, ecommerce_error *err)
{
    struct doc_builder builder;
    struct text json = {0};
    struct doc doc;
    doc_builder_init(&builder);
    text_adds(&json, "{\"a\":");
    for (int i = 1; i < levels; i++)
        text_adds(&json, i % 2 ? "[" : "{\"b\":");
    text_adds(&json, "1");
    for (int i = levels - 1; i > 0; i--)
        text_adds(&json, i % 2 ? "]" : "}");
    text_adds(&json, "}");
    bool ok = json_read(text_str(&json), &builder, &doc, err);
    text_release(&json);
    doc_builder_release(&builder);
    return ok;
}

static void depth_ends_where_it_says(void **state)
{
    (void)state;
    ecommerce_error err;
    assert_true(read_nested(JSON_MAX_DEPTH, &err));
    assert_false(read_nested(JSON_MAX_DEPTH + 1, &err));
    assert_string_equal(err.message, "it is nested deeper than 24 levels");
    assert_int_equal(err.code, ECOMMERCE_INVALID_JSON);
    assert_false(read_nested(100000, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_JSON);
}

static void size_ends_at_a_document(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct text json = {0};
    struct doc doc;
    ecommerce_error err;
    doc_builder_init(&builder);
    builder.maximum = 1000;
    text_adds(&json, "{\"a\":[");
    for (int i = 0; i < 200; i++)
        text_adds(&json, "1,");
    text_adds(&json, "1]}"); /* short as JSON, too long as a document */
    assert_false(json_read(text_str(&json), &builder, &doc, &err));
    assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
    assert_true(doc_is_empty(doc));
    doc_builder_release(&builder);
    assert_false(
        json_read(str_make(text_cstr(&json), (size_t)DOC_MAX_SIZE + 1), &builder, &doc, &err));
    assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
    text_release(&json);
}

static void a_builder_is_used_again(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct doc doc;
    doc_builder_init(&builder);
    assert_int_equal(doc_int(must_read(&builder, "{\"a\":1}"), "a", 0), 1);
    assert_false(json_read(STR("{\"a\":[{\"$b\":1}]}"), &builder, &doc, NULL));
    doc = must_read(&builder, "{\"b\":2}");
    assert_int_equal(doc_count(doc), 1);
    assert_int_equal(doc_int(doc, "b", 0), 2);
    doc_builder_release(&builder);
}

/* ---- writing ---- */

static void build_answer(struct doc_builder *builder)
{
    doc_builder_init(builder);
    doc_add_time(builder, "at", 1323435000000000);
    doc_add_time(builder, "exact", 1323435000123000);
    doc_add_decimal(builder, "price", 250, -2);
    doc_open_array(builder, "digests");
    doc_add_binary(builder, NULL, "", 0);
    doc_add_binary(builder, NULL, "f", 1);
    doc_add_binary(builder, NULL, "fo", 2);
    doc_add_binary(builder, NULL, "foo", 3);
    doc_add_binary(builder, NULL, "\xFB\xFF\xFE\0", 4);
    doc_close(builder);
    doc_add_null(builder, "say \"when\"");
    doc_open(builder, "none");
    doc_close(builder);
}

static void all_types_are_written(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct text text = {0};
    build_answer(&builder);
    struct doc doc = doc_finish(&builder);
    json_write(&text, doc, false, JSON_COMPACT);
    assert_string_equal(text_cstr(&text),
                        "{\"at\":\"2011-12-09T12:50:00Z\","
                        "\"exact\":\"2011-12-09T12:50:00.123000Z\",\"price\":2.50,"
                        "\"digests\":[\"\",\"Zg==\",\"Zm8=\",\"Zm9v\",\"+//+AA==\"],"
                        "\"say \\\"when\\\"\":null,\"none\":{}}");
    text_clear(&text);
    json_write(&text, doc_child(doc, "digests"), true, JSON_COMPACT);
    assert_string_equal(text_cstr(&text), "[\"\",\"Zg==\",\"Zm8=\",\"Zm9v\",\"+//+AA==\"]");
    text_clear(&text);
    json_write(&text, DOC_EMPTY, true, JSON_COMPACT);
    json_write(&text, DOC_EMPTY, false, JSON_INDENTED);
    json_write_value(&text, &(struct doc_value){.type = DOC_NONE}, JSON_COMPACT, 0);
    assert_string_equal(text_cstr(&text), "[]{}null");
    text_release(&text);
    doc_builder_release(&builder);
}

static void indenting_shows_the_levels(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct text text = {0};
    struct doc_value value;
    doc_builder_init(&builder);
    struct doc doc = must_read(&builder, "{\"a\":[1,{\"b\":\"x\"}],\"c\":{},\"d\":[]}");
    json_write(&text, doc, false, JSON_INDENTED);
    assert_string_equal(text_cstr(&text), "{\n"
                                          "  \"a\": [\n"
                                          "    1,\n"
                                          "    {\n"
                                          "      \"b\": \"x\"\n"
                                          "    }\n"
                                          "  ],\n"
                                          "  \"c\": {},\n"
                                          "  \"d\": []\n"
                                          "}");
    text_clear(&text);
    assert_true(doc_get(doc, "a", &value));
    json_write_value(&text, &value, JSON_INDENTED, 3);
    assert_string_equal(text_cstr(&text), "[\n        1,\n        {\n          \"b\": \"x\"\n"
                                          "        }\n      ]");
    text_release(&text);
    doc_builder_release(&builder);
}

/* ---- numbers ---- */

static void doubles_in_their_shortest_form(void **state)
{
    (void)state;
    const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0.0"},
        {-0.0, "-0.0"},
        {1, "1.0"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {29.99, "29.99"},
        {0.1 + 0.2, "0.30000000000000004"},
        {100, "100.0"},
        {123456789012345680.0, "123456789012345680.0"},
        {1e20, "100000000000000000000.0"},
        {1e21, "1e21"},
        {1.5e300, "1.5e300"},
        {0.000001, "0.000001"},
        {0.0000012, "0.0000012"},
        {1e-7, "1e-7"},
        {-1.7976931348623157e308, "-1.7976931348623157e308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {5e-324, "5e-324"},
        {1e23, "1e23"},
        {9007199254740992, "9007199254740992.0"},
    };
    char buffer[32];
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json_double(rows[i].value, buffer, sizeof(buffer));
        assert_string_equal(buffer, rows[i].text);
    }
}

static void what_is_no_number_is_null(void **state)
{
    (void)state;
    char buffer[32];
    const double none[] = {strtod("nan", NULL), strtod("inf", NULL), strtod("-inf", NULL)};
    for (size_t i = 0; i < ARRAY_LENGTH(none); i++) {
        json_double(none[i], buffer, sizeof(buffer));
        assert_string_equal(buffer, "null");
    }
}

/* Doubles of any bits: read back the same, and no text with one digit less does. */
static void doubles_survive_the_round_trip(void **state)
{
    (void)state;
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        char buffer[32], shorter[64];
        double value;
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        memcpy(&value, &bits, sizeof(value));
        if (value - value != 0) /* infinite or no number */
            continue;
        json_double(value, buffer, sizeof(buffer));
        assert_true(strtod(buffer, NULL) == value);
        int digits = 0;
        for (const char *at = buffer; *at && *at != 'e'; at++)
            digits += *at >= '0' && *at <= '9' && (digits > 0 || *at > '0');
        if (digits > 15 && digits <= 17 && strchr(buffer, 'e')) {
            snprintf(shorter, sizeof(shorter), "%.*e", digits - 2, value);
            assert_true(strtod(shorter, NULL) != value);
        }
    }
}

/* The fast way for few places and the general one agree: both give what "%.*f" shows. */
static void few_places_are_exact(void **state)
{
    (void)state;
    const double powers[] = {1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    char buffer[32], expected[32];
    for (int places = 1; places <= 7; places++) {
        double power = powers[places - 1];
        for (int64_t whole = 1; whole < 999999999999999; whole = whole * 3 + 1) {
            if (whole % 10 == 0)
                continue;
            snprintf(expected, sizeof(expected), "%.*f", places, (double)whole / power);
            json_double((double)whole / power, buffer, sizeof(buffer));
            if (strncmp(expected, "0.000000", 8) != 0) /* from there on with an exponent */
                assert_string_equal(buffer, expected);
        }
    }
}

static void a_decimal_comma_changes_nothing(void **state)
{
    (void)state;
    const char *locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8", "de_DE", "fr_FR"};
    bool set = false;
    for (size_t i = 0; i < ARRAY_LENGTH(locales) && !set; i++)
        set = setlocale(LC_NUMERIC, locales[i]) != NULL;
    if (!set)
        skip();
    char buffer[32];
    json_double(-29.99, buffer, sizeof(buffer));
    check_same("{\"a\":[0.5,1.5e300]}", "{\"a\":[0.5,1.5e300]}");
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(buffer, "-29.99");
}

static void decimals_with_all_their_places(void **state)
{
    (void)state;
    const struct {
        int64_t coefficient;
        int exponent;
        const char *text;
    } rows[] = {
        {250, -2, "2.50"},
        {0, -2, "0.00"},
        {5, -2, "0.05"},
        {-5, -3, "-0.005"},
        {-12345, -2, "-123.45"},
        {7, 0, "7"},
        {0, 0, "0"},
        {7, 3, "7000"},
        {0, 3, "0"},
        {-7, 20, "-700000000000000000000"},
        {7, 21, "7e21"},
        {INT64_MIN, 0, "-9223372036854775808"},
        {INT64_MIN, -2, "-92233720368547758.08"},
        {INT64_MIN, 20, "-922337203685477580800000000000000000000"},
        {INT64_MAX, -19, "0.9223372036854775807"},
        {-1, -40, "-0.0000000000000000000000000000000000000001"},
        {-1, -41, "-1e-41"},
        {1, 6111, "1e6111"},
        {1, -6176, "1e-6176"},
    };
    char buffer[JSON_NUMBER_TEXT];
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json_decimal(rows[i].coefficient, rows[i].exponent, buffer, sizeof(buffer));
        assert_string_equal(buffer, rows[i].text);
    }
    char small[24];
    json_decimal(INT64_MIN, -4, small, sizeof(small));
    assert_string_equal(small, "-922337203685477.5808");
}

/* ---- failures ---- */

static void each_allocation_may_fail(void **state)
{
    (void)state;
    const char *json = "{\"customer\":\"c1\",\"items\":[{\"sku\":\"85123A\",\"quantity\":6},"
                       "{\"sku\":\"a longer one, so that buffers must grow on the way\","
                       "\"quantity\":123456789012,\"price\":2.5500000000000001}],"
                       "\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9}";
    struct doc_builder expected;
    doc_builder_init(&expected);
    struct doc right = must_read(&expected, json);
    long before = mem_live_blocks();
    bool read = false;
    int failures = 0;
    for (; !read; failures++) {
        struct doc_builder builder;
        struct doc doc;
        ecommerce_error err = {.code = ECOMMERCE_OK};
        doc_builder_init(&builder);
        mem_fail_after(failures);
        read = json_read(str_of(json), &builder, &doc, &err);
        mem_fail_after(-1);
        if (read) {
            assert_true(doc_equal(doc, right));
        } else {
            assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
            assert_true(doc_is_empty(doc));
        }
        doc_builder_release(&builder);
        assert_int_equal(mem_live_blocks(), before);
    }
    assert_true(failures > 30);
    doc_builder_release(&expected);
}

static void writing_stops_at_the_maximum(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct text text;
    build_answer(&builder);
    struct doc doc = doc_finish(&builder);
    text_init(&text, 20);
    json_write(&text, doc, false, JSON_COMPACT);
    assert_false(text_ok(&text));
    assert_true(text.len <= 20);
    text_release(&text);
    doc_builder_release(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_values_come_back),
        cmocka_unit_test(numbers_keep_their_kind_and_value),
        cmocka_unit_test(wrong_syntax_is_refused_with_its_place),
        cmocka_unit_test(what_is_no_document_is_refused_with_its_field),
        cmocka_unit_test(a_lone_value_is_no_document),
        cmocka_unit_test(bytes_behind_a_nul_count),
        cmocka_unit_test(depth_ends_where_it_says),
        cmocka_unit_test(size_ends_at_a_document),
        cmocka_unit_test(a_builder_is_used_again),
        cmocka_unit_test(all_types_are_written),
        cmocka_unit_test(indenting_shows_the_levels),
        cmocka_unit_test(doubles_in_their_shortest_form),
        cmocka_unit_test(what_is_no_number_is_null),
        cmocka_unit_test(doubles_survive_the_round_trip),
        cmocka_unit_test(few_places_are_exact),
        cmocka_unit_test(a_decimal_comma_changes_nothing),
        cmocka_unit_test(decimals_with_all_their_places),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(writing_stops_at_the_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
