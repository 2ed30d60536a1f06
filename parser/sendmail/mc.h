/*
 * mc - the directives of a Sendmail macro file (cf/README, "A BRIEF INTRODUCTION TO M4")
 *
 * The file is evaluated by m4 (parser/m4/m4.h), which knows the names of Sendmail's macros;
 * Sendmail need not be installed.  Calls, lines of text and comments are in the order of the file;
 * with the white space between them they are the whole file, so that each can be accounted for.
 *
 * After an include of cf.m4 Sendmail's macros are defined.  A file without it is given to m4 after
 * cf.m4: there they are defined from the start.
 *
 * Everything lives in the arena.
 */
#ifndef PARSER_SENDMAIL_MC_H
#define PARSER_SENDMAIL_MC_H

#include "parser/m4/include.h"
#include "parser/m4/m4.h"

enum sendmail_directive_kind {
    SENDMAIL_CALL,    /* FEATURE(`access_db'), define(`confLOG_LEVEL', `9'), divert(-1) ... */
    SENDMAIL_TEXT,    /* a line that is copied to sendmail.cf: in LOCAL_CONFIG, in a ruleset */
    SENDMAIL_IGNORED, /* a line that is diverted to -1, which m4 discards */
    SENDMAIL_COMMENT, /* a line after dnl; `text` is what follows the word */
};

struct sendmail_directive {
    enum sendmail_directive_kind kind;
    enum m4_fate fate;
    bool written; /* the file contains its bytes, see m4.h */
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
    bool failed;      /* m4 failed: the directives end there */
    struct str error; /* "FILE:LINE: why" */
    struct span error_span;
    struct m4_result m4;
};

/*
 * INCLUDES: the directories in which include finds files, or NULL.  The file of a DOMAIN is
 * domain/NAME.m4 there; where one that comes with Sendmail is missing, facts/sendmail.yaml has the
 * lines of it that matter.  False where m4 failed.
 */
bool sendmail_mc_parse(struct sendmail_mc *mc, struct arena *arena, const struct source *source,
                       struct m4_directories *includes);

/* the argument with that number, from 1; STR_NONE where the call does not have it */
struct str sendmail_directive_argument(const struct sendmail_directive *directive, size_t number);
/* is it a call of that macro? */
bool sendmail_calls(const struct sendmail_directive *directive, const char *name);

/*
 * The macros of Sendmail that m4 knows: those of cf/m4/cfhead.m4 and cf/README with their effect on
 * diversions, and the few definitions that files use.
 */
const struct m4_macro *sendmail_macros(size_t *count);
#define SENDMAIL_PRELUDE "cf.m4"

#endif
