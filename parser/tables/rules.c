#include "parser/tables/rules.h"

#include <string.h>

enum {
    RESULT_MAX = 1024 * 1024, /* bytes; a longer result is unknown */
};

/* --- results ------------------------------------------------------------------------- */

struct part_list {
    struct arena *arena;
    struct buffer text; /* before the next group */
    struct result_part *parts;
    size_t count, capacity;
};

static void add_part(struct part_list *list, struct result_part part)
{
    list->parts =
        arena_grow(list->arena, list->parts, list->count, &list->capacity, sizeof *list->parts);
    list->parts[list->count++] = part;
}

static void end_text(struct part_list *list)
{
    if (list->text.len > 0)
        add_part(list, (struct result_part){.text = buffer_str(&list->text)});
    buffer_init(&list->text, list->arena);
}

/* read_group_name - the name in TEXT[AT...], after a "$"; *NEXT is the offset after it.  STR_NONE
   where it is not closed */
static struct str read_group_name(struct str text, size_t at, size_t *next)
{
    size_t end = at;
    char opens = at < text.len ? text.at[at] : '\0';
    char closes = opens == '(' ? ')' : '}';

    if (opens != '(' && opens != '{') {
        while (end < text.len && (is_alnum(text.at[end]) || text.at[end] == '_'))
            end++;
        *next = end;
        return str_slice(text, at, end);
    }
    for (size_t level = 1; level > 0;) {
        if (++end == text.len)
            return STR_NONE;
        level += text.at[end] == opens;
        level -= text.at[end] == closes;
    }
    *next = end + 1;
    return str_slice(text, at + 1, end);
}

static bool skip_rule(struct pattern_contents *contents, const char *what)
{
    contents->fault = (struct str){what, strlen(what)};
    return false;
}

/* read_result - "text $1 ${2} $(3) $$"; false where Postfix skips the rule */
static bool read_result(struct pattern_contents *contents, struct pattern_rule *rule,
                        struct arena *arena, struct str text)
{
    struct part_list list = {.arena = arena};
    size_t i = 0;

    buffer_init(&list.text, arena);
    while (i < text.len) {
        if (text.at[i] != '$' || (i + 1 < text.len && text.at[i + 1] == '$')) {
            buffer_add_char(&list.text, text.at[i]);
            i += text.at[i] == '$' ? 2 : 1;
            continue;
        }
        struct str name = read_group_name(text, i + 1, &i);
        /* unsigned, as Postfix compares it: a number that overflows is large */
        size_t group = name.at != NULL && str_is_digits(name) ? (size_t)str_atoi(name) : 0;
        if (group == 0)
            return skip_rule(contents,
                             "has a \"$\" in its result that no number follows: write \"$$\" for "
                             "the character");
        if (group > rule->group_max)
            rule->group_max = group;
        end_text(&list);
        add_part(&list, (struct result_part){.group = group});
    }
    end_text(&list);
    rule->parts = list.parts;
    rule->part_count = list.count;
    return true;
}

/* --- rules --------------------------------------------------------------------------- */

/*
 * find_delimiter - the end of the pattern in TEXT that starts at FROM, or text.len.  A backslash
 * escapes the byte after it, even if the delimiter is a backslash.
 */
static size_t find_delimiter(struct str text, size_t from, char delimiter, bool backslash_closes)
{
    size_t i = from;

    for (; i < text.len; i++) {
        if (text.at[i] == '\\') {
            if (i + 1 == text.len)
                return backslash_closes ? i : text.len;
            i++;
        } else if (text.at[i] == delimiter) {
            break;
        }
    }
    return i;
}

static const struct pattern_flag *find_flag(const struct pattern_engine *engine, char letter)
{
    for (const struct pattern_flag *flag = engine->flags; flag->letter != '\0'; flag++)
        if (flag->letter == letter)
            return flag;
    return NULL;
}

/* take_pattern - takes "!/pattern/flags" off *TEXT; false where Postfix skips the rule */
static bool take_pattern(const struct pattern_engine *engine, struct pattern_contents *contents,
                         struct arena *arena, struct str *text, struct pattern *pattern)
{
    size_t i = 0;
    bool spaced = release_has(contents->release, FEATURE_SPACED_NEGATION);

