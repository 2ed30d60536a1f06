/* Would a service start?  Lint, trace, serve and the live test all ask this one answer */
#include "smtp/livetest/livetest.h"
#include "smtp/session/session.h"
#include "smtp/start/start.h"
#include "tests/unit/unit.h"

static const char sound_main[] = "compatibility_level = 3.6\nmyhostname = mail.example.com\n"
                                 "mynetworks = 127.0.0.0/8\n";

/* open_text - the policy of sound_main with MORE, and MASTER as its master.cf */
static const struct policy *open_text(struct arena *arena, const char *platform, const char *more,
                                      const char *master)
{
    struct config *config = arena_alloc(arena, sizeof *config);

    config_of(config, arena, platform, arena_printf(arena, "%s%s", sound_main, more).at, master);
    return policy_open(arena, config);
}

static const struct start_fault *first_fault(const struct policy *policy)
{
    return start_fault_of(policy, policy->config->master_cf.services[0]);
}

static void assert_why(struct arena *arena, const char *more, const char *master, const char *why)
{
    const struct start_fault *fault = first_fault(open_text(arena, "debian12", more, master));

    if (why == NULL) {
        if (fault != NULL)
            fail_msg("%s%s: %.*s", more, master, STR_ARG(fault->why));
        return;
    }
    if (fault == NULL)
        fail_msg("%s%s: starts", more, master);
    else
        assert_str(fault->why, why);
}

