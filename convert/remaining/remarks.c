/*
 * remarks - differences in behaviour that no setting can remove, if they concern this configuration
 *
 * Source: smtpd(8) and smtpd_check.c of Postfix 3.7; m4/proto.m4, check_mail; srvrsmtp.c of
 * Sendmail 8.17.  tests/oracle/test-sendmail-random.sh finds them with random configurations.
 */
#include "convert/remaining/modules.h"
#include "convert/sendmail/feature.h"

/* does a list, or the value of a setting, have a part that starts with WORD? */
static bool has_part(const struct draft *draft, const char *list, const char *word)
{
    for (size_t i = 0; i < draft->part_count; i++)
        if ((list == NULL || str_is(draft->parts[i].list, list)) &&
            str_starts(draft->parts[i].value, word))
            return true;
    return false;
}

/* are there checks of clients and senders, which mail for <postmaster> bypasses? */
static bool are_senders_checked(const struct draft *draft)
{
    static const char *const lists[] = {"smtpd_client_restrictions", "smtpd_helo_restrictions",
                                        "smtpd_sender_restrictions", "spam_hater_checks"};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (has_part(draft, lists[i], "check_") || has_part(draft, lists[i], "reject_rbl_client") ||
            has_part(draft, lists[i], "reject_unknown_client"))
            return true;
    return false;
}

/* is there a service that requires AUTH for all mail? */
static bool has_auth_service(const struct draft *draft)
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

/* defers_recipients - does a table of recipients have a temporary error? */
static bool defers_recipients(const struct draft *draft)
{
    for (size_t i = 0; i < draft->table_count; i++)
        for (size_t k = 0; k < draft->tables[i]->count; k++)
            if (str_starts(draft->tables[i]->name, "access_recipient") &&
                str_starts(draft->tables[i]->entries[k].value, "4"))
                return true;
    return false;
}

/* is EXPN allowed: neither noexpn nor goaway? */
static bool is_expn_allowed(const struct draft *draft)
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
        return; /* no other host uses this server */
    if (is_expn_allowed(draft))
        draft_remark(draft, "Postfix has no EXPN; Sendmail shows the members of an alias.");
    if (are_senders_checked(draft) || has_auth_service(draft))
        draft_remark(draft, "Postfix accepts mail for <postmaster>, without a domain, from every "
                            "client and sender, even if they are rejected otherwise.");
    if (are_senders_checked(draft) && feature_is_on(draft, "delay_checks"))
        draft_remark(
            draft,
            "Postfix checks the client and the sender before relaying, Sendmail with delay_checks "
            "after it: if both checks reject, each server reports the first reason.");
    if (has_part(draft, NULL, "check_recipient_access"))
        draft_remark(draft,
                     "Postfix adds the name of this host to a recipient without a domain before it "
                     "looks up tables, so entries for that name apply to it as well.");
    if (has_part(draft, NULL, "reject_unknown_sender_domain"))
        draft_remark(draft, "Postfix accepts senders with an address literal, user@[192.0.2.1]; "
                            "Sendmail rejects them if the address has no name.");
    if (defers_recipients(draft))
        draft_remark(draft, "Postfix checks relaying before it looks up recipients in the access "
                            "table, Sendmail after it: if one check rejects temporarily and the "
                            "other permanently, each server reports the first reason.");
    if (feature_is_on(draft, "preserve_local_plus_detail") &&
        (has_part(draft, NULL, "check_sender_access") ||
         has_part(draft, NULL, "check_recipient_access")))
        draft_remark(
            draft,
            "With preserve_local_plus_detail recipient_delimiter is empty, and Postfix looks up "
            "only user+detail@domain; Sendmail also looks up user@domain in the access table.");
    if (has_part(draft, "virtual_alias_maps", ""))
        draft_remark(draft,
                     "Postfix accepts all addresses in virtual_alias_maps, and returns mail whose "
                     "new address is an unknown user of this host; Sendmail rejects it at RCPT.");
}
