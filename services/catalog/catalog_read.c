/*
 * catalog_read.c - products and items by id, levels of their stock.
 */
#include "services/catalog/catalog_parts.h"

#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

void catalog_changed(struct call *call, const char *prefix, struct str id)
{
    struct shop *shop = call->shop;
    const char *key = arena_printf(&call->arena, "%s%.*s", prefix, STR_ARG(id));
    if (key == NULL) {
        return; /* what others remember ends with its lifetime */
    }
    if (manager_can(&shop->live->base, CAPABILITY_GENERATIONS)) {
        live_changed(shop->live, str_of(key));
        return;
    }
    /* Answers kept in the live store are forgotten. Best effort: they end with their lifetime. */
    struct live_request request = call_live(call, LIVE_DELETE_OWNER);
    request.space = SPACE_CACHE;
    request.owner = str_of(key);
    ecommerce_error err;
    if (!live_run(shop->live, &request, &err)) {
        log_write(shop->logger, LOG_WARNING, "catalog", "cached answers about %s stay: %s", key,
                  err.message);
    }
}

/* ---- products ---- */

struct product_copy {
    struct call *call;
    struct stored_document *out;
    bool ok;
};

static void copy_product(void *context, const struct cache_view *view)
{
    struct product_copy *copy = context;
    struct doc doc = {(const uint8_t *)view->bytes.ptr, (uint32_t)view->bytes.len};
    copy->ok = doc_copy(&copy->call->arena, doc, &copy->out->doc);
    copy->out->version = view->number;
}

bool product_visit_cached(struct shop *shop, struct str id, cache_visitor *visit, void *context)
{
    return cache_visit(shop, CACHE_PRODUCT, id, false, visit, context);
}

/* One product's reading, when the cache does not have it. */
struct product_read {
    struct documents_request request;
    struct dependencies dependencies; /* its own generation alone */
    size_t index;
};

static void keep_product(struct call *call, const struct product_read *read)
{
    const struct stored_document *document = &read->request.document;
    cache_keep(call->shop, CACHE_PRODUCT, read->request.id,
               str_make(document->doc.bytes, document->doc.size), document->version,
               &read->dependencies);
}

static bool read_products(struct call *call, struct product_read *reads, size_t count,
                          struct stored_document *products, ecommerce_error *err)
{
    for (size_t i = 0; i < count; i++) {
        documents_submit(call->shop->documents, &reads[i].request);
    }
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        if (!documents_wait(call->shop->documents, &reads[i].request)) {
            if (ok && err != NULL) {
                *err = reads[i].request.base.error;
            }
            ok = false;
        } else if (reads[i].request.found) {
            struct stored_document *product = &products[reads[i].index];
            product->doc = reads[i].request.document.doc;
            product->version = reads[i].request.document.version;
            keep_product(call, &reads[i]);
        }
    }
    return ok;
}

bool products_load(struct call *call, const struct str *ids, size_t count,
                   struct dependencies *dependencies, struct stored_document *products,
                   ecommerce_error *err)
{
    struct product_read *reads = arena_array(&call->arena, count + 1, sizeof(*reads));
    if (reads == NULL) {
        return error_memory(err);
    }
    size_t missing = 0;
    for (size_t i = 0; i < count; i++) {
        depend_on(call, dependencies, "product/", ids[i]);
        products[i] = (struct stored_document){.id = ids[i]};
        struct product_copy copy = {.call = call, .out = &products[i]};
        if (product_visit_cached(call->shop, ids[i], copy_product, &copy)) {
            if (!copy.ok) {
                return error_memory(err);
            }
            continue;
        }
        struct product_read *read = &reads[missing++];
        read->index = i;
        depend_on(call, &read->dependencies, "product/", ids[i]);
        read->request = call_documents(call, DOCUMENTS_GET, COLLECTION_PRODUCTS, ids[i]);
    }
    return read_products(call, reads, missing, products, err);
}

