/*
 * restriction_relay - restrictions on the destination, which prevent an open relay
 */
#include "smtp/policy/restriction_builtin.h"
#include "smtp/policy/restriction_walk.h"

static bool is_final(const struct resolved *resolved)
{
    return resolved->class == ADDRESS_LOCAL || resolved->class == ADDRESS_VIRTUAL_ALIAS ||
           resolved->class == ADDRESS_VIRTUAL_MAILBOX;
}

static const char *describe_class(enum address_class class)
{
    static const char *const names[] = {
        [ADDRESS_LOCAL] = "in mydestination or an address of this host",
        [ADDRESS_VIRTUAL_ALIAS] = "in virtual_alias_domains",
        [ADDRESS_VIRTUAL_MAILBOX] = "in virtual_mailbox_domains",
        [ADDRESS_RELAY] = "in relay_domains",
        [ADDRESS_DEFAULT] = "not a domain of this server",
        [ADDRESS_ERROR] = "not resolvable",
    };

    return names[class];
}

enum restriction_status restriction_authorized(struct restriction_walk *walk)
{
    const struct resolved *resolved = restriction_resolve(walk, false);

    if (resolved == NULL)
        return walk->left;
    if (restriction_domain(resolved->address).at == NULL)
        return RESTRICTION_OK;
    restriction_explain(walk, "%.*s is %s", STR_ARG(resolved->domain),
                        describe_class(resolved->class));
    if (resolved->routed && !walk->lists->untrusted_routing) {
        restriction_explain(walk, "the address has sender-specified routing");
        return RESTRICTION_DUNNO;
    }
    return is_final(resolved) || resolved->class == ADDRESS_RELAY ? RESTRICTION_OK
                                                                  : RESTRICTION_DUNNO;
}

static enum restriction_status permit_auth_destination(struct restriction_walk *walk)
{
    return walk->recipient.at == NULL ? RESTRICTION_DUNNO : restriction_authorized(walk);
}

static enum restriction_status deny(struct restriction_walk *walk, int code, const char *enhanced)
{
    if (walk->recipient.at == NULL)
        return RESTRICTION_DUNNO;
    enum restriction_status status = restriction_authorized(walk);
    if (walk->jumped)
        return status;
    if (status == RESTRICTION_OK)
        return RESTRICTION_DUNNO;
    return restriction_reject(walk, ERROR_POLICY, code, enhanced, "<%.*s>: Relay access denied",
                              STR_ARG(walk->recipient));
}

static enum restriction_status reject_unauth_destination(struct restriction_walk *walk)
{
    return deny(walk, restriction_code(walk, PARAM_RELAY_DOMAINS_REJECT_CODE), "5.7.1");
}

static enum restriction_status defer_unauth_destination(struct restriction_walk *walk)
{
    return deny(walk, restriction_code(walk, PARAM_RELAY_DOMAINS_REJECT_CODE) - 100, "4.7.1");
}

/* check_relay_domains - also permits clients in relay_domains; removed in a later release */
static enum restriction_status check_relay_domains(struct restriction_walk *walk)
{
    struct str list = policy_str(walk->state->service, PARAM_RELAY_DOMAINS);

    if (walk->recipient.at == NULL)
        return RESTRICTION_DUNNO;
    if (restriction_is_gone(walk, "check_relay_domains"))
        return restriction_server_error(walk);
    if (list.at != NULL &&
        match_domain(walk->state, list, PARAM_RELAY_DOMAINS, walk->state->client_name) == MATCH_YES)
        return RESTRICTION_OK;
    enum restriction_status status = restriction_authorized(walk);
    if (walk->jumped || status == RESTRICTION_OK)
        return status;
    return restriction_reject(
        walk, ERROR_POLICY, restriction_code(walk, PARAM_RELAY_DOMAINS_REJECT_CODE), "5.7.1",
        "<%.*s>: %s rejected: Relay access denied", STR_ARG(walk->recipient), class_recipient);
}

/* the mail exchangers of a domain: others, this host as a backup, a temporary failure */
static const char *const answers_backup[] = {"ok", "backup", "fail"};

static enum restriction_status permit_mx_backup(struct restriction_walk *walk)
{
    if (walk->recipient.at == NULL)
        return RESTRICTION_DUNNO;
    enum restriction_status status = restriction_authorized(walk);
    if (walk->jumped || status == RESTRICTION_OK)
        return status;
    const struct resolved *resolved = restriction_resolve(walk, false);
    if (resolved == NULL)
        return walk->left;
    if ((resolved->routed && !walk->lists->untrusted_routing) ||
        restriction_is_literal(restriction_domain(resolved->address)))
        return RESTRICTION_DUNNO;
    struct str subject = arena_printf(walk->arena, "%.*s MX", STR_ARG(resolved->domain));
    struct str answer = str_of(restriction_ask(walk, QUESTION_DNS, subject, answers_backup, 3));
    if (str_is(answer, "backup"))
        return RESTRICTION_OK;
    if (str_is(answer, "fail"))
        return restriction_defer_if_reject(
            walk, 450, "4.4.4",
            "<%.*s>: %s rejected: Unable to look up mail exchanger information: %s",
            STR_ARG(walk->recipient), class_recipient, "Host not found, try again");
    return RESTRICTION_DUNNO;
}

static enum restriction_status reject_multi_recipient_bounce(struct restriction_walk *walk)
{
    const struct state *state = walk->state;
    bool end_counts = restriction_has_feature(walk, FEATURE_BOUNCES_COUNTED_AFTER_DATA);
    bool behind = walk->stage == STAGE_DATA || (end_counts && walk->stage != STAGE_RCPT);

    if (state->sender.at == NULL || state->sender.len > 0 ||
        state->recipient_count <= (behind ? 1 : 0))
        return RESTRICTION_DUNNO;
    return restriction_reject(walk, ERROR_POLICY,
                              restriction_code(walk, PARAM_MULTI_RECIPIENT_BOUNCE_REJECT_CODE),
                              "5.5.3", "<%.*s>: %s rejected: Multi-recipient bounce",
                              STR_ARG(walk->reply_name), walk->reply_class);
}

const struct restriction_builtin restrictions_relay[] = {
    {"permit_auth_destination", permit_auth_destination},
    {"reject_unauth_destination", reject_unauth_destination},
    {"defer_unauth_destination", defer_unauth_destination},
    {"check_relay_domains", check_relay_domains},
    {"permit_mx_backup", permit_mx_backup},
    {"reject_multi_recipient_bounce", reject_multi_recipient_bounce},
    {NULL, NULL},
};
