/*
 * config_loader.h - settings from a configuration file, text or document.
 *
 * A document has a section for each part of a path and gives what differs from the defaults:
 *
 *     shop:
 *       name: "Tea & Tins"
 *       currency: GBP
 *     orders:
 *       deadline: 5 s
 *
 * What cannot be meant is an error: an unknown setting (with the nearest known name), a value of
 * another type or outside its limits, a name given twice, a setting without a value. Settings that
 * are not mentioned keep what they have, so that several documents may be loaded one over the
 * other. A section without anything below it is allowed. config_tree.h says which part of YAML is
 * read.
 *
 * A secret is given as {env: NAME}, the value of an environment variable, or {file: PATH}, the
 * content of a file without its last line end, which others must not be able to read or write.
 * Written out it is accepted only from a document in memory and from a file that nobody but its
 * owner (and group) can read. Paths are relative to the working folder.
 *
 * Errors: INVALID_CONFIGURATION with the path at fault in `field` and the message
 * "shop.yaml:12:5: orders.dedline: there is no such setting; did you mean 'orders.deadline'";
 * OUT_OF_MEMORY. After an error `settings` is unchanged. The caller's thread only.
 */
#pragma once

#include "config/settings.h"

enum { CONFIG_MAX_SECRET = 4096 /* bytes */ };

/* A regular file of at most CONFIG_MAX_SIZE bytes. */
bool config_load_file(struct settings *settings, const char *path, ecommerce_error *err) MUST_CHECK;
/* `name` stands for the text in messages; NULL: "configuration". */
bool config_load_text(struct settings *settings, struct str yaml, const char *name,
                      ecommerce_error *err) MUST_CHECK;
/* An already parsed tree, such as the dictionary that Python's yaml.safe_load returns. */
bool config_load_doc(struct settings *settings, struct doc doc, ecommerce_error *err) MUST_CHECK;

/*
 * For `config check`: loads the file over `settings` as config_load_file does, but goes on after
 * a wrong setting and appends every problem, one a line, to `problems`. `err` tells the first one.
 */
bool config_check_file(struct settings *settings, const char *path, struct text *problems,
                       ecommerce_error *err) MUST_CHECK;
