#include "smtp/address/match_list.h"

#include <string.h>

static const char *const answers_no_yes[2] = {"no", "yes"};

/* the name or address that is matched */
struct match_wanted {
    struct str name;    /* in lower case; STR_NONE: none */
    struct str address; /* in lower case; STR_NONE: none */
    bool domain;        /* NAME is a domain, whose parents count too */
};

static enum match match_of(struct lookup lookup)
{
    return lookup.status == LOOKUP_FOUND   ? MATCH_YES
           : lookup.status == LOOKUP_ERROR ? MATCH_ERROR
                                           : MATCH_NO;
}

static enum match ask_table(struct state *state, struct str text, struct str key)
{
    const struct lookup unknown = {.status = LOOKUP_UNKNOWN};

    return match_of(state_assume(state, unknown, text, key));
}

static enum match match_key(struct state *state, const struct match_item *item, struct str key)
{
    struct lookup lookup = table_find(item->table, state->arena, key);

    return match_of(state_assume(state, lookup, item->text, key));
}

/* match_parents - the domain and, in tables that are asked for parts of a key, its parents */
static enum match match_parents(struct state *state, const struct match_list *list,
                                const struct match_item *item, struct str name)
{
    for (struct str entry = name; entry.len > 0;) {
        enum match match = match_key(state, item, entry);
        if (match != MATCH_NO || !item->table->fixed)
            return match;
        size_t dot = str_find(entry, '.', 1);
        if (dot >= entry.len)
            break;
        entry = str_slice(entry, list->parent ? dot + 1 : dot, entry.len);
    }
    return MATCH_NO;
}

static bool ends_with(struct str name, struct str domain)
{
    return name.len > domain.len &&
           str_eq(str_slice(name, name.len - domain.len, name.len), domain);
}

static bool match_name(const struct match_list *list, struct str pattern,
                       const struct match_wanted *wanted)
{
    struct str name = wanted->name;

    if (str_eq(name, pattern))
        return true;
    if (!wanted->domain || !ends_with(name, pattern))
        return false;
    return list->parent ? name.at[name.len - pattern.len - 1] == '.'
                        : pattern.len > 0 && pattern.at[0] == '.';
}

static bool is_v6(struct str text)
{
    return str_find(text, ':', 0) < text.len;
}

static enum match match_address(const struct match_item *item, struct str address)
{
    struct str text = item->text;
    struct network client;

    if (str_eq(text, address) || (str_starts(text, "[") && str_ends(text, "]") &&
                                  str_eq(str_slice(text, 1, text.len - 1), address)))
        return MATCH_YES;
    if (item->network_state == NETWORK_NONE || is_v6(text) != is_v6(address))
        return MATCH_NO;
    if (item->network_state == NETWORK_BAD)
        return MATCH_ERROR;
    return network_read(address, &client) && network_holds(&item->network, &client) ? MATCH_YES
                                                                                    : MATCH_NO;
}

/* match_unknown - an item of which only the text is known */
static enum match match_unknown(struct state *state, const struct match_item *item,
                                const struct match_wanted *wanted)
{
    struct str what = wanted->name.at != NULL ? wanted->name : wanted->address;

    if (item->kind == MATCH_ITEM_UNKNOWN && str_eq(item->stand_in, what))
        return MATCH_YES;
    if (item->kind == MATCH_ITEM_FILE)
        return ask_table(state, item->text, what);
    struct str subject =
        arena_printf(state->arena, "%.*s is %.*s", STR_ARG(item->text), STR_ARG(what));
    return world_ask(state->world, QUESTION_HOST, subject, answers_no_yes, 2) == 1 ? MATCH_YES
                                                                                   : MATCH_NO;
}

static bool is_address(struct str text)
{
    return text.at != NULL && str_span(text, 0, "0123456789.abcdef:") == text.len;
}

static enum match match_item(struct state *state, const struct match_list *list,
                             const struct match_item *item, const struct match_wanted *wanted)
{
    enum match match = MATCH_NO;

    switch (item->kind) {
    case MATCH_ITEM_BROKEN:
        return MATCH_ERROR;
    case MATCH_ITEM_LIMIT:
        world_cut(state->world, item->text);
        return MATCH_NO;
    case MATCH_ITEM_FILE:
    case MATCH_ITEM_UNKNOWN:
        return match_unknown(state, item, wanted);
    case MATCH_ITEM_TABLE:
        if (wanted->name.at != NULL)
            match = wanted->domain ? match_parents(state, list, item, wanted->name)
                                   : match_key(state, item, wanted->name);
        if (match == MATCH_NO && is_address(wanted->address))
            match = match_key(state, item, wanted->address);
        return match;
    case MATCH_ITEM_TEXT:
        if (wanted->name.at != NULL && match_name(list, item->text, wanted))
            return MATCH_YES;
        return is_address(wanted->address) ? match_address(item, wanted->address) : MATCH_NO;
    }
    return MATCH_NO;
}

static enum match match_undefined(struct state *state, enum parameter_number parameter,
                                  const struct match_wanted *wanted)
{
    struct str what = wanted->address.at != NULL ? wanted->address : wanted->name;

    if (parameter == PARAM_MYNETWORKS && is_address(what))
        return match_default_networks(state, what);
    struct str list = parameter == PARAM_NONE ? str_of("a list") : parameter_name(parameter);
    struct str subject = arena_printf(state->arena, "%.*s in %.*s", STR_ARG(what), STR_ARG(list));
    return world_ask(state->world, QUESTION_HOST, subject, answers_no_yes, 2) == 1 ? MATCH_YES
                                                                                   : MATCH_NO;
}

