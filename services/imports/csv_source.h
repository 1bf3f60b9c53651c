/*
 * csv_source.h - where the CSV reader's bytes come from: a file, plain or gzip, or memory.
 *
 * Whether a file is gzip is told by its first bytes, not by its name. Not thread-safe.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/str.h"

#include <stdbool.h>
#include <stddef.h>

struct csv_source {
    struct gzFile_s *file; /* NULL: the bytes are in `memory` */
    struct str memory;     /* what is left of it */
};

/* Errors (field "file"): ECOMMERCE_NOT_FOUND; ECOMMERCE_INVALID_ARGUMENT for a directory or a file
 * that may not be read; ECOMMERCE_OUT_OF_MEMORY. */
bool csv_source_open(struct csv_source *source, const char *path, ecommerce_error *err) MUST_CHECK;

/* The bytes are not copied and outlive the source. They are taken as they are, never as gzip. */
void csv_source_memory(struct csv_source *source, struct str bytes);

/* Fills the buffer: *got < size only at the end. ECOMMERCE_INVALID_ARGUMENT: the gzip file is cut
 * short or damaged; ECOMMERCE_STORAGE_FAILED: the device failed. */
bool csv_source_read(struct csv_source *source, void *buffer, size_t size, size_t *got,
                     ecommerce_error *err) MUST_CHECK;

void csv_source_close(struct csv_source *source);
