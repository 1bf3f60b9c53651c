/*
 * test_timezone.c - the local calendar around clock changes, buckets that cover all time, and what
 * is refused as a time zone.
 */
#include "support/timezone.h"

#include "support/alloc.h"
#include "support/seams.h"
#include "support/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUR (INT64_C(3600) * MICROSECONDS)
#define DAY (24 * HOUR)

static struct timezone_table *load(const char *name)
{
    ecommerce_error err = {0};
    struct timezone_table *zone = timezone_load(name, &err);
    if (!zone)
        fail_msg("%s: %s", name, err.message);
    return zone;
}

static int64_t utc(const char *text)
{
    int64_t value = 0;
    if (!timestamp_parse(str_of(text), &value, NULL))
        fail_msg("the test's own time '%s' is wrong", text);
    return value;
}

static const char *written(int64_t instant)
{
    static char texts[4][TIMESTAMP_TEXT];
    static unsigned next;
    char *text = texts[next++ % 4];
    timestamp_format(instant, text);
    return text;
}

#define assert_instant(instant, text) assert_string_equal(written(instant), text)

/* "2011-03-27 02:00:00 7 +3600" */
static const char *local_text(const struct timezone_table *zone, const char *instant)
{
    static char text[128];
    struct local_time local;
    timezone_local(zone, utc(instant), &local);
    snprintf(text, sizeof(text), "%04lld-%02d-%02d %02d:%02d:%02d %d %+d", (long long)local.year,
             local.month, local.day, local.hour, local.minute, local.second, local.weekday,
             local.offset);
    return text;
}

static void instants_have_their_local_time(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *instant, *local;
    } cases[] = {
        {"UTC", "1970-01-01T00:00:00Z", "1970-01-01 00:00:00 4 +0"},
        {"UTC", "1969-12-31T23:59:59.999999Z", "1969-12-31 23:59:59 3 +0"},
        {"Europe/London", "2011-03-27T00:59:59.999999Z", "2011-03-27 00:59:59 7 +0"},
        {"Europe/London", "2011-03-27T01:00:00Z", "2011-03-27 02:00:00 7 +3600"},
        {"Europe/London", "2011-10-30T00:59:59Z", "2011-10-30 01:59:59 7 +3600"},
        {"Europe/London", "2011-10-30T01:00:00Z", "2011-10-30 01:00:00 7 +0"},
        {"Europe/London", "1970-07-01T00:00:00Z", "1970-07-01 01:00:00 3 +3600"},
        {"Europe/London", "1970-01-01T00:00:00Z", "1970-01-01 01:00:00 4 +3600"},
        {"Europe/London", "1800-01-01T00:00:00Z", "1799-12-31 23:58:45 2 -75"},
        {"Europe/London", "2060-03-28T00:59:59Z", "2060-03-28 00:59:59 7 +0"},
        {"Europe/London", "2060-03-28T01:00:00Z", "2060-03-28 02:00:00 7 +3600"},
        {"Europe/London", "2060-10-31T01:00:00Z", "2060-10-31 01:00:00 7 +0"},
        {"Europe/London", "9999-07-01T12:00:00Z", "9999-07-01 13:00:00 4 +3600"},
        {"Europe/London", "9999-12-31T12:00:00Z", "9999-12-31 12:00:00 5 +0"},
        {"America/New_York", "2011-03-13T06:59:59Z", "2011-03-13 01:59:59 7 -18000"},
        {"America/New_York", "2011-03-13T07:00:00Z", "2011-03-13 03:00:00 7 -14400"},
        {"America/New_York", "2011-11-06T05:59:59Z", "2011-11-06 01:59:59 7 -14400"},
        {"America/New_York", "2011-11-06T06:00:00Z", "2011-11-06 01:00:00 7 -18000"},
        {"America/New_York", "2060-03-14T07:00:00Z", "2060-03-14 03:00:00 7 -14400"},
        {"Asia/Kathmandu", "2011-12-09T12:50:00Z", "2011-12-09 18:35:00 5 +20700"},
        {"Asia/Kathmandu", "2060-12-31T18:15:00Z", "2061-01-01 00:00:00 6 +20700"},
        {"Australia/Lord_Howe", "2011-04-02T14:59:59Z", "2011-04-03 01:59:59 7 +39600"},
        {"Australia/Lord_Howe", "2011-04-02T15:00:00Z", "2011-04-03 01:30:00 7 +37800"},
        {"Australia/Lord_Howe", "2011-10-01T15:29:59Z", "2011-10-02 01:59:59 7 +37800"},
        {"Australia/Lord_Howe", "2011-10-01T15:30:00Z", "2011-10-02 02:30:00 7 +39600"},
        {"Europe/Dublin", "2060-07-01T00:00:00Z", "2060-07-01 01:00:00 4 +3600"},
        {"America/Nuuk", "2060-07-01T00:00:00Z", "2060-06-30 23:00:00 3 -3600"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct timezone_table *zone = load(cases[i].zone);
        assert_string_equal(local_text(zone, cases[i].instant), cases[i].local);
        timezone_free(&zone);
        assert_null(zone);
    }
}

