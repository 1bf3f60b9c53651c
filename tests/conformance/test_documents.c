/*
 * The contract of the documents role, line by line, against every implementation: inserts,
 * versions, marks, the witness, and what is refused. Queries are in test_documents_query.c.
 */
#include "support/error.h"
#include "tests/support/documents_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_str(struct str actual, const char *expected)
{
    assert_non_null(actual.ptr);
    if (!str_is(actual, expected))
        fail_msg("'%.*s' is not '%s'", STR_ARG(actual), expected);
}

/* ---- inserts and reads ---- */

static void first_insert_with_an_id_wins(void **state)
{
    struct documents_fixture *fixture = *state;
    struct doc first = test_order(fixture, "ann", 1);
    struct doc second = test_order(fixture, "bob", 2);
    struct stored_document stored;
    assert_true(insert_into(fixture, COLLECTION_ORDERS, "o1", first, MARKS_ALL));
    assert_false(insert_into(fixture, COLLECTION_ORDERS, "o1", second, MARK_GRAPH));
    assert_true(get_from(fixture, COLLECTION_ORDERS, "o1", &stored));
    assert_str(stored.id, "o1");
    assert_true(doc_equal(stored.doc, first));
    assert_int_equal(stored.version, 1);
    assert_int_equal(stored.marks, MARKS_ALL);
    assert_int_equal(stored.attempts, 0);
    assert_false(stored.parked);
}

static void collections_are_apart(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    for (unsigned i = 0; i < DOCUMENTS_COLLECTIONS; i++)
        assert_true(insert_into(fixture, i, "same", test_order(fixture, NULL, i), 0));
    for (unsigned i = 0; i < DOCUMENTS_COLLECTIONS; i++) {
        assert_true(get_from(fixture, i, "same", &stored));
        assert_int_equal(doc_int(stored.doc, "placed_at", -1), i);
    }
}

static void absent_is_not_found(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    assert_false(get_from(fixture, COLLECTION_ORDERS, "nobody", &stored));
    assert_null(stored.id.ptr);
    bool found = true;
    ecommerce_error error = {0};
    assert_true(documents_get(fixture->store, COLLECTION_ORDERS, STR("nobody"), true, NO_DEADLINE,
                              &fixture->arena, NULL, &found, &error));
    assert_false(found);
}

static void short_forms_do_what_requests_do(void **state)
{
    struct documents_fixture *fixture = *state;
    struct doc doc = test_order(fixture, "ann", 7);
    bool inserted = false, found = false;
    struct stored_document stored;
    ecommerce_error error = {0};
    assert_true(documents_insert(fixture->store, COLLECTION_ORDERS, STR("o1"), doc, MARK_STOCK,
                                 NO_DEADLINE, &inserted, &error));
    assert_true(inserted);
    assert_true(documents_get(fixture->store, COLLECTION_ORDERS, STR("o1"), false, NO_DEADLINE,
                              &fixture->arena, &stored, &found, &error));
    assert_true(found);
    assert_true(doc_equal(stored.doc, doc));
    assert_int_equal(stored.marks, MARK_STOCK);
}

static void an_empty_document_is_a_document(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    assert_true(insert_into(fixture, COLLECTION_UNIQUE, "email:ann@example.com", DOC_EMPTY, 0));
    assert_true(get_from(fixture, COLLECTION_UNIQUE, "email:ann@example.com", &stored));
    assert_true(doc_is_empty(stored.doc));
}

static void large_documents_come_back_whole(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    static const size_t sizes[] = {4000, 4096, 100000, 2000000};
    for (unsigned i = 0; i < ARRAY_LENGTH(sizes); i++) {
        char id[16];
        snprintf(id, sizeof(id), "large%u", i);
        struct doc doc = test_order_of_size(&fixture->arena, i, sizes[i]);
        assert_true(insert_into(fixture, COLLECTION_ORDERS, id, doc, 0));
        assert_true(get_from(fixture, COLLECTION_ORDERS, id, &stored));
        assert_true(doc_equal(stored.doc, doc));
    }
}

static void ids_are_bytes_of_utf8(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    static const char *const ids[] = {"a", "A", "ä", "a'b\"c", "%", "_", "日本", "a b", "order/1"};
    for (unsigned i = 0; i < ARRAY_LENGTH(ids); i++)
        assert_true(insert_into(fixture, COLLECTION_SHOP, ids[i], test_order(fixture, NULL, i), 0));
    for (unsigned i = 0; i < ARRAY_LENGTH(ids); i++) {
        assert_true(get_from(fixture, COLLECTION_SHOP, ids[i], &stored));
        assert_int_equal(doc_int(stored.doc, "placed_at", -1), i);
    }
}

