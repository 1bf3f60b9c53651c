#include "services/imports/import_csv.h"

#include "services/catalog/catalog.h"
#include "services/customers/customers.h"
#include "services/imports/csv_table.h"
#include "services/imports/import_crew.h"
#include "services/stock.h"

#include "support/strmap.h"

#include <stdio.h>

/* ---- what the three have in common ---- */

/* One call that is to be made. */
struct csv_item {
    struct str id;
    struct doc doc;
    size_t row; /* its first */
};

struct csv_import {
    struct call *call; /* the operation's */
    struct csv_table table;
    struct csv_item *items;
    size_t item_count;
    struct str key;
    struct import_tally tally;
    int64_t started;
};

static bool csv_import_read(struct csv_import *import, struct call *call, struct str path,
                            const struct csv_columns *columns, ecommerce_error *err)
{
    char *file = arena_str(&call->arena, path);
    *import = (struct csv_import){.call = call, .started = seams_monotonic(call->shop->seams)};
    if (file == NULL) {
        return error_memory(err);
    }
    if (!csv_table_read(&import->table, file, columns, err)) {
        return false;
    }
    import->items =
        arena_array(&import->table.arena, import->table.row_count + 1, sizeof(*import->items));
    return import->items != NULL || error_memory(err);
}

static bool csv_import_run(struct csv_import *import, import_work *work, const char *what,
                           ecommerce_error *err)
{
    struct doc_builder *out = import->call->out;
    const struct seams *seams = import->call->shop->seams;
    if (!import_crew_run(import->call, NULL, import->item_count, work, import, &import->tally,
                         err)) {
        return false;
    }
    doc_add_int(out, "rows", (int64_t)import->table.row_count);
    import_tally_add(out, what, &import->tally, "changed", "unchanged");
    doc_add_double(out, "seconds",
                   (double)(seams_monotonic(seams) - import->started) / MICROSECONDS);
    return true;
}

/* What the shop refuses is shown with the line it is in. */
static bool with_line(const struct csv_import *import, const struct csv_item *item, bool ok,
                      ecommerce_error *err)
{
    if (!ok) {
        ecommerce_error inner = *err;
        snprintf(err->message, sizeof(err->message), "line %llu: %s%s%.300s",
                 (unsigned long long)import->table.rows[item->row].line, inner.field,
                 inner.field[0] != '\0' ? ": " : "", inner.message);
    }
    return ok;
}

static bool check_ids(const struct csv_import *import, size_t column, ecommerce_error *err)
{
    struct strmap seen = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < import->item_count; i++) {
        const struct csv_item *item = &import->items[i];
        ecommerce_error why;
        if (!id_check(item->id, "id", &why)) {
            ok = csv_cell_error(&import->table, item->row, column, err, why.message);
        } else if (strmap_get(&seen, item->id) != NULL) {
            ok = csv_cell_error(&import->table, item->row, column, err,
                                "another line of the file has the same id");
        } else {
            ok = strmap_put(&seen, item->id, import->items) || error_memory(err);
        }
    }
    strmap_release(&seen);
    return ok;
}

static bool finish_item(struct csv_import *import, struct doc_builder *builder,
                        struct csv_item *item, ecommerce_error *err)
{
    struct doc doc = doc_finish(builder);
    return doc_builder_check(builder, err) &&
           (doc_copy(&import->table.arena, doc, &item->doc) || error_memory(err));
}

static void note_unchanged(struct call *call)
{
    call->replayed = !doc_bool(doc_finish(call->out), "changed", true);
}

/* ---- products ---- */

enum {
    PRODUCT_ID,
    PRODUCT_NAME,
    PRODUCT_PRICE,
    PRODUCT_DESCRIPTION,
    PRODUCT_CATEGORIES,
    PRODUCT_IMAGES,
    PRODUCT_SKU,
    PRODUCT_TRACKED,
    PRODUCT_RETIRED,
    PRODUCT_THRESHOLD,
    VARIANT_ID,
    VARIANT_SKU,
    VARIANT_NAME,
    VARIANT_PRICE,
};

