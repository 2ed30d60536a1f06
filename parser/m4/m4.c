/*
 * m4 - the run: see parser/m4/m4.h
 */
#include "parser/m4/engine.h"

bool m4_run(struct m4_result *result, struct arena *arena, const struct m4_input *input)
{
    struct m4_engine engine = {.arena = arena,
                               .input = input,
                               .result = result,
                               .builtins = m4_builtins,
                               .builtin_count = m4_builtin_count};

    *result = (struct m4_result){.left_quote = STR("`"), .right_quote = STR("'")};
    engine.budget = engine.left = input->budget != NULL ? *input->budget : m4_budget_default;
    engine.left_quote = result->left_quote;
    engine.right_quote = result->right_quote;
    engine.comment_start = (struct str)STR("#");
    engine.comment_end = (struct str)STR("\n");
    m4_set_classes(&engine);
    map_init(&engine.symbols, arena);
    m4_know_builtins(&engine);
    if (input->prelude == NULL)
        m4_know_macros(&engine);
    m4_set_divert(&engine, 0);
    m4_push_file(&engine, input->source);
    m4_expand_all(&engine);
    result->left_quote = engine.left_quote;
    result->right_quote = engine.right_quote;
    return !result->failed;
}

struct str m4_error(const struct m4_result *result, struct arena *arena)
{
    struct span span = result->error_span;

    if (span.source == NULL)
        return result->error;
    struct position position = source_position(span.source, span.at);
    return arena_printf(arena, "%.*s:%zu: %.*s", STR_ARG(span.source->path), position.line,
                        STR_ARG(result->error));
}
