/*
 * m4 - a bounded evaluator of the m4 that Sendmail's .mc files are written in
 *
 * It does what GNU m4 1.4 does with the same text (its manual is the source of every rule), with
 * these bounds: no command is run, no file is read but by the function that the caller hands in,
 * and depth, expansions, bytes and time are counted against a budget.  What goes beyond it ends the
 * evaluation with one error that has a place.  The same text gives the same result on every
 * machine.
 *
 * What comes out is a list of items, in the order in which m4 met them:
 *   a call   of one of the caller's macros, or of a builtin that changes something (define, divert,
 *            include ...) or chooses (ifdef, ifelse), with its expanded arguments; a call inside
 * the arguments of another comes before it, as in a trace of GNU m4; text     that m4 would write,
 * and to which diversion; what is diverted to -1 too; a dnl    comment that is not blank: what a
 * commented-out line says.
 *
 * Each item has a span.  `written` says that the item's own bytes stand there: in the file itself,
 * or in an argument of ifdef or ifelse that came through unchanged.  Else the item came out of
 * the expansion of a macro, and the span is the call that made it.
 *
 * syscmd, esyscmd, maketemp and mkstemp are reported as calls and expand to nothing; so do regexp
 * and patsubst, which no file of Sendmail's uses.  include of what `open` does not give is reported
 * and expands to nothing.
 *
 * Everything lives in the arena; texts may point into the sources.
 */
#ifndef PARSER_M4_M4_H
#define PARSER_M4_M4_H

#include "parser/text/source.h"

/* a macro that is known before the file says anything */
struct m4_macro {
    struct str name;
    struct str text; /* what it expands to; may be empty; STR_NONE: it is made undefined */
    bool reported;   /* its calls are items, also where the file defines it anew */
};

struct m4_budget {
    size_t depth;      /* calls inside the arguments of calls; texts waiting to be read again */
    size_t expansions; /* calls of all macros together */
    size_t bytes;      /* of memory that arguments, expansions and items take */
    size_t work;       /* bytes read and compared, which is a measure of time */
};

extern const struct m4_budget m4_budget_default;

struct m4_input {
    const struct source *source;
    const struct m4_macro *macros;
    size_t macro_count;
    /*
     * NULL: the macros are known from the start, and "#" starts no comment, as behind
     * "m4 cf.m4 sendmail.mc".  Else this is so from the include of a file on whose path the last
     * name is this one ("cf.m4").  That file itself is never read.
     */
    const char *prelude;
    /* the content of an included file, or NULL; see m4_include.h.  May be NULL: none is read */
    const struct source *(*open)(void *context, struct arena *arena, struct str name);
    void *context;
    const struct m4_budget *budget; /* NULL: m4_budget_default */
};

enum m4_kind {
    M4_CALL,
    M4_TEXT,
    M4_DNL,
};

enum m4_fate {
    M4_DONE,
    M4_PRELUDE,  /* the include of Sendmail's own cf.m4 */
    M4_NOT_READ, /* an include that was not given: outside the directories, or not there */
    M4_NOT_RUN,  /* a command, and what else is never evaluated */
};

struct m4_item {
    enum m4_kind kind;
    enum m4_fate fate;
    bool written;
    int divert;                  /* the diversion that was current; the text's */
    unsigned depth;              /* 1: not in the arguments of a call */
    struct str text;             /* M4_CALL: the name; M4_DNL: what follows the word */
    const struct str *arguments; /* expanded, one level of quotes stripped */
    size_t argument_count;
    struct span span; /* M4_CALL: from the name to the closing parenthesis */
    size_t next;      /* for m4_output() */
};

struct m4_diversion {
    int number;
    bool used;
    size_t first, last; /* indexes of items */
};

struct m4_result {
    struct m4_item *items;
    size_t count, capacity;
    bool prelude_seen;
    bool failed; /* the items end where it stopped */
    struct str error;
    struct span error_span;
    struct str left_quote, right_quote; /* as they are at the end */
    struct m4_diversion *diversions;
    size_t diversion_count, diversion_capacity;
};

/* false where it failed; RESULT has what came before it in any case */
bool m4_run(struct m4_result *result, struct arena *arena, const struct m4_input *input);

/* "FILE:LINE: ERROR" */
struct str m4_error(const struct m4_result *result, struct arena *arena);

/* adds what m4 would write to its standard output, the diversions in their order */
void m4_output(const struct m4_result *result, struct buffer *out);

#endif
