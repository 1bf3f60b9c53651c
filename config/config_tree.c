/* config_tree.c - the tree of a configuration document. See config_tree.h. */
#include "config/config_tree.h"

#include "config/quantity.h"
#include "support/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

/* The end of a long name, which tells more than its beginning; from a whole character on. */
static const char *shown_name(const char *name)
{
    enum { SHOWN_BYTES = 200 };
    size_t length = strlen(name);
    if (length > SHOWN_BYTES)
        name += length - SHOWN_BYTES;
    while (((unsigned char)*name & 0xC0) == 0x80)
        name++;
    return name;
}

bool config_fault(ecommerce_error *err, const char *name, int line, int column, const char *field,
                  const char *format, ...)
{
    char sentence[sizeof(((ecommerce_error *)NULL)->message)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    char place[64] = "";
    if (line > 0)
        snprintf(place, sizeof(place), ":%d:%d", line, column);
    return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, field ? field : "", "%s%s: %s",
                       shown_name(name), place, sentence);
}

/* ---- what both readers share ---- */

struct reader {
    struct arena *arena;
    const char *name;
    size_t nodes;
    yaml_parser_t *parser; /* NULL: from a document */
    struct str yaml;
    ecommerce_error *err;
};

static bool fault_at(struct reader *reader, yaml_mark_t mark, const char *sentence)
{
    return config_fault(reader->err, reader->name, (int)mark.line + 1, (int)mark.column + 1, NULL,
                        "%s", sentence);
}

static bool fault_in(struct reader *reader, const struct config_node *node, const char *sentence)
{
    return config_fault(reader->err, reader->name, node->key_line, node->key_column, NULL, "%s",
                        sentence);
}

static bool new_node(struct reader *reader, struct config_node **node)
{
    if (++reader->nodes > CONFIG_MAX_NODES) {
        yaml_mark_t mark = reader->parser ? reader->parser->mark : (yaml_mark_t){0};
        return config_fault(reader->err, reader->name, reader->parser ? (int)mark.line + 1 : 0,
                            (int)mark.column + 1, NULL, "more than %d values", CONFIG_MAX_NODES);
    }
    *node = arena_alloc(reader->arena, sizeof(**node));
    return *node ? true : error_memory(reader->err);
}

static bool too_deep(struct reader *reader, int line, int column)
{
    return config_fault(reader->err, reader->name, line, column, NULL,
                        "nested more than %d levels deep", CONFIG_MAX_DEPTH);
}

/* What can be a name in a path at all, so that messages and paths stay short and printable. */
static bool check_key(struct reader *reader, const struct config_node *section,
                      const struct config_node *node)
{
    if (node->key.len == 0 || node->key.len > CONFIG_MAX_KEY)
        return fault_in(reader, node, "a name must be from 1 to 64 bytes long");
    for (size_t i = 0; i < node->key.len; i++) {
        char c = node->key.ptr[i];
        if (c == '.')
            return fault_in(reader, node,
                            "a name with a point: write each section on a line of its own instead");
        if ((unsigned char)c <= 0x20 || (unsigned char)c >= 0x7F)
            return fault_in(reader, node, "a name must be of printable ASCII characters");
    }
    for (const struct config_node *other = section->first; other; other = other->next)
        if (str_equal(other->key, node->key))
            return config_fault(reader->err, reader->name, node->key_line, node->key_column, NULL,
                                "'%.*s' is given twice in one section%s", STR_ARG(node->key),
                                node->key_line > 0 ? "" : " of the document");
    return true;
}

/* ---- YAML ---- */

static bool is_one_of(struct str text, const char *const *names)
{
    for (; *names; names++)
        if (str_is(text, *names))
            return true;
    return false;
}

static bool has_leading_zero(struct str text)
{
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    return text.len > at + 1 && text.ptr[at] == '0' && text.ptr[at + 1] >= '0' &&
           text.ptr[at + 1] <= '9';
}

/* "0.25", "1.0e-4": with a point, and a sign in the exponent, without which YAML 1.1 sees a text.
 */
static bool is_number(struct str text, double *number)
{
    if (!memchr(text.ptr, '.', text.len) || !decimal_parse(text, number))
        return false;
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.ptr[i] == 'e' || text.ptr[i] == 'E')
            return text.ptr[i + 1] == '-' || text.ptr[i + 1] == '+';
    return true;
}

