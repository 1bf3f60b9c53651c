#include "services/imports/csv_reader.h"

#include "services/imports/csv_source.h"
#include "support/alloc.h"
#include "support/arena.h"
#include "support/error.h"

#include <assert.h>
#include <inttypes.h>

/* A field as it stands in the buffer. Positions, not pointers: a refill moves the record. */
struct span {
    size_t begin, end; /* between the quotes where there are some */
    bool escaped;      /* holds doubled quotes */
};

struct csv_reader {
    struct csv_source source;
    struct csv_options limits;
    struct arena arena; /* the header */
    struct csv_record header;

    /* buffer[begin, end) is unread; one more byte is allocated for the sentinel at `end`. */
    char *buffer;
    size_t begin, end, capacity;
    bool source_ended;
    bool ascii; /* no byte of [begin, end) is above 127 */
    bool failed;

    uint64_t line; /* of buffer[begin] */
    struct span *spans;
    struct str *fields;
    struct csv_record record;
};

/* One attempt to find a whole record in the buffer. */
struct scan {
    size_t at;
    size_t count;       /* fields so far */
    uint64_t line_ends; /* inside quotes */
    size_t end;         /* of the record, without its line end */
};

/* Bytes that tell the kind of a file; the first read brings them all. */
enum { HEAD = 4 };

enum scan_result { SCAN_FOUND, SCAN_MORE, SCAN_FAILED };

/* Bytes that end a run: one table outside quotes, one inside. */
static const bool stops_plain[256] = {
    ['\0'] = true, [','] = true, ['"'] = true, ['\r'] = true, ['\n'] = true};
static const bool stops_quoted[256] = {['\0'] = true, ['"'] = true, ['\n'] = true};

static const struct csv_options default_limits = {.max_field = CSV_MAX_FIELD,
                                                  .max_record = CSV_MAX_RECORD,
                                                  .max_columns = CSV_MAX_COLUMNS,
                                                  .buffer = CSV_BUFFER};

/* ---- errors that name a place ---- */

struct place {
    uint64_t line, column; /* from 1; columns are characters */
};

