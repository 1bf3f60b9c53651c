/*
 * ecommerce_arguments.h - how the typed functions of ecommerce_operations.h make the document of
 * named arguments that an operation takes. Not installed.
 *
 *     struct argument_builder args;
 *     arguments_begin(&args);
 *     arguments_text(&args, "order_id", order_id);
 *     return arguments_run(&args, system, "get_order", answer, err);
 *
 * Absent values (NULL, 0) are left out, so that the operation says what is missing.
 */
#pragma once

#include "ecommerce_system_parts.h"

struct argument_builder {
    struct doc_builder doc;
    char wrong[64]; /* the argument that is not UTF-8; empty: none */
};

void arguments_begin(struct argument_builder *args);
void arguments_text(struct argument_builder *args, const char *name, const char *value);
void arguments_texts(struct argument_builder *args, const char *name, const char *const *values,
                     size_t count);
void arguments_int(struct argument_builder *args, const char *name, int64_t value); /* 0 too */
void arguments_limit(struct argument_builder *args, size_t limit);                  /* 0: absent */
void arguments_version(struct argument_builder *args, int64_t version);             /* 0: absent */
void arguments_flag(struct argument_builder *args, const char *name,
                    bool value); /* false: absent */
void arguments_time(struct argument_builder *args, const char *name, int64_t microseconds);
void arguments_document(struct argument_builder *args, const char *name,
                        const ecommerce_document *document);
/* Runs the operation and releases the builder. */
bool arguments_run(struct argument_builder *args, ecommerce_system *system, const char *operation,
                   ecommerce_document **answer, ecommerce_error *err) MUST_CHECK;
