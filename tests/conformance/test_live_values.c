/*
 * The contract of the live role for values, leases and the event buffer, against every
 * implementation.
 */
#include "tests/support/live_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct live_request value_request(struct live_fixture *fixture,
                                         enum live_operation operation, enum live_space space,
                                         const char *key)
{
    struct live_request request = live_request_of(fixture, operation);
    request.space = space;
    request.key = str_of(key);
    return request;
}

/* The version stored, or 0 when it was not. */
static int64_t put(struct live_fixture *fixture, const char *key, const char *owner, int64_t number,
                   int64_t version)
{
    struct live_request request = value_request(fixture, LIVE_PUT, SPACE_CARTS, key);
    request.owner = str_of(owner);
    request.doc = live_doc(fixture, number);
    request.version = version;
    live_must(fixture, &request);
    return request.stored ? request.value.version : 0;
}

static bool get(struct live_fixture *fixture, enum live_space space, const char *key,
                struct live_value *value)
{
    struct live_request request = value_request(fixture, LIVE_GET, space, key);
    live_must(fixture, &request);
    *value = request.value;
    return request.found;
}

static void a_value_comes_back_with_its_version(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_value value;
    assert_false(get(fixture, SPACE_CARTS, "c1", &value));
    assert_int_equal(put(fixture, "c1", "ann", 7, VERSION_ANY), 1);
    assert_true(get(fixture, SPACE_CARTS, "c1", &value));
    assert_true(str_is(value.key, "c1"));
    assert_true(str_is(value.owner, "ann"));
    assert_int_equal(doc_int(value.doc, "n", 0), 7);
    assert_int_equal(value.version, 1);
    assert_int_equal(value.expires_at, INT64_MAX);
    assert_int_equal(put(fixture, "c1", NULL, 8, VERSION_ANY), 2);
    assert_true(get(fixture, SPACE_CARTS, "c1", &value));
    assert_null(value.owner.ptr);
    assert_int_equal(doc_int(value.doc, "n", 0), 8);
    assert_false(get(fixture, SPACE_SESSIONS, "c1", &value));
}

static void a_put_needs_the_version_that_is_there(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_value value;
    assert_int_equal(put(fixture, "c1", NULL, 1, 1), 0);
    assert_int_equal(put(fixture, "c1", NULL, 1, VERSION_NONE), 1);
    assert_int_equal(put(fixture, "c1", NULL, 2, VERSION_NONE), 0);
    assert_int_equal(put(fixture, "c1", NULL, 2, 1), 2);
    assert_int_equal(put(fixture, "c1", NULL, 3, 1), 0);
    assert_true(get(fixture, SPACE_CARTS, "c1", &value));
    assert_int_equal(doc_int(value.doc, "n", 0), 2);
    assert_int_equal(value.version, 2);
}

static void a_refused_put_tells_the_version(void **state)
{
    struct live_fixture *fixture = *state;
    assert_int_equal(put(fixture, "c1", NULL, 1, VERSION_NONE), 1);
    struct live_request request = value_request(fixture, LIVE_PUT, SPACE_CARTS, "c1");
    request.version = 5;
    live_must(fixture, &request);
    assert_false(request.stored);
    assert_int_equal(request.value.version, 1);
    request.version = -2;
    live_must_fail(fixture, &request, ECOMMERCE_INVALID_ARGUMENT);
}

static void a_delete_needs_the_version_too(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_value value;
    assert_int_equal(put(fixture, "c1", NULL, 1, VERSION_ANY), 1);
    struct live_request request = value_request(fixture, LIVE_DELETE, SPACE_CARTS, "c1");
    request.version = 2;
    live_must(fixture, &request);
    assert_true(request.found);
    assert_false(request.stored);
    assert_true(get(fixture, SPACE_CARTS, "c1", &value));
    request.version = 1;
    live_must(fixture, &request);
    assert_true(request.stored);
    assert_false(get(fixture, SPACE_CARTS, "c1", &value));
    request.version = VERSION_ANY;
    live_must(fixture, &request);
    assert_false(request.found);
    assert_false(request.stored);
}

