/* demo_random.c - xoshiro256**, weighted choice, and Zipf's weights in fixed point. */
#include "services/imports/demo_random.h"

#include <assert.h>

static uint64_t rotate_left(uint64_t value, int bits)
{
    return (value << bits) | (value >> (64 - bits));
}

static uint64_t splitmix(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void demo_random_init(struct demo_random *random, uint64_t seed, const char *subject)
{
    assert(random && subject);
    uint64_t label = 0xcbf29ce484222325u; /* FNV-1a: only has to tell subjects apart */
    for (const char *c = subject; *c; c++)
        label = (label ^ (unsigned char)*c) * 0x100000001b3u;
    uint64_t state = splitmix(&seed) ^ label;
    for (size_t i = 0; i < ARRAY_LENGTH(random->state); i++)
        random->state[i] = splitmix(&state);
}

uint64_t demo_random_next(struct demo_random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t demo_random_below(struct demo_random *random, uint64_t bound)
{
    assert(bound >= 1);
    /* The first 2^64 mod bound values would make small remainders likelier: draw again. */
    uint64_t unfair = (0 - bound) % bound;
    uint64_t value;
    do {
        value = demo_random_next(random);
    } while (value < unfair);
    return value % bound;
}

int64_t demo_random_between(struct demo_random *random, int64_t low, int64_t high)
{
    assert(low <= high);
    return low + (int64_t)demo_random_below(random, (uint64_t)(high - low) + 1);
}

bool demo_random_chance(struct demo_random *random, int per_mille)
{
    return (int64_t)demo_random_below(random, 1000) < per_mille;
}

size_t demo_random_weighted(struct demo_random *random, const uint16_t *weights, size_t count)
{
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += weights[i];
    assert(total > 0);
    uint64_t left = demo_random_below(random, total);
    size_t chosen = 0;
    while (left >= weights[chosen])
        left -= weights[chosen++];
    assert(chosen < count);
    return chosen;
}

size_t demo_random_from_sums(struct demo_random *random, const uint64_t *sums, size_t count,
                             uint64_t from)
{
    assert(count > 0 && sums[count - 1] > from);
    uint64_t wanted = from + demo_random_below(random, sums[count - 1] - from);
    size_t low = 0;
    size_t high = count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sums[middle] > wanted)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void demo_random_shuffle(struct demo_random *random, uint32_t *items, size_t count)
{
    for (size_t left = count; left > 1; left--) {
        size_t other = demo_random_below(random, left);
        uint32_t held = items[left - 1];
        items[left - 1] = items[other];
        items[other] = held;
    }
}

uint64_t demo_log2(uint32_t value)
{
    assert(value >= 1);
    int whole = 31 - __builtin_clz(value);
    uint64_t mantissa = (uint64_t)value << (31 - whole); /* [1, 2) with 31 fraction bits */
    uint64_t result = (uint64_t)whole;
    /* Squaring doubles the logarithm: whether it passes 2 is the next binary digit. */
    for (int bit = 0; bit < DEMO_FRACTION_BITS; bit++) {
        mantissa = (mantissa * mantissa) >> 31;
        uint64_t digit = mantissa >> 32;
        mantissa >>= digit;
        result = (result << 1) | digit;
    }
    return result;
}

static uint64_t square_root(uint64_t value)
{
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << 62; bit; bit >>= 2) {
        if (value >= root + bit) {
            value -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return root;
}

uint64_t demo_exp2_minus(uint64_t exponent)
{
    uint64_t whole = exponent >> DEMO_FRACTION_BITS;
    if (whole >= DEMO_FRACTION_BITS)
        return 0;
    uint64_t result = (uint64_t)1 << DEMO_FRACTION_BITS;
    uint64_t factor = (uint64_t)1 << 31; /* 2^-1, then its repeated square roots */
    for (int bit = DEMO_FRACTION_BITS - 1; bit >= DEMO_FRACTION_BITS - 20; bit--) {
        factor = square_root(factor << DEMO_FRACTION_BITS);
        if (exponent >> bit & 1)
            result = (result * (factor >> 1)) >> 31; /* 33 + 31 bits: fits */
    }
    return result >> whole;
}

uint64_t demo_zipf_weight(uint32_t rank, int alpha_milli)
{
    assert(rank >= 1 && alpha_milli >= 0);
    uint64_t exponent = demo_log2(rank) / 1000 * (uint64_t)alpha_milli;
    uint64_t weight = demo_exp2_minus(exponent);
    return weight ? weight : 1;
}
