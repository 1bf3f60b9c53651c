/*
 * import_retail.h - a year of a real merchant's trade into the shop: the plan of retail_plan.h, one
 * service call an event.
 *
 * Everything has an idempotency key made of the file's own numbers: a repeated import changes
 * nothing, one that was killed is finished by the next. Products and customers that the shop has
 * already stay as they are. Sales come in stretches of IMPORT_BATCH, each stretch's returns after
 * its sales; receipts of a month before its sales.
 *
 * Answer: {read, sold, returned, rejected {reason: lines}, refused {code: lines}, invoices,
 * products, customers, receipts, orders {placed, replayed, refused}, returns, unlinked_returns,
 * revenue {gross, cancelled, returned, net}, expected {gross, returned, net}, reconciled, seconds,
 * lines_per_second, file: as retail_summary_add has it}. read, sold, returned, rejected and refused
 * count lines of the file, of which each is in exactly one of the last four: a line of which a part
 * was refused is refused. `revenue` is what the time series say of the time that the file covers;
 * `expected` is the file's, without what was refused. `reconciled`: the lines add up, and both are
 * the same to the penny (other sales dated in that time make it false). `receipts.received` counts
 * those of earlier runs too.
 */
#pragma once

#include "services/shop.h"

enum { IMPORT_BATCH = 256 };

/* Errors: those of retail_plan_load; INVALID_CONFIGURATION when the shop's currency is not the
 * file's; those of the stores, after which it may be run again. */
bool import_retail(struct call *call, struct str path, ecommerce_error *err) MUST_CHECK;
