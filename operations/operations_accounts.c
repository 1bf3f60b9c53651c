/* operations_accounts.c - sessions: who is calling, for a client that holds a token. */
#include "operations/operation_values.h"
#include "services/sessions.h"

/* An erased customer is none. */
static bool require_customer(struct call *call, struct str customer_id, ecommerce_error *err)
{
    struct stored_document customer;
    bool found;
    if (!call_get(call, COLLECTION_CUSTOMERS, customer_id, false, &customer, &found, err)) {
        return false;
    }
    return (found && !doc_bool(customer.doc, "erased", false)) ||
           error_field(err, ECOMMERCE_UNKNOWN_CUSTOMER, "customer_id",
                       "no customer has the id '%.*s'", STR_ARG(customer_id));
}

static bool begin(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct str customer_id = argument_text(arguments, "customer_id");
    enum session_kind kind = customer_id.ptr != NULL ? SESSION_CUSTOMER : SESSION_GUEST;
    return (kind == SESSION_GUEST || require_customer(call, customer_id, err)) &&
           sessions_begin(call, kind, customer_id, argument_doc(arguments, "data"), err);
}

static bool show(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return sessions_get(call, argument_text(arguments, "token"), err);
}

static bool touch(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return sessions_touch(call, argument_text(arguments, "token"), err);
}

static bool set_data(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct str token = argument_text(arguments, "token");
    struct doc data = argument_doc(arguments, "data");
    return argument_bool(arguments, "merge") ? sessions_merge_data(call, token, data, err)
                                             : sessions_set_data(call, token, data, err);
}

static bool end(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return sessions_end(call, argument_text(arguments, "token"), err);
}

static bool end_all(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    int64_t ended;
    struct str customer_id = argument_text(arguments, "customer_id");
    if (!sessions_end_all(call, SESSION_CUSTOMER, customer_id, &ended, err)) {
        return false;
    }
    doc_add_text(call->out, "customer_id", customer_id);
    doc_add_int(call->out, "ended", ended);
    return true;
}

#define TOKEN                                                                                      \
    {                                                                                              \
        "token", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION, "What session_begin gave"   \
    }

const struct operation account_operations[] = {
    {.name = "session_begin",
     .command = "session begin",
     .summary = "Begin a session; its token is shown this once",
     .flags = OPERATION_CHANGES,
     .run = begin,
     .arguments = {{"customer_id", ARGUMENT_TEXT, 0, "Whose it is; absent: a guest's"},
                   {"data", ARGUMENT_DOCUMENT, ARGUMENT_FILE, "What to remember in it"}}},
    {.name = "session_show",
     .command = "session show",
     .summary = "Show a session without using it",
     .run = show,
     .arguments = {TOKEN}},
    {.name = "session_touch",
     .command = "session touch",
     .summary = "Use a session, so that it goes on",
     .flags = OPERATION_CHANGES,
     .run = touch,
     .arguments = {TOKEN}},
    {.name = "session_set_data",
     .command = "session set",
     .summary = "Replace what a session remembers, or change it by a merge patch",
     .flags = OPERATION_CHANGES,
     .run = set_data,
     .arguments = {TOKEN,
                   {"data", ARGUMENT_DOCUMENT, ARGUMENT_REQUIRED | ARGUMENT_FILE,
                    "What to remember"},
                   {"merge", ARGUMENT_BOOL, 0, "Only the fields given change; null removes one"}}},
    {.name = "session_end",
     .command = "session end",
     .summary = "End a session",
     .flags = OPERATION_CHANGES,
     .run = end,
     .arguments = {TOKEN}},
    {.name = "session_end_all",
     .command = "session end-all",
     .summary = "End all sessions of a customer",
     .flags = OPERATION_CHANGES,
     .run = end_all,
     .arguments = {{"customer_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "Id of the customer"}}},
    {.name = NULL},
};
