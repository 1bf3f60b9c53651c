#include "services/carts/cart_parts.h"

static bool find_offer(struct call *call, const struct cart_item *item, struct cart_offer *offer,
                       ecommerce_error *err)
{
    bool found, needs_variant;
    if (!catalog_find_sellable(call, item->item_id, &offer->sellable, &found, &needs_variant,
                               err)) {
        return false;
    }
    offer->available = -1;
    if (!found || needs_variant) {
        offer->sellable = (struct sellable){.product_id = item->item_id};
        offer->wrong = "unknown_product";
    } else if (offer->sellable.retired) {
        offer->wrong = "retired_product";
    }
    if (!money_multiply(offer->sellable.price, item->quantity, &offer->amount)) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "quantity", "the amount is too large");
    }
    return true;
}

static bool is_counted(const struct cart_offer *offer)
{
    return offer->wrong == NULL && offer->sellable.tracked;
}

/* Several items may draw on one sku: each takes what those before it left. */
static int64_t left_for(const struct cart *cart, const struct cart_offer *offers, size_t index,
                        int64_t available)
{
    for (size_t i = 0; i < index; i++) {
        if (is_counted(&offers[i]) &&
            str_equal(offers[i].sellable.sku, offers[index].sellable.sku)) {
            available -= cart->items[i].quantity;
        }
    }
    return available > 0 ? available : 0;
}

static bool look_at_stock(struct call *call, const struct cart *cart, struct cart_offer *offers,
                          ecommerce_error *err)
{
    size_t count = 0;
    struct stock_line *lines = arena_array(&call->arena, cart->item_count + 1, sizeof(*lines));
    if (lines == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < cart->item_count; i++) {
        if (is_counted(&offers[i])) {
            lines[count++].sku = offers[i].sellable.sku;
        }
    }
    struct live_request request = call_live(call, LIVE_LEVELS);
    request.lines = lines;
    request.line_count = count;
    if (count == 0) {
        return true;
    }
    if (!live_run(call->shop->live, &request, err)) {
        return false;
    }
    count = 0;
    for (size_t i = 0; i < cart->item_count; i++) {
        if (is_counted(&offers[i])) {
            int64_t level = request.levels[count++].available;
            offers[i].available = left_for(cart, offers, i, level);
        }
    }
    for (size_t i = 0; i < cart->item_count; i++) {
        if (offers[i].available >= 0 && offers[i].available < cart->items[i].quantity) {
            offers[i].wrong = "out_of_stock";
        }
    }
    return true;
}

bool cart_offers(struct call *call, const struct cart *cart, struct cart_offer **offers,
                 ecommerce_error *err)
{
    *offers = arena_array(&call->arena, cart->item_count + 1, sizeof(**offers));
    if (*offers == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < cart->item_count; i++) {
        if (!find_offer(call, &cart->items[i], &(*offers)[i], err)) {
            return error_under(err, "items[%zu]", i);
        }
    }
    return look_at_stock(call, cart, *offers, err);
}

/* Best effort: when it fails, checking out compares with older prices and asks the customer once
 * more than needed. */
static void note_prices(struct call *call, struct cart *cart, const struct cart_offer *offers)
{
    bool changed = false, written = false;
    for (size_t i = 0; i < cart->item_count; i++) {
        struct cart_item *item = &cart->items[i];
        bool known = offers[i].sellable.sku.ptr != NULL;
        if (known && item->price_shown != offers[i].sellable.price) {
            item->price_shown = offers[i].sellable.price;
            changed = true;
        }
    }
    ecommerce_error err = {0};
    if (changed && cart->mark_key.ptr == NULL && !cart_write(call, cart, &written, &err)) {
        log_write(call->shop->logger, LOG_INFO, "carts", "shown prices are not noted: %s",
                  err.message);
    }
}

static void show_item(struct call *call, const struct cart_item *item,
                      const struct cart_offer *offer)
{
    struct doc_builder *out = call->out;
    const struct currency *currency = &call->shop->currency;
    doc_open(out, NULL);
    doc_add_text(out, "item_id", item->item_id);
    doc_add_text(out, "product_id", offer->sellable.product_id);
    doc_add_text(out, "variant_id", offer->sellable.variant_id);
    doc_add_text(out, "sku", offer->sellable.sku);
    doc_add_text(out, "name", offer->sellable.name);
    doc_add_int(out, "quantity", item->quantity);
    if (offer->sellable.sku.ptr != NULL) {
        bool changed = offer->sellable.price != item->price_when_added;
        doc_add_money(out, "price", offer->sellable.price, currency);
        doc_add_money(out, "amount", offer->amount, currency);
        doc_add_bool(out, "price_changed", changed);
        if (changed) {
            doc_add_money(out, "price_when_added", item->price_when_added, currency);
        }
    }
    if (offer->available >= 0) {
        doc_add_int(out, "available", offer->available);
    }
    if (offer->wrong != NULL) {
        doc_adds(out, "unavailable", offer->wrong);
    }
    doc_close(out);
}

struct sums {
    int64_t units, total;
    bool price_changed, unavailable;
};

static bool sum_up(const struct cart *cart, const struct cart_offer *offers, struct sums *sums,
                   ecommerce_error *err)
{
    for (size_t i = 0; i < cart->item_count; i++) {
        const struct cart_offer *offer = &offers[i];
        bool known = offer->sellable.sku.ptr != NULL;
        sums->units += cart->items[i].quantity;
        sums->price_changed |= known && offer->sellable.price != cart->items[i].price_when_added;
        sums->unavailable |= offer->wrong != NULL;
        if (offer->wrong == NULL && !money_add(sums->total, offer->amount, &sums->total)) {
            return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "items", "the total is too large");
        }
    }
    return true;
}

bool cart_show(struct call *call, struct cart *cart, ecommerce_error *err)
{
    struct doc_builder *out = call->out;
    struct cart_offer *offers;
    struct sums sums = {0};
    if (!cart_offers(call, cart, &offers, err) || !sum_up(cart, offers, &sums, err)) {
        return false;
    }
    note_prices(call, cart, offers);
    doc_add_text(out, "cart_id", cart->cart_id);
    doc_add_text(out, "customer_id", cart->customer_id);
    doc_add_int(out, "version", cart->version);
    doc_adds(out, "currency", call->shop->currency.code);
    doc_open_array(out, "items");
    for (size_t i = 0; i < cart->item_count; i++) {
        show_item(call, &cart->items[i], &offers[i]);
    }
    doc_close(out);
    doc_add_int(out, "units", sums.units);
    doc_add_money(out, "total", sums.total, &call->shop->currency);
    doc_add_bool(out, "price_changed", sums.price_changed);
    doc_add_bool(out, "unavailable", sums.unavailable);
    doc_add_bool(out, "checking_out", cart->mark_key.ptr != NULL);
    if (cart->version != 0) {
        doc_add_time(out, "expires_at", cart->expires_at);
    }
    return true;
}
