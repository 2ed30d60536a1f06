/* invalid_restriction - words in lists of restrictions, and results of access tables, that smtpd
   cannot use */
#include "rules/names/nearest.h"
#include "rules/rule/rule.h"
#include "smtp/policy/restriction_fault.h"

static const char *describe_effect(const struct restriction_fault *fault)
{
    switch (fault->effect) {
    case RESTRICTION_REFUSES:
        return fault->place == RESTRICTION_IN_RESULT
                   ? "smtpd answers \"451 4.3.5 Server configuration error\" where it finds this "
                     "entry"
                   : "smtpd answers \"451 4.3.5 Server configuration error\" to every client that "
                     "no earlier restriction decides about";
    case RESTRICTION_EXITS:
        return "smtpd exits when it comes to it, and the client loses its connection";
    case RESTRICTION_IS_SKIPPED:
        return "smtpd logs a warning and skips it";
    case RESTRICTION_IS_UNREACHED:
        return "smtpd logs a warning and never comes to it";
    case RESTRICTION_IS_TAKEN:
        break;
    }
    return "smtpd does not say so";
}

/* choose_severity - an error where mail from everybody waits */
static enum severity choose_severity(const struct restriction_fault *fault)
{
    bool decides = str_is_nocase(fault->word, "permit") || str_is_nocase(fault->word, "reject");

    if (fault->effect == RESTRICTION_IS_UNREACHED && decides)
        return SEVERITY_ADVICE;
    return fault->place == RESTRICTION_IN_LIST &&
                   (fault->effect == RESTRICTION_REFUSES || fault->effect == RESTRICTION_EXITS)
               ? SEVERITY_ERROR
               : SEVERITY_WARNING;
}

static struct str choose_advice(const struct check *check, const struct restriction_fault *fault)
{
    bool in_result = fault->place == RESTRICTION_IN_RESULT;

    if (!fault->is_name || fault->advice.len > 0)
        return fault->advice;
    struct str nearest = nearest_restriction(check->config, fault->word, in_result);
    if (nearest.at != NULL)
        return arena_printf(check->arena, "did you mean %.*s?", STR_ARG(nearest));
    return str_of(in_result ? "write OK, REJECT, DUNNO or another action of access(5)"
                            : "postconf(5) lists the restrictions; remove it, or correct its name");
}

static struct span choose_span(const struct check *check, const struct restriction_fault *fault)
{
    const struct parameter *parameter = facts_parameter(fault->list);

    return fault->span.source != NULL
               ? fault->span
               : check_span(check, fault->service,
                            parameter != NULL ? parameter->number
                                              : PARAM_SMTPD_RESTRICTION_CLASSES);
}

static void see_fault(void *context, const struct restriction_fault *fault)
{
    struct check *check = context;
    struct finding *finding =
        check_report(check, choose_span(check, fault),
                     arena_printf(check->arena, "\"%.*s\" %s; %s", STR_ARG(fault->word),
                                  fault->what, describe_effect(fault)),
                     choose_advice(check, fault));

    finding->severity = choose_severity(fault);
}

static void check_restrictions(struct check *check)
{
    restriction_faults(check_policy(check), see_fault, check);
}

static const char master_cf[] = "smtp inet n - n - - smtpd\n";

