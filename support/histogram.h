/*
 * histogram.h - latencies: counts in buckets whose width grows with the value (8 a power of two, so
 * a quantile is at most 12.5 % too high), from 1 µs to about an hour. Lock-free; reading while
 * writing gives a slightly torn but never wrong-by-much picture.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 256 };

struct histogram {
    _Atomic uint64_t counts[HISTOGRAM_BUCKETS];
    _Atomic uint64_t sum; /* microseconds */
    _Atomic uint64_t count;
};

void histogram_add(struct histogram *histogram, int64_t microseconds); /* negative counts as 0 */
/* Upper bound of the bucket that holds the quantile 0..1; 0 when empty. */
int64_t histogram_quantile(const struct histogram *histogram, double quantile);
void histogram_merge(struct histogram *into, const struct histogram *from);
