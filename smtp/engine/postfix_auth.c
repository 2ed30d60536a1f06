/*
 * postfix_auth - the server's side of Dovecot's authentication protocol
 *
 * doc.dovecot.org, "Dovecot Authentication Protocol" 1.1: lines of fields separated by tabs.  What
 * of it Postfix uses is in its xsasl_dovecot_server.c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "smtp/engine/postfix.h"

enum { RESPONSE_MAX = 1024 };

void postfix_auth_begin(struct buffer *out)
{
    buffer_printf(out,
                  "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t%ld\n"
                  "CUID\t1\nCOOKIE\t0123456789abcdef0123456789abcdef\nDONE\n",
                  (long)getpid());
}

/* field - takes the text up to the next tab off REST */
static struct str field(struct str *rest)
{
    size_t end = str_find(*rest, '\t', 0);
    struct str text = str_slice(*rest, 0, end);

    *rest = str_slice(*rest, end + 1, rest->len);
    return text;
}

/* decode - base64 to bytes; false where it is not base64, or too long */
static bool decode(struct str text, char out[RESPONSE_MAX], struct str *decoded)
{
    *decoded = (struct str){out, 0};
    return text.len % 4 == 0 && text.len / 4 * 3 <= RESPONSE_MAX &&
           base64_decode(text, out, &decoded->len);
}

static void ask_for(struct buffer *out, struct str id, const char *prompt)
{
    buffer_printf(out, "CONT\t%.*s\t%.*s\n", STR_ARG(id),
                  STR_ARG(base64_encode(out->arena, str_of(prompt))));
}

static void judge(struct buffer *out, const struct users *users, struct str id, struct str name,
                  struct str password)
{
    bool clean = str_span_not(name, 0, "\t\r\n") == name.len;

    if (clean && users != NULL && users_accept(users, name, password))
        buffer_printf(out, "OK\t%.*s\tuser=%.*s\n", STR_ARG(id), STR_ARG(name));
    else
        buffer_printf(out, "FAIL\t%.*s\n", STR_ARG(id));
}

/* plain - RFC 4616: authorization NUL name NUL password */
static void plain(struct buffer *out, const struct users *users, struct str id, struct str message)
{
    size_t first = str_find(message, '\0', 0);
    size_t second = str_find(message, '\0', first + 1);

    if (second >= message.len) {
        buffer_printf(out, "FAIL\t%.*s\n", STR_ARG(id));
        return;
    }
    judge(out, users, id, str_slice(message, first + 1, second),
          str_slice(message, second + 1, message.len));
}

/* answer - one response of the client's to what the mechanism asked */
static void answer(struct postfix_auth *auth, const struct users *users, struct str id,
                   struct str response, struct buffer *out)
{
    char bytes[RESPONSE_MAX];
    struct str text;

    if (!decode(response, bytes, &text) || (auth->login && text.len >= sizeof auth->name)) {
        buffer_printf(out, "FAIL\t%.*s\n", STR_ARG(id));
    } else if (!auth->login) {
        plain(out, users, id, text);
    } else if (!auth->has_name) {
        memcpy(auth->name, text.at, text.len);
        auth->name_len = text.len;
        auth->has_name = true;
        ask_for(out, id, "Password:");
    } else {
        judge(out, users, id, (struct str){auth->name, auth->name_len}, text);
    }
}

/* begin - AUTH id mechanism name[=value]... */
static void begin(struct postfix_auth *auth, const struct users *users, struct str rest,
                  struct buffer *out)
{
    struct str id = field(&rest);
    struct str mechanism = field(&rest);

    *auth = (struct postfix_auth){.login = str_is_nocase(mechanism, "LOGIN")};
    if (!auth->login && !str_is_nocase(mechanism, "PLAIN")) {
        buffer_printf(out, "FAIL\t%.*s\n", STR_ARG(id));
        return;
    }
    while (rest.len > 0) {
        struct str parameter = field(&rest);
        if (str_starts(parameter, "resp=")) { /* the last one: base64 has no tab */
            answer(auth, users, id, str_slice(parameter, 5, parameter.len), out);
            return;
        }
    }
    ask_for(out, id, auth->login ? "Username:" : "");
}

bool postfix_auth_line(struct postfix_auth *auth, const struct users *users, struct str line,
                       struct buffer *out)
{
    struct str command = field(&line);

    if (str_is(command, "AUTH")) {
        begin(auth, users, line, out);
    } else if (str_is(command, "CONT")) {
        struct str id = field(&line);
        answer(auth, users, id, field(&line), out);
    } else if (str_is(command, "VERSION")) {
        return str_is(field(&line), "1");
    }
    return true; /* CPID, CANCEL, and what newer clients may say */
}
