/* sendmail: every directive and every line of a table is one item, and what holds is found */
#include "tests/unit/sendmail_text.h"

static const char *const kinds[] = {"define", "undefine", "feature", "mailer", "ostype",
                                    "domain", "macro",    "text",    "option", "class",
                                    "cf",     "line",     "include", "not-run"};

/* summary - "kind name[argument]" of each item; overridden ones with a "!" */
static const char *summary(struct arena *arena, const struct sendmail *sendmail)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < sendmail->count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        assert_int_equal(item->number, i);
        buffer_printf(&out, "%s%s %.*s", item->overridden ? "!" : "", kinds[item->kind],
                      STR_ARG(item->name));
        for (size_t j = 0; j < item->argument_count; j++)
            buffer_printf(&out, "[%.*s]", STR_ARG(item->arguments[j]));
        buffer_add_char(&out, ';');
    }
    return arena_cstr(arena, buffer_str(&out));
}

static void each_directive_is_an_item_and_comments_are_none(void **state)
{
    struct sendmail sendmail;

    sendmail_text(&sendmail, *state,
                  "divert(-1)\nwords\ndivert(0)dnl\ninclude(`../m4/cf.m4')dnl\n"
                  "OSTYPE(`linux')dnl\ndnl FEATURE(`redirect')\n"
                  "define(`confLOG_LEVEL', `9')dnl\nundefine(`UUCP_RELAY')dnl\n"
                  "ifdef(`nothing', `FEATURE(`a')', `FEATURE(`dnsbl', `b', `c')')dnl\n"
                  "esyscmd(`id')dnl\nMAILER(smtp)dnl\n");
    assert_string_equal(summary(*state, &sendmail),
                        "ostype linux;define confLOG_LEVEL[9];undefine UUCP_RELAY;"
                        "feature dnsbl[b][c];not-run esyscmd[id];mailer smtp;");
}

static void lines_behind_local_config_are_read_as_sendmail_reads_them(void **state)
{
    struct sendmail sendmail;

    sendmail_text(&sendmail, *state,
                  "LOCAL_CONFIG\nO CipherList=HIGH:!aNULL\nCw a.example b.example\n"
                  "C{My}x\nKmy hash -o /etc/mail/my\n# comment\nHX: y\n"
                  "LOCAL_RULE_0\nR$* < @ a > $*\t$#error\n");
    assert_string_equal(summary(*state, &sendmail),
                        "macro LOCAL_CONFIG;option CipherList[HIGH:!aNULL];"
                        "class w[a.example][b.example];class My[x];"
                        "cf K[my][hash][-o /etc/mail/my];text LOCAL_CONFIG[HX: y];"
                        "macro LOCAL_RULE_0;text LOCAL_RULE_0[R$* < @ a > $*\t$#error];");
    assert_string_equal(arena_cstr(*state, sendmail_table(&sendmail, "my")->path), "/etc/mail/my");
}

static void the_later_define_holds(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;

    sendmail_text(&sendmail, arena,
                  "define(`SMART_HOST', `a')\ndefine(`SMART_HOST', `b')\n"
                  "define(`MAIL_HUB', `c')\nundefine(`MAIL_HUB')\ndefine(`confLOG_LEVEL')\n");
    assert_str(sendmail_value(&sendmail, "SMART_HOST"), "b");
    assert_true(sendmail.items[0].overridden);
    assert_ptr_equal(sendmail.items[0].by, &sendmail.items[1]);
    assert_null(sendmail_define(&sendmail, "MAIL_HUB"));
    assert_null(sendmail_value(&sendmail, "MAIL_HUB").at);
    assert_str(sendmail_value(&sendmail, "confLOG_LEVEL"), "");
    assert_null(sendmail_value(&sendmail, "confMAX_HOP").at);
}