static const struct csv_columns product_columns = {
    .names = {"product_id", "name", "price", "description", "categories", "images", "sku",
              "tracked", "retired", "low_stock_threshold", "variant_id", "variant_sku",
              "variant_name", "variant_price"},
    .required = 1,
    .prefixes = {"attribute.", "variant."},
};

static void add_cell(struct csv_import *import, struct doc_builder *out, size_t row, size_t column,
                     const char *name)
{
    struct str cell = csv_cell(&import->table, row, column);
    if (cell.ptr != NULL) {
        doc_add_text(out, name, cell);
    }
}

static void add_list(struct csv_import *import, struct doc_builder *out, size_t row, size_t column,
                     const char *name)
{
    struct str left = csv_cell(&import->table, row, column);
    if (left.ptr == NULL) {
        return;
    }
    doc_open_array(out, name);
    while (left.ptr != NULL) {
        const char *end = memchr(left.ptr, ';', left.len);
        size_t length = end != NULL ? (size_t)(end - left.ptr) : left.len;
        struct str part = str_trim(str_make(left.ptr, length));
        if (part.len > 0) {
            doc_add_text(out, NULL, part);
        }
        left = end != NULL ? str_make(end + 1, left.len - length - 1) : STR_NONE;
    }
    doc_close(out);
}

static bool add_price(struct csv_import *import, struct doc_builder *out, size_t row, size_t column,
                      ecommerce_error *err)
{
    const struct currency *currency = &import->call->shop->currency;
    int64_t minor;
    bool given;
    if (!csv_cell_money(&import->table, row, column, currency, &minor, &given, err)) {
        return false;
    }
    if (given && minor < 0) {
        return csv_cell_error(&import->table, row, column, err, "a price is not negative");
    }
    if (given) {
        doc_add_money(out, "price", minor, currency);
    }
    return true;
}

static bool add_flag(struct csv_import *import, struct doc_builder *out, size_t row, size_t column,
                     const char *name, ecommerce_error *err)
{
    bool value, given;
    if (!csv_cell_bool(&import->table, row, column, &value, &given, err)) {
        return false;
    }
    if (given) {
        doc_add_bool(out, name, value);
    }
    return true;
}

static bool add_threshold(struct csv_import *import, struct doc_builder *out, size_t row,
                          ecommerce_error *err)
{
    int64_t value;
    bool given;
    if (!csv_cell_int(&import->table, row, PRODUCT_THRESHOLD, &value, &given, err)) {
        return false;
    }
    if (given) {
        doc_add_int(out, "low_stock_threshold", value);
    }
    return true;
}

/* A value is a whole number, true, false or else a text. */
static void add_scalar(struct doc_builder *out, const char *name, struct str cell)
{
    long long number;
    if (str_to_int64(cell, &number)) {
        doc_add_int(out, name, number);
    } else if (str_is(cell, "true") || str_is(cell, "false")) {
        doc_add_bool(out, name, cell.len == 4);
    } else {
        doc_add_text(out, name, cell);
    }
}

static void add_attributes(struct csv_import *import, struct doc_builder *out, size_t row,
                           struct str prefix)
{
    bool open = false;
    for (size_t i = 0; i < import->table.column_count; i++) {
        struct str name = import->table.header[i], cell = import->table.rows[row].cells[i];
        if (cell.ptr == NULL || !str_starts_with(name, prefix)) {
            continue;
        }
        if (!open) {
            doc_open(out, "attributes");
            open = true;
        }
        add_scalar(out, name.ptr + prefix.len, cell); /* header texts end in NUL */
    }
    if (open) {
        doc_close(out);
    }
}

static bool add_variant(struct csv_import *import, struct doc_builder *out, size_t row,
                        ecommerce_error *err)
{
    doc_open(out, NULL);
    add_cell(import, out, row, VARIANT_ID, "variant_id");
    add_cell(import, out, row, VARIANT_SKU, "sku");
    add_cell(import, out, row, VARIANT_NAME, "name");
    bool ok = add_price(import, out, row, VARIANT_PRICE, err);
    add_attributes(import, out, row, STR("variant."));
    doc_close(out);
    return ok;
}

