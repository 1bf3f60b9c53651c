/*
 * graph_sql.c - the tables of graph.db and the statements on them.
 */
#include "db_managers/embedded/graph/graph_parts.h"
#include "db_managers/embedded/packed_numbers.h"
#include "support/error.h"

#include <assert.h>

/* ---- tables ---- */

/* AUTOINCREMENT, since an index in memory asks for what has a greater number than it knows. */
#define TABLES_OF_SET(set)                                                                         \
    "CREATE TABLE orders_" set " (number INTEGER PRIMARY KEY AUTOINCREMENT,"                       \
    " id TEXT NOT NULL UNIQUE, customer INTEGER, time INTEGER NOT NULL, lines BLOB NOT NULL)"      \
    " STRICT;"                                                                                     \
    "CREATE INDEX orders_" set "_by_customer ON orders_" set " (customer)"                         \
    " WHERE customer IS NOT NULL;"                                                                 \
    "CREATE TABLE take_backs_" set " (number INTEGER PRIMARY KEY AUTOINCREMENT,"                   \
    " id TEXT NOT NULL UNIQUE, order_number INTEGER NOT NULL) STRICT;"

#define SHARED_TABLES                                                                              \
    "CREATE TABLE state (active INTEGER NOT NULL, rebuilding INTEGER NOT NULL,"                    \
    " generation INTEGER NOT NULL) STRICT;"                                                        \
    "INSERT INTO state VALUES (0, 0, 0);"                                                          \
    "CREATE TABLE sets (number INTEGER PRIMARY KEY, orders INTEGER NOT NULL,"                      \
    " lines INTEGER NOT NULL, quantity INTEGER NOT NULL, hash INTEGER NOT NULL,"                   \
    " changes INTEGER NOT NULL) STRICT;"                                                           \
    "INSERT INTO sets VALUES (0, 0, 0, 0, 0, 0), (1, 0, 0, 0, 0, 0);"                              \
    "CREATE TABLE products (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;"          \
    "CREATE TABLE customers (number INTEGER PRIMARY KEY AUTOINCREMENT,"                            \
    " id TEXT NOT NULL UNIQUE) STRICT;"                                                            \
    "CREATE TABLE views (view INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,"   \
    " customer INTEGER, product INTEGER, time INTEGER NOT NULL) STRICT;"

const struct sqlite_migration graph_migrations[GRAPH_SCHEMA_VERSION] = {
    {.sql = SHARED_TABLES TABLES_OF_SET("a") TABLES_OF_SET("b")},
};

/* ---- statements ---- */

#define STATEMENTS(at, set)                                                                        \
    [(at) +                                                                                        \
        STATEMENT_ORDER_ADD] =                                                                     \
        "INSERT INTO orders_" set " (id, customer, time, lines) VALUES (?1, ?2, ?3, ?4)"           \
        " ON CONFLICT (id) DO NOTHING",                                                            \
        [(at) + STATEMENT_ORDER_FIND] = "SELECT number, lines FROM orders_" set " WHERE id = ?1",  \
        [(at) + STATEMENT_ORDER_UPDATE] =                                                          \
            "UPDATE orders_" set " SET lines = ?2 WHERE number = ?1",                              \
        [(at) + STATEMENT_ORDER_SCAN] = "SELECT id, customer, time, lines FROM orders_" set        \
                                        " WHERE id > ?1 ORDER BY id LIMIT ?2",                     \
        [(at) + STATEMENT_ORDERS_SINCE] = "SELECT number, customer, time, lines FROM orders_" set  \
                                          " WHERE number > ?1 ORDER BY number",                    \
        [(at) + STATEMENT_ORDERS_CUSTOMER] =                                                       \
            "SELECT time, lines FROM orders_" set " WHERE customer = ?1",                          \
        [(at) + STATEMENT_ORDERS_FORGET] =                                                         \
            "UPDATE orders_" set " SET customer = NULL WHERE customer = ?1",                       \
        [(at) + STATEMENT_TAKE_BACK_ADD] = "INSERT INTO take_backs_" set " (id, order_number)"     \
                                           " VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING",         \
        [(at) + STATEMENT_TAKE_BACKS_SINCE] =                                                      \
            "SELECT o.number, o.lines FROM take_backs_" set " t CROSS JOIN orders_" set            \
            " o ON o.number = t.order_number WHERE t.number > ?1 AND t.order_number <= ?2",        \
        [(at) + STATEMENT_LAST_TAKE_BACK] = "SELECT max(number) FROM take_backs_" set,             \
        [(at) + STATEMENT_HAS] = "SELECT 1 FROM orders_" set " WHERE id = ?1"                      \
                                 " UNION ALL SELECT 1 FROM take_backs_" set " WHERE id = ?1",      \
        [(at) + STATEMENT_ORDERS_CLEAR] = "DELETE FROM orders_" set,                               \
        [(at) + STATEMENT_TAKE_BACKS_CLEAR] = "DELETE FROM take_backs_" set

