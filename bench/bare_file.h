/*
 * bare_file.h - SQLite as a program without an engine would use it: one connection, statements kept
 * prepared, values bound as they come. Durability, page size, cache and checkpoints are those of
 * the engine's file, of which these are copies.
 */
#pragma once

#include "bench/bench_shop.h"

#include <sqlite3.h>

enum { BARE_STATEMENTS = 8 };

struct bare_file {
    sqlite3 *db;
    sqlite3_stmt *statements[BARE_STATEMENTS];
    sqlite3_stmt *begin, *commit;
};

/* Rows of a table as values to bind. */
struct bare_rows {
    sqlite3_value **values; /* column_count a row */
    size_t count, capacity;
    int column_count;
};

struct bare_settings {
    bool full; /* synchronous: FULL, else NORMAL */
    int cache; /* KiB */
    int checkpoint_pages;
};

bool bare_open(struct bare_file *file, const char *path, const struct bare_settings *settings,
               ecommerce_error *err) MUST_CHECK;
/* A zeroed struct is allowed. */
void bare_close(struct bare_file *file);
bool bare_failed(struct bare_file *file, ecommerce_error *err);
bool bare_prepare(struct bare_file *file, size_t number, const char *sql,
                  ecommerce_error *err) MUST_CHECK;
/* "INSERT INTO table VALUES (?, …)" for as many columns as the rows have. */
bool bare_prepare_insert(struct bare_file *file, size_t number, const char *table,
                         const struct bare_rows *rows, ecommerce_error *err) MUST_CHECK;

/* All rows that the statement gives; its parameter 1 is `from`. */
bool bare_load(struct bare_file *file, const char *sql, int64_t from, struct bare_rows *rows,
               ecommerce_error *err) MUST_CHECK;
void bare_rows_release(struct bare_rows *rows);
bool bare_max(struct bare_file *file, const char *sql, int64_t *value,
              ecommerce_error *err) MUST_CHECK;

/* Binds a row to the statement and runs it. */
bool bare_write_row(struct bare_file *file, size_t number, const struct bare_rows *rows, size_t row,
                    ecommerce_error *err) MUST_CHECK;
/* Runs a statement whose values are bound. */
bool bare_step(struct bare_file *file, sqlite3_stmt *statement, ecommerce_error *err) MUST_CHECK;
static inline sqlite3_value *bare_value(const struct bare_rows *rows, size_t row, int column)
{
    return rows->values[row * (size_t)rows->column_count + (size_t)column];
}
