/*
 * Fourth step of a plan: the stock that the sales need.
 *
 * The file tells what was sold, not what was delivered, so deliveries are worked out. At the first
 * instant of a month an article that sells in the month receives
 *
 *     units sold in the month + cover - units on the shelf      (nothing when that is not positive)
 *
 * where cover is a third, rounded up, of its sales less returns in the 90 days up to the end of the
 * month (or of the file, when that ends earlier): a month's worth. Returns go back to the shelf.
 * What comes back during a month is not counted on for that month's sales, so they never run out in
 * whatever order the month's sales and returns are replayed.
 */

#include "services/imports/retail_build.h"

#include "support/alloc.h"
#include "support/error.h"

#include <stdlib.h>

static const int64_t cover_window = (int64_t)RETAIL_COVER_DAYS * 24 * 3600 * MICROSECONDS;

struct shelf {
    int64_t stock;
    int64_t sold;   /* in the month */
    int64_t recent; /* sold less returned in the window */
};

struct stocking {
    struct retail_build *build;
    struct shelf *shelves; /* by product */
    uint32_t *wanted;      /* products that sell in the month */
    size_t wanted_count;
    struct retail_month *months;
    size_t month_count, month_capacity;
    struct retail_receipt *receipts;
    size_t receipt_count, receipt_capacity;
};

/* Invoices [window, first) lie before the month, [first, end) in it. */
struct span_of_month {
    size_t window, first, end;
    int64_t start; /* of the month */
};

typedef void line_visit(struct stocking *s, const struct retail_line *line, bool is_return);

static void visit_lines(struct stocking *s, size_t from, size_t to, line_visit *visit)
{
    const struct retail_build *build = s->build;
    for (size_t i = from; i < to; i++) {
        const struct retail_invoice *invoice = &build->invoices[i];
        for (uint32_t j = 0; j < invoice->line_count; j++) {
            const struct retail_line *line = &build->lines[invoice->first_line + j];
            if (!build->products[line->product].service)
                visit(s, line, invoice->is_return);
        }
    }
}

static void want(struct stocking *s, const struct retail_line *line, bool is_return)
{
    struct shelf *shelf = &s->shelves[line->product];
    if (is_return)
        return;
    if (shelf->sold == 0)
        s->wanted[s->wanted_count++] = line->product;
    shelf->sold += line->quantity;
}

static void count_recent(struct stocking *s, const struct retail_line *line, bool is_return)
{
    s->shelves[line->product].recent += is_return ? -line->quantity : line->quantity;
}

static void forget_recent(struct stocking *s, const struct retail_line *line, bool is_return)
{
    (void)is_return;
    s->shelves[line->product].recent = 0;
}

static void move_goods(struct stocking *s, const struct retail_line *line, bool is_return)
{
    s->shelves[line->product].stock += is_return ? line->quantity : -line->quantity;
}

static int64_t needed(const struct shelf *shelf)
{
    int64_t recent = shelf->recent > 0 ? shelf->recent : 0;
    int64_t cover = (recent + RETAIL_COVER_PART - 1) / RETAIL_COVER_PART;
    return shelf->sold + cover - shelf->stock;
}

static bool receive(struct stocking *s, uint32_t product, ecommerce_error *err)
{
    struct shelf *shelf = &s->shelves[product];
    int64_t quantity = needed(shelf);
    shelf->sold = 0;
    if (quantity <= 0)
        return true;
    struct retail_receipt *receipts =
        grow_array(s->receipts, &s->receipt_capacity, s->receipt_count, sizeof *receipts);
    if (!receipts)
        return error_memory(err);
    s->receipts = receipts;
    receipts[s->receipt_count++] = (struct retail_receipt){
        .product = product, .month = (uint32_t)s->month_count, .quantity = quantity};
    shelf->stock += quantity;
    s->build->plan->summary.received_units += quantity;
    return true;
}

