#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/timezone.h"
#include "tests/support/retail_check.h"

#include <stdlib.h>

static const struct retail_line *line_at(const struct retail_plan *plan,
                                         const struct retail_invoice *invoice, uint32_t line)
{
    assert_true(line < invoice->line_count);
    return &plan->lines[invoice->first_line + line];
}

static void check_counters(const struct retail_plan *plan)
{
    const struct retail_summary *s = &plan->summary;
    int64_t rejected = 0, sold = 0, returned = 0;
    for (size_t r = 0; r < RETAIL_REJECT_COUNT; r++)
        rejected += s->rejected[r].lines;
    for (size_t i = 0; i < plan->invoice_count; i++) {
        const struct retail_invoice *invoice = &plan->invoices[i];
        int64_t amount = 0;
        for (uint32_t j = 0; j < invoice->line_count; j++) {
            const struct retail_line *line = line_at(plan, invoice, j);
            assert_true(line->quantity > 0 && line->price > 0);
            amount += (int64_t)line->quantity * line->price;
        }
        assert_true(invoice->line_count > 0);
        assert_int_equal(invoice->amount, amount);
        *(invoice->is_return ? &returned : &sold) += amount;
    }
    assert_int_equal(s->rejected_lines, rejected);
    assert_int_equal(s->rows, s->sold.lines + s->returned.lines + rejected);
    assert_int_equal(s->sold.lines + s->returned.lines, plan->line_count);
    assert_int_equal(s->sold.invoices + s->returned.invoices, plan->invoice_count);
    assert_int_equal(s->sold.amount, sold);
    assert_int_equal(s->returned.amount, returned);
    assert_int_equal(s->net, sold - returned);
    assert_int_equal(s->matched_lines + s->partly_lines + s->unlinked_lines, s->returned.lines);
    assert_int_equal(s->matched_units + s->unlinked_units, s->returned.units);
}

static void check_countries(const struct retail_plan *plan)
{
    int64_t sold = 0, returned = 0, sales = 0, returns = 0;
    for (size_t i = 0; i < plan->country_count; i++) {
        sold += plan->countries[i].sold;
        returned += plan->countries[i].returned;
        sales += plan->countries[i].sales;
        returns += plan->countries[i].returns;
    }
    assert_int_equal(sold, plan->summary.sold.amount);
    assert_int_equal(returned, plan->summary.returned.amount);
    assert_int_equal(sales, plan->summary.sold.invoices);
    assert_int_equal(returns, plan->summary.returned.invoices);
}

static void check_order(const struct retail_plan *plan)
{
    for (size_t i = 1; i < plan->invoice_count; i++) {
        const struct retail_invoice *a = &plan->invoices[i - 1], *b = &plan->invoices[i];
        assert_true(a->at < b->at || (a->at == b->at && str_compare(a->number, b->number) < 0));
    }
    for (size_t i = 1; i < plan->product_count; i++)
        assert_true(str_compare(plan->products[i - 1].code, plan->products[i].code) < 0);
    for (size_t i = 1; i < plan->customer_count; i++)
        assert_true(str_compare(plan->customers[i - 1].id, plan->customers[i].id) < 0);
}

/* Parts add up to their lines, and no sale gives back more than it had, or to somebody else. */
static void check_parts(const struct retail_plan *plan)
{
    int32_t *left = calloc(plan->line_count + 1, sizeof *left);
    assert_non_null(left);
    for (size_t i = 0; i < plan->line_count; i++)
        left[i] = plan->lines[i].quantity;
    size_t parts = 0;
    for (uint32_t i = 0; i < plan->invoice_count; i++) {
        const struct retail_invoice *invoice = &plan->invoices[i];
        assert_int_equal(invoice->is_return, invoice->part_count > 0);
        for (uint32_t p = 0; p < invoice->part_count; p++, parts++) {
            const struct retail_part *part = &plan->parts[invoice->first_part + p];
            const struct retail_line *line = line_at(plan, invoice, part->line);
            assert_true(part->quantity > 0);
            left[invoice->first_line + part->line] -= part->quantity;
            if (part->sale == RETAIL_NONE)
                continue;
            const struct retail_invoice *sale = &plan->invoices[part->sale];
            assert_true(part->sale < i && !sale->is_return);
            assert_true(sale->customer == invoice->customer && sale->customer != RETAIL_NONE);
            assert_int_equal(line_at(plan, sale, part->sale_line)->product, line->product);
            assert_false(plan->products[line->product].service);
            left[sale->first_line + part->sale_line] -= part->quantity;
            assert_true(left[sale->first_line + part->sale_line] >= 0);
        }
        for (uint32_t j = 0; invoice->is_return && j < invoice->line_count; j++)
            assert_int_equal(left[invoice->first_line + j], 0);
    }
    assert_int_equal(parts, plan->part_count);
    free(left);
}

static void move_invoice(const struct retail_plan *plan, const struct retail_invoice *invoice,
                         int64_t *stock)
{
    for (uint32_t j = 0; j < invoice->line_count; j++) {
        const struct retail_line *line = line_at(plan, invoice, j);
        if (plan->products[line->product].service)
            continue;
        stock[line->product] += invoice->is_return ? line->quantity : -line->quantity;
        assert_true(stock[line->product] >= 0);
    }
}

static void move_receipts(const struct retail_plan *plan, const struct retail_month *month,
                          int64_t *stock)
{
    assert_true(month->receipt_count > 0);
    for (uint32_t i = 0; i < month->receipt_count; i++) {
        const struct retail_receipt *receipt = &plan->receipts[month->first_receipt + i];
        assert_true(receipt->quantity > 0);
        assert_false(plan->products[receipt->product].service);
        stock[receipt->product] += receipt->quantity;
    }
}

