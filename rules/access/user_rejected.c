/* user_rejected - services where users log in, and then may not send mail to other domains */
#include "parser/text/token.h"
#include "parser/value/nexthop.h"
#include "rules/rule/rule.h"
#include "smtp/policy/restriction.h"
#include "smtp/start/start.h"

/* the sessions of a user somewhere on the Internet */
struct user_search {
    struct check *check;
    const struct policy_service *service;
    struct assumption_list assumptions;
    struct trace trace; /* of the last session */
    struct reply reply; /* that refused it */
    struct str cut;     /* why not every outcome was tried; empty: all were */
};

/* --- one session ---------------------------------------------------------------------------- */

static void begin_session(struct user_search *search, struct state *state, struct world *world)
{
    state_init(state, search->service, search->check->arena, world);
    state->trace = &search->trace;
    search->trace.count = 0;
    state->client_address = str_of("93.5.77.5");
    state->client_name = state->reverse_client_name = str_of("client.provider.example");
    state->client_name_status = state->reverse_client_name_status = NAME_OK;
    state->protocol = str_of("ESMTP");
    state->tls.active = true;
    state->tls.protocol = str_of("TLSv1.3");
    state->tls.cipher = str_of("TLS_AES_256_GCM_SHA384");
}

/* is_passed - is the stage let through? */
static bool is_passed(struct user_search *search, struct state *state, enum stage stage)
{
    search->reply = restriction_check(state, stage);
    return search->reply.code == 0;
}

static bool is_accepted(struct user_search *search, struct state *state)
{
    struct str name = policy_str(search->service, PARAM_MYHOSTNAME);
    struct str domain = name.len > 0 ? name : str_of("host.invalid");

    if (!is_passed(search, state, STAGE_CONNECT))
        return false;
    state->helo = str_of("laptop.provider.example");
    if (!is_passed(search, state, STAGE_HELO))
        return false;
    state->sasl_method = str_of("PLAIN");
    state->sasl_username = str_of("postmaster");
    state->sender = arena_printf(search->check->arena, "postmaster@%.*s", STR_ARG(domain));
    if (!is_passed(search, state, STAGE_MAIL))
        return false;
    state->recipient = str_of("friend@elsewhere.example");
    return is_passed(search, state, STAGE_RCPT);
}

/* is_final - 4xx is about what is missing or does not answer, which others report */
static bool is_final(struct reply reply)
{
    return reply.code / 100 == 5;
}

/* may_send - in any world; true where that was not decided */
static bool may_send(struct user_search *search)
{
    struct world world;
    struct state state;

    world_init(&world, search->check->arena, &search->assumptions);
    do {
        begin_session(search, &state, &world);
        if (is_accepted(search, &state) || !is_final(search->reply))
            return true;
    } while (world_next(&world));
    search->cut = world.cut;
    return search->cut.len > 0;
}

/* --- the services ----------------------------------------------------------------------------- */

/* is_for_users - port 25 is for other servers too, which do not log in */
static bool is_for_users(const struct policy_service *service)
{
    return service->listener != NULL && policy_flag(service, PARAM_SMTPD_SASL_AUTH_ENABLE) &&
           (service->port == SUBMISSION_PORT || service->port == SUBMISSIONS_PORT) &&
           start_fault_of_listener(service) == NULL;
}

/* compares_logins - then the answer depends on who it is */
static bool compares_logins(const struct policy_service *service)
{
    static const enum parameter_number lists[] = {
        PARAM_SMTPD_CLIENT_RESTRICTIONS,    PARAM_SMTPD_HELO_RESTRICTIONS,
        PARAM_SMTPD_SENDER_RESTRICTIONS,    PARAM_SMTPD_RELAY_RESTRICTIONS,
        PARAM_SMTPD_RECIPIENT_RESTRICTIONS,
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct str list = policy_str(service, lists[i]);
        if (list.at == NULL || str_search(list, "login_mismatch") < list.len ||
            str_search(list, "check_sasl_access") < list.len)
            return true;
    }
    return false;
}

/* sends_nothing_out - the site wants no mail to other domains: error(8) returns it to everyone */
static bool sends_nothing_out(const struct policy_service *service)
{
    struct str transport = policy_str(service, PARAM_DEFAULT_TRANSPORT);
    const struct service *found = transport_service(
        service->policy->config, str_slice(transport, 0, str_find(transport, ':', 0)));

    return found != NULL && service_runs(found, "error");
}

