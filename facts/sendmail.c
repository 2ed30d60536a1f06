/*
 * sendmail - what Sendmail configurations contain: see facts/sendmail.h
 */
#include "facts/sendmail.h"

#include "facts/tables.h"

const char *sendmail_fate_name(enum sendmail_fate fate)
{
    static const char *const names[] = {
        [FATE_MAPPED] = "mapped",
        [FATE_ALREADY] = "already",
        [FATE_MEANINGLESS] = "meaningless",
        [FATE_OPEN] = "open",
    };
    return names[fate];
}

const struct sendmail_fact *facts_sendmail(enum sendmail_kind kind, struct str name)
{
    size_t first = facts_tables.sendmail_first[kind];
    size_t count = facts_tables.sendmail_first[kind + 1] - first;
    return named_find(facts_tables.sendmail + first, count, sizeof *facts_tables.sendmail, name);
}

const struct sendmail_fact *facts_sendmail_option(struct str name)
{
    char lower[64];
    if (name.len == 0 || name.len > sizeof lower)
        return NULL;
    for (size_t i = 0; i < name.len; i++) /* old options are one letter, which differs by case */
        lower[i] = name.len > 1 ? char_lower(name.at[i]) : name.at[i];
    const struct sendmail_option *found =
        named_find(facts_tables.sendmail_options, facts_tables.sendmail_option_count,
                   sizeof *facts_tables.sendmail_options, (struct str){lower, name.len});
    return found == NULL ? NULL : &facts_tables.sendmail[found->fact];
}

const struct sendmail_fact *facts_sendmail_all(size_t *count)
{
    *count = facts_tables.sendmail_first[SENDMAIL_KINDS];
    return facts_tables.sendmail;
}
