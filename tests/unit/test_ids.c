/*
 * test_ids.c - which ids are accepted, and what the generated ones promise.
 */
#include "support/ids.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A clock that shows what the test says, and randomness that only counts. */
struct fake {
    int64_t wall;
    uint8_t byte;
};

static int64_t fake_wall(void *context)
{
    return ((struct fake *)context)->wall;
}

static void fake_random(void *context, void *bytes, size_t size)
{
    struct fake *fake = context;
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = fake->byte++;
}

static struct seams seams_of(struct fake *fake)
{
    struct seams seams = system_seams;
    seams.wall = fake_wall;
    seams.random = fake_random;
    seams.context = fake;
    return seams;
}

static void ids_from_callers_are_checked(void **state)
{
    (void)state;
    static const struct {
        struct str id;
        bool good;
    } cases[] = {
        {STR("85123A"), true},
        {STR("a b"), true},
        {STR("a$b"), true},
        {STR("caf\xC3\xA9"), true},
        {STR("\xF0\x9F\x8E\x84"), true},
        {STR("\xE2\x82\xAC 5"), true},
        {STR("0123456789012345678901234567890123456789012345678901234567890123"), true},
        {STR("0123456789012345678901234567890123456789012345678901234567890123x"), false},
        {STR(""), false},
        {STR_NONE, false},
        {STR("$in"), false},
        {STR(" a"), false},
        {STR("a "), false},
        {STR(" "), false},
        {STR("a\n"), false},
        {STR("a\tb"), false},
        {STR("a\0b"), false},
        {STR("a\x7F"), false},
        {STR("\xC2\x85"), false},       /* U+0085, a control character of two bytes */
        {STR("a\xC2\xA0"), false},      /* no-break space at the end */
        {STR("\xE3\x80\x80x"), false},  /* ideographic space at the beginning */
        {STR("a\xE2\x80\xA8z"), false}, /* line separator */
        {STR("caf\xC3"), false},        /* cut in two */
        {STR("\xED\xA0\x80"), false},   /* a surrogate */
        {STR("\xFF"), false},
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        ecommerce_error err = {0};
        bool good = id_check(cases[i].id, "customer_id", &err);
        if (good != cases[i].good)
            fail_msg("case %zu '%.*s' was %s", i, STR_ARG(cases[i].id), good ? "taken" : "refused");
        if (!good) {
            assert_int_equal(err.code, ECOMMERCE_INVALID_ARGUMENT);
            assert_string_equal(err.field, "customer_id");
            assert_true(err.message[0] != '\0');
        }
    }
    assert_false(id_check(STR(""), "id", NULL));
}

static void assert_uuid(const struct id *id, char version)
{
    assert_int_equal(strlen(id->text), UUID_TEXT);
    for (size_t i = 0; i < UUID_TEXT; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            assert_int_equal(id->text[i], '-');
        else
            assert_non_null(strchr("0123456789abcdef", id->text[i]));
    }
    assert_int_equal(id->text[14], version);
    assert_non_null(strchr("89ab", id->text[19]));
    assert_true(id_check(str_of(id->text), "id", NULL));
}

static void a_new_id_holds_its_time_and_randomness(void **state)
{
    (void)state;
    /* The time of RFC 9562's example: 2022-02-22 14:22:22 -05:00. */
    struct fake fake = {.wall = 1645557742000000, .byte = 0x10};
    struct seams seams = seams_of(&fake);
    struct id id;
    id_forget_last();
    id_new(&seams, &id);
    assert_uuid(&id, '7');
    assert_string_equal(id.text, "017f22e2-79b0-7000-9011-121314151617");
    id_forget_last();
    fake = (struct fake){.wall = 1645557742000500};
    id_new(&seams, &id); /* half a millisecond is 2048 of 4096 */
    assert_string_equal(id.text, "017f22e2-79b0-7800-8001-020304050607");
}

static void new_ids_ascend_whatever_the_clock_does(void **state)
{
    (void)state;
    struct fake fake = {.wall = 1323435000000000};
    struct seams seams = seams_of(&fake);
    struct id last = {""};
    id_forget_last();
    for (int i = 0; i < 20000; i++) {
        struct id id;
        id_new(&seams, &id);
        assert_true(strcmp(last.text, id.text) < 0);
        last = id;
        if (i == 10000)
            fake.wall -= INT64_C(3600) * MICROSECONDS;
        if (i > 15000)
            fake.wall += 7;
    }
    fake.wall = -5; /* before 1970 counts as 1970 */
    id_forget_last();
    id_new(&seams, &last);
    assert_memory_equal(last.text, "00000000-0000-7", 15);
}

static void the_same_seams_give_the_same_ids_again(void **state)
{
    (void)state;
    struct id first[3];
    for (int run = 0; run < 2; run++) {
        struct fake fake = {.wall = 1323435000000000};
        struct seams seams = seams_of(&fake);
        id_forget_last();
        for (size_t i = 0; i < ARRAY_LENGTH(first); i++) {
            struct id id;
            id_new(&seams, &id);
            if (run == 0)
                first[i] = id;
            else
                assert_string_equal(id.text, first[i].text);
        }
    }
}

static void derived_ids_depend_on_each_part(void **state)
{
    (void)state;
    struct id id;
    struct id other;
    id_derive(&id, (struct str[]){STR("ab"), STR("c")}, 2);
    assert_uuid(&id, '8');
    assert_string_equal(id.text, "601d5476-e2cc-8e2c-87a2-bba7a3226597");
    id_derive(&other, (struct str[]){STR("a"), STR("bc")}, 2);
    assert_string_equal(other.text, "3fafa1cf-2f19-87c1-929b-eb20cf0983f7");
    id_derive(&id, NULL, 0);
    assert_string_equal(id.text, "e3b0c442-98fc-8c14-9afb-f4c8996fb924");
    id_derive(&id, (struct str[]){STR("")}, 1);
    assert_string_equal(id.text, "af5570f5-a181-8b7a-b78c-af4bc70a660f");
    id_derive(&other, (struct str[]){STR_NONE}, 1);
    assert_string_equal(other.text, id.text);
}

static void hashes_are_sha_256(void **state)
{
    (void)state;
    struct sha256 hash;
    char text[2 * SHA256_BYTES + 1];
    sha256_of(&hash, "abc", 3);
    hex_encode(hash.bytes, sizeof(hash.bytes), text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_of(&hash, "", 0);
    hex_encode(hash.bytes, 4, text);
    assert_string_equal(text, "e3b0c442");
    hex_encode(NULL, 0, text);
    assert_string_equal(text, "");
}

static void tokens_are_base64url_of_256_bits(void **state)
{
    (void)state;
    struct fake fake = {.byte = 0xE0};
    struct seams seams = seams_of(&fake);
    char text[44];
    char other[44];
    token_new(&seams, text);
    assert_string_equal(text, "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8");
    token_new(&system_seams, text);
    token_new(&system_seams, other);
    assert_int_equal(strlen(text), 43);
    assert_string_not_equal(text, other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_from_callers_are_checked),
        cmocka_unit_test(a_new_id_holds_its_time_and_randomness),
        cmocka_unit_test(new_ids_ascend_whatever_the_clock_does),
        cmocka_unit_test(the_same_seams_give_the_same_ids_again),
        cmocka_unit_test(derived_ids_depend_on_each_part),
        cmocka_unit_test(hashes_are_sha_256),
        cmocka_unit_test(tokens_are_base64url_of_256_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
