#include "services/orders/order_runtime.h"

#include "services/analytics/events.h"
#include "services/orders/recovery.h"
#include "services/orders/relay.h"
#include "services/orders/relay_deliver.h"
#include "services/orders/sweeper.h"

#include "support/alloc.h"

#include <time.h>

int64_t order_runtime_epoch(struct order_runtime *runtime)
{
    pthread_mutex_lock(&runtime->epoch_lock);
    int64_t epoch = runtime->epoch;
    pthread_mutex_unlock(&runtime->epoch_lock);
    return epoch;
}

/* A call of the background work's own. */
static void call_begin(struct shop *shop, struct call *call, struct doc_builder *out)
{
    int64_t patience = settings_duration(shop->settings, SETTING_ORDERS_DEADLINE);
    *call = (struct call){
        .shop = shop, .out = out, .deadline = seams_monotonic(shop->seams) + patience};
    doc_builder_init(out);
}

static void call_end(struct call *call)
{
    arena_release(&call->arena);
    doc_builder_release(call->out);
}

/* One process at a time scans and sweeps; that two do is allowed and only costs work. */
static bool have_lease(struct call *call)
{
    struct shop *shop = call->shop;
    struct live_request request = call_live(call, LIVE_LEASE);
    request.key = STR("background");
    request.owner = str_of(shop->orders->node.text);
    request.expires_at = call_wall(call) + settings_duration(shop->settings, SETTING_ORDERS_LEASE);
    ecommerce_error ignored;
    return live_run(shop->live, &request, &ignored) && request.stored;
}

static void report(struct shop *shop, const char *what, const ecommerce_error *err)
{
    log_write(shop->logger, LOG_WARNING, what, "%s", err->message);
}

static void do_scan(struct shop *shop)
{
    struct doc_builder out;
    struct call call;
    ecommerce_error err = {0};
    bool more = true;
    call_begin(shop, &call, &out);
    if (have_lease(&call)) {
        size_t found;
        if (!relay_scan(&call, &found, &err)) {
            report(shop, "relay", &err);
        }
        while (more && events_relay_step(&call, &more, &err)) {}
        if (err.code != ECOMMERCE_OK && more) {
            report(shop, "events", &err);
        }
    }
    call_end(&call);
}

static void do_sweep(struct shop *shop)
{
    struct doc_builder out;
    struct call call;
    struct sweep_result result;
    ecommerce_error err = {0};
    call_begin(shop, &call, &out);
    if (have_lease(&call) && !sweeper_step(&call, &result, &err)) {
        report(shop, "sweeper", &err);
    }
    call_end(&call);
}

static bool do_relay(struct shop *shop)
{
    struct doc_builder out;
    struct call call;
    ecommerce_error err = {0};
    bool worked = false;
    call_begin(shop, &call, &out);
    if (!relay_step(&call, &worked, &err)) {
        report(shop, "relay", &err);
    }
    call_end(&call);
    return worked;
}

static bool stopping(struct order_runtime *runtime)
{
    pthread_mutex_lock(&runtime->queue_lock);
    bool stop = runtime->stop;
    pthread_mutex_unlock(&runtime->queue_lock);
    return stop;
}

/* A delivery syncs three files however much it delivers, on the disk that callers wait for. One
 * that comes after a pause begins at once; then what came within this time goes together. */
enum { DELIVERY_INTERVAL = 50 * 1000 };

/* Under the queue's lock. */
static void wait_for_queue(struct order_runtime *runtime, int64_t microseconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + microseconds * 1000;
    until.tv_sec += nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_cond_timedwait(&runtime->queue_changed, &runtime->queue_lock, &until);
}

/* Waits until there is something to deliver, or a scan is due. False: it is time to stop. */
static bool await_work(struct order_runtime *runtime, int64_t delivered)
{
    struct shop *shop = runtime->shop;
    size_t enough = (size_t)settings_int(shop->settings, SETTING_RELAY_BATCH);
    pthread_mutex_lock(&runtime->queue_lock);
    if (runtime->queue_first == NULL && !runtime->stop) {
        int64_t pause = runtime->next_scan - seams_monotonic(shop->seams);
        wait_for_queue(runtime, pause < 1000 ? 1000 : pause > MICROSECONDS ? MICROSECONDS : pause);
    }
    int64_t early = delivered + DELIVERY_INTERVAL - seams_monotonic(shop->seams);
    while (!runtime->stop && runtime->queue_length > 0 && runtime->queue_length < enough &&
           early > 0) {
        wait_for_queue(runtime, early);
        early = delivered + DELIVERY_INTERVAL - seams_monotonic(shop->seams);
    }
    bool stop = runtime->stop;
    pthread_mutex_unlock(&runtime->queue_lock);
    return !stop;
}

