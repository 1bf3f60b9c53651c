/* One SQLite file: versions, readers, transactions, checkpoints, and a disk that fails. */
#include "db_managers/embedded/sqlite/sqlite_file.h"
#include "support/error.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/temp_folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

enum { APPLICATION = 0x7e57 };

enum { ADD, COUNT_ALL, GET, STATEMENTS };
static const char *const statements[STATEMENTS] = {
    [ADD] = "INSERT INTO t (a, b) VALUES (?1, ?2)",
    [COUNT_ALL] = "SELECT count(*) FROM t",
    [GET] = "SELECT b FROM t WHERE a = ?1",
};

static int runs; /* of the second migration's function */

static bool second_step(struct sqlite_connection *connection, void *context, ecommerce_error *err)
{
    runs++;
    if (context)
        return error_set(err, ECOMMERCE_INTERNAL, "asked to fail");
    return sqlite_execute(connection, "INSERT INTO t (a, b) VALUES (-1, 'migrated')", err);
}

static const struct sqlite_migration migrations[] = {
    {.sql = "CREATE TABLE t (row INTEGER PRIMARY KEY, a INTEGER)"},
    {.sql = "ALTER TABLE t ADD COLUMN b", .run = second_step},
};

struct fixture {
    struct temp_folder folder;
    struct sqlite_file *file;
    struct sqlite_file_options options;
};

