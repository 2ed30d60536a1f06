/* tls_loglevel - does the log show that TLS was used, without debugging output? */
#include "parser/postfix/written.h"
#include "rules/tls/tls.h"

/* --- too much --------------------------------------------------------------------------------- */

static bool is_loglevel(struct str name)
{
    return str_ends(name, "_tls_loglevel") || str_is(name, "tlsproxy_client_loglevel");
}

/* check_level - a level above 1 is for debugging only */
static void check_level(struct check *check, const struct line *line, struct str name,
                        struct str value)
{
    if (!is_loglevel(name) || !str_is_digits(value) || value.len != 1 || value.at[0] < '2')
        return;
    bool dumps = value.at[0] > '2';
    struct finding *finding = check_reportf(
        check, line_span(line, value), "set it to 1 after debugging",
        "%.*s = %.*s is for debugging: %s", STR_ARG(name), STR_ARG(value),
        dumps
            ? "Postfix dumps the TLS negotiation, or all data that is sent and received, to the log"
            : "Postfix logs every step of each TLS handshake");
    if (dumps)
        finding->severity = SEVERITY_WARNING;
    if (tls_may_improve(check))
        finding_edit(check, finding, line_span(line, value), (struct str)STR("1"));
}

static void check_levels(struct check *check)
{
    struct written_walk walk = {.config = check->config};
    struct written written;

    while (written_next(&walk, &written))
        check_level(check, written.line, written.name, written.value);
}

/* is_verbose - "-v", "-vv" */
static bool is_verbose(const struct service *service, const struct master_argument *argument)
{
    struct str text = argument->text;

    return service_takes_option(service, argument) && text.len > 1 && text.at[0] == '-' &&
           str_span(text, 1, "v") == text.len;
}

/* remove_flag - removes "-v"; of "-vo name=value" only the v, as "-o" needs the dash */
static void remove_flag(struct check *check, struct finding *finding, const struct service *service,
                        const struct master_argument *argument)
{
    struct str place = argument->place;
    const struct line *line = &service->line;
    const char *end = place.at + place.len;

    if (end < line->text.at + line->text.len && !is_space(*end))
        finding_edit(check, finding, line_span(line, str_slice(place, 1, place.len)),
                     (struct str)STR(""));
    else
        finding_remove_argument(check, finding, service, place);
}

static void check_verbose(struct check *check, const struct service *service)
{
    struct finding *finding = NULL;

    if (str_find(service->command, '/', 0) < service->command.len)
        return; /* not a program of Postfix */
    for (size_t i = 0; i < service->argument_count; i++) {
        const struct master_argument *argument = &service->arguments[i];
        if (!is_verbose(service, argument))
            continue;
        if (finding == NULL)
            finding = check_reportf(
                check, line_span(&service->line, argument->place),
                "remove it after debugging; debug_peer_list does the same for one client",
                "the log fills with debug output, and important messages are lost: \"-v\" makes "
                "the service \"%.*s\" log its internal operation",
                STR_ARG(service->name));
        if (tls_may_improve(check))
            remove_flag(check, finding, service, argument);
    }
}

/* --- too little ------------------------------------------------------------------------------- */

/* will_use_tls - does the SMTP client use TLS by main.cf, now or after wrappermode's fix?  If the
   fix of tls-security-level turns TLS on, that sets the log level too */
static bool will_use_tls(const struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    bool clients = master_cf->source == NULL;

    for (size_t i = 0; i < master_cf->count && !clients; i++)
        clients = service_runs(master_cf->services[i], "smtp") &&
                  !str_is(master_cf->services[i]->type, "inet");
    return clients &&
           (tls_level(check->config, NULL, TLS_SMTP) >= TLS_MAY || tls_relay_is_fixed(check, NULL));
}

static void check_silence(struct check *check)
{
    if (check->config->main_cf.source == NULL ||
        check_is_set(check, NULL, PARAM_SMTP_TLS_LOGLEVEL) || !will_use_tls(check))
        return;
    struct finding *finding = check_reportf(check, check_span(check, NULL, PARAM_SMTP_TLS_LOGLEVEL),
                                            "set smtp_tls_loglevel = 1",
                                            "the log does not show whether outgoing mail is sent "
                                            "over TLS: smtp_tls_loglevel is not set");
    if (tls_may_improve(check))
        tls_set_main(check, finding, PARAM_SMTP_TLS_LOGLEVEL, "1");
}

