/*
 * config_tree.h - a configuration document as a tree of nodes, from YAML or from a parsed document.
 *
 * The tree says what is written and where; it knows no setting. Only the plain part of YAML is
 * read: sections, lists, scalars. Anchors, aliases, tags and further documents are refused, so that
 * a file means what it seems to mean and cannot grow when it is read. A key may be given once.
 *
 * Plain scalars mean what YAML 1.1 and Python's yaml.safe_load take them for, restricted to forms
 * on which all versions agree: null, ~; true, false, yes, no, on, off (three spellings each);
 * decimal integers; decimal numbers with a point (0.25, 1.0e-4). Others (010, 0x1F, 1_000, 12:30,
 * 1e3, .inf) are texts, and thereby an error where a number is expected. Quoted scalars are always
 * texts.
 *
 * Threads: any, each with its own arena. Nodes live as long as the arena.
 */
#pragma once

#include "config/setting_value.h"
#include "support/arena.h"

enum {
    CONFIG_MAX_SIZE = 1024 * 1024, /* bytes of YAML */
    CONFIG_MAX_DEPTH = 8,          /* sections and lists within one another; the top section is 1 */
    CONFIG_MAX_NODES = 4096,
    CONFIG_MAX_KEY = 64, /* bytes */
};

/* `name` begins every message: "shop.yaml:12:3: …". The root is a section; an empty text gives an
 * empty one. Errors: INVALID_CONFIGURATION, OUT_OF_MEMORY. */
bool config_tree_from_yaml(struct arena *arena, const char *name, struct str yaml,
                           struct config_node **root, ecommerce_error *err) MUST_CHECK;
/* Nodes have no lines; messages name the path. Texts point into the document. Same errors. */
bool config_tree_from_doc(struct arena *arena, const char *name, struct doc doc,
                          struct config_node **root, ecommerce_error *err) MUST_CHECK;

/* INVALID_CONFIGURATION with the message "name:line:column: …", "name: …" where line is 0.
 * Of a long name the end is shown.
 * `field` (NULL: none) is the path at fault. */
bool config_fault(ecommerce_error *err, const char *name, int line, int column, const char *field,
                  const char *format, ...) PRINTF_LIKE(6, 7);
