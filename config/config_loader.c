/* config_loader.c - from a configuration document to settings. See config_loader.h. */
#include "config/config_loader.h"

#include "config/config_file.h"
#include "config/config_tree.h"
#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct loader {
    struct settings *staged; /* a copy: the caller's settings change at the end, or not at all */
    const struct settings_table *table;
    const struct config_node **given; /* the node that gave each setting, for settings_check */
    struct arena arena;
    const char *name;
    bool plain_secrets;    /* nobody else can read the document */
    struct text *problems; /* NULL: stop at the first */
    bool failed;
    ecommerce_error *err; /* the first problem */
};

/* Tells a problem. True: go on and look for more. */
static bool note(struct loader *loader, const ecommerce_error *problem)
{
    if (!loader->failed && loader->err)
        *loader->err = *problem;
    loader->failed = true;
    if (!loader->problems || problem->code != ECOMMERCE_INVALID_CONFIGURATION)
        return false;
    text_printf(loader->problems, "%s\n", problem->message);
    return true;
}

/* A problem with a setting at the place of its value or, for a wrong name, of its key. */
static bool note_setting(struct loader *loader, int line, int column, const char *path,
                         const char *sentence)
{
    ecommerce_error problem = {0};
    config_fault(&problem, loader->name, line, column, path, "%s: %s", path, sentence);
    return note(loader, &problem);
}

static bool note_value(struct loader *loader, const struct config_node *node, const char *path,
                       const ecommerce_error *cause)
{
    if (cause->code != ECOMMERCE_INVALID_CONFIGURATION)
        return note(loader, cause);
    return note_setting(loader, node->line, node->column, path, cause->message);
}

/* ---- secrets ---- */

static bool take_reference(const struct config_node *source, struct text *secret,
                           ecommerce_error *err)
{
    if (source && !source->next && source->kind == CONFIG_TEXT && str_is(source->key, "env"))
        return config_read_environment(source->text, secret, err);
    if (source && !source->next && source->kind == CONFIG_TEXT && str_is(source->key, "file"))
        return config_read_secret_file(source->text, secret, err);
    return error_set(err, ECOMMERCE_INVALID_CONFIGURATION, "expected %s and nothing else",
                     setting_type_expected(SETTING_SECRET));
}

static bool take_secret(struct loader *loader, const struct setting *row,
                        const struct config_node *node, struct setting_value *value,
                        ecommerce_error *err)
{
    if (node->kind == CONFIG_TEXT && str_is(node->text, SETTING_MASK))
        return error_set(err, ECOMMERCE_INVALID_CONFIGURATION,
                         "this is the mask of a secret, not the secret itself");
    if (node->kind == CONFIG_TEXT && !loader->plain_secrets)
        return error_set(
            err, ECOMMERCE_INVALID_CONFIGURATION,
            "others can read this file: give the secret as %s, or close the file to others",
            setting_type_expected(SETTING_SECRET));
    if (node->kind != CONFIG_SECTION)
        return setting_take(row, node, value, err);
    struct text secret = {.maximum = CONFIG_MAX_SECRET};
    bool ok = take_reference(node->first, &secret, err) &&
              setting_parse(row, text_str(&secret), value, err);
    if (secret.ptr)
        explicit_bzero(secret.ptr, secret.capacity);
    text_release(&secret);
    return ok;
}

/* ---- the walk ---- */

static bool apply_setting(struct loader *loader, size_t id, const struct config_node *node)
{
    const struct setting *row = &loader->table->rows[id];
    struct setting_value value = {0};
    ecommerce_error cause = {0};
    bool ok = row->type == SETTING_SECRET ? take_secret(loader, row, node, &value, &cause)
                                          : setting_take(row, node, &value, &cause);
    if (!ok)
        return note_value(loader, node, row->path, &cause);
    settings_set_value(loader->staged, id, &value);
    loader->given[id] = node;
    return true;
}

/* "; did you mean 'orders.deadline'", or the names that would be known there. */
static void add_hint(struct loader *loader, const char *path, struct text *sentence)
{
    struct text nearest = {0};
    settings_suggest(loader->table, str_of(path), &nearest);
    if (nearest.len > 0)
        text_printf(sentence, "; did you mean '%s'", text_cstr(&nearest));
    text_release(&nearest);
}

