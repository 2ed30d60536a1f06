/*
 * ldap - FEATURE(ldap_routing), and what no map says by itself: the defaults of all LDAP maps
 */
#include "convert/ldap/ldap.h"

#include "convert/ldap/modules.h"
#include "convert/ldap/routing.h"

/* decide_all - every item of that kind and name gets the fate, but those that have one */
static void decide_all(struct draft *draft, enum sendmail_item_kind kind, const char *name,
                       enum sendmail_fate fate, const char *text)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(draft->sendmail, kind, name, item)) != NULL)
        if (!item->overridden && !draft->fates[item->number].decided)
            draft_fate(draft, item, fate, "%s", text);
}

void ldap_convert(struct draft *draft)
{
    bool used = false, schema = false;

    routing_map(draft);
    for (size_t i = 0; i < draft->table_count; i++) {
        const struct draft_table *table = draft->tables[i];
        used = used || table->kind == DRAFT_LDAP;
        for (size_t j = 0; table->kind == DRAFT_LDAP && j < table->count; j++)
            schema = schema || str_search(table->entries[j].value, "sendmailMTACluster=") <
                                   table->entries[j].value.len;
    }
    decide_all(draft, ITEM_DEFINE, "confLDAP_DEFAULT_SPEC", used ? FATE_MAPPED : FATE_MEANINGLESS,
               used ? "its server, base and credentials stand in each ldap_table(5) file"
                    : "no map asks a directory");
    decide_all(draft, ITEM_OPTION, "LDAPDefaultSpec", used ? FATE_MAPPED : FATE_MEANINGLESS,
               used ? "its server, base and credentials stand in each ldap_table(5) file"
                    : "no map asks a directory");
    decide_all(draft, ITEM_DEFINE, "confLDAP_CLUSTER", schema ? FATE_MAPPED : FATE_MEANINGLESS,
               schema ? "the name stands in query_filter"
                      : "no map asks for entries of Sendmail's own schema");
}
