/*
 * documents.db as a file: refused when it is not ours, newer or damaged, migrated when older; and
 * what failing allocations leave behind.
 */
#include "db_managers/embedded/documents/documents_sql.h"
#include "db_managers/embedded/embedded_stores.h"
#include "support/alloc.h"
#include "tests/support/documents_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *database(const struct documents_fixture *fixture)
{
    return temp_folder_file(&fixture->folder, "documents.db");
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int64_t ask(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

static void must_not_open(const struct documents_fixture *fixture, enum ecommerce_error_code code)
{
    ecommerce_error error = {0};
    struct documents_store *store = documents_tested->open(&fixture->folder, &error);
    assert_null(store);
    assert_string_equal(ecommerce_error_name(error.code), ecommerce_error_name(code));
    assert_true(strlen(error.message) > 0);
}

static void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* ---- folder and modes ---- */

static void missing_folders_are_made_for_the_owner_only(void **state)
{
    struct documents_fixture *fixture = *state;
    struct temp_folder deep;
    struct stat status;
    snprintf(deep.path, sizeof(deep.path), "%.60s/some/shop", fixture->folder.path);
    struct documents_store *store = documents_open_tested(&deep);
    assert_int_equal(stat(deep.path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(stat(temp_folder_file(&deep, "documents.db"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(temp_folder_file(&deep, "documents.db-wal"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    documents_close(&store);
}

static void a_folder_that_cannot_be_is_an_error(void **state)
{
    struct documents_fixture *fixture = *state;
    struct temp_folder folder;
    ecommerce_error error = {0};
    write_file(temp_folder_file(&fixture->folder, "plain"), "x", 1);
    snprintf(folder.path, sizeof(folder.path), "%.60s/plain/shop", fixture->folder.path);
    assert_null(documents_tested->open(&folder, &error));
    assert_int_equal(error.code, ECOMMERCE_STORAGE_FAILED);
}

/* ---- versions ---- */

static void a_newer_file_is_refused_and_left_alone(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_into(fixture, COLLECTION_ORDERS, "o1", DOC_EMPTY, 0);
    documents_close(&fixture->store);
    char sql[64];
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", DOCUMENTS_SCHEMA_VERSION + 1);
    execute(database(fixture), sql);
    must_not_open(fixture, ECOMMERCE_STORE_VERSION);
    assert_int_equal(ask(database(fixture), "PRAGMA user_version"), DOCUMENTS_SCHEMA_VERSION + 1);
    assert_int_equal(ask(database(fixture), "SELECT count(*) FROM orders"), 1);
    execute(database(fixture), "PRAGMA user_version = -1");
    must_not_open(fixture, ECOMMERCE_STORE_VERSION);
}

/* A file as an older engine would have left it: fewer collections, no indexes, no marks. */
static void make_version_0(const struct documents_fixture *fixture)
{
    char sql[512];
    assert_int_equal(unlink(database(fixture)), 0);
    snprintf(sql, sizeof(sql),
             "PRAGMA application_id = %d;"
             "CREATE TABLE orders (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
             " version INTEGER NOT NULL, doc BLOB NOT NULL) STRICT;"
             "CREATE TABLE products (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
             " version INTEGER NOT NULL, doc BLOB NOT NULL) STRICT",
             DOCUMENTS_APPLICATION_ID);
    execute(database(fixture), sql);
}

static void put_old_row(const struct documents_fixture *fixture, const char *table, const char *id,
                        struct doc doc)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    char sql[128];
    snprintf(sql, sizeof(sql), "INSERT INTO %s (id, version, doc) VALUES (?, 3, ?)", table);
    assert_int_equal(sqlite3_open(database(fixture), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    sqlite3_bind_blob(statement, 2, doc.bytes, (int)doc.size, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static size_t count_of(struct documents_fixture *fixture, enum documents_collection collection,
                       const char *field, const char *value)
{
    struct documents_query query = {.terms = {{field, str_of(value)}}, .term_count = 1};
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_COUNT, collection, NULL);
    request.query = &query;
    documents_must(fixture->store, &request);
    return (size_t)request.number;
}

static void an_older_file_is_brought_up_to_date(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    struct doc order = test_order(fixture, "ann", 42);
    documents_close(&fixture->store);
    make_version_0(fixture);
    put_old_row(fixture, "orders", "o1", order);
    put_old_row(fixture, "orders", "o2", test_order(fixture, "bob", 43));
    put_old_row(fixture, "products", "p1", test_product(fixture, "red mug", "home", 5));
    fixture->store = documents_open_tested(&fixture->folder);

    assert_true(get_from(fixture, COLLECTION_ORDERS, "o1", &stored));
    assert_int_equal(stored.version, 3);
    assert_true(doc_equal(stored.doc, order));
    assert_int_equal(count_of(fixture, COLLECTION_ORDERS, "customer_id", "ann"), 1);
    assert_int_equal(count_of(fixture, COLLECTION_ORDERS, "placed_at", "43"), 1);
    assert_int_equal(count_of(fixture, COLLECTION_PRODUCTS, "tokens", "mug"), 1);
    assert_int_equal(count_of(fixture, COLLECTION_PRODUCTS, "price", "5"), 1);
    assert_true(insert_into(fixture, COLLECTION_ORDERS, "o3", order, MARKS_ALL));
    assert_true(insert_into(fixture, COLLECTION_EPOCHS, "000000000001", DOC_EMPTY, 0));
    documents_close(&fixture->store);
    assert_int_equal(ask(database(fixture), "PRAGMA user_version"), DOCUMENTS_SCHEMA_VERSION);
}

static void a_migration_that_fails_changes_nothing(void **state)
{
    struct documents_fixture *fixture = *state;
    documents_close(&fixture->store);
    make_version_0(fixture);
    put_old_row(fixture, "orders", "o1", test_order(fixture, "ann", 42));
    struct doc damaged = {.bytes = (const uint8_t *)"\x09\0\0\0garb", .size = 8};
    put_old_row(fixture, "products", "p1", damaged);
    must_not_open(fixture, ECOMMERCE_STORAGE_FAILED);
    assert_int_equal(ask(database(fixture), "PRAGMA user_version"), 0);
    assert_int_equal(
        ask(database(fixture), "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"), 2);
}

/* ---- files that are something else ---- */

static void files_of_others_are_refused_and_left_alone(void **state)
{
    struct documents_fixture *fixture = *state;
    documents_close(&fixture->store);
    assert_int_equal(unlink(database(fixture)), 0);
    execute(database(fixture), "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    must_not_open(fixture, ECOMMERCE_STORAGE_FAILED);
    execute(database(fixture), "PRAGMA application_id = 77");
    must_not_open(fixture, ECOMMERCE_STORAGE_FAILED);
    assert_int_equal(ask(database(fixture), "SELECT count(*) FROM sqlite_schema"), 1);
    assert_int_equal(ask(database(fixture), "SELECT x FROM theirs"), 1);
}

static void what_is_no_database_is_refused(void **state)
{
    struct documents_fixture *fixture = *state;
    char text[5000];
    documents_close(&fixture->store);
    memset(text, 'x', sizeof(text));
    write_file(database(fixture), text, sizeof(text));
    must_not_open(fixture, ECOMMERCE_STORAGE_FAILED);
}

static void fill(struct documents_fixture *fixture, int count)
{
    char id[16];
    for (int i = 0; i < count; i++) {
        snprintf(id, sizeof(id), "o%03d", i);
        insert_into(fixture, COLLECTION_ORDERS, id,
                    test_order_of_size(&fixture->arena, (unsigned)i, 3000), 0);
    }
}

/* Whatever page is damaged, reads give the right document or STORAGE_FAILED. */
static void damaged_pages_are_errors_not_answers(void **state)
{
    struct documents_fixture *fixture = *state;
    enum { COUNT = 40, PAGE = 4096 };
    fill(fixture, COUNT);
    documents_close(&fixture->store);
    int64_t pages = ask(database(fixture), "PRAGMA page_count");
    int file = open(database(fixture), O_RDWR | O_CLOEXEC);
    assert_true(file >= 0);
    char garbage[PAGE];
    memset(garbage, 0xa5, sizeof(garbage));
    for (int64_t page = 1; page < pages; page++)
        assert_int_equal(pwrite(file, garbage, PAGE, page * PAGE), PAGE);
    close(file);

    ecommerce_error error = {0};
    fixture->store = documents_tested->open(&fixture->folder, &error);
    if (!fixture->store) {
        assert_int_equal(error.code, ECOMMERCE_STORAGE_FAILED);
        return;
    }
    struct documents_request get =
        documents_request_of(fixture, DOCUMENTS_GET, COLLECTION_ORDERS, "o007");
    documents_must_fail(fixture->store, &get, ECOMMERCE_STORAGE_FAILED);
    get.base.operation = DOCUMENTS_INSERT;
    get.id = STR("new");
    documents_must_fail(fixture->store, &get, ECOMMERCE_STORAGE_FAILED);
}

static void a_damaged_document_is_an_error(void **state)
{
    struct documents_fixture *fixture = *state;
    fill(fixture, 2);
    documents_close(&fixture->store);
    execute(database(fixture), "UPDATE orders SET doc = x'0600000008' WHERE id = 'o001'");
    fixture->store = documents_open_tested(&fixture->folder);
    struct documents_request get =
        documents_request_of(fixture, DOCUMENTS_GET, COLLECTION_ORDERS, "o001");
    documents_must_fail(fixture->store, &get, ECOMMERCE_STORAGE_FAILED);
    get.id = STR("o000");
    documents_must(fixture->store, &get);
    assert_true(get.found);
}

/* ---- other processes ---- */

static void another_writer_is_waited_for_until_the_deadline(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(database(fixture), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    struct documents_request insert =
        documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_ORDERS, "o1");
    int64_t started = seams_monotonic(&system_seams);
    insert.base.deadline = started + 50000;
    documents_must_fail(fixture->store, &insert, ECOMMERCE_DEADLINE_EXCEEDED);
    int64_t waited = seams_monotonic(&system_seams) - started;
    assert_in_range(waited, 50000, 5000000);
    assert_false(get_from(fixture, COLLECTION_ORDERS, "o1", &stored));
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    insert.base.deadline = NO_DEADLINE;
    documents_must(fixture->store, &insert);
    assert_true(insert.inserted);
}

/* ---- failing allocations ---- */

static bool survives(bool ok, const ecommerce_error *error)
{
    mem_fail_after(-1);
    if (!ok)
        assert_string_equal(ecommerce_error_name(error->code), "out_of_memory");
    return ok;
}

static void opening_survives_failing_allocations(void **state)
{
    struct documents_fixture *fixture = *state;
    documents_close(&fixture->store);
    long before = mem_live_blocks();
    for (long successes = 0;; successes++) {
        ecommerce_error error = {0};
        mem_fail_after(successes);
        struct documents_store *store = documents_tested->open(&fixture->folder, &error);
        bool opened = survives(store != NULL, &error);
        documents_close(&store);
        assert_int_equal(mem_live_blocks(), before);
        if (opened)
            break;
    }
}

static void requests_survive_failing_allocations(void **state)
{
    struct documents_fixture *fixture = *state;
    static const enum documents_operation operations[] = {
        DOCUMENTS_INSERT, DOCUMENTS_GET,   DOCUMENTS_PUT,   DOCUMENTS_REPLACE,
        DOCUMENTS_QUERY,  DOCUMENTS_COUNT, DOCUMENTS_ERASE, DOCUMENTS_WITNESS};
    struct documents_query query = {
        .terms = {{"tokens", STR("red")}}, .term_count = 1, .limit = 10};
    struct doc product = test_product(fixture, "red mug", "home", 5);
    int64_t version = 1;
    for (size_t i = 0; i < ARRAY_LENGTH(operations); i++) {
        bool done = false;
        for (long successes = 0; !done; successes++) {
            struct arena arena = {0};
            struct documents_request request =
                documents_request_of(fixture, operations[i], COLLECTION_PRODUCTS, "p1");
            ecommerce_error error = {0};
            request.base.arena = &arena;
            request.query = &query;
            request.doc = product;
            request.version = version;
            mem_fail_after(successes);
            done = survives(documents_run(fixture->store, &request, &error), &error);
            if (done && operations[i] == DOCUMENTS_INSERT)
                assert_true(request.inserted);
            if (done && operations[i] == DOCUMENTS_PUT)
                version = 2;
            if (done && operations[i] == DOCUMENTS_REPLACE)
                assert_true(request.replaced);
            if (done && operations[i] == DOCUMENTS_QUERY)
                assert_int_equal(request.count, 1);
            if (done && operations[i] == DOCUMENTS_ERASE)
                assert_true(request.found);
            arena_release(&arena);
        }
    }
    assert_int_equal(count_of(fixture, COLLECTION_PRODUCTS, "tokens", "red"), 0);
}

static void erase(struct documents_fixture *fixture, const char *id)
{
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_ERASE, COLLECTION_PRODUCTS, id);
    documents_must(fixture->store, &request);
}

/* The one that is out of memory fails alone: it needs some for the document that it replaces. */
static void a_failing_request_does_not_undo_its_batch(void **state)
{
    struct documents_fixture *fixture = *state;
    static const char *const ids[] = {"a", "old", "b"};
    struct documents_request requests[3];
    struct stored_document stored;
    bool mixed = false;
    insert_into(fixture, COLLECTION_PRODUCTS, "old", test_product(fixture, "red", "home", 1), 0);
    for (long successes = 0; successes < 10; successes++) {
        documents_reopen(fixture); /* no memory is there to be used again … */
        erase(fixture, "nobody");  /* … but for beginning and committing */
        for (int i = 0; i < 3; i++) {
            requests[i] = documents_request_of(fixture, i == 1 ? DOCUMENTS_PUT : DOCUMENTS_INSERT,
                                               COLLECTION_PRODUCTS, ids[i]);
            requests[i].doc = test_product(fixture, "blue", "home", 2);
            documents_submit(fixture->store, &requests[i]);
        }
        mem_fail_after(successes);
        for (int i = 0; i < 3; i++)
            documents_wait(fixture->store, &requests[i]);
        mem_fail_after(-1);
        mixed = mixed || (requests[0].base.ok && !requests[1].base.ok && requests[2].base.ok);
        for (int i = 0; i < 3; i += 2) {
            bool there = get_from(fixture, COLLECTION_PRODUCTS, ids[i], &stored);
            assert_int_equal(there, requests[i].base.ok && requests[i].inserted);
            erase(fixture, ids[i]);
        }
    }
    assert_true(mixed);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, documents_setup, documents_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(missing_folders_are_made_for_the_owner_only),
        EACH(a_folder_that_cannot_be_is_an_error),
        EACH(a_newer_file_is_refused_and_left_alone),
        EACH(an_older_file_is_brought_up_to_date),
        EACH(a_migration_that_fails_changes_nothing),
        EACH(files_of_others_are_refused_and_left_alone),
        EACH(what_is_no_database_is_refused),
        EACH(damaged_pages_are_errors_not_answers),
        EACH(a_damaged_document_is_an_error),
        EACH(another_writer_is_waited_for_until_the_deadline),
        EACH(opening_survives_failing_allocations),
        EACH(requests_survive_failing_allocations),
        EACH(a_failing_request_does_not_undo_its_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
