/*
 * The contract of the live role for the stock, line by line, against every implementation. Values,
 * leases and events are in test_live_values.c.
 */
#include "tests/support/live_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- epochs ---- */

static void a_new_store_has_no_epoch(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_status status = live_status_now(fixture);
    assert_int_equal(status.epoch, 0);
    assert_true(status.identity[0] != '\0');
    assert_int_equal(live_reserve_one(fixture, 0, "o1", "apple", 1), LIVE_WRONG_EPOCH);
    assert_int_equal(live_credit_one(fixture, 0, "m1", "apple", 1), LIVE_WRONG_EPOCH);
    assert_live_level(fixture, "apple", 0, 0);
}

static void only_a_higher_epoch_is_installed(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_level levels[] = {{.sku = STR("fig"), .available = 7}};
    assert_int_equal(live_install_levels(fixture, 1, levels, 1), LIVE_WRONG_EPOCH);
    assert_live_level(fixture, "apple", 10, 0);
    assert_int_equal(live_install_levels(fixture, 5, levels, 1), LIVE_DONE);
    assert_int_equal(live_status_now(fixture).epoch, 5);
    assert_int_equal(live_install_levels(fixture, 4, levels, 1), LIVE_WRONG_EPOCH);
    assert_live_level(fixture, "apple", 0, 0);
    assert_live_level(fixture, "fig", 7, 0);
}

static void a_new_epoch_forgets_holds_ids_and_credits(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_level levels[] = {{.sku = STR("apple"), .available = 3, .held = 99}};
    const struct str applied[] = {STR("m7"), STR("m8")};
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 1), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 1, "o2", "apple", 1), LIVE_DONE);
    assert_int_equal(live_release_id(fixture, 1, "o2"), LIVE_DONE);
    assert_int_equal(live_credit_one(fixture, 1, "m1", "apple", 1), LIVE_DONE);
    struct live_request install = live_request_of(fixture, LIVE_INSTALL);
    install.epoch = 2;
    install.install = levels;
    install.install_count = 1;
    install.applied_ids = applied;
    install.applied_id_count = 2;
    live_must(fixture, &install);
    assert_int_equal(install.outcome, LIVE_DONE);
    assert_int_equal(install.status.epoch, 2);
    assert_live_level(fixture, "apple", 3, 0);
    assert_int_equal(live_settle_id(fixture, 2, "o1"), LIVE_NO_HOLD);
    assert_int_equal(live_reserve_one(fixture, 2, "o2", "apple", 1), LIVE_DONE);
    assert_int_equal(live_credit_one(fixture, 2, "m1", "apple", 1), LIVE_DONE);
    assert_int_equal(live_credit_one(fixture, 2, "m7", "apple", 50), LIVE_DONE);
    assert_live_level(fixture, "apple", 3, 1);
}

static void operations_of_another_epoch_change_nothing(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 2), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 2, "o2", "apple", 1), LIVE_WRONG_EPOCH);
    assert_int_equal(live_settle_id(fixture, 2, "o1"), LIVE_WRONG_EPOCH);
    assert_int_equal(live_release_id(fixture, 0, "o1"), LIVE_WRONG_EPOCH);
    assert_int_equal(live_credit_one(fixture, 2, "m1", "apple", 1), LIVE_WRONG_EPOCH);
    struct live_request request = live_request_of(fixture, LIVE_SETTLE);
    request.epoch = 9;
    request.id = STR("o1");
    live_must(fixture, &request);
    assert_int_equal(request.status.epoch, 1);
    assert_live_level(fixture, "apple", 8, 2);
    assert_int_equal(live_credit_one(fixture, 1, "m1", "apple", 1), LIVE_DONE);
    assert_live_level(fixture, "apple", 9, 2);
}

static void a_sku_is_installed_once(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_level levels[] = {{.sku = STR("fig"), .available = 7},
                                         {.sku = STR("fig"), .available = 8}};
    struct live_request request = live_request_of(fixture, LIVE_INSTALL);
    request.epoch = 2;
    request.install = levels;
    request.install_count = 2;
    live_must_fail(fixture, &request, ECOMMERCE_INVALID_ARGUMENT);
    assert_int_equal(live_status_now(fixture).epoch, 1);
    assert_live_level(fixture, "apple", 10, 0);
}

