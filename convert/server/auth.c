/*
 * auth - AUTH in the server: its mechanisms, their security options, and who may relay
 *
 * In Sendmail an authenticated client may relay if its mechanism is in class TrustAuthMech; Postfix
 * does not distinguish mechanisms.  If some are offered but not trusted, the stricter way is taken:
 * they are no longer offered, which is an open point.
 */
#include "convert/server/auth.h"

#include <string.h>

#include "convert/sendmail/feature.h"
#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"
#include "parser/text/token.h"

enum { RANK_AUTH_FIRST = 10 };

static bool list_has(struct str list, struct str name)
{
    struct str word;

    while (token_next_plain(&list, TOKEN_COMMAS, &word))
        if (str_eq_nocase(word, name))
            return true;
    return false;
}

struct str auth_offered(const struct draft *draft)
{
    if (session_item(draft, "confAUTH_MECHANISMS") != NULL)
        return session_value(draft, "confAUTH_MECHANISMS");
    return sendmail_default("confAUTH_MECHANISMS");
}

/* --- trusted mechanisms ----------------------------------------------------------------------- */

/* next_trust - the next line after AFTER that adds to class TrustAuthMech */
static const struct sendmail_item *next_trust(const struct draft *draft,
                                              const struct sendmail_item *after)
{
    const struct sendmail *sendmail = draft->sendmail;

    for (size_t i = after != NULL ? after->number + 1 : 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if ((item->kind == ITEM_MACRO && str_is(item->name, "TRUST_AUTH_MECH")) ||
            (item->kind == ITEM_CLASS && str_is(item->name, "TrustAuthMech")))
            return item;
    }
    return NULL;
}

static struct str list_trusted(const struct draft *draft, const struct sendmail_item *item)
{
    struct buffer words;

    if (item->kind == ITEM_MACRO)
        return session_item_value(draft, item);
    buffer_init(&words, draft->arena);
    for (size_t i = 0; i < item->argument_count; i++)
        buffer_printf(&words, "%.*s ", STR_ARG(item->arguments[i]));
    return buffer_str(&words);
}

static bool is_trusted(const struct draft *draft, struct str mechanism)
{
    const struct sendmail_item *item = NULL;

    while ((item = next_trust(draft, item)) != NULL)
        if (list_has(list_trusted(draft, item), mechanism))
            return true;
    return false;
}

/* list_mechanisms - the offered mechanisms that Postfix supports: all, or only the trusted ones */
static struct str list_mechanisms(const struct draft *draft, bool trusted_only)
{
    struct str offered = auth_offered(draft), word;
    struct buffer list;

    buffer_init(&list, draft->arena);
    while (token_next_plain(&offered, TOKEN_COMMAS, &word)) {
        if (str_is_nocase(word, "EXTERNAL") || !sendmail_is_plain(word) ||
            (trusted_only && !is_trusted(draft, word)))
            continue;
        if (list.len > 0)
            buffer_add_char(&list, ' ');
        buffer_add(&list, word);
    }
    return buffer_str(&list);
}

bool auth_relays(const struct draft *draft)
{
    return session_offers_auth(draft) && list_mechanisms(draft, true).len > 0;
}

/* list_usable_mechanisms - the mechanisms that clients may use, in order, separated by spaces: the
   offered ones, or the trusted ones if there are any.  Without EXTERNAL; may be empty */
static struct str list_usable_mechanisms(const struct draft *draft)
{
    return list_mechanisms(draft, auth_relays(draft));
}

/* open_untrusted - the open point for mechanisms that are no longer offered */
static void open_untrusted(struct draft *draft, const struct sendmail_item *item)
{
    struct str all = list_mechanisms(draft, false), kept = list_mechanisms(draft, true), word;
    struct buffer lost;

    buffer_init(&lost, draft->arena);
    while (token_next_plain(&all, TOKEN_COMMAS, &word))
        if (!list_has(kept, word))
            buffer_printf(&lost, "%s%.*s", lost.len > 0 ? " " : "", STR_ARG(word));
    if (lost.len > 0)
        draft_open_point(draft, item,
                         "add them to smtpd_sasl_mechanism_filter if their users may relay as well",
                         "clients could authenticate with %.*s but not relay; Postfix does not "
                         "distinguish mechanisms, so only the trusted ones are offered",
                         STR_ARG(buffer_str(&lost)));
}

