/*
 * catalog_write.c - put, patch, retire, and the claims of ids.
 *
 * An item of an order or a cart names a product, a variant or, in stock movements, a sku; so each
 * such id belongs to one product. It is claimed by an insert, "item:<id>" among the unique values,
 * before the product is written. Claims are never taken back: one that its owner no longer uses is
 * taken over, by a replace that needs its version, five minutes after it was last renewed; who goes
 * back to an id that it once had renews the claim first. So of two that want the same id at the
 * same time one sees the other's claim, whatever fails in between.
 */
#include "services/catalog/catalog_parts.h"

#include "support/ids.h"

#include <string.h>

enum { WRITE_TRIES = 8, CLAIM_TRIES = 4, REINDEX_PAGE = 200 };
#define CLAIM_REST (INT64_C(300) * MICROSECONDS)

/* ---- claims ---- */

static bool has_text(struct doc array, struct str text)
{
    struct doc_iter it;
    for (doc_iter_init(&it, array); doc_iter_next(&it);) {
        if (str_equal(it.value.text, text)) {
            return true;
        }
    }
    return false;
}

static bool uses_id(struct doc product, struct str id)
{
    return has_text(doc_child(product, "item_ids"), id) || has_text(doc_child(product, "skus"), id);
}

struct claim {
    struct str id;
    struct documents_request request;
};

static bool claim_document(struct call *call, struct str product_id, struct doc *claim,
                           ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_text(&builder, "product_id", product_id);
    doc_add_int(&builder, "at", call_wall(call));
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              (doc_copy(&call->arena, doc, claim) || error_memory(err));
    doc_builder_release(&builder);
    return ok;
}

static bool taken(struct str id, ecommerce_error *err)
{
    error_field(err, ECOMMERCE_ALREADY_EXISTS, "product_id",
                "the id '%.*s' is another product's, variant's or sku's", STR_ARG(id));
    return false;
}

/* May the claim change hands? Its owner must have let go of the id for a while. */
static bool may_take(struct call *call, struct str id, struct doc claim, struct str product_id,
                     bool *may, ecommerce_error *err)
{
    struct str owner = doc_text(claim, "product_id");
    *may = str_equal(owner, product_id);
    if (*may || call_wall(call) - doc_int(claim, "at", 0) < CLAIM_REST) {
        return true;
    }
    struct stored_document product;
    bool found;
    if (!call_get(call, COLLECTION_PRODUCTS, owner, true, &product, &found, err)) {
        return false;
    }
    *may = !found || !uses_id(product.doc, id);
    return true;
}

/* The id has a claim: renew or take it over. */
static bool contend(struct call *call, struct claim *claim, struct str product_id,
                    ecommerce_error *err)
{
    for (int tries = 0; tries < CLAIM_TRIES; tries++) {
        struct stored_document there;
        bool found, may;
        if (!call_get(call, COLLECTION_UNIQUE, claim->request.id, true, &there, &found, err) ||
            !may_take(call, claim->id, there.doc, product_id, &may, err)) {
            return false;
        }
        if (!may) {
            return taken(claim->id, err);
        }
        struct documents_request replace =
            call_documents(call, DOCUMENTS_REPLACE, COLLECTION_UNIQUE, claim->request.id);
        replace.doc = claim->request.doc;
        replace.version = there.version;
        if (!documents_run(call->shop->documents, &replace, err)) {
            return false;
        }
        if (replace.replaced) {
            return true;
        }
    }
    return error_set(err, ECOMMERCE_OVERLOADED, "too many want the same id at the same time");
}

/* New ids of the product, each once. */
static size_t new_ids(struct doc array, struct doc before, struct claim *claims, size_t count)
{
    struct doc_iter it;
    for (doc_iter_init(&it, array); doc_iter_next(&it);) {
        bool known = uses_id(before, it.value.text);
        for (size_t i = 0; !known && i < count; i++) {
            known = str_equal(claims[i].id, it.value.text);
        }
        if (!known) {
            claims[count++].id = it.value.text;
        }
    }
    return count;
}