static void add_assumptions(struct user_search *search)
{
    static const char *const texts[] = {"dns=ok",        "dnsbl=none",    "recipient=exists",
                                        "sender=exists", "service=dunno", "verify=ok",
                                        "host=no"};
    struct str error;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assumption_add(&search->assumptions, search->check->arena, str_of(texts[i]), &error);
}

/* find_rejection - the step that decided, or NULL */
static const struct trace_step *find_rejection(const struct trace *trace)
{
    for (size_t i = trace->count; i-- > 0;)
        if (trace->steps[i].decided)
            return &trace->steps[i];
    return NULL;
}

static void report_rejection(const struct user_search *search)
{
    struct check *check = search->check;
    const struct policy_service *service = search->service;
    const struct trace_step *step = find_rejection(&search->trace);
    struct span span =
        step != NULL && step->span.source != NULL
            ? step->span
            : check_span(check, service->service, PARAM_SMTPD_RECIPIENT_RESTRICTIONS);

    if (check_is_reported(check, span))
        return;
    check_reportf(
        check, span,
        "put permit_sasl_authenticated before what rejects users, in each list that the "
        "service has",
        "users who log in to the service \"%.*s\" cannot send mail to other domains: smtpd "
        "answers %d%s%.*s%s%.*s",
        STR_ARG(service->listener->name), search->reply.code,
        search->reply.enhanced.len > 0 ? " " : "", STR_ARG(search->reply.enhanced),
        step != NULL ? ", because of " : "",
        STR_ARG(step != NULL ? step->restriction : str_of("")));
}

static void check_users(struct check *check)
{
    const struct policy *policy = check_policy(check);

    for (size_t i = 0; i < policy->count; i++) {
        struct user_search search = {.check = check, .service = &policy->services[i]};
        search.trace.arena = check->arena;
        if (!is_for_users(search.service) || compares_logins(search.service) ||
            sends_nothing_out(search.service))
            continue;
        add_assumptions(&search);
        if (!may_send(&search))
            report_rejection(&search);
        else if (search.cut.len > 0)
            check_reportf(
                check,
                search.service->service->line.text.len > 0
                    ? line_span(&search.service->service->line, search.service->service->name)
                    : check_span(check, NULL, PARAM_SMTPD_RECIPIENT_RESTRICTIONS),
                "use \"postmend trace --auth\" to check it",
                "not decided whether users may send mail: %.*s", STR_ARG(search.cut))
                ->severity = SEVERITY_ADVICE;
    }
}

static const struct example examples[] = {
    {.title = "recipients are checked in a second list, which does not know users",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_sasl_auth_enable=yes\n",
     .findings = {{4, "reject_unauth_destination"}}},
    {.title = "a service for users that only the network may use",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "smtpd_tls_security_level = may\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_sasl_auth_enable=yes\n"
                  "  -o smtpd_relay_restrictions=permit_mynetworks,reject\n",
     .findings = {{3, "reject"}}},
    {.title = "users are let through, before and after their login is asked for",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "smtpd_tls_security_level = may\n"
                "smtpd_recipient_restrictions = permit_mynetworks, permit_sasl_authenticated, "
                "reject_unauth_destination\n",
     .master_cf = "submission inet n - y - - smtpd\n"
                  "  -o smtpd_sasl_auth_enable=yes\n"
                  "  -o smtpd_client_restrictions=permit_sasl_authenticated,reject\n"
                  "smtp inet n - y - - smtpd\n"},
};

const struct rule rule_user_rejected = {
    .name = "user-rejected",
    .summary = "users can log in, and then may not send mail",
    .why = "Mail to another domain must pass every list: smtpd_client_restrictions, "
           "smtpd_helo_restrictions, smtpd_sender_restrictions, smtpd_relay_restrictions and "
           "smtpd_recipient_restrictions.  A list in which reject, or reject_unauth_destination, "
           "comes "
           "before permit_sasl_authenticated refuses the users of ports 587 and 465, although they "
           "are logged in.",
    .source = "SASL_README, SMTPD_ACCESS_README; measured with Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_users,
    RULE_EXAMPLES(examples),
};
