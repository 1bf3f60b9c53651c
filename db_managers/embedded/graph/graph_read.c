/*
 * graph_read.c - reads of the graph's tables: what was applied, orders, a customer's products.
 */
#include "db_managers/embedded/graph/graph_parts.h"
#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdlib.h>

/* A read: where it reads, and what it knows of ids. */
struct reading {
    struct sqlite_connection *reader;
    struct graph_request *request;
    struct arena *arena;
    unsigned set;
    struct key_reader products, customers;
};

static struct sqlite_statement *prepared(struct reading *reading, enum graph_statement statement,
                                         ecommerce_error *err)
{
    return graph_prepared(reading->reader, reading->set, statement, err);
}

/* ---- which were applied ---- */

static bool read_has(struct reading *reading, ecommerce_error *err)
{
    struct graph_request *request = reading->request;
    request->present = arena_array(reading->arena, request->id_count + 1, sizeof(bool));
    if (!request->present)
        return error_memory(err);
    for (size_t i = 0; i < request->id_count; i++) {
        struct sqlite_statement *statement = prepared(reading, STATEMENT_HAS, err);
        int64_t one;
        if (!statement)
            return false;
        sqlite_bind_str(statement, 1, request->ids[i]);
        if (!sqlite_run_int(statement, &one, &request->present[i], err))
            return false;
    }
    request->count = request->id_count;
    return true;
}

/* ---- orders ---- */

static size_t count_relations(struct str bytes)
{
    size_t count = 0;
    for (struct packed_relation relation; packed_relation_next(&bytes, &relation);)
        count += relation.quantity > 0;
    return count;
}

static bool unpack_lines(struct reading *reading, struct str bytes, struct graph_entry *entry,
                         ecommerce_error *err)
{
    size_t count = count_relations(bytes);
    struct graph_line *lines = arena_array(reading->arena, count + 1, sizeof(*lines));
    if (!lines)
        return error_memory(err);
    for (struct packed_relation relation; packed_relation_next(&bytes, &relation);) {
        if (relation.quantity == 0)
            continue;
        struct graph_line *line = &lines[entry->line_count++];
        line->quantity = relation.quantity;
        if (!key_reader_text(&reading->products, relation.product, &line->product_id, err))
            return false;
    }
    entry->lines = lines;
    return packed_relations_end(bytes, err);
}

static bool read_entry(struct reading *reading, struct sqlite_statement *statement,
                       struct graph_entry *entry, ecommerce_error *err)
{
    *entry = (struct graph_entry){
        .kind = GRAPH_ORDER,
        .time = sqlite_column_int(statement, 2),
        .applied = true,
    };
    int64_t customer = sqlite_column_int(statement, 1);
    if (!sqlite_column_str(statement, 0, reading->arena, &entry->id, err) ||
        !key_reader_text(&reading->customers, customer, &entry->customer_id, err) ||
        !unpack_lines(reading, sqlite_column_view(statement, 3), entry, err))
        return false;
    entry->order_id = entry->id;
    return true;
}

