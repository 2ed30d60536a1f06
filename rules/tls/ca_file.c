/* ca_file - do the CA bundles and directories exist on the platform? */
#include "base/path.h"
#include "parser/postfix/written.h"
#include "rules/tls/tls.h"
#include "smtp/tls/trust.h"

/* a parameter that names a CA bundle or directory */
struct trust {
    const struct line *line;
    struct str name, value;
    bool directory;
};

static bool is_file_name(struct str name)
{
    return str_ends(name, "_tls_CAfile") || str_ends(name, "_client_CAfile") ||
           str_ends(name, "_tls_trust_anchor_file") || str_ends(name, "_trust_anchor_file");
}

static bool is_directory_name(struct str name)
{
    return str_ends(name, "_tls_CApath") || str_ends(name, "_client_CApath");
}

/* get_platform_path - the bundle or directory of the platform */
static struct str get_platform_path(const struct check *check, const struct trust *trust)
{
    const struct platform *platform = check->config->platform;

    return trust->directory ? platform->ca_directory : platform->ca_file;
}

/* describe_effect - what Postfix does if the path does not exist */
static const char *describe_effect(const struct trust *trust)
{
    if (trust->directory)
        return "no certificate can be verified";
    if (str_starts(trust->name, "smtpd_") || str_starts(trust->name, "tlsproxy_tls_"))
        return "Postfix disables TLS with a warning in the log, and answers STARTTLS with 454";
    return "Postfix disables TLS with a warning in the log, and mail is sent unencrypted, or, at "
           "level encrypt, not at all";
}

static struct finding *report_missing(struct check *check, const struct trust *trust,
                                      struct str path)
{
    struct finding *finding = check_report(
        check, line_span(trust->line, trust->value),
        arena_printf(check->arena, "%s: %.*s does not have %.*s", describe_effect(trust),
                     STR_ARG(check->config->platform->title), STR_ARG(trust->value)),
        arena_printf(check->arena, "replace with %.*s", STR_ARG(path)));

    if (!trust->directory)
        finding->severity = SEVERITY_ERROR;
    return finding;
}

/* report_outdated - the path exists, but its content is no longer updated */
static void report_outdated(struct check *check, const struct trust *trust,
                            const struct platform *old)
{
    struct finding *finding = check_report(
        check, line_span(trust->line, trust->value),
        arena_printf(check->arena,
                     "%.*s is the CA bundle of %.*s, which is no longer updated: certificates from "
                     "newer CAs cannot be verified",
                     STR_ARG(trust->value), STR_ARG(old->title)),
        (struct str)STR("move to a platform that is maintained, or install a newer CA bundle"));

    finding->severity = SEVERITY_ADVICE;
}

static void add_steps(struct check *check, struct str path)
{
    check_step(check, STEP_CHECK, arena_printf(check->arena, "test -e %.*s", STR_ARG(path)),
               (struct str)STR("Postfix needs this to verify certificates; if the CA file is "
                               "missing, it disables TLS"));
    check_step(check, STEP_AFTER,
               (struct str)STR("journalctl -u postfix | grep -e 'disabling TLS support' -e 'TLS "
                               "connection established'"),
               (struct str)STR("the log shows whether outgoing mail is sent over TLS"));
}

static void check_trust(struct check *check, const struct trust *trust)
{
    const struct platform *platform = check->config->platform;
    struct str path = get_platform_path(check, trust);
    const struct platform *old = facts_outdated_trust_path(trust->value);

    if (path.len == 0 || !tls_is_literal(trust->value))
        return;
    enum presence presence = tls_trust_on_platform(platform, trust->value);
    if (presence == PRESENCE_YES && old != NULL)
        report_outdated(check, trust, old);
    if (presence != PRESENCE_NO)
        return;
    struct finding *finding = report_missing(check, trust, path);
    finding_edit(check, finding, line_span(trust->line, trust->value), path);
    add_steps(check, path);
}

static void check_setting(struct check *check, const struct line *line, struct str name,
                          struct str value)
{
    struct trust trust = {
        .line = line, .name = name, .value = value, .directory = is_directory_name(name)};

    if (trust.directory || is_file_name(name))
        check_trust(check, &trust);
}

static void check_ca_file(struct check *check)
{
    struct written_walk walk = {.config = check->config};
    struct written written;

    while (written_next(&walk, &written))
        check_setting(check, written.line, written.name, written.value);
}

