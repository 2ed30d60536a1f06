/*
 * domain_in_two_classes - a domain that two lists of domains name
 *
 * trivial-rewrite(8) asks the lists in a fixed order and uses the first that has the domain
 * (src/trivial-rewrite/resolve.c); of the others it warns while mail arrives.
 */
#include "parser/tables/ref.h"
#include "rules/rule/rule.h"
#include "smtp/address/match_list.h"

/* the lists in trivial-rewrite's order, and how it delivers */
static const struct class
{
    enum parameter_number parameter;
    const char *delivery;
} classes[] = {
    {PARAM_MYDESTINATION, "to local users"},
    {PARAM_VIRTUAL_ALIAS_DOMAINS, "through virtual_alias_maps alone"},
    {PARAM_VIRTUAL_MAILBOX_DOMAINS, "to virtual mailboxes"},
    {PARAM_RELAY_DOMAINS, "to another host"},
};
enum { CLASS_COUNT = sizeof classes / sizeof *classes };

/* a search for domains of one class in the lists that come after it */
struct domain_search {
    struct check *check;
    struct state *state;
    const struct match_list *lists[CLASS_COUNT];
    size_t first;        /* the class whose domains are looked for */
    struct map reported; /* domains */
};

/* is_pair - does trivial-rewrite(8) look for a domain in both? */
static bool is_pair(size_t first, size_t second)
{
    return classes[first].parameter != PARAM_MYDESTINATION ||
           classes[second].parameter != PARAM_RELAY_DOMAINS;
}

/* has_domain - does the list of class NUMBER have the domain, for certain? */
static bool has_domain(const struct domain_search *search, size_t number, struct str domain)
{
    struct world *world = search->state->world;
    const struct match_list *list = search->lists[number];
    size_t asked = world->count;
    enum match match = list->parameter == PARAM_RELAY_DOMAINS
                           ? match_domain_in(search->state, list, domain)
                           : match_string_in(search->state, list, domain);

    return match == MATCH_YES && world->count == asked;
}

/* report_domain - DOMAIN, which the first class has at SPAN, if a later one has it too */
static void report_domain(struct domain_search *search, struct str domain, struct span span)
{
    struct check *check = search->check;
    struct str key = arena_lower(check->arena, domain);
    size_t second = search->first + 1;

    if (str_find(key, '@', 0) < key.len || key.len == 0 || key.at[0] == '.' ||
        map_get(&search->reported, key) != NULL || !has_domain(search, search->first, key))
        return;
    while (second < CLASS_COUNT &&
           (!is_pair(search->first, second) || !has_domain(search, second, key)))
        second++;
    if (second == CLASS_COUNT)
        return;
    map_put(&search->reported, key, search);
    if (span.len == 0) /* a default */
        span = check_span(check, NULL, classes[second].parameter);
    const char *name = parameter_name(classes[search->first].parameter).at;
    const char *other = parameter_name(classes[second].parameter).at;
    check_reportf(
        check, span,
        arena_cstr(check->arena,
                   arena_printf(check->arena,
                                "remove it from %s or from %s, whichever is not meant", name,
                                other)),
        "the domain %.*s is in %s and in %s: Postfix uses the first, delivers its mail %s, and "
        "rejects recipients that only the other has",
        STR_ARG(key), name, other, classes[search->first].delivery);
}

/* find_list_span - where the list of the first class is written */
static struct span find_list_span(const struct domain_search *search)
{
    enum parameter_number number = classes[search->first].parameter;

    if (number == PARAM_VIRTUAL_ALIAS_DOMAINS && !check_is_set(search->check, NULL, number))
        number = PARAM_VIRTUAL_ALIAS_MAPS; /* its default */
    return check_span(search->check, NULL, number);
}

static void see_table(void *context, const struct table_ref *ref)
{
    struct domain_search *search = context;
    const struct table_entry *entries;
    const struct table *table =
        table_open(search->state->service->policy->tables, ref->text, TABLE_FOLD);
    size_t count = ref->inside == NULL && table->fixed ? table_entries(table, &entries) : 0;

    for (size_t i = 0; i < count; i++)
        report_domain(search, entries[i].key,
                      table->source != NULL ? entries[i].span : find_list_span(search));
}

