#include "services/imports/import_crew.h"

#include "services/orders/order_runtime.h"
#include "services/orders/relay.h"

#include <pthread.h>
#include <stdio.h>

#define PROGRESS_EVERY (INT64_C(5) * MICROSECONDS)

/* ---- tallies ---- */

void import_tally_refuse(struct import_tally *tally, const ecommerce_error *err)
{
    tally->refused++;
    if (tally->by_code[err->code].count++ == 0) {
        snprintf(tally->by_code[err->code].example, IMPORT_EXAMPLE, "%.*s", IMPORT_EXAMPLE - 1,
                 err->message);
    }
}

/* A message may be cut inside a character. */
static struct str whole_characters(const char *text)
{
    struct str s = str_of(text);
    while (s.len > 0 && !str_is_utf8(s)) {
        s.len--;
    }
    return s;
}

void import_tally_add(struct doc_builder *out, const char *key, const struct import_tally *tally,
                      const char *done, const char *unchanged)
{
    doc_open(out, key);
    doc_add_int(out, done, tally->done);
    if (unchanged != NULL) {
        doc_add_int(out, unchanged, tally->unchanged);
    }
    doc_add_int(out, "refused", tally->refused);
    if (tally->refused > 0) {
        doc_open_array(out, "refusals");
        for (int code = 0; code < ECOMMERCE_ERROR_CODES; code++) {
            if (tally->by_code[code].count > 0) {
                doc_open(out, NULL);
                doc_adds(out, "code", ecommerce_error_name((enum ecommerce_error_code)code));
                doc_add_int(out, "count", tally->by_code[code].count);
                doc_add_text(out, "example", whole_characters(tally->by_code[code].example));
                doc_close(out);
            }
        }
        doc_close(out);
    }
    doc_close(out);
}

/* ---- calls ---- */

static int64_t deadline_of(struct shop *shop)
{
    return seams_monotonic(shop->seams) +
           settings_duration(shop->settings, SETTING_ORDERS_DEADLINE);
}

void import_call_begin(struct shop *shop, struct call *call, struct doc_builder *out)
{
    *call = (struct call){.shop = shop, .out = out, .deadline = deadline_of(shop)};
    doc_builder_init(out);
}

void import_call_again(struct call *call)
{
    struct shop *shop = call->shop;
    struct arena arena = call->arena;
    struct doc_builder *out = call->out;
    arena_reset(&arena);
    doc_builder_clear(out);
    *call = (struct call){.shop = shop, .out = out, .arena = arena, .deadline = deadline_of(shop)};
}

void import_call_end(struct call *call)
{
    arena_release(&call->arena);
    doc_builder_release(call->out);
}

bool import_new_or_there(struct call *call, bool ok, ecommerce_error *err)
{
    if (!ok && err->code == ECOMMERCE_ALREADY_EXISTS) {
        error_clear(err);
        call->replayed = true;
        return true;
    }
    return ok;
}

bool import_may_repeat(struct call *outer, const ecommerce_error *err, int64_t *since)
{
    const struct seams *seams = outer->shop->seams;
    enum ecommerce_error_class class = ecommerce_error_class_of(err->code);
    int64_t now = seams_monotonic(seams);
    *since = *since != 0 ? *since : now;
    if ((class != ECOMMERCE_CLASS_RETRYABLE && class != ECOMMERCE_CLASS_OUTCOME_UNKNOWN) ||
        now - *since > IMPORT_PATIENCE || now >= outer->deadline) {
        return false;
    }
    int64_t pause = (now - *since) / 4;
    pause = pause < 5000 ? 5000 : pause > MICROSECONDS ? MICROSECONDS : pause;
    seams->sleep_until(seams->context, now + pause);
    return true;
}

/* ---- the crew ---- */

struct crew {
    struct call *outer;
    const size_t *starts;
    size_t chains;
    import_work *work;
    void *context;
    pthread_mutex_t lock;
    struct import_tally *tally; /* and all below: the lock's */
    size_t next;
    bool failed;
    ecommerce_error error;
};

static bool refusal(const ecommerce_error *err)
{
    return ecommerce_error_class_of(err->code) == ECOMMERCE_CLASS_REFUSED;
}

static void count_outcome(struct crew *crew, bool ok, bool unchanged, const ecommerce_error *err)
{
    pthread_mutex_lock(&crew->lock);
    if (ok) {
        crew->tally->done += !unchanged;
        crew->tally->unchanged += unchanged;
    } else if (refusal(err)) {
        import_tally_refuse(crew->tally, err);
    } else if (!crew->failed) {
        crew->failed = true;
        crew->error = *err;
    }
    pthread_mutex_unlock(&crew->lock);
}

