#include <string.h>

#include "parser/text/token.h"
#include "smtp/address/find.h"
#include "smtp/address/form.h"

/* the address that is looked up, and the reply if it is not listed */
struct listing {
    struct state *state;
    const struct resolved *resolved;
    struct str as_written;
    bool sender;
    struct reply *reply;
};

static enum existence set_temporary_reply(const struct listing *listing)
{
    *listing->reply =
        reply_printf(listing->state->arena, 451, "4.3.0", "<%.*s>: Temporary lookup failure",
                     STR_ARG(listing->as_written));
    return EXISTS_ERROR;
}

static enum existence set_failure_reply(const struct listing *listing,
                                        const struct address_found *found)
{
    if (!found->empty)
        return set_temporary_reply(listing);
    *listing->reply =
        reply_printf(listing->state->arena, 451, "4.3.5", "Server configuration error");
    return EXISTS_ERROR;
}

static enum existence find_in_maps(const struct listing *listing, enum parameter_number parameter,
                                   enum question_kind kind)
{
    const struct address_search search = {parameter, KEYS_ADDRESS, kind, TABLE_FOLD};
    struct address_found found = address_find(listing->state, &search, listing->resolved->address);

    switch (found.status) {
    case LOOKUP_FOUND:
        return EXISTS_YES;
    case LOOKUP_ERROR:
        return set_failure_reply(listing, &found);
    default:
        return EXISTS_NO;
    }
}

static enum question_kind choose_question(const struct listing *listing)
{
    return listing->sender ? QUESTION_SENDER : QUESTION_RECIPIENT;
}

/* find_in_rewriting - an address in a canonical or virtual alias table exists */
static enum existence find_in_rewriting(const struct listing *listing)
{
    const struct release *release = listing->state->service->policy->config->release;
    bool alias = listing->resolved->class == ADDRESS_VIRTUAL_ALIAS;
    bool sender = listing->sender && release_has(release, FEATURE_SENDER_CANONICAL_LISTED);
    const struct {
        enum parameter_number parameter;
        enum question_kind kind;
        bool asked;
    } lists[] = {
        {PARAM_RECIPIENT_CANONICAL_MAPS, QUESTION_TABLE, true},
        {PARAM_SENDER_CANONICAL_MAPS, QUESTION_TABLE, sender},
        {PARAM_CANONICAL_MAPS, QUESTION_TABLE, true},
        {PARAM_VIRTUAL_ALIAS_MAPS, alias ? choose_question(listing) : QUESTION_TABLE, true},
    };
    enum existence exists = EXISTS_NO;

    for (size_t i = 0; i < sizeof lists / sizeof *lists && exists == EXISTS_NO; i++)
        if (lists[i].asked)
            exists = find_in_maps(listing, lists[i].parameter, lists[i].kind);
    return exists;
}

/* --- replies ---------------------------------------------------------------------------- */

/*
 * fix_status - the status of an address problem of a sender, or of a recipient: a transport's text
 * may have that of a recipient where a sender is rejected (smtpd_dsn_fix.c)
 */
static const char *fix_status(bool sender, struct str status)
{
    static const struct {
        const char *detail, *of_sender, *of_recipient;
    } statuses[] = {
        {"1", "1.7", "1.1"}, {"2", "1.8", "1.2"}, {"3", "1.7", "1.3"}, {"4", "1.7", "1.4"},
        {"5", "1.0", "1.5"}, {"6", "1.7", "1.6"}, {"7", "1.7", "1.3"}, {"8", "1.8", "1.2"},
    };

    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (str_is(str_slice(status, 4, status.len), statuses[i].detail))
            return sender ? statuses[i].of_sender : statuses[i].of_recipient;
    return "1.0";
}

/* set_reply - the reply, with the first digit of its code in the status */
static enum existence set_reply(const struct listing *listing, int code, struct str status,
                                struct str text)
{
    struct arena *arena = listing->state->arena;
    struct str rest = str_slice(status, 2, status.len);

    if (str_eq(str_slice(status, 1, 4), (struct str)STR(".1.")))
        rest = str_of(fix_status(listing->sender, status));
    *listing->reply =
        reply_printf(arena, code, "", "<%.*s>: %s rejected: %.*s", STR_ARG(listing->as_written),
                     listing->sender ? "Sender address" : "Recipient address", STR_ARG(text));
    listing->reply->enhanced = arena_printf(arena, "%d.%.*s", code / 100, STR_ARG(rest));
    return EXISTS_NO;
}

