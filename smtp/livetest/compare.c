/* compare - compares answers with expectations, and with the answers of another server */
#include <string.h>

#include "parser/text/token.h"
#include "smtp/livetest/livetest.h"

/* --- Received: ----------------------------------------------------------------------- */

/* measure_comment - the length of the "(...)" at the start of TEXT; 0: it has no end */
static size_t measure_comment(struct str text)
{
    size_t depth = 0;

    for (size_t i = 0; i < text.len; i++) {
        depth += text.at[i] == '(';
        if (text.at[i] == ')' && --depth == 0)
            return i + 1;
    }
    return 0;
}

struct str livetest_normalize_received(struct arena *arena, struct str line)
{
    struct buffer out;
    bool space = false;

    if (line.at == NULL)
        return (struct str)STR("");
    buffer_init(&out, arena);
    line = str_slice(line, 0, str_find(line, ';', 0));
    for (size_t at = 0; at < line.len;) {
        struct str rest = str_slice(line, at, line.len);
        size_t parameters = str_starts(rest, "(using ") ? measure_comment(rest) : 0;
        if (is_space(rest.at[0])) {
            space = out.len > 0;
            at++;
            continue;
        }
        if (space && str_starts(rest, "id ")) {
            at += str_span_not(rest, 3, TOKEN_BLANKS);
            continue;
        }
        if (space)
            buffer_add_char(&out, ' ');
        space = false;
        buffer_add(&out, parameters > 0 ? str_of("(using TLS)") : str_slice(rest, 0, 1));
        at += parameters > 0 ? parameters : 1;
    }
    return buffer_str(&out);
}

/* --- capabilities -------------------------------------------------------------------- */

/* next_line - of a reply to EHLO, without the first one, which is the host name */
static bool next_line(struct str *rest, struct str *line)
{
    size_t end = str_find(*rest, '\n', 0);

    if (end >= rest->len)
        return false;
    *rest = str_slice(*rest, end + 1, rest->len);
    *line = str_slice(*rest, 0, str_find(*rest, '\n', 0));
    return true;
}

static bool has_words(struct str line, struct str words)
{
    struct str word, other;

    while (token_next_plain(&words, TOKEN_BLANKS, &word)) {
        struct str rest = line;
        bool found = false;
        while (!found && token_next_plain(&rest, TOKEN_BLANKS, &other))
            found = str_eq_nocase(word, other);
        if (!found)
            return false;
    }
    return true;
}

/* offers - "AUTH": any AUTH line; "AUTH PLAIN": one that has PLAIN */
static bool offers(struct str reply, struct str capability)
{
    struct str keyword = str_slice(capability, 0, str_find(capability, ' ', 0));
    struct str line;

    while (next_line(&reply, &line))
        if (str_eq_nocase(str_slice(line, 0, str_find(line, ' ', 0)), keyword) &&
            has_words(line, capability))
            return true;
    return false;
}

static bool check_capabilities(struct arena *arena, const struct plan_step *step, struct str reply,
                               struct str *difference)
{
    for (size_t i = 0; i < step->has.count; i++)
        if (!offers(reply, step->has.items[i])) {
            *difference =
                arena_printf(arena, "EHLO does not offer %.*s", STR_ARG(step->has.items[i]));
            return false;
        }
    for (size_t i = 0; i < step->lacks.count; i++)
        if (offers(reply, step->lacks.items[i])) {
            *difference = arena_printf(arena, "EHLO offers %.*s", STR_ARG(step->lacks.items[i]));
            return false;
        }
    return true;
}

/* --- answers ------------------------------------------------------------------------- */

static struct str print_codes(struct arena *arena, struct reply reply)
{
    if (reply.enhanced.len > 0)
        return arena_printf(arena, "%03d %.*s", reply.code, STR_ARG(reply.enhanced));
    return arena_printf(arena, "%03d", reply.code);
}

