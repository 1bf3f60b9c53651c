/*
 * report_stock.c - what ran out, and what does not sell.
 *
 * Levels are those of the time series, which knows them at any instant; which product a sku belongs
 * to comes from the documents. Without these each sku stands for itself. Retired products are left
 * out; services have no stock.
 */
#include "services/analytics/analytics_parts.h"
#include "services/catalog/catalog_parts.h"
#include "support/strmap.h"

#include <stdlib.h>

enum { PRODUCTS_A_PAGE = 1000, HISTORIES_AT_ONCE = 64 };

/* A tracked product that is not retired; or a sku of which no more is known. */
struct stocked {
    struct str product_id;
    struct str name;
    int64_t stock; /* over its skus */
    int64_t units; /* sold in the range, less those that came back */
    int64_t last;  /* sold last in the range; 0: never */
};

struct stock_map {
    struct strmap by_sku, by_product; /* -> struct stocked */
    bool known; /* the documents answered: what is not in the map is not to be shown */
};

static void map_release(struct stock_map *map)
{
    strmap_release(&map->by_sku);
    strmap_release(&map->by_product);
}

static struct stocked *add_product(struct call *call, struct stock_map *map, struct str id,
                                   struct str name)
{
    struct stocked *product = arena_alloc(&call->arena, sizeof(*product));
    if (product == NULL || !strmap_put(&map->by_product, id, product)) {
        return NULL;
    }
    *product = (struct stocked){.product_id = id, .name = name};
    return product;
}

static bool map_product(struct call *call, struct stock_map *map,
                        const struct stored_document *stored)
{
    if (doc_bool(stored->doc, "retired", false) || product_sku_count(stored->doc) == 0) {
        return true;
    }
    struct stocked *product = add_product(call, map, stored->id, doc_text(stored->doc, "name"));
    if (product == NULL) {
        return false;
    }
    struct doc_iter it;
    for (doc_iter_init(&it, doc_child(stored->doc, "skus")); doc_iter_next(&it);) {
        if (!strmap_put(&map->by_sku, it.value.text, product)) {
            return false;
        }
    }
    return true;
}

static bool map_pages(struct report *report, struct stock_map *map, ecommerce_error *why)
{
    struct call *call = report->call;
    struct documents_query query = {.order = ORDER_BY_ID, .limit = PRODUCTS_A_PAGE};
    if (report->filter.category.ptr != NULL) {
        query.terms[query.term_count++] =
            (struct documents_term){"categories", report->filter.category};
    }
    if (report->filter.product_id.ptr != NULL) {
        query.terms[query.term_count++] =
            (struct documents_term){"item_ids", report->filter.product_id};
    }
    do {
        struct documents_request request =
            call_documents(call, DOCUMENTS_QUERY, COLLECTION_PRODUCTS, STR_NONE);
        request.query = &query;
        if (!documents_run(call->shop->documents, &request, why)) {
            return false;
        }
        for (size_t i = 0; i < request.count; i++) {
            if (!map_product(call, map, &request.documents[i])) {
                return error_memory(why);
            }
        }
        query.after = request.cursor;
    } while (query.after.ptr != NULL);
    return true;
}

/* A filter cannot be followed without the documents: then they are needed. */
static bool map_load(struct report *report, struct stock_map *map, ecommerce_error *err)
{
    ecommerce_error why = {0};
    *map = (struct stock_map){.known = true};
    if (map_pages(report, map, &why)) {
        return true;
    }
    map_release(map);
    *map = (struct stock_map){0};
    bool filtered = report->filter.category.ptr != NULL || report->filter.product_id.ptr != NULL;
    if (filtered && err != NULL) {
        *err = why;
    }
    return !filtered && analytics_miss(report->call, ROLE_DOCUMENTS, &why, err);
}

/* *product NULL: not to be shown. */
static bool map_find(struct call *call, struct stock_map *map, struct str sku,
                     struct stocked **product, ecommerce_error *err)
{
    *product = strmap_get(&map->by_sku, sku);
    if (*product != NULL || map->known) {
        return true;
    }
    *product = add_product(call, map, sku, STR_NONE);
    return (*product != NULL && strmap_put(&map->by_sku, sku, *product)) || error_memory(err);
}

static bool ask_levels(struct report *report, struct timeseries_request *levels,
                       ecommerce_error *err)
{
    *levels = call_timeseries(report->call, TIMESERIES_STOCK_AT);
    levels->to = report->to;
    return timeseries_run(report->call->shop->timeseries, levels, err);
}

/* ---- stock-outs ---- */

struct stock_out {
    struct str sku;
    const struct stocked *product;
    int64_t level;
    int64_t ran_out; /* 0: it never had any */
    int64_t sold;    /* went out in the days before */
};

