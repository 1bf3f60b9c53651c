/*
 * documents_sql.c - composes the statements on a collection and writes what its indexes hold.
 */
#include "db_managers/embedded/documents/documents_sql.h"

#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>

/* ---- texts: '@' stands for the collection, '#' for an index's field ---- */

static const char *const plain_templates[STATEMENT_ADD_VALUE] = {
    [STATEMENT_FIND] = "SELECT row, version, doc FROM \"@\" WHERE id = ?1",
    [STATEMENT_ERASE] = "DELETE FROM \"@\" WHERE row = ?1",
};

static const char *const marks_templates[STATEMENT_ADD_VALUE] = {
    [STATEMENT_MARK] = "INSERT INTO \"@_marks\" (row, marks) VALUES (?1, ?2)",
    [STATEMENT_UNMARK_ALL] = "DELETE FROM \"@_marks\" WHERE (marks & ~?2) = 0"
                             " AND row = (SELECT row FROM \"@\" WHERE id = ?1)",
    [STATEMENT_UNMARK_SOME] = "UPDATE \"@_marks\" SET marks = marks & ~?2 WHERE (marks & ?2) <> 0"
                              " AND row = (SELECT row FROM \"@\" WHERE id = ?1)",
    [STATEMENT_MARK_AGAIN] = "INSERT INTO \"@_marks\" (row, marks)"
                             " SELECT row, ?2 FROM \"@\" WHERE id = ?1"
                             " ON CONFLICT (row) DO UPDATE SET marks = marks | excluded.marks,"
                             " attempts = 0, next_attempt = 0, parked = 0, reason = NULL",
    [STATEMENT_DEFER] = "UPDATE \"@_marks\" SET attempts = ?2, next_attempt = ?3, parked = ?4,"
                        " reason = ?5 WHERE row = (SELECT row FROM \"@\" WHERE id = ?1)",
    [STATEMENT_ERASE_MARKS] = "DELETE FROM \"@_marks\" WHERE row = ?1",
};

static const char pending_template[] =
    " FROM \"@_marks\" m CROSS JOIN \"@\" d ON d.row = m.row"
    " WHERE (m.marks & ?1) <> 0 AND m.next_attempt <= ?2 AND m.parked = ?3"
    " ORDER BY m.row LIMIT ?4";

/* ON CONFLICT: arrays may hold a value twice. */
static const char add_value_template[] =
    "INSERT INTO \"@_by_#\" (value, row) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
static const char remove_value_template[] = "DELETE FROM \"@_by_#\" WHERE value = ?1 AND row = ?2";
static const char count_value_template[] =
    "SELECT count(*) FROM (SELECT 1 FROM \"@_by_#\" WHERE value = ?1 LIMIT ?2)";

void documents_sql_expand(struct text *text, const char *template,
                          const struct documents_schema *schema, const char *field)
{
    for (const char *at = template; *at; at++) {
        if (*at == '@')
            text_adds(text, schema->name);
        else if (*at == '#')
            text_adds(text, field);
        else
            text_add_char(text, *at);
    }
}

static void add_insert(struct text *text, const struct documents_schema *schema)
{
    documents_sql_expand(text, "INSERT INTO \"@\" (id, version, doc", schema, NULL);
    for (EACH_INDEX(index, schema)) {
        if (index->type != INDEX_TEXT_ARRAY)
            documents_sql_expand(text, ", \"by_#\"", schema, index->field);
    }
    text_adds(text, ") VALUES (?1, 1, ?2");
    for (EACH_INDEX(index, schema)) {
        if (index->type != INDEX_TEXT_ARRAY)
            text_adds(text, ", ?");
    }
    text_adds(text, ") ON CONFLICT (id) DO NOTHING");
}

static void add_update(struct text *text, const struct documents_schema *schema)
{
    documents_sql_expand(text, "UPDATE \"@\" SET version = version + 1, doc = ?2", schema, NULL);
    int parameter = 3;
    for (EACH_INDEX(index, schema)) {
        if (index->type == INDEX_TEXT_ARRAY)
            continue;
        documents_sql_expand(text, ", \"by_#\" = ?", schema, index->field);
        text_add_int(text, parameter++);
    }
    text_adds(text, " WHERE row = ?1");
}

