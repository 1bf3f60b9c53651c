/* What all managers share: breaker, retry, statistics; on a clock that the test moves. */
#include "db_managers/base_manager.h"
#include "support/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- a clock that stands still but for sleeping ---- */

struct fake_world {
    int64_t now;
    uint64_t random; /* what every draw gives */
    int64_t slept;
};

static int64_t fake_clock(void *context)
{
    return ((struct fake_world *)context)->now;
}

static void fake_random(void *context, void *bytes, size_t size)
{
    const struct fake_world *world = context;
    memset(bytes, 0, size);
    memcpy(bytes, &world->random, size < sizeof(world->random) ? size : sizeof(world->random));
}

static void fake_sleep_until(void *context, int64_t monotonic)
{
    struct fake_world *world = context;
    assert_true(monotonic >= world->now);
    world->slept += monotonic - world->now;
    world->now = monotonic;
}

struct test_manager {
    struct base_manager base;
    struct fake_world world;
    struct seams seams;
    bool up;
    int closed;
};

static bool test_ping(struct base_manager *manager, int64_t deadline, ecommerce_error *err)
{
    UNUSED(deadline);
    struct test_manager *tested = (struct test_manager *)manager;
    tested->world.now += 1500;
    return tested->up || error_set(err, ECOMMERCE_UNAVAILABLE, "nobody listens");
}

static void test_describe(struct base_manager *manager, struct doc_builder *out)
{
    UNUSED(manager);
    doc_adds(out, "engine", "test");
}

static void test_close(struct base_manager *manager)
{
    ((struct test_manager *)manager)->closed++;
    base_manager_release(manager);
}

static const char *const names[] = {"first", "second"};
static const struct base_manager_ops ops = {
    .kind = "test",
    .operation_names = names,
    .operation_count = 2,
    .ping = test_ping,
    .describe = test_describe,
    .close = test_close,
};

static int setup(void **state)
{
    struct test_manager *tested = calloc(1, sizeof(*tested));
    assert_non_null(tested);
    tested->world.now = 1000 * (int64_t)MICROSECONDS;
    tested->seams = (struct seams){.wall = fake_clock,
                                   .monotonic = fake_clock,
                                   .random = fake_random,
                                   .sleep_until = fake_sleep_until,
                                   .context = &tested->world};
    tested->up = true;
    ecommerce_error error;
    assert_true(base_manager_init(&tested->base, &ops, ROLE_GRAPH, &tested->seams, NULL, &error));
    *state = tested;
    return 0;
}

static int teardown(void **state)
{
    struct test_manager *tested = *state;
    struct base_manager *manager = &tested->base;
    manager_close(&manager);
    assert_null(manager);
    assert_int_equal(tested->closed, 1);
    manager_close(&manager);
    free(tested);
    return 0;
}

/* A finished request that took `took` microseconds and had ten seconds. */
static void finish(struct test_manager *tested, unsigned operation, enum ecommerce_error_code code,
                   int64_t took)
{
    struct store_request request = {
        .operation = operation,
        .started = tested->world.now,
        .deadline = tested->world.now + 10 * (int64_t)MICROSECONDS,
        .ok = code == ECOMMERCE_OK,
        .error = {.code = code},
    };
    tested->world.now += took;
    manager_finish(&tested->base, &request);
}

static enum breaker_state state_of(struct test_manager *tested)
{
    return breaker_state_of(&tested->base.breaker, tested->world.now);
}

static bool allow(struct test_manager *tested, ecommerce_error *error)
{
    error_clear(error);
    return breaker_allow(&tested->base.breaker, &tested->seams, error);
}

/* ---- breaker ---- */

