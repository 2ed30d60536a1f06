#include "smtp/address/find.h"

#include <string.h>

#include "parser/text/token.h"
#include "smtp/address/form.h"
#include "smtp/address/match_list.h"
#include "smtp/service/socket.h"

/* a search under way */
struct address_finder {
    struct state *state;
    const struct address_search *search;
    struct str list;
    bool sure;  /* LIST has no host name that is not known */
    bool asked; /* the world was asked about tables that cannot be read */
    struct str address;
    struct str extension; /* "+extension" of the address; STR_NONE: none */
    struct address_found found;
};

struct str address_parameter(struct state *state, enum parameter_number name)
{
    bool sure;
    struct str value = match_parameter(state->service, name, &sure);

    return sure || value.at == NULL ? value : match_stand_in(state->arena, value);
}

struct str address_origin(struct state *state)
{
    static const char *const answers[2] = {"myhostname", "other"};
    const struct config *config = state->service->policy->config;
    struct str value = policy_str(state->service, PARAM_MYORIGIN);

    if (value.at != NULL)
        return value;
    value = config_value(config, state->service->service, PARAM_MYORIGIN, NULL, NULL);
    if (!config->platform->origin_file || value.at == NULL || !str_starts(value, "/"))
        return address_parameter(state, PARAM_MYORIGIN);
    struct str subject = arena_printf(state->arena, "myorigin in %.*s", STR_ARG(value));
    if (world_ask(state->world, QUESTION_HOST, subject, answers, 2) == 0)
        return address_parameter(state, PARAM_MYHOSTNAME);
    return (struct str)STR("myorigin.invalid"); /* RFC 2606, section 2 */
}

/* is_origin - the world is not asked if the domain cannot be the origin */
static bool is_origin(struct state *state, struct str domain)
{
    struct str value = policy_str(state->service, PARAM_MYORIGIN);

    if (value.at == NULL && !str_eq_nocase(domain, address_parameter(state, PARAM_MYHOSTNAME)) &&
        !str_ends(domain, ".invalid"))
        return false;
    return str_eq_nocase(domain, address_origin(state));
}

enum match address_is_local(struct state *state, struct str domain)
{
    struct str literal;

    if (domain.len > 0 && domain.at[domain.len - 1] == '.')
        domain.len--;
    if (domain.len == 0 || domain.at[domain.len - 1] == '.')
        return MATCH_NO;
    enum match match = match_string_parameter(state, PARAM_MYDESTINATION, domain);
    if (match != MATCH_NO)
        return match;
    literal = address_literal(domain);
    return literal.at != NULL && match_own_address(state, literal) ? MATCH_YES : MATCH_NO;
}

/* --- one table ------------------------------------------------------------------------- */

/* strip_proxy - without "proxy:" */
static struct str strip_proxy(struct str text)
{
    static const struct str proxy = STR("proxy:");

    return str_starts(text, proxy.at) ? str_slice(text, proxy.len, text.len) : text;
}

/* is_user_table - the machine's users, a table that never fails */
static bool is_user_table(struct str text)
{
    return str_is(strip_proxy(text), "unix:passwd.byname");
}

/* is_in_jail - does the program that opens the table see the chroot jail alone, and not its file?
 */
static bool is_in_jail(const struct address_finder *finder, struct str text)
{
    const struct policy_service *smtpd = finder->state->service;
    const struct config *config = smtpd->policy->config;
    const struct service *opens = NULL;

    if (strip_proxy(text).len < text.len)
        opens = socket_find(config, SOCKET_PRIVATE, policy_str(smtpd, PARAM_PROXYMAP_SERVICE_NAME));
    else if (is_user_table(text))
        opens = smtpd->service;
    return opens != NULL && config_chroots(config, opens);
}

static enum lookup_status ask_world(struct address_finder *finder, struct str table)
{
    static const char *const answers_owner[3] = {"exists", "unknown", "fail"};
    static const enum lookup_status of_owner[] = {LOOKUP_FOUND, LOOKUP_NONE, LOOKUP_ERROR};
    static const enum lookup_status of_table[] = {LOOKUP_NONE, LOOKUP_FOUND, LOOKUP_ERROR};
    struct world *world = finder->state->world;
    enum question_kind kind = finder->search->kind;

