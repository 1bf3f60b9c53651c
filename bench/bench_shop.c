/* bench_shop.c - the shop that is measured, and copies of it. */
#include "bench/bench_shop.h"

#include "support/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PRODUCTS = 300,
    CUSTOMERS = 500,
    PAST_ORDERS = 1000,
    PAST_DAYS = 60,
    PAGE = 100,
    PLENTY = 1000000000,
};

static const char seed[] = "seed";

void bench_shop_path(const struct bench_shop *shop, const char *name, const char *file, char *path,
                     size_t size)
{
    snprintf(path, size, "%s/%s%s%s", shop->folder, name, file ? "/" : "", file ? file : "");
}

/* The relay's queue takes all that a round can hand over: what it has not room for waits for a
 * scan, and the time until all is delivered would be the scan's. */
ecommerce_system *bench_shop_open(const struct bench_shop *shop, const char *name,
                                  ecommerce_error *err)
{
    char folder[8192];
    static const char *const overrides[] = {"relay.queue=1000000", "log.level=error"};
    bench_shop_path(shop, name, NULL, folder, sizeof(folder));
    ecommerce_open_options options = {
        .folder = folder, .overrides = overrides, .override_count = ARRAY_LENGTH(overrides)};
    return ecommerce_open_with(&options, err);
}

void bench_shop_commits(ecommerce_system *system, struct bench_commits *commits)
{
    struct base_manager *managers[BENCH_STORES] = {
        [ROLE_DOCUMENTS] = &system->shop.documents->base,
        [ROLE_LIVE] = &system->shop.live->base,
        [ROLE_TIMESERIES] = &system->shop.timeseries->base,
        [ROLE_GRAPH] = &system->shop.graph->base,
    };
    struct doc_builder builder;
    doc_builder_init(&builder);
    for (size_t i = 0; i < BENCH_STORES; i++) {
        doc_builder_clear(&builder);
        managers[i]->ops->describe(managers[i], &builder);
        commits->commits[i] = doc_int(doc_finish(&builder), "commits", 0);
    }
    doc_builder_release(&builder);
}

/* ---- folders ---- */

static bool failed(const char *path, const char *what, ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "folder", "%s: %s: %s", path, what,
                       strerror(errno));
}

static bool make_folder(struct bench_shop *shop, const char *parent, ecommerce_error *err)
{
    const char *temporary = getenv("TMPDIR");
    parent = parent ? parent : temporary && *temporary ? temporary : "/var/tmp";
    int length = snprintf(shop->folder, sizeof(shop->folder), "%s/ecommerce-bench-XXXXXX", parent);
    if (length < 0 || (size_t)length >= sizeof(shop->folder)) {
        shop->folder[0] = '\0';
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "folder", "the folder is too long");
    }
    if (mkdtemp(shop->folder))
        return true;
    shop->folder[0] = '\0';
    return failed(parent, "no folder can be made here", err);
}

/* Calls for each file of a folder. */
static bool each_file(const char *folder,
                      bool (*use)(const char *, const char *, ecommerce_error *),
                      const char *context, ecommerce_error *err)
{
    DIR *directory = opendir(folder);
    bool ok = directory != NULL;
    if (!directory)
        return errno == ENOENT || failed(folder, "cannot be read", err);
    for (struct dirent *entry; ok && (entry = readdir(directory)) != NULL;) {
        char path[8192];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        struct stat status;
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
            ok = use(path, context, err);
    }
    closedir(directory);
    return ok;
}

static bool remove_file(const char *path, const char *context, ecommerce_error *err)
{
    UNUSED(context);
    return unlink(path) == 0 || failed(path, "cannot be removed", err);
}

static void remove_copy(const struct bench_shop *shop, const char *name)
{
    char folder[8192];
    ecommerce_error ignored;
    bench_shop_path(shop, name, NULL, folder, sizeof(folder));
    if (each_file(folder, remove_file, NULL, &ignored))
        rmdir(folder);
}

static bool copy_bytes(int from, int to)
{
    static const size_t piece = 1 << 20;
    char *bytes = malloc(piece);
    ssize_t size = bytes ? 1 : -1;
    while (size > 0) {
        size = read(from, bytes, piece);
        if (size > 0 && write(to, bytes, (size_t)size) != size)
            size = -1;
    }
    free(bytes);
    return size == 0;
}

