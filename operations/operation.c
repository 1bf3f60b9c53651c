#include "operations/operation.h"

#include "support/timestamp.h"

#include <inttypes.h>

static const struct operation *const subjects[] = {
    order_operations,   catalog_operations, stock_operations,  customer_operations, cart_operations,
    account_operations, insight_operations, import_operations, admin_operations,
};

static const char *const type_names[] = {
    [ARGUMENT_TEXT] = "text",         [ARGUMENT_INTEGER] = "integer", [ARGUMENT_NUMBER] = "number",
    [ARGUMENT_MONEY] = "money",       [ARGUMENT_BOOL] = "bool",       [ARGUMENT_TIME] = "time",
    [ARGUMENT_DOCUMENT] = "document", [ARGUMENT_TEXTS] = "texts",     [ARGUMENT_ITEMS] = "items",
    [ARGUMENT_LINES] = "lines",
};

const char *argument_type_name(enum argument_type type)
{
    return type_names[type];
}

const struct operation *operation_next(size_t *at)
{
    size_t index = (*at)++;
    for (size_t subject = 0; subject < ARRAY_LENGTH(subjects); subject++) {
        for (const struct operation *row = subjects[subject]; row->name != NULL; row++) {
            if (index-- == 0) {
                return row;
            }
        }
    }
    return NULL;
}

const struct operation *operation_find(const char *name)
{
    for (size_t subject = 0; subject < ARRAY_LENGTH(subjects); subject++) {
        for (const struct operation *row = subjects[subject]; row->name != NULL; row++) {
            if (strcmp(row->name, name) == 0) {
                return row;
            }
        }
    }
    return NULL;
}

/* ---- checking ---- */

static const char *found_type(enum doc_type type)
{
    switch (type) {
    case DOC_DOUBLE:
    case DOC_DECIMAL:
        return "a number";
    case DOC_TEXT:
        return "a text";
    case DOC_DOCUMENT:
        return "a document";
    case DOC_ARRAY:
        return "an array";
    case DOC_BOOL:
        return "true or false";
    case DOC_INT:
        return "an integer";
    case DOC_TIME:
        return "a time";
    case DOC_BINARY:
        return "binary data";
    default:
        return "null";
    }
}

static bool type_fits(enum argument_type type, enum doc_type found)
{
    switch (type) {
    case ARGUMENT_TEXT:
        return found == DOC_TEXT;
    case ARGUMENT_INTEGER:
        return found == DOC_INT;
    case ARGUMENT_NUMBER:
        return found == DOC_INT || found == DOC_DOUBLE || found == DOC_DECIMAL;
    case ARGUMENT_MONEY:
        return found == DOC_INT || found == DOC_DOUBLE || found == DOC_DECIMAL || found == DOC_TEXT;
    case ARGUMENT_BOOL:
        return found == DOC_BOOL;
    case ARGUMENT_TIME:
        return found == DOC_TEXT || found == DOC_TIME;
    case ARGUMENT_DOCUMENT:
        return found == DOC_DOCUMENT;
    case ARGUMENT_TEXTS:
    case ARGUMENT_ITEMS:
    case ARGUMENT_LINES:
        return found == DOC_ARRAY;
    }
    return false;
}

static const char *expected(enum argument_type type)
{
    switch (type) {
    case ARGUMENT_TEXT:
        return "a text";
    case ARGUMENT_INTEGER:
        return "an integer";
    case ARGUMENT_NUMBER:
        return "a number";
    case ARGUMENT_MONEY:
        return "an amount such as 29.99";
    case ARGUMENT_BOOL:
        return "true or false";
    case ARGUMENT_TIME:
        return "a time such as 2011-12-09T12:50:00Z";
    case ARGUMENT_DOCUMENT:
        return "a document";
    default:
        return "an array";
    }
}

static const struct argument *find_argument(const struct operation *operation, struct str name)
{
    for (const struct argument *row = operation->arguments; row->name != NULL; row++) {
        if (str_is(name, row->name)) {
            return row;
        }
    }
    return NULL;
}

static bool check_one(const struct operation *operation, const struct doc_value *value,
                      ecommerce_error *err)
{
    const struct argument *argument = find_argument(operation, value->key);
    if (argument == NULL) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "arguments",
                           "%s has no argument '%.*s'", operation->name, STR_ARG(value->key));
    }
    if (value->type == DOC_NULL) {
        return true;
    }
    if (!type_fits(argument->type, value->type)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, argument->name, "%s is %s, not %s",
                           argument->name, expected(argument->type), found_type(value->type));
    }
    return true;
}

