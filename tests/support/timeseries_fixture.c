#include "tests/support/timeseries_fixture.h"

#include "db_managers/embedded/embedded_stores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct timeseries_store *open_embedded(const struct temp_folder *folder,
                                              ecommerce_error *err)
{
    struct embedded_options options = {
        .folder = folder->path,
        .max_batch = 64,
        .seams = &system_seams,
    };
    return embedded_timeseries_open(&options, err);
}

const struct timeseries_implementation timeseries_implementations[] = {
    {.name = "embedded", .open = open_embedded},
};
const size_t timeseries_implementation_count = ARRAY_LENGTH(timeseries_implementations);
const struct timeseries_implementation *timeseries_tested = &timeseries_implementations[0];

struct timeseries_store *trade_open(const struct temp_folder *folder)
{
    ecommerce_error error = {0};
    struct timeseries_store *store = timeseries_tested->open(folder, &error);
    if (!store)
        fail_msg("open: %s", error.message);
    return store;
}

void trade_close(struct timeseries_store **store)
{
    struct base_manager *manager = *store ? &(*store)->base : NULL;
    *store = NULL;
    manager_close(&manager);
}

int trade_setup(void **state)
{
    struct trade_fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(&fixture->folder);
    fixture->store = trade_open(&fixture->folder);
    *state = fixture;
    return 0;
}

