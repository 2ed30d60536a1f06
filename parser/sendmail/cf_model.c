#include "parser/sendmail/cf_model.h"

#include "facts/sendmail.h"
#include "parser/text/token.h"

#define BLANKS " \t\r\n\f\v"

void cf_model_begin(struct cf_model *model, struct sendmail *sendmail)
{
    *model =
        (struct cf_model){.sendmail = sendmail, .arena = sendmail->arena, .ruleset = str_of("")};
    map_init(&model->known, sendmail->arena);
}

/* --- a line as its number has it -------------------------------------------------------------- */

static void add_words(struct buffer *out, struct str text)
{
    bool first = true;
    struct str word;

    while (token_next_plain(&text, BLANKS, &word)) {
        if (!first)
            buffer_add_char(out, ' ');
        buffer_add(out, word);
        first = false;
    }
}

/* canonical - runs of blanks as one; a rule's two sides with a tab between, without its comment */
static struct str canonical(struct arena *arena, struct str text)
{
    struct buffer out;

    buffer_init(&out, arena);
    if (text.at[0] == 'S')
        return str_of("S");
    if (text.at[0] != 'R') {
        add_words(&out, text);
        return buffer_str(&out);
    }
    size_t left = str_find(text, '\t', 0), start = str_span(text, left, "\t");
    size_t end = str_find(text, '\t', start);
    add_words(&out, str_slice(text, 0, left));
    buffer_add_char(&out, '\t');
    add_words(&out, str_slice(text, start, end));
    return buffer_str(&out);
}

void cf_model_note(struct cf_model *model, uint64_t number)
{
    model->lines = arena_grow(model->arena, model->lines, model->line_count, &model->line_capacity,
                              sizeof *model->lines);
    model->lines[model->line_count++] = (struct cf_line){number, model->sendmail->count};
}

/* --- features and defines --------------------------------------------------------------------- */

static void become(struct sendmail_item *item, enum sendmail_item_kind kind, struct str name)
{
    item->kind = kind;
    item->name = name;
    item->arguments = NULL;
    item->argument_count = 0;
    item->stock = false;
}

static void set_value(struct arena *arena, struct sendmail_item *item, struct str value)
{
    item->arguments = sendmail_arguments(arena, &value, 1);
    item->argument_count = 1;
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

/* say_feature - the line that names a file of these defines is there because of a feature */
static void say_feature(struct cf_model *model, const struct sendmail_item *define)
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
    become(item, ITEM_DEFINE, name);
    set_value(model->arena, item, value);
    say_feature(model, item);
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
    become(item, ITEM_FEATURE, str_slice(known->name, sizeof "FEATURE", known->name.len));
}

void cf_model_set_argument(struct cf_known *known, size_t at, struct str value)
{
    if (at == 0 || at > CF_ARGUMENTS)
        return;
    known->arguments[at - 1] = value;
    known->argument_count = at > known->argument_count ? at : known->argument_count;
}

/* "name", "name 2" with a value, "name 2 word": *AT is 0 in the first case; the key
   by which it is known comes back */
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
    become(item, ITEM_MACRO, str_trim(what));
    set_value(model->arena, item, value);
    return true;
}

/* --- lines with a hole ------------------------------------------------------------------------ */

/* ends_with_number - where the text behind a hole begins: from AT on, but not at AT */
static size_t find_behind(struct str line, size_t at, uint64_t behind)
{
    for (size_t i = at + 1; i < line.len; i++)
        if (facts_sendmail_number_from(UINT64_C(0xcbf29ce484222325),
                                       str_slice(line, i, line.len)) == behind)
            return i;
    return line.len;
}

/* known_order - the later the feature or define was seen, the more; 0: not yet */
static size_t known_order(const struct cf_model *model, struct str what)
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
    return known_order(model, what) > 0;
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
            size_t end = holes[i].behind == 0 ? line.len : find_behind(line, at, holes[i].behind);
            bool later = found != at || known_order(model, holes[i].what) > order;
            if ((holes[i].behind != 0 && end == line.len) || !later)
                continue;
            order = known_order(model, holes[i].what);
            *what = holes[i].what;
            *value = str_slice(line, at, end);
            found = at;
        }
    }
    return found > 0;
}

