/*
 * test_import_demo.c - the demonstration shop through the engine: all of the plan arrives, once;
 * other numbers under the same seed are refused; a killed one is finished.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/import_system.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SMALL                                                                                      \
    "{'seed': 7, 'products': 60, 'customers': 50, 'orders': 300, 'carts': 4, 'days': 60, "         \
    "'now': '2024-03-01T12:00:00Z'}"

static void assert_whole(const struct import_system *shop)
{
    assert_true(answer_bool(shop, "reconciled"));
    assert_int_equal(answer_int(shop, "orders.placed") + answer_int(shop, "orders.replayed"), 300);
    assert_int_equal(answer_int(shop, "orders.refused"), 0);
    assert_int_equal(answer_int(shop, "changes.refused"), 0);
    assert_int_equal(answer_int(shop, "movements.refused"), 0);
    assert_int_equal(answer_int(shop, "events.refused"), 0);
    assert_int_equal(answer_int(shop, "cart_items.refused"), 0);
}

static void assert_clean(struct import_system *shop)
{
    import_system_run(shop, "check", "{}");
    if (!answer_bool(shop, "clean")) {
        fail_msg("%s", ecommerce_document_json_indented(shop->answer));
    }
}

static void test_the_plan_arrives(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    import_system_run(&shop, "demo", SMALL);
    assert_whole(&shop);
    assert_int_equal(answer_int(&shop, "products.added"), 60);
    assert_int_equal(answer_int(&shop, "customers.added"), 50);
    assert_true(answer_int(&shop, "changes.recorded") > 300);
    assert_true(answer_int(&shop, "events.recorded") > 0);
    assert_clean(&shop);
    import_system_run(&shop, "list_orders", "{'number': '10001'}");
    assert_int_equal(ecommerce_document_count(shop.answer, "orders"), 1);
    import_system_run(&shop, "get_customer", "{'customer_id': 'c-00001'}");
    assert_non_null(strstr(answer_text(&shop, "email"), "example"));
    import_system_close(&shop);
}

static void test_the_same_seed_again_changes_nothing(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    import_system_run(&shop, "demo", SMALL);
    long long changes = answer_int(&shop, "changes.recorded");
    long long turnover = answer_money(&shop, "turnover");
    import_system_reopen(&shop);
    import_system_run(&shop, "demo", SMALL);
    assert_whole(&shop);
    assert_int_equal(answer_int(&shop, "orders.placed"), 0);
    assert_int_equal(answer_int(&shop, "changes.recorded"), 0);
    assert_int_equal(answer_int(&shop, "changes.replayed"), changes);
    assert_int_equal(answer_int(&shop, "movements.recorded"), 0);
    assert_int_equal(answer_money(&shop, "turnover"), turnover);
    assert_clean(&shop);
    import_system_close(&shop);
}

/* Without an end the first run's is remembered, though time goes on. */
static void test_the_end_is_remembered(void **state)
{
    static const char *const options =
        "{'products': 30, 'customers': 10, 'orders': 20, 'days': 20}";
    struct import_system shop;
    char now[64];
    (void)state;
    import_system_open(&shop, NULL);
    import_system_run(&shop, "demo", options);
    snprintf(now, sizeof(now), "%s", ecommerce_document_json(shop.answer));
    sleep(1);
    import_system_run(&shop, "demo", options);
    assert_memory_equal(now, ecommerce_document_json(shop.answer), sizeof(now) - 1);
    assert_int_equal(answer_int(&shop, "orders.replayed"), 20);
    import_system_close(&shop);
}

static void test_other_numbers_under_the_same_seed_are_refused(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    import_system_run(&shop, "demo", SMALL);
    assert_false(import_system_try(&shop, "demo", "{'seed': 7, 'orders': 10}"));
    assert_int_equal(shop.error.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(shop.error.field, "seed");
    assert_false(import_system_try(&shop, "demo", "{'seed': 8, 'products': 1}"));
    assert_string_equal(shop.error.field, "products");
    assert_false(import_system_try(&shop, "demo", "{'seed': -1}"));
    assert_string_equal(shop.error.field, "seed");
    assert_false(import_system_try(&shop, "demo", "{'orders': -1}"));
    assert_string_equal(shop.error.field, "orders");
    import_system_close(&shop);
}

static void demo_until_killed(const struct import_system *shop)
{
    struct import_system own = {.folder = shop->folder};
    ecommerce_open_options options = {.folder = shop->folder.path};
    own.system = ecommerce_open_with(&options, NULL);
    _exit(own.system != NULL && import_system_try(&own, "demo", SMALL) ? 0 : 1);
}

static void kill_after(const struct import_system *shop, long milliseconds)
{
    struct timespec pause = {0, milliseconds * 1000000L};
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        demo_until_killed(shop);
    }
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
}

static void test_a_killed_one_is_finished(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    ecommerce_close(&shop.system);
    for (long milliseconds = 50; milliseconds < 600; milliseconds += 170) {
        kill_after(&shop, milliseconds);
    }
    import_system_reopen(&shop);
    import_system_run(&shop, "demo", SMALL);
    assert_whole(&shop);
    assert_clean(&shop);
    import_system_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_plan_arrives),
        cmocka_unit_test(test_the_same_seed_again_changes_nothing),
        cmocka_unit_test(test_the_end_is_remembered),
        cmocka_unit_test(test_other_numbers_under_the_same_seed_are_refused),
        cmocka_unit_test(test_a_killed_one_is_finished),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
