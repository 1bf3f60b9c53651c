/*
 * documents_tables.c - brings documents.db to the schema: makes the tables, columns and indexes
 * that it lacks and fills them from the documents that are there.
 */
#include "db_managers/embedded/documents/documents_sql.h"
#include "support/error.h"

/* The composed text is run and cleared, also after a failure. */
static bool run_text(struct sqlite_connection *writer, struct text *text, ecommerce_error *err)
{
    bool ok = text_ok(text) ? sqlite_execute(writer, text_cstr(text), err) : error_memory(err);
    text_clear(text);
    return ok;
}

static bool ask(struct sqlite_connection *writer, const char *sql, struct text *table,
                const char *column, bool *there, ecommerce_error *err)
{
    struct sqlite_statement *statement =
        text_ok(table) ? sqlite_prepared_text(writer, sql, err) : NULL;
    if (!statement)
        return text_ok(table) ? false : error_memory(err);
    int64_t count = 0;
    sqlite_bind_str(statement, 1, text_str(table));
    if (column)
        sqlite_bind_str(statement, 2, str_of(column));
    bool ok = sqlite_run_int(statement, &count, NULL, err);
    *there = count > 0;
    return ok;
}

static bool has_table(struct sqlite_connection *writer, struct text *table, bool *there,
                      ecommerce_error *err)
{
    return ask(writer, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1",
               table, NULL, there, err);
}

static bool has_column(struct sqlite_connection *writer, const struct documents_schema *schema,
                       struct text *column, bool *there, ecommerce_error *err)
{
    struct text table = {0};
    text_adds(&table, schema->name);
    bool ok = text_ok(column)
                  ? ask(writer, "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2",
                        &table, text_cstr(column), there, err)
                  : error_memory(err);
    text_release(&table);
    return ok;
}

static const char *column_type(const struct documents_index *index)
{
    return index->type == INDEX_NUMBER ? "INTEGER" : "TEXT";
}

/* The document comes last: what is before it is read without its overflow pages. */
static void add_collection_table(struct text *text, const struct documents_schema *schema)
{
    documents_sql_expand(text,
                         "CREATE TABLE \"@\" (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
                         " version INTEGER NOT NULL",
                         schema, NULL);
    for (EACH_INDEX(index, schema)) {
        if (index->type == INDEX_TEXT_ARRAY)
            continue;
        documents_sql_expand(text, ", \"by_#\" ", schema, index->field);
        text_adds(text, column_type(index));
    }
    text_adds(text, ", doc BLOB NOT NULL) STRICT");
}

/* The last number of a collection is what its lists are ordered by (when it was placed, when it
 * happened). */
static const char *usual_order(const struct documents_schema *schema)
{
    const char *field = NULL;
    for (EACH_INDEX(index, schema)) {
        if (index->type == INDEX_NUMBER)
            field = index->field;
    }
    return field;
}

/* Indexes end in the id, so that an order by number is total without sorting; those of texts have
 * the usual order in between, so that "the newest orders of a customer" is one stretch of the
 * index. */
static void add_column_index(struct text *text, const struct documents_schema *schema,
                             const struct documents_index *index)
{
    documents_sql_expand(text, "CREATE INDEX IF NOT EXISTS \"@_by_#\" ON \"@\" (\"by_#\"", schema,
                         index->field);
    const char *order = index->type == INDEX_TEXT ? usual_order(schema) : NULL;
    if (order)
        documents_sql_expand(text, ", \"by_#\"", schema, order);
    documents_sql_expand(text, ", id) WHERE \"by_#\" IS NOT NULL", schema, index->field);
}

static bool make_column(struct sqlite_connection *writer, const struct documents_schema *schema,
                        const struct documents_index *index, bool *made, ecommerce_error *err)
{
    struct text text = {0};
    bool there = false;
    documents_sql_expand(&text, "by_#", schema, index->field);
    bool ok = has_column(writer, schema, &text, &there, err);
    text_clear(&text);
    if (ok && !there) {
        *made = true;
        documents_sql_expand(&text, "ALTER TABLE \"@\" ADD COLUMN \"by_#\" ", schema, index->field);
        text_adds(&text, column_type(index));
        ok = run_text(writer, &text, err);
    }
    text_release(&text);
    return ok;
}

static bool make_values_table(struct sqlite_connection *writer,
                              const struct documents_schema *schema,
                              const struct documents_index *index, bool *made, ecommerce_error *err)
{
    struct text text = {0};
    bool there = false;
    documents_sql_expand(&text, "@_by_#", schema, index->field);
    bool ok = has_table(writer, &text, &there, err);
    text_clear(&text);
    if (ok && !there) {
        *made = true;
        documents_sql_expand(&text,
                             "CREATE TABLE \"@_by_#\" (value TEXT NOT NULL, row INTEGER NOT NULL,"
                             " PRIMARY KEY (value, row)) STRICT, WITHOUT ROWID",
                             schema, index->field);
        ok = run_text(writer, &text, err);
    }
    text_release(&text);
    return ok;
}

