/* operations_stock.c - stock movements and levels. */
#include "operations/operation_values.h"
#include "services/stock.h"

typedef bool stock_movement(struct call *call, const struct stock_movement_request *request,
                            ecommerce_error *err);

static bool move(struct call *call, const struct arguments *arguments, stock_movement *movement,
                 ecommerce_error *err)
{
    bool given;
    struct stock_movement_request request = {
        .item_id = argument_text(arguments, "item_id"),
        .quantity = argument_int(arguments, "quantity", 0),
        .reason = argument_text(arguments, "reason"),
        .movement_id = argument_text(arguments, "movement_id"),
        .key = argument_text(arguments, "key"),
    };
    return argument_time(arguments, "at", &request.at, &given, err) &&
           movement(call, &request, err);
}

static bool receive(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return move(call, arguments, stock_receive, err);
}

static bool adjust(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return move(call, arguments, stock_adjust, err);
}

static bool show(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return stock_show(call, argument_text(arguments, "item_id"), err);
}

static bool list_low(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    size_t limit;
    return argument_limit(arguments, &limit, err) &&
           stock_list_low(call, limit, argument_text(arguments, "cursor"), err);
}

static bool history(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct time_range range;
    return argument_range(arguments, &range, err) &&
           stock_history(call, argument_text(arguments, "item_id"), range.from, range.to, err);
}

static bool as_of(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    int64_t at = 0;
    bool given;
    return argument_time(arguments, "at", &at, &given, err) &&
           stock_as_of(call, argument_text(arguments, "item_id"), at, err);
}

#define ITEM_ID                                                                                    \
    {                                                                                              \
        "item_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,                           \
            "Id of the product or variant, or its sku"                                             \
    }
#define MOVEMENT                                                                                   \
    {"movement_id", ARGUMENT_TEXT, 0, "The delivery note's id; the same again changes nothing"},   \
        {"key", ARGUMENT_TEXT, 0, "Idempotency key: repeated, it changes nothing more"},           \
    {                                                                                              \
        "at", ARGUMENT_TIME, 0, "When it happened; absent: now"                                    \
    }

const struct operation stock_operations[] = {
    {.name = "stock_receive",
     .command = "stock receive",
     .summary = "Take goods into stock",
     .flags = OPERATION_CHANGES,
     .run = receive,
     .arguments = {ITEM_ID,
                   {"quantity", ARGUMENT_INTEGER, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "How many came"},
                   {"reason", ARGUMENT_TEXT, 0, "Where from, for the history"},
                   MOVEMENT}},
    {.name = "stock_adjust",
     .command = "stock adjust",
     .summary = "Correct a stock level after a count, loss or find",
     .flags = OPERATION_CHANGES,
     .run = adjust,
     .arguments = {ITEM_ID,
                   {"quantity", ARGUMENT_INTEGER, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "How many more (5) or fewer (-5) there are"},
                   {"reason", ARGUMENT_TEXT, 0, "Why, for the history"},
                   MOVEMENT}},
    {.name = "stock_show",
     .command = "stock show",
     .summary = "Show what is available and what is held for orders being placed",
     .run = show,
     .arguments = {ITEM_ID}},
    {.name = "stock_low",
     .command = "stock low",
     .summary = "List what is at or below its threshold",
     .run = list_low,
     .arguments = {{"limit", ARGUMENT_INTEGER, 0, "Items in one answer"},
                   {"cursor", ARGUMENT_TEXT, 0, "Where the answer before ended"}}},
    {.name = "stock_history",
     .command = "stock history",
     .summary = "Show the movements of a stock level",
     .run = history,
     .arguments = {ITEM_ID,
                   {"from", ARGUMENT_TIME, 0, "At this time or later"},
                   {"to", ARGUMENT_TIME, 0, "Before this time"}}},
    {.name = "stock_as_of",
     .command = "stock as-of",
     .summary = "Show a stock level as it was at a time",
     .run = as_of,
     .arguments = {ITEM_ID, {"at", ARGUMENT_TIME, ARGUMENT_REQUIRED | ARGUMENT_POSITION, "When"}}},
    {.name = NULL},
};
