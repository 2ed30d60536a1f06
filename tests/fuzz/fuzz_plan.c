/* any bytes as a plan, livetest.yaml: what is read is written, and read again as the same */
#include "smtp/livetest/plan.h"
#include "tests/fuzz/conversion.h"
#include "tests/fuzz/fuzz.h"

/* read_text - the bytes as a file */
static bool read_text(struct plan *plan, struct arena *arena, struct str text)
{
    struct str error = STR_NONE;
    struct str path = arena_printf(arena, "%.*s/livetest.yaml", STR_ARG(conversion_directory()));

    conversion_table("livetest.yaml", text);
    if (plan_read(plan, arena, path, &error))
        return true;
    fuzz_demand(property_message(arena, error));
    return false;
}

/* ask - what is asked about each session and step */
static void ask(struct arena *arena, const struct plan *plan)
{
    for (size_t i = 0; i < plan->session_count; i++) {
        const struct plan_session *session = &plan->sessions[i];
        plan_asks_capabilities(session);
        plan_is_harmless(session);
        for (size_t k = 0; k < session->step_count; k++)
            plan_expected(&session->steps[k], arena);
    }
    plan_left_out(plan, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct plan plan, again;
    struct buffer once, twice;

    if (arena == NULL)
        arena = arena_create(abort);
    if (read_text(&plan, arena, fuzz_input(data, size))) {
        ask(arena, &plan);
        buffer_init(&once, arena);
        plan_write(&once, &plan);
        if (!read_text(&again, arena, buffer_str(&once)))
            fuzz_demand("a plan that was written cannot be read");
        buffer_init(&twice, arena);
        plan_write(&twice, &again);
        if (!str_eq(buffer_str(&once), buffer_str(&twice)))
            fuzz_demand("a plan that was written is read as another one");
    }
    arena_reset(arena);
    return 0;
}
