#include "smtp/start/start.h"

#include <limits.h>

#include "smtp/policy/restriction.h"
#include "smtp/service/disabled.h"
#include "smtp/start/attributes.h"
#include "smtp/start/master.h"
#include "smtp/start/relation.h"
#include "smtp/start/tables.h"

/* a value in main.cf that is not valid, or that may not be for a service with overrides */
struct main_fault {
    const struct main_cf_entry *entry;
    const struct parameter *parameter;
    struct str owner; /* the service that defines it by its name; STR_NONE: none does */
    bool valid;       /* for services without overrides of what it refers to */
    bool unread;      /* it refers to what main.cf does not set: programs may not know that */
    struct value_fault value;
};

/* what is kept of a policy */
struct start_answers {
    struct main_fault *faults; /* in the order of main.cf */
    size_t count, capacity;
    struct start_tables *tables;         /* or NULL: none of them may end a program */
    const struct start_fault *master;    /* NULL: it starts */
    const struct start_fault **services; /* by number; valid where KNOWN */
    bool *known;
};

/* one question: what it is about, and where the answer goes */
struct start_request {
    const struct policy *policy;
    const struct service *service;
    const struct program *program;
    struct start_fault *fault;
};

/* --- values ----------------------------------------------------------------------------------- */

/* explain_unread - the value lacks what the program has not read */
static void explain_unread(const struct policy *policy, const struct config_reader *reader,
                           struct value_fault *fault)
{
    if (reader->unread.at != NULL)
        fault->advice = arena_printf(
            policy->arena,
            "set %.*s in main.cf, or write its value: it is empty here, because the program does "
            "not know its default yet",
            STR_ARG(reader->unread));
}

/* is_valid - for READER; what depends on the machine counts as valid */
static bool is_valid(const struct policy *policy, struct config_reader *reader, struct str text,
                     struct value_fault *fault)
{
    const struct parameter *parameter = facts_parameter_at(reader->number);
    struct expand_error error;
    int flags = 0;
    struct str value = parameter->type == PARAMETER_RAW
                           ? text
                           : config_expand_for(policy->config, reader, text, &flags, &error);

    if ((flags & EXPAND_FAILED) != 0) {
        *fault = (struct value_fault){
            .effect = VALUE_EXITS,
            .what = arena_printf(policy->arena, "cannot be expanded: %.*s", STR_ARG(error.message)),
            .advice = STR("correct the expression")};
        return false;
    }
    if (value.at == NULL || flags != 0)
        return true;
    if (value_valid(policy->arena, policy->config, parameter, value, fault))
        return true;
    explain_unread(policy, reader, fault);
    return false;
}

/* is_unread - does the value need a default that a program may not know? */
static bool is_unread(const struct policy *policy, const struct parameter *parameter,
                      struct str text)
{
    struct config_reader reader = {NULL, facts_master(), parameter->number, STR_NONE};

    if (parameter->type != PARAMETER_RAW)
        config_expand_for(policy->config, &reader, text, NULL, NULL);
    return reader.unread.at != NULL;
}

/* is_read_as - is it an old name that the new one, which is not set, takes its default from? */
static bool is_read_as(const struct config *config, const struct parameter *parameter)
{
    const struct parameter *target =
        parameter->deprecation != NULL ? facts_parameter(parameter->deprecation->target) : NULL;

    return parameter_legacy_in(parameter, config->release) && target != NULL &&
           config_find(config, NULL, target->number).line == NULL;
}

static const struct parameter *find_parameter(const struct policy *policy, struct str name)
{
    const struct parameter *parameter = facts_parameter(name);

    return parameter != NULL && (platform_has(policy->config->platform, parameter) ||
                                 is_read_as(policy->config, parameter))
               ? parameter
               : NULL;
}

/* find_own_parameter - "filter_time_limit": what a service with the name *OWNER defines, as far as
   its program reads it when it starts; or NULL */
static const struct parameter *find_own_parameter(const struct policy *policy, struct str name,
                                                  struct str *owner)
{
    const struct service *service;
    const struct service_suffix *suffix = config_service_parameter(policy->config, name, &service);
    const struct program *program =
        suffix != NULL ? facts_program(service_process_name(service)) : NULL;

    if (program == NULL || !program_reads(program, suffix->fallback))
        return NULL;
    *owner = service->name;
    return facts_parameter_at(suffix->fallback);
}

