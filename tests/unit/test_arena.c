/*
 * test_arena.c - allocating many and freeing once, with limits, marks and failures.
 */
#include "support/arena.h"

#include "support/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_zeroed_struct_is_an_empty_arena(void **state)
{
    (void)state;
    struct arena arena = {0};
    char *block = arena_alloc(&arena, 3);
    assert_non_null(block);
    arena_release(&arena);
    arena_release(&arena);
    assert_int_equal(arena.used, 0);
}

static void blocks_are_aligned_zeroed_and_apart(void **state)
{
    (void)state;
    static const unsigned char zeros[5000];
    struct arena arena;
    arena_init(&arena, 0);
    unsigned char *blocks[200];
    for (size_t i = 0; i < ARRAY_LENGTH(blocks); i++) {
        size_t size = i * 25;
        blocks[i] = arena_alloc(&arena, size);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        assert_memory_equal(blocks[i], zeros, size);
        memset(blocks[i], (int)i, size);
    }
    for (size_t i = 0; i < ARRAY_LENGTH(blocks); i++) {
        for (size_t at = 0; at < i * 25; at++)
            assert_int_equal(blocks[i][at], (unsigned char)i);
    }
    arena_release(&arena);
}

static void copies_end_in_a_nul(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_memory_equal(arena_copy(&arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    assert_string_equal(arena_strdup(&arena, "vase"), "vase");
    assert_string_equal(arena_str(&arena, str_make("vases", 4)), "vase");
    assert_string_equal(arena_str(&arena, STR_NONE), "");
    assert_string_equal(arena_printf(&arena, "%s-%03d", "o", 7), "o-007");
    assert_string_equal(arena_printf(&arena, "%s", ""), "");
    arena_release(&arena);
}

static void overflowing_sizes_are_refused(void **state)
{
    (void)state;
    struct arena arena = {0};
    assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
    assert_null(arena_alloc(&arena, SIZE_MAX));
    assert_null(arena_alloc(&arena, SIZE_MAX - 40));
    assert_null(arena_copy(&arena, "x", SIZE_MAX));
    assert_int_equal(arena.used, 0);
    arena_release(&arena);
}

static void a_limit_holds_to_the_byte(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 64);
    assert_null(arena_alloc(&arena, 65));
    assert_non_null(arena_alloc(&arena, 48));
    assert_null(arena_alloc(&arena, 17));
    assert_non_null(arena_alloc(&arena, 16));
    assert_null(arena_alloc(&arena, 1));
    assert_null(arena_strdup(&arena, ""));
    assert_int_equal(arena.used, 64);
    arena_reset(&arena);
    assert_non_null(arena_alloc(&arena, 64));
    arena_release(&arena);
}

static void restoring_frees_what_came_since(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    struct arena arena = {0};
    char *kept = arena_strdup(&arena, "kept");
    long with_one = mem_live_blocks();
    struct arena_mark mark = arena_save(&arena);
    char *first = arena_alloc(&arena, 100);
    for (int i = 0; i < 50; i++)
        assert_non_null(arena_alloc(&arena, 3000));
    assert_true(mem_live_blocks() > with_one);
    arena_restore(&arena, mark);
    assert_int_equal(mem_live_blocks(), with_one);
    assert_string_equal(kept, "kept");
    assert_int_equal(arena.used, mark.used);
    assert_ptr_equal(arena_alloc(&arena, 100), first);
    arena_release(&arena);
    assert_int_equal(mem_live_blocks(), before);
}

static void restored_memory_is_zeroed_again(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct arena_mark nothing = arena_save(&arena);
    assert_non_null(arena_alloc(&arena, 1));
    struct arena_mark mark = arena_save(&arena);
    char *block = arena_alloc(&arena, 8);
    memset(block, 'x', 8);
    arena_restore(&arena, mark);
    block = arena_alloc(&arena, 8);
    assert_memory_equal(block, "\0\0\0\0\0\0\0", 8);
    arena_restore(&arena, nothing);
    assert_null(arena.chunks);
    assert_int_equal(arena.used, 0);
}

static void resetting_keeps_one_chunk(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    struct arena arena = {0};
    for (int i = 0; i < 100; i++)
        assert_non_null(arena_alloc(&arena, 1000));
    arena_reset(&arena);
    assert_int_equal(mem_live_blocks() - before, 1);
    for (int i = 0; i < 30; i++) /* the largest was kept */
        assert_non_null(arena_alloc(&arena, 1000));
    assert_int_equal(mem_live_blocks() - before, 1);
    arena_release(&arena);
    assert_int_equal(mem_live_blocks(), before);
}

static void resetting_gives_back_an_enormous_block(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    struct arena arena = {0};
    assert_non_null(arena_alloc(&arena, 4 * 1024 * 1024));
    arena_reset(&arena);
    assert_int_equal(mem_live_blocks(), before);
    assert_non_null(arena_alloc(&arena, 8));
    arena_release(&arena);
}

static bool fill(struct arena *arena)
{
    return arena_strdup(arena, "one") && arena_alloc(arena, 5000) && arena_array(arena, 30, 1000) &&
           arena_printf(arena, "%*d", 100000, 1);
}

static void each_allocation_may_fail(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    bool filled = false;
    int failures = 0;
    for (; !filled; failures++) {
        struct arena arena = {0};
        mem_fail_after(failures);
        filled = fill(&arena);
        mem_fail_after(-1);
        if (!filled) /* and goes on when there is memory again */
            assert_non_null(arena_alloc(&arena, 10));
        arena_release(&arena);
        assert_int_equal(mem_live_blocks(), before);
    }
    assert_true(failures > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zeroed_struct_is_an_empty_arena),
        cmocka_unit_test(blocks_are_aligned_zeroed_and_apart),
        cmocka_unit_test(copies_end_in_a_nul),
        cmocka_unit_test(overflowing_sizes_are_refused),
        cmocka_unit_test(a_limit_holds_to_the_byte),
        cmocka_unit_test(restoring_frees_what_came_since),
        cmocka_unit_test(restored_memory_is_zeroed_again),
        cmocka_unit_test(resetting_keeps_one_chunk),
        cmocka_unit_test(resetting_gives_back_an_enormous_block),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
