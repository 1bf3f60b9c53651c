/*
 * test_doc_validate.c - which bytes are a document, and that no others get through.
 */
#include "support/doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A document with one element, its size and NUL byte put around it. */
static struct doc wrap(const void *element, size_t size)
{
    static uint8_t bytes[256];
    assert_true(size + 5 <= sizeof(bytes));
    memset(bytes, 0xEE, sizeof(bytes));
    bytes[0] = (uint8_t)(size + 5);
    bytes[1] = bytes[2] = bytes[3] = 0;
    memcpy(bytes + 4, element, size);
    bytes[4 + size] = 0;
    return (struct doc){.bytes = bytes, .size = (uint32_t)size + 5};
}

#define WRAP(literal) wrap(literal, sizeof(literal) - 1)

static bool valid(struct doc doc)
{
    ecommerce_error err = {.code = ECOMMERCE_OK};
    bool ok = doc_validate(doc.bytes, doc.size, &err);
    assert_int_equal(err.code, ok ? ECOMMERCE_OK : ECOMMERCE_INVALID_ARGUMENT);
    assert_int_equal(err.message[0] == '\0', ok);
    return ok;
}

#define EIGHT "\1\2\3\4\5\6\7\0"

static void each_type_passes(void **state)
{
    (void)state;
    assert_true(valid(WRAP("")));
    assert_true(valid(WRAP("\x01k\0" EIGHT)));
    assert_true(valid(WRAP("\x02k\0\1\0\0\0\0")));
    assert_true(valid(WRAP("\x02k\0\3\0\0\0\xC3\xA4\0")));
    assert_true(valid(WRAP("\x03k\0\5\0\0\0\0")));
    assert_true(valid(WRAP("\x04k\0\5\0\0\0\0")));
    assert_true(valid(WRAP("\x05k\0\0\0\0\0\0")));
    assert_true(valid(WRAP("\x08k\0\1")));
    assert_true(valid(WRAP("\x09k\0\1\2\3\4\5\6\0\0")));
    assert_true(valid(WRAP("\x0Ak\0")));
    assert_true(valid(WRAP("\x10k\0\1\2\3\4")));
    assert_true(valid(WRAP("\x12k\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF")));
    assert_true(valid(WRAP("\x13k\0" EIGHT "\0\0\0\0\0\0\x40\x30")));
}

static void small_integers_read_as_integers(void **state)
{
    (void)state;
    struct doc_value value;
    struct doc doc = WRAP("\x10k\0\xFE\xFF\xFF\xFF\x0Ax\0");
    assert_true(valid(doc));
    assert_true(doc_get(doc, "k", &value));
    assert_int_equal(value.type, DOC_INT);
    assert_int_equal(value.integer, -2);
    assert_int_equal(doc_count(doc), 2);
}

static void sizes_must_agree(void **state)
{
    (void)state;
    assert_false(doc_validate(NULL, 0, NULL));
    assert_false(doc_validate((const uint8_t *)"\5\0\0\0", 4, NULL));
    assert_false(doc_validate((const uint8_t *)"\5\0\0\0\0\0", 6, NULL));
    assert_false(doc_validate((const uint8_t *)"\4\0\0\0", 4, NULL));
    assert_false(doc_validate((const uint8_t *)"\0\0\0\0\0", 5, NULL));
    assert_false(doc_validate((const uint8_t *)"\xFF\xFF\xFF\xFF\0", 5, NULL));
    assert_false(doc_validate((const uint8_t *)"\5\0\0\0\1", 5, NULL));
    assert_false(doc_validate((const uint8_t *)"\5\0\0\0\0", (size_t)DOC_MAX_SIZE + 1, NULL));
}

static void texts_must_end_inside(void **state)
{
    (void)state;
    assert_false(valid(WRAP("\x02k\0\0\0\0\0\0"))); /* no room for its NUL */
    assert_false(valid(WRAP("\x02k\0\2\0\0\0\0"))); /* into the frame */
    assert_false(valid(WRAP("\x02k\0\xFF\xFF\xFF\xFF\0")));
    assert_false(valid(WRAP("\x02k\0\xFF\xFF\xFF\x7F\0")));
    assert_false(valid(WRAP("\x02k\0\1\0\0\0x"))); /* no NUL */
    assert_false(valid(WRAP("\x02k\0\1\0\0")));
    assert_false(valid(WRAP("\x02k\0\2\0\0\0\xFF\0"))); /* not UTF-8 */
    assert_false(valid(WRAP("\x02k\0\2\0\0\0\0\0")));   /* a NUL inside */
    assert_false(valid(WRAP("\x05k\0\1\0\0\0\0")));     /* binary */
    assert_false(valid(WRAP("\x05k\0\xFF\xFF\xFF\xFF\0")));
    assert_false(valid(WRAP("\x05k\0\1\0\0\0\2x"))); /* another subtype */
    assert_false(valid(WRAP("\x05k\0\0\0\0")));
}

