/*
 * m4_expand - collects the arguments of calls, and expands user's macros: see parser/m4/engine.h
 */
#include "parser/m4/engine.h"

#include <string.h>

static void expand_word(struct m4_engine *engine, const struct m4_token *token,
                        struct m4_pieces *out);

/* add_argument - false where the budget is exhausted, and CALL is unchanged */
static bool add_argument(struct m4_engine *engine, struct m4_call *call, struct str argument)
{
    /* an array that grows leaves its smaller selves in the arena */
    if (!m4_spend_bytes(engine, 2 * sizeof argument))
        return false;
    call->arguments =
        arena_grow(engine->arena, call->arguments, call->count, &call->capacity, sizeof argument);
    call->arguments[call->count++] = argument;
    return true;
}

/* emit_token - adds the text to the argument being collected, or to the output */
static void emit_token(struct m4_engine *engine, const struct m4_token *token,
                       struct m4_pieces *out)
{
    if (out != NULL) {
        m4_pieces_add(engine, out, token->text);
        return;
    }
    struct span span = token->span;
    /* the text of a quotation starts after the quote */
    if (token->written && span.source != NULL && token->text.len > 0)
        span.at = (size_t)(token->text.at - span.source->bytes.at);
    m4_add_text(engine, token->text, span, token->written);
}

static struct str skip_space(struct str text)
{
    size_t from = 0;

    while (from < text.len && is_space(text.at[from]))
        from++;
    return str_slice(text, from, text.len);
}

/* finish_argument - a builtin that is the whole argument stays one */
static void finish_argument(struct m4_engine *engine, struct m4_call *call,
                            const struct m4_pieces *pieces)
{
    struct str text = m4_pieces_str(pieces);

    if (pieces->builtin != NULL && text.len == 0)
        text = m4_builtin_marker(pieces->builtin);
    add_argument(engine, call, text);
}

/* collect_argument - up to the comma or parenthesis that ends it; *LAST: the parenthesis */
static bool collect_argument(struct m4_engine *engine, struct m4_call *call, bool *last)
{
    struct m4_pieces pieces = {.slice = STR_NONE};
    struct m4_token token;
    size_t parentheses = 0;
    bool started = false;

    while (m4_next_token(engine, &token)) {
        if (!started && token.kind == M4_PLAIN) {
            token.text = skip_space(token.text);
            if (token.text.len == 0)
                continue;
        }
        started = true;
        if (token.kind == M4_END) {
            m4_fail(engine, call->span, "the call that starts here has no closing parenthesis");
            return false;
        }
        if (parentheses == 0 && (token.kind == M4_COMMA || token.kind == M4_CLOSE)) {
            *last = token.kind == M4_CLOSE;
            if (*last)
                call->span = m4_join(call->span, token.span);
            finish_argument(engine, call, &pieces);
            return !engine->stopped;
        }
        parentheses += token.kind == M4_OPEN;
        parentheses -= token.kind == M4_CLOSE;
        if (token.kind == M4_WORD)
            expand_word(engine, &token, &pieces);
        else if (token.kind == M4_BUILTIN)
            pieces.builtin = token.builtin;
        else
            emit_token(engine, &token, &pieces);
    }
    return false;
}

static bool collect_arguments(struct m4_engine *engine, struct m4_call *call)
{
    struct m4_token token;
    bool last = false;

    if (!m4_next_token(engine, &token)) /* the opening parenthesis */
        return false;
    if (engine->level >= engine->left.depth) {
        m4_fail(engine, call->span, "calls are nested more than %zu levels deep",
                engine->budget.depth);
        return false;
    }
    engine->level++;
    while (!last && collect_argument(engine, call, &last))
        continue;
    engine->level--;
    return !engine->stopped;
}

/* expand_dollar - expands the "$" at AT of TEXT; returns the length of what it replaces */
static size_t expand_dollar(struct m4_engine *engine, const struct m4_call *call, struct str text,
                            size_t at, struct m4_pieces *out)
{
    char c = at + 1 < text.len ? text.at[at + 1] : '\0';

    if (c >= '0' && c <= '9') {
        size_t number = 0, digits = 0;
        for (; at + 1 + digits < text.len; digits++) {
            char digit = text.at[at + 1 + digits];
            if (digit < '0' || digit > '9')
                break;
            number = number > 1000000 ? number : number * 10 + (size_t)(digit - '0');
        }
        m4_pieces_add(engine, out, m4_argument(call, number));
        return 1 + digits;
    }
    if (c == '#') {
        m4_pieces_add(engine, out, arena_printf(engine->arena, "%zu", call->count - 1));
        return 2;
    }
    if (c == '*' || c == '@') {
        for (size_t i = 1; i < call->count && !engine->stopped; i++) {
            if (i > 1)
                m4_pieces_add(engine, out, (struct str)STR(","));
            if (c == '@')
                m4_pieces_add(engine, out, engine->left_quote);
            m4_pieces_add(engine, out, call->arguments[i]);
            if (c == '@')
                m4_pieces_add(engine, out, engine->right_quote);
        }
        return 2;
    }
    m4_pieces_add(engine, out, str_slice(text, at, at + 1));
    return 1;
}

