#include "parser/postfix/domain.h"

#include "parser/text/hostname.h"

static bool is_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] & 0x80)
            return false;
    return true;
}

/* has_reserved_label - "ab--..." is reserved for encodings, of which "xn--..." is the only one */
static bool has_reserved_label(struct str domain, bool *encoded)
{
    bool found = false;

    *encoded = false;
    for (size_t at = 0; at + 4 <= domain.len; at = str_find(domain, '.', at) + 1) {
        struct str start = str_slice(domain, at, at + 4);
        if (start.at[2] != '-' || start.at[3] != '-')
            continue;
        found = true;
        *encoded = *encoded || str_is_nocase(start, "xn--");
    }
    return found;
}

enum domain_result domain_to_ascii(struct arena *arena, struct str text, struct str *result)
{
    (void)arena;
    *result = text;
    if (text.len == 0)
        return DOMAIN_INVALID;
    return is_ascii(text) ? DOMAIN_CONVERTED : DOMAIN_UNDETERMINED;
}

enum domain_result domain_to_utf8(struct arena *arena, struct str text, struct str *result)
{
    bool encoded;

    *result = text;
    if (text.len == 0 || !is_ascii(text))
        return DOMAIN_CONVERTED;
    if (hostname_fault(text, false) != NULL)
        return DOMAIN_INVALID;
    if (has_reserved_label(text, &encoded))
        return encoded ? DOMAIN_UNDETERMINED : DOMAIN_INVALID;
    *result = arena_lower(arena, text);
    return DOMAIN_CONVERTED;
}
