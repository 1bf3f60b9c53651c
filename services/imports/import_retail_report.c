/* import_retail_report.c - the summary: the file's lines, and what the engine says of them. */
#include "services/imports/import_retail_parts.h"

struct line_counts {
    int64_t sold, returned, refused;
    int64_t by_code[ECOMMERCE_ERROR_CODES];
};

static void count_lines(const struct retail_import *import, struct line_counts *counts)
{
    const struct retail_plan *plan = import->plan;
    *counts = (struct line_counts){0};
    for (size_t i = 0; i < plan->invoice_count; i++) {
        const struct retail_invoice *invoice = &plan->invoices[i];
        for (uint32_t line = 0; line < invoice->line_count; line++) {
            uint8_t code = import->refusals[invoice->first_line + line];
            counts->by_code[code]++;
            counts->refused += code != 0;
            counts->sold += code == 0 && !invoice->is_return;
            counts->returned += code == 0 && invoice->is_return;
        }
    }
}

/* What the engine sold in the time that the file covers. */
static bool read_revenue(struct retail_import *import, struct sales_sums *sums,
                         ecommerce_error *err)
{
    const struct retail_summary *summary = &import->plan->summary;
    int64_t bounds[] = {summary->first_at, summary->last_at + 1};
    struct call *call = import->call;
    struct timeseries_request request = call_timeseries(call, TIMESERIES_SALES);
    request.bounds = bounds;
    request.bound_count = ARRAY_LENGTH(bounds);
    if (!timeseries_run(call->shop->timeseries, &request, err)) {
        return false;
    }
    *sums = request.count > 0 ? request.sums[0] : (struct sales_sums){0};
    return true;
}

static void add_lines(struct retail_import *import, const struct line_counts *counts)
{
    struct doc_builder *out = import->call->out;
    const struct retail_summary *summary = &import->plan->summary;
    doc_add_int(out, "read", summary->rows);
    doc_add_int(out, "sold", counts->sold);
    doc_add_int(out, "returned", counts->returned);
    doc_open(out, "rejected");
    for (enum retail_reject r = 0; r < RETAIL_REJECT_COUNT; r++) {
        if (summary->rejected[r].lines > 0) {
            doc_add_int(out, retail_reject_name(r), summary->rejected[r].lines);
        }
    }
    doc_close(out);
    doc_open(out, "refused");
    for (int code = ECOMMERCE_OK + 1; code < ECOMMERCE_ERROR_CODES; code++) {
        if (counts->by_code[code] > 0) {
            doc_add_int(out, ecommerce_error_name((enum ecommerce_error_code)code),
                        counts->by_code[code]);
        }
    }
    doc_close(out);
}

static void add_tallies(struct retail_import *import)
{
    struct doc_builder *out = import->call->out;
    doc_add_int(out, "invoices", (int64_t)import->plan->invoice_count);
    import_tally_add(out, "products", &import->products, "added", "there_before");
    import_tally_add(out, "customers", &import->customers, "added", "there_before");
    import_tally_add(out, "receipts", &import->receipts, "received", NULL);
    import_tally_add(out, "orders", &import->orders, "placed", "replayed");
    import_tally_add(out, "returns", &import->returns, "recorded", "replayed");
    import_tally_add(out, "unlinked_returns", &import->unlinked, "recorded", "replayed");
}

static void add_money_rows(struct retail_import *import, const struct sales_sums *sums,
                           int64_t gross, int64_t returned)
{
    struct doc_builder *out = import->call->out;
    const struct currency *currency = &import->call->shop->currency;
    doc_open(out, "revenue");
    doc_add_money(out, "gross", sums->gross, currency);
    doc_add_money(out, "cancelled", sums->cancelled, currency);
    doc_add_money(out, "returned", sums->returned, currency);
    doc_add_money(out, "net", sums->gross - sums->cancelled - sums->returned, currency);
    doc_close(out);
    doc_open(out, "expected");
    doc_add_money(out, "gross", gross, currency);
    doc_add_money(out, "returned", returned, currency);
    doc_add_money(out, "net", gross - returned, currency);
    doc_close(out);
}

bool retail_import_report(struct retail_import *import, int64_t started, ecommerce_error *err)
{
    const struct retail_summary *summary = &import->plan->summary;
    struct doc_builder *out = import->call->out;
    struct line_counts counts;
    struct sales_sums sums;
    if (!read_revenue(import, &sums, err)) {
        return false;
    }
    count_lines(import, &counts);
    int64_t gross = summary->sold.amount - import->refused_sales;
    int64_t returned = summary->returned.amount - import->refused_returns;
    bool lines_add_up =
        summary->rows == counts.sold + counts.returned + counts.refused + summary->rejected_lines;
    int64_t spent = seams_monotonic(import->call->shop->seams) - started;
    double seconds = (double)(spent > 0 ? spent : 1) / MICROSECONDS;
    add_lines(import, &counts);
    add_tallies(import);
    add_money_rows(import, &sums, gross, returned);
    doc_add_bool(out, "reconciled",
                 lines_add_up && sums.gross == gross && sums.returned == returned);
    doc_add_double(out, "seconds", seconds);
    doc_add_int(out, "lines_per_second", (int64_t)((double)summary->rows / seconds));
    doc_open(out, "file");
    retail_summary_add(out, summary);
    doc_close(out);
    return true;
}
