/* operations_admin.c - for operators: health, metrics, logs, checks, rebuilds, parked deliveries.
 */
#include "operations/operation_values.h"
#include "services/orders/checker.h"
#include "services/orders/order_runtime.h"
#include "services/orders/recovery.h"
#include "services/orders/relay.h"

#include <stdatomic.h>

enum { LOG_PAGE = 50, PARKED_PAGE = 100, PENDING_COUNTED = 1000 };

/* ---- health ---- */

#define HEALTH_PATIENCE (INT64_C(2) * MICROSECONDS)

static struct base_manager *manager_of(struct shop *shop, int role)
{
    struct base_manager *const managers[MANAGER_ROLES] = {
        [ROLE_DOCUMENTS] = &shop->documents->base,
        [ROLE_LIVE] = &shop->live->base,
        [ROLE_TIMESERIES] = &shop->timeseries->base,
        [ROLE_GRAPH] = &shop->graph->base,
    };
    return managers[role];
}

/* A store that hangs must not keep its neighbours from being asked. */
static int64_t patience(const struct call *call)
{
    int64_t soon = seams_monotonic(call->shop->seams) + HEALTH_PATIENCE;
    return soon < call->deadline ? soon : call->deadline;
}

/* One store's entry; true when it is up. */
static bool add_health(struct call *call, int role, struct doc_builder *out)
{
    struct doc_builder entry;
    doc_builder_init(&entry);
    manager_health(manager_of(call->shop, role), patience(call), &entry);
    struct doc health = doc_finish(&entry);
    bool up = str_is(doc_text(health, "state"), "up");
    doc_add_doc(out, manager_role_name((enum manager_role)role), health);
    doc_builder_release(&entry);
    return up;
}

struct backlog {
    int64_t pending;
    int64_t oldest; /* wall clock; 0: nothing waits */
    bool more;      /* there may be more than were counted */
};

static bool count_pending(struct call *call, enum documents_collection collection, bool parked,
                          struct backlog *backlog, ecommerce_error *err)
{
    static const char *const times[DOCUMENTS_COLLECTIONS] = {
        [COLLECTION_ORDERS] = "placed_at",
        [COLLECTION_ORDER_CHANGES] = "at",
        [COLLECTION_MOVEMENTS] = "at",
    };
    struct documents_query query = {.limit = PENDING_COUNTED};
    struct documents_request request =
        call_documents(call, DOCUMENTS_PENDING, collection, STR_NONE);
    request.base.deadline = patience(call);
    request.query = &query;
    request.marks = MARKS_ALL;
    request.due = INT64_MAX;
    request.parked = parked;
    if (!documents_run(call->shop->documents, &request, err)) {
        return false;
    }
    backlog->pending += (int64_t)request.count;
    backlog->more = backlog->more || request.count == PENDING_COUNTED;
    int64_t first =
        request.count == 0 ? 0 : doc_int(request.documents[0].doc, times[collection], 0);
    if (first != 0 && (backlog->oldest == 0 || first < backlog->oldest)) {
        backlog->oldest = first;
    }
    return true;
}

static bool measure(struct call *call, bool parked, struct backlog *backlog, ecommerce_error *err)
{
    *backlog = (struct backlog){0};
    return count_pending(call, COLLECTION_ORDERS, parked, backlog, err) &&
           count_pending(call, COLLECTION_ORDER_CHANGES, parked, backlog, err) &&
           count_pending(call, COLLECTION_MOVEMENTS, parked, backlog, err);
}

static void add_backlog(struct call *call)
{
    struct backlog waiting, parked;
    struct arena_mark mark = arena_save(&call->arena);
    ecommerce_error why;
    if (measure(call, false, &waiting, &why) && measure(call, true, &parked, &why)) {
        int64_t age = waiting.oldest == 0 ? 0 : call_wall(call) - waiting.oldest;
        doc_add_int(call->out, "pending", waiting.pending);
        doc_add_int(call->out, "parked", parked.pending);
        doc_add_bool(call->out, "more", waiting.more || parked.more);
        doc_add_double(call->out, "lag_seconds", (double)(age < 0 ? 0 : age) / MICROSECONDS);
    } else {
        doc_adds(call->out, "error", why.message);
    }
    arena_restore(&call->arena, mark);
}

