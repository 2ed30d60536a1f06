/*
 * restriction_address - restrictions on the sender and recipient address that need no DNS
 */
#include "parser/text/token.h"
#include "smtp/policy/restriction_builtin.h"
#include "smtp/policy/restriction_walk.h"

/* has_sender - is there a sender that is not the empty one of bounces? */
static bool has_sender(const struct restriction_walk *walk)
{
    return walk->state->sender.len > 0;
}

/* --- access tables ------------------------------------------------------------------- */

/* check_mail_access - OK does not count for a routed recipient */
static enum restriction_status check_mail_access(struct restriction_walk *walk, bool sender)
{
    struct str address = sender ? walk->state->sender : walk->recipient;
    const struct resolved *resolved = restriction_resolve(walk, sender);

    if (resolved == NULL)
        return walk->left;
    enum restriction_status status = access_check(walk, ACCESS_ADDRESS, resolved->address, STR_NONE,
                                                  address, sender ? class_sender : class_recipient);
    bool distrusted = !sender && resolved->routed && !walk->lists->untrusted_routing;
    if (walk->jumped || status != RESTRICTION_OK || !distrusted)
        return status;
    restriction_explain(walk, "the address has sender-specified routing: OK does not count");
    return RESTRICTION_DUNNO;
}

static enum restriction_status check_sender_access(struct restriction_walk *walk)
{
    struct str sender = walk->state->sender;

    if (sender.at == NULL)
        return RESTRICTION_DUNNO;
    if (sender.len > 0)
        return check_mail_access(walk, true);
    struct str key = policy_str(walk->state->service, PARAM_SMTPD_NULL_ACCESS_LOOKUP_KEY);
    return access_check(walk, ACCESS_EXACT, key, STR_NONE, sender, class_sender);
}

static enum restriction_status check_recipient_access(struct restriction_walk *walk)
{
    return walk->recipient.at == NULL ? RESTRICTION_DUNNO : check_mail_access(walk, false);
}

static enum restriction_status check_etrn_access(struct restriction_walk *walk)
{
    struct str name = walk->state->etrn_name;

    if (name.at == NULL)
        return RESTRICTION_DUNNO;
    return access_check(walk, ACCESS_DOMAIN, name, STR_NONE, name, class_etrn);
}

/* --- the syntax of an address -------------------------------------------------------- */

static enum restriction_status reject_non_fqdn_address(struct restriction_walk *walk,
                                                       struct str address, const char *reply_class)
{
    struct str domain = restriction_domain(address);

    if (restriction_is_literal(domain) || (domain.at != NULL && restriction_is_fqdn(walk, domain)))
        return RESTRICTION_DUNNO;
    return restriction_reject(
        walk, ERROR_POLICY, restriction_code(walk, PARAM_NON_FQDN_REJECT_CODE), "4.5.2",
        "<%.*s>: %s rejected: need fully-qualified address", STR_ARG(address), reply_class);
}

static enum restriction_status reject_non_fqdn_sender(struct restriction_walk *walk)
{
    if (!has_sender(walk))
        return RESTRICTION_DUNNO;
    return reject_non_fqdn_address(walk, walk->state->sender, class_sender);
}

static enum restriction_status reject_non_fqdn_recipient(struct restriction_walk *walk)
{
    if (walk->recipient.at == NULL)
        return RESTRICTION_DUNNO;
    return reject_non_fqdn_address(walk, walk->recipient, class_recipient);
}

/* --- who may use a sender address ---------------------------------------------------- */

/* assume_owner - in a table that cannot be read, the sender is usually found */
static enum lookup_status assume_owner(struct state *state, struct str table, struct str address)
{
    static const char *const answers[] = {"found", "none", "fail"};
    static const enum lookup_status statuses[] = {LOOKUP_FOUND, LOOKUP_NONE, LOOKUP_ERROR};
    struct str subject =
        arena_printf(state->arena, "%.*s %.*s and its owner", STR_ARG(table), STR_ARG(address));

    return statuses[world_ask(state->world, QUESTION_TABLE, subject, answers, 3)];
}

/* find_owners - LOOKUP_FOUND, LOOKUP_NONE, or LOOKUP_ERROR if the evaluation ended.  *KNOWN: what
   is found is in the files */
static struct lookup find_owners(struct restriction_walk *walk, bool *known)
{
    struct lookup lookup = {.status = LOOKUP_ERROR};
    struct str list = policy_str(walk->state->service, PARAM_SMTPD_SENDER_LOGIN_MAPS);
    const struct resolved *resolved = restriction_resolve(walk, true);

