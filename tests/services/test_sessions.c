/* test_sessions.c - sessions: tokens, expiry, data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/customers/sessions.h"
#include "tests/support/shop_fixture.h"

#include <string.h>

#define MINUTE (INT64_C(60) * MICROSECONDS)

static struct shop_fixture *fixture;

static int set_up(void **state)
{
    (void)state;
    fixture = shop_fixture_open(FIXTURE_FAKE_TIMESERIES | FIXTURE_FAKE_GRAPH);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    shop_fixture_close(&fixture);
    return 0;
}

/* A new session; its token goes to `token`. */
static void begin(enum session_kind kind, struct str subject, char token[44])
{
    struct call call;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    assert_true(sessions_begin(&call, kind, subject, DOC_EMPTY, &err));
    struct str text = doc_text(fixture_call_answer(&call), "token");
    assert_int_equal(text.len, 43);
    memcpy(token, text.ptr, 43);
    token[43] = '\0';
    fixture_call_end(&call);
}

static enum ecommerce_error_code use(const char *token)
{
    struct call call;
    struct session session;
    ecommerce_error err = {0};
    fixture_call_begin(&fixture->shop, &call);
    bool ok = sessions_use(&call, str_of(token), &session, &err);
    fixture_call_end(&call);
    assert_int_equal(ok, err.code == ECOMMERCE_OK);
    return err.code;
}

static void test_only_the_hash_is_stored(void **state)
{
    (void)state;
    char token[44], hash[SESSION_HASH_TEXT];
    ecommerce_error err = {0};
    struct call call;
    begin(SESSION_CUSTOMER, STR("ann"), token);
    token_hash(str_of(token), hash);
    fixture_call_begin(&fixture->shop, &call);
    struct live_request list = call_live(&call, LIVE_LIST);
    list.space = SPACE_SESSIONS;
    list.owner = STR("customer:ann");
    list.limit = 10;
    assert_true(live_run(fixture->shop.live, &list, &err));
    assert_int_equal(list.count, 1);
    assert_true(str_is(list.values[0].key, hash));
    assert_null(memmem(list.values[0].doc.bytes, list.values[0].doc.size, token, 43));
    fixture_call_end(&call);
}

static void test_use_finds_whose_it_is(void **state)
{
    (void)state;
    char customer[44], guest[44], admin[44];
    struct call call;
    struct session session;
    ecommerce_error err = {0};
    begin(SESSION_CUSTOMER, STR("ann"), customer);
    begin(SESSION_GUEST, STR_NONE, guest);
    begin(SESSION_ADMIN, STR("ann"), admin);
    assert_string_not_equal(customer, guest);
    fixture_call_begin(&fixture->shop, &call);
    assert_true(sessions_use(&call, str_of(customer), &session, &err));
    assert_true(str_is(session.customer_id, "ann"));
    assert_true(str_is(session.role, "customer"));
    assert_true(sessions_use(&call, str_of(guest), &session, &err));
    assert_null(session.customer_id.ptr);
    assert_true(str_is(session.role, "guest"));
    assert_true(sessions_use(&call, str_of(admin), &session, &err));
    assert_null(session.customer_id.ptr);
    assert_true(str_is(session.staff_id, "ann"));
    fixture_call_end(&call);
}

static void test_unknown_tokens_read_like_ended_ones(void **state)
{
    (void)state;
    char token[44];
    struct call call;
    struct session session;
    ecommerce_error unknown = {0}, ended = {0}, err = {0};
    begin(SESSION_GUEST, STR_NONE, token);
    fixture_call_begin(&fixture->shop, &call);
    assert_true(sessions_end(&call, str_of(token), &err));
    assert_true(doc_bool(fixture_call_answer(&call), "ended", false));
    assert_false(sessions_use(&call, str_of(token), &session, &ended));
    assert_false(sessions_use(&call, STR("no such token"), &session, &unknown));
    fixture_call_end(&call);
    assert_int_equal(ended.code, ECOMMERCE_EXPIRED);
    assert_int_equal(unknown.code, ECOMMERCE_EXPIRED);
    assert_string_equal(ended.message, unknown.message);
}

static void test_ends_when_idle(void **state)
{
    (void)state;
    char token[44];
    begin(SESSION_GUEST, STR_NONE, token);
    for (int i = 0; i < 4; i++) {
        shop_fixture_advance(fixture, 20 * MINUTE);
        assert_int_equal(use(token), ECOMMERCE_OK);
    }
    shop_fixture_advance(fixture, 30 * MINUTE);
    assert_int_equal(use(token), ECOMMERCE_EXPIRED);
}

