#include "services/orders/order_protocol.h"

#include "services/orders/order_changes.h"
#include "services/orders/recovery.h"
#include "services/orders/relay.h"

#include "support/alloc.h"

#include <assert.h>
#include <stdio.h>

static bool in_time(const struct call *call)
{
    return seams_monotonic(call->shop->seams) < call->deadline;
}

static void count(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* ---- outcomes ---- */

/* Nothing of this attempt was inserted, or what was is void or aborted for good. */
static void not_placed(struct attempt *attempt, const char *why)
{
    ecommerce_error err = {0};
    error_set(&err, ECOMMERCE_NOT_PLACED,
              "the order was not placed: %s; repeat it with the same key", why);
    attempt_fail(attempt, &err);
}

static void outcome_unknown(struct attempt *attempt)
{
    ecommerce_error err = {0};
    error_set(
        &err, ECOMMERCE_OUTCOME_UNKNOWN,
        "it is not known whether the order was placed: repeat it with the same key, or read it");
    snprintf(err.subject, sizeof(err.subject), "%s", attempt->order_id.text);
    attempt_fail(attempt, &err);
}

static void in_progress(struct attempt *attempt)
{
    ecommerce_error err = {0};
    error_set(&err, ECOMMERCE_IN_PROGRESS, "a request with the same key is in flight");
    snprintf(err.subject, sizeof(err.subject), "%s", attempt->order_id.text);
    attempt_fail(attempt, &err);
}

static void key_reused(struct attempt *attempt)
{
    ecommerce_error err = {0};
    error_field(&err, ECOMMERCE_IDEMPOTENCY_KEY_REUSED, "key",
                "the key was used for another order by this customer");
    attempt_fail(attempt, &err);
}

/* Something before the insert failed: the order was not sent, whatever became of that. */
static void fail_unsent(struct attempt *attempt, const ecommerce_error *err)
{
    if (ecommerce_error_class_of(err->code) == ECOMMERCE_CLASS_OUTCOME_UNKNOWN) {
        not_placed(attempt, "a store did not answer in time");
    } else {
        attempt_fail(attempt, err);
    }
}

/* The next attempt has an id of its own: only after this one is aborted or void for good. What was
 * refused is not tried: it may not even have prices. */
static void next_attempt(struct call *call, struct attempt *attempt)
{
    if (attempt->refusal.code != ECOMMERCE_OK) {
        attempt->step = STEP_REFUSE;
        return;
    }
    attempt->tries++;
    attempt->epoch = 0;
    attempt->held = false;
    attempt->insert_unanswered = false;
    attempt->inserted = false;
    attempt->contact_inserted = false;
    attempt->documents_request = (struct documents_request){0};
    attempt_name(call, attempt);
    attempt->step = STEP_RESERVE;
    if (!in_time(call)) {
        not_placed(attempt, "there was no time for another attempt");
    }
}

/* ---- reserve ---- */

static void submit_reserve(struct call *call, struct attempt *attempt, int64_t epoch)
{
    const struct settings *settings = call->shop->settings;
    int64_t left = call->deadline - seams_monotonic(call->shop->seams);
    attempt->live_request = call_live(call, LIVE_RESERVE);
    attempt->live_request.epoch = epoch;
    attempt->live_request.id = attempt->order.order_id;
    attempt->live_request.lines = attempt->stock;
    attempt->live_request.line_count = attempt->stock_count;
    attempt->live_request.hold_deadline = call_wall(call) + (left > 0 ? left : 0);
    attempt->live_request.grace = settings_duration(settings, SETTING_ORDERS_GRACE);
    attempt->order.hold_deadline = attempt->live_request.hold_deadline;
    live_submit(call->shop->live, &attempt->live_request);
}

static void refuse_out_of_stock(struct attempt *attempt)
{
    const struct live_request *request = &attempt->live_request;
    ecommerce_error err = {0};
    if (request->level_count == 0) {
        error_set(&err, ECOMMERCE_OUT_OF_STOCK, "not enough stock");
    } else {
        const struct stock_level *short_one = &request->levels[0];
        size_t line = 0;
        while (line + 1 < attempt->order.line_count &&
               !str_equal(attempt->order.lines[line].sku, short_one->sku)) {
            line++;
        }
        int64_t left = short_one->available > 0 ? short_one->available : 0;
        error_field(&err, ECOMMERCE_OUT_OF_STOCK, "quantity", "only %lld of '%.*s' %s left%s",
                    (long long)left, STR_ARG(short_one->sku), left == 1 ? "is" : "are",
                    request->level_count > 1 ? ", and other items are short too" : "");
        error_under(&err, "items[%zu]", line);
        snprintf(err.subject, sizeof(err.subject), "%.*s", STR_ARG(short_one->sku));
    }
    attempt_refuse(attempt, &err);
}

/* Another epoch than we thought, or another live store: find out which, and come again. */
static void realign(struct call *call, struct attempt *attempt)
{
    ecommerce_error err = {0};
    if (!recovery_align(call, &attempt->live_request.status, &err)) {
        if (err.code == ECOMMERCE_DEADLINE_EXCEEDED) {
            not_placed(attempt, "the stock is being counted again");
        } else {
            fail_unsent(attempt, &err);
        }
    }
}

static void take_reserve_answer(struct call *call, struct attempt *attempt)
{
    const struct live_request *request = &attempt->live_request;
    switch (request->outcome) {
    case LIVE_DONE:
        attempt->held = true;
        attempt->epoch = request->epoch;
        attempt->live = request->status;
        attempt->step = STEP_INSERT;
        return;
    case LIVE_OUT_OF_STOCK:
        refuse_out_of_stock(attempt);
        return;
    case LIVE_WRONG_EPOCH:
        realign(call, attempt);
        return;
    case LIVE_TOO_LATE:
        not_placed(attempt, "its time was over before stock was reserved");
        return;
    case LIVE_WAS_RELEASED: /* somebody gave this id up: its document says so */
    case LIVE_OTHER_LINES:  /* another request under the key, or the catalogue changed since */
        attempt->step = STEP_READ_BACK;
        return;
    case LIVE_NO_HOLD:
        break;
    }
    ecommerce_error err = {0};
    error_set(&err, ECOMMERCE_INTERNAL, "the live store answered a reservation with no hold");
    attempt_fail(attempt, &err);
}

/* Untracked items only: there is nothing to hold, but the document still names the epoch. */
static bool needs_no_hold(const struct attempt *attempt)
{
    return attempt->stock_count == 0;
}

static void step_reserve(struct call *call, struct attempt *attempts, size_t total)
{
    struct order_runtime *runtime = call->shop->orders;
    int64_t epoch = order_runtime_epoch(runtime);
    for (size_t i = 0; i < total; i++) {
        if (attempts[i].step == STEP_RESERVE && !needs_no_hold(&attempts[i])) {
            submit_reserve(call, &attempts[i], epoch);
        }
    }
    for (size_t i = 0; i < total; i++) {
        struct attempt *attempt = &attempts[i];
        if (attempt->step != STEP_RESERVE) {
            continue;
        }
        if (needs_no_hold(attempt)) {
            attempt->epoch = epoch;
            attempt->order.hold_deadline =
                call_wall(call) + (call->deadline - seams_monotonic(call->shop->seams));
            attempt->live = (struct live_status){0};
            attempt->step = STEP_INSERT;
            continue;
        }
        if (live_wait(call->shop->live, &attempt->live_request)) {
            take_reserve_answer(call, attempt);
            continue;
        }
        const ecommerce_error *err = &attempt->live_request.base.error;
        bool again = ecommerce_error_class_of(err->code) == ECOMMERCE_CLASS_OUTCOME_UNKNOWN;
        if (again && in_time(call)) {
            attempt->again = true; /* idempotent by order id */
            continue;
        }
        if (again || err->code == ECOMMERCE_DEADLINE_EXCEEDED) {
            not_placed(attempt, "the live store did not answer in time");
        } else {
            attempt_fail(attempt, err);
        }
    }
}

/* ---- insert: the commit point ---- */

static bool build_document(struct call *call, struct attempt *attempt, ecommerce_error *err)
{
    size_t most = (size_t)settings_size(call->shop->settings, SETTING_ORDERS_MAX_BYTES);
    struct doc_builder builder;
    doc_builder_init(&builder);
    attempt->order.epoch = attempt->epoch;
    order_build(&builder, &attempt->order, call->shop->currency.code);
    struct doc doc = doc_finish(&builder);
    bool ok = doc_builder_check(&builder, err) &&
              (doc_copy(&call->arena, doc, &attempt->order.doc) || error_memory(err));
    size_t size = doc.size;
    doc_builder_release(&builder);
    if (!ok) {
        return false;
    }
    if (size > most) {
        return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "items",
                           "an order has at most %zu bytes, not %zu", most, size);
    }
    return true;
}

