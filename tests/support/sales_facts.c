/* sales_facts.c - sales laid into a fixture's time series. See sales_facts.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/sales_facts.h"

#include "support/timestamp.h"

#include <math.h>
#include <stdio.h>

int64_t sales_time(const char *text)
{
    int64_t at = 0;
    assert_true(timestamp_parse(str_of(text), &at, NULL));
    return at;
}

static void apply_one(struct shop_fixture *fixture, struct call *call,
                      const struct sales_fact *fact)
{
    struct sale_line lines[ARRAY_LENGTH(fact->lines)];
    struct stock_change stock[ARRAY_LENGTH(fact->stock)];
    const char *order = fact->order_id ? fact->order_id : fact->id;
    struct timeseries_entry entry = {.id = str_of(fact->id),
                                     .kind = fact->kind,
                                     .order_id = order[0] ? str_of(order) : STR_NONE,
                                     .customer_id = str_of(fact->customer),
                                     .country = str_of(fact->country),
                                     .time = sales_time(fact->at),
                                     .lines = lines,
                                     .stock = stock,
                                     .payload = fixture_doc(call, "{}")};
    for (size_t i = 0; i < ARRAY_LENGTH(lines) && fact->lines[i].product; i++) {
        lines[entry.line_count++] = (struct sale_line){.line = (int)i + 1,
                                                       .product_id = str_of(fact->lines[i].product),
                                                       .sku = str_of(fact->lines[i].product),
                                                       .category = str_of(fact->lines[i].category),
                                                       .quantity = fact->lines[i].quantity,
                                                       .amount = fact->lines[i].amount,
                                                       .service = fact->lines[i].service};
    }
    for (size_t i = 0; i < ARRAY_LENGTH(stock) && fact->stock[i].sku; i++) {
        stock[entry.stock_count++] =
            (struct stock_change){str_of(fact->stock[i].sku), fact->stock[i].quantity};
    }
    struct timeseries_request request = call_timeseries(call, TIMESERIES_APPLY);
    request.entries = &entry;
    request.entry_count = 1;
    ecommerce_error err = {0};
    if (!timeseries_run(fixture->timeseries, &request, &err)) {
        fail_msg("%s: %s", err.field, err.message);
    }
    assert_true(entry.applied);
}

void sales_apply(struct shop_fixture *fixture, const struct sales_fact *facts, size_t count)
{
    struct call call;
    fixture_call_begin(&fixture->shop, &call);
    for (size_t i = 0; i < count; i++) {
        apply_one(fixture, &call, &facts[i]);
    }
    fixture_call_end(&call);
}

void sales_document(struct shop_fixture *fixture, enum documents_collection collection,
                    const char *id, const char *json)
{
    struct call call;
    fixture_call_begin(&fixture->shop, &call);
    bool inserted = false;
    assert_true(documents_insert(fixture->documents, collection, str_of(id),
                                 fixture_doc(&call, json), 0, call.deadline, &inserted, NULL));
    assert_true(inserted);
    fixture_call_end(&call);
}

/* ---- reading answers ---- */

static struct doc_value value_of(struct doc doc, const char *key)
{
    struct doc_value value;
    if (!doc_find(doc, key, &value)) {
        fail_msg("the answer has no '%s'", key);
    }
    return value;
}

size_t sales_rows(struct doc answer, const char *list)
{
    struct doc_value value = value_of(answer, list);
    assert_int_equal(value.type, DOC_ARRAY);
    return doc_count(value.child);
}

struct doc sales_row(struct doc answer, const char *list, size_t index)
{
    char key[24];
    snprintf(key, sizeof(key), "%zu", index);
    struct doc_value row = value_of(doc_child(answer, list), key);
    assert_int_equal(row.type, DOC_DOCUMENT);
    return row.child;
}

int64_t sales_money(struct doc doc, const char *key)
{
    struct doc_value value = value_of(doc, key);
    assert_int_equal(value.type, DOC_DECIMAL);
    assert_int_equal(value.decimal.exponent, -2);
    return value.decimal.coefficient;
}

int64_t sales_int(struct doc doc, const char *key)
{
    struct doc_value value = value_of(doc, key);
    assert_true(value.type == DOC_INT || value.type == DOC_TIME);
    return value.integer;
}

void sales_near(struct doc doc, const char *key, double expected)
{
    struct doc_value value = value_of(doc, key);
    assert_int_equal(value.type, DOC_DOUBLE);
    if (fabs(value.number - expected) > 1e-9 * (1 + fabs(expected))) {
        fail_msg("%s is %.17g, not %.17g", key, value.number, expected);
    }
}

bool sales_null(struct doc doc, const char *key)
{
    return value_of(doc, key).type == DOC_NULL;
}

void sales_text(struct doc doc, const char *key, const char *expected)
{
    struct doc_value value = value_of(doc, key);
    assert_int_equal(value.type, DOC_TEXT);
    if (!str_is(value.text, expected)) {
        fail_msg("%s is '%.*s', not '%s'", key, STR_ARG(value.text), expected);
    }
}

void sales_degraded(struct doc answer, const char *role)
{
    struct doc roles = doc_child(answer, "degraded");
    assert_int_equal(doc_count(roles), role ? 1 : 0);
    if (role) {
        sales_text(roles, "0", role);
    }
}
