/* wrappermode - is implicit TLS used on port 465, and only there, by server and client? */
#include "rules/tls/tls.h"

/* check_missing - port 465 without implicit TLS */
static void check_missing(struct check *check, const struct service *service)
{
    bool certificate = tls_certificate(check->config, service) != 0;
    struct finding *finding = check_reportf(
        check, line_span(&service->line, service->name),
        certificate ? "add -o smtpd_tls_wrappermode=yes to this service"
                    : "set a certificate (smtpd_tls_chain_files), then add -o "
                      "smtpd_tls_wrappermode=yes to this service",
        "mail clients fail with \"An unexpected TLS packet was received\", or time out: on port "
        "465 TLS starts at once (RFC 8314), but this service expects STARTTLS");

    if (certificate && tls_may_improve(check))
        tls_set_override(check, finding, service, PARAM_SMTPD_TLS_WRAPPERMODE, "yes");
}

/* check_wrong_port - port 25 or 587 with implicit TLS, where clients wait for a greeting */
static void check_wrong_port(struct check *check, const struct service *service, int port)
{
    const char *why =
        port == SMTP_PORT
            ? "other mail servers cannot deliver mail"
            : "clients that use STARTTLS, as is usual on this port, cannot submit mail";
    const char *advice =
        port == SMTP_PORT
            ? "set -o smtpd_tls_wrappermode=no here, and offer implicit TLS only on port 465"
            : "offer implicit TLS on port 465 (submissions), and turn it off here after the "
              "clients have moved";
    struct finding *finding =
        check_reportf(check, check_span(check, service, PARAM_SMTPD_TLS_WRAPPERMODE), advice,
                      "%s: the service \"%.*s\" on port %d has wrapper mode, but clients wait for "
                      "the server's greeting there",
                      why, STR_ARG(service->name), port);

    if (port == SMTP_PORT)
        finding->severity = SEVERITY_ERROR;
    if (port == SMTP_PORT && tls_may_improve(check))
        tls_set_override(check, finding, service, PARAM_SMTPD_TLS_WRAPPERMODE, "no");
}

/* check_certificate - without a certificate smtpd(8) cannot do wrapper mode */
static void check_certificate(struct check *check, const struct service *service)
{
    if (tls_certificate(check->config, service) != 0)
        return;
    struct finding *finding = check_reportf(
        check, check_span(check, service, PARAM_SMTPD_TLS_WRAPPERMODE),
        "set smtpd_tls_chain_files, or smtpd_tls_cert_file and smtpd_tls_key_file",
        "smtpd(8) drops each connection (\"Wrapper-mode request dropped ... TLS context "
        "initialization failed\"): the service \"%.*s\" has wrapper mode, but no certificate",
        STR_ARG(service->name));
    finding->severity = SEVERITY_ERROR;
}

/* is_for_others - is the level of main.cf that of a service without wrapper mode, too? */
static bool is_for_others(const struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], "smtpd") &&
            service_override(master_cf->services[i], PARAM_SMTPD_TLS_SECURITY_LEVEL) == NULL &&
            !tls_is_wrapped(check, master_cf->services[i]))
            return true;
    return false;
}

/* check_level - smtpd(8) ignores the level in wrapper mode, so that none is misleading */
static void check_level(struct check *check, const struct service *service)
{
    struct span span = check_span(check, service, PARAM_SMTPD_TLS_SECURITY_LEVEL);

    if (!check_is_set(check, service, PARAM_SMTPD_TLS_SECURITY_LEVEL) ||
        (service_override(service, PARAM_SMTPD_TLS_SECURITY_LEVEL) == NULL &&
         is_for_others(check)) ||
        check_is_reported(check, span) ||
        !str_is_nocase(check_value(check, service, PARAM_SMTPD_TLS_SECURITY_LEVEL), "none"))
        return;
    check_reportf(check, span, "set -o smtpd_tls_security_level=encrypt for this service",
                  "level none has no effect: the service \"%.*s\" has wrapper mode, and all its "
                  "sessions use TLS",
                  STR_ARG(service->name));
}

static void check_service(struct check *check, const struct service *service)
{
    int port = service_port(service);
    int wrapper = config_flag(check->config, service, PARAM_SMTPD_TLS_WRAPPERMODE);

    if (wrapper == 0 && port == SUBMISSIONS_PORT)
        check_missing(check, service);
    if (wrapper != 1)
        return;
    check_level(check, service);
    if (port == SMTP_PORT || port == SUBMISSION_PORT)
        check_wrong_port(check, service, port);
    else
        check_certificate(check, service);
}

static void check_wrappermode(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], "smtpd") &&
            str_is(master_cf->services[i]->type, "inet"))
            check_service(check, master_cf->services[i]);
    tls_check_relays(check);
}

