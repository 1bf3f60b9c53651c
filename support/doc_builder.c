/*
 * doc_builder.c - writing documents: append only, one block that doubles.
 */
#include "support/alloc.h"
#include "support/doc.h"
#include "support/doc_layout.h"
#include "support/error.h"
#include "support/timestamp.h"

#include <assert.h>

enum { FIRST_CAPACITY = 256, HEAD = sizeof(uint32_t) /* the size of the top document */ };

/* Unoptimised builds look at every byte; in others callers are trusted. */
#ifdef __OPTIMIZE__
#define ASSERT_UTF8(s) ((void)(s))
#else
#define ASSERT_UTF8(s) assert(str_is_utf8(s))
#endif

size_t doc_index_key(uint32_t index, char key[DOC_INDEX_BYTES])
{
    char digits[DOC_INDEX_BYTES];
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + index % 10);
        index /= 10;
    } while (index > 0);
    size_t length = sizeof(digits) - first;
    memcpy(key, digits + first, length);
    key[length] = '\0';
    return length + 1;
}

/* ---- room ---- */

static void fail(struct doc_builder *builder, bool too_large)
{
    builder->failed = true;
    builder->too_large = too_large;
}

/* The slow path of reserve; the first block begins with the head. Doubling, so that n appended
 * bytes are copied 2n times at most. */
static bool grow(struct doc_builder *builder, size_t size)
{
    size_t used = builder->bytes ? builder->size : HEAD;
    assert(builder->maximum <= DOC_MAX_SIZE);
    if (used > builder->maximum || size > builder->maximum - used) {
        fail(builder, true);
        return false;
    }
    size_t capacity = builder->capacity ? builder->capacity * 2 : FIRST_CAPACITY;
    capacity = capacity > builder->maximum ? builder->maximum : capacity;
    capacity = capacity < used + size ? used + size : capacity;
    uint8_t *larger = mem_resize(builder->bytes, capacity);
    if (!larger) {
        fail(builder, false);
        return false;
    }
    builder->bytes = larger;
    builder->size = used;
    builder->capacity = capacity;
    return true;
}

/* Where the next `size` bytes go; NULL after a failure. */
static inline uint8_t *reserve(struct doc_builder *builder, size_t size)
{
    if (builder->failed || (size > builder->capacity - builder->size && !grow(builder, size)))
        return NULL;
    uint8_t *at = builder->bytes + builder->size;
    builder->size += size;
    return at;
}

/* ---- elements ---- */

static bool in_array(const struct doc_builder *builder)
{
    return builder->indexes[builder->depth] != UINT32_MAX;
}

/* Writes type and key; `size` bytes for the value follow from where it returns. NULL on failure. */
static uint8_t *begin(struct doc_builder *builder, const char *key, enum doc_type type, size_t size)
{
    char index_key[DOC_INDEX_BYTES];
    size_t length;
    if (builder->failed)
        return NULL;
    assert(builder->depth > 0);
    bool numbered = in_array(builder);
    if (numbered) {
        assert(!key);
        length = doc_index_key(builder->indexes[builder->depth], index_key);
        key = index_key;
    } else {
        assert(key && key[0] != '\0');
        length = strlen(key) + 1;
        ASSERT_UTF8(str_make(key, length - 1));
    }
    uint8_t *at = reserve(builder, 1 + length + size);
    if (!at)
        return NULL;
    builder->indexes[builder->depth] += numbered;
    *at = (uint8_t)type;
    memcpy(at + 1, key, length);
    return at + 1 + length;
}

void doc_add_text(struct doc_builder *builder, const char *key, struct str value)
{
    if (!value.ptr) {
        doc_add_null(builder, key);
        return;
    }
    ASSERT_UTF8(value);
    uint8_t *at = begin(builder, key, DOC_TEXT, 4 + value.len + 1);
    if (at) {
        store_32(at, (uint32_t)value.len + 1);
        memcpy(at + 4, value.ptr, value.len);
        at[4 + value.len] = 0;
    }
}

void doc_adds(struct doc_builder *builder, const char *key, const char *value)
{
    doc_add_text(builder, key, str_of(value));
}

