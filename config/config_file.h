/*
 * config_file.h - what a configuration takes from outside: its file, and secrets from files and the
 * environment.
 *
 * Errors are INVALID_CONFIGURATION with one sentence that quotes the path or name, never a content,
 * and OUT_OF_MEMORY. Whoever calls keeps other threads from changing the environment meanwhile.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/text.h"

#include <stdbool.h>

/* Appends the whole of a regular file, at most CONFIG_MAX_SIZE bytes. *closed: others (neither its
 * owner nor its group) can neither read nor write it. The message begins with the path. */
bool config_read_file(const char *path, struct text *content, bool *closed,
                      ecommerce_error *err) MUST_CHECK;

/* Appends a secret, at most CONFIG_MAX_SECRET bytes and not empty: the content of a file that is
 * closed to others, without its last line end. */
bool config_read_secret_file(struct str path, struct text *secret, ecommerce_error *err) MUST_CHECK;
/* The value of an environment variable. */
bool config_read_environment(struct str name, struct text *secret, ecommerce_error *err) MUST_CHECK;