/*
 * answer_of_list - "R<?>127.0.0.2.", tab, what is done then: the answers of a list that
 * FEATURE(`enhdnsbl') asks for are its arguments from the fourth on.  The text has the list's name
 * where the second argument is empty
 */
static bool answer_of_list(struct cf_model *model, struct str line)
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

/* --- lines that are translated one by one ----------------------------------------------------- */

/* what the macro file says to get the line: the other way round of cf/m4 */
static const struct said_by {
    const char *name; /* of the macro, class or option; NULL: any */
    const char *says;
    enum sendmail_item_kind kind;
    char letter;
    bool by_rules; /* it means that to Sendmail's own rules alone */
} said_by[] = {
    {"S", "SMART_HOST", ITEM_DEFINE, 'D', true},
    {"H", "MAIL_HUB", ITEM_DEFINE, 'D', true},
    {"R", "LOCAL_RELAY", ITEM_DEFINE, 'D', true},
    {"L", "LUSER_RELAY", ITEM_DEFINE, 'D', true},
    {"Y", "UUCP_RELAY", ITEM_DEFINE, 'D', true},
    {"B", "BITNET_RELAY", ITEM_DEFINE, 'D', true},
    {"C", "DECNET_RELAY", ITEM_DEFINE, 'D', true},
    {"F", "FAX_RELAY", ITEM_DEFINE, 'D', true},
    {"j", "confDOMAIN_NAME", ITEM_DEFINE, 'D', false},
    {"n", "confMAILER_NAME", ITEM_DEFINE, 'D', false},
    {"M", "MASQUERADE_AS", ITEM_MACRO, 'D', true},
    {"w", "LOCAL_DOMAIN", ITEM_MACRO, 'C', false},
    {"R", "RELAY_DOMAIN", ITEM_MACRO, 'C', true},
    {"M", "MASQUERADE_DOMAIN", ITEM_MACRO, 'C', true},
    {"N", "MASQUERADE_EXCEPTION", ITEM_MACRO, 'C', true},
    {"E", "EXPOSED_USER", ITEM_MACRO, 'C', true},
    {"G", "GENERICS_DOMAIN", ITEM_MACRO, 'C', true},
    {"L", "LOCAL_USER", ITEM_MACRO, 'C', true},
    {"VirtHost", "VIRTUSER_DOMAIN", ITEM_MACRO, 'C', true},
    {"LDAPRoute", "LDAPROUTE_DOMAIN", ITEM_MACRO, 'C', true},
    {"LDAPRouteEquiv", "LDAPROUTE_EQUIVALENT", ITEM_MACRO, 'C', true},
    {"Canonify", "CANONIFY_DOMAIN", ITEM_MACRO, 'C', true},
    {"TrustAuthMech", "TRUST_AUTH_MECH", ITEM_MACRO, 'C', true},
    {NULL, "confTRUSTED_USERS", ITEM_DEFINE, 'T', false},
    {"DaemonPortOptions", "DAEMON_OPTIONS", ITEM_MACRO, 'O', false},
    {"ClientPortOptions", "CLIENT_OPTIONS", ITEM_MACRO, 'O', false},
    {NULL, "INPUT_MAIL_FILTER", ITEM_MACRO, 'X', false},
};

/* joined - the words as one text, as the macro would have had them */
static struct str joined(struct arena *arena, const struct sendmail_item *item)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < item->argument_count; i++) {
        if (i > 0)
            buffer_add_char(&out, ' ');
        buffer_add(&out, item->arguments[i]);
    }
    return buffer_str(&out);
}

static bool is_said_by(const struct said_by *row, char letter, struct str name)
{
    if (row->letter != letter)
        return false;
    if (row->name == NULL)
        return true;
    return letter == 'O' ? str_is_nocase(name, row->name) : str_is(name, row->name);
}

/* translate - the item becomes what the macro file would have said; true where that holds only
   for Sendmail's own rules */
static bool translate(struct arena *arena, char letter, struct sendmail_item *item)
{
    struct str name = letter == 'D' ? sendmail_argument(item, 0) : item->name;

    for (size_t i = 0; i < sizeof said_by / sizeof *said_by; i++) {
        if (!is_said_by(&said_by[i], letter, name))
            continue;
        struct str value = letter == 'D' ? sendmail_argument(item, 1) : joined(arena, item);
        if (value.len == 0)
            return false;
        item->kind = said_by[i].kind;
        item->name = str_of(said_by[i].says);
        if (letter != 'X')
            set_value(arena, item, value);
        return said_by[i].by_rules;
    }
    if (item->kind == ITEM_OPTION) {
        const struct sendmail_fact *fact = facts_sendmail_option(item->name);
        if (fact != NULL && fact->kind == SENDMAIL_DEFINE) {
            item->kind = ITEM_DEFINE;
            item->name = fact->name;
        }
    }
    return false;
}

