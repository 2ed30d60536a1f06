/*
 * m4_macro - the defined macros, and the arguments of a call: see parser/m4/engine.h
 */
#include "parser/m4/engine.h"

#include <limits.h>

struct m4_symbol *m4_symbol_get(struct m4_engine *engine, struct str name, bool create)
{
    struct m4_symbol *symbol = map_get(&engine->symbols, name);

    if (symbol == NULL && create) {
        symbol = arena_alloc(engine->arena, sizeof *symbol);
        symbol->name = name;
        map_put(&engine->symbols, name, symbol);
    }
    return symbol;
}

void m4_know_macros(struct m4_engine *engine)
{
    engine->comment_start = engine->comment_end = (struct str)STR("");
    m4_set_classes(engine);
    for (size_t i = 0; i < engine->input->macro_count; i++) {
        const struct m4_macro *macro = &engine->input->macros[i];
        struct m4_symbol *symbol = m4_symbol_get(engine, macro->name, true);
        struct m4_definition *definition = arena_alloc(engine->arena, sizeof *definition);
        definition->text = macro->text;
        symbol->reported = macro->reported;
        if (symbol->top != NULL && symbol->top->builtin == NULL && !macro->reported)
            continue; /* the definition that the file made earlier stays */
        symbol->top = macro->text.at != NULL ? definition : NULL;
    }
}

void m4_know_builtins(struct m4_engine *engine)
{
    static const struct str always[] = {STR("__gnu__"), STR("__unix__")};

    for (size_t i = 0; i < engine->builtin_count; i++) {
        const struct m4_builtin *builtin = &engine->builtins[i];
        struct m4_symbol *symbol = m4_symbol_get(engine, str_of(builtin->name), true);
        symbol->top = arena_alloc(engine->arena, sizeof *symbol->top);
        symbol->top->builtin = builtin;
    }
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        struct m4_symbol *symbol = m4_symbol_get(engine, always[i], true);
        symbol->top = arena_alloc(engine->arena, sizeof *symbol->top);
        symbol->top->text = (struct str)STR("");
    }
}

/* an empty text at the address of a builtin stands for it */
struct str m4_builtin_marker(const struct m4_builtin *builtin)
{
    return (struct str){(const char *)builtin, 0};
}

const struct m4_builtin *m4_builtin_of(const struct m4_engine *engine, struct str text)
{
    for (size_t i = 0; text.len == 0 && i < engine->builtin_count; i++)
        if (text.at == (const char *)&engine->builtins[i])
            return &engine->builtins[i];
    return NULL;
}

const struct m4_builtin *m4_builtin_find(const struct m4_engine *engine, struct str name)
{
    for (size_t i = 0; i < engine->builtin_count; i++)
        if (str_is(name, engine->builtins[i].name))
            return &engine->builtins[i];
    return NULL;
}

struct str m4_argument(const struct m4_call *call, size_t index)
{
    return index < call->count ? call->arguments[index] : (struct str)STR("");
}

bool m4_number(struct str text, int *number)
{
    struct str rest = text;
    long long value = 0;
    bool minus;

    *number = 0;
    while (rest.len > 0 && is_space(rest.at[0]))
        rest = str_slice(rest, 1, rest.len);
    minus = rest.len > 0 && rest.at[0] == '-';
    if (minus || (rest.len > 0 && rest.at[0] == '+'))
        rest = str_slice(rest, 1, rest.len);
    if (text.len == 0)
        return true;
    if (!str_is_digits(rest))
        return false;
    for (size_t i = 0; i < rest.len && value <= UINT_MAX; i++)
        value = value * 10 + (rest.at[i] - '0');
    *number = (int)(unsigned)(minus ? -value : value);
    return true;
}

void m4_push_number(struct m4_engine *engine, const struct m4_call *call, int number)
{
    m4_push(engine, arena_printf(engine->arena, "%d", number), call->span);
}