static struct place place_of(const struct csv_reader *reader, size_t at)
{
    struct place place = {.line = reader->line, .column = 1};
    for (size_t i = reader->begin; i < at; i++) {
        unsigned char c = (unsigned char)reader->buffer[i];
        if (c == '\n') {
            place.line++;
            place.column = 1;
        } else if ((c & 0xC0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

static bool wrong_at(const struct csv_reader *reader, size_t at, const char *what,
                     ecommerce_error *err)
{
    struct place place = place_of(reader, at);
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file",
                       "line %" PRIu64 ", column %" PRIu64 ": %s", place.line, place.column, what);
}

static bool too_long(const struct csv_reader *reader, const char *what, size_t limit,
                     ecommerce_error *err)
{
    return error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "file",
                       "line %" PRIu64 ": %s is longer than %zu bytes", reader->line, what, limit);
}

/* ---- encodings ---- */

static bool is_ascii(const char *bytes, size_t size)
{
    uint64_t high = 0;
    size_t at = 0;
    for (; at + sizeof high <= size; at += sizeof high) {
        uint64_t word;
        memcpy(&word, bytes + at, sizeof word);
        high |= word;
    }
    for (; at < size; at++)
        high |= (uint64_t)(unsigned char)bytes[at];
    return (high & UINT64_C(0x8080808080808080)) == 0;
}

static size_t utf8_length(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Length of the valid UTF-8 at the start of the text. */
static size_t valid_prefix(struct str text)
{
    size_t at = 0;
    while (at < text.len) {
        size_t length = utf8_length((unsigned char)text.ptr[at]);
        if (length > text.len - at || !str_is_utf8(str_make(text.ptr + at, length)))
            break;
        at += length;
    }
    return at;
}

/* A lone high byte between ASCII is how a single-byte encoding shows. */
static bool looks_single_byte(struct str text, size_t at)
{
    bool follows = at > 0 && (unsigned char)text.ptr[at - 1] >= 0x80;
    bool followed = at + 1 < text.len && (unsigned char)text.ptr[at + 1] >= 0x80;
    return !follows && !followed;
}

static bool not_utf8(const struct csv_reader *reader, struct str record, ecommerce_error *err)
{
    size_t at = valid_prefix(record);
    struct place place = place_of(reader, reader->begin + at);
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file",
                       "line %" PRIu64 ", column %" PRIu64 ": byte 0x%02X is not UTF-8%s",
                       place.line, place.column, (unsigned int)(unsigned char)record.ptr[at],
                       looks_single_byte(record, at)
                           ? "; the file looks like Latin-1 or Windows-1252: convert it to UTF-8"
                           : "");
}

static bool check_utf8(const struct csv_reader *reader, size_t end, ecommerce_error *err)
{
    struct str record = str_make(reader->buffer + reader->begin, end - reader->begin);
    return reader->ascii || str_is_utf8(record) || not_utf8(reader, record, err);
}

/* What the first bytes of other kinds of file say. */
static bool check_kind(const struct csv_reader *reader, ecommerce_error *err)
{
    struct str head = str_make(reader->buffer, reader->end < HEAD ? reader->end : HEAD);
    const char *kind = NULL;
    if (str_starts_with(head, STR("\xFF\xFE")) || str_starts_with(head, STR("\xFE\xFF")))
        kind = "the file is UTF-16: convert it to UTF-8";
    else if (head.len >= 2 && (head.ptr[0] == '\0') != (head.ptr[1] == '\0'))
        kind = "the file looks like UTF-16: convert it to UTF-8";
    else if (str_starts_with(head, STR("PK\x03\x04")))
        kind = "the file is a zip archive or a spreadsheet: save it as CSV";
    return !kind || error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "%s", kind);
}

static void skip_byte_order_mark(struct csv_reader *reader)
{
    struct str start = str_make(reader->buffer, reader->end);
    if (str_starts_with(start, STR("\xEF\xBB\xBF")))
        reader->begin = 3;
}

/* ---- the buffer ---- */

/* Makes room behind `end`: first by moving the unread bytes down, then by growing. */
static bool make_room(struct csv_reader *reader, ecommerce_error *err)
{
    size_t unread = reader->end - reader->begin;
    if (reader->begin > 0) {
        memmove(reader->buffer, reader->buffer + reader->begin, unread);
        reader->begin = 0;
        reader->end = unread;
    }
    if (unread < reader->capacity)
        return true;
    size_t capacity = reader->capacity * 2;
    char *buffer = mem_resize(reader->buffer, capacity + 1);
    if (!buffer)
        return error_memory(err);
    reader->buffer = buffer;
    reader->capacity = capacity;
    return true;
}

/* At the end of the source a line end is added where the last line has none, so that the scanner
 * knows one way to end a record. */
static void end_source(struct csv_reader *reader)
{
    reader->source_ended = true;
    if (reader->end > reader->begin && reader->buffer[reader->end - 1] != '\n')
        reader->buffer[reader->end++] = '\n';
}

static bool fill(struct csv_reader *reader, ecommerce_error *err)
{
    if (!make_room(reader, err))
        return false;
    size_t room = reader->capacity - reader->end;
    size_t got = 0;
    if (!csv_source_read(&reader->source, reader->buffer + reader->end, room, &got, err))
        return false;
    reader->end += got;
    if (got == 0)
        end_source(reader);
    reader->ascii = is_ascii(reader->buffer + reader->begin, reader->end - reader->begin);
    return true;
}

/* ---- the scanner ---- */

/* What stands behind the longest record allowed is not looked at, so that the error does not depend
 * on how much happens to be in the buffer. */
static enum scan_result scan_wrong(const struct csv_reader *reader, size_t at, const char *what,
                                   ecommerce_error *err)
{
    if (at - reader->begin > reader->limits.max_record)
        (void)too_long(reader, "a record", reader->limits.max_record, err);
    else
        (void)wrong_at(reader, at, what, err);
    return SCAN_FAILED;
}

static enum scan_result too_many_columns(const struct csv_reader *reader, size_t at,
                                         ecommerce_error *err)
{
    if (at - reader->begin > reader->limits.max_record)
        (void)too_long(reader, "a record", reader->limits.max_record, err);
    else
        error_field(err, ECOMMERCE_LIMIT_EXCEEDED, "file",
                    "line %" PRIu64 " has more than %zu columns", reader->line,
                    reader->limits.max_columns);
    return SCAN_FAILED;
}

/* From the byte behind the opening quote to the one behind the closing quote. */
static enum scan_result scan_quoted(const struct csv_reader *reader, struct scan *scan,
                                    struct span *span, ecommerce_error *err)
{
    const char *buffer = reader->buffer;
    size_t at = scan->at;
    for (;;) {
        while (at < reader->end && !stops_quoted[(unsigned char)buffer[at]])
            at++;
        if (at >= reader->end)
            return SCAN_MORE;
        if (buffer[at] == '\0')
            return scan_wrong(reader, at, "a NUL byte", err);
        if (buffer[at] == '\n') {
            scan->line_ends++;
            at++;
        } else if (at + 1 >= reader->end) {
            return SCAN_MORE;
        } else if (buffer[at + 1] == '"') {
            span->escaped = true;
            at += 2;
        } else {
            break;
        }
    }
    span->end = at;
    scan->at = at + 1;
    return SCAN_FOUND;
}

static void scan_plain(const struct csv_reader *reader, struct scan *scan, struct span *span)
{
    const char *buffer = reader->buffer;
    size_t at = scan->at;
    while (!stops_plain[(unsigned char)buffer[at]])
        at++;
    span->end = at;
    scan->at = at;
}

static enum scan_result scan_field(const struct csv_reader *reader, struct scan *scan,
                                   struct span *span, ecommerce_error *err)
{
    bool quoted = scan->at < reader->end && reader->buffer[scan->at] == '"';
    scan->at += quoted ? 1 : 0;
    *span = (struct span){.begin = scan->at};
    if (quoted)
        return scan_quoted(reader, scan, span, err);
    scan_plain(reader, scan, span);
    return SCAN_FOUND;
}

/* scan->at is behind a field. FOUND with *last tells whether the record ends there. */
static enum scan_result scan_separator(const struct csv_reader *reader, struct scan *scan,
                                       bool *last, ecommerce_error *err)
{
    if (scan->at >= reader->end)
        return SCAN_MORE;
    char c = reader->buffer[scan->at];
    *last = c != ',';
    scan->end = scan->at++;
    switch (c) {
    case ',':
    case '\n':
        return SCAN_FOUND;
    case '\r':
        if (scan->at >= reader->end)
            return SCAN_MORE;
        if (reader->buffer[scan->at] != '\n')
            return scan_wrong(reader, scan->end, "a carriage return without a line feed", err);
        scan->at++;
        return SCAN_FOUND;
    case '\0':
        return scan_wrong(reader, scan->end, "a NUL byte", err);
    case '"':
        return scan_wrong(reader, scan->end, "a quote inside a field without quotes", err);
    default:
        return scan_wrong(reader, scan->end, "text behind a closing quote", err);
    }
}

static enum scan_result scan_record(const struct csv_reader *reader, struct scan *scan,
                                    ecommerce_error *err)
{
    /* Stops scan_plain at the end of what was read without a test for every byte. */
    reader->buffer[reader->end] = '\n';
    *scan = (struct scan){.at = reader->begin};
    for (bool last = false; !last;) {
        if (scan->count == reader->limits.max_columns)
            return too_many_columns(reader, scan->at, err);
        enum scan_result result = scan_field(reader, scan, &reader->spans[scan->count], err);
        if (result == SCAN_FOUND)
            result = scan_separator(reader, scan, &last, err);
        if (result != SCAN_FOUND)
            return result;
        scan->count++;
    }
    return SCAN_FOUND;
}

/* Scans, reading more as often as it takes. FOUND, FAILED, or MORE for the end of the file. */
static enum scan_result find_record(struct csv_reader *reader, struct scan *scan,
                                    ecommerce_error *err)
{
    for (;;) {
        if (reader->begin == reader->end && reader->source_ended)
            return SCAN_MORE;
        enum scan_result result =
            reader->begin < reader->end ? scan_record(reader, scan, err) : SCAN_MORE;
        if (result != SCAN_MORE)
            return result;
        /* A record of the largest size may still lack its CRLF. */
        if (reader->end - reader->begin > reader->limits.max_record + 2) {
            (void)too_long(reader, "a record", reader->limits.max_record, err);
            return SCAN_FAILED;
        }
        if (reader->source_ended) {
            size_t opened = reader->spans[scan->count].begin - 1;
            return scan_wrong(reader, opened, "the file ends inside the quotes that open here",
                              err);
        }
        if (!fill(reader, err))
            return SCAN_FAILED;
    }
}

/* ---- from spans to fields ---- */

/* Takes one quote of every two, in place. */
static size_t unescape(char *text, size_t size)
{
    size_t to = 0;
    for (size_t from = 0; from < size; from++) {
        text[to++] = text[from];
        if (text[from] == '"')
            from++;
    }
    return to;
}

static bool make_fields(struct csv_reader *reader, size_t count, ecommerce_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct span *span = &reader->spans[i];
        char *start = reader->buffer + span->begin;
        size_t size = span->end - span->begin;
        if (span->escaped)
            size = unescape(start, size);
        if (size > reader->limits.max_field)
            return too_long(reader, "a field", reader->limits.max_field, err);
        reader->fields[i] = str_make(start, size);
    }
    return true;
}

