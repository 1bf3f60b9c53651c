/*
 * json.h - JSON at the doors: strict text in, documents out, and back.
 *
 * Reading (RFC 8259, parsed by jansson): UTF-8 only, duplicate keys refused, no NaN or infinity, no
 * NUL bytes, depth at most DOC_MAX_DEPTH, keys with a leading '$' or a '.' refused (an operator where
 * a value belongs). Integers become DOC_INT when they fit, other numbers DOC_DOUBLE; null stays.
 * Writing: DOC_TIME as RFC 3339 UTC ("2011-12-09T12:50:00Z", with fraction only when there is one), DOC_DECIMAL as a
 * plain number with all its decimals (2.50), doubles in the shortest form that reads back the same,
 * binary as base64.
 */
#pragma once

#include "support/doc.h"
#include "support/text.h"

/* err names line and column. The view points into the builder. */
bool json_read(struct str json, struct doc_builder *builder, struct doc *doc, ecommerce_error *err)
    MUST_CHECK;

enum json_style { JSON_COMPACT, JSON_INDENTED };

/* is_array: the top level is written as [ ] instead of { }. */
void json_write(struct text *text, struct doc doc, bool is_array, enum json_style style);
void json_write_value(struct text *text, const struct doc_value *value, enum json_style style,
                      int indent);
/* Shortest decimal text that reads back as the same double; buffer of at least 32 bytes. */
void json_double(double value, char *buffer, size_t size);
