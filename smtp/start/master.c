#include "smtp/start/master.h"

#include "parser/postfix/names.h"
#include "parser/postfix/written.h"
#include "smtp/service/disabled.h"
#include "smtp/service/socket.h"

enum { PORTS = 65536 };

static bool fail_master(struct start_fault *fault, enum start_cause cause, struct span span,
                        struct str why, struct str advice)
{
    *fault = (struct start_fault){
        .problem = START_MASTER, .cause = cause, .span = span, .why = why, .advice = advice};
    return false;
}

/* --- lines ------------------------------------------------------------------------------------ */

/* check_lines - is there a line with which nothing starts? */
static bool check_lines(const struct problem_list *problems, struct start_fault *fault)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        if (problem->fatal && !problem->one_service)
            return fail_master(fault, CAUSE_SYNTAX, problem->span, problem->message,
                               problem->advice);
    }
    return true;
}

bool start_check_main_cf(const struct policy *policy, struct start_fault *fault)
{
    return check_lines(&policy->config->main_cf.problems, fault);
}

/* --- expressions ------------------------------------------------------------------------------ */

/* asks_postconf - the start script asks postconf(1), which reads all values, for maillog_file */
static bool asks_postconf(const struct policy *policy)
{
    return policy_has(policy->all, PARAM_MAILLOG_FILE);
}

static bool fail_expression(const struct policy *policy, struct start_fault *fault,
                            struct span span, struct str message)
{
    return fail_master(
        fault, CAUSE_SYNTAX, span,
        arena_printf(policy->arena, "a value cannot be expanded: %.*s", STR_ARG(message)),
        (struct str)STR("correct the expression"));
}

/* check_expression - postconf(1) does not expand what nothing reads */
static bool check_expression(const struct policy *policy, const struct written *written,
                             struct start_fault *fault)
{
    const struct config *config = policy->config;
    const struct parameter *parameter = facts_parameter(written->name);
    struct expand_error error;
    int flags = 0;

    if (!expand_needed(written->value) || (parameter != NULL && parameter->type == PARAMETER_RAW))
        return true;
    config_expand(config, written->service, written->value, &flags, &error);
    if ((flags & EXPAND_FAILED) == 0 ||
        config_name_class(config, written->service, written->name) == NAME_UNKNOWN)
        return true;
    return fail_expression(policy, fault, line_span(written->line, written->value), error.message);
}

static bool check_expressions(const struct policy *policy, struct start_fault *fault)
{
    const struct config *config = policy->config;
    struct written_walk walk = {.config = config};
    struct written written;

    for (size_t i = 0; i < config->names->bad_count; i++) {
        const struct bad_expression *bad = &config->names->bad[i];
        if (config_name_class(config, bad->service, bad->name) != NAME_UNKNOWN)
            return fail_expression(policy, fault, line_span(bad->line, bad->error.place),
                                   bad->error.message);
    }
    while (written_next(&walk, &written))
        if (!check_expression(policy, &written, fault))
            return false;
    return true;
}

/* --- services --------------------------------------------------------------------------------- */

/* find_place - where the parameter is set; a default has no source */
static struct span find_place(const struct policy *policy, enum parameter_number number)
{
    struct setting setting = config_find(policy->config, NULL, number);
    struct span none = {.source = NULL};

    return setting.line == NULL ? none : line_span(setting.line, setting.value);
}

/* check_listeners - master(8) wants an address for each service that clients connect to */
static bool check_listeners(const struct policy *policy, struct start_fault *fault)
{
    const struct master_cf *master_cf = &policy->config->master_cf;
    struct str interfaces = policy_str(policy->all, PARAM_INET_INTERFACES);
    struct span place = find_place(policy, PARAM_INET_INTERFACES);

    for (size_t i = 0; i < master_cf->count && place.source != NULL; i++) {
        const struct service *service = master_cf->services[i];
        if (!str_is(service->type, "inet") || service->host.len > 0 || interfaces.at == NULL ||
            interfaces.len > 0 || service_disabled(policy->config, service))
            continue;
        fail_master(
            fault, CAUSE_RELATION, place,
            arena_printf(policy->arena,
                         "inet_interfaces is empty, and the service \"%.*s\" has no address",
                         STR_ARG(service->name)),
            (struct str)STR("use inet_interfaces = all, or write address:port for each service"));
        fault->parameter = PARAM_INET_INTERFACES;
        return false;
    }
    return true;
}

