/*
 * sendmail_mc - the directives of a Sendmail macro file (cf/README, "A BRIEF INTRODUCTION TO M4")
 *
 * The file is evaluated by m4 (parser/m4/m4.h) with Sendmail's macros known by name; no Sendmail
 * needs to be installed.  Calls, lines of text and comments come out in the order of the file; with
 * the blank text between them they are the whole of it, so that each can be accounted for.
 *
 * An include of cf.m4 marks the place from which on Sendmail's macros are known.  A file without it
 * is one that was given to m4 behind cf.m4: there they are known from the start.
 *
 * Everything lives in the arena.
 */
#ifndef PARSER_SENDMAIL_MC_H
#define PARSER_SENDMAIL_MC_H

#include "parser/m4/include.h"
#include "parser/m4/m4.h"

enum sendmail_directive_kind {
    SENDMAIL_CALL,    /* FEATURE(`access_db'), define(`confLOG_LEVEL', `9'), divert(-1) ... */
    SENDMAIL_TEXT,    /* a line that goes to sendmail.cf as it is: of LOCAL_CONFIG, a ruleset */
    SENDMAIL_IGNORED, /* a line that is diverted to -1: it goes nowhere */
    SENDMAIL_COMMENT, /* what dnl hides; `text` is the line behind the word */
};

struct sendmail_directive {
    enum sendmail_directive_kind kind;
    enum m4_fate fate;
    bool written; /* stands in the file as it is, see m4.h */
    int divert;
    unsigned depth;
    struct str text; /* the name of a call; the line, expanded, without its end; the comment */
    const struct str *arguments;
    size_t argument_count;
    struct span span;
    size_t line;
};

struct sendmail_mc {
    const struct source *source;
    struct sendmail_directive *directives;
    size_t count, capacity;
    bool has_prelude; /* it includes cf.m4 itself */
    bool failed;      /* m4 gave up: the directives end there */
    struct str error; /* "FILE:LINE: why" */
    struct span error_span;
    struct m4_result m4;
};

/*
 * INCLUDES: where include finds files; NULL: nowhere.  A file of DOMAIN is domain/NAME.m4 there;
 * where one that came with Sendmail is not there, the lines of it that count are known (facts).
 * False where m4 gave up.
 */
bool sendmail_mc_parse(struct sendmail_mc *mc, struct arena *arena, const struct source *source,
                       struct m4_directories *includes);

/* an argument by its number from 1 on; STR_NONE where the call has none */
struct str sendmail_directive_argument(const struct sendmail_directive *directive, size_t number);
/* is it a call of that macro? */
bool sendmail_calls(const struct sendmail_directive *directive, const char *name);

/*
 * What sendmail_mc_parse() tells m4 of Sendmail: the macros of cf/m4/cfhead.m4 and cf/README with
 * their effect on diversions, and the few definitions that files make use of.
 */
const struct m4_macro *sendmail_macros(size_t *count);
#define SENDMAIL_PRELUDE "cf.m4"

#endif