/* --- the rule --------------------------------------------------------------------------------- */

static void check_tls_loglevel(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    check_silence(check);
    check_levels(check);
    for (size_t i = 0; i < master_cf->count; i++)
        check_verbose(check, master_cf->services[i]);
}

static const struct example examples[] = {
    {.title = "outgoing mail uses TLS, and the log does not show it",
     .platform = "rhel9",
     .main_cf = "smtp_tls_security_level = may\n",
     .findings = {{2, NULL}},
     .fixed_main_cf = "smtp_tls_security_level = may\n"
                      "smtp_tls_loglevel = 1\n"},
    {.title = "TLS is used and logged",
     .platform = "rhel9",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtp_tls_loglevel = 1\n"},
    {.title = "TLS is not used, so there is nothing to log",
     .platform = "rhel9",
     .main_cf = "smtp_tls_security_level = none\n"},
    {.title = "a level of 3 and -v, left from debugging",
     .platform = "rhel7",
     .main_cf = "smtp_tls_security_level = none\n"
                "smtpd_tls_loglevel = 3\n",
     .master_cf = "smtp      inet  n       -       n       -       -       smtpd  -v\n"
                  "smtps     inet  n       -       n       -       -       smtpd  -v\n"
                  "  -o smtpd_tls_wrappermode=yes\n",
     .findings = {{2, "3"}, {1, "-v"}, {2, "-v"}},
     .fixed_main_cf = "smtp_tls_security_level = none\n"
                      "smtpd_tls_loglevel = 1\n",
     .fixed_master_cf = "smtp      inet  n       -       n       -       -       smtpd\n"
                        "smtps     inet  n       -       n       -       -       smtpd\n"
                        "  -o smtpd_tls_wrappermode=yes\n"},
    {.title = "all forms of -v, with CR LF",
     .platform = "debian13",
     .main_cf = "smtp_tls_loglevel = 1\n",
     .master_cf = "smtp inet n - y - - smtpd\r\n"
                  "\t-v\r\n"
                  "587 inet n - y - - smtpd -v -v\r\n"
                  "  -o smtpd_tls_loglevel=2\r\n"
                  "cleanup unix n - y - 0 cleanup -vvo syslog_name=x\r\n"
                  "  -v -o verbose=yes\r\n",
     .findings = {{2, "-v"}, {3, "-v"}, {4, "2"}, {5, "-vv"}},
     .fixed_master_cf = "smtp inet n - y - - smtpd\r\n"
                        "587 inet n - y - - smtpd\r\n"
                        "  -o smtpd_tls_loglevel=1\r\n"
                        "cleanup unix n - y - 0 cleanup -o syslog_name=x\r\n"
                        "   -o verbose=yes\r\n"},
    {.title = "not reported: -v of another program, and in a delivery agent's command",
     .platform = "debian13",
     .main_cf = "smtp_tls_loglevel = 1\n",
     .master_cf = "10023 inet n n n - 0 spawn user=nobody argv=/usr/sbin/policyd -v\n"
                  "maildrop unix - n n - - pipe flags=DRhu argv=/usr/bin/maildrop -v\n"
                  "x unix - n n - - /usr/local/libexec/x -v\n"},
    {.title = "an expression is not checked",
     .platform = "debian13",
     .main_cf = "smtp_tls_loglevel = $noise\n"
                "noise = 2\n"},
};

const struct rule rule_tls_loglevel = {
    .name = "tls-loglevel",
    .summary = "TLS is logged too little, or in debugging detail",
    .why =
        "The log should show that a TLS session took place, and no more.  With smtp_tls_loglevel = "
        "1 the SMTP client logs one line, such as \"Trusted TLS connection established to ...: "
        "TLSv1.3 with cipher ...\"; without it, nobody notices when mail is no longer sent over "
        "TLS.  Level 2 and higher, and \"-v\" after a command in master.cf, are for debugging: "
        "postconf(5) says not to use 2 or higher otherwise, and strongly discourages 4.  If they "
        "remain set, they slow the server down, hide important messages, and may write "
        "confidential data to the log.  To debug the sessions of one client, use debug_peer_list.",
    .source = "postconf(5), smtp_tls_loglevel; DEBUG_README",
    .severity = SEVERITY_ADVICE,
    .check = check_tls_loglevel,
    RULE_EXAMPLES(examples),
};
