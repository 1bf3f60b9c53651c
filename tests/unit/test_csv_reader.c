/* The CSV reader: what RFC 4180 allows, what it refuses, limits at N and N+1, gzip. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/imports/csv_reader.h"
#include "support/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

/* Writes all records as "a|b|c/" with the header first, for comparison in one line. */
static bool render(struct csv_reader *reader, char *out, size_t size, ecommerce_error *err)
{
    const struct csv_record *record = csv_header(reader);
    size_t used = 0;
    do {
        for (size_t i = 0; i < record->count; i++)
            used += (size_t)snprintf(out + used, size - used, "%s%.*s", i ? "|" : "",
                                     STR_ARG(record->fields[i]));
        used += (size_t)snprintf(out + used, size - used, "/");
        assert_true(used < size);
        if (!csv_next(reader, &record, err))
            return false;
    } while (record);
    return true;
}

static void assert_reads(struct str text, const struct csv_options *options, const char *expected)
{
    char out[512];
    ecommerce_error err = {0};
    struct csv_reader *reader = csv_open_memory(text, options, &err);
    assert_non_null(reader);
    bool ok = render(reader, out, sizeof out, &err);
    csv_close(&reader);
    assert_string_equal(err.message, "");
    assert_true(ok);
    assert_string_equal(out, expected);
}

static void assert_refuses(struct str text, const struct csv_options *options,
                           enum ecommerce_error_code code, const char *message)
{
    char out[512];
    ecommerce_error err = {0};
    struct csv_reader *reader = csv_open_memory(text, options, &err);
    bool ok = reader && render(reader, out, sizeof out, &err);
    csv_close(&reader);
    assert_false(ok);
    assert_string_equal(err.message, message);
    assert_int_equal(err.code, code);
    assert_string_equal(err.field, "file");
}

/* Every text is read with a roomy buffer and with the smallest, which refills inside tokens. */
static const struct csv_options tiny = {.buffer = 1};

static void test_accepted(void **state)
{
    (void)state;
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"a,b\n1,2\n", "a|b/1|2/"},
        {"a,b\r\n1,2\r\n", "a|b/1|2/"},
        {"a,b\n1,2\r\n3,4\n", "a|b/1|2/3|4/"},
        {"a,b\n1,2", "a|b/1|2/"},
        {"a,b\r\n1,2\r", "a|b/1|2/"},
        {"a,b", "a|b/"},
        {"a,b\n,\n", "a|b/|/"},
        {"a\n\n\n", "a///"},
        {"a,b\n\"x\",\"y\"", "a|b/x|y/"},
        {"a,b\n\"x, y\",\"\"\n", "a|b/x, y|/"},
        {"a,b\n\"7\"\" single\",\"\"\"\"\n", "a|b/7\" single|\"/"},
        {"a,b\n\"\"\"\"\"\",2\n", "a|b/\"\"|2/"},
        {"a,b\n\"one\ntwo\r\nthree\",2\n", "a|b/one\ntwo\r\nthree|2/"},
        {"\"a \"\"b\"\"\",c\n1,2\n", "a \"b\"|c/1|2/"},
        {"a, b \n 1 ,\t2\n", "a| b / 1 |\t2/"},
        {"\xEF\xBB\xBF"
         "a,b\n1,2\n",
         "a|b/1|2/"},
        {"a,b\n\xC2\xA3"
         "20,\xF0\x9F\x8E\x81\n",
         "a|b/\xC2\xA3"
         "20|\xF0\x9F\x8E\x81/"},
        {",a,\n1,2,3\n", "|a|/1|2|3/"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_reads(str_of(cases[i].text), NULL, cases[i].expected);
        assert_reads(str_of(cases[i].text), &tiny, cases[i].expected);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the file is empty"},
        {"\xEF\xBB\xBF", "the file is empty"},
        {"a,b\n1\n", "line 2 has 1 columns, the header has 2"},
        {"a,b\n1,2\n\n", "line 3 has 1 columns, the header has 2"},
        {"a,b\n1,2,3\n", "line 2 has 3 columns, the header has 2"},
        {"a,b\n\"x\ny\",2\n1\n", "line 4 has 1 columns, the header has 2"},
        {"a,b\n1,2\n3", "line 3 has 1 columns, the header has 2"},
        {"a,a\n1,2\n", "the header names the column 'a' twice"},
        {"a,b\n1,\"2\n", "line 2, column 3: the file ends inside the quotes that open here"},
        {"a,b\n1,\"2\"\"", "line 2, column 3: the file ends inside the quotes that open here"},
        {"a,b\n1,\"", "line 2, column 3: the file ends inside the quotes that open here"},
        {"a,b\n\"x\ny\",\"z\n", "line 3, column 4: the file ends inside the quotes that open here"},
        {"a,b\n1,2\"\n", "line 2, column 4: a quote inside a field without quotes"},
        {"a,b\n\"1\"x,2\n", "line 2, column 4: text behind a closing quote"},
        {"a,b\n\"1\" ,2\n", "line 2, column 4: text behind a closing quote"},
        {"a,b\r1,2\r", "line 1, column 4: a carriage return without a line feed"},
        {"PK\x03\x04,b\n", "the file is a zip archive or a spreadsheet: save it as CSV"},
        {"\xFF\xFE"
         "a",
         "the file is UTF-16: convert it to UTF-8"},
        {"\xFE\xFF"
         "a",
         "the file is UTF-16: convert it to UTF-8"},
        {"a,b\n1,\xC2\xA3\n2,\xA3"
         "20\n",
         "line 3, column 3: byte 0xA3 is not UTF-8; the file looks like Latin-1 or Windows-1252: "
         "convert it to UTF-8"},
        {"a,b\n\"\xC3\xA9\n\xC3\xA9\",\x80\n",
         "line 3, column 4: byte 0x80 is not UTF-8; the file looks like Latin-1 or Windows-1252: "
         "convert it to UTF-8"},
        {"a,b\n1,\xED\xA0\x80\n", "line 2, column 3: byte 0xED is not UTF-8"},
        {"a,b\n1,\xC0\xAF\n", "line 2, column 3: byte 0xC0 is not UTF-8"},
        {"a\xE2\x82,b\n", "line 1, column 2: byte 0xE2 is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_refuses(str_of(cases[i].text), NULL, ECOMMERCE_INVALID_ARGUMENT, cases[i].message);
        assert_refuses(str_of(cases[i].text), &tiny, ECOMMERCE_INVALID_ARGUMENT, cases[i].message);
    }
}

