/*
 * documents_query.c - queries by index, in pages.
 *
 * The text is composed from the query's shape, so that there are few different ones and they stay
 * prepared; values are bound. Where terms on text arrays are given there are two ways to go: from
 * the rarest term's rows, testing the other terms on each and sorting what is left; or along the
 * index of the order, testing all terms on each document, until the page is full. The first is good
 * when a term is rare, the second when all are common, so the terms' rows are counted first, up to
 * a number at which the answer no longer matters.
 */
#include "db_managers/embedded/documents/documents_parts.h"
#include "support/error.h"

#include <assert.h>
#include <stdio.h>

enum {
    RARE = 1000, /* rows that are sorted in less than a millisecond */
    MAX_PARAMETERS = DOCUMENTS_MAX_TERMS + 8,
    NO_TERM = -1,
};

struct parameter {
    struct str text; /* STR_NONE: the number */
    int64_t number;
};

/* Where the page before ended. */
struct position {
    bool given;
    int64_t number; /* row, or value of the order's field */
    struct str id;
};

struct composition {
    enum documents_collection collection;
    const struct documents_schema *schema;
    const struct documents_query *query;
    struct position after;
    int driver; /* the term whose rows are gone through, or NO_TERM */
    struct text sql;
    struct parameter parameters[MAX_PARAMETERS];
    size_t parameter_count;
};

/* ---- cursors: "r" row; "i" id; "n" number ":" id ---- */

static bool bad_cursor(ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "cursor",
                       "this is no cursor of this query");
}

static char cursor_letter(enum documents_order order)
{
    switch (order) {
    case ORDER_BY_ID:
        return 'i';
    case ORDER_BY_NUMBER:
        return 'n';
    case ORDER_ANY:
        return 'r';
    }
    return 'r';
}

static bool split_number(struct str *rest, int64_t *number, ecommerce_error *err)
{
    long long value;
    size_t digits = 0;
    while (digits < rest->len && rest->ptr[digits] != ':')
        digits++;
    if (!str_to_int64(str_make(rest->ptr, digits), &value))
        return bad_cursor(err);
    *number = value;
    *rest = str_make(rest->ptr + digits, rest->len - digits);
    return true;
}

static bool read_cursor(const struct documents_query *query, struct position *position,
                        ecommerce_error *err)
{
    *position = (struct position){0};
    if (!query->after.ptr)
        return true;
    struct str rest = query->after;
    if (rest.len < 2 || rest.ptr[0] != cursor_letter(query->order) || !str_is_utf8(rest))
        return bad_cursor(err);
    rest = str_make(rest.ptr + 1, rest.len - 1);
    if (query->order != ORDER_BY_ID && !split_number(&rest, &position->number, err))
        return false;
    if (query->order == ORDER_BY_NUMBER) {
        if (rest.len < 2)
            return bad_cursor(err);
        rest = str_make(rest.ptr + 1, rest.len - 1);
    }
    if (query->order == ORDER_ANY ? rest.len != 0 : rest.len > DOCUMENTS_ID_MAX)
        return bad_cursor(err);
    position->given = true;
    position->id = rest;
    return true;
}

static bool write_cursor(const struct documents_query *query, const struct position *last,
                         struct arena *arena, struct str *cursor, ecommerce_error *err)
{
    char number[32] = "";
    if (query->order == ORDER_BY_NUMBER)
        snprintf(number, sizeof(number), "%lld:", (long long)last->number);
    else if (query->order == ORDER_ANY)
        snprintf(number, sizeof(number), "%lld", (long long)last->number);
    struct str id = query->order == ORDER_ANY ? STR_NONE : last->id;
    const char *text =
        arena_printf(arena, "%c%s%.*s", cursor_letter(query->order), number, STR_ARG(id));
    *cursor = str_of(text);
    return text ? true : error_memory(err);
}

/* ---- composing ---- */

static void add(struct composition *composition, const char *template, const char *field)
{
    documents_sql_expand(&composition->sql, template, composition->schema, field);
}

static struct parameter *next_parameter(struct composition *composition)
{
    assert(composition->parameter_count < MAX_PARAMETERS);
    return &composition->parameters[composition->parameter_count++];
}

static void add_text(struct composition *composition, struct str value)
{
    *next_parameter(composition) = (struct parameter){.text = value};
}

static void add_number(struct composition *composition, int64_t value)
{
    *next_parameter(composition) = (struct parameter){.text = STR_NONE, .number = value};
}

static enum documents_index_type type_of(const struct composition *composition, const char *field)
{
    int index = documents_index_of(composition->collection, field);
    assert(index >= 0);
    return composition->schema->indexes[index].type;
}