    *pattern = (struct pattern){.options = engine->defaults};
    for (; i < text->len && (text->at[i] == '!' || (spaced && is_space(text->at[i]))); i++)
        if (text->at[i] == '!')
            pattern->negated = !pattern->negated;
    while (i < text->len && is_space(text->at[i]))
        i++;
    if (i == text->len)
        return skip_rule(contents, "has no pattern");
    size_t end = find_delimiter(*text, i + 1, text->at[i], engine->second);
    if (end == text->len)
        return skip_rule(contents, "has a pattern without its closing delimiter");
    pattern->text = arena_copy(arena, str_slice(*text, i + 1, end));
    for (i = end + 1; i < text->len && !is_space(text->at[i]); i++) {
        if (engine->second && text->at[i] == '!')
            break;
        const struct pattern_flag *flag = find_flag(engine, text->at[i]);
        if (flag == NULL)
            return skip_rule(contents, "has an unknown flag after its pattern");
        pattern->options ^= flag->option;
    }
    *text = str_slice(*text, i, text->len);
    return true;
}

struct rule_reader {
    const struct pattern_engine *engine;
    struct pattern_contents *contents;
    struct table_opening *opening;
    size_t inside; /* the number of the if that is open, or SIZE_MAX */
};

/* read_match - "/pattern/flags result" */
static bool read_match(struct rule_reader *reader, struct pattern_rule *rule, struct str text,
                       struct table_entry *entry)
{
    struct arena *arena = reader->opening->arena;
    struct pattern_contents *contents = reader->contents;
    struct str rest = text;

    if (!take_pattern(reader->engine, contents, arena, &rest, &rule->pattern))
        return false;
    if (reader->engine->second && rest.len > 0 && rest.at[0] == '!' &&
        !take_pattern(reader->engine, contents, arena, &rest, &rule->second))
        return false;
    entry->key = str_slice(text, 0, text.len - rest.len);
    entry->value = str_trim(rest);
    if (!read_result(contents, rule, arena, entry->value))
        return false;
    if (rule->group_max > 0 && rule->pattern.negated)
        return skip_rule(contents, "has a \"$\" and a number in its result, and a negated pattern");
    if (rule->group_max > 0 && (reader->opening->use & TABLE_NO_REGSUB) != 0)
        return skip_rule(contents,
                         "has a \"$\" and a number in its result, which local(8) does not "
                         "allow");
    return reader->engine->compile(reader->contents, arena, rule);
}

/* read_rule - one logical line without white space at its end; false where Postfix skips it */
static bool read_rule(struct rule_reader *reader, struct pattern_rule *rule, struct str text,
                      struct table_entry *entry)
{
    struct str rest;

    *rule = (struct pattern_rule){.kind = RULE_MATCH, .end = SIZE_MAX};
    if (!is_alnum(text.at[0]))
        return read_match(reader, rule, text, entry);
    if (table_is_keyword(text, "if")) {
        rule->kind = RULE_IF;
        rest = str_trim(str_slice(text, 2, text.len));
        return take_pattern(reader->engine, reader->contents, reader->opening->arena, &rest,
                            &rule->pattern) &&
               reader->engine->compile(reader->contents, reader->opening->arena, rule);
    }
    rule->kind = RULE_ENDIF;
    if (!table_is_keyword(text, "endif"))
        return skip_rule(reader->contents, "is neither a pattern nor if nor endif");
    return reader->inside != SIZE_MAX || skip_rule(reader->contents, "is an endif without an if");
}

static void add_rule(struct rule_reader *reader, struct pattern_rule *rule)
{
    struct pattern_contents *contents = reader->contents;

    contents->rules = arena_grow_own(reader->opening->arena, contents->rules, contents->count,
                                     &contents->capacity, sizeof *contents->rules);
    if (rule->kind == RULE_IF) {
        rule->outer = reader->inside;
        reader->inside = contents->count;
    } else if (rule->kind == RULE_ENDIF) {
        contents->rules[reader->inside].end = contents->count;
        reader->inside = contents->rules[reader->inside].outer;
    }
    contents->rules[contents->count++] = *rule;
}

static struct str trim_end(struct str text)
{
    while (text.len > 0 && is_space(text.at[text.len - 1]))
        text.len--;
    return text;
}

