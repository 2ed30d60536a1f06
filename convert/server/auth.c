/*
 * auth - AUTH of the server: mechanisms, what they must not be, who may relay
 *
 * A client that did AUTH may relay in Sendmail if its mechanism is in class TrustAuthMech; Postfix
 * knows one right for all mechanisms.  Where some are offered and not trusted, the narrower way is
 * taken: they are offered no more, and the open point says so.
 */
#include "convert/server/auth.h"

#include <string.h>

#include "convert/sendmail/feature.h"
#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"
#include "parser/text/token.h"

/* cf/README on confAUTH_MECHANISMS, 8.17 */
#define DEFAULT_MECHANISMS "EXTERNAL GSSAPI KERBEROS_V4 DIGEST-MD5 CRAM-MD5"

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
    return str_of(DEFAULT_MECHANISMS);
}

/* --- who is trusted --------------------------------------------------------------------------- */

/* next_trust - the next line that adds to class TrustAuthMech behind AFTER */
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

static struct str trusted_by(const struct draft *draft, const struct sendmail_item *item)
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
        if (list_has(trusted_by(draft, item), mechanism))
            return true;
    return false;
}

/* mechanisms - those offered that Postfix can have, all or the trusted ones only */
static struct str mechanisms(const struct draft *draft, bool trusted_only)
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
    return session_offers_auth(draft) && mechanisms(draft, true).len > 0;
}

/* usable_mechanisms - those that clients may use, in their order: offered, and trusted where some
   are; one blank between them.  Postfix has no EXTERNAL.  May be empty */
static struct str usable_mechanisms(const struct draft *draft)
{
    return mechanisms(draft, auth_relays(draft));
}

/* ask_about_untrusted - what is offered now and will not be */
static void ask_about_untrusted(struct draft *draft, const struct sendmail_item *item)
{
    struct str all = mechanisms(draft, false), kept = mechanisms(draft, true), word;
    struct buffer lost;

    buffer_init(&lost, draft->arena);
    while (token_next_plain(&all, TOKEN_COMMAS, &word))
        if (!list_has(kept, word))
            buffer_printf(&lost, "%s%.*s", lost.len > 0 ? " " : "", STR_ARG(word));
    if (lost.len > 0)
        draft_open_point(draft, item,
                         "add them to smtpd_sasl_mechanism_filter if their users may relay as well",
                         "clients could do AUTH by %.*s, but not relay by it; Postfix tells no "
                         "mechanisms apart, and offers the trusted ones alone",
                         STR_ARG(buffer_str(&lost)));
}

static void map_trust(struct draft *draft)
{
    const struct sendmail_item *item = NULL, *first = next_trust(draft, NULL);
    bool relays = auth_relays(draft);

    if (first == NULL)
        return;
    if (relays) {
        draft_add(draft, first, "smtpd_relay_restrictions", RANK_AUTH, "permit_sasl_authenticated");
        if (feature_is_on(draft, "delay_checks"))
            draft_add(draft, first, "smtpd_sender_restrictions", RANK_AUTH_FIRST,
                      "permit_sasl_authenticated");
    }
    while ((item = next_trust(draft, item)) != NULL) {
        struct str names = trusted_by(draft, item);
        if (relays)
            draft_fate(draft, item, FATE_MAPPED,
                       "permit_sasl_authenticated in smtpd_relay_restrictions");
        else
            draft_open_point(draft, item,
                             "name the mechanisms in confAUTH_MECHANISMS as well, or add "
                             "permit_sasl_authenticated to smtpd_relay_restrictions by hand",
                             "none of \"%.*s\" is offered (confAUTH_MECHANISMS), so that nobody "
                             "could relay by AUTH",
                             STR_ARG(names));
        if (list_has(names, (struct str)STR("EXTERNAL")) && session_offers_tls(draft) &&
            !session_letter(session_value(draft, "confTLS_SRV_OPTIONS"), 'V'))
            draft_open_point(draft, item,
                             "list the certificates that may relay in relay_clientcerts and add "
                             "permit_tls_clientcerts to smtpd_relay_restrictions, if any do",
                             "clients with a certificate of any of the CAs could relay by AUTH "
                             "EXTERNAL, which Postfix has not");
    }
    if (relays)
        ask_about_untrusted(draft, first);
}

/* --- mechanisms ------------------------------------------------------------------------------- */

/* is there a mechanism that sends no password in the clear? */
static bool has_others_than_plain(struct str list)
{
    struct str word;

    while (token_next_plain(&list, TOKEN_COMMAS, &word))
        if (!str_is_nocase(word, "PLAIN") && !str_is_nocase(word, "LOGIN"))
            return true;
    return false;
}

