/* the modules about addresses: a macro file and its tables in, settings, tables and fates out */
#include "convert/convert.h"
#include "tests/unit/sendmail_text.h"

struct moved {
    struct sendmail sendmail;
    struct draft draft;
};

/* convert - the first of FILES, a macro file, with the tables beside it */
static struct moved *convert(void **state, const struct sendmail_file *files, size_t count)
{
    struct moved *moved = arena_alloc(*state, sizeof *moved);

    sendmail_files(&moved->sendmail, *state, files, count);
    draft_init(&moved->draft, *state, &moved->sendmail, facts_platform(str_of("debian12")));
    convert_sendmail(&moved->draft);
    return moved;
}

static struct moved *convert_text(void **state, const char *text)
{
    const struct sendmail_file file = {"sendmail.mc", text};

    return convert(state, &file, 1);
}

static const char *setting(const struct moved *moved, const char *name)
{
    struct str value = draft_value_named(&moved->draft, str_of(name));

    return value.at != NULL ? arena_cstr(moved->draft.arena, value) : "(not set)";
}

/* table - "key=value;" of each entry; NULL: there is none of that name */
static const char *table(const struct moved *moved, const char *name)
{
    struct buffer out;

    buffer_init(&out, moved->draft.arena);
    for (size_t i = 0; i < moved->draft.table_count; i++) {
        const struct draft_table *one = moved->draft.tables[i];
        for (size_t j = 0; str_is(one->name, name) && j < one->count; j++)
            buffer_printf(&out, "%.*s=%.*s;", STR_ARG(one->entries[j].key),
                          STR_ARG(one->entries[j].value));
    }
    return arena_cstr(moved->draft.arena, buffer_str(&out));
}

/* fate - of the first item of that name whose first argument is ARGUMENT (NULL: any) */
static const char *fate(const struct moved *moved, const char *name, const char *argument)
{
    for (size_t i = 0; i < moved->sendmail.count; i++) {
        const struct sendmail_item *item = &moved->sendmail.items[i];
        if (str_is(item->name, name) &&
            (argument == NULL || str_is(sendmail_argument(item, 0), argument)))
            return sendmail_fate_name(moved->draft.fates[i].fate);
    }
    return "(no such item)";
}

#define OWN "define(`confDOMAIN_NAME', `mail.example.com')\n"
#define CONVERT(...)                                                                               \
    convert(state, (const struct sendmail_file[]){__VA_ARGS__},                                    \
            sizeof((const struct sendmail_file[]){__VA_ARGS__}) / sizeof(struct sendmail_file))

/* --- a hub ------------------------------------------------------------------------------------ */

#define HUB OWN "define(`MAIL_HUB', `relay:hub.example')\nLOCAL_DOMAIN(`a.example')\n"

static void all_users_but_those_of_class_l_become_the_hubs(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", HUB "LOCAL_USER(`root')\nLOCAL_USER_FILE(`/etc/mail/stay')\n"
                                    "LOCAL_CONFIG\nCL more\n"},
                {"stay", "op\n"}, {"aliases", "list: x, self@b.example\nself: Self, y\n"});

    assert_string_equal(table(moved, "mail_hub"),
                        "list=x, self@b.example;self=Self@hub.example, y;root=root@localhost;"
                        "more=more@localhost;op=op@localhost;@a.example=@hub.example;"
                        "@mail.example.com=@hub.example;");
}

static void aliases_that_only_local_can_follow_stay_with_it(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", OWN "define(`MAIL_HUB', `[10.0.0.1]')\n"},
                {"aliases", "prog: |/bin/x\nfile: /var/y\nlist: :include:/z\nowned: a, b\n"
                            "owner-owned: a\n"});

    assert_string_equal(table(moved, "mail_hub"),
                        "prog=prog@localhost;file=file@localhost;list=list@localhost;"
                        "owned=owned@localhost;owner-owned=a;@mail.example.com=@[10.0.0.1];");
    assert_string_equal(table(moved, "transport_hub"), "[10.0.0.1]=smtp:[10.0.0.1];");
}

