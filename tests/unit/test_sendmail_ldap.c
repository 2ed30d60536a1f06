/* what Sendmail asks a directory for, and the tables of Postfix that ask it */
#include "convert/ldap/ldap.h"

#include "convert/write/write.h"
#include "tests/unit/sendmail_draft.h"

#define SPEC "define(`confLDAP_DEFAULT_SPEC', `-h ldap.example.com -b dc=example -w 3')\n"
#define OWN "define(`confDOMAIN_NAME', `mx.example.com')\n"
#define DOMAINS "LDAPROUTE_DOMAIN(`a.example')\n"
#define ROUTING(arguments) SPEC OWN "FEATURE(`ldap_routing'" arguments ")\n" DOMAINS
#define FILTER "(&(objectClass=inetLocalMailRecipient)(mailLocalAddress=%s))"
#define SERVER "server_host=ldap.example.com;version=3;bind=no;search_base=dc=example;"

static struct draft *draft_with(struct arena *arena, const char *platform, const char *mc,
                                const struct sendmail_file *files, size_t count)
{
    struct sendmail_file all[4] = {{"sendmail.mc", mc}};
    struct sendmail *sendmail = arena_alloc(arena, sizeof *sendmail);
    struct draft *draft = arena_alloc(arena, sizeof *draft);

    for (size_t i = 0; i < count; i++)
        all[i + 1] = files[i];
    sendmail_files(sendmail, arena, all, count + 1);
    draft_init(draft, arena, sendmail, facts_platform(str_of(platform)));
    convert_sendmail(draft);
    return draft;
}

static const char *text_of(const struct draft *draft, const char *name)
{
    for (size_t i = 0; i < draft->sendmail->count; i++)
        if (str_is(draft->sendmail->items[i].name, name))
            return arena_printf(draft->arena, "%.*s | %.*s", STR_ARG(draft->fates[i].text),
                                STR_ARG(draft->fates[i].advice))
                .at;
    return "(no item)";
}

#define assert_has(text, part) assert_non_null(strstr(text, part))
#define assert_lacks(text, part) assert_null(strstr(text, part))

/* --- how a map asks --------------------------------------------------------------------------- */

static void flags_have_their_values_beside_or_behind_them(void **state)
{
    struct arena *arena = *state;
    struct ldap_spec spec = {0};

    ldap_spec_read(arena,
                   str_of(" -1 -h \"a.example b.example:390\" -bdc=example -d "
                          "\"cn=x, o=The Firm\" -T<TMPF> -s one -k (mail=%0) -v maildrop"),
                   &spec);
    assert_str(spec.hosts, "a.example b.example:390");
    assert_str(spec.base, "dc=example");
    assert_str(spec.bind_dn, "cn=x, o=The Firm");
    assert_str(spec.scope, "one");
    assert_str(spec.filter, "(mail=%0)");
    assert_str(spec.attributes, "maildrop");
    assert_true(spec.single);
    assert_int_equal(spec.odd.len, 0);
}

static void a_map_says_more_than_the_default(void **state)
{
    struct arena *arena = *state;
    struct ldap_spec spec = {.base = str_of("dc=default"), .hosts = str_of("ldap.example")};

    ldap_spec_read(arena, str_of("-b dc=own"), &spec);
    assert_str(spec.base, "dc=own");
    assert_str(spec.hosts, "ldap.example");
}

static void flags_that_change_the_answer_are_told(void **state)
{
    struct arena *arena = *state;
    struct ldap_spec spec = {0};

    ldap_spec_read(arena, str_of("-k (mail=%0) -v a -z, -a.suffix"), &spec);
    assert_str(spec.odd, "-z");
}

static void a_specification_may_end_anywhere(void **state)
{
    static const char *const texts[] = {"",  "-",   "-h", "-h \"",   "-h \"a",
                                        "x", "- h", "-k", "\"-h a\""};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct ldap_spec spec = {0};
        ldap_spec_read(*state, str_of(texts[i]), &spec);
        assert_true(spec.hosts.len <= 1);
    }
}

