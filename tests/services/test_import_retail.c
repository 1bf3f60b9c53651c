/*
 * test_import_retail.c - an Online Retail file through the engine: what arrives, that it arrives
 * once, what is refused, and what a killed import leaves to the next one. The plan itself is
 * test_retail_plan's; the real file is tests/end_to_end/test_retail_import.sh's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/import_system.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HEADER "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

/* Two months; sales of a customer and of a guest; returns linked at another price, of a guest, of a
 * service; one line that is no sale. */
static const char *const FEW =
    HEADER "1001,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
           "1001,71053,LANTERN,4,2010-12-01 08:26:00,3.39,17850,United Kingdom\n"
           "1001,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850,United Kingdom\n"
           "1002,85123A,HOLDER,2,2010-12-01 09:00:00,2.75,,France\n"
           "1002,85123A,found,3,2010-12-01 09:00:00,0,,France\n"
           "C1003,85123A,HOLDER,-2,2010-12-02 10:00:00,2.55,17850,United Kingdom\n"
           "C1003,71053,LANTERN,-1,2010-12-02 10:00:00,3.00,17850,United Kingdom\n"
           "C1004,71053,LANTERN,-1,2010-12-03 10:00:00,3.39,,France\n"
           "C1005,D,Discount,-1,2010-12-04 10:00:00,5.00,17850,United Kingdom\n"
           "1006,71053,LANTERN,10,2011-01-10 11:00:00,3.39,12346,France\n";

enum {
    GROSS = 6 * 255 + 4 * 339 + 1800 + 2 * 275 + 10 * 339,
    RETURNED = 2 * 255 + 300 + 339 + 500
};

static void assert_reconciled(const struct import_system *shop, long long gross, long long returned)
{
    assert_int_equal(answer_money(shop, "revenue.gross"), gross);
    assert_int_equal(answer_money(shop, "revenue.returned"), returned);
    assert_int_equal(answer_money(shop, "revenue.net"), gross - returned);
    assert_true(answer_bool(shop, "reconciled"));
}

static void assert_clean(struct import_system *shop)
{
    import_system_run(shop, "check", "{}");
    if (!answer_bool(shop, "clean")) {
        fail_msg("%s", ecommerce_document_json_indented(shop->answer));
    }
}

static void import(struct import_system *shop)
{
    import_system_run_file(shop, "import_retail", "retail.csv", "");
}

/* ---- what arrives ---- */

static void test_every_line_is_accounted_for(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    import_system_write(&shop, "retail.csv", FEW);
    import(&shop);
    assert_int_equal(answer_int(&shop, "read"), 10);
    assert_int_equal(answer_int(&shop, "sold"), 5);
    assert_int_equal(answer_int(&shop, "returned"), 4);
    assert_int_equal(answer_int(&shop, "rejected.price_zero"), 1);
    assert_int_equal(ecommerce_document_count(shop.answer, "refused"), 0);
    assert_int_equal(answer_int(&shop, "invoices"), 6);
    assert_int_equal(answer_int(&shop, "products.added"), 4);
    assert_int_equal(answer_int(&shop, "customers.added"), 2);
    assert_int_equal(answer_int(&shop, "orders.placed"), 3);
    assert_int_equal(answer_int(&shop, "returns.recorded"), 1);
    assert_int_equal(answer_int(&shop, "unlinked_returns.recorded"), 2);
    assert_reconciled(&shop, GROSS, RETURNED);
    assert_clean(&shop);
    import_system_close(&shop);
}

static void test_orders_are_those_of_the_file(void **state)
{
    struct import_system shop;
    char arguments[128];
    (void)state;
    import_system_open(&shop, NULL);
    import_system_write(&shop, "retail.csv", FEW);
    import(&shop);
    import_system_run(&shop, "list_orders", "{'number': '1001'}");
    assert_int_equal(ecommerce_document_count(shop.answer, "orders"), 1);
    snprintf(arguments, sizeof(arguments), "{'order_id': '%s'}",
             answer_text(&shop, "orders.0.order_id"));
    import_system_run(&shop, "get_order", arguments);
    assert_string_equal(answer_text(&shop, "number"), "1001");
    assert_string_equal(answer_text(&shop, "customer_id"), "17850");
    assert_string_equal(answer_text(&shop, "country"), "United Kingdom");
    assert_int_equal(answer_money(&shop, "total"), 6 * 255 + 4 * 339 + 1800);
    assert_int_equal(ecommerce_document_count(shop.answer, "items"), 3);
    assert_int_equal(answer_int(&shop, "taken_back.0.line"), 1);
    assert_int_equal(answer_int(&shop, "taken_back.0.quantity"), 2);
    assert_int_equal(answer_int(&shop, "taken_back.1.quantity"), 1);
    assert_string_equal(answer_text(&shop, "history.0.reference"), "C1003");
    assert_int_equal(answer_money(&shop, "history.0.amount"), 2 * 255 + 300);
    import_system_close(&shop);
}

