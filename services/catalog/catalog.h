/*
 * catalog.h - products, variants, categories, search, and product details.
 *
 * A product as given to put: product_id, name, description, price (a number), categories [ids],
 * attributes {name: text|number|bool}, images [addresses], variants [{variant_id, sku, name, price,
 * attributes}], sku (default: the product's or variant's id), tracked (default true; false: a
 * service, without stock), retired (default false), low_stock_threshold (default: the setting), and
 * any further field a shop wants ("free fields"). All may be missing; what has no price is not
 * sold. Names of fields have no '.' and begin with no '$'; those of the catalogue's own fields
 * below are refused.
 *
 * As stored: the same, but price in minor units; own_categories as given and categories with all
 * ancestors; attribute_values as given and attributes as ["name=value"] of product and variants;
 * and skus[], item_ids[] (the product's id and its variants'), tokens[] (words, then beginnings of
 * words as
 * "^wh"), token_weights (a byte a word), created_at, changed_at (microseconds). Answers are as
 * given, with currency, created_at, changed_at and version. Answers about many products are alike.
 *
 * Ids of products and variants and skus are one name space: each belongs to one product (several
 * variants of it may share a sku). Else: ALREADY_EXISTS.
 *
 * Errors of writes: INVALID_ARGUMENT and LIMIT_EXCEEDED with the field, UNKNOWN_PRODUCT (patch,
 * retire), ALREADY_EXISTS, VERSION_CONFLICT, and those of the documents store.
 */
#pragma once

#include "services/shop.h"

/* What an order line needs to know of a product or variant; views in the call's arena. */
struct sellable {
    struct str product_id;
    struct str variant_id; /* STR_NONE: the product itself */
    struct str sku;
    struct str name;     /* "T-shirt, red, L" */
    struct str category; /* the first category, or STR_NONE */
    int64_t price;
    bool tracked;
    bool retired;
};

bool catalog_cache_open(struct shop *shop, ecommerce_error *err) MUST_CHECK;
void catalog_cache_close(struct shop *shop);

/* id: a product's or a variant's. A product with variants is not sold by its own id:
 * *needs_variant is set then. From the cache in the process when its generation did not change;
 * at most one document read otherwise. */
bool catalog_find_sellable(struct call *call, struct str id, struct sellable *sellable, bool *found,
                           bool *needs_variant, ecommerce_error *err) MUST_CHECK;

struct product_details_options {
    bool with_recommendations;
    size_t recommendation_count; /* 0: the setting */
};

/* Answer: the product's fields, price, currency, availability per sku {available, in_stock, low},
 * variants each with theirs, recommendations {bought_together [], similar []}, degraded, as_of.
 * Hot: from the process's cache of whole answers while no generation it depends on has moved. */
bool catalog_get_product_details(struct call *call, struct str product_id,
                                 const struct product_details_options *options,
                                 ecommerce_error *err) MUST_CHECK;

struct write_options {
    int64_t expected_version; /* 0: any; put of a new product: any */
    bool must_be_new;         /* ALREADY_EXISTS when it is there */
};

/* Creates or replaces; equal content writes nothing. Answer: the product and {changed: bool,
 * version}. */
bool catalog_put_product(struct call *call, struct str product_id, struct doc product,
                         const struct write_options *options, ecommerce_error *err) MUST_CHECK;
/* JSON merge patch (RFC 7396): null removes a field. */
bool catalog_patch_product(struct call *call, struct str product_id, struct doc patch,
                           const struct write_options *options, ecommerce_error *err) MUST_CHECK;
bool catalog_retire_product(struct call *call, struct str product_id,
                            const struct write_options *options, ecommerce_error *err) MUST_CHECK;

struct search_options {
    struct str words;    /* all must match; the last may be a prefix */
    struct str category; /* itself or any below it; STR_NONE: all */
    bool has_price_from, has_price_to;
    int64_t price_from, price_to; /* minor units, inclusive */
    const struct str *attributes; /* "name=value", all must hold */
    size_t attribute_count;
    bool in_stock_only;
    bool with_retired;
    bool with_facets;
    enum { SORT_RELEVANCE, SORT_PRICE, SORT_PRICE_DESCENDING, SORT_NAME, SORT_NEWEST } sort;
    size_t limit;      /* 0: the setting */
    struct str cursor; /* of the page before, or STR_NONE */
};

/* Answer: {products: [...], total, facets: {categories, attributes, price}, cursor}. */
bool catalog_search(struct call *call, const struct search_options *options,
                    ecommerce_error *err) MUST_CHECK;

bool catalog_put_category(struct call *call, struct str category_id, struct doc category,
                          ecommerce_error *err) MUST_CHECK;
bool catalog_retire_category(struct call *call, struct str category_id,
                             ecommerce_error *err) MUST_CHECK;
/* Answer: {categories: [{category_id, name, parent, children: [...]}]} as a tree. */
bool catalog_list_categories(struct call *call, ecommerce_error *err) MUST_CHECK;
