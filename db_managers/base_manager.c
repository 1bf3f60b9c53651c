/*
 * base_manager.c - what all managers share: statistics, health, breaker, retry.
 */
#include "db_managers/base_manager.h"

#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>

enum {
    BREAKER_THRESHOLD = 5,            /* failures in a row */
    BREAKER_PAUSE = MICROSECONDS / 2, /* at least, and up to as much and a second more */
    /* A deadline that was too short for any store says nothing about this one. */
    BREAKER_FAIR_TIME = MICROSECONDS / 10,

    RETRY_BASE = 20 * 1000,
    RETRY_CAP = MICROSECONDS,
    RETRY_COST = 1000,                  /* one retry, in the budget's thousandths */
    RETRY_SHARE = RETRY_COST / 10,      /* earned by a first try */
    RETRY_FLOW = 10 * RETRY_COST,       /* earned by a second */
    RETRY_CREDIT_MAX = 10 * RETRY_FLOW, /* what an outage may spend at once */
};

const char *manager_role_name(enum manager_role role)
{
    static const char *const names[MANAGER_ROLES] = {
        [ROLE_DOCUMENTS] = "documents",
        [ROLE_LIVE] = "live",
        [ROLE_TIMESERIES] = "timeseries",
        [ROLE_GRAPH] = "graph",
    };
    assert(role < MANAGER_ROLES);
    return names[role];
}

static void assert_manager(const struct base_manager *manager)
{
    assert(manager && manager->magic == BASE_MANAGER_MAGIC);
}

/* Uniform in 0 … below - 1; the bias of the remainder is far below what a pause needs. */
static int64_t random_below(const struct seams *seams, int64_t below)
{
    uint64_t random;
    seams_random(seams, &random, sizeof(random));
    return (int64_t)(random % (uint64_t)below);
}

/* ---- life ---- */

bool base_manager_init(struct base_manager *manager, const struct base_manager_ops *ops,
                       enum manager_role role, const struct seams *seams,
                       const struct logger *logger, ecommerce_error *err)
{
    assert(ops->operation_count <= MANAGER_MAX_OPERATIONS && role < MANAGER_ROLES);
    *manager = (struct base_manager){
        .magic = BASE_MANAGER_MAGIC,
        .ops = ops,
        .role = role,
        .seams = seams,
        .logger = logger,
        .retry_budget = {.credit = RETRY_FLOW, .filled = seams_monotonic(seams)},
    };
    manager->stats = mem_zalloc(ops->operation_count, sizeof(*manager->stats));
    if (!manager->stats) {
        manager->magic = 0;
        return error_memory(err);
    }
    pthread_mutex_init(&manager->breaker.lock, NULL);
    pthread_mutex_init(&manager->retry_budget.lock, NULL);
    return true;
}

void base_manager_release(struct base_manager *manager)
{
    if (manager->magic != BASE_MANAGER_MAGIC)
        return;
    pthread_mutex_destroy(&manager->breaker.lock);
    pthread_mutex_destroy(&manager->retry_budget.lock);
    mem_free(manager->stats);
    manager->stats = NULL;
    manager->magic = 0;
}

void manager_close(struct base_manager **manager)
{
    struct base_manager *closing = *manager;
    if (!closing)
        return;
    assert_manager(closing);
    *manager = NULL;
    closing->ops->close(closing);
}

/* ---- health and metrics ---- */

bool manager_ping(struct base_manager *manager, int64_t deadline, ecommerce_error *err)
{
    assert_manager(manager);
    return manager->ops->ping(manager, deadline, err);
}

static const char *breaker_state_name(enum breaker_state state)
{
    switch (state) {
    case BREAKER_CLOSED:
        return "closed";
    case BREAKER_OPEN:
        return "open";
    case BREAKER_HALF_OPEN:
        return "half_open";
    }
    return "closed";
}

static void add_error(struct doc_builder *out, const ecommerce_error *error)
{
    doc_open(out, "error");
    doc_adds(out, "code", ecommerce_error_name(error->code));
    doc_adds(out, "message", error->message);
    doc_close(out);
}

