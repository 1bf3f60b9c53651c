#include "services/orders/recovery.h"

#include "services/orders/order_facts.h"

#include <inttypes.h>
#include <stdio.h>

/* A count reads the whole history: it has more time than an order. */
static const int64_t REBUILD_PATIENCE = INT64_C(600) * MICROSECONDS;

static bool pause_in_time(struct call *call, int64_t microseconds, ecommerce_error *err)
{
    const struct seams *seams = call->shop->seams;
    int64_t until = seams_monotonic(seams) + microseconds;
    if (until >= call->deadline) {
        error_set(err, ECOMMERCE_DEADLINE_EXCEEDED, "the stock is being counted again");
        return false;
    }
    seams->sleep_until(seams->context, until);
    return true;
}

static void adopt(struct shop *shop, int64_t epoch, const char *identity)
{
    struct order_runtime *runtime = shop->orders;
    pthread_mutex_lock(&runtime->epoch_lock);
    if (epoch >= runtime->epoch) {
        runtime->epoch = epoch;
        snprintf(runtime->live_identity, sizeof(runtime->live_identity), "%s", identity);
    }
    pthread_mutex_unlock(&runtime->epoch_lock);
}

static bool live_status(struct call *call, struct live_status *status, ecommerce_error *err)
{
    struct live_request request = call_live(call, LIVE_STATUS);
    if (!live_run(call->shop->live, &request, err)) {
        return false;
    }
    *status = request.status;
    return true;
}

/* ---- one rebuild ---- */

static bool install(struct call *call, int64_t epoch, const struct recount *recount,
                    struct live_status *status, bool *flipped, ecommerce_error *err)
{
    struct live_request request = call_live(call, LIVE_INSTALL);
    request.epoch = epoch;
    request.install = recount->levels;
    request.install_count = recount->level_count;
    request.applied_ids = recount->applied_ids;
    request.applied_id_count = recount->applied_count;
    if (!live_run(call->shop->live, &request, err)) {
        return false;
    }
    *status = request.status;
    *flipped = request.outcome == LIVE_DONE;
    return true;
}

struct rebuild_result {
    int64_t epoch, parent;
    struct recount recount;
    bool done; /* false: somebody with a newer epoch was faster */
};

/* Seal, count, open, flip: in this order. Whoever dies in between is overtaken by the next epoch.
 */
static bool rebuild_sealed(struct call *call, int64_t epoch, struct rebuild_result *result,
                           ecommerce_error *err)
{
    struct live_status before;
    struct epoch_base parent;
    if (!live_status(call, &before, err) || !epochs_newest_base(call, epoch - 1, &parent, err) ||
        !recovery_recount(call, &parent, &result->recount, err)) {
        return false;
    }
    bool counts_writes = manager_can(&call->shop->live->base, CAPABILITY_SEQUENCE);
    struct epoch_base base = {
        .epoch = epoch,
        .parent = parent.epoch,
        .identity = str_of(before.identity),
        /* a new file has none yet; the flip will be its first write */
        .sequence = counts_writes && before.sequence == 0 ? 1 : before.sequence,
    };
    struct live_status after;
    bool won;
    if (!epochs_open(call, &base, result->recount.counted_orders, result->recount.counted_count,
                     &won, err) ||
        !install(call, epoch, &result->recount, &after, &result->done, err)) {
        return false;
    }
    if (strcmp(before.identity, after.identity) != 0) {
        return error_set(err, ECOMMERCE_UNAVAILABLE,
                         "the live store was changed while the stock was counted");
    }
    result->epoch = epoch;
    result->parent = parent.epoch;
    if (result->done) {
        adopt(call->shop, epoch, after.identity);
        atomic_fetch_add(&call->shop->orders->counters.rebuilds, 1);
        /* The first epoch of a new shop is nothing to warn of. */
        enum log_level level = parent.epoch > 0 ? LOG_WARNING : LOG_INFO;
        log_write(call->shop->logger, level, "recovery",
                  "stock counted again in epoch %" PRId64 ": %" PRId64 " orders, %" PRId64
                  " changes, %" PRId64 " movements, %zu counters",
                  epoch, result->recount.orders, result->recount.changes, result->recount.movements,
                  result->recount.level_count);
    }
    return true;
}

static bool rebuild_once(struct call *call, int64_t newest, struct rebuild_result *result,
                         ecommerce_error *err)
{
    bool won;
    if (!epochs_seal(call, newest + 1, &won, err)) {
        return false;
    }
    if (!won) {
        return true;
    }
    int64_t deadline = call->deadline;
    int64_t patience = seams_monotonic(call->shop->seams) + REBUILD_PATIENCE;
    call->deadline = patience > deadline ? patience : deadline;
    bool ok = rebuild_sealed(call, newest + 1, result, err);
    call->deadline = deadline;
    return ok;
}

/* Over all calls of the process: one call's deadline may be shorter than the patience. */
static int64_t sealed_since(struct call *call, int64_t sealed)
{
    struct order_runtime *runtime = call->shop->orders;
    int64_t now = seams_monotonic(call->shop->seams);
    pthread_mutex_lock(&runtime->epoch_lock);
    if (runtime->sealed_epoch != sealed) {
        runtime->sealed_epoch = sealed;
        runtime->sealed_since = now;
    }
    int64_t since = runtime->sealed_since;
    pthread_mutex_unlock(&runtime->epoch_lock);
    return since;
}