static const struct example examples[] = {
    {.title = "names that smtpd does not know",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_sender_restrictions = reject_unknown_sender_domains\n"
                "smtpd_recipient_restrictions = permit_mynetworks; reject_unauth_destination\n"
                "smtpd_helo_restrictions = \"permit_mynetworks, reject_invalid_helo_hostname\"\n"
                "smtpd_data_restrictions = insiders\n"
                "smtpd_etrn_restrictions = permit_mynetwoks, reject\n"
                "insiders = permit_mynetworks\n",
     .master_cf = master_cf,
     .findings = {{2, "reject_unknown_sender_domains"},
                  {3, "permit_mynetworks;"},
                  {4, "\"permit_mynetworks"},
                  {4, "reject_invalid_helo_hostname\""},
                  {5, "insiders"},
                  {6, "permit_mynetwoks"}}},
    {.title = "arguments that are missing, or are not what the restriction takes",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_client_restrictions = reject_rbl_client, permit_mynetworks, sleep\n"
                "smtpd_helo_restrictions = check_helo_access, reject_rhsbl_helo\n"
                "smtpd_sender_restrictions = check_sender_access /etc/postfix/senders\n"
                "smtpd_data_restrictions = hash:/etc/postfix/senders\n"
                "smtpd_recipient_restrictions = reject_rbl_client dnsbl.example=127.0.0.256,\n"
                "    reject_rbl_client dnsbl.example=127.0.0.[2;4..11], warn_if_reject\n",
     .master_cf = master_cf,
     .findings = {{2, "permit_mynetworks"},
                  {2, "sleep"},
                  {3, "check_helo_access"},
                  {4, "check_sender_access"},
                  {5, "hash:/etc/postfix/senders"},
                  {6, "dnsbl.example=127.0.0.256"},
                  {7, "warn_if_reject"}}},
    {.title = "words after one that decides, and a class that names itself",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_restriction_classes = insiders\n"
                "insiders = permit_mynetworks, insiders\n"
                "smtpd_sender_restrictions = reject_non_fqdn_sender, permit, insiders\n"
                "smtpd_recipient_restrictions = permit_mynetworks, reject 550 no\n"
                "smtpd_helo_restrictions = warn_if_reject reject, reject_non_fqdn_helo_hostname\n"
                "local_header_rewrite_clients = permit_mynetwork\n",
     .master_cf = master_cf,
     .findings = {{3, "insiders"}, {4, "insiders"}, {5, "550"}, {7, "permit_mynetwork"}}},
    {.title = "the logins of senders, without a table of them",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_sender_restrictions = reject_sender_login_mismatch\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "submission inet n - n - - smtpd\n"
                  "  -o smtpd_sasl_auth_enable=yes\n",
     .findings = {{2, "reject_sender_login_mismatch"}}},
    {.title = "restrictions of what the client has not said yet",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_delay_reject = no\n"
                "smtpd_client_restrictions = reject_unknown_client_hostname, "
                "reject_unauth_destination\n"
                "smtpd_helo_restrictions = reject_invalid_helo_hostname, "
                "reject_unknown_sender_domain\n"
                "smtpd_sender_restrictions = reject_non_fqdn_sender, "
                "check_recipient_access inline:{ { bob@example.com = REJECT } }\n"
                "smtpd_recipient_restrictions = reject_unverified_recipient\n",
     .master_cf = master_cf,
     .findings = {{3, "reject_unauth_destination"},
                  {4, "reject_unknown_sender_domain"},
                  {5, "check_recipient_access"}}},
    {.title = "by default, all of them are evaluated when the recipient is known",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_client_restrictions = reject_unauth_destination\n"
                "smtpd_helo_restrictions = reject_unknown_sender_domain\n",
     .master_cf = master_cf},
    {.title = "results of access tables",
     .platform = "debian12",
     .main_cf =
         "compatibility_level = 3.6\n"
         "smtpd_sender_restrictions =\n"
         "  check_sender_access inline:{ { a@example.com = REJCT } { b@example.com = OK } },\n"
         "  check_sender_access inline:{ { a@example.com = 5500 no } },\n"
         "  check_sender_access inline:{ { a@example.com = 550 } },\n"
         "  check_sender_access inline:{ { a@example.com = REDIRECT bob } },\n"
         "  check_sender_access inline:{ { a@example.com = 550 5.7.1 no } "
         "{ b@example.com = 1700000000 } { c@example.com = permit_mynetworks, reject } }\n",
     .master_cf = master_cf,
     .findings = {{3, NULL}, {4, NULL}, {5, NULL}, {6, NULL}}},
};

const struct rule rule_invalid_restriction = {
    .name = "invalid-restriction",
    .summary = "a word in a list of restrictions that smtpd cannot use",
    .why =
        "smtpd reads its lists of restrictions word by word, while it decides about a client.  "
        "Where it comes to a word that is not a restriction, or has not the table, server or "
        "number that it needs, it answers \"451 4.3.5 Server configuration error\", and mail "
        "waits at its sender until that gives up.  \"postfix check\" does not read these lists, "
        "and smtpd starts with them.\n\n"
        "With smtpd_delay_reject = no, smtpd evaluates the restrictions of clients, of EHLO and of "
        "senders as soon as it can: a restriction of recipients has no effect there.\n\n"
        "The results of access tables are actions (access(5)) or lists of restrictions without "
        "tables; a number alone, even 550, permits.",
    .source = "access(5); postconf(5); src/smtpd/smtpd_check.c, generic_checks(), "
              "check_table_result(); measured with Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_ERROR,
    .check = check_restrictions,
    RULE_EXAMPLES(examples),
};
