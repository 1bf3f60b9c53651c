/*
 * recommendation_parts.h - recommendations in two steps, so that an answer which is composed of
 * more than them asks all its stores before it waits for any; for recommendations.c and
 * catalog_details.c.
 */
#pragma once

#include "services/analytics/recommendations.h"
#include "services/catalog/catalog_parts.h"

struct recommendation_pick {
    struct str product_id;
    struct str name;
    int64_t price;
    bool has_price;
    double score;
    struct str reason;
};

struct recommendation_question {
    enum recommendation_kind kind;
    struct str key;
    size_t count;
    struct str key_name; /* of the product asked about, for reasons; STR_NONE: looked up */

    struct graph_request request; /* private */
    size_t limit;                 /* private: candidates asked for */

    struct recommendation_pick *picks;
    size_t pick_count;
};

/* Sends the question to the graph; must be followed by recommendations_finish. */
void recommendations_begin(struct call *call, struct recommendation_question *question,
                           struct dependencies *dependencies);
/* Waits and picks. A graph that is away degrades the call. */
bool recommendations_finish(struct call *call, struct recommendation_question *questions,
                            size_t count, struct dependencies *dependencies,
                            ecommerce_error *err) MUST_CHECK;
/* Waits and picks nothing; for when something else has failed. */
void recommendations_abandon(struct call *call, struct recommendation_question *question);
void recommendations_write(struct call *call, struct doc_builder *out, const char *name,
                           const struct recommendation_question *question);
