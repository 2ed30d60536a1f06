/* postfix_network - the network of the private Postfix, which has a loopback interface alone */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parser/text/network.h"
#include "parser/text/token.h"
#include "smtp/engine/postfix.h"

/* linux/ipv6.h has it, but cannot be included together with arpa/inet.h */
struct in6_request {
    struct in6_addr address;
    uint32_t prefix;
    int interface;
};

static const char loopback[] = "lo";

/* --- addresses ---------------------------------------------------------------------------- */

static bool bring_up(void)
{
    struct ifreq request = {.ifr_flags = 0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    memcpy(request.ifr_name, loopback, sizeof loopback);
    bool good = fd >= 0 && ioctl(fd, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags |= IFF_UP;
    good = good && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    if (fd >= 0)
        close(fd);
    return good;
}

/* set_v4 - one more address, on the interface "lo:NUMBER" */
static void set_v4(int fd, int number, const struct network *address, int prefix)
{
    struct ifreq request = {.ifr_flags = 0};
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)&request.ifr_addr;

    in->sin_family = AF_INET;
    memcpy(&in->sin_addr, address->bytes, sizeof in->sin_addr);
    if (snprintf(request.ifr_name, sizeof request.ifr_name, "%s:%d", loopback, number) < 0 ||
        ioctl(fd, SIOCSIFADDR, &request) != 0)
        return;
    in->sin_addr.s_addr = prefix == 0 ? 0 : htonl(0xFFFFFFFFU << (32 - prefix));
    ioctl(fd, SIOCSIFNETMASK, &request);
}

static void set_v6(int fd, const struct network *address, int prefix)
{
    struct in6_request request = {.prefix = (uint32_t)prefix,
                                  .interface = (int)if_nametoindex(loopback)};

    memcpy(&request.address, address->bytes, sizeof request.address);
    ioctl(fd, SIOCSIFADDR, &request);
}

/* add_addresses - those of the machine that is asked for ("192.0.2.1/24, 2001:db8::1"), since
   mynetworks and inet_interfaces may depend on them */
static void add_addresses(struct str addresses)
{
    int v4 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int v6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct network address;
    struct str word;

    for (int number = 1; token_next_plain(&addresses, TOKEN_COMMAS, &word); number++) {
        size_t slash = str_find(word, '/', 0);
        if (!network_read_address(str_slice(word, 0, slash), &address))
            continue;
        int prefix = slash < word.len ? str_atoi(str_slice(word, slash + 1, word.len)) : -1;
        if (prefix < 0 || prefix > address.bits)
            prefix = address.bits;
        if (address.bits == 32)
            set_v4(v4, number, &address, prefix);
        else
            set_v6(v6, &address, prefix);
    }
    if (v4 >= 0)
        close(v4);
    if (v6 >= 0)
        close(v6);
}

bool postfix_begin_network(const struct postfix *postfix, struct str *error)
{
    struct str addresses = postfix->request->config->host.interfaces;

    if (!bring_up()) {
        *error =
            arena_printf(postfix->arena, "cannot set up a loopback interface: %s", strerror(errno));
        return false;
    }
    if (addresses.at != NULL)
        add_addresses(addresses);
    return true;
}

/* --- the client's side ---------------------------------------------------------------------- */

/* postfix_enter_network - the network that the process leaves is kept */
bool postfix_enter_network(struct postfix *postfix)
{
    int network = open(arena_printf(postfix->arena, "/proc/%ld/ns/net", (long)postfix->keeper).at,
                       O_RDONLY | O_CLOEXEC);
    int before = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

    if (network >= 0 && before >= 0 && setns(network, CLONE_NEWNET) == 0) {
        postfix->network = before;
        close(network);
        return true;
    }
    if (network >= 0)
        close(network);
    if (before >= 0)
        close(before);
    return false;
}

void postfix_leave_network(struct postfix *postfix)
{
    if (postfix->network < 0)
        return;
    /* nothing can be asked of the network of a Postfix that is gone, so this must not fail */
    if (setns(postfix->network, CLONE_NEWNET) != 0)
        _exit(2);
    close(postfix->network);
    postfix->network = -1;
}