static bool make_table(struct sqlite_connection *writer, const struct documents_schema *schema,
                       bool *made, ecommerce_error *err)
{
    struct text text = {0};
    bool there = false;
    text_adds(&text, schema->name);
    bool ok = has_table(writer, &text, &there, err);
    text_clear(&text);
    if (ok && !there) {
        *made = true;
        add_collection_table(&text, schema);
        ok = run_text(writer, &text, err);
    }
    if (ok && schema->marked) {
        documents_sql_expand(&text,
                             "CREATE TABLE IF NOT EXISTS \"@_marks\" (row INTEGER PRIMARY KEY,"
                             " marks INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,"
                             " next_attempt INTEGER NOT NULL DEFAULT 0,"
                             " parked INTEGER NOT NULL DEFAULT 0, reason TEXT) STRICT",
                             schema, NULL);
        ok = run_text(writer, &text, err);
    }
    text_release(&text);
    return ok;
}

static bool make_indexes(struct sqlite_connection *writer, const struct documents_schema *schema,
                         ecommerce_error *err)
{
    struct text text = {0};
    bool ok = true;
    for (EACH_INDEX(index, schema)) {
        if (index->type == INDEX_TEXT_ARRAY)
            continue;
        add_column_index(&text, schema, index);
        ok = ok && run_text(writer, &text, err);
    }
    text_release(&text);
    return ok;
}

/* ---- filling ---- */

static bool refill_columns(struct sqlite_connection *writer, enum documents_collection collection,
                           int64_t row, struct doc doc, struct text *text, ecommerce_error *err)
{
    const struct documents_schema *schema = &documents_schema[collection];
    int parameter = 2;
    for (EACH_INDEX(index, schema)) {
        if (index->type == INDEX_TEXT_ARRAY)
            continue;
        documents_sql_expand(text,
                             parameter == 2 ? "UPDATE \"@\" SET \"by_#\" = ?" : ", \"by_#\" = ?",
                             schema, index->field);
        text_add_int(text, parameter++);
    }
    if (parameter == 2)
        return true;
    text_adds(text, " WHERE row = ?1");
    if (!text_ok(text))
        return error_memory(err);
    struct sqlite_statement *update = sqlite_prepared_text(writer, text_cstr(text), err);
    text_clear(text);
    if (!update)
        return false;
    sqlite_bind_int(update, 1, row);
    documents_bind_columns(update, 2, collection, doc);
    return sqlite_run(update, NULL, err);
}

/* The next document after *row; *found false at the end. Read one by one, since the rows of a
 * running query must not be changed. */
static bool next_document(struct sqlite_connection *writer, const char *sql, int64_t *row,
                          struct arena *arena, struct doc *doc, bool *found, ecommerce_error *err)
{
    struct sqlite_statement *select = sqlite_prepared_text(writer, sql, err);
    if (!select)
        return false;
    sqlite_bind_int(select, 1, *row);
    enum sqlite_step step = sqlite_step(select, err);
    *found = step == SQLITE_STEP_ROW;
    bool ok = step != SQLITE_STEP_FAILED;
    if (*found) {
        *row = sqlite_column_int(select, 0);
        ok = sqlite_column_doc(select, 1, arena, doc, err);
    }
    sqlite_reset(select);
    return ok;
}

static bool refill(struct sqlite_connection *writer, enum documents_collection collection,
                   ecommerce_error *err)
{
    struct text select = {0}, update = {0};
    struct arena arena = {0};
    documents_sql_expand(&select, "SELECT row, doc FROM \"@\" WHERE row > ?1 ORDER BY row LIMIT 1",
                         &documents_schema[collection], NULL);
    bool ok = text_ok(&select) || error_memory(err);
    bool found = true;
    for (int64_t row = INT64_MIN; ok && found;) {
        struct doc doc = DOC_EMPTY;
        arena_reset(&arena);
        ok = next_document(writer, text_cstr(&select), &row, &arena, &doc, &found, err);
        if (ok && found)
            ok = refill_columns(writer, collection, row, doc, &update, err) &&
                 documents_add_values(writer, collection, row, doc, DOC_EMPTY, err);
    }
    arena_release(&arena);
    text_release(&select);
    text_release(&update);
    return ok;
}

static bool bring_up_to_date(struct sqlite_connection *writer, enum documents_collection collection,
                             ecommerce_error *err)
{
    const struct documents_schema *schema = &documents_schema[collection];
    bool made = false;
    if (!make_table(writer, schema, &made, err))
        return false;
    for (EACH_INDEX(index, schema)) {
        bool ok = index->type == INDEX_TEXT_ARRAY
                      ? make_values_table(writer, schema, index, &made, err)
                      : make_column(writer, schema, index, &made, err);
        if (!ok)
            return false;
    }
    return make_indexes(writer, schema, err) && (!made || refill(writer, collection, err));
}

bool documents_tables_migrate(struct sqlite_connection *writer, void *context, ecommerce_error *err)
{
    UNUSED(context);
    for (unsigned collection = 0; collection < DOCUMENTS_COLLECTIONS; collection++) {
        if (!bring_up_to_date(writer, collection, err))
            return false;
    }
    return sqlite_execute(
        writer,
        "CREATE TABLE IF NOT EXISTS witness (only INTEGER PRIMARY KEY CHECK (only = 1),"
        " identity TEXT NOT NULL, sequence INTEGER NOT NULL) STRICT",
        err);
}
