/*
 * test_doc.c - building, reading and comparing documents.
 */
#include "support/doc.h"

#include "support/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct doc finished(struct doc_builder *builder)
{
    struct doc doc = doc_finish(builder);
    assert_true(doc_builder_ok(builder));
    assert_true(doc_validate(doc.bytes, doc.size, NULL));
    return doc;
}

static void build_order(struct doc_builder *builder)
{
    doc_adds(builder, "_id", "o1");
    doc_open_array(builder, "items");
    for (int i = 0; i < 3; i++) {
        doc_open(builder, NULL);
        doc_add_text(builder, "sku", str_make("85123A", 5 + (size_t)i % 2));
        doc_add_int(builder, "quantity", 6 + i);
        doc_close(builder);
    }
    doc_close(builder);
    doc_add_double(builder, "weight", 0.25);
    doc_add_bool(builder, "gift", true);
    doc_add_null(builder, "note");
    doc_add_time(builder, "placed_at", 1323435000123456);
    doc_add_binary(builder, "digest", "\0\xFF", 2);
    doc_add_decimal(builder, "total", -1530, -2);
    doc_open(builder, "address");
    doc_adds(builder, "city", "K\xC3\xB6ln");
    doc_close(builder);
}

/* The example of the specification, and one value of each other type. */
static void bytes_are_bson(void **state)
{
    (void)state;
    static const char hello[] = "\x16\0\0\0\x02hello\0\x06\0\0\0world\0";
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_adds(&builder, "hello", "world");
    struct doc doc = finished(&builder);
    assert_int_equal(doc.size, sizeof(hello));
    assert_memory_equal(doc.bytes, hello, sizeof(hello));

    static const char all[] = "\x5F\0\0\0"
                              "\x12i\0\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                              "\x01"
                              "d\0\0\0\0\0\0\0\xF0\x3F"
                              "\x08"
                              "b\0\x01"
                              "\x0An\0"
                              "\x09t\0\x01\0\0\0\0\0\0\0"
                              "\x05x\0\x01\0\0\0\0\xAA"
                              "\x13"
                              "e\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x3E\xB0"
                              "\x04"
                              "a\0\x0B\0\0\0\x0A"
                              "0\0\x0A"
                              "1\0\0"
                              "\x03"
                              "o\0\x05\0\0\0\0";
    doc_builder_clear(&builder);
    doc_add_int(&builder, "i", -2);
    doc_add_double(&builder, "d", 1);
    doc_add_bool(&builder, "b", true);
    doc_add_null(&builder, "n");
    doc_add_time(&builder, "t", 1999);
    doc_add_binary(&builder, "x", "\xAA", 1);
    doc_add_decimal(&builder, "e", -1, -1);
    doc_open_array(&builder, "a");
    doc_add_null(&builder, NULL);
    doc_add_null(&builder, NULL);
    doc_close(&builder);
    doc_open(&builder, "o");
    doc = finished(&builder);
    assert_int_equal(doc.size, sizeof(all));
    assert_memory_equal(doc.bytes, all, sizeof(all));
    doc_builder_release(&builder);
}

static void values_read_back(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct doc_value value;
    doc_builder_init(&builder);
    build_order(&builder);
    struct doc doc = finished(&builder);
    assert_true(str_is(doc_text(doc, "_id"), "o1"));
    assert_true(doc_double(doc, "weight", 0) == 0.25);
    assert_true(doc_bool(doc, "gift", false));
    assert_true(doc_get(doc, "note", &value));
    assert_int_equal(value.type, DOC_NULL);
    assert_true(doc_get(doc, "placed_at", &value));
    assert_int_equal(value.type, DOC_TIME);
    assert_int_equal(value.integer, 1323435000123000);
    assert_true(doc_get(doc, "digest", &value));
    assert_int_equal(value.type, DOC_BINARY);
    assert_true(str_equal(value.text, STR("\0\xFF")));
    assert_true(doc_get(doc, "total", &value));
    assert_int_equal(value.type, DOC_DECIMAL);
    assert_int_equal(value.decimal.coefficient, -1530);
    assert_int_equal(value.decimal.exponent, -2);
    assert_true(str_is(value.key, "total"));
    assert_int_equal(doc_count(doc), 9);
    assert_int_equal(doc_count(doc_child(doc, "items")), 3);
    doc_builder_release(&builder);
}