static void test_nul_bytes(void **state)
{
    (void)state;
    assert_refuses(STR("a,b\n1,x\0y\n"), NULL, ECOMMERCE_INVALID_ARGUMENT,
                   "line 2, column 4: a NUL byte");
    assert_refuses(STR("a,b\n1,\"x\n\0\"\n"), NULL, ECOMMERCE_INVALID_ARGUMENT,
                   "line 3, column 1: a NUL byte");
    assert_refuses(STR("a\0,\0b\0\n\0"), NULL, ECOMMERCE_INVALID_ARGUMENT,
                   "the file looks like UTF-16: convert it to UTF-8");
}

static void test_limits(void **state)
{
    (void)state;
    const struct csv_options limits = {
        .max_field = 5, .max_record = 12, .max_columns = 3, .buffer = 4};
    assert_reads(STR("a,b,c\n12345,1,1\n"), &limits, "a|b|c/12345|1|1/");
    assert_refuses(STR("a,b,c\n123456,1,1\n"), &limits, ECOMMERCE_LIMIT_EXCEEDED,
                   "line 2: a field is longer than 5 bytes");
    /* The field limit is about the value: doubled quotes count once. */
    assert_reads(STR("a\n\"\"\"\"\"\"\"\"\"\"\n"), &limits, "a/\"\"\"\"/");
    assert_reads(STR("a,b,c\n12345,12345,\r\n"), &limits, "a|b|c/12345|12345|/");
    assert_refuses(STR("a,b,c\n12345,12345,1\r\n"), &limits, ECOMMERCE_LIMIT_EXCEEDED,
                   "line 2: a record is longer than 12 bytes");
    assert_refuses(STR("a\n\"1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n"), &limits, ECOMMERCE_LIMIT_EXCEEDED,
                   "line 2: a record is longer than 12 bytes");
    assert_refuses(STR("a,b,c,d\n"), &limits, ECOMMERCE_LIMIT_EXCEEDED,
                   "line 1 has more than 3 columns");
}

static void test_line_numbers(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct csv_reader *reader = csv_open_memory(STR("\"a\nb\"\n1\n\"2\n3\r\n4\"\n5"), NULL, &err);
    assert_non_null(reader);
    const uint64_t expected[] = {3, 4, 7};
    const struct csv_record *record;
    for (size_t i = 0; i < 3; i++) {
        assert_true(csv_next(reader, &record, &err));
        assert_non_null(record);
        assert_int_equal(record->line, expected[i]);
    }
    assert_true(csv_next(reader, &record, &err));
    assert_null(record);
    assert_true(csv_next(reader, &record, &err)); /* the end stays the end */
    assert_null(record);
    csv_close(&reader);
}

