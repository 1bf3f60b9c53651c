/* First step of a plan: every row of the file is taken or rejected for the first reason that fits.
 */

#include "services/imports/retail_build.h"
#include "services/imports/retail_fields.h"
#include "support/error.h"

#include <inttypes.h>

enum column { NUMBER, CODE, DESCRIPTION, QUANTITY, DATE, PRICE, CUSTOMER, COUNTRY, COLUMNS };

static const char *const column_names[COLUMNS] = {
    [NUMBER] = "InvoiceNo",    [CODE] = "StockCode",   [DESCRIPTION] = "Description",
    [QUANTITY] = "Quantity",   [DATE] = "InvoiceDate", [PRICE] = "UnitPrice",
    [CUSTOMER] = "CustomerID", [COUNTRY] = "Country",
};

struct row {
    char number[RETAIL_MAX_NUMBER + 1];
    char code[RETAIL_MAX_CODE + 1];
    enum retail_kind kind;
    struct str description, customer, country;
    int32_t quantity, price;
    bool has_quantity, has_price; /* could be read */
    bool finer;
    int64_t at;
};

struct rows {
    struct retail_build *build;
    size_t columns[COLUMNS];
    /* Neighbours share their stamp, so the last one is kept. */
    struct retail_stamp last_stamp;
    int64_t last_at;
};

/* ---- reading a row ---- */

static void note(enum retail_reject *reject, enum retail_reject reason, bool fine)
{
    if (*reject == RETAIL_TAKEN && !fine)
        *reject = reason;
}

static bool same_stamp(const struct retail_stamp *a, const struct retail_stamp *b)
{
    return a->minute == b->minute && a->hour == b->hour && a->day == b->day &&
           a->month == b->month && a->year == b->year && a->second == b->second;
}

static bool read_stamp(struct rows *rows, struct str text, int64_t *at)
{
    struct retail_stamp stamp;
    if (!retail_stamp(text, &stamp))
        return false;
    if (!same_stamp(&stamp, &rows->last_stamp)) {
        rows->last_stamp = stamp;
        rows->last_at = timezone_utc(rows->build->zone, stamp.year, stamp.month, stamp.day,
                                     stamp.hour, stamp.minute, stamp.second);
    }
    *at = rows->last_at;
    return true;
}

