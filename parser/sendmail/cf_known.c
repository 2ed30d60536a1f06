/*
 * sendmail_cf_known - the features and defines whose lines were found: see
 * parser/sendmail/cf_model.h
 */
#include "facts/sendmail.h"
#include "parser/sendmail/cf_model.h"
#include "parser/text/token.h"

#define BLANKS " \t\r\n\f\v"

void cf_model_note(struct cf_model *model, uint64_t number)
{
    model->lines = arena_grow(model->arena, model->lines, model->line_count, &model->line_capacity,
                              sizeof *model->lines);
    model->lines[model->line_count++] = (struct cf_line){number, model->sendmail->count};
}

static void set_item_kind(struct sendmail_item *item, enum sendmail_item_kind kind, struct str name)
{
    item->kind = kind;
    item->name = name;
    item->arguments = NULL;
    item->argument_count = 0;
    item->stock = false;
}

struct cf_known *cf_model_add_known(struct cf_model *model, struct str name)
{
    struct cf_known *known = arena_alloc(model->arena, sizeof *known);

    known->name = name;
    known->item = model->sendmail->count;
    known->order = ++model->touched;
    model->all = arena_grow(model->arena, model->all, model->known_count, &model->known_capacity,
                            sizeof known);
    model->all[model->known_count++] = known;
    map_put(&model->known, name, known);
    return known;
}

/* add_feature - a line with the file of one of these defines comes from a feature */
static void add_feature(struct cf_model *model, const struct sendmail_item *define)
{
    static const char *const features[][2] = {{"confCW_FILE", "use_cw_file"},
                                              {"confCT_FILE", "use_ct_file"}};
    struct sendmail_item item = {.kind = ITEM_FEATURE, .span = define->span, .line = define->line};

    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        if (str_is(define->name, features[i][0])) {
            item.name = str_of(features[i][1]);
            item.number = model->sendmail->count;
            sendmail_also(model->sendmail, item);
        }
}

/* learn_define - "define name" or "define name value" */
static bool learn_define(struct cf_model *model, struct str rest, struct str value,
                         struct sendmail_item *item)
{
    struct str name;

    token_next_plain(&rest, BLANKS, &name);
    if (value.at == NULL)
        value = str_trim(rest);
    struct str key = arena_printf(model->arena, "define %.*s", STR_ARG(name));
    struct cf_known *known = map_get(&model->known, key);
    if (known != NULL && str_eq(known->arguments[0], value))
        return false;
    known = cf_model_add_known(model, key);
    known->confirmed = true;
    known->arguments[0] = value;
    known->argument_count = 1;
    set_item_kind(item, ITEM_DEFINE, name);
    sendmail_set_arguments(model->arena, item, &value, 1);
    add_feature(model, item);
    return true;
}

static bool is_map(const struct sendmail_item *item)
{
    return item->kind == ITEM_CF_LINE && str_is(item->name, "K");
}

void cf_model_stand_for(struct cf_known *known, struct sendmail_item *item, size_t number)
{
    known->item = number;
    known->has_map = is_map(item);
    known->original = *item;
    set_item_kind(item, ITEM_FEATURE, str_slice(known->name, sizeof "FEATURE", known->name.len));
}

void cf_model_set_argument(struct cf_known *known, size_t at, struct str value)
{
    if (at == 0 || at > CF_ARGUMENTS)
        return;
    known->arguments[at - 1] = value;
    known->argument_count = at > known->argument_count ? at : known->argument_count;
}

struct str cf_model_feature(struct arena *arena, struct str rest, size_t *at, struct str *value)
{
    struct str name, number;

    *at = 0;
    token_next_plain(&rest, BLANKS, &name);
    if (token_next_plain(&rest, BLANKS, &number))
        *at = (size_t)(number.at[0] - '0');
    if (value->at == NULL)
        *value = str_trim(rest);
    return arena_printf(arena, "FEATURE %.*s", STR_ARG(name));
}

static bool learn_feature(struct cf_model *model, struct str rest, struct str value,
                          struct sendmail_item *item)
{
    size_t at;
    struct str key = cf_model_feature(model->arena, rest, &at, &value);
    struct cf_known *known = map_get(&model->known, key);
    bool again = known != NULL && at > 0 && at <= CF_ARGUMENTS &&
                 known->arguments[at - 1].len > 0 && !str_eq(known->arguments[at - 1], value);
    bool first = known == NULL || again, map_line = is_map(item);

