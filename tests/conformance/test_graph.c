/*
 * The contract of the graph role against every implementation: each entry once, in any order and
 * batching, take-backs after their orders; recommendations compared with an index fed by hand;
 * rebuilding, forgetting, and two handles on one shop.
 */
#include "db_managers/embedded/embedded_stores.h"
#include "db_managers/embedded/graph/basket_index.h"
#include "support/alloc.h"
#include "support/text.h"
#include "tests/support/temp_folder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct graph_store *open_embedded(const struct temp_folder *folder, ecommerce_error *err)
{
    struct embedded_options options = {
        .folder = folder->path,
        .max_batch = 64,
        .seams = &system_seams,
    };
    return embedded_graph_open(&options, NULL, err);
}

static const struct implementation {
    const char *name;
    /* A handle on the store that belongs to this folder; more than one may be open at once. */
    struct graph_store *(*open)(const struct temp_folder *folder, ecommerce_error *err);
} implementations[] = {
    {.name = "embedded", .open = open_embedded},
};
static const struct implementation *tested = &implementations[0];

#define DAY (INT64_C(86400) * MICROSECONDS)
#define START (15000 * DAY)

enum { ORDERS = 150, TAKE_BACKS = 60, PRODUCTS = 20, CUSTOMERS = 12 };

struct fixture {
    struct temp_folder folder;
    struct graph_store *store;
    struct arena arena;
    struct graph_entry *orders, *take_backs;
};

static struct graph_store *open_tested(const struct temp_folder *folder)
{
    ecommerce_error error = {0};
    struct graph_store *store = tested->open(folder, &error);
    if (!store)
        fail_msg("open: %s", error.message);
    return store;
}

static void close_store(struct graph_store **store)
{
    struct base_manager *manager = *store ? &(*store)->base : NULL;
    *store = NULL;
    manager_close(&manager);
}

static struct graph_request request_of(struct fixture *fixture, enum graph_operation operation)
{
    return (struct graph_request){
        .base = {.operation = operation,
                 .deadline = seams_monotonic(&system_seams) + 60 * (int64_t)MICROSECONDS,
                 .arena = &fixture->arena},
    };
}

static void must(struct graph_store *store, struct graph_request *request)
{
    ecommerce_error error = {0};
    if (!graph_run(store, request, &error))
        fail_msg("%s: %s", ecommerce_error_name(error.code), error.message);
}

static void must_fail(struct graph_store *store, struct graph_request *request,
                      enum ecommerce_error_code code)
{
    ecommerce_error error = {0};
    assert_false(graph_run(store, request, &error));
    assert_string_equal(ecommerce_error_name(error.code), ecommerce_error_name(code));
}

static void apply_to(struct fixture *fixture, struct graph_store *store, bool shadow,
                     struct graph_entry *entries, size_t count)
{
    struct graph_request request = request_of(fixture, GRAPH_APPLY);
    request.entries = entries;
    request.entry_count = count;
    request.shadow = shadow;
    must(store, &request);
}

static void apply(struct fixture *fixture, struct graph_entry *entries, size_t count)
{
    apply_to(fixture, fixture->store, false, entries, count);
}

static void apply_all(struct fixture *fixture)
{
    apply(fixture, fixture->orders, ORDERS);
    apply(fixture, fixture->take_backs, TAKE_BACKS);
}

/* ---- an invented trade ---- */

static uint32_t random_state;