static int by_sold(const void *a, const void *b)
{
    const struct stock_out *x = a, *y = b;
    return x->sold != y->sold ? (x->sold < y->sold) - (x->sold > y->sold)
                              : str_compare(x->sku, y->sku);
}

/* The last time the level fell to zero or below, and what went out up to then. */
static void read_history(struct stock_out *out, const struct stock_point *points, size_t count)
{
    int64_t before = 0;
    for (size_t i = 0; i < count; i++) {
        if (before > 0 && points[i].level <= 0) {
            out->ran_out = points[i].time;
        }
        before = points[i].level;
    }
    int64_t from = out->ran_out - STOCK_OUT_DAYS * ANALYTICS_DAY;
    for (size_t i = 0; i < count && out->ran_out != 0; i++) {
        bool near = points[i].time > from && points[i].time <= out->ran_out;
        out->sold += near && points[i].quantity < 0 ? -points[i].quantity : 0;
    }
}

/* requests: room for `count`. */
static bool read_histories(struct report *report, struct timeseries_request *requests,
                           struct stock_out *outs, size_t count, ecommerce_error *err)
{
    struct timeseries_store *store = report->call->shop->timeseries;
    for (size_t i = 0; i < count; i++) {
        requests[i] = call_timeseries(report->call, TIMESERIES_STOCK_HISTORY);
        requests[i].key = outs[i].sku;
        requests[i].from = ANALYTICS_BEGINNING;
        requests[i].to = report->to;
        timeseries_submit(store, &requests[i]);
    }
    bool ok = true;
    for (size_t i = 0; i < count; i++) {
        if (!timeseries_wait(store, &requests[i])) {
            if (ok && err != NULL) {
                *err = requests[i].base.error;
            }
            ok = false;
            continue;
        }
        read_history(&outs[i], requests[i].points, requests[i].count);
    }
    return ok;
}

static bool read_all_histories(struct report *report, struct stock_out *outs, size_t count,
                               ecommerce_error *err)
{
    struct timeseries_request *requests =
        arena_array(&report->call->arena, HISTORIES_AT_ONCE, sizeof(*requests));
    if (requests == NULL) {
        return error_memory(err);
    }
    for (size_t at = 0; at < count; at += HISTORIES_AT_ONCE) {
        size_t page = count - at < HISTORIES_AT_ONCE ? count - at : HISTORIES_AT_ONCE;
        if (!read_histories(report, requests, outs + at, page, err)) {
            return false;
        }
    }
    return true;
}

static bool collect_outs(struct report *report, struct stock_map *map, struct stock_out **outs,
                         size_t *count, ecommerce_error *err)
{
    struct timeseries_request levels;
    if (!ask_levels(report, &levels, err)) {
        return false;
    }
    *outs = arena_array(&report->call->arena, levels.count + 1, sizeof(**outs));
    if (*outs == NULL) {
        return error_memory(err);
    }
    *count = 0;
    for (size_t i = 0; i < levels.count; i++) {
        struct stocked *product = NULL;
        if (levels.points[i].level > 0) {
            continue;
        }
        if (!map_find(report->call, map, levels.points[i].id, &product, err)) {
            return false;
        }
        if (product != NULL) {
            (*outs)[(*count)++] = (struct stock_out){
                .sku = levels.points[i].id, .product = product, .level = levels.points[i].level};
        }
    }
    return read_all_histories(report, *outs, *count, err);
}

/* Only what ran out in the range, where the caller has given its beginning. */
static bool is_in_range(const struct report *report, const struct stock_out *out)
{
    return !report->options->has_from || out->ran_out >= report->from;
}

static void write_outs(struct report *report, struct stock_out *outs, size_t count)
{
    struct doc_builder *out = report->call->out;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_in_range(report, &outs[i])) {
            outs[kept++] = outs[i];
        }
    }
    if (kept > 1) {
        qsort(outs, kept, sizeof(*outs), by_sold);
    }
    int64_t sold = 0;
    doc_open_array(out, "rows");
    for (size_t i = 0; i < kept; i++) {
        sold += outs[i].sold;
        if (i >= report->limit) {
            continue;
        }
        doc_open(out, NULL);
        doc_add_text(out, "sku", outs[i].sku);
        doc_add_text(out, "product_id", outs[i].product->product_id);
        doc_add_text(out, "name", outs[i].product->name);
        doc_add_int(out, "level", outs[i].level);
        if (outs[i].ran_out != 0) {
            doc_add_time(out, "ran_out_at", outs[i].ran_out);
        } else {
            doc_add_null(out, "ran_out_at");
        }
        doc_add_int(out, "sold_before", outs[i].sold);
        doc_close(out);
    }
    doc_close(out);
    doc_open(out, "totals");
    doc_add_int(out, "skus", (int64_t)kept);
    doc_add_int(out, "sold_before", sold);
    doc_close(out);
}