/* find_main_faults - the values of main.cf that may stop a program; the last of a name holds */
static void find_main_faults(const struct policy *policy, struct start_answers *answers)
{
    const struct main_cf *main_cf = &policy->config->main_cf;

    for (size_t i = 0; main_cf->source != NULL && i < main_cf->count; i++) {
        const struct main_cf_entry *entry = main_cf->entries[i];
        const struct parameter *parameter = find_parameter(policy, entry->name);
        struct value_fault value = {.effect = VALUE_EXITS};
        struct str owner = STR_NONE;
        if (parameter == NULL)
            parameter = find_own_parameter(policy, entry->name, &owner);
        if (parameter == NULL || entry->overridden)
            continue;
        struct config_reader reader = {.number = parameter->number};
        bool valid = is_valid(policy, &reader, entry->value, &value);
        if (valid && !expand_needed(entry->value))
            continue;
        answers->faults = arena_grow(policy->arena, answers->faults, answers->count,
                                     &answers->capacity, sizeof *answers->faults);
        answers->faults[answers->count++] = (struct main_fault){
            entry, parameter, owner, valid, is_unread(policy, parameter, entry->value), value};
    }
}

/* describe_value - `smtpd_helo_required: "true" is neither yes nor no` */
static struct str describe_value(const struct policy *policy, struct str name,
                                 const struct value_fault *value)
{
    enum { SHOWN_MAX = 60 };
    struct str part = arena_shorten(policy->arena, value->part, SHOWN_MAX);

    if (part.len == 0)
        return arena_printf(policy->arena, "%.*s %.*s", STR_ARG(name), STR_ARG(value->what));
    return arena_printf(policy->arena, "%.*s: \"%.*s\" %.*s", STR_ARG(name), STR_ARG(part),
                        STR_ARG(value->what));
}

static struct start_fault value_problem(const struct policy *policy, enum start_problem problem,
                                        const struct parameter *parameter, struct str name,
                                        const struct value_fault *value, struct span span)
{
    struct value_fault *kept = arena_alloc(policy->arena, sizeof *kept);

    *kept = *value;
    return (struct start_fault){
        .problem = problem,
        .cause = CAUSE_VALUE,
        .parameter = parameter->number,
        .value = kept,
        .span = span,
        .why = describe_value(policy, name, value),
        .advice = value->advice,
    };
}

/* stops_program - does the program exit over such a value?  smtpd(8) looks up when a client is
   there, the others as soon as they are asked for anything */
static bool stops_program(const struct program *program, enum parameter_number number,
                          const struct value_fault *value)
{
    const struct value_shape *shape = parameter_shape(number);

    if (!program_reads(program, number))
        return false;
    if (value->effect == VALUE_LOOKS_UP)
        return !str_is(program->name, "smtpd") && !str_is(program->name, "proxymap");
    return (value->effect == VALUE_EXITS || value->effect == VALUE_CONNECTS) &&
           (shape == NULL || !str_list_has(&shape->spared, program->name));
}

/* is_ignored - smtpd does not read its security level in wrapper mode: smtpd.c, pre_jail_init() */
static bool is_ignored(const struct start_request *request, enum parameter_number number)
{
    return number == PARAM_SMTPD_TLS_SECURITY_LEVEL && str_is(request->program->name, "smtpd") &&
           config_flag(request->policy->config, request->service, PARAM_SMTPD_TLS_WRAPPERMODE) == 1;
}

static enum start_problem problem_of(const struct value_fault *value)
{
    return value->effect == VALUE_CONNECTS ? START_CONNECT : START_EXITS;
}

/* check_overrides - each -o of the service that holds, as far as the program reads it */
static bool check_overrides(const struct start_request *request)
{
    const struct service *service = request->service;

    for (const struct master_override *o = service->overrides; o != NULL; o = o->next) {
        const struct parameter *parameter = find_parameter(request->policy, o->name);
        struct value_fault value;
        if (parameter == NULL)
            continue;
        struct config_reader reader = {service, request->program, parameter->number, STR_NONE};
        if (o->overridden || is_ignored(request, parameter->number) ||
            is_valid(request->policy, &reader, o->value, &value) ||
            !stops_program(request->program, parameter->number, &value))
            continue;
        *request->fault = value_problem(request->policy, problem_of(&value), parameter, o->name,
                                        &value, line_span(&service->line, o->value));
        return false;
    }
    return true;
}

