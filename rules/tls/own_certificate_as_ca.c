/* own_certificate_as_ca - the host's own certificate where those of authorities belong */
#include "base/path.h"
#include "rules/tls/tls.h"

/* is_own_certificate - is PATH in the directory of the host's certificate, as certbot writes it? */
static bool is_own_certificate(const struct check *check, struct str path)
{
    static const enum parameter_number numbers[] = {
        PARAM_SMTPD_TLS_CERT_FILE, PARAM_SMTPD_TLS_ECCERT_FILE, PARAM_SMTP_TLS_CERT_FILE};
    static const char *const names[] = {"cert.pem", "fullchain.pem", "privkey.pem"};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct str own = check_value(check, NULL, numbers[i]);
        if (own.len > 0 && str_eq(path, own))
            return true;
        if (own.len == 0 || !str_eq(path_directory(path), path_directory(own)))
            continue;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++)
            if (str_is(path_base(path), names[k]))
                return true;
    }
    return false;
}

/* check_client - the settings of smtp(8), in SERVICE or (NULL) in main.cf */
static void check_client(struct check *check, const struct service *service)
{
    struct str file = check_value(check, service, PARAM_SMTP_TLS_CAFILE);

    if (file.len == 0 || !is_own_certificate(check, file) ||
        check_value(check, service, PARAM_SMTP_TLS_CAPATH).len > 0 ||
        config_flag(check->config, service, PARAM_TLS_APPEND_DEFAULT_CA) == 1)
        return;
    struct str bundle = check->config->platform->ca_file;
    check_reportf(
        check, check_span(check, service, PARAM_SMTP_TLS_CAFILE),
        bundle.len == 0
            ? "name the file with the certificates of the authorities"
            : arena_cstr(check->arena,
                         arena_printf(check->arena, "set smtp_tls_CAfile = %.*s", STR_ARG(bundle))),
        "%.*s is this host's own certificate: smtp(8) trusts no other server with it",
        STR_ARG(file));
}

static void check_clients(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    if (check_is_set(check, NULL, PARAM_SMTP_TLS_CAFILE))
        check_client(check, NULL);
    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], "smtp") &&
            service_override(master_cf->services[i], PARAM_SMTP_TLS_CAFILE) != NULL)
            check_client(check, master_cf->services[i]);
}

static const struct example examples[] = {
    {.title = "the certificate that certbot(1) keeps beside that of the server",
     .platform = "debian12",
     .main_cf = "smtpd_tls_cert_file = /etc/letsencrypt/live/mail.example.com/fullchain.pem\n"
                "smtp_tls_CAfile = /etc/letsencrypt/live/mail.example.com/cert.pem\n",
     .findings = {{2, "/etc/letsencrypt/live/mail.example.com/cert.pem"}}},
    {.title = "the same file, in one service",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_cert_file = /etc/pki/tls/certs/postfix.pem\n",
     .master_cf = "smtp unix - - n - - smtp\n"
                  "  -o smtp_tls_CAfile=$smtpd_tls_cert_file\n",
     .findings = {{2, "$smtpd_tls_cert_file"}}},
    {.title = "a CA of one's own in the same directory, or the authorities besides",
     .platform = "debian12",
     .main_cf = "smtpd_tls_cert_file = /etc/postfix/tls/mail.pem\n"
                "smtp_tls_CAfile = /etc/postfix/tls/our-ca.pem\n",
     .master_cf = "smtp unix - - y - - smtp\n"
                  "  -o smtp_tls_CAfile=$smtpd_tls_cert_file\n"
                  "  -o tls_append_default_CA=yes\n"},
};

const struct rule rule_own_certificate_as_ca = {
    .name = "own-certificate-as-ca",
    .summary = "the host's own certificate where those of authorities belong",
    .why =
        "smtp_tls_CAfile has the authorities whose signatures smtp(8) believes when it checks the "
        "certificates of other servers.  With the host's own certificate in it none of theirs is "
        "trusted: at the level verify or secure all mail is deferred, and at may the log says "
        "\"Untrusted TLS connection\" for every server.  The host's certificate belongs in "
        "smtpd_tls_cert_file.",
    .source = "postconf(5), smtp_tls_CAfile; TLS_README",
    .severity = SEVERITY_WARNING,
    .check = check_clients,
    RULE_EXAMPLES(examples),
};
