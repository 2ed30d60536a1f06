#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "parser/text/network.h"
#include "smtp/session/parts.h"

/* --- slots ---------------------------------------------------------------------------- */

static char *reserve_slot(struct session *session, struct session_slot *slot, size_t size)
{
    if (slot->capacity < size) {
        slot->capacity = size < 64 ? 64 : size * 2;
        slot->at = arena_alloc_raw(session->state.arena, slot->capacity);
    }
    return slot->at;
}

struct str session_keep(struct session *session, struct session_slot *slot, struct str text)
{
    char *at = reserve_slot(session, slot, text.len + 1);

    if (text.len > 0)
        memmove(at, text.at, text.len);
    at[text.len] = '\0';
    return (struct str){at, text.len};
}

struct str session_keep_printable(struct session *session, struct session_slot *slot,
                                  struct str text, const char *unwanted)
{
    struct str kept = session_keep(session, slot, text);

    for (size_t i = 0; i < kept.len; i++) {
        unsigned char c = (unsigned char)slot->at[i];
        bool printable = c >= ' ' && c < 0x7f;
        /* commands are valid UTF-8 */
        if (c >= 0x80 && session->settings->smtputf8)
            printable = true;
        if (!printable || strchr(unwanted, c) != NULL)
            slot->at[i] = '?';
    }
    return kept;
}

/* --- words of a command line ---------------------------------------------------------- */

/* find_quoted_end - the index after the end of the bracket or quote before AT; s.len and *BROKEN if
   it has no end.  Brackets nest, but not within quotes. */
static size_t find_quoted_end(struct str s, size_t at, char closing, bool *broken)
{
    size_t depth = 1; /* of brackets; closing == '"' has none */
    bool in_quote = closing == '"';
    bool bracket = closing == '>';

    while (at < s.len) {
        char c = s.at[at++];
        if (c == '\\') {
            if (at == s.len)
                break;
            at++;
        } else if (in_quote) {
            if (c != '"')
                continue;
            if (!bracket)
                return at;
            in_quote = false;
        } else if (c == '>') {
            if (--depth == 0)
                return at;
        } else if (c == '"') {
            in_quote = true;
        } else if (c == '<') {
            depth++;
        }
    }
    *broken = true;
    return at;
}

/* find_token_end - of the token that begins at FROM */
static size_t find_token_end(struct str line, size_t from, bool *broken)
{
    size_t at = from;

    while (at < line.len && !is_space(line.at[at])) {
        char c = line.at[at++];
        if (c == '<' || c == '"') {
            at = find_quoted_end(line, at, c == '<' ? '>' : '"', broken);
        } else if (c == ':') {
            struct str so_far = str_slice(line, from, at);
            if (str_is_nocase(so_far, "to:") || str_is_nocase(so_far, "from:"))
                break;
        } else if (c == '\\' && at < line.len) {
            at++;
        }
    }
    return at;
}

void session_tokenize(struct session *session, struct str line)
{
    session->token_count = 0;
    for (size_t at = 0;;) {
        while (at < line.len && is_space(line.at[at]))
            at++;
        if (at == line.len)
            return;
        session->tokens = arena_grow(session->state.arena, session->tokens, session->token_count,
                                     &session->token_capacity, sizeof *session->tokens);
        struct session_token *token = &session->tokens[session->token_count++];
        token->broken = false;
        size_t end = find_token_end(line, at, &token->broken);
        token->text = str_slice(line, at, end);
        at = end;
    }
}

struct str session_join(struct session *session, size_t from)
{
    size_t size = 1, at = 0;

    for (size_t i = from; i < session->token_count; i++)
        size += session->tokens[i].text.len + 1;
    char *joined = reserve_slot(session, &session->slot_scratch, size);
    for (size_t i = from; i < session->token_count; i++) {
        struct str text = session->tokens[i].text;
        if (i > from)
            joined[at++] = ' ';
        memcpy(joined + at, text.at, text.len);
        at += text.len;
    }
    joined[at] = '\0';
    return (struct str){joined, at};
}

/* --- the syntax of values ------------------------------------------------------------- */

static int read_hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool session_xtext(struct buffer *out, struct str coded)
{
    out->len = 0;
    for (size_t i = 0; i < coded.len; i++) {
        char c = coded.at[i];
        if (c == '+') {
            int high = i + 1 < coded.len ? read_hex_digit(coded.at[i + 1]) : -1;
            int low = i + 2 < coded.len ? read_hex_digit(coded.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        }
        buffer_add_char(out, c);
    }
    return true;
}

bool session_is_utf8_xtext(struct str coded)
{
    for (size_t i = 0; i + 2 < coded.len; i++) {
        long character = 0;
        if (coded.at[i] != '\\' || coded.at[i + 1] != 'x' || coded.at[i + 2] != '{')
            continue;
        for (i += 3;; i++) {
            if (i == coded.len)
                return false;
            if (coded.at[i] == '}')
                break;
            int digit = read_hex_digit(coded.at[i]);
            character = character * 16 + digit;
            if (digit < 0 || character > 0x10ffff)
                return false;
        }
    }
    return true;
}

long session_number(struct str digits)
{
    long number = 0;

    if (!str_is_digits(digits))
        return -1;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = digits.at[i] - '0';
        if (number > (LONG_MAX - digit) / 10)
            return -2;
        number = number * 10 + digit;
    }
    return number;
}

/* read_address - "192.0.2.1" or "IPV6:2001:db8::1" */
static bool read_address(struct str text, struct network *address)
{
    bool ipv6 = text.len >= 5 && str_is_nocase(str_slice(text, 0, 5), "ipv6:");

    return network_read_address(ipv6 ? str_slice(text, 5, text.len) : text, address) &&
           (address->byte_count == 16) == ipv6;
}

bool session_is_address_literal(struct str text)
{
    struct network address;

    return text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']' &&
           read_address(str_slice(text, 1, text.len - 1), &address);
}

bool session_read_address(struct session *session, struct session_slot *slot, struct str text,
                          struct str *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    unsigned families = session->settings->families;
    char printed[INET6_ADDRSTRLEN];
    struct network read;

    if (!read_address(text, &read))
        return false;
    bool ipv6 = read.byte_count == 16;
    if (ipv6 && memcmp(read.bytes, mapped, sizeof mapped) == 0 && (families & FAMILY_IPV4) != 0) {
        memmove(read.bytes, read.bytes + sizeof mapped, 4);
        ipv6 = false;
    }
    if ((families & (ipv6 ? FAMILY_IPV6 : FAMILY_IPV4)) == 0 ||
        inet_ntop(ipv6 ? AF_INET6 : AF_INET, read.bytes, printed, sizeof printed) == NULL)
        return false;
    *address = session_keep(session, slot, str_of(printed));
    return true;
}
