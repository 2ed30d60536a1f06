/*
 * refuses_all - services that refuse everybody who should send there
 *
 * Only what the words of a list decide by themselves: a plain "reject" or "defer" with nothing
 * before it that may permit the client.
 */
#include "parser/text/token.h"
#include "rules/rule/rule.h"
#include "smtp/service/policy.h"

/* who is refused, by what is before the "reject" */
struct list_refusal {
    struct str word; /* the "reject"; empty: there is none */
    bool networks;   /* permit_mynetworks is before it */
    bool users;      /* permit_sasl_authenticated is */
};

/* may_permit - can a restriction let a stranger's mail pass? */
static bool may_permit(struct str word)
{
    static const char *const never[] = {"permit_mynetworks", "permit_sasl_authenticated",
                                        "permit_inet_interfaces", "permit_tls_clientcerts",
                                        "permit_tls_all_clientcerts"};

    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (str_is_nocase(word, never[i]))
            return false;
    return !str_starts(word, "reject_");
}

/* read_list - without a word where something before the "reject" may permit strangers */
static struct list_refusal read_list(struct str list)
{
    struct list_refusal refusal = {.word = STR_NONE};
    struct str word;

    while (token_next(&list, TOKEN_COMMAS, &word)) {
        refusal.networks |= str_is_nocase(word, "permit_mynetworks");
        refusal.users |= str_is_nocase(word, "permit_sasl_authenticated");
        if (str_is_nocase(word, "reject") || str_is_nocase(word, "defer")) {
            refusal.word = word;
            return refusal;
        }
        if (may_permit(word))
            return refusal;
    }
    return refusal;
}

static const enum parameter_number lists[] = {
    PARAM_SMTPD_CLIENT_RESTRICTIONS,    PARAM_SMTPD_HELO_RESTRICTIONS,
    PARAM_SMTPD_SENDER_RESTRICTIONS,    PARAM_SMTPD_RELAY_RESTRICTIONS,
    PARAM_SMTPD_RECIPIENT_RESTRICTIONS,
};

enum { LIST_COUNT = sizeof lists / sizeof *lists };

/* --- port 25 ---------------------------------------------------------------------------------- */

/* has_domain - is mail to the domain itself local, not only to the host? */
static bool has_domain(const struct check *check)
{
    struct str list = check_value(check, NULL, PARAM_MYDESTINATION), word;
    struct str domain = check_value(check, NULL, PARAM_MYDOMAIN);

    while (check_is_set(check, NULL, PARAM_MYDESTINATION) &&
           token_next_plain(&list, TOKEN_COMMAS, &word))
        if (str_eq_nocase(word, domain))
            return true;
    return false;
}

/* takes_mail - do the files name domains whose mail comes from outside? */
static bool takes_mail(const struct check *check)
{
    static const enum parameter_number domains[] = {
        PARAM_RELAY_DOMAINS, PARAM_VIRTUAL_ALIAS_DOMAINS, PARAM_VIRTUAL_MAILBOX_DOMAINS};

    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++)
        if (check_is_set(check, NULL, domains[i]) && check_value(check, NULL, domains[i]).len > 0)
            return true;
    return has_domain(check);
}

static void check_outside(struct check *check, const struct service *service)
{
    /* then it may be meant for users alone */
    bool users = config_flag(check->config, service, PARAM_SMTPD_SASL_AUTH_ENABLE) == 1;

    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct list_refusal refusal = read_list(check_value(check, service, lists[i]));
        struct span span = check_span(check, service, lists[i]);
        if (refusal.word.len == 0 || check_is_reported(check, span))
            continue;
        check_reportf(check, span,
                      "let mail to the own domains pass: reject_unauth_destination instead of "
                      "reject",
                      "port 25 takes no mail from outside: \"%.*s\" refuses every client%s",
                      STR_ARG(refusal.word),
                      refusal.networks ? " that is not in mynetworks and has not logged in" : "")
            ->severity = takes_mail(check) && !users ? SEVERITY_WARNING : SEVERITY_ADVICE;
        return;
    }
}

/* --- the ports of users ------------------------------------------------------------------------
 */

static void check_users(struct check *check, const struct service *service)
{
    if (config_flag(check->config, service, PARAM_SMTPD_SASL_AUTH_ENABLE) != 0)
        return;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct list_refusal refusal = read_list(check_value(check, service, lists[i]));
        struct span span = check_span(check, service, lists[i]);
        if (refusal.word.len == 0 || !refusal.users || refusal.networks ||
            check_is_reported(check, span))
            continue;
        check_reportf(check, span, "add -o smtpd_sasl_auth_enable=yes to the service",
                      "no one can send by the service \"%.*s\": it takes mail of users who logged "
                      "in, and smtpd_sasl_auth_enable is no",
                      STR_ARG(service->name))
            ->severity = SEVERITY_ERROR;
        return;
    }
}

static void check_services(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        bool inet = str_is(service->type, "inet") || str_is(service->type, "pass");
        if (!inet || !service_runs(service, "smtpd") || config_is_local(check->config, service))
            continue;
        if (service_port(service) == SMTP_PORT || str_is(service->type, "pass"))
            check_outside(check, service);
        else
            check_users(check, service);
    }
}

static const struct example examples[] = {
    {.title = "port 25 of a server that has domains",
     .platform = "debian12",
     .main_cf = "virtual_alias_domains = example.com\n"
                "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject\n",
     .master_cf = "smtp inet n - y - - smtpd\n",
     .findings = {{2, "permit_mynetworks, permit_sasl_authenticated, reject"}}},
    {.title = "a service for users, without logins",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n",
     .findings = {{2, "permit_sasl_authenticated,reject"}}},
    {.title = "domains pass, a table decides, and a service for the machine itself",
     .platform = "debian12",
     .main_cf =
         "virtual_alias_domains = example.com\n"
         "smtpd_relay_restrictions = permit_mynetworks, permit_auth_destination, reject\n"
         "smtpd_client_restrictions = check_client_access cidr:/etc/postfix/clients, reject\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "127.0.0.1:25 inet n - y - - smtpd\n"
                  "  -o smtpd_client_restrictions=permit_mynetworks,reject\n"
                  "submission inet n - y - - smtpd\n"
                  "  -o smtpd_sasl_auth_enable=yes\n"
                  "  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n"},
};

const struct rule rule_refuses_all = {
    .name = "refuses-all",
    .summary = "a service that refuses everybody who should send there",
    .why =
        "\"reject\" at the end of a list refuses what nothing before it permits.  On port 25 that "
        "is the mail of all other servers, with \"554 5.7.1 Access denied\", also for the "
        "domains that this server is responsible for; reject_unauth_destination refuses the "
        "rest alone.  permit_sasl_authenticated permits nobody where smtpd_sasl_auth_enable is "
        "no.",
    .source = "SMTPD_ACCESS_README; SMTPD_RELAY_README; postconf(5)",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_services,
    RULE_EXAMPLES(examples),
};
