#include "services/orders/order_changes.h"

#include "services/orders/order_facts.h"
#include "services/orders/order_protocol.h"
#include "services/orders/relay.h"

#include <inttypes.h>
#include <stdio.h>

enum { CHANGE_ID_MAX = ID_MAX + 24, CHANGES_MAX = 10000, KEY_MAX = 255, REFERENCE_MAX = 255 };

/* ---- the transition table ---- */

/* Which change a state takes; what it becomes is in fold_one. A partial return is quantities, no
 * state. */
static const bool allowed[ORDER_STATUSES][CHANGE_KINDS] = {
    [STATUS_PLACED] = {[CHANGE_PAID] = true, [CHANGE_CANCELLED] = true},
    [STATUS_PAID] = {[CHANGE_SHIPPED] = true, [CHANGE_CANCELLED] = true, [CHANGE_REFUNDED] = true},
    [STATUS_SHIPPED] =
        {[CHANGE_DELIVERED] = true, [CHANGE_RETURNED] = true, [CHANGE_REFUNDED] = true},
    [STATUS_DELIVERED] = {[CHANGE_RETURNED] = true, [CHANGE_REFUNDED] = true},
    [STATUS_CANCELLED] = {[CHANGE_REFUNDED] = true},
    [STATUS_RETURNED] = {[CHANGE_REFUNDED] = true},
};

bool transition_allowed(enum order_status from, enum change_kind change, bool shipping_unpaid,
                        bool trusted)
{
    if (from == STATUS_PLACED && change == CHANGE_SHIPPED) {
        return shipping_unpaid;
    }
    if ((from == STATUS_PLACED || from == STATUS_PAID) && change == CHANGE_RETURNED) {
        return trusted;
    }
    /* A bill may be paid after the parcel left. */
    if ((from == STATUS_SHIPPED || from == STATUS_DELIVERED) && change == CHANGE_PAID) {
        return shipping_unpaid;
    }
    return allowed[from][change];
}

/* ---- reading ---- */

static void change_id_of(struct str order_id, int64_t n, char *text)
{
    snprintf(text, CHANGE_ID_MAX, "%.*s/%" PRId64, STR_ARG(order_id), n);
}

static bool read_change(struct call *call, struct str order_id, int64_t n,
                        struct order_change *change, bool *found, ecommerce_error *err)
{
    char id[CHANGE_ID_MAX];
    struct stored_document stored;
    change_id_of(order_id, n, id);
    return call_get(call, COLLECTION_ORDER_CHANGES, str_of(id), true, &stored, found, err) &&
           (!*found || change_parse(&call->arena, &stored, change, err));
}

bool changes_find_void(struct call *call, struct str order_id, bool *is_void, ecommerce_error *err)
{
    struct order_change change;
    bool found;
    if (!read_change(call, order_id, 1, &change, &found, err)) {
        return false;
    }
    *is_void = found && change.kind == CHANGE_VOID;
    return true;
}

static bool take_back(const struct order *order, struct order_state *state,
                      const struct order_change *change, ecommerce_error *err)
{
    for (size_t i = 0; i < change->line_count; i++) {
        int64_t number = change->lines[i].line;
        size_t at = 0;
        while (at < order->line_count && order->lines[at].line != number) {
            at++;
        }
        if (at == order->line_count) {
            continue; /* the delivery's cost */
        }
        state->taken_back[at] += change->lines[i].quantity;
        if (state->taken_back[at] > order->lines[at].quantity) {
            return error_set(err, ECOMMERCE_STORAGE_FAILED,
                             "change '%.*s' takes back more of line %" PRId64 " than was sold",
                             STR_ARG(change->change_id), number);
        }
    }
    return true;
}

static bool all_taken_back(const struct order *order, const struct order_state *state)
{
    for (size_t i = 0; i < order->line_count; i++) {
        if (state->taken_back[i] < order->lines[i].quantity) {
            return false;
        }
    }
    return true;
}

