/*
 * restriction_generic - restrictions that do not depend on a name or an address
 */
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
static struct str default_action(struct restriction_walk *walk, struct str service)
{
    struct str action = policy_str(walk->state->service, PARAM_SMTPD_POLICY_SERVICE_DEFAULT_ACTION);
    size_t at = str_search(service, "default_action");

    if (service.at[0] != '{' || at == service.len)
        return action;
    at += sizeof "default_action" - 1;
    at = str_span(service, at, " \t=");
    size_t end = str_find(service, '}', at);
    size_t comma = str_find(service, ',', at);
    return str_trim(str_slice(service, at, end < comma ? end : comma));
}

static enum restriction_status check_policy_service(struct restriction_walk *walk)
{
    struct str service = walk->argument->text;
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
