/*
 * catalog_product.c - a product as given made a product as stored: checked, put in order, and with
 * what searches need.
 */
#include "services/catalog/catalog_parts.h"

#include "support/ids.h"
#include "support/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAME_MAX_BYTES = 500,
    DESCRIPTION_MAX = 64 * 1024,
    ADDRESS_MAX = 2000,
    IMAGES_MAX = 100,
    VARIANTS_MAX = 1000,
    CATEGORIES_MAX = 32,
    ATTRIBUTES_MAX = 200,
    ATTRIBUTE_NAME_MAX = 64,
    ATTRIBUTE_TEXT_MAX = 300,
    PRODUCT_BYTES_MAX = 1024 * 1024,
};

/* What is being made. */
struct composition {
    struct call *call;
    struct str product_id;
    struct doc given, before;
    const struct category_tree *tree;
    struct doc_builder out;
    struct token_list tokens;
    struct str *categories; /* with all ancestors, own ones first */
    size_t category_count;
    struct doc_builder attribute_terms; /* {"0": "name=value", …} without doubles */
    struct str *items, *skus;
    size_t item_count, sku_count;
};

static const char *const DERIVED[] = {"categories", "attributes",    "skus",       "item_ids",
                                      "tokens",     "token_weights", "created_at", "changed_at"};
/* Names of fields that answers add, or that documents have for the catalogue's own use. */
static const char *const RESERVED[] = {"tokens",       "token_weights",   "item_ids",
                                       "skus",         "created_at",      "changed_at",
                                       "version",      "own_categories",  "attribute_values",
                                       "availability", "recommendations", "in_stock"};
static const char *const FIXED[] = {"product_id",         "name",       "description", "price",
                                    "currency",           "categories", "attributes",  "images",
                                    "variants",           "sku",        "tracked",     "retired",
                                    "low_stock_threshold"};

static bool is_among(struct str key, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(key, names[i])) {
            return true;
        }
    }
    return false;
}

bool catalog_reserved_name(struct str key)
{
    return is_among(key, RESERVED, ARRAY_LENGTH(RESERVED));
}

/* ---- checks ---- */

static bool wrong(ecommerce_error *err, struct str key, const char *why)
{
    char field[ID_MAX + 1];
    snprintf(field, sizeof(field), "%.*s", STR_ARG(key));
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "%s", why);
}

static bool too_long(ecommerce_error *err, const char *field, size_t most, const char *what)
{
    return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, field, "%s has at most %zu %s", field, most,
                       what);
}

/* Keys of documents from callers, at every depth. */
static bool check_keys(struct doc doc, bool is_array, ecommerce_error *err)
{
    struct doc_iter it;
    for (doc_iter_init(&it, doc); doc_iter_next(&it);) {
        struct str key = it.value.key;
        if (!is_array && (key.len == 0 || key.ptr[0] == '$' || memchr(key.ptr, '.', key.len))) {
            return wrong(err, key, "a name is not empty, has no '.' and begins with no '$'");
        }
        bool inner_array = it.value.type == DOC_ARRAY;
        if ((inner_array || it.value.type == DOC_DOCUMENT) &&
            !check_keys(it.value.child, inner_array, err)) {
            return is_array ? error_under(err, "[%.*s]", STR_ARG(key))
                            : error_under(err, "%.*s", STR_ARG(key));
        }
    }
    return true;
}

static bool check_names(const struct composition *composition, ecommerce_error *err)
{
    struct doc_iter it;
    for (doc_iter_init(&it, composition->given); doc_iter_next(&it);) {
        if (catalog_reserved_name(it.value.key)) {
            return wrong(err, it.value.key, "this field is the catalogue's own and cannot be set");
        }
    }
    struct str id = doc_text(composition->given, "product_id");
    if (id.ptr != NULL && !str_equal(id, composition->product_id)) {
        return wrong(err, STR("product_id"), "the document has another product's id");
    }
    struct str currency = doc_text(composition->given, "currency");
    if (currency.ptr != NULL && !str_is(currency, composition->call->shop->currency.code)) {
        return wrong(err, STR("currency"), "prices are in the shop's one currency");
    }
    return true;
}

/* The field with the type, null as if absent. *there: it has a value. */
static bool take(struct doc doc, const char *key, enum doc_type type, const char *why,
                 struct doc_value *value, bool *there, ecommerce_error *err)
{
    *there = doc_get(doc, key, value) && value->type != DOC_NULL;
    return !*there || value->type == type || wrong(err, str_of(key), why);
}

