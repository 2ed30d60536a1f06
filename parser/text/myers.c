#include "parser/text/myers.h"

#include <limits.h>

/* the items a0..a1 and b0..b1 (ends excluded), still to be compared */
struct box {
    int a0, a1, b0, b1;
};

/*
 * How far a search has come: at[k] is the farthest x on the diagonal k = x - y.
 * Only every second diagonal from low to high is set.
 */
struct frontier {
    int *at;
    int low, high;
};

struct search {
    const int *a, *b;
    struct frontier forward, backward;
    long steps;
};

/* a place between items of a and items of b */
struct place {
    int x, y;
};

/*
 * widen - one more edit reaches one more diagonal on either side, up to the sides
 * of the box.  NOWHERE marks what has not been reached.
 */
static void widen(struct frontier *frontier, const struct box *box, int nowhere)
{
    if (frontier->low > box->a0 - box->b1) {
        frontier->low--;
        frontier->at[frontier->low - 1] = nowhere;
    } else {
        frontier->low++;
    }
    if (frontier->high < box->a1 - box->b0) {
        frontier->high++;
        frontier->at[frontier->high + 1] = nowhere;
    } else {
        frontier->high--;
    }
}

static bool is_reached(const struct frontier *frontier, int k)
{
    return k >= frontier->low && k <= frontier->high && ((k - frontier->low) & 1) == 0;
}

/* step_forward - one more edit; true, with the place, where the searches meet */
static bool step_forward(struct search *search, const struct box *box, struct place *meet)
{
    int *at = search->forward.at;

    widen(&search->forward, box, -1);
    for (int k = search->forward.high; k >= search->forward.low; k -= 2) {
        int start = at[k - 1] < at[k + 1] ? at[k + 1] : at[k - 1] + 1;
        int x = start;
        while (x < box->a1 && x - k < box->b1 && search->a[x] == search->b[x - k])
            x++;
        search->steps += 1 + x - start;
        at[k] = x;
        if (is_reached(&search->backward, k) && search->backward.at[k] <= x) {
            *meet = (struct place){x, x - k};
            return true;
        }
    }
    return false;
}

static bool step_backward(struct search *search, const struct box *box, struct place *meet)
{
    int *at = search->backward.at;

    widen(&search->backward, box, INT_MAX);
    for (int k = search->backward.high; k >= search->backward.low; k -= 2) {
        int start = at[k - 1] < at[k + 1] ? at[k - 1] : at[k + 1] - 1;
        int x = start;
        while (x > box->a0 && x - k > box->b0 && search->a[x - 1] == search->b[x - k - 1])
            x--;
        search->steps += 1 + start - x;
        at[k] = x;
        if (is_reached(&search->forward, k) && search->forward.at[k] >= x) {
            *meet = (struct place){x, x - k};
            return true;
        }
    }
    return false;
}

static int get_smaller(int a, int b)
{
    return a < b ? a : b;
}

static int get_larger(int a, int b)
{
    return a > b ? a : b;
}

/* find_farthest - the farthest place that either search has reached; a path may end outside the box
 */
static struct place find_farthest(const struct search *search, const struct box *box)
{
    struct place place = {box->a0, box->b0};
    int best = -1;

    for (int k = search->forward.low; k <= search->forward.high; k += 2) {
        int x = get_smaller(get_smaller(search->forward.at[k], box->a1), box->b1 + k);
        int progress = (x - box->a0) + (x - k - box->b0);
        if (progress > best) {
            best = progress;
            place = (struct place){x, x - k};
        }
    }
    for (int k = search->backward.low; k <= search->backward.high; k += 2) {
        int x = get_larger(get_larger(search->backward.at[k], box->a0), box->b0 + k);
        int progress = (box->a1 - x) + (box->b1 - (x - k));
        if (progress > best) {
            best = progress;
            place = (struct place){x, x - k};
        }
    }
    return place;
}

/* find_middle - a place on a short path through BOX; false where finding it takes too long */
static bool find_middle(struct search *search, const struct box *box, struct place *place)
{
    struct frontier *forward = &search->forward, *backward = &search->backward;

    forward->low = forward->high = box->a0 - box->b0;
    forward->at[forward->low] = box->a0;
    backward->low = backward->high = box->a1 - box->b1;
    backward->at[backward->low] = box->a1;
    for (int edits = 0; edits < MYERS_EDITS_MAX; edits += 2) {
        if (search->steps > MYERS_STEPS_MAX)
            return false;
        if (step_forward(search, box, place) || step_backward(search, box, place))
            return true;
    }
    *place = find_farthest(search, box);
    return true;
}

static bool is_empty(const struct box *box)
{
    return box->a0 == box->a1 || box->b0 == box->b1;
}

static void trim_box(const struct search *search, struct box *box)
{
    while (!is_empty(box) && search->a[box->a0] == search->b[box->b0]) {
        box->a0++;
        box->b0++;
    }
    while (!is_empty(box) && search->a[box->a1 - 1] == search->b[box->b1 - 1]) {
        box->a1--;
        box->b1--;
    }
}

/* frontier_create - for the diagonals -B to A, and one more on either side */
static struct frontier frontier_create(struct arena *arena, int a, int b)
{
    size_t diagonals = (size_t)a + (size_t)b + 3;
    int *at = arena_alloc_raw(arena, diagonals * sizeof(*at));
    return (struct frontier){.at = at + b + 1};
}

static void mark_changed(struct sequence *sequence, int from, int to)
{
    for (int i = from; i < to; i++)
        sequence->changed[i] = true;
}

void myers_compare(struct arena *arena, struct sequence *a, struct sequence *b)
{
    struct search search = {
        .a = a->items,
        .b = b->items,
        .forward = frontier_create(arena, a->count, b->count),
        .backward = frontier_create(arena, a->count, b->count),
    };
    struct box *later = NULL; /* a list, not recursion, whose depth the input would decide */
    size_t count = 0, capacity = 0;
    struct box box = {0, a->count, 0, b->count};
    struct place place = {0, 0};

    for (;;) {
        trim_box(&search, &box);
        if (!is_empty(&box) && find_middle(&search, &box, &place)) {
            later = arena_grow(arena, later, count, &capacity, sizeof(*later));
            later[count++] = (struct box){place.x, box.a1, place.y, box.b1};
            box = (struct box){box.a0, place.x, box.b0, place.y};
            continue;
        }
        mark_changed(a, box.a0, box.a1);
        mark_changed(b, box.b0, box.b1);
        if (count == 0)
            return;
        box = later[--count];
    }
}
