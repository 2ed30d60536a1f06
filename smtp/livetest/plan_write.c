/* plan_write - writes a plan as YAML, for plan_read() */
#include <string.h>

#include "smtp/livetest/plan.h"

/* --- texts --------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_safe(char c)
{
    switch (c) {
    case ' ':
    case '_':
    case '-':
    case '.':
    case '/':
    case '=':
    case '@':
    case '+':
    case '(':
    case ')':
        return true;
    default:
        return is_letter(c) || (c >= '0' && c <= '9');
    }
}

/* needs_no_quotes - can the text be written without quotes, even between braces? */
static bool needs_no_quotes(struct str text)
{
    static const char *const others[] = {"yes", "no", "true", "false", "null", "on", "off"};

    if (text.len == 0 || text.at[text.len - 1] == ' ' || !is_letter(text.at[0]))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_safe(text.at[i]))
            return false;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (str_is_nocase(text, others[i]))
            return false;
    return true;
}

/* measure_utf8 - the length of the character at the start of TEXT; 0: invalid */
static size_t measure_utf8(struct str text)
{
    unsigned char first = (unsigned char)text.at[0];
    size_t len = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    if (len == 0 || first > 0xF4 || len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if (((unsigned char)text.at[i] & 0xC0) != 0x80)
            return 0;
    /* surrogates, overlong forms, and values above U+10FFFF */
    unsigned char second = len > 1 ? (unsigned char)text.at[1] : 0;
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
        return 0;
    return len;
}

static void write_escaped(struct buffer *out, unsigned char c)
{
    if (c == '"' || c == '\\')
        buffer_printf(out, "\\%c", c);
    else if (c == '\n')
        buffer_add_cstr(out, "\\n");
    else if (c == '\r')
        buffer_add_cstr(out, "\\r");
    else if (c == '\t')
        buffer_add_cstr(out, "\\t");
    else
        buffer_printf(out, "\\x%02X", c);
}

/* is_plain - is it not escaped between double quotes? */
static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
}

/* write_character - returns its length; bytes that are not UTF-8 are replaced by U+FFFD */
static size_t write_character(struct buffer *out, struct str text)
{
    size_t len = measure_utf8(text);
    unsigned char c = (unsigned char)text.at[0];

    if (len == 0) {
        buffer_add_cstr(out, "\\uFFFD");
        return 1;
    }
    if (len == 1 && !is_plain(text.at[0]))
        write_escaped(out, c);
    else if (len == 2 && c == 0xC2 && (unsigned char)text.at[1] < 0xA0)
        buffer_printf(out, "\\x%02X", (unsigned char)text.at[1]); /* C1 control characters */
    else if (len == 3 &&
             (c == 0xE2 || c == 0xEF)) /* line separators, U+FEFF and similar characters */
        buffer_printf(out, "\\u%04X",
                      (unsigned)((c & 0x0F) << 12 | ((unsigned char)text.at[1] & 0x3F) << 6 |
                                 ((unsigned char)text.at[2] & 0x3F)));
    else
        buffer_add(out, str_slice(text, 0, len));
    return len;
}

static void write_text(struct buffer *out, struct str text)
{
    if (needs_no_quotes(text)) {
        buffer_add(out, text);
        return;
    }
    buffer_add_char(out, '"');
    for (size_t at = 0; at < text.len;) {
        size_t end = at;
        while (end < text.len && is_plain(text.at[end]))
            end++;
        buffer_add(out, str_slice(text, at, end));
        at = end;
        if (at < text.len)
            at += write_character(out, str_slice(text, at, text.len));
    }
    buffer_add_char(out, '"');
}

static void write_member(struct buffer *out, const char *before, const char *key, struct str text)
{
    buffer_add_cstr(out, before);
    buffer_add_cstr(out, key);
    buffer_add_cstr(out, ": ");
    write_text(out, text);
}

/* write_line - a member on a line of its own, if it is not empty */
static void write_line(struct buffer *out, const char *before, const char *key, struct str text)
{
    if (text.len == 0)
        return;
    write_member(out, before, key, text);
    buffer_add_char(out, '\n');
}

static void write_list(struct buffer *out, const char *before, const char *key,
                       const struct str_list *list)
{
    buffer_add_cstr(out, before);
    buffer_add_cstr(out, key);
    buffer_add_cstr(out, ": [");
    for (size_t i = 0; i < list->count; i++) {
        buffer_add_cstr(out, i > 0 ? ", " : "");
        write_text(out, list->items[i]);
    }
    buffer_add_char(out, ']');
}

/* --- steps and sessions -------------------------------------------------------------- */

/* print_codes - "250 2.1.5", "354" */
static struct str print_codes(struct arena *arena, int code, struct str enhanced)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (int power = 100; power > 0; power /= 10)
        buffer_add_char(&out, (char)('0' + code / power % 10));
    if (enhanced.len > 0)
        buffer_add_char(&out, ' ');
    buffer_add(&out, enhanced);
    return buffer_str(&out);
}

