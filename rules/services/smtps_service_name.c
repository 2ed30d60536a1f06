#include "rules/rule/rule.h"

static const struct str new_name = STR("submissions");

/* is_old_name - do the platform's stock files no longer use the service's name for port 465? */
static bool is_old_name(const struct check *check, const struct service *service)
{
    return service_port(service) == SUBMISSIONS_PORT && !str_is_digits(service->port) &&
           !str_eq(service->port, new_name) &&
           str_eq(check->config->platform->submissions_service, new_name);
}

/* the services on port 465 of one host */
struct port_users {
    const struct service *first, *second;
};

/* note_port_user - adds a service on port 465 to HOSTS, names of hosts to their port_users */
static void note_port_user(struct check *check, struct map *hosts, const struct service *service)
{
    struct str host = arena_lower(check->arena, service->host);
    struct port_users *users = map_get(hosts, host);

    if (users == NULL) {
        users = arena_alloc(check->arena, sizeof *users);
        users->first = service;
        map_put(hosts, host, users);
    } else if (users->second == NULL) {
        users->second = service;
    }
}

/* find_other - the first other service that listens on port 465 of the same host */
static const struct service *find_other(const struct check *check, const struct map *hosts,
                                        const struct service *service)
{
    const struct port_users *users = map_get(hosts, arena_lower(check->arena, service->host));

    return users->first == service ? users->second : users->first;
}

/* report_twice - two services on port 465: the second one cannot listen */
static void report_twice(struct check *check, const struct service *service,
                         const struct service *first)
{
    struct position place =
        source_position(first->line.source, line_at(&first->line, first->name.at));
    struct finding *finding = check_reportf(check, line_span(&service->line, service->name),
                                            "remove one of the two services",
                                            "master(8) exits with \"Address already in use\": "
                                            "\"%.*s\" on line %zu already uses port 465",
                                            STR_ARG(first->name), place.line);

    finding->severity = SEVERITY_ERROR;
}

/* check_syslog_name - "-o syslog_name=postfix/smtps" is renamed with the service */
static void check_syslog_name(struct check *check, const struct service *service)
{
    const struct master_override *o = service_override(service, PARAM_SYSLOG_NAME);
    const char *old_name = "/smtps";

    if (o == NULL || !str_ends(o->value, old_name))
        return;
    struct str tail = str_slice(o->value, o->value.len + 1 - sizeof "smtps", o->value.len);
    struct finding *finding = check_reportf(
        check, line_span(&service->line, o->value), "replace with postfix/submissions",
        "the log will still contain %.*s for the service that is now called submissions",
        STR_ARG(o->value));
    finding_edit(check, finding, line_span(&service->line, tail), new_name);
    check_step(check, STEP_AFTER,
               (struct str)STR("grep -rn 'postfix/smtps' /etc/fail2ban /etc/rsyslog.d "
                               "/etc/rsyslog.conf /etc/logwatch 2>/dev/null || true"),
               (struct str)STR("the log now contains postfix/submissions/smtpd: change filters of "
                               "fail2ban, rsyslog and monitoring that match postfix/smtps/smtpd"));
}

static void check_name(struct check *check, const struct service *service)
{
    struct finding *finding =
        check_reportf(check, line_span(&service->line, service->name), "rename it to submissions",
                      "this is the old name of port 465: the stock master.cf of %.*s has "
                      "submissions, the name that RFC 8314 registers",
                      STR_ARG(check->config->platform->title));
    finding_edit(check, finding, line_span(&service->line, service->port), new_name);
}

static void check_service(struct check *check, const struct map *hosts,
                          const struct service *service)
{
    const struct service *other = find_other(check, hosts, service);

    if (other != NULL) {
        /* the administrator decides which of the two stays, and so its name */
        if (other->number < service->number)
            report_twice(check, service, other);
        return;
    }
    if (is_old_name(check, service))
        check_name(check, service);
    if (is_old_name(check, service) || str_eq(service->port, new_name))
        check_syslog_name(check, service);
}

static void check_smtps_service_name(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    struct map hosts;

    map_init(&hosts, check->arena);
    for (size_t i = 0; i < master_cf->count; i++)
        if (service_port(master_cf->services[i]) == SUBMISSIONS_PORT)
            note_port_user(check, &hosts, master_cf->services[i]);
    for (size_t i = 0; i < master_cf->count; i++)
        if (service_port(master_cf->services[i]) == SUBMISSIONS_PORT)
            check_service(check, &hosts, master_cf->services[i]);
}

static const struct example examples[] = {
    {.title = "the name of port 465 on RHEL 9",
     .platform = "rhel10",
     .master_cf = "smtps     inet  n       -       n       -       -       smtpd\n"
                  "  -o syslog_name=postfix/smtps\n"
                  "  -o smtpd_tls_wrappermode=yes\n",
     .findings = {{1, "smtps"}, {2, "postfix/smtps"}},
     .fixed_master_cf = "submissions     inet  n       -       n       -       -       smtpd\n"
                        "  -o syslog_name=postfix/submissions\n"
                        "  -o smtpd_tls_wrappermode=yes\n",
     .runbook = "postfix/submissions/smtpd"},
    {.title = "an address before the name is kept",
     .platform = "rhel10",
     .master_cf = "192.0.2.1:smtps inet n - n - - smtpd\n",
     .findings = {{1, "192.0.2.1:smtps"}},
     .fixed_master_cf = "192.0.2.1:submissions inet n - n - - smtpd\n"},
    {.title = "the old name and the new one are the same port",
     .platform = "rhel10",
     .master_cf = "smtps inet n - n - - smtpd\n"
                  "submissions inet n - n - - smtpd\n",
     .findings = {{2, "submissions"}}},
    {.title = "the same port twice, as a number and as a name",
     .platform = "rhel10",
     .master_cf = "465 inet n - n - - smtpd\n"
                  "smtps inet n - n - - smtpd\n",
     .findings = {{2, "smtps"}}},
    {.title = "already moved",
     .platform = "rhel10",
     .master_cf = "submissions inet n - n - - smtpd\n"},
    {.title = "the stock master.cf of RHEL 9 has smtps",
     .platform = "rhel9",
     .master_cf = "smtps inet n - n - - smtpd\n"},
};

const struct rule rule_smtps_service_name = {
    .name = "smtps-service-name",
    .summary = "the service on port 465 has an old name, or is defined twice",
    .why = "RFC 8314 (2018) registers port 465 for the submission of mail over implicit TLS, with "
           "the name submissions.  Since Postfix 3.6 the name need not be in /etc/services "
           "(known_tcp_ports), and stock master.cf files have it instead of smtps: an upgrade that "
           "starts from the new stock file may lose a service that is only known by its old name.  "
           "The name also appears in the log, as in postfix/submissions/smtpd.",
    .source = "RFC 8314, section 7.3; Postfix 3.6 release notes; postconf(5), known_tcp_ports",
    .severity = SEVERITY_WARNING,
    .check = check_smtps_service_name,
    RULE_EXAMPLES(examples),
};