/* Gives a plain scalar its kind. */
static void resolve(struct config_node *node)
{
    static const char *const NULLS[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const TRUES[] = {"true", "True", "TRUE", "yes", "Yes",
                                        "YES",  "on",   "On",   "ON",  NULL};
    static const char *const FALSES[] = {"false", "False", "FALSE", "no",  "No",
                                         "NO",    "off",   "Off",   "OFF", NULL};
    struct str text = node->text;
    long long integer;
    if (is_one_of(text, NULLS)) {
        node->kind = CONFIG_NULL;
    } else if (is_one_of(text, TRUES) || is_one_of(text, FALSES)) {
        node->kind = CONFIG_BOOL;
        node->boolean = is_one_of(text, TRUES);
    } else if (has_leading_zero(text)) {
        node->kind = CONFIG_TEXT;
    } else if (str_to_int64(text, &integer)) {
        node->kind = CONFIG_INTEGER;
        node->integer = integer;
    } else if (is_number(text, &node->number)) {
        node->kind = CONFIG_NUMBER;
    } else {
        node->kind = CONFIG_TEXT;
    }
}

/* Where a byte of the text is: the parser reads ahead and knows only the byte when it is no UTF-8.
 */
static yaml_mark_t mark_of(struct str yaml, size_t offset)
{
    yaml_mark_t mark = {0};
    for (size_t i = 0; i < offset && i < yaml.len; i++) {
        bool continues = ((unsigned char)yaml.ptr[i] & 0xC0) == 0x80;
        mark.column = yaml.ptr[i] == '\n' ? 0 : mark.column + !continues;
        mark.line += yaml.ptr[i] == '\n';
    }
    return mark;
}

/* The parser's own sentence with its place. */
static bool syntax_fault(struct reader *reader)
{
    const yaml_parser_t *parser = reader->parser;
    if (parser->error == YAML_MEMORY_ERROR)
        return error_memory(reader->err);
    yaml_mark_t mark = parser->error == YAML_READER_ERROR
                           ? mark_of(reader->yaml, parser->problem_offset)
                           : parser->problem_mark;
    return config_fault(reader->err, reader->name, (int)mark.line + 1, (int)mark.column + 1, NULL,
                        "this is not YAML: %s", parser->problem ? parser->problem : "unreadable");
}

static bool next_event(struct reader *reader, yaml_event_t *event)
{
    return yaml_parser_parse(reader->parser, event) ? true : syntax_fault(reader);
}

static bool refuse_decoration(struct reader *reader, const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return fault_at(reader, event->start_mark, "an alias (*name) is not allowed");
    case YAML_SCALAR_EVENT:
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    default:
        break;
    }
    if (anchor)
        return fault_at(reader, event->start_mark, "an anchor (&name) is not allowed");
    if (tag)
        return fault_at(reader, event->start_mark, "a tag (!name) is not allowed");
    return true;
}

static bool copy_scalar(struct reader *reader, const yaml_event_t *event, struct str *text)
{
    size_t length = event->data.scalar.length;
    char *copy = arena_copy(reader->arena, event->data.scalar.value, length);
    *text = str_make(copy, length);
    return copy ? true : error_memory(reader->err);
}

static bool read_value(struct reader *reader, const yaml_event_t *event, int depth,
                       struct config_node *node);

static bool read_key(struct reader *reader, const yaml_event_t *event,
                     const struct config_node *section, struct config_node *node)
{
    node->key_line = (int)event->start_mark.line + 1;
    node->key_column = (int)event->start_mark.column + 1;
    if (!refuse_decoration(reader, event))
        return false;
    if (event->type != YAML_SCALAR_EVENT)
        return fault_at(reader, event->start_mark, "a name must be a text");
    return copy_scalar(reader, event, &node->key) && check_key(reader, section, node);
}

/* The children of a section or list, up to its end. */
static bool read_children(struct reader *reader, int depth, struct config_node *parent)
{
    struct config_node **last = &parent->first;
    bool ok;
    for (;;) {
        yaml_event_t event;
        struct config_node *node = NULL;
        if (!next_event(reader, &event))
            return false;
        if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        ok = new_node(reader, &node);
        if (ok && parent->kind == CONFIG_SECTION) {
            ok = read_key(reader, &event, parent, node);
            yaml_event_delete(&event);
            if (!ok || !next_event(reader, &event))
                return false;
        }
        ok = ok && read_value(reader, &event, depth, node);
        yaml_event_delete(&event);
        if (!ok)
            return false;
        *last = node;
        last = &node->next;
    }
}

static bool read_value(struct reader *reader, const yaml_event_t *event, int depth,
                       struct config_node *node)
{
    node->line = (int)event->start_mark.line + 1;
    node->column = (int)event->start_mark.column + 1;
    if (!refuse_decoration(reader, event))
        return false;
    if (event->type == YAML_SCALAR_EVENT) {
        node->kind = CONFIG_TEXT;
        if (!copy_scalar(reader, event, &node->text))
            return false;
        if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
            resolve(node);
        return true;
    }
    assert(event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT);
    node->kind = event->type == YAML_MAPPING_START_EVENT ? CONFIG_SECTION : CONFIG_LIST;
    if (depth >= CONFIG_MAX_DEPTH)
        return too_deep(reader, node->line, node->column);
    return read_children(reader, depth + 1, node);
}

