/*
 * catalog_search.c - search: the store finds, the service ranks.
 *
 * The store is asked for the ids of all products that match; their documents come from the
 * process's cache where changes are counted, else with the ids. Ranking, in whole thousandths so
 * that it is the same on every machine:
 *
 *   score = sum over the words of  ln(1 + N / n) * weight
 *
 * N: products, n: those that have the word; weight: that of the best field the word is in (ids 8,
 * name 6, attributes and categories 3, description 1), half of it where only a word's beginning
 * matched. Ties go by id.
 */
#include "services/catalog/catalog_parts.h"

#include "support/ids.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCAN_PAGE = 5000,
    ATTRIBUTES_MAX = 6,
    TEXT_MAX = 1000,
    SORT_NAME_BYTES = 64,
    CURSOR_MAX = 4 * (SORT_NAME_BYTES + ID_MAX) + 128,
};

/* A place in the order: of a hit, or of a page's end. */
struct place {
    int64_t key;     /* ascending; what it is depends on the sort */
    struct str name; /* SORT_NAME: the lower-cased beginning of the name */
    struct str id;
};

struct hit {
    struct place place;
    int64_t score;
    struct doc doc;                /* when it did not come from the cache */
    const struct stock_line *skus; /* in_stock_only */
    size_t sku_count;
};

struct search {
    struct call *call;
    const struct search_options *options;
    struct token_list words; /* in the order given; the last may be a beginning */
    double rarity[SEARCH_WORDS];
    struct documents_query query;
    struct hit *hits;
    size_t count, capacity;
    size_t limit;
    char fingerprint[17];
    bool has_after;
    struct place after;
    bool failed;
};

/* ---- the question ---- */

static bool check_texts(const struct search_options *options, ecommerce_error *err)
{
    if (options->words.len > TEXT_MAX) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "words", "at most %d bytes are searched",
                           TEXT_MAX);
    }
    if (options->words.ptr != NULL && !str_is_utf8(options->words)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "words", "the words are not UTF-8");
    }
    if (options->attribute_count > ATTRIBUTES_MAX) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "attributes",
                           "at most %d attributes are searched at once", ATTRIBUTES_MAX);
    }
    for (size_t i = 0; i < options->attribute_count; i++) {
        struct str text = options->attributes[i];
        if (!str_is_utf8(text) || memchr(text.ptr, '=', text.len) == NULL) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "attributes",
                               "an attribute is searched as name=value");
        }
    }
    return options->category.ptr == NULL || id_check(options->category, "category", err);
}

static bool check_options(struct search *search, ecommerce_error *err)
{
    const struct search_options *options = search->options;
    const struct settings *settings = search->call->shop->settings;
    size_t most = (size_t)settings_int(settings, SETTING_SEARCH_MAX_PAGE);
    if (options->limit > most) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "limit", "a page has at most %zu results",
                           most);
    }
    search->limit = options->limit ? options->limit
                                   : (size_t)settings_int(settings, SETTING_SEARCH_DEFAULT_PAGE);
    if (options->has_price_from && options->has_price_to &&
        options->price_from > options->price_to) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "price_from",
                           "the lower price is above the upper one");
    }
    return check_texts(options, err);
}

static void add_term(struct search *search, const char *field, struct str value)
{
    search->query.terms[search->query.term_count++] = (struct documents_term){field, value};
}

static bool is_beginning(const struct search *search, size_t word)
{
    return word + 1 == search->words.count &&
           token_characters(&search->words.items[word]) >= PREFIX_MIN;
}

static bool add_words(struct search *search, ecommerce_error *err)
{
    search->words.arena = &search->call->arena;
    tokens_add(&search->words, search->options->words, 0);
    if (search->words.failed) {
        return error_memory(err);
    }
    if (search->words.count > SEARCH_WORDS) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "words",
                           "at most %d words are searched at once", SEARCH_WORDS);
    }
    for (size_t i = 0; i < search->words.count; i++) {
        const struct token *word = &search->words.items[i];
        const char *term = word->text;
        if (is_beginning(search, i)) {
            int length = (int)token_prefix(word, PREFIX_MAX);
            term = arena_printf(&search->call->arena, "^%.*s", length, word->text);
        }
        if (term == NULL) {
            return error_memory(err);
        }
        add_term(search, "tokens", str_of(term));
    }
    return true;
}