static bool check_length(const struct csv_reader *reader, const struct scan *scan,
                         ecommerce_error *err)
{
    return scan->end - reader->begin <= reader->limits.max_record ||
           too_long(reader, "a record", reader->limits.max_record, err);
}

static bool check_count(const struct csv_reader *reader, size_t count, ecommerce_error *err)
{
    if (count == reader->header.count)
        return true;
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file",
                       "line %" PRIu64 " has %zu columns, the header has %zu", reader->line, count,
                       reader->header.count);
}

static bool take_record(struct csv_reader *reader, const struct scan *scan, ecommerce_error *err)
{
    if (!check_utf8(reader, scan->end, err) || !make_fields(reader, scan->count, err))
        return false;
    reader->record =
        (struct csv_record){.fields = reader->fields, .count = scan->count, .line = reader->line};
    reader->begin = scan->at;
    reader->line += scan->line_ends + 1;
    return true;
}

bool csv_next(struct csv_reader *reader, const struct csv_record **record, ecommerce_error *err)
{
    assert(reader && record && !reader->failed);
    *record = NULL;
    struct scan scan = {.at = 0};
    switch (find_record(reader, &scan, err)) {
    case SCAN_MORE:
        return true;
    case SCAN_FOUND:
        if (check_length(reader, &scan, err) && check_count(reader, scan.count, err) &&
            take_record(reader, &scan, err)) {
            *record = &reader->record;
            return true;
        }
        break;
    case SCAN_FAILED:
        break;
    }
    reader->failed = true;
    return false;
}