static bool add_variants(struct csv_import *import, struct doc_builder *out, size_t first,
                         size_t end, ecommerce_error *err)
{
    bool ok = true;
    if (csv_cell(&import->table, first, VARIANT_ID).ptr == NULL) {
        return end == first + 1 || csv_cell_error(&import->table, first + 1, PRODUCT_ID, err,
                                                  "another line of the file has the same id, and "
                                                  "they are not variants");
    }
    doc_open_array(out, "variants");
    for (size_t row = first; ok && row < end; row++) {
        if (csv_cell(&import->table, row, VARIANT_ID).ptr == NULL) {
            return csv_cell_error(&import->table, row, VARIANT_ID, err,
                                  "it is empty, and the product has variants");
        }
        ok = add_variant(import, out, row, err);
    }
    doc_close(out);
    return ok;
}

static bool build_product(struct csv_import *import, struct doc_builder *out, size_t first,
                          size_t end, ecommerce_error *err)
{
    add_cell(import, out, first, PRODUCT_NAME, "name");
    add_cell(import, out, first, PRODUCT_DESCRIPTION, "description");
    add_list(import, out, first, PRODUCT_CATEGORIES, "categories");
    add_list(import, out, first, PRODUCT_IMAGES, "images");
    add_cell(import, out, first, PRODUCT_SKU, "sku");
    add_attributes(import, out, first, STR("attribute."));
    return add_price(import, out, first, PRODUCT_PRICE, err) &&
           add_flag(import, out, first, PRODUCT_TRACKED, "tracked", err) &&
           add_flag(import, out, first, PRODUCT_RETIRED, "retired", err) &&
           add_threshold(import, out, first, err) && add_variants(import, out, first, end, err);
}

static bool take_products(struct csv_import *import, ecommerce_error *err)
{
    struct doc_builder builder;
    bool ok = true;
    doc_builder_init(&builder);
    for (size_t row = 0, end; ok && row < import->table.row_count; row = end) {
        struct csv_item *item = &import->items[import->item_count++];
        *item = (struct csv_item){.id = csv_cell(&import->table, row, PRODUCT_ID), .row = row};
        for (end = row + 1; end < import->table.row_count &&
                            str_equal(csv_cell(&import->table, end, PRODUCT_ID), item->id);
             end++) {}
        doc_builder_clear(&builder);
        ok = build_product(import, &builder, row, end, err) &&
             finish_item(import, &builder, item, err);
    }
    doc_builder_release(&builder);
    return ok && check_ids(import, PRODUCT_ID, err);
}

static bool put_product(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct csv_import *import = context;
    const struct csv_item *item = &import->items[index];
    struct write_options any = {0}, new_one = {.must_be_new = true};
    bool ok = catalog_patch_product(call, item->id, item->doc, &any, err);
    if (!ok && err->code == ECOMMERCE_UNKNOWN_PRODUCT) {
        import_call_again(call);
        error_clear(err);
        ok = catalog_put_product(call, item->id, item->doc, &new_one, err);
    }
    note_unchanged(call);
    return with_line(import, item, ok, err);
}

bool import_products(struct call *call, struct str path, ecommerce_error *err)
{
    struct csv_import import;
    bool ok = csv_import_read(&import, call, path, &product_columns, err) &&
              take_products(&import, err) && csv_import_run(&import, put_product, "products", err);
    csv_table_release(&import.table);
    return ok;
}

/* ---- customers ---- */

static const struct csv_columns customer_columns = {
    .names = {"customer_id", "name", "email", "phone", "country"},
    .required = 1,
};

static bool take_customers(struct csv_import *import, ecommerce_error *err)
{
    struct doc_builder builder;
    bool ok = true;
    doc_builder_init(&builder);
    for (size_t row = 0; ok && row < import->table.row_count; row++) {
        struct csv_item *item = &import->items[import->item_count++];
        *item = (struct csv_item){.id = csv_cell(&import->table, row, 0), .row = row};
        doc_builder_clear(&builder);
        for (size_t i = 1; customer_columns.names[i] != NULL; i++) {
            add_cell(import, &builder, row, i, customer_columns.names[i]);
        }
        ok = finish_item(import, &builder, item, err);
    }
    doc_builder_release(&builder);
    return ok && check_ids(import, 0, err);
}

