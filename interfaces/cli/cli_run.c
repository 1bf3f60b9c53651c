/* cli_run.c - from the words of a command line to an exit status. */
#include "interfaces/cli/cli.h"

#include "support/alloc.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The log belongs to long-running programs; a command shows what went wrong, and the rest on
 * request. */
static void log_to_stderr(void *context, const char *level, const char *component, const char *line)
{
    const struct cli *cli = context;
    bool serious = strcmp(level, "error") == 0 || strcmp(level, "warning") == 0;
    if (serious || cli->log_level != NULL) {
        fprintf(stderr, "ecommerce: %s: %s: %s\n", level, component, line);
    }
}

static ecommerce_system *open_shop(struct cli *cli, ecommerce_error *err)
{
    char level[64];
    const char *overrides[CLI_MAX_OVERRIDES + 1];
    size_t count = cli->override_count;
    memcpy(overrides, cli->overrides, count * sizeof(*overrides));
    if (cli->log_level != NULL) {
        snprintf(level, sizeof(level), "log.level=%s", cli->log_level);
        overrides[count++] = level;
    }
    ecommerce_open_options options = {
        .configuration_file = cli->config,
        .folder = cli->data,
        .overrides = overrides,
        .override_count = count,
        .log = log_to_stderr,
        .log_context = cli,
    };
    return ecommerce_open_with(&options, err);
}

/* Some answers are no success although the operation was done. */
static int status_of(const struct operation *operation, struct doc answer)
{
    if (strcmp(operation->name, "check") == 0 && !doc_bool(answer, "clean", true)) {
        return EXIT_FOUND_WRONG;
    }
    if (strcmp(operation->name, "health") == 0 && str_is(doc_text(answer, "status"), "down")) {
        return EXIT_STORE_AWAY;
    }
    return 0;
}

static int show_answer(struct cli *cli, const struct operation *operation,
                       ecommerce_document *answer)
{
    bool printed = cli_print(cli, answer);
    if (ecommerce_document_replayed(answer) && cli->tables) {
        fputs("(the answer of an earlier call with this key)\n", stderr);
    }
    return printed ? status_of(operation, answer->doc) : EXIT_STORE_AWAY;
}

static int run_open(struct cli *cli, const struct operation *operation, struct doc arguments)
{
    ecommerce_error err = {0};
    ecommerce_document *answer = NULL;
    ecommerce_system *system = open_shop(cli, &err);
    if (system == NULL) {
        return cli_report(cli, &err);
    }
    int status = system_run(system, operation, arguments, &answer, &err)
                     ? show_answer(cli, operation, answer)
                     : cli_report(cli, &err);
    ecommerce_document_free(&answer);
    ecommerce_close(&system);
    return status;
}

static int run_operation(struct cli *cli, const struct operation *operation, size_t length)
{
    ecommerce_error err = {0};
    struct doc_builder builder;
    int status;
    doc_builder_init(&builder);
    if (cli_read_arguments(operation, cli->words + length, cli->word_count - length, &builder,
                           &err)) {
        struct doc arguments = doc_finish(&builder);
        status = doc_builder_check(&builder, &err) ? run_open(cli, operation, arguments)
                                                   : cli_report(cli, &err);
    } else {
        status = cli_report(cli, &err);
    }
    doc_builder_release(&builder);
    return status;
}

static int no_command(struct cli *cli)
{
    ecommerce_error err = {0};
    if (cli_is_group(cli->words, cli->word_count)) {
        cli_help(cli->words, cli->word_count);
        return EXIT_WRONG_USE;
    }
    const char *first = cli->words[0];
    if (first[0] == '-') {
        error_set(&err, ECOMMERCE_INVALID_ARGUMENT,
                  "there is no option '%.80s' before a command; see: ecommerce help", first);
    } else if (cli->word_count > 1 && cli_is_group(cli->words, 1)) {
        error_set(&err, ECOMMERCE_INVALID_ARGUMENT,
                  "there is no command '%.80s %.80s'; see: ecommerce %.80s --help", first,
                  cli->words[1], first);
    } else {
        error_set(&err, ECOMMERCE_INVALID_ARGUMENT,
                  "there is no command '%.80s'; see: ecommerce help", first);
    }
    return cli_report(cli, &err);
}

static int run(struct cli *cli)
{
    const struct operation *operation;
    const struct cli_command *own;
    size_t length;
    if (cli->version) {
        static char name[] = "version";
        static char *words[] = {name};
        cli_find_command(words, 1, &operation, &own, &length);
        return own->run(cli, NULL, 0);
    }
    if (cli->help) {
        return cli_help(cli->words, cli->word_count);
    }
    cli_find_command(cli->words, cli->word_count, &operation, &own, &length);
    if (operation != NULL) {
        return run_operation(cli, operation, length);
    }
    if (own != NULL) {
        return own->run(cli, cli->words + length, cli->word_count - length);
    }
    return no_command(cli);
}

/* A caller may have closed the standard streams. Their numbers must not become those of the shop's
 * files, to which messages would then be written. Opened the wrong way round, so that using one is
 * an error still. */
static void hold_standard_streams(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) == -1) {
            int taken = open("/dev/null", modes[stream]); /* the lowest that is free */
            UNUSED(taken);
        }
    }
}

int cli_main(int argc, char **argv)
{
    struct cli cli;
    ecommerce_error err = {0};
    hold_standard_streams();
    /* A reader that goes away is seen when the answer is written, after the shop's work is done;
     * a limit on the size of files, as a full disk is. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    char **words = mem_zalloc((size_t)argc + 1, sizeof(*words));
    if (words == NULL) {
        fputs("ecommerce: not enough memory\n", stderr);
        return EXIT_STORE_AWAY;
    }
    bool ok = cli_read_options(&cli, argc, argv, words, &err);
    cli.tables = !cli.json && isatty(STDOUT_FILENO) == 1;
    int status = ok ? run(&cli) : cli_report(&cli, &err);
    mem_free(words);
    return status;
}
