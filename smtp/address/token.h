/*
 * address_token - an address in tokens, as Postfix takes it apart (tok822(3), RFC 822)
 *
 * Operators are single characters; besides them there are atoms, quoted strings, comments and
 * domain literals.  A list of tokens is linked both ways, so that rewriting cuts and joins without
 * copying.  All in the arena of the list.
 */
#ifndef SMTP_ADDRESS_TOKEN_H
#define SMTP_ADDRESS_TOKEN_H

#include "base/arena.h"

enum token_type {
    TOKEN_NONE, /* both ends of a list while it is parsed */
    /* operators stand for themselves: '@', '.', '%', ... */
    TOKEN_ATOM = 256,
    TOKEN_QUOTED,  /* "quoted string", without the quotes */
    TOKEN_COMMENT, /* (comment), with the parentheses */
    TOKEN_LITERAL, /* [domain literal], without the brackets */
    TOKEN_ADDRESS, /* tokens that make one address; only after tokens_parse() */
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
    /* was it joined from parts?  Then words that meet get no blank between them in text */
    bool joined;
};

/* external (quoted) form to tokens; up to the first NUL */
struct tokens tokens_scan(struct arena *arena, struct str text);

/* the last token of this type, the first one; NULL where there is none */
struct token *tokens_last(const struct tokens *tokens, int type);
struct token *tokens_first(const struct tokens *tokens, int type);
bool tokens_only(const struct tokens *tokens, int type); /* is it this one token? */

/* cuts the list before TOKEN, and returns what was cut off, from TOKEN on */
struct tokens tokens_cut(struct tokens *tokens, struct token *token);
void tokens_add(struct tokens *tokens, struct tokens more);
void tokens_add_operator(struct tokens *tokens, char type);

/* tokens from FROM on to text, without quotes */
struct str tokens_internal(const struct tokens *tokens, const struct token *from);

/*
 * What stands in TEXT, which may have comments, phrases and <>: how many addresses, how much that
 * is neither address nor <>, and the last address in internal form.
 */
struct tokens_parsed {
    size_t addresses, others;
    struct str address;
};
struct tokens_parsed tokens_parse(struct arena *arena, struct str text);

#endif