static void paths_lead_into_documents_and_arrays(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct doc_value value;
    doc_builder_init(&builder);
    build_order(&builder);
    struct doc doc = finished(&builder);
    assert_true(doc_find(doc, "address.city", &value));
    assert_true(str_is(value.text, "K\xC3\xB6ln"));
    assert_true(doc_find(doc, "items.2.quantity", &value));
    assert_int_equal(value.integer, 8);
    assert_true(doc_find(doc, "_id", &value));
    const char *absent[] = {
        "items.3.quantity", "items.00",  "address", "address.town", "_id.x", "_i", "_id2", "", ".",
        "address.",         "items..sku"};
    for (size_t i = 0; i < ARRAY_LENGTH(absent); i++) {
        bool there = strcmp(absent[i], "address") == 0;
        assert_int_equal(doc_find(doc, absent[i], &value), there);
        assert_int_equal(value.type, there ? DOC_DOCUMENT : DOC_NONE);
    }
    assert_false(doc_get(doc, "address.city", &value));
    assert_int_equal(value.type, DOC_NONE);
    doc_builder_release(&builder);
}

static void getters_fall_back(void **state)
{
    (void)state;
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_int(&builder, "int", 3);
    doc_add_double(&builder, "double", 4.5);
    doc_adds(&builder, "text", "5");
    doc_add_time(&builder, "time", 0);
    doc_add_text(&builder, "empty", STR(""));
    doc_add_text(&builder, "absent", STR_NONE);
    doc_adds(&builder, "null", NULL);
    struct doc doc = finished(&builder);
    assert_int_equal(doc_int(doc, "int", 9), 3);
    assert_int_equal(doc_int(doc, "double", 9), 9);
    assert_int_equal(doc_int(doc, "text", 9), 9);
    assert_int_equal(doc_int(doc, "time", 9), 9);
    assert_int_equal(doc_int(doc, "nothing", 9), 9);
    assert_true(doc_double(doc, "int", 9) == 3);
    assert_true(doc_double(doc, "double", 9) == 4.5);
    assert_true(doc_double(doc, "text", 9) == 9);
    assert_true(doc_bool(doc, "int", true));
    assert_false(doc_bool(doc, "nothing", false));
    assert_null(doc_text(doc, "int").ptr);
    assert_null(doc_text(doc, "absent").ptr);
    assert_null(doc_text(doc, "null").ptr);
    assert_non_null(doc_text(doc, "empty").ptr);
    assert_int_equal(doc_text(doc, "empty").len, 0);
    assert_true(doc_is_empty(doc_child(doc, "text")));
    doc_builder_release(&builder);
}

static void no_document_reads_as_an_empty_one(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct doc_iter iter;
    struct doc_value value;
    doc_builder_init(&builder);
    struct doc empty = finished(&builder);
    assert_int_equal(empty.size, 5);
    const struct doc both[] = {empty, DOC_EMPTY};
    for (size_t i = 0; i < ARRAY_LENGTH(both); i++) {
        doc_iter_init(&iter, both[i]);
        assert_false(doc_iter_next(&iter));
        assert_false(doc_iter_next(&iter));
        assert_false(doc_get(both[i], "x", &value));
        assert_int_equal(doc_count(both[i]), 0);
        assert_true(doc_is_empty(both[i]));
    }
    assert_true(doc_equal(empty, DOC_EMPTY));
    doc_builder_release(&builder);
}

static void iterating_keeps_the_order(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct doc_iter iter;
    doc_builder_init(&builder);
    build_order(&builder);
    const char *keys[] = {"_id",       "items",  "weight", "gift",   "note",
                          "placed_at", "digest", "total",  "address"};
    size_t count = 0;
    for (doc_iter_init(&iter, finished(&builder)); doc_iter_next(&iter); count++)
        assert_string_equal(iter.value.key.ptr, keys[count]);
    assert_int_equal(count, ARRAY_LENGTH(keys));
    doc_builder_release(&builder);
}