void manager_health(struct base_manager *manager, int64_t deadline, struct doc_builder *out)
{
    int64_t started = seams_monotonic(manager->seams);
    ecommerce_error error = {0};
    bool up = manager_ping(manager, deadline, &error);
    int64_t ended = seams_monotonic(manager->seams);

    doc_adds(out, "role", manager_role_name(manager->role));
    doc_adds(out, "kind", manager->ops->kind);
    doc_adds(out, "address", manager->address);
    doc_adds(out, "state", up ? "up" : "down");
    doc_adds(out, "breaker", breaker_state_name(breaker_state_of(&manager->breaker, ended)));
    doc_add_int(out, "latency_us", ended - started);
    if (!up) {
        add_error(out, &error);
        return;
    }
    doc_open(out, "store");
    manager->ops->describe(manager, out);
    doc_close(out);
}

static void add_operation(struct doc_builder *out, const char *name,
                          const struct operation_stats *stats)
{
    static const char *const classes[] = {
        [ECOMMERCE_CLASS_REFUSED] = "refused",
        [ECOMMERCE_CLASS_RETRYABLE] = "retryable",
        [ECOMMERCE_CLASS_OUTCOME_UNKNOWN] = "outcome_unknown",
        [ECOMMERCE_CLASS_FATAL] = "fatal",
    };
    uint64_t calls = atomic_load_explicit(&stats->calls, memory_order_relaxed);
    if (calls == 0)
        return;
    doc_open(out, name);
    doc_add_int(out, "calls", (int64_t)calls);
    for (size_t i = ECOMMERCE_CLASS_REFUSED; i < ARRAY_LENGTH(classes); i++) {
        uint64_t errors = atomic_load_explicit(&stats->errors[i], memory_order_relaxed);
        if (errors > 0)
            doc_add_int(out, classes[i], (int64_t)errors);
    }
    doc_add_int(out, "p50_us", histogram_quantile(&stats->latency, 0.5));
    doc_add_int(out, "p99_us", histogram_quantile(&stats->latency, 0.99));
    doc_close(out);
}

void manager_metrics(const struct base_manager *manager, struct doc_builder *out)
{
    assert_manager(manager);
    doc_adds(out, "role", manager_role_name(manager->role));
    doc_adds(out, "kind", manager->ops->kind);
    doc_add_int(out, "retries",
                (int64_t)atomic_load_explicit(&manager->retries, memory_order_relaxed));
    doc_open(out, "operations");
    for (size_t i = 0; i < manager->ops->operation_count; i++)
        add_operation(out, manager->ops->operation_names[i], &manager->stats[i]);
    doc_close(out);
}

/* ---- finished requests ---- */

static bool says_store_failed(const struct store_request *request)
{
    switch (request->error.code) {
    case ECOMMERCE_UNAVAILABLE:
    case ECOMMERCE_OUTCOME_UNKNOWN:
        return true;
    case ECOMMERCE_DEADLINE_EXCEEDED:
        return request->deadline - request->started >= BREAKER_FAIR_TIME;
    default:
        return false;
    }
}

/* Lets the time that has passed flow into the budget, and adds to it. The lock is held. */
static void budget_earn(struct retry_budget *budget, int64_t now, int64_t earned)
{
    int64_t passed = now - budget->filled;
    if (passed > 10 * MICROSECONDS)
        passed = 10 * MICROSECONDS;
    if (passed > 0)
        earned += passed * RETRY_FLOW / MICROSECONDS;
    budget->filled = now;
    budget->credit += earned;
    if (budget->credit > RETRY_CREDIT_MAX)
        budget->credit = RETRY_CREDIT_MAX;
}

void manager_finish(struct base_manager *manager, const struct store_request *request)
{
    assert_manager(manager);
    assert(request->operation < manager->ops->operation_count);
    struct operation_stats *stats = &manager->stats[request->operation];
    atomic_fetch_add_explicit(&stats->calls, 1, memory_order_relaxed);
    if (!request->ok) {
        enum ecommerce_error_class class = ecommerce_error_class_of(request->error.code);
        assert(class != ECOMMERCE_CLASS_NONE);
        atomic_fetch_add_explicit(&stats->errors[class], 1, memory_order_relaxed);
    }
    if (request->started == 0)
        return;
    int64_t now = seams_monotonic(manager->seams);
    histogram_add(&stats->latency, now - request->started);
    breaker_result(&manager->breaker, manager->seams, !request->ok && says_store_failed(request));
    pthread_mutex_lock(&manager->retry_budget.lock);
    budget_earn(&manager->retry_budget, now, RETRY_SHARE);
    pthread_mutex_unlock(&manager->retry_budget.lock);
}

