/*
 * csv_writer.h - a CSV file being written: RFC 4180 with LF, quotes where they are needed.
 *
 * The file comes to be under its name only when it is whole: it is written beside it as
 * "<path>.part", synced and renamed. Failures are sticky and told by csv_writer_close. One thread.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/money.h"

#include <stdio.h>

struct csv_writer {
    FILE *file;
    char *path, *part;
    bool line_begun;
    bool failed;
    int64_t lines; /* ended ones, the header too */
};

/* INVALID_ARGUMENT (field "path") when the file cannot be made there. */
bool csv_writer_open(struct csv_writer *writer, struct str path, ecommerce_error *err) MUST_CHECK;
void csv_put(struct csv_writer *writer, struct str cell); /* STR_NONE: an empty one */
void csv_puts(struct csv_writer *writer, const char *cell);
void csv_put_int(struct csv_writer *writer, int64_t value);
void csv_put_money(struct csv_writer *writer, int64_t minor, const struct currency *currency);
void csv_put_time(struct csv_writer *writer, int64_t microseconds);
void csv_end_line(struct csv_writer *writer);
/* `ok`: all was written that was meant to be; else the file is dropped. STORAGE_FULL,
 * STORAGE_FAILED. Not opened is allowed. */
bool csv_writer_close(struct csv_writer *writer, bool ok, ecommerce_error *err) MUST_CHECK;