static void add_tables(struct composition *composition, bool with_marks)
{
    const struct documents_query *query = composition->query;
    if (composition->driver == NO_TERM)
        add(composition, " FROM \"@\" d", NULL);
    else
        /* CROSS: the planner keeps this order. */
        add(composition, " FROM \"@_by_#\" t CROSS JOIN \"@\" d ON d.row = t.row",
            query->terms[composition->driver].field);
    if (with_marks && composition->schema->marked)
        add(composition, " LEFT JOIN \"@_marks\" m ON m.row = d.row", NULL);
}

static void add_term(struct composition *composition, size_t i)
{
    const struct documents_term *term = &composition->query->terms[i];
    bool driven = composition->driver != NO_TERM;
    if (driven && (size_t)composition->driver == i) {
        add(composition, " AND t.value = ?", NULL);
        add_text(composition, term->value);
        return;
    }
    switch (type_of(composition, term->field)) {
    case INDEX_TEXT_ARRAY:
        /* Tested before the document is touched where that is possible. */
        add(composition,
            driven ? " AND EXISTS (SELECT 1 FROM \"@_by_#\" WHERE value = ? AND row = t.row)"
                   : " AND EXISTS (SELECT 1 FROM \"@_by_#\" WHERE value = ? AND row = d.row)",
            term->field);
        add_text(composition, term->value);
        break;
    case INDEX_TEXT:
        add(composition, " AND d.\"by_#\" = ?", term->field);
        add_text(composition, term->value);
        break;
    case INDEX_NUMBER: {
        long long number = 0;
        bool is_number = str_to_int64(term->value, &number);
        assert(is_number); /* documents_request_check */
        add(composition, " AND d.\"by_#\" = ?", term->field);
        add_number(composition, number);
        break;
    }
    }
}

/* The range is narrowed to what the cursor leaves of it: the planner uses one lower bound of an
 * index, and must not begin each page at the range's start. */
static void add_range(struct composition *composition)
{
    const struct documents_query *query = composition->query;
    if (!query->range_field)
        return;
    int64_t from = query->from;
    int64_t to = query->to;
    bool ordered = query->order == ORDER_BY_NUMBER && composition->after.given;
    if (ordered && !query->descending && composition->after.number > from)
        from = composition->after.number;
    if (ordered && query->descending && composition->after.number < to - 1)
        to = composition->after.number + 1;
    add(composition, " AND d.\"by_#\" >= ? AND ", query->range_field);
    add_number(composition, from);
    add(composition, "d.\"by_#\" < ?", query->range_field);
    add_number(composition, to);
}

static void add_position(struct composition *composition)
{
    const struct documents_query *query = composition->query;
    if (!composition->after.given)
        return;
    switch (query->order) {
    case ORDER_ANY:
        add(composition, composition->driver == NO_TERM ? " AND d.row > ?" : " AND t.row > ?",
            NULL);
        add_number(composition, composition->after.number);
        break;
    case ORDER_BY_ID:
        add(composition, query->descending ? " AND d.id < ?" : " AND d.id > ?", NULL);
        add_text(composition, composition->after.id);
        break;
    case ORDER_BY_NUMBER:
        add(composition,
            query->descending ? " AND (d.\"by_#\", d.id) < (?, ?)"
                              : " AND (d.\"by_#\", d.id) > (?, ?)",
            query->range_field);
        add_number(composition, composition->after.number);
        add_text(composition, composition->after.id);
        break;
    }
}

static void add_order(struct composition *composition)
{
    const struct documents_query *query = composition->query;
    switch (query->order) {
    case ORDER_ANY:
        add(composition, composition->driver == NO_TERM ? " ORDER BY d.row" : " ORDER BY t.row",
            NULL);
        break;
    case ORDER_BY_ID:
        add(composition, query->descending ? " ORDER BY d.id DESC" : " ORDER BY d.id", NULL);
        break;
    case ORDER_BY_NUMBER:
        add(composition,
            query->descending ? " ORDER BY d.\"by_#\" DESC, d.id DESC"
                              : " ORDER BY d.\"by_#\", d.id",
            query->range_field);
        break;
    }
}

static void add_conditions(struct composition *composition)
{
    text_adds(&composition->sql, " WHERE true");
    for (size_t i = 0; i < composition->query->term_count; i++)
        add_term(composition, i);
    add_range(composition);
}

static void compose_page(struct composition *composition)
{
    const struct documents_query *query = composition->query;
    documents_sql_columns(&composition->sql, composition->collection, !query->ids_only);
    if (query->order == ORDER_BY_NUMBER)
        add(composition, ", d.\"by_#\"", query->range_field);
    add_tables(composition, true);
    add_conditions(composition);
    add_position(composition);
    add_order(composition);
    text_adds(&composition->sql, " LIMIT ?");
    /* One more tells whether there is another page. */
    add_number(composition, (int64_t)query->limit + 1);
}

