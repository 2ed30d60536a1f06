/* tls_security_level - TLS is optional on port 25, and mandatory for submission and passwords */
#include "parser/text/token.h"
#include "rules/tls/tls.h"

/* --- port 25 ---------------------------------------------------------------------------------- */

/* follows_postscreen - is it the smtpd that receives the clients of postscreen on port 25? */
static bool follows_postscreen(const struct service *service)
{
    return str_is(service->type, "pass") && str_is(service->name, "smtpd");
}

/* check_exchanger - RFC 3207 forbids mandatory TLS on a public mail exchanger */
static void check_exchanger(struct check *check, const struct service *service)
{
    bool screen = service_runs(service, "postscreen");
    enum tls_family_number number = screen ? TLS_POSTSCREEN : TLS_SMTPD;
    struct span span = check_span(check, service, tls_families[number].level);

    if (service_port(service) != SMTP_PORT && !follows_postscreen(service))
        return;
    if (config_is_local(check->config, service) || (!screen && tls_is_wrapped(check, service)))
        return;
    if (tls_level(check->config, service, number) < TLS_ENCRYPT || check_is_reported(check, span))
        return;
    check_reportf(check, span,
                  "use level may on port 25 if other servers deliver mail here (MX), and level "
                  "encrypt for submission; smtpd_tls_auth_only = yes still protects passwords",
                  "TLS is mandatory on port 25, which RFC 3207 forbids for a public mail "
                  "exchanger: servers without TLS cannot deliver mail");
}

/* --- AUTH ------------------------------------------------------------------------------------- */

/* forbids_plaintext - are mechanisms that send the password itself only offered inside TLS? */
static bool forbids_plaintext(const struct check *check, const struct service *service)
{
    struct str rest = check_value(check, service, PARAM_SMTPD_SASL_SECURITY_OPTIONS);
    struct str word;

    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        if (str_is_nocase(word, "noplaintext"))
            return true;
    return false;
}

static bool offers_unencrypted_auth(const struct check *check, const struct service *service)
{
    const struct config *config = check->config;
    enum security_level level = tls_level(config, service, TLS_SMTPD);

    if (level != TLS_NONE && level != TLS_MAY)
        return false;
    return config_flag(config, service, PARAM_SMTPD_SASL_AUTH_ENABLE) == 1 &&
           config_flag(config, service, PARAM_SMTPD_TLS_AUTH_ONLY) == 0 &&
           !tls_is_wrapped(check, service) && !forbids_plaintext(check, service) &&
           !config_is_local(check->config, service);
}

static void check_auth(struct check *check, const struct service *service)
{
    struct span span = check_span(check, service, PARAM_SMTPD_SASL_AUTH_ENABLE);

    if (tls_submission_is_open(check, service) || !offers_unencrypted_auth(check, service) ||
        check_is_reported(check, span))
        return;
    if (tls_level(check->config, service, TLS_SMTPD) == TLS_NONE)
        check_reportf(
            check, span,
            "set a certificate, smtpd_tls_security_level = may and smtpd_tls_auth_only = yes; or "
            "turn off AUTH here",
            "passwords are sent unencrypted: the service \"%.*s\" offers AUTH and does not use TLS",
            STR_ARG(service->name));
    else
        check_reportf(
            check, span,
            "set smtpd_tls_auth_only = yes; clients that do not support STARTTLS can then no "
            "longer log in",
            "passwords may be sent unencrypted: the service \"%.*s\" offers AUTH before STARTTLS",
            STR_ARG(service->name));
}

/* --- the rule --------------------------------------------------------------------------------- */

static bool is_server(const struct service *service)
{
    return str_is(service->type, "inet") || str_is(service->type, "pass");
}

static void check_tls_security_level(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        if (!is_server(service))
            continue;
        if (service_runs(service, "postscreen") || service_runs(service, "smtpd"))
            check_exchanger(check, service);
        if (!service_runs(service, "smtpd"))
            continue;
        tls_check_submission(check, service);
        check_auth(check, service);
    }
    tls_check_outbound(check);
    tls_check_old_names(check);
}

