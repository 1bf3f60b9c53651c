#include "services/orders/sweeper.h"

#include "services/orders/order_document.h"

enum { HOLDS_A_PAGE = 500, PENDING_LOOKED_AT = 1000 };

static bool insert_aborted(struct call *call, const struct live_hold *hold, bool *won,
                           ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    order_build_aborted(&builder, hold->id, hold->epoch);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_ok(&builder)
                  ? documents_insert(call->shop->documents, COLLECTION_ORDERS, hold->id, doc, 0,
                                     call->deadline, won, err)
                  : error_memory(err);
    doc_builder_release(&builder);
    return ok;
}

/* Nobody will ever send anything to this address. */
static bool erase_contact(struct call *call, struct str order_id, ecommerce_error *err)
{
    struct documents_request erase =
        call_documents(call, DOCUMENTS_ERASE, COLLECTION_ORDER_CONTACTS, order_id);
    return documents_run(call->shop->documents, &erase, err);
}

static bool end_hold(struct call *call, const struct live_hold *hold, enum live_operation how,
                     ecommerce_error *err)
{
    struct live_request request = call_live(call, how);
    request.epoch = hold->epoch;
    request.id = hold->id;
    return live_run(call->shop->live, &request, err);
}

/* Its order exists. Settled when this is its hold; one too many when the order was settled before
 * (its mark is off only after that) or belongs to another epoch. */
static bool end_placed(struct call *call, const struct live_hold *hold,
                       const struct stored_document *stored, struct sweep_result *result,
                       ecommerce_error *err)
{
    bool own = doc_int(stored->doc, "epoch", 0) == hold->epoch && (stored->marks & MARK_STOCK);
    if (own) {
        result->settled++;
        return end_hold(call, hold, LIVE_SETTLE, err);
    }
    result->released++;
    return end_hold(call, hold, LIVE_RELEASE, err);
}

/* Never released before the aborted document is there: a late insert of the owner must find it. */
static bool sweep_hold(struct call *call, const struct live_hold *hold, struct sweep_result *result,
                       ecommerce_error *err)
{
    bool won;
    if (!insert_aborted(call, hold, &won, err)) {
        return false;
    }
    if (won) {
        result->aborted++;
        atomic_fetch_add(&call->shop->orders->counters.aborted, 1);
        if (!erase_contact(call, hold->id, err)) {
            return false;
        }
        return end_hold(call, hold, LIVE_RELEASE, err);
    }
    struct stored_document stored;
    bool found;
    if (!call_get(call, COLLECTION_ORDERS, hold->id, true, &stored, &found, err)) {
        return false;
    }
    if (!found) {
        result->left++; /* inserted, but not by a majority yet */
        return true;
    }
    if (str_is(doc_text(stored.doc, "status"), "aborted")) {
        result->released++;
        return end_hold(call, hold, LIVE_RELEASE, err);
    }
    return end_placed(call, hold, &stored, result, err);
}

static bool sweep_holds(struct call *call, int64_t before, struct sweep_result *result,
                        ecommerce_error *err)
{
    struct str after = STR_NONE;
    for (;;) {
        struct live_request request = call_live(call, LIVE_HOLDS);
        request.now = before;
        request.after = after;
        request.limit = HOLDS_A_PAGE;
        if (!live_run(call->shop->live, &request, err)) {
            return false;
        }
        for (size_t i = 0; i < request.hold_count; i++) {
            if (!sweep_hold(call, &request.holds[i], result, err)) {
                return false;
            }
        }
        if (request.hold_count < HOLDS_A_PAGE) {
            return true;
        }
        after = request.holds[request.hold_count - 1].id;
    }
}

/* Lowers `before` to the earliest deadline of the orders that bear the stock mark, parked or not;
 * so many that not all are seen: nothing is older than that. */
static bool lower_to_pending(struct call *call, bool parked, int64_t *before, ecommerce_error *err)
{
    struct documents_query query = {.limit = PENDING_LOOKED_AT};
    struct documents_request pending =
        call_documents(call, DOCUMENTS_PENDING, COLLECTION_ORDERS, STR_NONE);
    pending.query = &query;
    pending.marks = MARK_STOCK;
    pending.due = INT64_MAX;
    pending.parked = parked;
    if (!documents_run(call->shop->documents, &pending, err)) {
        return false;
    }
    for (size_t i = 0; i < pending.count; i++) {
        int64_t deadline = doc_int(pending.documents[i].doc, "hold_deadline", INT64_MIN);
        *before = deadline < *before ? deadline : *before;
    }
    if (pending.count == PENDING_LOOKED_AT) {
        *before = INT64_MIN;
    }
    return true;
}

/* Ids of settled holds may be forgotten only when no order of their time still bears its stock
 * mark: a late repeat would reserve again and could not be told from the first. */
static bool forget(struct call *call, int64_t before, ecommerce_error *err)
{
    if (!lower_to_pending(call, false, &before, err) ||
        !lower_to_pending(call, true, &before, err)) {
        return false;
    }
    struct live_request expire = call_live(call, LIVE_EXPIRE);
    expire.now = before;
    return live_run(call->shop->live, &expire, err);
}

bool sweeper_step(struct call *call, struct sweep_result *result, ecommerce_error *err)
{
    int64_t grace = settings_duration(call->shop->settings, SETTING_ORDERS_GRACE);
    int64_t before = call_wall(call) - grace;
    *result = (struct sweep_result){0};
    return sweep_holds(call, before, result, err) && forget(call, before, err);
}
