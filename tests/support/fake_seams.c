/* fake_seams.c - clocks that a test moves and randomness that repeats. See fake_seams.h. */
#include "tests/support/fake_seams.h"

#include <string.h>

#define START_WALL INT64_C(1322740800000000)
#define START_MONOTONIC INT64_C(1000000000)

static int64_t fake_wall(void *context)
{
    struct fake_seams *fake = context;
    return atomic_load(&fake->wall);
}

static int64_t fake_monotonic(void *context)
{
    struct fake_seams *fake = context;
    return atomic_load(&fake->monotonic);
}

/* splitmix64 */
static uint64_t next_random(struct fake_seams *fake)
{
    uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t x = atomic_fetch_add(&fake->random, step) + step;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static void fake_random(void *context, void *bytes, size_t size)
{
    struct fake_seams *fake = context;
    for (size_t at = 0; at < size;) {
        uint64_t random = next_random(fake);
        size_t part = size - at < sizeof(random) ? size - at : sizeof(random);
        memcpy((char *)bytes + at, &random, part);
        at += part;
    }
}

static void fake_sleep_until(void *context, int64_t monotonic)
{
    struct fake_seams *fake = context;
    int64_t ahead = monotonic - atomic_load(&fake->monotonic);
    if (ahead > 0) {
        fake_seams_advance(fake, ahead);
    }
}

static void fake_park(void *context, struct parker *parker, int64_t deadline)
{
    struct fake_seams *fake = context;
    int64_t real = NO_DEADLINE;
    if (deadline != NO_DEADLINE) {
        int64_t ahead = deadline - atomic_load(&fake->monotonic);
        real = seams_monotonic(&system_seams) + (ahead > 0 ? ahead : 0);
    }
    system_seams.park(system_seams.context, parker, real);
    if (real != NO_DEADLINE && seams_monotonic(&system_seams) >= real) {
        fake_sleep_until(fake, deadline);
    }
}

static void fake_unpark(void *context, struct parker *parker)
{
    (void)context;
    system_seams.unpark(system_seams.context, parker);
}

void fake_seams_init(struct fake_seams *fake)
{
    fake->seams = (struct seams){
        .wall = fake_wall,
        .monotonic = fake_monotonic,
        .random = fake_random,
        .sleep_until = fake_sleep_until,
        .park = fake_park,
        .unpark = fake_unpark,
        .context = fake,
    };
    atomic_store(&fake->wall, START_WALL);
    atomic_store(&fake->monotonic, START_MONOTONIC);
    atomic_store(&fake->random, 1);
}

void fake_seams_advance(struct fake_seams *fake, int64_t microseconds)
{
    atomic_fetch_add(&fake->wall, microseconds);
    atomic_fetch_add(&fake->monotonic, microseconds);
}

void fake_seams_set_wall(struct fake_seams *fake, int64_t microseconds)
{
    atomic_store(&fake->wall, microseconds);
}
