/* operations_orders.c - placing, reading, listing and changing orders. */
#include "operations/operation_values.h"

static bool process_order(struct call *call, const struct arguments *arguments,
                          ecommerce_error *err)
{
    bool has_cost;
    struct order_request request = {
        .customer_id = argument_text(arguments, "customer_id"),
        .key = argument_text(arguments, "key"),
        .scope = argument_text(arguments, "scope"),
        .contact = argument_doc(arguments, "contact"),
        .country = argument_text(arguments, "country"),
        .delivery_method = argument_text(arguments, "delivery_method"),
    };
    return argument_items(call, arguments, "items", &request.items, &request.item_count, err) &&
           argument_money(arguments, "delivery_cost", &request.delivery_cost, &has_cost, err) &&
           orders_process(call, &request, err);
}

static bool get_order(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return orders_get(call, argument_text(arguments, "order_id"), err);
}

static bool list_orders(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct time_range range;
    struct order_list_options options = {
        .customer_id = argument_text(arguments, "customer_id"),
        .status = argument_text(arguments, "status"),
        .number = argument_text(arguments, "number"),
        .email = argument_text(arguments, "email"),
        .cursor = argument_text(arguments, "cursor"),
    };
    if (!argument_range(arguments, &range, err) ||
        !argument_limit(arguments, &options.limit, err)) {
        return false;
    }
    options.has_from = range.has_from;
    options.has_to = range.has_to;
    options.from = range.from;
    options.to = range.to;
    return orders_list(call, &options, err);
}

static bool change(struct call *call, const struct arguments *arguments, struct str kind,
                   ecommerce_error *err)
{
    struct order_change_request request = {
        .order_id = argument_text(arguments, "order_id"),
        .kind = kind,
        .reference = argument_text(arguments, "reference"),
        .reason = argument_text(arguments, "reason"),
        .key = argument_text(arguments, "key"),
        .no_restock = argument_bool(arguments, "no_restock"),
    };
    return argument_lines(call, arguments, "items", &request.lines, &request.line_count, err) &&
           argument_money(arguments, "refund", &request.refund, &request.has_refund, err) &&
           orders_change(call, &request, err);
}

/* What came back has lines and has an operation of its own. */
static bool change_order(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct str kind = argument_text(arguments, "kind");
    if (argument_given(arguments, "refund") && !str_is(kind, "refunded")) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "refund",
                           "an amount is given with the kind 'refunded' only");
    }
    return change(call, arguments, kind, err);
}

static bool pay_order(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return change(call, arguments, STR("paid"), err);
}

static bool ship_order(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return change(call, arguments, STR("shipped"), err);
}

static bool deliver_order(struct call *call, const struct arguments *arguments,
                          ecommerce_error *err)
{
    return change(call, arguments, STR("delivered"), err);
}

static bool cancel_order(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return change(call, arguments, STR("cancelled"), err);
}

static bool refund_order(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return change(call, arguments, STR("refunded"), err);
}

static bool return_order(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return change(call, arguments, STR("returned"), err);
}

static bool return_unlinked(struct call *call, const struct arguments *arguments,
                            ecommerce_error *err)
{
    bool given;
    struct unlinked_return request = {
        .item_id = argument_text(arguments, "item_id"),
        .quantity = argument_int(arguments, "quantity", 0),
        .customer_id = argument_text(arguments, "customer_id"),
        .country = argument_text(arguments, "country"),
        .key = argument_text(arguments, "key"),
        .no_restock = argument_bool(arguments, "no_restock"),
    };
    return argument_money(arguments, "refund", &request.refund, &given, err) &&
           argument_time(arguments, "at", &request.at, &given, err) &&
           orders_return_unlinked(call, &request, err);
}

