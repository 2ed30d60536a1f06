/* client_settings - settings of LDAP, SQL and other clients that are wrong or that no client reads
 */
#include "rules/tables/tables.h"

/* the settings of one client */
struct client_check {
    struct check *check;
    const struct table_type *type;
    struct map *places; /* that were reported */
};

/* is_flag - yes or no, as get_mail_conf_bool() reads it */
static bool is_flag(struct str value)
{
    return str_is_nocase(value, "yes") || str_is_nocase(value, "no");
}

static bool is_number(struct str value)
{
    return value.len > 0 && str_is_digits(str_slice(value, value.at[0] == '-', value.len));
}

/* is_open - does another setting decide: "$name", or a value that is left out? */
static bool is_open(struct str value)
{
    return value.len == 0 || str_find(value, '$', 0) < value.len;
}

/* reported - was there a finding at this place?  Two parameters may name the same client */
static bool reported(const struct client_check *client, struct span span)
{
    struct str place = tables_place(client->check, span);

    if (map_get(client->places, place) != NULL)
        return true;
    map_put(client->places, place, client->check);
    return false;
}

static void check_value_of(const struct client_check *client, struct str name, struct str value,
                           struct span span)
{
    bool flag = str_list_has(&client->type->flags, name);
    bool number = str_list_has(&client->type->numbers, name);

    if ((!flag && !number) || is_open(value) || (flag && is_flag(value)) ||
        (number && is_number(value)) || reported(client, span))
        return;
    check_reportf(client->check, span, flag ? "use yes or no" : "use a whole number",
                  "the program that opens this table exits: \"%.*s\" is not %s", STR_ARG(value),
                  flag ? "yes or no" : "a number");
}

static void check_file(const struct client_check *client, const struct source *source)
{
    struct main_cf file;

    main_cf_parse(&file, client->check->arena, source);
    for (size_t i = 0; i < file.count; i++) {
        const struct main_cf_entry *entry = file.entries[i];
        check_value_of(client, entry->name, entry->value, line_span(&entry->line, entry->value));
    }
}

/* check_main - the old syntax: "ldap:name" has its settings in main.cf as name_server_host */
static void check_main(const struct client_check *client, struct str table)
{
    const struct main_cf *main_cf = &client->check->config->main_cf;

    for (size_t i = 0; i < main_cf->count; i++) {
        const struct main_cf_entry *entry = main_cf->entries[i];
        struct str name = entry->name;
        if (name.len > table.len && name.at[table.len] == '_' &&
            str_eq(str_slice(name, 0, table.len), table))
            check_value_of(client, str_slice(name, table.len + 1, name.len), entry->value,
                           line_span(&entry->line, entry->value));
    }
}

static void see_use(void *context, const struct used_table *use)
{
    struct client_check *client = context;
    const struct source *source;

    if (use->ref->type->kind != TABLE_CLIENT || use->ref->name.len == 0)
        return;
    client->type = use->ref->type;
    if (use->ref->name.at[0] != '/')
        check_main(client, use->ref->name);
    else if ((source = tables_read(client->check, use->ref->name)) != NULL)
        check_file(client, source);
}

static void check_clients(struct check *check)
{
    struct map places;
    struct client_check client = {.check = check, .places = &places};

    map_init(&places, check->arena);
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
};

const struct rule rule_client_settings = {
    .name = "client-settings",
    .summary = "settings of LDAP, SQL and other clients whose values end a program",
    .why =
        "The file that ldap:, mysql:, pgsql:, sqlite: or memcache: names is read when a program "
        "opens the table.  A flag that is neither yes nor no, or a number that is none, ends the "
        "program: \"fatal: bad boolean configuration: tls_require_cert = true\".  A name that "
        "the client does not know is ignored without a word, and what it was meant for does not "
        "happen.",
    .source = "ldap_table(5), mysql_table(5), pgsql_table(5), sqlite_table(5), memcache_table(5); "
              "src/global/cfg_parser.c",
    .severity = SEVERITY_ERROR,
    .check = check_clients,
    RULE_EXAMPLES(examples),
};
