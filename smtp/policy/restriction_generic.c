/*
 * restriction_generic - restrictions that do not depend on a name or an address
 */
#include "parser/value/endpoint.h"
#include "smtp/policy/restriction_walk.h"

static enum restriction_status permit(struct restriction_walk *walk)
{
    (void)walk;
    return RESTRICTION_OK;
}

static enum restriction_status defer(struct restriction_walk *walk)
{
    return restriction_reject(walk, ERROR_POLICY, restriction_code(walk, PARAM_DEFER_CODE), "4.3.2",
                              "<%.*s>: %s rejected: Try again later", STR_ARG(walk->reply_name),
                              walk->reply_class);
}

static enum restriction_status reject(struct restriction_walk *walk)
{
    return restriction_reject(walk, ERROR_POLICY, restriction_code(walk, PARAM_REJECT_CODE),
                              "5.7.1", "<%.*s>: %s rejected: Access denied",
                              STR_ARG(walk->reply_name), walk->reply_class);
}

static enum restriction_status reject_unauth_pipelining(struct restriction_walk *walk)
{
    if (!walk->state->pipelined)
        return RESTRICTION_DUNNO;
    restriction_explain(walk, "the client sent commands too early");
    return restriction_reject(walk, ERROR_POLICY, 503, "5.5.0",
                              "<%.*s>: %s rejected: Improper use of SMTP command pipelining",
                              STR_ARG(walk->reply_name), walk->reply_class);
}

static enum restriction_status defer_if_permit(struct restriction_walk *walk)
{
    return restriction_defer_if_permit(walk, true, 450, "4.7.0",
                                       "<%.*s>: %s rejected: defer_if_permit requested",
                                       STR_ARG(walk->reply_name), walk->reply_class);
}

static enum restriction_status defer_if_reject(struct restriction_walk *walk)
{
    return restriction_defer_if_reject(walk, 450, "4.7.0",
                                       "<%.*s>: %s rejected: defer_if_reject requested",
                                       STR_ARG(walk->reply_name), walk->reply_class);
}

/* skip_sleep - a pause does not change the reply */
static enum restriction_status skip_sleep(struct restriction_walk *walk)
{
    (void)walk;
    return RESTRICTION_DUNNO;
}

static enum restriction_status reject_plaintext_session(struct restriction_walk *walk)
{
    if (walk->state->tls.active)
        return RESTRICTION_DUNNO;
    return restriction_reject(walk, ERROR_POLICY,
                              restriction_code(walk, PARAM_PLAINTEXT_REJECT_CODE), "4.7.1",
                              "Session encryption is required");
}

/* --- policy servers ------------------------------------------------------------------ */

static const char *const answers_service[] = {"dunno", "ok", "reject", "defer_if_permit", "fail"};

/* default_action - if the server does not answer; may be set in the braces of its name */
static struct str default_action(struct restriction_walk *walk, struct str server)
{
    struct str own = endpoint_own_setting(server, "default_action");

    return own.at != NULL
               ? own
               : policy_str(walk->state->service, PARAM_SMTPD_POLICY_SERVICE_DEFAULT_ACTION);
}

/* cannot_connect - smtpd reads host and port only when it connects, and exits if they are invalid
 */
static bool cannot_connect(struct restriction_walk *walk, struct str server)
{
    const struct config *config = walk->state->service->policy->config;
    struct value_fault fault = {.effect = VALUE_EXITS};
    struct str address = endpoint_address(server);
    struct str text = arena_printf(walk->arena, "check_policy_service %.*s", STR_ARG(address));

    if (policy_servers_valid(walk->arena, config, text, &fault) || fault.effect != VALUE_FAILS)
        return false;
    restriction_explain(walk, "smtpd exits: \"%.*s\" %.*s", STR_ARG(fault.part),
                        STR_ARG(fault.what));
    return true;
}

/* find_service - private/NAME, the socket of a service of master.cf, in "unix:private/NAME" */
static struct str find_service(struct restriction_walk *walk, struct str server)
{
    struct str address = endpoint_address(server);
    size_t colon = str_find(address, ':', 0);
    struct str path = str_slice(address, colon + 1, address.len);
    struct str queue = policy_str(walk->state->service, PARAM_QUEUE_DIRECTORY);

    if (str_is(str_slice(address, 0, colon), "inet"))
        return STR_NONE;
    if (queue.len > 0 && str_starts(path, arena_cstr(walk->arena, queue)) && queue.len < path.len &&
        path.at[queue.len] == '/')
        path = str_slice(path, queue.len + 1, path.len);
    return str_starts(path, "private/") ? str_slice(path, 8, path.len) : STR_NONE;
}

/* waits_for - does smtpd wait for a service whose program does not start? */
static bool waits_for(struct restriction_walk *walk, struct str server)
{
    struct state *state = walk->state;
    struct str name = find_service(walk, server);

    if (name.at != NULL && state->find_silence != NULL)
        state->silence = state->find_silence(state->service, name);
    return state->silence.at != NULL;
}

static enum restriction_status check_policy_service(struct restriction_walk *walk)
{
    struct str service = walk->argument->text;

    if (cannot_connect(walk, service))
        return restriction_exit(walk);
    if (waits_for(walk, service))
        return RESTRICTION_DUNNO;
    const char *answer = restriction_ask(walk, QUESTION_SERVICE, service, answers_service,
                                         sizeof answers_service / sizeof *answers_service);
    struct str action = str_of(answer);

    if (str_is(action, "fail")) {
        if (!policy_has(walk->state->service, PARAM_SMTPD_POLICY_SERVICE_DEFAULT_ACTION))
            return restriction_reject(walk, ERROR_POLICY, 451, "4.3.5",
                                      "Server configuration problem");
        action = walk->default_action_depth > 0 ? str_of("451 4.3.5 Server configuration problem")
                                                : default_action(walk, service);
    }
    walk->default_action_depth++;
    enum restriction_status status =
        access_apply_result(walk, service, action, walk->reply_name, walk->reply_class);
    walk->default_action_depth--;
    return status;
}

const struct restriction_builtin restrictions_generic[] = {
    {"permit", permit},
    {"defer", defer},
    {"reject", reject},
    {"reject_unauth_pipelining", reject_unauth_pipelining},
    {"check_policy_service", check_policy_service},
    {"defer_if_permit", defer_if_permit},
    {"defer_if_reject", defer_if_reject},
    {"sleep", skip_sleep},
    {"reject_plaintext_session", reject_plaintext_session},
    {NULL, NULL},
};
