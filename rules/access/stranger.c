#include "rules/access/stranger.h"

#include <string.h>

#include "parser/tables/ref.h"
#include "smtp/address/match.h"

/* --- lists --------------------------------------------------------------------------------- */

static void add_item(struct stranger_list *list, struct str item)
{
    struct arena *arena = list->seen.arena;
    struct str key = arena_lower(arena, item);

    if (map_get(&list->seen, key) != NULL)
        return;
    list->items = arena_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count] = item;
    map_put(&list->seen, key, list);
    list->count++;
}

/* --- networks ------------------------------------------------------------------------------- */

/* a network with a longer prefix may belong to a single provider, or to the site itself */
enum { WIDE_IPV4_BITS = 15, WIDE_IPV6_BITS = 31 };

/* is_inside - do the first BITS of A and B agree? */
static bool is_inside(const unsigned char *a, const unsigned char *b, int bits)
{
    for (int bit = 0; bit < bits; bit++)
        if (((a[bit / 8] ^ b[bit / 8]) >> (7 - bit % 8)) & 1)
            return false;
    return true;
}

/*
 * make_ipv4_address - a public address (RFC 6890) in NETWORK, or STR_NONE
 *
 * It has the network's bits, and the other bits of a stranger's address.  If the result is private,
 * either the network is private or the other bits make it so, and another stranger is tried.
 */
static struct str make_ipv4_address(struct arena *arena, const struct network *network)
{
    static const unsigned char strangers[][4] = {
        {93, 5, 77, 5}, {193, 203, 77, 5}, {41, 19, 77, 5}};
    static const struct {
        unsigned char bytes[4];
        int bits;
    } private_networks[] = {{{10}, 8},       {{127}, 8},       {{0}, 8},
                            {{172, 16}, 12}, {{192, 168}, 16}, {{169, 254}, 16},
                            {{100, 64}, 10}, {{224}, 3},       {{192, 0, 2}, 24}};

    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        unsigned char made[4];
        bool is_private = false;
        for (int k = 0; k < 4; k++) {
            int bits = network->bits - 8 * k;
            int mask = bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff & (0xff00 >> bits);
            made[k] = (unsigned char)((network->bytes[k] & mask) | (strangers[i][k] & ~mask));
        }
        for (size_t k = 0; k < sizeof private_networks / sizeof *private_networks; k++)
            is_private |= is_inside(made, private_networks[k].bytes, private_networks[k].bits);
        if (!is_private)
            return arena_printf(arena, "%d.%d.%d.%d", made[0], made[1], made[2], made[3]);
    }
    return STR_NONE;
}

/* make_ipv6_address - likewise for IPv6: public addresses are in 2000::/3 */
static struct str make_ipv6_address(struct arena *arena, const struct network *network)
{
    const unsigned char *b = network->bytes;
    unsigned char first = network->bits < 3 ? 0x2a : b[0];

    if ((first & 0xe0) != 0x20)
        return STR_NONE;
    return arena_printf(arena, "%x:%x::77:5", first << 8 | b[1], b[2] << 8 | b[3]);
}

/* read_octets - a network by its first octets, as in access(5): "192.168" or "66" */
static bool read_octets(struct str key, struct network *network)
{
    *network = (struct network){.byte_count = 4};
    for (size_t at = 0; at < key.len;) {
        size_t end = str_find(key, '.', at);
        int number = 0;
        if (end == at || end - at > 3 || network->bits == 24)
            return false;
        for (; at < end; at++) {
            if (key.at[at] < '0' || key.at[at] > '9')
                return false;
            number = 10 * number + (key.at[at] - '0');
        }
        if (number > 255)
            return false;
        network->bytes[network->bits / 8] = (unsigned char)number;
        network->bits += 8;
        at++;
    }
    return network->bits > 0;
}

