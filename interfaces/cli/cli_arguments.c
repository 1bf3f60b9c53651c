/*
 * cli_arguments.c - the words after a command's name as a document of named arguments.
 *
 * First each word finds its argument, then the document is written in the order of the row: an
 * option may be repeated anywhere on the line, and arrays have to be written in one piece.
 */
#include "interfaces/cli/cli.h"

#include "config/quantity.h"
#include "support/json.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPTION_NAME = 64 };

struct given {
    const struct argument *argument;
    const char *value; /* NULL: a flag alone */
    bool by_line;      /* "--line 2:1" */
    bool by_file;      /* "--file p.json" */
};

struct reader {
    const struct operation *operation;
    struct arena arena;
    struct given *given;
    size_t count;
    struct doc_builder *out;
};

/* ---- names ---- */

static void cut_end(char *name, const char *end)
{
    size_t length = strlen(name), cut = strlen(end);
    if (length > cut && strcmp(name + length - cut, end) == 0) {
        name[length - cut] = '\0';
    }
}

void cli_option_name(const struct argument *argument, char *name, size_t size)
{
    snprintf(name, size, "%s", argument->name);
    bool many = argument->type == ARGUMENT_ITEMS || argument->type == ARGUMENT_LINES ||
                argument->type == ARGUMENT_TEXTS;
    cut_end(name, many ? "s" : "_id");
    size_t length = strlen(name);
    if (argument->flags & ARGUMENT_SECRET) {
        snprintf(name + length, size - length, "-file");
    }
    for (char *at = name; *at != '\0'; at++) {
        *at = *at == '_' ? '-' : *at;
    }
}

/* "--customer", "--customer-id" and "--customer_id" are the same. */
static bool option_is(const struct argument *argument, struct str word)
{
    char name[OPTION_NAME];
    cli_option_name(argument, name, sizeof(name));
    if (str_is(word, name)) {
        return true;
    }
    if (argument->flags & ARGUMENT_SECRET || strlen(argument->name) != word.len) {
        return false;
    }
    for (size_t i = 0; i < word.len; i++) {
        if ((word.ptr[i] == '-' ? '_' : word.ptr[i]) != argument->name[i]) {
            return false;
        }
    }
    return true;
}

static const struct argument *find_option(const struct operation *operation, struct str word,
                                          struct given *given)
{
    for (const struct argument *row = operation->arguments; row->name != NULL; row++) {
        given->by_file = (row->flags & ARGUMENT_FILE) != 0 && str_is(word, "file");
        given->by_line = row->type == ARGUMENT_LINES && str_is(word, "line");
        bool named = (row->flags & ARGUMENT_FILE) == 0 && option_is(row, word);
        if (given->by_file || given->by_line || named) {
            return row;
        }
    }
    return NULL;
}

/* ---- words to arguments ---- */

static bool is_given(const struct reader *reader, const struct argument *argument)
{
    for (size_t i = 0; i < reader->count; i++) {
        if (reader->given[i].argument == argument) {
            return true;
        }
    }
    return false;
}

static bool note(struct reader *reader, struct given given, ecommerce_error *err)
{
    enum argument_type type = given.argument->type;
    bool many = type == ARGUMENT_ITEMS || type == ARGUMENT_LINES || type == ARGUMENT_TEXTS ||
                (given.argument->flags & ARGUMENT_REST) != 0;
    if (!many && is_given(reader, given.argument)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, given.argument->name,
                           "%s is given twice", given.argument->name);
    }
    reader->given[reader->count++] = given;
    return true;
}

