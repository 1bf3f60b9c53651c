/*
 * timeseries_sales.c - reports over sales: one scan in the order of time, groups in memory.
 *
 * A report that neither groups nor filters by lines never looks at them: an entry has its sums.
 * Customers are counted exactly, by a set of (group, customer).
 */
#include "db_managers/embedded/timeseries/timeseries_parts.h"
#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdlib.h>

struct group {
    struct sales_sums sums;
    int64_t number;     /* of the key's text */
    int64_t last_entry; /* the entry counted last among `orders` */
};

struct sales_report {
    struct sqlite_connection *reader;
    struct timeseries_request *request;
    unsigned set;
    const int64_t *bounds; /* a ranking has one bucket */
    size_t bound_count;
    bool by_bucket, by_line; /* how rows are grouped */
    bool for_products;       /* services are left out */
    enum sales_dimension dimension;
    /* The filter as numbers; 0: no restriction. */
    int64_t product, customer, category, country;
    bool nothing; /* the filter names what was never sold */

    struct group *groups;
    size_t group_count, group_capacity;
    struct number_map by_number; /* number of the key -> place in groups */
    struct number_map buyers;    /* group << 32 | customer */
    struct number_map cancelled; /* entry of the order -> bucket of its cancellation */
};

/* A row of the scan. */
struct sales_row {
    int64_t time, entry, customer, country;
    enum sale_kind kind;
    size_t bucket;
    int64_t quantity, amount;
    struct str lines;
};

static void release(struct sales_report *report)
{
    mem_free(report->groups);
    number_map_release(&report->by_number);
    number_map_release(&report->buyers);
    number_map_release(&report->cancelled);
}

/* ---- the filter ---- */

static bool find_text(struct sales_report *report, struct key_statements statements,
                      struct str text, int64_t *number, ecommerce_error *err)
{
    if (!key_find(report->reader, statements, text, number, err))
        return false;
    if (text.ptr && *number == 0)
        report->nothing = true;
    return true;
}

static bool find_filter(struct sales_report *report, const struct sales_filter *filter,
                        ecommerce_error *err)
{
    return find_text(report, TIMESERIES_NAMES, filter->product_id, &report->product, err) &&
           find_text(report, TIMESERIES_CUSTOMERS, filter->customer_id, &report->customer, err) &&
           find_text(report, TIMESERIES_NAMES, filter->category, &report->category, err) &&
           find_text(report, TIMESERIES_NAMES, filter->country, &report->country, err);
}

static bool row_passes(const struct sales_report *report, const struct sales_row *row)
{
    return (report->country == 0 || row->country == report->country) &&
           (report->customer == 0 || row->customer == report->customer);
}

static bool line_passes(const struct sales_report *report, const struct packed_line *line)
{
    return (report->product == 0 || line->product == report->product) &&
           (report->category == 0 || line->category == report->category) &&
           !(report->for_products && line->service);
}

/* ---- groups ---- */

static bool group_add(struct sales_report *report, int64_t number, ecommerce_error *err)
{
    if (report->group_count == report->group_capacity) {
        size_t capacity = report->group_capacity ? report->group_capacity * 2 : 64;
        struct group *groups = mem_resize(report->groups, capacity * sizeof(*groups));
        if (!groups)
            return error_memory(err);
        report->groups = groups;
        report->group_capacity = capacity;
    }
    report->groups[report->group_count++] = (struct group){.number = number};
    return true;
}

/* The place of the group with this key. */
static bool group_of(struct sales_report *report, int64_t number, size_t *place,
                     ecommerce_error *err)
{
    bool made = false;
    uint32_t *value =
        number_map_put(&report->by_number, (uint64_t)number, (uint32_t)report->group_count, &made);
    if (!value)
        return error_memory(err);
    *place = *value;
    return !made || group_add(report, number, err);
}

static bool is_active(const struct sales_report *report, const struct sales_row *row)
{
    const uint32_t *bucket = number_map_get(&report->cancelled, (uint64_t)row->entry);
    return !bucket || *bucket > row->bucket;
}

static bool count_order(struct sales_report *report, size_t place, const struct sales_row *row,
                        ecommerce_error *err)
{
    struct group *group = &report->groups[place];
    struct sales_sums *sums = &group->sums;
    if (group->last_entry == row->entry)
        return true;
    group->last_entry = row->entry;
    if (sums->orders == 0)
        sums->first = row->time;
    sums->last = row->time;
    sums->orders++;
    sums->active_orders += is_active(report, row);
    if (row->customer == 0)
        return true;
    bool made = false;
    if (!number_map_put(&report->buyers, (uint64_t)place << 32 | (uint64_t)row->customer, 0, &made))
        return error_memory(err);
    sums->customers += made;
    return true;
}

