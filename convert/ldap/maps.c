/*
 * maps - aliases in LDAP (ALIAS_FILE, "ldap:"), and FEATURE(virtusertable, LDAP)
 *
 * Addresses that map to other addresses are the same in both programs.  Other values are in
 * Sendmail's syntax, in a directory that is not read here: if Postfix would misunderstand them,
 * there is an open point (addresses_open_directory).
 */
#include "convert/ldap/ldap.h"

#include "convert/sendmail/addresses.h"

/* --- entries of this host --------------------------------------------------------------------- */

/* make_host_filter - "(|(sendmailMTACluster=...)(sendmailMTAHost=...))" with the values in the
   source; an open point if the host's own name is missing */
static struct str make_host_filter(struct draft *draft, const struct sendmail_item *item)
{
    struct str cluster = ldap_cluster(draft);
    struct str own = addresses_own_name(draft), host = str_of("");

    if (own.at != NULL)
        host = arena_printf(draft->arena, "(sendmailMTAHost=%.*s)", STR_ARG(own));
    else
        draft_open_point(
            draft, item,
            "add (sendmailMTAHost=NAME) with the name of this host to query_filter, inside (|...)",
            "the name of this host is not in the source, and decides which entries apply");
    return arena_printf(draft->arena, "(|(sendmailMTACluster=%.*s)%.*s)",
                        cluster.len > 0 ? (int)cluster.len : 0, cluster.len > 0 ? cluster.at : "",
                        STR_ARG(host));
}

/* read_spec - the specification of the map, combined with the default */
static struct ldap_spec read_spec(struct draft *draft, const struct sendmail_table *table)
{
    struct ldap_spec spec = ldap_spec_default(draft);

    ldap_spec_read(draft->arena, table->flags, &spec);
    return spec;
}

/* --- aliases ---------------------------------------------------------------------------------- */

void ldap_map_aliases(struct draft *draft, const struct sendmail_table *table, int rank)
{
    const struct sendmail_item *item = table->from;
    struct ldap_spec spec = read_spec(draft, table);
    bool schema = table->flags.len == 0;
    const char *name =
        draft_find_table(draft, "ldap_aliases.cf") == NULL ? "ldap_aliases.cf" : "ldap_aliases2.cf";
    struct str filter = ldap_filter(draft, spec.filter, "%s"), attribute = spec.attributes;

    if (schema) {
        filter = arena_printf(draft->arena,
                              "(&(objectClass=sendmailMTAAliasObject)"
                              "(sendmailMTAAliasGrouping=aliases)%.*s(sendmailMTAKey=%%s))",
                              STR_ARG(make_host_filter(draft, item)));
        attribute = str_of("sendmailMTAAliasValue");
    }
    if (filter.len == 0 || attribute.len == 0 || spec.odd.len > 0 ||
        str_span_not(attribute, 0, ":") < attribute.len) {
        draft_open_point(
            draft, item, "write an equivalent ldap_table(5) by hand and add it to alias_maps",
            "the LDAP query for aliases has no equivalent in Postfix: %.*s", STR_ARG(table->flags));
        return;
    }
    struct draft_table *made = ldap_table(draft, item, name, &spec, filter, attribute, NULL);
    if (schema)
        draft_entry(draft, made, item, str_of("special_result_attribute"),
                    str_of("sendmailMTAAliasURL"));
    draft_add(draft, item, PARAM_ALIAS_MAPS, rank, "%.*s", STR_ARG(draft_table_ref(draft, made)));
    draft_fate(
        draft, item, FATE_MAPPED, "alias_maps: %s queries LDAP%s", name,
        schema
            ? "; sendmailMTAAliasSearch, another search in an entry, has no equivalent in Postfix"
            : "");
}

/* --- virtusertable ---------------------------------------------------------------------------- */

void ldap_map_virtual(struct draft *draft, const struct sendmail_table *table)
{
    const struct sendmail_item *item = table->from;
    struct ldap_spec spec = read_spec(draft, table);
    bool schema = table->flags.len == 0;
    struct str filter = ldap_filter(draft, spec.filter, "%s"), attribute = spec.attributes;

    if (schema) {
        filter = arena_printf(draft->arena,
                              "(&(objectClass=sendmailMTAMapObject)(sendmailMTAMapName=virtuser)"
                              "%.*s(sendmailMTAKey=%%s))",
                              STR_ARG(make_host_filter(draft, item)));
        attribute = str_of("sendmailMTAMapValue");
    }
    if (filter.len == 0 || attribute.len == 0 || spec.odd.len > 0 ||
        str_span_not(attribute, 0, ",:") < attribute.len) {
        draft_open_point(draft, item, ADDRESSES_WRITE_OUT,
                         "the LDAP query has no equivalent in Postfix: %.*s",
                         STR_ARG(table->flags));
        return;
    }
    struct draft_table *made =
        ldap_table(draft, item, "ldap_virtusertable.cf", &spec, filter, attribute, NULL);
    draft_add(draft, item, PARAM_VIRTUAL_ALIAS_MAPS, 100, "%.*s",
              STR_ARG(draft_table_ref(draft, made)));
    addresses_drop_details(draft);
    draft_open_point(draft, item, ADDRESSES_WRITE_OUT " if there are such values",
                     "virtual_alias_maps also queries LDAP, for all domains; values with %%1, %%2, "
                     "%%3 or error: and keys with +* do not work there");
}
