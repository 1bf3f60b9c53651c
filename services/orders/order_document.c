#include "services/orders/order_document.h"

#include <stdio.h>

static const char *const status_names[ORDER_STATUSES] = {
    [STATUS_PLACED] = "placed",       [STATUS_PAID] = "paid",
    [STATUS_SHIPPED] = "shipped",     [STATUS_DELIVERED] = "delivered",
    [STATUS_CANCELLED] = "cancelled", [STATUS_RETURNED] = "returned",
    [STATUS_VOID] = "void",
};

static const char *const change_names[CHANGE_KINDS] = {
    [CHANGE_PAID] = "paid",           [CHANGE_SHIPPED] = "shipped",
    [CHANGE_DELIVERED] = "delivered", [CHANGE_CANCELLED] = "cancelled",
    [CHANGE_RETURNED] = "returned",   [CHANGE_REFUNDED] = "refunded",
    [CHANGE_VOID] = "void",
};

const char *order_status_name(enum order_status status)
{
    return status_names[status];
}

const char *change_kind_name(enum change_kind kind)
{
    return change_names[kind];
}

static bool parse_name(struct str name, const char *const *names, int count, int *found)
{
    for (int i = 0; i < count; i++) {
        if (str_is(name, names[i])) {
            *found = i;
            return true;
        }
    }
    return false;
}

bool order_status_parse(struct str name, enum order_status *status)
{
    int found;
    if (!parse_name(name, status_names, ORDER_STATUSES, &found)) {
        return false;
    }
    *status = (enum order_status)found;
    return true;
}

bool change_kind_parse(struct str name, enum change_kind *kind)
{
    int found;
    if (!parse_name(name, change_names, CHANGE_KINDS, &found)) {
        return false;
    }
    *kind = (enum change_kind)found;
    return true;
}

/* ---- parsing ---- */

static bool damaged(ecommerce_error *err, struct str id, const char *what)
{
    return error_set(err, ECOMMERCE_STORAGE_FAILED, "the document '%.*s' is damaged: %s",
                     STR_ARG(id), what);
}

/* One pass over the fields: a lookup each would walk the items again and again. */
static void take_order_field(struct order *order, struct doc *items, struct doc *delivery,
                             const struct doc_value *value)
{
    struct str key = value->key;
    if (value->type == DOC_TEXT) {
        struct str text = value->text;
        if (str_is(key, "order_id")) {
            order->order_id = text;
        } else if (str_is(key, "status")) {
            order->aborted = str_is(text, "aborted");
        } else if (str_is(key, "scope")) {
            order->scope = text;
        } else if (str_is(key, "key")) {
            order->key = text;
        } else if (str_is(key, "number")) {
            order->number = text;
        } else if (str_is(key, "customer_id")) {
            order->customer_id = text;
        } else if (str_is(key, "country")) {
            order->country = text;
        }
    } else if (value->type == DOC_INT) {
        if (str_is(key, "epoch")) {
            order->epoch = value->integer;
        } else if (str_is(key, "hold_deadline")) {
            order->hold_deadline = value->integer;
        } else if (str_is(key, "attempt")) {
            order->attempt = value->integer;
        } else if (str_is(key, "placed_at")) {
            order->placed_at = value->integer;
        } else if (str_is(key, "total")) {
            order->total = value->integer;
        }
    } else if (value->type == DOC_BINARY && str_is(key, "fingerprint")) {
        order->fingerprint = value->text;
    } else if (value->type == DOC_ARRAY && str_is(key, "items")) {
        *items = value->child;
    } else if (value->type == DOC_DOCUMENT && str_is(key, "delivery")) {
        *delivery = value->child;
    }
}

