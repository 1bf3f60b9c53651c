/* settings_print.c - settings for people. See settings_print.h. */
#include "config/settings_print.h"

#include "support/alloc.h"

#include <string.h>

/* ---- sections: rows of one section stand together in the table ---- */

/* How many sections of `path` are those of `previous` (NULL: none), counted from the left. */
static int common_sections(const char *previous, const char *path)
{
    int common = 0;
    for (size_t i = 0; previous && previous[i] == path[i] && path[i]; i++)
        common += path[i] == '.';
    return common;
}

static int sections_of(const char *path)
{
    int sections = 0;
    for (; *path; path++)
        sections += *path == '.';
    return sections;
}

/* The index-th name of a path. */
static struct str name_at(const char *path, int index)
{
    while (index-- > 0)
        path = strchr(path, '.') + 1;
    return str_make(path, strcspn(path, "."));
}

static void indent(struct text *out, int level)
{
    for (; level > 0; level--)
        text_adds(out, "  ");
}

/* Begins the sections of row `i` that the row before it was not in. Returns the row's own level. */
static int begin_sections(const struct settings_table *table, size_t i, struct text *out)
{
    const char *path = table->rows[i].path;
    int level = common_sections(i > 0 ? table->rows[i - 1].path : NULL, path);
    for (; level < sections_of(path); level++) {
        if (level == 0 && i > 0)
            text_add_char(out, '\n');
        indent(out, level);
        text_add(out, name_at(path, level));
        text_adds(out, ":\n");
    }
    return level;
}

/* ---- values ---- */

bool settings_show(const struct settings *settings, struct text *out)
{
    const struct settings_table *table = settings_table_of(settings);
    for (size_t i = 0; i < table->count; i++) {
        const struct setting *row = &table->rows[i];
        indent(out, begin_sections(table, i, out));
        text_printf(out, "%s: ", setting_name(row));
        struct setting_value value = settings_value(settings, i);
        setting_format_yaml(row, &value, out);
        if (!settings_is_standard(settings, i) && row->type != SETTING_SECRET)
            text_printf(out, "  # default: %s", row->standard[0] ? row->standard : "empty");
        text_add_char(out, '\n');
    }
    return text_ok(out);
}

bool settings_show_doc(const struct settings *settings, struct doc_builder *out)
{
    const struct settings_table *table = settings_table_of(settings);
    int open = 0;
    for (size_t i = 0; i < table->count; i++) {
        const char *path = table->rows[i].path;
        int common = common_sections(i > 0 ? table->rows[i - 1].path : NULL, path);
        for (; open > common; open--)
            doc_close(out);
        for (; open < sections_of(path); open++) {
            char name[64];
            struct str section = name_at(path, open);
            memcpy(name, section.ptr, section.len);
            name[section.len] = '\0';
            doc_open(out, name);
        }
        struct setting_value value = settings_value(settings, i);
        setting_add_to_doc(&table->rows[i], &value, out);
    }
    for (; open > 0; open--)
        doc_close(out);
    return doc_builder_ok(out);
}

/* ---- the table ---- */

/* "duration, 100 ms to 5 min" */
static void add_type(const struct setting *row, struct text *out)
{
    text_adds(out, setting_type_name(row->type));
    if (row->type == SETTING_CHOICE) {
        struct str name;
        for (size_t i = 0; (name = setting_choice(row, i)).ptr; i++)
            text_printf(out, "%s%.*s", i == 0 ? " of " : ", ", STR_ARG(name));
        return;
    }
    if (row->type == SETTING_SWITCH || row->type == SETTING_CURRENCY ||
        row->type == SETTING_TIME_ZONE)
        return;
    bool counts_bytes =
        row->type == SETTING_TEXT || row->type == SETTING_SECRET || row->type == SETTING_LIST;
    const char *unit = counts_bytes ? "bytes" : row->unit;
    text_printf(out, ", %s to %s%s%s", row->minimum, row->maximum, unit[0] ? " " : "", unit);
}

bool settings_describe(const struct settings_table *table, struct text *out)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct setting *row = &table->rows[i];
        text_printf(out, "  %s\n      %s\n      (", row->path, row->description);
        add_type(row, out);
        text_printf(out, "; default %s)\n", row->standard[0] ? row->standard : "empty");
    }
    return text_ok(out);
}

