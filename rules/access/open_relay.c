/* open_relay - would this server relay for a stranger?  It asks the policy, session by session */
#include <stddef.h>

#include "rules/access/stranger.h"
#include "rules/rule/rule.h"
#include "smtp/address/address.h"
#include "smtp/policy/restriction.h"

/* simulated sessions of one service: a hostile configuration must not delay the others */
enum { WALKS_MAX = 100000 };

/* a stranger, and the mail that it tries to send */
struct attempt {
    struct str address, name, helo, sender, recipient;
};

struct relay_search {
    struct check *check;
    const struct policy_service *service;
    struct arena *arena;
    struct assumption_list assumptions;
    struct map *resolved; /* addresses, under the assumptions */
    size_t walks;
    struct str cut; /* of a session of which not every outcome was tried; empty: none */
};

/* --- one session ---------------------------------------------------------------------------- */

static void begin_session(struct state *state, const struct relay_search *search,
                          struct world *world, const struct attempt *attempt)
{
    const struct policy_service *service = search->service;
    struct str level = policy_str(service, PARAM_SMTPD_TLS_SECURITY_LEVEL);

    state_init(state, service, search->arena, world);
    state->client_address = attempt->address;
    state->client_name = attempt->name;
    state->reverse_client_name = attempt->name;
    if (!str_is(attempt->name, "unknown"))
        state->client_name_status = state->reverse_client_name_status = NAME_OK;
    state->protocol = str_of("ESMTP");
    /* a stranger uses TLS, if the server offers it */
    state->tls.active = str_is(level, "may") || str_is(level, "encrypt") ||
                        policy_flag(service, PARAM_SMTPD_TLS_WRAPPERMODE);
    state->tls.protocol = str_of("TLSv1.3");
    state->tls.cipher = str_of("TLS_AES_256_GCM_SHA384");
}

/*
 * is_relayed - is the mail sent to another server?  "a%b@here" may be a local user, and with
 * "mydestination = static:all" every domain is local
 */
static bool is_relayed(struct state *state, const struct attempt *attempt)
{
    enum address_class class = address_resolve(state, attempt->sender, attempt->recipient).class;

    return class == ADDRESS_DEFAULT || class == ADDRESS_RELAY;
}

/* is_accepted - is the mail of this session accepted, in this world? */
static bool is_accepted(struct state *state, const struct attempt *attempt)
{
    if (restriction_check(state, STAGE_CONNECT).code != 0)
        return false;
    state->helo = attempt->helo;
    if (restriction_check(state, STAGE_HELO).code != 0)
        return false;
    state->sender = attempt->sender;
    if (restriction_check(state, STAGE_MAIL).code != 0)
        return false;
    state->recipient = attempt->recipient;
    if (restriction_check(state, STAGE_RCPT).code != 0)
        return false;
    if (!is_relayed(state, attempt))
        return false;
    state->recipient_count = 1;
    state->recipient = STR_NONE;
    if (restriction_check(state, STAGE_DATA).code != 0)
        return false;
    return !str_starts(state->discard_or_hold, "DISCARD"); /* accepted and discarded */
}

/*
 * can_relay - is the mail accepted in any world?  What strangers control (their DNS) takes any
 * value; the rest is assumed to be as it should be (see add_assumptions()).
 */
static bool can_relay(struct relay_search *search, const struct attempt *attempt,
                      struct trace *trace)
{
    struct world world;
    struct state state;

    world_init(&world, search->arena, &search->assumptions);
    world.resolved = trace == NULL ? search->resolved : NULL; /* a trace has what was asked */
    do {
        if (++search->walks > WALKS_MAX)
            return false;
        if (trace != NULL)
            trace->count = 0;
        begin_session(&state, search, &world, attempt);
        state.trace = trace;
        if (is_accepted(&state, attempt))
            return true;
    } while (world_next(&world));
    if (world.cut.len > 0)
        search->cut = world.cut;
    return false;
}

/* --- all of them ------------------------------------------------------------------------------ */

