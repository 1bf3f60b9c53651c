/* operations_accounts.c - who may come in: sessions, log-ins, staff accounts, API keys. */
#include "operations/operation_values.h"
#include "services/customers/accounts.h"
#include "services/customers/sessions.h"

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

/* ---- log-ins ---- */

static bool sign_up(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return accounts_register(call, argument_text(arguments, "email"),
                             argument_text(arguments, "password"),
                             argument_doc(arguments, "profile"), err);
}

static bool verify_email(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return accounts_verify_email(call, argument_text(arguments, "token"), err);
}

static bool log_in(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return accounts_log_in(call, argument_text(arguments, "email"),
                           argument_text(arguments, "password"), err);
}

static bool log_out(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return accounts_log_out(call, argument_text(arguments, "token"), err);
}

static bool log_out_everywhere(struct call *call, const struct arguments *arguments,
                               ecommerce_error *err)
{
    return accounts_log_out_everywhere(call, argument_text(arguments, "token"), err);
}

static bool request_password_reset(struct call *call, const struct arguments *arguments,
                                   ecommerce_error *err)
{
    return accounts_request_password_reset(call, argument_text(arguments, "email"), err);
}

static bool reset_password(struct call *call, const struct arguments *arguments,
                           ecommerce_error *err)
{
    return accounts_reset_password(call, argument_text(arguments, "token"),
                                   argument_text(arguments, "password"), err);
}

/* ---- staff and API keys ---- */

static bool put_staff(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return staff_put(call, argument_text(arguments, "staff_id"), argument_text(arguments, "name"),
                     argument_text(arguments, "role"), argument_text(arguments, "password"), err);
}

static bool disable_staff(struct call *call, const struct arguments *arguments,
                          ecommerce_error *err)
{
    return staff_disable(call, argument_text(arguments, "staff_id"), err);
}

static bool list_staff(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    UNUSED(arguments);
    return staff_list(call, err);
}

static bool log_in_staff(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return staff_log_in(call, argument_text(arguments, "staff_id"),
                        argument_text(arguments, "password"), err);
}

static bool create_api_key(struct call *call, const struct arguments *arguments,
                           ecommerce_error *err)
{
    const struct str *scopes;
    size_t count;
    return argument_texts(call, arguments, "scopes", &scopes, &count, err) &&
           api_keys_create(call, argument_text(arguments, "name"), argument_text(arguments, "role"),
                           scopes, count, err);
}

static bool list_api_keys(struct call *call, const struct arguments *arguments,
                          ecommerce_error *err)
{
    UNUSED(arguments);
    return api_keys_list(call, err);
}

static bool revoke_api_key(struct call *call, const struct arguments *arguments,
                           ecommerce_error *err)
{
    return api_keys_revoke(call, argument_text(arguments, "key_id"), err);
}

#define PASSWORD                                                                                   \
    {                                                                                              \
        "password", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_SECRET,                            \
            "At least eight characters"                                                            \
    }
#define SESSION_TOKEN                                                                              \
    {                                                                                              \
        "token", ARGUMENT_TEXT, ARGUMENT_REQUIRED, "Of the session"                                \
    }
#define EMAIL                                                                                      \
    {                                                                                              \
        "email", ARGUMENT_TEXT, ARGUMENT_REQUIRED, "The address, however it is written"            \
    }
#define STAFF_ID                                                                                   \
    {                                                                                              \
        "staff_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION, "Id of the account"      \
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
    {.name = "register",
     .summary = "Make a customer with a log-in",
     .flags = OPERATION_CHANGES,
     .run = sign_up,
     .arguments = {EMAIL,
                   PASSWORD,
                   {"profile", ARGUMENT_DOCUMENT, 0, "Further fields of the customer"}}},
    {.name = "verify_email",
     .summary = "Take the token that was mailed as proof of the address",
     .flags = OPERATION_CHANGES,
     .run = verify_email,
     .arguments = {{"token", ARGUMENT_TEXT, ARGUMENT_REQUIRED, "What was mailed"}}},
    {.name = "log_in",
     .summary = "Begin a session of the customer who has this e-mail address and password",
     .flags = OPERATION_CHANGES,
     .run = log_in,
     .arguments = {EMAIL, PASSWORD}},
    {.name = "log_out",
     .summary = "End a session",
     .flags = OPERATION_CHANGES,
     .run = log_out,
     .arguments = {SESSION_TOKEN}},
    {.name = "log_out_everywhere",
     .summary = "End all sessions of the one whose session this is",
     .flags = OPERATION_CHANGES,
     .run = log_out_everywhere,
     .arguments = {SESSION_TOKEN}},
    {.name = "request_password_reset",
     .summary = "Make a token that lets a forgotten password be set, to be mailed",
     .flags = OPERATION_CHANGES,
     .run = request_password_reset,
     .arguments = {EMAIL}},
    {.name = "reset_password",
     .summary = "Set a password by the token that was mailed, and end all sessions",
     .flags = OPERATION_CHANGES,
     .run = reset_password,
     .arguments = {{"token", ARGUMENT_TEXT, ARGUMENT_REQUIRED, "What was mailed"}, PASSWORD}},
    {.name = "staff_put",
     .command = "staff put",
     .summary = "Create or change a staff account",
     .flags = OPERATION_CHANGES | OPERATION_ADMIN,
     .run = put_staff,
     .arguments = {STAFF_ID,
                   {"name", ARGUMENT_TEXT, 0, "Who it is"},
                   {"role", ARGUMENT_TEXT, 0, "staff or admin"},
                   {"password", ARGUMENT_TEXT, ARGUMENT_SECRET, "Absent: it stays as it is"}}},
    {.name = "staff_disable",
     .command = "staff disable",
     .summary = "Close a staff account and end its sessions",
     .flags = OPERATION_CHANGES | OPERATION_ADMIN,
     .run = disable_staff,
     .arguments = {STAFF_ID}},
    {.name = "staff_list",
     .command = "staff list",
     .summary = "List the staff accounts",
     .flags = OPERATION_ADMIN,
     .run = list_staff},
    {.name = "staff_log_in",
     .summary = "Begin a session of a staff account",
     .flags = OPERATION_CHANGES,
     .run = log_in_staff,
     .arguments = {{"staff_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED, "Id of the account"}, PASSWORD}},
    {.name = "api_key_create",
     .command = "api-key create",
     .summary = "Make an API key; it is shown this once",
     .flags = OPERATION_CHANGES | OPERATION_ADMIN,
     .run = create_api_key,
     .arguments = {{"name", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION, "What it is for"},
                   {"role", ARGUMENT_TEXT, ARGUMENT_REQUIRED, "customer, staff or admin"},
                   {"scopes", ARGUMENT_TEXTS, 0, "What it may; none: all that the role may"}}},
    {.name = "api_key_list",
     .command = "api-key list",
     .summary = "List the API keys, without the keys themselves",
     .flags = OPERATION_ADMIN,
     .run = list_api_keys},
    {.name = "api_key_revoke",
     .command = "api-key revoke",
     .summary = "Make an API key worthless",
     .flags = OPERATION_CHANGES | OPERATION_ADMIN,
     .run = revoke_api_key,
     .arguments = {{"key_id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "Id of the key, not the key"}}},
    {.name = NULL},
};
