/*
 * Restrictions that ask neither for a name nor for an address, and the client's.
 */
#include "smtp/policy/check_walk.h"

static enum check_status permit(struct check *check)
{
    (void)check;
    return CHECK_OK;
}

static enum check_status defer(struct check *check)
{
    return check_reject(check, ERROR_POLICY, check_code(check, "defer_code"), "4.3.2",
                        "<%.*s>: %s rejected: Try again later", STR_ARG(check->reply_name),
                        check->reply_class);
}

static enum check_status reject(struct check *check)
{
    return check_reject(check, ERROR_POLICY, check_code(check, "reject_code"), "5.7.1",
                        "<%.*s>: %s rejected: Access denied", STR_ARG(check->reply_name),
                        check->reply_class);
}

static enum check_status reject_unauth_pipelining(struct check *check)
{
    if (!check->state->pipelined)
        return CHECK_DUNNO;
    check_why(check, "the client talked before its turn");
    return check_reject(check, ERROR_POLICY, 503, "5.5.0",
                        "<%.*s>: %s rejected: Improper use of SMTP command pipelining",
                        STR_ARG(check->reply_name), check->reply_class);
}

static enum check_status defer_if_permit(struct check *check)
{
    return check_defer_if_permit(check, true, 450, "4.7.0",
                                 "<%.*s>: %s rejected: defer_if_permit requested",
                                 STR_ARG(check->reply_name), check->reply_class);
}

static enum check_status defer_if_reject(struct check *check)
{
    return check_defer_if_reject(check, 450, "4.7.0",
                                 "<%.*s>: %s rejected: defer_if_reject requested",
                                 STR_ARG(check->reply_name), check->reply_class);
}

/* sleep_on - a pause; the answers stay the same */
static enum check_status sleep_on(struct check *check)
{
    (void)check;
    return CHECK_DUNNO;
}

static enum check_status reject_plaintext_session(struct check *check)
{
    if (check->state->tls.active)
        return CHECK_DUNNO;
    return check_reject(check, ERROR_POLICY, check_code(check, "plaintext_reject_code"), "4.7.1",
                        "Session encryption is required");
}

/* --- policy servers ------------------------------------------------------------------ */

static const char *const answers_service[] = {"dunno", "ok", "reject", "defer_if_permit", "fail"};

/* default_action - what counts where the server can't be asked; in the braces of its name too */
static struct str default_action(struct check *check, struct str service)
{
    struct str action = policy_str(check->state->service, "smtpd_policy_service_default_action");
    size_t at = str_search(service, "default_action");

    if (service.at[0] != '{' || at == service.len)
        return action;
    at += sizeof "default_action" - 1;
    at = str_span(service, at, " \t=");
    size_t end = str_find(service, '}', at);
    size_t comma = str_find(service, ',', at);
    return str_trim(str_slice(service, at, end < comma ? end : comma));
}

static enum check_status check_policy_service(struct check *check)
{
    struct str service = check->argument->text;
    const char *answer = check_ask(check, QUESTION_SERVICE, service, answers_service,
                                   sizeof answers_service / sizeof *answers_service);
    struct str action = str_of(answer);

    if (str_is(action, "fail")) {
        if (!policy_has(check->state->service, "smtpd_policy_service_default_action"))
            return check_reject(check, ERROR_POLICY, 451, "4.3.5", "Server configuration problem");
        action = check->default_action_depth > 0 ? str_of("451 4.3.5 Server configuration problem")
                                                 : default_action(check, service);
    }
    check->default_action_depth++;
    enum check_status status =
        access_result(check, service, action, check->reply_name, check->reply_class);
    check->default_action_depth--;
    return status;
}

const struct builtin restrictions_generic[] = {
    {"permit", ARGUMENT_NONE, permit},
    {"defer", ARGUMENT_NONE, defer},
    {"reject", ARGUMENT_NONE, reject},
    {"reject_unauth_pipelining", ARGUMENT_NONE, reject_unauth_pipelining},
    {"check_policy_service", ARGUMENT_SERVICE, check_policy_service},
    {"defer_if_permit", ARGUMENT_NONE, defer_if_permit},
    {"defer_if_reject", ARGUMENT_NONE, defer_if_reject},
    {"sleep", ARGUMENT_NUMBER, sleep_on},
    {"reject_plaintext_session", ARGUMENT_NONE, reject_plaintext_session},
    {NULL, ARGUMENT_NONE, NULL},
};