/*
 * try_each - the ordinary attempt, and attempts that differ from it in one thing each, as a
 * restriction looks at one thing
 */
static bool try_each(struct relay_search *search, const struct strangers *strangers,
                     struct attempt base, struct attempt *found)
{
    const struct {
        const struct stranger_list *list;
        size_t member;
    } kinds[] = {{&strangers->addresses, offsetof(struct attempt, address)},
                 {&strangers->names, offsetof(struct attempt, name)},
                 {&strangers->helos, offsetof(struct attempt, helo)},
                 {&strangers->senders, offsetof(struct attempt, sender)}};

    *found = base;
    if (can_relay(search, found, NULL))
        return true;
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (size_t i = 1; i < kinds[kind].list->count; i++) {
            *found = base;
            struct str *member = (struct str *)(void *)((char *)found + kinds[kind].member);
            *member = kinds[kind].list->items[i];
            if (can_relay(search, found, NULL))
                return true;
        }
    return false;
}

/* find_attempt - the first attempt that succeeds */
static bool find_attempt(struct relay_search *search, const struct strangers *strangers,
                         struct attempt *found)
{
    struct attempt base = {strangers->addresses.items[0], strangers->names.items[0],
                           strangers->helos.items[0], strangers->senders.items[0],
                           strangers->recipients.items[0]};

    if (try_each(search, strangers, base, found))
        return true;
    for (size_t i = 1; i < strangers->recipients.count; i++) {
        *found = base;
        found->recipient = strangers->recipients.items[i];
        if (can_relay(search, found, NULL))
            return true;
    }
    return false;
}

static void add_assumptions(struct relay_search *search)
{
    static const char *const texts[] = {"dnsbl=none",    "table=none",    "recipient=exists",
                                        "sender=exists", "service=dunno", "verify=ok",
                                        "host=no"};
    struct str error;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assumption_add(&search->assumptions, search->arena, str_of(texts[i]), &error);
}

/* --- the finding ------------------------------------------------------------------------------ */

/* find_permit - the step that permits the recipient, or NULL if no restriction rejects it */
static const struct trace_step *find_permit(const struct trace *trace)
{
    for (size_t i = trace->count; i-- > 0;) {
        const struct trace_step *step = &trace->steps[i];
        if (step->stage == STAGE_RCPT && step->decided && str_starts(step->said, "permit"))
            return step;
    }
    return NULL;
}

static bool is_reported(const struct span *spans, size_t count, struct span span)
{
    for (size_t i = 0; i < count; i++)
        if (spans[i].source == span.source && spans[i].at == span.at)
            return true;
    return false;
}

/* is_mynetworks - then the value of mynetworks is wrong, not the restriction */
static bool is_mynetworks(const struct trace_step *step)
{
    return str_is_nocase(step->restriction, "permit_mynetworks");
}

static struct span choose_span(const struct check *check, const struct policy_service *service,
                               const struct trace_step *step)
{
    if (step != NULL && is_mynetworks(step))
        return check_span(check, service->service, PARAM_MYNETWORKS);
    if (step != NULL && step->span.source != NULL)
        return step->span;
    enum parameter_number list =
        policy_has(service, PARAM_SMTPD_RELAY_RESTRICTIONS) &&
                check_is_set(check, service->service, PARAM_SMTPD_RELAY_RESTRICTIONS)
            ? PARAM_SMTPD_RELAY_RESTRICTIONS
            : PARAM_SMTPD_RECIPIENT_RESTRICTIONS;
    return check_span(check, service->service, list);
}

static void report_relay(const struct relay_search *search, const struct attempt *attempt,
                         const struct trace_step *step, struct span span)
{
    const struct service *listener = search->service->listener;
    struct str name = listener != NULL ? listener->name : str_of("smtpd");
    struct str because =
        step == NULL ? str_of("no restriction rejects it")
        : step->why.len > 0
            ? arena_printf(search->arena, "%.*s permits it: %.*s", STR_ARG(step->restriction),
                           STR_ARG(step->why))
            : arena_printf(search->arena, "%.*s permits it", STR_ARG(step->restriction));

    check_reportf(search->check, span,
                  step != NULL && is_mynetworks(step)
                      ? "list only your own networks in mynetworks"
                      : "put reject_unauth_destination before what permits strangers; best is "
                        "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
                        "reject_unauth_destination",
                  "%.*s relays mail for strangers: from client %.*s, mail from <%.*s> to <%.*s> is "
                  "accepted, because %.*s",
                  STR_ARG(name), STR_ARG(attempt->address), STR_ARG(attempt->sender),
                  STR_ARG(attempt->recipient), STR_ARG(because));
}