static void add_64(struct doc_builder *builder, const char *key, enum doc_type type, uint64_t bits)
{
    uint8_t *at = begin(builder, key, type, 8);
    if (at)
        store_64(at, bits);
}

void doc_add_int(struct doc_builder *builder, const char *key, int64_t value)
{
    add_64(builder, key, DOC_INT, (uint64_t)value);
}

void doc_add_double(struct doc_builder *builder, const char *key, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    add_64(builder, key, DOC_DOUBLE, bits);
}

void doc_add_time(struct doc_builder *builder, const char *key, int64_t microseconds)
{
    int64_t milliseconds = floor_divide(microseconds, 1000);
    if (milliseconds < INT64_MIN / 1000) /* the one that would not read back */
        milliseconds++;
    add_64(builder, key, DOC_TIME, (uint64_t)milliseconds);
}

void doc_add_bool(struct doc_builder *builder, const char *key, bool value)
{
    uint8_t *at = begin(builder, key, DOC_BOOL, 1);
    if (at)
        *at = value;
}

void doc_add_null(struct doc_builder *builder, const char *key)
{
    (void)begin(builder, key, DOC_NULL, 0);
}

void doc_add_binary(struct doc_builder *builder, const char *key, const void *bytes, size_t size)
{
    uint8_t *at = begin(builder, key, DOC_BINARY, 5 + size);
    if (at) {
        store_32(at, (uint32_t)size);
        at[4] = 0;
        if (size > 0)
            memcpy(at + 5, bytes, size);
    }
}

void doc_add_decimal(struct doc_builder *builder, const char *key, int64_t coefficient,
                     int exponent)
{
    assert(exponent >= -DECIMAL_BIAS && exponent <= DECIMAL_MAX_EXPONENT);
    uint64_t magnitude = coefficient < 0 ? -(uint64_t)coefficient : (uint64_t)coefficient;
    uint64_t sign = coefficient < 0;
    uint8_t *at = begin(builder, key, DOC_DECIMAL, 16);
    if (at) {
        store_64(at, magnitude);
        store_64(at + 8, sign << 63 | (uint64_t)(exponent + DECIMAL_BIAS) << 49);
    }
}

/* ---- nesting ---- */

static int depth_of(struct doc doc)
{
    struct doc_iter iter;
    int deepest = 0;
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);) {
        bool nested = iter.value.type == DOC_DOCUMENT || iter.value.type == DOC_ARRAY;
        int depth = nested ? depth_of(iter.value.child) : 0;
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

/* Whether `doc` may lie below `depth` levels. Nearly all are too small to be deep at all and need
 * no look inside. */
static bool fits_below(int depth, struct doc doc)
{
    int most = DOC_MAX_DEPTH - depth;
    return doc.size / DOC_SMALLEST_LEVEL < (unsigned)most || depth_of(doc) <= most;
}

static void add_child(struct doc_builder *builder, const char *key, enum doc_type type,
                      struct doc value)
{
    static const uint8_t frame[DOC_FRAME] = {DOC_FRAME};
    if (doc_is_empty(value))
        value = (struct doc){.bytes = frame, .size = DOC_FRAME};
    if (!builder->failed && !fits_below(builder->depth, value))
        fail(builder, true);
    uint8_t *at = begin(builder, key, type, value.size);
    if (at)
        memcpy(at, value.bytes, value.size);
}

void doc_add_doc(struct doc_builder *builder, const char *key, struct doc value)
{
    add_child(builder, key, DOC_DOCUMENT, value);
}

void doc_add_array(struct doc_builder *builder, const char *key, struct doc value)
{
    add_child(builder, key, DOC_ARRAY, value);
}

void doc_add_value(struct doc_builder *builder, const char *key, const struct doc_value *value)
{
    if (builder->failed)
        return;
    if (!key && !in_array(builder))
        key = value->key.ptr;
    switch (value->type) {
    case DOC_NONE:
        break;
    case DOC_DOUBLE:
        doc_add_double(builder, key, value->number);
        break;
    case DOC_TEXT:
        doc_add_text(builder, key, value->text);
        break;
    case DOC_DOCUMENT:
    case DOC_ARRAY:
        add_child(builder, key, value->type, value->child);
        break;
    case DOC_BINARY:
        doc_add_binary(builder, key, value->text.ptr, value->text.len);
        break;
    case DOC_BOOL:
        doc_add_bool(builder, key, value->boolean);
        break;
    case DOC_TIME:
        doc_add_time(builder, key, value->integer);
        break;
    case DOC_NULL:
        doc_add_null(builder, key);
        break;
    case DOC_INT:
        doc_add_int(builder, key, value->integer);
        break;
    case DOC_DECIMAL:
        doc_add_decimal(builder, key, value->decimal.coefficient, value->decimal.exponent);
        break;
    }
}

static void add_elements(struct doc_builder *builder, struct doc doc)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);)
        doc_add_value(builder, NULL, &iter.value);
}

