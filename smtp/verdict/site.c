/* site - is the server what its files promise, and what the site expects? */
#include <string.h>

#include "smtp/verdict/judge.h"

static const struct str none = STR("");

/* --- promises ------------------------------------------------------------------------------ */

static bool differs(const struct judge *judge, size_t session)
{
    const struct plan_session *plan = &judge->input->plan->sessions[session];
    struct str difference;

    for (size_t i = 0; i < plan->step_count; i++)
        if (livetest_compare(judge->arena, &plan->steps[i], &judge->input->answers[session][i],
                             &difference) == LIVETEST_DIFFERS)
            return true;
    return false;
}

void judge_promises(struct judge *judge)
{
    const struct plan *plan = judge->input->plan;
    size_t count = 0;
    struct str first = none;

    for (size_t i = 0; i < plan->session_count; i++)
        if (differs(judge, i) && count++ == 0)
            first = plan->sessions[i].ask;
    if (count == 0)
        return;
    judge_note(judge, &(struct note){
                          .kind = "promise",
                          .state = VERDICT_FAIL,
                          .text = arena_printf(judge->arena,
                                               "%zu answer%s not what the files promise (-v): %.*s",
                                               count, count == 1 ? " is" : "s are", STR_ARG(first)),
                          .subject = none});
}

/* --- doubts -------------------------------------------------------------------------------- */

/* what cannot be determined, by the word with which a reason begins */
static const struct {
    const char *start;
    const char *text;
    bool last; /* the subject is the last word, else the first */
} doubts[] = {
    {"dnsbl of ", "whether $s lists a client (--assume)", true},
    {"dns of ", "what DNS says of $s (--assume)", false},
    {"table of ", "what is found in $s (--assume)", false},
    {"recipient of ", "which users exist (--users, --assume)", false},
    {"sender of ", "which users exist (--users, --assume)", false},
    {"service of ", "what $s answers (--assume)", false},
    {"verify of ", "which recipients other servers accept (--assume)", false},
    {"host of ", "the names and addresses of this host (--interfaces)", false},
    {"need of ", "whether this host has $s", false},
    {"not decided: ", "whether more answers are possible: $s", false},
};

static void note_doubt(struct judge *judge, struct str reason)
{
    struct note note = {.kind = "doubt", .state = VERDICT_UNKNOWN, .subject = none};

    for (size_t i = 0; i < sizeof doubts / sizeof *doubts; i++) {
        if (!str_starts(reason, doubts[i].start))
            continue;
        struct str rest = str_slice(reason, strlen(doubts[i].start), reason.len);
        size_t space = str_find(rest, ' ', 0);
        for (size_t at = space; doubts[i].last && at < rest.len; at = str_find(rest, ' ', at + 1))
            space = at;
        note.text = str_of(doubts[i].text);
        note.subject = strstr(doubts[i].text, "$s") == NULL ? none
                       : doubts[i].last                     ? str_slice(rest, space + 1, rest.len)
                       : strcmp(doubts[i].start, "need of ") == 0 ||
                               strcmp(doubts[i].start, "not decided: ") == 0
                           ? rest
                           : str_slice(rest, 0, space);
        judge_note(judge, &note);
        return;
    }
    note.text = str_of("$s");
    note.subject = reason;
    judge_note(judge, &note);
}

void judge_doubts(struct judge *judge)
{
    for (size_t i = 0; i < judge->doubts.count; i++)
        note_doubt(judge, judge->doubts.items[i]);
}

/* --- the expectations of the site ------------------------------------------------------------ */

static const struct verdict_port *find_port(const struct judge *judge,
                                            const struct plan_session *session)
{
    for (size_t i = 0; i < judge->port_count; i++)
        if (judge->ports[i].number == session->port &&
            str_eq(judge->ports[i].service, session->service))
            return &judge->ports[i];
    return NULL;
}

void judge_expectations(struct judge *judge)
{
    const struct plan *plan = judge->input->plan;

    for (size_t i = 0; i < plan->session_count; i++) {
        const struct plan_session *session = &plan->sessions[i];
        if (session->wanted.len == 0)
            continue;
        size_t message = judge_find_step(session, PLAN_MESSAGE, "");
        struct asked asked = judge_ask(judge, i, message);
        bool accepted = asked.result == ASKED_YES;
        bool good = accepted == str_is(session->wanted, "accepted");
        const struct verdict_port *port = find_port(judge, session);
        struct note note = {.kind = "expected", .subject = none};
        note.state = asked.result == ASKED_NOT || !asked.certain ? VERDICT_UNKNOWN
                     : good                                      ? VERDICT_OK
                                                                 : VERDICT_FAIL;
        note.text =
            note.state == VERDICT_OK
                ? arena_printf(judge->arena, "as expected: %.*s", STR_ARG(session->ask))
            : note.state == VERDICT_FAIL
                ? arena_printf(judge->arena, "expected: %.*s; the server %.*s",
                               STR_ARG(session->ask), STR_ARG(asked.said))
                : arena_printf(judge->arena, "whether, as expected, %.*s", STR_ARG(session->ask));
        if (note.state == VERDICT_FAIL && port != NULL)
            note.place = judge_cause(judge, port, &asked);
        judge_note(judge, &note);
    }
}