/* add_network - adds a stranger in the network TEXT, if it is wide enough to contain strangers */
static bool add_network(struct strangers *strangers, struct arena *arena, struct str text)
{
    struct network network;
    struct str address;

    if (!read_octets(text, &network) && !network_read(text, &network))
        return false;
    if (network.byte_count == 4)
        address = network.bits <= WIDE_IPV4_BITS ? make_ipv4_address(arena, &network) : STR_NONE;
    else
        address = network.bits <= WIDE_IPV6_BITS ? make_ipv6_address(arena, &network) : STR_NONE;
    if (address.at != NULL)
        add_item(&strangers->addresses, address);
    return true;
}

/* --- what the configuration mentions ------------------------------------------------------- */

struct collector {
    struct strangers *strangers;
    struct arena *arena;
    const struct policy_service *service;
    bool first_only; /* the first entry of each result of a table; else all entries */
    bool any_result; /* the tables are lists: the results do not matter */
};

/* add_key - a key of an access table: a network, an address, a domain */
static void add_key(struct collector *collector, struct str key)
{
    struct strangers *strangers = collector->strangers;
    size_t at_sign = str_find(key, '@', 0);

    if (key.len == 0 || key.at[0] == '/' || add_network(strangers, collector->arena, key))
        return;
    if (at_sign < key.len) {
        bool whole = at_sign + 1 < key.len;
        add_item(&strangers->senders,
                 whole && at_sign > 0 ? key
                 : whole              ? arena_printf(collector->arena, "stranger%.*s", STR_ARG(key))
                         : arena_printf(collector->arena, "%.*sstranger.example", STR_ARG(key)));
        return;
    }
    struct str domain = key.at[0] == '.' ? str_slice(key, 1, key.len) : key;
    bool parent = key.at[0] == '.' || str_find(domain, '.', 0) == domain.len;
    struct str host =
        parent ? arena_printf(collector->arena, "stranger.%.*s", STR_ARG(domain)) : domain;
    add_item(&strangers->senders, arena_printf(collector->arena, "stranger@%.*s", STR_ARG(host)));
    add_item(&strangers->helos, host);
    /* the owner of a domain controls the names of clients in it: in a whole top-level domain,
       anyone can have one */
    if (str_find(domain, '.', 0) == domain.len)
        add_item(&strangers->names, host);
}

/* is_rejection - does the result of an access table reject the client or sender?  See access(5) */
static bool is_rejection(struct str result)
{
    static const char *const words[] = {"REJECT", "DEFER", "DISCARD"};
    struct str word = str_slice(result, 0, str_span_not(result, 0, " \t"));

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is_nocase(word, words[i]))
            return true;
    return word.len == 3 && word.len < result.len && str_is_digits(word) &&
           (word.at[0] == '4' || word.at[0] == '5');
}

static void add_table(void *context, const struct table_ref *ref)
{
    struct collector *collector = context;
    const struct table_entry *entries;
    struct map results;

    if (ref->inside != NULL)
        return;
    const struct table *table =
        table_open(collector->service->policy->tables, ref->text, TABLE_FOLD);
    size_t count = table_entries(table, &entries);
    map_init(&results, collector->arena);
    for (size_t i = 0; i < count; i++) {
        struct str result = collector->any_result ? str_of("") : entries[i].value;
        if (!collector->any_result && is_rejection(result))
            continue;
        if (collector->first_only && map_get(&results, result) != NULL)
            continue;
        if (collector->first_only)
            map_put(&results, result, (void *)&entries[i]);
        add_key(collector, entries[i].key);
    }
}

/* next_word - the next word of a list; STR_NONE after the last */
static struct str next_word(struct str list, size_t *at)
{
    static const char separators[] = ", \t\r\n";
    size_t from = str_span(list, *at, separators);

    *at = str_span_not(list, from, separators);
    return *at > from ? str_slice(list, from, *at) : STR_NONE;
}

static void add_networks(struct collector *collector, struct str list)
{
    struct str word;

    for (size_t at = 0; (word = next_word(list, &at)).at != NULL;)
        add_network(collector->strangers, collector->arena, word);
}

/* what a list of restrictions looks at */
enum { LOOKS_AT_HELO = 1, LOOKS_AT_SENDER = 2, LOOKS_AT_RECIPIENT = 4 };