static bool make_query(struct search *search, ecommerce_error *err)
{
    const struct search_options *options = search->options;
    search->query.limit = SCAN_PAGE;
    search->query.order = ORDER_ANY;
    search->query.ids_only = catalog_can_remember(search->call->shop);
    if (!add_words(search, err)) {
        return false;
    }
    if (options->category.ptr != NULL) {
        add_term(search, "categories", options->category);
    }
    for (size_t i = 0; i < options->attribute_count; i++) {
        add_term(search, "attributes", options->attributes[i]);
    }
    if (options->has_price_from || options->has_price_to) {
        bool open = !options->has_price_to || options->price_to == INT64_MAX;
        search->query.range_field = "price";
        search->query.from = options->has_price_from ? options->price_from : 0;
        search->query.to = open ? INT64_MAX : options->price_to + 1;
    }
    return true;
}

/* ---- cursors: hex of "fingerprint key name-length|" name id ---- */

/* Of all that decides which results there are and in which order. */
static bool make_fingerprint(struct search *search, ecommerce_error *err)
{
    const struct search_options *options = search->options;
    struct text text = {0};
    text_printf(&text, "%d %d%d%d%d %" PRId64 " %" PRId64 " %zu:", (int)options->sort,
                options->has_price_from, options->has_price_to, options->in_stock_only,
                options->with_retired, options->price_from, options->price_to, options->words.len);
    text_add(&text, options->words);
    text_printf(&text, " %zu:", options->category.len);
    text_add(&text, options->category);
    for (size_t i = 0; i < options->attribute_count; i++) {
        text_printf(&text, " %zu:", options->attributes[i].len);
        text_add(&text, options->attributes[i]);
    }
    bool ok = text_ok(&text);
    if (ok) {
        struct sha256 hash;
        sha256_of(&hash, text_cstr(&text), text.len);
        hex_encode(hash.bytes, 8, search->fingerprint);
    }
    text_release(&text);
    return ok || error_memory(err);
}

