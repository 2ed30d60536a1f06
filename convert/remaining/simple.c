/*
 * simple - lines whose conversion is in facts/sendmail.yaml
 *
 * Each define, feature, option and so on that the facts map to a parameter, or call already,
 * meaningless or open.  It runs after the other modules and handles only lines that have no fate
 * yet.
 *
 * Weak lines come last: confTO_QUEUERETURN sets only what neither confTO_QUEUERETURN_NORMAL nor
 * confTO_QUEUERETURN_DSN sets, in any order.
 *
 * Some defaults of Postfix differ from Sendmail's: it rejects large messages and full mailboxes,
 * and does not report delays.  Unless the source sets these, Sendmail's defaults are written.
 */
#include "convert/remaining/modules.h"
#include "convert/sendmail/value.h"

/* trim_sentence - a sentence of the facts without its full stop, as texts of fates are joined */
static const char *trim_sentence(struct draft *draft, struct str sentence)
{
    size_t len = sentence.len;

    if (len > 0 && sentence.at[len - 1] == '.')
        len--;
    return arena_cstr(draft->arena, str_slice(sentence, 0, len));
}

static bool set_parameter(struct draft *draft, const struct sendmail_item *item,
                          const struct sendmail_fact *fact, enum parameter_number number,
                          struct str value)
{
    if (number == PARAM_NONE || (fact->weak && draft_value(draft, number).at != NULL))
        return false;
    draft_map(draft, item, number, "%.*s", STR_ARG(value));
    draft_reason(draft, number, trim_sentence(draft, fact->says));
    return true;
}

static void map_parameter(struct draft *draft, const struct sendmail_item *item,
                          const struct sendmail_fact *fact, struct str value)
{
    struct str problem, name = parameter_name(fact->parameter);
    struct str converted = sendmail_convert_value(draft->arena, fact, value, &problem);

    /* the module that handles it has found nothing that it can handle */
    if (fact->parameter == PARAM_NONE) {
        draft_open_point(draft, item, "look at what it does and carry it over by hand", "%s",
                         trim_sentence(draft, fact->says));
        return;
    }
    if (!draft_has_parameter(draft, fact->parameter)) {
        draft_open_point(draft, item, "leave it out, or use a newer Postfix",
                         "%.*s is not available on this platform", STR_ARG(name));
        return;
    }
    if (converted.at == NULL) {
        draft_open_point(draft, item,
                         arena_printf(draft->arena, "set %.*s by hand", STR_ARG(name)).at,
                         "the value \"%.*s\" %.*s", STR_ARG(value), STR_ARG(problem));
        return;
    }
    bool first = set_parameter(draft, item, fact, fact->parameter, converted);
    bool second = set_parameter(draft, item, fact, fact->also, converted);
    if (!first && !second)
        draft_fate(draft, item, FATE_MEANINGLESS, "another line sets %.*s", STR_ARG(name));
}

static void apply_fact(struct draft *draft, const struct sendmail_item *item,
                       const struct sendmail_fact *fact)
{
    struct str value = sendmail_item_value(draft, item);

    if (sendmail_is_idle(fact, value))
        draft_fate(draft, item, FATE_ALREADY, "it has no effect with this value");
    else if (fact->fate == FATE_MAPPED)
        map_parameter(draft, item, fact, value);
    else if (fact->fate == FATE_OPEN)
        draft_open_point(draft, item, trim_sentence(draft, fact->advice), "%s",
                         trim_sentence(draft, fact->says));
    else
        draft_fate(draft, item, fact->fate, "%s", trim_sentence(draft, fact->says));
}

/* apply_unknown - lines without a fact of their own; local features, mailers and domains are
   covered by the fact of the macro */
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
                   "Sendmail ignores it: m4 quotes are `...', and this line defines a macro with "
                   "another name");
    else if (item->kind == ITEM_DEFINE && str_starts(item->name, "conf"))
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "Sendmail has no %.*s and ignores it; it may be misspelt", STR_ARG(item->name));
    else if (item->kind == ITEM_DEFINE)
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "a local macro, which matters only where it is used");
    else if (item->kind == ITEM_OPTION)
        draft_fate(draft, item, FATE_MEANINGLESS, "Sendmail has no option with that name");
    else if ((size_t)item->kind < sizeof macros / sizeof *macros && macros[item->kind] != NULL)
        apply_fact(draft, item, facts_sendmail(SENDMAIL_MACRO, str_of(macros[item->kind])));
}