static bool submit_claims(struct call *call, struct claim *claims, size_t count, struct doc doc,
                          ecommerce_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *key = arena_printf(&call->arena, "item:%.*s", STR_ARG(claims[i].id));
        if (key == NULL) {
            return error_memory(err);
        }
        claims[i].request = call_documents(call, DOCUMENTS_INSERT, COLLECTION_UNIQUE, str_of(key));
        claims[i].request.doc = doc;
    }
    /* All of them share a commit. */
    for (size_t i = 0; i < count; i++) {
        documents_submit(call->shop->documents, &claims[i].request);
    }
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        if (!documents_wait(call->shop->documents, &claims[i].request) && ok) {
            ok = false;
            if (err != NULL) {
                *err = claims[i].request.base.error;
            }
        }
    }
    return ok;
}

static bool claim_ids(struct call *call, struct str product_id, struct doc stored,
                      struct doc before, ecommerce_error *err)
{
    struct doc items = doc_child(stored, "item_ids"), skus = doc_child(stored, "skus");
    struct claim *claims =
        arena_array(&call->arena, doc_count(items) + doc_count(skus) + 1, sizeof(*claims));
    if (claims == NULL) {
        return error_memory(err);
    }
    size_t count = new_ids(items, before, claims, 0);
    count = new_ids(skus, before, claims, count);
    struct doc doc;
    if (count == 0) {
        return true;
    }
    if (!claim_document(call, product_id, &doc, err) ||
        !submit_claims(call, claims, count, doc, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!claims[i].request.inserted && !contend(call, &claims[i], product_id, err)) {
            return false;
        }
    }
    return true;
}

/* ---- one product ---- */

struct writing {
    struct str product_id;
    const struct write_options *options;
    /* What is to be stored, of what there is (found false: nothing). */
    bool (*make)(struct call *call, struct writing *writing, ecommerce_error *err);
    struct doc argument;
    struct stored_document before;
    bool found;
    /* Filled by make: */
    struct doc given;
    /* The result: */
    struct doc stored;
    int64_t version;
    bool changed;
};

static bool check_expectations(const struct writing *writing, ecommerce_error *err)
{
    int64_t expected = writing->options ? writing->options->expected_version : 0;
    if (writing->found && writing->options && writing->options->must_be_new) {
        return error_field(err, ECOMMERCE_ALREADY_EXISTS, "product_id",
                           "there is a product with the id '%.*s'", STR_ARG(writing->product_id));
    }
    if (expected != 0 && (!writing->found || writing->before.version != expected)) {
        return error_field(err, ECOMMERCE_VERSION_CONFLICT, "version",
                           "the product changed since it was read: its version is %lld, not %lld",
                           (long long)(writing->found ? writing->before.version : 0),
                           (long long)expected);
    }
    return true;
}

/* *done false: somebody else came first. */
static bool store_product(struct call *call, struct writing *writing, bool *done,
                          ecommerce_error *err)
{
    struct documents_request request =
        call_documents(call, writing->found ? DOCUMENTS_REPLACE : DOCUMENTS_INSERT,
                       COLLECTION_PRODUCTS, writing->product_id);
    request.doc = writing->stored;
    request.version = writing->before.version;
    catalog_changed(call, "product/", writing->product_id);
    bool ok = documents_run(call->shop->documents, &request, err);
    catalog_changed(call, "product/", writing->product_id);
    *done = writing->found ? request.replaced : request.inserted;
    writing->version = writing->found ? writing->before.version + 1 : 1;
    return ok;
}

