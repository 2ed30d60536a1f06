#include "parser/text/hostname.h"

enum { LABEL_MAX = 63, NAME_MAX = 255 }; /* RFC 1035, 2.3.4 */

static bool is_label_character(char c, bool utf8)
{
    return is_alnum(c) || c == '-' || c == '_' || (utf8 && (unsigned char)c > 127);
}

/* has_foreign - any byte that is not ASCII */
static bool has_foreign(struct str label)
{
    for (size_t i = 0; i < label.len; i++)
        if ((unsigned char)label.at[i] > 127)
            return true;
    return false;
}

/* find_label_fault - what is wrong with one label, or NULL */
static const char *find_label_fault(struct str label, bool utf8)
{
    if (label.len == 0)
        return "starts or ends with a dot, or has two in a row";
    if (label.len > LABEL_MAX && !(utf8 && has_foreign(label)))
        return "has a label of more than 63 characters";
    for (size_t i = 0; i < label.len; i++)
        if (!is_label_character(label.at[i], utf8))
            return "has a character that is not allowed in a host name";
    if (label.at[0] == '-' || label.at[label.len - 1] == '-')
        return "has a label that starts or ends with a hyphen";
    return NULL;
}

const char *hostname_fault(struct str name, bool utf8)
{
    const char *fault = NULL;

    if (name.len == 0)
        return "must not be empty";
    for (size_t at = 0; at <= name.len && fault == NULL;) {
        size_t dot = str_find(name, '.', at);
        fault = find_label_fault(str_slice(name, at, dot), utf8);
        at = dot + 1;
    }
    if (fault != NULL)
        return fault;
    if (str_span(name, 0, "0123456789.") == name.len)
        return "is an address or a number, not a name";
    return name.len > NAME_MAX ? "is longer than 255 characters" : NULL;
}
