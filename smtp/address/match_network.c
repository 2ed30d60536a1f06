#include <arpa/inet.h>
#include <string.h>

#include "parser/text/token.h"
#include "smtp/address/match_list.h"

static const char *const answers_no_yes[2] = {"no", "yes"};

/* --- networks ------------------------------------------------------------------------- */

static bool read_address(struct str text, struct network *network)
{
    char name[INET6_ADDRSTRLEN];

    if (text.len >= sizeof name || str_find(text, '\0', 0) < text.len)
        return false;
    memcpy(name, text.at, text.len);
    name[text.len] = '\0';
    bool v6 = strchr(name, ':') != NULL;
    network->byte_count = v6 ? 16 : 4;
    network->bits = network->byte_count * 8;
    return inet_pton(v6 ? AF_INET6 : AF_INET, name, network->bytes) == 1;
}

/* read_bits - the prefix length; false where it is no number or too large */
static bool read_bits(struct str text, struct network *network)
{
    int bits = 0;

    if (!str_is_digits(text))
        return false;
    for (size_t i = 0; i < text.len && bits <= 128; i++)
        bits = bits * 10 + (text.at[i] - '0');
    if (bits > network->bits)
        return false;
    network->bits = bits;
    return true;
}

static bool bit_of(const struct network *network, int bit)
{
    return (network->bytes[bit / 8] & (0x80 >> (bit % 8))) != 0;
}

/* The forms are "addr", "addr/n", "[addr]", "[addr]/n" and "[addr/n]"; cidr_match.c. */
bool network_read(struct str text, struct network *network)
{
    struct str behind = STR_NONE;

    *network = (struct network){0};
    if (str_starts(text, "[")) {
        size_t close = str_find(text, ']', 0);
        if (close == text.len)
            return false;
        behind = str_slice(text, close + 1, text.len);
        text = str_slice(text, 1, close);
        if (behind.len > 0 && behind.at[0] != '/')
            return false;
    }
    if (behind.len == 0) {
        size_t slash = str_find(text, '/', 0);
        behind = str_slice(text, slash, text.len);
        text = str_slice(text, 0, slash);
    }
    if (!read_address(text, network))
        return false;
    if (behind.len > 0 && !read_bits(str_slice(behind, 1, behind.len), network))
        return false;
    for (int bit = network->bits; bit < network->byte_count * 8; bit++)
        if (bit_of(network, bit))
            return false; /* Postfix: "non-null host address bits" */
    return true;
}

bool network_holds(const struct network *network, const struct network *address)
{
    int whole = network->bits / 8;
    int rest = network->bits % 8;

    if (network->byte_count != address->byte_count || address->bits < network->bits ||
        memcmp(network->bytes, address->bytes, (size_t)whole) != 0)
        return false;
    int mask = 0xff00 >> rest & 0xff;
    return rest == 0 || ((network->bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

int network_has(struct str network, struct str address)
{
    struct network all, one;

    if (!network_read(network, &all))
        return -1;
    return network_read(address, &one) && network_holds(&all, &one) ? 1 : 0;
}

/* --- the machine's own addresses ------------------------------------------------------ */

/* the one address that a loopback interface has: 127.0.0.1 or ::1 */
static bool is_loopback(const struct network *address)
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

/* interface_address - of config->host.interfaces, whose items may have a prefix length */
static bool interface_address(struct str item, struct network *address)
{
    return read_address(str_slice(item, 0, str_find(item, '/', 0)), address);
}

static bool on_interface(struct state *state, const struct network *address, struct str text)
{
    struct str rest = state->service->policy->config->host.interfaces;
    struct str word;
    struct network own;

    if (is_loopback(address))
        return true;
    if (rest.at == NULL)
        return address->byte_count == 4 && address->bytes[0] == 127
                   ? false
                   : ask_host(state, "is an address of this machine", text);
    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        if (interface_address(word, &own) && same_address(&own, address))
            return true;
    return false;
}

/* named - does a list of hosts (inet_interfaces, proxy_interfaces) name the address? */
static bool named(struct state *state, const char *parameter, const struct network *address,
                  struct str text)
{
    struct str rest = match_parameter(state->service, parameter, NULL);
    bool unknown = rest.at == NULL;
    struct str word;
    struct network one;

    while (token_next_plain(&rest, ", \t", &word)) {
        if (str_starts(word, "[") && str_ends(word, "]"))
            word = str_slice(word, 1, word.len - 1);
        if (str_is_nocase(word, "localhost")) {
            if (is_loopback(address))
                return true;
        } else if (!read_address(word, &one)) {
            unknown = true; /* a host name: only the machine can look it up */
        } else if (same_address(&one, address)) {
            return true;
        }
    }
    return unknown && !is_loopback(address) &&
           ask_host(state, arena_cstr(state->arena, arena_printf(state->arena, "in %s", parameter)),
                    text);
}

/* protocol_on - does inet_protocols have the address's family? */
static bool protocol_on(struct state *state, const struct network *address)
{
    struct str protocols = policy_str(state->service, "inet_protocols");
    const char *family = address->byte_count == 4 ? "ipv4" : "ipv6";

    return protocols.at == NULL || str_search(protocols, "all") < protocols.len ||
           str_search(protocols, family) < protocols.len;
}

bool match_own_address(struct state *state, struct str text)
{
    struct str interfaces = policy_str(state->service, "inet_interfaces");
    struct network address;

    if (!read_address(text, &address))
        return false;
    bool own = false;
    if (protocol_on(state, &address)) {
        if (str_is(interfaces, "all"))
            own = on_interface(state, &address, text);
        else if (str_is(interfaces, "loopback-only"))
            own = is_loopback(&address);
        else
            own = named(state, "inet_interfaces", &address, text);
    }
    return own || named(state, "proxy_interfaces", &address, text);
}

/* --- mynetworks where it is not set --------------------------------------------------- */

enum match match_default_networks(struct state *state, struct str text)
{
    struct str interfaces = policy_str(state->service, "inet_interfaces");
    struct str style = policy_str(state->service, "mynetworks_style");
    bool host = str_is(style, "host");
    struct network address;

    if (!read_address(text, &address))
        return MATCH_NO;
    bool v4_loopback = address.byte_count == 4 && address.bytes[0] == 127;
    if (is_loopback(&address) || v4_loopback) {
        /* the networks of the addresses that Postfix listens on; each machine has this one */
        struct network own = address;
        if (v4_loopback)
            memcpy(own.bytes, (const unsigned char[]){127, 0, 0, 1}, 4);
        bool listens = str_is(interfaces, "all") || str_is(interfaces, "loopback-only") ||
                       named(state, "inet_interfaces", &own, text);
        return listens && (is_loopback(&address) || !host) ? MATCH_YES : MATCH_NO;
    }
    if (str_is(interfaces, "loopback-only") || str_is(interfaces, "localhost"))
        return MATCH_NO;
    if (host && !str_is(interfaces, "all"))
        return named(state, "inet_interfaces", &address, text) ? MATCH_YES : MATCH_NO;
    return ask_host(state, "in mynetworks", text) ? MATCH_YES : MATCH_NO;
}
