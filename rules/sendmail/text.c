/* sendmail-text: lines that m4 copies to sendmail.cf by mistake */
#include <stdint.h>
#include <string.h>

#include "rules/sendmail/lint.h"

/* the first characters of sendmail.cf lines; a space or tab continues the line above */
#define LINE_LETTERS "#CDEFHKMOPQRSTVX \t"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* of text; a file that is not Sendmail's could have a finding for each of its lines */
enum { LINES_MAX = 5000 };

/* the state of m4's output */
struct output {
    bool fresh;       /* there is only white space on the line so far */
    size_t lines;     /* inspected so far */
    size_t left_over; /* the position of a parenthesis that was reported with its call */
};

static size_t measure_word(struct str text)
{
    size_t end = 0;

    while (end < text.len && lint_is_word(text.at[end]))
        end++;
    return end;
}

/* starts_line - is there only white space before AT on its line? */
static bool starts_line(const struct source *source, size_t at)
{
    while (at > 0 && (source->bytes.at[at - 1] == ' ' || source->bytes.at[at - 1] == '\t'))
        at--;
    return at == 0 || source->bytes.at[at - 1] == '\n';
}

/* report_macro - PLACE has MACRO in different case, or followed by a space */
static void report_macro(struct check *check, struct span place, struct str macro, bool blank)
{
    struct finding *finding =
        check_reportf(check, place, blank ? "remove the space" : "check upper and lower case",
                      blank ? "Sendmail does not start: with a space before the parenthesis this "
                              "is not a call of %.*s, and m4 writes the line to sendmail.cf"
                            : "Sendmail does not start: the macro is spelled %.*s, and m4 writes "
                              "the line to sendmail.cf",
                      STR_ARG(macro));

    finding_edit(check, finding, place, macro);
}

/* inspect_macro - a word with a parenthesis that is not a known macro */
static bool inspect_macro(struct check *check, struct span span)
{
    struct str line = source_line(span.source, span.at);
    struct str text =
        str_slice(line, (size_t)(span.source->bytes.at + span.at - line.at), line.len);
    struct str word = str_slice(text, 0, measure_word(text));
    size_t parenthesis = str_span(text, word.len, " \t");
    struct span place = {span.source, span.at, parenthesis};

    if (word.len < 2 || parenthesis >= text.len || text.at[parenthesis] != '(')
        return false;
    struct str macro = lint_macro(word);
    if (macro.at != NULL) {
        report_macro(check, place, macro, parenthesis > word.len);
        return true;
    }
    struct str nearest = lint_nearest(SENDMAIL_MACRO, word);
    if (nearest.at != NULL)
        check_reportf(check, place, "check the spelling",
                      "m4 has no macro %.*s and writes the line to sendmail.cf; did you mean %.*s?",
                      STR_ARG(word), STR_ARG(nearest));
    return nearest.at != NULL;
}

/* inspect_space - "FEATURE (`x')": a call without arguments, followed by a parenthesis */
static void inspect_space(struct check *check, const struct m4_item *call, struct output *output)
{
    struct span between = {call->span.source, call->span.at + call->span.len, 0};
    struct str bytes = call->span.source->bytes;
    size_t at = str_span(bytes, between.at, " \t");

    if (call->argument_count > 0 || at == between.at || at >= bytes.len || bytes.at[at] != '(')
        return;
    between.len = at - between.at;
    output->left_over = at;
    struct finding *finding =
        check_reportf(check, call->span, "remove the space",
                      "with a space before the parenthesis %.*s is called without its argument",
                      STR_ARG(lint_shown(check->arena, call->text)));
    finding_edit(check, finding, between, str_of(""));
}

/* is_prose - three words of letters only are not a line of sendmail.cf, even if the first letter is
   valid */
static bool is_prose(struct str text)
{
    size_t words = 0;

    for (size_t at = 0; at < text.len; words++) {
        size_t end = at;
        while (end < text.len && is_alnum(text.at[end]))
            end++;
        if (end == at || (end < text.len && text.at[end] != ' '))
            break;
        at = end + 1;
    }
    return words >= 3;
}

static void inspect_mark(struct check *check, struct span mark)
{
    mark.len = sizeof BYTE_ORDER_MARK - 1;
    struct finding *finding = check_reportf(check, mark, "save the file without a byte order mark",
                                            "Sendmail does not start: the file starts with a byte "
                                            "order mark, which m4 writes to sendmail.cf");
    finding_edit(check, finding, mark, str_of(""));
}

/* inspect_line - the start of a line in sendmail.cf: TEXT up to its end or up to a call */
static void inspect_line(struct check *check, struct str text, struct span span)
{
    span.len = text.len;
    if (str_starts(text, "dnl"))
        return; /* "dnlFEATURE": rule sendmail-dnl */
    if (str_starts(text, BYTE_ORDER_MARK) && span.at == 0)
        inspect_mark(check, span);
    else if (text.at[0] == '\0' || strchr(LINE_LETTERS, text.at[0]) == NULL)
        check_reportf(
            check, span, "put dnl before it, or remove it",
            "Sendmail does not start: m4 writes this to sendmail.cf, where it is not a valid line");
    else if (text.at[0] != '#' && is_prose(text))
        check_reportf(
            check, span, "put dnl before it, or remove it",
            "m4 writes this to sendmail.cf, where Sendmail reads its first letter as a setting")
            ->severity = SEVERITY_WARNING;
}