/* Consumes an event that must be of one of two types. */
static bool expect(struct reader *reader, yaml_event_type_t type, yaml_event_type_t otherwise,
                   const char *sentence, yaml_event_type_t *found)
{
    yaml_event_t event;
    if (!next_event(reader, &event))
        return false;
    *found = event.type;
    bool ok = event.type == type || event.type == otherwise;
    if (ok && event.type == YAML_DOCUMENT_START_EVENT &&
        event.data.document_start.tag_directives.start !=
            event.data.document_start.tag_directives.end)
        ok = fault_at(reader, event.start_mark, "a %TAG directive is not allowed");
    else if (!ok)
        fault_at(reader, event.start_mark, sentence);
    yaml_event_delete(&event);
    return ok;
}

static bool read_document(struct reader *reader, struct config_node *root)
{
    yaml_event_type_t found;
    yaml_event_t event;
    if (!expect(reader, YAML_STREAM_START_EVENT, YAML_STREAM_START_EVENT, "no stream", &found) ||
        !expect(reader, YAML_DOCUMENT_START_EVENT, YAML_STREAM_END_EVENT, "no document", &found))
        return false;
    if (found == YAML_STREAM_END_EVENT)
        return true;
    if (!next_event(reader, &event))
        return false;
    bool ok = read_value(reader, &event, 0, root);
    yaml_event_delete(&event);
    return ok &&
           expect(reader, YAML_DOCUMENT_END_EVENT, YAML_DOCUMENT_END_EVENT, "no end", &found) &&
           expect(reader, YAML_STREAM_END_EVENT, YAML_STREAM_END_EVENT,
                  "a second document is not allowed", &found);
}

bool config_tree_from_yaml(struct arena *arena, const char *name, struct str yaml,
                           struct config_node **root, ecommerce_error *err)
{
    yaml_parser_t parser;
    struct reader reader = {
        .arena = arena, .name = name, .parser = &parser, .yaml = yaml, .err = err};
    if (yaml.len > CONFIG_MAX_SIZE)
        return config_fault(err, name, 0, 0, NULL, "larger than %d bytes", CONFIG_MAX_SIZE);
    if (!yaml_parser_initialize(&parser))
        return error_memory(err);
    /* Not to be guessed: the same bytes would be another text in UTF-16. */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)(yaml.ptr ? yaml.ptr : ""),
                                 yaml.len);
    bool ok = new_node(&reader, root);
    if (ok) {
        (*root)->kind = CONFIG_SECTION;
        ok = read_document(&reader, *root);
    }
    yaml_parser_delete(&parser);
    if (ok && (*root)->kind == CONFIG_NULL)
        (*root)->kind = CONFIG_SECTION;
    if (ok && (*root)->kind != CONFIG_SECTION)
        return config_fault(err, name, (*root)->line, (*root)->column, NULL,
                            "expected sections such as 'shop:', found %s",
                            (*root)->kind == CONFIG_LIST ? "a list" : "a single value");
    return ok;
}

/* ---- documents ---- */

static bool take_children(struct reader *reader, struct doc doc, int depth,
                          struct config_node *parent);

static bool take_value(struct reader *reader, const struct doc_value *value, int depth,
                       struct config_node *node)
{
    switch (value->type) {
    case DOC_NULL:
        node->kind = CONFIG_NULL;
        return true;
    case DOC_BOOL:
        node->kind = CONFIG_BOOL;
        node->boolean = value->boolean;
        return true;
    case DOC_INT:
        node->kind = CONFIG_INTEGER;
        node->integer = value->integer;
        return true;
    case DOC_DOUBLE:
        node->kind = CONFIG_NUMBER;
        node->number = value->number;
        return true;
    case DOC_TEXT:
        node->kind = CONFIG_TEXT;
        node->text = value->text;
        return true;
    case DOC_DOCUMENT:
    case DOC_ARRAY:
        node->kind = value->type == DOC_ARRAY ? CONFIG_LIST : CONFIG_SECTION;
        return depth < CONFIG_MAX_DEPTH ? take_children(reader, value->child, depth + 1, node)
                                        : too_deep(reader, 0, 0);
    default:
        node->kind = CONFIG_OTHER;
        return true;
    }
}

static bool take_children(struct reader *reader, struct doc doc, int depth,
                          struct config_node *parent)
{
    struct config_node **last = &parent->first;
    struct doc_iter iter;
    for (doc_iter_init(&iter, doc); doc_iter_next(&iter);) {
        struct config_node *node = NULL;
        if (!new_node(reader, &node))
            return false;
        if (parent->kind == CONFIG_SECTION) {
            node->key = iter.value.key;
            if (!check_key(reader, parent, node))
                return false;
        }
        if (!take_value(reader, &iter.value, depth, node))
            return false;
        *last = node;
        last = &node->next;
    }
    return true;
}

bool config_tree_from_doc(struct arena *arena, const char *name, struct doc doc,
                          struct config_node **root, ecommerce_error *err)
{
    struct reader reader = {.arena = arena, .name = name, .err = err};
    if (!new_node(&reader, root))
        return false;
    (*root)->kind = CONFIG_SECTION;
    return take_children(&reader, doc, 1, *root);
}
