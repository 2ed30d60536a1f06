/*
 * Restrictions that ask DNS, or a probe of the address: the world answers for them.
 */
#include "smtp/policy/check_walk.h"
#include "smtp/policy/restriction.h"

static const char *const answers_domain[] = {"ok", "none", "fail", "nullmx"};

const char *restriction_ask_domain(struct check *check, struct str domain)
{
    return check_ask(check, QUESTION_DNS, domain, answers_domain,
                     check_has(check, "null-mx") ? 4 : 3);
}

bool restriction_only_if_permit(struct check *check, const char *parameter)
{
    struct str action = policy_str(check->state->service, parameter);

    return action.at == NULL || !str_is_nocase(action, "defer");
}

bool restriction_is_gone(const struct check *check, const char *name)
{
    const struct restriction *restriction = facts_restriction(str_of(name));

    return restriction != NULL &&
           restriction->last < check->state->service->policy->config->release->index;
}

/* --- does the domain of an address exist? -------------------------------------------- */

static enum check_status reject_unknown_domain(struct check *check, bool sender)
{
    struct str address = sender ? check->state->sender : check->recipient;
    const char *class = sender ? class_sender : class_recipient;
    const struct resolved *resolved = check_resolve(check, sender);

    if (resolved == NULL)
        return check->left;
    struct str domain = check_domain(resolved->address);
    if (domain.at == NULL || check_is_literal(domain) || resolved->class == ADDRESS_LOCAL ||
        resolved->class == ADDRESS_VIRTUAL_ALIAS || resolved->class == ADDRESS_VIRTUAL_MAILBOX)
        return CHECK_DUNNO;
    struct str answer = str_of(restriction_ask_domain(check, domain));
    if (str_is(answer, "nullmx"))
        return check_reject(check, ERROR_POLICY, sender ? 550 : 556, sender ? "4.7.27" : "4.1.10",
                            "<%.*s>: %s rejected: Domain %.*s does not accept mail (nullMX)",
                            STR_ARG(address), class, STR_ARG(domain));
    if (str_is(answer, "none"))
        return check_reject(check, ERROR_POLICY, check_code(check, "unknown_address_reject_code"),
                            sender ? "4.1.8" : "4.1.2", "<%.*s>: %s rejected: Domain not found",
                            STR_ARG(address), class);
    if (str_is(answer, "fail"))
        return check_defer_if_permit(
            check, restriction_only_if_permit(check, "unknown_address_tempfail_action"), 450,
            sender ? "4.1.8" : "4.1.2", "<%.*s>: %s rejected: Domain not found", STR_ARG(address),
            class);
    return CHECK_DUNNO;
}

static enum check_status reject_unknown_sender_domain(struct check *check)
{
    return check->state->sender.len == 0 ? CHECK_DUNNO : reject_unknown_domain(check, true);
}

static enum check_status reject_unknown_recipient_domain(struct check *check)
{
    return check->recipient.at == NULL ? CHECK_DUNNO : reject_unknown_domain(check, false);
}

/* --- probes -------------------------------------------------------------------------- */

static const char *const answers_verify[] = {"ok", "bounce", "defer"};

struct probe {
    const char *reject_code, *defer_code, *action, *reason;
};

static const struct probe probes[] = {
    {"unverified_recipient_reject_code", "unverified_recipient_defer_code",
     "unverified_recipient_tempfail_action", "unverified_recipient_reject_reason"},
    {"unverified_sender_reject_code", "unverified_sender_defer_code",
     "unverified_sender_tempfail_action", "unverified_sender_reject_reason"},
};

static enum check_status reject_unverified(struct check *check, bool sender)
{
    const struct probe *probe = &probes[sender];
    struct str address = sender ? check->state->sender : check->recipient;
    const char *class = sender ? class_sender : class_recipient;
    const char *enhanced = sender ? "4.1.7" : "4.1.1";
    struct str answer = str_of(check_ask(check, QUESTION_VERIFY, address, answers_verify, 3));
    struct str reason = policy_str(check->state->service, probe->reason);

    if (str_is(answer, "ok"))
        return CHECK_DUNNO;
    int code = check_code(check, str_is(answer, "bounce") ? probe->reject_code : probe->defer_code);
    if (code / 100 == 2)
        return CHECK_DUNNO;
    if (reason.at == NULL || reason.len == 0)
        reason = str_of("the probe failed");
    if (code / 100 == 4)
        return check_defer_if_permit(check, restriction_only_if_permit(check, probe->action), code,
                                     enhanced, "<%.*s>: %s rejected: unverified address: %.250s",
                                     STR_ARG(address), class, arena_cstr(check->arena, reason));
    return check_reject(check, ERROR_POLICY, code, enhanced,
                        "<%.*s>: %s rejected: undeliverable address: %.*s", STR_ARG(address), class,
                        STR_ARG(reason));
}

static enum check_status reject_unverified_sender(struct check *check)
{
    return check->state->sender.len == 0 ? CHECK_DUNNO : reject_unverified(check, true);
}

static enum check_status reject_unverified_recipient(struct check *check)
{
    return check->recipient.len == 0 ? CHECK_DUNNO : reject_unverified(check, false);
}

const struct builtin restrictions_dns[] = {
    {"reject_unknown_sender_domain", ARGUMENT_NONE, reject_unknown_sender_domain},
    {"reject_unknown_address", ARGUMENT_NONE, reject_unknown_sender_domain},
    {"reject_unknown_recipient_domain", ARGUMENT_NONE, reject_unknown_recipient_domain},
    {"reject_unverified_sender", ARGUMENT_NONE, reject_unverified_sender},
    {"reject_unverified_recipient", ARGUMENT_NONE, reject_unverified_recipient},
    {NULL, ARGUMENT_NONE, NULL},
};
