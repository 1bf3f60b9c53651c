/* fake_stores.c - stores in memory that answer what a test laid into them. See fake_stores.h. */
#include "tests/support/fake_stores.h"

#include "support/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static bool answer_ping(struct base_manager *manager, int64_t deadline, ecommerce_error *err)
{
    UNUSED(manager);
    UNUSED(deadline);
    UNUSED(err);
    return true;
}

static void describe_nothing(struct base_manager *manager, struct doc_builder *out)
{
    UNUSED(manager);
    UNUSED(out);
}

static void close_fake(struct base_manager *manager)
{
    base_manager_release(manager);
    free(manager);
}

static void close_live(struct base_manager *manager)
{
    struct fake_live *fake = (struct fake_live *)(void *)manager;
    for (size_t i = 0; i < fake->value_count; i++) {
        free(fake->values[i].bytes);
    }
    close_fake(manager);
}

static const char *const no_names[MANAGER_MAX_OPERATIONS];
static const struct base_manager_ops base_ops = {.kind = "fake",
                                                 .operation_names = no_names,
                                                 .operation_count = MANAGER_MAX_OPERATIONS,
                                                 .ping = answer_ping,
                                                 .describe = describe_nothing,
                                                 .close = close_fake};
static const struct base_manager_ops live_base_ops = {.kind = "fake",
                                                      .operation_names = no_names,
                                                      .operation_count = MANAGER_MAX_OPERATIONS,
                                                      .ping = answer_ping,
                                                      .describe = describe_nothing,
                                                      .close = close_live};

static void *new_fake(size_t size, const struct base_manager_ops *ops, enum manager_role role,
                      const struct seams *seams)
{
    void *fake = calloc(1, size);
    assert_non_null(fake);
    assert_true(base_manager_init(fake, ops, role, seams, NULL, NULL));
    return fake;
}

static void refuse(struct store_request *request)
{
    request->ok = false;
    error_set(&request->error, ECOMMERCE_UNAVAILABLE, "the fake store cannot do that");
}

/* ---- live ---- */

/* The place of the sku, free when it is not there. */
static size_t level_at(const struct fake_live *fake, struct str sku)
{
    size_t at = str_hash(sku) % FAKE_LEVELS;
    while (fake->levels[at].sku[0] && !str_is(sku, fake->levels[at].sku)) {
        at = (at + 1) % FAKE_LEVELS;
    }
    return at;
}

static void add_level(struct fake_live *fake, struct str sku, int64_t quantity, bool absolute)
{
    assert_true(sku.len <= ID_MAX);
    size_t at = level_at(fake, sku);
    memcpy(fake->levels[at].sku, sku.ptr, sku.len);
    fake->levels[at].available = quantity + (absolute ? 0 : fake->levels[at].available);
}

static size_t value_at(const struct fake_live *fake, enum live_space space, struct str key)
{
    size_t at = 0;
    while (at < fake->value_count &&
           (fake->values[at].space != space || !str_is(key, fake->values[at].key))) {
        at++;
    }
    return at;
}

static void remove_value(struct fake_live *fake, size_t at)
{
    free(fake->values[at].bytes);
    fake->values[at] = fake->values[--fake->value_count];
}

static void put_value(struct fake_live *fake, struct live_request *request)
{
    size_t at = value_at(fake, request->space, request->key);
    int64_t version = at < fake->value_count ? fake->values[at].version : 0;
    request->stored = request->version == VERSION_ANY || request->version == version;
    if (!request->stored) {
        return;
    }
    if (at < fake->value_count) {
        remove_value(fake, at);
    }
    assert_true(fake->value_count < FAKE_VALUES);
    at = fake->value_count++;
    fake->values[at].space = request->space;
    snprintf(fake->values[at].key, sizeof(fake->values[at].key), "%.*s", STR_ARG(request->key));
    snprintf(fake->values[at].owner, sizeof(fake->values[at].owner), "%.*s",
             STR_ARG(request->owner));
    fake->values[at].bytes = malloc(request->doc.size);
    assert_non_null(fake->values[at].bytes);
    memcpy(fake->values[at].bytes, request->doc.bytes, request->doc.size);
    fake->values[at].size = request->doc.size;
    fake->values[at].version = version + 1;
    fake->values[at].expires_at = request->expires_at;
    request->value.version = version + 1;
}

