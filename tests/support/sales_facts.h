/*
 * sales_facts.h - sales laid straight into a fixture's time series, for tests of what is said about
 * them. Whatever fails fails the test.
 */
#pragma once

#include "tests/support/shop_fixture.h"

/* "2011-12-01T12:00:00Z" or "2011-12-01" (UTC). */
int64_t sales_time(const char *text);

struct sales_fact {
    enum sale_kind kind;
    const char *id;       /* applied id; of an order its own */
    const char *order_id; /* NULL: the id; of a movement "" */
    const char *customer; /* NULL: a guest */
    const char *country;  /* NULL: unknown */
    const char *at;
    struct {
        const char *product; /* NULL ends them; the sku is the same */
        const char *category;
        int64_t quantity, amount;
        bool service;
    } lines[4];
    struct {
        const char *sku; /* NULL ends them */
        int64_t quantity;
    } stock[4];
};

void sales_apply(struct shop_fixture *fixture, const struct sales_fact *facts, size_t count);
/* A document as it is, JSON with single quotes. */
void sales_document(struct shop_fixture *fixture, enum documents_collection collection,
                    const char *id, const char *json);

/* ---- reading answers; a field that is not there fails the test ---- */

struct doc sales_row(struct doc answer, const char *list, size_t index);
size_t sales_rows(struct doc answer, const char *list);
/* Money, in minor units of a currency with two decimals. */
int64_t sales_money(struct doc doc, const char *key);
int64_t sales_int(struct doc doc, const char *key);
/* A fraction, within rounding. */
void sales_near(struct doc doc, const char *key, double expected);
bool sales_null(struct doc doc, const char *key);
void sales_text(struct doc doc, const char *key, const char *expected);
/* `degraded` names exactly this role; NULL: there is no such field. */
void sales_degraded(struct doc answer, const char *role);
