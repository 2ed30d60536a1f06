/*
 * Restrictions on the sender's and the recipient's address, as far as they ask no DNS.
 */
#include "parser/text/token.h"
#include "smtp/policy/check_walk.h"
#include "smtp/policy/restriction.h"

/* has_sender - is there one, and is it not the empty one of bounces? */
static bool has_sender(const struct check *check)
{
    return check->state->sender.len > 0;
}

/* --- access tables ------------------------------------------------------------------- */

/* check_mail_access - a routed recipient is too doubtful for an OK */
static enum check_status check_mail_access(struct check *check, bool sender)
{
    struct str address = sender ? check->state->sender : check->recipient;
    const struct resolved *resolved = check_resolve(check, sender);

    if (resolved == NULL)
        return check->left;
    enum check_status status = access_check(check, ACCESS_ADDRESS, resolved->address, STR_NONE,
                                            address, sender ? class_sender : class_recipient);
    bool doubtful = !sender && resolved->routed && !check->lists->untrusted_routing;
    if (check->jumped || status != CHECK_OK || !doubtful)
        return status;
    check_why(check, "the address is routed by its sender: OK does not count");
    return CHECK_DUNNO;
}

static enum check_status check_sender_access(struct check *check)
{
    struct str sender = check->state->sender;

    if (sender.at == NULL)
        return CHECK_DUNNO;
    if (sender.len > 0)
        return check_mail_access(check, true);
    struct str key = policy_str(check->state->service, "smtpd_null_access_lookup_key");
    return access_check(check, ACCESS_EXACT, key, STR_NONE, sender, class_sender);
}

static enum check_status check_recipient_access(struct check *check)
{
    return check->recipient.at == NULL ? CHECK_DUNNO : check_mail_access(check, false);
}

static enum check_status check_etrn_access(struct check *check)
{
    struct str name = check->state->etrn_name;

    if (name.at == NULL)
        return CHECK_DUNNO;
    return access_check(check, ACCESS_DOMAIN, name, STR_NONE, name, class_etrn);
}

/* --- the form of an address ---------------------------------------------------------- */

static enum check_status reject_non_fqdn_address(struct check *check, struct str address,
                                                 const char *reply_class)
{
    struct str domain = check_domain(address);

    if (check_is_literal(domain) || (domain.at != NULL && restriction_is_fqdn(check, domain)))
        return CHECK_DUNNO;
    return check_reject(check, ERROR_POLICY, check_code(check, "non_fqdn_reject_code"), "4.5.2",
                        "<%.*s>: %s rejected: need fully-qualified address", STR_ARG(address),
                        reply_class);
}

static enum check_status reject_non_fqdn_sender(struct check *check)
{
    if (!has_sender(check))
        return CHECK_DUNNO;
    return reject_non_fqdn_address(check, check->state->sender, class_sender);
}

static enum check_status reject_non_fqdn_recipient(struct check *check)
{
    if (check->recipient.at == NULL)
        return CHECK_DUNNO;
    return reject_non_fqdn_address(check, check->recipient, class_recipient);
}

/* --- who may use a sender address ---------------------------------------------------- */

/* find_owners - LOOKUP_FOUND, LOOKUP_NONE, or LOOKUP_ERROR when the walk was left */
static struct lookup find_owners(struct check *check)
{
    struct lookup lookup = {.status = LOOKUP_ERROR};
    struct str list = policy_str(check->state->service, "smtpd_sender_login_maps");
    const struct resolved *resolved = check_resolve(check, true);

    if (resolved == NULL)
        return lookup;
    if (list.at == NULL)
        return (struct lookup){.status = LOOKUP_NONE};
    lookup = access_address_maps(check, list, resolved->address, resolved->class == ADDRESS_LOCAL);
    if (lookup.status == LOOKUP_UNKNOWN) {
        struct str subject =
            arena_printf(check->arena, "%.*s %.*s", STR_ARG(list), STR_ARG(resolved->address));
        static const enum lookup_status status[] = {LOOKUP_NONE, LOOKUP_FOUND, LOOKUP_ERROR};
        lookup.status =
            status[world_ask(check->state->world, QUESTION_TABLE, subject, answers_table, 3)];
        lookup.value = str_of("");
    }
    check->table_span = lookup.span;
    if (lookup.status == LOOKUP_ERROR)
        check_lookup_failure(check, check->state->sender);
    return lookup;
}

static bool is_owner(struct str owners, struct str user)
{
    struct str name;

    while (token_next_plain(&owners, TOKEN_COMMAS, &name))
        if (str_eq_nocase(name, user))
            return true;
    return false;
}

static enum check_status reject_not_owner(struct check *check, bool unknown_sender_passes)
{
    struct str user = check->state->sasl_username, sender = check->state->sender;

