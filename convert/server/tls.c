/*
 * tls - certificates, protocols and ciphers of the server and the client
 *
 * Sendmail's server offers STARTTLS if its certificate, its key, CACertFile and CACertPath are all
 * set (sendmail/tls.c, inittls() of 8.17); it asks clients for a certificate unless TLSSrvOptions
 * has a V.  Its client uses STARTTLS whenever it is offered, with or without a certificate.
 */
#include "convert/server/tls.h"
#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"
#include "parser/text/token.h"

/* map_value - sets the parameter and the fate; returns false if the value cannot be written */
static bool map_value(struct draft *draft, const struct sendmail_item *item,
                      enum parameter_number parameter, struct str value)
{
    if (!sendmail_is_plain(value)) {
        draft_open_point(
            draft, item,
            arena_printf(draft->arena, "set %s by hand", parameter_name(parameter).at).at,
            "the value is empty or contains a Sendmail macro");
        return false;
    }
    draft_map(draft, item, parameter, "%.*s", STR_ARG(value));
    return true;
}

/* --- certificates ----------------------------------------------------------------------------- */

/* get_path - the N-th of "rsa.pem,ecdsa.pem" (8.15 and later support two) */
static struct str get_path(struct str paths, size_t n)
{
    size_t comma = str_find(paths, ',', 0);

    if (n == 0)
        return str_trim(str_slice(paths, 0, comma));
    return comma < paths.len ? str_trim(str_slice(paths, comma + 1, paths.len)) : STR_NONE;
}

struct pair_names {
    const char *certificate, *key; /* Sendmail's defines */
    enum parameter_number cert_file, key_file, chain_files;
};

static const struct pair_names server_names = {"confSERVER_CERT", "confSERVER_KEY",
                                               PARAM_SMTPD_TLS_CERT_FILE, PARAM_SMTPD_TLS_KEY_FILE,
                                               PARAM_SMTPD_TLS_CHAIN_FILES};
static const struct pair_names client_names = {"confCLIENT_CERT", "confCLIENT_KEY",
                                               PARAM_SMTP_TLS_CERT_FILE, PARAM_SMTP_TLS_KEY_FILE,
                                               PARAM_SMTP_TLS_CHAIN_FILES};

/* map_two_pairs - two certificates with two keys */
static void map_two_pairs(struct draft *draft, const struct pair_names *names,
                          const struct sendmail_item *certificate, const struct sendmail_item *key,
                          struct str certificates, struct str keys)
{
    struct str second = get_path(keys, 1);

    if (!draft_has_parameter(draft, names->chain_files) || second.len == 0) {
        draft_open_point(draft, certificate,
                         "configure the second certificate by hand (TLS_README)",
                         "%s supports one file", parameter_name(names->cert_file).at);
        map_value(draft, certificate, names->cert_file, get_path(certificates, 0));
        map_value(draft, key, names->key_file, get_path(keys, 0));
        return;
    }
    struct str chain = arena_printf(draft->arena, "%.*s, %.*s, %.*s, %.*s",
                                    STR_ARG(get_path(keys, 0)), STR_ARG(get_path(certificates, 0)),
                                    STR_ARG(second), STR_ARG(get_path(certificates, 1)));
    if (map_value(draft, certificate, names->chain_files, chain))
        draft_fate(draft, key, FATE_MAPPED, "part of %s", parameter_name(names->chain_files).at);
}

static void map_pair(struct draft *draft, const struct pair_names *names)
{
    const struct sendmail_item *certificate = session_item(draft, names->certificate);
    const struct sendmail_item *key = session_item(draft, names->key);
    struct str certificates = session_value(draft, names->certificate);
    struct str keys = session_value(draft, names->key);

    if (certificates.len == 0 && certificate != NULL)
        draft_fate(draft, certificate, FATE_ALREADY, "no certificate is set");
    if (keys.len == 0 && key != NULL)
        draft_fate(draft, key, FATE_ALREADY, "no key is set");
    if (certificates.len > 0 && keys.len > 0 && get_path(certificates, 1).len > 0) {
        map_two_pairs(draft, names, certificate, key, certificates, keys);
    } else if (certificates.len > 0 && keys.len > 0) {
        if (map_value(draft, certificate, names->cert_file, get_path(certificates, 0)))
            map_value(draft, key, names->key_file, get_path(keys, 0));
    } else if (certificates.len > 0 || keys.len > 0) {
        draft_open_point(draft, certificates.len > 0 ? certificate : key,
                         "set both the certificate and its key, or neither",
                         "Sendmail needs a certificate and a key, and only one of them is set");
    }
}

static void map_authorities(struct draft *draft, const struct sendmail_item *item, struct str value,
                            enum parameter_number server, enum parameter_number client)
{
    if (value.len == 0) {
        draft_fate(draft, item, FATE_ALREADY, "nothing is set");
        return;
    }
    if (server == PARAM_NONE || map_value(draft, item, server, value))
        map_value(draft, item, client, value);
}

