/* operations_imports.c - imports and exports. */
#include "operations/operation.h"
#include "services/imports/import_demo.h"
#include "services/imports/import_retail.h"

#include <stdint.h>

static bool retail(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return import_retail(call, argument_text(arguments, "path"), err);
}

/* A number for the plan, which has limits of its own; what no plan can have is refused here. */
static bool take_number(const struct arguments *arguments, const char *name, uint32_t *number,
                        ecommerce_error *err)
{
    int64_t value = argument_int(arguments, name, *number);
    if (value < 0 || value > UINT32_MAX) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, name, "%s is not negative, nor that large",
                           name);
    }
    *number = (uint32_t)value;
    return true;
}

static bool demo(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct demo_options options;
    bool given;
    int64_t seed = argument_int(arguments, "seed", 1);
    uint32_t days;
    if (seed < 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "seed", "a seed is not negative");
    }
    demo_options_default(&options, (uint64_t)seed, 0);
    days = (uint32_t)options.days;
    if (!take_number(arguments, "products", &options.products, err) ||
        !take_number(arguments, "customers", &options.customers, err) ||
        !take_number(arguments, "orders", &options.orders, err) ||
        !take_number(arguments, "carts", &options.carts, err) ||
        !take_number(arguments, "days", &days, err) ||
        !argument_time(arguments, "now", &options.now, &given, err)) {
        return false;
    }
    options.days = days < INT32_MAX ? (int)days : INT32_MAX;
    options.behaviour_days = options.behaviour_days < options.days ? options.behaviour_days
                                                                   : options.days;
    return import_demo(call, &options, err);
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
    {.name = "demo",
     .command = "demo",
     .summary = "Fill the shop with an invented trade: products, customers, orders, behaviour",
     .flags = IMPORTS,
     .run = demo,
     .arguments = {{"seed", ARGUMENT_INTEGER, 0,
                    "Which one (1); the same seed again changes nothing, or does the rest"},
                   {"products", ARGUMENT_INTEGER, 0, "How many products (400)"},
                   {"customers", ARGUMENT_INTEGER, 0, "How many customers (800)"},
                   {"orders", ARGUMENT_INTEGER, 0, "How many orders (6000)"},
                   {"carts", ARGUMENT_INTEGER, 0, "How many open carts at the end (12)"},
                   {"days", ARGUMENT_INTEGER, 0, "Length of the history (548)"},
                   {"now", ARGUMENT_TIME, 0, "End of the history; absent: now"}}},
    {.name = NULL},
};