static bool try_write(struct call *call, struct writing *writing, bool *done, ecommerce_error *err)
{
    struct category_tree tree;
    bool same;
    if (!call_get(call, COLLECTION_PRODUCTS, writing->product_id, true, &writing->before,
                  &writing->found, err) ||
        !check_expectations(writing, err) || !writing->make(call, writing, err) ||
        !categories_load(call, NULL, &tree, err) ||
        !product_compose(call, writing->product_id, writing->given, &tree, writing->before.doc,
                         &writing->stored, &same, err)) {
        return false;
    }
    if (same) {
        writing->version = writing->before.version;
        *done = true;
        return true;
    }
    writing->changed = true;
    return claim_ids(call, writing->product_id, writing->stored, writing->before.doc, err) &&
           store_product(call, writing, done, err);
}

static bool write_product(struct call *call, struct writing *writing, ecommerce_error *err)
{
    if (!id_check(writing->product_id, "product_id", err)) {
        return false;
    }
    for (int tries = 0; tries < WRITE_TRIES; tries++) {
        bool done = false;
        if (!try_write(call, writing, &done, err)) {
            return false;
        }
        if (done) {
            struct stored_document product = {
                .id = writing->product_id, .doc = writing->stored, .version = writing->version};
            product_answer(call, call->out, &product, NULL);
            doc_add_bool(call->out, "changed", writing->changed);
            return true;
        }
    }
    return error_set(err, ECOMMERCE_OVERLOADED, "the product is being changed by too many at once");
}

/* ---- put ---- */

static bool make_put(struct call *call, struct writing *writing, ecommerce_error *err)
{
    UNUSED(call);
    UNUSED(err);
    writing->given = writing->argument;
    return true;
}

bool catalog_put_product(struct call *call, struct str product_id, struct doc product,
                         const struct write_options *options, ecommerce_error *err)
{
    struct writing writing = {
        .product_id = product_id, .options = options, .make = make_put, .argument = product};
    return write_product(call, &writing, err);
}

/* ---- patch ---- */

static void key_text(const struct doc_value *value, char *key, size_t size)
{
    size_t length = value->key.len < size ? value->key.len : size - 1;
    memcpy(key, value->key.ptr, length);
    key[length] = '\0';
}

static bool is_in(struct doc doc, struct str key)
{
    struct doc_iter it;
    for (doc_iter_init(&it, doc); doc_iter_next(&it);) {
        if (str_equal(it.value.key, key)) {
            return true;
        }
    }
    return false;
}

static void merge(struct doc_builder *out, struct doc target, struct doc patch);

static void merge_value(struct doc_builder *out, const struct doc_value *old,
                        const struct doc_value *patch)
{
    if (patch->type == DOC_NULL) {
        return;
    }
    if (patch->type != DOC_DOCUMENT) {
        doc_add_value(out, NULL, patch);
        return;
    }
    char key[1024];
    key_text(patch, key, sizeof(key));
    bool both = old != NULL && old->type == DOC_DOCUMENT;
    doc_open(out, key);
    merge(out, both ? old->child : DOC_EMPTY, patch->child);
    doc_close(out);
}

static bool find_value(struct doc doc, struct str key, struct doc_value *value)
{
    struct doc_iter it;
    for (doc_iter_init(&it, doc); doc_iter_next(&it);) {
        if (str_equal(it.value.key, key)) {
            *value = it.value;
            return true;
        }
    }
    return false;
}

/* RFC 7396; documents are at most 32 deep, so is the recursion. */
static void merge(struct doc_builder *out, struct doc target, struct doc patch)
{
    struct doc_iter it;
    struct doc_value change;
    for (doc_iter_init(&it, target); doc_iter_next(&it);) {
        if (find_value(patch, it.value.key, &change)) {
            merge_value(out, &it.value, &change);
        } else {
            doc_add_value(out, NULL, &it.value);
        }
    }
    for (doc_iter_init(&it, patch); doc_iter_next(&it);) {
        if (!is_in(target, it.value.key)) {
            merge_value(out, NULL, &it.value);
        }
    }
}

