/*
 * access(5): in which order an indexed table is asked, and what becomes of its answer.
 */
#include <string.h>

#include "parser/text/token.h"
#include "smtp/address/find.h"
#include "smtp/address/form.h"
#include "smtp/policy/restriction_walk.h"

static const struct lookup none = {.status = LOOKUP_NONE};

/* ask - one key.  Tables are never asked for an empty one (maps_find()); an empty answer is an
   error where access tables are maps(3) */
static struct lookup ask(struct state *state, const struct table *table, struct str key,
                         bool partial)
{
    if (key.len == 0 || (partial && !table->fixed))
        return none;
    struct lookup lookup = table_find(table, state->arena, key);
    if (lookup.status == LOOKUP_FOUND && lookup.value.len == 0 &&
        release_has(state->service->policy->config->release, FEATURE_ACCESS_MAPS)) {
        lookup.status = LOOKUP_ERROR;
        lookup.reason = str_of("its answer is empty");
    }
    return lookup;
}

/* parents_match - does "example.com" in an access table also mean its subdomains? */
static bool parents_match(struct state *state)
{
    struct str list = policy_str(state->service, "parent_domain_matches_subdomains");

    return list.at != NULL && match_string(state, list, str_of("smtpd_access_maps")) == MATCH_YES;
}

/* --- validity of addresses ----------------------------------------------------------- */

static bool is_address(struct str text)
{
    struct network network;

    return str_find(text, '/', 0) == text.len && str_find(text, '[', 0) == text.len &&
           network_read(text, &network);
}

/* --- domains and networks ------------------------------------------------------------ */

/* find_domain - DOMAIN and its parents, down to the top-level domain */
static struct lookup find_domain(struct state *state, const struct table *table, struct str domain,
                                 bool partial)
{
    bool parents = parents_match(state);

    for (struct str name = domain; name.len > 0; partial = true) {
        struct lookup lookup = ask(state, table, name, partial);
        if (lookup.status != LOOKUP_NONE)
            return lookup;
        if (!partial && is_address(domain))
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
        struct lookup lookup = ask(state, table, key, partial);
        if (lookup.status != LOOKUP_NONE)
            return lookup;
        const char *last = key.len == 0 ? NULL : memrchr(key.at, delimiter, key.len);
        if (last == NULL)
            return none;
        key.len = (size_t)(last - key.at);
    }
}

/* --- mail addresses ------------------------------------------------------------------ */

/* whoever asks a table or a list of tables: TABLE is NULL for a list */
struct asked {
    struct state *state;
    const struct table *table;
    struct str list;
};

/* ask_list - the tables of a list, as maps(3): the first that finds or fails decides */
static struct lookup ask_list(const struct asked *asked, struct str key, bool partial)
{
    struct str rest = asked->list, name;
    struct lookup lookup = none;

    while (lookup.status == LOOKUP_NONE && token_next(&rest, TOKEN_COMMAS, &name)) {
        const struct table *table =
            table_open(asked->state->service->policy->tables, name, TABLE_FOLD);
        lookup = ask(asked->state, table, key, partial);
    }
    return lookup;
}

/* ask_address - ADDRESS in its quoted form, then as it is (mail_addr_find(3)) */
static struct lookup ask_address(const struct asked *asked, struct str address, bool partial)
{
    struct state *state = asked->state;
    bool maps = release_has(state->service->policy->config->release, FEATURE_ACCESS_MAPS);
    struct str first =
        maps || asked->table == NULL ? address_quote(state->arena, address, false) : address;
    struct lookup lookup = none;

    for (int form = 0; form < 2 && lookup.status == LOOKUP_NONE; form++) {
        struct str key = form == 0 ? first : address;
        if (form == 1 && str_eq(first, address))
            break;
        lookup = asked->table != NULL ? ask(state, asked->table, key, partial)
                                      : ask_list(asked, key, partial);
    }
    return lookup;
}

/* local_part_at - "user@" of an address */
static struct str local_part_at(struct str address)
{
    struct str domain = restriction_domain(address);

    return domain.at == NULL ? address : str_slice(address, 0, (size_t)(domain.at - address.at));
}

struct lookup access_address(struct state *state, const struct table *table, struct str address)
{
    const struct asked asked = {state, table, STR_NONE};
    struct str bare = address_strip(state, address);
    bool extended = bare.at != NULL;
    struct lookup lookup = ask_address(&asked, address, false);

    if (lookup.status == LOOKUP_NONE && extended)
        lookup = ask_address(&asked, bare, true);
    if (lookup.status == LOOKUP_NONE)
        lookup = find_domain(state, table, restriction_domain(address), true);
    if (lookup.status == LOOKUP_NONE)
        lookup = ask_address(&asked, local_part_at(address), true);
    if (lookup.status == LOOKUP_NONE && extended)
        lookup = ask_address(&asked, local_part_at(bare), true);
    return lookup;
}

struct lookup access_address_maps(struct restriction_walk *walk, struct str list,
                                  struct str address, bool local)
{
    const struct asked asked = {walk->state, NULL, list};
    struct str bare = address_strip(walk->state, address), domain = restriction_domain(address);
    bool extended = bare.at != NULL;
    struct lookup lookup = ask_address(&asked, address, false);

    if (lookup.status == LOOKUP_NONE && extended)
        lookup = ask_address(&asked, bare, true);
    if (domain.at == NULL)
        return lookup;
    if (local ||
        (walk->lists->myorigin.at != NULL && str_eq_nocase(domain, walk->lists->myorigin))) {
        struct str user = local_part_at(address);
        if (lookup.status == LOOKUP_NONE)
            lookup = ask_address(&asked, str_slice(user, 0, user.len - 1), true);
        if (lookup.status == LOOKUP_NONE && extended) {
            user = local_part_at(bare);
            lookup = ask_address(&asked, str_slice(user, 0, user.len - 1), true);
        }
    }
    if (lookup.status == LOOKUP_NONE)
        lookup = ask_list(
            &asked, str_slice(address, (size_t)(domain.at - address.at) - 1, address.len), true);
    return lookup;
}
