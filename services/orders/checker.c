#include "services/orders/checker_parts.h"

#include "services/orders/relay.h"

static const char *const kind_names[FINDING_KINDS] = {
    [FINDING_ORDER_DAMAGED] = "order_damaged",
    [FINDING_ORDER_UNJUDGED] = "order_unjudged",
    [FINDING_DELIVERY_OVERDUE] = "delivery_overdue",
    [FINDING_DELIVERY_PARKED] = "delivery_parked",
    [FINDING_HOLD_OVERDUE] = "hold_overdue",
    [FINDING_EPOCH_DIFFERS] = "epoch_differs",
    [FINDING_STOCK_DIFFERS] = "stock_differs",
    [FINDING_ANALYTICS_MISSING] = "analytics_missing",
    [FINDING_ANALYTICS_DIFFERS] = "analytics_differs",
    [FINDING_ANALYTICS_GHOST] = "analytics_ghost",
    [FINDING_GRAPH_MISSING] = "graph_missing",
    [FINDING_GRAPH_DIFFERS] = "graph_differs",
    [FINDING_GRAPH_GHOST] = "graph_ghost",
    [FINDING_STATE_DIFFERS] = "state_differs",
    [FINDING_CONTACT_ORPHANED] = "contact_orphaned",
};

enum { FINDINGS_LISTED = 100 };

const char *finding_kind_name(enum finding_kind kind)
{
    return kind_names[kind];
}

/* All are kept in memory (repair needs them), the answer lists the first. */
bool check_add(struct check *check, enum finding_kind kind, struct str id, const char *expected,
               const char *found, ecommerce_error *err)
{
    struct arena *arena = &check->call->arena;
    if (check->finding_count == check->finding_capacity) {
        size_t capacity = check->finding_capacity ? check->finding_capacity * 2 : 64;
        struct finding *findings = arena_array(arena, capacity, sizeof(*findings));
        if (findings == NULL) {
            return error_memory(err);
        }
        if (check->finding_count > 0) {
            memcpy(findings, check->findings, check->finding_count * sizeof(*findings));
        }
        check->findings = findings;
        check->finding_capacity = capacity;
    }
    char *copy = arena_str(arena, id);
    if (copy == NULL) {
        return error_memory(err);
    }
    check->findings[check->finding_count++] =
        (struct finding){kind, str_make(copy, id.len), expected, found};
    check->counts[kind]++;
    return true;
}

static void show(const struct check *check, bool dry_run)
{
    struct doc_builder *out = check->call->out;
    size_t listed = check->options->limit ? check->options->limit : FINDINGS_LISTED;
    doc_add_bool(out, "clean", check->finding_count == 0);
    doc_open(out, "checked");
    doc_add_int(out, "orders", check->orders);
    doc_add_int(out, "changes", check->changes);
    doc_add_int(out, "movements", check->movements);
    doc_add_int(out, "skus", check->skus);
    doc_close(out);
    doc_open(out, "counts");
    for (int kind = 0; kind < FINDING_KINDS; kind++) {
        if (check->counts[kind] > 0) {
            doc_add_int(out, kind_names[kind], check->counts[kind]);
        }
    }
    doc_close(out);
    doc_open_array(out, "findings");
    for (size_t i = 0; i < check->finding_count && i < listed; i++) {
        const struct finding *finding = &check->findings[i];
        doc_open(out, NULL);
        doc_adds(out, "kind", kind_names[finding->kind]);
        doc_add_text(out, "id", finding->id);
        doc_adds(out, "expected", finding->expected);
        doc_adds(out, "found", finding->found);
        doc_close(out);
    }
    doc_close(out);
    if (dry_run) {
        doc_add_bool(out, "dry_run", true);
    }
}

/* What is on its way is no finding: this process's queue is delivered, and what a killed one left
 * and is due, as any running process would within a second. */
static bool let_relay_finish(struct call *call, ecommerce_error *err)
{
    size_t found;
    if (!relay_drain(call, err)) {
        return false;
    }
    do {
        struct arena_mark mark = arena_save(&call->arena);
        if (!relay_scan(call, &found, err)) {
            return false;
        }
        arena_restore(&call->arena, mark);
    } while (found > 0 && seams_monotonic(call->shop->seams) < call->deadline);
    return true;
}

bool checker_run(struct call *call, const struct check_options *options, ecommerce_error *err)
{
    struct check check = {.call = call, .options = options};
    if (!let_relay_finish(call, err) || !check_facts(&check, err) || !check_stock(&check, err) ||
        !check_analytics(&check, err) || !check_graph(&check, err)) {
        return false;
    }
    show(&check, options->repair && options->dry_run);
    return !options->repair || check_repair(&check, err);
}
