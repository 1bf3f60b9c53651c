/*
 * timeseries_fixture.h - the implementations of the time-series role, and an invented trade to feed
 * them with. Whatever fails fails the test.
 */
#pragma once

#include "db_managers/timeseries_store.h"
#include "support/text.h"
#include "tests/support/temp_folder.h"

struct timeseries_implementation {
    const char *name;
    /* A handle on the store that belongs to this folder; more than one may be open at once. */
    struct timeseries_store *(*open)(const struct temp_folder *folder, ecommerce_error *err);
};

extern const struct timeseries_implementation timeseries_implementations[];
extern const size_t timeseries_implementation_count;
/* The one that the group of tests now runs against. */
extern const struct timeseries_implementation *timeseries_tested;

#define TRADE_DAY (INT64_C(86400) * MICROSECONDS)
#define TRADE_START (15000 * TRADE_DAY)
#define TRADE_END (TRADE_START + 40 * TRADE_DAY)

enum { TRADE_ORDERS = 160, TRADE_ENTRIES = 280, TRADE_PRODUCTS = 12, TRADE_CUSTOMERS = 15 };

struct trade_fixture {
    struct temp_folder folder;
    struct timeseries_store *store;
    struct arena arena;
};

/* For cmocka: a store in a folder of its own for each test. */
int trade_setup(void **state);
int trade_teardown(void **state);
struct timeseries_store *trade_open(const struct temp_folder *folder);
void trade_close(struct timeseries_store **store);

/* Over all time, with a minute's patience. */
struct timeseries_request trade_request(struct trade_fixture *fixture,
                                        enum timeseries_operation operation);
void trade_must(struct timeseries_store *store, struct timeseries_request *request);
void trade_must_fail(struct timeseries_store *store, struct timeseries_request *request,
                     enum ecommerce_error_code code);
void trade_assert_str(struct str actual, const char *expected);
void trade_apply_to(struct trade_fixture *fixture, struct timeseries_store *store, bool shadow,
                    struct timeseries_entry *entries, size_t count);
void trade_apply(struct trade_fixture *fixture, struct timeseries_entry *entries, size_t count);

/* TRADE_ENTRIES entries, always the same: first the orders, then what became of them. Products
 * p10 and p11 are services, customers are ann00 …, countries land00 …, categories c00 to c02. */
struct timeseries_entry *trade_make(struct trade_fixture *fixture);
void trade_shuffle(struct timeseries_entry *entries);
unsigned trade_pick(unsigned below);
/* Whether a restriction of a filter lets the value pass. */
bool trade_passes(struct str restriction, struct str value);

void trade_print_entries(struct trade_fixture *fixture, struct timeseries_store *store, bool shadow,
                         struct text *text);
void trade_print_digests(struct trade_fixture *fixture, struct timeseries_store *store, bool shadow,
                         struct text *text);
/* Entries, digests and reports of a store as one text: equal stores have equal ones. */
char *trade_everything(struct trade_fixture *fixture, struct timeseries_store *store);
