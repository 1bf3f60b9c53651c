/*
 * documents_sql.h - the tables of documents.db and the statements on them, both made from the
 * schema of the collections.
 *
 * A collection "orders" is one table of documents, with a column "by_…" an index of numbers or
 * texts: orders (row, id, version, by_customer_id, by_number, by_placed_at, doc) an index of a text
 * array is a table of its own: products_by_tokens (value, row) and marks are tiny rows that are
 * there only while something is due, so that taking them off does not rewrite the document:
 *     orders_marks (row, marks, attempts, next_attempt, parked, reason)
 * `row` is the order of arrival and never changes.
 */
#pragma once

#include "db_managers/documents_store.h"
#include "db_managers/embedded/sqlite/sqlite_file.h"
#include "support/text.h"

enum { DOCUMENTS_APPLICATION_ID = 0x65636401 };

/* Of one collection; parameters as ?1, ?2 … in this order. */
enum documents_statement {
    STATEMENT_INSERT,      /* id, doc, columns…: no change when the id is taken */
    STATEMENT_FIND,        /* id -> row, version, doc */
    STATEMENT_UPDATE,      /* row, doc, columns…: version + 1 */
    STATEMENT_ERASE,       /* row */
    STATEMENT_GET,         /* id -> document columns */
    STATEMENT_MARK,        /* row, marks */
    STATEMENT_UNMARK_ALL,  /* id, marks: deletes the row when no other mark is left */
    STATEMENT_UNMARK_SOME, /* id, marks */
    STATEMENT_MARK_AGAIN,  /* id, marks */
    STATEMENT_DEFER,       /* id, attempts, next_attempt, parked, reason */
    STATEMENT_ERASE_MARKS, /* row */
    STATEMENT_PENDING,     /* marks, due, parked, limit -> document columns */
    STATEMENT_PENDING_IDS, /* the same without documents */
    STATEMENT_ADD_VALUE,   /* value, row; one an index */
    STATEMENT_REMOVE_VALUE = STATEMENT_ADD_VALUE + DOCUMENTS_MAX_INDEXES, /* value, row */
    STATEMENT_COUNT_VALUE =
        STATEMENT_REMOVE_VALUE + DOCUMENTS_MAX_INDEXES, /* value, limit -> number */
    STATEMENTS_OF_COLLECTION = STATEMENT_COUNT_VALUE + DOCUMENTS_MAX_INDEXES,
};

/* Of the file. */
enum {
    STATEMENT_WITNESS_PUT =
        DOCUMENTS_COLLECTIONS * STATEMENTS_OF_COLLECTION, /* identity, sequence */
    STATEMENT_WITNESS_GET,                                /* -> identity, sequence */
    DOCUMENTS_STATEMENTS,
};

static inline unsigned documents_statement(enum documents_collection collection, unsigned statement)
{
    return (unsigned)collection * STATEMENTS_OF_COLLECTION + statement;
}

/* What a row of a document is read from. */
enum document_column {
    COLUMN_ID,
    COLUMN_VERSION,
    COLUMN_DOC,
    COLUMN_MARKS, /* NULL: none; so the four after it */
    COLUMN_ATTEMPTS,
    COLUMN_NEXT_ATTEMPT,
    COLUMN_PARKED,
    COLUMN_REASON,
    COLUMN_ROW,
    DOCUMENT_COLUMNS
};

struct documents_sql {
    char *texts[DOCUMENTS_STATEMENTS]; /* NULL where a collection has no use for one */
};

bool documents_sql_init(struct documents_sql *sql, ecommerce_error *err) MUST_CHECK;
void documents_sql_release(struct documents_sql *sql);

/* Loops over the indexes of a collection: for (EACH_INDEX(index, schema)) */
#define EACH_INDEX(index, schema)                                                                  \
    const struct documents_index *index = (schema)->indexes;                                       \
    index < (schema)->indexes + DOCUMENTS_MAX_INDEXES && index->field;                             \
    index++

/* Adds the template with the collection's name for '@' and `field` for '#'. */
void documents_sql_expand(struct text *text, const char *template,
                          const struct documents_schema *schema, const char *field);
/* Adds "SELECT d.id, d.version, …" in the order of enum document_column; d is the document's table,
 * m that of its marks. */
void documents_sql_columns(struct text *text, enum documents_collection collection, bool with_doc);

/* documents_tables.c: the only migration there is makes what the schema has and the file lacks, and
 * fills it from the documents. So each version of the schema is reached in the same way from any
 * before it. */
bool documents_tables_migrate(struct sqlite_connection *writer, void *context,
                              ecommerce_error *err) MUST_CHECK;

/* Binds the columns of the collection's indexes, from `parameter` on. */
void documents_bind_columns(struct sqlite_statement *statement, int parameter,
                            enum documents_collection collection, struct doc doc);
/* Adds the rows of all text-array indexes of a document, or removes them. `except`: a document
 * whose equal arrays are left alone; DOC_EMPTY: none. */
bool documents_add_values(struct sqlite_connection *writer, enum documents_collection collection,
                          int64_t row, struct doc doc, struct doc except,
                          ecommerce_error *err) MUST_CHECK;
bool documents_remove_values(struct sqlite_connection *writer, enum documents_collection collection,
                             int64_t row, struct doc doc, struct doc except,
                             ecommerce_error *err) MUST_CHECK;
