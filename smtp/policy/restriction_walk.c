/*
 * The walk over a list: smtpd_check.c, generic_checks().
 */
#include "smtp/policy/check_walk.h"

/* smtpd follows a restriction class that contains itself until it runs out of stack, and gives up
   on tables at this depth */
enum { RECURSION_MAX = 100, STEPS_MAX = 100000 };

static bool is_known(const struct release *release, const struct builtin *builtin)
{
    const struct restriction *restriction = facts_restriction(str_of(builtin->name));

    return restriction == NULL || restriction->first <= release->index;
}

const struct builtin *builtin_find(const struct release *release, struct str name)
{
    static const struct builtin *const kinds[] = {
        restrictions_generic, restrictions_client, restrictions_helo,  restrictions_address,
        restrictions_relay,   restrictions_dns,    restrictions_dnsbl, restrictions_hosts,
    };

    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (const struct builtin *builtin = kinds[kind]; builtin->name != NULL; builtin++)
            if (str_is_nocase(name, builtin->name))
                return is_known(release, builtin) ? builtin : NULL;
    return NULL;
}

/* --- the trace ----------------------------------------------------------------------- */

static const char *status_name(enum check_status status)
{
    return status == CHECK_OK ? "permit" : status == CHECK_REJECT ? "reject" : "dunno";
}

/* begin_step - its number; the step itself moves when more are added */
static size_t begin_step(struct check *check, const struct check_word *word, int depth)
{
    struct trace_step *step = state_trace(check->state, check->list_stage);

    check->said = check->why = STR_NONE;
    check->table_span = (struct span){0};
    if (step == NULL)
        return 0;
    step->list = check->list;
    step->depth = depth;
    step->restriction = word->text;
    step->span = word->span;
    return check->state->trace->count - 1;
}

static void end_step(struct check *check, size_t number, const struct check_word *argument,
                     enum check_status status)
{
    struct trace *trace = check->state->trace;

    if (trace == NULL)
        return;
    struct trace_step *step = &trace->steps[number];
    if (argument != NULL)
        step->restriction = arena_printf(trace->arena, "%.*s %.*s", STR_ARG(step->restriction),
                                         STR_ARG(argument->text));
    step->said = check->said.at != NULL ? check->said : str_of(status_name(status));
    step->why = check->why.at != NULL ? check->why : str_of("");
    step->table_span = check->table_span;
    step->decided = status != CHECK_DUNNO;
}

struct trace_step *check_note(struct check *check, const char *name)
{
    struct trace_step *step = state_trace(check->state, check->list_stage);

    if (step == NULL)
        return NULL;
    const struct policy_service *service = check->state->service;
    struct setting setting = config_find(service->policy->config, service->service, str_of(name));
    step->list = name;
    step->restriction = str_of(name);
    step->said = check->said.at != NULL ? check->said : str_of("dunno");
    step->why = check->why.at != NULL ? check->why : str_of("");
    step->decided = true;
    if (setting.line != NULL && setting.value.at != NULL)
        step->span = line_span(setting.line, setting.value);
    return step;
}

/* --- one restriction ----------------------------------------------------------------- */

static bool has_argument_colon(const struct check_word *argument)
{
    return argument != NULL && str_find(argument->text, ':', 0) < argument->text.len;
}

/* apply - the restriction that is check->word, with its argument, if it takes one */
static enum check_status apply(struct check *check, const struct builtin *builtin)
{
    const struct check_word *argument = check->argument;

    switch (builtin->argument) {
    case ARGUMENT_TABLE:
        if (!has_argument_colon(argument)) {
            check_why(check, "it needs a table, type:name");
            return check_server_error(check);
        }
        break;
    case ARGUMENT_SERVICE:
        if (!has_argument_colon(argument)) {
            check_why(check, "it needs a server, transport:name");
            return check_server_error(check);
        }
        break;
    case ARGUMENT_DOMAIN:
        if (argument == NULL) {
            check_why(check, "it needs a domain and is skipped");
            return CHECK_DUNNO;
        }
        break;
    case ARGUMENT_NUMBER:
        if (argument == NULL || !str_is_digits(argument->text)) {
            check_why(check, "it needs a number");
            return check_server_error(check);
        }
        break;
    case ARGUMENT_NONE:
        break;
    }
    return builtin->apply(check);
}

/* apply_named - a class, a name that the release has given up, or one that it does not know */
static enum check_status apply_named(struct check *check, const struct check_word *word)
{
    if (word->class == NULL) {
        check_why(check, "no restriction has this name");
        return check_server_error(check);
    }
    if (check->state->checks.recursion > RECURSION_MAX || check->steps > STEPS_MAX) {
        check_why(check, "the class contains itself: smtpd runs out of stack");
        return check_server_error(check);
    }
    enum check_status status = check_list_walk(check, word->class);
    check->said = check->why = STR_NONE;
    return status;
}

/* default_builtin - what a bare "type:table" stands for */
static const struct builtin *default_builtin(const struct check *check)
{
    const struct release *release = check->state->service->policy->config->release;

    return check->default_access == NULL ? NULL
                                         : builtin_find(release, str_of(check->default_access));
}

/* one - the restriction at *AT, which is moved to its last word */
static enum check_status one(struct check *check, const struct check_list *list, size_t *at,
                             int depth)
{
    const struct check_word *word = &list->words[*at], *argument = NULL;
    const struct builtin *builtin = word->builtin;
    size_t step = begin_step(check, word, depth);
    enum check_status status;

    check->word = word;
    check->steps++;
    if (word->has_colon) {
        builtin = default_builtin(check);
        argument = word;
    } else if (builtin != NULL && builtin->argument != ARGUMENT_NONE && *at + 1 < list->count) {
        argument = &list->words[++*at];
    }
    check->argument = argument;
    if (word->has_colon && builtin == NULL) {
        check_why(check, "a table without check_client_access or the like in front of it");
        status = check_server_error(check);
    } else if (builtin != NULL) {
        status = apply(check, builtin);
    } else {
        status = apply_named(check, word);
    }
    if (status == CHECK_LOOKUP_ERROR)
        status = check_lookup_failure(check, check->reply_name);
    end_step(check, step, word->has_colon ? NULL : argument, status);
    return status;
}

enum check_status check_list_walk(struct check *check, const struct check_list *list)
{
    struct state_checks *checks = &check->state->checks;
    int saved_recursion = checks->recursion++;
    enum check_status status = CHECK_DUNNO;

    for (size_t i = 0; i < list->count && !checks->discard; i++) {
        if (list->words[i].warns) {
            if (checks->warn_if_reject == 0)
                checks->warn_if_reject = checks->recursion;
            continue;
        }
        status = one(check, list, &i, saved_recursion);
        if (check->jumped)
            return status;
        if (checks->warn_if_reject >= checks->recursion)
            checks->warn_if_reject = 0;
        if (status != CHECK_DUNNO)
            break;
        if (checks->defer_if_permit.active && checks->defer_if_reject.active)
            break;
    }
    checks->recursion = saved_recursion;
    if (checks->warn_if_reject >= checks->recursion)
        checks->warn_if_reject = 0;
    return status;
}
