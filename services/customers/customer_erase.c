/*
 * customer_erase.c - taking a customer's personal data away, and handing all of it out.
 *
 * Erasing has three steps, each of which may be repeated: the profile becomes {customer_id, erased,
 * erased_at, erasing: {email}}, from when on nobody orders or records events in its name; all other
 * data go; the profile loses `erasing`. A call that finds an erased profile does the second step
 * again, which takes away what came in between.
 */
#include "services/analytics/events.h"
#include "services/customers/accounts.h"
#include "services/customers/customer_parts.h"
#include "services/customers/sessions.h"
#include "services/orders/orders.h"

enum { ERASE_ATTEMPTS = 8, CONTACTS_A_PAGE = 200, CARTS_LISTED = 100 };

/* ---- erasing ---- */

static void build_erased(struct doc_builder *out, struct str customer_id, int64_t erased_at,
                         const struct str *erasing)
{
    doc_add_text(out, "customer_id", customer_id);
    doc_add_bool(out, "erased", true);
    doc_add_int(out, "erased_at", erased_at);
    if (erasing != NULL) {
        doc_open(out, "erasing");
        doc_add_text(out, "email", *erasing);
        doc_close(out);
    }
}

/* erasing: the address whose claim has to go; NULL when all is done. *customer becomes what was
 * written; *replaced false: it changed meanwhile. */
static bool replace_erased(struct call *call, struct stored_document *customer, int64_t erased_at,
                           const struct str *erasing, bool *replaced, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    build_erased(&builder, customer->id, erased_at, erasing);
    struct documents_request request =
        call_documents(call, DOCUMENTS_REPLACE, COLLECTION_CUSTOMERS, customer->id);
    request.doc = doc_finish(&builder);
    request.version = customer->version;
    bool ok =
        doc_builder_check(&builder, err) && documents_run(call->shop->documents, &request, err);
    *replaced = ok && request.replaced;
    if (*replaced && !doc_copy(&call->arena, request.doc, &customer->doc)) {
        ok = error_memory(err);
    }
    customer->version += *replaced;
    doc_builder_release(&builder);
    return ok;
}

static bool begin(struct call *call, struct str customer_id, struct stored_document *customer,
                  bool *first, ecommerce_error *err)
{
    for (int attempt = 0; attempt < ERASE_ATTEMPTS; attempt++) {
        bool replaced;
        if (!customer_load(call, customer_id, customer, err)) {
            return false;
        }
        *first = !customer_is_erased(customer->doc);
        if (!*first) {
            return true;
        }
        struct str email = doc_text(customer->doc, "email");
        if (!replace_erased(call, customer, call_wall(call), &email, &replaced, err)) {
            return false;
        }
        if (replaced) {
            return true;
        }
    }
    return error_set(err, ECOMMERCE_OVERLOADED, "too many calls change this customer at once");
}

static bool erase_document(struct call *call, enum documents_collection collection, struct str id,
                           ecommerce_error *err)
{
    struct documents_request request = call_documents(call, DOCUMENTS_ERASE, collection, id);
    return documents_run(call->shop->documents, &request, err);
}

/* What is erased leaves the query: each page is the first one. */
static bool erase_contacts(struct call *call, struct str customer_id, int64_t *erased,
                           ecommerce_error *err)
{
    struct documents_query query = {
        .terms = {{"customer_id", customer_id}},
        .term_count = 1,
        .limit = CONTACTS_A_PAGE,
        .ids_only = true,
    };
    for (;;) {
        struct documents_request request =
            call_documents(call, DOCUMENTS_QUERY, COLLECTION_ORDER_CONTACTS, STR_NONE);
        request.query = &query;
        if (!documents_run(call->shop->documents, &request, err)) {
            return false;
        }
        for (size_t i = 0; i < request.count; i++) {
            if (!erase_document(call, COLLECTION_ORDER_CONTACTS, request.documents[i].id, err)) {
                return false;
            }
        }
        *erased += (int64_t)request.count;
        if (request.count < CONTACTS_A_PAGE) {
            return true;
        }
    }
}

/* Events that wait would bring the id back into what has forgotten it. */
static bool forget_events(struct call *call, struct str customer_id, ecommerce_error *err)
{
    bool worked = true;
    while (worked) {
        if (!events_relay_step(call, &worked, err)) {
            return false;
        }
    }
    struct timeseries_request timeseries = call_timeseries(call, TIMESERIES_FORGET_CUSTOMER);
    timeseries.key = customer_id;
    struct graph_request graph = call_graph(call, GRAPH_FORGET_CUSTOMER);
    graph.key = customer_id;
    return timeseries_run(call->shop->timeseries, &timeseries, err) &&
           graph_run(call->shop->graph, &graph, err);
}

static bool delete_carts(struct call *call, struct str customer_id, ecommerce_error *err)
{
    struct live_request request = call_live(call, LIVE_DELETE_OWNER);
    request.space = SPACE_CARTS;
    request.owner = customer_id;
    return live_run(call->shop->live, &request, err);
}

static bool erase_claim(struct call *call, struct str customer_id, struct str email,
                        ecommerce_error *err)
{
    struct stored_document stored;
    bool found;
    if (email.ptr == NULL) {
        return true;
    }
    char *id = arena_printf(&call->arena, "email:%.*s", STR_ARG(email));
    if (id == NULL) {
        return error_memory(err);
    }
    if (!call_get(call, COLLECTION_UNIQUE, str_of(id), true, &stored, &found, err)) {
        return false;
    }
    bool mine = found && str_equal(doc_text(stored.doc, "customer_id"), customer_id);
    return !mine || erase_document(call, COLLECTION_UNIQUE, str_of(id), err);
}

