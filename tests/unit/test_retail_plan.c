/*
 * The plan made of an Online Retail file: small files written by hand for each rule, and random
 * ones against a plain re-telling of the rules. The real file is test_retail_file's.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/imports/retail_plan.h"
#include "support/alloc.h"
#include "support/json.h"
#include "support/text.h"
#include "support/timestamp.h"
#include "tests/support/retail_check.h"

#include <stdio.h>
#include <stdlib.h>

#define HEADER "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

/* ---- help ---- */

static struct retail_plan *try_plan(struct str csv, ecommerce_error *err)
{
    struct csv_reader *reader = csv_open_memory(csv, NULL, err);
    if (!reader)
        return NULL;
    struct retail_plan *plan = retail_plan_read(reader, err);
    csv_close(&reader);
    return plan;
}

static struct retail_plan *make_plan(const char *csv)
{
    ecommerce_error err = {0};
    struct retail_plan *plan = try_plan(str_of(csv), &err);
    assert_string_equal(err.message, "");
    assert_non_null(plan);
    return plan;
}

static const struct retail_product *product_of(const struct retail_plan *plan, const char *code)
{
    for (size_t i = 0; i < plan->product_count; i++)
        if (str_is(plan->products[i].code, code))
            return &plan->products[i];
    fail_msg("no product %s", code);
    return NULL;
}

static const struct retail_invoice *invoice_of(const struct retail_plan *plan, const char *number)
{
    for (size_t i = 0; i < plan->invoice_count; i++)
        if (str_is(plan->invoices[i].number, number))
            return &plan->invoices[i];
    fail_msg("no invoice %s", number);
    return NULL;
}

static const struct retail_line *line_at(const struct retail_plan *plan,
                                         const struct retail_invoice *invoice, uint32_t line)
{
    assert_true(line < invoice->line_count);
    return &plan->lines[invoice->first_line + line];
}

static void assert_at(int64_t at, const char *expected)
{
    char text[TIMESTAMP_TEXT];
    timestamp_format(at, text);
    assert_string_equal(text, expected);
}

/* "0:1001.0x3 0:-x2": line of the return, sale and its line, units. */
static void assert_parts(const struct retail_plan *plan, const char *number, const char *expected)
{
    const struct retail_invoice *invoice = invoice_of(plan, number);
    char text[512] = "";
    size_t used = 0;
    for (uint32_t i = 0; i < invoice->part_count; i++) {
        const struct retail_part *part = &plan->parts[invoice->first_part + i];
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s%u:", i ? " " : "", part->line);
        if (part->sale == RETAIL_NONE)
            used += (size_t)snprintf(text + used, sizeof text - used, "-x%d", part->quantity);
        else
            used += (size_t)snprintf(text + used, sizeof text - used, "%.*s.%ux%d",
                                     STR_ARG(plan->invoices[part->sale].number), part->sale_line,
                                     part->quantity);
        assert_true(used < sizeof text);
    }
    assert_string_equal(text, expected);
}

/* ---- rejects ---- */

/* One bad line between two good ones: counted under the right reason with its line number. */
static void assert_rejects(const char *line, enum retail_reject reject, int64_t amount)
{
    char csv[1024];
    snprintf(csv, sizeof csv, "%s%s%s\n%s", HEADER,
             "1001,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n", line,
             "1001,71053,LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom\n");
    struct retail_plan *plan = make_plan(csv);
    check_retail_plan(plan);
    assert_int_equal(plan->summary.rows, 3);
    assert_int_equal(plan->summary.sold.lines, 2);
    for (size_t r = 0; r < RETAIL_REJECT_COUNT; r++)
        if (plan->summary.rejected[r].lines != (r == (size_t)reject ? 1 : 0))
            fail_msg("%s: %d lines are %s", line, (int)plan->summary.rejected[r].lines,
                     retail_reject_name((enum retail_reject)r));
    assert_int_equal(plan->summary.rejected[reject].first_line, 3);
    assert_int_equal(plan->summary.rejected[reject].amount, amount);
    retail_plan_free(&plan);
}

