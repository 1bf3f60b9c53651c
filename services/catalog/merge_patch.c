#include "services/catalog/merge_patch.h"

static bool find(struct doc doc, struct str key, struct doc_value *value)
{
    struct doc_iter iter;
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);) {
        if (str_equal(iter.value.key, key)) {
            *value = iter.value;
            return true;
        }
    }
    return false;
}

/* Keys of documents end in a NUL byte, so that they can be given to the builder. */
static void add_patched(struct doc_builder *out, const struct doc_value *old,
                        const struct doc_value *change)
{
    if (change->type == DOC_NULL) {
        return;
    }
    if (change->type != DOC_DOCUMENT) {
        doc_add_value(out, NULL, change);
        return;
    }
    doc_open(out, change->key.ptr);
    merge_patch_add(out, old && old->type == DOC_DOCUMENT ? old->child : DOC_EMPTY, change->child);
    doc_close(out);
}

void merge_patch_add(struct doc_builder *out, struct doc target, struct doc patch)
{
    struct doc_iter iter;
    struct doc_value other;
    for (doc_iter_init(&iter, target); doc_iter_next(&iter);) {
        if (find(patch, iter.value.key, &other)) {
            add_patched(out, &iter.value, &other);
        } else {
            doc_add_value(out, NULL, &iter.value);
        }
    }
    for (doc_iter_init(&iter, patch); doc_iter_next(&iter);) {
        if (!find(target, iter.value.key, &other)) {
            add_patched(out, NULL, &iter.value);
        }
    }
}
