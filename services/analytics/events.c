#include "services/analytics/events.h"

#include "services/catalog/catalog.h"

/* ---- recording ---- */

static bool kind_is_name(struct str kind)
{
    if (kind.len == 0 || kind.len > 32 || kind.ptr[0] < 'a' || kind.ptr[0] > 'z') {
        return false;
    }
    for (size_t i = 1; i < kind.len; i++) {
        char c = kind.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return true;
}

static bool needs_product(struct str kind)
{
    return str_is(kind, "viewed") || str_is(kind, "added_to_cart") ||
           str_is(kind, "removed_from_cart");
}

static bool check_ids(const struct event *event, ecommerce_error *err)
{
    return (event->event_id.ptr == NULL || id_check(event->event_id, "event_id", err)) &&
           (event->customer_id.ptr == NULL || id_check(event->customer_id, "customer_id", err)) &&
           (event->session.ptr == NULL || id_check(event->session, "session", err)) &&
           (event->item_id.ptr == NULL || id_check(event->item_id, "product_id", err));
}

static bool check_event(const struct event *event, ecommerce_error *err)
{
    if (!kind_is_name(event->kind)) {
        return error_field(
            err, ECOMMERCE_INVALID_ARGUMENT, "kind",
            "the kind of an event is a lower-case letter and up to 31 of a-z, 0-9, _");
    }
    if (needs_product(event->kind) && event->item_id.ptr == NULL) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "product_id",
                           "an event '%.*s' names a product", STR_ARG(event->kind));
    }
    if (str_is(event->kind, "searched") && event->text.len == 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "text",
                           "an event 'searched' says which words");
    }
    if (event->text.ptr != NULL && !str_is_utf8(event->text)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "text", "text is not valid UTF-8");
    }
    if (event->at < 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "at", "a time is not before 1970");
    }
    return check_ids(event, err);
}

static bool find_customer(struct call *call, struct str customer_id, ecommerce_error *err)
{
    struct stored_document customer;
    bool found;
    if (customer_id.ptr == NULL) {
        return true;
    }
    if (!call_get(call, COLLECTION_CUSTOMERS, customer_id, false, &customer, &found, err)) {
        return false;
    }
    if (!found || doc_bool(customer.doc, "erased", false)) {
        return error_field(err, ECOMMERCE_UNKNOWN_CUSTOMER, "customer_id",
                           "no customer has the id '%.*s'", STR_ARG(customer_id));
    }
    return true;
}

/* Events are counted by product: a variant's become its product's. */
static bool find_product(struct call *call, struct str *item_id, ecommerce_error *err)
{
    struct sellable sellable;
    bool found, needs_variant;
    if (item_id->ptr == NULL) {
        return true;
    }
    if (!catalog_find_sellable(call, *item_id, &sellable, &found, &needs_variant, err)) {
        return false;
    }
    if (needs_variant) {
        return true;
    }
    if (!found) {
        return error_field(err, ECOMMERCE_UNKNOWN_PRODUCT, "product_id",
                           "no product has the id '%.*s'", STR_ARG(*item_id));
    }
    *item_id = sellable.product_id;
    return true;
}

static void add_optional(struct doc_builder *out, const char *key, struct str value)
{
    if (value.ptr != NULL) {
        doc_add_text(out, key, value);
    }
}

/* Cut between characters. */
static struct str cut(struct str text)
{
    if (text.len > EVENT_TEXT_MAX) {
        text.len = EVENT_TEXT_MAX;
        while (text.len > 0 && ((unsigned char)text.ptr[text.len] & 0xc0) == 0x80) {
            text.len--;
        }
    }
    return text;
}

static void build(struct doc_builder *out, const struct event *event)
{
    doc_add_text(out, "event_id", event->event_id);
    doc_add_text(out, "kind", event->kind);
    doc_add_int(out, "at", event->at);
    add_optional(out, "customer_id", event->customer_id);
    add_optional(out, "session", event->session);
    add_optional(out, "product_id", event->item_id);
    add_optional(out, "text", cut(event->text));
}

static bool append(struct call *call, const struct event *event, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    build(&builder, event);
    struct live_request request = call_live(call, LIVE_EVENT_APPEND);
    request.doc = doc_finish(&builder);
    request.event_limit = EVENTS_BUFFERED;
    bool ok = doc_builder_check(&builder, err) && live_run(call->shop->live, &request, err);
    doc_builder_release(&builder);
    return ok;
}

static void fill_in(struct call *call, struct event *event, struct id *id)
{
    if (event->event_id.ptr == NULL) {
        id_new(call->shop->seams, id);
        event->event_id = str_of(id->text);
    }
    if (event->at == 0) {
        event->at = call_wall(call);
    }
}

