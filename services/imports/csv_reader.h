/*
 * csv_reader.h - comma-separated values (RFC 4180), one record at a time, from files of any size.
 *
 * The first record is the header; columns are found by name. Reading is strict: every
 * record has as many columns as the header, quotes stand where RFC 4180 wants them, and an error
 * names the line. Lines end in LF or CRLF, the last one may lack its end. A quoted field may hold
 * line ends; lines are counted as an editor does. The text is UTF-8, with or without a byte order
 * mark; NUL bytes are refused. An empty line is a record with one empty column.
 *
 *     struct csv_reader *reader = csv_open(path, NULL, err);
 *     …csv_column(reader, "InvoiceNo", &invoice, err)…
 *     const struct csv_record *record;
 *     while ((ok = csv_next(reader, &record, err)) && record)
 *         use(record->fields[invoice]);
 *     csv_close(&reader);
 *
 * All errors about the content are ECOMMERCE_INVALID_ARGUMENT, or ECOMMERCE_LIMIT_EXCEEDED for what
 * is too long, with the field "file". Not thread-safe; a reader is used by one thread at a time.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CSV_MAX_FIELD = 64 * 1024,    /* bytes of one value, without its quotes */
    CSV_MAX_RECORD = 1024 * 1024, /* bytes of one record as written, without its line end */
    CSV_MAX_COLUMNS = 256,
    CSV_BUFFER = 256 * 1024, /* bytes read at once; grows to max_record when a record needs it */
};

/* 0 anywhere means the number above. */
struct csv_options {
    size_t max_field;
    size_t max_record;
    size_t max_columns;
    size_t buffer;
};

struct csv_record {
    const struct str *fields; /* without quotes; never STR_NONE */
    size_t count;             /* always that of the header */
    uint64_t line;            /* where the record begins; the header begins in line 1 */
};

struct csv_reader;

/* Opens a plain or gzip file and reads its header. options may be NULL. Errors besides those above:
 * ECOMMERCE_NOT_FOUND, ECOMMERCE_STORAGE_FAILED, ECOMMERCE_OUT_OF_MEMORY. */
struct csv_reader *csv_open(const char *path, const struct csv_options *options,
                            ecommerce_error *err) MUST_CHECK;

/* The same from memory, which is not copied and outlives the reader. */
struct csv_reader *csv_open_memory(struct str bytes, const struct csv_options *options,
                                   ecommerce_error *err) MUST_CHECK;

/* The names, in the file's order. Lives as long as the reader. */
const struct csv_record *csv_header(const struct csv_reader *reader);

/* Position of the column with this exact name; ECOMMERCE_INVALID_ARGUMENT when there is none. */
bool csv_column(const struct csv_reader *reader, const char *name, size_t *column,
                ecommerce_error *err) MUST_CHECK;

/* The next record, NULL at the end. It points into the reader's buffer and is valid until the next
 * call. After a failure the reader can only be closed. */
bool csv_next(struct csv_reader *reader, const struct csv_record **record,
              ecommerce_error *err) MUST_CHECK;

void csv_close(struct csv_reader **reader); /* NULL inside is allowed */