/* A part of the row, a line of it or the whole, goes into a group. */
static bool count_part(struct sales_report *report, size_t place, const struct sales_row *row,
                       int64_t quantity, int64_t amount, ecommerce_error *err)
{
    struct sales_sums *sums = &report->groups[place].sums;
    switch (row->kind) {
    case SALE_PLACED:
        sums->gross += amount;
        sums->units += quantity;
        return count_order(report, place, row, err);
    case SALE_CANCELLED:
        sums->cancelled += amount;
        break;
    case SALE_RETURNED:
        sums->returned += amount;
        break;
    }
    sums->units_back += quantity;
    return true;
}

/* ---- the scan ---- */

static bool count_lines(struct sales_report *report, const struct sales_row *row,
                        ecommerce_error *err)
{
    struct str bytes = row->lines;
    for (struct packed_line line; packed_line_next(&bytes, &line);) {
        size_t place;
        if (!line_passes(report, &line))
            continue;
        int64_t key = report->dimension == DIMENSION_PRODUCT ? line.product : line.category;
        if (!group_of(report, key, &place, err) ||
            !count_part(report, place, row, line.quantity, line.amount, err))
            return false;
    }
    return bytes.len == 0 || packed_damaged(err);
}

/* Sums of the lines that pass. */
static bool sum_lines(const struct sales_report *report, struct sales_row *row, bool *any,
                      ecommerce_error *err)
{
    struct str bytes = row->lines;
    row->quantity = row->amount = 0;
    *any = false;
    for (struct packed_line line; packed_line_next(&bytes, &line);) {
        if (!line_passes(report, &line))
            continue;
        row->quantity += line.quantity;
        row->amount += line.amount;
        *any = true;
    }
    return bytes.len == 0 || packed_damaged(err);
}

static bool place_of_row(struct sales_report *report, const struct sales_row *row, size_t *place,
                         ecommerce_error *err)
{
    *place = row->bucket;
    if (report->by_bucket)
        return true;
    bool by_customer = report->dimension == DIMENSION_CUSTOMER;
    return group_of(report, by_customer ? row->customer : row->country, place, err);
}

static bool count_row(struct sales_report *report, struct sales_row *row, ecommerce_error *err)
{
    if (!row_passes(report, row))
        return true;
    if (report->by_line)
        return count_lines(report, row, err);
    bool is_guest = row->customer == 0;
    if (!report->by_bucket && report->dimension == DIMENSION_CUSTOMER && is_guest)
        return true;
    if (report->product != 0 || report->category != 0) {
        bool any;
        if (!sum_lines(report, row, &any, err))
            return false;
        if (!any)
            return true;
    }
    size_t place;
    return place_of_row(report, row, &place, err) &&
           count_part(report, place, row, row->quantity, row->amount, err);
}

/* The bucket that holds the time, at or after the one given. Times are within the bounds. */
static size_t bucket_of(const struct sales_report *report, int64_t time, size_t bucket)
{
    while (time >= report->bounds[bucket + 1])
        bucket++;
    return bucket;
}

static struct sqlite_statement *scan_statement(struct sales_report *report, ecommerce_error *err)
{
    struct sqlite_statement *statement = timeseries_prepared(
        report->reader, report->set,
        report->customer ? STATEMENT_SALES_CUSTOMER : STATEMENT_SALES_SCAN, err);
    if (!statement)
        return NULL;
    sqlite_bind_int(statement, 1, report->bounds[0]);
    sqlite_bind_int(statement, 2, report->bounds[report->bound_count - 1]);
    if (report->customer)
        sqlite_bind_int(statement, 3, report->customer);
    return statement;
}