struct str livetest_describe_answer(struct arena *arena, const struct plan_step *step,
                                    const struct livetest_answer *answer)
{
    bool handshake = step->action == PLAN_HANDSHAKE || step->action == PLAN_STARTTLS;

    if (!answer->asked)
        return str_of("nothing");
    if (handshake && answer->tls)
        return str_of("tls");
    if (step->action == PLAN_HANDSHAKE ||
        (step->action == PLAN_STARTTLS && answer->reply.code == 220))
        return str_of("no tls");
    if (answer->reply.code != 0)
        return print_codes(arena, answer->reply);
    if (answer->failure == CLIENT_TIMEOUT || answer->failure == CLIENT_TLS_NOT_PLAIN)
        return str_of("silence");
    return str_of("nothing");
}

enum livetest_verdict livetest_compare(struct arena *arena, const struct plan_step *step,
                                       const struct livetest_answer *answer, struct str *difference)
{
    struct str answered = livetest_describe_answer(arena, step, answer);
    struct str expected = plan_expected(step, arena);

    *difference = (struct str)STR("");
    if (!answer->asked && answer->detail.len > 0) {
        *difference = answer->detail;
        return LIVETEST_NOT_ASKED;
    }
    if (step->outcome == PLAN_ANY) {
        *difference = str_of("no expectation");
        return LIVETEST_NOT_ASKED;
    }
    if (step->outcome == PLAN_UNDETERMINED) {
        if (step->alternatives.count == 0 || str_list_has(&step->alternatives, answered))
            return LIVETEST_POSSIBLE;
        *difference = arena_printf(arena, "not one of the possible answers, which depend on %.*s",
                                   STR_ARG(step->reason));
        return LIVETEST_DIFFERS;
    }
    if (!str_eq(answered, expected)) {
        *difference =
            arena_printf(arena, "%.*s instead of %.*s", STR_ARG(answered), STR_ARG(expected));
        return LIVETEST_DIFFERS;
    }
    if (!check_capabilities(arena, step, answer->reply.text, difference))
        return LIVETEST_DIFFERS;
    if (step->received.len == 0 || answer->received.len == 0 ||
        str_search(answer->received, arena_cstr(arena, step->received)) < answer->received.len)
        return LIVETEST_SAME;
    *difference = arena_printf(arena, "the message has \"%.*s\" instead of \"%.*s\"",
                               STR_ARG(answer->received), STR_ARG(step->received));
    return LIVETEST_DIFFERS;
}

/* has_more_capabilities - does ONE offer a capability that OTHER does not?  XCLIENT and XFORWARD
   are ignored: the engines offer them for the live test */
static bool has_more_capabilities(struct arena *arena, struct str one, struct str other,
                                  const char *how, struct str *difference)
{
    struct str rest = one;
    struct str line;

    while (next_line(&rest, &line))
        if (!str_starts(line, "XCLIENT") && !str_starts(line, "XFORWARD") && !offers(other, line)) {
            *difference = arena_printf(arena, "%.*s is %s", STR_ARG(line), how);
            return true;
        }
    return false;
}

static bool is_ehlo(const struct plan_step *step)
{
    return step->action == PLAN_SEND && str_is_nocase(str_slice(step->text, 0, 4), "EHLO");
}

bool livetest_same_answer(struct arena *arena, const struct plan_session *session,
                          const struct plan_step *step, const struct livetest_answer *one,
                          const struct livetest_answer *other, struct str *difference)
{
    struct str first = livetest_describe_answer(arena, step, one);
    struct str second = livetest_describe_answer(arena, step, other);

    *difference = (struct str)STR("");
    if (!str_eq(first, second)) {
        *difference = arena_printf(arena, "%.*s, and %.*s before", STR_ARG(first), STR_ARG(second));
        return false;
    }
    if (plan_asks_capabilities(session) && is_ehlo(step) &&
        (has_more_capabilities(arena, one->reply.text, other->reply.text,
                               "offered, and was not before", difference) ||
         has_more_capabilities(arena, other->reply.text, one->reply.text, "not offered any more",
                               difference)))
        return false;
    if (one->received.len == 0 || other->received.len == 0 ||
        str_eq(one->received, other->received))
        return true;
    *difference = arena_printf(arena, "\"%.*s\", and \"%.*s\" before", STR_ARG(one->received),
                               STR_ARG(other->received));
    return false;
}
