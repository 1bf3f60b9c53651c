/*
 * operation.h - the one table of operations: name, arguments, what it does.
 *
 * C functions, commands, Python methods (and later HTTP routes) are the same operations with the
 * same arguments, answers and errors, because all of them come through here: a door turns what it
 * was given into a document of named arguments, operation_run checks it against the row and calls
 * the handler, and the door shows the answer's document.
 */
#pragma once

#include "services/shop.h"

enum argument_type {
    ARGUMENT_TEXT, /* UTF-8 */
    ARGUMENT_INTEGER,
    ARGUMENT_NUMBER, /* integer or fraction */
    ARGUMENT_MONEY,  /* 29.99: a number or a text, exact in the shop's currency */
    ARGUMENT_BOOL,
    ARGUMENT_TIME, /* RFC 3339 text, or a date (midnight in the shop's zone) */
    ARGUMENT_DOCUMENT,
    ARGUMENT_TEXTS, /* array of texts */
    ARGUMENT_ITEMS, /* array of {product_id, quantity, price?}; command: PRODUCT:QTY[:PRICE] */
    ARGUMENT_LINES, /* array of {line | product_id, quantity}; command: LINE:QTY or PRODUCT:QTY */
};

enum argument_flag {
    ARGUMENT_REQUIRED = 1 << 0,
    ARGUMENT_POSITION = 1 << 1, /* a command takes it by position, in the order of the row */
    ARGUMENT_REST = 1 << 2,     /* by position, all that is left, joined by spaces */
    ARGUMENT_FILE = 1 << 3,     /* a command reads it from --file or standard input */
    ARGUMENT_PATH = 1 << 4,     /* names a file on this machine: never offered to a remote door */
    ARGUMENT_SECRET = 1 << 5,   /* a command reads it from a file: others can see its words */
};

struct argument {
    const char *name; /* NULL ends the list */
    enum argument_type type;
    unsigned flags;
    const char *help; /* one line, without a full stop */
};

enum operation_flag {
    OPERATION_CHANGES = 1 << 0, /* writes */
    OPERATION_LOCAL = 1 << 1,   /* reads or writes files of this machine: no remote door */
    OPERATION_ADMIN = 1 << 2,   /* for operators */
    OPERATION_LONG = 1 << 3,    /* no deadline of an order: an hour */
};

enum { OPERATION_MAX_ARGUMENTS = 20 };

/* The checked arguments of one call. */
struct arguments {
    struct doc doc;
    const struct currency *currency;
    const struct timezone_table *zone;
};

typedef bool operation_handler(struct call *call, const struct arguments *arguments,
                               ecommerce_error *err);

struct operation {
    const char *name; /* "get_product_details": the C function is ecommerce_get_product_details */
    const char *command; /* "product show"; NULL: no command */
    const char *summary; /* one sentence without a full stop */
    unsigned flags;
    struct argument arguments[OPERATION_MAX_ARGUMENTS];
    operation_handler *run;
};

/* One array a subject, ended by a row without a name: operations_orders.c … */
extern const struct operation order_operations[];
extern const struct operation catalog_operations[];
extern const struct operation stock_operations[];
extern const struct operation customer_operations[];
extern const struct operation cart_operations[];
extern const struct operation account_operations[];
extern const struct operation insight_operations[];
extern const struct operation import_operations[];
extern const struct operation admin_operations[];

/* NULL when there is no such operation. */
const struct operation *operation_find(const char *name);
/* Walks all: for (size_t at = 0; (o = operation_next(&at)) != NULL;) */
const struct operation *operation_next(size_t *at);

/* Checks names, types and required arguments (the error names the argument), then runs it. */
bool operation_run(const struct operation *operation, struct call *call, struct doc arguments,
                   ecommerce_error *err) MUST_CHECK;

/* [{name, command, summary, arguments: [{name, type, required, help}], changes}]: for documentation
 * and bindings. Into an open array. */
void operations_describe(struct doc_builder *out);
const char *argument_type_name(enum argument_type type);

/* ---- for handlers: an absent argument gives STR_NONE, the fallback, an empty document ---- */

struct str argument_text(const struct arguments *arguments, const char *name);
int64_t argument_int(const struct arguments *arguments, const char *name, int64_t fallback);
bool argument_bool(const struct arguments *arguments, const char *name);
struct doc argument_doc(const struct arguments *arguments, const char *name);
bool argument_given(const struct arguments *arguments, const char *name);
/* False with the field's name when it is no amount; *given false when absent or null. */
bool argument_money(const struct arguments *arguments, const char *name, int64_t *minor,
                    bool *given, ecommerce_error *err) MUST_CHECK;
bool argument_time(const struct arguments *arguments, const char *name, int64_t *microseconds,
                   bool *given, ecommerce_error *err) MUST_CHECK;
/* A limit of rows: 0 when absent; refused when not 1 … 10000. */
bool argument_limit(const struct arguments *arguments, size_t *limit,
                    ecommerce_error *err) MUST_CHECK;
