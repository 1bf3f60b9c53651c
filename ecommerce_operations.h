/*
 * ecommerce_operations.h - every operation of the shop as a C function with typed arguments.
 *
 * Included by ecommerce_system.h, whose conventions on results, threads, ownership, text, money,
 * time and keys hold for all of them. In short: true on success with *answer the caller's to free
 * (ecommerce_document_free; `answer` may be NULL when it is of no interest); false with *err filled
 * and *answer NULL. Zero and NULL mean "not given"; fields of structs that are not named in an
 * initialiser are thereby not given:
 *
 *     ecommerce_item items[] = {{.product_id = "mug", .quantity = 2}};
 *     ecommerce_order order = {.customer_id = "ann", .items = items, .item_count = 1, .key = "k1"};
 *     ecommerce_process_order(shop, &order, &answer, &err);
 *
 * Every function may fail with INVALID_ARGUMENT (err.field names the argument,
 * "items[2].quantity"), UNAVAILABLE, OVERLOADED, DEADLINE_EXCEEDED, OUT_OF_MEMORY, STORAGE_FULL,
 * STORAGE_FAILED and OUTCOME_UNKNOWN (writes only); below only the errors of its own are listed.
 *
 * Answers that had to do without a store name it in `degraded` (["graph"]); `as_of` then says how
 * old a part is. Lists have a `cursor` that gives the next page when it is handed back with
 * otherwise equal arguments, until it is null or absent. A `limit` is 1 to 10000; 0 is the
 * configured one.
 */
#pragma once

#include "ecommerce_system.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- orders ---- */

typedef struct ecommerce_item {
    const char *product_id; /* a product or a variant that can be sold by its own id */
    int64_t quantity;       /* 1 or more */
    const char
        *price; /* for one, "7.50": refused with PRICE_CHANGED when the catalogue's differs */
} ecommerce_item;

typedef struct ecommerce_order {
    const char *customer_id; /* NULL: a guest */
    const ecommerce_item *items;
    size_t item_count;
    const char *key;   /* idempotency key */
    const char *scope; /* whose key it is, for a guest: "cart:ID", "session:ID", "api:ID" */
    const ecommerce_document *contact; /* {email, shipping: {...}, billing: {...}}; erasable */
    const char *country;               /* NULL: the shipping address's, else the customer's */
    const char *delivery_method;       /* in the shop's words */
    const char *delivery_cost;         /* "3.90", added to the total */
} ecommerce_order;

/*
 * Places an order: checks prices and stock, takes the goods, records it. What is acknowledged
 * survives the loss of power and is never placed twice; analytics and recommendations hear of it
 * within seconds. Answer: {order_id, number, status: "placed", customer_id, country, items: [{line,
 * product_id, sku, name, quantity, price, amount}], delivery, total, currency, placed_at}. Errors:
 * UNKNOWN_PRODUCT, RETIRED_PRODUCT, UNKNOWN_CUSTOMER, PRICE_CHANGED, OUT_OF_STOCK, LIMIT_EXCEEDED,
 * IDEMPOTENCY_KEY_REUSED, IN_PROGRESS; NOT_PLACED (repeat with the same key).
 */
bool ecommerce_process_order(ecommerce_system *system, const ecommerce_order *order,
                             ecommerce_document **answer, ecommerce_error *err);

typedef struct ecommerce_order_result {
    bool ok;
    bool replayed;             /* the order of an earlier call with the same key */
    ecommerce_error error;     /* when !ok */
    ecommerce_document *order; /* when ok: as ecommerce_process_order answers */
} ecommerce_order_result;

/*
 * Places many, each by itself: one that is refused does not keep the others from being placed. They
 * share commits, so that a hundred cost little more than one; the deadline is that of one.
 * `results` has `count` elements, all of which are written; ecommerce_order_results_free frees
 * their orders.
 */
void ecommerce_process_orders(ecommerce_system *system, const ecommerce_order *orders, size_t count,
                              ecommerce_order_result *results);
void ecommerce_order_results_free(ecommerce_order_result *results, size_t count);

