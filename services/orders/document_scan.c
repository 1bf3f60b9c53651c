#include "services/orders/document_scan.h"

#include "support/alloc.h"

enum { SCAN_PAGE = 500 };

static bool see_page(struct arena *page, const struct documents_request *request,
                     scan_document *each, void *context, ecommerce_error *err)
{
    for (size_t i = 0; i < request->count; i++) {
        if (!each(context, page, &request->documents[i], err)) {
            return false;
        }
    }
    return true;
}

bool document_scan(struct call *call, enum documents_collection collection, scan_document *each,
                   void *context, ecommerce_error *err)
{
    struct documents_query query = {.order = ORDER_ANY, .limit = SCAN_PAGE};
    struct arena page = {0};
    char *after = NULL;
    bool ok, end;
    do {
        struct documents_request request =
            call_documents(call, DOCUMENTS_QUERY, collection, STR_NONE);
        request.query = &query;
        request.decisive = true;
        request.base.arena = &page;
        ok = documents_run(call->shop->documents, &request, err) &&
             see_page(&page, &request, each, context, err);
        end = request.cursor.ptr == NULL;
        mem_free(after);
        after = ok && !end ? mem_strdup(request.cursor.ptr) : NULL;
        if (ok && !end && after == NULL) {
            ok = error_memory(err);
        }
        query.after = str_of(after);
        arena_reset(&page);
    } while (ok && !end);
    mem_free(after);
    arena_release(&page);
    return ok;
}

struct void_scan {
    struct call *call;
    struct strmap *set;
};

static bool note_void(void *context, struct arena *page, const struct stored_document *stored,
                      ecommerce_error *err)
{
    struct void_scan *scan = context;
    UNUSED(page);
    if (!str_is(doc_text(stored->doc, "kind"), "void")) {
        return true;
    }
    struct str id = doc_text(stored->doc, "order_id");
    char *copy = arena_str(&scan->call->arena, id);
    return (copy != NULL && strmap_put(scan->set, str_make(copy, id.len), scan)) ||
           error_memory(err);
}

bool scan_void_orders(struct call *call, struct strmap *set, ecommerce_error *err)
{
    struct void_scan scan = {.call = call, .set = set};
    return document_scan(call, COLLECTION_ORDER_CHANGES, note_void, &scan, err);
}