static void local_times_have_their_instant(void **state)
{
    (void)state;
    struct timezone_table *london = load("Europe/London");
    assert_instant(timezone_utc(london, 2011, 7, 1, 12, 0, 0), "2011-07-01T11:00:00Z");
    assert_instant(timezone_utc(london, 2011, 12, 9, 12, 50, 0), "2011-12-09T12:50:00Z");
    /* In the gap: the instant of the jump. */
    assert_instant(timezone_utc(london, 2011, 3, 27, 0, 59, 59), "2011-03-27T00:59:59Z");
    assert_instant(timezone_utc(london, 2011, 3, 27, 1, 0, 0), "2011-03-27T01:00:00Z");
    assert_instant(timezone_utc(london, 2011, 3, 27, 1, 30, 0), "2011-03-27T01:00:00Z");
    assert_instant(timezone_utc(london, 2011, 3, 27, 2, 0, 0), "2011-03-27T01:00:00Z");
    /* Twice: the first. */
    assert_instant(timezone_utc(london, 2011, 10, 30, 1, 30, 0), "2011-10-30T00:30:00Z");
    assert_instant(timezone_utc(london, 2011, 10, 30, 2, 0, 0), "2011-10-30T02:00:00Z");
    /* Beyond their range. */
    assert_instant(timezone_utc(london, 2011, 13, 1, 0, 0, 0), "2012-01-01T00:00:00Z");
    assert_instant(timezone_utc(london, 2011, -11, 1, 0, 0, 0), "2010-01-01T00:00:00Z");
    assert_instant(timezone_utc(london, 2012, 3, 0, 0, 0, 0), "2012-02-29T00:00:00Z");
    assert_instant(timezone_utc(london, 2011, 12, 9, 36, 0, -1), "2011-12-10T11:59:59Z");
    assert_instant(timezone_utc(london, 2060, 7, 1, 12, 0, 0), "2060-07-01T11:00:00Z");
    assert_true(timezone_utc(london, INT64_MAX, 1, 1, 0, 0, 0) > utc("9999-12-31"));
    assert_int_equal(timezone_utc(london, INT64_MAX, 1, INT32_MAX, 0, 0, 0), INT64_MAX);
    assert_int_equal(timezone_utc(london, INT64_MIN, INT32_MIN, 1, 0, 0, 0), INT64_MIN);
    timezone_free(&london);

    struct timezone_table *lord_howe = load("Australia/Lord_Howe");
    assert_instant(timezone_utc(lord_howe, 2011, 4, 3, 1, 45, 0), "2011-04-02T14:45:00Z");
    assert_instant(timezone_utc(lord_howe, 2011, 10, 2, 2, 15, 0), "2011-10-01T15:30:00Z");
    timezone_free(&lord_howe);
}

