/*
 * The table of operations: names, commands, arguments, and what is made from it. docs/operations.md
 * differs after a change of the table:
 *
 *     ECOMMERCE_UPDATE_DOCS=1 build/debug/tests/test_operations
 *
 * writes it again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "interfaces/cli/cli.h"
#include "operations/operation_values.h"
#include "support/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANUAL "docs/operations.md"

static void read_source(const char *file, struct text *content)
{
    char path[4096], block[4096];
    const char *source = getenv("ECOMMERCE_SOURCE");
    snprintf(path, sizeof(path), "%s/%s", source ? source : ".", file);
    FILE *stream = fopen(path, "r");
    if (!stream)
        fail_msg("%s cannot be read", path);
    for (size_t got; (got = fread(block, 1, sizeof(block), stream)) > 0;)
        text_add(content, str_make(block, got));
    fclose(stream);
    assert_true(text_ok(content));
}

#define FOR_EACH_OPERATION(row)                                                                    \
    const struct operation *row;                                                                   \
    for (size_t at_##row = 0; (row = operation_next(&at_##row)) != NULL;)

/* ---- the rows themselves ---- */

static void assert_name(const char *name)
{
    assert_true(islower((unsigned char)name[0]));
    for (const char *at = name; *at; at++)
        assert_true(islower((unsigned char)*at) || isdigit((unsigned char)*at) || *at == '_');
}

static void test_names_are_unique(void **state)
{
    (void)state;
    size_t count = 0;
    FOR_EACH_OPERATION(row)
    {
        assert_name(row->name);
        assert_ptr_equal(operation_find(row->name), row);
        count++;
    }
    assert_true(count > 50);
    assert_null(operation_find("no_such_operation"));
}

static void test_every_row_says_what_it_is(void **state)
{
    (void)state;
    FOR_EACH_OPERATION(row)
    {
        assert_non_null(row->run);
        assert_non_null(row->summary);
        assert_true(strlen(row->summary) > 8);
        assert_true(row->summary[strlen(row->summary) - 1] != '.');
        for (const struct argument *argument = row->arguments; argument->name; argument++) {
            assert_name(argument->name);
            if (!argument->help || strlen(argument->help) < 3 || strchr(argument->help, '|'))
                fail_msg("%s.%s has no line of help", row->name, argument->name);
            for (const struct argument *other = row->arguments; other < argument; other++)
                assert_string_not_equal(other->name, argument->name);
        }
    }
}

/* What is optional by position must not stand before what is required by position. */
static void test_positions_can_be_told_apart(void **state)
{
    (void)state;
    FOR_EACH_OPERATION(row)
    {
        bool optional = false, rest = false;
        for (const struct argument *argument = row->arguments; argument->name; argument++) {
            if (!(argument->flags & ARGUMENT_POSITION))
                continue;
            if (rest || (optional && (argument->flags & ARGUMENT_REQUIRED)))
                fail_msg("%s: %s has no place of its own", row->name, argument->name);
            optional = optional || !(argument->flags & ARGUMENT_REQUIRED);
            rest = (argument->flags & ARGUMENT_REST) != 0;
        }
    }
}

static void test_every_operation_has_a_c_function(void **state)
{
    struct text header = {0};
    (void)state;
    read_source("ecommerce_system.h", &header);
    read_source("ecommerce_operations.h", &header);
    FOR_EACH_OPERATION(row)
    {
        char declaration[128];
        snprintf(declaration, sizeof(declaration), "\nbool ecommerce_%s(ecommerce_system *system,",
                 row->name);
        if (!strstr(text_cstr(&header), declaration))
            fail_msg("ecommerce_%s is not declared", row->name);
    }
    text_release(&header);
}

/* ---- commands ---- */

static size_t split(const char *command, char *copy, size_t size, char *words[8])
{
    size_t count = 0;
    char *rest = NULL;
    snprintf(copy, size, "%s", command);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    return count;
}

