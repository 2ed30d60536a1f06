#include "parser/text/edit.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* compare_places - an insertion comes before what is replaced at the same place */
static int compare_places(const struct edit *a, const struct edit *b)
{
    int order = compare_sizes(a->span.at, b->span.at);
    return order != 0 ? order : compare_sizes(a->span.len, b->span.len);
}

static bool is_equal(const struct edit *a, const struct edit *b)
{
    return compare_places(a, b) == 0 && str_cmp(a->text, b->text) == 0;
}

/* compare_place_text - makes equal edits neighbours, the first one made first; both point into one
   list */
static int compare_place_text(const void *left, const void *right)
{
    const struct edit *a = *(const struct edit *const *)left;
    const struct edit *b = *(const struct edit *const *)right;

    int order = compare_places(a, b);
    if (order == 0)
        order = str_cmp(a->text, b->text);
    return order != 0 ? order : (a > b) - (a < b);
}

static int compare_place_age(const void *left, const void *right)
{
    const struct edit *a = *(const struct edit *const *)left;
    const struct edit *b = *(const struct edit *const *)right;

    int order = compare_places(a, b);
    return order != 0 ? order : (a > b) - (a < b);
}

/* sort_edits - drops all but the first of equal edits; returns how many are left */
static size_t sort_edits(const struct edit **edits, size_t count)
{
    size_t kept = 0;

    qsort(edits, count, sizeof(edits[0]), compare_place_text);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !is_equal(edits[kept - 1], edits[i]))
            edits[kept++] = edits[i];
    }
    qsort(edits, kept, sizeof(edits[0]), compare_place_age);
    return kept;
}

static bool is_inside(const struct edit *edit, const struct source *source)
{
    size_t len = source->bytes.len;
    return edit->span.at <= len && edit->span.len <= len - edit->span.at;
}

/* find_conflict - false where all of EDITS, which are sorted, can be made */
static bool find_conflict(const struct source *source, const struct edit **edits, size_t count,
                          const struct edit **one, const struct edit **other)
{
    const struct edit *last = NULL; /* the last that replaces something */

    for (size_t i = 0; i < count; i++) {
        *one = *other = edits[i];
        if (!is_inside(edits[i], source))
            return true;
        if (last != NULL && edits[i]->span.at < last->span.at + last->span.len) {
            *one = last < edits[i] ? last : edits[i];
            *other = last < edits[i] ? edits[i] : last;
            return true;
        }
        if (edits[i]->span.len > 0)
            last = edits[i];
    }
    return false;
}

static char *put_bytes(char *to, const char *from, size_t len)
{
    if (len > 0)
        memcpy(to, from, len);
    return to + len;
}

/* make_bytes - the new bytes, followed by a NUL as those of a source are */
static struct str make_bytes(struct arena *arena, struct str old, const struct edit **edits,
                             size_t count)
{
    size_t len = old.len;
    for (size_t i = 0; i < count; i++)
        len = len - edits[i]->span.len + edits[i]->text.len;

    char *bytes = arena_alloc_raw(arena, len + 1);
    char *to = bytes;
    size_t done = 0;
    for (size_t i = 0; i < count; i++) {
        to = put_bytes(to, old.at + done, edits[i]->span.at - done);
        to = put_bytes(to, edits[i]->text.at, edits[i]->text.len);
        done = edits[i]->span.at + edits[i]->span.len;
    }
    to = put_bytes(to, old.at + done, old.len - done);
    *to = '\0';
    return (struct str){bytes, len};
}

bool edit_apply(struct arena *arena, const struct source *source, const struct edit *edits,
                size_t count, struct str *result, struct edit_conflict *conflict)
{
    size_t ours = 0;
    for (size_t i = 0; i < count; i++)
        ours += edits[i].span.source == source;
    if (ours == 0) {
        *result = source->bytes;
        return true;
    }

    const struct edit **list = arena_alloc_raw(arena, ours * sizeof(*list));
    size_t listed = 0;
    for (size_t i = 0; i < count; i++) {
        if (edits[i].span.source == source)
            list[listed++] = &edits[i];
    }
    listed = sort_edits(list, listed);

    const struct edit *one, *other;
    if (find_conflict(source, list, listed, &one, &other)) {
        if (conflict != NULL)
            *conflict = (struct edit_conflict){(size_t)(one - edits), (size_t)(other - edits)};
        return false;
    }
    *result = make_bytes(arena, source->bytes, list, listed);
    return true;
}