size_t product_sku_count(struct doc stored)
{
    return doc_bool(stored, "tracked", true) ? doc_count(doc_child(stored, "skus")) : 0;
}

void product_skus(struct doc stored, struct stock_line *lines)
{
    if (product_sku_count(stored) == 0) {
        return;
    }
    struct doc_iter it;
    for (doc_iter_init(&it, doc_child(stored, "skus")); doc_iter_next(&it);) {
        *lines++ = (struct stock_line){.sku = it.value.text};
    }
}

/* ---- items ---- */

/* A sellable as it lies in the cache: this, then its texts. */
struct item_record {
    int64_t price;
    uint32_t lengths[5];
    bool tracked, retired, needs_variant, has_variant, has_category;
};

enum { ITEM_TEXTS = 5 };

struct item_found {
    struct call *call;
    struct sellable *sellable;
    bool needs_variant, ok;
};

static void read_item(void *context, const struct cache_view *view)
{
    struct item_found *found = context;
    struct item_record record;
    memcpy(&record, view->bytes.ptr, sizeof(record));
    size_t size = view->bytes.len - sizeof(record);
    const char *at = arena_copy(&found->call->arena, view->bytes.ptr + sizeof(record), size);
    found->ok = at != NULL;
    if (!found->ok) {
        return;
    }
    struct str texts[ITEM_TEXTS];
    for (size_t i = 0; i < ITEM_TEXTS; i++) {
        texts[i] = str_make(at, record.lengths[i]);
        at += record.lengths[i];
    }
    found->needs_variant = record.needs_variant;
    *found->sellable = (struct sellable){
        .product_id = texts[0],
        .variant_id = record.has_variant ? texts[1] : STR_NONE,
        .sku = texts[2],
        .name = texts[3],
        .category = record.has_category ? texts[4] : STR_NONE,
        .price = record.price,
        .tracked = record.tracked,
        .retired = record.retired,
    };
}

static void keep_item(struct call *call, struct str id, const struct sellable *sellable,
                      bool needs_variant, const struct dependencies *dependencies)
{
    struct str texts[ITEM_TEXTS] = {sellable->product_id, sellable->variant_id, sellable->sku,
                                    sellable->name, sellable->category};
    struct item_record record = {
        .price = sellable->price,
        .tracked = sellable->tracked,
        .retired = sellable->retired,
        .needs_variant = needs_variant,
        .has_variant = sellable->variant_id.ptr != NULL,
        .has_category = sellable->category.ptr != NULL,
    };
    struct text bytes = {0};
    for (size_t i = 0; i < ITEM_TEXTS; i++) {
        record.lengths[i] = (uint32_t)texts[i].len;
    }
    text_add(&bytes, str_make(&record, sizeof(record)));
    for (size_t i = 0; i < ITEM_TEXTS; i++) {
        text_add(&bytes, texts[i]);
    }
    if (text_ok(&bytes)) {
        cache_keep(call->shop, CACHE_ITEM, id, text_str(&bytes), 0, dependencies);
    }
    text_release(&bytes);
}

/* "T-shirt, red, L": the variant's name, else its attributes. */
static bool variant_name(struct call *call, struct str product, struct doc variant,
                         struct str *name, ecommerce_error *err)
{
    struct text text = {0};
    text_add(&text, product);
    struct str own = doc_text(variant, "name");
    if (own.ptr != NULL) {
        text_adds(&text, ", ");
        text_add(&text, own);
    }
    struct doc_iter it;
    doc_iter_init(&it, own.ptr == NULL ? doc_child(variant, "attributes") : DOC_EMPTY);
    while (doc_iter_next(&it)) {
        if (it.value.type == DOC_TEXT) {
            text_adds(&text, ", ");
            text_add(&text, it.value.text);
        } else if (it.value.type == DOC_INT) {
            text_adds(&text, ", ");
            text_add_int(&text, it.value.integer);
        }
    }
    const char *copy = text_ok(&text) ? arena_str(&call->arena, text_str(&text)) : NULL;
    *name = str_make(copy, text.len);
    text_release(&text);
    return copy != NULL || error_memory(err);
}

