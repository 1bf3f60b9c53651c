/*
 * documents_fixture.h - the implementations of the documents role, and short forms for their tests.
 *
 * The short forms fail the test when the store fails; those that look at failures use
 * documents_run themselves.
 */
#pragma once

#include "db_managers/documents_store.h"
#include "tests/support/temp_folder.h"

struct documents_implementation {
    const char *name;
    /* A handle on the store that belongs to this folder; more than one may be open at once. */
    struct documents_store *(*open)(const struct temp_folder *folder, ecommerce_error *err);
};

extern const struct documents_implementation documents_implementations[];
extern const size_t documents_implementation_count;
/* The one that the group of tests now runs against. */
extern const struct documents_implementation *documents_tested;

struct documents_fixture {
    struct temp_folder folder;
    struct documents_store *store;
    struct arena arena;
};

/* For cmocka: a store in a folder of its own for each test. */
int documents_setup(void **state);
int documents_teardown(void **state);
struct documents_store *documents_open_tested(const struct temp_folder *folder);
void documents_close(struct documents_store **store);
void documents_reopen(struct documents_fixture *fixture);

struct documents_request documents_request_of(struct documents_fixture *fixture,
                                              enum documents_operation operation,
                                              enum documents_collection collection, const char *id);
/* Runs it; fails the test with the error's message unless it succeeds. */
void documents_must(struct documents_store *store, struct documents_request *request);
/* Runs it and expects this error. */
void documents_must_fail(struct documents_store *store, struct documents_request *request,
                         enum ecommerce_error_code code);

/* A document with the given order fields; customer NULL: none. In the fixture's arena. */
struct doc test_order(struct documents_fixture *fixture, const char *customer, int64_t placed_at);
/* A document of about `size` bytes whose content depends on the seed. */
struct doc test_order_of_size(struct arena *arena, unsigned seed, size_t size);
/* A product with words (separated by spaces) in `tokens` and in `categories`. */
struct doc test_product(struct documents_fixture *fixture, const char *tokens,
                        const char *categories, int64_t price);

bool insert_into(struct documents_fixture *fixture, enum documents_collection collection,
                 const char *id, struct doc doc, unsigned marks);
/* *document is zeroed when it is absent. */
bool get_from(struct documents_fixture *fixture, enum documents_collection collection,
              const char *id, struct stored_document *document);