static void elements_number_themselves(void **state)
{
    (void)state;
    struct doc_builder builder;
    struct doc_iter iter;
    doc_builder_init(&builder);
    doc_open_array(&builder, "numbers");
    for (int i = 0; i < 10002; i++)
        doc_add_int(&builder, NULL, i);
    doc_close(&builder);
    struct doc numbers = doc_child(finished(&builder), "numbers");
    long long count = 0, key;
    for (doc_iter_init(&iter, numbers); doc_iter_next(&iter); count++) {
        assert_true(str_to_int64(iter.value.key, &key));
        assert_int_equal(key, count);
        assert_int_equal(iter.value.integer, count);
    }
    assert_int_equal(count, 10002);
    doc_builder_release(&builder);
}

/* Copying value by value, as a whole and at once gives the same bytes. */
static void copies_are_equal(void **state)
{
    (void)state;
    struct doc_builder builder, copy;
    struct doc_iter iter;
    struct arena arena = {0};
    struct doc other;
    doc_builder_init(&builder);
    doc_builder_init(&copy);
    build_order(&builder);
    struct doc doc = finished(&builder);

    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);)
        doc_add_value(&copy, NULL, &iter.value);
    assert_true(doc_equal(finished(&copy), doc));

    doc_builder_clear(&copy);
    doc_add_all(&copy, doc);
    doc_add_all(&copy, DOC_EMPTY);
    assert_true(doc_equal(finished(&copy), doc));

    doc_builder_clear(&copy);
    doc_add_doc(&copy, "as_document", doc);
    doc_add_array(&copy, "as_array", doc_child(doc, "items"));
    doc_add_doc(&copy, "empty", DOC_EMPTY);
    doc_add_array(&copy, "none", DOC_EMPTY);
    struct doc holder = finished(&copy);
    assert_true(doc_equal(doc_child(holder, "as_document"), doc));
    assert_true(doc_equal(doc_child(holder, "as_array"), doc_child(doc, "items")));
    assert_int_equal(doc_child(holder, "empty").size, 5);
    assert_int_equal(doc_child(holder, "none").size, 5);

    assert_true(doc_copy(&arena, doc, &other));
    doc_builder_release(&builder);
    assert_true(str_is(doc_text(other, "_id"), "o1"));
    assert_true(doc_copy(&arena, DOC_EMPTY, &other));
    assert_null(other.bytes);
    arena_release(&arena);
    doc_builder_release(&copy);
}

static void values_move_under_other_keys_and_into_arrays(void **state)
{
    (void)state;
    struct doc_builder builder, copy;
    struct doc_iter iter;
    struct doc_value value, absent = {.type = DOC_NONE};
    doc_builder_init(&builder);
    doc_builder_init(&copy);
    build_order(&builder);
    struct doc doc = finished(&builder);
    assert_true(doc_get(doc, "total", &value));
    doc_add_value(&copy, "amount", &value);
    doc_add_value(&copy, "absent", &absent);
    doc_open_array(&copy, "values");
    doc_add_value(&copy, NULL, &absent);
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);)
        doc_add_value(&copy, NULL, &iter.value);
    doc_add_all(&copy, doc);
    doc_close(&copy);
    struct doc holder = finished(&copy);
    assert_int_equal(doc_count(holder), 2);
    assert_true(doc_get(holder, "amount", &value));
    assert_int_equal(value.decimal.coefficient, -1530);
    assert_int_equal(doc_count(doc_child(holder, "values")), 18);
    assert_true(doc_find(holder, "values.17.city", &value));
    doc_builder_release(&builder);
    doc_builder_release(&copy);
}

static void equality_is_of_bytes(void **state)
{
    (void)state;
    struct doc_builder a, b;
    doc_builder_init(&a);
    doc_builder_init(&b);
    doc_add_int(&a, "x", 1);
    doc_add_double(&b, "x", 1.0);
    assert_false(doc_equal(finished(&a), finished(&b)));
    doc_builder_clear(&b);
    doc_add_int(&b, "x", 1);
    assert_true(doc_equal(finished(&a), finished(&b)));
    doc_builder_clear(&b);
    assert_false(doc_equal(finished(&a), finished(&b)));
    doc_builder_release(&a);
    doc_builder_release(&b);
}