static void with_stickyhost_domains_go_to_the_hub_as_they_are(void **state)
{
    struct moved *moved = CONVERT({"sendmail.mc", OWN "define(`MAIL_HUB', `hub.example')\n"
                                                      "FEATURE(`stickyhost')\n"
                                                      "LOCAL_DOMAIN(`a.example')\n"},
                                  {"aliases", "x: y\n"});

    assert_string_equal(table(moved, "mail_hub_sticky"), "/^(.*@a\\.example)$/=${1};");
    assert_string_equal(table(moved, "mail_hub"), "x=y;@mail.example.com=@hub.example;");
    assert_string_equal(table(moved, "transport_hub"),
                        "a.example=smtp:hub.example;hub.example=smtp:hub.example;");
}

/* --- domains ---------------------------------------------------------------------------------- */

static void names_of_class_w_are_destinations(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", "LOCAL_DOMAIN(`a.example "
                                "b.example')\nFEATURE(`use_cw_file')\nLOCAL_CONFIG\nCwc.example\n"},
                {"local-host-names", "# names\nd.example\n"});

    assert_string_equal(setting(moved, "mydestination"),
                        "$myhostname, localhost.$mydomain, localhost, a.example, b.example, "
                        "c.example, /etc/postfix/local-host-names");
    assert_string_equal(table(moved, "local-host-names"), "d.example=;");
    assert_string_equal(fate(moved, "local-host-names", "d.example"), "mapped");
    assert_string_equal(fate(moved, "w", NULL), "mapped");
}

static void a_domain_file_beside_the_macro_file_is_read(void **state)
{
    struct moved *moved = CONVERT({"sendmail.mc", "DOMAIN(`ours')\nLOCAL_DOMAIN(`b.example')\n"},
                                  {"domain/ours.m4", "divert(0)\nLOCAL_DOMAIN(`a.example')\n"});

    assert_string_equal(setting(moved, "mydestination"),
                        "$myhostname, localhost.$mydomain, localhost, a.example, b.example");
    assert_string_equal(fate(moved, "ours", NULL), "already");
}

static void a_file_of_names_that_is_not_given_is_an_open_point(void **state)
{
    assert_string_equal(fate(convert_text(state, "FEATURE(`use_cw_file')\n"), "use_cw_file", NULL),
                        "open");
}

static void class_r_takes_in_the_virtual_domains(void **state)
{
    struct moved *moved = convert_text(state, "VIRTUSER_DOMAIN(`v.example')\n");
    struct moved *exact =
        convert_text(state, "VIRTUSER_DOMAIN(`v.example')\nFEATURE(`relay_hosts_only')\n");

    assert_string_equal(table(moved, "relay_clients"), "v.example=OK;");
    assert_string_equal(table(moved, "relay_below_virtual"), "/.\\.v\\.example$/=OK;");
    assert_string_equal(setting(moved, "relay_domains"), "regexp:/etc/postfix/relay_below_virtual");
    assert_string_equal(table(exact, "relay_hosts"), "/^v\\.example$/=OK;");
    assert_string_equal(setting(exact, "relay_domains"), "(not set)");
}

static void a_client_with_a_name_of_this_host_may_relay_but_not_those_below_it(void **state)
{
    struct moved *moved = convert_text(state, OWN "LOCAL_DOMAIN(`a.example localhost')\n");

    assert_string_equal(table(moved, "relay_own_names"),
                        "/^mail\\.example\\.com$/=OK;/^a\\.example$/=OK;");
    assert_non_null(strstr(setting(moved, "smtpd_relay_restrictions"),
                           "check_client_access regexp:/etc/postfix/relay_own_names"));
}

static void relay_domains_let_mail_to_them_and_from_them_pass(void **state)
{
    struct moved *moved = convert_text(state, "RELAY_DOMAIN(`p.example 192.168.7 10')\n");

    assert_string_equal(setting(moved, "relay_domains"), "p.example");
    assert_string_equal(table(moved, "relay_clients"), "p.example=OK;");
    assert_string_equal(setting(moved, "mynetworks"),
                        "127.0.0.0/8, [::1]/128, 192.168.7.0/24, 10.0.0.0/8");
    assert_non_null(strstr(setting(moved, "smtpd_relay_restrictions"),
                           "check_client_access hash:/etc/postfix/relay_clients"));
}

static void a_network_with_a_mask_is_none_to_sendmail(void **state)
{
    assert_string_equal(
        fate(convert_text(state, "RELAY_DOMAIN(`10.0.0.0/8')\n"), "RELAY_DOMAIN", NULL), "open");
}

static void with_relay_hosts_only_names_match_as_a_whole(void **state)
{
    struct moved *moved =
        convert_text(state, "FEATURE(`relay_hosts_only')\nRELAY_DOMAIN(`p.example')\n");

    assert_string_equal(table(moved, "relay_hosts"), "/^p\\.example$/=OK;");
}

