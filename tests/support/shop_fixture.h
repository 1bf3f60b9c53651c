/*
 * shop_fixture.h - a shop for tests of services: stores in a temporary folder, default settings
 * with GBP and Europe/London, clocks that the test moves, and calls.
 *
 *     struct shop_fixture *fixture = shop_fixture_open(0);
 *     struct call call;
 *     fixture_call_begin(&fixture->shop, &call);
 *     assert_true(catalog_search(&call, &options, &err));
 *     struct doc answer = fixture_call_answer(&call);
 *     ...
 *     fixture_call_end(&call);
 *     shop_fixture_close(&fixture);
 *
 * Whatever fails in the fixture fails the test.
 */
#pragma once

#include "services/shop.h"
#include "tests/support/failing_stores.h"
#include "tests/support/fake_seams.h"
#include "tests/support/fake_stores.h"
#include "tests/support/temp_folder.h"

enum shop_fixture_flag {
    FIXTURE_REAL_CLOCK = 1 << 0, /* system_seams instead of clocks that the test moves */
    FIXTURE_ORDERS = 1 << 1,     /* shop->orders is opened too */
    /* Stores of fake_stores.h instead of the embedded ones. */
    FIXTURE_FAKE_LIVE = 1 << 2,
    FIXTURE_FAKE_TIMESERIES = 1 << 3,
    FIXTURE_FAKE_GRAPH = 1 << 4,
    FIXTURE_FAULTY_DISK = 1 << 5, /* the embedded files are on the disk of fault_vfs.h */
    FIXTURE_FAKES = FIXTURE_FAKE_LIVE | FIXTURE_FAKE_TIMESERIES | FIXTURE_FAKE_GRAPH,
};

struct shop_fixture {
    struct shop shop; /* its stores are those in `stores`, which stand before the ones below */
    struct settings *settings;
    struct logger logger; /* without a sink */
    struct fake_seams clock;
    struct temp_folder folder;
    struct failing_stores stores;
    struct documents_store *documents;
    struct live_store *live;
    struct timeseries_store *timeseries;
    struct graph_store *graph;
    struct fake_live *fake_live; /* the same as above where they are fakes, else NULL */
    struct fake_timeseries *fake_timeseries;
    struct fake_graph *fake_graph;
    unsigned flags;
    bool joined; /* the folder is another's */
};

/* flags: enum shop_fixture_flag, or-ed. */
struct shop_fixture *shop_fixture_open(unsigned flags);
/* Settings as "orders.deadline=5s", NULL at the end of the list; before anything is opened. */
struct shop_fixture *shop_fixture_open_with(unsigned flags, const char *const *settings);
void shop_fixture_close(struct shop_fixture **fixture);
/* Closes what has state in the process and opens it again on the same files: a new start. */
void shop_fixture_restart(struct shop_fixture *fixture);
/* The two halves of it. A crash delivers nothing of what is queued. */
void shop_fixture_stop(struct shop_fixture *fixture, bool crash);
void shop_fixture_start(struct shop_fixture *fixture);
/* A second process's view: another shop on the same files and settings, with a clock of its own.
 * Closed before the first. */
struct shop_fixture *shop_fixture_join(const struct shop_fixture *other);
/* The role's store is away (true), or back. */
void shop_fixture_away(struct shop_fixture *fixture, enum manager_role role, bool away);
/* Makes `available` of the sku what it says, by a credit. */
void shop_fixture_stock(struct shop_fixture *fixture, const char *sku, int64_t available);
/* Moves both clocks; not with FIXTURE_REAL_CLOCK. */
void shop_fixture_advance(struct shop_fixture *fixture, int64_t microseconds);

/* A call with 10 s to its deadline. */
void fixture_call_begin(struct shop *shop, struct call *call);
/* What is in call->out so far, with `degraded` and `as_of`; lives until the call ends. */
struct doc fixture_call_answer(struct call *call);
void fixture_call_end(struct call *call);

/* A document of JSON, in the call's arena. Single quotes stand for double ones. */
struct doc fixture_doc(struct call *call, const char *json);
