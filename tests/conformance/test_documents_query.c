/*
 * Queries of the documents role against every implementation: terms, ranges, orders, pages. What
 * they find is compared with going through all documents by hand.
 */
#include "support/error.h"
#include "tests/support/documents_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The ids of all pages, separated by spaces, into `ids`. Returns the number of pages. */
static size_t query_ids(struct documents_fixture *fixture, enum documents_collection collection,
                        struct documents_query query, char *ids, size_t size)
{
    size_t pages = 0, used = 0;
    ids[0] = '\0';
    do {
        struct documents_request request =
            documents_request_of(fixture, DOCUMENTS_QUERY, collection, NULL);
        request.query = &query;
        documents_must(fixture->store, &request);
        assert_true(request.count <= query.limit);
        assert_true(!request.cursor.ptr || request.count == query.limit);
        for (size_t i = 0; i < request.count; i++) {
            assert_true(used + request.documents[i].id.len + 2 < size);
            used += (size_t)snprintf(ids + used, size - used, "%s%.*s", used ? " " : "",
                                     STR_ARG(request.documents[i].id));
        }
        query.after = request.cursor;
        pages++;
    } while (query.after.ptr);
    return pages;
}

static void assert_query(struct documents_fixture *fixture, enum documents_collection collection,
                         struct documents_query query, const char *expected)
{
    char ids[4096];
    query_ids(fixture, collection, query, ids, sizeof(ids));
    assert_string_equal(ids, expected);
}

static int64_t count_of(struct documents_fixture *fixture, enum documents_collection collection,
                        const struct documents_query *query)
{
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_COUNT, collection, NULL);
    request.query = query;
    documents_must(fixture->store, &request);
    return request.number;
}

static void insert_orders(struct documents_fixture *fixture)
{
    static const struct {
        const char *id, *customer;
        int64_t placed_at;
    } orders[] = {
        {"o5", "ann", 50}, {"o1", "ann", 10}, {"o3", "bob", 30}, {"o2", NULL, 20},
        {"o4", "ann", 30}, {"o6", "bob", 30}, {"o7", NULL, 30},  {"o0", "ann", -5},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(orders); i++)
        insert_into(fixture, COLLECTION_ORDERS, orders[i].id,
                    test_order(fixture, orders[i].customer, orders[i].placed_at), 0);
}

static struct documents_query by_time(bool descending, size_t limit)
{
    return (struct documents_query){
        .range_field = "placed_at",
        .from = INT64_MIN,
        .to = INT64_MAX,
        .order = ORDER_BY_NUMBER,
        .descending = descending,
        .limit = limit,
    };
}

static void orders_are_total_over_page_borders(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_orders(fixture);
    /* Four have the same time, so every limit puts some border between equal ones. */
    for (size_t limit = 1; limit <= 9; limit++) {
        assert_query(fixture, COLLECTION_ORDERS, by_time(false, limit), "o0 o1 o2 o3 o4 o6 o7 o5");
        assert_query(fixture, COLLECTION_ORDERS, by_time(true, limit), "o5 o7 o6 o4 o3 o2 o1 o0");
        struct documents_query by_id = {.order = ORDER_BY_ID, .limit = limit};
        assert_query(fixture, COLLECTION_ORDERS, by_id, "o0 o1 o2 o3 o4 o5 o6 o7");
        by_id.descending = true;
        assert_query(fixture, COLLECTION_ORDERS, by_id, "o7 o6 o5 o4 o3 o2 o1 o0");
    }
}

static void a_full_last_page_has_no_cursor(void **state)
{
    struct documents_fixture *fixture = *state;
    char ids[256];
    insert_orders(fixture);
    assert_int_equal(query_ids(fixture, COLLECTION_ORDERS, by_time(false, 8), ids, sizeof(ids)), 1);
    assert_int_equal(query_ids(fixture, COLLECTION_ORDERS, by_time(false, 4), ids, sizeof(ids)), 2);
    assert_int_equal(query_ids(fixture, COLLECTION_ORDERS, by_time(false, 7), ids, sizeof(ids)), 2);
}

