/*
 * sqlite_connection.c - transactions, statements, values; and what SQLite's result codes mean here.
 */
#include "db_managers/embedded/sqlite/sqlite_internal.h"

#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>

/* ---- result codes ---- */

static bool is_sync_failure(int code)
{
    return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

static enum ecommerce_error_code device_error(const struct sqlite_connection *connection)
{
    int number = sqlite3_system_errno(connection->db);
    bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return full ? ECOMMERCE_STORAGE_FULL : ECOMMERCE_STORAGE_FAILED;
}

static enum ecommerce_error_code open_error(const struct sqlite_connection *connection)
{
    int number = sqlite3_system_errno(connection->db);
    if (number == EMFILE || number == ENFILE)
        return ECOMMERCE_UNAVAILABLE;
    return device_error(connection);
}

static enum ecommerce_error_code code_of(const struct sqlite_connection *connection, int code)
{
    if (code == SQLITE_IOERR_NOMEM)
        return ECOMMERCE_OUT_OF_MEMORY;
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return ECOMMERCE_OUT_OF_MEMORY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
        return ECOMMERCE_DEADLINE_EXCEEDED;
    case SQLITE_FULL:
        return ECOMMERCE_STORAGE_FULL;
    case SQLITE_IOERR:
        return device_error(connection);
    case SQLITE_CANTOPEN:
        return open_error(connection);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_NOLFS:
        return ECOMMERCE_STORAGE_FAILED;
    case SQLITE_TOOBIG:
        return ECOMMERCE_LIMIT_EXCEEDED;
    default:
        return ECOMMERCE_INTERNAL;
    }
}

static const char *sentence_of(enum ecommerce_error_code code)
{
    switch (code) {
    case ECOMMERCE_DEADLINE_EXCEEDED:
        return "the file was not free in time";
    case ECOMMERCE_STORAGE_FULL:
        return "the disk or a quota is full";
    case ECOMMERCE_UNAVAILABLE:
        return "the process has no file handle left";
    case ECOMMERCE_STORAGE_FAILED:
        return "the file is damaged or its device failed";
    case ECOMMERCE_LIMIT_EXCEEDED:
        return "a value is larger than a file can hold";
    default:
        return "a statement failed";
    }
}

/* A file that this user may not open or write is not damaged. */
static bool is_forbidden(const struct sqlite_connection *connection, int code)
{
    int kind = code & 0xff;
    int number = connection->db ? sqlite3_system_errno(connection->db) : 0;
    return kind == SQLITE_PERM || kind == SQLITE_READONLY ||
           (kind == SQLITE_CANTOPEN && (number == EACCES || number == EPERM || number == EROFS));
}

bool sqlite_failed(struct sqlite_connection *connection, int code, const char *what,
                   ecommerce_error *err)
{
    const struct sqlite_file *file = connection->file;
    enum ecommerce_error_code mapped = code_of(connection, code);
    log_write(file->options.logger, LOG_DEBUG, "sqlite", "%s: %s: %s (code %d)", file->options.name,
              what, connection->db ? sqlite3_errmsg(connection->db) : sqlite3_errstr(code), code);
    if (is_sync_failure(code) && connection->is_writer)
        atomic_store(&connection->file->distrusted, true);
    if (mapped == ECOMMERCE_OUT_OF_MEMORY)
        return error_memory(err);
    const char *why = is_forbidden(connection, code)
                          ? "this user may not read and write the file and its folder"
                          : sentence_of(mapped);
    return error_set(err, mapped, "%s: %s", file->options.name, why);
}

/* ---- transactions ---- */