static void test_ends_at_its_absolute_age_though_used(void **state)
{
    (void)state;
    char token[44];
    int uses = 0;
    begin(SESSION_GUEST, STR_NONE, token);
    for (; use(token) == ECOMMERCE_OK; uses++) {
        shop_fixture_advance(fixture, 20 * MINUTE);
    }
    assert_int_equal(uses, 36); /* 12 h */
}

static void test_touching_writes_once_a_minute(void **state)
{
    (void)state;
    char token[44];
    begin(SESSION_GUEST, STR_NONE, token);
    failing_stores_forget(&fixture->stores);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(use(token), ECOMMERCE_OK);
        shop_fixture_advance(fixture, MINUTE / 4);
    }
    assert_int_equal(failing_stores_count_of(&fixture->stores, ROLE_LIVE, LIVE_PUT), 2);
}

static void test_data_is_set_and_merged(void **state)
{
    (void)state;
    char token[44];
    struct call call;
    ecommerce_error err = {0};
    begin(SESSION_GUEST, STR_NONE, token);
    fixture_call_begin(&fixture->shop, &call);
    struct doc data = fixture_doc(&call, "{'theme': 'dark', 'seen': {'a': 1, 'b': 2}}");
    assert_true(sessions_set_data(&call, str_of(token), data, &err));
    struct doc patch = fixture_doc(&call, "{'theme': null, 'seen': {'b': 3}, 'new': [1]}");
    doc_builder_clear(call.out);
    assert_true(sessions_merge_data(&call, str_of(token), patch, &err));
    struct doc expected = fixture_doc(&call, "{'seen': {'a': 1, 'b': 3}, 'new': [1]}");
    assert_true(doc_equal(doc_child(fixture_call_answer(&call), "data"), expected));
    fixture_call_end(&call);
}

static void test_data_has_a_limit(void **state)
{
    (void)state;
    char token[44];
    static char large[SESSION_DATA_MAX];
    struct call call;
    struct session session;
    ecommerce_error err = {0};
    memset(large, 'x', sizeof(large));
    begin(SESSION_GUEST, STR_NONE, token);
    fixture_call_begin(&fixture->shop, &call);
    struct doc_builder builder;
    doc_builder_init(&builder);
    doc_add_text(&builder, "x", str_make(large, sizeof(large)));
    struct doc data = doc_finish(&builder);
    assert_false(sessions_set_data(&call, str_of(token), data, &err));
    assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
    assert_false(sessions_merge_data(&call, str_of(token), data, &err));
    assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
    doc_builder_release(&builder);
    assert_true(sessions_use(&call, str_of(token), &session, &err));
    assert_true(doc_is_empty(session.data));
    fixture_call_end(&call);
}

static void test_all_of_one_customer_end(void **state)
{
    (void)state;
    char first[44], second[44], other[44], staff[44];
    struct call call;
    int64_t ended;
    ecommerce_error err = {0};
    begin(SESSION_CUSTOMER, STR("ann"), first);
    begin(SESSION_CUSTOMER, STR("ann"), second);
    begin(SESSION_CUSTOMER, STR("bob"), other);
    begin(SESSION_STAFF, STR("ann"), staff);
    fixture_call_begin(&fixture->shop, &call);
    assert_true(sessions_end_all(&call, SESSION_CUSTOMER, STR("ann"), &ended, &err));
    fixture_call_end(&call);
    assert_int_equal(ended, 2);
    assert_int_equal(use(first), ECOMMERCE_EXPIRED);
    assert_int_equal(use(second), ECOMMERCE_EXPIRED);
    assert_int_equal(use(other), ECOMMERCE_OK);
    assert_int_equal(use(staff), ECOMMERCE_OK);
}

static void test_fails_closed_without_the_store(void **state)
{
    (void)state;
    char token[44];
    begin(SESSION_CUSTOMER, STR("ann"), token);
    shop_fixture_away(fixture, ROLE_LIVE, true);
    assert_int_equal(use(token), ECOMMERCE_UNAVAILABLE);
    shop_fixture_away(fixture, ROLE_LIVE, false);
    assert_int_equal(use(token), ECOMMERCE_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_only_the_hash_is_stored),
        TEST(test_use_finds_whose_it_is),
        TEST(test_unknown_tokens_read_like_ended_ones),
        TEST(test_ends_when_idle),
        TEST(test_ends_at_its_absolute_age_though_used),
        TEST(test_touching_writes_once_a_minute),
        TEST(test_data_is_set_and_merged),
        TEST(test_data_has_a_limit),
        TEST(test_all_of_one_customer_end),
        TEST(test_fails_closed_without_the_store),
    };
    return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