static void ranges_are_half_open(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_orders(fixture);
    struct documents_query query = by_time(false, 2);
    query.from = 10;
    query.to = 30;
    assert_query(fixture, COLLECTION_ORDERS, query, "o1 o2");
    query.to = 31;
    assert_query(fixture, COLLECTION_ORDERS, query, "o1 o2 o3 o4 o6 o7");
    query.descending = true;
    assert_query(fixture, COLLECTION_ORDERS, query, "o7 o6 o4 o3 o2 o1");
    query.from = 31;
    assert_query(fixture, COLLECTION_ORDERS, query, "");
    query.from = 20;
    query.order = ORDER_BY_ID;
    query.descending = false;
    assert_query(fixture, COLLECTION_ORDERS, query, "o2 o3 o4 o6 o7");
    assert_int_equal(count_of(fixture, COLLECTION_ORDERS, &query), 5);
}

static void terms_must_all_hold(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_orders(fixture);
    struct documents_query query = by_time(true, 2);
    query.terms[0] = (struct documents_term){"customer_id", STR("ann")};
    query.term_count = 1;
    assert_query(fixture, COLLECTION_ORDERS, query, "o5 o4 o1 o0");
    assert_int_equal(count_of(fixture, COLLECTION_ORDERS, &query), 4);
    query.terms[1] = (struct documents_term){"placed_at", STR("30")};
    query.term_count = 2;
    assert_query(fixture, COLLECTION_ORDERS, query, "o4");
    query.terms[0].value = STR("carol");
    assert_query(fixture, COLLECTION_ORDERS, query, "");
    assert_int_equal(count_of(fixture, COLLECTION_ORDERS, &query), 0);
    assert_int_equal(count_of(fixture, COLLECTION_ORDERS, NULL), 8);
}

static void ids_only_leaves_documents_out(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_orders(fixture);
    struct documents_query query = by_time(false, 3);
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_QUERY, COLLECTION_ORDERS, NULL);
    request.query = &query;
    documents_must(fixture->store, &request);
    assert_int_equal(request.count, 3);
    assert_int_equal(doc_int(request.documents[0].doc, "placed_at", 0), -5);
    assert_int_equal(request.documents[0].version, 1);
    query.ids_only = true;
    documents_must(fixture->store, &request);
    assert_int_equal(request.count, 3);
    assert_true(doc_is_empty(request.documents[0].doc));
    assert_int_equal(request.documents[0].version, 1);
}

/* ---- what indexes hold ---- */

static struct documents_query with_token(const char *token)
{
    return (struct documents_query){
        .terms = {{"tokens", str_of(token)}},
        .term_count = 1,
        .order = ORDER_BY_ID,
        .limit = 10,
    };
}

static void indexes_follow_replace_put_and_erase(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_into(fixture, COLLECTION_PRODUCTS, "p1", test_product(fixture, "red mug", "home", 5), 0);
    insert_into(fixture, COLLECTION_PRODUCTS, "p2", test_product(fixture, "mug mug", "home", 6), 0);
    assert_query(fixture, COLLECTION_PRODUCTS, with_token("mug"), "p1 p2");

    struct documents_request change =
        documents_request_of(fixture, DOCUMENTS_REPLACE, COLLECTION_PRODUCTS, "p1");
    change.doc = test_product(fixture, "blue mug", "home", 5);
    change.version = 1;
    documents_must(fixture->store, &change);
    assert_query(fixture, COLLECTION_PRODUCTS, with_token("red"), "");
    assert_query(fixture, COLLECTION_PRODUCTS, with_token("blue"), "p1");
    assert_query(fixture, COLLECTION_PRODUCTS, with_token("mug"), "p1 p2");

    change.base.operation = DOCUMENTS_PUT;
    change.doc = test_product(fixture, "plate", "home", 9);
    documents_must(fixture->store, &change);
    assert_query(fixture, COLLECTION_PRODUCTS, with_token("mug"), "p2");
    assert_query(fixture, COLLECTION_PRODUCTS, with_token("plate"), "p1");
    struct documents_query price = {.range_field = "price", .from = 9, .to = 10, .limit = 5};
    assert_query(fixture, COLLECTION_PRODUCTS, price, "p1");

    change.base.operation = DOCUMENTS_ERASE;
    documents_must(fixture->store, &change);
    assert_query(fixture, COLLECTION_PRODUCTS, with_token("plate"), "");
    assert_query(fixture, COLLECTION_PRODUCTS, price, "");
    assert_int_equal(count_of(fixture, COLLECTION_PRODUCTS, NULL), 1);
}

