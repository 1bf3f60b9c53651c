/*
 * replay_main.c - runs a fuzz target over given inputs, without a fuzzer.
 *
 * Each argument is a file, or a folder whose files are run in the order of their names. Without
 * arguments the empty input is run.
 */

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool run_file(const char *path, size_t size)
{
    /* Exactly as large as the input, so that the address sanitizer sees each byte read past it. */
    uint8_t *data = malloc(size ? size : 1);
    FILE *file = fopen(path, "rb");
    bool ok = data && file && fread(data, 1, size, file) == size;
    if (ok)
        LLVMFuzzerTestOneInput(data, size);
    else
        perror(path);
    if (file)
        fclose(file);
    free(data);
    return ok;
}

static int run_path(const char *path, int *runs);

static int run_folder(const char *path, int *runs)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    int failures = count < 0;
    for (int i = 0; i < count; i++) {
        char inner[4096];
        int length = snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            failures += length < (int)sizeof inner ? run_path(inner, runs) : 1;
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return failures;
}

static int run_path(const char *path, int *runs)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        perror(path);
        return 1;
    }
    if (S_ISDIR(about.st_mode))
        return run_folder(path, runs);
    ++*runs;
    return run_file(path, (size_t)about.st_size) ? 0 : 1;
}

int main(int argc, char **argv)
{
    int runs = 0, failures = 0;
    for (int i = 1; i < argc; i++)
        failures += run_path(argv[i], &runs);
    if (argc < 2) {
        LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
        runs = 1;
    }
    printf("%d inputs run, %d not readable\n", runs, failures);
    return failures ? 1 : 0;
}