bool record_event(struct call *call, const struct event *event, ecommerce_error *err)
{
    struct event whole = *event;
    struct id id;
    if (!check_event(event, err) || !find_customer(call, event->customer_id, err) ||
        !find_product(call, &whole.item_id, err)) {
        return false;
    }
    fill_in(call, &whole, &id);
    if (!append(call, &whole, err)) {
        return false;
    }
    doc_add_text(call->out, "event_id", whole.event_id);
    doc_add_time(call->out, "at", whole.at);
    return true;
}

void events_note(struct call *call, const struct event *event)
{
    struct event whole = *event;
    struct id id;
    ecommerce_error err = {0};
    fill_in(call, &whole, &id);
    if (!append(call, &whole, &err)) {
        log_write(call->shop->logger, LOG_WARNING, "events", "an event '%.*s' is left out: %s",
                  STR_ARG(event->kind), err.message);
    }
}

/* ---- relaying ---- */

struct batch {
    struct customer_event *events;
    size_t count;
    struct graph_event *graph; /* those with customer and product */
    size_t graph_count;
};

static bool parse(struct call *call, const struct live_request *read, struct batch *batch)
{
    *batch = (struct batch){
        .events = arena_array(&call->arena, read->count, sizeof(*batch->events)),
        .graph = arena_array(&call->arena, read->count, sizeof(*batch->graph)),
    };
    if (batch->events == NULL || batch->graph == NULL) {
        return false;
    }
    for (size_t i = 0; i < read->count; i++) {
        struct doc doc = read->values[i].doc;
        struct customer_event event = {
            .id = doc_text(doc, "event_id"),
            .kind = doc_text(doc, "kind"),
            .customer_id = doc_text(doc, "customer_id"),
            .session = doc_text(doc, "session"),
            .product_id = doc_text(doc, "product_id"),
            .text = doc_text(doc, "text"),
            .time = doc_int(doc, "at", 0),
        };
        batch->events[batch->count++] = event;
        if (event.customer_id.ptr != NULL && event.product_id.ptr != NULL) {
            batch->graph[batch->graph_count++] = (struct graph_event){
                event.id, event.kind, event.customer_id, event.product_id, event.time};
        }
    }
    return true;
}

static bool send_timeseries(struct call *call, const struct batch *batch, size_t first,
                            size_t count, ecommerce_error *err)
{
    struct timeseries_request request = call_timeseries(call, TIMESERIES_EVENTS);
    request.events = batch->events + first;
    request.event_count = count;
    return count == 0 || timeseries_run(call->shop->timeseries, &request, err);
}

static bool send_graph(struct call *call, const struct batch *batch, size_t first, size_t count,
                       ecommerce_error *err)
{
    struct graph_request request = call_graph(call, GRAPH_EVENTS);
    request.events = batch->graph + first;
    request.event_count = count;
    return count == 0 || graph_run(call->shop->graph, &request, err);
}

typedef bool send_events(struct call *call, const struct batch *batch, size_t first, size_t count,
                         ecommerce_error *err);

static bool refused(const ecommerce_error *err)
{
    return ecommerce_error_class_of(err->code) == ECOMMERCE_CLASS_REFUSED;
}

/* A batch that is refused as a whole goes one by one, so that one event cannot hold up the rest. */
static bool deliver(struct call *call, const struct batch *batch, size_t count, send_events *send,
                    const char *where, ecommerce_error *err)
{
    if (send(call, batch, 0, count, err)) {
        return true;
    }
    if (!refused(err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ecommerce_error one = {0};
        if (send(call, batch, i, 1, &one)) {
            continue;
        }
        if (!refused(&one)) {
            *err = one;
            return false;
        }
        struct str id = send == send_graph ? batch->graph[i].id : batch->events[i].id;
        shop_record_error(call->shop, where, id, &one);
    }
    error_clear(err);
    return true;
}

static bool acknowledge(struct call *call, struct str position, ecommerce_error *err)
{
    struct live_request request = call_live(call, LIVE_EVENT_ACK);
    request.key = position;
    return live_run(call->shop->live, &request, err);
}

static bool relay(struct call *call, bool *worked, ecommerce_error *err)
{
    struct batch batch;
    struct live_request read = call_live(call, LIVE_EVENT_READ);
    read.limit = EVENTS_BATCH;
    if (!live_run(call->shop->live, &read, err)) {
        return false;
    }
    if (read.count == 0) {
        *worked = false;
        return true;
    }
    if (!parse(call, &read, &batch)) {
        return error_memory(err);
    }
    if (!deliver(call, &batch, batch.count, send_timeseries, "events to timeseries", err) ||
        !deliver(call, &batch, batch.graph_count, send_graph, "events to graph", err) ||
        !acknowledge(call, read.values[read.count - 1].key, err)) {
        return false;
    }
    *worked = true;
    return true;
}

bool events_relay_step(struct call *call, bool *worked, ecommerce_error *err)
{
    struct arena_mark mark = arena_save(&call->arena);
    ecommerce_error local = {0};
    bool ok = relay(call, worked, &local);
    if (!ok && err != NULL) {
        *err = local;
    }
    arena_restore(&call->arena, mark);
    return ok;
}
