/* test_events.c - recording events, and relaying them to analytics and the graph. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/analytics/events.h"
#include "services/customers/customers.h"
#include "tests/support/shop_fixture.h"

#include <string.h>

static struct shop_fixture *fixture;
static struct call call;

static int set_up(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    fixture = shop_fixture_open(0);
    fixture_call_begin(&fixture->shop, &call);
    struct doc shirt = fixture_doc(&call, "{'name': 'Shirt', 'variants': [{'variant_id': 'shirt-l',"
                                          " 'sku': 's-l', 'name': 'L', 'price': 9}]}");
    struct doc tea = fixture_doc(&call, "{'name': 'Tea', 'price': 2.5}");
    assert_true(catalog_put_product(&call, STR("tea"), tea, NULL, &err));
    assert_true(catalog_put_product(&call, STR("shirt"), shirt, NULL, &err));
    assert_true(customers_put(&call, STR("ann"), DOC_EMPTY, NULL, &err));
    doc_builder_clear(call.out);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_call_end(&call);
    shop_fixture_close(&fixture);
    return 0;
}

static enum ecommerce_error_code record(struct event event)
{
    ecommerce_error err = {0};
    bool ok = record_event(&call, &event, &err);
    doc_builder_clear(call.out);
    assert_int_equal(ok, err.code == ECOMMERCE_OK);
    return err.code;
}

static struct event viewed(const char *item)
{
    return (struct event){
        .kind = STR("viewed"), .customer_id = STR("ann"), .item_id = str_of(item)};
}

static size_t buffered(void)
{
    ecommerce_error err = {0};
    struct live_request read = call_live(&call, LIVE_EVENT_READ);
    read.limit = 1000;
    assert_true(live_run(fixture->shop.live, &read, &err));
    return read.count;
}

/* How often a product was viewed, as analytics has it. */
static int64_t views(const char *product)
{
    ecommerce_error err = {0};
    struct timeseries_request ranking = call_timeseries(&call, TIMESERIES_EVENT_RANKING);
    ranking.key = STR("viewed");
    ranking.from = 0;
    ranking.to = INT64_MAX;
    ranking.limit = 10;
    assert_true(timeseries_run(fixture->shop.timeseries, &ranking, &err));
    for (size_t i = 0; i < ranking.count; i++) {
        if (str_is(ranking.sums[i].key, product)) {
            return ranking.sums[i].orders;
        }
    }
    return 0;
}

static void relay_all(void)
{
    ecommerce_error err = {0};
    bool worked = true;
    while (worked) {
        assert_true(events_relay_step(&call, &worked, &err));
    }
}

static void test_relays_what_is_recorded(void **state)
{
    (void)state;
    assert_int_equal(record(viewed("tea")), ECOMMERCE_OK);
    assert_int_equal(record(viewed("tea")), ECOMMERCE_OK);
    struct event search = {.kind = STR("searched"), .text = STR("green tea")};
    assert_int_equal(record(search), ECOMMERCE_OK);
    assert_int_equal(buffered(), 3);
    relay_all();
    assert_int_equal(buffered(), 0);
    assert_int_equal(views("tea"), 2);
    bool worked = true;
    ecommerce_error err = {0};
    assert_true(events_relay_step(&call, &worked, &err));
    assert_false(worked);
}

static void test_a_variant_counts_as_its_product(void **state)
{
    (void)state;
    assert_int_equal(record(viewed("shirt-l")), ECOMMERCE_OK);
    assert_int_equal(record(viewed("shirt")), ECOMMERCE_OK);
    relay_all();
    assert_int_equal(views("shirt"), 2);
}

static void test_the_same_event_counts_once(void **state)
{
    (void)state;
    struct event event = viewed("tea");
    event.event_id = STR("e1");
    assert_int_equal(record(event), ECOMMERCE_OK);
    relay_all();
    assert_int_equal(record(event), ECOMMERCE_OK);
    relay_all();
    assert_int_equal(views("tea"), 1);
}

