/*
 * m4_builtin - the builtins that define, choose, divert and include: see parser/m4/engine.h
 */
#include "base/path.h"
#include "parser/m4/engine.h"
#include "parser/m4/include.h"

#include <errno.h>
#include <string.h>

enum { FILES_MAX = 100 };

static void set_fate(struct m4_engine *engine, const struct m4_call *call, enum m4_fate fate)
{
    if (call->item > 0)
        engine->result->items[call->item - 1].fate = fate;
}

static void define_macro(struct m4_engine *engine, struct m4_call *call, bool push)
{
    if (call->count < 2 || m4_builtin_of(engine, call->arguments[1]) != NULL)
        return;
    struct m4_symbol *symbol = m4_symbol_get(engine, call->arguments[1], true);
    struct m4_definition *definition = arena_alloc(engine->arena, sizeof *definition);
    if (!m4_spend_bytes(engine, sizeof *definition + sizeof *symbol))
        return;
    definition->text = m4_argument(call, 2);
    definition->builtin = m4_builtin_of(engine, definition->text);
    if (push)
        definition->below = symbol->top;
    else if (symbol->top != NULL)
        definition->below = symbol->top->below;
    symbol->top = definition;
}

static void do_define(struct m4_engine *engine, struct m4_call *call)
{
    define_macro(engine, call, false);
}

static void do_pushdef(struct m4_engine *engine, struct m4_call *call)
{
    define_macro(engine, call, true);
}

static void undefine_macros(struct m4_engine *engine, struct m4_call *call, bool all)
{
    for (size_t i = 1; i < call->count; i++) {
        struct m4_symbol *symbol = m4_symbol_get(engine, call->arguments[i], false);
        if (symbol != NULL && symbol->top != NULL)
            symbol->top = all ? NULL : symbol->top->below;
    }
}

static void do_undefine(struct m4_engine *engine, struct m4_call *call)
{
    undefine_macros(engine, call, true);
}

static void do_popdef(struct m4_engine *engine, struct m4_call *call)
{
    undefine_macros(engine, call, false);
}

static void do_defn(struct m4_engine *engine, struct m4_call *call)
{
    /* each is put in front of the input: start with the last */
    for (size_t i = call->count - 1; i > 0 && !engine->stopped; i--) {
        const struct m4_symbol *symbol = m4_symbol_get(engine, call->arguments[i], false);
        if (symbol == NULL || symbol->top == NULL)
            continue;
        if (symbol->top->builtin != NULL) {
            if (call->count == 2)
                m4_push_builtin(engine, symbol->top->builtin, call->span);
            continue;
        }
        struct m4_pieces out = {.slice = STR_NONE};
        m4_pieces_add(engine, &out, engine->left_quote);
        m4_pieces_add(engine, &out, symbol->top->text);
        m4_pieces_add(engine, &out, engine->right_quote);
        m4_push(engine, m4_pieces_str(&out), call->span);
    }
}

static void push_argument(struct m4_engine *engine, struct m4_call *call, size_t index)
{
    struct str text = m4_argument(call, index);
    const struct m4_builtin *builtin = m4_builtin_of(engine, text);

    if (builtin != NULL)
        m4_push_builtin(engine, builtin, call->span);
    else
        m4_push_placed(engine, text, call->span);
}

static void do_ifdef(struct m4_engine *engine, struct m4_call *call)
{
    if (call->count < 3)
        return;
    const struct m4_symbol *symbol = m4_symbol_get(engine, call->arguments[1], false);
    push_argument(engine, call, symbol != NULL && symbol->top != NULL ? 2 : 3);
}

static void do_ifelse(struct m4_engine *engine, struct m4_call *call)
{
    size_t at = 1;

    if (call->count < 4)
        return;
    while (call->count - at >= 3) {
        if (!m4_spend_work(engine, call->arguments[at].len + 1))
            return;
        if (str_eq(call->arguments[at], call->arguments[at + 1])) {
            push_argument(engine, call, at + 2);
            return;
        }
        at += 3;
    }
    /* a single argument that is left is the else case; of two, the first is */
    if (at < call->count)
        push_argument(engine, call, at);
}

static void do_shift(struct m4_engine *engine, struct m4_call *call)
{
    m4_push_quoted(engine, call, 2, call->span);
}

static void do_incr(struct m4_engine *engine, struct m4_call *call)
{
    int number;

    if (call->count >= 2 && m4_number(call->arguments[1], &number))
        m4_push_number(engine, call, (int)((unsigned)number + 1));
}