/* ---- header, opening, closing ---- */

/* A name may be missing (spreadsheets write such columns), but not occur twice. */
static bool check_names(const struct csv_record *header, ecommerce_error *err)
{
    for (size_t i = 0; i < header->count; i++)
        for (size_t j = 0; j < i; j++)
            if (header->fields[i].len > 0 && str_equal(header->fields[i], header->fields[j]))
                return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file",
                                   "the header names the column '%.*s' twice",
                                   STR_ARG(header->fields[i]));
    return true;
}

static bool keep_header(struct csv_reader *reader, ecommerce_error *err)
{
    const struct csv_record *record = &reader->record;
    struct str *names = arena_array(&reader->arena, record->count, sizeof *names);
    if (!names)
        return error_memory(err);
    for (size_t i = 0; i < record->count; i++) {
        names[i] = str_make(arena_str(&reader->arena, record->fields[i]), record->fields[i].len);
        if (!names[i].ptr)
            return error_memory(err);
    }
    reader->header = (struct csv_record){.fields = names, .count = record->count, .line = 1};
    return check_names(&reader->header, err);
}

static bool read_header(struct csv_reader *reader, ecommerce_error *err)
{
    struct scan scan = {.at = 0};
    reader->line = 1;
    if (!fill(reader, err) || !check_kind(reader, err))
        return false;
    skip_byte_order_mark(reader);
    switch (find_record(reader, &scan, err)) {
    case SCAN_MORE:
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "the file is empty");
    case SCAN_FOUND:
        return check_length(reader, &scan, err) && take_record(reader, &scan, err) &&
               keep_header(reader, err);
    case SCAN_FAILED:
        break;
    }
    return false;
}