static void filters_know_the_key_and_the_names_of_the_source(void **state)
{
    struct arena *arena = *state;
    struct draft *draft = draft_of(arena, OWN "define(`confLDAP_CLUSTER', `Both')\n", NULL);

    assert_str(ldap_filter(draft, str_of("(&(x=%0)(y=%s)(z=%%))"), "%u@a"),
               "(&(x=%u@a)(y=%u@a)(z=%%))");
    assert_str(ldap_filter(draft, str_of("(|(c=${sendmailMTACluster})(h=$j))"), "%s"),
               "(|(c=Both)(h=mx.example.com))");
    assert_null(ldap_filter(draft, str_of("(x=%1)"), "%s").at);
    assert_null(ldap_filter(draft, str_of("(x=$m)"), "%s").at);
    assert_null(ldap_filter(draft_of(arena, "", NULL), str_of("(h=$j)"), "%s").at);
}

/* --- the settings of a table ------------------------------------------------------------------ */

static const char *address_table(void **state, const char *spec)
{
    const char *mc = arena_printf(*state,
                                  "define(`confLDAP_DEFAULT_SPEC', `%s')\n" OWN
                                  "FEATURE(`ldap_routing')\n" DOMAINS,
                                  spec)
                         .at;

    return entries(draft_of(*state, mc, NULL), "ldap_routing_address.cf");
}

static void a_table_has_the_server_and_the_question(void **state)
{
    assert_string_equal(address_table(state, "-h ldap.example.com -b dc=example -w 3 -R"),
                        SERVER "query_filter=" FILTER ";result_attribute=mailRoutingAddress;");
}

static void a_table_has_what_else_the_specification_says(void **state)
{
    const char *table = address_table(state, "-h l.example -p 1389 -b dc=x -s LDAP_SCOPE_ONE -r "
                                             "LDAP_DEREF_ALWAYS -l 5 -w 2");

    assert_has(table, "server_host=l.example;server_port=1389;version=2;");
    assert_has(table, "scope=one;dereference=3;chase_referrals=yes;timeout=5;");
    assert_has(address_table(state, "-H ldaps://l.example -b dc=x"),
               "server_host=ldaps://l.example;version=3;");
}

static void a_name_to_log_in_makes_the_file_secret(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 "define(`confLDAP_DEFAULT_SPEC', `-h l.example -b dc=x -d cn=mta -M simple -P "
                 "/etc/mail/ldap-secret')\n" OWN "FEATURE(`ldap_routing')\n" DOMAINS,
                 NULL);
    struct draft_files files;
    size_t secret = 0;

    assert_has(entries(draft, "ldap_routing_host.cf"), "bind=yes;bind_dn=cn=mta;bind_pw=;");
    assert_string_equal(fate_of(draft, "ldap_routing", NULL), "open");
    assert_has(text_of(draft, "ldap_routing"), "it is in /etc/mail/ldap-secret");
    draft_write(draft, &files);
    for (size_t i = 0; i < files.count; i++)
        if (str_ends(files.files[i].name, ".cf") && str_starts(files.files[i].name, "ldap_")) {
            assert_int_equal(files.files[i].mode, 0600);
            secret++;
        }
    assert_true(secret >= 4);
}

static void without_a_server_or_a_base_ldap_conf_has_them(void **state)
{
    struct draft *draft = draft_of(*state, OWN "FEATURE(`ldap_routing')\n" DOMAINS, NULL);

    assert_string_equal(fate_of(draft, "ldap_routing", NULL), "open");
    assert_has(text_of(draft, "ldap_routing"), "does not name an LDAP server");
    assert_has(text_of(draft, "ldap_routing"), "does not name a search base");
    assert_has(entries(draft, "ldap_routing_host.cf"), "server_host=localhost;");
    assert_has(entries(draft, "ldap_routing_host.cf"), "search_base=;");
}

static void other_ways_to_log_in_are_open_points(void **state)
{
    struct draft *draft = draft_of(*state,
                                   "define(`confLDAP_DEFAULT_SPEC', `-h l.example -b dc=x -d "
                                   "cn=mta -M krbv4')\n" OWN "FEATURE(`ldap_routing')\n" DOMAINS,
                                   NULL);

    assert_has(text_of(draft, "ldap_routing"), "does not support the bind method krbv4");
}

/* --- routing ---------------------------------------------------------------------------------- */

#define STEP(key, rest) "pipemap:{pcre:ldap_routing_" key ", ldap:ldap_routing_" rest "}"
#define SINGLE ", pcre:ldap_routing_single"