/* Neither equal nor the beginning of one another: what follows a command is never part of it. */
static void assert_apart(const char *a, const char *b)
{
    char copy[128], *words[8];
    size_t count = split(b, copy, sizeof(copy), words);
    if (cli_match(a, words, count) != 0)
        fail_msg("the command '%s' begins with the command '%s'", b, a);
}

static void test_commands_do_not_collide(void **state)
{
    (void)state;
    FOR_EACH_OPERATION(row)
    {
        if (!row->command)
            continue;
        FOR_EACH_OPERATION(other)
        {
            if (other != row && other->command)
                assert_apart(row->command, other->command);
        }
        for (const struct cli_command *own = cli_own_commands; own->name; own++) {
            assert_apart(row->command, own->name);
            assert_apart(own->name, row->command);
        }
    }
}

static void test_options_do_not_collide(void **state)
{
    static const char *const program[] = {"config", "data", "set",     "log",  "json",
                                          "help",   "h",    "version", "file", "line"};
    (void)state;
    FOR_EACH_OPERATION(row)
    {
        size_t files = 0;
        for (const struct argument *argument = row->arguments; argument->name; argument++) {
            char name[64], other_name[64];
            if (argument->flags & ARGUMENT_FILE) {
                files++;
                continue;
            }
            cli_option_name(argument, name, sizeof(name));
            for (size_t i = 0; i < ARRAY_LENGTH(program); i++)
                if (row->command && strcmp(name, program[i]) == 0)
                    fail_msg("%s: --%s is an option of the program", row->name, name);
            for (const struct argument *other = row->arguments; other < argument; other++) {
                cli_option_name(other, other_name, sizeof(other_name));
                assert_string_not_equal(name, other_name);
            }
        }
        assert_true(files <= 1);
    }
}

static void test_every_command_is_found_by_its_words(void **state)
{
    (void)state;
    FOR_EACH_OPERATION(row)
    {
        char copy[128], *words[8];
        const struct operation *found;
        const struct cli_command *own;
        size_t length;
        if (!row->command)
            continue;
        size_t count = split(row->command, copy, sizeof(copy), words);
        words[count] = copy;
        cli_find_command(words, count + 1, &found, &own, &length);
        assert_ptr_equal(found, row);
        assert_int_equal(length, count);
        assert_true(cli_is_group(words, 1));
    }
}

/* ---- checking ---- */

static void add_of_type(struct doc_builder *out, const char *name, enum doc_type type)
{
    switch (type) {
    case DOC_DOUBLE:
        doc_add_double(out, name, 1.5);
        break;
    case DOC_TEXT:
        doc_adds(out, name, "text");
        break;
    case DOC_DOCUMENT:
        doc_open(out, name);
        doc_close(out);
        break;
    case DOC_ARRAY:
        doc_open_array(out, name);
        doc_close(out);
        break;
    case DOC_BINARY:
        doc_add_binary(out, name, "x", 1);
        break;
    case DOC_BOOL:
        doc_add_bool(out, name, true);
        break;
    case DOC_TIME:
        doc_add_time(out, name, 0);
        break;
    case DOC_INT:
        doc_add_int(out, name, 1);
        break;
    case DOC_DECIMAL:
        doc_add_decimal(out, name, 150, -2);
        break;
    default:
        fail();
    }
}

static const enum doc_type doc_types[] = {DOC_DOUBLE, DOC_TEXT,   DOC_DOCUMENT,
                                          DOC_ARRAY,  DOC_BINARY, DOC_BOOL,
                                          DOC_TIME,   DOC_INT,    DOC_DECIMAL};

