/* line - a line of the access table: its tag, key and value (see access.h) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "convert/access/access.h"
#include "convert/sendmail/addresses.h"

static const struct {
    const char *name;
    enum access_tag tag;
} tags[] = {
    {"connect", ACCESS_CONNECT},
    {"from", ACCESS_FROM},
    {"to", ACCESS_TO},
    {"spam", ACCESS_SPAM},
    {"tls_srv", ACCESS_TLS_SERVER},
    {"tls_clt", ACCESS_TLS_CLIENT},
    {"tls_rcpt", ACCESS_TLS_RECIPIENT},
    {"try_tls", ACCESS_TRY_TLS},
    {"srv_features", ACCESS_SERVER_FEATURES},
    {"clientrate", ACCESS_CLIENT_RATE},
    {"clientconn", ACCESS_CLIENT_CONNECTIONS},
    {"greetpause", ACCESS_GREET_PAUSE},
    {"authinfo", ACCESS_AUTH_INFO},
};

/* take_tag - the word before a colon at the start of the key; "ipv6:" is not a tag */
static enum access_tag take_tag(struct str *key)
{
    size_t colon = str_find(*key, ':', 0);
    struct str word = str_slice(*key, 0, colon);

    if (colon == key->len || str_is(word, "ipv6"))
        return ACCESS_UNTAGGED;
    for (size_t i = 0; i < word.len; i++)
        if (!is_alnum(word.at[i]) && word.at[i] != '_')
            return ACCESS_UNTAGGED;
    *key = str_slice(*key, colon + 1, key->len);
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (str_is(word, tags[i].name))
            return tags[i].tag;
    return ACCESS_OTHER;
}

/* --- the key ---------------------------------------------------------------------------------- */

/* read_ipv4 - "10.1" as 10.1.0.0/16 */
static bool read_ipv4(struct access_line *line, struct arena *arena, struct str key)
{
    int octets[4] = {0, 0, 0, 0}, count = 0;

    for (size_t at = 0; at <= key.len;) {
        size_t end = str_find(key, '.', at);
        struct str part = str_slice(key, at, end);
        if (count == 4 || !str_is_digits(part) || part.len > 3)
            return false;
        for (size_t i = 0; i < part.len; i++)
            octets[count] = octets[count] * 10 + (part.at[i] - '0');
        if (octets[count++] > 255)
            return false;
        at = end + 1;
    }
    line->bits = 8 * count;
    line->key = arena_printf(arena, count == 4 ? "%d.%d.%d.%d" : "%d.%d.%d.%d/%d", octets[0],
                             octets[1], octets[2], octets[3], line->bits);
    return true;
}

/* read_ipv6 - "2001:db8" as 2001:db8::/32; a text with "::" is a complete address */
static bool read_ipv6(struct access_line *line, struct arena *arena, struct str key)
{
    struct buffer text;
    int count = 0;

    line->ipv6 = true;
    line->bits = 128;
    for (size_t i = 0; i < key.len; i++)
        if (str_find(str_of("0123456789abcdef:"), key.at[i], 0) == 17)
            return false;
    line->key = key;
    if (str_search(key, "::") < key.len)
        return true;
    buffer_init(&text, arena);
    for (size_t at = 0; at <= key.len; count++) {
        size_t end = str_find(key, ':', at);
        if (end == at || end - at > 4 || count == 8)
            return false;
        buffer_printf(&text, "%s%lx", count > 0 ? ":" : "",
                      strtoul(arena_cstr(arena, str_slice(key, at, end)), NULL, 16));
        at = end + 1;
    }
    line->bits = 16 * count;
    if (count < 8)
        buffer_printf(&text, "::/%d", line->bits);
    line->key = arena_copy(arena, buffer_str(&text));
    return true;
}

static bool is_name(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_alnum(text.at[i]) && text.at[i] != '.' && text.at[i] != '-' && text.at[i] != '_' &&
            (unsigned char)text.at[i] < 0x80)
            return false;
    return text.len > 0 && text.at[text.len - 1] != '.';
}

static void read_address(struct access_line *line, struct str key, size_t at)
{
    bool plain = str_search(str_slice(key, 0, at), "+*") == at;

    if (at == 0)
        line->never = "no key starts with @";
    else if (plain && at + 1 == key.len)
        line->kind = ACCESS_USER;
    else if (plain && is_name(str_slice(key, at + 1, key.len)))
        line->kind = ACCESS_ADDRESS;
    else
        line->kind = ACCESS_ODD;
}

static void read_key(struct access_line *line, struct arena *arena, struct str key, bool dot_keys)
{
    size_t at = key.len;

    while (at > 0 && key.at[at - 1] != '@')
        at--;
    line->key = key;
    if (key.len == 0) {
        line->kind = ACCESS_EMPTY;
    } else if (at > 0) {
        read_address(line, key, at - 1);
    } else if (str_starts(key, "ipv6:")) {
        line->kind = ACCESS_NETWORK;
        if (!read_ipv6(line, arena, str_slice(key, 5, key.len)))
            line->never = "it is not a valid IPv6 address";
    } else if (read_ipv4(line, arena, key)) {
        line->kind = ACCESS_NETWORK;
    } else if (key.at[0] == '[') {
        line->kind = ACCESS_ODD;
    } else if (key.at[0] == '.' && is_name(key)) {
        line->kind = ACCESS_BELOW;
        if (!dot_keys)
            line->never = "without FEATURE(`lookupdotdomain') no key starts with a dot";
    } else if (is_name(key)) {
        line->kind = ACCESS_DOMAIN;
    } else {
        line->never = str_find(key, '/', 0) < key.len
                          ? "networks are written as their first octets, without a prefix length"
                          : "it is not a valid name";
    }
}

