/*
 * m4_budget - spends the budget, and fails where it is exhausted: see parser/m4/engine.h
 */
#include "parser/m4/engine.h"

const struct m4_budget m4_budget_default = {
    .depth = 256,
    .expansions = 50000,
    .bytes = 8u * 1024 * 1024,
    .work = 64u * 1024 * 1024,
};

void m4_fail(struct m4_engine *engine, struct span span, const char *format, ...)
{
    struct m4_result *result = engine->result;
    va_list arguments;

    if (engine->stopped)
        return;
    engine->stopped = true;
    result->failed = true;
    va_start(arguments, format);
    result->error = arena_vprintf(engine->arena, format, arguments);
    va_end(arguments);
    result->error_span = span;
}

bool m4_spend_bytes(struct m4_engine *engine, size_t bytes)
{
    if (bytes > engine->left.bytes) {
        m4_fail(engine, engine->here, "the macros expand to more than %zu KB of text",
                engine->budget.bytes >> 10);
        return false;
    }
    engine->left.bytes -= bytes;
    return true;
}

bool m4_spend_work(struct m4_engine *engine, size_t bytes)
{
    if (bytes > engine->left.work) {
        m4_fail(engine, engine->here, "the macros take too much time: more than %zu KB are read",
                engine->budget.work >> 10);
        return false;
    }
    engine->left.work -= bytes;
    return true;
}