/* Which of them an argument takes, in the order of doc_types. */
static const char *taken(enum argument_type type)
{
    switch (type) {
    case ARGUMENT_TEXT:
        return "010000000";
    case ARGUMENT_INTEGER:
        return "000000010";
    case ARGUMENT_NUMBER:
        return "100000011";
    case ARGUMENT_MONEY:
        return "110000011";
    case ARGUMENT_BOOL:
        return "000001000";
    case ARGUMENT_TIME:
        return "010000100";
    case ARGUMENT_DOCUMENT:
        return "001000000";
    case ARGUMENT_TEXTS:
    case ARGUMENT_ITEMS:
    case ARGUMENT_LINES:
        return "000100000";
    }
    return "";
}

static bool handler_ran;

static bool note_run(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    (void)call, (void)arguments, (void)err;
    handler_ran = true;
    return true;
}

/* The row's arguments with a handler that only notes that it was called. */
static bool run_checked(const struct operation *row, struct doc_builder *builder,
                        ecommerce_error *err)
{
    struct shop shop = {.currency = {"GBP", 2}};
    struct call call = {.shop = &shop};
    struct operation copy = *row;
    copy.run = note_run;
    handler_ran = false;
    *err = (ecommerce_error){0};
    bool ok = operation_run(&copy, &call, doc_finish(builder), err);
    assert_int_equal(ok, handler_ran);
    return ok;
}

static void check_type(const struct argument *argument, enum doc_type type, bool fits)
{
    struct operation row = {.name = "probe", .arguments = {*argument}};
    struct doc_builder builder;
    ecommerce_error err;
    doc_builder_init(&builder);
    add_of_type(&builder, argument->name, type);
    bool ok = run_checked(&row, &builder, &err);
    if (ok != fits)
        fail_msg("%s (%s) and type %d", argument->name, argument_type_name(argument->type), type);
    if (!ok) {
        assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
        assert_string_equal(err.field, argument->name);
    }
    doc_builder_release(&builder);
}

static void test_every_type_is_checked_against_every_other(void **state)
{
    (void)state;
    FOR_EACH_OPERATION(row)
    {
        for (const struct argument *argument = row->arguments; argument->name; argument++)
            for (size_t i = 0; i < ARRAY_LENGTH(doc_types); i++)
                check_type(argument, doc_types[i], taken(argument->type)[i] == '1');
    }
}

static enum doc_type fitting_type(enum argument_type type)
{
    return doc_types[strchr(taken(type), '1') - taken(type)];
}

/* All that is required but one: the error names that one. */
static void check_missing(const struct operation *row, const struct argument *missing, bool null)
{
    struct doc_builder builder;
    ecommerce_error err;
    doc_builder_init(&builder);
    for (const struct argument *argument = row->arguments; argument->name; argument++) {
        if (argument != missing)
            add_of_type(&builder, argument->name, fitting_type(argument->type));
        else if (null)
            doc_add_null(&builder, argument->name);
    }
    bool required = missing && (missing->flags & ARGUMENT_REQUIRED);
    assert_int_equal(run_checked(row, &builder, &err), !required);
    if (required)
        assert_string_equal(err.field, missing->name);
    doc_builder_release(&builder);
}

static void test_what_is_required_is_missed(void **state)
{
    (void)state;
    FOR_EACH_OPERATION(row)
    {
        check_missing(row, NULL, false);
        for (const struct argument *argument = row->arguments; argument->name; argument++) {
            check_missing(row, argument, false);
            check_missing(row, argument, true);
        }
    }
}

static void test_an_unknown_argument_is_refused(void **state)
{
    struct doc_builder builder;
    ecommerce_error err;
    (void)state;
    FOR_EACH_OPERATION(row)
    {
        doc_builder_init(&builder);
        doc_add_int(&builder, "no_such_argument", 1);
        assert_false(run_checked(row, &builder, &err));
        assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
        assert_non_null(strstr(err.message, "no_such_argument"));
        doc_builder_release(&builder);
    }
}

/* ---- items and lines ---- */

struct refusal {
    const char *json;
    const char *field;
};

