/*
 * catalog_category.c - the tree of categories.
 *
 * The whole tree is read at once and remembered: shops have hundreds of categories, not millions. A
 * category that moves or is renamed changes the words and ancestors of all products below it, which
 * are then rewritten; putting it again finishes what was interrupted.
 *
 * Two moves at the same time could close a circle that neither sees. So the tree is read again
 * after a move, and a move that finds itself in a circle is taken back. Whatever is in the store,
 * walks up the tree end after twelve levels.
 */
#include "services/catalog/catalog_parts.h"

#include "support/ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CATEGORY_NAME_MAX = 500, CATEGORY_PAGE = 1000 };

static const struct str ALL = {.ptr = "all", .len = 3};

/* ---- reading ---- */

static int compare_categories(const void *a, const void *b)
{
    const struct category *left = a, *right = b;
    return str_compare(left->id, right->id);
}

const struct category *category_find(const struct category_tree *tree, struct str id)
{
    struct category wanted = {.id = id};
    return tree->count == 0
               ? NULL
               : bsearch(&wanted, tree->items, tree->count, sizeof(wanted), compare_categories);
}

/* From {id: {name, parent, retired}}, by id. */
static bool read_tree(struct call *call, struct doc doc, struct category_tree *tree,
                      ecommerce_error *err)
{
    tree->count = 0;
    tree->items = arena_array(&call->arena, doc_count(doc) + 1, sizeof(*tree->items));
    if (tree->items == NULL) {
        return error_memory(err);
    }
    struct doc_iter it;
    for (doc_iter_init(&it, doc); doc_iter_next(&it);) {
        struct doc fields = it.value.child;
        tree->items[tree->count++] = (struct category){
            .id = it.value.key,
            .name = doc_text(fields, "name"),
            .parent = doc_text(fields, "parent"),
            .retired = doc_bool(fields, "retired", false),
        };
    }
    return true;
}

static void add_category(struct doc_builder *builder, const struct stored_document *document)
{
    char key[ID_MAX + 1];
    size_t length = document->id.len < ID_MAX ? document->id.len : ID_MAX;
    memcpy(key, document->id.ptr, length);
    key[length] = '\0';
    doc_open(builder, key);
    doc_add_text(builder, "name", doc_text(document->doc, "name"));
    doc_add_text(builder, "parent", doc_text(document->doc, "parent"));
    doc_add_bool(builder, "retired", doc_bool(document->doc, "retired", false));
    doc_close(builder);
}

static bool query_tree(struct call *call, struct doc_builder *builder, ecommerce_error *err)
{
    struct documents_query query = {.order = ORDER_BY_ID, .limit = CATEGORY_PAGE};
    do {
        struct documents_request request =
            call_documents(call, DOCUMENTS_QUERY, COLLECTION_CATEGORIES, STR_NONE);
        request.query = &query;
        if (!documents_run(call->shop->documents, &request, err)) {
            return false;
        }
        for (size_t i = 0; i < request.count; i++) {
            add_category(builder, &request.documents[i]);
        }
        query.after = request.cursor;
    } while (query.after.ptr != NULL);
    return true;
}

struct copying {
    struct call *call;
    struct doc copy;
    bool ok;
};

static void copy_tree(void *context, const struct cache_view *view)
{
    struct copying *copying = context;
    struct doc doc = {(const uint8_t *)view->bytes.ptr, (uint32_t)view->bytes.len};
    copying->ok = doc_copy(&copying->call->arena, doc, &copying->copy);
}

/* From the store, whatever is remembered. */
static bool load_anew(struct call *call, struct category_tree *tree, ecommerce_error *err)
{
    struct dependencies own = {0};
    depend_on(call, &own, "categories", STR(""));
    struct doc_builder builder;
    doc_builder_init(&builder);
    struct doc doc, copy = DOC_EMPTY;
    bool ok = query_tree(call, &builder, err);
    if (ok) {
        doc = doc_finish(&builder);
        ok = doc_builder_check(&builder, err) &&
             (doc_copy(&call->arena, doc, &copy) || error_memory(err));
    }
    doc_builder_release(&builder);
    if (!ok) {
        return false;
    }
    cache_keep(call->shop, CACHE_CATEGORIES, ALL, str_make(copy.bytes, copy.size), 0, &own);
    return read_tree(call, copy, tree, err);
}