static void add_relay(struct call *call, bool documents_up)
{
    struct order_runtime *runtime = call->shop->orders;
    pthread_mutex_lock(&runtime->queue_lock);
    int64_t queue = (int64_t)runtime->queue_length, busy = (int64_t)runtime->in_delivery;
    bool runs = runtime->thread_runs;
    pthread_mutex_unlock(&runtime->queue_lock);
    doc_open(call->out, "relay");
    doc_add_bool(call->out, "background", runs);
    doc_add_int(call->out, "queue", queue);
    doc_add_int(call->out, "in_delivery", busy);
    if (documents_up) {
        add_backlog(call);
    }
    doc_close(call->out);
}

static int64_t epoch_of(struct order_runtime *runtime)
{
    pthread_mutex_lock(&runtime->epoch_lock);
    int64_t epoch = runtime->epoch;
    pthread_mutex_unlock(&runtime->epoch_lock);
    return epoch;
}

/* Orders need documents and live; without the others analytics and recommendations wait. */
static const char *status_of(unsigned up)
{
    unsigned needed = 1u << ROLE_DOCUMENTS | 1u << ROLE_LIVE;
    bool all = up == (1u << MANAGER_ROLES) - 1;
    return all ? "up" : (up & needed) == needed ? "degraded" : "down";
}

static bool health(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    UNUSED(arguments);
    unsigned up = 0;
    struct doc_builder stores;
    doc_builder_init(&stores);
    for (int role = 0; role < MANAGER_ROLES; role++) {
        up |= add_health(call, role, &stores) ? 1u << role : 0;
    }
    struct doc entries = doc_finish(&stores);
    bool ok = doc_builder_check(&stores, err);
    doc_adds(call->out, "status", status_of(up));
    doc_adds(call->out, "version", ECOMMERCE_VERSION);
    doc_adds(call->out, "shop_id", call->shop->shop_id.text);
    doc_adds(call->out, "currency", call->shop->currency.code);
    doc_add_int(call->out, "epoch", epoch_of(call->shop->orders));
    add_relay(call, (up & 1u << ROLE_DOCUMENTS) != 0);
    doc_add_doc(call->out, "stores", entries);
    doc_builder_release(&stores);
    return ok;
}

/* ---- metrics ---- */

static void add_counter(struct doc_builder *out, const char *name, const _Atomic uint64_t *counter)
{
    doc_add_int(out, name, (int64_t)atomic_load_explicit(counter, memory_order_relaxed));
}

static void add_order_counters(struct call *call)
{
    struct order_runtime *runtime = call->shop->orders;
    struct doc_builder *out = call->out;
    doc_open(out, "orders");
    add_counter(out, "placed", &runtime->counters.placed);
    add_counter(out, "replayed", &runtime->counters.replayed);
    add_counter(out, "refused", &runtime->counters.refused);
    add_counter(out, "voided", &runtime->counters.voided);
    add_counter(out, "aborted", &runtime->counters.aborted);
    doc_close(out);
    doc_open(out, "relay");
    add_counter(out, "delivered", &runtime->counters.delivered);
    add_counter(out, "delivery_failures", &runtime->counters.delivery_failures);
    add_counter(out, "parked", &runtime->counters.parked);
    add_counter(out, "queue_overflows", &runtime->counters.queue_overflows);
    add_counter(out, "rebuilds", &runtime->counters.rebuilds);
    int64_t newest =
        atomic_load_explicit(&runtime->counters.newest_delivered, memory_order_relaxed);
    if (newest != 0) {
        doc_add_time(out, "newest_delivered", newest);
    }
    doc_close(out);
}