static void expired_values_are_absent(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_value value;
    struct live_request request = value_request(fixture, LIVE_PUT, SPACE_SESSIONS, "s1");
    request.owner = STR("ann");
    request.expires_at = LIVE_NOW + LIVE_SECOND;
    live_must(fixture, &request);
    assert_true(get(fixture, SPACE_SESSIONS, "s1", &value));
    live_clock_set(LIVE_NOW + LIVE_SECOND + 1);
    assert_false(get(fixture, SPACE_SESSIONS, "s1", &value));
    struct live_request list = live_request_of(fixture, LIVE_LIST);
    list.space = SPACE_SESSIONS;
    list.owner = STR("ann");
    live_must(fixture, &list);
    assert_int_equal(list.count, 0);
    request.version = VERSION_NONE;
    request.expires_at = INT64_MAX;
    live_must(fixture, &request);
    assert_true(request.stored);
    assert_int_equal(request.value.version, 1);
}

static void expire_forgets_what_has_expired(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_value value;
    for (int i = 0; i < 3; i++) {
        struct live_request request =
            value_request(fixture, LIVE_PUT, SPACE_CACHE, (const char *[]){"a", "b", "c"}[i]);
        request.expires_at = i == 2 ? INT64_MAX : LIVE_NOW + (i + 1) * LIVE_SECOND;
        live_must(fixture, &request);
    }
    struct live_request request = live_request_of(fixture, LIVE_EXPIRE);
    request.now = LIVE_NOW + LIVE_SECOND + 1;
    live_must(fixture, &request);
    assert_int_equal(request.count, 1);
    assert_false(get(fixture, SPACE_CACHE, "a", &value));
    assert_true(get(fixture, SPACE_CACHE, "b", &value));
    request.now = INT64_MAX;
    live_must(fixture, &request);
    assert_int_equal(request.count, 1);
    assert_true(get(fixture, SPACE_CACHE, "c", &value));
}

static void an_owner_s_values_are_listed_and_deleted(void **state)
{
    struct live_fixture *fixture = *state;
    struct live_value value;
    put(fixture, "c2", "ann", 2, VERSION_ANY);
    put(fixture, "c1", "ann", 1, VERSION_ANY);
    put(fixture, "c3", "bob", 3, VERSION_ANY);
    put(fixture, "c4", NULL, 4, VERSION_ANY);
    struct live_request list = live_request_of(fixture, LIVE_LIST);
    list.space = SPACE_CARTS;
    list.owner = STR("ann");
    live_must(fixture, &list);
    assert_int_equal(list.count, 2);
    assert_true(str_is(list.values[0].key, "c1"));
    assert_int_equal(doc_int(list.values[1].doc, "n", 0), 2);
    list.limit = 1;
    live_must(fixture, &list);
    assert_int_equal(list.count, 1);
    struct live_request request = live_request_of(fixture, LIVE_DELETE_OWNER);
    request.space = SPACE_CARTS;
    request.owner = STR("ann");
    live_must(fixture, &request);
    assert_int_equal(request.count, 2);
    assert_false(get(fixture, SPACE_CARTS, "c1", &value));
    assert_true(get(fixture, SPACE_CARTS, "c3", &value));
    assert_true(get(fixture, SPACE_CARTS, "c4", &value));
}

static bool lease(struct live_fixture *fixture, const char *owner, int64_t expires_at)
{
    struct live_request request = live_request_of(fixture, LIVE_LEASE);
    request.key = STR("relay");
    request.owner = str_of(owner);
    request.expires_at = expires_at;
    live_must(fixture, &request);
    return request.stored;
}

static void a_lease_has_one_owner_at_a_time(void **state)
{
    struct live_fixture *fixture = *state;
    assert_true(lease(fixture, "node1", LIVE_NOW + 10 * LIVE_SECOND));
    assert_false(lease(fixture, "node2", LIVE_NOW + 10 * LIVE_SECOND));
    assert_true(lease(fixture, "node1", LIVE_NOW + 20 * LIVE_SECOND));
    live_clock_set(LIVE_NOW + 15 * LIVE_SECOND);
    assert_false(lease(fixture, "node2", LIVE_NOW + 30 * LIVE_SECOND));
    live_clock_set(LIVE_NOW + 21 * LIVE_SECOND);
    assert_true(lease(fixture, "node2", LIVE_NOW + 30 * LIVE_SECOND));
    assert_false(lease(fixture, "node1", LIVE_NOW + 40 * LIVE_SECOND));
    assert_true(lease(fixture, "node2", LIVE_NOW)); /* given up */
    assert_true(lease(fixture, "node1", LIVE_NOW + 40 * LIVE_SECOND));
}

