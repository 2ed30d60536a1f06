#include "parser/value/account.h"

#include <stdlib.h>

#include "parser/text/token.h"
#include "parser/value/nexthop.h"

static bool fail_account(struct value_fault *fault, struct str part, const char *what,
                         struct str advice)
{
    fault->part = part;
    fault->what = str_of(what);
    fault->advice = advice;
    return false;
}

bool account_valid(struct arena *arena, const struct config *config, struct str name,
                   struct value_fault *fault)
{
    (void)arena;
    (void)config;
    if (str_is(name, "root"))
        return fail_account(fault, name, "is privileged",
                            (struct str)STR("use an account that nothing else uses"));
    if (str_is_digits(name))
        return fail_account(fault, name, "is a number, where Postfix looks up a name",
                            (struct str)STR("use the name of the account"));
    return true;
}

/* --- IDs of virtual mailboxes ----------------------------------------------------------------- */

/* delivers_virtual - does virtual(8) deliver, as far as virtual_transport says? */
static bool delivers_virtual(const struct config *config)
{
    struct str transport = config_value(config, NULL, PARAM_VIRTUAL_TRANSPORT, NULL, NULL);
    struct str name = str_slice(transport, 0, str_find(transport, ':', 0));
    const struct service *service = transport_service(config, name);

    return config->master_cf.source == NULL ? str_is(name, "virtual")
                                            : service != NULL && service_runs(service, "virtual");
}

/* read_id - atol(3) */
static long read_id(struct arena *arena, struct str text)
{
    return strtol(arena_cstr(arena, text), NULL, 10);
}

static bool ids_valid(struct arena *arena, const struct config *config, struct str tables,
                      long minimum, struct value_fault *fault)
{
    static const char prefix[] = "static:";
    struct str table;

    while (token_next(&tables, TOKEN_COMMAS, &table)) {
        struct str id = str_slice(table, sizeof prefix - 1, table.len);
        if (!str_starts(table, prefix) || id.len == 0 || id.at[0] == '{' ||
            read_id(arena, id) >= minimum || !delivers_virtual(config))
            continue;
        return fail_account(
            fault, table,
            str_is_digits(id) ? "has an ID that virtual(8) does not accept"
                              : "has a name, where virtual(8) expects an ID",
            arena_printf(arena, "use static: and a number of %ld or more", minimum));
    }
    return true;
}

bool user_ids_valid(struct arena *arena, const struct config *config, struct str tables,
                    struct value_fault *fault)
{
    struct str minimum = config_value(config, NULL, PARAM_VIRTUAL_MINIMUM_UID, NULL, NULL);

    return !str_is_digits(minimum) ||
           ids_valid(arena, config, tables, read_id(arena, minimum), fault);
}

bool group_ids_valid(struct arena *arena, const struct config *config, struct str tables,
                     struct value_fault *fault)
{
    return ids_valid(arena, config, tables, 1, fault);
}