static void check_refused(const struct refusal *refusal, enum argument_type type)
{
    struct shop shop = {.currency = {"GBP", 2}};
    struct call call = {.shop = &shop};
    ecommerce_error err = {0};
    ecommerce_document *document = ecommerce_document_from_json(refusal->json, SIZE_MAX, &err);
    assert_non_null(document);
    struct arguments arguments = {.doc = document->doc, .currency = &shop.currency};
    const struct order_item_request *items;
    const struct order_line_quantity *lines;
    size_t count;
    bool ok = type == ARGUMENT_ITEMS
                  ? argument_items(&call, &arguments, "items", &items, &count, &err)
                  : argument_lines(&call, &arguments, "items", &lines, &count, &err);
    if (ok || strcmp(err.field, refusal->field) != 0)
        fail_msg("%s: the field is '%s', not '%s'", refusal->json, err.field, refusal->field);
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    arena_release(&call.arena);
    ecommerce_document_free(&document);
}

static void test_wrong_items_are_named(void **state)
{
    static const struct refusal refusals[] = {
        {"{\"items\": [1]}", "items[0]"},
        {"{\"items\": [\"mug:1\"]}", "items[0]"},
        {"{\"items\": [{}]}", "items[0].product_id"},
        {"{\"items\": [{\"product_id\": \"a\"}]}", "items[0].quantity"},
        {"{\"items\": [{\"product_id\": \"a\", \"quantity\": null}]}", "items[0].quantity"},
        {"{\"items\": [{\"product_id\": 5, \"quantity\": 1}]}", "items[0].product_id"},
        {"{\"items\": [{\"variant_id\": [], \"quantity\": 1}]}", "items[0].variant_id"},
        {"{\"items\": [{\"product_id\": \"a\", \"variant_id\": \"b\", \"quantity\": 1}]}",
         "items[0].variant_id"},
        {"{\"items\": [{\"product_id\": \"a\", \"quantity\": 1}, {\"product_id\": \"b\","
         " \"quantity\": 1}, {\"product_id\": \"c\", \"quantity\": 1.5}]}",
         "items[2].quantity"},
        {"{\"items\": [{\"product_id\": \"a\", \"quantity\": \"1\"}]}", "items[0].quantity"},
        {"{\"items\": [{\"product_id\": \"a\", \"quantity\": 1, \"price\": \"x\"}]}",
         "items[0].price"},
        {"{\"items\": [{\"product_id\": \"a\", \"quantity\": 1, \"price\": 1.005}]}",
         "items[0].price"},
        {"{\"items\": [{\"product_id\": \"a\", \"quantity\": 1, \"price\": {}}]}",
         "items[0].price"},
        {"{\"items\": [{\"product_id\": \"a\", \"quantity\": 1, \"colour\": \"red\"}]}",
         "items[0].colour"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++)
        check_refused(&refusals[i], ARGUMENT_ITEMS);
}

static void test_wrong_lines_are_named(void **state)
{
    static const struct refusal refusals[] = {
        {"{\"items\": [null]}", "items[0]"},
        {"{\"items\": [{\"quantity\": 1}]}", "items[0].product_id"},
        {"{\"items\": [{\"line\": 0, \"quantity\": 1}]}", "items[0].line"},
        {"{\"items\": [{\"line\": \"1\", \"quantity\": 1}]}", "items[0].line"},
        {"{\"items\": [{\"line\": 1, \"product_id\": \"a\", \"quantity\": 1}]}", "items[0].line"},
        {"{\"items\": [{\"line\": 1}]}", "items[0].quantity"},
        {"{\"items\": [{\"line\": 1, \"quantity\": true}]}", "items[0].quantity"},
        {"{\"items\": [{\"line\": 1, \"quantity\": 1, \"price\": 2}]}", "items[0].price"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(refusals); i++)
        check_refused(&refusals[i], ARGUMENT_LINES);
}

/* ---- words to arguments ---- */

/* The arguments that a command line gives, as JSON; or what is wrong with it, as "!field". */
static void assert_words(const char *operation, const char *line, const char *expected)
{
    char copy[512], *words[8] = {0};
    struct doc_builder builder;
    struct text json = {0};
    ecommerce_error err = {0};
    size_t count = split(line, copy, sizeof(copy), words);
    doc_builder_init(&builder);
    if (cli_read_arguments(operation_find(operation), words, count, &builder, &err)) {
        struct doc_value value = {.type = DOC_DOCUMENT, .child = doc_finish(&builder)};
        json_write_value(&json, &value, JSON_COMPACT, 0);
        assert_string_equal(text_cstr(&json), expected);
    } else {
        assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
        assert_int_equal(expected[0], '!');
        assert_string_equal(err.field, expected + 1);
    }
    text_release(&json);
    doc_builder_release(&builder);
}

static void test_words_become_arguments(void **state)
{
    (void)state;
    assert_words("get_order", "o1", "{\"order_id\":\"o1\"}");
    assert_words("get_order", "--order o1", "{\"order_id\":\"o1\"}");
    assert_words("get_order", "--order-id=o1", "{\"order_id\":\"o1\"}");
    assert_words("get_order", "-- --o1", "{\"order_id\":\"--o1\"}");
    assert_words("process_order", "--item a:2 --key k --item a:b:3 --item c:1:7.50",
                 "{\"items\":[{\"product_id\":\"a\",\"quantity\":2},"
                 "{\"product_id\":\"a:b\",\"quantity\":3},"
                 "{\"product_id\":\"c\",\"quantity\":1,\"price\":\"7.50\"}],\"key\":\"k\"}");
    assert_words("return_order", "o1 --line 2:1 --item 85123A:4 --no-restock",
                 "{\"order_id\":\"o1\",\"items\":[{\"line\":2,\"quantity\":1},"
                 "{\"product_id\":\"85123A\",\"quantity\":4}],\"no_restock\":true}");
    assert_words("search_products", "red --in-stock mug --price-to 5.00 --attribute size=L",
                 "{\"words\":\"red mug\",\"price_to\":\"5.00\",\"attributes\":[\"size=L\"],"
                 "\"in_stock\":true}");
    assert_words("stock_adjust", "mug -3", "{\"item_id\":\"mug\",\"quantity\":-3}");
    assert_words("process_order", "--item a:1 --contact {\"email\":\"a@b.example\"}",
                 "{\"items\":[{\"product_id\":\"a\",\"quantity\":1}],"
                 "\"contact\":{\"email\":\"a@b.example\"}}");
}

static void test_wrong_words_are_refused(void **state)
{
    (void)state;
    assert_words("get_order", "o1 o2", "!");
    assert_words("get_order", "--colour red", "!");
    assert_words("get_order", "--order", "!order_id");
    assert_words("get_order", "o1 --order o2", "!order_id");
    assert_words("process_order", "--item a", "!items");
    assert_words("process_order", "--item a:x", "!items");
    assert_words("process_order", "--item :1", "!items");
    assert_words("process_order", "--item a:1 --key k --key l", "!key");
    assert_words("process_order", "--contact @/no/such/file", "!contact");
    assert_words("return_order", "o1 --line a:1", "!items");
    assert_words("stock_adjust", "mug many", "!quantity");
    assert_words("search_products", "--in-stock=maybe", "!in_stock");
    assert_words("search_products", "\xff", "!");
    assert_words("staff_put", "ann --password secret", "!");
}

/* ---- for people ---- */

static void test_documents_become_tables(void **state)
{
    struct text out = {0};
    (void)state;
    ecommerce_document *document = ecommerce_document_from_json(
        "{\"id\": \"o1\", \"items\": [{\"name\": \"T\u00fcr\", \"quantity\": 2, \"tags\": [\"a\", "
        "\"b\"]},"
        " {\"name\": \"\u6771\u4eac\\u001b[1m\", \"quantity\": 10}], \"none\": [], \"yes\": true,"
        " \"deep\": {\"a\": 1.5, \"longer\": null}}",
        SIZE_MAX, NULL);
    assert_non_null(document);
    cli_format(document->doc, &out);
    assert_string_equal(text_cstr(&out), "id:   o1\n"
                                         "items:\n"
                                         "  name      quantity  tags\n"
                                         "  T\u00fcr              2  a, b\n"
                                         "  \u6771\u4eac?[1m        10  \n"
                                         "none: none\n"
                                         "yes:  yes\n"
                                         "deep:\n"
                                         "  a:      1.5\n"
                                         "  longer: -\n");
    text_release(&out);
    ecommerce_document_free(&document);
}

static void test_widths_are_columns(void **state)
{
    (void)state;
    assert_int_equal(cli_width(STR("")), 0);
    assert_int_equal(cli_width(STR("abc")), 3);
    assert_int_equal(cli_width(STR("\u00fc")), 1);
    assert_int_equal(cli_width(STR("u\u0308")), 1);
    assert_int_equal(cli_width(STR("\u6771\u4eac")), 4);
    assert_int_equal(cli_width(STR("\U0001F600")), 2);
}

/* ---- the manual ---- */

static void update_manual(const struct text *manual)
{
    char path[4096];
    const char *source = getenv("ECOMMERCE_SOURCE");
    snprintf(path, sizeof(path), "%s/" MANUAL, source ? source : ".");
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_int_equal(fwrite(manual->ptr, 1, manual->len, stream), manual->len);
    assert_int_equal(fclose(stream), 0);
}

static void test_the_manual_is_the_table(void **state)
{
    struct text expected = {0}, found = {0};
    (void)state;
    assert_true(cli_write_manual(&expected));
    if (getenv("ECOMMERCE_UPDATE_DOCS"))
        update_manual(&expected);
    read_source(MANUAL, &found);
    if (strcmp(text_cstr(&found), text_cstr(&expected)) != 0)
        fail_msg(MANUAL " is not what the table gives; ECOMMERCE_UPDATE_DOCS=1 writes it again");
    text_release(&expected);
    text_release(&found);
}

static void test_the_table_describes_itself(void **state)
{
    ecommerce_error err;
    (void)state;
    ecommerce_document *table = ecommerce_operations(&err);
    assert_non_null(table);
    size_t index = 0;
    FOR_EACH_OPERATION(row)
    {
        char path[64];
        snprintf(path, sizeof(path), "operations.%zu.name", index++);
        assert_string_equal(ecommerce_document_text(table, path), row->name);
    }
    assert_int_equal(ecommerce_document_count(table, "operations"), index);
    ecommerce_document_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_unique),
        cmocka_unit_test(test_every_row_says_what_it_is),
        cmocka_unit_test(test_positions_can_be_told_apart),
        cmocka_unit_test(test_every_operation_has_a_c_function),
        cmocka_unit_test(test_commands_do_not_collide),
        cmocka_unit_test(test_options_do_not_collide),
        cmocka_unit_test(test_every_command_is_found_by_its_words),
        cmocka_unit_test(test_every_type_is_checked_against_every_other),
        cmocka_unit_test(test_what_is_required_is_missed),
        cmocka_unit_test(test_an_unknown_argument_is_refused),
        cmocka_unit_test(test_wrong_items_are_named),
        cmocka_unit_test(test_wrong_lines_are_named),
        cmocka_unit_test(test_words_become_arguments),
        cmocka_unit_test(test_wrong_words_are_refused),
        cmocka_unit_test(test_documents_become_tables),
        cmocka_unit_test(test_widths_are_columns),
        cmocka_unit_test(test_the_manual_is_the_table),
        cmocka_unit_test(test_the_table_describes_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
