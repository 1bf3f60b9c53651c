/*
 * order_fixture.h - short forms for tests of orders: a small catalogue, placing, looking.
 *
 * Products: "mug" (7.50), "cup" (2.00), "wrap" (1.00, untracked), shirt with variants "shirt-s" and
 * "shirt-l" (20.00) that share the sku "shirt". Customers: "ann", "bob". No stock.
 */
#pragma once

#include "services/orders/orders.h"
#include "tests/support/shop_fixture.h"

struct shop_fixture *order_fixture_open(unsigned flags, const char *const *settings);

/* Stock by a real movement. */
void order_fixture_receive(struct shop_fixture *fixture, const char *item, int64_t quantity);
int64_t order_fixture_available(struct shop_fixture *fixture, const char *sku);
int64_t order_fixture_held(struct shop_fixture *fixture, const char *sku);

/* "mug:2 cup:1@2.00": one request, run; the order's id into id (may be NULL) when placed. */
enum ecommerce_error_code order_fixture_place(struct shop_fixture *fixture, const char *customer,
                                              const char *items, const char *key, struct id *id,
                                              ecommerce_error *err);
enum ecommerce_error_code order_fixture_change(struct shop_fixture *fixture, const char *order_id,
                                               const char *kind, const char *key);
/* "1:2 2:1": line and quantity; NULL: all that is left */
enum ecommerce_error_code order_fixture_return(struct shop_fixture *fixture, const char *order_id,
                                               const char *lines, const char *key);
/* The state that orders_get shows, into a buffer of 16. */
void order_fixture_state(struct shop_fixture *fixture, const char *order_id, char *state);
/* Delivers everything; fails the test when it cannot. */
void order_fixture_drain(struct shop_fixture *fixture);
/* Runs the checker and fails the test with its findings when it is not clean. */
void order_fixture_check(struct shop_fixture *fixture);
/* The number of findings of a kind; repair: mends. */
int64_t order_fixture_findings(struct shop_fixture *fixture, const char *kind, bool repair);
/* Orders in the documents that are placed (void ones too). */
int64_t order_fixture_count(struct shop_fixture *fixture);
