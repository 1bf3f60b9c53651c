/*
 * json_read.c - strict JSON into a document, by way of jansson's tree.
 */
#include "support/json.h"

#include "support/alloc.h"
#include "support/error.h"

#include <jansson.h>
#include <pthread.h>
#include <string.h>

/* jansson reports some failed allocations as a syntax error and overlooks others, which would leave
 * a value cut short. So its allocations are watched instead. */
static _Thread_local bool allocation_failed;

static void *watched_alloc(size_t size)
{
    void *block = mem_alloc(size);
    if (!block)
        allocation_failed = true;
    return block;
}

static void set_allocator(void)
{
    json_set_alloc_funcs(watched_alloc, mem_free);
}

/* ---- errors of the syntax ---- */

static const char *sentence_of(enum json_error_code code)
{
    switch (code) {
    case json_error_invalid_utf8:
        return "it is not UTF-8";
    case json_error_premature_end_of_input:
        return "it ends too early";
    case json_error_end_of_input_expected:
        return "something follows the document";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a string has a NUL character";
    case json_error_duplicate_key:
        return "a key occurs twice in one object";
    case json_error_numeric_overflow:
        return "a number is too large: an integer takes 64 bits, any other a double";
    case json_error_stack_overflow:
        return "it is nested too deep";
    default:
        return "this is no JSON";
    }
}

static bool report(const json_error_t *error, ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_INVALID_JSON, "line %d, column %d: %s", error->line,
                     error->column, sentence_of(json_error_code(error)));
}

/* ---- from jansson's tree to a document ---- */

static bool check_key(const char *key, ecommerce_error *err)
{
    if (key[0] == '\0')
        return error_set(err, ECOMMERCE_INVALID_JSON, "a key is empty");
    if (key[0] == '$')
        return error_field(err, ECOMMERCE_INVALID_JSON, key, "a key begins with '$'");
    if (strchr(key, '.'))
        return error_field(err, ECOMMERCE_INVALID_JSON, key, "a key contains a '.'");
    return true;
}

static bool add_value(struct doc_builder *builder, const char *key, const json_t *value, int depth,
                      ecommerce_error *err);

static bool add_members(struct doc_builder *builder, const json_t *object, int depth,
                        ecommerce_error *err)
{
    json_t *members = (json_t *)object; /* jansson's iterators take no const */
    const char *key;
    const json_t *value;
    json_object_foreach(members, key, value)
    {
        if (!check_key(key, err))
            return false;
        if (!add_value(builder, key, value, depth, err))
            return error_under(err, "%s", key);
    }
    return true;
}

static bool add_elements(struct doc_builder *builder, const json_t *array, int depth,
                         ecommerce_error *err)
{
    size_t index;
    const json_t *value;
    json_array_foreach(array, index, value)
    {
        if (!add_value(builder, NULL, value, depth, err))
            return error_under(err, "[%zu]", index);
    }
    return true;
}

static bool add_nested(struct doc_builder *builder, const char *key, const json_t *value, int depth,
                       ecommerce_error *err)
{
    bool is_array = json_is_array(value), added;
    if (depth == JSON_MAX_DEPTH)
        return error_set(err, ECOMMERCE_INVALID_JSON, "it is nested deeper than %d levels", depth);
    if (is_array) {
        doc_open_array(builder, key);
        added = add_elements(builder, value, depth + 1, err);
    } else {
        doc_open(builder, key);
        added = add_members(builder, value, depth + 1, err);
    }
    if (added)
        doc_close(builder);
    return added;
}

static bool add_value(struct doc_builder *builder, const char *key, const json_t *value, int depth,
                      ecommerce_error *err)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY:
        return add_nested(builder, key, value, depth, err);
    case JSON_STRING:
        doc_add_text(builder, key, str_make(json_string_value(value), json_string_length(value)));
        break;
    case JSON_INTEGER:
        doc_add_int(builder, key, json_integer_value(value));
        break;
    case JSON_REAL:
        doc_add_double(builder, key, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        doc_add_bool(builder, key, json_is_true(value));
        break;
    case JSON_NULL:
        doc_add_null(builder, key);
        break;
    }
    return true;
}

static bool parse(struct str json, json_t **tree, ecommerce_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error;
    pthread_once(&once, set_allocator);
    allocation_failed = false;
    *tree = json_loadb(json.ptr ? json.ptr : "", json.len, JSON_REJECT_DUPLICATES, &error);
    if (allocation_failed) {
        json_decref(*tree);
        *tree = NULL;
        return error_memory(err);
    }
    return *tree || report(&error, err);
}

bool json_read(struct str json, struct doc_builder *builder, struct doc *doc, ecommerce_error *err)
{
    json_t *tree;
    bool read = false;
    *doc = DOC_EMPTY;
    doc_builder_clear(builder);
    if (json.len > DOC_MAX_SIZE)
        return error_set(err, ECOMMERCE_LIMIT_EXCEEDED, "the JSON is larger than 16 MiB");
    if (!parse(json, &tree, err))
        return false;
    if (!json_is_object(tree))
        error_set(err, ECOMMERCE_INVALID_JSON, "the document is no object");
    else
        read = add_members(builder, tree, 1, err);
    json_decref(tree);
    if (!read)
        return false;
    *doc = doc_finish(builder);
    return doc_builder_check(builder, err);
}
