/*
 * cli.h - the command line: `ecommerce [options] command … [options]`.
 *
 * Commands are the rows of the table of operations, plus a few that need no open shop
 * (cli_own_commands). Documents are printed as tables and "name: value" lines on a terminal, as
 * JSON with --json or when the output is no terminal. Errors go to standard error. Exit status: 0
 * done, 1 refused for a business reason, 2 wrong use, 3 a store is unavailable, 4 a check found
 * something wrong.
 *
 * One thread; everything here may print.
 */
#pragma once

#include "ecommerce_system_parts.h"

enum { CLI_MAX_OVERRIDES = 64, EXIT_FOUND_WRONG = 4, EXIT_STORE_AWAY = 3, EXIT_WRONG_USE = 2 };

/* What the words of the command line said, options of the whole program taken out. */
struct cli {
    const char *config;                       /* --config, else ECOMMERCE_CONFIG, else NULL */
    const char *data;                         /* --data */
    const char *overrides[CLI_MAX_OVERRIDES]; /* --set */
    size_t override_count;
    const char *log_level; /* --log */
    bool json;             /* --json */
    bool help;             /* --help */
    bool version;          /* --version */
    bool tables;           /* print for people: standard output is a terminal and no --json */
    char **words;          /* what is left, in order; "--" and what follows it included */
    size_t word_count;
};

/* A command that is no operation. `words` are those after the command's own. */
struct cli_command {
    const char *name; /* "config show" */
    const char *usage;
    const char *summary;
    int (*run)(struct cli *cli, char **words, size_t count);
};

/* Ended by a row without a name. */
extern const struct cli_command cli_own_commands[];

/* ---- cli_options.c ---- */

/* Takes the program's options out of argv; `words` has room for argc. */
bool cli_read_options(struct cli *cli, int argc, char **argv, char **words,
                      ecommerce_error *err) MUST_CHECK;

/* ---- cli_match.c ---- */

/* How many of the words are the command's name; 0: it does not match. */
size_t cli_match(const char *command, char **words, size_t count);
/* The longest that matches; both NULL when none does. *length: words of its name. */
void cli_find_command(char **words, size_t count, const struct operation **operation,
                      const struct cli_command **own, size_t *length);
/* Does the command's name begin with all these words? */
bool cli_begins(const char *command, char **words, size_t count);
/* Is there a command whose name begins with these words? */
bool cli_is_group(char **words, size_t count);

/* ---- cli_arguments.c ---- */

/* The option that gives an argument, without dashes: "customer" for customer_id, "item" for items.
 */
void cli_option_name(const struct argument *argument, char *name, size_t size);
/* Words after the command's name become a document of named arguments. May read standard input. */
bool cli_read_arguments(const struct operation *operation, char **words, size_t count,
                        struct doc_builder *out, ecommerce_error *err) MUST_CHECK;

/* ---- cli_help.c ---- */

int cli_help(char **words, size_t count);
void cli_usage_of(const struct operation *operation, struct text *out);

/* "`--customer TEXT`": how a command line gives the argument, as Markdown. */
void cli_form_of(const struct argument *argument, struct text *out);

/* ---- cli_manual.c ---- */

/* The manual's page, docs/operations.md. False when it does not fit into memory. */
bool cli_write_manual(struct text *out) MUST_CHECK;

/* ---- cli_print.c ---- */

/* To standard output, in the form that was asked for. False: it could not be written. */
bool cli_print(const struct cli *cli, ecommerce_document *document);
/* For people. */
void cli_format(struct doc doc, struct text *out);
/* Columns that a text takes on a terminal. */
size_t cli_width(struct str text);
/* "ecommerce: message (field …)", or a problem document with --json. Its exit status. */
int cli_report(const struct cli *cli, const ecommerce_error *err);
/* Standard output, flushed: false when it failed for another reason than a closed pipe. */
bool cli_flush(void);

/* ---- cli_bench.c ---- */

int cli_bench(struct cli *cli, char **words, size_t count);
int cli_bench_recommendations(struct cli *cli, char **words, size_t count);

/* ---- cli_run.c ---- */

int cli_main(int argc, char **argv);
