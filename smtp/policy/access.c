/*
 * access - the search order of an indexed table: access(5)
 */
#include <string.h>

#include "parser/text/token.h"
#include "smtp/address/find.h"
#include "smtp/address/form.h"
#include "smtp/policy/restriction_walk.h"

static const struct lookup none = {.status = LOOKUP_NONE};

/* find_key - never an empty one, as in maps_find(); an empty result is an error if access tables
   are maps(3) */
static struct lookup find_key(struct state *state, const struct table *table, struct str key,
                              bool partial)
{
    if (key.len == 0 || (partial && !table->fixed))
        return none;
    struct lookup lookup = table_find(table, state->arena, key);
    if (lookup.status == LOOKUP_FOUND && lookup.value.len == 0 &&
        release_has(state->service->policy->config->release, FEATURE_ACCESS_MAPS)) {
        lookup.status = LOOKUP_ERROR;
        lookup.reason = str_of("its result is empty");
    }
    return lookup;
}

/* matches_parents - does "example.com" in an access table also mean its subdomains? */
static bool matches_parents(struct state *state)
{
    struct str list = policy_str(state->service, PARAM_PARENT_DOMAIN_MATCHES_SUBDOMAINS);

    return list.at != NULL && match_string(state, list, str_of("smtpd_access_maps")) == MATCH_YES;
}

/* --- domains and networks ------------------------------------------------------------ */

/* find_domain - DOMAIN and its parents, up to the top-level domain */
static struct lookup find_domain(struct state *state, const struct table *table, struct str domain,
                                 bool partial)
{
    bool parents = matches_parents(state);
    struct network address;

    for (struct str name = domain; name.len > 0; partial = true) {
        struct lookup lookup = find_key(state, table, name, partial);
        if (lookup.status != LOOKUP_NONE)
            return lookup;
        if (!partial && network_read_address(domain, &address))
            break;
        size_t dot = str_find(name, '.', 1);
        if (dot >= name.len)
            break;
        name = str_slice(name, parents ? dot + 1 : dot, name.len);
    }
    return none;
}

struct lookup access_domain(struct state *state, const struct table *table, struct str domain)
{
    return find_domain(state, table, domain, false);
}

struct lookup access_network(struct state *state, const struct table *table, struct str address)
{
    char delimiter = str_find(address, ':', 0) < address.len ? ':' : '.';
    bool partial = false;

    for (struct str key = address;; partial = true) {
        struct lookup lookup = find_key(state, table, key, partial);
        if (lookup.status != LOOKUP_NONE)
            return lookup;
        const char *last = key.len == 0 ? NULL : memrchr(key.at, delimiter, key.len);
        if (last == NULL)
            return none;
        key.len = (size_t)(last - key.at);
    }
}

/* --- mail addresses ------------------------------------------------------------------ */

/* a table, or if TABLE is NULL a list of tables */
struct access_tables {
    struct state *state;
    const struct table *table;
    struct str list;
};

/* find_in_list - maps(3): the first result or failure counts */
static struct lookup find_in_list(const struct access_tables *tables, struct str key, bool partial)
{
    struct str rest = tables->list, name;
    struct lookup lookup = none;

    while (lookup.status == LOOKUP_NONE && token_next(&rest, TOKEN_COMMAS, &name)) {
        const struct table *table =
            table_open(tables->state->service->policy->tables, name, TABLE_FOLD);
        lookup = find_key(tables->state, table, key, partial);
    }
    return lookup;
}

/* find_address - ADDRESS quoted, then unquoted: mail_addr_find(3) */
static struct lookup find_address(const struct access_tables *tables, struct str address,
                                  bool partial)
{
    struct state *state = tables->state;
    bool maps = release_has(state->service->policy->config->release, FEATURE_ACCESS_MAPS);
    struct str first =
        maps || tables->table == NULL ? address_quote(state->arena, address, false) : address;
    struct lookup lookup = none;

    for (int form = 0; form < 2 && lookup.status == LOOKUP_NONE; form++) {
        struct str key = form == 0 ? first : address;
        if (form == 1 && str_eq(first, address))
            break;
        lookup = tables->table != NULL ? find_key(state, tables->table, key, partial)
                                       : find_in_list(tables, key, partial);
    }
    return lookup;
}

/* find_local_part - "user@" of an address */
static struct str find_local_part(struct str address)
{
    struct str domain = restriction_domain(address);

    return domain.at == NULL ? address : str_slice(address, 0, (size_t)(domain.at - address.at));
}

struct lookup access_address(struct state *state, const struct table *table, struct str address)
{
    const struct access_tables tables = {state, table, STR_NONE};
    struct str bare = address_strip(state, address);
    bool extended = bare.at != NULL;
    struct lookup lookup = find_address(&tables, address, false);

    if (lookup.status == LOOKUP_NONE && extended)
        lookup = find_address(&tables, bare, true);
    if (lookup.status == LOOKUP_NONE)
        lookup = find_domain(state, table, restriction_domain(address), true);
    if (lookup.status == LOOKUP_NONE)
        lookup = find_address(&tables, find_local_part(address), true);
    if (lookup.status == LOOKUP_NONE && extended)
        lookup = find_address(&tables, find_local_part(bare), true);
    return lookup;
}

struct lookup access_address_maps(struct restriction_walk *walk, struct str list,
                                  struct str address, bool local)
{
    const struct access_tables tables = {walk->state, NULL, list};
    struct str bare = address_strip(walk->state, address), domain = restriction_domain(address);
    bool extended = bare.at != NULL;
    struct lookup lookup = find_address(&tables, address, false);

    if (lookup.status == LOOKUP_NONE && extended)
        lookup = find_address(&tables, bare, true);
    if (domain.at == NULL)
        return lookup;
    if (local ||
        (walk->lists->myorigin.at != NULL && str_eq_nocase(domain, walk->lists->myorigin))) {
        struct str user = find_local_part(address);
        if (lookup.status == LOOKUP_NONE)
            lookup = find_address(&tables, str_slice(user, 0, user.len - 1), true);
        if (lookup.status == LOOKUP_NONE && extended) {
            user = find_local_part(bare);
            lookup = find_address(&tables, str_slice(user, 0, user.len - 1), true);
        }
    }
    if (lookup.status == LOOKUP_NONE)
        lookup = find_in_list(
            &tables, str_slice(address, (size_t)(domain.at - address.at) - 1, address.len), true);
    return lookup;
}
