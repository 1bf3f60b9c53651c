/*
 * checker_stock.c - the counters against the ledger: available + held by orders that are not there
 * yet = what the facts leave; held = the sum of the holds; no hold is old; the epoch is the newest.
 */
#include "services/orders/checker_parts.h"

#include "services/orders/recovery.h"

#include <inttypes.h>

enum { PAGE = 500, LOOKS = 3, MICROSECONDS_BETWEEN_LOOKS = 200000 };

struct sku_state {
    int64_t expected;                /* what the facts leave */
    int64_t uncommitted;             /* held by reservations whose order is not in the documents */
    int64_t held;                    /* by all reservations */
    int64_t available, counted_held; /* as the live store has it */
};

struct stock_look {
    struct check *check;
    struct strmap skus;
    struct strmap wrong_before; /* skus that differed at the look before */
};

static struct sku_state *state_of(struct stock_look *look, struct str sku, ecommerce_error *err)
{
    struct sku_state *state = strmap_get(&look->skus, sku);
    if (state == NULL) {
        struct arena *arena = &look->check->call->arena;
        char *copy = arena_str(arena, sku);
        state = arena_alloc(arena, sizeof(*state));
        if (copy == NULL || state == NULL ||
            !strmap_put(&look->skus, str_make(copy, sku.len), state)) {
            error_memory(err);
            return NULL;
        }
    }
    return state;
}

static bool take_expected(struct stock_look *look, ecommerce_error *err)
{
    struct call *call = look->check->call;
    struct epoch_base base;
    struct recount recount;
    int64_t newest;
    if (!epochs_newest(call, 0, &newest, err) || !epochs_newest_base(call, newest, &base, err) ||
        !recovery_recount(call, &base, &recount, err)) {
        return false;
    }
    for (size_t i = 0; i < recount.level_count; i++) {
        struct sku_state *state = state_of(look, recount.levels[i].sku, err);
        if (state == NULL) {
            return false;
        }
        state->expected = recount.levels[i].available;
    }
    return true;
}

static bool take_hold(struct stock_look *look, const struct live_hold *hold, ecommerce_error *err)
{
    struct stored_document stored;
    bool found;
    if (!call_get(look->check->call, COLLECTION_ORDERS, hold->id, true, &stored, &found, err)) {
        return false;
    }
    bool committed = found && !str_is(doc_text(stored.doc, "status"), "aborted");
    for (size_t i = 0; i < hold->line_count; i++) {
        struct sku_state *state = state_of(look, hold->lines[i].sku, err);
        if (state == NULL) {
            return false;
        }
        state->held += hold->lines[i].quantity;
        state->uncommitted += committed ? 0 : hold->lines[i].quantity;
    }
    return true;
}

static bool take_holds(struct stock_look *look, bool report, ecommerce_error *err)
{
    struct call *call = look->check->call;
    int64_t grace = settings_duration(call->shop->settings, SETTING_ORDERS_GRACE);
    int64_t sweep = settings_duration(call->shop->settings, SETTING_SWEEPER_INTERVAL);
    int64_t overdue = call_wall(call) - grace - sweep;
    struct str after = STR_NONE;
    for (;;) {
        struct live_request request = call_live(call, LIVE_HOLDS);
        request.now = INT64_MAX;
        request.after = after;
        request.limit = PAGE;
        if (!live_run(call->shop->live, &request, err)) {
            return false;
        }
        for (size_t i = 0; i < request.hold_count; i++) {
            const struct live_hold *hold = &request.holds[i];
            if (!take_hold(look, hold, err)) {
                return false;
            }
            if (report && hold->deadline < overdue &&
                !check_add(look->check, FINDING_HOLD_OVERDUE, hold->id, "ended", "still held",
                           err)) {
                return false;
            }
        }
        if (request.hold_count < PAGE) {
            return true;
        }
        after = request.holds[request.hold_count - 1].id;
    }
}