static bool note_unknown(struct loader *loader, const struct config_node *node, const char *path)
{
    struct text sentence = {0};
    text_adds(&sentence, "there is no such setting");
    add_hint(loader, path, &sentence);
    bool more = note_setting(loader, node->key_line, node->key_column, path, text_cstr(&sentence));
    text_release(&sentence);
    return more;
}

static bool apply_section(struct loader *loader, const struct config_node *section,
                          const char *prefix)
{
    bool more = true;
    for (const struct config_node *node = section->first; more && node; node = node->next) {
        size_t id;
        char *path = arena_printf(&loader->arena, "%s%s%.*s", prefix, prefix[0] ? "." : "",
                                  STR_ARG(node->key));
        if (!path) {
            ecommerce_error cause = {0};
            error_memory(&cause);
            return note(loader, &cause);
        }
        if (settings_find(loader->table, str_of(path), &id))
            more = apply_setting(loader, id, node);
        else if (!settings_is_section(loader->table, str_of(path)))
            more = note_unknown(loader, node, path);
        else if (node->kind == CONFIG_SECTION)
            more = apply_section(loader, node, path);
        else if (node->kind != CONFIG_NULL)
            more = note_setting(loader, node->line, node->column, path,
                                "this is a section: expected settings below it");
    }
    return more;
}

static void check_relations(struct loader *loader)
{
    ecommerce_error cause = {0};
    size_t wrong = 0;
    if (loader->failed || settings_check(loader->staged, &wrong, &cause))
        return;
    static const struct config_node NOWHERE = {0};
    const struct config_node *node = loader->given[wrong] ? loader->given[wrong] : &NOWHERE;
    note_value(loader, node, loader->table->rows[wrong].path, &cause);
}

/* ---- the three doors ---- */

static bool begin(struct loader *loader, struct settings *settings)
{
    ecommerce_error cause = {0};
    arena_init(&loader->arena, 0);
    loader->table = settings_table_of(settings);
    loader->given = mem_zalloc(loader->table->count, sizeof(const struct config_node *));
    loader->staged = settings_copy(settings, &cause);
    if (loader->given && loader->staged)
        return true;
    error_memory(&cause);
    return note(loader, &cause);
}

static bool end(struct loader *loader, struct settings *settings)
{
    if (!loader->failed)
        settings_swap(settings, loader->staged);
    settings_free(&loader->staged);
    mem_free(loader->given);
    arena_release(&loader->arena);
    return !loader->failed;
}

static void apply(struct loader *loader, const struct config_node *root)
{
    apply_section(loader, root, "");
    check_relations(loader);
}

static void load_yaml(struct loader *loader, struct str yaml)
{
    struct config_node *root;
    ecommerce_error cause = {0};
    if (config_tree_from_yaml(&loader->arena, loader->name, yaml, &root, &cause))
        apply(loader, root);
    else
        note(loader, &cause);
}

bool config_load_text(struct settings *settings, struct str yaml, const char *name,
                      ecommerce_error *err)
{
    struct loader loader = {
        .name = name ? name : "configuration", .plain_secrets = true, .err = err};
    if (begin(&loader, settings))
        load_yaml(&loader, yaml);
    return end(&loader, settings);
}

bool config_load_doc(struct settings *settings, struct doc doc, ecommerce_error *err)
{
    struct loader loader = {.name = "configuration", .plain_secrets = true, .err = err};
    struct config_node *root;
    ecommerce_error cause = {0};
    if (!begin(&loader, settings))
        return end(&loader, settings);
    if (config_tree_from_doc(&loader.arena, loader.name, doc, &root, &cause))
        apply(&loader, root);
    else
        note(&loader, &cause);
    return end(&loader, settings);
}

static bool load_file(struct settings *settings, const char *path, struct text *problems,
                      ecommerce_error *err)
{
    struct loader loader = {.name = path, .problems = problems, .err = err};
    struct text yaml = {0};
    ecommerce_error cause = {0};
    if (begin(&loader, settings)) {
        if (config_read_file(path, &yaml, &loader.plain_secrets, &cause))
            load_yaml(&loader, text_str(&yaml));
        else
            note(&loader, &cause);
    }
    text_release(&yaml);
    return end(&loader, settings);
}

bool config_load_file(struct settings *settings, const char *path, ecommerce_error *err)
{
    return load_file(settings, path, NULL, err);
}

bool config_check_file(struct settings *settings, const char *path, struct text *problems,
                       ecommerce_error *err)
{
    assert(problems);
    return load_file(settings, path, problems, err);
}
