/*
 * sqlite_file.h - one SQLite file as the embedded stores use it.
 *
 * A file has one writer connection, used by one thread at a time (the leader of a store's lane),
 * and readers, borrowed by any thread for one request. WAL mode: readers never wait for the writer,
 * nor it for them; several processes may have the file open.
 *
 * Opening creates missing folders (0700) and the file (0600), refuses files that are not ours or
 * newer than us, and brings older ones up to date in one transaction.
 *
 * Waiting for another process's lock ends at the deadline given to the call: DEADLINE_EXCEEDED.
 * What else may go wrong: STORAGE_FULL, STORAGE_FAILED (device, damaged file), OUT_OF_MEMORY. In
 * all these the transaction is undone. But when the sync of a commit fails, nobody knows what is on
 * the disk: that commit gets OUTCOME_UNKNOWN, and from then on the file is not trusted: every later
 * write is refused with STORAGE_FAILED until it has been closed and opened again (the kernel may
 * have dropped the pages that it could not write, and a second sync that succeeds would prove
 * nothing). A failed sync of a checkpoint has the same consequence.
 *
 * Files are not mapped into memory: a device's error would then be a signal that ends the host, not
 * an error. Deleted content is not overwritten (secure_delete off): erasure is followed by
 * sqlite_file_vacuum where it has to hold against reading the raw device.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/arena.h"
#include "support/compiler.h"
#include "support/doc.h"
#include "support/log.h"
#include "support/seams.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

struct sqlite_file;
struct sqlite_connection;
struct sqlite_statement;

/* One step of the schema: `sql` (may be several statements, may be NULL), then `run` (may be NULL),
 * within the migration's transaction. */
struct sqlite_migration {
    const char *sql;
    bool (*run)(struct sqlite_connection *connection, void *context, ecommerce_error *err);
};

/* FULL: a commit survives the loss of power. NORMAL: it survives the process, and after a loss of
 * power the file is whole but may lack the newest commits. */
enum sqlite_durability { SQLITE_DURABILITY_FULL, SQLITE_DURABILITY_NORMAL };

struct sqlite_file_options {
    const char *folder;
    const char *name;       /* "documents.db" */
    int32_t application_id; /* tells our files from others' (PRAGMA application_id); not 0 */
    /* migrations[v] leads from version v to v + 1; version 0 is the empty file. */
    const struct sqlite_migration *migrations;
    int version; /* how many there are */
    void *migration_context;
    enum sqlite_durability durability;
    /* The store's fixed statements, for sqlite_prepared; the table must be static. */
    const char *const *statements;
    size_t statement_count;
    /* Zero: the defaults, good for files of some hundred MB. */
    int page_size;        /* of a new file; bytes */
    int writer_cache;     /* KiB */
    int reader_cache;     /* KiB, each reader */
    int checkpoint_pages; /* WAL pages after which a commit copies them into the file */
    const char *vfs;      /* NULL: the default */
    const struct seams *seams;
    const struct logger *logger;
    int64_t deadline; /* of opening, monotonic */
};

struct sqlite_file *sqlite_file_open(const struct sqlite_file_options *options,
                                     ecommerce_error *err) MUST_CHECK;
/* All readers are back and no transaction is open. Copies the WAL into the file when nobody else
 * has it open. NULL allowed, and half-opened files. */
void sqlite_file_close(struct sqlite_file **file);

/* Adds version, pages, page size and WAL pages to an open document. Any thread. */
void sqlite_file_describe(struct sqlite_file *file, struct doc_builder *out);
/* A round trip: reads the file's header. Any thread. */
bool sqlite_file_ping(struct sqlite_file *file, int64_t deadline, ecommerce_error *err) MUST_CHECK;
/* Reads every page (PRAGMA integrity_check): FOUND_WRONG with the first thing found. Any thread. */
bool sqlite_file_check(struct sqlite_file *file, int64_t deadline, ecommerce_error *err) MUST_CHECK;
/* Rewrites the file without its deleted content and empties the WAL. The writer's thread. */
bool sqlite_file_vacuum(struct sqlite_file *file, int64_t deadline,
                        ecommerce_error *err) MUST_CHECK;

/* ---- connections ---- */

/* The one writer: only for the thread that holds the store's lane. */
struct sqlite_connection *sqlite_file_writer(struct sqlite_file *file);

/* A reader for one request; NULL with an error. Its statements see what was committed before they
 * (or sqlite_begin_read) began, and are interrupted at the deadline. */
struct sqlite_connection *sqlite_reader_borrow(struct sqlite_file *file, int64_t deadline,
                                               ecommerce_error *err) MUST_CHECK;
/* Resets its statements and ends its transaction. */
void sqlite_reader_return(struct sqlite_file *file, struct sqlite_connection *reader);