static bool same_fingerprint(const struct attempt *attempt, const struct stored_document *stored)
{
    struct doc_value value;
    return doc_get(stored->doc, "fingerprint", &value) && value.type == DOC_BINARY &&
           str_equal(value.text, str_make(attempt->fingerprint.bytes, SHA256_BYTES));
}

static bool is_ours_to_set(struct str name)
{
    return str_is(name, "order_id") || str_is(name, "customer_id") || str_is(name, "fingerprint");
}

static void build_contact(struct doc_builder *out, const struct attempt *attempt)
{
    struct doc_iter iter;
    doc_add_text(out, "order_id", attempt->order.order_id);
    if (attempt->request->customer_id.ptr != NULL) {
        doc_add_text(out, "customer_id", attempt->request->customer_id);
    }
    doc_add_binary(out, "fingerprint", attempt->fingerprint.bytes, SHA256_BYTES);
    for (doc_iter_init(&iter, attempt->request->contact); doc_iter_next(&iter);) {
        if (!is_ours_to_set(iter.value.key)) {
            doc_add_value(out, NULL, &iter.value);
        }
    }
}

/* An address that another request under the key left there is not this order's: perhaps that one is
 * in flight. It goes when the id is aborted. */
static bool compare_contact(struct call *call, struct attempt *attempt, ecommerce_error *err)
{
    struct stored_document contact;
    bool found;
    if (!call_get(call, COLLECTION_ORDER_CONTACTS, attempt->order.order_id, true, &contact, &found,
                  err)) {
        return false;
    }
    if (!found || !same_fingerprint(attempt, &contact)) {
        attempt->step = STEP_READ_BACK;
    }
    return true;
}

