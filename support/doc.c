/*
 * doc.c - reading documents: iterating, finding, comparing. All bytes have passed doc_validate or
 * come from a builder; the asserts are for those that did neither.
 */
#include "support/doc.h"

#include "support/doc_layout.h"

#include <assert.h>

void doc_iter_init(struct doc_iter *iter, struct doc doc)
{
    bool empty = doc.size <= DOC_FRAME;
    *iter = (struct doc_iter){
        .at = empty ? NULL : doc.bytes + sizeof(uint32_t),
        .end = empty ? NULL : doc.bytes + doc.size - 1,
    };
}

static int64_t decimal_coefficient(const uint8_t *at)
{
    bool negative = load_64(at + 8) >> 63;
    uint64_t magnitude = load_64(at);
    return (int64_t)(negative ? -magnitude : magnitude);
}

static int decimal_exponent(const uint8_t *at)
{
    return (int)((load_64(at + 8) >> 49) & 0x3FFF) - DECIMAL_BIAS;
}

static void read_value(struct doc_value *value, unsigned type, const uint8_t *at)
{
    value->type = (enum doc_type)type;
    switch (type) {
    case DOC_DOUBLE: {
        uint64_t bits = load_64(at);
        memcpy(&value->number, &bits, sizeof(bits));
        break;
    }
    case DOC_TEXT:
        value->text = str_make(at + 4, load_32(at) - 1);
        break;
    case DOC_BINARY:
        value->text = str_make(at + 5, load_32(at));
        break;
    case DOC_DOCUMENT:
    case DOC_ARRAY:
        value->child = (struct doc){.bytes = at, .size = load_32(at)};
        break;
    case DOC_BOOL:
        value->boolean = *at != 0;
        break;
    case DOC_TIME:
        value->integer = (int64_t)load_64(at) * 1000;
        break;
    case DOC_INT32:
        value->type = DOC_INT;
        value->integer = (int32_t)load_32(at);
        break;
    case DOC_INT:
        value->integer = (int64_t)load_64(at);
        break;
    case DOC_DECIMAL:
        value->decimal.coefficient = decimal_coefficient(at);
        value->decimal.exponent = decimal_exponent(at);
        break;
    default:
        assert(type == DOC_NULL);
    }
}

bool doc_iter_next(struct doc_iter *iter)
{
    const uint8_t *at = iter->at;
    if (at == iter->end)
        return false;
    unsigned type = *at++;
    iter->value.key = str_make(at, strlen((const char *)at));
    at += iter->value.key.len + 1;
    iter->at = at + value_size(type, at);
    assert(iter->at <= iter->end);
    read_value(&iter->value, type, at);
    return true;
}

/* Like iterating, but values on the way are only stepped over. */
static bool find_key(struct doc doc, struct str key, struct doc_value *value)
{
    struct doc_iter iter;
    doc_iter_init(&iter, doc);
    const uint8_t *at = iter.at;
    while (at != iter.end) {
        unsigned type = *at++;
        size_t length = strlen((const char *)at);
        const uint8_t *data = at + length + 1;
        if (length == key.len && memcmp(at, key.ptr, length) == 0) {
            value->key = str_make(at, length);
            read_value(value, type, data);
            return true;
        }
        at = data + value_size(type, data);
        assert(at <= iter.end);
    }
    *value = (struct doc_value){.type = DOC_NONE};
    return false;
}

bool doc_get(struct doc doc, const char *key, struct doc_value *value)
{
    return find_key(doc, str_of(key), value);
}

bool doc_find(struct doc doc, const char *path, struct doc_value *value)
{
    for (;;) {
        size_t length = strcspn(path, ".");
        if (!find_key(doc, str_make(path, length), value))
            return false;
        if (path[length] == '\0')
            return true;
        if (value->type != DOC_DOCUMENT && value->type != DOC_ARRAY)
            break;
        doc = value->child;
        path += length + 1;
    }
    *value = (struct doc_value){.type = DOC_NONE};
    return false;
}

struct str doc_text(struct doc doc, const char *key)
{
    struct doc_value value;
    return doc_get(doc, key, &value) && value.type == DOC_TEXT ? value.text : STR_NONE;
}

int64_t doc_int(struct doc doc, const char *key, int64_t fallback)
{
    struct doc_value value;
    return doc_get(doc, key, &value) && value.type == DOC_INT ? value.integer : fallback;
}

double doc_double(struct doc doc, const char *key, double fallback)
{
    struct doc_value value;
    if (!doc_get(doc, key, &value))
        return fallback;
    if (value.type == DOC_INT)
        return (double)value.integer;
    return value.type == DOC_DOUBLE ? value.number : fallback;
}

bool doc_bool(struct doc doc, const char *key, bool fallback)
{
    struct doc_value value;
    return doc_get(doc, key, &value) && value.type == DOC_BOOL ? value.boolean : fallback;
}

struct doc doc_child(struct doc doc, const char *key)
{
    struct doc_value value;
    bool nested =
        doc_get(doc, key, &value) && (value.type == DOC_DOCUMENT || value.type == DOC_ARRAY);
    return nested ? value.child : DOC_EMPTY;
}

size_t doc_count(struct doc doc)
{
    struct doc_iter iter;
    size_t count = 0;
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);)
        count++;
    return count;
}

bool doc_is_empty(struct doc doc)
{
    return doc.size <= DOC_FRAME;
}

bool doc_equal(struct doc a, struct doc b)
{
    if (doc_is_empty(a) || doc_is_empty(b))
        return doc_is_empty(a) && doc_is_empty(b);
    return a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
}

bool doc_copy(struct arena *arena, struct doc doc, struct doc *copy)
{
    if (!doc.bytes) {
        *copy = DOC_EMPTY;
        return true;
    }
    const char *bytes = arena_copy(arena, doc.bytes, doc.size);
    if (!bytes)
        return false;
    *copy = (struct doc){.bytes = (const uint8_t *)bytes, .size = doc.size};
    return true;
}