/* note_no_result - a rule whose result is empty */
static void note_no_result(struct table *table, struct table_opening *opening,
                           const struct table_entry *entry)
{
    if (entry->value.len > 0)
        return;
    table_fault_add(table, opening, entry->span, (struct str)STR("has no result"));
    opening->faults[table->fault_count - 1].kept = true;
}

/* note_open_ifs - at the end of the table */
static void note_open_ifs(struct table *table, struct table_opening *opening,
                          const struct rule_reader *reader)
{
    size_t inside = reader->inside;

    for (; inside != SIZE_MAX; inside = reader->contents->rules[inside].outer) {
        table_fault_add(table, opening, reader->contents->rules[inside].span,
                        (struct str)STR("is an if without an endif"));
        opening->faults[table->fault_count - 1].kept = true;
    }
}

void pattern_open(struct table *table, struct table_opening *opening,
                  const struct pattern_engine *engine)
{
    struct pattern_contents *contents = arena_alloc(opening->arena, sizeof *contents);
    struct rule_reader reader = {
        .engine = engine, .contents = contents, .opening = opening, .inside = SIZE_MAX};
    struct table_lines lines;
    struct table_entry entry = {0};
    struct pattern_rule rule;
    struct str text;

    contents->release = opening->release;
    table->contents = contents;
    table->fixed = false;
    if (!table_lines_open(&lines, table, opening,
                          release_has(opening->release, FEATURE_INLINE_PATTERNS)))
        return;
    while (table_lines_next(&lines, &text, &entry.span)) {
        text = trim_end(text);
        if (text.len == 0)
            continue;
        if (!read_rule(&reader, &rule, text, &entry)) {
            table_fault_add(table, opening, entry.span, contents->fault);
            continue;
        }
        rule.span = entry.span;
        if (rule.kind == RULE_MATCH) {
            rule.entry = table->entry_count;
            note_no_result(table, opening, &entry);
            table_entry_add(table, opening, entry);
        }
        if (rule.too_large != NULL && table->cut.at == NULL) {
            table->cut = str_of(rule.too_large);
            table->cut_span = entry.span;
        }
        add_rule(&reader, &rule);
    }
    note_open_ifs(table, opening, &reader);
}

/* --- looking up -------------------------------------------------------------------------- */

static struct lookup expand_result(const struct table *table, const struct pattern_rule *rule,
                                   struct arena *arena, struct str key, struct groups groups)
{
    const struct table_entry *entry = &table->entries[rule->entry];
    struct buffer value;

    buffer_init(&value, arena);
    for (size_t i = 0; i < rule->part_count; i++) {
        const struct result_part *part = &rule->parts[i];
        if (part->group == 0)
            buffer_add(&value, part->text);
        else
            buffer_add(&value, str_slice(key, groups.from[part->group], groups.to[part->group]));
        if (value.len > RESULT_MAX)
            return lookup_failed(
                LOOKUP_UNKNOWN,
                arena_printf(arena, "its result is longer than %d MB", RESULT_MAX >> 20));
    }
    return lookup_found(value.len > 0 ? buffer_str(&value) : (struct str)STR(""), entry->span);
}

struct lookup pattern_find(const struct table *table, struct arena *arena, struct str key,
                           pattern_try try, void *context)
{
    const struct pattern_contents *contents = table->contents;

    for (size_t i = 0; i < contents->count; i++) {
        const struct pattern_rule *rule = &contents->rules[i];
        struct groups groups = {0};
        if (rule->kind == RULE_ENDIF)
            continue;
        if (rule->too_large != NULL)
            return lookup_failed(LOOKUP_UNKNOWN, str_of(rule->too_large));
        struct str why = STR_NONE;
        enum match_outcome outcome = try(context, rule, &groups, &why);
        if (outcome == MATCH_TOO_LONG)
            return lookup_failed(LOOKUP_UNKNOWN, why);
        if (rule->kind == RULE_MATCH && outcome == MATCH_DOES)
            return expand_result(table, rule, arena, key, groups);
        if (rule->kind == RULE_IF && outcome != MATCH_DOES) {
            if (rule->end == SIZE_MAX)
                break;
            i = rule->end;
        }
    }
    return (struct lookup){.status = LOOKUP_NONE};
}
