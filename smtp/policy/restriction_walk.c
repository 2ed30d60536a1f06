/*
 * restriction_walk - evaluates a list: smtpd_check.c, generic_checks()
 */
#include "smtp/policy/restriction_walk.h"

/* a restriction class that contains itself makes smtpd run out of stack; with tables, smtpd gives
   up at this depth */
enum { RECURSION_MAX = 100, STEPS_MAX = 100000 };

/* --- the trace ----------------------------------------------------------------------- */

static const char *describe_status(enum restriction_status status)
{
    return status == RESTRICTION_OK ? "permit" : status == RESTRICTION_REJECT ? "reject" : "dunno";
}

/* begin_step - returns the number of the step, which may move when more are added */
static size_t begin_step(struct restriction_walk *walk, const struct restriction_item *item,
                         int depth)
{
    struct trace_step *step = state_trace(walk->state, walk->list_stage);

    walk->said = walk->why = STR_NONE;
    walk->table_span = (struct span){0};
    if (step == NULL)
        return 0;
    step->list = walk->list;
    step->depth = depth;
    step->restriction = item->text;
    step->span = item->span;
    return walk->state->trace->count - 1;
}

static void end_step(struct restriction_walk *walk, size_t number,
                     const struct restriction_item *argument, enum restriction_status status)
{
    struct trace *trace = walk->state->trace;

    if (trace == NULL)
        return;
    struct trace_step *step = &trace->steps[number];
    if (argument != NULL)
        step->restriction = arena_printf(trace->arena, "%.*s %.*s", STR_ARG(step->restriction),
                                         STR_ARG(argument->text));
    step->said = walk->said.at != NULL ? walk->said : str_of(describe_status(status));
    step->why = walk->why.at != NULL ? walk->why : str_of("");
    step->table_span = walk->table_span;
    step->decided = status != RESTRICTION_DUNNO;
}

struct trace_step *restriction_trace_word(struct restriction_walk *walk, const char *word)
{
    struct trace_step *step = state_trace(walk->state, walk->list_stage);

    if (step == NULL)
        return NULL;
    step->list = word;
    step->restriction = str_of(word);
    step->said = walk->said.at != NULL ? walk->said : str_of("dunno");
    step->why = walk->why.at != NULL ? walk->why : str_of("");
    step->decided = true;
    return step;
}

struct trace_step *restriction_trace_parameter(struct restriction_walk *walk,
                                               enum parameter_number number)
{
    const struct policy_service *service = walk->state->service;
    struct trace_step *step = restriction_trace_word(walk, parameter_name(number).at);

    if (step == NULL)
        return NULL;
    struct setting setting = config_find(service->policy->config, service->service, number);
    if (setting.line != NULL && setting.value.at != NULL)
        step->span = line_span(setting.line, setting.value);
    return step;
}

/* --- one restriction ----------------------------------------------------------------- */

static bool has_colon(const struct restriction_item *argument)
{
    return argument != NULL && str_find(argument->text, ':', 0) < argument->text.len;
}

/* apply_builtin - after a check of the argument, walk->argument, which may be NULL */
static enum restriction_status apply_builtin(struct restriction_walk *walk,
                                             const struct restriction_builtin *builtin,
                                             enum restriction_argument expected)
{
    const struct restriction_item *argument = walk->argument;

    switch (expected) {
    case RESTRICTION_TABLE:
    case RESTRICTION_CONTAINER:
        if (!has_colon(argument)) {
            restriction_explain(walk, "it requires a table, type:name");
            return restriction_server_error(walk);
        }
        break;
    case RESTRICTION_SERVICE:
        if (!has_colon(argument)) {
            restriction_explain(walk, "it requires a server, transport:name");
            return restriction_server_error(walk);
        }
        break;
    case RESTRICTION_DOMAIN:
        if (argument == NULL) {
            restriction_explain(walk, "it requires a domain and is skipped");
            return RESTRICTION_DUNNO;
        }
        break;
    case RESTRICTION_NUMBER:
        if (argument == NULL || !str_is_digits(argument->text)) {
            restriction_explain(walk, "it requires a number");
            return restriction_server_error(walk);
        }
        break;
    case RESTRICTION_NO_ARGUMENT:
        break;
    }
    return builtin->apply(walk);
}

/* apply_named - a restriction class, or a name that the release does not have */
static enum restriction_status apply_named(struct restriction_walk *walk,
                                           const struct restriction_item *item)
{
    if (item->class == NULL) {
        restriction_explain(walk, "there is no restriction of this name");
        return restriction_server_error(walk);
    }
    if (walk->state->checks.recursion > RECURSION_MAX || walk->steps > STEPS_MAX) {
        restriction_explain(walk, "the class contains itself: smtpd runs out of stack");
        return restriction_server_error(walk);
    }
    enum restriction_status status = restriction_walk_list(walk, item->class);
    walk->said = walk->why = STR_NONE;
    return status;
}

/* apply_bare_table - "type:table" alone means the check_*_access of the list */
static enum restriction_status apply_bare_table(struct restriction_walk *walk)
{
    if (walk->bare_table_access != NULL)
        return walk->bare_table_access->apply(walk);
    restriction_explain(walk,
                        "a table without a restriction such as check_client_access before it");
    return restriction_server_error(walk);
}

/* apply_item - applies the restriction at *AT, and moves *AT to its argument */
static enum restriction_status apply_item(struct restriction_walk *walk,
                                          const struct restriction_list *list, size_t *at,
                                          int depth)
{
    const struct restriction_item *item = &list->items[*at], *argument = NULL;
    size_t step = begin_step(walk, item, depth);
    enum restriction_status status;

    walk->steps++;
    if (item->builtin != NULL && item->argument != RESTRICTION_NO_ARGUMENT && *at + 1 < list->count)
        argument = &list->items[++*at];
    walk->argument = item->has_colon ? item : argument;
    if (item->has_colon)
        status = apply_bare_table(walk);
    else if (item->builtin != NULL)
        status = apply_builtin(walk, item->builtin, item->argument);
    else
        status = apply_named(walk, item);
    if (status == RESTRICTION_LOOKUP_ERROR)
        status = restriction_lookup_failure(walk, walk->reply_name);
    end_step(walk, step, argument, status);
    return status;
}

enum restriction_status restriction_walk_list(struct restriction_walk *walk,
                                              const struct restriction_list *list)
{
    struct state_checks *checks = &walk->state->checks;
    int saved_recursion = checks->recursion++;
    enum restriction_status status = RESTRICTION_DUNNO;

    for (size_t i = 0; i < list->count && !checks->discard; i++) {
        if (list->items[i].warns) {
            if (checks->warn_if_reject == 0)
                checks->warn_if_reject = checks->recursion;
            continue;
        }
        status = apply_item(walk, list, &i, saved_recursion);
        if (walk->jumped)
            return status;
        if (checks->warn_if_reject >= checks->recursion)
            checks->warn_if_reject = 0;
        if (status != RESTRICTION_DUNNO)
            break;
        if (checks->defer_if_permit.active && checks->defer_if_reject.active)
            break;
    }
    checks->recursion = saved_recursion;
    if (checks->warn_if_reject >= checks->recursion)
        checks->warn_if_reject = 0;
    return status;
}
