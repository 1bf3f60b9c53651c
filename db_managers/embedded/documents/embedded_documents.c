/*
 * embedded_documents.c - the documents role on documents.db: requests, group commit, health.
 *
 * Writes of all threads go through one lane: its leader runs what has gathered as one transaction,
 * so that one sync pays for all of them. Reads run in the waiting thread on a connection of their
 * own and see everything that was committed before.
 */
#include "db_managers/embedded/documents/documents_parts.h"
#include "db_managers/embedded/embedded_stores.h"
#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdio.h>

enum {
    OPEN_PATIENCE = 10 * MICROSECONDS, /* another process may be migrating */
    DEFAULT_BATCH = 256,
    SCRATCH_LIMIT = 2 * DOC_MAX_SIZE,
};

struct embedded_documents {
    struct documents_store store; /* first: the base is cast back */
    struct documents_sql sql;
    struct sqlite_file *file;
    struct lane lane;
    /* The lane leader's: */
    struct arena scratch;
};

/* ---- writes: one batch, one transaction ---- */

static struct documents_request *request_of(struct lane_request *lane_request)
{
    /* struct store_request begins with the lane's part, struct documents_request with that. */
    return (struct documents_request *)lane_request;
}

static bool is_settled(const struct documents_request *request)
{
    return request->base.ok || request->base.error.code != ECOMMERCE_OK;
}

/* Gives the requests that have no result yet this one: success when the error's code is
 * ECOMMERCE_OK. */
static void settle_rest(struct lane_request **batch, size_t count, const ecommerce_error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct documents_request *request = request_of(batch[i]);
        if (is_settled(request))
            continue;
        request->base.ok = error->code == ECOMMERCE_OK;
        request->base.error = *error;
        if (!request->base.ok)
            request->inserted = request->found = request->replaced = false;
    }
}

/* Refuses those whose time is over; nothing of them has been written. Says how many are left, and
 * how long the most patient one will wait for other processes. */
