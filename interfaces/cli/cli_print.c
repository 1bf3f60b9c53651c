/*
 * cli_print.c - any document for people: scalars as "name: value", arrays of documents as tables.
 *
 * Texts come from customers and suppliers: control characters, which a terminal would obey, are
 * shown as '?'.
 */
#include "interfaces/cli/cli.h"

#include "support/json.h"
#include "support/timestamp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CELL_WIDTH = 48, INDENT = 2, MAX_COLUMNS = 32, CELL_BYTES = 4096 };

/* ---- widths ---- */

static bool in_ranges(unsigned point, const unsigned (*ranges)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (point >= ranges[i][0] && point <= ranges[i][1]) {
            return true;
        }
    }
    return false;
}

static size_t point_width(unsigned point)
{
    static const unsigned none[][2] = {
        {0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F},
    };
    static const unsigned two[][2] = {
        {0x1100, 0x115F},   {0x2E80, 0xA4CF},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},
        {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
        {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
    };
    if (in_ranges(point, none, ARRAY_LENGTH(none))) {
        return 0;
    }
    return in_ranges(point, two, ARRAY_LENGTH(two)) ? 2 : 1;
}

/* The character that s begins with; its bytes are at least one, whatever they are. */
static unsigned next_point(struct str s, size_t *bytes)
{
    const unsigned char *at = (const unsigned char *)s.ptr;
    *bytes = str_utf8_length(s);
    switch (*bytes) {
    case 2:
        return (at[0] & 0x1Fu) << 6 | (at[1] & 0x3Fu);
    case 3:
        return (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
    case 4:
        return (at[0] & 0x07u) << 18 | (at[1] & 0x3Fu) << 12 | (at[2] & 0x3Fu) << 6 |
               (at[3] & 0x3Fu);
    default:
        *bytes = 1;
        return at[0];
    }
}

size_t cli_width(struct str text)
{
    size_t width = 0, bytes;
    for (size_t at = 0; at < text.len; at += bytes) {
        width += point_width(next_point(str_make(text.ptr + at, text.len - at), &bytes));
    }
    return width;
}

/* At most `width` columns of it, and a sign where something is left out. */
static void add_shown(struct text *out, struct str text, size_t width)
{
    size_t columns = cli_width(text), used = 0, bytes;
    size_t room = columns > width ? width - 1 : columns;
    for (size_t at = 0; at < text.len; at += bytes) {
        unsigned point = next_point(str_make(text.ptr + at, text.len - at), &bytes);
        if ((used += point_width(point)) > room) {
            break;
        }
        bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
        text_add(out, control ? STR("?") : str_make(text.ptr + at, bytes));
    }
    text_adds(out, columns > width ? "…" : "");
}

static void add_spaces(struct text *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_add_char(out, ' ');
    }
}

/* ---- values ---- */

static bool is_nested(const struct doc_value *value)
{
    return value->type == DOC_DOCUMENT || value->type == DOC_ARRAY;
}

static bool has_nested(struct doc array)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, array); doc_iter_next(&iter);) {
        if (is_nested(&iter.value)) {
            return true;
        }
    }
    return false;
}

static bool is_number(const struct doc_value *value)
{
    return value->type == DOC_INT || value->type == DOC_DOUBLE || value->type == DOC_DECIMAL;
}

static void add_scalar(struct text *out, const struct doc_value *value, size_t width)
{
    char text[TIMESTAMP_TEXT];
    switch (value->type) {
    case DOC_TEXT:
        add_shown(out, value->text, width);
        break;
    case DOC_TIME:
        timestamp_format(value->integer, text);
        text_adds(out, text);
        break;
    case DOC_BOOL:
        text_adds(out, value->boolean ? "yes" : "no");
        break;
    case DOC_NULL:
        text_adds(out, "-");
        break;
    case DOC_DOUBLE: /* all its digits are for machines */
        text_printf(out, "%.6g", value->number);
        break;
    default:
        json_write_value(out, value, JSON_COMPACT, 0);
    }
}

