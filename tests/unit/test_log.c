/*
 * test_log.c - what reaches the sink, and in which shape.
 */
#include "support/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct kept {
    int lines;
    enum log_level level;
    char component[32];
    char line[2048];
};

static void keep(void *context, enum log_level level, const char *component, const char *line)
{
    struct kept *kept = context;
    kept->lines++;
    kept->level = level;
    assert_true(strlen(component) < sizeof(kept->component));
    assert_true(strlen(line) < 1024);
    memcpy(kept->component, component, strlen(component) + 1);
    memcpy(kept->line, line, strlen(line) + 1);
    errno = EIO; /* as a sink that writes to a full disk might leave it */
}

static void lines_reach_the_sink(void **state)
{
    (void)state;
    struct kept kept = {0};
    struct logger logger = {.sink = keep, .context = &kept, .level = LOG_INFO};
    log_write(&logger, LOG_WARNING, "live", "%d of %s left", 3, "85123A");
    assert_int_equal(kept.lines, 1);
    assert_int_equal(kept.level, LOG_WARNING);
    assert_string_equal(kept.component, "live");
    assert_string_equal(kept.line, "3 of 85123A left");
    log_write(&logger, LOG_INFO, "live", "as high as the level");
    assert_int_equal(kept.lines, 2);
    log_write(&logger, LOG_DEBUG, "live", "above the level");
    assert_int_equal(kept.lines, 2);
}

static void without_a_sink_nothing_happens(void **state)
{
    (void)state;
    struct logger logger = {.level = LOG_DEBUG};
    log_write(NULL, LOG_ERROR, "live", "lost");
    log_write(&logger, LOG_ERROR, "live", "lost");
}

static void a_line_cannot_forge_another(void **state)
{
    (void)state;
    struct kept kept = {0};
    struct logger logger = {.sink = keep, .context = &kept, .level = LOG_INFO};
    log_write(&logger, LOG_INFO, "http", "%s", "a\nerror http: b\r\tc\x1b[2J\x7f \x01");
    assert_string_equal(kept.line, "a\\nerror http: b\\r\\tc\\x1b[2J\\x7f \\x01");
    log_write(&logger, LOG_INFO, "http", "caf\xC3\xA9 \\n");
    assert_string_equal(kept.line, "caf\xC3\xA9 \\n");
}

static void long_lines_are_cut_between_characters(void **state)
{
    (void)state;
    struct kept kept = {0};
    struct logger logger = {.sink = keep, .context = &kept, .level = LOG_INFO};
    for (int shift = 0; shift < 4; shift++) {
        char text[3001] = "xxxx";
        for (size_t i = (size_t)shift; i + 3 < sizeof(text); i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 4);
        log_write(&logger, LOG_INFO, "x", "%s", text);
        size_t length = strlen(kept.line);
        assert_true(length > 1000 && length < 1024);
        assert_string_equal(kept.line + length - 3, "...");
        assert_int_equal((length - 3 - (size_t)shift) % 3, 0);
        assert_memory_equal(kept.line, text, length - 3);
    }
    char control[2000];
    memset(control, 1, sizeof(control));
    control[sizeof(control) - 1] = '\0';
    log_write(&logger, LOG_INFO, "x", "%s", control);
    assert_string_equal(kept.line + strlen(kept.line) - 7, "\\x01...");
}

/* Whatever the length around the limit, all of it is there or the mark is. */
static void cut_lines_say_so(void **state)
{
    (void)state;
    struct kept kept = {0};
    struct logger logger = {.sink = keep, .context = &kept, .level = LOG_INFO};
    for (int length = 1000; length < 1100; length++) {
        log_write(&logger, LOG_INFO, "x", "%0*d", length, 7);
        size_t got = strlen(kept.line);
        bool whole = got == (size_t)length && kept.line[got - 1] == '7';
        assert_true(whole || strcmp(kept.line + got - 3, "...") == 0);
        assert_true(whole || length > 1016);
    }
}

static void errno_is_kept(void **state)
{
    (void)state;
    struct kept kept = {0};
    struct logger logger = {.sink = keep, .context = &kept, .level = LOG_INFO};
    errno = ENOENT;
    log_write(&logger, LOG_INFO, "x", "%m");
    assert_int_equal(errno, ENOENT);
    assert_string_equal(kept.line, "No such file or directory");
}

static void levels_have_names(void **state)
{
    (void)state;
    assert_string_equal(log_level_name(LOG_ERROR), "error");
    assert_string_equal(log_level_name(LOG_WARNING), "warning");
    assert_string_equal(log_level_name(LOG_INFO), "info");
    assert_string_equal(log_level_name(LOG_DEBUG), "debug");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_reach_the_sink),
        cmocka_unit_test(without_a_sink_nothing_happens),
        cmocka_unit_test(a_line_cannot_forge_another),
        cmocka_unit_test(long_lines_are_cut_between_characters),
        cmocka_unit_test(cut_lines_say_so),
        cmocka_unit_test(errno_is_kept),
        cmocka_unit_test(levels_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
