#include "parser/value/logfile.h"

#include "parser/text/token.h"

bool log_file_valid(struct arena *arena, const struct config *config, struct str path,
                    struct value_fault *fault)
{
    int flags = 0;
    struct str prefixes = config_value(config, NULL, PARAM_MAILLOG_FILE_PREFIXES, &flags, NULL);
    struct str rest = prefixes, prefix;

    if (path.len == 0 || prefixes.at == NULL || flags != 0)
        return true;
    while (token_next_plain(&rest, TOKEN_COMMAS, &prefix))
        if (str_eq(str_slice(path, 0, prefix.len), prefix))
            return true;
    fault->part = path;
    fault->what = (struct str)STR("does not begin with any of maillog_file_prefixes");
    fault->advice = arena_printf(arena, "use a file below one of: %.*s", STR_ARG(prefixes));
    return false;
}
