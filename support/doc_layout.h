/*
 * doc_layout.h - how values lie in a document's bytes (BSON 1.1); only for the doc_*.c files.
 *
 * document: int32 size of all of it, elements, a NUL byte
 * element:  type byte, key, NUL byte, value
 * value:    double, int64, time (milliseconds): 8 bytes; decimal128: 16; bool: 1; null: none;
 *           text: int32 size with its NUL byte, bytes, NUL; binary: int32 size, subtype, bytes;
 *           document and array: a document. Everything little-endian.
 */
#pragma once

#include "support/doc.h"

#include <endian.h>
#include <string.h>

enum {
    DOC_INT32 = 0x10,       /* read, never written */
    DOC_FRAME = 5,          /* bytes of an empty document: size and NUL */
    DOC_SMALLEST_LEVEL = 8, /* bytes that one more level takes: type, a key of one byte, frame */
    DECIMAL_BIAS = 6176,
    DECIMAL_MAX_EXPONENT = 6111,
};

static inline uint32_t load_32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof(value));
    return le32toh(value);
}

static inline uint64_t load_64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof(value));
    return le64toh(value);
}

static inline void store_32(uint8_t *at, uint32_t value)
{
    value = htole32(value);
    memcpy(at, &value, sizeof(value));
}

static inline void store_64(uint8_t *at, uint64_t value)
{
    value = htole64(value);
    memcpy(at, &value, sizeof(value));
}

/* Bytes of the value at `at`, which is known to be well-formed. */
static inline size_t value_size(unsigned type, const uint8_t *at)
{
    switch (type) {
    case DOC_BOOL:
        return 1;
    case DOC_NULL:
        return 0;
    case DOC_INT32:
        return 4;
    case DOC_TEXT:
        return 4 + (size_t)load_32(at);
    case DOC_BINARY:
        return 5 + (size_t)load_32(at);
    case DOC_DOCUMENT:
    case DOC_ARRAY:
        return load_32(at);
    case DOC_DECIMAL:
        return 16;
    default:
        return 8; /* double, int64, time */
    }
}

/* The key of the array element `index` with its NUL byte; the number of bytes is returned. */
enum { DOC_INDEX_BYTES = 11 };
size_t doc_index_key(uint32_t index, char key[DOC_INDEX_BYTES]);