void doc_add_all(struct doc_builder *builder, struct doc doc)
{
    if (builder->failed || doc_is_empty(doc))
        return;
    if (in_array(builder)) {
        add_elements(builder, doc);
        return;
    }
    if (!fits_below(builder->depth - 1, doc)) {
        fail(builder, true);
        return;
    }
    uint8_t *at = reserve(builder, doc.size - DOC_FRAME);
    if (at)
        memcpy(at, doc.bytes + HEAD, doc.size - DOC_FRAME);
}

static void open_child(struct doc_builder *builder, const char *key, enum doc_type type)
{
    if (!builder->failed && builder->depth == DOC_MAX_DEPTH)
        fail(builder, true);
    uint8_t *at = begin(builder, key, type, HEAD);
    if (!at)
        return;
    builder->depth++;
    builder->starts[builder->depth] = (uint32_t)(at - builder->bytes);
    builder->indexes[builder->depth] = type == DOC_ARRAY ? 0 : UINT32_MAX;
}

void doc_open(struct doc_builder *builder, const char *key)
{
    open_child(builder, key, DOC_DOCUMENT);
}

void doc_open_array(struct doc_builder *builder, const char *key)
{
    open_child(builder, key, DOC_ARRAY);
}

static void close_level(struct doc_builder *builder)
{
    uint8_t *at = reserve(builder, 1);
    if (!at)
        return;
    *at = 0;
    uint32_t start = builder->starts[builder->depth];
    store_32(builder->bytes + start, (uint32_t)(builder->size - start));
    builder->depth--;
}

void doc_close(struct doc_builder *builder)
{
    assert(builder->failed || builder->depth > 1);
    close_level(builder);
}

/* ---- the whole ---- */

void doc_builder_init(struct doc_builder *builder)
{
    /* Not the arrays: most builders never look at more than their first entries. */
    builder->bytes = NULL;
    builder->capacity = 0;
    builder->maximum = DOC_MAX_SIZE;
    doc_builder_clear(builder);
}

void doc_builder_clear(struct doc_builder *builder)
{
    builder->size = builder->bytes ? HEAD : 0;
    builder->depth = 1;
    builder->starts[1] = 0;
    builder->indexes[1] = UINT32_MAX;
    builder->failed = false;
    builder->too_large = false;
}

void doc_builder_release(struct doc_builder *builder)
{
    mem_free(builder->bytes);
    *builder = (struct doc_builder){.bytes = NULL};
}

struct doc doc_finish(struct doc_builder *builder)
{
    while (!builder->failed && builder->depth > 0)
        close_level(builder);
    if (builder->failed)
        return DOC_EMPTY;
    return (struct doc){.bytes = builder->bytes, .size = (uint32_t)builder->size};
}

bool doc_builder_ok(const struct doc_builder *builder)
{
    return !builder->failed;
}

bool doc_builder_check(const struct doc_builder *builder, ecommerce_error *err)
{
    if (!builder->failed)
        return true;
    if (!builder->too_large)
        return error_memory(err);
    return error_set(err, ECOMMERCE_LIMIT_EXCEEDED,
                     "the document is larger or nested deeper than a document may be");
}