/* ---- versions ---- */

static void replace_needs_the_version_that_is_there(void **state)
{
    struct documents_fixture *fixture = *state;
    struct doc changed = test_order(fixture, "bob", 2);
    struct stored_document stored;
    struct documents_request replace =
        documents_request_of(fixture, DOCUMENTS_REPLACE, COLLECTION_ORDERS, "o1");
    replace.doc = changed;
    replace.version = 1;
    documents_must(fixture->store, &replace);
    assert_false(replace.found);
    assert_false(replace.replaced);

    insert_into(fixture, COLLECTION_ORDERS, "o1", test_order(fixture, "ann", 1), MARK_GRAPH);
    documents_must(fixture->store, &replace);
    assert_true(replace.found);
    assert_true(replace.replaced);
    documents_must(fixture->store, &replace);
    assert_true(replace.found);
    assert_false(replace.replaced);

    assert_true(get_from(fixture, COLLECTION_ORDERS, "o1", &stored));
    assert_int_equal(stored.version, 2);
    assert_true(doc_equal(stored.doc, changed));
    assert_int_equal(stored.marks, MARK_GRAPH);
    replace.version = 2;
    documents_must(fixture->store, &replace);
    assert_true(replace.replaced);
}

static void put_inserts_or_replaces(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    for (int i = 1; i <= 3; i++) {
        struct documents_request put =
            documents_request_of(fixture, DOCUMENTS_PUT, COLLECTION_ORDER_STATES, "o1");
        put.doc = test_order(fixture, NULL, i);
        documents_must(fixture->store, &put);
        assert_true(get_from(fixture, COLLECTION_ORDER_STATES, "o1", &stored));
        assert_int_equal(stored.version, i);
        assert_true(doc_equal(stored.doc, put.doc));
    }
}

static void erase_says_whether_it_was_there(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    insert_into(fixture, COLLECTION_ORDER_CONTACTS, "o1", test_order(fixture, "ann", 1), 0);
    struct documents_request erase =
        documents_request_of(fixture, DOCUMENTS_ERASE, COLLECTION_ORDER_CONTACTS, "o1");
    documents_must(fixture->store, &erase);
    assert_true(erase.found);
    documents_must(fixture->store, &erase);
    assert_false(erase.found);
    assert_false(get_from(fixture, COLLECTION_ORDER_CONTACTS, "o1", &stored));
    assert_true(insert_into(fixture, COLLECTION_ORDER_CONTACTS, "o1", DOC_EMPTY, 0));
    assert_true(get_from(fixture, COLLECTION_ORDER_CONTACTS, "o1", &stored));
    assert_int_equal(stored.version, 1);
}

/* ---- marks ---- */

static size_t pending(struct documents_fixture *fixture, unsigned marks, int64_t due, bool parked,
                      struct stored_document **documents)
{
    struct documents_query query = {.limit = 100};
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_PENDING, COLLECTION_ORDERS, NULL);
    request.query = &query;
    request.marks = marks;
    request.due = due;
    request.parked = parked;
    documents_must(fixture->store, &request);
    *documents = request.documents;
    return request.count;
}

static void assert_pending(struct documents_fixture *fixture, unsigned marks, const char *expected)
{
    struct stored_document *documents;
    size_t count = pending(fixture, marks, 1000, false, &documents);
    char ids[256] = "";
    for (size_t i = 0, used = 0; i < count; i++)
        used += (size_t)snprintf(ids + used, sizeof(ids) - used, "%s%.*s", i ? " " : "",
                                 STR_ARG(documents[i].id));
    assert_string_equal(ids, expected);
}

static void take_off(struct documents_fixture *fixture, const char *id, unsigned marks)
{
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_CLEAR_MARKS, COLLECTION_ORDERS, id);
    request.marks = marks;
    documents_must(fixture->store, &request);
}

static void defer(struct documents_fixture *fixture, const char *id, unsigned attempts,
                  int64_t next_attempt, bool parked, struct str reason)
{
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_DEFER, COLLECTION_ORDERS, id);
    request.attempts = attempts;
    request.next_attempt = next_attempt;
    request.parked = parked;
    request.reason = reason;
    documents_must(fixture->store, &request);
}

