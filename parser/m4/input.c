/*
 * m4_input - the texts that are to be read, and their tokens: see parser/m4/engine.h
 *
 * The expansion of a macro is put in front of the text that follows the call, and a token may start
 * in the one and end in the other.
 */
#include "parser/m4/engine.h"

#include <string.h>

enum {
    CLASS_WORD_START = 1,
    CLASS_WORD = 2,
    CLASS_OTHER =
        4, /* ends plain text: a parenthesis, a comma, the first byte of a quote or comment */
    ENTRIES_PER_DEPTH = 8,
    SIGN_WORK = 32, /* a quote takes as long as this many other bytes */
};

void m4_set_classes(struct m4_engine *engine)
{
    unsigned char *class = engine->class;

    for (int c = 0; c < 256; c++) {
        bool digit = c >= '0' && c <= '9';
        bool letter = is_alnum((char)c) ? !digit : c == '_';
        class[c] = (unsigned char)(letter ? CLASS_WORD_START | CLASS_WORD : digit ? CLASS_WORD : 0);
    }
    class['('] = class[')'] = class[','] = CLASS_OTHER;
    if (engine->left_quote.len > 0)
        class[(unsigned char)engine->left_quote.at[0]] |= CLASS_OTHER;
    if (engine->comment_start.len > 0)
        class[(unsigned char)engine->comment_start.at[0]] |= CLASS_OTHER;
}

static unsigned find_class(const struct m4_engine *engine, int c)
{
    return c < 0 ? 0 : engine->class[(unsigned char)c];
}

static struct m4_entry *get_top(struct m4_engine *engine)
{
    return &engine->entries[engine->entry_count - 1];
}

/* drop_read_entries - drops the entries that are read to their end; false where none is left */
static bool drop_read_entries(struct m4_engine *engine)
{
    while (engine->entry_count > 0) {
        const struct m4_entry *entry = get_top(engine);
        if (entry->at < entry->end || entry->builtin != NULL)
            return true;
        engine->entry_count--;
    }
    return false;
}

int m4_peek(struct m4_engine *engine)
{
    if (!drop_read_entries(engine) || get_top(engine)->builtin != NULL)
        return -1;
    return (unsigned char)*get_top(engine)->at;
}

static struct span find_place(const struct m4_entry *entry, const char *at)
{
    if (entry->source == NULL)
        return entry->origin;
    return (struct span){entry->source, (size_t)(at - entry->source->bytes.at), 0};
}

struct span m4_join(struct span first, struct span last)
{
    if (first.source == last.source && last.at + last.len >= first.at + first.len)
        first.len = last.at + last.len - first.at;
    return first;
}

static void push_entry(struct m4_engine *engine, struct m4_entry entry)
{
    drop_read_entries(engine);
    if (engine->entry_count >= engine->left.depth * ENTRIES_PER_DEPTH) {
        m4_fail(engine, engine->here, "macro expansions are nested more than %zu levels deep",
                engine->budget.depth * ENTRIES_PER_DEPTH);
        return;
    }
    engine->entries = arena_grow(engine->arena, engine->entries, engine->entry_count,
                                 &engine->entry_capacity, sizeof entry);
    engine->entries[engine->entry_count++] = entry;
}

void m4_push(struct m4_engine *engine, struct str text, struct span origin)
{
    if (text.len > 0)
        push_entry(engine, (struct m4_entry){text.at, text.at + text.len, NULL, origin, NULL});
}

void m4_push_placed(struct m4_engine *engine, struct str text, struct span origin)
{
    struct m4_entry entry = {text.at, text.at + text.len, NULL, origin, NULL};

    if (text.len == 0)
        return;
    for (size_t i = 0; i < engine->source_count; i++) {
        struct str bytes = engine->sources[i]->bytes;
        if (text.at >= bytes.at && text.at < bytes.at + bytes.len)
            entry.source = engine->sources[i];
    }
    push_entry(engine, entry);
}

void m4_push_file(struct m4_engine *engine, const struct source *source)
{
    struct str bytes = source->bytes;
    struct m4_entry entry = {bytes.at, bytes.at + bytes.len, source, {source, 0, 0}, NULL};

    engine->sources = arena_grow(engine->arena, engine->sources, engine->source_count,
                                 &engine->source_capacity, sizeof(struct source *));
    engine->sources[engine->source_count++] = source;
    push_entry(engine, entry);
}