/* ---- reserve ---- */

static void all_lines_are_held_or_none(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_line lines[] = {
        {STR("pear"), 5}, {STR("apple"), 3}, {STR("plum"), 2}, {STR("ghost"), 1}};
    struct live_request request = live_request_of(fixture, LIVE_RESERVE);
    request.epoch = 1;
    request.id = STR("o1");
    request.lines = lines;
    request.line_count = 4;
    request.hold_deadline = LIVE_NOW + LIVE_SECOND;
    live_must(fixture, &request);
    assert_int_equal(request.outcome, LIVE_OUT_OF_STOCK);
    assert_int_equal(request.level_count, 2);
    assert_true(str_is(request.levels[0].sku, "ghost"));
    assert_false(request.levels[0].known);
    assert_true(str_is(request.levels[1].sku, "plum"));
    assert_true(request.levels[1].known);
    assert_int_equal(request.levels[1].available, 1);
    assert_live_level(fixture, "apple", 10, 0);
    assert_live_level(fixture, "pear", 5, 0);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_NO_HOLD);
    assert_int_equal(live_reserve_lines(fixture, 1, "o1", lines, 2), LIVE_DONE);
    assert_live_level(fixture, "apple", 7, 3);
    assert_live_level(fixture, "pear", 0, 5);
}

static void lines_of_one_sku_are_summed(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_line lines[] = {{STR("apple"), 6}, {STR("pear"), 1}, {STR("apple"), 5}};
    const struct stock_line huge[] = {{STR("apple"), INT64_C(1) << 60},
                                      {STR("apple"), INT64_C(1) << 60}};
    assert_int_equal(live_reserve_lines(fixture, 1, "o1", lines, 3), LIVE_OUT_OF_STOCK);
    assert_live_level(fixture, "apple", 10, 0);
    assert_int_equal(live_reserve_lines(fixture, 1, "o2", huge, 2), LIVE_OUT_OF_STOCK);
    assert_int_equal(live_credit_one(fixture, 1, "m1", "apple", 1), LIVE_DONE);
    assert_int_equal(live_reserve_lines(fixture, 1, "o1", lines, 3), LIVE_DONE);
    assert_live_level(fixture, "apple", 0, 11);
}

static void a_reservation_may_be_of_nothing(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_reserve_lines(fixture, 1, "o1", NULL, 0), LIVE_DONE);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_DONE);
}

static void the_same_id_is_held_once(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 2), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 2), LIVE_DONE);
    assert_live_level(fixture, "apple", 8, 2);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 2), LIVE_DONE);
    assert_live_level(fixture, "apple", 8, 0);
}

static void a_past_deadline_is_too_late(void **state)
{
    struct live_fixture *fixture = *state;
    live_clock_set(LIVE_NOW + 60 * LIVE_SECOND);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 1), LIVE_TOO_LATE);
    assert_live_level(fixture, "apple", 10, 0);
    live_clock_set(LIVE_NOW + 60 * LIVE_SECOND - 1);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 1), LIVE_DONE);
}

static void what_is_below_zero_cannot_be_reserved(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_credit_one(fixture, 1, "m1", "plum", -4), LIVE_DONE);
    assert_live_level(fixture, "plum", -3, 0);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "plum", 1), LIVE_OUT_OF_STOCK);
    assert_int_equal(live_credit_one(fixture, 1, "m2", "plum", 4), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "plum", 1), LIVE_DONE);
}

/* ---- how holds end ---- */

static void settled_stock_is_gone(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 4), LIVE_DONE);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_DONE);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_DONE);
    assert_live_level(fixture, "apple", 6, 0);
    assert_int_equal(live_release_id(fixture, 1, "o1"), LIVE_NO_HOLD);
    assert_live_level(fixture, "apple", 6, 0);
}

