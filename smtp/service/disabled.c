#include "smtp/service/disabled.h"

#include "parser/text/token.h"

/* matches_service - "submission/inet", "submission.inet" or "inet" */
static bool matches_service(const struct service *service, struct str pattern)
{
    struct str name = service->name, type = service->type;

    if (pattern.len != name.len + 1 + type.len)
        return str_eq_nocase(pattern, type);
    char between = pattern.at[name.len];
    return (between == '/' || (between == '.' && str_find(pattern, '/', 0) == pattern.len)) &&
           str_eq_nocase(str_slice(pattern, 0, name.len), name) &&
           str_eq_nocase(str_slice(pattern, name.len + 1, pattern.len), type);
}

bool service_disabled(const struct config *config, const struct service *service)
{
    struct str patterns, pattern;

    if (config_find(config, NULL, PARAM_MASTER_SERVICE_DISABLE).line == NULL)
        return false;
    patterns = config_value(config, NULL, PARAM_MASTER_SERVICE_DISABLE, NULL, NULL);
    while (token_next_plain(&patterns, TOKEN_COMMAS, &pattern)) {
        bool disabled = true;
        for (; str_starts(pattern, "!"); pattern = str_slice(pattern, 1, pattern.len))
            disabled = !disabled;
        if (matches_service(service, pattern))
            return disabled;
    }
    return false;
}
