/* Second step of a plan: from the file's order to the plan's; what is said of each product,
 * customer and country. */

#include "services/imports/retail_build.h"
#include "services/imports/retail_fields.h"
#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdlib.h>

/* ---- products, customers, countries: by name ---- */

struct renumber {
    uint32_t *codes, *customers, *countries;
};

static void renumber_release(struct renumber *renumber)
{
    mem_free(renumber->codes);
    mem_free(renumber->customers);
    mem_free(renumber->countries);
}

static bool sort_names(struct retail_build *build, struct renumber *renumber, ecommerce_error *err)
{
    *renumber = (struct renumber){.codes = names_sort(&build->codes),
                                  .customers = names_sort(&build->customers),
                                  .countries = names_sort(&build->countries)};
    if (renumber->codes && renumber->customers && renumber->countries)
        return true;
    renumber_release(renumber);
    return error_memory(err);
}

static bool use_sorted_names(struct retail_build *build, ecommerce_error *err)
{
    struct renumber renumber;
    if (!sort_names(build, &renumber, err))
        return false;
    for (size_t i = 0; i < build->raw_line_count; i++)
        build->raw_lines[i].product = renumber.codes[build->raw_lines[i].product];
    for (size_t i = 0; i < build->numbers.count; i++) {
        struct raw_invoice *invoice = &build->raw_invoices[i];
        if (invoice->lines == 0)
            continue;
        invoice->country = renumber.countries[invoice->country];
        if (invoice->customer != RETAIL_NONE)
            invoice->customer = renumber.customers[invoice->customer];
    }
    renumber_release(&renumber);
    return true;
}

static bool make_named(struct retail_build *build, ecommerce_error *err)
{
    build->products = retail_array(build, build->codes.count, sizeof *build->products, err);
    build->customer_list =
        retail_array(build, build->customers.count, sizeof *build->customer_list, err);
    build->country_list =
        retail_array(build, build->countries.count, sizeof *build->country_list, err);
    if (!build->products || !build->customer_list || !build->country_list)
        return false;
    for (size_t i = 0; i < build->codes.count; i++) {
        struct retail_product *product = &build->products[i];
        product->code = product->name = build->codes.items[i];
        product->service = retail_is_service(product->code);
    }
    for (size_t i = 0; i < build->customers.count; i++)
        build->customer_list[i].id = build->customers.items[i];
    for (size_t i = 0; i < build->countries.count; i++)
        build->country_list[i].name = build->countries.items[i];
    return true;
}

/* ---- invoices and lines: by time ---- */

struct dated {
    int64_t at;
    struct str number;
    uint32_t raw;
};

/* Digits sort before A and C, so that of one instant the sales come before the returns. */
static int compare_dated(const void *left, const void *right)
{
    const struct dated *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return str_compare(a->number, b->number);
}

/* The invoices of which a line was taken, in the plan's order. */
static size_t list_invoices(const struct retail_build *build, struct dated *list)
{
    size_t count = 0;
    for (size_t i = 0; i < build->numbers.count; i++)
        if (build->raw_invoices[i].lines > 0)
            list[count++] = (struct dated){.at = build->raw_invoices[i].at,
                                           .number = build->numbers.items[i],
                                           .raw = (uint32_t)i};
    qsort(list, count, sizeof *list, compare_dated);
    return count;
}

/* Lays the invoices out and leaves in next[raw] where the first line of each belongs. */
static void place_invoices(struct retail_build *build, const struct dated *list, size_t count,
                           uint32_t *next)
{
    uint32_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const struct raw_invoice *raw = &build->raw_invoices[list[i].raw];
        build->invoices[i] = (struct retail_invoice){
            .number = list[i].number,
            .at = raw->at,
            .first_line = at,
            .line_count = raw->lines,
            .customer = raw->customer,
            .country = raw->country,
            .is_return = raw->is_return,
        };
        next[list[i].raw] = at;
        at += raw->lines;
    }
    assert(at == build->raw_line_count);
}

static void place_lines(struct retail_build *build, uint32_t *next)
{
    for (size_t i = 0; i < build->raw_line_count; i++) {
        const struct raw_line *raw = &build->raw_lines[i];
        build->lines[next[raw->invoice]++] = (struct retail_line){.product = raw->product,
                                                                  .text = raw->text,
                                                                  .quantity = raw->quantity,
                                                                  .price = raw->price};
    }
}

