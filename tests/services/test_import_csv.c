/*
 * test_import_csv.c - products, customers and stock from CSV files, and back into them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/import_system.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_shop(void **state)
{
    static struct import_system shop;
    import_system_open(&shop, NULL);
    *state = &shop;
    return 0;
}

static int close_shop(void **state)
{
    import_system_close(*state);
    return 0;
}

static void load(struct import_system *shop, const char *operation, const char *content)
{
    import_system_write(shop, "in.csv", content);
    import_system_run_file(shop, operation, "in.csv", "");
}

static void assert_refused(struct import_system *shop, const char *operation, const char *content,
                           const char *message)
{
    import_system_write(shop, "in.csv", content);
    assert_false(import_system_try_file(shop, operation, "in.csv", ""));
    assert_int_equal(shop->error.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(shop->error.field, "file");
    assert_string_equal(shop->error.message, message);
}

/* ---- products ---- */

static const char *const PRODUCTS =
    "product_id,name,price,description,images,tracked,low_stock_threshold,attribute.colour,"
    "attribute.months,variant_id,variant_sku,variant_name,variant_price,variant.size\n"
    "mug,Mug,7.50,\"Holds \"\"tea\"\", or coffee\",a.jpg;b.jpg,true,3,blue,24,,,,,\n"
    "shirt,Shirt,20,,,,,red,,shirt-m,S-M,M,20.00,M\n"
    "shirt,,,,,,,,,shirt-l,S-L,L,21.50,L\n"
    "wrap,Gift wrap,2,,,no,,,,,,,,\n";

static void test_products(void **state)
{
    struct import_system *shop = *state;
    load(shop, "import_products", PRODUCTS);
    assert_int_equal(answer_int(shop, "rows"), 4);
    assert_int_equal(answer_int(shop, "products.changed"), 3);
    import_system_run(shop, "get_product_details", "{'product_id': 'mug'}");
    assert_int_equal(answer_money(shop, "price"), 750);
    assert_string_equal(answer_text(shop, "description"), "Holds \"tea\", or coffee");
    assert_string_equal(answer_text(shop, "images.1"), "b.jpg");
    assert_string_equal(answer_text(shop, "attributes.colour"), "blue");
    assert_int_equal(answer_int(shop, "attributes.months"), 24);
    assert_int_equal(answer_int(shop, "low_stock_threshold"), 3);
    import_system_run(shop, "get_product_details", "{'product_id': 'shirt'}");
    assert_int_equal(ecommerce_document_count(shop->answer, "variants"), 2);
    assert_string_equal(answer_text(shop, "variants.1.sku"), "S-L");
    assert_int_equal(answer_money(shop, "variants.1.price"), 2150);
    assert_string_equal(answer_text(shop, "variants.1.attributes.size"), "L");
    import_system_run(shop, "get_product_details", "{'product_id': 'wrap'}");
    assert_false(answer_bool(shop, "tracked"));
}

static void test_products_again_change_nothing(void **state)
{
    struct import_system *shop = *state;
    load(shop, "import_products", PRODUCTS);
    load(shop, "import_products", PRODUCTS);
    assert_int_equal(answer_int(shop, "products.changed"), 0);
    assert_int_equal(answer_int(shop, "products.unchanged"), 3);
}

static void test_what_the_file_does_not_say_stays(void **state)
{
    struct import_system *shop = *state;
    load(shop, "import_products", PRODUCTS);
    load(shop, "import_products", "product_id,price,name\nmug,8.00,\n");
    assert_int_equal(answer_int(shop, "products.changed"), 1);
    import_system_run(shop, "get_product_details", "{'product_id': 'mug'}");
    assert_int_equal(answer_money(shop, "price"), 800);
    assert_string_equal(answer_text(shop, "name"), "Mug");
    assert_string_equal(answer_text(shop, "attributes.colour"), "blue");
}

static void test_a_bad_cell_refuses_the_whole_file(void **state)
{
    struct import_system *shop = *state;
    assert_refused(shop, "import_products", "product_id,name,price\nmug,Mug,7.50\ncup,Cup,cheap\n",
                   "line 3, column 'price': 'cheap' is no decimal number");
    assert_false(import_system_try(shop, "get_product_details", "{'product_id': 'mug'}"));
    assert_int_equal(shop->error.code, ECOMMERCE_UNKNOWN_PRODUCT);
}

