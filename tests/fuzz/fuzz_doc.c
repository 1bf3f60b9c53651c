/*
 * Any bytes as a document: what passes doc_validate is read to its last byte, found by its keys,
 * copied value by value, and written as JSON.
 */

#include "support/doc.h"
#include "support/json.h"

#include <assert.h>
#include <string.h>

static bool is_nested(const struct doc_value *value)
{
    return value->type == DOC_DOCUMENT || value->type == DOC_ARRAY;
}

static void check_value(const struct doc_value *value, bool in_array, size_t index)
{
    long long number;
    assert(value->key.len > 0 && str_is_utf8(value->key));
    if (in_array)
        assert(str_to_int64(value->key, &number) && number == (long long)index);
    if (value->type == DOC_TEXT)
        assert(str_is_utf8(value->text) && value->text.ptr[value->text.len] == '\0');
}

/* Returns the depth. */
static int walk(struct doc doc, bool is_array)
{
    struct doc_iter iter;
    size_t count = 0;
    int deepest = 0;
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter); count++) {
        struct doc_value found;
        check_value(&iter.value, is_array, count);
        assert(doc_get(doc, iter.value.key.ptr, &found));
        assert(str_equal(found.key, iter.value.key));
        int depth =
            is_nested(&iter.value) ? walk(iter.value.child, iter.value.type == DOC_ARRAY) : 0;
        deepest = depth > deepest ? depth : deepest;
    }
    assert(doc_count(doc) == count);
    return deepest + 1;
}

/* A copy is as good as the document, and a copy of that the same bytes: what the builder writes
 * has one form only, while int32 and a negative zero may come in. */
static void check_copies(struct doc doc)
{
    struct doc_builder first, second;
    struct doc_iter iter;
    doc_builder_init(&first);
    doc_builder_init(&second);
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);)
        doc_add_value(&first, NULL, &iter.value);
    struct doc copy = doc_finish(&first);
    if (doc_builder_ok(&first)) {
        assert(doc_validate(copy.bytes, copy.size, NULL));
        assert(doc_count(copy) == doc_count(doc));
        for (doc_iter_init(&iter, copy); doc_iter_next(&iter);)
            doc_add_value(&second, NULL, &iter.value);
        assert(doc_equal(doc_finish(&second), copy));
    } else {
        assert(first.too_large); /* an int32 takes more room in the copy */
    }
    doc_builder_release(&first);
    doc_builder_release(&second);
}

static void check_json(struct doc doc)
{
    struct text text = {0};
    json_write(&text, doc, false, JSON_COMPACT);
    assert(text_ok(&text) && str_is_utf8(text_str(&text)));
    text_clear(&text);
    json_write(&text, doc, true, JSON_INDENTED);
    assert(text_ok(&text) && str_is_utf8(text_str(&text)));
    text_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ecommerce_error err = {.code = ECOMMERCE_OK};
    bool valid = doc_validate(data, size, &err);
    assert(valid == (err.code == ECOMMERCE_OK) && valid == (err.message[0] == '\0'));
    if (!valid)
        return 0;
    struct doc doc = {.bytes = data, .size = (uint32_t)size};
    assert(walk(doc, false) <= DOC_MAX_DEPTH);
    check_copies(doc);
    check_json(doc);
    return 0;
}
