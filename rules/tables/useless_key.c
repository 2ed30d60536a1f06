/* useless_key - keys of a table that are never looked up, in the use that is made of the table */
#include "parser/tables/ref.h"
#include "parser/tables/table.h"
#include "parser/text/network.h"
#include "parser/text/token.h"
#include "rules/tables/tables.h"
#include "smtp/service/policy.h"

/* what a table is asked for, as a set */
enum {
    ASKED_CLIENT = 1,     /* access(5): host names, addresses, networks by octets */
    ASKED_ADDRESS = 2,    /* access(5): user@domain, domain, user@ */
    ASKED_HELO = 4,       /* access(5): host names */
    ASKED_TRANSPORT = 8,  /* transport(5): user@domain, domain, .domain, and "*" */
    ASKED_SENDER = 16,    /* user@domain, @domain */
    ASKED_RECIPIENT = 32, /* virtual(5), canonical(5): user@domain, user, @domain */
    ASKED_NETWORK = 64,   /* mynetworks: host names, addresses, networks by octets */
    ASKED_OTHER = 128,    /* not known here */
};

/* a table, with all that it is asked for */
struct asked_table {
    struct str text;
    struct used_table use; /* the first */
    struct table_ref ref;  /* its table */
    unsigned asked;
    struct asked_table *next;
};

struct asked_tables {
    struct check *check;
    struct map tables; /* by their text */
    struct asked_table *first;
    bool below; /* access tables are asked for "domain", not for ".domain", about sub-domains */
};

/* --- what the tables are asked for ------------------------------------------------------------ */

struct asker {
    const char *name;
    unsigned asked;
};

static const struct asker parameters[] = {
    {"canonical_maps", ASKED_RECIPIENT},
    {"mynetworks", ASKED_NETWORK},
    {"recipient_canonical_maps", ASKED_RECIPIENT},
    {"sender_canonical_maps", ASKED_RECIPIENT},
    {"sender_dependent_default_transport_maps", ASKED_SENDER},
    {"sender_dependent_relayhost_maps", ASKED_SENDER},
    {"transport_maps", ASKED_TRANSPORT},
    {"virtual_alias_maps", ASKED_RECIPIENT},
};

static const struct asker restrictions[] = {
    {"check_client_access", ASKED_CLIENT},
    {"check_helo_access", ASKED_HELO},
    {"check_recipient_access", ASKED_ADDRESS},
    {"check_reverse_client_hostname_access", ASKED_CLIENT},
    {"check_sender_access", ASKED_ADDRESS},
};

static const enum parameter_number lists[] = {
    PARAM_SMTPD_CLIENT_RESTRICTIONS,      PARAM_SMTPD_HELO_RESTRICTIONS,
    PARAM_SMTPD_SENDER_RESTRICTIONS,      PARAM_SMTPD_RELAY_RESTRICTIONS,
    PARAM_SMTPD_RECIPIENT_RESTRICTIONS,   PARAM_SMTPD_DATA_RESTRICTIONS,
    PARAM_SMTPD_END_OF_DATA_RESTRICTIONS,
};

enum { LIST_COUNT = sizeof lists / sizeof *lists };

static unsigned find_asked(const struct asker *askers, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++)
        if (str_is_nocase(name, askers[i].name))
            return askers[i].asked;
    return ASKED_OTHER;
}

static void add_use(struct asked_tables *search, const struct used_table *use, unsigned asked)
{
    struct asked_table *table = map_get(&search->tables, use->ref->text);

    if (table == NULL) {
        table = arena_alloc(search->check->arena, sizeof *table);
        *table = (struct asked_table){.use = *use, .ref = *use->ref, .next = search->first};
        table->use.ref = &table->ref;
        table->text = use->ref->text;
        search->first = table;
        map_put(&search->tables, table->text, table);
    }
    table->asked |= asked;
}

/* is_list - one of the lists, whose restrictions see_list() reads */
static bool is_list(struct str parameter)
{
    for (size_t i = 0; i < LIST_COUNT; i++)
        if (str_eq(parameter, facts_parameter_at(lists[i])->name))
            return true;
    return false;
}

/* is_asked_for_keys - is it a table of fixed keys, not one of patterns? */
static bool is_asked_for_keys(const struct table_type *type)
{
    return type->kind == TABLE_INDEXED || str_is(type->name, "texthash") ||
           str_is(type->name, "inline");
}

static void see_use(void *context, const struct used_table *use)
{
    struct asked_tables *search = context;
    const struct table_ref *inside = use->ref->inside;
    bool alone = use->file.at == NULL && (inside == NULL || str_is(inside->type->name, "proxy"));
    unsigned asked = ASKED_OTHER;

    if (!is_asked_for_keys(use->ref->type) || tables_only_allows(use->parameter))
        return;
    if (alone && is_list(use->parameter))
        asked = 0;
    else if (alone)
        asked = find_asked(parameters, sizeof parameters / sizeof *parameters, use->parameter);
    add_use(search, use, asked);
}

