/*
 * embedded_graph.c - the graph role on graph.db: requests, group commit, health.
 *
 * Writes of all threads go through one lane, whose leader runs what has gathered as one
 * transaction. Reads run in the waiting thread on a connection of their own, in one snapshot;
 * recommendations ask the snapshot only whether the index in memory is still up to date.
 */
#include "db_managers/embedded/embedded_batch.h"
#include "db_managers/embedded/embedded_stores.h"
#include "db_managers/embedded/graph/graph_parts.h"
#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdio.h>

enum {
    OPEN_PATIENCE = 10 * MICROSECONDS, /* another process may be migrating */
    DEFAULT_BATCH = 256,
};

struct embedded_graph {
    struct graph_store store; /* first: the base is cast back */
    struct sqlite_file *file;
    struct lane lane;
    struct embedded_batch commit;
    struct graph_batch batch; /* the lane leader's */
    struct graph_memory memory;
};

/* ---- writes ---- */

static bool begin_batch(void *context, struct sqlite_connection *writer, ecommerce_error *err)
{
    struct graph_batch *batch = context;
    batch->writer = writer;
    if (!graph_state_read(writer, &batch->state, err))
        return false;
    if (batch->state.generation != batch->generation)
        key_table_forget(&batch->customers);
    return true;
}

static void end_batch(void *context, bool committed)
{
    struct graph_batch *batch = context;
    if (committed) {
        batch->generation = batch->state.generation;
        return;
    }
    key_table_forget(&batch->products);
    key_table_forget(&batch->customers);
}

static bool write_request(void *context, struct sqlite_connection *writer,
                          struct store_request *base, ecommerce_error *err)
{
    UNUSED(writer);
    struct graph_batch *batch = context;
    struct graph_request *request = (struct graph_request *)base;
    switch ((enum graph_operation)base->operation) {
    case GRAPH_APPLY:
        return graph_apply(batch, request, err);
    case GRAPH_EVENTS:
        return graph_add_views(batch, request, err);
    case GRAPH_FORGET_CUSTOMER:
        return graph_forget_customer(batch, request, err);
    default:
        return graph_rebuild(batch, request, err);
    }
}

static void run_batch(void *context, struct lane_request **batch, size_t count)
{
    struct embedded_graph *graph = context;
    embedded_batch_run(&graph->commit, batch, count);
}

/* ---- requests ---- */

static struct embedded_graph *graph_of(struct graph_store *store)
{
    assert(store->base.magic == BASE_MANAGER_MAGIC && store->base.role == ROLE_GRAPH);
    return (struct embedded_graph *)store;
}

static bool is_write(const struct graph_request *request)
{
    switch ((enum graph_operation)request->base.operation) {
    case GRAPH_APPLY:
    case GRAPH_EVENTS:
    case GRAPH_FORGET_CUSTOMER:
    case GRAPH_SHADOW_BEGIN:
    case GRAPH_SHADOW_SWAP:
    case GRAPH_SHADOW_DROP:
        return true;
    default:
        return false;
    }
}

static void clear_outputs(struct graph_request *request)
{
    request->present = NULL;
    request->found_entries = NULL;
    request->recommendations = NULL;
    request->count = 0;
    request->cursor = STR_NONE;
    request->digest = (struct graph_digest){0};
    request->base.ok = false;
    request->base.started = 0;
    error_clear(&request->base.error);
}

static void submit(struct graph_store *store, struct graph_request *request)
{
    struct embedded_graph *graph = graph_of(store);
    assert(request->base.operation < GRAPH_OPERATIONS);
    clear_outputs(request);
    /* Done already, unless the lane says otherwise. */
    request->base.lane = (struct lane_request){.done = true};
    if (!graph_request_check(request, &request->base.error))
        return;
    request->base.started = seams_monotonic(store->base.seams);
    if (is_write(request))
        lane_submit(&graph->lane, &request->base.lane);
}

static bool read_snapshot(struct embedded_graph *graph, struct sqlite_connection *reader,
                          struct graph_request *request)
{
    ecommerce_error *err = &request->base.error;
    struct graph_state state;
    unsigned set;
    if (!sqlite_begin_read(reader, err))
        return false;
    if (request->base.operation == GRAPH_RECOMMEND)
        return graph_recommend(&graph->memory, reader, request, err);
    return graph_state_read(reader, &state, err) &&
           graph_choose_set(&state, request->shadow, &set, err) &&
           graph_read(reader, set, request, err);
}

static bool run_read(struct embedded_graph *graph, struct graph_request *request)
{
    struct sqlite_connection *reader =
        sqlite_reader_borrow(graph->file, request->base.deadline, &request->base.error);
    if (!reader)
        return false;
    bool ok = read_snapshot(graph, reader, request);
    sqlite_reader_return(graph->file, reader);
    return ok;
}

static void wait(struct graph_store *store, struct graph_request *request)
{
    struct embedded_graph *graph = graph_of(store);
    if (is_write(request))
        lane_wait(&graph->lane, &request->base.lane);
    else if (request->base.error.code == ECOMMERCE_OK)
        request->base.ok = run_read(graph, request);
    for (size_t i = 0; !request->base.ok && i < request->entry_count; i++)
        request->entries[i].applied = false;
    manager_finish(&store->base, &request->base);
}

