/*
 * ldap - routing by a directory
 *
 * FEATURE(ldap_routing) asks a directory for mailHost and mailRoutingAddress.  Its schema, its
 * server and who may read it do not stand in the source as Postfix needs them: what comes out is
 * an open point with the tables to write.
 */
#include "rules/sendmail/addresses.h"
#include "rules/sendmail/module.h"

#define SKELETON                                                                                   \
    "write ldap_table(5) files with the server and the search base of your directory: one for "    \
    "virtual_alias_maps (query_filter = (&(objectClass=inetLocalMailRecipient)"                    \
    "(mailLocalAddress=%s)), result_attribute = mailRoutingAddress), one for transport_maps "      \
    "(the same filter, result_attribute = mailHost, result_format = relay:[%s]), and install "     \
    "Postfix's LDAP package"

static void open_all(struct draft *draft, enum sendmail_item_kind kind, const char *name,
                     const char *advice, const char *text)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(draft->sendmail, kind, name, item)) != NULL)
        if (!item->overridden && !draft->fates[item->number].decided)
            draft_open_point(draft, item, advice, "%s", text);
}

static void map(struct draft *draft)
{
    static const char *const macros[] = {"LDAPROUTE_DOMAIN", "LDAPROUTE_DOMAIN_FILE",
                                         "LDAPROUTE_EQUIVALENT", "LDAPROUTE_EQUIVALENT_FILE"};
    const char *advice = "name the domains in the \"domain =\" line of the ldap_table(5) files, "
                         "so that only their addresses are asked for";

    open_all(draft, ITEM_FEATURE, "ldap_routing", SKELETON,
             "the directory says where mail for an address goes");
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
        open_all(draft, ITEM_MACRO, macros[i], advice, "domains that the directory is asked for");
        open_all(draft, ITEM_TABLE_LINE, macros[i], advice,
                 "a domain that the directory is asked for");
    }
    open_all(draft, ITEM_CLASS, "LDAPRoute", advice, "domains that the directory is asked for");
    open_all(draft, ITEM_CLASS, "LDAPRouteEquiv", advice,
             "domains that the directory is asked for");
    open_all(draft, ITEM_DEFINE, "confLDAP_DEFAULT_SPEC",
             "write its server (-h: server_host), base (-b: search_base) and credentials (-d, -M, "
             "-P: bind_dn, bind, bind_pw) into each ldap_table(5) file",
             "how Sendmail's LDAP maps reach the directory");
}

const struct sendmail_module sendmail_module_ldap = {
    .name = "ldap",
    .summary = "routing by a directory",
    .source = "cf/README, USING LDAP FOR ALIASES, MAPS, AND CLASSES, LDAP ROUTING; ldap_table(5)",
    .order = 260,
    .map = map,
};