static void tables_are_found_beside_the_macro_file_and_read(void **state)
{
    const struct sendmail_file files[] = {
        {"sendmail.mc", "FEATURE(`access_db', `hash -T<TMPF> -o /etc/mail/access.db')dnl\n"
                        "FEATURE(`virtusertable')dnl\nFEATURE(`use_cw_file')dnl\n"
                        "define(`ALIAS_FILE', `/etc/aliases')dnl\n"},
        {"access", "# comment\nConnect:10.1\tRELAY\n broken\nspam@\n"
                   "connect:10.1 REJECT\nFrom:x ERROR:\"550 no\"\n"},
        {"aliases", "root: admin,\n\tother\nroot: third\n"},
        {"local-host-names", "example.com\n# no\n example.org rest\n"},
    };
    struct arena *arena = *state;
    struct sendmail sendmail;

    sendmail_files(&sendmail, arena, files, 4);
    assert_string_equal(
        summary(arena, &sendmail),
        "feature access_db[hash -T<TMPF> -o /etc/mail/access.db];feature virtusertable;"
        "feature use_cw_file;define ALIAS_FILE[/etc/aliases];"
        "line access[Connect:10.1][RELAY];!line access[broken];!line access[spam@];"
        "!line access[connect:10.1][REJECT];line access[From:x][ERROR:\"550 no\"];"
        "!line aliases[root][admin,\tother];line aliases[root][third];"
        "line local-host-names[example.com];line local-host-names[example.org];");
    const struct sendmail_table *access = sendmail_table(&sendmail, "access");
    assert_str(access->type, "hash");
    assert_str(access->flags, "-T<TMPF> -o");
    assert_str(access->path, "/etc/mail/access.db");
    assert_int_equal(access->count, 5);
    assert_ptr_equal(access->from, &sendmail.items[0]);
    assert_ptr_equal(sendmail.items[access->first].table, access->from);
    const struct sendmail_table *virtual = sendmail_table(&sendmail, "virtusertable");
    assert_str(virtual->path, "/etc/mail/virtusertable");
    assert_null(virtual->source);
    assert_null(sendmail_table(&sendmail, "relay-domains")->from);
    assert_null(sendmail_table(&sendmail, "mailertable"));
}

static void macros_in_quotes_name_tables_too(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;

    sendmail_text(&sendmail, arena,
                  "define(`MAIL_SETTINGS_DIR', `/usr/mail/')dnl\n"
                  "define(`DATABASE_MAP_TYPE', `dbm')dnl\n"
                  "FEATURE(`access_db')dnl\n"
                  "FEATURE(`mailertable', `DATABASE_MAP_TYPE -o MAIL_SETTINGS_DIR`'routes')dnl\n"
                  "FEATURE(`virtusertable', `LDAP')dnl\n");
    assert_str(sendmail_table(&sendmail, "access")->path, "/usr/mail/access");
    assert_str(sendmail_table(&sendmail, "access")->type, "dbm");
    assert_str(sendmail_table(&sendmail, "mailertable")->path, "/usr/mail/routes");
    assert_str(sendmail_table(&sendmail, "virtusertable")->type, "LDAP");
    assert_str(sendmail_table(&sendmail, "virtusertable")->path, "");
}

static void a_link_out_of_the_directory_is_not_followed(void **state)
{
    char directory[] = "/tmp/postmend-test-XXXXXX", path[64], mc[64];
    struct sendmail sendmail;
    struct str error;

    assert_non_null(mkdtemp(directory));
    snprintf(mc, sizeof mc, "%s/sendmail.mc", directory);
    snprintf(path, sizeof path, "%s/access", directory);
    FILE *file = fopen(mc, "w");
    assert_non_null(file);
    fputs("FEATURE(`access_db')dnl\n", file);
    fclose(file);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    bool good = sendmail_open(&sendmail, *state, str_of(mc), &error);
    unlink(path);
    unlink(mc);
    rmdir(directory);
    assert_true(good);
    assert_null(sendmail_table(&sendmail, "access")->source);
    assert_int_equal(sendmail.count, 1);
}

static void pairs_are_found_by_their_first_letter(void **state)
{
    struct arena *arena = *state;
    struct str text = str_of("port=smtp, Addr = 127.0.0.1,Name=MTA, M=Ea, c=5,Name=MTA2");

    assert_str(sendmail_pair(text, 'P'), "smtp");
    assert_str(sendmail_pair(text, 'A'), "127.0.0.1");
    assert_str(sendmail_pair(text, 'M'), "Ea");
    assert_str(sendmail_pair(text, 'N'), "MTA2");
    assert_str(sendmail_pair(text, 'c'), "5");
    assert_null(sendmail_pair(text, 'F').at);
}