static void addresses_are_asked_for_whole_and_then_by_domain(void **state)
{
    struct draft *draft = draft_of(*state, ROUTING(""), NULL);

    assert_string_equal(
        setting(draft, "virtual_alias_maps"),
        STEP("whole", "address.cf" SINGLE) ", " STEP("whole", "kept.cf" SINGLE) ", " STEP(
            "domain", "address.cf" SINGLE) ", " STEP("domain", "kept.cf" SINGLE));
    assert_string_equal(entries(draft, "ldap_routing_whole"),
                        "/^(.+)@a\\.example$/=${1}@a.example;");
    assert_string_equal(entries(draft, "ldap_routing_domain"), "/^.+@a\\.example$/=@a.example;");
    assert_has(entries(draft, "ldap_routing_kept.cf"),
               "result_attribute=mailHost;result_format=@%D;");
    assert_string_equal(fate_of(draft, "ldap_routing", NULL), "mapped");
    assert_string_equal(fate_of(draft, "LDAPROUTE_DOMAIN", NULL), "mapped");
    assert_string_equal(fate_of(draft, "confLDAP_DEFAULT_SPEC", NULL), "mapped");
}

static void hosts_are_asked_for_by_the_old_address_and_by_the_new_one(void **state)
{
    struct draft *draft = draft_of(*state, ROUTING(""), NULL);

    assert_string_equal(setting(draft, "transport_maps"),
                        "pipemap:{ldap:ldap_routing_whole_host.cf, pcre:ldap_routing_way}, "
                        "ldap:ldap_routing_whole_host.cf, "
                        "pipemap:{ldap:ldap_routing_reverse.cf, pcre:ldap_routing_reverse_way}, "
                        "ldap:ldap_routing_reverse.cf, "
                        "pipemap:{pcre:ldap_routing_domain_hosts, ldap:ldap_routing_host.cf, "
                        "pcre:ldap_routing_way}, "
                        "pipemap:{pcre:ldap_routing_domain_hosts, ldap:ldap_routing_host.cf}, "
                        "pcre:ldap_routing_detailed");
    assert_has(entries(draft, "ldap_routing_whole_host.cf"),
               "query_filter=" FILTER
               ";result_attribute=mailHost;result_format=relay:%s;domain=a.example;");
    assert_has(entries(draft, "ldap_routing_reverse.cf"), "(mailRoutingAddress=%u@%d)");
    assert_has(entries(draft, "ldap_routing_way"), "/^relay:mx\\.example\\.com(,|$)/=:;");
    assert_string_equal(entries(draft, "ldap_routing_detailed"), "/^[^@]+\\+.*@a\\.example$/=:;");
}

static void no_pattern_in_transport_maps_keeps_what_it_matched(void **state)
{
    static const char *const tables[] = {"ldap_routing_way", "ldap_routing_reverse_way",
                                         "ldap_routing_domain_hosts", "ldap_routing_detailed"};
    struct draft *draft = draft_of(*state, ROUTING(""), NULL);

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        assert_lacks(entries(draft, tables[i]), "${");
}

static void the_name_of_the_machine_is_asked_for_where_the_source_has_none(void **state)
{
    struct draft *draft = draft_of(*state, SPEC "FEATURE(`ldap_routing')\n" DOMAINS, NULL);

    assert_has(setting(draft, "transport_maps"),
               "pipemap:{ldap:ldap_routing_whole_host.cf, inline:{{relay:$myhostname = :}, "
               "{relay:localhost.$mydomain = :}}}");
}

static void a_host_that_mailertable_knows_goes_by_it(void **state)
{
    const struct sendmail_file files[] = {
        {"mailertable", "box.example esmtp:[in.example]\n.lab.example smtp:gate.example\n"}};
    struct draft *draft =
        draft_with(*state, "debian13",
                   ROUTING("") "FEATURE(`mailertable')\nLOCAL_DOMAIN(`b.example')\n", files, 1);

    assert_string_equal(entries(draft, "ldap_routing_way"),
                        "/,/=:;/^relay:mx\\.example\\.com(,|$)/=:;/^relay:localhost(,|$)/=:;"
                        "/^relay:b\\.example(,|$)/=:;"
                        "/^relay:box\\.example(,|$)/=smtp:[in.example];"
                        "/^relay:[^,]+\\.lab\\.example(,|$)/=smtp:gate.example;");
}

static void a_default_of_mailertable_is_an_open_point_for_hosts(void **state)
{
    const struct sendmail_file files[] = {{"mailertable", ". smtp:gate.example\n"}};
    struct draft *draft =
        draft_with(*state, "debian13", ROUTING("") "FEATURE(`mailertable')\n", files, 1);

    assert_string_equal(fate_of(draft, "mailertable", "."), "open");
}

