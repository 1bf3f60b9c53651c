/*
 * checker_derived.c - time series and graph against the facts.
 *
 * Time series: daily digests first; only days that differ are compared entry by entry. Graph: a
 * linear hash an order (sum of quantity times a hash of order and product), so that cancellations
 * and returns subtract. A fact whose mark is still on is on its way: it may be there or not.
 */
#include "services/orders/checker_parts.h"

#include <inttypes.h>
#include <stdio.h>

enum { PAGE = 1000, IDS_A_BATCH = 500 };

static const int64_t day_length = INT64_C(86400) * MICROSECONDS;

static int64_t day_of(int64_t time)
{
    int64_t day = time / day_length;
    return time % day_length < 0 ? day - 1 : day;
}

/* ---- time series ---- */

struct day_sums {
    int64_t day;
    int64_t count, quantity, amount;
    uint64_t hash;
    bool pending; /* a fact of this day is on its way */
    bool differs;
};

struct seen_entry {
    uint64_t hash;
    bool seen;
};

struct analytics_check {
    struct check *check;
    struct strmap days;          /* "15000" -> struct day_sums */
    struct strmap entries;       /* id -> struct seen_entry, of days that differ */
    struct str ids[IDS_A_BATCH]; /* facts without sale lines */
    size_t id_count;
};

static struct day_sums *day_sums_of(struct analytics_check *analytics, int64_t day,
                                    ecommerce_error *err)
{
    struct arena *arena = &analytics->check->call->arena;
    char key[24];
    snprintf(key, sizeof(key), "%" PRId64, day);
    struct day_sums *sums = strmap_get(&analytics->days, str_of(key));
    if (sums == NULL) {
        char *copy = arena_strdup(arena, key);
        sums = arena_alloc(arena, sizeof(*sums));
        if (copy == NULL || sums == NULL || !strmap_put(&analytics->days, str_of(copy), sums)) {
            error_memory(err);
            return NULL;
        }
        sums->day = day;
    }
    return sums;
}

static uint64_t entry_hash(const struct timeseries_entry *entry)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < entry->line_count; i++) {
        hash += sale_line_hash(entry, &entry->lines[i]);
    }
    return hash;
}

static bool check_ids(struct analytics_check *analytics, ecommerce_error *err)
{
    struct call *call = analytics->check->call;
    struct timeseries_request request = call_timeseries(call, TIMESERIES_HAS);
    request.ids = analytics->ids;
    request.id_count = analytics->id_count;
    if (analytics->id_count == 0) {
        return true;
    }
    if (!timeseries_run(call->shop->timeseries, &request, err)) {
        return false;
    }
    for (size_t i = 0; i < analytics->id_count; i++) {
        if (!request.present[i] && !check_add(analytics->check, FINDING_ANALYTICS_MISSING,
                                              analytics->ids[i], "applied", "not there", err)) {
            return false;
        }
    }
    analytics->id_count = 0;
    return true;
}

static bool note_without_lines(struct analytics_check *analytics, const struct fact_entries *fact,
                               ecommerce_error *err)
{
    if (fact->marks & MARK_TIMESERIES) {
        return true;
    }
    char *copy = arena_str(&analytics->check->call->arena, fact->id);
    if (copy == NULL) {
        return error_memory(err);
    }
    analytics->ids[analytics->id_count++] = str_make(copy, fact->id.len);
    return analytics->id_count < IDS_A_BATCH || check_ids(analytics, err);
}

static bool add_to_day(void *context, struct arena *page, const struct fact_entries *fact,
                       ecommerce_error *err)
{
    struct analytics_check *analytics = context;
    const struct timeseries_entry *entry = &fact->sales;
    UNUSED(page);
    if (!fact->has_sales) {
        return true;
    }
    if (entry->line_count == 0) {
        return note_without_lines(analytics, fact, err);
    }
    struct day_sums *sums = day_sums_of(analytics, day_of(entry->time), err);
    if (sums == NULL) {
        return false;
    }
    if (fact->marks & MARK_TIMESERIES) {
        sums->pending = true;
        return true;
    }
    for (size_t i = 0; i < entry->line_count; i++) {
        sums->count++;
        sums->quantity += entry->lines[i].quantity;
        sums->amount += entry->lines[i].amount;
    }
    sums->hash += entry_hash(entry);
    return true;
}

