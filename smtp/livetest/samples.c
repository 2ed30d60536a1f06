/* samples - finds domains, addresses and names in the configuration, for the sessions */
#include <arpa/inet.h>
#include <string.h>

#include "parser/text/token.h"
#include "smtp/address/find.h"
#include "smtp/address/match_list.h"
#include "smtp/livetest/make.h"

/* how many entries of a table are searched for those that are tried */
enum { SEARCHED_MAX = 1000 };

/* is_usable - can it be between < and > in a command? */
static bool is_usable(struct str word)
{
    if (word.len == 0 || word.len > 200)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (word.at[i] <= ' ' || word.at[i] > '~' || strchr("<>()\\\"", word.at[i]) != NULL)
            return false;
    return true;
}

/* add_sample - unless there are MAX */
static bool add_sample(struct sample_list *list, struct arena *arena, struct str text, size_t max)
{
    if (!is_usable(text))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (str_eq_nocase(list->items[i], text))
            return true;
    if (list->count >= max)
        return false;
    list->items = arena_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = arena_copy(arena, text);
    return true;
}

bool samples_add(struct sample_list *list, struct arena *arena, struct str text)
{
    return add_sample(list, arena, text, SAMPLES_MAX);
}

/* note_sampled - not every entry of TEXT, a table or the name of a parameter, is tried */
static void note_sampled(struct maker *maker, struct str text)
{
    plan_add_text(&maker->plan->sampled, maker->arena, text);
}

/* --- keys of tables ------------------------------------------------------------------ */

/* find_match - a text that matches a simple pattern such as "/^a@b\.c$/"; empty: not found */
static struct str find_match(struct arena *arena, struct str pattern)
{
    struct buffer out;

    if (pattern.len < 2 || strchr("/!", pattern.at[0]) == NULL || pattern.at[0] == '!')
        return pattern;
    size_t end = pattern.len;
    while (end > 1 && pattern.at[end - 1] != '/')
        end--;
    struct str rest = str_slice(pattern, 1, end > 1 ? end - 1 : 1);
    buffer_init(&out, arena);
    for (size_t i = 0; i < rest.len; i++) {
        char c = rest.at[i];
        char next = i + 1 < rest.len ? rest.at[i + 1] : '\0';
        if ((c == '^' && i == 0) || (c == '$' && i + 1 == rest.len))
            continue;
        if (c == '\\' && next != '\0' && !is_alnum(next)) {
            buffer_add_char(&out, next);
            i++;
        } else if (c == '.') {
            buffer_add_char(&out, 'x');
            i += next == '*' || next == '+' ? 1 : 0;
        } else if (strchr("[]()*+?{}|\\^$", c) != NULL) {
            return (struct str)STR("");
        } else {
            buffer_add_char(&out, c);
        }
    }
    return buffer_str(&out);
}

/* find_address - an address of a network, but not the first one */
static struct str find_address(struct arena *arena, struct str text)
{
    struct network network;
    char out[INET6_ADDRSTRLEN];

    if (!network_read(text, &network))
        return (struct str)STR("");
    if (network.bits < network.byte_count * 8)
        network.bytes[network.byte_count - 1] |= network.bits == network.byte_count * 8 - 1 ? 1 : 5;
    if (inet_ntop(network.byte_count == 4 ? AF_INET : AF_INET6, network.bytes, out, sizeof out) ==
        NULL)
        return (struct str)STR("");
    return arena_copy(arena, str_of(out));
}

static bool is_address_prefix(struct str text)
{
    return text.len > 0 && str_span(text, 0, "0123456789.") == text.len;
}

/* make_client - from a key: "192.0.2" is a network, ".example.com" means its hosts */
static struct str make_client(struct arena *arena, struct str key)
{
    struct str address = find_address(arena, key);
    size_t dots = 0;

    if (address.len > 0)
        return address;
    for (size_t i = 0; i < key.len; i++)
        dots += key.at[i] == '.';
    if (is_address_prefix(key) && dots < 3)
        return arena_printf(arena, "%.*s%s", STR_ARG(key),
                            dots == 2   ? ".5"
                            : dots == 1 ? ".0.5"
                                        : ".0.0.5");
    return str_starts(key, ".") ? arena_printf(arena, "host%.*s", STR_ARG(key)) : key;
}