static void keys_must_be_names(void **state)
{
    (void)state;
    assert_false(valid(WRAP("\x0A\0")));
    assert_false(valid(WRAP("\x0A\xFF\0")));
    assert_false(valid(WRAP("\x0A")));
    assert_false(valid(WRAP("\x0Ak")));
    assert_true(valid(WRAP("\x0A\xC3\xA4\0")));
}

static void values_must_be_whole_and_known(void **state)
{
    (void)state;
    const uint8_t fixed[] = {0x01, 0x09, 0x12, 0x10, 0x13, 0x08};
    for (size_t i = 0; i < sizeof(fixed); i++) {
        size_t full = fixed[i] == 0x13 ? 16 : fixed[i] == 0x10 ? 4 : fixed[i] == 0x08 ? 1 : 8;
        for (size_t size = 0; size <= full + 1; size++) {
            uint8_t element[3 + 17] = {fixed[i], 'k', 0};
            assert_int_equal(valid(wrap(element, 3 + size)), size == full);
        }
    }
    for (int type = 0; type < 256; type++) {
        uint8_t element[3 + 8] = {(uint8_t)type, 'k', 0};
        bool eight = type == DOC_DOUBLE || type == DOC_TIME || type == DOC_INT;
        assert_int_equal(valid(wrap(element, sizeof(element))), eight);
    }
    assert_false(valid(WRAP("\x08k\0\2")));
}

static void times_must_fit_microseconds(void **state)
{
    (void)state;
    const struct {
        int64_t milliseconds;
        bool valid;
    } rows[] = {{INT64_MAX / 1000, true}, {INT64_MAX / 1000 + 1, false},
                {INT64_MIN / 1000, true}, {INT64_MIN / 1000 - 1, false},
                {INT64_MAX, false},       {INT64_MIN, false}};
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        uint8_t element[11] = {DOC_TIME, 't', 0};
        for (int byte = 0; byte < 8; byte++)
            element[3 + byte] = (uint8_t)((uint64_t)rows[i].milliseconds >> 8 * byte);
        assert_int_equal(valid(wrap(element, sizeof(element))), rows[i].valid);
    }
}

static void decimals_must_fit_an_int64(void **state)
{
    (void)state;
#define DECIMAL(low, high) "\x13k\0" low high
#define HUGE_LOW "\0\0\0\0\0\0\0\x80" /* 2^63 */
    assert_true(valid(WRAP(DECIMAL("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", "\0\0\0\0\0\0\x40\x30"))));
    assert_false(valid(WRAP(DECIMAL(HUGE_LOW, "\0\0\0\0\0\0\x40\x30"))));
    assert_true(valid(WRAP(DECIMAL(HUGE_LOW, "\0\0\0\0\0\0\x40\xB0"))));
    assert_false(valid(WRAP(DECIMAL("\1\0\0\0\0\0\0\x80", "\0\0\0\0\0\0\x40\xB0"))));
    assert_false(valid(WRAP(DECIMAL(EIGHT, "\1\0\0\0\0\0\x40\x30")))); /* 113 bits */
    assert_false(valid(WRAP(DECIMAL(EIGHT, "\0\0\0\0\0\0\x41\x30"))));
    assert_false(valid(WRAP(DECIMAL(EIGHT, "\0\0\0\0\0\0\0\x78")))); /* infinity */
    assert_false(valid(WRAP(DECIMAL(EIGHT, "\0\0\0\0\0\0\0\x7C")))); /* no number */
    assert_false(valid(WRAP(DECIMAL(EIGHT, "\0\0\0\0\0\0\0\x60"))));
    assert_true(valid(WRAP(DECIMAL(EIGHT, "\0\0\0\0\0\0\xFE\x5F")))); /* greatest exponent */
}

static void children_must_fill_their_place(void **state)
{
    (void)state;
    assert_true(valid(WRAP("\x03k\0\x08\0\0\0\x0Ax\0\0")));
    assert_false(valid(WRAP("\x03k\0\x09\0\0\0\x0Ax\0\0"))); /* takes the frame's NUL */
    assert_false(valid(WRAP("\x03k\0\x07\0\0\0\x0Ax\0\0"))); /* ends inside its element */
    assert_false(valid(WRAP("\x03k\0\x08\0\0\0\x0Ax\0\1")));
    assert_false(valid(WRAP("\x03k\0\4\0\0\0")));
    assert_false(valid(WRAP("\x03k\0\5\0\0")));
    assert_false(valid(WRAP("\x04k\0\xFF\xFF\xFF\xFF\0")));
    assert_false(valid(WRAP("\x03k\0\0\0\0\0\0")));
}

static void arrays_must_count_from_zero(void **state)
{
    (void)state;
    assert_true(valid(WRAP("\x04k\0\x0B\0\0\0\x0A"
                           "0\0\x0A"
                           "1\0\0")));
    assert_false(valid(WRAP("\x04k\0\x0B\0\0\0\x0A"
                            "1\0\x0A"
                            "2\0\0")));
    assert_false(valid(WRAP("\x04k\0\x0B\0\0\0\x0A"
                            "0\0\x0A"
                            "0\0\0")));
    assert_false(valid(WRAP("\x04k\0\x0C\0\0\0\x0A"
                            "00\0\x0A"
                            "1\0\0")));
}

