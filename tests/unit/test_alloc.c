/*
 * test_alloc.c - the counters around malloc.
 */
#include "support/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void blocks_are_counted(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    char *a = mem_alloc(10), *b = mem_zalloc(3, 5), *c = mem_strdup("vase");
    assert_non_null(a);
    assert_non_null(b);
    assert_string_equal(c, "vase");
    assert_int_equal(mem_live_blocks() - before, 3);
    char *larger = mem_resize(a, 100);
    assert_non_null(larger);
    assert_int_equal(mem_live_blocks() - before, 3);
    mem_free(larger);
    mem_free(b);
    mem_free(c);
    mem_free(NULL);
    assert_int_equal(mem_live_blocks() - before, 0);
}

static void zeroed_memory_is_zero(void **state)
{
    (void)state;
    static const char zeros[300];
    char *block = mem_zalloc(3, 100);
    assert_non_null(block);
    assert_memory_equal(block, zeros, sizeof(zeros));
    mem_free(block);
}

static void nothing_is_a_block_too(void **state)
{
    (void)state;
    void *a = mem_alloc(0), *b = mem_zalloc(0, 8), *c = mem_resize(NULL, 0);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    c = mem_resize(c, 0);
    assert_non_null(c);
    mem_free(a);
    mem_free(b);
    mem_free(c);
}

static void an_overflowing_product_is_refused(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    assert_null(mem_zalloc(SIZE_MAX / 2, 3));
    assert_null(mem_zalloc(SIZE_MAX, SIZE_MAX));
    assert_int_equal(mem_live_blocks(), before);
}

static void resizing_keeps_the_content(void **state)
{
    (void)state;
    char *block = mem_strdup("eight by");
    for (size_t size = 9; size < 100000; size *= 3) {
        block = mem_resize(block, size);
        assert_string_equal(block, "eight by");
    }
    mem_free(block);
}

static void failing_begins_after_the_given_number(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    void *kept = mem_alloc(1);
    mem_fail_after(2);
    void *a = mem_alloc(1), *b = mem_zalloc(1, 1);
    void *c = mem_alloc(1), *d = mem_zalloc(1, 1), *e = mem_resize(NULL, 1);
    void *moved = mem_resize(kept, 100000);
    char *text = mem_strdup("x");
    mem_fail_after(-1);
    assert_non_null(a);
    assert_non_null(b);
    assert_null(c);
    assert_null(d);
    assert_null(e);
    assert_null(moved);
    assert_null(text);
    assert_int_equal(mem_live_blocks() - before, 3);
    mem_free(a);
    mem_free(b);
    mem_free(kept); /* the failed resize left it alone */
    void *again = mem_alloc(1);
    assert_non_null(again);
    mem_free(again);
    assert_int_equal(mem_live_blocks(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_counted),
        cmocka_unit_test(zeroed_memory_is_zero),
        cmocka_unit_test(nothing_is_a_block_too),
        cmocka_unit_test(an_overflowing_product_is_refused),
        cmocka_unit_test(resizing_keeps_the_content),
        cmocka_unit_test(failing_begins_after_the_given_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
