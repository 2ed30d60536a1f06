/* incoming - does the mail of each domain arrive at port 25? */
#include <string.h>

#include "smtp/address/address.h"
#include "smtp/address/match_list.h"
#include "smtp/verdict/judge.h"

static const struct str none = STR("");

/* is_exchange - other servers deliver mail here */
static bool is_exchange(const struct verdict_port *port)
{
    return port->role == PORT_EXCHANGE && port->outside && !port->dead;
}

static void note(struct judge *judge, const struct verdict_port *port, const char *kind,
                 enum verdict_state state, struct str text, struct str subject,
                 const struct asked *cause)
{
    judge_note(judge, &(struct note){.kind = kind,
                                     .state = state,
                                     .text = text,
                                     .subject = subject,
                                     .port = port,
                                     .place = cause == NULL ? SPAN_NONE
                                                            : judge_cause(judge, port, cause)});
}

/* note_refused - FAIL, or that it cannot be determined; WHAT: "mail for $s" */
static void note_refused(struct judge *judge, const struct verdict_port *port, const char *kind,
                         const char *what, struct str subject, const struct asked *asked,
                         enum verdict_state state)
{
    if (asked->certain)
        note(judge, port, kind, state,
             arena_printf(judge->arena, "%s is not accepted: $p %.*s", what, STR_ARG(asked->said)),
             subject, asked);
    else
        note(judge, port, kind, VERDICT_UNKNOWN,
             arena_printf(judge->arena, "whether %s is accepted on $p: it depends on %.*s", what,
                          STR_ARG(asked->reason)),
             subject, NULL);
}

/* --- the questions about a domain ------------------------------------------------------ */

/* find_rcpt - the step with this local part, after MAIL with this sender */
static size_t find_rcpt(const struct plan_session *session, const char *local, bool bounce)
{
    bool right = false;

    for (size_t i = 0; i < session->step_count; i++) {
        struct str text = session->steps[i].text;
        if (session->steps[i].action != PLAN_SEND)
            continue;
        if (str_is_nocase(str_slice(text, 0, 10), "MAIL FROM:"))
            right = str_starts(str_slice(text, 10, text.len), "<>") == bounce;
        if (!right || !str_is_nocase(str_slice(text, 0, 9), "RCPT TO:<"))
            continue;
        struct str at = str_slice(text, 9, str_find(text, '@', 0));
        bool known =
            str_is(at, "postmaster") || str_is(at, "abuse") || str_is(at, livetest_unknown_user);
        if (local == NULL ? !known : str_is(at, local))
            return i;
    }
    return session->step_count;
}

/* find_domain - of the recipients of the session */
static struct str find_domain(const struct plan_session *session)
{
    size_t step = judge_find_step(session, PLAN_SEND, "RCPT TO:<");
    struct str text = step < session->step_count ? session->steps[step].text : none;
    size_t at = str_find(text, '@', 0);

    return str_slice(text, at + 1, text.len > 0 ? text.len - 1 : 0);
}

/* is_own_name - names of the machine for itself: nobody elsewhere writes to them */
static bool is_own_name(struct str domain)
{
    return str_is_nocase(domain, "localhost") ||
           str_is_nocase(str_slice(domain, 0, 10), "localhost.") ||
           str_find(domain, '.', 0) == domain.len;
}

/* ask_domain - a recipient that exists; where none is known, postmaster */
static struct asked ask_domain(const struct judge *judge, size_t session, bool bounce)
{
    const struct plan_session *plan = &judge->input->plan->sessions[session];
    size_t step = find_rcpt(plan, NULL, bounce);

    return judge_ask(judge, session,
                     step < plan->step_count ? step : find_rcpt(plan, "postmaster", bounce));
}

typedef void judge_domain(struct judge *judge, const struct verdict_port *port, size_t session,
                          struct str domain);

