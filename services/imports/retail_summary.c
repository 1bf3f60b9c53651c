#include "services/imports/retail_summary.h"

#include "services/imports/retail_plan.h"
#include "support/money.h"
#include "support/timestamp.h"

#include <assert.h>
#include <inttypes.h>

static const struct currency pounds = {.code = RETAIL_CURRENCY, .exponent = 2};

static const struct {
    const char *name, *meaning;
} rejects[RETAIL_REJECT_COUNT] = {
#define X(identifier, name, meaning) {name, meaning},
    RETAIL_REJECTS(X)
#undef X
};

const char *retail_reject_name(enum retail_reject reject)
{
    assert(reject < RETAIL_REJECT_COUNT);
    return rejects[reject].name;
}

const char *retail_reject_meaning(enum retail_reject reject)
{
    assert(reject < RETAIL_REJECT_COUNT);
    return rejects[reject].meaning;
}

/* ---- as a document ---- */

static void add_flow(struct doc_builder *builder, const char *key, const struct retail_flow *flow)
{
    doc_open(builder, key);
    doc_add_int(builder, "invoices", flow->invoices);
    doc_add_int(builder, "lines", flow->lines);
    doc_add_int(builder, "units", flow->units);
    doc_add_money(builder, "amount", flow->amount, &pounds);
    doc_close(builder);
}

static void add_rejects(struct doc_builder *builder, const struct retail_summary *summary)
{
    doc_open_array(builder, "rejected");
    for (enum retail_reject r = 0; r < RETAIL_REJECT_COUNT; r++) {
        const struct retail_rejected *counter = &summary->rejected[r];
        if (counter->lines == 0)
            continue;
        doc_open(builder, NULL);
        doc_adds(builder, "reason", rejects[r].name);
        doc_adds(builder, "meaning", rejects[r].meaning);
        doc_add_int(builder, "lines", counter->lines);
        doc_add_int(builder, "first_line", (int64_t)counter->first_line);
        doc_add_money(builder, "amount", counter->amount, &pounds);
        doc_close(builder);
    }
    doc_close(builder);
    doc_add_int(builder, "rejected_lines", summary->rejected_lines);
    doc_add_int(builder, "rejected_invoices", summary->rejected_invoices);
}

static void add_matching(struct doc_builder *builder, const struct retail_summary *summary)
{
    doc_open(builder, "matching");
    doc_add_int(builder, "matched_lines", summary->matched_lines);
    doc_add_int(builder, "partly_lines", summary->partly_lines);
    doc_add_int(builder, "unlinked_lines", summary->unlinked_lines);
    doc_add_int(builder, "matched_units", summary->matched_units);
    doc_add_int(builder, "unlinked_units", summary->unlinked_units);
    doc_add_money(builder, "unlinked_amount", summary->unlinked_amount, &pounds);
    doc_close(builder);
}

void retail_summary_add(struct doc_builder *builder, const struct retail_summary *summary)
{
    doc_add_int(builder, "rows", summary->rows);
    doc_adds(builder, "currency", pounds.code);
    add_flow(builder, "sold", &summary->sold);
    add_flow(builder, "returned", &summary->returned);
    doc_add_money(builder, "net", summary->net, &pounds);
    add_rejects(builder, summary);
    doc_add_int(builder, "goods", summary->goods);
    doc_add_int(builder, "services", summary->services);
    doc_add_int(builder, "customers", summary->customers);
    doc_add_int(builder, "countries", summary->countries);
    doc_add_int(builder, "guest_sales", summary->guest_sales);
    add_matching(builder, summary);
    doc_add_int(builder, "receipts", summary->receipts);
    doc_add_int(builder, "received_units", summary->received_units);
    if (summary->sold.invoices + summary->returned.invoices > 0) {
        doc_add_time(builder, "first_at", summary->first_at);
        doc_add_time(builder, "last_at", summary->last_at);
    }
}

/* ---- as text ---- */

static void write_flow(struct text *text, const char *label, const struct retail_flow *flow)
{
    char amount[32];
    money_format(flow->amount, &pounds, amount, sizeof amount);
    text_printf(text, "%-10s%9" PRId64 "  %16s %s in %" PRId64 " invoices\n", label, flow->lines,
                amount, pounds.code, flow->invoices);
}

static void write_rejects(struct text *text, const struct retail_summary *summary)
{
    text_printf(text, "%-10s%9" PRId64 "  (%" PRId64 " invoices have no other line)\n", "rejected",
                summary->rejected_lines, summary->rejected_invoices);
    for (enum retail_reject r = 0; r < RETAIL_REJECT_COUNT; r++)
        if (summary->rejected[r].lines > 0)
            text_printf(text, "%19" PRId64 "  %s (first: line %" PRIu64 ")\n",
                        summary->rejected[r].lines, rejects[r].meaning,
                        summary->rejected[r].first_line);
}

static void write_matching(struct text *text, const struct retail_summary *summary)
{
    char amount[32];
    money_format(summary->unlinked_amount, &pounds, amount, sizeof amount);
    text_printf(text,
                "of the returned lines %" PRId64 " match earlier sales, %" PRId64
                " in part, %" PRId64 " none (%s %s without a sale)\n",
                summary->matched_lines, summary->partly_lines, summary->unlinked_lines, amount,
                pounds.code);
}

void retail_summary_write(struct text *text, const struct retail_summary *summary)
{
    char net[32], first[TIMESTAMP_TEXT], last[TIMESTAMP_TEXT];
    money_format(summary->net, &pounds, net, sizeof net);
    timestamp_format(summary->first_at, first);
    timestamp_format(summary->last_at, last);
    text_printf(text, "%-10s%9" PRId64 "\n", "lines", summary->rows);
    write_flow(text, "sold", &summary->sold);
    write_flow(text, "returned", &summary->returned);
    text_printf(text, "%-10s%9s  %16s %s\n", "net", "", net, pounds.code);
    write_rejects(text, summary);
    write_matching(text, summary);
    text_printf(text,
                "%" PRId64 " goods and %" PRId64 " services, %" PRId64 " customers in %" PRId64
                " countries, %" PRId64 " sales to guests\n",
                summary->goods, summary->services, summary->customers, summary->countries,
                summary->guest_sales);
    text_printf(text, "%" PRId64 " receipts bring %" PRId64 " units into stock\n",
                summary->receipts, summary->received_units);
    if (summary->sold.invoices + summary->returned.invoices > 0)
        text_printf(text, "from %s to %s\n", first, last);
}
