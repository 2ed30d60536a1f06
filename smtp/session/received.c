#include "smtp/address/form.h"
#include "smtp/session/parts.h"

/* add_comment - the text of a comment: printable ASCII, no backslash, balanced parentheses */
static void add_comment(struct buffer *out, struct str text)
{
    size_t open = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c < ' ' || c > '~' || c == '\\' || (c == ')' && open == 0))
            c = '?';
        else if (c == '(')
            open++;
        else if (c == ')')
            open--;
        buffer_add_char(out, c);
    }
    while (open-- > 0)
        buffer_add_char(out, ')');
}

static void add_tls(struct buffer *out, const struct session *session)
{
    const struct state_tls *tls = &session->state.tls;

    buffer_printf(out, "\t(using %.*s with cipher %.*s (%d/%d bits)", STR_ARG(tls->protocol),
                  STR_ARG(tls->cipher), tls->bits, tls->algorithm_bits);
    /* new in the same release as BDAT */
    if (session->exchange.len > 0 && session->settings->chunking) {
        buffer_add_char(out, '\n');
        buffer_add(out, session->exchange);
    }
    buffer_add_cstr(out, ")\n");
    if (tls->has_certificate) {
        buffer_add_cstr(out, "\t(Client CN \"");
        add_comment(out, tls->subject_cn);
        buffer_add_cstr(out, "\", Issuer \"");
        add_comment(out, tls->issuer_cn);
        buffer_printf(out, "\" (%s))\n", tls->certificate_trusted ? "verified OK" : "not verified");
    } else if (session->settings->ask_certificate) {
        buffer_add_cstr(out, "\t(Client did not present a certificate)\n");
    } else {
        buffer_add_cstr(out, "\t(No client certificate requested)\n");
    }
}

/* add_client - the client, TLS and the login */
static void add_client(struct buffer *out, const struct session *session)
{
    const struct state *state = &session->state;
    struct str helo = state->helo.at != NULL ? state->helo : state->client_name;
    bool ipv6 = str_find(state->client_address, ':', 0) < state->client_address.len;

    buffer_printf(out, "Received: from %.*s (%.*s [%s%.*s])\n", STR_ARG(helo),
                  STR_ARG(state->client_name), ipv6 ? "IPv6:" : "", STR_ARG(state->client_address));
    if (state->tls.active && session->settings->received_tls)
        add_tls(out, session);
    if (state->sasl_username.at != NULL && session->settings->received_auth) {
        buffer_add_cstr(out, "\t(Authenticated sender: ");
        add_comment(out, state->sasl_username);
        buffer_add_cstr(out, ")\n");
    }
}

/* add_protocol - the names of RFC 3848, for ESMTP only, and UTF8SMTP of RFC 6531 */
static void add_protocol(struct buffer *out, const struct state *state)
{
    bool extended = str_is(state->protocol, "ESMTP");

    buffer_add_cstr(out, " with ");
    buffer_add(out, state->smtputf8 ? str_of("UTF8SMTP") : state->protocol);
    if (extended && state->tls.active)
        buffer_add_char(out, 'S');
    if (extended && state->sasl_username.at != NULL)
        buffer_add_char(out, 'A');
}

struct str session_received(const struct session *session, struct arena *arena, struct str queue_id,
                            struct str date)
{
    const struct session_settings *settings = session->settings;
    struct buffer out;

    buffer_init(&out, arena);
    if (!settings->hide_client)
        add_client(&out, session);
    buffer_printf(&out, "%sby %.*s (%.*s)", settings->hide_client ? "Received: " : "\t",
                  STR_ARG(settings->hostname), STR_ARG(settings->mail_name));
    if (!settings->hide_client)
        add_protocol(&out, &session->state);
    buffer_printf(&out, " id %.*s", STR_ARG(queue_id));
    if (session->recipient_count == 1) {
        buffer_add_cstr(&out, "\n\tfor <");
        buffer_add(&out, address_quote(arena, session->recipients[0], false));
        buffer_printf(&out, ">; %.*s\n", STR_ARG(date));
    } else {
        buffer_printf(&out, ";\n\t%.*s\n", STR_ARG(date));
    }
    return buffer_str(&out);
}