static void who_must_exist_is_refused_at_the_end(void **state)
{
    struct draft *draft = draft_of(*state, ROUTING(", `', `', `bounce'"), NULL);

    assert_string_equal(entries(draft, "ldap_routing_unknown"),
                        "/@a\\.example$/=error:5.1.1 User unknown;");
    assert_has(setting(draft, "transport_maps"), ", pcre:ldap_routing_unknown");
    assert_lacks(setting(draft, "transport_maps"), "ldap_routing_detailed");
    assert_lacks(setting(draft, "smtpd_sender_restrictions"), "ldap_routing_senders");
    assert_string_equal(
        entries(draft_of(*state, ROUTING(", `', `', `passthru'"), NULL), "ldap_routing_unknown"),
        "(no table)");
}

static void senders_must_exist_too(void **state)
{
    struct draft *draft = draft_of(*state, ROUTING(", `', `', `sendertoo'"), NULL);

    assert_string_equal(entries(draft, "ldap_routing_senders"),
                        "/@a\\.example$/=reject_unlisted_sender;");
    assert_has(setting(draft, "smtpd_sender_restrictions"),
               "check_sender_access pcre:ldap_routing_senders");
}

static void bare_names_that_must_exist_are_an_open_point(void **state)
{
    struct draft *draft = draft_of(
        *state, ROUTING(", `', `', `bounce'") "LDAPROUTE_DOMAIN(`mx.example.com')\n", NULL);

    assert_has(text_of(draft, "ldap_routing"), "set myorigin");
}

static void strip_asks_without_the_detail(void **state)
{
    struct draft *draft = draft_of(*state, ROUTING(", `', `', `bounce', `strip'"), NULL);

    assert_has(setting(draft, "virtual_alias_maps"),
               STEP("whole", "kept.cf" SINGLE) ", " STEP("plain", "address.cf" SINGLE) ", " STEP(
                   "plain", "kept.cf" SINGLE) ", " STEP("domain", "address.cf" SINGLE));
    assert_string_equal(entries(draft, "ldap_routing_plain"),
                        "/^([^+]+)\\+.*@a\\.example$/=${1}@a.example;");
    /* behind the address without its detail: by the domain */
    assert_string_equal(entries(draft, "ldap_routing_domains"), "a.example=@a.example;");
    assert_string_equal(entries(draft, "ldap_routing_unknown"),
                        "a.example=error:5.1.1 User unknown;");
}

static void preserve_gives_the_detail_to_the_new_address(void **state)
{
    struct draft *draft = draft_of(*state, ROUTING(", `', `', `', `preserve'"), NULL);

    assert_has(setting(draft, "virtual_alias_maps"),
               "pipemap:{pcre:ldap_routing_plain_detail, ldap:ldap_routing_plain_detail.cf" SINGLE
               "}");
    assert_string_equal(entries(draft, "ldap_routing_plain_detail"),
                        "/^([^+]+)\\+([^@]+)@a\\.example$/=${1}@${2};");
    assert_has(entries(draft, "ldap_routing_plain_detail.cf"),
               "(mailLocalAddress=%u@a.example));result_attribute=mailRoutingAddress;"
               "result_format=%u+%D@%d;");
    assert_string_equal(entries(draft, "ldap_routing_domain_detail"),
                        "/^[^+]+\\+([^@]+)@a\\.example$/=a.example@${1};");
    assert_has(entries(draft, "ldap_routing_domain_detail.cf"), "(mailLocalAddress=@%u))");
    draft = draft_of(*state, ROUTING(", `', `', `', `preserve'") "LDAPROUTE_DOMAIN(`b.example')\n",
                     NULL);
    assert_has(entries(draft, "ldap_routing_2_plain_detail.cf"), "(mailLocalAddress=%u@b.example)");
    assert_string_equal(entries(draft, "ldap_routing_2_plain_detail"),
                        "/^([^+]+)\\+([^@]+)@b\\.example$/=${1}@${2};");
}

