/* cli_bench.c - `ecommerce bench`: its words become options, its figures a document. */
#include "interfaces/cli/cli.h"

#include "bench/bench.h"
#include "bench/recommendations_eval.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    enum bench_section section;
} sections[] = {
    {"disk", BENCH_DISK},   {"orders", BENCH_ORDERS}, {"batch", BENCH_BATCH},
    {"reads", BENCH_READS}, {"carts", BENCH_CARTS},
};

static bool take_section(const char *word, struct bench_options *options, ecommerce_error *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(sections); i++) {
        if (strcmp(word, sections[i].name) == 0) {
            options->sections |= (unsigned)sections[i].section;
            return true;
        }
    }
    return error_set(err, ECOMMERCE_INVALID_ARGUMENT,
                     "'%.80s' is no section: disk, orders, batch, reads, carts", word);
}

static bool take_number(const char *option, const char *word, double least, double most,
                        double *number, ecommerce_error *err)
{
    char *end;
    *number = strtod(word, &end);
    if (end != word && *end == '\0' && *number >= least && *number <= most) {
        return true;
    }
    return error_field(err, ECOMMERCE_INVALID_ARGUMENT, option, "%s is a number from %g to %g",
                       option, least, most);
}

/* "1,8,32" */
static bool take_callers(const char *word, struct bench_options *options, ecommerce_error *err)
{
    options->caller_count = 0;
    for (const char *at = word; at != NULL; at = strchr(at, ',')) {
        char *end;
        at += *at == ',' ? 1 : 0;
        unsigned long callers = strtoul(at, &end, 10);
        if (end == at || (*end != ',' && *end != '\0') || callers < 1 ||
            callers > BENCH_MAX_CALLERS || options->caller_count == BENCH_MAX_RUNS) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "--callers",
                               "--callers is a list such as 1,8,32: at most %d numbers from 1 to "
                               "%d",
                               BENCH_MAX_RUNS, BENCH_MAX_CALLERS);
        }
        options->callers[options->caller_count++] = callers;
    }
    return true;
}

static bool take_option(const char *option, const char *value, struct bench_options *options,
                        ecommerce_error *err)
{
    double number;
    if (strcmp(option, "--seconds") == 0) {
        return take_number(option, value, 0.01, 600, &options->seconds, err);
    }
    if (strcmp(option, "--rounds") == 0) {
        bool ok = take_number(option, value, 1, BENCH_MAX_ROUNDS, &number, err);
        options->rounds = ok ? (size_t)number : 1;
        return ok;
    }
    if (strcmp(option, "--callers") == 0) {
        return take_callers(value, options, err);
    }
    if (strcmp(option, "--folder") == 0) {
        options->folder = value;
        return true;
    }
    return error_set(err, ECOMMERCE_INVALID_ARGUMENT,
                     "there is no option '%.80s' here: --seconds, --rounds, --callers, --folder",
                     option);
}

static bool read_words(char **words, size_t count, struct bench_options *options,
                       ecommerce_error *err)
{
    bench_options_init(options);
    options->sections = 0;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(words[i], "--", 2) != 0) {
            if (!take_section(words[i], options, err)) {
                return false;
            }
            continue;
        }
        if (i + 1 == count) {
            return error_field(err, ECOMMERCE_INVALID_ARGUMENT, words[i],
                               "%s needs a value after it", words[i]);
        }
        if (!take_option(words[i], words[i + 1], options, err)) {
            return false;
        }
        i++;
    }
    options->sections = options->sections != 0 ? options->sections : BENCH_ALL;
    return true;
}

int cli_bench(struct cli *cli, char **words, size_t count)
{
    struct bench_options options;
    ecommerce_error err = {0};
    if (!read_words(words, count, &options, &err)) {
        return cli_report(cli, &err);
    }
    ecommerce_document *document = document_new();
    if (document == NULL) {
        error_memory(&err);
        return cli_report(cli, &err);
    }
    int status;
    if (!bench_run(&options, &document->builder, &err)) {
        status = cli_report(cli, &err);
    } else {
        status = document_seal(document) && cli_print(cli, document) ? 0 : EXIT_STORE_AWAY;
    }
    ecommerce_document_free(&document);
    return status;
}

int cli_bench_recommendations(struct cli *cli, char **words, size_t count)
{
    ecommerce_error err = {0};
    if (count != 1) {
        error_set(&err, ECOMMERCE_INVALID_ARGUMENT, "usage: ecommerce bench recommendations FILE");
        return cli_report(cli, &err);
    }
    return bench_recommendations(words[0]);
}
