/*
 * doc_validate.c - bytes from outside: are they a document that all other functions may trust?
 */
#include "support/doc.h"
#include "support/doc_layout.h"
#include "support/error.h"

struct cursor {
    const uint8_t *at;
    const uint8_t *end; /* the NUL byte that ends the document */
};

static size_t left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static bool damaged(ecommerce_error *err, const char *what)
{
    return error_set(err, ECOMMERCE_INVALID_ARGUMENT, "the bytes are no document: %s", what);
}

static bool check_text(const struct cursor *cursor, ecommerce_error *err)
{
    uint32_t size = left(cursor) >= 4 ? load_32(cursor->at) : 0;
    if (size == 0 || size > left(cursor) - 4)
        return damaged(err, "a text is longer than what holds it");
    if (cursor->at[4 + size - 1] != 0)
        return damaged(err, "a text does not end in a NUL byte");
    if (!str_is_utf8(str_make(cursor->at + 4, size - 1)))
        return damaged(err, "a text is not UTF-8");
    return true;
}

static bool check_binary(const struct cursor *cursor, ecommerce_error *err)
{
    if (left(cursor) < 5 || load_32(cursor->at) > left(cursor) - 5)
        return damaged(err, "a binary is longer than what holds it");
    return cursor->at[4] == 0 || damaged(err, "a binary has an unknown subtype");
}

/* The coefficient fits an int64, and the form is the one that doc_add_decimal writes: its exponent
 * directly below the sign, which leaves no bit pattern for infinities and what is no number. */
static bool check_decimal(const struct cursor *cursor, ecommerce_error *err)
{
    if (left(cursor) < 16)
        return damaged(err, "a value is cut off");
    uint64_t low = load_64(cursor->at), high = load_64(cursor->at + 8);
    uint64_t largest = (uint64_t)INT64_MAX + (high >> 63);
    if ((high << 15) != 0 || (high >> 61 & 3) == 3 || low > largest)
        return damaged(err, "a decimal is no number of 63 bits");
    return true;
}

static bool check_time(const struct cursor *cursor, ecommerce_error *err)
{
    int64_t milliseconds = (int64_t)load_64(cursor->at);
    return (milliseconds >= INT64_MIN / 1000 && milliseconds <= INT64_MAX / 1000) ||
           damaged(err, "a time is beyond all calendars");
}

static bool check_document(const uint8_t *bytes, size_t size, bool is_array, int depth,
                           ecommerce_error *err);

static bool check_value(const struct cursor *cursor, unsigned type, int depth, ecommerce_error *err)
{
    switch (type) {
    case DOC_TEXT:
        return check_text(cursor, err);
    case DOC_BINARY:
        return check_binary(cursor, err);
    case DOC_DECIMAL:
        return check_decimal(cursor, err);
    case DOC_DOCUMENT:
    case DOC_ARRAY:
        return check_document(cursor->at, left(cursor), type == DOC_ARRAY, depth + 1, err);
    case DOC_BOOL:
        return (left(cursor) >= 1 && *cursor->at <= 1) ||
               damaged(err, "a bool is neither true nor false");
    case DOC_NULL:
        return true;
    case DOC_DOUBLE:
    case DOC_TIME:
    case DOC_INT:
    case DOC_INT32:
        if (left(cursor) < value_size(type, cursor->at))
            return damaged(err, "a value is cut off");
        return type != DOC_TIME || check_time(cursor, err);
    default:
        return damaged(err, "a value has an unknown type");
    }
}

/* Leaves the cursor at the value. */
static bool check_key(struct cursor *cursor, const char *expected, ecommerce_error *err)
{
    const uint8_t *nul = memchr(cursor->at, 0, left(cursor));
    if (!nul)
        return damaged(err, "a key does not end");
    struct str key = str_make(cursor->at, (size_t)(nul - cursor->at));
    if (key.len == 0 || !str_is_utf8(key))
        return damaged(err, "a key is empty or not UTF-8");
    if (expected && !str_is(key, expected))
        return damaged(err, "an array is not numbered from 0");
    cursor->at = nul + 1;
    return true;
}

static bool check_elements(struct cursor *cursor, bool is_array, int depth, ecommerce_error *err)
{
    char index_key[DOC_INDEX_BYTES];
    for (uint32_t index = 0; cursor->at < cursor->end; index++) {
        unsigned type = *cursor->at++;
        if (is_array)
            doc_index_key(index, index_key);
        if (!check_key(cursor, is_array ? index_key : NULL, err) ||
            !check_value(cursor, type, depth, err))
            return false;
        cursor->at += value_size(type, cursor->at);
    }
    return true;
}

/* A document that begins at `bytes`, where `size` bytes are left, and is its own size long. */
static bool check_document(const uint8_t *bytes, size_t size, bool is_array, int depth,
                           ecommerce_error *err)
{
    uint32_t own = size >= DOC_FRAME ? load_32(bytes) : 0;
    if (own < DOC_FRAME || own > size)
        return damaged(err, "its size is wrong");
    if (depth > DOC_MAX_DEPTH)
        return damaged(err, "it is nested too deep");
    if (bytes[own - 1] != 0)
        return damaged(err, "it does not end in a NUL byte");
    struct cursor cursor = {.at = bytes + 4, .end = bytes + own - 1};
    return check_elements(&cursor, is_array, depth, err);
}

bool doc_validate(const uint8_t *bytes, size_t size, ecommerce_error *err)
{
    if (size > DOC_MAX_SIZE)
        return damaged(err, "it is larger than 16 MiB");
    if (size < DOC_FRAME || load_32(bytes) != size)
        return damaged(err, "its size is wrong");
    return check_document(bytes, size, false, 1, err);
}