static void test_every_reason(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum retail_reject reject;
        int64_t amount;
    } cases[] = {
        {"X2,85123A,H,1,2010-12-01 08:26:00,2.55,,UK", RETAIL_BAD_INVOICE, 255},
        {",85123A,H,1,2010-12-01 08:26:00,2.55,,UK", RETAIL_BAD_INVOICE, 255},
        {"2,,H,1,2010-12-01 08:26:00,2.55,,UK", RETAIL_BAD_CODE, 255},
        {"2,$1,H,1,2010-12-01 08:26:00,2.55,,UK", RETAIL_BAD_CODE, 255},
        {"2,85123A,\"a\tb\",1,2010-12-01 08:26:00,2.55,,UK", RETAIL_BAD_DESCRIPTION, 255},
        {"2,85123A,H,1.5,2010-12-01 08:26:00,2.55,,UK", RETAIL_BAD_QUANTITY, 0},
        {"2,85123A,H,,2010-12-01 08:26:00,2.55,,UK", RETAIL_BAD_QUANTITY, 0},
        {"2,85123A,H,1,12/1/2010 8:26,2.55,,UK", RETAIL_BAD_DATE, 255},
        {"2,85123A,H,1,2010-12-01 08:26:00,two,,UK", RETAIL_BAD_PRICE, 0},
        {"2,85123A,H,1,2010-12-01 08:26:00,2.55,$x,UK", RETAIL_BAD_CUSTOMER, 255},
        {"2,85123A,H,1,2010-12-01 08:26:00,2.55,,", RETAIL_BAD_COUNTRY, 255},
        {"2,85123A,,1,2010-12-01 08:26:00,0.0,,UK", RETAIL_NO_DESCRIPTION_NO_PRICE, 0},
        {"2,85123A,,-1,2010-12-01 08:26:00,0.0,,UK", RETAIL_NO_DESCRIPTION_NO_PRICE, 0},
        {"2,85123A,damaged,-9,2010-12-01 08:26:00,0.0,,UK", RETAIL_SALE_NOT_POSITIVE, 0},
        {"2,85123A,H,0,2010-12-01 08:26:00,2.55,,UK", RETAIL_SALE_NOT_POSITIVE, 0},
        {"A2,B,Adjust,-1,2010-12-01 08:26:00,2.55,,UK", RETAIL_SALE_NOT_POSITIVE, -255},
        {"C2,85123A,H,1,2010-12-01 08:26:00,2.55,,UK", RETAIL_RETURN_NOT_NEGATIVE, 255},
        {"C2,85123A,H,0,2010-12-01 08:26:00,2.55,,UK", RETAIL_RETURN_NOT_NEGATIVE, 0},
        {"A2,B,Adjust,1,2010-12-01 08:26:00,-11062.06,,UK", RETAIL_PRICE_NEGATIVE, -1106206},
        {"2,PADS,PADS,1,2010-12-01 08:26:00,0.001,,UK", RETAIL_PRICE_TOO_FINE, 0},
        {"2,85123A,H,1,2010-12-01 08:26:00,0.0,,UK", RETAIL_PRICE_ZERO, 0},
        {"C2,85123A,H,-1,2010-12-01 08:26:00,0,,UK", RETAIL_PRICE_ZERO, 0},
        {"1001,1,H,1,2010-12-01 08:26:00,1,,United Kingdom", RETAIL_INVOICE_CONFLICT, 100},
        {"1001,1,H,1,2010-12-01 08:26:00,1,17851,United Kingdom", RETAIL_INVOICE_CONFLICT, 100},
        {"1001,1,H,1,2010-12-01 08:26:00,1,17850,France", RETAIL_INVOICE_CONFLICT, 100},
    };
    bool seen[RETAIL_REJECT_COUNT] = {[RETAIL_INVOICE_TOO_LONG] = true}; /* has its own test */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_rejects(cases[i].line, cases[i].reject, cases[i].amount);
        seen[cases[i].reject] = true;
    }
    for (size_t r = 0; r < RETAIL_REJECT_COUNT; r++)
        assert_true(seen[r]);
}

static void test_longest_invoice(void **state)
{
    (void)state;
    struct text csv = {0};
    text_adds(&csv, HEADER);
    for (int i = 0; i < RETAIL_MAX_LINES + 1; i++)
        text_printf(&csv, "7,%d,THING,1,2011-05-01 10:00:00,0.01,9,Spain\n", 10000 + i);
    struct retail_plan *plan = make_plan(text_cstr(&csv));
    text_release(&csv);
    assert_int_equal(plan->invoices[0].line_count, RETAIL_MAX_LINES);
    assert_int_equal(plan->summary.rejected[RETAIL_INVOICE_TOO_LONG].lines, 1);
    assert_int_equal(plan->summary.rejected[RETAIL_INVOICE_TOO_LONG].first_line,
                     RETAIL_MAX_LINES + 2);
    check_retail_plan(plan);
    retail_plan_free(&plan);
}

