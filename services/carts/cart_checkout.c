#include "services/carts/cart_parts.h"
#include "services/customers/customers.h"
#include "services/orders/order_changes.h"
#include "services/orders/order_protocol.h"

enum { MARK_ATTEMPTS = 8 };
/* A checkout has no more time than this, whatever the call's deadline. */
#define CHECKOUT_LONGEST INT64_C(600000000)

/* ---- the order behind a mark ---- */

static bool scope_of(struct call *call, const struct cart *cart, struct str *scope,
                     ecommerce_error *err)
{
    bool guest = cart->customer_id.ptr == NULL;
    char *text = arena_printf(&call->arena, "%s:%.*s", guest ? "cart" : "customer",
                              STR_ARG(guest ? cart->cart_id : cart->customer_id));
    *scope = str_of(text);
    return text != NULL || error_memory(err);
}

/* An id that an order had not taken is taken for good. *taken false: an order was faster. */
static bool give_up(struct call *call, struct str order_id, bool *taken, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    order_build_aborted(&builder, order_id, order_runtime_epoch(call->shop->orders));
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              documents_insert(call->shop->documents, COLLECTION_ORDERS, order_id, doc, 0,
                               call->deadline, taken, err);
    doc_builder_release(&builder);
    return ok;
}

/* Does this document count as the order? Void ones do not, aborted ones do not. */
static bool counts(struct call *call, const struct stored_document *stored, bool *placed,
                   ecommerce_error *err)
{
    struct order order;
    bool is_void;
    ecommerce_error local = {0};
    *placed = false;
    if (!order_parse(&call->arena, stored, &order, err)) {
        return false;
    }
    if (order.aborted) {
        return true;
    }
    if (!changes_find_void(call, order.order_id, &is_void, err)) {
        return false;
    }
    if (is_void) {
        return true;
    }
    *placed = orders_ensure_judged(call, &order, &local);
    if (!*placed && local.code != ECOMMERCE_NOT_FOUND) {
        if (err != NULL) {
            *err = local;
        }
        return false;
    }
    return true;
}

/* The order that was placed under the mark's key, or STR_NONE: then it never will be. Attempts at
 * an order have ids of their own, each only after the one before was aborted or void. */
static bool find_order(struct call *call, const struct cart *cart, struct str *order_id,
                       ecommerce_error *err)
{
    const struct order_request request = {.key = cart->mark_key};
    struct attempt attempt = {.request = &request, .tries = 1};
    if (!scope_of(call, cart, &attempt.scope, err)) {
        return false;
    }
    *order_id = STR_NONE;
    for (;;) {
        struct stored_document stored;
        bool found, taken = false, placed;
        attempt_name(call, &attempt);
        struct str id = str_of(attempt.order_id.text);
        if (!call_get(call, COLLECTION_ORDERS, id, true, &stored, &found, err) ||
            (!found && !give_up(call, id, &taken, err))) {
            return false;
        }
        if (taken) {
            return true;
        }
        if (!found) {
            continue;
        }
        if (!counts(call, &stored, &placed, err)) {
            return false;
        }
        if (placed) {
            *order_id = stored.id;
            return true;
        }
        attempt.tries++;
    }
}

/* ---- marks ---- */

static void unmark(struct cart *cart)
{
    cart->mark_key = STR_NONE;
    cart->mark_deadline = 0;
    cart->mark_version = 0;
    cart->mark_request_key = STR_NONE;
}

static void empty(struct cart *cart, struct str order_id)
{
    cart->item_count = 0;
    cart->last_version = cart->mark_version;
    cart->last_request_key = cart->mark_request_key;
    cart->last_order_id = order_id;
    unmark(cart);
}

static bool locked(ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_CART_LOCKED, "cart_id", "the cart is being checked out");
}

/* *written false: somebody else resolved it. */
static bool resolve(struct call *call, struct cart *cart, struct str *order_id, bool *written,
                    ecommerce_error *err)
{
    if (!find_order(call, cart, order_id, err)) {
        return false;
    }
    if (order_id->ptr != NULL) {
        empty(cart, *order_id);
    } else {
        unmark(cart);
    }
    return cart_write(call, cart, written, err);
}

