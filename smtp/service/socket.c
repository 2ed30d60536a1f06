#include "smtp/service/socket.h"

#include "base/path.h"
#include "smtp/service/disabled.h"

bool sockets_known(const struct config *config)
{
    const struct master_cf *master_cf = &config->master_cf;

    if (config->main_cf.source == NULL)
        return false; /* what it would say decides which sockets are used */
    for (size_t i = 0; i < master_cf->problems.count; i++)
        if (!master_cf->problems.items[i].one_service)
            return false;
    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], "cleanup") ||
            service_runs(master_cf->services[i], "qmgr"))
            return true;
    return false;
}

static enum socket_class find_class(const struct service *service)
{
    return str_is(service->fields[MASTER_PRIVATE], "n") ? SOCKET_PUBLIC : SOCKET_PRIVATE;
}

const struct service *socket_find(const struct config *config, enum socket_class class,
                                  struct str name)
{
    const struct master_cf *master_cf = &config->master_cf;

    for (size_t i = master_cf->count; i > 0; i--) {
        const struct service *service = master_cf->services[i - 1];
        if (!str_is(service->type, "inet") && str_eq(service->name, name) &&
            find_class(service) == class && !service_disabled(config, service))
            return service;
    }
    return NULL;
}

bool socket_is_hidden(const struct config *config, const struct service *service, struct str path)
{
    if (service == NULL || !str_starts(path, "/") || !config_chroots(config, service))
        return false;
    struct str queue = config_value(config, NULL, PARAM_QUEUE_DIRECTORY, NULL, NULL);
    return queue.len > 1 && path_below(path, queue).at != NULL;
}
