#include <stdio.h>

#include "smtp/policy/restriction_walk.h"

const char class_client[] = "Client host", class_reverse_client[] = "Unverified Client host",
           class_certificate[] = "Client certificate", class_login[] = "SASL login name",
           class_helo[] = "Helo command", class_sender[] = "Sender address",
           class_recipient[] = "Recipient address", class_etrn[] = "Etrn command",
           class_data[] = "Data command", class_end_of_data[] = "End-of-data";

enum { REPLY_MAX = 510 }; /* the length of a reply line without CR LF: RFC 5321, 4.5.3.1.5 */

bool restriction_has_feature(const struct restriction_walk *walk, enum release_feature feature)
{
    return release_has(walk->state->service->policy->config->release, feature);
}

int restriction_code(struct restriction_walk *walk, enum parameter_number parameter)
{
    return (int)policy_number(walk->state->service, parameter);
}

void restriction_explain(struct restriction_walk *walk, const char *format, ...)
{
    va_list arguments;

    if (walk->state->trace == NULL)
        return;
    va_start(arguments, format);
    walk->why = arena_vprintf(walk->state->trace->arena, format, arguments);
    va_end(arguments);
}

const char *restriction_ask(struct restriction_walk *walk, enum question_kind kind,
                            struct str subject, const char *const *answers, size_t count)
{
    const char *answer = answers[world_ask(walk->state->world, kind, subject, answers, count)];

    restriction_explain(walk, "%s of %.*s: %s", world_kind_name(kind), STR_ARG(subject), answer);
    return answer;
}

/* --- texts --------------------------------------------------------------------------- */