static const char MANUAL_HEAD[] =
    "# Configuration\n"
    "\n"
    "Every setting has a default: without a configuration file the shop is embedded and keeps its\n"
    "data in `./shop-data`. A file names only what differs:\n"
    "\n"
    "```yaml\n"
    "shop:\n"
    "  name: \"Tea & Tins\"\n"
    "  currency: GBP\n"
    "  time_zone: Europe/London\n"
    "orders:\n"
    "  deadline: 5 s\n"
    "```\n"
    "\n"
    "`config/ecommerce_config.yaml.example` has all settings at their defaults. `ecommerce config\n"
    "check` tells everything that is wrong with a file, `ecommerce config show` what applies.\n"
    "\n"
    "## Rules\n"
    "\n"
    "- A path such as `orders.deadline` is a section and a name in it. An unknown setting is an\n"
    "  error, with the nearest known name; so is one that is given twice or has no value.\n"
    "- A duration has a unit: `250 ms`, `10 s`, `30 min`, `12 h`, `180 d`. A size too: `512 B`,\n"
    "  `64 KiB`, `1 MiB`, `2 GiB`. A bare number there is an error.\n"
    "- The file is plain YAML: no anchors, aliases, tags or second document; at most 1 MiB, 8 "
    "levels\n"
    "  and 4096 values. Numbers are decimal. `yes`, `no`, `on` and `off` are switches, as in YAML "
    "1.1:\n"
    "  a text that reads like one is quoted.\n";

/* Said only while some setting is a secret. */
static const char MANUAL_SECRETS[] =
    "- A secret is given as `{env: NAME}`, an environment variable, or `{file: PATH}`, a file "
    "that\n"
    "  others can neither read nor write. Written out it is accepted only in a file that is closed "
    "to\n"
    "  others in the same way. Secrets are never shown, and never taken from a command line.\n";

static const char MANUAL_REST[] =
    "- Relative paths start at the working folder of the program.\n"
    "- `--set PATH=VALUE` on a command line overrides the file; `--data DIR` is\n"
    "  `--set stores.embedded.folder=DIR`.\n"
    "- A setting marked *live* may change in a running program; all others need a new start.\n"
    "- Each store is configured by its role under `stores`, not under the name of a server, so "
    "that a\n"
    "  role keeps its place when its server changes. A kind that this version was not built with "
    "is\n"
    "  valid in a file and refused when the shop is opened.\n";

static const char TABLE_HEAD[] = "\n| setting | type | default | meaning |\n|---|---|---|---|\n";

static bool has_secret(const struct settings_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->rows[i].type == SETTING_SECRET)
            return true;
    return false;
}

bool settings_write_manual(const struct settings_table *table, struct text *out)
{
    text_adds(out, MANUAL_HEAD);
    text_adds(out, has_secret(table) ? MANUAL_SECRETS : "");
    text_adds(out, MANUAL_REST);
    for (size_t i = 0; i < table->count; i++) {
        const struct setting *row = &table->rows[i];
        struct str section = name_at(row->path, 0);
        if (i == 0 || common_sections(table->rows[i - 1].path, row->path) == 0)
            text_printf(out, "\n## %.*s\n%s", STR_ARG(section), TABLE_HEAD);
        text_printf(out, "| `%s` | ", row->path);
        add_type(row, out);
        text_printf(out, "%s | ", row->live ? " (*live*)" : "");
        if (row->standard[0])
            text_printf(out, "`%s`", row->standard);
        text_printf(out, " | %s |\n", row->description);
    }
    return text_ok(out);
}

static const char EXAMPLE_HEAD[] =
    "# Every setting at its default. A configuration names only what differs; the rules and all\n"
    "# limits are in docs/configuration.md.\n"
    "\n";

bool settings_write_example(const struct settings_table *table, struct text *out)
{
    struct settings *settings = settings_new_of(table, NULL);
    if (!settings)
        return false;
    text_adds(out, EXAMPLE_HEAD);
    for (size_t i = 0; i < table->count; i++) {
        const struct setting *row = &table->rows[i];
        int level = begin_sections(table, i, out);
        indent(out, level);
        text_printf(out, "# %s\n", row->description);
        indent(out, level);
        text_adds(out, "# (");
        add_type(row, out);
        text_adds(out, ")\n");
        indent(out, level);
        /* A secret without a value is left out: there is nothing that would be a default. */
        text_printf(out, "%s%s: ", row->type == SETTING_SECRET ? "# " : "", setting_name(row));
        struct setting_value value = settings_value(settings, i);
        setting_format_yaml(row, &value, out);
        text_add_char(out, '\n');
    }
    settings_free(&settings);
    return text_ok(out);
}