static bool order_invoices(struct retail_build *build, ecommerce_error *err)
{
    struct retail_plan *plan = build->plan;
    struct dated *list = mem_zalloc(build->numbers.count + 1, sizeof *list);
    uint32_t *next = mem_zalloc(build->numbers.count + 1, sizeof *next);
    bool ok = false;
    if (!list || !next) {
        error_memory(err);
        goto out;
    }
    plan->invoice_count = list_invoices(build, list);
    plan->line_count = build->raw_line_count;
    build->invoices = retail_array(build, plan->invoice_count, sizeof *build->invoices, err);
    build->lines = retail_array(build, plan->line_count, sizeof *build->lines, err);
    ok = build->invoices && build->lines;
    if (ok) {
        place_invoices(build, list, plan->invoice_count, next);
        place_lines(build, next);
    }
out:
    mem_free(list);
    mem_free(next);
    return ok;
}

/* ---- what the lines say ---- */

/* Walked in time order, so the last line to speak has the last word; a return speaks only for what
 * was not sold before. */
static void tell_product(struct retail_product *product, const struct retail_line *line,
                         struct str text, bool is_return)
{
    bool speaks = !is_return || product->sold == 0;
    if (is_return)
        product->returned += line->quantity;
    else
        product->sold += line->quantity;
    if (!speaks)
        return;
    product->price = line->price;
    if (text.len > 0)
        product->name = text;
}

static void tell_customer(struct retail_build *build, const struct retail_invoice *invoice)
{
    if (invoice->customer == RETAIL_NONE)
        return;
    struct retail_customer *customer = &build->customer_list[invoice->customer];
    if (!customer->country.ptr)
        customer->first_at = invoice->at;
    customer->last_at = invoice->at;
    customer->country = build->countries.items[invoice->country];
}

static bool tell_country(struct retail_country *country, const struct retail_invoice *invoice,
                         ecommerce_error *err)
{
    *(invoice->is_return ? &country->returns : &country->sales) += 1;
    return retail_add_amount(invoice->is_return ? &country->returned : &country->sold,
                             invoice->amount, err);
}

static bool tell_invoice(struct retail_build *build, struct retail_invoice *invoice,
                         ecommerce_error *err)
{
    for (uint32_t i = 0; i < invoice->line_count; i++) {
        const struct retail_line *line = &build->lines[invoice->first_line + i];
        tell_product(&build->products[line->product], line, build->texts.items[line->text],
                     invoice->is_return);
        if (!retail_add_amount(&invoice->amount, (int64_t)line->quantity * line->price, err))
            return false;
    }
    tell_customer(build, invoice);
    return tell_country(&build->country_list[invoice->country], invoice, err);
}

static bool tell_all(struct retail_build *build, ecommerce_error *err)
{
    for (size_t i = 0; i < build->plan->invoice_count; i++)
        if (!tell_invoice(build, &build->invoices[i], err))
            return false;
    return true;
}

/* ---- the plan ---- */

static bool publish_texts(struct retail_build *build, ecommerce_error *err)
{
    struct str *texts = retail_array(build, build->texts.count, sizeof *texts, err);
    if (!texts)
        return false;
    for (size_t i = 0; i < build->texts.count; i++)
        texts[i] = build->texts.items[i];
    build->plan->texts = texts;
    build->plan->text_count = build->texts.count;
    return true;
}

static void publish(struct retail_build *build)
{
    struct retail_plan *plan = build->plan;
    plan->products = build->products;
    plan->product_count = build->codes.count;
    plan->customers = build->customer_list;
    plan->customer_count = build->customers.count;
    plan->countries = build->country_list;
    plan->country_count = build->countries.count;
    plan->invoices = build->invoices;
    plan->lines = build->lines;
}

static void summarise(const struct retail_build *build, struct retail_summary *summary)
{
    const struct retail_plan *plan = build->plan;
    summary->net = summary->sold.amount - summary->returned.amount;
    summary->rejected_invoices = (int64_t)(build->numbers.count - plan->invoice_count);
    summary->customers = (int64_t)plan->customer_count;
    summary->countries = (int64_t)plan->country_count;
    for (size_t i = 0; i < plan->product_count; i++)
        *(plan->products[i].service ? &summary->services : &summary->goods) += 1;
    for (size_t i = 0; i < plan->invoice_count; i++) {
        const struct retail_invoice *invoice = &plan->invoices[i];
        *(invoice->is_return ? &summary->returned.invoices : &summary->sold.invoices) += 1;
        summary->guest_sales += !invoice->is_return && invoice->customer == RETAIL_NONE;
    }
    if (plan->invoice_count > 0) {
        summary->first_at = plan->invoices[0].at;
        summary->last_at = plan->invoices[plan->invoice_count - 1].at;
    }
}

bool retail_order(struct retail_build *build, ecommerce_error *err)
{
    if (!use_sorted_names(build, err) || !make_named(build, err) || !order_invoices(build, err))
        return false;
    if (!tell_all(build, err) || !publish_texts(build, err))
        return false;
    publish(build);
    summarise(build, &build->plan->summary);
    return true;
}