/* What happens in 2500 happens in 2100 too, and 10,000 years later. */
static void later_years_repeat_after_400(void **state)
{
    (void)state;
    const int64_t cycle = 146097 * DAY;
    struct timezone_table *zone = load("America/New_York");
    for (int64_t t = utc("2100-01-01"); t < utc("2102-01-01"); t += HOUR * 7 + 1) {
        struct local_time first;
        struct local_time later;
        timezone_local(zone, t, &first);
        for (int cycles = 1; cycles <= 25; cycles += 6) {
            timezone_local(zone, t + cycles * cycle, &later);
            assert_int_equal(later.year, first.year + 400 * cycles);
            assert_int_equal(later.offset, first.offset);
            assert_int_equal(later.weekday, first.weekday);
            assert_int_equal(bucket_next(zone, GRAIN_DAY, t + cycles * cycle),
                             bucket_next(zone, GRAIN_DAY, t) + cycles * cycle);
        }
    }
    timezone_free(&zone);
}

static const struct {
    const char *zone;
    enum grain grain;
    const char *instant, *start, *next;
} bucket_cases[] = {
    {"Europe/London", GRAIN_DAY, "2011-03-27T12:00:00Z", "2011-03-27T00:00:00Z",
     "2011-03-27T23:00:00Z"}, /* 23 hours */
    {"Europe/London", GRAIN_DAY, "2011-10-30T12:00:00Z", "2011-10-29T23:00:00Z",
     "2011-10-31T00:00:00Z"}, /* 25 hours */
    {"Europe/London", GRAIN_DAY, "2011-10-30T23:59:59.999999Z", "2011-10-29T23:00:00Z",
     "2011-10-31T00:00:00Z"},
    {"Europe/London", GRAIN_HOUR, "2011-10-30T00:59:59Z", "2011-10-30T00:00:00Z",
     "2011-10-30T01:00:00Z"}, /* the first 01:59 */
    {"Europe/London", GRAIN_HOUR, "2011-10-30T01:59:59Z", "2011-10-30T01:00:00Z",
     "2011-10-30T02:00:00Z"}, /* the second */
    {"Europe/London", GRAIN_HOUR, "2011-03-27T00:30:00Z", "2011-03-27T00:00:00Z",
     "2011-03-27T01:00:00Z"},
    {"Europe/London", GRAIN_WEEK, "2011-03-27T22:59:59Z", "2011-03-21T00:00:00Z",
     "2011-03-27T23:00:00Z"}, /* a Sunday is the end of a week */
    {"Europe/London", GRAIN_WEEK, "2011-03-27T23:00:00Z", "2011-03-27T23:00:00Z",
     "2011-04-03T23:00:00Z"},
    {"Europe/London", GRAIN_MONTH, "2011-03-31T22:59:59Z", "2011-03-01T00:00:00Z",
     "2011-03-31T23:00:00Z"},
    {"Europe/London", GRAIN_MONTH, "2011-10-31T12:00:00Z", "2011-09-30T23:00:00Z",
     "2011-11-01T00:00:00Z"},
    {"Europe/London", GRAIN_MONTH, "2011-12-09T12:50:00Z", "2011-12-01T00:00:00Z",
     "2012-01-01T00:00:00Z"},
    {"Europe/London", GRAIN_YEAR, "2011-12-09T12:50:00Z", "2011-01-01T00:00:00Z",
     "2012-01-01T00:00:00Z"},
    {"Europe/London", GRAIN_YEAR, "2012-07-01T00:00:00Z", "2012-01-01T00:00:00Z",
     "2013-01-01T00:00:00Z"},
    {"America/New_York", GRAIN_DAY, "2011-12-09T03:00:00Z", "2011-12-08T05:00:00Z",
     "2011-12-09T05:00:00Z"},
    {"America/New_York", GRAIN_DAY, "2060-03-14T12:00:00Z", "2060-03-14T05:00:00Z",
     "2060-03-15T04:00:00Z"},
    {"America/New_York", GRAIN_YEAR, "2011-07-01T00:00:00Z", "2011-01-01T05:00:00Z",
     "2012-01-01T05:00:00Z"},
    {"Asia/Kathmandu", GRAIN_HOUR, "2011-12-09T12:50:00Z", "2011-12-09T12:15:00Z",
     "2011-12-09T13:15:00Z"},
    {"Asia/Kathmandu", GRAIN_DAY, "2011-12-09T18:15:00Z", "2011-12-09T18:15:00Z",
     "2011-12-10T18:15:00Z"},
    /* Half an hour back: 01:00 to 02:00, then 01:30 to 02:00 again. */
    {"Australia/Lord_Howe", GRAIN_HOUR, "2011-04-02T14:45:00Z", "2011-04-02T14:00:00Z",
     "2011-04-02T15:00:00Z"},
    {"Australia/Lord_Howe", GRAIN_HOUR, "2011-04-02T15:10:00Z", "2011-04-02T15:00:00Z",
     "2011-04-02T15:30:00Z"},
    {"Australia/Lord_Howe", GRAIN_DAY, "2011-04-02T18:00:00Z", "2011-04-02T13:00:00Z",
     "2011-04-03T13:30:00Z"}, /* 24.5 hours */
    /* Midnight is jumped over: the day begins at one o'clock. */
    {"America/Sao_Paulo", GRAIN_DAY, "2011-10-16T12:00:00Z", "2011-10-16T03:00:00Z",
     "2011-10-17T02:00:00Z"},
    /* Midnight comes twice: the day has 25 hours from the first on. */
    {"America/Havana", GRAIN_DAY, "2011-11-13T04:30:00Z", "2011-11-13T04:00:00Z",
     "2011-11-14T05:00:00Z"},
    {"America/Havana", GRAIN_DAY, "2011-11-13T05:30:00Z", "2011-11-13T04:00:00Z",
     "2011-11-14T05:00:00Z"},
    /* One minute past midnight the clock goes back into the day before, which has ended. */
    {"America/St_Johns", GRAIN_DAY, "2006-10-29T02:30:30Z", "2006-10-29T02:30:00Z",
     "2006-10-30T03:30:00Z"},
    {"America/St_Johns", GRAIN_DAY, "2006-10-29T03:00:00Z", "2006-10-29T02:30:00Z",
     "2006-10-30T03:30:00Z"},
    {"America/St_Johns", GRAIN_DAY, "2006-10-29T02:29:59Z", "2006-10-28T02:30:00Z",
     "2006-10-29T02:30:00Z"},
    /* Samoa had no 30 December. */
    {"Pacific/Apia", GRAIN_DAY, "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z",
     "2011-12-30T10:00:00Z"},
    {"Pacific/Apia", GRAIN_DAY, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z",
     "2011-12-31T10:00:00Z"},
};