static bool add_text(struct composition *composition, struct doc from, const char *key, size_t most,
                     ecommerce_error *err)
{
    struct doc_value value;
    bool there;
    if (!take(from, key, DOC_TEXT, "it is a text", &value, &there, err)) {
        return false;
    }
    if (there && value.text.len > most) {
        return too_long(err, key, most, "bytes");
    }
    if (there) {
        doc_add_text(&composition->out, key, value.text);
    }
    return true;
}

static bool add_flag(struct composition *composition, const char *key, bool standard,
                     ecommerce_error *err)
{
    struct doc_value value;
    bool there;
    if (!take(composition->given, key, DOC_BOOL, "it is true or false", &value, &there, err)) {
        return false;
    }
    doc_add_bool(&composition->out, key, there ? value.boolean : standard);
    return true;
}

static bool add_price(struct composition *composition, struct doc from, ecommerce_error *err)
{
    struct doc_value value;
    if (!doc_get(from, "price", &value) || value.type == DOC_NULL) {
        return true;
    }
    int64_t minor;
    if (!money_from_value(&value, &composition->call->shop->currency, &minor, err)) {
        if (err != NULL) {
            snprintf(err->field, sizeof(err->field), "price");
        }
        return false;
    }
    if (minor < 0) {
        return wrong(err, STR("price"), "a price is not negative");
    }
    doc_add_int(&composition->out, "price", minor);
    return true;
}

static bool add_threshold(struct composition *composition, ecommerce_error *err)
{
    struct doc_value value;
    bool there;
    if (!take(composition->given, "low_stock_threshold", DOC_INT, "it is a whole number", &value,
              &there, err)) {
        return false;
    }
    if (there && value.integer < 0) {
        return wrong(err, STR("low_stock_threshold"), "it is not negative");
    }
    if (there) {
        doc_add_int(&composition->out, "low_stock_threshold", value.integer);
    }
    return true;
}

static bool add_images(struct composition *composition, ecommerce_error *err)
{
    struct doc_value value;
    bool there;
    if (!take(composition->given, "images", DOC_ARRAY, "images are a list of addresses", &value,
              &there, err)) {
        return false;
    }
    if (!there) {
        return true;
    }
    if (doc_count(value.child) > IMAGES_MAX) {
        return too_long(err, "images", IMAGES_MAX, "addresses");
    }
    struct doc_iter it;
    for (doc_iter_init(&it, value.child); doc_iter_next(&it);) {
        if (it.value.type != DOC_TEXT || it.value.text.len == 0 ||
            it.value.text.len > ADDRESS_MAX) {
            return wrong(err, STR("images"), "an image is the text of its address");
        }
    }
    doc_add_array(&composition->out, "images", value.child);
    return true;
}

/* ---- categories ---- */

static void add_category(struct composition *composition, struct str id)
{
    for (size_t i = 0; i < composition->category_count; i++) {
        if (str_equal(composition->categories[i], id)) {
            return;
        }
    }
    composition->categories[composition->category_count++] = id;
    const struct category *category = category_find(composition->tree, id);
    if (category != NULL) {
        tokens_add(&composition->tokens, category->name, WEIGHT_CATEGORY);
    }
}

static bool had_category(struct doc before, struct str id)
{
    struct doc_iter it;
    for (doc_iter_init(&it, doc_child(before, "own_categories")); doc_iter_next(&it);) {
        if (str_equal(it.value.text, id)) {
            return true;
        }
    }
    return false;
}

/* A retired category stays with those products that have it. */
static bool check_category(const struct composition *composition, const struct doc_value *value,
                           ecommerce_error *err)
{
    if (value->type != DOC_TEXT) {
        return wrong(err, STR("categories"), "a category is named by its id, a text");
    }
    const struct category *category = category_find(composition->tree, value->text);
    if (category == NULL ||
        (category->retired && !had_category(composition->before, value->text))) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "categories",
                           "no category has the id '%.*s'", STR_ARG(value->text));
    }
    return true;
}

