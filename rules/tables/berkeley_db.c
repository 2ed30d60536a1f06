#include "rules/tables/bdb.h"

#include "parser/postfix/written.h"
#include "parser/text/token.h"

static const struct str alias_maps = STR("alias_maps");
static const struct str alias_database = STR("alias_database");
static const struct str postscreen_cache = STR("postscreen_cache_map");
static const struct str verify_cache = STR("address_verify_map");

/* --- defaults that are used ------------------------------------------------------------------ */

/* find_service - the first service that runs DAEMON */
static bool find_service(const struct check *check, const char *daemon,
                         const struct service **service)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], daemon)) {
            *service = master_cf->services[i];
            return true;
        }
    return false;
}

/* delivers_locally - does the service have mail of $mydestination to deliver? */
static bool delivers_locally(const struct check *check, const struct service *local)
{
    /* the name of the host, after the colon, need not be known */
    struct str transport = config_value(check->config, NULL, PARAM_LOCAL_TRANSPORT, NULL, NULL);
    struct setting destination = config_find(check->config, NULL, PARAM_MYDESTINATION);
    int flags;
    struct str value = config_value(check->config, NULL, PARAM_MYDESTINATION, &flags, NULL);

    if (destination.value.at != NULL && str_trim(value).len == 0 && flags == 0)
        return false;
    return str_eq(str_slice(transport, 0, str_find(transport, ':', 0)), local->name);
}

static bool asks_to_verify(struct str value)
{
    struct str word;

    while (token_next_plain(&value, ", \t\r\n{}", &word))
        if (str_is_nocase(word, "reject_unverified_sender") ||
            str_is_nocase(word, "reject_unverified_recipient"))
            return true;
    return false;
}

/* uses_verify - does any restriction list ask verify(8) about an address? */
static bool uses_verify(const struct check *check)
{
    struct written_walk walk = {.config = check->config};
    struct written written;

    while (written_next(&walk, &written))
        if (asks_to_verify(written.value))
            return true;
    return false;
}

static void check_defaults(struct bdb_fixes *fixes)
{
    const struct check *check = fixes->check;
    const struct service *service;

    if (find_service(check, "local", &service) && delivers_locally(check, service)) {
        bdb_fix_default(fixes, service, alias_maps);
        bdb_fix_default(fixes, NULL, alias_database);
    }
    if (find_service(check, "verify", &service) && uses_verify(check))
        bdb_fix_default(fixes, service, verify_cache);
    if (find_service(check, "postscreen", &service))
        bdb_fix_default(fixes, service, postscreen_cache);
}

/* --- the rule -------------------------------------------------------------------------------- */

static void see_use(void *context, const struct used_table *use)
{
    struct bdb_fixes *fixes = context;

    bdb_fix_use(fixes, use);
    bdb_report_unfixed(fixes, use);
    bdb_rebuild_use(fixes, use);
}

/*
 * check_default_type - the type that postmap and newaliases use if none is given: the stock main.cf
 * of a platform without Berkeley DB sets it, a main.cf from another platform does not
 */
static void check_default_type(struct check *check)
{
    static const char name[] = "default_database_type";
    const struct platform *platform = check->config->platform;

    if (check->from == NULL || !check->from->berkeley_db || platform->berkeley_db ||
        check->config->main_cf.source == NULL ||
        check_is_set(check, NULL, PARAM_DEFAULT_DATABASE_TYPE))
        return;
    struct finding *finding =
        check_reportf(check, check_span(check, NULL, PARAM_DEFAULT_DATABASE_TYPE),
                      "set it, as in the stock main.cf",
                      "%s is not set; the stock main.cf of %.*s sets it to %.*s", name,
                      STR_ARG(platform->title), STR_ARG(platform->default_database_type));
    finding->severity = SEVERITY_ADVICE;
    finding_append_main(
        check, finding,
        arena_printf(check->arena, "%s = %.*s", name, STR_ARG(platform->default_database_type)));
}

