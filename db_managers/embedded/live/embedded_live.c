/*
 * embedded_live.c - the live role on live.db: requests, batches, health.
 *
 * Writes of all threads go through one lane: its leader runs what has gathered as one transaction
 * and adds one to the file's sequence. Reads run in the waiting thread on a connection of their own
 * and see everything that was committed before.
 */
#include "db_managers/embedded/embedded_stores.h"
#include "db_managers/embedded/live/live_parts.h"
#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdio.h>

enum {
    OPEN_PATIENCE = 10 * MICROSECONDS, /* another process may be making the file */
    DEFAULT_BATCH = 256,
    SCRATCH_LIMIT = 2 * DOC_MAX_SIZE,
    FIRST_ROWS = 32,
    /* The lines of an order lie on nearly as many pages, all of which go to the WAL: small pages,
     * and a WAL of 32 MB, in which the same pages are written many times for one copy back. */
    PAGE_SIZE = 2048,
    CHECKPOINT_PAGES = 16000,
};

struct embedded_live {
    struct live_store store; /* first: the base is cast back */
    struct sqlite_file *file;
    struct generations generations;
    struct lane lane;
    struct live_batch batch; /* the lane leader's */
};

/* ---- shared with the other parts ---- */

struct sqlite_statement *live_prepared(struct live_batch *batch, enum live_statement statement,
                                       ecommerce_error *err)
{
    return sqlite_prepared(batch->writer, statement, err);
}

bool live_execute(struct live_batch *batch, struct sqlite_statement *statement, int64_t *changes,
                  ecommerce_error *err)
{
    int64_t count = 0;
    if (!sqlite_run(statement, &count, err))
        return false;
    batch->wrote = batch->wrote || count > 0;
    if (changes)
        *changes = count;
    return true;
}

bool live_read_status(struct sqlite_connection *connection, struct live_status *status,
                      int64_t *events_lost, ecommerce_error *err)
{
    *status = (struct live_status){0};
    struct sqlite_statement *statement = sqlite_prepared(connection, STATEMENT_STATE_GET, err);
    if (!statement)
        return false;
    enum sqlite_step step = sqlite_step(statement, err);
    if (step == SQLITE_STEP_FAILED)
        return false;
    if (step == SQLITE_STEP_DONE)
        return error_set(err, ECOMMERCE_STORAGE_FAILED, "live.db: its state is missing");
    struct str identity = sqlite_column_view(statement, 0);
    size_t length = identity.len < sizeof(status->identity) ? identity.len : 0;
    if (length > 0)
        memcpy(status->identity, identity.ptr, length);
    status->epoch = sqlite_column_int(statement, 1);
    status->sequence = sqlite_column_int(statement, 2);
    if (events_lost)
        *events_lost = sqlite_column_int(statement, 3);
    sqlite_reset(statement);
    return length > 0 ||
           error_set(err, ECOMMERCE_STORAGE_FAILED, "live.db: its identity is damaged");
}

void *live_rows_add(struct live_rows *rows, size_t size, struct arena *arena, ecommerce_error *err)
{
    if (rows->count == rows->capacity) {
        size_t capacity = rows->capacity ? rows->capacity * 4 : FIRST_ROWS;
        void *items = arena_array(arena, capacity, size);
        if (!items) {
            error_memory(err);
            return NULL;
        }
        if (rows->count > 0)
            memcpy(items, rows->items, rows->count * size);
        rows->items = items;
        rows->capacity = capacity;
    }
    return (char *)rows->items + size * rows->count++;
}

/* ---- writes: one batch, one transaction ---- */

static struct live_request *request_of(struct lane_request *lane_request)
{
    /* struct store_request begins with the lane's part, struct live_request with that. */
    return (struct live_request *)lane_request;
}

static bool is_settled(const struct live_request *request)
{
    return request->base.ok || request->base.error.code != ECOMMERCE_OK;
}

static void clear_outputs(struct live_request *request)
{
    request->outcome = LIVE_DONE;
    request->status = (struct live_status){0};
    request->levels = NULL;
    request->level_count = 0;
    request->holds = NULL;
    request->hold_count = 0;
    request->applied = NULL;
    request->applied_count = 0;
    request->found = request->stored = false;
    request->value = (struct live_value){0};
    request->values = NULL;
    request->count = 0;
}

/* Gives the requests that have no result yet this one: success when the error's code is
 * ECOMMERCE_OK. The sequence is the whole batch's. */
