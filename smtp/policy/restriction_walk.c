/*
 * restriction_walk - evaluates a list: smtpd_check.c, generic_checks()
 */
#include "smtp/policy/restriction_walk.h"

/* of lists in lists, and of restrictions of one walk; smtpd limits neither */
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
    walk->table_span = SPAN_NONE;
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

const char *restriction_needs(enum restriction_argument expected,
                              const struct restriction_item *argument)
{
    bool colon = argument != NULL && str_find(argument->text, ':', 0) < argument->text.len;

    switch (expected) {
    case RESTRICTION_TABLE:
    case RESTRICTION_CONTAINER:
        return colon ? NULL : "a table, type:name";
    case RESTRICTION_SERVICE:
        return colon ? NULL : "a server, transport:name";
    case RESTRICTION_DOMAIN:
        return argument != NULL ? NULL : "a domain";
    case RESTRICTION_NUMBER:
        return argument != NULL && str_is_digits(argument->text) ? NULL : "a number";
    case RESTRICTION_NO_ARGUMENT:
        break;
    }
    return NULL;
}

/* apply_builtin - after a check of the argument, walk->argument, which may be NULL */
static enum restriction_status apply_builtin(struct restriction_walk *walk,
                                             const struct restriction_builtin *builtin,
                                             enum restriction_argument expected)
{
    const char *needs = restriction_needs(expected, walk->argument);

    if (needs == NULL)
        return builtin->apply(walk);
    if (expected == RESTRICTION_DOMAIN) {
        restriction_explain(walk, "it requires %s and is skipped", needs);
        return RESTRICTION_DUNNO;
    }
    restriction_explain(walk, "it requires %s", needs);
    return restriction_server_error(walk);
}

bool restriction_gives_up(struct restriction_walk *walk)
{
    if (walk->steps <= STEPS_MAX)
        return false;
    restriction_explain(walk, "not decided: more than %d restrictions", STEPS_MAX);
    world_cut(walk->state->world,
              arena_printf(walk->arena, "more than %d restrictions", STEPS_MAX));
    return true;
}

static bool is_evaluated(const struct restriction_walk *walk, const struct restriction_list *list)
{
    for (const struct restriction_frame *frame = walk->frame; frame != NULL; frame = frame->outer)
        if (frame->list == list)
            return true;
    return false;
}

/* is_too_deep - does the class contain itself, which makes smtpd run out of stack, or too many? */
static bool is_too_deep(struct restriction_walk *walk, const struct restriction_list *class)
{
    if (walk->state->checks.recursion <= RECURSION_MAX)
        return false;
    if (is_evaluated(walk, class)) {
        /* in a loop through the results of tables, smtpd counts (access_result.c) */
        walk->exits = walk->result_depth == 0;
        restriction_explain(walk, walk->exits ? "the class contains itself: smtpd runs out of stack"
                                              : "its results are an endless loop");
        return true;
    }
    restriction_explain(walk, "not decided: more than %d classes inside each other", RECURSION_MAX);
    world_cut(walk->state->world,
              arena_printf(walk->arena, "more than %d classes inside each other", RECURSION_MAX));
    return true;
}

/* apply_named - a restriction class, or a name that the release does not have */
static enum restriction_status apply_named(struct restriction_walk *walk,
                                           const struct restriction_item *item)
{
    if (item->class == NULL) {
        restriction_explain(walk, "there is no restriction of this name");
        return restriction_server_error(walk);
    }
    if (restriction_gives_up(walk))
        return restriction_server_error(walk);
    if (is_too_deep(walk, item->class))
        return walk->exits ? restriction_exit(walk) : restriction_server_error(walk);
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
    const struct restriction_frame frame = {list, walk->frame};

    /* cppcheck-suppress autoVariables ; every way out puts the outer frame back */
    walk->frame = &frame;
    for (size_t i = 0; i < list->count && !checks->discard; i++) {
        if (list->items[i].warns) {
            if (checks->warn_if_reject == 0)
                checks->warn_if_reject = checks->recursion;
            continue;
        }
        status = apply_item(walk, list, &i, saved_recursion);
        if (walk->jumped) {
            walk->frame = frame.outer;
            return status;
        }
        if (checks->warn_if_reject >= checks->recursion)
            checks->warn_if_reject = 0;
        if (status != RESTRICTION_DUNNO)
            break;
        if (checks->defer_if_permit.active && checks->defer_if_reject.active)
            break;
    }
    walk->frame = frame.outer;
    checks->recursion = saved_recursion;
    if (checks->warn_if_reject >= checks->recursion)
        checks->warn_if_reject = 0;
    return status;
}
