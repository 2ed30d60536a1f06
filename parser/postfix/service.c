/* service - questions about a service: see parser/postfix/master_cf.h */
#include "base/path.h"
#include "facts/facts.h"
#include "parser/postfix/master_cf.h"

bool service_takes_option(const struct service *service, const struct master_argument *argument)
{
    return service->operand.at == NULL || argument->place.at < service->operand.at;
}

const struct master_override *service_override(const struct service *service,
                                               enum parameter_number number)
{
    const struct parameter *parameter = facts_parameter_at(number);
    const struct master_override *found = NULL;

    if (service->override_names != NULL)
        return map_get(service->override_names, parameter->name);
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
        if (o->parameter == parameter)
            found = o;
    return found;
}

const struct master_override *service_override_named(const struct service *service, struct str name)
{
    const struct master_override *found = NULL;

    if (service->override_names != NULL)
        return map_get(service->override_names, name);
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
        if (str_eq(o->name, name))
            found = o;
    return found;
}

struct str service_process_name(const struct service *service)
{
    return path_base(service->command);
}

bool service_runs(const struct service *service, const char *daemon)
{
    /* most do not even end like it: this is asked often */
    return str_ends(service->command, daemon) && str_is(service_process_name(service), daemon);
}

int service_port(const struct service *service)
{
    enum { PORTS = 65536 };
    int port = 0;

    if (!str_is(service->type, "inet"))
        return 0;
    if (!str_is_digits(service->port) || service->port.len > 5)
        return facts_port(service->port);
    for (size_t i = 0; i < service->port.len; i++)
        port = port * 10 + (service->port.at[i] - '0');
    return port % PORTS; /* as getaddrinfo(3) does it for master(8) */
}