static void buckets_begin_where_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(bucket_cases); i++) {
        struct timezone_table *zone = load(bucket_cases[i].zone);
        int64_t instant = utc(bucket_cases[i].instant);
        assert_instant(bucket_start(zone, bucket_cases[i].grain, instant), bucket_cases[i].start);
        assert_instant(bucket_next(zone, bucket_cases[i].grain, instant), bucket_cases[i].next);
        timezone_free(&zone);
    }
}

static void assert_bucket(const char *name, const struct timezone_table *zone, enum grain grain,
                          int64_t t)
{
    int64_t start = bucket_start(zone, grain, t);
    int64_t next = bucket_next(zone, grain, t);
    if (start > t || next <= t)
        fail_msg("%s, grain %d: %s is not in %s to %s", name, grain, written(t), written(start),
                 written(next));
    if (bucket_start(zone, grain, start) != start || bucket_start(zone, grain, next) != next ||
        bucket_start(zone, grain, next - 1) != start || bucket_next(zone, grain, start) != next)
        fail_msg("%s, grain %d: %s to %s is not one bucket", name, grain, written(start),
                 written(next));
}

/* The instants around each change of an offset between the years, and steps in between. */
static void walk_zone(const char *name, const char *from, const char *until)
{
    struct timezone_table *zone = load(name);
    struct local_time last;
    timezone_local(zone, utc(from), &last);
    for (int64_t t = utc(from); t < utc(until); t += 12 * HOUR + 1234567) {
        struct local_time local;
        timezone_local(zone, t, &local);
        int64_t step = local.offset != last.offset ? HOUR / 2 : 6 * HOUR;
        for (int64_t at = t - 12 * HOUR; at <= t; at += step) {
            for (enum grain grain = GRAIN_HOUR; grain <= GRAIN_YEAR; grain++)
                assert_bucket(name, zone, grain, at);
        }
        last = local;
    }
    timezone_free(&zone);
}

