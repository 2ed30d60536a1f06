/*
 * Restrictions on where mail may go: the ones that make or unmake an open relay.
 */
#include "smtp/policy/check_walk.h"
#include "smtp/policy/restriction.h"

static bool is_final(const struct resolved *resolved)
{
    return resolved->class == ADDRESS_LOCAL || resolved->class == ADDRESS_VIRTUAL_ALIAS ||
           resolved->class == ADDRESS_VIRTUAL_MAILBOX;
}

static const char *class_name(enum address_class class)
{
    static const char *const names[] = {
        [ADDRESS_LOCAL] = "in mydestination or an address of this machine",
        [ADDRESS_VIRTUAL_ALIAS] = "in virtual_alias_domains",
        [ADDRESS_VIRTUAL_MAILBOX] = "in virtual_mailbox_domains",
        [ADDRESS_RELAY] = "in relay_domains",
        [ADDRESS_DEFAULT] = "in no list of this server's domains",
        [ADDRESS_ERROR] = "not to be resolved",
    };

    return names[class];
}

enum check_status restriction_authorized(struct check *check)
{
    const struct resolved *resolved = check_resolve(check, false);

    if (resolved == NULL)
        return check->left;
    if (check_domain(resolved->address).at == NULL)
        return CHECK_OK;
    check_why(check, "%.*s is %s", STR_ARG(resolved->domain), class_name(resolved->class));
    if (resolved->routed && !check->lists->untrusted_routing) {
        check_why(check, "the address is routed by its sender");
        return CHECK_DUNNO;
    }
    return is_final(resolved) || resolved->class == ADDRESS_RELAY ? CHECK_OK : CHECK_DUNNO;
}

static enum check_status permit_auth_destination(struct check *check)
{
    return check->recipient.at == NULL ? CHECK_DUNNO : restriction_authorized(check);
}

static enum check_status deny(struct check *check, int code, const char *enhanced)
{
    if (check->recipient.at == NULL)
        return CHECK_DUNNO;
    enum check_status status = restriction_authorized(check);
    if (check->jumped)
        return status;
    if (status == CHECK_OK)
        return CHECK_DUNNO;
    return check_reject(check, ERROR_POLICY, code, enhanced, "<%.*s>: Relay access denied",
                        STR_ARG(check->recipient));
}

static enum check_status reject_unauth_destination(struct check *check)
{
    return deny(check, check_code(check, "relay_domains_reject_code"), "5.7.1");
}

static enum check_status defer_unauth_destination(struct check *check)
{
    return deny(check, check_code(check, "relay_domains_reject_code") - 100, "4.7.1");
}

/* check_relay_domains - also lets clients in relay_domains send; gone since a release */
static enum check_status check_relay_domains(struct check *check)
{
    struct str list = policy_str(check->state->service, "relay_domains");

    if (check->recipient.at == NULL)
        return CHECK_DUNNO;
    if (restriction_is_gone(check, "check_relay_domains"))
        return check_server_error(check);
    if (list.at != NULL &&
        match_domain(check->state, list, "relay_domains", check->state->client_name) == MATCH_YES)
        return CHECK_OK;
    enum check_status status = restriction_authorized(check);
    if (check->jumped || status == CHECK_OK)
        return status;
    return check_reject(check, ERROR_POLICY, check_code(check, "relay_domains_reject_code"),
                        "5.7.1", "<%.*s>: %s rejected: Relay access denied",
                        STR_ARG(check->recipient), class_recipient);
}

/* what DNS may say about the mail exchangers of a domain: others, we among the backups, none */
static const char *const answers_backup[] = {"ok", "backup", "fail"};

static enum check_status permit_mx_backup(struct check *check)
{
    if (check->recipient.at == NULL)
        return CHECK_DUNNO;
    enum check_status status = restriction_authorized(check);
    if (check->jumped || status == CHECK_OK)
        return status;
    const struct resolved *resolved = check_resolve(check, false);
    if (resolved == NULL)
        return check->left;
    if ((resolved->routed && !check->lists->untrusted_routing) ||
        check_is_literal(check_domain(resolved->address)))
        return CHECK_DUNNO;
    struct str subject = arena_printf(check->arena, "%.*s MX", STR_ARG(resolved->domain));
    struct str answer = str_of(check_ask(check, QUESTION_DNS, subject, answers_backup, 3));
    if (str_is(answer, "backup"))
        return CHECK_OK;
    if (str_is(answer, "fail"))
        return check_defer_if_reject(
            check, 450, "4.4.4",
            "<%.*s>: %s rejected: Unable to look up mail exchanger information: %s",
            STR_ARG(check->recipient), class_recipient, "Host not found, try again");
    return CHECK_DUNNO;
}

static enum check_status reject_multi_recipient_bounce(struct check *check)
{
    const struct state *state = check->state;
    bool end_counts = check_has(check, "bounces-counted-after-data");
    bool behind = check->stage == STAGE_DATA || (end_counts && check->stage != STAGE_RCPT);

    if (state->sender.at == NULL || state->sender.len > 0 ||
        state->recipient_count <= (behind ? 1 : 0))
        return CHECK_DUNNO;
    return check_reject(check, ERROR_POLICY,
                        check_code(check, "multi_recipient_bounce_reject_code"), "5.5.3",
                        "<%.*s>: %s rejected: Multi-recipient bounce", STR_ARG(check->reply_name),
                        check->reply_class);
}

const struct builtin restrictions_relay[] = {
    {"permit_auth_destination", ARGUMENT_NONE, permit_auth_destination},
    {"reject_unauth_destination", ARGUMENT_NONE, reject_unauth_destination},
    {"defer_unauth_destination", ARGUMENT_NONE, defer_unauth_destination},
    {"check_relay_domains", ARGUMENT_NONE, check_relay_domains},
    {"permit_mx_backup", ARGUMENT_NONE, permit_mx_backup},
    {"reject_multi_recipient_bounce", ARGUMENT_NONE, reject_multi_recipient_bounce},
    {NULL, ARGUMENT_NONE, NULL},
};