static void test_columns_by_name(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    struct csv_reader *reader = csv_open_memory(STR("Price,Name\n1,x\n"), NULL, &err);
    assert_non_null(reader);
    size_t column = 99;
    assert_true(csv_column(reader, "Name", &column, &err));
    assert_int_equal(column, 1);
    assert_false(csv_column(reader, "name", &column, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(err.message, "the header has no column 'name'");
    csv_close(&reader);
    csv_close(&reader); /* closed and NULL is fine */
}

/* ---- files ---- */

static char folder[] = "/tmp/test_csv_XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    return snprintf(path, sizeof path, "%s/data.csv", folder) > 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_file(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* gzip bytes of `records` records; the caller frees them. */
static unsigned char *gzip_records(int records, size_t *size)
{
    gzFile gz = gzopen(path, "wb");
    assert_non_null(gz);
    assert_true(gzprintf(gz, "number,square,text\n") > 0);
    for (int i = 0; i < records; i++)
        assert_true(gzprintf(gz, "%d,%d,\"say \"\"%d\"\"\"\n", i, i * i, i * 7919) > 0);
    assert_int_equal(gzclose(gz), Z_OK);

    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static bool read_file(size_t *records, ecommerce_error *err)
{
    *records = 0;
    struct csv_reader *reader = csv_open(path, NULL, err);
    if (!reader)
        return false;
    const struct csv_record *record;
    bool ok;
    while ((ok = csv_next(reader, &record, err)) && record) {
        char expected[32];
        snprintf(expected, sizeof expected, "%zu", *records * *records);
        assert_true(str_is(record->fields[1], expected));
        ++*records;
    }
    csv_close(&reader);
    return ok;
}

static void test_gzip(void **state)
{
    (void)state;
    enum { RECORDS = 40000 };
    size_t size, records;
    ecommerce_error err = {0};
    unsigned char *bytes = gzip_records(RECORDS, &size);
    assert_true(read_file(&records, &err));
    assert_int_equal(records, RECORDS);

    /* Cut anywhere: inside the header, the data, the check sum. One byte alone is plain text. */
    const size_t cuts[] = {2, 5, 10, 11, size / 2, size - 9, size - 8, size - 4, size - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        write_file(bytes, cuts[i]);
        assert_false(read_file(&records, &err));
        assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
        assert_string_equal(err.message, "the gzip file is cut short");
    }

    bytes[size - 6] ^= 1; /* the check sum */
    write_file(bytes, size);
    assert_false(read_file(&records, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(err.message, "the gzip file is damaged");
    free(bytes);
}

static void test_plain_file(void **state)
{
    (void)state;
    size_t records;
    ecommerce_error err = {0};
    write_file("number,square,text\n0,0,x\n1,1,\n", 30);
    assert_true(read_file(&records, &err));
    assert_int_equal(records, 2);
}

static void test_files_that_cannot_be_opened(void **state)
{
    (void)state;
    ecommerce_error err = {0};
    unlink(path);
    assert_null(csv_open(path, NULL, &err));
    assert_int_equal(err.code, ECOMMERCE_NOT_FOUND);
    assert_null(csv_open(folder, NULL, &err));
    assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
    assert_string_equal(err.message, "this is a folder, not a file");
}

/* Each allocation fails once: the error is reported, nothing leaks. */
static void test_out_of_memory(void **state)
{
    (void)state;
    long live = mem_live_blocks();
    char out[64];
    bool ok = false;
    for (long successes = 0; !ok; successes++) {
        assert_true(successes < 100);
        ecommerce_error err = {0};
        mem_fail_after(successes);
        struct csv_reader *reader = csv_open_memory(STR("a,b\n1,\"22222\"\n"), &tiny, &err);
        ok = reader && render(reader, out, sizeof out, &err);
        csv_close(&reader);
        mem_fail_after(-1);
        assert_int_equal(err.code, ok ? ECOMMERCE_OK : ECOMMERCE_OUT_OF_MEMORY);
        assert_int_equal(mem_live_blocks(), live);
    }
    assert_string_equal(out, "a|b/1|22222/");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_line_numbers),
        cmocka_unit_test(test_columns_by_name),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_plain_file),
        cmocka_unit_test(test_files_that_cannot_be_opened),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
