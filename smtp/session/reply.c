#include <stdio.h>

#include "smtp/session/parts.h"

struct reply session_accept(int code, const char *enhanced, const char *text)
{
    return (struct reply){.code = code, .enhanced = str_of(enhanced), .text = str_of(text)};
}

struct reply session_refuse(struct session *session, int code, const char *enhanced,
                            const char *text)
{
    session->failed = true;
    return session_accept(code, enhanced, text);
}

struct reply session_refuse_reply(struct session *session, struct reply reply)
{
    session->failed = true;
    return reply;
}

static struct reply print_text(struct session *session, int code, const char *enhanced,
                               const char *format, va_list arguments)
{
    char text[1024];
    struct buffer *out = &session->reply_text;
    va_list again;

    va_copy(again, arguments);
    int len = vsnprintf(text, sizeof text, format, arguments);
    out->len = 0;
    if (len >= 0 && (size_t)len < sizeof text) {
        buffer_add(out, (struct str){text, (size_t)len});
    } else if (len > 0) {
        char *long_text = arena_alloc_raw(session->state.arena, (size_t)len + 1);
        vsnprintf(long_text, (size_t)len + 1, format, again);
        buffer_add(out, (struct str){long_text, (size_t)len});
    }
    va_end(again);
    return (struct reply){.code = code, .enhanced = str_of(enhanced), .text = buffer_str(out)};
}

struct reply session_printf(struct session *session, int code, const char *enhanced,
                            const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct reply reply = print_text(session, code, enhanced, format, arguments);
    va_end(arguments);
    return reply;
}

struct reply session_refuse_printf(struct session *session, int code, const char *enhanced,
                                   const char *format, ...)
{
    va_list arguments;

    session->failed = true;
    va_start(arguments, format);
    struct reply reply = print_text(session, code, enhanced, format, arguments);
    va_end(arguments);
    return reply;
}

/* --- filter and footer ---------------------------------------------------------------- */

/* print_reply - the key for tables: "550 5.1.1 text" */
static struct str print_reply(struct session *session, struct reply reply)
{
    return arena_printf(session->state.arena, "%03d %.*s%s%.*s", reply.code,
                        STR_ARG(reply.enhanced), reply.enhanced.len > 0 ? " " : "",
                        STR_ARG(reply.text));
}

static struct lookup find_in_maps(struct session *session, struct str maps, struct str key)
{
    struct state *state = &session->state;

    return tables_find(state->service->policy->tables, state->arena, maps, key, TABLE_FOLD);
}

/* filter_reply - smtpd_reject_filter_maps: another reply, with code 4xx or 5xx */
static struct reply filter_reply(struct session *session, struct reply reply)
{
    struct lookup found =
        find_in_maps(session, session->settings->filter_maps, print_reply(session, reply));
    struct reply other = {0};

    if (found.status != LOOKUP_FOUND || found.value.len < 4 ||
        (found.value.at[0] != '4' && found.value.at[0] != '5') ||
        reply_read(&other, session->state.arena, found.value) != 1)
        return reply;
    return other;
}

/* find_attribute - the attributes that postconf(5) has for smtpd_reject_footer */
static enum expand_found find_attribute(void *context, struct str name, struct str *value)
{
    struct session *session = context;
    const struct state *state = &session->state;
    const struct {
        const char *name;
        struct str value;
    } values[] = {
        {"client_name", state->client_name},
        {"client_address", state->client_address},
        {"client_port", state->client_port},
        {"server_name", session->settings->hostname},
        {"server_address", state->server_address},
        {"server_port", state->server_port},
        {"helo_name", state->helo},
        {"sender", state->sender},
        {"recipient", state->recipient},
        {"myhostname", session->settings->hostname},
        {"mail_name", session->settings->mail_name},
    };

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (str_is(name, values[i].name)) {
            *value = values[i].value;
            return value->at == NULL ? EXPAND_UNDEFINED : EXPAND_RAW_TEXT;
        }
    if (str_is(name, "client")) {
        *value = arena_printf(state->arena, "%.*s[%.*s]", STR_ARG(state->client_name),
                              STR_ARG(state->client_address));
        return EXPAND_RAW_TEXT;
    }
    return EXPAND_UNDEFINED;
}

/* add_footer - "\n" begins a new line; "\c" at the start keeps the footer on the line */
static struct reply add_footer(struct session *session, struct reply reply)
{
    const struct session_settings *settings = session->settings;
    struct str footer = settings->footer;
    struct expand_names names = {.find = find_attribute,
                                 .context = session,
                                 .release = session->state.service->policy->config->release};
    struct buffer *out = &session->footer_text;

    if (settings->footer_maps.len > 0) {
        struct lookup found =
            find_in_maps(session, settings->footer_maps, print_reply(session, reply));
        if (found.status == LOOKUP_FOUND)
            footer = found.value;
    }
    if (footer.len == 0)
        return reply;
    out->len = 0;
    buffer_add(out, reply.text);
    for (size_t at = 0; at <= footer.len;) {
        struct str rest = str_slice(footer, at, footer.len);
        size_t len = str_search(rest, "\\n");
        struct str line = str_slice(rest, 0, len);
        if (at == 0 && str_starts(line, "\\c"))
            line = str_slice(line, 2, line.len);
        else
            buffer_add_char(out, '\n');
        if ((expand(&names, line, out, NULL) & EXPAND_FAILED) != 0)
            return reply;
        at += len + 2;
    }
    reply.text = buffer_str(out);
    return reply;
}

struct reply session_finish(struct session *session, struct reply reply)
{
    const struct session_settings *settings = session->settings;

    if (reply.code < 400)
        return reply;
    if (settings->filter_maps.len > 0)
        reply = filter_reply(session, reply);
    if (settings->footer.len > 0 || settings->footer_maps.len > 0)
        reply = add_footer(session, reply);
    if (settings->soft_bounce && reply.code >= 500) {
        reply.code -= 100;
        if (reply.enhanced.len > 0 && reply.enhanced.at[0] == '5')
            reply.enhanced = arena_printf(session->state.arena, "4%.*s",
                                          (int)reply.enhanced.len - 1, reply.enhanced.at + 1);
    }
    return reply;
}