/* --- the lines -------------------------------------------------------------------------------- */

static struct cf_ruleset *ruleset_named(struct cf_model *model, struct str name)
{
    for (size_t i = 0; i < model->ruleset_count; i++)
        if (str_eq(model->rulesets[i].name, name))
            return &model->rulesets[i];
    model->rulesets = arena_grow(model->arena, model->rulesets, model->ruleset_count,
                                 &model->ruleset_capacity, sizeof *model->rulesets);
    model->rulesets[model->ruleset_count] =
        (struct cf_ruleset){.name = name, .item = model->sendmail->count};
    return &model->rulesets[model->ruleset_count++];
}

/* postpone - "WITH name 1": whether the line is the feature's turns out later; "WITH" alone:
   whether Sendmail's own rules use it */
static void postpone(struct cf_model *model, struct str what, struct str value,
                     const struct sendmail_item *item)
{
    model->pending = arena_grow(model->arena, model->pending, model->pending_count,
                                &model->pending_capacity, sizeof *model->pending);
    model->pending[model->pending_count++] = (struct cf_pending){
        str_slice(what, sizeof "WITH", what.len), value, model->sendmail->count, *item};
}

/* recognise - what the line is; false: a site's own */
static bool recognise(struct cf_model *model, struct str text, struct sendmail_item *item)
{
    bool in_ruleset = text.at[0] == 'R' || text.at[0] == 'S';
    struct str ruleset = in_ruleset ? model->ruleset : str_of("");
    struct str line = canonical(model->arena, text), what, value;
    uint64_t number = facts_sendmail_number(ruleset, line);
    struct str made_by = facts_sendmail_line(number);

    cf_model_note(model, number);
    if (str_starts(text, "DZ")) /* the version of the configuration */
        made_by = str_of("plain");
    if (made_by.at != NULL) {
        what = made_by;
        value = STR_NONE;
    } else if (!cf_model_hole(model, ruleset, line, &what, &value)) {
        item->stock = answer_of_list(model, line);
        return item->stock;
    }
    if (str_starts(what, "WITH ")) {
        postpone(model, what, value, item);
        return false;
    }
    item->stock = str_is(what, "plain") || !cf_model_learn(model, what, value, item);
    return true;
}

/* a stock option or class is a line of its letter: it sets nothing that counts */
void cf_model_hide(struct arena *arena, struct sendmail_item *item)
{
    struct str name = item->name, value = joined(arena, item);
    struct str parts[] = {name, value};

    if (item->kind != ITEM_OPTION && item->kind != ITEM_CLASS)
        return;
    item->name = str_of(item->kind == ITEM_OPTION ? "O" : "C");
    item->kind = ITEM_CF_LINE;
    item->arguments = sendmail_arguments(arena, parts, 2);
    item->argument_count = 2;
}

void cf_model_add(struct cf_model *model, struct str text, struct sendmail_item item)
{
    struct cf_ruleset *ruleset = NULL;

    if (text.at[0] == 'S') {
        struct str name = str_trim(str_slice(text, 1, text.len));
        model->ruleset = str_slice(name, 0, str_span_not(name, 0, "= \t\r\n"));
    }
    if (text.at[0] == 'S' || text.at[0] == 'R')
        ruleset = ruleset_named(model, model->ruleset);
    if (text.at[0] == 'M' && item.kind == ITEM_CF_LINE) {
        cf_model_mailer(model, &item);
    } else {
        bool known = recognise(model, text, &item);
        if (known && item.stock)
            cf_model_hide(model->arena, &item);
        const struct sendmail_item original = item;
        if (!known && translate(model->arena, text.at[0], &item))
            postpone(model, str_of("WITH"), STR_NONE, &original);
        if (ruleset != NULL && text.at[0] == 'R') {
            ruleset->stock += known;
            ruleset->own += !known;
        }
    }
    sendmail_add(model->sendmail, item);
}