void documents_sql_columns(struct text *text, enum documents_collection collection, bool with_doc)
{
    text_adds(text,
              with_doc ? "SELECT d.id, d.version, d.doc, " : "SELECT d.id, d.version, NULL, ");
    text_adds(text, documents_schema[collection].marked
                        ? "m.marks, m.attempts, m.next_attempt, m.parked, m.reason"
                        : "NULL, NULL, NULL, NULL, NULL");
    text_adds(text, ", d.row");
}

static void add_get(struct text *text, enum documents_collection collection)
{
    const struct documents_schema *schema = &documents_schema[collection];
    documents_sql_columns(text, collection, true);
    documents_sql_expand(text, " FROM \"@\" d", schema, NULL);
    if (schema->marked)
        documents_sql_expand(text, " LEFT JOIN \"@_marks\" m ON m.row = d.row", schema, NULL);
    text_adds(text, " WHERE d.id = ?1");
}

static void add_pending(struct text *text, enum documents_collection collection, bool with_doc)
{
    documents_sql_columns(text, collection, with_doc);
    documents_sql_expand(text, pending_template, &documents_schema[collection], NULL);
}

/* Those of the text-array indexes: one of each kind an index. */
static void add_value_statement(struct text *text, const struct documents_schema *schema,
                                unsigned statement)
{
    unsigned kind = (statement - STATEMENT_ADD_VALUE) / DOCUMENTS_MAX_INDEXES;
    unsigned at = (statement - STATEMENT_ADD_VALUE) % DOCUMENTS_MAX_INDEXES;
    static const char *const templates[] = {add_value_template, remove_value_template,
                                            count_value_template};
    const struct documents_index *index = &schema->indexes[at];
    if (index->field && index->type == INDEX_TEXT_ARRAY)
        documents_sql_expand(text, templates[kind], schema, index->field);
}

/* Leaves the text empty where the collection has no use for the statement. */
static void add_statement(struct text *text, enum documents_collection collection,
                          unsigned statement)
{
    const struct documents_schema *schema = &documents_schema[collection];
    if (statement >= STATEMENT_ADD_VALUE)
        add_value_statement(text, schema, statement);
    else if (statement == STATEMENT_INSERT)
        add_insert(text, schema);
    else if (statement == STATEMENT_UPDATE)
        add_update(text, schema);
    else if (statement == STATEMENT_GET)
        add_get(text, collection);
    else if (plain_templates[statement])
        documents_sql_expand(text, plain_templates[statement], schema, NULL);
    else if (!schema->marked)
        return;
    else if (marks_templates[statement])
        documents_sql_expand(text, marks_templates[statement], schema, NULL);
    else
        add_pending(text, collection, statement == STATEMENT_PENDING);
}

static bool keep_text(struct documents_sql *sql, unsigned index, struct text *text)
{
    if (!text_ok(text))
        return false;
    if (text_str(text).len > 0) {
        sql->texts[index] = mem_strdup(text_cstr(text));
        if (!sql->texts[index])
            return false;
    }
    text_clear(text);
    return true;
}

bool documents_sql_init(struct documents_sql *sql, ecommerce_error *err)
{
    *sql = (struct documents_sql){0};
    struct text text = {0};
    bool kept = true;
    for (unsigned i = 0; kept && i < STATEMENT_WITNESS_PUT; i++) {
        add_statement(&text, i / STATEMENTS_OF_COLLECTION, i % STATEMENTS_OF_COLLECTION);
        kept = keep_text(sql, i, &text);
    }
    text_adds(&text, "INSERT INTO witness (only, identity, sequence) VALUES (1, ?1, ?2)"
                     " ON CONFLICT (only) DO UPDATE SET sequence ="
                     " CASE WHEN identity = excluded.identity"
                     " THEN max(sequence, excluded.sequence) ELSE excluded.sequence END,"
                     " identity = excluded.identity");
    kept = kept && keep_text(sql, STATEMENT_WITNESS_PUT, &text);
    text_adds(&text, "SELECT identity, sequence FROM witness");
    kept = kept && keep_text(sql, STATEMENT_WITNESS_GET, &text);
    text_release(&text);
    if (kept)
        return true;
    documents_sql_release(sql);
    return error_memory(err);
}

