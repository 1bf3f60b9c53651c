#include "services/imports/csv_table.h"

#include "services/imports/csv_reader.h"
#include "support/alloc.h"
#include "support/error.h"
#include "support/timestamp.h"

#include <assert.h>
#include <stdio.h>

/* ---- the header ---- */

static bool is_of_a_family(const struct csv_columns *columns, struct str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(columns->prefixes); i++) {
        struct str prefix = str_of(columns->prefixes[i]);
        if (prefix.ptr != NULL && name.len > prefix.len && str_starts_with(name, prefix)) {
            return true;
        }
    }
    return false;
}

static bool header_error(struct str name, const char *why, ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "line 1, column '%.*s': %s",
                       name.len < 100 ? (int)name.len : 100, name.ptr, why);
}

static bool place_column(struct csv_table *table, size_t at, ecommerce_error *err)
{
    struct str name = table->header[at];
    for (size_t i = 0; i < CSV_TABLE_COLUMNS && table->columns->names[i] != NULL; i++) {
        if (str_is(name, table->columns->names[i])) {
            table->position[i] = at;
            return true;
        }
    }
    return is_of_a_family(table->columns, name) ||
           header_error(name, "such a file has no column of this name", err);
}

static bool take_header(struct csv_table *table, const struct csv_record *header,
                        ecommerce_error *err)
{
    struct str *names = arena_array(&table->arena, header->count, sizeof(*names));
    if (names == NULL) {
        return error_memory(err);
    }
    table->header = names;
    table->column_count = header->count;
    for (size_t i = 0; i < CSV_TABLE_COLUMNS; i++) {
        table->position[i] = SIZE_MAX;
    }
    for (size_t i = 0; i < header->count; i++) {
        struct str name = str_trim(header->fields[i]);
        char *copy = arena_str(&table->arena, name);
        if (copy == NULL) {
            return error_memory(err);
        }
        names[i] = str_make(copy, name.len);
        if (!place_column(table, i, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < table->columns->required; i++) {
        if (table->position[i] == SIZE_MAX) {
            return header_error(str_of(table->columns->names[i]), "it is missing", err);
        }
    }
    return true;
}

/* ---- rows ---- */

static bool take_row(struct csv_table *table, size_t *capacity, const struct csv_record *record,
                     ecommerce_error *err)
{
    if (table->row_count == CSV_TABLE_ROWS) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "file",
                           "a file has at most %d lines: import it in parts", CSV_TABLE_ROWS);
    }
    if (table->row_count == *capacity) {
        size_t more = *capacity != 0 ? *capacity * 2 : 256;
        struct csv_row *rows = mem_resize(table->rows, more * sizeof(*rows));
        if (rows == NULL) {
            return error_memory(err);
        }
        table->rows = rows;
        *capacity = more;
    }
    struct str *cells = arena_array(&table->arena, record->count, sizeof(*cells));
    if (cells == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < record->count; i++) {
        struct str cell = str_trim(record->fields[i]);
        char *copy = cell.len > 0 ? arena_str(&table->arena, cell) : NULL;
        if (cell.len > 0 && copy == NULL) {
            return error_memory(err);
        }
        cells[i] = cell.len > 0 ? str_make(copy, cell.len) : STR_NONE;
    }
    table->rows[table->row_count++] = (struct csv_row){.cells = cells, .line = record->line};
    return true;
}

static bool check_required(const struct csv_table *table, ecommerce_error *err)
{
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->columns->required; i++) {
            if (csv_cell(table, row, i).ptr == NULL) {
                return csv_cell_error(table, row, i, err, "it is empty");
            }
        }
    }
    return true;
}

bool csv_table_read(struct csv_table *table, const char *path, const struct csv_columns *columns,
                    ecommerce_error *err)
{
    *table = (struct csv_table){.columns = columns};
    struct csv_reader *reader = csv_open(path, NULL, err);
    if (reader == NULL) {
        return false;
    }
    const struct csv_record *record = NULL;
    size_t capacity = 0;
    bool ok = take_header(table, csv_header(reader), err);
    while (ok && (ok = csv_next(reader, &record, err)) && record != NULL) {
        ok = take_row(table, &capacity, record, err);
    }
    csv_close(&reader);
    return ok && check_required(table, err);
}

void csv_table_release(struct csv_table *table)
{
    mem_free(table->rows);
    arena_release(&table->arena);
    *table = (struct csv_table){0};
}

/* ---- cells ---- */

struct str csv_cell(const struct csv_table *table, size_t row, size_t column)
{
    assert(column < CSV_TABLE_COLUMNS && row < table->row_count);
    size_t position = table->position[column];
    return position != SIZE_MAX ? table->rows[row].cells[position] : STR_NONE;
}

bool csv_cell_error(const struct csv_table *table, size_t row, size_t column, ecommerce_error *err,
                    const char *why)
{
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "line %llu, column '%s': %s",
                       (unsigned long long)table->rows[row].line, table->columns->names[column],
                       why);
}

bool csv_cell_money(const struct csv_table *table, size_t row, size_t column,
                    const struct currency *currency, int64_t *minor, bool *given,
                    ecommerce_error *err)
{
    struct str cell = csv_cell(table, row, column);
    ecommerce_error why;
    *given = cell.ptr != NULL;
    return !*given || money_parse(cell, currency, minor, &why) ||
           csv_cell_error(table, row, column, err, why.message);
}

bool csv_cell_int(const struct csv_table *table, size_t row, size_t column, int64_t *value,
                  bool *given, ecommerce_error *err)
{
    struct str cell = csv_cell(table, row, column);
    long long number = 0;
    *given = cell.ptr != NULL;
    if (*given && !str_to_int64(cell, &number)) {
        return csv_cell_error(table, row, column, err, "it is no whole number");
    }
    *value = number;
    return true;
}

bool csv_cell_bool(const struct csv_table *table, size_t row, size_t column, bool *value,
                   bool *given, ecommerce_error *err)
{
    struct str cell = csv_cell(table, row, column);
    *given = cell.ptr != NULL;
    *value = str_is(cell, "true") || str_is(cell, "yes") || str_is(cell, "1");
    bool no = str_is(cell, "false") || str_is(cell, "no") || str_is(cell, "0");
    return !*given || *value || no ||
           csv_cell_error(table, row, column, err, "it is neither true nor false");
}

bool csv_cell_time(const struct csv_table *table, size_t row, size_t column, int64_t *time,
                   bool *given, ecommerce_error *err)
{
    struct str cell = csv_cell(table, row, column);
    ecommerce_error why;
    *given = cell.ptr != NULL;
    return !*given || timestamp_parse(cell, time, &why) ||
           csv_cell_error(table, row, column, err, why.message);
}