static void test_refuses_ill_formed_ones(void **state)
{
    (void)state;
    struct event event = viewed("tea");
    event.kind = STR("Viewed!");
    assert_int_equal(record(event), ECOMMERCE_INVALID_ARGUMENT);
    event.kind = STR("");
    assert_int_equal(record(event), ECOMMERCE_INVALID_ARGUMENT);
    assert_int_equal(record((struct event){.kind = STR("viewed")}), ECOMMERCE_INVALID_ARGUMENT);
    assert_int_equal(record((struct event){.kind = STR("searched")}), ECOMMERCE_INVALID_ARGUMENT);
    assert_int_equal(record(viewed("nothing")), ECOMMERCE_UNKNOWN_PRODUCT);
    event = viewed("tea");
    event.customer_id = STR("nobody");
    assert_int_equal(record(event), ECOMMERCE_UNKNOWN_CUSTOMER);
    assert_int_equal(buffered(), 0);
}

static void test_long_searches_are_cut_between_characters(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    char words[EVENT_TEXT_MAX + 2];
    memset(words, 'a', sizeof(words));
    memcpy(words + EVENT_TEXT_MAX - 1, "\xc3\xa4", 2);
    struct event event = {.kind = STR("searched"), .text = str_make(words, sizeof(words))};
    assert_int_equal(record(event), ECOMMERCE_OK);
    struct live_request read = call_live(&call, LIVE_EVENT_READ);
    read.limit = 1;
    assert_true(live_run(fixture->shop.live, &read, &err));
    assert_int_equal(doc_text(read.values[0].doc, "text").len, EVENT_TEXT_MAX - 1);
}

/* Until every receiver has it, a batch stays; who had it already counts it once. */
static void test_waits_for_a_store_that_is_away(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    bool worked = true;
    assert_int_equal(record(viewed("tea")), ECOMMERCE_OK);
    shop_fixture_away(fixture, ROLE_GRAPH, true);
    assert_false(events_relay_step(&call, &worked, &err));
    assert_int_equal(err.code, ECOMMERCE_UNAVAILABLE);
    assert_true(worked);
    assert_int_equal(buffered(), 1);
    shop_fixture_away(fixture, ROLE_GRAPH, false);
    relay_all();
    assert_int_equal(buffered(), 0);
    assert_int_equal(views("tea"), 1);
}

static void test_only_events_of_customers_go_to_the_graph(void **state)
{
    (void)state;
    struct event event = viewed("tea");
    event.customer_id = STR_NONE;
    assert_int_equal(record(event), ECOMMERCE_OK);
    relay_all();
    assert_int_equal(failing_stores_count_of(&fixture->stores, ROLE_GRAPH, GRAPH_EVENTS), 0);
    assert_int_equal(record(viewed("tea")), ECOMMERCE_OK);
    relay_all();
    assert_int_equal(failing_stores_count_of(&fixture->stores, ROLE_GRAPH, GRAPH_EVENTS), 1);
}

/* A damaged event must not hold up those behind it. */
static void test_a_refused_event_is_dropped_and_logged(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct live_request append = call_live(&call, LIVE_EVENT_APPEND);
    append.doc = fixture_doc(&call, "{'event_id': '', 'kind': '', 'at': 1}");
    append.event_limit = 10;
    assert_true(live_run(fixture->shop.live, &append, &err));
    assert_int_equal(record(viewed("tea")), ECOMMERCE_OK);
    relay_all();
    assert_int_equal(buffered(), 0);
    assert_int_equal(views("tea"), 1);
    struct documents_request count =
        call_documents(&call, DOCUMENTS_COUNT, COLLECTION_ERRORS, STR_NONE);
    assert_true(documents_run(fixture->shop.documents, &count, &err));
    assert_int_equal(count.number, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_relays_what_is_recorded),
        TEST(test_a_variant_counts_as_its_product),
        TEST(test_the_same_event_counts_once),
        TEST(test_refuses_ill_formed_ones),
        TEST(test_long_searches_are_cut_between_characters),
        TEST(test_waits_for_a_store_that_is_away),
        TEST(test_only_events_of_customers_go_to_the_graph),
        TEST(test_a_refused_event_is_dropped_and_logged),
    };
    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