static void nodomain_asks_for_whole_addresses_alone(void **state)
{
    struct draft *draft = draft_of(*state, ROUTING(", `', `', `', `', `nodomain'"), NULL);

    assert_lacks(setting(draft, "virtual_alias_maps"), "domain");
    assert_lacks(setting(draft, "transport_maps"), "ldap_routing_domain");
    /* and then nothing must be kept from a later key: this host's own go on */
    assert_has(entries(draft, "ldap_routing_kept.cf"),
               "query_filter=(&" FILTER "(!(mailHost=localhost))(!(mailHost=mx.example.com)));");
    assert_lacks(text_of(draft, "ldap_routing"), "is accepted at RCPT");
    assert_has(text_of(draft_of(*state, ROUTING(""), NULL), "ldap_routing"), "is accepted at RCPT");
}

static void what_waits_while_the_directory_is_away_is_told(void **state)
{
    struct draft *draft = draft_of(*state, ROUTING(""), NULL);
    bool told = false;

    assert_has(text_of(draft, "ldap_routing"),
               "all mail is deferred with 451; Sendmail accepts the mail");
    for (size_t i = 0; i < draft->step_count; i++)
        told = told || str_starts(draft->steps[i].reason, "ldap_routing_reverse.cf is queried");
    assert_true(told);
    assert_has(text_of(draft_of(*state, ROUTING(", `', `', `', `', `', `tempfail'"), NULL),
                       "ldap_routing"),
               "Sendmail defers mail for these domains");
    assert_lacks(
        text_of(
            draft_of(*state, ROUTING(", `ldap -v a -k (x=%0)', `', `', `', `', `tempfail'"), NULL),
            "ldap_routing"),
        "451");
}

static void equivalent_domains_are_asked_for_by_the_masquerade(void **state)
{
    struct draft *draft = draft_of(*state,
                                   ROUTING("") "MASQUERADE_AS(`a.example')\n"
                                               "LDAPROUTE_EQUIVALENT(`old.example')\n",
                                   NULL);

    assert_string_equal(entries(draft, "ldap_routing2_whole"),
                        "/^(.+)@old\\.example$/=${1}@a.example;");
    assert_string_equal(entries(draft, "ldap_routing2_kept"), "/^([^,]+)$/=@old.example;");
    assert_has(entries(draft, "ldap_routing2_whole_host.cf"), "(mailLocalAddress=%u@a.example))");
    assert_has(entries(draft, "ldap_routing2_whole_host.cf"), "domain=old.example;");
    assert_string_equal(fate_of(draft, "LDAPROUTE_EQUIVALENT", NULL), "mapped");
    assert_string_equal(
        fate_of(draft_of(*state, ROUTING("") "LDAPROUTE_EQUIVALENT(`old.example')\n", NULL),
                "LDAPROUTE_EQUIVALENT", NULL),
        "open");
}

static void routing_without_domains_asks_nothing(void **state)
{
    struct draft *draft = draft_of(*state, SPEC "FEATURE(`ldap_routing')\n", NULL);

    assert_string_equal(fate_of(draft, "ldap_routing", NULL), "meaningless");
    assert_string_equal(fate_of(draft, "confLDAP_DEFAULT_SPEC", NULL), "meaningless");
    assert_string_equal(setting(draft, "transport_maps"), "(unset)");
    assert_string_equal(fate_of(draft_of(*state, DOMAINS, NULL), "LDAPROUTE_DOMAIN", NULL),
                        "meaningless");
}

static void maps_of_the_sites_own_keep_their_questions(void **state)
{
    struct draft *draft = draft_of(
        *state,
        ROUTING(", `ldap -1 -T<TMPF> -v host -k (mail=%0)', `ldap -T<TMPF> -v to -k (mail=%0)'"),
        NULL);

    assert_has(entries(draft, "ldap_routing_address.cf"),
               "query_filter=(mail=%s);result_attribute=to;");
    assert_has(entries(draft, "ldap_routing_host.cf"),
               "query_filter=(mail=%s);result_attribute=host;");
    assert_has(entries(draft, "ldap_routing_reverse.cf"), "query_filter=(to=%u@%d);");
    assert_has(setting(draft, "virtual_alias_maps"),
               "{pcre:ldap_routing_whole, ldap:ldap_routing_address.cf}");
}

static void maps_that_find_other_entries_have_no_way_back(void **state)
{
    struct draft *draft = draft_of(
        *state, ROUTING(", `ldap -1 -v host -k (uid=%0)', `ldap -1 -v to -k (mail=%0)'"), NULL);

    assert_has(text_of(draft, "ldap_routing"), "find different entries");
    assert_string_equal(entries(draft, "ldap_routing_reverse.cf"), "(no table)");
}

