#include "services/orders/relay.h"

#include "services/orders/order_protocol.h"
#include "services/orders/relay_deliver.h"

#include "support/alloc.h"

#include <stdio.h>

/* ---- the queue ---- */

static struct relay_item *item_new(enum fact_kind kind, const struct stored_document *fact)
{
    struct relay_item *item = mem_alloc(sizeof(*item) + fact->doc.size + fact->id.len + 1);
    if (item == NULL) {
        return NULL;
    }
    uint8_t *bytes = (uint8_t *)(item + 1);
    char *id = (char *)bytes + fact->doc.size;
    memcpy(bytes, fact->doc.bytes, fact->doc.size);
    memcpy(id, fact->id.ptr, fact->id.len);
    id[fact->id.len] = '\0';
    *item = (struct relay_item){.kind = kind, .stored = *fact};
    item->stored.doc = (struct doc){.bytes = bytes, .size = fact->doc.size};
    item->stored.id = str_make(id, fact->id.len);
    return item;
}

void relay_hand_over(struct shop *shop, enum fact_kind kind, const struct stored_document *fact)
{
    struct order_runtime *runtime = shop->orders;
    size_t limit = (size_t)settings_int(shop->settings, SETTING_RELAY_QUEUE);
    if (fact->marks == 0) {
        return;
    }
    struct relay_item *item = item_new(kind, fact);
    pthread_mutex_lock(&runtime->queue_lock);
    bool fits = item != NULL && runtime->queue_length < limit;
    if (fits) {
        *runtime->queue_last = item;
        runtime->queue_last = &item->next;
        /* The background sleeps without a limit only while the queue is empty. */
        if (runtime->queue_length++ == 0) {
            pthread_cond_broadcast(&runtime->queue_changed);
        }
    }
    pthread_mutex_unlock(&runtime->queue_lock);
    if (!fits) {
        mem_free(item);
        atomic_fetch_add(&runtime->counters.queue_overflows, 1);
    }
}

void relay_wait_for_room(struct shop *shop, int64_t deadline)
{
    struct order_runtime *runtime = shop->orders;
    size_t half = (size_t)settings_int(shop->settings, SETTING_RELAY_QUEUE) / 2;
    const struct seams *seams = shop->seams;
    for (;;) {
        pthread_mutex_lock(&runtime->queue_lock);
        bool room = runtime->queue_length <= half || !runtime->thread_runs;
        pthread_mutex_unlock(&runtime->queue_lock);
        int64_t now = seams_monotonic(seams);
        if (room || now >= deadline) {
            return;
        }
        seams->sleep_until(seams->context, now + 1000);
    }
}

static struct relay_item *take_batch(struct order_runtime *runtime, size_t most, size_t *count)
{
    struct relay_item *first = NULL, **last = &first;
    *count = 0;
    pthread_mutex_lock(&runtime->queue_lock);
    while (runtime->queue_first != NULL && *count < most) {
        struct relay_item *item = runtime->queue_first;
        runtime->queue_first = item->next;
        item->next = NULL;
        *last = item;
        last = &item->next;
        (*count)++;
    }
    if (runtime->queue_first == NULL) {
        runtime->queue_last = &runtime->queue_first;
    }
    runtime->queue_length -= *count;
    runtime->in_delivery += *count;
    pthread_cond_broadcast(&runtime->queue_changed);
    pthread_mutex_unlock(&runtime->queue_lock);
    return first;
}

static void finish_batch(struct order_runtime *runtime, struct relay_item *items, size_t count)
{
    while (items != NULL) {
        struct relay_item *next = items->next;
        mem_free(items);
        items = next;
    }
    pthread_mutex_lock(&runtime->queue_lock);
    runtime->in_delivery -= count;
    pthread_cond_broadcast(&runtime->queue_changed);
    pthread_mutex_unlock(&runtime->queue_lock);
}

/* A fact that cannot even be read is damage: it is reported and left with its marks. */
static size_t open_all(struct call *call, struct relay_item *items, struct delivery *deliveries)
{
    size_t opened = 0;
    for (struct relay_item *item = items; item != NULL; item = item->next) {
        ecommerce_error err = {0};
        if (delivery_open(call, item->kind, &item->stored, &deliveries[opened], &err)) {
            opened++;
        } else {
            shop_record_error(call->shop, "relay", item->stored.id, &err);
        }
    }
    return opened;
}

