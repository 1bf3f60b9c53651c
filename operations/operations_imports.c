/* operations_imports.c - imports and exports. */
#include "operations/operation.h"
#include "services/imports/export_csv.h"
#include "services/imports/import_csv.h"
#include "services/imports/import_demo.h"
#include "services/imports/import_retail.h"

#include <stdint.h>

static bool retail(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return import_retail(call, argument_text(arguments, "path"), err);
}

static bool products(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return import_products(call, argument_text(arguments, "path"), err);
}

static bool customers(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return import_customers(call, argument_text(arguments, "path"), err);
}

static bool stock(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return import_stock(call, argument_text(arguments, "path"), argument_text(arguments, "key"),
                        err);
}

static bool products_out(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return export_products(call, argument_text(arguments, "path"), err);
}

static bool customers_out(struct call *call, const struct arguments *arguments,
                          ecommerce_error *err)
{
    return export_customers(call, argument_text(arguments, "path"), err);
}

static bool orders_out(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return export_orders(call, argument_text(arguments, "path"), err);
}

static bool stock_out(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return export_stock(call, argument_text(arguments, "path"), err);
}

/* A number for the plan, which has limits of its own; what no plan can have is refused here. */
static bool take_number(const struct arguments *arguments, const char *name, uint32_t *number,
                        ecommerce_error *err)
{
    int64_t value = argument_int(arguments, name, *number);
    if (value < 0 || value > UINT32_MAX) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, name,
                           "%s is not negative, nor that large", name);
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
    options.behaviour_days =
        options.behaviour_days < options.days ? options.behaviour_days : options.days;
    return import_demo(call, &options, err);
}

#define IMPORTS (OPERATION_CHANGES | OPERATION_LOCAL | OPERATION_LONG)
#define EXPORTS (OPERATION_LOCAL | OPERATION_LONG)
#define FILE_ARGUMENT(help)                                                                        \
    {                                                                                              \
        "path", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION | ARGUMENT_PATH, help         \
    }

const struct operation import_operations[] = {
    {.name = "import_retail",
     .command = "import retail",
     .summary = "Fill the shop with the trade of an Online Retail file (CSV, plain or gzip)",
     .flags = IMPORTS,
     .run = retail,
     .arguments = {FILE_ARGUMENT("The file; its amounts are pounds, and so must the shop's be")}},
    {.name = "import_products",
     .command = "import products",
     .summary = "Put the products of a CSV file",
     .flags = IMPORTS,
     .run = products,
     .arguments = {FILE_ARGUMENT(
         "Columns: product_id, name, price, description, categories, images (a;b), sku, tracked, "
         "retired, low_stock_threshold, attribute.NAME; of variants, a line each: variant_id, "
         "variant_sku, variant_name, variant_price, variant.NAME. Empty: stays as it is")}},
    {.name = "import_customers",
     .command = "import customers",
     .summary = "Put the customers of a CSV file",
     .flags = IMPORTS,
     .run = customers,
     .arguments = {FILE_ARGUMENT(
         "Columns: customer_id, name, email, phone, country. Empty: stays as it is")}},
    {.name = "import_stock",
     .command = "import stock",
     .summary = "Record the stock movements of a CSV file",
     .flags = IMPORTS,
     .run = stock,
     .arguments = {FILE_ARGUMENT("Columns: product_id (or variant or sku), quantity (negative: a "
                                 "loss), reason, movement_id, at"),
                   {"key", ARGUMENT_TEXT, 0,
                    "Names the delivery: lines without a movement_id are taken once under it"}}},
    {.name = "export_products",
     .command = "export products",
     .summary = "Write all products to a CSV file that import products takes",
     .flags = EXPORTS,
     .run = products_out,
     .arguments = {FILE_ARGUMENT("The file to write; one that is there is replaced")}},
    {.name = "export_customers",
     .command = "export customers",
     .summary = "Write all customers to a CSV file that import customers takes",
     .flags = EXPORTS,
     .run = customers_out,
     .arguments = {FILE_ARGUMENT("The file to write; one that is there is replaced")}},
    {.name = "export_orders",
     .command = "export orders",
     .summary = "Write the lines of all orders to a CSV file",
     .flags = EXPORTS,
     .run = orders_out,
     .arguments = {FILE_ARGUMENT("The file to write; one that is there is replaced")}},
    {.name = "export_stock",
     .command = "export stock",
     .summary = "Write the stock levels to a CSV file",
     .flags = EXPORTS,
     .run = stock_out,
     .arguments = {FILE_ARGUMENT("The file to write; one that is there is replaced")}},
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
