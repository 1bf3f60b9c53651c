/*
 * seams.c - the real clocks, the kernel's randomness, and a futex to sleep on.
 */
#include "support/seams.h"

#include "support/compiler.h"

#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * A futex rather than a mutex and a condition: the last thing that unpark does to the parker is one
 * atomic exchange, so the woken thread may end, and its parker with it, while unpark still returns.
 * (A wake on an address that is gone wakes nobody, or somebody who looks again and goes on
 * sleeping.)
 */
enum { PARKER_EMPTY = 0, PARKER_PERMIT = 1, PARKER_ASLEEP = 2 };

struct parker {
    _Atomic uint32_t state;
};

static _Thread_local struct parker own_parker;

struct parker *parker_self(const struct seams *seams)
{
    UNUSED(seams);
    return &own_parker;
}

static int64_t clock_read(clockid_t clock)
{
    struct timespec now;
    int status = clock_gettime(clock, &now);
    assert(status == 0);
    return (int64_t)now.tv_sec * MICROSECONDS + now.tv_nsec / 1000;
}

static struct timespec timespec_of(int64_t microseconds)
{
    int64_t positive = microseconds > 0 ? microseconds : 0;
    return (struct timespec){
        .tv_sec = (time_t)(positive / MICROSECONDS),
        .tv_nsec = (long)(positive % MICROSECONDS) * 1000,
    };
}

static int64_t system_wall(void *context)
{
    UNUSED(context);
    return clock_read(CLOCK_REALTIME);
}

static int64_t system_monotonic(void *context)
{
    UNUSED(context);
    return clock_read(CLOCK_MONOTONIC);
}

static void system_random(void *context, void *bytes, size_t size)
{
    UNUSED(context);
    for (char *at = bytes, *end = at + size; at < end;) {
        ssize_t got = getrandom(at, (size_t)(end - at), 0);
        /* Ids and tokens without randomness would be worse than no process. */
        assert(got > 0 || (got < 0 && errno == EINTR));
        if (got > 0)
            at += got;
    }
}

static void system_sleep_until(void *context, int64_t monotonic)
{
    UNUSED(context);
    struct timespec until = timespec_of(monotonic);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

/* Sleeps while the state is ASLEEP; false once the deadline has passed. May return early. */
static bool futex_sleep(struct parker *parker, int64_t deadline)
{
    struct timespec until = timespec_of(deadline);
    /* The BITSET form, unlike the plain one, takes an instant of CLOCK_MONOTONIC. */
    long status = syscall(SYS_futex, &parker->state, FUTEX_WAIT_BITSET_PRIVATE, PARKER_ASLEEP,
                          deadline == NO_DEADLINE ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
    return status == 0 || errno != ETIMEDOUT;
}

static void system_park(void *context, struct parker *parker, int64_t deadline)
{
    UNUSED(context);
    uint32_t state = PARKER_EMPTY;
    bool in_time = true;
    if (atomic_compare_exchange_strong(&parker->state, &state, PARKER_ASLEEP)) {
        do {
            in_time = futex_sleep(parker, deadline);
        } while (in_time && atomic_load(&parker->state) == PARKER_ASLEEP);
    }
    /* Takes the permit, also one that came just after the deadline. */
    atomic_exchange(&parker->state, PARKER_EMPTY);
}

static void system_unpark(void *context, struct parker *parker)
{
    UNUSED(context);
    if (atomic_exchange(&parker->state, PARKER_PERMIT) == PARKER_ASLEEP)
        syscall(SYS_futex, &parker->state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

const struct seams system_seams = {
    .wall = system_wall,
    .monotonic = system_monotonic,
    .random = system_random,
    .sleep_until = system_sleep_until,
    .park = system_park,
    .unpark = system_unpark,
    .context = NULL,
};