static void domaintable_changes_all_addresses(void **state)
{
    struct moved *moved = CONVERT({"sendmail.mc", "FEATURE(`domaintable')\n"},
                                  {"domaintable", "Old.example new.example\n"});

    assert_string_equal(table(moved, "domaintable"), "@old.example=@new.example;");
    assert_string_equal(setting(moved, "canonical_maps"), "hash:/etc/postfix/domaintable");
    assert_string_equal(setting(moved, "local_header_rewrite_clients"), "static:all");
}

static void an_old_name_of_a_domain_of_this_host_is_one_of_its_own(void **state)
{
    struct moved *moved = CONVERT({"sendmail.mc", OWN "FEATURE(`domaintable')\n"},
                                  {"domaintable", "old.example mail.example.com\n"});

    assert_string_equal(setting(moved, "mydestination"),
                        "$myhostname, localhost.$mydomain, localhost, old.example");
    assert_string_equal(setting(moved, "smtp_generic_maps"), "hash:/etc/postfix/domaintable_local");
    assert_string_equal(setting(moved, "canonical_maps"), "(not set)");
}

/* --- virtusertable ---------------------------------------------------------------------------- */

#define VIRTUSER OWN "FEATURE(`virtusertable')\nVIRTUSER_DOMAIN(`v.example')\n"

static void plain_lines_are_virtual_aliases_that_lose_details(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", VIRTUSER},
                {"virtusertable", "Info@v.example joe\n@v.example a@b.example\n"});

    assert_string_equal(table(moved, "virtusertable"),
                        "info@v.example=joe;@v.example=a@b.example;");
    assert_string_equal(setting(moved, "virtual_alias_domains"), "v.example");
    assert_string_equal(setting(moved, "propagate_unmatched_extensions"), "");
}

static void arguments_make_patterns_of_the_whole_domain(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", VIRTUSER}, {"virtusertable", "@v.example %1@b.example\n"
                                                             "joe@v.example joe+%2@c.example\n"
                                                             "ann+*@v.example %1%3@d.example\n"});

    assert_string_equal(table(moved, "virtusertable_patterns"),
                        "/^joe@v\\.example$/=joe+@c.example;"
                        "/^ann\\+(.*)@v\\.example$/=ann+${1}@d.example;"
                        "/^joe\\+(.*)@v\\.example$/=joe+${1}@c.example;"
                        "/^([^+]+)\\+(.*)@v\\.example$/=${1}@b.example;"
                        "/^(.+)@v\\.example$/=${1}@b.example;");
    assert_string_equal(table(moved, "virtusertable"), "");
}

static void the_user_with_his_detail_is_what_postfix_keeps_anyway(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", VIRTUSER}, {"virtusertable", "@v.example %1%3@b.example\n"});

    assert_string_equal(table(moved, "virtusertable"), "@v.example=@b.example;");
}

static void refused_addresses_keep_their_words(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", VIRTUSER},
                {"virtusertable",
                 "gone@v.example error:nouser No such user\n"
                 "bad@mail.example.com error:5.7.1:554 Go away\n@v.example x@y.example\n"});

    assert_string_equal(table(moved, "virtusertable_refused"),
                        "gone@v.example=550 5.1.1 No such user;"
                        "bad@mail.example.com=554 5.7.1 Go away;");
    assert_string_equal(table(moved, "transport"), "gone@v.example=error:5.1.1 No such user;"
                                                   "bad@mail.example.com=error:5.7.1 Go away;");
    /* itself, so that @v.example does not take it */
    assert_non_null(strstr(table(moved, "virtusertable"), "gone@v.example=gone@v.example;"));
}

static void a_domain_that_is_local_is_no_virtual_one(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", VIRTUSER "LOCAL_DOMAIN(`v.example')\n"},
                {"virtusertable", "@v.example error:nouser None\njoe@v.example joe\n"});

    assert_string_equal(setting(moved, "virtual_alias_domains"), "(not set)");
    assert_string_equal(table(moved, "transport"), "v.example=error:5.1.1 None;");
    assert_string_equal(table(moved, "virtusertable"), "joe@v.example=joe@localhost;");
}

/* so that users who are not there are refused, as Sendmail does */
static void a_domain_of_this_hosts_users_is_a_destination(void **state)
{
    const char *lines = "info@v.example joe\n@v.example %1\n";
    struct moved *moved = CONVERT({"sendmail.mc", VIRTUSER}, {"virtusertable", lines});
    struct moved *kept =
        CONVERT({"sendmail.mc", VIRTUSER "FEATURE(`preserve_local_plus_detail')\n"},
                {"virtusertable", lines});

    assert_string_equal(setting(moved, "mydestination"),
                        "$myhostname, localhost.$mydomain, localhost, v.example");
    assert_string_equal(setting(moved, "virtual_alias_domains"), "(not set)");
    assert_string_equal(table(moved, "virtusertable"), "info@v.example=joe;");
    assert_string_equal(setting(kept, "virtual_alias_domains"), "v.example");
}

