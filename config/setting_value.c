/* setting_value.c - values of settings: parsing, limits, printing. See setting_value.h. */
#include "config/setting_value.h"

#include "config/quantity.h"
#include "support/alloc.h"
#include "support/error.h"
#include "support/json.h"
#include "support/money.h"
#include "support/timezone.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- names ---- */

static const struct {
    const char *name;
    const char *expected;
} TYPES[SETTING_TYPES] = {
    [SETTING_TEXT] = {"text", "a text"},
    [SETTING_SECRET] = {"secret", "{env: NAME} or {file: PATH}"},
    [SETTING_CURRENCY] = {"currency", "an ISO 4217 currency code such as EUR"},
    [SETTING_TIME_ZONE] = {"time zone", "a time zone such as Europe/London"},
    [SETTING_INTEGER] = {"integer", "an integer"},
    [SETTING_NUMBER] = {"number", "a number"},
    [SETTING_SWITCH] = {"switch", "true or false"},
    [SETTING_DURATION] = {"duration",
                          "a duration with its unit such as 250 ms, 10 s, 30 min, 12 h, 180 d"},
    [SETTING_SIZE] = {"size", "a size with its unit such as 512 B, 64 KiB, 1 MiB, 2 GiB"},
    [SETTING_CHOICE] = {"choice", "a name"},
    [SETTING_LIST] = {"list", "a list of texts"},
};

const char *setting_type_name(enum setting_type type)
{
    assert(type < SETTING_TYPES);
    return TYPES[type].name;
}

const char *setting_type_expected(enum setting_type type)
{
    assert(type < SETTING_TYPES);
    return TYPES[type].expected;
}

const char *setting_name(const struct setting *row)
{
    const char *dot = strrchr(row->path, '.');
    return dot ? dot + 1 : row->path;
}

struct str setting_choice(const struct setting *row, size_t index)
{
    const char *at = row->choices;
    for (; *at; index--) {
        const char *end = strchr(at, '|');
        assert(end);
        if (index == 0)
            return str_make(at, (size_t)(end - at));
        at = end + 1;
    }
    return STR_NONE;
}

/* ---- errors ---- */

enum { QUOTED_BYTES = 60, QUOTED = QUOTED_BYTES + 8 };

/* A value from outside in quotes: cut, without control characters. Nothing of a secret. */
static const char *quoted(const struct setting *row, struct str found, char out[QUOTED])
{
    if (row->type == SETTING_SECRET)
        return "a value that is not shown";
    size_t length = found.len < QUOTED_BYTES ? found.len : QUOTED_BYTES;
    /* Not within a character: the first byte left out must not be a continuation byte. */
    while (length > 0 && length < found.len && ((unsigned char)found.ptr[length] & 0xC0) == 0x80)
        length--;
    snprintf(out, QUOTED, "'%.*s%s'", (int)length, found.ptr, length < found.len ? "..." : "");
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    return out;
}

/* "add, keep_customer, keep_guest, maximum" */
static void name_choices(const struct setting *row, char *out, size_t size)
{
    size_t at = 0;
    struct str name;
    out[0] = '\0';
    for (size_t i = 0; (name = setting_choice(row, i)).ptr && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s%.*s", i > 0 ? ", " : "", STR_ARG(name));
}

static bool refuse(const struct setting *row, const char *found, ecommerce_error *err)
{
    char choices[160];
    if (row->type != SETTING_CHOICE)
        return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, row->path, "expected %s, found %s",
                           setting_type_expected(row->type), found);
    name_choices(row, choices, sizeof(choices));
    return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, row->path,
                       "expected one of %s, found %s", choices, found);
}

static bool refuse_text(const struct setting *row, struct str found, ecommerce_error *err)
{
    char buffer[QUOTED];
    return refuse(row, quoted(row, found, buffer), err);
}

/* ---- limits ---- */

/* Reads a number of the row's type; the limits of the table are written in the same form. */
static bool read_integer(const struct setting *row, struct str text, int64_t *value)
{
    long long number;
    switch (row->type) {
    case SETTING_DURATION:
        return duration_parse(text, value);
    case SETTING_SIZE:
        return size_parse(text, value);
    default:
        if (!str_to_int64(text, &number))
            return false;
        *value = number;
        return true;
    }
}

static int64_t limit(const struct setting *row, const char *text)
{
    int64_t value = 0;
    bool well_formed = read_integer(row, str_of(text), &value);
    assert(well_formed); /* the table is wrong */
    return value;
}

