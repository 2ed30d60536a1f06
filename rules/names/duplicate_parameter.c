#include "rules/names/written.h"

/* report_overridden - NAME has VALUE on LINE, but WINNER overrides it */
static void report_overridden(struct check *check, const struct line *line, struct str name,
                              struct str value, const struct line *winning_line, struct str winner)
{
    size_t number = written_at_line(winning_line, winner);
    bool equal = str_eq(value, winner);
    struct finding *finding = check_reportf(
        check, line_span(line, name),
        equal ? "remove one of the two" : "keep the one that is intended, and remove the other",
        equal ? "%.*s is set to the same value again on line %zu"
              : "this setting has no effect: %.*s has another value on line %zu, and the last one "
                "is used",
        STR_ARG(name), number);

    if (equal)
        finding->severity = SEVERITY_ADVICE;
}

static void check_main(struct check *check)
{
    const struct main_cf *main_cf = &check->config->main_cf;

    for (size_t i = 0; i < main_cf->count; i++) {
        const struct main_cf_entry *entry = main_cf->entries[i];
        const struct main_cf_entry *winner = main_cf_get(main_cf, entry->name);
        if (entry->overridden)
            report_overridden(check, &entry->line, entry->name, entry->value, &winner->line,
                              winner->value);
    }
}

static void check_overrides(struct check *check, const struct service *service)
{
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next) {
        const struct master_override *winner = service_override_named(service, o->name);
        if (o->overridden)
            report_overridden(check, &service->line, o->name, o->value, &service->line,
                              winner->value);
    }
}

/* --- services ------------------------------------------------------------------------------ */

/* is_public - may every local user connect?  To master(8), a public service is another one */
static bool is_public(const struct service *service)
{
    return str_is(service->fields[MASTER_PRIVATE], "n");
}

/* make_key - the same text for services that are the same to master(8) */
static struct str make_key(struct check *check, const struct service *service)
{
    bool private = str_is(service->type, "inet") || !is_public(service);
    int port = service_port(service);

    /* the names of port 465 are the subject of smtps-service-name */
    if (port > 0 && port != SUBMISSIONS_PORT)
        return arena_printf(check->arena, "inet\n%.*s:%d", STR_ARG(service->host), port);
    /* not printed, as it is made for each service of each configuration */
    struct buffer key;
    buffer_init(&key, check->arena);
    buffer_add(&key, service->type);
    buffer_add_char(&key, '\n');
    buffer_add(&key, service->name);
    buffer_add_cstr(&key, private ? "\nprivate" : "\npublic");
    return buffer_str(&key);
}

static void check_service(struct check *check, const struct service *service, struct map *services)
{
    struct str key = make_key(check, service);
    const struct service *first = map_get(services, key);

    if (first == NULL) {
        map_put(services, key, (void *)service);
        return;
    }
    check_reportf(check, line_span(&service->line, service->name),
                  "keep the service that is intended, and remove the other",
                  "the service %.*s of type %.*s is defined twice: master(8) warns \"duplicate "
                  "master.cf entry\", and ignores the one on line %zu",
                  STR_ARG(service->name), STR_ARG(service->type),
                  written_at_line(&first->line, first->name));
}

static void check_duplicate_parameter(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    struct map services;

    map_init(&services, check->arena);
    check_main(check);
    for (size_t i = 0; i < master_cf->count; i++) {
        check_service(check, master_cf->services[i], &services);
        check_overrides(check, master_cf->services[i]);
    }
}

static const struct example examples[] = {
    {.title = "two values: the last one is used",
     .platform = "rhel10",
     .main_cf = "message_size_limit = 50000000\n"
                "myhostname = mail.example.com\n"
                "message_size_limit = 10240000\n",
     .findings = {{1, "message_size_limit"}}},
    {.title = "the same value twice",
     .platform = "rhel10",
     .main_cf = "mydomain = example.com\r\n"
                "mydomain=example.com\r\n",
     .findings = {{1, "mydomain"}}},
    {.title = "three times, over continuation lines",
     .platform = "rhel10",
     .main_cf = "mydestination = $myhostname,\n"
                "    localhost\n"
                "mydestination =\n"
                "mydestination = $myhostname\n",
     .findings = {{1, "mydestination"}, {3, "mydestination"}}},
    {.title = "two names of one port",
     .platform = "rhel10",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "127.0.0.1:25 inet n - n - - smtpd\n"
                  "25 inet n - n - - smtpd\n",
     .findings = {{3, "25"}}},
    {.title = "twice in one service",
     .platform = "rhel10",
     .master_cf = "submission inet n - n - - smtpd\n"
                  "  -o smtpd_tls_security_level=encrypt\n"
                  "  -o syslog_name=postfix/submission\n"
                  "  -o smtpd_tls_security_level=may\n",
     .findings = {{2, "smtpd_tls_security_level"}}},
    {.title = "a service defined twice",
     .platform = "rhel10",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "smtp inet n - n - 1 postscreen\n",
     .findings = {{2, "smtp"}}},
    {.title = "not duplicates: main.cf and a service, two services, and two types of one name",
     .platform = "rhel10",
     .main_cf = "syslog_name = mail\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "smtp unix - - n - - smtp\n"
                  "submission inet n - n - - smtpd -o syslog_name=a\n"
                  "submissions inet n - n - - smtpd -o syslog_name=b\n"},
};

const struct rule rule_duplicate_parameter = {
    .name = "duplicate-parameter",
    .summary = "a parameter or a service is defined twice",
    .why = "If main.cf sets a parameter more than once, Postfix uses the last setting.  The same "
           "is true of -o in a service, and of services with the same name and type in master.cf.  "
           "Every program that starts logs \"overriding earlier entry\", which is easily "
           "overlooked.  Whoever edits the first setting later finds that nothing changes.\n\n"
           "Why is there no automatic fix?  Removing the earlier setting would not change what "
           "Postfix does, but only the administrator knows which of the two is intended: it may be "
           "left over from a merge, or overridden on purpose.",
    .source = "postconf(5), \"the last instance\"; master(5); src/master/master_conf.c",
    .severity = SEVERITY_WARNING,
    .check = check_duplicate_parameter,
    RULE_EXAMPLES(examples),
};