static void take_line_field(struct order_line *line, const struct doc_value *value)
{
    struct str key = value->key;
    if (value->type == DOC_TEXT) {
        struct str text = value->text;
        if (str_is(key, "product_id")) {
            line->product_id = text;
        } else if (str_is(key, "variant_id")) {
            line->variant_id = text;
        } else if (str_is(key, "sku")) {
            line->sku = text;
        } else if (str_is(key, "name")) {
            line->name = text;
        } else if (str_is(key, "category")) {
            line->category = text;
        }
    } else if (value->type == DOC_INT) {
        if (str_is(key, "line")) {
            line->line = value->integer;
        } else if (str_is(key, "quantity")) {
            line->quantity = value->integer;
        } else if (str_is(key, "price")) {
            line->price = value->integer;
        } else if (str_is(key, "amount")) {
            line->amount = value->integer;
        }
    } else if (value->type == DOC_BOOL && str_is(key, "tracked")) {
        line->tracked = value->boolean;
    }
}

static bool parse_order_lines(struct arena *arena, struct doc items, struct order *order,
                              ecommerce_error *err)
{
    size_t count = doc_count(items);
    order->lines = arena_array(arena, count ? count : 1, sizeof(*order->lines));
    if (order->lines == NULL) {
        return error_memory(err);
    }
    struct doc_iter iter;
    for (doc_iter_init(&iter, items); doc_iter_next(&iter);) {
        struct order_line *line = &order->lines[order->line_count++];
        struct doc_iter field;
        if (iter.value.type != DOC_DOCUMENT) {
            return damaged(err, order->order_id, "an item is no document");
        }
        line->tracked = true; /* written only where it is not so */
        for (doc_iter_init(&field, iter.value.child); doc_iter_next(&field);) {
            take_line_field(line, &field.value);
        }
        if (line->sku.ptr == NULL) {
            line->sku = line->product_id; /* likewise */
        }
        if (line->product_id.ptr == NULL || line->line <= 0 || line->quantity <= 0) {
            return damaged(err, order->order_id, "an item lacks its product, line or quantity");
        }
    }
    return true;
}

bool order_parse(struct arena *arena, const struct stored_document *stored, struct order *order,
                 ecommerce_error *err)
{
    struct doc items = DOC_EMPTY, delivery = DOC_EMPTY;
    *order = (struct order){.doc = stored->doc, .marks = stored->marks};
    struct doc_iter iter;
    for (doc_iter_init(&iter, stored->doc); doc_iter_next(&iter);) {
        take_order_field(order, &items, &delivery, &iter.value);
    }
    if (order->order_id.ptr == NULL) {
        return damaged(err, stored->id, "it has no order_id");
    }
    if (order->aborted) {
        return true;
    }
    order->delivery_method = doc_text(delivery, "method");
    order->delivery_cost = doc_int(delivery, "cost", 0);
    return parse_order_lines(arena, items, order, err);
}

static bool parse_change_lines(struct arena *arena, struct doc lines, struct order_change *change,
                               ecommerce_error *err)
{
    size_t count = doc_count(lines);
    change->lines = arena_array(arena, count ? count : 1, sizeof(*change->lines));
    if (change->lines == NULL) {
        return error_memory(err);
    }
    struct doc_iter iter;
    for (doc_iter_init(&iter, lines); doc_iter_next(&iter);) {
        struct doc line = iter.value.child;
        change->lines[change->line_count++] = (struct change_line){
            .line = doc_int(line, "line", 0),
            .product_id = doc_text(line, "product_id"),
            .sku = doc_text(line, "sku"),
            .category = doc_text(line, "category"),
            .quantity = doc_int(line, "quantity", 0),
            .amount = doc_int(line, "amount", 0),
            .tracked = doc_bool(line, "tracked", true),
        };
    }
    return true;
}

bool change_parse(struct arena *arena, const struct stored_document *stored,
                  struct order_change *change, ecommerce_error *err)
{
    struct doc doc = stored->doc;
    *change = (struct order_change){
        .change_id = doc_text(doc, "change_id"),
        .order_id = doc_text(doc, "order_id"),
        .n = doc_int(doc, "n", 0),
        .at = doc_int(doc, "at", 0),
        .key = doc_text(doc, "key"),
        .reference = doc_text(doc, "reference"),
        .reason = doc_text(doc, "reason"),
        .customer_id = doc_text(doc, "customer_id"),
        .country = doc_text(doc, "country"),
        .amount = doc_int(doc, "amount", 0),
        .refund_due = doc_int(doc, "refund_due", 0),
        .restock = doc_bool(doc, "restock", false),
        .doc = doc,
        .marks = stored->marks,
    };
    struct doc_value value;
    if (doc_get(doc, "fingerprint", &value) && value.type == DOC_BINARY) {
        change->fingerprint = value.text;
    }
    if (change->order_id.ptr == NULL || !change_kind_parse(doc_text(doc, "kind"), &change->kind)) {
        return damaged(err, stored->id, "it is no change of an order");
    }
    return parse_change_lines(arena, doc_child(doc, "lines"), change, err);
}