bool categories_load(struct call *call, struct dependencies *dependencies,
                     struct category_tree *tree, ecommerce_error *err)
{
    depend_on(call, dependencies, "categories", STR(""));
    struct copying copying = {.call = call};
    if (!cache_visit(call->shop, CACHE_CATEGORIES, ALL, false, copy_tree, &copying)) {
        return load_anew(call, tree, err);
    }
    return copying.ok ? read_tree(call, copying.copy, tree, err) : error_memory(err);
}

/* ---- writing ---- */

static bool check_category(struct str category_id, struct doc category, ecommerce_error *err)
{
    if (!id_check(category_id, "category_id", err) ||
        !doc_validate(category.bytes, category.size, err)) {
        return false;
    }
    struct str name = doc_text(category, "name");
    if (name.ptr == NULL || str_trim(name).len == 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "name", "a category needs a name");
    }
    if (name.len > CATEGORY_NAME_MAX) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "name", "a name has at most %d bytes",
                           CATEGORY_NAME_MAX);
    }
    struct doc_iter it;
    for (doc_iter_init(&it, category); doc_iter_next(&it);) {
        struct doc_value *value = &it.value;
        bool is_parent = str_is(value->key, "parent");
        if (is_parent && (value->type == DOC_TEXT || value->type == DOC_NULL)) {
            continue;
        }
        if (str_is(value->key, "category_id") && value->type == DOC_TEXT &&
            str_equal(value->text, category_id)) {
            continue;
        }
        if (!str_is(value->key, "name")) {
            char field[ID_MAX];
            snprintf(field, sizeof(field), "%.*s", STR_ARG(value->key));
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field,
                               "a category has a name and the id of its parent");
        }
    }
    return true;
}

/* Walks up from the parent: true when the top is reached in time without meeting the category. */
static bool reaches_top(const struct category_tree *tree, struct str category_id, struct str parent)
{
    for (int depth = 1; parent.ptr != NULL; depth++) {
        const struct category *above = category_find(tree, parent);
        if (depth >= CATEGORY_DEPTH_MAX || str_equal(parent, category_id)) {
            return false;
        }
        parent = above ? above->parent : STR_NONE;
    }
    return true;
}

static bool check_parent(const struct category_tree *tree, struct str category_id,
                         struct str parent, ecommerce_error *err)
{
    if (parent.ptr == NULL) {
        return true;
    }
    if (!id_check(parent, "parent", err)) {
        return false;
    }
    const struct category *above = category_find(tree, parent);
    if (above == NULL || above->retired) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "parent",
                           "no category has the id '%.*s'", STR_ARG(parent));
    }
    if (!reaches_top(tree, category_id, parent)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "parent",
                           "'%.*s' is below '%.*s' itself, or the tree would be deeper than %d",
                           STR_ARG(parent), STR_ARG(category_id), CATEGORY_DEPTH_MAX);
    }
    return true;
}

static bool store(struct call *call, struct str category_id, struct doc category, bool retired,
                  ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_text(&builder, "name", doc_text(category, "name"));
    struct str parent = doc_text(category, "parent");
    if (parent.ptr != NULL) {
        doc_add_text(&builder, "parent", parent);
    }
    doc_add_bool(&builder, "retired", retired);
    doc_add_int(&builder, "changed_at", call_wall(call));
    struct documents_request request =
        call_documents(call, DOCUMENTS_PUT, COLLECTION_CATEGORIES, category_id);
    request.doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err);
    if (ok) {
        catalog_changed(call, "categories", STR(""));
        ok = documents_run(call->shop->documents, &request, err);
        catalog_changed(call, "categories", STR(""));
    }
    doc_builder_release(&builder);
    return ok;
}

