/* service_would_not_start - a line of master.cf with which its program exits when it starts */
#include "rules/rule/rule.h"
#include "smtp/start/start.h"

/* is_ours - values are the subject of bad-value, restrictions that of smtpd-would-not-start */
static bool is_ours(const struct start_fault *fault)
{
    return fault != NULL && (fault->cause == CAUSE_LINE || fault->cause == CAUSE_RELATION);
}

/* names_service - does a transport such as "local:$myhostname" name the service? */
static bool names_service(const struct check *check, enum parameter_number number,
                          const struct service *service)
{
    struct str transport = check_value(check, NULL, number);

    return str_eq(str_slice(transport, 0, str_find(transport, ':', 0)), service->name);
}

/* is_used - as far as the address classes tell; transport tables may name it too */
static bool is_used(const struct check *check, const struct service *service)
{
    return str_is(service->type, "inet") ||
           names_service(check, PARAM_DEFAULT_TRANSPORT, service) ||
           names_service(check, PARAM_RELAY_TRANSPORT, service) ||
           names_service(check, PARAM_MAILBOX_TRANSPORT, service) ||
           names_service(check, PARAM_LOCAL_TRANSPORT, service) ||
           (names_service(check, PARAM_VIRTUAL_TRANSPORT, service) &&
            check_value(check, NULL, PARAM_VIRTUAL_MAILBOX_DOMAINS).len > 0);
}

/* is_repeated - the same mistake in main.cf, which an earlier service has too */
static bool is_repeated(const struct check *check, const struct policy *policy,
                        const struct start_fault *fault)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < fault->service->number && fault->cause == CAUSE_RELATION; i++) {
        const struct start_fault *earlier = start_own_fault_of(policy, master_cf->services[i]);
        if (earlier != NULL && earlier->cause == CAUSE_RELATION &&
            earlier->parameter == fault->parameter && earlier->span.source == fault->span.source &&
            earlier->span.at == fault->span.at)
            return true;
    }
    return false;
}

static void report_service(struct check *check, const struct service *service,
                           const struct start_fault *fault)
{
    struct finding *finding = check_reportf(
        check, fault->span, arena_cstr(check->arena, fault->advice),
        "the service \"%.*s\" will not start: %.*s", STR_ARG(service->name), STR_ARG(fault->why));

    if (fault->cause == CAUSE_RELATION && !is_used(check, service))
        finding->severity = SEVERITY_ADVICE;
}

static void check_start(struct check *check)
{
    const struct policy *policy = check_policy(check);
    const struct master_cf *master_cf = &check->config->master_cf;
    const struct start_fault *master = start_fault_of(policy, NULL);

    if (is_ours(master))
        check_reportf(check, master->span, arena_cstr(check->arena, master->advice),
                      "Postfix will not start: %.*s", STR_ARG(master->why));
    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        const struct start_fault *fault = start_own_fault_of(policy, service);
        if (is_ours(fault) && !is_repeated(check, policy, fault))
            report_service(check, service, fault);
    }
}