/* The first scan and sweep come after one interval: a command that ends at once need not pay for
 * them. What is queued when it stops has been taken by whoever closes. */
static void *background(void *context)
{
    struct shop *shop = context;
    struct order_runtime *runtime = shop->orders;
    int64_t scan_every = settings_duration(shop->settings, SETTING_RELAY_SCAN_INTERVAL);
    int64_t sweep_every = settings_duration(shop->settings, SETTING_SWEEPER_INTERVAL);
    int64_t now = seams_monotonic(shop->seams), delivered = now - DELIVERY_INTERVAL;
    runtime->next_scan = now + scan_every;
    runtime->next_sweep = now + sweep_every;
    while (await_work(runtime, delivered)) {
        now = seams_monotonic(shop->seams);
        if (do_relay(shop)) {
            delivered = now;
        }
        now = seams_monotonic(shop->seams);
        if (now >= runtime->next_scan && !stopping(runtime)) {
            do_scan(shop);
            runtime->next_scan = seams_monotonic(shop->seams) + scan_every;
        }
        if (now >= runtime->next_sweep && !stopping(runtime)) {
            do_sweep(shop);
            runtime->next_sweep = seams_monotonic(shop->seams) + sweep_every;
        }
    }
    return NULL;
}

static bool align_at_opening(struct shop *shop, ecommerce_error *err)
{
    struct doc_builder out;
    struct call call;
    call_begin(shop, &call, &out);
    /* A recount reads the whole history: it has more time than an order. */
    call.deadline = seams_monotonic(shop->seams) + 600 * (int64_t)MICROSECONDS;
    bool ok = recovery_open(&call, err);
    call_end(&call);
    return ok;
}

bool order_runtime_open(struct shop *shop, ecommerce_error *err)
{
    struct order_runtime *runtime = mem_zalloc(1, sizeof(*runtime));
    if (runtime == NULL) {
        return error_memory(err);
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&runtime->queue_changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&runtime->epoch_lock, NULL);
    pthread_mutex_init(&runtime->queue_lock, NULL);
    runtime->shop = shop;
    runtime->queue_last = &runtime->queue_first;
    id_new(shop->seams, &runtime->node);
    shop->orders = runtime;
    if (!align_at_opening(shop, err)) {
        order_runtime_close(shop, 0);
        return false;
    }
    if (settings_bool(shop->settings, SETTING_RELAY_BACKGROUND)) {
        runtime->thread_runs = pthread_create(&runtime->thread, NULL, background, shop) == 0;
        if (!runtime->thread_runs) {
            order_runtime_close(shop, 0);
            return error_set(err, ECOMMERCE_UNAVAILABLE, "no thread could be started");
        }
    }
    return true;
}

static void drain(struct shop *shop, int64_t deadline)
{
    struct doc_builder out;
    struct call call;
    ecommerce_error err = {0};
    call_begin(shop, &call, &out);
    call.deadline = deadline;
    if (!relay_drain(&call, &err)) {
        report(shop, "relay", &err); /* the marks stay: the next process goes on */
    }
    bool more = true;
    while (more && events_relay_step(&call, &more, &err)) {}
    call_end(&call);
}

void order_runtime_close(struct shop *shop, int64_t deadline)
{
    struct order_runtime *runtime = shop->orders;
    if (runtime == NULL) {
        return;
    }
    if (seams_monotonic(shop->seams) < deadline) {
        drain(shop, deadline);
    }
    pthread_mutex_lock(&runtime->queue_lock);
    runtime->stop = true;
    struct relay_item *left = runtime->queue_first;
    runtime->queue_first = NULL;
    runtime->queue_last = &runtime->queue_first;
    runtime->queue_length = 0;
    pthread_cond_broadcast(&runtime->queue_changed);
    pthread_mutex_unlock(&runtime->queue_lock);
    if (runtime->thread_runs) {
        pthread_join(runtime->thread, NULL);
    }
    while (left != NULL) {
        struct relay_item *next = left->next;
        mem_free(left);
        left = next;
    }
    pthread_cond_destroy(&runtime->queue_changed);
    pthread_mutex_destroy(&runtime->queue_lock);
    pthread_mutex_destroy(&runtime->epoch_lock);
    mem_free(runtime);
    shop->orders = NULL;
}
