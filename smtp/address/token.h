/*
 * address_token - an address as tokens: tok822(3), RFC 822
 *
 * A token is an operator, which is a single character, an atom, a quoted string, a comment or a
 * domain literal.  Lists of tokens are doubly linked, so that rewriting cuts and joins them without
 * copying.  Everything lives in the arena of the list.
 */
#ifndef SMTP_ADDRESS_TOKEN_H
#define SMTP_ADDRESS_TOKEN_H

#include "base/arena.h"

enum token_type {
    TOKEN_NONE, /* both ends of a list while it is parsed */
    /* the type of an operator is its character: '@', '.', '%', ... */
    TOKEN_ATOM = 256,
    TOKEN_QUOTED,  /* "quoted string", without the quotes */
    TOKEN_COMMENT, /* (comment), with the parentheses */
    TOKEN_LITERAL, /* [domain literal], without the brackets */
    TOKEN_ADDRESS, /* the tokens of one address; only after tokens_parse() */
    TOKEN_GROUP,   /* the ":" of a named group */
};

struct token {
    int type;
    struct str text;
    struct token *previous, *next;
    struct token *inside; /* TOKEN_ADDRESS: its first token */
};

struct tokens {
    struct arena *arena;
    struct token *head, *tail;
    /* was it joined from parts?  Then adjacent words get no space between them */
    bool joined;
};

/* reads the external (quoted) form, up to the first NUL */
struct tokens tokens_scan(struct arena *arena, struct str text);

/* the last and the first token of the type, or NULL */
struct token *tokens_last(const struct tokens *tokens, int type);
struct token *tokens_first(const struct tokens *tokens, int type);
bool tokens_only(const struct tokens *tokens, int type); /* is it this one token? */

/* cuts the list before TOKEN, and returns the part from TOKEN on */
struct tokens tokens_cut(struct tokens *tokens, struct token *token);
void tokens_add(struct tokens *tokens, struct tokens more);
void tokens_add_operator(struct tokens *tokens, char type);

/* the text of the tokens from FROM on, without quotes */
struct str tokens_internal(const struct tokens *tokens, const struct token *from);

/*
 * Reads TEXT, which may have comments, phrases and <>: the number of addresses, the number of other
 * tokens except < and >, and the last address in internal form.
 */
struct tokens_parsed {
    size_t addresses, others;
    struct str address;
};
struct tokens_parsed tokens_parse(struct arena *arena, struct str text);
/* all addresses of TEXT in internal form, in its order */
struct str_list tokens_addresses(struct arena *arena, struct str text);

#endif
