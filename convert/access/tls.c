/*
 * tls - what the access table says about TLS and about features of the server (see access.h)
 *
 * TLS_Srv and Try_TLS are looked up with the name and address of the server that was connected to,
 * TLS_Rcpt with the recipient; smtp_tls_policy_maps with the next hop.  They agree for the domain
 * of a recipient, and for a host in brackets in a route.
 */
#include <stdlib.h>
#include <string.h>

#include "convert/access/access.h"

static const char CHECK_HOP[] =
    "smtp_tls_policy_maps is looked up with the next hop, not with the MX host: add a line for "
    "each domain, or host in brackets, whose mail goes to this server";

/* make_policy - VERIFY:128+CN:name, ENCR:112, PERM+VERIFY as a policy of Postfix; empty if there is
   none; EXACT is set to whether the policy is equivalent */
static struct str make_policy(struct arena *arena, struct str value, bool *exact)
{
    struct str match = STR_NONE;
    const char *level;

    *exact = true;
    if (value.len > 5 && (str_is_nocase(str_slice(value, 0, 5), "PERM+") ||
                          str_is_nocase(str_slice(value, 0, 5), "TEMP+"))) {
        *exact = (value.at[0] | 0x20) == 't'; /* Postfix always retries */
        value = str_slice(value, 5, value.len);
    }
    size_t plus = str_find(value, '+', 0), colon = str_find(str_slice(value, 0, plus), ':', 0);
    struct str word = str_slice(value, 0, colon), rest = str_slice(value, plus + 1, value.len);
    struct str bits = str_slice(value, colon + 1, plus);
    if (str_is_nocase(word, "VERIFY"))
        level = "verify";
    else if (str_is_nocase(word, "ENCR"))
        level = "encrypt";
    else
        return str_of("");
    if (rest.len > 3 && str_is_nocase(str_slice(rest, 0, 3), "CN:") &&
        str_find(rest, '+', 0) == rest.len && str_span_not(rest, 0, " \t,;") == rest.len &&
        str_is(str_of(level), "verify"))
        match = str_slice(rest, 3, rest.len);
    else if (rest.len > 0)
        *exact = false;
    bool high = str_is_digits(bits) && strtoul(arena_cstr(arena, bits), NULL, 10) >= 112;
    return arena_printf(arena, "%s%s%.*s%s", level, match.len > 0 ? " match=" : "", STR_ARG(match),
                        high ? " ciphers=high" : "");
}

static void put_policy(struct draft *draft, const struct access_line *line, struct str key,
                       struct str value)
{
    struct draft_table *table = draft_table(draft, "access_tls_policy", DRAFT_INDEXED);