static void map_trust(struct draft *draft)
{
    const struct sendmail_item *item = NULL, *first = next_trust(draft, NULL);
    bool relays = auth_relays(draft);

    if (first == NULL)
        return;
    if (relays) {
        draft_add(draft, first, PARAM_SMTPD_RELAY_RESTRICTIONS, RANK_AUTH,
                  "permit_sasl_authenticated");
        if (feature_is_on(draft, "delay_checks"))
            draft_add(draft, first, PARAM_SMTPD_SENDER_RESTRICTIONS, RANK_AUTH_FIRST,
                      "permit_sasl_authenticated");
    }
    while ((item = next_trust(draft, item)) != NULL) {
        struct str names = list_trusted(draft, item);
        if (relays)
            draft_fate(draft, item, FATE_MAPPED,
                       "permit_sasl_authenticated in smtpd_relay_restrictions");
        else
            draft_open_point(draft, item,
                             "add the mechanisms to confAUTH_MECHANISMS, or add "
                             "permit_sasl_authenticated to smtpd_relay_restrictions by hand",
                             "none of \"%.*s\" is offered (confAUTH_MECHANISMS), so no client "
                             "could relay after authentication",
                             STR_ARG(names));
        if (list_has(names, (struct str)STR("EXTERNAL")) && session_offers_tls(draft) &&
            !session_letter(session_value(draft, "confTLS_SRV_OPTIONS"), 'V'))
            draft_open_point(draft, item,
                             "if clients use this, add their certificates to relay_clientcerts and "
                             "permit_tls_clientcerts to smtpd_relay_restrictions",
                             "clients with a certificate of one of the CAs could relay with AUTH "
                             "EXTERNAL, which Postfix does not support");
    }
    if (relays)
        open_untrusted(draft, first);
}

/* --- mechanisms ------------------------------------------------------------------------------- */

/* does a mechanism not send passwords in plain text? */
static bool has_secure_mechanism(struct str list)
{
    struct str word;

    while (token_next_plain(&list, TOKEN_COMMAS, &word))
        if (!str_is_nocase(word, "PLAIN") && !str_is_nocase(word, "LOGIN"))
            return true;
    return false;
}

static struct str join_with_commas(const struct draft *draft, struct str list)
{
    struct str word;
    struct buffer out;

    buffer_init(&out, draft->arena);
    while (token_next_plain(&list, TOKEN_COMMAS, &word))
        buffer_printf(&out, "%s%.*s", out.len > 0 ? ", " : "", STR_ARG(word));
    return buffer_str(&out);
}

static void map_mechanisms(struct draft *draft)
{
    const struct sendmail_item *item = session_item(draft, "confAUTH_MECHANISMS");
    struct str list = join_with_commas(draft, list_usable_mechanisms(draft));

    if (list.len == 0) {
        draft_open_point(draft, item, "set the mechanisms of the target's SASL library",
                         "Postfix supports none of the mechanisms");
        draft_set(draft, item, PARAM_SMTPD_SASL_AUTH_ENABLE, "no");
        return;
    }
    if (!draft_has_parameter(draft, PARAM_SMTPD_SASL_MECHANISM_FILTER)) {
        draft_open_point(draft, item, "set mech_list in smtpd.conf of the SASL library",
                         "on this platform the SASL library selects the mechanisms: %.*s",
                         STR_ARG(list));
        return;
    }
    draft_set(draft, item, PARAM_SMTPD_SASL_MECHANISM_FILTER, "%.*s", STR_ARG(list));
    if (item == NULL)
        draft_reason(draft, PARAM_SMTPD_SASL_MECHANISM_FILTER,
                     "Sendmail's default mechanisms, as the source sets none");
    draft_fate(draft, item, FATE_MAPPED, "smtpd_sasl_mechanism_filter = %.*s%s", STR_ARG(list),
               list_has(auth_offered(draft), (struct str)STR("EXTERNAL"))
                   ? "; Postfix does not support AUTH EXTERNAL"
                   : "");
}

/* --- AuthOptions ------------------------------------------------------------------------------ */

static const struct {
    char letter;
    const char *security; /* in smtpd_sasl_security_options */
} letters[] = {{'a', "noactive"},    {'d', "nodictionary"}, {'f', "forward_secrecy"},
               {'m', "mutual_auth"}, {'p', "noplaintext"},  {'y', "noanonymous"}};

/* decide_letters - Sendmail reads only the first letter of each word */
static void decide_letters(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    struct str word;

    while (token_next_plain(&value, TOKEN_COMMAS, &word)) {
        if (word.at[0] == 'A')
            draft_fate(draft, item, FATE_ALREADY,
                       "Postfix's client sends AUTH= in MAIL only after authentication (A)");
        else if (word.at[0] == 'c')
            draft_open_point(draft, item, "leave it out, or choose the mechanisms by name",
                             "Postfix cannot require mechanisms that pass on credentials (c)");
        else if (word.at[0] == '\0' || strchr("adfmpy", word.at[0]) == NULL)
            draft_fate(draft, item, FATE_MEANINGLESS, "Sendmail has no letter %c", word.at[0]);
        if (word.len > 1)
            draft_fate(draft, item, FATE_MEANINGLESS,
                       "Sendmail reads only the first letter of \"%.*s\"", STR_ARG(word));
    }
}