static bool add_categories(struct composition *composition, ecommerce_error *err)
{
    struct doc_value value;
    bool there;
    if (!take(composition->given, "categories", DOC_ARRAY, "categories are a list of ids", &value,
              &there, err)) {
        return false;
    }
    size_t count = there ? doc_count(value.child) : 0;
    if (count > CATEGORIES_MAX) {
        return too_long(err, "categories", CATEGORIES_MAX, "categories");
    }
    composition->categories = arena_array(&composition->call->arena,
                                          count * (CATEGORY_DEPTH_MAX + 1) + 1, sizeof(struct str));
    if (composition->categories == NULL) {
        return error_memory(err);
    }
    struct doc_iter it;
    doc_open_array(&composition->out, "own_categories");
    for (doc_iter_init(&it, there ? value.child : DOC_EMPTY); doc_iter_next(&it);) {
        if (!check_category(composition, &it.value, err)) {
            return false;
        }
        doc_add_text(&composition->out, NULL, it.value.text);
        add_category(composition, it.value.text);
    }
    doc_close(&composition->out);
    size_t own = composition->category_count;
    for (size_t i = 0; i < own; i++) {
        const struct category *at = category_find(composition->tree, composition->categories[i]);
        for (int depth = 1; at != NULL && at->parent.ptr != NULL && depth < CATEGORY_DEPTH_MAX;
             depth++) {
            add_category(composition, at->parent);
            at = category_find(composition->tree, at->parent);
        }
    }
    return true;
}

/* ---- attributes ---- */

static bool scalar_text(const struct doc_value *value, char *buffer, size_t size, struct str *text)
{
    switch (value->type) {
    case DOC_TEXT:
        *text = value->text;
        return true;
    case DOC_BOOL:
        *text = value->boolean ? STR("true") : STR("false");
        return true;
    case DOC_INT:
        snprintf(buffer, size, "%" PRId64, value->integer);
        break;
    case DOC_DOUBLE:
        json_double(value->number, buffer, size);
        break;
    case DOC_DECIMAL:
        json_decimal(value->decimal.coefficient, value->decimal.exponent, buffer, size);
        break;
    default:
        return false;
    }
    *text = str_of(buffer);
    return true;
}

static bool add_attribute(struct composition *composition, const struct doc_value *value,
                          ecommerce_error *err)
{
    char buffer[64];
    struct str text;
    struct str name = value->key;
    if (name.len > ATTRIBUTE_NAME_MAX || memchr(name.ptr, '=', name.len)) {
        return wrong(err, name, "an attribute's name has at most 64 bytes and no '='");
    }
    if (!scalar_text(value, buffer, sizeof(buffer), &text)) {
        return wrong(err, name, "an attribute is a text, a number, true or false");
    }
    if (text.len > ATTRIBUTE_TEXT_MAX) {
        return wrong(err, name, "an attribute's text has at most 300 bytes");
    }
    const char *term =
        arena_printf(&composition->call->arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(text));
    if (term == NULL) {
        return error_memory(err);
    }
    tokens_add(&composition->tokens, text, WEIGHT_ATTRIBUTE);
    doc_adds(&composition->attribute_terms, NULL, term);
    return true;
}

/* Of the product and of variants alike; `key` is what the field is called where it is stored. */
static bool add_attributes(struct composition *composition, struct doc from, const char *key,
                           ecommerce_error *err)
{
    struct doc_value value;
    bool there;
    if (!take(from, "attributes", DOC_DOCUMENT, "attributes are names with values", &value, &there,
              err)) {
        return false;
    }
    if (!there) {
        return true;
    }
    if (doc_count(value.child) > ATTRIBUTES_MAX) {
        return too_long(err, "attributes", ATTRIBUTES_MAX, "attributes");
    }
    struct doc_iter it;
    for (doc_iter_init(&it, value.child); doc_iter_next(&it);) {
        if (!add_attribute(composition, &it.value, err)) {
            return error_under(err, "attributes");
        }
    }
    doc_add_doc(&composition->out, key, value.child);
    return true;
}

/* ---- items ---- */

static bool add_item(struct composition *composition, struct str item, struct str sku,
                     ecommerce_error *err)
{
    for (size_t i = 0; i < composition->item_count; i++) {
        if (str_equal(composition->items[i], item)) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "variant_id",
                               "'%.*s' is there twice", STR_ARG(item));
        }
    }
    composition->items[composition->item_count++] = item;
    tokens_add(&composition->tokens, item, WEIGHT_ID);
    bool known = sku.ptr == NULL;
    for (size_t i = 0; !known && i < composition->sku_count; i++) {
        known = str_equal(composition->skus[i], sku);
    }
    if (!known) {
        composition->skus[composition->sku_count++] = sku;
        tokens_add(&composition->tokens, sku, WEIGHT_ID);
    }
    return true;
}