/* Synced: what the copy has left for the kernel to write would be written within a measurement. */
static bool copy_file(const char *path, const char *folder, ecommerce_error *err)
{
    char copy[16384];
    snprintf(copy, sizeof(copy), "%s/%s", folder, strrchr(path, '/') + 1);
    int from = open(path, O_RDONLY | O_CLOEXEC);
    int to = open(copy, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = from >= 0 && to >= 0 && copy_bytes(from, to) && fsync(to) == 0;
    if (!ok)
        failed(copy, "cannot be written", err);
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return ok;
}

bool bench_shop_copy(const struct bench_shop *shop, const char *name, ecommerce_error *err)
{
    char from[8192], to[8192];
    remove_copy(shop, name);
    bench_shop_path(shop, seed, NULL, from, sizeof(from));
    bench_shop_path(shop, name, NULL, to, sizeof(to));
    if (mkdir(to, 0700) != 0)
        return failed(to, "cannot be made", err);
    return each_file(from, copy_file, to, err);
}

void bench_shop_remove(struct bench_shop *shop)
{
    static const char *const names[] = {seed, "engine", "bare"};
    if (shop->folder[0]) {
        for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
            remove_copy(shop, names[i]);
        rmdir(shop->folder);
    }
    arena_release(&shop->arena);
}

/* ---- what is in it ---- */

static bool add_id(struct bench_shop *shop, const char **ids, size_t *count, size_t most,
                   const char *id, ecommerce_error *err)
{
    if (!id || *count == most)
        return true;
    ids[*count] = arena_str(&shop->arena, str_of(id));
    return ids[*count] ? (*count)++, true : error_memory(err);
}

/* A product with variants is sold by them. */
static bool add_product(struct bench_shop *shop, ecommerce_document *page, size_t index,
                        ecommerce_error *err)
{
    char path[64];
    snprintf(path, sizeof(path), "products.%zu.product_id", index);
    const char *id = ecommerce_document_text(page, path);
    snprintf(path, sizeof(path), "products.%zu.variants", index);
    size_t variants = ecommerce_document_count(page, path);
    if (!add_id(shop, shop->products, &shop->product_count, PRODUCTS, id, err))
        return false;
    if (variants == 0)
        return add_id(shop, shop->items, &shop->item_count, PRODUCTS, id, err);
    snprintf(path, sizeof(path), "products.%zu.variants.0.variant_id", index);
    return add_id(shop, shop->items, &shop->item_count, PRODUCTS,
                  ecommerce_document_text(page, path), err);
}

static bool list_products(struct bench_shop *shop, ecommerce_system *system, ecommerce_error *err)
{
    ecommerce_search search = {.limit = PAGE};
    char cursor[1024] = "";
    for (bool more = true; more;) {
        ecommerce_document *page;
        search.cursor = cursor[0] ? cursor : NULL;
        if (!ecommerce_search_products(system, &search, &page, err))
            return false;
        size_t count = ecommerce_document_count(page, "products");
        bool ok = true;
        for (size_t i = 0; ok && i < count; i++)
            ok = add_product(shop, page, i, err);
        const char *next = ecommerce_document_text(page, "cursor");
        more = next != NULL && count > 0;
        snprintf(cursor, sizeof(cursor), "%s", next ? next : "");
        ecommerce_document_free(&page);
        if (!ok)
            return false;
    }
    return shop->item_count > 8 ||
           error_set(err, ECOMMERCE_INTERNAL, "the demonstration has too few products");
}

static bool list_customers(struct bench_shop *shop, ecommerce_system *system, ecommerce_error *err)
{
    struct doc_builder out;
    struct call call;
    system_call_begin(system, &call, &out, true);
    struct documents_query query = {.limit = CUSTOMERS};
    struct documents_request request =
        call_documents(&call, DOCUMENTS_QUERY, COLLECTION_CUSTOMERS, STR_NONE);
    request.query = &query;
    bool ok = documents_run(system->shop.documents, &request, err);
    for (size_t i = 0; ok && i < request.count; i++) {
        const char *id = arena_str(&call.arena, request.documents[i].id);
        ok = id ? add_id(shop, shop->customers, &shop->customer_count, CUSTOMERS, id, err)
                : error_memory(err);
    }
    system_call_end(&call);
    return ok;
}

/* Services have no stock to receive. */
static bool fill_stock(struct bench_shop *shop, ecommerce_system *system, ecommerce_error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < shop->item_count; i++) {
        ecommerce_stock_movement movement = {.item_id = shop->items[i], .quantity = PLENTY};
        ecommerce_document *answer;
        ok = ecommerce_stock_receive(system, &movement, &answer, err);
        if (!ok && err->code == ECOMMERCE_INVALID_ARGUMENT) {
            shop->items[i] = shop->items[--shop->item_count];
            i--;
            ok = true;
            continue;
        }
        ecommerce_document_free(&answer);
    }
    return ok;
}

static bool fill(struct bench_shop *shop, ecommerce_error *err)
{
    ecommerce_demo_options options = {.seed = 1,
                                      .products = PRODUCTS,
                                      .customers = CUSTOMERS,
                                      .orders = PAST_ORDERS,
                                      .carts = 1,
                                      .days = PAST_DAYS};
    ecommerce_system *system = bench_shop_open(shop, seed, err);
    bool ok = system != NULL && ecommerce_demo(system, &options, NULL, err) &&
              list_products(shop, system, err) && list_customers(shop, system, err) &&
              fill_stock(shop, system, err) && ecommerce_flush(system, err);
    ecommerce_close(&system);
    return ok;
}

bool bench_shop_make(struct bench_shop *shop, const struct bench_options *options,
                     ecommerce_error *err)
{
    *shop = (struct bench_shop){0};
    shop->products = arena_array(&shop->arena, PRODUCTS, sizeof(*shop->products));
    shop->items = arena_array(&shop->arena, PRODUCTS, sizeof(*shop->items));
    shop->customers = arena_array(&shop->arena, CUSTOMERS, sizeof(*shop->customers));
    bool ok = (shop->products && shop->items && shop->customers) || error_memory(err);
    if (ok && make_folder(shop, options->folder, err) && fill(shop, err))
        return true;
    bench_shop_remove(shop);
    *shop = (struct bench_shop){0};
    return false;
}
