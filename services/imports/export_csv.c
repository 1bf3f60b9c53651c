#include "services/imports/export_csv.h"

#include "services/imports/csv_writer.h"
#include "services/orders/order_changes.h"

#include "support/json.h"
#include "support/strmap.h"

#include <inttypes.h>
#include <stdlib.h>

enum { EXPORT_PAGE = 500, SCALAR_TEXT = 64 };

struct export
{
    struct call *call;
    struct csv_writer writer;
    /* Names of attributes, of all products and of all variants, sorted; views on keys. */
    struct str *product_attributes, *variant_attributes;
    size_t product_attribute_count, variant_attribute_count;
    struct strmap product_names, variant_names;
};

/* ---- walking ---- */

typedef bool export_document(struct export *export, const struct stored_document *stored,
                             struct arena *page, ecommerce_error *err);

/* All documents of a collection, in order: by id, or by a number. */
static bool walk(struct export *export, enum documents_collection collection, const char *number,
                 export_document *each, ecommerce_error *err)
{
    struct call *call = export->call;
    struct documents_query query = {
        .order = number != NULL ? ORDER_BY_NUMBER : ORDER_BY_ID,
        .range_field = number,
        .from = INT64_MIN,
        .to = INT64_MAX,
        .limit = EXPORT_PAGE,
    };
    struct arena pages[2] = {{0}, {0}}; /* the cursor lives in the page before */
    bool ok = true, more = true;
    for (unsigned turn = 0; ok && more; turn ^= 1) {
        struct documents_request request =
            call_documents(call, DOCUMENTS_QUERY, collection, STR_NONE);
        arena_reset(&pages[turn]);
        request.query = &query;
        request.base.arena = &pages[turn];
        ok = documents_run(call->shop->documents, &request, err);
        for (size_t i = 0; ok && i < request.count; i++) {
            ok = each(export, &request.documents[i], &pages[turn], err);
        }
        more = request.cursor.ptr != NULL;
        query.after = request.cursor;
    }
    arena_release(&pages[0]);
    arena_release(&pages[1]);
    return ok;
}

static void put_names(struct csv_writer *writer, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        csv_puts(writer, names[i]);
    }
}

static bool finish(struct export *export, struct str path, bool ok, ecommerce_error *err)
{
    int64_t lines = export->writer.lines;
    if (!csv_writer_close(&export->writer, ok, err)) {
        return false;
    }
    doc_add_text(export->call->out, "path", path);
    doc_add_int(export->call->out, "rows", lines - 1);
    return true;
}

/* ---- products ---- */

static bool note_names(struct export *export, struct strmap *names, struct doc attributes,
                       ecommerce_error *err)
{
    struct doc_iter it;
    for (doc_iter_init(&it, attributes); doc_iter_next(&it);) {
        struct str key = it.value.key;
        if (strmap_get(names, key) != NULL) {
            continue;
        }
        char *copy = arena_str(&export->call->arena, key);
        if (copy == NULL || !strmap_put(names, str_make(copy, key.len), copy)) {
            return error_memory(err);
        }
    }
    return true;
}

static bool note_attributes(struct export *export, const struct stored_document *stored,
                            struct arena *page, ecommerce_error *err)
{
    UNUSED(page);
    struct doc_iter it;
    for (doc_iter_init(&it, doc_child(stored->doc, "variants")); doc_iter_next(&it);) {
        if (!note_names(export, &export->variant_names, doc_child(it.value.child, "attributes"),
                        err)) {
            return false;
        }
    }
    return note_names(export, &export->product_names, doc_child(stored->doc, "attribute_values"),
                      err);
}

static int compare_names(const void *left, const void *right)
{
    return str_compare(*(const struct str *)left, *(const struct str *)right);
}

static bool sort_names(struct export *export, const struct strmap *names, struct str **sorted,
                       size_t *count, ecommerce_error *err)
{
    struct strmap_entry *entry;
    *sorted = arena_array(&export->call->arena, names->count + 1, sizeof(**sorted));
    if (*sorted == NULL) {
        return error_memory(err);
    }
    for (size_t at = 0; (entry = strmap_next(names, &at)) != NULL;) {
        (*sorted)[(*count)++] = entry->key;
    }
    qsort(*sorted, *count, sizeof(**sorted), compare_names);
    return true;
}

static bool put_family(struct export *export, const char *prefix, const struct str *names,
                       size_t count, ecommerce_error *err)
{
    for (size_t i = 0; i < count; i++) {
        char *column = arena_printf(&export->call->arena, "%s%.*s", prefix, STR_ARG(names[i]));
        if (column == NULL) {
            return error_memory(err);
        }
        csv_puts(&export->writer, column);
    }
    return true;
}

