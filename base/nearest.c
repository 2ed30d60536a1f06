#include "base/nearest.h"

enum {
    WORD_MAX = 80, /* longer than any known word */
    LETTERS_FOR_ONE = 5,
    DISTANCE_MAX = 3,
};

static char fold_letter(char c)
{
    return c == '-' ? '_' : char_lower(c);
}

static int get_smaller(int a, int b)
{
    return a < b ? a : b;
}

/*
 * measure_distance - letters to change, add, remove or swap; more than LIMIT counts as LIMIT + 1.
 * Letters that are more than LIMIT places apart are not compared: each place costs at least one.
 */
static int measure_distance(struct str a, struct str b, int limit)
{
    int rows[3][WORD_MAX + 2];
    int *before = rows[0], *above = rows[1], *row = rows[2];

    for (int k = 0; k <= (int)b.len + 1; k++)
        above[k] = before[k] = row[k] = k;
    for (int i = 1; i <= (int)a.len; i++) {
        int first = i > limit ? i - limit : 1, last = get_smaller(i + limit, (int)b.len);
        int smallest = row[first - 1] = first == 1 ? i : limit + 1;
        char x = fold_letter(a.at[i - 1]);
        for (int k = first; k <= last; k++) {
            char y = fold_letter(b.at[k - 1]);
            int cost = get_smaller(above[k - 1] + (x != y), get_smaller(above[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && x == fold_letter(b.at[k - 2]) && y == fold_letter(a.at[i - 2]))
                cost = get_smaller(cost, before[k - 2] + 1);
            row[k] = cost;
            smallest = get_smaller(smallest, cost);
        }
        if (smallest > limit)
            return limit + 1;
        row[last + 1] = limit + 1; /* for the next row, which reaches one place further */
        int *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return get_smaller(above[b.len], limit + 1);
}

void nearest_start(struct nearest *nearest, struct str wanted)
{
    size_t most = wanted.len / LETTERS_FOR_ONE;

    *nearest = (struct nearest){.wanted = wanted, .found = STR_NONE};
    if (wanted.len <= WORD_MAX)
        nearest->distance = 1 + (most > DISTANCE_MAX ? DISTANCE_MAX : (int)most);
}

void nearest_try(struct nearest *nearest, struct str word)
{
    size_t difference = word.len > nearest->wanted.len ? word.len - nearest->wanted.len
                                                       : nearest->wanted.len - word.len;

    if (nearest->distance == 0 || word.len > WORD_MAX || difference >= (size_t)nearest->distance)
        return;
    int found = measure_distance(nearest->wanted, word, nearest->distance - 1);
    if (found < nearest->distance) {
        nearest->distance = found;
        nearest->found = word;
    }
}