static struct doc find_variant(struct doc product, struct str id)
{
    struct doc_iter it;
    for (doc_iter_init(&it, doc_child(product, "variants")); doc_iter_next(&it);) {
        if (str_equal(doc_text(it.value.child, "variant_id"), id)) {
            return it.value.child;
        }
    }
    return DOC_EMPTY;
}

static bool sellable_of(struct call *call, const struct stored_document *product, struct str id,
                        struct sellable *sellable, bool *needs_variant, ecommerce_error *err)
{
    struct doc doc = product->doc;
    struct doc variant = find_variant(doc, id);
    struct doc_value category = {0};
    (void)doc_find(doc, "own_categories.0", &category);
    struct str name = doc_text(doc, "name");
    int64_t price = doc_int(doc, "price", -1);
    *needs_variant = variant.size == 0 && doc_count(doc_child(doc, "variants")) > 0;
    *sellable = (struct sellable){
        .product_id = product->id,
        .variant_id = doc_text(variant, "variant_id"),
        .sku = doc_text(variant.size > 0 ? variant : doc, "sku"),
        .name = name.ptr != NULL ? name : product->id,
        .category = category.type == DOC_TEXT ? category.text : STR_NONE,
        .price = doc_int(variant, "price", price),
        .tracked = doc_bool(doc, "tracked", true),
        .retired = doc_bool(doc, "retired", false) || doc_bool(variant, "retired", false),
    };
    if (sellable->price < 0) {
        /* Nothing is sold for want of a price. */
        sellable->price = 0;
        sellable->retired = true;
    }
    return variant.size == 0 || variant_name(call, sellable->name, variant, &sellable->name, err);
}

/* The product that has a variant of this id; STR_NONE: none has. */
static bool find_owner(struct call *call, struct str id, struct str *owner, ecommerce_error *err)
{
    struct documents_query query = {.terms = {{"item_ids", id}},
                                    .term_count = 1,
                                    .order = ORDER_BY_ID,
                                    .limit = 1,
                                    .ids_only = true};
    struct documents_request request =
        call_documents(call, DOCUMENTS_QUERY, COLLECTION_PRODUCTS, STR_NONE);
    request.query = &query;
    *owner = STR_NONE;
    if (!documents_run(call->shop->documents, &request, err)) {
        return false;
    }
    if (request.count > 0) {
        *owner = request.documents[0].id;
    }
    return true;
}

static bool has_item(struct doc product, struct str id)
{
    struct doc_iter it;
    for (doc_iter_init(&it, doc_child(product, "item_ids")); doc_iter_next(&it);) {
        if (str_equal(it.value.text, id)) {
            return true;
        }
    }
    return false;
}

/* By the index only when no product has the id: most items are products. */
static bool load_owner(struct call *call, struct str id, struct dependencies *dependencies,
                       struct stored_document *product, ecommerce_error *err)
{
    struct dependencies of_product = {0};
    if (!products_load(call, &id, 1, &of_product, product, err)) {
        return false;
    }
    if (product->doc.size > 0) {
        *dependencies = of_product;
        return true;
    }
    struct str owner;
    if (!find_owner(call, id, &owner, err)) {
        return false;
    }
    if (owner.ptr == NULL) {
        return true;
    }
    if (!products_load(call, &owner, 1, dependencies, product, err)) {
        return false;
    }
    if (!has_item(product->doc, id)) {
        product->doc = DOC_EMPTY; /* it lost the variant just now */
    }
    return true;
}