static void open_file(struct fixture *fixture)
{
    ecommerce_error error = {0};
    fixture->options.deadline = seams_monotonic(&system_seams) + 5 * (int64_t)MICROSECONDS;
    fixture->file = sqlite_file_open(&fixture->options, &error);
    if (!fixture->file)
        fail_msg("%s", error.message);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(&fixture->folder);
    runs = 0;
    fixture->options = (struct sqlite_file_options){
        .folder = fixture->folder.path,
        .name = "test.db",
        .application_id = APPLICATION,
        .migrations = migrations,
        .version = 2,
        .statements = statements,
        .statement_count = STATEMENTS,
        .seams = &system_seams,
    };
    open_file(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    sqlite_file_close(&fixture->file);
    temp_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

static bool add_in_transaction(struct sqlite_connection *writer, int64_t a, struct str b,
                               ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(writer, ADD, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, a);
    sqlite_bind_str(statement, 2, b);
    return sqlite_run(statement, NULL, err);
}

static bool add(struct sqlite_file *file, int64_t a, struct str b, ecommerce_error *err)
{
    struct sqlite_connection *writer = sqlite_file_writer(file);
    if (!sqlite_begin(writer, NO_DEADLINE, err))
        return false;
    if (!add_in_transaction(writer, a, b, err)) {
        sqlite_rollback(writer);
        return false;
    }
    return sqlite_commit(writer, err);
}

static int64_t count_with(struct sqlite_connection *connection)
{
    int64_t count = -1;
    struct sqlite_statement *statement = sqlite_prepared(connection, COUNT_ALL, NULL);
    assert_non_null(statement);
    assert_true(sqlite_run_int(statement, &count, NULL, NULL));
    return count;
}

static int64_t count(struct sqlite_file *file)
{
    struct sqlite_connection *reader = sqlite_reader_borrow(file, NO_DEADLINE, NULL);
    assert_non_null(reader);
    int64_t rows = count_with(reader);
    sqlite_reader_return(file, reader);
    return rows;
}

/* ---- versions ---- */

static void migrations_run_once_and_in_order(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(runs, 1);
    assert_int_equal(count(fixture->file), 1);
    sqlite_file_close(&fixture->file);
    open_file(fixture);
    assert_int_equal(runs, 1);
    assert_int_equal(count(fixture->file), 1);
}

static void a_file_of_version_1_gets_the_second_step_only(void **state)
{
    struct fixture *fixture = *state;
    sqlite_file_close(&fixture->file);
    fixture->options.name = "old.db";
    fixture->options.version = 1;
    fixture->options.statement_count = 0;
    open_file(fixture);
    assert_int_equal(runs, 1);
    sqlite_file_close(&fixture->file);
    fixture->options.version = 2;
    fixture->options.statement_count = STATEMENTS;
    open_file(fixture);
    assert_int_equal(runs, 2);
    assert_int_equal(count(fixture->file), 1);

    ecommerce_error error = {0};
    sqlite_file_close(&fixture->file);
    fixture->options.version = 1;
    assert_null(sqlite_file_open(&fixture->options, &error));
    assert_int_equal(error.code, ECOMMERCE_STORE_VERSION);
}

static void a_failing_step_leaves_the_old_version(void **state)
{
    struct fixture *fixture = *state;
    ecommerce_error error = {0};
    sqlite_file_close(&fixture->file);
    fixture->options.name = "old.db";
    fixture->options.version = 1;
    open_file(fixture);
    sqlite_file_close(&fixture->file);
    fixture->options.version = 2;
    fixture->options.migration_context = fixture;
    assert_null(sqlite_file_open(&fixture->options, &error));
    assert_string_equal(error.message, "asked to fail");
    fixture->options.migration_context = NULL;
    open_file(fixture);
    assert_int_equal(count(fixture->file), 1);
}

/* ---- transactions ---- */

static void readers_see_commits_only(void **state)
{
    struct fixture *fixture = *state;
    struct sqlite_connection *writer = sqlite_file_writer(fixture->file);
    struct sqlite_connection *reader = sqlite_reader_borrow(fixture->file, NO_DEADLINE, NULL);
    assert_true(sqlite_begin(writer, NO_DEADLINE, NULL));
    assert_true(add_in_transaction(writer, 1, STR("x"), NULL));
    assert_int_equal(count_with(reader), 1);
    assert_int_equal(count_with(writer), 2);
    assert_true(sqlite_begin_read(reader, NULL));
    assert_int_equal(count_with(reader), 1);
    assert_true(sqlite_commit(writer, NULL));
    assert_int_equal(count_with(reader), 1); /* its snapshot */
    sqlite_reader_return(fixture->file, reader);
    assert_int_equal(count(fixture->file), 2);
}

static void readers_cannot_write(void **state)
{
    struct fixture *fixture = *state;
    ecommerce_error error = {0};
    struct sqlite_connection *reader = sqlite_reader_borrow(fixture->file, NO_DEADLINE, NULL);
    assert_false(sqlite_execute(reader, "DELETE FROM t", &error));
    sqlite_reader_return(fixture->file, reader);
    assert_int_equal(count(fixture->file), 1);
}

static void parts_can_be_undone_alone(void **state)
{
    struct fixture *fixture = *state;
    struct sqlite_connection *writer = sqlite_file_writer(fixture->file);
    assert_true(sqlite_begin(writer, NO_DEADLINE, NULL));
    assert_true(add_in_transaction(writer, 1, STR("kept"), NULL));
    assert_true(sqlite_savepoint(writer, NULL));
    assert_true(add_in_transaction(writer, 2, STR("undone"), NULL));
    assert_true(sqlite_savepoint_undo(writer, NULL));
    assert_true(sqlite_savepoint(writer, NULL));
    assert_true(add_in_transaction(writer, 3, STR("kept"), NULL));
    assert_true(sqlite_savepoint_keep(writer, NULL));
    assert_true(sqlite_commit(writer, NULL));
    assert_int_equal(count(fixture->file), 3);
    assert_true(sqlite_begin(writer, NO_DEADLINE, NULL));
    assert_true(add_in_transaction(writer, 4, STR("undone"), NULL));
    sqlite_rollback(writer);
    sqlite_rollback(writer);
    assert_false(sqlite_in_transaction(writer));
    assert_int_equal(count(fixture->file), 3);
}

static void more_readers_than_are_kept(void **state)
{
    struct fixture *fixture = *state;
    enum { MANY = 40 };
    struct sqlite_connection *readers[MANY];
    for (int i = 0; i < MANY; i++) {
        readers[i] = sqlite_reader_borrow(fixture->file, NO_DEADLINE, NULL);
        assert_non_null(readers[i]);
        assert_int_equal(count_with(readers[i]), 1);
    }
    for (int i = 0; i < MANY; i++)
        sqlite_reader_return(fixture->file, readers[i]);
    assert_int_equal(count(fixture->file), 1);
}

static void a_read_ends_at_its_deadline(void **state)
{
    struct fixture *fixture = *state;
    ecommerce_error error = {0};
    int64_t started = seams_monotonic(&system_seams);
    struct sqlite_connection *reader = sqlite_reader_borrow(fixture->file, started + 30000, NULL);
    int64_t value;
    struct sqlite_statement *endless = sqlite_prepared_text(
        reader,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n",
        NULL);
    assert_non_null(endless);
    assert_false(sqlite_run_int(endless, &value, NULL, &error));
    assert_int_equal(error.code, ECOMMERCE_DEADLINE_EXCEEDED);
    assert_in_range(seams_monotonic(&system_seams) - started, 30000, 3000000);
    sqlite_reader_return(fixture->file, reader);
    assert_null(sqlite_reader_borrow(fixture->file, started, &error));
    assert_int_equal(error.code, ECOMMERCE_DEADLINE_EXCEEDED);
    assert_int_equal(count(fixture->file), 1);
}

/* ---- statements and values ---- */

static void values_come_back_as_they_went(void **state)
{
    struct fixture *fixture = *state;
    struct arena arena = {0};
    struct str text;
    static const struct str texts[] = {{"", 0}, {"a", 1}, {"a\0b", 3}, {"\xc3\xa4", 2}, {NULL, 0}};
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        assert_true(add(fixture->file, (int64_t)i, texts[i], NULL));
    struct sqlite_connection *reader = sqlite_reader_borrow(fixture->file, NO_DEADLINE, NULL);
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct sqlite_statement *statement = sqlite_prepared(reader, GET, NULL);
        sqlite_bind_int(statement, 1, (int64_t)i);
        assert_int_equal(sqlite_step(statement, NULL), SQLITE_STEP_ROW);
        assert_true(sqlite_column_str(statement, 0, &arena, &text, NULL));
        assert_true(str_equal(text, texts[i]));
        assert_int_equal(text.ptr == NULL, texts[i].ptr == NULL);
        assert_int_equal(sqlite_column_is_null(statement, 0), texts[i].ptr == NULL);
        assert_int_equal(sqlite_step(statement, NULL), SQLITE_STEP_DONE);
    }
    sqlite_reader_return(fixture->file, reader);
    arena_release(&arena);
}

static void a_bind_that_fails_is_told_by_the_step(void **state)
{
    struct fixture *fixture = *state;
    struct sqlite_connection *writer = sqlite_file_writer(fixture->file);
    ecommerce_error error = {0};
    struct sqlite_statement *statement = sqlite_prepared(writer, COUNT_ALL, NULL);
    sqlite_bind_int(statement, 1, 5);
    assert_int_equal(sqlite_step(statement, &error), SQLITE_STEP_FAILED);
    assert_int_equal(error.code, ECOMMERCE_INTERNAL);
    assert_int_equal(count_with(writer), 1);
}

static void composed_statements_are_kept_and_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct sqlite_connection *writer = sqlite_file_writer(fixture->file);
    char sql[64];
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 100; i++) {
            int64_t value = -1;
            snprintf(sql, sizeof(sql), "SELECT %d", i);
            struct sqlite_statement *statement = sqlite_prepared_text(writer, sql, NULL);
            assert_non_null(statement);
            assert_true(sqlite_run_int(statement, &value, NULL, NULL));
            assert_int_equal(value, i);
            assert_ptr_equal(sqlite_prepared_text(writer, sql, NULL), statement);
        }
    }
    ecommerce_error error = {0};
    assert_null(sqlite_prepared_text(writer, "no sql", &error));
    assert_int_equal(error.code, ECOMMERCE_INTERNAL);
}