struct erased {
    int64_t contacts, sessions;
};

static bool wipe(struct call *call, struct str customer_id, struct str email, struct erased *erased,
                 ecommerce_error *err)
{
    return sessions_end_all(call, SESSION_CUSTOMER, customer_id, &erased->sessions, err) &&
           delete_carts(call, customer_id, err) && accounts_erase_login(call, customer_id, err) &&
           erase_contacts(call, customer_id, &erased->contacts, err) &&
           forget_events(call, customer_id, err) && erase_claim(call, customer_id, email, err);
}

static bool finish(struct call *call, struct stored_document *customer, const struct erased *erased,
                   ecommerce_error *err)
{
    bool replaced;
    struct doc_builder detail;
    doc_builder_init(&detail);
    doc_add_int(&detail, "contacts", erased->contacts);
    doc_add_int(&detail, "sessions", erased->sessions);
    struct doc doc = doc_finish(&detail);
    bool ok = doc_builder_check(&detail, err) &&
              shop_audit(call, "erase customer", customer->id, doc, err) &&
              replace_erased(call, customer, doc_int(customer->doc, "erased_at", 0), NULL,
                             &replaced, err);
    doc_builder_release(&detail);
    return ok;
}

bool customers_erase(struct call *call, struct str customer_id, ecommerce_error *err)
{
    struct stored_document customer;
    struct erased erased = {0};
    bool first;
    if (!begin(call, customer_id, &customer, &first, err)) {
        return false;
    }
    customer.id = customer_id;
    struct doc_value erasing;
    bool unfinished = first || doc_get(customer.doc, "erasing", &erasing);
    struct str email = doc_text(doc_child(customer.doc, "erasing"), "email");
    if (!wipe(call, customer_id, email, &erased, err) ||
        (unfinished && !finish(call, &customer, &erased, err))) {
        return false;
    }
    doc_add_text(call->out, "customer_id", customer_id);
    doc_add_bool(call->out, "erased", true);
    doc_add_time(call->out, "erased_at", doc_int(customer.doc, "erased_at", 0));
    doc_add_bool(call->out, "changed", unfinished);
    doc_add_int(call->out, "contacts", erased.contacts);
    doc_add_int(call->out, "sessions", erased.sessions);
    return true;
}

/* ---- exporting ---- */

/* The answer of another operation as a document in the arena. */
struct aside {
    struct doc_builder builder;
    struct doc_builder *out;
};

static void aside_begin(struct call *call, struct aside *aside)
{
    doc_builder_init(&aside->builder);
    aside->out = call->out;
    call->out = &aside->builder;
}

static bool aside_end(struct call *call, struct aside *aside, bool ok, struct doc *answer,
                      ecommerce_error *err)
{
    call->out = aside->out;
    *answer = doc_finish(&aside->builder);
    ok = ok && doc_builder_check(&aside->builder, err);
    if (ok && !doc_copy(&call->arena, *answer, answer)) {
        ok = error_memory(err);
    }
    doc_builder_release(&aside->builder);
    return ok;
}

static bool add_order(struct call *call, struct str order_id, ecommerce_error *err)
{
    struct aside aside;
    struct doc order;
    aside_begin(call, &aside);
    bool ok = orders_get(call, order_id, err);
    if (!aside_end(call, &aside, ok, &order, err)) {
        return false;
    }
    doc_add_doc(call->out, NULL, order);
    return true;
}

static bool add_orders(struct call *call, struct str customer_id, ecommerce_error *err)
{
    struct order_list_options options = {.customer_id = customer_id};
    doc_open_array(call->out, "orders");
    do {
        struct aside aside;
        struct doc page;
        struct doc_iter iter;
        aside_begin(call, &aside);
        bool ok = orders_list(call, &options, err);
        if (!aside_end(call, &aside, ok, &page, err)) {
            return false;
        }
        struct doc orders = doc_child(page, "orders");
        for (doc_iter_init(&iter, orders); doc_iter_next(&iter);) {
            if (!add_order(call, doc_text(iter.value.child, "order_id"), err)) {
                return false;
            }
        }
        options.cursor = doc_text(page, "cursor");
    } while (options.cursor.ptr != NULL);
    doc_close(call->out);
    return true;
}

static bool add_carts(struct call *call, struct str customer_id, ecommerce_error *err)
{
    struct live_request request = call_live(call, LIVE_LIST);
    request.space = SPACE_CARTS;
    request.owner = customer_id;
    request.limit = CARTS_LISTED;
    if (!live_run(call->shop->live, &request, err)) {
        return false;
    }
    doc_open_array(call->out, "carts");
    for (size_t i = 0; i < request.count; i++) {
        struct doc_value items;
        doc_open(call->out, NULL);
        doc_add_text(call->out, "cart_id", request.values[i].key);
        if (doc_get(request.values[i].doc, "items", &items)) {
            doc_add_value(call->out, NULL, &items);
        }
        doc_close(call->out);
    }
    doc_close(call->out);
    return true;
}

bool customers_export(struct call *call, struct str customer_id, ecommerce_error *err)
{
    struct stored_document customer;
    if (!customer_load(call, customer_id, &customer, err)) {
        return false;
    }
    doc_open(call->out, "customer");
    customer_show(call, customer.doc, customer.version);
    doc_close(call->out);
    if (!add_orders(call, customer_id, err) || !add_carts(call, customer_id, err) ||
        !sessions_add_all(call, "sessions", customer_id, err)) {
        return false;
    }
    doc_add_time(call->out, "exported_at", call_wall(call));
    return true;
}