static unsigned pick(unsigned below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static struct str named(struct fixture *fixture, const char *what, unsigned number)
{
    char *text = arena_printf(&fixture->arena, "%s%03u", what, number);
    assert_non_null(text);
    return str_of(text);
}

/* Distinct products, the first ones more often. */
static void make_order(struct fixture *fixture, struct graph_entry *order, unsigned number)
{
    unsigned count = 1 + pick(6), customer = pick(CUSTOMERS + 3);
    struct graph_line *lines = arena_array(&fixture->arena, count, sizeof(*lines));
    assert_non_null(lines);
    unsigned product = pick(4);
    for (unsigned i = 0; i < count; i++) {
        lines[i] = (struct graph_line){named(fixture, "p", product), 1 + pick(3)};
        product += 1 + pick(3);
    }
    *order = (struct graph_entry){
        .id = named(fixture, "order", number),
        .kind = GRAPH_ORDER,
        .customer_id = customer < CUSTOMERS ? named(fixture, "ann", customer) : STR_NONE,
        .time = START + (int64_t)pick(200) * DAY / 3,
        .lines = lines,
        .line_count = count,
    };
    order->order_id = order->id;
}

/* Takes back the whole order, one line, or one piece too many. */
static void make_take_back(struct fixture *fixture, struct graph_entry *entry, unsigned number)
{
    const struct graph_entry *order = &fixture->orders[pick(ORDERS)];
    *entry = *order;
    entry->kind = GRAPH_TAKE_BACK;
    entry->id = named(fixture, "back", number);
    entry->time += DAY;
    if (number % 3 == 0)
        return;
    struct graph_line *line = arena_alloc(&fixture->arena, sizeof(*line));
    assert_non_null(line);
    *line = order->lines[pick((unsigned)order->line_count)];
    line->quantity = number % 3 == 1 ? 1 : line->quantity + 1;
    entry->lines = line;
    entry->line_count = 1;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    assert_non_null(fixture);
    temp_folder_make(&fixture->folder);
    fixture->store = open_tested(&fixture->folder);
    fixture->orders = arena_array(&fixture->arena, ORDERS, sizeof(*fixture->orders));
    fixture->take_backs = arena_array(&fixture->arena, TAKE_BACKS, sizeof(*fixture->take_backs));
    assert_non_null(fixture->orders);
    assert_non_null(fixture->take_backs);
    random_state = 3;
    for (unsigned i = 0; i < ORDERS; i++)
        make_order(fixture, &fixture->orders[i], i);
    for (unsigned i = 0; i < TAKE_BACKS; i++)
        make_take_back(fixture, &fixture->take_backs[i], i);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    close_store(&fixture->store);
    arena_release(&fixture->arena);
    temp_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

static void shuffle(struct graph_entry *entries, unsigned count)
{
    for (unsigned i = count - 1; i > 0; i--) {
        unsigned other = pick(i + 1);
        struct graph_entry entry = entries[i];
        entries[i] = entries[other];
        entries[other] = entry;
    }
}

/* ---- the same graph by hand ---- */

/* What is left of a line after the first `count` take-backs. */
static int64_t left_of(const struct fixture *fixture, const struct graph_entry *order,
                       const struct graph_line *line, size_t count)
{
    int64_t left = line->quantity;
    for (size_t i = 0; i < count; i++) {
        const struct graph_entry *back = &fixture->take_backs[i];
        for (size_t l = 0; l < back->line_count && str_equal(back->order_id, order->id); l++) {
            if (str_equal(back->lines[l].product_id, line->product_id))
                left -= back->lines[l].quantity;
        }
    }
    return left > 0 ? left : 0;
}

static struct basket_index *index_by_hand(const struct fixture *fixture, size_t orders,
                                          size_t take_backs)
{
    ecommerce_error error = {0};
    struct basket_index *index = basket_index_new(NULL, &error);
    assert_non_null(index);
    for (size_t i = 0; i < orders; i++) {
        const struct graph_entry *order = &fixture->orders[i];
        struct str products[PRODUCTS];
        struct basket_entry entry = {.key = (int64_t)i + 1,
                                     .time = order->time,
                                     .customer = order->customer_id,
                                     .products = products};
        for (size_t l = 0; l < order->line_count; l++) {
            if (left_of(fixture, order, &order->lines[l], take_backs) > 0)
                products[entry.product_count++] = order->lines[l].product_id;
        }
        assert_true(basket_index_add(index, &entry, &error));
    }
    return index;
}

typedef bool question(const struct basket_index *index, struct recommend_scratch *scratch,
                      const struct suggestion_query *query, struct str key, struct suggestion *out,
                      size_t *count, ecommerce_error *err);

static bool ask_trending(const struct basket_index *index, struct recommend_scratch *scratch,
                         const struct suggestion_query *query, struct str key,
                         struct suggestion *out, size_t *count, ecommerce_error *err)
{
    UNUSED(key);
    return recommend_trending(index, scratch, query, 0, out, count, err);
}

static const struct {
    enum recommendation_kind kind;
    question *ask;
    bool of_product;
} questions[] = {
    {RECOMMEND_BOUGHT_TOGETHER, recommend_bought_together, true},
    {RECOMMEND_SIMILAR, recommend_similar, true},
    {RECOMMEND_FOR_CUSTOMER, recommend_for_customer, false},
    {RECOMMEND_BUY_AGAIN, recommend_buy_again, false},
    {RECOMMEND_TRENDING, ask_trending, false},
};

static void assert_same(const struct recommendation *actual, const struct suggestion *expected,
                        bool of_product)
{
    assert_true(str_equal(actual->product_id, expected->product));
    assert_true(fabs(actual->score - expected->score) <= 1e-6 * fabs(expected->score));
    assert_int_equal(actual->baskets, of_product ? expected->together : expected->recent);
    assert_int_equal(actual->own_orders, expected->own_baskets);
    assert_int_equal(actual->last_bought, expected->own_baskets ? expected->own_last : 0);
    assert_true(str_equal(actual->because_of, expected->because_of));
}

static void compare_answer(struct fixture *fixture, struct graph_store *store, size_t q,
                           const struct basket_index *index, struct recommend_scratch *scratch,
                           struct str key, int64_t as_of)
{
    ecommerce_error error = {0};
    struct suggestion expected[PRODUCTS + 20];
    struct suggestion_query query = {.as_of = as_of, .limit = 7};
    struct graph_request request = request_of(fixture, GRAPH_RECOMMEND);
    size_t count = 0;
    request.kind = questions[q].kind;
    request.key = key;
    request.as_of = as_of;
    request.limit = query.limit;
    must(store, &request);
    assert_true(questions[q].ask(index, scratch, &query, key, expected, &count, &error));
    assert_int_equal(request.count, count);
    for (size_t i = 0; i < count; i++)
        assert_same(&request.recommendations[i], &expected[i], questions[q].of_product);
}

/* The store recommends what an index of the first so many orders and take-backs does. */
static void assert_recommends(struct fixture *fixture, struct graph_store *store, size_t orders,
                              size_t take_backs)
{
    struct basket_index *index = index_by_hand(fixture, orders, take_backs);
    struct recommend_scratch *scratch = recommend_scratch_new();
    static const int64_t instants[] = {START + 30 * DAY, START + 70 * DAY};
    assert_non_null(scratch);
    for (size_t q = 0; q < ARRAY_LENGTH(questions); q++) {
        for (unsigned key = 0; key < 8; key++) {
            struct str id = named(fixture, questions[q].of_product ? "p" : "ann", key * 2);
            for (size_t t = 0; t < ARRAY_LENGTH(instants); t++)
                compare_answer(fixture, store, q, index, scratch, id, instants[t]);
        }
    }
    recommend_scratch_free(&scratch);
    basket_index_free(&index);
}

/* ---- all there is, as text ---- */

static void print_digest(struct fixture *fixture, struct graph_store *store, bool shadow,
                         struct text *text)
{
    struct graph_request request = request_of(fixture, GRAPH_DIGEST);
    request.shadow = shadow;
    must(store, &request);
    text_printf(text, "%lld %lld %lld %llx\n", (long long)request.digest.orders,
                (long long)request.digest.lines, (long long)request.digest.quantity,
                (unsigned long long)request.digest.hash);
}

static void print_entries(struct fixture *fixture, struct graph_store *store, bool shadow,
                          struct text *text)
{
    struct graph_request request = request_of(fixture, GRAPH_ENTRIES);
    request.limit = 13;
    request.shadow = shadow;
    do {
        must(store, &request);
        for (size_t i = 0; i < request.count; i++) {
            const struct graph_entry *entry = &request.found_entries[i];
            text_printf(text, "%.*s %.*s %lld:", STR_ARG(entry->id), STR_ARG(entry->customer_id),
                        (long long)entry->time);
            for (size_t l = 0; l < entry->line_count; l++)
                text_printf(text, " %.*s*%lld", STR_ARG(entry->lines[l].product_id),
                            (long long)entry->lines[l].quantity);
            text_add_char(text, '\n');
        }
        request.after = request.cursor;
    } while (request.cursor.ptr);
}

static char *everything(struct fixture *fixture, struct graph_store *store, bool shadow)
{
    struct text text = {0};
    print_digest(fixture, store, shadow, &text);
    print_entries(fixture, store, shadow, &text);
    assert_true(text_ok(&text));
    char *copy = arena_strdup(&fixture->arena, text_cstr(&text));
    assert_non_null(copy);
    text_release(&text);
    return copy;
}

/* ---- entries ---- */

static void remaining_relations_are_those_counted_by_hand(void **state)
{
    struct fixture *fixture = *state;
    struct graph_digest expected = {.orders = ORDERS};
    apply_all(fixture);
    for (size_t i = 0; i < ORDERS; i++) {
        const struct graph_entry *order = &fixture->orders[i];
        for (size_t l = 0; l < order->line_count; l++) {
            struct graph_line line = order->lines[l];
            line.quantity = left_of(fixture, order, &line, TAKE_BACKS);
            if (line.quantity == 0)
                continue;
            expected.lines++;
            expected.quantity += line.quantity;
            expected.hash += graph_relation_hash(order->id, &line);
        }
    }
    struct graph_request request = request_of(fixture, GRAPH_DIGEST);
    must(fixture->store, &request);
    assert_int_equal(request.digest.orders, expected.orders);
    assert_int_equal(request.digest.lines, expected.lines);
    assert_int_equal(request.digest.quantity, expected.quantity);
    assert_true(request.digest.hash == expected.hash);

    struct graph_request entries = request_of(fixture, GRAPH_ENTRIES);
    entries.limit = ORDERS;
    must(fixture->store, &entries);
    assert_int_equal(entries.count, ORDERS);
    size_t lines = 0;
    for (size_t i = 0; i < entries.count; i++)
        lines += entries.found_entries[i].line_count;
    assert_int_equal(lines, expected.lines);
}

static void an_entry_is_applied_once(void **state)
{
    struct fixture *fixture = *state;
    apply_all(fixture);
    const char *expected = everything(fixture, fixture->store, false);
    for (size_t i = 0; i < ORDERS; i++) {
        assert_true(fixture->orders[i].applied);
        fixture->orders[i].time++; /* the id decides, not the content */
    }
    apply_all(fixture);
    for (size_t i = 0; i < ORDERS; i++)
        assert_false(fixture->orders[i].applied);
    for (size_t i = 0; i < TAKE_BACKS; i++)
        assert_false(fixture->take_backs[i].applied);
    assert_string_equal(everything(fixture, fixture->store, false), expected);

    struct str ids[] = {STR("order000"), STR("nothing"), STR("back000")};
    struct graph_request has = request_of(fixture, GRAPH_HAS);
    has.ids = ids;
    has.id_count = ARRAY_LENGTH(ids);
    must(fixture->store, &has);
    assert_true(has.present[0]);
    assert_false(has.present[1]);
    assert_true(has.present[2]);
}

static void a_take_back_waits_for_its_order(void **state)
{
    struct fixture *fixture = *state;
    struct graph_entry two[] = {fixture->orders[0], fixture->take_backs[0]};
    two[1].order_id = STR("not there yet");
    struct graph_request early = request_of(fixture, GRAPH_APPLY);
    struct graph_request other = early;
    early.entries = two;
    early.entry_count = 2;
    other.entries = &fixture->orders[1];
    other.entry_count = 1;
    graph_submit(fixture->store, &early); /* one batch: the other one is not disturbed */
    graph_submit(fixture->store, &other);
    assert_false(graph_wait(fixture->store, &early));
    assert_true(graph_wait(fixture->store, &other));
    assert_int_equal(early.base.error.code, ECOMMERCE_NOT_FOUND);
    assert_false(two[0].applied);
    assert_true(fixture->orders[1].applied);

    struct str ids[] = {two[0].id, two[1].id};
    struct graph_request has = request_of(fixture, GRAPH_HAS);
    has.ids = ids;
    has.id_count = 2;
    must(fixture->store, &has);
    assert_false(has.present[0]);
    assert_false(has.present[1]);

    struct graph_entry late = two[0];
    late.id = late.order_id = two[1].order_id;
    struct graph_entry together[] = {two[1], late};
    apply(fixture, together, 2); /* in one request, the order comes first by itself */
    assert_true(together[0].applied);
}

static void order_and_batching_change_nothing(void **state)
{
    struct fixture *fixture = *state;
    apply_all(fixture);
    const char *expected = everything(fixture, fixture->store, false);
    for (unsigned round = 0; round < 3; round++) {
        struct temp_folder folder;
        temp_folder_make(&folder);
        struct graph_store *store = open_tested(&folder);
        shuffle(fixture->orders, ORDERS);
        shuffle(fixture->take_backs, TAKE_BACKS);
        for (size_t at = 0, count; at < ORDERS; at += count) {
            count = 1 + pick(40);
            count = count < ORDERS - at ? count : ORDERS - at;
            apply_to(fixture, store, false, fixture->orders + at, count);
        }
        for (size_t i = 0; i < TAKE_BACKS; i++)
            apply_to(fixture, store, false, &fixture->take_backs[i], 1);
        assert_string_equal(everything(fixture, store, false), expected);
        assert_recommends(fixture, store, ORDERS, TAKE_BACKS);
        close_store(&store);
        temp_folder_remove(&folder);
    }
}

static void bad_entries_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct graph_line none = {STR("p000"), 0};
    struct graph_entry entry = fixture->orders[0];
    struct graph_request request = request_of(fixture, GRAPH_APPLY);
    request.entries = &entry;
    request.entry_count = 1;
    entry.lines = &none;
    entry.line_count = 1;
    must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(request.base.error.field, "entries[0].lines[0].quantity");
    entry = fixture->orders[0];
    entry.id = STR("");
    must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
    entry = fixture->orders[0];
    request.shadow = true;
    must_fail(fixture->store, &request, ECOMMERCE_INVALID_TRANSITION);
    request.shadow = false;
    request.base.deadline = seams_monotonic(&system_seams) - 1;
    must_fail(fixture->store, &request, ECOMMERCE_DEADLINE_EXCEEDED);
    struct graph_request digest = request_of(fixture, GRAPH_DIGEST);
    must(fixture->store, &digest);
    assert_int_equal(digest.digest.orders, 0);
}

/* ---- recommendations ---- */

static void recommendations_follow_every_write(void **state)
{
    struct fixture *fixture = *state;
    assert_recommends(fixture, fixture->store, 0, 0);
    apply(fixture, fixture->orders, 100);
    assert_recommends(fixture, fixture->store, 100, 0);
    apply(fixture, fixture->orders + 100, ORDERS - 100);
    assert_recommends(fixture, fixture->store, ORDERS, 0);
    for (size_t i = 0; i < TAKE_BACKS; i += 20) {
        apply(fixture, fixture->take_backs + i, 20);
        assert_recommends(fixture, fixture->store, ORDERS, i + 20);
    }
}

static void limit_and_instant_may_be_left_out(void **state)
{
    struct fixture *fixture = *state;
    struct graph_request request = request_of(fixture, GRAPH_RECOMMEND);
    request.kind = RECOMMEND_TRENDING;
    must(fixture->store, &request);
    assert_int_equal(request.count, 0);
    apply(fixture, fixture->orders, ORDERS);
    must(fixture->store, &request);
    size_t all = request.count;
    assert_true(all > 10);
    assert_true(request.recommendations[0].baskets > 0); /* not long after the newest order */
    request.limit = all - 1;
    must(fixture->store, &request);
    assert_int_equal(request.count, all - 1);
    request.kind = RECOMMEND_SIMILAR;
    must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
}

static void a_customers_products_are_counted(void **state)
{
    struct fixture *fixture = *state;
    apply_all(fixture);
    struct graph_request request = request_of(fixture, GRAPH_CUSTOMER_PRODUCTS);
    request.key = STR("ann004");
    must(fixture->store, &request);
    assert_true(request.count > 3);
    for (size_t i = 0; i < request.count; i++) {
        const struct recommendation *found = &request.recommendations[i];
        int64_t orders = 0, last = 0;
        for (size_t o = 0; o < ORDERS; o++) {
            const struct graph_entry *order = &fixture->orders[o];
            for (size_t l = 0; l < order->line_count; l++) {
                if (!order->customer_id.ptr || !str_equal(order->customer_id, request.key) ||
                    !str_equal(order->lines[l].product_id, found->product_id) ||
                    left_of(fixture, order, &order->lines[l], TAKE_BACKS) == 0)
                    continue;
                orders++;
                last = order->time > last ? order->time : last;
            }
        }
        assert_int_equal(found->own_orders, orders);
        assert_int_equal(found->last_bought, last);
        assert_true(i == 0 || found[-1].own_orders > orders ||
                    str_compare(found[-1].product_id, found->product_id) < 0);
    }
    request.key = STR("nobody");
    must(fixture->store, &request);
    assert_int_equal(request.count, 0);
}

/* ---- views, forgetting, rebuilding ---- */

static void views_and_forgetting(void **state)
{
    struct fixture *fixture = *state;
    const struct graph_event events[] = {
        {STR("v1"), STR("viewed"), STR("ann002"), STR("p001"), START},
        {STR("v2"), STR("viewed"), STR_NONE, STR("p002"), START},
    };
    struct graph_request view = request_of(fixture, GRAPH_EVENTS);
    view.events = events;
    view.event_count = ARRAY_LENGTH(events);
    must(fixture->store, &view);
    must(fixture->store, &view);
    apply_all(fixture);
    assert_recommends(fixture, fixture->store, ORDERS, TAKE_BACKS);
    struct text before = {0}, after = {0};
    print_digest(fixture, fixture->store, false, &before);

    struct graph_request forget = request_of(fixture, GRAPH_FORGET_CUSTOMER);
    forget.key = STR("ann002");
    must(fixture->store, &forget);
    must(fixture->store, &forget);
    print_digest(fixture, fixture->store, false, &after);
    assert_string_equal(text_cstr(&after), text_cstr(&before)); /* the facts stay */
    text_release(&before);
    text_release(&after);
    assert_null(strstr(everything(fixture, fixture->store, false), "ann002"));
    for (size_t i = 0; i < ORDERS; i++) {
        struct str *customer = &fixture->orders[i].customer_id;
        if (customer->ptr && str_is(*customer, "ann002"))
            *customer = STR_NONE;
    }
    assert_recommends(fixture, fixture->store, ORDERS, TAKE_BACKS);
    struct graph_request products = request_of(fixture, GRAPH_CUSTOMER_PRODUCTS);
    products.key = forget.key;
    must(fixture->store, &products);
    assert_int_equal(products.count, 0);
}

static void a_rebuild_takes_the_place_of_what_was(void **state)
{
    struct fixture *fixture = *state;
    struct graph_request begin = request_of(fixture, GRAPH_SHADOW_BEGIN);
    struct graph_request swap = request_of(fixture, GRAPH_SHADOW_SWAP);
    struct graph_request drop = request_of(fixture, GRAPH_SHADOW_DROP);
    apply_all(fixture);
    const char *expected = everything(fixture, fixture->store, false);
    for (unsigned round = 0; round < 3; round++) { /* each set is used again */
        struct graph_entry wrong = fixture->orders[3];
        wrong.id = STR("wrong");
        apply(fixture, &wrong, 1);
        const char *spoilt = everything(fixture, fixture->store, false);
        assert_string_not_equal(spoilt, expected);
        must(fixture->store, &begin);
        apply_to(fixture, fixture->store, true, &wrong, 1);
        must(fixture->store, &begin); /* empties it */
        shuffle(fixture->orders, ORDERS);
        apply_to(fixture, fixture->store, true, fixture->orders, ORDERS);
        apply_to(fixture, fixture->store, true, fixture->take_backs, TAKE_BACKS);
        assert_string_equal(everything(fixture, fixture->store, true), expected);
        assert_string_equal(everything(fixture, fixture->store, false), spoilt);
        must(fixture->store, &swap);
        assert_string_equal(everything(fixture, fixture->store, false), expected);
        assert_recommends(fixture, fixture->store, ORDERS, TAKE_BACKS);
    }
    must_fail(fixture->store, &swap, ECOMMERCE_INVALID_TRANSITION);
    must(fixture->store, &begin);
    must(fixture->store, &drop);
    must(fixture->store, &drop);
    begin = request_of(fixture, GRAPH_DIGEST);
    begin.shadow = true;
    must_fail(fixture->store, &begin, ECOMMERCE_INVALID_TRANSITION);
    assert_string_equal(everything(fixture, fixture->store, false), expected);
}

/* ---- handles, files, memory ---- */

static void two_handles_see_each_other(void **state)
{
    struct fixture *fixture = *state;
    struct graph_store *other = open_tested(&fixture->folder);
    struct graph_request begin = request_of(fixture, GRAPH_SHADOW_BEGIN);
    struct graph_request swap = request_of(fixture, GRAPH_SHADOW_SWAP);
    struct graph_request forget = request_of(fixture, GRAPH_FORGET_CUSTOMER);
    for (size_t i = 0; i < ORDERS; i += 50) {
        apply_to(fixture, i % 100 ? other : fixture->store, false, fixture->orders + i, 50);
        assert_recommends(fixture, fixture->store, i + 50, 0);
        assert_recommends(fixture, other, i + 50, 0);
    }
    for (size_t i = 0; i < TAKE_BACKS; i += 30) {
        apply_to(fixture, other, false, fixture->take_backs + i, 30);
        assert_recommends(fixture, fixture->store, ORDERS, i + 30);
    }
    must(other, &begin);
    apply_to(fixture, fixture->store, true, fixture->orders, 70);
    must(other, &swap);
    assert_recommends(fixture, fixture->store, 70, 0);
    assert_recommends(fixture, other, 70, 0);

    /* A number that one handle remembers may have been given up by the other. */
    forget.key = fixture->orders[70].customer_id;
    assert_non_null(forget.key.ptr);
    must(other, &forget);
    apply(fixture, fixture->orders + 70, 1);
    struct graph_request products = request_of(fixture, GRAPH_CUSTOMER_PRODUCTS);
    products.key = forget.key;
    must(other, &products);
    assert_int_equal(products.count, fixture->orders[70].line_count);
    close_store(&other);
}

static void what_was_acknowledged_is_there_after_reopening(void **state)
{
    struct fixture *fixture = *state;
    apply_all(fixture);
    const char *expected = everything(fixture, fixture->store, false);
    close_store(&fixture->store);
    fixture->store = open_tested(&fixture->folder);
    assert_string_equal(everything(fixture, fixture->store, false), expected);
    assert_recommends(fixture, fixture->store, ORDERS, TAKE_BACKS);
}

/* Runs the request with ever more memory until it has enough. */
static void starve(struct fixture *fixture, struct graph_request *request)
{
    bool done = false;
    for (long successes = 0; !done; successes++) {
        ecommerce_error error = {0};
        struct arena arena = {0};
        request->base.arena = &arena;
        mem_fail_after(successes);
        done = graph_run(fixture->store, request, &error);
        mem_fail_after(-1);
        if (!done)
            assert_string_equal(ecommerce_error_name(error.code), "out_of_memory");
        arena_release(&arena);
    }
}

static void failing_allocations_change_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct graph_request request = request_of(fixture, GRAPH_APPLY);
    struct graph_request recommend = request_of(fixture, GRAPH_RECOMMEND);
    recommend.kind = RECOMMEND_FOR_CUSTOMER;
    recommend.key = STR("ann001");
    request.entries = fixture->orders;
    request.entry_count = ORDERS;
    starve(fixture, &request);
    starve(fixture, &recommend); /* loads the index */
    assert_recommends(fixture, fixture->store, ORDERS, 0);
    request.entries = fixture->take_backs;
    request.entry_count = TAKE_BACKS;
    starve(fixture, &request);
    starve(fixture, &recommend); /* follows */
    assert_recommends(fixture, fixture->store, ORDERS, TAKE_BACKS);
    static const enum graph_operation reads[] = {GRAPH_ENTRIES,     GRAPH_CUSTOMER_PRODUCTS,
                                                 GRAPH_DIGEST,      GRAPH_SHADOW_BEGIN,
                                                 GRAPH_SHADOW_DROP, GRAPH_FORGET_CUSTOMER};
    for (size_t i = 0; i < ARRAY_LENGTH(reads); i++) {
        struct graph_request read = request_of(fixture, reads[i]);
        read.key = STR("ann003");
        starve(fixture, &read);
    }
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(remaining_relations_are_those_counted_by_hand),
        EACH(an_entry_is_applied_once),
        EACH(a_take_back_waits_for_its_order),
        EACH(order_and_batching_change_nothing),
        EACH(bad_entries_are_refused),
        EACH(recommendations_follow_every_write),
        EACH(limit_and_instant_may_be_left_out),
        EACH(a_customers_products_are_counted),
        EACH(views_and_forgetting),
        EACH(a_rebuild_takes_the_place_of_what_was),
        EACH(two_handles_see_each_other),
        EACH(what_was_acknowledged_is_there_after_reopening),
        EACH(failing_allocations_change_nothing),
    };
    int failed = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(implementations); i++) {
        tested = &implementations[i];
        failed += cmocka_run_group_tests_name(tested->name, tests, NULL, NULL);
    }
    return failed;
}
