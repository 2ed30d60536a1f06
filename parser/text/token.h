/*
 * token - words of a value
 *
 * Words are separated by any of a set of characters; text in braces is one
 * word even if it contains separators (master(5), "{ text }").
 */
#ifndef PARSER_TEXT_TOKEN_H
#define PARSER_TEXT_TOKEN_H

#include "base/str.h"

#define TOKEN_BLANKS " \t\r\n"  /* between the fields of master.cf */
#define TOKEN_COMMAS ", \t\r\n" /* between the items of a list */

/* takes the next word off REST; false, with *REST empty, where there is none */
bool token_next(struct str *rest, const char *separators, struct str *token);
/* the same; braces have no meaning */
bool token_next_plain(struct str *rest, const char *separators, struct str *token);

/* the length of the balanced "{...}" at the start of TEXT, or 0 */
size_t token_balanced(struct str text);

/* the number of braces that are open inside each other, at most */
size_t token_depth(struct str text);

/*
 * The inside of "{ text }", without white space at its ends if TRIM.  Returns
 * NULL, or what is wrong; *INSIDE is then set to what Postfix uses nevertheless.
 */
const char *token_unbrace(struct str text, bool trim, struct str *inside);

#endif
