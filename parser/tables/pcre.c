/* table_pcre - pcre_table(5), on PCRE2 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "parser/tables/rules.h"

enum {
    /* match steps of all rules together, and the least and the most of one rule.  The limit of
       PCRE2 itself is 10 million: Postfix then warns and skips the rule */
    STEPS_TOGETHER = 200 * 1000 * 1000,
    STEPS_MIN = 10 * 1000,
    STEPS_MAX = 1000 * 1000,
    HEAP_MAX = 64 * 1024,        /* KiB for one match */
    CODE_MAX = 64 * 1024 * 1024, /* bytes of all compiled patterns of a table */
};

/* not an option of PCRE2 but the X of PCRE, which makes an unknown escape an error.  In PCRE2 that
   is always so, and Postfix ignores the flag */
enum { OPTION_EXTRA = 0x10000000 };

static const struct pattern_flag flags[] = {
    {'i', PCRE2_CASELESS}, {'m', PCRE2_MULTILINE}, {'s', PCRE2_DOTALL},
    {'x', PCRE2_EXTENDED}, {'A', PCRE2_ANCHORED},  {'E', PCRE2_DOLLAR_ENDONLY},
    {'U', PCRE2_UNGREEDY}, {'X', OPTION_EXTRA},    {'\0', 0},
};

/* --- compiling ----------------------------------------------------------------------- */

static const char too_large[] = "its patterns take more than 64 MB"; /* CODE_MAX */

/* the memory of a table's compiled patterns, in the arena: it is never freed */
struct compiler {
    struct arena *arena;
    size_t left; /* of CODE_MAX */
    bool full;
    pcre2_compile_context *context;
};

static void *code_allocate(size_t size, void *data)
{
    struct compiler *compiler = data;

    if (size > compiler->left) {
        compiler->full = true;
        return NULL;
    }
    compiler->left -= size;
    return arena_alloc_raw(compiler->arena, size);
}

static void code_free(void *block, void *data)
{
    (void)block;
    (void)data;
}

static struct compiler *compiler_create(struct arena *arena)
{
    struct compiler *compiler = arena_alloc(arena, sizeof *compiler);

    *compiler = (struct compiler){.arena = arena, .left = CODE_MAX};
    compiler->context = pcre2_compile_context_create(
        pcre2_general_context_create(code_allocate, code_free, compiler));
    return compiler;
}

/* describe_error - what PCRE2 says of the pattern */
static struct str describe_error(struct arena *arena, int error, PCRE2_SIZE offset)
{
    PCRE2_UCHAR text[120];

    if (pcre2_get_error_message(error, text, sizeof text) < 0)
        text[0] = '\0';
    return arena_printf(arena, "has an invalid pattern: %s at offset %zu", (const char *)text,
                        (size_t)offset);
}

static bool pcre_compile_rule(struct pattern_contents *contents, struct arena *arena,
                              struct pattern_rule *rule)
{
    uint32_t options = rule->pattern.options & ~(uint32_t)OPTION_EXTRA;
    uint32_t groups = 0;
    int error;
    PCRE2_SIZE offset;