static void test_stock_is_what_came_less_what_went(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    import_system_write(&shop, "retail.csv", FEW);
    import(&shop);
    import_system_run(&shop, "stock_show", "{'item_id': '85123A'}");
    /* December: 8 sold and a cover of 2 received; 2 came back. */
    assert_int_equal(answer_int(&shop, "available"), 10 - 8 + 2);
    assert_int_equal(answer_int(&shop, "held"), 0);
    import_system_close(&shop);
}

/* ---- once ---- */

static void test_twice_is_once(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    import_system_write(&shop, "retail.csv", FEW);
    import(&shop);
    import_system_reopen(&shop);
    import(&shop);
    assert_int_equal(answer_int(&shop, "products.added"), 0);
    assert_int_equal(answer_int(&shop, "products.there_before"), 4);
    assert_int_equal(answer_int(&shop, "customers.there_before"), 2);
    assert_int_equal(answer_int(&shop, "orders.placed"), 0);
    assert_int_equal(answer_int(&shop, "orders.replayed"), 3);
    assert_int_equal(answer_int(&shop, "returns.replayed"), 1);
    assert_int_equal(answer_int(&shop, "unlinked_returns.replayed"), 2);
    assert_reconciled(&shop, GROSS, RETURNED);
    assert_clean(&shop);
    import_system_run(&shop, "stock_show", "{'item_id': '85123A'}");
    assert_int_equal(answer_int(&shop, "available"), 4);
    import_system_close(&shop);
}

static void test_what_the_shop_changed_stays(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    import_system_write(&shop, "retail.csv", FEW);
    import_system_run(&shop, "put_product",
                      "{'product_id': '85123A', 'product': {'name': 'ours', 'price': 9.99}}");
    import(&shop);
    assert_int_equal(answer_int(&shop, "products.there_before"), 1);
    assert_reconciled(&shop, GROSS, RETURNED);
    import_system_run(&shop, "get_product_details", "{'product_id': '85123A'}");
    assert_string_equal(answer_text(&shop, "name"), "ours");
    assert_int_equal(answer_money(&shop, "price"), 999);
    import_system_close(&shop);
}

/* ---- refusals ---- */

/* Orders of an erased customer are refused, and so is what came back of them; the rest goes on. */
static void test_refusals_are_counted(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    import_system_write(&shop, "retail.csv", FEW);
    import_system_run(&shop, "put_customer", "{'customer_id': '17850', 'customer': {}}");
    import_system_run(&shop, "erase_customer", "{'customer_id': '17850'}");
    import(&shop);
    assert_int_equal(answer_int(&shop, "orders.placed"), 2);
    assert_int_equal(answer_int(&shop, "orders.refused"), 1);
    assert_string_equal(answer_text(&shop, "orders.refusals.0.code"), "unknown_customer");
    assert_int_equal(answer_int(&shop, "refused.unknown_customer"), 3);
    assert_int_equal(answer_int(&shop, "refused.not_found"), 2);
    assert_int_equal(answer_int(&shop, "sold"), 2);
    assert_int_equal(answer_int(&shop, "returned"), 2);
    assert_reconciled(&shop, 2 * 275 + 10 * 339, 339 + 500);
    assert_clean(&shop);
    import_system_close(&shop);
}

/* The shop lost some of its goods: the sale that finds too little is refused, not sold. */
static void test_nothing_is_oversold(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    import_system_write(&shop, "retail.csv", FEW);
    import_system_run(&shop, "put_product",
                      "{'product_id': '71053', 'product': {'name': 'x', 'price': 1}}");
    import_system_run(&shop, "stock_adjust",
                      "{'item_id': '71053', 'quantity': -100, 'reason': 'stolen'}");
    import(&shop);
    assert_int_equal(answer_int(&shop, "orders.refused"), 2);
    assert_string_equal(answer_text(&shop, "orders.refusals.0.code"), "out_of_stock");
    assert_int_equal(answer_int(&shop, "refused.out_of_stock"), 4);
    assert_true(answer_bool(&shop, "reconciled"));
    import_system_close(&shop);
}

