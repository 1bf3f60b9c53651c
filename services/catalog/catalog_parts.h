/*
 * catalog_parts.h - how the parts of the catalogue hang together; for services/catalog*.c and
 * recommendations.c only.
 *
 *   catalog_cache.c     what the process remembers, and when it may still be believed
 *   catalog_tokens.c    words of a product, and of a search
 *   catalog_product.c   a product as given made a product as stored
 *   catalog_write.c     put, patch, retire, and the claims of ids
 *   catalog_read.c      products and items by id, products in answers
 *   catalog_category.c  the tree of categories
 *   catalog_details.c   product details, composed and cached
 *   catalog_search.c    search;  catalog_facets.c  what its answers count
 */
#pragma once

#include "services/catalog/catalog.h"

enum { PRODUCT_KEY_MAX = 16 + ID_MAX };

/* ---- what an answer depends on ---- */

struct dependency {
    struct str key; /* "product/ID", "sku/SKU", "recommendations", "categories" */
    uint64_t generation;
};

/* Recorded BEFORE the data is read: a change that comes between makes the answer look old, never
 * the other way round. Lives in the call's arena. */
struct dependencies {
    struct dependency *items;
    size_t count, capacity;
    bool failed; /* out of memory: nothing may be kept that would rest on these */
};

/* dependencies may be NULL. The prefix is "product/" or "sku/", or "" for a whole key. */
void depend_on(struct call *call, struct dependencies *dependencies, const char *prefix,
               struct str id);

/* True when the live store counts changes, so that the process may keep what it read. */
bool catalog_can_remember(const struct shop *shop);
/* Something under the key is about to change, or has: call it before and after. */
void catalog_changed(struct call *call, const char *prefix, struct str id);

/* ---- the cache ---- */

enum cache_kind { CACHE_PRODUCT, CACHE_ITEM, CACHE_ANSWER, CACHE_CATEGORIES, CACHE_KINDS };

struct cache_view {
    struct str bytes;
    int64_t number;    /* what the writer gave along: a product's version */
    int64_t made_wall; /* when the bytes were read */
    bool fresh;        /* no generation has moved and the lifetime is not over */
};

/* Reads the view while the entry is locked: must be quick and call nothing that uses the cache. */
typedef void cache_visitor(void *context, const struct cache_view *view);

/* Visits the entry when there is one that is fresh, or any when `stale_too`. True: visited. */
bool cache_visit(struct shop *shop, enum cache_kind kind, struct str key, bool stale_too,
                 cache_visitor *visit, void *context);
/* Keeps a copy; does nothing when memory is short or the entry is too large. */
void cache_keep(struct shop *shop, enum cache_kind kind, struct str key, struct str bytes,
                int64_t number, const struct dependencies *dependencies);

/* One caller computes what many miss. True: this one does, and calls cache_flight_end; false:
 * another one did or is at it, and the wait is over. */
bool cache_flight_begin(struct call *call, struct str key) MUST_CHECK;
void cache_flight_end(struct shop *shop, struct str key);

/* ---- words ---- */

enum {
    TOKEN_MAX = 32, /* bytes */
    TOKENS_PER_PRODUCT = 2000,
    PREFIX_MIN = 2, /* characters of a word that are stored as "^ab" … */
    PREFIX_MAX = 6, /* … "^abcdef" */
    SEARCH_WORDS = 16,
};

struct token {
    char text[TOKEN_MAX + 1];
    uint8_t len;
    uint8_t weight;
};

struct token_list {
    struct token *items;
    size_t count, capacity;
    struct arena *arena;
    bool failed;
};

/* Adds the words of a text; a word that is there keeps its greater weight. */
void tokens_add(struct token_list *list, struct str text, uint8_t weight);
/* Sorts and removes doubles. */
void tokens_finish(struct token_list *list);
/* The beginning of a word in at most `characters`; its length in bytes. */
size_t token_prefix(const struct token *token, size_t characters);
size_t token_characters(const struct token *token);

/* ---- categories ---- */

struct category {
    struct str id, name, parent; /* parent STR_NONE: at the top */
    bool retired;
};

struct category_tree {
    struct category *items; /* by id */
    size_t count;
};

enum { CATEGORY_DEPTH_MAX = 12 };

bool categories_load(struct call *call, struct dependencies *dependencies,
                     struct category_tree *tree, ecommerce_error *err) MUST_CHECK;
const struct category *category_find(const struct category_tree *tree, struct str id);

/* ---- stock ---- */

struct stock_levels {
    struct stock_level *items; /* by sku */
    size_t count;
    bool known; /* false: the live store is away, and the call is degraded */
};

/* ---- products ---- */

/* Where a word was found; what its weight is in the ranking. */
enum token_weight {
    WEIGHT_DESCRIPTION = 1,
    WEIGHT_ATTRIBUTE = 3,
    WEIGHT_CATEGORY = 3,
    WEIGHT_NAME = 6,
    WEIGHT_ID = 8,
};

/* The document as stored of the one given; in the call's arena. `before` is the one there is, or
 * empty; `changed_at` is kept from it when nothing else differs: *same. */
bool product_compose(struct call *call, struct str product_id, struct doc given,
                     const struct category_tree *tree, struct doc before, struct doc *stored,
                     bool *same, ecommerce_error *err) MUST_CHECK;
/* Back: what put would take, of what is stored. */
bool product_as_given(struct call *call, struct doc stored, struct doc *given,
                      ecommerce_error *err) MUST_CHECK;
/* Fields of the product at the level that is open, money with the currency's decimals. With levels
 * that are known (or NULL) it says what is available, of each variant too. */
void product_answer(struct call *call, struct doc_builder *out,
                    const struct stored_document *product, const struct stock_levels *levels);

bool catalog_reserved_name(struct str key);

/* Products by id; those that there are not have an empty doc. One document each is read at most,
 * all at once, and none that the cache has. */
bool products_load(struct call *call, const struct str *ids, size_t count,
                   struct dependencies *dependencies, struct stored_document *products,
                   ecommerce_error *err) MUST_CHECK;
/* Calls visit with the stored document when the cache has it fresh. */
bool product_visit_cached(struct shop *shop, struct str id, cache_visitor *visit, void *context);
/* A product's own lines: distinct skus, appended to `lines` (room for them is the caller's care).
 * Services (untracked) have none. */
size_t product_sku_count(struct doc stored);
void product_skus(struct doc stored, struct stock_line *lines);
/* Rewrites the derived fields of all products of a category. */
bool products_reindex(struct call *call, struct str category_id, ecommerce_error *err) MUST_CHECK;

/* Levels of all lines (any order, doubles allowed) in as few requests as possible; the generations
 * of the skus are recorded before. Fails only when memory does. */
bool levels_load(struct call *call, const struct stock_line *lines, size_t count,
                 struct dependencies *dependencies, struct stock_levels *levels,
                 ecommerce_error *err) MUST_CHECK;
const struct stock_level *level_find(const struct stock_levels *levels, struct str sku);
/* Any sku available, or untracked; true when levels are not known. */
bool product_in_stock(struct doc stored, const struct stock_levels *levels);

/* ---- facets ---- */

struct facets;
struct facets *facets_new(struct call *call);
void facets_count(struct facets *facets, struct doc stored);
bool facets_answer(struct facets *facets, struct call *call, ecommerce_error *err) MUST_CHECK;