static void put_scalar(struct csv_writer *writer, const struct doc_value *value)
{
    char text[SCALAR_TEXT];
    switch (value->type) {
    case DOC_TEXT:
        csv_put(writer, value->text);
        return;
    case DOC_INT:
        csv_put_int(writer, value->integer);
        return;
    case DOC_BOOL:
        csv_puts(writer, value->boolean ? "true" : "false");
        return;
    case DOC_DOUBLE:
        json_double(value->number, text, sizeof(text));
        csv_puts(writer, text);
        return;
    case DOC_DECIMAL:
        json_decimal(value->decimal.coefficient, value->decimal.exponent, text, sizeof(text));
        csv_puts(writer, text);
        return;
    default:
        csv_put(writer, STR_NONE);
    }
}

static void put_attributes(struct csv_writer *writer, struct doc attributes,
                           const struct str *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct doc_value value;
        (void)doc_get(attributes, names[i].ptr, &value); /* names end in NUL */
        put_scalar(writer, &value);
    }
}

static void put_field(struct csv_writer *writer, struct doc doc, const char *name)
{
    struct doc_value value;
    (void)doc_get(doc, name, &value);
    put_scalar(writer, &value);
}

static void put_price(struct export *export, struct doc doc)
{
    struct doc_value value;
    if (doc_get(doc, "price", &value) && value.type == DOC_INT) {
        csv_put_money(&export->writer, value.integer, &export->call->shop->currency);
    } else {
        csv_put(&export->writer, STR_NONE);
    }
}

static bool put_list(struct export *export, struct arena *page, struct doc list,
                     ecommerce_error *err)
{
    struct doc_iter it;
    char *text = NULL;
    for (doc_iter_init(&it, list); doc_iter_next(&it);) {
        text = text == NULL ? arena_str(page, it.value.text)
                            : arena_printf(page, "%s;%.*s", text, STR_ARG(it.value.text));
        if (text == NULL) {
            return error_memory(err);
        }
    }
    csv_puts(&export->writer, text);
    return true;
}

static const char *const product_names[] = {
    "product_id", "name",        "price",        "description",  "categories",
    "images",     "sku",         "tracked",      "retired",      "low_stock_threshold",
    "variant_id", "variant_sku", "variant_name", "variant_price"};

static bool put_product_line(struct export *export, const struct stored_document *stored,
                             struct doc variant, struct arena *page, ecommerce_error *err)
{
    struct csv_writer *writer = &export->writer;
    struct doc doc = stored->doc;
    csv_put(writer, stored->id);
    put_field(writer, doc, "name");
    put_price(export, doc);
    put_field(writer, doc, "description");
    if (!put_list(export, page, doc_child(doc, "own_categories"), err) ||
        !put_list(export, page, doc_child(doc, "images"), err)) {
        return false;
    }
    put_field(writer, doc, "sku");
    put_field(writer, doc, "tracked");
    put_field(writer, doc, "retired");
    put_field(writer, doc, "low_stock_threshold");
    put_field(writer, variant, "variant_id");
    put_field(writer, variant, "sku");
    put_field(writer, variant, "name");
    put_price(export, variant);
    put_attributes(writer, doc_child(doc, "attribute_values"), export->product_attributes,
                   export->product_attribute_count);
    put_attributes(writer, doc_child(variant, "attributes"), export->variant_attributes,
                   export->variant_attribute_count);
    csv_end_line(writer);
    return true;
}

static bool put_product(struct export *export, const struct stored_document *stored,
                        struct arena *page, ecommerce_error *err)
{
    struct doc variants = doc_child(stored->doc, "variants");
    struct doc_iter it;
    if (doc_count(variants) == 0) {
        return put_product_line(export, stored, DOC_EMPTY, page, err);
    }
    for (doc_iter_init(&it, variants); doc_iter_next(&it);) {
        if (!put_product_line(export, stored, it.value.child, page, err)) {
            return false;
        }
    }
    return true;
}

bool export_products(struct call *call, struct str path, ecommerce_error *err)
{
    struct export export = {.call = call};
    bool ok = csv_writer_open(&export.writer, path, err) &&
              walk(&export, COLLECTION_PRODUCTS, NULL, note_attributes, err) &&
              sort_names(&export, &export.product_names, &export.product_attributes,
                         &export.product_attribute_count, err) &&
              sort_names(&export, &export.variant_names, &export.variant_attributes,
                         &export.variant_attribute_count, err);
    if (ok) {
        put_names(&export.writer, product_names, ARRAY_LENGTH(product_names));
        ok = put_family(&export, "attribute.", export.product_attributes,
                        export.product_attribute_count, err) &&
             put_family(&export, "variant.", export.variant_attributes,
                        export.variant_attribute_count, err);
        csv_end_line(&export.writer);
        ok = ok && walk(&export, COLLECTION_PRODUCTS, NULL, put_product, err);
    }
    strmap_release(&export.product_names);
    strmap_release(&export.variant_names);
    return finish(&export, path, ok, err);
}

/* ---- customers ---- */