static void test_columns_and_cells_that_are_refused(void **state)
{
    struct import_system *shop = *state;
    assert_refused(shop, "import_products", "name,price\nMug,1\n",
                   "line 1, column 'product_id': it is missing");
    assert_refused(shop, "import_products", "product_id,prize\nmug,1\n",
                   "line 1, column 'prize': such a file has no column of this name");
    assert_refused(shop, "import_products", "product_id,name\n,Mug\n",
                   "line 2, column 'product_id': it is empty");
    assert_refused(shop, "import_products", "product_id,price\nmug,-1\n",
                   "line 2, column 'price': a price is not negative");
    assert_refused(shop, "import_products", "product_id,tracked\nmug,perhaps\n",
                   "line 2, column 'tracked': it is neither true nor false");
    assert_refused(shop, "import_products", "product_id,low_stock_threshold\nmug,few\n",
                   "line 2, column 'low_stock_threshold': it is no whole number");
    assert_refused(shop, "import_products", "product_id,name\nmug,a\ncup,b\nmug,c\n",
                   "line 4, column 'product_id': another line of the file has the same id");
    assert_refused(shop, "import_products", "product_id,name,variant_id\nmug,a,mug-1\nmug,b,\n",
                   "line 3, column 'variant_id': it is empty, and the product has variants");
}

static void test_what_the_shop_refuses_is_counted_with_its_line(void **state)
{
    struct import_system *shop = *state;
    load(shop, "import_products",
         "product_id,name,price,categories\nmug,Mug,1,\ncup,Cup,1,nowhere\nbowl,Bowl,1,\n");
    assert_int_equal(answer_int(shop, "products.changed"), 2);
    assert_int_equal(answer_int(shop, "products.refused"), 1);
    assert_string_equal(answer_text(shop, "products.refusals.0.code"), "invalid_argument");
    assert_string_equal(answer_text(shop, "products.refusals.0.example"),
                        "line 3: categories: no category has the id 'nowhere'");
}

/* ---- customers ---- */

static void test_customers(void **state)
{
    struct import_system *shop = *state;
    const char *file = "customer_id,name,email,country\nann,Ann,Ann@Example.org,GB\nben,Ben,,\n";
    load(shop, "import_customers", file);
    assert_int_equal(answer_int(shop, "customers.changed"), 2);
    load(shop, "import_customers", file);
    assert_int_equal(answer_int(shop, "customers.unchanged"), 2);
    import_system_run(shop, "get_customer", "{'customer_id': 'ann'}");
    assert_string_equal(answer_text(shop, "email"), "ann@example.org");
    assert_refused(shop, "import_customers", "customer_id,name\nann,A\nann,B\n",
                   "line 3, column 'customer_id': another line of the file has the same id");
}

/* ---- stock ---- */

static long long available(struct import_system *shop, const char *arguments)
{
    import_system_run(shop, "stock_show", arguments);
    return answer_int(shop, "available");
}

static void test_stock_is_taken_once_under_its_key(void **state)
{
    struct import_system *shop = *state;
    load(shop, "import_products", PRODUCTS);
    import_system_write(shop, "in.csv",
                        "product_id,quantity,reason\nmug,10,\nshirt-m,5,\nmug,-2,broken\n");
    import_system_run_file(shop, "import_stock", "in.csv", "'key': 'delivery-1'");
    assert_int_equal(answer_int(shop, "movements.changed"), 3);
    import_system_run_file(shop, "import_stock", "in.csv", "'key': 'delivery-1'");
    assert_int_equal(answer_int(shop, "movements.changed"), 0);
    assert_int_equal(answer_int(shop, "movements.unchanged"), 3);
    assert_int_equal(available(shop, "{'item_id': 'mug'}"), 8);
    assert_int_equal(available(shop, "{'item_id': 'shirt-m'}"), 5);
    import_system_run_file(shop, "import_stock", "in.csv", "'key': 'delivery-2'");
    assert_int_equal(available(shop, "{'item_id': 'mug'}"), 16);
}