static struct str comma_list(const struct draft *draft, struct str list)
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
    struct str list = comma_list(draft, usable_mechanisms(draft));

    if (list.len == 0) {
        draft_open_point(draft, item, "name the mechanisms of the target's SASL library",
                         "no mechanism is left that Postfix could offer");
        draft_set(draft, item, "smtpd_sasl_auth_enable", "no");
        return;
    }
    if (!draft_has_parameter(draft, str_of("smtpd_sasl_mechanism_filter"))) {
        draft_open_point(
            draft, item, "set mech_list in the SASL library's smtpd.conf",
            "the target's Postfix leaves the choice of mechanisms to the library: %.*s",
            STR_ARG(list));
        return;
    }
    draft_set(draft, item, "smtpd_sasl_mechanism_filter", "%.*s", STR_ARG(list));
    if (item == NULL)
        draft_reason(draft, "smtpd_sasl_mechanism_filter",
                     "Sendmail's default mechanisms: the source names none");
    draft_fate(draft, item, FATE_MAPPED, "smtpd_sasl_mechanism_filter = %.*s%s", STR_ARG(list),
               list_has(auth_offered(draft), (struct str)STR("EXTERNAL"))
                   ? "; Postfix has no AUTH EXTERNAL"
                   : "");
}

/* --- AuthOptions ------------------------------------------------------------------------------ */

static const struct {
    char letter;
    const char *security; /* in smtpd_sasl_security_options */
} letters[] = {{'a', "noactive"},    {'d', "nodictionary"}, {'f', "forward_secrecy"},
               {'m', "mutual_auth"}, {'p', "noplaintext"},  {'y', "noanonymous"}};

/* look_at_words - Sendmail takes the first letter of each word and no more */
static void look_at_words(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    struct str word;

    while (token_next_plain(&value, TOKEN_COMMAS, &word)) {
        if (word.at[0] == 'A')
            draft_fate(draft, item, FATE_ALREADY,
                       "Postfix's client says AUTH= in MAIL only after AUTH (A)");
        else if (word.at[0] == 'c')
            draft_open_point(draft, item, "leave it out, or choose the mechanisms by name",
                             "Postfix cannot ask for mechanisms that pass credentials on (c)");
        else if (word.at[0] == '\0' || strchr("adfmpy", word.at[0]) == NULL)
            draft_fate(draft, item, FATE_MEANINGLESS, "Sendmail knows no letter %c", word.at[0]);
        if (word.len > 1)
            draft_fate(draft, item, FATE_MEANINGLESS,
                       "of \"%.*s\" Sendmail reads the first letter alone", STR_ARG(word));
    }
}

static void map_options(struct draft *draft)
{
    const struct sendmail_item *item = session_item(draft, "confAUTH_OPTIONS");
    struct str value = session_value(draft, "confAUTH_OPTIONS");
    struct buffer plain, secure;

    if (item == NULL)
        return;
    look_at_words(draft, item, value);
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
    if (session_letter(value, 'p') && !has_others_than_plain(usable_mechanisms(draft))) {
        /* with no mechanism left, smtpd(8) would not start a session in the clear */
        draft_set(draft, item, "smtpd_tls_auth_only", "yes");
        draft_fate(draft, item, FATE_MAPPED, "smtpd_tls_auth_only = yes (p)");
        plain = secure;
    }
    draft_set(draft, item, "smtpd_sasl_security_options", "%.*s", STR_ARG(buffer_str(&plain)));
    draft_set(draft, item, "smtpd_sasl_tls_security_options", "%.*s", STR_ARG(buffer_str(&secure)));
    draft_fate(draft, item, FATE_MAPPED, "smtpd_sasl_security_options = %.*s, and within TLS %.*s",
               STR_ARG(buffer_str(&plain)), STR_ARG(buffer_str(&secure)));
}

static void map_realm(struct draft *draft)
{
    const struct sendmail_item *item = session_item(draft, "confAUTH_REALM");
    struct str value = session_value(draft, "confAUTH_REALM");

    if (item == NULL)
        return;
    if (value.len == 0 || str_is(value, "$j")) {
        draft_fate(draft, item, FATE_ALREADY, "the realm is the host's name");
    } else if (!sendmail_is_plain(value)) {
        draft_open_point(draft, item, "set smtpd_sasl_local_domain to what it stands for",
                         "the realm \"%.*s\" holds what Sendmail would replace", STR_ARG(value));
    } else {
        draft_map(draft, item, "smtpd_sasl_local_domain", "%.*s", STR_ARG(value));
    }
}

static void map_layer(struct draft *draft)
{
    draft_fate(draft, session_item(draft, "confAUTH_MAX_BITS"), FATE_ALREADY,
               "Postfix has no encryption but that of TLS: SASL's own is never used");
}

void auth_convert(struct draft *draft)
{
    map_layer(draft);
    if (session_offers_auth(draft)) {
        draft_set(draft, next_trust(draft, NULL), "smtpd_sasl_auth_enable", "yes");
        draft_reason(draft, "smtpd_sasl_auth_enable",
                     "Sendmail offers AUTH wherever the SASL library has mechanisms");
        map_mechanisms(draft);
        map_trust(draft);
        draft_step(draft, STEP_BEFORE, str_of(""),
                   str_of("AUTH: Cyrus SASL reads Sendmail.conf for Sendmail and smtpd.conf for "
                          "Postfix: carry over what the first says (pwcheck_method), and the "
                          "users of sasldb or saslauthd"));
        draft_step(draft, STEP_CHECK, str_of(""),
                   str_of("AUTH: smtpd ends at once where the SASL library has none of the "
                          "mechanisms that may be offered (\"no SASL authentication mechanisms\" "
                          "in the log): install their plugins, and see that EHLO names AUTH"));
    }
    map_options(draft);
    map_realm(draft);
}
