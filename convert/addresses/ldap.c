/*
 * ldap - what Sendmail asks a directory for
 *
 * FEATURE(ldap_routing) is ldap_routing.c's.  Here: what all maps share, aliases in a directory
 * (ALIAS_FILE, "ldap:"), and the tables of features that are one (FEATURE(virtusertable, LDAP)).
 * Their values are in Sendmail's words, and stand where no converter reads them: those that Postfix
 * would take for something else are an open point.
 */
#include "convert/addresses/ldap.h"

#include "convert/addresses/addresses.h"
#include "convert/addresses/modules.h"

#define WRITE_OUT                                                                                  \
    "write the directory's entries into a text file (key, blank, value on a line), name that in "  \
    "the macro file instead, and convert again"

/* --- what belongs to this host ---------------------------------------------------------------- */

/* ours - "(|(sendmailMTACluster=...)(sendmailMTAHost=...))" with what the source says of both; an
   open point where the host's own name is missing */
static struct str ours(struct draft *draft, const struct sendmail_item *item)
{
    struct str cluster = ldap_cluster(draft);
    struct str own = addresses_own_name(draft), host = str_of("");

    if (own.at != NULL)
        host = arena_printf(draft->arena, "(sendmailMTAHost=%.*s)", STR_ARG(own));
    else
        draft_open_point(draft, item,
                         "add (sendmailMTAHost=NAME) with the name of this host to query_filter, "
                         "inside (|...)",
                         "which entries are this host's own: its name does not stand in the "
                         "source");
    return arena_printf(draft->arena, "(|(sendmailMTACluster=%.*s)%.*s)",
                        cluster.len > 0 ? (int)cluster.len : 0, cluster.len > 0 ? cluster.at : "",
                        STR_ARG(host));
}

/* spec_of - the map's own specification on top of the default */
static struct ldap_spec spec_of(struct draft *draft, const struct sendmail_table *table)
{
    struct ldap_spec spec = ldap_spec_default(draft);

    ldap_spec_read(draft->arena, table->flags, &spec);
    return spec;
}

/* --- aliases ---------------------------------------------------------------------------------- */

void ldap_map_aliases(struct draft *draft, const struct sendmail_table *table, int rank)
{
    const struct sendmail_item *item = table->from;
    struct ldap_spec spec = spec_of(draft, table);
    bool schema = table->flags.len == 0;
    const char *name = addresses_made_table(draft, "ldap_aliases.cf") == NULL ? "ldap_aliases.cf"
                                                                              : "ldap_aliases2.cf";
    struct str filter = ldap_filter(draft, spec.filter, "%s"), attribute = spec.attributes;

    if (schema) {
        filter = arena_printf(draft->arena,
                              "(&(objectClass=sendmailMTAAliasObject)"
                              "(sendmailMTAAliasGrouping=aliases)%.*s(sendmailMTAKey=%%s))",
                              STR_ARG(ours(draft, item)));
        attribute = str_of("sendmailMTAAliasValue");
    }
    if (filter.len == 0 || attribute.len == 0 || spec.odd.len > 0 ||
        str_span_not(attribute, 0, ":") < attribute.len) {
        draft_open_point(draft, item,
                         "write the ldap_table(5) that finds the same by hand, and name it in "
                         "alias_maps",
                         "aliases in a directory, asked for in a way that Postfix has no words "
                         "for: %.*s",
                         STR_ARG(table->flags));
        return;
    }
    struct draft_table *made = ldap_table(draft, item, name, &spec, filter, attribute, NULL);
    if (schema)
        draft_entry(draft, made, item, str_of("special_result_attribute"),
                    str_of("sendmailMTAAliasURL"));
    draft_add(draft, item, "alias_maps", rank, "%.*s", STR_ARG(draft_table_ref(draft, made)));
    draft_fate(draft, item, FATE_MAPPED, "alias_maps: %s asks the directory%s", name,
               schema ? "; a sendmailMTAAliasSearch, another search in an entry, has no words in "
                        "Postfix"
                      : "");
}

/* --- tables of features ----------------------------------------------------------------------- */

static const struct ldap_reason {
    const char *table, *reason;
} reasons[] = {
    {"access",
     "Sendmail's values (RELAY, OK, ERROR:...) mean other things to Postfix, or nothing, "
     "and its keys (\"Connect:\", parts of networks) are not those that Postfix asks for"},
    {"mailertable", "its values (\"esmtp:[host]\", \"error:nohost ...\") are not those of "
                    "transport(5)"},
    {"genericstable", "which addresses are rewritten where depends on its keys, and those with a "
                      "bare user mean other ones in Postfix"},
    {"domaintable", "the table changes the domains of all addresses, for which Postfix asks "
                    "\"@domain\" and takes \"@other\""},
    {"authinfo", "smtp_sasl_password_maps takes \"user:password\", not Sendmail's \"U:user\" "
                 "\"P:password\""},
};

/* map_virtual - addresses that stand for one other address are the same in both */
static void map_virtual(struct draft *draft, const struct sendmail_table *table)
{
    const struct sendmail_item *item = table->from;
    struct ldap_spec spec = spec_of(draft, table);
    bool schema = table->flags.len == 0;
    struct str filter = ldap_filter(draft, spec.filter, "%s"), attribute = spec.attributes;

    if (schema) {
        filter = arena_printf(draft->arena,
                              "(&(objectClass=sendmailMTAMapObject)(sendmailMTAMapName=virtuser)"
                              "%.*s(sendmailMTAKey=%%s))",
                              STR_ARG(ours(draft, item)));
        attribute = str_of("sendmailMTAMapValue");
    }
    if (filter.len == 0 || attribute.len == 0 || spec.odd.len > 0 ||
        str_span_not(attribute, 0, ",:") < attribute.len) {
        draft_open_point(draft, item, WRITE_OUT,
                         "the table is a directory, asked for in a way that Postfix has no words "
                         "for: %.*s",
                         STR_ARG(table->flags));
        return;
    }
    struct draft_table *made =
        ldap_table(draft, item, "ldap_virtusertable.cf", &spec, filter, attribute, NULL);
    draft_add(draft, item, "virtual_alias_maps", 100, "%.*s",
              STR_ARG(draft_table_ref(draft, made)));
    addresses_drop_details(draft);
    draft_open_point(draft, item, WRITE_OUT " if there are such values",
                     "virtual_alias_maps asks the directory too, for all domains; values with %%1, "
                     "%%2, %%3 or error:, and keys with +* mean nothing there");
}

void ldap_map_table(struct draft *draft, const struct sendmail_table *table)
{
    if (str_is(table->name, "virtusertable")) {
        map_virtual(draft, table);
        return;
    }
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (str_is(table->name, reasons[i].table)) {
            draft_open_point(draft, table->from, WRITE_OUT, "the table is a directory: %s",
                             reasons[i].reason);
            return;
        }
    draft_open_point(draft, table->from, WRITE_OUT,
                     "the table is a directory, whose values Postfix does not read");
}

/* --- what all share --------------------------------------------------------------------------- */

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

    ldap_map_routing(draft);
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
