/*
 * doc.h - the engine's one document type: a value tree in one block of bytes.
 *
 * The bytes are BSON 1.1 (bsonspec.org), so that a document goes to MongoDB as it is, restricted to
 * the types below. Reading allocates nothing: a `struct doc` is a view on bytes somebody else owns
 * (builder, arena, store result). Writing goes through a builder with a maximum and a sticky
 * failure. libbson is not used here because its writers abort the process when an allocation fails,
 * which a library that Python loads must not do.
 *
 * Money in stored documents is an int64 of minor units beside a currency code; in answers it is
 * DOC_DECIMAL, which prints as a number with the currency's decimals.
 * Keys: no NUL byte, not empty; keys of documents from callers have neither '$' at the start nor
 * '.' anywhere.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/arena.h"
#include "support/compiler.h"
#include "support/str.h"

#include <stdbool.h>
#include <stdint.h>

enum doc_type {
    DOC_NONE = 0, /* absent */
    DOC_DOUBLE = 0x01,
    DOC_TEXT = 0x02,
    DOC_DOCUMENT = 0x03,
    DOC_ARRAY = 0x04,
    DOC_BINARY = 0x05, /* subtype 0 */
    DOC_BOOL = 0x08,
    DOC_TIME = 0x09, /* UTC; BSON keeps milliseconds: use it for answers and readable stamps,
                        int64 microseconds where exactness counts */
    DOC_NULL = 0x0A,
    DOC_INT = 0x12,     /* int64; int32 (0x10) is read as DOC_INT too, never written */
    DOC_DECIMAL = 0x13, /* decimal128 whose coefficient fits an int64 */
};

/* Depth: the top document is level 1. */
enum { DOC_MAX_DEPTH = 32, DOC_MAX_SIZE = 16 * 1024 * 1024 };

/* A view. {NULL, 0} is "no document" and reads as an empty one. */
struct doc {
    const uint8_t *bytes;
    uint32_t size;
};

#define DOC_EMPTY ((struct doc){.bytes = NULL, .size = 0})

struct doc_value {
    enum doc_type type;
    struct str key; /* inside the document's bytes; array elements have "0", "1" … */
    union {
        double number;
        struct str text;  /* also binary */
        struct doc child; /* document and array */
        bool boolean;
        int64_t integer; /* DOC_INT; DOC_TIME in microseconds */
        struct {
            int64_t coefficient;
            int exponent; /* value = coefficient * 10^exponent */
        } decimal;
    };
};

/* ---- reading ---- */

struct doc_iter {
    const uint8_t *at;
    const uint8_t *end;
    struct doc_value value;
};

/* for (doc_iter_init(&it, d); doc_iter_next(&it);) use it.value */
void doc_iter_init(struct doc_iter *iter, struct doc doc);
bool doc_iter_next(struct doc_iter *iter);

/* Field of this document (no paths). Absent: false, and value->type is DOC_NONE. */
bool doc_get(struct doc doc, const char *key, struct doc_value *value);
/* The same for a path "address.city" or "items.0.sku". */
bool doc_find(struct doc doc, const char *path, struct doc_value *value);

/* Typed getters: the value when the field is there with that type, else the fallback. */
struct str doc_text(struct doc doc, const char *key); /* else STR_NONE */
int64_t doc_int(struct doc doc, const char *key, int64_t fallback);
double doc_double(struct doc doc, const char *key, double fallback); /* takes DOC_INT too */
bool doc_bool(struct doc doc, const char *key, bool fallback);
struct doc doc_child(struct doc doc, const char *key); /* document or array, else empty */
size_t doc_count(struct doc doc);                      /* elements of the top level */
bool doc_is_empty(struct doc doc);
/* Same keys in the same order with the same values. Bytes are compared: 1 and 1.0 differ. */
bool doc_equal(struct doc a, struct doc b);

/* Whole structure, lengths, types, UTF-8 and depth of bytes from outside; everything read from a
 * store or a wire passes here once before a view is made of it. */
bool doc_validate(const uint8_t *bytes, size_t size, ecommerce_error *err) MUST_CHECK;

/* ---- writing ---- */

struct doc_builder {
    uint8_t *bytes; /* owned */
    size_t size;
    size_t capacity;
    size_t maximum;
    int depth;
    uint32_t starts[DOC_MAX_DEPTH + 1];
    /* Next element number of an open array; UINT32_MAX: a document. */
    uint32_t indexes[DOC_MAX_DEPTH + 1];
    bool failed;
    bool too_large; /* failed at the maximum or the greatest depth, not for want of memory */
};

/* Inside an array `key` is NULL and elements number themselves. Strings must be UTF-8 (asserted in
 * unoptimised builds only: input is checked at the door). A text of STR_NONE adds null. Values may
 * be views on anything but the builder's own bytes. */
/* Opens the top document. maximum is DOC_MAX_SIZE; a smaller one may be set at once afterwards. */
void doc_builder_init(struct doc_builder *builder);
void doc_add_text(struct doc_builder *builder, const char *key, struct str value);
void doc_adds(struct doc_builder *builder, const char *key, const char *value); /* NULL adds null */
void doc_add_int(struct doc_builder *builder, const char *key, int64_t value);
void doc_add_double(struct doc_builder *builder, const char *key, double value);
void doc_add_bool(struct doc_builder *builder, const char *key, bool value);
void doc_add_null(struct doc_builder *builder, const char *key);
void doc_add_time(struct doc_builder *builder, const char *key, int64_t microseconds);
void doc_add_binary(struct doc_builder *builder, const char *key, const void *bytes, size_t size);
void doc_add_decimal(struct doc_builder *builder, const char *key, int64_t coefficient,
                     int exponent);
void doc_add_doc(struct doc_builder *builder, const char *key, struct doc value);
void doc_add_array(struct doc_builder *builder, const char *key, struct doc value);
/* Adds a value as it is, under `key` (its own key when NULL and not in an array); DOC_NONE adds
 * nothing. */
void doc_add_value(struct doc_builder *builder, const char *key, const struct doc_value *value);
void doc_open(struct doc_builder *builder, const char *key);
void doc_open_array(struct doc_builder *builder, const char *key);
void doc_close(struct doc_builder *builder);
/* All fields of `doc` at this level. */
void doc_add_all(struct doc_builder *builder, struct doc doc);
/* Closes what is open; the view lives as long as the builder is not changed or released. Empty view
 * and false from doc_builder_ok after a failure. */
struct doc doc_finish(struct doc_builder *builder);
bool doc_builder_ok(const struct doc_builder *builder) MUST_CHECK;
/* The same, and says what failed: out_of_memory or limit_exceeded. */
bool doc_builder_check(const struct doc_builder *builder, ecommerce_error *err) MUST_CHECK;
void doc_builder_clear(struct doc_builder *builder); /* starts again, keeps the memory */
void doc_builder_release(struct doc_builder *builder);
/* Copy of a view into an arena; false when out of memory. */
bool doc_copy(struct arena *arena, struct doc doc, struct doc *copy) MUST_CHECK;