bool relay_step(struct call *call, bool *worked, ecommerce_error *err)
{
    struct order_runtime *runtime = call->shop->orders;
    size_t most = (size_t)settings_int(call->shop->settings, SETTING_RELAY_BATCH);
    size_t count;
    struct relay_item *items = take_batch(runtime, most, &count);
    *worked = count > 0;
    if (count == 0) {
        return true;
    }
    struct delivery *deliveries = arena_array(&call->arena, count, sizeof(*deliveries));
    bool ok = deliveries != NULL
                  ? relay_deliver(call, deliveries, open_all(call, items, deliveries), err)
                  : error_memory(err);
    finish_batch(runtime, items, count);
    return ok;
}

/* ---- what others left ---- */

/* In flight somewhere, perhaps: its owner has until the deadline and the grace. */
static bool owner_may_live(struct call *call, const struct order *order)
{
    int64_t grace = settings_duration(call->shop->settings, SETTING_ORDERS_GRACE);
    return (order->marks & MARK_STOCK) && call_wall(call) < order->hold_deadline + grace;
}

/* True when the order is to be delivered; void ones lose their marks on the way. */
static bool judge_left_over(struct call *call, const struct order *order)
{
    enum judgement judgement;
    ecommerce_error err = {0};
    if (owner_may_live(call, order)) {
        return false;
    }
    if (!(order->marks & MARK_STOCK)) {
        return true;
    }
    if (!protocol_judge(call, order, &judgement, &err)) {
        log_write(call->shop->logger, LOG_WARNING, "relay", "%.*s was not judged: %s",
                  STR_ARG(order->order_id), err.message);
        return false;
    }
    return judgement == JUDGED_VALID;
}

/* Damage does not heal by waiting, and the scan takes the oldest first: unparked, enough of it
 * would keep the whole facts from being seen. Out of memory is no damage. */
static bool park_damaged(struct call *call, enum documents_collection collection,
                         const struct stored_document *stored, const ecommerce_error *damage,
                         ecommerce_error *err)
{
    if (damage->code != ECOMMERCE_STORAGE_FAILED) {
        if (err != NULL) {
            *err = *damage;
        }
        return false;
    }
    shop_record_error(call->shop, "relay", stored->id, damage);
    struct documents_request request =
        call_documents(call, DOCUMENTS_DEFER, collection, stored->id);
    request.attempts = stored->attempts + 1;
    request.next_attempt = call_wall(call);
    request.parked = true;
    request.reason = str_of(damage->message);
    atomic_fetch_add(&call->shop->orders->counters.parked, 1);
    return documents_run(call->shop->documents, &request, err);
}

static bool scan_kind(struct call *call, enum fact_kind kind, enum documents_collection collection,
                      size_t *found, ecommerce_error *err)
{
    struct documents_query query = {
        .limit = (size_t)settings_int(call->shop->settings, SETTING_RELAY_BATCH)};
    struct documents_request request =
        call_documents(call, DOCUMENTS_PENDING, collection, STR_NONE);
    request.query = &query;
    request.marks = MARKS_ALL;
    request.due = call_wall(call);
    if (!documents_run(call->shop->documents, &request, err)) {
        return false;
    }
    struct delivery *deliveries = arena_array(&call->arena, request.count + 1, sizeof(*deliveries));
    if (deliveries == NULL) {
        return error_memory(err);
    }
    size_t count = 0;
    for (size_t i = 0; i < request.count; i++) {
        struct delivery *delivery = &deliveries[count];
        ecommerce_error damage = {0};
        if (!delivery_open(call, kind, &request.documents[i], delivery, &damage)) {
            if (!park_damaged(call, collection, &request.documents[i], &damage, err)) {
                return false;
            }
        } else if (kind != FACT_ORDER || judge_left_over(call, &delivery->order)) {
            count++;
        }
    }
    *found += count;
    return relay_deliver(call, deliveries, count, err);
}

bool relay_scan(struct call *call, size_t *found, ecommerce_error *err)
{
    *found = 0;
    return scan_kind(call, FACT_ORDER, COLLECTION_ORDERS, found, err) &&
           scan_kind(call, FACT_CHANGE, COLLECTION_ORDER_CHANGES, found, err) &&
           scan_kind(call, FACT_MOVEMENT, COLLECTION_MOVEMENTS, found, err);
}

/* Waits for what another thread has taken, too: after a drain everything handed over before it is
 * delivered. */
