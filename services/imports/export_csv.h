/*
 * export_csv.h - products, customers, orders and stock into CSV files.
 *
 * Products and customers come by id, with the columns that import_csv.h takes, so that an export
 * can be imported again (attributes and variants too; free fields and addresses are not in it).
 * Orders come by time, a line of the file for each of theirs: order_id, number, placed_at, status,
 * customer_id, country, currency, line, product_id, variant_id, sku, name, quantity, price, amount,
 * taken_back, delivery_cost and total (of the whole order, in each of its lines). Stock: sku,
 * available, held, by sku. Money has the currency's decimals, times are RFC 3339 in UTC.
 *
 * A file of the same name is replaced, once the new one is whole.
 */
#pragma once

#include "services/shop.h"

/* Answer: {path, rows}. Errors: INVALID_ARGUMENT (path), STORAGE_FULL, STORAGE_FAILED, those of the
 * stores. */
bool export_products(struct call *call, struct str path, ecommerce_error *err) MUST_CHECK;
bool export_customers(struct call *call, struct str path, ecommerce_error *err) MUST_CHECK;
bool export_orders(struct call *call, struct str path, ecommerce_error *err) MUST_CHECK;
bool export_stock(struct call *call, struct str path, ecommerce_error *err) MUST_CHECK;