/* ---- WAL ---- */

static off_t size_of(const struct fixture *fixture, const char *name)
{
    struct stat status;
    if (stat(temp_folder_file(&fixture->folder, name), &status) != 0)
        return 0;
    return status.st_size;
}

static void the_wal_does_not_grow_without_bound(void **state)
{
    struct fixture *fixture = *state;
    char filler[3000];
    memset(filler, 'x', sizeof(filler));
    sqlite_file_close(&fixture->file);
    fixture->options.checkpoint_pages = 50;
    open_file(fixture);
    for (int i = 0; i < 600; i++)
        assert_true(add(fixture->file, i, str_make(filler, sizeof(filler)), NULL));
    assert_true(size_of(fixture, "test.db") > 600 * 3000);
    assert_true(size_of(fixture, "test.db-wal") < 100 * 4200);
    sqlite_file_close(&fixture->file);
    assert_int_equal(size_of(fixture, "test.db-wal"), 0);
    open_file(fixture);
    assert_int_equal(count(fixture->file), 601);
}

static void a_reader_holds_the_wal_for_a_while_only(void **state)
{
    struct fixture *fixture = *state;
    char filler[3000];
    memset(filler, 'x', sizeof(filler));
    sqlite_file_close(&fixture->file);
    fixture->options.checkpoint_pages = 20;
    open_file(fixture);
    struct sqlite_connection *reader = sqlite_reader_borrow(fixture->file, NO_DEADLINE, NULL);
    assert_true(sqlite_begin_read(reader, NULL));
    assert_int_equal(count_with(reader), 1);
    for (int i = 0; i < 200; i++)
        assert_true(add(fixture->file, i, str_make(filler, sizeof(filler)), NULL));
    assert_int_equal(count_with(reader), 1);
    off_t held = size_of(fixture, "test.db-wal");
    sqlite_reader_return(fixture->file, reader);
    for (int i = 0; i < 200; i++)
        assert_true(add(fixture->file, i, str_make(filler, sizeof(filler)), NULL));
    assert_true(size_of(fixture, "test.db-wal") <= held + 100 * 4200);
    assert_int_equal(count(fixture->file), 401);
}

