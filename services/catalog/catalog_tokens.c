/*
 * catalog_tokens.c - words of a product, and of a search.
 *
 * A word is a run of letters and digits, lower-cased, Latin letters without their accents (café and
 * CAFE are one word, ß is ss, æ ae), cut at 32 bytes. Apostrophes and combining marks are dropped
 * (children's is childrens). Letters of other scripts stay as they are. All else separates.
 *
 * Stores find whole tokens only. So that the last word of a search may be the beginning of one,
 * each word is stored with its own beginnings of 2 to 6 letters, as "^wh", "^whi" …: at most five
 * small index rows a word, and a search as one types is the same index look-up as any other. Longer
 * beginnings are looked up by their first six letters and then compared with the document's words.
 */
#include "services/catalog/catalog_parts.h"

#include <stdlib.h>
#include <string.h>

/* U+00C0 to U+017F without accents; "" separates. */
static const char *const LATIN[] = {
    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",  /* C0 */
    "d", "n", "o",  "o",  "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "ss", /* D0 */
    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",  /* E0 */
    "d", "n", "o",  "o",  "o", "o", "o",  "",  "o", "u", "u", "u", "u", "y", "th", "y",  /* F0 */
    "a", "a", "a",  "a",  "a", "a", "c",  "c", "c", "c", "c", "c", "c", "c", "d",  "d",  /* 100 */
    "d", "d", "e",  "e",  "e", "e", "e",  "e", "e", "e", "e", "e", "g", "g", "g",  "g",  /* 110 */
    "g", "g", "g",  "g",  "h", "h", "h",  "h", "i", "i", "i", "i", "i", "i", "i",  "i",  /* 120 */
    "i", "i", "ij", "ij", "j", "j", "k",  "k", "k", "l", "l", "l", "l", "l", "l",  "l",  /* 130 */
    "l", "l", "l",  "n",  "n", "n", "n",  "n", "n", "n", "n", "n", "o", "o", "o",  "o",  /* 140 */
    "o", "o", "oe", "oe", "r", "r", "r",  "r", "r", "r", "s", "s", "s", "s", "s",  "s",  /* 150 */
    "s", "s", "t",  "t",  "t", "t", "t",  "t", "u", "u", "u", "u", "u", "u", "u",  "u",  /* 160 */
    "u", "u", "u",  "u",  "w", "w", "y",  "y", "y", "z", "z", "z", "z", "z", "z",  "s",  /* 170 */
};
_Static_assert(ARRAY_LENGTH(LATIN) == 0x180 - 0xC0, "one entry a character");

static uint32_t decode(struct str s, size_t length)
{
    static const uint8_t first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (uint8_t)s.ptr[0] & first_bits[length];
    for (size_t i = 1; i < length; i++) {
        code = (code << 6) | ((uint8_t)s.ptr[i] & 0x3f);
    }
    return code;
}

/* Neither part of a word nor the end of one. */
static bool is_dropped(uint32_t code)
{
    return code == '\'' || code == 0x2019 || code == 0xAD || (code >= 0x300 && code <= 0x36F);
}

/* Signs and white space of Latin-1, general punctuation, symbols, and of the East Asian scripts. */
static bool is_sign(uint32_t code)
{
    return code < 0xC0 || (code >= 0x2000 && code <= 0x2BFF) ||
           (code >= 0x3000 && code <= 0x303F) || (code >= 0xFF00 && code <= 0xFF0F) ||
           code == 0xFEFF || code == 0xFFFD;
}

/* What the character adds to a word; empty: it ends the word. */
static struct str folded(struct str character, uint32_t code, char *buffer)
{
    if (code < 0x80) {
        bool upper = code >= 'A' && code <= 'Z';
        *buffer = (char)(upper ? code + 'a' - 'A' : code);
        bool part = (*buffer >= 'a' && *buffer <= 'z') || (*buffer >= '0' && *buffer <= '9');
        return str_make(buffer, part ? 1 : 0);
    }
    if (code >= 0xC0 && code < 0x180) {
        return str_of(LATIN[code - 0xC0]);
    }
    return is_sign(code) ? str_make(buffer, 0) : character;
}

static void add_token(struct token_list *list, struct token *token, uint8_t weight)
{
    if (token->len == 0 || list->failed) {
        return;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        struct token *items = arena_array(list->arena, capacity, sizeof(*items));
        if (items == NULL) {
            list->failed = true;
            return;
        }
        if (list->count > 0) {
            memcpy(items, list->items, list->count * sizeof(*items));
        }
        list->items = items;
        list->capacity = capacity;
    }
    token->weight = weight;
    list->items[list->count++] = *token;
    *token = (struct token){0};
}

void tokens_add(struct token_list *list, struct str text, uint8_t weight)
{
    struct token token = {0};
    bool cut = false; /* the word was too long: its rest is left out */
    for (size_t length; text.len > 0; text = str_make(text.ptr + length, text.len - length)) {
        length = str_utf8_length(text);
        uint32_t code = length > 0 ? decode(text, length) : ' ';
        length = length > 0 ? length : 1;
        if (is_dropped(code)) {
            continue;
        }
        char buffer = 0;
        struct str part = folded(str_make(text.ptr, length), code, &buffer);
        if (part.len == 0) {
            add_token(list, &token, weight);
            cut = false;
            continue;
        }
        cut = cut || token.len + part.len > TOKEN_MAX;
        if (!cut) {
            memcpy(token.text + token.len, part.ptr, part.len);
            token.len = (uint8_t)(token.len + part.len);
        }
    }
    add_token(list, &token, weight);
}

static struct str token_str(const struct token *token)
{
    return str_make(token->text, token->len);
}

/* The heavier of equal ones first. */
static int compare_tokens(const void *a, const void *b)
{
    const struct token *left = a, *right = b;
    int order = str_compare(token_str(left), token_str(right));
    return order != 0 ? order : right->weight - left->weight;
}

void tokens_finish(struct token_list *list)
{
    if (list->count < 2) {
        return;
    }
    qsort(list->items, list->count, sizeof(*list->items), compare_tokens);
    size_t kept = 1;
    for (size_t i = 1; i < list->count; i++) {
        if (!str_equal(token_str(&list->items[i]), token_str(&list->items[kept - 1]))) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept < TOKENS_PER_PRODUCT ? kept : TOKENS_PER_PRODUCT;
}

static bool begins_character(char byte)
{
    return ((uint8_t)byte & 0xC0) != 0x80;
}

size_t token_prefix(const struct token *token, size_t characters)
{
    size_t at = 0;
    for (size_t seen = 0; at < token->len; at++) {
        seen += begins_character(token->text[at]);
        if (seen > characters) {
            break;
        }
    }
    return at;
}

size_t token_characters(const struct token *token)
{
    size_t characters = 0;
    for (size_t at = 0; at < token->len; at++) {
        characters += begins_character(token->text[at]);
    }
    return characters;
}
