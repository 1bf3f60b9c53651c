#include "ecommerce_system_parts.h"

#include "support/alloc.h"
#include "support/json.h"

struct ecommerce_document *document_new(void)
{
    struct ecommerce_document *document = mem_zalloc(1, sizeof(*document));
    if (document != NULL) {
        doc_builder_init(&document->builder);
    }
    return document;
}

bool document_seal(struct ecommerce_document *document)
{
    document->doc = doc_finish(&document->builder);
    return doc_builder_ok(&document->builder);
}

ecommerce_document *ecommerce_document_from_json(const char *json, size_t length,
                                                 ecommerce_error *err)
{
    struct ecommerce_document *document = document_new();
    if (document == NULL || json == NULL) {
        if (document == NULL) {
            error_memory(err);
        } else {
            error_set(err, ECOMMERCE_INVALID_JSON, "there is no text");
        }
        ecommerce_document_free(&document);
        return NULL;
    }
    struct str text = str_make(json, length == SIZE_MAX ? strlen(json) : length);
    if (!json_read(text, &document->builder, &document->doc, err)) {
        ecommerce_document_free(&document);
    }
    return document;
}

static const char *written(ecommerce_document *document, struct text *text, enum json_style style)
{
    if (text->len == 0) {
        json_write(text, document->doc, false, style);
    }
    return text_ok(text) ? text_cstr(text) : NULL;
}

const char *ecommerce_document_json(ecommerce_document *document)
{
    return written(document, &document->json, JSON_COMPACT);
}

const char *ecommerce_document_json_indented(ecommerce_document *document)
{
    return written(document, &document->indented, JSON_INDENTED);
}

const char *ecommerce_document_text(ecommerce_document *document, const char *path)
{
    struct doc_value value;
    if (!doc_find(document->doc, path, &value) || value.type != DOC_TEXT) {
        return NULL;
    }
    return arena_str(&document->texts, value.text);
}

int64_t ecommerce_document_int(const ecommerce_document *document, const char *path,
                               int64_t fallback)
{
    struct doc_value value;
    bool found = doc_find(document->doc, path, &value);
    return found && (value.type == DOC_INT || value.type == DOC_TIME) ? value.integer : fallback;
}

double ecommerce_document_double(const ecommerce_document *document, const char *path,
                                 double fallback)
{
    struct doc_value value;
    if (!doc_find(document->doc, path, &value)) {
        return fallback;
    }
    switch (value.type) {
    case DOC_DOUBLE:
        return value.number;
    case DOC_INT:
        return (double)value.integer;
    case DOC_DECIMAL: {
        double number = (double)value.decimal.coefficient;
        for (int i = value.decimal.exponent; i < 0; i++) {
            number /= 10;
        }
        return number;
    }
    default:
        return fallback;
    }
}

bool ecommerce_document_bool(const ecommerce_document *document, const char *path, bool fallback)
{
    struct doc_value value;
    bool found = doc_find(document->doc, path, &value);
    return found && value.type == DOC_BOOL ? value.boolean : fallback;
}

size_t ecommerce_document_count(const ecommerce_document *document, const char *path)
{
    struct doc_value value;
    if (!doc_find(document->doc, path, &value) ||
        (value.type != DOC_ARRAY && value.type != DOC_DOCUMENT)) {
        return 0;
    }
    return doc_count(value.child);
}

bool ecommerce_document_replayed(const ecommerce_document *document)
{
    return document->replayed;
}

const unsigned char *ecommerce_document_bytes(const ecommerce_document *document, size_t *size)
{
    *size = document->doc.size;
    return document->doc.bytes;
}

void ecommerce_document_free(ecommerce_document **document)
{
    if (document == NULL || *document == NULL) {
        return;
    }
    doc_builder_release(&(*document)->builder);
    text_release(&(*document)->json);
    text_release(&(*document)->indented);
    arena_release(&(*document)->texts);
    mem_free(*document);
    *document = NULL;
}
