/* bare_orders.c - the bare loop of orders: one writer a store, everything in memory beforehand. */
#include "bench/bare_orders.h"

#include "bench/bare_file.h"
#include "bench/bench_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE = 64 * 1024, CHECKPOINT = 4000, LIVE_CHECKPOINT = 16000, MAX_LINES = 16 };
enum { ALL_MARKS = 7 };

enum part { PART_ACCEPT = 1 << 0, PART_FINISH = 1 << 1 };

/* What an order takes from the counters. */
struct taken {
    struct str order_id;
    struct str skus[MAX_LINES];
    int64_t quantities[MAX_LINES];
    size_t count;
    struct doc hold; /* {sku: quantity} */
};

struct replay {
    const struct bench_shop *shop;
    const struct bench_commits *commits;
    unsigned parts;
    size_t orders;
    struct bare_file file; /* the store that is written now */
    struct bare_rows order_rows, state_rows;
    struct bare_rows entry_rows, sales_rows, stock_rows;
    size_t stock_at;
    struct bare_rows graph_rows;
    struct taken *taken;
    struct arena arena;
};

/* ---- loading ---- */

struct source {
    const char *file, *newest, *rows; /* what the seed has up to, and what came since */
    size_t into;                      /* offset in struct replay */
};

static const struct source sources[] = {
    {"documents.db", "SELECT max(row) FROM orders", "SELECT * FROM orders WHERE row > ?1",
     offsetof(struct replay, order_rows)},
    {"documents.db", "SELECT max(row) FROM order_states",
     "SELECT * FROM order_states WHERE row > ?1", offsetof(struct replay, state_rows)},
    {"timeseries.db", "SELECT max(entry) FROM entries_a",
     "SELECT * FROM entries_a WHERE entry > ?1 ORDER BY entry",
     offsetof(struct replay, entry_rows)},
    {"timeseries.db", "SELECT max(entry) FROM entries_a",
     "SELECT * FROM sales_a WHERE entry > ?1 ORDER BY entry", offsetof(struct replay, sales_rows)},
    {"timeseries.db", "SELECT max(entry) FROM entries_a",
     "SELECT * FROM stock_a WHERE entry > ?1 ORDER BY entry", offsetof(struct replay, stock_rows)},
    {"graph.db", "SELECT max(number) FROM orders_a",
     "SELECT * FROM orders_a WHERE number > ?1 ORDER BY number",
     offsetof(struct replay, graph_rows)},
};

static const struct bare_settings ordinary = {
    .full = true, .cache = CACHE, .checkpoint_pages = CHECKPOINT};
static const struct bare_settings live_settings = {
    .full = false, .cache = CACHE, .checkpoint_pages = LIVE_CHECKPOINT};

static bool load(struct replay *replay, const struct source *source, ecommerce_error *err)
{
    char path[8192];
    struct bare_file file = {0};
    struct bare_rows *rows = (struct bare_rows *)((char *)replay + source->into);
    int64_t newest = 0;
    bench_shop_path(replay->shop, "seed", source->file, path, sizeof(path));
    bool ok =
        bare_open(&file, path, &ordinary, err) && bare_max(&file, source->newest, &newest, err);
    bare_close(&file);
    bench_shop_path(replay->shop, "engine", source->file, path, sizeof(path));
    ok = ok && bare_open(&file, path, &ordinary, err) &&
         bare_load(&file, source->rows, newest, rows, err);
    bare_close(&file);
    return ok;
}

static bool read_line(struct replay *replay, struct taken *taken, struct doc line)
{
    struct str sku = doc_text(line, "sku");
    if (!doc_bool(line, "tracked", true) || taken->count == MAX_LINES)
        return true;
    const char *copy = arena_str(&replay->arena, sku);
    taken->skus[taken->count] = str_make(copy, sku.len);
    taken->quantities[taken->count++] = doc_int(line, "quantity", 0);
    return copy != NULL;
}