static void breaker_opens_after_failures_in_a_row(void **state)
{
    struct test_manager *tested = *state;
    ecommerce_error error;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 4; i++)
            finish(tested, 0, ECOMMERCE_UNAVAILABLE, 10);
        assert_int_equal(state_of(tested), BREAKER_CLOSED);
        finish(tested, 0, ECOMMERCE_OK, 10);
    }
    for (int i = 0; i < 5; i++)
        finish(tested, 0, i % 2 ? ECOMMERCE_UNAVAILABLE : ECOMMERCE_OUTCOME_UNKNOWN, 10);
    assert_int_equal(state_of(tested), BREAKER_OPEN);
    assert_false(allow(tested, &error));
    assert_int_equal(error.code, ECOMMERCE_UNAVAILABLE);
    assert_true(error.retry_after > 0.4 && error.retry_after <= 2.0);
}

static void answers_do_not_open_it(void **state)
{
    struct test_manager *tested = *state;
    static const enum ecommerce_error_code answers[] = {
        ECOMMERCE_OUT_OF_STOCK, ECOMMERCE_OVERLOADED,  ECOMMERCE_OUT_OF_MEMORY,
        ECOMMERCE_STORAGE_FULL, ECOMMERCE_IN_PROGRESS, ECOMMERCE_NOT_FOUND};
    for (size_t i = 0; i < 4 * ARRAY_LENGTH(answers); i++)
        finish(tested, 0, answers[i % ARRAY_LENGTH(answers)], 10);
    assert_int_equal(state_of(tested), BREAKER_CLOSED);
}

static void only_fair_deadlines_count(void **state)
{
    struct test_manager *tested = *state;
    for (int i = 0; i < 20; i++) {
        struct store_request hurried = {.started = tested->world.now,
                                        .deadline = tested->world.now + 1000,
                                        .error = {.code = ECOMMERCE_DEADLINE_EXCEEDED}};
        manager_finish(&tested->base, &hurried);
    }
    assert_int_equal(state_of(tested), BREAKER_CLOSED);
    for (int i = 0; i < 5; i++)
        finish(tested, 0, ECOMMERCE_DEADLINE_EXCEEDED, 10 * MICROSECONDS);
    assert_int_equal(state_of(tested), BREAKER_OPEN);
}

static void open_breaker(struct test_manager *tested)
{
    for (int i = 0; i < 5; i++)
        finish(tested, 0, ECOMMERCE_UNAVAILABLE, 10);
    assert_int_equal(state_of(tested), BREAKER_OPEN);
}

static void one_probe_passes_and_closes_it(void **state)
{
    struct test_manager *tested = *state;
    ecommerce_error error;
    open_breaker(tested);
    tested->world.now += 2 * MICROSECONDS;
    assert_int_equal(state_of(tested), BREAKER_HALF_OPEN);
    assert_true(allow(tested, &error));
    assert_false(allow(tested, &error));
    finish(tested, 0, ECOMMERCE_OK, 10);
    assert_int_equal(state_of(tested), BREAKER_CLOSED);
    assert_true(allow(tested, &error));
    assert_true(allow(tested, &error));
}

static void a_failing_probe_opens_it_again(void **state)
{
    struct test_manager *tested = *state;
    ecommerce_error error;
    open_breaker(tested);
    tested->world.now += 2 * MICROSECONDS;
    assert_true(allow(tested, &error));
    finish(tested, 0, ECOMMERCE_UNAVAILABLE, 10);
    assert_int_equal(state_of(tested), BREAKER_OPEN);
    assert_false(allow(tested, &error));
    tested->world.now += 2 * MICROSECONDS;
    assert_true(allow(tested, &error));
    finish(tested, 0, ECOMMERCE_OK, 10);
    assert_int_equal(state_of(tested), BREAKER_CLOSED);
}

static void a_probe_that_never_reports_is_followed_by_another(void **state)
{
    struct test_manager *tested = *state;
    ecommerce_error error;
    open_breaker(tested);
    tested->world.now += 2 * MICROSECONDS;
    assert_true(allow(tested, &error));
    tested->world.now += 2 * MICROSECONDS;
    assert_true(allow(tested, &error));
    assert_false(allow(tested, &error));
}