/* Invoices [from, to) are those of one month: what came back in it comes back now. */
static void move_late_returns(const struct retail_plan *plan, size_t *from, size_t to,
                              int64_t *stock)
{
    for (; *from < to; ++*from)
        if (plan->invoices[*from].is_return)
            move_invoice(plan, &plan->invoices[*from], stock);
}

/* Replays the events: the stock is never negative, not even when what comes back in a month comes
 * back at its end. Gives the stock after the last event (to be freed). */
static int64_t *replay_stock(const struct retail_plan *plan, bool returns_late)
{
    int64_t *stock = calloc(plan->product_count + 1, sizeof *stock);
    struct timezone_table *zone = timezone_load(RETAIL_TIMEZONE, NULL);
    assert_true(stock && zone);
    struct retail_event event;
    size_t waiting = 0; /* the first invoice whose return may still be due */
    int64_t last = INT64_MIN, month_end = INT64_MIN;
    for (struct retail_cursor cursor = {0}; retail_next(plan, &cursor, &event);) {
        assert_true(event.at >= last);
        last = event.at;
        if (event.at >= month_end) {
            month_end = bucket_next(zone, GRAIN_MONTH, bucket_start(zone, GRAIN_MONTH, event.at));
            if (returns_late)
                move_late_returns(plan, &waiting, cursor.invoice - (event.invoice ? 1 : 0), stock);
        }
        if (event.kind == RETAIL_EVENT_RECEIPTS)
            move_receipts(plan, event.month, stock);
        else if (event.kind == RETAIL_EVENT_SALE || !returns_late)
            move_invoice(plan, event.invoice, stock);
    }
    if (returns_late)
        move_late_returns(plan, &waiting, plan->invoice_count, stock);
    timezone_free(&zone);
    return stock;
}

static void check_stock(const struct retail_plan *plan)
{
    int64_t *stock = replay_stock(plan, false);
    int64_t *late = replay_stock(plan, true);
    int64_t received = 0, left = 0, sold = 0, returned = 0;
    for (size_t i = 0; i < plan->product_count; i++) {
        assert_int_equal(stock[i], late[i]);
        left += stock[i];
        sold += plan->products[i].service ? 0 : plan->products[i].sold;
        returned += plan->products[i].service ? 0 : plan->products[i].returned;
    }
    for (size_t i = 0; i < plan->receipt_count; i++)
        received += plan->receipts[i].quantity;
    assert_int_equal(received, plan->summary.received_units);
    assert_int_equal(left, received - sold + returned);
    free(stock);
    free(late);
}

void check_retail_plan(const struct retail_plan *plan)
{
    check_counters(plan);
    check_countries(plan);
    check_order(plan);
    check_parts(plan);
    check_stock(plan);
}

/* ---- the matching, told again without a thought for speed ---- */

struct retelling {
    const struct retail_plan *plan;
    int32_t *left; /* by line of the plan */
    uint32_t part; /* the next one expected */
};

static void expect_part(struct retelling *r, struct retail_part expected)
{
    assert_true(r->part < r->plan->part_count);
    const struct retail_part *part = &r->plan->parts[r->part++];
    assert_int_equal(part->line, expected.line);
    assert_true(part->sale == expected.sale);
    assert_int_equal(part->sale_line, expected.sale_line);
    assert_int_equal(part->quantity, expected.quantity);
}

/* Takes up to `open` units of the product from the lines of one sale, the last line first. */
static int32_t retell_sale(struct retelling *r, uint32_t sale, uint32_t line, uint32_t product,
                           int32_t open)
{
    const struct retail_invoice *invoice = &r->plan->invoices[sale];
    for (uint32_t j = invoice->line_count; open > 0 && j-- > 0;) {
        int32_t *there = &r->left[invoice->first_line + j];
        if (*there == 0 || line_at(r->plan, invoice, j)->product != product)
            continue;
        int32_t taken = open < *there ? open : *there;
        expect_part(
            r, (struct retail_part){.line = line, .sale = sale, .sale_line = j, .quantity = taken});
        *there -= taken;
        open -= taken;
    }
    return open;
}

static void retell_line(struct retelling *r, uint32_t at, uint32_t line)
{
    const struct retail_invoice *invoice = &r->plan->invoices[at];
    const struct retail_line *returned = line_at(r->plan, invoice, line);
    int32_t open = returned->quantity;
    bool matchable =
        invoice->customer != RETAIL_NONE && !r->plan->products[returned->product].service;
    for (uint32_t i = at; matchable && open > 0 && i-- > 0;) {
        const struct retail_invoice *sale = &r->plan->invoices[i];
        if (!sale->is_return && sale->customer == invoice->customer)
            open = retell_sale(r, i, line, returned->product, open);
    }
    if (open > 0)
        expect_part(r, (struct retail_part){.line = line, .sale = RETAIL_NONE, .quantity = open});
}

void check_retail_matching(const struct retail_plan *plan)
{
    struct retelling r = {.plan = plan, .left = calloc(plan->line_count + 1, sizeof *r.left)};
    assert_non_null(r.left);
    for (size_t i = 0; i < plan->line_count; i++)
        r.left[i] = plan->lines[i].quantity;
    for (uint32_t i = 0; i < plan->invoice_count; i++)
        for (uint32_t j = 0; plan->invoices[i].is_return && j < plan->invoices[i].line_count; j++)
            retell_line(&r, i, j);
    assert_int_equal(r.part, plan->part_count);
    free(r.left);
}
