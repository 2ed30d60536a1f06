/*
 * remarks - what Postfix does otherwise whatever its files say, as far as these files meet it
 *
 * Source: smtpd(8) and smtpd_check.c of Postfix 3.7; m4/proto.m4, check_mail; srvrsmtp.c of
 * Sendmail 8.17.  tests/oracle/test-sendmail-random.sh finds them in setups made by chance.
 */
#include "convert/remaining/modules.h"
#include "convert/sendmail/feature.h"

/* does a list or the value of a setting have a part that begins with WORD? */
static bool has_part(const struct draft *draft, const char *list, const char *word)
{
    for (size_t i = 0; i < draft->part_count; i++)
        if ((list == NULL || str_is(draft->parts[i].list, list)) &&
            str_starts(draft->parts[i].value, word))
            return true;
    return false;
}

/* are there checks of who sends, which mail to <postmaster> passes by? */
static bool senders_are_checked(const struct draft *draft)
{
    static const char *const lists[] = {"smtpd_client_restrictions", "smtpd_helo_restrictions",
                                        "smtpd_sender_restrictions", "spam_hater_checks"};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (has_part(draft, lists[i], "check_") || has_part(draft, lists[i], "reject_rbl_client") ||
            has_part(draft, lists[i], "reject_unknown_client"))
            return true;
    return false;
}

/* is there a service that takes mail from nobody without AUTH? */
static bool service_wants_auth(const struct draft *draft)
{
    for (size_t i = 0; i < draft->service_count; i++)
        for (size_t k = 0; k < draft->services[i]->override_count; k++) {
            const struct draft_setting *override = &draft->services[i]->overrides[k];
            if ((str_is(override->name, "smtpd_client_restrictions") ||
                 str_is(override->name, "smtpd_relay_restrictions")) &&
                str_ends(override->value, "reject"))
                return true;
        }
    return false;
}

/* puts_off - has a table of recipients a line that refuses for now? */
static bool puts_off(const struct draft *draft)
{
    for (size_t i = 0; i < draft->table_count; i++)
        for (size_t k = 0; k < draft->tables[i]->count; k++)
            if (str_starts(draft->tables[i]->name, "access_recipient") &&
                str_starts(draft->tables[i]->entries[k].value, "4"))
                return true;
    return false;
}

/* EXPN is asked for where neither noexpn nor goaway forbids it */
static bool expands(const struct draft *draft)
{
    static const char *const words[] = {"noexpn", "goaway"};
    struct str flags = sendmail_value(draft->sendmail, "confPRIVACY_FLAGS");

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_search(flags, words[i]) < flags.len)
            return false;
    return true;
}

void remarks_convert(struct draft *draft)
{
    if (feature_is_on(draft, "nullclient") || feature_is_on(draft, "msp"))
        return; /* nobody else is served */
    if (expands(draft))
        draft_remark(draft, "Postfix has no EXPN; Sendmail says whom an alias "
                            "stands for.");
    if (senders_are_checked(draft) || service_wants_auth(draft))
        draft_remark(draft, "Postfix takes mail to <postmaster>, without a domain, from every "
                            "client and sender, also from those that are refused otherwise.");
    if (senders_are_checked(draft) && feature_is_on(draft, "delay_checks"))
        draft_remark(draft, "Postfix looks at the client and the sender before it looks at what is "
                            "relayed, Sendmail with delay_checks after: where both refuse, each "
                            "names the reason that it comes to first.");
    if (has_part(draft, NULL, "check_recipient_access"))
        draft_remark(draft, "Postfix writes the name of this host behind a recipient without a "
                            "domain before it looks into tables: what they say about that name "
                            "counts for it, too.");
    if (has_part(draft, NULL, "reject_unknown_sender_domain"))
        draft_remark(draft, "Postfix takes senders at an address, user@[192.0.2.1]; Sendmail "
                            "refuses those whose address has no name.");
    if (puts_off(draft))
        draft_remark(draft, "Postfix looks at what is relayed before it looks at recipients in the "
                            "access table, Sendmail after: where both refuse, for now and for "
                            "good, each names the reason that it comes to first.");
    if (feature_is_on(draft, "preserve_local_plus_detail") &&
        (has_part(draft, NULL, "check_sender_access") ||
         has_part(draft, NULL, "check_recipient_access")))
        draft_remark(draft, "Postfix looks user+detail@domain up as it stands, for "
                            "preserve_local_plus_detail leaves recipient_delimiter empty; Sendmail "
                            "asks the access table for user@domain too.");
    if (has_part(draft, "virtual_alias_maps", ""))
        draft_remark(draft, "Postfix takes what virtual_alias_maps has whomever it leads to, and "
                            "sends mail back that finds no user of this host there; Sendmail "
                            "refuses it at RCPT.");
}
