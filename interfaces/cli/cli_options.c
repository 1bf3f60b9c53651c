/* cli_options.c - the options of the whole program, wherever they stand among the words. */
#include "interfaces/cli/cli.h"

#include <stdlib.h>
#include <string.h>

enum program_option { OPTION_CONFIG, OPTION_DATA, OPTION_SET, OPTION_LOG };

static const char *const valued[] = {
    [OPTION_CONFIG] = "--config",
    [OPTION_DATA] = "--data",
    [OPTION_SET] = "--set",
    [OPTION_LOG] = "--log",
};

static bool take_flag(struct cli *cli, const char *word)
{
    bool *flag = strcmp(word, "--json") == 0                              ? &cli->json
                 : strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ? &cli->help
                 : strcmp(word, "--version") == 0                         ? &cli->version
                                                                          : NULL;
    if (flag != NULL) {
        *flag = true;
    }
    return flag != NULL;
}

static bool take_value(struct cli *cli, enum program_option option, const char *value,
                       ecommerce_error *err)
{
    switch (option) {
    case OPTION_CONFIG:
        cli->config = value;
        return true;
    case OPTION_DATA:
        cli->data = value;
        return true;
    case OPTION_LOG:
        cli->log_level = value;
        return true;
    case OPTION_SET:
        if (cli->override_count == CLI_MAX_OVERRIDES) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "--set",
                               "more than %d settings: use a file", CLI_MAX_OVERRIDES);
        }
        cli->overrides[cli->override_count++] = value;
        return true;
    }
    return false;
}

/* "--set a=b" and "--set=a=b". *option is -1 when the word is none of these. */
static bool find_valued(const char *word, int *option, const char **value)
{
    *value = NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(valued); i++) {
        size_t length = strlen(valued[i]);
        if (strncmp(word, valued[i], length) == 0 &&
            (word[length] == '\0' || word[length] == '=')) {
            *option = (int)i;
            *value = word[length] == '=' ? word + length + 1 : NULL;
            return true;
        }
    }
    return false;
}

static bool take_words(struct cli *cli, int argc, char **argv, ecommerce_error *err)
{
    bool literal = false; /* after "--" every word is one of the command's */
    for (int i = 1; i < argc; i++) {
        int option;
        const char *value;
        literal = literal || strcmp(argv[i], "--") == 0;
        if (literal) {
            cli->words[cli->word_count++] = argv[i];
        } else if (find_valued(argv[i], &option, &value)) {
            if (value == NULL && i + 1 == argc) {
                return error_field(err, ECOMMERCE_INVALID_ARGUMENT, argv[i],
                                   "%s needs a value after it", argv[i]);
            }
            value = value != NULL ? value : argv[++i];
            if (!take_value(cli, (enum program_option)option, value, err)) {
                return false;
            }
        } else if (!take_flag(cli, argv[i])) {
            cli->words[cli->word_count++] = argv[i];
        }
    }
    return true;
}

bool cli_read_options(struct cli *cli, int argc, char **argv, char **words, ecommerce_error *err)
{
    *cli = (struct cli){.words = words};
    if (!take_words(cli, argc, argv, err)) {
        return false;
    }
    if (cli->config == NULL) {
        const char *named = getenv("ECOMMERCE_CONFIG");
        cli->config = named != NULL && *named != '\0' ? named : NULL;
    }
    return true;
}
