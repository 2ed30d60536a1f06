/*
 * restriction_dns - restrictions that depend on DNS or on an address probe: the world is asked
 */
#include "smtp/policy/restriction_builtin.h"
#include "smtp/policy/restriction_walk.h"

static const char *const answers_domain[] = {"ok", "none", "fail", "nullmx"};

const char *restriction_ask_domain(struct restriction_walk *walk, struct str domain)
{
    return restriction_ask(walk, QUESTION_DNS, domain, answers_domain,
                           restriction_has_feature(walk, FEATURE_NULL_MX) ? 4 : 3);
}

bool restriction_only_if_permit(struct restriction_walk *walk, enum parameter_number parameter)
{
    struct str action = policy_str(walk->state->service, parameter);

    return action.at == NULL || !str_is_nocase(action, "defer");
}

bool restriction_is_gone(const struct restriction_walk *walk, const char *name)
{
    const struct restriction *restriction = facts_restriction(str_of(name));

    return restriction != NULL &&
           restriction->last < walk->state->service->policy->config->release->index;
}

/* --- does the domain of an address exist? -------------------------------------------- */

static enum restriction_status reject_unknown_domain(struct restriction_walk *walk, bool sender)
{
    struct str address = sender ? walk->state->sender : walk->recipient;
    const char *class = sender ? class_sender : class_recipient;
    const struct resolved *resolved = restriction_resolve(walk, sender);

    if (resolved == NULL)
        return walk->left;
    struct str domain = restriction_domain(resolved->address);
    if (domain.at == NULL || restriction_is_literal(domain) || resolved->class == ADDRESS_LOCAL ||
        resolved->class == ADDRESS_VIRTUAL_ALIAS || resolved->class == ADDRESS_VIRTUAL_MAILBOX)
        return RESTRICTION_DUNNO;
    struct str answer = str_of(restriction_ask_domain(walk, domain));
    if (str_is(answer, "nullmx"))
        return restriction_reject(walk, ERROR_POLICY, sender ? 550 : 556,
                                  sender ? "4.7.27" : "4.1.10",
                                  "<%.*s>: %s rejected: Domain %.*s does not accept mail (nullMX)",
                                  STR_ARG(address), class, STR_ARG(domain));
    if (str_is(answer, "none"))
        return restriction_reject(walk, ERROR_POLICY,
                                  restriction_code(walk, PARAM_UNKNOWN_ADDRESS_REJECT_CODE),
                                  sender ? "4.1.8" : "4.1.2",
                                  "<%.*s>: %s rejected: Domain not found", STR_ARG(address), class);
    if (str_is(answer, "fail"))
        return restriction_defer_if_permit(
            walk, restriction_only_if_permit(walk, PARAM_UNKNOWN_ADDRESS_TEMPFAIL_ACTION), 450,
            sender ? "4.1.8" : "4.1.2", "<%.*s>: %s rejected: Domain not found", STR_ARG(address),
            class);
    return RESTRICTION_DUNNO;
}

static enum restriction_status reject_unknown_sender_domain(struct restriction_walk *walk)
{
    return walk->state->sender.len == 0 ? RESTRICTION_DUNNO : reject_unknown_domain(walk, true);
}

static enum restriction_status reject_unknown_recipient_domain(struct restriction_walk *walk)
{
    return walk->recipient.at == NULL ? RESTRICTION_DUNNO : reject_unknown_domain(walk, false);
}

/* --- probes -------------------------------------------------------------------------- */

static const char *const answers_verify[] = {"ok", "bounce", "defer"};

struct probe {
    enum parameter_number reject_code, defer_code, action, reason;
};

static const struct probe probes[] = {
    {PARAM_UNVERIFIED_RECIPIENT_REJECT_CODE, PARAM_UNVERIFIED_RECIPIENT_DEFER_CODE,
     PARAM_UNVERIFIED_RECIPIENT_TEMPFAIL_ACTION, PARAM_UNVERIFIED_RECIPIENT_REJECT_REASON},
    {PARAM_UNVERIFIED_SENDER_REJECT_CODE, PARAM_UNVERIFIED_SENDER_DEFER_CODE,
     PARAM_UNVERIFIED_SENDER_TEMPFAIL_ACTION, PARAM_UNVERIFIED_SENDER_REJECT_REASON},
};

static enum restriction_status reject_unverified(struct restriction_walk *walk, bool sender)
{
    const struct probe *probe = &probes[sender];
    struct str address = sender ? walk->state->sender : walk->recipient;
    const char *class = sender ? class_sender : class_recipient;
    const char *enhanced = sender ? "4.1.7" : "4.1.1";

    if (walk->state->no_verify.at != NULL) {
        walk->state->silence = walk->state->no_verify;
        return RESTRICTION_DUNNO;
    }
    struct str answer = str_of(restriction_ask(walk, QUESTION_VERIFY, address, answers_verify, 3));
    struct str reason = policy_str(walk->state->service, probe->reason);

    if (str_is(answer, "ok"))
        return RESTRICTION_DUNNO;
    int code =
        restriction_code(walk, str_is(answer, "bounce") ? probe->reject_code : probe->defer_code);
    if (code / 100 == 2)
        return RESTRICTION_DUNNO;
    if (reason.at == NULL || reason.len == 0)
        reason = str_of("the probe failed");
    if (code / 100 == 4)
        return restriction_defer_if_permit(
            walk, restriction_only_if_permit(walk, probe->action), code, enhanced,
            "<%.*s>: %s rejected: unverified address: %.250s", STR_ARG(address), class,
            arena_cstr(walk->arena, reason));
    return restriction_reject(walk, ERROR_POLICY, code, enhanced,
                              "<%.*s>: %s rejected: undeliverable address: %.*s", STR_ARG(address),
                              class, STR_ARG(reason));
}

static enum restriction_status reject_unverified_sender(struct restriction_walk *walk)
{
    return walk->state->sender.len == 0 ? RESTRICTION_DUNNO : reject_unverified(walk, true);
}

static enum restriction_status reject_unverified_recipient(struct restriction_walk *walk)
{
    return walk->recipient.len == 0 ? RESTRICTION_DUNNO : reject_unverified(walk, false);
}

const struct restriction_builtin restrictions_dns[] = {
    {"reject_unknown_sender_domain", reject_unknown_sender_domain},
    {"reject_unknown_address", reject_unknown_sender_domain},
    {"reject_unknown_recipient_domain", reject_unknown_recipient_domain},
    {"reject_unverified_sender", reject_unverified_sender},
    {"reject_unverified_recipient", reject_unverified_recipient},
    {NULL, NULL},
};