    if (contents->compiler == NULL)
        contents->compiler = compiler_create(arena);
    struct compiler *compiler = contents->compiler;
    bool strict = (rule->pattern.options & OPTION_EXTRA) != 0 ||
                  release_has(contents->release, FEATURE_PCRE2);
    pcre2_set_compile_extra_options(compiler->context,
                                    strict ? 0 : PCRE2_EXTRA_BAD_ESCAPE_IS_LITERAL);
    if (!compiler->full)
        rule->code = pcre2_compile((PCRE2_SPTR)rule->pattern.text.at, rule->pattern.text.len,
                                   options, &error, &offset, compiler->context);
    rule->too_large = compiler->full ? too_large : NULL;
    if (rule->code == NULL) {
        if (!compiler->full)
            contents->fault = describe_error(arena, error, offset);
        return compiler->full;
    }
    pcre2_pattern_info(rule->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (rule->group_max > groups)
        contents->fault =
            (struct str)STR("has a group in its result that its pattern does not have");
    return rule->group_max <= groups;
}

static const struct pattern_engine engine = {.type = "pcre",
                                             .defaults = PCRE2_CASELESS | PCRE2_DOTALL,
                                             .flags = flags,
                                             .compile = pcre_compile_rule};

static void pcre_open(struct table *table, struct table_opening *opening)
{
    pattern_open(table, opening, &engine);
}

/* --- looking up -------------------------------------------------------------------------- */

struct pcre_lookup {
    struct arena *arena;
    struct str key;
    size_t steps; /* the most for one rule */
    pcre2_match_context *context;
};

static enum match_outcome give_up(const struct pcre_lookup *state, struct str *why)
{
    *why = arena_printf(state->arena, "one of its patterns takes more than %zu steps or %d MB",
                        state->steps, HEAP_MAX >> 10);
    return MATCH_TOO_LONG;
}

/* copy_groups - in the arena, because the match data is freed */
static struct groups copy_groups(struct arena *arena, pcre2_match_data *data)
{
    uint32_t count = pcre2_get_ovector_count(data);
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(data);
    size_t *from = arena_alloc(arena, count * sizeof *from);
    size_t *to = arena_alloc(arena, count * sizeof *to);

    for (uint32_t i = 0; i < count; i++) {
        if (ends[2 * i] == PCRE2_UNSET)
            continue;
        from[i] = ends[2 * i];
        to[i] = ends[2 * i + 1];
    }
    return (struct groups){from, to};
}

static enum match_outcome try_rule(void *context, const struct pattern_rule *rule,
                                   struct groups *groups, struct str *why)
{
    struct pcre_lookup *state = context;
    /* not in the arena of the patterns, which is never freed */
    pcre2_match_data *data = pcre2_match_data_create(
        rule->group_max < UINT16_MAX ? (uint32_t)rule->group_max + 1 : UINT16_MAX, NULL);
    enum match_outcome outcome;

    if (data == NULL)
        return give_up(state, why);
    int result = pcre2_match(rule->code, (PCRE2_SPTR)state->key.at, state->key.len, 0, 0, data,
                             state->context);
    if (result >= 0)
        outcome = rule->pattern.negated ? MATCH_NOT : MATCH_DOES;
    else if (result == PCRE2_ERROR_NOMATCH)
        outcome = rule->pattern.negated ? MATCH_DOES : MATCH_NOT;
    else if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_HEAPLIMIT ||
             result == PCRE2_ERROR_DEPTHLIMIT || result == PCRE2_ERROR_NOMEMORY)
        outcome = give_up(state, why);
    else
        outcome = MATCH_SKIPPED;
    if (outcome == MATCH_DOES && rule->group_max > 0)
        *groups = copy_groups(state->arena, data);
    pcre2_match_data_free(data);
    return outcome;
}

static struct lookup pcre_find(const struct table *table, struct arena *arena, struct str key)
{
    const struct pattern_contents *contents = table->contents;
    size_t steps = STEPS_TOGETHER / (contents->count + 1);
    struct pcre_lookup state = {.arena = arena,
                                .key = key.len > 0 ? key : (struct str)STR(""),
                                .context = pcre2_match_context_create(NULL)};

    if (state.context == NULL)
        return lookup_failed(LOOKUP_UNKNOWN, (struct str)STR("out of memory"));
    steps = steps < STEPS_MIN ? STEPS_MIN : steps > STEPS_MAX ? STEPS_MAX : steps;
    state.steps = steps;
    pcre2_set_match_limit(state.context, (uint32_t)steps);
    pcre2_set_heap_limit(state.context, HEAP_MAX);
    struct lookup lookup = pattern_find(table, arena, key, try_rule, &state);
    pcre2_match_context_free(state.context);
    return lookup;
}

const struct table_class table_class_pcre = {pcre_open, pcre_find};