static bool scan(struct sales_report *report, ecommerce_error *err)
{
    struct sqlite_statement *statement = scan_statement(report, err);
    struct sales_row row = {0};
    enum sqlite_step step = SQLITE_STEP_FAILED;
    while (statement && (step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        if (sqlite_column_is_null(statement, SALES_LINES))
            continue;
        row.time = sqlite_column_int(statement, SALES_TIME);
        row.entry = sqlite_column_int(statement, SALES_ENTRY);
        row.kind = (enum sale_kind)sqlite_column_int(statement, SALES_KIND);
        row.customer = sqlite_column_int(statement, SALES_CUSTOMER);
        row.country = sqlite_column_int(statement, SALES_COUNTRY);
        row.quantity = sqlite_column_int(statement, SALES_QUANTITY);
        row.amount = sqlite_column_int(statement, SALES_AMOUNT);
        row.lines = sqlite_column_view(statement, SALES_LINES);
        row.bucket = bucket_of(report, row.time, row.bucket);
        if (!count_row(report, &row, err))
            break;
    }
    sqlite_reset(statement);
    return step == SQLITE_STEP_DONE;
}

/* Which orders were cancelled within the bounds, and first in which bucket. A cancellation comes
 * after its order: those before the first bound are of orders before it. */
static bool note_cancelled(struct sales_report *report, ecommerce_error *err)
{
    struct sqlite_statement *statement =
        timeseries_prepared(report->reader, report->set, STATEMENT_CANCELLED, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, report->bounds[0]);
    sqlite_bind_int(statement, 2, report->bounds[report->bound_count - 1]);
    enum sqlite_step step;
    while ((step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        uint32_t bucket = (uint32_t)bucket_of(report, sqlite_column_int(statement, 1), 0);
        uint64_t entry = (uint64_t)sqlite_column_int(statement, 0);
        uint32_t *value = number_map_put(&report->cancelled, entry, bucket, NULL);
        if (!value) {
            sqlite_reset(statement);
            return error_memory(err);
        }
        if (bucket < *value)
            *value = bucket;
    }
    return step == SQLITE_STEP_DONE;
}

static bool run(struct sales_report *report, ecommerce_error *err)
{
    if (!find_filter(report, &report->request->filter, err))
        return false;
    if (report->nothing || report->bounds[0] >= report->bounds[report->bound_count - 1])
        return true;
    return note_cancelled(report, err) && scan(report, err);
}

/* ---- SALES: sums a bucket ---- */

static bool read_buckets(struct sales_report *report, ecommerce_error *err)
{
    struct timeseries_request *request = report->request;
    if (request->bound_count < 2)
        return true;
    size_t count = request->bound_count - 1;
    report->bounds = request->bounds;
    report->bound_count = request->bound_count;
    report->by_bucket = true;
    for (size_t i = 0; i < count; i++) {
        if (!group_add(report, 0, err))
            return false;
    }
    if (!run(report, err))
        return false;
    request->sums = arena_array(request->base.arena, count, sizeof(*request->sums));
    if (!request->sums)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        request->sums[i] = report->groups[i].sums;
    request->count = count;
    return true;
}

/* ---- rankings ---- */

static int64_t rank_value(const struct sales_sums *sums, enum sales_ranking ranking)
{
    switch (ranking) {
    case RANK_BY_UNITS:
        return sums->units;
    case RANK_BY_ORDERS:
        return sums->orders;
    case RANK_BY_NET:
        break;
    }
    return sums->gross - sums->cancelled - sums->returned;
}

static int by_rank(const void *a, const void *b, void *context)
{
    const struct group *x = a, *y = b;
    enum sales_ranking ranking = *(enum sales_ranking *)context;
    int64_t of_x = rank_value(&x->sums, ranking), of_y = rank_value(&y->sums, ranking);
    if (of_x != of_y)
        return of_x > of_y ? -1 : 1;
    return str_compare(x->sums.key, y->sums.key);
}

static void sort_groups(struct sales_report *report, size_t count)
{
    enum sales_ranking ranking = report->request->ranking;
    qsort_r(report->groups, count, sizeof(*report->groups), by_rank, &ranking);
}

/* How many groups may be among the best `limit`, equal ones of the last included. The groups are
 * sorted by value; their keys, which decide between equal ones, are not known yet. */
static size_t contenders(const struct sales_report *report, size_t limit)
{
    enum sales_ranking ranking = report->request->ranking;
    if (limit == 0 || limit >= report->group_count)
        return report->group_count;
    size_t count = limit;
    int64_t last = rank_value(&report->groups[limit - 1].sums, ranking);
    while (count < report->group_count && rank_value(&report->groups[count].sums, ranking) == last)
        count++;
    return count;
}

static bool read_keys(struct sales_report *report, struct key_statements statements, size_t count,
                      ecommerce_error *err)
{
    struct key_reader keys = {
        .statements = statements,
        .reader = report->reader,
        .arena = report->request->base.arena,
    };
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = key_reader_text(&keys, report->groups[i].number, &report->groups[i].sums.key, err);
    key_reader_release(&keys);
    return ok;
}

static bool answer_ranking(struct sales_report *report, ecommerce_error *err)
{
    struct timeseries_request *request = report->request;
    struct key_statements statements =
        report->dimension == DIMENSION_CUSTOMER ? TIMESERIES_CUSTOMERS : TIMESERIES_NAMES;
    if (report->group_count == 0)
        return true;
    sort_groups(report, report->group_count);
    size_t count = contenders(report, request->limit);
    if (!read_keys(report, statements, count, err))
        return false;
    sort_groups(report, count);
    if (request->limit != 0 && count > request->limit)
        count = request->limit;
    request->sums = arena_array(request->base.arena, count, sizeof(*request->sums));
    if (!request->sums)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        request->sums[i] = report->groups[i].sums;
    request->count = count;
    return true;
}

static bool read_ranking(struct sales_report *report, ecommerce_error *err)
{
    struct timeseries_request *request = report->request;
    int64_t bounds[] = {request->from, request->to};
    report->bounds = bounds;
    report->bound_count = ARRAY_LENGTH(bounds);
    report->by_line =
        report->dimension == DIMENSION_PRODUCT || report->dimension == DIMENSION_CATEGORY;
    report->for_products = report->dimension == DIMENSION_PRODUCT && !request->filter.with_services;
    return run(report, err) && answer_ranking(report, err);
}

/* What one customer bought: a ranking of products whose filter has the customer. */
static bool read_customer_products(struct sales_report *report, ecommerce_error *err)
{
    struct timeseries_request *request = report->request;
    struct sales_filter filter = request->filter;
    request->filter.customer_id = request->key;
    report->dimension = DIMENSION_PRODUCT;
    bool ok = read_ranking(report, err);
    request->filter = filter;
    return ok;
}

/* ---- events ---- */

static bool count_event(struct sales_report *report, int64_t product, int64_t customer,
                        ecommerce_error *err)
{
    size_t place;
    bool made = false;
    if (!group_of(report, product, &place, err))
        return false;
    report->groups[place].sums.orders++;
    if (customer == 0)
        return true;
    if (!number_map_put(&report->buyers, (uint64_t)place << 32 | (uint64_t)customer, 0, &made))
        return error_memory(err);
    report->groups[place].sums.customers += made;
    return true;
}

static bool read_event_ranking(struct sales_report *report, ecommerce_error *err)
{
    struct timeseries_request *request = report->request;
    int64_t kind = 0;
    if (!find_text(report, TIMESERIES_NAMES, request->key, &kind, err))
        return false;
    if (report->nothing)
        return true;
    struct sqlite_statement *statement = sqlite_prepared(report->reader, STATEMENT_EVENT_SCAN, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, request->from);
    sqlite_bind_int(statement, 2, request->to);
    sqlite_bind_int(statement, 3, kind);
    enum sqlite_step step;
    while ((step = sqlite_step(statement, err)) == SQLITE_STEP_ROW) {
        if (!count_event(report, sqlite_column_int(statement, 0), sqlite_column_int(statement, 1),
                         err))
            break;
    }
    sqlite_reset(statement);
    request->ranking = RANK_BY_ORDERS;
    return step == SQLITE_STEP_DONE && answer_ranking(report, err);
}

bool timeseries_read_sales(struct sqlite_connection *reader, unsigned set,
                           struct timeseries_request *request, ecommerce_error *err)
{
    struct sales_report report = {
        .reader = reader,
        .request = request,
        .set = set,
        .dimension = request->dimension,
    };
    bool ok = false;
    switch ((enum timeseries_operation)request->base.operation) {
    case TIMESERIES_SALES:
        ok = read_buckets(&report, err);
        break;
    case TIMESERIES_RANKING:
        ok = read_ranking(&report, err);
        break;
    case TIMESERIES_CUSTOMER_PRODUCTS:
        ok = read_customer_products(&report, err);
        break;
    default:
        assert(request->base.operation == TIMESERIES_EVENT_RANKING);
        report.dimension = DIMENSION_PRODUCT;
        ok = read_event_ranking(&report, err);
    }
    release(&report);
    return ok;
}
