/*
 * settings.h - the values of all settings, typed.
 *
 *     struct settings *settings = settings_new(&err);
 *     ok = config_load_file(settings, "shop.yaml", &err)             (config_loader.h)
 *       && settings_set_text(settings, "orders.deadline", "5 s", &err);
 *     deadline = settings_duration(settings, SETTING_ORDERS_DEADLINE);
 *     settings_free(&settings);
 *
 * Settings are named by an enum that the table (settings_table.h) generates, so that a misspelt one
 * does not compile; asking for the wrong type is a programmer's error and asserts.
 *
 * Threads: one thread fills a `struct settings`; from then on any number may read it, and
 * settings_adopt may change its live settings meanwhile. Texts returned live as long as the struct.
 */
#pragma once

#include "config/setting_value.h"
#include "config/settings_table.h"

enum setting_id {
#define SETTING_ID(identifier, ...) SETTING_##identifier,
    SETTINGS_TABLE(SETTING_ID, SETTING_ID, SETTING_ID)
#undef SETTING_ID
        SETTING_COUNT
};

/* What settings_choice returns for the settings that choose. */
#define SETTING_CHOICE_ID(enumerator, name) enumerator,
enum documents_kind { DOCUMENTS_KINDS(SETTING_CHOICE_ID) };
enum live_kind { LIVE_KINDS(SETTING_CHOICE_ID) };
enum timeseries_kind { TIMESERIES_KINDS(SETTING_CHOICE_ID) };
enum graph_kind { GRAPH_KINDS(SETTING_CHOICE_ID) };
enum cart_merge { CART_MERGES(SETTING_CHOICE_ID) };
enum setting_log_level { LOG_LEVELS(SETTING_CHOICE_ID) };
#undef SETTING_CHOICE_ID

/* A set of settings. The engine has one, shop_settings; tests make their own. */
struct settings_table {
    const struct setting *rows;
    size_t count;
    const struct settings_pair {
        size_t lesser, greater; /* rows of one type: the first must not exceed the second */
    } * pairs;
    size_t pair_count;
};

extern const struct settings_table shop_settings;

struct settings;

/* All defaults. NULL: out of memory. */
struct settings *settings_new(ecommerce_error *err) MUST_CHECK;
struct settings *settings_new_of(const struct settings_table *table,
                                 ecommerce_error *err) MUST_CHECK;
/* The same values in a struct of its own. NULL: out of memory. */
struct settings *settings_copy(const struct settings *from, ecommerce_error *err) MUST_CHECK;
/* NULL allowed; sets the pointer to NULL. Secrets are wiped. */
void settings_free(struct settings **settings);

/* ---- reading ---- */

const char *settings_text(const struct settings *settings, enum setting_id id); /* texts, secrets */
int64_t settings_int(const struct settings *settings, enum setting_id id);
double settings_number(const struct settings *settings, enum setting_id id);
bool settings_bool(const struct settings *settings, enum setting_id id);
int64_t settings_duration(const struct settings *settings, enum setting_id id); /* microseconds */
int64_t settings_size(const struct settings *settings, enum setting_id id);     /* bytes */
int settings_choice(const struct settings *settings, enum setting_id id);
size_t settings_list_count(const struct settings *settings, enum setting_id id);
const char *settings_list_item(const struct settings *settings, enum setting_id id, size_t index);

/* ---- changing ---- */

/*
 * One setting by its path, as `--set orders.deadline=5s` gives it. Relations between settings are
 * not checked here but by settings_check. A secret is refused: a command line is readable by
 * others. Errors: INVALID_CONFIGURATION, with the nearest known name when there is no such setting.
 */
bool settings_set_text(struct settings *settings, const char *path, const char *value,
                       ecommerce_error *err) MUST_CHECK;
/* Takes the value over: it must be one that setting_parse or setting_take gave for this row. */
void settings_set_value(struct settings *settings, size_t id, struct setting_value *value);
/* Exchanges all values of two structs of one table. */
void settings_swap(struct settings *a, struct settings *b);

/*
 * Takes over what differs in the live settings of `fresh`, while other threads read `running`, and
 * appends the paths of the others that differ, one a line, to `restart` (may be NULL): they need a
 * new start. True when nothing does.
 */
bool settings_adopt(struct settings *running, const struct settings *fresh, struct text *restart);

/* Settings that must agree with one another, such as a default page not above the greatest one.
 * Error: INVALID_CONFIGURATION; *wrong (may be NULL) becomes the row at fault. */
bool settings_check(const struct settings *settings, size_t *wrong,
                    ecommerce_error *err) MUST_CHECK;
/* At opening a shop: refuses (INVALID_CONFIGURATION) a kind of store that this build has no code
 * for. */
bool settings_check_stores(const struct settings *settings, ecommerce_error *err) MUST_CHECK;

/* ---- by number and by path, for the loader and the printers ---- */

const struct settings_table *settings_table_of(const struct settings *settings);
/* A view: its text belongs to the settings. */
struct setting_value settings_value(const struct settings *settings, size_t id);
/* True when the value is the default. */
bool settings_is_standard(const struct settings *settings, size_t id);
/* False when no setting has the path. */
bool settings_find(const struct settings_table *table, struct str path, size_t *id);
/* True when some setting's path begins with this one and a dot. */
bool settings_is_section(const struct settings_table *table, struct str path);
/*
 * The known path (a setting's or a section's) that the writer of an unknown one most likely meant,
 * in `out`, or nothing: a near spelling in the same section, else the same name in another.
 */
void settings_suggest(const struct settings_table *table, struct str path, struct text *out);