static void settle_rest(struct lane_request **batch, size_t count, int64_t sequence,
                        const ecommerce_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct live_request *request = request_of(batch[i]);
        if (is_settled(request))
            continue;
        request->base.ok = error->code == ECOMMERCE_OK;
        request->base.error = *error;
        if (request->base.ok)
            request->status.sequence = sequence;
        else
            clear_outputs(request);
    }
}

/* Refuses those whose time is over; nothing of them has been written. Says how many are left, and
 * how long the most patient one will wait for other processes. */
static size_t refuse_late(const struct embedded_live *live, struct lane_request **batch,
                          size_t count, int64_t *latest)
{
    int64_t now = seams_monotonic(live->store.base.seams);
    size_t left = 0;
    *latest = now;
    for (size_t i = 0; i < count; i++) {
        struct live_request *request = request_of(batch[i]);
        if (is_settled(request))
            continue;
        if (request->base.deadline <= now) {
            error_set(&request->base.error, ECOMMERCE_DEADLINE_EXCEEDED,
                      "the time was over before the write began");
            continue;
        }
        left++;
        if (request->base.deadline > *latest)
            *latest = request->base.deadline;
    }
    return left;
}

/* Failures that come from the request itself; all others are the file's and fail the batch. */
static bool is_its_own(const ecommerce_error *error)
{
    return error->code == ECOMMERCE_OUT_OF_MEMORY || error->code == ECOMMERCE_LIMIT_EXCEEDED ||
           error->code == ECOMMERCE_INVALID_ARGUMENT || error->code == ECOMMERCE_INTERNAL;
}

static bool write_one(struct live_batch *batch, struct live_request *request, ecommerce_error *err)
{
    arena_reset(&batch->scratch);
    clear_outputs(request);
    bool ok = false;
    switch ((enum live_operation)request->base.operation) {
    case LIVE_RESERVE:
        ok = live_reserve(batch, request, err);
        break;
    case LIVE_SETTLE:
    case LIVE_RELEASE:
        ok = live_end_hold(batch, request, err);
        break;
    case LIVE_CREDIT:
        ok = live_credit(batch, request, err);
        break;
    case LIVE_INSTALL:
        ok = live_install(batch, request, err);
        break;
    default:
        ok = live_write_value(batch, request, err);
    }
    request->status = batch->status;
    return ok;
}

enum pass { PASS_DONE, PASS_AGAIN, PASS_FAILED };

/* Writes what is not settled. AGAIN: one request failed by its own fault and has been settled; the
 * transaction may hold a part of it. */
static enum pass write_all(struct live_batch *batch, struct lane_request **requests, size_t count,
                           ecommerce_error *err)
{
    if (!live_read_status(batch->writer, &batch->status, NULL, err))
        return PASS_FAILED;
    for (size_t i = 0; i < count; i++) {
        struct live_request *request = request_of(requests[i]);
        if (is_settled(request))
            continue;
        if (!write_one(batch, request, err)) {
            if (!is_its_own(err))
                return PASS_FAILED;
            clear_outputs(request);
            request->base.error = *err;
            return PASS_AGAIN;
        }
    }
    return PASS_DONE;
}

static bool commit(struct live_batch *batch, ecommerce_error *err)
{
    if (!batch->wrote) {
        sqlite_rollback(batch->writer);
        return true;
    }
    struct sqlite_statement *statement = live_prepared(batch, STATEMENT_STATE_PUT, err);
    if (statement) {
        batch->status.sequence++;
        sqlite_bind_int(statement, 1, batch->status.epoch);
        sqlite_bind_int(statement, 2, batch->status.sequence);
        if (sqlite_run(statement, NULL, err))
            return sqlite_commit(batch->writer, err);
    }
    sqlite_rollback(batch->writer);
    return false;
}

/* A request that fails must not undo the others, nor leave a part of itself behind. Savepoints
 * would tax every request for that; failures are rare, so the others are written once more instead.
 */
static void write_batch(struct embedded_live *live, struct lane_request **requests, size_t count,
                        ecommerce_error *err)
{
    struct live_batch *batch = &live->batch;
    int64_t latest;
    while (refuse_late(live, requests, count, &latest) > 0) {
        error_clear(err);
        batch->wrote = false;
        if (!sqlite_begin(batch->writer, latest, err))
            return;
        /* Waiting for another process may have taken some requests' time. */
        refuse_late(live, requests, count, &latest);
        batch->now = seams_wall(live->store.base.seams);
        enum pass pass = write_all(batch, requests, count, err);
        if (pass == PASS_DONE) {
            if (commit(batch, err))
                error_clear(err);
            return;
        }
        sqlite_rollback(batch->writer);
        if (pass == PASS_FAILED)
            return;
    }
}

