/*
 * checker_facts.c - the documents by themselves: amounts, judgements, deliveries, derived states,
 * orphans.
 */
#include "services/orders/checker_parts.h"

#include "services/orders/document_scan.h"
#include "services/orders/order_changes.h"

#include <inttypes.h>

static int64_t overdue_before(const struct check *check)
{
    return call_wall(check->call) -
           settings_duration(check->call->shop->settings, SETTING_ORDERS_GRACE);
}

static bool check_amounts(struct check *check, const struct order *order, ecommerce_error *err)
{
    int64_t total = order->delivery_cost;
    for (size_t i = 0; i < order->line_count; i++) {
        const struct order_line *line = &order->lines[i];
        int64_t amount;
        if (!money_multiply(line->price, line->quantity, &amount) || amount != line->amount ||
            !money_add(total, amount, &total)) {
            return check_add(check, FINDING_ORDER_DAMAGED, order->order_id,
                             "amount = price times quantity", "another amount", err);
        }
    }
    if (total != order->total) {
        char *expected = arena_printf(&check->call->arena, "total %" PRId64, total);
        char *found = arena_printf(&check->call->arena, "total %" PRId64, order->total);
        return check_add(check, FINDING_ORDER_DAMAGED, order->order_id, expected, found, err);
    }
    return true;
}

static bool check_delivery(struct check *check, const struct stored_document *stored, int64_t due,
                           ecommerce_error *err)
{
    if (stored->marks == 0) {
        return true;
    }
    if (stored->parked) {
        char *reason = arena_printf(&check->call->arena, "parked: %.*s", STR_ARG(stored->reason));
        return check_add(check, FINDING_DELIVERY_PARKED, stored->id, "delivered", reason, err);
    }
    if (due >= overdue_before(check)) {
        return true;
    }
    return check_add(check, FINDING_DELIVERY_OVERDUE, stored->id, "delivered",
                     "marks are still set", err);
}

/* Only what the document says is damage: out of memory is a failure of the check. */
static bool report_damage(struct check *check, struct str id, const ecommerce_error *damage,
                          ecommerce_error *err)
{
    if (damage->code != ECOMMERCE_STORAGE_FAILED) {
        if (err != NULL) {
            *err = *damage;
        }
        return false;
    }
    char *why = arena_strdup(&check->call->arena, damage->message);
    return check_add(check, FINDING_ORDER_DAMAGED, id, "a readable document", why, err);
}

/* Delivered, a valid order has its derived state: lists by status go by it. */
static bool check_has_state(struct check *check, const struct stored_document *stored,
                            ecommerce_error *err)
{
    struct call *call = check->call;
    struct stored_document state;
    bool found, is_void = false;
    struct arena_mark mark = arena_save(&call->arena);
    bool ok = stored->marks != 0 ||
              (call_get(call, COLLECTION_ORDER_STATES, stored->id, true, &state, &found, err) &&
               (found || changes_find_void(call, stored->id, &is_void, err)));
    arena_restore(&call->arena, mark);
    if (!ok || stored->marks != 0 || found || is_void) {
        return ok;
    }
    return check_add(check, FINDING_STATE_DIFFERS, stored->id, "a state", "none", err);
}

static bool see_order(void *context, struct arena *page, const struct stored_document *stored,
                      ecommerce_error *err)
{
    struct check *check = context;
    struct order order;
    ecommerce_error damage = {0};
    if (!order_parse(page, stored, &order, &damage)) {
        return report_damage(check, stored->id, &damage, err);
    }
    if (order.aborted) {
        return true;
    }
    check->orders++;
    if ((stored->marks & MARK_STOCK) && order.hold_deadline < overdue_before(check) &&
        !stored->parked) {
        return check_add(check, FINDING_ORDER_UNJUDGED, stored->id, "judged",
                         "nobody has judged it", err);
    }
    return check_amounts(check, &order, err) && check_has_state(check, stored, err) &&
           check_delivery(check, stored, order.hold_deadline, err);
}

static bool see_change(void *context, struct arena *page, const struct stored_document *stored,
                       ecommerce_error *err)
{
    struct check *check = context;
    struct order_change change;
    ecommerce_error damage = {0};
    if (!change_parse(page, stored, &change, &damage)) {
        return report_damage(check, stored->id, &damage, err);
    }
    check->changes++;
    return check_delivery(check, stored, stored->next_attempt, err);
}

static bool see_movement(void *context, struct arena *page, const struct stored_document *stored,
                         ecommerce_error *err)
{
    struct check *check = context;
    struct movement movement;
    ecommerce_error damage = {0};
    UNUSED(page);
    if (!movement_parse(stored, &movement, &damage)) {
        return report_damage(check, stored->id, &damage, err);
    }
    check->movements++;
    return check_delivery(check, stored, stored->next_attempt, err);
}

/* ---- derived states, from the changes that made them ---- */

static bool see_state(void *context, struct arena *page, const struct stored_document *stored,
                      ecommerce_error *err)
{
    struct check *check = context;
    struct stored_document document;
    struct order order;
    struct order_state state;
    bool found;
    UNUSED(page);
    struct arena_mark mark = arena_save(&check->call->arena);
    if (!call_get(check->call, COLLECTION_ORDERS, stored->id, true, &document, &found, err)) {
        return false;
    }
    if (!found) {
        return check_add(check, FINDING_STATE_DIFFERS, stored->id, "no state",
                         "a state without an order", err);
    }
    if (!order_parse(&check->call->arena, &document, &order, err) ||
        !changes_fold(check->call, &order, &state, err)) {
        return false;
    }
    enum order_status folded = state.status;
    arena_restore(&check->call->arena, mark);
    if (str_is(doc_text(stored->doc, "status"), order_status_name(folded))) {
        return true;
    }
    char *seen = arena_str(&check->call->arena, doc_text(stored->doc, "status"));
    return check_add(check, FINDING_STATE_DIFFERS, stored->id, order_status_name(folded), seen,
                     err);
}

static bool see_contact(void *context, struct arena *page, const struct stored_document *stored,
                        ecommerce_error *err)
{
    struct check *check = context;
    struct stored_document order;
    bool found;
    UNUSED(page);
    struct arena_mark mark = arena_save(&check->call->arena);
    if (!call_get(check->call, COLLECTION_ORDERS, stored->id, true, &order, &found, err)) {
        return false;
    }
    bool orphan = !found || str_is(doc_text(order.doc, "status"), "aborted");
    arena_restore(&check->call->arena, mark);
    /* An order may be on its way: what is not aborted is left for a later look. */
    return !orphan || !found ||
           check_add(check, FINDING_CONTACT_ORPHANED, stored->id, "an order", "an aborted one",
                     err);
}

bool check_facts(struct check *check, ecommerce_error *err)
{
    struct call *call = check->call;
    return document_scan(call, COLLECTION_ORDERS, see_order, check, err) &&
           document_scan(call, COLLECTION_ORDER_CHANGES, see_change, check, err) &&
           document_scan(call, COLLECTION_MOVEMENTS, see_movement, check, err) &&
           document_scan(call, COLLECTION_ORDER_STATES, see_state, check, err) &&
           document_scan(call, COLLECTION_ORDER_CONTACTS, see_contact, check, err);
}
