/*
 * test_timestamp.c - the calendar, and times as text in both directions.
 */
#include "support/timestamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void days_count_from_1970(void **state)
{
    (void)state;
    static const struct {
        int64_t year;
        int month, day;
        int64_t days;
    } cases[] = {
        {1970, 1, 1, 0},       {1969, 12, 31, -1},      {1970, 3, 1, 59},
        {2000, 2, 29, 11016},  {2000, 3, 1, 11017},     {1900, 2, 28, -25509},
        {1900, 3, 1, -25508},  {2011, 12, 9, 15317},    {0, 3, 1, -719468},
        {1, 1, 1, -719162},    {9999, 12, 31, 2932896}, {-1, 12, 31, -719529},
        {-400, 3, 1, -865565}, {2400, 2, 29, 157113},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int64_t year;
        int month;
        int day;
        assert_int_equal(days_from_civil(cases[i].year, cases[i].month, cases[i].day),
                         cases[i].days);
        civil_from_days(cases[i].days, &year, &month, &day);
        assert_int_equal(year, cases[i].year);
        assert_int_equal(month, cases[i].month);
        assert_int_equal(day, cases[i].day);
    }
}

/* Every day of two cycles follows the one before it as a calendar says. */
static void days_and_dates_agree_for_800_years(void **state)
{
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year = 1600;
    int month = 1;
    int day = 1;
    for (int64_t days = days_from_civil(1600, 1, 1); year < 2400; days++) {
        int64_t y;
        int m;
        int d;
        civil_from_days(days, &y, &m, &d);
        if (y != year || m != month || d != day || days_from_civil(year, month, day) != days)
            fail_msg("day %lld is not %lld-%d-%d", (long long)days, (long long)year, month, day);
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (++day > lengths[month - 1] + (leap && month == 2)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
}

static void times_are_read_and_written(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
        const char *written; /* NULL: as read */
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0, NULL},
        {"2011-12-09T12:50:00Z", 1323435000000000, NULL},
        {"2011-12-09T12:50:00.5Z", 1323435000500000, "2011-12-09T12:50:00.500000Z"},
        {"2011-12-09T12:50:00.000001Z", 1323435000000001, NULL},
        {"2011-12-09T12:50:00.0000019999Z", 1323435000000001, "2011-12-09T12:50:00.000001Z"},
        {"2011-12-09t12:50:00z", 1323435000000000, "2011-12-09T12:50:00Z"},
        {"2011-12-09 12:50:00", 1323435000000000, "2011-12-09T12:50:00Z"},
        {"2011-12-09 12:50:00.25", 1323435000250000, "2011-12-09T12:50:00.250000Z"},
        {"2011-12-09 13:50:00+01:00", 1323435000000000, "2011-12-09T12:50:00Z"},
        {"2011-12-09T18:35:00+05:45", 1323435000000000, "2011-12-09T12:50:00Z"},
        {"2011-12-09T00:50:00-12:00", 1323435000000000, "2011-12-09T12:50:00Z"},
        {"2011-12-09T12:50:00-00:00", 1323435000000000, "2011-12-09T12:50:00Z"},
        {"2011-12-09", 1323388800000000, "2011-12-09T00:00:00Z"},
        {"2012-02-29", 1330473600000000, "2012-02-29T00:00:00Z"},
        {"1969-12-31T23:59:59.999999Z", -1, NULL},
        {"0001-01-01T00:00:00Z", -62135596800000000, NULL},
        {"9999-12-31T23:59:59.999999Z", 253402300799999999, NULL},
        {"2016-12-31T23:59:60Z", 1483228800000000, "2017-01-01T00:00:00Z"},
        {"2017-01-01T05:44:60+05:45", 1483228800000000, "2017-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int64_t value = 42;
        char written[TIMESTAMP_TEXT];
        ecommerce_error err = {0};
        if (!timestamp_parse(str_of(cases[i].text), &value, &err))
            fail_msg("'%s' was refused: %s", cases[i].text, err.message);
        assert_int_equal(value, cases[i].value);
        timestamp_format(value, written);
        assert_string_equal(written, cases[i].written ? cases[i].written : cases[i].text);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const struct str cases[] = {
        STR(""),
        STR_NONE,
        STR("today"),
        STR("2011"),
        STR("2011-12"),
        STR("2011-12-9"),
        STR("2011-13-01"),
        STR("2011-00-01"),
        STR("2011-02-29"),
        STR("1900-02-29"),
        STR("2011-04-31"),
        STR("2011-12-00"),
        STR("2011-12-32"),
        STR("0000-12-31"),
        STR("-2011-12-09"),
        STR("+2011-12-09"),
        STR("2011/12/09"),
        STR(" 2011-12-09"),
        STR("2011-12-09 "),
        STR("2011-12-09Z"),
        STR("2011-12-09T"),
        STR("2011-12-09T12:50:00"), /* a local time of which zone? */
        STR("2011-12-09T12:50Z"),
        STR("2011-12-09T24:00:00Z"),
        STR("2011-12-09T12:60:00Z"),
        STR("2011-12-09T12:50:61Z"),
        STR("2011-12-09T12:50:60Z"), /* leap seconds come at midnight UTC only */
        STR("2016-12-31T23:59:60+01:00"),
        STR("2011-12-09T12:50:00.Z"),
        STR("2011-12-09T12:50:00,5Z"),
        STR("2011-12-09T12:50:00ZZ"),
        STR("2011-12-09T12:50:00+1:00"),
        STR("2011-12-09T12:50:00+01"),
        STR("2011-12-09T12:50:00+24:00"),
        STR("2011-12-09T12:50:00+01:60"),
        STR("2011-12-09T12:50:00Z\0"),
        STR("2011-12-09\0T12:50:00Z"),
        STR("0001-01-01T00:00:00+00:01"),
        STR("9999-12-31T23:59:59-00:01"),
        STR("2011-12-09T12:50:00.00000000000000000000000000000000000000000000001"),
        STR("\xFF\xFE"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        int64_t value = 42;
        ecommerce_error err = {0};
        if (timestamp_parse(cases[i], &value, &err))
            fail_msg("'%.*s' was taken for a time", STR_ARG(cases[i]));
        assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
        assert_true(str_is_utf8(str_of(err.message)));
        assert_int_equal(value, 42);
    }
    int64_t value;
    assert_false(timestamp_parse(STR("x"), &value, NULL));
}

/* A view into a longer text: what lies behind it is not read. */
static void only_the_view_is_read(void **state)
{
    (void)state;
    int64_t value = 0;
    assert_true(timestamp_parse(str_make("2011-12-09T12:50:00Z", 10), &value, NULL));
    assert_int_equal(value, 1323388800000000);
    assert_false(timestamp_parse(str_make("2011-12-09T12:50:00Z", 19), &value, NULL));
}

static void the_longest_texts_fit(void **state)
{
    (void)state;
    char text[TIMESTAMP_TEXT];
    timestamp_format(INT64_MAX, text);
    assert_string_equal(text, "294247-01-10T04:00:54.775807Z");
    timestamp_format(INT64_MIN, text);
    assert_string_equal(text, "-290308-12-21T19:59:05.224192Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_count_from_1970),
        cmocka_unit_test(days_and_dates_agree_for_800_years),
        cmocka_unit_test(times_are_read_and_written),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(only_the_view_is_read),
        cmocka_unit_test(the_longest_texts_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