static void a_line_of_master_cf_gives_its_program_what_it_demands(void **state)
{
    static const struct {
        const char *master, *why;
    } cases[] = {
        {"smtp inet n - y - - smtpd\n", NULL},
        {"smtp inet n - y - - smtpd -v -o { smtpd_helo_required = yes }\n", NULL},
        {"smtp inet n - y - - smtpd -o smtpd_banner=a, b\n",
         "unexpected command-line argument \"b\""},
        {"smtp inet n - y - - smtpdd\n", "Postfix has no program \"smtpdd\""},
        {"smtp inet n - y - - /usr/lib/postfix/sbin/smtpd\n",
         "master(8) looks for \"/usr/lib/postfix/sbin/smtpd\" below daemon_directory"},
        {"smtp inet n n y - - smtpd\n", "smtpd does not run with privileges"},
        {"smtp inet n - y - - smtpd -x\n", "invalid option \"-x\""},
        {"smtp inet n - y - - smtpd -o smtpd_helo_required\n", "missing '=' after attribute name"},
        {"smtp inet n - y - 1 postscreen\n", NULL},
        {"smtp inet n - y - - postscreen\n", "postscreen requires a process limit of 1"},
        {"bounce unix - - y - - bounce\n", "bounce requires a process limit of 0"},
        {"virtual unix - y n - - virtual\n", "virtual requires privileges"},
        {"maildrop unix - n n - - pipe flags=R user=vmail argv=/usr/bin/maildrop\n", NULL},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_why(*state, "", cases[i].master, cases[i].why);
}

static void a_long_value_is_shown_in_part(void **state)
{
    static const char most[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    static const char master[] = "smtp inet n - y - - smtpd\n";
    struct arena *arena = *state;
    struct str whole =
        arena_printf(arena, "smtpd_helo_required: \"%s\" is neither yes nor no", most);
    struct str cut =
        arena_printf(arena, "smtpd_helo_required: \"%s...\" is neither yes nor no", most);

    assert_why(arena, arena_printf(arena, "smtpd_helo_required = %s\n", most).at, master, whole.at);
    assert_why(arena, arena_printf(arena, "smtpd_helo_required = %sx\n", most).at, master, cut.at);
}

static void a_value_stops_the_programs_that_read_it_and_no_others(void **state)
{
    static const char master[] = "smtp inet n - y - - smtpd\nqmgr unix n - n 300 1 qmgr\n";
    struct arena *arena = *state;
    const struct policy *policy =
        open_text(arena, "debian12", "smtpd_helo_required = true\n", master);
    const struct start_fault *fault = first_fault(policy);

    assert_non_null(fault);
    assert_int_equal(fault->problem, START_EXITS);
    assert_int_equal(fault->parameter, PARAM_SMTPD_HELO_REQUIRED);
    assert_str(fault->why, "smtpd_helo_required: \"true\" is neither yes nor no");
    assert_str(span_str(fault->span), "true");
    assert_null(start_fault_of(policy, policy->config->master_cf.services[1]));
}

static void an_override_takes_the_place_of_a_bad_value_or_is_one(void **state)
{
    assert_why(*state, "smtpd_helo_required = true\n",
               "smtp inet n - y - - smtpd -o smtpd_helo_required=yes\n", NULL);
    assert_why(*state, "", "smtp inet n - y - - smtpd -o smtpd_helo_required=true\n",
               "smtpd_helo_required: \"true\" is neither yes nor no");
    assert_why(*state, "", "smtp inet n - y - - smtpd -o default_destination_rate_delay=x\n", NULL);
    assert_why(*state, "smtpd_tls_security_level = $level\nlevel = may\n",
               "smtp inet n - y - - smtpd -o level=dane\n",
               "smtpd_tls_security_level: \"dane\" is not a valid value");
}

static void logins_need_a_type_that_the_program_has_and_a_table_of_passwords(void **state)
{
    static const char client[] = "smtp unix - - y - - smtp\n";
    static const char server[] = "submission inet n - y - - smtpd -o smtpd_sasl_auth_enable=yes\n";

    assert_why(*state, "smtp_sasl_auth_enable = yes\n", client,
               "smtp_sasl_auth_enable is yes, and smtp_sasl_password_maps is empty");
    assert_why(*state, "smtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = static:bob:secret\n",
               client, NULL);
    assert_why(*state, "smtp_sasl_type = dovecot\n", client, NULL);
    assert_why(*state, "smtpd_sasl_type = dovecot\n", server, NULL);
    assert_why(*state, "smtpd_sasl_type = dovcot\n", server,
               "smtpd_sasl_type: \"dovcot\" is not a valid value");
    assert_why(*state, "smtpd_sasl_type = dovcot\n", "smtp inet n - y - - smtpd\n", NULL);
}

static void what_every_program_reads_stops_master(void **state)
{
    static const char master[] = "smtp inet n - y - - smtpd -o myhostname=mail.example.com\n";
    const struct start_fault *fault =
        first_fault(open_text(*state, "debian12", "myhostname = \"mail.example.com\"\n", master));

    assert_non_null(fault);
    assert_int_equal(fault->problem, START_MASTER);
    assert_int_equal(fault->cause, CAUSE_VALUE);
}

static void what_only_master_reads_stops_it(void **state)
{
    static const char master[] = "smtp inet n - y - - smtpd\n";

    assert_why(*state, "service_throttle_time = 0\n", master,
               "service_throttle_time: \"0\" is less than the minimum, 1 seconds");
    assert_why(*state, "service_throttle_time = 1 m\n", master,
               "service_throttle_time: \"1 m\" is not a valid time: expected a number "
               "directly followed by s, m, h, d or w");
    assert_why(*state, "service_throttle_time = 1m\n", master, NULL);
    assert_why(*state, "", "smtp inet n - y - - smtpd -o service_throttle_time=0\n", NULL);
}

static void a_service_that_is_disabled_has_no_fault(void **state)
{
    static const char master[] = "smtp inet n - y - - smtpdd\n";

    assert_why(*state, "master_service_disable = smtp/inet\n", master, NULL);
    assert_why(*state, "master_service_disable = smtp/unix\n", master,
               "Postfix has no program \"smtpdd\"");
}

static void assert_master(struct arena *arena, const char *platform, const char *more,
                          const char *master, const char *why)
{
    const struct start_fault *fault =
        start_fault_of(open_text(arena, platform, more, master), NULL);

    if (fault == NULL ? why != NULL : why == NULL || !str_is(fault->why, why))
        fail_msg("%s%s: %.*s", more, master, fault == NULL ? 6 : (int)fault->why.len,
                 fault == NULL ? "starts" : fault->why.at);
}

static void what_cannot_be_read_stops_postfix(void **state)
{
    static const char smtp[] = "smtp inet n - y - - smtpd\n";
    static const char *const none = NULL;

    assert_master(*state, "debian12", "relayhost\n", smtp, "missing '=' after attribute name");
    assert_master(*state, "debian12", "", "smtp inet n - y - smtpd\n", "bad field count");
    assert_master(*state, "debian12", "", "smtp inet y - y - - smtpd\n",
                  "an inet service cannot be private");
    assert_master(*state, "debian12", "", "smtp inet n - y - - smtpd -o { a = b\n", "missing '}'");
    assert_master(*state, "debian12", "", "smtp inet n - y - - smtpd -o a\n", none);
    assert_master(*state, "debian12", "queue_directory = spool\n", smtp,
                  "queue_directory: \"spool\" is not an absolute path");
    assert_master(*state, "debian12", "data_directory = /var/spool/postfix\n", smtp,
                  "data_directory is the same as queue_directory");
    assert_master(*state, "debian11", "compatibility_level = latest\n", smtp,
                  "compatibility_level: \"latest\" is not a compatibility level");
    assert_master(*state, "debian11", "compatibility_level = -1\n", smtp, none);
}

/* what postconf(1) expands ends the start script, since it asks for maillog_file */
static void an_expression_that_is_wrong_stops_postfix_if_something_reads_it(void **state)
{
    static const char smtp[] = "smtp inet n - y - - smtpd\n";
    static const char *const none = NULL;

    assert_master(*state, "debian12", "smtpd_banner = ${x\n", smtp,
                  "a value cannot be expanded: the reference is not closed");
    assert_master(*state, "debian12", "nobody_reads = ${x\n", smtp, none);
    assert_master(*state, "debian12", "", "smtp inet n - y - - smtpd -o smtpd_banner=${x\n",
                  "a value cannot be expanded: the reference is not closed");
    assert_master(*state, "debian12", "", "smtp inet n - y - - smtpd -o nobody_reads=${x\n", none);
    assert_master(*state, "postfix-3.3", "smtpd_banner = ${x\n", smtp, none);
    assert_master(*state, "postfix-3.3", "mydestination = ${x\n", smtp,
                  "mydestination cannot be expanded: the reference is not closed");
}

static void before_3_6_a_port_belongs_to_one_service(void **state)
{
    static const char shared[] = "smtp inet n - y - - smtpd\n127.0.0.1:25 inet n - y - - smtpd\n";
    static const char apart[] = "192.0.2.1:25 inet n - y - - smtpd\n"
                                "127.0.0.1:25 inet n - y - - smtpd\n";

    assert_master(*state, "debian11", "", shared, "another service has port 25 at all addresses");
    assert_master(*state, "debian11", "", apart, NULL);
    assert_master(*state, "debian11", "inet_interfaces = 192.0.2.1\n", shared, NULL);
    assert_master(*state, "debian12", "", shared, NULL);
}

static void a_log_file_needs_its_service(void **state)
{
    static const char log[] = "maillog_file = /var/log/maillog\n";

    assert_master(*state, "debian12", log,
                  "cleanup unix n - y - 0 cleanup\npostlog unix-dgram n - n - 1 postlogd\n", NULL);
    assert_master(*state, "debian12", log,
                  "cleanup unix n - y - 0 cleanup\npostlog unix n - n - 1 postlogd\n",
                  "maillog_file is set, and master.cf has no service \"postlog\" of type "
                  "unix-dgram");
    assert_master(*state, "debian12", log, "smtp inet n - y - - smtpd\n", NULL); /* an excerpt */
}

static void a_type_of_services_that_came_later_stops_postfix(void **state)
{
    static const char log[] = "postlog unix-dgram n - n - 1 postlogd\n";

    assert_master(*state, "rhel7", "", log,
                  "this release does not have the service type unix-dgram");
    assert_master(*state, "rhel9", "", log, NULL);
}

#define QUEUE                                                                                      \
    "smtp inet n - y - - smtpd\nqmgr unix n - n 300 1 qmgr\nrewrite unix - - y - - "               \
    "trivial-rewrite\n"
#define CLEANUP "cleanup unix n - y - 0 cleanup\n"
#define PROXYMAP "proxymap unix - - n - - proxymap\n"
#define TLSMGR "tlsmgr unix - - y 1000? 1 tlsmgr\n"

static void assert_greeting(struct arena *arena, const char *more, const char *master,
                            const char *why)
{
    const struct policy *policy = open_text(arena, "debian12", more, master);
    const struct start_fault *fault = start_fault_of_listener(&policy->services[0]);

    if (fault == NULL ? why != NULL : why == NULL || !str_is(fault->why, why))
        fail_msg("%s%s: %.*s", more, master, fault == NULL ? 6 : (int)fault->why.len,
                 fault == NULL ? "greets" : fault->why.at);
}

static void smtpd_waits_for_the_services_that_it_asks_when_it_starts(void **state)
{
    assert_greeting(*state, "", QUEUE CLEANUP PROXYMAP, NULL);
    assert_greeting(*state, "", QUEUE CLEANUP,
                    "it waits for a proxy: table, because master.cf has no private service "
                    "\"proxymap\"");
    assert_greeting(*state, "local_recipient_maps =\n", QUEUE CLEANUP, NULL);
    assert_greeting(*state, "", "smtp inet n - y - - smtpd\n", NULL); /* an excerpt */
    assert_greeting(*state, "", QUEUE CLEANUP PROXYMAP "anvil unix - - y - - anvil\n",
                    "it waits for each client that is not in smtpd_client_event_limit_exceptions, "
                    "because the service \"anvil\" will not start: anvil requires a process limit "
                    "of 1");
    assert_greeting(*state, "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /c.pem\n",
                    QUEUE CLEANUP PROXYMAP "tlsmgr unix - - y 1000? - tlsmgr\n",
                    "it waits, because the service \"tlsmgr\" will not start: tlsmgr requires a "
                    "process limit of 1");
    assert_greeting(*state, "", QUEUE CLEANUP PROXYMAP "tlsmgr unix - - y 1000? - tlsmgr\n", NULL);
}

static void without_tlsmgr_there_is_no_tls(void **state)
{
    static const char tls[] = "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = /c.pem\n";

    assert_true(start_offers_tls(
        &open_text(*state, "debian12", tls, QUEUE CLEANUP PROXYMAP TLSMGR)->services[0]));
    assert_false(
        start_offers_tls(&open_text(*state, "debian12", tls, QUEUE CLEANUP PROXYMAP)->services[0]));
}

/* send - the last step of a session with these commands */
static struct session_step send(struct arena *arena, const char *more, const char *master,
                                const char *const *commands)
{
    static const struct session_client client = {.address = STR("192.0.2.1"), .port = STR("1")};
    static const struct session_options options = {.can_tls = false};
    const struct policy *policy = open_text(arena, "debian12", more, master);
    struct world *world = arena_alloc(arena, sizeof *world);

    world_init(world, arena, NULL);
    struct session *session = session_begin(arena, &policy->services[0], world, &client, &options);
    struct session_step step = session_greeting(session);
    for (; *commands != NULL; commands++)
        step = session_line(session, str_of(*commands), false);
    return step;
}

static void a_service_that_does_not_answer_silences_the_command_that_needs_it(void **state)
{
    static const char *const mail[] = {"EHLO a.example", "MAIL FROM:<a@example.net>", NULL};
    static const char *const rcpt[] = {"EHLO a.example", "MAIL FROM:<a@example.net>",
                                       "RCPT TO:<a@mail.example.com>", NULL};
    static const char *const refused[] = {"EHLO a.example", "MAIL FROM:<a@example.net>",
                                          "RCPT TO:<a@example.net>", NULL};
    static const char local[] = "local_recipient_maps =\nmydestination = $myhostname\n";
    static const char probe[] = "local_recipient_maps =\nmydestination = $myhostname\n"
                                "smtpd_recipient_restrictions = reject_unverified_recipient\n";
    static const char lost_rewrite[] =
        "smtp inet n - y - - smtpd\nqmgr unix n - n 300 1 qmgr\n" CLEANUP;

    assert_int_equal(send(*state, local, QUEUE CLEANUP, rcpt).reply.code, 250);
    assert_int_equal(send(*state, local, QUEUE, mail).reply.code, 250);
    assert_int_equal(send(*state, local, QUEUE, rcpt).next, NEXT_SILENCE);
    assert_int_equal(send(*state, local, QUEUE, refused).reply.code, 454);
    assert_int_equal(send(*state, local, lost_rewrite, mail).next, NEXT_SILENCE);
    assert_int_equal(send(*state, local, QUEUE "cleanup unix n - y - 5 cleanup\n", rcpt).next,
                     NEXT_SILENCE);
    assert_int_equal(send(*state, probe, QUEUE CLEANUP, rcpt).next, NEXT_SILENCE);
    assert_int_equal(
        send(*state, probe, QUEUE CLEANUP "verify unix - - y - 1 verify\n", rcpt).reply.code, 250);
}

/* ask_policy - the answer to RCPT where this policy server is asked, and MASTER has this line */
static struct session_step ask_policy(struct arena *arena, const char *server, const char *more,
                                      const char *line)
{
    static const char *const rcpt[] = {"EHLO a.example", "MAIL FROM:<a@example.net>",
                                       "RCPT TO:<a@mail.example.com>", NULL};
    const char *text = arena_printf(arena,
                                    "local_recipient_maps =\nmydestination = $myhostname\n"
                                    "queue_directory = /var/spool/postfix\n"
                                    "smtpd_recipient_restrictions = check_policy_service %s\n%s",
                                    server, more)
                           .at;

    return send(arena, text, arena_printf(arena, QUEUE CLEANUP "%s", line).at, rcpt);
}

static void a_policy_server_that_does_not_start_or_is_invalid_ends_the_session(void **state)
{
    static const char good[] = "policy unix - n n - 0 spawn user=nobody argv=/bin/cat\n";
    static const char bad[] = "policy unix - n n - 0 spawn user=root argv=/bin/cat\n";
    static const char public[] = "policy unix n n n - 0 spawn user=root argv=/bin/cat\n";

    assert_int_equal(ask_policy(*state, "unix:private/policy", "", good).reply.code, 250);
    assert_int_equal(ask_policy(*state, "unix:private/policy", "", bad).next, NEXT_SILENCE);
    assert_int_equal(
        ask_policy(*state, "{ unix:/var/spool/postfix/private/policy, timeout=5s }", "", bad).next,
        NEXT_SILENCE);
    assert_int_equal(ask_policy(*state, "unix:private/policy", "", public).reply.code, 250);
    assert_int_equal(ask_policy(*state, "unix:private/other", "", bad).reply.code, 250);
    assert_int_equal(ask_policy(*state, "inet:127.0.0.1:10023", "", bad).reply.code, 250);
    assert_int_equal(
        ask_policy(*state, "unix:private/policy", "policy_time_limit = 1 h\n", good).next,
        NEXT_SILENCE);
    assert_int_equal(
        ask_policy(*state, "unix:private/policy", "other_time_limit = 1 h\n", good).reply.code,
        250);
    assert_int_equal(ask_policy(*state, "inet:10023:localhost", "", good).next, NEXT_CLOSE);
    assert_int_equal(ask_policy(*state, "{ inet:10023:localhost, timeout=5s }", "", good).next,
                     NEXT_CLOSE);
}

static void a_client_reaches_what_listens_at_its_kind_of_address(void **state)
{
    static const struct {
        const char *more, *service, *client;
        bool reaches;
    } cases[] = {
        {"", "smtp", "198.51.100.7", true},
        {"", "smtp", "2001:db8::7", true},
        {"inet_interfaces = loopback-only\n", "smtp", "198.51.100.7", false},
        {"inet_interfaces = loopback-only\n", "smtp", "127.0.0.1", true},
        {"inet_interfaces = localhost\n", "smtp", "198.51.100.7", false},
        {"inet_interfaces = localhost, 192.0.2.1\n", "smtp", "198.51.100.7", true},
        {"inet_interfaces = localhost, 192.0.2.1\n", "smtp", "2001:db8::7", false},
        {"inet_interfaces = localhost, $myhostname\n", "smtp", "2001:db8::7", true},
        {"inet_protocols = ipv6\n", "smtp", "198.51.100.7", false},
        {"inet_protocols = ipv6\n", "smtp", "2001:db8::7", true},
        {"inet_protocols = ipv4\n", "smtp", "2001:db8::7", false},
        {"", "127.0.0.1:smtp", "198.51.100.7", false},
        {"", "[::1]:smtp", "::1", true},
        {"inet_interfaces = loopback-only\n", "192.0.2.1:smtp", "198.51.100.7", true},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = *state;
        struct str master = arena_printf(arena, "%s inet n - y - - smtpd\n", cases[i].service);
        const struct policy *policy = open_text(arena, "debian12", cases[i].more, master.at);
        struct str why;
        if (start_reaches(&policy->services[0], str_of(cases[i].client), &why) != cases[i].reaches)
            fail_msg("%s%s, %s", cases[i].more, cases[i].service, cases[i].client);
    }
}

static void a_service_that_does_not_start_has_no_greeting(void **state)
{
    struct arena *arena = *state;
    const struct policy *policy = open_text(
        arena, "debian12", "smtpd_hard_error_limit = 0\n",
        "smtp inet n - y - - smtpd\n465 inet n - y - - smtpd -o smtpd_tls_wrappermode=yes\n");
    const struct session_options options = {.can_tls = true};
    const struct session_client client = {.address = STR("192.0.2.1"), .port = STR("1")};

    for (size_t i = 0; i < policy->count; i++) {
        struct world world;
        world_init(&world, arena, NULL);
        struct session *session =
            session_begin(arena, &policy->services[i], &world, &client, &options);
        assert_false(session_is_wrapped(session));
        struct session_step step = session_greeting(session);
        assert_int_equal(step.reply.code, 0);
        assert_int_equal(step.next, NEXT_SILENCE);
    }
}

static void wrapper_mode_ignores_the_level(void **state)
{
    static const char *const why = "smtpd_tls_security_level: \"dane\" is not a valid value";

    assert_why(*state, "smtpd_tls_security_level = dane\n", "smtp inet n - y - - smtpd\n", why);
    assert_why(*state, "smtpd_tls_security_level = dane\n",
               "465 inet n - y - - smtpd -o smtpd_tls_wrappermode=yes\n", NULL);
    assert_why(*state, "",
               "465 inet n - y - - smtpd -o smtpd_tls_wrappermode=yes "
               "-o smtpd_tls_security_level=dane\n",
               NULL);
}

static void a_program_knows_what_main_cf_sets_and_what_it_has_read_before(void **state)
{
    static const char smtp[] = "smtp unix - - y - - smtp\n",
                      smtpd[] = "smtp inet n - y - - smtpd\n";

    assert_why(*state, "smtp_tls_mandatory_ciphers = $smtpd_tls_mandatory_ciphers\n", smtp,
               "smtp_tls_mandatory_ciphers must not be empty");
    assert_why(*state,
               "smtpd_tls_mandatory_ciphers = high\n"
               "smtp_tls_mandatory_ciphers = $smtpd_tls_mandatory_ciphers\n",
               smtp, NULL);
    assert_why(*state, "smtpd_hard_error_limit = $smtpd_soft_error_limit\n", smtpd, NULL);
    assert_why(*state, "smtpd_soft_error_limit = $smtpd_hard_error_limit\n", smtpd,
               "smtpd_soft_error_limit must not be empty");
    assert_why(*state, "mailbox_size_limit = $message_size_limit\n", "local unix - n n - - local\n",
               NULL);
    assert_int_equal(first_fault(open_text(*state, "debian12",
                                           "message_size_limit = $mailbox_size_limit\n", smtpd))
                         ->problem,
                     START_MASTER);
    assert_why(*state, "", "smtp inet n - y - - smtpd -o smtpd_helo_required=$smtpd_delay_reject\n",
               "smtpd_helo_required is neither yes nor no");
}

static void a_table_that_cannot_be_opened_ends_a_program_or_its_first_look_up_does(void **state)
{
    static const char smtpd[] = "smtp inet n - y - - smtpd\n";
    static const char queues[] =
        "smtp inet n - y - - smtpd\nrewrite unix - - y - - trivial-rewrite\n"
        "cleanup unix n - y - 0 cleanup\nqmgr unix n - y 300 1 qmgr\n";

    assert_why(*state, "proxy_read_maps = $virtual_mailbox_maps\n", smtpd,
               "proxy_read_maps does not have proxy:unix:passwd.byname, which local_recipient_maps "
               "names");
    assert_why(*state, "proxy_read_maps = $local_recipient_maps\n", smtpd, NULL);
    assert_why(*state, "virtual_alias_maps = ldap:people\npeople_query_filter = (mail=%s%)\n",
               smtpd,
               "a table of virtual_alias_maps cannot be used: \"%)\" in query_filter stands for "
               "nothing");
    assert_why(*state, "virtual_alias_maps = socketmap:tcp:127.0.0.1:4444:a\n", smtpd,
               "virtual_alias_maps: \"socketmap:tcp:127.0.0.1:4444:a\" does not have a server, "
               "inet:host:port or unix:path, before its name");
    const struct policy *policy =
        open_text(*state, "debian12", "virtual_alias_maps = tcp:127.0.0.1\n", queues);
    assert_null(first_fault(policy));
    assert_non_null(start_fault_of(policy, policy->config->master_cf.services[1]));
    assert_non_null(start_fault_of(policy, policy->config->master_cf.services[2]));
}

static void its_live_test_asks_for_the_greeting_alone(void **state)
{
    struct arena *arena = *state;
    const struct policy *policy =
        open_text(arena, "debian12", "smtpd_timeout = 5 min\n", "smtp inet n - y - - smtpd\n");
    struct plan plan = {0};

    livetest_make_plan(&plan, arena, policy, NULL);
    assert_int_equal(plan.session_count, 1);
    assert_int_equal(plan.sessions[0].steps[0].outcome, PLAN_SILENCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_line_of_master_cf_gives_its_program_what_it_demands),
        arena_test(a_long_value_is_shown_in_part),
        arena_test(a_value_stops_the_programs_that_read_it_and_no_others),
        arena_test(an_override_takes_the_place_of_a_bad_value_or_is_one),
        arena_test(logins_need_a_type_that_the_program_has_and_a_table_of_passwords),
        arena_test(what_every_program_reads_stops_master),
        arena_test(what_only_master_reads_stops_it),
        arena_test(a_service_that_is_disabled_has_no_fault),
        arena_test(smtpd_waits_for_the_services_that_it_asks_when_it_starts),
        arena_test(without_tlsmgr_there_is_no_tls),
        arena_test(a_service_that_does_not_answer_silences_the_command_that_needs_it),
        arena_test(a_policy_server_that_does_not_start_or_is_invalid_ends_the_session),
        arena_test(a_client_reaches_what_listens_at_its_kind_of_address),
        arena_test(what_cannot_be_read_stops_postfix),
        arena_test(an_expression_that_is_wrong_stops_postfix_if_something_reads_it),
        arena_test(before_3_6_a_port_belongs_to_one_service),
        arena_test(a_log_file_needs_its_service),
        arena_test(a_type_of_services_that_came_later_stops_postfix),
        arena_test(a_service_that_does_not_start_has_no_greeting),
        arena_test(wrapper_mode_ignores_the_level),
        arena_test(a_program_knows_what_main_cf_sets_and_what_it_has_read_before),
        arena_test(a_table_that_cannot_be_opened_ends_a_program_or_its_first_look_up_does),
        arena_test(its_live_test_asks_for_the_greeting_alone),
    };

    return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