bool relay_drain(struct call *call, ecommerce_error *err)
{
    struct order_runtime *runtime = call->shop->orders;
    const struct seams *seams = call->shop->seams;
    for (;;) {
        bool worked;
        if (!relay_step(call, &worked, err)) {
            return false;
        }
        pthread_mutex_lock(&runtime->queue_lock);
        bool idle = runtime->queue_length == 0 && runtime->in_delivery == 0;
        pthread_mutex_unlock(&runtime->queue_lock);
        int64_t now = seams_monotonic(seams);
        if (idle) {
            return true;
        }
        if (now >= call->deadline) {
            return error_set(err, ECOMMERCE_DEADLINE_EXCEEDED, "the relay was not done in time");
        }
        if (!worked) {
            seams->sleep_until(seams->context, now + 1000);
        }
    }
}

/* ---- parked facts ---- */

static const struct {
    const char *name;
    enum documents_collection collection;
} parked_kinds[] = {
    {"order", COLLECTION_ORDERS},
    {"change", COLLECTION_ORDER_CHANGES},
    {"movement", COLLECTION_MOVEMENTS},
};

bool relay_parked_list(struct call *call, size_t limit, ecommerce_error *err)
{
    struct documents_query query = {.limit = limit ? limit : 100};
    doc_open_array(call->out, "parked");
    for (size_t kind = 0; kind < ARRAY_LENGTH(parked_kinds); kind++) {
        struct documents_request request =
            call_documents(call, DOCUMENTS_PENDING, parked_kinds[kind].collection, STR_NONE);
        request.query = &query;
        request.marks = MARKS_ALL;
        request.due = INT64_MAX;
        request.parked = true;
        if (!documents_run(call->shop->documents, &request, err)) {
            return false;
        }
        for (size_t i = 0; i < request.count; i++) {
            doc_open(call->out, NULL);
            doc_add_text(call->out, "id", request.documents[i].id);
            doc_adds(call->out, "kind", parked_kinds[kind].name);
            doc_add_int(call->out, "attempts", request.documents[i].attempts);
            doc_add_text(call->out, "reason", request.documents[i].reason);
            doc_close(call->out);
        }
    }
    doc_close(call->out);
    return true;
}

static bool find_parked(struct call *call, struct str id, enum documents_collection *collection,
                        struct stored_document *stored, ecommerce_error *err)
{
    for (size_t kind = 0; kind < ARRAY_LENGTH(parked_kinds); kind++) {
        bool found;
        *collection = parked_kinds[kind].collection;
        if (!call_get(call, *collection, id, true, stored, &found, err)) {
            return false;
        }
        if (found && stored->parked) {
            return true;
        }
    }
    return error_field(err, ECOMMERCE_NOT_FOUND, "id", "nothing parked has the id '%.*s'",
                       STR_ARG(id));
}

bool relay_parked_replay(struct call *call, struct str id, ecommerce_error *err)
{
    enum documents_collection collection;
    struct stored_document stored;
    if (!id_check(id, "id", err) || !find_parked(call, id, &collection, &stored, err)) {
        return false;
    }
    struct documents_request request = call_documents(call, DOCUMENTS_DEFER, collection, id);
    request.next_attempt = call_wall(call);
    size_t found;
    if (!shop_audit(call, "parked_replay", id, DOC_EMPTY, err) ||
        !documents_run(call->shop->documents, &request, err) || !relay_scan(call, &found, err)) {
        return false;
    }
    bool there;
    if (!call_get(call, collection, id, true, &stored, &there, err)) {
        return false;
    }
    doc_add_text(call->out, "id", id);
    doc_add_bool(call->out, "delivered", stored.marks == 0);
    return true;
}

/* The fact stays; only its delivery to the derived stores is given up. The checker goes on naming
 * it. */
bool relay_parked_drop(struct call *call, struct str id, struct str reason, ecommerce_error *err)
{
    enum documents_collection collection;
    struct stored_document stored;
    if (!id_check(id, "id", err) || !find_parked(call, id, &collection, &stored, err)) {
        return false;
    }
    struct doc_builder detail;
    doc_builder_init(&detail);
    doc_add_text(&detail, "reason", reason);
    bool ok = shop_audit(call, "parked_drop", id, doc_finish(&detail), err);
    doc_builder_release(&detail);
    struct documents_request request = call_documents(call, DOCUMENTS_CLEAR_MARKS, collection, id);
    request.marks = MARK_TIMESERIES | MARK_GRAPH;
    if (!ok || !documents_run(call->shop->documents, &request, err)) {
        return false;
    }
    doc_add_text(call->out, "id", id);
    doc_add_bool(call->out, "dropped", true);
    return true;
}