static void assert_no_plan(const char *csv, const char *message)
{
    ecommerce_error err = {0};
    assert_null(try_plan(str_of(csv), &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(err.field, "file");
    assert_string_equal(err.message, message);
}

static void test_files_that_are_refused(void **state)
{
    (void)state;
    assert_no_plan("InvoiceNo,StockCode\n1,2\n", "the header has no column 'Description'");
    assert_no_plan(HEADER "1,85123A,H,1,2010-12-01 08:26:00,2.55,,UK\n1,85123A,H\n",
                   "line 3 has 3 columns, the header has 8");
    assert_no_plan(HEADER "1,85123A,H,1,2010-12-01 08:26:00,0,,UK\n"
                          "1,85123A,H,1,12/1/2010 8:26,2.55,,UK\n"
                          "1,85123A,H,1,12/1/2010 8:28,2.55,,UK\n",
                   "none of its 3 lines can be imported; line 3: the date is not "
                   "YYYY-MM-DD HH:MM:SS");
}

static void test_amounts_too_large(void **state)
{
    (void)state;
    struct text csv = {0};
    text_adds(&csv, HEADER);
    for (int i = 0; i < 1000; i++)
        text_printf(&csv, "%d,10000,GOLD,10000000,2011-05-01 10:00:00,10000000.00,9,Spain\n", i);
    ecommerce_error err = {0};
    assert_null(try_plan(text_str(&csv), &err));
    assert_int_equal(err.code, ECOMMERCE_LIMIT_EXCEEDED);
    text_release(&csv);
}

static void test_header_only(void **state)
{
    (void)state;
    struct retail_plan *plan = make_plan(HEADER);
    check_retail_plan(plan);
    struct retail_event event;
    struct retail_cursor cursor = {0};
    assert_false(retail_next(plan, &cursor, &event));
    retail_plan_free(&plan);
    retail_plan_free(&plan); /* freed and NULL is fine */
}

/* ---- invoices ---- */

static void test_time_order(void **state)
{
    (void)state;
    struct retail_plan *plan = make_plan(HEADER "1003,10002,A,1,2011-07-01 09:01:00,1,1,UK\n"
                                                "1002,10002,A,2,2011-07-01 09:00:00,1,1,UK\n"
                                                "C1001,10002,A,-1,2011-07-01 09:00:00,1,1,UK\n"
                                                "1003,10003,B,4,2011-07-01 09:00:00,1,1,UK\n"
                                                "1001,10002,A,5,2011-01-01 09:00:00,1,1,UK\n");
    check_retail_plan(plan);
    static const char *const numbers[] = {"1001", "1002", "1003", "C1001"};
    assert_int_equal(plan->invoice_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_true(str_is(plan->invoices[i].number, numbers[i]));
    /* London is at UTC in winter and an hour ahead in summer; of two stamps the first counts. */
    assert_at(plan->invoices[0].at, "2011-01-01T09:00:00Z");
    assert_at(plan->invoices[2].at, "2011-07-01T08:00:00Z");
    /* Lines keep the file's order, wherever they stand in it. */
    assert_int_equal(plan->invoices[2].line_count, 2);
    assert_int_equal(line_at(plan, &plan->invoices[2], 0)->quantity, 1);
    assert_int_equal(line_at(plan, &plan->invoices[2], 1)->quantity, 4);
    retail_plan_free(&plan);
}

static void test_a_rejected_line_says_nothing_about_its_invoice(void **state)
{
    (void)state;
    struct retail_plan *plan = make_plan(HEADER "1,10002,FREE,1,2011-01-01 08:00:00,0,,Spain\n"
                                                "1,10002,A,2,2011-01-01 09:00:00,1,7,France\n"
                                                "2,10002,LOST,-2,2011-01-01 09:00:00,0,,France\n");
    check_retail_plan(plan);
    assert_int_equal(plan->invoice_count, 1);
    assert_at(plan->invoices[0].at, "2011-01-01T09:00:00Z");
    assert_true(str_is(plan->customers[plan->invoices[0].customer].id, "7"));
    assert_int_equal(plan->country_count, 1);
    assert_int_equal(plan->summary.rejected_invoices, 1);
    retail_plan_free(&plan);
}

static void test_repeated_lines_guests_and_adjustments(void **state)
{
    (void)state;
    struct retail_plan *plan =
        make_plan(HEADER "1, 10002 , A ,3,2011-01-01 09:00:00,1.5,,UK\n"
                         "1,10002,A,3,2011-01-01 09:00:00,1.5,,UK\n"
                         "A2,B,Adjust bad debt,1,2011-01-01 09:05:00,11062.06,,UK\n");
    check_retail_plan(plan);
    assert_int_equal(plan->invoices[0].line_count, 2);
    assert_int_equal(plan->invoices[0].amount, 900);
    assert_true(plan->invoices[0].customer == RETAIL_NONE);
    assert_int_equal(plan->summary.guest_sales, 2);
    const struct retail_invoice *adjustment = invoice_of(plan, "A2");
    assert_false(adjustment->is_return);
    assert_int_equal(adjustment->amount, 1106206);
    assert_true(product_of(plan, "B")->service);
    assert_true(str_is(retail_line_text(plan, line_at(plan, &plan->invoices[0], 0)), "A"));
    retail_plan_free(&plan);
}

/* ---- products and customers ---- */

static void test_products(void **state)
{
    (void)state;
    struct retail_plan *plan =
        make_plan(HEADER "3,85123a,NEWEST NAME ,1,2011-03-01 09:00:00,3,1,UK\n"
                         "1,85123A,OLD NAME,2,2011-01-01 09:00:00,1,1,UK\n"
                         "C4,85123A,RETURNED NAME,-1,2011-04-01 09:00:00,9,1,UK\n"
                         "C5,20957,ONLY RETURNED,-4,2011-04-01 09:00:00,2.5,1,UK\n"
                         "6,10002,,1,2011-04-01 09:00:00,1,1,UK\n"
                         "C7,D,Discount,-1,2011-04-01 09:00:00,20,1,UK\n");
    check_retail_plan(plan);
    const struct retail_product *product = product_of(plan, "85123A");
    assert_true(str_is(product->name, "NEWEST NAME"));
    assert_int_equal(product->price, 300);
    assert_int_equal(product->sold, 3);
    assert_int_equal(product->returned, 1);
    product = product_of(plan, "20957");
    assert_true(str_is(product->name, "ONLY RETURNED"));
    assert_int_equal(product->price, 250);
    assert_true(str_is(product_of(plan, "10002")->name, "10002"));
    assert_true(product_of(plan, "D")->service);
    assert_int_equal(plan->summary.goods, 3);
    assert_int_equal(plan->summary.services, 1);
    retail_plan_free(&plan);
}

static void test_customers(void **state)
{
    (void)state;
    struct retail_plan *plan =
        make_plan(HEADER "3,10002,A,1,2011-03-01 09:00:00,3,12431,Belgium\n"
                         "1,10002,A,2,2011-01-01 09:00:00,1,12431,Australia\n"
                         "2,10002,A,2,2011-02-01 09:00:00,1,12430,Spain\n");
    check_retail_plan(plan);
    assert_int_equal(plan->customer_count, 2);
    assert_true(str_is(plan->customers[0].id, "12430"));
    assert_true(str_is(plan->customers[1].country, "Belgium"));
    assert_at(plan->customers[1].first_at, "2011-01-01T09:00:00Z");
    assert_at(plan->customers[1].last_at, "2011-03-01T09:00:00Z");
    assert_int_equal(plan->country_count, 3);
    assert_true(str_is(plan->countries[0].name, "Australia"));
    assert_int_equal(plan->countries[0].sold, 200);
    retail_plan_free(&plan);
}

/* ---- returns ---- */

static void test_newest_sale_first(void **state)
{
    (void)state;
    struct retail_plan *plan = make_plan(HEADER "1001,10002,A,5,2011-01-01 09:00:00,1,1,UK\n"
                                                "1002,10003,B,9,2011-01-02 09:00:00,1,1,UK\n"
                                                "1002,10002a,A,9,2011-01-02 09:00:00,1,1,UK\n"
                                                "1002,10002,A,3,2011-01-02 09:00:00,1,1,UK\n"
                                                "1002,10002,A,2,2011-01-02 09:00:00,1,1,UK\n"
                                                "C1003,10002,A,-6,2011-01-03 09:00:00,1.5,1,UK\n"
                                                "1004,10002,A,1,2011-01-04 09:00:00,1,1,UK\n"
                                                "C1005,10002,A,-2,2011-01-05 09:00:00,1,1,UK\n"
                                                "C1006,10002,A,-9,2011-01-06 09:00:00,1,1,UK\n"
                                                "1007,10002,A,9,2011-01-07 09:00:00,1,1,UK\n");
    check_retail_plan(plan);
    assert_parts(plan, "C1003", "0:1002.3x2 0:1002.2x3 0:1001.0x1");
    assert_parts(plan, "C1005", "0:1004.0x1 0:1001.0x1");
    assert_parts(plan, "C1006", "0:1001.0x3 0:-x6");
    /* What is paid back is the return's own price. */
    assert_int_equal(invoice_of(plan, "C1003")->amount, 900);
    assert_int_equal(plan->summary.matched_lines, 2);
    assert_int_equal(plan->summary.partly_lines, 1);
    assert_int_equal(plan->summary.unlinked_lines, 0);
    assert_int_equal(plan->summary.unlinked_units, 6);
    assert_int_equal(plan->summary.unlinked_amount, 600);
    retail_plan_free(&plan);
}

static void test_what_is_not_matched(void **state)
{
    (void)state;
    struct retail_plan *plan =
        make_plan(HEADER "C1000,10002,A,-1,2010-12-31 09:00:00,1,1,UK\n" /* before any sale */
                         "1001,10002,A,5,2011-01-01 09:00:00,1,1,UK\n"
                         "1001,M,Manual,1,2011-01-01 09:00:00,7,1,UK\n"
                         "1002,10002,A,5,2011-01-01 09:00:00,1,,UK\n"
                         "C1003,10002,A,-1,2011-01-02 09:00:00,1,2,UK\n"     /* another customer */
                         "C1004,10002,A,-1,2011-01-02 09:00:00,1,,UK\n"      /* a guest */
                         "C1005,10003,B,-1,2011-01-02 09:00:00,1,1,UK\n"     /* another article */
                         "C1006,M,Manual,-1,2011-01-02 09:00:00,7,1,UK\n"    /* a service */
                         "C1007,D,Discount,-1,2011-01-02 09:00:00,20,1,UK\n" /* a discount */
                         "C1008,10002,A,-1,2011-01-02 09:00:00,1,1,UK\n"     /* this one is */
                         "C1008,D,Discount,-1,2011-01-02 09:00:00,20,1,UK\n"
                         "C1008,10002,A,-4,2011-01-02 09:00:00,1,1,UK\n");
    check_retail_plan(plan);
    static const char *const unlinked[] = {"C1000", "C1003", "C1004", "C1005", "C1006", "C1007"};
    for (size_t i = 0; i < sizeof unlinked / sizeof unlinked[0]; i++)
        assert_parts(plan, unlinked[i], "0:-x1");
    assert_parts(plan, "C1008", "0:1001.0x1 1:-x1 2:1001.0x4");
    retail_plan_free(&plan);
}

/* ---- receipts ---- */

static int64_t received(const struct retail_plan *plan, const char *receipt_id)
{
    for (size_t i = 0; i < plan->receipt_count; i++) {
        struct id id;
        retail_receipt_id(plan, &plan->receipts[i], &id);
        if (strcmp(id.text, receipt_id) == 0)
            return plan->receipts[i].quantity;
    }
    return 0;
}

static void test_receipts(void **state)
{
    (void)state;
    struct retail_plan *plan = make_plan(HEADER "1,10002,A,10,2011-01-31 23:59:00,1,1,UK\n"
                                                "1,POST,POSTAGE,1,2011-01-31 23:59:00,1,1,UK\n"
                                                "2,10002,A,20,2011-02-01 00:00:00,1,1,UK\n"
                                                "C3,10002,A,-4,2011-02-15 09:00:00,1,1,UK\n"
                                                "4,10002,A,1,2011-07-01 00:30:00,1,1,UK\n"
                                                "C5,10003,B,-4,2011-08-15 09:00:00,1,1,UK\n"
                                                "6,10003,B,2,2011-09-15 09:00:00,1,1,UK\n");
    check_retail_plan(plan);
    /* 10 sold, a third of 10 on the shelf. */
    assert_int_equal(received(plan, "receipt-2011-01-10002"), 14);
    /* 20 sold, a third of 10 + 20 - 4 is 9, 4 are there; the 4 that come back are not counted on.
     */
    assert_int_equal(received(plan, "receipt-2011-02-10002"), 20 + 9 - 4);
    /* 13 are there, one is sold: nothing is needed. */
    assert_int_equal(received(plan, "receipt-2011-07-10002"), 0);
    /* Nothing sells in August; the 4 that came back are enough for September. */
    assert_int_equal(received(plan, "receipt-2011-09-10003"), 0);
    assert_int_equal(plan->receipt_count, 2);
    assert_int_equal(plan->month_count, 2);

    struct retail_event event;
    static const enum retail_event_kind kinds[] = {
        RETAIL_EVENT_RECEIPTS, RETAIL_EVENT_SALE, RETAIL_EVENT_RECEIPTS, RETAIL_EVENT_SALE,
        RETAIL_EVENT_RETURN,   RETAIL_EVENT_SALE, RETAIL_EVENT_RETURN,   RETAIL_EVENT_SALE};
    struct retail_cursor cursor = {0};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_true(retail_next(plan, &cursor, &event));
        assert_int_equal(event.kind, kinds[i]);
    }
    assert_false(retail_next(plan, &cursor, &event));
    assert_at(plan->months[1].at, "2011-02-01T00:00:00Z");
    retail_plan_free(&plan);
}

/* The 90 days end with the last invoice; what sold exactly 90 days before it has left the window.
 */
static void test_cover_window(void **state)
{
    (void)state;
    struct retail_plan *plan = make_plan(HEADER "1,10002,A,30,2011-04-01 10:00:00,1,1,UK\n"
                                                "2,10003,B,30,2011-04-01 10:01:00,1,1,UK\n"
                                                "3,10002,A,300,2011-06-30 10:00:00,1,1,UK\n"
                                                "3,10003,B,300,2011-06-30 10:00:00,1,1,UK\n");
    check_retail_plan(plan);
    assert_int_equal(received(plan, "receipt-2011-04-10002"), 30 + 10);
    assert_int_equal(received(plan, "receipt-2011-06-10002"), 300 + 100 - 10);
    assert_int_equal(received(plan, "receipt-2011-06-10003"), 300 + 110 - 10);
    retail_plan_free(&plan);
}

/* The month is the shop's: 00:30 in London's summer is the day before in UTC. */
static void test_months_are_local(void **state)
{
    (void)state;
    struct retail_plan *plan = make_plan(HEADER "1,10002,A,3,2011-07-01 00:30:00,1,1,UK\n");
    check_retail_plan(plan);
    assert_int_equal(received(plan, "receipt-2011-07-10002"), 4);
    assert_int_equal(plan->months[0].month, 7);
    assert_at(plan->months[0].at, "2011-06-30T23:00:00Z");
    retail_plan_free(&plan);
}

/* ---- random files against a plain re-telling of the matching rule ---- */

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void write_random(struct text *csv, uint32_t *random, int invoices)
{
    text_adds(csv, HEADER);
    for (int i = 0; i < invoices; i++) {
        bool is_return = next_random(random) % 3 == 0;
        unsigned int customer = next_random(random) % 3; /* 0: a guest */
        unsigned int day = next_random(random) % 28 + 1, month = next_random(random) % 12 + 1;
        for (unsigned int lines = next_random(random) % 4 + 1; lines > 0; lines--) {
            text_printf(csv, "%s%d,%u,A,%s%u,2011-%02u-%02u %02u:00:00,1,", is_return ? "C" : "",
                        1000 + i, 10000 + next_random(random) % 3, is_return ? "-" : "",
                        next_random(random) % 9 + 1, month, day, next_random(random) % 3 + 9);
            text_printf(csv, customer ? "%u,UK\n" : ",UK\n", customer);
        }
    }
    assert_true(text_ok(csv));
}

static void test_random_files(void **state)
{
    (void)state;
    uint32_t random = 20101201;
    for (int run = 0; run < 60; run++) {
        struct text csv = {0};
        write_random(&csv, &random, 10 + run * 2);
        struct retail_plan *plan = make_plan(text_cstr(&csv));
        text_release(&csv);
        check_retail_plan(plan);
        check_retail_matching(plan);
        retail_plan_free(&plan);
    }
}

/* ---- summary ---- */

static void test_summary(void **state)
{
    (void)state;
    struct retail_plan *plan = make_plan(HEADER "1,10002,A,10,2011-01-31 09:00:00,1.25,1,UK\n"
                                                "1,10002,damaged,-1,2011-01-31 09:00:00,0,1,UK\n"
                                                "C2,10002,A,-4,2011-02-15 09:00:00,1,1,UK\n");
    struct doc_builder builder;
    doc_builder_init(&builder);
    retail_summary_add(&builder, &plan->summary);
    struct text json = {0};
    json_write(&json, doc_finish(&builder), false, JSON_COMPACT);
    assert_true(doc_builder_ok(&builder));
    assert_string_equal(
        text_cstr(&json),
        "{\"rows\":3,\"currency\":\"GBP\","
        "\"sold\":{\"invoices\":1,\"lines\":1,\"units\":10,\"amount\":12.50},"
        "\"returned\":{\"invoices\":1,\"lines\":1,\"units\":4,\"amount\":4.00},\"net\":8.50,"
        "\"rejected\":[{\"reason\":\"sale_not_positive\",\"meaning\":\"a quantity of zero or less "
        "outside a return: goods written off\",\"lines\":1,\"first_line\":3,\"amount\":0.00}],"
        "\"rejected_lines\":1,\"rejected_invoices\":0,\"goods\":1,\"services\":0,\"customers\":1,"
        "\"countries\":1,\"guest_sales\":0,\"matching\":{\"matched_lines\":1,\"partly_lines\":0,"
        "\"unlinked_lines\":0,\"matched_units\":4,\"unlinked_units\":0,\"unlinked_amount\":0.00},"
        "\"receipts\":1,\"received_units\":14,\"first_at\":\"2011-01-31T09:00:00Z\","
        "\"last_at\":\"2011-02-15T09:00:00Z\"}");
    struct text text = {0};
    retail_summary_write(&text, &plan->summary);
    assert_string_equal(
        text_cstr(&text),
        "lines             3\n"
        "sold              1             12.50 GBP in 1 invoices\n"
        "returned          1              4.00 GBP in 1 invoices\n"
        "net                              8.50 GBP\n"
        "rejected          1  (0 invoices have no other line)\n"
        "                  1  a quantity of zero or less outside a return: goods written off "
        "(first: line 3)\n"
        "of the returned lines 1 match earlier sales, 0 in part, 0 none (0.00 GBP without a sale)\n"
        "1 goods and 0 services, 1 customers in 1 countries, 0 sales to guests\n"
        "1 receipts bring 14 units into stock\n"
        "from 2011-01-31T09:00:00Z to 2011-02-15T09:00:00Z\n");
    text_release(&text);
    text_release(&json);
    doc_builder_release(&builder);
    retail_plan_free(&plan);
}

/* ---- memory ---- */

static void test_out_of_memory(void **state)
{
    (void)state;
    static const char csv[] = HEADER "1,10002,A,10,2011-01-31 09:00:00,1,1,UK\n"
                                     "1,POST,P,10,2011-01-31 09:00:00,1,1,UK\n"
                                     "C2,10002,A,-11,2011-02-15 09:00:00,1,1,France\n";
    long live = mem_live_blocks();
    struct retail_plan *plan = NULL;
    for (long successes = 0; !plan; successes++) {
        assert_true(successes < 500);
        ecommerce_error err = {0};
        mem_fail_after(successes);
        plan = try_plan(str_of(csv), &err);
        mem_fail_after(-1);
        if (!plan) {
            assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
            assert_int_equal(mem_live_blocks(), live);
        }
    }
    check_retail_plan(plan);
    retail_plan_free(&plan);
    assert_int_equal(mem_live_blocks(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_reason),
        cmocka_unit_test(test_longest_invoice),
        cmocka_unit_test(test_files_that_are_refused),
        cmocka_unit_test(test_amounts_too_large),
        cmocka_unit_test(test_header_only),
        cmocka_unit_test(test_time_order),
        cmocka_unit_test(test_a_rejected_line_says_nothing_about_its_invoice),
        cmocka_unit_test(test_repeated_lines_guests_and_adjustments),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_customers),
        cmocka_unit_test(test_newest_sale_first),
        cmocka_unit_test(test_what_is_not_matched),
        cmocka_unit_test(test_receipts),
        cmocka_unit_test(test_cover_window),
        cmocka_unit_test(test_months_are_local),
        cmocka_unit_test(test_random_files),
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
