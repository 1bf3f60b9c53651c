/* demo_hash.c - a digest of a plan, field by field, so that padding and byte order do not count. */
#include "services/imports/demo_plan.h"

#include <string.h>

/* FNV-1a over the eight bytes of a number, lowest first. */
static void add_number(uint64_t *hash, int64_t number)
{
    uint64_t bits = (uint64_t)number;
    for (int shift = 0; shift < 64; shift += 8)
        *hash = (*hash ^ (bits >> shift & 0xff)) * 0x100000001b3u;
}

static void add_text(uint64_t *hash, const char *text)
{
    add_number(hash, text ? (int64_t)strlen(text) : -1);
    for (const char *c = text ? text : ""; *c; c++)
        *hash = (*hash ^ (unsigned char)*c) * 0x100000001b3u;
}

static void add_category(uint64_t *hash, const struct demo_category *category)
{
    add_text(hash, category->id);
    add_text(hash, category->name);
    add_text(hash, category->description);
    add_number(hash, category->parent);
}

static void add_details(uint64_t *hash, const struct demo_product *product)
{
    add_number(hash, (int64_t)product->attribute_count);
    for (size_t i = 0; i < product->attribute_count; i++) {
        add_text(hash, product->attributes[i].name);
        add_text(hash, product->attributes[i].text);
        add_number(hash, product->attributes[i].number);
    }
    add_number(hash, (int64_t)product->variant_count);
    for (size_t i = 0; i < product->variant_count; i++) {
        const struct demo_variant *variant = &product->variants[i];
        add_text(hash, variant->variant_id);
        add_text(hash, variant->value);
        add_number(hash, variant->price);
        add_number(hash, variant->first_price);
        add_number(hash, variant->sku);
    }
    for (size_t i = 0; i < product->companion_count; i++)
        add_number(hash, product->companions[i]);
}

static void add_product(uint64_t *hash, const struct demo_product *product)
{
    add_text(hash, product->product_id);
    add_text(hash, product->name);
    add_text(hash, product->description);
    add_text(hash, product->image);
    add_text(hash, product->variant_axis);
    const int64_t numbers[] = {product->price,      product->first_price,
                               product->created_at, product->repriced_at,
                               product->retired_at, product->category,
                               product->sku,        product->theme,
                               product->tracked,    (int64_t)product->companion_count};
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        add_number(hash, numbers[i]);
    add_details(hash, product);
}

static void add_customer(uint64_t *hash, const struct demo_customer *customer)
{
    add_text(hash, customer->customer_id);
    add_text(hash, customer->name);
    add_text(hash, customer->email);
    add_text(hash, customer->address.line);
    add_text(hash, customer->address.postal_code);
    add_text(hash, customer->address.city);
    add_text(hash, customer->address.country);
    add_number(hash, customer->created_at);
    add_number(hash, (int64_t)customer->taste_count);
    for (size_t i = 0; i < customer->taste_count; i++)
        add_number(hash, customer->tastes[i]);
}

static void add_sku(uint64_t *hash, const struct demo_sku *sku)
{
    add_text(hash, sku->sku);
    add_number(hash, sku->product);
    add_number(hash, sku->variant);
    add_number(hash, sku->in_stock);
}

static void add_order(uint64_t *hash, const struct demo_order *order)
{
    const int64_t numbers[] = {order->number,        order->customer,   order->guest,
                               order->first_line,    order->line_count, order->placed_at,
                               order->delivery_cost, order->total};
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        add_number(hash, numbers[i]);
    add_text(hash, order->delivery_method);
    add_text(hash, order->payment_method);
}

static void add_line(uint64_t *hash, const struct demo_line *line)
{
    add_number(hash, line->product);
    add_number(hash, line->variant);
    add_number(hash, line->sku);
    add_number(hash, line->quantity);
    add_number(hash, line->price);
}

static void add_change(uint64_t *hash, const struct demo_change *change)
{
    add_number(hash, change->kind);
    add_number(hash, change->order);
    add_number(hash, change->at);
    add_text(hash, change->reference);
}

static void add_return(uint64_t *hash, const struct demo_return *back)
{
    add_number(hash, back->order);
    add_number(hash, back->first_line);
    add_number(hash, back->line_count);
    add_number(hash, back->at);
    add_text(hash, back->reason);
}

static void add_return_line(uint64_t *hash, const struct demo_return_line *line)
{
    add_number(hash, line->line);
    add_number(hash, line->quantity);
}

static void add_movement(uint64_t *hash, const struct demo_movement *movement)
{
    add_number(hash, movement->kind);
    add_number(hash, movement->sku);
    add_number(hash, movement->quantity);
    add_number(hash, movement->at);
    add_text(hash, movement->reference);
}

static void add_behaviour(uint64_t *hash, const struct demo_behaviour *behaviour)
{
    const int64_t numbers[] = {behaviour->kind,    behaviour->session, behaviour->customer,
                               behaviour->product, behaviour->variant, behaviour->at};
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        add_number(hash, numbers[i]);
    add_text(hash, behaviour->query);
}

static void add_cart_item(uint64_t *hash, const struct demo_cart_item *item)
{
    const int64_t numbers[] = {item->cart,    item->customer, item->product,
                               item->variant, item->quantity, item->at};
    for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
        add_number(hash, numbers[i]);
}

static void add_event(uint64_t *hash, const struct demo_event *event)
{
    add_number(hash, event->at);
    add_number(hash, event->kind);
    add_number(hash, event->index);
}

#define ADD_ALL(hash, plan, array, count, add)                                                     \
    do {                                                                                           \
        add_number(hash, (int64_t)(plan)->count);                                                  \
        for (size_t i = 0; i < (plan)->count; i++)                                                 \
            add(hash, &(plan)->array[i]);                                                          \
    } while (0)

uint64_t demo_plan_hash(const struct demo_plan *plan)
{
    uint64_t hash = 0xcbf29ce484222325u;
    add_number(&hash, plan->start);
    add_text(&hash, plan->options.currency);
    ADD_ALL(&hash, plan, categories, category_count, add_category);
    ADD_ALL(&hash, plan, products, product_count, add_product);
    ADD_ALL(&hash, plan, skus, sku_count, add_sku);
    ADD_ALL(&hash, plan, customers, customer_count, add_customer);
    ADD_ALL(&hash, plan, guests, guest_count, add_customer);
    ADD_ALL(&hash, plan, orders, order_count, add_order);
    ADD_ALL(&hash, plan, lines, line_count, add_line);
    ADD_ALL(&hash, plan, changes, change_count, add_change);
    ADD_ALL(&hash, plan, returns, return_count, add_return);
    ADD_ALL(&hash, plan, return_lines, return_line_count, add_return_line);
    ADD_ALL(&hash, plan, movements, movement_count, add_movement);
    ADD_ALL(&hash, plan, behaviour, behaviour_count, add_behaviour);
    ADD_ALL(&hash, plan, cart_items, cart_item_count, add_cart_item);
    ADD_ALL(&hash, plan, events, event_count, add_event);
    return hash;
}