static void do_decr(struct m4_engine *engine, struct m4_call *call)
{
    int number;

    if (call->count >= 2 && m4_number(call->arguments[1], &number))
        m4_push_number(engine, call, (int)((unsigned)number - 1));
}

static void do_divert(struct m4_engine *engine, struct m4_call *call)
{
    int number;

    if (m4_number(m4_argument(call, 1), &number))
        m4_set_divert(engine, number);
}

static void do_undivert(struct m4_engine *engine, struct m4_call *call)
{
    int number;

    if (call->count == 1)
        m4_undivert_all(engine);
    for (size_t i = 1; i < call->count; i++) {
        if (call->arguments[i].len == 0)
            continue;
        if (m4_number(call->arguments[i], &number))
            m4_undivert_number(engine, number);
        else
            set_fate(engine, call, M4_NOT_READ); /* the name of a file */
    }
}

static void do_divnum(struct m4_engine *engine, struct m4_call *call)
{
    m4_push_number(engine, call, engine->divert);
}

static void do_dnl(struct m4_engine *engine, struct m4_call *call)
{
    struct m4_token rest;

    m4_skip_line(engine, &rest);
    if (str_trim(rest.text).len == 0)
        return;
    struct m4_item item = {.kind = M4_DNL, .text = rest.text, .written = rest.written};
    item.span = m4_join(call->span, rest.span);
    m4_add_item(engine, item);
}

static void do_changequote(struct m4_engine *engine, struct m4_call *call)
{
    bool given = call->count > 1;

    engine->left_quote = given ? call->arguments[1] : (struct str)STR("`");
    engine->right_quote = m4_argument(call, 2);
    if (call->count < 3 || (engine->left_quote.len > 0 && engine->right_quote.len == 0))
        engine->right_quote = (struct str)STR("'");
    m4_set_classes(engine);
}

static void do_changecom(struct m4_engine *engine, struct m4_call *call)
{
    engine->comment_start = m4_argument(call, 1);
    engine->comment_end = m4_argument(call, 2);
    if (engine->comment_end.len == 0)
        engine->comment_end = (struct str)STR("\n");
    m4_set_classes(engine);
}

/* is_prelude - is the last component of the path the caller's prelude? */
static bool is_prelude(const struct m4_engine *engine, struct str path)
{
    const char *prelude = engine->input->prelude;

    return prelude != NULL && str_is(path_base(path), prelude);
}

static void do_include(struct m4_engine *engine, struct m4_call *call)
{
    struct str name = m4_argument(call, 1);
    const struct source *source = NULL;

    if (is_prelude(engine, name)) {
        set_fate(engine, call, M4_PRELUDE);
        if (!engine->result->prelude_seen)
            m4_know_macros(engine);
        engine->result->prelude_seen = true;
        return;
    }
    errno = 0;
    if (engine->input->open != NULL && m4_spend_bytes(engine, name.len + 1))
        source = engine->input->open(engine->input->context, engine->arena, name);
    if (engine->source_count >= FILES_MAX)
        m4_fail(engine, call->span, "more than %d files are included", FILES_MAX);
    else if (source == NULL && errno == EFBIG)
        m4_fail(engine, call->span, "the included file is larger than %u KB",
                M4_INCLUDE_SIZE_MAX >> 10);
    else if (source == NULL)
        set_fate(engine, call, M4_NOT_READ);
    else if (m4_spend_bytes(engine, source->bytes.len))
        m4_push_file(engine, source);
}

static void do_not_run(struct m4_engine *engine, struct m4_call *call)
{
    set_fate(engine, call, M4_NOT_RUN);
}

static void do_nothing(struct m4_engine *engine, struct m4_call *call)
{
    (void)engine;
    (void)call;
}

static void do_sysval(struct m4_engine *engine, struct m4_call *call)
{
    m4_push_number(engine, call, 0);
}

static void do_m4exit(struct m4_engine *engine, struct m4_call *call)
{
    (void)call;
    engine->stopped = true;
}

static void do_m4wrap(struct m4_engine *engine, struct m4_call *call)
{
    struct m4_pieces text = {.slice = STR_NONE};

    for (size_t i = 1; i < call->count; i++) {
        if (i > 1)
            m4_pieces_add(engine, &text, (struct str)STR(" "));
        m4_pieces_add(engine, &text, call->arguments[i]);
    }
    if (!m4_spend_bytes(engine, 2 * sizeof *engine->wraps))
        return;
    engine->wraps = arena_grow(engine->arena, engine->wraps, engine->wrap_count,
                               &engine->wrap_capacity, sizeof *engine->wraps);
    engine->wraps[engine->wrap_count++] = m4_pieces_str(&text);
}

