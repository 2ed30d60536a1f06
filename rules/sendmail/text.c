/* sendmail-text: lines that m4 leaves alone, so that they go into sendmail.cf */
#include <stdint.h>
#include <string.h>

#include "rules/sendmail/lint.h"

/* what a line of sendmail.cf starts with; a blank or a tab continues the one above it */
#define LINE_LETTERS "#CDEFHKMOPQRSTVX \t"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

enum { LINES_MAX = 5000 }; /* a file that is none of Sendmail's is known by then */

/* where m4's output stands */
struct output {
    bool fresh;       /* nothing but blanks on its line so far */
    size_t lines;     /* looked at so far */
    size_t left_over; /* the place of a parenthesis that was reported with its call */
};

static size_t word_length(struct str text)
{
    size_t end = 0;

    while (end < text.len && lint_is_word(text.at[end]))
        end++;
    return end;
}

/* starts_line - is there nothing but blanks in front of AT on its line? */
static bool starts_line(const struct source *source, size_t at)
{
    while (at > 0 && (source->bytes.at[at - 1] == ' ' || source->bytes.at[at - 1] == '\t'))
        at--;
    return at == 0 || source->bytes.at[at - 1] == '\n';
}

/* report_macro - PLACE has a word that is MACRO in other letters, or has a blank behind it */
static void report_macro(struct check *check, struct span place, struct str macro, bool blank)
{
    struct finding *finding = check_reportf(
        check, place, blank ? "take the blank away" : "mind upper and lower case",
        blank ? "with a blank before the parenthesis this is no call of %.*s: the line goes into "
                "sendmail.cf, which Sendmail refuses"
              : "m4 knows %.*s in these letters alone: the line goes into sendmail.cf, which "
                "Sendmail refuses",
        STR_ARG(macro));

    finding_edit(check, finding, place, macro);
}

/* see_macro - a word with a parenthesis behind it, which m4 does not know as a macro */
static bool see_macro(struct check *check, struct span span)
{
    struct str line = source_line(span.source, span.at);
    struct str text =
        str_slice(line, (size_t)(span.source->bytes.at + span.at - line.at), line.len);
    struct str word = str_slice(text, 0, word_length(text));
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
        check_reportf(check, place, "look at the spelling",
                      "m4 knows no macro %.*s; perhaps %.*s was meant.  The line goes into "
                      "sendmail.cf as it is",
                      STR_ARG(word), STR_ARG(nearest));
    return nearest.at != NULL;
}

/* see_blank - "FEATURE (`x')": the call without arguments, and its parenthesis left over */
static void see_blank(struct check *check, const struct m4_item *call, struct output *output)
{
    struct span between = {call->span.source, call->span.at + call->span.len, 0};
    struct str bytes = call->span.source->bytes;
    size_t at = str_span(bytes, between.at, " \t");

    if (call->argument_count > 0 || at == between.at || at >= bytes.len || bytes.at[at] != '(')
        return;
    between.len = at - between.at;
    output->left_over = at;
    struct finding *finding =
        check_reportf(check, call->span, "take the blank away",
                      "with a blank before the parenthesis %.*s is called without its argument",
                      STR_ARG(lint_shown(call->text)));
    finding_edit(check, finding, between, str_of(""));
}

/* is_prose - three words of letters alone: no line of sendmail.cf, though its letter may be one */
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

static void see_mark(struct check *check, struct span mark)
{
    mark.len = sizeof BYTE_ORDER_MARK - 1;
    struct finding *finding = check_reportf(
        check, mark, "save the file without a byte order mark",
        "the file starts with a byte order mark, which Sendmail refuses in sendmail.cf");
    finding_edit(check, finding, mark, str_of(""));
}

/* see_line - where a line of sendmail.cf starts: TEXT, up to its end or to a call */
static void see_line(struct check *check, struct str text, struct span span)
{
    span.len = text.len;
    if (str_starts(text, "dnl"))
        return; /* "dnlFEATURE": rule sendmail-dnl */
    if (str_starts(text, BYTE_ORDER_MARK) && span.at == 0)
        see_mark(check, span);
    else if (text.at[0] == '\0' || strchr(LINE_LETTERS, text.at[0]) == NULL)
        check_reportf(check, span, "put dnl in front of it, or take it away",
                      "this goes into sendmail.cf as it is, where Sendmail refuses the line");
    else if (text.at[0] != '#' && is_prose(text))
        check_reportf(check, span, "put dnl in front of it, or take it away",
                      "this goes into sendmail.cf as it is: Sendmail takes its first letter for a "
                      "setting")
            ->severity = SEVERITY_WARNING;
}

