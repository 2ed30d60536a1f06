#include <string.h>

#include "parser/text/hostname.h"
#include "smtp/address/find.h"
#include "smtp/address/form.h"
#include "smtp/address/match_list.h"
#include "smtp/address/rewrite.h"
#include "smtp/address/route.h"

/* an address from which local domains and routing are removed step by step */
struct resolving {
    struct state *state; /* with the parameters of the rewrite service */
    struct rewriting rewriting;
    bool null_domain, dequoted;
    struct tokens tokens;
    struct tokens local; /* the last local @domain that was removed */
    bool remote;         /* its domain is not local */
};

enum resolve_step { STEP_AGAIN, STEP_DONE, STEP_FAILED };

static bool is_routing_operator(const struct resolving *resolving, int type)
{
    return type == '@' || (type == '!' && resolving->rewriting.swap_bangpath) ||
           (type == '%' && resolving->rewriting.percent_hack);
}

static bool has_route(const struct resolving *resolving)
{
    for (const struct token *token = resolving->tokens.tail; token != NULL; token = token->previous)
        if (is_routing_operator(resolving, token->type))
            return true;
    return false;
}

/* strip_dots - removes a dot after the domain, and with resolve_null_domain an @ without domain */
static void strip_dots(struct resolving *resolving)
{
    struct tokens *tokens = &resolving->tokens;
    struct token *tail = tokens->tail;

    if (tail != NULL && tail->type == '.' && tokens_last(tokens, '@') != NULL &&
        tail->previous->type != '.' && tail->previous->type != '@')
        tokens_cut(tokens, tail);
    if (resolving->null_domain && tokens->tail != NULL && tokens->tail->type == '@')
        tokens_cut(tokens, tokens->tail);
}

/* strip_local - removes a @domain that is local */
static enum match strip_local(struct resolving *resolving)
{
    struct token *at = tokens_last(&resolving->tokens, '@');

    if (at == NULL)
        return MATCH_YES;
    if (at->next != NULL) {
        struct str domain = tokens_internal(&resolving->tokens, at->next);
        enum match local = address_is_local(resolving->state, domain);
        if (local != MATCH_YES)
            return local;
    }
    resolving->local = tokens_cut(&resolving->tokens, at);
    return MATCH_YES;
}

/* find_last_route - the last @ in TEXT; without one, the last % or ! if it is used for routing */
static const char *find_last_route(const struct resolving *resolving, struct str text)
{
    static const char order[] = "@%!";
    const char *found = NULL;

    for (size_t i = 0; order[i] != '\0' && found == NULL && text.len > 0; i++)
        if (is_routing_operator(resolving, order[i]))
            found = memrchr(text.at, order[i], text.len);
    return found;
}

/* split_quoted - replaces a quoted name by local@domain, split at AT */
static void split_quoted(struct tokens *tokens, struct str text, size_t at)
{
    struct arena *arena = tokens->arena;
    struct str local = str_slice(text, 0, at);

    if ((at == 0 || str_starts(text, "@")) && str_find(text, ':', 0) < text.len) {
        /* a quoted source route, part of which is kept without quotes */
        text = arena_printf(arena, "%.*s@%.*s", STR_ARG(local),
                            STR_ARG(str_slice(text, at + 1, text.len)));
        *tokens = tokens_scan(arena, address_quote(arena, text, false));
        return;
    }
    if (address_is_dot_string(local))
        *tokens = tokens_scan(arena, local);
    else
        tokens->head->text = local;
    tokens_add_operator(tokens, '@');
    tokens_add(tokens, tokens_scan(arena, str_slice(text, at + 1, text.len)));
    tokens->joined = false;
}

/*
 * expand_quoted - resolves routing in a quoted name, as systems after this one might do
 * (resolve_dequoted_address).  The part before the last operator stays quoted if necessary.
 */
static bool expand_quoted(struct resolving *resolving)
{
    struct tokens *tokens = &resolving->tokens;
    struct arena *arena = tokens->arena;

    if (!resolving->dequoted || !tokens_only(tokens, TOKEN_QUOTED))
        return false;
    struct str text = tokens->head->text;
    const char *route = find_last_route(resolving, text);
    if (route == NULL)
        return false;
    if (*route == '!')
        *tokens = tokens_scan(arena, text);
    else
        split_quoted(tokens, text, (size_t)(route - text.at));
    rewrite_tokens(&resolving->rewriting, tokens);
    return true;
}