static bool put_customer(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct csv_import *import = context;
    const struct csv_item *item = &import->items[index];
    struct write_options any = {0}, new_one = {.must_be_new = true};
    bool ok = customers_patch(call, item->id, item->doc, &any, err);
    if (!ok && err->code == ECOMMERCE_NOT_FOUND) {
        import_call_again(call);
        error_clear(err);
        ok = customers_put(call, item->id, item->doc, &new_one, err);
    }
    note_unchanged(call);
    return with_line(import, item, ok, err);
}

bool import_customers(struct call *call, struct str path, ecommerce_error *err)
{
    struct csv_import import;
    bool ok = csv_import_read(&import, call, path, &customer_columns, err) &&
              take_customers(&import, err) &&
              csv_import_run(&import, put_customer, "customers", err);
    csv_table_release(&import.table);
    return ok;
}

/* ---- stock ---- */

enum { STOCK_ITEM, STOCK_QUANTITY, STOCK_REASON, STOCK_MOVEMENT, STOCK_AT };

static const struct csv_columns stock_columns = {
    .names = {"product_id", "quantity", "reason", "movement_id", "at"},
    .required = 2,
};

static bool stock_request(const struct csv_import *import, size_t row,
                          struct stock_movement_request *request, ecommerce_error *err)
{
    const struct csv_table *table = &import->table;
    bool given;
    *request = (struct stock_movement_request){
        .item_id = csv_cell(table, row, STOCK_ITEM),
        .reason = csv_cell(table, row, STOCK_REASON),
        .movement_id = csv_cell(table, row, STOCK_MOVEMENT),
    };
    if (!csv_cell_int(table, row, STOCK_QUANTITY, &request->quantity, &given, err) ||
        !csv_cell_time(table, row, STOCK_AT, &request->at, &given, err)) {
        return false;
    }
    if (request->quantity == 0) {
        return csv_cell_error(table, row, STOCK_QUANTITY, err, "it is zero");
    }
    if (request->movement_id.ptr == NULL && import->key.ptr == NULL) {
        return csv_cell_error(
            table, row, STOCK_MOVEMENT, err,
            "it is empty; name the delivery with a key, so that it is taken once");
    }
    return true;
}

static bool take_movements(struct csv_import *import, ecommerce_error *err)
{
    struct stock_movement_request request;
    for (size_t row = 0; row < import->table.row_count; row++) {
        if (!stock_request(import, row, &request, err)) {
            return false;
        }
        import->items[import->item_count++] = (struct csv_item){.id = request.item_id, .row = row};
    }
    return true;
}

static bool move_stock(void *context, size_t index, struct call *call, ecommerce_error *err)
{
    const struct csv_import *import = context;
    const struct csv_item *item = &import->items[index];
    struct stock_movement_request request;
    if (!stock_request(import, item->row, &request, err)) {
        return false;
    }
    if (request.movement_id.ptr == NULL) {
        char *key = arena_printf(&call->arena, "%.*s-%llu", STR_ARG(import->key),
                                 (unsigned long long)import->table.rows[item->row].line);
        if (key == NULL) {
            return error_memory(err);
        }
        request.key = str_of(key);
    }
    bool ok = request.quantity > 0 ? stock_receive(call, &request, err)
                                   : stock_adjust(call, &request, err);
    return with_line(import, item, ok, err);
}

bool import_stock(struct call *call, struct str path, struct str key, ecommerce_error *err)
{
    struct csv_import import;
    bool ok = csv_import_read(&import, call, path, &stock_columns, err);
    import.key = key;
    ok =
        ok && take_movements(&import, err) && csv_import_run(&import, move_stock, "movements", err);
    csv_table_release(&import.table);
    return ok;
}
