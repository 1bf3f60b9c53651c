#include "tests/support/documents_fixture.h"

#include "db_managers/embedded/embedded_stores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct documents_store *open_embedded(const struct temp_folder *folder, ecommerce_error *err)
{
    struct embedded_options options = {
        .folder = folder->path,
        .max_batch = 64,
        .seams = &system_seams,
    };
    return embedded_documents_open(&options, err);
}

const struct documents_implementation documents_implementations[] = {
    {.name = "embedded", .open = open_embedded},
};
const size_t documents_implementation_count = ARRAY_LENGTH(documents_implementations);
const struct documents_implementation *documents_tested = &documents_implementations[0];

struct documents_store *documents_open_tested(const struct temp_folder *folder)
{
    ecommerce_error error = {0};
    struct documents_store *store = documents_tested->open(folder, &error);
    if (!store)
        fail_msg("open: %s", error.message);
    return store;
}

void documents_close(struct documents_store **store)
{
    struct base_manager *manager = *store ? &(*store)->base : NULL;
    *store = NULL;
    manager_close(&manager);
}

int documents_setup(void **state)
{
    struct documents_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(&fixture->folder);
    fixture->store = documents_open_tested(&fixture->folder);
    *state = fixture;
    return 0;
}

int documents_teardown(void **state)
{
    struct documents_fixture *fixture = *state;
    documents_close(&fixture->store);
    arena_release(&fixture->arena);
    temp_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

void documents_reopen(struct documents_fixture *fixture)
{
    documents_close(&fixture->store);
    fixture->store = documents_open_tested(&fixture->folder);
}

struct documents_request documents_request_of(struct documents_fixture *fixture,
                                              enum documents_operation operation,
                                              enum documents_collection collection, const char *id)
{
    return (struct documents_request){
        .base = {.operation = operation,
                 .deadline = seams_monotonic(&system_seams) + 30 * (int64_t)MICROSECONDS,
                 .arena = &fixture->arena},
        .collection = collection,
        .id = str_of(id),
    };
}

void documents_must(struct documents_store *store, struct documents_request *request)
{
    ecommerce_error error = {0};
    if (!documents_run(store, request, &error))
        fail_msg("%s: %s", ecommerce_error_name(error.code), error.message);
}

void documents_must_fail(struct documents_store *store, struct documents_request *request,
                         enum ecommerce_error_code code)
{
    ecommerce_error error = {0};
    assert_false(documents_run(store, request, &error));
    assert_string_equal(ecommerce_error_name(error.code), ecommerce_error_name(code));
}

static struct doc keep(struct arena *arena, struct doc_builder *builder)
{
    struct doc copy;
    struct doc built = doc_finish(builder);
    assert_true(doc_builder_ok(builder));
    assert_true(doc_copy(arena, built, &copy));
    doc_builder_release(builder);
    return copy;
}

struct doc test_order(struct documents_fixture *fixture, const char *customer, int64_t placed_at)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_adds(&builder, "note", "as ordered");
    if (customer)
        doc_adds(&builder, "customer_id", customer);
    doc_add_int(&builder, "placed_at", placed_at);
    return keep(&fixture->arena, &builder);
}

struct doc test_order_of_size(struct arena *arena, unsigned seed, size_t size)
{
    static const char filler[] = "The quick brown fox jumps over the lazy dog, line after line. ";
    struct doc_builder builder;
    char number[32];
    snprintf(number, sizeof(number), "N%u", seed);
    doc_builder_init(&builder);
    doc_adds(&builder, "number", number);
    doc_add_int(&builder, "placed_at", seed);
    doc_open_array(&builder, "lines");
    for (size_t written = 0; written + sizeof(filler) < size; written += sizeof(filler) + 6)
        doc_add_text(&builder, NULL, str_make(filler, sizeof(filler) - 1));
    doc_close(&builder);
    return keep(arena, &builder);
}

static void add_words(struct doc_builder *builder, const char *key, const char *words)
{
    doc_open_array(builder, key);
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " ");
        doc_add_text(builder, NULL, str_make(at, length));
        at += length;
        at += *at == ' ';
    }
    doc_close(builder);
}

struct doc test_product(struct documents_fixture *fixture, const char *tokens,
                        const char *categories, int64_t price)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    add_words(&builder, "tokens", tokens);
    add_words(&builder, "categories", categories);
    doc_add_int(&builder, "price", price);
    return keep(&fixture->arena, &builder);
}

bool insert_into(struct documents_fixture *fixture, enum documents_collection collection,
                 const char *id, struct doc doc, unsigned marks)
{
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_INSERT, collection, id);
    request.doc = doc;
    request.marks = marks;
    documents_must(fixture->store, &request);
    return request.inserted;
}

bool get_from(struct documents_fixture *fixture, enum documents_collection collection,
              const char *id, struct stored_document *document)
{
    struct documents_request request = documents_request_of(fixture, DOCUMENTS_GET, collection, id);
    request.decisive = true;
    documents_must(fixture->store, &request);
    *document = request.document;
    return request.found;
}
