/*
 * m4 - a bounded evaluator of the m4 that Sendmail's .mc files are written in
 *
 * It does what GNU m4 1.4 does with the same text (its manual is the source of every rule), with
 * these limits: no command is run, files are read only by the function that the caller provides,
 * and depth, expansions, bytes and time are counted against a budget.  Exceeding it ends the
 * evaluation with one error that has a place.  The same text gives the same result on every
 * machine.
 *
 * The result is a list of items, in the order in which m4 evaluates them:
 *
 *   call  of one of the caller's macros, or of a builtin that changes something (define, divert,
 *         include ...) or chooses (ifdef, ifelse), with its expanded arguments; a call inside the
 *         arguments of another comes before it, as in a trace of GNU m4
 *   text  that m4 would write, with its diversion, including text that is diverted to -1
 *   dnl   a comment that is not empty: it may be a line that was commented out
 *
 * Each item has a span.  `written` says that the span contains the item's own bytes: in the file
 * itself, or in an argument of ifdef or ifelse that is unchanged.  Otherwise the item is the result
 * of expanding a macro, and the span is the call.
 *
 * syscmd, esyscmd, maketemp and mkstemp are reported as calls and expand to nothing; so do regexp
 * and patsubst, which Sendmail's files do not use.  An include of a file that `open` does not
 * return is reported and expands to nothing.
 *
 * Everything lives in the arena; texts may point into the sources.
 */
#ifndef PARSER_M4_M4_H
#define PARSER_M4_M4_H

#include "parser/text/source.h"

/* a macro that is defined before the file is read */
struct m4_macro {
    struct str name;
    struct str text; /* its expansion, may be empty; STR_NONE: the macro is undefined */
    bool reported;   /* its calls are items, even if the file redefines it */
};

struct m4_budget {
    size_t depth;      /* calls in the arguments of calls, and texts that are to be read again */
    size_t expansions; /* calls of all macros together */
    size_t bytes;      /* of memory that arguments, expansions and items take */
    size_t work;       /* bytes read and compared, as a measure of time */
};

extern const struct m4_budget m4_budget_default;

struct m4_input {
    const struct source *source;
    const struct m4_macro *macros;
    size_t macro_count;
    /*
     * NULL: the macros are defined from the start, and "#" does not start a comment, as with
     * "m4 cf.m4 sendmail.mc".  Otherwise that is so after the include of a file whose last path
     * component is this one ("cf.m4").  That file itself is never read.
     */
    const char *prelude;
    /* returns an included file, or NULL, with EFBIG in errno where it is too large; see include.h.
       May be NULL: no file is read */
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
    M4_NOT_RUN,  /* a command, or another macro that is never evaluated */
};

struct m4_item {
    enum m4_kind kind;
    enum m4_fate fate;
    bool written;
    int divert;                  /* the current diversion, or that of the text */
    unsigned depth;              /* 1: not in the arguments of a call */
    struct str text;             /* M4_CALL: the name; M4_DNL: the text after the word */
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
    bool failed; /* the items end at that place */
    struct str error;
    struct span error_span;
    struct str left_quote, right_quote; /* at the end of the file */
    struct m4_diversion *diversions;
    size_t diversion_count, diversion_capacity;
};

/* false where it failed; RESULT then has the items before the failure */
bool m4_run(struct m4_result *result, struct arena *arena, const struct m4_input *input);

/* "FILE:LINE: ERROR" */
struct str m4_error(const struct m4_result *result, struct arena *arena);

/* adds what m4 would write to standard output: the diversions in their order */
void m4_output(const struct m4_result *result, struct buffer *out);

#endif
