/*
 * test_crash.c - kill -9 of a process that sells with several threads: whatever it
 * acknowledged is there, and what it left half-done is ended.
 */
#include "services/orders/relay.h"
#include "services/orders/sweeper.h"
#include "tests/support/order_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 8, SELLERS = 4, UUID_LINE = UUID_TEXT + 1 };

struct seller {
    pthread_t thread;
    struct shop_fixture *fixture;
    int number, pipe;
};

/* Tells each acknowledged order to the parent before the next one, in one atomic write. */
static void *sell(void *context)
{
    struct seller *seller = context;
    for (int i = 0; i < 100000; i++) {
        struct id id;
        char key[32], line[UUID_LINE + 1];
        snprintf(key, sizeof(key), "%d-%d-%d", (int)getpid(), seller->number, i);
        if (order_fixture_place(seller->fixture, "ann", "mug:1 cup:2", key, &id, NULL) !=
            ECOMMERCE_OK) {
            _exit(1);
        }
        snprintf(line, sizeof(line), "%.*s\n", UUID_TEXT, id.text);
        if (write(seller->pipe, line, UUID_LINE) != UUID_LINE) {
            _exit(1);
        }
    }
    return NULL;
}

static void sell_until_killed(struct shop_fixture *fixture, int pipe)
{
    struct seller sellers[SELLERS];
    shop_fixture_start(fixture);
    for (int i = 0; i < SELLERS; i++) {
        sellers[i] = (struct seller){.fixture = fixture, .number = i, .pipe = pipe};
        if (pthread_create(&sellers[i].thread, NULL, sell, &sellers[i]) != 0) {
            _exit(1);
        }
    }
    for (int i = 0; i < SELLERS; i++) {
        pthread_join(sellers[i].thread, NULL);
    }
    _exit(1);
}

static pid_t start_child(struct shop_fixture *fixture, int *reading)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        sell_until_killed(fixture, ends[1]);
    }
    close(ends[1]);
    *reading = ends[0];
    return child;
}

/* Lets it sell for a while after its first order, then kills it. Gives what it acknowledged. */
static char *kill_and_read(pid_t child, int reading, unsigned microseconds, size_t *orders)
{
    size_t capacity = UUID_LINE * 1000000, length = 0;
    char *text = malloc(capacity);
    assert_non_null(text);
    ssize_t got = read(reading, text, UUID_LINE);
    assert_int_equal(got, UUID_LINE);
    length = UUID_LINE;
    usleep(microseconds);
    assert_int_equal(kill(child, SIGKILL), 0);
    while ((got = read(reading, text + length, capacity - length)) > 0) {
        length += (size_t)got;
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    close(reading);
    *orders = length / UUID_LINE;
    return text;
}

static void end_what_is_left(struct shop_fixture *fixture)
{
    struct call call;
    struct sweep_result sweep;
    ecommerce_error err;
    size_t found;
    shop_fixture_advance(fixture, 120 * (int64_t)MICROSECONDS);
    fixture_call_begin(&fixture->shop, &call);
    call.deadline = INT64_MAX;
    do {
        if (!sweeper_step(&call, &sweep, &err) || !relay_scan(&call, &found, &err)) {
            fail_msg("%s", err.message);
        }
    } while (found > 0);
    fixture_call_end(&call);
}

static void what_was_acknowledged_survives(void **state)
{
    struct shop_fixture *fixture = order_fixture_open(0, NULL);
    int64_t acknowledged = 0;
    UNUSED(state);
    order_fixture_receive(fixture, "mug", 500000);
    order_fixture_receive(fixture, "cup", 500000);
    for (unsigned round = 0; round < ROUNDS; round++) {
        int reading;
        size_t orders;
        shop_fixture_stop(fixture, false);
        pid_t child = start_child(fixture, &reading);
        char *text = kill_and_read(child, reading, 3000 + round * 17000, &orders);
        shop_fixture_start(fixture);
        for (size_t i = 0; i < orders; i++) {
            char id[UUID_LINE], status[16];
            snprintf(id, sizeof(id), "%.*s", UUID_TEXT, text + i * UUID_LINE);
            order_fixture_state(fixture, id, status);
            assert_string_equal(status, "placed");
        }
        acknowledged += (int64_t)orders;
        free(text);
        end_what_is_left(fixture);
        order_fixture_check(fixture);
    }
    int64_t there = order_fixture_count(fixture);
    assert_true(there >= acknowledged);
    assert_true(there <= acknowledged + ROUNDS * SELLERS); /* placed and not told any more */
    assert_int_equal(order_fixture_available(fixture, "mug"), 500000 - there);
    assert_int_equal(order_fixture_held(fixture, "mug"), 0);
    shop_fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_acknowledged_survives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
