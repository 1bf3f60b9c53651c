/*
 * timeseries_sql.c - the tables of timeseries.db and the statements on them.
 */
#include "db_managers/embedded/timeseries/timeseries_parts.h"
#include "support/error.h"

#include <assert.h>

/* ---- tables ---- */

/* entries: the payload comes last, so that what is before it is read without its overflow pages.
 * sales: order ids and payloads are elsewhere, so that a year of orders is a few megabytes. */
#define TABLES_OF_SET(set)                                                                         \
    "CREATE TABLE entries_" set " (entry INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"            \
    " order_id TEXT, stock BLOB, payload BLOB NOT NULL) STRICT;"                                   \
    "CREATE TABLE sales_" set " (time INTEGER NOT NULL, entry INTEGER NOT NULL,"                   \
    " kind INTEGER NOT NULL, customer INTEGER, country INTEGER, quantity INTEGER NOT NULL,"        \
    " amount INTEGER NOT NULL, lines BLOB, PRIMARY KEY (time, entry)) STRICT, WITHOUT ROWID;"      \
    "CREATE INDEX sales_" set "_by_customer ON sales_" set " (customer, time)"                     \
    " WHERE customer IS NOT NULL;"                                                                 \
    "CREATE INDEX sales_" set "_cancelled ON sales_" set " (time) WHERE kind = 1;"                 \
    "CREATE TABLE stock_" set " (sku INTEGER NOT NULL, time INTEGER NOT NULL,"                     \
    " entry INTEGER NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY (sku, time, entry))"          \
    " STRICT, WITHOUT ROWID;"                                                                      \
    "CREATE TABLE digests_" set " (day INTEGER PRIMARY KEY, count INTEGER NOT NULL,"               \
    " quantity INTEGER NOT NULL, amount INTEGER NOT NULL, hash INTEGER NOT NULL) STRICT;"

/* A name may be a hundred bytes; numbers are given anew for an erased customer who comes back. */
#define SHARED_TABLES                                                                              \
    "CREATE TABLE state (active INTEGER NOT NULL, rebuilding INTEGER NOT NULL,"                    \
    " forgets INTEGER NOT NULL) STRICT;"                                                           \
    "INSERT INTO state VALUES (0, 0, 0);"                                                          \
    "CREATE TABLE names (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT;"             \
    "CREATE TABLE customers (number INTEGER PRIMARY KEY AUTOINCREMENT,"                            \
    " id TEXT NOT NULL UNIQUE) STRICT;"                                                            \
    "CREATE TABLE events (event INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"                     \
    " kind INTEGER NOT NULL, customer INTEGER, session TEXT, product INTEGER, text TEXT,"          \
    " time INTEGER NOT NULL) STRICT;"                                                              \
    "CREATE INDEX events_by_time ON events (time);"                                                \
    "CREATE TABLE metrics (point INTEGER PRIMARY KEY, name INTEGER NOT NULL,"                      \
    " time INTEGER NOT NULL, value REAL NOT NULL) STRICT;"                                         \
    "CREATE INDEX metrics_by_name ON metrics (name, time, value);"

const struct sqlite_migration timeseries_migrations[TIMESERIES_SCHEMA_VERSION] = {
    {.sql = SHARED_TABLES TABLES_OF_SET("a") TABLES_OF_SET("b")},
};

/* ---- statements ---- */

#define SALES_COLUMNS "time, entry, kind, customer, country, quantity, amount, lines"