static void run_batch(void *context, struct lane_request **requests, size_t count)
{
    struct embedded_live *live = context;
    ecommerce_error error = {0};
    write_batch(live, requests, count, &error);
    generation_set_finish(&live->batch.touched, &live->generations);
    settle_rest(requests, count, live->batch.status.sequence, &error);
}

/* ---- requests ---- */

static struct embedded_live *live_of(struct live_store *store)
{
    assert(store->base.magic == BASE_MANAGER_MAGIC && store->base.role == ROLE_LIVE);
    return (struct embedded_live *)store;
}

enum kind { KIND_WRITE, KIND_READ_STOCK, KIND_READ_VALUE };

static enum kind kind_of(const struct live_request *request)
{
    switch ((enum live_operation)request->base.operation) {
    case LIVE_STATUS:
    case LIVE_LEVELS:
    case LIVE_LEVELS_SCAN:
    case LIVE_HOLDS:
    case LIVE_APPLIED_SCAN:
        return KIND_READ_STOCK;
    case LIVE_GET:
    case LIVE_LIST:
    case LIVE_EVENT_READ:
        return KIND_READ_VALUE;
    default:
        return KIND_WRITE;
    }
}

static bool needs_arena(const struct live_request *request)
{
    unsigned operation = request->base.operation;
    return operation == LIVE_RESERVE ||
           (kind_of(request) != KIND_WRITE && operation != LIVE_STATUS);
}

static void submit(struct live_store *store, struct live_request *request)
{
    struct embedded_live *live = live_of(store);
    assert(request->base.arena || !needs_arena(request));
    clear_outputs(request);
    request->base.ok = false;
    request->base.started = 0;
    error_clear(&request->base.error);
    /* Done already, unless the lane says otherwise. */
    request->base.lane = (struct lane_request){.done = true};
    if (!live_request_check(request, &request->base.error))
        return;
    request->base.started = seams_monotonic(store->base.seams);
    if (kind_of(request) == KIND_WRITE)
        lane_submit(&live->lane, &request->base.lane);
}

static bool run_read(struct embedded_live *live, struct live_request *request)
{
    struct store_request *base = &request->base;
    struct sqlite_connection *reader =
        sqlite_reader_borrow(live->file, base->deadline, &base->error);
    if (!reader)
        return false;
    bool ok =
        kind_of(request) == KIND_READ_STOCK
            ? live_read_stock(reader, request, &base->error)
            : live_read_value(reader, seams_wall(live->store.base.seams), request, &base->error);
    sqlite_reader_return(live->file, reader);
    return ok;
}

static void wait(struct live_store *store, struct live_request *request)
{
    struct embedded_live *live = live_of(store);
    if (kind_of(request) == KIND_WRITE)
        lane_wait(&live->lane, &request->base.lane);
    else if (request->base.error.code == ECOMMERCE_OK)
        request->base.ok = run_read(live, request);
    manager_finish(&store->base, &request->base);
}

static uint64_t generation(struct live_store *store, struct str key)
{
    return generations_read(&live_of(store)->generations, key);
}

static void changed(struct live_store *store, struct str key)
{
    generations_count(&live_of(store)->generations, key);
}

static const struct live_store_ops store_ops = {
    .submit = submit,
    .wait = wait,
    .generation = generation,
    .changed = changed,
};

/* ---- the manager ---- */

static struct embedded_live *live_of_base(struct base_manager *manager)
{
    return live_of((struct live_store *)manager);
}

static bool ping(struct base_manager *manager, int64_t deadline, ecommerce_error *err)
{
    return sqlite_file_ping(live_of_base(manager)->file, deadline, err);
}

static void describe_state(struct embedded_live *live, struct doc_builder *out)
{
    int64_t deadline = seams_monotonic(live->store.base.seams) + MICROSECONDS;
    struct sqlite_connection *reader = sqlite_reader_borrow(live->file, deadline, NULL);
    if (!reader)
        return;
    struct live_status status;
    int64_t events_lost;
    if (live_read_status(reader, &status, &events_lost, NULL)) {
        doc_adds(out, "identity", status.identity);
        doc_add_int(out, "epoch", status.epoch);
        doc_add_int(out, "sequence", status.sequence);
        doc_add_int(out, "events_lost", events_lost);
    }
    sqlite_reader_return(live->file, reader);
}

