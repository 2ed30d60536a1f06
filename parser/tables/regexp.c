/*
 * table_regexp - regexp_table(5), on the C library's own regcomp(3)
 *
 * A pattern that regcomp() has compiled cannot be in an arena: of a table with few patterns the
 * small ones are kept until the arena is reset, all others are compiled and freed for each lookup.
 * The C library has no limits of its own, so patterns and keys are measured first.
 */
#include <regex.h>

#include "parser/tables/rules.h"

enum {
    PATTERN_MAX = 2048,  /* bytes */
    EXPANDED_MAX = 4096, /* nodes, with repetitions expanded as regcomp() does */
    KEY_MAX = 4096,
    GROUPS_MAX = 1024, /* a pattern of that length cannot have more */
    KEPT_NODES = 64,   /* of a pattern that is kept */
    KEPT_MAX = 1000,   /* only the patterns of the first rules of a table are kept */
};

/* the cost of one lookup, in nodes of a pattern times bytes of the key: at worst a few seconds */
#define COST_MAX ((size_t)100 * 1000 * 1000)

static const struct pattern_flag flags[] = {
    {'i', REG_ICASE}, {'m', REG_NEWLINE}, {'x', REG_EXTENDED}, {'\0', 0}};

/* --- the cost of a pattern ------------------------------------------------------------- */

/* the nodes that regcomp() makes, and those of the last piece, which an operator would repeat */
struct level {
    size_t nodes, piece;
};

struct measure {
    struct str pattern;
    bool extended;
    size_t at;
    struct level levels[PATTERN_MAX + 1];
    size_t depth;
};

static void add_nodes(struct level *level, size_t count)
{
    level->nodes = level->nodes + count > EXPANDED_MAX ? EXPANDED_MAX + 1 : level->nodes + count;
    level->piece = count > EXPANDED_MAX ? EXPANDED_MAX + 1 : count;
}

/* repeat_piece - the last piece is repeated COUNT times */
static void repeat_piece(struct level *level, size_t count)
{
    size_t piece = level->piece + 1;

    level->nodes -= level->piece > level->nodes ? level->nodes : level->piece;
    add_nodes(level, count > EXPANDED_MAX ? EXPANDED_MAX + 1 : piece * count);
}

/* read_repeat_count - the larger number in "{n,m}", after the brace; one more than n for "{n,}" */
static size_t read_repeat_count(struct measure *measure)
{
    struct str text = measure->pattern;
    size_t count = 1, number = 0;

    for (; measure->at < text.len; measure->at++) {
        char c = text.at[measure->at];
        if (c >= '0' && c <= '9')
            number = number > EXPANDED_MAX ? number : number * 10 + (size_t)(c - '0');
        else if (c == ',')
            number++;
        else
            break;
        count = number > count ? number : count;
        number = c == ',' ? 0 : number;
    }
    return count;
}

/* skip_bracket - skips the rest of "[...]", after the "[" */
static void skip_bracket(struct measure *measure)
{
    struct str text = measure->pattern;
    size_t i = measure->at;

    i += i < text.len && text.at[i] == '^';
    i += i < text.len && text.at[i] == ']';
    for (; i < text.len && text.at[i] != ']'; i++) {
        if (text.at[i] != '[' || i + 1 == text.len ||
            str_find(str_of(":.="), text.at[i + 1], 0) == 3)
            continue;
        char ends[] = {text.at[i + 1], ']', '\0'};
        size_t end = i + 2 + str_search(str_slice(text, i + 2, text.len), ends);
        i = end < text.len ? end + 1 : i;
    }
    measure->at = i < text.len ? i + 1 : text.len;
}

static void measure_operator(struct measure *measure, char c)
{
    struct level *level = &measure->levels[measure->depth];

    if (c == '(') {
        measure->levels[++measure->depth] = (struct level){0};
    } else if (c == ')' && measure->depth > 0) {
        add_nodes(&measure->levels[--measure->depth], level->nodes + 2);
    } else if (c == '+') {
        repeat_piece(level, 2);
    } else if (c == '*' || c == '?') {
        repeat_piece(level, 1);
    } else if (c == '{') {
        repeat_piece(level, read_repeat_count(measure));
    } else {
        add_nodes(level, 1);
    }
}