static void a_map_that_postfix_cannot_ask_is_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, ROUTING(", `', `ldap -1 -v a,b -k (mail=%0)'"), NULL);

    assert_has(text_of(draft, "ldap_routing"), "the map ldapmra has no equivalent");
    assert_string_equal(entries(draft, "ldap_routing_address.cf"), "(no table)");
    assert_has(entries(draft, "ldap_routing_host.cf"), "result_attribute=mailHost;");
    assert_has(text_of(draft_of(*state, ROUTING(", `hash /etc/mail/none'"), NULL), "ldap_routing"),
               "the map ldapmh was not found");
}

static void files_take_the_place_of_a_directory(void **state)
{
    const struct sendmail_file files[] = {
        {"hosts", "x@a.example h.example\n@a.example d.example\ny@b.example h.example\n"},
        {"addresses", "x@a.example z@c.example\n@a.example Z@c.example\n"}};
    struct draft *draft = draft_with(*state, "debian13",
                                     OWN "FEATURE(`ldap_routing', `hash /etc/mail/hosts', `hash "
                                         "/etc/mail/addresses')\n" DOMAINS,
                                     files, 2);

    assert_string_equal(entries(draft, "ldap_routing_addresses"),
                        "x@a.example=z@c.example;@a.example=Z@c.example;");
    assert_string_equal(entries(draft, "ldap_routing_hosts"),
                        "x@a.example=relay:h.example;@a.example=relay:d.example;");
    assert_string_equal(entries(draft, "ldap_routing_kept"),
                        "x@a.example=@a.example;@a.example=@a.example;");
    assert_string_equal(entries(draft, "ldap_routing_reverse"), "z@c.example=relay:h.example;");
    assert_string_equal(fate_of(draft, "ldapmh", "x@a.example"), "mapped");
    assert_string_equal(fate_of(draft, "ldapmh", "y@b.example"), "meaningless");
    assert_string_equal(fate_of(draft, "ldap_routing", NULL), "mapped");
}

static void virtusertable_is_asked_behind_the_directory(void **state)
{
    const struct sendmail_file files[] = {
        {"virtusertable", "x@a.example one@c.example\ny@b.example two@c.example\n"}};
    const char *more = "FEATURE(`virtusertable')\nVIRTUSER_DOMAIN(`a.example b.example')\n";
    const char *mc = arena_printf(*state, "%s%s", ROUTING(", `', `', `bounce'"), more).at;
    struct draft *draft = draft_with(*state, "debian13", mc, files, 1);

    assert_string_equal(fate_of(draft, "virtusertable", "x@a.example"), "open");
    assert_string_equal(fate_of(draft, "virtusertable", "y@b.example"), "mapped");
    mc = arena_printf(*state, "%s%s", ROUTING(""), more).at;
    draft = draft_with(*state, "debian13", mc, files, 1);
    assert_string_equal(fate_of(draft, "virtusertable", "x@a.example"), "mapped");
}

static void without_pipemap_routing_is_an_open_point(void **state)
{
    struct draft *draft = draft_with(*state, "rhel7", ROUTING(""), NULL, 0);

    assert_has(text_of(draft, "ldap_routing"), "pipemap, which is not available");
    assert_string_equal(setting(draft, "transport_maps"), "(unset)");
}

static void routing_of_a_sendmail_cf_is_read_from_its_lines(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 "V10/Berkeley\nO LDAPDefaultSpec=-h ldap.example.com -b dc=example "
                 "-R\nC{LDAPRoute}a.example\n"
                 "Kldapmh ldap -1 -T<TMPF> -v mailHost -k (&(objectClass=inetLocalMailRecipient)"
                 "(mailLocalAddress=%0))\n"
                 "Kldapmra ldap -1 -T<TMPF> -v mailRoutingAddress -k "
                 "(&(objectClass=inetLocalMailRecipient)(mailLocalAddress=%0))\n"
                 "SLDAPExpand\n"
                 "R<$+><$+><$*>\t$: <$(ldapmra $2 $: $)> <$(ldapmh $2 $: $)> <$1> <$2> <$3>\n"
                 "R<> <> <$+> <$+ @ $+> <$*>\t$@ $>LDAPExpand <$1> <@ $3> <$4>\n"
                 "R<> <> <$+> <@ $+> <$*>\t\t$: <?> < $&{addr_type} > < $1 >\n"
                 "R<?> <e r> <$+>\t\t\t$#error $@ nouser $: \"550 User unknown\"\n",
                 NULL);

    assert_has(entries(draft, "ldap_routing_address.cf"),
               SERVER "query_filter=" FILTER ";result_attribute=mailRoutingAddress;");
    assert_has(entries(draft, "ldap_routing_unknown"), "User unknown");
    assert_string_equal(entries(draft, "ldap_routing_senders"), "(no table)");
    assert_has(setting(draft, "virtual_alias_maps"), "ldap_routing_domain");
    assert_string_equal(fate_of(draft, "ldap_routing", NULL), "mapped");
    assert_string_equal(fate_of(draft, "K", "ldapmra"), "mapped");
    assert_string_equal(fate_of(draft, "R", "<?> <e r> <$+>"), "mapped");
}