/* In one line: "red, blue"; what is deeper as JSON. */
static void add_inline(struct text *out, const struct doc_value *value, size_t width)
{
    struct text line = {0};
    if (value->type == DOC_ARRAY && !has_nested(value->child)) {
        struct doc_iter iter;
        for (doc_iter_init(&iter, value->child); doc_iter_next(&iter);) {
            text_adds(&line, line.len > 0 ? ", " : "");
            add_scalar(&line, &iter.value, SIZE_MAX);
        }
    } else if (is_nested(value)) {
        json_write_value(&line, value, JSON_COMPACT, 0);
    } else {
        add_scalar(&line, value, SIZE_MAX);
    }
    add_shown(out, text_str(&line), width);
    out->failed = out->failed || line.failed;
    text_release(&line);
}

/* ---- tables ---- */

struct column {
    struct str name;
    size_t width;
    bool right; /* all its values are numbers */
};

struct table {
    struct column columns[MAX_COLUMNS];
    size_t count;
};

static struct column *find_column(struct table *table, struct str name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (str_equal(table->columns[i].name, name)) {
            return &table->columns[i];
        }
    }
    if (table->count == MAX_COLUMNS) {
        return NULL;
    }
    table->columns[table->count] =
        (struct column){.name = name, .width = cli_width(name), .right = true};
    return &table->columns[table->count++];
}

static void measure_row(struct table *table, struct doc row)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, row); doc_iter_next(&iter);) {
        struct column *column = find_column(table, iter.value.key);
        if (column == NULL) {
            continue;
        }
        struct text cell = {0};
        add_inline(&cell, &iter.value, CELL_WIDTH);
        size_t width = cli_width(text_str(&cell));
        column->width = width > column->width ? width : column->width;
        column->right = column->right && (is_number(&iter.value) || iter.value.type == DOC_NULL);
        text_release(&cell);
    }
}

static void add_cell(struct text *out, const struct column *column, struct str cell, bool last)
{
    size_t padding = column->width - cli_width(cell);
    add_spaces(out, column->right ? padding : 0);
    text_add(out, cell);
    add_spaces(out, column->right || last ? 0 : padding);
    text_adds(out, last ? "\n" : "  ");
}

static void add_row(struct text *out, const struct table *table, struct doc row, size_t indent)
{
    add_spaces(out, indent);
    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];
        struct text cell = {0};
        struct doc_iter iter;
        for (doc_iter_init(&iter, row); doc_iter_next(&iter);) {
            if (str_equal(iter.value.key, column->name)) {
                add_inline(&cell, &iter.value, CELL_WIDTH);
            }
        }
        out->failed = out->failed || cell.failed;
        add_cell(out, column, text_str(&cell), i + 1 == table->count);
        text_release(&cell);
    }
}

static void add_table(struct text *out, struct doc array, size_t indent)
{
    struct table table = {.count = 0};
    struct doc_iter iter;
    for (doc_iter_init(&iter, array); doc_iter_next(&iter);) {
        measure_row(&table, iter.value.child);
    }
    add_spaces(out, indent);
    for (size_t i = 0; i < table.count; i++) {
        add_cell(out, &table.columns[i], table.columns[i].name, i + 1 == table.count);
    }
    for (doc_iter_init(&iter, array); doc_iter_next(&iter);) {
        add_row(out, &table, iter.value.child, indent);
    }
}

/* ---- documents ---- */

static void add_fields(struct text *out, struct doc doc, size_t indent);

/* One line can hold each element: no element has documents inside. */
static bool is_table(struct doc array)
{
    struct doc_iter rows, cells;
    for (doc_iter_init(&rows, array); doc_iter_next(&rows);) {
        if (rows.value.type != DOC_DOCUMENT) {
            return false;
        }
        for (doc_iter_init(&cells, rows.value.child); doc_iter_next(&cells);) {
            bool deep = cells.value.type == DOC_ARRAY && has_nested(cells.value.child);
            if (deep || (cells.value.type == DOC_DOCUMENT && doc_count(cells.value.child) > 3)) {
                return false;
            }
        }
    }
    return true;
}

static void add_blocks(struct text *out, struct doc array, size_t indent)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, array); doc_iter_next(&iter);) {
        add_spaces(out, indent);
        if (iter.value.type == DOC_DOCUMENT) {
            text_adds(out, "-\n");
            add_fields(out, iter.value.child, indent + INDENT);
        } else {
            add_inline(out, &iter.value, SIZE_MAX);
            text_adds(out, "\n");
        }
    }
}

