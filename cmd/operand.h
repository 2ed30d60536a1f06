/*
 * operand - which kind of file a PATH of "lint" is
 *
 * A file is what its name, its content, or a main.cf that refers to it says.  What none of them
 * knows is not guessed at: it is not checked, and above all not changed.
 */
#ifndef CMD_OPERAND_H
#define CMD_OPERAND_H

#include "cmd/command.h"

enum operand_kind {
    OPERAND_UNKNOWN,  /* *ERROR says so */
    OPERAND_CONFIG,   /* a directory, main.cf, master.cf or standard input; also what cannot be
                         read, for which command_open() finds the words */
    OPERAND_SENDMAIL, /* NAME.mc, or a file that contains a sendmail.cf */
    OPERAND_TABLE,    /* a file below a directory whose main.cf may refer to it: see
                         operand_open_table() */
};

enum operand_kind operand_kind(struct arena *arena, struct str path, struct str *error);

/*
 * Opens the configuration that the lookup table PATH belongs to, as command_open() does, and sets
 * config->only to it.  On false it has printed why: above all, that no table of the main.cf beside
 * it, or in one of the directories above it, has this file.
 */
bool operand_open_table(struct config *config, struct arena *arena, struct options *options,
                        struct str path);

/* is PATH something that can be read and that operand_kind() knows?  On false it has printed why */
bool operand_is_known(struct arena *arena, struct options *options, struct str path);

#endif
