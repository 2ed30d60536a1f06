#include "parser/text/diff.h"
#include "parser/text/myers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3

/* a text with more lines between the first and the last difference is one replaced block */
#define LINES_MAX (4 * 1024 * 1024)

/*
 * The part of both texts that can appear in the diff: from CONTEXT lines before the
 * first difference to CONTEXT lines after the last.  The context is not compared
 * again: a change that moved into it (among equal lines) would have less than CONTEXT
 * lines after it, which patch(1) takes for the end of the file.
 */
struct window {
    size_t start; /* in both texts: where the context before begins, */
    size_t head;  /* and where it ends */
    size_t tail;  /* bytes from the end: where the context after begins, */
    size_t end;   /* and where it ends */
    size_t line;  /* lines before the start */
};

/* one text's lines within the window */
struct side {
    struct str *lines; /* with their line ends: a missing one is a difference */
    int *ids;          /* equal lines have equal ids; -1: not in the other text */
    bool *changed;
    size_t count;
    size_t from, to; /* what to compare; the rest is context */
};

/* a run of lines a0..a1 that is replaced by the lines b0..b1 */
struct change {
    size_t a0, a1, b0, b1;
};

static size_t count_lines(struct str text)
{
    size_t count = 0, at = 0;

    while (at < text.len) {
        at = str_find(text, '\n', at) + 1;
        count++;
    }
    return count;
}

/* find_line_begin - where the line that holds the byte before AT begins */
static size_t find_line_begin(struct str text, size_t at)
{
    const char *before = at > 1 ? memrchr(text.at, '\n', at - 1) : NULL;
    return before != NULL ? (size_t)(before - text.at) + 1 : 0;
}

/* measure_common_head - the length of the whole lines at the start that both texts share */
static size_t measure_common_head(struct str a, struct str b)
{
    size_t most = a.len < b.len ? a.len : b.len;
    size_t head = 0;

    while (most - head >= 4096 && memcmp(a.at + head, b.at + head, 4096) == 0)
        head += 4096;
    while (head < most && a.at[head] == b.at[head])
        head++;
    if (head > 0 && a.at[head - 1] != '\n')
        head = find_line_begin(a, head);
    return head;
}

/* measure_common_tail - the length of the whole lines at the end that both texts share, after HEAD
 */
static size_t measure_common_tail(struct str a, struct str b, size_t head)
{
    size_t most = (a.len < b.len ? a.len : b.len) - head;
    size_t tail = 0;

    while (tail < most && a.at[a.len - tail - 1] == b.at[b.len - tail - 1])
        tail++;
    /* what is before the first line end in it may belong to two different lines */
    size_t end = str_find(a, '\n', a.len - tail);
    return end < a.len ? a.len - end - 1 : 0;
}

static struct window find_window(struct str a, struct str b)
{
    struct window window;

    window.head = window.start = measure_common_head(a, b);
    window.tail = measure_common_tail(a, b, window.head);
    for (int i = 0; i < CONTEXT; i++)
        window.start = find_line_begin(a, window.start);

    size_t end = a.len - window.tail;
    for (int i = 0; i < CONTEXT && end < a.len; i++)
        end = str_find(a, '\n', end) + 1;
    window.end = end < a.len ? a.len - end : 0;

    window.line = count_lines(str_slice(a, 0, window.start));
    return window;
}

/* --- output --- */

/* add_path - in quotes, as diff -u and git write it, where patch(1) would misread it */
static void add_path(struct buffer *out, const char *mark, struct str path)
{
    bool quote = false, blank = false;

    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.at[i];
        quote = quote || c < ' ' || c == 0x7f || c == '"' || c == '\\';
        blank = blank || c == ' ';
    }
    buffer_add_cstr(out, mark);
    if (!quote) {
        buffer_add(out, path);
        buffer_add_cstr(out, blank ? "\t\n" : "\n");
        return;
    }
    buffer_add_char(out, '"');
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.at[i];
        if (c < ' ' || c == 0x7f) {
            buffer_printf(out, "\\%03o", c);
            continue;
        }
        if (c == '"' || c == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, (char)c);
    }
    buffer_add_cstr(out, "\"\n");
}