static bool read_order(struct replay *replay, struct doc order, struct taken *taken)
{
    struct str id = doc_text(order, "order_id");
    const char *copy = arena_str(&replay->arena, id);
    taken->order_id = str_make(copy, id.len);
    bool ok = copy != NULL;
    struct doc_iter line;
    for (doc_iter_init(&line, doc_child(order, "items")); ok && doc_iter_next(&line);)
        ok = read_line(replay, taken, line.value.child);
    struct doc_builder builder;
    doc_builder_init(&builder);
    for (size_t i = 0; ok && i < taken->count; i++)
        doc_add_int(&builder, taken->skus[i].ptr, taken->quantities[i]);
    struct doc hold = doc_finish(&builder);
    ok = ok && doc_builder_ok(&builder) && doc_copy(&replay->arena, hold, &taken->hold);
    doc_builder_release(&builder);
    return ok;
}

/* The document is the last column. */
static bool read_orders(struct replay *replay, ecommerce_error *err)
{
    const struct bare_rows *rows = &replay->order_rows;
    replay->taken = calloc(rows->count + 1, sizeof(*replay->taken));
    bool ok = replay->taken != NULL;
    for (size_t i = 0; ok && i < rows->count; i++) {
        sqlite3_value *value = bare_value(rows, i, rows->column_count - 1);
        struct doc order = {.bytes = sqlite3_value_blob(value),
                            .size = (uint32_t)sqlite3_value_bytes(value)};
        ok = read_order(replay, order, &replay->taken[i]);
    }
    return ok || error_memory(err);
}

static bool load_all(struct replay *replay, ecommerce_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < ARRAY_LENGTH(sources); i++)
        ok = load(replay, &sources[i], err);
    ok = ok && read_orders(replay, err);
    replay->orders = replay->order_rows.count;
    if (ok &&
        (replay->orders == 0 || replay->state_rows.count != replay->orders ||
         replay->entry_rows.count != replay->orders || replay->sales_rows.count != replay->orders ||
         replay->graph_rows.count != replay->orders))
        return error_set(err, ECOMMERCE_INTERNAL,
                         "of %zu orders %zu are in the lists, %zu in the sales, %zu in the graph",
                         replay->orders, replay->state_rows.count, replay->entry_rows.count,
                         replay->graph_rows.count);
    return ok;
}

/* ---- documents ---- */

enum { ORDER, MARK, STATE, UNMARK };

static bool documents_begin(struct replay *replay, ecommerce_error *err)
{
    struct bare_file *file = &replay->file;
    return bare_prepare_insert(file, ORDER, "orders", &replay->order_rows, err) &&
           bare_prepare_insert(file, STATE, "order_states", &replay->state_rows, err) &&
           bare_prepare(file, MARK, "INSERT INTO orders_marks (row, marks) VALUES (?1, ?2)", err) &&
           bare_prepare(file, UNMARK, "DELETE FROM orders_marks WHERE row = ?1", err);
}

static bool documents_order(struct replay *replay, size_t i, enum part part, ecommerce_error *err)
{
    struct bare_file *file = &replay->file;
    sqlite3_stmt *mark = file->statements[part == PART_ACCEPT ? MARK : UNMARK];
    sqlite3_bind_value(mark, 1, bare_value(&replay->order_rows, i, 0));
    if (part == PART_FINISH)
        return bare_write_row(file, STATE, &replay->state_rows, i, err) &&
               bare_step(file, mark, err);
    sqlite3_bind_int(mark, 2, ALL_MARKS);
    return bare_write_row(file, ORDER, &replay->order_rows, i, err) && bare_step(file, mark, err);
}

/* ---- live ---- */

enum { MOVE, HOLD, UNHOLD, ENDED };

static bool live_begin(struct replay *replay, ecommerce_error *err)
{
    struct bare_file *file = &replay->file;
    return bare_prepare(file, MOVE,
                        "UPDATE counters SET available = available + ?2, held = held + ?3"
                        " WHERE sku = ?1",
                        err) &&
           bare_prepare(file, HOLD,
                        "INSERT INTO holds (id, deadline, keep_until, lines)"
                        " VALUES (?1, ?2, ?3, ?4)",
                        err) &&
           bare_prepare(file, UNHOLD, "DELETE FROM holds WHERE id = ?1", err) &&
           bare_prepare(file, ENDED,
                        "INSERT INTO ended (id, released, deadline, keep_until)"
                        " VALUES (?1, 0, ?2, ?3)",
                        err);
}