static void map_ca_file(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    map_authorities(draft, item, value, PARAM_SMTPD_TLS_CAFILE, PARAM_SMTP_TLS_CAFILE);
}

static void map_ca_path(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    map_authorities(draft, item, value, PARAM_SMTPD_TLS_CAPATH, PARAM_SMTP_TLS_CAPATH);
}

static void map_client_ca_file(struct draft *draft, const struct sendmail_item *item,
                               struct str value)
{
    map_authorities(draft, item, value, PARAM_NONE, PARAM_SMTP_TLS_CAFILE);
}

static void map_client_ca_path(struct draft *draft, const struct sendmail_item *item,
                               struct str value)
{
    map_authorities(draft, item, value, PARAM_NONE, PARAM_SMTP_TLS_CAPATH);
}

static void map_revocation(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    if (value.len == 0)
        draft_fate(draft, item, FATE_ALREADY, "no list is set");
    else
        draft_open_point(
            draft, item,
            "leave the list out, and permit clients to relay by the fingerprint of their "
            "certificate (relay_clientcerts), where a lost certificate can be removed",
            "Postfix does not support revocation lists");
}

static void map_fingerprint(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    map_authorities(draft, item, value, PARAM_SMTPD_TLS_FINGERPRINT_DIGEST,
                    PARAM_SMTP_TLS_FINGERPRINT_DIGEST);
}

/* --- options of the server and of OpenSSL ----------------------------------------------------- */

static void map_server_options(struct draft *draft, const struct sendmail_item *item,
                               struct str value)
{
    struct str rest = value, word;

    while (token_next_plain(&rest, TOKEN_COMMAS, &word)) {
        if (word.at[0] == 'V')
            draft_fate(draft, item, FATE_ALREADY,
                       "clients are not asked for a certificate (smtpd_tls_ask_ccert = no)");
        else if (word.at[0] == 'C')
            draft_open_point(draft, item,
                             "get a certificate and set smtpd_tls_cert_file: hardly any client "
                             "accepts a server without one",
                             "TLS is offered without a certificate");
        else
            draft_fate(draft, item, FATE_MEANINGLESS, "Sendmail has no letter %c", word.at[0]);
    }
    if (str_trim(value).len == 0)
        draft_fate(draft, item, FATE_ALREADY, "no option is set");
}

static void map_parameters(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    char kind = value.len > 0 ? value.at[0] : 'i';

    if (kind == '/')
        map_value(draft, item, PARAM_SMTPD_TLS_DH1024_PARAM_FILE, value);
    else if (kind == 'n' || kind == 'N')
        map_value(draft, item, PARAM_SMTPD_TLS_EXCLUDE_CIPHERS, str_of("kDHE"));
    else
        draft_fate(draft, item, FATE_ALREADY, "Postfix has its own DH parameters");
}

/* map_ciphers - Sendmail has one list for both sides and all sessions, so all grades use it */
static void map_ciphers(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    static const enum parameter_number grades[] = {
        PARAM_SMTPD_TLS_CIPHERS, PARAM_SMTPD_TLS_MANDATORY_CIPHERS, PARAM_SMTP_TLS_CIPHERS,
        PARAM_SMTP_TLS_MANDATORY_CIPHERS};

    if (value.len == 0) {
        draft_fate(draft, item, FATE_ALREADY, "no list is set");
        return;
    }
    if (!map_value(draft, item, PARAM_TLS_HIGH_CIPHERLIST, value))
        return;
    for (size_t i = 0; i < sizeof grades / sizeof *grades; i++)
        map_value(draft, item, grades[i], str_of("high"));
}

static void map_suites(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    draft_open_point(draft, item,
                     "set Ciphersuites in an OpenSSL configuration file, and set tls_config_file "
                     "to it if the target's Postfix supports that",
                     "Postfix uses the TLS 1.3 suites that OpenSSL enables: \"%.*s\"",
                     STR_ARG(value));
}

static void map_dane(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    if (!sendmail_bool(value)) {
        draft_fate(draft, item, FATE_ALREADY, "DANE is not used");
        return;
    }
    map_value(draft, item, PARAM_SMTP_DNS_SUPPORT_LEVEL, str_of("dnssec"));
    map_value(draft, item, PARAM_SMTP_TLS_SECURITY_LEVEL, str_of("dane"));
}

static void map_random(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    draft_fate(draft, item, FATE_ALREADY,
               "the kernel of the target supplies random numbers (tls_random_source)%s%.*s%s",
               value.len > 0 ? "; Sendmail used \"" : "", STR_ARG(value),
               value.len > 0 ? "\"" : "");
}

static void map_engine(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    if (value.len == 0)
        draft_fate(draft, item, FATE_ALREADY, "no engine is set");
    else
        draft_open_point(draft, item,
                         "configure the engine or provider in OpenSSL's own configuration",
                         "Postfix does not load engines: \"%.*s\"", STR_ARG(value));
}

static void map_fips(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    if (!sendmail_bool(value))
        draft_fate(draft, item, FATE_ALREADY, "FIPS mode is off");
    else
        draft_open_point(draft, item, "enable FIPS mode for the whole target system",
                         "FIPS mode is a setting of the system, not of Postfix");
}

