#include "parser/text/token.h"

#include <string.h>

/* is_separator - no separator is above "," in ASCII, and nearly all text is */
static bool is_separator(const char *separators, char c)
{
    return (unsigned char)c <= ',' && c != '\0' && strchr(separators, c) != NULL;
}

static size_t skip_separators(struct str text, const char *separators)
{
    size_t i = 0;

    while (i < text.len && is_separator(separators, text.at[i]))
        i++;
    return i;
}

/* take_token - cuts [FROM, TO) out of REST as a token, if it is not empty */
static bool take_token(struct str *rest, size_t from, size_t to, struct str *token)
{
    *token = str_slice(*rest, from, to);
    *rest = str_slice(*rest, to, rest->len);
    return token->len > 0;
}

bool token_next_plain(struct str *rest, const char *separators, struct str *token)
{
    size_t from = skip_separators(*rest, separators);
    size_t to = from;

    while (to < rest->len && !is_separator(separators, rest->at[to]))
        to++;
    return take_token(rest, from, to, token);
}

bool token_next(struct str *rest, const char *separators, struct str *token)
{
    size_t from = skip_separators(*rest, separators);
    size_t to = from;
    size_t level = 0;

    for (; to < rest->len; to++) {
        char c = rest->at[to];
        if (c == '{')
            level++;
        else if (level > 0 && c == '}')
            level--;
        else if (level == 0 && is_separator(separators, c))
            break;
    }
    return take_token(rest, from, to, token);
}

size_t token_balanced(struct str text)
{
    size_t level = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '{')
            level++;
        else if (text.at[i] == '}' && level > 0)
            level--;
        if (level == 0)
            return i == 0 ? 0 : i + 1;
    }
    return 0;
}

size_t token_depth(struct str text)
{
    size_t level = 0, most = 0;

    for (size_t i = str_find(text, '{', 0); i < text.len; i++) {
        level += text.at[i] == '{';
        level -= text.at[i] == '}' && level > 0;
        most = level > most ? level : most;
    }
    return most;
}

const char *token_unbrace(struct str text, bool trim, struct str *inside)
{
    const char *wrong = NULL;
    size_t length = token_balanced(text);

    if (text.len == 0 || text.at[0] != '{') {
        *inside = text;
        wrong = "no '{' at start of text";
    } else if (length == 0) {
        *inside = str_slice(text, 1, text.len);
        wrong = "missing '}'";
    } else {
        *inside = str_slice(text, 1, length - 1);
        if (length < text.len)
            wrong = "syntax error after '}'";
    }
    if (trim)
        *inside = str_trim(*inside);
    return wrong;
}
