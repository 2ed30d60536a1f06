#include "parser/text/line.h"

#include <string.h>

/* one physical line: from AT to END, the place of its newline or the end of the source */
struct physical {
    size_t at;
    size_t end;
    bool blank; /* empty, only white space, or a comment */
};

static struct physical read_physical(struct str bytes, size_t at)
{
    struct physical line = {.at = at, .end = str_find(bytes, '\n', at)};
    size_t i = at;

    while (i < line.end && is_space(bytes.at[i]))
        i++;
    line.blank = i == line.end || bytes.at[i] == '#';
    return line;
}

/* is_continued - does the line at AT continue the logical line? */
static bool is_continued(struct str bytes, size_t at)
{
    return at < bytes.len && (bytes.at[at] == '#' || is_space(bytes.at[at]));
}

/* find_text - the first line with text, from the reader's place on */
static bool find_text(struct line_reader *reader, struct physical *line)
{
    struct str bytes = reader->source->bytes;

    while (reader->at < bytes.len) {
        *line = read_physical(bytes, reader->at);
        reader->at = line->end + 1;
        if (!line->blank)
            return true;
    }
    return false;
}

/* join_lines - appends the physical lines that continue the logical line */
static void join_lines(struct line_reader *reader, struct arena *arena, struct line *line)
{
    struct str bytes = reader->source->bytes;
    struct line_piece *pieces = NULL;
    size_t capacity = 0;
    size_t count = 1;
    struct buffer text;

    buffer_init(&text, arena);
    while (is_continued(bytes, reader->at)) {
        struct physical next = read_physical(bytes, reader->at);
        reader->at = next.end + 1;
        if (next.blank)
            continue;
        if (pieces == NULL) {
            pieces = arena_grow(arena, NULL, 0, &capacity, sizeof *pieces);
            pieces[0] = line->first_piece;
            buffer_add(&text, line->text);
        }
        pieces = arena_grow(arena, pieces, count, &capacity, sizeof *pieces);
        pieces[count++] = (struct line_piece){.text_at = text.len, .source_at = next.at};
        buffer_add(&text, str_slice(bytes, next.at, next.end));
        line->end = next.end;
    }
    if (pieces != NULL) {
        line->text = buffer_str(&text);
        line->pieces = pieces;
        line->piece_count = count;
    }
}

bool line_next(struct line_reader *reader, struct arena *arena, struct line *line)
{
    struct str bytes = reader->source->bytes;
    struct physical first;

    if (!find_text(reader, &first))
        return false;
    *line = (struct line){.source = reader->source,
                          .text = str_slice(bytes, first.at, first.end),
                          .first_piece = {.text_at = 0, .source_at = first.at},
                          .piece_count = 1,
                          .end = first.end};
    if (is_continued(bytes, reader->at))
        join_lines(reader, arena, line);

    line->stray = is_space(line->text.at[0]);
    size_t nul = str_find(line->text, '\0', 0);
    line->nul = nul < line->text.len;
    line->text = str_slice(line->text, 0, nul);
    return true;
}

size_t line_text_size(const struct source *source)
{
    size_t size = 0;

    for (size_t at = 0; at < source->bytes.len;) {
        struct physical line = read_physical(source->bytes, at);
        if (!line.blank)
            size += line.end - line.at + 1;
        at = line.end + 1;
    }
    return size;
}

size_t line_at(const struct line *line, const char *place)
{
    size_t text_at = (size_t)(place - line->text.at);
    const struct line_piece *piece = line->pieces ? line->pieces : &line->first_piece;
    size_t low = 0;
    size_t high = line->piece_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (piece[middle].text_at <= text_at)
            low = middle;
        else
            high = middle;
    }
    return piece[low].source_at + (text_at - piece[low].text_at);
}

struct span line_span(const struct line *line, struct str part)
{
    size_t from = line_at(line, part.at);
    size_t to = part.len == 0 ? from : line_at(line, part.at + part.len - 1) + 1;

    return (struct span){.source = line->source, .at = from, .len = to - from};
}
