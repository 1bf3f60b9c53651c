/*
 * test_seams_threads.c - the real clocks, randomness, and parking between threads.
 */
#include "support/ids.h"
#include "support/seams.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int64_t now(void)
{
    return seams_monotonic(&system_seams);
}

static void park_until(int64_t deadline)
{
    system_seams.park(NULL, parker_self(&system_seams), deadline);
}

static void clocks_run(void **state)
{
    (void)state;
    int64_t wall = seams_wall(&system_seams);
    assert_true(wall / MICROSECONDS >= time(NULL) - 2 && wall / MICROSECONDS <= time(NULL) + 2);
    int64_t last = now();
    for (int i = 0; i < 1000; i++) {
        int64_t next = now();
        assert_true(next >= last);
        last = next;
    }
}

static void sleeping_ends_at_its_time(void **state)
{
    (void)state;
    int64_t until = now() + 3000;
    system_seams.sleep_until(NULL, until);
    assert_true(now() >= until);
    int64_t before = now();
    system_seams.sleep_until(NULL, before - MICROSECONDS);
    system_seams.sleep_until(NULL, -1);
    assert_true(now() - before < MICROSECONDS);
}

static void randomness_fills_all_bytes(void **state)
{
    (void)state;
    unsigned char ever[1000] = {0};
    for (int i = 0; i < 16; i++) {
        unsigned char bytes[1000 + 1] = {0};
        bytes[1000] = 0xA5;
        seams_random(&system_seams, bytes, 1000);
        assert_int_equal(bytes[1000], 0xA5);
        for (size_t at = 0; at < 1000; at++)
            ever[at] |= bytes[at];
    }
    /* A byte that was zero 16 times: one in 2^128. */
    assert_null(memchr(ever, 0, sizeof(ever)));
    seams_random(&system_seams, ever, 0);
}

static void a_park_ends_at_its_deadline(void **state)
{
    (void)state;
    int64_t deadline = now() + 3000;
    park_until(deadline);
    assert_true(now() >= deadline);
    park_until(now() - 1);
    park_until(-1);
}

static void an_unpark_before_the_park_is_not_lost(void **state)
{
    (void)state;
    int64_t before = now();
    system_seams.unpark(NULL, parker_self(&system_seams));
    park_until(before + INT64_C(60) * MICROSECONDS);
    assert_true(now() - before < INT64_C(30) * MICROSECONDS);
    /* It was for one park only. */
    int64_t deadline = now() + 3000;
    park_until(deadline);
    assert_true(now() >= deadline);
}

static void an_unpark_before_a_park_that_is_late_is_taken(void **state)
{
    (void)state;
    system_seams.unpark(NULL, parker_self(&system_seams));
    park_until(now() - 1);
    int64_t deadline = now() + 3000;
    park_until(deadline);
    assert_true(now() >= deadline);
}

/* Two threads that wake each other in turn; a lost wake-up would leave both asleep for ever. */
struct pair {
    _Atomic(struct parker *) parkers[2];
    long turns; /* handed over by the parkers alone, which must order the accesses */
};

enum { TURNS = 20000 };

static void play(struct pair *pair, int self)
{
    atomic_store(&pair->parkers[self], parker_self(&system_seams));
    struct parker *other;
    while (!(other = atomic_load(&pair->parkers[1 - self])))
        system_seams.sleep_until(NULL, now() + 50);
    for (int i = 0; i < TURNS; i++) {
        if (self == 1 || i > 0)
            park_until(NO_DEADLINE);
        assert_int_equal(pair->turns % 2, self);
        pair->turns++;
        system_seams.unpark(NULL, other);
    }
    if (self == 0)
        park_until(NO_DEADLINE); /* for the other's last unpark */
}

static void *play_second(void *argument)
{
    play(argument, 1);
    return NULL;
}

static void threads_wake_each_other(void **state)
{
    (void)state;
    struct pair pair = {0};
    pthread_t second;
    assert_int_equal(pthread_create(&second, NULL, play_second, &pair), 0);
    play(&pair, 0);
    assert_int_equal(pthread_join(second, NULL), 0);
    assert_int_equal(pair.turns, 2 * TURNS);
}

/* Threads that end as soon as they are woken: unpark must not touch a parker that is gone. */
struct sleeper {
    _Atomic(struct parker *) parker;
    pthread_t thread;
};

static void *sleep_once(void *argument)
{
    struct sleeper *sleeper = argument;
    atomic_store(&sleeper->parker, parker_self(&system_seams));
    park_until(NO_DEADLINE);
    return NULL;
}

static void woken_threads_may_end_at_once(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct sleeper sleeper = {0};
        assert_int_equal(pthread_create(&sleeper.thread, NULL, sleep_once, &sleeper), 0);
        while (!atomic_load(&sleeper.parker))
            system_seams.sleep_until(NULL, now() + 20);
        if (round % 2)
            system_seams.sleep_until(NULL, now() + 100);
        system_seams.unpark(NULL, atomic_load(&sleeper.parker));
        assert_int_equal(pthread_join(sleeper.thread, NULL), 0);
    }
}

/* Ids made by several threads at once are all different, and ascend within each. */
enum { MAKERS = 4, IDS = 5000 };

static struct id made[MAKERS][IDS];

static void *make_ids(void *argument)
{
    struct id *ids = argument;
    for (int i = 0; i < IDS; i++)
        id_new(&system_seams, &ids[i]);
    return NULL;
}

static int compare_ids(const void *a, const void *b)
{
    return memcmp(a, b, UUID_TEXT);
}

static void ids_of_many_threads_differ(void **state)
{
    (void)state;
    pthread_t makers[MAKERS];
    for (int i = 0; i < MAKERS; i++)
        assert_int_equal(pthread_create(&makers[i], NULL, make_ids, made[i]), 0);
    for (int i = 0; i < MAKERS; i++)
        assert_int_equal(pthread_join(makers[i], NULL), 0);
    for (int i = 0; i < MAKERS; i++) {
        for (int at = 1; at < IDS; at++)
            assert_true(compare_ids(&made[i][at - 1], &made[i][at]) < 0);
    }
    /* Not only the random part differs: no two share their time and count. */
    struct id *all = &made[0][0];
    qsort(all, (size_t)MAKERS * IDS, sizeof(*all), compare_ids);
    for (int i = 1; i < MAKERS * IDS; i++)
        assert_true(memcmp(all[i - 1].text, all[i].text, 18) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_run),
        cmocka_unit_test(sleeping_ends_at_its_time),
        cmocka_unit_test(randomness_fills_all_bytes),
        cmocka_unit_test(a_park_ends_at_its_deadline),
        cmocka_unit_test(an_unpark_before_the_park_is_not_lost),
        cmocka_unit_test(an_unpark_before_a_park_that_is_late_is_taken),
        cmocka_unit_test(threads_wake_each_other),
        cmocka_unit_test(woken_threads_may_end_at_once),
        cmocka_unit_test(ids_of_many_threads_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