/* Names and addresses live in a document of their own, so that they can be erased. It is written
 * first: an order without its address would be worse than an address without its order (the checker
 * finds those). */
static bool insert_contact(struct call *call, struct attempt *attempt, ecommerce_error *err)
{
    if (doc_is_empty(attempt->request->contact)) {
        return true;
    }
    struct doc_builder builder;
    doc_builder_init(&builder);
    build_contact(&builder, attempt);
    struct doc doc = doc_finish(&builder);
    bool ok =
        doc_builder_check(&builder, err) &&
        documents_insert(call->shop->documents, COLLECTION_ORDER_CONTACTS, attempt->order.order_id,
                         doc, 0, call->deadline, &attempt->contact_inserted, err);
    doc_builder_release(&builder);
    return ok && (attempt->contact_inserted || compare_contact(call, attempt, err));
}

/* Of an id that is aborted or void for good. What is left behind is named by the checker. */
static void erase_contact(struct call *call, struct str order_id)
{
    struct documents_request erase =
        call_documents(call, DOCUMENTS_ERASE, COLLECTION_ORDER_CONTACTS, order_id);
    ecommerce_error err = {0};
    if (!documents_run(call->shop->documents, &erase, &err)) {
        log_write(call->shop->logger, LOG_WARNING, "orders", "a contact was not erased: %s",
                  err.message);
    }
}

static void submit_insert(struct call *call, struct attempt *attempt)
{
    attempt->documents_request =
        call_documents(call, DOCUMENTS_INSERT, COLLECTION_ORDERS, attempt->order.order_id);
    attempt->documents_request.doc = attempt->order.doc;
    attempt->documents_request.marks = MARKS_ALL;
    if (attempt->live.sequence != 0) {
        attempt->documents_request.witness_identity = str_of(attempt->live.identity);
        attempt->documents_request.witness_sequence = attempt->live.sequence;
    }
    documents_submit(call->shop->documents, &attempt->documents_request);
}