static void released_stock_comes_back(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 4), LIVE_DONE);
    assert_int_equal(live_release_id(fixture, 1, "o1"), LIVE_DONE);
    assert_int_equal(live_release_id(fixture, 1, "o1"), LIVE_DONE);
    assert_live_level(fixture, "apple", 10, 0);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_WAS_RELEASED);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 4), LIVE_WAS_RELEASED);
    assert_live_level(fixture, "apple", 10, 0);
}

static void unknown_ids_have_no_hold(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_settle_id(fixture, 1, "never"), LIVE_NO_HOLD);
    assert_int_equal(live_release_id(fixture, 1, "never"), LIVE_NO_HOLD);
    assert_int_equal(live_reserve_one(fixture, 1, "never", "apple", 1), LIVE_DONE);
}

static size_t expire_at(struct live_fixture *fixture, int64_t now)
{
    struct live_request request = live_request_of(fixture, LIVE_EXPIRE);
    request.now = now;
    live_must(fixture, &request);
    return request.count;
}

static void time_frees_no_hold(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 4), LIVE_DONE);
    live_clock_set(LIVE_NOW + 1000000 * LIVE_SECOND);
    assert_int_equal(expire_at(fixture, LIVE_NOW + 1000000 * LIVE_SECOND), 0);
    assert_live_level(fixture, "apple", 6, 4);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 4), LIVE_DONE);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_DONE);
}

static void ids_are_known_until_deadline_and_grace(void **state)
{
    struct live_fixture *fixture = *state;
    int64_t end = LIVE_NOW + (60 + 30) * LIVE_SECOND;
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 1), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 1, "o2", "apple", 1), LIVE_DONE);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_DONE);
    assert_int_equal(live_release_id(fixture, 1, "o2"), LIVE_DONE);
    live_clock_set(end);
    assert_int_equal(expire_at(fixture, end), 0);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_DONE);
    assert_int_equal(expire_at(fixture, end + 1), 2);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_NO_HOLD);
    assert_int_equal(live_reserve_one(fixture, 1, "o2", "apple", 1), LIVE_TOO_LATE);
    assert_live_level(fixture, "apple", 9, 0);
}

/* ---- credits ---- */

static void a_credit_is_applied_once(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(live_credit_one(fixture, 1, "m1", "fig", 4), LIVE_DONE);
    assert_int_equal(live_credit_one(fixture, 1, "m1", "fig", 4), LIVE_DONE);
    assert_live_level(fixture, "fig", 4, 0);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "fig", 3), LIVE_DONE);
    assert_int_equal(live_credit_one(fixture, 1, "m2", "fig", 2), LIVE_DONE);
    assert_live_level(fixture, "fig", 3, 3);
    expire_at(fixture, INT64_MAX);
    assert_int_equal(live_credit_one(fixture, 1, "m1", "fig", 4), LIVE_DONE);
    assert_live_level(fixture, "fig", 3, 3);
}

static void a_credit_that_cannot_be_counted_leaves_nothing(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_line lines[] = {{STR("apple"), 1}, {STR("plum"), INT64_C(1) << 60}};
    struct live_request request = live_request_of(fixture, LIVE_CREDIT);
    request.epoch = 1;
    request.id = STR("m1");
    request.lines = lines;
    request.line_count = 2;
    live_must_fail(fixture, &request, ECOMMERCE_LIMIT_EXCEEDED);
    assert_live_level(fixture, "apple", 10, 0);
    assert_int_equal(live_credit_one(fixture, 1, "m1", "apple", 1), LIVE_DONE);
    assert_live_level(fixture, "apple", 11, 0);
}

/* ---- reading ---- */

