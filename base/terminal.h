/*
 * terminal - text for a terminal, which must not take it for a command or hide part of it
 *
 * Control characters (C0, DEL, and C1 as a byte or as UTF-8), those that change the direction of
 * text and those that are invisible are shown as escapes: "\x1b" for a byte, "\u202e" for another
 * character, which JSON reads as the same text.  All other bytes stay as they are.
 */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include "base/arena.h"

/* adds one line of text: LF and CR are escaped too, tabs are not */
void terminal_add(struct buffer *out, struct str text);

/* the same as a text of its own */
struct str terminal_text(struct arena *arena, struct str text);

/* whole lines of output, which arrive in pieces */
struct terminal {
    char waiting[4]; /* the start of a character, or a CR that may belong to a line end */
    size_t count;
};

/* adds a piece of output; line ends stay as they are */
void terminal_filter(struct terminal *terminal, struct buffer *out, struct str piece);
/* adds what is still waiting, at the end */
void terminal_finish(struct terminal *terminal, struct buffer *out);

/* the columns of the text as terminal_add() shows it, if it starts at column START, from 0: wide
   characters take two, combining ones none, and a tab goes to the next multiple of eight */
size_t terminal_width(struct str text, size_t start);

#endif
