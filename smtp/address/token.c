#include "smtp/address/token.h"

#include <string.h>

/* RFC 822's specials, and the operators of bang paths, the percent hack and aliases */
static const char operators[] = "|%!()<>@,;:\\\".[]";

static bool is_operator(char c)
{
    return c != '\0' && strchr(operators, c) != NULL;
}

static bool is_whitespace(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct token *create_token(struct arena *arena, int type)
{
    struct token *token = arena_alloc(arena, sizeof *token);

    token->type = type;
    return token;
}

static void append_token(struct tokens *tokens, struct token *token)
{
    token->previous = tokens->tail;
    token->next = NULL;
    if (tokens->tail != NULL)
        tokens->tail->next = token;
    else
        tokens->head = token;
    tokens->tail = token;
}

/* --- text to tokens -------------------------------------------------------------------- */

struct token_scan {
    struct arena *arena;
    struct str text;
    size_t at;
    char *out; /* for the texts of the tokens, which together are not longer than TEXT */
};

/* ends_token - does C end a token of this type? */
static bool ends_token(int type, char c)
{
    switch (type) {
    case TOKEN_LITERAL:
        return c == ']';
    case TOKEN_QUOTED:
        return c == '"';
    default:
        return is_whitespace(c) || is_operator(c);
    }
}

/* scan_text - the text up to the end of the token; a backslash quotes the next character */
static struct str scan_text(struct token_scan *scan, int type)
{
    char *out = scan->out;
    size_t len = 0;

    for (; scan->at < scan->text.len; scan->at++) {
        char c = scan->text.at[scan->at];
        if (c == '\\') {
            if (++scan->at == scan->text.len)
                break;
            c = scan->text.at[scan->at];
        } else if (ends_token(type, c)) {
            break;
        }
        out[len++] = is_whitespace(c) ? ' ' : c;
    }
    if (type != TOKEN_ATOM && scan->at < scan->text.len)
        scan->at++;
    scan->out += len;
    return (struct str){out, len};
}

/* needs_quotes - does an atom, without its backslashes, have characters that must be quoted? */
static bool needs_quotes(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c == ' ' || c < 32 || c == 127 || is_operator(text.at[i]))
            return true;
    }
    return false;
}

/* scan_comment - from "(" to the matching ")", unchanged */
static struct str scan_comment(struct token_scan *scan)
{
    size_t from = scan->at - 1;
    size_t level = 1;

    while (scan->at < scan->text.len && level > 0) {
        char c = scan->text.at[scan->at++];
        if (c == '(')
            level++;
        else if (c == ')')
            level--;
        else if (c == '\\' && scan->at < scan->text.len)
            scan->at++;
    }
    return str_slice(scan->text, from, scan->at);
}

static struct token *scan_next(struct token_scan *scan)
{
    char c = scan->text.at[scan->at];
    struct token *token = create_token(scan->arena, TOKEN_ATOM);

    if (c != '\\' && is_operator(c)) {
        scan->at++;
        token->type = c == '(' ? TOKEN_COMMENT : c == '[' ? TOKEN_LITERAL : TOKEN_QUOTED;
        if (c == '(')
            token->text = scan_comment(scan);
        else if (c == '[' || c == '"')
            token->text = scan_text(scan, token->type);
        else
            token->type = (unsigned char)c;
        return token;
    }
    token->text = scan_text(scan, TOKEN_ATOM);
    if (needs_quotes(token->text))
        token->type = TOKEN_QUOTED;
    return token;
}

struct tokens tokens_scan(struct arena *arena, struct str text)
{
    struct tokens tokens = {.arena = arena};
    struct token_scan scan = {arena, str_slice(text, 0, str_find(text, '\0', 0)), 0, NULL};

    scan.out = arena_alloc_raw(arena, scan.text.len + 1);
    while (scan.at < scan.text.len) {
        if (is_whitespace(scan.text.at[scan.at]))
            scan.at++;
        else
            append_token(&tokens, scan_next(&scan));
    }
    return tokens;
}

/* --- lists ----------------------------------------------------------------------------- */

