#include "rules/release/install_path.h"

#include "rules/rule/rule.h"

static const enum parameter_number paths[] = {
    PARAM_COMMAND_DIRECTORY, PARAM_DAEMON_DIRECTORY, PARAM_DATA_DIRECTORY,
    PARAM_HTML_DIRECTORY,    PARAM_MAIL_OWNER,       PARAM_MAILQ_PATH,
    PARAM_MANPAGE_DIRECTORY, PARAM_META_DIRECTORY,   PARAM_NEWALIASES_PATH,
    PARAM_QUEUE_DIRECTORY,   PARAM_README_DIRECTORY, PARAM_SAMPLE_DIRECTORY,
    PARAM_SENDMAIL_PATH,     PARAM_SETGID_GROUP,     PARAM_SHLIB_DIRECTORY,
};

enum { PATH_COUNT = sizeof paths / sizeof *paths };

bool is_install_path(enum parameter_number number)
{
    for (size_t i = 0; i < PATH_COUNT; i++)
        if (number == paths[i])
            return true;
    return false;
}

/* default_text - what it is without main.cf, expanded; STR_NONE where the platform has none */
static struct str default_text(const struct config *config, enum parameter_number number)
{
    int flags;
    struct setting setting = config_default(config, number);
    struct str value;

    if (setting.value.at == NULL)
        return STR_NONE;
    value = config_expand(config, NULL, setting.value, &flags, NULL);
    return flags == 0 ? value : STR_NONE;
}

/* is_known - where manuals and samples lie, only a platform that says so can tell */
static bool is_known(const struct platform *platform, enum parameter_number number)
{
    static const enum parameter_number texts[] = {PARAM_HTML_DIRECTORY, PARAM_MANPAGE_DIRECTORY,
                                                  PARAM_README_DIRECTORY, PARAM_SAMPLE_DIRECTORY};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (number == texts[i])
            return platform->family.len == 0 || platform_default(platform, number) != NULL;
    return true;
}

/* stock_text - what the platform's stock main.cf says, or its default */
static struct str stock_text(const struct config *config, enum parameter_number number)
{
    const struct platform_default *stock = platform_stock(config->platform, number);

    return stock != NULL ? stock->value : default_text(config, number);
}

static void check_path(struct check *check, const struct config *old, enum parameter_number number)
{
    const struct main_cf_entry *entry = config_entry(check->config, number);
    struct str new_path = stock_text(check->config, number);

    if (entry == NULL || !is_known(check->config->platform, number) || new_path.len == 0)
        return;
    struct str value = config_expand(old, NULL, entry->value, NULL, NULL);
    if (str_is(value, "no")) /* no manuals: that is so everywhere */
        return;
    bool is_old =
        str_eq(value, stock_text(old, number)) || str_eq(value, default_text(old, number));
    bool is_new = str_eq(value, new_path) || str_eq(value, default_text(check->config, number));
    if (!is_old || is_new)
        return;
    struct span span = line_span(&entry->line, entry->value);
    struct finding *finding = check_reportf(
        check, span,
        arena_cstr(check->arena, arena_printf(check->arena, "write %.*s", STR_ARG(new_path))),
        "%.*s is where %.*s has it; %.*s has %.*s", STR_ARG(entry->value),
        STR_ARG(check->from->title), STR_ARG(check->config->platform->title), STR_ARG(new_path));
    finding_edit(check, finding, span, new_path);
}

static void check_install_path(struct check *check)
{
    if (check->from == NULL || check->from == check->config->platform)
        return;
    struct config old = *check->config;
    config_reinterpret(&old, check->from, check->config->host);
    for (size_t i = 0; i < PATH_COUNT; i++)
        check_path(check, &old, paths[i]);
}

static const struct example examples[] = {
    {.title = "Debian's directories on RHEL",
     .platform = "rhel10",
     .from = "debian12",
     .main_cf = "daemon_directory = /usr/lib/postfix/sbin\n"
                "# no manuals\n"
                "readme_directory = no\n"
                "shlib_directory=/usr/lib/postfix\r\n",
     .findings = {{1, "/usr/lib/postfix/sbin"}, {4, "/usr/lib/postfix"}},
     .fixed_main_cf = "daemon_directory = /usr/libexec/postfix\n"
                      "# no manuals\n"
                      "readme_directory = no\n"
                      "shlib_directory=/usr/lib64/postfix\r\n"},
    {.title = "RHEL's commands, which share the host with other mail programs, on Debian",
     .platform = "debian13",
     .from = "rhel9",
     .main_cf = "sendmail_path = /usr/sbin/sendmail.postfix\n"
                "html_directory = no\n",
     .findings = {{1, "/usr/sbin/sendmail.postfix"}},
     .fixed_main_cf = "sendmail_path = /usr/sbin/sendmail\n"
                      "html_directory = no\n"},
    {.title = "a place of one's own stays",
     .platform = "rhel10",
     .from = "debian12",
     .main_cf = "queue_directory = /srv/spool/postfix\n"
                "daemon_directory = /opt/postfix/libexec\n"},
    {.title = "the same on both",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "daemon_directory = /usr/libexec/postfix\n"
                "command_directory = /usr/sbin\n"},
    {.title = "without a move there is nothing to compare with",
     .platform = "rhel10",
     .main_cf = "daemon_directory = /usr/lib/postfix/sbin\n"},
};

const struct rule rule_install_path = {
    .name = "install-path",
    .summary = "a directory of the old platform",
    .why = "Distributions put Postfix's programs, libraries and manuals into different places, and "
           "their stock main.cf often names them.  On another platform such a line points to a "
           "directory that does not exist: master(8) finds no daemon to start, or a program loads "
           "no table type.  The fix writes the new platform's place where a line says exactly what "
           "the old platform's package had; other places are the administrator's own and stay.",
    .source = "postconf(5); the platforms' packages, see postmend platforms",
    .severity = SEVERITY_WARNING,
    .check = check_install_path,
    RULE_EXAMPLES(examples),
};
