/* retail_baskets.c - rows of the file to baskets. */
#include "bench/retail_baskets.h"

#include "services/imports/csv_reader.h"
#include "support/alloc.h"
#include "support/error.h"
#include "support/timestamp.h"

#include <assert.h>
#include <stdlib.h>

enum column { INVOICE, CODE, QUANTITY, DATE, PRICE, CUSTOMER, COLUMNS };

static const char *const column_names[COLUMNS] = {
    [INVOICE] = "InvoiceNo", [CODE] = "StockCode",  [QUANTITY] = "Quantity",
    [DATE] = "InvoiceDate",  [PRICE] = "UnitPrice", [CUSTOMER] = "CustomerID",
};

/* One taken row: which basket holds which product. */
struct row {
    uint32_t basket, product;
};

struct load {
    struct retail_baskets *all;
    struct strmap baskets, customers; /* id -> number + 1 */
    struct row *rows;
    size_t row_count, row_capacity;
    size_t columns[COLUMNS];
};

static void *grown(void *array, size_t *capacity, size_t wanted, size_t element)
{
    if (wanted <= *capacity)
        return array;
    size_t more = *capacity ? *capacity * 2 : 1024;
    void *moved = mem_resize(array, more * element);
    if (moved)
        *capacity = more;
    return moved;
}

static bool is_goods(struct str code)
{
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        bool digit = c >= '0' && c <= '9';
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (i < 5 ? !digit : !letter)
            return false;
    }
    return code.len >= 5;
}

/* A field is followed by its separator in the reader's buffer, so that strtod has to have a copy.
 */
static bool is_positive(struct str number)
{
    char text[32];
    if (number.len == 0 || number.len >= sizeof text)
        return false;
    memcpy(text, number.ptr, number.len);
    text[number.len] = '\0';
    return strtod(text, NULL) > 0;
}

/* The number of an id, new ones get the next and are copied into *list. */
static bool number_of(struct retail_baskets *all, struct strmap *map, struct str id,
                      struct str **list, size_t *count, size_t *capacity, uint32_t *number)
{
    uintptr_t stored = (uintptr_t)strmap_get(map, id);
    if (stored) {
        *number = (uint32_t)(stored - 1);
        return true;
    }
    struct str *moved = grown(*list, capacity, *count + 1, sizeof *moved);
    if (!moved)
        return false;
    *list = moved;
    char *text = arena_str(&all->texts, id);
    if (!text)
        return false;
    *number = (uint32_t)*count;
    moved[(*count)++] = str_make(text, id.len);
    return strmap_put(map, moved[*number], (void *)(uintptr_t)(*number + 1));
}

static bool basket_of(struct load *load, struct str invoice, int64_t time, uint32_t customer,
                      uint32_t *number)
{
    struct retail_baskets *all = load->all;
    uintptr_t stored = (uintptr_t)strmap_get(&load->baskets, invoice);
    if (stored) {
        *number = (uint32_t)(stored - 1);
        if (time < all->baskets[*number].time)
            all->baskets[*number].time = time;
        return true;
    }
    struct retail_basket *moved =
        grown(all->baskets, &all->basket_capacity, all->basket_count + 1, sizeof *moved);
    if (!moved)
        return false;
    all->baskets = moved;
    char *text = arena_str(&all->texts, invoice);
    if (!text)
        return false;
    *number = (uint32_t)all->basket_count++;
    moved[*number] = (struct retail_basket){
        .number = str_make(text, invoice.len), .time = time, .customer = customer};
    return strmap_put(&load->baskets, moved[*number].number, (void *)(uintptr_t)(*number + 1));
}

static bool take_row(struct load *load, const struct str *fields, ecommerce_error *err)
{
    struct retail_baskets *all = load->all;
    struct str customer_id = fields[load->columns[CUSTOMER]], code = fields[load->columns[CODE]];
    if (customer_id.len == 0 || !is_goods(code) || !is_positive(fields[load->columns[QUANTITY]]) ||
        !is_positive(fields[load->columns[PRICE]]))
        return true;
    int64_t time;
    if (!timestamp_parse(fields[load->columns[DATE]], &time, err))
        return false;
    uint32_t customer;
    struct row row;
    struct row *moved = grown(load->rows, &load->row_capacity, load->row_count + 1, sizeof *moved);
    if (!moved)
        return error_memory(err);
    load->rows = moved;
    if (!number_of(all, &load->customers, customer_id, &all->customers, &all->customer_count,
                   &all->customer_capacity, &customer) ||
        !number_of(all, &all->product_numbers, code, &all->products, &all->product_count,
                   &all->product_capacity, &row.product) ||
        !basket_of(load, fields[load->columns[INVOICE]], time, customer, &row.basket))
        return error_memory(err);
    load->rows[load->row_count++] = row;
    return true;
}

static bool read_rows(struct load *load, struct csv_reader *reader, ecommerce_error *err)
{
    for (size_t c = 0; c < COLUMNS; c++)
        if (!csv_column(reader, column_names[c], &load->columns[c], err))
            return false;
    const struct csv_record *record;
    for (;;) {
        if (!csv_next(reader, &record, err))
            return false;
        if (!record)
            return true;
        if (!take_row(load, record->fields, err))
            return false;
    }
}

static int by_basket_and_product(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->basket != y->basket)
        return x->basket < y->basket ? -1 : 1;
    return (x->product > y->product) - (x->product < y->product);
}

static int by_time_and_number(const void *a, const void *b)
{
    const struct retail_basket *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return str_compare(x->number, y->number);
}

/* Rows to lines: each product once a basket. */
static bool gather_lines(struct load *load, ecommerce_error *err)
{
    struct retail_baskets *all = load->all;
    all->lines = mem_alloc((load->row_count + 1) * sizeof *all->lines);
    if (!all->lines)
        return error_memory(err);
    if (load->row_count)
        qsort(load->rows, load->row_count, sizeof *load->rows, by_basket_and_product);
    for (size_t r = 0; r < load->row_count; r++) {
        if (r > 0 && by_basket_and_product(&load->rows[r - 1], &load->rows[r]) == 0)
            continue;
        struct retail_basket *basket = &all->baskets[load->rows[r].basket];
        if (basket->count == 0)
            basket->first = all->line_count;
        basket->count++;
        all->lines[all->line_count++] = load->rows[r].product;
    }
    if (all->basket_count)
        qsort(all->baskets, all->basket_count, sizeof *all->baskets, by_time_and_number);
    return true;
}

bool retail_baskets_load(struct retail_baskets *all, const char *csv_path, ecommerce_error *err)
{
    *all = (struct retail_baskets){0};
    struct load load = {.all = all};
    struct csv_reader *reader = csv_open(csv_path, NULL, err);
    bool ok = reader && read_rows(&load, reader, err) && gather_lines(&load, err);
    csv_close(&reader);
    mem_free(load.rows);
    strmap_release(&load.baskets);
    strmap_release(&load.customers);
    if (!ok)
        retail_baskets_release(all);
    return ok;
}

uint32_t retail_baskets_product(const struct retail_baskets *all, struct str id)
{
    uintptr_t stored = (uintptr_t)strmap_get(&all->product_numbers, id);
    assert(stored);
    return (uint32_t)(stored - 1);
}

void retail_baskets_release(struct retail_baskets *all)
{
    mem_free(all->baskets);
    mem_free(all->lines);
    mem_free(all->products);
    mem_free(all->customers);
    strmap_release(&all->product_numbers);
    arena_release(&all->texts);
    *all = (struct retail_baskets){0};
}