static void insert_three_marked(struct documents_fixture *fixture)
{
    struct doc doc = test_order(fixture, "ann", 1);
    /* Ids against the order of arrival: oldest first does not mean by id. */
    insert_into(fixture, COLLECTION_ORDERS, "c", doc, MARKS_ALL);
    insert_into(fixture, COLLECTION_ORDERS, "b", doc, MARK_STOCK | MARK_GRAPH);
    insert_into(fixture, COLLECTION_ORDERS, "a", doc, MARK_TIMESERIES);
    insert_into(fixture, COLLECTION_ORDERS, "unmarked", doc, 0);
}

static void marked_documents_are_pending_oldest_first(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_three_marked(fixture);
    assert_pending(fixture, MARKS_ALL, "c b a");
    assert_pending(fixture, MARK_STOCK, "c b");
    assert_pending(fixture, MARK_TIMESERIES, "c a");
    assert_pending(fixture, MARK_GRAPH | MARK_TIMESERIES, "c b a");

    struct stored_document *documents;
    assert_int_equal(pending(fixture, MARK_TIMESERIES, 0, false, &documents), 2);
    assert_true(doc_equal(documents[0].doc, test_order(fixture, "ann", 1)));
    assert_int_equal(documents[0].marks, MARKS_ALL);
    assert_int_equal(documents[0].version, 1);
    assert_int_equal(documents[1].marks, MARK_TIMESERIES);
}

static void pending_respects_limit_and_ids_only(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_three_marked(fixture);
    struct documents_query query = {.limit = 2, .ids_only = true};
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_PENDING, COLLECTION_ORDERS, NULL);
    request.query = &query;
    request.marks = MARKS_ALL;
    documents_must(fixture->store, &request);
    assert_int_equal(request.count, 2);
    assert_str(request.documents[0].id, "c");
    assert_str(request.documents[1].id, "b");
    assert_true(doc_is_empty(request.documents[0].doc));
    assert_int_equal(request.documents[0].marks, MARKS_ALL);
    query.limit = 0;
    documents_must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
}

static void marks_come_off_one_by_one_and_stay_off(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document before, after;
    insert_three_marked(fixture);
    assert_true(get_from(fixture, COLLECTION_ORDERS, "c", &before));
    take_off(fixture, "c", MARK_STOCK);
    take_off(fixture, "c", MARK_STOCK);
    assert_true(get_from(fixture, COLLECTION_ORDERS, "c", &after));
    assert_int_equal(after.marks, MARK_TIMESERIES | MARK_GRAPH);
    take_off(fixture, "c", MARKS_ALL);
    take_off(fixture, "c", MARKS_ALL);
    take_off(fixture, "unmarked", MARKS_ALL);
    take_off(fixture, "nobody", MARKS_ALL);
    assert_pending(fixture, MARKS_ALL, "b a");

    /* Beside the document, not in it. */
    assert_true(get_from(fixture, COLLECTION_ORDERS, "c", &after));
    assert_int_equal(after.marks, 0);
    assert_int_equal(after.version, 1);
    assert_true(doc_equal(before.doc, after.doc));
    /* A duplicate insert does not bring them back. */
    assert_false(insert_into(fixture, COLLECTION_ORDERS, "c", before.doc, MARKS_ALL));
    assert_pending(fixture, MARKS_ALL, "b a");
}

static void deferred_documents_are_pending_when_due(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document *documents, stored;
    insert_three_marked(fixture);
    defer(fixture, "c", 3, 500, false, STR("graph was away"));
    assert_int_equal(pending(fixture, MARKS_ALL, 499, false, &documents), 2);
    assert_int_equal(pending(fixture, MARKS_ALL, 500, false, &documents), 3);
    assert_str(documents[0].id, "c");
    assert_int_equal(documents[0].attempts, 3);
    assert_int_equal(documents[0].next_attempt, 500);
    assert_str(documents[0].reason, "graph was away");
    assert_true(get_from(fixture, COLLECTION_ORDERS, "c", &stored));
    assert_int_equal(stored.attempts, 3);
    assert_int_equal(stored.marks, MARKS_ALL);
    /* No error without marks, and none come of it. */
    defer(fixture, "unmarked", 1, 500, false, STR("x"));
    defer(fixture, "nobody", 1, 500, false, STR("x"));
    assert_int_equal(pending(fixture, MARKS_ALL, 500, false, &documents), 3);
}

