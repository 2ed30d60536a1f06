/*
 * output - what a command prints, and how it ends
 *
 * Standard output has the result alone; everything else goes to standard error.
 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include <stdio.h>

#include "base/terminal.h"

/* exit statuses */
enum {
    STATUS_GOOD = 0,
    STATUS_FINDINGS = 1,
    STATUS_WRONG_USE = 2,
};

/*
 * Everything that goes to stdout and stderr passes through these, which show what a terminal would
 * take for a command as escapes (base/terminal.h); print_raw() goes past them.
 */
struct outlet {
    int descriptor;
    FILE *stream; /* what it replaces */
    struct terminal terminal;
    struct arena *arena;
};

struct outlets {
    struct outlet out, err;
};

void outlets_open(struct outlets *outlets);
void outlets_close(struct outlets *outlets); /* writes what is left */

/* one line to standard error: "postmend COMMAND: ..." */
void complain(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* TEXT, which may be empty, to a stream */
void print_to(FILE *stream, struct str text);

/*
 * TEXT to standard output, byte for byte: what is escaped already, and has colors.  On false it has
 * printed why.
 */
bool print_raw(const char *command, struct str text);
/* the same for what other programs read (a diff, what postconf prints); with escapes if standard
   output is a terminal */
bool print_exact(const char *command, struct str text);

/* for arena_create(): prints a line and ends the program */
void out_of_memory(void);

#endif