static bool move(struct replay *replay, const struct taken *taken, enum part part,
                 ecommerce_error *err)
{
    sqlite3_stmt *statement = replay->file.statements[MOVE];
    bool ok = true;
    for (size_t i = 0; ok && i < taken->count; i++) {
        int64_t quantity = taken->quantities[i];
        sqlite3_bind_text(statement, 1, taken->skus[i].ptr, (int)taken->skus[i].len, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, part == PART_ACCEPT ? -quantity : 0);
        sqlite3_bind_int64(statement, 3, part == PART_ACCEPT ? quantity : -quantity);
        ok = bare_step(&replay->file, statement, err);
    }
    return ok;
}

static void bind_hold(sqlite3_stmt *statement, const struct taken *taken, int first_time)
{
    static const int64_t some_time = INT64_C(1700000000000000);
    sqlite3_bind_text(statement, 1, taken->order_id.ptr, (int)taken->order_id.len, SQLITE_STATIC);
    if (first_time > 0) {
        sqlite3_bind_int64(statement, first_time, some_time);
        sqlite3_bind_int64(statement, first_time + 1, some_time);
    }
}

static bool live_order(struct replay *replay, size_t i, enum part part, ecommerce_error *err)
{
    const struct taken *taken = &replay->taken[i];
    struct bare_file *file = &replay->file;
    if (!move(replay, taken, part, err))
        return false;
    if (part == PART_ACCEPT) {
        bind_hold(file->statements[HOLD], taken, 2);
        sqlite3_bind_blob(file->statements[HOLD], 4, taken->hold.bytes, (int)taken->hold.size,
                          SQLITE_STATIC);
        return bare_step(file, file->statements[HOLD], err);
    }
    bind_hold(file->statements[UNHOLD], taken, 0);
    bind_hold(file->statements[ENDED], taken, 2);
    return bare_step(file, file->statements[UNHOLD], err) &&
           bare_step(file, file->statements[ENDED], err);
}

/* ---- time series ---- */

enum { ENTRY, SALES, STOCK, DIGEST };
enum { STOCK_ENTRY = 2, SALES_TIME = 0, SALES_QUANTITY = 5, SALES_AMOUNT = 6 };

static bool timeseries_begin(struct replay *replay, ecommerce_error *err)
{
    struct bare_file *file = &replay->file;
    replay->stock_at = 0;
    return bare_prepare_insert(file, ENTRY, "entries_a", &replay->entry_rows, err) &&
           bare_prepare_insert(file, SALES, "sales_a", &replay->sales_rows, err) &&
           bare_prepare_insert(file, STOCK, "stock_a", &replay->stock_rows, err) &&
           bare_prepare(file, DIGEST,
                        "INSERT INTO digests_a VALUES (?1 / 86400000000, 1, ?2, ?3, 1)"
                        " ON CONFLICT (day) DO UPDATE SET count = count + 1,"
                        " quantity = quantity + excluded.quantity,"
                        " amount = amount + excluded.amount, hash = hash + 1",
                        err);
}

static bool digest(struct replay *replay, size_t i, ecommerce_error *err)
{
    sqlite3_stmt *statement = replay->file.statements[DIGEST];
    const struct bare_rows *sales = &replay->sales_rows;
    sqlite3_bind_value(statement, 1, bare_value(sales, i, SALES_TIME));
    sqlite3_bind_value(statement, 2, bare_value(sales, i, SALES_QUANTITY));
    sqlite3_bind_value(statement, 3, bare_value(sales, i, SALES_AMOUNT));
    return bare_step(&replay->file, statement, err);
}

static bool timeseries_order(struct replay *replay, size_t i, enum part part, ecommerce_error *err)
{
    struct bare_file *file = &replay->file;
    const struct bare_rows *stock = &replay->stock_rows;
    if (part == PART_ACCEPT)
        return true;
    sqlite3_int64 entry = sqlite3_value_int64(bare_value(&replay->entry_rows, i, 0));
    bool ok = bare_write_row(file, ENTRY, &replay->entry_rows, i, err) &&
              bare_write_row(file, SALES, &replay->sales_rows, i, err);
    while (ok && replay->stock_at < stock->count &&
           sqlite3_value_int64(bare_value(stock, replay->stock_at, STOCK_ENTRY)) == entry)
        ok = bare_write_row(file, STOCK, stock, replay->stock_at++, err);
    return ok && digest(replay, i, err);
}

/* ---- graph ---- */