/* do_file - __file__, quoted */
static void do_file(struct m4_engine *engine, struct m4_call *call)
{
    struct m4_pieces text = {.slice = STR_NONE};

    m4_pieces_add(engine, &text, engine->left_quote);
    if (call->span.source != NULL)
        m4_pieces_add(engine, &text, call->span.source->path);
    m4_pieces_add(engine, &text, engine->right_quote);
    m4_push(engine, m4_pieces_str(&text), call->span);
}

static void do_line(struct m4_engine *engine, struct m4_call *call)
{
    if (call->span.source != NULL && m4_spend_work(engine, call->span.at))
        m4_push_number(engine, call, (int)source_position(call->span.source, call->span.at).line);
}

/* run_other - calls the macro that the first argument names with the other arguments */
static void run_other(struct m4_engine *engine, struct m4_call *call, struct m4_symbol *symbol)
{
    struct m4_call other = *call;

    if (engine->level >= engine->left.depth) {
        m4_fail(engine, call->span, "calls are nested more than %zu levels deep",
                engine->budget.depth);
        return;
    }
    engine->level++;
    other.arguments++;
    other.count--;
    other.capacity = other.count;
    other.symbol = symbol;
    m4_run_macro(engine, &other);
    engine->level--;
}

static void do_indir(struct m4_engine *engine, struct m4_call *call)
{
    if (call->count < 2)
        return;
    struct m4_symbol *symbol = m4_symbol_get(engine, call->arguments[1], false);
    if (symbol != NULL && symbol->top != NULL)
        run_other(engine, call, symbol);
}

static void do_builtin(struct m4_engine *engine, struct m4_call *call)
{
    const struct m4_builtin *builtin = m4_builtin_find(engine, m4_argument(call, 1));
    struct m4_definition definition = {.text = STR(""), .builtin = builtin};
    struct m4_symbol symbol = {.name = m4_argument(call, 1), .top = &definition};

    if (builtin != NULL)
        run_other(engine, call, &symbol);
}

const struct m4_builtin m4_builtins[] = {
    {"__file__", do_file, false, false},
    {"__line__", do_line, false, false},
    {"__program__", do_nothing, false, false},
    {"builtin", do_builtin, true, false},
    {"changecom", do_changecom, false, true},
    {"changequote", do_changequote, false, true},
    {"debugfile", do_nothing, false, false},
    {"debugmode", do_nothing, false, false},
    {"decr", do_decr, true, false},
    {"define", do_define, true, true},
    {"defn", do_defn, true, false},
    {"divert", do_divert, false, true},
    {"divnum", do_divnum, false, false},
    {"dnl", do_dnl, false, false},
    {"dumpdef", do_nothing, false, true},
    {"errprint", do_nothing, true, true},
    {"esyscmd", do_not_run, true, true},
    {"eval", m4_do_eval, true, false},
    {"format", m4_do_format, true, false},
    {"ifdef", do_ifdef, true, true},
    {"ifelse", do_ifelse, true, true},
    {"include", do_include, true, true},
    {"incr", do_incr, true, false},
    {"index", m4_do_index, true, false},
    {"indir", do_indir, true, false},
    {"len", m4_do_len, true, false},
    {"m4exit", do_m4exit, false, true},
    {"m4wrap", do_m4wrap, true, true},
    {"maketemp", do_not_run, true, true},
    {"mkstemp", do_not_run, true, true},
    {"patsubst", do_not_run, true, true},
    {"popdef", do_popdef, true, true},
    {"pushdef", do_pushdef, true, true},
    {"regexp", do_not_run, true, true},
    {"shift", do_shift, true, false},
    {"sinclude", do_include, true, true},
    {"substr", m4_do_substr, true, false},
    {"syscmd", do_not_run, true, true},
    {"sysval", do_sysval, false, false},
    {"traceoff", do_nothing, false, false},
    {"traceon", do_nothing, false, false},
    {"translit", m4_do_translit, true, false},
    {"undefine", do_undefine, true, true},
    {"undivert", do_undivert, false, true},
};

const size_t m4_builtin_count = sizeof m4_builtins / sizeof *m4_builtins;