/* Answer: the order with its status now, changes, contact, payments, refunds and what came
 * back. Errors: NOT_FOUND. */
bool ecommerce_get_order(ecommerce_system *system, const char *order_id,
                         ecommerce_document **answer, ecommerce_error *err);

typedef struct ecommerce_order_filter {
    const char *customer_id;
    const char *status; /* "placed", "paid", "shipped", "delivered", "cancelled", "returned" */
    const char *number;
    const char *email;
    int64_t from, to; /* placed_at, half-open */
    size_t limit;
    const char *cursor;
} ecommerce_order_filter;

/* Newest first; NULL: all. Answer: {orders: [...], cursor}. */
bool ecommerce_list_orders(ecommerce_system *system, const ecommerce_order_filter *filter,
                           ecommerce_document **answer, ecommerce_error *err);

typedef struct ecommerce_order_change {
    const char *order_id;
    const char *kind;      /* "paid", "shipped", "delivered", "cancelled", "returned", "refunded" */
    const char *reference; /* of the payment, the parcel, the refund */
    const char *reason;
    const char *refund; /* refunded: how much, "5.00"; NULL: all that is due */
    const char *key;
} ecommerce_order_change;

/* Records what happened to an order. Answer: the order after it, and the change. Errors: NOT_FOUND,
 * INVALID_TRANSITION, IDEMPOTENCY_KEY_REUSED. */
bool ecommerce_change_order(ecommerce_system *system, const ecommerce_order_change *change,
                            ecommerce_document **answer, ecommerce_error *err);