/* check_main_values - main.cf's, as far as the program reads them and no -o takes their place */
static bool check_main_values(const struct start_request *request,
                              const struct start_answers *answers)
{
    for (size_t i = 0; i < answers->count; i++) {
        const struct main_fault *fault = &answers->faults[i];
        struct value_fault value = fault->value;
        struct config_reader reader = {request->service, request->program, fault->parameter->number,
                                       STR_NONE};
        if (!program_reads(request->program, reader.number) ||
            (fault->owner.at != NULL && !str_eq(fault->owner, request->service->name)) ||
            (fault->valid && !fault->unread && request->service->override_count == 0) ||
            service_override_named(request->service, fault->entry->name) != NULL ||
            is_ignored(request, reader.number) ||
            is_valid(request->policy, &reader, fault->entry->value, &value) ||
            !stops_program(request->program, fault->parameter->number, &value))
            continue;
        *request->fault =
            value_problem(request->policy, problem_of(&value), fault->parameter, fault->entry->name,
                          &value, line_span(&fault->entry->line, fault->entry->value));
        return false;
    }
    return true;
}

/* --- the line in master.cf -------------------------------------------------------------------- */

static bool fail_line(const struct start_request *request, struct str place, struct str why,
                      const char *advice)
{
    *request->fault = (struct start_fault){
        .problem = START_EXITS,
        .cause = CAUSE_LINE,
        .span = line_span(&request->service->line, place),
        .why = why,
        .advice = str_of(advice),
    };
    return false;
}

/* check_arguments - an argument that is no option ends most programs */
static bool check_arguments(const struct start_request *request)
{
    struct str operand = request->service->operand;

    if (operand.at == NULL || request->program->arguments)
        return true;
    fail_line(request, operand,
              arena_printf(request->policy->arena, "unexpected command-line argument \"%.*s\"",
                           STR_ARG(operand)),
              "write -o name=value; a value with spaces needs braces: -o { name = value }");
    request->fault->problem = START_CONNECT;
    return false;
}

/* check_attributes - "user=nobody argv=/bin/cat" and its kin */
static bool check_attributes(const struct start_request *request)
{
    const struct policy *policy = request->policy;
    struct attribute_fault fault;

    if (attributes_valid(policy->arena, policy->config, request->service, request->program, &fault))
        return true;
    return fail_line(request, fault.place, fault.why, fault.advice.at);
}

/* read_limit - "-" is default_process_limit, which master(8) reads in main.cf; -1: not known */
static long read_limit(const struct start_request *request, struct str field)
{
    long limit = 0;

    if (str_is(field, "-"))
        return policy_number(request->policy->all, PARAM_DEFAULT_PROCESS_LIMIT);
    for (size_t i = 0; i < field.len && limit < INT_MAX / 10; i++)
        limit = limit * 10 + (field.at[i] - '0');
    return limit;
}

/* check_limit - the process limit that the program demands */
static bool check_limit(const struct start_request *request)
{
    struct str field = request->service->fields[MASTER_PROCESS_LIMIT];
    int wanted = request->program->process_limit;
    struct arena *arena = request->policy->arena;
    long limit = read_limit(request, field);

    if (wanted < 0 || limit < 0 || limit == wanted)
        return true;
    return fail_line(request, field,
                     arena_printf(arena, "%.*s requires a process limit of %d",
                                  STR_ARG(request->program->name), wanted),
                     arena_printf(arena, "write %d in the seventh column (maxproc)", wanted).at);
}

/* check_privileges - "-" is yes: the program runs as mail_owner */
static bool check_privileges(const struct start_request *request)
{
    struct str field = request->service->fields[MASTER_UNPRIVILEGED];

    if (request->program->unprivileged && str_is(field, "n")) {
        fail_line(request, field,
                  arena_printf(request->policy->arena, "%.*s does not run with privileges",
                               STR_ARG(request->program->name)),
                  "write - in the fourth column (unpriv)");
        request->fault->problem = START_CONNECT;
        return false;
    }
    if (!request->program->privileged || str_is(field, "n"))
        return true;
    return fail_line(request, field,
                     arena_printf(request->policy->arena, "%.*s requires privileges",
                                  STR_ARG(request->program->name)),
                     "write n in the fourth column (unpriv)");
}

/* check_restrictions - smtpd wants a list that refuses strangers */
static bool check_restrictions(const struct start_request *request)
{
    const struct policy *policy = request->policy;

    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_service *service = &policy->services[i];
        struct str why;
        if (service->service != request->service)
            continue;
        why = restriction_start_error(service);
        if (why.len == 0)
            return true;
        fail_line(request, request->service->name, why,
                  "let smtpd_relay_restrictions end in reject_unauth_destination or "
                  "defer_unauth_destination");
        request->fault->cause = CAUSE_RESTRICTIONS;
        return false;
    }
    return true;
}

/* --- the answer ------------------------------------------------------------------------------- */