bool cart_open(struct call *call, const struct cart_ref *ref, bool locked_is_fine,
               struct cart *cart, struct str *resolved, ecommerce_error *err)
{
    struct str order_id = STR_NONE;
    for (int attempt = 0; attempt < MARK_ATTEMPTS; attempt++) {
        bool written;
        if (!cart_read(call, ref, cart, err)) {
            return false;
        }
        if (cart->mark_key.ptr == NULL) {
            if (resolved != NULL) {
                *resolved = STR_NONE;
            }
            return true;
        }
        if (call_wall(call) <= cart->mark_deadline + CHECKOUT_MARGIN) {
            return locked_is_fine || locked(err);
        }
        if (!resolve(call, cart, &order_id, &written, err)) {
            return false;
        }
        if (written) {
            if (resolved != NULL) {
                *resolved = order_id;
            }
            return true;
        }
    }
    return locked(err);
}

/* ---- checking out ---- */

/* The key is made of the cart's incarnation too: an expired cart's id and version come again. */
static bool mark(struct call *call, struct cart *cart, const struct cart_checkout *checkout,
                 bool *written, ecommerce_error *err)
{
    struct id id;
    char *version = arena_printf(&call->arena, "%lld", (long long)cart->version);
    if (version == NULL) {
        return error_memory(err);
    }
    const struct str parts[] = {STR("cart"), cart->cart_id, cart->incarnation, str_of(version)};
    id_derive(&id, parts, ARRAY_LENGTH(parts));
    char *key = arena_printf(&call->arena, "cart:%s", id.text);
    if (key == NULL) {
        return error_memory(err);
    }
    int64_t left = call->deadline - seams_monotonic(call->shop->seams);
    cart->mark_key = str_of(key);
    cart->mark_deadline = call_wall(call) + left;
    cart->mark_version = cart->version;
    cart->mark_request_key = checkout->key;
    return cart_write(call, cart, written, err);
}

static bool fill_request(struct call *call, const struct cart *cart,
                         const struct cart_checkout *checkout, struct order_request *request,
                         ecommerce_error *err)
{
    struct order_item_request *items = arena_array(&call->arena, cart->item_count, sizeof(*items));
    if (items == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < cart->item_count; i++) {
        items[i] = (struct order_item_request){
            .item_id = cart->items[i].item_id,
            .quantity = cart->items[i].quantity,
            .has_price = true,
            .price = cart->items[i].price_shown,
        };
    }
    *request = (struct order_request){
        .customer_id = cart->customer_id,
        .items = items,
        .item_count = cart->item_count,
        .key = cart->mark_key,
        .contact = checkout->contact,
        .country = checkout->country,
        .delivery_method = checkout->delivery_method,
        .delivery_cost = checkout->delivery_cost,
    };
    return scope_of(call, cart, &request->scope, err);
}

/* Whether the order was placed is then for a later call to find out. */
static bool is_open_question(const ecommerce_error *err)
{
    return err->code == ECOMMERCE_IN_PROGRESS ||
           ecommerce_error_class_of(err->code) == ECOMMERCE_CLASS_OUTCOME_UNKNOWN;
}

/* When it cannot be written, the mark is left over and the next call resolves it: the outcome of
 * the order is settled either way. */
static void write_outcome(struct call *call, struct cart *cart)
{
    ecommerce_error err = {0};
    bool written;
    if (!cart_write(call, cart, &written, &err)) {
        log_write(call->shop->logger, LOG_WARNING, "carts", "a mark is left over: %s", err.message);
    }
}

static bool show_order(struct call *call, struct doc doc, struct str order_id, ecommerce_error *err)
{
    const struct stored_document stored = {.id = order_id, .doc = doc, .version = 1};
    struct order order;
    if (!order_parse(&call->arena, &stored, &order, err)) {
        return false;
    }
    order_show(call->out, &order, STATUS_PLACED, &call->shop->currency);
    return true;
}

