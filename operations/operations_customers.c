/* operations_customers.c - customers: profiles, erasure and export. */
#include "operations/operation_values.h"
#include "services/customers/customers.h"

/* Without a profile: makes an empty one where there is none, and leaves alone what is there. */
static bool make_customer(struct call *call, struct str customer_id, struct write_options options,
                          ecommerce_error *err)
{
    bool must_be_new = options.must_be_new;
    options.must_be_new = true;
    if (customers_put(call, customer_id, DOC_EMPTY, &options, err)) {
        return true;
    }
    return !must_be_new && err->code == ECOMMERCE_ALREADY_EXISTS &&
           customers_get(call, customer_id, err);
}

static bool put_customer(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct write_options options;
    struct str customer_id = argument_text(arguments, "customer_id");
    ecommerce_error own;
    err = err != NULL ? err : &own;
    if (!argument_write_options(arguments, &options, err)) {
        return false;
    }
    return argument_given(arguments, "customer")
               ? customers_put(call, customer_id, argument_doc(arguments, "customer"), &options,
                               err)
               : make_customer(call, customer_id, options, err);
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
                   {"customer", ARGUMENT_DOCUMENT, ARGUMENT_FILE,
                    "name, email, phone, country, addresses, and fields of the shop's own; "
                    "none: an empty profile, unless there is one"},
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
