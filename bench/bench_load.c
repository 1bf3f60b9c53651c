/* bench_load.c - the threads of a measurement and their latencies. */
#include "bench/bench_load.h"

#include "bench/bench.h"
#include "support/error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum phase { PHASE_WARM_UP, PHASE_MEASURED, PHASE_OVER };

struct shared {
    const struct bench_load *load;
    _Atomic int phase;
    _Atomic size_t measured; /* steps */
    _Atomic size_t ended;    /* threads */
};

struct thread {
    struct shared *shared;
    struct bench_caller caller;
    pthread_t thread;
    double *times; /* seconds */
    size_t count, capacity;
    bool ok;
    ecommerce_error error;
};

double bench_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* SplitMix64. */
uint64_t bench_random(struct bench_caller *caller)
{
    uint64_t z = (caller->random += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

size_t bench_pick(struct bench_caller *caller, size_t limit)
{
    return (size_t)(bench_random(caller) % limit);
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

double bench_quantile(double *values, size_t count, double quantile)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof(*values), compare);
    size_t place = (size_t)(quantile * (double)count);
    return values[place < count ? place : count - 1];
}

double bench_median(const double *values, size_t count)
{
    double sorted[BENCH_MAX_ROUNDS];
    count = count < BENCH_MAX_ROUNDS ? count : BENCH_MAX_ROUNDS;
    memcpy(sorted, values, count * sizeof(*values));
    return bench_quantile(sorted, count, 0.5);
}

static bool note(struct thread *thread, double seconds)
{
    if (thread->count == thread->capacity) {
        size_t capacity = thread->capacity ? thread->capacity * 2 : 4096;
        double *times = realloc(thread->times, capacity * sizeof(*times));
        if (!times)
            return error_memory(&thread->error);
        thread->times = times;
        thread->capacity = capacity;
    }
    thread->times[thread->count++] = seconds;
    return true;
}

static void *work(void *context)
{
    struct thread *thread = context;
    const struct bench_load *load = thread->shared->load;
    double before = bench_now();
    for (int phase = PHASE_WARM_UP; thread->ok && phase != PHASE_OVER;) {
        int began = phase;
        thread->ok = load->step(load->context, &thread->caller, &thread->error);
        thread->caller.turn++;
        double after = bench_now();
        phase = atomic_load_explicit(&thread->shared->phase, memory_order_relaxed);
        if (thread->ok && began == PHASE_MEASURED && phase == PHASE_MEASURED) {
            thread->ok = note(thread, after - before);
            atomic_fetch_add_explicit(&thread->shared->measured, 1, memory_order_relaxed);
        }
        before = after;
    }
    atomic_fetch_add(&thread->shared->ended, 1);
    return NULL;
}

static void pause_for(double seconds)
{
    time_t whole = (time_t)seconds;
    struct timespec span = {.tv_sec = whole, .tv_nsec = (long)((seconds - (double)whole) * 1e9)};
    while (nanosleep(&span, &span) != 0) {}
}

/* All latencies in one array. */
static bool summarize(const struct bench_load *load, struct thread *threads, double seconds,
                      struct bench_figures *figures, ecommerce_error *err)
{
    size_t count = 0, at = 0;
    for (size_t i = 0; i < load->callers; i++)
        count += threads[i].count;
    double *times = malloc((count + 1) * sizeof(*times));
    if (!times)
        return error_memory(err);
    for (size_t i = 0; i < load->callers; i++) {
        if (threads[i].count > 0)
            memcpy(times + at, threads[i].times, threads[i].count * sizeof(*times));
        at += threads[i].count;
    }
    figures->per_second = (double)(count * load->weight) / seconds;
    figures->p50 = bench_quantile(times, count, 0.5) * 1e6;
    figures->p99 = bench_quantile(times, count, 0.99) * 1e6;
    free(times);
    return true;
}

static size_t start(struct shared *shared, struct thread *threads)
{
    for (size_t i = 0; i < shared->load->callers; i++) {
        threads[i] = (struct thread){.shared = shared, .caller.number = i, .ok = true};
        threads[i].caller.random = i * 7919 + 1;
        if (pthread_create(&threads[i].thread, NULL, work, &threads[i]) != 0)
            return i;
    }
    return shared->load->callers;
}

bool bench_load_run(const struct bench_load *load, struct bench_figures *figures,
                    ecommerce_error *err)
{
    struct shared shared = {.load = load};
    struct thread *threads = calloc(load->callers, sizeof(*threads));
    if (!threads)
        return error_memory(err);
    size_t started = start(&shared, threads);
    bool ok = started == load->callers ||
              error_set(err, ECOMMERCE_UNAVAILABLE, "no thread could be started");
    pause_for(ok ? load->warm_up : 0);
    atomic_store(&shared.phase, PHASE_MEASURED);
    double began = bench_now();
    pause_for(ok ? load->seconds : 0);
    /* A step may take longer than the time that was asked for: one at least is measured. */
    while (ok && atomic_load(&shared.measured) == 0 && atomic_load(&shared.ended) < started)
        pause_for(0.005);
    double seconds = bench_now() - began;
    atomic_store(&shared.phase, PHASE_OVER);
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i].thread, NULL);
        if (ok && !threads[i].ok) {
            ok = false;
            *err = threads[i].error;
        }
    }
    ok = ok && summarize(load, threads, seconds, figures, err);
    for (size_t i = 0; i < started; i++)
        free(threads[i].times);
    free(threads);
    return ok;
}
