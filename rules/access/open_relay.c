/* open_relay - would this server relay for a stranger?  It asks the policy, session by session */
#include <stddef.h>

#include "rules/access/stranger.h"
#include "rules/rule/rule.h"
#include "smtp/address/address.h"
#include "smtp/policy/restriction.h"

/* walks of one service: a hostile configuration must not hold up the others */
enum { WALKS_MAX = 4096 };

/* who asks for what */
struct attempt {
    struct str address, name, helo, sender, recipient;
};

struct relay_search {
    struct check *check;
    const struct policy_service *service;
    struct arena *arena;
    struct assumption_list assumptions;
    size_t walks;
};

/* --- one session ---------------------------------------------------------------------------- */

static void begin(struct state *state, const struct relay_search *search, struct world *world,
                  const struct attempt *attempt)
{
    const struct policy_service *service = search->service;
    struct str level = policy_str(service, "smtpd_tls_security_level");

    state_init(state, service, search->arena, world);
    state->client_address = attempt->address;
    state->client_name = attempt->name;
    state->reverse_client_name = attempt->name;
    if (!str_is(attempt->name, "unknown"))
        state->client_name_status = state->reverse_client_name_status = NAME_OK;
    state->protocol = str_of("ESMTP");
    /* a stranger speaks TLS too, where it is spoken */
    state->tls.active = str_is(level, "may") || str_is(level, "encrypt") ||
                        policy_flag(service, "smtpd_tls_wrappermode");
    state->tls.protocol = str_of("TLSv1.3");
    state->tls.cipher = str_of("TLS_AES_256_GCM_SHA384");
}

/* leaves - "a%b@here" can also be the name of a user here; then it stays */
static bool leaves(struct state *state, const struct attempt *attempt)
{
    if (str_ends(attempt->recipient, "@elsewhere.example"))
        return true;
    return address_resolve(state, attempt->sender, attempt->recipient).class == ADDRESS_DEFAULT;
}

/* passes - does this session get its mail in, in this world? */
static bool passes(struct state *state, const struct attempt *attempt)
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
    if (!leaves(state, attempt))
        return false;
    state->recipient_count = 1;
    state->recipient = STR_NONE;
    if (restriction_check(state, STAGE_DATA).code != 0)
        return false;
    return !str_starts(state->discard_or_hold, "DISCARD"); /* taken, and thrown away */
}

/*
 * relays - is there a world in which it does?  What strangers have in their hands (their DNS) may
 * turn out as they like; the rest is assumed to be as it should (see assume()).
 */
static bool relays(struct relay_search *search, const struct attempt *attempt, struct trace *trace)
{
    struct world world;
    struct state state;

    world_init(&world, search->arena, &search->assumptions);
    do {
        if (++search->walks > WALKS_MAX)
            return false;
        if (trace != NULL)
            trace->count = 0;
        begin(&state, search, &world, attempt);
        state.trace = trace;
        if (passes(&state, attempt))
            return true;
    } while (world_next(&world));
    return false;
}

/* --- all of them ------------------------------------------------------------------------------ */

/*
 * try_each - the ordinary attempt, and those that have one thing out of the ordinary each: a
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
    if (relays(search, found, NULL))
        return true;
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (size_t i = 1; i < kinds[kind].list->count; i++) {
            *found = base;
            struct str *member = (struct str *)(void *)((char *)found + kinds[kind].member);
            *member = kinds[kind].list->items[i];
            if (relays(search, found, NULL))
                return true;
        }
    return false;
}

/* find_attempt - the first that succeeds */
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
        if (relays(search, found, NULL))
            return true;
    }
    return false;
}

static void assume(struct relay_search *search)
{
    static const char *const texts[] = {"dnsbl=none",    "table=none",    "recipient=exists",
                                        "sender=exists", "service=dunno", "verify=ok",
                                        "host=no"};
    struct str error;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assumption_add(&search->assumptions, search->arena, str_of(texts[i]), &error);
}

/* --- the finding ------------------------------------------------------------------------------ */

/* culprit - the step that let the recipient in, or NULL where no restriction refused */
static const struct trace_step *culprit(const struct trace *trace)
{
    for (size_t i = trace->count; i-- > 0;) {
        const struct trace_step *step = &trace->steps[i];
        if (step->stage == STAGE_RCPT && step->decided && str_starts(step->said, "permit"))
            return step;
    }
    return NULL;
}

static bool seen_before(const struct span *spans, size_t count, struct span span)
{
    for (size_t i = 0; i < count; i++)
        if (spans[i].source == span.source && spans[i].at == span.at)
            return true;
    return false;
}

/* is_mynetworks - then it is not the restriction that is wrong */
static bool is_mynetworks(const struct trace_step *step)
{
    return str_is_nocase(step->restriction, "permit_mynetworks");
}