static bool fold_one(const struct order *order, struct order_state *state,
                     const struct order_change *change, ecommerce_error *err)
{
    state->changes = change->n;
    state->refund_due += change->refund_due;
    switch (change->kind) {
    case CHANGE_PAID:
        state->paid += change->amount;
        if (state->status == STATUS_PLACED) {
            state->status = STATUS_PAID;
        }
        return true;
    case CHANGE_SHIPPED:
        state->status = STATUS_SHIPPED;
        return true;
    case CHANGE_DELIVERED:
        state->status = STATUS_DELIVERED;
        return true;
    case CHANGE_CANCELLED:
        state->status = STATUS_CANCELLED;
        return take_back(order, state, change, err);
    case CHANGE_RETURNED:
        if (!take_back(order, state, change, err)) {
            return false;
        }
        if (all_taken_back(order, state)) {
            state->status = STATUS_RETURNED;
        }
        return true;
    case CHANGE_REFUNDED:
        state->refunded += change->amount;
        state->refund_due -= change->amount;
        return true;
    case CHANGE_VOID:
        state->status = STATUS_VOID;
        return true;
    case CHANGE_KINDS:
        break;
    }
    return error_set(err, ECOMMERCE_INTERNAL, "an order's change has no kind");
}

bool changes_fold(struct call *call, const struct order *order, struct order_state *state,
                  ecommerce_error *err)
{
    size_t capacity = 8;
    *state = (struct order_state){0};
    state->taken_back = arena_array(&call->arena, order->line_count + 1, sizeof(int64_t));
    state->history = arena_array(&call->arena, capacity, sizeof(*state->history));
    if (state->taken_back == NULL || state->history == NULL) {
        return error_memory(err);
    }
    for (int64_t n = 1; n <= CHANGES_MAX; n++) {
        struct order_change change;
        bool found;
        if (!read_change(call, order->order_id, n, &change, &found, err)) {
            return false;
        }
        if (!found) {
            return true;
        }
        if ((size_t)n == capacity) { /* room for the next one, too */
            struct order_change *more = arena_array(&call->arena, capacity * 2, sizeof(*more));
            if (more == NULL) {
                return error_memory(err);
            }
            memcpy(more, state->history, capacity * sizeof(*more));
            state->history = more;
            capacity *= 2;
        }
        state->history[n - 1] = change;
        if (!fold_one(order, state, &change, err)) {
            return false;
        }
    }
    return true;
}

/* ---- appending ---- */

static bool insert_change(struct call *call, struct order_change *change,
                          struct stored_document *stored, bool *won, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    change_build(&builder, change);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              (doc_copy(&call->arena, doc, &change->doc) || error_memory(err));
    doc_builder_release(&builder);
    if (!ok) {
        return false;
    }
    change->marks = facts_marks_of_change(change);
    *stored = (struct stored_document){
        .id = change->change_id, .doc = change->doc, .version = 1, .marks = change->marks};
    return documents_insert(call->shop->documents, COLLECTION_ORDER_CHANGES, change->change_id,
                            change->doc, change->marks, call->deadline, won, err);
}

bool changes_void(struct call *call, const struct order *order, bool *won, ecommerce_error *err)
{
    char id[CHANGE_ID_MAX];
    struct stored_document stored;
    change_id_of(order->order_id, 1, id);
    struct order_change change = {
        .change_id = str_of(id),
        .order_id = order->order_id,
        .n = 1,
        .kind = CHANGE_VOID,
        .at = call_wall(call),
    };
    if (!insert_change(call, &change, &stored, won, err)) {
        return false;
    }
    if (!*won && !changes_find_void(call, order->order_id, won, err)) {
        return false;
    }
    if (!*won) {
        return true; /* judged valid by somebody with a later look */
    }
    struct documents_request clear =
        call_documents(call, DOCUMENTS_CLEAR_MARKS, COLLECTION_ORDERS, order->order_id);
    clear.marks = MARKS_ALL;
    return documents_run(call->shop->documents, &clear, err);
}

/* ---- the operation ---- */

struct change_plan {
    const struct order_change_request *request;
    enum change_kind kind;
    const struct order *order;
    const struct order_state *state;
    struct order_change change;
    char id[CHANGE_ID_MAX];
    struct sha256 fingerprint;
};

static bool check_text(struct str text, size_t maximum, const char *field, ecommerce_error *err)
{
    if (text.len > maximum) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, field, "%s is longer than %zu bytes",
                           field, maximum);
    }
    if (text.ptr != NULL && !str_is_utf8(text)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, field, "%s is not valid UTF-8", field);
    }
    return true;
}