/* count_nodes - the nodes of a pattern; more than EXPANDED_MAX means too many */
static size_t count_nodes(const struct pattern *pattern)
{
    struct measure measure = {.pattern = pattern->text,
                              .extended = (pattern->options & REG_EXTENDED) != 0};
    size_t together = 1;

    if (pattern->text.len > PATTERN_MAX)
        return EXPANDED_MAX + 1;
    while (measure.at < pattern->text.len) {
        char c = pattern->text.at[measure.at++];
        bool escaped = c == '\\' && measure.at < pattern->text.len;
        if (escaped)
            c = pattern->text.at[measure.at++];
        if (c == '[' && !escaped) {
            skip_bracket(&measure);
            add_nodes(&measure.levels[measure.depth], 1);
        } else if (escaped != measure.extended || c == '*') {
            measure_operator(&measure, c);
        } else {
            add_nodes(&measure.levels[measure.depth], 1);
        }
    }
    for (size_t i = 0; i <= measure.depth && together <= EXPANDED_MAX; i++)
        together += measure.levels[i].nodes;
    return together;
}

/* count_back_references - the number of references to earlier groups */
static size_t count_back_references(struct str pattern)
{
    size_t count = 0;

    for (size_t i = 0; i + 1 < pattern.len; i++)
        if (pattern.at[i] == '\\')
            count += pattern.at[i + 1] >= '1' && pattern.at[i + 1] <= '9', i++;
    return count;
}

/*
 * cost_of - the cost of one pattern with a key of that length; with groups or back-references the
 * C library scans the key repeatedly
 */
static size_t estimate_cost(const struct pattern *pattern, size_t nodes, bool groups,
                            size_t key_len)
{
    size_t references = count_back_references(pattern->text);
    size_t cost = nodes * (key_len + 64) * (groups && references == 0 ? 16 : 1);

    if (references > 0)
        cost *= 4 * (key_len + 1);
    for (size_t i = 0; i < references && i < 3 && cost < COST_MAX; i++)
        cost *= key_len + 1;
    return cost;
}

/* --- opening ------------------------------------------------------------------------- */

struct regexp_pattern {
    size_t nodes;
    regex_t code;
    bool kept; /* CODE is compiled */
};

struct regexp_code {
    struct regexp_pattern first, second;
};

/* PATTERN_MAX, EXPANDED_MAX */
static const char too_large[] = "one of its patterns is longer than 2048 bytes, or than 4096 nodes";

static void release_code(void *code)
{
    regfree(code);
}

/* compile_pattern - false where Postfix skips the rule; a small pattern among few is kept */
static bool compile_pattern(struct pattern_contents *contents, struct arena *arena,
                            const struct pattern *pattern, size_t group_max,
                            struct regexp_pattern *made)
{
    int error = regcomp(&made->code, pattern->text.at, (int)pattern->options);
    bool few = contents->count < KEPT_MAX;
    char text[120];

    if (error != 0) {
        regerror(error, &made->code, text, sizeof text);
        contents->fault = arena_printf(arena, "has an invalid pattern: %s", text);
        return false;
    }
    bool enough = made->code.re_nsub >= group_max;
    if (!enough)
        contents->fault =
            (struct str)STR("has a group in its result that its pattern does not have");
    made->kept = enough && few && made->nodes <= KEPT_NODES;
    if (made->kept)
        arena_at_end(arena, release_code, &made->code);
    else
        regfree(&made->code);
    return enough;
}

static bool regexp_compile_rule(struct pattern_contents *contents, struct arena *arena,
                                struct pattern_rule *rule)
{
    struct regexp_code *code = arena_alloc(arena, sizeof *code);
    bool second = rule->second.text.at != NULL;

