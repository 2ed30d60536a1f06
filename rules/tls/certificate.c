/* certificate - certificates of smtpd(8) that clients or other servers do not accept */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "parser/text/token.h"
#include "rules/tls/tls.h"
#include "smtp/tls/parts.h"

enum {
    RSA_BITS_MIN = 2048,
    DAYS_LEFT_MIN = 30, /* or a third of its life, of a short-lived one */
};

/* the certificates of one file */
struct chain {
    X509 **items;
    size_t capacity;
    int count;
    struct str path; /* as the setting has it */
    struct span span;
};

static void read_chain(struct chain *chain, struct arena *arena, struct str text)
{
    BIO *input = BIO_new_mem_buf(text.at, (int)text.len);
    X509 *certificate = NULL;

    while (input != NULL && (certificate = PEM_read_bio_X509(input, NULL, NULL, NULL)) != NULL) {
        chain->items =
            arena_grow(arena, chain->items, (size_t)chain->count, &chain->capacity, sizeof(X509 *));
        chain->items[chain->count++] = certificate;
    }
    BIO_free(input);
    ERR_clear_error();
}

static void free_chain(struct chain *chain)
{
    for (int i = 0; i < chain->count; i++)
        X509_free(chain->items[i]);
}

/* report - once at a place; what is wrong with the certificate of a file */
static void report(struct check *check, const struct chain *chain, enum severity severity,
                   const char *what, const char *advice)
{
    check_reportf(check, chain->span, advice, "the certificate in %.*s %s", STR_ARG(chain->path),
                  what)
        ->severity = severity;
}

/* --- how long it is valid --------------------------------------------------------------------- */

static void check_time(struct check *check, const struct chain *chain)
{
    const ASN1_TIME *from = X509_get0_notBefore(chain->items[0]);
    const ASN1_TIME *to = X509_get0_notAfter(chain->items[0]);
    int left = 0, life = 0, seconds = 0;

    if (ASN1_TIME_diff(&left, &seconds, NULL, to) == 0 ||
        ASN1_TIME_diff(&life, &seconds, from, to) == 0)
        return;
    int needed = life / 3 < DAYS_LEFT_MIN ? life / 3 : DAYS_LEFT_MIN;
    if (X509_cmp_current_time(to) < 0)
        report(check, chain, SEVERITY_WARNING,
               "has expired: mail programs refuse it, and servers that verify it send no mail",
               "renew it, and let what renews it run \"postfix reload\"");
    else if (X509_cmp_current_time(from) > 0)
        report(check, chain, SEVERITY_WARNING, "is not yet valid", "check the clock, or renew it");
    else if (left < needed)
        report(check, chain, SEVERITY_WARNING,
               arena_cstr(check->arena, arena_printf(check->arena, "expires in %d days", left)),
               "renew it");
}

/* --- how strong it is ------------------------------------------------------------------------- */

static bool is_self_signed(X509 *certificate)
{
    return X509_check_issued(certificate, certificate) == X509_V_OK;
}

static void check_strength(struct check *check, const struct chain *chain)
{
    X509 *certificate = chain->items[0];
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    int digest = NID_undef;

    if (key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
        EVP_PKEY_get_bits(key) < RSA_BITS_MIN)
        report(check, chain, SEVERITY_WARNING,
               arena_cstr(check->arena,
                          arena_printf(check->arena,
                                       "has a key of %d bits, which current systems refuse",
                                       EVP_PKEY_get_bits(key))),
               "make a key of 2048 bits or more, or one with elliptic curves");
    if (!is_self_signed(certificate) &&
        X509_get_signature_info(certificate, &digest, NULL, NULL, NULL) == 1 &&
        (digest == NID_sha1 || digest == NID_md5))
        report(check, chain, SEVERITY_WARNING,
               "is signed with SHA-1 or MD5, which current systems refuse",
               "get one that is signed with SHA-256");
}

/* --- the certificates after it ---------------------------------------------------------------- */

/* find_issuer - in the chain, of the certificate NUMBER; 0: it is not there */
static int find_issuer(const struct chain *chain, int number)
{
    for (int i = 1; i < chain->count; i++)
        if (i != number && X509_check_issued(chain->items[i], chain->items[number]) == X509_V_OK)
            return i;
    return 0;
}

static void check_order(struct check *check, const struct policy_service *service,
                        const struct chain *chain)
{
    X509 *first = chain->items[0];
    bool completes = policy_str(service, PARAM_SMTPD_TLS_CAFILE).len > 0 ||
                     policy_str(service, PARAM_SMTPD_TLS_CAPATH).len > 0;
    int issuer = find_issuer(chain, 0);

    if (is_self_signed(first) || issuer == 1 || completes)
        return;
    if (issuer > 1)
        report(check, chain, SEVERITY_WARNING,
               "is not followed by that of its issuer, which comes later in the file",
               "put the certificates into the order in which each is signed by the next");
    else if (chain->count > 1)
        report(check, chain, SEVERITY_WARNING,
               "is followed by others, and none of these is that of its issuer: clients cannot "
               "verify it",
               "add the issuer's certificate after it, as in fullchain.pem");
    else
        report(check, chain, SEVERITY_ADVICE,
               "is alone in its file: clients can verify it only if they have that of its issuer",
               "use the file with the whole chain, such as fullchain.pem");
}