/* check_line - the options that could not be read */
static bool check_line(const struct start_request *request)
{
    const struct problem *problem = request->service->problem;

    if (problem == NULL)
        return true;
    *request->fault = (struct start_fault){.problem = START_EXITS,
                                           .cause = CAUSE_SYNTAX,
                                           .span = problem->span,
                                           .why = problem->message,
                                           .advice = problem->advice};
    return false;
}

/* check_command - a path is below daemon_directory; what it leads to is not known */
static bool check_command(const struct start_request *request)
{
    struct str command = request->service->command;

    if (str_starts(command, "/"))
        return fail_line(request, command,
                         arena_printf(request->policy->arena,
                                      "master(8) looks for \"%.*s\" below daemon_directory",
                                      STR_ARG(command)),
                         "write the name of the program without its directory");
    return request->program != NULL || str_find(command, '/', 0) < command.len ||
           fail_line(request, command,
                     arena_printf(request->policy->arena, "Postfix has no program \"%.*s\"",
                                  STR_ARG(command)),
                     "write the name of one of Postfix's programs");
}

static bool check_service(const struct start_request *request, const struct start_answers *answers)
{
    if (service_disabled(request->policy->config, request->service))
        return true;
    if (!check_command(request))
        return false;
    if (request->program == NULL)
        return true;
    return check_line(request) && check_limit(request) && check_privileges(request) &&
           check_arguments(request) && check_attributes(request) && check_overrides(request) &&
           check_main_values(request, answers) &&
           start_check_relations(request->policy, request->service, request->program->name,
                                 request->fault) &&
           (answers->tables == NULL || start_check_tables(answers->tables, request->service,
                                                          request->program, request->fault)) &&
           check_restrictions(request);
}

/* is_valid_everywhere - of a value that every program reads, as master(8) expands it */
static bool is_valid_everywhere(const struct policy *policy, const struct main_fault *fault,
                                struct value_fault *value)
{
    struct config_reader reader = {NULL, facts_master(), fault->parameter->number, STR_NONE};

    return fault->unread ? is_valid(policy, &reader, fault->entry->value, value) : fault->valid;
}

/* find_master_fault - what ends every program ends master(8) first; it sees no -o */
static const struct start_fault *find_master_fault(const struct policy *policy,
                                                   const struct start_answers *answers)
{
    struct start_fault *found = arena_alloc(policy->arena, sizeof *found);

    if (!start_check_main_cf(policy, found))
        return found;
    for (size_t i = 0; i < answers->count; i++) {
        const struct main_fault *fault = &answers->faults[i];
        struct value_fault value = fault->value;
        if (fault->owner.at != NULL || !program_reads(facts_master(), fault->parameter->number) ||
            is_valid_everywhere(policy, fault, &value) || value.effect != VALUE_EXITS)
            continue;
        *found = value_problem(policy, START_MASTER, fault->parameter, fault->entry->name, &value,
                               line_span(&fault->entry->line, fault->entry->value));
        return found;
    }
    return start_check_relations(policy, NULL, str_of(""), found) &&
                   start_check_master_cf(policy, found)
               ? NULL
               : found;
}

static struct start_answers *answers_of(const struct policy *policy)
{
    struct policy *keeper = (struct policy *)policy; /* it keeps them for us: policy.h */
    size_t count = policy->config->master_cf.count;

    if (keeper->starts == NULL) {
        struct start_answers *answers = arena_alloc(policy->arena, sizeof *answers);
        answers->services = arena_alloc(policy->arena, (count + 1) * sizeof *answers->services);
        answers->known = arena_alloc(policy->arena, count + 1);
        find_main_faults(policy, answers);
        answers->tables = start_tables_open(policy);
        answers->master = find_master_fault(policy, answers);
        keeper->starts = answers;
    }
    return keeper->starts;
}

const struct start_fault *start_own_fault_of(const struct policy *policy,
                                             const struct service *service)
{
    struct start_answers *answers = answers_of(policy);

    if (!answers->known[service->number]) {
        struct start_fault *fault = arena_alloc(policy->arena, sizeof *fault);
        struct start_request request = {policy, service,
                                        facts_program(service_process_name(service)), fault};
        answers->known[service->number] = true;
        if (!check_service(&request, answers)) {
            fault->service = service;
            answers->services[service->number] = fault;
        }
    }
    return answers->services[service->number];
}

const struct start_fault *start_fault_of(const struct policy *policy, const struct service *service)
{
    const struct start_fault *master = answers_of(policy)->master;

    return master != NULL || service == NULL ? master : start_own_fault_of(policy, service);
}
