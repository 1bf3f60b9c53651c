/*
 * packed_numbers.h - numbers in few bytes: seven bits a byte, the lowest first, the eighth bit set
 * in all bytes but the last. Signed ones have their sign in the lowest bit.
 */
#pragma once

#include "support/str.h"
#include "support/text.h"

#include <stdint.h>

void packed_add(struct text *text, uint64_t number);
void packed_add_signed(struct text *text, int64_t number);

/* They cut the number off the bytes' beginning. False when there is none, or only a part of one:
 * the bytes are as before then. */
bool packed_next(struct str *bytes, uint64_t *number);
bool packed_next_int(struct str *bytes, int64_t *number);
bool packed_next_signed(struct str *bytes, int64_t *number);
