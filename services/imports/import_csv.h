/*
 * import_csv.h - products, customers and stock movements from CSV files.
 *
 * The whole file is read and checked before anything is changed: a cell that does not hold what its
 * column says refuses the file, with the line and the column. Then each product, customer or
 * movement is one call; what the shop refuses is counted, the first of each kind with its line, and
 * the rest goes on. A repeated import changes nothing.
 *
 * Products: product_id, name, price, description, categories and images (separated by ';'), sku,
 * tracked, retired, low_stock_threshold, and a column attribute.NAME for each attribute. Lines that
 * follow each other with the same product_id and a variant_id each are one product with
 * variants: variant_id, variant_sku, variant_name, variant_price, variant.NAME; the product's own
 * cells are those of the first. Customers: customer_id, name, email, phone, country. Stock:
 * product_id (or a variant's id or a sku), quantity (negative: a loss), reason, movement_id, at.
 *
 * An empty cell, and a column that is not there, leave what the shop has as it is; a product's list
 * of variants is replaced as a whole.
 */
#pragma once

#include "services/shop.h"

/* Answer: {rows, products | customers | movements {changed, unchanged, refused, refusals},
 * seconds}. Errors: those of csv_table.h and of the stores. */
bool import_products(struct call *call, struct str path, ecommerce_error *err) MUST_CHECK;
bool import_customers(struct call *call, struct str path, ecommerce_error *err) MUST_CHECK;
/* `key` names the delivery: lines without a movement_id are taken once under it. INVALID_ARGUMENT
 * when there are such lines and no key. */
bool import_stock(struct call *call, struct str path, struct str key,
                  ecommerce_error *err) MUST_CHECK;
