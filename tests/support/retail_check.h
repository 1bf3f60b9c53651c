/*
 * retail_check.h - what every plan of an Online Retail file promises, whatever the file.
 */
#pragma once

#include "services/imports/retail_plan.h"

/* Counters reconcile; invoices, products and customers are in order; parts add up to their lines
 * and take from no sale more than it had; the stock is never negative when the events are replayed,
 * not even when all that comes back in a month comes back at its end. */
void check_retail_plan(const struct retail_plan *plan);

/* The parts are those that a search backwards through all earlier invoices finds. */
void check_retail_matching(const struct retail_plan *plan);