static void check_berkeley_db(struct check *check)
{
    struct bdb_fixes fixes;

    bdb_init(&fixes, check);
    if (check->config->platform->berkeley_db && check->from == NULL)
        return;
    check_default_type(check);
    bdb_fix_written(&fixes);
    check_defaults(&fixes);
    tables_each(check, see_use, &fixes);
    bdb_rebuild_aliases(check);
    if (fixes.changed)
        bdb_note_changes(check);
}

static const struct example examples[] = {
    {.title = "RHEL 9's main.cf on RHEL 10",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "alias_maps = hash:/etc/aliases\n"
                "alias_database = hash:/etc/aliases\n"
                "virtual_alias_maps = hash:/etc/postfix/virtual\n",
     .findings = {{1, "hash:/etc/aliases"},
                  {2, "hash:/etc/aliases"},
                  {3, "hash:/etc/postfix/virtual"},
                  {4, ""}},
     .fixed_main_cf = "alias_maps = lmdb:/etc/aliases\n"
                      "alias_database = lmdb:/etc/aliases\n"
                      "virtual_alias_maps = lmdb:/etc/postfix/virtual\n"
                      "default_database_type = lmdb\n",
     .runbook = "postmap lmdb:/etc/postfix/virtual"},
    {.title = "aliases are built with postalias",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "default_database_type = lmdb\n"
                "alias_maps = hash:/etc/aliases\n"
                "alias_database = hash:/etc/aliases\n"
                "local_recipient_maps = $alias_maps\n",
     .findings = {{2, "hash:/etc/aliases"}, {3, "hash:/etc/aliases"}},
     .fixed_main_cf = "default_database_type = lmdb\n"
                      "alias_maps = lmdb:/etc/aliases\n"
                      "alias_database = lmdb:/etc/aliases\n"
                      "local_recipient_maps = $alias_maps\n",
     .runbook = "postalias lmdb:/etc/aliases"},
    {.title =
         "in a restriction list over several lines, negated, after proxy:, and in other tables",
     .platform = "rhel10",
     .main_cf = "smtpd_recipient_restrictions = permit_mynetworks,\n"
                "    # friends\n"
                "    check_client_access hash:/etc/postfix/friends,\n"
                "    { check_sender_access btree:/etc/postfix/senders }, reject\n"
                "mynetworks = !hash:/etc/postfix/strangers 127.0.0.1\n"
                "virtual_alias_maps = proxy:hash:/etc/postfix/virtual,"
                " pipemap:{hash:/etc/postfix/a,unionmap:{btree:/etc/postfix/b}}\n",
     .findings = {{3, "hash:/etc/postfix/friends"},
                  {4, "btree:/etc/postfix/senders"},
                  {5, "hash:/etc/postfix/strangers"},
                  {6, "hash:/etc/postfix/virtual"},
                  {6, "hash:/etc/postfix/a"},
                  {6, "btree:/etc/postfix/b"}},
     .fixed_main_cf = "smtpd_recipient_restrictions = permit_mynetworks,\n"
                      "    # friends\n"
                      "    check_client_access lmdb:/etc/postfix/friends,\n"
                      "    { check_sender_access lmdb:/etc/postfix/senders }, reject\n"
                      "mynetworks = !lmdb:/etc/postfix/strangers 127.0.0.1\n"
                      "virtual_alias_maps = proxy:lmdb:/etc/postfix/virtual,"
                      " pipemap:{lmdb:/etc/postfix/a,unionmap:{lmdb:/etc/postfix/b}}\n"},
    {.title = "caches, CR LF, and the default type",
     .platform = "rhel10",
     .main_cf = "default_database_type = hash\r\n"
                "smtp_tls_session_cache_database = btree:${data_directory}/smtp_scache\r\n",
     .findings = {{1, "hash"}, {2, "btree:${data_directory}/smtp_scache"}},
     .fixed_main_cf = "default_database_type = lmdb\r\n"
                      "smtp_tls_session_cache_database = lmdb:${data_directory}/smtp_scache\r\n"},
    {.title = "a type, and a type with a directory, in user-defined values",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "indexed = hash:/etc/postfix/\n"
                "db = hash\n"
                "other = proxy:$db\n"
                "virtual_alias_maps = ${indexed}virtual\n"
                "transport_maps = $db:/etc/postfix/transport, ${other}:/etc/postfix/relays\n",
     .findings = {{1, "hash:/etc/postfix/"}, {2, "hash"}, {6, ""}},
     .fixed_main_cf = "indexed = lmdb:/etc/postfix/\n"
                      "db = lmdb\n"
                      "other = proxy:$db\n"
                      "virtual_alias_maps = ${indexed}virtual\n"
                      "transport_maps = $db:/etc/postfix/transport, ${other}:/etc/postfix/relays\n"
                      "default_database_type = lmdb\n",
     .runbook = "postmap lmdb:/etc/postfix/relays"},
    {.title = "in the branches of an expression, and in the results of an inline table",
     .platform = "rhel10",
     .main_cf = "relay_domains = ${relays?{hash:/etc/postfix/relays}:{btree:/etc/postfix/none}}\n"
                "relays = yes\n"
                "smtpd_sender_restrictions = check_sender_access inline:{\n"
                "    { example.com = check_client_access hash:/etc/postfix/example } }\n",
     .findings = {{1, "hash:/etc/postfix/relays"},
                  {1, "btree:/etc/postfix/none"},
                  {4, "hash:/etc/postfix/example"}},
     .fixed_main_cf =
         "relay_domains = ${relays?{lmdb:/etc/postfix/relays}:{lmdb:/etc/postfix/none}}\n"
         "relays = yes\n"
         "smtpd_sender_restrictions = check_sender_access inline:{\n"
         "    { example.com = check_client_access lmdb:/etc/postfix/example } }\n"},
    {.title = "a type that is composed of several values has to be changed by hand",
     .platform = "rhel10",
     .main_cf = "kind = ha\n"
                "transport_maps = ${kind}sh:/etc/postfix/transport\n",
     .findings = {{2, "${kind}sh:/etc/postfix/transport"}}},
    {.title = "in a service, and in a value that a later one overrides",
     .platform = "rhel10",
     .main_cf = "transport_maps = hash:/etc/postfix/old\n"
                "transport_maps = hash:/etc/postfix/transport\n",
     .master_cf = "smtp unix - - n - - smtp -o smtp_generic_maps=hash:/etc/postfix/generic\n"
                  "submission inet n - n - - smtpd\n"
                  "  -o { smtpd_client_restrictions = check_client_access hash:/etc/postfix/c }\n",
     .findings = {{1, "hash:/etc/postfix/old"},
                  {2, "hash:/etc/postfix/transport"},
                  {1, "hash:/etc/postfix/generic"},
                  {3, "hash:/etc/postfix/c"}},
     .fixed_main_cf = "transport_maps = lmdb:/etc/postfix/old\n"
                      "transport_maps = lmdb:/etc/postfix/transport\n",
     .fixed_master_cf =
         "smtp unix - - n - - smtp -o smtp_generic_maps=lmdb:/etc/postfix/generic\n"
         "submission inet n - n - - smtpd\n"
         "  -o { smtpd_client_restrictions = check_client_access lmdb:/etc/postfix/c }\n"},
    {.title = "defaults that are used: the caches of postscreen and verify",
     .platform = "rhel10",
     .main_cf = "smtpd_recipient_restrictions = reject_unverified_recipient\n",
     .master_cf = "smtp inet n - n - 1 postscreen\n"
                  "verify unix - - n - 1 verify\n",
     .findings = {{2, ""}, {2, ""}},
     .fixed_main_cf = "smtpd_recipient_restrictions = reject_unverified_recipient\n"
                      "address_verify_map = lmdb:$data_directory/verify_cache\n"
                      "postscreen_cache_map = lmdb:$data_directory/postscreen_cache\n"},
    {.title = "local(8) uses alias tables, here of the default type",
     .platform = "rhel10",
     .main_cf = "mydestination = $myhostname\n"
                "alias_maps = $default_database_type:/etc/aliases\n"
                "alias_database = $alias_maps\n"
                "default_database_type = hash\n",
     .master_cf = "local unix - n n - - local\n",
     .findings = {{4, "hash"}},
     .fixed_main_cf = "mydestination = $myhostname\n"
                      "alias_maps = $default_database_type:/etc/aliases\n"
                      "alias_database = $alias_maps\n"
                      "default_database_type = lmdb\n",
     .runbook = "postalias lmdb:/etc/aliases"},
    {.title = "a default that a value refers to",
     .platform = "rhel10",
     .main_cf = "proxy_write_maps = $alias_maps, proxy:$postscreen_cache_map\n"
                "alias_maps =\n",
     .findings = {{3, ""}},
     .fixed_main_cf = "proxy_write_maps = $alias_maps, proxy:$postscreen_cache_map\n"
                      "alias_maps =\n"
                      "postscreen_cache_map = lmdb:$data_directory/postscreen_cache\n"},
    {.title = "defaults that are not used",
     .platform = "rhel10",
     .main_cf = "mydestination =\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "verify unix - - n - 1 verify\n"
                  "local unix - n n - - local\n"},
    {.title = "not replaced: other words that contain hash or btree",
     .platform = "rhel10",
     .main_cf = "hash_queue_names = deferred, defer\n"
                "hash_queue_depth = 1\n"
                "smtpd_banner = rehash:ed and hashed btree\n"
                "virtual_alias_maps = texthash:/etc/postfix/hash:x, inline:{a=hash:b}\n"
                "smtpd_sender_restrictions = check_sender_access static:{REJECT see hash:tag}\n"},
    {.title = "already replaced",
     .platform = "rhel10",
     .main_cf = "alias_maps = lmdb:/etc/aliases\n"
                "alias_database = lmdb:/etc/aliases\n"
                "default_database_type = lmdb\n"},
    {.title = "RHEL 9 has Berkeley DB",
     .platform = "rhel9",
     .main_cf = "virtual_alias_maps = hash:/etc/postfix/virtual\n"},
    {.title = "from one platform with Berkeley DB to another, the index is rebuilt",
     .platform = "rhel9",
     .from = "rhel7",
     .main_cf = "virtual_alias_maps = hash:/etc/postfix/virtual\n"
                "smtp_tls_session_cache_database = btree:$data_directory/smtp_scache\n",
     .runbook = "postmap hash:/etc/postfix/virtual"},
};

