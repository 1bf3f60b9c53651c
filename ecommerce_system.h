/*
 * ecommerce_system.h - an e-commerce engine over four databases, as a C library.
 *
 *     #include <ecommerce/ecommerce_system.h>
 *
 *     ecommerce_error err;
 *     ecommerce_system *shop = ecommerce_open("ecommerce_config.yaml", &err);
 *     ecommerce_item items[] = {{.product_id = "mug", .quantity = 2, .price = "7.50"}};
 *     ecommerce_order order = {.customer_id = "ann", .items = items, .item_count = 1, .key =
 * "cart-17"}; ecommerce_document *answer; if (!ecommerce_process_order(shop, &order, &answer,
 * &err)) fprintf(stderr, "%s: %s\n", ecommerce_error_name(err.code), err.message); …
 *     ecommerce_document_free(&answer);
 *     ecommerce_close(&shop);
 *
 * Without a configuration the shop is embedded: four SQLite files in one folder, no server. The
 * same calls work on MongoDB, Redis, TimescaleDB and Neo4j when the configuration names them.
 *
 * Conventions
 *   Results   A function that can fail returns true on success. On failure it returns false, fills
 * *err (NULL is allowed) and leaves *answer NULL. See ecommerce_error.h for codes and what to do.
 *   Threads   One ecommerce_system may be used by any number of threads at once, without locks of
 * the caller's; concurrent calls share commits. A document belongs to one thread at a time. Several
 * processes may open the same embedded shop. Ownership Arguments stay the caller's and are not
 * kept. An answer is the caller's: ecommerce_document_free. Text      UTF-8, ends in a NUL byte.
 * NULL means "not given". Money     Decimal text ("29.99") in the shop's currency, exact; never a
 * binary fraction. Time      Microseconds since 1970-01-01 00:00 UTC; 0 means "now" or "not given".
 *   Keys      `key` is an idempotency key: the same call with the same key has its effect once, and
 *             later calls get the same answer. 1 to 255 printable ASCII characters. Keys of orders
 * belong to the customer (a guest's to `scope`). Deadlines Every call ends within the configured
 * deadline (orders.deadline), imports and rebuilds excepted. fork      A child process must not use
 * a system its parent opened.
 */
#pragma once

#include "ecommerce_error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct ecommerce_system ecommerce_system;     /* an open shop */
typedef struct ecommerce_document ecommerce_document; /* an answer, or a document to store */

/* ---- opening and closing ---- */

/* Opens the shop that a YAML file describes; NULL: all defaults (embedded, in ./shop-data). The
 * file's errors name line and setting (INVALID_CONFIGURATION). Finds out whether the stock counters
 * can be trusted and counts them again if not, so opening after a crash may take longer. NULL on
 * failure. */
ecommerce_system *ecommerce_open(const char *configuration_file, ecommerce_error *err);
/* The same with the configuration as a document (what a YAML parser gives of the file), and
 * overrides "path=value" as on the command line. Any of them may be absent. */
typedef struct ecommerce_open_options {
    const char *configuration_file;
    const ecommerce_document *configuration; /* instead of a file */
    const char *folder;           /* of the embedded stores; overrides the configuration */
    const char *const *overrides; /* "orders.deadline=5 s" */
    size_t override_count;
    /* Called with a level ("error", "warning", "info", "debug"), a component and a line; any
     * thread. */
    void (*log)(void *context, const char *level, const char *component, const char *line);
    void *log_context;
} ecommerce_open_options;
ecommerce_system *ecommerce_open_with(const ecommerce_open_options *options, ecommerce_error *err);
/* Delivers what is on its way to analytics and recommendations (at most a few seconds; the rest is
 * delivered by the next process), then closes. No call may be running. Sets the pointer to NULL;
 * NULL allowed. */
void ecommerce_close(ecommerce_system **system);
/* Waits until everything acknowledged so far is in analytics and recommendations. */
bool ecommerce_flush(ecommerce_system *system, ecommerce_error *err);
/* "0.1.0" */
const char *ecommerce_version(void);

/* ---- documents ---- */

/* From strict JSON (RFC 8259; duplicate keys, NaN, invalid UTF-8 refused); length SIZE_MAX: up to
 * the NUL. */
ecommerce_document *ecommerce_document_from_json(const char *json, size_t length,
                                                 ecommerce_error *err);
/* The document as JSON text, made once and kept with it; NULL when out of memory. */
const char *ecommerce_document_json(ecommerce_document *document);
/* The same with line breaks and indentation. */
const char *ecommerce_document_json_indented(ecommerce_document *document);
/* Values by path: "items.0.price". Absent or of another type: NULL, the fallback, 0. Texts live
 * with the document. */
const char *ecommerce_document_text(ecommerce_document *document, const char *path);
int64_t ecommerce_document_int(const ecommerce_document *document, const char *path,
                               int64_t fallback);
double ecommerce_document_double(const ecommerce_document *document, const char *path,
                                 double fallback);
bool ecommerce_document_bool(const ecommerce_document *document, const char *path, bool fallback);
/* Elements of an array or fields of a document; 0 when absent. */
size_t ecommerce_document_count(const ecommerce_document *document, const char *path);
/* True when the answer is that of an earlier call with the same key. */
bool ecommerce_document_replayed(const ecommerce_document *document);
/* The bytes (BSON 1.1), for programs that have their own reader. */
const unsigned char *ecommerce_document_bytes(const ecommerce_document *document, size_t *size);
void ecommerce_document_free(ecommerce_document **document);

/* ---- every operation by its name ---- */

/* `operation` as in docs/operations.md ("get_product_details"), arguments as a document of named
 * arguments (NULL: none). The functions below are this with typed arguments. */
bool ecommerce_call(ecommerce_system *system, const char *operation,
                    const ecommerce_document *arguments, ecommerce_document **answer,
                    ecommerce_error *err);
/* The table of operations as a document {operations: [...]}; needs no open shop. */
ecommerce_document *ecommerce_operations(ecommerce_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#include "ecommerce_operations.h"
