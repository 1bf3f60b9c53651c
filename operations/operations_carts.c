/* operations_carts.c - carts, and the way from a cart to an order. */
#include "operations/operation_values.h"
#include "services/carts/carts.h"

static bool read_ref(const struct arguments *arguments, struct cart_ref *ref, ecommerce_error *err)
{
    struct write_options options;
    *ref = (struct cart_ref){
        .cart_id = argument_text(arguments, "cart_id"),
        .customer_id = argument_text(arguments, "customer_id"),
        .trusted = !argument_given(arguments, "customer_id"),
    };
    if (!argument_write_options(arguments, &options, err)) {
        return false;
    }
    ref->expected_version = options.expected_version;
    return true;
}

static bool show(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct cart_ref ref;
    return read_ref(arguments, &ref, err) && carts_show(call, &ref, err);
}

static bool add(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct cart_ref ref;
    return read_ref(arguments, &ref, err) &&
           carts_add(call, &ref, argument_text(arguments, "item_id"),
                     argument_int(arguments, "quantity", 1), err);
}

static bool set(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct cart_ref ref;
    return read_ref(arguments, &ref, err) &&
           carts_set(call, &ref, argument_text(arguments, "item_id"),
                     argument_int(arguments, "quantity", 0), err);
}

static bool take_out(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct cart_ref ref;
    return read_ref(arguments, &ref, err) &&
           carts_remove(call, &ref, argument_text(arguments, "item_id"), err);
}

static bool clear(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct cart_ref ref;
    return read_ref(arguments, &ref, err) && carts_clear(call, &ref, err);
}

static bool merge(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct cart_ref ref;
    return read_ref(arguments, &ref, err) &&
           carts_merge(call, &ref, argument_text(arguments, "guest_cart_id"), err);
}

static bool check_out(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct cart_ref ref;
    bool given;
    struct cart_checkout checkout = {
        .key = argument_text(arguments, "key"),
        .contact = argument_doc(arguments, "contact"),
        .country = argument_text(arguments, "country"),
        .delivery_method = argument_text(arguments, "delivery_method"),
    };
    return read_ref(arguments, &ref, err) &&
           argument_money(arguments, "delivery_cost", &checkout.delivery_cost, &given, err) &&
           carts_checkout(call, &ref, &checkout, err);
}

#define CART                                                                                       \
    {                                                                                              \
        "cart_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION, "Id of the cart"          \
    }
#define ITEM                                                                                       \
    {                                                                                              \
        "item_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,                           \
            "Id of the product or variant"                                                         \
    }
#define OWNER                                                                                      \
    {                                                                                              \
        "customer_id", ARGUMENT_TEXT, 0,                                                           \
            "Whose cart it is: another's is not found; absent: whoever it belongs to"              \
    }
#define EXPECTED_VERSION                                                                           \
    {                                                                                              \
        "expected_version", ARGUMENT_INTEGER, 0, "Only if it still has the version that was read"  \
    }

const struct operation cart_operations[] = {
    {.name = "cart_show",
     .command = "cart show",
     .summary = "Show a cart at today's prices",
     .run = show,
     .arguments = {CART, OWNER}},
    {.name = "cart_add",
     .command = "cart add",
     .summary = "Add to a cart",
     .flags = OPERATION_CHANGES,
     .run = add,
     .arguments = {CART,
                   ITEM,
                   {"quantity", ARGUMENT_INTEGER, ARGUMENT_POSITION, "How many; absent: one"},
                   OWNER,
                   EXPECTED_VERSION}},
    {.name = "cart_set",
     .command = "cart set",
     .summary = "Set the quantity of an item in a cart; 0 removes it",
     .flags = OPERATION_CHANGES,
     .run = set,
     .arguments = {CART,
                   ITEM,
                   {"quantity", ARGUMENT_INTEGER, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "How many there shall be"},
                   OWNER,
                   EXPECTED_VERSION}},
    {.name = "cart_remove",
     .command = "cart remove",
     .summary = "Remove an item from a cart",
     .flags = OPERATION_CHANGES,
     .run = take_out,
     .arguments = {CART, ITEM, OWNER, EXPECTED_VERSION}},
    {.name = "cart_clear",
     .command = "cart clear",
     .summary = "Empty a cart",
     .flags = OPERATION_CHANGES,
     .run = clear,
     .arguments = {CART, OWNER, EXPECTED_VERSION}},
    {.name = "cart_merge",
     .command = "cart merge",
     .summary = "Move a guest's cart into a customer's",
     .flags = OPERATION_CHANGES,
     .run = merge,
     .arguments = {CART,
                   {"guest_cart_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "The guest's cart, empty afterwards"},
                   {"customer_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED, "Whose cart it becomes"},
                   EXPECTED_VERSION}},
    {.name = "cart_checkout",
     .command = "cart checkout",
     .summary = "Order what is in a cart",
     .flags = OPERATION_CHANGES,
     .run = check_out,
     .arguments = {CART,
                   OWNER,
                   EXPECTED_VERSION,
                   {"key", ARGUMENT_TEXT, 0, "Idempotency key: repeated, it gives the same order"},
                   {"contact", ARGUMENT_DOCUMENT, 0,
                    "E-mail, shipping and billing address; erasable"},
                   {"country", ARGUMENT_TEXT, 0, "Where it goes; absent: from the address"},
                   {"delivery_method", ARGUMENT_TEXT, 0, "How it is sent, in the shop's words"},
                   {"delivery_cost", ARGUMENT_MONEY, 0, "Added to the total"}}},
    {.name = NULL},
};