static void levels_come_in_the_order_asked(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_line asked[] = {
        {.sku = STR("plum")}, {.sku = STR("ghost")}, {.sku = STR("apple")}, {.sku = STR("plum")}};
    struct live_request request = live_request_of(fixture, LIVE_LEVELS);
    request.lines = asked;
    request.line_count = 4;
    live_must(fixture, &request);
    assert_int_equal(request.level_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(str_equal(request.levels[i].sku, asked[i].sku));
    assert_int_equal(request.levels[0].available, 1);
    assert_false(request.levels[1].known);
    assert_int_equal(request.levels[2].available, 10);
    assert_true(request.levels[3].known);
    assert_int_equal(request.status.epoch, 1);
}

static void scans_go_on_after_a_sku(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_request request = live_request_of(fixture, LIVE_LEVELS_SCAN);
    request.limit = 2;
    live_must(fixture, &request);
    assert_int_equal(request.level_count, 2);
    assert_true(str_is(request.levels[0].sku, "apple"));
    assert_true(str_is(request.levels[1].sku, "pear"));
    request.after = request.levels[1].sku;
    live_must(fixture, &request);
    assert_int_equal(request.level_count, 1);
    assert_true(str_is(request.levels[0].sku, "plum"));
    assert_int_equal(request.levels[0].available, 1);
    assert_true(request.levels[0].known);
}

static void holds_past_their_deadline_are_listed(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_line lines[] = {{STR("pear"), 1}, {STR("apple"), 2}};
    assert_int_equal(live_reserve_lines(fixture, 1, "o2", lines, 2), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 1), LIVE_DONE);
    assert_int_equal(live_reserve_one(fixture, 1, "o3", "apple", 1), LIVE_DONE);
    assert_int_equal(live_settle_id(fixture, 1, "o3"), LIVE_DONE);
    struct live_request request = live_request_of(fixture, LIVE_HOLDS);
    request.now = LIVE_NOW + 60 * LIVE_SECOND;
    live_must(fixture, &request);
    assert_int_equal(request.hold_count, 0);
    request.now++;
    live_must(fixture, &request);
    assert_int_equal(request.hold_count, 2);
    assert_true(str_is(request.holds[0].id, "o1"));
    const struct live_hold *hold = &request.holds[1];
    assert_true(str_is(hold->id, "o2"));
    assert_int_equal(hold->epoch, 1);
    assert_int_equal(hold->deadline, LIVE_NOW + 60 * LIVE_SECOND);
    assert_int_equal(hold->line_count, 2);
    assert_true(str_is(hold->lines[0].sku, "apple"));
    assert_int_equal(hold->lines[0].quantity, 2);
    assert_int_equal(hold->lines[1].quantity, 1);
    request.now = INT64_MAX;
    request.after = STR("o1");
    live_must(fixture, &request);
    assert_int_equal(request.hold_count, 1);
}

static void applied_credits_are_listed(void **state)
{
    struct live_fixture *fixture = *state;
    for (int i = 0; i < 70; i++) {
        char id[8];
        snprintf(id, sizeof(id), "m%02d", i);
        assert_int_equal(live_credit_one(fixture, 1, id, "apple", 1), LIVE_DONE);
    }
    struct live_request request = live_request_of(fixture, LIVE_APPLIED_SCAN);
    live_must(fixture, &request);
    assert_int_equal(request.applied_count, 70);
    assert_true(str_is(request.applied[0], "m00"));
    assert_true(str_is(request.applied[69], "m69"));
    request.after = STR("m67");
    request.limit = 1;
    live_must(fixture, &request);
    assert_int_equal(request.applied_count, 1);
    assert_true(str_is(request.applied[0], "m68"));
}

/* ---- sequence, generations, batches ---- */

static void the_sequence_grows_with_every_change(void **state)
{
    struct live_fixture *fixture = *state;
    if (!manager_can(&fixture->store->base, CAPABILITY_SEQUENCE))
        skip();
    struct live_status before = live_status_now(fixture);
    struct live_request request = live_request_of(fixture, LIVE_CREDIT);
    request.epoch = 1;
    request.id = STR("m1");
    live_must(fixture, &request);
    assert_true(request.status.sequence > before.sequence);
    assert_string_equal(request.status.identity, before.identity);
    struct live_status after = live_status_now(fixture);
    assert_int_equal(after.sequence, request.status.sequence);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "plum", 2), LIVE_OUT_OF_STOCK);
    assert_int_equal(live_status_now(fixture).sequence, after.sequence);
}

