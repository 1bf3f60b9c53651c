/*
 * test_strmap.c - the map against a plain array that knows the truth.
 */
#include "support/strmap.h"

#include "support/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void an_empty_map_has_nothing(void **state)
{
    (void)state;
    struct strmap map = {0};
    size_t at = 0;
    assert_null(strmap_get(&map, STR("x")));
    assert_null(strmap_remove(&map, STR("x")));
    assert_null(strmap_next(&map, &at));
    strmap_release(&map);
}

static void entries_are_found_replaced_and_removed(void **state)
{
    (void)state;
    struct strmap map = {0};
    int a, b;
    assert_true(strmap_put(&map, STR("x"), &a));
    assert_true(strmap_put(&map, STR(""), &b));
    assert_true(strmap_put(&map, STR("x\0y"), &b));
    assert_int_equal(map.count, 3);
    assert_ptr_equal(strmap_get(&map, STR("x")), &a);
    assert_ptr_equal(strmap_get(&map, STR("")), &b);
    assert_null(strmap_get(&map, STR("x\0z")));
    assert_true(strmap_put(&map, STR("x"), &b));
    assert_int_equal(map.count, 3);
    assert_ptr_equal(strmap_get(&map, STR("x")), &b);
    assert_ptr_equal(strmap_remove(&map, STR("x")), &b);
    assert_null(strmap_remove(&map, STR("x")));
    assert_null(strmap_get(&map, STR("x")));
    assert_int_equal(map.count, 2);
    strmap_release(&map);
    assert_int_equal(map.count, 0);
    assert_null(strmap_get(&map, STR("")));
}

enum { KEYS = 300 };

struct model {
    char keys[KEYS][8];
    void *values[KEYS];
    size_t count;
};

static void check_against(const struct strmap *map, const struct model *model)
{
    size_t at = 0, seen = 0;
    const struct strmap_entry *entry;
    assert_int_equal(map->count, model->count);
    for (int i = 0; i < KEYS; i++)
        assert_ptr_equal(strmap_get(map, str_of(model->keys[i])), model->values[i]);
    while ((entry = strmap_next(map, &at))) {
        assert_ptr_equal(strmap_get(map, entry->key), entry->value);
        seen++;
    }
    assert_int_equal(seen, model->count);
}

/* Removing moves entries back over the gap; wrong moves show after many puts and removals only. */
static void any_order_of_changes_keeps_the_truth(void **state)
{
    (void)state;
    static struct model model;
    struct strmap map = {0};
    uint32_t random = 2463534242u;
    for (int i = 0; i < KEYS; i++)
        snprintf(model.keys[i], sizeof(model.keys[i]), "k%d", i);
    for (int step = 0; step < 30000; step++) {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        /* Few keys at first, all of them later: both a crowded and an airy table. */
        size_t i = random % (step < 15000 ? KEYS / 10 : KEYS);
        struct str key = str_of(model.keys[i]);
        if (random >> 16 & 1) {
            void *value = model.keys[(i + (size_t)step) % KEYS];
            model.count += !model.values[i];
            assert_true(strmap_put(&map, key, value));
            model.values[i] = value;
        } else {
            assert_ptr_equal(strmap_remove(&map, key), model.values[i]);
            model.count -= model.values[i] != NULL;
            model.values[i] = NULL;
        }
        if (step % 100 == 0)
            check_against(&map, &model);
    }
    check_against(&map, &model);
    strmap_release(&map);
}

static void a_failed_put_leaves_the_map_alone(void **state)
{
    (void)state;
    static char keys[2000][8];
    long before = mem_live_blocks();
    struct strmap map = {0};
    int failures = 0;
    for (size_t i = 0; i < 2000; i++) {
        snprintf(keys[i], sizeof(keys[i]), "%zu", i);
        mem_fail_after(0);
        bool put = strmap_put(&map, str_of(keys[i]), keys[i]);
        mem_fail_after(-1);
        failures += !put;
        assert_int_equal(map.count, put ? i + 1 : i);
        assert_true(put || strmap_put(&map, str_of(keys[i]), keys[i]));
    }
    assert_true(failures > 5 && failures < 20); /* once per doubling */
    for (size_t i = 0; i < 2000; i++)
        assert_ptr_equal(strmap_get(&map, str_of(keys[i])), keys[i]);
    strmap_release(&map);
    assert_int_equal(mem_live_blocks(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(entries_are_found_replaced_and_removed),
        cmocka_unit_test(any_order_of_changes_keeps_the_truth),
        cmocka_unit_test(a_failed_put_leaves_the_map_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
