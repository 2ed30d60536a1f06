#include "smtp/tls/trust.h"

#include <unistd.h>

#include "base/path.h"

enum presence tls_trust_on_platform(const struct platform *platform, struct str path)
{
    if (platform_has_trust_path(platform, path))
        return PRESENCE_YES;
    if (platform->ca_file.len == 0)
        return PRESENCE_UNKNOWN;
    return facts_trust_path(path) ||
                   str_list_has(&platform->trust_paths_gone, path_trim_slashes(path))
               ? PRESENCE_NO
               : PRESENCE_UNKNOWN;
}

enum presence tls_trust_presence(const struct policy_service *service, struct str path)
{
    const struct config *config = service->policy->config;
    struct str file;
    bool owns = config_owns_file(config, path, &file);
    enum presence presence = PRESENCE_UNKNOWN;

    /* the platform may be another one than that of the machine, whose own directory this is */
    if (!owns || config_is_own(config))
        presence = tls_trust_on_platform(config->platform, path);
    if (presence == PRESENCE_UNKNOWN && owns)
        presence = access(file.at, R_OK) == 0 ? PRESENCE_YES : PRESENCE_NO;
    return presence;
}