static void add_myhostname(struct resolving *resolving)
{
    struct str name = address_parameter(resolving->state, PARAM_MYHOSTNAME);

    tokens_add_operator(&resolving->tokens, '@');
    tokens_add(&resolving->tokens, tokens_scan(resolving->state->arena, name));
}

static enum resolve_step strip_once(struct resolving *resolving)
{
    struct tokens *tokens = &resolving->tokens;

    strip_dots(resolving);
    enum match local = strip_local(resolving);
    if (local == MATCH_ERROR)
        return STEP_FAILED;
    if (local == MATCH_NO) {
        resolving->remote = true;
        return STEP_DONE;
    }
    if (has_route(resolving)) {
        rewrite_tokens(&resolving->rewriting, tokens);
        return STEP_AGAIN;
    }
    if (expand_quoted(resolving))
        return STEP_AGAIN;
    if (tokens->head == NULL ||
        (tokens_only(tokens, TOKEN_QUOTED) && tokens->head->text.len == 0)) {
        struct str empty = policy_str(resolving->state->service, PARAM_EMPTY_ADDRESS_RECIPIENT);
        *tokens = tokens_scan(resolving->state->arena, empty);
        return STEP_AGAIN;
    }
    if (resolving->local.head == NULL) {
        add_myhostname(resolving);
        return STEP_AGAIN;
    }
    return STEP_DONE;
}

/* strip_all - false: a table does not work, or Postfix would give up */
static bool strip_all(struct resolving *resolving, size_t length)
{
    enum resolve_step step = STEP_AGAIN;

    for (size_t left = length + 100; left > 0 && step == STEP_AGAIN; left--)
        step = strip_once(resolving);
    if (step != STEP_DONE)
        return false;
    if (!resolving->remote) {
        if (resolving->local.head != NULL)
            tokens_add(&resolving->tokens, resolving->local);
        else
            add_myhostname(resolving);
    }
    return true;
}

/* is_routed - is there an @, ! or % in it before its last @? */
static bool is_routed(struct str address)
{
    return str_span_not(address, 0, "@!%") != address_at(address);
}

/* check_domain - is the domain valid?  MATCH_ERROR: a table does not work */
static enum match check_domain(struct resolving *resolving, struct str *address)
{
    const struct policy_service *service = resolving->state->service;
    bool utf8 = policy_flag(service, PARAM_SMTPUTF8_ENABLE);
    struct str domain = address_domain(*address);

    if (str_starts(domain, "["))
        return address_literal(domain).at != NULL ? MATCH_YES : MATCH_NO;
    if (utf8 && !address_is_utf8(*address))
        return MATCH_NO;
    if (hostname_fault(domain, utf8) == NULL)
        return MATCH_YES;
    if (!policy_flag(service, PARAM_RESOLVE_NUMERIC_DOMAIN) || !address_is_numeric(domain))
        return MATCH_NO;
    *address =
        arena_printf(resolving->state->arena, "%.*s[%.*s]",
                     STR_ARG(str_slice(*address, 0, address->len - domain.len)), STR_ARG(domain));
    enum match local = address_is_local(resolving->state, address_domain(*address));
    if (local == MATCH_ERROR)
        return local;
    resolving->remote = resolving->remote && local != MATCH_YES;
    return MATCH_YES;
}

/* resolve_tokens - false: a temporary failure in Postfix too */
static bool resolve_tokens(struct state *view, struct str sender, struct str address,
                           struct resolved *resolved)
{
    struct resolving resolving = {
        .state = view,
        .rewriting = rewriting_read(view),
        .null_domain = policy_flag(view->service, PARAM_RESOLVE_NULL_DOMAIN),
        .dequoted = policy_flag(view->service, PARAM_RESOLVE_DEQUOTED_ADDRESS),
        .tokens = tokens_scan(view->arena, address_quote(view->arena, address, false)),
    };

    if (!strip_all(&resolving, address.len))
        return false;
    resolved->address = tokens_internal(&resolving.tokens, resolving.tokens.head);
    enum match good = check_domain(&resolving, &resolved->address);
    resolved->domain = address_domain(resolved->address);
    if (good != MATCH_YES) {
        resolved->bad_syntax = good == MATCH_NO;
        return good == MATCH_NO;
    }
    resolved->routed = is_routed(resolved->address);
    if (!address_route(view, sender, resolving.remote, resolved))
        return false;
    if (!policy_flag(view->service, PARAM_ALLOW_MIN_USER) && str_starts(resolved->address, "-"))
        resolved->bad_syntax = true;
    return true;
}