/* expand_text - the text of a user's macro, with its arguments */
static void expand_text(struct m4_engine *engine, const struct m4_call *call, struct str text)
{
    struct m4_pieces out = {.slice = STR_NONE};

    for (size_t at = 0; at < text.len && !engine->stopped;) {
        size_t dollar = str_find(text, '$', at);
        m4_pieces_add(engine, &out, str_slice(text, at, dollar));
        at = dollar;
        if (at < text.len)
            at += expand_dollar(engine, call, text, at, &out);
    }
    m4_spend_work(engine, text.len);
    m4_push(engine, m4_pieces_str(&out), call->span);
}

void m4_push_quoted(struct m4_engine *engine, const struct m4_call *call, size_t from,
                    struct span origin)
{
    struct m4_pieces out = {.slice = STR_NONE};

    for (size_t i = from; i < call->count && !engine->stopped; i++) {
        if (i > from)
            m4_pieces_add(engine, &out, (struct str)STR(","));
        m4_pieces_add(engine, &out, engine->left_quote);
        m4_pieces_add(engine, &out, call->arguments[i]);
        m4_pieces_add(engine, &out, engine->right_quote);
    }
    m4_push(engine, m4_pieces_str(&out), origin);
}

static void report_call(struct m4_engine *engine, struct m4_call *call)
{
    const struct m4_definition *definition = call->symbol->top;

    call->item = 0;
    if (!call->symbol->reported && (definition->builtin == NULL || !definition->builtin->reported))
        return;
    struct m4_item item = {.kind = M4_CALL,
                           .text = call->arguments[0],
                           .arguments = call->arguments + 1,
                           .argument_count = call->count - 1,
                           .span = call->span,
                           .written = call->written};
    if (m4_add_item(engine, item) != NULL)
        call->item = engine->result->count;
}

/* m4_run_macro - CALL has its arguments; pushes its expansion */
void m4_run_macro(struct m4_engine *engine, struct m4_call *call)
{
    const struct m4_definition *definition = call->symbol->top;

    if (engine->left.expansions == 0) {
        m4_fail(engine, call->span, "there are more than %zu macro calls",
                engine->budget.expansions);
        return;
    }
    engine->left.expansions--;
    engine->here = call->span;
    report_call(engine, call);
    if (engine->stopped)
        return;
    if (definition->builtin != NULL)
        definition->builtin->run(engine, call);
    else
        expand_text(engine, call, definition->text);
}

static void expand_word(struct m4_engine *engine, const struct m4_token *token,
                        struct m4_pieces *out)
{
    struct m4_symbol *symbol = m4_symbol_get(engine, token->text, false);
    const struct m4_definition *definition = symbol != NULL ? symbol->top : NULL;

    if (definition == NULL) {
        emit_token(engine, token, out);
        return;
    }
    bool parenthesis = m4_peek(engine) == '(';
    if (!parenthesis && definition->builtin != NULL && definition->builtin->blind) {
        emit_token(engine, token, out);
        return;
    }
    struct m4_call call = {.span = token->span,
                           .written = token->written,
                           .parenthesis = parenthesis,
                           .symbol = symbol};
    if (!add_argument(engine, &call, token->text))
        return;
    if (engine->stopped || (parenthesis && !collect_arguments(engine, &call)))
        return;
    if (symbol->top != definition) {
        /* its own arguments changed it: m4 uses the definition at the start of the call */
        struct m4_symbol before = {.name = symbol->name, .reported = symbol->reported};
        struct m4_definition kept = *definition;
        before.top = &kept;
        call.symbol = &before;
        m4_run_macro(engine, &call);
        return;
    }
    m4_run_macro(engine, &call);
}

/* push_wraps - reads the texts of m4wrap, the last one first; false where there are none */
static bool push_wraps(struct m4_engine *engine)
{
    size_t count = engine->wrap_count;

    engine->wrap_count = 0;
    for (size_t i = 0; i < count; i++)
        m4_push(engine, engine->wraps[i], engine->here);
    return count > 0;
}

void m4_expand_all(struct m4_engine *engine)
{
    struct m4_token token;

    while (m4_next_token(engine, &token)) {
        if (token.kind == M4_WORD)
            expand_word(engine, &token, NULL);
        else if (token.kind != M4_BUILTIN && token.kind != M4_END)
            emit_token(engine, &token, NULL);
        else if (token.kind == M4_END && !push_wraps(engine))
            break;
    }
    if (!engine->result->failed) {
        engine->stopped = false;
        m4_set_divert(engine, 0);
        m4_undivert_all(engine);
    }
}