/* ---- transactions ---- */

/* BEGIN IMMEDIATE: waits for other processes' writers until the deadline. */
bool sqlite_begin(struct sqlite_connection *writer, int64_t deadline,
                  ecommerce_error *err) MUST_CHECK;
/* After any failure the transaction has been rolled back. */
bool sqlite_commit(struct sqlite_connection *writer, ecommerce_error *err) MUST_CHECK;
/* No error: nothing to undo is fine. */
void sqlite_rollback(struct sqlite_connection *connection);
/* An error such as a full disk may have ended the whole transaction under the caller: false then,
 * and every request of the batch has failed with that error. */
bool sqlite_in_transaction(const struct sqlite_connection *connection);
/* One snapshot for several statements of a reader, until it is returned (or sqlite_rollback). */
bool sqlite_begin_read(struct sqlite_connection *reader, ecommerce_error *err) MUST_CHECK;

/* A part of a transaction that can be undone alone. Not nested. */
bool sqlite_savepoint(struct sqlite_connection *writer, ecommerce_error *err) MUST_CHECK;
bool sqlite_savepoint_keep(struct sqlite_connection *writer, ecommerce_error *err) MUST_CHECK;
bool sqlite_savepoint_undo(struct sqlite_connection *writer, ecommerce_error *err) MUST_CHECK;

/* ---- statements ---- */

/* The statement of the options' table, prepared at first use by this connection, reset and without
 * bound values; NULL with an error. It belongs to the connection. */
struct sqlite_statement *sqlite_prepared(struct sqlite_connection *connection, unsigned index,
                                         ecommerce_error *err) MUST_CHECK;
/* The same for composed text; the connection keeps the few it used last. The text holds
 * placeholders only, never a caller's value. */
struct sqlite_statement *sqlite_prepared_text(struct sqlite_connection *connection, const char *sql,
                                              ecommerce_error *err) MUST_CHECK;
/* Statements without parameters or rows, such as a schema's. */
bool sqlite_execute(struct sqlite_connection *connection, const char *sql,
                    ecommerce_error *err) MUST_CHECK;

/* Parameters count from 1. Texts and documents are not copied: they live until the statement has
 * been reset or run. A failure is sticky and reported by the next step. */
void sqlite_bind_int(struct sqlite_statement *statement, int parameter, int64_t value);
void sqlite_bind_double(struct sqlite_statement *statement, int parameter, double value);
void sqlite_bind_str(struct sqlite_statement *statement, int parameter,
                     struct str value); /* STR_NONE: NULL */
void sqlite_bind_doc(struct sqlite_statement *statement, int parameter,
                     struct doc value); /* never NULL */
void sqlite_bind_blob(struct sqlite_statement *statement, int parameter, const void *bytes,
                      size_t size);
void sqlite_bind_null(struct sqlite_statement *statement, int parameter);

enum sqlite_step { SQLITE_STEP_FAILED = -1, SQLITE_STEP_DONE = 0, SQLITE_STEP_ROW = 1 };

/* After DONE and FAILED the statement has been reset. */
enum sqlite_step sqlite_step(struct sqlite_statement *statement, ecommerce_error *err) MUST_CHECK;
/* For a statement left before DONE; a reader's snapshot lasts until then. NULL allowed. */
void sqlite_reset(struct sqlite_statement *statement);
/* Steps to the end, whatever rows come. *changes (may be NULL): rows inserted, updated or deleted.
 */
bool sqlite_run(struct sqlite_statement *statement, int64_t *changes,
                ecommerce_error *err) MUST_CHECK;
/* The first column of the first row as a number; *found (may be NULL) false without a row. */
bool sqlite_run_int(struct sqlite_statement *statement, int64_t *value, bool *found,
                    ecommerce_error *err) MUST_CHECK;
/* Of the last insert into a table with rowids. */
int64_t sqlite_last_rowid(const struct sqlite_connection *writer);

/* ---- columns: they count from 0 ---- */

bool sqlite_column_is_null(struct sqlite_statement *statement, int column);
int64_t sqlite_column_int(struct sqlite_statement *statement, int column);
double sqlite_column_double(struct sqlite_statement *statement, int column);
/* A view of a text or blob until the next step; STR_NONE for NULL. */
struct str sqlite_column_view(struct sqlite_statement *statement, int column);
/* A copy in the arena. */
bool sqlite_column_str(struct sqlite_statement *statement, int column, struct arena *arena,
                       struct str *value, ecommerce_error *err) MUST_CHECK;
/* A copy in the arena, validated: STORAGE_FAILED when the file holds something else. NULL: empty.
 */
bool sqlite_column_doc(struct sqlite_statement *statement, int column, struct arena *arena,
                       struct doc *value, ecommerce_error *err) MUST_CHECK;
