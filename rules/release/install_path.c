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

/* find_default - the expanded default; STR_NONE if the platform has none */
static struct str find_default(const struct config *config, enum parameter_number number)
{
    int flags;
    struct setting setting = config_default(config, number);
    struct str value;

    if (setting.value.at == NULL)
        return STR_NONE;
    value = config_expand(config, NULL, setting.value, &flags, NULL);
    return flags == 0 ? value : STR_NONE;
}

/* is_known - where the manuals and samples are is known only if the platform file says so */
static bool is_known(const struct platform *platform, enum parameter_number number)
{
    static const enum parameter_number texts[] = {PARAM_HTML_DIRECTORY, PARAM_MANPAGE_DIRECTORY,
                                                  PARAM_README_DIRECTORY, PARAM_SAMPLE_DIRECTORY};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (number == texts[i])
            return platform->family.len == 0 || platform_default(platform, number) != NULL;
    return true;
}

/* find_stock_value - the value in the platform's stock main.cf, or the default */
static struct str find_stock_value(const struct config *config, enum parameter_number number)
{
    const struct platform_default *stock = platform_stock(config->platform, number);

    return stock != NULL ? stock->value : find_default(config, number);
}

static void check_path(struct check *check, const struct config *old, enum parameter_number number)
{
    const struct main_cf_entry *entry = config_entry(check->config, number);
    struct str new_path = find_stock_value(check->config, number);

    if (entry == NULL || !is_known(check->config->platform, number) || new_path.len == 0)
        return;
    struct str value = config_expand(old, NULL, entry->value, NULL, NULL);
    if (str_is(value, "no")) /* not installed: valid on every platform */
        return;
    bool is_old =
        str_eq(value, find_stock_value(old, number)) || str_eq(value, find_default(old, number));
    bool is_new = str_eq(value, new_path) || str_eq(value, find_default(check->config, number));
    if (!is_old || is_new)
        return;
    struct span span = line_span(&entry->line, entry->value);
    struct finding *finding = check_reportf(
        check, span,
        arena_cstr(check->arena,
                   arena_printf(check->arena, "replace with %.*s", STR_ARG(new_path))),
        "%.*s is the value for %.*s; for %.*s it is %.*s", STR_ARG(entry->value),
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
    {.title = "on Debian, the path of sendmail on RHEL, where it has a suffix",
     .platform = "debian13",
     .from = "rhel9",
     .main_cf = "sendmail_path = /usr/sbin/sendmail.postfix\n"
                "html_directory = no\n",
     .findings = {{1, "/usr/sbin/sendmail.postfix"}},
     .fixed_main_cf = "sendmail_path = /usr/sbin/sendmail\n"
                      "html_directory = no\n"},
    {.title = "a path that the administrator chose is kept",
     .platform = "rhel10",
     .from = "debian12",
     .main_cf = "queue_directory = /srv/spool/postfix\n"
                "daemon_directory = /opt/postfix/libexec\n"},
    {.title = "the same path on both platforms",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "daemon_directory = /usr/libexec/postfix\n"
                "command_directory = /usr/sbin\n"},
    {.title = "without an upgrade there is nothing to compare",
     .platform = "rhel10",
     .main_cf = "daemon_directory = /usr/lib/postfix/sbin\n"},
};

const struct rule rule_install_path = {
    .name = "install-path",
    .summary = "a path of the old platform's package",
    .why = "Distributions install Postfix's programs, libraries and manuals in different "
           "directories, and their stock main.cf often names them.  On another platform such a "
           "setting refers to a directory that does not exist: master(8) cannot start the daemons, "
           "or programs cannot load table types.  The fix replaces a value with that of the new "
           "platform if it is exactly the value of the old platform's package; any other value is "
           "the administrator's choice and is kept.",
    .source = "postconf(5); the platforms' packages, see postmend platforms",
    .severity = SEVERITY_WARNING,
    .check = check_install_path,
    RULE_EXAMPLES(examples),
};