static int compare_products(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static bool receive_all(struct stocking *s, ecommerce_error *err)
{
    if (s->wanted_count > 0)
        qsort(s->wanted, s->wanted_count, sizeof *s->wanted, compare_products);
    for (size_t i = 0; i < s->wanted_count; i++)
        if (!receive(s, s->wanted[i], err))
            return false;
    s->wanted_count = 0;
    return true;
}

static bool add_month(struct stocking *s, const struct span_of_month *span, size_t first_receipt,
                      ecommerce_error *err)
{
    if (s->receipt_count == first_receipt)
        return true;
    struct retail_month *months =
        grow_array(s->months, &s->month_capacity, s->month_count, sizeof *months);
    if (!months)
        return error_memory(err);
    s->months = months;
    struct local_time local;
    timezone_local(s->build->zone, span->start, &local);
    months[s->month_count++] =
        (struct retail_month){.year = (int)local.year,
                              .month = local.month,
                              .at = span->start,
                              .first_receipt = (uint32_t)first_receipt,
                              .receipt_count = (uint32_t)(s->receipt_count - first_receipt),
                              .first_invoice = (uint32_t)span->first};
    return true;
}

static bool stock_month(struct stocking *s, const struct span_of_month *span, ecommerce_error *err)
{
    size_t first_receipt = s->receipt_count;
    visit_lines(s, span->first, span->end, want);
    visit_lines(s, span->window, span->end, count_recent);
    if (!receive_all(s, err) || !add_month(s, span, first_receipt, err))
        return false;
    visit_lines(s, span->first, span->end, move_goods);
    visit_lines(s, span->window, span->end, forget_recent);
    return true;
}

/* The month of the first invoice not yet looked at; `window` only moves forward. */
static void next_month(const struct retail_build *build, struct span_of_month *span)
{
    const struct retail_invoice *invoices = build->invoices;
    size_t count = build->plan->invoice_count;
    span->first = span->end;
    span->start = bucket_start(build->zone, GRAIN_MONTH, invoices[span->first].at);
    int64_t next = bucket_next(build->zone, GRAIN_MONTH, span->start);
    while (span->end < count && invoices[span->end].at < next)
        span->end++;
    int64_t end = next <= invoices[count - 1].at ? next : invoices[count - 1].at + 1;
    while (invoices[span->window].at < end - cover_window)
        span->window++;
}

static bool publish_receipts(struct stocking *s, ecommerce_error *err)
{
    struct retail_plan *plan = s->build->plan;
    struct retail_month *months = retail_array(s->build, s->month_count, sizeof *months, err);
    struct retail_receipt *receipts =
        retail_array(s->build, s->receipt_count, sizeof *receipts, err);
    if (!months || !receipts)
        return false;
    for (size_t i = 0; i < s->month_count; i++)
        months[i] = s->months[i];
    for (size_t i = 0; i < s->receipt_count; i++)
        receipts[i] = s->receipts[i];
    plan->months = months;
    plan->month_count = s->month_count;
    plan->receipts = receipts;
    plan->receipt_count = s->receipt_count;
    plan->summary.receipts = (int64_t)s->receipt_count;
    return true;
}

bool retail_stock_up(struct retail_build *build, ecommerce_error *err)
{
    size_t products = build->plan->product_count;
    struct stocking s = {.build = build};
    struct span_of_month span = {.window = 0};
    s.shelves = mem_zalloc(products + 1, sizeof *s.shelves);
    s.wanted = mem_zalloc(products + 1, sizeof *s.wanted);
    bool ok = (s.shelves && s.wanted) || error_memory(err);
    while (ok && span.end < build->plan->invoice_count) {
        next_month(build, &span);
        ok = stock_month(&s, &span, err);
    }
    ok = ok && publish_receipts(&s, err);
    mem_free(s.receipts);
    mem_free(s.months);
    mem_free(s.wanted);
    mem_free(s.shelves);
    return ok;
}
