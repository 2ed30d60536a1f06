/* client_settings - settings of LDAP, SQL and other clients that are wrong or that no client reads
 */
#include "parser/tables/client.h"
#include "rules/tables/tables.h"

/* the clients that were looked at */
struct client_check {
    struct check *check;
    struct map places; /* that were reported: two parameters may name the same client */
};

static void report_fault(void *context, const struct client_fault *fault)
{
    struct client_check *client = context;
    struct check *check = client->check;
    struct str place = tables_place(check, fault->span);

    if (map_get(&client->places, place) != NULL)
        return;
    map_put(&client->places, place, check);
    struct finding *finding =
        check_reportf(check, fault->span, fault->advice,
                      fault->exits ? "the program that opens this table exits: %.*s" : "%.*s",
                      STR_ARG(fault->what));
    if (!fault->exits)
        finding->severity = SEVERITY_WARNING;
}

static void see_use(void *context, const struct used_table *use)
{
    struct client_check *client = context;
    const struct table_type *type = use->ref->type;

    if (type->kind == TABLE_CLIENT && use->ref->name.len > 0)
        client_faults(client->check->arena, client->check->config, type, use->ref->name,
                      report_fault, client);
}

static void check_clients(struct check *check)
{
    struct client_check client = {.check = check};

    map_init(&client.places, check->arena);
    tables_each(check, see_use, &client);
}

static const struct example examples[] = {
    {.title = "a flag and a number of LDAP, with their settings in main.cf",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = ldap:people\n"
                "people_server_host = ldap.example.com\n"
                "people_start_tls = true\n"
                "people_version = v3\n",
     .findings = {{3, "true"}, {4, "v3"}}},
    {.title = "yes, no and numbers; and names that are another's",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = ldap:people\n"
                "people_start_tls = YES\n"
                "people_version = 3\n"
                "people_timeout = $wait\n"
                "peoples_start_tls = true\n"},
    {.title = "queries: a percent sign has a letter after it, and the key has a place",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = ldap:people, mysql:aliases\n"
                "people_query_filter = (mail=%s%)\n"
                "people_result_format = smtp:[%s]\n"
                "aliases_query = SELECT goto FROM alias\n"
                "aliases_result_format = %a\n",
     .findings = {{2, "(mail=%s%)"}, {4, "SELECT goto FROM alias"}, {5, "%a"}}},
};

const struct rule rule_client_settings = {
    .name = "client-settings",
    .summary = "settings of LDAP, SQL and other clients whose values end a program",
    .why =
        "The file that ldap:, mysql:, pgsql:, sqlite: or memcache: names is read when a program "
        "opens the table.  A flag that is neither yes nor no, or a number that is none, ends the "
        "program: \"fatal: bad boolean configuration: tls_require_cert = true\".  A name that "
        "the client does not know is ignored without a word, and what it was meant for does not "
        "happen.\n\n"
        "In a query, %s, %u and %d stand for the key or its parts; any other letter ends the "
        "program, "
        "so that the percent sign of SQL is written %%.  A query without the key finds the same "
        "for "
        "every address.",
    .source = "ldap_table(5), mysql_table(5), pgsql_table(5), sqlite_table(5), memcache_table(5); "
              "src/global/cfg_parser.c, db_common.c",
    .severity = SEVERITY_ERROR,
    .check = check_clients,
    RULE_EXAMPLES(examples),
};
