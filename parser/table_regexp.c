/*
 * table_regexp - regexp_table(5), on the C library's own regcomp(3)
 *
 * Its patterns are compiled for each lookup and given back: what regcomp() makes can't lie in an
 * arena.  The C library has no limits of its own, so patterns and keys are measured before.
 */
#include <regex.h>

#include "parser/table_rules.h"

enum {
    PATTERN_MAX = 4096,       /* bytes */
    EXPANDED_MAX = 64 * 1024, /* what a pattern grows to when its {n,m} are written out */
    KEY_MAX = 16 * 1024,
    BACK_REFERENCE_KEY_MAX = 256, /* matching those takes a time that grows fast */
    BACK_REFERENCES_MAX = 2,
    GROUPS_MAX = 256,
};

static const struct pattern_flag flags[] = {
    {'i', REG_ICASE}, {'m', REG_NEWLINE}, {'x', REG_EXTENDED}, {'\0', 0}};

/* --- how much a pattern takes ---------------------------------------------------------- */

/* repeat_count - the largest number in "{n,m}" at AT, at least 1 */
static size_t repeat_count(struct str text, size_t at, size_t *next)
{
    size_t count = 1, number = 0, i = at;

    for (; i < text.len && text.at[i] != '}'; i++) {
        if (text.at[i] >= '0' && text.at[i] <= '9')
            number = number < 100000 ? number * 10 + (size_t)(text.at[i] - '0') : number;
        else if (text.at[i] == ',')
            number = 0;
        else
            break;
        count = number > count ? number : count;
    }
    *next = i;
    return count;
}

/* is_modest - may PATTERN be compiled here?  Its size is its length times all repetitions in it,
   which is never less than what nested ones make of it, save for those of small pieces */
static bool is_modest(struct str pattern)
{
    size_t size = pattern.len + 1;

    if (pattern.len > PATTERN_MAX)
        return false;
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.at[i] == '{')
            if ((size *= repeat_count(pattern, i + 1, &i)) > EXPANDED_MAX)
                return false;
    return true;
}

static size_t back_references(struct str pattern)
{
    size_t count = 0;

    for (size_t i = 0; i + 1 < pattern.len; i++)
        if (pattern.at[i] == '\\')
            count += pattern.at[i + 1] >= '1' && pattern.at[i + 1] <= '9', i++;
    return count;
}

/* --- opening ------------------------------------------------------------------------- */

/* compile - with what rule_groups() wants to know; false where Postfix skips the rule */
static bool check_pattern(const struct pattern *pattern, size_t group_max)
{
    regex_t code;

    if (regcomp(&code, pattern->text.at, (int)pattern->options) != 0)
        return false;
    bool enough = code.re_nsub >= group_max;
    regfree(&code);
    return enough;
}

static bool regexp_compile_rule(struct pattern_contents *contents, struct arena *arena,
                                struct pattern_rule *rule)
{
    (void)contents;
    (void)arena;
    rule->too_large = !is_modest(rule->pattern.text) ||
                      (rule->second.text.at != NULL && !is_modest(rule->second.text)) ||
                      (rule->group_max >= GROUPS_MAX && rule->group_max < PATTERN_MAX);
    if (rule->too_large)
        return true;
    if (rule->kind == RULE_MATCH && rule->group_max == 0)
        rule->pattern.options |= REG_NOSUB;
    rule->second.options |= REG_NOSUB;
    return check_pattern(&rule->pattern, rule->group_max) &&
           (rule->second.text.at == NULL || check_pattern(&rule->second, 0));
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

/* --- asking -------------------------------------------------------------------------- */

struct asking {
    struct arena *arena;
    const char *key; /* ends in a NUL */
    size_t key_len;
};

static enum match_outcome try_pattern(const struct asking *asking, const struct pattern *pattern,
                                      size_t group_count, regmatch_t *found)
{
    regex_t code;
    size_t references = back_references(pattern->text);

    if (references > BACK_REFERENCES_MAX ||
        asking->key_len > (references > 0 ? BACK_REFERENCE_KEY_MAX : KEY_MAX))
        return MATCH_TOO_LONG;
    if (regcomp(&code, pattern->text.at, (int)pattern->options) != 0)
        return MATCH_TOO_LONG;
    int error = regexec(&code, asking->key, group_count, found, 0);
    regfree(&code);
    if (error == 0)
        return pattern->negated ? MATCH_NOT : MATCH_DOES;
    if (error == REG_NOMATCH)
        return pattern->negated ? MATCH_DOES : MATCH_NOT;
    return error == REG_ESPACE ? MATCH_TOO_LONG : MATCH_SKIPPED;
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
                                   struct groups *groups)
{
    const struct asking *asking = context;
    regmatch_t found[GROUPS_MAX];
    size_t group_count = rule->group_max > 0 ? rule->group_max + 1 : 0;
    enum match_outcome outcome = try_pattern(asking, &rule->pattern, group_count, found);

    if (outcome == MATCH_DOES && rule->second.text.at != NULL)
        outcome = try_pattern(asking, &rule->second, 0, NULL);
    if (outcome == MATCH_DOES && group_count > 0)
        *groups = copy_groups(asking->arena, found, group_count);
    return outcome;
}

static struct lookup regexp_find(const struct table *table, struct arena *arena, struct str key)
{
    struct asking asking = {.arena = arena, .key = arena_cstr(arena, key), .key_len = key.len};

    return pattern_find(table, arena, key, try_rule, &asking);
}

const struct table_class table_class_regexp = {regexp_open, regexp_find};