static void each_domain(struct judge *judge, judge_domain *look)
{
    for (size_t i = 0; i < judge->port_count; i++)
        for (size_t at = 0;
             is_exchange(&judge->ports[i]) && judge_next(judge, &judge->ports[i], "domain", &at);
             at++) {
            struct str domain = find_domain(&judge->input->plan->sessions[at]);
            if (!is_own_name(domain))
                look(judge, &judge->ports[i], at, domain);
        }
}

/* --- verdicts about a domain ----------------------------------------------------------- */

/* find_accepted - a recipient that is accepted in the place of one that is not */
static struct asked find_accepted(const struct judge *judge, size_t session, struct asked asked)
{
    static const char *const others[] = {"postmaster", "abuse", livetest_unknown_user};
    const struct plan_session *plan = &judge->input->plan->sessions[session];

    for (size_t i = 0; asked.result != ASKED_YES && i < sizeof others / sizeof *others; i++) {
        struct asked other = judge_ask(judge, session, find_rcpt(plan, others[i], false));
        if (other.result == ASKED_YES)
            return other;
    }
    return asked;
}

/* is_in_table - is the cause a line of a table, which somebody wrote for this address? */
static bool is_in_table(const struct judge *judge, const struct verdict_port *port,
                        const struct asked *asked)
{
    struct span place = judge_cause(judge, port, asked);

    return place.source != NULL && place.source != judge->input->policy->config->main_cf.source &&
           place.source != judge->input->policy->config->master_cf.source;
}

/* is_for_users_alone - is it a plain "reject" at the end of a list that refuses, and can users log
   in and send? */
static bool is_for_users_alone(const struct judge *judge, const struct verdict_port *port,
                               const struct asked *asked)
{
    struct span place = judge_cause(judge, port, asked);
    size_t at = 0;

    if (place.source == NULL ||
        !str_is_nocase(str_slice(place.source->bytes, place.at, place.at + place.len), "reject") ||
        !judge_next(judge, port, "login", &at))
        return false;
    const struct plan_session *session = &judge->input->plan->sessions[at];
    return judge_ask(judge, at, judge_find_step(session, PLAN_SEND, "RCPT TO:")).result ==
           ASKED_YES;
}

/* note_domain_refused - nobody in the domain gets mail, or the recipient that exists does not */
static void note_domain_refused(struct judge *judge, const struct verdict_port *port,
                                size_t session, struct str domain, const struct asked *asked)
{
    const struct plan_session *plan = &judge->input->plan->sessions[session];
    bool known = find_rcpt(plan, NULL, false) < plan->step_count;

    if (asked->result == ASKED_NO && asked->certain && is_for_users_alone(judge, port, asked))
        note(judge, port, "domain", VERDICT_WARN,
             str_of("only users who log in can send to $s on $p: no other server can deliver"),
             domain, asked);
    /* where no recipient is known, a domain that knows its users refuses all that are asked */
    else if (!known && asked->result == ASKED_NO && asked->code == 550)
        note(judge, port, "domain", VERDICT_UNKNOWN,
             str_of("whether mail for $s is accepted: no recipient is known"), domain, NULL);
    else
        note_refused(judge, port, "domain", "mail for $s", domain, asked, VERDICT_FAIL);
}

static void judge_domain_mail(struct judge *judge, const struct verdict_port *port, size_t session,
                              struct str domain)
{
    struct asked asked = ask_domain(judge, session, false);
    struct asked other = find_accepted(judge, session, asked);

    if (asked.result == ASKED_NOT)
        return;
    if (other.result != ASKED_YES) {
        note_domain_refused(judge, port, session, domain, &asked);
        return;
    }
    judge_doubt(judge, &other);
    const struct plan_session *plan = &judge->input->plan->sessions[session];
    struct str command = plan->steps[find_rcpt(plan, NULL, false) % plan->step_count].text;
    if (asked.result != ASKED_YES && find_rcpt(plan, NULL, false) < plan->step_count)
        note_refused(judge, port, "domain", "mail for $s", str_slice(command, 9, command.len - 1),
                     &asked, is_in_table(judge, port, &asked) ? VERDICT_WARN : VERDICT_FAIL);
    else
        note(judge, port, "domain", VERDICT_OK, str_of("mail for $s is accepted on $p"), domain,
             NULL);
}