static void vacuum_removes_what_was_deleted(void **state)
{
    struct fixture *fixture = *state;
    struct sqlite_connection *writer = sqlite_file_writer(fixture->file);
    char filler[3000];
    memset(filler, 'x', sizeof(filler));
    for (int i = 0; i < 100; i++)
        assert_true(add(fixture->file, i, str_make(filler, sizeof(filler)), NULL));
    assert_true(sqlite_execute(writer, "DELETE FROM t", NULL));
    assert_true(sqlite_file_vacuum(fixture->file, NO_DEADLINE, NULL));
    assert_true(size_of(fixture, "test.db") < 50000);
    assert_int_equal(size_of(fixture, "test.db-wal"), 0);
    assert_int_equal(count(fixture->file), 0);
}

/* ---- for operators ---- */

static void an_operator_is_told_how_it_is(void **state)
{
    struct fixture *fixture = *state;
    struct doc_builder builder;
    assert_true(sqlite_file_ping(fixture->file, NO_DEADLINE, NULL));
    assert_true(sqlite_file_check(fixture->file, NO_DEADLINE, NULL));
    doc_builder_init(&builder);
    sqlite_file_describe(fixture->file, &builder);
    struct doc facts = doc_finish(&builder);
    assert_int_equal(doc_int(facts, "schema_version", 0), 2);
    assert_int_equal(doc_int(facts, "page_size", 0), 4096);
    assert_true(doc_int(facts, "pages", 0) >= 2);
    assert_true(doc_bool(facts, "trusted", false));
    doc_builder_release(&builder);
}

/* ---- a disk that fails ---- */

static void reopen_on_faults(struct fixture *fixture, int checkpoint_pages)
{
    sqlite_file_close(&fixture->file);
    fixture->options.vfs = fault_vfs_name();
    fixture->options.checkpoint_pages = checkpoint_pages;
    open_file(fixture);
}

static void after_a_failed_sync_nothing_is_written_until_reopened(void **state)
{
    struct fixture *fixture = *state;
    ecommerce_error error = {0};
    reopen_on_faults(fixture, 0);
    assert_true(add(fixture->file, 1, STR("x"), NULL));
    fault_vfs_arm(&(struct fault_plan){.operations = FAULT_SYNC, .nth = 1});
    assert_false(add(fixture->file, 2, STR("unknown"), &error));
    assert_int_equal(error.code, ECOMMERCE_OUTCOME_UNKNOWN);
    assert_true(fault_vfs_fired());
    fault_vfs_disarm();
    for (int i = 0; i < 3; i++) {
        assert_false(add(fixture->file, 3, STR("refused"), &error));
        assert_int_equal(error.code, ECOMMERCE_STORAGE_FAILED);
        assert_false(sqlite_file_ping(fixture->file, NO_DEADLINE, &error));
        assert_int_equal(error.code, ECOMMERCE_STORAGE_FAILED);
    }
    assert_int_equal(count(fixture->file), 2); /* reads go on */
    sqlite_file_close(&fixture->file);
    open_file(fixture);
    assert_true(add(fixture->file, 4, STR("x"), NULL));
    assert_in_range(count(fixture->file), 3, 4);
}

