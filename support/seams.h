/*
 * seams.h - time, randomness and waiting as the engine sees them.
 *
 * Production uses system_seams. Tests and simulations pass their own, and nothing in the engine
 * reaches the system's clock, randomness or sleep except through here. Wall time is data (UTC,
 * microseconds since 1970, may leap); monotonic time is for deadlines (microseconds, never goes
 * back).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct parker; /* one waiting thread (or fiber); see parker_* */

struct seams {
    int64_t (*wall)(void *context);
    int64_t (*monotonic)(void *context);
    void (*random)(void *context, void *bytes, size_t size);
    void (*sleep_until)(void *context, int64_t monotonic);
    /* Blocks until unparked or the monotonic deadline, and returns for no other reason; an unpark
     * before the park is not lost. Each unpark is owed to one park: who gives up at a deadline
     * while an unpark is already on its way parks once more, so that no later wait is woken by
     * mistake and no thread (and its parker) ends before it was touched for the last time. */
    void (*park)(void *context, struct parker *parker, int64_t deadline);
    void (*unpark)(void *context, struct parker *parker);
    void *context;
};

extern const struct seams system_seams;

/* The parker of the calling thread; lives as long as the thread. */
struct parker *parker_self(const struct seams *seams);

static inline int64_t seams_wall(const struct seams *seams)
{
    return seams->wall(seams->context);
}

static inline int64_t seams_monotonic(const struct seams *seams)
{
    return seams->monotonic(seams->context);
}

static inline void seams_random(const struct seams *seams, void *bytes, size_t size)
{
    seams->random(seams->context, bytes, size);
}

enum { MICROSECONDS = 1000000 };
#define NO_DEADLINE INT64_MAX
