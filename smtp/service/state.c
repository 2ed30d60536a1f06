#include "smtp/service/state.h"

void state_init(struct state *state, const struct policy_service *service, struct arena *arena,
                struct world *world)
{
    static const struct str unknown = STR("unknown");

    *state = (struct state){
        .service = service,
        .arena = arena,
        .world = world,
        .client_address = unknown,
        .client_name = unknown,
        .reverse_client_name = unknown,
        .client_name_status = NAME_PERMANENT,
        .reverse_client_name_status = NAME_PERMANENT,
        .client_port = unknown,
        .server_address = unknown,
        .server_port = unknown,
        .protocol = STR("SMTP"),
    };
}

struct lookup state_assume(const struct state *state, struct lookup lookup, struct str table,
                           struct str key)
{
    static const enum lookup_status status[] = {LOOKUP_NONE, LOOKUP_FOUND, LOOKUP_ERROR};
    struct str subject;

    if (lookup.status != LOOKUP_UNKNOWN)
        return lookup;
    subject = arena_printf(state->arena, "%.*s %.*s", STR_ARG(table), STR_ARG(key));
    lookup.status = status[world_ask(state->world, QUESTION_TABLE, subject, answers_table, 3)];
    lookup.value = str_of("");
    return lookup;
}

bool state_table_works(const struct state *state, struct str table, enum parameter_number parameter)
{
    static const char *const answers[2] = {"none", "fail"};
    struct str subject = arena_printf(state->arena, "%.*s in %.*s", STR_ARG(table),
                                      STR_ARG(parameter_name(parameter)));

    return world_ask(state->world, QUESTION_TABLE, subject, answers, 2) == 0;
}

struct trace_step *state_trace(struct state *state, enum stage stage)
{
    struct trace *trace = state->trace;

    if (trace == NULL)
        return NULL;
    trace->steps = arena_grow(trace->arena, trace->steps, trace->count, &trace->capacity,
                              sizeof *trace->steps);
    struct trace_step *step = &trace->steps[trace->count++];
    *step = (struct trace_step){.stage = stage};
    return step;
}