static void test_another_currency_is_refused_at_once(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, "shop.currency=EUR");
    import_system_write(&shop, "retail.csv", FEW);
    assert_false(import_system_try_file(&shop, "import_retail", "retail.csv", ""));
    assert_int_equal(shop.error.code, ECOMMERCE_INVALID_CONFIGURATION);
    assert_string_equal(shop.error.field, "shop.currency");
    assert_non_null(strstr(shop.error.message, "shop.currency=GBP"));
    import_system_close(&shop);
}

static void test_a_file_that_is_not_there(void **state)
{
    struct import_system shop;
    (void)state;
    import_system_open(&shop, NULL);
    assert_false(import_system_try_file(&shop, "import_retail", "none.csv", ""));
    assert_int_equal(shop.error.code, ECOMMERCE_NOT_FOUND);
    import_system_close(&shop);
}

/* ---- killed ---- */

enum { SALES = 1500, CUSTOMERS = 40, PRODUCTS = 60 };

/* Sales of one to three lines over two months, every seventh of which comes back in part. */
static void write_many(const struct import_system *shop, long long *gross, long long *returned)
{
    FILE *file = fopen(temp_folder_file(&shop->folder, "retail.csv"), "wb");
    assert_non_null(file);
    fputs(HEADER, file);
    *gross = *returned = 0;
    for (int sale = 0; sale < SALES; sale++) {
        int minute = sale * 58;
        int day = minute / 1440, month = day / 31;
        char at[32];
        snprintf(at, sizeof(at), "%d-%02d-%02d %02d:%02d:00", month ? 2011 : 2010, month ? 1 : 12,
                 day % 31 + 1, minute / 60 % 24, minute % 60);
        for (int line = 0; line <= sale % 3; line++) {
            int price = 100 + (sale + line) % 77;
            fprintf(file, "%d,2%04d,THING,%d,%s,1.%02d,%d,France\n", 5000 + sale,
                    (sale * 7 + line * 11) % PRODUCTS, 2 + line, at, price - 100,
                    700 + sale % CUSTOMERS);
            *gross += (2 + line) * (long long)price;
        }
        if (sale % 7 == 6) {
            fprintf(file, "C%d,2%04d,THING,-1,%s,1.00,%d,France\n", 5000 + sale,
                    sale * 7 % PRODUCTS, at, 700 + sale % CUSTOMERS);
            *returned += 100;
        }
    }
    assert_int_equal(fclose(file), 0);
}

static void import_until_killed(const struct import_system *shop)
{
    ecommerce_open_options options = {.folder = shop->folder.path};
    char json[512];
    snprintf(json, sizeof(json), "{\"path\": \"%s\"}",
             temp_folder_file(&shop->folder, "retail.csv"));
    ecommerce_system *system = ecommerce_open_with(&options, NULL);
    ecommerce_document *arguments = ecommerce_document_from_json(json, SIZE_MAX, NULL);
    _exit(system != NULL && ecommerce_call(system, "import_retail", arguments, NULL, NULL) ? 0 : 1);
}

static void kill_after(const struct import_system *shop, int milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        import_until_killed(shop);
    }
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
}

static void test_the_next_one_finishes_what_was_killed(void **state)
{
    struct import_system shop;
    long long gross, returned;
    (void)state;
    import_system_open(&shop, NULL);
    write_many(&shop, &gross, &returned);
    ecommerce_close(&shop.system);
    for (int milliseconds = 60; milliseconds < 700; milliseconds += 160) {
        kill_after(&shop, milliseconds);
    }
    import_system_reopen(&shop);
    import(&shop);
    assert_int_equal(answer_int(&shop, "orders.placed") + answer_int(&shop, "orders.replayed"),
                     SALES);
    assert_int_equal(answer_int(&shop, "returned"), SALES / 7);
    assert_int_equal(ecommerce_document_count(shop.answer, "refused"), 0);
    assert_reconciled(&shop, gross, returned);
    assert_clean(&shop);
    import(&shop);
    assert_int_equal(answer_int(&shop, "orders.placed"), 0);
    assert_int_equal(answer_int(&shop, "returns.recorded"), 0);
    assert_reconciled(&shop, gross, returned);
    import_system_close(&shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_line_is_accounted_for),
        cmocka_unit_test(test_orders_are_those_of_the_file),
        cmocka_unit_test(test_stock_is_what_came_less_what_went),
        cmocka_unit_test(test_twice_is_once),
        cmocka_unit_test(test_what_the_shop_changed_stays),
        cmocka_unit_test(test_refusals_are_counted),
        cmocka_unit_test(test_nothing_is_oversold),
        cmocka_unit_test(test_another_currency_is_refused_at_once),
        cmocka_unit_test(test_a_file_that_is_not_there),
        cmocka_unit_test(test_the_next_one_finishes_what_was_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