    if (user.at == NULL)
        return CHECK_DUNNO;
    struct lookup owners = find_owners(check);
    if (check->jumped)
        return check->left;
    if (owners.status == LOOKUP_NONE && unknown_sender_passes)
        return CHECK_DUNNO;
    if (owners.status == LOOKUP_FOUND && is_owner(owners.value, user))
        return CHECK_DUNNO;
    check_why(check, "smtpd_sender_login_maps names as its owners: %.*s",
              STR_ARG(owners.value.at == NULL ? str_of("nobody") : owners.value));
    return check_reject(check, ERROR_POLICY, 553, "5.7.1",
                        "<%.*s>: Sender address rejected: not owned by user %.*s", STR_ARG(sender),
                        STR_ARG(user));
}

static enum check_status reject_not_logged_in(struct check *check)
{
    if (check->state->sasl_username.at != NULL)
        return CHECK_DUNNO;
    struct lookup owners = find_owners(check);
    if (check->jumped)
        return check->left;
    if (owners.status != LOOKUP_FOUND)
        return CHECK_DUNNO;
    return check_reject(check, ERROR_POLICY, 553, "5.7.1",
                        "<%.*s>: Sender address rejected: not logged in",
                        STR_ARG(check->state->sender));
}

static bool checks_owner(struct check *check)
{
    if (!check->lists->sasl_enabled)
        check_why(check, "smtpd_sasl_auth_enable is off: ignored");
    return check->lists->sasl_enabled && has_sender(check);
}

static enum check_status reject_authenticated_sender_login_mismatch(struct check *check)
{
    return checks_owner(check) ? reject_not_owner(check, false) : CHECK_DUNNO;
}

static enum check_status reject_known_sender_login_mismatch(struct check *check)
{
    if (!checks_owner(check))
        return CHECK_DUNNO;
    return check->state->sasl_username.at != NULL ? reject_not_owner(check, true)
                                                  : reject_not_logged_in(check);
}

static enum check_status reject_unauthenticated_sender_login_mismatch(struct check *check)
{
    return checks_owner(check) ? reject_not_logged_in(check) : CHECK_DUNNO;
}

/* --- is the address listed? ---------------------------------------------------------- */

static enum check_status reject_unlisted(struct check *check, bool sender, bool *checked)
{
    struct reply reply = {0};
    struct str address = sender ? check->state->sender : check->recipient;

    if (check->lists->skip_unlisted || *checked)
        return CHECK_DUNNO;
    if (check->state->checks.warn_if_reject == 0)
        *checked = true;
    const struct resolved *resolved = check_resolve(check, sender);
    if (resolved == NULL)
        return check->left;
    enum existence existence = address_exists(check->state, resolved, address, sender, &reply);
    if (existence != EXISTS_NO && existence != EXISTS_ERROR)
        return CHECK_DUNNO;
    bool error = existence == EXISTS_ERROR;
    enum check_status status =
        check_reject(check, error ? ERROR_DATA : ERROR_POLICY, reply.code,
                     arena_cstr(check->arena, reply.enhanced), "%.*s", STR_ARG(reply.text));
    return error ? check_leave(check, status) : status;
}

enum check_status restriction_unlisted_recipient(struct check *check)
{
    if (check->recipient.len == 0)
        return CHECK_DUNNO;
    return reject_unlisted(check, false, &check->state->checks.recipient_checked);
}

enum check_status restriction_unlisted_sender(struct check *check)
{
    if (!has_sender(check))
        return CHECK_DUNNO;
    return reject_unlisted(check, true, &check->state->checks.sender_checked);
}

const struct builtin restrictions_address[] = {
    {"check_sender_access", ARGUMENT_TABLE, check_sender_access},
    {"check_recipient_access", ARGUMENT_TABLE, check_recipient_access},
    {"check_etrn_access", ARGUMENT_TABLE, check_etrn_access},
    {"reject_non_fqdn_sender", ARGUMENT_NONE, reject_non_fqdn_sender},
    {"reject_non_fqdn_recipient", ARGUMENT_NONE, reject_non_fqdn_recipient},
    {"reject_authenticated_sender_login_mismatch", ARGUMENT_NONE,
     reject_authenticated_sender_login_mismatch},
    {"reject_known_sender_login_mismatch", ARGUMENT_NONE, reject_known_sender_login_mismatch},
    {"reject_unauthenticated_sender_login_mismatch", ARGUMENT_NONE,
     reject_unauthenticated_sender_login_mismatch},
    {"reject_unlisted_sender", ARGUMENT_NONE, restriction_unlisted_sender},
    {"reject_unlisted_recipient", ARGUMENT_NONE, restriction_unlisted_recipient},
    {"check_recipient_maps", ARGUMENT_NONE, restriction_unlisted_recipient},
    {NULL, ARGUMENT_NONE, NULL},
};
