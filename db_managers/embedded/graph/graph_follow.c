/*
 * graph_follow.c - the basket index in memory: loaded at the first question, then kept up with the
 * file, whoever writes to it.
 *
 * Orders are added by their numbers. A take-back is not replayed: its order is read again as it is
 * now, and the lines of which nothing is left are removed. That may be done twice without harm, and
 * it does not matter whether one batch or ten came in between.
 */
#include "db_managers/embedded/graph/graph_parts.h"
#include "support/alloc.h"
#include "support/error.h"

/* ---- life ---- */

bool graph_memory_init(struct graph_memory *memory,
                       const struct recommendation_parameters *parameters, ecommerce_error *err)
{
    *memory = (struct graph_memory){0};
    memory->parameters = parameters ? *parameters : recommendation_defaults;
    if (!recommendation_parameters_check(&memory->parameters, err))
        return false;
    pthread_rwlock_init(&memory->lock, NULL);
    pthread_mutex_init(&memory->scratch_lock, NULL);
    return true;
}

void graph_memory_release(struct graph_memory *memory)
{
    basket_index_free(&memory->index);
    while (memory->scratch_count > 0)
        recommend_scratch_free(&memory->scratches[--memory->scratch_count]);
    pthread_rwlock_destroy(&memory->lock);
    pthread_mutex_destroy(&memory->scratch_lock);
}

struct recommend_scratch *graph_scratch_borrow(struct graph_memory *memory, ecommerce_error *err)
{
    struct recommend_scratch *scratch = NULL;
    pthread_mutex_lock(&memory->scratch_lock);
    if (memory->scratch_count > 0)
        scratch = memory->scratches[--memory->scratch_count];
    pthread_mutex_unlock(&memory->scratch_lock);
    if (!scratch)
        scratch = recommend_scratch_new();
    if (!scratch)
        error_memory(err);
    return scratch;
}

void graph_scratch_return(struct graph_memory *memory, struct recommend_scratch *scratch)
{
    pthread_mutex_lock(&memory->scratch_lock);
    if (memory->scratch_count < IDLE_SCRATCHES) {
        memory->scratches[memory->scratch_count++] = scratch;
        scratch = NULL;
    }
    pthread_mutex_unlock(&memory->scratch_lock);
    recommend_scratch_free(&scratch);
}

/* ---- following ---- */

/* What of the file a snapshot shows. */
struct seen {
    unsigned set;
    int64_t generation, changes;
};

struct following {
    struct graph_memory *memory;
    struct sqlite_connection *reader;
    unsigned set;
    struct arena arena; /* texts of one catching up */
    struct key_reader products, customers;
    struct str *lines; /* products of one order */
    size_t line_capacity;
};

static bool see(struct sqlite_connection *reader, struct seen *seen, ecommerce_error *err)
{
    struct graph_state state;
    struct graph_set set;
    if (!graph_state_read(reader, &state, err) ||
        !graph_choose_set(&state, false, &seen->set, err) ||
        !graph_set_read(reader, seen->set, &set, err))
        return false;
    seen->generation = state.generation;
    seen->changes = set.changes;
    return true;
}

static bool is_behind(const struct graph_memory *memory, const struct seen *seen)
{
    bool incomplete = !memory->index || memory->changes < 0;
    if (incomplete || memory->generation < seen->generation)
        return true;
    return memory->generation == seen->generation && memory->changes < seen->changes;
}

static bool room_for_line(struct following *following, size_t count)
{
    if (count < following->line_capacity)
        return true;
    size_t capacity = following->line_capacity ? following->line_capacity * 2 : 64;
    struct str *lines = mem_resize(following->lines, capacity * sizeof(*lines));
    if (!lines)
        return false;
    following->lines = lines;
    following->line_capacity = capacity;
    return true;
}

/* The products that the order still has, or those it has no more. */
static bool list_products(struct following *following, struct str bytes, bool remaining,
                          size_t *count, ecommerce_error *err)
{
    *count = 0;
    for (struct packed_relation relation; packed_relation_next(&bytes, &relation);) {
        if ((relation.quantity > 0) != remaining)
            continue;
        if (!room_for_line(following, *count))
            return error_memory(err);
        if (!key_reader_text(&following->products, relation.product, &following->lines[*count],
                             err))
            return false;
        if (following->lines[*count].ptr)
            ++*count;
    }
    return packed_relations_end(bytes, err);
}