/* All fields are read even after a bad one: the rejects' amounts need quantity and price. */
static enum retail_reject read_row(struct rows *rows, const struct csv_record *record,
                                   struct row *row)
{
    struct str field[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        field[i] = str_trim(record->fields[rows->columns[i]]);
    row->description = field[DESCRIPTION];
    row->customer = field[CUSTOMER];
    row->country = field[COUNTRY];
    row->has_quantity = retail_quantity(field[QUANTITY], &row->quantity);
    row->has_price = retail_price(field[PRICE], &row->price, &row->finer);

    enum retail_reject reject = RETAIL_TAKEN;
    note(&reject, RETAIL_BAD_INVOICE, retail_number(field[NUMBER], row->number, &row->kind));
    note(&reject, RETAIL_BAD_CODE, retail_code(field[CODE], row->code));
    note(&reject, RETAIL_BAD_DESCRIPTION, retail_text(row->description));
    note(&reject, RETAIL_BAD_QUANTITY, row->has_quantity);
    note(&reject, RETAIL_BAD_DATE, read_stamp(rows, field[DATE], &row->at));
    note(&reject, RETAIL_BAD_PRICE, row->has_price);
    note(&reject, RETAIL_BAD_CUSTOMER,
         row->customer.len == 0 || id_check(row->customer, "CustomerID", NULL));
    note(&reject, RETAIL_BAD_COUNTRY, row->country.len > 0 && retail_text(row->country));
    return reject;
}

/* Whether a row that can be read is a sale or a return, by itself. */
static enum retail_reject judge_row(const struct row *row)
{
    bool is_free = row->price == 0 && !row->finer;
    if (row->description.len == 0 && is_free)
        return RETAIL_NO_DESCRIPTION_NO_PRICE;
    if (row->kind == RETAIL_RETURN && row->quantity >= 0)
        return RETAIL_RETURN_NOT_NEGATIVE;
    if (row->kind != RETAIL_RETURN && row->quantity <= 0)
        return RETAIL_SALE_NOT_POSITIVE;
    if (row->price < 0)
        return RETAIL_PRICE_NEGATIVE;
    if (row->finer)
        return RETAIL_PRICE_TOO_FINE;
    return is_free ? RETAIL_PRICE_ZERO : RETAIL_TAKEN;
}

static bool count_reject(struct retail_summary *summary, enum retail_reject reject,
                         const struct row *row, uint64_t line, ecommerce_error *err)
{
    struct retail_rejected *counter = &summary->rejected[reject];
    if (counter->lines++ == 0)
        counter->first_line = line;
    summary->rejected_lines++;
    if (!row->has_quantity || !row->has_price || row->finer)
        return true;
    return retail_add_amount(&counter->amount, (int64_t)row->quantity * row->price, err);
}

/* ---- taking a row ---- */

/* An invoice gets a slot with its first readable number, so that those of which nothing is taken
 * can be counted. */
static bool find_invoice(struct retail_build *build, const struct row *row, uint32_t *index,
                         ecommerce_error *err)
{
    size_t known = build->numbers.count;
    struct raw_invoice *slots =
        grow_array(build->raw_invoices, &build->raw_invoice_capacity, known, sizeof *slots);
    if (!slots)
        return error_memory(err);
    build->raw_invoices = slots;
    if (!names_add(&build->numbers, &build->plan->arena, str_of(row->number), index))
        return error_memory(err);
    if (*index == known)
        slots[known] = (struct raw_invoice){.is_return = row->kind == RETAIL_RETURN};
    return true;
}

struct party {
    uint32_t customer, country;
};

static bool find_party(struct retail_build *build, const struct row *row, struct party *party,
                       ecommerce_error *err)
{
    struct arena *arena = &build->plan->arena;
    party->customer = RETAIL_NONE;
    if (row->customer.len > 0 &&
        !names_add(&build->customers, arena, row->customer, &party->customer))
        return error_memory(err);
    if (!names_add(&build->countries, arena, row->country, &party->country))
        return error_memory(err);
    return true;
}

static bool is_known(const struct names *names, uint32_t index, struct str text)
{
    return str_equal(names->items[index], text);
}

/* Whether the row fits the lines that its invoice has already. */
static enum retail_reject judge_in_invoice(const struct retail_build *build,
                                           const struct raw_invoice *invoice, const struct row *row)
{
    if (invoice->lines == 0)
        return RETAIL_TAKEN;
    bool same_customer = invoice->customer == RETAIL_NONE
                             ? row->customer.len == 0
                             : is_known(&build->customers, invoice->customer, row->customer);
    if (!same_customer || !is_known(&build->countries, invoice->country, row->country))
        return RETAIL_INVOICE_CONFLICT;
    return invoice->lines < RETAIL_MAX_LINES ? RETAIL_TAKEN : RETAIL_INVOICE_TOO_LONG;
}

static bool take_into_invoice(struct retail_build *build, struct raw_invoice *invoice,
                              const struct row *row, ecommerce_error *err)
{
    if (invoice->lines == 0) {
        struct party party;
        if (!find_party(build, row, &party, err))
            return false;
        invoice->customer = party.customer;
        invoice->country = party.country;
        invoice->at = row->at;
    }
    if (row->at < invoice->at)
        invoice->at = row->at;
    invoice->lines++;
    return true;
}

static bool count_taken(struct retail_summary *summary, const struct raw_line *line, bool is_return,
                        ecommerce_error *err)
{
    struct retail_flow *flow = is_return ? &summary->returned : &summary->sold;
    flow->lines++;
    flow->units += line->quantity;
    return retail_add_amount(&flow->amount, (int64_t)line->quantity * line->price, err);
}

static bool take_row(struct retail_build *build, uint32_t index, const struct row *row,
                     ecommerce_error *err)
{
    struct raw_invoice *invoice = &build->raw_invoices[index];
    struct raw_line *lines = grow_array(build->raw_lines, &build->raw_line_capacity,
                                        build->raw_line_count, sizeof *lines);
    if (!lines)
        return error_memory(err);
    build->raw_lines = lines;
    struct raw_line *line = &lines[build->raw_line_count];
    *line = (struct raw_line){
        .invoice = index,
        .quantity = row->quantity < 0 ? -row->quantity : row->quantity,
        .price = row->price,
    };
    struct arena *arena = &build->plan->arena;
    if (!names_add(&build->codes, arena, str_of(row->code), &line->product) ||
        !names_add(&build->texts, arena, row->description, &line->text))
        return error_memory(err);
    build->raw_line_count++;
    return take_into_invoice(build, invoice, row, err) &&
           count_taken(&build->plan->summary, line, invoice->is_return, err);
}

static bool handle_row(struct rows *rows, const struct csv_record *record, ecommerce_error *err)
{
    struct retail_build *build = rows->build;
    struct row row;
    uint32_t index = 0;
    enum retail_reject reject = read_row(rows, record, &row);
    if (reject != RETAIL_BAD_INVOICE && !find_invoice(build, &row, &index, err))
        return false;
    if (reject == RETAIL_TAKEN)
        reject = judge_row(&row);
    if (reject == RETAIL_TAKEN)
        reject = judge_in_invoice(build, &build->raw_invoices[index], &row);
    if (reject == RETAIL_TAKEN)
        return take_row(build, index, &row, err);
    return count_reject(&build->plan->summary, reject, &row, record->line, err);
}

/* ---- the file ---- */

static bool find_columns(struct rows *rows, const struct csv_reader *reader, ecommerce_error *err)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (!csv_column(reader, column_names[i], &rows->columns[i], err))
            return false;
    return true;
}

/* Another file altogether: better to say so than to import nothing. */
static bool refuse_nothing_taken(const struct retail_summary *summary, ecommerce_error *err)
{
    enum retail_reject most = 0;
    for (enum retail_reject r = 0; r < RETAIL_REJECT_COUNT; r++)
        if (summary->rejected[r].lines > summary->rejected[most].lines)
            most = r;
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file",
                       "none of its %" PRId64 " lines can be imported; line %" PRIu64 ": %s",
                       summary->rows, summary->rejected[most].first_line,
                       retail_reject_meaning(most));
}

bool retail_rows_read(struct retail_build *build, struct csv_reader *reader, ecommerce_error *err)
{
    struct rows rows = {.build = build};
    struct retail_summary *summary = &build->plan->summary;
    if (!find_columns(&rows, reader, err))
        return false;
    for (;;) {
        const struct csv_record *record;
        if (!csv_next(reader, &record, err))
            return false;
        if (!record)
            break;
        if (summary->rows++ == RETAIL_MAX_ROWS)
            return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "file", "it has more than %d lines",
                               RETAIL_MAX_ROWS);
        if (!handle_row(&rows, record, err))
            return false;
    }
    return summary->rows == 0 || build->raw_line_count > 0 || refuse_nothing_taken(summary, err);
}
