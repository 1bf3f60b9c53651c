/*
 * timezone_file.c - from a TZif file (RFC 8536) to a table of regimes.
 *
 * The file holds everything twice: first in 32 bits for the readers of 1970s clocks, which is
 * skipped, then in 64 bits, then the rule for what comes after. Nothing in it is believed
 * unchecked.
 */
#include "support/timezone.h"

#include "support/alloc.h"
#include "support/error.h"
#include "support/timestamp.h"
#include "support/timezone_rule.h"
#include "support/timezone_table.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAME_LENGTH_MAX = 64,
    FILE_SIZE_MAX = 1 << 18, /* real ones have less than 4 KiB */
    HEADER_SIZE = 44,
    TYPE_SIZE = 6,
    /* Longest offsets that RFC 8536 section 3.2 allows. */
    OFFSET_MIN = -89999,
    OFFSET_MAX = 93599,
    /* The table's last file transition lies in year 0 of these; the cycle begins in year 2, when
     * only the rule is at work, lasts 400 years, and the regime that holds its end has an end
     * itself. */
    CYCLE_FIRST_YEAR = 2,
    RULE_YEARS = CYCLE_FIRST_YEAR + 400 + 3,
    RULE_YEAR_FIRST = 1900, /* for a file without any transition */
};

struct reader {
    const uint8_t *at;
    size_t left;
};

struct header {
    int version; /* as a digit's character */
    uint32_t utc_marks, standard_marks, leaps, times, types, characters;
};

/* The 64-bit part of a file, checked and ready to be read by index. */
struct tzif {
    const uint8_t *times;   /* 8 bytes each */
    const uint8_t *indexes; /* one byte each: the type that begins then */
    const uint8_t *types;   /* TYPE_SIZE bytes each */
    size_t time_count;
    struct timezone_rule rule;
    bool has_rule;
};

static uint32_t big_endian_32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t big_endian_64(const uint8_t *bytes)
{
    return (int64_t)((uint64_t)big_endian_32(bytes) << 32 | big_endian_32(bytes + 4));
}

/* NULL when there is less. */
static const uint8_t *take(struct reader *reader, uint64_t size)
{
    if (size > reader->left)
        return NULL;
    const uint8_t *taken = reader->at;
    reader->at += size;
    reader->left -= (size_t)size;
    return taken;
}

static bool read_header(struct reader *reader, struct header *header)
{
    const uint8_t *bytes = take(reader, HEADER_SIZE);
    if (!bytes || memcmp(bytes, "TZif", 4) != 0)
        return false;
    *header = (struct header){
        .version = bytes[4],
        .utc_marks = big_endian_32(bytes + 20),
        .standard_marks = big_endian_32(bytes + 24),
        .leaps = big_endian_32(bytes + 28),
        .times = big_endian_32(bytes + 32),
        .types = big_endian_32(bytes + 36),
        .characters = big_endian_32(bytes + 40),
    };
    return header->version >= '2' && header->version <= '9';
}

static uint64_t block_size(const struct header *header, unsigned time_size)
{
    return (uint64_t)header->times * time_size + header->times +
           (uint64_t)header->types * TYPE_SIZE + header->characters +
           (uint64_t)header->leaps * (time_size + 4) + header->standard_marks + header->utc_marks;
}

static int64_t time_at(const struct tzif *file, size_t i)
{
    return big_endian_64(file->times + 8 * i);
}

/* Some files begin with a transition long before the beginning of the universe. */
static int64_t clamped_time_at(const struct tzif *file, size_t i)
{
    int64_t time = time_at(file, i);
    return time > TIMEZONE_BEGINNING ? time : TIMEZONE_BEGINNING;
}

static int32_t offset_of_type(const struct tzif *file, size_t type)
{
    return (int32_t)big_endian_32(file->types + TYPE_SIZE * type);
}

static const char *types_fault(const struct tzif *file, const struct header *header)
{
    if (header->types == 0 || header->types > 256 || header->characters == 0)
        return "it has no types of local time";
    for (size_t i = 0; i < header->types; i++) {
        const uint8_t *type = file->types + TYPE_SIZE * i;
        int32_t offset = offset_of_type(file, i);
        if (offset < OFFSET_MIN || offset > OFFSET_MAX)
            return "an offset is more than a day";
        if (type[4] > 1 || type[5] >= header->characters)
            return "a type of local time is wrong";
    }
    return NULL;
}