static bool check_integer(const struct setting *row, struct setting_value *value,
                          ecommerce_error *err)
{
    if (value->integer >= limit(row, row->minimum) && value->integer <= limit(row, row->maximum))
        return true;
    struct text found = {0};
    setting_format(row, value, &found);
    error_field(err, ECOMMERCE_INVALID_CONFIGURATION, row->path,
                "must be from %s to %s%s%s, not %s", row->minimum, row->maximum,
                row->unit[0] ? " " : "", row->unit, text_cstr(&found));
    text_release(&found);
    return false;
}

static bool check_number(const struct setting *row, double value, ecommerce_error *err)
{
    double least, greatest;
    bool well_formed = decimal_parse(str_of(row->minimum), &least) &&
                       decimal_parse(str_of(row->maximum), &greatest);
    assert(well_formed); /* the table is wrong */
    if (value >= least && value <= greatest)
        return true;
    char found[32];
    json_double(value, found, sizeof(found));
    return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, row->path,
                       "must be from %s to %s, not %s", row->minimum, row->maximum, found);
}

static bool check_length(const struct setting *row, size_t length, ecommerce_error *err)
{
    if ((int64_t)length >= limit(row, row->minimum) && (int64_t)length <= limit(row, row->maximum))
        return true;
    return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, row->path,
                       "must be from %s to %s bytes long, and has %zu", row->minimum, row->maximum,
                       length);
}

/* What YAML takes for a line break, or does not print: C0, DEL, C1, LINE and PARAGRAPH SEPARATOR,
 * the byte order mark, and the two last code points of the basic plane. */
static bool has_control_characters(struct str text)
{
    static const char *const SEQUENCES[] = {"\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF",
                                            "\xEF\xBF\xBE", "\xEF\xBF\xBF"};
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == 0x7F)
            return true;
        if (c == 0xC2 && i + 1 < text.len && (unsigned char)text.ptr[i + 1] < 0xA0)
            return true;
        struct str rest = str_make(text.ptr + i, text.len - i);
        for (size_t j = 0; c >= 0xE2 && j < ARRAY_LENGTH(SEQUENCES); j++)
            if (str_starts_with(rest, str_of(SEQUENCES[j])))
                return true;
    }
    return false;
}

/* ---- texts ---- */

static bool check_text(const struct setting *row, struct str text, ecommerce_error *err)
{
    struct currency currency;
    if (!check_length(row, text.len, err))
        return false;
    if (!str_is_utf8(text) || has_control_characters(text))
        return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, row->path,
                           "must be UTF-8 text without control characters");
    if (row->type == SETTING_CURRENCY && !currency_find(text, &currency))
        return refuse_text(row, text, err);
    return true;
}

static bool check_time_zone(const struct setting *row, const char *name, ecommerce_error *err)
{
    ecommerce_error cause = {0};
    struct timezone_table *zone = timezone_load(name, &cause);
    if (zone) {
        timezone_free(&zone);
        return true;
    }
    if (cause.code == ECOMMERCE_OUT_OF_MEMORY)
        return error_memory(err);
    return refuse_text(row, str_of(name), err);
}

static bool take_text(const struct setting *row, struct str text, struct setting_value *value,
                      ecommerce_error *err)
{
    if (!check_text(row, text, err))
        return false;
    char *copy = mem_alloc(text.len + 1);
    if (!copy)
        return error_memory(err);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (row->type == SETTING_TIME_ZONE && !check_time_zone(row, copy, err)) {
        mem_free(copy);
        return false;
    }
    value->text = copy;
    value->integer = (int64_t)text.len;
    return true;
}

/* ---- lists: items one after the other, each with its NUL byte ---- */

static bool add_item(const struct setting *row, struct text *items, struct str item,
                     struct setting_value *value, ecommerce_error *err)
{
    if (item.len == 0 || !str_is_utf8(item) || has_control_characters(item))
        return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, row->path,
                           "items must be UTF-8 texts without control characters, not empty");
    text_add(items, item);
    text_add_char(items, '\0');
    value->integer++;
    return true;
}

static bool finish_list(const struct setting *row, struct text *items, struct setting_value *value,
                        ecommerce_error *err)
{
    if (!text_ok(items))
        return error_memory(err);
    if (!check_length(row, items->len, err))
        return false;
    text_add_char(items, '\0'); /* so that an empty list owns a text too */
    if (!text_ok(items))
        return error_memory(err);
    value->text = mem_alloc(items->len);
    if (!value->text)
        return error_memory(err);
    memcpy(value->text, items->ptr, items->len);
    return true;
}

static bool parse_list(const struct setting *row, struct str text, struct setting_value *value,
                       ecommerce_error *err)
{
    struct text items = {0};
    bool ok = true;
    struct str rest = str_trim(text);
    while (ok && rest.len > 0) {
        const char *comma = memchr(rest.ptr, ',', rest.len);
        size_t length = comma ? (size_t)(comma - rest.ptr) : rest.len;
        ok = add_item(row, &items, str_trim(str_make(rest.ptr, length)), value, err);
        size_t used = comma ? length + 1 : length;
        rest = str_make(rest.ptr + used, rest.len - used);
    }
    ok = ok && finish_list(row, &items, value, err);
    text_release(&items);
    return ok;
}