/* is_default_loopback - a loopback address, if mynetworks has its default: every machine has one,
   even if its addresses were given without it */
static bool is_default_loopback(struct state *state, enum parameter_number parameter,
                                struct str address)
{
    const struct policy_service *service = state->service;

    return parameter == PARAM_MYNETWORKS && is_address(address) && network_is_loopback(address) &&
           config_find(service->policy->config, service->service, parameter).origin == ORIGIN_HOST;
}

bool match_subdomains(struct state *state, enum parameter_number parameter)
{
    struct str list = policy_str(state->service, PARAM_PARENT_DOMAIN_MATCHES_SUBDOMAINS);

    return parameter != PARAM_NONE &&
           match_string(state, list, parameter_name(parameter)) == MATCH_YES;
}

/* is_before - A comes before B in the list, or there is no B */
static bool is_before(const struct match_item *a, const struct match_item *b)
{
    return a != NULL && (b == NULL || a < b);
}

/* find_indexed - the first item that is the name, or one of its parents, as match_name() and
   match_parents() find it */
static const struct match_item *find_indexed(const struct match_list *list,
                                             const struct match_wanted *wanted)
{
    const struct match_index *index = list->index;
    struct str name = wanted->name;
    const struct match_item *first = map_get(&index->texts, name);
    const struct match_item *item = map_get(&index->keys, name);

    if (is_before(item, first))
        first = item;
    for (size_t dot = str_find(name, '.', 0); wanted->domain && dot < name.len;
         dot = str_find(name, '.', dot + 1)) {
        struct str parent = str_slice(name, list->parent ? dot + 1 : dot, name.len);
        item = parent.len < name.len ? map_get(&index->texts, parent) : NULL;
        if (is_before(item, first))
            first = item;
    }
    for (size_t dot = str_find(name, '.', 1); wanted->domain && dot < name.len;
         dot = str_find(name, '.', 1)) {
        name = str_slice(name, list->parent ? dot + 1 : dot, name.len);
        item = map_get(&index->keys, name);
        if (is_before(item, first))
            first = item;
    }
    return first;
}

static enum match match_in_order(struct state *state, const struct match_list *list,
                                 const struct match_wanted *wanted)
{
    for (size_t i = 0; i < list->count; i++) {
        enum match match = match_item(state, list, &list->items[i], wanted);
        if (match == MATCH_YES)
            return list->items[i].negated ? MATCH_NO : MATCH_YES;
        if (match == MATCH_ERROR)
            return match;
    }
    return MATCH_NO;
}

/* match_indexed - the same, where a name alone is wanted in a long list */
static enum match match_indexed(struct state *state, const struct match_list *list,
                                const struct match_wanted *wanted)
{
    const struct match_index *index = list->index;
    const struct match_item *first = find_indexed(list, wanted);

    for (size_t i = 0; i < index->other_count && is_before(index->others[i], first); i++) {
        enum match match = match_item(state, list, index->others[i], wanted);
        if (match == MATCH_YES)
            return index->others[i]->negated ? MATCH_NO : MATCH_YES;
        if (match == MATCH_ERROR)
            return match;
    }
    return first == NULL || first->negated ? MATCH_NO : MATCH_YES;
}

static enum match match_in_list(struct state *state, const struct match_list *list,
                                struct match_wanted wanted)
{
    if (list->undefined || is_default_loopback(state, list->parameter, wanted.address))
        return match_undefined(state, list->parameter, &wanted);
    if (list->index != NULL && wanted.name.at != NULL && !is_address(wanted.address))
        return match_indexed(state, list, &wanted);
    return match_in_order(state, list, &wanted);
}

const struct match_list *match_list_of(struct state *state, struct str text,
                                       enum parameter_number parameter)
{
    const struct match_list *list = match_list_kept(state, text, parameter);

    return list != NULL
               ? list
               : match_list_parse(state, text, parameter, match_subdomains(state, parameter));
}

static enum match match_wanted(struct state *state, struct str text,
                               enum parameter_number parameter, struct match_wanted wanted)
{
    return match_in_list(state, match_list_of(state, text, parameter), wanted);
}

enum match match_string_in(struct state *state, const struct match_list *list, struct str text)
{
    struct match_wanted wanted = {match_lower(state->arena, text), STR_NONE, false};

    return match_in_list(state, list, wanted);
}

enum match match_domain_in(struct state *state, const struct match_list *list, struct str domain)
{
    struct match_wanted wanted = {match_lower(state->arena, domain), STR_NONE, true};

    return match_in_list(state, list, wanted);
}

enum match match_client(struct state *state, struct str list, enum parameter_number parent,
                        struct str name, struct str address)
{
    struct match_wanted wanted = {match_lower(state->arena, name),
                                  match_lower(state->arena, address), true};

    return match_wanted(state, list, parent, wanted);
}

enum match match_domain(struct state *state, struct str list, enum parameter_number parent,
                        struct str domain)
{
    struct match_wanted wanted = {match_lower(state->arena, domain), STR_NONE, true};

    return match_wanted(state, list, parent, wanted);
}

enum match match_string(struct state *state, struct str list, struct str text)
{
    struct match_wanted wanted = {match_lower(state->arena, text), STR_NONE, false};

    return match_wanted(state, list, PARAM_NONE, wanted);
}

enum match match_string_parameter(struct state *state, enum parameter_number parameter,
                                  struct str text)
{
    struct match_wanted wanted = {match_lower(state->arena, text), STR_NONE, false};

    return match_wanted(state, policy_str(state->service, parameter), parameter, wanted);
}