static bool check_request(struct call *call, const struct order_change_request *request,
                          enum change_kind *kind, ecommerce_error *err)
{
    size_t most = (size_t)settings_int(call->shop->settings, SETTING_ORDERS_MAX_LINES);
    if (!change_kind_parse(request->kind, kind) || *kind == CHANGE_VOID) {
        return error_field(
            err, ECOMMERCE_INVALID_ARGUMENT, "kind",
            "'%.*s' is none of paid, shipped, delivered, cancelled, returned, refunded",
            STR_ARG(request->kind));
    }
    if (request->line_count > 0 && *kind != CHANGE_RETURNED) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "items", "only a return names items");
    }
    if (request->line_count > most) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "items",
                           "a return names at most %zu items, not %zu", most, request->line_count);
    }
    if (request->has_refund && request->refund < 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "refund", "a refund is not negative");
    }
    if (request->key.ptr != NULL && request->key.len == 0) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "key", "a key must not be empty");
    }
    return id_check(request->order_id, "order_id", err) &&
           check_text(request->key, KEY_MAX, "key", err) &&
           check_text(request->reference, REFERENCE_MAX, "reference", err) &&
           check_text(request->reason, REFERENCE_MAX, "reason", err);
}

/* The request as sent: the same key with another request is a mistake of the caller's. */
static bool fingerprint_of(const struct order_change_request *request, struct sha256 *fingerprint)
{
    struct text text;
    text_init(&text, 0);
    text_printf(&text, "%.*s|%zu:%.*s|%zu:%.*s|%d|%d|%" PRId64 "|%" PRId64, STR_ARG(request->kind),
                request->reference.len, STR_ARG(request->reference), request->reason.len,
                STR_ARG(request->reason), request->no_restock, request->has_refund, request->refund,
                request->at);
    for (size_t i = 0; i < request->line_count; i++) {
        text_printf(&text, "|%" PRId64 ":%zu:%.*s:%" PRId64, request->lines[i].line,
                    request->lines[i].item_id.len, STR_ARG(request->lines[i].item_id),
                    request->lines[i].quantity);
    }
    bool ok = text_ok(&text);
    sha256_of(fingerprint, text_cstr(&text), text.len);
    text_release(&text);
    return ok;
}

static struct change_line line_back(const struct order_line *line, int64_t quantity)
{
    return (struct change_line){
        .line = line->line,
        .product_id = line->product_id,
        .sku = line->sku,
        .category = line->category,
        .quantity = quantity,
        .amount = line->price * quantity, /* no overflow: at most the line's amount */
        .tracked = line->tracked,
    };
}

static bool everything_left(struct call *call, struct change_plan *plan, ecommerce_error *err)
{
    const struct order *order = plan->order;
    struct order_change *change = &plan->change;
    change->lines = arena_array(&call->arena, order->line_count + 1, sizeof(*change->lines));
    if (change->lines == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < order->line_count; i++) {
        int64_t left = order->lines[i].quantity - plan->state->taken_back[i];
        if (left > 0) {
            change->lines[change->line_count++] = line_back(&order->lines[i], left);
        }
    }
    if (plan->kind == CHANGE_CANCELLED && order->delivery_cost != 0) {
        char *id = arena_printf(&call->arena, "delivery:%.*s", STR_ARG(order->delivery_method));
        if (id == NULL) {
            return error_memory(err);
        }
        change->lines[change->line_count++] = (struct change_line){
            .line = (int64_t)order->line_count + 1,
            .product_id = str_of(id),
            .sku = str_of(id),
            .quantity = 1,
            .amount = order->delivery_cost,
        };
    }
    return true;
}

/* Takes `quantity` of one order line, or of the lines of one item in order. */
static bool take_named(struct change_plan *plan, const struct order_line_quantity *named,
                       int64_t *taken, size_t index, ecommerce_error *err)
{
    const struct order *order = plan->order;
    int64_t wanted = named->quantity;
    bool seen = false;
    for (size_t i = 0; i < order->line_count && wanted > 0; i++) {
        const struct order_line *line = &order->lines[i];
        bool match = named->line > 0 ? line->line == named->line
                                     : str_equal(line->product_id, named->item_id) ||
                                           str_equal(line->variant_id, named->item_id);
        if (!match) {
            continue;
        }
        seen = true;
        int64_t left = line->quantity - plan->state->taken_back[i] - taken[i];
        int64_t quantity = left < wanted ? left : wanted;
        if (quantity > 0) {
            plan->change.lines[plan->change.line_count++] = line_back(line, quantity);
            taken[i] += quantity;
            wanted -= quantity;
        }
    }
    if (!seen) {
        error_field(err, ECOMMERCE_INVALID_ARGUMENT, named->line > 0 ? "line" : "product_id",
                    "the order has no such line");
        return error_under(err, "items[%zu]", index);
    }
    if (wanted > 0) {
        error_field(err, ECOMMERCE_INVALID_ARGUMENT, "quantity",
                    "%" PRId64 " more than is left to return", wanted);
        return error_under(err, "items[%zu]", index);
    }
    return true;
}