/* make_mailbox - from a key: "example.com" is a domain, "user@" a user in any domain */
static struct str make_mailbox(struct arena *arena, struct str key)
{
    size_t at = str_find(key, '@', 0);

    if (at == key.len - 1)
        return arena_printf(arena, "%.*sexample.org", STR_ARG(key));
    if (at == 0)
        return arena_printf(arena, "someone%.*s", STR_ARG(key));
    if (at < key.len)
        return key;
    if (str_starts(key, "."))
        return arena_printf(arena, "someone@host%.*s", STR_ARG(key));
    return arena_printf(arena, "someone@%.*s", STR_ARG(key));
}

static struct str make_sample(struct arena *arena, enum sample_kind kind, struct str key)
{
    key = find_match(arena, key);
    if (key.len == 0)
        return key;
    switch (kind) {
    case SAMPLE_CLIENT:
        return make_client(arena, key);
    case SAMPLE_HELO:
        return str_starts(key, ".") ? arena_printf(arena, "host%.*s", STR_ARG(key)) : key;
    case SAMPLE_SENDER:
    case SAMPLE_RECIPIENT:
    case SAMPLE_KINDS:
        break;
    }
    return make_mailbox(arena, key);
}

/* add_keys - some keys of a table, with different results */
static void add_keys(struct maker *maker, struct sample_list *list, enum sample_kind kind,
                     const struct table *table)
{
    const struct table_entry *entries;
    size_t count = table_entries(table, &entries);
    size_t added = 0;

    for (size_t i = 0; i < count && i < SEARCHED_MAX && added < PLAN_MAX_KEYS; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = str_eq_nocase(entries[k].value, entries[i].value);
        if (seen)
            continue;
        if (samples_add(list, maker->arena, make_sample(maker->arena, kind, entries[i].key)))
            added++;
    }
    if (added < count)
        note_sampled(maker, table->text);
}

static const struct table *open_table(struct maker *maker, struct str text)
{
    bool aliases = address_is_aliases(maker->policy->rewrite, text);

    return table_open(maker->policy->tables, text, TABLE_FOLD | (aliases ? TABLE_ALIAS : 0u));
}

static bool is_table(struct str word)
{
    size_t colon = str_find(word, ':', 0);

    return colon < word.len && facts_table_type(str_slice(word, 0, colon)) != NULL;
}

/* --- the whole configuration --------------------------------------------------------- */

static bool add_domain(struct maker *maker, struct str domain)
{
    return add_sample(&maker->domains, maker->arena, domain, DOMAINS_MAX);
}

/* add_domain_keys - the domains among the keys of a table */
static void add_domain_keys(struct maker *maker, struct str table, size_t *added)
{
    const struct table_entry *entries;
    size_t count = table_entries(open_table(maker, table), &entries);
    size_t i = 0;
    bool missed = false;

    for (; i < count && i < SEARCHED_MAX && *added < PLAN_MAX_DOMAINS; i++) {
        struct str key = find_match(maker->arena, entries[i].key);
        if (str_find(key, '@', 0) < key.len || str_find(key, '.', 0) == key.len)
            continue;
        missed = !add_domain(maker, key) || missed;
        (*added)++;
    }
    if (i < count || missed)
        note_sampled(maker, table);
}

/* add_domains - of an address class: from its list, the files in it, or the keys of its tables */
static void add_domains(struct maker *maker, enum parameter_number parameter)
{
    struct world world;
    struct state state;
    size_t added = 0;

    world_init(&world, maker->arena, NULL);
    state_init(&state, maker->policy->rewrite, maker->arena, &world);
    const struct match_list *list = match_list_read(&state, parameter);
    for (size_t i = 0; i < list->count; i++) {
        const struct match_item *item = &list->items[i];
        if (added == PLAN_MAX_DOMAINS) {
            note_sampled(maker, parameter_name(parameter));
            return;
        }
        if (item->kind == MATCH_ITEM_TABLE) {
            add_domain_keys(maker, item->text, &added);
        } else if (item->kind == MATCH_ITEM_TEXT && !item->negated &&
                   !str_starts(item->text, ".")) {
            if (!add_domain(maker, item->text) && maker->domains.count == DOMAINS_MAX)
                note_sampled(maker, parameter_name(parameter));
            added++;
        }
    }
}

