/* bare_simple.c - reads and carts without an engine. */
#include "bench/bare_simple.h"

#include "bench/bare_file.h"

#include <stdlib.h>
#include <string.h>

enum {
    READER_CACHE = 8 * 1024,
    WRITER_CACHE = 64 * 1024,
    CHECKPOINT = 4000,
    CARTS_CHECKPOINT = 16000
};

/* ---- reads ---- */

enum { PRODUCT, COUNTER };

struct reader {
    struct bare_file documents, live;
};

struct reads {
    const struct bench_shop *shop;
    struct reader *readers; /* by caller */
};

static void reader_close(struct reader *reader)
{
    bare_close(&reader->documents);
    bare_close(&reader->live);
}

static bool reader_open(struct reader *reader, const struct bench_shop *shop, ecommerce_error *err)
{
    static const struct bare_settings settings = {
        .full = true, .cache = READER_CACHE, .checkpoint_pages = CHECKPOINT};
    char documents[8192], live[8192];
    bench_shop_path(shop, "bare", "documents.db", documents, sizeof(documents));
    bench_shop_path(shop, "bare", "live.db", live, sizeof(live));
    return bare_open(&reader->documents, documents, &settings, err) &&
           bare_open(&reader->live, live, &settings, err) &&
           bare_prepare(&reader->documents, PRODUCT, "SELECT doc FROM products WHERE id = ?1",
                        err) &&
           bare_prepare(&reader->live, COUNTER,
                        "SELECT available, held FROM counters WHERE sku = ?1", err);
}

static bool read_counter(struct reader *reader, struct str sku, ecommerce_error *err)
{
    sqlite3_stmt *statement = reader->live.statements[COUNTER];
    sqlite3_bind_text(statement, 1, sku.ptr, (int)sku.len, SQLITE_STATIC);
    int code = sqlite3_step(statement);
    sqlite3_reset(statement);
    return code == SQLITE_ROW || code == SQLITE_DONE || bare_failed(&reader->live, err);
}

static bool read_product(struct reader *reader, const char *id, ecommerce_error *err)
{
    sqlite3_stmt *statement = reader->documents.statements[PRODUCT];
    sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
    bool ok = sqlite3_step(statement) == SQLITE_ROW || bare_failed(&reader->documents, err);
    if (ok) {
        struct doc product = {.bytes = sqlite3_column_blob(statement, 0),
                              .size = (uint32_t)sqlite3_column_bytes(statement, 0)};
        struct doc_iter sku;
        for (doc_iter_init(&sku, doc_child(product, "skus")); ok && doc_iter_next(&sku);)
            ok = read_counter(reader, sku.value.text, err);
    }
    sqlite3_reset(statement);
    return ok;
}

static bool read_one(void *context, struct bench_caller *caller, ecommerce_error *err)
{
    struct reads *reads = context;
    const struct bench_shop *shop = reads->shop;
    return read_product(&reads->readers[caller->number],
                        shop->products[bench_pick(caller, shop->product_count)], err);
}

bool bare_reads_run(const struct bench_options *options, const struct bench_shop *shop,
                    size_t callers, double *per_second, ecommerce_error *err)
{
    struct reads reads = {.shop = shop, .readers = calloc(callers, sizeof(*reads.readers))};
    struct bench_load load = {.step = read_one,
                              .context = &reads,
                              .callers = callers,
                              .weight = 1,
                              .warm_up = options->seconds / 4,
                              .seconds = options->seconds};
    struct bench_figures figures = {0};
    bool ok = reads.readers ? bench_shop_copy(shop, "bare", err) : error_memory(err);
    for (size_t i = 0; ok && i < callers; i++)
        ok = reader_open(&reads.readers[i], shop, err);
    ok = ok && bench_load_run(&load, &figures, err);
    for (size_t i = 0; reads.readers && i < callers; i++)
        reader_close(&reads.readers[i]);
    free(reads.readers);
    *per_second = figures.per_second;
    return ok;
}