static bool named_lines(struct call *call, struct change_plan *plan, ecommerce_error *err)
{
    const struct order_change_request *request = plan->request;
    /* Each name uses lines up, once for all names, and at most one more in part. */
    size_t capacity = plan->order->line_count + request->line_count;
    int64_t *taken = arena_array(&call->arena, plan->order->line_count + 1, sizeof(*taken));
    plan->change.lines = arena_array(&call->arena, capacity, sizeof(*plan->change.lines));
    if (taken == NULL || plan->change.lines == NULL) {
        return error_memory(err);
    }
    for (size_t i = 0; i < request->line_count; i++) {
        if (request->lines[i].quantity <= 0) {
            error_field(err, ECOMMERCE_INVALID_ARGUMENT, "quantity",
                        "a quantity is greater than zero");
            return error_under(err, "items[%zu]", i);
        }
        if (!take_named(plan, &request->lines[i], taken, i, err)) {
            return false;
        }
    }
    return true;
}

static int64_t sum_of_lines(const struct order_change *change)
{
    int64_t sum = 0;
    for (size_t i = 0; i < change->line_count; i++) {
        sum += change->lines[i].amount;
    }
    return sum;
}

/* A trusted refund that differs from price times quantity is spread over the lines, so that the
 * analytics see what was really given back; the last line takes the rounding. */
static void spread_refund(struct order_change *change, int64_t refund)
{
    int64_t total = sum_of_lines(change), given = 0;
    for (size_t i = 0; i < change->line_count; i++) {
        bool last = i + 1 == change->line_count;
        int64_t share =
            total == 0 ? 0 : (int64_t)((__int128)refund * change->lines[i].amount / total);
        change->lines[i].amount = last ? refund - given : share;
        given += change->lines[i].amount;
    }
}

static bool plan_money_back(struct call *call, struct change_plan *plan, ecommerce_error *err)
{
    bool all = plan->request->line_count == 0;
    if (!(all ? everything_left(call, plan, err) : named_lines(call, plan, err))) {
        return false;
    }
    struct order_change *change = &plan->change;
    if (change->line_count == 0) {
        return error_set(err, ECOMMERCE_INVALID_TRANSITION, "nothing is left to take back");
    }
    if (plan->request->has_refund) {
        spread_refund(change, plan->request->refund);
    }
    change->amount = sum_of_lines(change);
    change->restock = !plan->request->no_restock;
    /* Only what was paid can be due back. */
    int64_t open = plan->state->paid - plan->state->refund_due - plan->state->refunded;
    change->refund_due = change->amount < open ? change->amount : open;
    if (change->refund_due < 0) {
        change->refund_due = 0;
    }
    return true;
}

static bool plan_change(struct call *call, struct change_plan *plan, ecommerce_error *err)
{
    const struct order_change_request *request = plan->request;
    const struct order *order = plan->order;
    int64_t n = plan->state->changes + 1;
    change_id_of(order->order_id, n, plan->id);
    plan->change = (struct order_change){
        .change_id = str_of(plan->id),
        .order_id = order->order_id,
        .n = n,
        .kind = plan->kind,
        .at = request->at != 0 ? request->at : call_wall(call),
        .key = request->key,
        .fingerprint = str_make(plan->fingerprint.bytes, SHA256_BYTES),
        .reference = request->reference,
        .reason = request->reason,
        .customer_id = order->customer_id,
        .country = order->country,
    };
    switch (plan->kind) {
    case CHANGE_PAID:
        plan->change.amount = order->total - plan->state->paid;
        return true;
    case CHANGE_REFUNDED:
        plan->change.amount = request->has_refund ? request->refund : plan->state->refund_due;
        if (plan->change.amount <= 0 || plan->change.amount > plan->state->refund_due) {
            return error_field(err, ECOMMERCE_INVALID_TRANSITION, "refund",
                               "no refund of this amount is due");
        }
        return true;
    case CHANGE_CANCELLED:
    case CHANGE_RETURNED:
        return plan_money_back(call, plan, err);
    default:
        return true;
    }
}

