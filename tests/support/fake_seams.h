/*
 * fake_seams.h - clocks that a test moves and randomness that repeats.
 *
 * Both clocks stand still until fake_seams_advance moves them; sleeping moves them too. Waiting for
 * another thread (park) is real, so that a test with threads works, with the real time as its clock
 * for the rest of the wait. Any thread.
 */
#pragma once

#include "support/seams.h"

#include <stdatomic.h>
#include <stdint.h>

struct fake_seams {
    struct seams seams; /* give &fake->seams to whoever wants seams */
    _Atomic int64_t wall, monotonic;
    _Atomic uint64_t random;
};

/* 2011-12-01T12:00:00Z on the wall. Must not move in memory afterwards. */
void fake_seams_init(struct fake_seams *fake);
/* Both clocks. */
void fake_seams_advance(struct fake_seams *fake, int64_t microseconds);
/* The wall clock alone, as when somebody sets it. */
void fake_seams_set_wall(struct fake_seams *fake, int64_t microseconds);
