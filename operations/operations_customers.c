/* operations_customers.c - customers: profiles, erasure and export. */
#include "operations/operation_values.h"
#include "services/customers.h"

static bool put_customer(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct write_options options;
    return argument_write_options(arguments, &options, err) &&
           customers_put(call, argument_text(arguments, "customer_id"),
                         argument_doc(arguments, "customer"), &options, err);
}

static bool patch_customer(struct call *call, const struct arguments *arguments,
                           ecommerce_error *err)
{
    struct write_options options;
    return argument_write_options(arguments, &options, err) &&
           customers_patch(call, argument_text(arguments, "customer_id"),
                           argument_doc(arguments, "patch"), &options, err);
}

static bool get_customer(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return customers_get(call, argument_text(arguments, "customer_id"), err);
}

static bool find_customer(struct call *call, const struct arguments *arguments,
                          ecommerce_error *err)
{
    return customers_find_by_email(call, argument_text(arguments, "email"), err);
}

static bool erase_customer(struct call *call, const struct arguments *arguments,
                           ecommerce_error *err)
{
    return customers_erase(call, argument_text(arguments, "customer_id"), err);
}

static bool export_customer(struct call *call, const struct arguments *arguments,
                            ecommerce_error *err)
{
    return customers_export(call, argument_text(arguments, "customer_id"), err);
}

#define CUSTOMER_ID                                                                                \
    {                                                                                              \
        "customer_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION, "Id of the customer"  \
    }
#define EXPECTED_VERSION                                                                           \
    {                                                                                              \
        "expected_version", ARGUMENT_INTEGER, 0, "Only if it still has the version that was read"  \
    }

const struct operation customer_operations[] = {
    {.name = "put_customer",
     .command = "customer put",
     .summary = "Create a customer or replace the profile as a whole",
     .flags = OPERATION_CHANGES,
     .run = put_customer,
     .arguments = {CUSTOMER_ID,
                   {"customer", ARGUMENT_DOCUMENT, ARGUMENT_REQUIRED | ARGUMENT_FILE,
                    "name, email, phone, country, addresses, and fields of the shop's own"},
                   EXPECTED_VERSION,
                   {"must_be_new", ARGUMENT_BOOL, 0, "Refuse when the customer exists"}}},
    {.name = "patch_customer",
     .command = "customer patch",
     .summary = "Change some fields of a customer (RFC 7396: null removes a field)",
     .flags = OPERATION_CHANGES,
     .run = patch_customer,
     .arguments = {CUSTOMER_ID,
                   {"patch", ARGUMENT_DOCUMENT, ARGUMENT_REQUIRED | ARGUMENT_FILE,
                    "The fields that change"},
                   EXPECTED_VERSION}},
    {.name = "get_customer",
     .command = "customer show",
     .summary = "Show a customer's profile",
     .run = get_customer,
     .arguments = {CUSTOMER_ID}},
    {.name = "find_customer",
     .command = "customer find",
     .summary = "Find the customer who has an e-mail address",
     .run = find_customer,
     .arguments = {{"email", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "The address, however it is written"}}},
    {.name = "erase_customer",
     .command = "customer erase",
     .summary = "Take a customer's personal data out of all stores; orders stay, without a name",
     .flags = OPERATION_CHANGES,
     .run = erase_customer,
     .arguments = {CUSTOMER_ID}},
    {.name = "export_customer",
     .command = "customer export",
     .summary = "Give all that is known of a customer in one document",
     .run = export_customer,
     .arguments = {CUSTOMER_ID}},
    {.name = NULL},
};
