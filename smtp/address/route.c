#include "smtp/address/route.h"

#include "smtp/address/find.h"
#include "smtp/address/form.h"

static struct str read_parameter(struct state *state, enum parameter_number name)
{
    struct str value = address_parameter(state, name);

    return value.at == NULL ? (struct str)STR("") : value;
}

static void set_nexthop(struct resolved *resolved, struct str nexthop, struct route_cause cause)
{
    resolved->nexthop = nexthop;
    resolved->nexthop_cause = cause;
}

/* set_channel - "transport:nexthop"; without a next hop, the old one stays */
static void set_channel(struct resolved *resolved, struct str channel, struct route_cause cause)
{
    size_t colon = str_find(channel, ':', 0);

    resolved->transport = str_slice(channel, 0, colon);
    resolved->transport_cause = cause;
    if (colon + 1 < channel.len)
        set_nexthop(resolved, str_slice(channel, colon + 1, channel.len), cause);
}

static void set_parameter_channel(struct state *state, struct resolved *resolved,
                                  enum parameter_number name)
{
    set_channel(resolved, read_parameter(state, name), (struct route_cause){.parameter = name});
}

/* note_unknown - is the result in FOUND one that cannot be read?  The first such table is kept */
static bool note_unknown(struct state *state, struct resolved *resolved,
                         enum parameter_number parameter, const struct address_found *found)
{
    if (found->status != LOOKUP_FOUND || found->value.at != NULL)
        return false;
    if (resolved->unknown.at == NULL)
        resolved->unknown = arena_printf(state->arena, "%.*s %.*s has an entry",
                                         STR_ARG(parameter_name(parameter)), STR_ARG(found->table));
    return true;
}

/* --- classes --------------------------------------------------------------------------- */

static enum match find_class(struct state *state, struct resolved *resolved)
{
    struct str domain = resolved->domain;
    enum match match;

    resolved->class = ADDRESS_VIRTUAL_ALIAS;
    if ((match = match_string_parameter(state, PARAM_VIRTUAL_ALIAS_DOMAINS, domain)) != MATCH_NO)
        return match;
    resolved->class = ADDRESS_VIRTUAL_MAILBOX;
    if ((match = match_string_parameter(state, PARAM_VIRTUAL_MAILBOX_DOMAINS, domain)) != MATCH_NO)
        return match;
    resolved->class = ADDRESS_RELAY;
    match = match_domain(state, policy_str(state->service, PARAM_RELAY_DOMAINS),
                         PARAM_RELAY_DOMAINS, domain);
    if (match == MATCH_NO)
        resolved->class = ADDRESS_DEFAULT;
    return match;
}

/* --- transport and next hop ------------------------------------------------------------ */

/* note_failure - of a table; false, as the route is not known then */
static bool note_failure(struct state *state, struct resolved *resolved,
                         enum parameter_number parameter, const struct address_found *found)
{
    resolved->failure =
        arena_printf(state->arena, "%.*s %.*s %s", STR_ARG(parameter_name(parameter)),
                     STR_ARG(found->table), found->empty ? "has an empty result" : "does not work");
    return false;
}

/* a parameter whose tables are asked for the sender */
struct sender_maps {
    enum parameter_number maps, empty_key;
};

/* find_by_sender - LOOKUP_NONE if the result is "DUNNO", or cannot be read, too */
static enum lookup_status find_by_sender(struct state *state, struct sender_maps by,
                                         struct str sender, struct resolved *resolved,
                                         struct address_found *result)
{
    enum parameter_number maps = by.maps;
    const struct address_search search = {maps, KEYS_ADDRESS, QUESTION_TABLE, TABLE_FOLD};
    struct str key = sender.len > 0 ? sender : policy_str(state->service, by.empty_key);
    struct address_found found = address_find(state, &search, key);

    if (found.status == LOOKUP_ERROR)
        note_failure(state, resolved, maps, &found);
    if (found.status != LOOKUP_FOUND)
        return found.status;
    if (note_unknown(state, resolved, maps, &found) || found.value.len == 0 ||
        str_is_nocase(found.value, "DUNNO"))
        return LOOKUP_NONE;
    *result = found;
    return LOOKUP_FOUND;
}

static bool route_remote(struct state *state, struct str sender, struct resolved *resolved)
{
    static const struct sender_maps transports = {
        PARAM_SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS,
        PARAM_EMPTY_ADDRESS_DEFAULT_TRANSPORT_MAPS_LOOKUP_KEY};
    static const struct sender_maps relays = {PARAM_SENDER_DEPENDENT_RELAYHOST_MAPS,
                                              PARAM_EMPTY_ADDRESS_RELAYHOST_MAPS_LOOKUP_KEY};
    bool is_relay = resolved->class == ADDRESS_RELAY;
    struct str relay = read_parameter(state, PARAM_RELAYHOST);
    struct address_found transport = {.status = LOOKUP_NONE}, found = {.status = LOOKUP_NONE};

    if (!is_relay &&
        find_by_sender(state, transports, sender, resolved, &transport) == LOOKUP_ERROR)
        return false;
    if (find_by_sender(state, relays, sender, resolved, &found) == LOOKUP_ERROR)
        return false;
    if (found.status == LOOKUP_FOUND)
        set_nexthop(resolved, found.value, (struct route_cause){relays.maps, found.span});
    else if (relay.len > 0)
        set_nexthop(resolved, relay, (struct route_cause){.parameter = PARAM_RELAYHOST});
    if (transport.status == LOOKUP_FOUND)
        set_channel(resolved, transport.value,
                    (struct route_cause){transports.maps, transport.span});
    else
        set_parameter_channel(state, resolved,
                              is_relay ? PARAM_RELAY_TRANSPORT : PARAM_DEFAULT_TRANSPORT);
    return true;
}

