/* pointless_value - values that Postfix accepts, and that do not do what they are meant for */
#include "facts/facts.h"
#include "rules/names/written.h"

static void report(struct check *check, const struct written *written, struct str part,
                   const char *what, const char *advice)
{
    check_reportf(check, line_span(written->line, part), advice, "%.*s: %s", STR_ARG(written->name),
                  what);
}

/* --- one parameter ---------------------------------------------------------------------------- */

/* check_banner - clients look for the name of the server at the start of the greeting */
static void check_banner(struct check *check, const struct written *written, struct str value)
{
    struct str word = str_slice(written->value, 0, str_find(written->value, ' ', 0));

    if (value.len > 0 && str_find(word, '.', 0) == word.len && !expand_needed(word))
        report(check, written, written->value,
               "the greeting must begin with the name of the server (RFC 5321, section 4.2)",
               "begin with $myhostname");
}

static void check_level(struct check *check, const struct written *written, struct str value)
{
    const struct release *newest = facts_newest_release();
    long level = compatibility_level(value), last = compatibility_level(newest->series);

    if (str_starts(value, "-"))
        report(check, written, written->value, "a negative level counts as 0", "use a release");
    else if (level > last && last >= 0)
        report(check, written, written->value, "no release of Postfix has this level yet",
               "use the release whose defaults are wanted, such as 3.6");
}

static void check_version(struct check *check, const struct written *written, struct str value)
{
    (void)value;
    report(check, written, written->value,
           "this changes what Postfix says of its release, not which one it is",
           "remove this line");
}

static void check_instances(struct check *check, const struct written *written, struct str value)
{
    if (str_is_nocase(value, "yes") &&
        check_value(check, NULL, PARAM_MULTI_INSTANCE_DIRECTORIES).len == 0 &&
        check_value(check, NULL, PARAM_MULTI_INSTANCE_NAME).len == 0)
        report(check, written, written->value,
               "there are no other instances: multi_instance_directories is empty",
               "set multi_instance_directories, or remove this line");
}

static void check_helo(struct check *check, const struct written *written, struct str value)
{
    if (str_span_not(value, 0, " \t") < value.len)
        report(check, written, written->value,
               "a name with a space is not valid in EHLO, and other servers may reject it",
               "use the name of this server in DNS");
}

static void check_hostname(struct check *check, const struct written *written, struct str value)
{
    if (str_is_nocase(value, "localhost"))
        report(check, written, written->value,
               "other servers may reject mail from a server with this name",
               "use the name of this server in DNS");
}

static void check_home(struct check *check, const struct written *written, struct str value)
{
    if (str_starts(value, "/"))
        report(check, written, written->value,
               "the path is relative to the user's home directory, though it begins with \"/\"",
               "remove the \"/\", or use mail_spool_directory");
}

static const struct {
    enum parameter_number parameter;
    void (*check)(struct check *check, const struct written *written, struct str value);
} checks[] = {
    {PARAM_SMTPD_BANNER, check_banner},  {PARAM_COMPATIBILITY_LEVEL, check_level},
    {PARAM_MAIL_VERSION, check_version}, {PARAM_MULTI_INSTANCE_ENABLE, check_instances},
    {PARAM_SMTP_HELO_NAME, check_helo},  {PARAM_MYHOSTNAME, check_hostname},
    {PARAM_HOME_MAILBOX, check_home},
};

/* check_backslash - Postfix needs none at the end of a line, and takes it for a part of the value
 */
static void check_backslash(struct check *check, const struct written *written)
{
    struct str value = written->value;

    for (size_t i = str_find(value, '\\', 0); i < value.len; i = str_find(value, '\\', i + 1)) {
        bool alone = i > 0 && (is_space(value.at[i - 1]) || value.at[i - 1] == ',');
        if (!alone || i + 1 >= value.len || !is_space(value.at[i + 1]))
            continue;
        report(
            check, written, str_slice(value, i, i + 1),
            "the backslash is a part of the value: a line that starts with white space continues "
            "the line before it without one",
            "remove the backslash");
        return;
    }
}

static void check_written(struct check *check, const struct written *written, void *context)
{
    const struct parameter *parameter = written->parameter;

    (void)context;
    if (parameter == NULL)
        return;
    struct str value = config_expand(check->config, written->service, written->value, NULL, NULL);
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (checks[i].parameter == parameter->number)
            checks[i].check(check, written, value);
    if (written->entry == NULL || parameter->type == PARAMETER_RAW)
        return;
    check_backslash(check, written);
}

/* check_port - master(8) takes the lowest 16 bits of a number */
static void check_port(struct check *check, const struct service *service)
{
    int port = service_port(service);

    if (port > 0 && str_is_digits(service->port) && service->port.len == 5 &&
        !str_is(service->port, arena_printf(check->arena, "%d", port).at))
        check_reportf(check, line_span(&service->line, service->port), "use a port from 1 to 65535",
                      "there is no port %.*s: master(8) listens on port %d", STR_ARG(service->port),
                      port);
}

static void check_pointless(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    written_each(check, check_written, NULL);
    for (size_t i = 0; i < master_cf->count; i++)
        check_port(check, master_cf->services[i]);
}

static const struct example examples[] = {
    {.title = "a greeting without the name of the server",
     .platform = "debian12",
     .main_cf = "smtpd_banner = ESMTP ready\n",
     .findings = {{1, "ESMTP ready"}}},
    {.title = "a level of tomorrow",
     .platform = "debian12",
     .main_cf = "compatibility_level = 99\n",
     .findings = {{1, "99"}}},
    {.title = "settings that have no effect, or another one",
     .platform = "debian12",
     .main_cf = "mail_version = 3.1.4\n"
                "multi_instance_enable = yes\n"
                "smtp_helo_name = mail example.com\n"
                "myhostname = localhost\n"
                "home_mailbox = /var/mail/\n",
     .findings =
         {{1, "3.1.4"}, {2, "yes"}, {3, "mail example.com"}, {4, "localhost"}, {5, "/var/mail/"}}},
    {.title = "a port that does not exist",
     .platform = "debian12",
     .master_cf = "70000 inet n - y - - smtpd\n"
                  "127.0.0.1:65536 inet n - y - - smtpd\n"
                  "65535 inet n - y - - smtpd\n",
     .findings = {{1, "70000"}}},
    {.title = "a backslash at the end of a line",
     .platform = "debian12",
     .main_cf = "relay_domains = example.com, \\\n"
                "  example.org\n",
     .findings = {{1, "\\"}}},
    {.title = "what these parameters are for",
     .platform = "debian12",
     .main_cf = "smtpd_banner = $myhostname ESMTP\n"
                "myhostname = mail\n"
                "compatibility_level = 3.6\n"
                "multi_instance_enable = yes\n"
                "multi_instance_directories = /etc/postfix-out\n"
                "home_mailbox = Maildir/\n"
                "mydestination = $myhostname,\n"
                "  localhost\n"},
};

const struct rule rule_pointless_value = {
    .name = "pointless-value",
    .summary = "a value that Postfix accepts, and that does not do what it is meant for",
    .why = "Postfix takes these values without a warning.  A backslash at the end of a line is a "
           "part of the value; the path in home_mailbox is always below the home "
           "directory; the greeting and the name in EHLO are for other servers, which may reject "
           "names that they cannot look up.",
    .source = "postconf(5); measured with Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_ADVICE,
    .check = check_pointless,
    RULE_EXAMPLES(examples),
};
