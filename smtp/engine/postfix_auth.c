/*
 * postfix_auth - the server side of Dovecot's authentication protocol
 *
 * doc.dovecot.org, "Dovecot Authentication Protocol" 1.1: lines of fields separated by tabs.
 * Postfix uses it in xsasl_dovecot_server.c.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "smtp/engine/postfix.h"

enum { RESPONSE_MAX = 1024 }; /* more than the name and the password of any user: USER_TEXT_MAX */

void postfix_auth_begin(struct buffer *out)
{
    buffer_printf(out,
                  "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nMECH\tLOGIN\tplaintext\nSPID\t%ld\n"
                  "CUID\t1\nCOOKIE\t0123456789abcdef0123456789abcdef\nDONE\n",
                  (long)getpid());
}

/* next_field - removes the text up to the next tab from REST */
static struct str next_field(struct str *rest)
{
    size_t end = str_find(*rest, '\t', 0);
    struct str text = str_slice(*rest, 0, end);

    *rest = str_slice(*rest, end + 1, rest->len);
    return text;
}

/* decode_response - false: not valid base64, or too long */
static bool decode_response(struct str text, char out[RESPONSE_MAX], struct str *decoded)
{
    *decoded = (struct str){out, 0};
    return text.len % 4 == 0 && text.len / 4 * 3 <= RESPONSE_MAX &&
           base64_decode(text, out, &decoded->len);
}

static void send_challenge(struct buffer *out, struct str id, const char *prompt)
{
    buffer_printf(out, "CONT\t%.*s\t%.*s\n", STR_ARG(id),
                  STR_ARG(base64_encode(out->arena, str_of(prompt))));
}

static void check_password(struct buffer *out, const struct users *users, struct str id,
                           struct str name, struct str password)
{
    bool clean = str_span_not(name, 0, "\t\r\n") == name.len;

    if (clean && users != NULL && users_accept(users, name, password))
        buffer_printf(out, "OK\t%.*s\tuser=%.*s\n", STR_ARG(id), STR_ARG(name));
    else
        buffer_printf(out, "FAIL\t%.*s\n", STR_ARG(id));
}

/* answer_plain - RFC 4616: authorization NUL name NUL password */
static void answer_plain(struct buffer *out, const struct users *users, struct str id,
                         struct str message)
{
    size_t first = str_find(message, '\0', 0);
    size_t second = str_find(message, '\0', first + 1);

    struct str identity = str_slice(message, 0, first);
    bool foreign = identity.len > 0 && !str_eq(identity, str_slice(message, first + 1, second));

    /* as Dovecot, without master users */
    if (second >= message.len || foreign) {
        buffer_printf(out, "FAIL\t%.*s\n", STR_ARG(id));
        return;
    }
    check_password(out, users, id, str_slice(message, first + 1, second),
                   str_slice(message, second + 1, message.len));
}

/* answer_response - a response of the client to a challenge */
static void answer_response(struct postfix_auth *auth, const struct users *users, struct str id,
                            struct str response, struct buffer *out)
{
    char bytes[RESPONSE_MAX];
    struct str text;

    if (!decode_response(response, bytes, &text) ||
        (auth->login && text.len >= sizeof auth->name)) {
        buffer_printf(out, "FAIL\t%.*s\n", STR_ARG(id));
    } else if (!auth->login) {
        answer_plain(out, users, id, text);
    } else if (!auth->has_name) {
        memcpy(auth->name, text.at, text.len);
        auth->name_len = text.len;
        auth->has_name = true;
        send_challenge(out, id, "Password:");
    } else {
        check_password(out, users, id, (struct str){auth->name, auth->name_len}, text);
    }
}

/* begin_auth - AUTH id mechanism name[=value]... */
static void begin_auth(struct postfix_auth *auth, const struct users *users, struct str rest,
                       struct buffer *out)
{
    struct str id = next_field(&rest);
    struct str mechanism = next_field(&rest);

    *auth = (struct postfix_auth){.login = str_is_nocase(mechanism, "LOGIN")};
    if (!auth->login && !str_is_nocase(mechanism, "PLAIN")) {
        buffer_printf(out, "FAIL\t%.*s\n", STR_ARG(id));
        return;
    }
    while (rest.len > 0) {
        struct str parameter = next_field(&rest);
        if (str_starts(parameter, "resp=")) { /* the last one: base64 has no tab */
            answer_response(auth, users, id, str_slice(parameter, 5, parameter.len), out);
            return;
        }
    }
    send_challenge(out, id, auth->login ? "Username:" : "");
}

bool postfix_auth_line(struct postfix_auth *auth, const struct users *users, struct str line,
                       struct buffer *out)
{
    struct str command = next_field(&line);

    if (str_is(command, "AUTH")) {
        begin_auth(auth, users, line, out);
    } else if (str_is(command, "CONT")) {
        struct str id = next_field(&line);
        answer_response(auth, users, id, next_field(&line), out);
    } else if (str_is(command, "VERSION")) {
        return str_is(next_field(&line), "1");
    }
    return true; /* CPID, CANCEL, and commands of newer clients */
}