/* add_range - one side's part of "@@ -1,2 +1,3 @@"; FIRST counts from 0 */
static void add_range(struct buffer *out, char mark, size_t first, size_t count)
{
    /* an empty range has the number of the line before it */
    buffer_printf(out, " %c%zu", mark, count == 0 ? first : first + 1);
    if (count != 1)
        buffer_printf(out, ",%zu", count);
}

static void add_hunk_header(struct buffer *out, size_t a, size_t a_count, size_t b, size_t b_count)
{
    buffer_add_cstr(out, "@@");
    add_range(out, '-', a, a_count);
    add_range(out, '+', b, b_count);
    buffer_add_cstr(out, " @@\n");
}

static void add_lines(struct buffer *out, char mark, struct str text)
{
    size_t at = 0;

    while (at < text.len) {
        size_t end = str_find(text, '\n', at);
        buffer_add_char(out, mark);
        buffer_add(out, str_slice(text, at, end + 1));
        if (end == text.len)
            buffer_add_cstr(out, "\n\\ No newline at end of file\n");
        at = end + 1;
    }
}

/* join_lines - the text of the lines FROM to TO of SIDE */
static struct str join_lines(const struct side *side, size_t from, size_t to)
{
    if (from == to)
        return STR_NONE;
    const char *start = side->lines[from].at;
    const char *end = side->lines[to - 1].at + side->lines[to - 1].len;
    return (struct str){start, (size_t)(end - start)};
}

static void add_hunk(struct buffer *out, const struct side *a, const struct side *b,
                     const struct change *changes, size_t count, size_t line)
{
    size_t before = changes[0].a0 < CONTEXT ? changes[0].a0 : CONTEXT;
    size_t rest = a->count - changes[count - 1].a1;
    size_t after = rest < CONTEXT ? rest : CONTEXT;
    size_t a0 = changes[0].a0 - before, a1 = changes[count - 1].a1 + after;
    size_t b0 = changes[0].b0 - before, b1 = changes[count - 1].b1 + after;

    add_hunk_header(out, line + a0, a1 - a0, line + b0, b1 - b0);
    size_t done = a0;
    for (size_t i = 0; i < count; i++) {
        add_lines(out, ' ', join_lines(a, done, changes[i].a0));
        add_lines(out, '-', join_lines(a, changes[i].a0, changes[i].a1));
        add_lines(out, '+', join_lines(b, changes[i].b0, changes[i].b1));
        done = changes[i].a1;
    }
    add_lines(out, ' ', join_lines(a, done, a1));
}

/* find_next_change - the first run of changed lines from *I and *J on; they move past it */
static bool find_next_change(const struct side *a, const struct side *b, size_t *i, size_t *j,
                             struct change *change)
{
    while (*i < a->count && *j < b->count && !a->changed[*i] && !b->changed[*j]) {
        ++*i;
        ++*j;
    }
    if (*i == a->count && *j == b->count)
        return false;
    change->a0 = *i;
    change->b0 = *j;
    while (*i < a->count && a->changed[*i])
        ++*i;
    while (*j < b->count && b->changed[*j])
        ++*j;
    change->a1 = *i;
    change->b1 = *j;
    return true;
}

static void add_hunks(struct buffer *out, const struct side *a, const struct side *b, size_t line)
{
    struct change *changes = NULL;
    struct change next;
    size_t count = 0, capacity = 0, i = 0, j = 0;

    while (find_next_change(a, b, &i, &j, &next)) {
        if (count > 0 && next.a0 - changes[count - 1].a1 > 2 * CONTEXT) {
            add_hunk(out, a, b, changes, count, line);
            count = 0;
        }
        changes = arena_grow(out->arena, changes, count, &capacity, sizeof(*changes));
        changes[count++] = next;
    }
    if (count > 0)
        add_hunk(out, a, b, changes, count, line);
}

/* add_block - everything between the first and the last difference, not compared line by line */
static void add_block(struct buffer *out, struct str a, struct str b, const struct window *window)
{
    struct str before = str_slice(a, window->start, window->head);
    struct str old = str_slice(a, window->head, a.len - window->tail);
    struct str new = str_slice(b, window->head, b.len - window->tail);
    struct str after = str_slice(a, a.len - window->tail, a.len - window->end);
    size_t around = count_lines(before) + count_lines(after);

    add_hunk_header(out, window->line, around + count_lines(old), window->line,
                    around + count_lines(new));
    add_lines(out, ' ', before);
    add_lines(out, '-', old);
    add_lines(out, '+', new);
    add_lines(out, ' ', after);
}

