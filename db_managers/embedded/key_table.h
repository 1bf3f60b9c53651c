/*
 * key_table.h - texts as numbers in a file: tables (number INTEGER PRIMARY KEY, id TEXT UNIQUE).
 *
 * An id of 40 bytes that stands in a million rows is written once. The writer remembers the numbers
 * of the texts that it met; what it remembers of a transaction that was rolled back, or of before
 * another process removed a text, must be forgotten (key_table_forget).
 */
#pragma once

#include "db_managers/embedded/number_map.h"
#include "db_managers/embedded/sqlite/sqlite_file.h"
#include "support/strmap.h"

/* A table's statements, as numbers of the file's statements. */
struct key_statements {
    unsigned find; /* id -> number */
    unsigned add;  /* id */
    unsigned get;  /* number -> id */
};

/* The writer's memory of one table. */
struct key_table {
    struct key_statements statements;
    struct strmap numbers;
    struct arena texts;
};

/* *number is that of the text, which is added when it is new; 0 for STR_NONE. */
bool key_table_intern(struct key_table *table, struct sqlite_connection *writer, struct str text,
                      int64_t *number, ecommerce_error *err) MUST_CHECK;
void key_table_forget(struct key_table *table);
void key_table_release(struct key_table *table);

/* Looks a text up on any connection; 0: it is not there. */
bool key_find(struct sqlite_connection *connection, struct key_statements statements,
              struct str text, int64_t *number, ecommerce_error *err) MUST_CHECK;

/* A request's memory of texts by number. */
struct key_reader {
    struct key_statements statements;
    struct sqlite_connection *reader;
    struct arena *arena; /* texts live in it */
    struct number_map places;
    struct str *texts; /* owned */
    uint32_t count, capacity;
};

/* STR_NONE for 0, and for a number whose text was erased. */
bool key_reader_text(struct key_reader *keys, int64_t number, struct str *text,
                     ecommerce_error *err) MUST_CHECK;
void key_reader_release(struct key_reader *keys);
