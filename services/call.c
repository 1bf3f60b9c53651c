#include "services/shop.h"

#include <stdio.h>

void call_add_condition(struct call *call)
{
    if (call->degraded != 0) {
        doc_open_array(call->out, "degraded");
        for (int role = 0; role < MANAGER_ROLES; role++) {
            if (call->degraded & (1u << role)) {
                doc_adds(call->out, NULL, manager_role_name((enum manager_role)role));
            }
        }
        doc_close(call->out);
    }
    if (call->as_of != 0) {
        doc_add_time(call->out, "as_of", call->as_of);
    }
}

void call_degrade(struct call *call, enum manager_role role, const ecommerce_error *why)
{
    call->degraded |= 1u << role;
    log_write(call->shop->logger, LOG_WARNING, manager_role_name(role), "answering without it: %s",
              why ? why->message : "no reason given");
}

static void prepare(struct call *call, struct store_request *request, unsigned operation)
{
    request->operation = operation;
    request->deadline = call->deadline;
    request->arena = &call->arena;
}

struct documents_request call_documents(struct call *call, enum documents_operation operation,
                                        enum documents_collection collection, struct str id)
{
    struct documents_request request = {.collection = collection, .id = id};
    prepare(call, &request.base, operation);
    return request;
}

struct live_request call_live(struct call *call, enum live_operation operation)
{
    struct live_request request = {.now = call_wall(call)};
    prepare(call, &request.base, operation);
    return request;
}

struct timeseries_request call_timeseries(struct call *call, enum timeseries_operation operation)
{
    struct timeseries_request request = {0};
    prepare(call, &request.base, operation);
    return request;
}

struct graph_request call_graph(struct call *call, enum graph_operation operation)
{
    struct graph_request request = {0};
    prepare(call, &request.base, operation);
    return request;
}

bool call_get(struct call *call, enum documents_collection collection, struct str id, bool decisive,
              struct stored_document *document, bool *found, ecommerce_error *err)
{
    return documents_get(call->shop->documents, collection, id, decisive, call->deadline,
                         &call->arena, document, found, err);
}

/* Log entries sort by time through their id: a UUIDv7. */
static bool insert_log_entry(struct shop *shop, enum documents_collection collection,
                             struct doc_builder *entry, int64_t deadline, ecommerce_error *err)
{
    struct id id;
    id_new(shop->seams, &id);
    struct doc doc = doc_finish(entry);
    if (!doc_builder_ok(entry)) {
        return error_memory(err);
    }
    bool inserted = false;
    return documents_insert(shop->documents, collection, str_of(id.text), doc, 0, deadline,
                            &inserted, err);
}

void shop_record_error(struct shop *shop, const char *where, struct str subject,
                       const ecommerce_error *err)
{
    log_write(shop->logger, LOG_ERROR, where, "%.*s: %s: %s", STR_ARG(subject),
              ecommerce_error_name(err->code), err->message);
    struct doc_builder entry;
    doc_builder_init(&entry);
    doc_add_int(&entry, "at", seams_wall(shop->seams));
    doc_adds(&entry, "kind", where);
    doc_add_text(&entry, "subject", subject);
    doc_adds(&entry, "code", ecommerce_error_name(err->code));
    doc_adds(&entry, "field", err->field);
    doc_adds(&entry, "message", err->message);
    ecommerce_error ignored;
    int64_t deadline = seams_monotonic(shop->seams) + MICROSECONDS;
    if (!insert_log_entry(shop, COLLECTION_ERRORS, &entry, deadline, &ignored)) {
        log_write(shop->logger, LOG_WARNING, where, "the error log was not written: %s",
                  ignored.message);
    }
    doc_builder_release(&entry);
}

bool shop_audit(struct call *call, const char *action, struct str subject, struct doc detail,
                ecommerce_error *err)
{
    struct doc_builder entry;
    doc_builder_init(&entry);
    doc_add_int(&entry, "at", call_wall(call));
    doc_adds(&entry, "kind", action);
    doc_add_text(&entry, "subject", subject);
    doc_add_doc(&entry, "detail", detail);
    bool ok = insert_log_entry(call->shop, COLLECTION_AUDIT, &entry, call->deadline, err);
    doc_builder_release(&entry);
    return ok;
}