static void values_of_other_types_are_not_indexed(void **state)
{
    struct documents_fixture *fixture = *state;
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_adds(&builder, "tokens", "lonely"); /* counts as an array of one */
    doc_open_array(&builder, "categories");
    doc_add_int(&builder, NULL, 7);
    doc_adds(&builder, NULL, "home");
    doc_add_null(&builder, NULL);
    doc_close(&builder);
    doc_adds(&builder, "price", "12");
    insert_into(fixture, COLLECTION_PRODUCTS, "p1", doc_finish(&builder), 0);
    doc_builder_release(&builder);
    assert_query(fixture, COLLECTION_PRODUCTS, with_token("lonely"), "p1");
    struct documents_query query = with_token("home");
    query.terms[0].field = "categories";
    assert_query(fixture, COLLECTION_PRODUCTS, query, "p1");
    query.terms[0].value = STR("7");
    assert_query(fixture, COLLECTION_PRODUCTS, query, "");
    query.terms[0] = (struct documents_term){"price", STR("12")};
    assert_query(fixture, COLLECTION_PRODUCTS, query, "");
    assert_query(fixture, COLLECTION_PRODUCTS,
                 (struct documents_query){.range_field = "price", .to = INT64_MAX, .limit = 5}, "");
}

/* ---- the cheapest order ---- */

static void any_order_sees_each_that_stays_once(void **state)
{
    struct documents_fixture *fixture = *state;
    enum { COUNT = 60 };
    int seen[COUNT] = {0};
    char id[16];
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof(id), "p%02d", i);
        insert_into(fixture, COLLECTION_PRODUCTS, id, test_product(fixture, "mug", "home", i), 0);
    }
    struct documents_query query = {.order = ORDER_ANY, .limit = 7};
    int page = 0;
    do {
        struct documents_request request =
            documents_request_of(fixture, DOCUMENTS_QUERY, COLLECTION_PRODUCTS, NULL);
        request.query = &query;
        documents_must(fixture->store, &request);
        for (size_t i = 0; i < request.count; i++) {
            if (request.documents[i].id.ptr[0] == 'p')
                seen[(request.documents[i].id.ptr[1] - '0') * 10 + request.documents[i].id.ptr[2] -
                     '0']++;
        }
        query.after = request.cursor;
        /* Between the pages one is changed, one erased and one added. */
        snprintf(id, sizeof(id), "p%02d", (page * 13) % COUNT);
        struct documents_request change =
            documents_request_of(fixture, DOCUMENTS_PUT, COLLECTION_PRODUCTS, id);
        change.doc = test_product(fixture, "mug", "home", 1000 - page);
        documents_must(fixture->store, &change);
        snprintf(id, sizeof(id), "x%02d", page++);
        insert_into(fixture, COLLECTION_PRODUCTS, id, test_product(fixture, "mug", "home", 1), 0);
    } while (query.after.ptr);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(seen[i], 1);
}

/* ---- against going through all by hand ---- */

enum { MODEL_PRODUCTS = 400, MODEL_WORDS = 6, MODEL_PRICES = 12, MODEL_QUERIES = 300 };
static const char *const words[MODEL_WORDS] = {"mug", "red", "blue", "tea", "box", "gift"};

struct model_product {
    unsigned words; /* bits */
    int64_t price;
    char id[16];
};

static uint32_t next_random(uint32_t *random)
{
    *random = *random * 1664525u + 1013904223u;
    return *random >> 8;
}

static void insert_model(struct documents_fixture *fixture, struct model_product *model,
                         uint32_t *random)
{
    for (int i = 0; i < MODEL_PRODUCTS; i++) {
        char tokens[64] = "";
        /* mug is in nearly all, gift in few: both ways to go are taken. */
        for (unsigned w = 0; w < MODEL_WORDS; w++) {
            if (next_random(random) % (1u << w) == 0 || (w == 0)) {
                model[i].words |= 1u << w;
                snprintf(tokens + strlen(tokens), sizeof(tokens) - strlen(tokens), "%s%s",
                         *tokens ? " " : "", words[w]);
            }
        }
        model[i].price = next_random(random) % MODEL_PRICES;
        snprintf(model[i].id, sizeof(model[i].id), "p%06u", (unsigned)(i * 7919) % 1000000u);
        insert_into(fixture, COLLECTION_PRODUCTS, model[i].id,
                    test_product(fixture, tokens, "", model[i].price), 0);
    }
}

struct model_query {
    struct documents_query query;
    unsigned words;
};