static void describe(struct base_manager *manager, struct doc_builder *out)
{
    struct embedded_live *live = live_of_base(manager);
    sqlite_file_describe(live->file, out);
    describe_state(live, out);
    pthread_mutex_lock(&live->lane.lock);
    uint64_t batches = live->lane.batches;
    uint64_t requests = live->lane.requests;
    pthread_mutex_unlock(&live->lane.lock);
    doc_add_int(out, "commits", (int64_t)batches);
    doc_add_int(out, "writes", (int64_t)requests);
}

static void free_live(struct embedded_live *live)
{
    lane_release(&live->lane);
    sqlite_file_close(&live->file);
    generations_close(&live->generations);
    arena_release(&live->batch.scratch);
    doc_builder_release(&live->batch.builder);
    base_manager_release(&live->store.base);
    mem_free(live);
}

static void close_store(struct base_manager *manager)
{
    free_live(live_of_base(manager));
}

static const char *const operation_names[LIVE_OPERATIONS] = {
    [LIVE_STATUS] = "status",
    [LIVE_RESERVE] = "reserve",
    [LIVE_SETTLE] = "settle",
    [LIVE_RELEASE] = "release",
    [LIVE_CREDIT] = "credit",
    [LIVE_LEVELS] = "levels",
    [LIVE_LEVELS_SCAN] = "levels_scan",
    [LIVE_HOLDS] = "holds",
    [LIVE_INSTALL] = "install",
    [LIVE_APPLIED_SCAN] = "applied_scan",
    [LIVE_GET] = "get",
    [LIVE_PUT] = "put",
    [LIVE_DELETE] = "delete",
    [LIVE_LIST] = "list",
    [LIVE_DELETE_OWNER] = "delete_owner",
    [LIVE_EXPIRE] = "expire",
    [LIVE_LEASE] = "lease",
    [LIVE_EVENT_APPEND] = "event_append",
    [LIVE_EVENT_READ] = "event_read",
    [LIVE_EVENT_ACK] = "event_ack",
};

static const struct base_manager_ops manager_ops = {
    .kind = "embedded",
    .operation_names = operation_names,
    .operation_count = LIVE_OPERATIONS,
    .ping = ping,
    .describe = describe,
    .close = close_store,
};

static bool open_file(struct embedded_live *live, const struct embedded_options *options,
                      ecommerce_error *err)
{
    struct sqlite_file_options file_options = {
        .folder = options->folder,
        .name = "live.db",
        .application_id = LIVE_APPLICATION_ID,
        .migrations = live_migrations,
        .version = LIVE_SCHEMA_VERSION,
        .migration_context = (void *)(uintptr_t)options->seams,
        .durability = SQLITE_DURABILITY_NORMAL,
        .statements = live_statements,
        .statement_count = LIVE_STATEMENTS,
        .page_size = PAGE_SIZE,
        .checkpoint_pages = CHECKPOINT_PAGES,
        .vfs = options->vfs,
        .seams = options->seams,
        .logger = options->logger,
        .deadline = seams_monotonic(options->seams) + OPEN_PATIENCE,
    };
    live->file = sqlite_file_open(&file_options, err);
    if (!live->file)
        return false;
    live->batch.writer = sqlite_file_writer(live->file);
    return true;
}

struct live_store *embedded_live_open(const struct embedded_options *options, ecommerce_error *err)
{
    struct embedded_live *live = mem_zalloc(1, sizeof(*live));
    if (!live) {
        error_memory(err);
        return NULL;
    }
    struct base_manager *base = &live->store.base;
    size_t max_batch = options->max_batch ? options->max_batch : DEFAULT_BATCH;
    live->store.ops = &store_ops;
    live->batch.generations = &live->generations;
    arena_init(&live->batch.scratch, SCRATCH_LIMIT);
    doc_builder_init(&live->batch.builder);
    if (!base_manager_init(base, &manager_ops, ROLE_LIVE, options->seams, options->logger, err))
        goto fail;
    base->capabilities = CAPABILITY_SEQUENCE | CAPABILITY_GENERATIONS;
    snprintf(base->address, sizeof(base->address), "%s/live.db", options->folder);
    /* The file first: it makes the folder. */
    if (!open_file(live, options, err) ||
        !generations_open(&live->generations, options->folder, err))
        goto fail;
    if (!lane_init(&live->lane, options->seams, max_batch, run_batch, live)) {
        error_memory(err);
        goto fail;
    }
    return &live->store;

fail:
    free_live(live);
    return NULL;
}