bool movement_parse(const struct stored_document *stored, struct movement *movement,
                    ecommerce_error *err)
{
    struct doc doc = stored->doc;
    *movement = (struct movement){
        .movement_id = doc_text(doc, "movement_id"),
        .kind = doc_text(doc, "kind"),
        .sku = doc_text(doc, "sku"),
        .quantity = doc_int(doc, "quantity", 0),
        .at = doc_int(doc, "at", 0),
        .reason = doc_text(doc, "reason"),
        .product_id = doc_text(doc, "product_id"),
        .category = doc_text(doc, "category"),
        .customer_id = doc_text(doc, "customer_id"),
        .country = doc_text(doc, "country"),
        .returned = doc_int(doc, "returned", 0),
        .amount = doc_int(doc, "amount", 0),
        .tracked = doc_bool(doc, "tracked", true),
        .doc = doc,
        .marks = stored->marks,
    };
    if (movement->movement_id.ptr == NULL || movement->sku.ptr == NULL) {
        return damaged(err, stored->id, "it is no stock movement");
    }
    return true;
}

/* ---- building ---- */

static void add_if(struct doc_builder *out, const char *key, struct str text)
{
    if (text.ptr != NULL) {
        doc_add_text(out, key, text);
    }
}

static void build_order_line(struct doc_builder *out, const struct order_line *line)
{
    doc_open(out, NULL);
    doc_add_int(out, "line", line->line);
    doc_add_text(out, "product_id", line->product_id);
    add_if(out, "variant_id", line->variant_id);
    if (!str_equal(line->sku, line->product_id)) {
        doc_add_text(out, "sku", line->sku);
    }
    doc_add_text(out, "name", line->name);
    add_if(out, "category", line->category);
    doc_add_int(out, "quantity", line->quantity);
    doc_add_int(out, "price", line->price);
    doc_add_int(out, "amount", line->amount);
    if (!line->tracked) {
        doc_add_bool(out, "tracked", false);
    }
    doc_close(out);
}

void order_build(struct doc_builder *out, const struct order *order, const char *currency)
{
    doc_add_text(out, "order_id", order->order_id);
    doc_adds(out, "status", "placed");
    doc_add_text(out, "number", order->number);
    add_if(out, "customer_id", order->customer_id);
    add_if(out, "country", order->country);
    doc_add_int(out, "placed_at", order->placed_at);
    doc_adds(out, "currency", currency);
    doc_add_int(out, "total", order->total);
    doc_open_array(out, "items");
    for (size_t i = 0; i < order->line_count; i++) {
        build_order_line(out, &order->lines[i]);
    }
    doc_close(out);
    if (order->delivery_method.ptr != NULL || order->delivery_cost != 0) {
        doc_open(out, "delivery");
        add_if(out, "method", order->delivery_method);
        doc_add_int(out, "cost", order->delivery_cost);
        doc_close(out);
    }
    add_if(out, "scope", order->scope);
    add_if(out, "key", order->key);
    doc_add_binary(out, "fingerprint", order->fingerprint.ptr, order->fingerprint.len);
    doc_add_int(out, "attempt", order->attempt);
    doc_add_int(out, "epoch", order->epoch);
    doc_add_int(out, "hold_deadline", order->hold_deadline);
}

void order_build_aborted(struct doc_builder *out, struct str order_id, int64_t epoch)
{
    doc_add_text(out, "order_id", order_id);
    doc_adds(out, "status", "aborted");
    doc_add_int(out, "epoch", epoch);
}