    if (kind != QUESTION_TABLE)
        return of_owner[world_ask(world, kind, finder->address, answers_owner,
                                  is_user_table(table) && !is_in_jail(finder, table) ? 2 : 3)];
    struct str subject =
        arena_printf(finder->state->arena, "%.*s %.*s", STR_ARG(table), STR_ARG(finder->address));
    return of_table[world_ask(world, kind, subject, answers_table, 3)];
}

bool address_is_aliases(const struct policy_service *service, struct str text)
{
    static const enum parameter_number parameters[] = {PARAM_ALIAS_MAPS, PARAM_ALIAS_DATABASE};
    const struct release *release = service->policy->config->release;

    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        struct str rest = policy_str(service, parameters[i]);
        struct str word;
        while (match_next(release, &rest, &word))
            if (str_eq(strip_proxy(word), strip_proxy(text)))
                return true;
    }
    return false;
}

/* find_in_table - looks up KEY in one table; *UNKNOWN: it cannot be read */
static struct address_found find_in_table(struct address_finder *finder, struct str text,
                                          struct str key, bool partial, bool *unknown)
{
    const struct policy *policy = finder->state->service->policy;
    struct address_found none = {.status = LOOKUP_NONE, .table = text};

    *unknown = (!finder->sure && str_find(text, '$', 0) < text.len) || is_in_jail(finder, text);
    if (*unknown)
        return none;
    if (is_user_table(text)) {
        const struct map *users = match_users(finder->state);
        *unknown = users == NULL;
        none.status = users != NULL && map_get(users, key) != NULL ? LOOKUP_FOUND : LOOKUP_NONE;
        return none;
    }
    unsigned use =
        finder->search->use | (address_is_aliases(finder->state->service, text) ? TABLE_ALIAS : 0u);
    const struct table *table = table_open(policy->tables, text, use);
    if (partial && !table->fixed)
        return none;
    struct lookup lookup = table_find(table, finder->state->arena, key);
    *unknown = lookup.status == LOOKUP_UNKNOWN;
    if (*unknown || lookup.status == LOOKUP_NONE)
        return none;
    if (lookup.status == LOOKUP_FOUND && lookup.value.len == 0)
        return (struct address_found){.status = LOOKUP_ERROR, .empty = true, .table = text};
    return (struct address_found){
        .status = lookup.status, .value = lookup.value, .table = text, .span = lookup.span};
}

/* --- a list of tables ------------------------------------------------------------------ */

/* try_key - true: the search is over, with a result or a failure */
static bool try_key(struct address_finder *finder, struct str key, bool partial)
{
    const struct release *release = finder->state->service->policy->config->release;
    struct str rest = finder->list;
    struct str text;

    if (key.len == 0)
        return false;
    while (match_next(release, &rest, &text)) {
        bool unknown;
        finder->found = find_in_table(finder, text, key, partial, &unknown);
        if (unknown && !finder->asked)
            finder->found.status = ask_world(finder, text);
        if (finder->found.status != LOOKUP_NONE)
            return true;
    }
    finder->asked = true; /* for the whole address; its parts would ask the same */
    return false;
}

/* try_forms - quoted if the address needs it, then unquoted */
static bool try_forms(struct address_finder *finder, struct str key, bool local_only, bool partial)
{
    const struct release *release = finder->state->service->policy->config->release;

    if (release_has(release, FEATURE_QUOTED_LOOKUPS)) {
        struct str quoted = address_quote(finder->state->arena, key, local_only);
        if (try_key(finder, quoted, partial))
            return true;
        if (finder->search->keys == KEYS_QUOTED || str_eq(quoted, key))
            return false;
    }
    return try_key(finder, key, partial);
}

/* take_stripped - OVER: the address without its extension was found */
static bool take_stripped(struct address_finder *finder, bool over)
{
    if (over)
        finder->found.extension = finder->extension;
    return over;
}

static bool try_local(struct address_finder *finder, struct str address, struct str stripped)
{
    struct str domain = address_domain(address);
    enum match local = MATCH_YES;

    if (!is_origin(finder->state, domain))
        local = address_is_local(finder->state, domain);
    if (local == MATCH_ERROR) {
        finder->found.status = LOOKUP_ERROR;
        return true;
    }
    if (local == MATCH_NO)
        return false;
    return try_forms(finder, str_slice(address, 0, address_at(address)), true, true) ||
           (stripped.at != NULL &&
            take_stripped(finder, try_forms(finder, str_slice(stripped, 0, address_at(stripped)),
                                            true, true)));
}

