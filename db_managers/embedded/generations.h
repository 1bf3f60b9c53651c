/*
 * generations.h - counters that tell all processes of a shop that something changed.
 *
 * The file `generations` in the shop's folder is an array of 64-bit counters, mapped into every
 * process and shared by keys by their hash. Reading one costs some ten nanoseconds. Who changes
 * something counts its key before the change can be seen and again after; who read a counter, then
 * the data, and finds the counter unchanged later, knows that the data is too. What the file holds
 * matters only while processes run that remember numbers of it: it is never synced.
 *
 * Its blocks are allocated when it is made, so that a full disk is an error at opening and not a
 * signal at the first touch. Any thread.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/str.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { GENERATION_SLOTS = 65536 };

struct generations {
    _Atomic uint64_t *slots; /* mapped; NULL: not open */
};

/* Makes the file (0600) in a folder that exists. STORAGE_FULL, STORAGE_FAILED, STORE_VERSION. */
bool generations_open(struct generations *generations, const char *folder,
                      ecommerce_error *err) MUST_CHECK;
/* What is not open is allowed. */
void generations_close(struct generations *generations);

uint64_t generations_read(const struct generations *generations, struct str key);
void generations_count(const struct generations *generations, struct str key);

/* The keys that one transaction changes. Zeroed it is empty; one thread at a time. */
struct generation_set {
    uint64_t slots[GENERATION_SLOTS / 64];
    bool any;
};

/* Counts the key `prefix` + `name` unless the set has it: call before the commit. */
void generation_set_add(struct generation_set *set, const struct generations *generations,
                        struct str prefix, struct str name);
/* All keys there can be. */
void generation_set_add_all(struct generation_set *set, const struct generations *generations);
/* Counts what is in the set once more and empties it: call after the commit, failed or not. */
void generation_set_finish(struct generation_set *set, const struct generations *generations);