/* What was committed stays in the WAL, and nothing is written over it any more. */
static void a_failed_sync_of_a_checkpoint_ends_the_trust(void **state)
{
    struct fixture *fixture = *state;
    int of_checkpoints = 0;
    int64_t acknowledged = count(fixture->file);
    for (long nth = 1; nth <= 4; nth++) {
        ecommerce_error error = {0};
        reopen_on_faults(fixture, 1);
        /* A commit syncs the WAL's header and its pages, the checkpoint the WAL and the file. */
        fault_vfs_arm(&(struct fault_plan){.operations = FAULT_SYNC, .nth = nth, .forever = true});
        if (add(fixture->file, nth, STR("acknowledged"), &error)) {
            acknowledged++;
            of_checkpoints += fault_vfs_fired();
        }
        assert_false(add(fixture->file, -nth, STR("refused"), &error));
        assert_int_equal(error.code, ECOMMERCE_STORAGE_FAILED);
        fault_vfs_disarm();
        sqlite_file_close(&fixture->file);
        assert_true(size_of(fixture, "test.db-wal") > 0);
        open_file(fixture);
        assert_in_range(count(fixture->file), acknowledged, acknowledged + 1);
        acknowledged = count(fixture->file);
    }
    assert_true(of_checkpoints > 0);
}

static void a_full_disk_is_an_answer_for_now(void **state)
{
    struct fixture *fixture = *state;
    ecommerce_error error = {0};
    reopen_on_faults(fixture, 0);
    fault_vfs_arm(&(struct fault_plan){
        .operations = FAULT_WRITE, .kind = FAULT_DISK_FULL, .nth = 1, .forever = true});
    assert_false(add(fixture->file, 1, STR("x"), &error));
    assert_int_equal(error.code, ECOMMERCE_STORAGE_FULL);
    fault_vfs_disarm();
    assert_true(add(fixture->file, 1, STR("x"), NULL));
    assert_int_equal(count(fixture->file), 2);
}

/* Rows acknowledged while checkpoints run into faults. */
struct checkpoints {
    struct fixture *fixture;
    long acknowledged;
};

static void write_through_checkpoints(void *context)
{
    struct checkpoints *run = context;
    struct fixture *fixture = run->fixture;
    char filler[2000];
    int64_t before = count(fixture->file);
    int64_t acknowledged = 0, unknown = 0;
    memset(filler, 'y', sizeof(filler));
    for (int i = 0; i < 30; i++) {
        ecommerce_error error = {0};
        acknowledged += add(fixture->file, i, str_make(filler, sizeof(filler)), &error);
        unknown += error.code == ECOMMERCE_OUTCOME_UNKNOWN;
    }
    bool fired = fault_vfs_fired();
    fault_vfs_disarm();
    assert_true(unknown <= 1);
    if (!fired)
        assert_int_equal(acknowledged, 30);
    sqlite_file_close(&fixture->file);
    open_file(fixture);
    assert_true(sqlite_file_check(fixture->file, NO_DEADLINE, NULL));
    assert_in_range(count(fixture->file), before + acknowledged, before + acknowledged + unknown);
    run->acknowledged += acknowledged;
}

static void faults_of_checkpoints_lose_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct checkpoints run = {.fixture = fixture};
    reopen_on_faults(fixture, 8);
    long writes = fault_vfs_until_clean(
        (struct fault_plan){.operations = FAULT_WRITE | FAULT_TRUNCATE, .kind = FAULT_SHORT_WRITE},
        write_through_checkpoints, &run);
    long syncs = fault_vfs_until_clean((struct fault_plan){.operations = FAULT_SYNC},
                                       write_through_checkpoints, &run);
    assert_true(writes > 60);
    assert_true(syncs > 30);
    assert_true(run.acknowledged > writes);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(migrations_run_once_and_in_order),
        EACH(a_file_of_version_1_gets_the_second_step_only),
        EACH(a_failing_step_leaves_the_old_version),
        EACH(readers_see_commits_only),
        EACH(readers_cannot_write),
        EACH(parts_can_be_undone_alone),
        EACH(more_readers_than_are_kept),
        EACH(a_read_ends_at_its_deadline),
        EACH(values_come_back_as_they_went),
        EACH(a_bind_that_fails_is_told_by_the_step),
        EACH(composed_statements_are_kept_and_replaced),
        EACH(the_wal_does_not_grow_without_bound),
        EACH(a_reader_holds_the_wal_for_a_while_only),
        EACH(vacuum_removes_what_was_deleted),
        EACH(an_operator_is_told_how_it_is),
        EACH(after_a_failed_sync_nothing_is_written_until_reopened),
        EACH(a_failed_sync_of_a_checkpoint_ends_the_trust),
        EACH(a_full_disk_is_an_answer_for_now),
        EACH(faults_of_checkpoints_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