static bool take_levels(struct stock_look *look, ecommerce_error *err)
{
    struct call *call = look->check->call;
    struct str after = STR_NONE;
    for (;;) {
        struct live_request request = call_live(call, LIVE_LEVELS_SCAN);
        request.after = after;
        request.limit = PAGE;
        if (!live_run(call->shop->live, &request, err)) {
            return false;
        }
        for (size_t i = 0; i < request.level_count; i++) {
            struct sku_state *state = state_of(look, request.levels[i].sku, err);
            if (state == NULL) {
                return false;
            }
            state->available = request.levels[i].available;
            state->counted_held = request.levels[i].held;
        }
        if (request.level_count < PAGE) {
            return true;
        }
        after = request.levels[request.level_count - 1].sku;
    }
}

static bool differs(const struct sku_state *state)
{
    return state->available + state->uncommitted != state->expected ||
           state->held != state->counted_held;
}

static bool report_sku(struct stock_look *look, struct str sku, const struct sku_state *state,
                       ecommerce_error *err)
{
    struct arena *arena = &look->check->call->arena;
    char *expected = arena_printf(arena, "available %" PRId64 ", held %" PRId64,
                                  state->expected - state->uncommitted, state->held);
    char *found = arena_printf(arena, "available %" PRId64 ", held %" PRId64, state->available,
                               state->counted_held);
    return check_add(look->check, FINDING_STOCK_DIFFERS, sku, expected, found, err);
}

/* Reading four times is no snapshot: only what differs at every look is wrong. */
static bool look_once(struct stock_look *look, bool first, bool last, size_t *wrong,
                      ecommerce_error *err)
{
    struct strmap wrong_now = {0};
    struct strmap_entry *entry;
    *wrong = 0;
    look->skus = (struct strmap){0};
    bool ok = take_expected(look, err) && take_holds(look, last, err) && take_levels(look, err);
    for (size_t at = 0; ok && (entry = strmap_next(&look->skus, &at)) != NULL;) {
        const struct sku_state *state = entry->value;
        if (!differs(state) || (!first && strmap_get(&look->wrong_before, entry->key) == NULL)) {
            continue;
        }
        (*wrong)++;
        ok = strmap_put(&wrong_now, entry->key, look) || error_memory(err);
        if (ok && last) {
            ok = report_sku(look, entry->key, state, err);
        }
    }
    look->check->skus = (int64_t)look->skus.count;
    strmap_release(&look->wrong_before);
    strmap_release(&look->skus);
    look->wrong_before = wrong_now;
    return ok;
}

static bool check_epoch(struct check *check, ecommerce_error *err)
{
    struct call *call = check->call;
    struct live_request status = call_live(call, LIVE_STATUS);
    struct epoch_base base;
    int64_t newest;
    if (!live_run(call->shop->live, &status, err) || !epochs_newest(call, 0, &newest, err) ||
        !epochs_newest_base(call, newest, &base, err)) {
        return false;
    }
    if (status.status.epoch == base.epoch && str_is(base.identity, status.status.identity)) {
        return true;
    }
    char *expected = arena_printf(&call->arena, "epoch %" PRId64, base.epoch);
    char *found = arena_printf(&call->arena, "epoch %" PRId64 " of store %s", status.status.epoch,
                               status.status.identity);
    return check_add(check, FINDING_EPOCH_DIFFERS, STR("live"), expected, found, err);
}

static bool look_until_sure(struct stock_look *look, ecommerce_error *err)
{
    const struct seams *seams = look->check->call->shop->seams;
    for (int i = 0; i < LOOKS; i++) {
        size_t wrong;
        bool last = i + 1 == LOOKS;
        if (!look_once(look, i == 0, last, &wrong, err)) {
            return false;
        }
        if (wrong == 0 && !last) {
            i = LOOKS - 2; /* nothing differs: one more look only for old holds */
        } else if (!last) {
            seams->sleep_until(seams->context, seams_monotonic(seams) + MICROSECONDS_BETWEEN_LOOKS);
        }
    }
    return true;
}

/* With a fact that cannot be read nobody knows what the counters should be: then they are not
 * compared, and the finding names the fact. */
bool check_stock(struct check *check, ecommerce_error *err)
{
    struct stock_look look = {.check = check};
    ecommerce_error why = {0};
    bool ok = check_epoch(check, &why) && look_until_sure(&look, &why);
    strmap_release(&look.wrong_before);
    if (ok || (why.code == ECOMMERCE_STORAGE_FAILED && check->counts[FINDING_ORDER_DAMAGED] > 0)) {
        return true;
    }
    if (err != NULL) {
        *err = why;
    }
    return false;
}