static bool add_variant_fields(struct composition *composition, struct doc variant,
                               ecommerce_error *err)
{
    static const char *const known[] = {"variant_id", "sku", "name", "price", "attributes"};
    if (!add_text(composition, variant, "name", NAME_MAX_BYTES, err) ||
        !add_price(composition, variant, err) ||
        !add_attributes(composition, variant, "attributes", err)) {
        return false;
    }
    tokens_add(&composition->tokens, doc_text(variant, "name"), WEIGHT_NAME);
    struct doc_iter it;
    for (doc_iter_init(&it, variant); doc_iter_next(&it);) {
        if (!is_among(it.value.key, known, ARRAY_LENGTH(known)) && it.value.type != DOC_NULL) {
            doc_add_value(&composition->out, NULL, &it.value);
        }
    }
    return true;
}

static bool add_variant(struct composition *composition, const struct doc_value *value,
                        ecommerce_error *err)
{
    if (value->type != DOC_DOCUMENT) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "", "a variant is a document");
    }
    struct str id = doc_text(value->child, "variant_id");
    struct str sku = doc_text(value->child, "sku");
    sku = sku.ptr != NULL ? sku : id;
    if (id.ptr == NULL) {
        return wrong(err, STR("variant_id"), "a variant needs an id");
    }
    if (!id_check(id, "variant_id", err) || !id_check(sku, "sku", err) ||
        !add_item(composition, id, sku, err)) {
        return false;
    }
    doc_open(&composition->out, NULL);
    doc_add_text(&composition->out, "variant_id", id);
    doc_add_text(&composition->out, "sku", sku);
    bool ok = add_variant_fields(composition, value->child, err);
    doc_close(&composition->out);
    return ok;
}

static bool add_variants(struct composition *composition, struct doc variants, ecommerce_error *err)
{
    struct doc_iter it;
    size_t index = 0;
    doc_open_array(&composition->out, "variants");
    for (doc_iter_init(&it, variants); doc_iter_next(&it); index++) {
        if (!add_variant(composition, &it.value, err)) {
            return error_under(err, "variants[%zu]", index);
        }
    }
    doc_close(&composition->out);
    return true;
}

static bool add_items(struct composition *composition, ecommerce_error *err)
{
    struct doc_value value;
    bool there;
    struct str sku = doc_text(composition->given, "sku");
    if (!take(composition->given, "sku", DOC_TEXT, "it is a text", &value, &there, err) ||
        (there && !id_check(sku, "sku", err)) ||
        !take(composition->given, "variants", DOC_ARRAY, "variants are a list of documents", &value,
              &there, err)) {
        return false;
    }
    size_t count = there ? doc_count(value.child) : 0;
    if (count > VARIANTS_MAX) {
        return too_long(err, "variants", VARIANTS_MAX, "variants");
    }
    sku = sku.ptr != NULL ? sku : composition->product_id;
    composition->items = arena_array(&composition->call->arena, count + 1, sizeof(struct str));
    composition->skus = arena_array(&composition->call->arena, count + 1, sizeof(struct str));
    if (composition->items == NULL || composition->skus == NULL) {
        return error_memory(err);
    }
    doc_add_text(&composition->out, "sku", sku);
    /* With variants nothing is sold under the product's own id, and its sku holds no stock. */
    return add_item(composition, composition->product_id, count > 0 ? STR_NONE : sku, err) &&
           (count == 0 || add_variants(composition, value.child, err));
}

/* ---- all of it ---- */

static bool add_given(struct composition *composition, ecommerce_error *err)
{
    struct doc given = composition->given;
    doc_add_text(&composition->out, "product_id", composition->product_id);
    if (!add_text(composition, given, "name", NAME_MAX_BYTES, err) ||
        !add_text(composition, given, "description", DESCRIPTION_MAX, err) ||
        !add_price(composition, given, err) || !add_categories(composition, err) ||
        !add_attributes(composition, given, "attribute_values", err) ||
        !add_images(composition, err) || !add_items(composition, err) ||
        !add_flag(composition, "tracked", true, err) ||
        !add_flag(composition, "retired", false, err) || !add_threshold(composition, err)) {
        return false;
    }
    tokens_add(&composition->tokens, doc_text(given, "name"), WEIGHT_NAME);
    tokens_add(&composition->tokens, doc_text(given, "description"), WEIGHT_DESCRIPTION);
    struct doc_iter it;
    for (doc_iter_init(&it, given); doc_iter_next(&it);) {
        if (!is_among(it.value.key, FIXED, ARRAY_LENGTH(FIXED)) && it.value.type != DOC_NULL) {
            doc_add_value(&composition->out, NULL, &it.value);
        }
    }
    return true;
}

