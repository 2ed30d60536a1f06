/* accept - what smtpd(8) does with the envelope: its restrictions, and their FILTER, REDIRECT, ...
 */
#include "smtp/delivery/parts.h"
#include "smtp/policy/restriction.h"

static const struct str usual_client = STR("127.0.0.1"); /* one that may relay */

/* the session in which the message comes */
struct acceptance {
    struct delivery_walker *walker;
    const struct delivery_request *request;
    struct state state;
    struct world world; /* of its own: the outcomes of restrictions are what "trace" is for */
};

static void begin_session(struct acceptance *acceptance)
{
    struct state *state = &acceptance->state;
    const struct delivery_request *request = acceptance->request;

    world_init(&acceptance->world, acceptance->walker->walk->arena,
               acceptance->walker->state->world->assumptions);
    *state = *acceptance->walker->state;
    state->world = &acceptance->world;
    state->client_address = request->client.at != NULL ? request->client : usual_client;
    state->client_name_asked = request->client.at != NULL;
    if (!state->client_name_asked) {
        state->client_name = state->reverse_client_name = str_of("localhost");
        state->client_name_status = state->reverse_client_name_status = NAME_OK;
    }
    state->protocol = str_of("ESMTP");
}

/* run_stages - the reply that refuses the message; code 0: none does */
static struct reply run_stages(struct acceptance *acceptance)
{
    static const enum stage stages[] = {STAGE_CONNECT, STAGE_HELO, STAGE_MAIL, STAGE_RCPT,
                                        STAGE_DATA};
    struct state *state = &acceptance->state;
    struct reply reply = {0};

    for (size_t i = 0; i < sizeof stages / sizeof *stages && reply.code == 0; i++) {
        if (stages[i] == STAGE_HELO)
            state->helo = str_of("client.example");
        if (stages[i] == STAGE_MAIL)
            state->sender = acceptance->request->sender;
        state->recipient = STR_NONE;
        if (stages[i] == STAGE_RCPT)
            state->recipient = acceptance->request->recipient;
        if (stages[i] == STAGE_DATA)
            state->recipient_count = 1;
        reply = restriction_check(state, stages[i]);
    }
    return reply;
}

static void note_refusal(struct acceptance *acceptance, struct reply reply)
{
    struct delivery_walker *walker = acceptance->walker;
    struct buffer text;

    buffer_init(&text, walker->walk->arena);
    reply_print(&text, reply);
    walker_note(walker,
                arena_printf(walker->walk->arena,
                             "smtpd(8) refuses this recipient from %.*s (%.*s); only mail that "
                             "comes another way, such as from sendmail(1), gets as far as here",
                             STR_ARG(acceptance->state.client_address),
                             STR_ARG(str_trim(buffer_str(&text)))));
}

/* take_action - of access(5); false: the message ends here */
static bool take_action(struct acceptance *acceptance, struct message *message, struct str action)
{
    struct delivery_walker *walker = acceptance->walker;
    size_t space = str_find(action, ' ', 0);
    struct str word = str_slice(action, 0, space);
    struct str text = str_trim(str_slice(action, space, action.len));
    struct str recipient = acceptance->request->recipient;

    walker_step_named(walker, "access", action, SPAN_NONE);
    if (str_is_nocase(word, "DISCARD")) {
        walker_end(walker, recipient, DELIVERY_DISCARD, str_of("an access table says DISCARD"));
        return false;
    }
    if (str_is_nocase(word, "HOLD")) {
        walker_end(walker, recipient, DELIVERY_DEFER,
                   str_of("an access table says HOLD; \"postsuper -H\" releases it"));
        return false;
    }
    if (str_is_nocase(word, "FILTER"))
        message->filter = text;
    else if (str_is_nocase(word, "REDIRECT"))
        message->redirect = text;
    return true;
}

bool accept_message(struct delivery_walker *walker, const struct delivery_request *request,
                    struct message *message)
{
    struct acceptance acceptance = {.walker = walker, .request = request};
    struct str proxy;

    if (request->entry->service == NULL || !service_runs(request->entry->service, "smtpd"))
        return true;
    begin_session(&acceptance);
    struct reply reply = run_stages(&acceptance);
    proxy = policy_str(request->entry, PARAM_SMTPD_PROXY_FILTER);
    if (proxy.len > 0)
        walker_note(walker, arena_printf(walker->walk->arena,
                                         "mail first goes through the proxy %.*s, and on from the "
                                         "service to which it sends",
                                         STR_ARG(proxy)));
    if (reply.code != 0) {
        note_refusal(&acceptance, reply);
        return true;
    }
    return acceptance.state.discard_or_hold.len == 0 ||
           take_action(&acceptance, message, acceptance.state.discard_or_hold);
}