static void an_address_of_this_host_stands_for_its_users_too(void **state)
{
    const char *mc = VIRTUSER "LOCAL_DOMAIN(`l.example')\n";
    struct moved *plain =
        CONVERT({"sendmail.mc", mc}, {"virtusertable", "@v.example %1@l.example\n"});
    struct moved *further =
        CONVERT({"sendmail.mc", mc}, {"virtusertable", "@v.example %1@l.example\n"
                                                       "a@l.example b\n"});

    assert_string_equal(table(plain, "virtusertable_patterns"), "");
    assert_string_equal(setting(plain, "virtual_alias_domains"), "(not set)");
    assert_string_equal(setting(further, "virtual_alias_domains"), "v.example");
}

static void refusals_of_details_are_patterns_in_sendmails_order(void **state)
{
    struct moved *moved = CONVERT({"sendmail.mc", VIRTUSER},
                                  {"virtusertable", "a+*@v.example error:5.1.1:550 None\n"
                                                    "a+ok@v.example joe\na@v.example joe\n"});

    assert_string_equal(table(moved, "virtusertable_refused_patterns"),
                        "/^a\\+ok@v\\.example$/=DUNNO;/^a@v\\.example$/=DUNNO;"
                        "/^a\\+(.*)@v\\.example$/=550 5.1.1 None;/^a\\+(.*)@v\\.example$/=DUNNO;");
    assert_string_equal(table(moved, "virtusertable_refused"), "");
}

/* as Sendmail 8.17 answers MAIL FROM:<x@v.example>, and <x@m.example> */
static void what_a_table_refuses_is_refused_as_a_sender_too(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", VIRTUSER "FEATURE(`mailertable')\n"},
                {"virtusertable", "joe@v.example joe\n@v.example error:5.7.0:550 Closed\n"},
                {"mailertable", "m.example error:5.1.2:550 None\n"});

    assert_non_null(
        strstr(setting(moved, "smtpd_sender_restrictions"), "virtusertable_refused_senders, "));
    assert_non_null(
        strstr(table(moved, "virtusertable_refused_senders"), "/^joe@v\\.example$/=DUNNO;"));
    assert_non_null(strstr(table(moved, "virtusertable_refused_senders"),
                           "/^(.+)@v\\.example$/=550 5.7.0 Closed;"));
    assert_string_equal(table(moved, "mailertable_refused"), "/@m\\.example$/=550 5.1.2 None;");
}

static void clients_of_a_virtual_domain_may_relay(void **state)
{
    struct moved *moved = CONVERT({"sendmail.mc", VIRTUSER}, {"virtusertable", ""});

    assert_string_equal(table(moved, "relay_clients"), "v.example=OK;");
    assert_string_equal(table(moved, "relay_below_virtual"), "/.\\.v\\.example$/=OK;");
}

static void without_a_delimiter_patterns_find_users_with_details(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", VIRTUSER "FEATURE(`preserve_local_plus_detail')\n"},
                {"virtusertable", "info@v.example joe\n"});

    assert_string_equal(table(moved, "virtusertable_patterns"),
                        "/^info@v\\.example$/=joe;/^info\\+(.*)@v\\.example$/=joe;");
}

static void lines_that_sendmail_never_asks_for_are_left_out(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", VIRTUSER}, {"virtusertable", "a@far.example b\n"});

    assert_string_equal(fate(moved, "virtusertable", "a@far.example"), "meaningless");
    assert_string_equal(table(moved, "virtusertable"), "");
}

/* --- mailertable ------------------------------------------------------------------------------ */