/* CROSS JOIN fixes the order of the loops: the first table is the one that the range is of. */
#define STATEMENTS(at, set)                                                                        \
    [(at) +                                                                                        \
        STATEMENT_ENTRY_ADD] = "INSERT INTO entries_" set " (id, order_id, stock, payload)"        \
                               " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING",             \
        [(at) + STATEMENT_ENTRY_HAS] = "SELECT 1 FROM entries_" set " WHERE id = ?1",              \
        [(at) + STATEMENT_ENTRY_SCAN] =                                                            \
            "SELECT s.time, e.id, s.kind, e.order_id, s.customer, s.country, s.lines, e.stock,"    \
            " e.payload FROM sales_" set " s CROSS JOIN entries_" set " e ON e.entry = s.entry"    \
            " WHERE s.time >= ?1 AND s.time < ?2 AND (s.time > ?3 OR e.id > ?4)"                   \
            " ORDER BY s.time, e.id LIMIT ?5",                                                     \
        [(at) + STATEMENT_ENTRY_REDACT] =                                                          \
            "UPDATE entries_" set " SET payload = ?2 WHERE entry = ?1",                            \
        [(at) + STATEMENT_SALES_ADD] = "INSERT INTO sales_" set " (" SALES_COLUMNS                 \
                                       ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",                \
        [(at) + STATEMENT_SALES_SCAN] = "SELECT " SALES_COLUMNS " FROM sales_" set                 \
                                        " WHERE time >= ?1 AND time < ?2 ORDER BY time, entry",    \
        [(at) + STATEMENT_SALES_CUSTOMER] =                                                        \
            "SELECT " SALES_COLUMNS " FROM sales_" set                                             \
            " WHERE customer = ?3 AND time >= ?1 AND time < ?2 ORDER BY time, entry",              \
        [(at) + STATEMENT_SALES_FORGET] =                                                          \
            "UPDATE sales_" set " SET customer = NULL WHERE customer = ?1",                        \
        [(at) + STATEMENT_CANCELLED] =                                                             \
            "SELECT p.entry, s.time FROM sales_" set " s CROSS JOIN entries_" set                  \
            " c ON c.entry = s.entry CROSS JOIN entries_" set " p ON p.id = c.order_id"            \
            " WHERE s.kind = 1 AND s.time >= ?1 AND s.time < ?2",                                  \
        [(at) + STATEMENT_SPAN_FIRST] =                                                            \
            "SELECT time FROM sales_" set " WHERE kind = 0 AND lines IS NOT NULL AND time >= ?1"   \
            " AND time < ?2 ORDER BY time LIMIT 1",                                                \
        [(at) + STATEMENT_SPAN_LAST] =                                                             \
            "SELECT time FROM sales_" set " WHERE kind = 0 AND lines IS NOT NULL AND time >= ?1"   \
            " AND time < ?2 ORDER BY time DESC LIMIT 1",                                           \
        [(at) + STATEMENT_PAYLOADS_OF] =                                                           \
            "SELECT s.entry, e.payload FROM sales_" set " s CROSS JOIN entries_" set               \
            " e ON e.entry = s.entry WHERE s.customer = ?1",                                       \
        [(at) + STATEMENT_STOCK_ADD] = "INSERT INTO stock_" set " VALUES (?1, ?2, ?3, ?4)"         \
                                       " ON CONFLICT (sku, time, entry)"                           \
                                       " DO UPDATE SET quantity = quantity + excluded.quantity",   \
        [(at) + STATEMENT_STOCK_BEFORE] =                                                          \
            "SELECT sum(quantity) FROM stock_" set " WHERE sku = ?1 AND time < ?2",                \
        [(at) + STATEMENT_STOCK_SCAN] = "SELECT s.time, e.id, s.quantity FROM stock_" set          \
                                        " s CROSS JOIN entries_" set " e ON e.entry = s.entry"     \
                                        " WHERE s.sku = ?1 AND s.time >= ?2 AND s.time < ?3"       \
                                        " ORDER BY s.time, e.id",                                  \
        [(at) + STATEMENT_STOCK_LEVELS] =                                                          \
            "SELECT sku, sum(quantity) FROM stock_" set " WHERE time < ?1 GROUP BY sku",           \
        [(at) + STATEMENT_DIGEST_GET] =                                                            \
            "SELECT count, quantity, amount, hash FROM digests_" set " WHERE day = ?1",            \
        [(at) + STATEMENT_DIGEST_PUT] =                                                            \
            "INSERT OR REPLACE INTO digests_" set " VALUES (?1, ?2, ?3, ?4, ?5)",                  \
        [(at) + STATEMENT_DIGEST_SCAN] =                                                           \
            "SELECT day, count, quantity, amount, hash FROM digests_" set                          \
            " WHERE day >= ?1 AND day < ?2 ORDER BY day",                                          \
        [(at) + STATEMENT_ENTRIES_CLEAR] = "DELETE FROM entries_" set,                             \
        [(at) + STATEMENT_SALES_CLEAR] = "DELETE FROM sales_" set,                                 \
        [(at) + STATEMENT_STOCK_CLEAR] = "DELETE FROM stock_" set,                                 \
        [(at) + STATEMENT_DIGESTS_CLEAR] = "DELETE FROM digests_" set