struct token *tokens_last(const struct tokens *tokens, int type)
{
    struct token *token = tokens->tail;

    while (token != NULL && token->type != type)
        token = token->previous;
    return token;
}

struct token *tokens_first(const struct tokens *tokens, int type)
{
    struct token *token = tokens->head;

    while (token != NULL && token->type != type)
        token = token->next;
    return token;
}

bool tokens_only(const struct tokens *tokens, int type)
{
    return tokens->head != NULL && tokens->head == tokens->tail && tokens->head->type == type;
}

struct tokens tokens_cut(struct tokens *tokens, struct token *token)
{
    struct tokens cut = {tokens->arena, token, tokens->tail, tokens->joined};

    tokens->tail = token->previous;
    if (tokens->tail == NULL)
        tokens->head = NULL;
    else
        tokens->tail->next = NULL;
    token->previous = NULL;
    return cut;
}

void tokens_add(struct tokens *tokens, struct tokens more)
{
    if (more.head == NULL)
        return;
    if (tokens->head == NULL) {
        tokens->head = more.head;
        tokens->joined = true;
    } else {
        tokens->tail->next = more.head;
        more.head->previous = tokens->tail;
    }
    tokens->tail = more.tail;
}

void tokens_add_operator(struct tokens *tokens, char type)
{
    struct tokens one = {.arena = tokens->arena};

    append_token(&one, create_token(tokens->arena, type));
    tokens_add(tokens, one);
}

/* --- tokens to text -------------------------------------------------------------------- */

static bool is_word(const struct token *token)
{
    return token->type == TOKEN_ATOM || token->type == TOKEN_QUOTED ||
           token->type == TOKEN_COMMENT || token->type == TOKEN_LITERAL ||
           token->type == TOKEN_ADDRESS;
}

static bool needs_space(const struct token *token, bool joined)
{
    const struct token *next = token->next;

    if (joined || next == NULL)
        return false;
    return token->type == ',' || token->type == TOKEN_GROUP || next->type == '<' ||
           (is_word(token) && is_word(next));
}

static void add_token(struct buffer *out, const struct token *token)
{
    if (token->type == TOKEN_LITERAL)
        buffer_add_char(out, '[');
    if (token->type == TOKEN_GROUP)
        buffer_add_char(out, ':');
    else if (token->type >= TOKEN_ATOM)
        buffer_add(out, token->text);
    else
        buffer_add_char(out, (char)token->type);
    if (token->type == TOKEN_LITERAL)
        buffer_add_char(out, ']');
}

static struct str print_tokens(struct arena *arena, const struct token *from, bool joined)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (const struct token *token = from; token != NULL; token = token->next) {
        add_token(&out, token);
        if (needs_space(token, joined))
            buffer_add_char(&out, ' ');
    }
    return out.len == 0 ? (struct str)STR("") : buffer_str(&out);
}

struct str tokens_internal(const struct tokens *tokens, const struct token *from)
{
    return print_tokens(tokens->arena, from, tokens->joined);
}

/* --- addresses in text ----------------------------------------------------------------- */

static void insert_after(struct token *left, struct token *token)
{
    token->previous = left;
    token->next = left->next;
    left->next->previous = token;
    left->next = token;
}

/*
 * Joins the tokens between LEFT and RIGHT, if any, to one address; COMMA: with a comma before it,
 * to separate it from the tokens on its left.
 */
static void join_address(struct arena *arena, struct token *left, struct token *right, bool comma)
{
    if (left == right || left->next == right)
        return;
    struct token *address = create_token(arena, TOKEN_ADDRESS);
    address->inside = left->next;
    left->next->previous = NULL;
    right->previous->next = NULL;
    left->next = right;
    right->previous = left;
    insert_after(left, address);
    if (comma)
        insert_after(left, create_token(arena, ','));
}

/* move_comment - moves a comment to before *RIGHT; returns the token that was before it */
static struct token *move_comment(struct token *token, struct token **right)
{
    struct token *previous = token->previous;

