#include "parser/text/network.h"

#include <arpa/inet.h>
#include <string.h>

bool network_read_address(struct str text, struct network *network)
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

/* read_bits - the prefix length; false: not a number, or too large */
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

bool network_has_host_bits(const struct network *network)
{
    for (int bit = network->bits; bit < network->byte_count * 8; bit++)
        if ((network->bytes[bit / 8] & (0x80 >> (bit % 8))) != 0)
            return true;
    return false;
}

/* read_parts - the address with all its bits, and the prefix length */
static bool read_parts(struct str text, struct network *network)
{
    struct str prefix = STR_NONE;

    *network = (struct network){0};
    if (str_starts(text, "[")) {
        size_t close = str_find(text, ']', 0);
        if (close == text.len)
            return false;
        prefix = str_slice(text, close + 1, text.len);
        text = str_slice(text, 1, close);
        if (prefix.len > 0 && prefix.at[0] != '/')
            return false;
    }
    if (prefix.len == 0) {
        size_t slash = str_find(text, '/', 0);
        prefix = str_slice(text, slash, text.len);
        text = str_slice(text, 0, slash);
    }
    return network_read_address(text, network) &&
           (prefix.len == 0 || read_bits(str_slice(prefix, 1, prefix.len), network));
}

bool network_read(struct str text, struct network *network)
{
    return read_parts(text, network) && !network_has_host_bits(network);
}

bool network_read_masked(struct str text, struct network *network)
{
    if (!read_parts(text, network))
        return false;
    for (int bit = network->bits; bit < network->byte_count * 8; bit++)
        network->bytes[bit / 8] &= (unsigned char)~(0x80 >> (bit % 8));
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

bool network_is_loopback(struct str address)
{
    return str_starts(address, "127.") || str_is(address, "::1");
}

struct str network_unbracket(struct str host)
{
    return str_starts(host, "[") && str_ends(host, "]") ? str_slice(host, 1, host.len - 1) : host;
}

bool network_is_loopback_host(struct str host)
{
    return network_is_loopback(network_unbracket(host)) || str_is_nocase(host, "localhost") ||
           str_is_nocase(host, "loopback-only");
}
