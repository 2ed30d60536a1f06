/* relayhost - a relayhost that is not another mail server */
#include "parser/text/network.h"
#include "parser/text/token.h"
#include "parser/value/nexthop.h"
#include "rules/rule/rule.h"

/* split_port - the port of "host:port" or "[host]:port", and the host without brackets */
static struct str split_port(struct str destination, struct str *host)
{
    bool bracketed = str_starts(destination, "[");
    size_t end = str_find(destination, bracketed ? ']' : ':', 0);

    *host = str_slice(destination, bracketed ? 1 : 0, end);
    return str_slice(destination, end + (bracketed ? 2 : 1), destination.len);
}

static bool is_smtp(const struct service *service)
{
    return service != NULL && (service_runs(service, "smtp") || service_runs(service, "lmtp"));
}

/* is_own - does mydestination name the domain?  Then this host is probably its mail server */
static bool is_own(const struct check *check, struct str domain)
{
    struct str list = check_value(check, NULL, PARAM_MYDESTINATION), item;

    while (token_next(&list, TOKEN_COMMAS, &item))
        if (str_eq_nocase(item, domain))
            return true;
    return false;
}

/* is_this_machine - does the name or the address always mean the machine itself? */
static bool is_this_machine(struct str host)
{
    return str_is_nocase(host, "localhost.localdomain") || network_is_loopback_host(host);
}

/* is_nothing - what templates write for a value that is not there */
static bool is_nothing(struct str host)
{
    static const char *const words[] = {"none", "null", "nil", "undefined", "false", "no"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is_nocase(host, words[i]))
            return true;
    return false;
}

/* check_host - the name alone; true: it is reported */
static bool check_host(struct check *check, struct span span, struct str host, struct str port,
                       struct str destination)
{
    bool own_port = port.len == 0 || facts_port(port) == SMTP_PORT || str_is(port, "25");

    if (is_nothing(host))
        check_reportf(check, span, "leave relayhost empty, or write the name of a mail server",
                      "mail for other hosts waits in the queue: Postfix looks for a host that is "
                      "called \"%.*s\"",
                      STR_ARG(host));
    else if (is_this_machine(host) && own_port)
        check_reportf(check, span, "name another mail server, or leave relayhost empty",
                      "mail for other hosts waits in the queue: \"%.*s\" is this host itself",
                      STR_ARG(destination));
    else if (str_ends(destination, ":"))
        check_reportf(check, span, "write the port, or remove the colon",
                      "the port after the colon is missing, and smtp(8) uses port 25");
    else
        return false;
    return true;
}

static void check_destination(struct check *check, struct str destination)
{
    struct span span = check_span(check, NULL, PARAM_RELAYHOST);
    struct str hostname = check_value(check, NULL, PARAM_MYHOSTNAME), host;
    struct str port = split_port(destination, &host);
    bool bracketed = str_starts(destination, "[");

    if (check_host(check, span, host, port, destination))
        return;
    if (bracketed && hostname.len > 0 && str_eq_nocase(host, hostname) &&
        (port.len == 0 || facts_port(port) == SMTP_PORT || str_is(port, "25")))
        check_reportf(check, span, "name another mail server, or leave relayhost empty",
                      "mail for other hosts waits in the queue: \"%.*s\" is this host itself",
                      STR_ARG(destination));
    else if (port.len > 0 && !str_is_digits(port) && facts_port(port) == 0)
        check_reportf(check, span, "write the number of the port",
                      "smtp(8) exits, and mail waits in the queue, unless /etc/services has the "
                      "port \"%.*s\"",
                      STR_ARG(port));
    else if (!bracketed && port.len == 0 && is_own(check, host))
        check_reportf(check, span, "write the name of another mail server, in brackets",
                      "mail for other hosts is sent to the mail server of \"%.*s\", which is "
                      "probably this host: mydestination has the domain",
                      STR_ARG(host));
    else if (!bracketed && is_smtp(transport_service(check->config, host)))
        check_reportf(check, span, "write the host alone; a transport belongs in default_transport",
                      "\"%.*s\" is the name of a transport, but Postfix looks for a host of that "
                      "name",
                      STR_ARG(host));
}