void m4_push_builtin(struct m4_engine *engine, const struct m4_builtin *builtin, struct span origin)
{
    push_entry(engine, (struct m4_entry){NULL, NULL, NULL, origin, builtin});
}

/* is_next - does the input continue with TEXT?  It may start in one entry and end in another */
static bool is_next(struct m4_engine *engine, struct str text)
{
    size_t matched = 0;

    if (text.len == 0 || !drop_read_entries(engine))
        return false;
    for (size_t i = engine->entry_count; i > 0 && matched < text.len; i--) {
        const struct m4_entry *entry = &engine->entries[i - 1];
        if (entry->builtin != NULL)
            return false;
        size_t here = (size_t)(entry->end - entry->at);
        if (here > text.len - matched)
            here = text.len - matched;
        if (here > 0 && memcmp(entry->at, text.at + matched, here) != 0)
            return false;
        matched += here;
    }
    return matched == text.len;
}

/* take_bytes - takes the next LEN bytes, adding them to PIECES unless that is NULL */
static void take_bytes(struct m4_engine *engine, struct m4_pieces *pieces, size_t len)
{
    while (len > 0 && drop_read_entries(engine) && get_top(engine)->builtin == NULL) {
        struct m4_entry *entry = get_top(engine);
        size_t here = (size_t)(entry->end - entry->at);
        here = here < len ? here : len;
        if (pieces != NULL)
            m4_pieces_add(engine, pieces, (struct str){entry->at, here});
        entry->at += here;
        len -= here;
    }
}

static void scan_word(struct m4_engine *engine, struct m4_pieces *pieces)
{
    do {
        struct m4_entry *entry = get_top(engine);
        const char *from = entry->at;
        while (entry->at < entry->end && find_class(engine, (unsigned char)*entry->at) & CLASS_WORD)
            entry->at++;
        m4_pieces_add(engine, pieces, (struct str){from, (size_t)(entry->at - from)});
        if (entry->at < entry->end)
            return;
    } while (find_class(engine, m4_peek(engine)) & CLASS_WORD);
}

/* scan_plain - within one entry: plain text may be split anywhere */
static void scan_plain(struct m4_engine *engine, struct m4_pieces *pieces)
{
    struct m4_entry *entry = get_top(engine);
    const char *from = entry->at++;

    while (entry->at < entry->end &&
           !(find_class(engine, (unsigned char)*entry->at) & (CLASS_WORD_START | CLASS_OTHER)))
        entry->at++;
    m4_pieces_add(engine, pieces, (struct str){from, (size_t)(entry->at - from)});
}

/* take_until - takes bytes of the current entry up to the first A or B */
static void take_until(struct m4_engine *engine, struct m4_pieces *pieces, char a, char b)
{
    struct m4_entry *entry = get_top(engine);
    const char *from = entry->at;

    while (entry->at < entry->end && *entry->at != a && *entry->at != b)
        entry->at++;
    m4_pieces_add(engine, pieces, (struct str){from, (size_t)(entry->at - from)});
}

static bool scan_quoted(struct m4_engine *engine, struct m4_token *token, struct m4_pieces *pieces)
{
    struct str left = engine->left_quote, right = engine->right_quote;

    take_bytes(engine, NULL, left.len);
    for (size_t level = 1; !engine->stopped;) {
        if (!drop_read_entries(engine) || get_top(engine)->builtin != NULL) {
            m4_fail(engine, token->span, "the quote that starts here is not closed");
            return false;
        }
        if (is_next(engine, right)) {
            level--;
            take_bytes(engine, level == 0 ? NULL : pieces, right.len);
            m4_spend_work(engine, SIGN_WORK);
            if (level == 0)
                break;
        } else if (is_next(engine, left)) {
            level++;
            take_bytes(engine, pieces, left.len);
        } else {
            take_bytes(engine, pieces, 1);
            if (drop_read_entries(engine) && get_top(engine)->builtin == NULL)
                take_until(engine, pieces, left.at[0], right.at[0]);
        }
    }
    return !engine->stopped;
}