static struct csv_options complete(const struct csv_options *options)
{
    struct csv_options limits = options ? *options : default_limits;
    limits.max_field = limits.max_field ? limits.max_field : default_limits.max_field;
    limits.max_record = limits.max_record ? limits.max_record : default_limits.max_record;
    limits.max_columns = limits.max_columns ? limits.max_columns : default_limits.max_columns;
    limits.buffer = limits.buffer ? limits.buffer : default_limits.buffer;
    if (limits.buffer < HEAD)
        limits.buffer = HEAD;
    return limits;
}

/* Takes the source over, also when it fails. */
static struct csv_reader *open_source(struct csv_source source, const struct csv_options *options,
                                      ecommerce_error *err)
{
    struct csv_reader *reader = mem_zalloc(1, sizeof *reader);
    if (!reader) {
        csv_source_close(&source);
        error_memory(err);
        return NULL;
    }
    reader->source = source;
    reader->limits = complete(options);
    reader->capacity = reader->limits.buffer;
    reader->buffer = mem_alloc(reader->capacity + 1);
    reader->spans = mem_zalloc(reader->limits.max_columns, sizeof *reader->spans);
    reader->fields = mem_zalloc(reader->limits.max_columns, sizeof *reader->fields);
    if (!reader->buffer || !reader->spans || !reader->fields)
        error_memory(err);
    else if (read_header(reader, err))
        return reader;
    csv_close(&reader);
    return NULL;
}

struct csv_reader *csv_open(const char *path, const struct csv_options *options,
                            ecommerce_error *err)
{
    struct csv_source source;
    return csv_source_open(&source, path, err) ? open_source(source, options, err) : NULL;
}

struct csv_reader *csv_open_memory(struct str bytes, const struct csv_options *options,
                                   ecommerce_error *err)
{
    struct csv_source source;
    csv_source_memory(&source, bytes);
    return open_source(source, options, err);
}

const struct csv_record *csv_header(const struct csv_reader *reader)
{
    return &reader->header;
}

bool csv_column(const struct csv_reader *reader, const char *name, size_t *column,
                ecommerce_error *err)
{
    for (size_t i = 0; i < reader->header.count; i++) {
        if (str_is(reader->header.fields[i], name)) {
            *column = i;
            return true;
        }
    }
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "the header has no column '%s'",
                       name);
}

void csv_close(struct csv_reader **reader)
{
    struct csv_reader *r = *reader;
    *reader = NULL;
    if (!r)
        return;
    csv_source_close(&r->source);
    arena_release(&r->arena);
    mem_free(r->fields);
    mem_free(r->spans);
    mem_free(r->buffer);
    mem_free(r);
}
