/*
 * ldap - FEATURE(ldap_routing), and the defaults of all LDAP maps
 */
#include "convert/ldap/ldap.h"

#include "convert/ldap/modules.h"
#include "convert/ldap/routing.h"

/* decide_all - gives every item with that kind and name the fate unless it has one */
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
               used ? "its server, base and credentials are in each ldap_table(5) file"
                    : "no map uses LDAP");
    decide_all(draft, ITEM_OPTION, "LDAPDefaultSpec", used ? FATE_MAPPED : FATE_MEANINGLESS,
               used ? "its server, base and credentials are in each ldap_table(5) file"
                    : "no map uses LDAP");
    decide_all(draft, ITEM_DEFINE, "confLDAP_CLUSTER", schema ? FATE_MAPPED : FATE_MEANINGLESS,
               schema ? "the name is in query_filter" : "no map uses Sendmail's LDAP schema");
}
