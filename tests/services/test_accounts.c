/* test_accounts.c - logins, one-time tokens, staff, API keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/customers/accounts.h"
#include "services/customers/customers.h"
#include "services/customers/passwords.h"
#include "tests/support/shop_fixture.h"

#include <sodium.h>

static struct shop_fixture *fixture;
static struct call call;

static const char password[] = "correct horse";

static int set_up(void **state)
{
    (void)state;
    fixture = shop_fixture_open(FIXTURE_FAKE_TIMESERIES | FIXTURE_FAKE_GRAPH);
    fixture_call_begin(&fixture->shop, &call);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_call_end(&call);
    shop_fixture_close(&fixture);
    return 0;
}

static void must(bool ok, const ecommerce_error *err)
{
    if (!ok) {
        fail_msg("%s: %s", ecommerce_error_name(err->code), err->message);
    }
}

/* The answer so far, in the call's arena; the next one begins. */
static struct doc take_answer(void)
{
    struct doc answer;
    assert_true(doc_copy(&call.arena, fixture_call_answer(&call), &answer));
    doc_builder_clear(call.out);
    return answer;
}

static struct doc register_ann(void)
{
    ecommerce_error err = {0};
    must(accounts_register(&call, STR("Ann@example.com"), str_of(password),
                           fixture_doc(&call, "{'name': 'Ann'}"), &err),
         &err);
    return take_answer();
}

static enum ecommerce_error_code log_in(const char *email, const char *with)
{
    ecommerce_error err = {0};
    doc_builder_clear(call.out);
    bool ok = accounts_log_in(&call, str_of(email), str_of(with), &err);
    assert_int_equal(ok, err.code == ECOMMERCE_OK);
    return err.code;
}

static enum ecommerce_error_code use(struct str token)
{
    struct session session;
    ecommerce_error err = {0};
    (void)!sessions_use(&call, token, &session, &err);
    return err.code;
}

static void test_registers_and_logs_in(void **state)
{
    (void)state;
    struct doc ann = register_ann();
    assert_int_equal(log_in(" ann@EXAMPLE.com", password), ECOMMERCE_OK);
    struct doc answer = take_answer();
    assert_true(str_equal(doc_text(answer, "customer_id"), doc_text(ann, "customer_id")));
    assert_false(doc_bool(answer, "email_verified", true));
    assert_int_equal(use(doc_text(answer, "token")), ECOMMERCE_OK);
    ecommerce_error err = {0};
    must(accounts_log_out(&call, doc_text(answer, "token"), &err), &err);
    assert_int_equal(use(doc_text(answer, "token")), ECOMMERCE_EXPIRED);
    assert_false(
        accounts_register(&call, STR("ann@example.com"), str_of(password), DOC_EMPTY, &err));
    assert_int_equal(err.code, ECOMMERCE_ALREADY_EXISTS);
}

static void test_a_wrong_password_reads_like_an_unknown_name(void **state)
{
    (void)state;
    ecommerce_error wrong = {0}, unknown = {0}, ill_formed = {0};
    register_ann();
    assert_false(accounts_log_in(&call, STR("ann@example.com"), STR("correct hors"), &wrong));
    assert_false(accounts_log_in(&call, STR("bob@example.com"), str_of(password), &unknown));
    assert_false(accounts_log_in(&call, STR("bob"), str_of(password), &ill_formed));
    assert_int_equal(wrong.code, ECOMMERCE_NOT_FOUND);
    assert_memory_equal(&wrong, &unknown, sizeof(wrong));
    assert_memory_equal(&wrong, &ill_formed, sizeof(wrong));
}

/* Also with the password that a customer without a login might be thought to have. */
static void test_no_login_without_a_password(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    must(customers_put(&call, STR("c"), fixture_doc(&call, "{'email': 'c@example.com'}"), NULL,
                       &err),
         &err);
    assert_int_equal(log_in("c@example.com", ""), ECOMMERCE_NOT_FOUND);
    assert_int_equal(log_in("c@example.com", "c"), ECOMMERCE_NOT_FOUND);
}

