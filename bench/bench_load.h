/*
 * bench_load.h - callers in threads, each doing one thing over and over, and what comes of it.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One caller, in its own thread. */
struct bench_caller {
    size_t number; /* from 0 */
    uint64_t turn; /* how many steps it has done */
    uint64_t random;
};

struct bench_load {
    /* One step; what it counts as is `weight`. */
    bool (*step)(void *context, struct bench_caller *caller, ecommerce_error *err);
    void *context;
    size_t callers;
    size_t weight;
    double warm_up, seconds;
};

struct bench_figures {
    double per_second;
    double p50, p99; /* of a step; microseconds */
};

/* Seconds, monotonic. */
double bench_now(void);
uint64_t bench_random(struct bench_caller *caller);
/* 0 … limit - 1. */
size_t bench_pick(struct bench_caller *caller, size_t limit);

/* Only what begins and ends after the warm-up counts. The first error of a caller ends all. */
bool bench_load_run(const struct bench_load *load, struct bench_figures *figures,
                    ecommerce_error *err) MUST_CHECK;

double bench_median(const double *values, size_t count);
/* Sorts them. */
double bench_quantile(double *values, size_t count, double quantile);