static bool take_list(const struct setting *row, const struct config_node *node,
                      struct setting_value *value, ecommerce_error *err)
{
    struct text items = {0};
    bool ok = true;
    for (const struct config_node *item = node->first; ok && item; item = item->next)
        ok = item->kind == CONFIG_TEXT ? add_item(row, &items, item->text, value, err)
                                       : refuse(row, "something else in it", err);
    ok = ok && finish_list(row, &items, value, err);
    text_release(&items);
    return ok;
}

/* ---- values ---- */

static bool parse_choice(const struct setting *row, struct str text, struct setting_value *value)
{
    struct str name;
    for (size_t i = 0; (name = setting_choice(row, i)).ptr; i++)
        if (str_equal(name, text)) {
            value->integer = (int64_t)i;
            return true;
        }
    return false;
}

bool setting_parse(const struct setting *row, struct str text, struct setting_value *value,
                   ecommerce_error *err)
{
    *value = (struct setting_value){0};
    switch (row->type) {
    case SETTING_INTEGER:
    case SETTING_DURATION:
    case SETTING_SIZE:
        return read_integer(row, text, &value->integer) ? check_integer(row, value, err)
                                                        : refuse_text(row, text, err);
    case SETTING_NUMBER:
        return decimal_parse(text, &value->number) ? check_number(row, value->number, err)
                                                   : refuse_text(row, text, err);
    case SETTING_SWITCH:
        value->integer = str_is(text, "true");
        return str_is(text, "true") || str_is(text, "false") || refuse_text(row, text, err);
    case SETTING_CHOICE:
        return parse_choice(row, text, value) || refuse_text(row, text, err);
    case SETTING_LIST:
        return parse_list(row, text, value, err);
    default:
        return take_text(row, text, value, err);
    }
}

static bool refuse_kind(const struct setting *row, const struct config_node *node,
                        ecommerce_error *err)
{
    static const char *const FOUND[] = {
        [CONFIG_NULL] = "nothing",
        [CONFIG_LIST] = "a list",
        [CONFIG_SECTION] = "a section",
        [CONFIG_OTHER] = "a date or bytes",
    };
    char found[64];
    switch (node->kind) {
    case CONFIG_TEXT:
        return refuse_text(row, node->text, err);
    case CONFIG_BOOL:
        return refuse(row,
                      row->type == SETTING_SECRET ? "a switch"
                      : node->boolean             ? "true"
                                                  : "false",
                      err);
    case CONFIG_INTEGER:
        snprintf(found, sizeof(found), "the bare number %" PRId64, node->integer);
        return refuse(row, row->type == SETTING_SECRET ? "a number" : found, err);
    case CONFIG_NUMBER:
        snprintf(found, sizeof(found), "the bare number ");
        json_double(node->number, found + strlen(found), sizeof(found) - strlen(found));
        return refuse(row, row->type == SETTING_SECRET ? "a number" : found, err);
    default:
        return refuse(row, FOUND[node->kind], err);
    }
}

bool setting_take(const struct setting *row, const struct config_node *node,
                  struct setting_value *value, ecommerce_error *err)
{
    *value = (struct setting_value){0};
    switch (row->type) {
    case SETTING_INTEGER:
        value->integer = node->integer;
        return node->kind == CONFIG_INTEGER ? check_integer(row, value, err)
                                            : refuse_kind(row, node, err);
    case SETTING_NUMBER:
        value->number = node->kind == CONFIG_INTEGER ? (double)node->integer : node->number;
        return node->kind == CONFIG_INTEGER ||
                       (node->kind == CONFIG_NUMBER && isfinite(node->number))
                   ? check_number(row, value->number, err)
                   : refuse_kind(row, node, err);
    case SETTING_SWITCH:
        value->integer = node->boolean;
        return node->kind == CONFIG_BOOL || refuse_kind(row, node, err);
    case SETTING_LIST:
        return node->kind == CONFIG_LIST ? take_list(row, node, value, err)
                                         : refuse_kind(row, node, err);
    default:
        return node->kind == CONFIG_TEXT ? setting_parse(row, node->text, value, err)
                                         : refuse_kind(row, node, err);
    }
}

/* Bytes of the owned text with its last NUL byte. */
static size_t text_bytes(const struct setting *row, const struct setting_value *value)
{
    if (row->type != SETTING_LIST)
        return (size_t)value->integer + 1;
    const char *end = value->text;
    for (int64_t i = 0; i < value->integer; i++)
        end += strlen(end) + 1;
    return (size_t)(end - value->text) + 1;
}