static void map_options(struct draft *draft)
{
    const struct sendmail_item *item = session_item(draft, "confAUTH_OPTIONS");
    struct str value = session_value(draft, "confAUTH_OPTIONS");
    struct buffer plain, secure;

    if (item == NULL)
        return;
    decide_letters(draft, item, value);
    if (value.len == 0)
        draft_fate(draft, item, FATE_ALREADY, "no option is set");
    buffer_init(&plain, draft->arena);
    buffer_init(&secure, draft->arena);
    buffer_add_cstr(&plain, "noanonymous");
    buffer_add_cstr(&secure, "noanonymous");
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        if (letters[i].letter == 'y' || !session_letter(value, letters[i].letter))
            continue;
        buffer_printf(&plain, ", %s", letters[i].security);
        if (letters[i].letter != 'p')
            buffer_printf(&secure, ", %s", letters[i].security);
    }
    if (session_letter(value, 'y'))
        draft_fate(draft, item, FATE_MAPPED, "noanonymous in smtpd_sasl_security_options (y)");
    if (plain.len == sizeof "noanonymous" - 1)
        return;
    if (session_letter(value, 'p') && !has_secure_mechanism(list_usable_mechanisms(draft))) {
        /* without a mechanism smtpd(8) would not start unencrypted sessions */
        draft_set(draft, item, PARAM_SMTPD_TLS_AUTH_ONLY, "yes");
        draft_fate(draft, item, FATE_MAPPED, "smtpd_tls_auth_only = yes (p)");
        plain = secure;
    }
    draft_set(draft, item, PARAM_SMTPD_SASL_SECURITY_OPTIONS, "%.*s", STR_ARG(buffer_str(&plain)));
    draft_set(draft, item, PARAM_SMTPD_SASL_TLS_SECURITY_OPTIONS, "%.*s",
              STR_ARG(buffer_str(&secure)));
    draft_fate(draft, item, FATE_MAPPED, "smtpd_sasl_security_options = %.*s; with TLS %.*s",
               STR_ARG(buffer_str(&plain)), STR_ARG(buffer_str(&secure)));
}

static void map_realm(struct draft *draft)
{
    const struct sendmail_item *item = session_item(draft, "confAUTH_REALM");
    struct str value = session_value(draft, "confAUTH_REALM");

    if (item == NULL)
        return;
    if (value.len == 0 || str_is(value, "$j")) {
        draft_fate(draft, item, FATE_ALREADY, "the realm is the name of the host");
    } else if (!sendmail_is_plain(value)) {
        draft_open_point(draft, item, "set smtpd_sasl_local_domain to the realm",
                         "the realm \"%.*s\" contains a Sendmail macro", STR_ARG(value));
    } else {
        draft_map(draft, item, PARAM_SMTPD_SASL_LOCAL_DOMAIN, "%.*s", STR_ARG(value));
    }
}

static void map_layer(struct draft *draft)
{
    draft_fate(
        draft, session_item(draft, "confAUTH_MAX_BITS"), FATE_ALREADY,
        "Postfix supports no encryption except TLS; the security layer of SASL is never used");
}

void auth_convert(struct draft *draft)
{
    map_layer(draft);
    if (session_offers_auth(draft)) {
        draft_set(draft, next_trust(draft, NULL), PARAM_SMTPD_SASL_AUTH_ENABLE, "yes");
        draft_reason(draft, PARAM_SMTPD_SASL_AUTH_ENABLE,
                     "Sendmail offers AUTH if the SASL library has mechanisms");
        map_mechanisms(draft);
        map_trust(draft);
        draft_step(
            draft, STEP_BEFORE, str_of(""),
            str_of(
                "AUTH: Cyrus SASL reads Sendmail.conf for Sendmail and smtpd.conf for Postfix: "
                "copy the settings (pwcheck_method), and move the users in sasldb or saslauthd"));
        draft_step(draft, STEP_CHECK, str_of(""),
                   str_of("AUTH: if the SASL library has none of the offered mechanisms, smtpd "
                          "exits (\"no SASL authentication mechanisms\" in the log): install the "
                          "plugins and check that the reply to EHLO has AUTH"));
    }
    map_options(draft);
    map_realm(draft);
}
