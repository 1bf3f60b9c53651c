/*
 * error.h - filling an ecommerce_error. See ecommerce_error.h for what codes mean.
 *
 * Every function here returns false, so that a failing function ends in
 * `return error_set(err, ECOMMERCE_NOT_FOUND, "no order has the id '%s'", id);`.
 * All accept err == NULL. Messages are one sentence, lower case, no full stop, the wrong value
 * quoted, never a secret, a path or an SQL text (those go to the log).
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"

#include <stdbool.h>

bool error_set(ecommerce_error *err, enum ecommerce_error_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same with the field at fault ("quantity"); callers add the path with error_under. */
bool error_field(ecommerce_error *err, enum ecommerce_error_code code, const char *field,
                 const char *format, ...) PRINTF_LIKE(4, 5);

/* Prefixes the field: error_under(err, "items[%zu]", 2) makes "quantity" "items[2].quantity". */
bool error_under(ecommerce_error *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* ECOMMERCE_OUT_OF_MEMORY with its fixed message. */
bool error_memory(ecommerce_error *err);

/* True when err's code means "nothing happened, the same call may be repeated". */
bool error_is_retryable(const ecommerce_error *err);

void error_clear(ecommerce_error *err);