/* apply_letter - lines of sendmail.cf that are never converted */
static void apply_letter(struct draft *draft, const struct sendmail_item *item)
{
    static const struct {
        const char *letter;
        enum sendmail_fate fate;
        const char *says;
    } letters[] = {
        {"V", FATE_MEANINGLESS, "the format version of sendmail.cf"},
        {"P", FATE_MEANINGLESS, "Postfix does not distinguish precedences"},
        {"T", FATE_ALREADY, "every local user may set another sender with -f"},
    };

    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (str_is(item->name, letters[i].letter))
            draft_fate(draft, item, letters[i].fate, "%s", letters[i].says);
}

/* apply_m4 - lines that m4 includes or runs */
static bool apply_m4(struct draft *draft, const struct sendmail_item *item)
{
    if (item->kind == ITEM_NOT_RUN)
        draft_open_point(draft, item,
                         "replace this line by the output of the command, and convert again",
                         "a command that m4 runs, which is never run here");
    else if (item->kind == ITEM_INCLUDE && item->refused != NULL)
        draft_open_point(
            draft, item,
            "put the file next to the source or replace this line by its lines, and convert again",
            "the file %.*s was not read", STR_ARG(sendmail_argument(item, 0)));
    else if (item->kind == ITEM_INCLUDE)
        draft_fate(draft, item, FATE_ALREADY, "the lines of that file have their own entries");
    else
        return false;
    return true;
}

static void apply_line(struct draft *draft, const struct sendmail_item *item, bool weak)
{
    const struct sendmail_fact *fact = sendmail_item_fact(item);

    if (draft->fates[item->number].decided || apply_m4(draft, item))
        return;
    if (item->overridden || item->stock)
        return;
    if (fact != NULL && (fact->module.len > 0 || fact->weak != weak))
        return;
    if (item->kind == ITEM_TABLE_LINE && str_is(item->name, "trusted-users"))
        fact = facts_sendmail(SENDMAIL_FEATURE, str_of("use_ct_file"));
    if (fact != NULL)
        apply_fact(draft, item, fact);
    else if (item->kind == ITEM_CF_LINE)
        apply_letter(draft, item);
    else
        apply_unknown(draft, item);
}

/* apply_undefine - undefine removes a setting, whatever would have used it; its module may have
   handled it */
static void apply_undefine(struct draft *draft, const struct sendmail_item *item)
{
    const struct sendmail_fact *fact = sendmail_item_fact(item);

    if (draft->fates[item->number].decided)
        return;
    if (fact == NULL || fact->fallback.len == 0)
        draft_fate(draft, item, FATE_ALREADY, "nothing is set");
    else
        draft_fate(draft, item, FATE_ALREADY, "Sendmail's default is in effect: %.*s",
                   STR_ARG(fact->fallback));
}

/* set_missing - DEFINE is not in the source, so Sendmail's default is in effect */
static void set_missing(struct draft *draft, const char *define, enum parameter_number number,
                        const char *value, const char *reason)
{
    if (draft_value(draft, number).at != NULL || sendmail_value(draft->sendmail, define).at != NULL)
        return;
    draft_set(draft, NULL, number, "%s", value);
    draft_reason(draft, number, reason);
}

static void set_defaults(struct draft *draft)
{
    set_missing(draft, "confMAX_MESSAGE_SIZE", PARAM_MESSAGE_SIZE_LIMIT, "0",
                "Sendmail does not limit the size of messages by default");
    /* local(8) does not start if the mailbox limit is below the message limit */
    set_missing(draft, "", PARAM_MAILBOX_SIZE_LIMIT, "0",
                "Sendmail does not limit the size of mailboxes");
    if (sendmail_has_default(draft->sendmail, "confTO_QUEUEWARN")) /* m4 writes the 4h */
        set_missing(draft, "confTO_QUEUEWARN", PARAM_DELAY_WARNING_TIME, "4h",
                    "Sendmail notifies the sender of a delay after four hours");
}

/* apply_parts - the parts of a sendmail.cf line, such as the equates of a mailer */
static void apply_parts(struct draft *draft)
{
    const struct sendmail_item *item;

    for (size_t i = 0; (item = sendmail_part(draft->sendmail, i)) != NULL; i++) {
        const struct sendmail_fact *fact = sendmail_item_fact(item);
        if (fact != NULL && (fact->parameter != PARAM_NONE || !draft->fates[item->number].decided))
            apply_fact(draft, item, fact);
    }
}

void simple_convert(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;

    for (size_t i = 0; i < sendmail->count; i++)
        if (sendmail->items[i].kind == ITEM_UNDEFINE)
            apply_undefine(draft, &sendmail->items[i]);
        else
            apply_line(draft, &sendmail->items[i], false);
    for (size_t i = 0; i < sendmail->count; i++)
        apply_line(draft, &sendmail->items[i], true);
    apply_parts(draft);
    set_defaults(draft);
}