/* --- the value -------------------------------------------------------------------------------- */

static bool is_code(struct str text)
{
    return text.len >= 3 && (text.at[0] == '4' || text.at[0] == '5') &&
           str_is_digits(str_slice(text, 0, 3)) && (text.len == 3 || text.at[3] == ' ');
}

/* measure_enhanced - the length of a status like "5.7.1" at the start of TEXT, or 0 */
static size_t measure_enhanced(struct str text)
{
    size_t at = 0;

    for (int part = 0; part < 3; part++) {
        size_t end = str_span(text, at, "0123456789");
        if (end == at || end - at > 3)
            return 0;
        if (part == 2)
            return end;
        if (end == text.len || text.at[end] != '.')
            return 0;
        at = end + 1;
    }
    return 0;
}

/* strip_quotes - quotes only keep Sendmail from splitting words; control characters would break a
   reply */
static struct str strip_quotes(struct arena *arena, struct str text)
{
    struct buffer plain;

    buffer_init(&plain, arena);
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] != '"' && (unsigned char)text.at[i] >= ' ')
            buffer_add_char(&plain, text.at[i]);
        else if (text.at[i] == '\t')
            buffer_add_char(&plain, ' ');
    return str_trim(arena_copy(arena, buffer_str(&plain)));
}

/* take_enhanced - the status between ERROR: and the next colon: 5.7.1; ignored if it is not a
   number */
static struct str take_enhanced(struct str *text)
{
    size_t colon = str_find(*text, ':', 0), length = measure_enhanced(*text), dots = 0;
    struct str word = str_slice(*text, 0, colon);

    for (size_t i = 0; i < word.len; i++)
        if (word.at[i] == '.')
            dots++;
        else if (!is_alnum(word.at[i]))
            return str_of("");
    if (colon == text->len || dots != 2)
        return str_of("");
    *text = str_trim(str_slice(*text, colon + 1, text->len));
    return length == colon ? word : str_of("");
}

struct str access_error_text(struct arena *arena, struct str value)
{
    struct str text = strip_quotes(arena, value), enhanced = str_of("");

    if (text.len >= 6 && str_is_nocase(str_slice(text, 0, 6), "ERROR:")) {
        text = str_trim(str_slice(text, 6, text.len));
        enhanced = take_enhanced(&text);
    }
    /* text without a reply code becomes 553 5.3.0, whatever precedes it (rscheck() of
       srvrsmtp.c) */
    if (!is_code(text))
        return arena_printf(arena, "553 5.3.0 %.*s", STR_ARG(text));
    struct str code = str_slice(text, 0, 3);
    text = str_trim(str_slice(text, 3, text.len));
    size_t length = measure_enhanced(text);
    if (length > 0 && (length == text.len || text.at[length] == ' ')) {
        enhanced = str_slice(text, 0, length);
        text = str_trim(str_slice(text, length, text.len));
    }
    if (enhanced.len == 0)
        enhanced = str_of("x.0.0");
    /* if the classes of code and status differ, clients believe the code */
    return arena_printf(arena, "%.*s %c%.*s %.*s", STR_ARG(code), code.at[0], (int)enhanced.len - 1,
                        enhanced.at + 1, STR_ARG(text.len > 0 ? text : str_of("Access denied")));
}

static bool has_own_values(enum access_tag tag)
{
    return tag >= ACCESS_SPAM;
}

static void read_value(struct access_line *line, struct arena *arena, struct str value, bool skips)
{
    static const struct {
        const char *word;
        enum access_action action;
    } words[] = {
        {"OK", ACCESS_OK},
        {"RELAY", ACCESS_RELAY},
        {"REJECT", ACCESS_REJECT},
        {"DISCARD", ACCESS_DISCARD},
    };

    value = str_trim(value);
    line->text = value;
    line->action = ACCESS_WORDS;
    if (has_own_values(line->tag))
        return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is_nocase(value, words[i].word)) {
            line->action = words[i].action;
            return;
        }
    if (skips && str_is_nocase(value, "SKIP")) {
        line->action = ACCESS_SKIP;
    } else if (value.len > 11 && str_is_nocase(str_slice(value, 0, 11), "QUARANTINE:")) {
        line->action = ACCESS_QUARANTINE;
        line->text = strip_quotes(arena, str_slice(value, 11, value.len));
    } else {
        line->action = ACCESS_ERROR;
        line->text = access_error_text(arena, value);
    }
}

void access_line_read(struct access_line *line, struct arena *arena,
                      const struct sendmail_item *item, bool skips, bool dot_keys)
{
    struct str key = addresses_lower(arena, sendmail_argument(item, 0));

    *line = (struct access_line){.item = item};
    line->tag = take_tag(&key);
    read_key(line, arena, key, dot_keys);
    read_value(line, arena, sendmail_argument(item, 1), skips);
}