/* check_transport - error(8) and discard(8) take the next hop for a text, or for nothing */
static void check_transport(struct check *check)
{
    struct str value = check_value(check, NULL, PARAM_DEFAULT_TRANSPORT);
    const struct service *service =
        transport_service(check->config, str_slice(value, 0, str_find(value, ':', 0)));

    if (service == NULL || check_value(check, NULL, PARAM_RELAYHOST).len == 0 ||
        (!service_runs(service, "error") && !service_runs(service, "discard")))
        return;
    check_reportf(check, check_span(check, NULL, PARAM_RELAYHOST),
                  "remove default_transport, or relayhost",
                  "mail for other hosts does not go to relayhost: default_transport = %.*s %s it",
                  STR_ARG(value), service_runs(service, "error") ? "bounces" : "throws away")
        ->severity = SEVERITY_ERROR;
}

static void check_relayhost(struct check *check)
{
    struct str relayhost = check_value(check, NULL, PARAM_RELAYHOST), destination;

    while (check_is_set(check, NULL, PARAM_RELAYHOST) &&
           token_next_plain(&relayhost, TOKEN_COMMAS, &destination))
        check_destination(check, destination);
    if (check_is_set(check, NULL, PARAM_RELAYHOST))
        check_transport(check);
}

static const struct example examples[] = {
    {.title = "a transport instead of a host",
     .platform = "debian12",
     .main_cf = "relayhost = smtp:25\n",
     .master_cf = "smtp unix - - y - - smtp\n",
     .findings = {{1, "smtp:25"}}},
    {.title = "the host itself; on another port, something else may listen",
     .platform = "debian12",
     .main_cf = "myhostname = mail.example.com\n"
                "relayhost = [mail.example.com]:smtp, [mail.example.com]:10025\n",
     .findings = {{2, "[mail.example.com]:smtp, [mail.example.com]:10025"}}},
    {.title = "a domain of this host, and a port that has no such name",
     .platform = "debian12",
     .main_cf = "mydomain = example.com\n"
                "mydestination = localhost, $mydomain\n"
                "relayhost = $mydomain, [mx.example.net]:smpt\n",
     .findings = {{3, "$mydomain, [mx.example.net]:smpt"},
                  {3, "$mydomain, [mx.example.net]:smpt"}}},
    {.title = "what a template leaves, and the machine itself",
     .platform = "debian12",
     .main_cf = "relayhost = [mx.example.net]:, None, [127.0.0.1], localhost:10025\n",
     .findings = {{1, NULL}, {1, NULL}, {1, NULL}}},
    {.title = "a default transport that does not send",
     .platform = "debian12",
     .main_cf = "relayhost = [mx.example.net]\n"
                "default_transport = error:no mail to the outside\n",
     .master_cf = "error unix - - y - - error\n",
     .findings = {{1, "[mx.example.net]"}}},
    {.title = "another host, also one whose name is a word",
     .platform = "debian12",
     .main_cf = "relayhost = [smtp]:25, mx.example.com\n",
     .master_cf = "smtp unix - - y - - smtp\n"},
};

const struct rule rule_relayhost = {
    .name = "relayhost",
    .summary = "a relayhost that is not another mail server",
    .why = "relayhost is a host or a domain, with or without a port: in \"smtp:25\", smtp is a "
           "host, which DNS does not have.  Where relayhost is the host itself, smtp(8) notices "
           "that mail would loop back.  In both cases it logs \"relayhost configuration problem\", "
           "and the mail stays in the queue.",
    .source = "postconf(5), relayhost; src/smtp/smtp_connect.c",
    .severity = SEVERITY_WARNING,
    .check = check_relayhost,
    RULE_EXAMPLES(examples),
};
