#include "services/analytics/events.h"
#include "services/carts/cart_parts.h"

enum { CHANGE_ATTEMPTS = 16 };

/* One change: what is done, and to which item. */
struct change {
    bool (*apply)(struct call *call, struct cart *cart, const struct change *change,
                  ecommerce_error *err);
    struct str item_id;
    int64_t quantity;
    const struct cart *guest; /* merge */
    const char *event;        /* kind of the event to note; NULL: none */
};

static int64_t most_units(struct call *call)
{
    return settings_int(call->shop->settings, SETTING_ORDERS_MAX_QUANTITY);
}

static bool check_quantity(struct call *call, int64_t quantity, int64_t least, ecommerce_error *err)
{
    if (quantity < least) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "quantity",
                           "a quantity is at least %lld here, not %lld", (long long)least,
                           (long long)quantity);
    }
    if (quantity > most_units(call)) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "quantity",
                           "a quantity is at most %lld, not %lld", (long long)most_units(call),
                           (long long)quantity);
    }
    return true;
}

static bool find_item(struct call *call, struct str item_id, struct sellable *sellable,
                      ecommerce_error *err)
{
    bool found, needs_variant;
    if (!catalog_find_sellable(call, item_id, sellable, &found, &needs_variant, err)) {
        return false;
    }
    if (needs_variant) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "item_id",
                           "'%.*s' is sold by its variants: name one of them", STR_ARG(item_id));
    }
    if (!found) {
        return error_field(err, ECOMMERCE_UNKNOWN_PRODUCT, "item_id",
                           "no product has the id '%.*s'", STR_ARG(item_id));
    }
    return !sellable->retired || error_field(err, ECOMMERCE_RETIRED_PRODUCT, "item_id",
                                             "'%.*s' is no longer sold", STR_ARG(item_id));
}

static bool put_in(struct call *call, struct cart *cart, const struct cart_item *item,
                   ecommerce_error *err)
{
    size_t most = (size_t)settings_int(call->shop->settings, SETTING_CARTS_MAX_ITEMS);
    struct cart_item *items = arena_array(&call->arena, cart->item_count + 1, sizeof(*items));
    if (cart->item_count >= most) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "items",
                           "a cart has at most %zu different items", most);
    }
    if (items == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < cart->item_count; i++) {
        items[i] = cart->items[i];
    }
    items[cart->item_count++] = *item;
    cart->items = items;
    return true;
}

static void take_out(struct cart *cart, struct str item_id)
{
    size_t kept = 0;
    for (size_t i = 0; i < cart->item_count; i++) {
        if (!str_equal(cart->items[i].item_id, item_id)) {
            cart->items[kept++] = cart->items[i];
        }
    }
    cart->item_count = kept;
}

/* ---- the changes ---- */

static bool apply_quantity(struct call *call, struct cart *cart, const struct change *change,
                           int64_t quantity, ecommerce_error *err)
{
    struct cart_item *item = cart_find(cart, change->item_id);
    struct sellable sellable;
    if (!check_quantity(call, quantity, 1, err)) {
        return false;
    }
    if (item != NULL && quantity <= item->quantity) {
        item->quantity = quantity; /* fewer may stay of what is no longer sold */
        return true;
    }
    if (!find_item(call, change->item_id, &sellable, err)) {
        return false;
    }
    if (item != NULL) {
        item->quantity = quantity;
        return true;
    }
    struct cart_item added = {
        .item_id = change->item_id,
        .quantity = quantity,
        .price_when_added = sellable.price,
        .price_shown = sellable.price,
    };
    return put_in(call, cart, &added, err);
}

static bool apply_add(struct call *call, struct cart *cart, const struct change *change,
                      ecommerce_error *err)
{
    const struct cart_item *item = cart_find(cart, change->item_id);
    return apply_quantity(call, cart, change,
                          change->quantity + (item != NULL ? item->quantity : 0), err);
}

static bool apply_set(struct call *call, struct cart *cart, const struct change *change,
                      ecommerce_error *err)
{
    if (change->quantity == 0) {
        take_out(cart, change->item_id);
        return true;
    }
    return apply_quantity(call, cart, change, change->quantity, err);
}

static bool apply_clear(struct call *call, struct cart *cart, const struct change *change,
                        ecommerce_error *err)
{
    UNUSED(call);
    UNUSED(change);
    UNUSED(err);
    cart->item_count = 0;
    return true;
}

static int64_t merged_quantity(struct call *call, int64_t own, int64_t guests)
{
    int64_t most = most_units(call);
    int64_t quantity = own;
    switch ((enum cart_merge)settings_choice(call->shop->settings, SETTING_CARTS_MERGE)) {
    case CART_MERGE_ADD:
        quantity = own + guests;
        break;
    case CART_MERGE_KEEP_CUSTOMER:
        quantity = own;
        break;
    case CART_MERGE_KEEP_GUEST:
        quantity = guests;
        break;
    case CART_MERGE_MAXIMUM:
        quantity = own > guests ? own : guests;
        break;
    }
    return quantity < most ? quantity : most;
}

/* The customer's cart remembers which state of which guest's cart it has taken in. */
static bool apply_merge(struct call *call, struct cart *cart, const struct change *change,
                        ecommerce_error *err)
{
    const struct cart *guest = change->guest;
    char *name = arena_printf(&call->arena, "%.*s/%lld", STR_ARG(guest->incarnation),
                              (long long)guest->version);
    if (name == NULL) {
        return error_memory(err);
    }
    if (str_is(cart->merged, name)) {
        return true;
    }
    cart->merged = str_of(name);
    for (size_t i = 0; i < guest->item_count; i++) {
        const struct cart_item *theirs = &guest->items[i];
        struct cart_item *own = cart_find(cart, theirs->item_id);
        if (own != NULL) {
            own->quantity = merged_quantity(call, own->quantity, theirs->quantity);
        } else if (!put_in(call, cart, theirs, err)) {
            return false;
        }
    }
    return true;
}

