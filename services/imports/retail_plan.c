#include "services/imports/retail_plan.h"

#include "services/imports/retail_build.h"
#include "support/alloc.h"
#include "support/error.h"
#include "support/money.h"

#include <assert.h>
#include <stdio.h>

bool retail_add_amount(int64_t *sum, int64_t amount, ecommerce_error *err)
{
    return money_add(*sum, amount, sum) ||
           error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "file", "its amounts are too large to add");
}

void *retail_array(struct retail_build *build, size_t count, size_t size, ecommerce_error *err)
{
    void *array = arena_array(&build->plan->arena, count ? count : 1, size);
    if (!array)
        error_memory(err);
    return array;
}

static void build_release(struct retail_build *build)
{
    names_release(&build->numbers);
    names_release(&build->codes);
    names_release(&build->customers);
    names_release(&build->countries);
    names_release(&build->texts);
    mem_free(build->raw_invoices);
    mem_free(build->raw_lines);
    timezone_free(&build->zone);
}

/* The raw lines are the largest thing by far, and matching needs room of its own. */
static void drop_raw(struct retail_build *build)
{
    mem_free(build->raw_lines);
    build->raw_lines = NULL;
    build->raw_line_count = build->raw_line_capacity = 0;
}

static bool run_steps(struct retail_build *build, struct csv_reader *reader, ecommerce_error *err)
{
    build->zone = timezone_load(RETAIL_TIMEZONE, err);
    if (!build->zone || !retail_rows_read(build, reader, err) || !retail_order(build, err))
        return false;
    drop_raw(build);
    return retail_match_returns(build, err) && retail_stock_up(build, err);
}

struct retail_plan *retail_plan_read(struct csv_reader *reader, ecommerce_error *err)
{
    struct retail_build build = {.plan = mem_zalloc(1, sizeof *build.plan)};
    if (!build.plan) {
        error_memory(err);
        return NULL;
    }
    if (!run_steps(&build, reader, err))
        retail_plan_free(&build.plan);
    build_release(&build);
    return build.plan;
}

struct retail_plan *retail_plan_load(const char *path, ecommerce_error *err)
{
    struct csv_reader *reader = csv_open(path, NULL, err);
    if (!reader)
        return NULL;
    struct retail_plan *plan = retail_plan_read(reader, err);
    csv_close(&reader);
    return plan;
}

void retail_plan_free(struct retail_plan **plan)
{
    struct retail_plan *p = *plan;
    *plan = NULL;
    if (!p)
        return;
    arena_release(&p->arena);
    mem_free(p);
}

static bool next_is_month(const struct retail_plan *plan, const struct retail_cursor *cursor)
{
    return cursor->month < plan->month_count &&
           plan->months[cursor->month].first_invoice <= cursor->invoice;
}

bool retail_next(const struct retail_plan *plan, struct retail_cursor *cursor,
                 struct retail_event *event)
{
    *event = (struct retail_event){.kind = RETAIL_EVENT_RECEIPTS};
    if (next_is_month(plan, cursor)) {
        event->month = &plan->months[cursor->month++];
        event->at = event->month->at;
        return true;
    }
    if (cursor->invoice >= plan->invoice_count)
        return false;
    event->invoice = &plan->invoices[cursor->invoice++];
    event->kind = event->invoice->is_return ? RETAIL_EVENT_RETURN : RETAIL_EVENT_SALE;
    event->at = event->invoice->at;
    return true;
}

struct str retail_line_text(const struct retail_plan *plan, const struct retail_line *line)
{
    assert(line->text < plan->text_count);
    return plan->texts[line->text];
}

void retail_receipt_id(const struct retail_plan *plan, const struct retail_receipt *receipt,
                       struct id *id)
{
    const struct retail_month *month = &plan->months[receipt->month];
    struct str code = plan->products[receipt->product].code;
    int length = snprintf(id->text, sizeof id->text, "receipt-%04d-%02d-%.*s", month->year,
                          month->month, STR_ARG(code));
    assert(length > 0 && (size_t)length < sizeof id->text);
}
