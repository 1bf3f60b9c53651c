#include "services/catalog/catalog.h"
#include "services/orders/order_facts.h"
#include "services/orders/order_protocol.h"

#include <inttypes.h>
#include <stdio.h>

enum { KEY_MAX = 255, SCOPE_MAX = 128, COUNTRY_MAX = 64, DELIVERY_METHOD_MAX = 64 };

void attempt_fail(struct attempt *attempt, const ecommerce_error *err)
{
    attempt->result->ok = false;
    attempt->result->error = *err;
    attempt->step = STEP_DONE;
}

void attempt_refuse(struct attempt *attempt, const ecommerce_error *err)
{
    attempt->refusal = *err;
    attempt->step = STEP_REFUSE;
}

void attempt_name(struct call *call, struct attempt *attempt)
{
    if (attempt->request->key.ptr == NULL) {
        id_new(call->shop->seams, &attempt->order_id);
    } else {
        char tries[24];
        snprintf(tries, sizeof(tries), "%" PRId64, attempt->tries);
        struct str parts[] = {str_of(call->shop->shop_id.text), attempt->scope,
                              attempt->request->key, str_of(tries)};
        id_derive(&attempt->order_id, parts, ARRAY_LENGTH(parts));
    }
    attempt->order.order_id = str_of(attempt->order_id.text);
    attempt->order.attempt = attempt->tries;
    if (attempt->request->number.ptr == NULL) {
        order_number_of(attempt->order.order_id, attempt->number, sizeof(attempt->number));
        attempt->order.number = str_of(attempt->number);
    }
}

/* ---- the request by itself ---- */

static bool printable_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < 0x21 || text.ptr[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

static bool check_key(struct call *call, const struct order_request *request, ecommerce_error *err)
{
    if (request->key.ptr == NULL) {
        if (settings_bool(call->shop->settings, SETTING_ORDERS_REQUIRE_IDEMPOTENCY_KEY)) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "key",
                               "this shop takes orders only with an idempotency key");
        }
        return true;
    }
    if (request->key.len == 0 || request->key.len > KEY_MAX || !printable_ascii(request->key)) {
        return error_field(
            err, ECOMMERCE_INVALID_ARGUMENT, "key",
            "an idempotency key is 1 to %d printable ASCII characters without spaces", KEY_MAX);
    }
    if (request->customer_id.ptr == NULL && request->scope.len == 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "scope",
                           "the key of a guest's order needs a scope, such as its cart or session");
    }
    return true;
}

static bool check_length(struct str text, size_t maximum, const char *field, ecommerce_error *err)
{
    if (text.len > maximum) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, field, "%s is longer than %zu bytes",
                           field, maximum);
    }
    if (text.ptr != NULL && !str_is_utf8(text)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "%s is not valid UTF-8", field);
    }
    return true;
}

static bool check_item(struct call *call, const struct order_item_request *item,
                       ecommerce_error *err)
{
    int64_t most = settings_int(call->shop->settings, SETTING_ORDERS_MAX_QUANTITY);
    if (!id_check(item->item_id, "product_id", err)) {
        return false;
    }
    if (item->quantity <= 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "quantity",
                           "a quantity is greater than zero, not %" PRId64, item->quantity);
    }
    if (item->quantity > most) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "quantity",
                           "a quantity is at most %" PRId64 ", not %" PRId64, most, item->quantity);
    }
    if (item->has_price && item->price < 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "price", "a price is not negative");
    }
    return true;
}

static bool check_items(struct call *call, const struct order_request *request,
                        ecommerce_error *err)
{
    size_t most = (size_t)settings_int(call->shop->settings, SETTING_ORDERS_MAX_LINES);
    if (request->item_count == 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "items",
                           "an order has at least one item");
    }
    if (request->item_count > most) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "items",
                           "an order has at most %zu items, not %zu", most, request->item_count);
    }
    for (size_t i = 0; i < request->item_count; i++) {
        if (!check_item(call, &request->items[i], err)) {
            return error_under(err, "items[%zu]", i);
        }
    }
    return true;
}