static void test_stock_without_a_name_is_refused(void **state)
{
    struct import_system *shop = *state;
    assert_refused(shop, "import_stock", "product_id,quantity\nmug,1\n",
                   "line 2, column 'movement_id': it is empty; name the delivery with a key, so "
                   "that it is taken once");
    assert_refused(shop, "import_stock", "product_id,quantity\nmug,0\n",
                   "line 2, column 'quantity': it is zero");
}

/* ---- there and back ---- */

static void test_an_export_can_be_imported(void **state)
{
    struct import_system *shop = *state;
    load(shop, "import_products", PRODUCTS);
    import_system_run_file(shop, "export_products", "out.csv", "");
    assert_int_equal(answer_int(shop, "rows"), 4);
    import_system_run_file(shop, "import_products", "out.csv", "");
    assert_int_equal(answer_int(shop, "products.unchanged"), 3);
    struct import_system other;
    char *content = import_system_read(shop, "out.csv");
    import_system_open(&other, NULL);
    import_system_write(&other, "out.csv", content);
    import_system_run_file(&other, "import_products", "out.csv", "");
    assert_int_equal(answer_int(&other, "products.changed"), 3);
    import_system_run_file(&other, "export_products", "again.csv", "");
    char *again = import_system_read(&other, "again.csv");
    assert_string_equal(again, content);
    free(again);
    free(content);
    import_system_close(&other);
}

static void test_exports_of_customers_orders_and_stock(void **state)
{
    struct import_system *shop = *state;
    load(shop, "import_products", PRODUCTS);
    load(shop, "import_customers", "customer_id,name\nann,\"Ann, of \"\"here\"\"\"\n");
    import_system_run(shop, "stock_receive", "{'item_id': 'mug', 'quantity': 5}");
    import_system_run(shop, "process_order",
                      "{'customer_id': 'ann', 'items': [{'product_id': 'mug', 'quantity': 2}], "
                      "'delivery_cost': 1.50}");
    import_system_run_file(shop, "export_customers", "out.csv", "");
    char *content = import_system_read(shop, "out.csv");
    assert_string_equal(content, "customer_id,name,email,phone,country\n"
                                 "ann,\"Ann, of \"\"here\"\"\",,,\n");
    free(content);
    import_system_run_file(shop, "export_orders", "out.csv", "");
    assert_int_equal(answer_int(shop, "rows"), 1);
    content = import_system_read(shop, "out.csv");
    assert_non_null(strstr(content, ",placed,ann,,GBP,1,mug,,mug,Mug,2,7.50,15.00,0,1.50,16.50\n"));
    free(content);
    import_system_run(shop, "flush", "{}");
    import_system_run_file(shop, "export_stock", "out.csv", "");
    content = import_system_read(shop, "out.csv");
    assert_string_equal(content, "sku,available,held\nmug,3,0\n");
    free(content);
}

static void test_an_export_that_cannot_be_written(void **state)
{
    struct import_system *shop = *state;
    assert_false(import_system_try_file(shop, "export_stock", "no/such/folder.csv", ""));
    assert_int_equal(shop->error.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(shop->error.field, "path");
    assert_int_not_equal(access(temp_folder_file(&shop->folder, "folder.csv.part"), F_OK), 0);
}

#define SHOP_TEST(test) cmocka_unit_test_setup_teardown(test, open_shop, close_shop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHOP_TEST(test_products),
        SHOP_TEST(test_products_again_change_nothing),
        SHOP_TEST(test_what_the_file_does_not_say_stays),
        SHOP_TEST(test_a_bad_cell_refuses_the_whole_file),
        SHOP_TEST(test_columns_and_cells_that_are_refused),
        SHOP_TEST(test_what_the_shop_refuses_is_counted_with_its_line),
        SHOP_TEST(test_customers),
        SHOP_TEST(test_stock_is_taken_once_under_its_key),
        SHOP_TEST(test_stock_without_a_name_is_refused),
        SHOP_TEST(test_an_export_can_be_imported),
        SHOP_TEST(test_exports_of_customers_orders_and_stock),
        SHOP_TEST(test_an_export_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