    if (resolved == NULL)
        return lookup;
    if (list.at == NULL)
        return (struct lookup){.status = LOOKUP_NONE};
    lookup = access_address_maps(walk, list, resolved->address, resolved->class == ADDRESS_LOCAL);
    *known = lookup.status != LOOKUP_UNKNOWN;
    if (!*known)
        lookup.status = assume_owner(walk->state, list, resolved->address);
    walk->table_span = lookup.span;
    if (lookup.status == LOOKUP_ERROR)
        restriction_lookup_failure(walk, walk->state->sender);
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

static enum restriction_status reject_not_owner(struct restriction_walk *walk,
                                                bool unknown_sender_passes)
{
    struct str user = walk->state->sasl_username, sender = walk->state->sender;

    if (user.at == NULL)
        return RESTRICTION_DUNNO;
    bool known = true;
    struct lookup owners = find_owners(walk, &known);
    if (walk->jumped)
        return walk->left;
    if (owners.status == LOOKUP_NONE && unknown_sender_passes)
        return RESTRICTION_DUNNO;
    /* who finds a sender in a table that cannot be read is taken to find the user */
    if (owners.status == LOOKUP_FOUND && (!known || is_owner(owners.value, user)))
        return RESTRICTION_DUNNO;
    restriction_explain(walk, "owners in smtpd_sender_login_maps: %.*s",
                        STR_ARG(owners.value.at == NULL ? str_of("nobody") : owners.value));
    return restriction_reject(walk, ERROR_POLICY, 553, "5.7.1",
                              "<%.*s>: Sender address rejected: not owned by user %.*s",
                              STR_ARG(sender), STR_ARG(user));
}

static enum restriction_status reject_not_logged_in(struct restriction_walk *walk)
{
    if (walk->state->sasl_username.at != NULL)
        return RESTRICTION_DUNNO;
    bool known = true;
    struct lookup owners = find_owners(walk, &known);
    if (walk->jumped)
        return walk->left;
    if (owners.status != LOOKUP_FOUND)
        return RESTRICTION_DUNNO;
    return restriction_reject(walk, ERROR_POLICY, 553, "5.7.1",
                              "<%.*s>: Sender address rejected: not logged in",
                              STR_ARG(walk->state->sender));
}

static bool checks_owner(struct restriction_walk *walk)
{
    if (!walk->lists->sasl_enabled)
        restriction_explain(walk, "ignored, since smtpd_sasl_auth_enable = no");
    return walk->lists->sasl_enabled && has_sender(walk);
}

static enum restriction_status
reject_authenticated_sender_login_mismatch(struct restriction_walk *walk)
{
    return checks_owner(walk) ? reject_not_owner(walk, false) : RESTRICTION_DUNNO;
}

static enum restriction_status reject_known_sender_login_mismatch(struct restriction_walk *walk)
{
    if (!checks_owner(walk))
        return RESTRICTION_DUNNO;
    return walk->state->sasl_username.at != NULL ? reject_not_owner(walk, true)
                                                 : reject_not_logged_in(walk);
}

static enum restriction_status
reject_unauthenticated_sender_login_mismatch(struct restriction_walk *walk)
{
    return checks_owner(walk) ? reject_not_logged_in(walk) : RESTRICTION_DUNNO;
}

/* --- is the address listed? ---------------------------------------------------------- */

static enum restriction_status reject_unlisted(struct restriction_walk *walk, bool sender,
                                               bool *checked)
{
    struct reply reply = {0};
    struct str address = sender ? walk->state->sender : walk->recipient;

    if (walk->lists->skip_unlisted || *checked)
        return RESTRICTION_DUNNO;
    if (walk->state->checks.warn_if_reject == 0)
        *checked = true;
    const struct resolved *resolved = restriction_resolve(walk, sender);
    if (resolved == NULL)
        return walk->left;
    enum existence existence = address_exists(walk->state, resolved, address, sender, &reply);
    if (existence != EXISTS_NO && existence != EXISTS_ERROR)
        return RESTRICTION_DUNNO;
    bool error = existence == EXISTS_ERROR;
    enum restriction_status status =
        restriction_reject(walk, error ? ERROR_DATA : ERROR_POLICY, reply.code,
                           arena_cstr(walk->arena, reply.enhanced), "%.*s", STR_ARG(reply.text));
    return error ? restriction_leave(walk, status) : status;
}

enum restriction_status restriction_unlisted_recipient(struct restriction_walk *walk)
{
    if (walk->recipient.len == 0)
        return RESTRICTION_DUNNO;
    return reject_unlisted(walk, false, &walk->state->checks.recipient_checked);
}

enum restriction_status restriction_unlisted_sender(struct restriction_walk *walk)
{
    if (!has_sender(walk))
        return RESTRICTION_DUNNO;
    return reject_unlisted(walk, true, &walk->state->checks.sender_checked);
}

const struct restriction_builtin restrictions_address[] = {
    {"check_sender_access", check_sender_access},
    {"check_recipient_access", check_recipient_access},
    {"check_etrn_access", check_etrn_access},
    {"reject_non_fqdn_sender", reject_non_fqdn_sender},
    {"reject_non_fqdn_recipient", reject_non_fqdn_recipient},
    {"reject_authenticated_sender_login_mismatch", reject_authenticated_sender_login_mismatch},
    {"reject_known_sender_login_mismatch", reject_known_sender_login_mismatch},
    {"reject_unauthenticated_sender_login_mismatch", reject_unauthenticated_sender_login_mismatch},
    {"reject_unlisted_sender", restriction_unlisted_sender},
    {"reject_unlisted_recipient", restriction_unlisted_recipient},
    {"check_recipient_maps", restriction_unlisted_recipient},
    {NULL, NULL},
};
