/*
 * sqlite_file.c - a file's life: created or recognised, brought up to date, its readers, its
 * closing.
 */
#include "db_managers/embedded/sqlite/sqlite_internal.h"

#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    DEFAULT_PAGE_SIZE = 4096,
    DEFAULT_WRITER_CACHE = 64 * 1024,
    DEFAULT_READER_CACHE = 8 * 1024,
    /* 16 MB: a bulk load then writes most pages once into the file, not once a commit; and copying
     * them holds up one batch for some ten milliseconds, not for a second. */
    DEFAULT_CHECKPOINT_PAGES = 4000,
    WAL_SIZE_LIMIT = 64 * 1024 * 1024, /* what the WAL is cut back to when it starts again */
    PROGRESS_STEPS = 20000,    /* of SQLite's machine between two looks at the clock: ~1 ms */
    FIRST_PAUSE = 100,         /* microseconds between tries for a lock, doubled each time … */
    LONGEST_PAUSE = 10 * 1000, /* … up to this */
};

/* ---- folder and file ---- */

static bool sync_folder(const char *path, ecommerce_error *err)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = folder >= 0 && fsync(folder) == 0;
    if (folder >= 0)
        close(folder);
    return synced || error_set(err, ECOMMERCE_STORAGE_FAILED, "the data folder cannot be synced");
}

static bool sync_parent(char *path, ecommerce_error *err)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return sync_folder(".", err);
    if (slash == path)
        return sync_folder("/", err);
    *slash = '\0';
    bool synced = sync_folder(path, err);
    *slash = '/';
    return synced;
}

/* Makes the folder that `path` names now; the caller cuts the path at each slash in turn. */
static bool make_one_folder(char *path, ecommerce_error *err)
{
    if (mkdir(path, 0700) == 0)
        return sync_parent(path, err);
    if (errno == EEXIST)
        return true;
    if (errno == ENOSPC || errno == EDQUOT)
        return error_set(err, ECOMMERCE_STORAGE_FULL, "the data folder cannot be made: disk full");
    return error_set(err, ECOMMERCE_STORAGE_FAILED, "the data folder cannot be made: %s",
                     strerror(errno));
}

static bool make_folder(const char *folder, ecommerce_error *err)
{
    struct stat status;
    bool exists = stat(folder, &status) == 0;
    if (exists && S_ISDIR(status.st_mode))
        return true;
    if (exists)
        return error_set(err, ECOMMERCE_STORAGE_FAILED, "the data folder is a file, not a folder");
    char *path = mem_strdup(folder);
    if (!path)
        return error_memory(err);
    bool made = true;
    for (char *at = path + 1; made && *at; at++) {
        if (*at != '/')
            continue;
        *at = '\0';
        made = make_one_folder(path, err);
        *at = '/';
    }
    made = made && make_one_folder(path, err);
    mem_free(path);
    return made;
}

/* mknod, not open: closing a descriptor would drop the locks that this process has on the file
 * through another handle. WAL and shared-memory files inherit the mode. */
static bool make_file(const char *path, ecommerce_error *err)
{
    if (mknod(path, S_IFREG | 0600, 0) == 0 || errno == EEXIST)
        return true;
    if (errno == ENOSPC || errno == EDQUOT)
        return error_set(err, ECOMMERCE_STORAGE_FULL, "a file cannot be made: the disk is full");
    return error_set(err, ECOMMERCE_STORAGE_FAILED, "a file cannot be made in the data folder: %s",
                     strerror(errno));
}

static char *path_of(const char *folder, const char *name)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = mem_alloc(size);
    if (path)
        snprintf(path, size, "%s/%s", folder, name);
    return path;
}

/* ---- connections ---- */