/* see_list - the tables of a list of restrictions, by the restriction before each */
static void see_list(struct asked_tables *search, struct str list)
{
    static const char proxy[] = "proxy:";
    struct str before = STR_NONE, word;

    while (token_next(&list, TOKEN_COMMAS, &word)) {
        bool proxied = str_starts(word, proxy);
        struct asked_table *table =
            map_get(&search->tables, str_slice(word, proxied ? sizeof proxy - 1 : 0, word.len));
        if (table != NULL)
            table->asked |=
                find_asked(restrictions, sizeof restrictions / sizeof *restrictions, before);
        before = word;
    }
}

static void see_lists(struct asked_tables *search)
{
    struct check *check = search->check;
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < LIST_COUNT; i++)
        if (check_is_set(check, NULL, lists[i]))
            see_list(search, check_value(check, NULL, lists[i]));
    for (size_t i = 0; i < master_cf->count; i++)
        for (size_t k = 0; k < LIST_COUNT; k++)
            if (service_override(master_cf->services[i], lists[k]) != NULL)
                see_list(search, check_value(check, master_cf->services[i], lists[k]));
}

/* --- the keys --------------------------------------------------------------------------------- */

struct key_fault {
    const char *what; /* of a key that is never looked up */
    const char *advice;
};

/* check_anywhere - what no use of a table asks for */
static bool check_anywhere(struct str key, unsigned asked, struct key_fault *fault)
{
    struct network network;
    bool pattern = key.len > 2 && key.at[0] == '/' && key.at[key.len - 1] == '/';
    bool star = str_find(key, '*', 0) < key.len;

    if (pattern)
        *fault = (struct key_fault){"is a pattern, and this is not a table of patterns",
                                    "use regexp: or pcre: for patterns"};
    else if (star && !(str_is(key, "*") && (asked & ASKED_TRANSPORT) != 0))
        *fault = (struct key_fault){"has a \"*\", which is a letter like others here",
                                    "write the domain alone, which includes its sub-domains in "
                                    "access(5), or use regexp: or pcre:"};
    else if (str_find(key, '/', 0) < key.len && network_read_masked(key, &network))
        *fault = (struct key_fault){"is a network, and this is not a table of networks",
                                    "use cidr: for networks"};
    else if (key.len > 2 && key.at[0] == '<' && key.at[key.len - 1] == '>')
        *fault = (struct key_fault){"has angle brackets, and addresses are looked up without them",
                                    "remove the brackets"};
    else if (key.len > 2 && key.at[0] == '"' && key.at[key.len - 1] == '"')
        *fault = (struct key_fault){"has quotes, which belong to the key", "remove the quotes"};
    else if (key.len > 1 && str_find((struct str)STR(",;:"), key.at[key.len - 1], 0) < 3)
        *fault = (struct key_fault){"ends in a punctuation mark, which belongs to the key",
                                    "remove the mark; a name with a colon is for aliases(5)"};
    else
        return false;
    return true;
}

/* check_access - what smtpd(8) asks no access table for */
static bool check_access(const struct asked_tables *search, struct str key, unsigned asked,
                         struct key_fault *fault)
{
    size_t at = str_find(key, '@', 0);

    if (at == 0 && (asked & ~(unsigned)(ASKED_ADDRESS | ASKED_CLIENT | ASKED_HELO)) == 0)
        *fault = (struct key_fault){"begins with \"@\": access(5) has the domain without it",
                                    "remove the \"@\""};
    else if (at < key.len && (asked & ~(unsigned)(ASKED_CLIENT | ASKED_HELO)) == 0)
        *fault = (struct key_fault){"is a mail address, and this table is asked about hosts",
                                    "use the table with check_sender_access or "
                                    "check_recipient_access"};
    else if (at == key.len && key.len > 1 && key.at[0] == '.' && search->below &&
             (asked & ~(unsigned)(ASKED_ADDRESS | ASKED_CLIENT | ASKED_HELO)) == 0)
        *fault = (struct key_fault){"begins with a dot: with parent_domain_matches_subdomains = "
                                    "smtpd_access_maps, the domain alone includes its sub-domains",
                                    "remove the dot"};
    else
        return false;
    return true;
}

/* check_mail - what transport(5) and the maps of senders are not asked for */
static bool check_mail(struct str key, unsigned asked, struct key_fault *fault)
{
    size_t at = str_find(key, '@', 0);

    if (at == 0 && asked == ASKED_TRANSPORT)
        *fault = (struct key_fault){"begins with \"@\": transport(5) has the domain without it",
                                    "remove the \"@\""};
    else if (at == key.len && asked == ASKED_SENDER && str_find(key, '.', 0) < key.len)
        *fault = (struct key_fault){"has no \"@\": these tables have @domain for all senders of a "
                                    "domain",
                                    "write \"@\" before the domain"};
    else
        return false;
    return true;
}

