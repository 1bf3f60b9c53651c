/*
 * catalog_facets.c - what the results of a search have in common: how many are in which category,
 * have which attribute, and cost how much.
 */
#include "services/catalog/catalog_parts.h"

#include "support/strmap.h"

#include <stdlib.h>
#include <string.h>

enum { CATEGORIES_SHOWN = 50, NAMES_SHOWN = 20, VALUES_SHOWN = 20, RANGES_SHOWN = 6 };

struct tally {
    struct str text; /* a category's id, or "name=value" */
    int64_t count;
};

struct tallies {
    struct strmap map;
    struct tally **items;
    size_t count, capacity;
};

struct facets {
    struct call *call;
    struct tallies categories, attributes;
    int64_t *prices;
    size_t price_count, price_capacity;
    bool failed;
};

struct facets *facets_new(struct call *call)
{
    struct facets *facets = arena_alloc(&call->arena, sizeof(*facets));
    if (facets != NULL) {
        facets->call = call;
    }
    return facets;
}

/* ---- counting ---- */

/* A longer array in the arena, or NULL. */
static void *longer(struct arena *arena, const void *items, size_t count, size_t *capacity,
                    size_t size)
{
    size_t wider = *capacity == 0 ? 32 : *capacity * 2;
    void *copy = arena_array(arena, wider, size);
    if (copy != NULL && count > 0) {
        memcpy(copy, items, count * size);
    }
    *capacity = copy != NULL ? wider : *capacity;
    return copy;
}

static bool add_tally(struct arena *arena, struct tallies *tallies, struct str text)
{
    struct tally *tally = arena_alloc(arena, sizeof(*tally));
    const char *copy = arena_str(arena, text);
    if (tally == NULL || copy == NULL) {
        return false;
    }
    *tally = (struct tally){.text = str_make(copy, text.len), .count = 1};
    if (tallies->count == tallies->capacity) {
        struct tally **items = longer(arena, tallies->items, tallies->count, &tallies->capacity,
                                      sizeof(struct tally *));
        if (items == NULL) {
            return false;
        }
        tallies->items = items;
    }
    tallies->items[tallies->count++] = tally;
    return strmap_put(&tallies->map, tally->text, tally);
}

static void count_all(struct facets *facets, struct tallies *tallies, struct doc array)
{
    struct doc_iter it;
    for (doc_iter_init(&it, array); doc_iter_next(&it) && !facets->failed;) {
        struct tally *tally = strmap_get(&tallies->map, it.value.text);
        if (tally != NULL) {
            tally->count++;
        } else {
            facets->failed = !add_tally(&facets->call->arena, tallies, it.value.text);
        }
    }
}

static void count_price(struct facets *facets, int64_t price)
{
    if (facets->price_count == facets->price_capacity) {
        int64_t *prices = longer(&facets->call->arena, facets->prices, facets->price_count,
                                 &facets->price_capacity, sizeof(int64_t));
        if (prices == NULL) {
            facets->failed = true;
            return;
        }
        facets->prices = prices;
    }
    facets->prices[facets->price_count++] = price;
}

void facets_count(struct facets *facets, struct doc stored)
{
    count_all(facets, &facets->categories, doc_child(stored, "categories"));
    count_all(facets, &facets->attributes, doc_child(stored, "attributes"));
    int64_t price = doc_int(stored, "price", -1);
    if (price >= 0 && !facets->failed) {
        count_price(facets, price);
    }
}

/* ---- answering ---- */

static int by_count(const void *a, const void *b)
{
    const struct tally *left = *(struct tally *const *)a, *right = *(struct tally *const *)b;
    if (left->count != right->count) {
        return left->count > right->count ? -1 : 1;
    }
    return str_compare(left->text, right->text);
}

static struct str name_of(const struct tally *tally)
{
    const char *equals = memchr(tally->text.ptr, '=', tally->text.len);
    return str_make(tally->text.ptr, equals ? (size_t)(equals - tally->text.ptr) : tally->text.len);
}

static int by_name(const void *a, const void *b)
{
    const struct tally *left = *(struct tally *const *)a, *right = *(struct tally *const *)b;
    int order = str_compare(name_of(left), name_of(right));
    return order != 0 ? order : by_count(a, b);
}

static void sort(struct tallies *tallies, int (*compare)(const void *, const void *))
{
    if (tallies->count > 1) {
        qsort(tallies->items, tallies->count, sizeof(struct tally *), compare);
    }
}

