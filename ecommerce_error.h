/*
 * ecommerce_error.h - how every call of the engine says what went wrong.
 *
 * A call that can fail returns false and fills the caller's `ecommerce_error`,
 * always its last argument. NULL is allowed where the caller does not care. The code is stable and
 * has a name (`out_of_stock`) that is the same at every door: C, command line, HTTP, Python.
 * The class says what a caller may do next; code decides class, never the other way round.
 *
 * Programmer's errors inside the engine are asserts. Bad input from a caller never is.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default) /* what follows leaves the shared library */

/* What a caller may do about an error. */
enum ecommerce_error_class {
    ECOMMERCE_CLASS_NONE = 0,
    ECOMMERCE_CLASS_REFUSED,   /* a definite no, nothing changed; mend the request */
    ECOMMERCE_CLASS_RETRYABLE, /* a definite no for now, nothing changed; repeat later, same key */
    ECOMMERCE_CLASS_OUTCOME_UNKNOWN, /* sent and unanswered: repeat with the same key, or read */
    ECOMMERCE_CLASS_FATAL, /* the shop needs an operator: wrong configuration, damaged file */
};

/*
 * X(identifier, name, class, http status, exit status of the command line, what it means)
 * Exit status: 1 refused for a business reason, 2 wrong use, 3 a store is unavailable, 4 found
 * wrong.
 */
#define ECOMMERCE_ERRORS(X)                                                                        \
    X(INVALID_ARGUMENT, "invalid_argument", REFUSED, 400, 2, "a field is missing or ill-formed")   \
    X(INVALID_JSON, "invalid_json", REFUSED, 400, 2, "the document is not strict JSON")            \
    X(INVALID_CONFIGURATION, "invalid_configuration", FATAL, 500, 2, "a setting is wrong")         \
    X(UNKNOWN_OPERATION, "unknown_operation", REFUSED, 404, 2, "there is no such operation")       \
    X(UNKNOWN_PRODUCT, "unknown_product", REFUSED, 422, 1, "no product has this id")               \
    X(RETIRED_PRODUCT, "retired_product", REFUSED, 409, 1, "the product is no longer sold")        \
    X(UNKNOWN_CUSTOMER, "unknown_customer", REFUSED, 422, 1, "no customer has this id")            \
    X(NOT_FOUND, "not_found", REFUSED, 404, 1, "nothing has this id")                              \
    X(ALREADY_EXISTS, "already_exists", REFUSED, 409, 1, "the id or unique value is taken")        \
    X(VERSION_CONFLICT, "version_conflict", REFUSED, 409, 1, "it changed since it was read")       \
    X(PRICE_CHANGED, "price_changed", REFUSED, 409, 1, "the catalogue has another price")          \
    X(OUT_OF_STOCK, "out_of_stock", REFUSED, 409, 1, "not enough stock at this moment")            \
    X(LIMIT_EXCEEDED, "limit_exceeded", REFUSED, 422, 1, "larger than a limit allows")             \
    X(IDEMPOTENCY_KEY_REUSED, "idempotency_key_reused", REFUSED, 422, 1,                           \
      "the key was used for another request")                                                      \
    X(INVALID_TRANSITION, "invalid_transition", REFUSED, 409, 1,                                   \
      "the order's state does not allow this change")                                              \
    X(CART_LOCKED, "cart_locked", REFUSED, 409, 1, "the cart is being checked out")                \
    X(EXPIRED, "expired", REFUSED, 410, 1, "the session or cart has expired")                      \
    X(IN_PROGRESS, "in_progress", RETRYABLE, 409, 3, "a request with the same key is in flight")   \
    X(NOT_PLACED, "not_placed", RETRYABLE, 503, 3, "surely not placed; repeat with the same key")  \
    X(UNAVAILABLE, "unavailable", RETRYABLE, 503, 3, "a store is away; nothing was changed")       \
    X(OVERLOADED, "overloaded", RETRYABLE, 429, 3, "too much work waits; repeat later")            \
    X(DEADLINE_EXCEEDED, "deadline_exceeded", RETRYABLE, 503, 3, "not done in time, not changed")  \
    X(OUTCOME_UNKNOWN, "outcome_unknown", OUTCOME_UNKNOWN, 503, 3,                                 \
      "sent and unanswered: repeat with the same key, or read it")                                 \
    X(OUT_OF_MEMORY, "out_of_memory", RETRYABLE, 503, 3, "an allocation failed")                   \
    X(STORAGE_FULL, "storage_full", RETRYABLE, 507, 3, "the disk or a quota is full")              \
    X(STORAGE_FAILED, "storage_failed", FATAL, 500, 3, "a store's file or device failed")          \
    X(STORE_VERSION, "store_version", FATAL, 500, 3, "written by a newer version of the engine")   \
    X(FOUND_WRONG, "found_wrong", REFUSED, 409, 4, "a check found something wrong")                \
    X(INTERNAL, "internal", FATAL, 500, 3, "a defect of the engine")

enum ecommerce_error_code {
    ECOMMERCE_OK = 0,
#define X(identifier, name, class, http, exit, meaning) ECOMMERCE_##identifier,
    ECOMMERCE_ERRORS(X)
#undef X
        ECOMMERCE_ERROR_CODES /* how many there are, ECOMMERCE_OK included */
};

typedef struct ecommerce_error {
    enum ecommerce_error_code code;
    char field[96];    /* the argument at fault, "items[2].quantity"; empty when none is */
    char message[416]; /* one English sentence without a full stop, safe to show to a caller */
    char subject[80]; /* id the error is about: the order of outcome_unknown, the sku that is out */
    double retry_after; /* seconds; 0 where repeating makes no sense or needs no wait */
} ecommerce_error;

/* "out_of_stock"; "ok" for ECOMMERCE_OK. Never NULL. */
const char *ecommerce_error_name(enum ecommerce_error_code code);
enum ecommerce_error_class ecommerce_error_class_of(enum ecommerce_error_code code);
int ecommerce_error_http_status(enum ecommerce_error_code code);
int ecommerce_error_exit_status(enum ecommerce_error_code code);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
