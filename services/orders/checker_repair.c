/*
 * checker_repair.c - one mend a kind of finding, each idempotent and written to the audit log
 * first.
 */
#include "services/orders/checker_parts.h"

#include "services/orders/order_changes.h"
#include "services/orders/recovery.h"
#include "services/orders/relay.h"
#include "services/orders/sweeper.h"

typedef bool mend(struct check *check, ecommerce_error *err);

/* The answers of operations that the repair uses are not part of the check's. */
static bool aside(struct check *check, bool (*operation)(struct call *, ecommerce_error *),
                  ecommerce_error *err)
{
    struct doc_builder *out = check->call->out, ignored;
    doc_builder_init(&ignored);
    check->call->out = &ignored;
    bool ok = operation(check->call, err);
    check->call->out = out;
    doc_builder_release(&ignored);
    return ok;
}

static bool mend_left_over(struct check *check, ecommerce_error *err)
{
    struct sweep_result sweep;
    size_t found;
    return sweeper_step(check->call, &sweep, err) && relay_scan(check->call, &found, err);
}

static bool mend_stock(struct check *check, ecommerce_error *err)
{
    return aside(check, recovery_rebuild_stock, err);
}

static bool mend_analytics(struct check *check, ecommerce_error *err)
{
    return aside(check, rebuild_analytics, err);
}

static bool mend_graph(struct check *check, ecommerce_error *err)
{
    return aside(check, rebuild_graph, err);
}

static bool erase(struct call *call, enum documents_collection collection, struct str id,
                  ecommerce_error *err)
{
    struct documents_request request = call_documents(call, DOCUMENTS_ERASE, collection, id);
    return documents_run(call->shop->documents, &request, err);
}

static bool mend_state(struct call *call, struct str id, ecommerce_error *err)
{
    struct stored_document stored;
    struct order order;
    struct order_state state;
    bool found;
    if (!call_get(call, COLLECTION_ORDERS, id, true, &stored, &found, err)) {
        return false;
    }
    if (!found) {
        return erase(call, COLLECTION_ORDER_STATES, id, err);
    }
    return order_parse(&call->arena, &stored, &order, err) &&
           changes_fold(call, &order, &state, err) &&
           changes_write_state(call, &order, &state, err);
}

static bool mend_states(struct check *check, ecommerce_error *err)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        if (check->findings[i].kind == FINDING_STATE_DIFFERS &&
            !mend_state(check->call, check->findings[i].id, err)) {
            return false;
        }
    }
    return true;
}

static bool mend_contacts(struct check *check, ecommerce_error *err)
{
    for (size_t i = 0; i < check->finding_count; i++) {
        if (check->findings[i].kind == FINDING_CONTACT_ORPHANED &&
            !erase(check->call, COLLECTION_ORDER_CONTACTS, check->findings[i].id, err)) {
            return false;
        }
    }
    return true;
}

/* In this order: judging first, since the others build on who is valid. */
static const struct {
    const char *name;
    unsigned findings; /* bits of enum finding_kind */
    mend *run;
} mends[] = {
    {"left_over_work",
     1u << FINDING_ORDER_UNJUDGED | 1u << FINDING_DELIVERY_OVERDUE | 1u << FINDING_HOLD_OVERDUE,
     mend_left_over},
    {"stock", 1u << FINDING_EPOCH_DIFFERS | 1u << FINDING_STOCK_DIFFERS, mend_stock},
    {"analytics",
     1u << FINDING_ANALYTICS_MISSING | 1u << FINDING_ANALYTICS_DIFFERS |
         1u << FINDING_ANALYTICS_GHOST,
     mend_analytics},
    {"graph", 1u << FINDING_GRAPH_MISSING | 1u << FINDING_GRAPH_DIFFERS | 1u << FINDING_GRAPH_GHOST,
     mend_graph},
    {"order_states", 1u << FINDING_STATE_DIFFERS, mend_states},
    {"order_contacts", 1u << FINDING_CONTACT_ORPHANED, mend_contacts},
};

static int64_t findings_of(const struct check *check, unsigned kinds)
{
    int64_t sum = 0;
    for (int kind = 0; kind < FINDING_KINDS; kind++) {
        sum += kinds & (1u << kind) ? check->counts[kind] : 0;
    }
    return sum;
}

static bool audit(struct check *check, const char *name, int64_t findings, ecommerce_error *err)
{
    struct doc_builder detail;
    doc_builder_init(&detail);
    doc_add_int(&detail, "findings", findings);
    bool ok = shop_audit(check->call, "repair", str_of(name), doc_finish(&detail), err);
    doc_builder_release(&detail);
    return ok;
}

bool check_repair(struct check *check, ecommerce_error *err)
{
    doc_open_array(check->call->out, "repaired");
    for (size_t i = 0; i < ARRAY_LENGTH(mends); i++) {
        int64_t findings = findings_of(check, mends[i].findings);
        if (findings == 0) {
            continue;
        }
        if (!check->options->dry_run &&
            (!audit(check, mends[i].name, findings, err) || !mends[i].run(check, err))) {
            return false;
        }
        doc_open(check->call->out, NULL);
        doc_adds(check->call->out, "what", mends[i].name);
        doc_add_int(check->call->out, "findings", findings);
        doc_close(check->call->out);
    }
    doc_close(check->call->out);
    return true;
}