static void mailers_become_transports(void **state)
{
    struct moved *moved = CONVERT(
        {"sendmail.mc", OWN "FEATURE(`mailertable')\n"},
        {"mailertable", "a.example smtp:[1.2.3.4]\n.b.example relay:hub.example\n"
                        "c.example error:5.7.1:550 No mail\nd.example local:\ne.example local:bob\n"
                        "f.example uucp-dom:x\n. esmtp:[out.example]\nmail.example.com smtp:x\n"});

    assert_string_equal(table(moved, "transport"),
                        "a.example=smtp:[1.2.3.4];.b.example=relay:hub.example;"
                        "c.example=error:5.7.1 No mail;d.example=local:;");
    assert_string_equal(table(moved, "mailertable_users"), "@e.example=bob;");
    assert_string_equal(setting(moved, "default_transport"), "smtp:[out.example]");
    assert_string_equal(fate(moved, "mailertable", "f.example"), "open");
    assert_string_equal(fate(moved, "mailertable", "mail.example.com"), "meaningless");
}

static void names_of_this_host_stay_here_below_a_parent(void **state)
{
    struct moved *moved = CONVERT({"sendmail.mc", OWN "FEATURE(`mailertable')\n"},
                                  {"mailertable", ".example.com smtp:[gw.example.com]\n"});

    assert_string_equal(table(moved, "transport_local"),
                        "mail.example.com=:;localhost.example.com=:;");
    assert_string_equal(setting(moved, "transport_maps"),
                        "hash:/etc/postfix/transport_local, hash:/etc/postfix/transport");
}

/* trivial-rewrite(8) skips patterns that substitute: another line must not take the mail instead */
static void mail_whose_way_has_a_part_of_the_name_is_put_off(void **state)
{
    struct moved *moved = CONVERT({"sendmail.mc", OWN "FEATURE(`mailertable')\n"},
                                  {"mailertable", ".b.example smtp:%1.net.example\n"
                                                  "x.b.example smtp:%0.net.example\n"
                                                  ".example smtp:[1.2.3.4]\n"});

    assert_string_equal(table(moved, "transport"),
                        ".b.example=retry:4.3.5 the route to this host is not configured yet;"
                        "x.b.example=smtp:x.b.example.net.example;"
                        ".example=smtp:[1.2.3.4];");
    assert_string_equal(fate(moved, "mailertable", ".b.example"), "open");
}

/* --- masquerading ----------------------------------------------------------------------------- */

static void senders_are_masqueraded_in_headers_alone(void **state)
{
    struct moved *moved =
        convert_text(state, OWN "MASQUERADE_AS(`example.com')\nMASQUERADE_DOMAIN(`in.example')\n"
                                "EXPOSED_USER(`root')\n");

    assert_string_equal(setting(moved, "sender_canonical_classes"), "header_sender");
    assert_string_equal(setting(moved, "sender_canonical_maps"), "hash:/etc/postfix/masquerade");
    assert_non_null(strstr(table(moved, "masquerade"), "@in.example=@example.com;"));
    assert_non_null(strstr(table(moved, "masquerade"), "@mail.example.com=@example.com;"));
    assert_non_null(
        strstr(table(moved, "masquerade"), "root@mail.example.com=root@mail.example.com;"));
}

static void an_old_name_of_a_domain_is_masqueraded_with_it(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", OWN
                 "MASQUERADE_AS(`m.example')\nLOCAL_DOMAIN(`l.example')\nFEATURE(`domaintable')\n"},
                {"domaintable", "old.example l.example\nfar.example x.example\n"});

    assert_non_null(strstr(table(moved, "masquerade"), "@old.example=@m.example;"));
    assert_null(strstr(table(moved, "masquerade"), "@far.example"));
}

static void masquerade_envelope_adds_the_envelope(void **state)
{
    struct moved *moved =
        convert_text(state, OWN "MASQUERADE_AS(`example.com')\nFEATURE(`masquerade_envelope')\n");

    assert_string_equal(setting(moved, "sender_canonical_classes"),
                        "envelope_sender, header_sender");
}

static void an_unknown_own_name_is_left_to_postfix(void **state)
{
    assert_non_null(strstr(
        setting(convert_text(state, "MASQUERADE_AS(`example.com')\n"), "sender_canonical_maps"),
        "{@$myhostname = @example.com}"));
}

