/*
 * log.c - formats one line, makes it safe to print, and gives it to the sink.
 */
#include "support/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024, ESCAPE_MAX = 4 /* \x1b */ };

static const char cut_mark[] = "...";

/* Writes the escape of a control character at `at` and returns its length. */
static size_t escape(unsigned char c, char *at)
{
    static const char digits[] = "0123456789abcdef";
    const char *letter = c ? strchr("\nn\rr\tt", c) : NULL;
    at[0] = '\\';
    if (letter) {
        at[1] = letter[1];
        return 2;
    }
    at[1] = 'x';
    at[2] = digits[c >> 4];
    at[3] = digits[c & 15];
    return 4;
}

/* Drops the last bytes until no UTF-8 character is left cut in two. */
static size_t whole_characters(const char *line, const char *raw, size_t size)
{
    bool inside = ((unsigned char)*raw & 0xC0) == 0x80;
    while (inside && size > 0) {
        unsigned char c = (unsigned char)line[--size];
        inside = (c & 0xC0) == 0x80;
    }
    return size;
}

static void make_printable(const char *raw, char line[LINE_MAX_BYTES])
{
    const size_t limit = LINE_MAX_BYTES - sizeof(cut_mark) - ESCAPE_MAX;
    size_t size = 0;
    for (; *raw && size <= limit; raw++) {
        unsigned char c = (unsigned char)*raw;
        if (c < 0x20 || c == 0x7F)
            size += escape(c, line + size);
        else
            line[size++] = *raw;
    }
    if (*raw) {
        size = whole_characters(line, raw, size);
        memcpy(line + size, cut_mark, sizeof(cut_mark) - 1);
        size += sizeof(cut_mark) - 1;
    }
    line[size] = '\0';
}

void log_write(const struct logger *logger, enum log_level level, const char *component,
               const char *format, ...)
{
    if (!logger || !logger->sink || level > logger->level)
        return;
    int saved = errno;
    char raw[LINE_MAX_BYTES];
    char line[LINE_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(raw, sizeof(raw), format, arguments) < 0)
        raw[0] = '\0';
    va_end(arguments);
    make_printable(raw, line);
    logger->sink(logger->context, level, component, line);
    errno = saved;
}

const char *log_level_name(enum log_level level)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    return (size_t)level < ARRAY_LENGTH(names) ? names[level] : "unknown";
}
