#include "smtp/address/form.h"

#include <string.h>

#include "parser/text/network.h"

size_t address_at(struct str address)
{
    const char *found = address.len == 0 ? NULL : memrchr(address.at, '@', address.len);

    return found == NULL ? address.len : (size_t)(found - address.at);
}

struct str address_domain(struct str address)
{
    return str_slice(address, address_at(address) + 1, address.len);
}

/* --- quotes ---------------------------------------------------------------------------- */

bool address_is_dot_string(struct str local)
{
    if (local.len == 0 || local.at[0] == '.' || local.at[local.len - 1] == '.' ||
        str_search(local, "..") < local.len)
        return false;
    for (size_t i = 0; i < local.len; i++) {
        unsigned char c = (unsigned char)local.at[i];
        if (c <= ' ' || c == 127 || strchr("()<>@,;:\\\"[]", c) != NULL)
            return false;
    }
    return true;
}

/* route_length - the length of a source route "@one,@two:" at the start */
static size_t route_length(struct str text)
{
    size_t colon = str_find(text, ':', 0);

    return str_starts(text, "@") && colon < text.len ? colon + 1 : 0;
}

struct str address_quote(struct arena *arena, struct str text, bool local_only)
{
    size_t from = route_length(text);
    struct str rest = str_slice(text, from, text.len);
    struct str local = local_only ? rest : str_slice(rest, 0, address_at(rest));
    struct buffer out;

    if (address_is_dot_string(local))
        return text;
    buffer_init(&out, arena);
    buffer_add(&out, str_slice(text, 0, from));
    buffer_add_char(&out, '"');
    for (size_t i = 0; i < local.len; i++) {
        if (strchr("\"\\\r", local.at[i]) != NULL)
            buffer_add_char(&out, '\\');
        buffer_add_char(&out, local.at[i]);
    }
    buffer_add_char(&out, '"');
    buffer_add(&out, str_slice(rest, local.len, rest.len));
    return buffer_str(&out);
}

/* the text after the last @ outside quotes is not changed */
struct str address_unquote(struct arena *arena, struct str text)
{
    size_t from = route_length(text);
    char *out = arena_alloc_raw(arena, 2 * text.len + 1);
    size_t len = from, bare_at = text.len, bare_len = 0;
    bool in_quotes = false;

    memcpy(out, text.at, from);
    for (size_t i = from; i < text.len; i++) {
        char c = text.at[i];
        if (c == '"') {
            in_quotes = !in_quotes;
            continue;
        }
        if (c == '@' && !in_quotes) {
            bare_at = i;
            bare_len = len;
        } else if (c == '\\') {
            if (i + 1 == text.len)
                continue;
            c = text.at[++i];
        }
        out[len++] = c;
    }
    if (bare_at < text.len) {
        memcpy(out + bare_len, text.at + bare_at, text.len - bare_at);
        len = bare_len + text.len - bare_at;
    }
    return (struct str){out, len};
}

/* --- characters ------------------------------------------------------------------------ */

bool address_is_ascii(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] > 127)
            return false;
    return true;
}

/* measure_utf8 - the length of the character at the start, or 0; RFC 3629, section 4 */
static size_t measure_utf8(struct str text)
{
    unsigned char first = (unsigned char)text.at[0];
    unsigned char low = 0x80, high = 0xbf;
    size_t len = first < 0x80                     ? 1
                 : first >= 0xc2 && first <= 0xdf ? 2
                 : first >= 0xe0 && first <= 0xef ? 3
                 : first >= 0xf0 && first <= 0xf4 ? 4
                                                  : 0;

    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f;
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    if (len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if (c < low || c > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    return len;
}

bool address_is_utf8(struct str text)
{
    while (text.len > 0) {
        size_t len = measure_utf8(text);
        if (len == 0)
            return false;
        text = str_slice(text, len, text.len);
    }
    return true;
}

/* --- domains --------------------------------------------------------------------------- */

/* is_v4 - four numbers up to 255; only 0.0.0.0 may begin with 0 */
static bool is_v4(struct str text)
{
    struct str first = str_slice(text, 0, str_find(text, '.', 0));
    size_t count = 0;

    for (size_t at = 0; at <= text.len; count++) {
        size_t dot = str_find(text, '.', at);
        int value = 0;
        if (dot == at)
            return false;
        for (size_t i = at; i < dot; i++) {
            if (text.at[i] < '0' || text.at[i] > '9')
                return false;
            value = value * 10 + (text.at[i] - '0');
            if (value > 255)
                return false;
        }
        at = dot + 1;
    }
    return count == 4 &&
           (str_span(first, 0, "0") < first.len || str_span(text, 0, "0.") == text.len);
}

static bool is_v6(struct str text)
{
    struct network address;

    return network_read_address(text, &address) && address.byte_count == 16;
}

bool address_is_numeric(struct str name)
{
    return str_find(name, ':', 0) < name.len ? is_v6(name) : is_v4(name);
}

struct str address_literal(struct str domain)
{
    static const struct str prefix = STR("IPv6:");
    struct str inside;

    if (domain.len < 2 || domain.at[0] != '[' || str_find(domain, ']', 0) != domain.len - 1)
        return STR_NONE;
    inside = str_slice(domain, 1, domain.len - 1);
    if (str_eq_nocase(str_slice(inside, 0, prefix.len), prefix)) {
        inside = str_slice(inside, prefix.len, inside.len);
        return is_v6(inside) ? inside : STR_NONE;
    }
    return is_v4(inside) ? inside : STR_NONE;
}
