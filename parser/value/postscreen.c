#include "parser/value/postscreen.h"

#include "parser/text/hostname.h"
#include "parser/text/token.h"

static bool fail_item(struct value_fault *fault, struct str part, const char *what,
                      const char *advice)
{
    fault->part = part;
    fault->what = str_of(what);
    fault->advice = str_of(advice);
    return false;
}

/* --- lists of blocked clients ------------------------------------------------------------------
 */

/* is_weight - what sscanf(3) reads with %d, and nothing after it */
static bool is_weight(struct str text)
{
    text = str_slice(text, str_span(text, 0, " \t"), text.len);
    if (text.len > 0 && (text.at[0] == '-' || text.at[0] == '+'))
        text = str_slice(text, 1, text.len);
    return str_is_digits(text);
}

/* take_octet - a number up to 255 at the start of *TEXT; -1: there is none */
static int take_octet(struct str *text)
{
    size_t end = str_span(*text, 0, "0123456789");
    int number = 0;

    for (size_t i = 0; i < end && number <= 255; i++)
        number = number * 10 + (text->at[i] - '0');
    *text = str_slice(*text, end, text->len);
    return end == 0 || number > 255 ? -1 : number;
}

static bool take_text(struct str *text, const char *wanted)
{
    size_t len = strlen(wanted);

    if (!str_starts(*text, wanted))
        return false;
    *text = str_slice(*text, len, text->len);
    return true;
}

/* take_set - "[2;4..11]", after its bracket */
static bool take_set(struct str *text)
{
    do {
        int first = take_octet(text), last = first;
        if (take_text(text, ".."))
            last = take_octet(text);
        if (first < 0 || last < first)
            return false;
    } while (take_text(text, ";"));
    return take_text(text, "]");
}

/* is_in_brackets - does the bracket at the start of TEXT end with it? */
static bool is_in_brackets(struct str text)
{
    int level = 0;

    for (size_t i = 0; i < text.len; i++) {
        level += (text.at[i] == '[') - (text.at[i] == ']');
        if (level <= 0)
            return i > 0 && i + 1 == text.len;
    }
    return false;
}

/* is_filter - four numbers or sets, which may all be in brackets */
static bool is_filter(struct str text)
{
    if (is_in_brackets(text))
        text = str_slice(text, 1, text.len - 1);
    for (int octet = 0; octet < 4; octet++)
        if ((octet > 0 && !take_text(&text, ".")) ||
            (take_text(&text, "[") ? !take_set(&text) : take_octet(&text) < 0))
            return false;
    return text.len == 0;
}

static bool check_site(struct str site, struct value_fault *fault)
{
    size_t star = str_find(site, '*', 0);
    struct str before = str_slice(site, 0, star), weight = str_slice(site, star + 1, site.len);
    size_t equals = str_find(before, '=', 0);
    struct str domain = str_slice(before, 0, equals);

    if (star < site.len && !is_weight(weight))
        return fail_item(fault, site, "has a weight that is not a number",
                         "write domain*weight, such as zen.example.com*2");
    if (equals < before.len && !is_filter(str_slice(before, equals + 1, before.len)))
        return fail_item(fault, site, "has no valid address after its equals sign",
                         "write four numbers up to 255, or sets of them: 127.0.0.[2;4..11]");
    if (hostname_fault(domain, false) != NULL)
        return fail_item(fault, site, "does not begin with a domain",
                         "write domain=address*weight");
    return true;
}

bool dnsbl_sites_valid(struct arena *arena, const struct config *config, struct str list,
                       struct value_fault *fault)
{
    struct str site;

    (void)arena;
    (void)config;
    while (token_next_plain(&list, TOKEN_COMMAS, &site))
        if (!check_site(site, fault))
            return false;
    return true;
}

/* --- whom it lets in ---------------------------------------------------------------------------
 */

bool is_client_access(struct str word)
{
    static const char *const words[] = {"permit", "reject", "dunno", "permit_mynetworks"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is_nocase(word, words[i]))
            return true;
    return false;
}

bool client_access_valid(struct arena *arena, const struct config *config, struct str list,
                         struct value_fault *fault)
{
    struct str word;

    (void)arena;
    (void)config;
    while (token_next(&list, TOKEN_COMMAS, &word))
        if (str_find(word, ':', 0) == word.len && !is_client_access(word))
            return fail_item(fault, word,
                             "is not a valid item, and the rest of the list is ignored",
                             "use permit_mynetworks, permit, reject, or a table such as "
                             "cidr:/etc/postfix/postscreen_access.cidr");
    return true;
}