static const struct graph_store_ops store_ops = {.submit = submit, .wait = wait};

/* ---- the manager ---- */

static struct embedded_graph *graph_of_base(struct base_manager *manager)
{
    return graph_of((struct graph_store *)manager);
}

static bool ping(struct base_manager *manager, int64_t deadline, ecommerce_error *err)
{
    return sqlite_file_ping(graph_of_base(manager)->file, deadline, err);
}

static void describe(struct base_manager *manager, struct doc_builder *out)
{
    struct embedded_graph *graph = graph_of_base(manager);
    sqlite_file_describe(graph->file, out);
    pthread_mutex_lock(&graph->lane.lock);
    uint64_t batches = graph->lane.batches;
    uint64_t requests = graph->lane.requests;
    pthread_mutex_unlock(&graph->lane.lock);
    doc_add_int(out, "commits", (int64_t)batches);
    doc_add_int(out, "writes", (int64_t)requests);
}

static void close_store(struct base_manager *manager)
{
    struct embedded_graph *graph = graph_of_base(manager);
    lane_release(&graph->lane);
    sqlite_file_close(&graph->file);
    graph_memory_release(&graph->memory);
    key_table_release(&graph->batch.products);
    key_table_release(&graph->batch.customers);
    text_release(&graph->batch.lines);
    arena_release(&graph->batch.scratch);
    base_manager_release(manager);
    mem_free(graph);
}

static const char *const operation_names[GRAPH_OPERATIONS] = {
    [GRAPH_APPLY] = "apply",
    [GRAPH_EVENTS] = "events",
    [GRAPH_HAS] = "has",
    [GRAPH_ENTRIES] = "entries",
    [GRAPH_RECOMMEND] = "recommend",
    [GRAPH_CUSTOMER_PRODUCTS] = "customer_products",
    [GRAPH_DIGEST] = "digest",
    [GRAPH_FORGET_CUSTOMER] = "forget_customer",
    [GRAPH_SHADOW_BEGIN] = "shadow_begin",
    [GRAPH_SHADOW_SWAP] = "shadow_swap",
    [GRAPH_SHADOW_DROP] = "shadow_drop",
};

static const struct base_manager_ops manager_ops = {
    .kind = "embedded",
    .operation_names = operation_names,
    .operation_count = GRAPH_OPERATIONS,
    .ping = ping,
    .describe = describe,
    .close = close_store,
};

static struct sqlite_file *open_file(const struct embedded_options *options, ecommerce_error *err)
{
    struct sqlite_file_options file_options = {
        .folder = options->folder,
        .name = "graph.db",
        .application_id = GRAPH_APPLICATION_ID,
        .migrations = graph_migrations,
        .version = GRAPH_SCHEMA_VERSION,
        .durability = SQLITE_DURABILITY_FULL,
        .statements = graph_statements,
        .statement_count = GRAPH_STATEMENTS,
        .vfs = options->vfs,
        .seams = options->seams,
        .logger = options->logger,
        .deadline = seams_monotonic(options->seams) + OPEN_PATIENCE,
    };
    return sqlite_file_open(&file_options, err);
}

static void prepare_batch(struct embedded_graph *graph)
{
    graph->batch.products.statements = GRAPH_PRODUCTS;
    graph->batch.customers.statements = GRAPH_CUSTOMERS;
    graph->commit = (struct embedded_batch){
        .file = graph->file,
        .seams = graph->store.base.seams,
        .context = &graph->batch,
        .begin = begin_batch,
        .write = write_request,
        .end = end_batch,
    };
}

struct graph_store *embedded_graph_open(const struct embedded_options *options,
                                        const struct recommendation_parameters *parameters,
                                        ecommerce_error *err)
{
    struct embedded_graph *graph = mem_zalloc(1, sizeof(*graph));
    if (!graph) {
        error_memory(err);
        return NULL;
    }
    struct base_manager *base = &graph->store.base;
    graph->store.ops = &store_ops;
    if (!base_manager_init(base, &manager_ops, ROLE_GRAPH, options->seams, options->logger, err))
        goto fail_base;
    snprintf(base->address, sizeof(base->address), "%s/graph.db", options->folder);
    if (!graph_memory_init(&graph->memory, parameters, err))
        goto fail_memory;
    graph->file = open_file(options, err);
    if (!graph->file)
        goto fail_file;
    prepare_batch(graph);
    size_t max_batch = options->max_batch ? options->max_batch : DEFAULT_BATCH;
    if (!lane_init(&graph->lane, options->seams, max_batch, run_batch, graph)) {
        error_memory(err);
        goto fail_lane;
    }
    return &graph->store;

fail_lane:
    sqlite_file_close(&graph->file);
fail_file:
    graph_memory_release(&graph->memory);
fail_memory:
    base_manager_release(base);
fail_base:
    mem_free(graph);
    return NULL;
}