static void late_failures_do_not_prolong_the_pause(void **state)
{
    struct test_manager *tested = *state;
    open_breaker(tested);
    tested->world.now += MICROSECONDS / 4;
    for (int i = 0; i < 10; i++)
        finish(tested, 0, ECOMMERCE_UNAVAILABLE, 10);
    tested->world.now += MICROSECONDS / 4;
    assert_int_equal(state_of(tested), BREAKER_HALF_OPEN);
}

static void what_was_never_sent_says_nothing(void **state)
{
    struct test_manager *tested = *state;
    struct store_request refused = {.started = 0, .error = {.code = ECOMMERCE_UNAVAILABLE}};
    for (int i = 0; i < 20; i++)
        manager_finish(&tested->base, &refused);
    assert_int_equal(state_of(tested), BREAKER_CLOSED);
    assert_int_equal(atomic_load(&tested->base.stats[0].calls), 20);
    assert_int_equal(atomic_load(&tested->base.stats[0].errors[ECOMMERCE_CLASS_RETRYABLE]), 20);
}

/* ---- retry ---- */

static struct retry retry_of(struct test_manager *tested, int64_t time)
{
    return (struct retry){.manager = &tested->base, .deadline = tested->world.now + time};
}

static void only_what_may_be_repeated_is(void **state)
{
    struct test_manager *tested = *state;
    struct retry retry = retry_of(tested, 10 * MICROSECONDS);
    for (int code = ECOMMERCE_OK + 1; code < ECOMMERCE_ERROR_CODES; code++) {
        ecommerce_error error = {.code = (enum ecommerce_error_code)code};
        bool retryable = ecommerce_error_class_of(error.code) == ECOMMERCE_CLASS_RETRYABLE;
        tested->world.now += MICROSECONDS / 2;
        retry.attempt = 0;
        retry.deadline = tested->world.now + MICROSECONDS;
        assert_int_equal(retry_again(&retry, &error), retryable);
    }
}

static void pauses_are_uniform_below_a_growing_limit(void **state)
{
    struct test_manager *tested = *state;
    const ecommerce_error error = {.code = ECOMMERCE_UNAVAILABLE};
    static const int64_t longest[] = {20000,  40000,  80000,   160000,
                                      320000, 640000, 1000000, 1000000};
    struct retry retry = retry_of(tested, 100 * (int64_t)MICROSECONDS);
    for (size_t i = 0; i < ARRAY_LENGTH(longest); i++) {
        tested->world.slept = 0;
        tested->world.random = (uint64_t)longest[i];
        assert_true(retry_again(&retry, &error));
        assert_int_equal(tested->world.slept, longest[i]);
        retry.attempt--;
        tested->world.random = (uint64_t)longest[i] + 1; /* one more begins at 0 again */
        tested->world.slept = 0;
        assert_true(retry_again(&retry, &error));
        assert_int_equal(tested->world.slept, 0);
    }
    assert_int_equal(atomic_load(&tested->base.retries), 2 * ARRAY_LENGTH(longest));
}

static void a_pause_past_the_deadline_is_not_begun(void **state)
{
    struct test_manager *tested = *state;
    ecommerce_error error = {.code = ECOMMERCE_UNAVAILABLE};
    struct retry retry = retry_of(tested, 15000);
    tested->world.random = 15000;
    assert_false(retry_again(&retry, &error));
    tested->world.random = 14999;
    assert_true(retry_again(&retry, &error));
    retry = retry_of(tested, MICROSECONDS);
    error.retry_after = 2;
    assert_false(retry_again(&retry, &error));
    retry = retry_of(tested, 3 * MICROSECONDS);
    tested->world.slept = 0;
    assert_true(retry_again(&retry, &error));
    assert_int_equal(tested->world.slept, 2 * MICROSECONDS);
}

