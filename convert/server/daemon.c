#include "convert/server/daemon.h"

#include <string.h>

#include "convert/sendmail/feature.h"
#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"
#include "parser/text/network.h"

enum { PORT_MAX = 65535 };

/* --- reading ---------------------------------------------------------------------------------- */

int daemon_port(struct str options)
{
    struct str text = sendmail_pair(options, 'P');
    long number;

    if (text.len == 0)
        return SMTP_PORT;
    if (sendmail_number(text, &number))
        return number > 0 && number <= PORT_MAX ? (int)number : 0;
    return facts_port(text);
}

struct str daemon_address(struct str options)
{
    struct str text = sendmail_pair(options, 'A');

    if (text.len > 0 && text.at[0] == '[')
        text = str_slice(text, 1, str_find(text, ']', 0));
    if (str_starts(text, "IPv6:"))
        text = str_slice(text, 5, text.len);
    if (text.len == 0 || str_is(text, "0.0.0.0") || str_is(text, "::") || str_is(text, "0"))
        return str_of("");
    return text;
}

bool daemon_is_loopback(struct str address)
{
    return network_is_loopback(address) || str_is_nocase(address, "localhost") ||
           str_is(address, "0:0:0:0:0:0:0:1");
}

/* can the host part of a service in master.cf be TEXT? */
static bool is_service_host(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_alnum(text.at[i]) && (text.at[i] == '\0' || strchr(".-_:%", text.at[i]) == NULL))
            return false;
    return true;
}

static void reject_daemon(struct draft *draft, struct daemon *daemon, const char *advice,
                          struct str why)
{
    draft_open_point(draft, daemon->item, advice, "%.*s", STR_ARG(why));
    daemon->dead = true;
}

/* read_socket - Port, Family and Addr */
static void read_socket(struct draft *draft, struct daemon *daemon)
{
    struct str family = sendmail_pair(daemon->text, 'F'), port = sendmail_pair(daemon->text, 'P');

    daemon->names_family = family.len > 0;
    daemon->ipv6 = str_is_nocase(family, "inet6");
    daemon->address = daemon_address(daemon->text);
    daemon->port = daemon_port(daemon->text);
    if (str_is_nocase(family, "unix") || str_is_nocase(family, "local"))
        reject_daemon(draft, daemon,
                      "add a unix service with smtpd below the queue directory to master.cf",
                      arena_printf(draft->arena, "it listens on the socket \"%.*s\"",
                                   STR_ARG(daemon->address)));
    else if (family.len > 0 && !daemon->ipv6 && !str_is_nocase(family, "inet"))
        reject_daemon(
            draft, daemon, "use Family=inet or Family=inet6",
            arena_printf(draft->arena, "Postfix has no address family \"%.*s\"", STR_ARG(family)));
    else if (daemon->port == 0)
        reject_daemon(draft, daemon, "write the port as a number and convert again",
                      arena_printf(draft->arena, "the port \"%.*s\" is not known", STR_ARG(port)));
    else if (!is_service_host(daemon->address))
        reject_daemon(draft, daemon, "write the address as a number and convert again",
                      arena_printf(draft->arena, "\"%.*s\" is not a valid address",
                                   STR_ARG(daemon->address)));
}

static void add_daemon(struct daemons *daemons, const struct sendmail_item *item, struct str text)
{
    struct daemon daemon = {.item = item, .text = text};

    daemon.modifiers = sendmail_pair(text, 'M');
    if (daemon.modifiers.at == NULL)
        daemon.modifiers = str_of("");
    daemon.filters = sendmail_pair(text, 'I');
    read_socket(daemons->draft, &daemon);
    daemons->list = arena_grow(daemons->draft->arena, daemons->list, daemons->count,
                               &daemons->capacity, sizeof daemon);
    daemons->list[daemons->count++] = daemon;
}

/* the sockets in use: by port and family, and with the address */
struct sockets {
    struct map ports, addresses;
};

/* take_socket - false where another daemon uses it */
static bool take_socket(struct sockets *sockets, struct daemon *daemon)
{
    struct arena *arena = sockets->ports.arena;
    struct str port = arena_printf(arena, "%d %d", daemon->port, daemon->ipv6);
    struct str all = arena_printf(arena, "%.*s ", STR_ARG(port));
    struct str address =
        arena_lower(arena, arena_printf(arena, "%.*s%.*s", STR_ARG(all), STR_ARG(daemon->address)));

    if (map_get(&sockets->addresses, address) != NULL ||
        map_get(&sockets->addresses, all) != NULL ||
        (daemon->address.len == 0 && map_get(&sockets->ports, port) != NULL))
        return false;
    map_put(&sockets->ports, port, daemon);
    map_put(&sockets->addresses, address, daemon);
    return true;
}

/* find_conflicts - if two daemons have the same socket, Sendmail does not start unless the second
   has M=O */