static size_t append(struct live_fixture *fixture, int64_t number, size_t limit)
{
    struct live_request request = live_request_of(fixture, LIVE_EVENT_APPEND);
    request.doc = live_doc(fixture, number);
    request.event_limit = limit;
    live_must(fixture, &request);
    assert_true(request.stored);
    return request.count;
}

static struct live_request read_events(struct live_fixture *fixture, size_t limit)
{
    struct live_request request = live_request_of(fixture, LIVE_EVENT_READ);
    request.limit = limit;
    live_must(fixture, &request);
    return request;
}

static size_t acknowledge(struct live_fixture *fixture, struct str position)
{
    struct live_request request = live_request_of(fixture, LIVE_EVENT_ACK);
    request.key = position;
    live_must(fixture, &request);
    return request.count;
}

static void events_stay_until_acknowledged(void **state)
{
    struct live_fixture *fixture = *state;
    for (int i = 1; i <= 5; i++)
        append(fixture, i, 100);
    struct live_request events = read_events(fixture, 3);
    assert_int_equal(events.count, 3);
    assert_int_equal(doc_int(events.values[0].doc, "n", 0), 1);
    events = read_events(fixture, 3);
    assert_int_equal(doc_int(events.values[2].doc, "n", 0), 3);
    struct str position = events.values[2].key;
    assert_int_equal(acknowledge(fixture, position), 3);
    assert_int_equal(acknowledge(fixture, position), 0);
    events = read_events(fixture, 100);
    assert_int_equal(events.count, 2);
    assert_int_equal(doc_int(events.values[0].doc, "n", 0), 4);
    assert_int_equal(acknowledge(fixture, events.values[1].key), 2);
    append(fixture, 6, 100);
    assert_int_equal(acknowledge(fixture, events.values[1].key), 0);
    assert_int_equal(read_events(fixture, 100).count, 1);
}

static void the_event_buffer_is_bounded(void **state)
{
    struct live_fixture *fixture = *state;
    size_t lost = 0;
    for (int i = 1; i <= 10; i++)
        lost += append(fixture, i, 4);
    assert_int_equal(lost, 6);
    struct live_request events = read_events(fixture, 100);
    assert_int_equal(events.count, 4);
    assert_int_equal(doc_int(events.values[0].doc, "n", 0), 7);
    assert_int_equal(append(fixture, 11, 2), 3);
    struct live_request request = live_request_of(fixture, LIVE_EVENT_APPEND);
    live_must_fail(fixture, &request, ECOMMERCE_INVALID_ARGUMENT);
    struct live_request ack = live_request_of(fixture, LIVE_EVENT_ACK);
    ack.key = STR("first");
    live_must_fail(fixture, &ack, ECOMMERCE_INVALID_ARGUMENT);
    assert_int_equal(read_events(fixture, 100).count, 2);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, live_setup, live_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_value_comes_back_with_its_version),
        EACH(a_put_needs_the_version_that_is_there),
        EACH(a_refused_put_tells_the_version),
        EACH(a_delete_needs_the_version_too),
        EACH(expired_values_are_absent),
        EACH(expire_forgets_what_has_expired),
        EACH(an_owner_s_values_are_listed_and_deleted),
        EACH(a_lease_has_one_owner_at_a_time),
        EACH(events_stay_until_acknowledged),
        EACH(the_event_buffer_is_bounded),
    };
    int failed = 0;
    for (size_t i = 0; i < live_implementation_count; i++) {
        live_tested = &live_implementations[i];
        failed += cmocka_run_group_tests_name(live_tested->name, tests, NULL, NULL);
    }
    return failed;
}