const struct rule rule_berkeley_db = {
    .name = "berkeley-db",
    .summary =
        "hash and btree tables need Berkeley DB, which the platform's Postfix is built without",
    .why =
        "Without Berkeley DB, Postfix starts, but every look-up in a hash: or btree: table fails "
        "with \"unsupported dictionary type\": the SMTP server answers 451, and mail stays in the "
        "queue.  postmap and postalias fail, too.  The type that the platform has instead stores "
        "the same keys and finds the same results.\n\n"
        "Why is it not enough to replace the type in main.cf?  Each type has an index file of its "
        "own (virtual.db, virtual.lmdb), which postmap builds from the same text; the runbook of "
        "an upgrade has a postmap or postalias command for every table.  Caches such as "
        "smtp_tls_session_cache_database need none: Postfix creates and fills them itself.\n\n"
        "What if there is only virtual.db, and no text?  No program on the new host can read it.  "
        "On the old host, \"postmap -s hash:/etc/postfix/virtual\" prints its content; for "
        "aliases, \"postalias -s\" does.\n\n"
        "Why are settings changed that have no effect?  A setting that a later one overrides takes "
        "effect when the later one is removed, and would then bring the old type back.",
    .source = "DATABASE_README; LMDB_README; postmap(1) and postalias(1), -s; access(5); "
              "src/util/dict_open.c",
    .severity = SEVERITY_ERROR,
    .one_cause = true,
    .check = check_berkeley_db,
    RULE_EXAMPLES(examples),
};