static bool bad_cursor(ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "cursor",
                       "the cursor is not one of this search");
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode_cursor(struct str cursor, char *text, size_t size, size_t *length)
{
    *length = cursor.len / 2;
    if (cursor.len % 2 != 0 || *length >= size) {
        return false;
    }
    for (size_t i = 0; i < *length; i++) {
        int high = hex_digit(cursor.ptr[2 * i]), low = hex_digit(cursor.ptr[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        text[i] = (char)(high * 16 + low);
    }
    text[*length] = '\0';
    return true;
}

static bool read_cursor(struct search *search, ecommerce_error *err)
{
    if (search->options->cursor.ptr == NULL) {
        return true;
    }
    char text[CURSOR_MAX];
    char fingerprint[17] = "";
    size_t length;
    int64_t key;
    unsigned name_length;
    int used = 0;
    if (!decode_cursor(search->options->cursor, text, sizeof(text), &length) ||
        sscanf(text, "%16[0-9a-f] %" SCNd64 " %u|%n", fingerprint, &key, &name_length, &used) !=
            3 ||
        used == 0 || strcmp(fingerprint, search->fingerprint) != 0 ||
        name_length > SORT_NAME_BYTES || length - (size_t)used < name_length) {
        return bad_cursor(err);
    }
    char *copy = arena_copy(&search->call->arena, text, length);
    if (copy == NULL) {
        return error_memory(err);
    }
    size_t id_at = (size_t)used + name_length;
    search->has_after = true;
    search->after = (struct place){.key = key,
                                   .name = str_make(copy + used, name_length),
                                   .id = str_make(copy + id_at, length - id_at)};
    return true;
}

static bool add_cursor(struct search *search, const struct place *last, ecommerce_error *err)
{
    struct text text = {0};
    text_printf(&text, "%s %" PRId64 " %zu|", search->fingerprint, last->key, last->name.len);
    text_add(&text, last->name);
    text_add(&text, last->id);
    char *hex = text_ok(&text) ? arena_alloc(&search->call->arena, 2 * text.len + 1) : NULL;
    if (hex != NULL) {
        hex_encode((const uint8_t *)text_cstr(&text), text.len, hex);
        doc_adds(search->call->out, "cursor", hex);
    }
    text_release(&text);
    return hex != NULL || error_memory(err);
}

/* ---- rarity ---- */

static struct documents_request count_request(struct call *call,
                                              const struct documents_query *query)
{
    struct documents_request request =
        call_documents(call, DOCUMENTS_COUNT, COLLECTION_PRODUCTS, STR_NONE);
    request.query = query;
    return request;
}

static bool load_rarity(struct search *search, ecommerce_error *err)
{
    struct call *call = search->call;
    struct documents_store *store = call->shop->documents;
    struct documents_query queries[SEARCH_WORDS];
    struct documents_request requests[SEARCH_WORDS + 1];
    size_t count = search->words.count;
    for (size_t i = 0; i < count; i++) {
        queries[i] = (struct documents_query){.terms = {search->query.terms[i]}, .term_count = 1};
        requests[i] = count_request(call, &queries[i]);
    }
    requests[count] = count_request(call, NULL);
    for (size_t i = 0; i <= count; i++) {
        documents_submit(store, &requests[i]);
    }
    bool ok = true;
    for (size_t i = 0; i <= count; i++) {
        if (!documents_wait(store, &requests[i])) {
            ok = false;
            if (err != NULL) {
                *err = requests[i].base.error;
            }
        }
    }
    for (size_t i = 0; i < count && ok; i++) {
        double having = requests[i].number > 0 ? (double)requests[i].number : 1.0;
        search->rarity[i] = log1p((double)requests[count].number / having);
    }
    return ok;
}

/* ---- hits ---- */

static double weight_for(const struct search *search, size_t word, struct str token, double weight)
{
    const struct token *wanted = &search->words.items[word];
    struct str text = str_make(wanted->text, wanted->len);
    if (str_equal(token, text)) {
        return weight;
    }
    return is_beginning(search, word) && str_starts_with(token, text) ? weight / 2 : 0;
}

/* False: some word is not there. (The store knows six letters of a beginning at most.) */
static bool score_of(const struct search *search, struct doc stored, int64_t *score)
{
    double best[SEARCH_WORDS] = {0};
    struct doc_value weights = {0}, tokens = {0};
    if (!doc_get(stored, "token_weights", &weights) || weights.type != DOC_BINARY ||
        !doc_get(stored, "tokens", &tokens)) {
        return false;
    }
    struct doc_iter it;
    size_t at = 0;
    for (doc_iter_init(&it, tokens.child); at < weights.text.len && doc_iter_next(&it); at++) {
        double weight = (uint8_t)weights.text.ptr[at];
        for (size_t word = 0; word < search->words.count; word++) {
            double here = weight_for(search, word, it.value.text, weight);
            best[word] = here > best[word] ? here : best[word];
        }
    }
    double sum = 0;
    for (size_t word = 0; word < search->words.count; word++) {
        if (best[word] <= 0) {
            return false;
        }
        sum += search->rarity[word] * best[word];
    }
    *score = llround(sum * 1000);
    return true;
}

static struct hit *next_hit(struct search *search)
{
    struct arena *arena = &search->call->arena;
    if (search->count == search->capacity) {
        size_t capacity = search->capacity == 0 ? 256 : search->capacity * 2;
        struct hit *hits = arena_array(arena, capacity, sizeof(*hits));
        if (hits == NULL) {
            return NULL;
        }
        if (search->count > 0) {
            memcpy(hits, search->hits, search->count * sizeof(*hits));
        }
        search->hits = hits;
        search->capacity = capacity;
    }
    return &search->hits[search->count];
}

static bool take_name(struct search *search, struct doc stored, struct str *name)
{
    struct str whole = doc_text(stored, "name");
    size_t length = whole.len < SORT_NAME_BYTES ? whole.len : SORT_NAME_BYTES;
    char *copy = arena_copy(&search->call->arena, whole.ptr ? whole.ptr : "", length);
    if (copy == NULL) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        bool upper = copy[i] >= 'A' && copy[i] <= 'Z';
        copy[i] = (char)(upper ? copy[i] + 'a' - 'A' : copy[i]);
    }
    *name = str_make(copy, length);
    return true;
}

static bool take_skus(struct search *search, struct doc stored, struct hit *hit)
{
    hit->sku_count = product_sku_count(stored);
    struct stock_line *lines =
        arena_array(&search->call->arena, hit->sku_count + 1, sizeof(*lines));
    if (lines == NULL) {
        return false;
    }
    product_skus(stored, lines);
    for (size_t i = 0; i < hit->sku_count; i++) {
        const char *copy = arena_str(&search->call->arena, lines[i].sku);
        if (copy == NULL) {
            return false;
        }
        lines[i].sku.ptr = copy;
    }
    hit->skus = lines;
    return true;
}

static bool set_place(struct search *search, struct doc stored, struct hit *hit)
{
    int64_t price = doc_int(stored, "price", INT64_MAX);
    switch (search->options->sort) {
    case SORT_PRICE:
        hit->place.key = price;
        break;
    case SORT_PRICE_DESCENDING:
        hit->place.key = price == INT64_MAX ? INT64_MAX : -price;
        break;
    case SORT_NEWEST:
        hit->place.key = -doc_int(stored, "created_at", 0);
        break;
    case SORT_NAME:
        return take_name(search, stored, &hit->place.name);
    case SORT_RELEVANCE:
    default:
        hit->place.key = -hit->score;
    }
    return true;
}

static void consider(struct search *search, struct str id, struct doc stored, bool is_ours)
{
    int64_t score = 0;
    if (doc_bool(stored, "retired", false) && !search->options->with_retired) {
        return;
    }
    if (search->words.count > 0 && !score_of(search, stored, &score)) {
        return;
    }
    struct hit *hit = next_hit(search);
    if (hit == NULL) {
        search->failed = true;
        return;
    }
    *hit = (struct hit){.place.id = id, .score = score, .doc = is_ours ? stored : DOC_EMPTY};
    if (!set_place(search, stored, hit) ||
        (search->options->in_stock_only && !take_skus(search, stored, hit))) {
        search->failed = true;
        return;
    }
    search->count++;
}

struct considered {
    struct search *search;
    struct str id;
};

static void consider_cached(void *context, const struct cache_view *view)
{
    struct considered *considered = context;
    struct doc doc = {(const uint8_t *)view->bytes.ptr, (uint32_t)view->bytes.len};
    consider(considered->search, considered->id, doc, false);
}

/* Those of a page that the cache does not have, all at once. */
static bool consider_missing(struct search *search, const struct str *ids, size_t count,
                             ecommerce_error *err)
{
    struct stored_document *products =
        arena_array(&search->call->arena, count + 1, sizeof(*products));
    if (products == NULL) {
        return error_memory(err);
    }
    if (!products_load(search->call, ids, count, NULL, products, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (products[i].doc.size > 0) {
            consider(search, products[i].id, products[i].doc, true);
        }
    }
    return true;
}

/* Reads the page once more with its documents, when one request is cheaper than many. Both pages
 * are in one order; *done says how many of the missing were met before one was not. */
static bool consider_again(struct search *search, const struct str *missing, size_t count,
                           size_t *done, ecommerce_error *err)
{
    struct call *call = search->call;
    struct dependencies *before = arena_array(&call->arena, count, sizeof(*before));
    if (before == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        depend_on(call, &before[i], "product/", missing[i]);
    }
    struct documents_query query = search->query;
    query.ids_only = false;
    struct documents_request page =
        call_documents(call, DOCUMENTS_QUERY, COLLECTION_PRODUCTS, STR_NONE);
    page.query = &query;
    if (!documents_run(call->shop->documents, &page, err)) {
        return false;
    }
    for (size_t i = 0; i < page.count && *done < count; i++) {
        const struct stored_document *product = &page.documents[i];
        if (str_equal(product->id, missing[*done])) {
            cache_keep(call->shop, CACHE_PRODUCT, product->id,
                       str_make(product->doc.bytes, product->doc.size), product->version,
                       &before[*done]);
            consider(search, product->id, product->doc, true);
            (*done)++;
        }
    }
    return true;
}

static bool consider_ids(struct search *search, const struct documents_request *page,
                         ecommerce_error *err)
{
    struct str *missing = arena_array(&search->call->arena, page->count + 1, sizeof(*missing));
    if (missing == NULL) {
        return error_memory(err);
    }
    size_t count = 0, done = 0;
    for (size_t i = 0; i < page->count; i++) {
        struct considered considered = {search, page->documents[i].id};
        if (!product_visit_cached(search->call->shop, considered.id, consider_cached,
                                  &considered)) {
            missing[count++] = considered.id;
        }
    }
    if (count > page->count / 4 && count > 1 &&
        !consider_again(search, missing, count, &done, err)) {
        return false;
    }
    return consider_missing(search, missing + done, count - done, err);
}

static bool scan(struct search *search, ecommerce_error *err)
{
    do {
        struct documents_request page =
            call_documents(search->call, DOCUMENTS_QUERY, COLLECTION_PRODUCTS, STR_NONE);
        page.query = &search->query;
        if (!documents_run(search->call->shop->documents, &page, err)) {
            return false;
        }
        if (search->query.ids_only && !consider_ids(search, &page, err)) {
            return false;
        }
        for (size_t i = 0; i < page.count && !search->query.ids_only; i++) {
            consider(search, page.documents[i].id, page.documents[i].doc, true);
        }
        if (search->failed) {
            return error_memory(err);
        }
        search->query.after = page.cursor;
    } while (search->query.after.ptr != NULL);
    return true;
}

/* ---- stock ---- */

static bool hit_in_stock(const struct hit *hit, const struct stock_levels *levels)
{
    bool any = hit->sku_count == 0;
    for (size_t i = 0; i < hit->sku_count && !any; i++) {
        const struct stock_level *level = level_find(levels, hit->skus[i].sku);
        any = level != NULL && level->available > 0;
    }
    return any;
}

/* With the live store away nothing is left out, and the answer says that it had to do without. */
static bool keep_those_in_stock(struct search *search, ecommerce_error *err)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < search->count; i++) {
        total += search->hits[i].sku_count;
    }
    struct stock_line *lines = arena_array(&search->call->arena, total + 1, sizeof(*lines));
    if (lines == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < search->count; i++) {
        const struct hit *hit = &search->hits[i];
        if (hit->sku_count > 0) {
            memcpy(lines + at, hit->skus, hit->sku_count * sizeof(*lines));
        }
        at += hit->sku_count;
    }
    struct stock_levels levels;
    if (!levels_load(search->call, lines, total, NULL, &levels, err)) {
        return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < search->count && levels.known; i++) {
        if (hit_in_stock(&search->hits[i], &levels)) {
            search->hits[kept++] = search->hits[i];
        }
    }
    search->count = levels.known ? kept : search->count;
    return true;
}