static const struct example examples[] = {
    {.title = "Gmail shows a red lock: the SMTP client does not use TLS",
     .platform = "rhel9",
     .main_cf = "myhostname = mail.example.com\n",
     .findings = {{2, NULL}},
     .fixed_main_cf = "myhostname = mail.example.com\n"
                      "smtp_tls_security_level = may\n"
                      "smtp_tls_loglevel = 1\n"},
    {.title = "an explicit level none is reported, but not changed",
     .platform = "debian13",
     .main_cf = "smtp_tls_security_level = none\n",
     .findings = {{1, "none"}}},
    {.title = "mail that is only sent to a local filter needs no level",
     .platform = "debian13",
     .main_cf = "relayhost = [127.0.0.1]:10025\n"},
    {.title = "the newest Postfix uses TLS by default, if the compatibility level allows it",
     .platform = "postfix-3.11",
     .main_cf = "compatibility_level = 3.11\n"},
    {.title = "the old names for opportunistic TLS",
     .platform = "debian14",
     .main_cf = "smtpd_use_tls=yes\n"
                "smtp_use_tls   = yes\n"
                "smtp_tls_enforce_peername = no\n",
     .findings = {{1, "smtpd_use_tls"}, {2, "smtp_use_tls"}, {3, "smtp_tls_enforce_peername"}},
     .fixed_main_cf = "smtpd_tls_security_level=may\n"
                      "smtp_tls_security_level   = may\n"},
    {.title = "enforce_tls means verify, or encrypt if the peer name is not checked",
     .platform = "debian14",
     .main_cf = "smtpd_tls_cert_file = /etc/ssl/mail.pem\r\n"
                "smtp_use_tls = yes\r\n"
                "smtp_enforce_tls = yes\r\n"
                "lmtp_enforce_tls = yes\r\n"
                "lmtp_tls_enforce_peername = no\r\n",
     .findings = {{2, "smtp_use_tls"},
                  {3, "smtp_enforce_tls"},
                  {4, "lmtp_enforce_tls"},
                  {5, "lmtp_tls_enforce_peername"}},
     .fixed_main_cf = "smtpd_tls_cert_file = /etc/ssl/mail.pem\r\n"
                      "smtp_tls_security_level = verify\r\n"
                      "lmtp_tls_security_level = encrypt\r\n"},
    {.title = "a level that is set hides the old names",
     .platform = "debian14",
     .main_cf = "smtp_tls_security_level = dane\n"
                "smtp_use_tls = no\n"
                "smtpd_enforce_tls = yes\n"
                "smtpd_tls_security_level = may\n",
     .findings = {{2, "smtp_use_tls"}, {3, "smtpd_enforce_tls"}},
     .fixed_main_cf = "smtp_tls_security_level = dane\n"
                      "smtpd_tls_security_level = may\n"},
    {.title = "settings that are the default are removed; an empty level stays",
     .platform = "debian14",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_use_tls = no\n"
                "smtpd_enforce_tls = no\n"
                "smtpd_tls_security_level =\n",
     .findings = {{2, "smtpd_use_tls"}, {3, "smtpd_enforce_tls"}},
     .fixed_main_cf = "smtp_tls_security_level = may\n"
                      "smtpd_tls_security_level =\n"},
    {.title = "an empty level would override the new one: change it by hand",
     .platform = "debian14",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_use_tls = yes\n"
                "smtpd_tls_security_level =\n",
     .findings = {{2, "smtpd_use_tls"}}},
    {.title = "postscreen, tlsproxy and a service in wrapper mode",
     .platform = "debian14",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_cert_file = /etc/ssl/mail.pem\n"
                "smtpd_use_tls = yes\n"
                "postscreen_use_tls = no\n",
     .master_cf = "smtp inet n - y - 1 postscreen\n"
                  "smtpd pass - - y - - smtpd\n"
                  "tlsproxy unix - - y - 0 tlsproxy\n"
                  "submissions inet n - y - - smtpd\n"
                  "  -o smtpd_tls_wrappermode=yes -o smtpd_enforce_tls=yes\n",
     .findings = {{3, "smtpd_use_tls"}, {4, "postscreen_use_tls"}, {5, "smtpd_enforce_tls"}},
     .fixed_main_cf = "smtp_tls_security_level = may\n"
                      "smtpd_tls_cert_file = /etc/ssl/mail.pem\n"
                      "smtpd_tls_security_level = may\n"
                      "postscreen_tls_security_level = none\n",
     .fixed_master_cf = "smtp inet n - y - 1 postscreen\n"
                        "smtpd pass - - y - - smtpd\n"
                        "tlsproxy unix - - y - 0 tlsproxy\n"
                        "submissions inet n - y - - smtpd\n"
                        "  -o smtpd_tls_wrappermode=yes -o smtpd_tls_security_level=encrypt\n"},
    {.title = "main.cf and a service, each with settings of its own",
     .platform = "debian14",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_cert_file = /etc/ssl/mail.pem\n"
                "smtpd_use_tls = yes\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "2525 inet n - y - - smtpd\n"
                  "  -o smtpd_enforce_tls=yes\n"
                  "  -o smtpd_use_tls=yes\n"
                  "  -o syslog_name=postfix/2525\n",
     .findings = {{3, "smtpd_use_tls"}, {3, "smtpd_enforce_tls"}, {4, "smtpd_use_tls"}},
     .fixed_main_cf = "smtp_tls_security_level = may\n"
                      "smtpd_tls_cert_file = /etc/ssl/mail.pem\n"
                      "smtpd_tls_security_level = may\n",
     .fixed_master_cf = "smtp inet n - y - - smtpd\n"
                        "2525 inet n - y - - smtpd\n"
                        "  -o smtpd_tls_security_level=encrypt\n"
                        "  -o syslog_name=postfix/2525\n"},
    {.title = "an empty -o makes the old name in main.cf effective: nothing is changed",
     .platform = "debian14",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_cert_file = /etc/ssl/mail.pem\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_enforce_tls = yes\n",
     .master_cf = "2525 inet n - y - - smtpd\n"
                  "  -o { smtpd_tls_security_level = }\n",
     .findings = {{4, "smtpd_enforce_tls"}}},
    {.title = "an old name that another value refers to stays",
     .platform = "debian14",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_use_tls = yes\n"
                "smtpd_tls_auth_only = $smtpd_use_tls\n",
     .findings = {{2, "smtpd_use_tls"}}},
    {.title = "port 25 of a mail exchanger requires TLS",
     .platform = "rhel10",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_security_level = encrypt\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "submission inet n - n - - smtpd\n",
     .findings = {{2, "encrypt"}}},
    {.title = "postscreen on port 25, and the smtpd that it passes clients to",
     .platform = "debian13",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_security_level = may\n"
                "postscreen_tls_security_level = encrypt\n",
     .master_cf = "smtp inet n - y - 1 postscreen\n"
                  "smtpd pass - - y - - smtpd\n"
                  "  -o smtpd_tls_security_level=encrypt\n",
     .findings = {{3, "encrypt"}, {3, "encrypt"}}},
    {.title = "port 25 that only the machine itself can reach may require TLS",
     .platform = "rhel10",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_security_level = encrypt\n"
                "inet_interfaces = loopback-only\n",
     .master_cf = "smtp inet n - n - - smtpd\n"},
    {.title = "submission that does not require TLS",
     .platform = "rhel10",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_tls_chain_files = /etc/pki/tls/private/mail.pem\n"
                "smtpd_tls_auth_only = yes\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "submission inet n - n - - smtpd\n"
                  "  -o syslog_name=postfix/submission\n"
                  "127.0.0.1:587 inet n - n - - smtpd\n"
                  "192.0.2.1:587 inet n - n - - smtpd\n"
                  "\t-o smtpd_tls_security_level=may -o smtpd_sasl_auth_enable=yes\n",
     .findings = {{2, "submission"}, {6, "may"}},
     .fixed_master_cf = "smtp inet n - n - - smtpd\n"
                        "submission inet n - n - - smtpd\n"
                        "  -o syslog_name=postfix/submission\n"
                        "  -o smtpd_tls_security_level=encrypt\n"
                        "127.0.0.1:587 inet n - n - - smtpd\n"
                        "192.0.2.1:587 inet n - n - - smtpd\n"
                        "\t-o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes\n"},
    {.title = "submission with an old name: the level is set once",
     .platform = "debian14",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_cert_file = /etc/ssl/mail.pem\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_use_tls=yes\n",
     .findings = {{1, "submission"}, {2, "smtpd_use_tls"}},
     .fixed_master_cf = "submission inet n - y - - smtpd\n"
                        "  -o smtpd_tls_security_level=encrypt\n"},
    {.title = "submission without a certificate: a level alone would not help",
     .platform = "rhel10",
     .main_cf = "smtp_tls_security_level = may\n",
     .master_cf = "submission inet n - n - - smtpd\n",
     .findings = {{1, "submission"}}},
    {.title = "AUTH before STARTTLS, reported once",
     .platform = "debian13",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_sasl_auth_enable = yes\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "2525 inet n - y - - smtpd\n"
                  "submission inet n - y - - smtpd -o smtpd_tls_security_level=encrypt\n",
     .findings = {{3, "yes"}}},
    {.title = "AUTH that requires TLS, or does not send the password itself",
     .platform = "debian13",
     .main_cf = "smtp_tls_security_level = may\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_sasl_auth_enable = yes\n",
     .master_cf = "smtp inet n - y - - smtpd -o smtpd_tls_auth_only=yes\n"
                  "submissions inet n - y - - smtpd -o smtpd_tls_wrappermode=yes\n"
                  "2525 inet n - y - - smtpd\n"
                  "  -o smtpd_sasl_security_options=noanonymous,noplaintext\n"
                  "127.0.0.1:10025 inet n - y - - smtpd\n"},
    {.title = "an upgrade changes no level, but replaces the old names",
     .platform = "debian14",
     .from = "debian11",
     .main_cf = "smtpd_use_tls = yes\n"
                "smtpd_tls_cert_file = /etc/ssl/mail.pem\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "smtp unix - - y - - smtp\n",
     .findings = {{1, "smtpd_use_tls"}, {3, NULL}, {1, "submission"}},
     .fixed_main_cf = "smtpd_tls_security_level = may\n"
                      "smtpd_tls_cert_file = /etc/ssl/mail.pem\n"},
};