void documents_sql_release(struct documents_sql *sql)
{
    for (size_t i = 0; i < DOCUMENTS_STATEMENTS; i++) {
        mem_free(sql->texts[i]);
        sql->texts[i] = NULL;
    }
}

/* ---- what indexes hold of a document ---- */

static void bind_column(struct sqlite_statement *statement, int parameter,
                        const struct documents_index *index, struct doc doc)
{
    struct doc_value value;
    bool there = doc_get(doc, index->field, &value);
    if (there && index->type == INDEX_NUMBER && value.type == DOC_INT)
        sqlite_bind_int(statement, parameter, value.integer);
    else if (there && index->type == INDEX_TEXT && value.type == DOC_TEXT)
        sqlite_bind_str(statement, parameter, value.text);
    else
        sqlite_bind_null(statement, parameter);
}

void documents_bind_columns(struct sqlite_statement *statement, int parameter,
                            enum documents_collection collection, struct doc doc)
{
    for (EACH_INDEX(index, &documents_schema[collection])) {
        if (index->type != INDEX_TEXT_ARRAY)
            bind_column(statement, parameter++, index, doc);
    }
}

static bool write_value(struct sqlite_connection *writer, unsigned statement, struct str value,
                        int64_t row, ecommerce_error *err)
{
    struct sqlite_statement *write = sqlite_prepared(writer, statement, err);
    if (!write)
        return false;
    sqlite_bind_str(write, 1, value);
    sqlite_bind_int(write, 2, row);
    return sqlite_run(write, NULL, err);
}

static bool same_value(const struct doc_value *a, const struct doc_value *b)
{
    if (a->type != b->type)
        return false;
    if (a->type == DOC_ARRAY)
        return doc_equal(a->child, b->child);
    return a->type == DOC_TEXT && str_equal(a->text, b->text);
}

static bool write_index_values(struct sqlite_connection *writer, unsigned statement,
                               const char *field, int64_t row, struct doc doc, struct doc except,
                               ecommerce_error *err)
{
    struct doc_value value, other;
    if (!doc_get(doc, field, &value))
        return true;
    if (doc_get(except, field, &other) && same_value(&value, &other))
        return true;
    if (value.type == DOC_TEXT)
        return write_value(writer, statement, value.text, row, err);
    if (value.type != DOC_ARRAY)
        return true;
    struct doc_iter element;
    for (doc_iter_init(&element, value.child); doc_iter_next(&element);) {
        if (element.value.type == DOC_TEXT &&
            !write_value(writer, statement, element.value.text, row, err))
            return false;
    }
    return true;
}

static bool write_values(struct sqlite_connection *writer, unsigned kind,
                         enum documents_collection collection, int64_t row, struct doc doc,
                         struct doc except, ecommerce_error *err)
{
    const struct documents_schema *schema = &documents_schema[collection];
    for (EACH_INDEX(index, schema)) {
        unsigned statement =
            documents_statement(collection, kind + (unsigned)(index - schema->indexes));
        if (index->type == INDEX_TEXT_ARRAY &&
            !write_index_values(writer, statement, index->field, row, doc, except, err))
            return false;
    }
    return true;
}

bool documents_add_values(struct sqlite_connection *writer, enum documents_collection collection,
                          int64_t row, struct doc doc, struct doc except, ecommerce_error *err)
{
    return write_values(writer, STATEMENT_ADD_VALUE, collection, row, doc, except, err);
}

bool documents_remove_values(struct sqlite_connection *writer, enum documents_collection collection,
                             int64_t row, struct doc doc, struct doc except, ecommerce_error *err)
{
    return write_values(writer, STATEMENT_REMOVE_VALUE, collection, row, doc, except, err);
}
