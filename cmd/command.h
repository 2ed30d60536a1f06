/*
 * command - one sub-command
 *
 * Each is a file of this folder and a row of the table in main.c.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "cmd/options.h"

struct command {
    const char *name;
    const char *summary;                                      /* one line, for postmend help */
    const char *help;                                         /* usage and what it does */
    unsigned takes;                                           /* option_set */
    int (*run)(struct arena *arena, struct options *options); /* returns the exit status */
};

/* as complain(), for what ends the work on an operand: reports have it too, from options->problem
 */
void command_fail(struct options *options, struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Opens PATH for the platform named NAME.  Where NAME is STR_NONE, it takes the one that
 * .postmend.yaml or the files themselves name, else the newest release, and prints to standard
 * error which.  On false it has printed why.  It calls command_recover() first.
 */
bool command_open(struct config *config, struct arena *arena, struct options *options,
                  struct str path, struct str name);

/*
 * The same for commands that answer as the server would, which needs a host name: where neither the
 * files nor the command line have one, it is "mail.example.com", and that is printed too.
 */
bool command_open_live(struct config *config, struct arena *arena, struct options *options,
                       struct str path, struct str name);

/*
 * Completes or takes back what an interrupted run left in the directory of the operand PATH, and
 * prints which.  On false it has printed why that failed: the files may not belong together.
 */
bool command_recover(struct options *options, struct arena *arena, struct str path);

#endif
