/*
 * timeseries_lines.c - an entry's lines and stock changes as bytes (packed_numbers.h).
 *
 *   line:   number, product * 2 + service, sku (0: the product's number), category, quantity,
 *           amount
 *   change: sku, quantity
 *
 * In most shops a product has one sku with the same id: hence the 0.
 */
#include "db_managers/embedded/packed_numbers.h"
#include "db_managers/embedded/timeseries/timeseries_parts.h"
#include "support/error.h"

void packed_line_add(struct text *text, const struct packed_line *line)
{
    packed_add(text, (uint64_t)line->line);
    packed_add(text, (uint64_t)line->product << 1 | line->service);
    packed_add(text, line->sku == line->product ? 0 : (uint64_t)line->sku);
    packed_add(text, (uint64_t)line->category);
    packed_add_signed(text, line->quantity);
    packed_add_signed(text, line->amount);
}

void packed_stock_add(struct text *text, const struct packed_stock *stock)
{
    packed_add(text, (uint64_t)stock->sku);
    packed_add_signed(text, stock->quantity);
}

bool packed_line_next(struct str *bytes, struct packed_line *line)
{
    struct str rest = *bytes;
    uint64_t product;
    if (!packed_next_int(&rest, &line->line) || !packed_next(&rest, &product) ||
        !packed_next_int(&rest, &line->sku) || !packed_next_int(&rest, &line->category) ||
        !packed_next_signed(&rest, &line->quantity) || !packed_next_signed(&rest, &line->amount))
        return false;
    line->product = (int64_t)(product >> 1);
    line->service = product & 1;
    if (line->sku == 0)
        line->sku = line->product;
    *bytes = rest;
    return true;
}

bool packed_stock_next(struct str *bytes, struct packed_stock *stock)
{
    struct str rest = *bytes;
    if (!packed_next_int(&rest, &stock->sku) || !packed_next_signed(&rest, &stock->quantity))
        return false;
    *bytes = rest;
    return true;
}

bool packed_damaged(ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_STORAGE_FAILED, "timeseries.db: an entry's lines are damaged");
}
