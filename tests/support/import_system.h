/*
 * import_system.h - a whole shop in a temporary folder, for tests of imports: operations by name
 * with JSON as arguments, and numbers out of their answers.
 */
#pragma once

#include "ecommerce_system.h"
#include "tests/support/temp_folder.h"

struct import_system {
    struct temp_folder folder; /* the shop's, and the files' */
    ecommerce_system *system;
    ecommerce_document *answer; /* the last one */
    ecommerce_error error;      /* of the last one */
};

/* `setting` as "shop.currency=EUR", or NULL. */
void import_system_open(struct import_system *shop, const char *setting);
void import_system_close(struct import_system *shop);
/* Opens the shop anew on what is in the folder. */
void import_system_reopen(struct import_system *shop);

/* Writes a file into the folder. */
void import_system_write(const struct import_system *shop, const char *name, const char *content);
/* The file's content; the caller frees it. */
char *import_system_read(const struct import_system *shop, const char *name);

/* Runs it; single quotes in the arguments stand for double ones. True when it succeeded. */
bool import_system_try(struct import_system *shop, const char *operation, const char *arguments);
/* The same, and a failure fails the test. */
void import_system_run(struct import_system *shop, const char *operation, const char *arguments);
/* With {path: the file in the folder, …more}, `more` as "'key': 'x'" or "". */
bool import_system_try_file(struct import_system *shop, const char *operation, const char *name,
                            const char *more);
void import_system_run_file(struct import_system *shop, const char *operation, const char *name,
                            const char *more);

/* Of the last answer; what is absent fails the test. */
long long answer_int(const struct import_system *shop, const char *path);
/* In hundredths. */
long long answer_money(const struct import_system *shop, const char *path);
bool answer_bool(const struct import_system *shop, const char *path);
const char *answer_text(const struct import_system *shop, const char *path);