static bool take_option(struct reader *reader, char **words, size_t count, size_t *at,
                        ecommerce_error *err)
{
    const char *word = words[*at] + 2;
    const char *equals = strchr(word, '=');
    struct given given = {0};
    struct str name = str_make(word, equals != NULL ? (size_t)(equals - word) : strlen(word));
    given.argument = find_option(reader->operation, name, &given);
    if (given.argument == NULL) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "",
                           "'%s' has no option --%.*s; see: ecommerce %s --help",
                           reader->operation->command, STR_ARG(name), reader->operation->command);
    }
    given.value = equals != NULL ? equals + 1 : NULL;
    if (given.value == NULL && given.argument->type != ARGUMENT_BOOL) {
        if (*at + 1 == count) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, given.argument->name,
                               "--%.*s needs a value after it", STR_ARG(name));
        }
        given.value = words[++*at];
    }
    return note(reader, given, err);
}

static bool take_position(struct reader *reader, const char *word, ecommerce_error *err)
{
    for (const struct argument *row = reader->operation->arguments; row->name != NULL; row++) {
        bool open = (row->flags & ARGUMENT_REST) != 0 || !is_given(reader, row);
        if ((row->flags & ARGUMENT_POSITION) != 0 && open) {
            return note(reader, (struct given){.argument = row, .value = word}, err);
        }
    }
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "",
                       "'%s' has no place for '%.80s'; see: ecommerce %s --help",
                       reader->operation->command, word, reader->operation->command);
}

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] == '-' && word[2] != '\0';
}

static bool take_words(struct reader *reader, char **words, size_t count, ecommerce_error *err)
{
    bool literal = false;
    for (size_t at = 0; at < count; at++) {
        if (!str_is_utf8(str_of(words[at]))) {
            return error_set(err, ECOMMERCE_INVALID_ARGUMENT, "a word is not valid UTF-8");
        }
        if (!literal && strcmp(words[at], "--") == 0) {
            literal = true;
        } else if (!literal && is_option(words[at])) {
            if (!take_option(reader, words, count, &at, err)) {
                return false;
            }
        } else if (!take_position(reader, words[at], err)) {
            return false;
        }
    }
    return true;
}

/* ---- files ---- */

static bool read_stream(struct reader *reader, FILE *stream, const char *name, struct str *content,
                        ecommerce_error *err)
{
    struct text text;
    char block[16 * 1024];
    text_init(&text, DOC_MAX_SIZE);
    for (size_t got; (got = fread(block, 1, sizeof(block), stream)) > 0;) {
        text_add(&text, str_make(block, got));
    }
    bool ok = true;
    if (ferror(stream)) {
        ok = error_set(err, ECOMMERCE_INVALID_ARGUMENT, "'%s' cannot be read", name);
    } else if (!text_ok(&text)) {
        ok = error_set(err, ECOMMERCE_LIMIT_EXCEEDED, "'%s' is larger than %d MiB", name,
                       DOC_MAX_SIZE >> 20);
    } else {
        char *copy = arena_copy(&reader->arena, text_cstr(&text), text.len);
        *content = str_make(copy, text.len);
        ok = copy != NULL || error_memory(err);
    }
    text_release(&text);
    return ok;
}

static bool read_named(struct reader *reader, const char *path, struct str *content,
                       ecommerce_error *err)
{
    if (strcmp(path, "-") == 0) {
        return read_stream(reader, stdin, "standard input", content, err);
    }
    FILE *stream = fopen(path, "r");
    if (stream == NULL) {
        return error_set(err, ECOMMERCE_INVALID_ARGUMENT, "'%s' cannot be opened: %m", path);
    }
    bool ok = read_stream(reader, stream, path, content, err);
    fclose(stream);
    return ok;
}

/* Is there a document on standard input, that somebody put there? A terminal and /dev/null are not
 * asked. */
static bool input_waits(void)
{
    struct stat status;
    return fstat(STDIN_FILENO, &status) == 0 &&
           (S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode));
}

/* ---- values to documents ---- */

static bool wrong(const struct argument *argument, const char *value, const char *expected,
                  ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, argument->name, "'%.80s' is not %s", value,
                       expected);
}

static bool add_integer(struct reader *reader, const struct given *given, ecommerce_error *err)
{
    long long value;
    if (!str_to_int64(str_of(given->value), &value)) {
        return wrong(given->argument, given->value, "an integer", err);
    }
    doc_add_int(reader->out, given->argument->name, value);
    return true;
}

