/*
 * Third step of a plan: what each return gives back of which sale.
 *
 * Lines of one customer and one article, in time order, are a stack: a sale is pushed, a return
 * takes from the top, so the newest sale with something left goes first and each line is pushed and
 * popped once. Guests have no history and services no identity (one "Manual" is not the other, nor
 * one discount), so their returns are credits without a sale.
 */

#include "services/imports/retail_build.h"

#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdlib.h>

/* A part before its lines are known by invoice. */
struct raw_part {
    uint32_t return_line, sale_line; /* of the plan; RETAIL_NONE: unlinked */
    uint32_t sequence;
    int32_t quantity;
};

struct sale_left {
    uint32_t line;
    int32_t left;
};

struct matching {
    struct retail_build *build;
    uint32_t *invoice_of; /* by line of the plan */
    uint32_t *lines;      /* by customer, article, time: those that can be matched */
    size_t line_count;
    struct sale_left *stack; /* as long as lines */
    size_t depth;
    struct raw_part *parts;
    size_t part_count, part_capacity;
};

static const struct retail_invoice *invoice_of(const struct matching *m, uint32_t line)
{
    return &m->build->invoices[m->invoice_of[line]];
}

static bool can_match(const struct matching *m, uint32_t line)
{
    return invoice_of(m, line)->customer != RETAIL_NONE &&
           !m->build->products[m->build->lines[line].product].service;
}

static void index_lines(struct matching *m)
{
    const struct retail_plan *plan = m->build->plan;
    for (uint32_t i = 0; i < plan->invoice_count; i++)
        for (uint32_t j = 0; j < m->build->invoices[i].line_count; j++)
            m->invoice_of[m->build->invoices[i].first_line + j] = i;
    for (uint32_t line = 0; line < plan->line_count; line++)
        if (can_match(m, line))
            m->lines[m->line_count++] = line;
}

/* ---- grouping: two stable counting sorts, by article and then by customer ---- */

static uint32_t article_of(const struct matching *m, uint32_t line)
{
    return m->build->lines[line].product;
}

static uint32_t customer_of(const struct matching *m, uint32_t line)
{
    return invoice_of(m, line)->customer;
}

typedef uint32_t line_key(const struct matching *m, uint32_t line);

static bool sort_lines(struct matching *m, line_key *key, size_t keys, uint32_t *to,
                       ecommerce_error *err)
{
    uint32_t *next = mem_zalloc(keys + 1, sizeof *next);
    if (!next)
        return error_memory(err);
    for (size_t i = 0; i < m->line_count; i++)
        next[key(m, m->lines[i]) + 1]++;
    for (size_t k = 1; k <= keys; k++)
        next[k] += next[k - 1];
    for (size_t i = 0; i < m->line_count; i++)
        to[next[key(m, m->lines[i])]++] = m->lines[i];
    mem_free(next);
    memcpy(m->lines, to, m->line_count * sizeof *to);
    return true;
}

static bool group_lines(struct matching *m, ecommerce_error *err)
{
    uint32_t *space = mem_zalloc(m->line_count + 1, sizeof *space);
    if (!space)
        return error_memory(err);
    bool ok = sort_lines(m, article_of, m->build->plan->product_count, space, err) &&
              sort_lines(m, customer_of, m->build->plan->customer_count, space, err);
    mem_free(space);
    return ok;
}

/* ---- matching ---- */

static bool add_part(struct matching *m, uint32_t return_line, uint32_t sale_line, int32_t quantity,
                     ecommerce_error *err)
{
    struct raw_part *parts = grow_array(m->parts, &m->part_capacity, m->part_count, sizeof *parts);
    if (!parts)
        return error_memory(err);
    m->parts = parts;
    parts[m->part_count] = (struct raw_part){.return_line = return_line,
                                             .sale_line = sale_line,
                                             .sequence = (uint32_t)m->part_count,
                                             .quantity = quantity};
    m->part_count++;
    return true;
}

static bool give_back(struct matching *m, uint32_t line, ecommerce_error *err)
{
    int32_t open = m->build->lines[line].quantity;
    while (open > 0 && m->depth > 0) {
        struct sale_left *sale = &m->stack[m->depth - 1];
        int32_t taken = open < sale->left ? open : sale->left;
        if (!add_part(m, line, sale->line, taken, err))
            return false;
        open -= taken;
        sale->left -= taken;
        if (sale->left == 0)
            m->depth--;
    }
    return open == 0 || add_part(m, line, RETAIL_NONE, open, err);
}