/* --- whom it names ---------------------------------------------------------------------------- */

/* get_domain - the last two labels of a name */
static struct str get_domain(struct str name)
{
    int dots = 0;

    for (size_t i = name.len; i > 0; i--)
        if (name.at[i - 1] == '.' && ++dots == 2)
            return str_slice(name, i, name.len);
    return name;
}

/* names_domain - does the certificate name any host in the domain? */
static bool names_domain(X509 *certificate, struct str domain)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool found = false;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS)
            continue;
        struct str text = {(const char *)ASN1_STRING_get0_data(name->d.dNSName),
                           (size_t)ASN1_STRING_length(name->d.dNSName)};
        found |= str_eq_nocase(get_domain(text), domain);
    }
    GENERAL_NAMES_free(names);
    return found;
}

static void check_names(struct check *check, const struct policy_service *service,
                        const struct chain *chain)
{
    struct str name = policy_str(service, PARAM_MYHOSTNAME);

    if (!check_is_set(check, service->service, PARAM_MYHOSTNAME) || name.len == 0 ||
        X509_check_host(chain->items[0], name.at, name.len, 0, NULL) == 1)
        return;
    bool related = names_domain(chain->items[0], get_domain(name));
    report(check, chain, related ? SEVERITY_ADVICE : SEVERITY_WARNING,
           arena_cstr(check->arena,
                      arena_printf(check->arena, "does not have the name %.*s (myhostname)",
                                   STR_ARG(name))),
           "use a certificate with the names of this server that clients and MX records use");
}

/* --- files ------------------------------------------------------------------------------------ */

static void check_file(struct check *check, const struct policy_service *service, struct str path,
                       struct span span)
{
    struct chain chain = {.path = path, .span = span};
    struct str why, file = tls_path(service, path, &why);
    const struct source *source =
        file.at != NULL ? config_read(check->config, check->arena, file) : NULL;

    if (source == NULL)
        return;
    read_chain(&chain, check->arena, source->bytes);
    /* with that of an authority before it, the key does not match: tls-unavailable says so */
    if (chain.count == 1 || (chain.count > 1 && X509_check_ca(chain.items[0]) == 0)) {
        check_time(check, &chain);
        check_strength(check, &chain);
        check_order(check, service, &chain);
        check_names(check, service, &chain);
    }
    free_chain(&chain);
}

static void check_service(struct check *check, const struct policy_service *service)
{
    static const enum parameter_number numbers[] = {
        PARAM_SMTPD_TLS_CHAIN_FILES, PARAM_SMTPD_TLS_CERT_FILE, PARAM_SMTPD_TLS_ECCERT_FILE};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct str rest = policy_str(service, numbers[i]), path;
        if (rest.len == 0)
            continue;
        struct span span = check_span(check, service->service, numbers[i]);
        if (check_is_reported(check, span))
            continue;
        while (token_next_plain(&rest, TOKEN_COMMAS, &path))
            check_file(check, service, path, span);
        if (i == 0)
            return; /* it takes the place of the others */
    }
}

static void check_certificates(struct check *check)
{
    const struct policy *policy = check_policy(check);

    for (size_t i = 0; i < policy->count; i++)
        if (policy->services[i].service != NULL && tls_offered(&policy->services[i]))
            check_service(check, &policy->services[i]);
}

static const struct example examples[] = {
    {.title = "files that are not here say nothing",
     .platform = "debian12",
     .main_cf = "smtpd_tls_chain_files = /etc/ssl/private/mail.pem\n"
                "smtpd_tls_security_level = may\n",
     .master_cf = "smtp inet n - y - - smtpd\n"},
};

const struct rule rule_certificate = {
    .name = "certificate",
    .summary = "a certificate of smtpd that clients or other servers do not accept",
    .why = "Mail programs refuse a certificate that has expired, that does not have the name they "
           "connect to, or whose issuer they cannot find: smtpd(8) must send the certificates of "
           "the issuers, too, each after the one that it signed.  Keys of less than 2048 bits and "
           "signatures with SHA-1 are refused by the system-wide policies of current "
           "distributions.",
    .source = "TLS_README, \"Server-side certificate and private key configuration\"; RFC 5280; "
              "RFC 8446, section 4.4.2",
    .severity = SEVERITY_WARNING,
    .needs_main_cf = true,
    .check = check_certificates,
    RULE_EXAMPLES(examples),
};