/* note_unread - the domains that only a database knows were not asked */
static void note_unread(struct judge *judge, const struct verdict_port *port)
{
    static const enum parameter_number classes[] = {
        PARAM_MYDESTINATION, PARAM_VIRTUAL_ALIAS_DOMAINS, PARAM_VIRTUAL_MAILBOX_DOMAINS,
        PARAM_RELAY_DOMAINS};
    const struct policy_service *service =
        port->policy == NULL ? NULL : port->policy->policy->rewrite;
    struct world world;
    struct state state;

    for (size_t i = 0; service != NULL && i < sizeof classes / sizeof *classes; i++) {
        struct str text = policy_str(service, classes[i]);
        world_init(&world, judge->arena, judge->input->assumptions);
        state_init(&state, service, judge->arena, &world);
        if (text.at == NULL)
            continue;
        const struct match_list *list = match_list_read(&state, classes[i]);
        for (size_t k = 0; k < list->count; k++)
            if (list->items[k].kind == MATCH_ITEM_FILE ||
                (list->items[k].kind == MATCH_ITEM_TABLE &&
                 list->items[k].table->status == LOOKUP_UNKNOWN))
                note(judge, port, "domain", VERDICT_UNKNOWN,
                     str_of("whether mail is accepted for the domains in $s"), list->items[k].text,
                     NULL);
    }
}

void judge_domains(struct judge *judge)
{
    size_t before = judge->note_count;

    each_domain(judge, judge_domain_mail);
    for (size_t i = 0; i < judge->port_count; i++)
        if (is_exchange(&judge->ports[i]))
            note_unread(judge, &judge->ports[i]);
    for (size_t i = 0; i < judge->port_count && judge->note_count == before; i++)
        if (is_exchange(&judge->ports[i]))
            note(judge, &judge->ports[i], "domain", VERDICT_UNKNOWN,
                 str_of("whether mail is accepted on $p: no domain of this server is known"), none,
                 NULL);
}

static void judge_required(struct judge *judge, const struct verdict_port *port, size_t session,
                           struct str domain)
{
    static const char *const locals[] = {"postmaster", "abuse"};
    const struct plan_session *plan = &judge->input->plan->sessions[session];

    if (ask_domain(judge, session, false).result != ASKED_YES)
        return; /* no mail for this domain is accepted */
    for (size_t i = 0; i < sizeof locals / sizeof *locals; i++) {
        struct asked asked = judge_ask(judge, session, find_rcpt(plan, locals[i], false));
        struct str address = arena_printf(judge->arena, "%s@%.*s", locals[i], STR_ARG(domain));
        judge_doubt(judge, &asked);
        if (asked.result == ASKED_YES)
            note(judge, port, "postmaster", VERDICT_OK, str_of("mail for $s is accepted on $p"),
                 str_of(locals[i]), NULL);
        else if (asked.result != ASKED_NOT && asked.certain)
            note_refused(judge, port, "postmaster", "mail for $s", address, &asked,
                         asked.result == ASKED_LATER ? VERDICT_FAIL : VERDICT_WARN);
    }
}

void judge_required_addresses(struct judge *judge)
{
    each_domain(judge, judge_required);
}

/* has_catch_all - does the domain accept every address on purpose? */
static bool has_catch_all(const struct judge *judge, const struct verdict_port *port,
                          struct str domain)
{
    struct world world;
    struct state state;
    struct reply reply;

    if (port->policy == NULL)
        return true;
    world_init(&world, judge->arena, judge->input->assumptions);
    state_init(&state, port->policy, judge->arena, &world);
    struct str address =
        arena_printf(judge->arena, "%s@%.*s", livetest_unknown_user, STR_ARG(domain));
    struct resolved resolved = address_resolve(&state, none, address);
    enum existence existence = address_exists(&state, &resolved, address, false, &reply);
    return existence != EXISTS_UNCHECKED || world.count > 0;
}