/* measure_utf8 - of the multibyte UTF-8 character at TEXT; 0: there is none */
static size_t measure_utf8(struct str text)
{
    unsigned char first = (unsigned char)text.at[0];
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

    if (first < 0xc2 || first > 0xf4 || text.len < length)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((text.at[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* make_printable - with spaces instead of other characters, as by printable(3) */
static struct str make_printable(struct restriction_walk *walk, struct str text)
{
    char *made = NULL;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] >= ' ' && text.at[i] < 127)
            continue;
        size_t length = walk->lists->utf8 ? measure_utf8(str_slice(text, i, text.len)) : 0;
        if (length > 0) {
            i += length - 1;
            continue;
        }
        if (made == NULL) {
            made = (char *)arena_cstr(walk->arena, text);
            text.at = made;
        }
        made[i] = ' ';
    }
    return text;
}

static struct str format_text(struct restriction_walk *walk, const char *format, va_list arguments)
{
    char text[REPLY_MAX + 1];

    vsnprintf(text, sizeof text, format, arguments);
    return arena_copy(walk->arena, str_of(text));
}

/* is_enhanced - is TEXT an enhanced code such as "5.7.1" (RFC 3463)? */
static bool is_enhanced(struct str text)
{
    return reply_of(250, text).enhanced.len == text.len && text.len > 0;
}

struct mapped {
    const char *detail, *sender, *recipient;
};

const char *restriction_enhanced_code(struct restriction_walk *walk, const char *code,
                                      struct str *text, const char *reply_class)
{
    /* the status of a recipient that corresponds to that of a sender, and vice versa */
    static const struct mapped mapped[] = {
        {"1", "4.1.7", "4.1.1"}, {"2", "4.1.8", "4.1.2"}, {"3", "4.1.7", "4.1.3"},
        {"4", "4.1.7", "4.1.4"}, {"5", "4.1.0", "4.1.5"}, {"6", "4.1.7", "4.1.6"},
        {"7", "4.1.7", "4.1.3"}, {"8", "4.1.8", "4.1.2"},
    };
    struct reply split =
        reply_of(250, str_slice(*text, str_span(*text, 0, " \t\r\n\v\f"), text->len));

    *text = str_slice(split.text, str_span(split.text, 0, " \t\r\n\v\f"), split.text.len);
    if (split.enhanced.len > 0)
        code = arena_cstr(walk->arena, split.enhanced);
    if (!str_starts(str_of(code + 1), ".1."))
        return code;
    if (reply_class != class_sender && reply_class != class_recipient)
        return "4.0.0";
    for (size_t i = 0; i < sizeof mapped / sizeof *mapped; i++)
        if (str_is(str_of(code + 4), mapped[i].detail))
            return reply_class == class_sender ? mapped[i].sender : mapped[i].recipient;
    return "4.1.0";
}

/* --- results ------------------------------------------------------------------------- */

static void set_said(struct restriction_walk *walk, const char *what)
{
    const struct reply *reply = &walk->reply;

    if (walk->state->trace != NULL)
        walk->said = arena_printf(walk->state->trace->arena, "%s: %d %.*s %.*s", what, reply->code,
                                  STR_ARG(reply->enhanced), STR_ARG(reply->text));
}

static enum restriction_status reject_text(struct restriction_walk *walk,
                                           enum restriction_error error, int code,
                                           struct str enhanced, struct str text)
{
    struct state_checks *checks = &walk->state->checks;
    bool always =
        error == ERROR_SOFTWARE ||
        (error == ERROR_DATA && restriction_has_feature(walk, FEATURE_LOOKUP_ERRORS_NOT_WARNED));
    bool warn = checks->warn_if_reject != 0 && !always;

    if (code < 400 || code > 599 || !is_enhanced(enhanced)) {
        code = 450;
        enhanced = str_of("4.7.1");
        text = str_of("Service unavailable");
    }
    if (!warn && checks->defer_if_reject.active && code >= 500) {
        const struct state_deferral *deferral = &checks->defer_if_reject;
        checks->warn_if_reject = 0;
        checks->defer_if_reject.active = false;
        return reject_text(walk, ERROR_POLICY, deferral->code, deferral->enhanced, deferral->text);
    }
    if (walk->lists->soft_bounce && code >= 500)
        code -= 100;
    char *digits = (char *)arena_cstr(walk->arena, enhanced);
    digits[0] = (char)('0' + code / 100);
    text = str_slice(text, 0, (size_t)REPLY_MAX - (sizeof "450 " - 1) - enhanced.len - 1);
    walk->reply = (struct reply){code, {digits, enhanced.len}, make_printable(walk, text)};
    set_said(walk, warn ? "reject, warning only" : "reject");
    return warn ? RESTRICTION_DUNNO : RESTRICTION_REJECT;
}

enum restriction_status restriction_reject(struct restriction_walk *walk,
                                           enum restriction_error error, int code,
                                           const char *enhanced, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct str text = format_text(walk, format, arguments);
    va_end(arguments);
    return reject_text(walk, error, code, str_of(enhanced), text);
}

/* keep_deferral - the first one of its kind */
static void keep_deferral(struct restriction_walk *walk, struct state_deferral *deferral, int code,
                          const char *enhanced, struct str text)
{
    if (!deferral->active)
        *deferral = (struct state_deferral){true, code, str_of(enhanced), text};
    bool permit = deferral == &walk->state->checks.defer_if_permit;
    if (walk->state->trace != NULL)
        walk->said = arena_printf(walk->state->trace->arena, "%s: %d %s %.*s",
                                  permit ? "defer_if_permit" : "defer_if_reject", code, enhanced,
                                  STR_ARG(text));
}

enum restriction_status restriction_defer_if_reject(struct restriction_walk *walk, int code,
                                                    const char *enhanced, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct str text = format_text(walk, format, arguments);
    va_end(arguments);
    keep_deferral(walk, &walk->state->checks.defer_if_reject, code, enhanced, text);
    return RESTRICTION_DUNNO;
}

enum restriction_status restriction_defer_if_permit(struct restriction_walk *walk,
                                                    bool only_if_permit, int code,
                                                    const char *enhanced, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    struct str text = format_text(walk, format, arguments);
    va_end(arguments);
    if (!only_if_permit || walk->state->checks.warn_if_reject != 0)
        return reject_text(walk, ERROR_POLICY, code, str_of(enhanced), text);
    keep_deferral(walk, &walk->state->checks.defer_if_permit, code, enhanced, text);
    return RESTRICTION_DUNNO;
}

enum restriction_status restriction_apply_deferral(struct restriction_walk *walk)
{
    const struct state_deferral *deferral = &walk->state->checks.defer_if_permit;

    return reject_text(walk, ERROR_POLICY, deferral->code, deferral->enhanced, deferral->text);
}

enum restriction_status restriction_leave(struct restriction_walk *walk,
                                          enum restriction_status status)
{
    walk->jumped = true;
    /* longjmp() in smtpd turns a status of 0 into 1, permit */
    walk->left = status == RESTRICTION_DUNNO ? RESTRICTION_OK : status;
    return walk->left;
}

enum restriction_status restriction_lookup_failure(struct restriction_walk *walk, struct str name)
{
    return restriction_leave(walk,
                             restriction_reject(walk, ERROR_DATA, 451, "4.3.0",
                                                "<%.*s>: Temporary lookup failure", STR_ARG(name)));
}

enum restriction_status restriction_server_error(struct restriction_walk *walk)
{
    return restriction_leave(
        walk, restriction_reject(walk, ERROR_SOFTWARE, 451, "4.3.5", "Server configuration error"));
}

enum restriction_status restriction_exit(struct restriction_walk *walk)
{
    return restriction_leave(walk, restriction_reject(walk, ERROR_SOFTWARE, 421, "4.3.0",
                                                      "Service unavailable: smtpd exits"));
}

/* --- what many restrictions need ----------------------------------------------------- */

struct str restriction_client(struct restriction_walk *walk)
{
    const struct state *state = walk->state;
    struct buffer client;

    buffer_init(&client, walk->arena);
    buffer_add(&client, state->client_name);
    buffer_add_char(&client, '[');
    buffer_add(&client, state->client_address);
    buffer_add_char(&client, ']');
    return buffer_text(&client);
}

void restriction_resolve_client_name(struct restriction_walk *walk)
{
    struct state *state = walk->state;
    static const enum name_status status[] = {NAME_OK, NAME_PERMANENT, NAME_TEMPORARY};

    if (!state->client_name_asked)
        return;
    struct str subject = arena_printf(walk->arena, "%.*s PTR", STR_ARG(state->client_address));
    size_t answer = world_ask(state->world, QUESTION_DNS, subject, answers_dns, 3);
    state->client_name_status = state->reverse_client_name_status = status[answer];
    restriction_explain(walk, "dns of %.*s: %s", STR_ARG(subject), answers_dns[answer]);
}

struct str restriction_domain(struct str address)
{
    size_t at = address.len;

    while (at > 0 && address.at[at - 1] != '@')
        at--;
    return at == 0 ? STR_NONE : str_slice(address, at, address.len);
}

bool restriction_is_literal(struct str domain)
{
    return domain.len > 0 && domain.at[0] == '[' && domain.at[domain.len - 1] == ']';
}

const struct resolved *restriction_resolve(struct restriction_walk *walk, bool sender)
{
    struct state *state = walk->state;
    struct resolved *resolved = sender ? &walk->resolved_sender : &walk->resolved_recipient;
    bool *known = sender ? &walk->knows_sender : &walk->knows_recipient;
    struct str address = sender ? state->sender : walk->recipient;

    if (!*known) {
        *resolved = address_resolve(state, sender ? walk->recipient : state->sender, address);
        *known = true;
    }
    if (resolved->class != ADDRESS_ERROR || resolved->bad_syntax)
        return resolved;
    restriction_lookup_failure(walk, address);
    return NULL;
}