static unsigned find_looks(struct str list)
{
    return (str_search(list, "helo") < list.len ? LOOKS_AT_HELO : 0) |
           (str_search(list, "sender") < list.len ? LOOKS_AT_SENDER : 0) |
           (str_search(list, "recipient_access") < list.len ? LOOKS_AT_RECIPIENT : 0);
}

/* add_classes - adds the tables of the restriction classes, and returns what the classes look at */
static unsigned add_classes(struct collector *collector, struct str classes)
{
    unsigned looks = 0;
    struct str name;

    for (size_t at = 0; (name = next_word(classes, &at)).at != NULL;) {
        struct str list = policy_user_str(collector->service, name);
        table_refs(list, add_table, collector);
        looks |= find_looks(list);
    }
    return looks;
}

/* add_own - adds the server's own names, if a restriction looks at names: strangers may claim them
 */
static void add_own(struct strangers *strangers, struct arena *arena,
                    const struct policy_service *service, unsigned looks)
{
    static const char *const routed[] = {"anyone%elsewhere.example", "elsewhere.example!anyone",
                                         "anyone@elsewhere.example"};
    struct str own = policy_str(service, PARAM_MYHOSTNAME);
    struct str domain = policy_str(service->policy->all, PARAM_MYDOMAIN);

    if ((looks & LOOKS_AT_SENDER) != 0)
        add_item(&strangers->senders, str_of(""));
    if ((looks & LOOKS_AT_SENDER) != 0 && domain.len > 0)
        add_item(&strangers->senders, arena_printf(arena, "postmaster@%.*s", STR_ARG(domain)));
    if ((looks & LOOKS_AT_HELO) != 0 && own.len > 0)
        add_item(&strangers->helos, own);
    if ((looks & LOOKS_AT_RECIPIENT) == 0 || own.len == 0)
        return;
    for (size_t i = 0; i < sizeof routed / sizeof *routed; i++)
        add_item(&strangers->recipients, arena_printf(arena, "%s@%.*s", routed[i], STR_ARG(own)));
}

/* collect_all - from all lists and tables; returns what the restrictions look at */
static unsigned collect_all(struct collector *collector)
{
    static const enum parameter_number lists[] = {
        PARAM_SMTPD_CLIENT_RESTRICTIONS,    PARAM_SMTPD_HELO_RESTRICTIONS,
        PARAM_SMTPD_SENDER_RESTRICTIONS,    PARAM_SMTPD_RELAY_RESTRICTIONS,
        PARAM_SMTPD_RECIPIENT_RESTRICTIONS, PARAM_SMTPD_DATA_RESTRICTIONS,
    };
    struct str networks = policy_str(collector->service, PARAM_MYNETWORKS);
    unsigned looks = 0;

    add_networks(collector, networks);
    collector->any_result = true;
    table_refs(networks, add_table, collector);
    collector->any_result = false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct str list = policy_str(collector->service, lists[i]);
        table_refs(list, add_table, collector);
        looks |= find_looks(list);
    }
    return looks |
           add_classes(collector, policy_str(collector->service, PARAM_SMTPD_RESTRICTION_CLASSES));
}

static void init_list(struct stranger_list *list, struct arena *arena, const char *first)
{
    *list = (struct stranger_list){.count = 0};
    map_init(&list->seen, arena);
    add_item(list, str_of(first));
}

void strangers_collect(struct strangers *strangers, struct arena *arena,
                       const struct policy_service *service)
{
    struct collector collector = {.strangers = strangers, .arena = arena, .service = service};

    init_list(&strangers->addresses, arena, "93.5.77.5");
    init_list(&strangers->names, arena, "unknown");
    init_list(&strangers->helos, arena, "client.stranger.example");
    init_list(&strangers->senders, arena, "someone@stranger.example");
    init_list(&strangers->recipients, arena, "anyone@elsewhere.example");
    collector.first_only = true;
    add_own(strangers, arena, service, collect_all(&collector));
    collector.first_only = false;
    collect_all(&collector);
}
