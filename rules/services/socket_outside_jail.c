/* socket_outside_jail - sockets outside of the queue directory, for programs in the chroot jail */
#include "parser/text/token.h"
#include "parser/value/endpoint.h"
#include "parser/value/nexthop.h"
#include "rules/services/routes.h"

/* find_path - the path of "unix:path" or "local:path"; empty if TEXT is neither */
static struct str find_path(struct str text)
{
    size_t colon = str_find(text, ':', 0);
    struct str type = str_slice(text, 0, colon);

    return str_is(type, "unix") || str_is(type, "local") ? str_slice(text, colon + 1, text.len)
                                                         : str_of("");
}

/* is_outside - a path that other programs' sockets have outside of the jail; what begins with the
   queue directory has the rule socket-in-jail */
static bool is_outside(struct str path)
{
    return str_starts(path, "/run/") || str_starts(path, "/var/run/") || str_starts(path, "/tmp/");
}

static void check_path(struct check *check, const struct service *service, struct str path,
                       struct span span)
{
    struct str queue = check_value(check, NULL, PARAM_QUEUE_DIRECTORY);

    if (!is_outside(path) || check_is_reported(check, span))
        return;
    check_reportf(check, span, "use a socket below the queue directory, with a path relative to it",
                  "the service \"%.*s\" runs in the chroot jail, and looks for the socket "
                  "%.*s%.*s",
                  STR_ARG(service->name), STR_ARG(queue), STR_ARG(path));
}

/* --- smtpd ------------------------------------------------------------------------------------ */

static void check_milters(struct check *check, const struct service *service)
{
    struct str list = check_value(check, service, PARAM_SMTPD_MILTERS), item;

    while (token_next(&list, TOKEN_COMMAS, &item))
        check_path(check, service, find_path(endpoint_address(item)),
                   check_span(check, service, PARAM_SMTPD_MILTERS));
}

static void check_logins(struct check *check, const struct service *service)
{
    struct str path = check_value(check, service, PARAM_SMTPD_SASL_PATH);

    if (config_flag(check->config, service, PARAM_SMTPD_SASL_AUTH_ENABLE) == 1 &&
        str_is(check_value(check, service, PARAM_SMTPD_SASL_TYPE), "dovecot"))
        check_path(check, service, path, check_span(check, service, PARAM_SMTPD_SASL_PATH));
}

/* --- lmtp ------------------------------------------------------------------------------------- */

static void see_route(struct check *check, const struct mail_route *route, void *context)
{
    size_t colon = str_find(route->text, ':', 0);
    const struct service *service =
        route->is_nexthop ? NULL
                          : transport_service(check->config, str_slice(route->text, 0, colon));

    (void)context;
    if (service != NULL && service_runs(service, "lmtp") && route->span.source != NULL &&
        config_chroots(check->config, service))
        check_path(check, service, find_path(str_slice(route->text, colon + 1, route->text.len)),
                   route->span);
}

static void check_sockets(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    bool delivers = false; /* a service by a socket, from the jail */

    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        bool server = service_runs(service, "smtpd"), client = service_runs(service, "lmtp");
        if ((!server && !client) || !config_chroots(check->config, service))
            continue;
        delivers |= client;
        if (server) {
            check_milters(check, service);
            check_logins(check, service);
        }
    }
    if (delivers)
        routes_each(check, see_route, NULL);
}

static const struct example examples[] = {
    {.title = "sockets of Dovecot and of a filter",
     .platform = "debian12",
     .main_cf = "smtpd_milters = inet:127.0.0.1:8891, unix:/run/opendkim/opendkim.sock\n"
                "virtual_mailbox_domains = example.com\n"
                "virtual_transport = lmtp:unix:/var/run/dovecot/lmtp\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "  -o smtpd_sasl_auth_enable=yes\n"
                  "  -o smtpd_sasl_type=dovecot\n"
                  "  -o smtpd_sasl_path=/run/dovecot/auth\n"
                  "lmtp unix - - y - - lmtp\n",
     .findings = {{1, NULL}, {3, NULL}, {4, "/run/dovecot/auth"}}},
    {.title = "sockets below the queue directory, and programs outside of the jail",
     .platform = "debian12",
     .main_cf = "smtpd_milters = unix:/opendkim/opendkim.sock, local:spamass/spamass.sock\n"
                "virtual_mailbox_domains = example.com\n"
                "virtual_transport = lmtp:unix:private/dovecot-lmtp\n"
                "mailbox_transport = lmtp:unix:/run/cyrus/lmtp\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "submission inet n - n - - smtpd\n"
                  "  -o smtpd_milters=unix:/run/rspamd/milter.sock\n"
                  "lmtp unix - - n - - lmtp\n"},
};

const struct rule rule_socket_outside_jail = {
    .name = "socket-outside-jail",
    .summary = "a socket outside of the chroot jail that its program is in",
    .why = "A program with y in the fifth column of master.cf (chroot) sees the queue directory as "
           "\"/\": /run/dovecot/lmtp is /var/spool/postfix/run/dovecot/lmtp for it.  It finds no "
           "socket there, unless somebody made one, and mail waits in the queue or is answered "
           "with 451.  A path without \"/\" before it is relative to the queue directory, inside "
           "the jail and outside of it.",
    .source = "master(5), chroot; SASL_README, \"Communication between the Postfix SMTP server and "
              "Dovecot SASL\"; MILTER_README",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_sockets,
    RULE_EXAMPLES(examples),
};