static bool is_useless(const struct asked_tables *search, struct str key, unsigned asked,
                       struct key_fault *fault)
{
    return check_anywhere(key, asked, fault) || check_access(search, key, asked, fault) ||
           check_mail(key, asked, fault);
}

static void check_table(struct asked_tables *search, const struct asked_table *asked)
{
    struct check *check = search->check;
    const struct table *table = table_open(check_policy(check)->tables, asked->text, TABLE_FOLD);
    const struct table_entry *entries;
    size_t count = table_entries(table, &entries);
    struct key_fault fault;

    if ((asked->asked & ASKED_OTHER) != 0 || asked->asked == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        struct str key = entries[i].key;
        if (!is_useless(search, key, asked->asked, &fault))
            continue;
        struct span span =
            table->source != NULL ? entries[i].span : tables_span(check, &asked->use);
        if (!check_is_reported(check, span))
            check_reportf(check, span, fault.advice,
                          "Postfix never looks up the key \"%.*s\": it %s", STR_ARG(key),
                          fault.what);
    }
}

static void check_keys(struct check *check)
{
    struct asked_tables search = {.check = check};
    struct str list = check_value(check, NULL, PARAM_PARENT_DOMAIN_MATCHES_SUBDOMAINS);

    search.below = str_search(list, "smtpd_access_maps") < list.len;
    map_init(&search.tables, check->arena);
    tables_each(check, see_use, &search);
    if (search.first == NULL)
        return;
    see_lists(&search);
    for (const struct asked_table *table = search.first; table != NULL; table = table->next)
        check_table(&search, table);
}

static const struct example examples[] = {
    {.title = "transport(5) and access(5) have a domain without @, other tables with one",
     .platform = "debian12",
     .main_cf = "transport_maps = inline:{ @example.com=smtp:[mx.example.com] }\n"
                "sender_dependent_relayhost_maps = inline:{ example.com=[mx.example.com] }\n"
                "smtpd_sender_restrictions = check_sender_access inline:{ @example.org=REJECT }\n",
     .findings = {{1, NULL}, {2, NULL}, {3, NULL}}},
    {.title = "networks, patterns and stars",
     .platform = "debian12",
     .main_cf = "smtpd_client_restrictions = check_client_access inline:{ 10.0.0.0/8=REJECT }\n"
                "virtual_alias_maps = inline:{ /bob@.*/=bob }\n"
                "transport_maps = inline:{ *.example.com=: }\n",
     .findings = {{1, NULL}, {2, NULL}, {3, NULL}}},
    {.title = "aliases(5), quotes, and keys that this restriction has not",
     .platform = "debian12",
     .main_cf = "virtual_alias_maps = inline:{ root:=bob }, inline:{ <eve@example.com>=eve }\n"
                "canonical_maps = inline:{ \"bob@example.com\"=eve@example.com }\n"
                "smtpd_helo_restrictions = check_helo_access inline:{ bob@example.com=REJECT }\n"
                "smtpd_sender_restrictions = check_sender_access inline:{ .example.org=REJECT }\n",
     .findings = {{1, NULL}, {1, NULL}, {2, NULL}, {3, NULL}, {4, NULL}}},
    {.title = "the keys that each use has",
     .platform = "debian12",
     .main_cf =
         "parent_domain_matches_subdomains =\n"
         "transport_maps = inline:{ *=: .example.com=: example.com=: bob@example.com=: }\n"
         "virtual_alias_maps = inline:{ @example.org=bob, eve=bob, \"a b\"@example.org=bob }\n"
         "smtpd_sender_restrictions = check_sender_access inline:{ .example.org=OK bob@=OK <>=OK "
         "}\n"
         "smtpd_client_restrictions = check_client_access inline:{ 10=OK, 192.0.2=OK }\n"},
    {.title = "one table for two uses: each line is for one of them",
     .platform = "debian12",
     .main_cf =
         "mine = inline:{ bob@example.com=REJECT, @example.org=x@example.net, 192.0.2.1=OK }\n"
         "smtpd_client_restrictions = check_client_access $mine\n"
         "smtpd_sender_restrictions = check_sender_access $mine\n"
         "virtual_alias_maps = $mine\n"},
};

const struct rule rule_useless_key = {
    .name = "useless-key",
    .summary = "a key of a table that Postfix never looks up",
    .why =
        "Postfix asks a hash:, lmdb: or similar table for whole keys, which depend on the use: "
        "access(5) has user@domain, domain and user@ for addresses; transport(5) has user@domain, "
        "domain and .domain; virtual(5) has user@domain, user and @domain.  A line with another "
        "key, such as a pattern, a network or *.example.com, has no effect.",
    .source = "access(5), transport(5), virtual(5), canonical(5), postconf(5)",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_keys,
    RULE_EXAMPLES(examples),
};