static bool try_domains(struct address_finder *finder, struct str domain)
{
    bool parent = match_subdomains(finder->state, finder->search->parameter);

    while (domain.len > 0) {
        if (try_key(finder, domain, true))
            return true;
        size_t dot = str_find(domain, '.', 1);
        if (dot >= domain.len)
            break;
        domain = str_slice(domain, parent ? dot + 1 : dot, domain.len);
    }
    return false;
}

static bool begin_search(struct address_finder *finder, struct state *state,
                         const struct address_search *search, struct str address)
{
    *finder = (struct address_finder){.state = state, .search = search, .address = address};
    finder->list = match_parameter(state->service, search->parameter, &finder->sure);
    return finder->list.len > 0;
}

static struct address_found end_search(struct address_finder *finder, bool over)
{
    return over ? finder->found : (struct address_found){.status = LOOKUP_NONE};
}

struct address_found address_find(struct state *state, const struct address_search *search,
                                  struct str address)
{
    struct address_finder finder;
    size_t at = address_at(address);

    if (!begin_search(&finder, state, search, address))
        return end_search(&finder, false);
    struct str stripped = address_strip(state, address);
    if (stripped.at != NULL)
        finder.extension = str_slice(address, address_at(stripped), at);
    bool over =
        try_forms(&finder, address, false, false) ||
        (stripped.at != NULL && take_stripped(&finder, try_forms(&finder, stripped, false, true)));
    if (over || at == address.len)
        return end_search(&finder, over);
    if (search->keys == KEYS_DOMAIN) {
        over = try_domains(&finder, address_domain(address));
    } else if (!(over = try_local(&finder, address, stripped))) {
        over = try_key(&finder, str_slice(address, at, address.len), true);
        finder.found.catch_all = over;
    }
    return end_search(&finder, over);
}

struct address_found address_find_key(struct state *state, const struct address_search *search,
                                      struct str key)
{
    struct address_finder finder;

    if (!begin_search(&finder, state, search, key))
        return end_search(&finder, false);
    return end_search(&finder, try_key(&finder, key, false));
}

/* --- extensions ------------------------------------------------------------------------ */

static bool is_never_split(struct state *state, struct str local, struct str delimiters)
{
    static const struct str request = STR("-request"), owner = STR("owner-");

    if (str_is_nocase(local, "postmaster") || str_is_nocase(local, "mailer-daemon") ||
        str_eq_nocase(local, policy_str(state->service, PARAM_DOUBLE_BOUNCE_SENDER)))
        return true;
    if (str_find(delimiters, '-', 0) == delimiters.len ||
        !policy_flag(state->service, PARAM_OWNER_REQUEST_SPECIAL))
        return false;
    return str_eq_nocase(str_slice(local, 0, owner.len), owner) ||
           (local.len > request.len &&
            str_eq_nocase(str_slice(local, local.len - request.len, local.len), request));
}

bool address_split(struct state *state, struct str local, struct str *user, struct str *extension)
{
    struct str delimiters = policy_str(state->service, PARAM_RECIPIENT_DELIMITER);

    if (!release_has(state->service->policy->config->release, FEATURE_DELIMITER_SET))
        delimiters = str_slice(delimiters, 0, 1);
    if (delimiters.len == 0 || is_never_split(state, local, delimiters))
        return false;
    size_t at = str_span_not(local, 0, arena_cstr(state->arena, delimiters));
    if (at == 0 || at == local.len)
        return false;
    *user = str_slice(local, 0, at);
    *extension = str_slice(local, at + 1, local.len);
    return true;
}

struct str address_strip(struct state *state, struct str address)
{
    size_t end_search = address_at(address);
    struct str user, extension;

    if (!address_split(state, str_slice(address, 0, end_search), &user, &extension))
        return STR_NONE;
    return arena_printf(state->arena, "%.*s%.*s", STR_ARG(user),
                        STR_ARG(str_slice(address, end_search, address.len)));
}
