/* tls_loglevel - the log should say what TLS did, and not drown in it */
#include "rules/tls/tls.h"

/* --- too much --------------------------------------------------------------------------------- */

static bool is_loglevel(struct str name)
{
    return str_ends(name, "_tls_loglevel") || str_is(name, "tlsproxy_client_loglevel");
}

/* check_value_of - a level above 1 is for the time of a search alone */
static void check_level(struct check *check, const struct line *line, struct str name,
                        struct str value)
{
    if (!is_loglevel(name) || !str_is_digits(value) || value.len != 1 || value.at[0] < '2')
        return;
    bool dumps = value.at[0] > '2';
    struct finding *finding = check_reportf(
        check, line_span(line, value), "write 1 when the search is over",
        "%.*s = %.*s is for debugging: %s", STR_ARG(name), STR_ARG(value),
        dumps ? "it dumps the TLS negotiation, or all that is transmitted, into the log"
              : "it logs every step of each TLS handshake");
    if (dumps)
        finding->severity = SEVERITY_WARNING;
    if (tls_may_improve(check))
        finding_edit(check, finding, line_span(line, value), (struct str)STR("1"));
}

static void check_levels(struct check *check)
{
    const struct config *config = check->config;

    for (size_t i = 0; i < config->main_cf.count; i++) {
        const struct main_cf_entry *entry = config->main_cf.entries[i];
        if (!entry->overridden)
            check_level(check, &entry->line, entry->name, entry->value);
    }
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
            if (service_override_named(service, o->name) == o)
                check_level(check, &service->line, o->name, o->value);
    }
}

/* is_verbose - "-v", "-vv" */
static bool is_verbose(const struct master_argument *argument)
{
    struct str text = argument->text;

    return argument->option && !argument->is_value && text.len > 1 &&
           str_span(text, 1, "v") == text.len;
}

/* remove_flag - "-v" goes; of "-vo name=value" only the v, as "-o" needs the dash */
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
        return; /* a program of somebody else's */
    for (size_t i = 0; i < service->argument_count; i++) {
        const struct master_argument *argument = &service->arguments[i];
        if (!is_verbose(argument))
            continue;
        if (finding == NULL)
            finding = check_reportf(
                check, line_span(&service->line, argument->place),
                "remove it when the search is over; debug_peer_list does the same for one client",
                "\"-v\" makes the service \"%.*s\" log its inner workings with each mail: the log "
                "fills, and what matters is lost in it",
                STR_ARG(service->name));
        if (tls_may_improve(check))
            remove_flag(check, finding, service, argument);
    }
}

/* --- too little ------------------------------------------------------------------------------- */

/* will_use_tls - does main.cf's SMTP client use TLS, now or after wrappermode's fix?  Where
   tls-security-level turns it on, it sets the log level too */
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
    struct finding *finding = check_reportf(
        check, check_span(check, NULL, PARAM_SMTP_TLS_LOGLEVEL), "write smtp_tls_loglevel = 1",
        "nothing in the log tells whether outgoing mail went over TLS: smtp_tls_loglevel is not "
        "set");
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
    {.title = "TLS for outgoing mail, and no word of it in the log",
     .platform = "rhel9",
     .main_cf = "smtp_tls_security_level = may\n",
     .findings = {{2, NULL}},
     .fixed_main_cf = "smtp_tls_security_level = may\n"
                      "smtp_tls_loglevel = 1\n"},
    {.title = "the lines of a good guide",
     .platform = "rhel9",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtp_tls_loglevel = 1\n"},
    {.title = "no TLS that could be logged, as somebody decided",
     .platform = "rhel9",
     .main_cf = "smtp_tls_security_level = none\n"},
    {.title = "a level of 3 and -v that were left behind",
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
    {.title = "in all its forms, with CR LF",
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
    {.title = "a -v of another program, and one that is the delivery agent's",
     .platform = "debian13",
     .main_cf = "smtp_tls_loglevel = 1\n",
     .master_cf = "10023 inet n n n - 0 spawn user=nobody argv=/usr/sbin/policyd -v\n"
                  "maildrop unix - n n - - pipe flags=DRhu argv=/usr/bin/maildrop -v\n"
                  "x unix - n n - - /usr/local/libexec/x -v\n"},
    {.title = "an expression is not judged",
     .platform = "debian13",
     .main_cf = "smtp_tls_loglevel = $noise\n"
                "noise = 2\n"},
};

const struct rule rule_tls_loglevel = {
    .name = "tls-loglevel",
    .summary = "the log says that TLS was used, and no more",
    .why = "The log should say of each TLS session that it took place, and no more.  With "
           "smtp_tls_loglevel = 1 the SMTP client logs one line, such as \"Trusted TLS connection "
           "established to ...: TLSv1.3 with cipher ...\"; without it nobody notices when mail no "
           "longer goes over TLS.  Level 2 and more, and \"-v\" behind a command in master.cf, are "
           "for the search of a fault: postconf(5) says not to use 2 or higher otherwise, and "
           "strongly discourages 4.  Left on, they slow the server down, bury what matters, and "
           "may put into the log what nobody should read.  For one client alone there is "
           "debug_peer_list.",
    .source = "postconf(5), smtp_tls_loglevel; DEBUG_README",
    .severity = SEVERITY_ADVICE,
    .check = check_tls_loglevel,
    RULE_EXAMPLES(examples),
};