static const char *times_fault(const struct tzif *file, const struct header *header)
{
    for (size_t i = 0; i < file->time_count; i++) {
        if (file->indexes[i] >= header->types)
            return "a transition leads to no type";
        if (i > 0 && time_at(file, i) <= time_at(file, i - 1))
            return "its transitions are not in order";
        if (time_at(file, i) >= TIMEZONE_END / 2)
            return "a transition is too late";
    }
    return NULL;
}

/* The rule between two line feeds, empty where nothing is known about later years. */
static const char *read_footer(struct reader *reader, struct tzif *file)
{
    if (reader->left < 2 || reader->at[0] != '\n')
        return "its last line is missing";
    const uint8_t *text = reader->at + 1;
    const uint8_t *end = memchr(text, '\n', reader->left - 1);
    if (!end)
        return "its last line has no end";
    file->has_rule = end > text;
    if (file->has_rule && !timezone_rule_parse(str_make(text, (size_t)(end - text)), &file->rule))
        return "its rule for later years is wrong";
    return NULL;
}

/* NULL, or what is wrong with the file. */
static const char *read_tzif(struct reader reader, struct tzif *file)
{
    struct header header;
    if (!read_header(&reader, &header) || !take(&reader, block_size(&header, 4)) ||
        !read_header(&reader, &header))
        return "it is not a TZif file of version 2 or later";
    if (block_size(&header, 8) > reader.left)
        return "it is cut short";
    if (header.leaps != 0)
        return "it counts leap seconds";
    if ((header.utc_marks != 0 && header.utc_marks != header.types) ||
        (header.standard_marks != 0 && header.standard_marks != header.types))
        return "its counts disagree";

    file->time_count = header.times;
    file->times = take(&reader, (uint64_t)header.times * 8);
    file->indexes = take(&reader, header.times);
    file->types = take(&reader, (uint64_t)header.types * TYPE_SIZE);
    take(&reader, (uint64_t)header.characters + header.standard_marks + header.utc_marks);
    const char *fault = types_fault(file, &header);
    if (!fault)
        fault = times_fault(file, &header);
    return fault ? fault : read_footer(&reader, file);
}

/* ---- from the file to regimes ---- */

static struct timezone_table *table_new(size_t capacity)
{
    size_t size = capacity * (sizeof(int64_t) + sizeof(int32_t));
    struct timezone_table *table = mem_alloc(sizeof(*table) + size);
    if (!table)
        return NULL;
    *table = (struct timezone_table){
        .cycle_from = TIMEZONE_END,
        .offsets = (int32_t *)(table->starts + capacity),
    };
    return table;
}

/* A regime that would not last is replaced, one that changes nothing is left out. */
static void add_regime(struct timezone_table *table, int64_t start, int32_t offset)
{
    assert(table->count == 0 || start >= table->starts[table->count - 1]);
    if (table->count > 0 && table->starts[table->count - 1] >= start)
        table->count--;
    if (table->count > 0 && table->offsets[table->count - 1] == offset)
        return;
    table->starts[table->count] = table->count == 0 ? TIMEZONE_BEGINNING : start;
    table->offsets[table->count] = offset;
    table->count++;
}

static void add_file(struct timezone_table *table, const struct tzif *file)
{
    bool rule_only = file->time_count == 0 && file->has_rule;
    add_regime(table, TIMEZONE_BEGINNING,
               rule_only ? file->rule.standard : offset_of_type(file, 0));
    for (size_t i = 0; i < file->time_count; i++)
        add_regime(table, clamped_time_at(file, i), offset_of_type(file, file->indexes[i]));
}

struct change {
    int64_t at;
    int32_t offset;
};

/* The rule's changes in order. Where one year's second falls on the next year's first, the later
 * wins: that is how a rule says that it is summer all year (RFC 8536 section 3.3.1). */
static void list_changes(const struct timezone_rule *rule, int64_t first_year,
                         struct change changes[2 * RULE_YEARS])
{
    for (size_t i = 0; i < RULE_YEARS; i++) {
        struct change begins = {.offset = rule->summer};
        struct change ends = {.offset = rule->standard};
        timezone_rule_year(rule, first_year + (int64_t)i, &begins.at, &ends.at);
        bool northern = begins.at < ends.at;
        changes[2 * i] = northern ? begins : ends;
        changes[2 * i + 1] = northern ? ends : begins;
    }
    /* They are in order but for odd rules that reach into a neighbouring year. */
    for (size_t i = 1; i < 2 * RULE_YEARS; i++) {
        struct change moved = changes[i];
        size_t at = i;
        for (; at > 0 && changes[at - 1].at > moved.at; at--)
            changes[at] = changes[at - 1];
        changes[at] = moved;
    }
}

