/* socket_in_jail - sockets by a path from the root, of programs in the chroot jail */
#include "base/path.h"
#include "facts/programs.h"
#include "parser/postfix/written.h"
#include "parser/value/nexthop.h"
#include "rules/rule/rule.h"
#include "smtp/service/socket.h"

static const char unix_socket[] = "unix:";

/* the parameters that the files set to a value that may name a socket */
struct socket_settings {
    enum parameter_number numbers[PARAM_END]; /* in ascending order */
    size_t count;
};

/* a search through the values of one service */
struct jail_search {
    struct check *check;
    const struct service *service;
    const struct socket_settings *settings;
    struct str queue; /* its directory, the root of the jail */
};

static bool may_name_socket(struct str value)
{
    return expand_needed(value) ||
           (str_find(value, ':', 0) < value.len && str_search(value, unix_socket) < value.len);
}

/* collect_settings - so that those that cannot name a socket are not asked for in each service */
static void collect_settings(const struct config *config, struct socket_settings *settings)
{
    bool named[PARAM_END] = {false};
    struct written_walk walk = {.config = config};
    struct written written;

    while (written_next(&walk, &written))
        if (written.parameter != NULL && may_name_socket(written.value))
            named[written.parameter->number] = true;
    settings->count = 0;
    for (int i = PARAM_NONE + 1; i < PARAM_END; i++)
        if (named[i])
            settings->numbers[settings->count++] = (enum parameter_number)i;
}

/* report_socket - PATH, of the parameter, begins with the queue directory */
static void report_socket(const struct jail_search *search, const struct service *reader,
                          enum parameter_number number, struct str path)
{
    struct span span = check_span(search->check, reader, number);

    if (check_is_reported(search->check, span))
        return;
    check_reportf(search->check, span,
                  arena_printf(search->check->arena,
                               "write %.*s: that is found in the jail and outside of it",
                               STR_ARG(str_slice(path, search->queue.len + 1, path.len)))
                      .at,
                  "the service \"%.*s\" does not find the socket %.*s: the queue directory is its "
                  "chroot jail, and so the root of its paths",
                  STR_ARG(search->service->name), STR_ARG(path));
}

static bool is_hidden(const struct jail_search *search, struct str path)
{
    return socket_is_hidden(search->check->config, search->service, path);
}

/* find_socket - the path of the first socket in the value that the service does not see */
static struct str find_socket(const struct jail_search *search, struct str value)
{
    size_t at = 0;

    while ((at += str_search(str_slice(value, at, value.len), unix_socket)) < value.len) {
        at += strlen(unix_socket);
        struct str path = str_slice(value, at, str_span_not(value, at, ", \t{}"));
        if (is_hidden(search, path))
            return path;
    }
    return STR_NONE;
}

static bool is_transport(enum parameter_number number)
{
    const struct value_shape *shape = parameter_shape(number);

    return shape != NULL && shape->kind == SHAPE_TRANSPORT;
}

/* check_values - what the program itself reads: milters, policy servers, proxies */
static void check_values(const struct jail_search *search, const struct program *program)
{
    for (size_t i = 0; i < search->settings->count; i++) {
        enum parameter_number number = search->settings->numbers[i];
        if (!program_reads(program, number) || is_transport(number) ||
            !check_is_set(search->check, search->service, number))
            continue;
        struct str path = find_socket(search, check_value(search->check, search->service, number));
        if (path.at != NULL)
            report_socket(search, search->service, number, path);
    }
}

/* check_login - of Dovecot, whose socket is a path alone */
static void check_login(const struct jail_search *search)
{
    const struct service *service = search->service;

    if (!service_runs(service, "smtpd") ||
        config_flag(search->check->config, service, PARAM_SMTPD_SASL_AUTH_ENABLE) != 1 ||
        !str_is(check_value(search->check, service, PARAM_SMTPD_SASL_TYPE), "dovecot"))
        return;
    struct str path = check_value(search->check, service, PARAM_SMTPD_SASL_PATH);
    if (is_hidden(search, path))
        report_socket(search, service, PARAM_SMTPD_SASL_PATH, path);
}

/* check_next_hops - "lmtp:unix:/path", where the transport is the service */
static void check_next_hops(const struct jail_search *search)
{
    struct check *check = search->check;

    for (size_t i = 0; i < search->settings->count; i++) {
        enum parameter_number number = search->settings->numbers[i];
        if (!is_transport(number) || !check_is_set(check, NULL, number))
            continue;
        struct str value = check_value(check, NULL, number);
        struct str path = find_socket(search, value);
        if (path.at != NULL &&
            str_eq(str_slice(value, 0, str_find(value, ':', 0)), search->service->name))
            report_socket(search, NULL, number, path);
    }
}

static void check_sockets(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    struct str queue = path_trim_slashes(check_value(check, NULL, PARAM_QUEUE_DIRECTORY));
    struct socket_settings settings;

    collect_settings(check->config, &settings);
    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        const struct program *program = facts_program(service_process_name(service));
        const struct jail_search search = {check, service, &settings, queue};
        if (program == NULL || !config_chroots(check->config, service))
            continue;
        check_values(&search, program);
        check_login(&search);
        if (transport_service(check->config, service->name) == service)
            check_next_hops(&search);
    }
}

static const struct example examples[] = {
    {.title = "the login server and a policy server, as seen from the jail",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_sasl_auth_enable = yes\n"
                "smtpd_sasl_type = dovecot\n"
                "smtpd_sasl_path = /var/spool/postfix/private/auth\n"
                "smtpd_recipient_restrictions = permit_mynetworks,\n"
                "  check_policy_service unix:/var/spool/postfix/private/policy\n"
                "virtual_transport = lmtp:unix:/var/spool/postfix/private/dovecot-lmtp\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "lmtp unix - - y - - lmtp\n",
     .findings = {{4, "/var/spool/postfix/private/auth"}, {5, NULL}, {7, NULL}}},
    {.title = "paths from the queue directory; and services outside of the jail",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_sasl_auth_enable = yes\n"
                "smtpd_sasl_type = dovecot\n"
                "smtpd_sasl_path = private/auth\n"
                "virtual_transport = lmtp:unix:/var/spool/postfix/private/dovecot-lmtp\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "lmtp unix - - n - - lmtp\n"},
};

const struct rule rule_socket_in_jail = {
    .name = "socket-in-jail",
    .summary = "a socket by its whole path, for a program in the chroot jail",
    .why =
        "A service with y in the chroot column sees the queue directory as its whole file "
        "system: there, /var/spool/postfix/private/auth is "
        "/var/spool/postfix/var/spool/postfix/private/auth.  smtpd(8) then finds no login server "
        "and exits at EHLO (\"no SASL authentication mechanisms\"), a milter or policy server is "
        "not asked, and mail by LMTP waits.  A path from the queue directory, private/auth, is "
        "found in the jail and outside of it.",
    .source = "master(5), chroot; measured with Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_ERROR,
    .check = check_sockets,
    RULE_EXAMPLES(examples),
};