bool catalog_find_sellable(struct call *call, struct str id, struct sellable *sellable, bool *found,
                           bool *needs_variant, ecommerce_error *err)
{
    struct item_found item = {.call = call, .sellable = sellable};
    *found = false;
    *needs_variant = false;
    if (cache_visit(call->shop, CACHE_ITEM, id, false, read_item, &item)) {
        *found = item.ok;
        *needs_variant = item.needs_variant;
        return item.ok || error_memory(err);
    }
    if (id.ptr == NULL || id.len == 0 || id.len > ID_MAX) {
        return true;
    }
    struct dependencies dependencies = {0};
    struct stored_document product = {0};
    if (!load_owner(call, id, &dependencies, &product, err)) {
        return false;
    }
    *found = product.doc.size > 0;
    if (!*found) {
        return true;
    }
    const char *own_id = arena_str(&call->arena, product.id);
    product.id = str_make(own_id, product.id.len);
    if (own_id == NULL) {
        return error_memory(err);
    }
    if (!sellable_of(call, &product, id, sellable, needs_variant, err)) {
        return false;
    }
    keep_item(call, id, sellable, *needs_variant, &dependencies);
    return true;
}

/* ---- levels ---- */

static int compare_levels(const void *a, const void *b)
{
    const struct stock_level *left = a, *right = b;
    return str_compare(left->sku, right->sku);
}

const struct stock_level *level_find(const struct stock_levels *levels, struct str sku)
{
    struct stock_level wanted = {.sku = sku};
    return levels->count == 0
               ? NULL
               : bsearch(&wanted, levels->items, levels->count, sizeof(wanted), compare_levels);
}

enum { LEVELS_AT_ONCE = 1000 };

static bool ask_levels(struct call *call, const struct stock_line *lines, size_t count,
                       struct live_request *requests, size_t request_count)
{
    for (size_t i = 0; i < request_count; i++) {
        size_t from = i * LEVELS_AT_ONCE;
        requests[i] = call_live(call, LIVE_LEVELS);
        requests[i].lines = lines + from;
        requests[i].line_count = count - from < LEVELS_AT_ONCE ? count - from : LEVELS_AT_ONCE;
        live_submit(call->shop->live, &requests[i]);
    }
    const struct live_request *failed = NULL;
    for (size_t i = 0; i < request_count; i++) {
        if (!live_wait(call->shop->live, &requests[i])) {
            failed = &requests[i];
        }
    }
    if (failed != NULL) {
        call_degrade(call, ROLE_LIVE, &failed->base.error);
    }
    return failed == NULL;
}

bool levels_load(struct call *call, const struct stock_line *lines, size_t count,
                 struct dependencies *dependencies, struct stock_levels *levels,
                 ecommerce_error *err)
{
    *levels = (struct stock_levels){.known = true};
    if (count == 0) {
        return true;
    }
    for (size_t i = 0; i < count && dependencies != NULL; i++) {
        depend_on(call, dependencies, "sku/", lines[i].sku);
    }
    size_t request_count = (count + LEVELS_AT_ONCE - 1) / LEVELS_AT_ONCE;
    struct live_request *requests = arena_array(&call->arena, request_count, sizeof(*requests));
    levels->items = arena_array(&call->arena, count, sizeof(*levels->items));
    if (requests == NULL || levels->items == NULL) {
        return error_memory(err);
    }
    levels->known = ask_levels(call, lines, count, requests, request_count);
    for (size_t i = 0; i < request_count && levels->known; i++) {
        memcpy(levels->items + levels->count, requests[i].levels,
               requests[i].level_count * sizeof(*levels->items));
        levels->count += requests[i].level_count;
    }
    if (levels->count > 1) {
        qsort(levels->items, levels->count, sizeof(*levels->items), compare_levels);
    }
    return true;
}

bool product_in_stock(struct doc stored, const struct stock_levels *levels)
{
    if (!levels->known || !doc_bool(stored, "tracked", true)) {
        return true;
    }
    struct doc_iter it;
    for (doc_iter_init(&it, doc_child(stored, "skus")); doc_iter_next(&it);) {
        const struct stock_level *level = level_find(levels, it.value.text);
        if (level != NULL && level->available > 0) {
            return true;
        }
    }
    return false;
}