int trade_teardown(void **state)
{
    struct trade_fixture *fixture = *state;
    trade_close(&fixture->store);
    arena_release(&fixture->arena);
    temp_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

struct timeseries_request trade_request(struct trade_fixture *fixture,
                                        enum timeseries_operation operation)
{
    return (struct timeseries_request){
        .base = {.operation = operation,
                 .deadline = seams_monotonic(&system_seams) + 60 * (int64_t)MICROSECONDS,
                 .arena = &fixture->arena},
        .from = INT64_MIN,
        .to = INT64_MAX,
    };
}

void trade_must(struct timeseries_store *store, struct timeseries_request *request)
{
    ecommerce_error error = {0};
    if (!timeseries_run(store, request, &error))
        fail_msg("%s: %s", ecommerce_error_name(error.code), error.message);
}

void trade_must_fail(struct timeseries_store *store, struct timeseries_request *request,
                     enum ecommerce_error_code code)
{
    ecommerce_error error = {0};
    assert_false(timeseries_run(store, request, &error));
    assert_string_equal(ecommerce_error_name(error.code), ecommerce_error_name(code));
}

void trade_assert_str(struct str actual, const char *expected)
{
    assert_non_null(actual.ptr);
    if (!str_is(actual, expected))
        fail_msg("'%.*s' is not '%s'", STR_ARG(actual), expected);
}

void trade_apply_to(struct trade_fixture *fixture, struct timeseries_store *store, bool shadow,
                    struct timeseries_entry *entries, size_t count)
{
    struct timeseries_request request = trade_request(fixture, TIMESERIES_APPLY);
    request.entries = entries;
    request.entry_count = count;
    request.shadow = shadow;
    trade_must(store, &request);
}

void trade_apply(struct trade_fixture *fixture, struct timeseries_entry *entries, size_t count)
{
    trade_apply_to(fixture, fixture->store, false, entries, count);
}

/* ---- an invented trade ---- */

static uint32_t random_state;

unsigned trade_pick(unsigned below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static struct str named(struct trade_fixture *fixture, const char *what, unsigned number)
{
    char *text = arena_printf(&fixture->arena, "%s%02u", what, number);
    assert_non_null(text);
    return str_of(text);
}

static struct doc payload_of(struct trade_fixture *fixture, struct str id, struct str customer)
{
    struct doc_builder builder;
    struct doc copy;
    doc_builder_init(&builder);
    doc_add_text(&builder, "id", id);
    if (customer.ptr)
        doc_add_text(&builder, "customer_id", customer);
    doc_adds(&builder, "note", "as it was");
    assert_true(doc_copy(&fixture->arena, doc_finish(&builder), &copy));
    doc_builder_release(&builder);
    return copy;
}

/* Products 10 and 11 are services; category 3 is none. */
static void add_lines(struct trade_fixture *fixture, struct timeseries_entry *entry, unsigned count)
{
    struct sale_line *lines = arena_array(&fixture->arena, count, sizeof(*lines));
    struct stock_change *stock = arena_array(&fixture->arena, count, sizeof(*stock));
    assert_non_null(lines);
    assert_non_null(stock);
    for (unsigned i = 0; i < count; i++) {
        unsigned product = trade_pick(TRADE_PRODUCTS);
        lines[i] = (struct sale_line){
            .line = (int)i + 1,
            .product_id = named(fixture, "p", product),
            .sku = named(fixture, product % 2 ? "p" : "sku", product),
            .category = product % 4 == 3 ? STR_NONE : named(fixture, "c", product % 4),
            .quantity = 1 + trade_pick(9),
            .amount = 100 * trade_pick(4),
            .service = product >= 10,
        };
        stock[i] = (struct stock_change){lines[i].sku, -lines[i].quantity};
    }
    entry->lines = lines;
    entry->line_count = count;
    entry->stock = stock;
    entry->stock_count = count;
}

static void make_order(struct trade_fixture *fixture, struct timeseries_entry *entry,
                       unsigned number)
{
    unsigned customer = trade_pick(TRADE_CUSTOMERS + 3), country = trade_pick(4);
    *entry = (struct timeseries_entry){
        .id = named(fixture, "order", number),
        .customer_id = customer < TRADE_CUSTOMERS ? named(fixture, "ann", customer) : STR_NONE,
        .country = country < 3 ? named(fixture, "land", country) : STR_NONE,
        .time = TRADE_START + (int64_t)trade_pick(30 * 4) * TRADE_DAY / 4,
    };
    entry->order_id = entry->id;
    entry->payload = payload_of(fixture, entry->id, entry->customer_id);
    add_lines(fixture, entry, 1 + trade_pick(5));
}

/* A cancellation, a return of an order, or a movement without one. */
static void make_later(struct trade_fixture *fixture, const struct timeseries_entry *orders,
                       struct timeseries_entry *entry, unsigned number)
{
    *entry = orders[trade_pick(TRADE_ORDERS)];
    entry->id = named(fixture, "later", number);
    entry->kind = number % 2 ? SALE_CANCELLED : SALE_RETURNED;
    entry->time += (int64_t)trade_pick(40) * TRADE_DAY / 4;
    if (number % 5 == 0) {
        entry->kind = SALE_RETURNED;
        entry->order_id = STR_NONE;
        entry->lines = NULL;
        entry->line_count = 0;
    }
}

struct timeseries_entry *trade_make(struct trade_fixture *fixture)
{
    struct timeseries_entry *entries =
        arena_array(&fixture->arena, TRADE_ENTRIES, sizeof(*entries));
    assert_non_null(entries);
    random_state = 7;
    for (unsigned i = 0; i < TRADE_ORDERS; i++)
        make_order(fixture, &entries[i], i);
    for (unsigned i = TRADE_ORDERS; i < TRADE_ENTRIES; i++)
        make_later(fixture, entries, &entries[i], i);
    return entries;
}

bool trade_passes(struct str restriction, struct str value)
{
    return !restriction.ptr || (value.ptr && str_equal(restriction, value));
}

/* ---- all there is, as text ---- */

void trade_print_entries(struct trade_fixture *fixture, struct timeseries_store *store, bool shadow,
                         struct text *text)
{
    struct timeseries_request request = trade_request(fixture, TIMESERIES_ENTRIES);
    request.limit = 17;
    request.shadow = shadow;
    do {
        trade_must(store, &request);
        for (size_t i = 0; i < request.count; i++) {
            const struct timeseries_entry *e = &request.found_entries[i];
            text_printf(text, "%.*s %d %.*s %.*s %.*s %lld %u\n", STR_ARG(e->id), (int)e->kind,
                        STR_ARG(e->order_id), STR_ARG(e->customer_id), STR_ARG(e->country),
                        (long long)e->time, (unsigned)e->payload.size);
            for (size_t l = 0; l < e->line_count; l++)
                text_printf(text, "  %d %.*s %.*s %.*s %lld %lld %d\n", e->lines[l].line,
                            STR_ARG(e->lines[l].product_id), STR_ARG(e->lines[l].sku),
                            STR_ARG(e->lines[l].category), (long long)e->lines[l].quantity,
                            (long long)e->lines[l].amount, e->lines[l].service);
            for (size_t s = 0; s < e->stock_count; s++)
                text_printf(text, "  %.*s %lld\n", STR_ARG(e->stock[s].sku),
                            (long long)e->stock[s].quantity);
        }
        request.after = request.cursor;
    } while (request.cursor.ptr);
}

void trade_print_digests(struct trade_fixture *fixture, struct timeseries_store *store, bool shadow,
                         struct text *text)
{
    struct timeseries_request request = trade_request(fixture, TIMESERIES_DIGESTS);
    request.to_day = INT64_MAX;
    request.shadow = shadow;
    trade_must(store, &request);
    for (size_t i = 0; i < request.count; i++) {
        const struct day_digest *d = &request.digests[i];
        text_printf(text, "%lld %lld %lld %lld %llx\n", (long long)d->day, (long long)d->count,
                    (long long)d->quantity, (long long)d->amount, (unsigned long long)d->hash);
    }
}

static void print_reports(struct trade_fixture *fixture, struct timeseries_store *store,
                          struct text *text)
{
    struct timeseries_request ranking = trade_request(fixture, TIMESERIES_RANKING);
    struct timeseries_request stock = trade_request(fixture, TIMESERIES_STOCK_AT);
    trade_must(store, &ranking);
    for (size_t i = 0; i < ranking.count; i++)
        text_printf(text, "%.*s %lld %lld %lld\n", STR_ARG(ranking.sums[i].key),
                    (long long)ranking.sums[i].gross, (long long)ranking.sums[i].customers,
                    (long long)ranking.sums[i].active_orders);
    trade_must(store, &stock);
    for (size_t i = 0; i < stock.count; i++)
        text_printf(text, "%.*s %lld\n", STR_ARG(stock.points[i].id),
                    (long long)stock.points[i].level);
}

char *trade_everything(struct trade_fixture *fixture, struct timeseries_store *store)
{
    struct text text = {0};
    trade_print_entries(fixture, store, false, &text);
    trade_print_digests(fixture, store, false, &text);
    print_reports(fixture, store, &text);
    assert_true(text_ok(&text));
    char *copy = arena_strdup(&fixture->arena, text_cstr(&text));
    assert_non_null(copy);
    text_release(&text);
    return copy;
}

void trade_shuffle(struct timeseries_entry *entries)
{
    for (unsigned i = TRADE_ENTRIES - 1; i > 0; i--) {
        unsigned other = trade_pick(i + 1);
        struct timeseries_entry entry = entries[i];
        entries[i] = entries[other];
        entries[other] = entry;
    }
}