static void generations_tell_of_changed_skus(void **state)
{
    struct live_fixture *fixture = *state;
    if (!manager_can(&fixture->store->base, CAPABILITY_GENERATIONS))
        skip();
    struct live_store *other = live_open_tested(&fixture->folder);
    struct str apple = STR("sku/apple"), pear = STR("sku/pear");
    uint64_t apples = live_generation(other, apple), pears = live_generation(other, pear);
    assert_int_equal(live_reserve_one(fixture, 1, "o1", "apple", 1), LIVE_DONE);
    assert_true(live_generation(other, apple) > apples + 1);
    apples = live_generation(other, apple);
    assert_int_equal(live_settle_id(fixture, 1, "o1"), LIVE_DONE);
    assert_true(live_generation(other, apple) > apples);
    assert_int_equal(live_generation(other, pear), pears);
    assert_int_equal(live_install_levels(fixture, 2, NULL, 0), LIVE_DONE);
    assert_true(live_generation(other, pear) > pears);
    pears = live_generation(other, pear);
    live_changed(other, STR("product/1"));
    assert_int_equal(live_generation(fixture->store, pear), pears);
    assert_true(live_generation(fixture->store, STR("product/1")) > 0);
    live_close(&other);
}

static void a_batch_gives_each_request_its_own_result(void **state)
{
    struct live_fixture *fixture = *state;
    enum { REQUESTS = 4 };
    static const char *const ids[REQUESTS] = {"o1", "o2", "o3", "o4"};
    const struct stock_line lines[REQUESTS][2] = {
        {{STR("apple"), 4}, {STR("plum"), 1}},
        {{STR("apple"), 4}, {STR("plum"), 1}},  /* the plum is gone: leaves no apple held */
        {{STR("apple"), 4}, {STR("plum"), -1}}, /* refused at the door */
        {{STR("apple"), 6}, {STR("pear"), 5}},
    };
    struct live_request requests[REQUESTS];
    for (size_t i = 0; i < REQUESTS; i++) {
        requests[i] = live_request_of(fixture, LIVE_RESERVE);
        requests[i].epoch = 1;
        requests[i].id = str_of(ids[i]);
        requests[i].lines = lines[i];
        requests[i].line_count = 2;
        requests[i].hold_deadline = LIVE_NOW + LIVE_SECOND;
        live_submit(fixture->store, &requests[i]);
    }
    assert_true(live_wait(fixture->store, &requests[3]));
    assert_true(live_wait(fixture->store, &requests[0]));
    assert_true(live_wait(fixture->store, &requests[1]));
    assert_false(live_wait(fixture->store, &requests[2]));
    assert_int_equal(requests[0].outcome, LIVE_DONE);
    assert_int_equal(requests[1].outcome, LIVE_OUT_OF_STOCK);
    assert_int_equal(requests[2].base.error.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(requests[2].base.error.field, "lines[1].quantity");
    assert_int_equal(requests[3].outcome, LIVE_DONE);
    assert_live_level(fixture, "apple", 0, 10);
    assert_live_level(fixture, "plum", 0, 1);
}

static void a_failure_in_a_batch_undoes_only_itself(void **state)
{
    struct live_fixture *fixture = *state;
    const struct stock_line good = {STR("apple"), 1}, bad = {STR("apple"), INT64_C(1) << 60};
    struct live_request requests[3];
    static const char *const ids[3] = {"m1", "m2", "m3"};
    for (size_t i = 0; i < 3; i++) {
        requests[i] = live_request_of(fixture, LIVE_CREDIT);
        requests[i].epoch = 1;
        requests[i].id = str_of(ids[i]);
        requests[i].lines = i == 1 ? &bad : &good;
        requests[i].line_count = 1;
        live_submit(fixture->store, &requests[i]);
    }
    assert_true(live_wait(fixture->store, &requests[0]));
    assert_false(live_wait(fixture->store, &requests[1]));
    assert_true(live_wait(fixture->store, &requests[2]));
    assert_int_equal(requests[1].base.error.code, ECOMMERCE_LIMIT_EXCEEDED);
    assert_live_level(fixture, "apple", 12, 0);
    assert_int_equal(live_credit_one(fixture, 1, "m2", "apple", 1), LIVE_DONE);
    assert_live_level(fixture, "apple", 13, 0);
}

static void after_the_deadline_nothing_is_done(void **state)
{
    struct live_fixture *fixture = *state;
    struct stock_line line = {STR("apple"), 1};
    struct live_request request = live_request_of(fixture, LIVE_RESERVE);
    request.base.deadline = seams_monotonic(&system_seams) - 1;
    request.epoch = 1;
    request.id = STR("o1");
    request.lines = &line;
    request.line_count = 1;
    request.hold_deadline = LIVE_NOW + LIVE_SECOND;
    live_must_fail(fixture, &request, ECOMMERCE_DEADLINE_EXCEEDED);
    assert_live_level(fixture, "apple", 10, 0);
    request = live_request_of(fixture, LIVE_STATUS);
    request.base.deadline = 1;
    live_must_fail(fixture, &request, ECOMMERCE_DEADLINE_EXCEEDED);
}

static void bad_requests_are_refused(void **state)
{
    struct live_fixture *fixture = *state;
    static const struct stock_line bad[] = {{{"apple", 5}, 0}, {{"", 0}, 1}, {{"a\xff", 2}, 1}};
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++) {
        struct live_request request = live_request_of(fixture, LIVE_RESERVE);
        request.epoch = 1;
        request.id = STR("o1");
        request.lines = &bad[i];
        request.line_count = 1;
        live_must_fail(fixture, &request, ECOMMERCE_INVALID_ARGUMENT);
    }
    struct live_request request = live_request_of(fixture, LIVE_SETTLE);
    live_must_fail(fixture, &request, ECOMMERCE_INVALID_ARGUMENT);
    request = live_request_of(fixture, LIVE_HOLDS);
    request.limit = 0;
    live_must_fail(fixture, &request, ECOMMERCE_INVALID_ARGUMENT);
    request = live_request_of(fixture, LIVE_INSTALL);
    live_must_fail(fixture, &request, ECOMMERCE_INVALID_ARGUMENT);
}