static const struct example examples[] = {
    {.title =
         "RHEL 10 no longer has the path that guides recommend: mail would be sent unencrypted",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "smtp_tls_CAfile = /etc/pki/tls/cert.pem\n"
                "smtp_tls_security_level = may\n"
                "smtp_tls_loglevel = 1\n",
     .findings = {{1, "/etc/pki/tls/cert.pem"}},
     .fixed_main_cf = "smtp_tls_CAfile = /etc/pki/tls/certs/ca-bundle.crt\n"
                      "smtp_tls_security_level = may\n"
                      "smtp_tls_loglevel = 1\n",
     .runbook = "disabling TLS support"},
    {.title = "RHEL 9 still has it",
     .platform = "rhel9",
     .main_cf = "smtp_tls_CAfile = /etc/pki/tls/cert.pem\n"},
    {.title = "from RHEL to Debian, in main.cf and in a service, with odd white space",
     .platform = "debian13",
     .main_cf = "smtp_tls_CAfile=/etc/pki/tls/certs/ca-bundle.crt  \r\n"
                "smtpd_tls_CAfile =\r\n"
                "   /etc/pki/tls/certs/ca-bundle.crt\r\n",
     .master_cf = "slow unix - - y - - smtp\r\n"
                  "  -o { smtp_tls_CAfile = /etc/pki/tls/cert.pem }\r\n",
     .findings = {{1, "/etc/pki/tls/certs/ca-bundle.crt"},
                  {3, "/etc/pki/tls/certs/ca-bundle.crt"},
                  {2, "/etc/pki/tls/cert.pem"}},
     .fixed_main_cf = "smtp_tls_CAfile=/etc/ssl/certs/ca-certificates.crt  \r\n"
                      "smtpd_tls_CAfile =\r\n"
                      "   /etc/ssl/certs/ca-certificates.crt\r\n",
     .fixed_master_cf = "slow unix - - y - - smtp\r\n"
                        "  -o { smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt }\r\n"},
    {.title = "a directory becomes the platform's directory",
     .platform = "debian13",
     .main_cf = "smtp_tls_CApath = /etc/pki/tls/certs\n"
                "tlsproxy_client_CApath = /etc/ssl/certs/\n",
     .findings = {{1, "/etc/pki/tls/certs"}},
     .fixed_main_cf = "smtp_tls_CApath = /etc/ssl/certs\n"
                      "tlsproxy_client_CApath = /etc/ssl/certs/\n"},
    {.title = "the site's own CAs are not reported",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_CAfile = /etc/postfix/our-ca.pem\n"
                "smtp_tls_CApath = /etc/postfix/cas\n"
                "smtp_tls_CAfile =\n"},
    {.title = "an expression is not changed",
     .platform = "rhel10",
     .main_cf = "bundle = /etc/pki/tls/cert.pem\n"
                "smtp_tls_CAfile = $bundle\n"},
    {.title = "a setting that a later line overrides has no effect",
     .platform = "rhel10",
     .main_cf = "smtp_tls_CAfile = /etc/pki/tls/cert.pem\n"
                "smtp_tls_CAfile = /etc/pki/tls/certs/ca-bundle.crt\n"},
    {.title = "a Postfix release, unlike a distribution, has no CA bundle",
     .platform = "postfix-3.8",
     .main_cf = "smtp_tls_CAfile = /etc/pki/tls/cert.pem\n"},
    {.title = "the CA bundle of a platform that is no longer maintained",
     .platform = "rhel4",
     .main_cf = "smtp_tls_CAfile = /usr/share/ssl/certs/ca-bundle.crt\n",
     .findings = {{1, "/usr/share/ssl/certs/ca-bundle.crt"}}},
};

const struct rule rule_ca_file = {
    .name = "ca-file",
    .summary = "a CA bundle or directory that does not exist on the platform",
    .why = "Distributions install the CA certificates in different places: "
           "/etc/pki/tls/certs/ca-bundle.crt in the Red Hat family is "
           "/etc/ssl/certs/ca-certificates.crt on Debian and Ubuntu.  Red Hat Enterprise Linux 10 "
           "no longer has /etc/pki/tls/cert.pem, the path that many guides recommend for "
           "smtp_tls_CAfile.  If the file does not exist, Postfix logs \"cannot load Certification "
           "Authority data ...: disabling TLS support\" and continues without TLS: with "
           "smtp_tls_security_level = may all mail is sent unencrypted, with encrypt no mail is "
           "sent, and no command fails.  A missing directory (..._CApath) does less harm: TLS "
           "works, but no certificate can be verified.",
    .source = "RHEL-50293; postconf(5), smtp_tls_CAfile; each distribution's ca-certificates "
              "package",
    .severity = SEVERITY_WARNING,
    .check = check_ca_file,
    RULE_EXAMPLES(examples),
};