static void add_array(struct text *out, struct doc array, size_t indent)
{
    if (is_table(array)) {
        add_table(out, array, indent);
    } else {
        add_blocks(out, array, indent);
    }
}

static bool is_block(const struct doc_value *value)
{
    return (value->type == DOC_DOCUMENT && !doc_is_empty(value->child)) ||
           (value->type == DOC_ARRAY && has_nested(value->child));
}

static size_t widest_name(struct doc doc)
{
    size_t widest = 0;
    struct doc_iter iter;
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);) {
        size_t width = cli_width(iter.value.key);
        widest = !is_block(&iter.value) && width > widest ? width : widest;
    }
    return widest;
}

static void add_fields(struct text *out, struct doc doc, size_t indent)
{
    size_t widest = widest_name(doc);
    struct doc_iter iter;
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);) {
        const struct doc_value *value = &iter.value;
        add_spaces(out, indent);
        add_shown(out, value->key, SIZE_MAX);
        text_adds(out, ":");
        if (is_block(value)) {
            text_adds(out, "\n");
            (value->type == DOC_ARRAY ? add_array : add_fields)(out, value->child, indent + INDENT);
            continue;
        }
        add_spaces(out, widest - cli_width(value->key) + 1);
        if (is_nested(value) && doc_is_empty(value->child)) {
            text_adds(out, "none");
        } else {
            add_inline(out, value, SIZE_MAX);
        }
        text_adds(out, "\n");
    }
}

void cli_format(struct doc doc, struct text *out)
{
    add_fields(out, doc, 0);
}

/* ---- output ---- */

bool cli_flush(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return true;
    }
    if (errno == EPIPE) {
        return true; /* whoever read it has seen enough */
    }
    fprintf(stderr, "ecommerce: standard output cannot be written: %m\n");
    return false;
}

bool cli_print(const struct cli *cli, ecommerce_document *document)
{
    if (!cli->tables) {
        const char *json = ecommerce_document_json_indented(document);
        if (json == NULL) {
            fputs("ecommerce: not enough memory to print the answer\n", stderr);
            return false;
        }
        fputs(json, stdout);
        putchar('\n');
        return cli_flush();
    }
    struct text text = {0};
    cli_format(document->doc, &text);
    bool ok = text_ok(&text);
    fputs(ok ? text_cstr(&text) : "", stdout);
    text_release(&text);
    if (!ok) {
        fputs("ecommerce: not enough memory to print the answer\n", stderr);
    }
    return cli_flush() && ok;
}

/* ---- errors ---- */

/* As of RFC 9457. */
static void write_problem(const ecommerce_error *err, struct doc_builder *out)
{
    const char *name = ecommerce_error_name(err->code);
    doc_adds(out, "type", name);
    doc_adds(out, "code", name);
    doc_add_int(out, "status", ecommerce_error_http_status(err->code));
    doc_adds(out, "detail", err->message);
    if (err->field[0] != '\0') {
        doc_adds(out, "field", err->field);
    }
    if (err->subject[0] != '\0') {
        doc_adds(out, "subject", err->subject);
    }
    if (err->retry_after > 0) {
        doc_add_double(out, "retry_after", err->retry_after);
    }
}

static void print_problem(const ecommerce_error *err)
{
    struct doc_builder out;
    struct text json = {0};
    doc_builder_init(&out);
    write_problem(err, &out);
    json_write(&json, doc_finish(&out), false, JSON_INDENTED);
    if (doc_builder_ok(&out) && text_ok(&json)) {
        fprintf(stderr, "%s\n", text_cstr(&json));
    } else {
        fprintf(stderr, "ecommerce: %s\n", err->message);
    }
    text_release(&json);
    doc_builder_release(&out);
}

int cli_report(const struct cli *cli, const ecommerce_error *err)
{
    if (cli->json) {
        print_problem(err);
    } else {
        struct text line = {0};
        add_shown(&line, str_of(err->message), SIZE_MAX);
        fprintf(stderr, "ecommerce: %s", text_cstr(&line));
        text_release(&line);
        if (err->field[0] != '\0') {
            fprintf(stderr, " (field %s)", err->field);
        }
        fputc('\n', stderr);
    }
    return ecommerce_error_exit_status(err->code);
}
