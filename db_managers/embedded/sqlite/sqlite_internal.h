/*
 * sqlite_internal.h - what sqlite_file.c (the file) and sqlite_connection.c (transactions and
 * statements) share. Stores include sqlite_file.h only.
 */
#pragma once

#include "db_managers/embedded/sqlite/sqlite_file.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    COMPOSED_STATEMENTS = 24, /* composed texts that a connection keeps prepared */
    IDLE_READERS = 16,        /* more are closed when they come back */
};

struct sqlite_statement {
    sqlite3_stmt *handle;
    struct sqlite_connection *connection;
    int bind_error; /* the first one, until the next step */
    char *text;     /* of a composed one; owned */
    uint64_t used;  /* of a composed one: when, by the connection's counter */
};

struct sqlite_connection {
    sqlite3 *db;
    struct sqlite_file *file;
    struct sqlite_connection *next; /* among the idle readers; the file's lock */
    bool is_writer;
    int64_t deadline;  /* of the call or request that uses it now */
    int wal_pages;     /* after the newest commit */
    int checkpoint_at; /* WAL pages that make the next checkpoint due */
    uint64_t counter;
    struct sqlite_statement *fixed; /* options.statement_count of them */
    struct sqlite_statement composed[COMPOSED_STATEMENTS];
};

struct sqlite_file {
    struct sqlite_file_options options; /* with defaults filled in */
    char *path;
    struct sqlite_connection *writer;
    pthread_mutex_t lock; /* idle, idle_count */
    struct sqlite_connection *idle;
    unsigned idle_count;
    atomic_bool distrusted; /* a sync failed */
};

struct sqlite_connection *sqlite_connection_open(struct sqlite_file *file, bool is_writer,
                                                 int64_t deadline, ecommerce_error *err) MUST_CHECK;
void sqlite_connection_close(struct sqlite_connection *connection);
/* Finalizes what was prepared. */
void sqlite_forget_statements(struct sqlite_connection *connection);
/* Resets what was left in the middle and rolls back. */
void sqlite_connection_settle(struct sqlite_connection *connection);

/* The border between SQLite's codes and ours: sets err, logs the detail, returns false. */
bool sqlite_failed(struct sqlite_connection *connection, int code, const char *what,
                   ecommerce_error *err);
