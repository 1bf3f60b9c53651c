/* Settings that are read, copied and shown by some threads while another adopts new ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/settings_print.h"

#include <pthread.h>

enum { READERS = 4, ROUNDS = 500 };

struct scene {
    struct settings *running;
    bool stop; /* atomic */
};

static void *read_settings(void *argument)
{
    struct scene *scene = argument;
    long wrong = 0;
    while (!__atomic_load_n(&scene->stop, __ATOMIC_ACQUIRE)) {
        int64_t threshold = settings_int(scene->running, SETTING_STOCK_LOW_THRESHOLD);
        wrong += threshold != 5 && threshold != 9;
        wrong += settings_text(scene->running, SETTING_SHOP_NAME)[0] != 'S';
        struct settings *copy = settings_copy(scene->running, NULL);
        struct text shown = {0};
        wrong += !copy || !settings_show(scene->running, &shown);
        text_release(&shown);
        settings_free(&copy);
    }
    return wrong > 0 ? scene : NULL;
}

static void test_settings_are_adopted_under_their_readers(void **state)
{
    struct scene scene = {.running = settings_new(NULL)};
    struct settings *others[2] = {settings_new(NULL), settings_new(NULL)};
    pthread_t readers[READERS];
    (void)state;
    assert_true(scene.running && others[0] && others[1]);
    assert_true(settings_set_text(others[1], "stock.low_threshold", "9", NULL));
    assert_true(settings_set_text(others[1], "log.level", "debug", NULL));
    for (int i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_settings, &scene), 0);
    for (int round = 0; round < ROUNDS; round++)
        assert_true(settings_adopt(scene.running, others[round % 2], NULL));
    __atomic_store_n(&scene.stop, true, __ATOMIC_RELEASE);
    for (int i = 0; i < READERS; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(readers[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_int_equal(settings_int(scene.running, SETTING_STOCK_LOW_THRESHOLD), 9);
    settings_free(&scene.running);
    settings_free(&others[0]);
    settings_free(&others[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_are_adopted_under_their_readers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
