/*
 * fix - applies the edits of findings until none are left
 */
#ifndef CMD_FIX_H
#define CMD_FIX_H

#include "rules/engine/engine.h"

/* a file that changes */
struct fixed_file {
    const struct source *source;
    struct str bytes; /* its new contents */
};

struct fix {
    struct finding_list before; /* the findings about the files as they are */
    struct finding_list after;  /* those that remain for the fixed files */
    struct config fixed;        /* the fixed files */
    struct fixed_file *files;   /* those that change */
    size_t file_count, file_capacity;
    struct str refused; /* why nothing may be changed: a syntax error, with its place; STR_NONE */
    struct step *steps; /* of all passes, each once */
    size_t step_count, step_capacity;
    struct map known_steps;
};

/*
 * Runs the rules over CONFIG and applies their edits.  Where a line cannot be read, what was meant
 * is not known: no edit is applied, and fix->refused says so.  On false the edits overlap or do not
 * converge, which is a bug in a rule; *ERROR says which.
 */
bool fix_run(struct fix *fix, const struct config *config, const struct rules_request *request,
             struct str *error);
/* the same for a macro file; CONFIG is an empty configuration in its directory, with the arena */
bool fix_run_sendmail(struct fix *fix, const struct config *config, const struct sendmail *sendmail,
                      const struct rules_request *request, struct str *error);

#endif
