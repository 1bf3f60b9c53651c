/*
 * live_sql.c - the tables of live.db and the statements on them.
 */
#include "db_managers/embedded/live/live_parts.h"
#include "support/ids.h"

/*
 * A hold is one row with all its lines as a document {sku: quantity}; it moves to `ended` when it
 * is settled or released. Values have row numbers, since large documents are slow to pass by in a
 * table that is its own index; positions of events are never given twice.
 */
static const char tables[] =
    "CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 1), identity TEXT NOT NULL,"
    " epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, events_lost INTEGER NOT NULL) STRICT;"
    "CREATE TABLE counters (sku TEXT PRIMARY KEY, available INTEGER NOT NULL,"
    " held INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE holds (id TEXT PRIMARY KEY, deadline INTEGER NOT NULL,"
    " keep_until INTEGER NOT NULL, lines BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE ended (id TEXT PRIMARY KEY, released INTEGER NOT NULL,"
    " deadline INTEGER NOT NULL, keep_until INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE INDEX ended_by_keep_until ON ended (keep_until);"
    "CREATE TABLE applied (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE items (space INTEGER NOT NULL, key TEXT NOT NULL, owner TEXT,"
    " version INTEGER NOT NULL, expires_at INTEGER NOT NULL, doc BLOB NOT NULL,"
    " UNIQUE (space, key)) STRICT;"
    "CREATE INDEX items_by_owner ON items (space, owner, key) WHERE owner IS NOT NULL;"
    "CREATE INDEX items_by_expiry ON items (expires_at)"
    " WHERE expires_at < 9223372036854775807;"
    "CREATE TABLE events (position INTEGER PRIMARY KEY AUTOINCREMENT, doc BLOB NOT NULL) STRICT;";

const char *const live_statements[LIVE_STATEMENTS] = {
    [STATEMENT_STATE_GET] = "SELECT identity, epoch, sequence, events_lost FROM state",
    [STATEMENT_STATE_PUT] = "UPDATE state SET epoch = ?1, sequence = ?2",
    [STATEMENT_EVENTS_LOST] = "UPDATE state SET events_lost = events_lost + ?1",

    [STATEMENT_COUNTER_GET] = "SELECT available, held FROM counters WHERE sku = ?1",
    [STATEMENT_COUNTER_MOVE] = "UPDATE counters SET available = available + ?2,"
                               " held = held + ?3 WHERE sku = ?1",
    [STATEMENT_COUNTER_PUT] = "INSERT INTO counters (sku, available, held) VALUES (?1, ?2, 0)"
                              " ON CONFLICT (sku) DO UPDATE SET available = excluded.available",
    [STATEMENT_COUNTER_NEW] = "INSERT INTO counters (sku, available, held) VALUES (?1, ?2, 0)"
                              " ON CONFLICT (sku) DO NOTHING",
    [STATEMENT_COUNTER_CLEAR] = "DELETE FROM counters",
    [STATEMENT_COUNTER_SCAN] = "SELECT sku, available, held FROM counters WHERE sku > ?1"
                               " ORDER BY sku LIMIT ?2",

    [STATEMENT_HOLD_GET] = "SELECT deadline, keep_until, lines FROM holds WHERE id = ?1",
    [STATEMENT_HOLD_PUT] = "INSERT INTO holds (id, deadline, keep_until, lines)"
                           " VALUES (?1, ?2, ?3, ?4)",
    [STATEMENT_HOLD_DELETE] = "DELETE FROM holds WHERE id = ?1",
    [STATEMENT_HOLD_CLEAR] = "DELETE FROM holds",
    [STATEMENT_HOLD_SCAN] = "SELECT id, deadline, lines FROM holds WHERE id > ?2"
                            " AND (deadline < ?1 OR ?1 = 9223372036854775807)"
                            " ORDER BY id LIMIT ?3",

    [STATEMENT_ENDED_GET] = "SELECT released FROM ended WHERE id = ?1",
    [STATEMENT_ENDED_PUT] = "INSERT INTO ended (id, released, deadline, keep_until)"
                            " VALUES (?1, ?2, ?3, ?4)",
    [STATEMENT_ENDED_CLEAR] = "DELETE FROM ended",
    [STATEMENT_ENDED_EXPIRE] = "DELETE FROM ended WHERE keep_until < ?1 AND deadline < ?2",

    [STATEMENT_APPLIED_PUT] = "INSERT INTO applied (id) VALUES (?1) ON CONFLICT (id) DO NOTHING",
    [STATEMENT_APPLIED_CLEAR] = "DELETE FROM applied",
    [STATEMENT_APPLIED_SCAN] = "SELECT id FROM applied WHERE id > ?1 ORDER BY id LIMIT ?2",

    [STATEMENT_VALUE_GET] = "SELECT version, expires_at, key, owner, doc FROM items"
                            " WHERE space = ?1 AND key = ?2 AND expires_at > ?3",
    [STATEMENT_VALUE_PUT] = "INSERT INTO items (space, key, owner, version, expires_at, doc)"
                            " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (space, key) DO UPDATE"
                            " SET owner = excluded.owner, version = excluded.version,"
                            " expires_at = excluded.expires_at, doc = excluded.doc",
    [STATEMENT_VALUE_DELETE] = "DELETE FROM items WHERE space = ?1 AND key = ?2",
    [STATEMENT_VALUE_LIST] = "SELECT version, expires_at, key, owner, doc FROM items"
                             " WHERE space = ?1 AND owner = ?2 AND expires_at > ?3"
                             " ORDER BY key LIMIT ?4",
    [STATEMENT_OWNER_COUNT] = "SELECT count(*) FROM items"
                              " WHERE space = ?1 AND owner = ?2 AND expires_at > ?3",
    [STATEMENT_OWNER_DELETE] = "DELETE FROM items WHERE space = ?1 AND owner = ?2",
    [STATEMENT_VALUE_EXPIRE] = "DELETE FROM items WHERE expires_at <= ?1"
                               " AND expires_at < 9223372036854775807",

    [STATEMENT_EVENT_PUT] = "INSERT INTO events (doc) VALUES (?1)",
    [STATEMENT_EVENT_SCAN] = "SELECT position, doc FROM events ORDER BY position LIMIT ?1",
    [STATEMENT_EVENT_DELETE] = "DELETE FROM events WHERE position <= ?1",
};

/* Two files never have the same identity, also when one was made in place of the other. */
static bool make_state(struct sqlite_connection *writer, void *context, ecommerce_error *err)
{
    struct id identity;
    id_new(context, &identity);
    struct sqlite_statement *insert = sqlite_prepared_text(
        writer,
        "INSERT INTO state (only, identity, epoch, sequence, events_lost) VALUES (1, ?1, 0, 0, 0)",
        err);
    if (!insert)
        return false;
    sqlite_bind_str(insert, 1, str_of(identity.text));
    return sqlite_run(insert, NULL, err);
}

const struct sqlite_migration live_migrations[LIVE_SCHEMA_VERSION] = {
    {.sql = tables, .run = make_state},
};