bool report_stock_outs(struct report *report, ecommerce_error *err)
{
    struct stock_map map;
    struct stock_out *outs;
    size_t count;
    if (!report_refuse(report->filter.country, "country", "stock has no country", err) ||
        !map_load(report, &map, err)) {
        return false;
    }
    bool ok = collect_outs(report, &map, &outs, &count, err);
    map_release(&map);
    if (!ok) {
        return false;
    }
    struct doc_builder *out = report->call->out;
    if (report->options->has_from) {
        doc_add_time(out, "from", report->from);
    }
    doc_add_time(out, "to", report->to);
    doc_add_int(out, "days_before", STOCK_OUT_DAYS);
    write_outs(report, outs, count);
    return true;
}

/* ---- slow-movers ---- */

static int by_cover(const void *a, const void *b)
{
    const struct stocked *x = *(struct stocked *const *)a, *y = *(struct stocked *const *)b;
    if ((x->units == 0) != (y->units == 0)) {
        return x->units == 0 ? -1 : 1;
    }
    double cover_x = x->units ? (double)x->stock / (double)x->units : (double)x->stock;
    double cover_y = y->units ? (double)y->stock / (double)y->units : (double)y->stock;
    if (cover_x != cover_y) {
        return cover_x > cover_y ? -1 : 1;
    }
    return str_compare(x->product_id, y->product_id);
}

static bool add_levels(struct report *report, struct stock_map *map, ecommerce_error *err)
{
    struct timeseries_request levels;
    if (!ask_levels(report, &levels, err)) {
        return false;
    }
    for (size_t i = 0; i < levels.count; i++) {
        struct stocked *product;
        if (!map_find(report->call, map, levels.points[i].id, &product, err)) {
            return false;
        }
        if (product != NULL && levels.points[i].level > 0) {
            product->stock += levels.points[i].level;
        }
    }
    return true;
}

/* Sales in the range, whatever their category was then: the filter is on today's products. */
static bool add_sales(struct report *report, struct stock_map *map, ecommerce_error *err)
{
    struct timeseries_request request = report_ranking(report, DIMENSION_PRODUCT, RANK_BY_UNITS, 0);
    request.filter.category = STR_NONE;
    if (!timeseries_run(report->call->shop->timeseries, &request, err)) {
        return false;
    }
    for (size_t i = 0; i < request.count; i++) {
        const struct sales_sums *sums = &request.sums[i];
        struct stocked *product = strmap_get(&map->by_product, sums->key);
        if (product != NULL) {
            product->units = sums->units > sums->units_back ? sums->units - sums->units_back : 0;
            product->last = sums->last;
        }
    }
    return true;
}

static void write_mover(struct report *report, const struct stocked *product)
{
    struct doc_builder *out = report->call->out;
    double days = (double)(report->to - report->from) / (double)ANALYTICS_DAY;
    doc_open(out, NULL);
    doc_add_text(out, "product_id", product->product_id);
    doc_add_text(out, "name", product->name);
    doc_add_int(out, "stock", product->stock);
    doc_add_int(out, "units", product->units);
    if (product->units > 0) {
        doc_add_double(out, "cover_days", (double)product->stock * days / (double)product->units);
    } else {
        doc_add_null(out, "cover_days");
    }
    if (product->last != 0) {
        doc_add_time(out, "last_sold", product->last);
    } else {
        doc_add_null(out, "last_sold");
    }
    doc_close(out);
}

static bool write_movers(struct report *report, const struct stock_map *map, ecommerce_error *err)
{
    struct stocked **movers =
        arena_array(&report->call->arena, map->by_product.count + 1, sizeof(*movers));
    if (movers == NULL) {
        return error_memory(err);
    }
    size_t count = 0;
    int64_t stock = 0, units = 0;
    struct strmap_entry *entry;
    for (size_t at = 0; (entry = strmap_next(&map->by_product, &at)) != NULL;) {
        struct stocked *product = entry->value;
        if (product->stock > 0) {
            movers[count++] = product;
            stock += product->stock;
            units += product->units;
        }
    }
    if (count > 1) {
        qsort(movers, count, sizeof(*movers), by_cover);
    }
    report_begin(report);
    doc_open_array(report->call->out, "rows");
    for (size_t i = 0; i < count && i < report->limit; i++) {
        write_mover(report, movers[i]);
    }
    doc_close(report->call->out);
    doc_open(report->call->out, "totals");
    doc_add_int(report->call->out, "products", (int64_t)count);
    doc_add_int(report->call->out, "stock", stock);
    doc_add_int(report->call->out, "units", units);
    doc_close(report->call->out);
    return true;
}

bool report_slow_movers(struct report *report, ecommerce_error *err)
{
    struct stock_map map;
    if (!map_load(report, &map, err)) {
        return false;
    }
    bool ok = add_levels(report, &map, err) && add_sales(report, &map, err) &&
              write_movers(report, &map, err);
    map_release(&map);
    return ok;
}
