/* compiler.h - the few compiler attributes the engine uses, under readable names. */
#pragma once

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define UNUSED(name) ((void)(name))
