/*
 * line - logical lines, as Postfix's readlline(3) makes them
 *
 * A logical line starts with text in the first column and includes every line
 * after it that starts with white space, is a comment (its first non-space is
 * "#") or is empty.  Comments and empty lines are not part of its text;
 * neither are line ends: "a = b" and "  c" join as "a = b  c".  See postconf(5)
 * and the introduction of master(5).
 *
 * The text of a logical line that is one physical line is the source's own
 * bytes; otherwise it is joined in the arena.  Either way line_span() gives the
 * place of any part of the text.
 */
#ifndef PARSER_TEXT_LINE_H
#define PARSER_TEXT_LINE_H

#include "parser/text/source.h"

/* the text from TEXT_AT up to the next piece is at SOURCE_AT in the source */
struct line_piece {
    size_t text_at;
    size_t source_at;
};

struct line {
    const struct source *source;
    struct str text;                 /* up to the first NUL, where Postfix stops reading */
    const struct line_piece *pieces; /* one or more */
    struct line_piece first_piece;
    size_t piece_count;
    size_t end; /* source offset after its last text, before the line end there */
    bool
        stray; /* starts with white space, with nothing to continue: Postfix warns and ignores it */
    bool nul;  /* contains a NUL: what follows it in the line is ignored */
};

struct line_reader {
    const struct source *source;
    size_t at;
};

/* false at the end of the source */
bool line_next(struct line_reader *reader, struct arena *arena, struct line *line);

/* the bytes of all physical lines that are neither empty nor comments */
size_t line_text_size(const struct source *source);

/* the source offset of PLACE, a pointer into the line's text or to its end */
size_t line_at(const struct line *line, const char *place);
/* the piece of the source from PART's first byte to its last */
struct span line_span(const struct line *line, struct str part);

#endif