static bool add_order(struct following *following, struct sqlite_statement *statement,
                      ecommerce_error *err)
{
    struct basket_entry entry = {
        .key = sqlite_column_int(statement, 0),
        .time = sqlite_column_int(statement, 2),
    };
    struct str bytes = sqlite_column_view(statement, 3);
    if (!key_reader_text(&following->customers, sqlite_column_int(statement, 1), &entry.customer,
                         err) ||
        !list_products(following, bytes, true, &entry.product_count, err))
        return false;
    entry.products = following->lines;
    if (entry.product_count > 0 && !basket_index_add(following->memory->index, &entry, err))
        return false;
    following->memory->last_order = entry.key;
    return true;
}

static bool drop_lines(struct following *following, struct sqlite_statement *statement,
                       ecommerce_error *err)
{
    int64_t order = sqlite_column_int(statement, 0);
    size_t count;
    if (!list_products(following, sqlite_column_view(statement, 1), false, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        basket_index_remove_line(following->memory->index, order, following->lines[i]);
    return true;
}

typedef bool follow_row(struct following *following, struct sqlite_statement *statement,
                        ecommerce_error *err);

static bool each_row(struct following *following, struct sqlite_statement *statement,
                     follow_row *follow, ecommerce_error *err)
{
    enum sqlite_step step;
    while ((step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        if (!follow(following, statement, err))
            break;
    }
    sqlite_reset(statement);
    return step == SQLITE_STEP_DONE;
}

/* Take-backs of the orders that the index has; new orders come as they are by now. */
static bool follow_take_backs(struct following *following, int64_t *last, ecommerce_error *err)
{
    const struct graph_memory *memory = following->memory;
    struct sqlite_statement *statement =
        graph_prepared(following->reader, following->set, STATEMENT_LAST_TAKE_BACK, err);
    if (!statement || !sqlite_run_int(statement, last, NULL, err))
        return false;
    if (memory->last_order == 0 || *last <= memory->last_take_back)
        return true;
    statement = graph_prepared(following->reader, following->set, STATEMENT_TAKE_BACKS_SINCE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, memory->last_take_back);
    sqlite_bind_int(statement, 2, memory->last_order);
    return each_row(following, statement, drop_lines, err);
}

static bool follow_orders(struct following *following, ecommerce_error *err)
{
    struct sqlite_statement *statement =
        graph_prepared(following->reader, following->set, STATEMENT_ORDERS_SINCE, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, following->memory->last_order);
    return each_row(following, statement, add_order, err);
}

/* Starts with an empty index: at first, and when what it was made of has been replaced. */
static bool start_afresh(struct graph_memory *memory, ecommerce_error *err)
{
    struct basket_index *index = basket_index_new(&memory->parameters, err);
    if (!index)
        return false;
    basket_index_free(&memory->index);
    memory->index = index;
    memory->last_order = memory->last_take_back = 0;
    return true;
}

static bool follow(struct following *following, const struct seen *seen, ecommerce_error *err)
{
    struct graph_memory *memory = following->memory;
    int64_t last_take_back;
    bool afresh = !memory->index || memory->generation != seen->generation;
    if (afresh && !start_afresh(memory, err))
        return false;
    memory->generation = seen->generation;
    memory->changes = -1; /* until all of it is in: what is missing is fetched by the next one */
    if (!follow_take_backs(following, &last_take_back, err) || !follow_orders(following, err))
        return false;
    memory->last_take_back = last_take_back;
    memory->changes = seen->changes;
    return true;
}

static bool catch_up(struct graph_memory *memory, struct sqlite_connection *reader,
                     const struct seen *seen, ecommerce_error *err)
{
    struct following following = {.memory = memory, .reader = reader, .set = seen->set};
    following.products = (struct key_reader){
        .statements = GRAPH_PRODUCTS, .reader = reader, .arena = &following.arena};
    following.customers = (struct key_reader){
        .statements = GRAPH_CUSTOMERS, .reader = reader, .arena = &following.arena};
    bool ok = follow(&following, seen, err);
    key_reader_release(&following.products);
    key_reader_release(&following.customers);
    mem_free(following.lines);
    arena_release(&following.arena);
    return ok;
}

bool graph_memory_enter(struct graph_memory *memory, struct sqlite_connection *reader,
                        ecommerce_error *err)
{
    struct seen seen;
    if (!see(reader, &seen, err))
        return false;
    pthread_rwlock_rdlock(&memory->lock);
    while (is_behind(memory, &seen)) {
        pthread_rwlock_unlock(&memory->lock);
        pthread_rwlock_wrlock(&memory->lock);
        bool ok = !is_behind(memory, &seen) || catch_up(memory, reader, &seen, err);
        pthread_rwlock_unlock(&memory->lock);
        if (!ok)
            return false;
        pthread_rwlock_rdlock(&memory->lock);
    }
    return true;
}

void graph_memory_leave(struct graph_memory *memory)
{
    pthread_rwlock_unlock(&memory->lock);
}