/* report_undecided - a limit was reached, and no session that was tried was relayed */
static void report_undecided(const struct relay_search *search)
{
    const struct service *listener = search->service->listener;
    struct str why =
        search->walks > WALKS_MAX
            ? arena_printf(search->arena, "more than %d sessions", WALKS_MAX)
            : arena_printf(search->arena, "in one session, %.*s", STR_ARG(search->cut));
    struct finding *finding = check_reportf(
        search->check,
        check_span(search->check, search->service->service, PARAM_SMTPD_RELAY_RESTRICTIONS),
        "use \"postmend trace\" to check the clients and senders that matter",
        "not decided whether %.*s relays mail for strangers: %.*s would have to be tried",
        STR_ARG(listener != NULL ? listener->name : str_of("smtpd")), STR_ARG(why));

    finding->severity = SEVERITY_WARNING;
}

/* may_relay - is any parameter set that decides about relaying?  The defaults do not relay */
static bool may_relay(const struct check *check, const struct policy_service *service)
{
    static const enum parameter_number numbers[] = {PARAM_MYNETWORKS,
                                                    PARAM_SMTPD_RELAY_RESTRICTIONS,
                                                    PARAM_SMTPD_RECIPIENT_RESTRICTIONS,
                                                    PARAM_RELAY_DOMAINS,
                                                    PARAM_MYDESTINATION,
                                                    PARAM_VIRTUAL_ALIAS_DOMAINS,
                                                    PARAM_VIRTUAL_MAILBOX_DOMAINS,
                                                    PARAM_VIRTUAL_ALIAS_MAPS};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (check_is_set(check, service->service, numbers[i]))
            return true;
    return false;
}

/* is_repeated - is it a service without overrides, like one before it? */
static bool is_repeated(const struct policy *policy, size_t number)
{
    for (size_t i = 0; i < number; i++)
        if (policy->services[i].service->override_count == 0)
            return policy->services[number].service->override_count == 0;
    return false;
}

static void check_open_relay(struct check *check)
{
    const struct policy *policy = check_policy(check);
    size_t count = policy->count > 0 ? policy->count : 1;
    struct span *reported = arena_alloc(check->arena, count * sizeof *reported);
    size_t reported_count = 0;
    struct map resolved;

    map_init(&resolved, check->arena);
    for (size_t i = 0; i < count; i++) {
        const struct policy_service *service =
            policy->count > 0 ? &policy->services[i] : policy->all;
        struct relay_search search = {
            .check = check, .service = service, .arena = check->arena, .resolved = &resolved};
        struct trace trace = {.arena = check->arena};
        struct strangers strangers;
        struct attempt attempt;
        if (!may_relay(check, service) || is_repeated(policy, i))
            continue;
        add_assumptions(&search);
        strangers_collect(&strangers, check->arena, service);
        if (!find_attempt(&search, &strangers, &attempt)) {
            if (search.walks > WALKS_MAX || search.cut.len > 0)
                report_undecided(&search);
            continue;
        }
        search.walks = 0;
        can_relay(&search, &attempt, &trace);
        const struct trace_step *step = find_permit(&trace);
        struct span span = choose_span(check, service, step);
        if (is_reported(reported, reported_count, span))
            continue;
        reported[reported_count++] = span;
        report_relay(&search, &attempt, step, span);
    }
}

