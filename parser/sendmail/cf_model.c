#include "parser/sendmail/cf_model.h"

#include "facts/sendmail.h"
#include "parser/text/token.h"

#define BLANKS " \t\r\n\f\v"

void cf_model_begin(struct cf_model *model, struct sendmail *sendmail)
{
    *model =
        (struct cf_model){.sendmail = sendmail, .arena = sendmail->arena, .ruleset = str_of("")};
    map_init(&model->known, sendmail->arena);
    map_init(&model->ruleset_places, sendmail->arena);
}

/* --- the text that has a number -------------------------------------------------------------- */

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

/* canonicalize - white space as one space; a rule as its two sides separated by a tab, without its
   comment */
static struct str canonicalize(struct arena *arena, struct str text)
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

/* --- lines that are translated one by one ----------------------------------------------------- */

/* what in a macro file generates the line: the reverse of cf/m4 */
static const struct said_by {
    const char *name; /* of the macro, class or option; NULL: any */
    const char *says;
    enum sendmail_item_kind kind;
    char letter;
    bool by_rules; /* only Sendmail's own rules give it that meaning */
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

/* join_arguments - the words as one text, as in the macro call */
static struct str join_arguments(struct arena *arena, const struct sendmail_item *item)
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

static bool matches_row(const struct said_by *row, char letter, struct str name)
{
    if (row->letter != letter)
        return false;
    if (row->name == NULL)
        return true;
    return letter == 'O' ? str_is_nocase(name, row->name) : str_is(name, row->name);
}

/* translate_item - the item becomes what the macro file would contain; true where only Sendmail's
   own rules give it that meaning */
static bool translate_item(struct arena *arena, char letter, struct sendmail_item *item)
{
    struct str name = letter == 'D' ? sendmail_argument(item, 0) : item->name;

    for (size_t i = 0; i < sizeof said_by / sizeof *said_by; i++) {
        if (!matches_row(&said_by[i], letter, name))
            continue;
        struct str value = letter == 'D' ? sendmail_argument(item, 1) : join_arguments(arena, item);
        if (value.len == 0)
            return false;
        item->kind = said_by[i].kind;
        item->name = str_of(said_by[i].says);
        if (letter != 'X')
            sendmail_set_arguments(arena, item, &value, 1);
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

static struct cf_ruleset *get_ruleset(struct cf_model *model, struct str name)
{
    size_t *place = map_get(&model->ruleset_places, name);

    if (place != NULL)
        return &model->rulesets[*place];
    place = arena_alloc_raw(model->arena, sizeof *place);
    *place = model->ruleset_count;
    map_put(&model->ruleset_places, name, place);
    model->rulesets = arena_grow(model->arena, model->rulesets, model->ruleset_count,
                                 &model->ruleset_capacity, sizeof *model->rulesets);
    model->rulesets[model->ruleset_count] =
        (struct cf_ruleset){.name = name, .item = model->sendmail->count};
    return &model->rulesets[model->ruleset_count++];
}

/* postpone_line - "WITH name 1": later lines decide whether the line belongs to the feature; only
   "WITH": whether Sendmail's own rules use it */
static void postpone_line(struct cf_model *model, struct str what, struct str value,
                          const struct sendmail_item *item)
{
    model->pending = arena_grow(model->arena, model->pending, model->pending_count,
                                &model->pending_capacity, sizeof *model->pending);
    model->pending[model->pending_count++] = (struct cf_pending){
        str_slice(what, sizeof "WITH", what.len), value, model->sendmail->count, *item};
}

/* recognize_line - what the line is; false where it is the site's own */
static bool recognize_line(struct cf_model *model, struct str text, struct sendmail_item *item)
{
    bool in_ruleset = text.at[0] == 'R' || text.at[0] == 'S';
    struct str ruleset = in_ruleset ? model->ruleset : str_of("");
    struct str line = canonicalize(model->arena, text), what, value;
    uint64_t number = facts_sendmail_number(ruleset, line);
    struct str made_by = facts_sendmail_line(number);

    cf_model_note(model, number);
    if (str_starts(text, "DZ")) /* the version of the configuration */
        made_by = str_of("plain");
    if (made_by.at != NULL) {
        what = made_by;
        value = STR_NONE;
    } else if (!cf_model_hole(model, ruleset, line, &what, &value)) {
        item->stock = cf_model_answer(model, line);
        return item->stock;
    }
    if (str_starts(what, "WITH ")) {
        postpone_line(model, what, value, item);
        return false;
    }
    item->stock = str_is(what, "plain") || !cf_model_learn(model, what, value, item);
    return true;
}

void cf_model_hide(struct arena *arena, struct sendmail_item *item)
{
    struct str name = item->name, value = join_arguments(arena, item);
    struct str parts[] = {name, value};

    if (item->kind != ITEM_OPTION && item->kind != ITEM_CLASS)
        return;
    item->name = str_of(item->kind == ITEM_OPTION ? "O" : "C");
    item->kind = ITEM_CF_LINE;
    sendmail_set_arguments(arena, item, parts, 2);
}

void cf_model_add(struct cf_model *model, struct str text, struct sendmail_item item)
{
    struct cf_ruleset *ruleset = NULL;

    if (text.at[0] == 'S') {
        struct str name = str_trim(str_slice(text, 1, text.len));
        model->ruleset = str_slice(name, 0, str_span_not(name, 0, "= \t\r\n"));
    }
    if (text.at[0] == 'S' || text.at[0] == 'R')
        ruleset = get_ruleset(model, model->ruleset);
    if (text.at[0] == 'M' && item.kind == ITEM_CF_LINE) {
        cf_model_mailer(model, &item);
    } else {
        bool known = recognize_line(model, text, &item);
        if (known && item.stock)
            cf_model_hide(model->arena, &item);
        const struct sendmail_item original = item;
        if (!known && translate_item(model->arena, text.at[0], &item))
            postpone_line(model, str_of("WITH"), STR_NONE, &original);
        if (ruleset != NULL && text.at[0] == 'R') {
            ruleset->stock += known;
            ruleset->own += !known;
        }
    }
    sendmail_add(model->sendmail, item);
}