static bool same_group(const struct matching *m, uint32_t a, uint32_t b)
{
    return article_of(m, a) == article_of(m, b) && customer_of(m, a) == customer_of(m, b);
}

static bool match_groups(struct matching *m, ecommerce_error *err)
{
    for (size_t i = 0; i < m->line_count; i++) {
        uint32_t line = m->lines[i];
        if (i > 0 && !same_group(m, m->lines[i - 1], line))
            m->depth = 0;
        if (!invoice_of(m, line)->is_return)
            m->stack[m->depth++] = (struct sale_left){line, m->build->lines[line].quantity};
        else if (!give_back(m, line, err))
            return false;
    }
    return true;
}

static bool add_unmatchable(struct matching *m, ecommerce_error *err)
{
    for (uint32_t line = 0; line < m->build->plan->line_count; line++)
        if (invoice_of(m, line)->is_return && !can_match(m, line) &&
            !add_part(m, line, RETAIL_NONE, m->build->lines[line].quantity, err))
            return false;
    return true;
}

/* ---- the parts of the plan ---- */

static int compare_parts(const void *left, const void *right)
{
    const struct raw_part *a = left, *b = right;
    if (a->return_line != b->return_line)
        return a->return_line < b->return_line ? -1 : 1;
    return a->sequence < b->sequence ? -1 : a->sequence > b->sequence;
}

static struct retail_part part_of(const struct matching *m, const struct raw_part *raw)
{
    struct retail_part part = {.line =
                                   raw->return_line - invoice_of(m, raw->return_line)->first_line,
                               .sale = RETAIL_NONE,
                               .quantity = raw->quantity};
    if (raw->sale_line != RETAIL_NONE) {
        part.sale = m->invoice_of[raw->sale_line];
        part.sale_line = raw->sale_line - invoice_of(m, raw->sale_line)->first_line;
    }
    return part;
}

static bool publish_parts(struct matching *m, ecommerce_error *err)
{
    struct retail_plan *plan = m->build->plan;
    struct retail_part *parts = retail_array(m->build, m->part_count, sizeof *parts, err);
    if (!parts)
        return false;
    if (m->part_count > 0)
        qsort(m->parts, m->part_count, sizeof *m->parts, compare_parts);
    for (size_t i = 0; i < m->part_count; i++) {
        struct retail_invoice *invoice =
            &m->build->invoices[m->invoice_of[m->parts[i].return_line]];
        if (invoice->part_count++ == 0)
            invoice->first_part = (uint32_t)i;
        parts[i] = part_of(m, &m->parts[i]);
    }
    plan->parts = parts;
    plan->part_count = m->part_count;
    return true;
}

struct linked {
    int64_t matched, unlinked;
};

static void count_line(struct retail_summary *summary, struct linked units, int32_t price)
{
    summary->matched_units += units.matched;
    summary->unlinked_units += units.unlinked;
    /* Part of returned.amount, which was seen to fit. */
    summary->unlinked_amount += units.unlinked * price;
    summary->matched_lines += units.unlinked == 0;
    summary->unlinked_lines += units.matched == 0;
    summary->partly_lines += units.matched > 0 && units.unlinked > 0;
}

static void summarise(const struct matching *m, struct retail_summary *summary)
{
    for (size_t i = 0; i < m->part_count;) {
        uint32_t line = m->parts[i].return_line;
        struct linked units = {0, 0};
        for (; i < m->part_count && m->parts[i].return_line == line; i++)
            *(m->parts[i].sale_line == RETAIL_NONE ? &units.unlinked : &units.matched) +=
                m->parts[i].quantity;
        count_line(summary, units, m->build->lines[line].price);
    }
}

bool retail_match_returns(struct retail_build *build, ecommerce_error *err)
{
    size_t lines = build->plan->line_count;
    struct matching m = {.build = build};
    m.invoice_of = mem_zalloc(lines + 1, sizeof *m.invoice_of);
    m.lines = mem_zalloc(lines + 1, sizeof *m.lines);
    m.stack = mem_zalloc(lines + 1, sizeof *m.stack);
    bool ok = m.invoice_of && m.lines && m.stack;
    if (!ok)
        error_memory(err);
    else
        index_lines(&m);
    ok = ok && group_lines(&m, err) && match_groups(&m, err) && add_unmatchable(&m, err) &&
         publish_parts(&m, err);
    if (ok)
        summarise(&m, &build->plan->summary);
    mem_free(m.parts);
    mem_free(m.stack);
    mem_free(m.lines);
    mem_free(m.invoice_of);
    return ok;
}