static bool compare_days(struct analytics_check *analytics, size_t *differing, ecommerce_error *err)
{
    struct call *call = analytics->check->call;
    struct timeseries_request request = call_timeseries(call, TIMESERIES_DIGESTS);
    struct strmap_entry *slot;
    request.from_day = INT64_MIN / 2;
    request.to_day = INT64_MAX / 2;
    *differing = 0;
    if (!timeseries_run(call->shop->timeseries, &request, err)) {
        return false;
    }
    for (size_t at = 0; (slot = strmap_next(&analytics->days, &at)) != NULL;) {
        struct day_sums *sums = slot->value;
        sums->differs = sums->count > 0 || sums->pending;
    }
    for (size_t i = 0; i < request.count; i++) {
        const struct day_digest *digest = &request.digests[i];
        struct day_sums *sums = day_sums_of(analytics, digest->day, err);
        if (sums == NULL) {
            return false;
        }
        sums->differs = sums->pending || digest->count != sums->count ||
                        digest->quantity != sums->quantity || digest->amount != sums->amount ||
                        digest->hash != sums->hash;
    }
    for (size_t at = 0; (slot = strmap_next(&analytics->days, &at)) != NULL;) {
        *differing += ((const struct day_sums *)slot->value)->differs;
    }
    return true;
}

static bool load_entries(struct analytics_check *analytics, int64_t day, ecommerce_error *err)
{
    struct call *call = analytics->check->call;
    struct str after = STR_NONE;
    for (;;) {
        struct timeseries_request request = call_timeseries(call, TIMESERIES_ENTRIES);
        request.from = day * day_length;
        request.to = (day + 1) * day_length;
        request.after = after;
        request.limit = PAGE;
        if (!timeseries_run(call->shop->timeseries, &request, err)) {
            return false;
        }
        for (size_t i = 0; i < request.count; i++) {
            struct seen_entry *seen = arena_alloc(&call->arena, sizeof(*seen));
            if (seen == NULL ||
                !strmap_put(&analytics->entries, request.found_entries[i].id, seen)) {
                return error_memory(err);
            }
            seen->hash = entry_hash(&request.found_entries[i]);
        }
        if (request.cursor.ptr == NULL) {
            return true;
        }
        after = request.cursor;
    }
}

static bool compare_entry(void *context, struct arena *page, const struct fact_entries *fact,
                          ecommerce_error *err)
{
    struct analytics_check *analytics = context;
    UNUSED(page);
    if (!fact->has_sales) {
        return true;
    }
    struct day_sums *sums = day_sums_of(analytics, day_of(fact->sales.time), err);
    if (sums == NULL) {
        return false;
    }
    struct seen_entry *seen = strmap_get(&analytics->entries, fact->id);
    if (seen == NULL) {
        bool due = sums->differs && fact->sales.line_count > 0 && !(fact->marks & MARK_TIMESERIES);
        return !due || check_add(analytics->check, FINDING_ANALYTICS_MISSING, fact->id, "applied",
                                 "not there", err);
    }
    seen->seen = true;
    return seen->hash == entry_hash(&fact->sales) ||
           check_add(analytics->check, FINDING_ANALYTICS_DIFFERS, fact->id, "the fact's lines",
                     "other lines", err);
}

/* Damage was reported by check_facts; here it is passed over. */
static bool pass_over(void *context, enum documents_collection collection, struct str id,
                      const ecommerce_error *why)
{
    UNUSED(context);
    UNUSED(collection);
    UNUSED(id);
    UNUSED(why);
    return true;
}

/* An order that came while the facts were read is no ghost. */
static bool check_ghost(struct check *check, struct str id, enum finding_kind kind,
                        ecommerce_error *err)
{
    static const enum documents_collection collections[] = {
        COLLECTION_ORDERS, COLLECTION_ORDER_CHANGES, COLLECTION_MOVEMENTS};
    for (size_t i = 0; i < ARRAY_LENGTH(collections); i++) {
        struct stored_document stored;
        bool found;
        if (!call_get(check->call, collections[i], id, true, &stored, &found, err)) {
            return false;
        }
        if (found && !str_is(doc_text(stored.doc, "status"), "aborted")) {
            return true;
        }
    }
    return check_add(check, kind, id, "nothing", "an entry without its fact", err);
}

static bool compare_differing(struct analytics_check *analytics, ecommerce_error *err)
{
    struct fact_walk walk = {.each = compare_entry, .damaged = pass_over, .context = analytics};
    struct strmap_entry *slot;
    for (size_t at = 0; (slot = strmap_next(&analytics->days, &at)) != NULL;) {
        const struct day_sums *sums = slot->value;
        if (sums->differs && !load_entries(analytics, sums->day, err)) {
            return false;
        }
    }
    if (!facts_walk(analytics->check->call, &walk, err)) {
        return false;
    }
    for (size_t at = 0; (slot = strmap_next(&analytics->entries, &at)) != NULL;) {
        const struct seen_entry *seen = slot->value;
        if (!seen->seen &&
            !check_ghost(analytics->check, slot->key, FINDING_ANALYTICS_GHOST, err)) {
            return false;
        }
    }
    return true;
}