static bool metrics(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    UNUSED(arguments);
    UNUSED(err);
    add_order_counters(call);
    doc_open(call->out, "stores");
    for (int role = 0; role < MANAGER_ROLES; role++) {
        doc_open(call->out, manager_role_name((enum manager_role)role));
        manager_metrics(manager_of(call->shop, role), call->out);
        doc_close(call->out);
    }
    doc_close(call->out);
    return true;
}

/* ---- error log and audit log ---- */

static void add_log_entry(struct doc_builder *out, const struct stored_document *entry)
{
    doc_open(out, NULL);
    doc_add_text(out, "id", entry->id);
    struct doc_iter iter;
    for (doc_iter_init(&iter, entry->doc); doc_iter_next(&iter);) {
        bool blank = iter.value.type == DOC_NULL ||
                     (iter.value.type == DOC_TEXT && iter.value.text.len == 0);
        if (str_is(iter.value.key, "at") && iter.value.type == DOC_INT) {
            doc_add_time(out, "at", iter.value.integer);
        } else if (!blank) {
            doc_add_value(out, NULL, &iter.value);
        }
    }
    doc_close(out);
}

static bool show_log(struct call *call, const struct arguments *arguments,
                     enum documents_collection collection, ecommerce_error *err)
{
    struct time_range range;
    struct documents_query query = {
        .order = ORDER_BY_NUMBER, .range_field = "at", .descending = true};
    if (!argument_range(arguments, &range, err) || !argument_limit(arguments, &query.limit, err)) {
        return false;
    }
    query.from = range.from;
    query.to = range.to;
    query.limit = query.limit == 0 ? LOG_PAGE : query.limit;
    query.after = argument_text(arguments, "cursor");
    if (argument_given(arguments, "kind")) {
        query.terms[0] = (struct documents_term){"kind", argument_text(arguments, "kind")};
        query.term_count = 1;
    }
    struct documents_request request = call_documents(call, DOCUMENTS_QUERY, collection, STR_NONE);
    request.query = &query;
    if (!documents_run(call->shop->documents, &request, err)) {
        return false;
    }
    doc_open_array(call->out, "entries");
    for (size_t i = 0; i < request.count; i++) {
        add_log_entry(call->out, &request.documents[i]);
    }
    doc_close(call->out);
    if (request.cursor.ptr != NULL) {
        doc_add_text(call->out, "cursor", request.cursor);
    }
    return true;
}

static bool errors(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return show_log(call, arguments, COLLECTION_ERRORS, err);
}

static bool audit(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return show_log(call, arguments, COLLECTION_AUDIT, err);
}

/* ---- checks, rebuilds, deliveries ---- */

static bool check(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct check_options options = {.repair = argument_bool(arguments, "repair"),
                                    .dry_run = argument_bool(arguments, "dry_run")};
    return argument_limit(arguments, &options.limit, err) && checker_run(call, &options, err);
}

static bool rebuild(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    struct str what = argument_text(arguments, "what");
    if (str_is(what, "stock")) {
        return recovery_rebuild_stock(call, err);
    }
    if (str_is(what, "analytics")) {
        return rebuild_analytics(call, err);
    }
    if (str_is(what, "graph")) {
        return rebuild_graph(call, err);
    }
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "what",
                       "'%.*s' is none of analytics, graph, stock", STR_ARG(what));
}

static bool flush(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    UNUSED(arguments);
    if (!relay_drain(call, err)) {
        return false;
    }
    doc_add_bool(call->out, "flushed", true);
    return true;
}

static bool parked_list(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    size_t limit;
    return argument_limit(arguments, &limit, err) &&
           relay_parked_list(call, limit == 0 ? PARKED_PAGE : limit, err);
}

static bool parked_replay(struct call *call, const struct arguments *arguments,
                          ecommerce_error *err)
{
    return relay_parked_replay(call, argument_text(arguments, "id"), err);
}