/* --- aliases and tables ----------------------------------------------------------------------- */

static void aliases_of_sendmails_schema_are_those_of_this_host_and_its_cluster(void **state)
{
    struct draft *draft = draft_of(*state,
                                   SPEC OWN "define(`confLDAP_CLUSTER', `Both')\n"
                                            "define(`ALIAS_FILE', `ldap:')\n",
                                   NULL);

    assert_string_equal(setting(draft, "alias_maps"), "ldap:ldap_aliases.cf");
    assert_has(entries(draft, "ldap_aliases.cf"),
               "(&(objectClass=sendmailMTAAliasObject)(sendmailMTAAliasGrouping=aliases)"
               "(|(sendmailMTACluster=Both)(sendmailMTAHost=mx.example.com))(sendmailMTAKey=%s));"
               "result_attribute=sendmailMTAAliasValue;"
               "special_result_attribute=sendmailMTAAliasURL;");
    assert_string_equal(fate_of(draft, "ALIAS_FILE", NULL), "mapped");
    assert_string_equal(fate_of(draft, "confLDAP_CLUSTER", NULL), "mapped");
}

static void aliases_of_a_host_without_a_name_are_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, SPEC "define(`ALIAS_FILE', `ldap:')\n", NULL);

    assert_string_equal(fate_of(draft, "ALIAS_FILE", NULL), "open");
    assert_has(text_of(draft, "ALIAS_FILE"), "add (sendmailMTAHost=NAME)");
}

static void aliases_by_a_question_of_the_sites_own(void **state)
{
    struct draft *draft =
        draft_of(*state,
                 SPEC "define(`ALIAS_FILE', `/etc/mail/aliases, ldap:-k "
                      "(&(objectClass=mailGroup)(mail=%0)) -v mgrpRFC822MailMember')\n",
                 NULL);

    assert_has(entries(draft, "ldap_aliases.cf"),
               "query_filter=(&(objectClass=mailGroup)(mail=%s));result_attribute="
               "mgrpRFC822MailMember;");
    assert_has(setting(draft, "alias_maps"), "/etc/mail/aliases, ldap:ldap_aliases.cf");
    assert_string_equal(fate_of(draft, "ALIAS_FILE", NULL), "mapped");
}

static void a_virtusertable_in_a_directory_is_asked_and_an_open_point(void **state)
{
    struct draft *draft = draft_of(*state, SPEC OWN "FEATURE(`virtusertable', `LDAP')\n", NULL);

    assert_string_equal(setting(draft, "virtual_alias_maps"), "ldap:ldap_virtusertable.cf");
    assert_has(entries(draft, "ldap_virtusertable.cf"),
               "(sendmailMTAMapName=virtuser)(|(sendmailMTACluster=)(sendmailMTAHost=mx.example.com"
               "))(sendmailMTAKey=%s));result_attribute=sendmailMTAMapValue;");
    assert_string_equal(fate_of(draft, "virtusertable", NULL), "open");
    draft = draft_of(*state, SPEC "FEATURE(`virtusertable', `ldap:-1 -k (v=%0) -v to')\n", NULL);
    assert_has(entries(draft, "ldap_virtusertable.cf"), "query_filter=(v=%s);result_attribute=to;");
}