static bool graph_begin(struct replay *replay, ecommerce_error *err)
{
    return bare_prepare_insert(&replay->file, ORDER, "orders_a", &replay->graph_rows, err);
}

static bool graph_order(struct replay *replay, size_t i, enum part part, ecommerce_error *err)
{
    return part == PART_ACCEPT || bare_write_row(&replay->file, ORDER, &replay->graph_rows, i, err);
}

/* ---- one store after the other ---- */

struct store {
    enum manager_role role;
    const char *file;
    const struct bare_settings *settings;
    unsigned parts; /* in which it has something to do */
    bool (*begin)(struct replay *replay, ecommerce_error *err);
    bool (*order)(struct replay *replay, size_t i, enum part part, ecommerce_error *err);
};

static const struct store stores[] = {
    {ROLE_LIVE, "live.db", &live_settings, PART_ACCEPT | PART_FINISH, live_begin, live_order},
    {ROLE_DOCUMENTS, "documents.db", &ordinary, PART_ACCEPT | PART_FINISH, documents_begin,
     documents_order},
    {ROLE_TIMESERIES, "timeseries.db", &ordinary, PART_FINISH, timeseries_begin, timeseries_order},
    {ROLE_GRAPH, "graph.db", &ordinary, PART_FINISH, graph_begin, graph_order},
};

struct range {
    size_t from, to;
};

/* One transaction: the first part of some orders, the second of those before them. */
static bool write_some(struct replay *replay, const struct store *store, struct range accepted,
                       struct range finished, ecommerce_error *err)
{
    bool accepts = (replay->parts & PART_ACCEPT) != 0,
         finishes = (replay->parts & PART_FINISH) != 0;
    bool ok = bare_step(&replay->file, replay->file.begin, err);
    for (size_t i = accepted.from; ok && accepts && i < accepted.to; i++)
        ok = store->order(replay, i, PART_ACCEPT, err);
    for (size_t i = finished.from; ok && finishes && i < finished.to; i++)
        ok = store->order(replay, i, PART_FINISH, err);
    return ok && bare_step(&replay->file, replay->file.commit, err);
}

static bool write_orders(struct replay *replay, const struct store *store, ecommerce_error *err)
{
    size_t commits = (size_t)replay->commits->commits[store->role];
    commits = commits == 0 ? 1 : commits > replay->orders ? replay->orders : commits;
    struct range before = {0, 0};
    bool ok = true;
    for (size_t i = 0; ok && i < commits; i++) {
        struct range now = {before.to, replay->orders * (i + 1) / commits};
        ok = write_some(replay, store, now, before, err);
        before = now;
    }
    return ok && write_some(replay, store, (struct range){0, 0}, before, err);
}

static bool write_store(struct replay *replay, const struct store *store, double *seconds,
                        ecommerce_error *err)
{
    char path[8192];
    bench_shop_path(replay->shop, "bare", store->file, path, sizeof(path));
    bool ok = bare_open(&replay->file, path, store->settings, err) && store->begin(replay, err);
    double began = bench_now();
    ok = ok && write_orders(replay, store, err);
    *seconds += bench_now() - began;
    bare_close(&replay->file);
    return ok;
}

static bool write_stores(struct replay *replay, unsigned parts, double *seconds,
                         ecommerce_error *err)
{
    bool ok = bench_shop_copy(replay->shop, "bare", err);
    replay->parts = parts;
    for (size_t i = 0; ok && i < ARRAY_LENGTH(stores); i++)
        ok = (stores[i].parts & parts) == 0 || write_store(replay, &stores[i], seconds, err);
    return ok;
}

bool bare_orders_run(const struct bench_shop *shop, const struct bench_commits *commits,
                     struct bare_orders_time *time, ecommerce_error *err)
{
    struct replay replay = {.shop = shop, .commits = commits};
    *time = (struct bare_orders_time){0};
    bool ok = load_all(&replay, err) && write_stores(&replay, PART_ACCEPT, &time->accept, err) &&
              write_stores(&replay, PART_ACCEPT | PART_FINISH, &time->all, err);
    time->orders = replay.orders;
    for (size_t i = 0; i < ARRAY_LENGTH(sources); i++)
        bare_rows_release((struct bare_rows *)((char *)&replay + sources[i].into));
    free(replay.taken);
    arena_release(&replay.arena);
    return ok;
}