static void buckets_cover_all_time(void **state)
{
    (void)state;
    static const char *const names[] = {
        "UTC",           "Europe/London",       "America/New_York",  "Asia/Kathmandu",
        "Asia/Manila",   "Australia/Lord_Howe", "America/Sao_Paulo", "America/Havana",
        "Pacific/Apia",  "America/St_Johns",    "Africa/Casablanca", "Pacific/Kwajalein",
        "Europe/Dublin", "Antarctica/Troll",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        walk_zone(names[i], "1969-01-01", "1971-01-01");
        walk_zone(names[i], "2005-01-01", "2013-01-01");
        walk_zone(names[i], "2059-06-01", "2060-12-31");
    }
    walk_zone("Asia/Manila", "1844-12-01", "1845-02-01");
    walk_zone("America/Juneau", "1867-10-01", "1867-11-01");   /* the same day twice */
    walk_zone("America/New_York", "2430-01-01", "2445-01-01"); /* where the cycle begins again */
}

static void week_buckets_begin_on_monday(void **state)
{
    (void)state;
    struct timezone_table *zone = load("America/New_York");
    for (int64_t t = utc("2000-01-01"); t < utc("2012-01-01");
         t = bucket_next(zone, GRAIN_WEEK, t)) {
        struct local_time local;
        timezone_local(zone, bucket_start(zone, GRAIN_WEEK, t), &local);
        assert_int_equal(local.weekday, 1);
        assert_int_equal(local.hour + local.minute + local.second, 0);
    }
    timezone_free(&zone);
}

static void a_cursor_answers_as_bucket_start_does(void **state)
{
    (void)state;
    struct timezone_table *zone = load("Europe/London");
    struct bucket_cursor cursor = {.zone = zone, .grain = GRAIN_DAY};
    uint64_t seed = 1;
    int64_t t = utc("2011-03-20");
    for (int i = 0; i < 5000; i++) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        t += (int64_t)(seed >> 34) * 37 - 15 * HOUR;
        assert_int_equal(bucket_cursor_start(&cursor, t), bucket_start(zone, GRAIN_DAY, t));
    }
    timezone_free(&zone);
}

static void the_ends_of_time_do_no_harm(void **state)
{
    (void)state;
    struct timezone_table *zone = load("America/New_York");
    for (enum grain grain = GRAIN_HOUR; grain <= GRAIN_YEAR; grain++) {
        struct local_time local;
        assert_true(bucket_start(zone, grain, INT64_MAX) <= INT64_MAX - 1);
        assert_int_equal(bucket_next(zone, grain, INT64_MAX), INT64_MAX);
        assert_int_equal(bucket_start(zone, grain, INT64_MIN), INT64_MIN);
        timezone_local(zone, INT64_MAX, &local);
        assert_int_equal(local.year, 294247);
    }
    timezone_free(&zone);
}

/* ---- names and files ---- */

static void unknown_zones_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        "Europe/Atlantis",
        "Europe",
        "../etc/passwd",
        "/etc/localtime",
        "a b",
        "Europe/London\n",
        "Europe/.",
        "zone.tab",
        "Europe//../London",
        "tzdata",
        "A123456789B123456789C123456789D123456789E123456789F123456789G1234",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        ecommerce_error err = {0};
        struct timezone_table *zone = timezone_load(names[i], &err);
        if (zone)
            fail_msg("'%s' was loaded", names[i]);
        assert_int_equal(err.code, ECOMMERCE_INVALID_CONFIGURATION);
    }
    assert_null(timezone_load("Europe/Atlantis", NULL));
}