bool check_analytics(struct check *check, ecommerce_error *err)
{
    struct analytics_check *analytics = arena_alloc(&check->call->arena, sizeof(*analytics));
    if (analytics == NULL) {
        return error_memory(err);
    }
    analytics->check = check;
    struct fact_walk walk = {.each = add_to_day, .damaged = pass_over, .context = analytics};
    size_t differing;
    bool ok = facts_walk(check->call, &walk, err) && check_ids(analytics, err) &&
              compare_days(analytics, &differing, err) &&
              (differing == 0 || compare_differing(analytics, err));
    strmap_release(&analytics->days);
    strmap_release(&analytics->entries);
    return ok;
}

/* ---- graph ---- */

struct order_relations {
    uint64_t hash;
    bool pending;
    bool known; /* its order was seen, not only a change of it */
    bool seen;
};

struct graph_check {
    struct check *check;
    struct strmap orders;
};

static uint64_t relation_hash(struct str order_id, struct str product_id)
{
    uint64_t hash = str_hash(order_id) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ str_hash(product_id);
}

static uint64_t relations_hash(const struct graph_entry *entry)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < entry->line_count; i++) {
        sum += (uint64_t)entry->lines[i].quantity *
               relation_hash(entry->order_id, entry->lines[i].product_id);
    }
    return sum;
}

static bool add_relations(void *context, struct arena *page, const struct fact_entries *fact,
                          ecommerce_error *err)
{
    struct graph_check *graph = context;
    UNUSED(page);
    if (!fact->has_graph) {
        return true;
    }
    struct arena *arena = &graph->check->call->arena;
    struct order_relations *relations = strmap_get(&graph->orders, fact->graph.order_id);
    if (relations == NULL) {
        char *copy = arena_str(arena, fact->graph.order_id);
        relations = arena_alloc(arena, sizeof(*relations));
        if (copy == NULL || relations == NULL ||
            !strmap_put(&graph->orders, str_make(copy, fact->graph.order_id.len), relations)) {
            return error_memory(err);
        }
    }
    relations->pending = relations->pending || (fact->marks & MARK_GRAPH) != 0;
    relations->known = relations->known || fact->graph.kind == GRAPH_ORDER;
    uint64_t hash = relations_hash(&fact->graph);
    relations->hash += fact->graph.kind == GRAPH_ORDER ? hash : 0 - hash;
    return true;
}

static bool compare_graph_page(struct graph_check *graph, const struct graph_request *request,
                               ecommerce_error *err)
{
    for (size_t i = 0; i < request->count; i++) {
        const struct graph_entry *entry = &request->found_entries[i];
        struct order_relations *relations = strmap_get(&graph->orders, entry->order_id);
        bool ok = true;
        if (relations == NULL) {
            ok = check_ghost(graph->check, entry->order_id, FINDING_GRAPH_GHOST, err);
        } else {
            relations->seen = true;
            ok = relations->pending || relations->hash == relations_hash(entry) ||
                 check_add(graph->check, FINDING_GRAPH_DIFFERS, entry->order_id,
                           "the order's relations", "other relations", err);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool compare_graph(struct graph_check *graph, ecommerce_error *err)
{
    struct call *call = graph->check->call;
    struct arena page = {0};
    struct id after = {0};
    bool ok, end;
    do {
        struct graph_request request = call_graph(call, GRAPH_ENTRIES);
        request.after = after.text[0] != '\0' ? str_of(after.text) : STR_NONE;
        request.limit = PAGE;
        request.base.arena = &page;
        ok =
            graph_run(call->shop->graph, &request, err) && compare_graph_page(graph, &request, err);
        end = !ok || request.cursor.ptr == NULL;
        if (!end) {
            snprintf(after.text, sizeof(after.text), "%.*s", STR_ARG(request.cursor));
        }
        arena_reset(&page);
    } while (!end);
    arena_release(&page);
    return ok;
}

bool check_graph(struct check *check, ecommerce_error *err)
{
    struct graph_check graph = {.check = check};
    struct fact_walk walk = {.each = add_relations, .damaged = pass_over, .context = &graph};
    struct strmap_entry *slot;
    bool ok = facts_walk(check->call, &walk, err) && compare_graph(&graph, err);
    for (size_t at = 0; ok && (slot = strmap_next(&graph.orders, &at)) != NULL;) {
        const struct order_relations *relations = slot->value;
        if (!relations->seen && !relations->pending && relations->known) {
            ok = check_add(check, FINDING_GRAPH_MISSING, slot->key, "an order with its relations",
                           "not there", err);
        }
    }
    strmap_release(&graph.orders);
    return ok;
}
