/* can a client connect to the service at all?  The addresses that master(8) listens on */
#include "parser/text/network.h"
#include "parser/text/token.h"
#include "smtp/start/start.h"

static bool is_version_6(struct str address)
{
    return str_find(address, ':', 0) < address.len;
}

/* admits - does a client that comes from CLIENT reach HOST, a word of inet_interfaces?  What a name
   stands for only the machine knows */
static bool admits(struct str host, struct str client)
{
    struct network network;

    if (network_is_loopback_host(host) && !network_is_loopback(client))
        return false;
    host = network_unbracket(host);
    return !network_read_address(host, &network) || is_version_6(host) == is_version_6(client);
}

static bool protocols_admit(struct str protocols, struct str client)
{
    const char *wanted = is_version_6(client) ? "ipv6" : "ipv4";
    struct str word;

    while (token_next_plain(&protocols, TOKEN_COMMAS, &word))
        if (str_is_nocase(word, "all") || str_is_nocase(word, wanted))
            return true;
    return false;
}

static bool interfaces_admit(struct str interfaces, struct str client)
{
    struct str word;

    while (token_next_plain(&interfaces, TOKEN_COMMAS, &word))
        if (admits(word, client))
            return true;
    return false;
}

bool start_reaches(const struct policy_service *service, struct str client, struct str *why)
{
    const struct policy_service *all = service->policy->all; /* master(8) sees no -o */
    struct arena *arena = service->policy->arena;
    struct str protocols = policy_str(all, PARAM_INET_PROTOCOLS);
    struct str interfaces = policy_str(all, PARAM_INET_INTERFACES);
    struct network network;

    if (!network_read_address(client, &network) || service->listener == NULL)
        return true;
    struct str host = service->listener->host;
    if (protocols.at != NULL && !protocols_admit(protocols, client)) {
        *why = arena_printf(arena, "inet_protocols is \"%.*s\"", STR_ARG(protocols));
        return false;
    }
    if (host.len > 0 ? admits(host, client)
                     : interfaces.at == NULL || interfaces_admit(interfaces, client))
        return true;
    *why = host.len > 0 ? arena_printf(arena, "it listens at %.*s", STR_ARG(host))
                        : arena_printf(arena, "inet_interfaces is \"%.*s\"", STR_ARG(interfaces));
    return false;
}