/* A TZif file made by hand: one transition at `at`, from offset 0 to 3600, and a footer. */
struct made {
    uint8_t bytes[512];
    size_t size;
};

static void put(struct made *file, const void *bytes, size_t size)
{
    assert_true(file->size + size <= sizeof(file->bytes));
    memcpy(file->bytes + file->size, bytes, size);
    file->size += size;
}

static void put_number(struct made *file, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        put(file, &(uint8_t){(uint8_t)(value >> (8 * i))}, 1);
}

static void put_header(struct made *file, char version, uint32_t times, uint32_t types,
                       uint32_t characters)
{
    put(file, "TZif", 4);
    put(file, &version, 1);
    put(file, (char[15]){0}, 15);
    put_number(file, 0, 4); /* UTC marks */
    put_number(file, 0, 4); /* standard marks */
    put_number(file, 0, 4); /* leap seconds */
    put_number(file, times, 4);
    put_number(file, types, 4);
    put_number(file, characters, 4);
}

enum {
    BODY = 2 * 44 + 7
}; /* where the 64-bit data begin: two headers and one type of seven bytes */

static struct made make_file(int64_t at, const char *footer)
{
    struct made file = {.size = 0};
    put_header(&file, '2', 0, 1, 1);
    put(&file, (char[7]){0}, 7);
    put_header(&file, '2', 1, 2, 4);
    put_number(&file, (uint64_t)at, 8);
    put(&file, (char[]){1}, 1);
    put(&file, "\0\0\0\0\0\0", 6);
    put(&file, "\0\0\x0E\x10\1\0", 6);
    put(&file, "XST", 4);
    put(&file, footer, strlen(footer));
    return file;
}

static struct timezone_table *parse(const struct made *file, ecommerce_error *err)
{
    /* A copy of exactly the size, so that the address sanitizer sees each byte read past it. */
    uint8_t *copy = malloc(file->size ? file->size : 1);
    assert_non_null(copy);
    memcpy(copy, file->bytes, file->size);
    struct timezone_table *zone = timezone_parse(copy, file->size, err);
    free(copy);
    return zone;
}

static int offset_at(const struct timezone_table *zone, const char *instant)
{
    struct local_time local;
    timezone_local(zone, utc(instant), &local);
    return local.offset;
}

static void files_made_by_hand_are_read(void **state)
{
    (void)state;
    struct made file = make_file(1000000000, "\n\n"); /* 2001-09-09, and nothing known after */
    struct timezone_table *zone = parse(&file, NULL);
    assert_non_null(zone);
    assert_int_equal(offset_at(zone, "2001-09-09T01:46:39Z"), 0);
    assert_int_equal(offset_at(zone, "2001-09-09T01:46:40Z"), 3600);
    assert_int_equal(offset_at(zone, "9999-01-01"), 3600);
    timezone_free(&zone);
}