static struct span place_of(const struct check *check, const struct policy_service *service,
                            const struct trace_step *step)
{
    if (step != NULL && is_mynetworks(step))
        return check_span(check, service->service, PARAM_MYNETWORKS);
    if (step != NULL && step->span.source != NULL)
        return step->span;
    enum parameter_number list =
        policy_has(service, "smtpd_relay_restrictions") &&
                check_is_set(check, service->service, PARAM_SMTPD_RELAY_RESTRICTIONS)
            ? PARAM_SMTPD_RELAY_RESTRICTIONS
            : PARAM_SMTPD_RECIPIENT_RESTRICTIONS;
    return check_span(check, service->service, list);
}

static void report(const struct relay_search *search, const struct attempt *attempt,
                   const struct trace_step *step, struct span span)
{
    const struct service *listener = search->service->listener;
    struct str name = listener != NULL ? listener->name : str_of("smtpd");
    struct str because =
        step == NULL ? str_of("no restriction refuses it")
        : step->why.len > 0
            ? arena_printf(search->arena, "%.*s permits it: %.*s", STR_ARG(step->restriction),
                           STR_ARG(step->why))
            : arena_printf(search->arena, "%.*s permits it", STR_ARG(step->restriction));

    check_reportf(search->check, span,
                  step != NULL && is_mynetworks(step)
                      ? "name your own networks alone in mynetworks"
                      : "let reject_unauth_destination stand before what permits strangers, best "
                        "in smtpd_relay_restrictions = permit_mynetworks, "
                        "permit_sasl_authenticated, reject_unauth_destination",
                  "%.*s relays for strangers: from %.*s, MAIL FROM:<%.*s> to RCPT TO:<%.*s> is "
                  "accepted, as %.*s",
                  STR_ARG(name), STR_ARG(attempt->address), STR_ARG(attempt->sender),
                  STR_ARG(attempt->recipient), STR_ARG(because));
}

/* may_relay - the defaults of every release since 2.10 relay for nobody unless mynetworks does */
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

/* is_plain_again - a service that only says again what one before it said */
static bool is_plain_again(const struct policy *policy, size_t number)
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
    struct span *seen = arena_alloc(check->arena, count * sizeof *seen);
    size_t seen_count = 0;

    for (size_t i = 0; i < count; i++) {
        const struct policy_service *service =
            policy->count > 0 ? &policy->services[i] : policy->all;
        struct relay_search search = {.check = check, .service = service, .arena = check->arena};
        struct trace trace = {.arena = check->arena};
        struct strangers strangers;
        struct attempt attempt;
        if (!may_relay(check, service) || is_plain_again(policy, i))
            continue;
        assume(&search);
        strangers_collect(&strangers, check->arena, service);
        if (!find_attempt(&search, &strangers, &attempt))
            continue;
        search.walks = 0;
        relays(&search, &attempt, &trace);
        const struct trace_step *step = culprit(&trace);
        struct span span = place_of(check, service, step);
        if (seen_before(seen, seen_count, span))
            continue;
        seen[seen_count++] = span;
        report(&search, &attempt, step, span);
    }
}

static const struct example examples[] = {
    {.title = "relay restrictions that only refuse some, and recipient restrictions that permit",
     .platform = "debian12",
     .main_cf = "smtpd_relay_restrictions =\n"
                "smtpd_recipient_restrictions = check_client_access cidr:{{0.0.0.0/0 OK}},\n"
                "  reject_unauth_destination\n"
                "mynetworks = 127.0.0.0/8\n",
     .findings = {{2, "check_client_access"}}},
    {.title = "the whole world is in mynetworks",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "mynetworks = 127.0.0.0/8, 0.0.0.0/0\n",
     .findings = {{2, "127.0.0.0/8, 0.0.0.0/0"}}},
    {.title = "a permit that stands too early",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8\n"
                "smtpd_relay_restrictions = check_sender_access inline:{example.com=OK},\n"
                "  permit_mynetworks, reject_unauth_destination\n",
     .findings = {{2, NULL}}},
    {.title = "the same order, in a list that does not decide about relaying",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8\n"
                "smtpd_sender_restrictions = check_sender_access inline:{example.com=OK}\n"},
    {.title = "private networks are nobody's strangers",
     .platform = "debian12",
     .main_cf = "mynetworks = 127.0.0.0/8 10.0.0.0/8 192.168.0.0/16 [fd00::]/8\n"},
};

const struct rule rule_open_relay = {
    .name = "open-relay",
    .summary = "a server must not relay for strangers",
    .why =
        "A server that takes mail from anyone for anyone is found within hours, is used to send "
        "spam, and ends on every block list.  Postfix relays for nobody by default; it is the "
        "order of restrictions, an OK in an access table, too wide a mynetworks or an override "
        "in master.cf that open it.  This rule matches no patterns: it lets strangers talk to "
        "each smtpd service, with senders, HELO names and networks that the configuration itself "
        "brings up, and looks whether one of them gets mail to a foreign domain through.  What "
        "needs DNS is in the strangers' hands and turns out as they like; tables in databases "
        "are assumed to say nothing, policy servers to answer DUNNO.  postmend trace shows the "
        "walk.",
    .source = "SMTPD_ACCESS_README; postconf(5), smtpd_relay_restrictions; access(5)",
    .severity = SEVERITY_ERROR,
    .check = check_open_relay,
    RULE_EXAMPLES(examples),
};