bool bare_reads_cold(const struct bench_shop *shop, double *per_second, ecommerce_error *err)
{
    struct reader reader = {0};
    bool ok = bench_shop_copy(shop, "bare", err) && reader_open(&reader, shop, err);
    double began = bench_now();
    for (size_t i = 0; ok && i < shop->product_count; i++)
        ok = read_product(&reader, shop->products[i], err);
    *per_second = (double)shop->product_count / (bench_now() - began);
    reader_close(&reader);
    return ok;
}

/* ---- carts ---- */

enum { CART, PUT_CART };

static bool load_carts(const struct bench_shop *shop, struct bare_rows *carts, ecommerce_error *err)
{
    static const struct bare_settings settings = {.cache = WRITER_CACHE,
                                                  .checkpoint_pages = CARTS_CHECKPOINT};
    struct bare_file file = {0};
    char path[8192];
    bench_shop_path(shop, "engine", "live.db", path, sizeof(path));
    bool ok = bare_open(&file, path, &settings, err) &&
              bare_load(&file,
                        "SELECT space, key, owner, version, expires_at, doc FROM items"
                        " WHERE key LIKE 'bench-%' AND ?1 = 0",
                        0, carts, err);
    bare_close(&file);
    if (ok && carts->count == 0)
        return error_set(err, ECOMMERCE_INTERNAL, "the carts that were changed are not there");
    return ok;
}

static bool open_carts(struct bare_file *file, const struct bench_shop *shop, ecommerce_error *err)
{
    static const struct bare_settings settings = {.cache = WRITER_CACHE,
                                                  .checkpoint_pages = CARTS_CHECKPOINT};
    char path[8192];
    bench_shop_path(shop, "bare", "live.db", path, sizeof(path));
    return bench_shop_copy(shop, "bare", err) && bare_open(file, path, &settings, err) &&
           bare_prepare(file, CART,
                        "SELECT version, expires_at, owner, doc FROM items"
                        " WHERE space = ?1 AND key = ?2",
                        err) &&
           bare_prepare(file, PUT_CART,
                        "INSERT INTO items (space, key, owner, version, expires_at, doc)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (space, key) DO UPDATE"
                        " SET owner = excluded.owner, version = excluded.version,"
                        " expires_at = excluded.expires_at, doc = excluded.doc",
                        err);
}

static bool change_cart(struct bare_file *file, const struct bare_rows *carts, size_t row,
                        ecommerce_error *err)
{
    sqlite3_stmt *read = file->statements[CART];
    sqlite3_bind_value(read, 1, bare_value(carts, row, 0));
    sqlite3_bind_value(read, 2, bare_value(carts, row, 1));
    int code = sqlite3_step(read);
    sqlite3_reset(read);
    return (code == SQLITE_ROW || code == SQLITE_DONE || bare_failed(file, err)) &&
           bare_write_row(file, PUT_CART, carts, row, err);
}

static bool change_carts(struct bare_file *file, const struct bare_rows *carts, size_t changes,
                         size_t commits, ecommerce_error *err)
{
    bool ok = true;
    for (size_t i = 0, change = 0; ok && i < commits; i++) {
        ok = bare_step(file, file->begin, err);
        for (; ok && change < changes * (i + 1) / commits; change++)
            ok = change_cart(file, carts, change % carts->count, err);
        ok = ok && bare_step(file, file->commit, err);
    }
    return ok;
}

bool bare_carts_run(const struct bench_shop *shop, size_t changes, int64_t commits,
                    double *per_second, ecommerce_error *err)
{
    struct bare_file file = {0};
    struct bare_rows carts = {0};
    size_t count = commits <= 0 ? 1 : (size_t)commits > changes ? changes : (size_t)commits;
    bool ok = load_carts(shop, &carts, err) && open_carts(&file, shop, err);
    double began = bench_now();
    ok = ok && change_carts(&file, &carts, changes, count, err);
    *per_second = (double)changes / (bench_now() - began);
    bare_close(&file);
    bare_rows_release(&carts);
    return ok;
}
