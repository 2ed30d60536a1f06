/*
 * simple - lines whose fact says all that there is to say
 *
 * Each define, feature, option and so on that facts/sendmail.yaml maps to one parameter, or calls
 * done, meaningless or open.  It comes behind the modules and touches nothing that they decided.
 *
 * Lines that are weaker than others come last: confTO_QUEUERETURN sets what neither
 * confTO_QUEUERETURN_NORMAL nor confTO_QUEUERETURN_DSN sets, in whatever order they stand.
 *
 * Where the source says nothing, a few of Postfix's defaults would do what Sendmail does not:
 * refuse large messages and full mailboxes, say nothing about late mail.  Those are set too.
 */
#include "convert/remaining/modules.h"
#include "convert/sendmail/value.h"

/* a sentence of the facts without its full stop: texts of fates are joined to others */
static const char *words(struct draft *draft, struct str sentence)
{
    size_t len = sentence.len;

    if (len > 0 && sentence.at[len - 1] == '.')
        len--;
    return arena_cstr(draft->arena, str_slice(sentence, 0, len));
}

static bool set_parameter(struct draft *draft, const struct sendmail_item *item,
                          const struct sendmail_fact *fact, struct str parameter, struct str value)
{
    const char *name = arena_cstr(draft->arena, parameter);

    if (parameter.len == 0 || (fact->weak && draft_value(draft, name).at != NULL))
        return false;
    draft_set(draft, item, name, "%.*s", STR_ARG(value));
    draft_reason(draft, name, words(draft, fact->says));
    draft_fate(draft, item, FATE_MAPPED, "%s = %.*s", name, STR_ARG(value));
    return true;
}

static void map_parameter(struct draft *draft, const struct sendmail_item *item,
                          const struct sendmail_fact *fact, struct str value)
{
    struct str problem;
    struct str converted = sendmail_convert_value(draft->arena, fact, value, &problem);

    if (!draft_has_parameter(draft, fact->parameter)) {
        draft_open_point(draft, item, "leave it out, or take a newer Postfix",
                         "the target's Postfix has no %.*s", STR_ARG(fact->parameter));
        return;
    }
    if (converted.at == NULL) {
        draft_open_point(
            draft, item,
            arena_printf(draft->arena, "set %.*s by hand", STR_ARG(fact->parameter)).at,
            "the value \"%.*s\" %.*s", STR_ARG(value), STR_ARG(problem));
        return;
    }
    bool first = set_parameter(draft, item, fact, fact->parameter, converted);
    bool second = set_parameter(draft, item, fact, fact->also, converted);
    if (!first && !second)
        draft_fate(draft, item, FATE_MEANINGLESS, "another line sets %.*s",
                   STR_ARG(fact->parameter));
}

static void apply(struct draft *draft, const struct sendmail_item *item,
                  const struct sendmail_fact *fact)
{
    struct str value = sendmail_item_value(draft, item);

    if (sendmail_is_idle(fact, value))
        draft_fate(draft, item, FATE_ALREADY, "with this value it asks for nothing");
    else if (fact->fate == FATE_MAPPED)
        map_parameter(draft, item, fact, value);
    else if (fact->fate == FATE_OPEN)
        draft_open_point(draft, item, words(draft, fact->advice), "%s", words(draft, fact->says));
    else
        draft_fate(draft, item, fact->fate, "%s", words(draft, fact->says));
}

/* what no fact knows; features, mailers and domains of the site's own have a fact as such */
static void apply_unknown(struct draft *draft, const struct sendmail_item *item)
{
    static const char *const macros[] = {
        [ITEM_FEATURE] = "FEATURE",
        [ITEM_MAILER] = "MAILER",
        [ITEM_OSTYPE] = "OSTYPE",
        [ITEM_DOMAIN] = "DOMAIN",
    };

    if (item->kind == ITEM_DEFINE && (str_starts(item->name, "'") || str_starts(item->name, "\"")))
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "Sendmail does nothing with it: m4 takes `...' for quotes, and this line sets a "
                   "macro of an odd name");
    else if (item->kind == ITEM_DEFINE && str_starts(item->name, "conf"))
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "Sendmail knows no %.*s and does nothing with it: perhaps it is misspelt",
                   STR_ARG(item->name));
    else if (item->kind == ITEM_DEFINE)
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "a macro of the file's own, which counts where it is used");
    else if (item->kind == ITEM_OPTION)
        draft_fate(draft, item, FATE_MEANINGLESS, "Sendmail knows no option of that name");
    else if ((size_t)item->kind < sizeof macros / sizeof *macros && macros[item->kind] != NULL)
        apply(draft, item, facts_sendmail(SENDMAIL_MACRO, str_of(macros[item->kind])));
}

