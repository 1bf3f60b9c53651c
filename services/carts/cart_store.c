#include "services/carts/cart_parts.h"

static bool parse_items(struct call *call, struct doc items, struct cart *cart,
                        ecommerce_error *err)
{
    struct doc_iter iter;
    cart->items = arena_array(&call->arena, doc_count(items) + 1, sizeof(*cart->items));
    if (cart->items == NULL) {
        return error_memory(err);
    }
    for (doc_iter_init(&iter, items); doc_iter_next(&iter);) {
        struct doc item = iter.value.child;
        cart->items[cart->item_count++] = (struct cart_item){
            .item_id = doc_text(item, "item_id"),
            .quantity = doc_int(item, "quantity", 0),
            .price_when_added = doc_int(item, "price_when_added", 0),
            .price_shown = doc_int(item, "price_shown", 0),
        };
    }
    return true;
}

static bool parse(struct call *call, const struct live_value *value, struct cart *cart,
                  ecommerce_error *err)
{
    struct doc mark = doc_child(value->doc, "checkout");
    struct doc last = doc_child(value->doc, "last");
    cart->incarnation = doc_text(value->doc, "incarnation");
    cart->customer_id = doc_text(value->doc, "customer_id");
    cart->version = value->version;
    cart->expires_at = value->expires_at;
    cart->mark_key = doc_text(mark, "key");
    cart->mark_deadline = doc_int(mark, "deadline", 0);
    cart->mark_version = doc_int(mark, "version", 0);
    cart->mark_request_key = doc_text(mark, "request_key");
    cart->last_version = doc_int(last, "version", 0);
    cart->last_request_key = doc_text(last, "request_key");
    cart->last_order_id = doc_text(last, "order_id");
    cart->merged = doc_text(value->doc, "merged");
    return parse_items(call, doc_child(value->doc, "items"), cart, err);
}

static bool make_empty(struct call *call, const struct cart_ref *ref, struct cart *cart,
                       ecommerce_error *err)
{
    struct id id;
    id_new(call->shop->seams, &id);
    char *incarnation = arena_strdup(&call->arena, id.text);
    if (incarnation == NULL) {
        return error_memory(err);
    }
    cart->incarnation = str_of(incarnation);
    cart->customer_id = ref->customer_id;
    return parse_items(call, DOC_EMPTY, cart, err);
}

bool cart_read(struct call *call, const struct cart_ref *ref, struct cart *cart,
               ecommerce_error *err)
{
    *cart = (struct cart){.cart_id = ref->cart_id};
    if (!id_check(ref->cart_id, "cart_id", err) ||
        (ref->customer_id.ptr != NULL && !id_check(ref->customer_id, "customer_id", err))) {
        return false;
    }
    struct live_request request = call_live(call, LIVE_GET);
    request.space = SPACE_CARTS;
    request.key = ref->cart_id;
    if (!live_run(call->shop->live, &request, err)) {
        return false;
    }
    if (!request.found) {
        return make_empty(call, ref, cart, err);
    }
    if (!parse(call, &request.value, cart, err)) {
        return false;
    }
    bool theirs = cart->customer_id.ptr == NULL || str_equal(cart->customer_id, ref->customer_id);
    return theirs || ref->trusted ||
           error_field(err, ECOMMERCE_NOT_FOUND, "cart_id", "no cart of yours has the id '%.*s'",
                       STR_ARG(ref->cart_id));
}

static void build_items(struct doc_builder *out, const struct cart *cart)
{
    doc_open_array(out, "items");
    for (size_t i = 0; i < cart->item_count; i++) {
        const struct cart_item *item = &cart->items[i];
        doc_open(out, NULL);
        doc_add_text(out, "item_id", item->item_id);
        doc_add_int(out, "quantity", item->quantity);
        doc_add_int(out, "price_when_added", item->price_when_added);
        doc_add_int(out, "price_shown", item->price_shown);
        doc_close(out);
    }
    doc_close(out);
}

static void build(struct doc_builder *out, const struct cart *cart, int64_t now)
{
    doc_add_text(out, "incarnation", cart->incarnation);
    doc_add_text(out, "customer_id", cart->customer_id);
    build_items(out, cart);
    doc_add_int(out, "changed_at", now);
    if (cart->mark_key.ptr != NULL) {
        doc_open(out, "checkout");
        doc_add_text(out, "key", cart->mark_key);
        doc_add_int(out, "deadline", cart->mark_deadline);
        doc_add_int(out, "version", cart->mark_version);
        doc_add_text(out, "request_key", cart->mark_request_key);
        doc_close(out);
    }
    if (cart->last_version != 0) {
        doc_open(out, "last");
        doc_add_int(out, "version", cart->last_version);
        doc_add_text(out, "request_key", cart->last_request_key);
        doc_add_text(out, "order_id", cart->last_order_id);
        doc_close(out);
    }
    doc_add_text(out, "merged", cart->merged);
}

bool cart_write(struct call *call, struct cart *cart, bool *written, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    build(&builder, cart, call_wall(call));
    struct live_request request = call_live(call, LIVE_PUT);
    request.space = SPACE_CARTS;
    request.key = cart->cart_id;
    request.owner = cart->customer_id;
    request.version = cart->version;
    request.expires_at =
        call_wall(call) + settings_duration(call->shop->settings, SETTING_CARTS_LIFETIME);
    request.doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) && live_run(call->shop->live, &request, err);
    doc_builder_release(&builder);
    *written = ok && request.stored;
    if (*written) {
        cart->version = request.value.version;
        cart->expires_at = request.expires_at;
    }
    return ok;
}

bool cart_check_version(const struct cart_ref *ref, const struct cart *cart, ecommerce_error *err)
{
    if (ref->expected_version != 0 && ref->expected_version != cart->version) {
        return error_field(err, ECOMMERCE_VERSION_CONFLICT, "version",
                           "the cart has the version %lld now", (long long)cart->version);
    }
    return true;
}

struct cart_item *cart_find(const struct cart *cart, struct str item_id)
{
    for (size_t i = 0; i < cart->item_count; i++) {
        if (str_equal(cart->items[i].item_id, item_id)) {
            return &cart->items[i];
        }
    }
    return NULL;
}