static const struct example examples[] = {
    {.title =
         "port 465 without wrapper mode: msmtp reports \"An unexpected TLS packet was received\"",
     .platform = "rhel7",
     .main_cf = "smtpd_tls_cert_file = /etc/ssl/example.jp/server.crt\n"
                "smtpd_tls_security_level = may\n",
     .master_cf = "smtp      inet  n       -       n       -       -       smtpd  -v\n"
                  "smtps     inet  n       -       n       -       -       smtpd  -v\n"
                  "#  -o smtpd_tls_wrappermode=yes\n",
     .findings = {{2, "smtps"}},
     .fixed_master_cf = "smtp      inet  n       -       n       -       -       smtpd  -v\n"
                        "smtps     inet  n       -       n       -       -       smtpd  -v\n"
                        "  -o smtpd_tls_wrappermode=yes\n"
                        "#  -o smtpd_tls_wrappermode=yes\n"},
    {.title = "port 465 with wrapper mode",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_chain_files = /etc/pki/tls/private/mail.pem\n",
     .master_cf = "submissions inet n - n - - smtpd\n"
                  "  -o smtpd_tls_wrappermode=yes\n"},
    {.title = "no becomes yes; the port given as a number, on one address; with CR LF",
     .platform = "debian13",
     .main_cf = "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n",
     .master_cf = "192.0.2.1:465 inet n - y - - smtpd\r\n"
                  "    -o smtpd_tls_wrappermode=no\r\n"
                  "[2001:db8::1]:465 inet n - y - - smtpd\r\n"
                  "    -o syslog_name=postfix/submissions\r\n",
     .findings = {{1, "192.0.2.1:465"}, {3, "[2001:db8::1]:465"}},
     .fixed_master_cf = "192.0.2.1:465 inet n - y - - smtpd\r\n"
                        "    -o smtpd_tls_wrappermode=yes\r\n"
                        "[2001:db8::1]:465 inet n - y - - smtpd\r\n"
                        "    -o syslog_name=postfix/submissions\r\n"
                        "    -o smtpd_tls_wrappermode=yes\r\n"},
    {.title = "wrapper mode from an expression and from main.cf",
     .platform = "debian13",
     .main_cf = "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "implicit = yes\n",
     .master_cf = "submissions inet n - y - - smtpd\n"
                  "  -o smtpd_tls_wrappermode=$implicit\n"
                  "465 inet n - y - - smtpd\n"
                  "  -o { smtpd_tls_wrappermode = ${implicit?{yes}:{no}} }\n"},
    {.title = "level none has no effect in wrapper mode: smtpd does not use it",
     .platform = "debian13",
     .main_cf = "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "smtpd_tls_security_level = none\n",
     .master_cf = "submissions inet n - y - - smtpd -o smtpd_tls_wrappermode=yes\n",
     .findings = {{2, "none"}}},
    {.title = "level none is for port 25",
     .platform = "debian13",
     .main_cf = "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "smtpd_tls_security_level = none\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "submissions inet n - y - - smtpd -o smtpd_tls_wrappermode=yes\n"},
    {.title = "wrapper mode from main.cf applies to port 25; port 587 overrides it",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_chain_files = /etc/pki/tls/private/mail.pem\n"
                "smtpd_tls_wrappermode = yes\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "submission inet n - n - - smtpd\n"
                  "  -o smtpd_tls_wrappermode=no\n"
                  "submissions inet n - n - - smtpd\n",
     .findings = {{2, "yes"}},
     .fixed_master_cf = "smtp inet n - n - - smtpd\n"
                        "  -o smtpd_tls_wrappermode=no\n"
                        "submission inet n - n - - smtpd\n"
                        "  -o smtpd_tls_wrappermode=no\n"
                        "submissions inet n - n - - smtpd\n"},
    {.title = "wrapper mode on port 587: its clients have to move before it is turned off",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_chain_files = /etc/pki/tls/private/mail.pem\n",
     .master_cf = "submission inet n - n - - smtpd\n"
                  "  -o smtpd_tls_wrappermode=yes\n",
     .findings = {{2, "yes"}}},
    {.title = "no certificate: every connection is dropped",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n",
     .master_cf = "submissions inet n - n - - smtpd\n"
                  "  -o smtpd_tls_wrappermode=yes\n",
     .findings = {{2, "yes"}}},
    {.title = "neither wrapper mode nor a certificate: one is of no use without the other",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n",
     .master_cf = "submissions inet n - n - - smtpd\n",
     .findings = {{1, "submissions"}}},
    {.title = "the service's own certificate, and none for anonymous TLS",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n",
     .master_cf = "submissions inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n"
                  "  -o smtpd_tls_cert_file=/etc/pki/tls/certs/mail.pem\n"
                  "127.0.0.1:465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes\n"
                  "  -o smtpd_tls_cert_file=none\n"},
    {.title = "port 465 of another program is not checked",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n",
     .master_cf = "465 inet n n n - - spawn user=nobody argv=/usr/libexec/tlsproxy\n"
                  "submissions unix - - n - - smtpd\n"},
    {.title = "an upgrade reports it, but does not change what the server answers",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "smtpd_tls_chain_files = /etc/pki/tls/private/mail.pem\n",
     .master_cf = "submissions inet n - n - - smtpd\n",
     .findings = {{1, "submissions"}}},
    {.title = "all mail goes to a relay's port 465",
     .platform = "debian13",
     .main_cf = "smtp_tls_security_level = may\n"
                "relayhost = [mail.example.com]:465\n",
     .master_cf = "smtp unix - - y - - smtp\n"
                  "relay unix - - y - - smtp\n",
     .findings = {{2, "[mail.example.com]:465"}},
     .fixed_main_cf = "smtp_tls_security_level = encrypt\n"
                      "relayhost = [mail.example.com]:465\n"
                      "smtp_tls_wrappermode = yes\n"},
    {.title = "the same without a level, by the service's name",
     .platform = "debian13",
     .main_cf = "relayhost = [mail.example.com]:submissions\n"
                "smtp_tls_wrappermode = no\n",
     .findings = {{1, "[mail.example.com]:submissions"}},
     .fixed_main_cf = "relayhost = [mail.example.com]:submissions\n"
                      "smtp_tls_wrappermode = yes\n"
                      "smtp_tls_security_level = encrypt\n"},
    {.title = "a relay on port 465 that is configured correctly",
     .platform = "debian13",
     .main_cf = "relayhost = [mail.example.com]:465\n"
                "smtp_tls_wrappermode = yes\n"
                "smtp_tls_security_level = secure\n"},
    {.title = "wrapper mode without level encrypt: the client skips every server",
     .platform = "debian13",
     .main_cf = "relayhost = [mail.example.com]:smtps\n"
                "smtp_tls_wrappermode = yes\n",
     .findings = {{2, "yes"}},
     .fixed_main_cf = "relayhost = [mail.example.com]:smtps\n"
                      "smtp_tls_wrappermode = yes\n"
                      "smtp_tls_security_level = encrypt\n"},
    {.title = "another service inherits from main.cf: the administrator has to decide",
     .platform = "debian13",
     .main_cf = "relayhost = [mail.example.com]:465\n"
                "smtp_tls_security_level = may\n"
                "content_filter = scan:[127.0.0.1]:10025\n",
     .master_cf = "smtp unix - - y - - smtp\n"
                  "scan unix - - y - 2 smtp\n",
     .findings = {{1, "[mail.example.com]:465"}}},
    {.title = "a separate service for port 465",
     .platform = "debian13",
     .main_cf = "smtp_tls_security_level = may\n"
                "default_transport = smtptls:[mail.example.com]:465\n",
     .master_cf = "smtp unix - - y - - smtp\n"
                  "smtptls unix - - y - - smtp\n",
     .findings = {{2, "smtptls:[mail.example.com]:465"}},
     .fixed_master_cf = "smtp unix - - y - - smtp\n"
                        "smtptls unix - - y - - smtp\n"
                        "  -o smtp_tls_wrappermode=yes\n"
                        "  -o smtp_tls_security_level=encrypt\n"},
    {.title = "a separate service that is right for port 465, but also delivers to port 25",
     .platform = "debian13",
     .main_cf = "smtp_tls_security_level = may\n"
                "default_transport = smtptls:[mail.example.com]:465\n"
                "relay_transport = smtptls:[mx.example.com]\n",
     .master_cf = "smtptls unix - - y - - smtp\n"
                  "  -o smtp_tls_wrappermode=yes -o smtp_tls_security_level=encrypt\n",
     .findings = {{3, "smtptls:[mx.example.com]"}}},
    {.title = "wrapper mode for all mail, but mail is sent to port 25 of other servers",
     .platform = "debian13",
     .main_cf = "smtp_tls_wrappermode = yes\n"
                "smtp_tls_security_level = encrypt\n",
     .findings = {{1, "yes"}}},
};