static void a_sendmail_cf_is_known_by_what_it_holds(void **state)
{
    const struct sendmail_file files[] = {
        {"sendmail.cf", "# made by m4\nV10/Berkeley\nFw-o /etc/mail/local-host-names %[^\\#]\n"
                        "DSrelay.example\nKaccess hash -T<TMPF> /etc/mail/access\n"
                        "O MaxMessageSize=1000\nOL7\nO AliasFile=/etc/mail/other\nSSD\n"
                        "Mlocal,\tP=/bin/mail,\n\t\tA=deliver $u\n"},
        {"access", "a OK\n"},
    };
    struct sendmail sendmail;

    sendmail_files(&sendmail, *state, files, 2);
    assert_true(sendmail.is_cf);
    assert_string_equal(summary(*state, &sendmail),
                        "cf V[10/Berkeley];"
                        "define confCW_FILE[-o /etc/mail/local-host-names %[^\\#]];"
                        "define SMART_HOST[relay.example];"
                        "cf K[access][hash][-T<TMPF> /etc/mail/access];"
                        "define confMAX_MESSAGE_SIZE[1000];define confLOG_LEVEL[7];"
                        "define ALIAS_FILE[/etc/mail/other];cf S[SD];"
                        "define LOCAL_MAILER_ARGS[deliver $u];line access[a][OK];");
    assert_string_equal(arena_cstr(*state, sendmail_table(&sendmail, "local-host-names")->path),
                        "/etc/mail/local-host-names");
    assert_non_null(sendmail_feature(&sendmail, "use_cw_file"));
}

static void a_sendmail_cf_gives_the_model_of_its_macro_file(void **state)
{
    struct sendmail sendmail;

    sendmail_text(&sendmail, *state,
                  "V10/Berkeley\nDZ8.17.1\nCR a.example b.example\nDS\nDMm.example\n"
                  "O DaemonPortOptions=Port=smtp, Name=MTA\n"
                  "Xclam, S=local:/run/clam, F=T\nSParseLocal=98\n"
                  "R$* < @ $+ .REDIRECT. >\t$: $1 < @ $2 . REDIRECT . > < ${opMode} >\n"
                  "SBasic_check_relay\n"
                  "R$-.$-.$-.$-\t$: <?> $(dnsbl $4.$3.$2.$1.bl.example. $: OK $)\n"
                  "R<?>OK\t$: OKSOFAR\tits words\n"
                  "Mlocal, P=/usr/bin/procmail, F=lsDFMAw5:/|@qSPfhn9, A=procmail -t $u\n");
    assert_string_equal(summary(*state, &sendmail),
                        "cf V[10/Berkeley];cf D[Z][8.17.1];"
                        "macro RELAY_DOMAIN[a.example b.example];cf D[S];"
                        "macro MASQUERADE_AS[m.example];"
                        "macro DAEMON_OPTIONS[Port=smtp, Name=MTA];"
                        "macro INPUT_MAIL_FILTER[clam][S=local:/run/clam, F=T];"
                        "cf S[ParseLocal=98];feature redirect;cf S[Basic_check_relay];"
                        "feature dnsbl[bl.example];cf R[<?>OK][$: OKSOFAR][its words];"
                        "feature local_procmail[/usr/bin/procmail][procmail -t $u];");
    assert_true(sendmail.items[1].stock && sendmail.items[3].stock);
    assert_true(sendmail.items[11].stock);
    assert_false(sendmail.items[8].stock);
}

static void a_rule_counts_in_its_own_ruleset_alone(void **state)
{
    struct sendmail sendmail;

    sendmail_text(&sendmail, *state,
                  "V10/Berkeley\nSmine\n"
                  "R$* < @ $+ .REDIRECT. >\t$: $1 < @ $2 . REDIRECT . > < ${opMode} >\n");
    assert_null(sendmail_feature(&sendmail, "redirect"));
    assert_false(sendmail.items[1].stock || sendmail.items[2].stock);
}

static void macros_and_classes_of_own_rules_are_the_site_s_own(void **state)
{
    struct sendmail sendmail;

    sendmail_text(&sendmail, *state,
                  "V10/Berkeley\nDSrelay.example\nCw a.example\nCR b.example\n"
                  "Sparse=0\nR$+<@$=R>\t$#own $@ $S $: $1\n");
    assert_string_equal(summary(*state, &sendmail),
                        "cf V[10/Berkeley];cf D[S][relay.example];macro LOCAL_DOMAIN[a.example];"
                        "class R[b.example];cf S[parse=0];cf R[$+<@$=R>][$#own $@ $S $: $1];");
}