static void rules_for_later_years_are_followed(void **state)
{
    (void)state;
    static const struct {
        const char *footer, *instant;
        int offset;
    } cases[] = {
        {"\nXST-1\n", "2040-07-01", 3600},
        {"\n<+0545>-5:45\n", "2002-07-01", 3600}, /* no change of its own: the last type stays */
        {"\nXST-1XDT,M3.5.0,M10.5.0\n", "2040-03-25T00:59:59Z", 3600},
        {"\nXST-1XDT,M3.5.0,M10.5.0\n", "2040-03-25T01:00:00Z", 7200},
        {"\nXST-1XDT,M3.5.0,M10.5.0/3\n", "2040-10-28T00:59:59Z", 7200},
        {"\nXST-1XDT,M3.5.0,M10.5.0/3\n", "2040-10-28T01:00:00Z", 3600},
        {"\nXST-1XDT-3:30:15,J60/0,J300/0\n", "2040-02-29T22:59:59Z", 3600}, /* J60 is 1 March */
        {"\nXST-1XDT-3:30:15,J60/0,J300/0\n", "2040-02-29T23:00:00Z", 12615},
        {"\nXST-1XDT-3:30:15,J60/0,J300/0\n", "2041-02-28T23:00:00Z", 12615},
        {"\nXST-1XDT,59/0,300/0\n", "2040-02-28T23:00:00Z", 7200}, /* 59 is 29 February */
        {"\nXST-1XDT,59/0,300/0\n", "2041-02-28T22:59:59Z", 3600},
        {"\nXST3XDT,0/0,J365/25\n", "2040-01-01T02:59:59Z", -7200}, /* summer all year */
        {"\nXST3XDT,0/0,J365/25\n", "2040-07-01", -7200},
        {"\nXST3XDT,0/0,J365/25\n", "2999-12-31T23:59:59Z", -7200},
        {"\nXST-1XDT,M10.1.0/-1,M4.1.0/26\n", "2040-10-06T21:59:59Z", 3600},
        {"\nXST-1XDT,M10.1.0/-1,M4.1.0/26\n", "2040-10-06T22:00:00Z", 7200},
        {"\nXST-1XDT,M10.1.0/-1,M4.1.0/26\n", "2040-04-01T23:59:59Z", 7200},
        {"\nXST-1XDT,M10.1.0/-1,M4.1.0/26\n", "2040-04-02T00:00:00Z", 3600},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct made file = make_file(1000000000, cases[i].footer);
        ecommerce_error err = {0};
        struct timezone_table *zone = parse(&file, &err);
        if (!zone)
            fail_msg("%s: %s", cases[i].footer, err.message);
        if (offset_at(zone, cases[i].instant) != cases[i].offset)
            fail_msg("%s at %s is %d", cases[i].footer, cases[i].instant,
                     offset_at(zone, cases[i].instant));
        timezone_free(&zone);
    }
}

/* Also where the unrolled years end and begin again; the file's own history must not come back. */
static void every_later_year_has_its_seasons(void **state)
{
    (void)state;
    struct made file = make_file(1000000000, "\nXST0XDT,M3.5.0,M10.5.0\n"); /* in 2001 */
    struct timezone_table *zone = parse(&file, NULL);
    assert_non_null(zone);
    for (int64_t year = 2002; year < 2002 + 1300; year++) {
        for (int month = 1; month <= 12; month++) {
            struct local_time local;
            timezone_local(zone, timezone_utc(zone, year, month, 15, 12, 0, 0), &local);
            assert_int_equal(local.year, year);
            assert_int_equal(local.month, month);
            assert_int_equal(local.offset, month >= 4 && month <= 10 ? 3600 : 0);
        }
    }
    timezone_free(&zone);
}

static void wrong_rules_are_refused(void **state)
{
    (void)state;
    static const char *const footers[] = {
        "",
        "\n",
        "\nXST-1",
        "XST-1\n",
        "\nXS-1\n",
        "\n-1\n",
        "\nXST\n",
        "\n<XST-1\n",
        "\nXST-\n",
        "\nXST-25\n",
        "\nXST-1:60\n",
        "\nXST-1:0:60\n",
        "\nXST-1 \n",
        "\nXST-1XDT\n",
        "\nXST-1XDT,M3.5.0\n",
        "\nXST-1XDT,M3.5.0,\n",
        "\nXST-1XDT,M13.1.0,M4.1.0\n",
        "\nXST-1XDT,M0.1.0,M4.1.0\n",
        "\nXST-1XDT,M3.6.0,M4.1.0\n",
        "\nXST-1XDT,M3.0.0,M4.1.0\n",
        "\nXST-1XDT,M3.1.7,M4.1.0\n",
        "\nXST-1XDT,J0,J5\n",
        "\nXST-1XDT,J366,J5\n",
        "\nXST-1XDT,366,5\n",
        "\nXST-1XDT,5/168,50\n",
        "\nXST-1XDT,5,50,\n",
        "\nXST-1XDT,5,50/\n",
        "\nXST-99999999999999\n",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(footers); i++) {
        struct made file = make_file(1000000000, footers[i]);
        ecommerce_error err = {0};
        struct timezone_table *zone = parse(&file, &err);
        if (zone)
            fail_msg("the rule '%s' was taken", footers[i]);
        assert_int_equal(err.code, ECOMMERCE_INVALID_CONFIGURATION);
    }
}

