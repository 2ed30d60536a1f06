#include "rules/services/socket.h"

bool socket_known(const struct config *config)
{
    const struct master_cf *master_cf = &config->master_cf;

    if (config->main_cf.source == NULL)
        return false; /* what it would say decides which sockets are used */
    for (size_t i = 0; i < master_cf->count && master_cf->problems.count == 0; i++)
        if (service_runs(master_cf->services[i], "cleanup") ||
            service_runs(master_cf->services[i], "qmgr"))
            return true;
    return false;
}

static enum socket_class find_class(const struct service *service)
{
    return str_is(service->fields[MASTER_PRIVATE], "n") ? SOCKET_PUBLIC : SOCKET_PRIVATE;
}

static bool has_socket(const struct service *service, struct str name)
{
    return !str_is(service->type, "inet") && str_eq(service->name, name);
}

bool socket_exists(const struct config *config, enum socket_class class, struct str name)
{
    const struct master_cf *master_cf = &config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (has_socket(master_cf->services[i], name) && find_class(master_cf->services[i]) == class)
            return true;
    return false;
}

static const struct service *find_namesake(const struct config *config, struct str name)
{
    for (size_t i = 0; i < config->master_cf.count; i++)
        if (has_socket(config->master_cf.services[i], name))
            return config->master_cf.services[i];
    return NULL;
}

struct finding *socket_report(struct check *check, struct span span, enum socket_class class,
                              struct str name, const char *effect)
{
    const struct service *namesake = find_namesake(check->config, name);
    const struct source *source = check->config->master_cf.source;

    if (namesake != NULL)
        return check_reportf(check, line_span(&namesake->line, namesake->fields[MASTER_PRIVATE]),
                             class == SOCKET_PUBLIC ? "write n in the third column (private)"
                                                    : "write - or y in the third column (private)",
                             "%s, because the service \"%.*s\" is %s", effect, STR_ARG(name),
                             class == SOCKET_PUBLIC ? "private, not public"
                                                    : "public, not private");
    if (span.source == NULL)
        span = (struct span){source, source->bytes.len, 0};
    return check_reportf(check, span, "add the service, or use one that master.cf has",
                         "%s, because master.cf has no service \"%.*s\" of type unix", effect,
                         STR_ARG(name));
}
