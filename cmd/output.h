/*
 * output - what a command prints, and how it ends
 *
 * Standard output has the result alone; everything else goes to standard error.
 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include <stdio.h>

#include "base/str.h"

/* exit statuses */
enum {
    STATUS_GOOD = 0,
    STATUS_FINDINGS = 1,
    STATUS_WRONG_USE = 2,
};

/* one line to standard error: "postmend COMMAND: ..." */
void complain(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* TEXT, which may be empty, to a stream */
void print_to(FILE *stream, struct str text);

/* for arena_create(): prints a line and ends the program */
void out_of_memory(void);

#endif