/* --- lines and their ids --- */

struct entry {
    uint32_t hash;
    int index;
    struct side *side;
    struct str line;
};

static struct side split_lines(struct arena *arena, struct str text, size_t count, size_t before,
                               size_t after)
{
    struct side side = {.count = count, .from = before, .to = count - after};

    side.lines = arena_alloc_raw(arena, count * sizeof(*side.lines));
    side.ids = arena_alloc_raw(arena, count * sizeof(*side.ids));
    side.changed = arena_alloc(arena, count * sizeof(*side.changed));
    for (size_t i = 0, at = 0; i < count; i++) {
        size_t end = str_find(text, '\n', at) + 1;
        side.lines[i] = str_slice(text, at, end);
        at = end;
    }
    return side;
}

static uint32_t hash_line(struct str line)
{
    uint32_t value = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < line.len; i++)
        value = (value ^ (unsigned char)line.at[i]) * 16777619u;
    return value;
}

static int compare_lines(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return str_cmp(a->line, b->line);
}

static void add_entries(struct entry *entries, struct side *side)
{
    for (size_t i = side->from; i < side->to; i++)
        *entries++ = (struct entry){hash_line(side->lines[i]), (int)i, side, side->lines[i]};
}

/* number_lines - by sorting rather than with a hash table: no input makes it slow */
static void number_lines(struct arena *arena, struct side *a, struct side *b)
{
    size_t a_count = a->to - a->from;
    size_t count = a_count + b->to - b->from;
    struct entry *entries = arena_alloc_raw(arena, count * sizeof(*entries));

    add_entries(entries, a);
    add_entries(entries + a_count, b);
    qsort(entries, count, sizeof(*entries), compare_lines);
    for (size_t first = 0, next; first < count; first = next) {
        bool both = false;
        for (next = first; next < count && compare_lines(&entries[first], &entries[next]) == 0;
             next++)
            both = both || entries[next].side != entries[first].side;
        for (size_t i = first; i < next; i++)
            entries[i].side->ids[entries[i].index] = both ? (int)first : -1;
    }
}

/* find_common_lines - the lines that are also somewhere in the other text */
static struct sequence find_common_lines(struct arena *arena, const struct side *side)
{
    int *items = arena_alloc_raw(arena, side->count * sizeof(*items));
    bool *changed = arena_alloc(arena, side->count * sizeof(*changed));
    int count = 0;

    for (size_t i = side->from; i < side->to; i++) {
        if (side->ids[i] >= 0)
            items[count++] = side->ids[i];
    }
    return (struct sequence){.items = items, .count = count, .changed = changed};
}

static void mark_changed(struct side *side, const struct sequence *common)
{
    size_t next = 0;

    for (size_t i = side->from; i < side->to; i++)
        side->changed[i] = side->ids[i] < 0 || common->changed[next++];
}

static void mark_differences(struct arena *arena, struct side *a, struct side *b)
{
    number_lines(arena, a, b);
    struct sequence in_a = find_common_lines(arena, a);
    struct sequence in_b = find_common_lines(arena, b);
    myers_compare(arena, &in_a, &in_b);
    mark_changed(a, &in_a);
    mark_changed(b, &in_b);
}

void diff_unified(struct buffer *out, struct str old_path, struct str old_text, struct str new_path,
                  struct str new_text)
{
    if (str_cmp(old_text, new_text) == 0)
        return;
    add_path(out, "--- ", old_path);
    add_path(out, "+++ ", new_path);

    struct window window = find_window(old_text, new_text);
    struct str old = str_slice(old_text, window.start, old_text.len - window.end);
    struct str new = str_slice(new_text, window.start, new_text.len - window.end);
    size_t old_count = count_lines(old), new_count = count_lines(new);
    if (old_count > LINES_MAX || new_count > LINES_MAX) {
        add_block(out, old_text, new_text, &window);
        return;
    }
    size_t before = count_lines(str_slice(old_text, window.start, window.head));
    size_t after =
        count_lines(str_slice(old_text, old_text.len - window.tail, old_text.len - window.end));
    struct side a = split_lines(out->arena, old, old_count, before, after);
    struct side b = split_lines(out->arena, new, new_count, before, after);
    mark_differences(out->arena, &a, &b);
    add_hunks(out, &a, &b, window.line);
}