static void judge_unknown(struct judge *judge, const struct verdict_port *port, size_t session,
                          struct str domain)
{
    const struct plan_session *plan = &judge->input->plan->sessions[session];
    struct asked asked = judge_ask(judge, session, find_rcpt(plan, livetest_unknown_user, false));

    if (ask_domain(judge, session, false).result != ASKED_YES || asked.result == ASKED_NOT)
        return;
    if (asked.result == ASKED_NO)
        note(judge, port, "unknown", VERDICT_OK, str_of("unknown addresses are refused on $p"),
             none, NULL);
    else if (asked.result == ASKED_YES && asked.certain && !has_catch_all(judge, port, domain))
        note(judge, port, "unknown", VERDICT_WARN,
             str_of("every address at $s is accepted on $p: unknown ones bounce to forged senders"),
             domain, NULL);
    else if (asked.result == ASKED_LATER && asked.certain)
        note(judge, port, "unknown", VERDICT_WARN,
             arena_printf(judge->arena,
                          "unknown addresses at $s are not refused, but deferred: $p %.*s",
                          STR_ARG(asked.said)),
             domain, &asked);
    else if (asked.result == ASKED_SILENCE || asked.result == ASKED_LATER)
        note_refused(judge, port, "unknown", "an unknown address at $s", domain, &asked,
                     VERDICT_FAIL);
}

void judge_unknown_users(struct judge *judge)
{
    each_domain(judge, judge_unknown);
}

static void judge_bounce(struct judge *judge, const struct verdict_port *port, size_t session,
                         struct str domain)
{
    struct asked asked = ask_domain(judge, session, true);

    if (ask_domain(judge, session, false).result != ASKED_YES || asked.result == ASKED_NOT)
        return;
    judge_doubt(judge, &asked);
    if (asked.result == ASKED_YES)
        note(judge, port, "bounce", VERDICT_OK, str_of("bounces (MAIL FROM:<>) are accepted on $p"),
             none, NULL);
    else
        note_refused(judge, port, "bounce", "a bounce (MAIL FROM:<>) to $s", domain, &asked,
                     VERDICT_FAIL);
}

void judge_bounces(struct judge *judge)
{
    each_domain(judge, judge_bounce);
}

/* --- other questions -------------------------------------------------------------------- */

/* a question about a port: what is asked, and from which command on a refusal is about it */
struct question_about_port {
    const char *kind;
    enum plan_action action;
    const char *start, *from;
    const char *what, *good;
};

/* takes_first - is the recipient that every client is asked about accepted? */
static bool takes_first(const struct judge *judge, const struct verdict_port *port)
{
    size_t at = 0;

    if (!judge_next(judge, port, "recipients", &at))
        return false;
    const struct plan_session *session = &judge->input->plan->sessions[at];
    size_t step = judge_find_step(session, PLAN_SEND, "RCPT TO:");
    return step > 0 && judge_ask(judge, at, step - 1).result == ASKED_YES;
}

static void judge_port(struct judge *judge, const struct verdict_port *port,
                       const struct question_about_port *question, size_t session)
{
    const struct plan_session *plan = &judge->input->plan->sessions[session];
    size_t from = judge_find_step(plan, PLAN_SEND, question->from);
    struct asked asked =
        judge_ask(judge, session, judge_find_step(plan, question->action, question->start));

    judge_doubt(judge, &asked);
    if (strcmp(question->kind, "ipv6") == 0 && !takes_first(judge, port))
        return; /* nor from others */
    if (asked.result == ASKED_YES)
        note(judge, port, question->kind, VERDICT_OK, str_of(question->good), none, NULL);
    else if (asked.result != ASKED_NOT && asked.step >= from)
        note_refused(judge, port, question->kind, question->what, none, &asked, VERDICT_FAIL);
}