static bool add_number(struct reader *reader, const struct given *given, ecommerce_error *err)
{
    double value;
    if (!decimal_parse(str_of(given->value), &value)) {
        return wrong(given->argument, given->value, "a number", err);
    }
    doc_add_double(reader->out, given->argument->name, value);
    return true;
}

static bool add_bool(struct reader *reader, const struct given *given, ecommerce_error *err)
{
    bool no = given->value != NULL && strcmp(given->value, "false") == 0;
    if (given->value != NULL && !no && strcmp(given->value, "true") != 0) {
        return wrong(given->argument, given->value, "true or false", err);
    }
    doc_add_bool(reader->out, given->argument->name, !no);
    return true;
}

static bool add_json(struct reader *reader, const struct argument *argument, struct str json,
                     ecommerce_error *err)
{
    struct doc_builder builder;
    struct doc doc;
    doc_builder_init(&builder);
    bool ok = json_read(json, &builder, &doc, err);
    if (ok) {
        doc_add_doc(reader->out, argument->name, doc);
    }
    doc_builder_release(&builder);
    return ok || error_under(err, "%s", argument->name);
}

/* As JSON itself, or as @FILE. */
static bool add_document(struct reader *reader, const struct given *given, ecommerce_error *err)
{
    struct str json = str_of(given->value);
    if (given->by_file || given->value[0] == '@') {
        const char *path = given->by_file ? given->value : given->value + 1;
        if (!read_named(reader, path, &json, err)) {
            return error_under(err, "%s", given->argument->name);
        }
    }
    return add_json(reader, given->argument, json, err);
}

/* The part after the last colon, which is cut off. */
static bool cut_last(struct str *text, struct str *last)
{
    for (size_t at = text->len; at-- > 0;) {
        if (text->ptr[at] == ':') {
            *last = str_make(text->ptr + at + 1, text->len - at - 1);
            text->len = at;
            return true;
        }
    }
    return false;
}

/* From the right, since ids may have colons: in "a:b:2" the product is "a:b". */
static bool add_item(struct reader *reader, const struct given *given, ecommerce_error *err)
{
    struct str product = str_of(given->value), last, before, price = STR_NONE;
    long long quantity;
    bool ok = cut_last(&product, &last);
    struct str shorter = product;
    long long middle;
    if (ok && given->argument->type == ARGUMENT_ITEMS && cut_last(&shorter, &before) &&
        str_to_int64(before, &middle)) {
        product = shorter;
        price = last;
        last = before;
    }
    if (!ok || product.len == 0 || !str_to_int64(last, &quantity)) {
        return wrong(given->argument, given->value,
                     given->argument->type == ARGUMENT_ITEMS
                         ? "of the form PRODUCT:QUANTITY or PRODUCT:QUANTITY:PRICE"
                         : "of the form PRODUCT:QUANTITY",
                     err);
    }
    doc_open(reader->out, NULL);
    doc_add_text(reader->out, "product_id", product);
    doc_add_int(reader->out, "quantity", quantity);
    if (price.ptr != NULL) {
        doc_add_text(reader->out, "price", price);
    }
    doc_close(reader->out);
    return true;
}

static bool add_line(struct reader *reader, const struct given *given, ecommerce_error *err)
{
    struct str number = str_of(given->value), last;
    long long line, quantity;
    if (!cut_last(&number, &last) || !str_to_int64(number, &line) ||
        !str_to_int64(last, &quantity)) {
        return wrong(given->argument, given->value, "of the form LINE:QUANTITY", err);
    }
    doc_open(reader->out, NULL);
    doc_add_int(reader->out, "line", line);
    doc_add_int(reader->out, "quantity", quantity);
    doc_close(reader->out);
    return true;
}