static bool do_item(struct crew *crew, struct call *call, size_t index)
{
    ecommerce_error err = {0};
    int64_t since = 0;
    bool ok;
    do {
        import_call_again(call);
        error_clear(&err);
        ok = crew->work(crew->context, index, call, &err);
    } while (!ok && import_may_repeat(crew->outer, &err, &since));
    count_outcome(crew, ok, call->replayed, &err);
    return ok || refusal(&err);
}

static bool take_chain(struct crew *crew, size_t *chain)
{
    const struct call *outer = crew->outer;
    bool late = seams_monotonic(outer->shop->seams) >= outer->deadline;
    pthread_mutex_lock(&crew->lock);
    if (late && !crew->failed) {
        crew->failed = true;
        error_set(&crew->error, ECOMMERCE_DEADLINE_EXCEEDED,
                  "the import was not done in time; run it again to do the rest");
    }
    bool more = !crew->failed && crew->next < crew->chains;
    *chain = more ? crew->next++ : 0;
    pthread_mutex_unlock(&crew->lock);
    return more;
}

static void *work_along(void *context)
{
    struct crew *crew = context;
    struct doc_builder out;
    struct call call;
    size_t chain;
    bool ok = true;
    import_call_begin(crew->outer->shop, &call, &out);
    while (ok && take_chain(crew, &chain)) {
        size_t first = crew->starts != NULL ? crew->starts[chain] : chain;
        size_t end = crew->starts != NULL ? crew->starts[chain + 1] : chain + 1;
        for (size_t i = first; ok && i < end; i++) {
            ok = do_item(crew, &call, i);
        }
    }
    import_call_end(&call);
    return NULL;
}

/* A thread that cannot be started is one less; this one works in any case. */
bool import_crew_run(struct call *outer, const size_t *starts, size_t chains, import_work *work,
                     void *context, struct import_tally *tally, ecommerce_error *err)
{
    pthread_t threads[IMPORT_THREADS];
    size_t running = 0;
    struct crew crew = {
        .outer = outer,
        .starts = starts,
        .chains = chains,
        .work = work,
        .context = context,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .tally = tally,
    };
    while (running + 1 < IMPORT_THREADS && running + 1 < chains &&
           pthread_create(&threads[running], NULL, work_along, &crew) == 0) {
        running++;
    }
    (void)work_along(&crew);
    for (size_t i = 0; i < running; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_mutex_destroy(&crew.lock);
    if (crew.failed && err != NULL) {
        *err = crew.error;
    }
    return !crew.failed;
}

bool import_one(struct call *outer, import_work *work, void *context, struct import_tally *tally,
                ecommerce_error *err)
{
    return import_crew_run(outer, NULL, 1, work, context, tally, err);
}

/* ---- the relay ---- */

bool import_give_room(struct call *outer, ecommerce_error *err)
{
    struct shop *shop = outer->shop;
    relay_wait_for_room(shop, outer->deadline);
    if (settings_bool(shop->settings, SETTING_RELAY_BACKGROUND)) {
        return true;
    }
    struct doc_builder out;
    struct call call;
    import_call_begin(shop, &call, &out);
    call.deadline = outer->deadline;
    bool ok = relay_drain(&call, err);
    import_call_end(&call);
    return ok;
}

/* The queue first: what the scan finds then was left by somebody who is gone. */
bool import_flush(struct call *outer, ecommerce_error *err)
{
    struct doc_builder out;
    struct call call;
    size_t found = 0;
    import_call_begin(outer->shop, &call, &out);
    bool ok;
    do {
        import_call_again(&call);
        call.deadline = outer->deadline;
        ok = relay_drain(&call, err) && relay_scan(&call, &found, err);
    } while (ok && found > 0);
    import_call_end(&call);
    return ok;
}

/* ---- progress ---- */

void import_progress(struct call *outer, struct import_progress *progress, const char *what,
                     size_t done, size_t all)
{
    int64_t now = seams_monotonic(outer->shop->seams);
    if (progress->next == 0) {
        progress->next = now + PROGRESS_EVERY;
    }
    if (now >= progress->next) {
        log_write(outer->shop->logger, LOG_INFO, progress->name, "%zu of %zu %s", done, all, what);
        progress->next = now + PROGRESS_EVERY;
    }
}