bool sqlite_execute(struct sqlite_connection *connection, const char *sql, ecommerce_error *err)
{
    int code = sqlite3_exec(connection->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK || sqlite_failed(connection, code, sql, err);
}

/* Begin and commit are as frequent as batches: they are kept prepared. */
static int run_text(struct sqlite_connection *connection, const char *sql, ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared_text(connection, sql, err);
    if (!statement)
        return SQLITE_ERROR;
    int code = sqlite3_step(statement->handle);
    if (code != SQLITE_DONE)
        sqlite_failed(connection, code, sql, err);
    sqlite3_reset(statement->handle);
    return code;
}

bool sqlite_begin(struct sqlite_connection *writer, int64_t deadline, ecommerce_error *err)
{
    assert(writer->is_writer && !sqlite_in_transaction(writer));
    writer->deadline = deadline;
    if (atomic_load(&writer->file->distrusted))
        return error_set(err, ECOMMERCE_STORAGE_FAILED,
                         "%s: a write could not be made safe; the shop has to be opened again",
                         writer->file->options.name);
    return run_text(writer, "BEGIN IMMEDIATE", err) == SQLITE_DONE;
}

/* Copies the WAL into the file when it has grown. Its failure fails nobody: what was committed is
 * safe in the WAL. It is due again after as many more pages, since a reader may stand in its way.
 */
static void checkpoint_when_due(struct sqlite_connection *writer)
{
    const struct sqlite_file_options *options = &writer->file->options;
    if (writer->wal_pages < options->checkpoint_pages)
        writer->checkpoint_at = options->checkpoint_pages;
    if (writer->wal_pages < writer->checkpoint_at)
        return;
    int code = sqlite3_wal_checkpoint_v2(writer->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    writer->checkpoint_at = writer->wal_pages + options->checkpoint_pages;
    if (code == SQLITE_OK || code == SQLITE_BUSY)
        return;
    sqlite_failed(writer, code, "checkpoint", NULL);
    log_write(options->logger, LOG_WARNING, "sqlite", "%s: checkpoint failed: %s", options->name,
              sqlite3_errmsg(writer->db));
}

static bool commit_unknown(struct sqlite_connection *writer, ecommerce_error *err)
{
    log_write(writer->file->options.logger, LOG_ERROR, "sqlite",
              "%s: the sync of a commit failed; refusing writes until the file is opened again",
              writer->file->options.name);
    return error_set(err, ECOMMERCE_OUTCOME_UNKNOWN,
                     "%s: the write may or may not have reached the disk",
                     writer->file->options.name);
}

bool sqlite_commit(struct sqlite_connection *writer, ecommerce_error *err)
{
    assert(writer->is_writer);
    ecommerce_error failure = {0};
    int code = run_text(writer, "COMMIT", &failure);
    if (code == SQLITE_DONE) {
        checkpoint_when_due(writer);
        return true;
    }
    sqlite_rollback(writer);
    if (is_sync_failure(code))
        return commit_unknown(writer, err);
    if (err)
        *err = failure;
    return false;
}

void sqlite_rollback(struct sqlite_connection *connection)
{
    if (!sqlite_in_transaction(connection))
        return;
    int code = sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        sqlite_failed(connection, code, "rollback", NULL);
}

bool sqlite_in_transaction(const struct sqlite_connection *connection)
{
    return sqlite3_get_autocommit(connection->db) == 0;
}

bool sqlite_begin_read(struct sqlite_connection *reader, ecommerce_error *err)
{
    return run_text(reader, "BEGIN", err) == SQLITE_DONE;
}

bool sqlite_savepoint(struct sqlite_connection *writer, ecommerce_error *err)
{
    assert(sqlite_in_transaction(writer));
    return run_text(writer, "SAVEPOINT part", err) == SQLITE_DONE;
}

bool sqlite_savepoint_keep(struct sqlite_connection *writer, ecommerce_error *err)
{
    return run_text(writer, "RELEASE part", err) == SQLITE_DONE;
}

bool sqlite_savepoint_undo(struct sqlite_connection *writer, ecommerce_error *err)
{
    return run_text(writer, "ROLLBACK TO part", err) == SQLITE_DONE &&
           run_text(writer, "RELEASE part", err) == SQLITE_DONE;
}

/* ---- statements ---- */

static struct sqlite_statement *prepare(struct sqlite_connection *connection,
                                        struct sqlite_statement *statement, const char *sql,
                                        ecommerce_error *err)
{
    int code = sqlite3_prepare_v3(connection->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  &statement->handle, NULL);
    if (code != SQLITE_OK) {
        sqlite_failed(connection, code, sql, err);
        return NULL;
    }
    statement->connection = connection;
    return statement;
}

static struct sqlite_statement *rewind_statement(struct sqlite_statement *statement)
{
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
    statement->bind_error = SQLITE_OK;
    return statement;
}

struct sqlite_statement *sqlite_prepared(struct sqlite_connection *connection, unsigned index,
                                         ecommerce_error *err)
{
    assert(index < connection->file->options.statement_count);
    struct sqlite_statement *statement = &connection->fixed[index];
    if (statement->handle)
        return rewind_statement(statement);
    return prepare(connection, statement, connection->file->options.statements[index], err);
}

static void forget_statement(struct sqlite_statement *statement)
{
    sqlite3_finalize(statement->handle);
    mem_free(statement->text);
    *statement = (struct sqlite_statement){0};
}

/* The one with this text, else the one to be replaced: an empty or the least recently used one. */
static struct sqlite_statement *find_composed(struct sqlite_connection *connection, const char *sql)
{
    struct sqlite_statement *oldest = &connection->composed[0];
    for (size_t i = 0; i < COMPOSED_STATEMENTS; i++) {
        struct sqlite_statement *statement = &connection->composed[i];
        if (statement->text && strcmp(statement->text, sql) == 0)
            return statement;
        if (statement->used < oldest->used)
            oldest = statement;
    }
    forget_statement(oldest);
    return oldest;
}

struct sqlite_statement *sqlite_prepared_text(struct sqlite_connection *connection, const char *sql,
                                              ecommerce_error *err)
{
    struct sqlite_statement *statement = find_composed(connection, sql);
    statement->used = ++connection->counter;
    if (statement->handle)
        return rewind_statement(statement);
    statement->text = mem_strdup(sql);
    if (!statement->text) {
        error_memory(err);
        return NULL;
    }
    struct sqlite_statement *prepared = prepare(connection, statement, sql, err);
    if (!prepared)
        forget_statement(statement);
    return prepared;
}

void sqlite_forget_statements(struct sqlite_connection *connection)
{
    for (size_t i = 0; connection->fixed && i < connection->file->options.statement_count; i++)
        forget_statement(&connection->fixed[i]);
    for (size_t i = 0; i < COMPOSED_STATEMENTS; i++)
        forget_statement(&connection->composed[i]);
}

void sqlite_connection_settle(struct sqlite_connection *connection)
{
    for (sqlite3_stmt *statement = sqlite3_next_stmt(connection->db, NULL); statement;
         statement = sqlite3_next_stmt(connection->db, statement)) {
        if (sqlite3_stmt_busy(statement))
            sqlite3_reset(statement);
    }
    sqlite_rollback(connection);
}

static void note_bind(struct sqlite_statement *statement, int code)
{
    if (code != SQLITE_OK && statement->bind_error == SQLITE_OK)
        statement->bind_error = code;
}

void sqlite_bind_int(struct sqlite_statement *statement, int parameter, int64_t value)
{
    note_bind(statement, sqlite3_bind_int64(statement->handle, parameter, value));
}

void sqlite_bind_double(struct sqlite_statement *statement, int parameter, double value)
{
    note_bind(statement, sqlite3_bind_double(statement->handle, parameter, value));
}

void sqlite_bind_str(struct sqlite_statement *statement, int parameter, struct str value)
{
    /* A NULL pointer binds NULL, which is what STR_NONE means. */
    note_bind(statement, sqlite3_bind_text64(statement->handle, parameter, value.ptr, value.len,
                                             SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_bind_doc(struct sqlite_statement *statement, int parameter, struct doc value)
{
    static const uint8_t empty[] = {5, 0, 0, 0, 0};
    if (value.size == 0)
        value = (struct doc){.bytes = empty, .size = sizeof(empty)};
    sqlite_bind_blob(statement, parameter, value.bytes, value.size);
}

void sqlite_bind_blob(struct sqlite_statement *statement, int parameter, const void *bytes,
                      size_t size)
{
    note_bind(statement, sqlite3_bind_blob64(statement->handle, parameter, size ? bytes : "", size,
                                             SQLITE_STATIC));
}

void sqlite_bind_null(struct sqlite_statement *statement, int parameter)
{
    note_bind(statement, sqlite3_bind_null(statement->handle, parameter));
}

enum sqlite_step sqlite_step(struct sqlite_statement *statement, ecommerce_error *err)
{
    int code = statement->bind_error;
    if (code == SQLITE_OK)
        code = sqlite3_step(statement->handle);
    if (code == SQLITE_ROW)
        return SQLITE_STEP_ROW;
    if (code != SQLITE_DONE)
        sqlite_failed(statement->connection, code, sqlite3_sql(statement->handle), err);
    sqlite3_reset(statement->handle);
    return code == SQLITE_DONE ? SQLITE_STEP_DONE : SQLITE_STEP_FAILED;
}

void sqlite_reset(struct sqlite_statement *statement)
{
    if (statement)
        sqlite3_reset(statement->handle);
}

bool sqlite_run(struct sqlite_statement *statement, int64_t *changes, ecommerce_error *err)
{
    enum sqlite_step step = SQLITE_STEP_ROW;
    while (step == SQLITE_STEP_ROW)
        step = sqlite_step(statement, err);
    if (changes)
        *changes = sqlite3_changes64(statement->connection->db);
    return step == SQLITE_STEP_DONE;
}

bool sqlite_run_int(struct sqlite_statement *statement, int64_t *value, bool *found,
                    ecommerce_error *err)
{
    enum sqlite_step step = sqlite_step(statement, err);
    if (step == SQLITE_STEP_FAILED)
        return false;
    bool has_row = step == SQLITE_STEP_ROW;
    *value = has_row ? sqlite_column_int(statement, 0) : 0;
    if (found)
        *found = has_row;
    sqlite_reset(statement);
    return true;
}

int64_t sqlite_last_rowid(const struct sqlite_connection *writer)
{
    return sqlite3_last_insert_rowid(writer->db);
}

/* ---- columns ---- */

bool sqlite_column_is_null(struct sqlite_statement *statement, int column)
{
    return sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}

int64_t sqlite_column_int(struct sqlite_statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

double sqlite_column_double(struct sqlite_statement *statement, int column)
{
    return sqlite3_column_double(statement->handle, column);
}

struct str sqlite_column_view(struct sqlite_statement *statement, int column)
{
    if (sqlite_column_is_null(statement, column))
        return STR_NONE;
    /* Asked for as a blob, a text is not given a NUL byte at its end, which costs an allocation. */
    const void *bytes = sqlite3_column_blob(statement->handle, column);
    int size = sqlite3_column_bytes(statement->handle, column);
    return bytes ? str_make(bytes, (size_t)size) : STR("");
}

/* An allocation that failed inside SQLite reads as an empty value. */
static bool column_lost(struct sqlite_statement *statement)
{
    return sqlite3_errcode(statement->connection->db) == SQLITE_NOMEM;
}

bool sqlite_column_str(struct sqlite_statement *statement, int column, struct arena *arena,
                       struct str *value, ecommerce_error *err)
{
    struct str view = sqlite_column_view(statement, column);
    *value = STR_NONE;
    if (view.len == 0 && column_lost(statement))
        return error_memory(err);
    if (!view.ptr)
        return true;
    const char *copy = arena_str(arena, view);
    if (!copy)
        return error_memory(err);
    *value = str_make(copy, view.len);
    return true;
}

bool sqlite_column_doc(struct sqlite_statement *statement, int column, struct arena *arena,
                       struct doc *value, ecommerce_error *err)
{
    const struct sqlite_file_options *options = &statement->connection->file->options;
    struct str view = sqlite_column_view(statement, column);
    *value = DOC_EMPTY;
    if (view.len == 0 && column_lost(statement))
        return error_memory(err);
    if (!view.ptr)
        return true;
    ecommerce_error detail = {0};
    if (view.len > DOC_MAX_SIZE || !doc_validate((const uint8_t *)view.ptr, view.len, &detail)) {
        log_write(options->logger, LOG_ERROR, "sqlite", "%s: damaged document: %s", options->name,
                  detail.message);
        return error_set(err, ECOMMERCE_STORAGE_FAILED, "%s: a stored document is damaged",
                         options->name);
    }
    const char *copy = arena_copy(arena, view.ptr, view.len);
    if (!copy)
        return error_memory(err);
    *value = (struct doc){.bytes = (const uint8_t *)copy, .size = (uint32_t)view.len};
    return true;
}