static void add_list(struct doc_builder *out, const char *key, const struct str *items,
                     size_t count)
{
    doc_open_array(out, key);
    for (size_t i = 0; i < count; i++) {
        doc_add_text(out, NULL, items[i]);
    }
    doc_close(out);
}

static void add_prefixes(struct composition *composition)
{
    const struct token_list *tokens = &composition->tokens;
    char prefix[TOKEN_MAX + 2] = "^", last[TOKEN_MAX + 2] = "";
    for (size_t characters = PREFIX_MIN; characters <= PREFIX_MAX; characters++) {
        for (size_t i = 0; i < tokens->count; i++) {
            const struct token *token = &tokens->items[i];
            size_t length = token_prefix(token, characters);
            memcpy(prefix + 1, token->text, length);
            prefix[length + 1] = '\0';
            /* In order, so that doubles are neighbours. */
            if (token_characters(token) >= characters && strcmp(prefix, last) != 0) {
                doc_adds(&composition->out, NULL, prefix);
                memcpy(last, prefix, sizeof(last));
            }
        }
    }
}

/* Whole words first, in the order of their weights' bytes, then beginnings. */
static bool add_tokens(struct composition *composition, ecommerce_error *err)
{
    struct token_list *tokens = &composition->tokens;
    tokens_finish(tokens);
    uint8_t *weights = arena_alloc(&composition->call->arena, tokens->count + 1);
    if (weights == NULL || tokens->failed) {
        return error_memory(err);
    }
    doc_open_array(&composition->out, "tokens");
    for (size_t i = 0; i < tokens->count; i++) {
        weights[i] = tokens->items[i].weight;
        doc_add_text(&composition->out, NULL,
                     str_make(tokens->items[i].text, tokens->items[i].len));
    }
    add_prefixes(composition);
    doc_close(&composition->out);
    doc_add_binary(&composition->out, "token_weights", weights, tokens->count);
    return true;
}

static bool add_derived(struct composition *composition, ecommerce_error *err)
{
    struct doc_builder *out = &composition->out;
    doc_close(&composition->attribute_terms);
    struct doc terms = doc_child(doc_finish(&composition->attribute_terms), "terms");
    if (!doc_builder_check(&composition->attribute_terms, err)) {
        return false;
    }
    add_list(out, "categories", composition->categories, composition->category_count);
    doc_add_array(out, "attributes", terms);
    add_list(out, "skus", composition->skus, composition->sku_count);
    add_list(out, "item_ids", composition->items, composition->item_count);
    return add_tokens(composition, err);
}

/* With the times of the one before it is compared, and kept when it is the same. */
static bool finish(struct composition *composition, struct doc *stored, bool *same,
                   ecommerce_error *err)
{
    struct doc_builder *out = &composition->out;
    struct doc before = composition->before;
    int64_t now = call_wall(composition->call);
    doc_add_int(out, "created_at", doc_int(before, "created_at", now));
    size_t size = out->size;
    doc_add_int(out, "changed_at", doc_int(before, "changed_at", now));
    if (out->size > PRODUCT_BYTES_MAX) {
        return error_set(err, ECOMMERCE_LIMIT_EXCEEDED, "a product has at most %d bytes",
                         PRODUCT_BYTES_MAX);
    }
    struct doc doc = doc_finish(out);
    if (!doc_builder_check(out, err)) {
        return false;
    }
    if (!doc_copy(&composition->call->arena, doc, stored)) {
        return error_memory(err);
    }
    *same = before.size > 0 && doc_equal(*stored, before);
    if (!*same && before.size > 0) {
        /* The last field's value stands before the document's closing byte. */
        uint8_t *bytes = (uint8_t *)(uintptr_t)stored->bytes;
        size_t at = size + 1 + sizeof("changed_at");
        for (size_t i = 0; i < sizeof(now); i++) {
            bytes[at + i] = (uint8_t)((uint64_t)now >> (8 * i));
        }
    }
    return true;
}

bool product_compose(struct call *call, struct str product_id, struct doc given,
                     const struct category_tree *tree, struct doc before, struct doc *stored,
                     bool *same, ecommerce_error *err)
{
    struct composition composition = {
        .call = call,
        .product_id = product_id,
        .given = given,
        .before = before,
        .tree = tree,
        .tokens = {.arena = &call->arena},
    };
    if ((given.size > 0 && !doc_validate(given.bytes, given.size, err)) ||
        !check_keys(given, false, err) || !check_names(&composition, err)) {
        return false;
    }
    doc_builder_init(&composition.out);
    doc_builder_init(&composition.attribute_terms);
    doc_open_array(&composition.attribute_terms, "terms");
    bool ok = add_given(&composition, err) && add_derived(&composition, err) &&
              finish(&composition, stored, same, err);
    doc_builder_release(&composition.attribute_terms);
    doc_builder_release(&composition.out);
    return ok;
}