const char *const timeseries_statements[TIMESERIES_STATEMENTS] = {
    STATEMENTS(0, "a"),
    STATEMENTS(STATEMENTS_OF_SET, "b"),
    [STATEMENT_STATE_GET] = "SELECT active, rebuilding, forgets FROM state",
    [STATEMENT_STATE_PUT] = "UPDATE state SET active = ?1, rebuilding = ?2, forgets = ?3",
    [STATEMENT_NAME_FIND] = "SELECT number FROM names WHERE id = ?1",
    [STATEMENT_NAME_ADD] = "INSERT INTO names (id) VALUES (?1)",
    [STATEMENT_NAME_GET] = "SELECT id FROM names WHERE number = ?1",
    [STATEMENT_CUSTOMER_FIND] = "SELECT number FROM customers WHERE id = ?1",
    [STATEMENT_CUSTOMER_ADD] = "INSERT INTO customers (id) VALUES (?1)",
    [STATEMENT_CUSTOMER_GET] = "SELECT id FROM customers WHERE number = ?1",
    [STATEMENT_CUSTOMER_ERASE] = "DELETE FROM customers WHERE number = ?1",
    [STATEMENT_EVENT_ADD] = "INSERT INTO events (id, kind, customer, session, product, text, time)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
    [STATEMENT_EVENT_SCAN] = "SELECT product, customer FROM events WHERE time >= ?1 AND time < ?2"
                             " AND product IS NOT NULL AND (?3 = 0 OR kind = ?3)",
    [STATEMENT_EVENT_FORGET] =
        "UPDATE events SET customer = NULL, session = NULL WHERE customer = ?1",
    [STATEMENT_METRIC_ADD] = "INSERT INTO metrics (name, time, value) VALUES (?1, ?2, ?3)",
    [STATEMENT_METRIC_SCAN] = "SELECT time, value FROM metrics WHERE name = ?1 AND time >= ?2"
                              " AND time < ?3 ORDER BY time",
};

struct sqlite_statement *timeseries_prepared(struct sqlite_connection *connection, unsigned set,
                                             enum timeseries_statement statement,
                                             ecommerce_error *err)
{
    assert(set < 2 && statement < STATEMENTS_OF_SET);
    return sqlite_prepared(connection, set * STATEMENTS_OF_SET + (unsigned)statement, err);
}

void timeseries_bind_number(struct sqlite_statement *statement, int parameter, int64_t number)
{
    if (number == 0)
        sqlite_bind_null(statement, parameter);
    else
        sqlite_bind_int(statement, parameter, number);
}

/* ---- state ---- */

bool timeseries_state_read(struct sqlite_connection *connection, struct timeseries_state *state,
                           ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(connection, STATEMENT_STATE_GET, err);
    if (!statement)
        return false;
    enum sqlite_step step = sqlite_step(statement, err);
    if (step == SQLITE_STEP_FAILED)
        return false;
    *state = (struct timeseries_state){
        .active = sqlite_column_int(statement, 0),
        .rebuilding = sqlite_column_int(statement, 1),
        .forgets = sqlite_column_int(statement, 2),
    };
    sqlite_reset(statement);
    if (step == SQLITE_STEP_ROW && (state->active == 0 || state->active == 1))
        return true;
    return error_set(err, ECOMMERCE_STORAGE_FAILED, "the time-series file has lost its state");
}

bool timeseries_state_write(struct sqlite_connection *writer, const struct timeseries_state *state,
                            ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(writer, STATEMENT_STATE_PUT, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, state->active);
    sqlite_bind_int(statement, 2, state->rebuilding);
    sqlite_bind_int(statement, 3, state->forgets);
    return sqlite_run(statement, NULL, err);
}

bool timeseries_choose_set(const struct timeseries_state *state, bool shadow, unsigned *set,
                           ecommerce_error *err)
{
    *set = (unsigned)(shadow ? 1 - state->active : state->active);
    if (!shadow || state->rebuilding)
        return true;
    return error_field(err, ECOMMERCE_INVALID_TRANSITION, "shadow", "no rebuild is under way");
}
