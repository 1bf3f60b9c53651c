/*
 * test_order_failures.c - memory that runs out at every allocation, and a disk that fails at every
 * operation, under orders, changes, returns and their delivery: a clean error or the whole effect,
 * never a half.
 */
#include "services/orders/relay.h"
#include "services/orders/sweeper.h"
#include "support/alloc.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/order_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const int64_t second = MICROSECONDS;

static bool is_failure_of_a_store(enum ecommerce_error_code code)
{
    switch (code) {
    case ECOMMERCE_OUT_OF_MEMORY:
    case ECOMMERCE_UNAVAILABLE:
    case ECOMMERCE_STORAGE_FAILED:
    case ECOMMERCE_STORAGE_FULL:
    case ECOMMERCE_OUTCOME_UNKNOWN:
    case ECOMMERCE_NOT_PLACED:
    case ECOMMERCE_IN_PROGRESS:
    case ECOMMERCE_DEADLINE_EXCEEDED:
        return true;
    default:
        return false;
    }
}

static void expect_clean(bool ok, const ecommerce_error *err)
{
    if (!ok && !is_failure_of_a_store(err->code)) {
        fail_msg("%s: %s", ecommerce_error_name(err->code), err->message);
    }
}

/* ---- what is done, each by one call ---- */

struct work {
    struct shop_fixture *fixture;
    struct id order_id;
    const char *key;
};

typedef bool do_work(struct call *call, struct work *work, ecommerce_error *err);

static bool place(struct call *call, struct work *work, ecommerce_error *err)
{
    struct order_item_request items[] = {{.item_id = STR("mug"), .quantity = 2},
                                         {.item_id = STR("wrap"), .quantity = 1}};
    struct order_request request = {.customer_id = STR("ann"),
                                    .items = items,
                                    .item_count = ARRAY_LENGTH(items),
                                    .key = str_of(work->key)};
    return orders_process(call, &request, err);
}

static bool change(struct call *call, struct work *work, ecommerce_error *err)
{
    struct order_change_request request = {
        .order_id = str_of(work->order_id.text), .kind = STR("paid"), .key = str_of(work->key)};
    return orders_change(call, &request, err);
}

static bool take_back(struct call *call, struct work *work, ecommerce_error *err)
{
    struct order_line_quantity line = {.line = 1, .quantity = 1};
    struct order_change_request request = {.order_id = str_of(work->order_id.text),
                                           .kind = STR("returned"),
                                           .key = str_of(work->key),
                                           .lines = &line,
                                           .line_count = 1,
                                           .trusted = true};
    return orders_change(call, &request, err);
}

static bool deliver(struct call *call, struct work *work, ecommerce_error *err)
{
    size_t found;
    UNUSED(work);
    return relay_drain(call, err) && relay_scan(call, &found, err);
}

static bool sweep(struct call *call, struct work *work, ecommerce_error *err)
{
    struct sweep_result result;
    UNUSED(work);
    return sweeper_step(call, &result, err);
}

static bool run(do_work *what, struct work *work, ecommerce_error *err)
{
    struct call call;
    fixture_call_begin(&work->fixture->shop, &call);
    bool ok = what(&call, work, err);
    fixture_call_end(&call);
    return ok;
}

/* ---- memory ---- */

static int open_fixture(void **state)
{
    struct work *work = calloc(1, sizeof(*work));
    assert_non_null(work);
    work->fixture = order_fixture_open(0, NULL);
    order_fixture_receive(work->fixture, "mug", 100);
    assert_int_equal(
        order_fixture_place(work->fixture, "ann", "mug:5", "first", &work->order_id, NULL),
        ECOMMERCE_OK);
    order_fixture_drain(work->fixture);
    *state = work;
    return 0;
}

static int close_fixture(void **state)
{
    struct work *work = *state;
    mem_fail_after(-1);
    fault_vfs_disarm();
    shop_fixture_close(&work->fixture);
    free(work);
    return 0;
}

/* One try with so many allocations, or with so many bytes for the call's arena (0: any). */
static bool try_with(do_work *what, struct work *work, long successes, size_t bytes)
{
    ecommerce_error err = {0};
    struct call call;
    fixture_call_begin(&work->fixture->shop, &call);
    arena_release(&call.arena);
    arena_init(&call.arena, bytes);
    mem_fail_after(successes);
    bool ok = what(&call, work, &err);
    mem_fail_after(-1);
    expect_clean(ok, &err);
    fixture_call_end(&call);
    return ok;
}

