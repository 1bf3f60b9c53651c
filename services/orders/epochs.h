/*
 * epochs.h - the lives of the stock counters, and who is judged valid in them.
 *
 * Two inserts make an epoch n: "n" seals everything before it; "n/base" opens it and says from
 * which parent epoch it was counted, on which live store (identity), and which orders of the parent
 * that still bore the stock mark it carried over. Whoever dies between the two is overtaken by n+1.
 *
 * An order is valid when it has no void change, and its stock mark is off (it was judged before),
 * or its epoch is the newest, or the base counted from its epoch lists it (and so on back from the
 * newest). Every other order is void.
 */
#pragma once

#include "services/orders/order_runtime.h"
#include "support/strmap.h"

struct epoch_base {
    int64_t epoch;
    int64_t parent; /* 0: none */
    struct str identity;
    int64_t sequence;   /* of the live store, remembered when the base is written; 0: it has none */
    struct doc counted; /* array of order ids; a long list is in `parts` documents of their own */
    int64_t parts;
};

/* The newest sealed epoch, by decisive point reads upwards from `known` (0: from the first). */
bool epochs_newest(struct call *call, int64_t known, int64_t *newest,
                   ecommerce_error *err) MUST_CHECK;
/* *found false: sealed and not open (or never sealed). */
bool epochs_base(struct call *call, int64_t epoch, struct epoch_base *base, bool *found,
                 ecommerce_error *err) MUST_CHECK;
/* The newest epoch at or below `from` that has a base; epoch 0 when there is none. */
bool epochs_newest_base(struct call *call, int64_t from, struct epoch_base *base,
                        ecommerce_error *err) MUST_CHECK;
/* *won false: somebody else sealed it. */
bool epochs_seal(struct call *call, int64_t epoch, bool *won, ecommerce_error *err) MUST_CHECK;
/* Writes the base with its counted ids (parts first). */
bool epochs_open(struct call *call, const struct epoch_base *base, const struct str *counted,
                 size_t counted_count, bool *won, ecommerce_error *err) MUST_CHECK;
/* Adds the ids that this base counted to the set; keys live in the call's arena. */
bool epochs_counted(struct call *call, const struct epoch_base *base, struct strmap *set,
                    ecommerce_error *err) MUST_CHECK;

enum judgement { JUDGED_VALID, JUDGED_VOID, JUDGED_UNDECIDED /* a sealed epoch has no base yet */ };

/* Judges by the documents alone, after `newest` was read decisively and later than the order's
 * insert was acknowledged. Reads changes only where the rule needs them. */
bool epochs_judge(struct call *call, const struct order *order, int64_t newest,
                  enum judgement *judgement, ecommerce_error *err) MUST_CHECK;
