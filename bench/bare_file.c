/* bare_file.c - a connection, its statements, and rows in memory. */
#include "bench/bare_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool bare_failed(struct bare_file *file, ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_STORAGE_FAILED, "the bare loop: %s",
                     file->db ? sqlite3_errmsg(file->db) : "out of memory");
}

bool bare_open(struct bare_file *file, const char *path, const struct bare_settings *settings,
               ecommerce_error *err)
{
    char pragmas[256];
    *file = (struct bare_file){0};
    snprintf(pragmas, sizeof(pragmas),
             "PRAGMA synchronous=%s; PRAGMA cache_size=-%d; PRAGMA wal_autocheckpoint=%d;"
             "PRAGMA temp_store=MEMORY",
             settings->full ? "FULL" : "NORMAL", settings->cache, settings->checkpoint_pages);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &file->db, flags, NULL) == SQLITE_OK &&
        sqlite3_exec(file->db, pragmas, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(file->db, "BEGIN IMMEDIATE", -1, &file->begin, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(file->db, "COMMIT", -1, &file->commit, NULL) == SQLITE_OK)
        return true;
    bare_failed(file, err);
    bare_close(file);
    return false;
}

void bare_close(struct bare_file *file)
{
    for (size_t i = 0; i < BARE_STATEMENTS; i++)
        sqlite3_finalize(file->statements[i]);
    sqlite3_finalize(file->begin);
    sqlite3_finalize(file->commit);
    sqlite3_close(file->db);
    *file = (struct bare_file){0};
}

bool bare_prepare(struct bare_file *file, size_t number, const char *sql, ecommerce_error *err)
{
    return sqlite3_prepare_v3(file->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                              &file->statements[number], NULL) == SQLITE_OK ||
           bare_failed(file, err);
}

bool bare_prepare_insert(struct bare_file *file, size_t number, const char *table,
                         const struct bare_rows *rows, ecommerce_error *err)
{
    char sql[512];
    int length = snprintf(sql, sizeof(sql), "INSERT INTO %s VALUES (?", table);
    for (int i = 1; i < rows->column_count; i++)
        length += snprintf(sql + length, sizeof(sql) - (size_t)length, ", ?");
    snprintf(sql + length, sizeof(sql) - (size_t)length, ")");
    return bare_prepare(file, number, sql, err);
}

static bool add_row(struct bare_rows *rows, sqlite3_stmt *statement)
{
    size_t columns = (size_t)rows->column_count;
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity ? rows->capacity * 2 : 1024;
        sqlite3_value **values = realloc(rows->values, capacity * columns * sizeof(*values));
        if (!values)
            return false;
        rows->values = values;
        rows->capacity = capacity;
    }
    sqlite3_value **row = rows->values + rows->count++ * columns;
    bool ok = true;
    for (size_t i = 0; i < columns; i++) {
        row[i] = sqlite3_value_dup(sqlite3_column_value(statement, (int)i));
        ok = ok && row[i];
    }
    return ok;
}

bool bare_load(struct bare_file *file, const char *sql, int64_t from, struct bare_rows *rows,
               ecommerce_error *err)
{
    sqlite3_stmt *statement = NULL;
    *rows = (struct bare_rows){0};
    bool ok = sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL) == SQLITE_OK;
    rows->column_count = ok ? sqlite3_column_count(statement) : 0;
    if (ok)
        sqlite3_bind_int64(statement, 1, from);
    int code = SQLITE_ROW;
    while (ok && (code = sqlite3_step(statement)) == SQLITE_ROW)
        ok = add_row(rows, statement);
    ok = ok && code == SQLITE_DONE;
    sqlite3_finalize(statement);
    return ok || bare_failed(file, err);
}

void bare_rows_release(struct bare_rows *rows)
{
    for (size_t i = 0; i < rows->count * (size_t)rows->column_count; i++)
        sqlite3_value_free(rows->values[i]);
    free(rows->values);
    *rows = (struct bare_rows){0};
}

bool bare_max(struct bare_file *file, const char *sql, int64_t *value, ecommerce_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    *value = ok ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return ok || bare_failed(file, err);
}

bool bare_step(struct bare_file *file, sqlite3_stmt *statement, ecommerce_error *err)
{
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_DONE || bare_failed(file, err);
}

bool bare_write_row(struct bare_file *file, size_t number, const struct bare_rows *rows, size_t row,
                    ecommerce_error *err)
{
    sqlite3_stmt *statement = file->statements[number];
    for (int i = 0; i < rows->column_count; i++)
        sqlite3_bind_value(statement, i + 1, bare_value(rows, row, i));
    return bare_step(file, statement, err);
}
