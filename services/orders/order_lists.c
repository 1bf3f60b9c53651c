/*
 * order_lists.c - reading orders: one with its history, and lists.
 *
 * Aborted and void orders are none: they are left out everywhere. An order is void only after its
 * void change, whose state document says so; one that nobody has judged yet is shown when it is of
 * the newest epoch.
 */
#include "services/customers/customers.h"
#include "services/orders/order_changes.h"
#include "services/orders/order_protocol.h"

#include <stdio.h>

static bool add_contact(struct call *call, struct str order_id, ecommerce_error *err)
{
    struct stored_document contact;
    bool found;
    if (!call_get(call, COLLECTION_ORDER_CONTACTS, order_id, false, &contact, &found, err)) {
        return false;
    }
    if (!found) {
        return true;
    }
    struct doc_iter iter;
    doc_open(call->out, "contact");
    for (doc_iter_init(&iter, contact.doc); doc_iter_next(&iter);) {
        if (!str_is(iter.value.key, "order_id") && !str_is(iter.value.key, "customer_id") &&
            !str_is(iter.value.key, "fingerprint")) {
            doc_add_value(call->out, NULL, &iter.value);
        }
    }
    doc_close(call->out);
    return true;
}

static bool not_found(struct str order_id, ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_NOT_FOUND, "order_id", "no order has the id '%.*s'",
                       STR_ARG(order_id));
}

bool orders_get(struct call *call, struct str order_id, ecommerce_error *err)
{
    struct stored_document stored;
    struct order order;
    struct order_state state;
    bool found;
    if (!id_check(order_id, "order_id", err) ||
        !call_get(call, COLLECTION_ORDERS, order_id, true, &stored, &found, err)) {
        return false;
    }
    if (!found || str_is(doc_text(stored.doc, "status"), "aborted")) {
        return not_found(order_id, err);
    }
    if (!order_parse(&call->arena, &stored, &order, err) ||
        !orders_ensure_judged(call, &order, err) || !changes_fold(call, &order, &state, err)) {
        return false;
    }
    order_state_show(call->out, &order, &state, &call->shop->currency);
    return add_contact(call, order_id, err);
}

/* ---- lists ---- */

enum source { BY_NUMBER, BY_CUSTOMER, BY_STATUS, BY_EMAIL, BY_TIME };

/* Which index narrows most. */
static enum source choose_source(const struct order_list_options *options)
{
    if (options->number.ptr != NULL) {
        return BY_NUMBER;
    }
    if (options->email.ptr != NULL) {
        return BY_EMAIL;
    }
    if (options->customer_id.ptr != NULL) {
        return BY_CUSTOMER;
    }
    return options->status.ptr != NULL ? BY_STATUS : BY_TIME;
}

static void fill_query(const struct order_list_options *options, enum source source,
                       struct documents_query *query, enum documents_collection *collection)
{
    *query = (struct documents_query){
        .range_field = "placed_at",
        .from = options->has_from ? options->from : INT64_MIN,
        .to = options->has_to ? options->to : INT64_MAX,
        .order = ORDER_BY_NUMBER,
        .descending = true,
        .after = options->cursor,
    };
    *collection = COLLECTION_ORDERS;
    switch (source) {
    case BY_NUMBER:
        query->terms[query->term_count++] = (struct documents_term){"number", options->number};
        break;
    case BY_CUSTOMER:
        query->terms[query->term_count++] =
            (struct documents_term){"customer_id", options->customer_id};
        break;
    case BY_STATUS:
        query->terms[query->term_count++] = (struct documents_term){"status", options->status};
        *collection = COLLECTION_ORDER_STATES;
        break;
    case BY_EMAIL:
        *query = (struct documents_query){.order = ORDER_BY_ID, .after = options->cursor};
        query->terms[query->term_count++] = (struct documents_term){"email", options->email};
        *collection = COLLECTION_ORDER_CONTACTS;
        break;
    case BY_TIME:
        break;
    }
}

/* The status that a list shows: the derived document's, or the fold's where that is missing. */
static bool status_of(struct call *call, const struct order *order, enum order_status *status,
                      ecommerce_error *err)
{
    struct stored_document stored;
    bool found;
    if (!call_get(call, COLLECTION_ORDER_STATES, order->order_id, false, &stored, &found, err)) {
        return false;
    }
    if (found && order_status_parse(doc_text(stored.doc, "status"), status)) {
        return true;
    }
    struct order_state state;
    if (!changes_fold(call, order, &state, err)) {
        return false;
    }
    *status = state.status;
    return true;
}

