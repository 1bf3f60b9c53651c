/*
 * demo_random.h - repeatable chance, with integers only, so that a seed means the same everywhere.
 *
 * The generator is xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", ACM Transactions on Mathematical Software 47(4), 2021), its state filled by
 * SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
 * 2014). For data, never for secrets. Not thread-safe.
 */
#pragma once

#include "support/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct demo_random {
    uint64_t state[4];
};

/* One seed feeds many independent streams, one a subject, so that more of one thing does not
 * reshuffle another. */
void demo_random_init(struct demo_random *random, uint64_t seed, const char *subject);
uint64_t demo_random_next(struct demo_random *random);
/* 0 … bound - 1, all equally likely; bound >= 1. */
uint64_t demo_random_below(struct demo_random *random, uint64_t bound);
/* low … high, both included; low <= high. */
int64_t demo_random_between(struct demo_random *random, int64_t low, int64_t high);
bool demo_random_chance(struct demo_random *random, int per_mille);
/* Index of a small table with probability in proportion to its weight; their sum is not zero. */
size_t demo_random_weighted(struct demo_random *random, const uint16_t *weights, size_t count);
/* The same for running sums (the last one is the total, not zero), by bisection: the index of the
 * first sum above a random number between `from` and the total. */
size_t demo_random_from_sums(struct demo_random *random, const uint64_t *sums, size_t count,
                             uint64_t from);
/* Fisher and Yates. */
void demo_random_shuffle(struct demo_random *random, uint32_t *items, size_t count);

enum { DEMO_FRACTION_BITS = 32 };

/* log2(value) as a fixed-point number with 32 fraction bits, rounded down; value >= 1. */
uint64_t demo_log2(uint32_t value);
/* 2^-exponent, both fixed-point with 32 fraction bits; relative error below 1e-5 while the result
 * is above 2^-12. */
uint64_t demo_exp2_minus(uint64_t exponent);
/* rank^-(alpha/1000) as such a fixed-point number, never 0; rank >= 1. */
uint64_t demo_zipf_weight(uint32_t rank, int alpha_milli);