static void map_names(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    (void)value;
    draft_fate(draft, item, FATE_ALREADY,
               "Postfix checks the alternative names in a certificate when it checks names");
}

static void map_directory(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    draft_fate(draft, item, FATE_MEANINGLESS,
               "it matters only where other lines use it: these contain \"%.*s\" now",
               STR_ARG(value));
}

static void map_failures(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    (void)value;
    draft_fate(
        draft, item, FATE_ALREADY,
        "at level may, Postfix sends mail unencrypted at a later attempt after a failed handshake");
}

static void map_session_features(struct draft *draft, const struct sendmail_item *item,
                                 struct str value)
{
    (void)value;
    draft_fate(draft, item, FATE_MEANINGLESS,
               "it enables TLS_Srv_features and TLS_Clt_features in the access table, whose lines "
               "have their own entries");
}

static void map_server_ssl(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    tls_map_options(draft, item, value, true);
}

static void map_client_ssl(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    tls_map_options(draft, item, value, false);
}

/* --- the module ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*map)(struct draft *draft, const struct sendmail_item *item, struct str value);
} lines[] = {
    {"CERT_DIR", map_directory},
    {"confCACERT", map_ca_file},
    {"confCACERT_PATH", map_ca_path},
    {"ClientCACertFile", map_client_ca_file},
    {"ClientCACertPath", map_client_ca_path},
    {"confCERT_FINGERPRINT_ALGORITHM", map_fingerprint},
    {"confCIPHER_LIST", map_ciphers},
    {"CipherSuites", map_suites},
    {"confCLIENT_SSL_OPTIONS", map_client_ssl},
    {"confSERVER_SSL_OPTIONS", map_server_ssl},
    {"confCRL", map_revocation},
    {"confCRL_PATH", map_revocation},
    {"confDANE", map_dane},
    {"confDH_PARAMETERS", map_parameters},
    {"confRAND_FILE", map_random},
    {"confSSL_ENGINE", map_engine},
    {"confSSL_ENGINE_PATH", map_engine},
    {"confTLS_SRV_OPTIONS", map_server_options},
    {"FIPSMode", map_fips},
    {"SetCertAltnames", map_names},
    {"tls_failures", map_failures},
    {"tls_session_features", map_session_features},
};

static void map_item(struct draft *draft, const struct sendmail_item *item)
{
    const struct sendmail_fact *fact = sendmail_item_fact(item);

    if (fact == NULL || !str_is(fact->module, "tls") || item->overridden || item->stock ||
        item->kind == ITEM_UNDEFINE)
        return;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (str_is(fact->name, lines[i].name))
            lines[i].map(draft, item, session_item_value(draft, item));
}

/* map_server_level - whether STARTTLS is offered and clients are asked for certificates */
static void map_server_level(struct draft *draft)
{
    const struct sendmail_item *certificate = session_item(draft, "confSERVER_CERT");
    bool asks = !session_letter(session_value(draft, "confTLS_SRV_OPTIONS"), 'V');

    if (!session_offers_tls(draft)) {
        if (session_value(draft, "confSERVER_CERT").len > 0)
            draft_open_point(draft, certificate,
                             "set smtpd_tls_security_level = may to offer STARTTLS",
                             "Sendmail does not offer STARTTLS: it needs confSERVER_CERT, "
                             "confSERVER_KEY, confCACERT and confCACERT_PATH");
        return;
    }
    if (session_tls_without_certificate(draft))
        draft_set(draft, session_item(draft, "confTLS_SRV_OPTIONS"), PARAM_SMTPD_TLS_CERT_FILE,
                  "none");
    draft_set(draft, certificate, PARAM_SMTPD_TLS_SECURITY_LEVEL, "may");
    draft_reason(draft, PARAM_SMTPD_TLS_SECURITY_LEVEL,
                 "Sendmail offers STARTTLS if it has a certificate");
    draft_set(draft, NULL, PARAM_SMTPD_TLS_RECEIVED_HEADER, "yes");
    draft_reason(draft, PARAM_SMTPD_TLS_RECEIVED_HEADER,
                 "Sendmail adds protocol and cipher to the Received header");
    if (asks) {
        draft_set(draft, NULL, PARAM_SMTPD_TLS_ASK_CCERT, "yes");
        draft_reason(draft, PARAM_SMTPD_TLS_ASK_CCERT,
                     "Sendmail asks clients for a certificate unless TLSSrvOptions has a V");
    }
}

void tls_convert(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;

    draft_set(draft, NULL, PARAM_SMTP_TLS_SECURITY_LEVEL, "may");
    draft_reason(draft, PARAM_SMTP_TLS_SECURITY_LEVEL,
                 "Sendmail uses STARTTLS if a server offers it");
    for (size_t i = 0; i < sendmail->directive_count; i++)
        map_item(draft, &sendmail->items[i]);
    map_pair(draft, &server_names);
    map_pair(draft, &client_names);
    map_server_level(draft);
}