void change_build(struct doc_builder *out, const struct order_change *change)
{
    doc_add_text(out, "change_id", change->change_id);
    doc_add_text(out, "order_id", change->order_id);
    doc_add_int(out, "n", change->n);
    doc_adds(out, "kind", change_kind_name(change->kind));
    doc_add_int(out, "at", change->at);
    add_if(out, "key", change->key);
    if (change->fingerprint.ptr != NULL) {
        doc_add_binary(out, "fingerprint", change->fingerprint.ptr, change->fingerprint.len);
    }
    add_if(out, "reference", change->reference);
    add_if(out, "reason", change->reason);
    add_if(out, "customer_id", change->customer_id);
    add_if(out, "country", change->country);
    doc_add_int(out, "amount", change->amount);
    doc_add_int(out, "refund_due", change->refund_due);
    doc_add_bool(out, "restock", change->restock);
    doc_open_array(out, "lines");
    for (size_t i = 0; i < change->line_count; i++) {
        const struct change_line *line = &change->lines[i];
        doc_open(out, NULL);
        doc_add_int(out, "line", line->line);
        doc_add_text(out, "product_id", line->product_id);
        doc_add_text(out, "sku", line->sku);
        add_if(out, "category", line->category);
        doc_add_int(out, "quantity", line->quantity);
        doc_add_int(out, "amount", line->amount);
        doc_add_bool(out, "tracked", line->tracked);
        doc_close(out);
    }
    doc_close(out);
}

void movement_build(struct doc_builder *out, const struct movement *movement)
{
    doc_add_text(out, "movement_id", movement->movement_id);
    doc_add_text(out, "kind", movement->kind);
    doc_add_text(out, "sku", movement->sku);
    doc_add_int(out, "quantity", movement->quantity);
    doc_add_int(out, "at", movement->at);
    add_if(out, "reason", movement->reason);
    add_if(out, "product_id", movement->product_id);
    add_if(out, "category", movement->category);
    add_if(out, "customer_id", movement->customer_id);
    add_if(out, "country", movement->country);
    if (movement->returned != 0) {
        doc_add_int(out, "returned", movement->returned);
        doc_add_int(out, "amount", movement->amount);
    }
    doc_add_bool(out, "tracked", movement->tracked);
}

/* ---- showing ---- */

void order_number_of(struct str order_id, char *text, size_t size)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    struct sha256 hash;
    sha256_of(&hash, order_id.ptr, order_id.len);
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) {
        bits = bits << 8 | hash.bytes[i];
    }
    char code[9];
    for (int i = 0; i < 9; i++) {
        code[i] = digits[(bits >> (5 * i)) & 31];
    }
    snprintf(text, size, "R-%.4s-%.5s", code, code + 4);
}

static void show_item(struct doc_builder *out, const struct order_line *line,
                      const struct currency *currency)
{
    doc_open(out, NULL);
    doc_add_int(out, "line", line->line);
    doc_add_text(out, "product_id", line->product_id);
    add_if(out, "variant_id", line->variant_id);
    doc_add_text(out, "sku", line->sku);
    doc_add_text(out, "name", line->name);
    doc_add_int(out, "quantity", line->quantity);
    doc_add_money(out, "price", line->price, currency);
    doc_add_money(out, "amount", line->amount, currency);
    doc_close(out);
}

void order_show(struct doc_builder *out, const struct order *order, enum order_status status,
                const struct currency *currency)
{
    doc_add_text(out, "order_id", order->order_id);
    doc_add_text(out, "number", order->number);
    doc_adds(out, "status", order_status_name(status));
    doc_add_text(out, "customer_id", order->customer_id);
    add_if(out, "country", order->country);
    doc_open_array(out, "items");
    for (size_t i = 0; i < order->line_count; i++) {
        show_item(out, &order->lines[i], currency);
    }
    doc_close(out);
    if (order->delivery_method.ptr != NULL || order->delivery_cost != 0) {
        doc_open(out, "delivery");
        add_if(out, "method", order->delivery_method);
        doc_add_money(out, "cost", order->delivery_cost, currency);
        doc_close(out);
    }
    doc_add_money(out, "total", order->total, currency);
    doc_adds(out, "currency", currency->code);
    doc_add_time(out, "placed_at", order->placed_at);
}