/* The parts of a contact that the shop itself reads. */
static bool check_contact(struct doc contact, ecommerce_error *err)
{
    static const struct {
        const char *name;
        enum doc_type type;
        const char *why;
    } parts[] = {
        {"email", DOC_TEXT, "an e-mail address is a text"},
        {"shipping", DOC_DOCUMENT, "an address is a document"},
        {"billing", DOC_DOCUMENT, "an address is a document"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        struct doc_value value;
        bool given = doc_get(contact, parts[i].name, &value) && value.type != DOC_NULL;
        if (given && value.type != parts[i].type) {
            error_field(err, ECOMMERCE_INVALID_ARGUMENT, parts[i].name, "%s", parts[i].why);
            return error_under(err, "contact");
        }
    }
    return true;
}

static bool check_request(struct call *call, const struct order_request *request,
                          ecommerce_error *err)
{
    if (request->customer_id.ptr != NULL && !id_check(request->customer_id, "customer_id", err)) {
        return false;
    }
    if (!request->trusted && (request->placed_at != 0 || request->number.ptr != NULL)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT,
                           request->placed_at != 0 ? "placed_at" : "number",
                           "only a trusted import sets time and number of an order");
    }
    if (request->number.ptr != NULL && !id_check(request->number, "number", err)) {
        return false;
    }
    if (request->delivery_cost < 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "delivery_cost",
                           "a cost is not negative");
    }
    return check_key(call, request, err) && check_items(call, request, err) &&
           check_contact(request->contact, err) &&
           check_length(request->scope, SCOPE_MAX, "scope", err) &&
           check_length(request->country, COUNTRY_MAX, "country", err) &&
           check_length(request->delivery_method, DELIVERY_METHOD_MAX, "delivery_method", err);
}

static void hash_str(struct text *text, struct str s)
{
    text_printf(text, "%zu:", s.len);
    text_add(text, s);
}

/* Over the request as sent, never over catalogue prices: a repeat is the same request even after
 * the catalogue changed. */
static bool fingerprint_of(const struct order_request *request, struct sha256 *fingerprint)
{
    struct text text;
    text_init(&text, 0);
    text_adds(&text, request->customer_id.ptr != NULL ? "customer" : "guest");
    hash_str(&text, request->customer_id);
    for (size_t i = 0; i < request->item_count; i++) {
        const struct order_item_request *item = &request->items[i];
        hash_str(&text, item->item_id);
        text_add_int(&text, item->quantity);
        text_add_char(&text, item->has_price ? '@' : '-');
        text_add_int(&text, item->has_price ? item->price : 0);
    }
    text_adds(&text, "contact");
    hash_str(&text, str_make(request->contact.bytes, request->contact.size));
    hash_str(&text, request->country);
    hash_str(&text, request->delivery_method);
    text_add_int(&text, request->delivery_cost);
    hash_str(&text, request->number);
    text_add_int(&text, request->placed_at);
    bool ok = text_ok(&text);
    sha256_of(fingerprint, text_cstr(&text), text.len);
    text_release(&text);
    return ok;
}

static bool scope_of(struct call *call, struct attempt *attempt, ecommerce_error *err)
{
    const struct order_request *request = attempt->request;
    if (request->customer_id.ptr == NULL) {
        attempt->scope = request->scope;
        return true;
    }
    char *scope = arena_printf(&call->arena, "customer:%.*s", STR_ARG(request->customer_id));
    if (scope == NULL) {
        return error_memory(err);
    }
    attempt->scope = str_of(scope);
    return true;
}

/* ---- the request against the catalogue ---- */

static bool price_line(struct call *call, const struct order_request *request, size_t index,
                       struct order_line *line, ecommerce_error *err)
{
    const struct order_item_request *item = &request->items[index];
    struct sellable sellable;
    bool found, needs_variant;
    if (!catalog_find_sellable(call, item->item_id, &sellable, &found, &needs_variant, err)) {
        return false;
    }
    if (!found) {
        return error_field(err, ECOMMERCE_UNKNOWN_PRODUCT, "product_id",
                           "no product has the id '%.*s'", STR_ARG(item->item_id));
    }
    if (needs_variant) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "product_id",
                           "'%.*s' is sold by its variants: name one of them",
                           STR_ARG(item->item_id));
    }
    if (sellable.retired && !request->trusted) {
        return error_field(err, ECOMMERCE_RETIRED_PRODUCT, "product_id", "'%.*s' is no longer sold",
                           STR_ARG(item->item_id));
    }
    if (!request->trusted && item->has_price && item->price != sellable.price) {
        char now[32];
        money_format(sellable.price, &call->shop->currency, now, sizeof(now));
        return error_field(err, ECOMMERCE_PRICE_CHANGED, "price", "the price of '%.*s' is now %s",
                           STR_ARG(item->item_id), now);
    }
    *line = (struct order_line){
        .line = (int64_t)index + 1,
        .product_id = sellable.product_id,
        .variant_id = sellable.variant_id,
        .sku = sellable.sku,
        .name = sellable.name,
        .category = sellable.category,
        .quantity = item->quantity,
        .price = request->trusted && item->has_price ? item->price : sellable.price,
        .tracked = sellable.tracked,
    };
    if (!money_multiply(line->price, line->quantity, &line->amount)) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "quantity", "the amount is too large");
    }
    return true;
}

