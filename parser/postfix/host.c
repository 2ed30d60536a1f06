#include "parser/postfix/host.h"

#include <arpa/inet.h>
#include <string.h>

#include "parser/text/network.h"
#include "parser/text/token.h"

/* read_address - an address of the machine; *PREFIX is -1 where it is not known */
static bool read_address(struct str text, struct network *address, int *prefix)
{
    size_t slash = str_find(text, '/', 0);

    *address = (struct network){.bits = 0};
    *prefix = -1;
    if (!network_read_address(str_slice(text, 0, slash), address))
        return false;
    if (slash == text.len)
        return true;
    struct str digits = str_slice(text, slash + 1, text.len);
    if (!str_is_digits(digits) || digits.len > 3)
        return false;
    *prefix = str_atoi(digits);
    return *prefix <= address->bits;
}

static bool is_loopback(const struct network *address)
{
    static const unsigned char v6[16] = {[15] = 1};

    return address->bits == 32 ? address->bytes[0] == 127 : memcmp(address->bytes, v6, 16) == 0;
}

/* find_network_bits - the length of the network by mynetworks_style, or -1 */
static int find_network_bits(const struct network *address, int prefix, struct str style)
{
    if (str_is(style, "host"))
        return address->bits;
    if (str_is(style, "class") && address->bits == 32)
        return address->bytes[0] < 128 ? 8 : address->bytes[0] < 192 ? 16 : 24;
    if (is_loopback(address))
        return address->bits == 32 ? 8 : 128;
    return prefix;
}

static void add_network(struct buffer *out, struct network address, int bits)
{
    char text[INET6_ADDRSTRLEN];

    for (int i = bits; i < address.bits; i++)
        address.bytes[i / 8] &= (unsigned char)~(0x80 >> (i % 8));
    inet_ntop(address.bits == 32 ? AF_INET : AF_INET6, address.bytes, text, sizeof text);
    buffer_printf(out, address.bits == 32 ? "%s%s/%d" : "%s[%s]/%d", out->len ? " " : "", text,
                  bits);
}

/* is_listened_on - does inet_interfaces include this address?  -1: not known */
static int is_listened_on(const struct network *address, struct str interfaces)
{
    struct str word;
    struct network named;
    int prefix;

    if (str_is_nocase(interfaces, "all"))
        return 1;
    if (str_is_nocase(interfaces, "loopback-only"))
        return is_loopback(address);
    while (token_next_plain(&interfaces, TOKEN_COMMAS, &word)) {
        if (str_starts(word, "[") && str_ends(word, "]"))
            word = str_slice(word, 1, word.len - 1);
        if (str_is_nocase(word, "localhost")) {
            if (is_loopback(address))
                return 1;
        } else if (!read_address(word, &named, &prefix)) {
            return -1;
        } else if (named.bits == address->bits && memcmp(named.bytes, address->bytes, 16) == 0) {
            return 1;
        }
    }
    return 0;
}

static bool allows_protocol(struct str protocols, const struct network *address)
{
    return str_search(protocols, "all") < protocols.len ||
           str_search(protocols, address->bits == 32 ? "ipv4" : "ipv6") < protocols.len;
}

struct str host_networks(struct arena *arena, struct str addresses, struct str interfaces,
                         struct str protocols, struct str style)
{
    struct str word;
    struct buffer out;

    if (addresses.at == NULL || interfaces.at == NULL || protocols.at == NULL || style.at == NULL)
        return STR_NONE;
    buffer_init(&out, arena);
    while (token_next_plain(&addresses, TOKEN_COMMAS, &word)) {
        struct network address;
        int prefix;
        if (!read_address(word, &address, &prefix))
            return STR_NONE;
        if (!allows_protocol(protocols, &address))
            continue;
        int used = is_listened_on(&address, interfaces);
        int bits = find_network_bits(&address, prefix, style);
        if (used < 0 || (used && bits < 0))
            return STR_NONE;
        if (used)
            add_network(&out, address, bits);
    }
    return buffer_str(&out);
}