static bool scan_comment(struct m4_engine *engine, struct m4_token *token, struct m4_pieces *pieces)
{
    struct str end = engine->comment_end;

    take_bytes(engine, pieces, engine->comment_start.len);
    while (!is_next(engine, end)) {
        if (!drop_read_entries(engine) || get_top(engine)->builtin != NULL) {
            m4_fail(engine, token->span, "the comment that starts here is not closed");
            return false;
        }
        take_bytes(engine, pieces, 1);
        if (drop_read_entries(engine) && get_top(engine)->builtin == NULL)
            take_until(engine, pieces, end.at[0], end.at[0]);
    }
    take_bytes(engine, pieces, end.len);
    return !engine->stopped;
}

static enum m4_token_kind find_kind(char c)
{
    return c == '(' ? M4_OPEN : c == ')' ? M4_CLOSE : c == ',' ? M4_COMMA : M4_PLAIN;
}

/* scan_token - the next token, by its first bytes: a comment before a word, a quote last */
static bool scan_token(struct m4_engine *engine, struct m4_token *token, struct m4_pieces *pieces)
{
    struct m4_entry *entry = get_top(engine);
    unsigned class = find_class(engine, (unsigned char)*entry->at);

    if (class & CLASS_OTHER && is_next(engine, engine->comment_start)) {
        token->kind = M4_COMMENT;
        return scan_comment(engine, token, pieces);
    }
    if (class & CLASS_WORD_START) {
        token->kind = M4_WORD;
        scan_word(engine, pieces);
    } else if (class & CLASS_OTHER && is_next(engine, engine->left_quote)) {
        token->kind = M4_QUOTED;
        return scan_quoted(engine, token, pieces);
    } else if (class & CLASS_OTHER) {
        token->kind = find_kind(*entry->at);
        take_bytes(engine, pieces, 1);
    } else {
        token->kind = M4_PLAIN;
        scan_plain(engine, pieces);
    }
    return !engine->stopped;
}

bool m4_next_token(struct m4_engine *engine, struct m4_token *token)
{
    struct m4_pieces pieces = {.slice = STR_NONE};

    *token = (struct m4_token){.kind = M4_END, .text = STR("")};
    if (!drop_read_entries(engine))
        return !engine->stopped;
    struct m4_entry *entry = get_top(engine);
    size_t count = engine->entry_count;
    token->span = find_place(entry, entry->at);
    engine->here = token->span;
    token->written = entry->source != NULL;
    if (entry->builtin != NULL) {
        token->kind = M4_BUILTIN;
        token->builtin = entry->builtin;
        engine->entry_count--;
        return true;
    }
    const char *from = entry->at;
    if (!scan_token(engine, token, &pieces))
        return false;
    token->text = m4_pieces_str(&pieces);
    if (token->written && engine->entry_count == count)
        token->span.len = (size_t)(engine->entries[count - 1].at - from);
    else if (token->written && !pieces.copied) /* the file ended with it */
        token->span.len = token->text.len;
    token->written = token->written && !pieces.copied;
    return m4_spend_work(engine, token->text.len + 1);
}

/* m4_skip_line - up to and including the next line end; REST is the text before it */
void m4_skip_line(struct m4_engine *engine, struct m4_token *rest)
{
    struct m4_pieces pieces = {.slice = STR_NONE};
    bool started = false;

    *rest = (struct m4_token){.kind = M4_PLAIN};
    while (drop_read_entries(engine)) {
        struct m4_entry *entry = get_top(engine);
        if (entry->builtin != NULL) {
            engine->entry_count--;
            continue;
        }
        if (!started) {
            rest->span = find_place(entry, entry->at);
            rest->written = entry->source != NULL;
            started = true;
        }
        size_t size = (size_t)(entry->end - entry->at);
        const char *end = memchr(entry->at, '\n', size);
        size_t len = end != NULL ? (size_t)(end - entry->at) : size;
        m4_pieces_add(engine, &pieces, (struct str){entry->at, len});
        entry->at += len + (end != NULL ? 1 : 0);
        if (end != NULL)
            break;
    }
    rest->text = m4_pieces_str(&pieces);
    rest->written = rest->written && !pieces.copied;
    rest->span.len = rest->written ? rest->text.len : rest->span.len;
    m4_spend_work(engine, rest->text.len);
}
