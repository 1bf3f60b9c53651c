/* cli_help.c - help, made from the table of operations. */
#include "interfaces/cli/cli.h"

#include <stdio.h>
#include <string.h>

enum { SUMMARY_COLUMN = 26, OPTION_COLUMN = 30, NAME_SIZE = 64 };

static const char program_options[] =
    "Options of every command:\n"
    "  --config FILE        the shop's configuration (or the variable ECOMMERCE_CONFIG)\n"
    "  --data DIR           folder of the embedded stores; default ./shop-data\n"
    "  --set PATH=VALUE     one setting, over the configuration; may be repeated\n"
    "  --json               print JSON, errors too; into a pipe answers are JSON anyhow\n"
    "  --log LEVEL          show the log on standard error: error, warning, info or debug\n"
    "  --help, -h           help for the command, or for all of them\n"
    "  --version            the program's version\n"
    "\n"
    "Exit status: 0 done, 1 refused for a business reason, 2 wrong use, 3 a store is\n"
    "unavailable, 4 a check found something wrong.\n";

/* ---- one command ---- */

static const char *placeholder(const struct argument *argument)
{
    switch (argument->type) {
    case ARGUMENT_TEXT:
        return "TEXT";
    case ARGUMENT_INTEGER:
        return "N";
    case ARGUMENT_NUMBER:
        return "NUMBER";
    case ARGUMENT_MONEY:
        return "AMOUNT";
    case ARGUMENT_BOOL:
        return "";
    case ARGUMENT_TIME:
        return "TIME";
    case ARGUMENT_DOCUMENT:
        return "JSON|@FILE";
    case ARGUMENT_TEXTS:
        return "TEXT";
    case ARGUMENT_ITEMS:
        return "PRODUCT:QUANTITY[:PRICE]";
    case ARGUMENT_LINES:
        return "PRODUCT:QUANTITY";
    }
    return "";
}

/* "--customer TEXT" */
static void option_form(const struct argument *argument, struct text *out)
{
    char name[NAME_SIZE];
    if (argument->flags & ARGUMENT_FILE) {
        text_adds(out, "--file FILE");
        return;
    }
    cli_option_name(argument, name, sizeof(name));
    const char *value = argument->flags & ARGUMENT_SECRET ? "FILE" : placeholder(argument);
    text_printf(out, "--%s%s%s", name, *value != '\0' ? " " : "", value);
}

/* "PRODUCT-ID", as it stands in the line of usage. */
static void position_form(const struct argument *argument, struct text *out)
{
    for (const char *at = argument->name; *at != '\0'; at++) {
        text_add_char(out, *at == '_' ? '-' : *at >= 'a' && *at <= 'z' ? (char)(*at - 32) : *at);
    }
    text_adds(out, argument->flags & ARGUMENT_REST ? " …" : "");
}

static void form(const struct argument *argument, struct text *out)
{
    if (argument->flags & ARGUMENT_POSITION) {
        position_form(argument, out);
    } else {
        option_form(argument, out);
    }
}

void cli_form_of(const struct argument *argument, struct text *out)
{
    text_adds(out, "`");
    form(argument, out);
    text_adds(out, "`");
}

void cli_usage_of(const struct operation *operation, struct text *out)
{
    text_printf(out, "ecommerce %s", operation->command);
    bool optional = false;
    for (const struct argument *row = operation->arguments; row->name != NULL; row++) {
        bool required = (row->flags & ARGUMENT_REQUIRED) != 0;
        if (!required && (row->flags & ARGUMENT_POSITION) == 0) {
            optional = true;
            continue;
        }
        text_adds(out, required ? " " : " [");
        form(row, out);
        bool many = row->type == ARGUMENT_ITEMS || row->type == ARGUMENT_LINES;
        text_adds(out, many ? " …" : "");
        text_adds(out, required ? "" : "]");
    }
    text_adds(out, optional ? " [options]" : "");
}

static void pad(struct text *out, size_t from, size_t column)
{
    size_t width = cli_width(str_make(out->ptr + from, out->len - from));
    if (width >= column) {
        text_add_char(out, '\n');
        width = 0;
    }
    while (width++ < column) {
        text_add_char(out, ' ');
    }
}