/* A sealed epoch without a base belongs to somebody at work, or to somebody dead. How long it has
 * been seen so decides: a clock of another machine is not asked. */
static bool wait_for_base(struct call *call, int64_t sealed, bool *overtake, ecommerce_error *err)
{
    const struct seams *seams = call->shop->seams;
    int64_t patience = settings_duration(call->shop->settings, SETTING_ORDERS_REBUILD_OVERTAKE);
    uint16_t jitter;
    seams_random(seams, &jitter, sizeof(jitter));
    int64_t until =
        sealed_since(call, sealed) + patience + patience * jitter / (4 * (int64_t)UINT16_MAX);
    *overtake = false;
    for (;;) {
        struct epoch_base base;
        bool found;
        int64_t newest;
        if (!epochs_base(call, sealed, &base, &found, err) ||
            !epochs_newest(call, sealed, &newest, err)) {
            return false;
        }
        if (found || newest != sealed) {
            return true;
        }
        if (seams_monotonic(seams) >= until) {
            *overtake = true;
            return true;
        }
        if (!pause_in_time(call, 20000, err)) {
            return false;
        }
    }
}

enum alignment { ALIGNED, REBUILD_NEEDED, BASE_MISSING, STORE_AHEAD };

static bool compare(struct call *call, const struct live_status *status, int64_t known,
                    int64_t *newest, enum alignment *alignment, ecommerce_error *err)
{
    struct epoch_base base;
    bool found = false;
    if (!epochs_newest(call, known, newest, err) ||
        (*newest > 0 && !epochs_base(call, *newest, &base, &found, err))) {
        return false;
    }
    if (*newest == 0) {
        *alignment = REBUILD_NEEDED; /* a new shop: count nothing, open the first epoch */
    } else if (!found) {
        *alignment = BASE_MISSING;
    } else if (status->epoch == *newest && str_is(base.identity, status->identity)) {
        *alignment = ALIGNED;
    } else {
        *alignment = REBUILD_NEEDED;
    }
    return true;
}

static bool align(struct call *call, struct live_status status, bool lost_writes,
                  ecommerce_error *err)
{
    int64_t known = 0;
    for (;;) {
        enum alignment alignment;
        int64_t newest;
        bool overtake = false;
        if (!compare(call, &status, known, &newest, &alignment, err)) {
            return false;
        }
        known = newest;
        if (alignment == ALIGNED && !lost_writes) {
            adopt(call->shop, newest, status.identity);
            return true;
        }
        if (alignment == BASE_MISSING && !wait_for_base(call, newest, &overtake, err)) {
            return false;
        }
        if (alignment == REBUILD_NEEDED && newest > 0 && !lost_writes && status.epoch < newest &&
            !pause_in_time(call, 20000, err)) {
            return false; /* somebody may be between the base and the flip */
        }
        if (alignment == REBUILD_NEEDED && newest > 0 && !lost_writes && status.epoch < newest) {
            struct live_status again;
            if (!live_status(call, &again, err)) {
                return false;
            }
            if (again.epoch != status.epoch) {
                status = again;
                continue;
            }
        }
        if (alignment != BASE_MISSING || overtake) {
            struct rebuild_result result = {0};
            if (!rebuild_once(call, newest, &result, err)) {
                return false;
            }
            lost_writes = lost_writes && !result.done;
        }
        if (!live_status(call, &status, err)) {
            return false;
        }
    }
}

bool recovery_await_base(struct call *call, int64_t sealed, ecommerce_error *err)
{
    bool overtake;
    struct rebuild_result result = {0};
    return wait_for_base(call, sealed, &overtake, err) &&
           (!overtake || rebuild_once(call, sealed, &result, err));
}

bool recovery_align(struct call *call, const struct live_status *status, ecommerce_error *err)
{
    return align(call, *status, false, err);
}

/* The documents' memory is read first: the live store can only be ahead of what was remembered
 * before it was asked, unless it lost writes. */
bool recovery_open(struct call *call, ecommerce_error *err)
{
    struct documents_request witness =
        call_documents(call, DOCUMENTS_WITNESS, COLLECTION_SHOP, STR_NONE);
    struct live_status status;
    if (!documents_run(call->shop->documents, &witness, err) || !live_status(call, &status, err)) {
        return false;
    }
    bool lost_writes = false;
    if (manager_can(&call->shop->live->base, CAPABILITY_SEQUENCE) && witness.witness_sequence > 0) {
        lost_writes = !str_is(witness.witness_identity, status.identity) ||
                      status.sequence < witness.witness_sequence;
    }
    return align(call, status, lost_writes, err);
}

bool recovery_rebuild_stock(struct call *call, ecommerce_error *err)
{
    struct rebuild_result result = {0};
    while (!result.done) {
        int64_t newest;
        if (!epochs_newest(call, 0, &newest, err) || !rebuild_once(call, newest, &result, err)) {
            return false;
        }
        if (!result.done && !pause_in_time(call, 20000, err)) {
            return false;
        }
    }
    doc_add_int(call->out, "epoch", result.epoch);
    doc_add_int(call->out, "parent", result.parent);
    doc_add_int(call->out, "orders_counted", result.recount.orders);
    doc_add_int(call->out, "changes_counted", result.recount.changes);
    doc_add_int(call->out, "movements_counted", result.recount.movements);
    doc_add_int(call->out, "skus", (int64_t)result.recount.level_count);
    return true;
}
