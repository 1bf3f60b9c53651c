/* operations_insights.c - the rows about analytics, recommendations and customer behaviour. */
#include "operations/operation.h"
#include "services/analytics/analytics.h"
#include "services/analytics/events.h"
#include "services/analytics/recommendations.h"

static bool get_customer_insights(struct call *call, const struct arguments *arguments,
                                  ecommerce_error *err)
{
    struct insights_options options = {0};
    return argument_time(arguments, "as_of", &options.as_of, &options.has_as_of, err) &&
           analytics_get_customer_insights(call, argument_text(arguments, "customer_id"), &options,
                                           err);
}

static bool read_grain(const struct arguments *arguments, struct report_options *options,
                       ecommerce_error *err)
{
    struct str by = argument_text(arguments, "by");
    options->has_by = by.ptr != NULL;
    if (by.ptr == NULL || grain_parse(by, &options->by)) {
        return true;
    }
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "by",
                       "'%.*s' is none of hour, day, week, month, year", STR_ARG(by));
}

static bool report(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct report_options options = {
        .filter = {.product_id = argument_text(arguments, "product_id"),
                   .category = argument_text(arguments, "category"),
                   .country = argument_text(arguments, "country"),
                   .with_services = argument_bool(arguments, "with_services")}};
    return argument_time(arguments, "from", &options.from, &options.has_from, err) &&
           argument_time(arguments, "to", &options.to, &options.has_to, err) &&
           argument_time(arguments, "as_of", &options.as_of, &options.has_as_of, err) &&
           read_grain(arguments, &options, err) && argument_limit(arguments, &options.limit, err) &&
           analytics_report(call, argument_text(arguments, "name"), &options, err);
}

static bool recommend(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    size_t limit;
    return argument_limit(arguments, &limit, err) &&
           recommendations_get(call, argument_text(arguments, "kind"),
                               argument_text(arguments, "id"), limit, err);
}

static bool record(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    bool given;
    struct event event = {.kind = argument_text(arguments, "kind"),
                          .event_id = argument_text(arguments, "key"),
                          .customer_id = argument_text(arguments, "customer_id"),
                          .session = argument_text(arguments, "session"),
                          .item_id = argument_text(arguments, "product_id"),
                          .text = argument_text(arguments, "text")};
    return argument_time(arguments, "at", &event.at, &given, err) &&
           record_event(call, &event, err);
}

const struct operation insight_operations[] = {
    {
        .name = "get_customer_insights",
        .command = "customer insights",
        .summary = "Say what a customer bought, how often, and what may come next",
        .arguments =
            {
                {"customer_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                 "id of the customer"},
                {"as_of", ARGUMENT_TIME, 0, "look at the shop as it was then"},
                {0},
            },
        .run = get_customer_insights,
    },
    {
        .name = "report",
        .command = "report",
        .summary = "Report on sales, products, customers or stock",
        .arguments =
            {
                {"name", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                 "sales, top-products, top-customers, categories, countries, stock-outs,"
                 " slow-movers, repeat-rate or trending"},
                {"from", ARGUMENT_TIME, 0, "beginning of the range, included"},
                {"to", ARGUMENT_TIME, 0, "end of the range, left out"},
                {"as_of", ARGUMENT_TIME, 0, "look at the shop as it was then"},
                {"by", ARGUMENT_TEXT, 0, "sales: hour, day, week, month or year"},
                {"limit", ARGUMENT_INTEGER, 0, "rows of a ranking at most"},
                {"category", ARGUMENT_TEXT, 0, "only this category"},
                {"country", ARGUMENT_TEXT, 0, "only this country"},
                {"product_id", ARGUMENT_TEXT, 0, "only this product"},
                {"with_services", ARGUMENT_BOOL, 0, "rank services, such as delivery, too"},
                {0},
            },
        .run = report,
    },
    {
        .name = "recommend",
        .command = "recommend",
        .summary = "Recommend products that can be bought now",
        .arguments =
            {
                {"kind", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                 "bought-together, similar, for-customer, buy-again or trending"},
                {"id", ARGUMENT_TEXT, ARGUMENT_POSITION,
                 "the product, or the customer, it is about"},
                {"limit", ARGUMENT_INTEGER, 0, "recommendations at most"},
                {0},
            },
        .run = recommend,
    },
    {
        .name = "record_event",
        .command = "event record",
        .summary = "Record that a customer viewed, searched or chose something",
        .flags = OPERATION_CHANGES,
        .arguments =
            {
                {"kind", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                 "viewed, searched, added_to_cart, removed_from_cart or a name of your own"},
                {"customer_id", ARGUMENT_TEXT, 0, "who; a guest without"},
                {"product_id", ARGUMENT_TEXT, 0, "product or variant"},
                {"session", ARGUMENT_TEXT, 0, "hash of the session's token"},
                {"text", ARGUMENT_TEXT, 0, "the words that were searched"},
                {"at", ARGUMENT_TIME, 0, "when; default: now"},
                {"key", ARGUMENT_TEXT, 0, "id of the event: the same one again is not counted"},
                {0},
            },
        .run = record,
    },
    {0},
};
