#include "rules/services/socket.h"

static bool has_socket(const struct service *service, struct str name)
{
    return !str_is(service->type, "inet") && str_eq(service->name, name);
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