static void add_recipients(struct maker *maker, enum parameter_number parameter, struct str domain)
{
    struct str rest = policy_str(maker->policy->rewrite, parameter);
    const struct table_entry *entries;
    struct str word;

    while (rest.at != NULL && token_next(&rest, TOKEN_COMMAS, &word)) {
        size_t count = is_table(word) ? table_entries(open_table(maker, word), &entries) : 0;
        size_t i = 0;
        bool missed = false;
        for (size_t added = 0; i < count && i < SEARCHED_MAX && added < PLAN_MAX_ENTRIES; i++) {
            struct str key = find_match(maker->arena, entries[i].key);
            size_t at = str_find(key, '@', 0);
            bool usable = key.len > 0 && (at < key.len || domain.len > 0);
            missed = missed || !usable;
            if (!usable)
                continue;
            if (at == key.len)
                key = arena_printf(maker->arena, "%.*s@%.*s", STR_ARG(key), STR_ARG(domain));
            if (samples_add(&maker->recipients, maker->arena, make_mailbox(maker->arena, key)))
                added++;
            else
                missed = true;
        }
        if (i < count || missed)
            note_sampled(maker, word);
    }
}

/* --- one recipient of a domain ------------------------------------------------------- */

/* is_listed - is KEY an address of the domain, or a user of it where USERS are its keys? */
static bool is_listed(struct str key, struct str domain, bool users)
{
    size_t at = str_find(key, '@', 0);

    if (at == 0 || str_is_nocase(key, "postmaster") || str_is_nocase(key, "abuse"))
        return false;
    return at == key.len ? users : str_eq_nocase(str_slice(key, at + 1, key.len), domain);
}

/* find_listed - the first such key of a table, or the "@domain" that stands for all; empty: none */
static struct str find_listed(struct maker *maker, struct str table, struct str domain, bool users)
{
    const struct table_entry *entries;
    size_t count = table_entries(open_table(maker, table), &entries);
    struct str all = STR("");

    for (size_t i = 0; i < count && i < SEARCHED_MAX; i++) {
        struct str key = find_match(maker->arena, entries[i].key);
        if (!is_usable(key))
            continue;
        if (is_listed(key, domain, users))
            return str_find(key, '@', 0) < key.len
                       ? arena_copy(maker->arena, key)
                       : arena_printf(maker->arena, "%.*s@%.*s", STR_ARG(key), STR_ARG(domain));
        if (key.at[0] == '@' && str_eq_nocase(str_slice(key, 1, key.len), domain))
            all = arena_printf(maker->arena, "someone@%.*s", STR_ARG(domain));
    }
    return all;
}

/* is_local - is the domain named in mydestination? */
static bool is_local(struct maker *maker, struct str domain)
{
    struct str rest = policy_str(maker->policy->rewrite, PARAM_MYDESTINATION);
    struct str word;

    while (rest.at != NULL && token_next(&rest, TOKEN_COMMAS, &word))
        if (str_eq_nocase(word, domain))
            return true;
    return false;
}

struct str maker_find_recipient(struct maker *maker, struct str domain)
{
    static const enum parameter_number lists[] = {
        PARAM_VIRTUAL_MAILBOX_MAPS, PARAM_VIRTUAL_ALIAS_MAPS, PARAM_RELAY_RECIPIENT_MAPS,
        PARAM_LOCAL_RECIPIENT_MAPS};
    bool local = is_local(maker, domain);

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct str rest = policy_str(maker->policy->rewrite, lists[i]);
        struct str word;
        bool users = local && lists[i] == PARAM_LOCAL_RECIPIENT_MAPS;
        while (rest.at != NULL && token_next(&rest, TOKEN_COMMAS, &word)) {
            struct str found =
                is_table(word) ? find_listed(maker, word, domain, users) : (struct str)STR("");
            if (found.len > 0)
                return found;
        }
    }
    return (struct str)STR("");
}

/* --- the sender of a user ------------------------------------------------------------- */