static void each_exchange(struct judge *judge, const struct question_about_port *question)
{
    for (size_t i = 0; i < judge->port_count; i++)
        for (size_t at = 0; is_exchange(&judge->ports[i]) &&
                            judge_next(judge, &judge->ports[i], question->kind, &at);
             at++)
            judge_port(judge, &judge->ports[i], question, at);
}

void judge_recipient_count(struct judge *judge)
{
    each_exchange(judge, &(struct question_about_port){
                             .kind = "recipients",
                             .start = "RCPT TO:",
                             .from = "RCPT TO:",
                             .what = "a second recipient",
                             .good = "several recipients of one message are accepted on $p"});
}

void judge_messages(struct judge *judge)
{
    each_exchange(
        judge, &(struct question_about_port){.kind = "delivery",
                                             .action = PLAN_MESSAGE,
                                             .start = "",
                                             .from = "DATA",
                                             .what = "a message to an accepted recipient",
                                             .good = "messages are accepted to their end on $p"});
}

void judge_ipv6(struct judge *judge)
{
    each_exchange(
        judge, &(struct question_about_port){.kind = "ipv6",
                                             .start = "RCPT TO:",
                                             .from = "MAIL FROM:",
                                             .what = "mail from IPv6 clients",
                                             .good = "mail from IPv6 clients is accepted on $p"});
}

/* --- sizes ------------------------------------------------------------------------------- */

enum {
    HARDLY_ANY = 100L * 1000, /* bytes: no message with an attachment */
    SMALL = 5L * 1000 * 1000, /* less than what people send */
};

/* read_size - the number after SIZE in the reply to EHLO; -1: it is not offered */
static long read_size(struct str reply)
{
    size_t at = str_search(reply, "\nSIZE ");
    long size = 0;

    if (at == reply.len)
        return -1;
    for (at += 6; at < reply.len && reply.at[at] >= '0' && reply.at[at] <= '9'; at++)
        size = size < 1000L * 1000 * 1000 * 1000 ? size * 10 + (reply.at[at] - '0') : size;
    return size;
}

static struct str print_size(struct arena *arena, long size)
{
    if (size >= 1000L * 1000)
        return arena_printf(arena, "%ld MB", size / 1000 / 1000);
    return size >= 1000 ? arena_printf(arena, "%ld KB", size / 1000)
                        : arena_printf(arena, "%ld bytes", size);
}

/* judge_size - of the messages that the port takes, as EHLO says it */
static void judge_size(struct judge *judge, const struct verdict_port *port, size_t session)
{
    const struct plan_session *plan = &judge->input->plan->sessions[session];
    size_t step = judge_find_step(plan, PLAN_SEND, "EHLO");
    struct asked asked = judge_ask(judge, session, step);

    if (asked.result != ASKED_YES)
        return;
    long size = read_size(judge->input->answers[session][step].reply.text);
    if (size < 0)
        return;
    enum verdict_state state = size == 0 || size >= SMALL ? VERDICT_OK
                               : size < HARDLY_ANY        ? VERDICT_FAIL
                                                          : VERDICT_WARN;
    struct str text = size == 0
                          ? str_of("messages of any size are accepted on $p")
                          : arena_printf(judge->arena, "messages of %s %.*s are accepted on $p",
                                         state == VERDICT_OK ? "up to" : "no more than",
                                         STR_ARG(print_size(judge->arena, size)));
    judge_note(judge,
               &(struct note){.kind = "size",
                              .state = state,
                              .text = text,
                              .subject = none,
                              .port = port,
                              .place = state == VERDICT_OK
                                           ? SPAN_NONE
                                           : judge_place(judge, port, PARAM_MESSAGE_SIZE_LIMIT)});
}

void judge_sizes(struct judge *judge)
{
    for (size_t i = 0; i < judge->port_count; i++) {
        const struct verdict_port *port = &judge->ports[i];
        size_t at = 0;
        if (port->dead || !port->outside)
            continue;
        if (judge_next(judge, port, "starttls", &at) ||
            (at = 0, judge_next(judge, port, "capabilities", &at)))
            judge_size(judge, port, at);
    }
}