static void get_value(struct fake_live *fake, struct live_request *request)
{
    size_t at = value_at(fake, request->space, request->key);
    request->found =
        at < fake->value_count && fake->values[at].expires_at > seams_wall(fake->store.base.seams);
    if (request->found) {
        struct doc doc = {fake->values[at].bytes, fake->values[at].size};
        assert_true(doc_copy(request->base.arena, doc, &request->value.doc));
        request->value.version = fake->values[at].version;
    }
}

static void delete_owned(struct fake_live *fake, struct live_request *request)
{
    for (size_t at = fake->value_count; at-- > 0;) {
        if (fake->values[at].space == request->space &&
            str_is(request->owner, fake->values[at].owner)) {
            remove_value(fake, at);
            request->count++;
        }
    }
}

static void read_levels(struct fake_live *fake, struct live_request *request)
{
    request->levels =
        arena_array(request->base.arena, request->line_count, sizeof(*request->levels));
    assert_true(request->levels || request->line_count == 0);
    for (size_t i = 0; i < request->line_count; i++) {
        size_t at = level_at(fake, request->lines[i].sku);
        request->levels[i] = (struct stock_level){
            .sku = request->lines[i].sku,
            .known = fake->levels[at].sku[0] != '\0',
            .available = fake->levels[at].available,
        };
    }
    request->level_count = request->line_count;
}

static void do_live(struct fake_live *fake, struct live_request *request)
{
    request->base.ok = true;
    request->status.epoch = 1;
    switch ((enum live_operation)request->base.operation) {
    case LIVE_STATUS:
        break;
    case LIVE_INSTALL:
        for (size_t i = 0; i < request->install_count; i++) {
            add_level(fake, request->install[i].sku, request->install[i].available, true);
        }
        break;
    case LIVE_CREDIT:
        for (size_t i = 0; i < request->line_count; i++) {
            add_level(fake, request->lines[i].sku, request->lines[i].quantity, false);
        }
        break;
    case LIVE_LEVELS:
        read_levels(fake, request);
        break;
    case LIVE_GET:
        get_value(fake, request);
        break;
    case LIVE_PUT:
        put_value(fake, request);
        break;
    case LIVE_DELETE_OWNER:
        delete_owned(fake, request);
        break;
    default:
        refuse(&request->base);
    }
}

static _Atomic uint64_t *generation_at(struct fake_live *fake, struct str key)
{
    return &fake->generations[str_hash(key) % FAKE_GENERATIONS];
}

static void live_fake_changed(struct live_store *store, struct str key)
{
    struct fake_live *fake = (struct fake_live *)(void *)store;
    atomic_fetch_add(generation_at(fake, key), 1);
}

static void count_stock_change(struct fake_live *fake, const struct live_request *request)
{
    char key[ID_MAX + 8];
    for (size_t i = 0; i < request->line_count; i++) {
        snprintf(key, sizeof(key), "sku/%.*s", STR_ARG(request->lines[i].sku));
        live_fake_changed(&fake->store, str_of(key));
    }
}

static void live_fake_submit(struct live_store *store, struct live_request *request)
{
    struct fake_live *fake = (struct fake_live *)(void *)store;
    bool changes = request->base.operation == LIVE_CREDIT;
    if (changes) {
        count_stock_change(fake, request);
    }
    pthread_mutex_lock(&fake->lock);
    do_live(fake, request);
    pthread_mutex_unlock(&fake->lock);
    if (changes) {
        count_stock_change(fake, request);
    }
}

static void live_fake_wait(struct live_store *store, struct live_request *request)
{
    manager_finish(&store->base, &request->base);
}

static uint64_t live_fake_generation(struct live_store *store, struct str key)
{
    return atomic_load(generation_at((struct fake_live *)(void *)store, key));
}