static void other_tables_in_a_directory_say_why_they_are_open(void **state)
{
    static const struct {
        const char *feature, *why;
    } rows[] = {{"access_db", "RELAY, OK, ERROR"},
                {"mailertable", "transport(5)"},
                {"genericstable", "without a domain"},
                {"domaintable", "@other"},
                {"authinfo", "user:password"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *mc = arena_printf(*state, SPEC "FEATURE(`%s', `LDAP')\n", rows[i].feature).at;
        struct draft *draft = draft_of(*state, mc, NULL);
        assert_string_equal(fate_of(draft, rows[i].feature, NULL), "open");
        assert_has(text_of(draft, rows[i].feature), rows[i].why);
        assert_has(text_of(draft, rows[i].feature), "convert again");
    }
}

static void more_domains_than_get_tables_of_their_own_are_open_points(void **state)
{
    struct arena *arena = *state;
    struct buffer equivalents, details;

    buffer_init(&equivalents, arena);
    buffer_init(&details, arena);
    buffer_add_cstr(&equivalents, ROUTING("") "MASQUERADE_AS(`m.example')\n");
    buffer_add_cstr(&details, ROUTING(", `', `', `', `preserve'"));
    for (int i = 0; i < 17; i++) {
        buffer_printf(&equivalents, "LDAPROUTE_EQUIVALENT(`e%d.example')\n", i);
        buffer_printf(&details, "LDAPROUTE_DOMAIN(`d%d.example')\n", i);
    }
    struct draft *draft = draft_of(arena, arena_cstr(arena, buffer_str(&equivalents)), NULL);
    assert_string_equal(fate_of(draft, "LDAPROUTE_EQUIVALENT", "e0.example"), "mapped");
    assert_string_equal(fate_of(draft, "LDAPROUTE_EQUIVALENT", "e16.example"), "open");
    draft = draft_of(arena, arena_cstr(arena, buffer_str(&details)), NULL);
    assert_string_equal(fate_of(draft, "LDAPROUTE_DOMAIN", "d0.example"), "mapped");
    assert_string_equal(fate_of(draft, "LDAPROUTE_DOMAIN", "d16.example"), "open");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(flags_have_their_values_beside_or_behind_them),
        arena_test(a_map_says_more_than_the_default),
        arena_test(flags_that_change_the_answer_are_told),
        arena_test(a_specification_may_end_anywhere),
        arena_test(filters_know_the_key_and_the_names_of_the_source),
        arena_test(a_table_has_the_server_and_the_question),
        arena_test(a_table_has_what_else_the_specification_says),
        arena_test(a_name_to_log_in_makes_the_file_secret),
        arena_test(without_a_server_or_a_base_ldap_conf_has_them),
        arena_test(other_ways_to_log_in_are_open_points),
        arena_test(addresses_are_asked_for_whole_and_then_by_domain),
        arena_test(hosts_are_asked_for_by_the_old_address_and_by_the_new_one),
        arena_test(no_pattern_in_transport_maps_keeps_what_it_matched),
        arena_test(the_name_of_the_machine_is_asked_for_where_the_source_has_none),
        arena_test(a_host_that_mailertable_knows_goes_by_it),
        arena_test(a_default_of_mailertable_is_an_open_point_for_hosts),
        arena_test(who_must_exist_is_refused_at_the_end),
        arena_test(senders_must_exist_too),
        arena_test(bare_names_that_must_exist_are_an_open_point),
        arena_test(strip_asks_without_the_detail),
        arena_test(preserve_gives_the_detail_to_the_new_address),
        arena_test(nodomain_asks_for_whole_addresses_alone),
        arena_test(what_waits_while_the_directory_is_away_is_told),
        arena_test(equivalent_domains_are_asked_for_by_the_masquerade),
        arena_test(routing_without_domains_asks_nothing),
        arena_test(maps_of_the_sites_own_keep_their_questions),
        arena_test(maps_that_find_other_entries_have_no_way_back),
        arena_test(a_map_that_postfix_cannot_ask_is_an_open_point),
        arena_test(files_take_the_place_of_a_directory),
        arena_test(virtusertable_is_asked_behind_the_directory),
        arena_test(without_pipemap_routing_is_an_open_point),
        arena_test(routing_of_a_sendmail_cf_is_read_from_its_lines),
        arena_test(aliases_of_sendmails_schema_are_those_of_this_host_and_its_cluster),
        arena_test(aliases_of_a_host_without_a_name_are_an_open_point),
        arena_test(aliases_by_a_question_of_the_sites_own),
        arena_test(a_virtusertable_in_a_directory_is_asked_and_an_open_point),
        arena_test(other_tables_in_a_directory_say_why_they_are_open),
        arena_test(more_domains_than_get_tables_of_their_own_are_open_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