static const char *const customer_names[] = {"customer_id", "name", "email", "phone", "country"};

static bool put_customer(struct export *export, const struct stored_document *stored,
                         struct arena *page, ecommerce_error *err)
{
    UNUSED(page);
    UNUSED(err);
    if (doc_bool(stored->doc, "erased", false)) {
        return true;
    }
    csv_put(&export->writer, stored->id);
    for (size_t i = 1; i < ARRAY_LENGTH(customer_names); i++) {
        put_field(&export->writer, stored->doc, customer_names[i]);
    }
    csv_end_line(&export->writer);
    return true;
}

bool export_customers(struct call *call, struct str path, ecommerce_error *err)
{
    struct export export = {.call = call};
    bool ok = csv_writer_open(&export.writer, path, err);
    if (ok) {
        put_names(&export.writer, customer_names, ARRAY_LENGTH(customer_names));
        csv_end_line(&export.writer);
        ok = walk(&export, COLLECTION_CUSTOMERS, NULL, put_customer, err);
    }
    return finish(&export, path, ok, err);
}

/* ---- orders ---- */

static const char *const order_names[] = {
    "order_id", "number", "placed_at",  "status",     "customer_id",   "country",
    "currency", "line",   "product_id", "variant_id", "sku",           "name",
    "quantity", "price",  "amount",     "taken_back", "delivery_cost", "total"};

static void put_order_line(struct export *export, const struct order *order,
                           const struct order_state *state, size_t index)
{
    struct csv_writer *writer = &export->writer;
    const struct currency *currency = &export->call->shop->currency;
    const struct order_line *line = &order->lines[index];
    csv_put(writer, order->order_id);
    csv_put(writer, order->number);
    csv_put_time(writer, order->placed_at);
    csv_puts(writer, order_status_name(state->status));
    csv_put(writer, order->customer_id);
    csv_put(writer, order->country);
    csv_puts(writer, currency->code);
    csv_put_int(writer, line->line);
    csv_put(writer, line->product_id);
    csv_put(writer, line->variant_id);
    csv_put(writer, line->sku);
    csv_put(writer, line->name);
    csv_put_int(writer, line->quantity);
    csv_put_money(writer, line->price, currency);
    csv_put_money(writer, line->amount, currency);
    csv_put_int(writer, state->taken_back[index]);
    csv_put_money(writer, order->delivery_cost, currency);
    csv_put_money(writer, order->total, currency);
    csv_end_line(writer);
}

/* Void orders never were. */
static bool put_order(struct export *export, const struct stored_document *stored,
                      struct arena *page, ecommerce_error *err)
{
    struct call *call = export->call;
    struct arena_mark mark = arena_save(&call->arena);
    struct order order;
    struct order_state state;
    bool ok = order_parse(page, stored, &order, err);
    if (ok && !order.aborted) {
        ok = changes_fold(call, &order, &state, err);
        for (size_t i = 0; ok && state.status != STATUS_VOID && i < order.line_count; i++) {
            put_order_line(export, &order, &state, i);
        }
    }
    arena_restore(&call->arena, mark);
    return ok;
}

bool export_orders(struct call *call, struct str path, ecommerce_error *err)
{
    struct export export = {.call = call};
    bool ok = csv_writer_open(&export.writer, path, err);
    if (ok) {
        put_names(&export.writer, order_names, ARRAY_LENGTH(order_names));
        csv_end_line(&export.writer);
        ok = walk(&export, COLLECTION_ORDERS, "placed_at", put_order, err);
    }
    return finish(&export, path, ok, err);
}

/* ---- stock ---- */

static bool put_levels(struct export *export, ecommerce_error *err)
{
    struct call *call = export->call;
    struct str after = STR_NONE;
    for (bool more = true; more;) {
        struct live_request request = call_live(call, LIVE_LEVELS_SCAN);
        request.after = after;
        request.limit = EXPORT_PAGE;
        if (!live_run(call->shop->live, &request, err)) {
            return false;
        }
        for (size_t i = 0; i < request.level_count; i++) {
            csv_put(&export->writer, request.levels[i].sku);
            csv_put_int(&export->writer, request.levels[i].available);
            csv_put_int(&export->writer, request.levels[i].held);
            csv_end_line(&export->writer);
        }
        more = request.level_count == EXPORT_PAGE;
        after = more ? request.levels[request.level_count - 1].sku : STR_NONE;
    }
    return true;
}

bool export_stock(struct call *call, struct str path, ecommerce_error *err)
{
    static const char *const names[] = {"sku", "available", "held"};
    struct export export = {.call = call};
    bool ok = csv_writer_open(&export.writer, path, err);
    if (ok) {
        put_names(&export.writer, names, ARRAY_LENGTH(names));
        csv_end_line(&export.writer);
        ok = put_levels(&export, err);
    }
    return finish(&export, path, ok, err);
}