static size_t refuse_late(const struct embedded_documents *documents, struct lane_request **batch,
                          size_t count, int64_t *latest)
{
    int64_t now = seams_monotonic(documents->store.base.seams);
    size_t left = 0;
    *latest = now;
    for (size_t i = 0; i < count; i++) {
        struct documents_request *request = request_of(batch[i]);
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
           error->code == ECOMMERCE_INTERNAL;
}

struct witness {
    struct str identity;
    int64_t sequence;
};

static void note_witness(struct witness *witness, const struct documents_request *request)
{
    if (request->base.operation != DOCUMENTS_INSERT || !request->inserted ||
        !request->witness_identity.ptr)
        return;
    bool greater = !witness->identity.ptr ||
                   !str_equal(witness->identity, request->witness_identity) ||
                   request->witness_sequence > witness->sequence;
    if (greater)
        *witness = (struct witness){request->witness_identity, request->witness_sequence};
}

enum pass { PASS_WRITTEN, PASS_AGAIN, PASS_FAILED };

/* Writes what is not settled. AGAIN: one request failed by its own fault and has been settled; the
 * transaction holds a part of it. */
static enum pass write_all(struct embedded_documents *documents, struct lane_request **batch,
                           size_t count, ecommerce_error *err)
{
    struct sqlite_connection *writer = sqlite_file_writer(documents->file);
    struct witness witness = {.identity = STR_NONE};
    for (size_t i = 0; i < count; i++) {
        struct documents_request *request = request_of(batch[i]);
        if (is_settled(request))
            continue;
        if (!documents_write(writer, &documents->scratch, request, err)) {
            if (!is_its_own(err))
                return PASS_FAILED;
            request->base.error = *err;
            return PASS_AGAIN;
        }
        note_witness(&witness, request);
    }
    if (witness.identity.ptr &&
        !documents_write_witness(writer, witness.identity, witness.sequence, err))
        return PASS_FAILED;
    return PASS_WRITTEN;
}

/* A request that fails must not undo the others, nor leave a part of itself behind. Savepoints
 * would tax every request for that; failures are rare, so the others are written once more instead.
 */
static void run_batch(void *context, struct lane_request **batch, size_t count)
{
    struct embedded_documents *documents = context;
    struct sqlite_connection *writer = sqlite_file_writer(documents->file);
    ecommerce_error error = {0};
    int64_t latest;
    while (refuse_late(documents, batch, count, &latest) > 0) {
        error_clear(&error);
        if (!sqlite_begin(writer, latest, &error))
            break;
        /* Waiting for another process may have taken some requests' time. */
        refuse_late(documents, batch, count, &latest);
        enum pass pass = write_all(documents, batch, count, &error);
        if (pass == PASS_WRITTEN) {
            if (sqlite_commit(writer, &error))
                error_clear(&error);
            break;
        }
        sqlite_rollback(writer);
        if (pass == PASS_FAILED)
            break;
    }
    settle_rest(batch, count, &error);
}

/* ---- requests ---- */

static struct embedded_documents *documents_of(struct documents_store *store)
{
    assert(store->base.magic == BASE_MANAGER_MAGIC && store->base.role == ROLE_DOCUMENTS);
    return (struct embedded_documents *)store;
}

static bool is_read(const struct documents_request *request)
{
    switch ((enum documents_operation)request->base.operation) {
    case DOCUMENTS_GET:
    case DOCUMENTS_QUERY:
    case DOCUMENTS_PENDING:
    case DOCUMENTS_COUNT:
    case DOCUMENTS_WITNESS:
        return true;
    default:
        return false;
    }
}

static void clear_outputs(struct documents_request *request)
{
    request->inserted = request->found = request->replaced = false;
    request->document = (struct stored_document){0};
    request->documents = NULL;
    request->count = 0;
    request->cursor = STR_NONE;
    request->number = 0;
    request->base.ok = false;
    request->base.started = 0;
    error_clear(&request->base.error);
}

static void submit(struct documents_store *store, struct documents_request *request)
{
    struct embedded_documents *documents = documents_of(store);
    clear_outputs(request);
    /* Done already, unless the lane says otherwise. */
    request->base.lane = (struct lane_request){.done = true};
    if (!documents_request_check(request, &request->base.error))
        return;
    request->base.started = seams_monotonic(store->base.seams);
    if (!is_read(request))
        lane_submit(&documents->lane, &request->base.lane);
}

static bool run_read(struct embedded_documents *documents, struct documents_request *request)
{
    struct store_request *base = &request->base;
    struct sqlite_connection *reader =
        sqlite_reader_borrow(documents->file, base->deadline, &base->error);
    if (!reader)
        return false;
    bool ok = documents_read(reader, request, &base->error);
    sqlite_reader_return(documents->file, reader);
    return ok;
}

static void wait(struct documents_store *store, struct documents_request *request)
{
    struct embedded_documents *documents = documents_of(store);
    if (!is_read(request))
        lane_wait(&documents->lane, &request->base.lane);
    else if (request->base.error.code == ECOMMERCE_OK)
        request->base.ok = run_read(documents, request);
    manager_finish(&store->base, &request->base);
}

static const struct documents_store_ops store_ops = {.submit = submit, .wait = wait};

/* ---- the manager ---- */

static struct embedded_documents *documents_of_base(struct base_manager *manager)
{
    return documents_of((struct documents_store *)manager);
}

static bool ping(struct base_manager *manager, int64_t deadline, ecommerce_error *err)
{
    return sqlite_file_ping(documents_of_base(manager)->file, deadline, err);
}

static void describe(struct base_manager *manager, struct doc_builder *out)
{
    struct embedded_documents *documents = documents_of_base(manager);
    sqlite_file_describe(documents->file, out);
    pthread_mutex_lock(&documents->lane.lock);
    uint64_t batches = documents->lane.batches;
    uint64_t requests = documents->lane.requests;
    pthread_mutex_unlock(&documents->lane.lock);
    doc_add_int(out, "commits", (int64_t)batches);
    doc_add_int(out, "writes", (int64_t)requests);
}

static void close_store(struct base_manager *manager)
{
    struct embedded_documents *documents = documents_of_base(manager);
    lane_release(&documents->lane);
    sqlite_file_close(&documents->file);
    documents_sql_release(&documents->sql);
    arena_release(&documents->scratch);
    base_manager_release(manager);
    mem_free(documents);
}

static const char *const operation_names[DOCUMENTS_OPERATIONS] = {
    [DOCUMENTS_INSERT] = "insert",   [DOCUMENTS_GET] = "get",
    [DOCUMENTS_REPLACE] = "replace", [DOCUMENTS_ERASE] = "erase",
    [DOCUMENTS_PUT] = "put",         [DOCUMENTS_CLEAR_MARKS] = "clear_marks",
    [DOCUMENTS_DEFER] = "defer",     [DOCUMENTS_SET_MARKS] = "set_marks",
    [DOCUMENTS_QUERY] = "query",     [DOCUMENTS_PENDING] = "pending",
    [DOCUMENTS_COUNT] = "count",     [DOCUMENTS_WITNESS] = "witness",
};

static const struct base_manager_ops manager_ops = {
    .kind = "embedded",
    .operation_names = operation_names,
    .operation_count = DOCUMENTS_OPERATIONS,
    .ping = ping,
    .describe = describe,
    .close = close_store,
};

static const struct sqlite_migration migrations[DOCUMENTS_SCHEMA_VERSION] = {
    {.run = documents_tables_migrate},
};

static struct sqlite_file *open_file(struct embedded_documents *documents,
                                     const struct embedded_options *options, ecommerce_error *err)
{
    struct sqlite_file_options file_options = {
        .folder = options->folder,
        .name = "documents.db",
        .application_id = DOCUMENTS_APPLICATION_ID,
        .migrations = migrations,
        .version = DOCUMENTS_SCHEMA_VERSION,
        .durability = SQLITE_DURABILITY_FULL,
        .statements = (const char *const *)documents->sql.texts,
        .statement_count = DOCUMENTS_STATEMENTS,
        .vfs = options->vfs,
        .seams = options->seams,
        .logger = options->logger,
        .deadline = seams_monotonic(options->seams) + OPEN_PATIENCE,
    };
    return sqlite_file_open(&file_options, err);
}

struct documents_store *embedded_documents_open(const struct embedded_options *options,
                                                ecommerce_error *err)
{
    struct embedded_documents *documents = mem_zalloc(1, sizeof(*documents));
    if (!documents) {
        error_memory(err);
        return NULL;
    }
    struct base_manager *base = &documents->store.base;
    documents->store.ops = &store_ops;
    arena_init(&documents->scratch, SCRATCH_LIMIT);
    if (!base_manager_init(base, &manager_ops, ROLE_DOCUMENTS, options->seams, options->logger,
                           err))
        goto fail_base;
    base->capabilities = CAPABILITY_ATOMIC_UPDATE;
    snprintf(base->address, sizeof(base->address), "%s/documents.db", options->folder);
    if (!documents_sql_init(&documents->sql, err))
        goto fail_sql;
    documents->file = open_file(documents, options, err);
    if (!documents->file)
        goto fail_file;
    size_t max_batch = options->max_batch ? options->max_batch : DEFAULT_BATCH;
    if (!lane_init(&documents->lane, options->seams, max_batch, run_batch, documents)) {
        error_memory(err);
        goto fail_lane;
    }
    return &documents->store;

fail_lane:
    sqlite_file_close(&documents->file);
fail_file:
    documents_sql_release(&documents->sql);
fail_sql:
    base_manager_release(base);
fail_base:
    mem_free(documents);
    return NULL;
}