/* Called when another process holds a lock: pauses and says whether to try again. */
static int on_busy(void *context, int tries)
{
    const struct sqlite_connection *connection = context;
    const struct seams *seams = connection->file->options.seams;
    int64_t now = seams_monotonic(seams);
    if (now >= connection->deadline)
        return 0;
    int64_t pause = tries < 7 ? (int64_t)FIRST_PAUSE << tries : LONGEST_PAUSE;
    uint32_t random;
    seams_random(seams, &random, sizeof(random));
    pause = pause / 2 + (int64_t)(random % (uint32_t)pause);
    int64_t until = connection->deadline - now < pause ? connection->deadline : now + pause;
    seams->sleep_until(seams->context, until);
    return 1;
}

/* Ends a reader's statement at the deadline. */
static int on_progress(void *context)
{
    const struct sqlite_connection *connection = context;
    return seams_monotonic(connection->file->options.seams) >= connection->deadline;
}

static int on_commit(void *context, sqlite3 *db, const char *schema, int wal_pages)
{
    UNUSED(db);
    UNUSED(schema);
    struct sqlite_connection *connection = context;
    connection->wal_pages = wal_pages;
    return SQLITE_OK;
}

/* What is set before anything is read: none of it touches the file. */
static bool configure(struct sqlite_connection *connection, ecommerce_error *err)
{
    const struct sqlite_file_options *options = &connection->file->options;
    sqlite3 *db = connection->db;
    char settings[256];
    snprintf(settings, sizeof(settings),
             "PRAGMA page_size=%d; PRAGMA cache_size=-%d; PRAGMA temp_store=MEMORY;"
             "PRAGMA secure_delete=OFF; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
             "PRAGMA query_only=%d;",
             options->page_size,
             connection->is_writer ? options->writer_cache : options->reader_cache,
             connection->is_writer ? 0 : 1);
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_handler(db, on_busy, connection);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (connection->is_writer)
        sqlite3_wal_hook(db, on_commit, connection);
    else
        sqlite3_progress_handler(db, PROGRESS_STEPS, on_progress, connection);
    return sqlite_execute(connection, settings, err);
}

struct sqlite_connection *sqlite_connection_open(struct sqlite_file *file, bool is_writer,
                                                 int64_t deadline, ecommerce_error *err)
{
    struct sqlite_connection *connection = mem_zalloc(1, sizeof(*connection));
    if (!connection)
        goto out_of_memory;
    connection->file = file;
    connection->is_writer = is_writer;
    connection->deadline = deadline;
    connection->checkpoint_at = file->options.checkpoint_pages;
    connection->fixed = mem_zalloc(file->options.statement_count + 1, sizeof(*connection->fixed));
    if (!connection->fixed)
        goto out_of_memory;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int code =
        sqlite3_open_v2(file->path, &connection->db, flags | SQLITE_OPEN_CREATE, file->options.vfs);
    if (code != SQLITE_OK) {
        sqlite_failed(connection, connection->db ? sqlite3_extended_errcode(connection->db) : code,
                      "open", err);
        goto fail;
    }
    if (!configure(connection, err))
        goto fail;
    return connection;

out_of_memory:
    error_memory(err);
fail:
    sqlite_connection_close(connection);
    return NULL;
}

