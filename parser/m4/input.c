/*
 * m4_input - the texts that wait to be read, and the tokens in them: see parser/m4/engine.h
 *
 * What a macro expands to is put in front of what follows it, and a token may begin in the one and
 * go on in the other.
 */
#include "parser/m4/engine.h"

#include <string.h>

enum {
    CLASS_WORD_START = 1,
    CLASS_WORD = 2,
    CLASS_OTHER = 4, /* ends plain text: a parenthesis, a comma, the start of a quote or comment */
    ENTRIES_PER_DEPTH = 8,
    SIGN_WORK = 32, /* a quote sign takes as long as that many other bytes */
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

static unsigned class_of(const struct m4_engine *engine, int c)
{
    return c < 0 ? 0 : engine->class[(unsigned char)c];
}

static struct m4_entry *top(struct m4_engine *engine)
{
    return &engine->entries[engine->entry_count - 1];
}

/* settle - drops what is read to its end; false where nothing is left */
static bool settle(struct m4_engine *engine)
{
    while (engine->entry_count > 0) {
        const struct m4_entry *entry = top(engine);
        if (entry->at < entry->end || entry->builtin != NULL)
            return true;
        engine->entry_count--;
    }
    return false;
}

int m4_peek(struct m4_engine *engine)
{
    if (!settle(engine) || top(engine)->builtin != NULL)
        return -1;
    return (unsigned char)*top(engine)->at;
}

static struct span place_of(const struct m4_entry *entry, const char *at)
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
    settle(engine);
    if (engine->entry_count >= engine->left.depth * ENTRIES_PER_DEPTH) {
        m4_fail(engine, engine->here, "macros call each other deeper than is allowed");
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

/* looking_at - does TEXT come next?  It may begin in one entry and end in another */
static bool looking_at(struct m4_engine *engine, struct str text)
{
    size_t matched = 0;

    if (text.len == 0 || !settle(engine))
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

/* take - the next LEN bytes go to PIECES, or nowhere where that is NULL */
static void take(struct m4_engine *engine, struct m4_pieces *pieces, size_t len)
{
    while (len > 0 && settle(engine) && top(engine)->builtin == NULL) {
        struct m4_entry *entry = top(engine);
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
        struct m4_entry *entry = top(engine);
        const char *from = entry->at;
        while (entry->at < entry->end && class_of(engine, (unsigned char)*entry->at) & CLASS_WORD)
            entry->at++;
        m4_pieces_add(engine, pieces, (struct str){from, (size_t)(entry->at - from)});
        if (entry->at < entry->end)
            return;
    } while (class_of(engine, m4_peek(engine)) & CLASS_WORD);
}

/* scan_plain - within one entry is enough: nothing hangs on where plain text is cut */
static void scan_plain(struct m4_engine *engine, struct m4_pieces *pieces)
{
    struct m4_entry *entry = top(engine);
    const char *from = entry->at++;

    while (entry->at < entry->end &&
           !(class_of(engine, (unsigned char)*entry->at) & (CLASS_WORD_START | CLASS_OTHER)))
        entry->at++;
    m4_pieces_add(engine, pieces, (struct str){from, (size_t)(entry->at - from)});
}

/* run_to - takes bytes of the current entry up to the first A or B */
static void run_to(struct m4_engine *engine, struct m4_pieces *pieces, char a, char b)
{
    struct m4_entry *entry = top(engine);
    const char *from = entry->at;

    while (entry->at < entry->end && *entry->at != a && *entry->at != b)
        entry->at++;
    m4_pieces_add(engine, pieces, (struct str){from, (size_t)(entry->at - from)});
}

static bool scan_quoted(struct m4_engine *engine, struct m4_token *token, struct m4_pieces *pieces)
{
    struct str left = engine->left_quote, right = engine->right_quote;

    take(engine, NULL, left.len);
    for (size_t level = 1; !engine->stopped;) {
        if (!settle(engine) || top(engine)->builtin != NULL) {
            m4_fail(engine, token->span, "the quote that starts here has no end");
            return false;
        }
        if (looking_at(engine, right)) {
            level--;
            take(engine, level == 0 ? NULL : pieces, right.len);
            m4_spend_work(engine, SIGN_WORK);
            if (level == 0)
                break;
        } else if (looking_at(engine, left)) {
            level++;
            take(engine, pieces, left.len);
        } else {
            take(engine, pieces, 1);
            if (settle(engine) && top(engine)->builtin == NULL)
                run_to(engine, pieces, left.at[0], right.at[0]);
        }
    }
    return !engine->stopped;
}

static bool scan_comment(struct m4_engine *engine, struct m4_token *token, struct m4_pieces *pieces)
{
    struct str end = engine->comment_end;

    take(engine, pieces, engine->comment_start.len);
    while (!looking_at(engine, end)) {
        if (!settle(engine) || top(engine)->builtin != NULL) {
            m4_fail(engine, token->span, "the comment that starts here has no end");
            return false;
        }
        take(engine, pieces, 1);
        if (settle(engine) && top(engine)->builtin == NULL)
            run_to(engine, pieces, end.at[0], end.at[0]);
    }
    take(engine, pieces, end.len);
    return !engine->stopped;
}

static enum m4_token_kind kind_of_byte(char c)
{
    return c == '(' ? M4_OPEN : c == ')' ? M4_CLOSE : c == ',' ? M4_COMMA : M4_PLAIN;
}

/* scan - the token at the top, its kind known by its first bytes: comment before word, quote last
 */
static bool scan(struct m4_engine *engine, struct m4_token *token, struct m4_pieces *pieces)
{
    struct m4_entry *entry = top(engine);
    unsigned class = class_of(engine, (unsigned char)*entry->at);

    if (class & CLASS_OTHER && looking_at(engine, engine->comment_start)) {
        token->kind = M4_COMMENT;
        return scan_comment(engine, token, pieces);
    }
    if (class & CLASS_WORD_START) {
        token->kind = M4_WORD;
        scan_word(engine, pieces);
    } else if (class & CLASS_OTHER && looking_at(engine, engine->left_quote)) {
        token->kind = M4_QUOTED;
        return scan_quoted(engine, token, pieces);
    } else if (class & CLASS_OTHER) {
        token->kind = kind_of_byte(*entry->at);
        take(engine, pieces, 1);
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
    if (!settle(engine))
        return !engine->stopped;
    struct m4_entry *entry = top(engine);
    size_t count = engine->entry_count;
    token->span = place_of(entry, entry->at);
    engine->here = token->span;
    token->written = entry->source != NULL;
    if (entry->builtin != NULL) {
        token->kind = M4_BUILTIN;
        token->builtin = entry->builtin;
        engine->entry_count--;
        return true;
    }
    const char *from = entry->at;
    if (!scan(engine, token, &pieces))
        return false;
    token->text = m4_pieces_str(&pieces);
    if (token->written && engine->entry_count == count)
        token->span.len = (size_t)(engine->entries[count - 1].at - from);
    else if (token->written && !pieces.copied) /* the file ended with it */
        token->span.len = token->text.len;
    token->written = token->written && !pieces.copied;
    return m4_spend_work(engine, token->text.len + 1);
}

/* m4_skip_line - up to and with the next line end; REST is what stood before it */
void m4_skip_line(struct m4_engine *engine, struct m4_token *rest)
{
    struct m4_pieces pieces = {.slice = STR_NONE};
    bool started = false;

    *rest = (struct m4_token){.kind = M4_PLAIN};
    while (settle(engine)) {
        struct m4_entry *entry = top(engine);
        if (entry->builtin != NULL) {
            engine->entry_count--;
            continue;
        }
        if (!started) {
            rest->span = place_of(entry, entry->at);
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
