#include "rules/names/nearest.h"

enum {
    NAME_MAX = 80, /* longer than any known name */
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
    int rows[3][NAME_MAX + 2];
    int *before = rows[0], *above = rows[1], *row = rows[2];

    for (int k = 0; k <= (int)b.len; k++)
        above[k] = before[k] = k;
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

struct best {
    struct str wanted;
    struct str name;
    int distance; /* only a name with a smaller distance is better */
};

static void try_name(struct best *best, struct str name)
{
    size_t difference =
        name.len > best->wanted.len ? name.len - best->wanted.len : best->wanted.len - name.len;

    if (best->distance == 0 || name.len > NAME_MAX || difference >= (size_t)best->distance)
        return;
    int found = measure_distance(best->wanted, name, best->distance - 1);
    if (found < best->distance) {
        best->distance = found;
        best->name = name;
    }
}

static void try_service(const struct config *config, struct best *best,
                        const struct service *service)
{
    size_t count;
    const struct service_suffix *suffixes =
        facts_service_suffixes(service_process_name(service), &count);

    if (service->name.len > NAME_MAX)
        return;
    for (size_t i = 0; suffixes != NULL && i < count; i++)
        if (suffixes[i].first <= config->release->index &&
            config->release->index <= suffixes[i].last)
            try_name(best, arena_printf(config->arena, "%.*s%.*s", STR_ARG(service->name),
                                        STR_ARG(suffixes[i].suffix)));
}

struct str nearest_restriction(const struct config *config, struct str word, bool in_result)
{
    static const char *const actions[] = {
        "DUNNO", "REJECT", "DEFER",   "DEFER_IF_PERMIT", "DEFER_IF_REJECT", "INFO",
        "WARN",  "FILTER", "HOLD",    "DISCARD",         "REDIRECT",        "BCC",
        "OK",    "RELAY",  "PREPEND",
    };
    size_t most = word.len / LETTERS_FOR_ONE, count;
    struct best best = {.wanted = word, .name = STR_NONE};
    const struct restriction *restrictions = facts_restrictions(&count);

    if (word.len > NAME_MAX)
        return STR_NONE;
    best.distance = 1 + (most > DISTANCE_MAX ? DISTANCE_MAX : (int)most);
    for (size_t i = 0; in_result && i < sizeof actions / sizeof *actions; i++)
        try_name(&best, str_of(actions[i]));
    for (size_t i = 0; i < count; i++)
        if (restrictions[i].first <= config->release->index &&
            config->release->index <= restrictions[i].last &&
            facts_deprecation(restrictions[i].name) == NULL)
            try_name(&best, restrictions[i].name);
    return best.name;
}

struct str nearest_name(const struct config *config, struct str name)
{
    size_t most = name.len / LETTERS_FOR_ONE;
    struct best best = {.wanted = name, .name = STR_NONE};

    if (name.len > NAME_MAX)
        return STR_NONE;
    best.distance = 1 + (most > DISTANCE_MAX ? DISTANCE_MAX : (int)most);
    for (int number = PARAM_NONE + 1; number < PARAM_END; number++) {
        const struct parameter *parameter = facts_parameter_at((enum parameter_number)number);
        if (platform_has(config->platform, parameter) && parameter->deprecation == NULL)
            try_name(&best, parameter->name);
    }
    for (size_t i = 0; i < config->master_cf.count; i++)
        try_service(config, &best, config->master_cf.services[i]);
    return best.name;
}