static struct sqlite_statement *prepare(struct sqlite_connection *reader,
                                        struct composition *composition, ecommerce_error *err)
{
    if (!text_ok(&composition->sql)) {
        error_memory(err);
        return NULL;
    }
    struct sqlite_statement *statement =
        sqlite_prepared_text(reader, text_cstr(&composition->sql), err);
    for (size_t i = 0; statement && i < composition->parameter_count; i++) {
        const struct parameter *parameter = &composition->parameters[i];
        if (parameter->text.ptr)
            sqlite_bind_str(statement, (int)i + 1, parameter->text);
        else
            sqlite_bind_int(statement, (int)i + 1, parameter->number);
    }
    return statement;
}

/* ---- the way to go ---- */

static bool count_rows(struct sqlite_connection *reader, enum documents_collection collection,
                       const struct documents_term *term, int64_t *count, ecommerce_error *err)
{
    unsigned kind = STATEMENT_COUNT_VALUE + (unsigned)documents_index_of(collection, term->field);
    struct sqlite_statement *statement =
        sqlite_prepared(reader, documents_statement(collection, kind), err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, term->value);
    sqlite_bind_int(statement, 2, RARE);
    return sqlite_run_int(statement, count, NULL, err);
}

/* Sets the driver. *empty: some term has no row at all. */
static bool choose_driver(struct sqlite_connection *reader, struct composition *composition,
                          bool ordered, bool *empty, ecommerce_error *err)
{
    const struct documents_query *query = composition->query;
    int64_t fewest = INT64_MAX;
    *empty = false;
    composition->driver = NO_TERM;
    for (size_t i = 0; i < query->term_count; i++) {
        if (type_of(composition, query->terms[i].field) != INDEX_TEXT_ARRAY)
            continue;
        int64_t count = 0;
        if (!count_rows(reader, composition->collection, &query->terms[i], &count, err))
            return false;
        if (count < fewest) {
            fewest = count;
            composition->driver = (int)i;
        }
    }
    *empty = fewest == 0;
    if (ordered && fewest >= RARE)
        composition->driver = NO_TERM;
    return true;
}

static void composition_init(struct composition *composition,
                             const struct documents_request *request)
{
    *composition = (struct composition){
        .collection = request->collection,
        .schema = &documents_schema[request->collection],
        .query = request->query,
        .driver = NO_TERM,
    };
}

/* ---- running ---- */

static bool read_page(struct sqlite_statement *statement, struct documents_request *request,
                      ecommerce_error *err)
{
    const struct documents_query *query = request->query;
    struct arena *arena = request->base.arena;
    struct document_list list = {0};
    struct position last = {0};
    enum sqlite_step step = SQLITE_STEP_DONE;
    while (list.count < query->limit && (step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        struct stored_document *document = document_list_add(&list, arena, err);
        if (!document || !documents_read_row(statement, arena, document, err))
            return false;
        last.id = document->id;
        last.number =
            sqlite_column_int(statement, query->order == ORDER_ANY ? COLUMN_ROW : DOCUMENT_COLUMNS);
    }
    if (step == SQLITE_STEP_ROW)
        step = sqlite_step(statement, err);
    request->documents = list.items;
    request->count = list.count;
    if (step == SQLITE_STEP_ROW)
        return write_cursor(query, &last, arena, &request->cursor, err);
    return step == SQLITE_STEP_DONE;
}

bool documents_query_read(struct sqlite_connection *reader, struct documents_request *request,
                          ecommerce_error *err)
{
    struct composition composition;
    composition_init(&composition, request);
    bool empty = false;
    if (!read_cursor(request->query, &composition.after, err) ||
        !choose_driver(reader, &composition, request->query->order != ORDER_ANY, &empty, err))
        return false;
    if (empty)
        return true;
    compose_page(&composition);
    struct sqlite_statement *statement = prepare(reader, &composition, err);
    bool ok = statement && read_page(statement, request, err);
    sqlite_reset(statement);
    text_release(&composition.sql);
    return ok;
}

bool documents_count_read(struct sqlite_connection *reader, struct documents_request *request,
                          ecommerce_error *err)
{
    static const struct documents_query all = {0};
    struct composition composition;
    composition_init(&composition, request);
    if (!composition.query)
        composition.query = &all;
    bool empty = false;
    if (!choose_driver(reader, &composition, false, &empty, err))
        return false;
    if (empty)
        return true;
    text_adds(&composition.sql, "SELECT count(*)");
    add_tables(&composition, false);
    add_conditions(&composition);
    struct sqlite_statement *statement = prepare(reader, &composition, err);
    bool ok = statement && sqlite_run_int(statement, &request->number, NULL, err);
    text_release(&composition.sql);
    return ok;
}
