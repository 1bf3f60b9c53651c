/*
 * settings_print.h - settings and their table for people: `config show`, help, manual, example.
 *
 * Secrets are masked in every form; there is no way to have them shown. All functions append to
 * `out` and return false when it fails (out of memory or its maximum). Any thread that may read the
 * settings.
 */
#pragma once

#include "config/settings.h"

/* As a configuration file that loads again, each value that differs from its default with a comment
 * that names the default. (A secret's mask is refused when it is loaded.) */
bool settings_show(const struct settings *settings, struct text *out) MUST_CHECK;
/* The same as a document that config_load_doc takes, for JSON and Python. */
bool settings_show_doc(const struct settings *settings, struct doc_builder *out) MUST_CHECK;

/* For --help: one paragraph a setting with type, limits, default and description. */
bool settings_describe(const struct settings_table *table, struct text *out) MUST_CHECK;
/* The manual's page, docs/configuration.md. */
bool settings_write_manual(const struct settings_table *table, struct text *out) MUST_CHECK;
/* config/ecommerce_config.yaml.example: every setting at its default, with its description. */
bool settings_write_example(const struct settings_table *table, struct text *out) MUST_CHECK;
