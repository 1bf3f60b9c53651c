/* settings.c - the values of all settings. See settings.h. */
#include "config/settings.h"

#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* ---- the engine's table ---- */

#define CHOICE_NAME(enumerator, name) name "|"
#define LIVE_START false
#define LIVE_LIVE true
#define VALUE_ROW(identifier, dotted, kind, least, greatest, initial, counts, when, text)          \
    [SETTING_##identifier] = {.path = dotted,                                                      \
                              .type = SETTING_##kind,                                              \
                              .minimum = least,                                                    \
                              .maximum = greatest,                                                 \
                              .standard = initial,                                                 \
                              .unit = counts,                                                      \
                              .choices = "",                                                       \
                              .description = text,                                                 \
                              .live = LIVE_##when},
#define CHOICE_ROW(identifier, dotted, names, initial, when, text)                                 \
    [SETTING_##identifier] = {.path = dotted,                                                      \
                              .type = SETTING_CHOICE,                                              \
                              .minimum = "",                                                       \
                              .maximum = "",                                                       \
                              .standard = initial,                                                 \
                              .unit = "",                                                          \
                              .choices = names(CHOICE_NAME),                                       \
                              .description = text,                                                 \
                              .live = LIVE_##when},
#define SWITCH_ROW(identifier, dotted, initial, when, text)                                        \
    [SETTING_##identifier] = {.path = dotted,                                                      \
                              .type = SETTING_SWITCH,                                              \
                              .minimum = "",                                                       \
                              .maximum = "",                                                       \
                              .standard = initial,                                                 \
                              .unit = "",                                                          \
                              .choices = "",                                                       \
                              .description = text,                                                 \
                              .live = LIVE_##when},
#define PAIR_ROW(first, second) {SETTING_##first, SETTING_##second},

static const struct setting ROWS[] = {SETTINGS_TABLE(VALUE_ROW, CHOICE_ROW, SWITCH_ROW)};
static const struct settings_pair PAIRS[] = {SETTINGS_PAIRS(PAIR_ROW)};

_Static_assert(ARRAY_LENGTH(ROWS) == SETTING_COUNT, "one row a setting");

const struct settings_table shop_settings = {
    .rows = ROWS,
    .count = ARRAY_LENGTH(ROWS),
    .pairs = PAIRS,
    .pair_count = ARRAY_LENGTH(PAIRS),
};

/* ---- life ---- */

struct settings {
    const struct settings_table *table;
    struct setting_value
        *values; /* table->count of them; `integer` of live rows: atomic accesses */
};

static struct settings *allocate(const struct settings_table *table)
{
    struct settings *settings = mem_zalloc(1, sizeof(*settings));
    if (!settings)
        return NULL;
    settings->table = table;
    settings->values = mem_zalloc(table->count, sizeof(*settings->values));
    if (!settings->values)
        settings_free(&settings);
    return settings;
}

struct settings *settings_new(ecommerce_error *err)
{
    return settings_new_of(&shop_settings, err);
}

struct settings *settings_new_of(const struct settings_table *table, ecommerce_error *err)
{
    struct settings *settings = allocate(table);
    if (!settings) {
        error_memory(err);
        return NULL;
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct setting *row = &table->rows[i];
        ecommerce_error cause = {0};
        if (!setting_parse(row, str_of(row->standard), &settings->values[i], &cause)) {
            assert(cause.code == ECOMMERCE_OUT_OF_MEMORY); /* else the table is wrong */
            settings_free(&settings);
            error_memory(err);
            return NULL;
        }
    }
    return settings;
}

struct settings *settings_copy(const struct settings *from, ecommerce_error *err)
{
    struct settings *settings = allocate(from->table);
    for (size_t i = 0; settings && i < from->table->count; i++) {
        struct setting_value value = settings_value(from, i);
        if (!setting_value_copy(&from->table->rows[i], &value, &settings->values[i]))
            settings_free(&settings);
    }
    if (!settings)
        error_memory(err);
    return settings;
}

void settings_free(struct settings **settings)
{
    struct settings *gone = *settings;
    *settings = NULL;
    if (!gone)
        return;
    for (size_t i = 0; gone->values && i < gone->table->count; i++)
        setting_value_release(&gone->table->rows[i], &gone->values[i]);
    mem_free(gone->values);
    mem_free(gone);
}

/* ---- reading ---- */

struct setting_value settings_value(const struct settings *settings, size_t id)
{
    assert(id < settings->table->count);
    const struct setting_value *value = &settings->values[id];
    return (struct setting_value){
        .integer = __atomic_load_n(&value->integer, __ATOMIC_RELAXED), /* settings_adopt writes */
        .number = value->number,
        .text = value->text,
    };
}

static struct setting_value get(const struct settings *settings, size_t id, enum setting_type type)
{
    assert(id < settings->table->count);
    assert(settings->table->rows[id].type == type);
    return settings_value(settings, id);
}

const char *settings_text(const struct settings *settings, enum setting_id id)
{
    assert((size_t)id < settings->table->count);
    enum setting_type type = settings->table->rows[id].type;
    assert(type == SETTING_TEXT || type == SETTING_SECRET || type == SETTING_CURRENCY ||
           type == SETTING_TIME_ZONE);
    return settings->values[id].text;
}

int64_t settings_int(const struct settings *settings, enum setting_id id)
{
    return get(settings, id, SETTING_INTEGER).integer;
}

double settings_number(const struct settings *settings, enum setting_id id)
{
    return get(settings, id, SETTING_NUMBER).number;
}

bool settings_bool(const struct settings *settings, enum setting_id id)
{
    return get(settings, id, SETTING_SWITCH).integer != 0;
}

int64_t settings_duration(const struct settings *settings, enum setting_id id)
{
    return get(settings, id, SETTING_DURATION).integer;
}

int64_t settings_size(const struct settings *settings, enum setting_id id)
{
    return get(settings, id, SETTING_SIZE).integer;
}

int settings_choice(const struct settings *settings, enum setting_id id)
{
    return (int)get(settings, id, SETTING_CHOICE).integer;
}

size_t settings_list_count(const struct settings *settings, enum setting_id id)
{
    return (size_t)get(settings, id, SETTING_LIST).integer;
}

const char *settings_list_item(const struct settings *settings, enum setting_id id, size_t index)
{
    struct setting_value value = get(settings, id, SETTING_LIST);
    assert(index < (size_t)value.integer);
    const char *item = value.text;
    while (index-- > 0)
        item += strlen(item) + 1;
    return item;
}

/* ---- changing ---- */

void settings_set_value(struct settings *settings, size_t id, struct setting_value *value)
{
    assert(id < settings->table->count);
    setting_value_release(&settings->table->rows[id], &settings->values[id]);
    settings->values[id] = *value;
    *value = (struct setting_value){0};
}

static bool refuse_unknown(const struct settings_table *table, const char *path,
                           ecommerce_error *err)
{
    if (settings_is_section(table, str_of(path)))
        return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, path,
                           "this is a section: name a setting below it");
    struct text nearest = {0};
    settings_suggest(table, str_of(path), &nearest);
    error_field(err, ECOMMERCE_INVALID_CONFIGURATION, path, "there is no such setting%s%s%s",
                nearest.len > 0 ? "; did you mean '" : "", text_cstr(&nearest),
                nearest.len > 0 ? "'" : "");
    text_release(&nearest);
    return false;
}

bool settings_set_text(struct settings *settings, const char *path, const char *value,
                       ecommerce_error *err)
{
    size_t id;
    if (!settings_find(settings->table, str_of(path), &id))
        return refuse_unknown(settings->table, path, err);
    const struct setting *row = &settings->table->rows[id];
    if (row->type == SETTING_SECRET)
        return error_field(
            err, ECOMMERCE_INVALID_CONFIGURATION, path,
            "a secret is given in a configuration file, by {env: NAME} or {file: PATH}");
    struct setting_value parsed;
    if (!setting_parse(row, str_of(value), &parsed, err))
        return false;
    settings_set_value(settings, id, &parsed);
    return true;
}

void settings_swap(struct settings *a, struct settings *b)
{
    assert(a->table == b->table);
    struct setting_value *values = a->values;
    a->values = b->values;
    b->values = values;
}

bool settings_adopt(struct settings *running, const struct settings *fresh, struct text *restart)
{
    assert(running->table == fresh->table);
    bool complete = true;
    for (size_t i = 0; i < running->table->count; i++) {
        const struct setting *row = &running->table->rows[i];
        if (setting_value_equal(row, &running->values[i], &fresh->values[i]))
            continue;
        if (row->live) {
            /* A text could not be replaced under its readers. */
            assert(!fresh->values[i].text && row->type != SETTING_NUMBER);
            __atomic_store_n(&running->values[i].integer, fresh->values[i].integer,
                             __ATOMIC_RELAXED);
            continue;
        }
        complete = false;
        if (restart)
            text_printf(restart, "%s\n", row->path);
    }
    return complete;
}

/* ---- checking ---- */

static bool refuse_pair(const struct setting *lesser, const struct setting_value *low,
                        const struct setting *greater, const struct setting_value *high,
                        ecommerce_error *err)
{
    struct text is = {0}, limit = {0};
    setting_format(lesser, low, &is);
    setting_format(greater, high, &limit);
    error_field(err, ECOMMERCE_INVALID_CONFIGURATION, lesser->path,
                "must not exceed %s: %s is more than %s", greater->path, text_cstr(&is),
                text_cstr(&limit));
    text_release(&is);
    text_release(&limit);
    return false;
}

bool settings_check(const struct settings *settings, size_t *wrong, ecommerce_error *err)
{
    const struct settings_table *table = settings->table;
    for (size_t i = 0; i < table->pair_count; i++) {
        const struct setting *lesser = &table->rows[table->pairs[i].lesser];
        const struct setting *greater = &table->rows[table->pairs[i].greater];
        struct setting_value low = settings_value(settings, table->pairs[i].lesser);
        struct setting_value high = settings_value(settings, table->pairs[i].greater);
        assert(lesser->type == greater->type);
        if (low.integer <= high.integer)
            continue;
        if (wrong)
            *wrong = table->pairs[i].lesser;
        return refuse_pair(lesser, &low, greater, &high, err);
    }
    return true;
}

bool settings_check_stores(const struct settings *settings, ecommerce_error *err)
{
    static const enum setting_id KINDS[] = {SETTING_STORES_DOCUMENTS_KIND, SETTING_STORES_LIVE_KIND,
                                            SETTING_STORES_TIMESERIES_KIND,
                                            SETTING_STORES_GRAPH_KIND};
    assert(settings->table == &shop_settings);
    for (size_t i = 0; i < ARRAY_LENGTH(KINDS); i++) {
        const struct setting *row = &ROWS[KINDS[i]];
        struct str kind = setting_choice(row, (size_t)settings_choice(settings, KINDS[i]));
        if (!str_is(kind, "embedded"))
            return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, row->path,
                               "'%.*s' is not built into this version; only 'embedded' is",
                               STR_ARG(kind));
    }
    return true;
}

/* ---- by number and by path ---- */

const struct settings_table *settings_table_of(const struct settings *settings)
{
    return settings->table;
}

bool settings_is_standard(const struct settings *settings, size_t id)
{
    const struct setting *row = &settings->table->rows[id];
    struct setting_value value = settings_value(settings, id);
    if (row->type == SETTING_SECRET) /* prints as its mask: the default is none */
        return value.integer == 0;
    struct text printed = {0};
    setting_format(row, &value, &printed);
    bool standard = text_ok(&printed) && str_is(text_str(&printed), row->standard);
    text_release(&printed);
    return standard;
}

bool settings_find(const struct settings_table *table, struct str path, size_t *id)
{
    for (size_t i = 0; i < table->count; i++)
        if (str_is(path, table->rows[i].path)) {
            *id = i;
            return true;
        }
    return false;
}

bool settings_is_section(const struct settings_table *table, struct str path)
{
    for (size_t i = 0; i < table->count; i++) {
        const char *known = table->rows[i].path;
        if (str_starts_with(str_of(known), path) && known[path.len] == '.')
            return true;
    }
    return false;
}