const struct rule rule_wrappermode = {
    .name = "wrappermode",
    .summary = "wrapper mode (TLS before SMTP) is missing on port 465, or set on another port",
    .why = "In wrapper mode the whole SMTP session is wrapped in TLS: the handshake comes before "
           "the server's greeting, whereas a session with STARTTLS starts unencrypted.\n\n"
           "Wrapper mode is not specific to Outlook, and no longer \"non-standard\": the old "
           "documentation calls it so because the registration of port 465 was revoked in 1998, "
           "and only some clients continued to use it.  RFC 8314 (2018) registered port 465 for "
           "submission over implicit TLS, and recommends it over STARTTLS on port 587.\n\n"
           "A service on port 465 needs smtpd_tls_wrappermode=yes; smtpd_tls_security_level does "
           "not turn it on, and smtpd(8) ignores the level in wrapper mode.  On ports 25 and 587 "
           "clients wait for a greeting: there it must be off.\n\n"
           "The SMTP client needs smtp_tls_wrappermode = yes for a relay on port 465, together "
           "with smtp_tls_security_level = encrypt or a stronger level.  The setting applies to "
           "all ports that the client connects to: if mail is sent to port 465 and to other ports, "
           "add a separate service to master.cf.",
    .source = "RFC 8314, sections 3 and 7.3; postconf(5), smtpd_tls_wrappermode and "
              "smtp_tls_wrappermode; TLS_README",
    .severity = SEVERITY_WARNING,
    .check = check_wrappermode,
    RULE_EXAMPLES(examples),
};
