#include "rules/release/tls_protocols.h"

#include "parser/text/token.h"

static const char *const versions[] = {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};

enum { VERSION_COUNT = sizeof versions / sizeof *versions, ALL = (1 << VERSION_COUNT) - 1 };

/* find_bit - the version's bit, or 0 */
static unsigned find_bit(struct str name)
{
    for (unsigned i = 0; i < VERSION_COUNT; i++)
        if (str_is_nocase(name, versions[i]))
            return 1u << i;
    return 0;
}

unsigned tls_protocols(struct str value)
{
    unsigned included = 0, excluded = 0;
    struct str word;

    while (token_next_plain(&value, ", \t\r\n:", &word)) {
        unsigned bound = find_bit(str_slice(word, 2, word.len));
        if (str_starts(word, ">=") && bound != 0)
            excluded |= bound - 1;
        else if (str_starts(word, "<=") && bound != 0)
            excluded |= ALL & ~(bound | (bound - 1));
        else if (word.at[0] == '!')
            excluded |= find_bit(str_slice(word, 1, word.len));
        else
            included |= find_bit(word);
    }
    return (included != 0 ? included : ALL) & ~excluded;
}
