#include <string.h>

#include "parser/text/token.h"
#include "smtp/address/match_list.h"

static const char *const answers_no_yes[2] = {"no", "yes"};

/* --- the machine's own addresses ------------------------------------------------------ */

/* is_loopback_interface - the one address that it has: 127.0.0.1 or ::1 */
static bool is_loopback_interface(const struct network *address)
{
    static const unsigned char v4[4] = {127, 0, 0, 1};
    static const unsigned char v6[16] = {[15] = 1};

    return memcmp(address->bytes, address->byte_count == 4 ? v4 : v6,
                  (size_t)address->byte_count) == 0;
}

static bool same_address(const struct network *a, const struct network *b)
{
    return a->byte_count == b->byte_count && memcmp(a->bytes, b->bytes, (size_t)a->byte_count) == 0;
}

static bool ask_host(struct state *state, const char *what, struct str address)
{
    struct str subject = arena_printf(state->arena, "%.*s %s", STR_ARG(address), what);

    return world_ask(state->world, QUESTION_HOST, subject, answers_no_yes, 2) == 1;
}

/* read_interface - of an item of config->host.interfaces, which may have a prefix length */
static bool read_interface(struct str item, struct network *address)
{
    return network_read_address(str_slice(item, 0, str_find(item, '/', 0)), address);
}

static bool is_on_interface(struct state *state, const struct network *address, struct str text)
{
    struct str rest = state->service->policy->config->host.interfaces;
    struct str word;
    struct network own;

    if (is_loopback_interface(address))
        return true;
    if (rest.at == NULL)
        return address->byte_count == 4 && address->bytes[0] == 127
                   ? false
                   : ask_host(state, "is an address of this machine", text);
    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        if (read_interface(word, &own) && same_address(&own, address))
            return true;
    return false;
}

/* is_listed - does a list of hosts (inet_interfaces, proxy_interfaces) have the address? */
static bool is_listed(struct state *state, enum parameter_number parameter,
                      const struct network *address, struct str text)
{
    struct str rest = match_parameter(state->service, parameter, NULL);
    bool unknown = rest.at == NULL;
    struct str word;
    struct network one;

    while (token_next_plain(&rest, ", \t", &word)) {
        if (str_starts(word, "[") && str_ends(word, "]"))
            word = str_slice(word, 1, word.len - 1);
        if (str_is_nocase(word, "localhost")) {
            if (is_loopback_interface(address))
                return true;
        } else if (!network_read_address(word, &one)) {
            unknown = true; /* a host name, which only the machine can look up */
        } else if (same_address(&one, address)) {
            return true;
        }
    }
    return unknown && !is_loopback_interface(address) &&
           ask_host(state,
                    arena_printf(state->arena, "in %.*s", STR_ARG(parameter_name(parameter))).at,
                    text);
}

/* has_protocol - does inet_protocols have the family of the address? */
static bool has_protocol(struct state *state, const struct network *address)
{
    struct str protocols = policy_str(state->service, PARAM_INET_PROTOCOLS);
    const char *family = address->byte_count == 4 ? "ipv4" : "ipv6";

    return protocols.at == NULL || str_search(protocols, "all") < protocols.len ||
           str_search(protocols, family) < protocols.len;
}

bool match_own_address(struct state *state, struct str text)
{
    struct str interfaces = policy_str(state->service, PARAM_INET_INTERFACES);
    struct network address;

    if (!network_read_address(text, &address))
        return false;
    bool own = false;
    if (has_protocol(state, &address)) {
        if (str_is(interfaces, "all"))
            own = is_on_interface(state, &address, text);
        else if (str_is(interfaces, "loopback-only"))
            own = is_loopback_interface(&address);
        else
            own = is_listed(state, PARAM_INET_INTERFACES, &address, text);
    }
    return own || is_listed(state, PARAM_PROXY_INTERFACES, &address, text);
}

/* --- the default of mynetworks -------------------------------------------------------- */

enum match match_default_networks(struct state *state, struct str text)
{
    struct str interfaces = policy_str(state->service, PARAM_INET_INTERFACES);
    struct str style = policy_str(state->service, PARAM_MYNETWORKS_STYLE);
    bool host = str_is(style, "host");
    struct network address;

    if (!network_read_address(text, &address))
        return MATCH_NO;
    bool v4_loopback = address.byte_count == 4 && address.bytes[0] == 127;
    if (is_loopback_interface(&address) || v4_loopback) {
        /* mynetworks has the networks of the interfaces that Postfix listens on; this is one of
         * them */
        struct network own = address;
        if (v4_loopback)
            memcpy(own.bytes, (const unsigned char[]){127, 0, 0, 1}, 4);
        bool listens = str_is(interfaces, "all") || str_is(interfaces, "loopback-only") ||
                       is_listed(state, PARAM_INET_INTERFACES, &own, text);
        return listens && (is_loopback_interface(&address) || !host) ? MATCH_YES : MATCH_NO;
    }
    if (str_is(interfaces, "loopback-only") || str_is(interfaces, "localhost"))
        return MATCH_NO;
    if (host && !str_is(interfaces, "all"))
        return is_listed(state, PARAM_INET_INTERFACES, &address, text) ? MATCH_YES : MATCH_NO;
    return ask_host(state, "in mynetworks", text) ? MATCH_YES : MATCH_NO;
}