static void hosts_below_the_domain_are_stripped(void **state)
{
    struct moved *moved =
        convert_text(state, OWN "MASQUERADE_AS(`example.com')\nMASQUERADE_DOMAIN(`example.com')\n"
                                "FEATURE(`masquerade_entire_domain')\nEXPOSED_USER(`root')\n"
                                "MASQUERADE_EXCEPTION(`lab.example.com')\n");

    assert_string_equal(setting(moved, "masquerade_domains"), "!lab.example.com, example.com");
    assert_string_equal(setting(moved, "masquerade_classes"), "header_sender");
    assert_string_equal(setting(moved, "masquerade_exceptions"), "root");
}

static void smtpd_knows_nothing_of_the_recipients_in_headers(void **state)
{
    struct moved *moved = convert_text(state, OWN "MASQUERADE_AS(`example.com')\n"
                                                  "FEATURE(`allmasquerade')\n");
    bool overridden = false;

    assert_string_equal(setting(moved, "recipient_canonical_maps"), "(not set)");
    assert_string_equal(setting(moved, "header_canonical_maps"), "hash:/etc/postfix/masquerade");
    for (size_t i = 0; i < moved->draft.service_count; i++) {
        const struct draft_service *service = moved->draft.services[i];
        if (str_is(service->name, "cleanup") && service->override_count == 1)
            overridden = str_is(service->overrides[0].name, "recipient_canonical_maps") &&
                         str_is(service->overrides[0].value, "$header_canonical_maps");
    }
    assert_true(overridden);
}

static void limited_masquerade_leaves_other_names_alone(void **state)
{
    struct moved *moved =
        convert_text(state, OWN "MASQUERADE_AS(`example.com')\nLOCAL_DOMAIN(`w.example')\n"
                                "FEATURE(`limited_masquerade')\nMASQUERADE_DOMAIN(`in.example')\n");

    assert_null(strstr(table(moved, "masquerade"), "w.example"));
    assert_non_null(strstr(table(moved, "masquerade"), "@in.example=@example.com;"));
}

static void what_smtp_generic_maps_does_more_is_an_open_point(void **state)
{
    struct moved *moved =
        convert_text(state, OWN "MASQUERADE_AS(`example.com')\nFEATURE(`local_no_masquerade')\n");

    assert_string_equal(setting(moved, "smtp_generic_maps"), "hash:/etc/postfix/masquerade");
    assert_string_equal(fate(moved, "local_no_masquerade", NULL), "open");
}

static void generics_entire_domain_reaches_the_hosts_below(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", OWN "FEATURE(`genericstable')\nGENERICS_DOMAIN(`example.com')\n"
                                    "FEATURE(`generics_entire_domain')\n"},
                {"genericstable", "ann Ann.Smith@example.com\n"});

    assert_true(str_starts(str_of(table(moved, "genericstable_patterns")),
                           "/^ann(\\+.*)?@(.+\\.)?example\\.com$/=Ann.Smith@example.com;"));
}

static void a_line_for_an_address_stands_before_one_for_its_user(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", OWN "FEATURE(`genericstable')\nGENERICS_DOMAIN(`g.example')\n"},
                {"genericstable", "joe joe@p.example\njoe@g.example joe.long@p.example\n"});

    assert_null(strstr(table(moved, "genericstable"), "joe@g.example=joe@p.example;"));
    assert_non_null(strstr(table(moved, "genericstable"), "joe@g.example=joe.long@p.example;"));
}

static void what_genericstable_gives_is_not_masqueraded(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", OWN "FEATURE(`genericstable')\nMASQUERADE_AS(`m.example')\n"
                                    "LOCAL_DOMAIN(`l.example')\nGENERICS_DOMAIN(`l.example')\n"},
                {"genericstable", "joe joe.long@l.example\n"});

    assert_non_null(
        strstr(table(moved, "genericstable"), "joe.long@l.example=joe.long@l.example;"));
}

static void users_are_known_outside_by_genericstable(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", OWN "FEATURE(`genericstable')\nGENERICS_DOMAIN(`g.example')\n"},
                {"genericstable", "ann Ann.Smith@example.com\nbob+*@g.example b@x.example\n"
                                  "cy@far.example c@x.example\n"});

    assert_string_equal(table(moved, "genericstable"),
                        "ann@g.example=Ann.Smith@example.com;"
                        "ann@mail.example.com=Ann.Smith@example.com;");
    assert_string_equal(table(moved, "genericstable_patterns"),
                        "/^bob\\+.*@g\\.example$/=b@x.example;");
    assert_string_equal(fate(moved, "genericstable", "cy@far.example"), "meaningless");
}

/* --- aliases, local delivery ------------------------------------------------------------------ */