    if (first) {
        known = cf_model_add_known(model, key);
        cf_model_stand_for(known, item, model->sendmail->count);
    }
    known->confirmed |= !map_line;
    known->order = ++model->touched;
    cf_model_set_argument(known, at, value);
    return first;
}

bool cf_model_learn(struct cf_model *model, struct str what, struct str value,
                    struct sendmail_item *item)
{
    struct str kind;

    token_next_plain(&what, BLANKS, &kind);
    if (str_is(kind, "FEATURE"))
        return learn_feature(model, what, value, item);
    if (str_is(kind, "define"))
        return learn_define(model, what, value, item);
    set_item_kind(item, ITEM_MACRO, str_trim(what));
    sendmail_set_arguments(model->arena, item, &value, 1);
    return true;
}

/* --- lines with a hole ------------------------------------------------------------------------ */

/* find_text_after - where the text after a hole starts: after AT */
static size_t find_text_after(struct str line, size_t at, uint64_t after)
{
    for (size_t i = at + 1; i < line.len; i++)
        if (facts_sendmail_number_from(UINT64_C(0xcbf29ce484222325),
                                       str_slice(line, i, line.len)) == after)
            return i;
    return line.len;
}

/* find_order - the later the feature or define was seen, the higher; 0: not yet */
static size_t find_order(const struct cf_model *model, struct str what)
{
    struct str rest = what, kind, name;

    if (!token_next_plain(&rest, BLANKS, &kind) || !token_next_plain(&rest, BLANKS, &name))
        return 0;
    const struct cf_known *known =
        map_get(&model->known, str_slice(what, 0, (size_t)(name.at + name.len - what.at)));
    return known != NULL ? known->order : 0;
}

bool cf_model_knows(const struct cf_model *model, struct str what)
{
    return find_order(model, what) > 0;
}

bool cf_model_hole(const struct cf_model *model, struct str ruleset, struct str line,
                   struct str *what, struct str *value)
{
    uint64_t number = facts_sendmail_number(ruleset, str_of(""));
    size_t count, order = 0, found = 0;

    for (size_t at = 1; at < line.len; at++) {
        number = facts_sendmail_number_from(number, str_slice(line, at - 1, at));
        const struct sendmail_hole *holes = facts_sendmail_holes(number, &count);
        for (size_t i = 0; i < count; i++) {
            size_t end =
                holes[i].behind == 0 ? line.len : find_text_after(line, at, holes[i].behind);
            bool later = found != at || find_order(model, holes[i].what) > order;
            if ((holes[i].behind != 0 && end == line.len) || !later)
                continue;
            order = find_order(model, holes[i].what);
            *what = holes[i].what;
            *value = str_slice(line, at, end);
            found = at;
        }
    }
    return found > 0;
}

/*
 * cf_model_answer - "R<?>127.0.0.2.", tab, the action: the answers of the list that
 * FEATURE(`enhdnsbl') queries are its arguments from the fourth on.  The text contains the name of
 * the list where the second argument is empty.
 */
bool cf_model_answer(struct cf_model *model, struct str line)
{
    struct cf_known *known = map_get(&model->known, str_of("FEATURE enhdnsbl"));
    size_t tab = str_find(line, '\t', 0), text = str_search(line, "$: ");
    struct str answer = str_slice(line, sizeof "R<?>" - 1, tab);

    if (known == NULL || known->order != model->touched || !str_starts(line, "R<?>") ||
        answer.len == 0 || answer.at[0] < '0' || answer.at[0] > '9' || text == line.len ||
        known->argument_count == CF_ARGUMENTS || known->arguments[0].len == 0)
        return false;
    struct str words = str_slice(line, text + sizeof "$: " - 1, line.len);
    if (known->argument_count < 3)
        known->argument_count = 3;
    known->arguments[known->argument_count++] = answer;
    if (str_search(words, arena_cstr(model->arena, known->arguments[0])) == words.len)
        known->arguments[1] = words;
    return true;
}
