#include "parser/value/protocols.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static const struct {
    const char *name;
    int number; /* in the protocol itself (RFC 8446, 4.1.2 and its predecessors); 0: no bound */
} versions[VERSION_COUNT] = {
    [VERSION_SSL_2] = {"SSLv2", 0},          [VERSION_SSL_3] = {"SSLv3", 0x0300},
    [VERSION_TLS_1] = {"TLSv1", 0x0301},     [VERSION_TLS_1_1] = {"TLSv1.1", 0x0302},
    [VERSION_TLS_1_2] = {"TLSv1.2", 0x0303}, [VERSION_TLS_1_3] = {"TLSv1.3", 0x0304},
};

enum { ALL_VERSIONS = (1 << VERSION_COUNT) - 1 };

bool tls_next_word(struct str list, size_t *at, struct str *word)
{
    static const char separators[] = ", \t\r\n:";
    size_t from = str_span(list, *at, separators);
    size_t to = str_span_not(list, from, separators);

    /* str_span skips what is in the set, str_span_not what is not */
    *word = str_slice(list, from, to);
    *at = to;
    return word->len > 0;
}

static bool find_version(struct str name, enum tls_version *version)
{
    for (int i = 0; i < VERSION_COUNT; i++)
        if (str_is_nocase(name, versions[i].name)) {
            *version = (enum tls_version)i;
            return true;
        }
    return false;
}

/* read_bound - what follows >= or <=: a name, or a hexadecimal number with or without 0x; nothing
   is 0, as strtoul(3) has it */
static bool read_bound(struct str word, int *bound)
{
    enum tls_version version;
    char text[32];
    char *end;

    if (str_is_nocase(word, "None")) {
        *bound = 0;
        return true;
    }
    if (find_version(word, &version) && versions[version].number != 0) {
        *bound = versions[version].number;
        return true;
    }
    if (word.len >= sizeof text)
        return false;
    memcpy(text, word.at, word.len);
    text[word.len] = '\0';
    errno = 0;
    unsigned long number = strtoul(text, &end, 16);
    if (*end != '\0' || errno == ERANGE || number > INT_MAX)
        return false;
    *bound = (int)number;
    return true;
}

bool tls_protocols_read(struct str list, bool bounds, struct tls_protocols *protocols,
                        struct str *word)
{
    unsigned included = 0;
    enum tls_version version;
    size_t at = 0;

    *protocols = (struct tls_protocols){0};
    while (tls_next_word(list, &at, word)) {
        if (bounds && (str_starts(*word, ">=") || str_starts(*word, "<="))) {
            int *bound = word->at[0] == '>' ? &protocols->lowest : &protocols->highest;
            if (!read_bound(str_slice(*word, 2, word->len), bound))
                return false;
            continue;
        }
        bool exclude = word->at[0] == '!';
        if (!find_version(str_slice(*word, exclude ? 1 : 0, word->len), &version))
            return false;
        if (exclude)
            protocols->excluded |= 1u << version;
        else
            included |= 1u << version;
    }
    /* a list of wanted protocols excludes all others */
    if (included != 0)
        protocols->excluded |= ALL_VERSIONS & ~included;
    return true;
}

unsigned tls_protocols_allowed(const struct tls_protocols *protocols)
{
    unsigned allowed = ALL_VERSIONS & ~protocols->excluded & ~(1u << VERSION_SSL_2);

    for (int i = VERSION_SSL_3; i < VERSION_COUNT; i++)
        if ((protocols->lowest != 0 && versions[i].number < protocols->lowest) ||
            (protocols->highest != 0 && versions[i].number > protocols->highest))
            allowed &= ~(1u << i);
    return allowed;
}
