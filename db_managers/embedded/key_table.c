/* key_table.c - numbers for texts when writing, texts for numbers when reading. */
#include "db_managers/embedded/key_table.h"

#include "support/alloc.h"
#include "support/error.h"

/* Texts that a writer remembers before it starts afresh: some 20 MB. */
enum { REMEMBERED_MAX = 200000 };

bool key_find(struct sqlite_connection *connection, struct key_statements statements,
              struct str text, int64_t *number, ecommerce_error *err)
{
    *number = 0;
    if (!text.ptr)
        return true;
    struct sqlite_statement *statement = sqlite_prepared(connection, statements.find, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, text);
    return sqlite_run_int(statement, number, NULL, err);
}

static bool add(struct sqlite_connection *writer, struct key_statements statements, struct str text,
                int64_t *number, ecommerce_error *err)
{
    struct sqlite_statement *statement = sqlite_prepared(writer, statements.add, err);
    if (!statement)
        return false;
    sqlite_bind_str(statement, 1, text);
    if (!sqlite_run(statement, NULL, err))
        return false;
    *number = sqlite_last_rowid(writer);
    return true;
}

/* It is only a memory: without room for it the text is looked up again next time. */
static void remember(struct key_table *table, struct str text, int64_t number)
{
    if (table->numbers.count >= REMEMBERED_MAX)
        key_table_forget(table);
    const char *copy = arena_str(&table->texts, text);
    if (copy && strmap_put(&table->numbers, str_make(copy, text.len), (void *)(uintptr_t)number))
        return;
    key_table_forget(table);
}

bool key_table_intern(struct key_table *table, struct sqlite_connection *writer, struct str text,
                      int64_t *number, ecommerce_error *err)
{
    *number = 0;
    if (!text.ptr)
        return true;
    *number = (int64_t)(uintptr_t)strmap_get(&table->numbers, text);
    if (*number != 0)
        return true;
    if (!key_find(writer, table->statements, text, number, err))
        return false;
    if (*number == 0 && !add(writer, table->statements, text, number, err))
        return false;
    remember(table, text, *number);
    return true;
}

void key_table_forget(struct key_table *table)
{
    strmap_release(&table->numbers);
    arena_reset(&table->texts);
}

void key_table_release(struct key_table *table)
{
    key_table_forget(table);
    arena_release(&table->texts);
}

static bool room_for_text(struct key_reader *keys)
{
    if (keys->count < keys->capacity)
        return true;
    uint32_t capacity = keys->capacity ? keys->capacity * 2 : 64;
    struct str *texts = mem_resize(keys->texts, capacity * sizeof(*texts));
    if (!texts)
        return false;
    keys->texts = texts;
    keys->capacity = capacity;
    return true;
}

static bool read_text(struct key_reader *keys, int64_t number, struct str *text,
                      ecommerce_error *err)
{
    *text = STR_NONE;
    struct sqlite_statement *statement = sqlite_prepared(keys->reader, keys->statements.get, err);
    if (!statement)
        return false;
    sqlite_bind_int(statement, 1, number);
    enum sqlite_step step = sqlite_step(statement, err);
    if (step != SQLITE_STEP_ROW)
        return step == SQLITE_STEP_DONE;
    bool ok = sqlite_column_str(statement, 0, keys->arena, text, err);
    sqlite_reset(statement);
    return ok;
}

bool key_reader_text(struct key_reader *keys, int64_t number, struct str *text,
                     ecommerce_error *err)
{
    *text = STR_NONE;
    if (number == 0)
        return true;
    const uint32_t *place = number_map_get(&keys->places, (uint64_t)number);
    if (place) {
        *text = keys->texts[*place];
        return true;
    }
    if (!read_text(keys, number, text, err))
        return false;
    if (!room_for_text(keys) || !number_map_put(&keys->places, (uint64_t)number, keys->count, NULL))
        return error_memory(err);
    keys->texts[keys->count++] = *text;
    return true;
}

void key_reader_release(struct key_reader *keys)
{
    number_map_release(&keys->places);
    mem_free(keys->texts);
    keys->texts = NULL;
    keys->count = keys->capacity = 0;
}
