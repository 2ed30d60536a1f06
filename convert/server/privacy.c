/*
 * privacy - the words of confPRIVACY_FLAGS (op.me, PrivacyOptions)
 *
 * "goaway" includes all of them except noreceipts, restrictmailq, restrictqrun, restrictexpand,
 * noetrn and nobodyreturn (sendmail/conf.c, PrivacyValues).
 */
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"

static const struct flag {
    const char *name;
    enum parameter_number parameter;
    enum parameter_number list; /* the value is added to this list */
    const char *value;          /* NULL: not converted */
    const char *says;
    enum sendmail_fate fate;
    bool away; /* part of goaway */
} flags[] = {
    {"novrfy", PARAM_DISABLE_VRFY_COMMAND, PARAM_NONE, "yes", "; the reply is 502, not 252",
     FATE_MAPPED, true},
    {"needmailhelo", PARAM_SMTPD_HELO_REQUIRED, PARAM_NONE, "yes", "", FATE_MAPPED, true},
    {"noexpn", PARAM_NONE, PARAM_NONE, NULL, "Postfix has no EXPN", FATE_ALREADY, true},
    {"noverb", PARAM_NONE, PARAM_NONE, NULL, "Postfix has no VERB", FATE_ALREADY, true},
    {"needexpnhelo", PARAM_NONE, PARAM_NONE, NULL, "Postfix has no EXPN", FATE_ALREADY, true},
    {"needvrfyhelo", PARAM_NONE, PARAM_NONE, NULL,
     "smtpd_helo_required or disable_vrfy_command include it", FATE_ALREADY, true},
    {"authwarnings", PARAM_NONE, PARAM_NONE, NULL, "Postfix adds no X-Authentication-Warning",
     FATE_MEANINGLESS, true},
    {"public", PARAM_NONE, PARAM_NONE, NULL, "no effect", FATE_ALREADY, false},
    {"noetrn", PARAM_SMTPD_ETRN_RESTRICTIONS, PARAM_NONE, "reject", "", FATE_MAPPED, false},
    {"noreceipts", PARAM_NONE, PARAM_SMTPD_DISCARD_EHLO_KEYWORDS, "dsn", "", FATE_MAPPED, false},
    {"restrictmailq", PARAM_AUTHORIZED_MAILQ_USERS, PARAM_NONE, "root", "", FATE_MAPPED, false},
    {"restrictqrun", PARAM_AUTHORIZED_FLUSH_USERS, PARAM_NONE, "root", "", FATE_MAPPED, false},
    {"restrictexpand", PARAM_NONE, PARAM_NONE, NULL,
     "sendmail -bv reads no files of other users: the report is sent by mail", FATE_ALREADY, false},
    {"nobodyreturn", PARAM_BOUNCE_SIZE_LIMIT, PARAM_NONE, "1", "bounces contain only the headers",
     FATE_MAPPED, false},
    {"noactualrecipient", PARAM_NONE, PARAM_NONE, NULL,
     "Postfix's reports contain only the address of the recipient", FATE_MEANINGLESS, false},
};

static void apply_flag(struct draft *draft, const struct sendmail_item *item,
                       const struct flag *flag)
{
    if (flag->parameter != PARAM_NONE) {
        draft_set(draft, item, flag->parameter, "%s", flag->value);
        draft_fate(draft, item, flag->fate, "%s: %s = %s%s", flag->name,
                   parameter_name(flag->parameter).at, flag->value, flag->says);
    } else if (flag->list != PARAM_NONE) {
        draft_add(draft, item, flag->list, RANK_CONNECT, "%s", flag->value);
        draft_fate(draft, item, flag->fate, "%s: %s = %s", flag->name,
                   parameter_name(flag->list).at, flag->value);
    } else {
        draft_fate(draft, item, flag->fate, "%s: %s", flag->name, flag->says);
    }
}

static void apply_word(struct draft *draft, const struct sendmail_item *item, struct str word)
{
    bool away = str_is_nocase(word, "goaway"), known = away;

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if ((away && flags[i].away) || str_is_nocase(word, flags[i].name)) {
            apply_flag(draft, item, &flags[i]);
            known = true;
        }
    if (!known)
        draft_fate(draft, item, FATE_MEANINGLESS, "\"%.*s\" is not a valid flag", STR_ARG(word));
}

static void apply_flags(struct draft *draft, const struct sendmail_item *item)
{
    struct str value = sendmail_item_value(draft, item);

    for (size_t at = str_span(value, 0, ", \t\n"); at < value.len;) {
        size_t end = str_span_not(value, at, ", \t\n");
        apply_word(draft, item, str_slice(value, at, end));
        at = str_span(value, end, ", \t\n");
    }
    if (str_trim(value).len == 0)
        draft_fate(draft, item, FATE_ALREADY, "it has no effect");
}

/* map_mime_errors - Sendmail offers DSN only with MIME reports */
static void map_mime_errors(struct draft *draft, const struct sendmail_item *item)
{
    if (sendmail_bool(sendmail_item_value(draft, item))) {
        draft_fate(draft, item, FATE_ALREADY, "Postfix's bounces are MIME reports (RFC 3464)");
        return;
    }
    draft_add(draft, item, PARAM_SMTPD_DISCARD_EHLO_KEYWORDS, RANK_CONNECT, "dsn");
    draft_fate(draft, item, FATE_MAPPED,
               "smtpd_discard_ehlo_keywords = dsn, as Sendmail then offers no DSN; Postfix's "
               "bounces are still MIME reports");
}

void privacy_convert(struct draft *draft)
{
    for (size_t i = 0; i < draft->sendmail->count; i++) {
        const struct sendmail_item *item = &draft->sendmail->items[i];
        const struct sendmail_fact *fact = item->kind == ITEM_DEFINE || item->kind == ITEM_OPTION
                                               ? sendmail_item_fact(item)
                                               : NULL;
        if (fact != NULL && str_is(fact->name, "confPRIVACY_FLAGS") && !item->overridden)
            apply_flags(draft, item);
        else if (fact != NULL && str_is(fact->name, "confMIME_FORMAT_ERRORS") && !item->overridden)
            map_mime_errors(draft, item);
    }
}
