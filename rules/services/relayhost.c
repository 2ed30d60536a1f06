/* relayhost - a relayhost that is not another mail server */
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

static void check_destination(struct check *check, struct str destination)
{
    struct span span = check_span(check, NULL, PARAM_RELAYHOST);
    struct str hostname = check_value(check, NULL, PARAM_MYHOSTNAME), host;
    struct str port = split_port(destination, &host);
    bool bracketed = str_starts(destination, "[");

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

static void check_relayhost(struct check *check)
{
    struct str relayhost = check_value(check, NULL, PARAM_RELAYHOST), destination;

    while (check_is_set(check, NULL, PARAM_RELAYHOST) &&
           token_next_plain(&relayhost, TOKEN_COMMAS, &destination))
        check_destination(check, destination);
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