static void parked_documents_are_apart(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document *documents;
    insert_three_marked(fixture);
    defer(fixture, "b", 8, 0, true, STR("refused for ever"));
    assert_pending(fixture, MARKS_ALL, "c a");
    assert_int_equal(pending(fixture, MARKS_ALL, 0, true, &documents), 1);
    assert_str(documents[0].id, "b");
    assert_true(documents[0].parked);
    assert_str(documents[0].reason, "refused for ever");
    defer(fixture, "b", 0, 0, false, STR_NONE);
    assert_pending(fixture, MARKS_ALL, "c b a");
}

static void marks_can_be_set_again_on_purpose(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    insert_three_marked(fixture);
    defer(fixture, "b", 8, 5000, true, STR("refused for ever"));
    struct documents_request set =
        documents_request_of(fixture, DOCUMENTS_SET_MARKS, COLLECTION_ORDERS, "b");
    set.marks = MARK_TIMESERIES;
    documents_must(fixture->store, &set);
    assert_true(set.found);
    assert_true(get_from(fixture, COLLECTION_ORDERS, "b", &stored));
    assert_int_equal(stored.marks, MARKS_ALL);
    assert_int_equal(stored.attempts, 0);
    assert_false(stored.parked);
    assert_null(stored.reason.ptr);
    set.id = STR("unmarked");
    documents_must(fixture->store, &set);
    assert_true(set.found);
    assert_pending(fixture, MARK_TIMESERIES, "c b a unmarked");
    set.id = STR("nobody");
    documents_must(fixture->store, &set);
    assert_false(set.found);
    set.marks = MARK_STOCK;
    documents_must_fail(fixture->store, &set, ECOMMERCE_INVALID_ARGUMENT);
    set.marks = 0;
    documents_must_fail(fixture->store, &set, ECOMMERCE_INVALID_ARGUMENT);
}

/* ---- the witness ---- */

static void insert_with_witness(struct documents_fixture *fixture, const char *id,
                                struct str identity, int64_t sequence)
{
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_ORDERS, id);
    request.doc = test_order(fixture, NULL, 1);
    request.witness_identity = identity;
    request.witness_sequence = sequence;
    documents_must(fixture->store, &request);
}

static void assert_witness(struct documents_fixture *fixture, const char *identity,
                           int64_t sequence)
{
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_WITNESS, COLLECTION_ORDERS, NULL);
    documents_must(fixture->store, &request);
    if (identity)
        assert_str(request.witness_identity, identity);
    else
        assert_null(request.witness_identity.ptr);
    assert_int_equal(request.witness_sequence, sequence);
}

static void witness_is_the_greatest_of_its_identity(void **state)
{
    struct documents_fixture *fixture = *state;
    assert_witness(fixture, NULL, 0);
    insert_with_witness(fixture, "a", STR_NONE, 0);
    assert_witness(fixture, NULL, 0);
    insert_with_witness(fixture, "b", STR("run-1"), 7);
    assert_witness(fixture, "run-1", 7);
    insert_with_witness(fixture, "c", STR("run-1"), 5);
    assert_witness(fixture, "run-1", 7);
    insert_with_witness(fixture, "d", STR("run-2"), 3);
    assert_witness(fixture, "run-2", 3);
    insert_with_witness(fixture, "e", STR_NONE, 0);
    assert_witness(fixture, "run-2", 3);
    /* An insert that changed nothing leaves none. */
    insert_with_witness(fixture, "a", STR("run-2"), 99);
    assert_witness(fixture, "run-2", 3);
    documents_reopen(fixture);
    assert_witness(fixture, "run-2", 3);
}

static void witness_of_a_batch_is_the_greatest(void **state)
{
    struct documents_fixture *fixture = *state;
    enum { COUNT = 5 };
    static const int64_t sequences[COUNT] = {4, 9, 2, 8, 1};
    struct documents_request requests[COUNT];
    char ids[COUNT][16];
    for (int i = 0; i < COUNT; i++) {
        snprintf(ids[i], sizeof(ids[i]), "o%d", i);
        requests[i] = documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_ORDERS, ids[i]);
        requests[i].witness_identity = STR("run-1");
        requests[i].witness_sequence = sequences[i];
        documents_submit(fixture->store, &requests[i]);
    }
    for (int i = 0; i < COUNT; i++)
        assert_true(documents_wait(fixture->store, &requests[i]));
    assert_witness(fixture, "run-1", 9);
}