static void find_conflicts(struct daemons *daemons)
{
    struct draft *draft = daemons->draft;
    struct sockets sockets;

    map_init(&sockets.ports, draft->arena);
    map_init(&sockets.addresses, draft->arena);
    for (size_t i = 0; i < daemons->count; i++) {
        struct daemon *daemon = &daemons->list[i];
        if (daemon->dead || take_socket(&sockets, daemon))
            continue;
        if (daemon->item == NULL || daemon_has(daemon, 'O')) {
            draft_fate(draft, daemon->item, FATE_MEANINGLESS,
                       "another daemon uses its port, and this one is optional (O)");
            daemon->dead = true;
        } else {
            reject_daemon(draft, daemon, "remove one of the two daemons",
                          arena_printf(draft->arena,
                                       "another daemon uses port %d, so Sendmail does not start",
                                       daemon->port));
        }
    }
}

static void read_daemons(struct daemons *daemons)
{
    const struct draft *draft = daemons->draft;
    const struct sendmail_item *item = NULL;

    while ((item = session_daemon(draft, item)) != NULL)
        add_daemon(daemons, item, session_item_value(draft, item));
    if (feature_is_on(draft, "msp"))
        return; /* submit.cf is for the command line only */
    if (daemons->count == 0)
        add_daemon(daemons, NULL, str_of("Name=MTA"));
    if (!draft->sendmail->is_cf && !feature_is_on(draft, "no_default_msa"))
        add_daemon(daemons, NULL, str_of("Port=587, Name=MSA, M=E"));
    find_conflicts(daemons);
}

/* --- addresses -------------------------------------------------------------------------------- */

/* do all daemons listen on loopback? */
static bool are_all_on_loopback(const struct daemons *daemons)
{
    bool any = false;

    for (size_t i = 0; i < daemons->count; i++) {
        if (daemons->list[i].dead)
            continue;
        if (!daemon_is_loopback(daemons->list[i].address))
            return false;
        any = true;
    }
    return any;
}

static bool is_same_text(struct str a, struct str b)
{
    return (a.at == NULL) == (b.at == NULL) && str_eq(a, b);
}

/* has_same_modifiers - do both have the same modifiers, apart from O? */
static bool has_same_modifiers(const struct daemon *a, const struct daemon *b)
{
    for (size_t i = 0; i < a->modifiers.len; i++)
        if (a->modifiers.at[i] != 'O' && !daemon_has(b, a->modifiers.at[i]))
            return false;
    for (size_t i = 0; i < b->modifiers.len; i++)
        if (b->modifiers.at[i] != 'O' && !daemon_has(a, b->modifiers.at[i]))
            return false;
    return true;
}

/* is_plain - can one service without an address replace all daemons with this port?  It can if all
   are on loopback and inet_interfaces restricts the service, or if they have all addresses,
   including IPv4 */
static bool is_plain(const struct daemons *daemons, const struct daemon *daemon, bool loopback)
{
    bool ipv4 = false;

    for (size_t i = 0; i < daemons->count; i++) {
        const struct daemon *other = &daemons->list[i];
        if (other->dead || other->port != daemon->port)
            continue;
        if (!loopback && other->address.len > 0)
            return false;
        if (!has_same_modifiers(other, daemon) || !is_same_text(other->filters, daemon->filters))
            return false;
        ipv4 = ipv4 || !other->ipv6;
    }
    return ipv4 || loopback;
}

static struct str make_port_name(const struct draft *draft, int port)
{
    switch (port) {
    case SMTP_PORT:
        return str_of("smtp");
    case SUBMISSION_PORT:
        return str_of("submission");
    case SUBMISSIONS_PORT:
        return draft->platform->submissions_service.len > 0 ? draft->platform->submissions_service
                                                            : str_of("submissions");
    default:
        return arena_printf(draft->arena, "%d", port);
    }
}

static struct str make_service_name(const struct daemons *daemons, const struct daemon *daemon,
                                    bool loopback)
{
    struct str name = make_port_name(daemons->draft, daemon->port), address = daemon->address;

    if (is_plain(daemons, daemon, loopback))
        return name;
    if (address.len == 0)
        address = str_of(daemon->ipv6 ? "::" : "0.0.0.0");
    bool brackets = str_find(address, ':', 0) < address.len;
    return arena_printf(daemons->draft->arena, "%s%.*s%s:%.*s", brackets ? "[" : "",
                        STR_ARG(address), brackets ? "]" : "", STR_ARG(name));
}

/* --- inet_interfaces, inet_protocols, smtp_bind_address --------------------------------------- */

static void set_for_all(struct daemons *daemons, enum parameter_number parameter, const char *value,
                        const char *reason)
{
    const struct sendmail_item *from = NULL;

    for (size_t i = 0; i < daemons->count; i++) {
        struct daemon *daemon = &daemons->list[i];
        if (daemon->dead || daemon->item == NULL)
            continue;
        if (from == NULL)
            from = daemon->item;
        draft_fate(daemons->draft, daemon->item, FATE_MAPPED, "%s = %s",
                   parameter_name(parameter).at, value);
    }
    draft_set(daemons->draft, from, parameter, "%s", value);
    draft_reason(daemons->draft, parameter, reason);
}