static const struct example examples[] = {
    {.title = "a space after a comma: the rest is a separate argument",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_relay_restrictions=permit_sasl_authenticated, reject\n",
     .findings = {{2, "reject"}}},
    {.title = "a setting in braces may contain spaces; without its dash, -o is an argument",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "  -o { smtpd_helo_required = yes }\n"
                  "  o smtpd_client_port_logging=yes\n",
     .findings = {{3, "o"}}},
    {.title = "an option in braces is an option; two of them need braces of their own",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "smtp inet n - y - - smtpd { -v } {-o smtpd_helo_required = yes}\n"
                  "submission inet n - y - - smtpd { -o smtpd_helo_required=yes } { x y }\n",
     .findings = {{2, "x y"}}},
    {.title = "a program that Postfix does not have",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "smtp inet n - y - - smtpdd\n",
     .findings = {{1, "smtpdd"}}},
    {.title = "a program by its path, and one that must not have privileges",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "smtp inet n - y - - /usr/lib/postfix/sbin/smtpd\n"
                  "submission inet n n y - - smtpd\n",
     .findings = {{1, "/usr/lib/postfix/sbin/smtpd"}, {2, "n"}}},
    {.title = "a log file, and no postlogd(8) that writes it: Postfix does not start at all",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "maillog_file = /var/log/postfix.log\n",
     .master_cf = "cleanup unix n - y - 0 cleanup\n"
                  "postlog unix n - n - 1 postlogd\n",
     .findings = {{2, "/var/log/postfix.log"}}},
    {.title = "process limits and privileges that a program requires",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "qmgr unix n - n 300 - qmgr\n"
                  "cleanup unix n - y - 10 cleanup\n"
                  "local unix - y n - - local\n"
                  "tlsmgr unix - - y 1000? 1 tlsmgr\n",
     .findings = {{1, "-"}, {2, "10"}, {3, "y"}}},
    {.title = "arguments of the programs that take them",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "procmail unix - n n - - pipe\n"
                  "  flags=R user=nobody argv=/usr/bin/procmail -t\n"},
    {.title = "pipe(8) and spawn(8) require a user that is neither root nor Postfix's",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "a unix - n n - - pipe\n"
                  "  flags=Rq argv=/bin/cat\n"
                  "b unix - n n - - pipe\n"
                  "  user=root argv=/bin/cat\n"
                  "c unix - n n - 0 spawn\n"
                  "  user=postfix argv=/bin/cat\n"
                  "d unix - n n - - pipe\n"
                  "  user=vmail\n",
     .findings = {{1, "pipe"}, {4, "user=root"}, {6, "user=postfix"}, {7, "pipe"}}},
    {.title = "attributes and flags that pipe(8) does not have",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "a unix - n n - - pipe\n"
                  "  usr=vmail user=vmail argv=/bin/cat\n"
                  "b unix - n n - - pipe\n"
                  "  flags=RqZ user=vmail argv=/bin/cat\n",
     .findings = {{2, "usr=vmail"}, {4, "flags=RqZ"}}},
    {.title = "limits that do not go together",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "myhostname = mail.example.com\n"
                "mailbox_size_limit = 1000\n"
                "virtual_mailbox_limit = 20000000\n",
     .master_cf = "local unix - n n - - local\n"
                  "virtual unix - n n - - virtual\n",
     .findings = {{3, "1000"}}},
    {.title = "logins: each program knows its own types, and smtp(8) needs a table of passwords",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtp_sasl_auth_enable = yes\n"
                "smtpd_sasl_type = Dovecot\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "submission inet n - y - - smtpd\n"
                  "  -o smtpd_sasl_auth_enable=yes\n"
                  "smtp unix - - y - - smtp\n"
                  "relay unix - - y - - smtp\n",
     .findings = {{2, "yes"}, {3, "Dovecot"}}},
    {.title = "the group of postdrop(1) is that of mail_owner: Postfix does not start at all",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "setgid_group = postfix\n",
     .master_cf = "local unix - n n - - local\n",
     .findings = {{2, "postfix"}}},
    {.title = "commands run as the mail system",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "mail_owner = postfix\n"
                "default_privs = $mail_owner\n",
     .master_cf = "local unix - n n - - local\n",
     .findings = {{3, "$mail_owner"}}},
    {.title = "services without an address to listen on",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "inet_interfaces =\n",
     .master_cf = "smtp inet n - y - - smtpd\n",
     .findings = {{2, ""}}},
    {.title = "services with addresses of their own",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "inet_interfaces =\n",
     .master_cf = "127.0.0.1:smtp inet n - y - - smtpd\n"},
    {.title =
         "tables that proxymap(8) may not open for others: by default, smtpd asks it for users",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "alias_maps = proxy:hash:/etc/aliases\n"
                "proxy_read_maps = $virtual_mailbox_maps\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "local unix - n n - - local\n",
     .findings = {{3, "$virtual_mailbox_maps"}}},
    {.title = "tables that proxymap(8) may open",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "alias_maps = proxy:hash:/etc/aliases\n"
                "proxy_read_maps = $local_recipient_maps\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "local unix - n n - - local\n"},
    {.title = "a relayhost that is the host itself: Postfix does not start at all",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "myhostname = mail.example.com\n"
                "relayhost = mail.example.com\n",
     .master_cf = "local unix - n n - - local\n",
     .findings = {{3, "mail.example.com"}}},
};

const struct rule rule_service_would_not_start = {
    .name = "service-would-not-start",
    .summary = "a line of master.cf with which its program does not start",
    .why = "master(8) starts a program when it is needed, with the arguments of its line in "
           "master.cf, and the program exits if it does not accept them.  The socket remains open: "
           "clients connect and wait for a greeting that never comes, and mail stays in the queue; "
           "only the log shows why.\n\n"
           "Most programs accept only options: after a space in the value of -o, the rest is a "
           "separate argument, and the program exits.  Some require a process limit (exactly 1 for "
           "qmgr, tlsmgr and others; 0, which means no limit, for cleanup and bounce) or root "
           "privileges.",
    .source = "master(5); src/master/single_server.c, multi_server.c, event_server.c and "
              "trigger_server.c; facts/programs.yaml",
    .severity = SEVERITY_ERROR,
    .check = check_start,
    RULE_EXAMPLES(examples),
};
