#include "operations/operation_values.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- arrays of documents ---- */

static const char *noun_of(enum doc_type wanted)
{
    switch (wanted) {
    case DOC_TEXT:
        return "a text";
    case DOC_INT:
        return "an integer";
    default:
        return "a document";
    }
}

static bool expect(const struct doc_value *value, enum doc_type wanted, const char *field,
                   ecommerce_error *err)
{
    return value->type == wanted || error_field(err, ECOMMERCE_INVALID_ARGUMENT, field,
                                                "%s is not %s", field, noun_of(wanted));
}

/* Puts the place before a field that has none yet: "items[2]" or "items[2].quantity". */
static bool at_element(ecommerce_error *err, const char *name, size_t index)
{
    return error_under(err, "%s[%zu]", name, index);
}

static bool unknown_field(const struct doc_value *value, ecommerce_error *err)
{
    char field[64];
    snprintf(field, sizeof(field), "%.*s", STR_ARG(value->key));
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "there is no field '%s' here",
                       field);
}

static bool item_field(const struct arguments *arguments, const struct doc_value *value,
                       struct order_item_request *item, ecommerce_error *err)
{
    if (value->type == DOC_NULL) {
        return true;
    }
    if (str_is(value->key, "product_id") || str_is(value->key, "variant_id")) {
        const char *field = str_is(value->key, "product_id") ? "product_id" : "variant_id";
        if (item->item_id.ptr != NULL) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field,
                               "an item names its product or its variant, not both");
        }
        item->item_id = value->text;
        return expect(value, DOC_TEXT, field, err);
    }
    if (str_is(value->key, "quantity")) {
        item->quantity = value->integer;
        return expect(value, DOC_INT, "quantity", err);
    }
    if (str_is(value->key, "price")) {
        item->has_price = true;
        ecommerce_error why;
        return money_from_value(value, arguments->currency, &item->price, &why) ||
               error_field(err, why.code, "price", "%s", why.message);
    }
    return unknown_field(value, err);
}

/* What both kinds of element need once all their fields are read. */
static bool require(struct doc element, bool named, const char *what, ecommerce_error *err)
{
    struct doc_value value;
    if (!named) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "product_id", "%s is missing", what);
    }
    if (!doc_get(element, "quantity", &value) || value.type == DOC_NULL) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "quantity", "quantity is missing");
    }
    return true;
}

static bool read_item(const struct arguments *arguments, const struct doc_value *element,
                      struct order_item_request *item, ecommerce_error *err)
{
    if (element->type != DOC_DOCUMENT) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "",
                           "an item is a document with product_id and quantity");
    }
    struct doc_iter iter;
    for (doc_iter_init(&iter, element->child); doc_iter_next(&iter);) {
        if (!item_field(arguments, &iter.value, item, err)) {
            return false;
        }
    }
    return require(element->child, item->item_id.ptr != NULL, "product_id", err);
}

bool argument_items(struct call *call, const struct arguments *arguments, const char *name,
                    const struct order_item_request **items, size_t *count, ecommerce_error *err)
{
    struct doc array = argument_doc(arguments, name);
    struct order_item_request *read =
        arena_array(&call->arena, doc_count(array) + 1, sizeof(*read));
    if (read == NULL) {
        return error_memory(err);
    }
    size_t index = 0;
    struct doc_iter iter;
    for (doc_iter_init(&iter, array); doc_iter_next(&iter); index++) {
        if (!read_item(arguments, &iter.value, &read[index], err)) {
            return at_element(err, name, index);
        }
    }
    *items = read;
    *count = index;
    return true;
}

static bool line_field(const struct doc_value *value, struct order_line_quantity *line,
                       ecommerce_error *err)
{
    if (value->type == DOC_NULL) {
        return true;
    }
    if (str_is(value->key, "line")) {
        if (value->type == DOC_INT && value->integer < 1) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "line",
                               "lines are numbered from 1, not %" PRId64, value->integer);
        }
        line->line = value->integer;
        return expect(value, DOC_INT, "line", err);
    }
    if (str_is(value->key, "product_id") || str_is(value->key, "variant_id")) {
        line->item_id = value->text;
        return expect(value, DOC_TEXT,
                      str_is(value->key, "product_id") ? "product_id" : "variant_id", err);
    }
    if (str_is(value->key, "quantity")) {
        line->quantity = value->integer;
        return expect(value, DOC_INT, "quantity", err);
    }
    return unknown_field(value, err);
}

static bool read_line(const struct doc_value *element, struct order_line_quantity *line,
                      ecommerce_error *err)
{
    if (element->type != DOC_DOCUMENT) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "",
                           "a line is a document with line or product_id, and quantity");
    }
    struct doc_iter iter;
    for (doc_iter_init(&iter, element->child); doc_iter_next(&iter);) {
        if (!line_field(&iter.value, line, err)) {
            return false;
        }
    }
    if (line->line != 0 && line->item_id.ptr != NULL) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "line",
                           "either the line or the product says what comes back, not both");
    }
    return require(element->child, line->line != 0 || line->item_id.ptr != NULL,
                   "line or product_id", err);
}

bool argument_lines(struct call *call, const struct arguments *arguments, const char *name,
                    const struct order_line_quantity **lines, size_t *count, ecommerce_error *err)
{
    struct doc array = argument_doc(arguments, name);
    struct order_line_quantity *read =
        arena_array(&call->arena, doc_count(array) + 1, sizeof(*read));
    if (read == NULL) {
        return error_memory(err);
    }
    size_t index = 0;
    struct doc_iter iter;
    for (doc_iter_init(&iter, array); doc_iter_next(&iter); index++) {
        if (!read_line(&iter.value, &read[index], err)) {
            return at_element(err, name, index);
        }
    }
    *lines = read;
    *count = index;
    return true;
}

bool argument_texts(struct call *call, const struct arguments *arguments, const char *name,
                    const struct str **texts, size_t *count, ecommerce_error *err)
{
    struct doc array = argument_doc(arguments, name);
    struct str *read = arena_array(&call->arena, doc_count(array) + 1, sizeof(*read));
    if (read == NULL) {
        return error_memory(err);
    }
    size_t index = 0;
    struct doc_iter iter;
    for (doc_iter_init(&iter, array); doc_iter_next(&iter); index++) {
        if (iter.value.type != DOC_TEXT) {
            error_field(err, ECOMMERCE_INVALID_ARGUMENT, "", "an element of %s is not a text",
                        name);
            return at_element(err, name, index);
        }
        read[index] = iter.value.text;
    }
    *texts = read;
    *count = index;
    return true;
}

/* ---- several arguments that belong together ---- */

bool argument_write_options(const struct arguments *arguments, struct write_options *options,
                            ecommerce_error *err)
{
    *options = (struct write_options){
        .expected_version = argument_int(arguments, "expected_version", 0),
        .must_be_new = argument_bool(arguments, "must_be_new"),
    };
    if (argument_given(arguments, "expected_version") && options->expected_version < 1) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "expected_version",
                           "versions count from 1, not %" PRId64, options->expected_version);
    }
    return true;
}

bool argument_range(const struct arguments *arguments, struct time_range *range,
                    ecommerce_error *err)
{
    *range = (struct time_range){.from = INT64_MIN, .to = INT64_MAX};
    return argument_time(arguments, "from", &range->from, &range->has_from, err) &&
           argument_time(arguments, "to", &range->to, &range->has_to, err);
}