/* ---- batches, deadlines, handles ---- */

static void requests_are_waited_for_in_any_order(void **state)
{
    struct documents_fixture *fixture = *state;
    enum { COUNT = 150 };
    struct documents_request *requests = calloc(COUNT, sizeof(*requests));
    char(*ids)[16] = calloc(COUNT, sizeof(*ids));
    for (int i = 0; i < COUNT; i++) {
        /* Each id three times, in one batch or in several. */
        snprintf(ids[i], sizeof(ids[i]), "o%d", i % (COUNT / 3));
        requests[i] = documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_ORDERS, ids[i]);
        requests[i].doc = test_order(fixture, NULL, i);
        documents_submit(fixture->store, &requests[i]);
    }
    for (int i = COUNT - 1; i >= 0; i--)
        assert_true(documents_wait(fixture->store, &requests[i]));
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(requests[i].inserted, i < COUNT / 3);
    free(ids);
    free(requests);
}

static void a_read_sees_what_was_acknowledged_before(void **state)
{
    struct documents_fixture *fixture = *state;
    struct documents_store *other = documents_open_tested(&fixture->folder);
    struct documents_fixture second = {.folder = fixture->folder, .store = other};
    struct stored_document stored;
    for (int i = 0; i < 20; i++) {
        char id[16];
        snprintf(id, sizeof(id), "o%d", i);
        struct documents_fixture *writes = i % 2 ? fixture : &second;
        struct documents_fixture *reads = i % 2 ? &second : fixture;
        assert_true(insert_into(writes, COLLECTION_ORDERS, id, test_order(fixture, NULL, i), 0));
        assert_true(get_from(reads, COLLECTION_ORDERS, id, &stored));
        assert_false(insert_into(reads, COLLECTION_ORDERS, id, DOC_EMPTY, 0));
    }
    arena_release(&second.arena);
    documents_close(&other);
}

static void what_was_acknowledged_is_there_after_reopening(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    struct doc doc = test_order_of_size(&fixture->arena, 1, 50000);
    insert_into(fixture, COLLECTION_ORDERS, "o1", doc, MARKS_ALL);
    defer(fixture, "o1", 2, 77, true, STR("why"));
    take_off(fixture, "o1", MARK_STOCK);
    documents_reopen(fixture);
    assert_true(get_from(fixture, COLLECTION_ORDERS, "o1", &stored));
    assert_true(doc_equal(stored.doc, doc));
    assert_int_equal(stored.marks, MARK_TIMESERIES | MARK_GRAPH);
    assert_int_equal(stored.next_attempt, 77);
    assert_true(stored.parked);
    assert_str(stored.reason, "why");
    assert_false(insert_into(fixture, COLLECTION_ORDERS, "o1", DOC_EMPTY, 0));
}

static void after_the_deadline_nothing_is_done(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    struct documents_request insert =
        documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_ORDERS, "late");
    insert.base.deadline = seams_monotonic(&system_seams) - 1;
    documents_must_fail(fixture->store, &insert, ECOMMERCE_DEADLINE_EXCEEDED);
    assert_false(insert.inserted);
    assert_false(get_from(fixture, COLLECTION_ORDERS, "late", &stored));
    struct documents_request get =
        documents_request_of(fixture, DOCUMENTS_GET, COLLECTION_ORDERS, "late");
    get.base.deadline = insert.base.deadline;
    documents_must_fail(fixture->store, &get, ECOMMERCE_DEADLINE_EXCEEDED);
}

static void a_late_request_does_not_disturb_its_batch(void **state)
{
    struct documents_fixture *fixture = *state;
    struct stored_document stored;
    struct documents_request requests[3];
    static const char *const ids[] = {"x", "late", "y"};
    for (int i = 0; i < 3; i++) {
        requests[i] = documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_ORDERS, ids[i]);
        if (i == 1)
            requests[i].base.deadline = 1;
        documents_submit(fixture->store, &requests[i]);
    }
    assert_true(documents_wait(fixture->store, &requests[0]));
    assert_false(documents_wait(fixture->store, &requests[1]));
    assert_true(documents_wait(fixture->store, &requests[2]));
    assert_true(get_from(fixture, COLLECTION_ORDERS, "y", &stored));
    assert_false(get_from(fixture, COLLECTION_ORDERS, "late", &stored));
}

/* ---- what is refused ---- */