#define EMPTY(test) cmocka_unit_test_setup_teardown(test, live_setup, live_teardown)
#define STOCKED(test) cmocka_unit_test_setup_teardown(test, live_setup_stocked, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EMPTY(a_new_store_has_no_epoch),
        STOCKED(only_a_higher_epoch_is_installed),
        STOCKED(a_new_epoch_forgets_holds_ids_and_credits),
        STOCKED(operations_of_another_epoch_change_nothing),
        STOCKED(a_sku_is_installed_once),
        STOCKED(all_lines_are_held_or_none),
        STOCKED(lines_of_one_sku_are_summed),
        STOCKED(a_reservation_may_be_of_nothing),
        STOCKED(the_same_id_is_held_once),
        STOCKED(a_past_deadline_is_too_late),
        STOCKED(what_is_below_zero_cannot_be_reserved),
        STOCKED(settled_stock_is_gone),
        STOCKED(released_stock_comes_back),
        STOCKED(unknown_ids_have_no_hold),
        STOCKED(time_frees_no_hold),
        STOCKED(ids_are_known_until_deadline_and_grace),
        STOCKED(a_credit_is_applied_once),
        STOCKED(a_credit_that_cannot_be_counted_leaves_nothing),
        STOCKED(levels_come_in_the_order_asked),
        STOCKED(scans_go_on_after_a_sku),
        STOCKED(holds_past_their_deadline_are_listed),
        STOCKED(applied_credits_are_listed),
        STOCKED(the_sequence_grows_with_every_change),
        STOCKED(generations_tell_of_changed_skus),
        STOCKED(a_batch_gives_each_request_its_own_result),
        STOCKED(a_failure_in_a_batch_undoes_only_itself),
        STOCKED(after_the_deadline_nothing_is_done),
        STOCKED(bad_requests_are_refused),
    };
    int failed = 0;
    for (size_t i = 0; i < live_implementation_count; i++) {
        live_tested = &live_implementations[i];
        failed += cmocka_run_group_tests_name(live_tested->name, tests, NULL, NULL);
    }
    return failed;
}
