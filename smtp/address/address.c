#include "smtp/address/address.h"

#include <string.h>

#include "smtp/address/form.h"
#include "smtp/address/token.h"

bool address_read_path(struct arena *arena, struct str path, bool empty_allowed, bool strict,
                       struct str *address)
{
    bool in_brackets = path.len > 1 && path.at[0] == '<' && path.at[path.len - 1] == '>';
    struct str text = in_brackets ? str_slice(path, 1, path.len - 1) : path;
    size_t colon = str_find(text, ':', 0);

    *address = (struct str)STR("");
    if (str_starts(text, "@") && colon < text.len)
        text = str_slice(text, colon + 1, text.len);
    struct tokens_parsed parsed = tokens_parse(arena, text);
    *address = parsed.address;
    if (parsed.addresses > 1 || (strict && (parsed.others > 0 || !str_starts(path, "<"))))
        return false;
    return (parsed.address.len > 0 || empty_allowed) &&
           !(strict && str_starts(parsed.address, "@"));
}

bool address_is_acceptable(struct state *state, struct str address, bool smtputf8)
{
    if (address.len == 0)
        return true;
    struct resolved resolved = address_resolve(state, state->sender, address);
    return !resolved.bad_syntax && (smtputf8 || address_is_ascii(resolved.domain));
}
