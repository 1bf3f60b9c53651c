/*
 * log.h - what an operator reads: level, component, one line. The library never writes to standard
 * error by itself: a sink is given by the program, none by default.
 */
#pragma once

#include "support/compiler.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

typedef void log_sink(void *context, enum log_level level, const char *component, const char *line);

struct logger {
    log_sink *sink; /* NULL: nothing is written */
    void *context;
    enum log_level level; /* lines above it are dropped */
};

/* logger may be NULL. Control characters in the line are escaped, it is cut at 1 KiB, errno is
 * kept. */
void log_write(const struct logger *logger, enum log_level level, const char *component,
               const char *format, ...) PRINTF_LIKE(4, 5);
const char *log_level_name(enum log_level level);
