/*
 * settings_suggest.c - what the writer of an unknown setting most likely meant. See settings.h.
 *
 * A misspelt name is looked for among its siblings first ("orders.dedline" -> "orders.deadline"),
 * then the same name under any other section ("deadline" -> "orders.deadline").
 */
#include "config/settings.h"

#include <string.h>

enum { NAME_BYTES = 64 };

/* The names of servers, for which people look where other engines have them. */
static const struct {
    const char *name;
    const char *path;
} OTHER_NAMES[] = {
    {"mongodb", "stores.documents"},    {"mongo", "stores.documents"},
    {"redis", "stores.live"},           {"timescaledb", "stores.timeseries"},
    {"timescale", "stores.timeseries"}, {"neo4j", "stores.graph"},
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Optimal string alignment: insertions, deletions, replacements and exchanges of two neighbours.
 * Three rows of the usual table are enough, for an exchange looks two back.
 */
static size_t distance(struct str a, struct str b)
{
    size_t rows[3][NAME_BYTES + 1];
    size_t *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replaced = last[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            row[j] = least(replaced, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = last;
        last = row;
        row = free_row;
    }
    return last[b.len];
}

/* How much of a name may be wrong: a third, at least one character. */
static size_t tolerated(size_t length)
{
    return length < 6 ? 1 : length / 3;
}

/* "orders" and "deadline" of "orders.deadline"; no section: an empty one. */
static void split(struct str path, struct str *section, struct str *name)
{
    size_t start = path.len;
    while (start > 0 && path.ptr[start - 1] != '.')
        start--;
    *section = str_make(path.ptr, start > 0 ? start - 1 : 0);
    *name = str_make(path.ptr + start, path.len - start);
}

/* The part of a known path that is a child of `section`: of "stores.live.kind" under "stores",
 * "stores.live". STR_NONE when it is not below it. */
static struct str child_of(struct str known, struct str section)
{
    size_t start = section.len > 0 ? section.len + 1 : 0;
    if (known.len <= start || !str_starts_with(known, section) ||
        (start > 0 && known.ptr[section.len] != '.'))
        return STR_NONE;
    const char *dot = memchr(known.ptr + start, '.', known.len - start);
    return dot ? str_make(known.ptr, (size_t)(dot - known.ptr)) : known;
}

static struct str nearest_sibling(const struct settings_table *table, struct str path)
{
    struct str section, name, nearest = STR_NONE;
    split(path, &section, &name);
    size_t best = tolerated(name.len) + 1;
    for (size_t i = 0; i < table->count; i++) {
        struct str child = child_of(str_of(table->rows[i].path), section), ignored, child_name;
        if (!child.ptr)
            continue;
        split(child, &ignored, &child_name);
        if (child_name.len > NAME_BYTES)
            continue;
        size_t far = distance(name, child_name);
        if (far < best) {
            best = far;
            nearest = child;
        }
    }
    return nearest;
}

static struct str same_name_elsewhere(const struct settings_table *table, struct str name)
{
    for (size_t i = 0; i < table->count; i++)
        if (str_is(name, setting_name(&table->rows[i])))
            return str_of(table->rows[i].path);
    for (size_t i = 0; i < ARRAY_LENGTH(OTHER_NAMES); i++)
        if (str_is(name, OTHER_NAMES[i].name))
            return str_of(OTHER_NAMES[i].path);
    return STR_NONE;
}

void settings_suggest(const struct settings_table *table, struct str path, struct text *out)
{
    struct str section, name;
    split(path, &section, &name);
    if (name.len == 0 || name.len > NAME_BYTES)
        return;
    struct str nearest = nearest_sibling(table, path);
    if (!nearest.ptr)
        nearest = same_name_elsewhere(table, name);
    if (nearest.ptr)
        text_add(out, nearest);
}