static void describe_argument(const struct argument *row, struct text *out)
{
    size_t start = out->len;
    text_adds(out, "  ");
    form(row, out);
    pad(out, start, OPTION_COLUMN);
    text_adds(out, row->help);
    if (row->flags & ARGUMENT_FILE) {
        text_adds(out, " (JSON; or from standard input)");
    }
    bool many =
        row->type == ARGUMENT_ITEMS || row->type == ARGUMENT_LINES || row->type == ARGUMENT_TEXTS;
    text_adds(out, many ? "; may be repeated\n" : "\n");
    if (row->type == ARGUMENT_LINES) {
        start = out->len;
        text_adds(out, "  --line LINE:QUANTITY");
        pad(out, start, OPTION_COLUMN);
        text_adds(out, "The same by the number of the order's line\n");
    }
}

static void describe_operation(const struct operation *operation, struct text *out)
{
    text_printf(out, "%s.\n\nUsage: ", operation->summary);
    cli_usage_of(operation, out);
    text_adds(out, "\n\n");
    for (const struct argument *row = operation->arguments; row->name != NULL; row++) {
        describe_argument(row, out);
    }
    text_adds(out, operation->arguments[0].name != NULL ? "\n" : "");
    text_adds(out, program_options);
}

/* ---- lists of commands ---- */

static void list_line(const char *command, const char *summary, struct text *out)
{
    size_t start = out->len;
    text_printf(out, "  %s", command);
    pad(out, start, SUMMARY_COLUMN);
    text_printf(out, "%s\n", summary);
}

/* The commands whose names begin with the words; no words: all. */
static void list_commands(char **words, size_t count, struct text *out)
{
    const struct operation *row;
    for (size_t at = 0; (row = operation_next(&at)) != NULL;) {
        if (row->command != NULL && cli_begins(row->command, words, count)) {
            list_line(row->command, row->summary, out);
        }
    }
    for (const struct cli_command *own = cli_own_commands; own->name != NULL; own++) {
        if (cli_begins(own->name, words, count)) {
            list_line(own->name, own->summary, out);
        }
    }
}

static void describe_group(char **words, size_t count, struct text *out)
{
    text_adds(out, "Usage: ecommerce ");
    for (size_t i = 0; i < count; i++) {
        text_printf(out, "%s ", words[i]);
    }
    text_adds(out, "COMMAND [options]\n\n");
    list_commands(words, count, out);
    text_adds(out, "\n\"ecommerce COMMAND --help\" tells more about each.\n");
    if (count == 0) {
        text_printf(out, "\n%s", program_options);
    }
}

/* What the words name, or, where they are more than a name, what their beginning names. */
static bool describe(char **words, size_t count, struct text *out)
{
    const struct operation *operation;
    const struct cli_command *own;
    size_t length;
    cli_find_command(words, count, &operation, &own, &length);
    if (operation != NULL) {
        describe_operation(operation, out);
    } else if (own != NULL) {
        text_printf(out, "%s.\n\nUsage: ecommerce %s\n\n%s", own->summary, own->usage,
                    program_options);
    } else if (cli_is_group(words, count)) {
        describe_group(words, count, out);
    } else {
        return false;
    }
    return true;
}

int cli_help(char **words, size_t count)
{
    struct text out = {0};
    if (!describe(words, count, &out)) {
        ecommerce_error err;
        bool below = count > 1 && cli_is_group(words, 1);
        error_set(&err, ECOMMERCE_INVALID_ARGUMENT,
                  "there is no command '%.80s%s%.80s'; see: ecommerce help", words[0],
                  below ? " " : "", below ? words[1] : "");
        fprintf(stderr, "ecommerce: %s\n", err.message);
        text_release(&out);
        return EXIT_WRONG_USE;
    }
    bool ok = text_ok(&out);
    fputs(text_cstr(&out), stdout);
    text_release(&out);
    return cli_flush() && ok ? 0 : EXIT_STORE_AWAY;
}