static const char *describe_unknown_alias(struct state *state)
{
    return policy_flag(state->service, PARAM_SHOW_USER_UNKNOWN_TABLE_NAME)
               ? "5.1.1 User unknown in virtual alias table"
               : "5.1.1 User unknown";
}

/* route_class - by the class alone; false: a table does not work, or no transport is set */
static bool route_class(struct state *state, struct str sender, bool remote,
                        struct resolved *resolved)
{
    resolved->nexthop = resolved->domain;
    resolved->class = ADDRESS_LOCAL;
    if (remote && find_class(state, resolved) == MATCH_ERROR)
        return false;
    switch (resolved->class) {
    case ADDRESS_LOCAL:
        set_parameter_channel(state, resolved, PARAM_LOCAL_TRANSPORT);
        break;
    case ADDRESS_VIRTUAL_ALIAS:
        resolved->transport = (struct str)STR("error");
        resolved->nexthop = str_of(describe_unknown_alias(state));
        break;
    case ADDRESS_VIRTUAL_MAILBOX:
        set_parameter_channel(state, resolved, PARAM_VIRTUAL_TRANSPORT);
        break;
    default:
        if (!route_remote(state, sender, resolved))
            return false;
    }
    return resolved->transport.len > 0;
}

/* --- tables that override --------------------------------------------------------------- */

/* apply_transport - "transport:nexthop", ":nexthop", "transport:" or ":", as in transport(5) */
static void apply_transport(struct state *state, struct resolved *resolved,
                            const struct address_found *found)
{
    const struct route_cause cause = {PARAM_TRANSPORT_MAPS, found->span};
    struct str value = found->value;
    const struct release *release = state->service->policy->config->release;
    size_t colon = str_find(value, ':', 0);
    struct str transport = str_slice(value, 0, colon);
    struct str nexthop = str_slice(value, colon + 1, value.len);

    if (transport.len == 0 && nexthop.len == 0)
        return;
    if (transport.len > 0) {
        resolved->transport = transport;
        resolved->transport_cause = cause;
    }
    resolved->nexthop_cause = cause;
    if (nexthop.len > 0)
        resolved->nexthop = nexthop;
    else if (str_is(transport, "error") ||
             (str_is(transport, "retry") && release_has(release, FEATURE_RETRY_TRANSPORT)))
        resolved->nexthop = (struct str)STR("Address is undeliverable");
    else
        resolved->nexthop = resolved->domain;
}

static bool route_transport(struct state *state, struct resolved *resolved)
{
    const struct address_search search = {PARAM_TRANSPORT_MAPS, KEYS_DOMAIN, QUESTION_TABLE,
                                          TABLE_FOLD | TABLE_NO_REGSUB};
    struct address_found found = address_find(state, &search, resolved->address);

    if (found.status == LOOKUP_NONE)
        found = address_find_key(state, &search, (struct str)STR("*"));
    if (found.status == LOOKUP_FOUND && !note_unknown(state, resolved, search.parameter, &found))
        apply_transport(state, resolved, &found);
    return found.status != LOOKUP_ERROR || note_failure(state, resolved, search.parameter, &found);
}

/* has_status - is it a status and a text, "5.1.6 text"? */
static bool has_status(struct str text)
{
    struct reply reply = reply_of(550, text);

    return reply.enhanced.len > 0 && str_trim(reply.text).len > 0;
}

static bool route_relocated(struct state *state, struct resolved *resolved)
{
    const struct address_search search = {PARAM_RELOCATED_MAPS, KEYS_ADDRESS, QUESTION_TABLE,
                                          TABLE_FOLD};
    struct address_found found = address_find(state, &search, resolved->address);
    bool prefix = !policy_has(state->service, PARAM_RELOCATED_PREFIX_ENABLE) ||
                  policy_flag(state->service, PARAM_RELOCATED_PREFIX_ENABLE);

    if (found.status == LOOKUP_ERROR)
        return note_failure(state, resolved, search.parameter, &found);
    if (found.status != LOOKUP_FOUND)
        return true;
    resolved->transport = (struct str)STR("error");
    resolved->transport_cause = (struct route_cause){search.parameter, found.span};
    resolved->nexthop_cause = resolved->transport_cause;
    if (note_unknown(state, resolved, search.parameter, &found))
        resolved->nexthop = (struct str)STR("5.1.6 User has moved");
    else if (prefix)
        resolved->nexthop =
            arena_printf(state->arena, "5.1.6 User has moved to %.*s", STR_ARG(found.value));
    else if (has_status(found.value))
        resolved->nexthop = found.value;
    else
        resolved->nexthop = (struct str)STR("5.2.0 Mailbox is unavailable");
    return true;
}

bool address_route(struct state *state, struct str sender, bool remote, struct resolved *resolved)
{
    return route_class(state, sender, remote, resolved) &&
           (resolved->class == ADDRESS_VIRTUAL_ALIAS || route_transport(state, resolved)) &&
           route_relocated(state, resolved);
}