static void write_categories(struct facets *facets, const struct category_tree *tree)
{
    struct doc_builder *out = facets->call->out;
    sort(&facets->categories, by_count);
    doc_open_array(out, "categories");
    for (size_t i = 0; i < facets->categories.count && i < CATEGORIES_SHOWN; i++) {
        const struct tally *tally = facets->categories.items[i];
        const struct category *category = category_find(tree, tally->text);
        doc_open(out, NULL);
        doc_add_text(out, "category_id", tally->text);
        doc_add_text(out, "name", category ? category->name : tally->text);
        doc_add_int(out, "count", tally->count);
        doc_close(out);
    }
    doc_close(out);
}

/* Writes the values of one name; returns where the next name begins. */
static size_t write_values(struct facets *facets, size_t at)
{
    struct doc_builder *out = facets->call->out;
    struct str name = name_of(facets->attributes.items[at]);
    const char *key = arena_str(&facets->call->arena, name);
    if (key == NULL) {
        facets->failed = true;
        return facets->attributes.count;
    }
    doc_open_array(out, key);
    for (size_t shown = 0; at < facets->attributes.count; at++, shown++) {
        const struct tally *tally = facets->attributes.items[at];
        if (!str_equal(name_of(tally), name)) {
            break;
        }
        if (shown < VALUES_SHOWN) {
            size_t skip = name.len + 1;
            doc_open(out, NULL);
            doc_add_text(out, "value", str_make(tally->text.ptr + skip, tally->text.len - skip));
            doc_add_int(out, "count", tally->count);
            doc_close(out);
        }
    }
    doc_close(out);
    return at;
}

static void write_attributes(struct facets *facets)
{
    sort(&facets->attributes, by_name);
    doc_open(facets->call->out, "attributes");
    size_t at = 0;
    for (int names = 0; names < NAMES_SHOWN && at < facets->attributes.count; names++) {
        at = write_values(facets, at);
    }
    doc_close(facets->call->out);
}

static int compare_prices(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return left < right ? -1 : left > right;
}

/* 1, 2 or 5 times a power of ten, so that few ranges hold all prices. */
static int64_t nice_step(int64_t span)
{
    static const int64_t factors[] = {1, 2, 5};
    for (int64_t ten = 1; ten <= INT64_MAX / 1000; ten *= 10) {
        for (size_t i = 0; i < ARRAY_LENGTH(factors); i++) {
            if (span / (factors[i] * ten) < RANGES_SHOWN - 1) {
                return factors[i] * ten;
            }
        }
    }
    return span;
}

static void write_ranges(struct facets *facets)
{
    struct doc_builder *out = facets->call->out;
    const struct currency *currency = &facets->call->shop->currency;
    const int64_t *prices = facets->prices;
    size_t count = facets->price_count;
    int64_t step = nice_step(prices[count - 1] - prices[0]);
    doc_open_array(out, "ranges");
    for (size_t at = 0; at < count;) {
        int64_t from = prices[at] / step * step;
        size_t first = at;
        while (at < count && prices[at] - from < step) {
            at++;
        }
        doc_open(out, NULL);
        doc_add_money(out, "from", from, currency);
        doc_add_money(out, "to", from + (step - 1), currency);
        doc_add_int(out, "count", (int64_t)(at - first));
        doc_close(out);
    }
    doc_close(out);
}

static void write_prices(struct facets *facets)
{
    struct doc_builder *out = facets->call->out;
    const struct currency *currency = &facets->call->shop->currency;
    doc_open(out, "price");
    if (facets->price_count > 0) {
        qsort(facets->prices, facets->price_count, sizeof(int64_t), compare_prices);
        doc_add_money(out, "minimum", facets->prices[0], currency);
        doc_add_money(out, "maximum", facets->prices[facets->price_count - 1], currency);
        write_ranges(facets);
    }
    doc_close(out);
}

bool facets_answer(struct facets *facets, struct call *call, ecommerce_error *err)
{
    struct category_tree tree;
    bool ok = categories_load(call, NULL, &tree, err);
    if (ok) {
        doc_open(call->out, "facets");
        write_categories(facets, &tree);
        write_attributes(facets);
        write_prices(facets);
        doc_close(call->out);
    }
    strmap_release(&facets->categories.map);
    strmap_release(&facets->attributes.map);
    return ok && (!facets->failed || error_memory(err));
}