/* map_protocols - if every daemon in the source has Family=inet, only IPv4 is used */
static void map_protocols(struct daemons *daemons)
{
    bool named = false, unnamed = false, ipv4 = false, ipv6 = false;

    for (size_t i = 0; i < daemons->count; i++) {
        const struct daemon *daemon = &daemons->list[i];
        if (daemon->dead)
            continue;
        ipv6 = ipv6 || daemon->ipv6;
        ipv4 = ipv4 || !daemon->ipv6;
        named = named || daemon->names_family;
        unnamed = unnamed || (!daemon->names_family && daemon->item != NULL);
    }
    if (ipv4 && ipv6)
        set_for_all(daemons, PARAM_INET_PROTOCOLS, "all", "Sendmail listens on IPv4 and IPv6");
    else if (ipv4 && named && !unnamed)
        set_for_all(daemons, PARAM_INET_PROTOCOLS, "ipv4", "every daemon has Family=inet");
    for (size_t i = 0; i < daemons->count && ipv4 && !ipv6 && unnamed; i++) {
        const struct daemon *daemon = &daemons->list[i];
        if (!daemon->dead && !daemon->names_family && daemon->address.len == 0)
            draft_fate(daemons->draft, daemon->item, FATE_MAPPED,
                       "Sendmail listens on IPv4 only, Postfix also on IPv6 if the host supports "
                       "it (set inet_protocols = ipv4 to prevent that, for outgoing mail as well)");
    }
}

/* map_binding - M=b: outgoing mail uses the address that it was received on.  Postfix can do that
   for a single address */
static void map_binding(struct daemons *daemons)
{
    struct draft *draft = daemons->draft;
    const struct daemon *first = NULL;
    bool one = true;

    for (size_t i = 0; i < daemons->count; i++) {
        const struct daemon *daemon = &daemons->list[i];
        if (daemon->dead)
            continue;
        if (first == NULL)
            first = daemon;
        one = one && daemon_has(daemon, 'b') && daemon->address.len > 0 &&
              str_eq(daemon->address, first->address);
    }
    for (size_t i = 0; i < daemons->count; i++) {
        const struct daemon *daemon = &daemons->list[i];
        if (daemon->dead || !daemon_has(daemon, 'b'))
            continue;
        enum parameter_number parameter =
            daemon->ipv6 ? PARAM_SMTP_BIND_ADDRESS6 : PARAM_SMTP_BIND_ADDRESS;
        if (one) {
            draft_map(draft, daemon->item, parameter, "%.*s", STR_ARG(daemon->address));
        } else {
            draft_open_point(draft, daemon->item,
                             "run one Postfix instance for each address (postmulti), or select a "
                             "transport with smtp_bind_address by sender",
                             "outgoing mail uses the address that it was received on (M=b)");
        }
    }
}

/* --- services --------------------------------------------------------------------------------- */

static void add_services(struct daemons *daemons, bool loopback)
{
    struct draft *draft = daemons->draft;
    bool has_smtp = false;

    for (size_t i = 0; i < daemons->count; i++) {
        struct daemon *daemon = &daemons->list[i];
        if (daemon->dead)
            continue;
        struct str name = make_service_name(daemons, daemon, loopback);
        has_smtp = has_smtp || str_is(name, "smtp");
        daemon->service =
            draft_service(draft, daemon->item, arena_cstr(draft->arena, name), "inet", "smtpd");
        daemon_fill_service(draft, daemon);
        draft_fate(draft, daemon->item, FATE_MAPPED, "the service %.*s in master.cf",
                   STR_ARG(name));
    }
    if (!has_smtp)
        draft_service(draft, NULL, "smtp", "inet", "smtpd")->disabled = true;
}

static void map_feature(struct draft *draft)
{
    const struct sendmail_item *item = NULL;

    while ((item = sendmail_next(draft->sendmail, ITEM_FEATURE, "no_default_msa", item)) != NULL)
        draft_fate(draft, item, FATE_MAPPED,
                   "no service on port 587 except those in DAEMON_OPTIONS");
}

static void map_direct_submission(struct draft *draft)
{
    const struct sendmail_item *item = session_item(draft, "confDIRECT_SUBMISSION_MODIFIERS");
    struct str value = session_value(draft, "confDIRECT_SUBMISSION_MODIFIERS");

    if (item == NULL)
        return;
    if (str_find(value, 'r', 0) < value.len || str_find(value, 'f', 0) < value.len)
        draft_open_point(
            draft, item, "this cannot be configured: tell users to write full addresses",
            "mail from the command line must have full addresses (\"%.*s\")", STR_ARG(value));
    else
        draft_fate(
            draft, item, FATE_ALREADY,
            "Postfix's sendmail command accepts addresses without a domain and looks up no names");
}

void daemon_convert(struct draft *draft)
{
    struct daemons daemons = {.draft = draft};

    read_daemons(&daemons);
    bool loopback = are_all_on_loopback(&daemons);
    if (loopback)
        set_for_all(&daemons, PARAM_INET_INTERFACES, "loopback-only",
                    "Sendmail listens only on loopback");
    map_protocols(&daemons);
    add_services(&daemons, loopback);
    map_binding(&daemons);
    map_feature(draft);
    map_direct_submission(draft);
}