static void aliases_are_copied_in_postfix_words(void **state)
{
    struct moved *moved = CONVERT(
        {"sendmail.mc", "define(`ALIAS_FILE', `aliases')\nFEATURE(`redirect')\n"},
        {"aliases", "list: a, b@c.example, :include:/etc/l\nprog: |/bin/p a\nq: |\"/bin/q b\"\n"
                    "gone: him@new.example.REDIRECT\nowner-list: ann\nx@y.example: z\n"});

    assert_string_equal(table(moved, "aliases"),
                        "list=a, b@c.example, :include:/etc/l;prog=\"|/bin/p a\";q=\"|/bin/q b\";"
                        "owner-list=ann;");
    assert_string_equal(table(moved, "relocated"), "gone=him@new.example;");
    assert_string_equal(setting(moved, "expand_owner_alias"), "yes");
    assert_string_equal(fate(moved, "aliases", "x@y.example"), "open");
}

static void procmail_is_the_mailbox_command(void **state)
{
    struct moved *moved =
        convert_text(state, "FEATURE(`local_procmail', `', `procmail -t -Y -a $h -d $u')\n");

    assert_string_equal(setting(moved, "mailbox_command"),
                        "/usr/bin/procmail -t -Y -a \"$EXTENSION\" -d \"$USER\"");
    assert_string_equal(setting(moved, "recipient_delimiter"), "+");
}

static void cyrus_takes_mail_by_lmtp(void **state)
{
    struct moved *moved = convert_text(
        state, "define(`confLOCAL_MAILER', `cyrusv2')\n"
               "define(`CYRUSV2_MAILER_ARGS', `FILE /run/cyrus/lmtp')\nMAILER(`cyrusv2')\n");

    assert_string_equal(setting(moved, "mailbox_transport"), "lmtp:unix:/run/cyrus/lmtp");
    assert_string_equal(setting(moved, "local_recipient_maps"), "");
}

static void forward_files_are_looked_for_in_the_same_places(void **state)
{
    struct moved *moved = convert_text(
        state, OWN "define(`confFORWARD_PATH', `/var/forward/$u:$z/.forward.$w:$z/.forward+$h')\n");

    assert_string_equal(setting(moved, "forward_path"),
                        "/var/forward/${user}, $home/.forward.mail, "
                        "$home/.forward${recipient_delimiter}${extension}");
}

static void smrsh_is_an_open_point_that_works_meanwhile(void **state)
{
    struct moved *moved = convert_text(state, "FEATURE(`smrsh', `/usr/sbin/smrsh')\n");

    assert_string_equal(setting(moved, "local_command_shell"), "/usr/sbin/smrsh -c");
    assert_string_equal(fate(moved, "smrsh", NULL), "open");
}

/* --- bounds ----------------------------------------------------------------------------------- */

/* numbered - BEFORE, a number and AFTER, COUNT times, behind START */
static const char *numbered(void **state, const char *start, const char *before, const char *after,
                            int count)
{
    struct buffer text;

    buffer_init(&text, *state);
    buffer_add_cstr(&text, start);
    for (int i = 0; i < count; i++)
        buffer_printf(&text, "%s%d%s", before, i, after);
    return arena_cstr(*state, buffer_str(&text));
}

static bool has_remark(const struct moved *moved, const char *part)
{
    for (size_t i = 0; i < moved->draft.remark_count; i++)
        if (str_search(moved->draft.remarks[i], part) < moved->draft.remarks[i].len)
            return true;
    return false;
}

static void more_names_than_smtpd_can_try_are_a_remark(void **state)
{
    static const char part[] = "There are more than 1000 names, too many to check in each session";

    assert_false(has_remark(
        convert_text(state, numbered(state, OWN, "LOCAL_DOMAIN(`h", ".example')\n", 999)), part));
    assert_true(has_remark(
        convert_text(state, numbered(state, OWN, "LOCAL_DOMAIN(`h", ".example')\n", 1001)), part));
}

static void more_virtual_domains_than_smtpd_can_try_are_a_remark(void **state)
{
    assert_true(has_remark(
        convert_text(state, numbered(state, OWN, "VIRTUSER_DOMAIN(`h", ".example')\n", 1001)),
        "There are more than 1000 domains, too many to check in each session"));
}