/* Lets each allocation of the call's arena fail, until the work is done. Returns the tries. */
static long until_arena_suffices(do_work *what, struct work *work)
{
    long tries = 1;
    for (size_t bytes = 16; !try_with(what, work, -1, bytes); bytes += 48) {
        tries++;
        assert_true(bytes < 1024 * 1024);
    }
    return tries;
}

/* Lets the 1st, 2nd, 3rd … allocation of the heap fail and all after it. */
static long until_memory_suffices(do_work *what, struct work *work)
{
    long successes = 0;
    while (!try_with(what, work, successes, 0)) {
        successes++;
        assert_true(successes < 1000);
    }
    return successes + 1;
}

/* What a failed hand-over or delivery left is found by the scan. */
static void settle_down(struct work *work)
{
    ecommerce_error err = {0};
    shop_fixture_advance(work->fixture, 120 * second);
    for (int i = 0; i < 3; i++) {
        shop_fixture_advance(work->fixture, 5 * second);
        assert_true(run(deliver, work, &err));
        assert_true(run(sweep, work, &err));
    }
}

static void an_order_survives_every_shortage(void **state)
{
    struct work *work = *state;
    work->key = "arena";
    assert_true(until_arena_suffices(place, work) > 10);
    work->key = "heap";
    assert_true(until_memory_suffices(place, work) > 2);
    settle_down(work);
    assert_int_equal(order_fixture_count(work->fixture), 3);
    assert_int_equal(order_fixture_available(work->fixture, "mug"), 91);
    order_fixture_check(work->fixture);
}

static void a_change_survives_every_shortage(void **state)
{
    struct work *work = *state;
    char shown[16];
    work->key = "pay";
    assert_true(until_memory_suffices(change, work) > 2);
    assert_true(until_arena_suffices(change, work) > 10); /* repeats of it */
    settle_down(work);
    order_fixture_state(work->fixture, work->order_id.text, shown);
    assert_string_equal(shown, "paid");
    order_fixture_check(work->fixture);
}

static void a_return_survives_every_shortage(void **state)
{
    struct work *work = *state;
    work->key = "arena";
    assert_true(until_arena_suffices(take_back, work) > 10);
    work->key = "heap";
    assert_true(until_memory_suffices(take_back, work) > 2);
    settle_down(work);
    assert_int_equal(order_fixture_available(work->fixture, "mug"), 97);
    order_fixture_check(work->fixture);
}

/* Everything is left to one scan: the relay's queue is lost in a crash. */
static void delivery_survives_every_shortage(void **state)
{
    struct work *work = *state;
    ecommerce_error err = {0};
    work->key = "k";
    assert_true(run(place, work, &err));
    assert_true(run(take_back, work, &err));
    shop_fixture_stop(work->fixture, true);
    shop_fixture_start(work->fixture);
    shop_fixture_advance(work->fixture, 120 * second);
    assert_true(until_arena_suffices(deliver, work) > 10);
    settle_down(work);
    assert_int_equal(order_fixture_available(work->fixture, "mug"), 94);
    order_fixture_check(work->fixture);
}

static void sweeping_survives_every_shortage(void **state)
{
    struct work *work = *state;
    struct shop_fixture *f = work->fixture;
    assert_int_equal(order_fixture_place(f, NULL, "mug:1", "warm", NULL, NULL), ECOMMERCE_OK);
    shop_fixture_away(f, ROLE_DOCUMENTS, true);
    assert_int_equal(order_fixture_place(f, NULL, "mug:1", "k", NULL, NULL), ECOMMERCE_UNAVAILABLE);
    shop_fixture_away(f, ROLE_DOCUMENTS, false);
    shop_fixture_advance(f, 120 * second);
    assert_true(until_arena_suffices(sweep, work) > 10);
    settle_down(work);
    assert_int_equal(order_fixture_held(f, "mug"), 0);
    assert_int_equal(order_fixture_available(f, "mug"), 94);
    order_fixture_check(f);
}

