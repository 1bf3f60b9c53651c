/*
 * Any bytes as JSON: what is read makes a valid document, and what that is written as, compact or
 * indented, reads back as the same document.
 */

#include "support/json.h"

#include <assert.h>
#include <stdint.h>

static void check_round_trip(struct doc doc, enum json_style style)
{
    struct doc_builder builder;
    struct text text = {0};
    struct doc again;
    ecommerce_error err = {.code = ECOMMERCE_OK};
    doc_builder_init(&builder);
    json_write(&text, doc, false, style);
    assert(text_ok(&text) && str_is_utf8(text_str(&text)));
    if (text.len <= DOC_MAX_SIZE) {
        assert(json_read(text_str(&text), &builder, &again, &err));
        assert(doc_equal(doc, again));
    }
    text_release(&text);
    doc_builder_release(&builder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct doc_builder builder;
    struct doc doc;
    ecommerce_error err = {.code = ECOMMERCE_OK};
    doc_builder_init(&builder);
    bool read = json_read(str_make(data, size), &builder, &doc, &err);
    assert(read == (err.code == ECOMMERCE_OK));
    if (read) {
        assert(doc_validate(doc.bytes, doc.size, &err));
        check_round_trip(doc, JSON_COMPACT);
        check_round_trip(doc, JSON_INDENTED);
    } else {
        assert(doc_is_empty(doc) && err.message[0] != '\0' && str_is_utf8(str_of(err.field)));
    }
    doc_builder_release(&builder);
    return 0;
}