/* After a move: was it taken into a circle by another one that came at the same time? */
static bool verify_move(struct call *call, struct str category_id, struct str parent,
                        const struct stored_document *before, ecommerce_error *err)
{
    struct category_tree tree;
    if (!load_anew(call, &tree, err)) {
        return false;
    }
    if (reaches_top(&tree, category_id, parent)) {
        return true;
    }
    bool retired = doc_bool(before->doc, "retired", false);
    if (before->doc.size > 0 && !store(call, category_id, before->doc, retired, err)) {
        return false;
    }
    return error_field(err, ECOMMERCE_VERSION_CONFLICT, "parent",
                       "another category was moved at the same time");
}

static void answer_category(struct call *call, struct str category_id, struct doc category,
                            bool changed)
{
    doc_add_text(call->out, "category_id", category_id);
    doc_add_text(call->out, "name", doc_text(category, "name"));
    doc_add_text(call->out, "parent", doc_text(category, "parent"));
    doc_add_bool(call->out, "changed", changed);
}

bool catalog_put_category(struct call *call, struct str category_id, struct doc category,
                          ecommerce_error *err)
{
    struct category_tree tree;
    struct stored_document before;
    bool found;
    struct str parent = doc_text(category, "parent");
    if (!check_category(category_id, category, err) || !load_anew(call, &tree, err) ||
        !check_parent(&tree, category_id, parent, err) ||
        !call_get(call, COLLECTION_CATEGORIES, category_id, true, &before, &found, err)) {
        return false;
    }
    struct str old_parent = doc_text(before.doc, "parent");
    bool moved = found && (old_parent.ptr == NULL) != (parent.ptr == NULL);
    moved = moved || (found && !str_equal(old_parent, parent));
    bool changed = !found || moved || doc_bool(before.doc, "retired", false) ||
                   !str_equal(doc_text(before.doc, "name"), doc_text(category, "name"));
    if (changed && !store(call, category_id, category, false, err)) {
        return false;
    }
    if (moved && !verify_move(call, category_id, parent, &before, err)) {
        return false;
    }
    if (found && !products_reindex(call, category_id, err)) {
        return false;
    }
    answer_category(call, category_id, category, changed);
    return true;
}

bool catalog_retire_category(struct call *call, struct str category_id, ecommerce_error *err)
{
    struct category_tree tree;
    struct stored_document before;
    bool found;
    if (!id_check(category_id, "category_id", err) || !load_anew(call, &tree, err) ||
        !call_get(call, COLLECTION_CATEGORIES, category_id, true, &before, &found, err)) {
        return false;
    }
    if (!found) {
        return error_field(err, ECOMMERCE_NOT_FOUND, "category_id", "no category has the id '%.*s'",
                           STR_ARG(category_id));
    }
    for (size_t i = 0; i < tree.count; i++) {
        if (!tree.items[i].retired && str_equal(tree.items[i].parent, category_id)) {
            return error_field(err, ECOMMERCE_INVALID_TRANSITION, "category_id",
                               "'%.*s' is below it: retire that one first, or move it",
                               STR_ARG(tree.items[i].id));
        }
    }
    bool changed = !doc_bool(before.doc, "retired", false);
    if (changed && !store(call, category_id, before.doc, true, err)) {
        return false;
    }
    answer_category(call, category_id, before.doc, changed);
    return true;
}

/* ---- listing ---- */

static void list_below(struct call *call, const struct category_tree *tree, struct str parent,
                       int depth)
{
    for (size_t i = 0; i < tree->count; i++) {
        const struct category *category = &tree->items[i];
        bool here =
            parent.ptr == NULL ? category->parent.ptr == NULL : str_equal(category->parent, parent);
        if (!here || category->retired || depth > CATEGORY_DEPTH_MAX) {
            continue;
        }
        doc_open(call->out, NULL);
        doc_add_text(call->out, "category_id", category->id);
        doc_add_text(call->out, "name", category->name);
        doc_add_text(call->out, "parent", category->parent);
        doc_open_array(call->out, "children");
        list_below(call, tree, category->id, depth + 1);
        doc_close(call->out);
        doc_close(call->out);
    }
}

bool catalog_list_categories(struct call *call, ecommerce_error *err)
{
    struct category_tree tree;
    if (!categories_load(call, NULL, &tree, err)) {
        return false;
    }
    doc_open_array(call->out, "categories");
    list_below(call, &tree, STR_NONE, 1);
    doc_close(call->out);
    return true;
}
