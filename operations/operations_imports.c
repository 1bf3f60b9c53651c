/* operations_imports.c - imports and exports. */
#include "operations/operation.h"
#include "services/imports/import_retail.h"

static bool retail(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return import_retail(call, argument_text(arguments, "path"), err);
}

#define IMPORTS (OPERATION_CHANGES | OPERATION_LOCAL | OPERATION_LONG)
#define FILE_ARGUMENT(help)                                                                        \
    {"path", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION | ARGUMENT_PATH, help}

const struct operation import_operations[] = {
    {.name = "import_retail",
     .command = "import retail",
     .summary = "Fill the shop with the trade of an Online Retail file (CSV, plain or gzip)",
     .flags = IMPORTS,
     .run = retail,
     .arguments = {FILE_ARGUMENT("The file; its amounts are pounds, and so must the shop's be")}},
    {.name = NULL},
};