static void users_that_do_not_fit_into_a_value_are_open_points(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", "FEATURE(`genericstable')\nGENERICS_DOMAIN(`g.example')\n"
                                "LOCAL_DOMAIN(`l.example')\n"},
                {"genericstable", numbered(state, "", "user", " someone@far.example\n", 300)});

    assert_string_equal(fate(moved, "genericstable", "user1"), "mapped");
    assert_string_equal(fate(moved, "genericstable", "user299"), "open");
}

static void access_users_that_do_not_fit_into_a_value_are_open_points(void **state)
{
    struct moved *moved =
        CONVERT({"sendmail.mc", "FEATURE(`access_db')\nFEATURE(`blacklist_recipients')\n"
                                "LOCAL_DOMAIN(`l.example')\n"},
                {"access", numbered(state, "", "To:user", "@ REJECT\n", 300)});

    int open = 0;
    for (int i = 0; i < 300; i++) {
        const char *key = arena_printf(*state, "To:user%d@", i).at;
        open += strcmp(fate(moved, "access", key), "open") == 0;
    }
    assert_int_equal(open, 1); /* for this user and all later ones */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(all_users_but_those_of_class_l_become_the_hubs),
        arena_test(aliases_that_only_local_can_follow_stay_with_it),
        arena_test(with_stickyhost_domains_go_to_the_hub_as_they_are),
        arena_test(names_of_class_w_are_destinations),
        arena_test(a_domain_file_beside_the_macro_file_is_read),
        arena_test(a_file_of_names_that_is_not_given_is_an_open_point),
        arena_test(class_r_takes_in_the_virtual_domains),
        arena_test(a_client_with_a_name_of_this_host_may_relay_but_not_those_below_it),
        arena_test(relay_domains_let_mail_to_them_and_from_them_pass),
        arena_test(a_network_with_a_mask_is_none_to_sendmail),
        arena_test(with_relay_hosts_only_names_match_as_a_whole),
        arena_test(domaintable_changes_all_addresses),
        arena_test(an_old_name_of_a_domain_of_this_host_is_one_of_its_own),
        arena_test(plain_lines_are_virtual_aliases_that_lose_details),
        arena_test(arguments_make_patterns_of_the_whole_domain),
        arena_test(the_user_with_his_detail_is_what_postfix_keeps_anyway),
        arena_test(refused_addresses_keep_their_words),
        arena_test(a_domain_that_is_local_is_no_virtual_one),
        arena_test(a_domain_of_this_hosts_users_is_a_destination),
        arena_test(an_address_of_this_host_stands_for_its_users_too),
        arena_test(refusals_of_details_are_patterns_in_sendmails_order),
        arena_test(what_a_table_refuses_is_refused_as_a_sender_too),
        arena_test(clients_of_a_virtual_domain_may_relay),
        arena_test(without_a_delimiter_patterns_find_users_with_details),
        arena_test(lines_that_sendmail_never_asks_for_are_left_out),
        arena_test(mailers_become_transports),
        arena_test(names_of_this_host_stay_here_below_a_parent),
        arena_test(mail_whose_way_has_a_part_of_the_name_is_put_off),
        arena_test(senders_are_masqueraded_in_headers_alone),
        arena_test(an_old_name_of_a_domain_is_masqueraded_with_it),
        arena_test(masquerade_envelope_adds_the_envelope),
        arena_test(an_unknown_own_name_is_left_to_postfix),
        arena_test(hosts_below_the_domain_are_stripped),
        arena_test(smtpd_knows_nothing_of_the_recipients_in_headers),
        arena_test(limited_masquerade_leaves_other_names_alone),
        arena_test(what_smtp_generic_maps_does_more_is_an_open_point),
        arena_test(generics_entire_domain_reaches_the_hosts_below),
        arena_test(a_line_for_an_address_stands_before_one_for_its_user),
        arena_test(what_genericstable_gives_is_not_masqueraded),
        arena_test(users_are_known_outside_by_genericstable),
        arena_test(aliases_are_copied_in_postfix_words),
        arena_test(procmail_is_the_mailbox_command),
        arena_test(cyrus_takes_mail_by_lmtp),
        arena_test(forward_files_are_looked_for_in_the_same_places),
        arena_test(smrsh_is_an_open_point_that_works_meanwhile),
        arena_test(more_names_than_smtpd_can_try_are_a_remark),
        arena_test(more_virtual_domains_than_smtpd_can_try_are_a_remark),
        arena_test(users_that_do_not_fit_into_a_value_are_open_points),
        arena_test(access_users_that_do_not_fit_into_a_value_are_open_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