static void nothing_leaks_when_memory_runs_out(void **state)
{
    struct work *work = *state;
    static const char *const keys[] = {"a", "b", "c", "d"};
    long blocks[ARRAY_LENGTH(keys)];
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        work->key = keys[i];
        (void)until_memory_suffices(place, work);
        (void)until_memory_suffices(take_back, work);
        settle_down(work);
        order_fixture_check(work->fixture);
        blocks[i] = mem_live_blocks();
    }
    assert_int_equal(blocks[3], blocks[2]);
}

/* ---- the disk ---- */

static int open_faulty(void **state)
{
    struct work *work = calloc(1, sizeof(*work));
    assert_non_null(work);
    work->fixture = order_fixture_open(FIXTURE_FAULTY_DISK, NULL);
    order_fixture_receive(work->fixture, "mug", 5000);
    order_fixture_drain(work->fixture);
    *state = work;
    return 0;
}

static bool is_acknowledged(struct shop_fixture *f, const char *key)
{
    struct work work = {.fixture = f, .key = key};
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&f->shop, &call);
    bool ok = place(&call, &work, &err);
    expect_clean(ok, &err);
    fixture_call_end(&call);
    return ok;
}

/* After the fault the shop is closed and opened: what it had acknowledged must be there, once. */
static void check_after_fault(struct work *work, const bool *acknowledged, int keys)
{
    struct shop_fixture *f = work->fixture;
    shop_fixture_stop(f, true);
    shop_fixture_start(f);
    settle_down(work);
    for (int i = 0; i < keys; i++) {
        struct call call;
        ecommerce_error err = {0};
        char key[32];
        snprintf(key, sizeof(key), "disk-%d", i);
        work->key = key;
        fixture_call_begin(&f->shop, &call);
        bool ok = place(&call, work, &err);
        if (!ok) {
            fail_msg("%s: %s", key, err.message);
        }
        if (acknowledged[i]) {
            assert_true(call.replayed);
        }
        fixture_call_end(&call);
    }
    settle_down(work);
    assert_int_equal(order_fixture_available(f, "mug"), 5000 - 2 * keys);
    order_fixture_check(f);
}

enum { FAULTS = 40 };

static void sell_on_a_failing_disk(struct work *work, unsigned operations, enum fault_kind kind,
                                   bool forever)
{
    bool acknowledged[FAULTS] = {false};
    int fired = 0;
    for (int i = 0; i < FAULTS; i++) {
        char key[32];
        ecommerce_error err = {0};
        snprintf(key, sizeof(key), "disk-%d", i);
        fault_vfs_arm(&(struct fault_plan){
            .operations = operations, .kind = kind, .nth = i % 10 + 1, .forever = forever});
        acknowledged[i] = is_acknowledged(work->fixture, key);
        bool ok = run(deliver, work, &err);
        expect_clean(ok, &err);
        fired += fault_vfs_fired();
        fault_vfs_disarm();
    }
    assert_true(fired > 0);
    check_after_fault(work, acknowledged, FAULTS);
}

static void a_write_that_fails_loses_nothing_acknowledged(void **state)
{
    sell_on_a_failing_disk(*state, FAULT_WRITE, FAULT_IO_ERROR, false);
}

static void a_sync_that_fails_loses_nothing_acknowledged(void **state)
{
    sell_on_a_failing_disk(*state, FAULT_SYNC, FAULT_IO_ERROR, false);
}

static void a_full_disk_loses_nothing_acknowledged(void **state)
{
    sell_on_a_failing_disk(*state, FAULT_WRITE | FAULT_TRUNCATE, FAULT_DISK_FULL, true);
}

static void a_torn_write_loses_nothing_acknowledged(void **state)
{
    sell_on_a_failing_disk(*state, FAULT_WRITE | FAULT_SYNC, FAULT_SHORT_WRITE, true);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
#define FAULTY(test) cmocka_unit_test_setup_teardown(test, open_faulty, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(an_order_survives_every_shortage),
        FRESH(a_change_survives_every_shortage),
        FRESH(a_return_survives_every_shortage),
        FRESH(delivery_survives_every_shortage),
        FRESH(sweeping_survives_every_shortage),
        FRESH(nothing_leaks_when_memory_runs_out),
        FAULTY(a_write_that_fails_loses_nothing_acknowledged),
        FAULTY(a_sync_that_fails_loses_nothing_acknowledged),
        FAULTY(a_full_disk_loses_nothing_acknowledged),
        FAULTY(a_torn_write_loses_nothing_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