static bool place(struct call *call, struct cart *cart, const struct cart_checkout *checkout,
                  ecommerce_error *err)
{
    struct order_request request;
    struct order_result result = {0};
    if (!fill_request(call, cart, checkout, &request, err)) {
        unmark(cart);
        write_outcome(call, cart);
        return false;
    }
    orders_process_batch(call, &request, 1, &result);
    if (!result.ok && is_open_question(&result.error)) {
        if (err != NULL) {
            *err = result.error;
        }
        return false;
    }
    struct str order_id = doc_text(result.order, "order_id");
    if (result.ok) {
        empty(cart, order_id);
    } else {
        unmark(cart);
    }
    write_outcome(call, cart);
    if (!result.ok) {
        if (err != NULL) {
            *err = result.error;
        }
        return false;
    }
    call->replayed = result.replayed;
    return show_order(call, result.order, order_id, err);
}

static bool replay(struct call *call, struct str order_id, ecommerce_error *err)
{
    struct stored_document stored;
    bool found;
    if (!call_get(call, COLLECTION_ORDERS, order_id, true, &stored, &found, err)) {
        return false;
    }
    if (!found) {
        return error_set(err, ECOMMERCE_FOUND_WRONG, "the cart's order '%.*s' is missing",
                         STR_ARG(order_id));
    }
    call->replayed = true;
    return show_order(call, stored.doc, order_id, err);
}

static bool is_repeat(const struct cart *cart, const struct cart_ref *ref,
                      const struct cart_checkout *checkout)
{
    bool same_key = checkout->key.ptr != NULL && cart->last_request_key.ptr != NULL &&
                    str_equal(checkout->key, cart->last_request_key);
    bool same_version = ref->expected_version != 0 && ref->expected_version == cart->last_version;
    return cart->last_order_id.ptr != NULL && (same_key || same_version);
}

/* The contact with its e-mail address normalised, so that orders are found by it. A guest's is the
 * only way to reach the guest. */
static bool check_contact(struct call *call, const struct cart *cart,
                          struct cart_checkout *checkout, ecommerce_error *err)
{
    struct str email = doc_text(checkout->contact, "email"), normal;
    struct doc_builder builder;
    struct doc_iter iter;
    if (email.ptr == NULL) {
        return cart->customer_id.ptr != NULL ||
               error_field(err, ECOMMERCE_INVALID_ARGUMENT, "contact.email",
                           "a guest's order needs an e-mail address");
    }
    if (!email_normalise(&call->arena, email, "contact.email", &normal, err)) {
        return false;
    }
    doc_builder_init(&builder);
    for (doc_iter_init(&iter, checkout->contact); doc_iter_next(&iter);) {
        if (str_is(iter.value.key, "email")) {
            doc_add_text(&builder, "email", normal);
        } else {
            doc_add_value(&builder, NULL, &iter.value);
        }
    }
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err);
    if (ok && !doc_copy(&call->arena, doc, &checkout->contact)) {
        ok = error_memory(err);
    }
    doc_builder_release(&builder);
    return ok;
}

static bool check_checkout(struct call *call, const struct cart_ref *ref, const struct cart *cart,
                           struct cart_checkout *checkout, ecommerce_error *err)
{
    if (!cart_check_version(ref, cart, err)) {
        return false;
    }
    if (cart->item_count == 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "cart_id", "the cart is empty");
    }
    return check_contact(call, cart, checkout, err);
}

bool carts_checkout(struct call *call, const struct cart_ref *ref,
                    const struct cart_checkout *checkout, ecommerce_error *err)
{
    struct cart_checkout checked = *checkout;
    int64_t latest = seams_monotonic(call->shop->seams) + CHECKOUT_LONGEST;
    call->deadline = call->deadline < latest ? call->deadline : latest;
    for (int attempt = 0; attempt < MARK_ATTEMPTS; attempt++) {
        struct cart cart;
        struct str resolved;
        bool written;
        if (!cart_open(call, ref, false, &cart, &resolved, err)) {
            return false;
        }
        if (resolved.ptr != NULL) {
            return replay(call, resolved, err);
        }
        if (is_repeat(&cart, ref, checkout)) {
            return replay(call, cart.last_order_id, err);
        }
        if (!check_checkout(call, ref, &cart, &checked, err) ||
            !mark(call, &cart, &checked, &written, err)) {
            return false;
        }
        if (written) {
            return place(call, &cart, &checked, err);
        }
    }
    return error_set(err, ECOMMERCE_OVERLOADED, "too many calls change this cart at once");
}
