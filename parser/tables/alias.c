#include "parser/tables/alias.h"

#include <string.h>

/* the specials of RFC 822, and "|%!", which tok822_parse.c adds */
#define SPECIALS "|%!()<>@,;:\\\".[]"

enum word_kind { WORD_SPECIAL, WORD_ATOM, WORD_QUOTED, WORD_LITERAL, WORD_COMMENT };

struct word {
    enum word_kind kind;
    char special;
    struct str text; /* without quotes, backslashes and brackets; a comment as it is written */
};

struct words {
    struct word *items;
    size_t count, capacity;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_in(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* collect_text - the text up to a byte in ENDS that is not escaped with a backslash */
static struct str collect_text(struct arena *arena, struct str text, size_t *at, const char *ends)
{
    struct buffer collected;

    buffer_init(&collected, arena);
    for (; *at < text.len; ++*at) {
        char c = text.at[*at];
        if (c == '\\') {
            if (++*at == text.len)
                break;
            c = text.at[*at];
        } else if (is_in(c, ends)) {
            break;
        }
        buffer_add_char(&collected, is_blank(c) ? ' ' : c);
    }
    return collected.len > 0 ? buffer_str(&collected) : (struct str)STR("");
}

/* find_comment_end - the offset after the ")" that ends the comment at FROM */
static size_t find_comment_end(struct str text, size_t from)
{
    size_t level = 1, i = from + 1;

    for (; i < text.len && level > 0; i++) {
        if (text.at[i] == '\\' && i + 1 < text.len)
            i++;
        else if (text.at[i] == '(')
            level++;
        else if (text.at[i] == ')')
            level--;
    }
    return i;
}

/* find_atom_kind - an atom with special characters, which were escaped, is written in quotes */
static enum word_kind find_atom_kind(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c <= ' ' || c == 0x7f || is_in(text.at[i], SPECIALS))
            return WORD_QUOTED;
    }
    return WORD_ATOM;
}

/* take_word - the word of TEXT at *AT, which is not white space */
static struct word take_word(struct arena *arena, struct str text, size_t *at)
{
    char c = text.at[*at];
    struct word word = {.kind = WORD_SPECIAL, .special = c};

    if (c == '(') {
        size_t end = find_comment_end(text, *at);
        word = (struct word){.kind = WORD_COMMENT, .text = str_slice(text, *at, end)};
        *at = end;
    } else if (c == '[' || c == '"') {
        ++*at;
        word.kind = c == '[' ? WORD_LITERAL : WORD_QUOTED;
        word.text = collect_text(arena, text, at, c == '[' ? "]" : "\"");
        *at += *at < text.len;
    } else if (c != '\\' && is_in(c, SPECIALS)) {
        ++*at;
    } else {
        word.text = collect_text(arena, text, at, " \t\r\n" SPECIALS);
        word.kind = find_atom_kind(word.text);
    }
    return word;
}

static struct words split_words(struct arena *arena, struct str text)
{
    struct words words = {0};

    for (size_t i = 0; i < text.len;) {
        if (is_blank(text.at[i])) {
            i++;
            continue;
        }
        words.items =
            arena_grow(arena, words.items, words.count, &words.capacity, sizeof *words.items);
        words.items[words.count++] = take_word(arena, text, &i);
    }
    return words;
}

/* add_quoted - adds TEXT with a backslash before each byte in SET */
static void add_quoted(struct buffer *out, struct str text, const char *set)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_in(text.at[i], set))
            buffer_add_char(out, '\\');
        buffer_add_char(out, text.at[i]);
    }
}

static void add_word(struct buffer *out, const struct word *word, bool quoted)
{
    if (word->kind == WORD_SPECIAL) {
        buffer_add_char(out, word->special);
    } else if (word->kind == WORD_LITERAL) {
        buffer_add_char(out, '[');
        add_quoted(out, word->text, quoted ? "\\\r\n" : "");
        buffer_add_char(out, ']');
    } else if (word->kind == WORD_QUOTED && quoted) {
        buffer_add_char(out, '"');
        add_quoted(out, word->text, "\"\\\r\n");
        buffer_add_char(out, '"');
    } else {
        buffer_add(out, word->text);
    }
}

/* join_words - words [FROM, TO) as text; QUOTED: so that it can be parsed again */
static struct str join_words(struct arena *arena, const struct words *words, size_t from, size_t to,
                             bool quoted)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = from; i < to; i++) {
        const struct word *word = &words->items[i];
        add_word(&out, word, quoted);
        bool special = word->kind == WORD_SPECIAL;
        if (special && word->special == ',' && quoted) {
            buffer_add_char(&out, ' '); /* even at the end */
            continue;
        }
        if (i + 1 == to)
            continue;
        const struct word *next = &words->items[i + 1];
        if ((special && word->special == ',') ||
            (next->kind == WORD_SPECIAL && next->special == '<') ||
            (!special && next->kind != WORD_SPECIAL))
            buffer_add_char(&out, ' ');
    }
    return out.len > 0 ? buffer_str(&out) : (struct str)STR("");
}

bool alias_split(struct arena *arena, struct str line, struct str *key, struct str *value)
{
    struct words words = split_words(arena, line);
    size_t colon = 0;

    for (; colon < words.count; colon++) {
        const struct word *word = &words.items[colon];
        if (word->kind != WORD_SPECIAL)
            continue;
        if (word->special == ':')
            break;
        if (is_in(word->special, ",@%"))
            return false;
    }
    if (colon == 0 || colon + 1 >= words.count)
        return false;
    *key = join_words(arena, &words, 0, colon, false);
    *value = join_words(arena, &words, colon + 1, words.count, true);
    return true;
}