static const struct order_change *find_key(const struct order_state *state, struct str key)
{
    for (int64_t i = 0; key.ptr != NULL && i < state->changes; i++) {
        if (str_equal(state->history[i].key, key)) {
            return &state->history[i];
        }
    }
    return NULL;
}

static bool check_transition(struct call *call, const struct change_plan *plan,
                             ecommerce_error *err)
{
    enum order_status from = plan->state->status;
    bool unpaid = settings_bool(call->shop->settings, SETTING_ORDERS_SHIP_UNPAID);
    bool paid_already = plan->kind == CHANGE_PAID && plan->state->paid >= plan->order->total &&
                        plan->state->changes > 0 && from != STATUS_PLACED;
    if (paid_already || !transition_allowed(from, plan->kind, unpaid, plan->request->trusted)) {
        error_set(err, ECOMMERCE_INVALID_TRANSITION, "an order that is %s cannot be %s",
                  order_status_name(from), change_kind_name(plan->kind));
        if (err != NULL) {
            snprintf(err->subject, sizeof(err->subject), "%.*s", STR_ARG(plan->order->order_id));
        }
        return false;
    }
    return true;
}

static bool read_judged_order(struct call *call, struct str order_id, struct order *order,
                              ecommerce_error *err)
{
    struct stored_document stored;
    bool found;
    if (!call_get(call, COLLECTION_ORDERS, order_id, true, &stored, &found, err)) {
        return false;
    }
    if (!found || str_is(doc_text(stored.doc, "status"), "aborted")) {
        return error_field(err, ECOMMERCE_NOT_FOUND, "order_id", "no order has the id '%.*s'",
                           STR_ARG(order_id));
    }
    if (!order_parse(&call->arena, &stored, order, err)) {
        return false;
    }
    return orders_ensure_judged(call, order, err);
}

bool changes_write_state(struct call *call, const struct order *order,
                         const struct order_state *state, ecommerce_error *err)
{
    struct doc_builder builder;
    doc_builder_init(&builder);
    order_state_build(&builder, order, state->status, state->changes);
    struct documents_request put =
        call_documents(call, DOCUMENTS_PUT, COLLECTION_ORDER_STATES, order->order_id);
    put.doc = doc_finish(&builder);
    bool ok = doc_builder_ok(&builder) ? documents_run(call->shop->documents, &put, err)
                                       : error_memory(err);
    doc_builder_release(&builder);
    return ok;
}

/* The derived document for lists; best effort: the checker compares and mends it. */
static void write_state(struct call *call, const struct order *order,
                        const struct order_state *state)
{
    ecommerce_error err = {0};
    if (!changes_write_state(call, order, state, &err)) {
        log_write(call->shop->logger, LOG_WARNING, "orders",
                  "the state of %.*s was not written: %s", STR_ARG(order->order_id), err.message);
    }
}

static void answer(struct call *call, const struct order *order, const struct order_state *state,
                   int64_t n)
{
    order_state_show(call->out, order, state, &call->shop->currency);
    doc_add_int(call->out, "change", n);
}

enum append_result { APPEND_DONE, APPEND_AGAIN, APPEND_FAILED };

static enum append_result append_once(struct call *call, struct change_plan *plan,
                                      ecommerce_error *err)
{
    struct order_state state;
    if (!changes_fold(call, plan->order, &state, err)) {
        return APPEND_FAILED;
    }
    plan->state = &state;
    const struct order_change *before = find_key(&state, plan->request->key);
    if (before != NULL) {
        if (!str_equal(before->fingerprint, str_make(plan->fingerprint.bytes, SHA256_BYTES))) {
            error_field(err, ECOMMERCE_IDEMPOTENCY_KEY_REUSED, "key",
                        "the key was used for another change of this order");
            return APPEND_FAILED;
        }
        call->replayed = true;
        write_state(call, plan->order, &state); /* the first time it may have been cut short */
        answer(call, plan->order, &state, before->n);
        return APPEND_DONE;
    }
    struct stored_document stored;
    bool won;
    if (state.changes >= CHANGES_MAX) {
        error_set(err, ECOMMERCE_LIMIT_EXCEEDED, "an order has at most %d changes", CHANGES_MAX);
        return APPEND_FAILED;
    }
    if (!check_transition(call, plan, err) || !plan_change(call, plan, err) ||
        !insert_change(call, &plan->change, &stored, &won, err)) {
        return APPEND_FAILED;
    }
    if (!won) {
        return APPEND_AGAIN;
    }
    relay_hand_over(call->shop, FACT_CHANGE, &stored);
    /* It is done: nothing that could still fail may make it look refused. */
    state.history[state.changes] = plan->change;
    if (!fold_one(plan->order, &state, &plan->change, err)) {
        return APPEND_FAILED;
    }
    write_state(call, plan->order, &state);
    answer(call, plan->order, &state, plan->change.n);
    return APPEND_DONE;
}