static bool price_lines(struct call *call, struct attempt *attempt, ecommerce_error *err)
{
    const struct order_request *request = attempt->request;
    struct order *order = &attempt->order;
    order->lines = arena_array(&call->arena, request->item_count, sizeof(*order->lines));
    if (order->lines == NULL) {
        return error_memory(err);
    }
    order->total = request->delivery_cost;
    for (size_t i = 0; i < request->item_count; i++) {
        if (!price_line(call, request, i, &order->lines[i], err)) {
            return error_under(err, "items[%zu]", i);
        }
        if (!money_add(order->total, order->lines[i].amount, &order->total)) {
            return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "items", "the total is too large");
        }
    }
    order->line_count = request->item_count;
    if (!facts_stock_of_order(&call->arena, order, &attempt->stock, &attempt->stock_count)) {
        return error_memory(err);
    }
    return true;
}

/* The customer must exist; its country is the order's when the request names none. */
static bool check_customer(struct call *call, struct attempt *attempt, ecommerce_error *err)
{
    const struct order_request *request = attempt->request;
    attempt->order.country = request->country;
    if (request->country.ptr == NULL) {
        struct str shipping = doc_text(doc_child(request->contact, "shipping"), "country");
        attempt->order.country = shipping;
    }
    if (request->customer_id.ptr == NULL) {
        return true;
    }
    struct stored_document customer;
    bool found;
    if (!call_get(call, COLLECTION_CUSTOMERS, request->customer_id, false, &customer, &found,
                  err)) {
        return false;
    }
    if (!found || doc_bool(customer.doc, "erased", false)) {
        return error_field(err, ECOMMERCE_UNKNOWN_CUSTOMER, "customer_id",
                           "no customer has the id '%.*s'", STR_ARG(request->customer_id));
    }
    if (attempt->order.country.ptr == NULL) {
        attempt->order.country = doc_text(customer.doc, "country");
    }
    return true;
}

static bool is_about_the_shop(const ecommerce_error *err)
{
    switch (err->code) {
    case ECOMMERCE_UNKNOWN_PRODUCT:
    case ECOMMERCE_RETIRED_PRODUCT:
    case ECOMMERCE_UNKNOWN_CUSTOMER:
    case ECOMMERCE_PRICE_CHANGED:
    case ECOMMERCE_INVALID_ARGUMENT: /* sold by its variants */
    case ECOMMERCE_LIMIT_EXCEEDED:
        return true;
    default:
        return false;
    }
}

void attempt_check(struct call *call, struct attempt *attempt)
{
    const struct order_request *request = attempt->request;
    ecommerce_error err = {0};
    if (!check_request(call, request, &err) || !scope_of(call, attempt, &err)) {
        attempt_fail(attempt, &err);
        return;
    }
    if (!fingerprint_of(request, &attempt->fingerprint)) {
        error_memory(&err);
        attempt_fail(attempt, &err);
        return;
    }
    attempt->order = (struct order){
        .scope = attempt->scope,
        .key = request->key,
        .fingerprint = str_make(attempt->fingerprint.bytes, SHA256_BYTES),
        .number = request->number,
        .customer_id = request->customer_id,
        .placed_at = request->placed_at != 0 ? request->placed_at : call_wall(call),
        .delivery_method = request->delivery_method,
        .delivery_cost = request->delivery_cost,
    };
    attempt->tries = 1;
    attempt_name(call, attempt);
    attempt->step = STEP_RESERVE;
    if (check_customer(call, attempt, &err) && price_lines(call, attempt, &err)) {
        return;
    }
    if (is_about_the_shop(&err)) {
        attempt_refuse(attempt, &err);
    } else {
        attempt_fail(attempt, &err);
    }
}