#define ORDER_ID                                                                                   \
    {                                                                                              \
        "order_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION, "Id of the order"        \
    }
#define CHANGE_KEY                                                                                 \
    {                                                                                              \
        "key", ARGUMENT_TEXT, 0, "Idempotency key: repeated, it changes nothing more"              \
    }
#define CHANGE_REASON                                                                              \
    {                                                                                              \
        "reason", ARGUMENT_TEXT, 0, "Why, for the order's history"                                 \
    }

const struct operation order_operations[] = {
    {.name = "process_order",
     .command = "order place",
     .summary = "Place an order: check prices and stock, take the goods, record it",
     .flags = OPERATION_CHANGES,
     .run = process_order,
     .arguments =
         {{"customer_id", ARGUMENT_TEXT, 0, "Who orders; absent: a guest"},
          {"items", ARGUMENT_ITEMS, ARGUMENT_REQUIRED,
           "What is ordered; a price is what the customer expects to pay for one"},
          {"key", ARGUMENT_TEXT, 0, "Idempotency key: repeated, it gives the same order again"},
          {"scope", ARGUMENT_TEXT, 0, "Whose key it is, for guests: cart:ID, session:ID, api:ID"},
          {"contact", ARGUMENT_DOCUMENT, 0, "E-mail, shipping and billing address; erasable"},
          {"country", ARGUMENT_TEXT, 0, "Where it goes; absent: from the shipping address"},
          {"delivery_method", ARGUMENT_TEXT, 0, "How it is sent, in the shop's words"},
          {"delivery_cost", ARGUMENT_MONEY, 0, "Added to the total"}}},
    {.name = "get_order",
     .command = "order show",
     .summary = "Show an order with its history, payments and what is due back",
     .run = get_order,
     .arguments = {ORDER_ID}},
    {.name = "list_orders",
     .command = "order list",
     .summary = "List orders, newest first",
     .run = list_orders,
     .arguments = {{"customer_id", ARGUMENT_TEXT, 0, "Of this customer"},
                   {"status", ARGUMENT_TEXT, 0,
                    "placed, paid, shipped, delivered, cancelled or returned"},
                   {"number", ARGUMENT_TEXT, 0, "With this order number"},
                   {"email", ARGUMENT_TEXT, 0, "With this e-mail address"},
                   {"from", ARGUMENT_TIME, 0, "Placed at this time or later"},
                   {"to", ARGUMENT_TIME, 0, "Placed before this time"},
                   {"limit", ARGUMENT_INTEGER, 0, "Orders in one answer"},
                   {"cursor", ARGUMENT_TEXT, 0, "Where the answer before ended"}}},
    {.name = "change_order",
     .command = "order change",
     .summary = "Record what happened to an order",
     .flags = OPERATION_CHANGES,
     .run = change_order,
     .arguments = {ORDER_ID,
                   {"kind", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "paid, shipped, delivered, cancelled, returned or refunded"},
                   {"reference", ARGUMENT_TEXT, 0, "Of the payment, the parcel or the refund"},
                   CHANGE_REASON,
                   {"refund", ARGUMENT_MONEY, 0, "refunded: how much; absent: all that is due"},
                   CHANGE_KEY}},
    {.name = "pay_order",
     .command = "order pay",
     .summary = "Record that an order was paid",
     .flags = OPERATION_CHANGES,
     .run = pay_order,
     .arguments =
         {ORDER_ID, {"reference", ARGUMENT_TEXT, 0, "Of the payment"}, CHANGE_REASON, CHANGE_KEY}},
    {.name = "ship_order",
     .command = "order ship",
     .summary = "Record that an order was sent",
     .flags = OPERATION_CHANGES,
     .run = ship_order,
     .arguments =
         {ORDER_ID, {"reference", ARGUMENT_TEXT, 0, "Of the parcel"}, CHANGE_REASON, CHANGE_KEY}},
    {.name = "deliver_order",
     .command = "order deliver",
     .summary = "Record that an order arrived",
     .flags = OPERATION_CHANGES,
     .run = deliver_order,
     .arguments =
         {ORDER_ID, {"reference", ARGUMENT_TEXT, 0, "Of the delivery"}, CHANGE_REASON, CHANGE_KEY}},
    {.name = "cancel_order",
     .command = "order cancel",
     .summary = "Cancel an order that was not sent: goods back into stock, payments due back",
     .flags = OPERATION_CHANGES,
     .run = cancel_order,
     .arguments = {ORDER_ID,
                   {"reference", ARGUMENT_TEXT, 0, "Of the cancellation"},
                   CHANGE_REASON,
                   CHANGE_KEY}},
    {.name = "refund_order",
     .command = "order refund",
     .summary = "Record that money which was due went back to the customer",
     .flags = OPERATION_CHANGES,
     .run = refund_order,
     .arguments = {ORDER_ID,
                   {"refund", ARGUMENT_MONEY, 0, "How much; absent: all that is due"},
                   {"reference", ARGUMENT_TEXT, 0, "Of the refund"},
                   CHANGE_REASON,
                   CHANGE_KEY}},
    {.name = "return_order",
     .command = "order return",
     .summary = "Take goods of an order back, all that is left or some lines",
     .flags = OPERATION_CHANGES,
     .run = return_order,
     .arguments = {ORDER_ID,
                   {"items", ARGUMENT_LINES, 0, "What comes back; absent: all that is left"},
                   {"no_restock", ARGUMENT_BOOL, 0, "The goods do not go back into stock"},
                   {"reference", ARGUMENT_TEXT, 0, "Of the return"},
                   CHANGE_REASON,
                   CHANGE_KEY}},
    {.name = "return_unlinked",
     .command = "order return-unlinked",
     .summary = "Take goods back whose order the shop does not know",
     .flags = OPERATION_CHANGES,
     .run = return_unlinked,
     .arguments = {{"item_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "Id of the product or variant"},
                   {"quantity", ARGUMENT_INTEGER, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "How many came back"},
                   {"refund", ARGUMENT_MONEY, 0, "What was paid back for all of it"},
                   {"customer_id", ARGUMENT_TEXT, 0, "Who brought it back"},
                   {"country", ARGUMENT_TEXT, 0, "Where it came from"},
                   {"key", ARGUMENT_TEXT, ARGUMENT_REQUIRED,
                    "Idempotency key: names this return for good"},
                   {"no_restock", ARGUMENT_BOOL, 0, "The goods do not go back into stock"},
                   {"at", ARGUMENT_TIME, 0, "When; absent: now"}}},
    {.name = NULL},
};
