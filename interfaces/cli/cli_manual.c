/* cli_manual.c - docs/operations.md, made from the table of operations. */
#include "interfaces/cli/cli.h"

static const char introduction[] =
    "# Operations\n"
    "\n"
    "One table feeds every door: an operation has the same name, arguments, answer and errors as a "
    "C\n"
    "function (`ecommerce_NAME` of `ecommerce_operations.h`), as a command and by its name\n"
    "(`ecommerce_call`). `ecommerce operations` prints the table as JSON.\n"
    "\n"
    "## Conventions\n"
    "\n"
    "- Amounts are decimal and exact (`29.99`), in the shop's currency. Times are RFC 3339\n"
    "  (`2011-12-09T12:50:00Z`); a bare date is midnight in the shop's time zone.\n"
    "- An item is `{product_id | variant_id, quantity, price}`; on a command line\n"
    "  `PRODUCT:QUANTITY` or `PRODUCT:QUANTITY:PRICE`. The price is what the customer expects to "
    "pay\n"
    "  for one; it may be left out.\n"
    "- A line of a return is `{line | product_id, quantity}`; on a command line\n"
    "  `--item PRODUCT:QUANTITY` or `--line LINE:QUANTITY`.\n"
    "- Documents are JSON: from `--file FILE`, from `--file -` or a pipe (standard input), or, "
    "where\n"
    "  an option takes one, written out or as `@FILE`. Secrets are read from files only.\n"
    "- A call repeated with the same idempotency key has its effect once and gives the same "
    "answer.\n"
    "- Commands print tables to a terminal and JSON into a pipe or with `--json`. Errors go to\n"
    "  standard error, with `--json` as a problem document (RFC 9457).\n"
    "- Exit status: 0 done, 1 refused for a business reason, 2 wrong use, 3 a store is "
    "unavailable,\n"
    "  4 a check found something wrong.\n"
    "\n"
    "## Operations\n";

static void write_argument(const struct argument *row, struct text *out)
{
    text_printf(out, "| `%s` | %s | %s | ", row->name, argument_type_name(row->type),
                row->flags & ARGUMENT_REQUIRED ? "required" : "");
    cli_form_of(row, out);
    text_printf(out, " | %s |\n", row->help);
}

static void write_operation(const struct operation *row, struct text *out)
{
    text_printf(out, "\n### %s\n\n%s.", row->name, row->summary);
    text_adds(out, row->flags & OPERATION_LONG ? " It may take long.\n" : "\n");
    if (row->command != NULL) {
        text_adds(out, "\n    ");
        cli_usage_of(row, out);
        text_adds(out, "\n");
    }
    if (row->arguments[0].name == NULL) {
        return;
    }
    text_adds(out, row->command != NULL ? "\n| argument | type | | command | meaning |\n"
                                          "|---|---|---|---|---|\n"
                                        : "\n| argument | type | | meaning |\n|---|---|---|---|\n");
    for (const struct argument *argument = row->arguments; argument->name != NULL; argument++) {
        if (row->command != NULL) {
            write_argument(argument, out);
        } else {
            text_printf(out, "| `%s` | %s | %s | %s |\n", argument->name,
                        argument_type_name(argument->type),
                        argument->flags & ARGUMENT_REQUIRED ? "required" : "", argument->help);
        }
    }
}

bool cli_write_manual(struct text *out)
{
    const struct operation *row;
    text_adds(out, introduction);
    for (size_t at = 0; (row = operation_next(&at)) != NULL;) {
        write_operation(row, out);
    }
    text_adds(out, "\n## Commands that need no shop\n\n| command | |\n|---|---|\n");
    for (const struct cli_command *own = cli_own_commands; own->name != NULL; own++) {
        text_printf(out, "| `ecommerce %s` | %s |\n", own->usage, own->summary);
    }
    return text_ok(out);
}