void sqlite_connection_close(struct sqlite_connection *connection)
{
    if (!connection)
        return;
    sqlite_forget_statements(connection);
    /* Copying the WAL into a file that is not trusted, and deleting it, could lose what it holds.
     */
    if (connection->db && atomic_load(&connection->file->distrusted))
        sqlite3_db_config(connection->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    int code = sqlite3_close(connection->db);
    assert(code == SQLITE_OK); /* else a statement is not finalized */
    mem_free(connection->fixed);
    mem_free(connection);
}

struct sqlite_connection *sqlite_file_writer(struct sqlite_file *file)
{
    return file->writer;
}

struct sqlite_connection *sqlite_reader_borrow(struct sqlite_file *file, int64_t deadline,
                                               ecommerce_error *err)
{
    if (seams_monotonic(file->options.seams) >= deadline) {
        error_set(err, ECOMMERCE_DEADLINE_EXCEEDED, "%s: the time was over before the read began",
                  file->options.name);
        return NULL;
    }
    pthread_mutex_lock(&file->lock);
    struct sqlite_connection *reader = file->idle;
    if (reader) {
        file->idle = reader->next;
        file->idle_count--;
    }
    pthread_mutex_unlock(&file->lock);
    if (!reader)
        return sqlite_connection_open(file, false, deadline, err);
    reader->next = NULL;
    reader->deadline = deadline;
    return reader;
}

void sqlite_reader_return(struct sqlite_file *file, struct sqlite_connection *reader)
{
    sqlite_connection_settle(reader);
    pthread_mutex_lock(&file->lock);
    bool keep = file->idle_count < IDLE_READERS && !sqlite_in_transaction(reader);
    if (keep) {
        reader->next = file->idle;
        file->idle = reader;
        file->idle_count++;
    }
    pthread_mutex_unlock(&file->lock);
    if (!keep)
        sqlite_connection_close(reader);
}

/* ---- opening ---- */

static bool pragma_int(struct sqlite_connection *connection, const char *sql, int64_t *value,
                       ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared_text(connection, sql, err);
    return statement && sqlite_run_int(statement, value, NULL, err);
}

struct identity {
    int64_t application, version, tables;
};

static bool read_identity(struct sqlite_connection *connection, struct identity *identity,
                          ecommerce_error *err)
{
    return pragma_int(connection, "PRAGMA application_id", &identity->application, err) &&
           pragma_int(connection, "PRAGMA user_version", &identity->version, err) &&
           pragma_int(connection, "SELECT count(*) FROM sqlite_schema", &identity->tables, err);
}

/* Refuses files of others and of newer versions, before anything is written to them. */
static bool recognise(const struct sqlite_file *file, const struct identity *identity,
                      ecommerce_error *err)
{
    const struct sqlite_file_options *options = &file->options;
    bool fresh = identity->application == 0 && identity->version == 0 && identity->tables == 0;
    if (!fresh && identity->application != options->application_id)
        return error_set(err, ECOMMERCE_STORAGE_FAILED,
                         "%s in the data folder is a database of another application",
                         options->name);
    if (identity->version < 0 || identity->version > options->version)
        return error_set(err, ECOMMERCE_STORE_VERSION,
                         "%s has version %lld of its schema; this engine knows %d", options->name,
                         (long long)identity->version, options->version);
    return true;
}

static bool migrate_steps(struct sqlite_file *file, int from, ecommerce_error *err)
{
    const struct sqlite_file_options *options = &file->options;
    for (int version = from; version < options->version; version++) {
        const struct sqlite_migration *step = &options->migrations[version];
        if (step->sql && !sqlite_execute(file->writer, step->sql, err))
            return false;
        if (step->run && !step->run(file->writer, options->migration_context, err))
            return false;
    }
    char stamp[96];
    snprintf(stamp, sizeof(stamp), "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             (int)options->application_id, options->version);
    return sqlite_execute(file->writer, stamp, err);
}

static bool migrate(struct sqlite_file *file, ecommerce_error *err)
{
    struct identity identity;
    if (!sqlite_begin(file->writer, file->options.deadline, err))
        return false;
    /* Read again under the lock: another process may have done it in between. */
    if (!read_identity(file->writer, &identity, err) || !recognise(file, &identity, err))
        goto fail;
    if (identity.version == file->options.version) {
        sqlite_rollback(file->writer);
        return true;
    }
    if (!migrate_steps(file, (int)identity.version, err))
        goto fail;
    if (!sqlite_commit(file->writer, err))
        return false;
    log_write(file->options.logger, LOG_INFO, "sqlite", "%s: schema version %lld made %d",
              file->options.name, (long long)identity.version, file->options.version);
    return true;

fail:
    sqlite_rollback(file->writer);
    return false;
}

/* Switching to WAL needs the file alone for a moment; SQLite does not ask the busy handler there.
 */
static bool enter_wal_mode(struct sqlite_connection *writer, ecommerce_error *err)
{
    for (int tries = 0;; tries++) {
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(writer->db, "PRAGMA journal_mode=WAL", -1, &statement, NULL);
        if (code == SQLITE_OK)
            code = sqlite3_step(statement);
        struct str mode = STR("");
        if (code == SQLITE_ROW)
            mode = str_of((const char *)sqlite3_column_text(statement, 0));
        bool entered = str_is(mode, "wal");
        int finished = sqlite3_finalize(statement);
        if (entered)
            return true;
        if (code == SQLITE_ROW)
            return error_set(err, ECOMMERCE_STORAGE_FAILED,
                             "the data folder's file system does not allow write-ahead logging");
        code = finished != SQLITE_OK ? finished : code;
        if ((code & 0xff) != SQLITE_BUSY || !on_busy(writer, tries))
            return sqlite_failed(writer, code, "journal_mode", err);
    }
}

/* In one snapshot: of another process that makes the file, all is seen or nothing. */
static bool look_at_identity(struct sqlite_connection *connection, struct identity *identity,
                             ecommerce_error *err)
{
    if (!sqlite_execute(connection, "BEGIN", err)) {
        return false;
    }
    bool ok = read_identity(connection, identity, err);
    sqlite_rollback(connection);
    return ok;
}

static bool open_writer(struct sqlite_file *file, ecommerce_error *err)
{
    const struct sqlite_file_options *options = &file->options;
    struct identity identity;
    file->writer = sqlite_connection_open(file, true, options->deadline, err);
    if (!file->writer)
        return false;
    if (!look_at_identity(file->writer, &identity, err) || !recognise(file, &identity, err))
        return false;
    if (!enter_wal_mode(file->writer, err))
        return false;
    char settings[128];
    snprintf(settings, sizeof(settings), "PRAGMA synchronous=%s; PRAGMA journal_size_limit=%d;",
             options->durability == SQLITE_DURABILITY_FULL ? "FULL" : "NORMAL", WAL_SIZE_LIMIT);
    if (!sqlite_execute(file->writer, settings, err))
        return false;
    return identity.version == options->version || migrate(file, err);
}

static void fill_defaults(struct sqlite_file_options *options)
{
    if (options->page_size == 0)
        options->page_size = DEFAULT_PAGE_SIZE;
    if (options->writer_cache == 0)
        options->writer_cache = DEFAULT_WRITER_CACHE;
    if (options->reader_cache == 0)
        options->reader_cache = DEFAULT_READER_CACHE;
    if (options->checkpoint_pages == 0)
        options->checkpoint_pages = DEFAULT_CHECKPOINT_PAGES;
}

struct sqlite_file *sqlite_file_open(const struct sqlite_file_options *options,
                                     ecommerce_error *err)
{
    assert(options->application_id != 0 && options->version > 0 && options->seams);
    assert(sqlite3_threadsafe());
    struct sqlite_file *file = mem_zalloc(1, sizeof(*file));
    if (!file) {
        error_memory(err);
        return NULL;
    }
    file->options = *options;
    fill_defaults(&file->options);
    pthread_mutex_init(&file->lock, NULL);
    file->path = path_of(options->folder, options->name);
    if (!file->path) {
        error_memory(err);
        goto fail;
    }
    if (!make_folder(options->folder, err) || !make_file(file->path, err) ||
        !open_writer(file, err) || !sync_folder(options->folder, err))
        goto fail;
    return file;

fail:
    sqlite_file_close(&file);
    return NULL;
}

void sqlite_file_close(struct sqlite_file **file)
{
    struct sqlite_file *closing = *file;
    if (!closing)
        return;
    *file = NULL;
    while (closing->idle) {
        struct sqlite_connection *reader = closing->idle;
        closing->idle = reader->next;
        sqlite_connection_close(reader);
    }
    /* The last connection of all copies the WAL into the file and deletes it. */
    sqlite_connection_close(closing->writer);
    pthread_mutex_destroy(&closing->lock);
    mem_free(closing->path);
    mem_free(closing);
}

/* ---- for operators ---- */

bool sqlite_file_ping(struct sqlite_file *file, int64_t deadline, ecommerce_error *err)
{
    if (atomic_load(&file->distrusted))
        return error_set(err, ECOMMERCE_STORAGE_FAILED,
                         "%s: a write could not be made safe; the shop has to be opened again",
                         file->options.name);
    struct sqlite_connection *reader = sqlite_reader_borrow(file, deadline, err);
    if (!reader)
        return false;
    int64_t version = 0;
    bool ok = pragma_int(reader, "PRAGMA user_version", &version, err);
    if (ok && version != file->options.version)
        ok = error_set(err, ECOMMERCE_STORE_VERSION,
                       "%s was migrated to version %lld by another process", file->options.name,
                       (long long)version);
    sqlite_reader_return(file, reader);
    return ok;
}

void sqlite_file_describe(struct sqlite_file *file, struct doc_builder *out)
{
    static const struct {
        const char *key, *sql;
    } facts[] = {
        {"schema_version", "PRAGMA user_version"},
        {"pages", "PRAGMA page_count"},
        {"free_pages", "PRAGMA freelist_count"},
        {"page_size", "PRAGMA page_size"},
    };
    enum { PATIENCE = MICROSECONDS };
    doc_adds(out, "engine", sqlite3_libversion());
    doc_add_bool(out, "trusted", !atomic_load(&file->distrusted));
    int64_t deadline = seams_monotonic(file->options.seams) + PATIENCE;
    struct sqlite_connection *reader = sqlite_reader_borrow(file, deadline, NULL);
    if (!reader)
        return;
    for (size_t i = 0; i < ARRAY_LENGTH(facts); i++) {
        int64_t value = 0;
        if (pragma_int(reader, facts[i].sql, &value, NULL))
            doc_add_int(out, facts[i].key, value);
    }
    sqlite_reader_return(file, reader);
}

bool sqlite_file_check(struct sqlite_file *file, int64_t deadline, ecommerce_error *err)
{
    struct sqlite_connection *reader = sqlite_reader_borrow(file, deadline, err);
    if (!reader)
        return false;
    bool ok = false;
    struct sqlite_statement *statement =
        sqlite_prepared_text(reader, "PRAGMA integrity_check(1)", err);
    if (statement && sqlite_step(statement, err) == SQLITE_STEP_ROW) {
        struct str finding = sqlite_column_view(statement, 0);
        ok = str_is(finding, "ok") || error_set(err, ECOMMERCE_FOUND_WRONG, "%s is damaged: %.*s",
                                                file->options.name, STR_ARG(finding));
    }
    sqlite_reader_return(file, reader);
    return ok;
}

bool sqlite_file_vacuum(struct sqlite_file *file, int64_t deadline, ecommerce_error *err)
{
    struct sqlite_connection *writer = file->writer;
    if (atomic_load(&file->distrusted))
        return error_set(err, ECOMMERCE_STORAGE_FAILED, "%s: a write could not be made safe",
                         file->options.name);
    writer->deadline = deadline;
    /* The copy may be as large as the file: not in memory. */
    bool ok = sqlite_execute(writer, "PRAGMA temp_store=FILE", err) &&
              sqlite_execute(writer, "VACUUM", err);
    if (!sqlite_execute(writer, "PRAGMA temp_store=MEMORY", ok ? err : NULL) || !ok)
        return false;
    int code =
        sqlite3_wal_checkpoint_v2(writer->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK || sqlite_failed(writer, code, "checkpoint", err);
}