static void times_are_rounded_down_to_milliseconds(void **state)
{
    (void)state;
    const int64_t times[][2] = {{0, 0},
                                {999, 0},
                                {1000, 1000},
                                {-1, -1000},
                                {-1000, -1000},
                                {-1001, -2000},
                                {INT64_MAX, INT64_MAX / 1000 * 1000},
                                {INT64_MIN, INT64_MIN / 1000 * 1000}};
    for (size_t i = 0; i < ARRAY_LENGTH(times); i++) {
        struct doc_builder builder;
        struct doc_value value;
        doc_builder_init(&builder);
        doc_add_time(&builder, "t", times[i][0]);
        assert_true(doc_get(finished(&builder), "t", &value));
        assert_int_equal(value.integer, times[i][1]);
        doc_builder_release(&builder);
    }
}

static void decimals_reach_the_ends(void **state)
{
    (void)state;
    const int64_t coefficients[] = {0, 1, -1, INT64_MAX, INT64_MIN};
    const int exponents[] = {0, -2, 3, -6176, 6111};
    for (size_t i = 0; i < 25; i++) {
        struct doc_builder builder;
        struct doc_value value;
        doc_builder_init(&builder);
        doc_add_decimal(&builder, "d", coefficients[i / 5], exponents[i % 5]);
        assert_true(doc_get(finished(&builder), "d", &value));
        assert_int_equal(value.decimal.coefficient, coefficients[i / 5]);
        assert_int_equal(value.decimal.exponent, exponents[i % 5]);
        doc_builder_release(&builder);
    }
}

/* ---- limits ---- */

/* Documents and arrays in turn; the innermost of an even number of levels is a document. */
static void nest(struct doc_builder *builder, int levels)
{
    for (int level = 2; level <= levels; level++) {
        if (level % 2)
            doc_open_array(builder, "k");
        else
            doc_open(builder, level == 2 ? "k" : NULL);
    }
}

static void nesting_ends_at_the_greatest_depth(void **state)
{
    (void)state;
    struct doc_builder builder;
    ecommerce_error err;
    doc_builder_init(&builder);
    nest(&builder, DOC_MAX_DEPTH);
    assert_int_equal(builder.depth, DOC_MAX_DEPTH);
    doc_add_int(&builder, "bottom", 1);
    finished(&builder);
    assert_true(doc_builder_check(&builder, &err));

    doc_builder_clear(&builder);
    nest(&builder, DOC_MAX_DEPTH);
    doc_open(&builder, "k");
    doc_add_int(&builder, "bottom", 1);
    doc_close(&builder);
    assert_true(doc_is_empty(doc_finish(&builder)));
    assert_false(doc_builder_ok(&builder));
    assert_false(doc_builder_check(&builder, &err));
    assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
    doc_builder_release(&builder);
}

/* Puts value below one open level, in one of three ways. */
static bool add_below(struct doc value, int way)
{
    struct doc_builder builder;
    struct doc_value nested = {.type = DOC_DOCUMENT, .key = STR("n"), .child = value};
    doc_builder_init(&builder);
    doc_open(&builder, "open");
    if (way == 0)
        doc_add_doc(&builder, "n", value);
    else if (way == 1)
        doc_add_value(&builder, "n", &nested);
    else
        doc_open(&builder, "n"), doc_add_all(&builder, value);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_ok(&builder);
    if (ok)
        assert_true(doc_validate(doc.bytes, doc.size, NULL));
    doc_builder_release(&builder);
    return ok;
}

static void added_documents_count_their_depth(void **state)
{
    (void)state;
    for (int levels = DOC_MAX_DEPTH - 4; levels <= DOC_MAX_DEPTH; levels++) {
        struct doc_builder builder;
        doc_builder_init(&builder);
        for (int i = 1; i < levels; i++)
            doc_open(&builder, "k");
        struct doc value = finished(&builder);
        for (int way = 0; way < 3; way++)
            assert_int_equal(add_below(value, way), levels + 2 <= DOC_MAX_DEPTH);
        doc_builder_release(&builder);
    }
}

static void the_maximum_is_exact(void **state)
{
    (void)state;
    const size_t frame = 5 + 1 + 2 + 4 + 1; /* document, type, key, size, NUL */
    char filler[300];
    memset(filler, 'x', sizeof(filler));
    for (size_t size = 200; size < sizeof(filler); size++) {
        struct doc_builder builder;
        ecommerce_error err;
        doc_builder_init(&builder);
        builder.maximum = 256;
        doc_add_text(&builder, "k", str_make(filler, size));
        struct doc doc = doc_finish(&builder);
        assert_int_equal(doc_builder_ok(&builder), size + frame <= 256);
        assert_int_equal(doc.size, size + frame <= 256 ? size + frame : 0);
        if (!doc_builder_check(&builder, &err))
            assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
        doc_builder_release(&builder);
    }
}