/* ---- the answer ---- */

static int compare_places(const struct place *a, const struct place *b)
{
    if (a->key != b->key) {
        return a->key < b->key ? -1 : 1;
    }
    int order = str_compare(a->name, b->name);
    return order != 0 ? order : str_compare(a->id, b->id);
}

static int compare_hits(const void *a, const void *b)
{
    return compare_places(&((const struct hit *)a)->place, &((const struct hit *)b)->place);
}

static bool load_page_levels(struct search *search, const struct stored_document *products,
                             size_t count, struct stock_levels *levels, ecommerce_error *err)
{
    size_t total = 0, at = 0;
    for (size_t i = 0; i < count; i++) {
        total += product_sku_count(products[i].doc);
    }
    struct stock_line *lines = arena_array(&search->call->arena, total + 1, sizeof(*lines));
    if (lines == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        product_skus(products[i].doc, lines + at);
        at += product_sku_count(products[i].doc);
    }
    return levels_load(search->call, lines, total, NULL, levels, err);
}

static bool add_page(struct search *search, const struct hit *hits, size_t count,
                     ecommerce_error *err)
{
    struct call *call = search->call;
    struct str *ids = arena_array(&call->arena, count + 1, sizeof(*ids));
    struct stored_document *products = arena_array(&call->arena, count + 1, sizeof(*products));
    struct stock_levels levels;
    if (ids == NULL || products == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < count; i++) {
        ids[i] = hits[i].place.id;
    }
    if (!products_load(call, ids, count, NULL, products, err) ||
        !load_page_levels(search, products, count, &levels, err)) {
        return false;
    }
    doc_open_array(call->out, "products");
    for (size_t i = 0; i < count; i++) {
        doc_open(call->out, NULL);
        product_answer(call, call->out, &products[i], &levels);
        if (search->words.count > 0) {
            doc_add_double(call->out, "score", (double)hits[i].score / 1000);
        }
        doc_close(call->out);
    }
    doc_close(call->out);
    return true;
}