static void take_insert_answer(struct call *call, struct attempt *attempt)
{
    const struct documents_request *request = &attempt->documents_request;
    if (request->base.ok) {
        attempt->insert_unanswered = attempt->insert_unanswered && !request->inserted;
        attempt->inserted = request->inserted;
        attempt->step = request->inserted ? STEP_JUDGE : STEP_READ_BACK;
        attempt->stored = (struct stored_document){.id = attempt->order.order_id,
                                                   .doc = attempt->order.doc,
                                                   .version = 1,
                                                   .marks = MARKS_ALL};
        return;
    }
    bool unanswered =
        ecommerce_error_class_of(request->base.error.code) == ECOMMERCE_CLASS_OUTCOME_UNKNOWN;
    attempt->insert_unanswered = attempt->insert_unanswered || unanswered;
    if (unanswered && in_time(call)) {
        attempt->again = true;
        return;
    }
    if (attempt->insert_unanswered) {
        outcome_unknown(attempt); /* and nothing is released: the sweeper finds out */
    } else {
        attempt_fail(attempt, &request->base.error); /* the hold is the sweeper's, too */
    }
}

static void step_insert(struct call *call, struct attempt *attempts, size_t total)
{
    for (size_t i = 0; i < total; i++) {
        ecommerce_error err = {0};
        if (attempts[i].step == STEP_INSERT && attempts[i].documents_request.base.arena == NULL &&
            !(build_document(call, &attempts[i], &err) &&
              insert_contact(call, &attempts[i], &err))) {
            fail_unsent(&attempts[i], &err);
        }
    }
    for (size_t i = 0; i < total; i++) {
        if (attempts[i].step == STEP_INSERT) {
            submit_insert(call, &attempts[i]);
        }
    }
    for (size_t i = 0; i < total; i++) {
        if (attempts[i].step == STEP_INSERT) {
            (void)documents_wait(call->shop->documents, &attempts[i].documents_request);
            take_insert_answer(call, &attempts[i]);
        }
    }
}

/* ---- an id that is taken ---- */

static void release(struct call *call, struct attempt *attempt)
{
    if (!attempt->held) {
        return;
    }
    struct live_request request = call_live(call, LIVE_RELEASE);
    request.epoch = attempt->epoch;
    request.id = attempt->order.order_id;
    ecommerce_error err = {0};
    if (!live_run(call->shop->live, &request, &err)) {
        log_write(call->shop->logger, LOG_INFO, "orders", "a hold is left to the sweeper: %s",
                  err.message);
    }
    attempt->held = false;
}

static bool is_aborted(const struct stored_document *stored)
{
    return str_is(doc_text(stored->doc, "status"), "aborted");
}

/* The order was there and has an address of its own, none, or had one that was erased: what we just
 * wrote is not wanted. Only a twin in flight may rely on it, and that one's deadline comes. */
static void take_back_contact(struct call *call, struct attempt *attempt)
{
    int64_t grace = settings_duration(call->shop->settings, SETTING_ORDERS_GRACE);
    int64_t deadline = doc_int(attempt->stored.doc, "hold_deadline", INT64_MAX - grace);
    bool twin = same_fingerprint(attempt, &attempt->stored) && call_wall(call) < deadline + grace;
    if (attempt->contact_inserted && !twin) {
        erase_contact(call, attempt->order.order_id);
    }
}

static void read_back(struct call *call, struct attempt *attempt)
{
    ecommerce_error err = {0};
    bool found;
    if (!call_get(call, COLLECTION_ORDERS, attempt->order.order_id, true, &attempt->stored, &found,
                  &err)) {
        if (attempt->insert_unanswered) {
            outcome_unknown(attempt);
        } else {
            in_progress(attempt);
        }
    } else if (!found) {
        if (attempt->insert_unanswered) {
            outcome_unknown(attempt);
        } else {
            in_progress(attempt);
        }
    } else if (is_aborted(&attempt->stored)) {
        release(call, attempt);
        erase_contact(call, attempt->order.order_id);
        next_attempt(call, attempt);
    } else {
        take_back_contact(call, attempt);
        if (same_fingerprint(attempt, &attempt->stored)) {
            attempt->step = STEP_JUDGE;
        } else {
            key_reused(attempt);
        }
    }
}

/* ---- refusing ---- */

