/*
 * The plan of the real Online Retail file, which is not part of the tree: ECOMMERCE_RETAIL_CSV
 * names it (plain or gzip, made as docs/import.md says). The sums are compared with those of a
 * second reader that shares nothing with the first.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/imports/retail_plan.h"
#include "tests/support/retail_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/* The test's own reading of a line: the last five columns and the first hold neither quotes nor
 * commas. Amounts in tenths of a penny. */
struct own_line {
    bool is_return;
    int64_t quantity, price;
};

static void read_own_line(char *line, struct own_line *own)
{
    char *column[5]; /* country, customer, price, date, quantity */
    for (size_t i = 0; i < 5; i++) {
        column[i] = strrchr(line, ',');
        assert_non_null(column[i]);
        *column[i]++ = '\0';
    }
    own->is_return = line[0] == 'C';
    own->quantity = strtoll(column[4], NULL, 10);
    char *point;
    own->price = strtoll(column[2], &point, 10) * 1000;
    assert_int_equal(*point, '.');
    int64_t unit = column[2][0] == '-' ? -100 : 100;
    for (char *digit = point + 1; *digit; digit++, unit /= 10)
        own->price += (*digit - '0') * unit;
}

struct own_sums {
    int64_t rows, all, sold, returned, sold_lines, returned_lines;
};

static void sum_own(const char *path, struct own_sums *sums)
{
    char text[4096];
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    assert_non_null(gzgets(file, text, sizeof text)); /* the header */
    while (gzgets(file, text, sizeof text)) {
        struct own_line line;
        read_own_line(text, &line);
        int64_t amount = line.quantity * line.price;
        sums->rows++;
        sums->all += amount;
        if (line.price <= 0 || line.price % 10 != 0 || line.quantity == 0)
            continue;
        if (line.is_return && line.quantity < 0) {
            sums->returned_lines++;
            sums->returned -= amount;
        } else if (!line.is_return && line.quantity > 0) {
            sums->sold_lines++;
            sums->sold += amount;
        }
    }
    gzclose(file);
}

static void check_known_figures(const struct retail_summary *s)
{
    assert_int_equal(s->rows, 541909);
    assert_int_equal(s->sold.lines, 530100);
    assert_int_equal(s->sold.invoices, 19960);
    assert_int_equal(s->sold.amount, 1066668454);
    assert_int_equal(s->returned.lines, 9288);
    assert_int_equal(s->returned.invoices, 3836);
    assert_int_equal(s->returned.amount, 89681249);
    assert_int_equal(s->net, 976987205);
    assert_int_equal(s->rejected[RETAIL_NO_DESCRIPTION_NO_PRICE].lines, 1454);
    assert_int_equal(s->rejected[RETAIL_SALE_NOT_POSITIVE].lines, 474);
    assert_int_equal(s->rejected[RETAIL_PRICE_NEGATIVE].lines, 2);
    assert_int_equal(s->rejected[RETAIL_PRICE_TOO_FINE].lines, 4);
    assert_int_equal(s->rejected[RETAIL_PRICE_ZERO].lines, 587);
    assert_int_equal(s->rejected_lines, 1454 + 474 + 2 + 4 + 587);
    assert_int_equal(s->rejected_invoices, 2104);
    assert_int_equal(s->sold.invoices + s->returned.invoices + s->rejected_invoices, 25900);
    assert_int_equal(s->goods, 3812);
    assert_int_equal(s->services, 15);
    assert_int_equal(s->customers, 4371);
    assert_int_equal(s->countries, 38);
    assert_int_equal(s->matched_lines, 7432);
    assert_int_equal(s->partly_lines, 51);
    assert_int_equal(s->unlinked_lines, 1805);
    assert_int_equal(s->unlinked_amount, 44623071);
}

static void test_real_file(void **state)
{
    const char *path = *state;
    ecommerce_error err = {0};
    struct retail_plan *plan = retail_plan_load(path, &err);
    assert_string_equal(err.message, "");
    assert_non_null(plan);
    check_retail_plan(plan);
    check_retail_matching(plan);
    check_known_figures(&plan->summary);

    struct own_sums own = {0};
    sum_own(path, &own);
    const struct retail_summary *s = &plan->summary;
    assert_int_equal(own.rows, s->rows);
    assert_int_equal(own.sold_lines, s->sold.lines);
    assert_int_equal(own.returned_lines, s->returned.lines);
    assert_int_equal(own.sold, s->sold.amount * 10);
    assert_int_equal(own.returned, s->returned.amount * 10);
    /* All money of the file is accounted for, but for four prices of a tenth of a penny. */
    assert_int_equal(own.all, (s->net + s->rejected[RETAIL_PRICE_NEGATIVE].amount) * 10 + 4);
    retail_plan_free(&plan);
}

int main(void)
{
    char *path = getenv("ECOMMERCE_RETAIL_CSV");
    if (!path || !*path) {
        puts("skipped: ECOMMERCE_RETAIL_CSV does not name the Online Retail file");
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test_prestate(test_real_file, path)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