static void test_passwords(void **state)
{
    (void)state;
    char hash[PASSWORD_HASH_TEXT], other[PASSWORD_HASH_TEXT];
    ecommerce_error err = {0};
    bool right;
    assert_false(password_check(STR("1234567"), &err));
    assert_false(password_check(STR("PassWord1"), &err));
    assert_true(password_check(STR("with a NUL\0in it"), &err));
    must(password_hash(STR("with a NUL\0in it"), hash, &err), &err);
    must(password_hash(STR("with a NUL\0in it"), other, &err), &err);
    assert_string_not_equal(hash, other);
    assert_int_equal(strncmp(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
    must(password_verify(STR("with a NUL\0in it"), str_of(hash), &right, NULL, &err), &err);
    assert_true(right);
    must(password_verify(STR("with a NUL\0at it"), str_of(hash), &right, NULL, &err), &err);
    assert_false(right);
    must(password_verify(STR_NONE, str_of(hash), &right, NULL, &err), &err);
    assert_false(right);
}

static void test_a_weaker_hash_is_noticed(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    bool right, weak;
    char hash[PASSWORD_HASH_TEXT], old[crypto_pwhash_STRBYTES];
    must(password_hash(str_of(password), hash, &err), &err);
    must(password_verify(str_of(password), str_of(hash), &right, &weak, &err), &err);
    assert_true(right && !weak);
    assert_int_equal(crypto_pwhash_str(old, password, strlen(password), 1, 8 << 20), 0);
    must(password_verify(str_of(password), str_of(old), &right, &weak, &err), &err);
    assert_true(right && weak);
}

static void test_verifies_an_address_once(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct str token = doc_text(register_ann(), "verification_token");
    must(accounts_verify_email(&call, token, &err), &err);
    assert_false(accounts_verify_email(&call, token, &err));
    assert_int_equal(err.code, ECOMMERCE_EXPIRED);
    assert_int_equal(log_in("ann@example.com", password), ECOMMERCE_OK);
    struct doc answer = take_answer();
    assert_true(doc_bool(answer, "email_verified", false));
    struct str id = doc_text(answer, "customer_id");
    struct doc patch = fixture_doc(&call, "{'email': 'new@example.com'}");
    must(customers_patch(&call, id, patch, NULL, &err), &err);
    assert_int_equal(log_in("new@example.com", password), ECOMMERCE_OK);
    assert_false(doc_bool(take_answer(), "email_verified", true));
    assert_int_equal(log_in("ann@example.com", password), ECOMMERCE_NOT_FOUND);
}

static struct str request_reset(const char *email)
{
    ecommerce_error err = {0};
    doc_builder_clear(call.out);
    must(accounts_request_password_reset(&call, str_of(email), &err), &err);
    struct doc answer = take_answer();
    assert_true(doc_bool(answer, "accepted", false));
    return doc_text(answer, "reset_token");
}

static enum ecommerce_error_code reset(struct str token, const char *to)
{
    ecommerce_error err = {0};
    doc_builder_clear(call.out);
    bool ok = accounts_reset_password(&call, token, str_of(to), &err);
    assert_int_equal(ok, err.code == ECOMMERCE_OK);
    return err.code;
}

static void test_resets_a_password(void **state)
{
    (void)state;
    register_ann();
    assert_int_equal(log_in("ann@example.com", password), ECOMMERCE_OK);
    struct str session = doc_text(take_answer(), "token");
    assert_null(request_reset("nobody@example.com").ptr);
    struct str first = request_reset("ann@example.com");
    struct str second = request_reset("ann@example.com");
    assert_int_equal(reset(first, "another horse"), ECOMMERCE_EXPIRED);
    assert_int_equal(reset(second, "short"), ECOMMERCE_INVALID_ARGUMENT);
    assert_int_equal(reset(second, "another horse"), ECOMMERCE_OK);
    assert_int_equal(reset(second, "a third horse"), ECOMMERCE_EXPIRED);
    assert_int_equal(use(session), ECOMMERCE_EXPIRED);
    assert_int_equal(log_in("ann@example.com", password), ECOMMERCE_NOT_FOUND);
    assert_int_equal(log_in("ann@example.com", "another horse"), ECOMMERCE_OK);
}

static void test_tokens_grow_old_and_have_one_purpose(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct str verification = doc_text(register_ann(), "verification_token");
    assert_int_equal(reset(verification, "another horse"), ECOMMERCE_EXPIRED);
    char token[64] = "";
    struct str fresh = request_reset("ann@example.com");
    memcpy(token, fresh.ptr, fresh.len);
    shop_fixture_advance(fixture, RESET_TOKEN_LIFETIME);
    fixture_call_end(&call);
    fixture_call_begin(&fixture->shop, &call);
    assert_int_equal(reset(str_of(token), "another horse"), ECOMMERCE_EXPIRED);
    assert_false(accounts_verify_email(&call, STR("no token"), &err));
    assert_int_equal(err.code, ECOMMERCE_EXPIRED);
}

static void test_logs_out_everywhere(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    register_ann();
    assert_int_equal(log_in("ann@example.com", password), ECOMMERCE_OK);
    struct str first = doc_text(take_answer(), "token");
    assert_int_equal(log_in("ann@example.com", password), ECOMMERCE_OK);
    struct str second = doc_text(take_answer(), "token");
    must(accounts_log_out_everywhere(&call, first, &err), &err);
    assert_int_equal(doc_int(take_answer(), "ended", 0), 2);
    assert_int_equal(use(second), ECOMMERCE_EXPIRED);
}

static void test_staff_come_in_until_disabled(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct str id = STR("root");
    assert_false(staff_put(&call, id, STR("Root"), STR("god"), str_of(password), &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    must(staff_put(&call, id, STR("Root"), STR("admin"), str_of(password), &err), &err);
    struct doc account = take_answer();
    assert_null(doc_text(account, "password").ptr);
    must(staff_log_in(&call, id, str_of(password), &err), &err);
    struct doc answer = take_answer();
    assert_true(str_is(doc_text(answer, "role"), "admin"));
    must(staff_put(&call, id, STR("R."), STR("admin"), STR_NONE, &err), &err);
    assert_int_equal(use(doc_text(answer, "token")), ECOMMERCE_OK);
    must(staff_put(&call, id, STR_NONE, STR("staff"), STR_NONE, &err), &err);
    assert_int_equal(use(doc_text(answer, "token")), ECOMMERCE_EXPIRED);
    must(staff_disable(&call, id, &err), &err);
    assert_false(staff_log_in(&call, id, str_of(password), &err));
    assert_int_equal(err.code, ECOMMERCE_NOT_FOUND);
    doc_builder_clear(call.out);
    must(staff_list(&call, &err), &err);
    assert_int_equal(doc_count(doc_child(take_answer(), "staff")), 1);
}

static void test_api_keys(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct api_key found;
    const struct str scopes[] = {STR("orders:read")};
    must(api_keys_create(&call, STR("till"), STR("staff"), scopes, 1, &err), &err);
    struct doc made = take_answer();
    struct str key = doc_text(made, "key");
    assert_int_equal(key.len, 46);
    must(api_keys_check(&call, key, &found, &err), &err);
    assert_true(str_is(found.role, "staff"));
    assert_int_equal(doc_count(found.scopes), 1);
    must(api_keys_list(&call, &err), &err);
    struct doc listed = take_answer();
    assert_int_equal(doc_count(doc_child(listed, "keys")), 1);
    assert_null(memmem(listed.bytes, listed.size, key.ptr, key.len));
    must(api_keys_revoke(&call, doc_text(made, "key_id"), &err), &err);
    must(api_keys_revoke(&call, doc_text(made, "key_id"), &err), &err);
    assert_false(api_keys_check(&call, key, &found, &err));
    assert_int_equal(err.code, ECOMMERCE_EXPIRED);
    assert_false(api_keys_check(&call, STR(""), &found, &err));
    assert_false(api_keys_create(&call, STR("x"), STR("root"), NULL, 0, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
}

/* Neither password nor token nor key stands in any document. */
static void test_secrets_are_not_stored(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct str token = doc_text(register_ann(), "verification_token");
    must(api_keys_create(&call, STR("till"), STR("staff"), NULL, 0, &err), &err);
    struct str key = doc_text(take_answer(), "key");
    for (int i = 0; i < DOCUMENTS_COLLECTIONS; i++) {
        const struct documents_query all = {.limit = 100};
        struct documents_request query =
            call_documents(&call, DOCUMENTS_QUERY, (enum documents_collection)i, STR_NONE);
        query.query = &all;
        must(documents_run(fixture->shop.documents, &query, &err), &err);
        for (size_t d = 0; d < query.count; d++) {
            struct doc doc = query.documents[d].doc;
            assert_null(memmem(doc.bytes, doc.size, password, strlen(password)));
            assert_null(memmem(doc.bytes, doc.size, token.ptr, token.len));
            assert_null(memmem(doc.bytes, doc.size, key.ptr, key.len));
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registers_and_logs_in),
        TEST(test_a_wrong_password_reads_like_an_unknown_name),
        TEST(test_no_login_without_a_password),
        TEST(test_passwords),
        TEST(test_a_weaker_hash_is_noticed),
        TEST(test_verifies_an_address_once),
        TEST(test_resets_a_password),
        TEST(test_tokens_grow_old_and_have_one_purpose),
        TEST(test_logs_out_everywhere),
        TEST(test_staff_come_in_until_disabled),
        TEST(test_api_keys),
        TEST(test_secrets_are_not_stored),
    };
    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