/* The same by kind. Cancelling puts the goods back into stock and makes payments due back. */
bool ecommerce_pay_order(ecommerce_system *system, const char *order_id, const char *reference,
                         const char *key, ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_ship_order(ecommerce_system *system, const char *order_id, const char *reference,
                          const char *key, ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_deliver_order(ecommerce_system *system, const char *order_id, const char *reference,
                             const char *key, ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_cancel_order(ecommerce_system *system, const char *order_id, const char *reason,
                            const char *key, ecommerce_document **answer, ecommerce_error *err);
/* refund NULL: all that is due. */
bool ecommerce_refund_order(ecommerce_system *system, const char *order_id, const char *refund,
                            const char *key, ecommerce_document **answer, ecommerce_error *err);

typedef struct ecommerce_return_line {
    int64_t line;           /* the order's line, from 1; 0: the line that has the product */
    const char *product_id; /* instead of the line */
    int64_t quantity;
} ecommerce_return_line;

typedef struct ecommerce_return {
    const char *order_id;
    const ecommerce_return_line *lines; /* none: all that is left */
    size_t line_count;
    bool no_restock; /* the goods do not go back into stock */
    const char *reference;
    const char *reason;
    const char *key;
} ecommerce_return;

/* Takes goods of an order back. Answer and errors as of ecommerce_change_order. */
bool ecommerce_return_order(ecommerce_system *system, const ecommerce_return *goods,
                            ecommerce_document **answer, ecommerce_error *err);

typedef struct ecommerce_unlinked_return {
    const char *item_id; /* product or variant */
    int64_t quantity;
    const char *refund; /* for all of it, "12.00" */
    const char *customer_id;
    const char *country;
    const char *key; /* required: it names the return for good */
    bool no_restock;
    int64_t at;
} ecommerce_unlinked_return;

/* Takes goods back whose order the shop does not know. Answer: {movement_id, sku, quantity, refund,
 * at}. Errors: UNKNOWN_PRODUCT, UNKNOWN_CUSTOMER, IDEMPOTENCY_KEY_REUSED. */
bool ecommerce_return_unlinked(ecommerce_system *system, const ecommerce_unlinked_return *goods,
                               ecommerce_document **answer, ecommerce_error *err);

/* ---- catalogue ---- */

/*
 * Answer: the product's fields, price, currency, availability {available, in_stock, low}, variants
 * each with theirs, and, when asked for, recommendations {bought_together: [...], similar: [...]}.
 * Comes from memory while nothing it depends on has changed. Errors: UNKNOWN_PRODUCT.
 */
bool ecommerce_get_product_details(ecommerce_system *system, const char *product_id,
                                   bool with_recommendations, ecommerce_document **answer,
                                   ecommerce_error *err);

typedef struct ecommerce_write_options {
    int64_t expected_version; /* VERSION_CONFLICT when it has another one; 0: any */
    bool must_be_new;         /* put only: ALREADY_EXISTS when it is there */
} ecommerce_write_options;

/* Creates or replaces as a whole; equal content writes nothing. product NULL: without fields;
 * options NULL: none. Answer: the product and {changed, version}. Errors: ALREADY_EXISTS,
 * VERSION_CONFLICT. */
bool ecommerce_put_product(ecommerce_system *system, const char *product_id,
                           const ecommerce_document *product,
                           const ecommerce_write_options *options, ecommerce_document **answer,
                           ecommerce_error *err);
/* JSON merge patch (RFC 7396): null removes a field. Errors: UNKNOWN_PRODUCT, VERSION_CONFLICT. */
bool ecommerce_patch_product(ecommerce_system *system, const char *product_id,
                             const ecommerce_document *patch,
                             const ecommerce_write_options *options, ecommerce_document **answer,
                             ecommerce_error *err);
/* Sold no longer; orders that have it keep it. Errors: UNKNOWN_PRODUCT, VERSION_CONFLICT. */
bool ecommerce_retire_product(ecommerce_system *system, const char *product_id,
                              const ecommerce_write_options *options, ecommerce_document **answer,
                              ecommerce_error *err);

typedef struct ecommerce_search {
    const char *words;                 /* all must match; the last may be the beginning of a word */
    const char *category;              /* itself or any below it */
    const char *price_from, *price_to; /* "5.00", both included */
    const char *const *attributes;     /* "name=value"; all must hold */
    size_t attribute_count;
    bool in_stock, with_retired, with_facets;
    const char *sort; /* "relevance", "price", "price_descending", "name", "newest" */
    size_t limit;
    const char *cursor;
} ecommerce_search;

/* Answer: {products: [...], total, facets: {categories, attributes, price}, cursor}. */
bool ecommerce_search_products(ecommerce_system *system, const ecommerce_search *search,
                               ecommerce_document **answer, ecommerce_error *err);

/* category: {name, parent}; NULL: without fields. Answer: the category. */
bool ecommerce_put_category(ecommerce_system *system, const char *category_id,
                            const ecommerce_document *category, ecommerce_document **answer,
                            ecommerce_error *err);
/* Answer: {categories: [{category_id, name, parent, children: [...]}]}. */
bool ecommerce_list_categories(ecommerce_system *system, ecommerce_document **answer,
                               ecommerce_error *err);
/* Errors: NOT_FOUND. */
bool ecommerce_retire_category(ecommerce_system *system, const char *category_id,
                               ecommerce_document **answer, ecommerce_error *err);

/* ---- stock ---- */

typedef struct ecommerce_stock_movement {
    const char *item_id; /* product, variant or sku */
    int64_t quantity;    /* received: 1 or more; adjusted: any but 0 */
    const char *reason;
    const char *movement_id; /* the delivery note's; the same again changes nothing */
    const char *key;
    int64_t at;
} ecommerce_stock_movement;

/* Answer: {movement_id, sku, quantity, at, available, held}. Errors: UNKNOWN_PRODUCT,
 * IDEMPOTENCY_KEY_REUSED; adjust also OUT_OF_STOCK. */
bool ecommerce_stock_receive(ecommerce_system *system, const ecommerce_stock_movement *movement,
                             ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_stock_adjust(ecommerce_system *system, const ecommerce_stock_movement *movement,
                            ecommerce_document **answer, ecommerce_error *err);
/* Answer: {sku, tracked, available, held, threshold, low}. Errors: UNKNOWN_PRODUCT. */
bool ecommerce_stock_show(ecommerce_system *system, const char *item_id,
                          ecommerce_document **answer, ecommerce_error *err);
/* What is at or below its threshold. Answer: {items: [...], cursor}. */
bool ecommerce_stock_low(ecommerce_system *system, size_t limit, const char *cursor,
                         ecommerce_document **answer, ecommerce_error *err);
/* Answer: {sku, movements: [{id, at, quantity, level}]}. */
bool ecommerce_stock_history(ecommerce_system *system, const char *item_id, int64_t from,
                             int64_t to, ecommerce_document **answer, ecommerce_error *err);
/* Answer: {sku, as_of, level}. */
bool ecommerce_stock_as_of(ecommerce_system *system, const char *item_id, int64_t at,
                           ecommerce_document **answer, ecommerce_error *err);

/* ---- customers ---- */

/* Creates or replaces the profile {name, email, phone, country, addresses, …}; an e-mail address
 * belongs to one customer. Answer: the customer and {changed, version}. Errors: ALREADY_EXISTS,
 * VERSION_CONFLICT. */
bool ecommerce_put_customer(ecommerce_system *system, const char *customer_id,
                            const ecommerce_document *customer,
                            const ecommerce_write_options *options, ecommerce_document **answer,
                            ecommerce_error *err);
/* JSON merge patch (RFC 7396). Errors: NOT_FOUND, ALREADY_EXISTS, VERSION_CONFLICT. */
bool ecommerce_patch_customer(ecommerce_system *system, const char *customer_id,
                              const ecommerce_document *patch,
                              const ecommerce_write_options *options, ecommerce_document **answer,
                              ecommerce_error *err);
/* Errors: NOT_FOUND. */
bool ecommerce_get_customer(ecommerce_system *system, const char *customer_id,
                            ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_find_customer(ecommerce_system *system, const char *email,
                             ecommerce_document **answer, ecommerce_error *err);
/* Takes the personal data out of all stores; orders stay and name only the id. Repeating it
 * finishes what was interrupted. Answer: {customer_id, erased, erased_at, contacts, sessions}. */
bool ecommerce_erase_customer(ecommerce_system *system, const char *customer_id,
                              ecommerce_document **answer, ecommerce_error *err);
/* Answer: {customer, orders, carts, sessions, exported_at}. Errors: NOT_FOUND. */
bool ecommerce_export_customer(ecommerce_system *system, const char *customer_id,
                               ecommerce_document **answer, ecommerce_error *err);

/* ---- carts ---- */

typedef struct ecommerce_cart {
    const char *cart_id;
    const char *customer_id;  /* whose it is: another's is NOT_FOUND; NULL: whoever it belongs to */
    int64_t expected_version; /* VERSION_CONFLICT when it has another one; 0: any */
} ecommerce_cart;

/* Answer of all but checkout: {cart_id, customer_id, version, currency, items: [{product_id, name,
 * quantity, price, amount, price_changed, available, unavailable}], units, total, checking_out,
 * expires_at}. Errors: CART_LOCKED, LIMIT_EXCEEDED, UNKNOWN_PRODUCT, RETIRED_PRODUCT. */
bool ecommerce_cart_show(ecommerce_system *system, const ecommerce_cart *cart,
                         ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_cart_add(ecommerce_system *system, const ecommerce_cart *cart, const char *item_id,
                        int64_t quantity, ecommerce_document **answer, ecommerce_error *err);
/* 0 removes it. */
bool ecommerce_cart_set(ecommerce_system *system, const ecommerce_cart *cart, const char *item_id,
                        int64_t quantity, ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_cart_remove(ecommerce_system *system, const ecommerce_cart *cart,
                           const char *item_id, ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_cart_clear(ecommerce_system *system, const ecommerce_cart *cart,
                          ecommerce_document **answer, ecommerce_error *err);
/* The guest's into the customer's (cart->customer_id is required); the guest's is empty then. */
bool ecommerce_cart_merge(ecommerce_system *system, const ecommerce_cart *cart,
                          const char *guest_cart_id, ecommerce_document **answer,
                          ecommerce_error *err);

typedef struct ecommerce_checkout {
    const char *key;
    const ecommerce_document *contact;
    const char *country;
    const char *delivery_method;
    const char *delivery_cost;
} ecommerce_checkout;

/* Orders what is in the cart, at the prices that were shown last; checkout NULL: nothing given.
 * Answer: the order. Errors: those of ecommerce_process_order, CART_LOCKED. */
bool ecommerce_cart_checkout(ecommerce_system *system, const ecommerce_cart *cart,
                             const ecommerce_checkout *checkout, ecommerce_document **answer,
                             ecommerce_error *err);

/* ---- sessions ---- */

/* customer_id NULL: a guest's; data: what to remember, NULL: nothing. Answer: {token, session,
 * role, expires_at, ends_at}; the token is shown this once. Errors: UNKNOWN_CUSTOMER,
 * LIMIT_EXCEEDED. */
bool ecommerce_session_begin(ecommerce_system *system, const char *customer_id,
                             const ecommerce_document *data, ecommerce_document **answer,
                             ecommerce_error *err);
/* Answer of these three: {session, role, customer_id, data, began_at, used_at, expires_at,
 * ends_at}. Errors: EXPIRED. Showing does not count as use. */
bool ecommerce_session_show(ecommerce_system *system, const char *token,
                            ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_session_touch(ecommerce_system *system, const char *token,
                             ecommerce_document **answer, ecommerce_error *err);
/* merge: as a merge patch (RFC 7396), else as a whole. Errors also: LIMIT_EXCEEDED. */
bool ecommerce_session_set_data(ecommerce_system *system, const char *token,
                                const ecommerce_document *data, bool merge,
                                ecommerce_document **answer, ecommerce_error *err);
/* Answer: {ended: bool}. */
bool ecommerce_session_end(ecommerce_system *system, const char *token, ecommerce_document **answer,
                           ecommerce_error *err);
/* Answer: {customer_id, ended: how many}. */
bool ecommerce_session_end_all(ecommerce_system *system, const char *customer_id,
                               ecommerce_document **answer, ecommerce_error *err);

/* ---- log-ins ---- */

/*
 * Passwords are kept as argon2id hashes; hashing takes tens of milliseconds and OVERLOADED comes
 * when too many wait for it. Tokens are secrets: hand them to the person they belong to, by mail,
 * and to no log.
 */

/* profile: further fields of the customer, or NULL. Answer: {customer_id, verification_token}.
 * Errors: ALREADY_EXISTS. */
bool ecommerce_register(ecommerce_system *system, const char *email, const char *password,
                        const ecommerce_document *profile, ecommerce_document **answer,
                        ecommerce_error *err);
/* Answer: {customer_id, verified}. Errors: EXPIRED (unknown, used or too old, alike). */
bool ecommerce_verify_email(ecommerce_system *system, const char *token,
                            ecommerce_document **answer, ecommerce_error *err);
/* Answer: as of ecommerce_session_begin, with {customer_id, email_verified}. Errors: NOT_FOUND, for
 * an unknown address as for a wrong password. */
bool ecommerce_log_in(ecommerce_system *system, const char *email, const char *password,
                      ecommerce_document **answer, ecommerce_error *err);
/* token: the session's. Answer: {ended}. */
bool ecommerce_log_out(ecommerce_system *system, const char *token, ecommerce_document **answer,
                       ecommerce_error *err);
bool ecommerce_log_out_everywhere(ecommerce_system *system, const char *token,
                                  ecommerce_document **answer, ecommerce_error *err);
/* Answer: {accepted} for any address, with {customer_id, email, reset_token} when there is
 * something to mail. */
bool ecommerce_request_password_reset(ecommerce_system *system, const char *email,
                                      ecommerce_document **answer, ecommerce_error *err);
/* Ends all sessions. Answer: {customer_id, ended}. Errors: EXPIRED. */
bool ecommerce_reset_password(ecommerce_system *system, const char *token, const char *password,
                              ecommerce_document **answer, ecommerce_error *err);

/* ---- staff and API keys ---- */

typedef struct ecommerce_staff {
    const char *staff_id;
    const char *name;
    const char *role;     /* "staff" or "admin" */
    const char *password; /* NULL: stays as it is */
} ecommerce_staff;

/* Creates or changes; a new role or password ends the account's sessions. Answer: the account. */
bool ecommerce_staff_put(ecommerce_system *system, const ecommerce_staff *staff,
                         ecommerce_document **answer, ecommerce_error *err);
/* Errors: NOT_FOUND. */
bool ecommerce_staff_disable(ecommerce_system *system, const char *staff_id,
                             ecommerce_document **answer, ecommerce_error *err);
/* Answer: {staff: [...]}. */
bool ecommerce_staff_list(ecommerce_system *system, ecommerce_document **answer,
                          ecommerce_error *err);
/* As ecommerce_log_in. */
bool ecommerce_staff_log_in(ecommerce_system *system, const char *staff_id, const char *password,
                            ecommerce_document **answer, ecommerce_error *err);

typedef struct ecommerce_api_key {
    const char *name;          /* what it is for */
    const char *role;          /* "customer", "staff" or "admin" */
    const char *const *scopes; /* none: all that the role may */
    size_t scope_count;
} ecommerce_api_key;

/* Answer: {key_id, key, name, role, scopes}; the key is shown this once. */
bool ecommerce_api_key_create(ecommerce_system *system, const ecommerce_api_key *key,
                              ecommerce_document **answer, ecommerce_error *err);
/* Answer: {keys: [{key_id, name, role, scopes, created_at, revoked_at}]}. */
bool ecommerce_api_key_list(ecommerce_system *system, ecommerce_document **answer,
                            ecommerce_error *err);
/* Errors: NOT_FOUND. Revoking again is none. */
bool ecommerce_api_key_revoke(ecommerce_system *system, const char *key_id,
                              ecommerce_document **answer, ecommerce_error *err);

/* ---- analytics, recommendations, behaviour ---- */

/* What a customer bought, how often, and what may come next. Errors: UNKNOWN_CUSTOMER. */
bool ecommerce_get_customer_insights(ecommerce_system *system, const char *customer_id,
                                     int64_t as_of, ecommerce_document **answer,
                                     ecommerce_error *err);

typedef struct ecommerce_report_options {
    int64_t from, to; /* half-open */
    int64_t as_of;    /* look at the shop as it was then */
    const char *by;   /* sales: "hour", "day", "week", "month", "year" */
    size_t limit;
    const char *category, *country, *product_id;
    bool with_services; /* rank services, such as delivery, too */
} ecommerce_report_options;

/* name: "sales", "top-products", "top-customers", "categories", "countries", "stock-outs",
 * "slow-movers", "repeat-rate", "trending"; options NULL: none. */
bool ecommerce_report(ecommerce_system *system, const char *name,
                      const ecommerce_report_options *options, ecommerce_document **answer,
                      ecommerce_error *err);
/* kind: "bought-together" and "similar" (id: a product), "for-customer" and "buy-again" (id: a
 * customer), "trending" (id NULL). Only what can be bought now. */
bool ecommerce_recommend(ecommerce_system *system, const char *kind, const char *id, size_t limit,
                         ecommerce_document **answer, ecommerce_error *err);

typedef struct ecommerce_event {
    const char *kind; /* "viewed", "searched", "added_to_cart", "removed_from_cart", or your own */
    const char *customer_id;
    const char *product_id;
    const char *session; /* the `session` of ecommerce_session_begin, never the token */
    const char *text;    /* the words that were searched */
    int64_t at;
    const char *key; /* id of the event: the same one again is not counted */
} ecommerce_event;

/* Answer: {event_id, at}. Errors: UNKNOWN_PRODUCT, UNKNOWN_CUSTOMER. */
bool ecommerce_record_event(ecommerce_system *system, const ecommerce_event *event,
                            ecommerce_document **answer, ecommerce_error *err);

/* ---- imports ---- */

/* They have an hour instead of the configured deadline, go on where an interrupted one ended, and
 * change nothing when they are repeated. Answer: how much of what was read, made and already there.
 */

/* The trade of an Online Retail file (CSV, plain or gzip), whose amounts are pounds. */
bool ecommerce_import_retail(ecommerce_system *system, const char *path,
                             ecommerce_document **answer, ecommerce_error *err);

/* The products of a CSV file are put, one with its variants in lines of their own. Columns:
 * docs/import.md. */
bool ecommerce_import_products(ecommerce_system *system, const char *path,
                               ecommerce_document **answer, ecommerce_error *err);
/* The customers of a CSV file are put. */
bool ecommerce_import_customers(ecommerce_system *system, const char *path,
                                ecommerce_document **answer, ecommerce_error *err);
/* The stock movements of a CSV file; lines without a movement_id are taken once under `key`. */
bool ecommerce_import_stock(ecommerce_system *system, const char *path, const char *key,
                            ecommerce_document **answer, ecommerce_error *err);

/* Exports write CSV files that the imports take; a file that is there is replaced. Answer: how many
 * lines. */
bool ecommerce_export_products(ecommerce_system *system, const char *path,
                               ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_export_customers(ecommerce_system *system, const char *path,
                                ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_export_orders(ecommerce_system *system, const char *path,
                             ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_export_stock(ecommerce_system *system, const char *path, ecommerce_document **answer,
                            ecommerce_error *err);

typedef struct ecommerce_demo_options {
    int64_t seed;                               /* 0: 1 */
    int64_t products, customers, orders, carts; /* how many of each */
    int64_t days;                               /* length of the history */
    int64_t now;                                /* its end */
} ecommerce_demo_options;

/* An invented trade, the same for the same seed; options NULL: none. */
bool ecommerce_demo(ecommerce_system *system, const ecommerce_demo_options *options,
                    ecommerce_document **answer, ecommerce_error *err);

/* ---- for operators ---- */

/* Answer: {status: "up" | "degraded" | "down", stores, epoch, relay: {queue, pending, parked,
 * lag_seconds}}. It answers within seconds whatever state the stores are in. */
bool ecommerce_health(ecommerce_system *system, ecommerce_document **answer, ecommerce_error *err);
/* Counters and latencies of this process since it opened the shop. */
bool ecommerce_metrics(ecommerce_system *system, ecommerce_document **answer, ecommerce_error *err);

typedef struct ecommerce_log_query {
    const char *kind;
    int64_t from, to;
    size_t limit;
    const char *cursor;
} ecommerce_log_query;

/* The error log and the audit log, newest first; query NULL: all. Answer: {entries: [{id, at, kind,
 * subject, …}], cursor}. */
bool ecommerce_errors(ecommerce_system *system, const ecommerce_log_query *query,
                      ecommerce_document **answer, ecommerce_error *err);
bool ecommerce_audit(ecommerce_system *system, const ecommerce_log_query *query,
                     ecommerce_document **answer, ecommerce_error *err);

/* Compares the stores with the facts. dry_run: only say what a repair would do; limit: findings
 * listed. Answer: {clean, checked, findings, counts}; finding something is no failure of the call.
 */
bool ecommerce_check(ecommerce_system *system, bool repair, bool dry_run, size_t limit,
                     ecommerce_document **answer, ecommerce_error *err);
/* what: "analytics", "graph" or "stock", made again from the facts while the shop sells. */
bool ecommerce_rebuild(ecommerce_system *system, const char *what, ecommerce_document **answer,
                       ecommerce_error *err);
/* Orders, changes and movements that could not be delivered for a reason of their own. */
bool ecommerce_parked_list(ecommerce_system *system, size_t limit, ecommerce_document **answer,
                           ecommerce_error *err);
bool ecommerce_parked_replay(ecommerce_system *system, const char *id, ecommerce_document **answer,
                             ecommerce_error *err);
bool ecommerce_parked_drop(ecommerce_system *system, const char *id, const char *reason,
                           ecommerce_document **answer, ecommerce_error *err);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