static bool scan_orders(struct reading *reading, struct sqlite_statement *statement,
                        struct graph_entry *entries, ecommerce_error *err)
{
    enum sqlite_step step;
    while ((step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        if (!read_entry(reading, statement, &entries[reading->request->count], err))
            break;
        reading->request->count++;
    }
    sqlite_reset(statement);
    return step == SQLITE_STEP_DONE;
}

static bool read_entries(struct reading *reading, ecommerce_error *err)
{
    struct graph_request *request = reading->request;
    size_t limit = request->limit && request->limit < GRAPH_PAGE ? request->limit : GRAPH_PAGE;
    struct graph_entry *entries = arena_array(reading->arena, limit, sizeof(*entries));
    if (!entries)
        return error_memory(err);
    struct sqlite_statement *statement = prepared(reading, STATEMENT_ORDER_SCAN, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, request->after.ptr ? request->after : STR(""));
    sqlite_bind_int(statement, 2, (int64_t)limit);
    if (!scan_orders(reading, statement, entries, err))
        return false;
    request->found_entries = entries;
    if (request->count == limit)
        request->cursor = entries[limit - 1].id;
    return true;
}

/* ---- a customer's products ---- */

struct bought {
    struct number_map places; /* product -> place in items */
    struct recommendation *items;
    size_t count, capacity;
};

static struct recommendation *bought_of(struct reading *reading, struct bought *bought,
                                        int64_t product, ecommerce_error *err)
{
    bool made = false;
    uint32_t *place =
        number_map_put(&bought->places, (uint64_t)product, (uint32_t)bought->count, &made);
    if (!place)
        goto out_of_memory;
    if (!made)
        return &bought->items[*place];
    if (bought->count == bought->capacity) {
        size_t capacity = bought->capacity ? bought->capacity * 2 : 16;
        struct recommendation *items = arena_array(reading->arena, capacity, sizeof(*items));
        if (!items)
            goto out_of_memory;
        if (bought->count)
            memcpy(items, bought->items, bought->count * sizeof(*items));
        bought->items = items;
        bought->capacity = capacity;
    }
    struct recommendation *item = &bought->items[bought->count++];
    return key_reader_text(&reading->products, product, &item->product_id, err) ? item : NULL;

out_of_memory:
    error_memory(err);
    return NULL;
}

static bool count_order(struct reading *reading, struct bought *bought, int64_t time,
                        struct str bytes, ecommerce_error *err)
{
    for (struct packed_relation relation; packed_relation_next(&bytes, &relation);) {
        if (relation.quantity == 0)
            continue;
        struct recommendation *item = bought_of(reading, bought, relation.product, err);
        if (!item)
            return false;
        if (item->own_orders == 0 || time > item->last_bought)
            item->last_bought = time;
        item->own_orders++;
        item->score = (double)item->own_orders;
    }
    return packed_relations_end(bytes, err);
}

static int most_bought_first(const void *a, const void *b)
{
    const struct recommendation *x = a, *y = b;
    if (x->own_orders != y->own_orders)
        return x->own_orders > y->own_orders ? -1 : 1;
    return str_compare(x->product_id, y->product_id);
}

static bool scan_bought(struct reading *reading, struct bought *bought, int64_t customer,
                        ecommerce_error *err)
{
    struct sqlite_statement *statement = prepared(reading, STATEMENT_ORDERS_CUSTOMER, err);
    enum sqlite_step step;
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, customer);
    while ((step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        if (!count_order(reading, bought, sqlite_column_int(statement, 0),
                         sqlite_column_view(statement, 1), err))
            break;
    }
    sqlite_reset(statement);
    return step == SQLITE_STEP_DONE;
}

static bool read_customer_products(struct reading *reading, ecommerce_error *err)
{
    struct graph_request *request = reading->request;
    struct bought bought = {0};
    int64_t customer;
    if (!key_find(reading->reader, GRAPH_CUSTOMERS, request->key, &customer, err))
        return false;
    bool ok = customer == 0 || scan_bought(reading, &bought, customer, err);
    number_map_release(&bought.places);
    if (!ok)
        return false;
    if (bought.count > 1)
        qsort(bought.items, bought.count, sizeof(*bought.items), most_bought_first);
    request->recommendations = bought.items;
    request->count =
        request->limit && request->limit < bought.count ? request->limit : bought.count;
    return true;
}

/* ---- all of them ---- */

static bool read_digest(struct reading *reading, ecommerce_error *err)
{
    struct graph_set set;
    if (!graph_set_read(reading->reader, reading->set, &set, err))
        return false;
    reading->request->digest = set.digest;
    return true;
}

static bool read_by_operation(struct reading *reading, ecommerce_error *err)
{
    switch ((enum graph_operation)reading->request->base.operation) {
    case GRAPH_HAS:
        return read_has(reading, err);
    case GRAPH_ENTRIES:
        return read_entries(reading, err);
    case GRAPH_CUSTOMER_PRODUCTS:
        return read_customer_products(reading, err);
    default:
        assert(reading->request->base.operation == GRAPH_DIGEST);
        return read_digest(reading, err);
    }
}

bool graph_read(struct sqlite_connection *reader, unsigned set, struct graph_request *request,
                ecommerce_error *err)
{
    struct arena *arena = request->base.arena;
    struct reading reading = {
        .reader = reader,
        .request = request,
        .arena = arena,
        .set = set,
        .products = {.statements = GRAPH_PRODUCTS, .reader = reader, .arena = arena},
        .customers = {.statements = GRAPH_CUSTOMERS, .reader = reader, .arena = arena},
    };
    bool ok = read_by_operation(&reading, err);
    key_reader_release(&reading.products);
    key_reader_release(&reading.customers);
    return ok;
}