void setting_value_release(const struct setting *row, struct setting_value *value)
{
    if (value->text && row->type == SETTING_SECRET)
        explicit_bzero(value->text, text_bytes(row, value));
    mem_free(value->text);
    *value = (struct setting_value){0};
}

bool setting_value_copy(const struct setting *row, const struct setting_value *from,
                        struct setting_value *to)
{
    *to = *from;
    if (!from->text)
        return true;
    size_t bytes = text_bytes(row, from);
    to->text = mem_alloc(bytes);
    if (to->text)
        memcpy(to->text, from->text, bytes);
    return to->text != NULL;
}

bool setting_value_equal(const struct setting *row, const struct setting_value *a,
                         const struct setting_value *b)
{
    if (a->integer != b->integer || a->number != b->number || !a->text != !b->text)
        return false;
    if (!a->text)
        return true;
    size_t bytes = text_bytes(row, a);
    return bytes == text_bytes(row, b) && memcmp(a->text, b->text, bytes) == 0;
}

/* ---- printing ---- */

/* A whole number has neither point nor exponent, another one has a point: what all versions of YAML
 * take for a number (1e-07 would be a text in 1.1). */
static void format_number(double value, struct text *out)
{
    enum { EXACT = 1000000000 };
    if (value == floor(value) && fabs(value) < EXACT) {
        text_add_int(out, (int64_t)value);
        return;
    }
    char digits[32];
    json_double(value, digits, sizeof(digits));
    size_t mantissa = strcspn(digits, "eE");
    text_add(out, str_make(digits, mantissa));
    if (digits[mantissa] && !memchr(digits, '.', mantissa))
        text_adds(out, ".0");
    text_adds(out, digits + mantissa);
}

static void format_list(const struct setting_value *value, bool as_yaml, struct text *out)
{
    const char *item = value->text;
    text_adds(out, as_yaml ? "[" : "");
    for (int64_t i = 0; i < value->integer; i++, item += strlen(item) + 1) {
        text_adds(out, i > 0 ? ", " : "");
        if (as_yaml)
            text_add_json(out, str_of(item));
        else
            text_adds(out, item);
    }
    text_adds(out, as_yaml ? "]" : "");
}

void setting_format(const struct setting *row, const struct setting_value *value, struct text *out)
{
    switch (row->type) {
    case SETTING_INTEGER:
        text_add_int(out, value->integer);
        break;
    case SETTING_NUMBER:
        format_number(value->number, out);
        break;
    case SETTING_SWITCH:
        text_adds(out, value->integer ? "true" : "false");
        break;
    case SETTING_DURATION:
        duration_format(value->integer, out);
        break;
    case SETTING_SIZE:
        size_format(value->integer, out);
        break;
    case SETTING_CHOICE:
        text_add(out, setting_choice(row, (size_t)value->integer));
        break;
    case SETTING_LIST:
        format_list(value, false, out);
        break;
    case SETTING_SECRET:
        text_adds(out, value->integer > 0 ? SETTING_MASK : "");
        break;
    default:
        text_adds(out, value->text);
        break;
    }
}

void setting_format_yaml(const struct setting *row, const struct setting_value *value,
                         struct text *out)
{
    struct text plain = {0};
    switch (row->type) {
    case SETTING_LIST:
        format_list(value, true, out);
        break;
    case SETTING_TEXT:
    case SETTING_SECRET:
    case SETTING_TIME_ZONE: /* a JSON string is a YAML one */
        setting_format(row, value, &plain);
        text_add_json(out, text_str(&plain));
        out->failed = out->failed || !text_ok(&plain);
        text_release(&plain);
        break;
    default:
        setting_format(row, value, out);
        break;
    }
}

void setting_add_to_doc(const struct setting *row, const struct setting_value *value,
                        struct doc_builder *out)
{
    const char *key = setting_name(row), *item = value->text;
    struct text text = {0};
    switch (row->type) {
    case SETTING_INTEGER:
        doc_add_int(out, key, value->integer);
        break;
    case SETTING_NUMBER:
        doc_add_double(out, key, value->number);
        break;
    case SETTING_SWITCH:
        doc_add_bool(out, key, value->integer != 0);
        break;
    case SETTING_LIST:
        doc_open_array(out, key);
        for (int64_t i = 0; i < value->integer; i++, item += strlen(item) + 1)
            doc_adds(out, NULL, item);
        doc_close(out);
        break;
    default:
        setting_format(row, value, &text);
        doc_adds(out, key, text_cstr(&text));
        out->failed = out->failed || !text_ok(&text);
        text_release(&text);
        break;
    }
}