static void bad_ids_are_refused(void **state)
{
    struct documents_fixture *fixture = *state;
    char too_long[DOCUMENTS_ID_MAX + 1];
    memset(too_long, 'x', sizeof(too_long));
    const struct str bad[] = {STR_NONE, STR(""), STR("a\xff"), STR("a\0b"),
                              str_make(too_long, sizeof(too_long))};
    static const enum documents_operation operations[] = {DOCUMENTS_INSERT, DOCUMENTS_GET,
                                                          DOCUMENTS_PUT, DOCUMENTS_CLEAR_MARKS};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        for (size_t j = 0; j < ARRAY_LENGTH(operations); j++) {
            struct documents_request request =
                documents_request_of(fixture, operations[j], COLLECTION_ORDERS, NULL);
            request.id = bad[i];
            documents_must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
        }
    }
    struct documents_request longest =
        documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_ORDERS, NULL);
    longest.id = str_make(too_long, DOCUMENTS_ID_MAX);
    documents_must(fixture->store, &longest);
    assert_true(longest.inserted);
}

static void marks_where_there_are_none_are_refused(void **state)
{
    struct documents_fixture *fixture = *state;
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_PRODUCTS, "p1");
    request.marks = MARK_GRAPH;
    documents_must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
    request.collection = COLLECTION_ORDERS;
    request.marks = MARKS_ALL + 1;
    documents_must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
}

/* ---- the base ---- */

static void health_and_metrics_tell_what_happened(void **state)
{
    struct documents_fixture *fixture = *state;
    struct doc_value value;
    struct doc_builder builder;
    insert_into(fixture, COLLECTION_ORDERS, "o1", DOC_EMPTY, 0);
    insert_into(fixture, COLLECTION_ORDERS, "o2", DOC_EMPTY, 0);
    struct documents_request bad =
        documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_ORDERS, "");
    documents_must_fail(fixture->store, &bad, ECOMMERCE_INVALID_ARGUMENT);

    doc_builder_init(&builder);
    manager_metrics(&fixture->store->base, &builder);
    struct doc metrics = doc_finish(&builder);
    assert_str(doc_text(metrics, "role"), "documents");
    assert_true(doc_find(metrics, "operations.insert.calls", &value));
    assert_int_equal(value.integer, 3);
    assert_true(doc_find(metrics, "operations.insert.refused", &value));
    assert_int_equal(value.integer, 1);
    assert_false(doc_find(metrics, "operations.erase", &value));
    doc_builder_release(&builder);

    doc_builder_init(&builder);
    manager_health(&fixture->store->base, NO_DEADLINE, &builder);
    struct doc health = doc_finish(&builder);
    assert_str(doc_text(health, "state"), "up");
    assert_str(doc_text(health, "breaker"), "closed");
    assert_str(doc_text(health, "kind"), documents_tested->name);
    doc_builder_release(&builder);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, documents_setup, documents_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(first_insert_with_an_id_wins),
        EACH(collections_are_apart),
        EACH(absent_is_not_found),
        EACH(short_forms_do_what_requests_do),
        EACH(an_empty_document_is_a_document),
        EACH(large_documents_come_back_whole),
        EACH(ids_are_bytes_of_utf8),
        EACH(replace_needs_the_version_that_is_there),
        EACH(put_inserts_or_replaces),
        EACH(erase_says_whether_it_was_there),
        EACH(marked_documents_are_pending_oldest_first),
        EACH(pending_respects_limit_and_ids_only),
        EACH(marks_come_off_one_by_one_and_stay_off),
        EACH(deferred_documents_are_pending_when_due),
        EACH(parked_documents_are_apart),
        EACH(marks_can_be_set_again_on_purpose),
        EACH(witness_is_the_greatest_of_its_identity),
        EACH(witness_of_a_batch_is_the_greatest),
        EACH(requests_are_waited_for_in_any_order),
        EACH(a_read_sees_what_was_acknowledged_before),
        EACH(what_was_acknowledged_is_there_after_reopening),
        EACH(after_the_deadline_nothing_is_done),
        EACH(a_late_request_does_not_disturb_its_batch),
        EACH(bad_ids_are_refused),
        EACH(marks_where_there_are_none_are_refused),
        EACH(health_and_metrics_tell_what_happened),
    };
    int failed = 0;
    for (size_t i = 0; i < documents_implementation_count; i++) {
        documents_tested = &documents_implementations[i];
        failed += cmocka_run_group_tests_name(documents_tested->name, tests, NULL, NULL);
    }
    return failed;
}
