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

/*
 * Opens PATH for the platform called NAME, or, where NAME is absent, for the one that
 * .postmend.yaml, the files themselves, or else the newest release give; says on
 * standard error which was taken when it had to choose.  On false it said why.
 */
bool command_open(struct config *config, struct arena *arena, struct options *options,
                  struct str path, struct str name);

/*
 * The same for commands that answer as the server would, which needs a name: where neither the
 * files nor the command line say what the machine is called, it is "mail.example.com", which is
 * said.
 */
bool command_open_live(struct config *config, struct arena *arena, struct options *options,
                       struct str path, struct str name);

#endif
