/* failing_stores.c - stores that count and fail. See failing_stores.h. */
#include "tests/support/failing_stores.h"

#include "support/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define STORES_OF(store, member)                                                                   \
    ((struct failing_stores *)(void *)((char *)(store)-offsetof(struct failing_stores, member)))

static bool is_away(struct failing_stores *stores, enum manager_role role)
{
    return (atomic_load(&stores->away) & (1u << role)) != 0;
}

/* True when the request goes to the store behind; a refused one is marked by `started` 0. */
static bool pass_on(struct failing_stores *stores, enum manager_role role,
                    struct store_request *request)
{
    atomic_fetch_add(&stores->requests[role][request->operation], 1);
    if (!is_away(stores, role)) {
        return true;
    }
    request->ok = false;
    request->started = INT64_MIN;
    error_set(&request->error, ECOMMERCE_UNAVAILABLE, "the %s store is away",
              manager_role_name(role));
    return false;
}

static bool was_refused(const struct store_request *request)
{
    return request->started == INT64_MIN;
}

#define ROLE_FUNCTIONS(name, role)                                                                 \
    static void name##_pass_submit(struct name##_store *store, struct name##_request *request)     \
    {                                                                                              \
        struct failing_stores *stores = STORES_OF(store, name);                                    \
        if (pass_on(stores, role, &request->base)) {                                               \
            name##_submit(stores->real_##name, request);                                           \
        }                                                                                          \
    }                                                                                              \
    static void name##_pass_wait(struct name##_store *store, struct name##_request *request)       \
    {                                                                                              \
        if (!was_refused(&request->base)) {                                                        \
            (void)name##_wait(STORES_OF(store, name)->real_##name, request);                       \
        }                                                                                          \
    }                                                                                              \
    static bool name##_pass_ping(struct base_manager *manager, int64_t deadline,                   \
                                 ecommerce_error *err)                                             \
    {                                                                                              \
        struct failing_stores *stores = STORES_OF(manager, name.base);                             \
        if (is_away(stores, role)) {                                                               \
            return error_set(err, ECOMMERCE_UNAVAILABLE, "the store is away");                     \
        }                                                                                          \
        return manager_ping(&stores->real_##name->base, deadline, err);                            \
    }                                                                                              \
    static const char *const name##_names[MANAGER_MAX_OPERATIONS];                                 \
    static const struct base_manager_ops name##_base = {                                           \
        .kind = "failing",                                                                         \
        .operation_names = name##_names,                                                           \
        .operation_count = MANAGER_MAX_OPERATIONS,                                                 \
        .ping = name##_pass_ping,                                                                  \
        .describe = describe_nothing,                                                              \
        .close = close_nothing,                                                                    \
    };

static void describe_nothing(struct base_manager *manager, struct doc_builder *out)
{
    UNUSED(manager);
    UNUSED(out);
}

static void close_nothing(struct base_manager *manager)
{
    UNUSED(manager);
}

ROLE_FUNCTIONS(documents, ROLE_DOCUMENTS)
ROLE_FUNCTIONS(live, ROLE_LIVE)
ROLE_FUNCTIONS(timeseries, ROLE_TIMESERIES)
ROLE_FUNCTIONS(graph, ROLE_GRAPH)

static uint64_t pass_generation(struct live_store *store, struct str key)
{
    return live_generation(STORES_OF(store, live)->real_live, key);
}

static void pass_changed(struct live_store *store, struct str key)
{
    live_changed(STORES_OF(store, live)->real_live, key);
}

static const struct documents_store_ops documents_ops = {documents_pass_submit,
                                                         documents_pass_wait};
static const struct live_store_ops live_ops = {live_pass_submit, live_pass_wait, pass_generation,
                                               pass_changed};
static const struct timeseries_store_ops timeseries_ops = {timeseries_pass_submit,
                                                           timeseries_pass_wait};
static const struct graph_store_ops graph_ops = {graph_pass_submit, graph_pass_wait};

static void init_base(struct base_manager *base, const struct base_manager_ops *ops,
                      const struct base_manager *real)
{
    assert_true(base_manager_init(base, ops, real->role, real->seams, real->logger, NULL));
    base->capabilities = real->capabilities;
}

void failing_stores_init(struct failing_stores *stores, struct documents_store *documents,
                         struct live_store *live, struct timeseries_store *timeseries,
                         struct graph_store *graph)
{
    *stores = (struct failing_stores){
        .documents.ops = &documents_ops,
        .live.ops = &live_ops,
        .timeseries.ops = &timeseries_ops,
        .graph.ops = &graph_ops,
        .real_documents = documents,
        .real_live = live,
        .real_timeseries = timeseries,
        .real_graph = graph,
    };
    init_base(&stores->documents.base, &documents_base, &documents->base);
    init_base(&stores->live.base, &live_base, &live->base);
    init_base(&stores->timeseries.base, &timeseries_base, &timeseries->base);
    init_base(&stores->graph.base, &graph_base, &graph->base);
}

void failing_stores_release(struct failing_stores *stores)
{
    base_manager_release(&stores->documents.base);
    base_manager_release(&stores->live.base);
    base_manager_release(&stores->timeseries.base);
    base_manager_release(&stores->graph.base);
}

long failing_stores_count(struct failing_stores *stores, enum manager_role role)
{
    long sum = 0;
    for (unsigned operation = 0; operation < MANAGER_MAX_OPERATIONS; operation++) {
        sum += atomic_load(&stores->requests[role][operation]);
    }
    return sum;
}

long failing_stores_count_of(struct failing_stores *stores, enum manager_role role,
                             unsigned operation)
{
    return atomic_load(&stores->requests[role][operation]);
}

void failing_stores_forget(struct failing_stores *stores)
{
    for (int role = 0; role < MANAGER_ROLES; role++) {
        for (unsigned operation = 0; operation < MANAGER_MAX_OPERATIONS; operation++) {
            atomic_store(&stores->requests[role][operation], 0);
        }
    }
}