/* report_class - the domains of the first class that a later one has too */
static void report_class(struct domain_search *search)
{
    const struct policy_service *service = search->state->service;
    enum parameter_number number = classes[search->first].parameter;
    const struct match_list *list = match_list_read(search->state, number);

    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].kind == MATCH_ITEM_TEXT && !list->items[i].negated)
            report_domain(search, list->items[i].text, find_list_span(search));
    table_refs(policy_str(service, number), see_table, search);
}

static void check_domains(struct check *check)
{
    struct world world;
    struct state state;
    struct domain_search search = {.check = check, .state = &state};

    world_init(&world, check->arena, NULL);
    state_init(&state, check_policy(check)->rewrite, check->arena, &world);
    map_init(&search.reported, check->arena);
    for (size_t i = 0; i < CLASS_COUNT; i++)
        search.lists[i] = match_list_of(
            &state, policy_str(state.service, classes[i].parameter),
            classes[i].parameter == PARAM_RELAY_DOMAINS ? PARAM_RELAY_DOMAINS : PARAM_NONE);
    for (search.first = 0; search.first + 1 < CLASS_COUNT; search.first++)
        report_class(&search);
}

static const struct example examples[] = {
    {.title = "a domain of virtual mailboxes that is a local one too: its users are unknown",
     .platform = "debian12",
     .main_cf = "myhostname = mail.example.com\n"
                "mydestination = $myhostname, example.com, localhost\n"
                "virtual_mailbox_domains = example.com, example.org\n"
                "virtual_mailbox_maps = inline:{ info@example.com=info/ }\n",
     .findings = {{2, "$myhostname, example.com, localhost"}}},
    {.title = "a domain of virtual aliases that is relayed too, from a table",
     .platform = "debian12",
     .main_cf = "myhostname = mail.example.com\n"
                "virtual_alias_maps = inline:{ example.org=anything, info@example.org=bob }\n"
                "relay_domains = example.org\n",
     .findings = {{2, "inline:{ example.org=anything, info@example.org=bob }"}}},
    {.title = "the name of the host, which mydestination has by default",
     .platform = "debian12",
     .main_cf = "myhostname = mail.example.com\n"
                "relay_domains = example.net\n"
                "virtual_mailbox_domains = mail.example.com\n"
                "virtual_mailbox_maps = inline:{ info@mail.example.com=info/ }\n",
     .findings = {{3, "mail.example.com"}}},
    {.title = "each domain has one class; virtual_alias_maps may rewrite addresses of any of them",
     .platform = "debian12",
     .main_cf = "myhostname = mail.example.com\n"
                "mydestination = $myhostname, localhost\n"
                "virtual_alias_domains = example.net\n"
                "virtual_alias_maps = inline:{ info@example.com=bob, info@example.net=bob }\n"
                "virtual_mailbox_domains = example.com, example.org\n"
                "virtual_mailbox_maps = inline:{ info@example.com=info/ }\n"
                "relay_domains = example.edu\n"},
};

const struct rule rule_domain_in_two_classes = {
    .name = "domain-in-two-classes",
    .summary = "a domain that two lists of domains name",
    .why = "The class of a domain decides which users it has and how their mail is delivered. "
           "trivial-rewrite(8) looks for a domain in mydestination, virtual_alias_domains, "
           "virtual_mailbox_domains and relay_domains, in this order, and uses the first: a domain "
           "of virtual mailboxes that mydestination has too gets \"User unknown in local recipient "
           "table\".  Postfix only says \"do not list domain example.com in BOTH mydestination and "
           "virtual_mailbox_domains\", in the log, when mail for it arrives.\n"
           "\n"
           "virtual_alias_domains is $virtual_alias_maps unless it is set: a line with the domain "
           "alone in such a table makes it one of virtual aliases.",
    .source = "ADDRESS_CLASS_README; src/trivial-rewrite/resolve.c",
    .severity = SEVERITY_WARNING,
    .check = check_domains,
    RULE_EXAMPLES(examples),
};