static bool fits(const struct order_list_options *options, const struct order *order,
                 enum order_status status)
{
    if (status == STATUS_VOID) {
        return false;
    }
    if (options->status.ptr != NULL && !str_is(options->status, order_status_name(status))) {
        return false;
    }
    if (options->customer_id.ptr != NULL && !str_equal(options->customer_id, order->customer_id)) {
        return false;
    }
    return (!options->has_from || order->placed_at >= options->from) &&
           (!options->has_to || order->placed_at < options->to);
}

static void show_row(struct doc_builder *out, const struct order *order, enum order_status status,
                     const struct currency *currency)
{
    int64_t units = 0;
    for (size_t i = 0; i < order->line_count; i++) {
        units += order->lines[i].quantity;
    }
    doc_open(out, NULL);
    doc_add_text(out, "order_id", order->order_id);
    doc_add_text(out, "number", order->number);
    doc_add_time(out, "placed_at", order->placed_at);
    doc_add_text(out, "customer_id", order->customer_id);
    doc_adds(out, "status", order_status_name(status));
    doc_add_int(out, "lines", (int64_t)order->line_count);
    doc_add_int(out, "units", units);
    doc_add_money(out, "total", order->total, currency);
    doc_close(out);
}

/* One candidate: the source's document, or the order it names. */
static bool show_candidate(struct call *call, const struct order_list_options *options,
                           enum documents_collection collection,
                           const struct stored_document *candidate, size_t *shown,
                           ecommerce_error *err)
{
    struct stored_document stored = *candidate;
    struct order order;
    enum order_status status;
    bool found = true;
    if (collection != COLLECTION_ORDERS &&
        !call_get(call, COLLECTION_ORDERS, candidate->id, false, &stored, &found, err)) {
        return false;
    }
    if (!found) {
        return true;
    }
    if (!order_parse(&call->arena, &stored, &order, err)) {
        return false;
    }
    if (order.aborted) {
        return true;
    }
    if (!status_of(call, &order, &status, err)) {
        return false;
    }
    if (fits(options, &order, status)) {
        show_row(call->out, &order, status, &call->shop->currency);
        (*shown)++;
    }
    return true;
}

static bool check_options(struct call *call, const struct order_list_options *options,
                          size_t *limit, ecommerce_error *err)
{
    const struct settings *settings = call->shop->settings;
    size_t most = (size_t)settings_int(settings, SETTING_SEARCH_MAX_PAGE);
    enum order_status status;
    *limit = options->limit ? options->limit
                            : (size_t)settings_int(settings, SETTING_SEARCH_DEFAULT_PAGE);
    if (*limit > most) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "limit", "a page has at most %zu orders",
                           most);
    }
    if (options->status.ptr != NULL && !order_status_parse(options->status, &status)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "status",
                           "'%.*s' is no status of an order", STR_ARG(options->status));
    }
    return true;
}

/* An address names an account's orders; one that no account has, those of the guests who gave it.
 */
static bool resolve_email(struct call *call, struct order_list_options *options,
                          ecommerce_error *err)
{
    struct stored_document customer;
    bool found;
    struct str normal;
    if (options->email.ptr == NULL || options->customer_id.ptr != NULL) {
        return true;
    }
    if (!email_normalise(&call->arena, options->email, "email", &normal, err) ||
        !customers_by_email(call, normal, &customer, &found, err)) {
        return false;
    }
    if (found) {
        options->customer_id = customer.id;
        options->email = STR_NONE;
    }
    return true;
}

bool orders_list(struct call *call, const struct order_list_options *given, ecommerce_error *err)
{
    struct order_list_options resolved = *given, *options = &resolved;
    if (!resolve_email(call, &resolved, err)) {
        return false;
    }
    enum source source = choose_source(options);
    enum documents_collection collection;
    struct documents_query query;
    size_t limit, shown = 0;
    struct str cursor = options->cursor;
    if (!check_options(call, options, &limit, err)) {
        return false;
    }
    fill_query(options, source, &query, &collection);
    doc_open_array(call->out, "orders");
    do {
        struct documents_request request =
            call_documents(call, DOCUMENTS_QUERY, collection, STR_NONE);
        query.after = cursor;
        query.limit = limit - shown;
        request.query = &query;
        if (!documents_run(call->shop->documents, &request, err)) {
            return false;
        }
        for (size_t i = 0; i < request.count; i++) {
            if (!show_candidate(call, options, collection, &request.documents[i], &shown, err)) {
                return false;
            }
        }
        cursor = request.cursor;
    } while (shown < limit && cursor.ptr != NULL);
    doc_close(call->out);
    doc_add_text(call->out, "cursor", cursor);
    return true;
}
