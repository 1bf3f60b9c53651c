/*
 * Any bytes as a CSV file: read with a roomy buffer and with the smallest one, the records or the
 * error are the same, and every field is what the reader promises.
 */

#include "services/imports/csv_reader.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* Low, so that short inputs reach them. */
static const struct csv_options roomy = {
    .max_field = 64, .max_record = 256, .max_columns = 16, .buffer = 4096};
static const struct csv_options tight = {
    .max_field = 64, .max_record = 256, .max_columns = 16, .buffer = 1};

static void check_record(const struct csv_record *record, size_t columns)
{
    assert(record->count == columns);
    for (size_t i = 0; i < record->count; i++) {
        assert(record->fields[i].ptr && record->fields[i].len <= roomy.max_field);
        assert(str_is_utf8(record->fields[i]));
    }
}

static void compare_records(const struct csv_record *a, const struct csv_record *b)
{
    assert(a->count == b->count && a->line == b->line);
    for (size_t i = 0; i < a->count; i++)
        assert(str_equal(a->fields[i], b->fields[i]));
}

static void compare_errors(const ecommerce_error *a, const ecommerce_error *b)
{
    assert(a->code == b->code && strcmp(a->message, b->message) == 0);
}

static void compare_readers(struct csv_reader *a, struct csv_reader *b)
{
    compare_records(csv_header(a), csv_header(b));
    for (;;) {
        const struct csv_record *left, *right;
        ecommerce_error a_error = {.code = ECOMMERCE_OK}, b_error = {.code = ECOMMERCE_OK};
        bool a_ok = csv_next(a, &left, &a_error);
        bool b_ok = csv_next(b, &right, &b_error);
        assert(a_ok == b_ok && !left == !right);
        compare_errors(&a_error, &b_error);
        if (!a_ok || !left)
            break;
        check_record(left, csv_header(a)->count);
        compare_records(left, right);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ecommerce_error a_error = {.code = ECOMMERCE_OK}, b_error = {.code = ECOMMERCE_OK};
    struct str bytes = str_make(data, size);
    struct csv_reader *a = csv_open_memory(bytes, &roomy, &a_error);
    struct csv_reader *b = csv_open_memory(bytes, &tight, &b_error);
    assert(!a == !b);
    compare_errors(&a_error, &b_error);
    if (a && b)
        compare_readers(a, b);
    csv_close(&a);
    csv_close(&b);
    return 0;
}
