/*
 * events.h - what customers do in the shop: viewed, searched, added to the cart, removed from it.
 *
 * An event is appended to the live store's bounded buffer, which costs one small write, and relayed
 * from there in batches to the time series and, where it names a customer and a product, to the
 * graph. Each receiver takes an event once, by its id. Events are hints for analytics and
 * recommendations, never facts: they are lost with the live store, and the oldest are lost when
 * nothing could be relayed for EVENTS_BUFFERED events.
 */
#pragma once

#include "services/shop.h"

enum { EVENTS_BUFFERED = 100000, EVENTS_BATCH = 256, EVENT_TEXT_MAX = 500 };

struct event {
    /* "viewed", "added_to_cart", "removed_from_cart" (these need a product), "searched" (needs a
     * text), or a name of the shop's own: a lower-case letter, then up to 31 of a-z, 0-9 and _ */
    struct str kind;
    struct str event_id;    /* STR_NONE: a new one. The same id again is not counted again. */
    struct str customer_id; /* STR_NONE: a guest */
    struct str session;     /* hash of the session's token, never the token; STR_NONE: none */
    struct str item_id;     /* product or variant; STR_NONE: none */
    struct str text;        /* searched words, cut at EVENT_TEXT_MAX bytes; STR_NONE: none */
    int64_t at;             /* wall clock; 0: now */
};

/* Answer: {event_id, at}. Errors: INVALID_ARGUMENT, UNKNOWN_PRODUCT, UNKNOWN_CUSTOMER (also an
 * erased one); those of the stores. */
bool record_event(struct call *call, const struct event *event, ecommerce_error *err) MUST_CHECK;

/* For other services: appends an event whose ids are known to be right. It never fails the caller;
 * an event that cannot be written is left out and the log says so. `item_id` is a product's. */
void events_note(struct call *call, const struct event *event);

/* One batch, oldest first, to the time series and the graph, then taken off the buffer. *worked:
 * there was one. On an error the batch stays in the buffer, to be relayed again, and *worked is
 * untouched; an event that a receiver refuses for what it says is written to the error log and
 * dropped. */
bool events_relay_step(struct call *call, bool *worked, ecommerce_error *err) MUST_CHECK;
