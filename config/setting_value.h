/*
 * setting_value.h - what a setting is, and its values as text and back.
 *
 * A setting is one row of a table (settings_table.h). Its limits, default and every value have one
 * text form, which is what users write: 10000, -0.25, true, "10 s", "64 MiB", "add". Numbers that
 * have a dimension are written with their unit; a bare number there is an error that says so.
 */
#pragma once

#include "ecommerce_error.h"
#include "support/compiler.h"
#include "support/doc.h"
#include "support/str.h"
#include "support/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_type {
    SETTING_TEXT,      /* no control characters */
    SETTING_SECRET,    /* a text that is never shown; see config_loader.h for how it is given */
    SETTING_CURRENCY,  /* a text: a known ISO 4217 code */
    SETTING_TIME_ZONE, /* a text: a zone of the system's database */
    SETTING_INTEGER,
    SETTING_NUMBER,   /* finite */
    SETTING_SWITCH,   /* true or false */
    SETTING_DURATION, /* "250 ms", "10 s", "30 min", "12 h", "180 d"; kept in microseconds */
    SETTING_SIZE,     /* "512 B", "64 KiB", "1 MiB", "2 GiB"; kept in bytes */
    SETTING_CHOICE,   /* one of a few names; kept as its index */
    SETTING_LIST,     /* texts; on a command line "first, second" */
    SETTING_TYPES
};

/* One row. Everything is text in static storage, in the form that setting_format gives. */
struct setting {
    const char *path; /* "orders.deadline" */
    enum setting_type type;
    const char *minimum, *maximum; /* of a text or list: its bytes; "" for switches and choices */
    const char *standard;          /* the default */
    const char *unit;              /* what an integer counts, "lines"; may be "" */
    const char *choices;           /* "add|keep_guest|"; each name ends in '|' */
    const char *description;       /* one line without a full stop */
    bool live;                     /* read at each use: may change in a running program */
};

struct setting_value {
    int64_t integer; /* also switch, duration, size, choice; bytes of a text; items of a list */
    double number;
    char *text; /* owned; the items of a list one after the other, each with its NUL byte */
};

/* The kinds of value a configuration document can hold. */
enum config_kind {
    CONFIG_NULL,
    CONFIG_BOOL,
    CONFIG_INTEGER,
    CONFIG_NUMBER,
    CONFIG_TEXT,
    CONFIG_LIST,
    CONFIG_SECTION,
    CONFIG_OTHER, /* dates, bytes: no setting takes them */
};

/* One value of a configuration document (config_tree.h makes them). */
struct config_node {
    enum config_kind kind;
    struct str key;           /* inside a section */
    int key_line, key_column; /* from 1; 0 where the document has no lines */
    int line, column;         /* of the value */
    bool boolean;
    int64_t integer;
    double number;
    struct str text;
    struct config_node *first, *next; /* of lists and sections, in order; next sibling */
};

/*
 * From text as on a command line. *value is overwritten, not released, and owns its text after
 * success only. Errors: INVALID_CONFIGURATION (field: the path; message: what is expected, what was
 * found; a secret's value is never quoted), OUT_OF_MEMORY.
 */
bool setting_parse(const struct setting *row, struct str text, struct setting_value *value,
                   ecommerce_error *err) MUST_CHECK;
/* From a document, where a number is no text and a text is no number. Same errors. Secrets are
 * taken from a text only. */
bool setting_take(const struct setting *row, const struct config_node *node,
                  struct setting_value *value, ecommerce_error *err) MUST_CHECK;
/* Wipes secrets before their memory goes back. */
void setting_value_release(const struct setting *row, struct setting_value *value);
bool setting_value_copy(const struct setting *row, const struct setting_value *from,
                        struct setting_value *to) MUST_CHECK; /* false: out of memory */
bool setting_value_equal(const struct setting *row, const struct setting_value *a,
                         const struct setting_value *b);

/* The text form: what setting_parse reads. A secret gives SETTING_MASK, or nothing when it is
 * empty. */
void setting_format(const struct setting *row, const struct setting_value *value, struct text *out);
/* As a YAML value on one line, quoted where needed; what a configuration file may hold. */
void setting_format_yaml(const struct setting *row, const struct setting_value *value,
                         struct text *out);
/* As a field of a document, under the row's last name; what config_load_doc reads. */
void setting_add_to_doc(const struct setting *row, const struct setting_value *value,
                        struct doc_builder *out);

#define SETTING_MASK "********"

/* "a duration such as 10 s", "an integer": for messages and the manual. */
const char *setting_type_expected(enum setting_type type);
/* "duration" */
const char *setting_type_name(enum setting_type type);
/* Last name of the path: "deadline". */
const char *setting_name(const struct setting *row);
/* Name of the index-th choice, STR_NONE after the last. */
struct str setting_choice(const struct setting *row, size_t index);