static void add_user(struct maker *maker, struct str name)
{
    static const struct str password = STR("not-a-secret");
    struct plan *plan = maker->plan;

    for (size_t i = 0; i < plan->user_count; i++)
        if (str_eq(plan->users[i].name, name))
            return;
    plan->users = arena_grow(maker->arena, plan->users, plan->user_count, &plan->user_capacity,
                             sizeof *plan->users);
    plan->users[plan->user_count++] = (struct plan_user){name, password};
}

/* find_owned - an address in a table of owners, with its first owner; empty: there is none */
static struct str find_owned(struct maker *maker, struct str table, struct str *user)
{
    const struct table_entry *entries;
    size_t count = table_entries(open_table(maker, table), &entries);

    for (size_t i = 0; i < count && i < SEARCHED_MAX; i++) {
        struct str rest = entries[i].value;
        struct str name;
        size_t at = str_find(entries[i].key, '@', 0);
        if (!is_usable(entries[i].key) || strchr("/!", entries[i].key.at[0]) != NULL || at == 0 ||
            at == entries[i].key.len || !token_next_plain(&rest, TOKEN_COMMAS, &name) ||
            str_find(name, '$', 0) < name.len)
            continue;
        *user = arena_copy(maker->arena, name);
        return arena_copy(maker->arena, entries[i].key);
    }
    return (struct str)STR("");
}

struct str maker_find_sender(struct maker *maker, struct str *user)
{
    struct str rest = policy_str(maker->service, PARAM_SMTPD_SENDER_LOGIN_MAPS);
    bool owned = rest.len > 0;
    struct str sender = STR("");
    struct str word;

    while (rest.at != NULL && sender.len == 0 && token_next(&rest, TOKEN_COMMAS, &word))
        if (is_table(word))
            sender = find_owned(maker, word, user);
    if (sender.len == 0) {
        for (size_t i = 0; sender.len == 0 && i < maker->domains.count; i++)
            sender = maker_find_recipient(maker, maker->domains.items[i]);
        if (sender.len == 0)
            sender = arena_printf(maker->arena, "%.*s@%.*s", STR_ARG(*user), STR_ARG(maker->own));
        /* where a pattern or a database names the owners, it is often the user of that name */
        *user = owned ? sender : *user;
    }
    add_user(maker, *user);
    return sender;
}

static struct str find_neighbour(struct maker *maker)
{
    struct str rest = policy_str(maker->policy->all, PARAM_MYNETWORKS);
    struct str word;

    while (rest.at != NULL && token_next(&rest, TOKEN_COMMAS, &word)) {
        struct str address =
            is_table(word) ? (struct str)STR("") : find_address(maker->arena, word);
        if (address.len > 0 && !network_is_loopback(address) && !str_starts(address, "::ffff:"))
            return address;
    }
    return (struct str)STR("");
}

/* is_complete - could others write to it? */
static bool is_complete(struct str domain)
{
    return str_find(domain, '.', 0) < domain.len && !str_starts(domain, "localhost.");
}

static struct str find_own_domain(struct maker *maker)
{
    struct str hostname = policy_str(maker->policy->all, PARAM_MYHOSTNAME);

    for (size_t i = 0; i < maker->domains.count; i++)
        if (is_complete(maker->domains.items[i]))
            return maker->domains.items[i];
    return hostname.at != NULL && is_complete(hostname) && is_usable(hostname)
               ? hostname
               : str_of("example.com");
}

void maker_find_addresses(struct maker *maker)
{
    static const enum parameter_number classes[] = {
        PARAM_MYDESTINATION, PARAM_VIRTUAL_ALIAS_DOMAINS, PARAM_VIRTUAL_MAILBOX_DOMAINS,
        PARAM_RELAY_DOMAINS};
    static const enum parameter_number lists[] = {
        PARAM_VIRTUAL_ALIAS_MAPS, PARAM_VIRTUAL_MAILBOX_MAPS, PARAM_RELAY_RECIPIENT_MAPS};
    struct str local = STR("");

    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        add_domains(maker, classes[i]);
        if (i == 0 && maker->domains.count > 0)
            local = maker->domains.items[0];
    }
    maker->own = find_own_domain(maker);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        add_recipients(maker, lists[i], (struct str)STR(""));
    add_recipients(maker, PARAM_ALIAS_MAPS, local);
    maker->neighbour = find_neighbour(maker);
}