/* Before any definite no, a keyed request looks for the order that an earlier call may have made.
 */
static void refuse(struct call *call, struct attempt *attempt)
{
    ecommerce_error err = {0};
    bool keyed = attempt->request->key.ptr != NULL;
    for (attempt->tries = 1; keyed; attempt->tries++) {
        bool found, is_void;
        attempt_name(call, attempt);
        if (!call_get(call, COLLECTION_ORDERS, attempt->order.order_id, true, &attempt->stored,
                      &found, &err)) {
            attempt_fail(attempt, &err);
            return;
        }
        if (!found) {
            break;
        }
        if (is_aborted(&attempt->stored)) {
            continue;
        }
        if (!same_fingerprint(attempt, &attempt->stored)) {
            key_reused(attempt);
            return;
        }
        if (!changes_find_void(call, attempt->order.order_id, &is_void, &err)) {
            attempt_fail(attempt, &err);
            return;
        }
        if (!is_void) {
            attempt->step = STEP_JUDGE;
            return;
        }
    }
    count(&call->shop->orders->counters.refused);
    attempt_fail(attempt, &attempt->refusal);
}

/* ---- judge ---- */

bool protocol_judge(struct call *call, const struct order *order, enum judgement *judgement,
                    ecommerce_error *err)
{
    for (;;) {
        int64_t newest;
        if (!epochs_newest(call, order->epoch, &newest, err) ||
            !epochs_judge(call, order, newest, judgement, err)) {
            return false;
        }
        if (*judgement != JUDGED_UNDECIDED) {
            bool won;
            return *judgement != JUDGED_VOID || changes_void(call, order, &won, err);
        }
        ecommerce_error why = {0};
        if (!recovery_await_base(call, newest, &why)) {
            if (why.code == ECOMMERCE_DEADLINE_EXCEEDED) {
                return true;
            }
            if (err != NULL) {
                *err = why;
            }
            return false;
        }
    }
}

static void placed(struct call *call, struct attempt *attempt, const struct order *order)
{
    struct order_result *result = attempt->result;
    result->ok = true;
    result->order = attempt->stored.doc;
    result->replayed = !attempt->inserted;
    attempt->step = STEP_DONE;
    count(attempt->inserted ? &call->shop->orders->counters.placed
                            : &call->shop->orders->counters.replayed);
    if (!attempt->inserted && attempt->held && !(order->marks & MARK_STOCK)) {
        /* The order was settled long ago and its id forgotten: this hold is one too many. */
        release(call, attempt);
    } else if (attempt->held && attempt->epoch != order->epoch) {
        release(call, attempt);
    }
    if (order->marks != 0) {
        relay_hand_over(call->shop, FACT_ORDER, &attempt->stored);
    }
}

/* The void order's epoch was ours: learn the newer one before the next attempt, which would be void
 * again otherwise. */
static bool refresh_epoch(struct call *call)
{
    struct live_request status = call_live(call, LIVE_STATUS);
    ecommerce_error err = {0};
    if (!live_run(call->shop->live, &status, &err) || !recovery_align(call, &status.status, &err)) {
        log_write(call->shop->logger, LOG_WARNING, "orders", "the epoch was not learnt: %s",
                  err.message);
        return false;
    }
    return true;
}

static void take_judgement(struct call *call, struct attempt *attempt, const struct order *order,
                           enum judgement judgement)
{
    switch (judgement) {
    case JUDGED_VALID:
        placed(call, attempt, order);
        return;
    case JUDGED_UNDECIDED:
        outcome_unknown(attempt);
        return;
    case JUDGED_VOID:
        count(&call->shop->orders->counters.voided);
        release(call, attempt);
        erase_contact(call, attempt->order.order_id);
        next_attempt(call, attempt);
        if (attempt->step == STEP_RESERVE && !refresh_epoch(call)) {
            not_placed(attempt, "the stock is being counted again");
        }
        return;
    }
}