static void a_feature_that_takes_rules_away_is_known_by_what_is_left(void **state)
{
    struct sendmail with, without;

    sendmail_text(&with, *state,
                  "V10/Berkeley\nSEnvFromL\nR<@>\t$n\n"
                  "R$+\t$: $>AddDomain $1\nR$*\t$: $>MasqEnv $1\n");
    sendmail_text(&without, *state, "V10/Berkeley\nSEnvFromL\nR<@>\t$n\nR$+\t$: $>AddDomain $1\n");
    assert_null(sendmail_feature(&with, "local_no_masquerade"));
    assert_non_null(sendmail_feature(&without, "local_no_masquerade"));
}

static void rules_that_a_site_took_away_are_counted(void **state)
{
    struct sendmail sendmail;

    sendmail_text(&sendmail, *state,
                  "V10/Berkeley\nSAddDomain\nSfinal=4\nR$+ :; <@>\t$@ $1 :\nR$* <@>\t$@\n");
    assert_int_equal(sendmail.items[1].missing, 0); /* no feature asks for it */
    assert_true(sendmail.items[2].missing > 0);
    assert_false(sendmail.items[2].stock);
}

static void what_stands_before_an_error_of_m4_is_a_model(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;
    struct str error = STR_NONE;
    const struct source *source =
        source_text(arena, "OSTYPE(`linux')dnl\nFEATURE(`access_db')dnl\ndefine(`x, `y')\n");

    assert_false(sendmail_read(&sendmail, arena, source, str_of("/nonexistent"), &error));
    assert_non_null(
        strstr(arena_cstr(arena, error), ":3: the quote that starts here is not closed"));
    assert_int_equal(sendmail.directive_count, 2);
    assert_non_null(sendmail_feature(&sendmail, "access_db"));
}

static void an_unquoted_name_stands_for_its_default(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;

    sendmail_text(&sendmail, arena, "define(confLOG_LEVEL, `12')dnl\n");
    assert_null(sendmail_define(&sendmail, "confLOG_LEVEL"));
    assert_non_null(sendmail_define(&sendmail, "9"));
}

static void a_file_that_undivert_names_is_accounted_for(void **state)
{
    struct arena *arena = *state;
    struct sendmail sendmail;

    sendmail_text(&sendmail, arena, "undivert(`/etc/shadow')undivert(1)\n");
    assert_int_equal(sendmail.directive_count, 1);
    assert_int_equal(sendmail.items[0].kind, ITEM_INCLUDE);
    assert_non_null(sendmail.items[0].refused);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
    struct sendmail sendmail;
    struct str error = STR_NONE;
    struct arena *arena = *state;

    assert_false(sendmail_open(&sendmail, arena, str_of("/nonexistent/a.mc"), &error));
    assert_str(error, "/nonexistent/a.mc: not found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(each_directive_is_an_item_and_comments_are_none),
        arena_test(lines_behind_local_config_are_read_as_sendmail_reads_them),
        arena_test(the_later_define_holds),
        arena_test(tables_are_found_beside_the_macro_file_and_read),
        arena_test(macros_in_quotes_name_tables_too),
        arena_test(a_link_out_of_the_directory_is_not_followed),
        arena_test(pairs_are_found_by_their_first_letter),
        arena_test(a_sendmail_cf_is_known_by_what_it_holds),
        arena_test(a_sendmail_cf_gives_the_model_of_its_macro_file),
        arena_test(a_rule_counts_in_its_own_ruleset_alone),
        arena_test(macros_and_classes_of_own_rules_are_the_site_s_own),
        arena_test(a_feature_that_takes_rules_away_is_known_by_what_is_left),
        arena_test(rules_that_a_site_took_away_are_counted),
        arena_test(a_file_that_is_not_there_is_an_error),
        arena_test(what_stands_before_an_error_of_m4_is_a_model),
        arena_test(an_unquoted_name_stands_for_its_default),
        arena_test(a_file_that_undivert_names_is_accounted_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