/* --- the access tables of a service -------------------------------------------------- */

static bool find_kind(struct str restriction, enum sample_kind *kind)
{
    static const struct {
        const char *name;
        enum sample_kind kind;
    } names[] = {
        {"check_client_access", SAMPLE_CLIENT},
        {"check_reverse_client_hostname_access", SAMPLE_CLIENT},
        {"check_helo_access", SAMPLE_HELO},
        {"check_sender_access", SAMPLE_SENDER},
        {"check_recipient_access", SAMPLE_RECIPIENT},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is_nocase(restriction, names[i].name)) {
            *kind = names[i].kind;
            return true;
        }
    return false;
}

static void add_list(struct maker *maker, struct str list)
{
    struct str word, table;
    enum sample_kind kind;

    while (list.at != NULL && token_next(&list, TOKEN_COMMAS, &word))
        if (find_kind(word, &kind) && token_next(&list, TOKEN_COMMAS, &table) && is_table(table))
            add_keys(maker, &maker->samples[kind], kind, open_table(maker, table));
}

/* --- a stranger ----------------------------------------------------------------------- */

/* has_client - is the address, or a network that it is in, a key of the table? */
static bool has_client(struct maker *maker, struct str name, struct str address)
{
    const struct table *table = open_table(maker, name);

    for (struct str key = address; key.len > 0;) {
        if (table_find(table, maker->arena, key).status == LOOKUP_FOUND)
            return true;
        size_t dot = key.len;
        while (dot > 0 && key.at[dot - 1] != '.')
            dot--;
        key = str_slice(key, 0, dot > 0 && table->fixed ? dot - 1 : 0);
    }
    return false;
}

/* is_known_client - does a list of the service look for this address? */
static bool is_known_client(struct maker *maker, enum parameter_number parameter,
                            struct str address)
{
    struct str list = policy_str(maker->service, parameter);
    struct str word, table;
    enum sample_kind kind;

    while (list.at != NULL && token_next(&list, TOKEN_COMMAS, &word))
        if (find_kind(word, &kind) && token_next(&list, TOKEN_COMMAS, &table) &&
            kind == SAMPLE_CLIENT && is_table(table) && has_client(maker, table, address))
            return true;
    return false;
}

void maker_find_stranger(struct maker *maker)
{
    /* reserved for documentation by RFC 5737 */
    static const struct str addresses[] = {STR("198.51.100.7"), STR("203.0.113.77"),
                                           STR("192.0.2.177")};
    static const enum parameter_number lists[] = {
        PARAM_SMTPD_CLIENT_RESTRICTIONS, PARAM_SMTPD_HELO_RESTRICTIONS,
        PARAM_SMTPD_SENDER_RESTRICTIONS, PARAM_SMTPD_RELAY_RESTRICTIONS,
        PARAM_SMTPD_RECIPIENT_RESTRICTIONS};

    maker->stranger = addresses[0];
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        bool known = str_eq(addresses[i], maker->neighbour);
        for (size_t k = 0; k < sizeof lists / sizeof *lists && !known; k++)
            known = is_known_client(maker, lists[k], addresses[i]);
        if (!known) {
            maker->stranger = addresses[i];
            return;
        }
    }
}

void maker_find_samples(struct maker *maker)
{
    static const enum parameter_number lists[] = {
        PARAM_SMTPD_CLIENT_RESTRICTIONS,    PARAM_SMTPD_HELO_RESTRICTIONS,
        PARAM_SMTPD_SENDER_RESTRICTIONS,    PARAM_SMTPD_RELAY_RESTRICTIONS,
        PARAM_SMTPD_RECIPIENT_RESTRICTIONS, PARAM_SMTPD_DATA_RESTRICTIONS,
        PARAM_SMTPD_ETRN_RESTRICTIONS};
    struct str classes = policy_str(maker->service, PARAM_SMTPD_RESTRICTION_CLASSES);
    struct str word;

    memset(maker->samples, 0, sizeof maker->samples);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        add_list(maker, policy_str(maker->service, lists[i]));
    while (classes.at != NULL && token_next_plain(&classes, TOKEN_COMMAS, &word))
        add_list(maker, policy_user_str(maker->service, word));
}
