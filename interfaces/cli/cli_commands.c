/* cli_commands.c - the commands that need no open shop. */
#include "interfaces/cli/cli.h"

#include "config/config_loader.h"
#include "config/settings_print.h"

#include <stdio.h>
#include <string.h>

/* ---- configuration ---- */

static bool refuse_words(char **words, size_t count, ecommerce_error *err)
{
    return count == 0 || error_set(err, ECOMMERCE_INVALID_ARGUMENT,
                                   "there is no place for '%.80s' here", words[0]);
}

static bool override(struct settings *settings, const char *path, const char *value,
                     ecommerce_error *err)
{
    return value == NULL || settings_set_text(settings, path, value, err);
}

/* As opening the shop does it: the file, then what the command line says. */
static bool load_command_line(const struct cli *cli, struct settings *settings,
                              ecommerce_error *err)
{
    if (!override(settings, "stores.embedded.folder", cli->data, err)) {
        return false;
    }
    for (size_t i = 0; i < cli->override_count; i++) {
        const char *equals = strchr(cli->overrides[i], '=');
        if (equals == NULL) {
            return error_set(err, ECOMMERCE_INVALID_CONFIGURATION,
                             "'%.80s' is not of the form PATH=VALUE", cli->overrides[i]);
        }
        char path[128];
        snprintf(path, sizeof(path), "%.*s", (int)(equals - cli->overrides[i]), cli->overrides[i]);
        if (!settings_set_text(settings, path, equals + 1, err)) {
            return false;
        }
    }
    return override(settings, "log.level", cli->log_level, err);
}

static int print_text(const struct text *text)
{
    bool ok = text_ok(text);
    fputs(text_cstr(text), stdout);
    return cli_flush() && ok ? 0 : EXIT_STORE_AWAY;
}

static int print_settings(struct cli *cli, const struct settings *settings)
{
    if (!cli->json) {
        struct text text = {0};
        bool ok = settings_show(settings, &text);
        int status = print_text(&text);
        text_release(&text);
        return ok ? status : EXIT_STORE_AWAY;
    }
    ecommerce_document *document = document_new();
    bool ok = document != NULL && settings_show_doc(settings, &document->builder) &&
              document_seal(document) && cli_print(cli, document);
    ecommerce_document_free(&document);
    return ok ? 0 : EXIT_STORE_AWAY;
}

static int config_show(struct cli *cli, char **words, size_t count)
{
    ecommerce_error err = {0};
    struct settings *settings = settings_new(&err);
    bool ok = settings != NULL && refuse_words(words, count, &err) &&
              (cli->config == NULL || config_load_file(settings, cli->config, &err)) &&
              load_command_line(cli, settings, &err) && settings_check(settings, NULL, &err);
    int status = ok ? print_settings(cli, settings) : cli_report(cli, &err);
    settings_free(&settings);
    return status;
}

/* The file is named by a word or by --config. All problems are listed, one a line. */
static int config_check(struct cli *cli, char **words, size_t count)
{
    ecommerce_error err = {0};
    struct text problems = {0};
    struct settings *settings = settings_new(&err);
    const char *file = count > 0 ? words[0] : cli->config;
    bool ok = settings != NULL && (count == 0 || refuse_words(words + 1, count - 1, &err));
    if (ok && file != NULL) {
        ok = config_check_file(settings, file, &problems, &err);
    }
    ok = ok && load_command_line(cli, settings, &err) && settings_check(settings, NULL, &err);
    ok = ok && settings_check_stores(settings, &err);
    int status = 0;
    if (ok) {
        puts(cli->json ? "{\"valid\": true}" : "The configuration is valid.");
        status = cli_flush() ? 0 : EXIT_STORE_AWAY;
    } else if (problems.len > 0 && !cli->json) {
        fputs(text_cstr(&problems), stderr);
        status = ecommerce_error_exit_status(err.code);
    } else {
        status = cli_report(cli, &err);
    }
    text_release(&problems);
    settings_free(&settings);
    return status;
}

/* ---- the program about itself ---- */

static int version(struct cli *cli, char **words, size_t count)
{
    UNUSED(words);
    UNUSED(count);
    printf(cli->json ? "{\"version\": \"%s\"}\n" : "ecommerce %s\n", ecommerce_version());
    return cli_flush() ? 0 : EXIT_STORE_AWAY;
}

static int operations(struct cli *cli, char **words, size_t count)
{
    UNUSED(words);
    UNUSED(count);
    ecommerce_error err = {0};
    struct cli as_json = *cli;
    as_json.tables = false;
    ecommerce_document *document = ecommerce_operations(&err);
    int status = document == NULL                ? cli_report(cli, &err)
                 : cli_print(&as_json, document) ? 0
                                                 : EXIT_STORE_AWAY;
    ecommerce_document_free(&document);
    return status;
}

static int help(struct cli *cli, char **words, size_t count)
{
    UNUSED(cli);
    return cli_help(words, count);
}

const struct cli_command cli_own_commands[] = {
    {"config show", "config show", "Show the settings that apply, secrets masked", config_show},
    {"config check", "config check [FILE]", "Tell everything that is wrong with a configuration",
     config_check},
    {"bench",
     "bench [disk] [orders] [batch] [reads] [carts] [--seconds N] [--rounds N] [--callers N,N] "
     "[--folder PATH]",
     "Measure this machine, beside loops without the engine", cli_bench},
    {"bench recommendations", "bench recommendations FILE",
     "Measure recommendations on the purchases of a retail file", cli_bench_recommendations},
    {"operations", "operations", "Print the table of operations as JSON", operations},
    {"version", "version", "Print the program's version", version},
    {"help", "help [COMMAND]", "Show help for a command, or list all of them", help},
    {.name = NULL},
};