static const struct example examples[] = {
    {.title = "empty relay restrictions, and recipient restrictions that permit everyone",
     .platform = "debian12",
     .main_cf = "smtpd_relay_restrictions =\n"
                "smtpd_recipient_restrictions = check_client_access cidr:{{0.0.0.0/0 OK}},\n"
                "  reject_unauth_destination\n"
                "mynetworks = 127.0.0.0/8\n",
     .findings = {{2, "check_client_access"}}},
    {.title = "mynetworks contains the whole Internet",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "mynetworks = 127.0.0.0/8, 0.0.0.0/0\n",
     .findings = {{2, "127.0.0.0/8, 0.0.0.0/0"}}},
    {.title = "an option in braces is an option",
     .platform = "debian13",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "smtp inet n - n - - smtpd { -o mynetworks=0.0.0.0/0 }\n",
     .findings = {{1, "0.0.0.0/0"}}},
    {.title = "a restriction permits the sender before reject_unauth_destination is reached",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8\n"
                "smtpd_relay_restrictions = check_sender_access inline:{example.com=OK},\n"
                "  permit_mynetworks, reject_unauth_destination\n",
     .findings = {{2, NULL}}},
    {.title = "the same restriction in a list that does not decide about relaying",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8\n"
                "smtpd_sender_restrictions = check_sender_access inline:{example.com=OK}\n"},
    {.title = "the thirtieth entry of a table permits strangers",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8\n"
                "smtpd_relay_restrictions = check_client_access cidr:{{203.0.113.0/24 OK},\n"
                "  {203.0.112.1 OK}, {203.0.112.2 OK}, {203.0.112.3 OK}, {203.0.112.4 OK},\n"
                "  {203.0.112.5 OK}, {203.0.112.6 OK}, {203.0.112.7 OK}, {203.0.112.8 OK},\n"
                "  {203.0.112.9 OK}, {203.0.112.10 OK}, {203.0.112.11 OK}, {203.0.112.12 OK},\n"
                "  {203.0.112.13 OK}, {203.0.112.14 OK}, {203.0.112.15 OK}, {203.0.112.16 OK},\n"
                "  {203.0.112.17 OK}, {203.0.112.18 OK}, {203.0.112.19 OK}, {203.0.112.20 OK},\n"
                "  {203.0.112.21 OK}, {203.0.112.22 OK}, {203.0.112.23 OK}, {203.0.112.24 OK},\n"
                "  {203.0.112.25 OK}, {203.0.112.26 OK}, {203.0.112.27 OK}, {203.0.112.28 OK},\n"
                "  {193.0.0.0/8 OK}}, reject_unauth_destination\n",
     .findings = {{2, "check_client_access"}}},
    {.title = "a server that delivers mail for every domain itself does not relay it",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8\n"
                "mydestination = static:all\n"
                "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"},
    {.title = "the server relays mail to every domain",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8\n"
                "relay_domains = static:all\n"
                "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n",
     .findings = {{3, NULL}}},
    {.title = "strangers have no addresses in private networks",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8 10.0.0.0/8 192.168.0.0/16 [fd00::]/8\n"},
};

const struct rule rule_open_relay = {
    .name = "open-relay",
    .summary = "the server relays mail for strangers",
    .why = "A server that accepts mail from anyone for any domain is found within hours, is used "
           "to send spam, and is added to every block list.  By default, Postfix does not relay "
           "for strangers; what makes it an open relay is the order of restrictions, an OK in an "
           "access table, a mynetworks that is too wide, or an override in master.cf.\n\n"
           "This rule does not match patterns: it simulates sessions of strangers with each smtpd "
           "service, with the senders, HELO names and networks that the configuration mentions, "
           "and checks whether any of them can send mail to a foreign domain.  Strangers control "
           "their own DNS, so that any DNS result is tried; tables in databases are assumed to "
           "find nothing, and policy servers to answer DUNNO.  \"postmend trace\" shows how the "
           "restrictions are evaluated.",
    .source = "SMTPD_ACCESS_README; postconf(5), smtpd_relay_restrictions; access(5)",
    .severity = SEVERITY_ERROR,
    .check = check_open_relay,
    RULE_EXAMPLES(examples),
};
