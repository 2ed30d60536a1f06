#include "smtp/address/rewrite.h"

#include "smtp/address/find.h"
#include "smtp/address/form.h"

struct state rewrite_service_view(const struct state *state)
{
    struct state view = *state;

    view.service = state->service->policy->rewrite;
    return view;
}

struct rewriting rewriting_read(struct state *state)
{
    return (struct rewriting){
        .state = state,
        .swap_bangpath = policy_flag(state->service, PARAM_SWAP_BANGPATH),
        .percent_hack = policy_flag(state->service, PARAM_ALLOW_PERCENT_HACK),
        .append_at_myorigin = policy_flag(state->service, PARAM_APPEND_AT_MYORIGIN),
        .append_dot_mydomain = policy_flag(state->service, PARAM_APPEND_DOT_MYDOMAIN),
        .mydomain = address_parameter(state, PARAM_MYDOMAIN),
    };
}

/* swap_bang - rewrites domain!user to user@domain */
static void swap_bang(struct tokens *tokens, struct token *bang)
{
    struct tokens user = tokens_cut(tokens, bang);
    struct tokens swapped = {.arena = tokens->arena, .joined = tokens->joined};

    swapped.joined = swapped.joined || tokens->head == NULL;
    user.head = bang->next;
    if (user.head != NULL) {
        user.head->previous = NULL;
        swapped.head = user.head;
        swapped.tail = user.tail;
    }
    bool joined = swapped.joined;
    tokens_add_operator(&swapped, '@');
    tokens_add(&swapped, *tokens);
    swapped.joined = joined;
    *tokens = swapped;
}

/* append_origin - adds a domain to an address without one */
static void append_origin(const struct rewriting *rewriting, struct tokens *tokens)
{
    struct token *mark;

    if (rewriting->swap_bangpath && (mark = tokens_first(tokens, '!')) != NULL) {
        swap_bang(tokens, mark);
    } else if (rewriting->percent_hack && (mark = tokens_last(tokens, '%')) != NULL) {
        mark->type = '@';
    } else if (rewriting->append_at_myorigin) {
        struct str origin = address_origin(rewriting->state);
        if (origin.len == 0)
            return;
        tokens_add_operator(tokens, '@');
        tokens_add(tokens, tokens_scan(tokens->arena, origin));
    }
}

static bool has_after(const struct token *token, int type)
{
    while (token != NULL && token->type != type)
        token = token->next;
    return token != NULL;
}

/* append_domain - adds .$mydomain to a host name without a dot */
static void append_domain(const struct rewriting *rewriting, struct tokens *tokens)
{
    struct token *at = tokens_last(tokens, '@');

    if (!rewriting->append_dot_mydomain || rewriting->mydomain.len == 0 || at == NULL ||
        at == tokens->tail || has_after(at, TOKEN_LITERAL) || has_after(at, '.'))
        return;
    tokens_add_operator(tokens, '.');
    tokens_add(tokens, tokens_scan(tokens->arena, rewriting->mydomain));
}

static bool is_empty_string(const struct tokens *tokens)
{
    return tokens_only(tokens, TOKEN_QUOTED) && tokens->head->text.len == 0;
}

void rewrite_tokens(const struct rewriting *rewriting, struct tokens *tokens)
{
    struct token *colon;

    if (tokens->head == NULL || is_empty_string(tokens))
        return;
    if (tokens_only(tokens, '@')) { /* as good as empty */
        tokens->head->type = TOKEN_QUOTED;
        tokens->head->text = (struct str)STR("");
        tokens->joined = true;
        return;
    }
    if (tokens->head->type == '@' && (colon = tokens_first(tokens, ':')) != NULL &&
        colon != tokens->tail) {
        tokens->head = colon->next; /* a source route */
        tokens->head->previous = NULL;
    }
    if (tokens_last(tokens, '@') == NULL)
        append_origin(rewriting, tokens);
    append_domain(rewriting, tokens);
    struct token *tail = tokens->tail;
    if (tail->type == '.' && tail->previous != NULL && tail->previous->type != '.' &&
        tail->previous->type != '@')
        tokens_cut(tokens, tail);
}

struct str address_rewrite(struct state *state, struct str address)
{
    struct state view = rewrite_service_view(state);
    struct rewriting rewriting = rewriting_read(&view);
    struct tokens tokens = tokens_scan(state->arena, address_quote(state->arena, address, false));

    rewrite_tokens(&rewriting, &tokens);
    struct str rewritten = tokens_internal(&tokens, tokens.head);
    return address_unquote(state->arena, address_quote(state->arena, rewritten, false));
}
