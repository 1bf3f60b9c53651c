/*
 * live_fixture.h - the implementations of the live role, and short forms for their tests.
 *
 * The short forms fail the test when the store fails; those that look at failures use live_run
 * themselves. The stores' wall clock is the test's: it stands still at LIVE_NOW until it is moved.
 */
#pragma once

#include "db_managers/live_store.h"
#include "tests/support/temp_folder.h"

#define LIVE_NOW INT64_C(1700000000000000)
#define LIVE_SECOND ((int64_t)MICROSECONDS)

struct live_implementation {
    const char *name;
    /* A handle on the store that belongs to this folder; more than one may be open at once. */
    struct live_store *(*open)(const struct temp_folder *folder, ecommerce_error *err);
};

extern const struct live_implementation live_implementations[];
extern const size_t live_implementation_count;
/* The one that the group of tests now runs against. */
extern const struct live_implementation *live_tested;

struct live_fixture {
    struct temp_folder folder;
    struct live_store *store;
    struct arena arena;
};

/* For cmocka: a store in a folder of its own for each test; with the second, epoch 1 is installed
 * with 10 of "apple", 5 of "pear" and 1 of "plum". */
int live_setup(void **state);
int live_setup_stocked(void **state);
int live_teardown(void **state);
struct live_store *live_open_tested(const struct temp_folder *folder);
void live_close(struct live_store **store);
void live_reopen(struct live_fixture *fixture);
void live_clock_set(int64_t wall);

struct live_request live_request_of(struct live_fixture *fixture, enum live_operation operation);
/* Runs it; fails the test with the error's message unless it succeeds. */
void live_must(struct live_fixture *fixture, struct live_request *request);
void live_must_fail(struct live_fixture *fixture, struct live_request *request,
                    enum ecommerce_error_code code);

struct live_status live_status_now(struct live_fixture *fixture);
/* Levels for all skus given. */
enum live_outcome live_install_levels(struct live_fixture *fixture, int64_t epoch,
                                      const struct stock_level *levels, size_t count);
/* Until a minute after LIVE_NOW, with a grace of 30 s. */
enum live_outcome live_reserve_lines(struct live_fixture *fixture, int64_t epoch, const char *id,
                                     const struct stock_line *lines, size_t count);
enum live_outcome live_reserve_one(struct live_fixture *fixture, int64_t epoch, const char *id,
                                   const char *sku, int64_t quantity);
enum live_outcome live_settle_id(struct live_fixture *fixture, int64_t epoch, const char *id);
enum live_outcome live_release_id(struct live_fixture *fixture, int64_t epoch, const char *id);
enum live_outcome live_credit_one(struct live_fixture *fixture, int64_t epoch, const char *id,
                                  const char *sku, int64_t quantity);
void assert_live_level(struct live_fixture *fixture, const char *sku, int64_t available,
                       int64_t held);
/* {n: number} */
struct doc live_doc(struct live_fixture *fixture, int64_t number);