static bool add_rule(struct timezone_table *table, const struct tzif *file)
{
    int64_t year = RULE_YEAR_FIRST;
    int64_t last = TIMEZONE_BEGINNING;
    int month;
    int day;
    if (file->time_count > 0) {
        last = clamped_time_at(file, file->time_count - 1);
        civil_from_days(floor_divide(last, DAY_SECONDS), &year, &month, &day);
    }
    struct change *changes = mem_zalloc(2 * RULE_YEARS, sizeof(*changes));
    if (!changes)
        return false;
    list_changes(&file->rule, year, changes);
    for (size_t i = 0; i < 2 * RULE_YEARS; i++) {
        if (changes[i].at > last)
            add_regime(table, changes[i].at, changes[i].offset);
    }
    mem_free(changes);

    int64_t cycle_from = days_from_civil(year + CYCLE_FIRST_YEAR, 1, 1) * DAY_SECONDS;
    if (table->starts[table->count - 1] > cycle_from)
        table->cycle_from = cycle_from;
    return true;
}

struct timezone_table *timezone_parse(const void *bytes, size_t size, ecommerce_error *err)
{
    struct tzif file = {0};
    const char *fault = read_tzif((struct reader){.at = bytes, .left = size}, &file);
    if (fault) {
        error_set(err, ECOMMERCE_INVALID_CONFIGURATION, "the time zone's file is wrong: %s", fault);
        return NULL;
    }
    bool unroll = file.has_rule && file.rule.has_summer;
    struct timezone_table *table =
        table_new(1 + file.time_count + (unroll ? 2 * (size_t)RULE_YEARS : 0));
    if (!table)
        goto fail;
    add_file(table, &file);
    if (unroll && !add_rule(table, &file))
        goto fail;
    table->max_offset = table->offsets[0];
    for (size_t i = 1; i < table->count; i++) {
        if (table->offsets[i] > table->max_offset)
            table->max_offset = table->offsets[i];
    }
    return table;

fail:
    mem_free(table);
    error_memory(err);
    return NULL;
}

/* ---- from a name to a file ---- */

/* No leading slash and no dot: the name cannot leave its folder. */
static bool is_zone_name(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t length = strlen(name);
    return length > 0 && length <= NAME_LENGTH_MAX && name[0] != '/' &&
           strspn(name, allowed) == length;
}

/* -1 when there is no such file. */
static int open_zone(const char *name)
{
    const char *folder = getenv("TZDIR");
    char path[PATH_MAX];
    if (!folder || !*folder)
        folder = "/usr/share/zoneinfo";
    int size = snprintf(path, sizeof(path), "%s/%s", folder, name);
    if (size < 0 || (size_t)size >= sizeof(path))
        return -1;
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* The bytes read, or -1. */
static ssize_t read_whole(int file, uint8_t *bytes, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = read(file, bytes + have, size - have);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static struct timezone_table *load_file(int file, const char *name, ecommerce_error *err)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size > FILE_SIZE_MAX) {
        error_set(err, ECOMMERCE_INVALID_CONFIGURATION, "there is no time zone '%s'", name);
        return NULL;
    }
    uint8_t *bytes = mem_alloc((size_t)status.st_size);
    if (!bytes) {
        error_memory(err);
        return NULL;
    }
    struct timezone_table *zone = NULL;
    ssize_t size = read_whole(file, bytes, (size_t)status.st_size);
    if (size < 0)
        error_set(err, ECOMMERCE_INVALID_CONFIGURATION,
                  "the file of the time zone '%s' is unreadable", name);
    else
        zone = timezone_parse(bytes, (size_t)size, err);
    mem_free(bytes);
    return zone;
}

static struct timezone_table *utc_new(ecommerce_error *err)
{
    struct timezone_table *zone = table_new(1);
    if (zone)
        add_regime(zone, TIMEZONE_BEGINNING, 0);
    else
        error_memory(err);
    return zone;
}

struct timezone_table *timezone_load(const char *name, ecommerce_error *err)
{
    if (strcmp(name, "UTC") == 0)
        return utc_new(err);
    if (!is_zone_name(name)) {
        error_set(err, ECOMMERCE_INVALID_CONFIGURATION,
                  "a time zone has a name such as Europe/London");
        return NULL;
    }
    int file = open_zone(name);
    if (file < 0) {
        error_set(err, ECOMMERCE_INVALID_CONFIGURATION, "there is no time zone '%s'", name);
        return NULL;
    }
    struct timezone_table *zone = load_file(file, name, err);
    close(file);
    return zone;
}