/* inspect_piece - text that m4 outputs */
static void inspect_piece(struct check *check, const struct m4_item *item, struct output *output)
{
    struct str rest = item->text;

    while (rest.len > 0 && output->lines <= LINES_MAX) {
        if (output->lines++ == LINES_MAX) {
            struct span left = {item->span.source,
                                item->span.at + (size_t)(rest.at - item->text.at), 0};
            check_reportf(check, left, "correct the lines above, and check again",
                          "not checked from here on: there are more than %d lines of text",
                          LINES_MAX)
                ->severity = SEVERITY_WARNING;
            return;
        }
        size_t end = str_find(rest, '\n', 0);
        size_t blanks = str_span(str_slice(rest, 0, end), 0, " \t\r");
        struct str text = str_slice(rest, blanks, end);
        struct span span = item->span;
        span.at += (size_t)(text.at - item->text.at);
        if (text.len > 0) {
            if (!(starts_line(span.source, span.at) && inspect_macro(check, span)) &&
                output->fresh && span.at != output->left_over)
                inspect_line(check, text, span);
            output->fresh = false;
        }
        if (end < rest.len)
            output->fresh = true;
        rest = str_slice(rest, end + 1, rest.len);
    }
}

/* inspect_rule - a rewriting rule, whose sides are separated by tabs */
static void inspect_rule(struct check *check, const struct sendmail_directive *directive)
{
    struct str text = directive->text;

    if (text.len > 2 && text.at[0] == 'R' && text.at[1] == '$' &&
        str_find(text, '\t', 0) == text.len)
        check_reportf(
            check, directive->span,
            "separate the sides of the rule with tabs; an editor may have replaced them by spaces",
            "Sendmail rejects this rule: it contains no tab");
}

static bool is_continuation(const struct sendmail_directive *directive)
{
    return directive->kind == SENDMAIL_TEXT && directive->text.len > 0 &&
           is_space(directive->text.at[0]);
}

static void check_text(struct check *check)
{
    const struct sendmail_mc *mc = check->sendmail->mc;
    struct output output = {.fresh = true, .left_over = SIZE_MAX};

    if (mc == NULL)
        return;
    for (size_t i = 0; i < mc->m4.count; i++) {
        const struct m4_item *item = &mc->m4.items[i];
        if (item->depth != 1 || !item->written || item->span.source != check->sendmail->source)
            continue;
        if (item->kind == M4_CALL)
            inspect_space(check, item, &output);
        else if (item->kind == M4_TEXT && item->divert == 0)
            inspect_piece(check, item, &output);
    }
    for (size_t i = 0; i < mc->count; i++)
        if (mc->directives[i].kind == SENDMAIL_TEXT && mc->directives[i].span.source != NULL &&
            !(i + 1 < mc->count && is_continuation(&mc->directives[i + 1])))
            inspect_rule(check, &mc->directives[i]);
}

static const struct example examples[] = {
    {.title = "spaces, case, and unknown words",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE (`access_db')dnl\ndefine (`confLOG_LEVEL', `9')dnl\n"
                            "feature(`redirect')dnl\nDEAMON_OPTIONS(`Port=smtp')dnl\n",
     .findings = {{2, "FEATURE"}, {3, NULL}, {4, "feature"}, {5, NULL}},
     .fixed_sendmail_mc = PRELUDE "FEATURE(`access_db')dnl\ndefine(`confLOG_LEVEL', `9')dnl\n"
                                  "FEATURE(`redirect')dnl\nDEAMON_OPTIONS(`Port=smtp')dnl\n"},
    {.title = "text after a call, and prose",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confLOG_LEVEL', `9');\nThis is our mail server\n",
     .findings = {{2, ";"}, {3, NULL}}},
    {.title = "a rule that lost its tabs",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "MAILER(`smtp')dnl\nLOCAL_RULESETS\nSLocal_check_rcpt\n"
                            "R$*   $: $1\nR$*\t$: $1\nR$+ $*\n\t$: $1\n",
     .findings = {{5, NULL}}},
    {.title = "valid lines of sendmail.cf",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "# our own\nO LogLevel=9\nLOCAL_CONFIG\nDwmail example net\n"},
};

const struct rule rule_sendmail_text = {
    .name = "sendmail-text",
    .summary = "sendmail.mc: a line is written to sendmail.cf by mistake",
    .why = "m4 outputs everything that it does not know: a macro in different case, a call with a "
           "space before its parenthesis, an explanation.  In sendmail.cf the first letter of each "
           "line determines its meaning; Sendmail does not start if it does not know the letter, "
           "and reads other lines as settings.",
    .source = "sendmail/readcf.c of Sendmail 8.17; cf/README, A BRIEF INTRODUCTION TO M4",
    .severity = SEVERITY_ERROR,
    .sendmail = true,
    .check = check_text,
    RULE_EXAMPLES(examples),
};