static bool check_all(const struct operation *operation, struct doc arguments, ecommerce_error *err)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, arguments); doc_iter_next(&iter);) {
        if (!check_one(operation, &iter.value, err)) {
            return false;
        }
    }
    for (const struct argument *row = operation->arguments; row->name != NULL; row++) {
        struct doc_value value;
        bool given = doc_get(arguments, row->name, &value) && value.type != DOC_NULL;
        if ((row->flags & ARGUMENT_REQUIRED) && !given) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, row->name, "%s is missing: %s",
                               row->name, row->help);
        }
    }
    return true;
}

bool operation_run(const struct operation *operation, struct call *call, struct doc arguments,
                   ecommerce_error *err)
{
    struct arguments checked = {
        .doc = arguments, .currency = &call->shop->currency, .zone = call->shop->zone};
    return check_all(operation, arguments, err) && operation->run(call, &checked, err);
}

void operations_describe(struct doc_builder *out)
{
    const struct operation *operation;
    for (size_t at = 0; (operation = operation_next(&at)) != NULL;) {
        doc_open(out, NULL);
        doc_adds(out, "name", operation->name);
        doc_adds(out, "command", operation->command);
        doc_adds(out, "summary", operation->summary);
        doc_add_bool(out, "changes", (operation->flags & OPERATION_CHANGES) != 0);
        doc_open_array(out, "arguments");
        for (const struct argument *row = operation->arguments; row->name != NULL; row++) {
            doc_open(out, NULL);
            doc_adds(out, "name", row->name);
            doc_adds(out, "type", argument_type_name(row->type));
            doc_add_bool(out, "required", (row->flags & ARGUMENT_REQUIRED) != 0);
            doc_adds(out, "help", row->help);
            doc_close(out);
        }
        doc_close(out);
        doc_close(out);
    }
}

/* ---- reading ---- */

struct str argument_text(const struct arguments *arguments, const char *name)
{
    return doc_text(arguments->doc, name);
}

int64_t argument_int(const struct arguments *arguments, const char *name, int64_t fallback)
{
    return doc_int(arguments->doc, name, fallback);
}

bool argument_bool(const struct arguments *arguments, const char *name)
{
    return doc_bool(arguments->doc, name, false);
}

struct doc argument_doc(const struct arguments *arguments, const char *name)
{
    return doc_child(arguments->doc, name);
}

bool argument_given(const struct arguments *arguments, const char *name)
{
    struct doc_value value;
    return doc_get(arguments->doc, name, &value) && value.type != DOC_NULL;
}

bool argument_money(const struct arguments *arguments, const char *name, int64_t *minor,
                    bool *given, ecommerce_error *err)
{
    struct doc_value value;
    *given = doc_get(arguments->doc, name, &value) && value.type != DOC_NULL;
    if (!*given || money_from_value(&value, arguments->currency, minor, err)) {
        return true;
    }
    return err == NULL || err->field[0] != '\0' ? false : error_under(err, "%s", name);
}

/* A bare date is the shop's midnight: "report sales --from 2011-11-01" means the shop's days. */
static bool parse_time(const struct arguments *arguments, struct str text, int64_t *microseconds,
                       ecommerce_error *err)
{
    if (!timestamp_parse(text, microseconds, err)) {
        return false;
    }
    if (text.len == 10) {
        int64_t year;
        int month, day;
        civil_from_days(*microseconds / ((int64_t)86400 * MICROSECONDS), &year, &month, &day);
        *microseconds = timezone_utc(arguments->zone, year, month, day, 0, 0, 0);
    }
    return true;
}

bool argument_time(const struct arguments *arguments, const char *name, int64_t *microseconds,
                   bool *given, ecommerce_error *err)
{
    struct doc_value value;
    *given = doc_get(arguments->doc, name, &value) && value.type != DOC_NULL;
    if (!*given) {
        return true;
    }
    if (value.type == DOC_TIME) {
        *microseconds = value.integer;
        return true;
    }
    if (!parse_time(arguments, value.text, microseconds, err)) {
        return err == NULL || err->field[0] != '\0' ? false : error_under(err, "%s", name);
    }
    return true;
}

bool argument_limit(const struct arguments *arguments, size_t *limit, ecommerce_error *err)
{
    int64_t value = argument_int(arguments, "limit", 0);
    *limit = (size_t)value;
    if (argument_given(arguments, "limit") && (value < 1 || value > 10000)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "limit",
                           "a limit is 1 to 10000, not %" PRId64, value);
    }
    return true;
}
