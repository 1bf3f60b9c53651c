/*
 * merge_patch.h - JSON merge patch (RFC 7396) on documents.
 */
#pragma once

#include "support/doc.h"

/* Adds to the open level of `out`: the fields of `target` as `patch` changes them, then its new
 * ones. Null in the patch removes a field; documents in it are merged into documents; everything
 * else, arrays too, takes the old value's place. A failure stays in the builder. */
void merge_patch_add(struct doc_builder *out, struct doc target, struct doc patch);