bool orders_change(struct call *call, const struct order_change_request *request,
                   ecommerce_error *err)
{
    struct change_plan plan = {.request = request};
    struct order order;
    if (!check_request(call, request, &plan.kind, err) ||
        !read_judged_order(call, request->order_id, &order, err)) {
        return false;
    }
    if (!fingerprint_of(request, &plan.fingerprint)) {
        return error_memory(err);
    }
    plan.order = &order;
    enum append_result result;
    do {
        result = append_once(call, &plan, err);
    } while (result == APPEND_AGAIN && seams_monotonic(call->shop->seams) < call->deadline);
    if (result == APPEND_AGAIN) {
        return error_set(err, ECOMMERCE_DEADLINE_EXCEEDED, "other changes came first each time");
    }
    return result == APPEND_DONE;
}

/* ---- showing ---- */

static void show_change(struct doc_builder *out, const struct order_change *change,
                        const struct currency *currency)
{
    doc_open(out, NULL);
    doc_add_int(out, "n", change->n);
    doc_adds(out, "kind", change_kind_name(change->kind));
    doc_add_time(out, "at", change->at);
    if (change->reference.ptr != NULL) {
        doc_add_text(out, "reference", change->reference);
    }
    if (change->reason.ptr != NULL) {
        doc_add_text(out, "reason", change->reason);
    }
    if (change->amount != 0) {
        doc_add_money(out, "amount", change->amount, currency);
    }
    if (change->refund_due != 0) {
        doc_add_money(out, "refund_due", change->refund_due, currency);
    }
    if (change->line_count > 0) {
        doc_add_bool(out, "restocked", change->restock);
        doc_open_array(out, "items");
        for (size_t i = 0; i < change->line_count; i++) {
            doc_open(out, NULL);
            doc_add_int(out, "line", change->lines[i].line);
            doc_add_text(out, "product_id", change->lines[i].product_id);
            doc_add_int(out, "quantity", change->lines[i].quantity);
            doc_add_money(out, "amount", change->lines[i].amount, currency);
            doc_close(out);
        }
        doc_close(out);
    }
    doc_close(out);
}

static void show_records(struct doc_builder *out, const char *name, enum change_kind kind,
                         const struct order_state *state, const struct currency *currency)
{
    doc_open_array(out, name);
    for (int64_t i = 0; i < state->changes; i++) {
        const struct order_change *change = &state->history[i];
        if (change->kind == kind) {
            doc_open(out, NULL);
            doc_add_money(out, "amount", change->amount, currency);
            doc_add_time(out, "at", change->at);
            doc_add_text(out, "reference", change->reference);
            doc_close(out);
        }
    }
    doc_close(out);
}

void order_state_show(struct doc_builder *out, const struct order *order,
                      const struct order_state *state, const struct currency *currency)
{
    order_show(out, order, state->status, currency);
    show_records(out, "payments", CHANGE_PAID, state, currency);
    show_records(out, "refunds", CHANGE_REFUNDED, state, currency);
    doc_add_money(out, "refund_due", state->refund_due, currency);
    doc_open_array(out, "taken_back");
    for (size_t i = 0; i < order->line_count; i++) {
        if (state->taken_back[i] > 0) {
            doc_open(out, NULL);
            doc_add_int(out, "line", order->lines[i].line);
            doc_add_int(out, "quantity", state->taken_back[i]);
            doc_close(out);
        }
    }
    doc_close(out);
    doc_open_array(out, "history");
    for (int64_t i = 0; i < state->changes; i++) {
        show_change(out, &state->history[i], currency);
    }
    doc_close(out);
}

void order_state_build(struct doc_builder *out, const struct order *order, enum order_status status,
                       int64_t changes)
{
    doc_add_text(out, "order_id", order->order_id);
    doc_adds(out, "status", order_status_name(status));
    if (order->customer_id.ptr != NULL) {
        doc_add_text(out, "customer_id", order->customer_id);
    }
    doc_add_int(out, "placed_at", order->placed_at);
    doc_add_int(out, "changes", changes);
}