static int retries_until_refused(struct test_manager *tested)
{
    const ecommerce_error error = {.code = ECOMMERCE_UNAVAILABLE};
    struct retry retry = retry_of(tested, MICROSECONDS);
    int granted = 0;
    tested->world.random = 0; /* no pause, so no time passes */
    while (retry_again(&retry, &error) && granted < 1000)
        granted++;
    return granted;
}

static void the_budget_is_a_tenth_and_ten_a_second(void **state)
{
    struct test_manager *tested = *state;
    retries_until_refused(tested);
    assert_int_equal(retries_until_refused(tested), 0);
    /* A retry costs its own share as well, hence eleven tenths. */
    tested->world.now += MICROSECONDS;
    assert_int_equal(retries_until_refused(tested), 9);
    for (int i = 0; i < 1100; i++)
        finish(tested, 0, ECOMMERCE_OK, 0);
    int granted = retries_until_refused(tested);
    assert_in_range(granted, 80, 100);
    /* An idle hour does not save up for a storm. */
    tested->world.now += 3600 * (int64_t)MICROSECONDS;
    assert_in_range(retries_until_refused(tested), 80, 100);
}

/* ---- what an operator sees ---- */

static void health_tells_up_from_down(void **state)
{
    struct test_manager *tested = *state;
    struct doc_builder builder;
    struct doc_value value;
    doc_builder_init(&builder);
    manager_health(&tested->base, NO_DEADLINE, &builder);
    struct doc health = doc_finish(&builder);
    assert_true(doc_builder_ok(&builder));
    assert_true(str_is(doc_text(health, "role"), "graph"));
    assert_true(str_is(doc_text(health, "kind"), "test"));
    assert_true(str_is(doc_text(health, "state"), "up"));
    assert_int_equal(doc_int(health, "latency_us", 0), 1500);
    assert_true(doc_find(health, "store.engine", &value));

    tested->up = false;
    doc_builder_clear(&builder);
    manager_health(&tested->base, NO_DEADLINE, &builder);
    health = doc_finish(&builder);
    assert_true(str_is(doc_text(health, "state"), "down"));
    assert_true(doc_find(health, "error.code", &value));
    assert_true(str_is(value.text, "unavailable"));
    assert_false(doc_find(health, "store", &value));
    doc_builder_release(&builder);
}

static void metrics_count_calls_errors_and_time(void **state)
{
    struct test_manager *tested = *state;
    struct doc_builder builder;
    struct doc_value value;
    for (int i = 0; i < 99; i++)
        finish(tested, 1, ECOMMERCE_OK, 1000);
    finish(tested, 1, ECOMMERCE_STORAGE_FAILED, 1000);
    doc_builder_init(&builder);
    manager_metrics(&tested->base, &builder);
    struct doc metrics = doc_finish(&builder);
    assert_false(doc_find(metrics, "operations.first", &value));
    assert_true(doc_find(metrics, "operations.second.calls", &value));
    assert_int_equal(value.integer, 100);
    assert_true(doc_find(metrics, "operations.second.fatal", &value));
    assert_int_equal(value.integer, 1);
    assert_true(doc_find(metrics, "operations.second.p50_us", &value));
    assert_in_range(value.integer, 1000, 1130);
    doc_builder_release(&builder);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(breaker_opens_after_failures_in_a_row),
        EACH(answers_do_not_open_it),
        EACH(only_fair_deadlines_count),
        EACH(one_probe_passes_and_closes_it),
        EACH(a_failing_probe_opens_it_again),
        EACH(a_probe_that_never_reports_is_followed_by_another),
        EACH(late_failures_do_not_prolong_the_pause),
        EACH(what_was_never_sent_says_nothing),
        EACH(only_what_may_be_repeated_is),
        EACH(pauses_are_uniform_below_a_growing_limit),
        EACH(a_pause_past_the_deadline_is_not_begun),
        EACH(the_budget_is_a_tenth_and_ten_a_second),
        EACH(health_tells_up_from_down),
        EACH(metrics_count_calls_errors_and_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