static void no_document_is_larger_than_16_mib(void **state)
{
    (void)state;
    enum { FRAME = 13 };
    char *filler = mem_zalloc(DOC_MAX_SIZE, 1);
    struct doc_builder builder;
    memset(filler, 'x', DOC_MAX_SIZE);
    doc_builder_init(&builder);
    doc_add_text(&builder, "k", str_make(filler, DOC_MAX_SIZE - FRAME));
    assert_int_equal(finished(&builder).size, DOC_MAX_SIZE);
    doc_builder_clear(&builder);
    doc_add_text(&builder, "k", str_make(filler, DOC_MAX_SIZE - FRAME + 1));
    doc_finish(&builder);
    assert_false(doc_builder_ok(&builder));
    doc_builder_release(&builder);
    mem_free(filler);
}

static void a_released_or_zeroed_builder_is_released_again(void **state)
{
    (void)state;
    struct doc_builder builder = {0};
    doc_builder_release(&builder);
    doc_builder_init(&builder);
    doc_builder_release(&builder);
    doc_builder_release(&builder);
    doc_builder_init(&builder);
    doc_add_int(&builder, "again", 1);
    assert_int_equal(doc_int(finished(&builder), "again", 0), 1);
    assert_int_equal(doc_int(doc_finish(&builder), "again", 0), 1);
    doc_builder_release(&builder);
}

static void build_large(struct doc_builder *builder, struct doc order)
{
    doc_open_array(builder, "orders");
    for (int i = 0; i < 20; i++) {
        doc_open(builder, NULL);
        doc_add_all(builder, order);
        doc_close(builder);
        doc_add_doc(builder, NULL, order);
    }
    doc_close(builder);
    build_order(builder);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    struct doc_builder order, builder;
    doc_builder_init(&order);
    build_order(&order);
    struct doc small = finished(&order);
    long before = mem_live_blocks();
    bool built = false;
    int failures = 0;
    for (; !built; failures++) {
        struct arena arena = {0};
        struct doc copy;
        ecommerce_error err;
        doc_builder_init(&builder);
        mem_fail_after(failures);
        build_large(&builder, small);
        struct doc doc = doc_finish(&builder);
        bool checked = doc_builder_check(&builder, &err);
        built = checked && doc_copy(&arena, doc, &copy);
        mem_fail_after(-1);
        assert_int_equal(checked, doc_builder_ok(&builder));
        if (!checked) {
            assert_true(doc_is_empty(doc));
            assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
            doc_builder_clear(&builder); /* the same builder goes on */
            build_large(&builder, small);
            assert_int_equal(doc_count(doc_child(finished(&builder), "orders")), 40);
        }
        arena_release(&arena);
        doc_builder_release(&builder);
        assert_int_equal(mem_live_blocks(), before);
    }
    assert_true(failures > 3);
    doc_builder_release(&order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_bson),
        cmocka_unit_test(values_read_back),
        cmocka_unit_test(paths_lead_into_documents_and_arrays),
        cmocka_unit_test(getters_fall_back),
        cmocka_unit_test(no_document_reads_as_an_empty_one),
        cmocka_unit_test(iterating_keeps_the_order),
        cmocka_unit_test(elements_number_themselves),
        cmocka_unit_test(copies_are_equal),
        cmocka_unit_test(values_move_under_other_keys_and_into_arrays),
        cmocka_unit_test(equality_is_of_bytes),
        cmocka_unit_test(times_are_rounded_down_to_milliseconds),
        cmocka_unit_test(decimals_reach_the_ends),
        cmocka_unit_test(nesting_ends_at_the_greatest_depth),
        cmocka_unit_test(added_documents_count_their_depth),
        cmocka_unit_test(the_maximum_is_exact),
        cmocka_unit_test(no_document_is_larger_than_16_mib),
        cmocka_unit_test(a_released_or_zeroed_builder_is_released_again),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
