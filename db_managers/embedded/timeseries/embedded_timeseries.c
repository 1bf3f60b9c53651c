/*
 * embedded_timeseries.c - the time-series role on timeseries.db: requests, group commit, health.
 *
 * Writes of all threads go through one lane, whose leader runs what has gathered as one
 * transaction. Reads run in the waiting thread on a connection of their own, in one snapshot.
 */
#include "db_managers/embedded/embedded_batch.h"
#include "db_managers/embedded/embedded_stores.h"
#include "db_managers/embedded/timeseries/timeseries_parts.h"
#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdio.h>

enum {
    OPEN_PATIENCE = 10 * MICROSECONDS, /* another process may be migrating */
    DEFAULT_BATCH = 256,
};

struct embedded_timeseries {
    struct timeseries_store store; /* first: the base is cast back */
    struct sqlite_file *file;
    struct lane lane;
    struct embedded_batch commit;
    struct timeseries_batch batch; /* the lane leader's */
};

/* ---- writes ---- */

static bool begin_batch(void *context, struct sqlite_connection *writer, ecommerce_error *err)
{
    struct timeseries_batch *batch = context;
    batch->writer = writer;
    if (!timeseries_state_read(writer, &batch->state, err))
        return false;
    if (batch->state.forgets != batch->forgets)
        key_table_forget(&batch->customers);
    return true;
}

static void end_batch(void *context, bool committed)
{
    struct timeseries_batch *batch = context;
    if (committed) {
        batch->forgets = batch->state.forgets;
        return;
    }
    key_table_forget(&batch->names);
    key_table_forget(&batch->customers);
}

static bool write_request(void *context, struct sqlite_connection *writer,
                          struct store_request *base, ecommerce_error *err)
{
    UNUSED(writer);
    struct timeseries_batch *batch = context;
    struct timeseries_request *request = (struct timeseries_request *)base;
    switch ((enum timeseries_operation)base->operation) {
    case TIMESERIES_APPLY:
        return timeseries_apply(batch, request, err);
    case TIMESERIES_EVENTS:
        return timeseries_add_events(batch, request, err);
    case TIMESERIES_METRICS:
        return timeseries_add_metrics(batch, request, err);
    case TIMESERIES_FORGET_CUSTOMER:
        return timeseries_forget_customer(batch, request, err);
    default:
        return timeseries_rebuild(batch, request, err);
    }
}

static void run_batch(void *context, struct lane_request **batch, size_t count)
{
    struct embedded_timeseries *timeseries = context;
    embedded_batch_run(&timeseries->commit, batch, count);
}

/* ---- requests ---- */

static struct embedded_timeseries *timeseries_of(struct timeseries_store *store)
{
    assert(store->base.magic == BASE_MANAGER_MAGIC && store->base.role == ROLE_TIMESERIES);
    return (struct embedded_timeseries *)store;
}

static bool is_write(const struct timeseries_request *request)
{
    switch ((enum timeseries_operation)request->base.operation) {
    case TIMESERIES_APPLY:
    case TIMESERIES_EVENTS:
    case TIMESERIES_METRICS:
    case TIMESERIES_FORGET_CUSTOMER:
    case TIMESERIES_SHADOW_BEGIN:
    case TIMESERIES_SHADOW_SWAP:
    case TIMESERIES_SHADOW_DROP:
        return true;
    default:
        return false;
    }
}

static void clear_outputs(struct timeseries_request *request)
{
    request->present = NULL;
    request->found_entries = NULL;
    request->sums = NULL;
    request->points = NULL;
    request->metric_buckets = NULL;
    request->digests = NULL;
    request->count = 0;
    request->cursor = STR_NONE;
    request->found = false;
    request->span_first = request->span_last = 0;
    request->base.ok = false;
    request->base.started = 0;
    error_clear(&request->base.error);
}

static void submit(struct timeseries_store *store, struct timeseries_request *request)
{
    struct embedded_timeseries *timeseries = timeseries_of(store);
    assert(request->base.operation < TIMESERIES_OPERATIONS);
    clear_outputs(request);
    /* Done already, unless the lane says otherwise. */
    request->base.lane = (struct lane_request){.done = true};
    if (!timeseries_request_check(request, &request->base.error))
        return;
    request->base.started = seams_monotonic(store->base.seams);
    if (is_write(request))
        lane_submit(&timeseries->lane, &request->base.lane);
}

static bool read_snapshot(struct sqlite_connection *reader, struct timeseries_request *request)
{
    ecommerce_error *err = &request->base.error;
    struct timeseries_state state;
    unsigned set;
    if (!sqlite_begin_read(reader, err) || !timeseries_state_read(reader, &state, err) ||
        !timeseries_choose_set(&state, request->shadow, &set, err))
        return false;
    switch ((enum timeseries_operation)request->base.operation) {
    case TIMESERIES_SALES:
    case TIMESERIES_RANKING:
    case TIMESERIES_CUSTOMER_PRODUCTS:
    case TIMESERIES_EVENT_RANKING:
        return timeseries_read_sales(reader, set, request, err);
    default:
        return timeseries_read_other(reader, set, request, err);
    }
}

static bool run_read(struct embedded_timeseries *timeseries, struct timeseries_request *request)
{
    struct sqlite_connection *reader =
        sqlite_reader_borrow(timeseries->file, request->base.deadline, &request->base.error);
    if (!reader)
        return false;
    bool ok = read_snapshot(reader, request);
    sqlite_reader_return(timeseries->file, reader);
    return ok;
}

