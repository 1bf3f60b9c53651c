/*
 * histogram.c - buckets whose width doubles every eight.
 *
 * 0 to 7 have a bucket each. Above, the three bits after the leading one choose among the eight
 * buckets of a power of two, so the bucket's number is cut out of the value without a search.
 */
#include "support/histogram.h"

#include <assert.h>
#include <stddef.h>

enum { SUB_BITS = 3, SUB_BUCKETS = 1 << SUB_BITS };

static size_t bucket_of(uint64_t value)
{
    if (value < SUB_BUCKETS)
        return (size_t)value;
    unsigned exponent = 63U - (unsigned)__builtin_clzll(value);
    size_t sub = (size_t)(value >> (exponent - SUB_BITS)) & (SUB_BUCKETS - 1);
    size_t bucket = (exponent - SUB_BITS + 1) * SUB_BUCKETS + sub;
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The largest value that belongs to the bucket. */
static int64_t upper_bound(size_t bucket)
{
    if (bucket < SUB_BUCKETS)
        return (int64_t)bucket;
    unsigned shift = (unsigned)(bucket / SUB_BUCKETS) - 1;
    return (int64_t)(((SUB_BUCKETS + bucket % SUB_BUCKETS + 1) << shift) - 1);
}

static void add(_Atomic uint64_t *counter, uint64_t amount)
{
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

void histogram_add(struct histogram *histogram, int64_t microseconds)
{
    uint64_t value = microseconds > 0 ? (uint64_t)microseconds : 0;
    add(&histogram->counts[bucket_of(value)], 1);
    add(&histogram->sum, value);
    add(&histogram->count, 1);
}

/* The rank, from 1, of the value that the quantile asks for. */
static uint64_t rank_of(double quantile, uint64_t total)
{
    if (!(quantile > 0))
        return 1;
    if (quantile >= 1)
        return total;
    double exact = quantile * (double)total;
    uint64_t rank = (uint64_t)exact;
    rank += (double)rank < exact;
    return rank < 1 ? 1 : rank > total ? total : rank;
}

int64_t histogram_quantile(const struct histogram *histogram, double quantile)
{
    /* A copy, and its own sum: with writers at work histogram->count may be ahead of the counts. */
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t total = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        counts[i] = read_counter(&histogram->counts[i]);
        total += counts[i];
    }
    if (total == 0)
        return 0;

    uint64_t rank = rank_of(quantile, total);
    uint64_t seen = 0;
    size_t bucket = 0;
    while ((seen += counts[bucket]) < rank)
        bucket++;
    assert(bucket < HISTOGRAM_BUCKETS);
    return upper_bound(bucket);
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        add(&into->counts[i], read_counter(&from->counts[i]));
    add(&into->sum, read_counter(&from->sum));
    add(&into->count, read_counter(&from->count));
}
