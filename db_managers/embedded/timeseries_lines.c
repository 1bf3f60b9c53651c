/*
 * timeseries_lines.c - an entry's lines and stock changes as bytes: base-128 numbers, the lowest
 * seven bits first, with the sign in the lowest bit of quantities and amounts.
 *
 *   line:   number, product * 2 + service, sku (0: the product's number), category, quantity,
 *           amount
 *   change: sku, quantity
 *
 * In most shops a product has one sku with the same id: hence the 0.
 */
#include "db_managers/embedded/timeseries_parts.h"
#include "support/error.h"

static void add_number(struct text *text, uint64_t number)
{
    char bytes[10];
    size_t size = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[size++] = (char)(number | 0x80);
    bytes[size++] = (char)number;
    text_add(text, str_make(bytes, size));
}

static void add_signed(struct text *text, int64_t number)
{
    add_number(text, ((uint64_t)number << 1) ^ (uint64_t)(number >> 63));
}

static bool next_number(const uint8_t **at, const uint8_t *end, uint64_t *number)
{
    uint64_t value = 0;
    for (unsigned shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *number = value;
            return true;
        }
    }
    return false;
}

static bool next_int(const uint8_t **at, const uint8_t *end, int64_t *number)
{
    uint64_t value = 0;
    bool ok = next_number(at, end, &value);
    *number = (int64_t)value;
    return ok;
}

static bool next_signed(const uint8_t **at, const uint8_t *end, int64_t *number)
{
    uint64_t value = 0;
    bool ok = next_number(at, end, &value);
    *number = (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    return ok;
}

void packed_line_add(struct text *text, const struct packed_line *line)
{
    add_number(text, (uint64_t)line->line);
    add_number(text, (uint64_t)line->product << 1 | line->service);
    add_number(text, line->sku == line->product ? 0 : (uint64_t)line->sku);
    add_number(text, (uint64_t)line->category);
    add_signed(text, line->quantity);
    add_signed(text, line->amount);
}

void packed_stock_add(struct text *text, const struct packed_stock *stock)
{
    add_number(text, (uint64_t)stock->sku);
    add_signed(text, stock->quantity);
}

/* The bytes keep their damaged rest, for packed_line_next's caller to see. */
static bool cut(struct str *bytes, const uint8_t *at)
{
    const char *rest = (const char *)at;
    *bytes = str_make(rest, bytes->len - (size_t)(rest - bytes->ptr));
    return true;
}

bool packed_line_next(struct str *bytes, struct packed_line *line)
{
    const uint8_t *at = (const uint8_t *)bytes->ptr, *end = at + bytes->len;
    uint64_t product = 0;
    if (bytes->len == 0 || !next_int(&at, end, &line->line) || !next_number(&at, end, &product) ||
        !next_int(&at, end, &line->sku) || !next_int(&at, end, &line->category) ||
        !next_signed(&at, end, &line->quantity) || !next_signed(&at, end, &line->amount))
        return false;
    line->product = (int64_t)(product >> 1);
    line->service = product & 1;
    if (line->sku == 0)
        line->sku = line->product;
    return cut(bytes, at);
}

bool packed_stock_next(struct str *bytes, struct packed_stock *stock)
{
    const uint8_t *at = (const uint8_t *)bytes->ptr, *end = at + bytes->len;
    if (bytes->len == 0 || !next_int(&at, end, &stock->sku) ||
        !next_signed(&at, end, &stock->quantity))
        return false;
    return cut(bytes, at);
}

bool packed_damaged(ecommerce_error *err)
{
    return error_set(err, ECOMMERCE_STORAGE_FAILED, "timeseries.db: an entry's lines are damaged");
}