/* set_transport_reply - the text of the error or retry transport, which may begin with a status */
static enum existence set_transport_reply(const struct listing *listing, int code,
                                          const char *status)
{
    struct reply reply = reply_of(code, listing->resolved->nexthop);
    struct str text = reply.text;

    while (text.len > 0 && is_space(text.at[0]))
        text = str_slice(text, 1, text.len);
    return set_reply(listing, code, reply.enhanced.len > 0 ? reply.enhanced : str_of(status), text);
}

static enum existence set_unknown_reply(const struct listing *listing, enum parameter_number code,
                                        const char *table)
{
    const struct policy_service *service = listing->state->service;
    bool named = policy_flag(service, PARAM_SHOW_USER_UNKNOWN_TABLE_NAME);
    struct str text = arena_printf(listing->state->arena, "User unknown%s%s%s", named ? " in " : "",
                                   named ? table : "", named ? " table" : "");

    return set_reply(listing, (int)policy_number(service, code),
                     str_of(listing->sender ? "5.1.0" : "5.1.1"), text);
}

/* --- classes ---------------------------------------------------------------------------- */

/* is_special - names that Postfix itself uses as sender or recipient */
static bool is_special(const struct listing *listing)
{
    struct str address = listing->resolved->address;
    struct str local = str_slice(address, 0, str_find(address, '@', 0));

    return str_is_nocase(local, "postmaster") || str_is_nocase(local, "mailer-daemon") ||
           str_eq_nocase(local, policy_str(listing->state->service, PARAM_DOUBLE_BOUNCE_SENDER));
}

static enum existence find_in_class(const struct listing *listing)
{
    static const struct {
        enum address_class class;
        enum parameter_number maps, code;
        const char *table;
    } classes[] = {
        {ADDRESS_LOCAL, PARAM_LOCAL_RECIPIENT_MAPS, PARAM_UNKNOWN_LOCAL_RECIPIENT_REJECT_CODE,
         "local recipient"},
        {ADDRESS_VIRTUAL_MAILBOX, PARAM_VIRTUAL_MAILBOX_MAPS,
         PARAM_UNKNOWN_VIRTUAL_MAILBOX_REJECT_CODE, "virtual mailbox"},
        {ADDRESS_RELAY, PARAM_RELAY_RECIPIENT_MAPS, PARAM_UNKNOWN_RELAY_RECIPIENT_REJECT_CODE,
         "relay recipient"},
    };

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (classes[i].class != listing->resolved->class)
            continue;
        struct str maps = address_parameter(listing->state, classes[i].maps);
        if (maps.len == 0)
            return EXISTS_UNCHECKED;
        if (classes[i].class == ADDRESS_LOCAL && is_special(listing))
            return EXISTS_YES;
        enum existence exists = find_in_maps(listing, classes[i].maps, choose_question(listing));
        return exists == EXISTS_NO ? set_unknown_reply(listing, classes[i].code, classes[i].table)
                                   : exists;
    }
    return EXISTS_UNCHECKED;
}

/* checks_recipients - unless receive_override_options turns it off */
static bool checks_recipients(struct state *state)
{
    struct str options = policy_str(state->service, PARAM_RECEIVE_OVERRIDE_OPTIONS);
    struct str option;

    while (token_next_plain(&options, TOKEN_COMMAS, &option))
        if (str_is_nocase(option, "no_unknown_recipient_checks"))
            return false;
    return true;
}

enum existence address_exists(struct state *state, const struct resolved *resolved,
                              struct str as_written, bool sender, struct reply *reply)
{
    const struct listing listing = {state, resolved, as_written, sender, reply};
    const struct policy_service *service = state->service;
    bool alias = resolved->class == ADDRESS_VIRTUAL_ALIAS;

    *reply = (struct reply){0};
    if (!checks_recipients(state))
        return EXISTS_UNCHECKED;
    if (resolved->class == ADDRESS_ERROR)
        return set_temporary_reply(&listing);
    enum existence exists = find_in_rewriting(&listing);
    if (exists != EXISTS_NO)
        return exists;
    if (str_is(resolved->transport, "error"))
        return set_transport_reply(
            &listing,
            alias ? (int)policy_number(service, PARAM_UNKNOWN_VIRTUAL_ALIAS_REJECT_CODE) : 550,
            sender ? "5.1.0" : "5.1.1");
    if (str_is(resolved->transport, "retry") &&
        release_has(service->policy->config->release, FEATURE_RETRY_TRANSPORT))
        return set_transport_reply(&listing, 450, sender ? "4.1.0" : "4.1.1");
    return find_in_class(&listing);
}