static const struct live_store_ops live_ops = {live_fake_submit, live_fake_wait,
                                               live_fake_generation, live_fake_changed};

struct fake_live *fake_live_new(const struct seams *seams)
{
    struct fake_live *fake = new_fake(sizeof(*fake), &live_base_ops, ROLE_LIVE, seams);
    fake->store.base.capabilities = CAPABILITY_GENERATIONS;
    fake->store.ops = &live_ops;
    pthread_mutex_init(&fake->lock, NULL);
    return fake;
}

void fake_live_set(struct fake_live *fake, const char *sku, int64_t available)
{
    char key[ID_MAX + 8];
    snprintf(key, sizeof(key), "sku/%s", sku);
    live_fake_changed(&fake->store, str_of(key));
    pthread_mutex_lock(&fake->lock);
    add_level(fake, str_of(sku), available, true);
    pthread_mutex_unlock(&fake->lock);
    live_fake_changed(&fake->store, str_of(key));
}

/* ---- graph ---- */

static void graph_fake_submit(struct graph_store *store, struct graph_request *request)
{
    struct fake_graph *fake = (struct fake_graph *)(void *)store;
    if (request->base.operation != GRAPH_RECOMMEND) {
        refuse(&request->base);
        return;
    }
    request->recommendations =
        arena_array(request->base.arena, fake->row_count + 1, sizeof(*request->recommendations));
    assert_non_null(request->recommendations);
    for (size_t i = 0; i < fake->row_count && request->count < request->limit; i++) {
        if (fake->rows[i].kind == request->kind &&
            (!fake->rows[i].key || str_is(request->key, fake->rows[i].key))) {
            request->recommendations[request->count++] = fake->rows[i].row;
        }
    }
    request->base.ok = true;
}

static void graph_fake_wait(struct graph_store *store, struct graph_request *request)
{
    manager_finish(&store->base, &request->base);
}

static const struct graph_store_ops graph_ops = {graph_fake_submit, graph_fake_wait};

struct fake_graph *fake_graph_new(const struct seams *seams)
{
    struct fake_graph *fake = new_fake(sizeof(*fake), &base_ops, ROLE_GRAPH, seams);
    fake->store.ops = &graph_ops;
    return fake;
}

void fake_graph_add(struct fake_graph *fake, enum recommendation_kind kind, const char *key,
                    const char *product_id, double score, int64_t baskets)
{
    assert_true(fake->row_count < FAKE_ROWS);
    size_t at = fake->row_count++;
    fake->rows[at].kind = kind;
    fake->rows[at].key = key;
    fake->rows[at].row = (struct recommendation){
        .product_id = str_of(product_id), .score = score, .baskets = baskets};
}

/* ---- timeseries ---- */

static void timeseries_fake_submit(struct timeseries_store *store,
                                   struct timeseries_request *request)
{
    struct fake_timeseries *fake = (struct fake_timeseries *)(void *)store;
    if (request->base.operation != TIMESERIES_RANKING) {
        refuse(&request->base);
        return;
    }
    fake->asked_from = request->from;
    fake->asked_to = request->to;
    request->sums = arena_array(request->base.arena, fake->count + 1, sizeof(*request->sums));
    assert_non_null(request->sums);
    while (request->count < fake->count && request->count < request->limit) {
        size_t at = request->count++;
        request->sums[at] = (struct sales_sums){.key = str_of(fake->ranking[at]),
                                                .units = (int64_t)(fake->count - at)};
    }
    request->base.ok = true;
}

static void timeseries_fake_wait(struct timeseries_store *store, struct timeseries_request *request)
{
    manager_finish(&store->base, &request->base);
}

static const struct timeseries_store_ops timeseries_ops = {timeseries_fake_submit,
                                                           timeseries_fake_wait};

struct fake_timeseries *fake_timeseries_new(const struct seams *seams)
{
    struct fake_timeseries *fake = new_fake(sizeof(*fake), &base_ops, ROLE_TIMESERIES, seams);
    fake->store.ops = &timeseries_ops;
    return fake;
}