static void malformed_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t byte;
    } cases[] = {
        {0, 't'}, /* magic */
        {4, 0},   /* version 1 has no 64-bit part */
        {4, '1'},
        {32, 0xFF},     /* more times than there are bytes */
        {51, 'X'},      /* the second magic */
        {BODY - 24, 1}, /* UTC marks without a type each */
        {BODY - 20 + 3, 1},
        {BODY - 16 + 3, 1}, /* a leap second */
        {BODY - 12, 0xFF},
        {BODY - 8 + 3, 0}, /* no types */
        {BODY - 4 + 3, 0}, /* no names */
        {BODY, 0x7F},      /* a transition after the end of time */
        {BODY + 8, 2},     /* to a type that is not there */
        {BODY + 9 + 4, 2}, /* neither summer nor winter */
        {BODY + 9 + 5, 4}, /* a name that is not there */
        {BODY + 9, 0x7F},  /* offsets of years */
        {BODY + 9, 0x80},
    };
    struct made good = make_file(1000000000, "\nXST-1\n");
    struct timezone_table *zone = parse(&good, NULL);
    assert_non_null(zone);
    timezone_free(&zone);
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct made file = good;
        ecommerce_error err = {0};
        file.bytes[cases[i].at] = cases[i].byte;
        zone = parse(&file, &err);
        if (zone)
            fail_msg("taken with byte %zu = %d", cases[i].at, cases[i].byte);
        assert_int_equal(err.code, ECOMMERCE_INVALID_CONFIGURATION);
    }
    for (size_t size = 0; size < good.size; size++) {
        struct made file = good;
        file.size = size;
        if (parse(&file, NULL))
            fail_msg("taken although cut to %zu bytes", size);
    }
}

static void an_exhausted_heap_is_reported(void **state)
{
    (void)state;
    struct timezone_table *zone = NULL;
    long before = mem_live_blocks();
    for (int allowed = 0; !zone; allowed++) {
        ecommerce_error err = {0};
        assert_true(allowed < 10);
        mem_fail_after(allowed);
        zone = timezone_load("Europe/London", &err);
        mem_fail_after(-1);
        if (!zone) {
            assert_int_equal(err.code, ECOMMERCE_OUT_OF_MEMORY);
            assert_int_equal(mem_live_blocks(), before);
        }
    }
    timezone_free(&zone);
    assert_int_equal(mem_live_blocks(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_have_their_local_time),
        cmocka_unit_test(local_times_have_their_instant),
        cmocka_unit_test(later_years_repeat_after_400),
        cmocka_unit_test(buckets_begin_where_they_should),
        cmocka_unit_test(buckets_cover_all_time),
        cmocka_unit_test(week_buckets_begin_on_monday),
        cmocka_unit_test(a_cursor_answers_as_bucket_start_does),
        cmocka_unit_test(the_ends_of_time_do_no_harm),
        cmocka_unit_test(unknown_zones_are_refused),
        cmocka_unit_test(files_made_by_hand_are_read),
        cmocka_unit_test(rules_for_later_years_are_followed),
        cmocka_unit_test(every_later_year_has_its_seasons),
        cmocka_unit_test(wrong_rules_are_refused),
        cmocka_unit_test(malformed_files_are_refused),
        cmocka_unit_test(an_exhausted_heap_is_reported),
    };
    struct timezone_table *zone = timezone_load("Europe/London", NULL);
    if (!zone) {
        print_message("skipped: the system has no time zone files\n");
        return 77;
    }
    timezone_free(&zone);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