static void wait(struct timeseries_store *store, struct timeseries_request *request)
{
    struct embedded_timeseries *timeseries = timeseries_of(store);
    if (is_write(request))
        lane_wait(&timeseries->lane, &request->base.lane);
    else if (request->base.error.code == ECOMMERCE_OK)
        request->base.ok = run_read(timeseries, request);
    for (size_t i = 0; !request->base.ok && i < request->entry_count; i++)
        request->entries[i].applied = false;
    manager_finish(&store->base, &request->base);
}

static const struct timeseries_store_ops store_ops = {.submit = submit, .wait = wait};

/* ---- the manager ---- */

static struct embedded_timeseries *timeseries_of_base(struct base_manager *manager)
{
    return timeseries_of((struct timeseries_store *)manager);
}

static bool ping(struct base_manager *manager, int64_t deadline, ecommerce_error *err)
{
    return sqlite_file_ping(timeseries_of_base(manager)->file, deadline, err);
}

static void describe(struct base_manager *manager, struct doc_builder *out)
{
    struct embedded_timeseries *timeseries = timeseries_of_base(manager);
    sqlite_file_describe(timeseries->file, out);
    pthread_mutex_lock(&timeseries->lane.lock);
    uint64_t batches = timeseries->lane.batches;
    uint64_t requests = timeseries->lane.requests;
    pthread_mutex_unlock(&timeseries->lane.lock);
    doc_add_int(out, "commits", (int64_t)batches);
    doc_add_int(out, "writes", (int64_t)requests);
}

static void close_store(struct base_manager *manager)
{
    struct embedded_timeseries *timeseries = timeseries_of_base(manager);
    lane_release(&timeseries->lane);
    sqlite_file_close(&timeseries->file);
    key_table_release(&timeseries->batch.names);
    key_table_release(&timeseries->batch.customers);
    text_release(&timeseries->batch.lines);
    text_release(&timeseries->batch.stock);
    base_manager_release(manager);
    mem_free(timeseries);
}

static const char *const operation_names[TIMESERIES_OPERATIONS] = {
    [TIMESERIES_APPLY] = "apply",
    [TIMESERIES_EVENTS] = "events",
    [TIMESERIES_METRICS] = "metrics",
    [TIMESERIES_HAS] = "has",
    [TIMESERIES_ENTRIES] = "entries",
    [TIMESERIES_SALES] = "sales",
    [TIMESERIES_RANKING] = "ranking",
    [TIMESERIES_SPAN] = "span",
    [TIMESERIES_CUSTOMER_PRODUCTS] = "customer_products",
    [TIMESERIES_STOCK_HISTORY] = "stock_history",
    [TIMESERIES_STOCK_AT] = "stock_at",
    [TIMESERIES_EVENT_RANKING] = "event_ranking",
    [TIMESERIES_METRIC_HISTORY] = "metric_history",
    [TIMESERIES_DIGESTS] = "digests",
    [TIMESERIES_FORGET_CUSTOMER] = "forget_customer",
    [TIMESERIES_SHADOW_BEGIN] = "shadow_begin",
    [TIMESERIES_SHADOW_SWAP] = "shadow_swap",
    [TIMESERIES_SHADOW_DROP] = "shadow_drop",
};

static const struct base_manager_ops manager_ops = {
    .kind = "embedded",
    .operation_names = operation_names,
    .operation_count = TIMESERIES_OPERATIONS,
    .ping = ping,
    .describe = describe,
    .close = close_store,
};

static struct sqlite_file *open_file(const struct embedded_options *options, ecommerce_error *err)
{
    struct sqlite_file_options file_options = {
        .folder = options->folder,
        .name = "timeseries.db",
        .application_id = TIMESERIES_APPLICATION_ID,
        .migrations = timeseries_migrations,
        .version = TIMESERIES_SCHEMA_VERSION,
        .durability = SQLITE_DURABILITY_FULL,
        .statements = timeseries_statements,
        .statement_count = TIMESERIES_STATEMENTS,
        .vfs = options->vfs,
        .seams = options->seams,
        .logger = options->logger,
        .deadline = seams_monotonic(options->seams) + OPEN_PATIENCE,
    };
    return sqlite_file_open(&file_options, err);
}

static void prepare_batch(struct embedded_timeseries *timeseries)
{
    timeseries->batch.names.statements = TIMESERIES_NAMES;
    timeseries->batch.customers.statements = TIMESERIES_CUSTOMERS;
    timeseries->commit = (struct embedded_batch){
        .file = timeseries->file,
        .seams = timeseries->store.base.seams,
        .context = &timeseries->batch,
        .begin = begin_batch,
        .write = write_request,
        .end = end_batch,
    };
}

struct timeseries_store *embedded_timeseries_open(const struct embedded_options *options,
                                                  ecommerce_error *err)
{
    struct embedded_timeseries *timeseries = mem_zalloc(1, sizeof(*timeseries));
    if (!timeseries) {
        error_memory(err);
        return NULL;
    }
    struct base_manager *base = &timeseries->store.base;
    timeseries->store.ops = &store_ops;
    if (!base_manager_init(base, &manager_ops, ROLE_TIMESERIES, options->seams, options->logger,
                           err))
        goto fail_base;
    snprintf(base->address, sizeof(base->address), "%s/timeseries.db", options->folder);
    timeseries->file = open_file(options, err);
    if (!timeseries->file)
        goto fail_file;
    prepare_batch(timeseries);
    size_t max_batch = options->max_batch ? options->max_batch : DEFAULT_BATCH;
    if (!lane_init(&timeseries->lane, options->seams, max_batch, run_batch, timeseries)) {
        error_memory(err);
        goto fail_lane;
    }
    return &timeseries->store;

fail_lane:
    sqlite_file_close(&timeseries->file);
fail_file:
    base_manager_release(base);
fail_base:
    mem_free(timeseries);
    return NULL;
}