static void count_cached(void *context, const struct cache_view *view)
{
    struct doc doc = {(const uint8_t *)view->bytes.ptr, (uint32_t)view->bytes.len};
    facets_count(context, doc);
}

static bool add_facets(struct search *search, ecommerce_error *err)
{
    struct facets *facets = facets_new(search->call);
    if (facets == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < search->count; i++) {
        const struct hit *hit = &search->hits[i];
        if (hit->doc.size > 0) {
            facets_count(facets, hit->doc);
            continue;
        }
        /* What changed or was evicted since a moment ago is not counted. */
        (void)product_visit_cached(search->call->shop, hit->place.id, count_cached, facets);
    }
    return facets_answer(facets, search->call, err);
}

static bool answer(struct search *search, ecommerce_error *err)
{
    if (search->count > 1) {
        qsort(search->hits, search->count, sizeof(*search->hits), compare_hits);
    }
    size_t first = 0;
    while (search->has_after && first < search->count &&
           compare_places(&search->hits[first].place, &search->after) <= 0) {
        first++;
    }
    size_t left = search->count - first;
    size_t count = left < search->limit ? left : search->limit;
    if (!add_page(search, search->hits + first, count, err)) {
        return false;
    }
    doc_add_int(search->call->out, "total", (int64_t)search->count);
    if (search->options->with_facets && !add_facets(search, err)) {
        return false;
    }
    return left == count || add_cursor(search, &search->hits[first + count - 1].place, err);
}

bool catalog_search(struct call *call, const struct search_options *options, ecommerce_error *err)
{
    struct search search = {.call = call, .options = options};
    if (!check_options(&search, err) || !make_query(&search, err) ||
        !make_fingerprint(&search, err) || !read_cursor(&search, err)) {
        return false;
    }
    /* Signs without a letter: nothing has them. */
    bool nothing = search.words.count == 0 && str_trim(options->words).len > 0;
    if (!nothing && search.words.count > 0 && !load_rarity(&search, err)) {
        return false;
    }
    if (!nothing && !scan(&search, err)) {
        return false;
    }
    if (options->in_stock_only && !keep_those_in_stock(&search, err)) {
        return false;
    }
    return answer(&search, err);
}
