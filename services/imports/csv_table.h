/*
 * csv_table.h - a whole CSV file in memory, its columns known by name, for imports that check all
 * of it before they change anything.
 *
 * Cells are trimmed; an empty one is as good as none. Errors about the content are
 * INVALID_ARGUMENT with the field "file" and a message that begins "line 7, column 'price': ". One
 * thread.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/arena.h"
#include "support/compiler.h"
#include "support/money.h"

enum { CSV_TABLE_COLUMNS = 16, CSV_TABLE_ROWS = 2000000 };

/* The columns that a file may have. */
struct csv_columns {
    const char *names[CSV_TABLE_COLUMNS]; /* NULL ends them */
    size_t required;                      /* the first so many must be there */
    const char *prefixes[2]; /* families of columns, "attribute." and any name; or NULL */
};

struct csv_row {
    const struct str *cells; /* in the file's order */
    uint64_t line;
};

struct csv_table {
    const struct csv_columns *columns;
    size_t position[CSV_TABLE_COLUMNS]; /* of each known column; SIZE_MAX: it is not there */
    const struct str *header;
    size_t column_count;
    struct csv_row *rows;
    size_t row_count;
    struct arena arena; /* owns the texts */
};

/* Errors: those of csv_reader.h; a column that is missing or unknown;
 * LIMIT_EXCEEDED beyond CSV_TABLE_ROWS. Release it in any case. */
bool csv_table_read(struct csv_table *table, const char *path, const struct csv_columns *columns,
                    ecommerce_error *err) MUST_CHECK;
void csv_table_release(struct csv_table *table);

/* STR_NONE when there is no such column, or nothing in it. `column` is an index of the names. */
struct str csv_cell(const struct csv_table *table, size_t row, size_t column);
/* False; with the message put after the line and the column. */
bool csv_cell_error(const struct csv_table *table, size_t row, size_t column, ecommerce_error *err,
                    const char *why);

/* An absent cell: true with *given false. */
bool csv_cell_money(const struct csv_table *table, size_t row, size_t column,
                    const struct currency *currency, int64_t *minor, bool *given,
                    ecommerce_error *err) MUST_CHECK;
bool csv_cell_int(const struct csv_table *table, size_t row, size_t column, int64_t *value,
                  bool *given, ecommerce_error *err) MUST_CHECK;
/* true, false, yes, no, 1, 0 */
bool csv_cell_bool(const struct csv_table *table, size_t row, size_t column, bool *value,
                   bool *given, ecommerce_error *err) MUST_CHECK;
bool csv_cell_time(const struct csv_table *table, size_t row, size_t column, int64_t *time,
                   bool *given, ecommerce_error *err) MUST_CHECK;