static bool unknown_product(struct str product_id, ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_UNKNOWN_PRODUCT, "product_id", "no product has the id '%.*s'",
                       STR_ARG(product_id));
}

static bool merge_into(struct call *call, struct doc target, struct doc patch, struct doc *merged,
                       ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    merge(&builder, target, patch);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              (doc_copy(&call->arena, doc, merged) || error_memory(err));
    doc_builder_release(&builder);
    return ok;
}

static bool make_patch(struct call *call, struct writing *writing, ecommerce_error *err)
{
    if (!writing->found) {
        return unknown_product(writing->product_id, err);
    }
    struct doc given;
    return product_as_given(call, writing->before.doc, &given, err) &&
           merge_into(call, given, writing->argument, &writing->given, err);
}

bool catalog_patch_product(struct call *call, struct str product_id, struct doc patch,
                           const struct write_options *options, ecommerce_error *err)
{
    if (patch.size > 0 && !doc_validate(patch.bytes, patch.size, err)) {
        return false;
    }
    struct writing writing = {
        .product_id = product_id, .options = options, .make = make_patch, .argument = patch};
    return write_product(call, &writing, err);
}

bool catalog_retire_product(struct call *call, struct str product_id,
                            const struct write_options *options, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_bool(&builder, "retired", true);
    struct doc patch = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              catalog_patch_product(call, product_id, patch, options, err);
    doc_builder_release(&builder);
    return ok;
}

/* ---- after a change of the tree ---- */

static bool reindex(struct call *call, const struct stored_document *document,
                    const struct category_tree *tree, ecommerce_error *err)
{
    struct writing writing = {.product_id = document->id, .before = *document, .found = true};
    for (int tries = 0; tries < WRITE_TRIES && writing.found; tries++) {
        struct doc given;
        bool same, done;
        if (!product_as_given(call, writing.before.doc, &given, err) ||
            !product_compose(call, writing.product_id, given, tree, writing.before.doc,
                             &writing.stored, &same, err)) {
            return false;
        }
        if (same) {
            return true;
        }
        if (!store_product(call, &writing, &done, err)) {
            return false;
        }
        if (done) {
            return true;
        }
        if (!call_get(call, COLLECTION_PRODUCTS, writing.product_id, true, &writing.before,
                      &writing.found, err)) {
            return false;
        }
    }
    return true; /* whoever came first composed it by the new tree */
}

static bool reindex_page(struct call *call, struct documents_query *query, char cursor[],
                         size_t size, const struct category_tree *tree, ecommerce_error *err)
{
    struct documents_request request =
        call_documents(call, DOCUMENTS_QUERY, COLLECTION_PRODUCTS, STR_NONE);
    request.query = query;
    if (!documents_run(call->shop->documents, &request, err)) {
        return false;
    }
    for (size_t i = 0; i < request.count; i++) {
        if (!reindex(call, &request.documents[i], tree, err)) {
            return false;
        }
    }
    query->after = STR_NONE;
    if (request.cursor.ptr != NULL && request.cursor.len < size) {
        memcpy(cursor, request.cursor.ptr, request.cursor.len);
        query->after = str_make(cursor, request.cursor.len);
    }
    return true;
}

bool products_reindex(struct call *call, struct str category_id, ecommerce_error *err)
{
    struct category_tree tree;
    if (!categories_load(call, NULL, &tree, err)) {
        return false;
    }
    struct documents_query query = {.terms = {{"categories", category_id}},
                                    .term_count = 1,
                                    .order = ORDER_BY_ID,
                                    .limit = REINDEX_PAGE};
    char cursor[DOCUMENTS_ID_MAX + 64];
    bool ok = true;
    do {
        struct arena_mark mark = arena_save(&call->arena);
        ok = reindex_page(call, &query, cursor, sizeof(cursor), &tree, err);
        arena_restore(&call->arena, mark);
    } while (ok && query.after.ptr != NULL);
    return ok;
}