    previous->next = token->next;
    token->next->previous = previous;
    insert_after((*right)->previous, token);
    *right = token;
    return previous;
}

struct token_parse {
    struct arena *arena;
    struct token *at, *right;
    bool word, in_group; /* may a word follow, or the ":" of a group? */
};

/* parse_route - the address in <>; the phrase before it is not changed */
static void parse_route(struct token_parse *parse)
{
    join_address(parse->arena, parse->at, parse->right, true);
    parse->right = parse->at;
    while (parse->at->type != TOKEN_NONE && parse->at->type != '<')
        parse->at = parse->at->type == TOKEN_COMMENT ? move_comment(parse->at, &parse->right)
                                                     : parse->at->previous;
    join_address(parse->arena, parse->at, parse->right, false);
    while (parse->at->type != TOKEN_NONE &&
           (parse->at->type > 255 || strchr(">;,:", parse->at->type) == NULL))
        parse->at = parse->at->previous;
    parse->right = parse->at;
    parse->word = true;
}

/* parse_group - the name of "name: address, address;" */
static void parse_group(struct token_parse *parse)
{
    parse->at->type = TOKEN_GROUP;
    join_address(parse->arena, parse->at, parse->right, false);
    while (parse->at->type != TOKEN_NONE && parse->at->type != ',')
        parse->at = parse->at->previous;
    parse->right = parse->at;
}

static void parse_word(struct token_parse *parse)
{
    if (!parse->word) {
        join_address(parse->arena, parse->at, parse->right, true);
        parse->right = parse->at->next;
    }
    parse->word = false;
    parse->at = parse->at->previous;
}

static void parse_operator(struct token_parse *parse)
{
    int type = parse->at->type;

    if (type == ';' || type == ',') {
        join_address(parse->arena, parse->at, parse->right, type == ';');
        parse->right = parse->at;
        parse->in_group = parse->in_group || type == ';';
    }
    parse->word = true;
    parse->at = parse->at->previous;
}

/*
 * parse_text - the first token of TEXT with its addresses joined; the last one is a TOKEN_NONE.  It
 * goes from right to left, as in Postfix, where the end of an address is easier to find
 */
static const struct token *parse_text(struct arena *arena, struct str text)
{
    struct tokens tokens = tokens_scan(arena, text);
    struct token *left = create_token(arena, TOKEN_NONE), *right = create_token(arena, TOKEN_NONE);

    if (tokens.head == NULL)
        return right;
    left->next = tokens.head;
    tokens.head->previous = left;
    right->previous = tokens.tail;
    tokens.tail->next = right;
    struct token_parse parse = {arena, tokens.tail, right, true, false};
    while (parse.at->type != TOKEN_NONE) {
        if (parse.at->type == TOKEN_COMMENT)
            parse.at = move_comment(parse.at, &parse.right);
        else if (parse.at->type == '>')
            parse_route(&parse);
        else if (parse.at->type == ':' && parse.in_group)
            parse_group(&parse);
        else if (is_word(parse.at))
            parse_word(&parse);
        else
            parse_operator(&parse);
    }
    join_address(arena, parse.at, parse.right, false);
    return left->next;
}

struct tokens_parsed tokens_parse(struct arena *arena, struct str text)
{
    struct tokens_parsed parsed = {.address = STR("")};

    for (const struct token *token = parse_text(arena, text); token->type != TOKEN_NONE;
         token = token->next) {
        if (token->type == TOKEN_ADDRESS) {
            parsed.addresses++;
            parsed.address = print_tokens(arena, token->inside, true);
        } else if (token->type != '<' && token->type != '>') {
            parsed.others++;
        }
    }
    return parsed;
}

struct str_list tokens_addresses(struct arena *arena, struct str text)
{
    struct str *items = NULL;
    size_t count = 0, capacity = 0;

    for (const struct token *token = parse_text(arena, text); token->type != TOKEN_NONE;
         token = token->next) {
        if (token->type != TOKEN_ADDRESS)
            continue;
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = print_tokens(arena, token->inside, true);
    }
    return (struct str_list){items, count};
}
