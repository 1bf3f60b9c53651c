"""Writes the C file of the extension ecommerce_system._engine. Usage: glue.py OUTPUT

What Python calls of the engine is declared here; the C compiler compares it with the public header.
"""
import sys

import cffi

DECLARATIONS = """
typedef ... ecommerce_system;
typedef ... ecommerce_document;

typedef struct ecommerce_error {
    int code; /* the enum, whose constants Python knows by name */
    char field[...];
    char message[...];
    char subject[...];
    double retry_after;
    ...;
} ecommerce_error;

typedef struct ecommerce_open_options {
    const char *configuration_file;
    const ecommerce_document *configuration;
    const char *folder;
    const char *const *overrides;
    size_t override_count;
    void (*log)(void *context, const char *level, const char *component, const char *line);
    void *log_context;
    ...;
} ecommerce_open_options;

#define ECOMMERCE_ERROR_CODES ...

const char *error_name(int code);
int error_class_of(int code);
int error_http_status(int code);
int error_exit_status(int code);

ecommerce_system *ecommerce_open_with(const ecommerce_open_options *options, ecommerce_error *err);
void ecommerce_close(ecommerce_system **system);
const char *ecommerce_version(void);
ecommerce_document *ecommerce_document_from_json(const char *json, size_t length,
                                                 ecommerce_error *err);
const char *ecommerce_document_json(ecommerce_document *document);
bool ecommerce_document_replayed(const ecommerce_document *document);
void ecommerce_document_free(ecommerce_document **document);
bool ecommerce_call(ecommerce_system *system, const char *operation,
                    const ecommerce_document *arguments, ecommerce_document **answer,
                    ecommerce_error *err);
ecommerce_document *ecommerce_operations(ecommerce_error *err);

extern "Python" void log_line(void *context, const char *level, const char *component,
                              const char *line);
"""

SOURCE = """
#include "ecommerce_system.h"

/* Enums pass as plain integers: an error's code may be any of them. */
static const char *error_name(int code)
{
    return ecommerce_error_name((enum ecommerce_error_code)code);
}

static int error_class_of(int code)
{
    return (int)ecommerce_error_class_of((enum ecommerce_error_code)code);
}

static int error_http_status(int code)
{
    return ecommerce_error_http_status((enum ecommerce_error_code)code);
}

static int error_exit_status(int code)
{
    return ecommerce_error_exit_status((enum ecommerce_error_code)code);
}
"""


def write(path: str) -> None:
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    ffi.set_source("ecommerce_system._engine", SOURCE)
    ffi.emit_c_code(path)


if __name__ == "__main__":
    write(sys.argv[1])