/* check_types - is there a type of services that a later release brought? */
static bool check_types(const struct policy *policy, struct start_fault *fault)
{
    const struct master_cf *master_cf = &policy->config->master_cf;

    if (release_has(policy->config->release, FEATURE_UNIX_DGRAM_SERVICES))
        return true;
    for (size_t i = 0; i < master_cf->count; i++)
        if (str_is(master_cf->services[i]->type, "unix-dgram") &&
            !service_disabled(policy->config, master_cf->services[i]))
            return fail_master(
                fault, CAUSE_RELATION,
                line_span(&master_cf->services[i]->line, master_cf->services[i]->type),
                (struct str)STR("this release does not have the service type unix-dgram"),
                (struct str)STR("remove the service"));
    return true;
}

/* find_port - of a service that master(8) runs, or 0 */
static int find_port(const struct policy *policy, const struct service *service)
{
    int port = service_disabled(policy->config, service) ? 0 : service_port(service);

    return port < PORTS ? port : 0;
}

/* takes_all - does the service listen at all addresses of its port? */
static bool takes_all(const struct policy *policy, const struct service *service)
{
    return service->host.len == 0 &&
           str_is_nocase(policy_str(policy->all, PARAM_INET_INTERFACES), "all");
}

/* has_addresses - does any service have an address of its own? */
static bool has_addresses(const struct master_cf *master_cf)
{
    for (size_t i = 0; i < master_cf->count; i++)
        if (master_cf->services[i]->host.len > 0)
            return true;
    return false;
}

/* check_ports - before 3.6, no service has an address of a port that another has as a whole */
static bool check_ports(const struct policy *policy, struct start_fault *fault)
{
    const struct master_cf *master_cf = &policy->config->master_cf;

    if (release_has(policy->config->release, FEATURE_SHARED_PORTS) || !has_addresses(master_cf))
        return true;
    unsigned char *taken = arena_alloc(policy->arena, PORTS);
    for (size_t i = 0; i < master_cf->count; i++) {
        int port = find_port(policy, master_cf->services[i]);
        if (port > 0 && takes_all(policy, master_cf->services[i]))
            taken[port] = 1;
    }
    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        int port = find_port(policy, service);
        if (port > 0 && taken[port] && service->host.len > 0)
            return fail_master(
                fault, CAUSE_RELATION, line_span(&service->line, service->name),
                arena_printf(policy->arena, "another service has port %d at all addresses", port),
                (struct str)STR(
                    "give each service of this port its addresses, or use one service"));
    }
    return true;
}

/* check_log - the start script wants postlog/unix-dgram, whatever postlog_service_name says */
static bool check_log(const struct policy *policy, struct start_fault *fault)
{
    const struct master_cf *master_cf = &policy->config->master_cf;

    if (!sockets_known(policy->config) || policy_str(policy->all, PARAM_MAILLOG_FILE).len == 0)
        return true;
    for (size_t i = 0; i < master_cf->count; i++)
        if (str_is(master_cf->services[i]->name, "postlog") &&
            str_is(master_cf->services[i]->type, "unix-dgram"))
            return true;
    fail_master(fault, CAUSE_RELATION, find_place(policy, PARAM_MAILLOG_FILE),
                (struct str)STR("maillog_file is set, and master.cf has no service \"postlog\" of "
                                "type unix-dgram"),
                (struct str)STR("add \"postlog unix-dgram n - n - 1 postlogd\" to master.cf, or "
                                "remove maillog_file"));
    fault->parameter = PARAM_MAILLOG_FILE;
    return false;
}

bool start_check_master_cf(const struct policy *policy, struct start_fault *fault)
{
    return check_lines(&policy->config->master_cf.problems, fault) &&
           (!asks_postconf(policy) || check_expressions(policy, fault)) &&
           check_types(policy, fault) && check_log(policy, fault) &&
           check_listeners(policy, fault) && check_ports(policy, fault);
}