/* see_piece - text that m4 writes out */
static void see_piece(struct check *check, const struct m4_item *item, struct output *output)
{
    struct str rest = item->text;

    while (rest.len > 0 && output->lines++ < LINES_MAX) {
        size_t end = str_find(rest, '\n', 0);
        size_t blanks = str_span(str_slice(rest, 0, end), 0, " \t\r");
        struct str text = str_slice(rest, blanks, end);
        struct span span = item->span;
        span.at += (size_t)(text.at - item->text.at);
        if (text.len > 0) {
            if (!(starts_line(span.source, span.at) && see_macro(check, span)) && output->fresh &&
                span.at != output->left_over)
                see_line(check, text, span);
            output->fresh = false;
        }
        if (end < rest.len)
            output->fresh = true;
        rest = str_slice(rest, end + 1, rest.len);
    }
}

/* see_rule - a rewriting rule: its sides are parted by tabs */
static void see_rule(struct check *check, const struct sendmail_directive *directive)
{
    struct str text = directive->text;

    if (text.len > 2 && text.at[0] == 'R' && text.at[1] == '$' &&
        str_find(text, '\t', 0) == text.len)
        check_reportf(check, directive->span,
                      "put tabs between the sides of the rule; an editor may have made them blanks",
                      "there is no tab in this rule: Sendmail refuses it");
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
            see_blank(check, item, &output);
        else if (item->kind == M4_TEXT && item->divert == 0)
            see_piece(check, item, &output);
    }
    for (size_t i = 0; i < mc->count; i++)
        if (mc->directives[i].kind == SENDMAIL_TEXT && mc->directives[i].span.source != NULL &&
            !(i + 1 < mc->count && is_continuation(&mc->directives[i + 1])))
            see_rule(check, &mc->directives[i]);
}

static const struct example examples[] = {
    {.title = "blanks, letters, and words that m4 does not know",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "FEATURE (`access_db')dnl\ndefine (`confLOG_LEVEL', `9')dnl\n"
                            "feature(`redirect')dnl\nDEAMON_OPTIONS(`Port=smtp')dnl\n",
     .findings = {{2, "FEATURE"}, {3, NULL}, {4, "feature"}, {5, NULL}},
     .fixed_sendmail_mc = PRELUDE "FEATURE(`access_db')dnl\ndefine(`confLOG_LEVEL', `9')dnl\n"
                                  "FEATURE(`redirect')dnl\nDEAMON_OPTIONS(`Port=smtp')dnl\n"},
    {.title = "what is left over behind a call, and prose",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "define(`confLOG_LEVEL', `9');\nThis is our mail server\n",
     .findings = {{2, ";"}, {3, NULL}}},
    {.title = "a rule that lost its tabs",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "MAILER(`smtp')dnl\nLOCAL_RULESETS\nSLocal_check_rcpt\n"
                            "R$*   $: $1\nR$*\t$: $1\nR$+ $*\n\t$: $1\n",
     .findings = {{5, NULL}}},
    {.title = "lines that belong into sendmail.cf",
     .platform = "rhel9",
     .sendmail_mc = PRELUDE "# our own\nO LogLevel=9\nLOCAL_CONFIG\nDwmail example net\n"},
};

const struct rule rule_sendmail_text = {
    .name = "sendmail-text",
    .summary = "sendmail.mc: a line goes into sendmail.cf as it is, by mistake",
    .why =
        "What m4 does not know it writes out as it stands: a macro in other letters, a call with "
        "a blank before its parenthesis, a word of explanation.  In sendmail.cf each line means "
        "something by its first letter; Sendmail refuses to start with one that it does not "
        "know, and takes the others for settings.",
    .source = "sendmail/readcf.c of Sendmail 8.17; cf/README, A BRIEF INTRODUCTION TO M4",
    .severity = SEVERITY_ERROR,
    .sendmail = true,
    .check = check_text,
    RULE_EXAMPLES(examples),
};
