/*
 * documents_parts.h - how the parts of the embedded documents store hang together:
 *
 *   embedded_documents.c  the store: submit, wait, group commit, health
 *   documents_write.c     one write, inside a batch's transaction
 *   documents_read.c      reads by id, pending documents, counts, the witness
 *   documents_query.c     queries by index, in pages
 *   documents_sql.c       statements;  documents_tables.c  tables
 */
#pragma once

#include "db_managers/embedded/documents/documents_sql.h"

/* Executes a write in the writer's transaction and fills its outputs. `scratch` is emptied before.
 * On false the transaction holds a part of it and has to be rolled back. */
bool documents_write(struct sqlite_connection *writer, struct arena *scratch,
                     struct documents_request *request, ecommerce_error *err) MUST_CHECK;
bool documents_write_witness(struct sqlite_connection *writer, struct str identity,
                             int64_t sequence, ecommerce_error *err) MUST_CHECK;

/* Executes a read and fills its outputs. */
bool documents_read(struct sqlite_connection *reader, struct documents_request *request,
                    ecommerce_error *err) MUST_CHECK;
bool documents_query_read(struct sqlite_connection *reader, struct documents_request *request,
                          ecommerce_error *err) MUST_CHECK;
bool documents_count_read(struct sqlite_connection *reader, struct documents_request *request,
                          ecommerce_error *err) MUST_CHECK;

/* The row that the statement stands on, by enum document_column. */
bool documents_read_row(struct sqlite_statement *statement, struct arena *arena,
                        struct stored_document *document, ecommerce_error *err) MUST_CHECK;

/* A growing array of documents in an arena. */
struct document_list {
    struct stored_document *items;
    size_t count, capacity;
};

/* A zeroed place at the end, or NULL with an error. */
struct stored_document *document_list_add(struct document_list *list, struct arena *arena,
                                          ecommerce_error *err) MUST_CHECK;