struct str plan_expected(const struct plan_step *step, struct arena *arena)
{
    switch (step->outcome) {
    case PLAN_REPLY:
        return print_codes(arena, step->code, step->enhanced);
    case PLAN_TLS_GOOD:
        return str_of("tls");
    case PLAN_TLS_FAILS:
        return str_of("no tls");
    case PLAN_SILENCE:
        return str_of("silence");
    case PLAN_NOTHING:
        return str_of("nothing");
    case PLAN_ANY:
    case PLAN_UNDETERMINED:
        break;
    }
    return (struct str)STR("");
}

static void write_action(struct buffer *out, const struct plan_step *step)
{
    static const char *const keys[] = {
        [PLAN_SEND] = "send", [PLAN_AUTH] = "auth", [PLAN_MESSAGE] = "message"};

    switch (step->action) {
    case PLAN_GREETING:
        buffer_add_cstr(out, "do: greeting");
        break;
    case PLAN_STARTTLS:
        buffer_add_cstr(out, "do: starttls");
        break;
    case PLAN_HANDSHAKE:
        buffer_add_cstr(out, "do: handshake");
        break;
    case PLAN_SEND:
    case PLAN_AUTH:
    case PLAN_MESSAGE:
        write_member(out, "", keys[step->action], step->text);
        break;
    }
}

static void write_step(struct buffer *out, const struct plan_step *step)
{
    struct str expected = plan_expected(step, out->arena);

    buffer_add_cstr(out, "      - {");
    write_action(out, step);
    if (expected.len > 0)
        write_member(out, ", ", "expect", expected);
    if (step->outcome == PLAN_UNDETERMINED)
        write_list(out, ", ", "one-of", &step->alternatives);
    if (step->reason.len > 0)
        write_member(out, ", ", "because", step->reason);
    if (step->has.count > 0)
        write_list(out, ", ", "has", &step->has);
    if (step->lacks.count > 0)
        write_list(out, ", ", "lacks", &step->lacks);
    if (step->received.len > 0)
        write_member(out, ", ", "received", step->received);
    buffer_add_cstr(out, "}\n");
}

static void write_session(struct buffer *out, const struct plan_session *session)
{
    static const char before[] = "    ";

    write_member(out, "  - ", "ask", session->ask);
    write_member(out, "\n    ", "kind", session->kind);
    write_member(out, "\n    ", "service", session->service);
    buffer_printf(out, "\n    port: %d\n    tls: %s\n", session->port, plan_tls_name(session->tls));
    write_line(out, before, "min-protocol", session->min_protocol);
    write_line(out, before, "max-protocol", session->max_protocol);
    write_line(out, before, "client", session->client);
    write_line(out, before, "client-name", session->client_name);
    write_line(out, before, "user", session->user);
    write_line(out, before, "wanted", session->wanted);
    buffer_add_cstr(out, session->step_count > 0 ? "    steps:\n" : "    steps: []\n");
    for (size_t i = 0; i < session->step_count; i++)
        write_step(out, &session->steps[i]);
}

/* --- the plan ------------------------------------------------------------------------ */

static void write_users(struct buffer *out, const struct plan *plan)
{
    buffer_add_cstr(out, plan->user_count > 0 ? "users:\n" : "");
    for (size_t i = 0; i < plan->user_count; i++) {
        write_member(out, "  - {", "name", plan->users[i].name);
        write_member(out, ", ", "password", plan->users[i].password);
        buffer_add_cstr(out, "}\n");
    }
}

static void write_intended(struct buffer *out, const struct plan *plan)
{
    buffer_add_cstr(out, plan->intended_count > 0 ? "intended:\n" : "");
    for (size_t i = 0; i < plan->intended_count; i++) {
        const struct plan_intended *intended = &plan->intended[i];
        write_member(out, "  - {", "rule", intended->rule);
        if (intended->service.len > 0)
            write_member(out, ", ", "service", intended->service);
        if (intended->kind.len > 0)
            write_member(out, ", ", "kind", intended->kind);
        if (intended->why.len > 0)
            write_member(out, ", ", "why", intended->why);
        buffer_add_cstr(out, "}\n");
    }
}

void plan_write(struct buffer *out, const struct plan *plan)
{
    buffer_add_cstr(out, "postmend plan: 1\n");
    write_line(out, "", "platform", plan->platform);
    write_line(out, "", "hostname", plan->hostname);
    write_line(out, "", "configuration", plan->configuration);
    if (plan->assume.count > 0) {
        write_list(out, "", "assume", &plan->assume);
        buffer_add_char(out, '\n');
    }
    write_users(out, plan);
    write_intended(out, plan);
    buffer_add_cstr(out, plan->session_count > 0 ? "sessions:\n" : "sessions: []\n");
    for (size_t i = 0; i < plan->session_count; i++)
        write_session(out, &plan->sessions[i]);
}