    rule->code = code;
    code->first.nodes = count_nodes(&rule->pattern);
    code->second.nodes = second ? count_nodes(&rule->second) : 0;
    if (code->first.nodes > EXPANDED_MAX || code->second.nodes > EXPANDED_MAX) {
        rule->too_large = too_large;
        return true;
    }
    if (rule->group_max >= GROUPS_MAX) { /* more than a pattern of that size can have */
        contents->fault =
            (struct str)STR("has a group in its result that its pattern does not have");
        return false;
    }
    if (rule->kind == RULE_MATCH && rule->group_max == 0)
        rule->pattern.options |= REG_NOSUB;
    rule->second.options |= REG_NOSUB;
    return compile_pattern(contents, arena, &rule->pattern, rule->group_max, &code->first) &&
           (!second || compile_pattern(contents, arena, &rule->second, 0, &code->second));
}

static const struct pattern_engine engine = {.type = "regexp",
                                             .defaults = REG_EXTENDED | REG_ICASE,
                                             .flags = flags,
                                             .second = true,
                                             .compile = regexp_compile_rule};

static void regexp_open(struct table *table, struct table_opening *opening)
{
    pattern_open(table, opening, &engine);
}

/* --- looking up -------------------------------------------------------------------------- */

struct regexp_lookup {
    struct arena *arena;
    const char *key; /* ends in a NUL */
    size_t key_len;
    size_t left; /* of COST_MAX */
};

static enum match_outcome give_up(const struct regexp_lookup *state, struct str *why)
{
    *why = arena_printf(state->arena, "its patterns take more than %zu steps", COST_MAX);
    return MATCH_TOO_LONG;
}

static enum match_outcome try_pattern(struct regexp_lookup *state, const struct pattern *pattern,
                                      const struct regexp_pattern *made, size_t group_count,
                                      regmatch_t *found, struct str *why)
{
    regex_t code;
    size_t cost = estimate_cost(pattern, made->nodes, group_count > 0, state->key_len);

    if (state->key_len > KEY_MAX) {
        *why = arena_printf(state->arena, "the key is longer than %d bytes", KEY_MAX);
        return MATCH_TOO_LONG;
    }
    if (cost > state->left)
        return give_up(state, why);
    state->left -= cost;
    if (!made->kept && regcomp(&code, pattern->text.at, (int)pattern->options) != 0)
        return give_up(state, why);
    int error = regexec(made->kept ? &made->code : &code, state->key, group_count, found, 0);
    if (!made->kept)
        regfree(&code);
    if (error == 0)
        return pattern->negated ? MATCH_NOT : MATCH_DOES;
    if (error == REG_NOMATCH)
        return pattern->negated ? MATCH_DOES : MATCH_NOT;
    return error == REG_ESPACE ? give_up(state, why) : MATCH_SKIPPED;
}

static struct groups copy_groups(struct arena *arena, const regmatch_t *found, size_t count)
{
    size_t *from = arena_alloc(arena, count * sizeof *from);
    size_t *to = arena_alloc(arena, count * sizeof *to);

    for (size_t i = 0; i < count; i++) {
        if (found[i].rm_so < 0)
            continue;
        from[i] = (size_t)found[i].rm_so;
        to[i] = (size_t)found[i].rm_eo;
    }
    return (struct groups){from, to};
}

static enum match_outcome try_rule(void *context, const struct pattern_rule *rule,
                                   struct groups *groups, struct str *why)
{
    struct regexp_lookup *state = context;
    const struct regexp_code *code = rule->code;
    regmatch_t found[GROUPS_MAX];
    size_t group_count = rule->group_max > 0 ? rule->group_max + 1 : 0;
    enum match_outcome outcome =
        try_pattern(state, &rule->pattern, &code->first, group_count, found, why);

    if (outcome == MATCH_DOES && rule->second.text.at != NULL)
        outcome = try_pattern(state, &rule->second, &code->second, 0, NULL, why);
    if (outcome == MATCH_DOES && group_count > 0)
        *groups = copy_groups(state->arena, found, group_count);
    return outcome;
}

static struct lookup regexp_find(const struct table *table, struct arena *arena, struct str key)
{
    struct regexp_lookup state = {
        .arena = arena, .key = arena_cstr(arena, key), .key_len = key.len, .left = COST_MAX};

    return pattern_find(table, arena, key, try_rule, &state);
}

const struct table_class table_class_regexp = {regexp_open, regexp_find};