static bool add_text(struct reader *reader, const struct given *given, ecommerce_error *err)
{
    struct str text = str_of(given->value);
    if (given->argument->flags & ARGUMENT_SECRET) {
        if (!read_named(reader, given->value, &text, err)) {
            return error_under(err, "%s", given->argument->name);
        }
        bool line_end = text.len > 0 && text.ptr[text.len - 1] == '\n';
        text.len -= line_end ? 1 : 0;
        if (!str_is_utf8(text)) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, given->argument->name,
                               "the file is not valid UTF-8");
        }
    }
    doc_add_text(reader->out, given->argument->name, text);
    return true;
}

static bool add_one(struct reader *reader, const struct given *given, ecommerce_error *err)
{
    switch (given->argument->type) {
    case ARGUMENT_INTEGER:
        return add_integer(reader, given, err);
    case ARGUMENT_NUMBER:
        return add_number(reader, given, err);
    case ARGUMENT_BOOL:
        return add_bool(reader, given, err);
    case ARGUMENT_DOCUMENT:
        return add_document(reader, given, err);
    case ARGUMENT_ITEMS:
    case ARGUMENT_LINES:
        return given->by_line ? add_line(reader, given, err) : add_item(reader, given, err);
    case ARGUMENT_TEXTS:
        doc_adds(reader->out, NULL, given->value);
        return true;
    case ARGUMENT_TEXT:
    case ARGUMENT_MONEY:
    case ARGUMENT_TIME:
        return add_text(reader, given, err);
    }
    return false;
}

static bool add_array(struct reader *reader, const struct argument *argument, ecommerce_error *err)
{
    doc_open_array(reader->out, argument->name);
    for (size_t i = 0; i < reader->count; i++) {
        if (reader->given[i].argument == argument && !add_one(reader, &reader->given[i], err)) {
            return false;
        }
    }
    doc_close(reader->out);
    return true;
}

static bool add_rest(struct reader *reader, const struct argument *argument, ecommerce_error *err)
{
    struct text words = {0};
    for (size_t i = 0; i < reader->count; i++) {
        if (reader->given[i].argument == argument) {
            text_adds(&words, words.len > 0 ? " " : "");
            text_adds(&words, reader->given[i].value);
        }
    }
    bool ok = text_ok(&words) || error_memory(err);
    if (ok) {
        doc_add_text(reader->out, argument->name, text_str(&words));
    }
    text_release(&words);
    return ok;
}

/* A document that no option gave may wait on standard input. */
static bool add_input(struct reader *reader, const struct argument *argument, ecommerce_error *err)
{
    struct str json;
    if ((argument->flags & ARGUMENT_FILE) == 0 || !input_waits()) {
        return true;
    }
    if (!read_stream(reader, stdin, "standard input", &json, err)) {
        return error_under(err, "%s", argument->name);
    }
    return str_trim(json).len == 0 || add_json(reader, argument, json, err);
}

static bool add_argument(struct reader *reader, const struct argument *argument,
                         ecommerce_error *err)
{
    if (!is_given(reader, argument)) {
        return add_input(reader, argument, err);
    }
    if (argument->flags & ARGUMENT_REST) {
        return add_rest(reader, argument, err);
    }
    switch (argument->type) {
    case ARGUMENT_ITEMS:
    case ARGUMENT_LINES:
    case ARGUMENT_TEXTS:
        return add_array(reader, argument, err);
    default:
        break;
    }
    for (size_t i = 0; i < reader->count; i++) {
        if (reader->given[i].argument == argument) {
            return add_one(reader, &reader->given[i], err);
        }
    }
    return true;
}

bool cli_read_arguments(const struct operation *operation, char **words, size_t count,
                        struct doc_builder *out, ecommerce_error *err)
{
    struct reader reader = {.operation = operation, .out = out};
    reader.given = arena_array(&reader.arena, count + 1, sizeof(*reader.given));
    bool ok = reader.given != NULL || error_memory(err);
    ok = ok && take_words(&reader, words, count, err);
    for (const struct argument *row = operation->arguments; ok && row->name != NULL; row++) {
        ok = add_argument(&reader, row, err);
    }
    arena_release(&reader.arena);
    return ok;
}