const char *const graph_statements[GRAPH_STATEMENTS] = {
    STATEMENTS(0, "a"),
    STATEMENTS(STATEMENTS_OF_SET, "b"),
    [STATEMENT_STATE_GET] = "SELECT active, rebuilding, generation FROM state",
    [STATEMENT_STATE_PUT] = "UPDATE state SET active = ?1, rebuilding = ?2, generation = ?3",
    [STATEMENT_SET_GET] =
        "SELECT orders, lines, quantity, hash, changes FROM sets WHERE number = ?1",
    [STATEMENT_SET_PUT] = "UPDATE sets SET orders = ?2, lines = ?3, quantity = ?4, hash = ?5,"
                          " changes = ?6 WHERE number = ?1",
    [STATEMENT_PRODUCT_FIND] = "SELECT number FROM products WHERE id = ?1",
    [STATEMENT_PRODUCT_ADD] = "INSERT INTO products (id) VALUES (?1)",
    [STATEMENT_PRODUCT_GET] = "SELECT id FROM products WHERE number = ?1",
    [STATEMENT_CUSTOMER_FIND] = "SELECT number FROM customers WHERE id = ?1",
    [STATEMENT_CUSTOMER_ADD] = "INSERT INTO customers (id) VALUES (?1)",
    [STATEMENT_CUSTOMER_GET] = "SELECT id FROM customers WHERE number = ?1",
    [STATEMENT_CUSTOMER_ERASE] = "DELETE FROM customers WHERE number = ?1",
    [STATEMENT_VIEW_ADD] = "INSERT INTO views (id, kind, customer, product, time)"
                           " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
    [STATEMENT_VIEWS_FORGET] = "UPDATE views SET customer = NULL WHERE customer = ?1",
};

struct sqlite_statement *graph_prepared(struct sqlite_connection *connection, unsigned set,
                                        enum graph_statement statement, ecommerce_error *err)
{
    assert(set < 2 && statement < STATEMENTS_OF_SET);
    return sqlite_prepared(connection, set * STATEMENTS_OF_SET + (unsigned)statement, err);
}

/* ---- state ---- */

static bool lost(ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_STORAGE_FAILED, "graph.db: the graph has lost its state");
}

bool graph_state_read(struct sqlite_connection *connection, struct graph_state *state,
                      ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(connection, STATEMENT_STATE_GET, err);
    if (!statement)
        return false;
    enum sqlite_step step = sqlite_step(statement, err);
    if (step != SQLITE_STEP_ROW)
        return step == SQLITE_STEP_FAILED ? false : lost(err);
    *state = (struct graph_state){
        .active = sqlite_column_int(statement, 0),
        .rebuilding = sqlite_column_int(statement, 1),
        .generation = sqlite_column_int(statement, 2),
    };
    sqlite_reset(statement);
    return state->active == 0 || state->active == 1 || lost(err);
}

bool graph_state_write(struct sqlite_connection *writer, const struct graph_state *state,
                       ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(writer, STATEMENT_STATE_PUT, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, state->active);
    sqlite_bind_int(statement, 2, state->rebuilding);
    sqlite_bind_int(statement, 3, state->generation);
    return sqlite_run(statement, NULL, err);
}

bool graph_set_read(struct sqlite_connection *connection, unsigned number, struct graph_set *set,
                    ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(connection, STATEMENT_SET_GET, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, number);
    enum sqlite_step step = sqlite_step(statement, err);
    if (step != SQLITE_STEP_ROW)
        return step == SQLITE_STEP_FAILED ? false : lost(err);
    set->digest = (struct graph_digest){
        .orders = sqlite_column_int(statement, 0),
        .lines = sqlite_column_int(statement, 1),
        .quantity = sqlite_column_int(statement, 2),
        .hash = (uint64_t)sqlite_column_int(statement, 3),
    };
    set->changes = sqlite_column_int(statement, 4);
    sqlite_reset(statement);
    return true;
}

bool graph_set_write(struct sqlite_connection *writer, unsigned number, const struct graph_set *set,
                     ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(writer, STATEMENT_SET_PUT, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, number);
    sqlite_bind_int(statement, 2, set->digest.orders);
    sqlite_bind_int(statement, 3, set->digest.lines);
    sqlite_bind_int(statement, 4, set->digest.quantity);
    sqlite_bind_int(statement, 5, (int64_t)set->digest.hash);
    sqlite_bind_int(statement, 6, set->changes);
    return sqlite_run(statement, NULL, err);
}

bool graph_choose_set(const struct graph_state *state, bool shadow, unsigned *set,
                      ecommerce_error *err)
{
    *set = (unsigned)(shadow ? 1 - state->active : state->active);
    if (!shadow || state->rebuilding)
        return true;
    return error_field(err, ECOMMERCE_INVALID_TRANSITION, "shadow", "no rebuild is under way");
}

/* ---- relations ---- */

void packed_relation_add(struct text *text, const struct packed_relation *relation)
{
    packed_add(text, (uint64_t)relation->product);
    packed_add(text, (uint64_t)relation->quantity);
}

bool packed_relation_next(struct str *bytes, struct packed_relation *relation)
{
    struct str rest = *bytes;
    if (!packed_next_int(&rest, &relation->product) || !packed_next_int(&rest, &relation->quantity))
        return false;
    *bytes = rest;
    return true;
}

bool packed_relations_end(struct str bytes, ecommerce_error *err)
{
    return bytes.len == 0 ||
           error_set(err, ECOMMERCE_STORAGE_FAILED, "graph.db: an order's relations are damaged");
}
