/*
 * json.h - JSON at the doors: strict text in, documents out, and back.
 *
 * Reading (RFC 8259, parsed by jansson): UTF-8 only, duplicate keys refused, no NaN or infinity, no
 * NUL bytes, depth at most JSON_MAX_DEPTH, keys that are empty, begin with '$' or contain '.'
 * refused (an operator or a path where a name belongs). Integers become DOC_INT and are refused
 * when they do not fit; numbers with a point or an exponent become DOC_DOUBLE; null stays.
 * Writing: DOC_TIME as RFC 3339 UTC ("2011-12-09T12:50:00Z", with fraction only when there is one),
 * DOC_DECIMAL as a plain number with all its decimals (2.50), doubles in the shortest form that
 * reads back as the same double (never as an integer: 3.0), binary as base64. What is no finite
 * number is null.
 *
 * The first json_read makes jansson allocate through support/alloc.h, for the whole process. That
 * is malloc underneath, so a host's own use of jansson goes on undisturbed.
 */
#pragma once

#include "support/doc.h"
#include "support/text.h"

/* What comes from outside is put into documents of the engine: eight levels are left for those. */
enum { JSON_MAX_DEPTH = DOC_MAX_DEPTH - 8 };

/* One JSON object into an initialised builder, whose former content is gone. The view points into
 * the builder, which the caller releases in any case; it is empty on failure. Errors: invalid_json
 * with line and column, or, for a key or value that JSON allows and documents do not, with the
 * field; limit_exceeded; out_of_memory. */
bool json_read(struct str json, struct doc_builder *builder, struct doc *doc,
               ecommerce_error *err) MUST_CHECK;

enum json_style { JSON_COMPACT, JSON_INDENTED };

/* is_array: the top level is written as [ ] instead of { }. */
void json_write(struct text *text, struct doc doc, bool is_array, enum json_style style);
/* indent: how many levels, of two spaces, the value's own lines are moved in. */
void json_write_value(struct text *text, const struct doc_value *value, enum json_style style,
                      int indent);

enum { JSON_NUMBER_TEXT = 64 };
/* Shortest decimal text that reads back as the same double; buffer of at least 32 bytes. */
void json_double(double value, char *buffer, size_t size);
/* coefficient * 10^exponent with all its decimals; buffer of at least JSON_NUMBER_TEXT bytes, or 24
 * when exponent is from -4 to 0. Beyond exponents from -40 to 20 in the form "25e99". */
void json_decimal(int64_t coefficient, int exponent, char *buffer, size_t size);
