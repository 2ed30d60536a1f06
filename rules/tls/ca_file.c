/* ca_file - the certification authorities are where the platform keeps them */
#include "base/path.h"
#include "rules/tls/tls.h"

/* one parameter that names a trust bundle or directory */
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

/* platform_path - where the platform has what the parameter wants */
static struct str platform_path(const struct check *check, const struct trust *trust)
{
    const struct platform *platform = check->config->platform;

    return trust->directory ? platform->ca_directory : platform->ca_file;
}

static bool is_gone(const struct platform *platform, struct str path)
{
    return str_list_has(&platform->trust_paths_gone, path_trim_slashes(path));
}

/* consequence - what Postfix does where the path is not there */
static const char *consequence(const struct trust *trust)
{
    if (trust->directory)
        return "no certificate can be verified";
    if (str_starts(trust->name, "smtpd_") || str_starts(trust->name, "tlsproxy_tls_"))
        return "Postfix disables TLS with a warning in the log, and answers STARTTLS with 454";
    return "Postfix disables TLS with a warning in the log, and mail leaves in the clear, or with "
           "the level encrypt not at all";
}

static struct finding *report_missing(struct check *check, const struct trust *trust,
                                      struct str path)
{
    struct finding *finding = check_report(check, line_span(trust->line, trust->value),
                                           arena_printf(check->arena, "%.*s has no %.*s: %s",
                                                        STR_ARG(check->config->platform->title),
                                                        STR_ARG(trust->value), consequence(trust)),
                                           arena_printf(check->arena, "write %.*s", STR_ARG(path)));

    if (!trust->directory)
        finding->severity = SEVERITY_ERROR;
    return finding;
}

/* report_outdated - the path is there, but nobody renews what is in it */
static void report_outdated(struct check *check, const struct trust *trust,
                            const struct platform *old)
{
    struct finding *finding = check_report(
        check, line_span(trust->line, trust->value),
        arena_printf(check->arena,
                     "%.*s is the bundle of %.*s, whose certification authorities are no longer "
                     "kept up to date",
                     STR_ARG(trust->value), STR_ARG(old->title)),
        (struct str)STR("move to a platform that is maintained, or bring a newer bundle"));

    finding->severity = SEVERITY_ADVICE;
}

static void add_steps(struct check *check, struct str path)
{
    check_step(check, STEP_CHECK, arena_printf(check->arena, "test -e %.*s", STR_ARG(path)),
               (struct str)STR("Postfix needs it to verify certificates; without the file it "
                               "disables TLS"));
    check_step(check, STEP_AFTER,
               (struct str)STR("journalctl -u postfix | grep -e 'disabling TLS support' -e 'TLS "
                               "connection established'"),
               (struct str)STR("the log tells whether outgoing mail goes over TLS"));
}

static void check_trust(struct check *check, const struct trust *trust)
{
    const struct platform *platform = check->config->platform;
    struct str path = platform_path(check, trust);
    const struct platform *old = facts_outdated_trust_path(trust->value);

    if (path.len == 0 || !tls_is_literal(trust->value))
        return;
    if (platform_has_trust_path(platform, trust->value)) {
        if (old != NULL)
            report_outdated(check, trust, old);
        return;
    }
    if (!facts_trust_path(trust->value) && !is_gone(platform, trust->value))
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
    const struct config *config = check->config;

    for (size_t i = 0; i < config->main_cf.count; i++) {
        const struct main_cf_entry *entry = config->main_cf.entries[i];
        if (!entry->overridden)
            check_setting(check, &entry->line, entry->name, entry->value);
    }
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
            if (service_override_named(service, o->name) == o)
                check_setting(check, &service->line, o->name, o->value);
    }
}

static const struct example examples[] = {
    {.title = "the path that guides recommend is gone on RHEL 10: mail would leave in the clear",
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
    {.title = "somebody's own authorities are nobody's bundle",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_CAfile = /etc/postfix/our-ca.pem\n"
                "smtp_tls_CApath = /etc/postfix/cas\n"
                "smtp_tls_CAfile =\n"},
    {.title = "an expression is left to its author",
     .platform = "rhel10",
     .main_cf = "bundle = /etc/pki/tls/cert.pem\n"
                "smtp_tls_CAfile = $bundle\n"},
    {.title = "what a later line overrides is without effect",
     .platform = "rhel10",
     .main_cf = "smtp_tls_CAfile = /etc/pki/tls/cert.pem\n"
                "smtp_tls_CAfile = /etc/pki/tls/certs/ca-bundle.crt\n"},
    {.title = "upstream's Postfix has no bundle of its own",
     .platform = "postfix-3.8",
     .main_cf = "smtp_tls_CAfile = /etc/pki/tls/cert.pem\n"},
    {.title = "the authorities of a platform that nobody maintains",
     .platform = "rhel4",
     .main_cf = "smtp_tls_CAfile = /usr/share/ssl/certs/ca-bundle.crt\n",
     .findings = {{1, "/usr/share/ssl/certs/ca-bundle.crt"}}},
};

const struct rule rule_ca_file = {
    .name = "ca-file",
    .summary = "the CA bundle that TLS needs is where the platform keeps it",
    .why = "Each distribution keeps its certification authorities elsewhere: what the Red Hat "
           "family calls /etc/pki/tls/certs/ca-bundle.crt is /etc/ssl/certs/ca-certificates.crt on "
           "Debian and Ubuntu.  Red Hat Enterprise Linux 10 gave up /etc/pki/tls/cert.pem, the "
           "path that many guides recommend for smtp_tls_CAfile.  Where the file is missing "
           "Postfix logs \"cannot load Certification Authority data ...: disabling TLS support\" "
           "and goes on without TLS: with smtp_tls_security_level = may all mail leaves in the "
           "clear, with encrypt none leaves at all, and no command fails.  A missing directory "
           "(..._CApath) does less harm: TLS works, but no certificate can be verified.",
    .source = "RHEL-50293; postconf(5), smtp_tls_CAfile; each distribution's ca-certificates "
              "package",
    .severity = SEVERITY_WARNING,
    .check = check_ca_file,
    RULE_EXAMPLES(examples),
};