static bool parked_drop(struct call *call, const struct arguments *arguments, ecommerce_error *err)
{
    return relay_parked_drop(call, argument_text(arguments, "id"),
                             argument_text(arguments, "reason"), err);
}

/* ---- the table ---- */

#define LOG_ARGUMENTS                                                                              \
    {                                                                                              \
        {"kind", ARGUMENT_TEXT, 0, "Entries of this kind only"},                                   \
            {"from", ARGUMENT_TIME, 0, "At this time or later"},                                   \
            {"to", ARGUMENT_TIME, 0, "Before this time"},                                          \
            {"limit", ARGUMENT_INTEGER, 0, "Entries in one answer"},                               \
            {"cursor", ARGUMENT_TEXT, 0, "Where the answer before ended"},                         \
    }
#define PARKED_ID                                                                                  \
    {                                                                                              \
        "id", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,                                \
            "Id of the order, change or movement"                                                  \
    }

const struct operation admin_operations[] = {
    {.name = "health",
     .command = "health",
     .summary = "Ask every store whether it answers, and what waits to be delivered",
     .flags = OPERATION_ADMIN,
     .run = health},
    {.name = "metrics",
     .command = "metrics",
     .summary = "Show counters and latencies of this process",
     .flags = OPERATION_ADMIN,
     .run = metrics},
    {.name = "errors",
     .command = "errors",
     .summary = "Show the error log, newest first",
     .flags = OPERATION_ADMIN,
     .run = errors,
     .arguments = LOG_ARGUMENTS},
    {.name = "audit",
     .command = "audit",
     .summary = "Show the audit log, newest first: who repaired or erased what",
     .flags = OPERATION_ADMIN,
     .run = audit,
     .arguments = LOG_ARGUMENTS},
    {.name = "check",
     .command = "check",
     .summary = "Compare the stores with the facts and each other, and mend on request",
     .flags = OPERATION_ADMIN | OPERATION_LONG | OPERATION_CHANGES,
     .run = check,
     .arguments = {{"repair", ARGUMENT_BOOL, 0, "Mend what can be mended"},
                   {"dry_run", ARGUMENT_BOOL, 0, "With repair: only say what would be done"},
                   {"limit", ARGUMENT_INTEGER, 0, "Findings listed; all are counted"}}},
    {.name = "rebuild",
     .command = "rebuild",
     .summary = "Build a derived store again from the facts, while the shop sells",
     .flags = OPERATION_ADMIN | OPERATION_LONG | OPERATION_CHANGES,
     .run = rebuild,
     .arguments = {{"what", ARGUMENT_TEXT, ARGUMENT_REQUIRED | ARGUMENT_POSITION,
                    "analytics, graph or stock"}}},
    {.name = "flush",
     .command = "flush",
     .summary = "Wait until all that is placed is in analytics and recommendations",
     .flags = OPERATION_ADMIN | OPERATION_LONG | OPERATION_CHANGES,
     .run = flush},
    {.name = "parked_list",
     .command = "parked list",
     .summary = "List what could not be delivered and waits for an operator",
     .flags = OPERATION_ADMIN,
     .run = parked_list,
     .arguments = {{"limit", ARGUMENT_INTEGER, 0, "Entries in one answer"}}},
    {.name = "parked_replay",
     .command = "parked replay",
     .summary = "Try to deliver a parked order, change or movement again",
     .flags = OPERATION_ADMIN | OPERATION_CHANGES,
     .run = parked_replay,
     .arguments = {PARKED_ID}},
    {.name = "parked_drop",
     .command = "parked drop",
     .summary = "Give up delivering a parked order, change or movement",
     .flags = OPERATION_ADMIN | OPERATION_CHANGES,
     .run = parked_drop,
     .arguments = {PARKED_ID,
                   {"reason", ARGUMENT_TEXT, ARGUMENT_REQUIRED, "Why, for the audit log"}}},
    {.name = NULL},
};