bool address_is_too_long(struct state *state, struct str address)
{
    if (address.len <= ADDRESS_LENGTH_MAX)
        return false;
    world_cut(state->world,
              arena_printf(state->arena, "an address is longer than %d bytes", ADDRESS_LENGTH_MAX));
    return true;
}

static struct resolved resolve_uncached(struct state *state, struct str sender, struct str address)
{
    struct state view = rewrite_service_view(state);
    struct resolved resolved = {.class = ADDRESS_DEFAULT, .transport = STR(""), .nexthop = STR("")};

    if (address_is_too_long(state, address)) {
        resolved.address = address;
        resolved.domain = address_domain(address);
        resolved.bad_syntax = true;
        return resolved;
    }
    if (sender.len > 0)
        sender = address_rewrite(state, sender);
    if (!resolve_tokens(&view, sender, address_rewrite(state, address), &resolved)) {
        resolved.class = ADDRESS_ERROR;
        resolved.problem = reply_printf(state->arena, 451, "4.3.0",
                                        "<%.*s>: Temporary lookup failure", STR_ARG(address));
        resolved.address = address;
    }
    resolved.address = match_lower(state->arena, resolved.address);
    resolved.domain = address_domain(resolved.address);
    return resolved;
}

/* --- the cache ------------------------------------------------------------------------- */

/* smtpd keeps a hundred too (smtpd_resolve.c) */
enum { CACHE_MAX = 100, CACHED_LENGTH_MAX = 200 };

static struct map *address_cache(const struct policy_service *service)
{
    struct policy_service *rewrite = service->policy->rewrite;

    if (rewrite->resolved == NULL) {
        rewrite->resolved = arena_alloc(service->policy->arena, sizeof(struct map));
        map_init(rewrite->resolved, service->policy->arena);
    }
    return rewrite->resolved;
}

static struct str cache_key(struct arena *arena, struct str sender, struct str address)
{
    struct buffer key;

    buffer_init(&key, arena);
    buffer_add(&key, (struct str){(const char *)&sender.len, sizeof sender.len});
    buffer_add(&key, sender);
    buffer_add(&key, address);
    return buffer_str(&key);
}

static void cache_result(struct map *map, struct str key, const struct resolved *resolved)
{
    struct resolved *copy = arena_alloc(map->arena, sizeof *copy);

    *copy = *resolved;
    copy->address = arena_copy(map->arena, resolved->address);
    copy->domain = arena_copy(map->arena, resolved->domain);
    copy->transport = arena_copy(map->arena, resolved->transport);
    copy->nexthop = arena_copy(map->arena, resolved->nexthop);
    if (resolved->failure.at != NULL)
        copy->failure = arena_copy(map->arena, resolved->failure);
    if (resolved->unknown.at != NULL)
        copy->unknown = arena_copy(map->arena, resolved->unknown);
    copy->problem.enhanced = arena_copy(map->arena, resolved->problem.enhanced);
    copy->problem.text = arena_copy(map->arena, resolved->problem.text);
    map_put(map, arena_copy(map->arena, key), copy);
}

/* choose_cache - for a result that took ASKED questions, OPEN of them without an assumption; NULL:
   the world may answer them differently the next time */
static struct map *choose_cache(const struct state *state, uint64_t asked, uint64_t open)
{
    const struct world *world = state->world;

    if (world->asked == asked)
        return address_cache(state->service);
    return world->open == open ? world->resolved : NULL;
}

struct resolved address_resolve(struct state *state, struct str sender, struct str address)
{
    const struct world *world = state->world;
    uint64_t asked = world->asked, open = world->open;

    if (sender.at == NULL)
        sender = (struct str)STR("");
    struct str key = cache_key(state->arena, sender, address);
    const struct resolved *known = map_get(address_cache(state->service), key);
    if (known == NULL && world->resolved != NULL)
        known = map_get(world->resolved, key);
    if (known != NULL)
        return *known;
    struct resolved resolved = resolve_uncached(state, sender, address);
    struct map *map = choose_cache(state, asked, open);
    if (map != NULL && map->count < CACHE_MAX && key.len < CACHED_LENGTH_MAX)
        cache_result(map, key, &resolved);
    return resolved;
}