const struct rule rule_tls_security_level = {
    .name = "tls-security-level",
    .summary =
        "TLS is not used for outgoing mail, not required for submission, or required on port 25",
    .why = "Each program has a parameter, its security level, that says whether TLS is not used, "
           "optional or mandatory; the older ..._use_tls and ..._enforce_tls have an effect only "
           "if the level is empty.\n\n"
           "Between servers TLS is optional: a public mail exchanger must also accept unencrypted "
           "mail (RFC 3207, section 4).  Port 25 therefore has smtpd_tls_security_level = may, and "
           "the SMTP client has smtp_tls_security_level = may: it uses STARTTLS if the server "
           "offers it.  With an empty level the client does not use TLS, and receivers such as "
           "Gmail show an open lock.\n\n"
           "Those who connect to port 587, for submission, are users of the server: level encrypt "
           "is right there (RFC 8314, section 3.3), and AUTH is then offered only inside TLS.  If "
           "the level is may, smtpd_tls_auth_only = yes does that.\n\n"
           "The parameters ..._use_tls, ..._enforce_tls and ..._tls_enforce_peername are from the "
           "time before there were levels; postconf(1) now warns that they will be removed.  The "
           "fix replaces them with the level that they resolve to: \"use\" becomes may; "
           "\"enforce\" becomes encrypt in a server, and in a client verify, or encrypt if the "
           "peer name is not checked.",
    .source = "RFC 3207, section 4; RFC 8314, section 3.3; TLS_README; DEPRECATION_README; "
              "postconf(5), smtp_tls_security_level, smtpd_tls_auth_only",
    .severity = SEVERITY_WARNING,
    .check = check_tls_security_level,
    RULE_EXAMPLES(examples),
};