/* One read of the newest epoch serves all inserts of the batch that ended before it. */
static void step_judge(struct call *call, struct attempt *attempts, size_t total)
{
    int64_t newest = -1;
    ecommerce_error err = {0};
    bool read = true;
    for (size_t i = 0; i < total; i++) {
        struct attempt *attempt = &attempts[i];
        if (attempt->step != STEP_JUDGE) {
            continue;
        }
        if (newest < 0) {
            read = epochs_newest(call, order_runtime_epoch(call->shop->orders), &newest, &err);
            newest = read ? newest : 0;
        }
        struct order order = attempt->order;
        enum judgement judgement = JUDGED_VALID;
        bool fresh = attempt->inserted && attempt->epoch == newest && read;
        if (attempt->inserted) {
            order.epoch = attempt->epoch;
            order.marks = MARKS_ALL;
        }
        if (!fresh &&
            (!(attempt->inserted || order_parse(&call->arena, &attempt->stored, &order, &err)) ||
             !protocol_judge(call, &order, &judgement, &err))) {
            outcome_unknown(attempt); /* inserted, and whether it counts could not be read */
            continue;
        }
        take_judgement(call, attempt, &order, judgement);
    }
}

bool orders_ensure_judged(struct call *call, const struct order *order, ecommerce_error *err)
{
    enum judgement judgement;
    if (!protocol_judge(call, order, &judgement, err)) {
        return false;
    }
    if (judgement == JUDGED_UNDECIDED) {
        return error_set(err, ECOMMERCE_DEADLINE_EXCEEDED, "the stock is being counted again");
    }
    if (judgement == JUDGED_VOID) {
        return error_field(err, ECOMMERCE_NOT_FOUND, "order_id", "no order has the id '%.*s'",
                           STR_ARG(order->order_id));
    }
    return true;
}

/* ---- the batch ---- */

static bool work_left(const struct attempt *attempts, size_t total)
{
    for (size_t i = 0; i < total; i++) {
        if (attempts[i].step != STEP_DONE) {
            return true;
        }
    }
    return false;
}

/* A store that cannot answer is not helped by being asked at once and for ever. */
static void pause_before_repeats(struct call *call, struct attempt *attempts, size_t total,
                                 int64_t *pause)
{
    const struct seams *seams = call->shop->seams;
    bool again = false;
    for (size_t i = 0; i < total; i++) {
        again = again || attempts[i].again;
        attempts[i].again = false;
    }
    if (again) {
        seams->sleep_until(seams->context, seams_monotonic(seams) + *pause);
        *pause = *pause < MICROSECONDS / 10 ? *pause * 2 : *pause;
    }
}

static void fail_all(struct order_result *results, size_t total, const ecommerce_error *err)
{
    for (size_t i = 0; i < total; i++) {
        results[i].ok = false;
        results[i].error = *err;
    }
}

void orders_process_batch(struct call *call, const struct order_request *requests, size_t total,
                          struct order_result *results)
{
    struct attempt *attempts = arena_array(&call->arena, total ? total : 1, sizeof(*attempts));
    if (attempts == NULL) {
        ecommerce_error err = {0};
        error_memory(&err);
        fail_all(results, total, &err);
        return;
    }
    for (size_t i = 0; i < total; i++) {
        results[i] = (struct order_result){0};
        attempts[i].request = &requests[i];
        attempts[i].result = &results[i];
        attempt_check(call, &attempts[i]);
    }
    for (int64_t pause = 1000; work_left(attempts, total);) {
        step_reserve(call, attempts, total);
        step_insert(call, attempts, total);
        for (size_t i = 0; i < total; i++) {
            if (attempts[i].step == STEP_REFUSE) {
                refuse(call, &attempts[i]);
            }
            if (attempts[i].step == STEP_READ_BACK) {
                read_back(call, &attempts[i]);
            }
        }
        step_judge(call, attempts, total);
        pause_before_repeats(call, attempts, total, &pause);
    }
}

bool orders_process(struct call *call, const struct order_request *request, ecommerce_error *err)
{
    struct order_result result;
    struct order order;
    orders_process_batch(call, request, 1, &result);
    if (!result.ok) {
        if (err != NULL) {
            *err = result.error;
        }
        return false;
    }
    struct stored_document stored = {.id = STR("order"), .doc = result.order};
    if (!order_parse(&call->arena, &stored, &order, err)) {
        return false;
    }
    call->replayed = result.replayed;
    order_show(call->out, &order, STATUS_PLACED, &call->shop->currency);
    return true;
}