    if (table->count == 0)
        draft_add(draft, line->item, PARAM_SMTP_TLS_POLICY_MAPS, RANK_SENDER, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    draft_entry(draft, table, line->item, key, value);
}

/* put_domain_policy - for a domain and its subdomains */
static void put_domain_policy(struct draft *draft, const struct access_line *line, struct str value)
{
    put_policy(draft, line, line->key, value);
    put_policy(draft, line, arena_printf(draft->arena, ".%.*s", STR_ARG(line->key)), value);
}

static void map_policy(struct draft *draft, const struct access_line *line)
{
    bool exact;
    struct str value = line->tag == ACCESS_TRY_TLS
                           ? str_of(str_is_nocase(line->text, "NO") ? "none" : "")
                           : make_policy(draft->arena, line->text, &exact);

    if (line->tag == ACCESS_TRY_TLS)
        exact = true;
    if (value.len == 0) {
        draft_fate(draft, line->item, FATE_ALREADY, "it requires nothing beyond the default");
    } else if (line->kind == ACCESS_DOMAIN) {
        put_domain_policy(draft, line, value);
        if (line->tag != ACCESS_TLS_RECIPIENT)
            draft_open_point(draft, line->item, CHECK_HOP, "smtp_tls_policy_maps: %.*s %.*s",
                             STR_ARG(line->key), STR_ARG(value));
        else if (!exact)
            draft_open_point(draft, line->item, "check whether the policy is strict enough",
                             "smtp_tls_policy_maps: %.*s %.*s, which is not equivalent",
                             STR_ARG(line->key), STR_ARG(value));
        else
            draft_fate(draft, line->item, FATE_MAPPED, "smtp_tls_policy_maps: %.*s %.*s",
                       STR_ARG(line->key), STR_ARG(value));
    } else if (line->kind == ACCESS_EMPTY) {
        draft_open_point(draft, line->item,
                         arena_printf(draft->arena,
                                      "set smtp_tls_security_level = %.*s if it is meant for all "
                                      "servers: most of them support only \"may\"",
                                      (int)str_span_not(value, 0, " "), value.at)
                             .at,
                         "a default for all servers");
    } else {
        draft_open_point(draft, line->item,
                         "add it to smtp_tls_policy_maps for the intended next hop",
                         "a policy for \"%.*s\" does not apply to a next hop", STR_ARG(line->key));
    }
}

/* --- clients over TLS ------------------------------------------------------------------------- */

static void put_plaintext(struct draft *draft, const struct access_line *line)
{
    bool network = line->kind == ACCESS_NETWORK;
    struct draft_table *table =
        draft_table(draft, network ? "access_tls_client_address" : "access_tls_client",
                    network ? DRAFT_CIDR : DRAFT_INDEXED);

    if (table->count == 0)
        draft_add(draft, line->item, PARAM_SMTPD_HELO_RESTRICTIONS,
                  RANK_CONNECT + (network ? 61 : 60), "check_client_access %.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    draft_entry(draft, table, line->item, line->key, str_of("reject_plaintext_session"));
    draft_fate(draft, line->item, FATE_MAPPED, "%.*s: %.*s reject_plaintext_session",
               STR_ARG(table->name), STR_ARG(line->key));
}

static void map_tls_client(struct draft *draft, const struct access_line *line)
{
    bool exact;
    struct str value = make_policy(draft->arena, line->text, &exact);

    if (value.len == 0)
        draft_fate(draft, line->item, FATE_ALREADY, "it requires nothing");
    else if (str_starts(value, "encrypt") && exact && line->kind == ACCESS_EMPTY) {
        draft_add(draft, line->item, PARAM_SMTPD_HELO_RESTRICTIONS, RANK_CONNECT + 62,
                  "reject_plaintext_session");
        draft_fate(draft, line->item, FATE_MAPPED,
                   "smtpd_helo_restrictions: reject_plaintext_session");
    } else if (str_starts(value, "encrypt") && exact &&
               (line->kind == ACCESS_DOMAIN || line->kind == ACCESS_NETWORK)) {
        put_plaintext(draft, line);
    } else {
        draft_open_point(draft, line->item,
                         "set smtpd_tls_ask_ccert = yes, add the certificate fingerprints of such "
                         "clients to a table for check_ccert_access, and reject the others by name",
                         "Postfix identifies client certificates by their fingerprints");
    }
}

/* --- features of the server ------------------------------------------------------------------- */

/* find_ehlo_keyword - the EHLO keyword that an upper-case letter turns off */
static const char *find_ehlo_keyword(char letter)
{
    switch (letter) {
    case 'A':
        return "auth";
    case 'D':
        return "dsn";
    case 'E':
        return "etrn";
    case 'P':
        return "pipelining";
    case 'S':
        return "starttls";
    }
    return NULL;
}

/* list_discarded_words - OTHER is set to the first letter without equivalent; lower case turns on
   what is on by default */
static struct str list_discarded_words(struct arena *arena, struct str letters, char *other)
{
    struct buffer words;

    buffer_init(&words, arena);
    *other = '\0';
    for (size_t i = 0; i < letters.len; i++) {
        char c = letters.at[i];
        const char *keyword = find_ehlo_keyword(c);
        if (keyword != NULL)
            buffer_printf(&words, "%s%s", words.len > 0 ? ", " : "", keyword);
        else if (!is_space(c) && c != ',' && find_ehlo_keyword((char)(c & ~0x20)) == NULL &&
                 *other == '\0')
            *other = c;
    }
    return arena_copy(arena, buffer_str(&words));
}

static void map_features(struct draft *draft, const struct access_line *line)
{
    char other;
    struct str words = list_discarded_words(draft->arena, line->text, &other);

    if (other != '\0')
        draft_open_point(draft, line->item,
                         "find in op.me, srv_features, what it does and whether it is still "
                         "needed: for V and v see smtpd_tls_ask_ccert, for l and L the "
                         "smtpd_sasl_* parameters and smtpd_tls_security_level of a service",
                         "Postfix has no per-client setting for the letter %c", other);
    if (words.len == 0) {
        draft_fate(draft, line->item, FATE_ALREADY, "it turns nothing off");
        return;
    }
    if (line->kind != ACCESS_NETWORK && line->kind != ACCESS_EMPTY) {
        draft_open_point(
            draft, line->item,
            "add it to smtpd_discard_ehlo_keyword_address_maps with the addresses of these hosts",
            "turns off %.*s by client name", STR_ARG(words));
        return;
    }
    if (line->kind == ACCESS_EMPTY) {
        draft_add(draft, line->item, PARAM_SMTPD_DISCARD_EHLO_KEYWORDS, RANK_CONNECT, "%.*s",
                  STR_ARG(words));
        draft_fate(draft, line->item, FATE_MAPPED, "smtpd_discard_ehlo_keywords = %.*s",
                   STR_ARG(words));
        return;
    }
    struct draft_table *table = draft_table(draft, "access_ehlo", DRAFT_CIDR);
    if (table->count == 0)
        draft_set(draft, line->item, PARAM_SMTPD_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    draft_entry(draft, table, line->item, line->key, words);
    draft_fate(draft, line->item, FATE_MAPPED, "access_ehlo: %.*s %.*s", STR_ARG(line->key),
               STR_ARG(words));
}

void access_map_tls(struct access *access)
{
    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (line->never != NULL)
            continue;
        if (line->tag == ACCESS_TLS_SERVER || line->tag == ACCESS_TLS_RECIPIENT ||
            line->tag == ACCESS_TRY_TLS)
            map_policy(access->draft, line);
        else if (line->tag == ACCESS_TLS_CLIENT)
            map_tls_client(access->draft, line);
        else if (line->tag == ACCESS_SERVER_FEATURES)
            map_features(access->draft, line);
    }
}
