/*
 * ecommerce_system_parts.h - what the files of the coordinator share with each other and with the
 * program's own doors (command line, benchmarks). Not installed.
 */
#pragma once

#include "ecommerce_system.h"
#include "operations/operation.h"
#include "services/shop.h"

struct ecommerce_system {
    struct shop shop;
    struct settings *settings;
    struct logger logger;
    void (*log)(void *context, const char *level, const char *component, const char *line);
    void *log_context;
};

struct ecommerce_document {
    struct doc_builder builder; /* owns the bytes */
    struct doc doc;
    struct text json;
    struct text indented;
    struct arena texts; /* NUL-terminated copies that ecommerce_document_text handed out */
    bool replayed;
};

/* An empty document to build; NULL: out of memory. */
struct ecommerce_document *document_new(void) MUST_CHECK;
/* Closes the builder; false when it failed. */
bool document_seal(struct ecommerce_document *document) MUST_CHECK;

/* A call with the configured deadline (an hour for long ones). */
void system_call_begin(ecommerce_system *system, struct call *call, struct doc_builder *out,
                       bool is_long);
/* The answer, which from then on owns the bytes that the call built. */
bool system_take_answer(struct call *call, ecommerce_document **answer,
                        ecommerce_error *err) MUST_CHECK;
void system_call_end(struct call *call);
bool system_run(ecommerce_system *system, const struct operation *operation, struct doc arguments,
                ecommerce_document **answer, ecommerce_error *err) MUST_CHECK;
