/* cli_match.c - which command do these words name? */
#include "interfaces/cli/cli.h"

#include <string.h>

/* Compares word by word; true when all words of the shorter one agree. */
static bool agrees(const char *command, char **words, size_t count, size_t *matched, bool *whole)
{
    size_t index = 0;
    while (*command != '\0' && index < count) {
        size_t length = strcspn(command, " ");
        if (strlen(words[index]) != length || strncmp(words[index], command, length) != 0) {
            return false;
        }
        index++;
        command += length;
        command += strspn(command, " ");
    }
    *matched = index;
    *whole = *command == '\0';
    return true;
}

size_t cli_match(const char *command, char **words, size_t count)
{
    size_t matched;
    bool whole;
    return agrees(command, words, count, &matched, &whole) && whole ? matched : 0;
}

void cli_find_command(char **words, size_t count, const struct operation **operation,
                      const struct cli_command **own, size_t *length)
{
    const struct operation *row;
    *operation = NULL;
    *own = NULL;
    *length = 0;
    for (size_t at = 0; (row = operation_next(&at)) != NULL;) {
        size_t matched = row->command != NULL ? cli_match(row->command, words, count) : 0;
        if (matched > *length) {
            *length = matched;
            *operation = row;
        }
    }
    for (const struct cli_command *command = cli_own_commands; command->name != NULL; command++) {
        size_t matched = cli_match(command->name, words, count);
        if (matched > *length) {
            *length = matched;
            *operation = NULL;
            *own = command;
        }
    }
}

bool cli_begins(const char *command, char **words, size_t count)
{
    size_t matched;
    bool whole;
    return agrees(command, words, count, &matched, &whole) && matched == count;
}

bool cli_is_group(char **words, size_t count)
{
    const struct operation *row;
    for (size_t at = 0; (row = operation_next(&at)) != NULL;) {
        if (row->command != NULL && cli_begins(row->command, words, count)) {
            return true;
        }
    }
    for (const struct cli_command *command = cli_own_commands; command->name != NULL; command++) {
        if (cli_begins(command->name, words, count)) {
            return true;
        }
    }
    return false;
}
