#include "ecommerce_arguments.h"

#include "support/timestamp.h"

#include <stdio.h>

void arguments_begin(struct argument_builder *args)
{
    doc_builder_init(&args->doc);
    args->wrong[0] = '\0';
}

void arguments_text(struct argument_builder *args, const char *name, const char *value)
{
    if (value == NULL) {
        return;
    }
    if (!str_is_utf8(str_of(value))) {
        snprintf(args->wrong, sizeof(args->wrong), "%s", name != NULL ? name : "an element");
        return;
    }
    doc_adds(&args->doc, name, value);
}

void arguments_texts(struct argument_builder *args, const char *name, const char *const *values,
                     size_t count)
{
    doc_open_array(&args->doc, name);
    for (size_t i = 0; i < count; i++) {
        arguments_text(args, NULL, values[i]);
    }
    doc_close(&args->doc);
}

void arguments_int(struct argument_builder *args, const char *name, int64_t value)
{
    doc_add_int(&args->doc, name, value);
}

void arguments_limit(struct argument_builder *args, size_t limit)
{
    if (limit != 0) {
        doc_add_int(&args->doc, "limit", limit > INT32_MAX ? INT32_MAX : (int64_t)limit);
    }
}

void arguments_version(struct argument_builder *args, int64_t version)
{
    if (version != 0) {
        doc_add_int(&args->doc, "expected_version", version);
    }
}

void arguments_flag(struct argument_builder *args, const char *name, bool value)
{
    if (value) {
        doc_add_bool(&args->doc, name, true);
    }
}

/* As text: a time in a document has milliseconds only. */
void arguments_time(struct argument_builder *args, const char *name, int64_t microseconds)
{
    char text[TIMESTAMP_TEXT];
    if (microseconds != 0) {
        timestamp_format(microseconds, text);
        doc_adds(&args->doc, name, text);
    }
}

void arguments_document(struct argument_builder *args, const char *name,
                        const ecommerce_document *document)
{
    if (document != NULL) {
        doc_add_doc(&args->doc, name, document->doc);
    }
}

bool arguments_run(struct argument_builder *args, ecommerce_system *system, const char *operation,
                   ecommerce_document **answer, ecommerce_error *err)
{
    bool ok = false;
    if (answer != NULL) {
        *answer = NULL;
    }
    struct doc arguments = doc_finish(&args->doc);
    if (args->wrong[0] != '\0') {
        error_field(err, ECOMMERCE_INVALID_ARGUMENT, args->wrong, "%s is not valid UTF-8",
                    args->wrong);
    } else if (doc_builder_check(&args->doc, err)) {
        const struct operation *row = operation_find(operation);
        ok = row != NULL ? system_run(system, row, arguments, answer, err)
                         : error_set(err, ECOMMERCE_UNKNOWN_OPERATION, "there is no operation '%s'",
                                     operation);
    }
    doc_builder_release(&args->doc);
    return ok;
}