/* ---- carrying one out ---- */

static void note_event(struct call *call, const struct cart *cart, const struct change *change)
{
    struct sellable sellable;
    bool found, needs_variant;
    ecommerce_error ignored = {0};
    if (change->event == NULL ||
        !catalog_find_sellable(call, change->item_id, &sellable, &found, &needs_variant,
                               &ignored) ||
        !found || needs_variant) {
        return;
    }
    struct event event = {
        .kind = str_of(change->event),
        .customer_id = cart->customer_id,
        .item_id = sellable.product_id,
    };
    events_note(call, &event);
}

static uint64_t fingerprint(const struct cart *cart)
{
    uint64_t sum = str_hash(cart->merged);
    for (size_t i = 0; i < cart->item_count; i++) {
        sum = sum * 31 + str_hash(cart->items[i].item_id);
        sum = sum * 31 + (uint64_t)cart->items[i].quantity;
    }
    return sum * 31 + cart->item_count;
}

/* Nothing is written when nothing changes. */
static bool change_once(struct call *call, const struct cart_ref *ref, const struct change *change,
                        struct cart *cart, bool *done, ecommerce_error *err)
{
    *done = false;
    if (!cart_open(call, ref, false, cart, NULL, err) || !cart_check_version(ref, cart, err)) {
        return false;
    }
    uint64_t before = fingerprint(cart);
    if (!change->apply(call, cart, change, err)) {
        return false;
    }
    if (fingerprint(cart) == before) {
        *done = true;
        return true;
    }
    if (!cart_write(call, cart, done, err)) {
        return false;
    }
    if (*done) {
        note_event(call, cart, change);
    }
    return true;
}

static bool carry_out(struct call *call, const struct cart_ref *ref, const struct change *change,
                      struct cart *cart, ecommerce_error *err)
{
    for (int attempt = 0; attempt < CHANGE_ATTEMPTS; attempt++) {
        bool done;
        if (!change_once(call, ref, change, cart, &done, err)) {
            return false;
        }
        if (done) {
            return true;
        }
    }
    return error_set(err, ECOMMERCE_OVERLOADED, "too many calls change this cart at once");
}

static bool carry_out_and_show(struct call *call, const struct cart_ref *ref,
                               const struct change *change, ecommerce_error *err)
{
    struct cart cart;
    return carry_out(call, ref, change, &cart, err) && cart_show(call, &cart, err);
}

/* ---- the operations ---- */

bool carts_show(struct call *call, const struct cart_ref *ref, ecommerce_error *err)
{
    struct cart cart;
    return cart_open(call, ref, true, &cart, NULL, err) && cart_show(call, &cart, err);
}

bool carts_add(struct call *call, const struct cart_ref *ref, struct str item_id, int64_t quantity,
               ecommerce_error *err)
{
    const struct change change = {
        .apply = apply_add, .item_id = item_id, .quantity = quantity, .event = "added_to_cart"};
    return id_check(item_id, "item_id", err) && check_quantity(call, quantity, 1, err) &&
           carry_out_and_show(call, ref, &change, err);
}

bool carts_set(struct call *call, const struct cart_ref *ref, struct str item_id, int64_t quantity,
               ecommerce_error *err)
{
    const struct change change = {
        .apply = apply_set,
        .item_id = item_id,
        .quantity = quantity,
        .event = quantity == 0 ? "removed_from_cart" : NULL,
    };
    return id_check(item_id, "item_id", err) && check_quantity(call, quantity, 0, err) &&
           carry_out_and_show(call, ref, &change, err);
}

bool carts_remove(struct call *call, const struct cart_ref *ref, struct str item_id,
                  ecommerce_error *err)
{
    return carts_set(call, ref, item_id, 0, err);
}

bool carts_clear(struct call *call, const struct cart_ref *ref, ecommerce_error *err)
{
    const struct change change = {.apply = apply_clear};
    return carry_out_and_show(call, ref, &change, err);
}

static bool check_merge(const struct cart_ref *ref, struct str guest_cart_id, ecommerce_error *err)
{
    if (str_equal(ref->cart_id, guest_cart_id)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "guest_cart_id",
                           "a cart cannot be merged with itself");
    }
    return id_check(ref->customer_id, "customer_id", err);
}

/* The guest's cart is emptied at the version that was taken in: what came later stays in it, for
 * another merge. */
bool carts_merge(struct call *call, const struct cart_ref *ref, struct str guest_cart_id,
                 ecommerce_error *err)
{
    struct cart_ref guest_ref = {.cart_id = guest_cart_id};
    struct cart guest, cart;
    bool emptied = true;
    if (!check_merge(ref, guest_cart_id, err) ||
        !cart_open(call, &guest_ref, false, &guest, NULL, err)) {
        return false;
    }
    if (guest.customer_id.ptr != NULL) {
        return error_field(err, ECOMMERCE_NOT_FOUND, "guest_cart_id",
                           "no guest's cart has this id");
    }
    const struct change change = {.apply = apply_merge, .guest = &guest};
    if (guest.item_count == 0) {
        return carts_show(call, ref, err);
    }
    if (!carry_out(call, ref, &change, &cart, err)) {
        return false;
    }
    guest.item_count = 0;
    if (!cart_write(call, &guest, &emptied, err)) {
        return false;
    }
    return cart_show(call, &cart, err);
}
