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

static struct reply printed(struct session *session, int code, const char *enhanced,
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
    struct reply reply = printed(session, code, enhanced, format, arguments);
    va_end(arguments);
    return reply;
}

struct reply session_refuse_printf(struct session *session, int code, const char *enhanced,
                                   const char *format, ...)
{
    va_list arguments;

    session->failed = true;
    va_start(arguments, format);
    struct reply reply = printed(session, code, enhanced, format, arguments);
    va_end(arguments);
    return reply;
}

/* --- filter and footer ---------------------------------------------------------------- */

/* as_text - the reply as tables are asked for it: "550 5.1.1 text" */
static struct str as_text(struct session *session, struct reply reply)
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

/* filtered - smtpd_reject_filter_maps: a reply instead, of class 4 or 5 */
static struct reply filtered(struct session *session, struct reply reply)
{
    struct lookup found =
        find_in_maps(session, session->settings->filter_maps, as_text(session, reply));
    struct reply other = {0};

    if (found.status != LOOKUP_FOUND || found.value.len < 4 ||
        (found.value.at[0] != '4' && found.value.at[0] != '5') ||
        reply_read(&other, session->state.arena, found.value) != 1)
        return reply;
    return other;
}

/* name_value - the attributes that postconf(5) lists under smtpd_reject_footer */
static enum expand_found name_value(void *context, struct str name, struct str *value)
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

/* with_footer - "\n" in the footer begins a new line, "\c" at its beginning does not */
static struct reply with_footer(struct session *session, struct reply reply)
{
    const struct session_settings *settings = session->settings;
    struct str footer = settings->footer;
    struct expand_names names = {.find = name_value,
                                 .context = session,
                                 .release = session->state.service->policy->config->release};
    struct buffer *out = &session->footer_text;

    if (settings->footer_maps.len > 0) {
        struct lookup found = find_in_maps(session, settings->footer_maps, as_text(session, reply));
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
        reply = filtered(session, reply);
    if (settings->footer.len > 0 || settings->footer_maps.len > 0)
        reply = with_footer(session, reply);
    if (settings->soft_bounce && reply.code >= 500) {
        reply.code -= 100;
        if (reply.enhanced.len > 0 && reply.enhanced.at[0] == '5')
            reply.enhanced = arena_printf(session->state.arena, "4%.*s",
                                          (int)reply.enhanced.len - 1, reply.enhanced.at + 1);
    }
    return reply;
}