static void nest(uint8_t *bytes, int levels)
{
    for (int level = 0; level < levels; level++) {
        uint8_t *at = bytes + level * 7;
        at[0] = (uint8_t)(5 + (levels - 1 - level) * 8);
        at[1] = at[2] = at[3] = 0;
        memcpy(at + 4, "\x03k", 3);
    }
    memset(bytes + (levels - 1) * 7 + 4, 0, (size_t)levels);
}

static void depth_ends_where_it_says(void **state)
{
    (void)state;
    uint8_t bytes[8 * DOC_MAX_DEPTH];
    for (int levels = DOC_MAX_DEPTH - 2; levels < DOC_MAX_DEPTH; levels++) {
        nest(bytes, levels);
        assert_true(valid((struct doc){.bytes = bytes, .size = bytes[0]}));
    }
    /* 32 levels have 253 bytes: one more level does not fit a byte, so it is wrapped by hand. */
    nest(bytes, DOC_MAX_DEPTH);
    struct doc deepest = {.bytes = bytes, .size = bytes[0]};
    assert_int_equal(deepest.size, 253);
    assert_true(valid(deepest));
    uint8_t deeper[261] = {5, 1, 0, 0, DOC_DOCUMENT, 'k', 0};
    memcpy(deeper + 7, bytes, 253);
    assert_false(valid((struct doc){.bytes = deeper, .size = sizeof(deeper)}));
}

/* ---- damage of any kind: refused, or at least safe to read ---- */

static size_t walk(struct doc doc)
{
    struct doc_iter iter;
    size_t sum = 0;
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);) {
        const struct doc_value *value = &iter.value;
        bool nested = value->type == DOC_DOCUMENT || value->type == DOC_ARRAY;
        bool bytes = value->type == DOC_TEXT || value->type == DOC_BINARY;
        sum += value->key.len + (nested ? walk(value->child) : 0);
        for (size_t i = 0; bytes && i < value->text.len; i++)
            sum += (unsigned char)value->text.ptr[i];
    }
    return sum;
}

static void build(struct doc_builder *builder)
{
    doc_adds(builder, "_id", "o1");
    doc_open_array(builder, "items");
    doc_open(builder, NULL);
    doc_add_decimal(builder, "price", 255, -2);
    doc_close(builder);
    doc_add_double(builder, NULL, 0.25);
    doc_close(builder);
    doc_add_time(builder, "at", 1000);
    doc_add_binary(builder, "digest", "abc", 3);
    doc_add_bool(builder, "gift", true);
    doc_add_null(builder, "note");
}

static void no_part_of_a_document_is_one(void **state)
{
    (void)state;
    struct doc_builder builder;
    doc_builder_init(&builder);
    build(&builder);
    struct doc doc = doc_finish(&builder);
    for (uint32_t size = 0; size < doc.size; size++) {
        assert_false(doc_validate(doc.bytes, size, NULL));
        /* Nor with its size made to agree. */
        uint8_t *cut = test_malloc(size + 1);
        memcpy(cut, doc.bytes, size);
        if (size >= 4)
            memcpy(cut, &size, 4);
        struct doc part = {.bytes = cut, .size = size};
        if (doc_validate(cut, size, NULL))
            assert_true(walk(part) < walk(doc));
        test_free(cut);
    }
    doc_builder_release(&builder);
}

static void any_changed_byte_is_refused_or_harmless(void **state)
{
    (void)state;
    struct doc_builder builder;
    doc_builder_init(&builder);
    build(&builder);
    struct doc doc = doc_finish(&builder);
    uint8_t *bytes = test_malloc(doc.size);
    size_t refused = 0;
    for (uint32_t at = 0; at < doc.size; at++) {
        for (unsigned change = 1; change < 256; change++) {
            memcpy(bytes, doc.bytes, doc.size);
            bytes[at] ^= (uint8_t)change;
            if (doc_validate(bytes, doc.size, NULL))
                assert_true(walk((struct doc){.bytes = bytes, .size = doc.size}) > 0);
            else
                refused++;
        }
    }
    assert_true(refused > doc.size * 255 / 3);
    test_free(bytes);
    doc_builder_release(&builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_type_passes),
        cmocka_unit_test(small_integers_read_as_integers),
        cmocka_unit_test(sizes_must_agree),
        cmocka_unit_test(texts_must_end_inside),
        cmocka_unit_test(keys_must_be_names),
        cmocka_unit_test(values_must_be_whole_and_known),
        cmocka_unit_test(times_must_fit_microseconds),
        cmocka_unit_test(decimals_must_fit_an_int64),
        cmocka_unit_test(children_must_fill_their_place),
        cmocka_unit_test(arrays_must_count_from_zero),
        cmocka_unit_test(depth_ends_where_it_says),
        cmocka_unit_test(no_part_of_a_document_is_one),
        cmocka_unit_test(any_changed_byte_is_refused_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