static bool model_matches(const struct model_product *product, const struct model_query *query)
{
    if ((product->words & query->words) != query->words)
        return false;
    return !query->query.range_field ||
           (product->price >= query->query.from && product->price < query->query.to);
}

static const struct model_query *comparing;

static int compare_products(const void *a, const void *b)
{
    const struct model_product *left = a, *right = b;
    int order = 0;
    if (comparing->query.order == ORDER_BY_NUMBER)
        order = (left->price > right->price) - (left->price < right->price);
    if (order == 0)
        order = strcmp(left->id, right->id);
    return comparing->query.descending ? -order : order;
}

static struct model_query random_query(uint32_t *random)
{
    struct model_query query = {.query = {.limit = 1 + next_random(random) % 40}};
    for (unsigned terms = next_random(random) % 4; terms > 0; terms--) {
        unsigned w = next_random(random) % MODEL_WORDS;
        query.words |= 1u << w;
        query.query.terms[query.query.term_count++] =
            (struct documents_term){"tokens", str_of(words[w])};
    }
    query.query.order = next_random(random) % 2 ? ORDER_BY_NUMBER : ORDER_BY_ID;
    query.query.descending = next_random(random) % 2;
    if (query.query.order == ORDER_BY_NUMBER || next_random(random) % 2) {
        query.query.range_field = "price";
        query.query.from = next_random(random) % MODEL_PRICES;
        query.query.to = query.query.from + next_random(random) % MODEL_PRICES;
    }
    return query;
}

static void queries_find_what_a_search_by_hand_finds(void **state)
{
    struct documents_fixture *fixture = *state;
    enum { TEXT = MODEL_PRODUCTS * 16 };
    struct model_product *model = calloc(MODEL_PRODUCTS, sizeof(*model));
    char *expected = malloc(TEXT), *found = malloc(TEXT);
    uint32_t random = 20111209;
    insert_model(fixture, model, &random);
    for (int i = 0; i < MODEL_QUERIES; i++) {
        struct model_query query = random_query(&random);
        size_t used = 0, matches = 0;
        comparing = &query;
        qsort(model, MODEL_PRODUCTS, sizeof(*model), compare_products);
        expected[0] = '\0';
        for (int p = 0; p < MODEL_PRODUCTS; p++) {
            if (model_matches(&model[p], &query)) {
                used += (size_t)snprintf(expected + used, TEXT - used, "%s%s", used ? " " : "",
                                         model[p].id);
                matches++;
            }
        }
        query_ids(fixture, COLLECTION_PRODUCTS, query.query, found, TEXT);
        assert_string_equal(found, expected);
        assert_int_equal(count_of(fixture, COLLECTION_PRODUCTS, &query.query), matches);
    }
    free(model);
    free(expected);
    free(found);
}

/* More of them than the rarest term may have to be sorted from. */
static void common_terms_are_found_along_the_order(void **state)
{
    struct documents_fixture *fixture = *state;
    enum { COUNT = 1300, BATCH = 100 };
    struct documents_request requests[BATCH];
    char ids[BATCH][16];
    for (int from = 0; from < COUNT; from += BATCH) {
        for (int i = 0; i < BATCH; i++) {
            snprintf(ids[i], sizeof(ids[i]), "p%04d", from + i);
            requests[i] =
                documents_request_of(fixture, DOCUMENTS_INSERT, COLLECTION_PRODUCTS, ids[i]);
            requests[i].doc = test_product(fixture, (from + i) % 500 ? "mug" : "mug rare", "home",
                                           COUNT - from - i);
            documents_submit(fixture->store, &requests[i]);
        }
        for (int i = 0; i < BATCH; i++)
            assert_true(documents_wait(fixture->store, &requests[i]));
    }
    struct documents_query query = {
        .terms = {{"tokens", STR("mug")}, {"categories", STR("home")}},
        .term_count = 2,
        .range_field = "price",
        .to = 4,
        .order = ORDER_BY_NUMBER,
        .limit = 2,
    };
    assert_query(fixture, COLLECTION_PRODUCTS, query, "p1299 p1298 p1297");
    assert_int_equal(count_of(fixture, COLLECTION_PRODUCTS, &query), 3);
    query.terms[1] = (struct documents_term){"tokens", STR("rare")};
    query.to = INT64_MAX;
    assert_query(fixture, COLLECTION_PRODUCTS, query, "p1000 p0500 p0000");
    query.order = ORDER_ANY;
    assert_query(fixture, COLLECTION_PRODUCTS, query, "p0000 p0500 p1000");
}

