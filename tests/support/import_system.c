/* import_system.c - a whole shop in a temporary folder. See import_system.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/import_system.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void open_system(struct import_system *shop, const char *setting)
{
    const char *overrides[] = {setting};
    ecommerce_open_options options = {
        .folder = shop->folder.path,
        .overrides = overrides,
        .override_count = setting != NULL ? 1 : 0,
    };
    shop->system = ecommerce_open_with(&options, &shop->error);
    if (shop->system == NULL) {
        fail_msg("%s", shop->error.message);
    }
}

void import_system_open(struct import_system *shop, const char *setting)
{
    *shop = (struct import_system){0};
    temp_folder_make(&shop->folder);
    open_system(shop, setting);
}

void import_system_reopen(struct import_system *shop)
{
    ecommerce_document_free(&shop->answer);
    ecommerce_close(&shop->system);
    open_system(shop, NULL);
}

void import_system_close(struct import_system *shop)
{
    ecommerce_document_free(&shop->answer);
    ecommerce_close(&shop->system);
    temp_folder_remove(&shop->folder);
}

void import_system_write(const struct import_system *shop, const char *name, const char *content)
{
    FILE *file = fopen(temp_folder_file(&shop->folder, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
}

char *import_system_read(const struct import_system *shop, const char *name)
{
    enum { MOST = 1024 * 1024 };
    FILE *file = fopen(temp_folder_file(&shop->folder, name), "rb");
    char *content = calloc(1, MOST);
    assert_non_null(file);
    assert_non_null(content);
    assert_true(fread(content, 1, MOST - 1, file) < MOST - 1);
    fclose(file);
    return content;
}

bool import_system_try(struct import_system *shop, const char *operation, const char *arguments)
{
    char json[4096];
    snprintf(json, sizeof(json), "%s", arguments);
    for (char *at = json; *at; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    ecommerce_document *document = ecommerce_document_from_json(json, SIZE_MAX, &shop->error);
    if (document == NULL) {
        fail_msg("%s: %s", json, shop->error.message);
    }
    ecommerce_document_free(&shop->answer);
    bool ok = ecommerce_call(shop->system, operation, document, &shop->answer, &shop->error);
    ecommerce_document_free(&document);
    return ok;
}

void import_system_run(struct import_system *shop, const char *operation, const char *arguments)
{
    if (!import_system_try(shop, operation, arguments)) {
        fail_msg("%s: %s (%s)", operation, shop->error.message, shop->error.field);
    }
}

bool import_system_try_file(struct import_system *shop, const char *operation, const char *name,
                            const char *more)
{
    char arguments[2048];
    snprintf(arguments, sizeof(arguments), "{'path': '%s'%s%s}",
             temp_folder_file(&shop->folder, name), *more ? ", " : "", more);
    return import_system_try(shop, operation, arguments);
}

void import_system_run_file(struct import_system *shop, const char *operation, const char *name,
                            const char *more)
{
    if (!import_system_try_file(shop, operation, name, more)) {
        fail_msg("%s %s: %s (%s)", operation, name, shop->error.message, shop->error.field);
    }
}

long long answer_int(const struct import_system *shop, const char *path)
{
    int64_t value = ecommerce_document_int(shop->answer, path, INT64_MIN);
    if (value == INT64_MIN) {
        fail_msg("no '%s' in %s", path, ecommerce_document_json(shop->answer));
    }
    return value;
}

long long answer_money(const struct import_system *shop, const char *path)
{
    double value = ecommerce_document_double(shop->answer, path, NAN);
    if (isnan(value)) {
        fail_msg("no '%s' in %s", path, ecommerce_document_json(shop->answer));
    }
    return llround(value * 100);
}

bool answer_bool(const struct import_system *shop, const char *path)
{
    bool value = ecommerce_document_bool(shop->answer, path, false);
    assert_true(value == ecommerce_document_bool(shop->answer, path, true)); /* it is there */
    return value;
}

const char *answer_text(const struct import_system *shop, const char *path)
{
    const char *value = ecommerce_document_text(shop->answer, path);
    if (value == NULL) {
        fail_msg("no '%s' in %s", path, ecommerce_document_json(shop->answer));
    }
    return value;
}