/* ---- back ---- */

/* What an answer is made with; levels NULL: as given, nothing added. */
struct rendering {
    struct doc_builder *out;
    const struct currency *currency;
    const struct stock_levels *levels;
    bool tracked;
    int64_t threshold;
};

static void add_availability(const struct rendering *rendering, struct str sku)
{
    if (rendering->levels == NULL || !rendering->levels->known) {
        return;
    }
    struct doc_builder *out = rendering->out;
    doc_open(out, "availability");
    doc_add_text(out, "sku", sku);
    if (rendering->tracked) {
        const struct stock_level *level = level_find(rendering->levels, sku);
        int64_t available = level != NULL ? level->available : 0;
        doc_add_int(out, "available", available);
        doc_add_bool(out, "in_stock", available > 0);
        doc_add_bool(out, "low", available <= rendering->threshold);
    } else {
        doc_add_bool(out, "in_stock", true);
    }
    doc_close(out);
}

static void add_variant_answer(const struct rendering *rendering, struct doc variant)
{
    struct doc_iter it;
    for (doc_iter_init(&it, variant); doc_iter_next(&it);) {
        if (str_is(it.value.key, "price")) {
            doc_add_money(rendering->out, "price", it.value.integer, rendering->currency);
        } else {
            doc_add_value(rendering->out, NULL, &it.value);
        }
    }
    add_availability(rendering, doc_text(variant, "sku"));
}

static void add_variants_answer(const struct rendering *rendering, struct doc variants)
{
    struct doc_iter it;
    doc_open_array(rendering->out, "variants");
    for (doc_iter_init(&it, variants); doc_iter_next(&it);) {
        doc_open(rendering->out, NULL);
        add_variant_answer(rendering, it.value.child);
        doc_close(rendering->out);
    }
    doc_close(rendering->out);
}

static void add_as_given(const struct rendering *rendering, struct doc stored)
{
    struct doc_builder *out = rendering->out;
    struct doc_iter it;
    for (doc_iter_init(&it, stored); doc_iter_next(&it);) {
        struct doc_value *value = &it.value;
        if (is_among(value->key, DERIVED, ARRAY_LENGTH(DERIVED))) {
            continue;
        }
        if (str_is(value->key, "price")) {
            doc_add_money(out, "price", value->integer, rendering->currency);
        } else if (str_is(value->key, "own_categories")) {
            doc_add_array(out, "categories", value->child);
        } else if (str_is(value->key, "attribute_values")) {
            doc_add_doc(out, "attributes", value->child);
        } else if (str_is(value->key, "variants")) {
            add_variants_answer(rendering, value->child);
        } else {
            doc_add_value(out, NULL, value);
        }
    }
}

bool product_as_given(struct call *call, struct doc stored, struct doc *given, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    struct rendering rendering = {.out = &builder, .currency = &call->shop->currency};
    add_as_given(&rendering, stored);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              (doc_copy(&call->arena, doc, given) || error_memory(err));
    doc_builder_release(&builder);
    return ok;
}

void product_answer(struct call *call, struct doc_builder *out,
                    const struct stored_document *product, const struct stock_levels *levels)
{
    struct doc stored = product->doc;
    struct rendering rendering = {
        .out = out,
        .currency = &call->shop->currency,
        .levels = levels,
        .tracked = doc_bool(stored, "tracked", true),
        .threshold = doc_int(stored, "low_stock_threshold",
                             settings_int(call->shop->settings, SETTING_STOCK_LOW_THRESHOLD)),
    };
    add_as_given(&rendering, stored);
    doc_adds(out, "currency", call->shop->currency.code);
    if (doc_count(doc_child(stored, "variants")) == 0) {
        add_availability(&rendering, doc_text(stored, "sku"));
    } else if (levels != NULL && levels->known) {
        doc_open(out, "availability");
        doc_add_bool(out, "in_stock", product_in_stock(stored, levels));
        doc_close(out);
    }
    doc_add_time(out, "created_at", doc_int(stored, "created_at", 0));
    doc_add_time(out, "changed_at", doc_int(stored, "changed_at", 0));
    doc_add_int(out, "version", product->version);
}