/* ---- what is refused ---- */

static void refuse(struct documents_fixture *fixture, struct documents_query query)
{
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_QUERY, COLLECTION_ORDERS, NULL);
    request.query = &query;
    documents_must_fail(fixture->store, &request, ECOMMERCE_INVALID_ARGUMENT);
}

static void cursors_of_no_query_are_refused(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_orders(fixture);
    static const char *const garbage[] = {"",
                                          "x",
                                          "i",
                                          "n",
                                          "r",
                                          "n12",
                                          "n12:",
                                          "n:o1",
                                          "nx:o1",
                                          "n1x:o1",
                                          "n99999999999999999999:o1",
                                          "r1x",
                                          "r1:o1",
                                          "\xff\xfe",
                                          "n1:\xff"};
    for (size_t i = 0; i < ARRAY_LENGTH(garbage); i++) {
        struct documents_query query = by_time(false, 2);
        query.after = str_of(garbage[i]);
        refuse(fixture, query);
        query.order = ORDER_ANY;
        refuse(fixture, query);
    }
    /* Of another order. */
    struct documents_query query = by_time(false, 2);
    struct documents_request request =
        documents_request_of(fixture, DOCUMENTS_QUERY, COLLECTION_ORDERS, NULL);
    request.query = &query;
    documents_must(fixture->store, &request);
    query.after = request.cursor;
    query.order = ORDER_BY_ID;
    refuse(fixture, query);
}

static void queries_outside_the_contract_are_refused(void **state)
{
    struct documents_fixture *fixture = *state;
    struct documents_query query = by_time(false, 0);
    refuse(fixture, query);
    query.limit = DOCUMENTS_MAX_LIMIT + 1;
    refuse(fixture, query);
    query.limit = DOCUMENTS_MAX_LIMIT;
    assert_query(fixture, COLLECTION_ORDERS, query, "");
    query.range_field = "customer_id";
    refuse(fixture, query);
    query.range_field = "nothing";
    refuse(fixture, query);
    query.range_field = NULL;
    refuse(fixture, query);
    query = (struct documents_query){.limit = 1, .term_count = 1};
    refuse(fixture, query);
    query.terms[0] = (struct documents_term){"note", STR("x")};
    refuse(fixture, query);
    query.terms[0] = (struct documents_term){"customer_id", STR_NONE};
    refuse(fixture, query);
    query.terms[0] = (struct documents_term){"placed_at", STR("soon")};
    refuse(fixture, query);
    query.term_count = DOCUMENTS_MAX_TERMS + 1;
    refuse(fixture, query);
}

static void as_many_terms_as_are_allowed(void **state)
{
    struct documents_fixture *fixture = *state;
    insert_into(fixture, COLLECTION_PRODUCTS, "p1", test_product(fixture, "a b c", "home", 5), 0);
    struct documents_query query = {
        .term_count = DOCUMENTS_MAX_TERMS,
        .range_field = "price",
        .to = 100,
        .order = ORDER_BY_NUMBER,
        .limit = 1,
        .after = STR("n1:a"),
    };
    for (size_t i = 0; i < DOCUMENTS_MAX_TERMS; i++)
        query.terms[i] = (struct documents_term){"tokens", i % 2 ? STR("a") : STR("b")};
    assert_query(fixture, COLLECTION_PRODUCTS, query, "p1");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, documents_setup, documents_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(orders_are_total_over_page_borders),
        EACH(a_full_last_page_has_no_cursor),
        EACH(ranges_are_half_open),
        EACH(terms_must_all_hold),
        EACH(ids_only_leaves_documents_out),
        EACH(indexes_follow_replace_put_and_erase),
        EACH(values_of_other_types_are_not_indexed),
        EACH(any_order_sees_each_that_stays_once),
        EACH(queries_find_what_a_search_by_hand_finds),
        EACH(common_terms_are_found_along_the_order),
        EACH(cursors_of_no_query_are_refused),
        EACH(queries_outside_the_contract_are_refused),
        EACH(as_many_terms_as_are_allowed),
    };
    int failed = 0;
    for (size_t i = 0; i < documents_implementation_count; i++) {
        documents_tested = &documents_implementations[i];
        failed += cmocka_run_group_tests_name(documents_tested->name, tests, NULL, NULL);
    }
    return failed;
}