/* ---- breaker ---- */

enum breaker_state breaker_state_of(struct breaker *breaker, int64_t now)
{
    pthread_mutex_lock(&breaker->lock);
    enum breaker_state state = BREAKER_CLOSED;
    if (breaker->open_until != 0)
        state = breaker->probing || now >= breaker->open_until ? BREAKER_HALF_OPEN : BREAKER_OPEN;
    pthread_mutex_unlock(&breaker->lock);
    return state;
}

static int64_t breaker_pause(const struct seams *seams)
{
    return BREAKER_PAUSE + random_below(seams, BREAKER_PAUSE + MICROSECONDS);
}

bool breaker_allow(struct breaker *breaker, const struct seams *seams, ecommerce_error *err)
{
    int64_t now = seams_monotonic(seams);
    pthread_mutex_lock(&breaker->lock);
    int64_t left = breaker->open_until == 0 ? 0 : breaker->open_until - now;
    bool allowed = left <= 0;
    if (allowed && breaker->open_until != 0) {
        /* This call is the probe; when it never reports back the next pause ends in another one. */
        breaker->probing = true;
        breaker->open_until = now + breaker_pause(seams);
    }
    pthread_mutex_unlock(&breaker->lock);
    if (allowed)
        return true;
    error_set(err, ECOMMERCE_UNAVAILABLE,
              "the store failed several times in a row and is given a pause");
    if (err)
        err->retry_after = (double)left / MICROSECONDS;
    return false;
}

void breaker_result(struct breaker *breaker, const struct seams *seams, bool store_failed)
{
    pthread_mutex_lock(&breaker->lock);
    if (!store_failed) {
        breaker->failures = 0;
        breaker->open_until = 0;
        breaker->probing = false;
    } else {
        if (breaker->failures < BREAKER_THRESHOLD)
            breaker->failures++;
        /* While it is open, the late failures of calls sent before must not prolong it. */
        if (breaker->failures >= BREAKER_THRESHOLD &&
            (breaker->open_until == 0 || breaker->probing)) {
            breaker->open_until = seams_monotonic(seams) + breaker_pause(seams);
            breaker->probing = false;
        }
    }
    pthread_mutex_unlock(&breaker->lock);
}

/* ---- retry ---- */

static bool budget_spend(struct base_manager *manager, int64_t now)
{
    /* A retry is a try as well and will earn its share: that is taken off at once. */
    enum { PRICE = RETRY_COST + RETRY_SHARE };
    struct retry_budget *budget = &manager->retry_budget;
    pthread_mutex_lock(&budget->lock);
    budget_earn(budget, now, 0);
    bool granted = budget->credit >= PRICE;
    if (granted)
        budget->credit -= PRICE;
    pthread_mutex_unlock(&budget->lock);
    return granted;
}

static int64_t retry_pause(const struct retry *retry, const ecommerce_error *err)
{
    int64_t longest = RETRY_CAP;
    if (retry->attempt < 16 && ((int64_t)RETRY_BASE << retry->attempt) < longest)
        longest = (int64_t)RETRY_BASE << retry->attempt;
    int64_t pause = random_below(retry->manager->seams, longest + 1);
    int64_t asked = err->retry_after > 0 ? (int64_t)(err->retry_after * MICROSECONDS) : 0;
    return pause > asked ? pause : asked;
}

bool retry_again(struct retry *retry, const ecommerce_error *err)
{
    assert_manager(retry->manager);
    if (!error_is_retryable(err))
        return false;
    const struct seams *seams = retry->manager->seams;
    int64_t now = seams_monotonic(seams);
    int64_t pause = retry_pause(retry, err);
    if (now >= retry->deadline || pause >= retry->deadline - now ||
        !budget_spend(retry->manager, now))
        return false;
    retry->attempt++;
    atomic_fetch_add_explicit(&retry->manager->retries, 1, memory_order_relaxed);
    seams->sleep_until(seams->context, now + pause);
    return true;
}