/* lines of sendmail.cf that ask for nothing, whatever they say */
static void look_at_letter(struct draft *draft, const struct sendmail_item *item)
{
    static const struct {
        const char *letter;
        enum sendmail_fate fate;
        const char *says;
    } letters[] = {
        {"V", FATE_MEANINGLESS, "the level of the format of sendmail.cf"},
        {"P", FATE_MEANINGLESS, "Postfix treats mail of every precedence alike"},
        {"T", FATE_ALREADY, "every local user may set another sender with -f"},
    };

    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (str_is(item->name, letters[i].letter))
            draft_fate(draft, item, letters[i].fate, "%s", letters[i].says);
}

/* what m4 took from elsewhere, or would have */
static bool look_at_m4(struct draft *draft, const struct sendmail_item *item)
{
    if (item->kind == ITEM_NOT_RUN)
        draft_open_point(draft, item,
                         "write what it would print in place of this line, and convert again",
                         "a command of the m4 run, which is never run here");
    else if (item->kind == ITEM_INCLUDE && item->refused != NULL)
        draft_open_point(draft, item,
                         "put the file beside the source, or write its lines in place of this one, "
                         "and convert again",
                         "the file %.*s was not read", STR_ARG(sendmail_argument(item, 0)));
    else if (item->kind == ITEM_INCLUDE)
        draft_fate(draft, item, FATE_ALREADY, "the lines of that file stand for it");
    else
        return false;
    return true;
}

static void look_at(struct draft *draft, const struct sendmail_item *item, bool weak)
{
    const struct sendmail_fact *fact = sendmail_item_fact(item);

    if (draft->fates[item->number].decided || look_at_m4(draft, item))
        return;
    if (item->overridden || item->stock)
        return;
    if (fact != NULL && (fact->module.len > 0 || fact->weak != weak))
        return;
    if (item->kind == ITEM_TABLE_LINE && str_is(item->name, "trusted-users"))
        fact = facts_sendmail(SENDMAIL_FEATURE, str_of("use_ct_file"));
    if (fact != NULL)
        apply(draft, item, fact);
    else if (item->kind == ITEM_CF_LINE)
        look_at_letter(draft, item);
    else
        apply_unknown(draft, item);
}

/* undefine takes a setting away, whoever would have read it; unless its module has a use for that
 */
static void look_at_undefine(struct draft *draft, const struct sendmail_item *item)
{
    const struct sendmail_fact *fact = sendmail_item_fact(item);

    if (draft->fates[item->number].decided)
        return;
    if (fact == NULL || fact->fallback.len == 0)
        draft_fate(draft, item, FATE_ALREADY, "nothing is set");
    else
        draft_fate(draft, item, FATE_ALREADY, "Sendmail's own default holds: %.*s",
                   STR_ARG(fact->fallback));
}

/* DEFINE is not in the source, so that Sendmail's default holds */
static void set_where_silent(struct draft *draft, const char *define, const char *name,
                             const char *value, const char *reason)
{
    if (draft_value(draft, name).at != NULL || sendmail_value(draft->sendmail, define).at != NULL)
        return;
    draft_set(draft, NULL, name, "%s", value);
    draft_reason(draft, name, reason);
}

static void set_defaults(struct draft *draft)
{
    set_where_silent(draft, "confMAX_MESSAGE_SIZE", "message_size_limit", "0",
                     "Sendmail bounds the size of a message only where it is told to");
    /* local(8) refuses to start with a mailbox limit that is below that of messages */
    set_where_silent(draft, "", "mailbox_size_limit", "0",
                     "Sendmail does not bound the size of a mailbox");
    if (sendmail_has_default(draft->sendmail, "confTO_QUEUEWARN")) /* m4 writes the 4h */
        set_where_silent(draft, "confTO_QUEUEWARN", "delay_warning_time", "4h",
                         "Sendmail tells the sender after four hours that his mail is late");
}

/* what a line of sendmail.cf says beside what it is: the equates of a mailer */
static void look_at_parts(struct draft *draft)
{
    const struct sendmail_item *item;

    for (size_t i = 0; (item = sendmail_part(draft->sendmail, i)) != NULL; i++) {
        const struct sendmail_fact *fact = sendmail_item_fact(item);
        if (fact != NULL && (fact->parameter.len > 0 || !draft->fates[item->number].decided))
            apply(draft, item, fact);
    }
}

void simple_convert(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;

    for (size_t i = 0; i < sendmail->count; i++)
        if (sendmail->items[i].kind == ITEM_UNDEFINE)
            look_at_undefine(draft, &sendmail->items[i]);
        else
            look_at(draft, &sendmail->items[i], false);
    for (size_t i = 0; i < sendmail->count; i++)
        look_at(draft, &sendmail->items[i], true);
    look_at_parts(draft);
    set_defaults(draft);
}
